//! Fractions and their digits, written without the engine (独立的精确算术).

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// A fraction.
pub type Q = BigRational;

/// `n / d`.
pub fn q(n: i64, d: i64) -> Q {
    Q::new(n.into(), d.into())
}

pub fn whole(n: impl Into<BigInt>) -> Q {
    Q::from_integer(n.into())
}

/// `10^k`.
pub fn power(k: u32) -> BigInt {
    num_traits::pow(BigInt::from(10), k as usize)
}

/// `10^-k`.
pub fn step(k: u32) -> Q {
    Q::new(BigInt::one(), power(k))
}

/// The decimal that is written.
pub fn decimal(text: &str) -> Q {
    let (head, tail) = text.split_once('.').unwrap_or((text, ""));
    Q::new(format!("{head}{tail}").parse().unwrap(), power(tail.len() as u32))
}

/// Where a number stands between its neighbours, and how it is brought to one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    HalfUp,
    HalfEven,
    Ceiling,
    Floor,
}

impl Way {
    pub const ALL: [(Way, &'static str); 4] =
        [(Way::HalfUp, "half_up"), (Way::HalfEven, "half_even"), (Way::Ceiling, "ceiling"), (Way::Floor, "floor")];

    /// The whole number that it makes of a fraction.
    pub fn of(self, number: &Q) -> BigInt {
        let (down, rest) = number.numer().div_mod_floor(number.denom());
        let twice: BigInt = &rest * 2;
        let against_half = twice.cmp(number.denom());
        let up = match self {
            Way::Floor => false,
            Way::Ceiling => !rest.is_zero(),
            // Half away from zero: of a negative number, the half goes down.
            Way::HalfUp => against_half.is_gt() || against_half.is_eq() && !number.is_negative(),
            Way::HalfEven => against_half.is_gt() || against_half.is_eq() && down.is_odd(),
        };
        if up { down + 1 } else { down }
    }

    /// To some decimals.
    pub fn to(self, number: &Q, places: u32) -> Q {
        Q::new(self.of(&(number * whole(power(places)))), power(places))
    }
}

/// Digits of a whole number of units of the last place.
fn digits(units: &BigInt, places: u32) -> String {
    let width = places as usize + 1;
    let text = format!("{:0>width$}", units.abs().to_string());
    let (head, tail) = text.split_at(text.len() - places as usize);
    let sign = if units.is_negative() { "-" } else { "" };
    if places == 0 { format!("{sign}{head}") } else { format!("{sign}{head}.{tail}") }
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// What a result must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    Number(Q),
    /// A root of the second, with the sign of the first.
    Root(bool, Q),
    Word(String),
    Nothing,
}

impl Want {
    pub fn number(of: Option<Q>) -> Want {
        of.map_or(Want::Nothing, Want::Number)
    }

    pub fn flag(of: Option<bool>) -> Want {
        Want::number(of.map(|flag| whole(i32::from(flag))))
    }

    /// As it must be shown; nothing where there is no value.
    pub fn shown(&self, places: Option<u32>) -> Option<String> {
        let show = |units: &dyn Fn(u32) -> BigInt| match places {
            Some(places) => digits(&units(places), places),
            None => trimmed(&digits(&units(6), 6)),
        };
        match self {
            Want::Nothing => None,
            Want::Word(word) => Some(word.clone()),
            Want::Number(number) => Some(show(&|places| Way::HalfUp.of(&(number * whole(power(places)))))),
            Want::Root(negative, square) => Some(show(&|places| {
                // Twice the root, cut off, is even below the half and odd from it on.
                let twice = (square * whole(power(2 * places)) * whole(4)).floor().to_integer().sqrt();
                let units: BigInt = (twice + 1) / 2;
                if *negative { -units } else { units }
            })),
        }
    }
}

/// A number as it is typed: at most 40 digits; nothing where that does not hold it.
pub fn typed(number: &Q) -> Option<String> {
    let (mut places, mut rest) = (0, number.denom().clone());
    while !rest.is_one() {
        let by = if rest.is_multiple_of(&BigInt::from(10)) {
            10
        } else if rest.is_even() {
            2
        } else {
            5
        };
        if !rest.is_multiple_of(&BigInt::from(by)) || places == 40 {
            return None;
        }
        rest /= by;
        places += 1;
    }
    let text = digits(&(number * whole(power(places))).to_integer(), places);
    (text.bytes().filter(u8::is_ascii_digit).count() <= 40).then_some(text)
}

/// `⌊log₁₀ |x|⌋`, roughly.
pub fn magnitude(number: &Q) -> i32 {
    let length = |of: &BigInt| of.magnitude().to_string().len() as i32;
    if number.is_zero() { 0 } else { length(number.numer()) - length(number.denom()) }
}

/// A generator of numbers that is the same on every machine (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        let state = Random(seed).next();
        Random(state)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// From one end to the other, both included.
    pub fn from(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    pub fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// A whole number above zero with some digits.
    pub fn long(&mut self, digits: u32) -> BigInt {
        let bytes: Vec<u8> = (0..20).map(|_| self.next() as u8).collect();
        BigInt::from_bytes_le(Sign::Plus, &bytes).mod_floor(&power(digits)) + 1
    }

    /// A decimal of either sign with some digits before and behind the point.
    pub fn number(&mut self, before: u32, places: u32) -> Q {
        let units = self.long(before + places);
        Q::new(if self.chance(20) { -units } else { units }, power(places))
    }

    /// A number at a boundary or beside it by a step of a power of ten: absolute, or, of a long number, relative.
    pub fn beside(&mut self, boundary: &Q) -> Q {
        if self.chance(35) {
            return boundary.clone();
        }
        let places = self.from(4, 28) as u32;
        let mut by = step(places) * whole(self.of(&[1, 1, 1, 2, 5, 9]));
        let size = magnitude(boundary);
        if size.unsigned_abs() > 3 && self.chance(70) {
            by = if size > 0 { by * whole(power(size.unsigned_abs())) } else { by / whole(power(size.unsigned_abs())) };
        }
        if self.chance(50) { boundary - by } else { boundary + by }
    }

    /// A whole number beside one.
    pub fn about(&mut self, number: &Q) -> Q {
        let near = Way::HalfEven.of(number);
        let by = if self.chance(40) { 0 } else { self.of(&[-1, 1, -1, 1, 2, -2]) };
        whole(near + by)
    }
}
