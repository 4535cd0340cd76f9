//! Room for adjustment (差异调整空间): what brings a difference coefficient to its limit, in exact numbers.
//!
//! *Raise only* (只补不减): the smallest floor `f` such that raising every value below `f` to `f` gives `CV ≤ CV*`.
//! *Proportional* (按比例): `λ = CV* / CV`; every value moves to `X̄ + λ(xᵢ − X̄)`, so the mean stays and the coefficient is `CV*`.
//!
//! Not here: fields, whole persons and rooms, what the rubric says to it.

use crate::number::{Exact, Real};

/// The smallest floor that brings the coefficient to a limit; `None` where it is there already, or where there is none: without weight,
/// with a mean or a value below zero, with a limit below zero.
///
/// With the values in ascending order, the first `k` raised to `f` and the others as they are, `CV² ≤ c²` is
/// `N(Wf² + B) ≤ (1 + c²)(Wf + A)²`: `N` all weight, `W` that of the raised, `A = Σwx` and `B = Σwx²` of the others. Raising the lowest only
/// ever lowers the coefficient, so the floor is in the first stretch between two values at whose end the inequality holds, and is a root of
/// the quadratic there.
/// ```
/// use heng::{improve::floor_for, number::Exact};
/// let pupils = [45, 37, 89, 76, 55].map(Exact::from);
/// let books = [(279, 45), (137, 37), (935, 89), (160, 76), (402, 55)];
/// let books_per_pupil = books.map(|(books, pupils)| Exact::from_ratio(books, pupils).unwrap());
/// let floor = floor_for(&books_per_pupil, &pupils, &Exact::parse("0.5").unwrap()).unwrap();
/// assert_eq!(floor.show(6), "2.320430");
/// ```
pub fn floor_for(values: &[Exact], weights: &[Exact], limit: &Exact) -> Option<Real> {
    if values.len() != weights.len() || limit.is_negative() || values.iter().chain(weights).any(Exact::is_negative) {
        return None;
    }
    let mut rows: Vec<(&Exact, &Exact)> = values.iter().zip(weights).filter(|(_, weight)| weight.is_positive()).collect();
    rows.sort();
    let all: Exact = total(rows.iter().map(|(_, weight)| (*weight).clone()));
    let q = Exact::ONE + limit * limit;
    let mut raised = Exact::ZERO;
    let mut sum = total(rows.iter().map(|(value, weight)| *value * *weight));
    let mut squares = total(rows.iter().map(|(value, weight)| *value * *value * *weight));
    // What has to come to zero or less, as a quadratic in the floor.
    let quadratic = |raised: &Exact, sum: &Exact, squares: &Exact| {
        let square = raised * &(&all - &(&q * raised));
        let linear = Exact::from(-2) * &q * raised * sum;
        let constant = &all * squares - &q * sum * sum;
        (square, linear, constant)
    };
    let over = |(square, linear, constant): &(Exact, Exact, Exact), f: &Exact| (square * f * f + linear * f + constant).is_positive();
    if sum.is_zero() || !over(&quadratic(&raised, &sum, &squares), &Exact::ZERO) {
        return None;
    }
    for (at, (value, weight)) in rows.iter().enumerate() {
        raised = &raised + *weight;
        sum = &sum - &(*value * *weight);
        squares = &squares - &(*value * *value * *weight);
        let end = rows.get(at + 1).map_or(*value, |(next, _)| *next);
        let here = quadratic(&raised, &sum, &squares);
        if over(&here, end) {
            continue;
        }
        let (low, high) = (Real::from(*value), Real::from(end));
        return roots(&here).into_iter().filter(|root| *root >= low && *root <= high).min().or(Some(high));
    }
    None
}

/// The real roots of a quadratic, or of what it becomes without its square.
fn roots((square, linear, constant): &(Exact, Exact, Exact)) -> Vec<Real> {
    let minus = |number: &Exact| Exact::ZERO - number;
    if square.is_zero() {
        return minus(constant).checked_div(linear).into_iter().map(Real::from).collect();
    }
    let inside = linear * linear - Exact::from(4) * square * constant;
    let (Some(root), double) = (Real::sqrt(&inside), Real::from(Exact::from(2) * square)) else { return Vec::new() };
    let middle = Real::from(minus(linear));
    [&middle - &root, &middle + &root].iter().filter_map(|top| top.checked_div(&double).ok()).collect()
}

fn total(numbers: impl Iterator<Item = Exact>) -> Exact {
    numbers.fold(Exact::ZERO, |sum, number| sum + number)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::eval::statistics::cv;

    fn county() -> ([Exact; 5], [Exact; 5]) {
        let pupils = [45, 37, 89, 76, 55];
        let books = [279, 137, 935, 160, 402];
        (std::array::from_fn(|at| Exact::from_ratio(books[at], pupils[at]).unwrap()), pupils.map(Exact::from))
    }

    /// The numbers of the published example, computed by bisection elsewhere.
    #[test]
    fn the_published_county() {
        let (values, pupils) = county();
        for (limit, floor, books) in [("0.50", "2.320430", "16.353"), ("0.45", "3.075925", "73.770")] {
            let found = floor_for(&values, &pupils, &Exact::parse(limit).unwrap()).unwrap();
            assert_eq!(found.show(6), floor);
            let needed = (&found - &Real::from(&values[3])).checked_mul(&Real::from(&pupils[3])).unwrap();
            assert_eq!(needed.show(3), books);
        }
    }

    /// A hair above the floor the coefficient is within the limit, a hair below it is not.
    #[test]
    fn just_there() {
        let (values, pupils) = county();
        let hair = Exact::parse("0.000000001").unwrap();
        for hundredths in 1..51 {
            let limit = Exact::from_ratio(hundredths, 100).unwrap();
            let floor = floor_for(&values, &pupils, &limit).unwrap().round(crate::number::Rounding::HalfUp, 12);
            let raised = |floor: Exact| values.clone().map(|value| if value < floor { floor.clone() } else { value });
            assert!(cv(&raised(&floor + &hair), Some(&pupils)).unwrap() <= limit, "{limit}");
            assert!(cv(&raised(&floor - &hair), Some(&pupils)).unwrap() > limit, "{limit}");
        }
    }

    #[test]
    fn where_there_is_nothing_to_do() {
        let (values, pupils) = county();
        assert!(floor_for(&values, &pupils, &Exact::parse("0.52").unwrap()).is_none());
        assert!(floor_for(&values, &pupils, &Exact::from(-1)).is_none());
        assert!(floor_for(&[Exact::ZERO, Exact::ZERO], &[Exact::ONE, Exact::ONE], &Exact::ZERO).is_none());
        let all_the_same = floor_for(&[Exact::ONE, Exact::from(3)], &[Exact::ONE, Exact::ONE], &Exact::ZERO);
        assert_eq!(all_the_same, Some(Real::from(Exact::from(3))));
    }
}
