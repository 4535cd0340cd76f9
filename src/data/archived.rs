//! What is archived of a submission (存档内容), and the table made of it again.
//!
//! A JSON object of what was filled in, in the order of the form, each value written in the one way in which its field reads it as the
//! same: numbers as decimals with all their digits, shares as `95%`, yes and no as `true` and `false`, days as `2024-09-01`, a table of
//! the form as a list of such objects, attachments as a list of names.
//! Not here: keeping it anywhere (`store`).

use super::attached::Attached;
use super::batch::Plan;
use super::cells::clean;
use super::findings::What;
use super::intake::{Counts, Intake};
use super::json::{JsonRow, record};
use super::records::{JsonFields, JsonRows};
use super::submissions::{Options, finish};
use crate::diag::Diagnostics;
use crate::eval::{Block, Codes, Mantissas, Numbers, Stored, Table, Value};
use crate::model::{Field, FieldIx, FieldType, Form, RowTable, Source};
use crate::number::Exact;
use crate::text::Name;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

/// Writes the contents of the rows of a table.
pub struct Contents<'t> {
    form: &'t Form,
    table: &'t Table,
    /// The fields that are filled in.
    asked: Vec<Asked>,
    /// Of each field of words its dictionary as JSON.
    words: Vec<Vec<String>>,
    /// The names of attached files, by file and line of their submission and by their field.
    files: HashMap<(u32, u32, &'t Name), Vec<&'t str>>,
    /// The tables of the form that were handed in.
    tables: Vec<Rows<'t>>,
}

/// A field that is filled in.
struct Asked {
    field: usize,
    /// Its name as JSON, with its colon.
    name: String,
    /// Whether an ordinary cell is written as it is stored.
    as_stored: bool,
    /// Whether its numbers are shares.
    is_share: bool,
}

/// The rows of a table of the form.
struct Rows<'t> {
    /// The table's name as JSON, with its colon.
    name: String,
    rows: Contents<'t>,
    /// The rows of each subject, and period where the form knows one.
    of: HashMap<(Name, Option<Name>), Vec<usize>>,
}

impl<'t> Rows<'t> {
    fn new(name: &Name, form: &'t Form, table: &'t Table) -> Rows<'t> {
        let mut of: HashMap<(Name, Option<Name>), Vec<usize>> = HashMap::new();
        // The key of the submission stands behind that of the row, and its period behind that.
        let word = |at: usize, row: usize| Some(table.cell(FieldIx(at), row)?.ok()?.word());
        for row in 0..table.len() {
            let period = form.period.as_ref().and_then(|period| word(period.key?.0, row));
            if let Some(key) = word(1, row) {
                of.entry((key, period)).or_default().push(row);
            }
        }
        let mut rows = Contents::new(form, table, &[]);
        let whose = 1 + usize::from(form.period.is_some());
        rows.asked.retain(|asked| asked.field > whose);
        Rows { name: format!("{}:", json_text(name)), rows, of }
    }
}

impl<'t> Contents<'t> {
    /// Of a table with all its fields, and the files that are attached to its rows.
    pub fn new(form: &'t Form, table: &'t Table, attached: &'t [Attached]) -> Contents<'t> {
        let quoted = |name: &Name| json_text(&protected(name));
        let asked = |(at, field): (usize, &Field)| Asked {
            field: at,
            name: format!("{}:", json_text(&field.name.it)),
            as_stored: field.details.asked_in.is_none() && field.details.attach.is_none(),
            is_share: matches!(field.kind, FieldType::Percent(_)),
        };
        let mut files: HashMap<(u32, u32, &Name), Vec<&str>> = HashMap::new();
        for file in attached {
            files.entry((file.origin.file, file.origin.line, &file.field)).or_default().push(&file.name);
        }
        let handed_in = |of: &'t RowTable| {
            let rows = table.beside(Source::Form(of.form), 0)?;
            Some(Rows::new(&of.name.it, &of.rows, rows))
        };
        Contents {
            form,
            table,
            files,
            tables: form.tables.iter().filter_map(handed_in).collect(),
            asked: form.fields.iter().enumerate().filter(|(_, field)| field.is_asked()).map(asked).collect(),
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
        let mut content = String::with_capacity(32 * self.asked.len());
        content.push('{');
        for asked in &self.asked {
            let before = content.len();
            if before > 1 {
                content.push(',');
            }
            content.push_str(&asked.name);
            let block = block.filter(|_| asked.as_stored);
            let known = block.and_then(|block| self.ordinary(block, row - block.first, asked, &mut content));
            let filled = known.unwrap_or_else(|| self.any(row, asked.field, &mut content));
            if !filled {
                content.truncate(before);
            }
        }
        self.tables.iter().for_each(|table| self.rows(row, table, &mut content));
        content.push('}');
        content
    }

    /// Adds the rows of a table that belong to a row.
    fn rows(&self, row: usize, table: &Rows<'_>, content: &mut String) {
        let period = self.form.period.as_ref().and_then(|period| Some(self.table.cell(period.key?, row)?.ok()?.word()));
        let own = table.of.get(&(Name::from(self.table.key(row)), period)).map(Vec::as_slice).unwrap_or_default();
        if content.len() > 1 {
            content.push(',');
        }
        content.push_str(&table.name);
        content.push('[');
        content.push_str(&own.iter().map(|row| table.rows.content(*row)).collect::<Vec<_>>().join(","));
        content.push(']');
    }

    /// Adds an ordinary cell, or says that it is empty; `None` for any other.
    fn ordinary(&self, block: &Block, at: usize, asked: &Asked, content: &mut String) -> Option<bool> {
        match block.column(FieldIx(asked.field)) {
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
                if asked.is_share {
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
                content.push_str(self.words.get(asked.field)?.get(code)?);
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
        let Some(field) = self.form.fields.get(at) else { return false };
        if let (Some(_), Some(origin)) = (&field.details.attach, self.table.origin(row)) {
            let names = self.files.get(&(origin.file, origin.line, &field.name.it)).map(Vec::as_slice).unwrap_or_default();
            content.push_str(&serde_json::to_string(names).unwrap_or_default());
            return true;
        }
        match &value {
            Value::Number(number) => match number.as_exact() {
                Some(number) => as_filled_in(field, number, content),
                None => _ = write!(content, "{number}"),
            },
            Value::Flag(yes) => content.push_str(if *yes { "true" } else { "false" }),
            Value::Word(word) => content.push_str(&json_text(&protected(word))),
            Value::Date(day) => _ = write!(content, "\"{day}\""),
        }
        true
    }
}

/// Adds a number as it stands in the cell: a share as a percentage, and in the unit that is asked.
fn as_filled_in(field: &Field, number: &Exact, content: &mut String) {
    let number = field.as_filled_in(number);
    if matches!(field.kind, FieldType::Percent(_)) {
        content.push_str(&json_text(&format!("{number}%")));
    } else {
        _ = write!(content, "{number}");
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
            let others = pairs.iter().filter(|(name, _)| !fields.by_name.contains_key(name) && form.table(name).is_none());
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
