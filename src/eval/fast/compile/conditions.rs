//! Conditions and choices as kernels (条件与取舍).

use super::super::bound::Bounded;
use super::super::emit::Num;
use super::super::kernels::{NO, YES};
use super::super::program::{Arm, Kernel, Place, Reg};
use super::{Compiler, Constant, Got, It, Na, whole};
use crate::eval::plan::{NodeId, Op, Plan};
use crate::model::BandOf;
use crate::number::Exact;
use crate::syntax::tree::CompareOp;

/// Longer chains of comparisons are left as they are.
const MOST_BANDS: usize = 32;

/// A comparison of a value with a number.
pub(super) fn compared<'p>(plan: &'p Plan<'_>, condition: NodeId) -> Option<(CompareOp, NodeId, &'p Exact)> {
    let Op::Compare(how, a, b) = &plan.node(condition)?.op else { return None };
    match (&plan.node(*a)?.op, &plan.node(*b)?.op) {
        (_, Op::Number(with)) => Some((*how, *a, with)),
        (Op::Number(with), _) => Some((how.turned(), *b, with)),
        _ => None,
    }
}

impl Compiler<'_> {
    pub(super) fn default(&mut self, layer: u8, first: NodeId, second: NodeId) -> Option<Got> {
        let (one, two) = (self.got(layer, first)?, self.got(layer, second)?);
        // Whose gap stays is that of the second.
        if let (Some(a), Some(b)) = (self.flag(&one), self.flag(&two)) {
            return Some(Got { it: It::Flag(self.emitter.put(Kernel::Default { a, b })), na: two.na });
        }
        let (a, b) = (self.number(&one)?, self.number(&two)?);
        let Num::Column(..) = a else { return Some(one) };
        let ((a, of_a), (b, of_b)) = self.emitter.alike(&a, &b);
        let reg = self.emitter.put(Kernel::Default { a, b });
        Some(Got { it: It::Number(Num::Column(reg, of_a.union(&of_b))), na: two.na })
    }

    pub(super) fn choose(&mut self, layer: u8, cases: &[(NodeId, NodeId)], otherwise: NodeId, place: Place) -> Option<Got> {
        if let Some((of, bands)) = self.as_bands(layer, cases, otherwise)
            && let Some(got) = self.got(layer, of).filter(|got| got.na == Na::Nobody)
            && let Some(Num::Column(a, bounds)) = self.number(&got)
            && let Some(points) = self.banded(a, &bounds, &bands, place)
        {
            return Some(Got { it: It::Number(points), na: Na::Nobody });
        }
        let last = self.got(layer, otherwise)?;
        let pair = |(when, then): &(NodeId, NodeId)| Some((self.got(layer, *when)?, self.got(layer, *then)?));
        let cases: Vec<(Got, Got)> = cases.iter().map(pair).collect::<Option<_>>()?;
        let na = self.choice_applies(&cases, &last);
        let mut words = Vec::new();
        let mut flag = self.flag(&last);
        let mut number = match flag {
            Some(_) => None,
            None => Some(self.number(&last).or_else(|| self.coded(&last, &mut words))?),
        };
        // From the last case to the first, so that the first that holds has the last word.
        for (when, then) in cases.iter().rev() {
            let condition = self.flag(when)?;
            if let Some(otherwise) = flag {
                let then = self.flag(then)?;
                flag = Some(self.emitter.choice(condition, then, otherwise));
            } else if let Some(otherwise) = &number {
                let then = if words.is_empty() { self.number(then)? } else { self.coded(then, &mut words)? };
                number = Some(self.emitter.select(condition, &then, otherwise));
            }
        }
        let it = match (flag, number) {
            (Some(flag), _) => It::Flag(flag),
            (None, Some(number)) if words.is_empty() => It::Number(number),
            (None, Some(code)) => {
                let (code, bounds) = self.emitter.column(&code);
                It::Word((bounds.scale == Exact::ONE).then_some(code)?, words.into())
            }
            (None, None) => return None,
        };
        Some(Got { it, na })
    }

    /// For whom a choice does not apply: where the first condition that does not say no does not, or what it leads to.
    fn choice_applies(&mut self, cases: &[(Got, Got)], last: &Got) -> Na {
        let all: Vec<&Got> = cases.iter().flat_map(|(when, then)| [when, then]).chain([last]).collect();
        let some: Vec<&Got> = all.into_iter().filter(|got| got.na != Na::Nobody).collect();
        match (cases, some.as_slice()) {
            (_, []) => return Na::Nobody,
            // A condition that alone may not apply, and constants: then what does not apply is the whole.
            ([(when, _)], [one]) if when.na == one.na => return one.na.clone(),
            _ => {}
        }
        self.choice_state(cases, last).map_or_else(|| Na::of_all(&some), Na::Unless)
    }

    /// The state of a choice.
    fn choice_state(&mut self, cases: &[(Got, Got)], last: &Got) -> Option<Reg> {
        let mut so_far = self.state(last)?;
        for (when, then) in cases.iter().rev() {
            let (condition, then) = (self.flag(when)?, self.state(then)?);
            so_far = self.emitter.choice(condition, then, so_far);
            if when.na != Na::Nobody {
                let applies = self.state(when)?;
                let gone = self.emitter.put(Kernel::SelectConstants { when: applies, then: f64::NAN, otherwise: NO });
                so_far = self.emitter.put(Kernel::Default { a: so_far, b: gone });
            }
        }
        Some(so_far)
    }

    /// Comparisons of one value with numbers, one after another, each with a number to come to, are bands.
    fn as_bands(&self, layer: u8, cases: &[(NodeId, NodeId)], otherwise: NodeId) -> Option<(NodeId, Vec<(BandOf, Exact)>)> {
        let plan = self.plan(layer)?;
        let op = |node: NodeId| plan.node(node).map(|node| &node.op);
        let (mut value, mut bands) = (None, Vec::new());
        let (mut cases, mut otherwise) = (cases, otherwise);
        while bands.len() < MOST_BANDS {
            for (when, then) in cases {
                let (how, of, with) = compared(plan, *when)?;
                let Op::Number(points) = op(*then)? else { return None };
                if how == CompareOp::Ne || *value.get_or_insert(of) != of {
                    return None;
                }
                bands.push((BandOf::Compare(how, with.clone()), points.clone()));
            }
            match op(otherwise)? {
                Op::Number(points) => {
                    bands.push((BandOf::Else, points.clone()));
                    return Some((value?, bands));
                }
                Op::Choose(more, last) => (cases, otherwise) = (more, *last),
                _ => return None,
            }
        }
        None
    }

    pub(super) fn compare(&mut self, op: CompareOp, one: &Got, two: &Got, place: Place) -> Option<Reg> {
        match (&one.it, &two.it) {
            (It::Option(field), It::Constant(Constant::Word(word))) => return self.option_is(*field, |option| op.holds(option.cmp(word))),
            (It::Constant(Constant::Word(word)), It::Option(field)) => return self.option_is(*field, |option| op.holds(word.cmp(option))),
            (It::Word(a, words), It::Constant(Constant::Word(word))) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let code = words.iter().position(|name| name == word);
                let code = code.and_then(|code| i64::try_from(code).ok()).unwrap_or(-1);
                let bounds = Bounded::whole(Exact::ONE, -1, i64::try_from(words.len()).ok()?);
                return Some(self.emitter.compare(op, *a, &bounds, &Exact::from(code), whole(place)));
            }
            _ => {}
        }
        let (a, b) = (self.number(one)?, self.number(two)?);
        match (&a, &b) {
            (Num::Constant(a), Num::Constant(b)) => Some(self.emitter.fill(if op.holds(a.cmp(b)) { YES } else { NO })),
            (Num::Column(a, bounds), Num::Constant(with)) => Some(self.emitter.compare(op, *a, bounds, with, whole(place))),
            (Num::Constant(with), Num::Column(a, bounds)) => Some(self.emitter.compare(op.turned(), *a, bounds, with, whole(place))),
            (Num::Column(..), Num::Column(..)) => {
                let Num::Column(reg, bounds) = self.emitter.add(&a, &b, true) else { return None };
                bounds.sound().then(|| self.emitter.compare(op, reg, &bounds, &Exact::ZERO, whole(place)))
            }
        }
    }

    /// No where something does not apply, yes where it has a value, nothing where that is missing for another reason; `None`
    /// where that cannot be told.
    pub(super) fn state(&mut self, got: &Got) -> Option<Reg> {
        let yes = self.emitter.fill(YES);
        let b = self.any(got)?;
        let there = self.emitter.put(Kernel::Given { a: yes, b });
        match got.na {
            Na::Nobody => Some(there),
            Na::Unless(when) => {
                let gone = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: NO });
                Some(self.emitter.put(Kernel::Default { a: there, b: gone }))
            }
            Na::Perhaps(_) => None,
        }
    }

    /// Of something that needs both: it does not apply where one of them does not and the other is not missing, which is the
    /// graver reason.
    pub(super) fn strict(&mut self, one: &Got, two: &Got) -> Na {
        let certain = |got: &Got| matches!(got.it, It::Constant(_) | It::Number(Num::Constant(_)));
        match (&one.na, &two.na) {
            (Na::Nobody, Na::Nobody) => return Na::Nobody,
            (na, Na::Nobody) if certain(two) => return na.clone(),
            (Na::Nobody, na) if certain(one) => return na.clone(),
            _ => {}
        }
        match (self.state(one), self.state(two)) {
            (Some(a), Some(b)) => Na::Unless(self.emitter.put(Kernel::Mul { a, b })),
            _ => Na::of_all(&[one, two]),
        }
    }

    /// Whether the second applies of those for whom the first does.
    pub(super) fn both_apply(&mut self, first: Reg, second: Reg) -> Reg {
        self.emitter.put(Kernel::Select { when: first, then: Arm::Column(second), otherwise: Arm::Constant(NO) })
    }

    /// A condition with an answer in the place of "does not apply"; `None` where it cannot be told for whom that is.
    pub(super) fn applicable(&mut self, got: &Got, instead: f64) -> Option<Reg> {
        let a = self.flag(got)?;
        match got.na {
            Na::Nobody => Some(a),
            // Where it is not known whether it applies, that stays.
            Na::Unless(when) => {
                let answer = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: instead });
                Some(self.emitter.put(Kernel::Default { a, b: answer }))
            }
            Na::Perhaps(_) => None,
        }
    }

    pub(super) fn fold(&mut self, layer: u8, list: &[NodeId], any: bool, of_applicable: bool) -> Option<Got> {
        let neutral = if any { NO } else { YES };
        let mut so_far: Option<Reg> = None;
        let mut all = Vec::new();
        for node in list {
            let got = self.got(layer, *node)?;
            let b = if of_applicable { self.applicable(&got, neutral)? } else { self.flag(&got)? };
            so_far = Some(match so_far {
                None => b,
                Some(a) => self.emitter.put(if any { Kernel::Or { a, b } } else { Kernel::And { a, b } }),
            });
            all.push(got);
        }
        let reg = so_far.unwrap_or_else(|| self.emitter.fill(neutral));
        let na = if of_applicable { Na::Nobody } else { Na::of_all(&all.iter().collect::<Vec<_>>()) };
        Some(Got { it: It::Flag(reg), na })
    }

    pub(super) fn count(&mut self, layer: u8, list: &[NodeId]) -> Option<Num> {
        let mut parts = Vec::new();
        for node in list {
            let got = self.got(layer, *node)?;
            parts.push(Num::Column(self.applicable(&got, NO)?, Bounded::whole(Exact::ONE, 0, 1)));
        }
        Some(self.emitter.sum(&parts))
    }
}
