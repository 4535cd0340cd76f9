//! Indicators (指标的求值): whether it applies, its value, its target, its score.

use super::column::{Cell, Column, Value};
use super::expr::both;
use super::gap::{Cause, Gap};
use super::results::IndicatorResults;
use super::run::Run;
use crate::model::{Indicator, Level, Target};
use crate::number::{Exact, Real, Rounding};
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::sync::Arc;

impl Run<'_> {
    /// The results of an indicator.
    pub(super) fn indicator(&mut self, at: usize) -> Option<IndicatorResults> {
        let indicator = self.rubric.indicators.get(at)?;
        let applies = indicator.when.as_ref().map(|when| {
            let written: Arc<str> = self.texts.slice(when.span).into();
            let cells = self.flags(when, Level::Subject);
            cells.into_iter().map(|cell| gap_of(cell, &written)).collect::<Vec<_>>()
        });
        let value = indicator.value.as_ref().map(|value| {
            let mut column = self.column(value, Level::Subject);
            clear(&mut column, applies.as_deref());
            column
        });
        let mut results = IndicatorResults { value, target: None, case: Vec::new(), attained: None, met: None, score: None };
        if let Some(target) = &indicator.target {
            self.target(target, &mut results);
        }
        // The score may speak of the value and the target of its own indicator.
        if let Some(slot) = self.indicators.get_mut(at) {
            *slot = Some(results.clone());
        }
        if indicator.way.is_some() {
            results.score = Some(self.score(at, indicator, &results, applies.as_deref()));
        }
        Some(results)
    }

    /// The bound that applies to each subject, whether it is met, and how far.
    fn target(&mut self, target: &Target, results: &mut IndicatorResults) {
        let Some(value) = results.value.clone() else { return };
        let rows = self.subjects.len();
        let by = target.by.as_ref().map(|by| self.words(by, Level::Subject));
        let bounds: Vec<Column> = target.cases.iter().map(|case| self.column(&case.bound, Level::Subject)).collect();
        let which: Vec<Cell<usize>> = (0..rows).map(|row| case_of(target, by.as_ref().and_then(|by| by.get(row)))).collect();
        let places = self.rubric.compare_rounded;
        let bound = |row: usize| -> Cell<Value> {
            let case = which.get(row).cloned().unwrap_or(Ok(0))?;
            bounds.get(case).and_then(|column| column.get(row)).unwrap_or_else(|| Err(no_case(by.as_ref().and_then(|by| by.get(row)))))
        };
        let op = |row: usize| match which.get(row) {
            Some(Ok(case)) => target.cases.get(*case).map_or(CompareOp::Ge, |case| case.op),
            _ => CompareOp::Ge,
        };
        let pair = |row: usize| match value.get(row) {
            // What does not apply is not held against a target, whether or not that is known.
            Some(Err(gap @ Gap::NotApplicable(_))) => (Err(gap.clone()), Err(gap)),
            cell => (cell.unwrap_or_else(|| Err(no_case(None))), bound(row)),
        };
        let met = (0..rows).map(|row| both(pair(row), |value, bound| Ok(meets(op(row), &value, &bound, places))));
        results.met = Some(met.collect());
        let attained = (0..rows).map(|row| both(pair(row), |value, bound| attained(op(row), &value, &bound)));
        results.attained = Some(attained.collect());
        results.target = Some(gathered((0..rows).map(bound), &value));
        results.case = which.into_iter().map(Result::ok).collect();
    }
}

/// Why an indicator has no value: it does not apply, or that cannot be told.
fn gap_of(applies: Cell<bool>, written: &Arc<str>) -> Option<Gap> {
    match applies {
        Ok(true) => None,
        Ok(false) => Some(Gap::NotApplicable(written.clone())),
        Err(gap) => Some(gap),
    }
}

fn clear(column: &mut Column, gaps: Option<&[Option<Gap>]>) {
    for (row, gap) in gaps.into_iter().flatten().enumerate() {
        if let Some(gap) = gap {
            column.clear(row, gap.clone());
        }
    }
}

/// The case of a target for an option.
fn case_of(target: &Target, option: Option<&Cell<Name>>) -> Cell<usize> {
    let option = match option {
        None => return Ok(0),
        Some(Ok(option)) => option,
        Some(Err(gap)) => return Err(gap.clone()),
    };
    let named = target.cases.iter().position(|case| case.options.contains(option));
    let rest = || target.cases.iter().position(|case| case.options.is_empty());
    named.or_else(rest).ok_or_else(|| Gap::undefined(Cause::NoCase(option.clone())))
}

fn no_case(option: Option<&Cell<Name>>) -> Gap {
    match option {
        Some(Ok(option)) => Gap::undefined(Cause::NoCase(option.clone())),
        Some(Err(gap)) => gap.clone(),
        None => Gap::undefined(Cause::NoCase("".into())),
    }
}

/// Whether a value meets a bound: exactly, or rounded first where the rubric says so (修约值比较法).
fn meets(op: CompareOp, value: &Value, bound: &Value, places: Option<u32>) -> bool {
    match (value, bound) {
        (Value::Number(value), Value::Number(bound)) => match places {
            Some(places) => op.holds(Real::from(value.round(Rounding::HalfEven, places)).cmp(bound)),
            None => op.holds(value.cmp(bound)),
        },
        (Value::Word(value), Value::Word(bound)) => op.holds(value.cmp(bound)),
        (Value::Flag(value), Value::Flag(bound)) => op.holds(value.cmp(bound)),
        (Value::Date(value), Value::Date(bound)) => op.holds(value.cmp(bound)),
        _ => false,
    }
}

/// Attainment (达成度): value ÷ bound where more is better, bound ÷ value where less is. Against a bound of zero, and of
/// a value of zero where less is better, it is 1 if the bound is met.
fn attained(op: CompareOp, value: &Value, bound: &Value) -> Cell<Real> {
    let (Value::Number(value), Value::Number(bound)) = (value, bound) else {
        return Ok(Real::from(Exact::from(i64::from(meets(op, value, bound, None)))));
    };
    let (above, below) = if matches!(op, CompareOp::Le | CompareOp::Lt) { (bound, value) } else { (value, bound) };
    match above.checked_div(below) {
        Ok(share) => Ok(share),
        Err(crate::number::DivError::ByZero) => Ok(Real::from(Exact::from(i64::from(op.holds(value.cmp(bound)))))),
        Err(crate::number::DivError::Irrational) => Err(Gap::undefined(Cause::NotExact(crate::text::Span::default()))),
    }
}

/// Cells of any type as a column like another.
fn gathered(cells: impl Iterator<Item = Cell<Value>>, like: &Column) -> Column {
    let wrong = || Gap::undefined(Cause::NotExact(crate::text::Span::default()));
    macro_rules! only {
        ($variant:ident) => {
            cells.map(|cell| cell.and_then(|value| if let Value::$variant(it) = value { Ok(it) } else { Err(wrong()) })).collect()
        };
    }
    match like {
        Column::Numbers(_) => Column::Numbers(only!(Number)),
        Column::Words(_) => Column::Words(only!(Word)),
        Column::Flags(_) => Column::Flags(only!(Flag)),
        Column::Dates(_) => Column::Dates(only!(Date)),
    }
}

/// What an indicator without a value earns, if the rubric says so.
pub(super) fn without_value(indicator: &Indicator, gap: &Gap) -> Cell<Real> {
    use crate::syntax::tree::{InapplicablePolicy as Inapplicable, MissingPolicy as Missing};
    let full = || Ok(indicator.points.as_ref().map(|points| Real::from(&points.it)).unwrap_or_default());
    match (gap, indicator.inapplicable, indicator.missing) {
        (Gap::NotApplicable(_), Inapplicable::Full, _) => full(),
        (Gap::NotApplicable(_), Inapplicable::Zero, _) => Ok(Real::ZERO),
        (Gap::NotApplicable(_), Inapplicable::Reweight, _) => Err(gap.clone()),
        (_, _, Missing::Zero) => Ok(Real::ZERO),
        (_, _, Missing::Unscored) => Err(gap.clone()),
    }
}
