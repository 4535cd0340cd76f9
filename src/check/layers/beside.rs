//! What leads to a guarded verdict besides its conditions (结论以外的途径): vetoes, and whatever lifts the total.
//!
//! Points and items are free under a guarded grade; what adds to the total beyond full marks, or takes less off it, is not.

use super::guard::{Guarded, What};
use super::leads::{Leads, leads};
use super::mistakes;
use super::stricter::{Holding, is_wrong};
use crate::model::{Expr, Indicator, Node, Rubric, Slot, Verdicts, Veto};
use crate::number::Exact;
use crate::syntax::tree::Part;
use crate::text::Name;
use std::collections::BTreeSet;

impl Holding<'_, '_, '_> {
    /// A veto must not force a good verdict, nor one from above fall more seldom; and nothing may lift the total beside what the
    /// items earn.
    pub(super) fn beside(&mut self, guarded: &Guarded) {
        let (own, rules) = (self.own, self.pair.rules);
        let verdicts = own.grade.as_ref().or(own.conclusion.as_ref());
        let bad = |veto: &Veto| {
            let case = verdicts.and_then(|verdicts| verdicts.cases.iter().find(|case| case.name.it == veto.then));
            case.is_none_or(|case| case.condition.as_ref().is_none_or(|it| leads(rules, own, it) == Leads::Down))
        };
        for veto in own.vetoes.iter().filter(|veto| own.layers.first().is_some_and(|layer| layer.holds(veto.span))) {
            if !bad(veto) {
                self.core.tell(mistakes::guarded(&veto.then, veto.span, (guarded.span, guarded.locked), &guarded.layer));
            }
        }
        // A veto from above falls wherever it did, if what it rests on is another now; one that forces a good verdict nowhere else.
        let of_guarded = if guarded.what == What::Grade { &own.grade } else { &own.conclusion };
        for above in &self.upper.vetoes {
            let forces = of_guarded.as_ref().is_some_and(|verdicts| verdicts.cases.iter().any(|case| case.name.it == above.then));
            let Some(veto) = own.vetoes.iter().find(|veto| forces && veto.span == above.span) else { continue };
            let stays = match bad(veto) {
                true => self.pair.turned().implies(&above.condition, &veto.condition),
                false => self.pair.implies(&veto.condition, &above.condition),
            };
            if !stays && !is_wrong(&veto.condition) && !is_wrong(&above.condition) {
                self.core.tell(mistakes::reached(&above.then, own.name.span, (guarded.span, guarded.locked), &guarded.layer));
            }
        }
        let by_total = match guarded.what {
            What::Grade => true,
            _ => self.own.conclusion.as_ref().is_some_and(|verdicts| rests_on_points(self.own, verdicts)),
        };
        if by_total {
            self.total(guarded);
        }
    }

    fn total(&mut self, guarded: &Guarded) {
        let (own, upper) = (self.own, self.upper);
        if let (Some(total), Some(above)) = (&own.total, &upper.total)
            && total.it > above.it
        {
            self.core.tell(mistakes::frozen("总分", "total", total.span, guarded.span, &guarded.layer));
        }
        if let (Some(cap), Some(above)) = (&own.bonus_cap, &upper.bonus_cap)
            && cap.it > above.it
        {
            self.core.tell(mistakes::frozen("加分不超过", "bonus at most", cap.span, guarded.span, &guarded.layer));
        }
        for bonus in own.indicators.iter().filter(|indicator| indicator.part == Part::Bonus) {
            let no_more = upper.indicator(&bonus.code.it).is_some_and(|(_, above)| self.earns_no_more(bonus, above));
            if !no_more {
                self.lifts(&bonus.code.it, Some(bonus), guarded);
            }
        }
        for above in upper.indicators.iter().filter(|indicator| indicator.part == Part::Penalty) {
            let penalty = own.indicator(&above.code.it).map(|(_, penalty)| penalty);
            let no_less = penalty.is_some_and(|penalty| self.pair.same_scoring(penalty, above) && points(above) <= points(penalty));
            if !no_less {
                self.lifts(&above.code.it, penalty, guarded);
            }
        }
        let weight = |code: &Name| {
            let section = upper.sections.iter().find(|section| section.code.it == *code).map(|section| &section.weight);
            section.or_else(|| upper.indicator(code).map(|(_, above)| &above.weight))
        };
        let sections = own.sections.iter().map(|section| (&section.code, &section.weight));
        let items =
            own.indicators.iter().filter(|indicator| indicator.part == Part::Base).map(|indicator| (&indicator.code, &indicator.weight));
        for (code, counts) in sections.chain(items) {
            if weight(&code.it).is_some_and(|above| above != counts) {
                self.core.tell(mistakes::frozen("权重", "weight", code.span, guarded.span, &guarded.layer));
            }
        }
    }

    fn earns_no_more(&self, own: &Indicator, above: &Indicator) -> bool {
        self.pair.same_scoring(own, above) && points(own) <= points(above)
    }

    /// Told where the layer says it, else at its name.
    fn lifts(&mut self, code: &Name, now: Option<&Indicator>, guarded: &Guarded) {
        let said = now.into_iter().flat_map(|now| [now.code.span].into_iter().chain(now.points.as_ref().map(|points| points.span)));
        let layer = self.own.layers.first();
        let at = said.into_iter().find(|at| layer.is_some_and(|layer| layer.holds(*at))).unwrap_or(self.own.name.span);
        self.core.tell(mistakes::lifts(code, at, (guarded.span, guarded.locked), &guarded.layer));
    }
}

fn points(indicator: &Indicator) -> Option<&Exact> {
    indicator.points.as_ref().map(|points| &points.it)
}

/// Whether verdicts speak of the total, or of a part of it.
fn rests_on_points(rubric: &Rubric, verdicts: &Verdicts) -> bool {
    let mut open: Vec<&Expr> = verdicts.cases.iter().filter_map(|case| case.condition.as_ref()).collect();
    let mut seen = BTreeSet::new();
    while let Some(expr) = open.pop() {
        match expr.node {
            Node::Slot(Slot::Total | Slot::SectionScore(_) | Slot::SectionShare(_) | Slot::Grade) => return true,
            Node::Slot(Slot::Let(at)) if seen.insert(at) => open.extend(rubric.lets.get(at).map(|named| &named.value)),
            _ => open.extend(expr.children()),
        }
    }
    false
}
