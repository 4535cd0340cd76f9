//! Taking in submissions (收表): header to fields, rows to columns, the same for every kind of file.
//!
//! Of rows with one key and period the first that was read is kept.
//! Not here: what a row comes to (`batch`), conditions and checks over whole rows (`asked`), reading of files (`submissions`,
//! `sheets`).

use super::asked;
use super::attached::Attached;
use super::batch::{Batch, KeyPlaces, Plan};
use super::cells::{clean, loose};
use super::file::shown;
use super::findings::{Finding, What, short};
use super::heading::Known;
use super::pending::{Findings, Pending};
use super::sheets::Gathered;
use crate::diag::Origin;
use crate::eval::{Table, Value};
use crate::model::{FieldIx, FieldType, Lowered};
use crate::text::{Name, nearest};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The table while it grows.
pub(super) struct Intake<'p> {
    pub(super) plan: &'p Plan<'p>,
    pub(super) known: Known,
    /// Where the cells of a file stand that is (a part of) a workbook.
    pub(super) seats: HashMap<u32, Seats>,
    pub(super) table: Table,
    pub(super) counts: Counts,
    /// Columns that files do not have, told once for the file.
    pub(super) lacking: HashSet<(u32, usize)>,
    /// The fields of several choices that files head by questions of an XLSForm, of those that ODK or Kobo collected.
    pub(super) questions: HashSet<(u32, usize)>,
    /// What is told, once rows that are repeated are out.
    pub(super) found: Findings,
    pending: Pending,
    /// Where the keys stand of the rows from a certain one on.
    keys: Vec<(usize, KeyPlaces)>,
    other_periods: HashSet<Name>,
    /// The files that rows name, by row and field.
    named: Vec<NamedFiles>,
    /// The folder of each data file.
    folders: Vec<Option<PathBuf>>,
    /// The rows of tables that stand in records or on sheets, by table; none of a table that no file has.
    pub(super) nested: Vec<Option<Nested>>,
    used: Option<Vec<bool>>,
    /// The last header of fields only of which there was nothing to say: most files of a folder have the same.
    pub(super) fitting: Option<Fitting>,
    /// How many rows were handed on before those of the table.
    pub(super) handed_on: usize,
    /// Whether rows were taken in for good that turned out to be none, or to be repeated.
    pub(super) torn: bool,
}

/// What is done with the rows that were taken in so far before more of a file, or another file, is read; `None` where they all
/// stay together.
pub(super) type Meanwhile<'m> = Option<&'m mut dyn FnMut(&mut Intake<'_>)>;

/// A header of fields only, and the field of each column.
pub(super) struct Fitting {
    pub names: Vec<String>,
    pub columns: Vec<Option<usize>>,
}

/// The rows of a table that came with the submissions.
#[derive(Default)]
pub(super) struct Nested {
    pub rows: Vec<NestedRow>,
    pub sheets: Vec<NestedSheet>,
}

impl Nested {
    /// Whether there are any.
    pub(super) fn has_rows(&self) -> bool {
        !self.rows.is_empty() || self.sheets.iter().any(|sheet| !sheet.rows.is_empty())
    }
}

/// The rows of a table that stand on a sheet of a workbook.
pub(super) struct NestedSheet {
    /// The row of the one submission whose rows they are: its file and line; otherwise each row says whose it is.
    pub of: Option<(u32, u32)>,
    /// The name of each column, and where it stands.
    pub names: Vec<String>,
    pub spots: Vec<Spot>,
    /// Where the fields stand of the form of the rows.
    pub seats: Seats,
    /// The rows: line and cells by field.
    pub rows: Vec<(usize, Vec<Option<String>>)>,
}

/// A row of a table that stands in a record.
pub(super) struct NestedRow {
    pub file: u32,
    /// The record.
    pub number: usize,
    pub nth: usize,
    pub cells: Vec<(String, serde_json::Value)>,
}

/// The files that a cell names.
#[derive(Debug)]
pub(super) struct NamedFiles {
    pub row: usize,
    pub field: FieldIx,
    pub names: Vec<String>,
}

impl<'p> Intake<'p> {
    /// * `used`: the fields whose cells are kept; none stands for all.
    pub(super) fn new(plan: &'p Plan<'p>, used: Option<&[bool]>) -> Intake<'p> {
        let used: Option<Vec<bool>> = used.map(|used| {
            let mut kept = used.to_vec();
            kept.resize(plan.form.fields.len(), false);
            asked::reads(plan.form).into_iter().for_each(|field| kept.get_mut(field.0).into_iter().for_each(|kept| *kept = true));
            // What nobody fills in is made of what somebody did.
            for (at, field) in plan.form.fields.iter().enumerate() {
                if let (Some(true), Some(Lowered::Option(of, _))) = (kept.get(at), field.details.lowered) {
                    kept.get_mut(of.0).into_iter().for_each(|kept| *kept = true);
                }
            }
            kept
        });
        Intake {
            plan,
            known: Known::of(plan.form),
            seats: HashMap::new(),
            table: Table::new(plan.form, used.as_deref()),
            counts: Counts::default(),
            lacking: HashSet::new(),
            questions: HashSet::new(),
            found: Findings::default(),
            pending: Pending::default(),
            keys: Vec::new(),
            other_periods: HashSet::new(),
            named: Vec::new(),
            folders: Vec::new(),
            nested: plan.form.tables.iter().map(|_| None).collect(),
            used,
            fitting: None,
            handed_on: 0,
            torn: false,
        }
    }

    /// Opens a file; its number is what rows and findings are told with.
    pub(super) fn open(&mut self, file: Arc<str>) -> u32 {
        self.table.files.push(file);
        self.files() - 1
    }

    /// How many files are open; the number of the next one.
    pub(super) fn files(&self) -> u32 {
        u32::try_from(self.table.files.len()).unwrap_or(u32::MAX)
    }

    /// Opens a file and reads it; where that cannot be done, it is as if it had never been opened, but for rows that were
    /// taken in already: then all is torn.
    pub(super) fn attempt<E>(&mut self, path: &Path, read: impl FnOnce(&mut Self, u32) -> Result<(), E>) -> Result<(), E> {
        let (before, rows) = (self.pending.mark(), self.handed_on + self.table.len());
        let file = self.open(shown(path));
        self.place(file, path);
        let done = read(self, file);
        if done.is_err() {
            self.pending.back_to(before);
            self.table.files.truncate(file as usize);
            self.torn |= self.handed_on + self.table.len() > rows;
        }
        done
    }

    /// Says where an open file lies, so that what it names can be found.
    pub(super) fn place(&mut self, file: u32, path: &Path) {
        self.folders.resize(file as usize, None);
        self.folders.push(Some(path.parent().map(Path::to_owned).unwrap_or_default()));
    }

    /// The folder of a file; none of what came from a program.
    pub(super) fn folder(&self, file: u32) -> Option<&Path> {
        self.folders.get(file as usize)?.as_deref()
    }

    /// The files that rows name.
    pub(super) fn take_named(&mut self) -> Vec<NamedFiles> {
        std::mem::take(&mut self.named)
    }

    /// The place of something in an open file.
    pub(super) fn origin(&self, file: u32, line: usize, column: usize) -> Origin {
        if let Some(seats) = self.seats.get(&file) {
            return Origin { sheet: seats.sheets.first().cloned(), line, column, ..Origin::file(seats.path.clone()) };
        }
        let name = self.table.files.get(file as usize).cloned().unwrap_or_else(|| "".into());
        Origin { line, column, ..Origin::file(name) }
    }

    /// The place of a field of a row that begins in this line.
    pub(super) fn origin_of(&self, file: u32, line: usize, field: Option<FieldIx>) -> Origin {
        let place = self.seats.get(&file).zip(field).and_then(|(seats, field)| seats.place(line, field.0));
        let origin = self.origin(file, line, 0);
        match place {
            Some(Spot { line, column, sheet }) => Origin { line, column, sheet, ..origin },
            None => origin,
        }
    }

    pub(super) fn tell(&mut self, file: u32, line: usize, column: usize, what: What) {
        self.tell_at(file, Spot::from((line, column)), what);
    }

    /// Tells something of a place; without a sheet it is the first of a workbook.
    pub(super) fn tell_at(&mut self, file: u32, spot: Spot, what: What) {
        let mut at = self.origin(file, spot.line, spot.column);
        at.sheet = spot.sheet.or(at.sheet);
        self.pending.add(self.table.len(), false, file, what, |what| Finding { at, what });
    }

    /// Adds the rows of a file that were read.
    pub(super) fn take(&mut self, gathered: Gathered<'_>) {
        self.pending.append(gathered.found, self.table.len());
        gathered.batches.into_iter().for_each(|batch| self.append(batch));
    }

    /// Adds some rows of a file.
    pub(super) fn append(&mut self, batch: Batch<'_>) {
        let before = self.table.len();
        self.pending.append(batch.found, before);
        self.counts.read += batch.counts.read;
        self.counts.refused += batch.counts.refused;
        self.counts.other_period += batch.counts.other_period;
        self.counts.cells_refused += batch.counts.cells_refused;
        self.other_periods.extend(batch.other_periods);
        self.keys.push((before, batch.keys));
        self.named.extend(batch.named.into_iter().map(|named| NamedFiles { row: named.row + before, ..named }));
        self.table.append(batch.rows);
    }

    /// Leaves out rows of subjects, and periods, that were read before, and finds out what is told.
    pub(super) fn settle(&mut self) {
        if let Some(what) = self.no_such_period() {
            self.tell(0, 0, 0, what);
        }
        let repeated = self.table.repeated();
        let findings = repeated.iter().filter_map(|(row, first)| self.repeated(*row, *first)).collect();
        let (found, refused) = std::mem::take(&mut self.pending).settle(findings);
        self.found = found;
        self.keys.clear();
        if !repeated.is_empty() {
            self.counts.refused += repeated.len();
            self.counts.cells_refused -= refused;
            let mut keep = vec![true; self.table.len()];
            repeated.iter().for_each(|(row, _)| keep.get_mut(*row).into_iter().for_each(|keep| *keep = false));
            let kept = |before: &mut usize, kept: &bool| Some(std::mem::replace(before, *before + usize::from(*kept)));
            let rows_before: Vec<usize> = keep.iter().scan(0, kept).collect();
            self.named.retain(|named| keep.get(named.row) == Some(&true));
            self.named.iter_mut().for_each(|named| named.row = rows_before.get(named.row).copied().unwrap_or(named.row));
            self.table.retain(&keep);
        }
    }

    /// Gives away the rows so far, which are settled, and what was found in them. Those that come next are of the same files, or of more.
    pub(super) fn hand_on(&mut self) -> (Table, Findings) {
        self.handed_on += self.table.len();
        let mut fresh = Table::new(self.plan.form, self.used.as_deref());
        fresh.files.clone_from(&self.table.files);
        (std::mem::replace(&mut self.table, fresh), std::mem::take(&mut self.found))
    }

    fn repeated(&self, row: usize, first: usize) -> Option<(usize, u32, Finding)> {
        let form = self.plan.form;
        let (here, first) = (self.table.origin(row)?, self.table.origin(first)?);
        let (start, places) = self.keys.get(self.keys.partition_point(|(start, _)| *start <= row).checked_sub(1)?)?;
        let key = self.table.key(row);
        let (line, column, text) = places.get(row - start, here.line as usize, key);
        let field = form.fields.get(form.key.0).map(|field| field.name.it.as_str().into());
        let mut at = Origin { field, text, ..self.origin(here.file, line, column) };
        if self.seats.contains_key(&here.file) {
            let place = self.origin_of(here.file, here.line as usize, Some(form.key));
            (at.sheet, at.line, at.column) = (place.sheet, place.line, place.column);
        }
        let period = form.period.as_ref().and_then(|period| self.table.cell(period.key?, row)?.ok()).map(|period| period.word());
        let first = Box::new(self.origin(first.file, first.line as usize, 0));
        let what = What::Duplicate { subject: form.subject.clone(), key: key.into(), period, first };
        Some((row, here.file, Finding { at, what }))
    }

    /// The periods of the rows, sorted.
    pub(super) fn periods(&self) -> Vec<Name> {
        let Some(field) = self.plan.form.period.as_ref().and_then(|period| period.key) else { return Vec::new() };
        let mut periods: Vec<Name> = self.table.different(field).iter().map(Value::word).collect();
        periods.sort();
        periods.dedup();
        periods
    }

    /// The field of each column; nothing where the file cannot be used.
    ///
    /// * `names`: the header, or the names that a JSON file uses.
    /// * `place`: line and column of each; none in JSON, where names stand in every record.
    pub(super) fn header(&mut self, file: u32, names: &[String], place: &dyn Fn(usize) -> Spot) -> Option<Vec<Option<usize>>> {
        if let Some(fitting) = self.fitting.as_ref().filter(|fitting| fitting.names == names) {
            return Some(fitting.columns.clone());
        }
        let before = (self.pending.mark(), self.lacking.len(), self.questions.len());
        let mut matched = vec![false; self.plan.form.fields.len()];
        let mut columns = Vec::with_capacity(names.len());
        // Only several choices are read otherwise there.
        let several = |at: &usize| self.plan.form.fields.get(*at).is_some_and(|field| field.details.several.is_some());
        let collected = (0..matched.len()).any(|at| several(&at)) && names.iter().any(|name| self.known.shows_xlsform(name));
        for (at, name) in names.iter().enumerate() {
            let field = self.known.find(name);
            let twice = field.and_then(|field| matched.get_mut(field)).is_some_and(|seen| std::mem::replace(seen, true));
            if let Some(field) = field.filter(|_| twice).and_then(|field| self.plan.form.fields.get(field)) {
                self.tell_named(file, place(at), name, What::Twice { field: field.name.it.clone() });
            }
            let column = field.filter(|at| !twice && *at < matched.len());
            let question = column.filter(|at| collected && several(at) && self.known.is_question(name));
            self.questions.extend(question.map(|field| (file, field)));
            columns.push(column);
        }
        let form = self.plan.form;
        if !matched.contains(&true) {
            let fields = form.fields.iter().filter(|field| field.is_asked()).map(|field| field.name.it.clone()).collect();
            self.tell_at(file, place(0), What::NoHeader { form: form.name.it.clone(), fields });
            return None;
        }
        let unmatched =
            || form.fields.iter().zip(&matched).filter(|(field, matched)| field.is_asked() && !**matched).map(|(field, _)| field);
        for (at, name) in names.iter().enumerate() {
            // In a record rows stand as a list, and records have no places of names.
            let table = self.known.find(name).is_some_and(|field| field >= form.fields.len()) && place(at).line > 0;
            if let Some(table) = form.tables.iter().find(|of| table && loose(&of.name.it) == loose(name)) {
                self.tell_named(file, place(at), name, What::TableColumn { table: table.name.it.clone() });
            }
            if self.known.find(name).is_none() {
                let near = nearest(clean(name), unmatched().map(|field| field.name.it.as_str())).map(Name::from);
                let what = What::UnknownColumn { name: short(clean(name)).to_string(), number: at + 1, near };
                self.tell_named(file, place(at), name, what);
            }
        }
        let spot = if names.is_empty() { Spot::default() } else { Spot { column: 0, ..place(0) } };
        let period = form.period.as_ref().and_then(|period| period.key);
        let mut usable = true;
        let lacking = form.fields.iter().enumerate().filter(|(at, field)| field.is_asked() && matched.get(*at) == Some(&false));
        for (at, field) in lacking {
            let is_period = period == Some(FieldIx(at));
            // With `--period` the user has said what the column would have.
            let needed = FieldIx(at) == form.key || is_period && self.plan.wanted.is_none();
            usable &= !needed;
            self.lacking.insert((file, at));
            // A remark that nobody needs, or a field that only some are asked for, may well be left out.
            let asked_of_all = field.when.is_none() && field.kind != FieldType::Text && field.details.attach.is_none() && !is_period;
            if !needed && !field.required && asked_of_all {
                self.tell_at(file, spot.clone(), What::OptionalColumn { field: field.name.it.clone() });
            }
            if needed || field.required && !is_period {
                self.tell_at(file, spot.clone(), What::MissingColumn { field: field.name.it.clone(), form: form.name.it.clone() });
            }
        }
        let silent = before == (self.pending.mark(), self.lacking.len(), self.questions.len());
        if usable && silent && self.known.are_all(names) {
            self.fitting = Some(Fitting { names: names.to_vec(), columns: columns.clone() });
        }
        usable.then_some(columns)
    }

    /// Tells something of a place that is known whole.
    pub(super) fn tell_origin(&mut self, file: u32, at: Origin, what: What) {
        self.pending.add(self.table.len(), false, file, what, |what| Finding { at, what });
    }

    fn tell_named(&mut self, file: u32, spot: Spot, name: &str, what: What) {
        let mut at = self.origin(file, spot.line, spot.column);
        at.sheet = spot.sheet.or(at.sheet);
        at.field = Some(short(clean(name)));
        at.text = short(clean(name));
        self.pending.add(self.table.len(), false, file, what, |what| Finding { at, what });
    }

    /// Whether rows were there, but none of the period that was asked for.
    fn no_such_period(&self) -> Option<What> {
        let (wanted, _) =
            self.plan.wanted.as_ref().filter(|_| self.table.is_empty() && self.handed_on == 0 && self.counts.other_period > 0)?;
        let mut others: Vec<_> = self.other_periods.iter().cloned().collect();
        others.sort();
        Some(What::NoSuchPeriod { period: wanted.clone(), others })
    }
}

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub line: usize,
    pub column: usize,
    /// Of a workbook.
    pub sheet: Option<Arc<str>>,
}

impl From<(usize, usize)> for Spot {
    fn from((line, column): (usize, usize)) -> Spot {
        Spot { line, column, sheet: None }
    }
}

/// Where a field stands: the sheet, the row where it is always the same, and the column from 1.
pub(super) type Seat = (usize, Option<usize>, usize);

/// Where the fields of rows stand that came out of a workbook, perhaps on several sheets.
#[derive(Debug)]
pub(super) struct Seats {
    /// The workbook.
    pub path: Arc<str>,
    /// Its sheets that were read, the one first by which rows are known.
    pub sheets: Vec<Arc<str>>,
    pub fields: Vec<Option<Seat>>,
    /// Where a row of the first sheet stands on the others; nothing where there is one sheet only.
    pub rows: HashMap<usize, Vec<Option<usize>>>,
}

impl Seats {
    /// The cell of a field in a row that is known by this line.
    pub(super) fn place(&self, line: usize, field: usize) -> Option<Spot> {
        let (sheet, row, column) = self.fields.get(field).copied().flatten()?;
        let on_sheet = || if sheet == 0 { Some(line) } else { self.rows.get(&line)?.get(sheet).copied().flatten() };
        Some(Spot { line: row.or_else(on_sheet)?, column, sheet: self.sheets.get(sheet).cloned() })
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
    /// Rows left out: no key, a key that was there before, another number of cells, a check that refuses, or no part to judge.
    pub refused: usize,
    /// Rows of another period than was asked for.
    pub other_period: usize,
    /// Cells that are wrong; their rows are kept without them.
    pub cells_refused: usize,
    /// Findings beyond [`super::MOST_FINDINGS`], not in the list.
    pub untold: usize,
    /// The periods of the rows kept, sorted.
    pub periods: Vec<Name>,
    /// The files attached to rows that were kept, in the order of rows and fields.
    pub attached: Vec<Attached>,
}

/// Forms made by hand, for tests.
#[cfg(test)]
pub(super) mod sample {
    use super::*;
    use crate::model::{Field, Form};
    use crate::text::{At, Span};

    pub(crate) fn field(name: &str, kind: FieldType) -> Field {
        let name = At::new(Name::from(name), Span::default());
        Field::new(name, kind)
    }

    pub(crate) fn form(fields: Vec<Field>) -> Form {
        Form::new(At::new(Name::from("学校基础数据"), Span::default()), "学校".into(), FieldIx(0), fields)
    }
}
