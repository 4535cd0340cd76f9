//! Scripts without jumps as nodes.
//!
//! A script's `()` and its stops are gaps here, and a gap spreads as both of them do. Only what turns a `()` into a value has to
//! tell the two apart: whether something is filled in, whether two things are equal. For these the *stop* of an operation
//! is a condition of its own. Which gap the whole comes to, the script itself says: it is run where there is one.

use super::{Kind, Lowering, NodeId, Op};
use crate::eval::gap::Cause;
use crate::model::{Level, ScriptNode, Straight};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::CompareOp;
use crate::text::Span;

/// More bits than an input that is filled in can have.
const BITS_OF_FIELD: usize = 300;

/// An operation of a script: its value, and whether it stops.
#[derive(Clone, Copy)]
struct Step {
    value: NodeId,
    kind: Kind,
    /// Whether it stops the script; nothing if it never does.
    stop: Option<NodeId>,
    /// Whether it may be `()`.
    unit: bool,
}

impl Lowering<'_, '_> {
    /// The node that comes to what a script does; `None` where something in it has no node, or its inputs may be too long.
    pub(super) fn straight(&mut self, straight: &Straight, inputs: &[NodeId], full: &Exact, span: Span) -> Option<NodeId> {
        let cone = self.plan.cone(inputs.iter().copied());
        let ops = || cone.iter().filter_map(|node| self.plan.node(*node)).map(|node| &node.op);
        // A statistic may be irrational, or longer than any limit.
        let plain = ops().all(|op| !matches!(op, Op::Statistic(_) | Op::OfList(_) | Op::Below(_) | Op::Script(_)));
        if !plain || straight.most_bits < BITS_OF_FIELD.saturating_mul(cone.len().max(1)) {
            return None;
        }
        let mut lower = Script { lowering: self, span, steps: Vec::new() };
        for node in &straight.nodes {
            let step = lower.step(node, inputs, full)?;
            lower.steps.push(step);
        }
        let result = lower.steps.get(straight.result).copied()?;
        (result.kind == Kind::Number).then_some(result.value)
    }
}

struct Script<'l, 'r, 't> {
    lowering: &'l mut Lowering<'r, 't>,
    span: Span,
    steps: Vec<Step>,
}

impl Script<'_, '_, '_> {
    fn node(&mut self, op: Op, kind: Kind) -> NodeId {
        self.lowering.node(op, kind, Level::Subject, self.span)
    }

    fn flag(&mut self, flag: bool) -> NodeId {
        self.node(Op::Flag(flag), Kind::Flag)
    }

    fn nothing(&mut self, kind: Kind) -> NodeId {
        self.lowering.absent(Cause::NotExact(self.span), kind, Level::Subject, self.span)
    }

    fn filled(&mut self, of: NodeId) -> NodeId {
        self.node(Op::Filled(of), Kind::Flag)
    }

    fn not(&mut self, of: NodeId) -> NodeId {
        self.node(Op::Not(of), Kind::Flag)
    }

    fn any(&mut self, list: Vec<NodeId>) -> Option<NodeId> {
        match list.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.node(Op::Fold { list: list.into(), any: true, of_applicable: false }, Kind::Flag)),
        }
    }

    /// Nothing where a stop says so, else the value.
    fn unless(&mut self, stop: Option<NodeId>, value: NodeId, kind: Kind) -> NodeId {
        let Some(stop) = stop else { return value };
        let nothing = self.nothing(kind);
        self.node(Op::Choose([(stop, nothing)].into(), value), kind)
    }

    fn step(&mut self, node: &ScriptNode, inputs: &[NodeId], full: &Exact) -> Option<Step> {
        let constant = |value: NodeId, kind: Kind| Step { value, kind, stop: None, unit: false };
        Some(match node {
            ScriptNode::Number(number) => constant(self.node(Op::Number(number.clone()), Kind::Number), Kind::Number),
            ScriptNode::Points => constant(self.node(Op::Number(full.clone()), Kind::Number), Kind::Number),
            ScriptNode::Word(word) => constant(self.node(Op::Word(word.clone()), Kind::Word), Kind::Word),
            ScriptNode::Flag(flag) => constant(self.flag(*flag), Kind::Flag),
            ScriptNode::Unit => Step { value: self.nothing(Kind::Number), kind: Kind::Number, stop: None, unit: true },
            ScriptNode::Fail => {
                let stop = Some(self.flag(true));
                Step { value: self.nothing(Kind::Number), kind: Kind::Number, stop, unit: false }
            }
            ScriptNode::Input(at) => {
                let value = *inputs.get(*at)?;
                Step { value, kind: self.lowering.plan.node(value)?.kind, stop: None, unit: true }
            }
            ScriptNode::Negate(a) => self.strict(&[*a], Kind::Number, |of| Op::Negate(of(0)))?,
            ScriptNode::Abs(a) => self.strict(&[*a], Kind::Number, |of| Op::Abs(of(0)))?,
            ScriptNode::Floor(a, places) => self.round(*a, Rounding::Floor, *places)?,
            ScriptNode::Ceil(a, places) => self.round(*a, Rounding::Ceiling, *places)?,
            ScriptNode::Round(a, places) => self.round(*a, Rounding::HalfUp, *places)?,
            ScriptNode::Add(a, b) => self.strict(&[*a, *b], Kind::Number, |of| Op::Add(of(0), of(1)))?,
            ScriptNode::Sub(a, b) => self.strict(&[*a, *b], Kind::Number, |of| Op::Sub(of(0), of(1)))?,
            ScriptNode::Mul(a, b) => self.strict(&[*a, *b], Kind::Number, |of| Op::Mul(of(0), of(1)))?,
            ScriptNode::Min(a, b) => self.strict(&[*a, *b], Kind::Number, |of| Op::Extreme(of(0), of(1), false))?,
            ScriptNode::Max(a, b) => self.strict(&[*a, *b], Kind::Number, |of| Op::Extreme(of(0), of(1), true))?,
            ScriptNode::Compare(op, a, b) => self.strict(&[*a, *b], Kind::Flag, |of| Op::Compare(*op, of(0), of(1)))?,
            ScriptNode::Not(a) => self.strict(&[*a], Kind::Flag, |of| Op::Not(of(0)))?,
            ScriptNode::Power(a, times) => {
                let base = *self.steps.get(*a)?;
                let mut value = self.node(Op::Number(Exact::ONE), Kind::Number);
                for _ in 0..*times {
                    value = self.node(Op::Mul(value, base.value), Kind::Number);
                }
                // Anything to the power of zero is one, but not nothing.
                (*times > 0).then_some(Step { value, ..base })?
            }
            ScriptNode::Div(a, b) => {
                let mut step = self.strict(&[*a, *b], Kind::Number, |of| Op::Div(of(0), of(1), "".into()))?;
                let (above, below) = (*self.steps.get(*a)?, *self.steps.get(*b)?);
                let zero = self.node(Op::Number(Exact::ZERO), Kind::Number);
                let zero = self.node(Op::Compare(CompareOp::Eq, below.value, zero), Kind::Flag);
                let no = self.flag(false);
                let zero = self.node(Op::Default(zero, no), Kind::Flag);
                let there = self.filled(above.value);
                let fails = self.node(Op::Fold { list: [there, zero].into(), any: false, of_applicable: false }, Kind::Flag);
                step.stop = self.any(step.stop.into_iter().chain([fails]).collect());
                step
            }
            ScriptNode::Rem(..) => return None,
            ScriptNode::Filled(a) => {
                let of = *self.steps.get(*a)?;
                let value = self.filled(of.value);
                self.known(of.stop, value)
            }
            ScriptNode::Decimal(a) => {
                let of = *self.steps.get(*a)?;
                let value = self.node(Op::Decimal(of.value), Kind::Flag);
                let no = self.flag(false);
                let value = self.node(Op::Default(value, no), Kind::Flag);
                self.known(of.stop, value)
            }
            ScriptNode::Equal(a, b) => {
                let (one, two) = (*self.steps.get(*a)?, *self.steps.get(*b)?);
                let stop = self.any(one.stop.into_iter().chain(two.stop).collect());
                let value = if one.kind == two.kind {
                    self.node(Op::Compare(CompareOp::Eq, one.value, two.value), Kind::Flag)
                } else {
                    self.flag(false)
                };
                let value = match (one.unit, two.unit) {
                    (false, false) => value,
                    (true, true) => {
                        let (here, there) = (self.filled(one.value), self.filled(two.value));
                        let both = self.node(Op::Fold { list: [here, there].into(), any: false, of_applicable: false }, Kind::Flag);
                        let either = self.node(Op::Fold { list: [here, there].into(), any: true, of_applicable: false }, Kind::Flag);
                        let neither = self.not(either);
                        self.node(Op::Choose([(both, value)].into(), neither), Kind::Flag)
                    }
                    _ => {
                        let no = self.flag(false);
                        self.node(Op::Default(value, no), Kind::Flag)
                    }
                };
                self.known(stop, value)
            }
            ScriptNode::And(a, b) => {
                let (one, two) = (*self.steps.get(*a)?, *self.steps.get(*b)?);
                let no = self.flag(false);
                let value = self.node(Op::Choose([(one.value, two.value)].into(), no), Kind::Flag);
                self.decided(value, &[one, two])
            }
            ScriptNode::Or(a, b) => {
                let (one, two) = (*self.steps.get(*a)?, *self.steps.get(*b)?);
                let yes = self.flag(true);
                let value = self.node(Op::Choose([(one.value, yes)].into(), two.value), Kind::Flag);
                self.decided(value, &[one, two])
            }
            ScriptNode::Select { when, then, otherwise } => {
                let (when, then, otherwise) = (*self.steps.get(*when)?, *self.steps.get(*then)?, *self.steps.get(*otherwise)?);
                // `()` on one side is of the kind of the other.
                let kind = if matches!(self.lowering.plan.node(then.value)?.op, Op::Absent(_)) { otherwise.kind } else { then.kind };
                let side = |script: &mut Self, step: Step| match script.lowering.plan.node(step.value).map(|node| &node.op) {
                    Some(Op::Absent(_)) => Some(script.nothing(kind)),
                    _ => (step.kind == kind).then_some(step.value),
                };
                let (yes, no) = (side(self, then)?, side(self, otherwise)?);
                let value = self.node(Op::Choose([(when.value, yes)].into(), no), kind);
                let stop = if when.stop.is_none() && !when.unit && then.stop.is_none() && otherwise.stop.is_none() {
                    None
                } else {
                    let never = self.flag(false);
                    let (yes, no) = (then.stop.unwrap_or(never), otherwise.stop.unwrap_or(never));
                    let taken = self.node(Op::Choose([(when.value, yes)].into(), no), Kind::Flag);
                    let always = self.flag(true);
                    Some(self.node(Op::Default(taken, always), Kind::Flag))
                };
                Step { value, kind, stop, unit: then.unit || otherwise.unit }
            }
            ScriptNode::Strict { checked, value } => {
                let of = *self.steps.get(*value)?;
                let mut stops = Vec::new();
                for at in checked {
                    stops.extend(self.steps.get(*at)?.stop);
                }
                let stop = self.any(stops.clone());
                let value = self.unless(stop, of.value, of.kind);
                stops.extend(of.stop);
                Step { value, stop: self.any(stops), ..of }
            }
        })
    }

    /// An operation that needs all its operands.
    fn strict(&mut self, operands: &[usize], kind: Kind, op: impl FnOnce(&dyn Fn(usize) -> NodeId) -> Op) -> Option<Step> {
        let steps: Vec<Step> = operands.iter().map(|at| self.steps.get(*at).copied()).collect::<Option<_>>()?;
        let first = steps.first()?.value;
        let value = self.node(op(&|at| steps.get(at).map_or(first, |step| step.value)), kind);
        let stop = self.any(steps.iter().filter_map(|step| step.stop).collect());
        Some(Step { value, kind, stop, unit: steps.iter().any(|step| step.unit) })
    }

    fn round(&mut self, a: usize, mode: Rounding, places: u32) -> Option<Step> {
        let to = self.node(Op::Number(Exact::from(places)), Kind::Number);
        self.strict(&[a], Kind::Number, |of| Op::Round { of: of(0), mode, places: Some(to) })
    }

    /// A yes or no that is never `()`, unless something stops.
    fn known(&mut self, stop: Option<NodeId>, value: NodeId) -> Step {
        Step { value: self.unless(stop, value, Kind::Flag), kind: Kind::Flag, stop, unit: false }
    }

    /// A yes or no that stops the script wherever it is neither.
    fn decided(&mut self, value: NodeId, of: &[Step]) -> Step {
        let open = of.iter().any(|step| step.unit || step.stop.is_some());
        let stop = open.then(|| {
            let filled = self.filled(value);
            self.not(filled)
        });
        Step { value, kind: Kind::Flag, stop, unit: false }
    }
}
