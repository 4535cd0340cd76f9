//! A form as an XLSForm (.xlsx), for ODK Collect, Enketo and KoBoToolbox: sheets `survey`, `choices` and `settings`.
//!
//! Columns that begin with `heng_` hold in the form language what XLSForm cannot say: names, units, types, conditions as they are
//! written, the checks of each row. Other programs pass over them; by them `data::xlsform` reads the same form back. `heng_seal`
//! tells whether a row was changed since.
//! Not here: expressions (`xpath`), names (`names`), writing files (`cli`).

mod fields;
mod names;
mod survey;
mod xpath;

use crate::diag::Lang;
use crate::model::{FieldIx, Form, Rules, Unit};
use crate::report::written;
use crate::syntax::quoted_name;
use crate::syntax::tree::PeriodLength;
use rust_xlsxwriter::{Color, Format, Workbook, XlsxError};
use std::collections::BTreeMap;

/// The columns of the sheet `survey`; labels, hints and messages get their language behind them.
const SURVEY: [&str; 20] = [
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "constraint_message",
    "calculation",
    "appearance",
    "default",
    "choice_filter",
    "heng_name",
    "heng_type",
    "heng_range",
    "heng_when",
    "heng_pattern",
    "heng_title",
    "heng_also",
    "heng_seal",
];

/// What a row says under some of the columns.
type Row = BTreeMap<&'static str, String>;

/// The rows of a sheet.
type Cells = Vec<Vec<String>>;

/// A form as rows of sheets.
#[derive(Clone, Debug)]
pub struct XlsForm {
    language: &'static str,
    survey: Vec<Row>,
    choices: Vec<[String; 4]>,
    settings: Vec<(&'static str, String)>,
    /// What XPath cannot say, in the words of the form: it is checked when submissions are read.
    pub unsaid: Vec<String>,
}

/// A form, by its place in the rules, as an XLSForm.
pub fn xlsform(rules: &Rules, form: usize, lang: Lang) -> Option<XlsForm> {
    let form = rules.forms.get(form)?;
    let (survey, choices, unsaid) = survey::Survey::of(rules, form, lang);
    let han = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let chinese = survey.iter().any(|row| row.get("label").is_some_and(|label| han(label)));
    let language = if chinese { "Chinese (zh)" } else { "English (en)" };
    let name = form.name.it.rsplit('/').next().unwrap_or_default();
    let title = form.title.clone().unwrap_or_else(|| name.to_owned());
    let mut settings = vec![("form_title", title), ("form_id", name.replace(char::is_whitespace, "_"))];
    settings.extend(form.version.clone().map(|version| ("version", version)));
    // An option may depend on two others.
    let twice = |row: &[String; 4]| choices.iter().filter(|other| other[..2] == row[..2]).count() > 1;
    if choices.iter().any(twice) {
        settings.push(("allow_choice_duplicates", "yes".to_owned()));
    }
    settings.extend([("default_language", language.to_owned()), ("heng_form", name.to_owned())]);
    settings.push(("heng_head", head(form)));
    let units = units(rules, form);
    if !units.is_empty() {
        settings.push(("heng_units", units));
    }
    Some(XlsForm { language, survey, choices, settings, unsaid })
}

/// The statements at the head of a form, a line each.
fn head(form: &Form) -> String {
    let field = |at: FieldIx| form.fields.get(at.0).map(|field| quoted_name(&field.name.it)).unwrap_or_default();
    let mut lines = vec![format!("subject {} by {}", quoted_name(&form.subject), field(form.key))];
    for group in &form.groups {
        let by = group.key.map(|key| format!(" by {}", field(key))).unwrap_or_default();
        lines.push(format!("within {}{by}", quoted_name(&group.kind)));
    }
    if let Some(period) = &form.period {
        let length = match period.length {
            PeriodLength::Year => "year",
            PeriodLength::Term => "term",
            PeriodLength::Month => "month",
        };
        lines.push(format!("period {length}{}", period.key.map(|key| format!(" by {}", field(key))).unwrap_or_default()));
    }
    if !form.fillers.is_empty() {
        lines.push(format!("filled by {}", form.fillers.iter().map(|name| quoted_name(name)).collect::<Vec<_>>().join(", ")));
    }
    lines.join("\n")
}

/// The units that a form uses, declared.
fn units(rules: &Rules, form: &Form) -> String {
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    let mut declare = |unit: &Unit| {
        for word in unit.words() {
            let Some(unit) = rules.units.get(word) else { continue };
            let (base, scale) = (unit.in_base(), unit.scale());
            for word in base.words() {
                words.insert(word.to_string(), String::new());
            }
            if base.to_string() != word.as_str() {
                let factor = written::number(&scale).unwrap_or_default();
                words.insert(word.to_string(), format!(" = {factor} {base}"));
            }
        }
    };
    let forms = || std::iter::once(form).chain(form.tables.iter().map(|table| &*table.rows));
    for field in forms().flat_map(|form| &form.fields) {
        field.ty().unit().into_iter().for_each(&mut declare);
        field.details.asked_in.iter().for_each(|(unit, _)| declare(unit));
    }
    let mut exprs = Vec::new();
    for form in forms() {
        exprs.extend(form.fields.iter().filter_map(|field| field.when.as_ref()));
        exprs.extend(form.checks.iter().map(|check| &check.condition));
        exprs.extend(form.computed.iter().map(|computed| &computed.value));
    }
    while let Some(expr) = exprs.pop() {
        expr.ty.unit().into_iter().for_each(&mut declare);
        exprs.extend(expr.children());
    }
    // Those that others are made of first.
    let (base, derived): (Vec<_>, Vec<_>) = words.into_iter().partition(|(_, made)| made.is_empty());
    let declared = |words: Vec<(String, String)>| words.into_iter().map(|(word, made)| format!("unit {}{made}", quoted_name(&word)));
    declared(base).chain(declared(derived)).collect::<Vec<_>>().join("\n")
}

impl XlsForm {
    /// As a workbook. The same form is the same file.
    ///
    /// # Errors
    /// What the writer of workbooks refuses: a cell that is too long.
    pub fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let head = Format::new().set_bold().set_background_color(Color::RGB(0x00DD_EBF7));
        let machine = head.clone().set_font_color(Color::RGB(0x0080_8080));
        let mut workbook = Workbook::new();
        let made = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 1, 1)?;
        workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
        let language = self.language;
        let header = |name: &str| match name {
            "label" | "hint" | "constraint_message" => format!("{name}::{language}"),
            other => other.to_owned(),
        };
        let used: Vec<&str> = SURVEY
            .into_iter()
            .filter(|column| ["type", "name", "label"].contains(column) || self.survey.iter().any(|row| row.contains_key(column)))
            .collect();
        let survey = self.survey.iter().map(|row| used.iter().map(|column| row.get(column).cloned().unwrap_or_default()).collect());
        let cascades = self.choices.iter().any(|row| !row[3].is_empty());
        let choices: &[&str] = if cascades { &["list_name", "name", "label", "of"] } else { &["list_name", "name", "label"] };
        let sheets: [(&str, Vec<String>, Cells); 3] = [
            ("survey", used.iter().map(|column| header(column)).collect(), survey.collect()),
            (
                "choices",
                choices.iter().map(|column| header(column)).collect(),
                self.choices.iter().map(|row| row.iter().take(choices.len()).cloned().collect()).collect(),
            ),
            (
                "settings",
                self.settings.iter().map(|(name, _)| (*name).to_owned()).collect(),
                vec![self.settings.iter().map(|(_, value)| value.clone()).collect()],
            ),
        ];
        for (name, columns, rows) in sheets {
            let sheet = workbook.add_worksheet();
            sheet.set_name(name)?;
            for (column, text) in (0_u16..).zip(&columns) {
                sheet.write_string_with_format(0, column, text, if text.starts_with("heng_") { &machine } else { &head })?;
                let wide = text.starts_with("label") || matches!(text.as_str(), "relevant" | "constraint" | "calculation");
                sheet.set_column_width(column, if wide { 40.0 } else { 16.0 })?;
            }
            for (row, cells) in (1_u32..).zip(&rows) {
                for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                    sheet.write_string(row, column, cell)?;
                }
            }
            sheet.set_freeze_panes(1, 0)?;
        }
        workbook.save_to_buffer()
    }
}
