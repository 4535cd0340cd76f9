//! What a node of a plan computes (运算).
//!
//! Two nodes with equal operations are one node: an operation carries all that its value depends on, and nothing else.

use super::NodeId;
use crate::eval::gap::{Gap, Unless};
use crate::model::{BandOf, FieldIx, Slot};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::{CompareOp, InapplicablePolicy, MissingPolicy, Steps};
use crate::text::Name;
use chrono::NaiveDate;
use std::sync::Arc;

/// An operation over earlier nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// A number that is the same for all: written, or a parameter's on the day of the evaluation.
    Number(Exact),
    /// A text or an option.
    Word(Name),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(NaiveDate),
    /// Nothing, for the reason at this place of the plan's list.
    Absent(usize),
    /// A field of the row's own submission.
    Field(FieldIx),
    /// A result of the rubric below, for the member.
    Below(Slot),
    /// A field of a submission beside the source, by the place in `Rubric::beside`: of the row, or of the one of the subject.
    Beside(u16, FieldIx),
    /// The subject's result of a rubric that is read beside, by the place in `Rubric::beside`.
    BesideResult(u16, Slot),
    /// A statistic over the submissions beside the source that belong to the subject.
    OfRows(usize),
    /// A value of the subject, for each of its members or of the submissions beside it.
    OfSubject(NodeId),
    Negate(NodeId),
    Add(NodeId, NodeId),
    Sub(NodeId, NodeId),
    Mul(NodeId, NodeId),
    /// A quotient, with the divisor as it is written.
    Div(NodeId, NodeId, Arc<str>),
    Abs(NodeId),
    Round {
        of: NodeId,
        mode: Rounding,
        /// None: to a whole number.
        places: Option<NodeId>,
    },
    Year(NodeId),
    /// Days from one day to another.
    Days(NodeId, NodeId),
    /// The day so many years, months or days after another.
    After(NodeId, NodeId, Calendar),
    /// The smaller of two, or the greater.
    Extreme(NodeId, NodeId, bool),
    /// Whether a number is a whole number or a decimal as rhai holds them.
    Decimal(NodeId),
    /// Not below the first, not above the second.
    Clamp(NodeId, Option<Exact>, Option<Exact>),
    /// The first, or the second where the first has no value.
    Default(NodeId, NodeId),
    /// The number; zero where it does not apply.
    OrNothing(NodeId),
    /// The last, unless none of the first ones applies: then it does not apply either.
    OfSome(Box<[NodeId]>, NodeId),
    /// The value of the first condition that holds, else the last.
    Choose(Box<[(NodeId, NodeId)]>, NodeId),
    Filled(NodeId),
    Not(NodeId),
    Compare(CompareOp, NodeId, NodeId),
    /// Whether all hold (or, of `any`, one); with `of_applicable`, of those that apply.
    Fold {
        list: Box<[NodeId]>,
        any: bool,
        of_applicable: bool,
    },
    /// How many hold, of those that apply.
    Count(Box<[NodeId]>),
    /// Whether that number compares so, where the unknown ones cannot change it.
    CountCompares(CompareOp, Box<[NodeId]>, NodeId),
    /// How many have a value; of conditions, how many hold.
    CountThere(Box<[NodeId]>),
    /// A statistic of values listed, by its place in the plan.
    OfList(usize),
    /// A statistic over members or a cohort, by its place in the plan.
    Statistic(usize),
    /// The value, for whom the condition holds; for others it does not apply.
    Guard {
        when: NodeId,
        of: NodeId,
        unless: Unless,
    },
    /// The bound of the case that names the option.
    Bound(NodeId, Box<[TargetBound]>),
    /// Whether a value meets a bound.
    Met {
        value: NodeId,
        bound: NodeId,
        by: TargetOps,
        /// Decimals to which the value is rounded first.
        places: Option<u32>,
    },
    /// How far a value reaches a bound.
    Attained {
        value: NodeId,
        bound: NodeId,
        by: TargetOps,
    },
    /// The points of the first band that takes the value.
    Bands(NodeId, Arc<[(BandOf, Exact)]>),
    /// The points of the level that names the option.
    Levels(NodeId, Arc<[(Box<[Name]>, Exact)]>),
    /// Points at corners, straight lines between.
    Linear(NodeId, Arc<[(Exact, Exact)]>),
    /// Full marks times attainment, at most full, nothing below the floor.
    Proportional {
        attained: NodeId,
        floor: Option<Exact>,
        full: Exact,
    },
    /// Full marks less something for each step on the wrong side of the bound.
    FullMinus(Box<FullMinus>),
    /// What a script returns, by its place in the plan.
    Script(usize),
    /// The published score.
    Score(Box<Score>),
    /// A sum of scores, scaled up to full marks where some do not apply.
    Parts(Box<[(Exact, NodeId)]>, Exact),
    /// The first case that holds, unless a veto falls.
    Verdict(Box<Verdict>),
}

/// What is counted from one day to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Calendar {
    Years,
    Months,
    Days,
}

/// For which options a bound is meant; none: for all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TargetBound {
    pub options: Box<[Name]>,
    pub bound: NodeId,
}

/// How a value is compared with its bound.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TargetOps {
    /// Alike in all cases.
    One(CompareOp),
    /// By the option, as [`TargetBound`].
    By(NodeId, Box<[(Box<[Name]>, CompareOp)]>),
}

/// See [`Op::FullMinus`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FullMinus {
    pub value: NodeId,
    pub bound: NodeId,
    /// Whoever meets the target, if need be by rounding, has full marks.
    pub met: NodeId,
    pub full: Exact,
    pub minus: Exact,
    pub step: Exact,
    pub below: bool,
    pub steps: Steps,
}

/// See [`Op::Score`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Score {
    /// What the way of scoring comes to.
    pub raw: NodeId,
    /// To whom the indicator applies, and why it does not to others.
    pub when: Option<(NodeId, Unless)>,
    /// The value, without which nothing is scored.
    pub value: Option<NodeId>,
    pub full: Exact,
    pub missing: MissingPolicy,
    pub inapplicable: InapplicablePolicy,
    pub round: Option<(Rounding, u32)>,
}

/// See [`Op::Verdict`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Verdict {
    /// Condition and name; without a condition, when no other case holds.
    pub cases: Box<[(Option<NodeId>, Name)]>,
    /// Vetoes that force one of these verdicts: place in the rubric, condition, verdict.
    pub vetoes: Box<[(usize, NodeId, Name)]>,
}

impl Op {
    /// The nodes that it reads, at its own level.
    pub fn operands(&self) -> Vec<NodeId> {
        match self {
            Op::Number(_)
            | Op::Word(_)
            | Op::Flag(_)
            | Op::Date(_)
            | Op::Absent(_)
            | Op::Field(_)
            | Op::Below(_)
            | Op::Beside(..)
            | Op::BesideResult(..)
            | Op::OfRows(_)
            | Op::OfList(_)
            | Op::Statistic(_)
            | Op::Script(_) => Vec::new(),
            Op::OfSubject(of)
            | Op::Negate(of)
            | Op::Abs(of)
            | Op::Year(of)
            | Op::Clamp(of, ..)
            | Op::Filled(of)
            | Op::Not(of)
            | Op::OrNothing(of)
            | Op::Decimal(of)
            | Op::Bands(of, _)
            | Op::Levels(of, _)
            | Op::Linear(of, _)
            | Op::Proportional { attained: of, .. } => vec![*of],
            Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b, _)
            | Op::Days(a, b)
            | Op::After(a, b, _)
            | Op::Default(a, b)
            | Op::Compare(_, a, b)
            | Op::Extreme(a, b, _) => vec![*a, *b],
            Op::Round { of, places, .. } => std::iter::once(*of).chain(*places).collect(),
            Op::Choose(cases, otherwise) => cases.iter().flat_map(|(when, then)| [*when, *then]).chain([*otherwise]).collect(),
            Op::Fold { list, .. } | Op::Count(list) | Op::CountThere(list) => list.to_vec(),
            Op::CountCompares(_, list, bound) => list.iter().copied().chain([*bound]).collect(),
            Op::OfSome(list, of) => list.iter().copied().chain([*of]).collect(),
            Op::Guard { when, of, .. } => vec![*when, *of],
            Op::Bound(by, cases) => std::iter::once(*by).chain(cases.iter().map(|case| case.bound)).collect(),
            Op::Met { value, bound, by, .. } | Op::Attained { value, bound, by } => match by {
                TargetOps::One(_) => vec![*value, *bound],
                TargetOps::By(by, _) => vec![*value, *bound, *by],
            },
            Op::FullMinus(it) => vec![it.value, it.bound, it.met],
            Op::Score(it) => std::iter::once(it.raw).chain(it.when.as_ref().map(|(when, _)| *when)).chain(it.value).collect(),
            Op::Parts(parts, _) => parts.iter().map(|(_, part)| *part).collect(),
            Op::Verdict(it) => it
                .cases
                .iter()
                .filter_map(|(condition, _)| *condition)
                .chain(it.vetoes.iter().map(|(_, condition, _)| *condition))
                .collect(),
        }
    }
}

/// Why there is nothing: gaps that are the same for all.
pub(crate) type Absences = Vec<Gap>;
