//! Statistics (统计量) over the values of a group: means, spread, inequality; every result exact.
//!
//! A column is a slice of [`Exact`], one value per school or district. Weights, usually pupils on roll (在校生数), are a
//! slice of the same length in the same order, or `None` for one each. Who has no value is left out by the caller, who
//! says how many. No result depends on the order of the rows.
//!
//! The conventions are those of difference coefficients (差异系数): population form, divided by `Σw` and never by `n − 1`.
//! Not here: ranks (`ranks`), missing values, grouping, units, explanations.

mod ranks;

pub use ranks::{Order, percentile_ranks, ranks};

use std::cmp::Ordering;
use std::collections::BTreeMap;

use dashu_int::{IBig, UBig};
use thiserror::Error;

use crate::number::{Exact, Real, sum_exact, sum_fractions};

/// Why a statistic has no value. It is then reported as 无法计算, never as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Undefined {
    /// The group has no values.
    #[error("there are no values")]
    Empty,
    /// Values and weights are not of one length.
    #[error("there are not as many weights as values")]
    LengthMismatch,
    /// A weight is below zero.
    #[error("a weight is negative")]
    NegativeWeight,
    /// All weights are zero.
    #[error("the weights add up to zero")]
    NoWeight,
    /// The mean, by which the statistic divides, is zero.
    #[error("the mean is zero")]
    ZeroMean,
    /// A value is below zero where the statistic takes its logarithm.
    #[error("a value is negative")]
    NotPositive,
    /// A share is not between 0 and 1.
    #[error("the share is not between 0 and 1")]
    BadShare,
    /// Nothing is left after leaving out the extreme values.
    #[error("there are too few values")]
    TooFew,
}

/// The weight of a value where no weights are given.
static ONE: Exact = Exact::ONE;

/// Number of values (个数).
/// ```
/// use heng::{eval::statistics::count, number::Exact};
/// assert_eq!(count(&[3, 1, 2].map(Exact::from)), 3);
/// ```
pub fn count(values: &[Exact]) -> usize {
    values.len()
}

/// Sum (合计): `Σ wᵢxᵢ`; 0 for an empty group.
///
/// # Errors
/// [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`].
/// ```
/// use heng::{eval::statistics::sum, number::Exact};
/// let values = [3, 1, 2].map(Exact::from);
/// assert_eq!(sum(&values, None)?, Exact::from(6));
/// assert_eq!(sum(&values, Some(&[1, 0, 5].map(Exact::from)))?, Exact::from(13));
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn sum(values: &[Exact], weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    checked_weights(values.len(), weights)?;
    Ok(match weights {
        None => sum_exact(values),
        Some(weights) => weighted_sum(values.iter().zip(weights)),
    })
}

/// Mean (平均值), in the unit of the values: `X̄ = Σ wᵢxᵢ / Σ wᵢ`.
///
/// The mean of ratios weighted with their denominators is the ratio of the totals (生均值).
/// # Errors
/// [`Undefined::Empty`], [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
///
/// Source: 县域义务教育校际均衡指标计算方法; the example is the county printed with it.
/// ```
/// use heng::{eval::statistics::mean, number::Exact};
/// let pupils = [45, 37, 89, 76, 55].map(Exact::from);
/// let books = [(279, 45), (137, 37), (935, 89), (160, 76), (402, 55)];
/// let books_per_pupil = books.map(|(books, pupils)| Exact::from_ratio(books, pupils).unwrap());
/// assert_eq!(mean(&books_per_pupil, Some(&pupils))?.show(6), "6.334437");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn mean(values: &[Exact], weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    let total = total_weight(values.len(), weights)?;
    sum(values, weights)?.checked_div(&total).ok_or(Undefined::NoWeight)
}

/// Median (中位数), in the unit of the values: half lies below, half above.
///
/// The smallest value up to which lies more than half of the weight; where exactly half lies, the mean of that value and
/// the next. Without weights: the middle value, or the mean of the middle two.
/// # Errors
/// [`Undefined::Empty`], [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::median, number::Exact};
/// let values = [4, 1, 3, 2].map(Exact::from);
/// assert_eq!(median(&values, None)?.to_string(), "2.5");
/// assert_eq!(median(&values, Some(&[9, 1, 1, 1].map(Exact::from)))?, Exact::from(4));
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn median(values: &[Exact], weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    let half = Exact::from_ratio(1, 2).unwrap_or_default();
    step_quantile(values, weights, &half)
}

/// Trimmed mean (截尾平均值), in the unit of the values: the mean without the `k` lowest and the `k` highest values.
///
/// With weights, the rest keep theirs; among equal values the lightest are left out first.
/// # Errors
/// [`Undefined::TooFew`] if nothing is left, [`Undefined::Empty`], [`Undefined::LengthMismatch`],
/// [`Undefined::NegativeWeight`], [`Undefined::NoWeight`] if the rest have none.
/// ```
/// use heng::{eval::statistics::trimmed_mean, number::Exact};
/// let marks = [95, 80, 10, 90].map(Exact::from);
/// assert_eq!(trimmed_mean(&marks, None, 1)?, Exact::from(85));
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn trimmed_mean(values: &[Exact], weights: Option<&[Exact]>, k: usize) -> Result<Exact, Undefined> {
    total_weight(values.len(), weights)?;
    if k.checked_mul(2).is_none_or(|left_out| left_out >= values.len()) {
        return Err(Undefined::TooFew);
    }
    let mut rows = rows(values, weights);
    // The lightest first at either end, so that the order of the rows cannot matter.
    rows.sort_unstable();
    let mut rows = rows.split_off(k);
    rows.sort_unstable_by(|(x, w), (y, v)| y.cmp(x).then_with(|| w.cmp(v)));
    let rows = rows.split_off(k);
    let total = sum_exact(rows.iter().map(|(_, weight)| *weight));
    weighted_sum(rows.iter().copied()).checked_div(&total).ok_or(Undefined::NoWeight)
}

/// Smallest value (最小值).
///
/// # Errors
/// [`Undefined::Empty`].
/// ```
/// use heng::{eval::statistics::min, number::Exact};
/// assert_eq!(min(&[3, 1, 2].map(Exact::from)), Ok(Exact::ONE));
/// ```
pub fn min<T: Ord + Clone>(values: &[T]) -> Result<T, Undefined> {
    values.iter().min().cloned().ok_or(Undefined::Empty)
}

/// Largest value (最大值).
///
/// # Errors
/// [`Undefined::Empty`].
/// ```
/// use heng::{eval::statistics::max, number::Exact};
/// assert_eq!(max(&[3, 1, 2].map(Exact::from)), Ok(Exact::from(3)));
/// ```
pub fn max<T: Ord + Clone>(values: &[T]) -> Result<T, Undefined> {
    values.iter().max().cloned().ok_or(Undefined::Empty)
}

/// Quantile (分位数), in the unit of the values: the value below which the share `p` lies.
///
/// Without weights: linear between the neighbours of place `(n − 1)·p`, counted from 0 (Excel `PERCENTILE.INC`, type 7 of
/// Hyndman and Fan 1996). With weights: the smallest value up to which lies more than `p` of the weight; where exactly
/// `p` lies, the mean of that value and the next (type 2).
/// # Errors
/// [`Undefined::BadShare`] unless `0 ≤ p ≤ 1`; [`Undefined::Empty`], [`Undefined::LengthMismatch`],
/// [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::quantile, number::Exact};
/// let quarter = Exact::from_ratio(1, 4).unwrap();
/// assert_eq!(quantile(&[4, 1, 3, 2].map(Exact::from), None, &quarter)?.to_string(), "1.75");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn quantile(values: &[Exact], weights: Option<&[Exact]>, p: &Exact) -> Result<Exact, Undefined> {
    if p.is_negative() || *p > Exact::ONE {
        return Err(Undefined::BadShare);
    }
    if weights.is_some() {
        return step_quantile(values, weights, p);
    }
    let mut sorted: Vec<&Exact> = values.iter().collect();
    sorted.sort_unstable();
    let place = Exact::from(values.len().saturating_sub(1)) * p;
    let below = place.floor();
    let index = below.to_i64().and_then(|index| usize::try_from(index).ok()).ok_or(Undefined::Empty)?;
    let low = *sorted.get(index).ok_or(Undefined::Empty)?;
    // At the last value there is no next one, and nothing between them to add.
    let high = sorted.get(index + 1).copied().unwrap_or(low);
    Ok(low + (high - low) * (place - below))
}

/// Variance (方差), in the square of the unit: `S² = Σ wᵢ(xᵢ − X̄)² / Σ wᵢ`, the population form.
///
/// # Errors
/// [`Undefined::Empty`], [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::variance, number::Exact};
/// assert_eq!(variance(&[1, 2, 3, 4].map(Exact::from), None)?.to_string(), "1.25");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn variance(values: &[Exact], weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    let spread = Spread::of(values, weights)?;
    spread.deviations.checked_div(&(&spread.weight * &spread.weight)).ok_or(Undefined::NoWeight)
}

/// Standard deviation (标准差), in the unit of the values: `S = √(Σ wᵢ(xᵢ − X̄)² / Σ wᵢ)`, the population form.
///
/// # Errors
/// [`Undefined::Empty`], [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
///
/// Source: 县域义务教育校际均衡指标计算方法; the example is the county printed with it.
/// ```
/// use heng::{eval::statistics::sd, number::Exact};
/// let pupils = [45, 37, 89, 76, 55].map(Exact::from);
/// let books = [(279, 45), (137, 37), (935, 89), (160, 76), (402, 55)];
/// let books_per_pupil = books.map(|(books, pupils)| Exact::from_ratio(books, pupils).unwrap());
/// assert_eq!(sd(&books_per_pupil, Some(&pupils))?.show(6), "3.263861");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn sd(values: &[Exact], weights: Option<&[Exact]>) -> Result<Real, Undefined> {
    // A variance is never negative, so its root exists.
    Ok(Real::sqrt(&variance(values, weights)?).unwrap_or_default())
}

/// Difference coefficient (差异系数), a bare number: how far the schools of a county lie apart in one indicator.
///
/// `CV = S / X̄`, `X̄ = Σ wᵢxᵢ / Σ wᵢ`, `S² = Σ wᵢ(xᵢ − X̄)² / Σ wᵢ`; it has the sign of the mean.
/// * `values`: `xᵢ`, one per school, all in one unit.
/// * `weights`: pupils on roll (在校生数), the same schools in the same order.
/// # Errors
/// [`Undefined::ZeroMean`] if `X̄ = 0`; [`Undefined::Empty`], [`Undefined::LengthMismatch`],
/// [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
///
/// Source: 县域义务教育校际均衡指标计算方法; the example is the county printed with it.
/// ```
/// use heng::{eval::statistics::cv, number::Exact};
/// let pupils = [45, 37, 89, 76, 55].map(Exact::from);
/// let books = [(279, 45), (137, 37), (935, 89), (160, 76), (402, 55)];
/// let books_per_pupil = books.map(|(books, pupils)| Exact::from_ratio(books, pupils).unwrap());
/// assert_eq!(cv(&books_per_pupil, Some(&pupils))?.show(6), "0.515257");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn cv(values: &[Exact], weights: Option<&[Exact]>) -> Result<Real, Undefined> {
    let spread = Spread::of(values, weights)?;
    let square = spread.deviations.checked_div(&(&spread.sum * &spread.sum)).ok_or(Undefined::ZeroMean)?;
    let magnitude = Real::sqrt(&square).unwrap_or_default();
    Ok(if spread.sum.is_negative() { -magnitude } else { magnitude })
}

/// Gini coefficient (基尼系数), a bare number: 0 when all have the same.
///
/// `G = Σᵢ Σⱼ wᵢwⱼ|xᵢ − xⱼ| / (2 X̄ (Σ wᵢ)²)`, without the correction `n/(n − 1)`. Usually read: below 0.2 even, to 0.3
/// fairly even, to 0.4 moderate, above wide.
/// # Errors
/// [`Undefined::ZeroMean`] if `X̄ = 0`; [`Undefined::Empty`], [`Undefined::LengthMismatch`],
/// [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::gini, number::Exact};
/// assert_eq!(gini(&[1, 3].map(Exact::from), None)?.to_string(), "0.25");
/// assert_eq!(gini(&[0, 0, 0, 1].map(Exact::from), None)?.to_string(), "0.75");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn gini(values: &[Exact], weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    let total = total_weight(values.len(), weights)?;
    let mut rows = rows(values, weights);
    rows.sort_unstable();
    // In ascending order the double sum is 2 Σ wᵢxᵢ(2Cᵢ + wᵢ − W), with Cᵢ the weight before i and W all weight: xᵢ
    // counts once up for each unit of weight below it and once down for each above.
    let mut before = Exact::ZERO;
    let balanced: Vec<Exact> = rows
        .iter()
        .map(|(_, weight)| {
            let after = &before + *weight;
            let balance = (&before + &after - &total) * *weight;
            before = after;
            balance
        })
        .collect();
    let differences = weighted_sum(rows.iter().map(|(value, _)| *value).zip(&balanced));
    differences.checked_div(&(sum(values, weights)? * total)).ok_or(Undefined::ZeroMean)
}

/// Theil index (泰尔指数), a bare number: 0 when all have the same.
///
/// `T = Σ pᵢ (xᵢ/X̄) ln(xᵢ/X̄)` with `pᵢ = wᵢ / Σ w`; a value of 0 adds 0, the limit of `x ln x`.
/// # Errors
/// [`Undefined::NotPositive`] if a value is negative, [`Undefined::ZeroMean`] if `X̄ = 0`; [`Undefined::Empty`],
/// [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
///
/// Source: Theil, Economics and Information Theory (1967).
/// ```
/// use heng::{eval::statistics::theil, number::{Exact, Real}};
/// // All of it in one of two hands: ln 2.
/// assert_eq!(Some(theil(&[0, 7].map(Exact::from), None)?), Real::ln(&Exact::from(2)));
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn theil(values: &[Exact], weights: Option<&[Exact]>) -> Result<Real, Undefined> {
    let total = total_weight(values.len(), weights)?;
    if values.iter().any(Exact::is_negative) {
        return Err(Undefined::NotPositive);
    }
    let sum = sum(values, weights)?;
    let scale = Exact::ONE.checked_div(&sum).ok_or(Undefined::ZeroMean)?;
    let mean = sum.checked_div(&total).ok_or(Undefined::NoWeight)?;
    // T = (Σ wᵢxᵢ ln xᵢ − Σ wᵢxᵢ · ln X̄) / Σ wᵢxᵢ: few logarithms when many values are the same, and the long sum is kept apart.
    let positive = rows(values, weights).into_iter().filter(|(value, _)| value.is_positive());
    let terms = positive.map(|(value, weight)| (value * weight, value.clone())).chain([(-&sum, mean)]);
    Real::log_sum(scale, terms).ok_or(Undefined::NotPositive)
}

/// Share (占比) of those flagged, between 0 and 1: their weight ÷ all weight.
///
/// # Errors
/// [`Undefined::Empty`], [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::share, number::Exact};
/// assert_eq!(share(&[true, false, true, true], None)?.to_string(), "0.75");
/// assert_eq!(share(&[true, false], Some(&[10, 30].map(Exact::from)))?.to_string(), "0.25");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn share(flags: &[bool], weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    let total = total_weight(flags.len(), weights)?;
    let flagged = match weights {
        None => Exact::from(flags.iter().filter(|flag| **flag).count()),
        Some(weights) => sum_exact(flags.iter().zip(weights).filter(|(flag, _)| **flag).map(|(_, weight)| weight)),
    };
    flagged.checked_div(&total).ok_or(Undefined::NoWeight)
}

/// Pass rate (达标率), between 0 and 1: the share with a value of at least `threshold`, by number or by weight.
///
/// # Errors
/// [`Undefined::Empty`], [`Undefined::LengthMismatch`], [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::pass_rate, number::Exact};
/// let values = [5, 4, 6, 3].map(Exact::from);
/// assert_eq!(pass_rate(&values, None, &Exact::from(5))?.to_string(), "0.5");
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn pass_rate<T: Ord>(values: &[T], weights: Option<&[Exact]>, threshold: &T) -> Result<Exact, Undefined> {
    let passed: Vec<bool> = values.iter().map(|value| value >= threshold).collect();
    share(&passed, weights)
}

/// Points of the Lorenz curve (洛伦兹曲线): cumulative share of the weight, cumulative share of `Σ wᵢxᵢ`, from (0, 0) to
/// (1, 1), one point for each different value, ascending. For drawing; the fractions of a long column are long.
///
/// # Errors
/// [`Undefined::ZeroMean`] if `Σ wᵢxᵢ = 0`; [`Undefined::Empty`], [`Undefined::LengthMismatch`],
/// [`Undefined::NegativeWeight`], [`Undefined::NoWeight`].
/// ```
/// use heng::{eval::statistics::lorenz, number::Exact};
/// let shown: Vec<String> = lorenz(&[3, 1].map(Exact::from), None)?.iter().map(|(x, y)| format!("{x} {y}")).collect();
/// assert_eq!(shown, ["0 0", "0.5 0.25", "1 1"]);
/// # Ok::<(), heng::eval::statistics::Undefined>(())
/// ```
pub fn lorenz(values: &[Exact], weights: Option<&[Exact]>) -> Result<Vec<(Exact, Exact)>, Undefined> {
    let total = total_weight(values.len(), weights)?;
    let sum = sum(values, weights)?;
    let mut rows = rows(values, weights);
    rows.sort_unstable();
    let (mut weight, mut amount) = (Exact::ZERO, Exact::ZERO);
    let mut points = vec![(Exact::ZERO, Exact::ZERO)];
    for same in rows.chunk_by(|(x, _), (y, _)| x == y) {
        let here = sum_exact(same.iter().map(|(_, weight)| *weight));
        amount += same.first().map_or(Exact::ZERO, |(value, _)| *value * &here);
        weight += here;
        let across = weight.checked_div(&total).ok_or(Undefined::NoWeight)?;
        points.push((across, amount.checked_div(&sum).ok_or(Undefined::ZeroMean)?));
    }
    Ok(points)
}

/// Refuses weights that cannot belong to `count` values.
fn checked_weights(count: usize, weights: Option<&[Exact]>) -> Result<(), Undefined> {
    match weights {
        Some(weights) if weights.len() != count => Err(Undefined::LengthMismatch),
        Some(weights) if weights.iter().any(Exact::is_negative) => Err(Undefined::NegativeWeight),
        _ => Ok(()),
    }
}

/// `Σ wᵢ`, positive; the number of values where there are no weights.
fn total_weight(count: usize, weights: Option<&[Exact]>) -> Result<Exact, Undefined> {
    checked_weights(count, weights)?;
    if count == 0 {
        return Err(Undefined::Empty);
    }
    let total = weights.map_or_else(|| Exact::from(count), sum_exact);
    if total.is_zero() { Err(Undefined::NoWeight) } else { Ok(total) }
}

/// Value and weight of each row.
fn rows<'a>(values: &'a [Exact], weights: Option<&'a [Exact]>) -> Vec<(&'a Exact, &'a Exact)> {
    match weights {
        Some(weights) => values.iter().zip(weights).collect(),
        None => values.iter().map(|value| (value, &ONE)).collect(),
    }
}

/// `Σ wᵢxᵢ`. Multiplied first, for a ratio weighted with its own denominator is a whole number again.
fn weighted_sum<'a>(rows: impl Iterator<Item = (&'a Exact, &'a Exact)>) -> Exact {
    sum_exact(rows.map(|(value, weight)| value * weight))
}

/// `Σ wᵢxᵢ` and `Σ wᵢxᵢ²`.
struct Moments {
    first: Exact,
    second: Exact,
}

/// Adds up numerators over equal denominators first: their squares then meet only once per denominator.
fn moments<'a>(rows: impl Iterator<Item = (&'a Exact, &'a Exact)>) -> Moments {
    let mut groups: BTreeMap<Exact, Moments> = BTreeMap::new();
    for (value, weight) in rows {
        let (numerator, denominator) = value.split();
        let group = groups.entry(denominator).or_insert(Moments { first: Exact::ZERO, second: Exact::ZERO });
        let weighted = weight * &numerator;
        group.second += &weighted * &numerator;
        group.first += weighted;
    }
    let over = |sum: &Exact, denominator: UBig| -> (IBig, UBig) { (sum.numerator(), sum.denominator() * denominator) };
    let (first, second) = groups
        .iter()
        .map(|(denominator, sums)| {
            let denominator = denominator.numerator().into_parts().1;
            (over(&sums.first, denominator.clone()), over(&sums.second, &denominator * &denominator))
        })
        .unzip();
    Moments { first: sum_fractions(first), second: sum_fractions(second) }
}

/// What variance and difference coefficient are made of.
struct Spread {
    /// `W = Σ wᵢ`.
    weight: Exact,
    /// `Σ wᵢxᵢ`.
    sum: Exact,
    /// `W Σ wᵢxᵢ² − (Σ wᵢxᵢ)² = W² S²`.
    deviations: Exact,
}

impl Spread {
    fn of(values: &[Exact], weights: Option<&[Exact]>) -> Result<Spread, Undefined> {
        let weight = total_weight(values.len(), weights)?;
        let Moments { first: sum, second } = moments(rows(values, weights).into_iter());
        let deviations = &weight * second - &sum * &sum;
        Ok(Spread { weight, sum, deviations })
    }
}

/// Inverse of the weighted distribution function, with the mean of both ends of an exact step.
fn step_quantile(values: &[Exact], weights: Option<&[Exact]>, p: &Exact) -> Result<Exact, Undefined> {
    let target = total_weight(values.len(), weights)? * p;
    let mut rows = rows(values, weights);
    rows.retain(|(_, weight)| weight.is_positive());
    rows.sort_unstable();
    let mut reached = Exact::ZERO;
    let mut rest = rows.into_iter();
    while let Some((value, weight)) = rest.next() {
        reached += weight;
        match reached.cmp(&target) {
            Ordering::Less => {}
            Ordering::Greater => return Ok(value.clone()),
            Ordering::Equal => {
                let next = rest.next().map_or(value, |(next, _)| next);
                return (value + next).checked_div(&Exact::from(2)).ok_or(Undefined::Empty);
            }
        }
    }
    Err(Undefined::NoWeight)
}

#[cfg(test)]
mod tests;
