//! What scripts come to (脚本的检查): the range of each operation, the points for one submission, and branches that are never reached.

use super::ranges::Range;
use super::sample::{Value, compared};
use super::{Found, Look, words};
use crate::check::interval::{self, ALL, Stretch, comparing, from_zero, meet, point};
use crate::diag::Code;
use crate::model::{ScriptCode, ScriptNode, Straight, Straightened, Type, Way};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::CompareOp;
use std::collections::BTreeMap;
use std::ops::Bound;

/// The most operations that are looked at for one question; beyond, nothing is known.
const MOST: usize = 4_000;

pub(super) fn look(look: &Look<'_>, known: &[Straightened], found: &mut Found) {
    for indicator in &look.rubric.indicators {
        let Some(Way::Script(script)) = indicator.way.as_ref().map(|way| &way.it) else { continue };
        if !known.iter().any(|one| one.is(&script.straight)) {
            continue;
        }
        let full = indicator.points.as_ref().map(|points| &points.it);
        let branches = script.straight.branches();
        for branch in &branches.list {
            let mut program = Program::new(look, script, &branches.nodes, full);
            let mut facts = Known::default();
            // The conditions before the last one have places of their own.
            let possible = branch.path.iter().all(|(when, want)| program.assume(*when, *want, &mut facts))
                && branch.path.last().is_none_or(|(when, want)| program.may_be(*when, *want, &facts));
            let guard = branch.path.last().is_some_and(|(when, want)| *want && program.guards(*when));
            found.look(Code::H0425, branch.span, (!possible && !guard).then(|| words::script_branch(branch.span)));
        }
    }
}

/// What each operation of a script can come to.
pub(super) fn ranges(look: &Look<'_>, script: &ScriptCode, straight: &Straight, full: &Exact) -> Option<Stretch> {
    let mut program = Program::new(look, script, &straight.nodes, Some(full));
    match program.value(straight.result, &Known::default()) {
        Abstract::Number(range) => Some(range.stretch),
        _ => None,
    }
}

/// What an operation can come to, where it is not `()`.
#[derive(Clone, Debug)]
enum Abstract {
    Number(Range),
    Flag(bool, bool),
    Other,
}

/// What is known of operations besides: a few, so a list is fast.
#[derive(Clone, Default)]
struct Known(Vec<(usize, Fact)>);

impl Known {
    fn get(&self, at: usize) -> Option<&Fact> {
        self.0.iter().find(|(known, _)| *known == at).map(|(_, fact)| fact)
    }

    fn note(&mut self, at: usize, fact: Fact) {
        self.0.retain(|(known, _)| *known != at);
        self.0.push((at, fact));
    }
}

#[derive(Clone, Debug)]
enum Fact {
    Number(Vec<Stretch>),
    Flag(bool),
}

struct Program<'p> {
    nodes: &'p [ScriptNode],
    inputs: Vec<Abstract>,
    full: Option<&'p Exact>,
    /// What operations come to where nothing else is known.
    plain: BTreeMap<usize, Abstract>,
    left: usize,
}

impl<'p> Program<'p> {
    fn new(look: &Look<'_>, script: &ScriptCode, nodes: &'p [ScriptNode], full: Option<&'p Exact>) -> Program<'p> {
        let input = |input: &crate::model::Input| match &input.value.ty {
            Type::Number(_) => Abstract::Number(look.range(&input.value, &super::conditions::Facts::new())),
            Type::Flag => Abstract::Flag(true, true),
            _ => Abstract::Other,
        };
        Program { nodes, inputs: script.inputs.iter().map(input).collect(), full, plain: BTreeMap::new(), left: MOST }
    }

    /// Whether a condition keeps a score within its points: held against zero or full marks. That it need not is no mistake.
    fn guards(&self, when: usize) -> bool {
        let Some(ScriptNode::Compare(_, a, b)) = self.nodes.get(when) else { return false };
        [a, b].into_iter().filter_map(|at| self.nodes.get(*at)).any(|node| match node {
            ScriptNode::Number(number) => number.is_zero() || Some(number) == self.full,
            node => *node == ScriptNode::Points,
        })
    }

    /// Notes that a condition comes to `want`; no, if that cannot be.
    fn assume(&mut self, at: usize, want: bool, facts: &mut Known) -> bool {
        match facts.get(at) {
            Some(Fact::Flag(known)) => return *known == want,
            _ => facts.note(at, Fact::Flag(want)),
        }
        match self.nodes.get(at) {
            Some(ScriptNode::Flag(flag)) => *flag == want,
            Some(ScriptNode::Not(inner)) => self.assume(*inner, !want, facts),
            Some(ScriptNode::And(a, b)) if want => self.assume(*a, true, facts) && self.assume(*b, true, facts),
            Some(ScriptNode::Or(a, b)) if !want => self.assume(*a, false, facts) && self.assume(*b, false, facts),
            Some(ScriptNode::Compare(op, a, b)) => {
                let op = if want { *op } else { op.opposite() };
                match (self.nodes.get(*a), self.nodes.get(*b)) {
                    (_, Some(ScriptNode::Number(bound))) => self.narrow(*a, &comparing(op, bound), facts),
                    (Some(ScriptNode::Number(bound)), _) => self.narrow(*b, &comparing(op.turned(), bound), facts),
                    _ => true,
                }
            }
            Some(ScriptNode::Equal(a, b)) if want => match (self.nodes.get(*a), self.nodes.get(*b)) {
                (_, Some(ScriptNode::Number(bound))) => self.narrow(*a, &[point(bound)], facts),
                (Some(ScriptNode::Number(bound)), _) => self.narrow(*b, &[point(bound)], facts),
                _ => true,
            },
            _ => true,
        }
    }

    fn narrow(&mut self, at: usize, stretches: &[Stretch], facts: &mut Known) -> bool {
        let Abstract::Number(range) = self.value(at, facts) else { return true };
        let known = match facts.get(at) {
            Some(Fact::Number(known)) => known.clone(),
            _ => vec![range.stretch.clone()],
        };
        let tight = |stretch: Stretch| if range.whole { interval::whole(&stretch) } else { stretch };
        let both = known.iter().flat_map(|one| stretches.iter().map(|other| tight(meet(one, other))));
        let left: Vec<Stretch> = both.filter(|stretch| !interval::empty(stretch)).collect();
        let possible = !left.is_empty();
        facts.note(at, Fact::Number(left));
        possible
    }

    fn may_be(&mut self, at: usize, want: bool, facts: &Known) -> bool {
        // What was noted of the condition itself must not answer for it.
        let mut others = facts.clone();
        others.0.retain(|(known, _)| *known != at);
        match self.value(at, &others) {
            Abstract::Flag(yes, no) => {
                if want {
                    yes
                } else {
                    no
                }
            }
            _ => true,
        }
    }

    fn number(&mut self, at: usize, facts: &Known) -> Range {
        match self.value(at, facts) {
            Abstract::Number(range) => range,
            _ => Range::any(),
        }
    }

    fn value(&mut self, at: usize, facts: &Known) -> Abstract {
        let Some(node) = self.nodes.get(at) else { return Abstract::Other };
        // What was noted of later operations makes no difference to this one.
        let plain = facts.0.iter().all(|(known, _)| *known > at);
        if let Some(known) = self.plain.get(&at).filter(|_| plain) {
            return known.clone();
        }
        if self.left == 0 {
            return Abstract::Other;
        }
        self.left -= 1;
        let value = self.node(node, facts);
        if plain {
            self.plain.insert(at, value.clone());
        }
        match (value, facts.get(at)) {
            (Abstract::Number(range), Some(Fact::Number(known))) => {
                let hull = known.iter().cloned().reduce(|a, b| interval::around(&a, &b));
                let stretch = hull.map_or(range.stretch.clone(), |hull| meet(&hull, &range.stretch));
                Abstract::Number(Range::new(stretch, range.whole))
            }
            (Abstract::Flag(yes, no), Some(Fact::Flag(flag))) => Abstract::Flag(yes && *flag, no && !*flag),
            (value, _) => value,
        }
    }

    fn node(&mut self, node: &ScriptNode, facts: &Known) -> Abstract {
        use ScriptNode as N;
        let mut two = |a: &usize, b: &usize| (self.number(*a, facts), self.number(*b, facts));
        Abstract::Number(match node {
            N::Number(number) => Range::new(point(number), number.is_integer()),
            N::Points => self.full.map_or_else(Range::any, |full| Range::new(point(full), full.is_integer())),
            N::Input(at) => return self.inputs.get(*at).cloned().unwrap_or(Abstract::Other),
            N::Add(a, b) => {
                let (a, b) = two(a, b);
                Range::new(interval::plus(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            N::Sub(a, b) => {
                let (a, b) = two(a, b);
                Range::new(interval::minus(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            N::Mul(a, b) => {
                let (a, b) = two(a, b);
                Range::new(interval::times(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            N::Div(a, b) => {
                let (a, b) = two(a, b);
                Range::new(interval::quotient(&a.stretch, &b.stretch), false)
            }
            N::Min(a, b) => {
                let (a, b) = two(a, b);
                Range::new(interval::lesser(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            N::Max(a, b) => {
                let (a, b) = two(a, b);
                Range::new(interval::greater(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            N::Rem(a, b) => {
                let (a, b) = two(a, b);
                let above = interval::end(&a.stretch.0).is_some_and(|least| !least.is_negative());
                let short = interval::only(&b.stretch)
                    .filter(|b| b.is_positive())
                    .map(|b| (Bound::Included(Exact::ZERO), Bound::Excluded(b.clone())));
                Range::new(short.filter(|_| above).unwrap_or(ALL), a.whole && b.whole)
            }
            N::Power(a, _) => {
                let a = self.number(*a, facts);
                let above = interval::end(&a.stretch.0).is_some_and(|least| !least.is_negative());
                Range::new(if above { from_zero() } else { ALL }, a.whole)
            }
            N::Negate(a) => {
                let a = self.number(*a, facts);
                Range::new(interval::negative(&a.stretch), a.whole)
            }
            N::Abs(a) => {
                let a = self.number(*a, facts);
                let away = interval::greater(&a.stretch, &interval::negative(&a.stretch));
                Range::new(meet(&away, &from_zero()), a.whole)
            }
            N::Floor(a, places) => self.rounded(*a, Rounding::Floor, *places, facts),
            N::Ceil(a, places) => self.rounded(*a, Rounding::Ceiling, *places, facts),
            N::Round(a, places) => self.rounded(*a, Rounding::HalfUp, *places, facts),
            N::Strict { value, .. } => return self.value(*value, facts),
            N::Select { when, then, otherwise } => return self.select(*when, *then, *otherwise, facts),
            N::Flag(flag) => return Abstract::Flag(*flag, !*flag),
            N::Not(a) => match self.value(*a, facts) {
                Abstract::Flag(yes, no) => return Abstract::Flag(no, yes),
                other => return other,
            },
            N::Compare(op, a, b) => {
                let difference = {
                    let (a, b) = two(a, b);
                    interval::minus(&a.stretch, &b.stretch)
                };
                let may = |op: CompareOp| comparing(op, &Exact::ZERO).iter().any(|part| !interval::empty(&meet(part, &difference)));
                return Abstract::Flag(may(*op), may(op.opposite()));
            }
            N::Equal(a, b) => {
                return match (self.value(*a, facts), self.value(*b, facts)) {
                    (Abstract::Number(a), Abstract::Number(b)) => Abstract::Flag(!interval::empty(&meet(&a.stretch, &b.stretch)), true),
                    _ => Abstract::Flag(true, true),
                };
            }
            N::And(a, b) => match (self.value(*a, facts), self.value(*b, facts)) {
                (Abstract::Flag(ay, an), Abstract::Flag(by, bn)) => return Abstract::Flag(ay && by, an || bn),
                _ => return Abstract::Flag(true, true),
            },
            N::Or(a, b) => match (self.value(*a, facts), self.value(*b, facts)) {
                (Abstract::Flag(ay, an), Abstract::Flag(by, bn)) => return Abstract::Flag(ay || by, an && bn),
                _ => return Abstract::Flag(true, true),
            },
            N::Decimal(_) | N::Filled(_) => return Abstract::Flag(true, true),
            N::Word(_) | N::Unit | N::Fail => return Abstract::Other,
        })
    }

    fn rounded(&mut self, at: usize, mode: Rounding, places: u32, facts: &Known) -> Range {
        let of = self.number(at, facts);
        Range::new(interval::rounded(&of.stretch, mode, places), of.whole || places == 0)
    }

    /// One of two, each with what is known where it is chosen.
    fn select(&mut self, when: usize, then: usize, otherwise: usize, facts: &Known) -> Abstract {
        let mut side = |want: bool, at: usize| {
            let mut facts = facts.clone();
            self.assume(when, want, &mut facts).then(|| self.value(at, &facts))
        };
        match (side(true, then), side(false, otherwise)) {
            (Some(Abstract::Number(a)), Some(Abstract::Number(b))) => {
                Abstract::Number(Range::new(interval::around(&a.stretch, &b.stretch), a.whole && b.whole))
            }
            (Some(Abstract::Flag(ay, an)), Some(Abstract::Flag(by, bn))) => Abstract::Flag(ay || by, an || bn),
            (Some(one), None) | (None, Some(one)) => one,
            _ => Abstract::Other,
        }
    }
}

/// The points that a script gives, where it gives any.
pub(super) fn run(straight: &Straight, inputs: &[Value], full: &Exact) -> Option<Exact> {
    let mut runner = Runner { straight, inputs, full, done: BTreeMap::new() };
    match runner.at(straight.result)? {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

struct Runner<'s> {
    straight: &'s Straight,
    inputs: &'s [Value],
    full: &'s Exact,
    done: BTreeMap<usize, Value>,
}

impl Runner<'_> {
    fn at(&mut self, at: usize) -> Option<Value> {
        if let Some(done) = self.done.get(&at) {
            return Some(done.clone());
        }
        let value = self.node(self.straight.nodes.get(at)?)?;
        self.done.insert(at, value.clone());
        Some(value)
    }

    fn number(&mut self, at: usize) -> Option<Exact> {
        self.at(at)?.number()
    }

    fn flag(&mut self, at: usize) -> Option<bool> {
        self.at(at)?.flag()
    }

    /// Where all inputs are there, nothing but a failure is without a value.
    fn node(&mut self, node: &ScriptNode) -> Option<Value> {
        use ScriptNode as N;
        Some(Value::Number(match node {
            N::Number(number) => number.clone(),
            N::Points => self.full.clone(),
            N::Input(at) => return self.inputs.get(*at).cloned(),
            N::Negate(a) => -self.number(*a)?,
            N::Add(a, b) => &self.number(*a)? + &self.number(*b)?,
            N::Sub(a, b) => &self.number(*a)? - &self.number(*b)?,
            N::Mul(a, b) => &self.number(*a)? * &self.number(*b)?,
            N::Div(a, b) => self.number(*a)?.checked_div(&self.number(*b)?)?,
            N::Rem(a, b) => {
                let (a, b) = (self.number(*a)?, self.number(*b)?);
                &a - &(&a.checked_div(&b)?.trunc() * &b)
            }
            N::Power(a, power) => self.number(*a)?.pow(*power),
            N::Abs(a) => self.number(*a)?.abs(),
            N::Floor(a, places) => self.number(*a)?.round(Rounding::Floor, *places),
            N::Ceil(a, places) => self.number(*a)?.round(Rounding::Ceiling, *places),
            N::Round(a, places) => self.number(*a)?.round(Rounding::HalfUp, *places),
            N::Min(a, b) => self.number(*a)?.min(self.number(*b)?),
            N::Max(a, b) => self.number(*a)?.max(self.number(*b)?),
            N::Select { when, then, otherwise } => {
                let chosen = if self.flag(*when)? { *then } else { *otherwise };
                return self.at(chosen);
            }
            N::Strict { checked, value } => {
                for at in checked {
                    self.at(*at)?;
                }
                return self.at(*value);
            }
            N::Word(word) => return Some(Value::Word(word.clone())),
            N::Flag(flag) => return Some(Value::Flag(*flag)),
            N::Filled(a) => return self.at(*a).map(|_| Value::Flag(true)),
            N::Compare(op, a, b) => return compared(*op, &self.at(*a)?, &self.at(*b)?).map(Value::Flag),
            N::Equal(a, b) => {
                let (a, b): (Value, Value) = (self.at(*a)?, self.at(*b)?);
                return Some(Value::Flag(a == b));
            }
            N::Decimal(a) => {
                let number = self.number(*a)?;
                return Some(Value::Flag(number.to_i64().is_some() || number.to_decimal().is_some()));
            }
            N::And(a, b) => return Some(Value::Flag(self.flag(*a)? && self.flag(*b)?)),
            N::Or(a, b) => return Some(Value::Flag(self.flag(*a)? || self.flag(*b)?)),
            N::Not(a) => return Some(Value::Flag(!self.flag(*a)?)),
            N::Unit | N::Fail => return None,
        }))
    }
}
