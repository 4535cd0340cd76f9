//! Sums of scores, and verdicts, as kernels (合计与结论).

use super::super::bound::Bounded;
use super::super::emit::{Num, interval};
use super::super::kernels::{NO, YES};
use super::super::program::{Kernel, Place, Settle};
use super::{Compiler, Got, It, Na, whole};
use crate::eval::plan::{NodeId, Verdict};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::sync::Arc;

impl Compiler<'_> {
    pub(super) fn parts(&mut self, layer: u8, parts: &[(Exact, NodeId)], full: &Exact) -> Option<Got> {
        let got: Vec<Got> = parts.iter().map(|(_, part)| self.got(layer, *part)).collect::<Option<_>>()?;
        let numbers: Vec<Num> = got.iter().map(|got| self.number(got)).collect::<Option<_>>()?;
        if got.iter().all(|got| got.na == Na::Nobody) {
            return Some(Got { it: It::Number(self.emitter.sum(&numbers)), na: Na::Nobody });
        }
        // Who is exempt from something has it left out, of the sum and of the points that count.
        let (mut sum, mut counted, mut some) = (Vec::new(), Vec::new(), Vec::new());
        for ((points, _), (got, number)) in parts.iter().zip(got.iter().zip(&numbers)) {
            match got.na {
                Na::Nobody => {
                    sum.push(number.clone());
                    counted.push(Num::Constant(points.clone()));
                }
                Na::Unless(when) => {
                    // Of whom it is not known whether it applies, it counts.
                    let when = self.emitter.put(Kernel::DefaultTo { a: when, b: YES });
                    let (a, bounds) = self.emitter.column(number);
                    let zero = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: 0.0 });
                    let zero_bounds = Bounded { scale: bounds.scale.clone(), ..Bounded::constant(&Exact::ZERO).1 };
                    sum.push(Num::Column(self.emitter.put(Kernel::Default { a, b: zero }), bounds.union(&zero_bounds)));
                    counted.push(self.emitter.select(when, &Num::Constant(points.clone()), &Num::Constant(Exact::ZERO)));
                    some.push(when);
                }
                Na::Perhaps(_) => return None,
            }
        }
        let (sum, counted) = (self.emitter.sum(&sum), self.emitter.sum(&counted));
        let Num::Column(count, of_counted) = &counted else { return None };
        let factor = self.emitter.div(&Num::Constant(full.clone()), &counted, false)?;
        let scaled = self.emitter.mul(&sum, &factor);
        // Who is exempt from nothing has the plain sum, which may count more than full marks.
        let mut all = self.emitter.fill(YES);
        for b in some {
            all = self.emitter.put(Kernel::And { a: all, b });
        }
        let result = self.emitter.select(all, &sum, &scaled);
        // Exempt from everything: the whole does not apply.
        if !of_counted.whole {
            return None;
        }
        let (low, high, _) = interval(CompareOp::Gt, of_counted, &Exact::ZERO);
        let left = self.emitter.put(Kernel::Between { a: *count, low, high, settle: None });
        Some(Got { it: It::Number(result), na: Na::Unless(left) })
    }

    pub(super) fn verdict(&mut self, layer: u8, it: &Verdict, place: Place) -> Option<Got> {
        let words = names(it);
        let code = |name: &Name| words.iter().position(|word| word == name).and_then(|at| u32::try_from(at).ok()).map(f64::from);
        let mut drawn = self.emitter.fill(f64::NAN);
        for (condition, name) in it.cases.iter().rev() {
            let then = self.emitter.fill(code(name)?);
            drawn = match condition {
                None => then,
                Some(condition) => {
                    let condition = self.got(layer, *condition)?;
                    let when = self.flag(&condition)?;
                    self.emitter.choice(when, then, drawn)
                }
            };
        }
        // From the last veto to the first; one that is open may change everything or nothing.
        for (_, condition, then) in it.vetoes.iter().rev() {
            let condition = self.got(layer, *condition)?;
            let falls = self.applicable(&condition, NO)?;
            let then = self.emitter.fill(code(then)?);
            let forced = self.emitter.choice(falls, then, drawn);
            // Known, and no verdict: as it is. Not known: infinite, and settled in the end.
            let known = self.emitter.put(Kernel::Filled { a: falls });
            drawn = self.emitter.put(Kernel::Where { when: known, a: forced, b: f64::INFINITY });
        }
        if !it.vetoes.is_empty() {
            let settle = Settle { words: words.clone(), ..whole(place) };
            drawn = self.emitter.put(Kernel::SettleOpen { a: drawn, gaps: false, settle });
        }
        Some(Got { it: It::Word(drawn, words), na: Na::Nobody })
    }
}

/// The names of verdicts.
pub(super) fn names(it: &Verdict) -> Arc<[Name]> {
    let mut names: Vec<Name> = Vec::new();
    for name in it.cases.iter().map(|(_, name)| name).chain(it.vetoes.iter().map(|(_, _, then)| then)) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names.into()
}
