//! Records (记录): the objects of a JSON file, of a JSON Lines file or of a program, to rows.
//!
//! Rows of the form's tables that stand in them are kept until it is known whose they are.
//! Not here: what is JSON (`json`), what a row comes to (`batch`).

use super::batch::{Batch, Raw, RawRow};
use super::cells::loose;
use super::findings::What;
use super::intake::{Intake, NestedRow, Spot};
use super::json::{JsonRow, each_record, record};
use super::sheets::by_field;
use crate::model::FieldIx;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;

/// The names that a JSON file uses, in the order in which they first stand there.
#[derive(Default)]
pub(super) struct NameList {
    names: Vec<String>,
    places: HashMap<String, usize>,
    records: usize,
}

impl NameList {
    pub(super) fn add(&mut self, name: &str) {
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
    pub(super) fn header(&self, intake: &mut Intake<'_>, file: u32) -> Option<JsonFields> {
        let fields = intake.header(file, &self.names, &|_| Spot::default())?;
        let by_name = self.names.iter().zip(&fields).filter_map(|(name, field)| Some((name.clone(), (*field)?)));
        Some(JsonFields {
            by_name: by_name.collect(),
            has: by_field(&fields, intake.plan.form.fields.len()).iter().map(Option::is_some).collect(),
        })
    }
}

/// Which name is which field, and which fields the file has at all.
pub(super) struct JsonFields {
    pub(super) by_name: HashMap<String, usize>,
    pub(super) has: Vec<bool>,
}

/// A record of a JSON file: text and whether it is nested, by field.
struct JsonCells<'r> {
    number: usize,
    nth: usize,
    has: &'r [bool],
    cells: Vec<Option<(Cow<'r, str>, bool)>>,
}

impl RawRow for JsonCells<'_> {
    fn line(&self) -> usize {
        self.number
    }
    fn nth(&self) -> usize {
        self.nth
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

/// Rows come in batches, so that no array has to be moved while it grows.
const BATCH_ROWS: usize = 4_096;

/// The records of a JSON file on their way into the table.
pub(super) struct JsonRows<'i, 'p> {
    intake: &'i mut Intake<'p>,
    file: u32,
    fields: &'i JsonFields,
    batch: Batch<'p>,
    /// Which row of its record is next, of the rows of a table.
    pub(super) nth: usize,
}

impl<'i, 'p> JsonRows<'i, 'p> {
    pub(super) fn new(intake: &'i mut Intake<'p>, file: u32, fields: &'i JsonFields) -> JsonRows<'i, 'p> {
        let batch = Batch::new(intake.plan, &intake.table, file, 0).asked_by(&intake.questions);
        JsonRows { intake, file, fields, batch, nth: 0 }
    }

    pub(super) fn flush(&mut self) {
        let next = Batch::new(self.intake.plan, &self.intake.table, self.file, 0).asked_by(&self.intake.questions);
        self.intake.append(std::mem::replace(&mut self.batch, next));
    }

    /// Keeps the rows of tables that stand in a record, each with what says whose it is.
    fn rows_of_tables(&mut self, number: usize, pairs: &[(String, Json)]) {
        let form = self.intake.plan.form;
        if form.tables.is_empty() {
            return;
        }
        let identifying = [Some(form.key), form.period.as_ref().and_then(|period| period.key)];
        let of = |at: FieldIx| {
            let (_, value) = pairs.iter().find(|(name, _)| self.fields.by_name.get(name) == Some(&at.0))?;
            Some((form.fields.get(at.0)?.name.it.to_string(), value.clone()))
        };
        let whose: Vec<(String, Json)> = identifying.into_iter().flatten().filter_map(of).collect();
        for (at, table) in form.tables.iter().enumerate() {
            let Some((_, value)) = pairs.iter().find(|(name, _)| loose(name) == loose(&table.name.it)) else { continue };
            let Some(nested) = self.intake.nested.get_mut(at) else { continue };
            let nested = nested.get_or_insert_default();
            match value {
                Json::Null => {}
                Json::Array(rows) => {
                    for (nth, row) in rows.iter().enumerate() {
                        match row {
                            Json::Object(cells) => {
                                let cells = cells.iter().map(|(name, value)| (name.clone(), value.clone()));
                                let cells = whose.iter().cloned().chain(cells).collect();
                                nested.rows.push(NestedRow { file: self.file, number, nth, cells });
                            }
                            _ => self.batch.tell(number, What::NotAnObject),
                        }
                    }
                }
                _ => self.batch.tell(number, What::NotAnObject),
            }
        }
    }

    pub(super) fn add(&mut self, number: usize, row: JsonRow) {
        let JsonRow::Object(pairs) = row else {
            self.batch.counts.read += 1;
            self.batch.counts.refused += 1;
            return self.batch.tell(number, What::NotAnObject);
        };
        self.rows_of_tables(number, &pairs);
        let mut cells: Vec<Option<(Cow<'_, str>, bool)>> = vec![None; self.fields.has.len()];
        for (name, value) in &pairs {
            let Some(field) = self.fields.by_name.get(name) else { continue };
            let Some(place) = cells.get_mut(*field) else { continue };
            if place.is_some() {
                let field = self.intake.plan.form.fields.get(*field).map(|field| field.name.it.clone());
                field.into_iter().for_each(|field| self.batch.tell(number, What::Twice { field }));
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
            self.batch.row(&JsonCells { number, nth: self.nth, has: &self.fields.has, cells });
            if self.batch.rows.rows() >= BATCH_ROWS {
                self.flush();
            }
        }
    }
}

pub(super) fn read_json(intake: &mut Intake<'_>, file: u32, text: &str) {
    let mut names = NameList::default();
    if let Err(slip) = each_record(text, &mut |_, row| names.add_row(&row)) {
        return intake.tell(file, slip.line, slip.column, What::BadJson(slip));
    }
    if names.records == 0 {
        return intake.tell(file, 0, 0, What::NoData { header_only: false });
    }
    if let Some(fields) = names.header(intake, file) {
        let mut rows = JsonRows::new(intake, file, &fields);
        // It was read to its end a moment ago.
        let _ = each_record(text, &mut |number, row| rows.add(number, row));
        rows.flush();
    }
}

pub(super) fn read_json_lines(intake: &mut Intake<'_>, file: u32, text: &str, progress: &dyn Fn(u64)) {
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
    let mut rows = JsonRows::new(intake, file, &fields);
    for (number, line) in lines() {
        if let Ok(row) = record(line) {
            rows.add(number, row);
        }
        done += line.len() as u64;
        if number.is_multiple_of(1024) {
            progress(done);
        }
    }
    rows.flush();
}
