//! Submissions (填报数据): data files, or records of a program, to one table.
//!
//! What is wrong with a row costs that row, what is wrong with a cell costs that cell, what is wrong with a file costs that
//! file; everything else is still read, and everything is told.
//! Not here: rows and cells (`intake`, `cells`), conditions and checks (`asked`).

use super::asked;
use super::csv::{CsvRow, each_row};
use super::file::{Encoding, MOST_COLUMNS, Trouble, read_text, shown};
use super::findings::What;
use super::intake::{Counts, Intake, Raw, RawRow};
use super::json::{JsonRow, each_record, record};
use crate::diag::Diagnostics;
use crate::eval::Table;
use crate::model::Form;
use crate::text::{Name, Texts};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How submissions are read; the default guesses nothing and reports to nobody.
#[derive(Clone, Copy, Default)]
pub struct Options<'o> {
    /// How the files are written, where that is known.
    pub encoding: Option<Encoding>,
    /// Only submissions of this period, as the form's period field has it. Without it the table may hold several submissions
    /// of one subject, told apart by [`Counts::periods`].
    pub period: Option<&'o str>,
    /// The texts of the rules: conditions are quoted from them.
    pub texts: Option<&'o Texts>,
    /// Told how many bytes are read, of how many.
    pub progress: Option<&'o dyn Fn(u64, u64)>,
}

/// Reads submissions to `form` from files: .json, .jsonl, everything else as CSV.
///
/// Rows come in the order read, and [`Table::by_key`] has them by key; what is found comes in the order of files and lines.
pub fn read(form: &Form, files: &[PathBuf], options: &Options<'_>) -> (Table, Diagnostics, Counts) {
    let mut intake = Intake::new(form, options.period);
    let mut troubles = Diagnostics::new();
    let sizes: Vec<u64> = files.iter().map(|path| path.metadata().map_or(0, |about| about.len())).collect();
    let total = sizes.iter().sum();
    let mut before = 0;
    for (path, size) in files.iter().zip(&sizes) {
        let start = before;
        let progress = |share: (usize, usize)| {
            if let Some(tell) = options.progress {
                // Of a text that was decoded the share is known, not the bytes.
                let done = u128::from(*size) * share.0 as u128 / (share.1.max(1) as u128);
                tell(start + u64::try_from(done).unwrap_or(*size).min(*size), total);
            }
        };
        match read_file(&mut intake, path, options.encoding, &progress) {
            Ok(()) => intake.counts.files += 1,
            Err(trouble) => trouble.tell(&mut troubles),
        }
        before += size;
        progress((1, 1));
    }
    let (table, found, counts) = finish(intake, options);
    troubles.append(found);
    (table, troubles, counts)
}

/// Takes submissions to `form` from records of (field, text) pairs, as a program has them; each is told by its number, from 1,
/// in a file called `-`.
pub fn from_records<R, P, N, T>(form: &Form, records: R, options: &Options<'_>) -> (Table, Diagnostics, Counts)
where
    R: IntoIterator<Item = P>,
    P: IntoIterator<Item = (N, T)>,
    N: AsRef<str>,
    T: AsRef<str>,
{
    let text = |(name, text): (N, T)| (name.as_ref().to_owned(), Json::String(text.as_ref().to_owned()));
    let records: Vec<Vec<_>> = records.into_iter().map(|pairs| pairs.into_iter().map(text).collect()).collect();
    let mut intake = Intake::new(form, options.period);
    let file = intake.open("-".into());
    let mut names = NameList::default();
    records.iter().flatten().for_each(|(name, _)| names.add(name));
    if let Some(fields) = names.header(&mut intake, file) {
        for (at, pairs) in records.into_iter().enumerate() {
            json_row(&mut intake, file, at + 1, &fields, JsonRow::Object(pairs));
        }
    }
    intake.counts.files = 1;
    finish(intake, options)
}

fn finish(mut intake: Intake<'_>, options: &Options<'_>) -> (Table, Diagnostics, Counts) {
    if let Some(what) = intake.no_such_period() {
        intake.tell(0, 0, 0, what);
    }
    asked::apply(&mut intake, options.texts);
    let mut periods: Vec<Name> = intake.periods.iter().flatten().cloned().collect();
    periods.sort();
    periods.dedup();
    let mut counts = intake.counts;
    counts.periods = periods;
    counts.kept = intake.table.len();
    counts.untold = intake.found.untold;
    (intake.table, intake.found.sorted(), counts)
}

fn read_file(intake: &mut Intake<'_>, path: &Path, encoding: Option<Encoding>, progress: &dyn Fn((usize, usize))) -> Result<(), Trouble> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    // A JSON document may well be one line.
    let text = read_text(path, ending != "json", encoding)?;
    let file = intake.open(shown(path));
    match ending.as_str() {
        "json" => read_json(intake, file, &text),
        "jsonl" | "ndjson" => read_json_lines(intake, file, &text, progress),
        _ => read_csv(intake, file, &text, progress),
    }
    Ok(())
}

/// A row of a CSV file with the columns of its fields.
struct CsvCells<'r> {
    row: &'r CsvRow<'r>,
    columns: &'r [Option<usize>],
}

impl RawRow for CsvCells<'_> {
    fn line(&self) -> usize {
        self.row.line
    }
    fn cell(&self, field: usize) -> Raw<'_> {
        match self.columns.get(field) {
            Some(Some(column)) => Raw::Text(self.row.cells.get(*column).unwrap_or("")),
            _ => Raw::NoColumn,
        }
    }
    fn place(&self, field: usize) -> (usize, usize) {
        self.columns.get(field).copied().flatten().map_or((self.row.line, 0), |column| self.row.place(column))
    }
}

fn read_csv(intake: &mut Intake<'_>, file: u32, text: &str, progress: &dyn Fn((usize, usize))) {
    // The columns of the fields, and how many columns there are, once the header is read.
    let mut header: Option<(Vec<Option<usize>>, usize)> = None;
    let before = intake.counts.read;
    let mut usable = true;
    each_row(text, |row| {
        if row.is_empty() {
            return true;
        }
        let Some((columns, width)) = &header else {
            let width = row.filled();
            if width > MOST_COLUMNS {
                intake.tell(file, row.line, 0, What::ManyColumns(width));
                usable = false;
                return false;
            }
            let names: Vec<String> = row.cells.iter().take(width).map(str::to_owned).collect();
            let fields = intake.header(file, &names, &|column| row.place(column));
            usable = fields.is_some();
            header = fields.map(|fields| (by_field(&fields, intake.form.fields.len()), width));
            return usable;
        };
        if row.cells.len() < *width || row.filled() > *width {
            intake.counts.read += 1;
            intake.counts.refused += 1;
            let found = if row.cells.len() < *width { row.cells.len() } else { row.filled() };
            intake.tell(file, row.line, 0, What::WrongRow { found, expected: *width, lines: row.lines() });
        } else {
            intake.row(file, &CsvCells { row, columns });
        }
        if intake.counts.read.is_multiple_of(1024) {
            progress((row.end, text.len()));
        }
        true
    });
    if usable && intake.counts.read == before {
        intake.tell(file, 0, 0, What::NoData { header_only: true });
    }
}

/// From the field of each column to the column of each field.
fn by_field(fields: &[Option<usize>], count: usize) -> Vec<Option<usize>> {
    let mut columns = vec![None; count];
    for (column, field) in fields.iter().enumerate() {
        if let Some(place) = field.and_then(|field| columns.get_mut(field)) {
            *place = Some(column);
        }
    }
    columns
}

/// The names that a JSON file uses, in the order in which they first stand there.
#[derive(Default)]
struct NameList {
    names: Vec<String>,
    places: HashMap<String, usize>,
    records: usize,
}

impl NameList {
    fn add(&mut self, name: &str) {
        if !self.places.contains_key(name) {
            self.places.insert(name.to_owned(), self.names.len());
            self.names.push(name.to_owned());
        }
    }

    fn add_row(&mut self, row: &JsonRow) {
        self.records += 1;
        if let JsonRow::Object(pairs) = row {
            pairs.iter().for_each(|(name, _)| self.add(name));
        }
    }

    /// The field of each name.
    fn header(&self, intake: &mut Intake<'_>, file: u32) -> Option<JsonFields> {
        let fields = intake.header(file, &self.names, &|_| (0, 0))?;
        let by_name = self.names.iter().zip(&fields).filter_map(|(name, field)| Some((name.clone(), (*field)?)));
        Some(JsonFields {
            by_name: by_name.collect(),
            has: by_field(&fields, intake.form.fields.len()).iter().map(Option::is_some).collect(),
        })
    }
}

/// Which name is which field, and which fields the file has at all.
struct JsonFields {
    by_name: HashMap<String, usize>,
    has: Vec<bool>,
}

/// A record of a JSON file: text and whether it is nested, by field.
struct JsonCells<'r> {
    number: usize,
    has: &'r [bool],
    cells: Vec<Option<(Cow<'r, str>, bool)>>,
}

impl RawRow for JsonCells<'_> {
    fn line(&self) -> usize {
        self.number
    }
    fn cell(&self, field: usize) -> Raw<'_> {
        match self.cells.get(field) {
            _ if self.has.get(field) != Some(&true) => Raw::NoColumn,
            Some(Some((text, true))) => Raw::Nested(text),
            Some(Some((text, false))) => Raw::Text(text),
            _ => Raw::Text(""),
        }
    }
    fn place(&self, _field: usize) -> (usize, usize) {
        (self.number, 0)
    }
}

fn json_row(intake: &mut Intake<'_>, file: u32, number: usize, fields: &JsonFields, row: JsonRow) {
    let JsonRow::Object(pairs) = row else {
        intake.counts.read += 1;
        intake.counts.refused += 1;
        return intake.tell(file, number, 0, What::NotAnObject);
    };
    let mut cells: Vec<Option<(Cow<'_, str>, bool)>> = vec![None; fields.has.len()];
    for (name, value) in &pairs {
        let Some(field) = fields.by_name.get(name) else { continue };
        let Some(place) = cells.get_mut(*field) else { continue };
        if place.is_some() {
            let field = intake.form.fields.get(*field).map(|field| field.name.it.clone());
            field.into_iter().for_each(|field| intake.tell(file, number, 0, What::Twice { field }));
            continue;
        }
        *place = Some(match value {
            Json::Null => (Cow::Borrowed(""), false),
            Json::Bool(yes) => (Cow::Borrowed(if *yes { "true" } else { "false" }), false),
            Json::Number(number) => (Cow::Owned(number.to_string()), false),
            Json::String(text) => (Cow::Borrowed(text.as_str()), false),
            nested => (Cow::Owned(nested.to_string()), true),
        });
    }
    // A record that says nothing is as good as an empty line.
    let filled = |cell: &Option<(Cow<'_, str>, bool)>| cell.as_ref().is_some_and(|(text, _)| !text.trim().is_empty());
    if cells.iter().any(filled) {
        intake.row(file, &JsonCells { number, has: &fields.has, cells });
    }
}

fn read_json(intake: &mut Intake<'_>, file: u32, text: &str) {
    let mut names = NameList::default();
    if let Err(slip) = each_record(text, &mut |_, row| names.add_row(&row)) {
        return intake.tell(file, slip.line, slip.column, What::BadJson(slip));
    }
    if names.records == 0 {
        return intake.tell(file, 0, 0, What::NoData { header_only: false });
    }
    if let Some(fields) = names.header(intake, file) {
        // It was read to its end a moment ago.
        let _ = each_record(text, &mut |number, row| json_row(intake, file, number, &fields, row));
    }
}

fn read_json_lines(intake: &mut Intake<'_>, file: u32, text: &str, progress: &dyn Fn((usize, usize))) {
    let mut names = NameList::default();
    let lines = || text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| (at + 1, line));
    for (number, line) in lines() {
        match record(line) {
            Ok(row) => names.add_row(&row),
            Err(mut slip) => {
                slip.line = number;
                intake.counts.read += 1;
                intake.counts.refused += 1;
                intake.tell(file, number, slip.column, What::BadJson(slip));
            }
        }
    }
    if names.records == 0 {
        return;
    }
    let Some(fields) = names.header(intake, file) else { return };
    let mut done = 0;
    for (number, line) in lines() {
        if let Ok(row) = record(line) {
            json_row(intake, file, number, &fields, row);
        }
        done += line.len();
        if number.is_multiple_of(1024) {
            progress((done, text.len()));
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
