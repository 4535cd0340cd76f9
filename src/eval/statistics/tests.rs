//! The published numbers, the definitions, the edges.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use super::*;
use proptest::prelude::*;

const PUPILS: [i64; 5] = [45, 37, 89, 76, 55];
const BOOKS: [i64; 5] = [279, 137, 935, 160, 402];

/// The county of the published example: books per pupil, and pupils.
fn county() -> (Vec<Exact>, Vec<Exact>) {
    let ratio = |(books, pupils): (&i64, &i64)| Exact::from_ratio(*books, *pupils).unwrap();
    (BOOKS.iter().zip(&PUPILS).map(ratio).collect(), whole(&PUPILS))
}

fn whole(values: &[i64]) -> Vec<Exact> {
    values.iter().map(|value| Exact::from(*value)).collect()
}

fn decimals(values: &[&str]) -> Vec<Exact> {
    values.iter().map(|value| Exact::parse(value).unwrap()).collect()
}

fn half() -> Exact {
    Exact::from_ratio(1, 2).unwrap()
}

#[test]
fn published_example() {
    let (values, pupils) = county();
    let weights = Some(pupils.as_slice());
    assert_eq!(mean(&values, weights).unwrap(), Exact::from_ratio(1913, 302).unwrap());
    assert_eq!(mean(&values, weights).unwrap().show(6), "6.334437");
    assert_eq!(variance(&values, weights).unwrap().show(6), "10.652787");
    assert_eq!(sd(&values, weights).unwrap().show(6), "3.263861");
    assert_eq!(cv(&values, weights).unwrap().show(6), "0.515257");
    assert_eq!(cv(&values, weights).unwrap().show(2), "0.52");
    assert_eq!(gini(&values, weights).unwrap().show(6), "0.288377");
    assert_eq!(theil(&values, weights).unwrap().show(6), "0.143630");
    assert_eq!(mean(&values, None).unwrap().show(6), "5.964535");
    assert_eq!(cv(&values, None).unwrap().show(6), "0.488771");
    assert!(cv(&values, weights).unwrap() > half());
    assert!(cv(&values, None).unwrap() < half());
}

#[test]
fn difference_coefficient_exactly_at_the_limit() {
    // Half at 0.55 and half at 1.45 of the mean: S/X̄ = 0.45, whatever the mean and the weights' common factor.
    let limit = Real::from(Exact::parse("0.45").unwrap());
    for mean in ["1", "3.7", "1234.56", "0.001"] {
        let mean = Exact::parse(mean).unwrap();
        let values: Vec<Exact> = decimals(&["0.55", "1.45", "0.55", "1.45"]).iter().map(|x| x * &mean).collect();
        assert_eq!(cv(&values, None).unwrap(), limit);
        assert_eq!(cv(&values, Some(&whole(&[137, 97, 60, 100]))).unwrap(), limit);
        let thirds: Vec<Exact> = values.iter().map(|x| x.checked_div(&Exact::from(3)).unwrap()).collect();
        assert_eq!(cv(&thirds, None).unwrap(), limit);
        // One pupil more, and the limit is missed or met.
        let above = cv(&values, Some(&whole(&[137, 97, 61, 100]))).unwrap();
        assert!(above > limit && !above.is_exact());
        assert!(cv(&values, Some(&whole(&[137, 97, 60, 101]))).unwrap() < limit);
    }
}

#[test]
fn composite_of_difference_coefficients_is_decided_exactly() {
    let cvs: Vec<Real> = [[1, 2, 4], [1, 5, 7], [2, 3, 9]].iter().map(|values| cv(&whole(values), None).unwrap()).collect();
    let sum = cvs.iter().fold(Real::ZERO, |sum, cv| &sum + cv);
    let composite = sum.checked_div(&Real::from(Exact::from(3))).unwrap();
    // A rational within 10^-40 is still told apart from it.
    let near = composite.round(crate::number::Rounding::Floor, 40);
    assert!(composite > near);
    let next = composite.round(crate::number::Rounding::Ceiling, 40);
    assert!(composite < next);
    assert_eq!((&next - &near).show(40).trim_start_matches(['0', '.']), "1");
    // Scaled data have the same coefficient, though its root is written differently.
    let scaled = cv(&decimals(&["0.7", "1.4", "2.8"]), None).unwrap();
    assert_eq!(cvs.first(), Some(&scaled));
}

#[test]
fn weighted_median_and_quantiles() {
    let values = whole(&[10, 20, 30]);
    let at = |weights: &[i64]| median(&values, Some(&whole(weights))).unwrap();
    assert_eq!(at(&[1, 1, 1]), Exact::from(20));
    assert_eq!(at(&[2, 1, 1]), Exact::from(15));
    assert_eq!(at(&[2, 0, 2]), Exact::from(20));
    assert_eq!(at(&[0, 0, 1]), Exact::from(30));
    assert_eq!(median(&whole(&[7]), None).unwrap(), Exact::from(7));
    let quantile_at = |p: &str| quantile(&values, None, &Exact::parse(p).unwrap());
    assert_eq!(quantile_at("0").unwrap(), Exact::from(10));
    assert_eq!(quantile_at("1").unwrap(), Exact::from(30));
    assert_eq!(quantile_at("0.9").unwrap(), Exact::from(28));
    assert_eq!(quantile_at("1.01"), Err(Undefined::BadShare));
    let weights = whole(&[0, 3, 1]);
    let weighted = |p: &str| quantile(&values, Some(&weights), &Exact::parse(p).unwrap());
    assert_eq!(weighted("0").unwrap(), Exact::from(20));
    assert_eq!(weighted("0.75").unwrap(), Exact::from(25));
    assert_eq!(weighted("1").unwrap(), Exact::from(30));
}

#[test]
fn trimmed_mean_ties_do_not_depend_on_row_order() {
    let one = trimmed_mean(&whole(&[1, 1, 5, 5]), Some(&whole(&[2, 9, 3, 4])), 1).unwrap();
    let two = trimmed_mean(&whole(&[5, 1, 5, 1]), Some(&whole(&[4, 9, 3, 2])), 1).unwrap();
    assert_eq!(one, two);
    assert_eq!(one, Exact::from_ratio(9 + 20, 13).unwrap());
    assert_eq!(trimmed_mean(&whole(&[1, 2]), None, 1), Err(Undefined::TooFew));
    assert_eq!(trimmed_mean(&whole(&[1, 2]), None, usize::MAX), Err(Undefined::TooFew));
    assert_eq!(trimmed_mean(&whole(&[1, 2]), None, 0), Ok(Exact::from_ratio(3, 2).unwrap()));
}

#[test]
fn theil_of_equal_values_is_zero_and_independent_of_the_unit() {
    let same = decimals(&["6.3", "6.3", "6.3"]);
    assert_eq!(theil(&same, None).unwrap().as_exact(), Some(&Exact::ZERO));
    let (values, pupils) = county();
    let hundredfold: Vec<Exact> = values.iter().map(|x| x * Exact::from(700)).collect();
    // Other logarithms altogether, and the same number.
    assert_eq!(theil(&values, Some(&pupils)), theil(&hundredfold, Some(&pupils)));
}

#[test]
fn undefined_says_why() {
    let (none, two) = (whole(&[]), whole(&[1, 2]));
    assert_eq!(sum(&none, None), Ok(Exact::ZERO));
    assert_eq!(mean(&none, None), Err(Undefined::Empty));
    assert_eq!(median(&none, None), Err(Undefined::Empty));
    assert_eq!(quantile(&none, None, &half()), Err(Undefined::Empty));
    assert_eq!(min(&none), Err(Undefined::Empty));
    assert_eq!(share(&[], None), Err(Undefined::Empty));
    assert_eq!(mean(&two, Some(&whole(&[1]))), Err(Undefined::LengthMismatch));
    assert_eq!(mean(&two, Some(&whole(&[1, -1]))), Err(Undefined::NegativeWeight));
    assert_eq!(mean(&two, Some(&whole(&[0, 0]))), Err(Undefined::NoWeight));
    assert_eq!(cv(&whole(&[-1, 1]), None), Err(Undefined::ZeroMean));
    assert_eq!(gini(&whole(&[0, 0]), None), Err(Undefined::ZeroMean));
    assert_eq!(theil(&whole(&[0, 0]), None), Err(Undefined::ZeroMean));
    assert_eq!(theil(&whole(&[-1, 3]), None), Err(Undefined::NotPositive));
    assert_eq!(lorenz(&whole(&[0, 0]), None), Err(Undefined::ZeroMean));
    assert_eq!(cv(&whole(&[-1, -3]), None).unwrap().to_string(), "-0.5");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every statistic against its definition, summed term by term.
    #[test]
    fn definitions(rows in prop::collection::vec((0i64..500, 1i64..60, 0i64..40), 1..12)) {
        let values: Vec<Exact> =
            rows.iter().map(|(n, d, _)| Exact::from_ratio(*n, *d).unwrap()).collect();
        let weights: Vec<Exact> = rows.iter().map(|(_, _, w)| Exact::from(*w)).collect();
        let all = weights.iter().fold(Exact::ZERO, |sum, w| sum + w);
        if all.is_zero() {
            prop_assert_eq!(mean(&values, Some(&weights)), Err(Undefined::NoWeight));
            return Ok(());
        }
        let pairs = || values.iter().zip(&weights);
        let average = pairs().fold(Exact::ZERO, |sum, (x, w)| sum + x * w).checked_div(&all).unwrap();
        prop_assert_eq!(mean(&values, Some(&weights)).unwrap(), average.clone());
        let square = |x: &Exact| (x - &average) * (x - &average);
        let spread = pairs().fold(Exact::ZERO, |sum, (x, w)| sum + square(x) * w).checked_div(&all).unwrap();
        prop_assert_eq!(variance(&values, Some(&weights)).unwrap(), spread.clone());
        let deviation = sd(&values, Some(&weights)).unwrap();
        prop_assert_eq!(deviation.checked_mul(&deviation).unwrap(), Real::from(spread));
        if average.is_zero() {
            return Ok(());
        }
        prop_assert_eq!(
            cv(&values, Some(&weights)).unwrap().checked_mul(&Real::from(&average)).unwrap(),
            deviation
        );
        let twice = pairs().fold(Exact::ZERO, |sum, (x, w)| {
            pairs().fold(sum, |sum, (y, v)| sum + w * v * (x - y).abs())
        });
        let expected = twice.checked_div(&(Exact::from(2) * average * &all * &all)).unwrap();
        prop_assert_eq!(gini(&values, Some(&weights)).unwrap(), expected);
    }

    /// A whole weight counts like that many rows.
    #[test]
    fn weights_are_repetitions(rows in prop::collection::vec((0i64..9, 0i64..5), 1..10), p in 0i64..=10) {
        let (values, counts): (Vec<i64>, Vec<i64>) = rows.iter().copied().unzip();
        let repeated: Vec<i64> = rows
            .iter()
            .flat_map(|(x, n)| std::iter::repeat_n(*x, usize::try_from(*n).unwrap()))
            .collect();
        let (values, counts, repeated) = (whole(&values), whole(&counts), whole(&repeated));
        prop_assume!(!repeated.is_empty());
        let weights = Some(counts.as_slice());
        prop_assert_eq!(median(&values, weights), median(&repeated, None));
        prop_assert_eq!(variance(&values, weights), variance(&repeated, None));
        prop_assert_eq!(gini(&values, weights), gini(&repeated, None));
        prop_assert_eq!(theil(&values, weights), theil(&repeated, None));
        prop_assert_eq!(lorenz(&values, weights).map(|p| p.last().cloned()), lorenz(&repeated, None).map(|p| p.last().cloned()));
        let ones = vec![Exact::ONE; repeated.len()];
        let p = Exact::from_ratio(p, 10).unwrap();
        prop_assert_eq!(quantile(&values, weights, &p), quantile(&repeated, Some(&ones), &p));
    }

    /// Ranks and percentile ranks against counting.
    #[test]
    fn ranks_count(values in prop::collection::vec(0i64..8, 0..12)) {
        let exact = whole(&values);
        let ranks = ranks(&exact, Order::HighestFirst);
        let percentiles = percentile_ranks(&exact);
        for (index, value) in values.iter().enumerate() {
            let count = |test: &dyn Fn(&i64) -> bool| values.iter().filter(|x| test(x)).count();
            prop_assert_eq!(ranks[index], 1 + count(&|x| x > value));
            let halves = 2 * count(&|x| x < value) + count(&|x| x == value);
            let expected = Exact::from(halves).checked_div(&Exact::from(2 * values.len())).unwrap();
            prop_assert_eq!(&percentiles[index], &expected);
        }
    }
}
