//! The words of findings for others to fill in (诊断的措辞): what would be told of each field, with slots for what is not known yet.
//!
//! A page that checks offline says the same as the reader, because these are the reader's own words: each finding is made with marks in
//! the place of what stands in the cell, and says itself.
//! Not here: when a finding is told (`cells`, `batch`, `asked`).

use super::asked::words;
use super::findings::{Finding, What};
use super::wrong::Wrong;
use crate::diag::{Code, Lang, Origin, Say, Severity};
use crate::model::{Check, Field, FieldIx, FieldType, Form};
use crate::text::{Name, Texts};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands in the cell. Characters that are in no text (noncharacters).
const WRITTEN: &str = "\u{FDD0}";
/// What it is about: a part of what stands there, or a count.
const THING: &str = "\u{FDD1}";
/// The number in what stands there.
const NUMBER: &str = "\u{FDD2}";

/// A count that becomes a slot.
const COUNT: u32 = 3_999_999_979;

/// A finding whose slots are open.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Wording {
    /// Its code.
    pub code: &'static str,
    /// Whether it is an error, not a warning.
    pub error: bool,
    /// What is told.
    pub text: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What may be told of the submissions to a form.
#[derive(Clone, Debug, Serialize)]
pub struct Wordings {
    /// What stands for what stands in the cell, for what it is about, and for the number in it.
    pub slots: [&'static str; 3],
    /// What stands between the values of a check.
    pub between: &'static str,
    /// By field, and by what is wrong.
    pub fields: Vec<BTreeMap<&'static str, Wording>>,
    /// Of each check, without the values of its fields.
    pub checks: Vec<Wording>,
    /// Of a row that adds up others.
    pub total: Wording,
    /// The condition of each field as it is written; empty where there is none.
    pub conditions: Vec<String>,
}

/// The words of everything that may be told of one submission to a form, read from JSON.
///
/// * `texts`: conditions are quoted from them.
pub fn wordings(form: &Form, texts: &Texts, lang: Lang) -> Wordings {
    let conditions: Vec<String> =
        form.fields.iter().map(|field| field.when.as_ref().map_or_else(String::new, |when| words(when, texts))).collect();
    let of_period = form.period.as_ref().and_then(|period| period.key);
    let fields = form.fields.iter().zip(&conditions).enumerate().map(|(at, (field, condition))| {
        let says_whose = FieldIx(at) == form.key || of_period == Some(FieldIx(at));
        of_field(field, says_whose, condition, lang)
    });
    Wordings {
        slots: [WRITTEN, THING, NUMBER],
        between: lang.pick("、", ", "),
        fields: fields.collect(),
        checks: form.checks.iter().map(|check| of_check(form, check, lang)).collect(),
        total: said(What::TotalRow, lang),
        conditions,
    }
}

/// * `says_whose`: whether it is the key or the period, without which a row is not read.
fn of_field(field: &Field, says_whose: bool, condition: &str, lang: Lang) -> BTreeMap<&'static str, Wording> {
    // The page shows the form's hint anyway.
    let field = Arc::new(Field { hint: None, ..field.clone() });
    let name = || field.name.it.clone();
    let mut words = BTreeMap::new();
    let mut wrong = |key: &'static str, wrong: Wrong| {
        words.insert(key, said(What::Cell { field: field.clone(), wrong }, lang));
    };
    let thing = || THING.to_owned();
    wrong("error_value", Wrong::ErrorValue);
    wrong("too_long", Wrong::TooLong { characters: COUNT as usize });
    if field.details.several.is_some() {
        wrong("not_among", Wrong::NotAmong { item: thing(), near: None });
    } else if field.details.attach.is_some() {
        wrong("too_many_files", Wrong::TooManyFiles { found: COUNT as usize });
        wrong("file_kind", Wrong::FileKind { name: thing() });
        wrong("file_outside", Wrong::FileOutside { name: thing() });
    } else {
        match &field.kind {
            FieldType::Integer(_) | FieldType::Decimal(..) => {
                let unit = field.filled_in_unit().map(ToString::to_string).unwrap_or_default();
                wrong("trailing_unit", Wrong::Trailing { number: NUMBER.to_owned(), rest: unit });
                number(&field, &mut wrong);
            }
            FieldType::Percent(_) => number(&field, &mut wrong),
            FieldType::Text => {
                wrong("pattern", Wrong::PatternMismatch);
                wrong("length", Wrong::Length { found: COUNT });
                wrong("no_han", Wrong::NoHan);
                words.insert("formula", said(What::FormulaText { field: name() }, lang));
            }
            FieldType::Date => {
                wrong("not_a_date", Wrong::NotADate);
                wrong("no_such_day", Wrong::NoSuchDay);
                wrong("out_of_range", Wrong::OutOfRange);
            }
            FieldType::YesNo => wrong("not_yes_no", Wrong::NotYesNo),
            FieldType::Choice(_) => wrong("no_such_option", Wrong::NoSuchOption { near: None }),
        }
    }
    if says_whose || field.required {
        words.insert("empty", said(What::Empty { field: name(), identifies: says_whose }, lang));
    }
    if field.when.is_some() {
        words.insert("not_asked", said(What::NotAsked { field: name(), condition: condition.into() }, lang));
    }
    words
}

fn number(field: &Field, wrong: &mut impl FnMut(&'static str, Wrong)) {
    wrong("not_a_number", Wrong::NotANumber);
    wrong("trailing", Wrong::Trailing { number: NUMBER.to_owned(), rest: THING.to_owned() });
    wrong("grouping", Wrong::Grouping);
    wrong("too_many_digits", Wrong::TooManyDigits);
    wrong("out_of_range", Wrong::OutOfRange);
    match field.kind {
        FieldType::Integer(_) => wrong("not_whole", Wrong::NotWhole),
        FieldType::Decimal(most, _) | FieldType::Percent(Some(most)) => {
            wrong("too_many_decimals", Wrong::TooManyDecimals { most, found: COUNT });
        }
        _ => {}
    }
}

fn of_check(form: &Form, check: &Check, lang: Lang) -> Wording {
    let unless: Option<Name> = check.unless.and_then(|reason| form.fields.get(reason.0)).map(|reason| reason.name.it.clone());
    said(What::Check { refuses: check.refuses, message: check.message.as_str().into(), values: Vec::new(), unless }, lang)
}

fn said(what: What, lang: Lang) -> Wording {
    // A mark is no letter, and the count is large: what is said of such cells only is not said of all.
    let of_few = matches!(&what, What::Cell { wrong: Wrong::NotANumber | Wrong::TooManyDecimals { .. }, .. });
    let finding = Finding { at: Origin { text: WRITTEN.into(), ..Origin::file("") }, what };
    let open = |text: String| text.replace(&COUNT.to_string(), THING);
    let code: Code = finding.code();
    Wording {
        code: code.as_str(),
        error: code.severity() == Severity::Error,
        text: open(finding.headline(lang)),
        help: finding.help(lang).filter(|_| !of_few).map(open),
    }
}
