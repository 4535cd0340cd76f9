//! Taking in submissions (收表): header to fields, rows to columns, the same for every kind of file.
//!
//! A row without a usable key, or with one that was there before, is left out; of every other row all cells are kept, each as
//! a value or as the reason why there is none.
//! Not here: conditions and checks over whole rows (`asked`), reading of files (`submissions`).

use super::cells::{CellReader, clean, loose};
use super::file::LONGEST_CELL;
use super::findings::{Finding, MOST_FINDINGS, What, short};
use super::wrong::Wrong;
use crate::diag::{Diagnostics, Origin, Say, Severity};
use crate::eval::{Cause, Cell, Gap, RowOrigin, Table, Value};
use crate::model::{FieldIx, FieldType, Form};
use crate::text::{Name, nearest};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One cell as the file has it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Raw<'r> {
    /// The file has no column for it.
    NoColumn,
    /// As written; nothing where it is blank.
    Text(&'r str),
    /// Several values in the place of one.
    Nested(&'r str),
}

/// One row as the file has it.
pub(super) trait RawRow {
    /// The line, or the number of the record.
    fn line(&self) -> usize;
    /// The cell of a field.
    fn cell(&self, field: usize) -> Raw<'_>;
    /// Line and column of the cell of a field; only asked for what is told.
    fn place(&self, field: usize) -> (usize, usize);
}

/// What was found, in the order of files and lines, with no more than [`MOST_FINDINGS`] errors and as many warnings.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<(u32, Finding)>,
    errors: usize,
    warnings: usize,
    pub(super) untold: usize,
}

impl Findings {
    pub(super) fn push(&mut self, file: u32, finding: Finding) {
        let error = finding.code().severity() == Severity::Error;
        let count = if error { &mut self.errors } else { &mut self.warnings };
        *count += 1;
        if *count <= MOST_FINDINGS { self.list.push((file, finding)) } else { self.untold += 1 }
    }

    pub(super) fn sorted(mut self) -> Diagnostics {
        self.list.sort_by_key(|(file, finding)| (*file, finding.at.line, finding.at.column));
        let mut found = Diagnostics::new();
        self.list.into_iter().for_each(|(_, finding)| found.push(finding));
        found
    }
}

/// The table while it grows.
pub(super) struct Intake<'f> {
    pub(super) form: &'f Form,
    pub(super) found: Findings,
    pub(super) counts: Counts,
    pub(super) table: Table,
    /// The period of each row, where the form has a field for it.
    pub(super) periods: Vec<Option<Name>>,
    /// Columns that files do not have, told once for the file.
    pub(super) lacking: HashSet<(u32, usize)>,
    readers: Vec<CellReader>,
    missing: Vec<Gap>,
    refused: Vec<Gap>,
    seen: HashMap<(Name, Option<Name>), RowOrigin>,
    /// The period that is asked for, as written and as the field reads it.
    wanted: Option<(Arc<str>, Option<Name>)>,
    other_periods: HashSet<Name>,
}

impl<'f> Intake<'f> {
    pub(super) fn new(form: &'f Form, period: Option<&str>) -> Intake<'f> {
        let of_period = form.period.as_ref().and_then(|period| period.key);
        let identifies = |at| {
            let at = Some(FieldIx(at));
            at == Some(form.key) || at == of_period || form.groups.iter().any(|group| group.key == at)
        };
        let mut readers: Vec<_> = form.fields.iter().enumerate().map(|(at, field)| CellReader::new(field, identifies(at))).collect();
        let wanted = period.filter(|_| of_period.is_some()).map(|written| {
            let reader = of_period.and_then(|field| readers.get_mut(field.0));
            let value = reader.and_then(|reader| reader.read(written).ok().flatten());
            (Arc::from(written), value.as_ref().map(Value::word))
        });
        Intake {
            table: Table::new(form, None),
            missing: form.fields.iter().map(|field| Gap::missing(&field.name.it)).collect(),
            refused: form.fields.iter().map(|field| Gap::undefined(Cause::Refused(field.name.it.clone()))).collect(),
            form,
            readers,
            wanted,
            found: Findings::default(),
            counts: Counts::default(),
            periods: Vec::new(),
            lacking: HashSet::new(),
            seen: HashMap::new(),
            other_periods: HashSet::new(),
        }
    }

    /// Opens a file; its number is what rows and findings are told with.
    pub(super) fn open(&mut self, file: Arc<str>) -> u32 {
        self.table.files.push(file);
        u32::try_from(self.table.files.len() - 1).unwrap_or(u32::MAX)
    }

    /// The place of something in an open file.
    pub(super) fn origin(&self, file: u32, line: usize, column: usize) -> Origin {
        let name = self.table.files.get(file as usize).cloned().unwrap_or_else(|| "".into());
        Origin { file: name, line, column, field: None, text: "".into() }
    }

    pub(super) fn tell(&mut self, file: u32, line: usize, column: usize, what: What) {
        let at = self.origin(file, line, column);
        self.found.push(file, Finding { at, what });
    }

    /// The field of each column; nothing where the file cannot be used.
    ///
    /// * `names`: the header, or the names that a JSON file uses.
    /// * `place`: line and column of each; none in JSON, where names stand in every record.
    pub(super) fn header(&mut self, file: u32, names: &[String], place: &dyn Fn(usize) -> (usize, usize)) -> Option<Vec<Option<usize>>> {
        // A field's own name goes before another one's label.
        let mut known: HashMap<String, usize> = HashMap::new();
        let labels = self.form.fields.iter().map(|field| field.label.as_deref());
        for (at, label) in labels.enumerate().filter_map(|(at, label)| Some((at, label?))) {
            known.entry(loose(label)).or_insert(at);
        }
        known.extend(self.form.fields.iter().enumerate().map(|(at, field)| (loose(&field.name.it), at)));
        let mut matched = vec![false; self.form.fields.len()];
        let mut columns = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let field = known.get(&loose(name)).copied();
            let twice = field.and_then(|field| matched.get_mut(field)).is_some_and(|seen| std::mem::replace(seen, true));
            if let Some(field) = field.filter(|_| twice).and_then(|field| self.form.fields.get(field)) {
                let (line, column) = place(at);
                self.tell_named(file, line, column, name, What::Twice { field: field.name.it.clone() });
            }
            columns.push(field.filter(|_| !twice));
        }
        let form = self.form;
        if !matched.contains(&true) {
            let fields = form.fields.iter().map(|field| field.name.it.clone()).collect();
            let (line, column) = place(0);
            self.tell(file, line, column, What::NoHeader { form: form.name.it.clone(), fields });
            return None;
        }
        let unmatched = || form.fields.iter().zip(&matched).filter(|(_, matched)| !**matched).map(|(field, _)| field);
        for (at, name) in names.iter().enumerate() {
            if !known.contains_key(&loose(name)) {
                let near = nearest(clean(name), unmatched().map(|field| field.name.it.as_str())).map(Name::from);
                let (line, column) = place(at);
                let what = What::UnknownColumn { name: short(clean(name)).to_string(), number: at + 1, near };
                self.tell_named(file, line, column, name, what);
            }
        }
        let line = if names.is_empty() { 0 } else { place(0).0 };
        let period = form.period.as_ref().and_then(|period| period.key);
        let mut usable = true;
        for (at, field) in form.fields.iter().enumerate().filter(|(at, _)| matched.get(*at) == Some(&false)) {
            let is_period = period == Some(FieldIx(at));
            // With `--period` the user has said what the column would have.
            let needed = FieldIx(at) == form.key || is_period && self.wanted.is_none();
            usable &= !needed;
            self.lacking.insert((file, at));
            // A remark that nobody needs, or a field that only some are asked for, may well be left out.
            let asked_of_all = field.when.is_none() && field.kind != FieldType::Text && !is_period;
            if !needed && !field.required && asked_of_all {
                self.tell(file, line, 0, What::OptionalColumn { field: field.name.it.clone() });
            }
            if needed || field.required && !is_period {
                self.tell(file, line, 0, What::MissingColumn { field: field.name.it.clone(), form: form.name.it.clone() });
            }
        }
        usable.then_some(columns)
    }

    fn tell_named(&mut self, file: u32, line: usize, column: usize, name: &str, what: What) {
        let mut at = self.origin(file, line, column);
        at.field = Some(short(clean(name)));
        at.text = short(clean(name));
        self.found.push(file, Finding { at, what });
    }

    /// Takes in one row, or tells why not.
    pub(super) fn row(&mut self, file: u32, row: &dyn RawRow) {
        self.counts.read += 1;
        let key = self.form.key.0;
        let Some(subject) = self.identity(file, row, key) else { return self.counts.refused += 1 };
        let period = match self.form.period.as_ref().and_then(|period| period.key) {
            None => None,
            Some(field) => match (row.cell(field.0), &self.wanted) {
                (Raw::NoColumn, Some((_, wanted))) => wanted.clone(),
                _ => {
                    let Some(period) = self.identity(file, row, field.0) else { return self.counts.refused += 1 };
                    Some(period)
                }
            },
        };
        if let (Some((_, wanted)), Some(period)) = (&self.wanted, &period)
            && wanted.as_ref() != Some(period)
        {
            self.other_periods.insert(period.clone());
            return self.counts.other_period += 1;
        }
        let here = RowOrigin { file, line: u32::try_from(row.line()).unwrap_or(u32::MAX) };
        if let Some(first) = self.seen.get(&(subject.clone(), period.clone())).copied() {
            let (line, column) = row.place(key);
            let first = self.origin(first.file, first.line as usize, 0);
            let what = What::Duplicate { subject: self.form.subject.clone(), key: subject, period, first };
            self.tell_cell(file, line, column, key, row, what);
            return self.counts.refused += 1;
        }
        self.seen.insert((subject.clone(), period.clone()), here);
        let mut cells = Vec::with_capacity(self.form.fields.len());
        for at in 0..self.form.fields.len() {
            let given = self.wanted.as_ref().and(self.form.period.as_ref()).and_then(|period| period.key) == Some(FieldIx(at));
            cells.push(match row.cell(at) {
                Raw::NoColumn if given => self.given_period(at),
                _ => self.cell(file, row, at),
            });
        }
        self.table.push_row(&subject, here, cells);
        self.periods.push(period);
    }

    /// The text that identifies the subject, or the period: it must be there and right, or the row speaks of nobody.
    fn identity(&mut self, file: u32, row: &dyn RawRow, at: usize) -> Option<Name> {
        match self.value(row.cell(at), at) {
            Ok(Some(value)) => Some(value.word()),
            Ok(None) => {
                let field = self.form.fields.get(at)?.name.it.clone();
                let (line, column) = row.place(at);
                self.tell_cell(file, line, column, at, row, What::Empty { field, identifies: true });
                None
            }
            Err(wrong) => {
                self.refuse(file, row, at, wrong);
                None
            }
        }
    }

    fn cell(&mut self, file: u32, row: &dyn RawRow, at: usize) -> Cell<Value> {
        let missing = self.missing.get(at).cloned().unwrap_or(Gap::Missing(Arc::from([])));
        match self.value(row.cell(at), at) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => {
                // A field that depends on others is looked at once they are all there.
                let field = self.form.fields.get(at);
                let required = field.filter(|field| field.required && field.when.is_none() && !matches!(row.cell(at), Raw::NoColumn));
                if let Some(field) = required {
                    let (line, column) = row.place(at);
                    self.tell_cell(file, line, column, at, row, What::Empty { field: field.name.it.clone(), identifies: false });
                }
                Err(missing)
            }
            Err(wrong) => {
                self.refuse(file, row, at, wrong);
                self.counts.cells_refused += 1;
                Err(self.refused.get(at).cloned().unwrap_or(missing))
            }
        }
    }

    fn given_period(&mut self, at: usize) -> Cell<Value> {
        let written = self.wanted.as_ref().map(|(written, _)| written.clone());
        let value = self.readers.get_mut(at).zip(written).and_then(|(reader, written)| reader.read(&written).ok().flatten());
        value.ok_or_else(|| self.missing.get(at).cloned().unwrap_or(Gap::Missing(Arc::from([]))))
    }

    fn value(&mut self, raw: Raw<'_>, at: usize) -> Result<Option<Value>, Wrong> {
        match raw {
            Raw::NoColumn => Ok(None),
            Raw::Nested(_) => Err(Wrong::Nested),
            Raw::Text(text) => {
                // Bytes are quick to count, and no fewer than characters.
                let characters = if text.len() > LONGEST_CELL { text.chars().count() } else { 0 };
                if characters > LONGEST_CELL {
                    return Err(Wrong::TooLong { characters });
                }
                self.readers.get_mut(at).map_or(Ok(None), |reader| reader.read(text))
            }
        }
    }

    fn refuse(&mut self, file: u32, row: &dyn RawRow, at: usize, wrong: Wrong) {
        let Some(field) = self.readers.get(at).map(|reader| reader.field().clone()) else { return };
        let (line, column) = row.place(at);
        self.tell_cell(file, line, column, at, row, What::Cell { field, wrong });
    }

    fn tell_cell(&mut self, file: u32, line: usize, column: usize, at: usize, row: &dyn RawRow, what: What) {
        let mut origin = self.origin(file, line, column);
        origin.field = self.form.fields.get(at).map(|field| field.name.it.as_str().into());
        if let Raw::Text(text) | Raw::Nested(text) = row.cell(at) {
            origin.text = short(clean(text));
        }
        self.found.push(file, Finding { at: origin, what });
    }

    /// Whether rows were there, but none of the period that was asked for.
    pub(super) fn no_such_period(&self) -> Option<What> {
        let (wanted, _) = self.wanted.as_ref().filter(|_| self.table.is_empty() && self.counts.other_period > 0)?;
        let mut others: Vec<_> = self.other_periods.iter().cloned().collect();
        others.sort();
        Some(What::NoSuchPeriod { period: wanted.clone(), others })
    }
}

/// How many rows and cells were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that were read.
    pub files: usize,
    /// Rows that hold anything.
    pub read: usize,
    /// Rows in the table.
    pub kept: usize,
    /// Rows left out: no key, a key that was there before, another number of cells, or a check that refuses.
    pub refused: usize,
    /// Rows of another period than was asked for.
    pub other_period: usize,
    /// Cells that are wrong; their rows are kept without them.
    pub cells_refused: usize,
    /// Findings beyond [`super::MOST_FINDINGS`], not in the list.
    pub untold: usize,
    /// The periods of the rows kept, sorted.
    pub periods: Vec<Name>,
}

/// Forms made by hand, for tests.
#[cfg(test)]
pub(super) mod sample {
    use super::*;
    use crate::model::Field;
    use crate::text::{At, Span};

    pub(crate) fn field(name: &str, kind: FieldType) -> Field {
        let name = At::new(Name::from(name), Span::default());
        Field { name, kind, range: None, required: false, when: None, label: None, pattern: None, hint: None }
    }

    pub(crate) fn form(fields: Vec<Field>) -> Form {
        let name = At::new(Name::from("学校基础数据"), Span::default());
        let (subject, key) = ("学校".into(), FieldIx(0));
        Form { name, title: None, version: None, subject, key, groups: Vec::new(), period: None, fields, checks: Vec::new() }
    }
}
