//! Results of a batch (批量结果): columns of stored numbers, and the exact cell of any of them when it is asked for.

use super::batch::Batch;
use super::compile::Output;
use super::members::Groups;
use super::over::Judge;
use super::settle::Settler;
use crate::eval::column::{Cell, Value};
use crate::eval::table::Table;
use crate::number::{Exact, Real};
use crate::text::Name;
use std::sync::Arc;

/// What a sheet came of.
pub(super) struct Of {
    pub batch: Arc<()>,
    /// What the batch was compiled to.
    pub program: Arc<()>,
    pub table: Arc<()>,
}

/// The results of a batch.
pub struct Sheet {
    pub(super) of: Of,
    /// Of submissions, by their rows in the table.
    pub(super) subjects: Layer,
    /// The rows of those whom the rubric is for, in the order of their keys.
    pub(super) order: Vec<u32>,
    /// Of groups.
    pub(super) groups: Option<OfGroups>,
    pub(super) tally: Tally,
}

/// How much of a batch had to be computed exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Submissions.
    pub rows: u64,
    /// Cells that their bounds did not decide.
    pub settled: u64,
    /// Submissions with a cell that no column holds.
    pub exact_rows: u64,
    /// Statistics of groups that were computed exactly, and results of groups that were settled.
    pub statistics: u64,
}

/// Columns of stored numbers.
#[derive(Default)]
pub(super) struct Layer {
    pub columns: Vec<Vec<f64>>,
    /// Rows of which only exact cells are right, in their order.
    pub odd: Vec<u32>,
    /// What the columns stand for, whatever the batch is compiled for later.
    pub outputs: Vec<Option<Output>>,
}

impl Layer {
    /// Notes whether only exact cells of a row are right.
    pub fn mark(&mut self, row: usize, odd: bool) {
        let Ok(row) = u32::try_from(row) else { return };
        match (self.odd.binary_search(&row), odd) {
            (Ok(at), false) => _ = self.odd.remove(at),
            (Err(at), true) => self.odd.insert(at, row),
            _ => {}
        }
    }
}

/// Groups, their results, and how these came about.
pub(super) struct OfGroups {
    pub groups: Groups,
    pub layer: Layer,
    pub judge: Arc<Judge>,
}

impl Sheet {
    /// How many submissions are judged.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many groups.
    pub fn groups(&self) -> usize {
        self.group_list().map_or(0, Groups::len)
    }

    /// Kind and name of a group.
    pub fn group(&self, at: usize) -> Option<(&Name, &Name)> {
        self.group_list()?.name(at)
    }

    /// The row of a submission in the table, in the order of keys.
    pub fn row(&self, at: usize) -> Option<usize> {
        self.order.get(at).map(|row| *row as usize)
    }

    /// How much was computed exactly.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn group_list(&self) -> Option<&Groups> {
        self.groups.as_ref().map(|of| &of.groups)
    }
}

/// Reads a sheet: digits where they are certain (`printing`), exact cells where not.
pub struct Reader<'s> {
    pub(super) batch: &'s Batch<'s>,
    pub(super) sheet: &'s Sheet,
    pub(super) settler: &'s Settler<'s>,
}

impl<'r> Batch<'r> {
    /// Reads the results of a run of this batch over a table, also after runs over others; `None` where the sheet came of another
    /// batch or of another table.
    pub fn read<T>(&self, table: &Table, sheet: &Sheet, something: impl FnOnce(&Reader<'_>) -> T) -> Option<T> {
        if !Arc::ptr_eq(&sheet.of.batch, &self.id) || !Arc::ptr_eq(&sheet.of.table, table.id()) {
            return None;
        }
        let mut subjects = self.everybody(table);
        subjects.only(Some(&sheet.order), table.len());
        let nobody = Groups::default();
        let groups = sheet.group_list().unwrap_or(&nobody).later();
        Some(self.with_tiers(table, &subjects, &groups, |settler| something(&Reader { batch: self, sheet, settler })))
    }
}

impl Reader<'_> {
    /// The cell of an output of a submission, by its row in the table; the outputs as they were wanted.
    pub fn cell(&self, output: usize, row: usize) -> Cell<Value> {
        self.exact(0, output, row)
    }

    /// The cell of an output of a group.
    pub fn group_cell(&self, output: usize, group: usize) -> Cell<Value> {
        self.exact(1, output, group)
    }

    pub(super) fn exact(&self, layer: usize, output: usize, row: usize) -> Cell<Value> {
        let (tier, node) = (self.settler.layers.get(layer), self.batch.wanted(layer, output));
        match (tier, node) {
            (Some(tier), Some(node)) => tier.cell(node, row),
            _ => Err(crate::eval::exact::wrong(crate::text::Span::default())),
        }
    }

    /// How the stored results differ from the exact ones by more than their bounds, in words, and how many were compared: for
    /// tests of the evaluator itself.
    pub fn disagreements(&self) -> (usize, Vec<String>) {
        let (mut compared, mut found) = (0, Vec::new());
        let known_below: Vec<Option<&Output>> = self.sheet.subjects.outputs.iter().map(Option::as_ref).collect();
        let known_above: Vec<Option<&Output>> = self.sheet.groups.iter().flat_map(|of| &of.layer.outputs).map(Option::as_ref).collect();
        for (which, layer, known) in
            [(0, Some(&self.sheet.subjects), known_below), (1, self.sheet.groups.as_ref().map(|of| &of.layer), known_above)]
        {
            let Some(layer) = layer else { continue };
            for (at, (column, known)) in layer.columns.iter().zip(known).enumerate() {
                let (Some(known), Some(_)) = (known, self.batch.wanted(which, at)) else { continue };
                for (row, stored) in
                    column.iter().enumerate().filter(|(row, _)| u32::try_from(*row).is_ok_and(|row| layer.odd.binary_search(&row).is_err()))
                {
                    compared += 1;
                    let exact = self.exact(which, at, row);
                    if !agrees(*stored, known, &exact) {
                        found.push(format!("layer {which} output {at} row {row}: {stored} of {known:?} is not {exact:?}"));
                    }
                }
            }
        }
        (compared, found)
    }
}

/// Whether a stored number is what it stands for, within its bounds.
fn agrees(stored: f64, known: &Output, exact: &Cell<Value>) -> bool {
    match (known, exact) {
        (_, Err(_)) => stored.is_nan(),
        (Output::Flag, Ok(Value::Flag(flag))) => stored == f64::from(u8::from(*flag)),
        (Output::Words(words), Ok(Value::Word(word))) => {
            words.iter().position(|name| name == word).and_then(|code| u32::try_from(code).ok()).map(f64::from) == Some(stored)
        }
        (Output::Number(_), Ok(Value::Date(_))) => stored.is_finite(),
        (Output::Number(bounds), Ok(Value::Number(number))) => {
            let known_to =
                |end: &Option<Exact>, above: bool| end.as_ref().is_none_or(|end| if above { *number <= *end } else { *number >= *end });
            if !stored.is_finite() || !known_to(&bounds.low, false) || !known_to(&bounds.high, true) || stored.abs() > bounds.most {
                return false;
            }
            // The difference, exactly, against the bound, exactly.
            let Some(here) = of_double(stored) else { return false };
            let Some(value) = number.checked_div(&Real::from(&bounds.scale)).ok() else { return false };
            let off = (&value - &Real::from(&here)).abs();
            let allowed =
                of_double(bounds.relative).zip(of_double(bounds.absolute)).map(|(relative, absolute)| relative * here.abs() + absolute);
            allowed.is_some_and(|allowed| off <= allowed)
        }
        _ => false,
    }
}

/// A double as the fraction that it is.
fn of_double(number: f64) -> Option<Exact> {
    if !number.is_finite() {
        return None;
    }
    let (mut number, mut power) = (number, 0_u32);
    while number.fract() != 0.0 {
        number *= 2.0;
        power += 1;
    }
    let two = Exact::from(2);
    let mut over = Exact::ONE;
    (0..power).for_each(|_| over = &over * &two);
    // A whole double may be longer than a machine word.
    let mut times = Exact::ONE;
    while number.abs() >= 9_007_199_254_740_992.0 {
        number /= 2.0;
        times = &times * &two;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 2^53")]
    let whole = Exact::from(number as i64);
    (&whole * &times).checked_div(&over)
}
