//! The exact rational number: representation, conversions, rounding and showing.
//!
//! Most numbers of a school fit two machine words; those never touch the heap.
//! Not here: operators (`arithmetic`), reading text (`parse`), long sums (`sum`).

use std::fmt;
use std::num::NonZeroU64;

use dashu_base::{BitTest, DivRem, Sign};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::rounding::{Leftover, Rounding};

/// An exact rational number (精确数).
///
/// Compares, hashes and computes by value: `0.50` and `1/2` are one number.
/// ```
/// use heng::number::Exact;
/// let third = Exact::from_ratio(1, 3).unwrap();
/// assert_eq!(&(&third + &third) + &third, Exact::ONE);
/// assert_eq!(Exact::parse("0.85").unwrap() * Exact::parse("4.2").unwrap(), Exact::parse("3.57").unwrap());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exact(pub(super) Repr);

// INVARIANT: lowest terms; `Small` whenever numerator and denominator both fit an `i64`. So equal numbers have equal
// representations, and the derived equality and hash are by value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Repr {
    /// The denominator is at most `i64::MAX`, so that products of two parts stay within an `i128`.
    Small {
        numerator: i64,
        denominator: NonZeroU64,
    },
    Big(Box<RBig>),
}

/// The largest power of ten used in machine arithmetic: `2^63 · 10^18` is well within a `u128`.
const MACHINE_PLACES: u32 = 18;

impl Exact {
    /// Zero.
    pub const ZERO: Exact = Exact::small_integer(0);
    /// One.
    pub const ONE: Exact = Exact::small_integer(1);

    const fn small_integer(value: i64) -> Exact {
        Exact(Repr::Small { numerator: value, denominator: NonZeroU64::MIN })
    }

    /// `numerator / denominator`; `None` when the denominator is zero.
    pub fn from_ratio(numerator: i64, denominator: i64) -> Option<Exact> {
        Exact::from(numerator).checked_div(&Exact::from(denominator))
    }

    /// `numerator / denominator` of integers of any size; `None` when the denominator is zero.
    pub fn from_parts(numerator: IBig, denominator: UBig) -> Option<Exact> {
        (!denominator.is_zero()).then(|| Exact::from_big(RBig::from_parts(numerator, denominator)))
    }

    /// A decimal of the script engine, which is exact already.
    pub fn from_decimal(decimal: &Decimal) -> Exact {
        let power = UBig::from(10u8).pow(places_as_power(decimal.scale()));
        Exact::from_big(RBig::from_parts(IBig::from(decimal.mantissa()), power))
    }

    pub(super) fn from_big(ratio: RBig) -> Exact {
        let small = i64::try_from(ratio.numerator()).ok().zip(i64::try_from(ratio.denominator()).ok());
        match small.and_then(|(numerator, denominator)| Exact::from_small(numerator, denominator.unsigned_abs())) {
            Some(small) => small,
            None => Exact(Repr::Big(Box::new(ratio))),
        }
    }

    /// Parts in lowest terms; `None` unless they fit the small form.
    pub(super) fn from_small(numerator: i64, denominator: u64) -> Option<Exact> {
        let denominator = NonZeroU64::new(denominator).filter(|it| i64::try_from(it.get()).is_ok())?;
        Some(Exact(Repr::Small { numerator, denominator }))
    }

    /// Parts in lowest terms, of whatever size; the denominator is positive.
    pub(super) fn from_wide(numerator: i128, denominator: u128) -> Exact {
        let small = i64::try_from(numerator).ok().zip(u64::try_from(denominator).ok());
        match small.and_then(|(numerator, denominator)| Exact::from_small(numerator, denominator)) {
            Some(small) => small,
            None => Exact(Repr::Big(Box::new(RBig::from_parts(IBig::from(numerator), UBig::from(denominator))))),
        }
    }

    /// The numerator in lowest terms; it carries the sign.
    pub fn numerator(&self) -> IBig {
        match &self.0 {
            Repr::Small { numerator, .. } => IBig::from(*numerator),
            Repr::Big(ratio) => ratio.numerator().clone(),
        }
    }

    /// The denominator in lowest terms, positive.
    pub fn denominator(&self) -> UBig {
        match &self.0 {
            Repr::Small { denominator, .. } => UBig::from(denominator.get()),
            Repr::Big(ratio) => ratio.denominator().clone(),
        }
    }

    /// Numerator and denominator as numbers of this kind, small ones without the heap.
    pub(crate) fn split(&self) -> (Exact, Exact) {
        match &self.0 {
            Repr::Small { numerator, denominator } => (Exact::from(*numerator), Exact::from(denominator.get())),
            Repr::Big(ratio) => {
                let denominator = RBig::from(ratio.denominator().clone());
                (Exact::from_big(RBig::from(ratio.numerator().clone())), Exact::from_big(denominator))
            }
        }
    }

    /// Numerator, with the sign, and denominator in lowest terms, where both are machine words: `-3` and `4` of −0.75.
    pub(crate) fn machine(&self) -> Option<(i64, i64)> {
        match &self.0 {
            Repr::Small { numerator, denominator } => Some((*numerator, i64::try_from(denominator.get()).ok()?)),
            Repr::Big(_) => None,
        }
    }

    /// Size of numerator plus denominator in bits, for limits on what a script may build.
    pub fn bits(&self) -> usize {
        self.numerator().bit_len().saturating_add(self.denominator().bit_len())
    }

    /// −1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Small { numerator: 0, .. } => 0,
            Repr::Small { numerator, .. } => {
                if *numerator < 0 {
                    -1
                } else {
                    1
                }
            }
            Repr::Big(ratio) if ratio.numerator().sign() == Sign::Negative => -1,
            // Zero is never big.
            Repr::Big(_) => 1,
        }
    }

    /// Whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.signum() == 0
    }

    /// Whether the number is below zero.
    pub fn is_negative(&self) -> bool {
        self.signum() < 0
    }

    /// Whether the number is above zero.
    pub fn is_positive(&self) -> bool {
        self.signum() > 0
    }

    /// Whether the number is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small { denominator, .. } => *denominator == NonZeroU64::MIN,
            Repr::Big(ratio) => ratio.is_int(),
        }
    }

    /// The whole number as an `i64`; `None` when there is a fraction or it is too large.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small { numerator, denominator } if *denominator == NonZeroU64::MIN => Some(*numerator),
            _ => None,
        }
    }

    /// A binary double next to the number, infinite when out of range: for drawing, never for deciding.
    pub fn to_f64(&self) -> f64 {
        RBig::from_parts(self.numerator(), self.denominator()).to_f64().value()
    }

    /// The same number as a decimal of the script engine; `None` when it is not exactly representable there
    /// (not a terminating decimal, more than 28 decimals, or more than 96 bits).
    pub fn to_decimal(&self) -> Option<Decimal> {
        let places = self.decimal_places().filter(|places| *places <= 28)?;
        let digits = i128::try_from(self.scaled(Rounding::HalfUp, places)).ok()?;
        Decimal::try_from_i128_with_scale(digits, places).ok()
    }

    /// How many decimals the shortest exact decimal has; `None` when the decimals never end.
    pub fn decimal_places(&self) -> Option<u32> {
        let mut rest = self.denominator();
        let twos = rest.remove(&UBig::from(2u8)).unwrap_or(0);
        let fives = rest.remove(&UBig::from(5u8)).unwrap_or(0);
        rest.is_one().then(|| u32::try_from(twos.max(fives)).ok()).flatten()
    }

    /// The largest whole number not above this one.
    pub fn floor(&self) -> Exact {
        self.round(Rounding::Floor, 0)
    }

    /// The smallest whole number not below this one.
    pub fn ceil(&self) -> Exact {
        self.round(Rounding::Ceiling, 0)
    }

    /// The whole part, the fraction cut off.
    pub fn trunc(&self) -> Exact {
        if self.is_negative() { self.ceil() } else { self.floor() }
    }

    /// Rounded to `places` decimals.
    /// ```
    /// use heng::number::{Exact, Rounding};
    /// let x = Exact::parse("12.25").unwrap();
    /// assert_eq!(x.round(Rounding::HalfUp, 1).to_string(), "12.3");
    /// assert_eq!(x.round(Rounding::HalfEven, 1).to_string(), "12.2");
    /// ```
    pub fn round(&self, rounding: Rounding, places: u32) -> Exact {
        if self.is_integer() {
            return self.clone();
        }
        let power = UBig::from(10u8).pow(places_as_power(places));
        Exact::from_big(RBig::from_parts(self.scaled(rounding, places), power))
    }

    /// `self · 10^places`, rounded to a whole number.
    pub(super) fn scaled(&self, rounding: Rounding, places: u32) -> IBig {
        let negative = self.is_negative();
        let machine = match &self.0 {
            Repr::Small { numerator, denominator } if places <= MACHINE_PLACES => 10u64
                .checked_pow(places)
                .map(|power| (u128::from(numerator.unsigned_abs()) * u128::from(power), u128::from(denominator.get()))),
            _ => None,
        };
        let magnitude = if let Some((dividend, divisor)) = machine {
            let (cut, rest) = (dividend / divisor, dividend % divisor);
            let left = Leftover { none: rest == 0, half: (rest * 2).cmp(&divisor) };
            let away = rounding.away_from_zero(negative, cut % 2 == 1, left);
            UBig::from(cut + u128::from(away))
        } else {
            let divisor = self.denominator();
            let dividend = self.numerator().into_parts().1 * UBig::from(10u8).pow(places_as_power(places));
            let (cut, rest) = dividend.div_rem(&divisor);
            let none = rest.is_zero();
            let left = Leftover { none, half: (rest << 1usize).cmp(&divisor) };
            let away = rounding.away_from_zero(negative, cut.bit(0), left);
            cut + UBig::from(away)
        };
        IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, magnitude)
    }

    /// With a fixed number of decimals, rounded half away from zero (四舍五入). Nothing is shown as minus zero.
    /// ```
    /// use heng::number::Exact;
    /// assert_eq!(Exact::parse("4.505").unwrap().show(2), "4.51");
    /// assert_eq!(Exact::parse("-0.004").unwrap().show(2), "0.00");
    /// ```
    pub fn show(&self, places: u32) -> String {
        let (sign, magnitude) = self.scaled(Rounding::HalfUp, places).into_parts();
        // Zero has no sign in these integers, so "-0.00" cannot arise.
        let sign = if sign == Sign::Negative { "-" } else { "" };
        let decimals = places_as_power(places);
        let digits = format!("{:0>width$}", magnitude.to_string(), width = decimals.saturating_add(1));
        match digits.split_at_checked(digits.len().saturating_sub(decimals)) {
            Some((whole, fraction)) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
            _ => format!("{sign}{digits}"),
        }
    }

    /// As [`Exact::show`], with the zeros at the end of the decimals left off.
    pub fn show_trimmed(&self, places: u32) -> String {
        let shown = self.show(places);
        if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.').to_owned() } else { shown }
    }
}

fn places_as_power(places: u32) -> usize {
    usize::try_from(places).unwrap_or(usize::MAX)
}

impl Default for Exact {
    fn default() -> Exact {
        Exact::ZERO
    }
}

impl From<i64> for Exact {
    fn from(value: i64) -> Exact {
        Exact::small_integer(value)
    }
}

impl From<i32> for Exact {
    fn from(value: i32) -> Exact {
        Exact::small_integer(i64::from(value))
    }
}

impl From<u32> for Exact {
    fn from(value: u32) -> Exact {
        Exact::small_integer(i64::from(value))
    }
}

impl From<u64> for Exact {
    fn from(value: u64) -> Exact {
        Exact::from_wide(i128::from(value), 1)
    }
}

impl From<usize> for Exact {
    fn from(value: usize) -> Exact {
        Exact::from_big(RBig::from(value))
    }
}

/// The shortest exact decimal when the decimals end (`4.505`), else the fraction in lowest terms (`1/3`).
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decimal_places() {
            Some(places) => f.pad(&self.show(places)),
            None => f.pad(&format!("{}/{}", self.numerator(), self.denominator())),
        }
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
