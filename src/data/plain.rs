//! Ordinary cells (普通单元格), straight from their bytes: digits with at most one point, an option as the form has it, a day.
//!
//! Whatever is not quite ordinary, or not right, is left to the field's reader, which knows all habits of writing and all that
//! can be wrong. What is read here, it would read the same.
//! Not here: everything else that a cell may be (`cells`).

use crate::eval::places;
use crate::model::{Field, FieldType, Range};
use crate::number::Exact;
use crate::text::Name;
use chrono::NaiveDate;

/// More digits may not fit a machine word.
const MOST_DIGITS: usize = 18;
/// Among more options a table is quicker than one look at each.
const MOST_OPTIONS: usize = 64;

/// The ordinary cells of a field.
#[derive(Debug)]
pub(super) enum Ordinary {
    Number(Number),
    Options(Options),
    Flag,
    Date(NaiveDate, NaiveDate),
    /// Any text of 汉字 and ASCII.
    Text,
    /// None.
    Nothing,
}

/// Ordinary numbers.
#[derive(Debug)]
pub(super) struct Number {
    /// Decimals that are written at most; a percentage has two more as a share.
    decimals: usize,
    percent: bool,
    /// The least and the greatest mantissa.
    least: i64,
    greatest: i64,
    /// What a number with so many decimals is multiplied by to be a mantissa; 0 where that is not done at once.
    units: [i64; 8],
}

impl Ordinary {
    pub(super) fn of(field: &Field) -> Ordinary {
        let details = &field.details;
        // What a cell says is not yet the value, or not all that is asked of it.
        let list = details.several.is_some() || details.attach.is_some() || details.asked_in.is_some();
        if list || details.han || details.length != (None, None) {
            return Ordinary::Nothing;
        }
        match &field.kind {
            FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
                Number::of(field).map_or(Ordinary::Nothing, Ordinary::Number)
            }
            FieldType::Choice(options) if options.len() <= MOST_OPTIONS => Ordinary::Options(Options::of(options)),
            FieldType::YesNo => Ordinary::Flag,
            FieldType::Date => {
                let (first, last) = match field.range {
                    Some(Range::Dates(first, last)) => (first, last),
                    _ => (None, None),
                };
                Ordinary::Date(first.unwrap_or(NaiveDate::MIN), last.unwrap_or(NaiveDate::MAX))
            }
            FieldType::Text if field.pattern.is_none() => Ordinary::Text,
            FieldType::Text | FieldType::Choice(_) => Ordinary::Nothing,
        }
    }
}

impl Number {
    fn of(field: &Field) -> Option<Number> {
        let places = places(&field.kind);
        let percent = matches!(field.kind, FieldType::Percent(_));
        let power = Exact::from(10_i64.checked_pow(places)?);
        let (least, greatest) = match &field.range {
            Some(Range::Numbers(least, greatest)) => (least.as_ref(), greatest.as_ref()),
            _ => (None, None),
        };
        // A bound that no mantissa reaches leaves the field to its reader.
        let bound = |bound: Option<Exact>, none| bound.map_or(Some(none), |bound| bound.to_i64());
        let decimals = usize::try_from(places.checked_sub(if percent { 2 } else { 0 })?).ok()?;
        // Eight digits and ten more fit a machine word.
        let unit = |written: usize| decimals.checked_sub(written).filter(|missing| *missing <= 10).and_then(|missing| POWERS.get(missing));
        Some(Number {
            decimals,
            percent,
            units: std::array::from_fn(|written| unit(written).copied().unwrap_or(0)),
            least: bound(least.map(|least| (least * &power).ceil()), i64::MIN)?,
            greatest: bound(greatest.map(|greatest| (greatest * &power).floor()), i64::MAX)?,
        })
    }

    /// The mantissa of the ordinary number that stands at a place of a text, if it is within the range.
    #[inline(always)]
    pub(super) fn read(&self, text: &[u8], start: usize, end: usize) -> Option<i64> {
        // A whole word at a time, which takes the same few steps whatever the digits are.
        let length = end.checked_sub(start)?;
        let Some(word) = word_before(text, end).filter(|_| length.wrapping_sub(1) < 8) else { return self.read_long(text, start, end) };
        // Bytes before the number become leading zeros.
        let digits = (word ^ ZEROS) & (u64::MAX << (64 - 8 * length));
        let other = beyond_nine(digits);
        let (digits, unit) = if other == 0 {
            (digits, self.units[0])
        } else {
            // One of them, a point with digits on both sides.
            let below = other.trailing_zeros().wrapping_sub(7);
            let decimals = 7_usize.wrapping_sub(below as usize / 8);
            if other & (other - 1) != 0 || digits >> below & 0xFF != POINT || decimals == 0 || decimals + 1 >= length {
                return self.read_long(text, start, end);
            }
            // What stands before the point moves into its place.
            let before = (1_u64 << below) - 1;
            ((digits & !(before << 8 | 0xFF)) | (digits & before) << 8, self.units.get(decimals).copied().unwrap_or(0))
        };
        if unit == 0 {
            return self.read_long(text, start, end);
        }
        #[expect(clippy::cast_possible_wrap, reason = "eight digits")]
        let mantissa = (value_of(digits) as i64).wrapping_mul(unit);
        (self.least <= mantissa && mantissa <= self.greatest).then_some(mantissa)
    }

    /// The mantissa of a double that stands for an ordinary number: what its shortest decimal would be read as.
    #[inline]
    pub(super) fn of_double(&self, number: f64) -> Option<i64> {
        /// Of decimals with at most fifteen digits each has a double of its own.
        const MOST: f64 = 1e15;
        #[expect(clippy::cast_precision_loss, reason = "a power of ten up to 10^18 is a double")]
        let power = *POWERS.get(self.decimals)? as f64;
        let mantissa = (number * power).round();
        // The quotient of the two is rounded but once, so that it is the double of that decimal.
        if mantissa.abs() >= MOST || mantissa / power != number {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a whole number of fifteen digits")]
        let mantissa = mantissa as i64;
        (self.least <= mantissa && mantissa <= self.greatest).then_some(mantissa)
    }

    /// The same, of any length.
    #[cold]
    fn read_long(&self, text: &[u8], start: usize, end: usize) -> Option<i64> {
        let length = end.checked_sub(start)?;
        let high = end.checked_sub(8).and_then(|end| word_before(text, end));
        if let (9..=16, Some(low), Some(high)) = (length, word_before(text, end), high) {
            let (low, high) = (low ^ ZEROS, (high ^ ZEROS) & (u64::MAX << (128 - 8 * length)));
            if beyond_nine(low) | beyond_nine(high) == 0 {
                return self.within(i64::try_from(value_of(high) * 100_000_000 + value_of(low)).ok()?, 0);
            }
        }
        self.read_bytes(text.get(start..end)?)
    }

    /// The same, digit by digit.
    fn read_bytes(&self, written: &[u8]) -> Option<i64> {
        let written = if self.percent { written.strip_suffix(b"%").unwrap_or(written) } else { written };
        let (negative, digits) = match written {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if digits.len() > MOST_DIGITS {
            return None;
        }
        let (mut value, mut after, mut point) = (0_i64, 0, 0);
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                value = value * 10 + i64::from(digit);
                after += point;
            } else if *byte == b'.' && point == 0 {
                point = 1;
            } else {
                return None;
            }
        }
        // At least one digit on each side.
        if digits.len() == point + after || point != usize::from(after > 0) {
            return None;
        }
        self.within(if negative { -value } else { value }, after)
    }

    /// The mantissa of a number with so many decimals, if the field takes it.
    #[inline]
    fn within(&self, value: i64, decimals: usize) -> Option<i64> {
        let value = value.checked_mul(*POWERS.get(self.decimals.checked_sub(decimals)?)?)?;
        (self.least <= value && value <= self.greatest).then_some(value)
    }
}

/// The eight bytes before a place.
#[inline]
fn word_before(text: &[u8], end: usize) -> Option<u64> {
    text.get(end.checked_sub(8)?..end)?.try_into().ok().map(u64::from_le_bytes)
}

/// Digits, byte by byte.
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
/// A point among digits that were taken from [`ZEROS`].
const POINT: u64 = (b'.' ^ b'0') as u64;

/// The high bit of each byte that is no digit from 0 to 9; the byte behind one that is far beyond may be marked, too.
#[inline(always)]
fn beyond_nine(digits: u64) -> u64 {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // Nine and 0x76 just leave the high bit alone.
    (digits.wrapping_add(HIGH - 10 * (HIGH >> 7)) | digits) & HIGH
}

/// The value of eight digits, the first of them in the lowest byte: pairs, then fours, then all eight.
#[inline(always)]
fn value_of(digits: u64) -> u64 {
    const MASK: u64 = 0x0000_00FF_0000_00FF;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & MASK).wrapping_mul(100 + (1_000_000 << 32));
    let second = (pairs >> 16 & MASK).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

/// The options of a choice, in the order of the form.
#[derive(Debug)]
pub(super) struct Options {
    /// Those of at most eight bytes, as numbers, with their lengths.
    words: Vec<(u64, usize)>,
    texts: Vec<Box<[u8]>>,
}

impl Options {
    fn of(options: &[Name]) -> Options {
        let texts: Vec<Box<[u8]>> = options.iter().map(|option| option.as_bytes().into()).collect();
        let word = |text: &[u8]| text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        // Longer ones are never compared as numbers.
        Options { words: texts.iter().map(|text| (word(text.get(..8).unwrap_or(text)), text.len())).collect(), texts }
    }

    /// The option that stands at a place of a text.
    #[inline]
    pub(super) fn find(&self, text: &[u8], start: usize, end: usize) -> Option<usize> {
        let length = end.checked_sub(start)?;
        if let (1..=8, Some(word)) = (length, word_before(text, end)) {
            let word = word >> (64 - 8 * length);
            return self.words.iter().position(|option| *option == (word, length));
        }
        let written = text.get(start..end)?;
        self.texts.iter().position(|option| **option == *written)
    }
}

/// Powers of ten.
const POWERS: [i64; 19] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
    10_000_000_000_000,
    100_000_000_000_000,
    1_000_000_000_000_000,
    10_000_000_000_000_000,
    100_000_000_000_000_000,
    1_000_000_000_000_000_000,
];

/// Yes or no, as a form prints it.
pub(super) fn flag(written: &[u8]) -> Option<bool> {
    const ANSWERS: [(&str, bool); 6] = [("是", true), ("否", false), ("有", true), ("无", false), ("1", true), ("0", false)];
    ANSWERS.iter().find(|(answer, _)| answer.as_bytes() == written).map(|(_, flag)| *flag)
}

/// A day such as 2024-09-01, within the range.
pub(super) fn day(written: &[u8], first: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = written else { return None };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0_u32, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(**digit - b'0')))
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?).filter(|day| (first..=last).contains(day))
}

/// Whether a text is one that needs no cleaning and no folding: 汉字, ASCII without blanks.
pub(super) fn is_ordinary(text: &str) -> bool {
    // What begins with other bytes than those of 汉字 may be a blank, or the twin of a letter.
    let ordinary = |byte: u8| (byte.is_ascii_graphic() && byte != b'"' && byte != b'=') || matches!(byte, 0x80..=0xBF | 0xE4..=0xE9);
    // What a spreadsheet would take for a formula or an error is looked at twice.
    let odd = |first: &u8| matches!(first, b'#' | b'+' | b'-' | b'@');
    text.as_bytes().first().is_some_and(|first| !odd(first)) && text.bytes().all(ordinary)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::cells::CellReader;
    use super::super::intake::sample;
    use super::*;
    use crate::eval::Value;
    use crate::model::Unit;
    use crate::number::Real;
    use proptest::prelude::*;

    /// Fields of every kind, with and without a range.
    fn fields() -> Vec<Field> {
        let exact = |text| Some(Exact::parse(text).unwrap());
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        let kinds = [
            (FieldType::Integer(Unit::one()), Some(Range::Numbers(exact("0"), exact("5000.5")))),
            (FieldType::Integer(Unit::one()), Some(Range::Numbers(exact("1e30"), None))),
            (FieldType::Decimal(2, Unit::one()), Some(Range::Numbers(exact("-0.333333"), exact("99.999")))),
            (FieldType::Decimal(30, Unit::one()), None),
            (FieldType::Percent(None), Some(Range::Numbers(None, exact("1")))),
            (FieldType::Percent(Some(1)), None),
            (FieldType::YesNo, None),
            (FieldType::Date, Some(Range::Dates(day(2000), day(2030)))),
            (FieldType::Choice(["小学", "初中", "12", "资源教室"].map(Into::into).into()), None),
            (FieldType::Text, None),
        ];
        let with =
            |(kind, range): (FieldType, Option<Range>)| [range, None].map(|range| Field { range, ..sample::field("甲", kind.clone()) });
        kinds.into_iter().flat_map(with).collect()
    }

    fn ordinary(field: &Field, written: &str) -> Option<Value> {
        let number = |mantissa: i64| {
            let power = Exact::from(10_i64.pow(places(&field.kind)));
            Value::Number(Real::from(Exact::from(mantissa).checked_div(&power).unwrap()))
        };
        // In the middle of a row, and alone.
        let row = format!("0123456789.12345,{written},9");
        let (start, end) = (17, 17 + written.len());
        match Ordinary::of(field) {
            Ordinary::Number(numbers) => {
                let alone = numbers.read(written.as_bytes(), 0, written.len());
                assert_eq!(alone, numbers.read(row.as_bytes(), start, end), "{written}");
                assert_eq!(alone, numbers.read_bytes(written.as_bytes()), "{written}");
                alone.map(number)
            }
            Ordinary::Options(options) => {
                let place = options.find(row.as_bytes(), start, end);
                assert_eq!(options.find(written.as_bytes(), 0, written.len()), place);
                let FieldType::Choice(names) = &field.kind else { unreachable!("a choice") };
                Some(Value::Word(names.get(place?).unwrap().clone()))
            }
            Ordinary::Flag => flag(written.as_bytes()).map(Value::Flag),
            Ordinary::Date(first, last) => super::day(written.as_bytes(), first, last).map(Value::Date),
            Ordinary::Text => is_ordinary(written).then(|| Value::Word(written.into())),
            Ordinary::Nothing => None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn what_is_read_at_once_is_what_the_reader_reads(written in "-?[0-9]{0,9}[.]?[0-9]{0,3}%?|[0-9.]{0,17}|[0-9/:.\u{80}-\u{ff}]{1,8}|[0-9]{15,20}|20[0-3][0-9]-[01][0-9]-[0-3][0-9]|是|否|小学|资源教室|随班就读|12|=\"1\"|[ -~]{0,4}|[汉字１２ａ\u{3000}\u{A0}\u{200B}\u{FEFF}、一鿿Aé]{0,4}") {
            for field in fields() {
                if let Some(value) = ordinary(&field, &written) {
                    prop_assert_eq!(CellReader::new(&field, true).read(&written), Ok(Some(value)), "{:?}", field.kind);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn a_double_is_read_as_its_shortest_decimal(mantissa in -2_000_000_000_000_000_i64..2_000_000_000_000_000, places in 0_i32..7, any: f64, ulps in -2_i64..3) {
            let near = f64::from_bits((mantissa as f64 / 10_f64.powi(places)).to_bits().wrapping_add_signed(ulps));
            for field in fields() {
                let Ordinary::Number(numbers) = Ordinary::of(&field) else { continue };
                for number in [near, near.round(), near % 1_000.0, any, -0.0, f64::NAN, f64::INFINITY] {
                    let power = Exact::from(10_i64.pow(super::places(&field.kind)));
                    let Some(mantissa) = numbers.of_double(number) else { continue };
                    let value = Value::Number(Real::from(Exact::from(mantissa).checked_div(&power).unwrap()));
                    let written = format!("{}", if number == 0.0 { 0.0 } else { number });
                    prop_assert_eq!(CellReader::new(&field, true).read(&written), Ok(Some(value)), "{} {:?}", number, field.kind);
                }
            }
        }
    }

    #[test]
    fn most_doubles_are_ordinary() {
        let of = |at: usize, number: f64| match Ordinary::of(fields().get(at).unwrap()) {
            Ordinary::Number(numbers) => numbers.of_double(number),
            _ => None,
        };
        for (at, number, mantissa) in [
            (1, 5000.0, 5000),
            (1, -0.0, 0),
            (4, 99.99, 9_999),
            (4, -0.33, -33),
            (5, 1_234_567_890_123.25, 123_456_789_012_325),
            (11, 95.2, 952),
        ] {
            assert_eq!(of(at, number), Some(mantissa), "{number}");
        }
        for (at, number) in [(0, 5001.0), (0, 0.5), (4, 0.1 + 0.2), (4, 100.0), (5, 1e15), (5, f64::NAN), (5, f64::INFINITY)] {
            assert_eq!(of(at, number), None, "{number}");
        }
    }

    #[test]
    fn most_cells_are_ordinary() {
        let (fields, at) = (fields(), |at: usize| fields().into_iter().nth(at).unwrap());
        let (integer, text) = (at(0), at(19));
        assert!(ordinary(&integer, "5000").is_some() && ordinary(&integer, "5001").is_none() && ordinary(&integer, "-1").is_none());
        assert!(ordinary(&integer, "12.0").is_none() && ordinary(&text, "S-01/a_b县").is_some());
        for (at, written) in [
            (4, "99.99"),
            (4, "-0.33"),
            (5, "123456789012345.67"),
            (9, "95.25%"),
            (10, "0.1"),
            (12, "是"),
            (14, "2024-02-29"),
            (16, "初中"),
        ] {
            assert!(ordinary(fields.get(at).unwrap(), written).is_some(), "{written}");
        }
        for (at, written) in
            [(4, "100"), (4, "-0.34"), (4, "1."), (4, ".5"), (4, "1.2.3"), (4, ""), (4, "-"), (4, "1.234"), (14, "2023-02-29")]
        {
            assert!(ordinary(fields.get(at).unwrap(), written).is_none(), "{written}");
        }
    }
}
