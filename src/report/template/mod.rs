//! The workbook that a school fills in (填报模板): an .xlsx made of a form, that checks as one types.
//!
//! A cover, the sheets to fill in ([`section`] for one submission, [`table`] for a row each), a sheet of checks and computed
//! values ([`review`]), and two hidden ones: the options of drop-downs, and `_heng`, by which the workbook is read back:
//! A1 `heng-form`, B1 the form's name; A2 `version`, B2 its version; A3 `layout`, B3 `vertical` or `rows`; from row 5 on each
//! field's name, its sheet and its cell, that of the first submission.
//! Every label, hint and message is written as a text, whatever sign it begins with; every formula is made here.
//! Not here: writing files (`cli`), reading the workbook back (`data`).

mod blank;
mod cover;
mod formula;
mod pattern;
mod places;
mod review;
mod section;
pub(super) mod shown;
mod styles;
mod table;

use crate::diag::Lang;
use crate::model::{FieldIx, Form};
use blank::Blank;
use chrono::NaiveDate;
use formula::{Printer, day_number};
use places::{Parts, Places, Submission};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};
use styles::Styles;

/// Most submissions of one workbook.
pub const MOST_ROWS: u32 = 5_000;

/// How a workbook is made.
#[derive(Clone, Copy, Debug)]
pub struct TemplateOptions {
    /// A row for each of so many submissions; otherwise one submission, a sheet a section.
    pub rows: Option<u32>,
    /// The language of what the form does not say itself.
    pub lang: Lang,
}

/// What stands in a cell that was filled in.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number, of a percentage 95.
    Number(f64),
    /// A day.
    Day(NaiveDate),
}

/// The workbook of a form, empty.
///
/// # Errors
/// What the writer of workbooks refuses: more cells than a sheet has.
pub fn template(form: &Form, options: &TemplateOptions) -> Result<Vec<u8>, XlsxError> {
    filled_template(form, options, &[])
}

/// The same, filled in: submissions with an entry for each field, in the order of the form. Values of formulas are still those of
/// an empty form, until a spreadsheet opens it and calculates.
///
/// # Errors
/// As [`template`].
pub fn filled_template(form: &Form, options: &TemplateOptions, submissions: &[Vec<Entry>]) -> Result<Vec<u8>, XlsxError> {
    let lang = options.lang;
    let parts = Parts::of(form, lang);
    let lists = Lists::of(form);
    let places = match options.rows {
        None => Places::vertical(form, &parts, lang),
        Some(rows) => Places::rows(form, rows.clamp(1, MOST_ROWS), lang),
    };
    let open = open_fields(form, &places);
    let book = Book { form, lang, parts, lists, places, open, blank: Blank::of(form), styles: Styles::new(lang), submissions };
    book.write()
}

/// Fields whose conditions no formula says for sure: what reads their values is not said either, lest somebody is accused wrongly.
fn open_fields(form: &Form, places: &Places) -> Vec<bool> {
    let mut open = vec![false; form.fields.len()];
    for FieldIx(at) in form.conditional() {
        let Some(when) = form.fields.get(at).and_then(|field| field.when.as_ref()) else { continue };
        let cells = places.of(form, 0, &open);
        let printer = Printer::new(form, &cells);
        let unsure = printer.condition(when).is_err() || printer.is_rough();
        open.get_mut(at).into_iter().for_each(|open| *open = unsure);
    }
    open
}

/// Everything that the sheets are made of.
struct Book<'b> {
    form: &'b Form,
    lang: Lang,
    parts: Parts,
    lists: Lists,
    places: Places,
    /// Fields of which the workbook may not know whether they are asked.
    open: Vec<bool>,
    blank: Blank,
    styles: Styles,
    submissions: &'b [Vec<Entry>],
}

impl Book<'_> {
    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let review = review::lines_of(self);
        let title = self.title();
        workbook.set_properties(
            &rust_xlsxwriter::DocProperties::new().set_title(&title).set_comment(self.identity()).set_creation_datetime(&day_made()?),
        );
        cover::cover(self, &review, workbook.add_worksheet())?;
        if self.places.is_rows() {
            table::table(self, &review, workbook.add_worksheet())?;
        } else {
            for part in 0..self.parts.list.len() {
                section::section(self, part, &review, workbook.add_worksheet())?;
            }
        }
        review::review(self, &review, workbook.add_worksheet())?;
        if !self.lists.columns.is_empty() {
            self.lists.write(workbook.add_worksheet())?;
        }
        self.write_identity(workbook.add_worksheet())?;
        workbook.save_to_buffer()
    }

    /// The cells of a submission.
    fn cells(&self, submission: u32) -> Submission<'_> {
        self.places.of(self.form, submission, &self.open)
    }

    fn title(&self) -> String {
        self.form.title.clone().unwrap_or_else(|| self.form.name.it.to_string())
    }

    /// Form and version in one line.
    fn identity(&self) -> String {
        let name = &self.form.name.it;
        match &self.form.version {
            Some(version) => self.lang.say(format!("{name} · 版本 {version}"), format!("{name} · version {version}")),
            None => name.to_string(),
        }
    }

    fn write_identity(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name("_heng")?.set_very_hidden(true).protect();
        let text = |sheet: &mut Worksheet, row: u32, cells: [&str; 2]| -> Result<(), XlsxError> {
            sheet.write_string(row, 0, cells[0])?.write_string(row, 1, cells[1])?;
            Ok(())
        };
        text(sheet, 0, ["heng-form", &self.form.name.it])?;
        text(sheet, 1, ["version", self.form.version.as_deref().unwrap_or("")])?;
        text(sheet, 2, ["layout", if self.places.is_rows() { "rows" } else { "vertical" }])?;
        for (row, (field, cell)) in (4..).zip(self.form.fields.iter().zip(self.places.inputs())) {
            sheet.write_string(row, 0, field.name.it.as_str())?.write_string(row, 1, &cell.sheet)?;
            sheet.write_string(row, 2, rust_xlsxwriter::row_col_to_cell(cell.row, cell.column))?;
        }
        Ok(())
    }

    /// What a field is called on paper.
    fn label(&self, field: usize) -> &str {
        self.form.fields.get(field).map_or("", |field| field.label.as_deref().filter(|label| !label.is_empty()).unwrap_or(&field.name.it))
    }

    /// Whether a field must be filled in, if it is asked.
    fn required(&self, field: usize) -> bool {
        self.form.key.0 == field || self.form.fields.get(field).is_some_and(|field| field.required)
    }

    /// An input cell, filled in or not.
    fn write_input(&self, sheet: &mut Worksheet, row: u32, column: u16, field: usize, submission: usize) -> Result<(), XlsxError> {
        let format = self.styles.input(self.form.fields.get(field));
        match self.submissions.get(submission).and_then(|entries| entries.get(field)).unwrap_or(&Entry::Empty) {
            Entry::Empty => sheet.write_blank(row, column, &format)?,
            Entry::Text(text) => sheet.write_string_with_format(row, column, text, &format)?,
            Entry::Number(number) => sheet.write_number_with_format(row, column, *number, &format)?,
            #[expect(clippy::cast_precision_loss, reason = "a day's number has seven digits")]
            Entry::Day(day) => match day_number(*day) {
                Some(number) => sheet.write_number_with_format(row, column, number as f64, &format)?,
                None => sheet.write_string_with_format(row, column, day.to_string(), &format)?,
            },
        };
        Ok(())
    }
}

/// Writes a formula with the value it has in an empty form.
fn write_formula(sheet: &mut Worksheet, at: (u32, u16), formula: &str, blank: &str, format: &Format) -> Result<(), XlsxError> {
    // An empty result would be taken for none, and none for 0.
    sheet.set_formula_result_default("");
    sheet.write_formula_with_format(at.0, at.1, Formula::new(format!("={formula}")).set_result(blank), format)?;
    Ok(())
}

/// The same form gives the same bytes whenever it is made, so no day of its making is told but this one.
fn day_made() -> Result<rust_xlsxwriter::ExcelDateTime, XlsxError> {
    rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 1, 1)
}

/// The options of drop-downs, a column each on a hidden sheet.
struct Lists {
    sheet: &'static str,
    /// For which fields, and the options.
    columns: Vec<(Vec<usize>, Vec<String>)>,
}

impl Lists {
    fn of(form: &Form) -> Lists {
        let mut columns: Vec<(Vec<usize>, Vec<String>)> = Vec::new();
        for (at, field) in form.fields.iter().enumerate() {
            let Some(options) = shown::options(field) else { continue };
            match columns.iter_mut().find(|(_, known)| *known == options) {
                Some((fields, _)) => fields.push(at),
                None => columns.push((vec![at], options)),
            }
        }
        Lists { sheet: "_lists", columns }
    }

    /// The cells with the options of a field.
    fn range(&self, field: usize) -> Option<String> {
        let (column, (_, options)) = (0_u16..).zip(&self.columns).find(|(_, (fields, _))| fields.contains(&field))?;
        let last = u32::try_from(options.len()).ok()?.checked_sub(1)?;
        Some(rust_xlsxwriter::worksheet_range_absolute(self.sheet, 0, column, last, column))
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(self.sheet)?.set_very_hidden(true).protect();
        for (column, (_, options)) in (0_u16..).zip(&self.columns) {
            for (row, option) in (0_u32..).zip(options) {
                sheet.write_string(row, column, option)?;
            }
        }
        Ok(())
    }
}
