//! Terms: sums and products of answers, with how many decimals and digits they have.

use super::{Said, Test, Unsaid};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use std::collections::BTreeSet;

/// A double decides so many digits exactly, with room for what sums of some dozens of them lose.
const DIGITS: f64 = 1e14;

/// A sum, product or answer, without division.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// The expression, in parentheses where it is more than a path or a call.
    pub text: String,
    /// Its decimals.
    pub places: u32,
    /// A bound of what it comes to and of all that it is made of, 1 at least.
    pub most: f64,
    /// Whether it is never below zero.
    pub above: bool,
    /// The fields without which it is no number.
    pub reads: BTreeSet<usize>,
    /// Its value, of a constant.
    pub constant: Option<Exact>,
}

pub(super) fn power(places: u32) -> f64 {
    10_f64.powi(i32::try_from(places).unwrap_or(i32::MAX))
}

/// Half of the last of so many decimals: `0.005`.
fn half(places: u32) -> String {
    format!("0.{}5", "0".repeat(places as usize))
}

impl Term {
    pub(super) fn constant(value: &Exact) -> Said<Term> {
        let places = value.decimal_places().filter(|places| *places <= 15).ok_or(Unsaid)?;
        let shown = value.show_trimmed(places);
        let text = if value.is_negative() { format!("({shown})") } else { shown };
        let most = value.abs().to_f64();
        if most * power(places) >= DIGITS {
            return Err(Unsaid);
        }
        let above = !value.is_negative();
        Ok(Term { text, places, most: most.max(1.0), above, reads: BTreeSet::new(), constant: Some(value.clone()) })
    }

    pub(super) fn digits(&self) -> f64 {
        self.most * power(self.places)
    }

    pub(super) fn fitting(self) -> Said<Term> {
        if self.digits() < DIGITS { Ok(self) } else { Err(Unsaid) }
    }

    pub(super) fn is_one(&self) -> bool {
        self.constant.as_ref().is_some_and(|value| *value == Exact::ONE)
    }

    pub(super) fn both(&self, other: &Term) -> BTreeSet<usize> {
        self.reads.union(&other.reads).copied().collect()
    }

    pub(super) fn plus(&self, other: &Term, sign: char) -> Said<Term> {
        if let (Some(a), Some(b)) = (&self.constant, &other.constant) {
            return Term::constant(&if sign == '+' { a + b } else { a - b });
        }
        Term {
            text: format!("({} {sign} {})", self.text, other.text),
            places: self.places.max(other.places),
            most: self.most + other.most,
            above: sign == '+' && self.above && other.above,
            reads: self.both(other),
            constant: None,
        }
        .fitting()
    }

    pub(super) fn times(&self, other: &Term) -> Said<Term> {
        if let (Some(a), Some(b)) = (&self.constant, &other.constant) {
            return Term::constant(&(a * b));
        }
        if self.is_one() {
            return Ok(other.clone());
        }
        if other.is_one() {
            return Ok(self.clone());
        }
        Term {
            text: format!("({} * {})", self.text, other.text),
            places: self.places + other.places,
            most: self.most * other.most,
            above: self.above && other.above,
            reads: self.both(other),
            constant: None,
        }
        .fitting()
    }

    pub(super) fn negated(&self) -> Said<Term> {
        match &self.constant {
            Some(value) => Term::constant(&-value),
            None => Ok(Term { text: format!("(0 - {})", self.text), above: false, ..self.clone() }),
        }
    }

    /// Whether it stands to another one so.
    pub(super) fn compare(&self, other: &Term, op: CompareOp) -> Said<Test> {
        if let (Some(a), Some(b)) = (&self.constant, &other.constant) {
            return Ok(if op.holds(a.cmp(b)) { Test::Yes } else { Test::No });
        }
        if self.digits() + other.digits() >= DIGITS {
            return Err(Unsaid);
        }
        let is = |text: String| Test::Is(text, self.both(other));
        let (a, b, places) = (bare(&self.text), bare(&other.text), self.places.max(other.places));
        let difference = |a: &Term, b: &Term| match &b.constant {
            Some(zero) if zero.is_zero() => bare(&a.text).to_owned(),
            _ => format!("{} - {}", bare(&a.text), b.text),
        };
        // Two empty answers are equal texts, but their difference is no number.
        let (up, down) = (difference(self, other), difference(other, self));
        if places == 0 {
            return Ok(match op {
                CompareOp::Lt => is(format!("{a} < {b}")),
                CompareOp::Le => is(format!("{a} <= {b}")),
                CompareOp::Ge => is(format!("{a} >= {b}")),
                CompareOp::Gt => is(format!("{a} > {b}")),
                CompareOp::Eq if other.constant.is_some() => is(format!("{a} = {b}")),
                CompareOp::Eq if self.constant.is_some() => is(format!("{b} = {a}")),
                CompareOp::Eq => is(format!("{up} = 0")),
                CompareOp::Ne => Test::any([is(format!("{a} < {b}")), is(format!("{a} > {b}"))]),
            });
        }
        let half = half(places);
        Ok(match op {
            CompareOp::Lt => is(format!("{down} > {half}")),
            CompareOp::Le => is(format!("{up} < {half}")),
            CompareOp::Ge => is(format!("{down} < {half}")),
            CompareOp::Gt => is(format!("{up} > {half}")),
            CompareOp::Eq => Test::all([is(format!("{up} < {half}")), is(format!("{down} < {half}"))]),
            CompareOp::Ne => Test::any([is(format!("{up} > {half}")), is(format!("{down} > {half}"))]),
        })
    }

    pub(super) fn zero() -> Said<Term> {
        Term::constant(&Exact::ZERO)
    }
}

/// Without parentheses around the whole.
pub(super) fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) else { return text };
    let mut depth = 0_i32;
    for c in inner.chars() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth < 0 {
            return text;
        }
    }
    inner
}
