//! Improvement plans (改进计划): what falls short, and the least change of the data that would mend it.
//!
//! For a school: the nearest better conclusion or grade, and the least changes of which answers that reach it. For a county: the least
//! additions at which schools that bring a difference coefficient to its limit, and what the schools that fall short need.
//! A change is never derived from a formula: the rubric judges the changed data, and the change is given back if it reached what was
//! asked and one step less did not. Nothing that the form refuses is proposed, nor what says whom a submission speaks of and what it is.
//!
//! Not here: how a rubric is computed (`eval`; `eval::plan` is the plan of that computation), how plans are printed (`report`).

mod bench;
mod beside;
mod floor;
mod goal;
mod group;
mod reads;
mod school;
mod search;
mod spread;

pub use floor::floor_for;
pub use goal::{Which, rank};

use crate::eval::{Gap, Request, Results, Subject, Value};
use crate::model::{FieldIx, Slot, Source};
use crate::number::{Exact, Real};
use crate::text::Name;

/// The plan of one subject.
#[derive(Clone, Debug)]
pub struct Improvement {
    /// The rubric that judges it, by its place in the rules.
    pub rubric: usize,
    /// Whom it is for.
    pub subject: Subject,
    /// The better verdict and what it takes; `None` where there is none better.
    pub goal: Option<Goal>,
    /// What each indicator that falls short would take.
    pub shortfalls: Vec<Shortfall>,
    /// Of a group: the difference coefficients above their limits.
    pub spreads: Vec<Spread>,
    /// Of a group: the members that keep it from its targets.
    pub members: Vec<Improvement>,
    /// Of a group: all of it at once.
    pub together: Option<Together>,
    /// The results of other rubrics that its verdict is held back by, or is drawn by.
    pub rests_on: Vec<RestsOn>,
    /// The plans of other rubrics whose results keep it from its targets (另用的体系).
    pub beside: Vec<Improvement>,
    /// What it comes to with all that those propose; `None` where they propose nothing.
    pub with_beside: Option<Results>,
    /// The results as they are, of this subject alone, at place 0.
    pub results: Results,
}

/// A result of another rubric that a verdict rests on (所依据的另一体系的结果).
#[derive(Clone, Debug)]
pub struct RestsOn {
    /// The rubric, by its place in the rules.
    pub rubric: usize,
    /// Which of its results.
    pub slot: Slot,
    /// What it is; `None` if that is not known, or is told of many.
    pub value: Option<Value>,
}

/// A verdict to reach (改进目标).
#[derive(Clone, Debug)]
pub struct Goal {
    /// Grade or conclusion.
    pub which: Which,
    /// What it is now; `None` if data are missing.
    pub now: Option<Name>,
    /// The nearest better one that can be reached; of those that cannot be judged the one asked for.
    pub to: Option<Name>,
    /// Nearer ones that no change was found for.
    ///
    /// Of [`Outcome::Undecided`] the other ones of the list.
    pub short_of: Vec<Name>,
    /// What it takes.
    pub outcome: Outcome,
}

/// What reaching a verdict takes.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// These changes. Of one change the least; of several, each as small as the others allow, the fewest that were found.
    Reached(Way),
    /// A veto by facts, with its reasons: no other answer undoes it.
    Vetoed(Vec<String>),
    /// Nobody knows, because of this gap.
    Incomplete(Gap),
    /// What the plans of the rubrics beside propose, and these changes of its own, if there are any.
    Beside(Way),
    /// Nobody knows which verdict is the better one: their conditions speak of facts alone. The others stand in `short_of`.
    Undecided,
    /// No change of the answers was found.
    NotFound,
}

/// An indicator that falls short (短板).
#[derive(Clone, Debug)]
pub struct Shortfall {
    /// The indicator, by its place.
    pub indicator: usize,
    /// The score that the ways bring, where points are lost and not a target missed.
    pub to_score: Option<Real>,
    /// Other rubrics whose results it reads, by their places.
    pub beside: Vec<usize>,
    /// Each by itself is enough: one field, and what has to follow.
    pub ways: Vec<Way>,
}

/// Changes that together reach something; those that only follow stand last.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// The changes.
    pub changes: Vec<Change>,
}

/// An answer that is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Whose answer: the key of the submission.
    pub key: Name,
    /// The field, by its place in the form.
    pub field: FieldIx,
    /// What is filled in.
    pub from: Value,
    /// What it would have to be.
    pub to: Value,
    /// Whether it only follows, so that the checks of the form hold.
    pub follows: bool,
}

impl Change {
    /// By how much a number changes.
    pub fn difference(&self) -> Option<Real> {
        match (&self.from, &self.to) {
            (Value::Number(from), Value::Number(to)) => Some(to - from),
            _ => None,
        }
    }
}

/// A difference coefficient (差异系数) above its limit, and what would bring it there.
#[derive(Clone, Debug)]
pub struct Spread {
    /// The indicator, by its place.
    pub indicator: usize,
    /// The coefficient.
    pub now: Real,
    /// Its limit.
    pub limit: Exact,
    /// The mean of the members' values.
    pub mean: Exact,
    /// Raise only: the floor that every value below it is raised to.
    pub floor: Option<Real>,
    /// Proportional: λ, what is left of each value's distance to the mean.
    pub ratio: Real,
    /// Fields, each of which raises the value by as much: it is their sum that counts.
    pub fields: Vec<FieldIx>,
    /// The members that count, in their order.
    pub members: Vec<Apart>,
    /// What the raised data come to, in whole units.
    pub raised: Verified,
    /// What the data come to that were moved to the mean, in whole units.
    pub levelled: Verified,
}

/// One member of a statistic.
#[derive(Clone, Debug)]
pub struct Apart {
    /// The member.
    pub key: Name,
    /// Its value.
    pub value: Exact,
    /// Its weight.
    pub weight: Exact,
    /// What it needs if values are only raised.
    pub raise: Amount,
    /// What it needs, or has too much, if every value moves to the mean.
    pub level: Amount,
}

/// How much more, or less, a member needs.
#[derive(Clone, Debug, Default)]
pub struct Amount {
    /// Exactly, in the unit of the field; `None` where no field was found that the value rises with evenly.
    pub exact: Option<Real>,
    /// In whole units; `None` where nothing is needed, or the form takes no such answer.
    pub way: Option<Way>,
}

/// What changed data came to when the rubric judged them.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The value of the indicator.
    pub value: Option<Real>,
    /// Whether its target is met.
    pub met: bool,
}

/// Everything that a group needs, at once (合计方案).
#[derive(Clone, Debug)]
pub struct Together {
    /// All changes.
    pub changes: Vec<Change>,
    /// What the group comes to with them.
    pub results: Results,
}

/// The plan of one subject of a rubric, by kind and key; `None` if the rubric does not judge it.
pub fn improvement(request: &Request<'_>, kind: &Name, key: &Name) -> Option<Improvement> {
    match request.rules.rubrics.get(request.rubric)?.source {
        Source::Form(_) => school::plan(request, kind, key, None),
        Source::Rubric(_) => group::plan(request, kind, key),
    }
}

/// Whether something is left to wish for: a better verdict, a target that is not met, data that are missing.
pub fn falls_short(results: &Results, rules: &crate::model::Rules, subject: usize) -> bool {
    let Some(rubric) = rules.rubrics.get(results.rubric) else { return false };
    let better = |which: Which, cells: &Option<Vec<crate::eval::Cell<Name>>>| match cells.as_ref().and_then(|cells| cells.get(subject)) {
        Some(Ok(name)) => !goal::better(rules, rubric, which, name).is_empty(),
        Some(Err(_)) => true,
        None => false,
    };
    let unmet = results.indicators.iter().any(|found| found.met(subject) == Some(false));
    unmet || better(Which::Conclusion, &results.conclusion) || better(Which::Grade, &results.grade)
}
