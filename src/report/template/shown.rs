//! How each type of field is shown and filled in (各类填报项的样子): the one place to touch for a new type.
//!
//! For each: the number format, the drop-down or limit, what is said when it is not kept, the formula that takes in a value, and
//! what the dictionary says of it.
//! Not here: conditions and checks (`formula`), where cells stand (`places`).

use super::formula::{day_number, text};
use super::{items, pattern};
use crate::diag::Lang;
use crate::eval::Value;
use crate::model::{Attach, Field, FieldType, GivenValue, Range};
use crate::number::Exact;
use crate::text::Name;
use chrono::NaiveDate;

/// A drop-down holds so many characters by itself.
const MOST_INLINE: usize = 255;

/// The words for yes and no.
pub(in crate::report) fn yes_no(lang: Lang) -> (&'static str, &'static str) {
    (lang.pick("是", "yes"), lang.pick("否", "no"))
}

/// The unit shown beside a field.
pub(in crate::report) fn unit(field: &Field) -> String {
    match (field.filled_in_unit(), &field.kind) {
        _ if field.details.attach.is_some() => String::new(),
        (Some(unit), _) if !unit.is_one() => unit.to_string(),
        (_, FieldType::Percent(_)) => "%".to_owned(),
        _ => String::new(),
    }
}

/// The name of a type.
pub(in crate::report) fn type_name(field: &Field, lang: Lang) -> &'static str {
    let details = &field.details;
    match field.kind {
        _ if details.several.is_some() => lang.pick("多选", "choices"),
        _ if details.attach.is_some() => lang.pick("附件", "files"),
        FieldType::Choice(_) if details.depends.is_some() => lang.pick("级联单选", "choice by another"),
        FieldType::Integer(_) if details.year => lang.pick("年份", "year"),
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
        Some(Range::Dates(first, last)) => (first.map(|day| day.to_string()), last.map(|day| day.to_string())),
        _ => {
            let (least, greatest) = bounds(field);
            (least.map(|end| end.to_string()), greatest.map(|end| end.to_string()))
        }
    }
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

/// The decimals of the value that is kept: of a share two more, of another unit as many as its factor leaves. `Some(None)` where
/// they are not limited, none where no decimal number is kept.
pub(super) fn kept_places(field: &Field) -> Option<Option<u32>> {
    if field.kind == FieldType::Percent(None) {
        return Some(None);
    }
    field.step()?.decimal_places().filter(|places| *places <= 15).map(Some)
}

/// What a field takes, in words: `0–20000 的整数`.
pub(in crate::report) fn takes(field: &Field, lang: Lang) -> String {
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
    let details = &field.details;
    if let Some(options) = &details.several {
        let options = options.join("、");
        return lang
            .say(format!("可多选, 用“、”隔开, 都没有填“无”: {options}"), format!("any of these, parted by 、, or 无 for none: {options}"));
    }
    if let Some(attach) = &details.attach {
        return takes_files(attach, lang);
    }
    match &field.kind {
        FieldType::Integer(_) if details.year => of(lang.say("年份, 如 2024", "a year such as 2024")),
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
            None => takes_text(field, lang),
        },
    }
}

fn takes_text(field: &Field, lang: Lang) -> String {
    let length = match field.details.length {
        (Some(least), Some(most)) => lang.say(format!(", {least}–{most} 字"), format!(" of {least} to {most} characters")),
        (Some(least), None) => lang.say(format!(", 至少 {least} 字"), format!(" of {least} characters at least")),
        (None, Some(most)) => lang.say(format!(", 至多 {most} 字"), format!(" of {most} characters at most")),
        (None, None) => String::new(),
    };
    let han = if field.details.han { lang.pick(", 要有汉字", ", with Chinese characters in it") } else { "" };
    lang.say(format!("文字{length}{han}"), format!("text{length}{han}"))
}

fn takes_files(attach: &Attach, lang: Lang) -> String {
    let kinds = attach.accept.iter().map(Name::as_str).collect::<Vec<_>>().join("、");
    let mut words = lang.say("附件的文件名, 用“、”隔开; 文件与本表放在一起", "names of files parted by 、, which lie beside this workbook");
    if !kinds.is_empty() {
        words.push_str(&lang.say(format!("; {kinds}"), format!("; {kinds}")));
    }
    if let Some(files) = attach.files {
        words.push_str(&lang.say(format!("; 至多 {files} 个"), format!("; at most {files}")));
    }
    if let Some(bytes) = attach.bytes {
        let size = &Exact::from(i64::try_from(bytes).unwrap_or(i64::MAX)) * &Exact::from_ratio(1, 1 << 20).unwrap_or_default();
        let size = size.show_trimmed(2);
        words.push_str(&lang.say(format!("; 每个至多 {size} MB"), format!("; at most {size} MB each")));
    }
    words
}

/// What stands in the cell before anybody fills it in, as it is shown there.
pub(in crate::report) fn default(field: &Field, lang: Lang) -> Option<String> {
    shown_value(field, field.details.default.as_ref()?, lang)
}

/// What a field counts as where it is not asked.
pub(in crate::report) fn otherwise(field: &Field, lang: Lang) -> Option<String> {
    shown_value(field, field.details.otherwise.as_ref()?, lang)
}

fn shown_value(field: &Field, value: &GivenValue, lang: Lang) -> Option<String> {
    let (yes, no) = yes_no(lang);
    Some(match value {
        GivenValue::Number(number) => {
            let number = field.as_filled_in(number);
            number.show_trimmed(number.decimal_places()?)
        }
        GivenValue::Word(word) => word.to_string(),
        GivenValue::Flag(flag) => if *flag { yes } else { no }.to_owned(),
        GivenValue::Date(day) => day.to_string(),
    })
}

/// What was filled in for a field once, with its unit: `1200 生`, `95.5%`.
pub(in crate::report) fn answered(field: &Field, value: &Value, lang: Lang) -> String {
    let value = match value {
        Value::Number(number) if field.details.attach.is_some() => return lang.say(format!("{number} 个文件"), format!("{number} files")),
        Value::Number(number) => match number.as_exact() {
            Some(number) => GivenValue::Number(number.clone()),
            None => return number.to_string(),
        },
        Value::Word(word) => GivenValue::Word(word.clone()),
        Value::Flag(flag) => GivenValue::Flag(*flag),
        Value::Date(day) => GivenValue::Date(*day),
    };
    let shown = match &value {
        GivenValue::Number(number) => field.as_filled_in(number).to_string(),
        _ => shown_value(field, &value, lang).unwrap_or_default(),
    };
    match unit(field).as_str() {
        "" => shown,
        "%" => format!("{shown}%"),
        unit => format!("{shown} {unit}"),
    }
}

/// A value that the form says itself, as it stands in a value cell.
pub(super) fn given(value: &GivenValue) -> Option<String> {
    Some(match value {
        GivenValue::Number(number) => {
            let shown = number.show_trimmed(number.decimal_places().filter(|places| *places <= 15)?);
            if number.is_negative() { format!("({shown})") } else { shown }
        }
        GivenValue::Word(word) => text(word),
        GivenValue::Flag(flag) => if *flag { "4" } else { "1" }.to_owned(),
        GivenValue::Date(day) => day_number(*day)?.to_string(),
    })
}

/// The number format of the cell.
pub(super) fn number_format(field: &Field) -> String {
    let great = match &field.range {
        Some(Range::Numbers(_, Some(greatest))) => field.as_filled_in(greatest) >= Exact::from(10_000),
        _ => true,
    };
    let whole = if great { "#,##0" } else { "0" };
    match field.kind {
        _ if is_list(field) => "@".to_owned(),
        FieldType::Integer(_) if field.details.year => "0".to_owned(),
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
    !is_list(field) && matches!(field.kind, FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_))
}

/// Whether a cell holds a list: of options or of files.
pub(super) fn is_list(field: &Field) -> bool {
    field.details.several.is_some() || field.details.attach.is_some()
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
    match (&field.kind, &field.details.several) {
        (FieldType::Choice(options), _) | (_, Some(options)) => Some(options.iter().map(ToString::to_string).collect()),
        _ => None,
    }
}

/// The code of each option; an empty text where it has none.
pub(in crate::report) fn codes(field: &Field) -> Option<Vec<String>> {
    let codes = &field.details.codes;
    if codes.is_empty() {
        return None;
    }
    let code = |option: String| codes.iter().find(|(_, of)| of.as_str() == option).map(|(code, _)| code.to_string()).unwrap_or_default();
    Some(options(field)?.into_iter().map(code).collect())
}

/// What the cell of a field lets in.
pub(super) fn limit(field: &Field, lang: Lang) -> Limit {
    match &field.kind {
        _ if is_list(field) => Limit::Any,
        FieldType::Choice(_) if field.details.depends.is_some() => Limit::Many,
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
            _ => match field.details.length {
                (None, None) => Limit::Any,
                (least, greatest) => Limit::Length(least.unwrap_or(0), greatest.unwrap_or(32_767).min(32_767)),
            },
        },
    }
}

/// Least and greatest number as they stand in the cell.
fn bounds(field: &Field) -> (Option<Exact>, Option<Exact>) {
    let Some(Range::Numbers(least, greatest)) = &field.range else { return (None, None) };
    let end = |end: &Option<Exact>| end.as_ref().map(|end| field.as_filled_in(end));
    (end(least), end(greatest))
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
/// * `list`, `codes`: the cells with the options on the hidden sheet, and with their codes.
pub(super) fn value(field: &Field, cell: &str, list: Option<&str>, codes: Option<&str>) -> String {
    let empty = empty(cell);
    let word = format!("TRIM({cell}&\"\")");
    let taken = match &field.kind {
        _ if field.details.several.is_some() => items::several(cell, list.unwrap_or_default(), codes),
        _ if field.details.attach.is_some() => items::files(field, cell),
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            // A number that was pasted as a text counts as one.
            let number = format!("VALUE({cell})");
            let holds = number_holds(field, &number);
            let value = match (&field.kind, places(field)) {
                (FieldType::Percent(_), Some(places)) => format!("ROUND({number}/100,{})", places + 2),
                (FieldType::Percent(_), None) => format!("{number}/100"),
                (_, Some(_)) if field.details.asked_in.is_some() => match (&field.details.asked_in, kept_places(field)) {
                    (Some((_, factor)), Some(Some(kept))) => match factor.decimal_places() {
                        Some(places) => format!("ROUND({number}*{},{kept})", factor.show_trimmed(places)),
                        None => "NA()".to_owned(),
                    },
                    _ => "NA()".to_owned(),
                },
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
                let by_code = match codes {
                    Some(codes) => {
                        let place = format!("SUMPRODUCT(EXACT({codes},{folded})*ROW({codes}))");
                        format!("IF({place}>0,INDEX({list},{place}),NA())")
                    }
                    None => "NA()".to_owned(),
                };
                format!("IF({},{word},IF({},{folded},{by_code}))", is(&word), is(&folded))
            }
            None => word,
        },
        FieldType::Text => {
            let mut holds = Vec::new();
            let (least, greatest) = field.details.length;
            let pattern = field.pattern.as_ref().and_then(|pattern| pattern::lengths(&pattern.it));
            let least = [least, pattern.map(|(least, _)| least)].into_iter().flatten().max();
            let greatest = [greatest, pattern.and_then(|(_, greatest)| greatest)].into_iter().flatten().min();
            holds.extend(least.map(|least| format!("LEN({word})>={least}")));
            holds.extend(greatest.map(|greatest| format!("LEN({word})<={greatest}")));
            if holds.is_empty() { word } else { format!("IF(AND({}),{word},NA())", holds.join(",")) }
        }
    };
    format!("IF({empty},NA(),{taken})")
}
