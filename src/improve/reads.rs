//! What a result rests on (依据的填报项): the fields that it reads, by whatever way, and those that are not to be changed for its sake.

use crate::model::{Aspect, Expr, ExprId, FieldIx, Form, Indicator, Node, Over, Rubric, Rules, Slot, Source, Type, Way};
use std::collections::BTreeSet;

/// What something reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    /// Fields that stand in values, bounds and ways of scoring.
    pub fields: BTreeSet<FieldIx>,
    /// Of them, those that say what was found or done: what points are given for, not what a value is chosen by.
    pub judged: BTreeSet<FieldIx>,
    /// Indicators.
    pub indicators: BTreeSet<usize>,
    /// Other rubrics, by their places, whose results it reads.
    pub rubrics: BTreeSet<usize>,
    /// Those results, and where they are read.
    pub results: Vec<(usize, Slot, ExprId)>,
    /// Whether it reads sums of points.
    pub sums: bool,
    seen: BTreeSet<(u8, usize)>,
}

impl Reads {
    /// Of an expression of a rubric over a form.
    pub fn of(rubric: &Rubric, expr: &Expr) -> Reads {
        let mut reads = Reads::default();
        reads.expr(rubric, expr, false);
        reads
    }

    /// Of all that an indicator comes to.
    pub fn of_indicator(rubric: &Rubric, at: usize) -> Reads {
        let mut reads = Reads::default();
        reads.slot(rubric, Slot::Indicator(at, Aspect::Score));
        reads
    }

    fn expr(&mut self, rubric: &Rubric, expr: &Expr, judged: bool) {
        match &expr.node {
            Node::Field(field) => {
                self.fields.insert(*field);
                // A number counts wherever it stands; what is ticked may also be what a school is.
                if judged || matches!(expr.ty, Type::Number(_)) {
                    self.judged.insert(*field);
                }
            }
            Node::Slot(slot) => self.slot(rubric, *slot),
            Node::BesideSlot(beside, slot) => {
                if let Some(Source::Rubric(at)) = rubric.beside.get(usize::from(*beside)).map(|beside| beside.of) {
                    self.rubrics.insert(at);
                    self.results.push((at, *slot, expr.id));
                }
            }
            // Members have plans of their own.
            Node::MemberSlot(slot) => {
                if let Source::Rubric(at) = rubric.source {
                    self.results.push((at, *slot, expr.id));
                }
            }
            Node::Choose(cases, otherwise) => {
                for (when, then) in cases {
                    self.expr(rubric, when, false);
                    self.expr(rubric, then, judged);
                }
                self.expr(rubric, otherwise, judged);
            }
            _ => expr.children().into_iter().for_each(|inner| self.expr(rubric, inner, judged)),
        }
    }

    /// Adds what a result reads.
    pub fn slot(&mut self, rubric: &Rubric, slot: Slot) {
        let key = match slot {
            Slot::Indicator(at, Aspect::Value) => (0, at),
            Slot::Indicator(at, Aspect::Score) => (1, at),
            Slot::Indicator(at, _) => (2, at),
            Slot::SectionScore(at) | Slot::SectionShare(at) => (3, at),
            Slot::Let(at) => (4, at),
            Slot::Total => (5, 0),
            Slot::Grade => (6, 0),
            Slot::Conclusion => (7, 0),
        };
        if !self.seen.insert(key) {
            return;
        }
        match slot {
            Slot::Indicator(at, aspect) => {
                let Some(indicator) = rubric.indicators.get(at) else { return };
                self.indicators.insert(at);
                self.indicator(rubric, indicator, aspect);
            }
            Slot::Let(at) => {
                if let Some(named) = rubric.lets.get(at) {
                    self.expr(rubric, &named.value, true);
                }
            }
            Slot::SectionScore(section) | Slot::SectionShare(section) => {
                self.sums = true;
                let inside = |at: usize| {
                    let mut above = Some(at);
                    while let Some(place) = above.filter(|place| *place != section) {
                        above = rubric.sections.get(place).and_then(|section| section.parent);
                    }
                    above.is_some()
                };
                for (at, indicator) in rubric.indicators.iter().enumerate() {
                    if indicator.section.is_some_and(inside) {
                        self.slot(rubric, Slot::Indicator(at, Aspect::Score));
                    }
                }
            }
            Slot::Total => {
                self.sums = true;
                for at in 0..rubric.indicators.len() {
                    self.slot(rubric, Slot::Indicator(at, Aspect::Score));
                }
            }
            Slot::Grade | Slot::Conclusion => {
                let verdicts = if slot == Slot::Grade { &rubric.grade } else { &rubric.conclusion };
                for condition in verdicts.iter().flat_map(|verdicts| &verdicts.cases).filter_map(|case| case.condition.as_ref()) {
                    self.expr(rubric, condition, true);
                }
            }
        }
    }

    fn indicator(&mut self, rubric: &Rubric, indicator: &Indicator, aspect: Aspect) {
        let levels = matches!(indicator.way.as_ref().map(|way| &way.it), Some(Way::Levels(_)));
        if aspect != Aspect::Target {
            indicator.value.iter().for_each(|value| self.expr(rubric, value, levels || value.ty == Type::Flag));
        }
        if aspect != Aspect::Value {
            indicator.target_cases().for_each(|case| self.expr(rubric, &case.bound, false));
        }
        if aspect != Aspect::Score {
            return;
        }
        indicator.adjust.iter().for_each(|adjust| self.expr(rubric, &adjust.when, true));
        indicator.way.iter().flat_map(|way| way.it.stated()).for_each(|it| self.expr(rubric, it, true));
    }
}

/// Which fields say whom a submission speaks of, what it is, and what is asked of it: nobody mends anything by changing those.
///
/// A number is only held where it identifies: what a change of it does to whom the rules apply is seen when it is tried.
pub(super) fn settled(rules: &Rules, rubric: &Rubric, form: &Form) -> BTreeSet<FieldIx> {
    let mut settled: BTreeSet<FieldIx> = BTreeSet::from([form.key]);
    settled.extend(form.groups.iter().filter_map(|group| group.key));
    settled.extend(form.period.iter().filter_map(|period| period.key));
    let mut by: Vec<&Expr> = rubric.when.iter().collect();
    for indicator in &rubric.indicators {
        by.extend(&indicator.when);
        by.extend(indicator.exceptions.iter().map(|exception| &exception.when));
        let targets = indicator.target.iter().chain(indicator.exceptions.iter().filter_map(|exception| exception.target.as_ref()));
        by.extend(targets.filter_map(|target| target.by.as_ref()));
    }
    let of_rubric = by.into_iter().flat_map(|expr| Reads::of(rubric, expr).fields);
    let base = form.split.as_ref().and_then(|split| rules.forms.get(split.of)).unwrap_or(form);
    let of_form = base.fields.iter().filter_map(|field| field.when.as_ref());
    let fields = of_form.flat_map(Expr::fields).chain(of_rubric);
    let number = |at: &FieldIx| form.fields.get(at.0).is_some_and(|field| matches!(field.ty(), Type::Number(_)));
    settled.extend(fields.filter(|at| !number(at)));
    // Which parts a submission has, and which of them a unit is.
    settled.extend(form.split.iter().flat_map(|split| &split.parts).flat_map(|part| part.when.fields()));
    settled.extend(form.split.as_ref().map(|_| FieldIx(form.fields.len().saturating_sub(1))));
    settled
}

/// Whether a rubric, or one below it, compares those whom it judges with each other, so that nobody can be judged alone.
pub(super) fn compares(rules: &Rules, rubric: &Rubric) -> bool {
    fn cohort(expr: &Expr) -> bool {
        let own = matches!(&expr.node, Node::Statistic(statistic) if matches!(statistic.of, Over::Cohort(..)));
        own || expr.children().into_iter().any(cohort)
    }
    let below = match rubric.source {
        Source::Rubric(at) => rules.rubrics.get(at),
        Source::Form(_) => None,
    };
    rubric.stated().into_iter().any(cohort) || below.is_some_and(|below| compares(rules, below))
}
