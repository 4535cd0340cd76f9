//! Quotients of whole columns against constants (整数列之商): decided by whole numbers, without a doubt.
//!
//! Where y is above zero, x/y lies beside p/q as q·x lies beside p·y. If both products stay below 2⁵³ they are exact, and so is the
//! side of their difference: nothing is left to be settled. Most values of a rubric are such quotients, and many schools
//! lie just on the norm.

use super::bound::{Bounded, WHOLE, to_double};
use super::emit::{Emitter, Num};
use super::program::{Crossed, Kernel, Reg, Side};
use crate::model::BandOf;
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use std::collections::HashMap;

/// What some columns are quotients of.
#[derive(Default)]
pub(super) struct Quotients {
    known: HashMap<Reg, Parts>,
    /// Divisors with nothing in the place of zero.
    divisors: HashMap<Reg, Reg>,
}

/// Two whole columns, of which the stored numbers of a third are the quotient.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    above: (Reg, Bounded),
    /// Above zero, or nothing.
    below: (Reg, Bounded),
}

impl Parts {
    /// What to hold against what, in the place of the quotient and a bound: `above·times` against `below·by` for each of
    /// these numbers. They are the bounds in stored units of the quotient.
    pub fn crossed(&self, stored: &[Exact]) -> Option<(Crossed, Vec<f64>)> {
        let below = |number: f64, most: f64| number.abs() < WHOLE && number.abs() * most < WHOLE;
        let mut times = Exact::ONE;
        for number in stored {
            // The least common multiple of the denominators.
            let (_, denominator) = (number * &times).split();
            times = &times * &denominator;
        }
        let (above, over) = (to_double(&times), &self.below.1);
        let by: Vec<f64> = stored.iter().map(|number| to_double(&(number * &times))).collect();
        let fits = below(above, self.above.1.most) && by.iter().all(|by| below(*by, over.most));
        fits.then_some((Crossed { above: self.above.0, times: above, below: self.below.0 }, by))
    }
}

impl Emitter {
    /// The whole columns that a column is the quotient of.
    pub fn parts(&self, of: Reg) -> Option<&Parts> {
        self.quotients.known.get(&of)
    }

    /// The whole columns that `a / b` is the quotient of, if there are such, and its scale: `(x/y)/z` is `x/(y·z)`.
    pub(super) fn of_whole(&mut self, a: &Num, b: Reg, of_b: &Bounded) -> Option<(Exact, Parts)> {
        let Num::Column(a, of_a) = a else { return None };
        let scale = of_a.scale.checked_div(&of_b.scale)?;
        if !(of_b.whole && of_b.not_negative()) {
            return None;
        }
        if let Some(Parts { above, below: (y, of_y) }) = self.parts(*a).cloned() {
            let product = of_y.product(of_b);
            let z = product.whole.then(|| self.divisor(b, of_b))?;
            return Some((scale, Parts { above, below: (self.put(Kernel::Mul { a: y, b: z }), product.without_zero()) }));
        }
        of_a.whole.then(|| (scale, Parts { above: (*a, of_a.clone()), below: (self.divisor(b, of_b), of_b.clone().without_zero()) }))
    }

    /// The column that divides in the place of another, which is never below zero: it is nothing where that is zero.
    pub(super) fn divisor_of(&self, of: Reg) -> Option<Reg> {
        self.quotients.divisors.get(&of).copied()
    }

    /// A column with nothing in the place of zero.
    fn divisor(&mut self, of: Reg, bounds: &Bounded) -> Reg {
        if let Some(known) = self.quotients.divisors.get(&of) {
            return *known;
        }
        let never = bounds.low.as_ref().is_some_and(Exact::is_positive);
        let reg = if never { of } else { self.put(Kernel::NotZero { a: of }) };
        self.quotients.divisors.insert(of, reg);
        reg
    }

    /// `x/y ± z/y` is `(x ± z)/y`: the sum of whole columns has no error, and theirs would not cancel as they do.
    pub(super) fn sum_of_quotients(&mut self, a: &Num, b: &Num, minus: bool) -> Option<Num> {
        let (Num::Column(a, of_a), Num::Column(b, of_b)) = (a, b) else { return None };
        let (one, other) = (self.parts(*a)?.clone(), self.parts(*b)?.clone());
        if one.below.0 != other.below.0 {
            return None;
        }
        // What is above, in the units of the quotient.
        let above = |(reg, bounds): &(Reg, Bounded), scale: &Exact| {
            Some(Num::Column(*reg, bounds.clone().scaled(&scale.checked_div(&bounds.scale)?)))
        };
        let (x, z) = (above(&one.above, &of_a.scale)?, above(&other.above, &of_b.scale)?);
        let Num::Column(reg, bounds) = self.add(&x, &z, minus) else { return None };
        if !bounds.whole {
            return None;
        }
        let shared = self.is_inverted(one.below.0);
        self.whole_quotient(&bounds.scale.clone(), Parts { above: (reg, bounds), below: one.below }, shared)
    }

    /// A quotient of whole columns, that stands for `a / b`.
    pub(super) fn whole_quotient(&mut self, scale: &Exact, parts: Parts, shared: bool) -> Option<Num> {
        let ((x, of_x), (y, of_y)) = (parts.above.clone(), &parts.below);
        let quotient = match shared {
            true => self.times_reciprocal(&Num::Column(x, of_x), *y, of_y)?,
            false => Num::Column(self.put(Kernel::Div { a: x, b: *y }), of_x.quotient(of_y)?),
        };
        let Num::Column(reg, bounds) = quotient else { return None };
        self.quotients.known.insert(reg, parts);
        // Factors that the scale has taken on the way.
        let factor = scale.checked_div(&bounds.scale)?;
        Some(Num::Column(reg, bounds.scaled(&factor)))
    }

    /// `a / b` where that is a quotient of whole columns.
    pub fn div_of_whole(&mut self, a: &Num, b: &Num) -> Option<Num> {
        let Num::Column(b, of_b) = b else { return None };
        let (scale, parts) = self.of_whole(a, *b, of_b)?;
        self.whole_quotient(&scale, parts, false)
    }

    /// A comparison of a quotient with a number as one of whole numbers.
    pub(super) fn beside(&self, op: CompareOp, a: Reg, bounds: &Bounded, with: &Exact) -> Option<Kernel> {
        let (low, high) = sides(op)?;
        let (of, by) = self.parts(a)?.crossed(&[with.checked_div(&bounds.scale)?])?;
        Some(Kernel::Beside { of, side: Side { by: *by.first()?, low, high } })
    }

    /// Bands of a quotient, each with its points, as comparisons of whole numbers.
    pub fn bands_beside(&self, a: Reg, bounds: &Bounded, bands: &[(BandOf, f64)]) -> Option<Kernel> {
        let mut stored = Vec::new();
        let mut cut = |op: CompareOp, with: &Exact| {
            stored.push(with.checked_div(&bounds.scale)?);
            Some((stored.len() - 1, sides(op)?))
        };
        let mut cuts = Vec::new();
        for (band, points) in bands {
            let (one, two) = match band {
                BandOf::Else => (None, None),
                BandOf::Compare(op, with) => (Some(cut(*op, with)?), None),
                BandOf::Range(Some(from), Some(to)) => (Some(cut(CompareOp::Ge, from)?), Some(cut(CompareOp::Lt, to)?)),
                BandOf::Range(Some(from), None) => (Some(cut(CompareOp::Ge, from)?), None),
                BandOf::Range(None, Some(to)) => (Some(cut(CompareOp::Lt, to)?), None),
                BandOf::Range(None, None) => (None, None),
            };
            cuts.push((one, two, *points));
        }
        let (of, by) = self.parts(a)?.crossed(&stored)?;
        let side = |cut: Option<(usize, (f64, f64))>| match cut {
            None => Some(Side { by: 0.0, low: f64::NEG_INFINITY, high: f64::INFINITY }),
            Some((at, (low, high))) => Some(Side { by: *by.get(at)?, low, high }),
        };
        let two = cuts.iter().any(|(_, two, _)| two.is_some());
        let bands = cuts.into_iter().map(|(one, two, points)| Some((side(one)?, side(two)?, points)));
        Some(Kernel::BandsBeside { of, bands: bands.collect::<Option<_>>()?, two })
    }
}

/// Between which whole numbers a difference lies where what it is taken of compares so with what is taken away.
pub(super) fn sides(op: CompareOp) -> Option<(f64, f64)> {
    match op {
        CompareOp::Ge => Some((0.0, f64::INFINITY)),
        CompareOp::Gt => Some((1.0, f64::INFINITY)),
        CompareOp::Le => Some((f64::NEG_INFINITY, 0.0)),
        CompareOp::Lt => Some((f64::NEG_INFINITY, -1.0)),
        CompareOp::Eq => Some((0.0, 0.0)),
        CompareOp::Ne => None,
    }
}
