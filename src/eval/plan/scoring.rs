//! Indicators and their ways of scoring as nodes.

use super::{FullMinus, Kind, Lowering, NodeId, Op, Score, ScriptPlan, TargetBound, TargetOps};
use crate::model::{Aspect, CaseItem, Indicator, Level, Slot, Target, Way};
use crate::number::Exact;

/// The nodes of a target.
struct Judged {
    bound: NodeId,
    attained: NodeId,
    met: NodeId,
}

impl<'r> Lowering<'r, '_> {
    /// The results of an indicator.
    pub(super) fn indicator(&mut self, at: usize) {
        let Some(indicator) = self.plan.rubric.indicators.get(at) else { return };
        let when = indicator.when.as_ref().map(|when| (self.expr(when, Level::Subject), self.written(when)));
        let value = indicator.value.as_ref().map(|value| {
            let of = self.expr(value, Level::Subject);
            match &when {
                Some((when, written)) => {
                    let guard = Op::Guard { when: *when, of, written: written.clone() };
                    self.node(guard, Kind::of(&value.ty), Level::Subject, value.span)
                }
                None => of,
            }
        });
        let put = |lowering: &mut Self, aspect: Aspect, node: NodeId| {
            lowering.plan.slots.insert(Slot::Indicator(at, aspect), node);
        };
        if let Some(value) = value {
            put(self, Aspect::Value, value);
        }
        let judged = match (&indicator.target, value) {
            (Some(target), Some(value)) => Some(self.target(at, indicator, target, value)),
            _ => None,
        };
        if let Some(judged) = &judged {
            put(self, Aspect::Target, judged.bound);
            put(self, Aspect::Attained, judged.attained);
            put(self, Aspect::Met, judged.met);
        }
        if let Some(way) = &indicator.way {
            let full = indicator.points.as_ref().map(|points| points.it.clone()).unwrap_or_default();
            let raw = self.way(&way.it, &full, value, judged.as_ref(), indicator);
            // Where the way of scoring looks at the target, what is missing of either is named; else what is missing of the
            // value, whether or not it looks at that.
            let by_target = matches!(way.it, Way::AllOrNone | Way::Proportional { .. } | Way::FullMinus { .. });
            let score = Score {
                raw,
                when,
                value: value.filter(|_| !by_target),
                full,
                missing: indicator.missing,
                inapplicable: indicator.inapplicable,
                round: indicator.round.map(|round| (round.mode, round.places)),
            };
            let score = self.node(Op::Score(Box::new(score)), Kind::Number, Level::Subject, way.span);
            put(self, Aspect::Score, score);
        }
    }

    /// The bound that applies to each subject, whether it is met, and how far.
    fn target(&mut self, at: usize, indicator: &Indicator, target: &Target, value: NodeId) -> Judged {
        let span = indicator.span;
        let kind = indicator.value.as_ref().map_or(Kind::Number, |value| Kind::of(&value.ty));
        let by = target.by.as_ref().map(|by| self.expr(by, Level::Subject));
        let bounds: Vec<NodeId> = target.cases.iter().map(|case| self.expr(&case.bound, Level::Subject)).collect();
        let options = |case: &crate::model::TargetCase| -> Box<[crate::text::Name]> { case.options.iter().cloned().collect() };
        let first = target.cases.first().map_or(crate::syntax::tree::CompareOp::Ge, |case| case.op);
        let (bound, ops) = match by {
            None => (bounds.first().copied().unwrap_or(value), TargetOps::One(first)),
            Some(by) => {
                let cases = target.cases.iter().zip(&bounds).map(|(case, bound)| TargetBound { options: options(case), bound: *bound });
                let bound = self.node(Op::Bound(by, cases.collect()), kind, Level::Subject, span);
                let alike = target.cases.iter().all(|case| case.op == first);
                let by_case = || target.cases.iter().map(|case| (options(case), case.op)).collect();
                (bound, if alike { TargetOps::One(first) } else { TargetOps::By(by, by_case()) })
            }
        };
        if let Some(by) = by {
            self.plan.cases.insert(at, by);
        }
        let met = Op::Met { value, bound, by: ops.clone(), places: self.plan.rubric.compare_rounded };
        let met = self.node(met, Kind::Flag, Level::Subject, span);
        let attained = self.node(Op::Attained { value, bound, by: ops }, Kind::Number, Level::Subject, span);
        Judged { bound, attained, met }
    }

    fn way(&mut self, way: &'r Way, full: &Exact, value: Option<NodeId>, judged: Option<&Judged>, indicator: &Indicator) -> NodeId {
        let span = indicator.way.as_ref().map_or(indicator.span, |way| way.span);
        let op = match (way, value, judged) {
            (Way::AllOrNone, _, Some(judged)) => {
                let (full, none) = (self.number(full.clone(), Level::Subject, span), self.number(Exact::ZERO, Level::Subject, span));
                Op::Choose([(judged.met, full)].into(), none)
            }
            (Way::Proportional { floor }, _, Some(judged)) => {
                Op::Proportional { attained: judged.attained, floor: floor.clone(), full: full.clone() }
            }
            (Way::FullMinus { minus, step, below, steps }, Some(value), Some(judged)) => Op::FullMinus(Box::new(FullMinus {
                value,
                bound: judged.bound,
                met: judged.met,
                full: full.clone(),
                minus: minus.clone(),
                step: step.clone(),
                below: *below,
                steps: *steps,
            })),
            (Way::Bands(bands), Some(value), _) => {
                Op::Bands(value, bands.iter().map(|band| (band.of.clone(), band.points.clone())).collect())
            }
            (Way::Levels(levels), Some(value), _) => {
                Op::Levels(value, levels.iter().map(|level| (level.options.iter().cloned().collect(), level.points.clone())).collect())
            }
            (Way::Linear(knots), Some(value), _) => {
                Op::Linear(value, knots.iter().map(|knot| (knot.at.clone(), knot.points.clone())).collect())
            }
            (Way::Deduct(items), ..) => {
                let (all, sum) = (self.number(full.clone(), Level::Subject, span), self.items(items));
                let left = self.node(Op::Sub(all, sum), Kind::Number, Level::Subject, span);
                Op::Clamp(left, Some(Exact::ZERO), None)
            }
            (Way::Checklist(items), ..) => Op::Clamp(self.items(items), Some(Exact::ZERO), Some(full.clone())),
            (Way::Formula(formula), ..) => return self.expr(formula, Level::Subject),
            (Way::Script(script), ..) => {
                let inputs: Vec<NodeId> = script.inputs.iter().map(|input| self.expr(&input.value, Level::Subject)).collect();
                let straight = script.straight.get().ok().and_then(|straight| self.straight(straight, &inputs, full, span));
                self.plan.scripts.push(ScriptPlan { script, inputs, full: full.clone(), straight });
                Op::Script(self.plan.scripts.len() - 1)
            }
            // The checker has told what is wanting.
            _ => return self.absent(crate::eval::gap::Cause::NotExact(span), Kind::Number, Level::Subject, span),
        };
        self.node(op, Kind::Number, Level::Subject, span)
    }

    /// The sum of the items of a deduction or checklist; an item that cannot be told leaves the sum unknown.
    fn items(&mut self, items: &[CaseItem]) -> NodeId {
        let mut sum: Option<NodeId> = None;
        for item in items {
            let what = self.expr(&item.what, Level::Subject);
            let points = self.number(item.points.clone(), Level::Subject, item.span);
            let part = if item.each {
                self.node(Op::Mul(what, points), Kind::Number, Level::Subject, item.span)
            } else {
                let none = self.number(Exact::ZERO, Level::Subject, item.span);
                self.node(Op::Choose([(what, points)].into(), none), Kind::Number, Level::Subject, item.span)
            };
            sum = Some(match sum {
                None => part,
                Some(sum) => self.node(Op::Add(sum, part), Kind::Number, Level::Subject, item.span),
            });
        }
        sum.unwrap_or_else(|| self.number(Exact::ZERO, Level::Subject, crate::text::Span::default()))
    }
}
