//! Ranks (名次) within a group: each value's place among the others, whole or as a share.
//!
//! Only how values compare counts, so anything that is ordered can be ranked; equal values always rank alike.
//! Not here: who is ranked among whom (`exact::tier`), and what is made of a place.

use crate::number::Exact;

/// Which end of a ranking is rank 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The highest value is first (从高到低).
    HighestFirst,
    /// The lowest value is first (从低到高).
    LowestFirst,
}

/// Ranks (名次) from 1, in the order of the values; equal values share the smaller rank and the next is skipped: 1, 2, 2, 4.
///
/// ```
/// use heng::{eval::statistics::{Order, ranks}, number::Exact};
/// assert_eq!(ranks(&[80, 95, 80, 60].map(Exact::from), Order::HighestFirst), [2, 1, 2, 4]);
/// ```
pub fn ranks<T: Ord>(values: &[T], order: Order) -> Vec<usize> {
    let mut ranks = vec![0; values.len()];
    for (group, before) in runs(values, order) {
        for index in group {
            if let Some(rank) = ranks.get_mut(index) {
                *rank = before + 1;
            }
        }
    }
    ranks
}

/// Percentile ranks (百分等级) between 0 and 1, in the order of the values: `(below + equal/2) / n`, itself among the equal.
///
/// ```
/// use heng::{eval::statistics::percentile_ranks, number::Exact};
/// let shown: Vec<String> = percentile_ranks(&[60, 80, 80, 95].map(Exact::from)).iter().map(|p| p.show(3)).collect();
/// assert_eq!(shown, ["0.125", "0.500", "0.500", "0.875"]);
/// ```
pub fn percentile_ranks<T: Ord>(values: &[T]) -> Vec<Exact> {
    let mut ranks = vec![Exact::ZERO; values.len()];
    let twice_all = Exact::from(values.len()) + Exact::from(values.len());
    for (group, before) in runs(values, Order::LowestFirst) {
        let rank = Exact::from(2 * before + group.len()).checked_div(&twice_all).unwrap_or_default();
        for index in group {
            if let Some(place) = ranks.get_mut(index) {
                *place = rank.clone();
            }
        }
    }
    ranks
}

/// The places of equal values, run by run in ranking order, with how many come before each run.
fn runs<T: Ord>(values: &[T], order: Order) -> Vec<(Vec<usize>, usize)> {
    let mut sorted: Vec<(usize, &T)> = values.iter().enumerate().collect();
    sorted.sort_by(|(_, a), (_, b)| match order {
        Order::HighestFirst => b.cmp(a),
        Order::LowestFirst => a.cmp(b),
    });
    let mut before = 0;
    let mut runs = Vec::new();
    for same in sorted.chunk_by(|(_, a), (_, b)| a == b) {
        runs.push((same.iter().map(|(index, _)| *index).collect(), before));
        before += same.len();
    }
    runs
}
