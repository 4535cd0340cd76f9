//! One evaluation (一次评价): subjects, plan, results; at once, or part by part where there are many.

use super::column::{Cell, Value};
use super::exact::Below;
use super::level::{Level, with_levels};
use super::results::Results;
use super::table::Table;
use super::trace::Tracing;
use crate::model::{Aspect, Rules, Slot};
use crate::text::{Name, Texts};
use chrono::NaiveDate;
use std::ops::Range;
use std::sync::Arc;

/// Subjects and members of a part, where nothing is traced.
const PART: usize = 2_048;
/// And where all is, which takes many times as much.
const TRACED_PART: usize = 256;

/// What an evaluation is asked.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The texts that they were read from, for the words in explanations.
    pub texts: &'a Texts,
    /// The rubric, by its place in the rules.
    pub rubric: usize,
    /// The submissions to the form at the bottom of the rubric.
    pub table: &'a Table,
    /// The day of the evaluation (评价日): which values of parameters hold.
    pub on: NaiveDate,
    /// Whose results are traced.
    pub tracing: Tracing,
}

/// Evaluates a rubric, and the rubrics below it.
///
/// The same request yields the same results, whatever the machine; the order of the rows of the table does not matter.
pub fn evaluate(request: &Request<'_>) -> Option<Results> {
    evaluate_in_parts(request, |evaluation| whole(evaluation.top))
}

/// Evaluates a rubric without ever having all of its results in memory: `something` asks for them part by part.
pub fn evaluate_in_parts<T>(request: &Request<'_>, something: impl FnOnce(&Evaluation<'_>) -> T) -> Option<T> {
    with_levels(request, |top| something(&Evaluation { top, tracing: request.tracing.is_on() }))
}

/// Evaluates one subject of a rubric, by kind and key: its results alone, at place 0. What lies below has names and nothing else.
///
/// The others are not computed, but for what statistics over all of them need. `None` if the rubric does not judge it.
pub fn evaluate_one(request: &Request<'_>, kind: &str, key: &str) -> Option<Results> {
    with_levels(request, |top| {
        let row = top.find(kind, key)?;
        Some(top.part(row..row + 1))
    })?
}

/// An evaluation that is under way.
pub struct Evaluation<'e> {
    top: &'e Level<'e>,
    tracing: bool,
}

/// Some subjects of one rubric.
pub struct Part {
    /// Their results. What lies below has the names of its subjects and nothing else.
    pub results: Results,
    /// How many rubrics lie above this one.
    pub depth: usize,
}

impl<'e> Evaluation<'e> {
    /// How many the rubric judges that was asked for.
    pub fn judged(&self) -> usize {
        self.top.len()
    }

    /// Whom it is not for, by key.
    pub fn left_out(&self) -> &[Name] {
        &self.top.left_out
    }

    /// How many are judged by it and those below.
    pub fn len(&self) -> usize {
        self.levels().map(Level::len).sum()
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The results in their order: the rubric that was asked for, then those below it.
    ///
    /// # Errors
    /// Whatever `take` answers; then no more are computed.
    pub fn parts<E>(&self, mut take: impl FnMut(&Part) -> Result<(), E>) -> Result<(), E> {
        let most = if self.tracing { TRACED_PART } else { PART };
        for (depth, level) in self.levels().enumerate() {
            let mut first = 0;
            while first < level.len() {
                let rows = level.about(first, most);
                first = rows.end;
                take(&Part { results: level.part(rows), depth })?;
            }
        }
        Ok(())
    }

    fn levels(&self) -> impl Iterator<Item = &'e Level<'e>> + use<'e> {
        std::iter::successors(Some(self.top), |level| level.below)
    }
}

/// Everything of a level and of those below.
fn whole(level: &Level<'_>) -> Results {
    let rows: Range<usize> = 0..level.len();
    let mut results = level.part(rows);
    results.left_out = level.left_out.clone();
    results.below = level.below.map(|below| Arc::new(whole(below)));
    results
}

impl Below for Results {
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>> {
        self.cell(slot, member)
    }

    fn row(&self, member: usize) -> Option<usize> {
        self.subjects.get(member)?.members.first().copied()
    }
}

impl Results {
    /// One result of a subject, by its place.
    pub fn cell(&self, slot: Slot, subject: usize) -> Option<Cell<Value>> {
        fn of<T: Clone>(cells: Option<&Vec<Cell<T>>>, subject: usize, value: fn(T) -> Value) -> Option<Cell<Value>> {
            cells?.get(subject).cloned().map(|cell| cell.map(value))
        }
        match slot {
            Slot::Indicator(at, aspect) => {
                let results = self.indicators.get(at)?;
                match aspect {
                    Aspect::Value => results.value.as_ref()?.get(subject),
                    Aspect::Target => results.target.as_ref()?.get(subject),
                    Aspect::Attained => of(results.attained.as_ref(), subject, Value::Number),
                    Aspect::Met => of(results.met.as_ref(), subject, Value::Flag),
                    Aspect::Score => of(results.score.as_ref(), subject, Value::Number),
                }
            }
            Slot::SectionScore(at) => of(self.sections.get(at), subject, Value::Number),
            Slot::SectionShare(_) => None,
            Slot::Total => of(self.total.as_ref(), subject, Value::Number),
            Slot::Grade => of(self.grade.as_ref(), subject, Value::Word),
            Slot::Conclusion => of(self.conclusion.as_ref(), subject, Value::Word),
            Slot::Let(at) => self.lets.get(at)?.get(subject),
        }
    }
}

impl Results {
    /// The place of a subject.
    pub fn subject(&self, key: &str) -> Option<usize> {
        self.subjects.iter().position(|subject| *subject.key == *key)
    }
}
