//! Which expressions may come to a number like 1/3, that no decimal writes out (除不尽的数).
//!
//! Ranges of a `switch` in a script take no such number (H0507). What is not known to divide is taken not to: a warning that is
//! often wrong is not read.

use super::mistakes::slow;
use crate::diag::Diagnostics;
use crate::model::{
    Aspect, Assessed, CaseLine, Expr, Function, Indicator, Node, Over, Rubric, Slot, Source, Statistic, StatisticKind, Straightened, Way,
};
use crate::model::{Knot, Rules};
use crate::number::Exact;
use crate::syntax::tree::Steps;
use std::collections::HashSet;

/// Whether dividing decimals by it leaves decimals.
pub(super) fn divides_evenly(divisor: &Exact) -> bool {
    Exact::ONE.checked_div(divisor).is_some_and(|one| one.decimal_places().is_some())
}

/// Tells of the scripts of all rubrics, those that have no errors.
pub(super) fn in_ranges(rules: &Rules, scripts: &[Straightened]) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rubric in &rules.rubrics {
        let ways = rubric.indicators.iter().filter_map(|indicator| indicator.way.as_ref());
        for code in ways.filter_map(|way| if let Way::Script(code) = &way.it { Some(code) } else { None }) {
            if !scripts.iter().any(|script| script.is(&code.straight)) {
                continue;
            }
            for ranged in code.straight.ranged() {
                let mut look = Look { rules, seen: HashSet::new() };
                let mut inputs = ranged.inputs.iter().filter_map(|at| code.inputs.get(*at));
                if ranged.divided || inputs.any(|input| look.expr(&input.value, rubric)) {
                    found.push(slow::fraction_in_switch(ranged.span));
                }
            }
        }
    }
    found
}

struct Look<'r> {
    rules: &'r Rules,
    /// Results that have been looked at, by their rubric.
    seen: HashSet<(usize, Slot)>,
}

impl Look<'_> {
    fn expr(&mut self, expr: &Expr, rubric: &Rubric) -> bool {
        match &expr.node {
            Node::Number(number) => number.decimal_places().is_none(),
            Node::Div(a, b) => match &b.node {
                Node::Number(divisor) if divides_evenly(divisor) => self.expr(a, rubric),
                _ => true,
            },
            Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) | Node::Default(a, b) => self.expr(a, rubric) || self.expr(b, rubric),
            Node::Negate(a) | Node::Computed(_, a) => self.expr(a, rubric),
            Node::Scale(a, factor) => factor.decimal_places().is_none() || self.expr(a, rubric),
            Node::Choose(cases, otherwise) => cases.iter().any(|(_, then)| self.expr(then, rubric)) || self.expr(otherwise, rubric),
            Node::Call(Function::Abs, args) => args.iter().any(|of| self.expr(of, rubric)),
            Node::Statistic(statistic) => self.statistic(statistic, rubric),
            Node::Slot(slot) => self.slot(*slot, rubric),
            Node::MemberSlot(slot) => match rubric.source {
                Source::Rubric(below) => self.rules.rubrics.get(below).is_some_and(|below| self.slot(*slot, below)),
                Source::Form(_) => false,
            },
            _ => false,
        }
    }

    fn statistic(&mut self, statistic: &Statistic, rubric: &Rubric) -> bool {
        use StatisticKind as S;
        match statistic.kind {
            S::Count | S::Rank | S::RankAscending => false,
            S::Sum | S::Min | S::Max | S::Median => match &statistic.of {
                Over::Members(of) | Over::Rows(_, of) | Over::Cohort(of, _) => self.expr(of, rubric),
                Over::List(list) => list.iter().any(|of| self.expr(of, rubric)),
            },
            _ => true,
        }
    }

    fn slot(&mut self, slot: Slot, rubric: &Rubric) -> bool {
        // Rubrics stand side by side in the rules, so where one lies tells it from another.
        if !self.seen.insert((std::ptr::from_ref(rubric).addr(), slot)) {
            return false;
        }
        match slot {
            Slot::Indicator(at, aspect) => {
                rubric.indicators.get(at).is_some_and(|indicator| self.indicator((at, indicator), aspect, rubric))
            }
            Slot::Let(at) => rubric.lets.get(at).is_some_and(|named| self.expr(&named.value, rubric)),
            Slot::SectionScore(at) => self.scores(Some(at), rubric),
            Slot::SectionShare(at) => {
                rubric.sections.get(at).is_some_and(|section| !divides_evenly(&section.points)) || self.scores(Some(at), rubric)
            }
            Slot::Total => rubric.round_total.is_none() && self.scores(None, rubric),
            Slot::Grade | Slot::Conclusion => false,
        }
    }

    /// The scores in a section, or in all of the rubric.
    fn scores(&mut self, section: Option<usize>, rubric: &Rubric) -> bool {
        let indicators = rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.section == section);
        let mut indicators = indicators.map(|(at, _)| Slot::Indicator(at, Aspect::Score));
        let mut sections = (0..rubric.sections.len()).filter(|at| rubric.sections.get(*at).is_some_and(|inner| inner.parent == section));
        indicators.any(|slot| self.slot(slot, rubric)) || sections.any(|at| self.slot(Slot::SectionScore(at), rubric))
    }

    fn indicator(&mut self, (at, indicator): (usize, &Indicator), aspect: Aspect, rubric: &Rubric) -> bool {
        match aspect {
            Aspect::Value => indicator.value.as_ref().is_some_and(|value| self.expr(value, rubric)),
            Aspect::Target => indicator.target_cases().any(|case| self.expr(&case.bound, rubric)),
            Aspect::Attained => true,
            Aspect::Met => false,
            Aspect::Score if indicator.round.is_some() => false,
            Aspect::Score => {
                let mut own = |aspect: Aspect| self.slot(Slot::Indicator(at, aspect), rubric);
                match indicator.way.as_ref().map(|way| &way.it) {
                    Some(Way::Linear(corners)) => own(Aspect::Value) || !straight_slopes(corners),
                    Some(Way::Proportional { .. }) => true,
                    Some(Way::FullMinus { step, steps: Steps::Linear, .. }) => {
                        !divides_evenly(step) || own(Aspect::Value) || own(Aspect::Target)
                    }
                    Some(Way::Deduct(lines) | Way::Checklist(lines)) => {
                        lines.iter().flat_map(CaseLine::items).any(|item| self.expr(&item.what, rubric))
                    }
                    Some(Way::Formula(formula) | Way::Judged(Assessed { formula, .. })) => self.expr(formula, rubric),
                    _ => false,
                }
            }
        }
    }
}

/// Whether the lines between corners come to decimals wherever a value is one.
fn straight_slopes(corners: &[Knot]) -> bool {
    corners.iter().zip(corners.iter().skip(1)).all(|(from, to)| {
        let slope = (&to.points - &from.points).checked_div(&(&to.at - &from.at));
        slope.is_none_or(|slope| slope.decimal_places().is_some())
    })
}
