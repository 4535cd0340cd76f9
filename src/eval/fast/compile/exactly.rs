//! Nodes that no kernel computes (逐行精确计算): their cells are computed exactly, and what they rest on is watched.

use super::super::bound::{Bounded, to_double};
use super::super::emit::Num;
use super::super::program::{Kernel, Place, Settle};
use super::{Compiler, Got, It, Na, totals, whole};
use crate::eval::plan::{Kind, Op, Whom};
use crate::number::Exact;
use crate::syntax::tree::InapplicablePolicy;

impl Compiler<'_> {
    /// A node whose cells are computed exactly, row by row.
    pub(super) fn exactly(&mut self, place: Place, op: &Op, kind: Kind) -> Option<Got> {
        if matches!(op, Op::OfSubject(_)) {
            return None;
        }
        self.exact.push(place);
        self.watch(place);
        let it = match (op, kind) {
            (Op::Verdict(it), _) => {
                let words = totals::names(it);
                let settle = Settle { words: words.clone(), ..whole(place) };
                It::Word(self.emitter.put(Kernel::Exact { settle }), words)
            }
            (_, Kind::Flag) => It::Flag(self.emitter.put(Kernel::Exact { settle: whole(place) })),
            (_, Kind::Number) => {
                let mut bounds = Bounded::nearest(1e130, 1e-130);
                if let Op::Score(score) = op {
                    // Rounding may go beyond full marks that are not round.
                    let rounded = score.round.map_or(score.full.clone(), |(mode, places)| score.full.round(mode, places));
                    let most = rounded.max(score.full.clone());
                    bounds.most = to_double(&most) * (1.0 + 4.0 * f64::EPSILON);
                    (bounds.low, bounds.high) = (Some(Exact::ZERO), Some(most));
                }
                It::Number(Num::Column(self.emitter.put(Kernel::Exact { settle: whole(place) }), bounds))
            }
            _ => return None,
        };
        // Whose gap is which is known to the exact cells only.
        let na = match op {
            Op::Score(score) if score.inapplicable != InapplicablePolicy::Reweight => Na::Nobody,
            Op::OrNothing(_) => Na::Nobody,
            _ if self.may_not_apply(place) => return None,
            _ => Na::Nobody,
        };
        Some(Got { it, na })
    }

    /// Looks for odd cells in all the fields that a node rests on, also in those that no kernel reads.
    pub(super) fn watch(&mut self, place: Place) {
        let Some(plan) = self.plan(place.layer) else { return };
        for node in plan.cone([place.node]) {
            match plan.node(node).map(|node| &node.op) {
                Some(Op::Field(field)) => self.emitter.program.watched.push(*field),
                Some(Op::Below(slot)) => {
                    let below = self.layers.first().and_then(|plan| plan.slots.get(slot));
                    below.copied().into_iter().for_each(|node| self.watch(Place { layer: 0, node }));
                }
                _ => {}
            }
        }
    }

    /// Whether something that a node rests on may not apply.
    fn may_not_apply(&self, place: Place) -> bool {
        let Some(plan) = self.plan(place.layer) else { return true };
        plan.cone([place.node]).iter().any(|node| match plan.node(*node).map(|node| &node.op) {
            Some(Op::Guard { .. } | Op::Beside(..) | Op::BesideResult(..) | Op::OfRows(_)) => true,
            Some(Op::Field(field)) => self.conditional.contains(field),
            // Whom a filter refuses has no rank.
            Some(Op::Statistic(at)) => plan.statistics.get(*at).is_none_or(|(statistic, ..)| matches!(statistic.over, Whom::Cohort(..))),
            Some(Op::Score(score)) => score.when.is_some(),
            Some(Op::Below(_)) => self.known.get(&Place { layer: place.layer, node: *node }).is_none_or(|got| got.na != Na::Nobody),
            _ => false,
        })
    }
}
