//! A section's sheet (栏目表) for one submission: a line a field, with what is wrong said beside it.

use super::formula::{Printer, fitting, text};
use super::places::vertical as at;
use super::places::{Columns, Submission};
use super::review::{Line, one_of};
use super::shown::{self, Limit};
use super::styles::lines;
use super::{Book, write_formula};
use crate::diag::Lang;
use crate::model::FieldIx;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format, Formula, ProtectionOptions, Worksheet, XlsxError,
};

/// Latin letters that fit into the column of last period's answers.
const LAST_WIDTH: f64 = 18.0;

/// Writes the sheet of a part.
pub(super) fn section(book: &Book<'_>, part: usize, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let Some(part) = book.parts.list.get(part) else { return Ok(()) };
    let (lang, styles, columns) = (book.lang, &book.styles, book.places.columns());
    sheet.set_name(&part.sheet)?;
    let widths = [(at::LABEL, 30.0), (at::UNIT, 8.0), (at::INPUT, 20.0), (columns.hint, 30.0), (columns.message, 32.0)];
    for (column, width) in widths.into_iter().chain(columns.last.map(|last| (last, LAST_WIDTH))) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_row_height(0, 30)?.write_string_with_format(0, 0, &part.title, &styles.title)?;
    let count = u32::try_from(part.fields.len()).unwrap_or(0);
    let states = rust_xlsxwriter::cell_range_absolute(at::FIRST, columns.state, at::FIRST + count.saturating_sub(1), columns.state);
    let open = |n: usize| lang.say(format!("必填未填 {n} 项"), format!("{n} required fields are empty"));
    let blank = (0..part.fields.len()).filter(|at| part.fields.get(*at).is_some_and(|field| blank_state(book, *field) == 2)).count();
    let status = lang.say(
        format!("\"必填未填 \"&COUNTIF({states},2)&\" 项\"&IF(COUNTIF({states},\">=4\")>0,\", 填写有误 \"&COUNTIF({states},\">=4\")&\" 项\",\"\")"),
        format!("COUNTIF({states},2)&\" required fields are empty\"&IF(COUNTIF({states},\">=4\")>0,\", \"&COUNTIF({states},\">=4\")&\" are wrong\",\"\")"),
    );
    write_formula(sheet, (1, 0), &status, &open(blank), &styles.status)?;
    let heads = one_of(lang, HEADS_ZH, HEADS_EN);
    sheet.set_row_height(2, 22)?;
    let placed = [at::LABEL, at::UNIT, at::INPUT, columns.hint, columns.message].into_iter().zip(heads);
    for (column, head) in placed.chain(columns.last.map(|last| (last, lang.pick("上期", "Last period")))) {
        sheet.write_string_with_format(2, column, head, &styles.head)?;
    }
    let cells = book.cells(0);
    for (row, field) in (at::FIRST..).zip(&part.fields) {
        line(book, *field, row, review, &cells, sheet)?;
    }
    let last = at::FIRST + count.saturating_sub(1);
    let state = rust_xlsxwriter::row_col_to_cell(at::FIRST, columns.state);
    styles.colour_inputs(sheet, (at::FIRST, at::INPUT), (last, at::INPUT), &format!("${state}"))?;
    sheet.set_column_range_hidden(columns.asked, columns.end())?;
    sheet.set_freeze_panes(at::FIRST, 1)?.set_selection(at::FIRST, at::INPUT, at::FIRST, at::INPUT)?;
    sheet.set_repeat_rows(0, 2)?.set_print_area(0, 0, last, columns.message)?;
    finish(book, sheet, false);
    Ok(())
}

const HEADS_ZH: [&str; 5] = ["填报项", "单位", "填写", "填写要求", "提示"];
const HEADS_EN: [&str; 5] = ["Field", "Unit", "Answer", "What to fill in", "Messages"];

/// Paper, footer and protection, the same on every sheet that is shown.
pub(super) fn finish(book: &Book<'_>, sheet: &mut Worksheet, landscape: bool) {
    let lang = book.lang;
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    if landscape {
        sheet.set_landscape();
    }
    let identity: String = book.identity().replace('&', "&&").chars().take(120).collect();
    sheet.set_footer(lang.say(format!("&L{identity}&R第 &P 页, 共 &N 页"), format!("&L{identity}&Rpage &P of &N")));
    sheet.set_screen_gridlines(false);
    let options = ProtectionOptions { format_rows: true, ..ProtectionOptions::new() };
    sheet.protect_with_options(&options);
}

fn line(
    book: &Book<'_>,
    at_field: usize,
    row: u32,
    review: &[Line],
    cells: &Submission<'_>,
    sheet: &mut Worksheet,
) -> Result<(), XlsxError> {
    let Some(field) = book.form.fields.get(at_field) else { return Ok(()) };
    let (styles, columns) = (&book.styles, book.places.columns());
    let label = book.label(at_field);
    let boxed = styles.label_of(book.filler(at_field));
    if book.required(at_field) {
        sheet.write_rich_string_with_format(row, at::LABEL, &[(&styles.mark, "* "), (&styles.words, &*label)], &boxed)?;
    } else {
        sheet.write_string_with_format(row, at::LABEL, &label, &boxed)?;
    }
    sheet.write_string_with_format(row, at::UNIT, shown::unit(field), &styles.unit)?;
    book.write_input(sheet, row, at::INPUT, at_field, 0)?;
    let hint = requirement(book, at_field);
    sheet.write_string_with_format(row, columns.hint, &hint, &styles.hint)?;
    let told = messages(at_field, review);
    let shown = before(book, at_field, row, &columns, sheet)?;
    // Two lines for what may be told.
    let needed = lines(&label, 28.0).max(lines(&hint, 33.0)).max(if told.is_empty() { 1.0 } else { 2.0 }).max(shown);
    sheet.set_row_height(row, 8.0 + 13.0 * needed)?;
    let state = state(book, at_field, cells, None);
    let blank = blank_state(book, at_field);
    write_formula(sheet, (row, columns.state), &state, &blank.to_string(), &Format::new())?;
    let hidden = hidden(book, at_field, cells);
    if let Some(asked) = &hidden.asked {
        write_formula(sheet, (row, columns.asked), asked, &book.blank.asked(at_field).to_string(), &Format::new())?;
    }
    write_formula(sheet, (row, columns.raw), &hidden.raw, "#N/A", &Format::new())?;
    write_formula(sheet, (row, columns.value), &hidden.value, "#N/A", &Format::new())?;
    let message = message(book, at_field, &told, cells);
    let first = state_words(book, at_field).get(usize::from(blank)).cloned().unwrap_or_default();
    write_formula(sheet, (row, columns.message), &message, &first, &styles.message)?;
    let here = rust_xlsxwriter::row_col_to_cell(row, at::INPUT);
    let sheet_of = |field: usize| book.places.input(field).map(|place| place.sheet);
    let input = |field: usize| match (cells.input(field), sheet_of(field) == sheet_of(at_field)) {
        _ if field == at_field => here.clone(),
        (cell, true) => cell.rsplit_once('!').map_or(cell.clone(), |(_, bare)| bare.to_owned()),
        (cell, false) => cell,
    };
    if let Some(limit) = validation(book, at_field, &input)? {
        sheet.add_data_validation(row, at::INPUT, row, at::INPUT, &limit)?;
    }
    Ok(())
}

/// What was filled in last time, where that stands beside the input; gives back how many lines it takes.
fn before(book: &Book<'_>, field: usize, row: u32, columns: &Columns, sheet: &mut Worksheet) -> Result<f64, XlsxError> {
    let (Some(column), Some(last)) = (columns.last, book.places.last()) else { return Ok(1.0) };
    let (Some(before), Some(of)) = (last.before(field), book.form.fields.get(field)) else { return Ok(1.0) };
    sheet.write_string_with_format(row, column, &before.shown, &book.styles.last_of(of))?;
    if let Some(literal) = &before.literal {
        let key = book.cells(0).input(book.form.key.0);
        // Of somebody else nothing is known.
        let formula = format!("IF(EXACT({key}&\"\",{}),{literal},NA())", text(&last.key));
        write_formula(sheet, (row, columns.before), &formula, "#N/A", &Format::new())?;
    }
    Ok(lines(&before.shown, LAST_WIDTH - 1.0))
}

/// The hint, and what the field takes.
pub(super) fn requirement(book: &Book<'_>, field: usize) -> String {
    let (lang, Some(field)) = (book.lang, book.form.fields.get(field)) else { return String::new() };
    let mut said = vec![shown::takes(field, lang)];
    said.extend(field.hint.clone().filter(|hint| !hint.is_empty()));
    said.extend(field.details.by.as_ref().map(|by| lang.say(format!("由{by}填写"), format!("filled in by {by}"))));
    said.extend(
        shown::otherwise(field, lang).map(|it| lang.say(format!("不用填时按 {it} 计"), format!("counts as {it} where it is not asked"))),
    );
    // In a sheet of rows nothing is filled in beforehand.
    let offered = shown::default(field, lang).filter(|_| book.places.is_rows());
    said.extend(offered.map(|it| lang.say(format!("一般填 {it}"), format!("usually {it}"))));
    if field.details.locked {
        said.push(lang.say("审核通过后不能改", "stays as it is once it is approved"));
    }
    said.join("\n")
}

/// The checks that are told beside a field: where a check reads many fields, at the first and the last of them.
fn messages(field: usize, review: &[Line]) -> Vec<&Line> {
    let told = |line: &&Line| {
        let fields = &line.fields;
        let ends = [fields.first(), fields.last()];
        fields.contains(&field) && (fields.len() <= 3 || ends.contains(&Some(&field)))
    };
    review.iter().filter(|line| line.owner == 0 && line.formula.is_some()).filter(told).collect()
}

/// The hidden formulas of a field.
pub(super) struct Hidden {
    pub asked: Option<String>,
    pub raw: String,
    pub value: String,
}

pub(super) fn hidden(book: &Book<'_>, at_field: usize, cells: &Submission<'_>) -> Hidden {
    use super::formula::Cells;
    let Some(field) = book.form.fields.get(at_field) else { return Hidden { asked: None, raw: "NA()".into(), value: "NA()".into() } };
    let input = cells.input(at_field);
    let whose = (book.owner, at_field);
    let (list, codes) = (book.lists.range(whose), book.lists.codes(whose));
    let raw = shown::value(field, &input, list.as_deref(), codes.as_deref());
    let raw = fitting(raw).unwrap_or_else(|_| "NA()".to_owned());
    let (at, raw_cell) = (FieldIx(at_field), cells.raw(FieldIx(at_field)));
    match (&field.when, cells.asked(at)) {
        (Some(when), Some(asked)) => {
            let printer = Printer::new(book.form, cells);
            // Whether it is asked is not known here: it may be filled in or not.
            let condition = printer.condition(when).unwrap_or_else(|_| "2".to_owned());
            let otherwise = field.details.otherwise.as_ref().and_then(shown::given).unwrap_or_else(|| "NA()".to_owned());
            Hidden { asked: Some(condition), raw, value: format!("IF(ISODD({asked}),{otherwise},{raw_cell})") }
        }
        _ => Hidden { asked: None, raw, value: raw_cell },
    }
}

/// The formula of a field's state, 0 to 5.
///
/// * `used`: the cell that says whether the row is filled in at all, in a sheet of rows.
pub(super) fn state(book: &Book<'_>, field: usize, cells: &Submission<'_>, used: Option<&str>) -> String {
    use super::formula::Cells;
    let (input, raw) = (cells.input(field), cells.raw(FieldIx(field)));
    let required = book.required(field);
    let when_empty = match (required, cells.asked(FieldIx(field))) {
        (true, None) => "2".to_owned(),
        (true, Some(asked)) => format!("IF({asked}=4,2,IF(ISODD({asked}),3,1))"),
        (false, None) => "1".to_owned(),
        (false, Some(asked)) => format!("IF(ISODD({asked}),3,1)"),
    };
    let when_empty = match used {
        Some(used) => format!("IF({used},{when_empty},1)"),
        None => when_empty,
    };
    let filled = format!("IF(ISERROR({raw}),5,0)");
    // Who fills in what it counts as anyway has done nothing wrong.
    let otherwise = book.form.fields.get(field).and_then(|field| field.details.otherwise.as_ref()).and_then(shown::given);
    let needless = match otherwise {
        Some(otherwise) => format!("IF(IFERROR(EXACT({raw},{otherwise}),FALSE),3,4)"),
        None => "4".to_owned(),
    };
    let filled = match cells.asked(FieldIx(field)) {
        Some(asked) => format!("IF(ISODD({asked}),{needless},{filled})"),
        None => filled,
    };
    format!("IF({},{when_empty},{filled})", shown::empty(&input))
}

/// The state of a field in an empty form.
pub(super) fn blank_state(book: &Book<'_>, field: usize) -> u8 {
    let offered = book.offered(field) != super::Entry::Empty;
    match book.blank.asked(field) {
        1 | 3 if offered => 4,
        1 | 3 => 3,
        _ if offered => 0,
        4 if book.required(field) => 2,
        _ => 1,
    }
}

/// What is said of each state.
pub(super) fn state_words(book: &Book<'_>, field: usize) -> [String; 6] {
    let lang = book.lang;
    let takes = book.form.fields.get(field).map(|field| shown::takes(field, lang)).unwrap_or_default();
    [
        String::new(),
        String::new(),
        lang.say("● 必填", "● required"),
        lang.say("— 这一项不用填", "— not asked"),
        lang.say("✗ 这一项不用填, 请清空", "✗ not asked: please clear it"),
        lang.say(format!("✗ 应填: {takes}"), format!("✗ takes {takes}")),
    ]
}

fn message(book: &Book<'_>, field: usize, told: &[&Line], cells: &Submission<'_>) -> String {
    let words = state_words(book, field).map(|words| text(&words)).join(",");
    let mut formula = format!("CHOOSE(1+{},{words})", cells.state(field));
    for line in told {
        let mark = if line.refuses { " ✗ " } else { " ⚠ " };
        formula.push_str(&format!("&IF({}=1,{}&{},\"\")", cells.check(line.check), text(mark), line.message_cell));
    }
    // So many checks that the formula would be too long are told on their own sheet only.
    fitting(if told.is_empty() { formula } else { format!("TRIM({formula})") })
        .unwrap_or_else(|_| format!("CHOOSE(1+{},{words})", cells.state(field)))
}

/// The drop-down or limit of an input cell, with what it says.
///
/// * `input`: the cell of a field of the same submission.
pub(super) fn validation(book: &Book<'_>, at_field: usize, input: &dyn Fn(usize) -> String) -> Result<Option<DataValidation>, XlsxError> {
    let Some(field) = book.form.fields.get(at_field) else { return Ok(None) };
    let lang = book.lang;
    let rule = DataValidation::new();
    let rule = match shown::limit(field, lang) {
        Limit::Few(options) => rule.allow_list_strings(&options)?,
        Limit::Many => match book.lists.left((book.owner, at_field), input).or_else(|| book.lists.range((book.owner, at_field))) {
            Some(range) => rule.allow_list_formula(Formula::new(format!("={range}"))),
            None => return Ok(None),
        },
        Limit::Whole(least, greatest) => rule.allow_whole_number(DataValidationRule::Between(least, greatest)),
        Limit::Formula(formula) => rule.allow_custom(Formula::new(format!("={}", formula.replace("{}", &input(at_field))))),
        Limit::Days(first, last) => {
            rule.allow_date_formula(DataValidationRule::Between(Formula::new(first.to_string()), Formula::new(last.to_string())))
        }
        Limit::Length(least, greatest) => rule.allow_text_length(DataValidationRule::Between(least, greatest)),
        Limit::Any if field.hint.is_none() && !shown::is_list(field) => return Ok(None),
        Limit::Any => rule.allow_any_value(),
    };
    let label = book.label(at_field);
    let takes = shown::takes(field, lang);
    let hint = field.hint.as_deref().filter(|hint| !hint.is_empty());
    // A text whose form is not said in words is explained by its hint.
    let wanted = if field.pattern.is_some() { hint.unwrap_or(&takes) } else { &takes };
    let error = lang.say(format!("“{label}”应填: {wanted}"), format!("“{label}” takes {wanted}"));
    let prompt = hint.map_or_else(|| takes.clone(), |hint| format!("{takes}\n{hint}"));
    Ok(Some(
        rule.set_input_title(cut(&label, 32))?
            .set_input_message(cut(&prompt, 255))?
            .set_error_title(cut(&label, 32))?
            .set_error_message(cut(&error, 255))?
            .set_error_style(DataValidationErrorStyle::Stop),
    ))
}

/// At most so many UTF-16 units, as spreadsheets count.
fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut units = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= most
        })
        .collect();
    format!("{kept}…")
}

/// The words of a check that is not computed here.
pub(super) fn on_import(lang: Lang) -> &'static str {
    lang.pick("交上去后检查", "checked on import")
}
