//! How each type of field is shown and filled in (各类填报项的样子): the one place to touch for a new type.
//!
//! For each: the number format, the drop-down or limit, what is said when it is not kept, the formula that takes in a value, and
//! what the dictionary says of it.
//! Not here: conditions and checks (`formula`), where cells stand (`places`).

use super::formula::{day_number, text};
use super::pattern;
use crate::diag::Lang;
use crate::model::{Field, FieldType, Range, Unit};
use crate::number::Exact;
use chrono::NaiveDate;

/// A drop-down holds so many characters by itself.
const MOST_INLINE: usize = 255;

/// The words for yes and no.
pub(super) fn yes_no(lang: Lang) -> (&'static str, &'static str) {
    (lang.pick("是", "yes"), lang.pick("否", "no"))
}

/// The unit shown beside a field.
pub(in crate::report) fn unit(field: &Field) -> String {
    let shown = |unit: &Unit| if unit.is_one() { String::new() } else { unit.to_string() };
    match &field.kind {
        FieldType::Integer(unit) | FieldType::Decimal(_, unit) => shown(unit),
        FieldType::Percent(_) => "%".to_owned(),
        _ => String::new(),
    }
}

/// The name of a type.
pub(in crate::report) fn type_name(field: &Field, lang: Lang) -> &'static str {
    match field.kind {
        FieldType::Integer(_) => lang.pick("整数", "integer"),
        FieldType::Decimal(..) => lang.pick("小数", "decimal"),
        FieldType::Percent(_) => lang.pick("百分数", "percent"),
        FieldType::Text => lang.pick("文本", "text"),
        FieldType::Date => lang.pick("日期", "date"),
        FieldType::YesNo => lang.pick("是否", "yes/no"),
        FieldType::Choice(_) => lang.pick("单选", "choice"),
    }
}

/// The range of a field as it is filled in: 0 to 100 of a percentage; days as 2024-09-01.
pub(in crate::report) fn ends(field: &Field) -> (Option<String>, Option<String>) {
    match &field.range {
        Some(Range::Numbers(least, greatest)) => {
            let shown = |end: &Option<Exact>| end.as_ref().map(|end| in_cell(field, end).to_string());
            (shown(least), shown(greatest))
        }
        Some(Range::Dates(first, last)) => (first.map(|day| day.to_string()), last.map(|day| day.to_string())),
        None => (None, None),
    }
}

/// A number as it stands in the cell: a share as a percentage.
fn in_cell(field: &Field, number: &Exact) -> Exact {
    if matches!(field.kind, FieldType::Percent(_)) { number * &Exact::from(100) } else { number.clone() }
}

/// The decimals that may be filled in.
pub(in crate::report) fn places(field: &Field) -> Option<u32> {
    match field.kind {
        FieldType::Integer(_) => Some(0),
        FieldType::Decimal(places, _) => Some(places),
        FieldType::Percent(places) => places,
        _ => None,
    }
}

/// What a field takes, in words: `0–20000 的整数`.
pub(super) fn takes(field: &Field, lang: Lang) -> String {
    let range = match ends(field) {
        (Some(least), Some(greatest)) => format!("{least}–{greatest}"),
        (Some(least), None) => lang.say(format!("不小于 {least}"), format!("{least} or more")),
        (None, Some(greatest)) => lang.say(format!("不大于 {greatest}"), format!("{greatest} or less")),
        (None, None) => String::new(),
    };
    let of = |what: String| match (range.is_empty(), lang) {
        (true, _) => what,
        (false, Lang::Zh) => format!("{range} 的{what}"),
        (false, Lang::En) => format!("{what}, {range}"),
    };
    match &field.kind {
        FieldType::Integer(_) => of(lang.say("整数", "a whole number")),
        FieldType::Decimal(places, _) => {
            of(lang.say(format!("数, 至多 {places} 位小数"), format!("a number with at most {places} decimals")))
        }
        FieldType::Percent(places) => {
            let decimals = places
                .map(|places| lang.say(format!(", 至多 {places} 位小数"), format!(", at most {places} decimals")))
                .unwrap_or_default();
            of(lang.say(format!("百分数 (95% 填 95){decimals}"), format!("percentage (for 95% enter 95){decimals}")))
        }
        FieldType::Date => of(lang.say("日期, 如 2024-9-1", "a date such as 2024-9-1")),
        FieldType::YesNo => {
            let (yes, no) = yes_no(lang);
            lang.say(format!("选 {yes} 或 {no}"), format!("{yes} or {no}"))
        }
        FieldType::Choice(_) => lang.say("从下拉列表中选", "pick one from the list"),
        FieldType::Text => match field.pattern.as_ref().and_then(|pattern| pattern::in_words(&pattern.it, lang)) {
            Some(words) => words,
            None => lang.say("文字", "text"),
        },
    }
}

/// The number format of the cell.
pub(super) fn number_format(field: &Field) -> String {
    let great = match &field.range {
        Some(Range::Numbers(_, Some(greatest))) => *greatest >= Exact::from(10_000),
        _ => true,
    };
    let whole = if great { "#,##0" } else { "0" };
    match field.kind {
        FieldType::Integer(_) => whole.to_owned(),
        FieldType::Decimal(places @ 1..=4, _) => format!("{whole}.{}", "0".repeat(places as usize)),
        FieldType::Decimal(0, _) => whole.to_owned(),
        FieldType::Decimal(..) | FieldType::Percent(_) => "General".to_owned(),
        FieldType::Date => "yyyy-mm-dd".to_owned(),
        // Codes keep their leading zeros.
        FieldType::Text | FieldType::YesNo | FieldType::Choice(_) => "@".to_owned(),
    }
}

/// Whether what is filled in stands on the right.
pub(in crate::report) fn is_number(field: &Field) -> bool {
    matches!(field.kind, FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_))
}

/// What a cell lets in.
pub(super) enum Limit {
    /// A drop-down of these, held by the cell itself.
    Few(Vec<String>),
    /// A drop-down of the options on the hidden sheet.
    Many,
    /// Whole numbers.
    Whole(i32, i32),
    /// What this formula over the cell, named `{}`, holds for.
    Formula(String),
    /// Days, by their numbers.
    Days(i64, i64),
    /// So many characters.
    Length(u32, u32),
    /// Anything.
    Any,
}

/// The options of a drop-down that stand on the hidden sheet, for the formulas.
pub(in crate::report) fn options(field: &Field) -> Option<Vec<String>> {
    match &field.kind {
        FieldType::Choice(options) => Some(options.iter().map(ToString::to_string).collect()),
        _ => None,
    }
}

/// What the cell of a field lets in.
pub(super) fn limit(field: &Field, lang: Lang) -> Limit {
    match &field.kind {
        FieldType::Integer(_) => {
            let (least, greatest) = bounds(field);
            let whole =
                |end: Option<&Exact>| end.filter(|end| end.is_integer()).and_then(Exact::to_i64).and_then(|end| i32::try_from(end).ok());
            match (whole(least.as_ref()), whole(greatest.as_ref())) {
                (Some(least), Some(greatest)) => Limit::Whole(least, greatest),
                _ => Limit::Formula(number_holds(field, "{}")),
            }
        }
        FieldType::Decimal(..) | FieldType::Percent(_) => Limit::Formula(number_holds(field, "{}")),
        FieldType::Date => {
            let (first, last) = days(field);
            Limit::Days(first, last)
        }
        FieldType::YesNo => {
            let (yes, no) = yes_no(lang);
            Limit::Few(vec![yes.to_owned(), no.to_owned()])
        }
        FieldType::Choice(_) => {
            let options = options(field).unwrap_or_default();
            let length = options.iter().map(|option| option.chars().count() + 1).sum::<usize>();
            // A comma would end an option.
            if length > MOST_INLINE || options.iter().any(|option| option.contains([',', '"'])) { Limit::Many } else { Limit::Few(options) }
        }
        FieldType::Text => match field.pattern.as_ref().and_then(|pattern| pattern::lengths(&pattern.it)) {
            Some((least, Some(greatest))) => Limit::Length(least, greatest),
            Some((least @ 1.., None)) => Limit::Length(least, 32_767),
            _ => Limit::Any,
        },
    }
}

/// Least and greatest number as they stand in the cell.
fn bounds(field: &Field) -> (Option<Exact>, Option<Exact>) {
    match &field.range {
        Some(Range::Numbers(least, greatest)) => {
            (least.as_ref().map(|end| in_cell(field, end)), greatest.as_ref().map(|end| in_cell(field, end)))
        }
        _ => (None, None),
    }
}

fn days(field: &Field) -> (i64, i64) {
    let number = |day: Option<NaiveDate>, none| day.and_then(day_number).unwrap_or(none);
    match field.range {
        Some(Range::Dates(first, last)) => (number(first, 61), number(last, 2_958_465)),
        _ => (61, 2_958_465),
    }
}

/// The condition that a number in a cell, or that this formula yields, is one that the field takes.
fn number_holds(field: &Field, cell: &str) -> String {
    let (least, greatest) = bounds(field);
    let mut holds = vec![format!("ISNUMBER({cell})")];
    // As many digits as spreadsheets keep.
    let most = format!("1{}", "0".repeat(15_usize.saturating_sub(places(field).unwrap_or(2) as usize)));
    let written = |end: &Exact| end.decimal_places().map(|places| end.show_trimmed(places));
    match least.as_ref().and_then(written) {
        Some(least) => holds.push(format!("{cell}>={least}")),
        None => holds.push(format!("{cell}>-{most}")),
    }
    match greatest.as_ref().and_then(written) {
        Some(greatest) => holds.push(format!("{cell}<={greatest}")),
        None => holds.push(format!("{cell}<{most}")),
    }
    if let Some(places) = places(field) {
        holds.push(format!("ROUND({cell},{places})={cell}"));
    }
    format!("AND({})", holds.join(","))
}

/// The formula that says that nothing is filled in: blanks are nothing.
pub(super) fn empty(cell: &str) -> String {
    format!("IFERROR(LEN(TRIM(SUBSTITUTE({cell},\"\u{3000}\",\"\")))=0,FALSE)")
}

/// The formula of the value that a cell holds: a number in the field's unit (a share of a percentage), 4 or 1 for yes or no, a
/// day's number, a text; an error where there is none that the field takes.
///
/// * `list`: the cells with the options on the hidden sheet.
pub(super) fn value(field: &Field, cell: &str, list: Option<&str>) -> String {
    let empty = empty(cell);
    let word = format!("TRIM({cell}&\"\")");
    let taken = match &field.kind {
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            // A number that was pasted as a text counts as one.
            let number = format!("VALUE({cell})");
            let holds = number_holds(field, &number);
            let value = match (&field.kind, places(field)) {
                (FieldType::Percent(_), Some(places)) => format!("ROUND({number}/100,{})", places + 2),
                (FieldType::Percent(_), None) => format!("{number}/100"),
                (_, Some(places)) => format!("ROUND({number},{places})"),
                (_, None) => number,
            };
            format!("IF({holds},{value},NA())")
        }
        FieldType::Date => {
            let (first, last) = days(field);
            let dashes =
                format!("SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({word},\".\",\"-\"),\"年\",\"-\"),\"月\",\"-\"),\"日\",\"\")");
            let day = format!("IF(ISNUMBER({cell}),INT({cell}),DATEVALUE({dashes}))");
            format!("IF(AND({day}>={first},{day}<={last}),{day},NA())")
        }
        FieldType::YesNo => {
            let is = |words: &[&str]| words.iter().map(|it| format!("{word}={}", text(it))).collect::<Vec<_>>().join(",");
            let yes = is(&["是", "有", "yes", "true", "y", "1"]);
            let no = is(&["否", "无", "no", "false", "n", "0"]);
            format!("IF(OR({yes}),4,IF(OR({no}),1,NA()))")
        }
        FieldType::Choice(_) => match list {
            Some(list) => {
                let folded = format!("SUBSTITUTE(SUBSTITUTE({cell}&\"\",\" \",\"\"),\"\u{3000}\",\"\")");
                let is = |it: &str| format!("SUMPRODUCT(--EXACT({list},{it}))>0");
                format!("IF({},{word},IF({},{folded},NA()))", is(&word), is(&folded))
            }
            None => word,
        },
        FieldType::Text => match field.pattern.as_ref().and_then(|pattern| pattern::lengths(&pattern.it)) {
            Some((least, greatest)) => {
                let mut holds = vec![format!("LEN({word})>={least}")];
                holds.extend(greatest.map(|greatest| format!("LEN({word})<={greatest}")));
                format!("IF(AND({}),{word},NA())", holds.join(","))
            }
            None => word,
        },
    };
    format!("IF({empty},NA(),{taken})")
}
