//! Whether a condition can hold (条件能否成立): what must be so for it to hold, of each value that it speaks of.
//!
//! Values are taken to be free of each other within their ranges, so what is called impossible is impossible, and what is not may still be.

use super::Look;
use super::ranges::{Range, day};
use crate::check::interval::{self, Stretch, comparing, meet};
use crate::model::{Aspect, Expr, Node, Slot, Target, Type};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What a value can be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Set {
    /// Numbers of these stretches, whole ones or any; a day is a whole number.
    Number(Vec<Stretch>, bool),
    /// One of these options or texts.
    Words(BTreeSet<Name>),
    /// No option or text of these.
    NotWords(BTreeSet<Name>),
    /// Yes or no.
    Flag(bool),
}

/// What holds, by the keys of values.
pub(super) type Facts = BTreeMap<String, Set>;

/// With more possibilities than this, nothing is known any more.
const MOST: usize = 32;
/// How deep conditions are looked into.
const DEEPEST: usize = 40;

impl Look<'_> {
    /// The possibilities in which a condition comes to `want` besides what holds in one of `states`; none: it cannot.
    pub(super) fn assume(&self, states: &[Facts], condition: &Expr, want: bool) -> Vec<Facts> {
        bounded(states.iter().flat_map(|facts| self.one(facts, condition, want, 0)).collect())
    }

    /// Whether a condition cannot come to `want`.
    pub(super) fn never(&self, condition: &Expr, want: bool) -> bool {
        self.assume(&[Facts::new()], condition, want).is_empty()
    }

    fn each(&self, states: Vec<Facts>, condition: &Expr, want: bool, depth: usize) -> Vec<Facts> {
        bounded(states.iter().flat_map(|facts| self.one(facts, condition, want, depth + 1)).collect())
    }

    fn one(&self, facts: &Facts, condition: &Expr, want: bool, depth: usize) -> Vec<Facts> {
        if depth > DEEPEST {
            return vec![facts.clone()];
        }
        let condition = self.bare(condition);
        let all_of = |list: &[Expr], want: bool| list.iter().fold(vec![facts.clone()], |states, one| self.each(states, one, want, depth));
        let one_of = |list: &[Expr], want: bool| bounded(list.iter().flat_map(|one| self.one(facts, one, want, depth + 1)).collect());
        match &condition.node {
            Node::Flag(flag) => kept(facts, *flag == want),
            Node::Not(inner) => self.one(facts, inner, !want, depth + 1),
            Node::All(list) if want => all_of(list, true),
            Node::All(list) => one_of(list, false),
            Node::Any(list) if want => one_of(list, true),
            Node::Any(list) => all_of(list, false),
            Node::Compare(op, a, b) => self.compare(facts, if want { *op } else { op.opposite() }, a, b),
            Node::In(what, list) if want => bounded(list.iter().flat_map(|one| self.compare(facts, CompareOp::Eq, what, one)).collect()),
            Node::In(what, list) => list.iter().fold(vec![facts.clone()], |states, one| {
                bounded(states.iter().flat_map(|facts| self.compare(facts, CompareOp::Ne, what, one)).collect())
            }),
            Node::Choose(cases, otherwise) => {
                let (mut found, mut left) = (Vec::new(), vec![facts.clone()]);
                for (when, then) in cases {
                    found.extend(self.each(self.each(left.clone(), when, true, depth), then, want, depth));
                    left = self.each(left, when, false, depth);
                }
                found.extend(self.each(left, otherwise, want, depth));
                bounded(found)
            }
            Node::Slot(Slot::Indicator(at, Aspect::Met)) => match self.met(facts, *at, want) {
                Some(states) => states,
                None => self.flag(facts, condition, want),
            },
            _ => self.flag(facts, condition, want),
        }
    }

    /// A condition that is not looked into.
    fn flag(&self, facts: &Facts, condition: &Expr, want: bool) -> Vec<Facts> {
        self.told(facts, self.key(condition), Set::Flag(want))
    }

    /// That a target is met, where nothing but value and bound decides.
    fn met(&self, facts: &Facts, at: usize, want: bool) -> Option<Vec<Facts>> {
        let indicator = self.rubric.indicators.get(at)?;
        let (value, target) = (indicator.value.as_ref()?, indicator.target.as_ref()?);
        if self.rubric.compare_rounded.is_some() || !indicator.exceptions.is_empty() {
            return None;
        }
        let mut found = Vec::new();
        for (at, case) in target.cases.iter().enumerate() {
            let op = if want { case.op } else { case.op.opposite() };
            for facts in self.in_case(facts, target, at) {
                found.extend(self.compare(&facts, op, value, &case.bound));
            }
        }
        Some(bounded(found))
    }

    /// Where a case of a target counts.
    fn in_case(&self, facts: &Facts, target: &Target, at: usize) -> Vec<Facts> {
        let (Some(by), Some(case)) = (&target.by, target.cases.get(at)) else { return vec![facts.clone()] };
        let key = self.key(by);
        let named: BTreeSet<Name> = target.cases.iter().flat_map(|case| case.options.iter().cloned()).collect();
        let set = if case.options.is_empty() { Set::NotWords(named) } else { Set::Words(case.options.iter().cloned().collect()) };
        self.words(facts, by, key, set)
    }

    fn compare(&self, facts: &Facts, op: CompareOp, a: &Expr, b: &Expr) -> Vec<Facts> {
        let (a, b) = (self.bare(a), self.bare(b));
        match (&a.ty, &b.ty) {
            (Type::Number(_) | Type::Date, Type::Number(_) | Type::Date) => self.numbers(facts, op, a, b),
            (Type::Choice(_) | Type::Text, Type::Choice(_) | Type::Text) => {
                let (what, word) = match (&a.node, &b.node) {
                    (Node::Word(a), Node::Word(b)) => {
                        return match op {
                            CompareOp::Eq => kept(facts, a == b),
                            CompareOp::Ne => kept(facts, a != b),
                            _ => vec![facts.clone()],
                        };
                    }
                    (_, Node::Word(word)) => (a, word),
                    (Node::Word(word), _) => (b, word),
                    _ => return vec![facts.clone()],
                };
                let one = BTreeSet::from([word.clone()]);
                match op {
                    CompareOp::Eq => self.words(facts, what, self.key(what), Set::Words(one)),
                    CompareOp::Ne => self.words(facts, what, self.key(what), Set::NotWords(one)),
                    _ => vec![facts.clone()],
                }
            }
            (Type::Flag, Type::Flag) => match (&a.node, &b.node, op) {
                (_, Node::Flag(flag), CompareOp::Eq | CompareOp::Ne) => self.one(facts, a, *flag == (op == CompareOp::Eq), 1),
                (Node::Flag(flag), _, CompareOp::Eq | CompareOp::Ne) => self.one(facts, b, *flag == (op == CompareOp::Eq), 1),
                _ => vec![facts.clone()],
            },
            _ => vec![facts.clone()],
        }
    }

    /// A comparison of numbers or days: of one value with a constant, else of a difference with zero.
    fn numbers(&self, facts: &Facts, op: CompareOp, a: &Expr, b: &Expr) -> Vec<Facts> {
        let (op, term, bound) = match (self.constant(a), self.constant(b)) {
            (Some(x), Some(y)) => return kept(facts, op.holds(x.cmp(&y))),
            (None, Some(bound)) => (op, a, bound),
            (Some(bound), None) => (op.turned(), b, bound),
            (None, None) => return self.difference(facts, op, a, b),
        };
        let (op, term, bound) = self.alone(op, term, bound);
        if let Some(number) = self.constant(term) {
            return kept(facts, op.holds(number.cmp(&bound)));
        }
        let range = self.range(term, facts);
        self.narrowed(facts, self.key(term), &range, &comparing(op, &bound))
    }

    fn difference(&self, facts: &Facts, op: CompareOp, a: &Expr, b: &Expr) -> Vec<Facts> {
        let (one, other) = (self.key(a), self.key(b));
        if one == other {
            return kept(facts, op.holds(std::cmp::Ordering::Equal));
        }
        let (x, y) = (self.range(a, facts), self.range(b, facts));
        let whole = x.whole && y.whole;
        let (key, op, stretch) = if one < other {
            (format!("{one} less {other}"), op, interval::minus(&x.stretch, &y.stretch))
        } else {
            (format!("{other} less {one}"), op.turned(), interval::minus(&y.stretch, &x.stretch))
        };
        self.narrowed(facts, key, &Range::new(stretch, whole), &comparing(op, &Exact::ZERO))
    }

    /// The value that a comparison is about, constants taken over to the other side.
    pub(super) fn alone<'e>(&'e self, op: CompareOp, term: &'e Expr, bound: Exact) -> (CompareOp, &'e Expr, Exact) {
        let (mut op, mut term, mut bound) = (op, self.bare(term), bound);
        for _ in 0..DEEPEST {
            let scaled = |factor: &Exact, bound: &Exact, op: CompareOp| {
                let bound = bound.checked_div(factor)?;
                Some((if factor.is_negative() { op.turned() } else { op }, bound))
            };
            let next = match &term.node {
                Node::Add(a, b) => match (self.constant(a), self.constant(b)) {
                    (None, Some(k)) => Some((op, &**a, &bound - &k)),
                    (Some(k), None) => Some((op, &**b, &bound - &k)),
                    _ => None,
                },
                Node::Sub(a, b) => match (self.constant(a), self.constant(b)) {
                    (None, Some(k)) => Some((op, &**a, &bound + &k)),
                    (Some(k), None) => Some((op.turned(), &**b, &k - &bound)),
                    _ => None,
                },
                Node::Mul(a, b) => match (self.constant(a), self.constant(b)) {
                    (None, Some(k)) => scaled(&k, &bound, op).map(|(op, bound)| (op, &**a, bound)),
                    (Some(k), None) => scaled(&k, &bound, op).map(|(op, bound)| (op, &**b, bound)),
                    _ => None,
                },
                Node::Div(a, b) => self.constant(b).and_then(|k| Exact::ONE.checked_div(&k)).and_then(|k| {
                    let (op, bound) = scaled(&k, &bound, op)?;
                    Some((op, &**a, bound))
                }),
                Node::Negate(a) => Some((op.turned(), &**a, -&bound)),
                Node::Scale(a, factor) => scaled(factor, &bound, op).map(|(op, bound)| (op, &**a, bound)),
                _ => None,
            };
            let Some((turned, inner, moved)) = next else { break };
            (op, term, bound) = (turned, self.bare(inner), moved);
        }
        (op, term, bound)
    }

    /// What an expression of nothing but numbers comes to.
    pub(super) fn constant(&self, expr: &Expr) -> Option<Exact> {
        let of = |inner: &Expr| self.constant(inner);
        match &self.bare(expr).node {
            Node::Number(number) => Some(number.clone()),
            Node::Date(date) => Some(day(*date)),
            Node::Negate(a) => Some(-of(a)?),
            Node::Scale(a, factor) => Some(&of(a)? * factor),
            Node::Add(a, b) => Some(&of(a)? + &of(b)?),
            Node::Sub(a, b) => Some(&of(a)? - &of(b)?),
            Node::Mul(a, b) => Some(&of(a)? * &of(b)?),
            Node::Div(a, b) => of(a)?.checked_div(&of(b)?),
            _ => None,
        }
    }

    /// That a number lies in one of some stretches.
    fn narrowed(&self, facts: &Facts, key: String, range: &Range, stretches: &[Stretch]) -> Vec<Facts> {
        let (known, whole) = match facts.get(&key) {
            Some(Set::Number(known, whole)) => (known.clone(), *whole || range.whole),
            _ => (vec![range.stretch.clone()], range.whole),
        };
        let tight = |stretch: Stretch| if whole { interval::whole(&stretch) } else { stretch };
        let both = known.iter().flat_map(|one| stretches.iter().map(|other| tight(meet(one, other))));
        let left: Vec<Stretch> = both.filter(|stretch| !interval::empty(stretch)).collect();
        if left.is_empty() {
            return Vec::new();
        }
        let mut facts = facts.clone();
        facts.insert(key, Set::Number(left, whole));
        vec![facts]
    }

    /// That a choice is, or is not, one of some options.
    fn words(&self, facts: &Facts, what: &Expr, key: String, set: Set) -> Vec<Facts> {
        let set = match (&what.ty, set) {
            // A choice has its options and no other.
            (Type::Choice(options), Set::NotWords(not)) => {
                Set::Words(options.iter().filter(|option| !not.contains(*option)).cloned().collect())
            }
            (Type::Choice(options), Set::Words(some)) => Set::Words(some.into_iter().filter(|one| options.contains(one)).collect()),
            (_, set) => set,
        };
        self.told(facts, key, set)
    }

    /// With one more thing that holds, if it can.
    fn told(&self, facts: &Facts, key: String, set: Set) -> Vec<Facts> {
        let set = match (facts.get(&key), set) {
            (Some(Set::Flag(known)), Set::Flag(flag)) if *known != flag => return Vec::new(),
            (Some(Set::Words(known)), Set::Words(some)) => Set::Words(known.intersection(&some).cloned().collect()),
            (Some(Set::Words(known)), Set::NotWords(not)) => Set::Words(known.difference(&not).cloned().collect()),
            (Some(Set::NotWords(not)), Set::Words(some)) => Set::Words(some.difference(not).cloned().collect()),
            (Some(Set::NotWords(known)), Set::NotWords(not)) => Set::NotWords(known.union(&not).cloned().collect()),
            (_, set) => set,
        };
        if matches!(&set, Set::Words(words) if words.is_empty()) {
            return Vec::new();
        }
        let mut facts = facts.clone();
        facts.insert(key, set);
        vec![facts]
    }
}

fn kept(facts: &Facts, holds: bool) -> Vec<Facts> {
    if holds { vec![facts.clone()] } else { Vec::new() }
}

/// Too many possibilities are one of which nothing is known.
fn bounded(states: Vec<Facts>) -> Vec<Facts> {
    if states.len() > MOST { vec![Facts::new()] } else { states }
}
