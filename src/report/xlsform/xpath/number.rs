//! Numbers and days: one quotient of two terms in each case. A day is the number of its digits, 20240901.

use super::term::{Term, bare, power};
use super::{Cases, Printer, Said, Test, Unsaid, fitting, or_else};
use crate::model::{Expr, Field, FieldIx, FieldType, Function, GivenValue, Node, Over, Range, Statistic, StatisticKind, Type};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

/// What an answer without a greatest value may have, in units of its last decimal.
const WIDEST: f64 = 1e12;
/// Decimals of a percentage that does not say how many.
const PERCENT_PLACES: u32 = 6;
/// The last digit of a double.
const LAST: f64 = 2.3e-16;

/// A quotient; where one of `divisors` is zero there is none.
#[derive(Clone, Debug)]
pub(super) struct Number {
    over: Term,
    under: Option<Term>,
    divisors: Vec<Term>,
}
impl Number {
    fn of(over: Term) -> Number {
        Number { over, under: None, divisors: Vec::new() }
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
        self.under.clone().map_or_else(|| Term::constant(&Exact::ONE), Ok)
    }

    fn divisors(&self, other: &Number) -> Vec<Term> {
        self.divisors.iter().chain(&other.divisors).cloned().collect()
    }

    fn plus(&self, other: &Number, sign: char) -> Said<Number> {
        let divisors = self.divisors(other);
        if self.under.is_none() && other.under.is_none() {
            return Ok(Number { over: self.over.plus(&other.over, sign)?, under: None, divisors });
        }
        let over = self.over.times(&other.under()?)?.plus(&other.over.times(&self.under()?)?, sign)?;
        Ok(Number { over, under: Some(self.under()?.times(&other.under()?)?), divisors })
    }

    fn times(&self, other: &Number) -> Said<Number> {
        let under = match (&self.under, &other.under) {
            (None, None) => None,
            _ => Some(self.under()?.times(&other.under()?)?),
        };
        Ok(Number { over: self.over.times(&other.over)?, under, divisors: self.divisors(other) })
    }

    fn divided(&self, other: &Number) -> Said<Number> {
        let (mut over, mut under) = (self.over.times(&other.under()?)?, self.under()?.times(&other.over)?);
        let mut divisors = self.divisors(other);
        divisors.push(other.over.clone());
        if under.constant.as_ref().is_some_and(Exact::is_negative) {
            (over, under) = (over.negated()?, under.negated()?);
        }
        let under = Some(under).filter(|under| !under.is_one());
        Ok(Number { over, under, divisors })
    }

    fn negated(&self) -> Said<Number> {
        Ok(Number { over: self.over.negated()?, ..self.clone() })
    }

    /// The answer to a field's question, in the field's own unit.
    fn answer(field: &Field, place: String, reads: BTreeSet<usize>) -> Said<Number> {
        if field.details.attach.is_some() {
            return Err(Unsaid);
        }
        let (text, places, fixed) = match &field.kind {
            FieldType::Integer(_) => (place, 0, None),
            FieldType::Decimal(places, _) => (place, *places, None),
            FieldType::Percent(places) => (format!("({place} div 100)"), places.unwrap_or(PERCENT_PLACES) + 2, None),
            FieldType::Date => (format!("number(translate({place}, '-', ''))"), 0, Some(1e8)),
            _ => return Err(Unsaid),
        };
        let (bound, positive) = bounds(field.range.as_ref());
        let factor = field.details.asked_in.as_ref().map(|(_, factor)| factor);
        // A range is of the value in the field's own unit.
        let bound = bound.map(|bound| factor.map_or(bound, |factor| bound / factor.to_f64()));
        let most = fixed.or(bound).unwrap_or(WIDEST / power(places)).max(1.0);
        let answer = Number::of(Term { text, places, most, above: fixed.is_some() || positive, reads, constant: None }.fitting()?);
        factor.map_or(Ok(answer.clone()), |factor| answer.times(&Number::constant(factor)?))
    }

    /// That no divisor is zero.
    fn defined(&self) -> Said<Vec<Test>> {
        let zero = Term::zero()?;
        self.divisors.iter().map(|divisor| divisor.compare(&zero, if divisor.above { CompareOp::Gt } else { CompareOp::Ne })).collect()
    }

    /// That it has a value.
    pub(super) fn known(&self, printer: &Printer<'_>) -> Said<Test> {
        let reads = self
            .over
            .reads
            .iter()
            .chain(self.under.iter().flat_map(|under| &under.reads))
            .chain(self.divisors.iter().flat_map(|it| &it.reads));
        let filled = reads.collect::<BTreeSet<_>>().into_iter().map(|field| printer.filled(*field)).collect::<Vec<_>>();
        Ok(Test::all(filled.into_iter().chain(self.defined()?)))
    }

    /// Its value, where it has one.
    pub(super) fn shown(&self) -> String {
        match &self.under {
            Some(under) => format!("round({} div {}, 6)", self.over.text, under.text),
            None if self.over.places > 0 => format!("round({}, {})", bare(&self.over.text), self.over.places),
            None => bare(&self.over.text).to_owned(),
        }
    }

    /// Whether one stands to another one so.
    pub(super) fn compare(a: &Number, b: &Number, op: CompareOp) -> Said<Test> {
        let (over, other) = (a.over.times(&b.under()?)?, b.over.times(&a.under()?)?);
        let mut tests = a.defined()?;
        tests.extend(b.defined()?);
        // Multiplied out by a number below zero, above is below.
        let under = a.under()?.times(&b.under()?)?;
        if under.above {
            tests.push(over.compare(&other, op)?);
        } else {
            let zero = Term::zero()?;
            let up = Test::all([under.compare(&zero, CompareOp::Gt)?, over.compare(&other, op)?]);
            let down = Test::all([under.compare(&zero, CompareOp::Lt)?, over.compare(&other, op.turned())?]);
            tests.push(Test::any([up, down]));
        }
        Ok(Test::all(tests))
    }

    /// Rounded to so many decimals, of one that is not below zero, or down or up.
    fn rounded(&self, how: Function, places: u32) -> Said<Number> {
        if places > 12 {
            return Err(Unsaid);
        }
        // What has no more decimals stays as it is.
        if self.under.is_none() && self.over.places <= places {
            return Ok(self.clone());
        }
        if how == Function::Ceil {
            return self.negated()?.rounded(Function::Floor, places)?.negated();
        }
        let under = self.under()?;
        // The quotient is a whole number of these, or of halves of them where one half is added.
        let grain = 0.25 / (under.digits() * power(self.over.places));
        let (most, above) = (self.over.most * power(under.places), self.over.above && under.above);
        let scaled = most * power(places);
        if scaled * 32.0 * LAST >= grain {
            return Err(Unsaid);
        }
        let quotient = if under.is_one() { self.over.text.clone() } else { format!("({} div {})", self.over.text, under.text) };
        let quotient = if places == 0 { quotient } else { format!("{quotient} * 1{}", "0".repeat(places as usize)) };
        // `int` cuts toward zero; what it cuts is lifted above zero before.
        let lift = if above { Exact::ZERO } else { Exact::from(10).pow_of(scaled) };
        let added = if how == Function::Round { "0.5" } else { "0" };
        let tiny = format!("{grain:.20}");
        let tiny = tiny.trim_end_matches('0');
        let lifted = lift.show_trimmed(0);
        let whole = if lift.is_zero() {
            format!("int({quotient} + {added} + {tiny})")
        } else {
            format!("(int({quotient} + {added} + {tiny} + {lifted}) - {lifted})")
        };
        let text = if places == 0 { whole } else { format!("({whole} div 1{})", "0".repeat(places as usize)) };
        let reads = self.over.both(&under);
        let term = Term { text, places, most: most + 1.0, above, reads, constant: None };
        Ok(Number { over: term.fitting()?, under: None, divisors: self.divisors.clone() })
    }
}

/// Powers of ten beyond a bound.
trait Beyond {
    fn pow_of(self, bound: f64) -> Exact;
}

impl Beyond for Exact {
    fn pow_of(self, bound: f64) -> Exact {
        let mut power = Exact::ONE;
        while power.to_f64() <= bound + 1.0 {
            power = &power * &self;
        }
        power
    }
}

impl Printer<'_> {
    /// That a number has a value.
    pub(super) fn known_number(&self, cases: &Cases<Number>) -> Said<Test> {
        let known = cases.iter().map(|(test, number)| Ok(Test::all([test.clone(), number.known(self)?])));
        known.collect::<Said<Vec<_>>>().map(Test::any)
    }

    /// The cases of a number or a day.
    pub(super) fn number(&self, expr: &Expr) -> Said<Cases<Number>> {
        let alone = |number: Number| Ok(vec![(Test::Yes, number)]);
        match &expr.node {
            Node::Number(value) => alone(Number::constant(value)?),
            Node::Date(day) => alone(Number::constant(&digits_of(*day)?)?),
            Node::Field(at) => {
                let (field, place) = self.field(*at)?;
                let number = Number::answer(field, place, BTreeSet::from([at.0]))?;
                match self.otherwise(field)? {
                    None => alone(number),
                    Some((no, GivenValue::Number(value))) => Ok(vec![(no.clone().not(), number), (no, Number::constant(value)?)]),
                    Some((no, GivenValue::Date(day))) => Ok(vec![(no.clone().not(), number), (no, Number::constant(&digits_of(*day)?)?)]),
                    Some(_) => Err(Unsaid),
                }
            }
            Node::Computed(_, of) => self.number(of),
            Node::Add(a, b) => self.joined(a, b, &|a, b| a.plus(b, '+')),
            Node::Sub(a, b) => self.joined(a, b, &|a, b| a.plus(b, '-')),
            Node::Mul(a, b) => self.joined(a, b, &Number::times),
            Node::Div(a, b) => self.joined(a, b, &Number::divided),
            Node::Negate(a) => self.each(a, &|number| Ok(vec![(Test::Yes, number.negated()?)])),
            Node::Scale(a, factor) => {
                let factor = Number::constant(factor)?;
                self.each(a, &|number| Ok(vec![(Test::Yes, number.times(&factor)?)]))
            }
            Node::Default(a, b) => {
                let a = self.number(a)?;
                let known = self.known_number(&a)?;
                let first = a.into_iter().map(|(test, number)| Ok((Test::all([test, number.known(self)?]), number)));
                fitting(or_else(first.collect::<Said<Cases<Number>>>()?, &known, self.number(b)?))
            }
            Node::Choose(cases, otherwise) => self.chosen(cases, otherwise, &|expr| self.number(expr)),
            Node::Call(function, args) => self.called(*function, args),
            Node::Statistic(statistic) if matches!(statistic.of, Over::Rows(..)) => alone(self.over_rows(statistic)?),
            Node::Statistic(statistic) => {
                let Over::List(list) = &statistic.of else { return Err(Unsaid) };
                let plain = statistic.weight.is_none() && statistic.filter.is_none() && statistic.parameter.is_none();
                let (Some((first, rest)), true) = (list.split_first(), plain && list.iter().all(|item| matches!(item.ty, Type::Number(_))))
                else {
                    return Err(Unsaid);
                };
                let fold = |with: &dyn Fn(&Number, &Number) -> Said<Cases<Number>>| {
                    rest.iter().try_fold(self.number(first)?, |known, item| pairs(&known, &self.number(item)?, with))
                };
                let sum = |a: &Number, b: &Number| Ok(vec![(Test::Yes, a.plus(b, '+')?)]);
                match statistic.kind {
                    StatisticKind::Sum => fold(&sum),
                    StatisticKind::Mean => {
                        let many = Number::constant(&Exact::from(list.len()))?;
                        fold(&sum)?.into_iter().map(|(test, number)| Ok((test, number.divided(&many)?))).collect()
                    }
                    StatisticKind::Min => fold(&|a, b| least(a, b, CompareOp::Le, CompareOp::Gt)),
                    StatisticKind::Max => fold(&|a, b| least(a, b, CompareOp::Ge, CompareOp::Lt)),
                    _ => Err(Unsaid),
                }
            }
            _ => Err(Unsaid),
        }
    }

    /// How many rows a table has, or the sum, least or greatest of one column.
    fn over_rows(&self, statistic: &Statistic) -> Said<Number> {
        let Over::Rows(table, of) = &statistic.of else { return Err(Unsaid) };
        if statistic.weight.is_some() || statistic.filter.is_some() || statistic.parameter.is_some() {
            return Err(Unsaid);
        }
        let at = usize::from(*table);
        let known = |text: String, places: u32, most: f64| {
            let term = Term { text, places, most, above: false, reads: BTreeSet::new(), constant: None };
            Ok(Number::of(term.fitting()?))
        };
        match (statistic.kind, &of.node) {
            (StatisticKind::Count, Node::Filled(row)) if matches!(row.node, Node::BesideField(_, FieldIx(1))) => {
                known(format!("count(${{{}}})", self.called.repeat(at).ok_or(Unsaid)?), 0, 1e6)
            }
            (StatisticKind::Sum, Node::BesideField(_, column)) => {
                let field = self.form.tables.get(at).and_then(|table| table.rows.fields.get(column.0)).ok_or(Unsaid)?;
                let place = format!("${{{}}}", self.called.column(at, column.0).ok_or(Unsaid)?);
                let one = Number::answer(field, place.clone(), BTreeSet::new())?;
                if one.over.text != place {
                    return Err(Unsaid);
                }
                known(format!("sum({place})"), one.over.places, (one.over.most * 1e3).min(WIDEST / power(one.over.places)))
            }
            _ => Err(Unsaid),
        }
    }

    fn each(&self, expr: &Expr, make: &dyn Fn(&Number) -> Said<Cases<Number>>) -> Said<Cases<Number>> {
        let mut made = Vec::new();
        for (test, number) in self.number(expr)? {
            made.extend(make(&number)?.into_iter().map(|(more, number)| (Test::all([test.clone(), more]), number)));
        }
        fitting(made)
    }

    fn joined(&self, a: &Expr, b: &Expr, with: &dyn Fn(&Number, &Number) -> Said<Number>) -> Said<Cases<Number>> {
        pairs(&self.number(a)?, &self.number(b)?, &|a, b| Ok(vec![(Test::Yes, with(a, b)?)]))
    }

    fn called(&self, function: Function, args: &[Expr]) -> Said<Cases<Number>> {
        let (first, rest) = args.split_first().ok_or(Unsaid)?;
        let sign = |number: &Number, say: &dyn Fn(&Number) -> Said<Number>| -> Said<Cases<Number>> {
            let zero = Number::constant(&Exact::ZERO)?;
            let above = number.over.above && number.under.as_ref().is_none_or(|under| under.above);
            if above {
                return Ok(vec![(Test::Yes, say(number)?)]);
            }
            let below = say(&number.negated()?)?;
            let below = if function == Function::Abs { below } else { below.negated()? };
            Ok(vec![
                (Number::compare(number, &zero, CompareOp::Ge)?, say(number)?),
                (Number::compare(number, &zero, CompareOp::Lt)?, below),
            ])
        };
        match function {
            Function::Abs => self.each(first, &|number| sign(number, &|number| Ok(number.clone()))),
            Function::Floor | Function::Ceil | Function::Round => {
                let places = match rest.first() {
                    None => 0,
                    Some(Expr { node: Node::Number(places), .. }) => {
                        places.to_i64().and_then(|places| u32::try_from(places).ok()).ok_or(Unsaid)?
                    }
                    Some(_) => return Err(Unsaid),
                };
                self.each(first, &|number| match function {
                    // Halves go away from zero.
                    Function::Round => sign(number, &|number| number.rounded(function, places)),
                    _ => Ok(vec![(Test::Yes, number.rounded(function, places)?)]),
                })
            }
            Function::Year => self.each(first, &|day| {
                let text = format!("int({} div 10000)", day.over.text);
                Ok(vec![(Test::Yes, Number::of(Term { text, most: 1e4, constant: None, ..day.over.clone() }))])
            }),
            _ => Err(Unsaid),
        }
    }
}

/// The least of two, or the greatest.
fn least(a: &Number, b: &Number, first: CompareOp, second: CompareOp) -> Said<Cases<Number>> {
    Ok(vec![(Number::compare(a, b, first)?, a.clone()), (Number::compare(a, b, second)?, b.clone())])
}

fn pairs(a: &Cases<Number>, b: &Cases<Number>, with: &dyn Fn(&Number, &Number) -> Said<Cases<Number>>) -> Said<Cases<Number>> {
    let mut made = Vec::new();
    for (first, a) in a {
        for (second, b) in b {
            let both = Test::all([first.clone(), second.clone()]);
            made.extend(with(a, b)?.into_iter().map(|(more, number)| (Test::all([both.clone(), more]), number)));
        }
    }
    fitting(made)
}

/// A day by its digits.
fn digits_of(day: NaiveDate) -> Said<Exact> {
    let year = u32::try_from(day.year()).map_err(|_| Unsaid)?;
    Ok(Exact::from(i64::from(year * 10_000 + day.month() * 100 + day.day())))
}

/// A bound of the numbers of a range, and whether none is below zero.
fn bounds(range: Option<&Range>) -> (Option<f64>, bool) {
    let Some(Range::Numbers(least, greatest)) = range else { return (None, false) };
    let most = least.as_ref().zip(greatest.as_ref()).map(|(least, greatest)| least.abs().to_f64().max(greatest.abs().to_f64()));
    (most, least.as_ref().is_some_and(|least| !least.is_negative()))
}
