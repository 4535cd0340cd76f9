//! Kernels for one operation at a time, each with the bounds of what it yields (算子的生成).
//!
//! Not here: which operations a plan asks for (`compile`).

use super::bound::{Bounded, CONSTANT, WHOLE, grain_of, to_double};
use super::kernels::RoundTo;
use super::program::{Kernel, Program, Reg, Settle};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::CompareOp;
use std::collections::HashMap;

/// Numbers: the same for all, or a column.
#[derive(Clone, Debug)]
pub(super) enum Num {
    Constant(Exact),
    Column(Reg, Bounded),
}

impl Num {
    /// What is known of them.
    pub fn bounds(&self) -> Bounded {
        match self {
            Num::Constant(number) => Bounded::constant(number).1,
            Num::Column(_, bounds) => bounds.clone(),
        }
    }

    /// Whether all are certainly from one end to the other, as far as these are given.
    pub fn lies(&self, low: Option<&Exact>, high: Option<&Exact>) -> bool {
        let bounds = self.bounds();
        low.is_none_or(|end| bounds.low.as_ref().is_some_and(|low| low >= end))
            && high.is_none_or(|end| bounds.high.as_ref().is_some_and(|high| high <= end))
    }
}

/// Makes a program, kernel by kernel.
#[derive(Default)]
pub(super) struct Emitter {
    pub program: Program,
    reciprocals: HashMap<Reg, (Reg, Bounded)>,
    fills: HashMap<u64, Reg>,
}

impl Emitter {
    /// A new column.
    pub fn put(&mut self, kernel: Kernel) -> Reg {
        let to = Reg(u32::try_from(self.program.regs).unwrap_or(u32::MAX));
        self.program.regs += 1;
        self.program.kernels.push((to, kernel));
        to
    }

    /// A column of one number.
    pub fn fill(&mut self, with: f64) -> Reg {
        if let Some(known) = self.fills.get(&with.to_bits()) {
            return *known;
        }
        let reg = self.put(Kernel::Fill { with });
        self.fills.insert(with.to_bits(), reg);
        reg
    }

    /// Numbers as a column.
    pub fn column(&mut self, of: &Num) -> (Reg, Bounded) {
        match of {
            Num::Column(reg, bounds) => (*reg, bounds.clone()),
            Num::Constant(number) => {
                let (stored, bounds) = Bounded::constant(number);
                (self.fill(stored), bounds)
            }
        }
    }

    /// `a + b`, or `a − b`.
    pub fn add(&mut self, a: &Num, b: &Num, minus: bool) -> Num {
        if let (Num::Constant(a), Num::Constant(b)) = (a, b) {
            return Num::Constant(if minus { a - b } else { a + b });
        }
        let (of_a, of_b) = (a.bounds(), b.bounds());
        let (scale, factor_a, factor_b) = of_a.common(&of_b);
        let (by, in_scale_a) = of_a.rescaled(scale.clone(), &factor_a);
        let (times, in_scale_b) = of_b.rescaled(scale, &factor_b);
        let (times, signed_b) = if minus { (-times, in_scale_b.negated()) } else { (times, in_scale_b) };
        let bounds = in_scale_a.sum(&signed_b);
        let reg = match (a, b) {
            (Num::Column(a, _), Num::Constant(_)) if by == 1.0 => {
                let b = self.stored(b) * times;
                self.put(Kernel::AddConstant { a: *a, b })
            }
            _ => {
                let (a, b) = (self.column(a).0, self.column(b).0);
                self.put(Kernel::Add { a, by, b, times })
            }
        };
        Num::Column(reg, bounds)
    }

    fn stored(&self, of: &Num) -> f64 {
        match of {
            Num::Constant(number) => Bounded::constant(number).0,
            Num::Column(..) => f64::NAN,
        }
    }

    /// The sum of several.
    pub fn sum(&mut self, parts: &[Num]) -> Num {
        let scale = parts.iter().map(Num::bounds).reduce(|sum, part| {
            let (scale, ..) = sum.common(&part);
            Bounded { whole: sum.whole && part.whole, scale, ..part }
        });
        let Some(Bounded { scale, .. }) = scale else { return Num::Constant(Exact::ZERO) };
        let mut sum: Option<(Reg, Bounded)> = None;
        for part in parts {
            let (reg, bounds) = self.column(part);
            let factor = bounds.scale.checked_div(&scale).unwrap_or(Exact::ONE);
            let (by, bounds) = bounds.rescaled(scale.clone(), &factor);
            sum = Some(match sum {
                None => (self.put(Kernel::Scale { a: reg, by }), bounds),
                Some((to, before)) => {
                    self.program.kernels.push((to, Kernel::Accumulate { a: reg, by }));
                    (to, before.sum(&bounds))
                }
            });
        }
        sum.map_or(Num::Constant(Exact::ZERO), |(reg, bounds)| Num::Column(reg, bounds))
    }

    /// `a · b`.
    pub fn mul(&mut self, a: &Num, b: &Num) -> Num {
        match (a, b) {
            (Num::Constant(a), Num::Constant(b)) => Num::Constant(a * b),
            (Num::Constant(by), Num::Column(reg, bounds)) | (Num::Column(reg, bounds), Num::Constant(by)) => {
                if by.is_positive() {
                    return Num::Column(*reg, bounds.clone().scaled(by));
                }
                if by.is_zero() {
                    let bounds = Bounded::constant(&Exact::ZERO).1;
                    return Num::Column(self.put(Kernel::Scale { a: *reg, by: 0.0 }), bounds);
                }
                let negated = Num::Column(self.put(Kernel::Negate { a: *reg }), bounds.clone().negated());
                self.mul(&negated, &Num::Constant(-by))
            }
            (Num::Column(a, of_a), Num::Column(b, of_b)) => Num::Column(self.put(Kernel::Mul { a: *a, b: *b }), of_a.product(of_b)),
        }
    }

    /// `a / b`; `shared` says that others are divided by the same. `None` where it is not certain what is zero.
    pub fn div(&mut self, a: &Num, b: &Num, shared: bool) -> Option<Num> {
        match (a, b) {
            (_, Num::Constant(by)) => Exact::ONE.checked_div(by).map(|inverse| self.mul(a, &Num::Constant(inverse))),
            (a, Num::Column(b, of_b)) => {
                if !shared {
                    let (a, of_a) = self.column(a);
                    return Some(Num::Column(self.put(Kernel::Div { a, b: *b }), of_a.quotient(of_b)?));
                }
                let (inverse, bounds) = self.reciprocal(*b, of_b)?;
                Some(self.mul(a, &Num::Column(inverse, bounds)))
            }
        }
    }

    fn reciprocal(&mut self, of: Reg, bounds: &Bounded) -> Option<(Reg, Bounded)> {
        if let Some(known) = self.reciprocals.get(&of) {
            return Some(known.clone());
        }
        let bounds = Bounded::constant(&Exact::ONE).1.quotient(bounds)?;
        let reg = self.put(Kernel::Reciprocal { a: of });
        self.reciprocals.insert(of, (reg, bounds.clone()));
        Some((reg, bounds))
    }

    /// The smaller (or the greater) of a column and a number.
    pub fn limit(&mut self, a: &Num, to: &Exact, greater: bool) -> Num {
        let (certain, moot) =
            if greater { (a.lies(Some(to), None), a.lies(None, Some(to))) } else { (a.lies(None, Some(to)), a.lies(Some(to), None)) };
        match a {
            Num::Constant(a) => Num::Constant(if greater { a.max(to) } else { a.min(to) }.clone()),
            Num::Column(..) if certain && !moot => a.clone(),
            Num::Column(reg, bounds) => {
                let stored = to.checked_div(&bounds.scale).unwrap_or_default();
                let b = to_double(&stored);
                let exact = stored.is_integer() && b.abs() < WHOLE;
                let limit = Bounded {
                    scale: bounds.scale.clone(),
                    low: Some(to.clone()),
                    high: Some(to.clone()),
                    most: b.abs(),
                    least: if b == 0.0 { bounds.least } else { b.abs() },
                    grain: if exact || b == 0.0 { 1.0 } else { grain_of(b.abs()) },
                    relative: if exact { 0.0 } else { CONSTANT },
                    absolute: 0.0,
                    whole: exact,
                };
                let kernel = if greater { Kernel::AtLeast { a: *reg, b } } else { Kernel::AtMost { a: *reg, b } };
                let mut of = bounds.either(&limit, greater);
                if !greater && bounds.not_negative() {
                    of.most = of.most.min(b.abs());
                }
                Num::Column(self.put(kernel), of)
            }
        }
    }

    /// The smaller (or the greater) of two.
    pub fn extreme(&mut self, a: &Num, b: &Num, greater: bool) -> Num {
        match (a, b) {
            (a, Num::Constant(b)) => self.limit(a, b, greater),
            (Num::Constant(a), b) => self.limit(b, a, greater),
            _ => {
                let ((a, of_a), (b, of_b)) = self.alike(a, b);
                let kernel = if greater { Kernel::Greater { a, b } } else { Kernel::Smaller { a, b } };
                Num::Column(self.put(kernel), of_a.either(&of_b, greater))
            }
        }
    }

    /// Two numbers as columns in one scale.
    pub fn alike(&mut self, a: &Num, b: &Num) -> ((Reg, Bounded), (Reg, Bounded)) {
        let (scale, factor_a, factor_b) = a.bounds().common(&b.bounds());
        let mut rescaled = |of: &Num, factor: &Exact| {
            let (by, in_scale) = of.bounds().rescaled(scale.clone(), factor);
            let reg = match of {
                Num::Constant(_) => {
                    let stored = self.stored(of) * by;
                    self.fill(stored)
                }
                Num::Column(reg, _) if by == 1.0 => *reg,
                Num::Column(reg, _) => self.put(Kernel::Scale { a: *reg, by }),
            };
            (reg, in_scale)
        };
        (rescaled(a, &factor_a), rescaled(b, &factor_b))
    }

    /// `then` where a condition holds, else `otherwise`.
    pub fn select(&mut self, when: Reg, then: &Num, otherwise: &Num) -> Num {
        let ((a, of_a), (b, of_b)) = self.alike(then, otherwise);
        let bounds = of_a.union(&of_b);
        let reg = match (then, otherwise) {
            (Num::Constant(_), Num::Constant(_)) => {
                let stored = |of: &Num, bounds: &Bounded| match of {
                    Num::Constant(number) => number.checked_div(&bounds.scale).map_or(0.0, |stored| to_double(&stored)),
                    Num::Column(..) => 0.0,
                };
                let (then, otherwise) = (stored(then, &of_a), stored(otherwise, &of_b));
                self.put(Kernel::SelectConstants { when, then, otherwise })
            }
            _ => self.put(Kernel::Select { when, then: a, otherwise: b }),
        };
        Num::Column(reg, bounds)
    }

    /// Whether a column compares so with a number.
    pub fn compare(&mut self, op: CompareOp, a: Reg, bounds: &Bounded, with: &Exact, settle: Settle) -> Reg {
        let (low, high, near) = interval(op, bounds, with);
        let settle = near.map(|near| (Box::from([near]), settle));
        if op != CompareOp::Ne {
            return self.put(Kernel::Between { a, low, high, settle });
        }
        let equal = self.put(Kernel::Between { a, low, high, settle: None });
        let of = self.put(Kernel::Not { a: equal });
        // Too near to be certain that they differ.
        settle.map_or(of, |settle| self.put(Kernel::SettleNear { of, a, settle }))
    }

    /// A number rounded to some decimals.
    pub fn round(&mut self, a: &Num, mode: Rounding, places: u32, settle: impl FnOnce(Exact) -> Settle) -> Option<Num> {
        let (a, bounds) = match a {
            Num::Constant(number) => return Some(Num::Constant(number.round(mode, places))),
            Num::Column(reg, bounds) => (*reg, bounds),
        };
        let power = Exact::from(10_i64.checked_pow(places)?);
        let unit = Exact::ONE.checked_div(&power)?;
        let (times, over) = (&bounds.scale * &power).split();
        let (times, over) = (to_double(&times), to_double(&over));
        let most = bounds.most * times / over * (1.0 + CONSTANT) * (1.0 + CONSTANT) + 1.0;
        let small = 1_125_899_906_842_624.0;
        if times.max(over) > small || most > small {
            return None;
        }
        // Whole numbers meet the place where a rounding turns exactly, or miss it by more than any error.
        let exact = bounds.whole && bounds.most * times < small;
        if bounds.whole && !exact {
            return None;
        }
        let (relative, absolute) =
            if exact { (0.0, -1.0) } else { (bounds.relative + 4.0 * CONSTANT, bounds.absolute * times / over * 1.001) };
        let by = RoundTo { mode, times, over, relative, absolute };
        let rounded = |end: &Option<Exact>| end.as_ref().map(|end| end.round(mode, places));
        let result = Bounded {
            low: rounded(&bounds.low),
            high: rounded(&bounds.high),
            most,
            least: 1.0,
            grain: 1.0,
            relative: 0.0,
            absolute: 0.0,
            whole: true,
            scale: unit.clone(),
        };
        let reg = self.put(Kernel::Round { a, by, settle: settle(unit) });
        Some(Num::Column(reg, result))
    }
}

/// A comparison with a number as an interval of stored numbers, both ends included, and how near to its end a stored
/// number is not certain.
pub(super) fn interval(op: CompareOp, bounds: &Bounded, with: &Exact) -> (f64, f64, Option<(f64, f64)>) {
    let (exact, stored, within) = bounds.threshold(with);
    let (below, above) = (f64::NEG_INFINITY, f64::INFINITY);
    if bounds.whole || within < 0.0 {
        // Of whole numbers the next one is meant: not below 19.5 is not below 20.
        let clamped = |end: &Exact| to_double(end).clamp(-2.0 * WHOLE, 2.0 * WHOLE);
        let (up, down) = if bounds.whole { (exact.ceil(), exact.floor()) } else { (exact.clone(), exact.clone()) };
        let (next_up, next_down) = if bounds.whole {
            (clamped(&(&down + &Exact::ONE)), clamped(&(&up - &Exact::ONE)))
        } else {
            (stored.next_up(), stored.next_down())
        };
        let (low, high) = match op {
            CompareOp::Ge => (clamped(&up), above),
            CompareOp::Gt => (next_up, above),
            CompareOp::Le => (below, clamped(&down)),
            CompareOp::Lt => (below, next_down),
            // Between two whole numbers there is none.
            CompareOp::Eq | CompareOp::Ne if up != down => (above, below),
            CompareOp::Eq | CompareOp::Ne => (clamped(&up), clamped(&up)),
        };
        return (low, high, None);
    }
    let (low, high) = match op {
        CompareOp::Ge | CompareOp::Gt => (stored, above),
        CompareOp::Le | CompareOp::Lt => (below, stored),
        CompareOp::Eq | CompareOp::Ne => (stored, stored),
    };
    (low, high, Some((stored, within)))
}
