//! Statistics of groups with bounds (带误差界的统计量).
//!
//! Each function computes in doubles and bounds how far that can be from the exact statistic of the exact values; the proofs
//! are in docs/numbers.md. `None`: not certain enough, not defined, or not among the ones done here; it is then computed exactly.

use super::bound::{Bounded, UNIT, WHOLE};
use crate::model::StatisticKind;

/// What counts of one group: stored values, and whole weights.
#[derive(Clone, Default)]
pub(super) struct Counted {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// What all statistics of the same values need, once it was asked for.
    totals: Option<Totals>,
    sorted: Vec<(f64, f64)>,
}

impl Counted {
    /// Takes the values of some rows, with their weights; a row without a value does not count.
    pub fn take(&mut self, column: &[f64], rows: &[u32], weights: &[f64]) {
        self.totals = None;
        self.values.resize(rows.len(), 0.0);
        self.weights.resize(rows.len(), 0.0);
        // Each is written, and kept or not: that needs no guess which.
        let mut kept = 0;
        for (row, weight) in rows.iter().zip(weights) {
            let value = column.get(*row as usize).copied().unwrap_or(f64::NAN);
            if let (Some(to), Some(to_weight)) = (self.values.get_mut(kept), self.weights.get_mut(kept)) {
                (*to, *to_weight) = (value, *weight);
            }
            kept += usize::from(!value.is_nan());
        }
        self.values.truncate(kept);
        self.weights.truncate(kept);
    }

    /// Counts all values alike.
    pub fn level(&mut self) {
        self.values.fill(1.0);
    }

    /// Values with their weights, in the order of values.
    fn sorted(&mut self) -> &[(f64, f64)] {
        self.sorted.clear();
        self.sorted.extend(self.values.iter().copied().zip(self.weights.iter().copied()));
        self.sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        &self.sorted
    }

    fn totals(&mut self) -> Totals {
        if let Some(known) = self.totals {
            return known;
        }
        let totals = Totals::of(self);
        self.totals = Some(totals);
        totals
    }
}

/// Sums over a group, as they were computed.
#[derive(Clone, Copy)]
struct Totals {
    /// Σ w, and the least weight.
    weight: f64,
    least: f64,
    /// Σ w·v and Σ w·|v|.
    first: f64,
    magnitude: f64,
    /// The greatest magnitude of a value.
    most: f64,
}

impl Totals {
    fn of(counted: &Counted) -> Totals {
        let [weight, first, magnitude] = add_up(counted, |value, weight| [weight, weight * value, weight * value.abs()]);
        let least = counted.weights.iter().fold(0.0, |least, weight| if *weight < least { *weight } else { least });
        let most = counted.values.iter().fold(0.0, |most, value| if value.abs() > most { value.abs() } else { most });
        Totals { weight, least, first, magnitude, most }
    }

    /// Whether the weights are such that their sum is exact, and something to divide by.
    fn weigh(&self) -> bool {
        self.least >= 0.0 && self.weight > 0.0 && self.weight < WHOLE
    }
}

/// A statistic, off by no more than an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub value: f64,
    pub error: f64,
}

/// A worse relative error is not worth having: exact ones are computed instead.
const WORST: f64 = 1e-10;
/// What bounds themselves may lose by rounding.
const SLACK: f64 = 1.0 + 1e-9;

/// Sums over a group, with what they may be off.
struct Sums {
    /// Σ w, exactly.
    weight: f64,
    /// Σ w·v.
    first: f64,
    /// What that is off by.
    first_error: f64,
    /// How many additions any term goes through.
    count: f64,
    /// The greatest magnitude of a value.
    most: f64,
}

/// The statistic of one group; `bounds` says how far its values are off.
pub(super) fn estimate(
    kind: StatisticKind,
    counted: &mut Counted,
    weighted: bool,
    bounds: &Bounded,
    threshold: Option<(f64, f64)>,
) -> Option<Estimate> {
    use StatisticKind as S;
    let relevant = |estimate: Estimate| {
        let good = estimate.value.is_finite() && estimate.error <= WORST * estimate.value.abs();
        good.then_some(estimate)
    };
    let exactly = |value: f64| Some(Estimate { value, error: 0.0 });
    if counted.values.is_empty() {
        // Only what is counted has a value of nobody.
        return if kind == S::Count { exactly(0.0) } else { None };
    }
    match kind {
        S::Min | S::Max if !weighted => {
            let pick = if kind == S::Min { f64::min } else { f64::max };
            let value = counted.values.iter().copied().fold(counted.values.first().copied()?, pick);
            relevant(Estimate { value, error: bounds.relative * value.abs() * SLACK + bounds.absolute })
        }
        S::Count => {
            let held = counted.values.iter().zip(&counted.weights).filter(|(value, _)| **value != 0.0);
            let weight: f64 = held.map(|(_, weight)| *weight).sum();
            (weight < WHOLE && bounds.absolute == 0.0).then_some(Estimate { value: weight, error: 0.0 })
        }
        S::Share => share(counted, |value| value == 1.0),
        S::PassRate => {
            let (threshold, near) = threshold?;
            if counted.values.iter().any(|value| (value - threshold).abs() <= near) {
                return None;
            }
            share(counted, |value| value >= threshold)
        }
        S::Sum => sums(counted, bounds).and_then(|sums| relevant(Estimate { value: sums.first, error: sums.first_error })),
        S::Mean => mean(&sums(counted, bounds)?).and_then(relevant),
        S::Cv => cv(counted, bounds).and_then(relevant),
        S::Sd => sd(counted, bounds).and_then(relevant),
        S::Gini => gini(counted, bounds).and_then(relevant),
        S::Median if !weighted => median(counted, bounds).and_then(relevant),
        _ => None,
    }
}

fn share(counted: &mut Counted, holds: impl Fn(f64) -> bool) -> Option<Estimate> {
    let all = counted.totals();
    if !all.weigh() {
        return None;
    }
    let [held] = add_up(counted, |value, weight| [if holds(value) { weight } else { 0.0 }]);
    let value = held / all.weight;
    Some(Estimate { value, error: UNIT * value })
}

/// Sums are taken in so many parts, which are then added: each is so much shorter, and so is its error.
const PARTS: usize = 8;

/// The sums of some terms of each value and weight; a weight of zero adds nothing to any.
fn add_up<const T: usize>(counted: &Counted, terms: impl Fn(f64, f64) -> [f64; T]) -> [f64; T] {
    let mut parts = [[0.0; PARTS]; T];
    let mut add = |values: &[f64; PARTS], weights: &[f64; PARTS]| {
        for (at, (value, weight)) in values.iter().zip(weights).enumerate() {
            for (parts, term) in parts.iter_mut().zip(terms(*value, *weight)) {
                parts.get_mut(at).into_iter().for_each(|part| *part += term);
            }
        }
    };
    let ((values, last), (weights, last_weights)) = (counted.values.as_chunks(), counted.weights.as_chunks());
    values.iter().zip(weights).for_each(|(values, weights)| add(values, weights));
    let filled = |from: &[f64]| {
        let mut to = [0.0; PARTS];
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        to
    };
    add(&filled(last), &filled(last_weights));
    parts.map(|parts| parts.iter().sum())
}

fn sums(counted: &mut Counted, bounds: &Bounded) -> Option<Sums> {
    let totals = counted.totals();
    if !totals.weigh() {
        return None;
    }
    let Totals { weight, first, magnitude, most, .. } = totals;
    let count = f64::from(u32::try_from(counted.values.len().div_ceil(PARTS) + PARTS).ok()?);
    let of_sum = (count + 2.0) * UNIT * SLACK;
    let first_error = ((of_sum + bounds.relative) * magnitude * (1.0 + of_sum) + bounds.absolute * weight) * SLACK;
    Some(Sums { weight, first, first_error, count, most })
}

fn mean(sums: &Sums) -> Option<Estimate> {
    let value = sums.first / sums.weight;
    Some(Estimate { value, error: (sums.first_error / sums.weight + 2.0 * UNIT * value.abs()) * SLACK })
}

/// `Σ w (v − m)²` around the mean: lower and upper end, with the mean.
fn spread(counted: &mut Counted, bounds: &Bounded) -> Option<(f64, f64, Estimate, Sums)> {
    let sums = sums(counted, bounds)?;
    let mean = mean(&sums)?;
    let [squares, distances] = add_up(counted, |value, weight| {
        let distance = value - mean.value;
        [weight * distance * distance, weight * distance.abs()]
    });
    // Each distance is off by its own rounding and by its value. That the middle is not quite the mean adds no more than the
    // square of how far it is off: around the mean itself, distances cancel.
    let off = (bounds.absolute + bounds.relative * sums.most) * SLACK;
    let rounding = (sums.count + 8.0) * UNIT * SLACK;
    let around = sums.weight * (off * off * 2.0 + mean.error * mean.error);
    let error = (rounding * squares + 2.0 * off * distances * (1.0 + rounding) + around) * SLACK;
    Some(((squares - error).max(0.0), squares + error, mean, sums))
}

fn cv(counted: &mut Counted, bounds: &Bounded) -> Option<Estimate> {
    let (low, high, mean, sums) = spread(counted, bounds)?;
    let magnitude = mean.value.abs();
    let nearest = magnitude - mean.error;
    if nearest <= 0.0 {
        return None;
    }
    let least = (low / sums.weight).sqrt() / (magnitude + mean.error) * (1.0 - 8.0 * UNIT);
    let most = (high / sums.weight).sqrt() / nearest * (1.0 + 8.0 * UNIT);
    let sign = mean.value.signum();
    Some(Estimate { value: sign * (least + most) / 2.0, error: ((most - least) / 2.0 + 2.0 * UNIT * most) * SLACK })
}

fn sd(counted: &mut Counted, bounds: &Bounded) -> Option<Estimate> {
    let (low, high, _, sums) = spread(counted, bounds)?;
    let (least, most) = ((low / sums.weight).sqrt() * (1.0 - 8.0 * UNIT), (high / sums.weight).sqrt() * (1.0 + 8.0 * UNIT));
    Some(Estimate { value: (least + most) / 2.0, error: ((most - least) / 2.0 + 2.0 * UNIT * most) * SLACK })
}

/// Half of `ΣΣ w w |v − v|` over the sum and the weight. Values that stand in the wrong order by less than their errors change
/// that by no more than the errors do.
fn gini(counted: &mut Counted, bounds: &Bounded) -> Option<Estimate> {
    let sums = sums(counted, bounds)?;
    if sums.weight * sums.weight * 2.0 > WHOLE {
        return None;
    }
    let (mut before, mut differences, mut magnitude) = (0.0, 0.0, 0.0);
    for (value, weight) in counted.sorted() {
        let balance = weight * (2.0 * before + weight - sums.weight);
        before += weight;
        differences += value * balance;
        magnitude += value.abs() * balance.abs();
    }
    let off = sums.weight * sums.weight * (bounds.relative * sums.most + bounds.absolute);
    // One after the other, in their order.
    let of_sum = (f64::from(u32::try_from(counted.values.len()).ok()?) + 4.0) * UNIT * SLACK;
    let error = (of_sum * magnitude * (1.0 + of_sum) + off) * SLACK;
    let (all, all_error) = (sums.first.abs(), sums.first_error);
    if all - all_error <= 0.0 || sums.first < 0.0 {
        return None;
    }
    let least = (differences - error).max(0.0) / (sums.weight * (all + all_error)) * (1.0 - 8.0 * UNIT);
    let greatest = (differences + error) / (sums.weight * (all - all_error)) * (1.0 + 8.0 * UNIT);
    Some(Estimate { value: (least + greatest) / 2.0, error: ((greatest - least) / 2.0 + 2.0 * UNIT * greatest) * SLACK })
}

fn median(counted: &mut Counted, bounds: &Bounded) -> Option<Estimate> {
    let sorted = counted.sorted();
    let middle = sorted.len() / 2;
    let (upper, _) = sorted.get(middle).copied()?;
    let (lower, _) = if sorted.len() % 2 == 1 { (upper, 0.0) } else { sorted.get(middle.checked_sub(1)?).copied()? };
    let value = lower / 2.0 + upper / 2.0;
    let most = lower.abs().max(upper.abs());
    Some(Estimate { value, error: (bounds.relative * most * SLACK + bounds.absolute) * SLACK + 4.0 * UNIT * most })
}
