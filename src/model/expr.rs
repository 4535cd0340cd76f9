//! Expressions (表达式), resolved and typed.

use super::function::{Function, StatisticKind};
use super::types::{FieldIx, Type};
use crate::number::Exact;
use crate::syntax::tree::{CompareOp, Scope};
use crate::text::{Name, Span};
use chrono::NaiveDate;

/// Which expression of its rubric or form: unique there, the same on every run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it computes.
    pub node: Node,
    /// What it yields.
    pub ty: Type,
    /// For whom it yields a value.
    pub level: Level,
    /// Where it is written.
    pub span: Span,
    /// Which one it is.
    pub id: ExprId,
}

impl Expr {
    /// The fields that it reads.
    pub fn fields(&self) -> Vec<FieldIx> {
        match &self.node {
            Node::Field(field) | Node::MemberField(field) => vec![*field],
            _ => self.children().into_iter().flat_map(Expr::fields).collect(),
        }
    }

    /// What it takes statistics of beside the subject, by the places in `Rubric::beside`.
    pub fn tables(&self) -> Vec<u16> {
        let own = match &self.node {
            Node::Statistic(statistic) => match &statistic.of {
                Over::Rows(beside, _) => Some(*beside),
                _ => None,
            },
            _ => None,
        };
        own.into_iter().chain(self.children().into_iter().flat_map(Expr::tables)).collect()
    }

    /// For whom the expressions in it yield values, those inside a statistic aside.
    pub fn levels(&self) -> Vec<Level> {
        match &self.node {
            Node::Statistic(_) => vec![self.level],
            _ => std::iter::once(self.level).chain(self.children().into_iter().flat_map(Expr::levels)).collect(),
        }
    }

    /// The same over fields of other rows, each expression in it with an id of its own.
    ///
    /// * `level`: for whom the copy yields a value.
    /// * `field`: what a field becomes.
    #[must_use]
    pub fn copied(&self, level: Level, field: &dyn Fn(FieldIx) -> Node, id: &mut dyn FnMut() -> ExprId) -> Expr {
        let mut copy = self.clone();
        copy.renew(level, field, id);
        copy
    }

    fn renew(&mut self, level: Level, field: &dyn Fn(FieldIx) -> Node, id: &mut dyn FnMut() -> ExprId) {
        self.id = id();
        // What is taken of rows that belong to the subject stays so.
        if !matches!(self.level, Level::Constant | Level::Row(_)) {
            self.level = level;
        }
        if let Node::Field(at) = self.node {
            self.node = field(at);
        }
        self.children_mut().into_iter().for_each(|inner| inner.renew(level, field, id));
    }

    fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.node {
            Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) | Node::Div(a, b) | Node::Compare(_, a, b) | Node::Default(a, b) => {
                vec![a, b]
            }
            Node::Negate(a) | Node::Scale(a, _) | Node::Not(a) | Node::Filled(a) | Node::Computed(_, a) => vec![a],
            Node::In(what, list) => std::iter::once(&mut **what).chain(list).collect(),
            Node::All(list) | Node::Any(list) | Node::Every(list) | Node::AnyOf(list) | Node::Count(list) | Node::Call(_, list) => {
                list.iter_mut().collect()
            }
            Node::Choose(cases, otherwise) => cases.iter_mut().flat_map(|(when, then)| [when, then]).chain([&mut **otherwise]).collect(),
            Node::Statistic(statistic) => {
                let Statistic { of, weight, filter, parameter, .. } = &mut **statistic;
                let of: Vec<&mut Expr> = match of {
                    Over::Members(of) | Over::Rows(_, of) | Over::Cohort(of, _) => vec![of],
                    Over::List(list) => list.iter_mut().collect(),
                };
                of.into_iter().chain(weight).chain(filter).chain(parameter).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The expressions inside it, in the order written.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) | Node::Div(a, b) | Node::Compare(_, a, b) | Node::Default(a, b) => {
                vec![a, b]
            }
            Node::Negate(a) | Node::Scale(a, _) | Node::Not(a) | Node::Filled(a) | Node::Computed(_, a) => vec![a],
            Node::In(what, list) => std::iter::once(&**what).chain(list).collect(),
            Node::All(list) | Node::Any(list) | Node::Every(list) | Node::AnyOf(list) | Node::Count(list) | Node::Call(_, list) => {
                list.iter().collect()
            }
            Node::Choose(cases, otherwise) => cases.iter().flat_map(|(when, then)| [when, then]).chain([&**otherwise]).collect(),
            Node::Statistic(statistic) => {
                let Statistic { of, weight, filter, parameter, .. } = &**statistic;
                let of: Vec<&Expr> = match of {
                    Over::Members(of) | Over::Rows(_, of) | Over::Cohort(of, _) => vec![of],
                    Over::List(list) => list.iter().collect(),
                };
                of.into_iter().chain(weight).chain(filter).chain(parameter).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// For whom an expression yields a value (取值层次).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The same for all.
    Constant,
    /// One for each subject of the rubric.
    Subject,
    /// One for each member of the subject, in a rubric over a group; only a statistic makes a subject's value of it.
    Member,
    /// One for each submission beside the source that belongs to the subject, by the place in `Rubric::beside`; only a
    /// statistic makes a subject's value of it.
    Row(u16),
}

/// A result of the rubric's own (本体系的结果).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// An indicator, by its place in the rubric.
    Indicator(usize, Aspect),
    /// A section's score, by its place.
    SectionScore(usize),
    /// A section's score as a share of its full marks.
    SectionShare(usize),
    /// The total.
    Total,
    /// The grade.
    Grade,
    /// The conclusion.
    Conclusion,
    /// A named value, by its place.
    Let(usize),
}

/// Which of an indicator's results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aspect {
    /// 取值
    Value,
    /// 目标: the bound that applied
    Target,
    /// 达成度: value ÷ target, or target ÷ value where less is better
    Attained,
    /// 是否达标
    Met,
    /// 得分
    Score,
}

/// What an expression computes.
#[derive(Clone, Debug)]
pub enum Node {
    /// A number.
    Number(Exact),
    /// A text, or an option of a choice.
    Word(Name),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(NaiveDate),
    /// The day of the evaluation (评价日).
    EvaluationDate,
    /// A mistake that is told elsewhere; never evaluated.
    Wrong,
    /// A parameter, by its place in `Rules::params`.
    Param(usize),
    /// A value computed from fields, under its name.
    Computed(Name, Box<Expr>),
    /// A field of the subject's own submission.
    Field(FieldIx),
    /// A field of a member's submission.
    MemberField(FieldIx),
    /// A field of a submission beside the source, by the place in `Rubric::beside`: of the one there is, or of each.
    BesideField(u16, FieldIx),
    /// The subject's result of a rubric that is read beside, by the place in `Rubric::beside`.
    BesideSlot(u16, Slot),
    /// A result of the rubric below, for a member.
    MemberSlot(Slot),
    /// A result of this rubric.
    Slot(Slot),
    /// Sum.
    Add(Box<Expr>, Box<Expr>),
    /// Difference.
    Sub(Box<Expr>, Box<Expr>),
    /// Product.
    Mul(Box<Expr>, Box<Expr>),
    /// Quotient; a zero divisor is undefined.
    Div(Box<Expr>, Box<Expr>),
    /// The number with its sign changed.
    Negate(Box<Expr>),
    /// The number times a constant: conversion between units.
    Scale(Box<Expr>, Exact),
    /// A comparison of two values of one type.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// Whether a value is one of some.
    In(Box<Expr>, Vec<Expr>),
    /// Whether all hold; three-valued. None: yes.
    All(Vec<Expr>),
    /// Whether one holds; three-valued. None: no.
    Any(Vec<Expr>),
    /// Whether all hold, of the indicators that apply; three-valued.
    Every(Vec<Expr>),
    /// Whether one holds, of the indicators that apply; three-valued.
    AnyOf(Vec<Expr>),
    /// How many hold, of the indicators that apply; unknown while one that is unknown could change it.
    Count(Vec<Expr>),
    /// Whether it does not hold.
    Not(Box<Expr>),
    /// The first value, or the second where the first is missing, undefined or not applicable.
    Default(Box<Expr>, Box<Expr>),
    /// Whether there is a value.
    Filled(Box<Expr>),
    /// The value of the first condition that holds, else the last value.
    Choose(Vec<(Expr, Expr)>, Box<Expr>),
    /// A function of its arguments, one subject at a time.
    Call(Function, Vec<Expr>),
    /// A statistic over many.
    Statistic(Box<Statistic>),
}

/// A statistic (统计量) over members, a cohort or a list.
#[derive(Clone, Debug)]
pub struct Statistic {
    /// Which.
    pub kind: StatisticKind,
    /// Of what; the statistics that only count take a condition.
    pub of: Over,
    /// Weights (权重).
    pub weight: Option<Expr>,
    /// Who counts.
    pub filter: Option<Expr>,
    /// A number that the statistic needs: the share of a quantile, the threshold of a pass rate, how many to trim.
    pub parameter: Option<Expr>,
}

/// What a statistic is taken over.
#[derive(Clone, Debug)]
pub enum Over {
    /// The members of each subject: the schools of a county.
    Members(Expr),
    /// The submissions beside the source that belong to each subject, by the place in `Rubric::beside`.
    Rows(u16, Expr),
    /// The subjects of the run, all or those of the same group.
    Cohort(Expr, Scope),
    /// The values listed, of one subject.
    List(Vec<Expr>),
}
