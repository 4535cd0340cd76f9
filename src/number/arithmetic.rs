//! Operators of [`Exact`], and its order.
//!
//! Two small numbers meet in machine integers: cross factors are divided out first (Knuth, TAOCP 2, §4.5.1), so that
//! the result is in lowest terms without a division of wide numbers. Anything else goes to integers of any size.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::iter::Sum;
use std::num::NonZeroU64;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use dashu_int::IBig;
use dashu_ratio::RBig;

use super::exact::{Exact, Repr};
use super::sum::sum_exact;

/// Greatest common divisor; of zero and `x` it is `x`.
pub(super) fn gcd(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let shift = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        if a > b {
            (a, b) = (b, a);
        }
        b -= a;
        if b == 0 {
            return a << shift;
        }
    }
}

impl Exact {
    fn wide(&self) -> Cow<'_, RBig> {
        match &self.0 {
            Repr::Small { numerator, denominator } => Cow::Owned(RBig::from_parts(IBig::from(*numerator), denominator.get().into())),
            Repr::Big(ratio) => Cow::Borrowed(ratio),
        }
    }

    fn plus(&self, other: &Exact) -> Exact {
        match (&self.0, &other.0) {
            (Repr::Small { numerator: n1, denominator: d1 }, Repr::Small { numerator: n2, denominator: d2 }) => {
                add_small(i128::from(*n1), *d1, i128::from(*n2), *d2)
            }
            _ => Exact::from_big(&*self.wide() + &*other.wide()),
        }
    }

    fn minus(&self, other: &Exact) -> Exact {
        match (&self.0, &other.0) {
            (Repr::Small { numerator: n1, denominator: d1 }, Repr::Small { numerator: n2, denominator: d2 }) => {
                add_small(i128::from(*n1), *d1, -i128::from(*n2), *d2)
            }
            _ => Exact::from_big(&*self.wide() - &*other.wide()),
        }
    }

    fn times(&self, other: &Exact) -> Exact {
        match (&self.0, &other.0) {
            (Repr::Small { numerator: n1, denominator: d1 }, Repr::Small { numerator: n2, denominator: d2 }) => {
                let (n1, d1, n2, d2) = (*n1, d1.get(), *n2, d2.get());
                let (g1, g2) = (gcd(n1.unsigned_abs(), d2), gcd(n2.unsigned_abs(), d1));
                let numerator = (i128::from(n1) / i128::from(g1)) * (i128::from(n2) / i128::from(g2));
                Exact::from_wide(numerator, u128::from(d1 / g2) * u128::from(d2 / g1))
            }
            _ => Exact::from_big(&*self.wide() * &*other.wide()),
        }
    }

    /// The quotient; `None` when `divisor` is zero.
    pub fn checked_div(&self, divisor: &Exact) -> Option<Exact> {
        if divisor.is_zero() {
            return None;
        }
        match (&self.0, &divisor.0) {
            (Repr::Small { numerator: n1, denominator: d1 }, Repr::Small { numerator: n2, denominator: d2 }) => {
                let (d1, d2) = (d1.get(), d2.get());
                let (g1, g2) = (gcd(n1.unsigned_abs(), n2.unsigned_abs()), gcd(d1, d2));
                let magnitude = i128::from(n1.unsigned_abs() / g1) * i128::from(d2 / g2);
                let numerator = if (*n1 < 0) == (*n2 < 0) { magnitude } else { -magnitude };
                Some(Exact::from_wide(numerator, u128::from(d1 / g2) * u128::from(n2.unsigned_abs() / g1)))
            }
            _ => Some(Exact::from_big(&*self.wide() / &*divisor.wide())),
        }
    }

    /// The magnitude.
    #[must_use]
    pub fn abs(&self) -> Exact {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// `self` to a whole power. The result has about `exponent` times as many bits as `self`: the caller limits both.
    #[must_use]
    pub fn pow(&self, exponent: u32) -> Exact {
        if let Repr::Small { numerator, denominator } = &self.0
            && let Some((numerator, denominator)) = numerator.checked_pow(exponent).zip(denominator.get().checked_pow(exponent))
            && let Some(small) = Exact::from_small(numerator, denominator)
        {
            return small;
        }
        let exponent = usize::try_from(exponent).unwrap_or(usize::MAX);
        Exact::from_big(RBig::from_parts(self.numerator().pow(exponent), self.denominator().pow(exponent)))
    }
}

/// `n1/d1 + n2/d2`; the numerators come from an `i64` or its negation, so that nothing here overflows an `i128`.
fn add_small(n1: i128, d1: NonZeroU64, n2: i128, d2: NonZeroU64) -> Exact {
    let (d1, d2) = (d1.get(), d2.get());
    let g = gcd(d1, d2);
    let (d1_rest, d2_rest) = (d1 / g, d2 / g);
    let numerator = n1 * i128::from(d2_rest) + n2 * i128::from(d1_rest);
    // Only factors of `g` can still be common to numerator and denominator.
    let remainder = u64::try_from(numerator.unsigned_abs() % u128::from(g)).unwrap_or(0);
    let common = gcd(remainder, g);
    Exact::from_wide(numerator / i128::from(common), u128::from(d1_rest) * u128::from(d2 / common))
}

impl Ord for Exact {
    fn cmp(&self, other: &Exact) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small { numerator: n1, denominator: d1 }, Repr::Small { numerator: n2, denominator: d2 }) => {
                if d1 == d2 {
                    return n1.cmp(n2);
                }
                (i128::from(*n1) * i128::from(d2.get())).cmp(&(i128::from(*n2) * i128::from(d1.get())))
            }
            _ => self.signum().cmp(&other.signum()).then_with(|| self.wide().cmp(&other.wide())),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $by:ident) => {
        impl $trait<&Exact> for &Exact {
            type Output = Exact;
            fn $method(self, other: &Exact) -> Exact {
                self.$by(other)
            }
        }
        impl $trait<Exact> for &Exact {
            type Output = Exact;
            fn $method(self, other: Exact) -> Exact {
                self.$by(&other)
            }
        }
        impl $trait<&Exact> for Exact {
            type Output = Exact;
            fn $method(self, other: &Exact) -> Exact {
                self.$by(other)
            }
        }
        impl $trait<Exact> for Exact {
            type Output = Exact;
            fn $method(self, other: Exact) -> Exact {
                self.$by(&other)
            }
        }
    };
}

operator!(Add, add, plus);
operator!(Sub, sub, minus);
operator!(Mul, mul, times);

macro_rules! assign_operator {
    ($trait:ident, $method:ident, $by:ident) => {
        impl $trait<&Exact> for Exact {
            fn $method(&mut self, other: &Exact) {
                *self = self.$by(other);
            }
        }
        impl $trait<Exact> for Exact {
            fn $method(&mut self, other: Exact) {
                *self = self.$by(&other);
            }
        }
    };
}

assign_operator!(AddAssign, add_assign, plus);
assign_operator!(SubAssign, sub_assign, minus);
assign_operator!(MulAssign, mul_assign, times);

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        match &self.0 {
            Repr::Small { numerator, denominator } => Exact::from_wide(-i128::from(*numerator), u128::from(denominator.get())),
            // Through the constructor, because −2^63 is small while 2^63 is not.
            Repr::Big(ratio) => Exact::from_big(-RBig::clone(ratio)),
        }
    }
}

impl Neg for Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        -&self
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Exact>>(values: I) -> Exact {
        sum_exact(values)
    }
}

impl<'a> Sum<&'a Exact> for Exact {
    fn sum<I: Iterator<Item = &'a Exact>>(values: I) -> Exact {
        sum_exact(values)
    }
}
