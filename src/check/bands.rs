//! Bands (分档的检查): no value without a band, no band without a value.

use super::core::Core;
use super::mistakes::points;
use crate::model::{Band, BandOf};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::Span;
use std::ops::Bound;

/// A stretch of values.
type Stretch = (Bound<Exact>, Bound<Exact>);

/// Tells of gaps and overlaps.
pub(super) fn cover(core: &mut Core<'_>, bands: &[Band], whole: Span) {
    let mut left: Vec<Stretch> = vec![(Bound::Unbounded, Bound::Unbounded)];
    for (at, band) in bands.iter().enumerate() {
        let earlier = bands.iter().take(at);
        let taken = stretches(&band.of);
        let reached = left.iter().any(|free| taken.iter().any(|mine| !empty(&meet(free, mine))));
        if !reached {
            let by = earlier.clone().find(|other| stretches(&other.of).iter().any(|one| taken.iter().any(|mine| !empty(&meet(one, mine)))));
            core.tell(points::overlap(band.span, by.map(|other| other.span)));
        } else if let BandOf::Range(..) = band.of {
            let overlaps = |other: &&Band| {
                matches!(other.of, BandOf::Range(..))
                    && stretches(&other.of).iter().any(|one| taken.iter().any(|mine| !empty(&meet(one, mine))))
            };
            if let Some(other) = earlier.clone().find(overlaps) {
                core.tell(points::ranges_overlap(band.span, other.span));
            }
        }
        for mine in &taken {
            left = left.iter().flat_map(|free| without(free, mine)).collect();
        }
    }
    if let Some(free) = left.first()
        && !core.is_broken(whole)
    {
        let (zh, en) = words(free);
        core.tell(points::gap(whole, &zh, &en));
    }
}

fn stretches(of: &BandOf) -> Vec<Stretch> {
    match of {
        BandOf::Else => vec![(Bound::Unbounded, Bound::Unbounded)],
        BandOf::Range(from, to) => {
            let from = from.clone().map_or(Bound::Unbounded, Bound::Included);
            vec![(from, to.clone().map_or(Bound::Unbounded, Bound::Excluded))]
        }
        BandOf::Compare(op, bound) => match op {
            CompareOp::Ge => vec![(Bound::Included(bound.clone()), Bound::Unbounded)],
            CompareOp::Gt => vec![(Bound::Excluded(bound.clone()), Bound::Unbounded)],
            CompareOp::Le => vec![(Bound::Unbounded, Bound::Included(bound.clone()))],
            CompareOp::Lt => vec![(Bound::Unbounded, Bound::Excluded(bound.clone()))],
            CompareOp::Eq => vec![(Bound::Included(bound.clone()), Bound::Included(bound.clone()))],
            CompareOp::Ne => vec![(Bound::Unbounded, Bound::Excluded(bound.clone())), (Bound::Excluded(bound.clone()), Bound::Unbounded)],
        },
    }
}

/// The values in both.
fn meet(a: &Stretch, b: &Stretch) -> Stretch {
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

fn empty((from, to): &Stretch) -> bool {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to) | Bound::Included(to)) => from >= to,
        _ => false,
    }
}

/// What is left of `free` without `mine`.
fn without(free: &Stretch, mine: &Stretch) -> Vec<Stretch> {
    let turn = |bound: &Bound<Exact>| match bound {
        Bound::Included(at) => Some(Bound::Excluded(at.clone())),
        Bound::Excluded(at) => Some(Bound::Included(at.clone())),
        Bound::Unbounded => None,
    };
    let below = turn(&mine.0).map(|to| meet(free, &(Bound::Unbounded, to)));
    let above = turn(&mine.1).map(|from| meet(free, &(from, Bound::Unbounded)));
    below.into_iter().chain(above).filter(|stretch| !empty(stretch)).collect()
}

fn words((from, to): &Stretch) -> (String, String) {
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
