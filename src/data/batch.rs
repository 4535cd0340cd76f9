//! A part of the rows of a file (一批填报): from cells as written to cells as stored, independent of all other parts, so that
//! several can be read at the same time.
//!
//! A row without a usable key is left out; of every other row all cells are kept, each as a value or as the reason why there is
//! none.
//! Not here: headers, rows that are repeated (`intake`), conditions and checks over whole rows (`asked`).

use super::cells::{CellReader, clean, files};
use super::file::LONGEST_CELL;
use super::findings::{Finding, What, short};
use super::heading::is_total;
use super::intake::NamedFiles;
use super::pending::Pending;
use super::plain::{Ordinary, is_ordinary};
use super::wrong::Wrong;
use crate::diag::Origin;
use crate::eval::{Cause, Cell, Filling, Gap, Table, Value};
use crate::model::{FieldIx, FieldType, Form};
use crate::text::Name;
use std::borrow::Cow;
use std::collections::HashSet;
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
    /// Which of several rows it is that stand in one line or record.
    fn nth(&self) -> usize {
        0
    }
    /// The cell of a field.
    fn cell(&self, field: usize) -> Raw<'_>;
    /// The number in the cell of a field, where the file has it as such and nothing but it.
    fn number(&self, _field: usize) -> Option<f64> {
        None
    }
    /// Line and column of the cell of a field; only asked for what is told.
    fn place(&self, field: usize) -> (usize, usize);
    /// The sheet that the cell of a field stands on, of a workbook.
    fn sheet(&self, _field: usize) -> Option<Arc<str>> {
        None
    }
}

/// The items of a JSON list of texts, in one cell.
///
/// * `none`: what stands for an empty list.
fn listed(text: &str, none: &str) -> Option<String> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let item = |item: &serde_json::Value| match item {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let items = items.iter().map(item).collect::<Option<Vec<_>>>()?;
    Some(if items.is_empty() { none.to_owned() } else { items.join("、") })
}

/// What all rows of all files are read with.
#[derive(Debug)]
pub(super) struct Plan<'f> {
    pub(super) form: &'f Form,
    /// Whether rows are the rows of a table, told apart by where they stand.
    numbered: bool,
    pub(super) fields: Vec<Planned>,
    pub(super) period: Option<usize>,
    /// The period that is asked for, as written and as the field reads it.
    pub(super) wanted: Option<(Arc<str>, Option<Value>)>,
}

/// What the cells of a field are read with.
#[derive(Debug)]
pub(super) struct Planned {
    reader: CellReader,
    pub(super) ordinary: Ordinary,
    /// Whether it is told that nothing is filled in. A field that depends on others is looked at once they are all there.
    pub(super) required: bool,
    missing: Gap,
    refused: Gap,
}

impl<'f> Plan<'f> {
    pub(super) fn new(form: &'f Form, period: Option<&str>) -> Plan<'f> {
        let of_period = form.period.as_ref().and_then(|period| period.key);
        let identifies = |at| {
            let at = Some(FieldIx(at));
            at == Some(form.key) || at == of_period || form.groups.iter().any(|group| group.key == at)
        };
        let fields = form.fields.iter().enumerate().map(|(at, field)| Planned {
            reader: CellReader::new(field, identifies(at)),
            ordinary: Ordinary::of(field),
            required: field.required && field.when.is_none(),
            missing: Gap::missing(&field.name.it),
            refused: Gap::undefined(Cause::Refused(field.name.it.clone())),
        });
        let fields: Vec<Planned> = fields.collect();
        let wanted = period.zip(of_period).map(|(written, field)| {
            let value = fields.get(field.0).and_then(|field| field.reader.read(written).ok().flatten());
            (Arc::from(written), value)
        });
        Plan { form, numbered: form.is_rows(), fields, period: of_period.map(|field| field.0), wanted }
    }

    /// Whether a field is the key, and its cells are the keys themselves.
    pub(super) fn is_read(&self, field: usize) -> bool {
        let key = self.form.key;
        field == key.0 && self.form.fields.get(key.0).is_some_and(|field| field.kind == FieldType::Text)
    }
}

/// How many rows and cells were read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tallies {
    pub read: usize,
    pub refused: usize,
    pub other_period: usize,
    pub cells_refused: usize,
}

/// Where the keys of rows stand, for those that turn out to be repeated.
#[derive(Debug, Default)]
pub(super) struct KeyPlaces {
    /// The column of all of them, on the line of the row.
    column: usize,
    /// Or line and column of each.
    each: Vec<(u32, u32)>,
    /// As written, where that is not the key.
    written: Vec<(u32, Arc<str>)>,
}

impl KeyPlaces {
    /// Line, column and text of the key of a row, which stands on this line.
    pub(super) fn get(&self, row: usize, line: usize, key: &str) -> (usize, usize, Arc<str>) {
        let (line, column) = self.each.get(row).map_or((line, self.column), |(line, column)| (*line as usize, *column as usize));
        let written = self.written.binary_search_by_key(&row, |(row, _)| *row as usize).ok().and_then(|at| self.written.get(at));
        (line, column, written.map_or_else(|| short(key), |(_, written)| written.clone()))
    }
}

/// Some rows of a file.
pub(super) struct Batch<'p> {
    pub(super) plan: &'p Plan<'p>,
    file: u32,
    name: Arc<str>,
    /// Of a workbook the sheet by which rows are known.
    sheet: Option<Arc<str>>,
    pub(super) rows: Filling,
    pub(super) found: Pending,
    pub(super) counts: Tallies,
    pub(super) keys: KeyPlaces,
    pub(super) named: Vec<NamedFiles>,
    pub(super) other_periods: HashSet<Name>,
    /// Fields of several choices that were collected by an XLSForm.
    collected: Vec<usize>,
    /// The text of a period and what it is, of the row before.
    last_period: (String, Option<Value>),
}

impl<'p> Batch<'p> {
    /// * `key_column`: the column of all keys, if it is the same for all.
    pub(super) fn new(plan: &'p Plan<'p>, table: &Table, file: u32, rows: usize) -> Batch<'p> {
        Batch {
            plan,
            file,
            name: table.files.get(file as usize).cloned().unwrap_or_else(|| "".into()),
            sheet: None,
            rows: table.filling(file, rows),
            found: Pending::default(),
            counts: Tallies::default(),
            keys: KeyPlaces::default(),
            named: Vec::new(),
            other_periods: HashSet::new(),
            collected: Vec::new(),
            last_period: (String::new(), None),
        }
    }

    /// The same for rows of a workbook.
    pub(super) fn of_sheet(self, path: Arc<str>, sheet: Arc<str>) -> Batch<'p> {
        Batch { name: path, sheet: Some(sheet), ..self }
    }

    /// The same for rows of files that head these fields of several choices by questions of an XLSForm.
    pub(super) fn asked_by(mut self, questions: &HashSet<(u32, usize)>) -> Batch<'p> {
        self.collected = questions.iter().filter(|(file, _)| *file == self.file).map(|(_, field)| *field).collect();
        self
    }

    /// Tells something of a row that is left out.
    pub(super) fn tell(&mut self, line: usize, what: What) {
        let (name, sheet) = (&self.name, &self.sheet);
        let finding = |what| Finding { at: Origin { line, sheet: sheet.clone(), ..Origin::file(name.clone()) }, what };
        self.found.add(self.rows.rows(), false, self.file, what, finding);
    }

    /// Takes in one row, or tells why not.
    pub(super) fn row(&mut self, row: &impl RawRow) {
        if self.admit(row, |_| {}) {
            let at = self.rows.rows() - 1;
            for (field, planned) in self.plan.fields.iter().enumerate() {
                if let (Ordinary::Number(numbers), Some(number)) = (&planned.ordinary, row.number(field))
                    && let Some(mantissa) = numbers.of_double(number)
                {
                    self.rows.numbers(field, &[mantissa], None);
                    continue;
                }
                let cell = self.cell(row, at, field);
                self.rows.cell(field, cell);
            }
        }
    }

    /// Begins a row whose cells come later, unless it speaks of nobody or is of another period; `before` comes before anything
    /// is told of it.
    pub(super) fn admit(&mut self, row: &impl RawRow, before: impl FnOnce(&mut Self)) -> bool {
        let key_field = self.plan.form.key.0;
        if let Raw::Text(text) = row.cell(key_field)
            && is_total(text)
        {
            return self.total(row, key_field, before);
        }
        self.counts.read += 1;
        let key = match self.key(row, key_field) {
            Ok(key) => key,
            Err(what) => {
                let total = |field: &usize| matches!(row.cell(*field), Raw::Text(text) if is_total(text));
                let empty = matches!(what, What::Empty { .. });
                if let Some(field) = (0..self.plan.fields.len()).find(|field| empty && total(field)) {
                    self.counts.read -= 1;
                    return self.total(row, field, before);
                }
                return self.nobody(row, key_field, what, before);
            }
        };
        if let Some(field) = self.plan.period {
            let raw = row.cell(field);
            if !(matches!(raw, Raw::NoColumn) && self.plan.wanted.is_some()) {
                let same = matches!(raw, Raw::Text(text) if !text.is_empty() && text == self.last_period.0);
                if !same {
                    match self.identity(raw, field) {
                        Ok(period) => {
                            self.last_period = (if let Raw::Text(text) = raw { text.to_owned() } else { String::new() }, Some(period))
                        }
                        Err(what) => return self.nobody(row, field, what, before),
                    }
                }
                if let Some((_, wanted)) = &self.plan.wanted
                    && *wanted != self.last_period.1
                {
                    self.other_periods.extend(self.last_period.1.as_ref().map(Value::word));
                    self.counts.other_period += 1;
                    return false;
                }
            }
        }
        if looks_like_formula(&key) {
            self.tell_cell(
                row,
                self.rows.rows(),
                key_field,
                true,
                What::FormulaText { field: self.plan.form.fields.get(key_field).map_or_else(|| "".into(), |field| field.name.it.clone()) },
            );
        }
        self.place_key(row, key_field, &key);
        self.rows.begin_row(&key, u32::try_from(row.line()).unwrap_or(u32::MAX));
        true
    }

    /// A row that adds up others is no submission.
    fn total(&mut self, row: &impl RawRow, field: usize, before: impl FnOnce(&mut Self)) -> bool {
        before(self);
        self.tell_cell(row, self.rows.rows(), field, false, What::TotalRow);
        false
    }

    fn nobody(&mut self, row: &impl RawRow, field: usize, what: What, before: impl FnOnce(&mut Self)) -> bool {
        before(self);
        self.counts.refused += 1;
        self.tell_cell(row, self.rows.rows(), field, false, what);
        false
    }

    /// The text that identifies the subject.
    fn key<'r>(&self, row: &'r impl RawRow, field: usize) -> Result<Cow<'r, str>, What> {
        if self.plan.numbered {
            // By where they stand: 000012 for line 12 of the first file, 1:000003.001 for another row of record 3 of the next one.
            let file = if self.file == 0 { String::new() } else { format!("{}:", self.file) };
            let nth = if row.nth() == 0 { String::new() } else { format!(".{:03}", row.nth()) };
            return Ok(Cow::Owned(format!("{file}{:06}{nth}", row.line())));
        }
        if let (Raw::Text(text), Some(Ordinary::Text)) = (row.cell(field), self.plan.fields.get(field).map(|field| &field.ordinary))
            && text.len() <= LONGEST_CELL
            && is_ordinary(text)
        {
            return Ok(Cow::Borrowed(text));
        }
        self.identity(row.cell(field), field).map(|value| Cow::Owned(value.word().to_string()))
    }

    /// What identifies the subject, or the period: it must be there and right, or the row speaks of nobody.
    fn identity(&self, raw: Raw<'_>, at: usize) -> Result<Value, What> {
        let field = || self.plan.form.fields.get(at).map_or_else(|| "".into(), |field| field.name.it.clone());
        match self.value(raw, at) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(What::Empty { field: field(), identifies: true }),
            Err(wrong) => Err(self.refused(at, wrong).unwrap_or_else(|| What::Empty { field: field(), identifies: true })),
        }
    }

    fn place_key(&mut self, row: &impl RawRow, field: usize, key: &str) {
        let here = self.rows.rows();
        let (line, column) = row.place(field);
        if self.keys.each.is_empty() && (here == 0 || column == self.keys.column) && line == row.line() {
            self.keys.column = column;
        } else {
            // Lines are those of the rows as long as there was nothing else to say.
            let (lines, column_before) = ((0..here).map(|at| self.rows.line(at)), self.keys.column);
            if self.keys.each.is_empty() {
                self.keys.each = lines.map(|line| (line, u32::try_from(column_before).unwrap_or(u32::MAX))).collect();
            }
            self.keys.each.push((u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX)));
        }
        if let Raw::Text(text) = row.cell(field)
            && let text = clean(text)
            && text != key
        {
            self.keys.written.push((u32::try_from(here).unwrap_or(u32::MAX), short(text)));
        }
    }

    /// The cell of a field, of row `at`; what is wrong with it is told.
    pub(super) fn cell(&mut self, row: &impl RawRow, at: usize, field: usize) -> Cell<Value> {
        let Some(planned) = self.plan.fields.get(field) else { return Err(Gap::Missing(Arc::from([]))) };
        let raw = row.cell(field);
        if let (Raw::NoColumn, true, Some((_, value))) = (raw, Some(field) == self.plan.period, &self.plan.wanted) {
            return value.clone().ok_or_else(|| planned.missing.clone());
        }
        let list = match (raw, planned.reader.empty_list()) {
            (Raw::Nested(text), Some(none)) => listed(text, none),
            _ => None,
        };
        let raw = list.as_deref().map_or(raw, Raw::Text);
        match self.value(raw, field).or_else(|wrong| self.parted(raw, field, wrong)) {
            Ok(Some(value)) => {
                if let (Some(_), Raw::Text(text)) = (&planned.reader.field().details.attach, raw) {
                    self.named.push(NamedFiles { row: at, field: FieldIx(field), names: files(clean(text)) });
                }
                if let (Value::Word(word), FieldType::Text) = (&value, &planned.reader.field().kind)
                    && field != self.plan.form.key.0
                    && looks_like_formula(word)
                {
                    self.tell_cell(row, at, field, true, What::FormulaText { field: planned.reader.field().name.it.clone() });
                }
                Ok(value)
            }
            Ok(None) => {
                if planned.required && !matches!(raw, Raw::NoColumn) {
                    let what = What::Empty { field: planned.reader.field().name.it.clone(), identifies: false };
                    self.tell_cell(row, at, field, true, what);
                }
                Err(planned.missing.clone())
            }
            Err(wrong) => {
                if let Some(what) = self.refused(field, wrong) {
                    self.tell_cell(row, at, field, true, what);
                }
                self.counts.cells_refused += 1;
                self.found.refuse(at);
                Err(planned.refused.clone())
            }
        }
    }

    fn value(&self, raw: Raw<'_>, at: usize) -> Result<Option<Value>, Wrong> {
        match raw {
            Raw::NoColumn => Ok(None),
            Raw::Nested(_) => Err(Wrong::Nested),
            Raw::Text(text) => {
                // Bytes are quick to count, and no fewer than characters.
                let characters = if text.len() > LONGEST_CELL { text.chars().count() } else { 0 };
                if characters > LONGEST_CELL {
                    return Err(Wrong::TooLong { characters });
                }
                self.plan.fields.get(at).map_or(Ok(None), |field| field.reader.read(text))
            }
        }
    }

    /// Several choices as ODK and Kobo export them, parted by blanks, where the whole is `wrong` as it stands.
    fn parted(&self, raw: Raw<'_>, at: usize, wrong: Wrong) -> Result<Option<Value>, Wrong> {
        match (raw, &wrong) {
            (Raw::Text(text), Wrong::NotAmong { .. }) if self.collected.contains(&at) => {
                let items: Vec<&str> = clean(text).split_whitespace().collect();
                self.value(Raw::Text(&items.join("、")), at)
            }
            _ => Err(wrong),
        }
    }

    fn refused(&self, at: usize, wrong: Wrong) -> Option<What> {
        Some(What::Cell { field: self.plan.fields.get(at)?.reader.field().clone(), wrong })
    }

    /// * `at`: the row, or the one that comes next.
    /// * `own`: whether the row is taken in all the same.
    fn tell_cell(&mut self, row: &impl RawRow, at: usize, field: usize, own: bool, what: What) {
        let (name, form) = (&self.name, self.plan.form);
        let finding = |what| {
            let (line, column) = row.place(field);
            let mut origin = Origin { sheet: row.sheet(field), line, column, ..Origin::file(name.clone()) };
            origin.field = form.fields.get(field).map(|field| field.name.it.as_str().into());
            if let Raw::Text(text) | Raw::Nested(text) = row.cell(field) {
                origin.text = short(clean(text));
            }
            Finding { at: origin, what }
        };
        self.found.add(at, own, self.file, what, finding);
    }
}

/// Whether a spreadsheet may take a text for a formula that does something: with a call, a link or a program in it. A dash, a
/// telephone number and the like are none.
fn looks_like_formula(text: &str) -> bool {
    let mut rest = text.chars();
    rest.next().is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        && rest.any(|c| matches!(c, '(' | '|' | '!' | '（' | '｜'))
}
