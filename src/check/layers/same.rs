//! Whether two expressions of two layers mean the same (同一含义), though their places in the rubrics differ.

use crate::model::{Aspect, Expr, FieldIx, Form, Indicator, Many, Node, Over, Rubric, Rules, Slot, Source, Target, bottom_of};
use crate::text::Name;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Two rubrics, of which one is a layer upon the other.
pub(super) struct Pair<'r> {
    pub rules: &'r Rules,
    pub left: &'r Rubric,
    pub right: &'r Rubric,
    /// Indicators whose targets are told to be wrong already; what rests on them is looked at as if they were not.
    pub pardoned: BTreeSet<Name>,
    /// What was found out already, by the places of two indicators and an aspect.
    known: RefCell<BTreeMap<(usize, usize, u8), bool>>,
    /// How many more steps a proof may take; shared with the pair the other way round.
    fuel: Rc<Cell<u32>>,
}

/// Proofs of real rubrics take some hundred steps; one that takes more is given up, and then nothing is proven.
const FUEL: u32 = 200_000;

/// In the table of what is known, beside the aspects of indicators.
const LET: u8 = 200;

impl<'r> Pair<'r> {
    pub fn new(rules: &'r Rules, left: &'r Rubric, right: &'r Rubric) -> Pair<'r> {
        Pair { rules, left, right, pardoned: BTreeSet::new(), known: RefCell::default(), fuel: Rc::new(Cell::new(FUEL)) }
    }

    /// The same two, the other way round.
    pub fn turned(&self) -> Pair<'r> {
        Pair { fuel: self.fuel.clone(), pardoned: self.pardoned.clone(), ..Pair::new(self.rules, self.right, self.left) }
    }

    /// Whether a proof may go on.
    pub fn goes_on(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    fn form(&self, rubric: &Rubric) -> Option<&'r Form> {
        bottom_of(self.rules, rubric).and_then(|at| self.rules.forms.get(at))
    }

    /// Whether an expression of the left rubric always yields what one of the right rubric does.
    pub fn same(&self, left: &Expr, right: &Expr) -> bool {
        self.same_head(left, right) && {
            let (left, right) = (left.children(), right.children());
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| self.same(left, right))
        }
    }

    /// The same where both are there, or neither.
    pub fn same_if_any(&self, left: Option<&Expr>, right: Option<&Expr>) -> bool {
        match (left, right) {
            (Some(left), Some(right)) => self.same(left, right),
            (None, None) => true,
            _ => false,
        }
    }

    /// Whether two expressions are the same but for those inside them.
    fn same_head(&self, left: &Expr, right: &Expr) -> bool {
        match (&left.node, &right.node) {
            (Node::Number(a), Node::Number(b)) => a == b && units_agree(left, right),
            (Node::Word(a), Node::Word(b)) => a == b,
            (Node::Flag(a), Node::Flag(b)) => a == b,
            (Node::Date(a), Node::Date(b)) => a == b,
            (Node::Param(a), Node::Param(b)) => a == b,
            (Node::Field(a), Node::Field(b)) | (Node::MemberField(a), Node::MemberField(b)) => self.same_field(*a, *b),
            (Node::BesideField(a, field), Node::BesideField(b, other)) => self.same_beside((*a, *field), (*b, *other)),
            (Node::BesideSlot(a, slot), Node::BesideSlot(b, other)) => {
                let of = |rubric: &Rubric, at: u16| rubric.beside.get(usize::from(at)).map(|beside| beside.of);
                slot == other && of(self.left, *a).is_some() && of(self.left, *a) == of(self.right, *b)
            }
            (Node::MemberSlot(a), Node::MemberSlot(b)) => {
                let below = |rubric: &Rubric| match rubric.source {
                    crate::model::Source::Rubric(at) => self.rules.rubrics.get(at),
                    crate::model::Source::Form(_) => None,
                };
                matches!((below(self.left), below(self.right)), (Some(left), Some(right)) if named(left, *a) == named(right, *b))
            }
            (Node::Slot(a), Node::Slot(b)) => self.same_slot(*a, *b),
            (Node::Scale(_, a), Node::Scale(_, b)) => a == b,
            (Node::Compare(a, ..), Node::Compare(b, ..)) => a == b,
            (Node::Call(a, _), Node::Call(b, _)) => a == b,
            (Node::Statistic(a), Node::Statistic(b)) => {
                let over = match (&a.of, &b.of) {
                    (Over::Cohort(_, a), Over::Cohort(_, b)) => a == b,
                    (Over::Members(_), Over::Members(_)) | (Over::Rows(..), Over::Rows(..)) | (Over::List(_), Over::List(_)) => true,
                    _ => false,
                };
                let parts = |it: &crate::model::Statistic| (it.weight.is_some(), it.filter.is_some(), it.parameter.is_some());
                a.kind == b.kind && over && parts(a) == parts(b)
            }
            (Node::Wrong, _) | (_, Node::Wrong) => false,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }

    /// A field is the same by its name, for a layer may read a longer form.
    fn same_field(&self, left: FieldIx, right: FieldIx) -> bool {
        let field = |rubric: &Rubric, at: FieldIx| self.form(rubric).and_then(|form| form.fields.get(at.0));
        match (field(self.left, left), field(self.right, right)) {
            (Some(a), Some(b)) => a.name.it == b.name.it && a.ty() == b.ty(),
            _ => false,
        }
    }

    /// A field beside the source is the same by its form and name.
    fn same_beside(&self, left: (u16, FieldIx), right: (u16, FieldIx)) -> bool {
        let field = |rubric: &Rubric, (beside, at): (u16, FieldIx)| {
            let beside = rubric.beside.get(usize::from(beside))?;
            let Source::Form(at_form) = beside.of else { return None };
            let form = self.rules.forms.get(at_form)?;
            Some((at_form, beside.earlier, beside.many == Many::One, form.fields.get(at.0)?.name.it.clone()))
        };
        let left = field(self.left, left);
        left.is_some() && left == field(self.right, right)
    }

    fn same_slot(&self, left: Slot, right: Slot) -> bool {
        let same = named(self.left, left) == named(self.right, right);
        match (left, right) {
            (Slot::Indicator(a, aspect), Slot::Indicator(b, other)) => same && aspect == other && self.same_indicator(a, b, aspect),
            (Slot::Let(a), Slot::Let(b)) => {
                same && self.remember((a, b, LET), || match (self.left.lets.get(a), self.right.lets.get(b)) {
                    (Some(a), Some(b)) => self.same(&a.value, &b.value),
                    _ => false,
                })
            }
            // Points are free to be weighed anew: a sum of them is known by its name alone.
            _ => same,
        }
    }

    /// Whether one result of an indicator is the same in both.
    fn same_indicator(&self, left: usize, right: usize, aspect: Aspect) -> bool {
        self.remember((left, right, aspect as u8), || {
            let (Some(a), Some(b)) = (self.left.indicators.get(left), self.right.indicators.get(right)) else { return false };
            match aspect {
                Aspect::Value => self.same_measure(a, b),
                Aspect::Target | Aspect::Attained | Aspect::Met => self.same_met(a, b),
                Aspect::Score => self.same_score(a, b),
            }
        })
    }

    /// What others ask for again and again is found out once.
    fn remember(&self, key: (usize, usize, u8), find: impl FnOnce() -> bool) -> bool {
        let known = self.known.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let found = find();
            self.known.borrow_mut().insert(key, found);
            found
        })
    }

    /// Whether an indicator measures the same, of the same subjects.
    pub fn same_measure(&self, left: &Indicator, right: &Indicator) -> bool {
        self.same_if_any(left.value.as_ref(), right.value.as_ref()) && self.same_subjects(left, right)
    }

    /// The same, with the same target for each of them.
    pub fn same_met(&self, left: &Indicator, right: &Indicator) -> bool {
        self.same_measure(left, right)
            && self.left.compare_rounded == self.right.compare_rounded
            && self.same_target(left.target.as_ref(), right.target.as_ref())
            && self.same_exceptions(left, right, false)
    }

    /// Whether an indicator earns the same points.
    pub fn same_score(&self, left: &Indicator, right: &Indicator) -> bool {
        left.points == right.points && self.same_scoring(left, right)
    }

    /// Whether an indicator comes to its points in the same way, whatever its full marks are.
    pub fn same_scoring(&self, left: &Indicator, right: &Indicator) -> bool {
        // What is written in one place says the same, but may speak of results that are no longer the same.
        let written =
            |it: &Indicator| (it.way.as_ref().map(|way| way.span), it.part, it.round, it.missing, it.inapplicable, it.weight.clone());
        let factors = |it: &Indicator| it.adjust.iter().map(|adjust| adjust.factor.clone()).collect::<Vec<_>>();
        let (ours, theirs) = (scoring_exprs(left), scoring_exprs(right));
        written(left) == written(right)
            && factors(left) == factors(right)
            && ours.len() == theirs.len()
            && self.same_met(left, right)
            && ours.into_iter().zip(theirs).all(|(left, right)| self.same(left, right))
    }

    pub(super) fn same_target(&self, left: Option<&Target>, right: Option<&Target>) -> bool {
        match (left, right) {
            (None, None) => true,
            (Some(left), Some(right)) => {
                let cases = left.cases.iter().zip(&right.cases);
                self.same_if_any(left.by.as_ref(), right.by.as_ref())
                    && left.cases.len() == right.cases.len()
                    && cases.into_iter().all(|(a, b)| a.options == b.options && a.op == b.op && self.same(&a.bound, &b.bound))
            }
            _ => false,
        }
    }
}

/// What points rest on besides the target.
pub(super) fn scoring_exprs(indicator: &Indicator) -> Vec<&Expr> {
    let of_way = indicator.way.iter().flat_map(|way| way.it.stated());
    of_way.chain(indicator.adjust.iter().map(|adjust| &adjust.when)).collect()
}

/// A bare number takes the unit of its context, which is the same where all else is.
fn units_agree(left: &Expr, right: &Expr) -> bool {
    match (left.ty.unit(), right.ty.unit()) {
        (Some(left), Some(right)) => left == right,
        _ => true,
    }
}

/// A result by names that do not depend on places.
fn named(rubric: &Rubric, slot: Slot) -> Option<(String, u8)> {
    let section = |at: usize| rubric.sections.get(at).map(|section| section.code.it.to_string());
    Some(match slot {
        Slot::Indicator(at, aspect) => (rubric.indicators.get(at)?.code.it.to_string(), aspect as u8),
        Slot::SectionScore(at) => (section(at)?, 10),
        Slot::SectionShare(at) => (section(at)?, 11),
        Slot::Total => (String::new(), 12),
        Slot::Grade => (String::new(), 13),
        Slot::Conclusion => (String::new(), 14),
        Slot::Let(at) => (rubric.lets.get(at)?.name.it.to_string(), 15),
    })
}
