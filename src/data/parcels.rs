//! Submissions handed on in parcels (分批): some thousand rows at a time, each with everything found that is to be found in it, so that no
//! more of them than a parcel is in memory, however many there are.
//!
//! Of rows that were handed on only a fingerprint of their key is kept. Where that shows that one may be repeated, or where a file turns
//! out not to be what it began as, all of it must be read once more, as a whole.
//! Not here: what is found in rows (`intake`, `asked`), what becomes of them.

use super::around::{before_of, read_around};
use super::attached::Attached;
use super::batch::Plan;
use super::intake::{Counts, Intake};
use super::pending::Findings;
use super::settings::DataFile;
use super::submissions::{Options, complete, read, read_files};
use crate::diag::Diagnostics;
use crate::eval::{Table, Value};
use crate::model::{FieldIx, Form};
use crate::text::Name;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

/// Files that come to fewer rows wait for the next ones.
const FEW_ROWS: usize = 4_096;

/// Some submissions of which none is wrong.
#[derive(Debug)]
pub struct Parcel {
    /// All of them so far have the same files, to which those of later parcels are added.
    pub table: Table,
    /// The files attached to them.
    pub attached: Vec<Attached>,
}

/// Submissions that were handed on must be taken back, and all be read as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInParcels;

/// Reads submissions like [`read_around`], and hands them on in parcels until something is found to be wrong; from then on they
/// are only read. There is at least one parcel if nothing is wrong, and the last may be empty.
///
/// Submissions to a form with tables come in one parcel.
///
/// # Errors
/// What was handed on must be taken back, and [`read_as_one_parcel`] be called instead.
pub fn read_in_parcels(
    form: &Form,
    files: &[DataFile],
    options: &Options<'_>,
    take: &mut dyn FnMut(Parcel),
) -> Result<(Diagnostics, Counts), NotInParcels> {
    if !form.tables.is_empty() {
        return Ok(read_as_one_parcel(form, files, options, take));
    }
    let files: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let before = before_of(form, options, &mut |options| Some(read(form, &files, options)));
    let options = Options { earlier: options.earlier.or(before.as_ref()), ..*options };
    let plan = Plan::new(form, options.period);
    let mut intake = Intake::new(&plan, options.used);
    let mut parcels = Parcels::new(&options, take);
    let mut troubles = Diagnostics::new();
    read_files(
        &mut intake,
        &files,
        &options,
        &mut troubles,
        &mut Some(&mut |intake: &mut Intake<'_>| {
            if intake.table.len() >= FEW_ROWS {
                parcels.hand_on(intake);
            }
        }),
    );
    parcels.hand_on(&mut intake);
    let (found, mut counts) = parcels.finish(intake)?;
    counts.untold = found.untold;
    troubles.append(found.sorted());
    Ok((troubles, counts))
}

/// Reads submissions like [`read_around`], and hands them on together if nothing is wrong.
pub fn read_as_one_parcel(form: &Form, files: &[DataFile], options: &Options<'_>, take: &mut dyn FnMut(Parcel)) -> (Diagnostics, Counts) {
    let (table, found, mut counts) = read_around(form, files, options);
    if found.errors() == 0 {
        take(Parcel { table, attached: std::mem::take(&mut counts.attached) });
    }
    (found, counts)
}

/// What is kept of the rows that were handed on.
pub(super) struct Parcels<'t> {
    take: &'t mut dyn FnMut(Parcel),
    options: &'t Options<'t>,
    found: Findings,
    seen: Seen,
    periods: BTreeSet<Name>,
}

impl<'t> Parcels<'t> {
    pub(super) fn new(options: &'t Options<'t>, take: &'t mut dyn FnMut(Parcel)) -> Parcels<'t> {
        Parcels { take, options, found: Findings::default(), seen: Seen::default(), periods: BTreeSet::new() }
    }

    /// Hands on the rows that are there, if neither they nor those before them are wrong.
    pub(super) fn hand_on(&mut self, intake: &mut Intake<'_>) {
        intake.settle();
        // What a check refuses may be repeated all the same, so it counts.
        self.seen.add(intake);
        let attached = complete(intake, self.options);
        self.periods.extend(intake.periods());
        let (table, found) = intake.hand_on();
        self.found.append(found);
        if !intake.torn && self.found.errors() == 0 {
            (self.take)(Parcel { table, attached });
        }
    }

    /// What was found, when all was handed on.
    pub(super) fn finish(self, intake: Intake<'_>) -> Result<(Findings, Counts), NotInParcels> {
        if intake.torn || self.seen.has_same() {
            return Err(NotInParcels);
        }
        let Intake { mut counts, handed_on, .. } = intake;
        (counts.kept, counts.periods) = (handed_on, self.periods.into_iter().collect());
        Ok((self.found, counts))
    }
}

/// Fingerprints of the keys, and periods, of rows: those of the same are the same.
#[derive(Default)]
struct Seen {
    keys: Vec<u64>,
    hasher: RandomState,
}

impl Seen {
    /// Adds those of some rows.
    fn add(&mut self, intake: &Intake<'_>) {
        let (form, table) = (intake.plan.form, &intake.table);
        let period = form.period.as_ref().and_then(|period| period.key);
        let of = |field: Option<FieldIx>, row| Some(table.cell(field?, row)?.ok()?).map(|value: Value| value.word());
        self.keys.extend((0..table.len()).map(|row| self.hasher.hash_one((table.key(row), of(period, row)))));
    }

    /// Whether some may be of the same key and period.
    fn has_same(mut self) -> bool {
        self.keys.sort_unstable();
        self.keys.windows(2).any(|two| matches!(two, [a, b] if a == b))
    }
}
