//! What was filled in last time (上期), beside the inputs of one submission: what is shown, and the value that checks read.
//!
//! The value stands in a hidden cell of its own, in the unit that is kept, and is there only as long as the key is that of whom it
//! is of.

use super::formula::{day_number, text};
use super::shown;
use crate::diag::Lang;
use crate::eval::{Previous, Value};
use crate::model::{FieldIx, Form, Lowered};
use crate::text::Name;

/// Last period's answers of one subject, by field.
pub(super) struct Last {
    pub key: Name,
    pub period: Option<Name>,
    fields: Vec<Before>,
}

/// One of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    /// As it is shown; nothing where there is nothing to show.
    pub shown: String,
    /// Its value, where there is one.
    pub value: Option<Value>,
    /// The value as formulas write it, where the form asks for it and they can.
    pub literal: Option<String>,
}

impl Last {
    pub(super) fn of(form: &Form, previous: &Previous, lang: Lang) -> Last {
        let before = |at: FieldIx| {
            let Some(field) = form.fields.get(at.0).filter(|field| field.is_asked()) else { return Before::default() };
            let value = previous.answer(at);
            // The key is filled in already.
            let shown = value.filter(|_| at != form.key).map(|value| shown::answered(field, value, lang)).unwrap_or_default();
            let shown = if shown::number_format(field).starts_with("#,") { grouped(&shown) } else { shown };
            let is_read = form.fields.iter().any(|other| other.details.lowered == Some(Lowered::Previous(at)));
            let literal = value.filter(|_| is_read && previous.key.chars().count() <= LONGEST).and_then(literal);
            Before { shown, value: value.cloned(), literal }
        };
        Last {
            key: previous.key.clone(),
            period: previous.period.clone(),
            fields: (0..form.fields.len()).map(|at| before(FieldIx(at))).collect(),
        }
    }

    /// Whether there is anything to stand in a column.
    pub(super) fn has_any(&self) -> bool {
        self.fields.iter().any(|before| !before.shown.is_empty() || before.literal.is_some())
    }

    pub(super) fn before(&self, field: usize) -> Option<&Before> {
        self.fields.get(field)
    }
}

impl Before {
    /// Whether there is no value, or one that formulas can write.
    pub(super) fn is_said(&self) -> bool {
        self.value.is_none() || self.literal.is_some()
    }
}

/// A number with its thousands apart, as it stands beside the input.
fn grouped(shown: &str) -> String {
    let (sign, rest) = shown.strip_prefix('-').map_or(("", shown), |rest| ("-", rest));
    let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let mut out = sign.to_owned();
    for (at, c) in rest.char_indices() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// What spreadsheets keep of a number.
const DIGITS: usize = 15;
/// Characters of a text in a formula.
const LONGEST: usize = 2_000;

/// A value as formulas write it.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let number = number.as_exact()?;
            let shown = number.show_trimmed(number.decimal_places()?);
            let digits = shown.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0').count();
            (digits <= DIGITS).then_some(shown)
        }
        Value::Word(word) => (word.chars().count() <= LONGEST).then(|| text(word)),
        Value::Flag(flag) => Some(if *flag { "4" } else { "1" }.to_owned()),
        Value::Date(day) => Some(day_number(*day)?.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let shown = ["7 生", "123", "-1234.5678 元", "1234567 生", "12 个文件"].map(grouped);
        assert_eq!(shown, ["7 生", "123", "-1,234.5678 元", "1,234,567 生", "12 个文件"]);
    }
}
