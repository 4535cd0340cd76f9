//! Order and equality of [`Real`], decided exactly.
//!
//! Why every decision ends, and ends right:
//! * Like roots are merged, so that 1 and the roots left are linearly independent over the rationals (Besicovitch 1940).
//! * A sum of logarithms is zero or transcendental (Lindemann, Baker 1966), and one that is zero is found and dropped.
//!   An algebraic number and a transcendental one never add up to a rational.
//! * So a value is rational exactly when it has no irrational part (an invariant of `real`), and two values are equal exactly when
//!   their difference has none and is 0. Otherwise the difference is not zero, and enclosures of twice as many bits each
//!   time must at last leave zero outside. In the same way an irrational value is never on a rounding boundary, so
//!   both ends of a narrow enough enclosure round alike.
//!
//! Not here: the order of rationals (`arithmetic`).

use std::cmp::Ordering;

use super::exact::Exact;
use super::real::{FIRST_BITS, Real};

impl Ord for Real {
    fn cmp(&self, other: &Real) -> Ordering {
        if let (Some(one), Some(two)) = (self.as_exact(), other.as_exact()) {
            return one.cmp(two);
        }
        // Most pairs lie well apart, and then their difference, with its like roots to find, is not needed.
        let (one, two) = (self.enclose(FIRST_BITS), other.enclose(FIRST_BITS));
        if one.high < two.low {
            Ordering::Less
        } else if one.low > two.high {
            Ordering::Greater
        } else {
            self.minus(other).signum().cmp(&0)
        }
    }
}

impl PartialEq<Exact> for Real {
    fn eq(&self, other: &Exact) -> bool {
        self.as_exact() == Some(other)
    }
}

impl PartialOrd<Exact> for Real {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(match self.as_exact() {
            Some(exact) => exact.cmp(other),
            None => self.cmp(&Real::from(other)),
        })
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Real) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Real) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Real {}
