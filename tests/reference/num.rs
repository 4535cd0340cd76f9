//! Numbers of the reference (对照用的数): fractions, and everything else to 220 decimals.
//!
//! Nothing here is shared with `heng::number`: another library of fractions, and roots and logarithms written out to their
//! digits instead of kept as symbols. Two numbers that agree to [`SAME`] decimals are taken to be equal; no rubric comes near.

use heng::number::{Exact, Real, Rounding};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// Decimals that an irrational number is written out to.
const DIGITS: u32 = 220;
/// Decimals in which two irrational numbers must agree to be the same.
const SAME: u32 = 170;

/// A number.
#[derive(Clone, Debug)]
pub enum Num {
    /// A fraction.
    Fraction(BigRational),
    /// Times 10^[`DIGITS`], cut to a whole number.
    Digits(BigInt),
}

fn ten_to(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

impl Num {
    pub fn zero() -> Num {
        Num::Fraction(BigRational::zero())
    }

    pub fn one() -> Num {
        Num::Fraction(BigRational::one())
    }

    pub fn from_int(value: impl Into<BigInt>) -> Num {
        Num::Fraction(BigRational::from_integer(value.into()))
    }

    /// A number written as a decimal, `-12.50`.
    pub fn decimal(written: &str) -> Num {
        let (whole, part) = written.split_once('.').unwrap_or((written, ""));
        let digits: BigInt = format!("{whole}{part}").parse().unwrap();
        Num::Fraction(BigRational::new(digits, ten_to(u32::try_from(part.len()).unwrap())))
    }

    /// A number of the engine's, by its numerator and denominator as printed.
    pub fn of_exact(value: &Exact) -> Num {
        let numerator: BigInt = value.numerator().to_string().parse().unwrap();
        let denominator: BigInt = value.denominator().to_string().parse().unwrap();
        Num::Fraction(BigRational::new(numerator, denominator))
    }

    fn digits(&self) -> BigInt {
        match self {
            Num::Fraction(value) => (value.numer() * ten_to(DIGITS)).div_floor(value.denom()),
            Num::Digits(digits) => digits.clone(),
        }
    }

    /// As a fraction; of an irrational number, of the digits that are known.
    pub fn fraction(&self) -> BigRational {
        match self {
            Num::Fraction(value) => value.clone(),
            Num::Digits(digits) => BigRational::new(digits.clone(), ten_to(DIGITS)),
        }
    }

    pub fn is_fraction(&self) -> bool {
        matches!(self, Num::Fraction(_))
    }

    fn both(&self, other: &Num, exact: fn(&BigRational, &BigRational) -> BigRational, digits: fn(BigInt, BigInt) -> BigInt) -> Num {
        match (self, other) {
            (Num::Fraction(a), Num::Fraction(b)) => Num::Fraction(exact(a, b)),
            _ => Num::Digits(digits(self.digits(), other.digits())),
        }
    }

    pub fn add(&self, other: &Num) -> Num {
        self.both(other, |a, b| a + b, |a, b| a + b)
    }

    pub fn sub(&self, other: &Num) -> Num {
        self.both(other, |a, b| a - b, |a, b| a - b)
    }

    pub fn mul(&self, other: &Num) -> Num {
        self.both(other, |a, b| a * b, |a, b| (a * b).div_floor(&ten_to(DIGITS)))
    }

    /// The quotient; none by zero.
    pub fn div(&self, other: &Num) -> Option<Num> {
        if other.is_zero() {
            return None;
        }
        Some(self.both(other, |a, b| a / b, |a, b| (a * ten_to(DIGITS)).div_floor(&b)))
    }

    pub fn negate(&self) -> Num {
        Num::zero().sub(self)
    }

    pub fn abs(&self) -> Num {
        if self.is_negative() { self.negate() } else { self.clone() }
    }

    pub fn compare(&self, other: &Num) -> Ordering {
        if let (Num::Fraction(a), Num::Fraction(b)) = (self, other) {
            return (a.numer() * b.denom()).cmp(&(b.numer() * a.denom()));
        }
        match self.sub(other) {
            Num::Fraction(difference) => difference.cmp(&BigRational::zero()),
            Num::Digits(difference) if difference.abs() < ten_to(DIGITS - SAME) => Ordering::Equal,
            Num::Digits(difference) => difference.cmp(&BigInt::zero()),
        }
    }

    pub fn is_zero(&self) -> bool {
        self.compare(&Num::zero()).is_eq()
    }

    pub fn is_negative(&self) -> bool {
        self.compare(&Num::zero()).is_lt()
    }

    pub fn min(self, other: Num) -> Num {
        if self.compare(&other).is_le() { self } else { other }
    }

    pub fn max(self, other: Num) -> Num {
        if self.compare(&other).is_ge() { self } else { other }
    }

    /// Rounded to so many decimals.
    pub fn round(&self, mode: Rounding, places: u32) -> Num {
        let shifted = self.mul(&Num::from_int(ten_to(places)));
        // Digits that are all but on a half or a whole number are those of one that is.
        let twice = shifted.mul(&Num::from_int(2));
        let near = Num::from_int((twice.fraction() + BigRational::new(1.into(), 2.into())).floor().to_integer());
        let shifted = if twice.compare(&near).is_eq() { near.fraction() / BigInt::from(2) } else { shifted.fraction() };
        let half = BigRational::new(1.into(), 2.into());
        let whole = match mode {
            Rounding::Floor => shifted.floor(),
            Rounding::Ceiling => shifted.ceil(),
            Rounding::HalfUp if shifted.is_negative() => -((-shifted + half).floor()),
            Rounding::HalfUp => (shifted + half).floor(),
            Rounding::HalfEven => {
                let (down, left) = (shifted.floor(), &shifted - shifted.floor());
                let up = left > half || left == half && down.to_integer().is_odd();
                if up { down + BigRational::one() } else { down }
            }
        };
        Num::Fraction(whole / ten_to(places))
    }

    /// The square root of a number that is not negative.
    pub fn sqrt(&self) -> Num {
        if let Num::Fraction(value) = self {
            let (above, below) = (value.numer().sqrt(), value.denom().sqrt());
            if &above * &above == *value.numer() && &below * &below == *value.denom() {
                return Num::Fraction(BigRational::new(above, below));
            }
            return Num::Digits((value.numer() * ten_to(2 * DIGITS)).div_floor(value.denom()).sqrt());
        }
        Num::Digits((self.digits() * ten_to(DIGITS)).sqrt())
    }

    /// The natural logarithm of a number above zero.
    pub fn ln(&self) -> Num {
        let mut left = self.fraction();
        if left.is_one() {
            return Num::zero();
        }
        // Halved or doubled until it is near 1, where the series is short.
        let (mut halvings, two) = (0_i64, BigRational::from_integer(2.into()));
        while left > BigRational::new(3.into(), 2.into()) {
            left /= &two;
            halvings += 1;
        }
        while left < BigRational::new(3.into(), 4.into()) {
            left *= &two;
            halvings -= 1;
        }
        static LN_2: OnceLock<BigInt> = OnceLock::new();
        let ln_2 = LN_2.get_or_init(|| near_one(&BigRational::from_integer(2.into())));
        Num::Digits((near_one(&left) + ln_2 * halvings).div_floor(&ten_to(GUARD)))
    }

    /// The number that the engine holds, compared with this one: to the last digit where either is a fraction, else to 30 decimals.
    pub fn same_as(&self, engine: &Real) -> bool {
        match engine.as_exact() {
            Some(exact) => self.compare(&Num::of_exact(exact)).is_eq(),
            None => {
                self.compare(&Num::decimal(&engine.show(30))).is_eq()
                    || self.round(Rounding::HalfUp, 30).compare(&Num::decimal(&engine.show(30))).is_eq()
            }
        }
    }

    /// To read in a message.
    pub fn say(&self) -> String {
        match self {
            Num::Fraction(value) if value.is_integer() => value.numer().to_string(),
            Num::Fraction(value) if value.denom().bits() < 60 => value.to_string(),
            other => {
                let rounded = other.round(Rounding::HalfUp, 30).fraction();
                let digits = (rounded * ten_to(30)).to_integer();
                let (sign, digits) = (if digits.is_negative() { "-" } else { "" }, digits.abs().to_string());
                let digits = format!("{digits:0>31}");
                let (whole, part) = digits.split_at(digits.len() - 30);
                format!("{sign}{whole}.{part}")
            }
        }
    }
}

/// Decimals kept beyond [`DIGITS`] while a series is added up.
const GUARD: u32 = 20;

/// ln x = 2 (y + y³/3 + y⁵/5 + …), y = (x − 1)/(x + 1); times 10^(DIGITS + GUARD).
fn near_one(x: &BigRational) -> BigInt {
    let one = BigRational::one();
    let y = (x - &one) / (x + &one);
    let scale = ten_to(DIGITS + GUARD);
    let y = (y.numer() * &scale).div_floor(y.denom());
    let square = (&y * &y).div_floor(&scale);
    let (mut power, mut sum, mut odd) = (y, BigInt::zero(), 1);
    while power.abs() > BigInt::one() {
        sum += &power / odd;
        power = (&power * &square).div_floor(&scale);
        odd += 2;
    }
    sum * 2
}

/// The sum of many numbers. Fractions are brought to one denominator first: adding them one by one takes a lifetime in a debug build.
pub fn sum(values: &[Num]) -> Num {
    let fractions: Option<Vec<&BigRational>> =
        values.iter().map(|value| if let Num::Fraction(value) = value { Some(value) } else { None }).collect();
    match fractions {
        Some(fractions) => {
            let common = fractions.iter().fold(BigInt::one(), |common, value| common.lcm(value.denom()));
            let above: BigInt = fractions.iter().map(|value| value.numer() * (&common / value.denom())).sum();
            Num::Fraction(BigRational::new(above, common))
        }
        None => values.iter().fold(Num::zero(), |sum, value| sum.add(value)),
    }
}

#[test]
fn digits_are_right() {
    assert_eq!(Num::from_int(2).sqrt().say(), "1.414213562373095048801688724210");
    assert_eq!(Num::from_int(10).ln().say(), "2.302585092994045684017991454684");
    assert_eq!(Num::decimal("0.01").ln().say(), "-4.605170185988091368035982909369");
    assert_eq!(Num::decimal("-2.5").round(Rounding::HalfUp, 0).say(), "-3");
    assert_eq!(Num::decimal("2.5").round(Rounding::HalfEven, 0).say(), "2");
    assert!(Num::from_int(2).sqrt().mul(&Num::from_int(8).sqrt()).compare(&Num::from_int(4)).is_eq());
}
