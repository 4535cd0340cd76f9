//! Scores outside zero to full marks (满分之外): where there may be some, and who finds them.

use super::super::bound::to_double;
use super::super::emit::{Num, interval};
use super::super::program::{Kernel, Place, Settle};
use super::conditions::compared;
use super::{Compiler, whole};
use crate::eval::plan::{NodeId, Op};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use std::collections::HashMap;

/// Choices that lie deeper in each other are looked at as a whole.
const DEEPEST_CHOICE: usize = 64;
/// So many branches are looked at with what is known on the way to them.
const MOST_BRANCHES: u32 = 256;

/// Between which ends a value lies in a branch.
struct Fact {
    of: NodeId,
    low: Option<Exact>,
    high: Option<Exact>,
}

impl Fact {
    /// What holds of a value that compares so.
    fn new(how: CompareOp, of: NodeId, with: &Exact) -> Option<Fact> {
        let (low, high) = match how {
            CompareOp::Ge | CompareOp::Gt => (Some(with.clone()), None),
            CompareOp::Le | CompareOp::Lt => (None, Some(with.clone())),
            CompareOp::Eq => (Some(with.clone()), Some(with.clone())),
            CompareOp::Ne => return None,
        };
        Some(Fact { of, low, high })
    }
}

struct Search<'x> {
    layer: u8,
    full: &'x Exact,
    facts: Vec<Fact>,
    /// What was found without any fact.
    known: HashMap<NodeId, Num>,
    branches: u32,
    outside: bool,
}

impl Compiler<'_> {
    /// A score, infinite where it lies outside zero to full marks, and whether it ever may. Of a choice each branch is looked at
    /// by itself, with what its conditions say: one that is full marks as written is never in doubt.
    pub(super) fn inside(&mut self, layer: u8, node: NodeId, full: &Exact) -> Option<(Num, bool)> {
        let mut search = Search { layer, full, facts: Vec::new(), known: HashMap::new(), branches: MOST_BRANCHES, outside: false };
        let (number, _) = self.look(node, 0, &mut search)?;
        Some((number, search.outside))
    }

    /// A branch, and whether facts made a difference.
    fn look(&mut self, node: NodeId, depth: usize, search: &mut Search<'_>) -> Option<(Num, bool)> {
        if let Some(known) = search.known.get(&node) {
            return Some((known.clone(), false));
        }
        search.branches = search.branches.saturating_sub(1);
        let got = self.got(search.layer, node)?;
        let number = self.number(&got)?;
        let plan = self.plan(search.layer)?;
        let (found, by_facts) = match &plan.node(node)?.op {
            _ if number.lies(Some(&Exact::ZERO), Some(search.full)) => (number, false),
            Op::Script(at) if depth < DEEPEST_CHOICE => self.look(plan.scripts.get(*at)?.straight?, depth + 1, search)?,
            Op::Choose(cases, otherwise) if depth < DEEPEST_CHOICE => {
                let before = search.facts.len();
                let (mut arms, mut by_facts) = (Vec::new(), false);
                for (when, then) in cases {
                    let fact = compared(plan, *when);
                    let here = search.facts.len();
                    search.facts.extend(fact.and_then(|(how, of, with)| Fact::new(how, of, with)));
                    let (then, by) = self.look(*then, depth + 1, search)?;
                    search.facts.truncate(here);
                    search.facts.extend(fact.and_then(|(how, of, with)| Fact::new(how.opposite(), of, with)));
                    arms.push((*when, then));
                    by_facts |= by;
                }
                let (mut number, by) = self.look(*otherwise, depth + 1, search)?;
                search.facts.truncate(before);
                for (when, then) in arms.iter().rev() {
                    let when = self.got(search.layer, *when)?;
                    let when = self.flag(&when)?;
                    number = self.emitter.select(when, then, &number);
                }
                (number, by_facts | by)
            }
            _ => match (self.range(node, search), number) {
                ((Some(low), Some(high)), Num::Column(reg, bounds)) if !low.is_negative() && high <= *search.full => {
                    let bounds = super::Bounded { low: Some(low), high: Some(high), ..bounds };
                    (Num::Column(reg, bounds), true)
                }
                (_, number) => {
                    search.outside = true;
                    (self.within(&number, search.full, Place { layer: search.layer, node })?, false)
                }
            },
        };
        if !by_facts {
            search.known.insert(node, found.clone());
        }
        Some((found, by_facts))
    }

    /// Between which ends a value lies by its bounds and by facts: of itself, or of what it is a multiple of.
    fn range(&self, node: NodeId, search: &Search<'_>) -> (Option<Exact>, Option<Exact>) {
        let bounds = match self.got(search.layer, node).map(|got| got.it) {
            Some(super::It::Number(number)) => (number.bounds().low, number.bounds().high),
            _ => (None, None),
        };
        let (mut lows, mut highs) = (vec![bounds.0], vec![bounds.1]);
        for fact in search.facts.iter().filter(|fact| search.branches > 0 && fact.of == node) {
            lows.push(fact.low.clone());
            highs.push(fact.high.clone());
        }
        let op = |node: NodeId| Some(&self.plan(search.layer)?.node(node)?.op);
        if let Some(Op::Mul(a, b)) = op(node) {
            let factor = match (op(*a), op(*b)) {
                (Some(Op::Number(by)), _) => Some((by, *b)),
                (_, Some(Op::Number(by))) => Some((by, *a)),
                _ => None,
            };
            if let Some((by, of)) = factor.filter(|(by, _)| by.is_positive()) {
                let (low, high) = self.range(of, search);
                lows.push(low.map(|low| &low * by));
                highs.push(high.map(|high| &high * by));
            }
        }
        (lows.into_iter().flatten().max(), highs.into_iter().flatten().min())
    }

    fn within(&mut self, score: &Num, full: &Exact, place: Place) -> Option<Num> {
        let (a, mut bounds) = self.emitter.column(score);
        let (low, _, near_low) = interval(CompareOp::Ge, &bounds, &Exact::ZERO);
        let (_, high, near_high) = interval(CompareOp::Le, &bounds, full);
        let thresholds: Box<[(f64, f64)]> = near_low.into_iter().chain(near_high).collect();
        let settle = Settle { scale: bounds.scale.clone(), inside: Some(full.clone()), ..whole(place) };
        let settle = (!thresholds.is_empty()).then_some((thresholds, settle));
        let reg = self.emitter.put(Kernel::Within { a, low, high, instead: f64::INFINITY, settle });
        bounds.low = Some(bounds.low.map_or(Exact::ZERO, |low| low.max(Exact::ZERO)));
        bounds.high = Some(bounds.high.map_or(full.clone(), |high| high.min(full.clone())));
        bounds.most = bounds.most.min(to_double(&full.checked_div(&bounds.scale)?) * (1.0 + 1e-9));
        Some(Num::Column(reg, bounds.settled()))
    }
}
