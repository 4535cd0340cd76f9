//! One cell (单元格): from the text that was filled in to the value that its field asks for.
//!
//! Lenient in writing, strict in meaning: full-width digits, thousands separators, `95` or `95%`, four ways to write a day;
//! but a unit behind a number, a fifth decimal or an option that does not exist is refused, never mended in silence.
//! Not here: the words for what is wrong (`wrong`), what a missing cell means (`intake`, `asked`).

use super::wrong::Wrong;
use crate::eval::Value;
use crate::model::{Attach, Field, FieldType, Range};
use crate::number::{Exact, ParseError, Real};
use crate::text::{Name, fold_char, nearest};
use chrono::NaiveDate;
use regex_lite::Regex;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Reads the cells of one field.
#[derive(Debug)]
pub struct CellReader {
    field: Arc<Field>,
    pattern: Option<Regex>,
    options: HashSet<Name>,
    folded_options: HashMap<String, Name>,
    codes: HashMap<String, Name>,
    identifies: bool,
}

impl CellReader {
    /// A reader for `field`. With `identifies`, its texts name subjects, groups or periods, so that full-width letters and
    /// digits are folded: `３５０１` and `3501` are one county.
    pub fn new(field: &Field, identifies: bool) -> CellReader {
        let options: &[Name] = match (&field.kind, &field.details.several) {
            (FieldType::Choice(options), _) | (_, Some(options)) => options,
            _ => &[],
        };
        CellReader {
            // A pattern that cannot be read is told by `check`.
            pattern: field.pattern.as_ref().and_then(|pattern| Regex::new(&format!("^(?:{})$", pattern.it)).ok()),
            options: options.iter().cloned().collect(),
            folded_options: options.iter().map(|option| (loose(option), option.clone())).collect(),
            codes: field.details.codes.iter().map(|(code, option)| (code.to_string(), option.clone())).collect(),
            field: Arc::new(field.clone()),
            identifies,
        }
    }

    /// The field.
    pub fn field(&self) -> &Arc<Field> {
        &self.field
    }

    /// The value that `written` stands for; none where nothing is filled in.
    ///
    /// # Errors
    /// [`Wrong`] says what the field would have taken instead.
    pub fn read(&self, written: &str) -> Result<Option<Value>, Wrong> {
        let written = clean(written);
        if written.is_empty() {
            return Ok(None);
        }
        if is_error_value(written) {
            return Err(Wrong::ErrorValue);
        }
        if self.field.details.several.is_some() {
            return self.several(written).map(Some);
        }
        if let Some(attach) = &self.field.details.attach {
            let files = files(written);
            if files.is_empty() {
                return Ok(None);
            }
            return named(attach, &files).map(|()| Some(Value::Number(Real::from(Exact::from(files.len())))));
        }
        let value = match self.field.kind {
            FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => self.number(written)?,
            FieldType::Text => Value::Word(self.word(written)?),
            FieldType::Date => Value::Date(date(written)?),
            FieldType::YesNo => Value::Flag(yes_no(written)?),
            FieldType::Choice(_) => Value::Word(self.option(written)?),
        };
        self.within_range(&value)?;
        Ok(Some(value))
    }

    /// What is written for an empty list where one cell holds a list: that nothing is chosen is an answer, that no file is named is none.
    pub(super) fn empty_list(&self) -> Option<&'static str> {
        let details = &self.field.details;
        details.several.as_ref().map(|_| NONE).or(details.attach.as_ref().map(|_| ""))
    }

    /// The options of several choices, in the order of the form.
    fn several(&self, written: &str) -> Result<Value, Wrong> {
        let options = self.field.details.several.as_deref().unwrap_or_default();
        let mut chosen: HashSet<Name> = HashSet::new();
        if written != NONE {
            for item in files(written) {
                let found = self.option(&item).map_err(|_| {
                    let near = nearest(&item, options.iter().map(Name::as_str)).map(Name::from);
                    Wrong::NotAmong { item: item.clone(), near }
                })?;
                chosen.insert(found);
            }
        }
        let chosen: Vec<&str> = options.iter().filter(|option| chosen.contains(*option)).map(Name::as_str).collect();
        Ok(Value::Word(Name::from(if chosen.is_empty() { NONE.to_owned() } else { chosen.join("、") })))
    }

    fn number(&self, written: &str) -> Result<Value, Wrong> {
        let folded = fold(written);
        let percent = matches!(self.field.kind, FieldType::Percent(_));
        let digits = if percent { folded.strip_suffix('%').unwrap_or(&folded).trim_end() } else { &folded };
        let (number, decimals) = match plain(digits) {
            Some(plain) => plain,
            None => {
                let number = exact(digits)?;
                let decimals = number.decimal_places().unwrap_or(u32::MAX);
                (number, decimals)
            }
        };
        // What is asked in another unit is kept in its own.
        let number = match &self.field.details.asked_in {
            Some((_, factor)) => &number * factor,
            None => number,
        };
        match self.field.kind {
            FieldType::Integer(_) if decimals > 0 => Err(Wrong::NotWhole),
            FieldType::Decimal(most, _) | FieldType::Percent(Some(most)) if decimals > most => {
                Err(Wrong::TooManyDecimals { most, found: decimals })
            }
            FieldType::Percent(_) => {
                number.checked_div(&Exact::from(100)).map(|share| Value::Number(Real::from(share))).ok_or(Wrong::NotANumber)
            }
            _ => Ok(Value::Number(Real::from(number))),
        }
    }

    fn word(&self, written: &str) -> Result<Name, Wrong> {
        self.lengths(written)?;
        let folded = if self.identifies { fold(written) } else { Cow::Borrowed(written) };
        let Some(pattern) = &self.pattern else {
            return Ok(Name::from(&*folded));
        };
        if pattern.is_match(&folded) {
            return Ok(Name::from(&*folded));
        }
        // A number typed with a Chinese input method is the number that the pattern asks for.
        let folded = fold(written);
        if pattern.is_match(&folded) { Ok(Name::from(&*folded)) } else { Err(Wrong::PatternMismatch) }
    }

    /// How long a text is, and whether it is in Chinese.
    fn lengths(&self, written: &str) -> Result<(), Wrong> {
        let (least, most) = self.field.details.length;
        if least.is_some() || most.is_some() {
            let found = u32::try_from(written.chars().count()).unwrap_or(u32::MAX);
            if least.is_some_and(|least| found < least) || most.is_some_and(|most| found > most) {
                return Err(Wrong::Length { found });
            }
        }
        let han = |c: char| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}');
        if self.field.details.han && !written.chars().any(han) { Err(Wrong::NoHan) } else { Ok(()) }
    }

    fn option(&self, written: &str) -> Result<Name, Wrong> {
        let code = || self.codes.get(&loose(written));
        let found = self.options.get(written).or_else(|| self.folded_options.get(&loose(written))).or_else(code);
        found.cloned().ok_or_else(|| {
            let FieldType::Choice(options) = &self.field.kind else { return Wrong::NoSuchOption { near: None } };
            Wrong::NoSuchOption { near: nearest(written, options.iter().map(Name::as_str)).map(Name::from) }
        })
    }

    fn within_range(&self, value: &Value) -> Result<(), Wrong> {
        fn outside<T: PartialOrd>(value: &T, least: Option<&T>, greatest: Option<&T>) -> bool {
            least.is_some_and(|least| value < least) || greatest.is_some_and(|greatest| value > greatest)
        }
        let wrong = match (&self.field.range, value) {
            (Some(Range::Numbers(least, greatest)), Value::Number(number)) => {
                number.as_exact().is_some_and(|number| outside(number, least.as_ref(), greatest.as_ref()))
            }
            (Some(Range::Dates(first, last)), Value::Date(day)) => outside(day, first.as_ref(), last.as_ref()),
            _ => false,
        };
        if wrong { Err(Wrong::OutOfRange) } else { Ok(()) }
    }
}

/// That none of several options is chosen.
const NONE: &str = "无";

/// The items of a cell that holds a list: parted by `、`, `,` or `;`, or by lines.
pub(super) fn files(written: &str) -> Vec<String> {
    let parted = written.split(['、', '，', ',', '；', ';', '|', '\n', '\r']);
    parted.map(clean).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Whether files may be attached by their number and names.
fn named(attach: &Attach, files: &[String]) -> Result<(), Wrong> {
    if attach.files.is_some_and(|most| files.len() > most as usize) {
        return Err(Wrong::TooManyFiles { found: files.len() });
    }
    for name in files {
        let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
        if !attach.accept.is_empty() && !attach.accept.iter().any(|taken| taken.as_str() == ending) {
            return Err(Wrong::FileKind { name: name.clone() });
        }
        let path = std::path::Path::new(name);
        let inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
        if !inside || name.contains(['\\', ':']) {
            return Err(Wrong::FileOutside { name: name.clone() });
        }
    }
    Ok(())
}

/// What was filled in, without the blanks around it and without the `="…"` that keeps Excel from shortening a long code.
pub fn clean(written: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}');
    let trimmed = written.trim_matches(blank);
    trimmed.strip_prefix("=\"").and_then(|inner| inner.strip_suffix('"')).map_or(trimmed, |inner| inner.trim_matches(blank))
}

/// With full-width characters as their ASCII twins.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(fold_char).collect()) }
}

/// For comparing names: folded, without blanks, in lower case.
pub(super) fn loose(text: &str) -> String {
    clean(text).chars().map(fold_char).filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// A number of at most 18 digits without any ornament, as nearly all are, and how many decimals it needs; nothing else, for
/// which [`exact`] is there. A large table is mostly such numbers, and this takes a fraction of the time.
fn plain(text: &str) -> Option<(Exact, u32)> {
    const MOST_DIGITS: usize = 18;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let ends_well = fraction.is_empty() != text.contains('.');
    if whole.is_empty() || !ends_well || whole.len() + fraction.len() > MOST_DIGITS || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let number = whole.bytes().chain(fraction.bytes()).fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
    let decimals = u32::try_from(fraction.len()).ok()?;
    let exact = if decimals == 0 { Exact::from(number) } else { Exact::from_ratio(number, 10_i64.checked_pow(decimals)?)? };
    Some((exact, decimals))
}

/// The decimal that is written, with or without thousands separators.
fn exact(text: &str) -> Result<Exact, Wrong> {
    match Exact::parse(text) {
        Ok(number) => return Ok(number),
        Err(ParseError::TooLong) => return Err(Wrong::TooManyDigits),
        Err(_) => {}
    }
    if text.contains(',') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '+' | '-')) {
        return match Exact::parse(&text.replace(',', "")) {
            Ok(number) if well_grouped(text) => Ok(number),
            Err(ParseError::TooLong) => Err(Wrong::TooManyDigits),
            _ => Err(Wrong::Grouping),
        };
    }
    // What is a number but for what stands around it is told as such: most often a unit.
    let bare = text.trim_start_matches(['¥', '￥', '$', '约']).trim_start();
    let end = bare.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+'))).unwrap_or(bare.len());
    let (number, rest) = bare.split_at_checked(end).unwrap_or((bare, ""));
    let number_alone = number.replace(',', "");
    if Exact::parse(&number_alone).is_ok() {
        let around = if rest.is_empty() { text.strip_suffix(bare).unwrap_or("") } else { rest };
        return Err(Wrong::Trailing { number: number_alone, rest: around.trim().to_owned() });
    }
    Err(Wrong::NotANumber)
}

/// Whether commas stand between groups of three digits: `1,234,567.8`.
fn well_grouped(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut groups = whole.split(',');
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    first && !fraction.contains(',') && groups.all(|group| group.len() == 3)
}

fn yes_no(written: &str) -> Result<bool, Wrong> {
    match fold(written).to_lowercase().as_str() {
        "是" | "有" | "yes" | "true" | "y" | "1" => Ok(true),
        "否" | "无" | "no" | "false" | "n" | "0" => Ok(false),
        _ => Err(Wrong::NotYesNo),
    }
}

/// What a spreadsheet writes in the place of a value that could not be computed.
fn is_error_value(written: &str) -> bool {
    const VALUES: [&str; 10] = ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!"];
    written.starts_with(['#', '＃']) && VALUES.contains(&&*fold(written).to_uppercase())
}

/// `2024-09-01`, `2024/9/1`, `2024.9.1`, `20240901`, `2024年9月1日`, `二〇二四年九月一日`; midnight behind it, as spreadsheets
/// write it, means nothing. A whole number of five digits is a day as spreadsheets count them (45536).
fn date(written: &str) -> Result<NaiveDate, Wrong> {
    let mut folded = fold(written);
    if folded.contains('年') {
        folded = Cow::Owned(folded.replacen("日", "日 ", 1).replace("年 ", "年").replace("月 ", "月"));
    }
    let (day, time) = folded.trim_end().split_once([' ', 'T']).unwrap_or((folded.trim_end(), ""));
    if time.contains(|c: char| !matches!(c, '0' | ':' | '.' | ' ')) {
        return Err(Wrong::NotADate);
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let serial = day.strip_suffix(".0").unwrap_or(day);
    if serial.len() == 5 && digits(serial) && !serial.starts_with('0') {
        return serial.parse().ok().and_then(day_of_serial).ok_or(Wrong::NotADate);
    }
    let arabic = in_digits(day);
    let day = arabic.as_deref().unwrap_or(day);
    let day = day.strip_suffix(['日', '号']).unwrap_or(day);
    let compact = if day.len() == 8 && digits(day) {
        let part = |range| day.get(range).unwrap_or("");
        Some(format!("{}-{}-{}", part(0..4), part(4..6), part(6..8)))
    } else {
        None
    };
    let mut parts = compact.as_deref().unwrap_or(day).split(['-', '/', '.', '年', '月']);
    let mut next = |lengths: std::ops::RangeInclusive<usize>| {
        let part = parts.next().map(str::trim).filter(|part| lengths.contains(&part.len()) && digits(part))?;
        part.parse::<u32>().ok()
    };
    let (year, month, day) = (next(4..=4), next(1..=2), next(1..=2));
    match (year.and_then(|year| i32::try_from(year).ok()), month, day, parts.next()) {
        (Some(year), Some(month), Some(day), None) => NaiveDate::from_ymd_opt(year, month, day).ok_or(Wrong::NoSuchDay),
        _ => Err(Wrong::NotADate),
    }
}

/// The day of a serial number (日期序列号): days after 1899-12-30, for all days after February 1900.
fn day_of_serial(serial: u64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(serial))
}

/// A day that is written in Chinese numerals, in digits: 二〇二四年九月十五日.
fn in_digits(day: &str) -> Option<String> {
    let (year, rest) = day.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let day = rest.strip_suffix(['日', '号'])?;
    let digit =
        |c: char| "零一二三四五六七八九".chars().position(|other| other == if matches!(c, '〇' | '○' | 'Ｏ') { '零' } else { c });
    let year: String = year.chars().map(|c| Some(char::from(b'0' + u8::try_from(digit(c)?).ok()?))).collect::<Option<String>>()?;
    let number = |text: &str| match text.split_once('十') {
        Some((tens, ones)) => {
            let one = |text: &str, none: usize| {
                if text.is_empty() { Some(none) } else { digit(text.chars().next().filter(|_| text.chars().count() == 1)?) }
            };
            Some(one(tens, 1)? * 10 + one(ones, 0)?)
        }
        None => digit(text.chars().next().filter(|_| text.chars().count() == 1)?),
    };
    Some(format!("{year}-{}-{}", number(month)?, number(day)?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::intake::sample;
    use super::*;
    use crate::model::Unit;
    use crate::text::{At, Span};

    fn read(kind: FieldType, written: &str) -> Result<Option<Value>, Wrong> {
        CellReader::new(&sample::field("面积", kind), false).read(written)
    }
    fn number(text: &str) -> Result<Option<Value>, Wrong> {
        Ok(Some(Value::Number(Real::from(Exact::parse(text).unwrap()))))
    }
    fn integer() -> FieldType {
        FieldType::Integer(Unit::one())
    }
    fn decimal() -> FieldType {
        FieldType::Decimal(2, Unit::one())
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (written, value) in [(" 12 ", "12"), ("１２．５", "12.5"), ("1,234,567.5", "1234567.5"), ("12.500", "12.5"), ("1.2E+02", "120")]
        {
            assert_eq!(read(decimal(), written), number(value), "{written}");
        }
        assert_eq!(read(integer(), "12.0"), number("12"));
        for percent in ["95", "95%", "95％", "９５ ％"] {
            assert_eq!(read(FieldType::Percent(None), percent), number("0.95"), "{percent}");
        }
        assert_eq!(read(integer(), "\u{3000} "), Ok(None));
    }

    #[test]
    fn the_short_way_reads_the_same_number() {
        for written in ["0", "007", "12", "12.50", "0.000", "999999999999999999", "0.12345678901234567", "100", "3.14"] {
            let number = Exact::parse(written).unwrap();
            assert_eq!(plain(written), Some((number.clone(), number.decimal_places().unwrap())), "{written}");
        }
        for written in ["", ".", "1.", ".5", "-1", "1e5", "1,000", "1000000000000000000", "１", "1.2.3"] {
            assert_eq!(plain(written), None, "{written}");
        }
    }

    #[test]
    fn numbers_that_are_not_meant_so_are_refused() {
        for (kind, written, wrong) in [
            (integer(), "12.5", Wrong::NotWhole),
            (integer(), "很多", Wrong::NotANumber),
            (integer(), "—", Wrong::NotANumber),
            (decimal(), "1.234", Wrong::TooManyDecimals { most: 2, found: 3 }),
            (decimal(), "1e400", Wrong::TooManyDigits),
            (decimal(), "1,23,4", Wrong::Grouping),
            (decimal(), "12平方米", Wrong::Trailing { number: "12".into(), rest: "平方米".into() }),
            (decimal(), "￥12.5", Wrong::Trailing { number: "12.5".into(), rest: "¥".into() }),
            (decimal(), "5%", Wrong::Trailing { number: "5".into(), rest: "%".into() }),
            (FieldType::Percent(Some(1)), "95.25%", Wrong::TooManyDecimals { most: 1, found: 2 }),
        ] {
            let told = read(kind, written).map_err(|found| match found {
                Wrong::Trailing { number, rest } => Wrong::Trailing { number, rest: rest.replace('￥', "¥") },
                other => other,
            });
            assert_eq!(told, Err(wrong), "{written}");
        }
    }

    #[test]
    fn days_flags_and_options() {
        let day = NaiveDate::from_ymd_opt(2024, 9, 1).map(Value::Date);
        for written in ["2024-09-01", "2024/9/1", "2024.9.1", "2024年9月1日", "２０２４－９－１", "2024/9/1 0:00:00"] {
            assert_eq!(read(FieldType::Date, written), Ok(day.clone()), "{written}");
        }
        for written in ["45536", "45536.0", "20240901", "二〇二四年九月一日", "二○二四年九月一号", "2024年 9月 1日", "2024年09月01日"]
        {
            assert_eq!(read(FieldType::Date, written), Ok(day.clone()), "{written}");
        }
        let late = NaiveDate::from_ymd_opt(2024, 11, 25).map(Value::Date);
        assert_eq!(read(FieldType::Date, "二〇二四年十一月二十五日"), Ok(late));
        for written in ["2024", "202409", "455360", "二〇二四年九月", "0.5", "45536.5"] {
            assert_eq!(read(FieldType::Date, written), Err(Wrong::NotADate), "{written}");
        }
        for kind in [integer(), FieldType::Text, FieldType::Date, FieldType::YesNo] {
            assert_eq!(read(kind, "#DIV/0!"), Err(Wrong::ErrorValue));
        }
        assert_eq!(read(FieldType::Text, "#1"), Ok(Some(Value::Word("#1".into()))));
        assert_eq!(read(FieldType::Date, "2023-02-29"), Err(Wrong::NoSuchDay));
        assert_eq!(read(FieldType::Date, "2024年9月"), Err(Wrong::NotADate));
        assert_eq!(read(FieldType::YesNo, "Ｙ"), Ok(Some(Value::Flag(true))));
        assert_eq!(read(FieldType::YesNo, "也许"), Err(Wrong::NotYesNo));
        let school = FieldType::Choice(["小学", "初中"].map(Name::from).into());
        assert_eq!(read(school.clone(), "小 学"), Ok(Some(Value::Word("小学".into()))));
        assert_eq!(read(school, "初级中学"), Err(Wrong::NoSuchOption { near: None }));
    }

    #[test]
    fn a_pattern_must_match_whole_and_ranges_hold_at_their_ends() {
        let mut code = sample::field("学校代码", FieldType::Text);
        code.pattern = Some(At::new("\\d{4}".to_owned(), Span::default()));
        let reader = CellReader::new(&code, false);
        assert_eq!(reader.read("３５０１"), Ok(Some(Value::Word("3501".into()))));
        assert_eq!(reader.read("=\"0001\""), Ok(Some(Value::Word("0001".into()))));
        assert_eq!(reader.read("35012"), Err(Wrong::PatternMismatch));
        let mut pupils = sample::field("在校生数", integer());
        pupils.range = Some(Range::Numbers(Some(Exact::ZERO), Some(Exact::from(20_000))));
        let reader = CellReader::new(&pupils, false);
        assert_eq!(reader.read("20,000"), number("20000"));
        assert_eq!(reader.read("20001"), Err(Wrong::OutOfRange));
        assert_eq!(reader.read("-1"), Err(Wrong::OutOfRange));
    }
}
