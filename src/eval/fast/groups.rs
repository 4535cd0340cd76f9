//! Statistics of groups with bounds (带误差界的统计量).
//!
//! Each function computes in doubles and bounds how far that can be from the exact statistic of the exact values; the proofs
//! are in docs/numbers.md. `None`: not certain enough, not defined, or not among the ones done here; it is then computed exactly.

use super::bound::{Bounded, UNIT, WHOLE};
use crate::model::StatisticKind;

/// What counts of one group: stored values, and whole weights.
#[derive(Default)]
pub(super) struct Counted {
    pub values: Vec<f64>,
    pub weights: Vec<f64>,
    order: Vec<u32>,
}

impl Counted {
    pub fn clear(&mut self) {
        self.values.clear();
        self.weights.clear();
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

fn share(counted: &Counted, holds: impl Fn(f64) -> bool) -> Option<Estimate> {
    let all: f64 = counted.weights.iter().sum();
    let held: f64 = counted.values.iter().zip(&counted.weights).filter(|(value, _)| holds(**value)).map(|(_, weight)| *weight).sum();
    if !(all > 0.0 && all < WHOLE) || counted.weights.iter().any(|weight| *weight < 0.0) {
        return None;
    }
    let value = held / all;
    Some(Estimate { value, error: UNIT * value })
}

/// Sums are taken in so many parts, which are then added: each is so much shorter, and so is its error.
const PARTS: usize = 8;

/// The sums of some terms of each value and weight.
fn add_up<const T: usize>(counted: &Counted, terms: impl Fn(f64, f64) -> [f64; T]) -> [f64; T] {
    let mut parts = [[0.0; PARTS]; T];
    let (values, weights) = (counted.values.chunks(PARTS), counted.weights.chunks(PARTS));
    for (values, weights) in values.zip(weights) {
        for (at, (value, weight)) in values.iter().zip(weights).enumerate() {
            for (parts, term) in parts.iter_mut().zip(terms(*value, *weight)) {
                if let Some(part) = parts.get_mut(at) {
                    *part += term;
                }
            }
        }
    }
    parts.map(|parts| parts.iter().sum())
}

fn sums(counted: &Counted, bounds: &Bounded) -> Option<Sums> {
    let [weight, first, magnitude] = add_up(counted, |value, weight| [weight, weight * value, weight * value.abs()]);
    if counted.weights.iter().any(|weight| *weight < 0.0) || !(weight > 0.0 && weight < WHOLE) {
        return None;
    }
    let count = f64::from(u32::try_from(counted.values.len().div_ceil(PARTS) + PARTS).ok()?);
    let of_sum = (count + 2.0) * UNIT * SLACK;
    let first_error = ((of_sum + bounds.relative) * magnitude * (1.0 + of_sum) + bounds.absolute * weight) * SLACK;
    Some(Sums { weight, first, first_error, count })
}

fn mean(sums: &Sums) -> Option<Estimate> {
    let value = sums.first / sums.weight;
    Some(Estimate { value, error: (sums.first_error / sums.weight + 2.0 * UNIT * value.abs()) * SLACK })
}

/// `Σ w (v − m)²` around the mean: lower and upper end, with the mean.
fn spread(counted: &Counted, bounds: &Bounded) -> Option<(f64, f64, Estimate, Sums)> {
    let sums = sums(counted, bounds)?;
    let mean = mean(&sums)?;
    let [squares, distances] = add_up(counted, |value, weight| {
        let distance = value - mean.value;
        [weight * distance * distance, weight * distance.abs()]
    });
    let most = counted.values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    // Each distance is off by its own rounding and by its value. That the middle is not quite the mean adds no more than the
    // square of how far it is off: around the mean itself, distances cancel.
    let off = (bounds.absolute + bounds.relative * most) * SLACK;
    let rounding = (sums.count + 8.0) * UNIT * SLACK;
    let around = sums.weight * (off * off * 2.0 + mean.error * mean.error);
    let error = (rounding * squares + 2.0 * off * distances * (1.0 + rounding) + around) * SLACK;
    Some(((squares - error).max(0.0), squares + error, mean, sums))
}

fn cv(counted: &Counted, bounds: &Bounded) -> Option<Estimate> {
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

fn sd(counted: &Counted, bounds: &Bounded) -> Option<Estimate> {
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
    let Counted { values, weights, order } = counted;
    order.clear();
    order.extend(0..u32::try_from(values.len()).ok()?);
    let value_at = |at: u32| values.get(at as usize).copied().unwrap_or(0.0);
    order.sort_unstable_by(|a, b| value_at(*a).total_cmp(&value_at(*b)).then(a.cmp(b)));
    let (mut before, mut differences, mut magnitude, mut most) = (0.0, 0.0, 0.0, 0.0_f64);
    for at in order.iter() {
        let (value, weight) = (value_at(*at), weights.get(*at as usize).copied().unwrap_or(0.0));
        let balance = weight * (2.0 * before + weight - sums.weight);
        before += weight;
        differences += value * balance;
        magnitude += value.abs() * balance.abs();
        most = most.max(value.abs());
    }
    let off = sums.weight * sums.weight * (bounds.relative * most + bounds.absolute);
    // One after the other, in their order.
    let of_sum = (f64::from(u32::try_from(values.len()).ok()?) + 4.0) * UNIT * SLACK;
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
    let middle = counted.values.len() / 2;
    counted.values.sort_unstable_by(f64::total_cmp);
    let upper = counted.values.get(middle).copied()?;
    let lower = if counted.values.len() % 2 == 1 { upper } else { counted.values.get(middle.checked_sub(1)?).copied()? };
    let value = lower / 2.0 + upper / 2.0;
    let most = lower.abs().max(upper.abs());
    Some(Estimate { value, error: (bounds.relative * most * SLACK + bounds.absolute) * SLACK + 4.0 * UNIT * most })
}
