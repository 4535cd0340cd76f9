//! Enclosures (区间): two fixed-point integers that a real number is proven to lie between.
//!
//! An enclosure has `bits` fractional bits: the number lies in `[low, high] / 2^bits`. Every step rounds `low` down and
//! `high` up, so that a bound, once found, holds whatever the precision; more bits only bring the ends closer.
//! Not here: how many bits are enough (`real` doubles them until a question is answered).

use dashu_base::{BitTest, DivRem, Sign, SquareRoot};
use dashu_int::{IBig, UBig};

use super::exact::Exact;

/// A number known to lie in `[low, high] / 2^bits`.
#[derive(Clone, Debug)]
pub(super) struct Enclosure {
    pub(super) low: IBig,
    pub(super) high: IBig,
}

impl Enclosure {
    pub(super) const ZERO: Enclosure = Enclosure { low: IBig::ZERO, high: IBig::ZERO };

    /// Encloses a rational number.
    pub(super) fn of_exact(value: &Exact, bits: usize) -> Enclosure {
        quotient(&(value.numerator() << bits), &value.denominator())
    }

    /// Encloses `coefficient · √radicand`.
    ///
    /// The coefficient goes under the root first: `⌊√⌊c²n·4^bits⌋⌋ = ⌊|c|√n·2^bits⌋`, so one unit is always enough,
    /// however large the radicand or small the coefficient.
    pub(super) fn of_root(coefficient: &Exact, radicand: &UBig, bits: usize) -> Enclosure {
        let (sign, numerator) = coefficient.numerator().into_parts();
        let denominator = coefficient.denominator();
        let square = ((&numerator * &numerator * radicand) << (2 * bits)) / (&denominator * &denominator);
        let low = IBig::from(square.sqrt());
        let high = &low + IBig::ONE;
        match sign {
            Sign::Positive => Enclosure { low, high },
            Sign::Negative => Enclosure { low: -high, high: -low },
        }
    }

    /// Encloses the product with a rational number.
    pub(super) fn times(&self, factor: &Exact) -> Enclosure {
        let (numerator, denominator) = (factor.numerator(), factor.denominator());
        let one = quotient(&(&self.low * &numerator), &denominator);
        let other = quotient(&(&self.high * &numerator), &denominator);
        Enclosure { low: one.low.min(other.low), high: one.high.max(other.high) }
    }

    pub(super) fn plus(self, other: Enclosure) -> Enclosure {
        Enclosure { low: self.low + other.low, high: self.high + other.high }
    }

    /// −1 or 1 when the whole enclosure lies on that side of zero, or 0 when it is zero alone.
    pub(super) fn sign(&self) -> Option<i32> {
        if self.low > IBig::ZERO {
            Some(1)
        } else if self.high < IBig::ZERO {
            Some(-1)
        } else if self.low.is_zero() && self.high.is_zero() {
            Some(0)
        } else {
            None
        }
    }
}

/// `numerator / denominator`, down and up.
fn quotient(numerator: &IBig, denominator: &UBig) -> Enclosure {
    if denominator.is_one() {
        return Enclosure { low: numerator.clone(), high: numerator.clone() };
    }
    // Division cuts toward zero; the remainder, which has the sign of the numerator, tells on which side.
    let (cut, rest) = numerator.div_rem(denominator);
    if rest.is_zero() {
        Enclosure { low: cut.clone(), high: cut }
    } else if rest < IBig::ZERO {
        Enclosure { low: &cut - IBig::ONE, high: cut }
    } else {
        Enclosure { high: &cut + IBig::ONE, low: cut }
    }
}

/// Natural logarithms at one precision; keeps `ln 2`, which each of them needs.
pub(super) struct Logarithms {
    bits: usize,
    guard: usize,
    /// `[low, high] / 2^(bits + guard)`.
    ln2: (UBig, UBig),
}

impl Logarithms {
    /// At `bits` fractional bits, for arguments whose parts have no more than `argument_bits` bits.
    pub(super) fn new(bits: usize, argument_bits: usize) -> Logarithms {
        // 16 bits for the errors of the series, and as many as the multiple of ln 2 has.
        let guard = 16 + argument_bits.bit_len();
        let (low, width) = twice_artanh(&UBig::ONE, &UBig::from(3u8), bits + guard);
        let high = &low + width;
        Logarithms { bits, guard, ln2: (low, high) }
    }

    /// Encloses `ln argument` of a positive rational.
    ///
    /// `ln a = e·ln 2 + 2·artanh z` with `z = (m − 1)/(m + 1)` and `a = 2^e·m`, `2/3 ≤ m ≤ 4/3`, so `|z| ≤ 1/5`.
    pub(super) fn enclose(&self, argument: &Exact) -> Enclosure {
        let (numerator, denominator) = (argument.numerator().into_parts().1, argument.denominator());
        let (up, down) = (numerator.bit_len(), denominator.bit_len());
        let (mut doubled, mut exponent) = if up >= down {
            ((numerator, denominator << (up - down)), IBig::from(up - down))
        } else {
            ((numerator << (down - up), denominator), -IBig::from(down - up))
        };
        // Equal lengths put m between 1/2 and 2; one step of a power of two brings it near 1.
        if UBig::from(3u8) * &doubled.0 > UBig::from(4u8) * &doubled.1 {
            doubled.1 <<= 1;
            exponent += IBig::ONE;
        } else if UBig::from(3u8) * &doubled.0 < UBig::from(2u8) * &doubled.1 {
            doubled.0 <<= 1;
            exponent -= IBig::ONE;
        }
        let (numerator, denominator) = doubled;
        let total = &numerator + &denominator;
        let precision = self.bits + self.guard;
        let (mut low, mut high) = if numerator >= denominator {
            let (low, width) = twice_artanh(&(numerator - denominator), &total, precision);
            let high = &low + width;
            (IBig::from(low), IBig::from(high))
        } else {
            let (low, width) = twice_artanh(&(denominator - numerator), &total, precision);
            let high = &low + width;
            (-IBig::from(high), -IBig::from(low))
        };
        let (ln2_low, ln2_high) = &self.ln2;
        if exponent >= IBig::ZERO {
            low += &exponent * ln2_low;
            high += &exponent * ln2_high;
        } else {
            low += &exponent * ln2_high;
            high += &exponent * ln2_low;
        }
        // A shift to the right rounds down; the upper end is shifted as its negative.
        Enclosure { low: low >> self.guard, high: -((-high) >> self.guard) }
    }
}

/// `2·artanh(numerator/denominator)` for `0 ≤ numerator/denominator ≤ 1/3`, as a lower bound and a width:
/// the number lies in `[low, low + width] / 2^precision`.
///
/// With `z` cut to fixed point, the series `z + z³/3 + z⁵/5 + …` is summed until its power vanishes. All cuts go down,
/// so the sum is a lower bound. In units of the last place: cutting `z` costs at most `1/(1 − z²) ≤ 9/8`; a power is
/// short by `δ' ≤ δ/9 + 1/3 + 1`, hence always by less than 3/2; a term by less than 3/2 plus 1 for its division; and
/// once the power has vanished its true value is below 3/2 and the rest of the series below 2. Together, with `J` terms,
/// less than `5/2·J + 4`.
fn twice_artanh(numerator: &UBig, denominator: &UBig, precision: usize) -> (UBig, UBig) {
    let z = (numerator << precision) / denominator;
    let square = (&z * &z) >> precision;
    let mut power = z;
    let mut sum = UBig::ZERO;
    let mut terms = 0u32;
    while !power.is_zero() {
        sum += &power / (2 * terms + 1);
        power = (power * &square) >> precision;
        terms += 1;
    }
    (sum << 1, UBig::from(2 * (3 * u64::from(terms) + 4)))
}
