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

impl Expr {
    /// The expressions inside it.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Quantity(_) | ExprKind::Text(_) | ExprKind::Flag(..) | ExprKind::Date(_) | ExprKind::Path(_) => Vec::new(),
            ExprKind::CodeRange(..) | ExprKind::EverySection { .. } => Vec::new(),
            ExprKind::Call { args, filter, .. } => {
                let of = args.iter().filter_map(|arg| match arg {
                    Arg::Value(value) | Arg::Weight(value) => Some(value),
                    Arg::Scope(_) => None,
                });
                of.chain(filter.as_deref()).collect()
            }
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::Convert { what: inner, .. } | ExprKind::Has { what: inner, .. } => {
                vec![inner]
            }
            ExprKind::In { what, list } => std::iter::once(&**what).chain(list).collect(),
            ExprKind::Choose { cases, otherwise } => cases.iter().flat_map(|(when, then)| [when, then]).chain([&**otherwise]).collect(),
        }
    }

    /// Every expression in it, itself first.
    pub fn each<'e>(&'e self, see: &mut dyn FnMut(&'e Expr)) {
        see(self);
        self.children().into_iter().for_each(|inner| inner.each(see));
    }
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
    /// `校.设施 has 食堂`
    Has {
        /// A field of several choices.
        what: Box<Expr>,
        /// The option.
        option: At<Name>,
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
