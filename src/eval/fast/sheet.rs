//! Results of a batch (批量结果): columns of stored numbers, and the exact cell of any of them when it is asked for.

use super::batch::Batch;
use super::bound::{Bounded, CONSTANT, to_double};
use super::compile::Output;
use super::over::Judge;
use super::settle::{Settler, is_whole};
use crate::eval::column::{Cell, Value};
use crate::eval::results::Subject;
use crate::eval::table::Table;
use crate::number::{Exact, Real};
use crate::text::Name;
use std::collections::BTreeMap;

/// The results of a batch.
pub struct Sheet {
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
    /// What the columns stand for, of groups.
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
    pub judge: Judge,
}

/// Groups with their rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    kinds: Vec<Name>,
    names: Vec<Name>,
    rows: Vec<u32>,
    ends: Vec<usize>,
}

impl Groups {
    pub fn push(&mut self, kind: Name, name: Name, rows: &[u32]) {
        self.kinds.push(kind);
        self.names.push(name);
        self.rows.extend(rows);
        self.ends.push(self.rows.len());
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn rows(&self, group: usize) -> &[u32] {
        let start = group.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(group).and_then(|end| self.rows.get(start..*end)).unwrap_or_default()
    }

    /// The groups that a row is in.
    pub fn of_row(&self, row: usize) -> Vec<usize> {
        let places = self.rows.iter().enumerate().filter(|(_, other)| usize::try_from(**other) == Ok(row)).map(|(at, _)| at);
        places.map(|at| self.ends.partition_point(|end| *end <= at)).collect()
    }

    /// Some of the groups.
    pub fn only(&self, which: &[usize]) -> Groups {
        let mut only = Groups::default();
        for at in which {
            if let (Some(kind), Some(name)) = (self.kinds.get(*at), self.names.get(*at)) {
                only.push(kind.clone(), name.clone(), self.rows(*at));
            }
        }
        only
    }

    /// As the exact evaluator has them.
    pub fn subjects(&self) -> Vec<Subject> {
        let subject = |(group, (kind, name)): (usize, (&Name, &Name))| Subject {
            kind: kind.clone(),
            key: name.clone(),
            group: None,
            members: self.rows(group).iter().map(|row| *row as usize).collect(),
        };
        self.kinds.iter().zip(&self.names).enumerate().map(subject).collect()
    }
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
        let groups = self.group_list()?;
        Some((groups.kinds.get(at)?, groups.names.get(at)?))
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

/// Reads a sheet: digits where they are certain, exact cells where not.
pub struct Reader<'s> {
    pub(super) batch: &'s Batch<'s>,
    pub(super) sheet: &'s Sheet,
    pub(super) settler: &'s Settler<'s>,
    /// What a stored 1 of each output stands for, of submissions and of groups.
    scales: [Vec<f64>; 2],
}

impl<'r> Batch<'r> {
    /// Reads the results of a run over a table.
    pub fn read<T>(&self, table: &Table, sheet: &Sheet, something: impl FnOnce(&Reader<'_>) -> T) -> T {
        let mut subjects = self.everybody(table);
        subjects.only(Some(&sheet.order), table.len());
        let list = sheet.group_list().map(Groups::subjects).unwrap_or_default();
        let groups = crate::eval::exact::Subjects::new(list, false);
        self.with_tiers(table, &subjects, &groups, |settler| something(&Reader::new(self, sheet, settler)))
    }
}

impl<'s> Reader<'s> {
    fn new(batch: &'s Batch<'s>, sheet: &'s Sheet, settler: &'s Settler<'s>) -> Reader<'s> {
        let scale = |output: &Option<Output>| match output {
            Some(Output::Number(bounds)) => to_double(&bounds.scale),
            _ => 1.0,
        };
        let of_groups = sheet.groups.iter().flat_map(|of| &of.layer.outputs).map(scale).collect();
        Reader { batch, sheet, settler, scales: [batch.outputs.iter().map(scale).collect(), of_groups] }
    }

    /// The cell of an output of a submission, by its row in the table; the outputs as they were wanted.
    pub fn cell(&self, output: usize, row: usize) -> Cell<Value> {
        self.exact(0, output, row)
    }

    /// The cell of an output of a group.
    pub fn group_cell(&self, output: usize, group: usize) -> Cell<Value> {
        self.exact(1, output, group)
    }

    /// How many have each verdict of an output, of submissions or of groups, in the order in which the rubric names them; and
    /// how many have none.
    pub fn count_words(&self, output: usize, of_groups: bool) -> (Vec<(Name, usize)>, usize) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut open = 0;
        let layer = usize::from(of_groups);
        let known = if of_groups {
            self.sheet.groups.as_ref().and_then(|of| of.layer.outputs.get(output)?.as_ref())
        } else {
            self.batch.output(output)
        };
        let rows: Vec<usize> = if of_groups {
            (0..self.sheet.groups()).collect()
        } else {
            (0..self.sheet.len()).filter_map(|at| self.sheet.row(at)).collect()
        };
        let mut text = String::new();
        for row in rows {
            text.clear();
            match self.shown(layer, output, row, None, known, &mut text) {
                Ok(()) => match counts.get_mut(text.as_str()) {
                    Some(count) => *count += 1,
                    None => _ = counts.insert(text.clone(), 1),
                },
                Err(_) => open += 1,
            }
        }
        let named: Vec<Name> = match known {
            Some(Output::Words(words)) => words.to_vec(),
            _ => counts.keys().map(|name| Name::from(name.as_str())).collect(),
        };
        let count = |name: Name| counts.get(name.as_str()).map(|count| (name, *count));
        (named.into_iter().filter_map(count).collect(), open)
    }

    fn exact(&self, layer: usize, output: usize, row: usize) -> Cell<Value> {
        let (tier, node) = (self.settler.layers.get(layer), self.batch.wanted(layer, output));
        match (tier, node) {
            (Some(tier), Some(node)) => tier.cell(node, row),
            _ => Err(crate::eval::exact::wrong(crate::text::Span::default())),
        }
    }

    /// An output of a submission as it is shown, to so many decimals, else to six without closing zeros; `Err` where there
    /// is no value, and why.
    pub fn show(&self, output: usize, row: usize, places: Option<u32>, to: &mut String) -> Result<(), crate::eval::gap::Gap> {
        self.shown(0, output, row, places, self.batch.output(output), to)
    }

    /// As [`Reader::show`], of a group.
    pub fn show_group(&self, output: usize, group: usize, places: Option<u32>, to: &mut String) -> Result<(), crate::eval::gap::Gap> {
        let known = self.sheet.groups.as_ref().and_then(|of| of.layer.outputs.get(output)).and_then(Option::as_ref);
        self.shown(1, output, group, places, known, to)
    }

    /// How the stored results differ from the exact ones by more than their bounds, in words, and how many were compared: for
    /// tests of the evaluator itself.
    pub fn disagreements(&self) -> (usize, Vec<String>) {
        let (mut compared, mut found) = (0, Vec::new());
        let known_below: Vec<Option<&Output>> = (0..self.sheet.subjects.columns.len()).map(|at| self.batch.output(at)).collect();
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

    fn shown(
        &self,
        layer: usize,
        output: usize,
        row: usize,
        places: Option<u32>,
        known: Option<&Output>,
        to: &mut String,
    ) -> Result<(), crate::eval::gap::Gap> {
        let columns = if layer == 0 { Some(&self.sheet.subjects) } else { self.sheet.groups.as_ref().map(|of| &of.layer) };
        let odd = |layer: &Layer| u32::try_from(row).is_ok_and(|row| layer.odd.binary_search(&row).is_ok());
        let stored =
            columns.filter(|layer| layer.odd.is_empty() || !odd(layer)).and_then(|layer| layer.columns.get(output)?.get(row)).copied();
        let scale = self.scales.get(layer).and_then(|scales| scales.get(output)).copied().unwrap_or(f64::NAN);
        match (known, stored) {
            (Some(Output::Number(bounds)), Some(stored)) if !stored.is_nan() && write_digits(stored, bounds, scale, places, to) => {
                return Ok(());
            }
            (Some(Output::Words(words)), Some(code)) if !code.is_nan() && is_whole(code) =>
            {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a code")]
                if let Some(word) = words.get(code as usize) {
                    to.push_str(word.as_str());
                    return Ok(());
                }
            }
            _ => {}
        }
        let value = self.exact(layer, output, row)?;
        to.push_str(&crate::eval::show(&value, places, crate::diag::Lang::Zh));
        Ok(())
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

/// Writes a stored number, rounded half away from zero, if its bounds decide every digit.
fn write_digits(stored: f64, bounds: &Bounded, scale: f64, places: Option<u32>, to: &mut String) -> bool {
    let decimals = places.unwrap_or(6);
    let Some(power) = 10_i64.checked_pow(decimals).filter(|_| decimals <= 15) else { return false };
    #[expect(clippy::cast_precision_loss, reason = "a power of ten below 2^53")]
    let factor = scale * power as f64;
    let scaled = stored * factor;
    let magnitude = scaled.abs();
    if magnitude.is_nan() || magnitude >= 4_503_599_627_370_496.0 {
        return false;
    }
    let below = magnitude.floor();
    let part = magnitude - below;
    // The scale is off by a unit of its last place, and two products are rounded.
    let error = (bounds.relative + 2.0 * CONSTANT) * magnitude + bounds.absolute * factor.abs() * (1.0 + CONSTANT);
    let error = error * (1.0 + 1e-9);
    if (part - 0.5).abs() <= error {
        return false;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 2^53")]
    let digits = if part >= 0.5 { below as u64 + 1 } else { below as u64 };
    if scaled < 0.0 && digits != 0 {
        to.push('-');
    }
    let power = power.unsigned_abs();
    let mut buffer = itoa::Buffer::new();
    to.push_str(buffer.format(digits / power));
    if decimals > 0 {
        let rest = digits % power;
        if places.is_none() && rest == 0 {
            return true;
        }
        to.push('.');
        let mut buffer = itoa::Buffer::new();
        let written = buffer.format(rest);
        let start = to.len();
        (written.len()..decimals as usize).for_each(|_| to.push('0'));
        to.push_str(written);
        if places.is_none() {
            let kept = to.get(start..).map_or(0, |fraction| fraction.trim_end_matches('0').len());
            to.truncate(start + kept);
        }
    }
    true
}
