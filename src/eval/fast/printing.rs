//! Results as they are shown (结果的书写): digits where the bounds of a stored number decide them, the exact cell where not.
//!
//! Not here: what is stored (`sheet`), exact cells (`exact`).

use super::bound::{Bounded, CONSTANT, to_double};
use super::compile::Output;
use super::settle::is_whole;
use super::sheet::{Layer, Reader};
use crate::eval::gap::Gap;
use crate::text::Name;
use std::collections::BTreeMap;

/// An output, ready to be shown row by row.
pub struct Shown<'r> {
    reader: &'r Reader<'r>,
    layer: usize,
    output: usize,
    places: Option<u32>,
    stored: &'r [f64],
    odd: &'r [u32],
    how: How<'r>,
}

/// How a stored number is shown.
enum How<'r> {
    Digits(Digits),
    Words(&'r [Name]),
    Exactly,
}

/// What decides the digits of a column.
struct Digits {
    /// Stored numbers times this are whole when they are rounded.
    factor: f64,
    /// How far those products may be off.
    relative: f64,
    absolute: f64,
    /// Digits behind the point, and the power of ten with so many zeros.
    decimals: u32,
    power: u64,
    /// Whether closing zeros are left out.
    short: bool,
}

impl<'r> Reader<'r> {
    /// An output of submissions, or of groups, as it is shown: to so many decimals, else to six without closing zeros.
    pub fn shown(&'r self, output: usize, of_groups: bool, places: Option<u32>) -> Shown<'r> {
        let layer: Option<&Layer> = if of_groups { self.sheet.groups.as_ref().map(|of| &of.layer) } else { Some(&self.sheet.subjects) };
        let known = layer.and_then(|layer| layer.outputs.get(output)?.as_ref());
        let how = match known {
            Some(Output::Number(bounds)) => Digits::new(bounds, places).map_or(How::Exactly, How::Digits),
            Some(Output::Words(words)) => How::Words(words),
            _ => How::Exactly,
        };
        let stored = layer.and_then(|layer| layer.columns.get(output)).map(Vec::as_slice).unwrap_or_default();
        let odd = layer.map(|layer| layer.odd.as_slice()).unwrap_or_default();
        Shown { reader: self, layer: usize::from(of_groups), output, places, stored, odd, how }
    }

    /// An output of a submission as it is shown; `Err` where there is no value, and why.
    ///
    /// # Errors
    /// The gap.
    pub fn show(&self, output: usize, row: usize, places: Option<u32>, to: &mut String) -> Result<(), Gap> {
        self.shown(output, false, places).write(row, to)
    }

    /// As [`Reader::show`], of a group.
    ///
    /// # Errors
    /// The gap.
    pub fn show_group(&self, output: usize, group: usize, places: Option<u32>, to: &mut String) -> Result<(), Gap> {
        self.shown(output, true, places).write(group, to)
    }

    /// How many have each verdict of an output, of submissions or of groups, in the order in which the rubric names them; and
    /// how many have none.
    pub fn count_words(&self, output: usize, of_groups: bool) -> (Vec<(Name, usize)>, usize) {
        let shown = self.shown(output, of_groups, None);
        let count = if of_groups { self.sheet.groups() } else { self.sheet.len() };
        let words: &[Name] = if let How::Words(words) = shown.how { words } else { &[] };
        let mut counts = vec![0_usize; words.len()];
        // Words that no code stands for.
        let mut others: BTreeMap<String, usize> = BTreeMap::new();
        let mut open = 0;
        for row in (0..count).filter_map(|at| if of_groups { Some(at) } else { self.sheet.row(at) }) {
            if let Some(count) = shown.code(row).and_then(|code| counts.get_mut(code)) {
                *count += 1;
                continue;
            }
            let mut text = String::new();
            match shown.write(row, &mut text) {
                Ok(()) => match words.iter().position(|word| *word.as_str() == *text).and_then(|at| counts.get_mut(at)) {
                    Some(count) => *count += 1,
                    None => *others.entry(text).or_default() += 1,
                },
                Err(_) => open += 1,
            }
        }
        let named = words.iter().cloned().zip(counts).chain(others.into_iter().map(|(word, count)| (Name::from(word), count)));
        (named.filter(|(_, count)| *count > 0).collect(), open)
    }
}

impl Shown<'_> {
    /// Whether nothing but digits is written: then no table takes it for anything else.
    pub fn is_number(&self) -> bool {
        matches!(self.how, How::Digits(_))
    }

    /// Writes the result of a row; `Err` where there is none, and why.
    ///
    /// # Errors
    /// The gap.
    pub fn write(&self, row: usize, to: &mut String) -> Result<(), Gap> {
        let written = match &self.how {
            How::Digits(digits) => self.stored(row).is_some_and(|stored| digits.write(stored, to)),
            How::Words(words) => match self.code(row).and_then(|code| words.get(code)) {
                Some(word) => {
                    to.push_str(word.as_str());
                    true
                }
                None => false,
            },
            How::Exactly => false,
        };
        if !written {
            let value = self.reader.exact(self.layer, self.output, row)?;
            to.push_str(&crate::eval::show(&value, self.places, crate::diag::Lang::Zh));
        }
        Ok(())
    }

    /// The stored number of a row, if it is one and may be trusted.
    fn stored(&self, row: usize) -> Option<f64> {
        let odd = !self.odd.is_empty() && u32::try_from(row).is_ok_and(|row| self.odd.binary_search(&row).is_ok());
        self.stored.get(row).copied().filter(|stored| !odd && !stored.is_nan())
    }

    /// The code of a word of a row.
    fn code(&self, row: usize) -> Option<usize> {
        let code = self.stored(row).filter(|code| matches!(self.how, How::Words(_)) && is_whole(*code))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a code")]
        let code = code as usize;
        Some(code)
    }
}

impl Digits {
    /// `None` where doubles have not that many digits.
    fn new(bounds: &Bounded, places: Option<u32>) -> Option<Digits> {
        let decimals = places.unwrap_or(6);
        let power = 10_u64.checked_pow(decimals).filter(|_| decimals <= 15)?;
        #[expect(clippy::cast_precision_loss, reason = "a power of ten below 2^53")]
        let factor = to_double(&bounds.scale) * power as f64;
        // The scale is off by a unit of its last place, and two products are rounded; what bounds lose by rounding is less.
        let room = 1.0 + 1e-9;
        let relative = (bounds.relative + 2.0 * CONSTANT) * room;
        let absolute = bounds.absolute * factor.abs() * (1.0 + CONSTANT) * room;
        Some(Digits { factor, relative, absolute, decimals, power, short: places.is_none() })
    }

    /// Writes a stored number, rounded half away from zero, if its bounds decide every digit.
    fn write(&self, stored: f64, to: &mut String) -> bool {
        let scaled = stored * self.factor;
        let magnitude = scaled.abs();
        if magnitude.is_nan() || magnitude >= 4_503_599_627_370_496.0 {
            return false;
        }
        // A whole number below 2^53, and what is left of it.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
        let below = magnitude as u64;
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        let part = magnitude - below as f64;
        if (part - 0.5).abs() <= self.relative * magnitude + self.absolute {
            return false;
        }
        let digits = if part >= 0.5 { below + 1 } else { below };
        if scaled < 0.0 && digits != 0 {
            to.push('-');
        }
        let (whole, rest) = split(digits, self.power);
        to.push_str(itoa::Buffer::new().format(whole));
        if self.decimals == 0 || self.short && rest == 0 {
            return true;
        }
        // With the power added, zeros before the first digit are written, too; the one before them makes place for the point.
        let mut buffer = itoa::Buffer::new();
        let written = buffer.format(rest + self.power).get(1..).unwrap_or("");
        to.push('.');
        let kept = if self.short { written.bytes().rposition(|digit| digit != b'0').map_or(0, |last| last + 1) } else { written.len() };
        to.push_str(written.get(..kept).unwrap_or(""));
        true
    }
}

/// Quotient and remainder; by the usual powers without a division.
fn split(digits: u64, power: u64) -> (u64, u64) {
    macro_rules! by {
        ($($power:literal)*) => {
            match power {
                $($power => (digits / $power, digits % $power),)*
                power => (digits / power.max(1), digits % power.max(1)),
            }
        };
    }
    by!(10 100 1_000 10_000 100_000 1_000_000)
}
