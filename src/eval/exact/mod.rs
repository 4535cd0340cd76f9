//! Exact evaluation (精确求值) of a plan: one row at a time, each node from the cells of the nodes before it.
//!
//! This is what the numbers mean. `fast` must publish the same, and asks here wherever its bounds do not decide.

mod beside;
mod logic;
mod many;
mod score;
mod tier;
mod verdict;

pub(crate) use logic::case_of;
pub(crate) use score::{lower_is_better, takes};
pub(crate) use tier::{Below, Judged, Subjects, Tier};
pub(crate) use verdict::{Taken, drawn};

use crate::eval::column::{Cell, Value};
use crate::eval::gap::{Cause, Gap};
use crate::eval::plan::{Node, NodeId, Op, Plan};
use crate::model::FieldIx;
use crate::number::{DivError, Exact, Real, Rounding};
use crate::text::{Name, Span};
use chrono::Datelike;
use std::sync::Arc;

/// Where the cells come from that no operation computes.
pub(crate) trait Source {
    /// A field of the row's submission.
    fn field(&self, field: FieldIx) -> Cell<Value>;
    /// A field of a submission beside the source.
    fn beside(&self, beside: u16, field: FieldIx) -> Cell<Value>;
    /// The subject's result of a rubric that is read beside.
    fn beside_result(&self, beside: u16, slot: crate::model::Slot) -> Cell<Value>;
    /// A statistic over the submissions beside the source that belong to the subject.
    fn of_rows(&self, statistic: usize) -> Cell<Value>;
    /// A result of the member below.
    fn below(&self, slot: crate::model::Slot) -> Cell<Value>;
    /// The value of a node for the subject of the member.
    fn of_subject(&self, node: NodeId) -> Cell<Value>;
    /// The value of a statistic.
    fn statistic(&self, statistic: usize) -> Cell<Value>;
    /// What a script returns for these inputs.
    fn script(&self, script: usize, inputs: &[&Cell<Value>]) -> Cell<Real>;
}

/// The cells of one row, as far as they are computed.
pub(crate) struct Cells<'c>(pub &'c [Option<Cell<Value>>]);

impl Cells<'_> {
    pub fn get(&self, node: NodeId) -> Cell<Value> {
        match self.0.get(node.at()) {
            Some(Some(cell)) => cell.clone(),
            _ => Err(wrong(Span::default())),
        }
    }

    fn borrowed(&self, node: NodeId) -> Option<&Cell<Value>> {
        self.0.get(node.at())?.as_ref()
    }

    pub fn number(&self, node: NodeId) -> Cell<Real> {
        match self.borrowed(node) {
            Some(Ok(Value::Number(number))) => Ok(number.clone()),
            Some(Err(gap)) => Err(gap.clone()),
            _ => Err(wrong(Span::default())),
        }
    }

    pub fn flag(&self, node: NodeId) -> Cell<bool> {
        match self.borrowed(node) {
            Some(Ok(Value::Flag(flag))) => Ok(*flag),
            Some(Err(gap)) => Err(gap.clone()),
            _ => Err(wrong(Span::default())),
        }
    }

    pub fn word(&self, node: NodeId) -> Cell<Name> {
        match self.borrowed(node) {
            Some(Ok(Value::Word(word))) => Ok(word.clone()),
            Some(Err(gap)) => Err(gap.clone()),
            _ => Err(wrong(Span::default())),
        }
    }

    fn gap(&self, node: NodeId) -> Option<&Gap> {
        self.borrowed(node).and_then(|cell| cell.as_ref().err())
    }
}

/// The cell of a node, from those of the nodes that it reads.
pub(crate) fn compute(plan: &Plan<'_>, node: &Node, cells: &Cells<'_>, source: &dyn Source) -> Cell<Value> {
    let span = node.span;
    let number = |cell: Cell<Real>| cell.map(Value::Number);
    match &node.op {
        Op::Number(it) => Ok(Value::Number(Real::from(it))),
        Op::Word(word) => Ok(Value::Word(word.clone())),
        Op::Flag(flag) => Ok(Value::Flag(*flag)),
        Op::Date(day) => Ok(Value::Date(*day)),
        Op::Absent(at) => Err(plan.absences.get(*at).cloned().unwrap_or_else(|| wrong(span))),
        Op::Field(field) => source.field(*field),
        Op::Below(slot) => source.below(*slot),
        Op::Beside(beside, field) => source.beside(*beside, *field),
        Op::BesideResult(beside, slot) => source.beside_result(*beside, *slot),
        Op::OfRows(at) => source.of_rows(*at),
        Op::OfSubject(of) => source.of_subject(*of),
        Op::Statistic(at) => source.statistic(*at),
        Op::OfList(at) => number(many::of_list(plan, *at, cells)),
        Op::Script(at) => {
            let script = plan.scripts.get(*at);
            // The same number, without running anything; why there is none, the script itself says.
            if let Some(Ok(value)) = script.and_then(|script| script.straight).and_then(|node| cells.borrowed(node)) {
                return Ok(value.clone());
            }
            let inputs = script.map(|script| script.inputs.as_slice()).unwrap_or_default();
            let absent = Err(wrong(span));
            let inputs: Vec<&Cell<Value>> = inputs.iter().map(|input| cells.borrowed(*input).unwrap_or(&absent)).collect();
            number(source.script(*at, &inputs))
        }
        Op::Negate(a) => number(cells.number(*a).map(|a| -&a)),
        Op::Add(a, b) => number(both((cells.number(*a), cells.number(*b)), |a, b| Ok(&a + &b))),
        Op::Sub(a, b) => number(both((cells.number(*a), cells.number(*b)), |a, b| Ok(&a - &b))),
        Op::Mul(a, b) => number(both((cells.number(*a), cells.number(*b)), |a, b| a.checked_mul(&b).ok_or_else(|| wrong(span)))),
        Op::Div(a, b, written) => {
            let at = plan.node(*b).map_or(span, |divisor| divisor.span);
            number(both((cells.number(*a), cells.number(*b)), |a, b| divide(&a, &b, at, written)))
        }
        Op::Extreme(a, b, greater) => {
            number(both((cells.number(*a), cells.number(*b)), |a, b| Ok(if *greater { a.max(b) } else { a.min(b) })))
        }
        Op::Decimal(a) => cells.number(*a).map(|a| {
            let held = |exact: &Exact| exact.to_i64().is_some() || exact.to_decimal().is_some();
            Value::Flag(a.as_exact().is_some_and(held))
        }),
        Op::Abs(a) => number(cells.number(*a).map(|a| a.abs())),
        Op::Round { of, mode, places } => number(cells.number(*of).and_then(|of| Ok(round(&of, *mode, places_of(*places, cells)?)))),
        Op::Year(of) => match cells.get(*of) {
            Ok(Value::Date(day)) => Ok(Value::Number(Real::from(Exact::from(i64::from(day.year()))))),
            Ok(_) => Err(wrong(span)),
            Err(gap) => Err(gap),
        },
        Op::Days(from, to) => both((cells.get(*from), cells.get(*to)), |from, to| match (from, to) {
            (Value::Date(from), Value::Date(to)) => Ok(Value::Number(Real::from(Exact::from((to - from).num_days())))),
            _ => Err(wrong(span)),
        }),
        Op::After(of, count, calendar) => both((cells.get(*of), cells.number(*count)), |of, count| match of {
            Value::Date(of) => crate::eval::days::after(of, &count, *calendar).map(Value::Date).ok_or_else(|| Gap::undefined(Cause::NoDay)),
            _ => Err(wrong(span)),
        }),
        Op::Clamp(of, low, high) => number(cells.number(*of).map(|of| clamp(of, low.as_ref(), high.as_ref()))),
        Op::Default(first, second) => cells.get(*first).or_else(|_| cells.get(*second)),
        Op::OrNothing(of) => match cells.get(*of) {
            Err(Gap::NotApplicable(_)) => Ok(Value::Number(Real::ZERO)),
            cell => cell,
        },
        Op::OfSome(list, of) => {
            let gone = |node: &NodeId| cells.gap(*node).filter(|gap| matches!(gap, Gap::NotApplicable(_))).cloned();
            match list.iter().map(gone).collect::<Option<Vec<Gap>>>().and_then(|gaps| gaps.into_iter().reduce(|a, b| a.and(&b))) {
                Some(gap) => Err(gap),
                None => cells.get(*of),
            }
        }
        Op::Choose(cases, otherwise) => {
            for (when, then) in cases {
                match cells.flag(*when) {
                    Ok(true) => return cells.get(*then),
                    Ok(false) => {}
                    Err(gap) => return Err(gap),
                }
            }
            cells.get(*otherwise)
        }
        Op::Filled(of) => Ok(Value::Flag(cells.gap(*of).is_none())),
        Op::Not(of) => cells.flag(*of).map(|flag| Value::Flag(!flag)),
        Op::Compare(op, a, b) => both((cells.get(*a), cells.get(*b)), |a, b| match a.order(&b) {
            Some(order) => Ok(Value::Flag(op.holds(order))),
            None => Err(wrong(span)),
        }),
        Op::Fold { list, any, of_applicable } => {
            logic::fold(list.iter().map(|condition| cells.flag(*condition)), *any, *of_applicable).map(Value::Flag)
        }
        Op::Count(list) => number(logic::count(list.iter().map(|condition| cells.flag(*condition)))),
        Op::CountCompares(op, list, bound) => {
            logic::count_compares(*op, list.iter().map(|condition| cells.flag(*condition)), cells.number(*bound)).map(Value::Flag)
        }
        Op::CountThere(list) => {
            let there = |node: &&NodeId| matches!(cells.borrowed(**node), Some(Ok(value)) if *value != Value::Flag(false));
            number(Ok(Real::from(Exact::from(list.iter().filter(there).count()))))
        }
        Op::Guard { when, of, unless } => match cells.flag(*when) {
            Ok(true) => cells.get(*of),
            Ok(false) => Err(Gap::NotApplicable(unless.clone())),
            Err(gap) => Err(gap),
        },
        Op::Bound(by, cases) => {
            let option = cells.word(*by)?;
            let case = logic::case_of(cases.iter().map(|case| &*case.options), &option).and_then(|which| cases.get(which));
            case.map_or_else(|| Err(Gap::undefined(Cause::NoCase(option))), |case| cells.get(case.bound))
        }
        Op::Met { value, bound, by, places } => {
            score::judged(cells, *value, *bound, by, |op, value, bound| Ok(score::meets(op, value, bound, *places))).map(Value::Flag)
        }
        Op::Attained { value, bound, by } => number(score::judged(cells, *value, *bound, by, score::attained)),
        Op::Bands(of, bands) => number(cells.number(*of).and_then(|value| score::banded(bands, &value))),
        Op::Levels(of, levels) => number(cells.word(*of).and_then(|word| score::level(levels, &word))),
        Op::Linear(of, knots) => number(cells.number(*of).and_then(|value| score::linear(knots, &value))),
        Op::Proportional { attained, floor, full } => {
            number(cells.number(*attained).and_then(|attained| score::proportional(attained, floor.as_ref(), full)))
        }
        Op::FullMinus(it) => number(score::full_minus(it, cells)),
        Op::Score(it) => number(score::published(it, cells)),
        Op::Parts(parts, full) => number(score::parts(parts, full, cells)),
        Op::Verdict(it) => verdict::drawn(it, cells).map(|(name, _)| Value::Word(name)),
    }
}

/// What cannot be: the rules passed the checker. The row loses its value, never the run.
pub(crate) fn wrong(span: Span) -> Gap {
    Gap::undefined(Cause::NotExact(span))
}

/// What two cells come to, or why they come to nothing.
pub(crate) fn both<A, B, T>(pair: (Cell<A>, Cell<B>), op: impl FnOnce(A, B) -> Cell<T>) -> Cell<T> {
    match pair {
        (Ok(a), Ok(b)) => op(a, b),
        (Err(a), Err(b)) => Err(a.and(&b)),
        (Err(gap), Ok(_)) | (Ok(_), Err(gap)) => Err(gap),
    }
}

fn divide(a: &Real, b: &Real, at: Span, written: &Arc<str>) -> Cell<Real> {
    a.checked_div(b).map_err(|error| match error {
        DivError::ByZero => Gap::undefined(Cause::ZeroDivisor { at, written: written.clone() }),
        DivError::Irrational => wrong(at),
    })
}

fn round(of: &Real, mode: Rounding, places: u32) -> Real {
    Real::from(of.round(mode, places))
}

/// To how many decimals: a whole number from 0 to 30.
fn places_of(places: Option<NodeId>, cells: &Cells<'_>) -> Cell<u32> {
    let Some(places) = places else { return Ok(0) };
    let places = cells.number(places)?;
    Ok(places.as_exact().and_then(Exact::to_i64).and_then(|places| u32::try_from(places).ok()).unwrap_or(0).min(30))
}

fn clamp(of: Real, low: Option<&Exact>, high: Option<&Exact>) -> Real {
    let of = match high {
        Some(high) => of.min(Real::from(high)),
        None => of,
    };
    match low {
        Some(low) => of.max(Real::from(low)),
        None => of,
    }
}
