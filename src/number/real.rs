//! Real numbers that statistics yield: a rational, plus rational multiples of square roots and of natural logarithms.
//!
//! A difference coefficient (差异系数) is a square root, the mean of eight of them a sum of roots, a Theil index (泰尔指数) a
//! sum of logarithms. [`Real`] keeps them symbolic, so that a verdict at exactly the limit, a shared rank or a published
//! digit is decided by the number itself and not by how far it was computed.
//!
//! Why every comparison and every rounding ends, and ends right, stands in `order`.
//!
//! Not here: products of logarithms with each other or with roots; [`Real::checked_mul`] says `None` to those.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use dashu_int::{IBig, UBig};
use serde::{Serialize, Serializer};

use super::enclosure::Enclosure;
use super::exact::Exact;
use super::logarithm::Logs;
use super::root::Roots;
use super::rounding::Rounding;
use super::sum::sum_exact;

/// A real number as statistics yield it: rational, roots and logarithms, compared and rounded exactly.
/// ```
/// use heng::number::{Exact, Real};
/// let sqrt = |n: i64| Real::sqrt(&Exact::from(n)).unwrap();
/// assert_eq!(sqrt(2).checked_mul(&sqrt(8)), Some(Real::from(Exact::from(4))));
/// assert_eq!(&sqrt(2) + &sqrt(8), sqrt(18));
/// assert_eq!(sqrt(2).show(6), "1.414214");
/// ```
#[derive(Clone, Default)]
pub struct Real {
    rational: Exact,
    /// INVARIANT: absent when both parts of it are empty; then the value is rational, otherwise it is not.
    irrational: Option<Box<Irrational>>,
}

#[derive(Clone, Default)]
struct Irrational {
    roots: Roots,
    logs: Logs,
}

/// Why a quotient cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DivError {
    /// The divisor is zero.
    ByZero,
    /// The quotient is none of the numbers kept here: a divisor with logarithms or several roots, or logarithms
    /// divided by a root.
    Irrational,
}

impl fmt::Display for DivError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DivError::ByZero => "division by zero",
            DivError::Irrational => "division by a number that is not rational",
        })
    }
}

impl std::error::Error for DivError {}

/// Bits of a first enclosure: enough for almost every comparison, and still machine words.
pub(super) const FIRST_BITS: usize = 64;

impl Real {
    /// Zero.
    pub const ZERO: Real = Real { rational: Exact::ZERO, irrational: None };

    fn new(rational: Exact, roots: Roots, logs: Logs) -> Real {
        let irrational = (!roots.is_empty() || !logs.is_empty()).then(|| Box::new(Irrational { roots, logs }));
        Real { rational, irrational }
    }

    /// The square root; `None` for a negative number.
    pub fn sqrt(value: &Exact) -> Option<Real> {
        if value.is_negative() {
            return None;
        }
        let (rational, roots) = Roots::sqrt(value);
        Some(Real::new(rational, roots, Logs::default()))
    }

    /// The natural logarithm; `None` for zero and negative numbers.
    pub fn ln(value: &Exact) -> Option<Real> {
        Real::log_sum(Exact::ONE, [(Exact::ONE, value.clone())])
    }

    /// `scale · Σ coefficient · ln argument` over pairs `(coefficient, argument)`; `None` when an argument is not
    /// positive. A factor that all terms share belongs into `scale`: a long sum is the shorter for it.
    pub fn log_sum(scale: Exact, terms: impl IntoIterator<Item = (Exact, Exact)>) -> Option<Real> {
        Some(Real::new(Exact::ZERO, Roots::default(), Logs::new(scale, terms)?))
    }

    /// The value, if it is rational.
    pub fn as_exact(&self) -> Option<&Exact> {
        self.is_exact().then_some(&self.rational)
    }

    /// Whether the value is rational.
    pub fn is_exact(&self) -> bool {
        self.irrational.is_none()
    }

    /// −1, 0 or 1.
    pub fn signum(&self) -> i32 {
        if self.is_exact() {
            return self.rational.signum();
        }
        // Not zero, since irrational.
        let decided = doubling(FIRST_BITS).find_map(|bits| self.enclose(bits).sign());
        decided.unwrap_or(0)
    }

    /// The magnitude.
    #[must_use]
    pub fn abs(&self) -> Real {
        if self.signum() < 0 { -self } else { self.clone() }
    }

    /// Adds `factor` times `other`.
    fn plus_scaled(&self, other: &Real, factor: &Exact) -> Real {
        let rational = &self.rational + &other.rational * factor;
        if self.is_exact() && other.is_exact() {
            return Real::from(rational);
        }
        let Irrational { mut roots, mut logs } = self.irrational.as_deref().cloned().unwrap_or_default();
        if let Some(other) = &other.irrational {
            roots.add_scaled(&other.roots, factor);
            logs.add_scaled(&other.logs, factor);
        }
        Real::new(rational, roots, logs)
    }

    fn plus(&self, other: &Real) -> Real {
        self.plus_scaled(other, &Exact::ONE)
    }

    pub(super) fn minus(&self, other: &Real) -> Real {
        self.plus_scaled(other, &Exact::from(-1))
    }

    fn scaled(&self, factor: &Exact) -> Real {
        Real::ZERO.plus_scaled(self, factor)
    }

    /// The product; `None` when logarithms meet anything that is not rational.
    pub fn checked_mul(&self, other: &Real) -> Option<Real> {
        match (self.irrational.as_deref(), other.irrational.as_deref()) {
            (_, None) => Some(self.scaled(&other.rational)),
            (None, _) => Some(other.scaled(&self.rational)),
            (Some(one), Some(two)) if one.logs.is_empty() && two.logs.is_empty() => {
                let (rational, mut roots) = one.roots.product(&two.roots);
                roots.add_scaled(&one.roots, &other.rational);
                roots.add_scaled(&two.roots, &self.rational);
                Some(Real::new(rational + &self.rational * &other.rational, roots, Logs::default()))
            }
            _ => None,
        }
    }

    /// The quotient.
    ///
    /// # Errors
    /// [`DivError::ByZero`]; [`DivError::Irrational`] when the quotient of irrational numbers cannot be written as a
    /// sum of roots: the divisor may be `r + c√n`, and then the dividend may have roots but no logarithms.
    pub fn checked_div(&self, divisor: &Real) -> Result<Real, DivError> {
        let Some(irrational) = divisor.irrational.as_deref() else {
            let inverse = Exact::ONE.checked_div(&divisor.rational).ok_or(DivError::ByZero)?;
            return Ok(self.scaled(&inverse));
        };
        let square = irrational.roots.square_of_single().filter(|_| irrational.logs.is_empty());
        let square = square.ok_or(DivError::Irrational)?;
        // 1/(r + c√n) = (r − c√n)/(r² − c²n), whose denominator is not zero because √n is irrational.
        let mut roots = Roots::default();
        roots.add_scaled(&irrational.roots, &Exact::from(-1));
        let conjugate = Real::new(divisor.rational.clone(), roots, Logs::default());
        let norm = &divisor.rational * &divisor.rational - square;
        let inverse = Exact::ONE.checked_div(&norm).ok_or(DivError::ByZero)?;
        Ok(self.checked_mul(&conjugate).ok_or(DivError::Irrational)?.scaled(&inverse))
    }

    pub(super) fn enclose(&self, bits: usize) -> Enclosure {
        let rational = Enclosure::of_exact(&self.rational, bits);
        match &self.irrational {
            Some(parts) => rational.plus(parts.roots.enclose(bits)).plus(parts.logs.enclose(bits)),
            None => rational,
        }
    }

    /// Rounded to `places` decimals, as if the number were written out to its end first.
    pub fn round(&self, rounding: Rounding, places: u32) -> Exact {
        if self.is_exact() {
            return self.rational.round(rounding, places);
        }
        let first = FIRST_BITS.max(usize::try_from(places).unwrap_or(usize::MAX).saturating_mul(4).saturating_add(16));
        let rounded = doubling(first).find_map(|bits| {
            let Enclosure { low, high } = self.enclose(bits);
            let [low, high] = [low, high].map(|end| dyadic(end, bits).round(rounding, places));
            (low == high).then_some(low)
        });
        rounded.unwrap_or_default()
    }

    /// The largest whole number not above this one.
    pub fn floor(&self) -> Exact {
        self.round(Rounding::Floor, 0)
    }

    /// The smallest whole number not below this one.
    pub fn ceil(&self) -> Exact {
        self.round(Rounding::Ceiling, 0)
    }

    /// With a fixed number of decimals, rounded half away from zero (四舍五入). Nothing is shown as minus zero.
    pub fn show(&self, places: u32) -> String {
        self.round(Rounding::HalfUp, places).show(places)
    }

    /// As [`Real::show`], with the zeros at the end of the decimals left off.
    pub fn show_trimmed(&self, places: u32) -> String {
        self.round(Rounding::HalfUp, places).show_trimmed(places)
    }

    /// A binary double next to the number: for drawing, never for deciding.
    pub fn to_f64(&self) -> f64 {
        if self.is_exact() {
            return self.rational.to_f64();
        }
        let narrow = doubling(FIRST_BITS).find_map(|bits| {
            let Enclosure { low, high } = self.enclose(bits);
            // Relatively narrow, so that a tiny number keeps its digits.
            let width = &high - &low;
            (width << 54usize <= IBig::from(low.clone().into_parts().1)).then(|| dyadic(low, bits).to_f64())
        });
        narrow.unwrap_or(0.0)
    }
}

/// Precisions to try in turn. The loop over them ends because what is asked is decidable, see the module.
fn doubling(first: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(first), |bits| bits.checked_mul(2))
}

fn dyadic(numerator: IBig, bits: usize) -> Exact {
    Exact::from_parts(numerator, UBig::ONE << bits).unwrap_or_default()
}

impl From<Exact> for Real {
    fn from(rational: Exact) -> Real {
        Real { rational, irrational: None }
    }
}

impl From<&Exact> for Real {
    fn from(rational: &Exact) -> Real {
        Real::from(rational.clone())
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $by:ident) => {
        impl $trait<&Real> for &Real {
            type Output = Real;
            fn $method(self, other: &Real) -> Real {
                self.$by(other)
            }
        }
        impl $trait<Real> for Real {
            type Output = Real;
            fn $method(self, other: Real) -> Real {
                self.$by(&other)
            }
        }
    };
}

operator!(Add, add, plus);
operator!(Sub, sub, minus);

impl<'a> Sum<&'a Real> for Real {
    fn sum<I: Iterator<Item = &'a Real>>(values: I) -> Real {
        let mut rationals = Vec::new();
        let Irrational { mut roots, mut logs } = Irrational::default();
        for value in values {
            rationals.push(&value.rational);
            if let Some(irrational) = &value.irrational {
                roots.add_scaled(&irrational.roots, &Exact::ONE);
                logs.add_scaled(&irrational.logs, &Exact::ONE);
            }
        }
        Real::new(sum_exact(rationals), roots, logs)
    }
}

impl Sum<Real> for Real {
    fn sum<I: Iterator<Item = Real>>(values: I) -> Real {
        values.collect::<Vec<Real>>().iter().sum()
    }
}

impl Neg for &Real {
    type Output = Real;
    fn neg(self) -> Real {
        self.scaled(&Exact::from(-1))
    }
}

impl Neg for Real {
    type Output = Real;
    fn neg(self) -> Real {
        -&self
    }
}

/// A rational exactly, an irrational number to 12 decimals.
impl fmt::Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_exact() {
            Some(exact) => fmt::Display::fmt(exact, f),
            None => f.pad(&self.show(12)),
        }
    }
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
