//! The workbook that a school fills in (填报模板): an .xlsx made of a form, that checks as one types.
//!
//! A cover, the sheets to fill in ([`section`] for one submission, [`table`] for a row each, and for the rows of each table of the
//! form), a sheet of checks and computed values ([`review`]), and two hidden ones: the options of drop-downs ([`lists`]), and `_heng`,
//! by which the workbook is read back:
//! A1 `heng-form`, B1 the form's name; A2 `version`, B2 its version; A3 `layout`, B3 `vertical` or `rows`; from row 5 on each
//! field's name, its sheet and its cell, that of the first submission; of a column of a table the table's name behind them.
//! Every label, hint and message is written as a text, whatever sign it begins with; every formula is made here.
//! Not here: writing files (`cli`), reading the workbook back (`data`).

mod blank;
mod cover;
mod formula;
mod items;
mod last;
mod lists;
mod pattern;
mod places;
mod review;
mod section;
pub(super) mod shown;
mod statistics;
mod styles;
mod table;

use crate::diag::Lang;
use crate::eval::Previous;
use crate::model::{FieldIx, Form, RowTable};
use blank::Blank;
use chrono::NaiveDate;
use formula::{Printer, day_number};
use last::Last;
use lists::Lists;
use places::{Grid, Parts, Places, Submission, TableCells};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};
use statistics::Helper;
use styles::Styles;

/// Most submissions of one workbook.
pub const MOST_ROWS: u32 = 5_000;

/// Empty rows of a table, for one submission.
const TABLE_ROWS: u32 = 50;
/// For each of several ones.
const TABLE_ROWS_EACH: u32 = 10;

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

/// A submission that was filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submitted {
    /// An entry for each field that is filled in, in the order of the form.
    pub entries: Vec<Entry>,
    /// The rows of each table, an entry for each of its columns.
    pub tables: Vec<Vec<Vec<Entry>>>,
}

impl From<Vec<Entry>> for Submitted {
    fn from(entries: Vec<Entry>) -> Submitted {
        Submitted { entries, tables: Vec::new() }
    }
}

/// The workbook of a form, empty.
///
/// # Errors
/// What the writer of workbooks refuses: more cells than a sheet has.
pub fn template(form: &Form, options: &TemplateOptions) -> Result<Vec<u8>, XlsxError> {
    filled_template(form, options, &[])
}

/// The same, filled in. Values of formulas are still those of an empty form, until a spreadsheet opens it and calculates.
///
/// # Errors
/// As [`template`].
pub fn filled_template(form: &Form, options: &TemplateOptions, submissions: &[Submitted]) -> Result<Vec<u8>, XlsxError> {
    written(form, options, None, submissions)
}

/// The workbook of one subject, with the answers of the period before (上期) beside the inputs, and its key filled in. Checks that
/// speak of them are computed with them. The rows of tables are not shown: which of them was which nobody knows.
///
/// * `options`: always one submission.
///
/// # Errors
/// As [`template`].
pub fn template_beside(
    form: &Form,
    options: &TemplateOptions,
    previous: &Previous,
    submissions: &[Submitted],
) -> Result<Vec<u8>, XlsxError> {
    written(form, &TemplateOptions { rows: None, ..*options }, Some(previous), submissions)
}

fn written(form: &Form, options: &TemplateOptions, previous: Option<&Previous>, submissions: &[Submitted]) -> Result<Vec<u8>, XlsxError> {
    let forms: Vec<&Form> = [form].into_iter().chain(form.tables.iter().map(|table| &*table.rows)).collect();
    let (lists, styles) = (Lists::of(&forms), Styles::new(options.lang));
    Book::of(form, options, (previous, submissions), &lists, &styles).write()
}

/// Fields whose conditions no formula says for sure: what reads their values is not said either, lest somebody is accused wrongly.
fn open_fields(book: &Book<'_>) -> Vec<bool> {
    let form = book.form;
    let mut open = vec![false; form.fields.len()];
    for FieldIx(at) in form.conditional() {
        let Some(when) = form.fields.get(at).and_then(|field| field.when.as_ref()) else { continue };
        let cells = book.cells_with(0, &open);
        let printer = Printer::new(form, &cells);
        let unsure = printer.condition(when).is_err() || printer.is_rough();
        open.get_mut(at).into_iter().for_each(|open| *open = unsure);
    }
    open
}

/// Everything that the sheets are made of: those of a form, or the one of the rows of a table.
struct Book<'b> {
    form: &'b Form,
    /// 0, or which table, from 1.
    owner: usize,
    lang: Lang,
    parts: Parts,
    lists: &'b Lists,
    styles: &'b Styles,
    places: Places,
    /// Fields of which the workbook may not know whether they are asked.
    open: Vec<bool>,
    blank: Blank,
    /// What is filled in, by field.
    submissions: Vec<Vec<Entry>>,
    /// The tables of the form.
    tables: Vec<Book<'b>>,
    /// Of a table what the form takes of its rows.
    helpers: Vec<Helper<'b>>,
    /// Of a table the cells of the submission that its rows belong to, by their own fields.
    outer: Vec<(usize, String)>,
}

/// How many fields of the rows of a table say whose they are, behind the first one, which nobody fills in.
fn identifying(form: &Form) -> Vec<FieldIx> {
    [Some(form.key), form.period.as_ref().and_then(|period| period.key)].into_iter().flatten().collect()
}

impl<'b> Book<'b> {
    fn of(
        form: &'b Form,
        options: &TemplateOptions,
        (previous, submissions): (Option<&Previous>, &[Submitted]),
        lists: &'b Lists,
        styles: &'b Styles,
    ) -> Book<'b> {
        let lang = options.lang;
        let parts = Parts::of(form, lang);
        let places = match options.rows {
            None => Places::vertical(form, &parts, previous.map(|previous| Last::of(form, previous, lang)), lang),
            Some(rows) => Places::rows(form, rows.clamp(1, MOST_ROWS), lang),
        };
        let entries = submissions.iter().map(|submitted| submitted.entries.clone()).collect();
        let mut book = Book {
            form,
            owner: 0,
            lang,
            parts,
            lists,
            styles,
            places,
            open: Vec::new(),
            blank: Blank::of(form, options.rows.is_none(), previous),
            submissions: entries,
            tables: Vec::new(),
            helpers: Vec::new(),
            outer: Vec::new(),
        };
        book.tables = form.tables.iter().enumerate().map(|(at, table)| book.of_table(at, table, submissions)).collect();
        if options.rows.is_none() {
            // What the form takes of rows may say whether a field is asked, and may itself read a field.
            statistics::find(&mut book, false);
            book.open = open_fields(&book);
            statistics::find(&mut book, true);
        } else {
            book.open = open_fields(&book);
        }
        book
    }

    /// The sheet of a table.
    fn of_table(&self, at: usize, table: &'b RowTable, submissions: &[Submitted]) -> Book<'b> {
        let form = &*table.rows;
        let (whose, is_rows) = (identifying(self.form), self.places.is_rows());
        let columns = whose.len() + 1
            ..form.fields.iter().take_while(|field| field.is_asked() || field.details.lowered == Some(crate::model::Lowered::Row)).count();
        let mut rows: Vec<Vec<Entry>> = Vec::new();
        for submitted in submissions {
            for row in submitted.tables.get(at).into_iter().flatten() {
                let of_whom = whose.iter().map(|field| submitted.entries.get(field.0).cloned().unwrap_or(Entry::Empty));
                rows.push([Entry::Empty].into_iter().chain(of_whom).chain(row.iter().cloned()).collect());
            }
        }
        let many = match &self.places {
            Places::Rows(grid) => (grid.rows * TABLE_ROWS_EACH).clamp(TABLE_ROWS, MOST_ROWS),
            Places::Vertical { .. } => TABLE_ROWS,
        };
        let fields: Vec<usize> = if is_rows { 1..columns.end } else { columns.clone() }.collect();
        let sheet = self.parts.tables.get(at).cloned().unwrap_or_default();
        let title = table.title.clone().unwrap_or_else(|| table.name.it.to_string());
        let grid = Grid {
            sheet: sheet.clone(),
            rows: many.max(u32::try_from(rows.len()).unwrap_or(u32::MAX)),
            fields: fields.clone(),
            computed: form.computed.len(),
            checks: form.checks.len(),
        };
        let outer =
            if is_rows { Vec::new() } else { (1..).zip(&whose).map(|(at, field)| (at, self.cells_with(0, &[]).raw(*field))).collect() };
        let mut book = Book {
            form,
            owner: at + 1,
            lang: self.lang,
            parts: Parts::of_table(sheet, title, fields, form.checks.len()),
            lists: self.lists,
            styles: self.styles,
            places: Places::Rows(grid),
            open: Vec::new(),
            blank: Blank::of(form, false, None),
            submissions: rows,
            tables: Vec::new(),
            helpers: Vec::new(),
            outer,
        };
        book.open = open_fields(&book);
        book
    }

    /// What is called a table's name, of a table.
    fn table(&self, of: &Book<'_>) -> Option<&'b RowTable> {
        self.form.tables.get(of.owner.checked_sub(1)?)
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let review = review::lines_of(self);
        let title = self.title();
        workbook.set_properties(
            &rust_xlsxwriter::DocProperties::new().set_title(&title).set_comment(self.identity()).set_creation_datetime(&day_made()?),
        );
        cover::cover(self, &review, workbook.add_worksheet())?;
        if self.places.is_rows() {
            table::table(self, self, &review, workbook.add_worksheet())?;
        } else {
            for part in 0..self.parts.list.len() {
                section::section(self, part, &review, workbook.add_worksheet())?;
            }
        }
        for of_table in &self.tables {
            table::table(self, of_table, &review, workbook.add_worksheet())?;
        }
        review::review(self, &review, workbook.add_worksheet())?;
        if !self.lists.is_empty() {
            self.lists.write(workbook.add_worksheet())?;
        }
        self.write_identity(workbook.add_worksheet())?;
        workbook.save_to_buffer()
    }

    /// The cells of a submission.
    fn cells(&self, submission: u32) -> Submission<'_> {
        self.cells_with(submission, &self.open)
    }

    /// * `open`: fields of which the workbook may not know whether they are asked.
    fn cells_with<'c>(&'c self, submission: u32, open: &'c [bool]) -> Submission<'c> {
        let tables = if self.places.is_rows() { &[][..] } else { &self.tables };
        let of = |table: &'c Book<'b>| TableCells { form: table.form, first: table.cells(0), helpers: &table.helpers };
        self.places.of(self.form, submission, open, &self.outer, tables.iter().map(of).collect())
    }

    /// The fields that are filled in, as they stand on the sheets.
    fn asked(&self) -> Vec<usize> {
        self.parts.list.iter().flat_map(|part| part.fields.iter().copied()).collect()
    }

    /// Itself and its tables.
    fn all(&self) -> impl Iterator<Item = &Book<'b>> {
        std::iter::once(self).chain(&self.tables)
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
        let mut row = 4;
        for book in self.all() {
            let table = self.table(book).map(|table| table.name.it.clone());
            for at in book.asked() {
                let (Some(field), Some(cell)) = (book.form.fields.get(at), book.places.input(at)) else { continue };
                sheet.write_string(row, 0, field.name.it.as_str())?.write_string(row, 1, &cell.sheet)?;
                sheet.write_string(row, 2, rust_xlsxwriter::row_col_to_cell(cell.row, cell.column))?;
                if let Some(table) = &table {
                    sheet.write_string(row, 3, table.as_str())?;
                }
                row += 1;
            }
        }
        Ok(())
    }

    /// What a field is called on paper; of a sentence with the slot in it.
    fn label(&self, field: usize) -> String {
        let Some(field) = self.form.fields.get(field) else { return String::new() };
        match (field.sentence(), &field.label) {
            (Some((before, after)), _) => format!("{}＿＿{}", before.trim_end(), after.trim_start()),
            (None, Some(label)) if !label.is_empty() => label.clone(),
            _ => field.name.it.to_string(),
        }
    }

    /// Who of several parties fills a field in.
    fn filler(&self, field: usize) -> Option<usize> {
        let by = self.form.fields.get(field)?.details.by.as_ref()?;
        self.form.fillers.iter().position(|filler| filler == by)
    }

    /// Whether a field must be filled in, if it is asked.
    fn required(&self, field: usize) -> bool {
        self.form.key.0 == field || self.form.fields.get(field).is_some_and(|field| field.required)
    }

    /// An input cell, filled in or not.
    fn write_input(&self, sheet: &mut Worksheet, row: u32, column: u16, field: usize, submission: usize) -> Result<(), XlsxError> {
        let format = self.styles.input(self.form.fields.get(field));
        // Whose last answers stand beside is settled.
        let format = if self.is_settled(field) { self.styles.settled(format) } else { format };
        let entry = match self.submissions.get(submission) {
            Some(entries) => entries.get(field).cloned().unwrap_or(Entry::Empty),
            None => self.offered(field),
        };
        match &entry {
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

impl Book<'_> {
    /// Whether a field is filled in for good: the key, where last period's answers are of one subject.
    fn is_settled(&self, field: usize) -> bool {
        self.form.key.0 == field && self.places.last().is_some()
    }

    /// What stands in a cell before anybody fills it in. In a sheet of rows nothing does: a row that nobody fills in must stay empty.
    fn offered(&self, field: usize) -> Entry {
        if let Some(last) = self.places.last().filter(|_| self.is_settled(field)) {
            let number = self.form.fields.get(field).filter(|field| shown::is_number(field)).and_then(|_| last.key.parse::<i32>().ok());
            return number.map_or_else(|| Entry::Text(last.key.to_string()), |number| Entry::Number(number.into()));
        }
        let Some(field) = self.form.fields.get(field).filter(|_| !self.places.is_rows()) else { return Entry::Empty };
        match (&field.details.default, shown::default(field, self.lang)) {
            (Some(crate::model::GivenValue::Number(_)), Some(shown)) => shown.parse().map_or(Entry::Empty, Entry::Number),
            (Some(crate::model::GivenValue::Date(day)), _) => Entry::Day(*day),
            (_, Some(shown)) => Entry::Text(shown),
            _ => Entry::Empty,
        }
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
