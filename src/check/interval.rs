//! Stretches of exact numbers (区间): what a band takes, what a value can come to.
//!
//! An operation on stretches gives a stretch that holds every result for values in them, and perhaps more: what lies outside cannot be.

use crate::number::{Exact, Rounding};
use crate::syntax::tree::CompareOp;
use std::ops::Bound;

/// A stretch of values.
pub(in crate::check) type Stretch = (Bound<Exact>, Bound<Exact>);

/// All numbers.
pub(in crate::check) const ALL: Stretch = (Bound::Unbounded, Bound::Unbounded);

/// One number.
pub(in crate::check) fn point(at: &Exact) -> Stretch {
    (Bound::Included(at.clone()), Bound::Included(at.clone()))
}

/// From one number to another, both included.
pub(in crate::check) fn between(from: Exact, to: Exact) -> Stretch {
    (Bound::Included(from), Bound::Included(to))
}

/// From zero up.
pub(in crate::check) fn from_zero() -> Stretch {
    (Bound::Included(Exact::ZERO), Bound::Unbounded)
}

/// The numbers that compare so with a bound.
pub(in crate::check) fn comparing(op: CompareOp, bound: &Exact) -> Vec<Stretch> {
    let at = || bound.clone();
    match op {
        CompareOp::Ge => vec![(Bound::Included(at()), Bound::Unbounded)],
        CompareOp::Gt => vec![(Bound::Excluded(at()), Bound::Unbounded)],
        CompareOp::Le => vec![(Bound::Unbounded, Bound::Included(at()))],
        CompareOp::Lt => vec![(Bound::Unbounded, Bound::Excluded(at()))],
        CompareOp::Eq => vec![point(bound)],
        CompareOp::Ne => vec![(Bound::Unbounded, Bound::Excluded(at())), (Bound::Excluded(at()), Bound::Unbounded)],
    }
}

/// Whether all numbers that compare so with one bound compare so with another.
pub(in crate::check) fn within((op, bound): (CompareOp, &Exact), (other, limit): (CompareOp, &Exact)) -> bool {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    match (op, other) {
        (Ge, Ge) | (Gt, Ge | Gt) => bound >= limit,
        (Ge, Gt) => bound > limit,
        (Le, Le) | (Lt, Le | Lt) => bound <= limit,
        (Le, Lt) => bound < limit,
        (Eq, other) => other.holds(bound.cmp(limit)),
        (Ne, Ne) => bound == limit,
        (Ge, Ne) => bound > limit,
        (Gt, Ne) => bound >= limit,
        (Le, Ne) => bound < limit,
        (Lt, Ne) => bound <= limit,
        _ => false,
    }
}

/// The values in both.
pub(in crate::check) fn meet(a: &Stretch, b: &Stretch) -> Stretch {
    let higher = match (&a.0, &b.0) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other.clone(),
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(x.max(y).clone()),
        (Bound::Excluded(x), Bound::Excluded(y)) => Bound::Excluded(x.max(y).clone()),
        (Bound::Included(x), Bound::Excluded(y)) | (Bound::Excluded(y), Bound::Included(x)) => {
            if x > y {
                Bound::Included(x.clone())
            } else {
                Bound::Excluded(y.clone())
            }
        }
    };
    let lower = match (&a.1, &b.1) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other.clone(),
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(x.min(y).clone()),
        (Bound::Excluded(x), Bound::Excluded(y)) => Bound::Excluded(x.min(y).clone()),
        (Bound::Included(x), Bound::Excluded(y)) | (Bound::Excluded(y), Bound::Included(x)) => {
            if x < y {
                Bound::Included(x.clone())
            } else {
                Bound::Excluded(y.clone())
            }
        }
    };
    (higher, lower)
}

/// Whether there is no value in it.
pub(in crate::check) fn empty((from, to): &Stretch) -> bool {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to) | Bound::Included(to)) => from >= to,
        _ => false,
    }
}

/// What is left of `free` without `mine`.
pub(in crate::check) fn without(free: &Stretch, mine: &Stretch) -> Vec<Stretch> {
    let turn = |bound: &Bound<Exact>| match bound {
        Bound::Included(at) => Some(Bound::Excluded(at.clone())),
        Bound::Excluded(at) => Some(Bound::Included(at.clone())),
        Bound::Unbounded => None,
    };
    let below = turn(&mine.0).map(|to| meet(free, &(Bound::Unbounded, to)));
    let above = turn(&mine.1).map(|from| meet(free, &(from, Bound::Unbounded)));
    below.into_iter().chain(above).filter(|stretch| !empty(stretch)).collect()
}

/// The number at an end, included or not.
pub(in crate::check) fn end(bound: &Bound<Exact>) -> Option<&Exact> {
    match bound {
        Bound::Included(at) | Bound::Excluded(at) => Some(at),
        Bound::Unbounded => None,
    }
}

/// Whether a number lies in it.
pub(in crate::check) fn holds(stretch: &Stretch, value: &Exact) -> bool {
    !empty(&meet(stretch, &point(value)))
}

/// The least stretch around both.
pub(in crate::check) fn around(a: &Stretch, b: &Stretch) -> Stretch {
    fn outer(a: &Bound<Exact>, b: &Bound<Exact>, further: fn(&Exact, &Exact) -> bool) -> Bound<Exact> {
        match (a, b) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => Bound::Unbounded,
            (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => match (x == y, further(x, y)) {
                (true, _) if matches!(a, Bound::Included(_)) => a.clone(),
                (true, _) | (false, false) => b.clone(),
                (false, true) => a.clone(),
            },
        }
    }
    if empty(a) {
        return b.clone();
    }
    if empty(b) {
        return a.clone();
    }
    (outer(&a.0, &b.0, |x, y| x < y), outer(&a.1, &b.1, |x, y| x > y))
}

fn both(a: &Bound<Exact>, b: &Bound<Exact>, join: impl Fn(&Exact, &Exact) -> Exact) -> Bound<Exact> {
    match (a, b) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => Bound::Unbounded,
        (Bound::Included(x), Bound::Included(y)) => Bound::Included(join(x, y)),
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => Bound::Excluded(join(x, y)),
    }
}

pub(in crate::check) fn plus(a: &Stretch, b: &Stretch) -> Stretch {
    (both(&a.0, &b.0, |x, y| x + y), both(&a.1, &b.1, |x, y| x + y))
}

pub(in crate::check) fn minus(a: &Stretch, b: &Stretch) -> Stretch {
    plus(a, &negative(b))
}

pub(in crate::check) fn negative((from, to): &Stretch) -> Stretch {
    let turn = |bound: &Bound<Exact>| match bound {
        Bound::Included(at) => Bound::Included(-at),
        Bound::Excluded(at) => Bound::Excluded(-at),
        Bound::Unbounded => Bound::Unbounded,
    };
    (turn(to), turn(from))
}

/// Each number times a factor.
pub(in crate::check) fn scaled(stretch: &Stretch, factor: &Exact) -> Stretch {
    let times = |bound: &Bound<Exact>| match bound {
        Bound::Included(at) => Bound::Included(at * factor),
        Bound::Excluded(at) => Bound::Excluded(at * factor),
        Bound::Unbounded => Bound::Unbounded,
    };
    match factor.signum() {
        0 => point(&Exact::ZERO),
        1 => (times(&stretch.0), times(&stretch.1)),
        _ => (times(&stretch.1), times(&stretch.0)),
    }
}

/// Products. Exact only where both have no number below zero or both have ends; else all numbers.
pub(in crate::check) fn times(a: &Stretch, b: &Stretch) -> Stretch {
    if let Some(factor) = only(a) {
        return scaled(b, factor);
    }
    if let Some(factor) = only(b) {
        return scaled(a, factor);
    }
    match (end(&a.0), end(&a.1), end(&b.0), end(&b.1)) {
        (Some(a0), Some(a1), Some(b0), Some(b1)) => {
            let products = [a0 * b0, a0 * b1, a1 * b0, a1 * b1];
            let least = products.iter().min().cloned().unwrap_or_default();
            let most = products.iter().max().cloned().unwrap_or_default();
            between(least, most)
        }
        (Some(a0), _, Some(b0), _) if !a0.is_negative() && !b0.is_negative() => (Bound::Included(a0 * b0), Bound::Unbounded),
        _ => ALL,
    }
}

/// Quotients by what is not zero. Exact only where nothing is below zero; else all numbers.
pub(in crate::check) fn quotient(a: &Stretch, b: &Stretch) -> Stretch {
    if let Some(factor) = only(b).and_then(|divisor| Exact::ONE.checked_div(divisor)) {
        return scaled(a, &factor);
    }
    let (Some(a0), Some(b0)) = (end(&a.0), end(&b.0)) else { return ALL };
    if a0.is_negative() || b0.is_negative() {
        return ALL;
    }
    let least = end(&b.1).and_then(|b1| a0.checked_div(b1)).unwrap_or(Exact::ZERO);
    let most = end(&a.1).and_then(|a1| a1.checked_div(b0));
    (Bound::Included(least), most.map_or(Bound::Unbounded, Bound::Included))
}

/// The one number in it.
pub(in crate::check) fn only((from, to): &Stretch) -> Option<&Exact> {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) if from == to => Some(from),
        _ => None,
    }
}

/// The results of a function that never falls, of which only the ends are needed.
pub(in crate::check) fn rising((from, to): &Stretch, of: impl Fn(&Exact) -> Exact) -> Stretch {
    let at = |bound: &Bound<Exact>| end(bound).map_or(Bound::Unbounded, |at| Bound::Included(of(at)));
    (at(from), at(to))
}

/// The same numbers rounded.
pub(in crate::check) fn rounded(stretch: &Stretch, mode: Rounding, places: u32) -> Stretch {
    rising(stretch, |at| at.round(mode, places))
}

/// The smaller, or larger, of two numbers.
pub(in crate::check) fn lesser(a: &Stretch, b: &Stretch) -> Stretch {
    negative(&greater(&negative(a), &negative(b)))
}

/// The larger of two numbers.
pub(in crate::check) fn greater(a: &Stretch, b: &Stretch) -> Stretch {
    let low = meet(&(a.0.clone(), Bound::Unbounded), &(b.0.clone(), Bound::Unbounded)).0;
    (low, around(&(Bound::Unbounded, a.1.clone()), &(Bound::Unbounded, b.1.clone())).1)
}

/// The whole numbers in it, with ends that are such.
pub(in crate::check) fn whole((from, to): &Stretch) -> Stretch {
    let low = match from {
        Bound::Included(at) => Bound::Included(at.ceil()),
        Bound::Excluded(at) => Bound::Included(at.floor() + Exact::ONE),
        Bound::Unbounded => Bound::Unbounded,
    };
    let high = match to {
        Bound::Included(at) => Bound::Included(at.floor()),
        Bound::Excluded(at) => Bound::Included(at.ceil() - Exact::ONE),
        Bound::Unbounded => Bound::Unbounded,
    };
    (low, high)
}

/// In words, in Chinese and English: which values.
pub(in crate::check) fn words((from, to): &Stretch) -> (String, String) {
    let low = match from {
        Bound::Included(at) => Some((format!("不小于 {at}"), format!("from {at}"))),
        Bound::Excluded(at) => Some((format!("大于 {at}"), format!("above {at}"))),
        Bound::Unbounded => None,
    };
    let high = match to {
        Bound::Included(at) => Some((format!("不大于 {at}"), format!("up to {at}"))),
        Bound::Excluded(at) => Some((format!("小于 {at}"), format!("below {at}"))),
        Bound::Unbounded => None,
    };
    if let (Bound::Included(from), Bound::Included(to)) = (from, to)
        && from == to
    {
        return (format!("等于 {from} 的值"), format!("the value {from}"));
    }
    match (low, high) {
        (Some((low_zh, low_en)), Some((high_zh, high_en))) => {
            (format!("{low_zh}且{high_zh} 的值"), format!("values {low_en} and {high_en}"))
        }
        (Some((zh, en)), None) | (None, Some((zh, en))) => (format!("{zh} 的值"), format!("values {en}")),
        (None, None) => ("任何值".to_owned(), "any value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_numbers_lie_within_each_other() {
        use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
        // Numbers at, between and around the bounds tell every pair apart.
        let numbers: Vec<Exact> = (-1..=7).filter_map(|halves| Exact::from_ratio(halves, 2)).collect();
        for op in [Eq, Ge, Gt, Le, Lt, Ne] {
            for other in [Eq, Ge, Gt, Le, Lt, Ne] {
                for bound in 1..=2_i64 {
                    for limit in 1..=2_i64 {
                        let (bound, limit) = (Exact::from(bound), Exact::from(limit));
                        let all = numbers.iter().filter(|x| op.holds((*x).cmp(&bound))).all(|x| other.holds(x.cmp(&limit)));
                        assert_eq!(within((op, &bound), (other, &limit)), all, "{op:?} {bound} in {other:?} {limit}");
                    }
                }
            }
        }
    }
}
