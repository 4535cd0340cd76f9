//! Expressions (表达式) as written.

use super::{CompareOp, Path, UnitExpr};
use crate::number::Exact;
use crate::text::{At, Name, Span};
use chrono::NaiveDate;

/// A number with what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number; of `95%` it is 0.95.
    pub number: Exact,
    /// `%` or `‰` stood behind it.
    pub percent: bool,
    /// Its unit.
    pub unit: Option<At<UnitExpr>>,
    /// A date, where one stood in the place of a number.
    pub date: Option<NaiveDate>,
}

/// An expression (表达式).
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `4.5 平方米`
    Quantity(Quantity),
    /// `"…"`
    Text(String),
    /// `yes`, `否`: with its spelling, as an option may be called so.
    Flag(bool, Name),
    /// `2024-01-01`
    Date(NaiveDate),
    /// `校.在校生数`
    Path(Path),
    /// `A1..A7`
    CodeRange(At<Name>, At<Name>),
    /// `cv(校.A1, weight 校.在校生数) where …`
    Call {
        /// The function.
        name: At<Name>,
        /// What it is given.
        args: Vec<Arg>,
        /// Which members count.
        filter: Option<Box<Expr>>,
    },
    /// Two expressions and an operator.
    Binary {
        /// The operator.
        op: At<BinaryOp>,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `not …`
    Not(Box<Expr>),
    /// `-…`
    Negate(Box<Expr>),
    /// `x in [a, b]`
    In {
        /// What is looked for.
        what: Box<Expr>,
        /// Among what.
        list: Vec<Expr>,
    },
    /// `x in 师/百生`
    Convert {
        /// What is converted.
        what: Box<Expr>,
        /// Into what.
        unit: At<UnitExpr>,
    },
    /// `if a then x else y`
    Choose {
        /// Conditions with their values, the first that holds is taken.
        cases: Vec<(Expr, Expr)>,
        /// When none holds.
        otherwise: Box<Expr>,
    },
    /// `every section >= 80%`
    EverySection {
        /// How each section's share of its points is compared.
        op: At<CompareOp>,
        /// With what.
        bound: Quantity,
    },
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A value.
    Value(Expr),
    /// `weight …`
    Weight(Expr),
    /// `over all`, `over group`
    Scope(At<Scope>),
}

/// Over whom a statistic is taken (统计范围).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// 全体: every subject of the run.
    All,
    /// 同组: the subjects of the same group.
    Group,
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `or`, also for a default: `x or 0`.
    Or,
    /// `and`
    And,
    /// `>=` and its kin
    Compare(CompareOp),
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}
