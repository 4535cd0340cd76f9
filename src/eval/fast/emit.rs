//! Kernels for one operation at a time, each with the bounds of what it yields (算子的生成).
//!
//! Not here: which operations a plan asks for (`compile`).

use super::absent::Absences;
use super::bound::{Bounded, CONSTANT, WHOLE, to_double};
use super::kernels::RoundTo;
use super::program::{Arm, Kernel, Program, Reg, Settle};
use super::quotient::Quotients;
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
    pub(super) quotients: Quotients,
    /// Columns with a number in the place of nothing: of which, and the number.
    defaults: HashMap<Reg, (Reg, f64)>,
    pub(super) absences: Absences,
    /// By which kernel each column is made, if by one.
    made_by: Vec<Option<usize>>,
}

impl Emitter {
    /// A new column.
    pub fn put(&mut self, kernel: Kernel) -> Reg {
        let to = Reg(u32::try_from(self.program.regs).unwrap_or(u32::MAX));
        self.program.regs += 1;
        self.made_by.push(Some(self.program.kernels.len()));
        self.program.kernels.push((to, kernel));
        to
    }

    /// The kernel that makes a column.
    pub(super) fn kernel(&self, of: Reg) -> Option<&Kernel> {
        let at = (*self.made_by.get(of.0 as usize)?)?;
        self.program.kernels.get(at).map(|(_, kernel)| kernel)
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
        if let Some(sum) = self.sum_of_quotients(a, b, minus) {
            return sum;
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

    /// A column with a number in the place of nothing.
    pub fn default_to(&mut self, a: Reg, b: f64) -> Reg {
        let a = self.unguarded(a, b);
        let reg = self.put(Kernel::DefaultTo { a, b });
        self.defaults.insert(reg, (a, b));
        reg
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
                    // Nothing where there is nothing, unless something else stands for it.
                    let (a, or) = self.defaults.get(&reg).copied().unwrap_or((reg, f64::NAN));
                    self.program.kernels.push((to, Kernel::Accumulate { a, or, by }));
                    // More than one kernel makes a sum.
                    self.made_by.get_mut(to.0 as usize).into_iter().for_each(|made_by| *made_by = None);
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
            (a, Num::Column(b, of_b)) => match self.of_whole(a, *b, of_b) {
                Some((scale, parts)) => self.whole_quotient(&scale, parts, shared),
                None if shared => self.times_reciprocal(a, *b, of_b),
                None => {
                    let (a, of_a) = self.column(a);
                    Some(Num::Column(self.put(Kernel::Div { a, b: *b }), of_a.quotient(of_b)?))
                }
            },
        }
    }

    pub(super) fn times_reciprocal(&mut self, a: &Num, b: Reg, of_b: &Bounded) -> Option<Num> {
        let (inverse, bounds) = self.reciprocal(b, of_b)?;
        Some(self.mul(a, &Num::Column(inverse, bounds)))
    }

    /// Whether there is a column of what one over a column is.
    pub(super) fn is_inverted(&self, of: Reg) -> bool {
        self.reciprocals.contains_key(&of)
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
                let Some((b, limit)) = Bounded::constant_in(to, &bounds.scale) else { return a.clone() };
                let limit = Bounded { least: if b == 0.0 { bounds.least } else { limit.least }, ..limit };
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
        match (a, b) {
            (Num::Column(a, of_a), Num::Constant(number)) => {
                if let Some(constant) = self.in_scale_of(of_a, number) {
                    return ((*a, of_a.clone()), constant);
                }
            }
            (Num::Constant(number), Num::Column(b, of_b)) => {
                if let Some(constant) = self.in_scale_of(of_b, number) {
                    return (constant, (*b, of_b.clone()));
                }
            }
            _ => {}
        }
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

    /// A constant in the scale of a column, unless a whole column would not be whole with it.
    fn in_scale_of(&mut self, column: &Bounded, number: &Exact) -> Option<(Reg, Bounded)> {
        let (stored, bounds) = Bounded::constant_in(number, &column.scale)?;
        (bounds.whole || !column.whole).then(|| (self.fill(stored), bounds))
    }

    /// `then` where a condition holds, else `otherwise`.
    pub fn select(&mut self, when: Reg, then: &Num, otherwise: &Num) -> Num {
        let ((a, of_a), (b, of_b)) = self.alike(then, otherwise);
        let bounds = of_a.union(&of_b);
        let reg = self.choice(when, a, b);
        if let (Num::Constant(_), Num::Column(..)) = (then, otherwise) {
            self.guarded(reg, when, a, b);
        }
        Num::Column(reg, bounds)
    }

    /// A choice between two columns, with constants and a comparison taken into one kernel.
    pub fn choice(&mut self, when: Reg, then: Reg, otherwise: Reg) -> Reg {
        let arm = |reg: Reg| match self.kernel(reg) {
            Some(Kernel::Fill { with }) => Arm::Constant(*with),
            _ => Arm::Column(reg),
        };
        let (then, otherwise) = (arm(then), arm(otherwise));
        let kernel = match self.kernel(when) {
            Some(Kernel::Beside { of, side }) => Kernel::SelectBeside { of: of.clone(), side: *side, then, otherwise },
            _ => match (then, otherwise) {
                (Arm::Constant(then), Arm::Constant(otherwise)) => Kernel::SelectConstants { when, then, otherwise },
                _ => Kernel::Select { when, then, otherwise },
            },
        };
        self.put(kernel)
    }

    /// Whether a column compares so with a number.
    pub fn compare(&mut self, op: CompareOp, a: Reg, bounds: &Bounded, with: &Exact, settle: Settle) -> Reg {
        if op == CompareOp::Ne
            && let Some(equal) = self.beside(CompareOp::Eq, a, bounds, with)
        {
            let a = self.put(equal);
            return self.put(Kernel::Not { a });
        }
        if let Some(kernel) = self.beside(op, a, bounds, with) {
            return self.put(kernel);
        }
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
