//! One field for itself: what its question takes, offers and looks like, and how the form language writes it.

use super::names::Names;
use super::xpath::{Called, Said, Unsaid, literal};
use crate::model::{Field, FieldType, GivenValue, Range};
use crate::number::Exact;
use crate::report::written;
use crate::syntax::{quoted_name, quoted_option};
use crate::text::Name;

/// Whole numbers beyond this are more than ODK's integers take.
const MOST_WHOLE: i64 = 999_999_999;
/// From so many options on a drop-down is better than a list.
const MANY_OPTIONS: usize = 9;
/// Whether ODK's integers take all that a field takes.
pub(super) fn is_small(field: &Field) -> bool {
    let most = Exact::from(MOST_WHOLE);
    match &field.range {
        Some(Range::Numbers(least, greatest)) => {
            let small = |end: &Option<Exact>| end.as_ref().is_none_or(|end| field.as_filled_in(end).abs() <= most);
            small(least) && small(greatest)
        }
        _ => true,
    }
}

/// What a question takes by itself: range, decimals, pattern.
pub(super) fn own_constraint(field: &Field) -> Said<Option<String>> {
    let mut holds = Vec::new();
    match &field.range {
        Some(Range::Numbers(least, greatest)) => {
            let end = |end: &Exact| written::number(&field.as_filled_in(end)).ok_or(Unsaid);
            for (sign, number) in [(">=", least), ("<=", greatest)] {
                if let Some(number) = number {
                    holds.push(format!(". {sign} {}", end(number)?));
                }
            }
        }
        Some(Range::Dates(first, last)) => {
            let end = |sign: &str, day: chrono::NaiveDate| format!("number(translate(., '-', '')) {sign} {}", day.format("%Y%m%d"));
            holds.extend(first.map(|day| end(">=", day)));
            holds.extend(last.map(|day| end("<=", day)));
        }
        None => {}
    }
    match &field.kind {
        FieldType::Integer(_) if !is_small(field) => holds.push("int(.) = .".to_owned()),
        FieldType::Decimal(places, _) | FieldType::Percent(Some(places)) => holds.push(format!("round(., {places}) = .")),
        FieldType::Text if field.details.several.is_none() => {
            if let Some(pattern) = &field.pattern {
                holds.push(format!("regex(., {})", literal(&format!("^(?:{})$", pattern.it))?));
            }
            let (least, most) = field.details.length;
            holds.extend(least.map(|least| format!("string-length(.) >= {least}")));
            holds.extend(most.map(|most| format!("string-length(.) <= {most}")));
            if field.details.han {
                holds.push("regex(., '[\u{3400}-\u{9FFF}\u{F900}-\u{FAFF}]')".to_owned());
            }
        }
        _ => {}
    }
    Ok(Some(holds.join(" and ")).filter(|all| !all.is_empty()))
}

/// A value that the form gives a field, as it is written there.
pub(super) fn given(field: &Field, value: &GivenValue) -> Option<String> {
    match value {
        GivenValue::Number(number) => {
            let percent = if matches!(field.kind, FieldType::Percent(_)) { "%" } else { "" };
            Some(format!("{}{percent}", written::number(&field.as_filled_in(number))?))
        }
        other => written::given(other),
    }
}

/// What a question offers.
pub(super) fn default(field: &Field, names: &Names, at: usize) -> Option<String> {
    match field.details.default.as_ref()? {
        GivenValue::Number(number) => written::number(&field.as_filled_in(number)),
        GivenValue::Flag(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        GivenValue::Date(day) => Some(day.to_string()),
        // A text that looks like an expression would be computed.
        GivenValue::Word(word) => names.option(at, word).filter(|word| word.chars().all(char::is_alphanumeric)).map(str::to_owned),
    }
}

/// How a question looks best.
pub(super) fn appearance(field: &Field) -> Option<&'static str> {
    match &field.kind {
        FieldType::Choice(options) if options.len() >= MANY_OPTIONS => Some("minimal"),
        FieldType::Text => {
            let pattern = &field.pattern.as_ref()?.it;
            let digits = pattern.replace("\\d", "").chars().all(|c| c.is_ascii_digit() || "{},[]+*?".contains(c));
            (digits && pattern.contains("\\d")).then_some("numbers")
        }
        _ => None,
    }
}

/// The type of a field as the form language has it.
pub(super) fn heng_type(field: &Field) -> String {
    let details = &field.details;
    if let Some(attach) = &details.attach {
        let mut said = Vec::new();
        if !attach.accept.is_empty() {
            said.push(format!("accept {}", attach.accept.iter().map(|ending| quoted_option(ending)).collect::<Vec<_>>().join(", ")));
        }
        said.extend(attach.files.map(|files| format!("at most {files} files")));
        let megabytes = attach.bytes.and_then(|bytes| Exact::from(bytes).checked_div(&Exact::from(1 << 20)));
        said.extend(megabytes.and_then(|size| written::number(&size)).map(|size| format!("at most {size} MB")));
        return if said.is_empty() { "attach".to_owned() } else { format!("attach {{ {} }}", said.join("; ")) };
    }
    if let Some(depends) = &details.depends {
        let list = |options: &[Name]| options.iter().map(|option| quoted_option(option)).collect::<Vec<_>>().join(", ");
        let case = |(upper, own): &(Name, Vec<Name>)| format!("{}: {}", quoted_option(upper), list(own));
        return format!("{{ {} }}", depends.options.iter().map(case).collect::<Vec<_>>().join("; "));
    }
    let digits = details.digits;
    match &field.kind {
        FieldType::Integer(_) if details.year => "year".to_owned(),
        FieldType::Integer(unit) => {
            format!("integer{}{}", digits.map(|digits| format!("({digits})")).unwrap_or_default(), written::unit(unit))
        }
        FieldType::Decimal(places, unit) => {
            format!("decimal({}{places}){}", digits.map(|digits| format!("{digits}, ")).unwrap_or_default(), written::unit(unit))
        }
        FieldType::Percent(Some(places)) => {
            format!("percent({}{places})", digits.map(|digits| format!("{digits}, ")).unwrap_or_default())
        }
        FieldType::Percent(None) => "percent".to_owned(),
        FieldType::Text if details.several.is_none() => match details.length {
            (None, None) => "text".to_owned(),
            (least, most) => {
                let end = |end: Option<u32>| end.map(|end| end.to_string()).unwrap_or_default();
                format!("text({}..{})", end(least), end(most))
            }
        },
        FieldType::Date => "date".to_owned(),
        FieldType::YesNo => "yes/no".to_owned(),
        FieldType::Choice(_) | FieldType::Text => {
            let several = details.several.as_deref();
            let options = if let FieldType::Choice(options) = &field.kind { Some(&**options) } else { several };
            let option = |option: &Name| {
                let code = details.codes.iter().find(|(_, of)| of == option).map(|(code, _)| format!("{code} "));
                format!("{}{}", code.unwrap_or_default(), quoted_option(option))
            };
            let options = options.unwrap_or_default().iter().map(option).collect::<Vec<_>>().join(", ");
            format!("{} {{ {options} }}", if several.is_some() { "choices" } else { "choice" })
        }
    }
}

/// What stands behind the type: the range, whether it is required, who fills it in and the like.
pub(super) fn heng_range(field: &Field) -> String {
    let details = &field.details;
    let mut said = Vec::new();
    if let Some(range) = &field.range {
        let ends = match range {
            Range::Numbers(least, greatest) => {
                let percent = if matches!(field.kind, FieldType::Percent(_)) { "%" } else { "" };
                let end = |end: &Option<Exact>| {
                    let number = end.as_ref().and_then(|end| written::number(&field.as_filled_in(end)));
                    number.map(|number| format!("{number}{percent}")).unwrap_or_default()
                };
                (end(least), end(greatest))
            }
            Range::Dates(first, last) => {
                let end = |day: &Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
                (end(first), end(last))
            }
        };
        said.push(format!("{}..{}", ends.0, ends.1));
    }
    said.extend(details.asked_in.as_ref().map(|(unit, _)| format!("asked in {unit}")));
    if field.required {
        said.push("required".to_owned());
    }
    if details.han {
        said.push("in Chinese".to_owned());
    }
    if details.locked {
        said.push("locked".to_owned());
    }
    said.extend(details.default.as_ref().and_then(|value| given(field, value)).map(|value| format!("default {value}")));
    said.extend(details.by.as_ref().map(|by| format!("filled by {}", quoted_name(by))));
    said.join(" ")
}
