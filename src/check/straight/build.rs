//! The operations of a script without jumps, one by one: equal ones shared, constant ones computed, kinds and sizes known.

use crate::model::script::MOST_BITS;
use crate::model::straight::{MOST_NODES, WhyNot};
use crate::model::{ScriptNode, Straight};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::collections::HashMap;

pub(super) type Made<T> = Result<T, WhyNot>;

/// Longest inputs that a program must be good for: 40 digits on both sides of the fraction bar.
const LEAST_INPUT_BITS: usize = 300;

/// What a value is, besides `()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Word,
    Flag,
}

/// What is known of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// Its kind; none: it is always `()`.
    pub kind: Option<Kind>,
    /// Whether it may come to `()`.
    pub unit: bool,
    /// Whether it may stop the script when none of the operands that it always looks at does.
    pub own: bool,
    /// Whether it may stop the script.
    pub halts: bool,
    /// How long a number it may be.
    size: Size,
}

/// How many bits numerator and denominator of a number have at most, by the bits of the inputs.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    above: Bits,
    below: Bits,
}

/// `times` the bits of the longest input, and `plus` some.
#[derive(Clone, Copy, Debug, Default)]
struct Bits {
    times: usize,
    plus: usize,
}

impl Bits {
    fn new(times: usize, plus: usize) -> Bits {
        Bits { times, plus }
    }
    fn and(self, other: Bits) -> Bits {
        Bits::new(self.times.saturating_add(other.times), self.plus.saturating_add(other.plus))
    }
    fn or(self, other: Bits) -> Bits {
        Bits::new(self.times.max(other.times), self.plus.max(other.plus))
    }
    fn more(self, bits: usize) -> Bits {
        Bits::new(self.times, self.plus.saturating_add(bits))
    }
    fn by(self, times: usize) -> Bits {
        Bits::new(self.times.saturating_mul(times), self.plus.saturating_mul(times))
    }
}

impl Size {
    fn or(self, other: Size) -> Size {
        Size { above: self.above.or(other.above), below: self.below.or(other.below) }
    }
    fn product(self, other: Size) -> Size {
        Size { above: self.above.and(other.above), below: self.below.and(other.below) }
    }
    fn quotient(self, other: Size) -> Size {
        Size { above: self.above.and(other.below), below: self.below.and(other.above) }
    }
    fn sum(self, other: Size) -> Size {
        let above = self.above.and(other.below).or(other.above.and(self.below)).more(1);
        Size { above, below: self.below.and(other.below) }
    }
}

/// A rounding function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    Floor,
    Ceil,
    Half,
}

/// The operations made so far.
#[derive(Debug, Default)]
pub(super) struct Builder {
    nodes: Vec<ScriptNode>,
    facts: Vec<Facts>,
    known: HashMap<ScriptNode, usize>,
    /// Inputs may have so many bits.
    most_bits: Option<usize>,
}

impl Builder {
    pub fn node(&self, at: usize) -> &ScriptNode {
        self.nodes.get(at).unwrap_or(&ScriptNode::Unit)
    }

    pub fn facts(&self, at: usize) -> Facts {
        let nothing = Facts { kind: None, unit: true, own: false, halts: false, size: Size::default() };
        self.facts.get(at).copied().unwrap_or(nothing)
    }

    /// The number that an operation always comes to.
    /// All operations so far.
    pub fn nodes(&self) -> &[ScriptNode] {
        &self.nodes
    }

    pub fn known_number(&self, at: usize) -> Option<&Exact> {
        match self.node(at) {
            ScriptNode::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn known_flag(&self, at: usize) -> Option<bool> {
        match self.node(at) {
            ScriptNode::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    fn make(&mut self, node: ScriptNode, kind: Option<Kind>, unit: bool, own: bool, size: Size) -> Made<usize> {
        if let Some(at) = self.known.get(&node) {
            return Ok(*at);
        }
        if self.nodes.len() >= MOST_NODES {
            return Err(WhyNot::TooLong);
        }
        let whole = size.above.and(size.below);
        let left = MOST_BITS.checked_sub(whole.plus).ok_or(WhyNot::TooLarge)?;
        if let Some(bits) = left.checked_div(whole.times) {
            if bits < LEAST_INPUT_BITS {
                return Err(WhyNot::TooLarge);
            }
            self.most_bits = Some(self.most_bits.map_or(bits, |most| most.min(bits)));
        }
        let halts = own || self.forced(&node).iter().any(|operand| self.facts(*operand).halts);
        let at = self.nodes.len();
        self.nodes.push(node.clone());
        self.facts.push(Facts { kind, unit, own, halts, size });
        self.known.insert(node, at);
        Ok(at)
    }

    /// The operands that an operation always looks at, in order.
    pub fn forced(&self, node: &ScriptNode) -> Vec<usize> {
        match node {
            ScriptNode::And(a, _) | ScriptNode::Or(a, _) => vec![*a],
            ScriptNode::Select { when, .. } => vec![*when],
            other => operands(other),
        }
    }

    pub fn number(&mut self, number: Exact) -> Made<usize> {
        let bits = number.bits();
        let size = Size { above: Bits::new(0, bits), below: Bits::new(0, 1) };
        let size = if number.is_integer() { size } else { Size { above: Bits::new(0, bits), below: Bits::new(0, bits) } };
        self.make(ScriptNode::Number(number), Some(Kind::Number), false, false, size)
    }

    pub fn word(&mut self, word: &str) -> Made<usize> {
        self.make(ScriptNode::Word(Name::from(word)), Some(Kind::Word), false, false, Size::default())
    }

    pub fn flag(&mut self, flag: bool) -> Made<usize> {
        self.make(ScriptNode::Flag(flag), Some(Kind::Flag), false, false, Size::default())
    }

    pub fn unit(&mut self) -> Made<usize> {
        self.make(ScriptNode::Unit, None, true, false, Size::default())
    }

    pub fn input(&mut self, at: usize, kind: Kind) -> Made<usize> {
        let bits = Bits::new(usize::from(kind == Kind::Number), 0);
        self.make(ScriptNode::Input(at), Some(kind), true, false, Size { above: bits, below: bits })
    }

    pub fn points(&mut self) -> Made<usize> {
        let bits = Bits::new(1, 0);
        self.make(ScriptNode::Points, Some(Kind::Number), false, false, Size { above: bits, below: bits })
    }

    pub fn fail(&mut self) -> Made<usize> {
        self.make(ScriptNode::Fail, None, true, true, Size::default())
    }

    /// Whether an operation on numbers may come to `()`; `None`: it always does.
    fn numbers(&self, operands: &[usize], name: &str) -> Made<Option<bool>> {
        let facts = || operands.iter().map(|at| self.facts(*at));
        if facts().any(|facts| facts.kind.is_some_and(|kind| kind != Kind::Number)) {
            return Err(WhyNot::Operator(Name::from(name)));
        }
        Ok(facts().all(|facts| facts.kind.is_some()).then(|| facts().any(|facts| facts.unit)))
    }

    fn one(&mut self, a: usize, name: &str, node: ScriptNode, size: Size, fold: impl FnOnce(&Exact) -> Exact) -> Made<usize> {
        let Some(unit) = self.numbers(&[a], name)? else { return self.unit() };
        match self.known_number(a).map(fold) {
            Some(number) => self.number(number),
            None => self.make(node, Some(Kind::Number), unit, false, size),
        }
    }

    pub fn negate(&mut self, a: usize) -> Made<usize> {
        self.one(a, "-", ScriptNode::Negate(a), self.facts(a).size, |a| -a.clone())
    }

    pub fn plus(&mut self, a: usize) -> Made<usize> {
        Ok(if self.numbers(&[a], "+")?.is_some() { a } else { self.unit()? })
    }

    pub fn abs(&mut self, a: usize) -> Made<usize> {
        self.one(a, "abs", ScriptNode::Abs(a), self.facts(a).size, Exact::abs)
    }

    pub fn round(&mut self, how: Round, a: usize, places: u32) -> Made<usize> {
        let (node, rounding) = match how {
            Round::Floor => (ScriptNode::Floor(a, places), Rounding::Floor),
            Round::Ceil => (ScriptNode::Ceil(a, places), Rounding::Ceiling),
            Round::Half => (ScriptNode::Round(a, places), Rounding::HalfUp),
        };
        let digits = usize::try_from(places).unwrap_or(usize::MAX).saturating_mul(4).saturating_add(2);
        let size = Size { above: self.facts(a).size.above.more(digits), below: Bits::new(0, digits) };
        self.one(a, "round", node, size, |a| a.round(rounding, places))
    }

    /// An operator or function of two numbers.
    pub fn two(&mut self, name: &str, a: usize, b: usize) -> Made<usize> {
        let (x, y) = (self.facts(a).size, self.facts(b).size);
        let (node, size) = match name {
            "+" => (ScriptNode::Add(a, b), x.sum(y)),
            "-" => (ScriptNode::Sub(a, b), x.sum(y)),
            "*" => (ScriptNode::Mul(a, b), x.product(y)),
            "/" => (ScriptNode::Div(a, b), x.quotient(y)),
            "%" => {
                let below = x.below.and(y.below);
                (ScriptNode::Rem(a, b), Size { above: y.above.and(x.below).more(1), below })
            }
            "**" => return self.power(a, b),
            "min" | "最小" => (ScriptNode::Min(a, b), x.or(y)),
            "max" | "最大" => (ScriptNode::Max(a, b), x.or(y)),
            _ => return Err(WhyNot::Operator(Name::from(name))),
        };
        let Some(unit) = self.numbers(&[a, b], name)? else { return self.unit() };
        let divides = matches!(node, ScriptNode::Div(..) | ScriptNode::Rem(..));
        let own = divides && self.known_number(b).is_none_or(Exact::is_zero);
        let folded = match (self.known_number(a), self.known_number(b)) {
            (Some(x), Some(y)) => match node {
                ScriptNode::Add(..) => Some(x + y),
                ScriptNode::Sub(..) => Some(x - y),
                ScriptNode::Mul(..) => Some(x * y),
                ScriptNode::Div(..) => x.checked_div(y),
                ScriptNode::Rem(..) => x.checked_div(y).map(|quotient| x - &(quotient.trunc() * y)),
                ScriptNode::Min(..) => Some(x.min(y).clone()),
                ScriptNode::Max(..) => Some(x.max(y).clone()),
                _ => None,
            },
            _ => None,
        };
        match folded {
            Some(number) => self.number(number),
            None => self.make(node, Some(Kind::Number), unit, own, size),
        }
    }

    fn power(&mut self, a: usize, b: usize) -> Made<usize> {
        let Some(unit) = self.numbers(&[a, b], "**")? else { return self.unit() };
        let exponent = self.known_number(b).and_then(Exact::to_i64).and_then(|times| u32::try_from(times).ok());
        let Some(exponent) = exponent.filter(|times| *times <= 1000) else { return Err(WhyNot::Operator(Name::from("**"))) };
        let times = usize::try_from(exponent).unwrap_or(usize::MAX);
        let size = self.facts(a).size;
        let size = Size { above: size.above.by(times).more(1), below: size.below.by(times).more(1) };
        match self.known_number(a).filter(|base| base.bits().saturating_mul(times) <= MOST_BITS).map(|base| base.pow(exponent)) {
            Some(number) => self.number(number),
            None => self.make(ScriptNode::Power(a, exponent), Some(Kind::Number), unit, false, size),
        }
    }

    pub fn compare(&mut self, op: CompareOp, a: usize, b: usize) -> Made<usize> {
        let Some(unit) = self.numbers(&[a, b], op.symbol())? else { return self.unit() };
        if let (Some(x), Some(y)) = (self.known_number(a), self.known_number(b)) {
            let holds = op.holds(x.cmp(y));
            return self.flag(holds);
        }
        self.make(ScriptNode::Compare(op, a, b), Some(Kind::Flag), unit, false, Size::default())
    }

    pub fn equal(&mut self, a: usize, b: usize) -> Made<usize> {
        let (x, y) = (self.facts(a), self.facts(b));
        match (x.kind, y.kind) {
            (None, None) => self.flag(true),
            (None, Some(_)) => self.filled(b).and_then(|filled| self.not(filled)),
            (Some(_), None) => self.filled(a).and_then(|filled| self.not(filled)),
            // Of different kinds they are only equal if both are `()`.
            (Some(x), Some(y)) if x != y => {
                let (a, b) = (self.filled(a)?, self.filled(b)?);
                let (a, b) = (self.not(a)?, self.not(b)?);
                self.both(a, b, false)
            }
            _ => {
                let (left, right) = (self.node(a), self.node(b));
                let constant = |node: &ScriptNode| matches!(node, ScriptNode::Number(_) | ScriptNode::Word(_) | ScriptNode::Flag(_));
                if constant(left) && constant(right) {
                    let same = left == right;
                    return self.flag(same);
                }
                self.make(ScriptNode::Equal(a, b), Some(Kind::Flag), false, false, Size::default())
            }
        }
    }

    pub fn decimal(&mut self, a: usize) -> Made<usize> {
        match self.known_number(a) {
            Some(number) => {
                let decimal = number.to_i64().is_some() || number.to_decimal().is_some();
                self.flag(decimal)
            }
            None => self.make(ScriptNode::Decimal(a), Some(Kind::Flag), false, false, Size::default()),
        }
    }

    pub fn filled(&mut self, a: usize) -> Made<usize> {
        let facts = self.facts(a);
        match facts.kind {
            None => self.flag(false),
            Some(_) if !facts.unit => self.flag(true),
            Some(_) => self.make(ScriptNode::Filled(a), Some(Kind::Flag), false, false, Size::default()),
        }
    }

    fn flags(&self, a: usize, name: &str) -> Made<()> {
        match self.facts(a).kind {
            Some(Kind::Flag) | None => Ok(()),
            Some(_) => Err(WhyNot::Operator(Name::from(name))),
        }
    }

    pub fn not(&mut self, a: usize) -> Made<usize> {
        self.flags(a, "!")?;
        match self.node(a) {
            ScriptNode::Flag(flag) => {
                let flag = !*flag;
                self.flag(flag)
            }
            ScriptNode::Not(inner) => Ok(*inner),
            _ if self.facts(a).kind.is_none() => self.unit(),
            _ => {
                let unit = self.facts(a).unit;
                self.make(ScriptNode::Not(a), Some(Kind::Flag), unit, false, Size::default())
            }
        }
    }

    /// Both, or either if `any`; the second is looked at only where the first does not decide.
    pub fn both(&mut self, a: usize, b: usize, any: bool) -> Made<usize> {
        let name = if any { "||" } else { "&&" };
        self.flags(a, name)?;
        self.flags(b, name)?;
        let (x, y) = (self.facts(a), self.facts(b));
        match self.known_flag(a) {
            Some(flag) if flag == any => return Ok(a),
            Some(_) if !y.unit => return Ok(b),
            _ => {}
        }
        if self.known_flag(b) == Some(!any) && !x.unit {
            return Ok(a);
        }
        let own = x.unit || y.unit || y.halts;
        let node = if any { ScriptNode::Or(a, b) } else { ScriptNode::And(a, b) };
        self.make(node, Some(Kind::Flag), false, own, Size::default())
    }

    /// One of two values of one kind. `keep`: even if they are the same, so that a branch may stop the script.
    pub fn select(&mut self, when: usize, then: usize, otherwise: usize) -> Made<usize> {
        self.flags(when, "if")?;
        if let Some(flag) = self.known_flag(when) {
            return Ok(if flag { then } else { otherwise });
        }
        if then == otherwise {
            return Ok(then);
        }
        let (sure, x, y) = (!self.facts(when).unit, self.facts(then), self.facts(otherwise));
        if sure && self.known_flag(then) == Some(true) && self.known_flag(otherwise) == Some(false) {
            return Ok(when);
        }
        // What is asked whether it is filled in is so in its branch.
        let filled_then = *self.node(when) == ScriptNode::Filled(then);
        let filled_otherwise = matches!(self.node(when), ScriptNode::Not(inner) if *self.node(*inner) == ScriptNode::Filled(otherwise));
        let unit = x.unit && !filled_then || y.unit && !filled_otherwise;
        let own = !sure || x.halts || y.halts;
        self.make(ScriptNode::Select { when, then, otherwise }, x.kind.or(y.kind), unit, own, x.size.or(y.size))
    }

    /// A value after others have been looked at.
    pub fn strict(&mut self, checked: Vec<usize>, value: usize) -> Made<usize> {
        if checked.is_empty() {
            return Ok(value);
        }
        let Facts { kind, unit, size, .. } = self.facts(value);
        self.make(ScriptNode::Strict { checked, value }, kind, unit, false, size)
    }

    /// The program of a result: only what the result needs.
    pub fn finish(self, result: usize) -> Straight {
        let mut needed = vec![false; self.nodes.len()];
        let mut waiting = vec![result];
        while let Some(at) = waiting.pop() {
            if let (Some(needed), Some(node)) = (needed.get_mut(at), self.nodes.get(at))
                && !*needed
            {
                *needed = true;
                waiting.extend(operands(node));
            }
        }
        let mut places = vec![0; self.nodes.len()];
        let mut nodes = Vec::new();
        for ((at, node), _) in self.nodes.into_iter().enumerate().zip(needed).filter(|(_, needed)| *needed) {
            if let Some(place) = places.get_mut(at) {
                *place = nodes.len();
            }
            nodes.push(moved(node, |old| places.get(old).copied().unwrap_or(0)));
        }
        let result = places.get(result).copied().unwrap_or(0);
        Straight { nodes, result, most_bits: self.most_bits.unwrap_or(MOST_BITS) }
    }
}

/// All operands of an operation, in the order in which they are looked at.
pub(super) fn operands(node: &ScriptNode) -> Vec<usize> {
    use ScriptNode as N;
    match node {
        N::Number(_) | N::Word(_) | N::Flag(_) | N::Unit | N::Input(_) | N::Points | N::Fail => Vec::new(),
        N::Negate(a) | N::Power(a, _) | N::Abs(a) | N::Floor(a, _) | N::Ceil(a, _) | N::Round(a, _) => vec![*a],
        N::Decimal(a) | N::Filled(a) | N::Not(a) => vec![*a],
        N::Add(a, b) | N::Sub(a, b) | N::Mul(a, b) | N::Div(a, b) | N::Rem(a, b) | N::Min(a, b) | N::Max(a, b) => vec![*a, *b],
        N::Compare(_, a, b) | N::Equal(a, b) | N::And(a, b) | N::Or(a, b) => vec![*a, *b],
        N::Select { when, then, otherwise } => vec![*when, *then, *otherwise],
        N::Strict { checked, value } => checked.iter().copied().chain([*value]).collect(),
    }
}

/// The same operation with its operands at other places.
fn moved(mut node: ScriptNode, to: impl Fn(usize) -> usize) -> ScriptNode {
    use ScriptNode as N;
    match &mut node {
        N::Number(_) | N::Word(_) | N::Flag(_) | N::Unit | N::Input(_) | N::Points | N::Fail => {}
        N::Negate(a) | N::Power(a, _) | N::Abs(a) | N::Floor(a, _) | N::Ceil(a, _) | N::Round(a, _) => *a = to(*a),
        N::Decimal(a) | N::Filled(a) | N::Not(a) => *a = to(*a),
        N::Add(a, b) | N::Sub(a, b) | N::Mul(a, b) | N::Div(a, b) | N::Rem(a, b) | N::Min(a, b) | N::Max(a, b) => {
            (*a, *b) = (to(*a), to(*b));
        }
        N::Compare(_, a, b) | N::Equal(a, b) | N::And(a, b) | N::Or(a, b) => (*a, *b) = (to(*a), to(*b)),
        N::Select { when, then, otherwise } => (*when, *then, *otherwise) = (to(*when), to(*then), to(*otherwise)),
        N::Strict { checked, value } => {
            checked.iter_mut().for_each(|a| *a = to(*a));
            *value = to(*value);
        }
    }
    node
}
