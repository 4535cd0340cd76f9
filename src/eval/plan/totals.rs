//! Sections, totals, vetoes and verdicts as nodes.

use super::{Kind, Lowering, NodeId, Op, Verdict};
use crate::model::{Aspect, Level, Slot};
use crate::number::Exact;
use crate::syntax::tree::Part;
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
        let sum = self.with_bonuses(sum, span);
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

    /// The total with bonuses, as far as they count, and less penalties, not below zero.
    fn with_bonuses(&mut self, sum: NodeId, span: Span) -> NodeId {
        let bonuses = self.parts_of(Part::Bonus, span).map(|bonuses| match &self.plan.rubric.bonus_cap {
            Some(cap) => self.node(Op::Clamp(bonuses, None, Some(cap.it.clone())), Kind::Number, Level::Subject, span),
            None => bonuses,
        });
        let sum = match bonuses {
            Some(bonuses) => self.node(Op::Add(sum, bonuses), Kind::Number, Level::Subject, span),
            None => sum,
        };
        match self.parts_of(Part::Penalty, span) {
            Some(penalties) => {
                let left = self.node(Op::Sub(sum, penalties), Kind::Number, Level::Subject, span);
                self.node(Op::Clamp(left, Some(Exact::ZERO), None), Kind::Number, Level::Subject, span)
            }
            None => sum,
        }
    }

    /// The sum of all bonuses, or of all penalties.
    fn parts_of(&mut self, part: Part, span: Span) -> Option<NodeId> {
        let rubric = self.plan.rubric;
        let mut sum: Option<NodeId> = None;
        for (at, _) in rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.part == part) {
            let Some(score) = self.plan.aspect(at, Aspect::Score) else { continue };
            sum = Some(match sum {
                Some(sum) => self.node(Op::Add(sum, score), Kind::Number, Level::Subject, span),
                None => score,
            });
        }
        sum
    }

    /// What a score comes to in what it lies in.
    fn weighted(&mut self, score: NodeId, weight: &Exact, span: Span) -> NodeId {
        if *weight == Exact::ONE {
            return score;
        }
        let weight = self.number(weight.clone(), Level::Subject, span);
        self.node(Op::Mul(score, weight), Kind::Number, Level::Subject, span)
    }

    /// The sum of what lies in a section, or in none.
    fn sum(&mut self, parent: Option<usize>, full: &Exact, span: Span) -> NodeId {
        let rubric = self.plan.rubric;
        let mut parts: Vec<(Exact, NodeId)> = Vec::new();
        for (at, section) in rubric.sections.iter().enumerate().filter(|(_, section)| section.parent == parent) {
            if let Some(node) = self.plan.slots.get(&Slot::SectionScore(at)).copied() {
                let node = self.weighted(node, &section.weight, section.code.span);
                parts.push((&section.points * &section.weight, node));
            }
        }
        for (at, indicator) in rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.section == parent) {
            if let (Some(full), Some(score)) = (indicator.full(), self.plan.aspect(at, Aspect::Score)) {
                let score = self.weighted(score, &indicator.weight, indicator.span);
                parts.push((full, score));
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
