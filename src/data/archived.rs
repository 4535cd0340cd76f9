//! What is archived of a submission (存档内容), and the table made of it again.
//!
//! A JSON object of what was filled in, in the order of the form, each value written in the one way in which its field reads it as the
//! same: numbers as decimals with all their digits, shares as `95%`, yes and no as `true` and `false`, days as `2024-09-01`.
//! Not here: keeping it anywhere (`store`).

use super::batch::Plan;
use super::cells::clean;
use super::findings::What;
use super::intake::{Counts, Intake};
use super::json::{JsonRow, record};
use super::submissions::{JsonFields, JsonRows, Options, finish};
use crate::diag::Diagnostics;
use crate::eval::{Block, Codes, Mantissas, Numbers, Stored, Table, Value};
use crate::model::{FieldIx, FieldType, Form};
use crate::number::Exact;
use crate::text::Name;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// Writes the contents of the rows of a table.
pub struct Contents<'t> {
    form: &'t Form,
    table: &'t Table,
    /// Each field's name as JSON, with its colon.
    names: Vec<String>,
    /// Of each field of words its dictionary as JSON.
    words: Vec<Vec<String>>,
}

impl<'t> Contents<'t> {
    /// Of a table with all its fields.
    pub fn new(form: &'t Form, table: &'t Table) -> Contents<'t> {
        let quoted = |name: &Name| json_text(&protected(name));
        Contents {
            form,
            table,
            names: form.fields.iter().map(|field| format!("{}:", json_text(&field.name.it))).collect(),
            words: (0..form.fields.len()).map(|at| table.dictionary(FieldIx(at)).iter().map(quoted).collect()).collect(),
        }
    }

    /// The period of a row, empty where the form knows none.
    pub fn period(&self, row: usize) -> String {
        let key = self.form.period.as_ref().and_then(|period| period.key);
        key.and_then(|key| self.table.cell(key, row)?.ok()).map(|value| value.word().to_string()).unwrap_or_default()
    }

    /// What was filled in.
    pub fn content(&self, row: usize) -> String {
        let blocks = self.table.blocks();
        let block = blocks.partition_point(|block| block.first <= row).checked_sub(1).and_then(|at| blocks.get(at));
        let mut content = String::with_capacity(32 * self.names.len());
        content.push('{');
        for (at, name) in self.names.iter().enumerate() {
            let before = content.len();
            if before > 1 {
                content.push(',');
            }
            content.push_str(name);
            let known = block.and_then(|block| self.ordinary(block, row - block.first, at, &mut content));
            let filled = known.unwrap_or_else(|| self.any(row, at, &mut content));
            if !filled {
                content.truncate(before);
            }
        }
        content.push('}');
        content
    }

    /// Adds an ordinary cell, or says that it is empty; `None` for any other.
    fn ordinary(&self, block: &Block, at: usize, field: usize, content: &mut String) -> Option<bool> {
        match block.column(FieldIx(field)) {
            Stored::Numbers(numbers) => {
                let mantissa = match numbers.mantissas() {
                    Mantissas::Narrow(cells) => match *cells.get(at)? {
                        Numbers::MISSING_NARROW => return Some(false),
                        Numbers::ODD_NARROW => return None,
                        mantissa => i64::from(mantissa),
                    },
                    Mantissas::Wide(cells) => match *cells.get(at)? {
                        Numbers::MISSING => return Some(false),
                        Numbers::ODD => return None,
                        mantissa => mantissa,
                    },
                };
                if matches!(self.form.fields.get(field)?.kind, FieldType::Percent(_)) {
                    content.push('"');
                    decimal(mantissa, numbers.places().checked_sub(2)?, content);
                    content.push_str("%\"");
                } else {
                    decimal(mantissa, numbers.places(), content);
                }
                Some(true)
            }
            Stored::Words(codes) => {
                let code = match codes {
                    Codes::Narrow(cells) => match *cells.get(at)? {
                        Codes::MISSING_NARROW => return Some(false),
                        Codes::ODD_NARROW => return None,
                        code => usize::from(code),
                    },
                    Codes::Wide(cells) => match *cells.get(at)? {
                        Codes::MISSING => return Some(false),
                        Codes::ODD => return None,
                        code => code as usize,
                    },
                };
                content.push_str(self.words.get(field)?.get(code)?);
                Some(true)
            }
            Stored::Flags(cells) => match *cells.get(at)? {
                Stored::MISSING_FLAG => Some(false),
                Stored::ODD_FLAG => None,
                flag => {
                    content.push_str(if flag == 0 { "false" } else { "true" });
                    Some(true)
                }
            },
            Stored::Dates(_) | Stored::Keys | Stored::Dropped => None,
        }
    }

    /// Adds any cell; `false` if there is nothing in it.
    fn any(&self, row: usize, at: usize, content: &mut String) -> bool {
        let Some(Ok(value)) = self.table.cell(FieldIx(at), row) else { return false };
        let percent = self.form.fields.get(at).is_some_and(|field| matches!(field.kind, FieldType::Percent(_)));
        match &value {
            Value::Number(number) => match number.as_exact().filter(|_| percent) {
                Some(share) => content.push_str(&json_text(&format!("{}%", share * &Exact::from(100)))),
                None => _ = write!(content, "{number}"),
            },
            Value::Flag(yes) => content.push_str(if *yes { "true" } else { "false" }),
            Value::Word(word) => content.push_str(&json_text(&protected(word))),
            Value::Date(day) => _ = write!(content, "\"{day}\""),
        }
        true
    }
}

/// A text as JSON.
fn json_text(text: &str) -> String {
    // A text is always JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// A text from which nothing is taken away when it is read.
fn protected(text: &str) -> String {
    if clean(text) == text { text.to_owned() } else { format!("=\"{text}\"") }
}

/// Adds a mantissa over a power of ten as a decimal, without zeros at its end.
fn decimal(mantissa: i64, places: u32, content: &mut String) {
    let (mut digits, mut places) = (mantissa.unsigned_abs(), places);
    while places > 0 && digits.is_multiple_of(10) {
        (digits, places) = (digits / 10, places - 1);
    }
    if mantissa < 0 {
        content.push('-');
    }
    let power = 10_u64.checked_pow(places).unwrap_or(u64::MAX);
    content.push_str(itoa::Buffer::new().format(digits / power));
    if places > 0 {
        let width = places as usize;
        _ = write!(content, ".{:0width$}", digits % power);
    }
}

/// Makes a table of submissions to `form` from their contents, each with the file and the line that it was read from once; `rows` hands
/// them over one by one. Told is what today's form says of them.
///
/// # Errors
/// Whatever `rows` answers.
pub fn from_archive<E>(
    form: &Form,
    options: &Options<'_>,
    rows: impl FnOnce(&mut dyn FnMut(&str, usize, &str)) -> Result<(), E>,
) -> Result<(Table, Diagnostics, Counts), E> {
    let plan = Plan::new(form, options.period);
    let mut intake = Intake::new(&plan, options.used);
    // What was not filled in is not there, and no field is without its column.
    let asked = form.fields.iter().enumerate().filter(|(_, field)| field.is_asked());
    let by_name = asked.map(|(at, field)| (field.name.it.to_string(), at)).collect();
    let fields = JsonFields { by_name, has: vec![true; form.fields.len()] };
    let mut unknown: BTreeSet<(Arc<str>, String)> = BTreeSet::new();
    let mut files: Vec<Arc<str>> = Vec::new();
    // Rows of a file come together, as they were taken in, and are handed on in pieces.
    let mut piece: (Arc<str>, Vec<(usize, JsonRow)>) = ("".into(), Vec::new());
    let mut take = |intake: &mut Intake<'_>, (file, rows): (&Arc<str>, &mut Vec<(usize, JsonRow)>)| {
        if rows.is_empty() {
            return;
        }
        let known = files.iter().position(|known| known == file);
        let number = known.map_or_else(|| intake.open(file.clone()), |at| u32::try_from(at).unwrap_or(u32::MAX));
        if known.is_none() {
            files.push(file.clone());
        }
        let mut to = JsonRows::new(intake, number, &fields);
        rows.drain(..).for_each(|(line, row)| to.add(line, row));
        to.flush();
    };
    rows(&mut |file, line, content| {
        if *piece.0 != *file || piece.1.len() >= PIECE {
            take(&mut intake, (&piece.0, &mut piece.1));
            piece.0 = file.into();
        }
        let row = record(content).unwrap_or(JsonRow::Other);
        if let JsonRow::Object(pairs) = &row {
            let others = pairs.iter().filter(|(name, _)| !fields.by_name.contains_key(name));
            unknown.extend(others.map(|(name, _)| (piece.0.clone(), name.clone())));
        }
        piece.1.push((line, row));
    })?;
    take(&mut intake, (&piece.0, &mut piece.1));
    intake.counts.files = files.len();
    for (file, name) in unknown {
        let number = files.iter().position(|known| *known == file).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let near = crate::text::nearest(&name, form.fields.iter().map(|field| field.name.it.as_str())).map(Name::from);
        intake.tell(number, 0, 0, What::UnknownColumn { name, number: 0, near });
    }
    Ok(finish(intake, options))
}

/// So many rows are put together before they are read.
const PIECE: usize = 1_024;
