//! XPath 1.0 that says what an expression of a form means, as ODK, Enketo and KoBoToolbox compute it.
//!
//! * **Gaps.** A question without an answer is an empty text, and not a number where a number is asked for; what is compared with
//!   that is false. So a condition is said twice, where it holds for sure and where it surely does not hold ([`Truth`]); in between
//!   it is not known, as in the engine.
//! * **Doubles.** Where the decimals of both sides are known, a difference is compared with half of their last unit, so that sums
//!   of decimals are decided exactly, as long as all digits fit 14. An answer without a greatest value counts as one of at
//!   most 12 digits, a percentage without decimals as one of at most 6.
//! * **Division.** An expression is kept as one quotient, and a comparison is decided by multiplying out.
//! * **Alternatives** (`a or b`, `if`, least, greatest, absolute values) are cases, each with its test ([`Cases`]).
//! * What else there is is [`Unsaid`], and checked when submissions are read.
//!
//! Only functions that JavaRosa and Enketo have are used: `not`, `int`, `number`, `translate`, `if`, `round`, `regex`, `string-length`.
//! Not here: which question has which name (`names`), where a check stands (`survey`).

mod condition;
mod number;
mod term;
mod test;

pub(super) use test::Test;

use crate::model::{Expr, Field, FieldIx, FieldType, Form, GivenValue, Node, Type};
use std::collections::BTreeSet;

/// Why there is no XPath: it cannot say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsaid;

/// An XPath expression, or none.
pub(super) type Said<T = String> = Result<T, Unsaid>;

/// Longer expressions are left to import.
const MOST_CHARACTERS: usize = 6000;
/// So are those of more cases.
const MOST_CASES: usize = 16;

/// Where a condition surely holds, and where it surely does not.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub yes: Test,
    pub no: Test,
}

/// What an expression is in each of some cases, of which at most one holds.
type Cases<T> = Vec<(Test, T)>;

/// A text or an option.
#[derive(Clone, Debug)]
enum Word {
    Text(String),
    Field(usize),
}

/// What questions and their options are called.
pub(super) trait Called {
    /// The name of a field's question.
    fn question(&self, field: usize) -> &str;
    /// The name of an option of it.
    fn option<'o>(&'o self, field: usize, option: &'o str) -> Option<&'o str>;
    /// Whether all options of it are called what they are.
    fn is_plain(&self, field: usize) -> bool;
    /// The name of the repeat of a table.
    fn repeat(&self, table: usize) -> Option<&str>;
    /// The name of the question of a column.
    fn column(&self, table: usize, column: usize) -> Option<&str>;
}

/// Says expressions of one form.
pub(super) struct Printer<'p> {
    form: &'p Form,
    called: &'p dyn Called,
    /// The question that an expression stands at, which is `.` there.
    own: Option<usize>,
}

impl<'p> Printer<'p> {
    /// * `own`: the question that it stands at.
    pub fn new(form: &'p Form, called: &'p dyn Called, own: Option<usize>) -> Printer<'p> {
        Printer { form, called, own }
    }

    /// Where a condition holds, and where it does not.
    pub fn truth(&self, expr: &Expr) -> Said<Truth> {
        let truth = self.condition(expr)?;
        if truth.yes.text().len().max(truth.no.text().len()) > MOST_CHARACTERS { Err(Unsaid) } else { Ok(truth) }
    }

    /// What a calculated question shows: the value, or an empty text where there is none; yes and no by their words.
    pub fn shown(&self, expr: &Expr, words: (&str, &str)) -> Said {
        let mut shown = "''".to_owned();
        match &expr.ty {
            Type::Number(_) => {
                for (test, number) in self.number(expr)?.iter().rev() {
                    let known = Test::all([test.clone(), number.known(self)?]).text();
                    shown = format!("if({known}, {}, {shown})", number.shown());
                }
            }
            Type::Flag => {
                let Truth { yes, no } = self.condition(expr)?;
                shown = format!("if({}, {}, if({}, {}, ''))", yes.text(), literal(words.0)?, no.text(), literal(words.1)?);
            }
            Type::Text | Type::Choice(_) => {
                for (test, word) in self.word(expr)?.iter().rev() {
                    let word = match word {
                        Word::Text(text) => literal(text)?,
                        Word::Field(field) => self.place(*field),
                    };
                    shown = format!("if({}, {word}, {shown})", test.text());
                }
            }
            _ => return Err(Unsaid),
        }
        if shown.len() > MOST_CHARACTERS { Err(Unsaid) } else { Ok(shown) }
    }

    /// The answer to a field's question.
    fn place(&self, field: usize) -> String {
        if self.own == Some(field) { ".".to_owned() } else { format!("${{{}}}", self.called.question(field)) }
    }

    /// The field, and its answer; none of one that nobody fills in.
    fn field(&self, field: FieldIx) -> Said<(&'p Field, String)> {
        let kept = self.form.fields.get(field.0).filter(|field| field.is_asked()).ok_or(Unsaid)?;
        Ok((kept, self.place(field.0)))
    }

    /// Of a field that counts as something where it is not asked: where that is, and what it counts as.
    fn otherwise(&self, field: &'p Field) -> Said<Option<(Test, &'p GivenValue)>> {
        match (&field.when, &field.details.otherwise) {
            (Some(when), Some(value)) => Ok(Some((self.condition(when)?.no, value))),
            _ => Ok(None),
        }
    }

    /// That a field has an answer.
    fn filled(&self, field: usize) -> Test {
        Test::Is(format!("{} != ''", self.place(field)), BTreeSet::from([field]))
    }

    /// The cases of a text or an option.
    fn word(&self, expr: &Expr) -> Said<Cases<Word>> {
        match &expr.node {
            Node::Word(word) => Ok(vec![(Test::Yes, Word::Text(word.to_string()))]),
            Node::Field(at) => {
                let (field, _) = self.field(*at)?;
                let plain = matches!(field.kind, FieldType::Text | FieldType::Choice(_)) && field.details.several.is_none();
                match (plain, self.otherwise(field)?) {
                    (false, _) => Err(Unsaid),
                    (true, None) => Ok(vec![(Test::Yes, Word::Field(at.0))]),
                    (true, Some((no, GivenValue::Word(word)))) => {
                        Ok(vec![(no.clone().not(), Word::Field(at.0)), (no, Word::Text(word.to_string()))])
                    }
                    _ => Err(Unsaid),
                }
            }
            Node::Computed(_, of) => self.word(of),
            Node::Default(a, b) => {
                let a = self.word(a)?;
                let known = Test::any(a.iter().map(|(test, word)| Test::all([test.clone(), self.known_word(word)])));
                let first = a.into_iter().map(|(test, word)| (Test::all([test, self.known_word(&word)]), word)).collect();
                fitting(or_else(first, &known, self.word(b)?))
            }
            Node::Choose(cases, otherwise) => self.chosen(cases, otherwise, &|expr| self.word(expr)),
            _ => Err(Unsaid),
        }
    }

    fn known_word(&self, word: &Word) -> Test {
        match word {
            Word::Text(_) => Test::Yes,
            Word::Field(field) => self.filled(*field),
        }
    }

    /// The first condition that holds decides; one that is not known leaves all open.
    fn chosen<T>(&self, cases: &[(Expr, Expr)], otherwise: &Expr, say: &dyn Fn(&Expr) -> Said<Cases<T>>) -> Said<Cases<T>> {
        let (mut said, mut before) = (Vec::new(), Test::Yes);
        for (when, then) in cases {
            let Truth { yes, no } = self.condition(when)?;
            let here = Test::all([before.clone(), yes]);
            said.extend(say(then)?.into_iter().map(|(test, value)| (Test::all([here.clone(), test]), value)));
            before = Test::all([before, no]);
        }
        said.extend(say(otherwise)?.into_iter().map(|(test, value)| (Test::all([before.clone(), test]), value)));
        fitting(said)
    }
}

/// The first cases, and where none of them has a value the others.
fn or_else<T>(first: Cases<T>, known: &Test, otherwise: Cases<T>) -> Cases<T> {
    let rest = otherwise.into_iter().map(|(test, value)| (Test::all([known.clone().not(), test]), value));
    first.into_iter().chain(rest).collect()
}

/// Cases that can hold, if they are not too many.
fn fitting<T>(mut cases: Cases<T>) -> Said<Cases<T>> {
    cases.retain(|(test, _)| *test != Test::No);
    let long = cases.iter().any(|(test, _)| test.text().len() > MOST_CHARACTERS);
    if cases.len() > MOST_CASES || long { Err(Unsaid) } else { Ok(cases) }
}

/// A text as it stands in an expression; XPath has no way to write both kinds of quotes in one.
pub(super) fn literal(text: &str) -> Said {
    // A reference would be replaced inside a text, too.
    match (text.contains('\''), text.contains('"')) {
        _ if text.contains("${") => Err(Unsaid),
        (false, _) => Ok(format!("'{text}'")),
        (true, false) => Ok(format!("\"{text}\"")),
        (true, true) => Err(Unsaid),
    }
}
