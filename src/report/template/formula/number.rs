//! Numbers: one quotient of two terms, with how many decimals and digits they have.

use super::super::shown;
use super::{Known, Printer, Read, Said, Unsaid};
use crate::eval::Value;
use crate::model::{Expr, FieldType, Function, GivenValue, Lowered, Node, Over, Range, StatisticKind, Type};
use crate::number::Exact;
use std::cell::Cell;

/// A double holds so many digits, whatever they are, with room for what sums of some dozens of them lose.
const DIGITS: f64 = 1e14;
/// More digits are not decided by `INT`, which some spreadsheets take for the whole number next to it.
const WHOLE_DIGITS: f64 = 1e12;
/// What is within this part of the numbers that went into a difference is left open.
const OPEN: &str = "1E-12";

/// A sum, product or cell, without division.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// The formula, in parentheses where it is more than one cell or call.
    text: String,
    /// Its decimals.
    pub(super) places: u32,
    /// A bound of what it comes to and of all that it is made of, 1 at least.
    pub(super) most: f64,
    /// Whether its decimals are not known.
    pub(super) rough: bool,
    /// The formula of a bound of what went into it, which says how far the double may be off.
    size: String,
    /// Its value, of a constant.
    constant: Option<Exact>,
}

/// A quotient; where one of `divisors` is zero there is none.
#[derive(Clone, Debug)]
pub(super) struct Number {
    over: Term,
    under: Option<Term>,
    divisors: Vec<Term>,
}

impl Term {
    fn constant(value: &Exact) -> Said<Term> {
        let places = value.decimal_places().filter(|places| *places <= 15).ok_or(Unsaid)?;
        let (shown, most) = (value.show_trimmed(places), value.abs().to_f64());
        let text = if value.is_negative() { format!("({shown})") } else { shown };
        let size = value.abs().show_trimmed(places);
        let rough = most * 10_f64.powi(i32::try_from(places).unwrap_or(0)) > DIGITS;
        Ok(Term { text, places, most: most.max(1.0), rough, size, constant: Some(value.clone()) })
    }

    pub(super) fn cell(text: String, places: u32, most: f64, rough: bool) -> Term {
        let size = format!("ABS({text})");
        Term { text, places, most: most.max(1.0), rough, size, constant: None }
    }

    /// The same with another bound of what went into it.
    pub(super) fn sized(self, size: String) -> Term {
        Term { size, ..self }
    }

    /// As many units of the last decimal as it may have.
    fn digits(&self) -> f64 {
        self.most * 10_f64.powi(i32::try_from(self.places).unwrap_or(i32::MAX))
    }

    /// Whether rounding to its decimals gives it exactly.
    fn is_exact(&self) -> bool {
        !self.rough && self.digits() < DIGITS
    }

    fn is_zero(&self) -> bool {
        self.constant.as_ref().is_some_and(Exact::is_zero)
    }

    fn is_one(&self) -> bool {
        self.constant.as_ref().is_some_and(|value| *value == Exact::ONE)
    }

    fn plus(&self, other: &Term, sign: char) -> Term {
        if other.is_zero() {
            return self.clone();
        }
        Term {
            text: format!("({}{sign}{})", self.text, other.text),
            places: self.places.max(other.places),
            most: self.most + other.most,
            rough: self.rough || other.rough,
            size: format!("({}+{})", self.size, other.size),
            constant: None,
        }
    }

    fn times(&self, other: &Term) -> Said<Term> {
        if let (Some(a), Some(b)) = (&self.constant, &other.constant) {
            return Term::constant(&(a * b));
        }
        if self.is_one() {
            return Ok(other.clone());
        }
        if other.is_one() {
            return Ok(self.clone());
        }
        Ok(Term {
            text: format!("({}*{})", self.text, other.text),
            places: self.places + other.places,
            most: self.most * other.most,
            rough: self.rough || other.rough,
            size: format!("({}*{})", self.size, other.size),
            constant: None,
        })
    }

    fn negated(&self) -> Said<Term> {
        match &self.constant {
            Some(value) => Term::constant(&-value),
            None => Ok(Term { text: format!("(-{})", self.text), ..self.clone() }),
        }
    }

    /// Rounded to its own decimals, which takes away what the double is off.
    fn settled(&self) -> String {
        if self.constant.is_some() { self.text.clone() } else { format!("ROUND({},{})", self.text, self.places) }
    }

    /// As a whole number of units of 10⁻ᵖ.
    fn whole(&self, places: u32) -> Said<String> {
        let more = places.checked_sub(self.places).ok_or(Unsaid)?;
        if self.rough || self.digits() * 10_f64.powi(i32::try_from(more).unwrap_or(i32::MAX)) >= WHOLE_DIGITS {
            return Err(Unsaid);
        }
        Ok(if places == 0 { format!("ROUND({},0)", self.text) } else { format!("ROUND({}*1{},0)", self.text, "0".repeat(places as usize)) })
    }
}

impl Number {
    pub(super) fn of(term: Term) -> Number {
        Number { over: term, under: None, divisors: Vec::new() }
    }

    fn constant(value: &Exact) -> Said<Number> {
        if let Ok(term) = Term::constant(value) {
            return Ok(Number::of(term));
        }
        let (over, under) = value.machine().ok_or(Unsaid)?;
        let under = Term::constant(&Exact::from(under))?;
        Ok(Number { over: Term::constant(&Exact::from(over))?, under: Some(under), divisors: Vec::new() })
    }

    fn under(&self) -> Said<Term> {
        match &self.under {
            Some(under) => Ok(under.clone()),
            None => Term::constant(&Exact::ONE),
        }
    }

    fn joined(&self, other: &Number) -> Vec<Term> {
        let mut divisors = self.divisors.clone();
        divisors.extend(other.divisors.iter().filter(|other| !self.divisors.iter().any(|known| known.text == other.text)).cloned());
        divisors
    }

    fn plus(&self, other: &Number, sign: char) -> Said<Number> {
        let divisors = self.joined(other);
        match (&self.under, &other.under) {
            (None, None) => Ok(Number { over: self.over.plus(&other.over, sign), under: None, divisors }),
            (Some(a), Some(b)) if a.text == b.text => {
                Ok(Number { over: self.over.plus(&other.over, sign), under: Some(a.clone()), divisors })
            }
            _ => {
                let over = self.over.times(&other.under()?)?.plus(&other.over.times(&self.under()?)?, sign);
                Ok(Number { over, under: Some(self.under()?.times(&other.under()?)?), divisors })
            }
        }
    }

    fn times(&self, other: &Number) -> Said<Number> {
        let under = match (&self.under, &other.under) {
            (None, None) => None,
            _ => Some(self.under()?.times(&other.under()?)?),
        };
        Ok(Number { over: self.over.times(&other.over)?, under, divisors: self.joined(other) })
    }

    pub(super) fn divided(&self, by: &Number) -> Said<Number> {
        if let (Some(value), None) = (&by.over.constant, &by.under)
            && !value.is_zero()
        {
            return self.times(&Number::constant(&Exact::ONE.checked_div(value).ok_or(Unsaid)?)?);
        }
        // Whether the divisor is zero must be certain.
        if !by.over.is_exact() {
            return Err(Unsaid);
        }
        let mut divisors = self.joined(by);
        divisors.push(by.over.clone());
        let under = self.under()?.times(&by.over)?;
        Ok(Number { over: self.over.times(&by.under()?)?, under: Some(under), divisors })
    }

    /// The condition that one of the divisors is zero, if there are any.
    fn undefined(divisors: &[Term]) -> Option<String> {
        let zero: Vec<String> = divisors.iter().map(|divisor| format!("{}=0", divisor.settled())).collect();
        match zero.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => Some(format!("OR({})", several.join(","))),
        }
    }

    /// The formula of its value, for showing; an error where there is none.
    pub(super) fn value(&self) -> String {
        let over = if self.over.is_exact() { self.over.settled() } else { self.over.text.clone() };
        let quotient = match &self.under {
            Some(under) => format!("{over}/{}", if under.is_exact() { under.settled() } else { under.text.clone() }),
            None => over,
        };
        match Number::undefined(&self.divisors) {
            Some(undefined) => format!("IF({undefined},NA(),{quotient})"),
            None => quotient,
        }
    }

    /// As one term, for what takes terms only.
    pub(super) fn alone(&self) -> Said<Term> {
        match &self.under {
            None if self.divisors.is_empty() => Ok(self.over.clone()),
            // One division of exact numbers is off by no more than its last digit.
            Some(under) if self.over.is_exact() && under.is_exact() => Ok(Term::cell(self.value(), 0, 1e15, true)),
            _ => Err(Unsaid),
        }
    }

    fn abs(&self) -> Number {
        let abs =
            |term: &Term| Term { text: format!("ABS({})", term.text), constant: term.constant.as_ref().map(Exact::abs), ..term.clone() };
        Number { over: abs(&self.over), under: self.under.as_ref().map(abs), divisors: self.divisors.clone() }
    }

    /// Rounded to so many decimals.
    fn rounded(&self, how: Function, places: u32) -> Said<Number> {
        if places > 12 {
            return Err(Unsaid);
        }
        // What has no more decimals stays as it is.
        if self.under.is_none() && self.over.places <= places && !self.over.rough {
            return Ok(self.clone());
        }
        let under = self.under()?;
        // Both sides as whole numbers of one size; the upper one times a power of ten.
        let most = self.over.places.max(under.places);
        let power = "0".repeat(places as usize);
        let mut over = self.over.whole(most)?;
        if self.over.digits() * 10_f64.powi(i32::try_from(most - self.over.places + places).unwrap_or(i32::MAX)) >= WHOLE_DIGITS / 2.0 {
            return Err(Unsaid);
        }
        if places > 0 {
            over = format!("{over}*1{power}");
        }
        let under = if under.is_one() && most == 0 { "1".to_owned() } else { under.whole(most)? };
        let quotient = if under == "1" { over.clone() } else { format!("{over}/{under}") };
        let whole = match how {
            Function::Floor => format!("INT({quotient})"),
            Function::Ceil => format!("(-INT(-({quotient})))"),
            _ => format!("(SIGN({quotient})*INT((2*ABS({over})+ABS({under}))/(2*ABS({under}))))"),
        };
        let text = if places > 0 { format!("({whole}/1{power})") } else { whole };
        let text = match Number::undefined(&self.divisors) {
            Some(undefined) => format!("IF({undefined},NA(),{text})"),
            None => text,
        };
        let bound = if self.under.is_some() { self.over.most * 10_f64.powi(i32::try_from(most).unwrap_or(0)) } else { self.over.most };
        Ok(Number::of(Term::cell(text, places, bound + 1.0, false)))
    }

    /// How two numbers compare, as the values of a condition: what it is where the first is below, equal, above.
    pub(super) fn compare(&self, other: &Number, codes: [&str; 3], rough: &Cell<bool>) -> Said {
        let difference = self.over.times(&other.under()?)?.plus(&other.over.times(&self.under()?)?, '-');
        // Multiplied out by a number below zero, above is below.
        let mut sign = String::new();
        for under in [&self.under, &other.under].into_iter().flatten() {
            match &under.constant {
                Some(value) if value.is_positive() => {}
                _ => sign.push_str(&format!("*SIGN({})", under.settled())),
            }
        }
        let [below, equal, above] = codes;
        let compared = if difference.is_exact() {
            let sign = format!("SIGN(ROUND({},{})){sign}", difference.text, difference.places);
            format!("CHOOSE(2+{sign},{below},{equal},{above})")
        } else {
            rough.set(true);
            let text = &difference.text;
            format!("CHOOSE(2+SIGN({text})*(ABS({text})>{OPEN}*{}){sign},{below},2,{above})", difference.size)
        };
        Ok(match Number::undefined(&self.joined(other)) {
            Some(undefined) => format!("IF({undefined},2,{compared})"),
            None => compared,
        })
    }
}

impl Printer<'_> {
    /// An expression that is a number.
    pub(super) fn number(&self, expr: &Expr) -> Said<Number> {
        match &expr.node {
            Node::Number(value) => Number::constant(value),
            Node::Field(_) | Node::BesideField(..) => {
                let Read { field, cells, .. } = self.read(expr).ok_or(Unsaid)?;
                if let Some(Lowered::Previous(of)) = field.details.lowered {
                    return known(cells.previous(of).ok_or(Unsaid)?);
                }
                if !shown::is_number(field) {
                    return Err(Unsaid);
                }
                let places = shown::kept_places(field).ok_or(Unsaid)?;
                let widest = if matches!(field.kind, FieldType::Percent(_)) { 1e9 } else { 1e15 };
                let most = most(field.range.as_ref(), widest, places.unwrap_or(2));
                let cell = Term::cell(self.field(expr)?, places.unwrap_or(0), most, places.is_none());
                Ok(Number::of(match &field.details.otherwise {
                    Some(GivenValue::Number(otherwise)) => {
                        let otherwise = Term::constant(otherwise)?;
                        Term { places: cell.places.max(otherwise.places), most: cell.most.max(otherwise.most), ..cell }
                    }
                    _ => cell,
                }))
            }
            Node::Computed(_, of) => self.number(of),
            Node::Add(a, b) => self.number(a)?.plus(&self.number(b)?, '+'),
            Node::Sub(a, b) => self.number(a)?.plus(&self.number(b)?, '-'),
            Node::Mul(a, b) => self.number(a)?.times(&self.number(b)?),
            Node::Div(a, b) => self.number(a)?.divided(&self.number(b)?),
            Node::Negate(a) => {
                let number = self.number(a)?;
                Ok(Number { over: number.over.negated()?, ..number })
            }
            Node::Scale(a, factor) => self.number(a)?.times(&Number::constant(factor)?),
            Node::Default(a, b) => {
                let (a, b) = (self.surely(|| self.number(a)?.alone())?, self.number(b)?.alone()?);
                Ok(Number::of(either(format!("IFERROR({},{})", a.text, b.text), &[a, b])))
            }
            Node::Choose(cases, otherwise) => {
                let mut chosen = self.number(otherwise)?.alone()?;
                for (when, then) in cases.iter().rev() {
                    let then = self.number(then)?.alone()?;
                    let text = format!("CHOOSE({},{},NA(),NA(),{})", self.code(when)?, chosen.text, then.text);
                    chosen = either(text, &[chosen, then]);
                }
                Ok(Number::of(chosen))
            }
            Node::Call(function, args) => self.called(*function, args),
            Node::Statistic(statistic) => {
                if let Over::Rows(table, _) = &statistic.of {
                    return self.over_rows(*table, statistic, expr.id);
                }
                let Over::List(list) = &statistic.of else { return Err(Unsaid) };
                if statistic.weight.is_some() || statistic.filter.is_some() || statistic.parameter.is_some() {
                    return Err(Unsaid);
                }
                if list.iter().any(|item| !matches!(item.ty, Type::Number(_))) {
                    return Err(Unsaid);
                }
                let numbers = list.iter().map(|item| self.number(item)).collect::<Said<Vec<_>>>()?;
                let (first, rest) = numbers.split_first().ok_or(Unsaid)?;
                let sum = || rest.iter().try_fold(first.clone(), |sum, number| sum.plus(number, '+'));
                match statistic.kind {
                    StatisticKind::Sum => sum(),
                    StatisticKind::Mean => sum()?.divided(&Number::constant(&Exact::from(numbers.len()))?),
                    StatisticKind::Min | StatisticKind::Max => {
                        let terms = numbers.iter().map(Number::alone).collect::<Said<Vec<_>>>()?;
                        let name = if statistic.kind == StatisticKind::Min { "MIN" } else { "MAX" };
                        // In this way the value of a cell counts, whatever it is, and an error spreads.
                        let texts: Vec<String> = terms.iter().map(|term| format!("(0+{})", term.text)).collect();
                        Ok(Number::of(either(format!("{name}({})", texts.join(",")), &terms)))
                    }
                    _ => Err(Unsaid),
                }
            }
            _ => Err(Unsaid),
        }
    }

    fn called(&self, function: Function, args: &[Expr]) -> Said<Number> {
        let (first, rest) = args.split_first().ok_or(Unsaid)?;
        match function {
            Function::Abs => Ok(self.number(first)?.abs()),
            Function::Floor | Function::Ceil | Function::Round => {
                let places = match rest.first() {
                    None => 0,
                    Some(Expr { node: Node::Number(places), .. }) => {
                        places.to_i64().and_then(|places| u32::try_from(places).ok()).ok_or(Unsaid)?
                    }
                    Some(_) => return Err(Unsaid),
                };
                self.number(first)?.rounded(function, places)
            }
            Function::Year => Ok(Number::of(Term::cell(format!("YEAR({})", self.date(first)?), 0, 1e4, false))),
            Function::Days => {
                let to = self.date(rest.first().ok_or(Unsaid)?)?;
                Ok(Number::of(Term::cell(format!("(({to})-({}))", self.date(first)?), 0, 1e7, false)))
            }
            Function::YearsAfter | Function::MonthsAfter | Function::DaysAfter => Err(Unsaid),
        }
    }

    /// The formula of a whole number that counts years, months or days.
    pub(super) fn count(&self, expr: &Expr) -> Said {
        let Number { over, .. } = self.number(expr)?.rounded(Function::Floor, 0)?;
        Ok(over.text)
    }
}

/// A number that was known before: its cell, with the digits that it has.
fn known(known: Known<'_>) -> Said<Number> {
    let term = match known.value {
        Some(Value::Number(number)) => Term::constant(number.as_exact().ok_or(Unsaid)?)?,
        Some(_) => return Err(Unsaid),
        None => Term::constant(&Exact::ZERO)?,
    };
    Ok(Number::of(Term::cell(known.cell, term.places, term.most, term.rough)))
}

/// One of some terms.
fn either(text: String, of: &[Term]) -> Term {
    let most = of.iter().map(|term| term.most).fold(1.0, f64::max);
    let places = of.iter().map(|term| term.places).max().unwrap_or(0);
    let rough = of.iter().any(|term| term.rough);
    Term::cell(text, places, most, rough)
}

/// The greatest number that a field takes, whatever its sign.
fn most(range: Option<&Range>, widest: f64, places: u32) -> f64 {
    let widest = widest / 10_f64.powi(i32::try_from(places).unwrap_or(0));
    let Some(Range::Numbers(Some(least), Some(greatest))) = range else { return widest };
    least.abs().to_f64().max(greatest.abs().to_f64()).min(widest)
}
