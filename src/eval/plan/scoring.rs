//! Indicators and their ways of scoring as nodes.

use super::{FullMinus, Kind, Lowering, NodeId, Op, Score, ScriptPlan, TargetBound, TargetOps, TargetPlan};
use crate::eval::gap::{Cause, Unless};
use crate::model::{Aspect, Assessed, CaseItem, CaseLine, FieldIx, Indicator, Level, Slot, Target, Way, bottom_of};
use crate::number::Exact;
use crate::text::Span;

/// The nodes of a target.
struct Judged {
    bound: NodeId,
    attained: NodeId,
    met: NodeId,
}

impl<'r> Lowering<'r, '_> {
    /// The value of an indicator, of those to whom it applies.
    pub(super) fn value(&mut self, at: usize) {
        let Some(indicator) = self.plan.rubric.indicators.get(at) else { return };
        let Some(value) = &indicator.value else { return };
        let when = self.applies(indicator);
        let of = self.expr(value, Level::Subject);
        let node = match when {
            Some((when, unless)) => self.node(Op::Guard { when, of, unless }, Kind::of(&value.ty), Level::Subject, value.span),
            None => of,
        };
        self.plan.slots.insert(Slot::Indicator(at, Aspect::Value), node);
    }

    /// The target of an indicator, with what comes of it.
    pub(super) fn judged(&mut self, at: usize) {
        let Some(indicator) = self.plan.rubric.indicators.get(at) else { return };
        if let (Some(target), Some(value)) = (&indicator.target, self.plan.aspect(at, Aspect::Value)) {
            let judged = self.target(at, indicator, target, value);
            let nodes = [(Aspect::Target, judged.bound), (Aspect::Attained, judged.attained), (Aspect::Met, judged.met)];
            self.plan.slots.extend(nodes.map(|(aspect, node)| (Slot::Indicator(at, aspect), node)));
        }
    }

    /// The score of an indicator.
    pub(super) fn score(&mut self, at: usize) {
        let Some(indicator) = self.plan.rubric.indicators.get(at) else { return };
        let Some(way) = &indicator.way else { return };
        let of = |aspect| self.plan.aspect(at, aspect);
        let value = of(Aspect::Value);
        let judged = match (of(Aspect::Target), of(Aspect::Attained), of(Aspect::Met)) {
            (Some(bound), Some(attained), Some(met)) => Some(Judged { bound, attained, met }),
            _ => None,
        };
        let when = self.applies(indicator);
        let full = indicator.points.as_ref().map(|points| points.it.clone()).unwrap_or_default();
        let raw = self.way(&way.it, &full, value, judged.as_ref(), indicator);
        let raw = self.adjusted(raw, indicator);
        // Where the way of scoring looks at the target, what is missing of either is named; else what is missing of the
        // value, whether or not it looks at that.
        let by_target =
            matches!(way.it, Way::AllOrNone | Way::Proportional { .. } | Way::FullMinus { .. } | Way::Bands { by_attained: true, .. });
        let score = Score {
            raw,
            when,
            // What becomes of a score that there is not, nothing decides.
            value: value.filter(|_| !by_target || !indicator.adjust.is_empty()),
            full,
            missing: indicator.missing,
            inapplicable: indicator.inapplicable,
            round: indicator.round.map(|round| (round.mode, round.places)),
        };
        let score = self.node(Op::Score(Box::new(score)), Kind::Number, Level::Subject, way.span);
        self.plan.slots.insert(Slot::Indicator(at, Aspect::Score), score);
    }

    /// To whom an indicator applies: its condition, and none of the exceptions that exempt from it.
    fn applies(&mut self, indicator: &Indicator) -> Option<(NodeId, Unless)> {
        let mut conditions = Vec::new();
        let mut unless = None;
        if let Some(when) = &indicator.when {
            conditions.push(self.expr(when, Level::Subject));
            unless = Some(Unless::Holds(self.written(when)));
        }
        let on = self.on;
        let mut titles: Vec<&str> = Vec::new();
        for exception in indicator.exceptions.iter().filter(|exception| exception.target.is_none() && exception.counts_on(on)) {
            let holds = self.expr(&exception.when, Level::Subject);
            conditions.push(self.node(Op::Not(holds), Kind::Flag, Level::Subject, exception.span));
            titles.push(&exception.title);
        }
        let unless = match (unless, titles.as_slice()) {
            (Some(Unless::Holds(when)), [_, ..]) => Unless::Holds(format!("{when} ({})", titles.join(", ")).into()),
            (Some(unless), _) => unless,
            (None, _) => Unless::Excepted(titles.join(", ").into()),
        };
        let when = match conditions.as_slice() {
            [] => return None,
            [one] => *one,
            _ => {
                let all = Op::Fold { list: conditions.into(), any: false, of_applicable: false };
                self.node(all, Kind::Flag, Level::Subject, indicator.span)
            }
        };
        Some((when, unless))
    }

    /// A score with what becomes of it if something holds.
    fn adjusted(&mut self, raw: NodeId, indicator: &Indicator) -> NodeId {
        indicator.adjust.iter().fold(raw, |raw, adjust| {
            let holds = self.expr(&adjust.when, Level::Subject);
            let factor = self.number(adjust.factor.clone(), Level::Subject, adjust.span);
            let less = match adjust.factor.is_zero() {
                true => factor,
                false => self.node(Op::Mul(raw, factor), Kind::Number, Level::Subject, adjust.span),
            };
            self.node(Op::Choose([(holds, less)].into(), raw), Kind::Number, Level::Subject, adjust.span)
        })
    }

    /// The bound that applies to each subject, whether it is met, and how far: the bound of the exception that holds, else
    /// of the indicator's own target. Where two exceptions hold there is none.
    fn target(&mut self, at: usize, indicator: &Indicator, target: &Target, value: NodeId) -> Judged {
        let (span, on) = (indicator.span, self.on);
        let kind = indicator.value.as_ref().map_or(Kind::Number, |value| Kind::of(&value.ty));
        let (mut bound, ops, by) = self.bound(target, kind, span);
        let mut targets = vec![TargetPlan { holds: None, by, first: 0 }];
        let mut first = target.cases.len();
        let mut held: Vec<(NodeId, &str)> = Vec::new();
        for exception in &indicator.exceptions {
            let Some(other) = &exception.target else { continue };
            let cases = first;
            first += other.cases.len();
            if !exception.counts_on(on) {
                continue;
            }
            let holds = self.expr(&exception.when, Level::Subject);
            let (mut then, _, by) = self.bound(other, kind, exception.span);
            for (earlier, title) in &held {
                let none =
                    self.absent(Cause::Exceptions((*title).into(), exception.title.as_str().into()), kind, Level::Subject, exception.span);
                then = self.node(Op::Choose([(*earlier, none)].into(), then), kind, Level::Subject, exception.span);
            }
            bound = self.node(Op::Choose([(holds, then)].into(), bound), kind, Level::Subject, exception.span);
            held.push((holds, &exception.title));
            targets.insert(targets.len() - 1, TargetPlan { holds: Some(holds), by, first: cases });
        }
        self.plan.targets.insert(at, targets);
        let met = Op::Met { value, bound, by: ops.clone(), places: self.plan.rubric.compare_rounded };
        let met = self.node(met, Kind::Flag, Level::Subject, span);
        let attained = self.node(Op::Attained { value, bound, by: ops }, Kind::Number, Level::Subject, span);
        Judged { bound, attained, met }
    }

    /// The bound of a target, how it is compared, and the option that its case depends on.
    fn bound(&mut self, target: &Target, kind: Kind, span: Span) -> (NodeId, TargetOps, Option<NodeId>) {
        let by = target.by.as_ref().map(|by| self.expr(by, Level::Subject));
        let bounds: Vec<NodeId> = target.cases.iter().map(|case| self.expr(&case.bound, Level::Subject)).collect();
        let options = |case: &crate::model::TargetCase| -> Box<[crate::text::Name]> { case.options.iter().cloned().collect() };
        let first = target.cases.first().map_or(crate::syntax::tree::CompareOp::Ge, |case| case.op);
        let Some(by) = by else {
            let bound = bounds.first().copied();
            let bound = bound.unwrap_or_else(|| self.absent(Cause::NotExact(span), kind, Level::Subject, span));
            return (bound, TargetOps::One(first), None);
        };
        let cases = target.cases.iter().zip(&bounds).map(|(case, bound)| TargetBound { options: options(case), bound: *bound });
        let bound = self.node(Op::Bound(by, cases.collect()), kind, Level::Subject, span);
        let alike = target.cases.iter().all(|case| case.op == first);
        let by_case = || target.cases.iter().map(|case| (options(case), case.op)).collect();
        (bound, if alike { TargetOps::One(first) } else { TargetOps::By(by, by_case()) }, Some(by))
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
            (Way::Bands { by_attained, bands }, Some(value), judged) => {
                let of = judged.filter(|_| *by_attained).map_or(value, |judged| judged.attained);
                Op::Bands(of, bands.iter().map(|band| (band.of.clone(), band.points.clone())).collect())
            }
            (Way::Levels(levels), Some(value), _) => {
                Op::Levels(value, levels.iter().map(|level| (level.options.iter().cloned().collect(), level.points.clone())).collect())
            }
            (Way::Linear(knots), Some(value), _) => {
                Op::Linear(value, knots.iter().map(|knot| (knot.at.clone(), knot.points.clone())).collect())
            }
            (Way::Deduct(lines), ..) => {
                let (all, sum) = (self.number(full.clone(), Level::Subject, span), self.lines(lines));
                let left = self.node(Op::Sub(all, sum), Kind::Number, Level::Subject, span);
                Op::Clamp(left, Some(Exact::ZERO), None)
            }
            (Way::Checklist(lines), ..) => Op::Clamp(self.lines(lines), Some(Exact::ZERO), Some(full.clone())),
            (Way::First(cases, otherwise), ..) => {
                let points = |lowering: &mut Self, points: &Exact, span| lowering.number(points.clone(), Level::Subject, span);
                let held: Vec<_> =
                    cases.iter().map(|case| (self.expr(&case.what, Level::Subject), points(self, &case.points, case.span))).collect();
                Op::Choose(held.into(), points(self, otherwise, span))
            }
            (Way::Formula(formula) | Way::Judged(Assessed { formula, .. }), ..) => return self.expr(formula, Level::Subject),
            (Way::Script(script), ..) => {
                let inputs: Vec<NodeId> = script.inputs.iter().map(|input| self.expr(&input.value, Level::Subject)).collect();
                let straight = script.straight.get().ok().and_then(|straight| self.straight(straight, &inputs, full, span));
                self.plan.scripts.push(ScriptPlan { script, inputs, full: full.clone(), straight });
                Op::Script(self.plan.scripts.len() - 1)
            }
            // The checker has told what is wanting.
            _ => return self.absent(Cause::NotExact(span), Kind::Number, Level::Subject, span),
        };
        self.node(op, Kind::Number, Level::Subject, span)
    }

    /// The sum of the lines of a deduction or checklist; a line that cannot be told leaves the sum unknown. One that does not
    /// apply counts nothing, but where none applies, neither does the sum.
    fn lines(&mut self, lines: &[CaseLine]) -> NodeId {
        let mut sum: Option<NodeId> = None;
        let (mut partial, mut certain) = (Vec::new(), lines.is_empty());
        for line in lines {
            let mut part: Option<NodeId> = None;
            for item in line.items() {
                let (mut it, span) = (self.item(item), item.span);
                if self.may_not_apply(it) {
                    partial.push(it);
                    it = self.node(Op::OrNothing(it), Kind::Number, Level::Subject, span);
                } else {
                    certain = true;
                }
                part = Some(match part {
                    None => it,
                    Some(part) => self.node(Op::Extreme(part, it, true), Kind::Number, Level::Subject, span),
                });
            }
            let Some(part) = part else { continue };
            sum = Some(match sum {
                None => part,
                Some(sum) => self.node(Op::Add(sum, part), Kind::Number, Level::Subject, span_of(line)),
            });
        }
        let sum = sum.unwrap_or_else(|| self.number(Exact::ZERO, Level::Subject, Span::default()));
        match certain {
            true => sum,
            false => self.node(Op::OfSome(partial.into(), sum), Kind::Number, Level::Subject, Span::default()),
        }
    }

    /// Whether something that a node rests on may not apply to somebody.
    fn may_not_apply(&self, node: NodeId) -> bool {
        let form = bottom_of(self.rules, self.plan.rubric).and_then(|at| self.rules.forms.get(at));
        let conditional = |field: &FieldIx| form.and_then(|form| form.fields.get(field.0)).is_none_or(|field| field.when.is_some());
        self.plan.cone([node]).into_iter().any(|node| match self.plan.node(node).map(|node| &node.op) {
            Some(Op::Field(field)) => conditional(field),
            Some(Op::Score(score)) => score.when.is_some(),
            Some(Op::Guard { .. } | Op::Below(_) | Op::OfSubject(_) | Op::OfList(_) | Op::Statistic(_)) | None => true,
            _ => false,
        })
    }

    /// What an item comes to.
    fn item(&mut self, item: &CaseItem) -> NodeId {
        let what = self.expr(&item.what, Level::Subject);
        let points = self.number(item.points.clone(), Level::Subject, item.span);
        let op = if item.each {
            Op::Mul(what, points)
        } else {
            let none = self.number(Exact::ZERO, Level::Subject, item.span);
            let (held, otherwise) = if item.missing { (none, points) } else { (points, none) };
            Op::Choose([(what, held)].into(), otherwise)
        };
        self.node(op, Kind::Number, Level::Subject, item.span)
    }
}

fn span_of(line: &CaseLine) -> Span {
    line.items().first().map_or_else(Span::default, |item| item.span)
}
