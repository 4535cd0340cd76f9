//! The least change (最少改动) of one answer that reaches something: by doubling, then halving, each value judged by the rubric itself.
//!
//! Whatever the rubric says, formulas, bands, scripts, is only ever asked for its result. A change that is given back reaches what was
//! asked, and with one step less it does not: both were tried.

use super::bench::{Answers, Bench, Steps, Tried, number};
use crate::eval::{Results, Value};
use crate::model::{FieldIx, FieldType};
use crate::number::{Exact, Real};

/// What came of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Reached,
    Short,
    Refused,
}

impl Bench<'_> {
    /// The least change of a field, besides other changes, that reaches something.
    pub fn least(&self, with: &Answers, field: FieldIx, reaches: &dyn Fn(&Results) -> bool) -> Option<Value> {
        match &self.form.fields.get(field.0)?.kind {
            FieldType::YesNo => {
                let Some(Value::Flag(flag)) = self.answer(field) else { return None };
                let other = Value::Flag(!flag);
                self.reaches(with, field, &other, reaches).then_some(other)
            }
            FieldType::Choice(options) => {
                let is = self.answer(field);
                let others = options.iter().map(|option| Value::Word(option.clone())).filter(|option| is.as_ref() != Some(option));
                others.into_iter().find(|option| self.reaches(with, field, option, reaches))
            }
            _ => {
                let from = self.answer(field).and_then(number)?;
                let [up, down] = [true, false].map(|up| self.least_number(with, field, up, reaches));
                let nearest = match (up, down) {
                    (Some(up), Some(down)) => {
                        if (&down - &from).abs() < (&up - &from).abs() {
                            down
                        } else {
                            up
                        }
                    }
                    (up, down) => up.or(down)?,
                };
                Some(Value::Number(Real::from(nearest)))
            }
        }
    }

    fn reaches(&self, with: &Answers, field: FieldIx, value: &Value, reaches: &dyn Fn(&Results) -> bool) -> bool {
        let mut with = with.clone();
        with.insert(field, value.clone());
        matches!(self.tried(&with), Tried::Judged(results) if reaches(&results))
    }

    fn step_to(&self, with: &Answers, field: FieldIx, value: Exact, reaches: &dyn Fn(&Results) -> bool) -> Step {
        let mut with = with.clone();
        with.insert(field, Value::Number(Real::from(value)));
        match self.tried(&with) {
            Tried::Refused => Step::Refused,
            Tried::Judged(results) if reaches(&results) => Step::Reached,
            Tried::Judged(_) => Step::Short,
        }
    }

    fn least_number(&self, with: &Answers, field: FieldIx, up: bool, reaches: &dyn Fn(&Results) -> bool) -> Option<Exact> {
        let steps = Steps::of(self, field, up)?;
        let at = |count: i64| steps.value(count).map_or(Step::Refused, |value| self.step_to(with, field, value, reaches));
        let (mut short, mut count) = (0, 1);
        loop {
            match at(count) {
                Step::Reached => break,
                Step::Short => {
                    short = count;
                    count = steps.further(count)?;
                }
                // What is refused further on may be enough just before it.
                Step::Refused => {
                    let (mut taken, mut refused) = (short, count);
                    while refused - taken > 1 {
                        let middle = taken + (refused - taken) / 2;
                        if at(middle) == Step::Refused { refused = middle } else { taken = middle }
                    }
                    if taken == short || at(taken) != Step::Reached {
                        return None;
                    }
                    count = taken;
                    break;
                }
            }
        }
        while count - short > 1 {
            let middle = short + (count - short) / 2;
            if at(middle) == Step::Reached { count = middle } else { short = middle }
        }
        steps.value(count)
    }

    /// The most that a number among the results can be brought to by one field, along the same values as [`Bench::least`] tries.
    pub fn best(&self, with: &Answers, field: FieldIx, measure: &dyn Fn(&Results) -> Option<Real>) -> Option<Real> {
        let mut values: Vec<Value> = Vec::new();
        match &self.form.fields.get(field.0)?.kind {
            FieldType::YesNo => values.extend([true, false].map(Value::Flag)),
            FieldType::Choice(options) => values.extend(options.iter().map(|option| Value::Word(option.clone()))),
            _ => {
                for steps in [true, false].into_iter().filter_map(|up| Steps::of(self, field, up)) {
                    let counts = std::iter::successors(Some(1), |count| steps.further(*count));
                    values.extend(counts.filter_map(|count| steps.value(count)).map(|value| Value::Number(Real::from(value))));
                }
            }
        }
        let measured = values.into_iter().filter_map(|value| {
            let mut with = with.clone();
            with.insert(field, value);
            match self.tried(&with) {
                Tried::Judged(results) => measure(&results),
                Tried::Refused => None,
            }
        });
        measured.max()
    }

    /// By how much of itself an answer changes: what is compared where several fields would do.
    pub fn cost(&self, field: FieldIx, to: &Value) -> Exact {
        let (Some(Value::Number(from)), Value::Number(to)) = (self.answer(field), to) else { return Exact::ONE };
        let (Some(from), Some(to)) = (from.as_exact(), to.as_exact()) else { return Exact::ONE };
        let far = (to - from).abs();
        far.checked_div(&from.abs()).unwrap_or(far)
    }
}
