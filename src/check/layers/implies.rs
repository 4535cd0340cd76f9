//! Whether one condition always holds where another does (蕴含), as far as that can be decided.
//!
//! Only what is proven counts: `false` means that no proof was found, not that there is a counter-example.

use super::super::interval;
use super::same::Pair;
use crate::model::{Aspect, Expr, Indicator, Level, Node, Param, Slot, Target, TargetCase, Type};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// How two comparisons of one value lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// Whatever meets the first meets the second.
    Yes,
    /// Something meets the first and not the second.
    No,
    /// Cannot be told.
    Unknown,
}

impl Pair<'_> {
    /// Whether a condition of the right rubric holds wherever this one of the left rubric does.
    pub fn implies(&self, left: &Expr, right: &Expr) -> bool {
        if self.same(left, right) {
            return true;
        }
        if !self.goes_on() {
            return false;
        }
        match (&left.node, &right.node) {
            (Node::Not(left), Node::Not(right)) => self.turned().implies(right, left),
            (Node::Every(left), Node::Every(right)) => right.iter().all(|right| left.iter().any(|left| self.implies(left, right))),
            (Node::AnyOf(left), Node::AnyOf(right)) => left.iter().all(|left| right.iter().any(|right| self.implies(left, right))),
            (_, Node::All(right)) => right.iter().all(|right| self.implies(left, right)),
            (Node::Any(left), _) => left.iter().all(|left| self.implies(left, right)),
            // One part of what holds must bring one part of what is to follow.
            (Node::All(_), _) | (_, Node::Any(_)) => {
                let (mut has, mut wants) = (Vec::new(), Vec::new());
                parts(left, &mut has, |node| if let Node::All(list) = node { Some(list) } else { None });
                parts(right, &mut wants, |node| if let Node::Any(list) = node { Some(list) } else { None });
                has.iter().any(|has| match has.node {
                    Node::Any(_) => self.implies(has, right),
                    _ => wants.iter().any(|wants| self.implies(has, wants)),
                })
            }
            (Node::In(left, some), Node::In(right, all)) => {
                self.same(left, right) && some.iter().all(|one| all.iter().any(|other| self.same(one, other)))
            }
            (Node::Compare(CompareOp::Eq, left, one), Node::In(right, all)) => {
                self.same(left, right) && all.iter().any(|other| self.same(one, other))
            }
            (Node::Slot(Slot::Indicator(a, Aspect::Met)), Node::Slot(Slot::Indicator(b, Aspect::Met))) => {
                matches!(self.indicators(*a, *b), Some((left, right)) if self.met_within(left, right) == Within::Yes)
            }
            (Node::Slot(Slot::Let(a)), Node::Slot(Slot::Let(b))) => {
                matches!((self.left.lets.get(*a), self.right.lets.get(*b)), (Some(a), Some(b)) if self.implies(&a.value, &b.value))
            }
            (Node::Compare(..), Node::Compare(..)) => match (comparison(left), comparison(right)) {
                (Some((op, value, bound)), Some((other, measure, limit))) => {
                    self.bound_within((op, bound), (other, limit)) == Within::Yes && self.no_better(value, measure, op)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a value of the left rubric is never above that of the right one, for `>=`, or never below it, for `<=`.
    fn no_better(&self, left: &Expr, right: &Expr, op: CompareOp) -> bool {
        if self.same(left, right) {
            return true;
        }
        if !self.goes_on() {
            return false;
        }
        let upward = matches!(op, CompareOp::Ge | CompareOp::Gt);
        let downward = matches!(op, CompareOp::Le | CompareOp::Lt);
        match (&left.node, &right.node) {
            // With the stricter target less is attained.
            (Node::Slot(Slot::Indicator(a, Aspect::Attained)), Node::Slot(Slot::Indicator(b, Aspect::Attained))) => {
                let Some((left, right)) = self.indicators(*a, *b) else { return false };
                self.positive(left)
                    && self.positive(right)
                    && (upward && self.met_within(left, right) == Within::Yes
                        || downward && self.turned().met_within(right, left) == Within::Yes)
            }
            (Node::Slot(Slot::Indicator(a, Aspect::Value)), Node::Slot(Slot::Indicator(b, Aspect::Value))) => {
                let values = self.indicators(*a, *b).and_then(|(left, right)| left.value.as_ref().zip(right.value.as_ref()));
                matches!(values, Some((left, right)) if self.no_better(left, right, op))
            }
            // Each that counts on the left must count on the right, and none twice.
            (Node::Count(few), Node::Count(many)) => {
                let pairs = |this: &Pair<'_>, few: &[Expr], many: &[Expr]| {
                    let mut free: Vec<&Expr> = many.iter().collect();
                    few.iter().all(|one| match free.iter().position(|other| this.implies(one, other)) {
                        Some(at) => {
                            free.remove(at);
                            true
                        }
                        None => false,
                    })
                };
                upward && pairs(self, few, many) || downward && pairs(&self.turned(), many, few)
            }
            _ => false,
        }
    }

    /// An indicator of each rubric, if they have one code and are for the same subjects.
    fn indicators(&self, left: usize, right: usize) -> Option<(&Indicator, &Indicator)> {
        let (left, right) = (self.left.indicators.get(left)?, self.right.indicators.get(right)?);
        (left.code.it == right.code.it && self.same_subjects(left, right)).then_some((left, right))
    }

    /// Whether the value of the left indicator is the same as that of the right one, or never better in the eyes of its target: a count
    /// of targets that are met falls when one of them is tightened.
    pub fn value_no_better(&self, left: &Indicator, right: &Indicator) -> bool {
        if self.same_measure(left, right) {
            return true;
        }
        let ops: BTreeSet<bool> = [left, right]
            .into_iter()
            .flat_map(Indicator::target_cases)
            .filter_map(|case| match case.op {
                CompareOp::Ge | CompareOp::Gt => Some(true),
                CompareOp::Le | CompareOp::Lt => Some(false),
                CompareOp::Eq | CompareOp::Ne => None,
            })
            .collect();
        let one_way = [left, right].iter().all(|indicator| {
            let mut cases = indicator.target_cases();
            indicator.target.is_some() && !cases.any(|case| matches!(case.op, CompareOp::Eq | CompareOp::Ne))
        });
        let op = if ops.contains(&true) { CompareOp::Ge } else { CompareOp::Le };
        let values = left.value.as_ref().zip(right.value.as_ref());
        ops.len() == 1
            && one_way
            && self.same_subjects(left, right)
            && matches!(values, Some((left, right)) if self.no_better(left, right, op))
    }

    /// Whether the left indicator is only met where the right one is.
    pub fn met_within(&self, left: &Indicator, right: &Indicator) -> Within {
        if !self.value_no_better(left, right) || self.left.compare_rounded != self.right.compare_rounded {
            return Within::Unknown;
        }
        match self.target_within(left, right) {
            Within::Yes if !self.exceptions_within(left, right) => Within::Unknown,
            how => how,
        }
    }

    /// Whether every bound of a target is a number above zero, so that less is attained of the larger one.
    fn positive(&self, indicator: &Indicator) -> bool {
        if self.pardoned.contains(&indicator.code.it) {
            return true;
        }
        let days = self.days(indicator.target_cases().map(|case| &case.bound));
        indicator.target_cases().all(|case| {
            let one_way = !matches!(case.op, CompareOp::Eq | CompareOp::Ne);
            one_way && days.iter().all(|day| self.number(&case.bound, *day).is_none_or(|bound| bound.is_positive()))
        })
    }

    /// Whether whoever meets the target of the left indicator meets that of the right one.
    pub fn target_within(&self, left: &Indicator, right: &Indicator) -> Within {
        if self.pardoned.contains(&left.code.it) {
            return Within::Yes;
        }
        let (Some(left), Some(right)) = (&left.target, &right.target) else { return Within::Unknown };
        self.cases_within(left, right)
    }

    /// Whether whoever meets one target meets another.
    pub fn cases_within(&self, left: &Target, right: &Target) -> Within {
        let mut all = Within::Yes;
        for (left, right, sure) in self.pairs(left, right) {
            match self.bound_within((left.op, &left.bound), (right.op, &right.bound)) {
                Within::Yes => {}
                Within::No if sure => return Within::No,
                _ => all = Within::Unknown,
            }
        }
        all
    }

    /// The cases of two targets that some subject may have to meet both, and whether one surely can.
    pub fn pairs<'t>(&self, left: &'t Target, right: &'t Target) -> Vec<(&'t TargetCase, &'t TargetCase, bool)> {
        let options = |target: &Target| match target.by.as_ref().map(|by| &by.ty) {
            Some(Type::Choice(options)) => options.to_vec(),
            _ => Vec::new(),
        };
        let of = |target: &'t Target, option: &Name| {
            let named = target.cases.iter().find(|case| case.options.contains(option));
            named.or_else(|| target.cases.iter().find(|case| case.options.is_empty()))
        };
        match (&left.by, &right.by) {
            (Some(a), Some(b)) if self.same(a, b) => {
                options(left).iter().filter_map(|option| Some((of(left, option)?, of(right, option)?, true))).collect()
            }
            (a, b) => {
                let sure = a.is_none() || b.is_none();
                left.cases.iter().flat_map(|case| right.cases.iter().map(move |other| (case, other, sure))).collect()
            }
        }
    }

    /// Whether what compares so with one bound compares so with another.
    pub fn bound_within(&self, (op, bound): (CompareOp, &Expr), (other, limit): (CompareOp, &Expr)) -> Within {
        if self.same(bound, limit) {
            // Whatever it comes to, it is the same on both sides.
            return within((op, &Exact::ZERO), (other, &Exact::ZERO));
        }
        if !matches!((&bound.ty, &limit.ty), (Type::Number(_), Type::Number(_))) {
            return Within::Unknown;
        }
        let mut all = Within::Yes;
        let mut compared = false;
        for day in self.days([bound, limit]) {
            match (self.number(bound, day), self.number(limit, day)) {
                (Some(bound), Some(limit)) => match within((op, &bound), (other, &limit)) {
                    Within::Yes => compared = true,
                    unlike => return unlike,
                },
                // Before the first day of a parameter nobody is judged by it.
                (_, None) => {}
                (None, Some(_)) => all = Within::Unknown,
            }
        }
        if compared { all } else { Within::Unknown }
    }

    /// The days on which some parameter in the expressions begins to have another value; always at least one day.
    fn days<'e>(&self, of: impl IntoIterator<Item = &'e Expr>) -> Vec<NaiveDate> {
        fn params(expr: &Expr, into: &mut BTreeSet<usize>) {
            if let Node::Param(at) = expr.node {
                into.insert(at);
            }
            expr.children().into_iter().for_each(|inner| params(inner, into));
        }
        let mut used = BTreeSet::new();
        of.into_iter().for_each(|expr| params(expr, &mut used));
        let params: Vec<&Param> = used.iter().filter_map(|at| self.rules.params.get(*at)).collect();
        let mut days: BTreeSet<NaiveDate> = params.iter().flat_map(|param| param.values.iter().filter_map(|(from, _)| *from)).collect();
        days.insert(NaiveDate::MIN);
        days.into_iter().collect()
    }

    /// What an expression comes to on a day, if that is written.
    fn number(&self, expr: &Expr, day: NaiveDate) -> Option<Exact> {
        let of = |expr: &Expr| self.number(expr, day);
        match &expr.node {
            Node::Number(number) => Some(number.clone()),
            Node::Param(at) => self.rules.params.get(*at)?.on(day).map(|(_, value)| value.it.clone()),
            Node::Negate(inner) => Some(-of(inner)?),
            Node::Scale(inner, factor) => Some(&of(inner)? * factor),
            Node::Add(a, b) => Some(&of(a)? + &of(b)?),
            Node::Sub(a, b) => Some(&of(a)? - &of(b)?),
            Node::Mul(a, b) => Some(&of(a)? * &of(b)?),
            Node::Div(a, b) => of(a)?.checked_div(&of(b)?),
            _ => None,
        }
    }
}

/// What a chain of one operator joins; `a and b and c` is written as two of it.
fn parts<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>, of: fn(&'e Node) -> Option<&'e Vec<Expr>>) {
    match of(&expr.node) {
        Some(list) => list.iter().for_each(|inner| parts(inner, into, of)),
        None => into.push(expr),
    }
}

/// A comparison with what is measured on its left.
pub(super) fn comparison(expr: &Expr) -> Option<(CompareOp, &Expr, &Expr)> {
    match &expr.node {
        Node::Compare(op, left, right) if left.level == Level::Constant && right.level != Level::Constant => {
            Some((op.turned(), right, left))
        }
        Node::Compare(op, left, right) => Some((*op, left, right)),
        _ => None,
    }
}

/// Whether all numbers that compare so with one bound compare so with another.
fn within(left: (CompareOp, &Exact), right: (CompareOp, &Exact)) -> Within {
    if interval::within(left, right) { Within::Yes } else { Within::No }
}
