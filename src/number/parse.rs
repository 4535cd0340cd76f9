//! Reading a plain decimal: optional sign, digits, optional fraction, optional exponent.
//!
//! Not here: percent signs, digit grouping, full-width digits and other habits of forms; their readers clean up first.

use std::fmt;
use std::str::FromStr;

use dashu_int::{IBig, UBig};

use super::arithmetic::gcd;
use super::exact::Exact;

/// The most digits a number may have, before and after the point and altogether: far beyond any budget, and small
/// enough that `1e400` costs nothing.
const MOST_DIGITS: usize = 40;

/// Why a text is not read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// There is no text.
    Empty,
    /// Not of the form `12`, `-3.50` or `1.5e-3`.
    NotANumber,
    /// More than 40 significant digits, or more than 40 digits before or after the point.
    TooLong,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseError::Empty => "no number is written here",
            ParseError::NotANumber => "not a plain decimal number such as `12`, `-3.50` or `1.5e-3`",
            ParseError::TooLong => "a number has at most 40 digits",
        })
    }
}

impl std::error::Error for ParseError {}

impl Exact {
    /// The decimal that is written, exactly.
    ///
    /// # Errors
    /// [`ParseError`] says what keeps the text from being one number of at most 40 digits.
    /// ```
    /// use heng::number::{Exact, ParseError};
    /// assert_eq!(Exact::parse("4.50"), Exact::parse("45e-1"));
    /// assert_eq!(Exact::parse("1e400"), Err(ParseError::TooLong));
    /// ```
    pub fn parse(text: &str) -> Result<Exact, ParseError> {
        if text.is_empty() {
            return Err(ParseError::Empty);
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) if all_digits(fraction) => (whole, fraction),
            Some(_) => return Err(ParseError::NotANumber),
            None => (mantissa, ""),
        };
        if !all_digits(whole) {
            return Err(ParseError::NotANumber);
        }

        // Zeros at either end only shift the point; without them length is what the number really needs.
        let written = format!("{whole}{fraction}");
        let stripped = written.trim_end_matches('0');
        let digits = stripped.trim_start_matches('0');
        if digits.is_empty() {
            return Ok(Exact::ZERO);
        }
        let shift = signed(written.len() - stripped.len()) - signed(fraction.len()) + exponent;
        let places = usize::try_from(-shift).unwrap_or(0);
        let zeros = usize::try_from(shift).unwrap_or(0);
        if digits.len() > MOST_DIGITS || places > MOST_DIGITS || digits.len() + zeros > MOST_DIGITS {
            return Err(ParseError::TooLong);
        }

        if let Some(short) = short(digits, zeros, places, negative) {
            return Ok(short);
        }
        let magnitude = match digits.parse::<u64>() {
            Ok(small) => UBig::from(small),
            Err(_) => UBig::from_str(digits).map_err(|_| ParseError::NotANumber)?,
        };
        let ten = UBig::from(10u8);
        let magnitude = IBig::from(magnitude * ten.pow(zeros));
        let numerator = if negative { -magnitude } else { magnitude };
        Exact::from_parts(numerator, ten.pow(places)).ok_or(ParseError::NotANumber)
    }
}

impl FromStr for Exact {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Exact, ParseError> {
        Exact::parse(text)
    }
}

/// A number of a few digits, as nearly all are, without long integers.
fn short(digits: &str, zeros: usize, places: usize, negative: bool) -> Option<Exact> {
    let power = |exponent: usize| 10_u64.checked_pow(u32::try_from(exponent).ok()?);
    let (magnitude, power) = (digits.parse::<u64>().ok()?.checked_mul(power(zeros)?)?, power(places)?);
    let common = gcd(magnitude, power);
    let magnitude = i64::try_from(magnitude / common).ok()?;
    Exact::from_small(if negative { -magnitude } else { magnitude }, power / common)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Result<i64, ParseError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !all_digits(digits) {
        return Err(ParseError::NotANumber);
    }
    // Four digits or more cannot be a number of 40 digits, whatever stands before them.
    if digits.len() > 3 {
        return Err(ParseError::TooLong);
    }
    text.parse().map_err(|_| ParseError::NotANumber)
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX / 4)
}
