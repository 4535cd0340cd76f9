//! Statistics of the reference (对照用的统计量), written from `docs/statistics.md`.

use super::num::{Num, sum};
use heng::model::StatisticKind as S;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// A value with its weight.
#[derive(Clone, Debug)]
pub struct Weighed {
    pub x: Num,
    pub w: Num,
}

fn weights(of: &[Weighed]) -> Num {
    sum(&of.iter().map(|it| it.w.clone()).collect::<Vec<_>>())
}

fn weighted_sum(of: &[Weighed], value: impl Fn(&Num) -> Num) -> Num {
    sum(&of.iter().map(|it| it.w.mul(&value(&it.x))).collect::<Vec<_>>())
}

/// The statistics that make one number of many; none where they are not defined.
pub fn statistic(kind: S, of: &[Weighed], weighted: bool, parameter: Option<&Num>) -> Option<Num> {
    if kind == S::Sum {
        return Some(weighted_sum(of, Num::clone));
    }
    if of.is_empty() {
        return None;
    }
    let mut sorted = of.to_vec();
    sorted.sort_by(|a, b| a.x.compare(&b.x).then_with(|| a.w.compare(&b.w)));
    match kind {
        S::Mean => mean(of),
        S::Median => quantile(&sorted, weighted, &Num::decimal("0.5")),
        S::Quantile => quantile(&sorted, weighted, parameter?),
        S::TrimmedMean => mean(&trimmed(sorted, parameter?)?),
        S::Min => sorted.first().map(|it| it.x.clone()),
        S::Max => sorted.last().map(|it| it.x.clone()),
        S::Sd => Some(variance(of)?.sqrt()),
        S::Cv => variance(of)?.sqrt().div(&mean(of)?),
        S::Gini => gini(of),
        S::Theil => theil(of),
        _ => unreachable!("{kind:?} counts or ranks"),
    }
}

fn mean(of: &[Weighed]) -> Option<Num> {
    weighted_sum(of, Num::clone).div(&weights(of))
}

/// Σ pᵢ xᵢ² − X̄², which is Σ pᵢ (xᵢ − X̄)².
fn variance(of: &[Weighed]) -> Option<Num> {
    let mean = mean(of)?;
    let variance = weighted_sum(of, |x| x.mul(x)).div(&weights(of))?.sub(&mean.mul(&mean));
    // Digits that were cut may leave a little less than nothing.
    Some(if variance.is_zero() { Num::zero() } else { variance })
}

/// Half of Σᵢ Σⱼ pᵢpⱼ|xᵢ − xⱼ|, which the 2 of 2X̄ makes up for.
fn gini(of: &[Weighed]) -> Option<Num> {
    // On one denominator everything is a whole number.
    let common = of.iter().fold(BigInt::one(), |common, it| common.lcm(it.x.fraction().denom()).lcm(it.w.fraction().denom()));
    let whole = |value: &Num| (value.fraction() * &common).to_integer();
    let whole: Vec<(BigInt, BigInt)> = of.iter().map(|it| (whole(&it.x), whole(&it.w))).collect();
    // 1,800 schools have 1.6 million pairs.
    let pairs = if whole.len() <= 100 { pair_by_pair(&whole) } else { in_order(whole) };
    let pairs = Num::Fraction(BigRational::new(pairs, common.pow(3)));
    let total = weights(of);
    pairs.div(&total.mul(&total))?.div(&mean(of)?)
}

/// Each pair once, as it is written.
fn pair_by_pair(values: &[(BigInt, BigInt)]) -> BigInt {
    let mut pairs = BigInt::zero();
    for (at, (x, w)) in values.iter().enumerate() {
        for (other, weight) in &values[at + 1..] {
            pairs += (x - other).abs() * weight * w;
        }
    }
    pairs
}

/// Each value against all below it together.
fn in_order(mut values: Vec<(BigInt, BigInt)>) -> BigInt {
    values.sort();
    let (mut pairs, mut weight, mut sum) = (BigInt::zero(), BigInt::zero(), BigInt::zero());
    for (x, w) in values {
        pairs += (&x * &weight - &sum) * &w;
        sum += x * &w;
        weight += w;
    }
    pairs
}

#[test]
fn pairs_in_order_are_the_pairs() {
    let values: Vec<(BigInt, BigInt)> = (0..30).map(|at: i32| (BigInt::from(at * at % 17 - 5), BigInt::from(at % 4))).collect();
    assert_eq!(pair_by_pair(&values), in_order(values));
}

fn theil(of: &[Weighed]) -> Option<Num> {
    if of.iter().any(|it| it.x.is_negative()) {
        return None;
    }
    let mean = mean(of)?;
    let mut parts = Vec::new();
    for it in of {
        let ratio = it.x.div(&mean)?;
        if !ratio.is_zero() {
            parts.push(it.w.mul(&ratio).mul(&ratio.ln()));
        }
    }
    sum(&parts).div(&weights(of))
}

/// Without weights linear between neighbours; with weights the smallest value up to which lies more than p of W.
fn quantile(sorted: &[Weighed], weighted: bool, p: &Num) -> Option<Num> {
    if p.is_negative() || p.compare(&Num::one()).is_gt() {
        return None;
    }
    if !weighted {
        let place = Num::from_int(sorted.len() - 1).mul(p);
        let below = place.round(heng::number::Rounding::Floor, 0);
        let at: usize = below.fraction().to_integer().try_into().unwrap();
        let (low, high) = (&sorted[at].x, &sorted[(at + 1).min(sorted.len() - 1)].x);
        return Some(low.add(&high.sub(low).mul(&place.sub(&below))));
    }
    // Who weighs nothing is not there.
    let there: Vec<&Weighed> = sorted.iter().filter(|it| !it.w.is_zero()).collect();
    let bound = weights(sorted).mul(p);
    let mut up_to = Num::zero();
    for (at, it) in there.iter().enumerate() {
        up_to = up_to.add(&it.w);
        match (up_to.compare(&bound), there.get(at + 1)) {
            (std::cmp::Ordering::Greater, _) | (std::cmp::Ordering::Equal, None) => return Some(it.x.clone()),
            (std::cmp::Ordering::Equal, Some(next)) => return it.x.add(&next.x).div(&Num::from_int(2)),
            _ => {}
        }
    }
    None
}

/// Without the k lowest and the k highest; among equal values the lightest go first.
fn trimmed(mut sorted: Vec<Weighed>, k: &Num) -> Option<Vec<Weighed>> {
    let k: usize = k.fraction().to_integer().try_into().ok()?;
    if sorted.len() <= 2 * k {
        return None;
    }
    sorted.drain(..k);
    sorted.sort_by(|a, b| b.x.compare(&a.x).then_with(|| a.w.compare(&b.w)));
    sorted.drain(..k);
    Some(sorted)
}
