//! Sums of long columns.
//!
//! Ratios such as books per pupil bring almost as many denominators as there are schools. Added one after the other,
//! each step would reduce a fraction that is as large as the final one. So numerators over the same denominator are
//! added first, then the fractions pairwise over least common denominators, reducing once at the end.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use dashu_base::Gcd;
use dashu_int::{IBig, UBig};

use super::exact::{Exact, Repr};

/// The exact sum of a column; 0 for an empty one.
/// ```
/// use heng::number::{Exact, sum_exact};
/// let harmonic = (1..=4).filter_map(|n| Exact::from_ratio(1, n));
/// assert_eq!(sum_exact(harmonic).to_string(), "25/12");
/// ```
pub fn sum_exact<I>(values: I) -> Exact
where
    I: IntoIterator,
    I::Item: Borrow<Exact>,
{
    let mut small: BTreeMap<u64, i128> = BTreeMap::new();
    let mut fractions: Vec<(IBig, UBig)> = Vec::new();
    for value in values {
        match &value.borrow().0 {
            Repr::Small { numerator, denominator } => {
                let sum = small.entry(denominator.get()).or_insert(0);
                match sum.checked_add(i128::from(*numerator)) {
                    Some(next) => *sum = next,
                    None => fractions.push((IBig::from(*numerator), denominator.get().into())),
                }
            }
            Repr::Big(ratio) => fractions.push((ratio.numerator().clone(), ratio.denominator().clone())),
        }
    }
    if fractions.is_empty() && small.len() == 1 {
        return small.into_iter().next().map_or(Exact::ZERO, |(denominator, numerator)| {
            whole(numerator.into()).checked_div(&Exact::from(denominator)).unwrap_or_default()
        });
    }
    fractions.sort_by(|a, b| a.1.cmp(&b.1));
    let merged = fractions.chunk_by(|a, b| a.1 == b.1).filter_map(|same| {
        let numerator = same.iter().map(|(numerator, _)| numerator).sum::<IBig>();
        same.first().map(|(_, denominator)| (numerator, denominator.clone()))
    });
    let small = small.into_iter().map(|(denominator, numerator)| (IBig::from(numerator), UBig::from(denominator)));
    sum_fractions(small.chain(merged).collect())
}

/// Sum of unreduced fractions with positive denominators.
pub(crate) fn sum_fractions(mut fractions: Vec<(IBig, UBig)>) -> Exact {
    while fractions.len() > 1 {
        let mut pairs = fractions.into_iter();
        let mut next = Vec::with_capacity(pairs.len().div_ceil(2));
        while let Some(first) = pairs.next() {
            next.push(match pairs.next() {
                Some(second) => add(first, second),
                None => first,
            });
        }
        fractions = next;
    }
    let sum = fractions.pop().and_then(|(numerator, denominator)| Exact::from_parts(numerator, denominator));
    sum.unwrap_or_default()
}

fn add((n1, d1): (IBig, UBig), (n2, d2): (IBig, UBig)) -> (IBig, UBig) {
    let common = (&d1).gcd(&d2);
    if common.is_one() {
        return (n1 * &d2 + n2 * &d1, d1 * d2);
    }
    let (rest1, rest2) = (d1 / &common, d2 / &common);
    (n1 * &rest2 + n2 * &rest1, rest1 * rest2 * common)
}

fn whole(value: IBig) -> Exact {
    Exact::from_parts(value, UBig::ONE).unwrap_or_default()
}
