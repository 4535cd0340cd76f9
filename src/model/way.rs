//! Ways of scoring (计分方法), checked.

use super::expr::Expr;
use super::straight::Straightened;
use crate::number::Exact;
use crate::syntax::tree::{CompareOp, Steps};
use crate::text::{Name, Span};
use std::sync::Arc;

/// A way of scoring (计分方法). Points are absolute here: shares are already taken of the full marks.
#[derive(Clone, Debug)]
pub enum Way {
    /// Full marks if the target is met, else none.
    AllOrNone,
    /// The points of the first band that takes the value, or attainment.
    Bands {
        /// Of attainment (达成度), not of the value.
        by_attained: bool,
        /// In their order.
        bands: Vec<Band>,
    },
    /// Points at corners, straight lines between, level outside.
    Linear(Vec<Knot>),
    /// Full marks times attainment, at most full; below the floor none.
    Proportional {
        /// The least attainment that earns anything.
        floor: Option<Exact>,
    },
    /// Full marks less something for each step on the wrong side of the target, not below zero.
    FullMinus {
        /// Points off a step.
        minus: Exact,
        /// The size of a step.
        step: Exact,
        /// Whether short of the target, or beyond it.
        below: bool,
        /// How a part of a step counts.
        steps: Steps,
    },
    /// Full marks less the sum of the items, not below zero.
    Deduct(Vec<CaseLine>),
    /// The sum of the items, not above full marks.
    Checklist(Vec<CaseLine>),
    /// The points of the first case that holds, else the last.
    First(Vec<CaseItem>, Exact),
    /// The points of the level.
    Levels(Vec<Level>),
    /// What assessors gave (评定), put together by roles.
    Judged(Assessed),
    /// The result of a rhai script, from zero to full marks.
    Script(ScriptCode),
    /// The value of an expression, from zero to full marks.
    Formula(Expr),
}

impl Way {
    /// What it computes besides value and target: every expression that stands in no other one.
    pub fn stated(&self) -> Vec<&Expr> {
        match self {
            Way::Deduct(lines) | Way::Checklist(lines) => lines.iter().flat_map(CaseLine::items).map(|item| &item.what).collect(),
            Way::First(cases, _) => cases.iter().map(|case| &case.what).collect(),
            Way::Script(script) => script.inputs.iter().map(|input| &input.value).collect(),
            Way::Formula(formula) | Way::Judged(Assessed { formula, .. }) => vec![formula],
            Way::AllOrNone | Way::Bands { .. } | Way::Linear(_) | Way::Proportional { .. } | Way::FullMinus { .. } | Way::Levels(_) => {
                Vec::new()
            }
        }
    }
}

/// A score that assessors give (评定).
#[derive(Clone, Debug)]
pub struct Assessed {
    /// The weighted mean of the roles.
    pub formula: Expr,
    /// The roles, in the order written.
    pub roles: Vec<AssessedRole>,
    /// How far the roles lie apart, by the place of a named value, and beyond what that is told (容差).
    pub spread: Option<(usize, Exact)>,
}

/// What the assessors of one role (角色) gave together.
#[derive(Clone, Debug)]
pub struct AssessedRole {
    /// The role.
    pub role: Name,
    /// What it counts for, of 1.
    pub weight: Exact,
    /// Its mark, by the place of a named value.
    pub value: usize,
}

/// A band (档).
#[derive(Clone, Debug)]
pub struct Band {
    /// Which values.
    pub of: BandOf,
    /// What they earn.
    pub points: Exact,
    /// Where it is written.
    pub span: Span,
}

/// Which values a band takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BandOf {
    /// All that are left.
    Else,
    /// Those that compare so.
    Compare(CompareOp, Exact),
    /// From the first, included, up to the second, not included.
    Range(Option<Exact>, Option<Exact>),
}

/// A corner of a piecewise linear score.
#[derive(Clone, Debug)]
pub struct Knot {
    /// The value.
    pub at: Exact,
    /// What it earns.
    pub points: Exact,
    /// Where it is written.
    pub span: Span,
}

/// One line of a deduction or a checklist.
#[derive(Clone, Debug)]
pub enum CaseLine {
    /// Points for something.
    Item(CaseItem),
    /// Only the line with the most points counts (取最高).
    Highest(Vec<CaseItem>),
}

impl CaseLine {
    /// The items in it.
    pub fn items(&self) -> &[CaseItem] {
        match self {
            CaseLine::Item(item) => std::slice::from_ref(item),
            CaseLine::Highest(items) => items,
        }
    }
}

/// Points for something that is counted or that holds.
#[derive(Clone, Debug)]
pub struct CaseItem {
    /// Points each time.
    pub points: Exact,
    /// Whether for each of a number, or once if a condition holds.
    pub each: bool,
    /// Whether it is one of a list that counts where it is missing (每缺).
    pub missing: bool,
    /// The number or the condition.
    pub what: Expr,
    /// As printed.
    pub label: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// One level.
#[derive(Clone, Debug)]
pub struct Level {
    /// The options of the value; none: all others.
    pub options: Vec<Name>,
    /// What they earn.
    pub points: Exact,
    /// Where it is written.
    pub span: Span,
}

/// A rhai script (脚本) with what it reads.
#[derive(Clone, Debug)]
pub struct ScriptCode {
    /// Its text.
    pub code: Arc<str>,
    /// Where its text is written; of a file beside the rubric, in that file.
    pub span: Span,
    /// What it reads, by the names it uses.
    pub inputs: Vec<Input>,
    /// The same without jumps.
    pub straight: Straightened,
}

/// Something that a script reads: `校.在校生数`, `value`.
#[derive(Clone, Debug)]
pub struct Input {
    /// The object: `校`; nothing for a plain variable.
    pub object: Option<Name>,
    /// The property or variable.
    pub name: Name,
    /// What it is.
    pub value: Expr,
}
