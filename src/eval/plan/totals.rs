//! Sections, totals, vetoes and verdicts as nodes.

use super::{Kind, Lowering, NodeId, Op, Verdict};
use crate::model::{Aspect, Level, Slot};
use crate::number::Exact;
use crate::text::Span;

impl Lowering<'_, '_> {
    /// The sum of a section, and its share of full marks.
    pub(super) fn section(&mut self, at: usize) {
        let Some(section) = self.plan.rubric.sections.get(at) else { return };
        let (full, span) = (section.points.clone(), section.code.span);
        let sum = self.sum(Some(at), &full, span);
        self.plan.slots.insert(Slot::SectionScore(at), sum);
        if let Some(share) = Exact::ONE.checked_div(&full) {
            let share = self.number(share, Level::Subject, span);
            let share = self.node(Op::Mul(sum, share), Kind::Number, Level::Subject, span);
            self.plan.slots.insert(Slot::SectionShare(at), share);
        }
    }

    /// The total, rounded where the rubric says so; none of a rubric without points.
    pub(super) fn total(&mut self) {
        let Some(full) = &self.plan.rubric.total else { return };
        let (full, span) = (full.it.clone(), full.span);
        let sum = self.sum(None, &full, span);
        let total = match self.plan.rubric.round_total {
            Some(round) => {
                let places = self.number(Exact::from(round.places), Level::Subject, span);
                let round = Op::Round { of: sum, mode: round.mode, places: Some(places) };
                self.node(round, Kind::Number, Level::Subject, span)
            }
            None => sum,
        };
        self.plan.slots.insert(Slot::Total, total);
    }

    /// The sum of what lies in a section, or in none.
    fn sum(&mut self, parent: Option<usize>, full: &Exact, span: Span) -> NodeId {
        let rubric = self.plan.rubric;
        let mut parts: Vec<(Exact, NodeId)> = Vec::new();
        for (at, section) in rubric.sections.iter().enumerate().filter(|(_, section)| section.parent == parent) {
            if let Some(node) = self.plan.slots.get(&Slot::SectionScore(at)) {
                parts.push((section.points.clone(), *node));
            }
        }
        for (at, indicator) in rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.section == parent) {
            if let (Some(points), Some(score)) = (&indicator.points, self.plan.aspect(at, Aspect::Score)) {
                parts.push((points.it.clone(), score));
            }
        }
        self.node(Op::Parts(parts.into(), full.clone()), Kind::Number, Level::Subject, span)
    }

    /// Grades or conclusions: a veto first, then the first case that holds.
    pub(super) fn verdicts(&mut self, grade: bool) {
        let rubric = self.plan.rubric;
        let Some(verdicts) = (if grade { &rubric.grade } else { &rubric.conclusion }) else { return };
        if self.plan.vetoes.len() != rubric.vetoes.len() {
            self.plan.vetoes = rubric.vetoes.iter().map(|veto| self.expr(&veto.condition, Level::Subject)).collect();
        }
        let mut cases = Vec::new();
        for case in &verdicts.cases {
            let condition = case.condition.as_ref().map(|condition| self.expr(condition, Level::Subject));
            cases.push((condition, case.name.it.clone()));
        }
        // A veto forces the grade; where there is none, the conclusion.
        let vetoed = grade || rubric.grade.is_none();
        let named = |then: &crate::text::Name| verdicts.cases.iter().any(|case| case.name.it == *then);
        let vetoes = rubric.vetoes.iter().zip(&self.plan.vetoes).enumerate();
        let vetoes = vetoes.filter(|(_, (veto, _))| vetoed && named(&veto.then));
        let vetoes = vetoes.map(|(at, (veto, condition))| (at, *condition, veto.then.clone())).collect();
        let verdict = Verdict { cases: cases.into(), vetoes };
        let node = self.node(Op::Verdict(Box::new(verdict)), Kind::Word, Level::Subject, verdicts.span);
        self.plan.slots.insert(if grade { Slot::Grade } else { Slot::Conclusion }, node);
    }
}
