//! Bands (分档的检查): no value without a band, no band without a value.

use super::core::Core;
use super::interval::{Stretch, comparing, empty, meet, without, words};
use super::mistakes::points;
use crate::model::{Band, BandOf};
use crate::text::Span;
use std::ops::Bound;

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

/// The values that a band takes, whatever bands stand before it.
pub(super) fn stretches(of: &BandOf) -> Vec<Stretch> {
    match of {
        BandOf::Else => vec![(Bound::Unbounded, Bound::Unbounded)],
        BandOf::Range(from, to) => {
            let from = from.clone().map_or(Bound::Unbounded, Bound::Included);
            vec![(from, to.clone().map_or(Bound::Unbounded, Bound::Excluded))]
        }
        BandOf::Compare(op, bound) => comparing(*op, bound),
    }
}
