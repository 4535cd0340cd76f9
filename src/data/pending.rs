//! What is found while rows are read (待定的诊断): kept until it is known which rows are only repeated, for what is wrong with
//! the cells of those is not told.
//!
//! Not here: what can be found (`findings`), which rows are repeated (`intake`).

use super::findings::{Finding, MOST_FINDINGS, What};
use crate::diag::{Diagnostics, Severity};

/// Findings beyond this are only counted. Twice what is told, since some are taken back.
const MOST_PENDING: usize = 2 * MOST_FINDINGS;

/// Something found, and where among the rows.
#[derive(Debug)]
struct Entry {
    /// The row whose cell it is about, else the row that came next.
    row: usize,
    own: bool,
    file: u32,
    finding: Finding,
}

/// How much was found in the cells of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    row: usize,
    found: Count,
    /// Cells that were refused.
    pub refused: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    errors: usize,
    warnings: usize,
}

impl Count {
    fn of(&mut self, severity: Severity) -> &mut usize {
        if severity == Severity::Error { &mut self.errors } else { &mut self.warnings }
    }
}

/// What was found so far, in the order in which it was read.
#[derive(Debug, Default)]
pub(super) struct Pending {
    entries: Vec<Entry>,
    kept: Count,
    all: Count,
    tallies: Vec<Tally>,
}

/// How much was found up to some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    entries: usize,
    kept: Count,
    all: Count,
    tallies: usize,
}

impl Pending {
    /// How much was found until now.
    pub(super) fn mark(&self) -> Mark {
        Mark { entries: self.entries.len(), kept: self.kept, all: self.all, tallies: self.tallies.len() }
    }

    /// Forgets what was found since then.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.entries.truncate(mark.entries);
        self.tallies.truncate(mark.tallies);
        (self.kept, self.all) = (mark.kept, mark.all);
    }

    /// Adds what was found before row `row`, or, if it is its `own`, in one of its cells. The rest of it is only asked for if it
    /// will be told.
    pub(super) fn add(&mut self, row: usize, own: bool, file: u32, what: What, finding: impl FnOnce(What) -> Finding) {
        let severity = what.code().severity();
        *self.all.of(severity) += 1;
        if own {
            self.tally(row, |tally| *tally.found.of(severity) += 1);
        }
        if *self.kept.of(severity) < MOST_PENDING {
            *self.kept.of(severity) += 1;
            self.entries.push(Entry { row, own, file, finding: finding(what) });
        }
    }

    /// Counts a cell of a row that was refused.
    pub(super) fn refuse(&mut self, row: usize) {
        self.tally(row, |tally| tally.refused += 1);
    }

    fn tally(&mut self, row: usize, add: impl FnOnce(&mut Tally)) {
        match self.tallies.last_mut().filter(|last| last.row == row) {
            Some(last) => add(last),
            None => {
                let mut tally = Tally { row, ..Tally::default() };
                add(&mut tally);
                self.tallies.push(tally);
            }
        }
    }

    /// Adds what was found in rows that come after `before` others.
    pub(super) fn append(&mut self, later: Pending, before: usize) {
        self.all.errors += later.all.errors;
        self.all.warnings += later.all.warnings;
        self.tallies.extend(later.tallies.into_iter().map(|tally| Tally { row: tally.row + before, ..tally }));
        for entry in later.entries {
            let kept = self.kept.of(entry.finding.what.code().severity());
            if *kept < MOST_PENDING {
                *kept += 1;
                self.entries.push(Entry { row: entry.row + before, ..entry });
            }
        }
    }

    /// What is told, where rows are repeated: that, and nothing of their cells; and how many of their cells were refused.
    pub(super) fn settle(self, repeated: Vec<(usize, u32, Finding)>) -> (Findings, usize) {
        let mut found = Findings::default();
        let mut all = self.all;
        let (mut refused, mut tallies) = (0, self.tallies.iter().peekable());
        for (row, _, finding) in &repeated {
            *all.of(finding.what.code().severity()) += 1;
            while let Some(tally) = tallies.next_if(|tally| tally.row <= *row) {
                if tally.row == *row {
                    all.errors -= tally.found.errors;
                    all.warnings -= tally.found.warnings;
                    refused += tally.refused;
                }
            }
        }
        let mut repeated = repeated.into_iter().peekable();
        for entry in self.entries {
            while let Some((_, file, finding)) = repeated.next_if(|(row, ..)| (*row, true) < (entry.row, entry.own)) {
                found.push(file, finding);
            }
            if !(entry.own && repeated.peek().is_some_and(|(row, ..)| *row == entry.row)) {
                found.push(entry.file, entry.finding);
            }
        }
        repeated.for_each(|(_, file, finding)| found.push(file, finding));
        found.count(all);
        (found, refused)
    }
}

/// What is told, with no more than [`MOST_FINDINGS`] errors and as many warnings.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    list: Vec<(u32, Finding)>,
    all: Count,
    pub(super) untold: usize,
}

impl Findings {
    pub(super) fn push(&mut self, file: u32, finding: Finding) {
        let count = self.all.of(finding.what.code().severity());
        *count += 1;
        if *count <= MOST_FINDINGS { self.list.push((file, finding)) } else { self.untold += 1 }
    }

    /// How many errors, told or not.
    pub(super) fn errors(&self) -> usize {
        self.all.errors
    }

    /// Adds what was found elsewhere in the same files.
    pub(super) fn append(&mut self, other: Findings) {
        self.untold += other.untold;
        other.list.into_iter().for_each(|(file, finding)| self.push(file, finding));
    }

    /// Takes into account what was found but not kept.
    fn count(&mut self, all: Count) {
        self.untold = (all.errors + all.warnings).saturating_sub(self.list.len());
        self.all = all;
    }

    /// In the order of files and lines.
    pub(super) fn sorted(mut self) -> Diagnostics {
        self.list.sort_by_key(|(file, finding)| (*file, finding.at.line, finding.at.column));
        let mut found = Diagnostics::new();
        self.list.into_iter().for_each(|(_, finding)| found.push(finding));
        found
    }
}
