//! The data dictionary (数据字典) of a form: what each field is, takes and is for.
//!
//! Not here: how a type is shown (`template::shown`), writing files (`cli`).

use super::sheet_names::SheetNames;
use super::template::shown;
use crate::diag::Lang;
use crate::eval::{Ruled, fields_read};
use crate::model::{Expr, Field, FieldIx, Form, Rubric, Rules};
use crate::text::width::columns;
use crate::text::{Name, Texts};
use chrono::NaiveDate;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, XlsxError};

/// A dictionary: tables with their titles.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// As printed above it.
    pub title: String,
    /// What is said of the form: name and value.
    pub facts: Vec<[String; 2]>,
    /// The tables: fields, checks, computed values.
    pub tables: Vec<DictionaryTable>,
}

/// A table of a dictionary.
#[derive(Clone, Debug)]
pub struct DictionaryTable {
    /// What it lists.
    pub title: String,
    /// What its columns are called.
    pub columns: Vec<String>,
    /// A line each.
    pub lines: Vec<Vec<String>>,
}

/// The dictionary of a form, by its place in the rules.
pub fn dictionary(rules: &Rules, texts: &Texts, form: usize, lang: Lang) -> Option<Dictionary> {
    let at = form;
    let form = rules.forms.get(at)?;
    let mut facts = vec![[lang.say("填报表", "form"), form.name.it.to_string()]];
    facts.extend(form.version.iter().map(|version| [lang.say("版本", "version"), version.clone()]));
    let key = form.fields.get(form.key.0).map(|field| field.name.it.to_string()).unwrap_or_default();
    facts.push([lang.say("填报对象", "subject"), lang.say(format!("{}, 按 {key}", form.subject), format!("{}, by {key}", form.subject))]);
    if !form.fillers.is_empty() {
        facts.push([lang.say("填报方", "filled in by"), lang.list(form.fillers.iter().map(Name::as_str))]);
    }
    let three = |at: usize, form: &Form, from: usize| {
        [fields(rules, texts, (at, form, from), lang), checks(texts, form, lang), computed(texts, form, lang)]
    };
    let mut tables: Vec<DictionaryTable> = three(at, form, 0).into();
    for table in &form.tables {
        // What says whose row it is stands on the form.
        let from = 2 + usize::from(form.period.as_ref().is_some_and(|period| period.key.is_some()));
        let name = &table.name.it;
        let called = table.title.as_ref().filter(|title| title.as_str() != name.as_str());
        let called = called.map_or_else(|| name.to_string(), |title| format!("{name} ({title})"));
        tables.extend(three(table.form, &table.rows, from).map(|of| DictionaryTable {
            title: lang.say(format!("表格 {called}: {}", of.title), format!("Table {called}: {}", of.title)),
            ..of
        }));
    }
    Some(Dictionary {
        title: form.title.clone().unwrap_or_else(|| form.name.it.to_string()),
        facts,
        tables: tables.into_iter().filter(|table| !table.lines.is_empty()).collect(),
    })
}

fn words<const N: usize>(lang: Lang, columns: [(&str, &str); N]) -> Vec<String> {
    columns.into_iter().map(|(zh, en)| lang.say(zh, en)).collect()
}

/// An expression as it is written, in one line.
fn written(texts: &Texts, expr: &Expr) -> String {
    texts.slice(expr.span).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The options of a choice with their codes, those that another choice leaves, or the pattern of a text.
fn options_of(form: &Form, field: &Field, lang: Lang) -> Option<String> {
    if let Some(depends) = &field.details.depends {
        let on = form.fields.get(depends.on.0).map_or("", |on| &*on.name.it);
        let case = |(case, left): &(Name, Vec<Name>)| format!("{on} = {case}: {}", lang.list(left.iter().map(Name::as_str)));
        return Some(depends.options.iter().map(case).collect::<Vec<_>>().join("; "));
    }
    let Some(options) = shown::options(field) else { return field.pattern.as_ref().map(|pattern| pattern.it.clone()) };
    let codes = shown::codes(field).unwrap_or_default();
    let coded = |(at, option): (usize, String)| match codes.get(at).filter(|code| !code.is_empty()) {
        Some(code) => format!("{code} {option}"),
        None => option,
    };
    Some(lang.list(options.into_iter().enumerate().map(coded)))
}

/// What else a field takes: how long a text is, which files, the unit that it is kept in, who may change it.
fn further(field: &Field, lang: Lang) -> String {
    let about = &field.details;
    let mut said = Vec::new();
    if about.several.is_none() && (about.attach.is_some() || about.han || about.length != (None, None)) {
        said.push(shown::takes(field, lang));
    }
    if let (Some((asked, factor)), Some(kept)) = (&about.asked_in, field.ty().unit()) {
        said.push(lang.say(format!("按 {kept} 保存, 1 {asked} = {factor} {kept}"), format!("kept in {kept}, 1 {asked} = {factor} {kept}")));
    }
    if about.locked {
        said.push(lang.say("审核通过后不能改", "stays as it is once it is approved"));
    }
    said.join("; ")
}

/// * `form`: its place in the rules, itself, and the first field that is listed.
fn fields(rules: &Rules, texts: &Texts, (at, form, from): (usize, &Form, usize), lang: Lang) -> DictionaryTable {
    let columns = words(
        lang,
        [
            ("栏目", "section"),
            ("填报项", "field"),
            ("名称", "label"),
            ("类型", "type"),
            ("单位", "unit"),
            ("最小", "least"),
            ("最大", "greatest"),
            ("小数位", "decimals"),
            ("必填", "required"),
            ("填报条件", "asked when"),
            ("不填时计为", "otherwise"),
            ("默认", "default"),
            ("填报方", "filled in by"),
            ("选项或格式", "options or pattern"),
            ("其他要求", "also"),
            ("说明", "hint"),
            ("校验", "checks"),
            ("用于", "read by"),
        ],
    );
    // On the first of all days every exception still counts.
    let ruled = |rubric| Ruled { rules, texts, rubric, on: NaiveDate::MIN };
    let readers: Vec<(&Rubric, Vec<bool>)> =
        rules.rubrics.iter().enumerate().map(|(rubric, named)| (named, fields_read(ruled(rubric), at))).collect();
    let line = |(place, field): (usize, &Field)| {
        let section = form.sections.iter().find(|section| section.fields.contains(&place)).map(|section| section.name.to_string());
        let (least, greatest) = shown::ends(field);
        let required = field.required || form.key.0 == place;
        let checks: Vec<String> = (1..)
            .zip(&form.checks)
            .filter(|(_, check)| check.fields.contains(&FieldIx(place)))
            .map(|(number, _)| format!("{number}"))
            .collect();
        let readers: Vec<&str> =
            readers.iter().filter(|(_, read)| read.get(place) == Some(&true)).map(|(rubric, _)| &*rubric.name.it).collect();
        vec![
            section.unwrap_or_default(),
            field.name.it.to_string(),
            field.label.clone().unwrap_or_default(),
            shown::type_name(field, lang).to_owned(),
            shown::unit(field),
            least.unwrap_or_default(),
            greatest.unwrap_or_default(),
            shown::places(field).filter(|_| shown::is_number(field)).map(|places| places.to_string()).unwrap_or_default(),
            if required { lang.say("是", "yes") } else { String::new() },
            field.when.as_ref().map(|when| written(texts, when)).unwrap_or_default(),
            shown::otherwise(field, lang).unwrap_or_default(),
            shown::default(field, lang).unwrap_or_default(),
            field.details.by.as_ref().map(ToString::to_string).unwrap_or_default(),
            options_of(form, field, lang).unwrap_or_default(),
            further(field, lang),
            field.hint.clone().unwrap_or_default(),
            checks.join(", "),
            lang.list(readers),
        ]
    };
    DictionaryTable {
        title: lang.say("填报项", "Fields"),
        columns,
        lines: form.fields.iter().enumerate().skip(from).filter(|(_, field)| field.is_asked()).map(line).collect(),
    }
}

fn checks(texts: &Texts, form: &Form, lang: Lang) -> DictionaryTable {
    let columns = words(lang, [("序号", "no."), ("类型", "kind"), ("条件", "condition"), ("不符合时", "message"), ("填报项", "fields")]);
    let line = |(number, check): (usize, &crate::model::Check)| {
        let fields = check.fields.iter().filter_map(|field| form.fields.get(field.0)).map(|field| &*field.name.it);
        vec![
            number.to_string(),
            if check.refuses { lang.say("必须", "check") } else { lang.say("提醒", "remark") },
            match check.unless.and_then(|reason| form.fields.get(reason.0)) {
                Some(reason) => {
                    let (condition, reason) = (written(texts, &check.condition), &reason.name.it);
                    lang.say(format!("{condition}; 填了 {reason} 的除外"), format!("{condition}; unless {reason} is filled in"))
                }
                None => written(texts, &check.condition),
            },
            check.message.clone(),
            lang.list(fields),
        ]
    };
    DictionaryTable { title: lang.say("校验", "Checks"), columns, lines: (1..).zip(&form.checks).map(line).collect() }
}

fn computed(texts: &Texts, form: &Form, lang: Lang) -> DictionaryTable {
    let columns = words(lang, [("计算项", "value"), ("名称", "label"), ("单位", "unit"), ("算式", "formula")]);
    let line = |computed: &crate::model::Computed| {
        let unit = computed.value.ty.unit().filter(|unit| !unit.is_one());
        vec![
            computed.name.it.to_string(),
            computed.title.clone().unwrap_or_default(),
            unit.map(ToString::to_string).unwrap_or_default(),
            written(texts, &computed.value),
        ]
    };
    DictionaryTable { title: lang.say("自动计算", "Computed values"), columns, lines: form.computed.iter().map(line).collect() }
}

/// As Markdown.
pub fn markdown(dictionary: &Dictionary) -> String {
    let mut text = format!("# {}\n\n", escaped(&dictionary.title));
    for [name, value] in &dictionary.facts {
        text.push_str(&format!("- {}: {}\n", escaped(name), escaped(value)));
    }
    for table in &dictionary.tables {
        text.push_str(&format!("\n## {}\n\n", escaped(&table.title)));
        let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(" | "));
        text.push_str(&line(&table.columns));
        text.push_str(&format!("|{}\n", " --- |".repeat(table.columns.len())));
        table.lines.iter().for_each(|cells| text.push_str(&line(cells)));
    }
    text
}

/// A text as it stands in a Markdown table.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("<br>"),
            '\r' => {}
            '|' | '\\' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Widths of columns, in Latin letters.
const NARROWEST: f64 = 6.0;
const WIDEST: f64 = 40.0;

/// As a workbook: a sheet a table.
///
/// # Errors
/// What the writer of workbooks refuses.
pub fn workbook(dictionary: &Dictionary) -> Result<Vec<u8>, XlsxError> {
    let plain = Format::new().set_font_size(10).set_align(FormatAlign::VerticalCenter);
    let boxed = plain.clone().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00A6_A6A6)).set_text_wrap();
    let head = boxed.clone().set_bold().set_font_color(Color::White).set_background_color(Color::RGB(0x001F_4E78));
    let mut workbook = Workbook::new();
    let made = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 1, 1)?;
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_title(&dictionary.title).set_creation_datetime(&made));
    let mut names = SheetNames::with([]);
    for table in &dictionary.tables {
        let sheet = workbook.add_worksheet();
        sheet.set_name(names.take(&table.title, "Table"))?;
        sheet.write_string_with_format(0, 0, &dictionary.title, &plain.clone().set_bold().set_font_size(14))?;
        let facts = dictionary.facts.iter().map(|[name, value]| format!("{name}: {value}")).collect::<Vec<_>>().join("    ");
        sheet.write_string_with_format(1, 0, facts, &plain)?;
        for (column, name) in (0_u16..).zip(&table.columns) {
            sheet.write_string_with_format(2, column, name, &head)?;
            let cells = table.lines.iter().filter_map(|line| line.get(usize::from(column)));
            #[expect(clippy::cast_precision_loss, reason = "a width of a text")]
            let width = cells.chain([name]).map(|cell| columns(cell)).max().unwrap_or(0) as f64;
            sheet.set_column_width(column, (width * 1.1 + 2.0).clamp(NARROWEST, WIDEST))?;
        }
        for (row, line) in (3_u32..).zip(&table.lines) {
            for (column, cell) in (0_u16..).zip(line) {
                sheet.write_string_with_format(row, column, cell, &boxed)?;
            }
        }
        let last = u16::try_from(table.columns.len()).unwrap_or(1).saturating_sub(1);
        let end = 2 + u32::try_from(table.lines.len()).unwrap_or(0);
        sheet.autofilter(2, 0, end, last)?;
        sheet.set_freeze_panes(3, 2.min(last))?.set_repeat_rows(2, 2)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    }
    workbook.save_to_buffer()
}
