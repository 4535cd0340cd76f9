//! Submissions (填报数据): data files, or records of a program, to one table.
//!
//! What is wrong with a row costs that row, what is wrong with a cell costs that cell, what is wrong with a file costs that
//! file; everything else is still read, and everything is told.
//! Not here: CSV (`sheets`), rows and cells (`intake`, `batch`, `cells`), conditions and checks (`asked`).

use super::asked;
use super::attached::{self, Attached};
use super::batch::Plan;
use super::file::{Encoding, Trouble, read_text, shown};
use super::findings::{Finding, What, short};
use super::intake::{Counts, Intake, Meanwhile, Nested, NestedRow};
use super::json::JsonRow;
use super::records::{JsonRows, NameList, read_json, read_json_lines};
use super::sheets::{self, read_in_pieces};
use super::workbook::{self, About, NoWorkbook, Workbook, is_workbook};
use crate::diag::{Diagnostics, Origin};
use crate::eval::{RowOrigin, Table};
use crate::model::{FieldIx, Form, RowTable, Source};
use crate::text::{Name, Texts, nearest};
use rayon::prelude::*;
use serde_json::Value as Json;
use std::collections::HashSet;
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
    /// The fields whose cells are kept, in the order of the form; all of them without it. What identifies a row, and what the
    /// form's own conditions and checks read, is kept besides. All cells are read and told about, whether kept or not.
    pub used: Option<&'o [bool]>,
    /// Submissions to the same form for the period before: what `previous(…)` in the form speaks of.
    pub earlier: Option<&'o Table>,
    /// The rows of tables of the form, by the place of their form, where they were read from files of their own.
    pub rows: &'o [(usize, Table)],
    /// Told how many bytes are read, of how many.
    pub progress: Option<&'o dyn Fn(u64, u64)>,
}

/// Reads submissions to `form` from files: .json, .jsonl, workbooks (.xlsx), everything else as CSV.
///
/// Rows come in the order read, and [`Table::by_key`] has them by key; what is found comes in the order of files and lines.
pub fn read(form: &Form, files: &[PathBuf], options: &Options<'_>) -> (Table, Diagnostics, Counts) {
    let plan = Plan::new(form, options.period);
    let mut intake = Intake::new(&plan, options.used);
    let mut troubles = Diagnostics::new();
    read_files(&mut intake, files, options, &mut troubles, &mut None);
    let (table, found, counts) = finish(intake, options);
    troubles.append(found);
    (table, troubles, counts)
}

/// Takes in the rows of files, one file after the other.
pub(super) fn read_files(
    intake: &mut Intake<'_>,
    files: &[PathBuf],
    options: &Options<'_>,
    troubles: &mut Diagnostics,
    meanwhile: &mut Meanwhile<'_>,
) {
    let sizes: Vec<u64> = files.iter().map(|path| path.metadata().map_or(0, |about| about.len())).collect();
    let total = sizes.iter().sum();
    let mut before = 0;
    let mut take = |(path, size): &(&PathBuf, &u64), book: Option<Opened>| {
        let start = before;
        let progress = |done: u64| {
            if let Some(tell) = options.progress {
                tell(start + done.min(**size), total);
            }
        };
        let done = match book {
            Some(Ok(book)) => {
                // Each of its sheets may come to a file of its own.
                let first = intake.files();
                workbook::take(intake, &book);
                (first..intake.files()).for_each(|file| intake.place(file, path));
                Ok(())
            }
            Some(Err(NoWorkbook::File(error))) => Err(Trouble::File(error)),
            Some(Err(NoWorkbook::Refused(why))) => Err(Trouble::Finding(Box::new(Finding::book(&shown(path), About::Refused(why))))),
            None => read_file(intake, path, options.encoding, &progress, meanwhile),
        };
        match done {
            Ok(()) => intake.counts.files += 1,
            Err(trouble) => trouble.tell(troubles),
        }
        if let Some(meanwhile) = meanwhile {
            meanwhile(intake);
        }
        before += **size;
        progress(**size);
    };
    // Workbooks are parsed next to each other, and taken in one after the other while the next are parsed.
    let waves = waves(files, &sizes);
    let mut opened = waves.first().map(|wave| open(wave)).unwrap_or_default();
    for (at, wave) in waves.iter().enumerate() {
        let mut next = Vec::new();
        let mut take_all = || wave.iter().zip(std::mem::take(&mut opened)).for_each(|(file, book)| take(file, book));
        match waves.get(at + 1) {
            Some(following) if bytes(wave) + bytes(following) <= 2 * MOST_BYTES => rayon::in_place_scope(|scope| {
                scope.spawn(|_| next = open(following));
                take_all();
            }),
            following => {
                take_all();
                next = following.map(|wave| open(wave)).unwrap_or_default();
            }
        }
        opened = next;
    }
}

/// So many bytes of files are opened at the same time; a larger file alone.
const MOST_BYTES: u64 = 4 << 20;

fn bytes(wave: &[(&PathBuf, &u64)]) -> u64 {
    wave.iter().map(|(_, size)| *size).sum()
}

/// A workbook, or why there is none.
type Opened = Result<Workbook, NoWorkbook>;

/// Opens those of some files that are workbooks.
fn open(wave: &[(&PathBuf, &u64)]) -> Vec<Option<Opened>> {
    let open = |(path, _): &(&PathBuf, &u64)| is_workbook(path).then(|| Workbook::open(path));
    // One by one, so that no thread waits while another has several left.
    if let [file] = wave { vec![open(file)] } else { wave.par_iter().with_max_len(1).map(open).collect() }
}

/// Files that are opened at the same time: of small ones some for each thread, and a large one alone.
fn waves<'f>(files: &'f [PathBuf], sizes: &'f [u64]) -> Vec<Vec<(&'f PathBuf, &'f u64)>> {
    let most = 64 * rayon::current_num_threads();
    let mut waves: Vec<Vec<(&PathBuf, &u64)>> = Vec::new();
    for (path, size) in files.iter().zip(sizes) {
        match waves.last_mut().filter(|wave| wave.len() < most && bytes(wave) + size <= MOST_BYTES) {
            Some(wave) => wave.push((path, size)),
            None => waves.push(vec![(path, size)]),
        }
    }
    waves
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
    let plan = Plan::new(form, options.period);
    let mut intake = Intake::new(&plan, options.used);
    let file = intake.open("-".into());
    let mut names = NameList::default();
    records.iter().flatten().for_each(|(name, _)| names.add(name));
    if let Some(fields) = names.header(&mut intake, file) {
        let mut rows = JsonRows::new(&mut intake, file, &fields);
        records.into_iter().enumerate().for_each(|(at, pairs)| rows.add(at + 1, JsonRow::Object(pairs)));
        rows.flush();
    }
    intake.counts.files = 1;
    finish(intake, options)
}

pub(super) fn finish(mut intake: Intake<'_>, options: &Options<'_>) -> (Table, Diagnostics, Counts) {
    intake.settle();
    let attached = complete(&mut intake, options);
    let periods = intake.periods();
    let mut counts = intake.counts;
    counts.periods = periods;
    counts.kept = intake.table.len();
    counts.untold = intake.found.untold;
    counts.attached = attached;
    (intake.table, intake.found.sorted(), counts)
}

/// Finds out what depends on whole rows and on what lies beside them. The files attached to rows that are kept.
pub(super) fn complete(intake: &mut Intake<'_>, options: &Options<'_>) -> Vec<Attached> {
    let mut attached = attached::apply(intake);
    lay_rows(intake, options);
    asked::apply(intake, options.texts, options.earlier);
    if !attached.is_empty() {
        let kept: HashSet<RowOrigin> = (0..intake.table.len()).filter_map(|row| intake.table.origin(row)).collect();
        attached.retain(|file| kept.contains(&file.origin));
    }
    attached
}

/// Lays the rows of the form's tables beside its submissions: those that stand in records, or were read from files of their own.
fn lay_rows(intake: &mut Intake<'_>, options: &Options<'_>) {
    let form = intake.plan.form;
    for (at, table) in form.tables.iter().enumerate() {
        let apart = options.rows.iter().find(|(form, _)| *form == table.form).map(|(_, rows)| rows);
        // Submissions without any rows leave them to a file of their own.
        let nested = intake.nested.get_mut(at).and_then(Option::take).filter(|nested| apart.is_none() || nested.has_rows());
        let rows = match (nested, apart) {
            (Some(nested), apart) => {
                apart.into_iter().for_each(|rows| rows_twice(intake, table, rows));
                nested_rows(intake, &table.rows, nested, options)
            }
            (None, Some(rows)) => {
                strays(intake, table, rows);
                rows.clone()
            }
            (None, None) => continue,
        };
        intake.table.lay_beside(Source::Form(table.form), 0, rows);
    }
}

/// Tells of files of rows that are not used because rows of the table stand within submissions, once of each.
fn rows_twice(intake: &mut Intake<'_>, table: &RowTable, rows: &Table) {
    let mut told = HashSet::new();
    for origin in (0..rows.len()).filter_map(|row| rows.origin(row)) {
        if let Some(file) = rows.files.get(origin.file as usize).filter(|_| told.insert(origin.file)) {
            let at = Origin { line: origin.line as usize, ..Origin::file(file.clone()) };
            intake.found.push(u32::MAX, Finding { at, what: What::RowsTwice { table: table.name.it.clone() } });
        }
    }
}

/// Tells of rows that belong to nobody who handed in anything, once of each.
fn strays(intake: &mut Intake<'_>, table: &RowTable, rows: &Table) {
    /// A few misspelt keys are compared with all others, which takes its time.
    const GUESSED: usize = 20;
    let mut told: HashSet<Name> = HashSet::new();
    for row in 0..rows.len() {
        // Behind the key of the row stands that of the submission.
        let Some(Ok(key)) = rows.cell(FieldIx(1), row).map(|cell| cell.map(|key| key.word())) else { continue };
        if intake.table.find(&key).is_some() || !told.insert(key.clone()) {
            continue;
        }
        let keys = (0..intake.table.len()).map(|row| intake.table.key(row));
        let near = if told.len() <= GUESSED { nearest(&key, keys).map(Name::from) } else { None };
        let origin = rows.origin(row).unwrap_or_default();
        let file = rows.files.get(origin.file as usize).cloned().unwrap_or_else(|| "".into());
        let at = Origin { line: origin.line as usize, text: short(&key), ..Origin::file(file) };
        intake.found.push(u32::MAX, Finding { at, what: What::RowOfNobody { table: table.name.it.clone(), key, near } });
    }
}

/// The rows of a table that stand in records, or beside submissions in a workbook, which were taken in.
fn nested_rows(intake: &mut Intake<'_>, form: &Form, nested: Nested, options: &Options<'_>) -> Table {
    let taken: HashSet<(u32, u32)> =
        (0..intake.table.len()).filter_map(|row| intake.table.origin(row)).map(|origin| (origin.file, origin.line)).collect();
    let there = |row: &NestedRow| u32::try_from(row.number).is_ok_and(|number| taken.contains(&(row.file, number)));
    let Nested { rows: nested, sheets } = nested;
    let nested: Vec<NestedRow> = nested.into_iter().filter(there).collect();
    let plan = Plan::new(form, None);
    let mut inner = Intake::new(&plan, None);
    intake.table.files.iter().for_each(|file| {
        inner.open(file.clone());
    });
    for rows in nested.chunk_by(|a, b| a.file == b.file) {
        let Some(file) = rows.first().map(|row| row.file) else { continue };
        let mut names = NameList::default();
        rows.iter().flat_map(|row| &row.cells).for_each(|(name, _)| names.add(name));
        let Some(fields) = names.header(&mut inner, file) else { continue };
        let mut into = JsonRows::new(&mut inner, file, &fields);
        for row in rows {
            into.nth = row.nth;
            into.add(row.number, JsonRow::Object(row.cells.clone()));
        }
        into.flush();
    }
    for sheet in sheets.into_iter().filter(|sheet| sheet.of.is_none_or(|of| taken.contains(&of))) {
        workbook::take_rows(&mut inner, sheet);
    }
    inner.settle();
    asked::apply(&mut inner, options.texts, None);
    intake.counts.cells_refused += inner.counts.cells_refused;
    intake.found.append(inner.found);
    inner.table
}

fn read_file(
    intake: &mut Intake<'_>,
    path: &Path,
    encoding: Option<Encoding>,
    progress: &dyn Fn(u64),
    meanwhile: &mut Meanwhile<'_>,
) -> Result<(), Trouble> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_csv = !matches!(ending.as_str(), "json" | "jsonl" | "ndjson");
    if is_csv && read_in_pieces(intake, path, encoding, progress, meanwhile) {
        return Ok(());
    }
    // A JSON document may well be one line.
    let text = read_text(path, ending != "json", encoding)?;
    let file = intake.open(shown(path));
    intake.place(file, path);
    match ending.as_str() {
        "json" => read_json(intake, file, &text),
        "jsonl" | "ndjson" => read_json_lines(intake, file, &text, progress),
        _ => sheets::read_text(intake, file, &text, progress, meanwhile),
    }
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
