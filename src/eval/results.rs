//! Results (结果): what an evaluation yields for every subject, in columns.

use super::column::{Cell, Column};
use super::gap::Gap;
use super::trace::Trace;
use crate::model::ExprId;
use crate::number::Real;
use crate::text::Name;
use chrono::NaiveDate;
use std::sync::Arc;

/// The results of one rubric.
///
/// Every column has one cell for each of [`Results::subjects`], in their order: by kind as the rubric lists them, then by key.
#[derive(Clone, Debug)]
pub struct Results {
    /// The rubric, by its place in the rules.
    pub rubric: usize,
    /// The day of the evaluation (评价日).
    pub on: NaiveDate,
    /// Whom it judged.
    pub subjects: Vec<Subject>,
    /// Whom it does not apply to, by key.
    pub left_out: Vec<Name>,
    /// The results of each indicator.
    pub indicators: Vec<IndicatorResults>,
    /// Named values.
    pub lets: Vec<Column>,
    /// Section scores.
    pub sections: Vec<Vec<Cell<Real>>>,
    /// Totals, of a rubric by points.
    pub total: Option<Vec<Cell<Real>>>,
    /// Whether each veto falls.
    pub vetoes: Vec<Vec<Cell<bool>>>,
    /// Grades.
    pub grade: Option<Vec<Cell<Name>>>,
    /// Conclusions.
    pub conclusion: Option<Vec<Cell<Name>>>,
    /// The results that it is computed from, of a rubric over another.
    pub below: Option<Arc<Results>>,
    /// How each traced result came about.
    pub trace: Trace,
    /// What each statistic left out, where it left out anything.
    pub omissions: Vec<Omission>,
}

/// Whom a result speaks of (评价对象).
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is: 学校, 县.
    pub kind: Name,
    /// Its key.
    pub key: Name,
    /// The group that it belongs to, where the form names one.
    pub group: Option<Name>,
    /// Its rows in the table of submissions, or its members among the subjects below.
    pub members: Vec<usize>,
}

/// The results of one indicator, one cell a subject.
#[derive(Clone, Debug)]
pub struct IndicatorResults {
    /// Its values; without a `value`, none.
    pub value: Option<Column>,
    /// The bounds of its target.
    pub target: Option<Column>,
    /// Which case of the target applied.
    pub case: Vec<Option<usize>>,
    /// Attainment (达成度).
    pub attained: Option<Vec<Cell<Real>>>,
    /// Whether the target is met.
    pub met: Option<Vec<Cell<bool>>>,
    /// Its published score; none where it gives no points.
    pub score: Option<Vec<Cell<Real>>>,
    /// Whether the condition of each of its alarms holds.
    pub alarms: Vec<Vec<Cell<bool>>>,
}

impl IndicatorResults {
    /// In what state the indicator is for a subject.
    pub fn state(&self, row: usize) -> State {
        let value = self.value.as_ref().and_then(|column| column.get(row)).map(|cell| cell.map(|_| ()));
        let score = self.score.as_ref().and_then(|cells| cells.get(row)).map(|cell| cell.as_ref().map(|_| ()).map_err(Gap::clone));
        // What the value cannot say, the score may: a script fails without a value.
        match (value, score) {
            (Some(Err(gap)), _) | (_, Some(Err(gap))) => State::of(&gap),
            _ => State::Scored,
        }
    }

    /// Whether the target is met by a subject, where that is known.
    pub fn met(&self, row: usize) -> Option<bool> {
        self.met.as_ref()?.get(row)?.as_ref().ok().copied()
    }

    /// The alarm that is raised for a subject, by its place: the first whose condition holds. One that is not known is not raised.
    pub fn alarm(&self, row: usize) -> Option<usize> {
        self.alarms.iter().position(|cells| matches!(cells.get(row), Some(Ok(true))))
    }

    /// Why there is no value or score, where there is none.
    pub fn gap(&self, row: usize) -> Option<Gap> {
        let value = self.value.as_ref().and_then(|column| column.get(row)).and_then(Result::err);
        value.or_else(|| self.score.as_ref().and_then(|cells| cells.get(row)).and_then(|cell| cell.as_ref().err().cloned()))
    }
}

/// In what state a result is (状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is a value.
    Scored,
    /// Something is not filled in.
    Missing,
    /// It cannot be computed.
    Undefined,
    /// It does not apply.
    NotApplicable,
}

impl State {
    /// The state that a gap leaves.
    pub fn of(gap: &Gap) -> State {
        match gap {
            Gap::Missing(_) => State::Missing,
            Gap::Undefined(_) => State::Undefined,
            Gap::NotApplicable(_) => State::NotApplicable,
        }
    }

    /// As it stands in the result table.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Scored => "scored",
            State::Missing => "missing",
            State::Undefined => "undefined",
            State::NotApplicable => "not_applicable",
        }
    }
}

/// What a statistic left out of one subject's members (缺值剔除).
#[derive(Clone, Debug)]
pub struct Omission {
    /// The statistic.
    pub statistic: ExprId,
    /// The subject, by its place.
    pub subject: usize,
    /// How many counted.
    pub counted: usize,
    /// The members without a value, by their places below.
    pub left_out: Vec<usize>,
}
