//! Doubles that know how far they are off (带误差界的双精度数): the algebra of error bounds.
//!
//! A column of doubles stands for a column of exact numbers: where there is a value, `exact = stored · scale` up to an error,
//! and the error is bounded for the whole column at once:
//!
//! ```text
//! |stored − exact/scale| ≤ relative·|stored| + absolute
//! ```
//!
//! The scale is a positive fraction that is never computed with: dividing by a target or turning 元 into 万元 costs nothing and
//! errs by nothing. A column is *whole* if every stored number is a whole number below 2⁵³: then it is exact, and
//! sums and products of whole columns that stay below that are, too.
//!
//! Each rule below bounds one rounding of IEEE 754 (round to nearest, unit 2⁻⁵³) and what comes in with the operands; the
//! proofs are in docs/numbers.md. Bounds are themselves computed in doubles and therefore widened by [`SLACK`] each time.
//! INVARIANT: no operation overflows or underflows: [`Bounded::sound`] holds of every column, by the magnitudes alone.

use crate::number::Exact;

/// Half a unit in the last place, relative: 2⁻⁵³.
pub(super) const UNIT: f64 = f64::EPSILON / 2.0;
/// How far, relative, a constant's double may be off: it is next to the constant, on the one side or the other.
pub(super) const CONSTANT: f64 = f64::EPSILON;
/// What the rounding of a few operations on bounds themselves may cost.
const SLACK: f64 = 1.0 + 1.0 / 1_099_511_627_776.0;
/// Whole numbers below are doubles: 2⁵³. Not up to it: 2⁵³ + 1 is stored as 2⁵³, too.
pub(super) const WHOLE: f64 = 9_007_199_254_740_992.0;
/// Magnitudes between 1/HUGE and HUGE leave room for any single operation on two columns.
const HUGE: f64 = 1e140;
/// Ends of intervals with longer parts are not worth their while.
const LONGEST_END: usize = 512;

/// What is known of a column of doubles.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bounded {
    /// What a stored 1 stands for; positive.
    pub scale: Exact,
    /// The least and the greatest exact number, where known.
    pub low: Option<Exact>,
    pub high: Option<Exact>,
    /// No stored number is greater, in magnitude.
    pub most: f64,
    /// No stored number but zero is smaller, in magnitude.
    pub least: f64,
    /// A power of two of which all stored numbers are multiples, so that their sums and differences are, too.
    pub grain: f64,
    pub relative: f64,
    pub absolute: f64,
    pub whole: bool,
}

impl Bounded {
    /// Whole multiples of a scale, exactly.
    pub fn whole(scale: Exact, low: i64, high: i64) -> Bounded {
        let end = |of: i64| Some(&Exact::from(of) * &scale);
        let most = magnitude(low).max(magnitude(high));
        Bounded { low: end(low), high: end(high), most, least: 1.0, grain: 1.0, relative: 0.0, absolute: 0.0, whole: most < WHOLE, scale }
            .rounded_unless_whole()
    }

    /// One number.
    pub fn constant(number: &Exact) -> (f64, Bounded) {
        let (numerator, denominator) = number.split();
        let scale = Exact::ONE.checked_div(&denominator).unwrap_or(Exact::ONE);
        let stored = to_double(&numerator);
        let whole = stored.abs() < WHOLE;
        let most = stored.abs();
        let least = if most > 0.0 { most } else { 1.0 };
        let ends = Some(number.clone());
        let relative = if whole { 0.0 } else { CONSTANT };
        (
            stored,
            Bounded {
                scale,
                low: ends.clone(),
                high: ends,
                most,
                least,
                grain: if whole { 1.0 } else { grain_of(least) },
                relative,
                absolute: 0.0,
                whole,
            },
        )
    }

    /// One number in units of a scale.
    pub fn constant_in(number: &Exact, scale: &Exact) -> Option<(f64, Bounded)> {
        let exact = number.checked_div(scale)?;
        let stored = to_double(&exact);
        let most = stored.abs();
        let whole = exact.is_integer() && most < WHOLE;
        let least = if most > 0.0 { most } else { 1.0 };
        let ends = Some(number.clone());
        let grain = if whole { 1.0 } else { grain_of(least) };
        let relative = if whole { 0.0 } else { CONSTANT };
        let bounds = Bounded { scale: scale.clone(), low: ends.clone(), high: ends, most, least, grain, relative, absolute: 0.0, whole };
        Some((stored, bounds))
    }

    /// Numbers computed exactly, each then rounded to the nearest double.
    pub fn nearest(most: f64, least: f64) -> Bounded {
        let grain = grain_of(least);
        Bounded { scale: Exact::ONE, low: None, high: None, most, least, grain, relative: 4.0 * UNIT, absolute: 0.0, whole: false }
    }

    /// Whether the next operation on it can neither overflow nor underflow.
    pub fn sound(&self) -> bool {
        self.most < HUGE && self.least > 1.0 / HUGE && self.grain > 1.0 / HUGE && self.relative < 0.25
    }

    /// Whether no exact number is below zero, and so no stored one.
    pub fn not_negative(&self) -> bool {
        self.absolute == 0.0 && self.low.as_ref().is_some_and(|low| !low.is_negative())
    }

    /// A multiple by a positive number: the scale takes it.
    pub fn scaled(mut self, by: &Exact) -> Bounded {
        self.scale = &self.scale * by;
        (self.low, self.high) = (times(self.low, by), times(self.high, by));
        self
    }

    pub fn negated(mut self) -> Bounded {
        (self.low, self.high) = (self.high.map(|high| -&high), self.low.map(|low| -&low));
        self
    }

    /// `|x|`.
    pub fn abs(mut self) -> Bounded {
        let most = self.low.as_ref().zip(self.high.as_ref()).map(|(low, high)| low.abs().max(high.abs()));
        let least = match (&self.low, &self.high) {
            (Some(low), _) if low.is_positive() => low.clone(),
            (_, Some(high)) if high.is_negative() => high.abs(),
            _ => Exact::ZERO,
        };
        (self.low, self.high) = (Some(least), most);
        self
    }

    /// `x · y`.
    pub fn product(&self, other: &Bounded) -> Bounded {
        let (x, y) = (self, other);
        let most = x.most * y.most * SLACK;
        let whole = x.whole && y.whole && most < WHOLE;
        let absolute = x.absolute * y.most * (1.0 + y.relative) + y.absolute * x.most * (1.0 + x.relative) + x.absolute * y.absolute;
        let (low, high) = products((&x.low, &x.high), (&y.low, &y.high));
        Bounded {
            scale: &x.scale * &y.scale,
            low,
            high,
            most,
            least: x.least * y.least / SLACK,
            grain: x.grain * y.grain,
            relative: (UNIT + (x.relative + y.relative + x.relative * y.relative) * (1.0 + 2.0 * UNIT)) * SLACK,
            absolute: absolute * SLACK,
            whole,
        }
        .exact_if_whole()
    }

    /// `x / y` where `y` is not zero; `None` where it is not certain which `y` are.
    pub fn quotient(&self, other: &Bounded) -> Option<Bounded> {
        let (x, y) = (self, other.clone().without_absolute()?);
        let beside = 1.0 - y.relative;
        let (low, high) = quotients((&x.low, &x.high), (&y.low, &y.high));
        let bounded = Bounded {
            scale: x.scale.checked_div(&y.scale)?,
            low,
            high,
            most: x.most / y.least * SLACK,
            least: x.least / y.most / SLACK,
            grain: grain_of(x.least / y.most / SLACK),
            relative: (UNIT + (x.relative + y.relative) / beside * (1.0 + 2.0 * UNIT)) * SLACK,
            absolute: x.absolute / (y.least * beside) * SLACK,
            whole: false,
        };
        Some(bounded)
    }

    /// What is known of a column of whole numbers, none below zero, once its zeros are nothing.
    pub fn without_zero(mut self) -> Bounded {
        let least = self.scale.clone();
        self.low = Some(self.low.map_or(least.clone(), |low| low.max(least)));
        self
    }

    /// A common scale for two columns, and the factor of each to get there.
    pub fn common(&self, other: &Bounded) -> (Exact, Exact, Exact) {
        let ratio = |a: &Exact, b: &Exact| a.checked_div(b).unwrap_or(Exact::ONE);
        let (of_self, of_other) = (ratio(&self.scale, &other.scale), ratio(&other.scale, &self.scale));
        if of_other.is_integer() {
            return (self.scale.clone(), Exact::ONE, of_other);
        }
        if of_self.is_integer() {
            return (other.scale.clone(), of_self, Exact::ONE);
        }
        if self.whole && other.whole {
            // 0.02 and 0.05 are both multiples of 0.01.
            let (times, _) = of_self.split();
            let scale = ratio(&self.scale, &times);
            let (of_self, of_other) = (ratio(&self.scale, &scale), ratio(&other.scale, &scale));
            if of_self.is_integer() && of_other.is_integer() {
                return (scale, of_self, of_other);
            }
        }
        (Exact::ONE, self.scale.clone(), other.scale.clone())
    }

    /// The column times the double next to a factor: in another scale, the same numbers.
    pub fn rescaled(&self, scale: Exact, factor: &Exact) -> (f64, Bounded) {
        let by = to_double(factor);
        if *factor == Exact::ONE {
            return (1.0, Bounded { scale, ..self.clone() });
        }
        let exact_factor = factor.is_integer() && by.abs() < WHOLE;
        let most = self.most * by * SLACK;
        let whole = self.whole && exact_factor && most < WHOLE;
        let err = if exact_factor { 0.0 } else { CONSTANT };
        let bounded = Bounded {
            scale,
            most,
            least: self.least * by / SLACK,
            grain: self.grain * if exact_factor { 1.0 } else { grain_of(by) },
            relative: (UNIT + (self.relative + err + self.relative * err) * (1.0 + 2.0 * UNIT)) * SLACK,
            absolute: self.absolute * by * (1.0 + err) * SLACK,
            whole,
            ..self.clone()
        };
        (by, bounded.exact_if_whole())
    }

    /// `x + y`, both in one scale.
    pub fn sum(&self, other: &Bounded) -> Bounded {
        let (x, y) = (self, other);
        let most = (x.most + y.most) * SLACK;
        let whole = x.whole && y.whole && most < WHOLE;
        let (relative, carried) = if x.not_negative() && y.not_negative() {
            (x.relative.max(y.relative) * (1.0 + 2.0 * UNIT), 0.0)
        } else {
            (0.0, x.relative * x.most + y.relative * y.most)
        };
        Bounded {
            scale: x.scale.clone(),
            low: plus(&x.low, &y.low),
            high: plus(&x.high, &y.high),
            most,
            // Nothing that is added takes anything away; of a difference that is not zero, the grain is left.
            least: if x.not_negative() && y.not_negative() { x.least.min(y.least) } else { x.grain.min(y.grain) },
            grain: x.grain.min(y.grain),
            relative: (UNIT + relative) * SLACK,
            absolute: (x.absolute + y.absolute + carried) * SLACK,
            whole,
        }
        .exact_if_whole()
    }

    /// The smaller or the greater of two columns in one scale: each is off by no more than the worse of both.
    pub fn either(&self, other: &Bounded, greater: bool) -> Bounded {
        let end = |a: &Option<Exact>, b: &Option<Exact>, greater: bool| match (a, b) {
            (Some(a), Some(b)) => Some(if greater { a.max(b) } else { a.min(b) }.clone()),
            _ => None,
        };
        // The greater of two is above the lower bound of either.
        let one = |a: &Option<Exact>, b: &Option<Exact>, greater: bool| end(a, b, greater).or_else(|| a.clone().or_else(|| b.clone()));
        let (low, high) = match greater {
            true => (one(&self.low, &other.low, true), end(&self.high, &other.high, true)),
            false => (end(&self.low, &other.low, false), one(&self.high, &other.high, false)),
        };
        Bounded { low, high, ..self.union(other) }
    }

    /// Values of the one or the other column, both in one scale.
    pub fn union(&self, other: &Bounded) -> Bounded {
        let (x, y) = (self, other);
        let end = |a: &Option<Exact>, b: &Option<Exact>, greater: bool| {
            a.as_ref().zip(b.as_ref()).map(|(a, b)| if greater { a.max(b).clone() } else { a.min(b).clone() })
        };
        Bounded {
            scale: x.scale.clone(),
            low: end(&x.low, &y.low, false),
            high: end(&x.high, &y.high, true),
            most: x.most.max(y.most),
            least: x.least.min(y.least),
            grain: x.grain.min(y.grain),
            relative: x.relative.max(y.relative),
            absolute: x.absolute.max(y.absolute),
            whole: x.whole && y.whole,
        }
    }

    /// With room for numbers somewhat greater, smaller and less certain.
    pub fn with_room(&self) -> Bounded {
        Bounded {
            most: self.most * 16.0,
            least: self.least / 16.0,
            grain: self.grain / 16.0,
            relative: self.relative * 4.0,
            ..self.clone()
        }
    }

    /// Whether what is known here holds for another column.
    pub fn holds_for(&self, other: &Bounded) -> bool {
        let sizes = other.most <= self.most && other.least >= self.least && other.grain >= self.grain;
        sizes && other.relative <= self.relative && other.absolute <= self.absolute && other.scale == self.scale
    }

    /// With room for values that were settled exactly and rounded to the nearest double, or a few operations from it.
    pub fn settled(mut self) -> Bounded {
        if !self.whole {
            self.relative = self.relative.max(4.0 * UNIT);
        }
        self
    }

    /// With the absolute error counted among the relative one, where no stored number is close to zero.
    fn without_absolute(mut self) -> Option<Bounded> {
        if self.absolute > 0.0 {
            let away = match (&self.low, &self.high) {
                (Some(low), _) if low.is_positive() => low,
                (_, Some(high)) if high.is_negative() => high,
                _ => return None,
            };
            // The exact number is this far from zero; the stored one nearly so.
            let exact = to_double(&away.abs().checked_div(&self.scale)?) / SLACK;
            let stored = (exact - self.absolute) / (1.0 + self.relative) / SLACK;
            if stored <= self.absolute {
                return None;
            }
            self.least = self.least.max(stored);
            self.relative = (self.relative + self.absolute / stored) * SLACK;
            self.absolute = 0.0;
        }
        (self.relative < 0.25).then_some(self)
    }

    fn exact_if_whole(mut self) -> Bounded {
        if self.whole {
            (self.relative, self.absolute, self.least, self.grain) = (0.0, 0.0, 1.0, 1.0);
        }
        self
    }

    fn rounded_unless_whole(mut self) -> Bounded {
        if !self.whole {
            self.relative = UNIT;
        }
        self
    }

    /// A threshold in stored units, and how near to it a stored number must lie for its side not to be certain; below
    /// zero where it always is.
    pub fn threshold(&self, bound: &Exact) -> (Exact, f64, f64) {
        let exact = bound.checked_div(&self.scale).unwrap_or_default();
        let stored = to_double(&exact);
        if self.absolute == 0.0 && exact.is_zero() {
            return (exact, stored, -1.0);
        }
        let near = ((self.relative + CONSTANT) * stored.abs() + self.absolute) / (1.0 - self.relative) * (1.0 + 1.0 / 1_048_576.0);
        (exact, stored, near)
    }
}

/// The last place of a double as small as this: a power of two.
pub(super) fn grain_of(least: f64) -> f64 {
    // The exponent alone, and 2⁻⁵² of it.
    f64::from_bits(least.to_bits() & 0x7ff0_0000_0000_0000) * f64::EPSILON
}

/// A double next to a number: it misses by less than a unit of the last place.
pub(super) fn to_double(number: &Exact) -> f64 {
    match number.to_i64() {
        Some(whole) => magnitude_signed(whole),
        None => number.to_f64(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounds to the nearest double, as is meant")]
fn magnitude_signed(of: i64) -> f64 {
    of as f64
}

fn magnitude(of: i64) -> f64 {
    magnitude_signed(of).abs()
}

fn kept(end: Exact) -> Option<Exact> {
    (end.bits() <= LONGEST_END).then_some(end)
}

fn times(end: Option<Exact>, by: &Exact) -> Option<Exact> {
    end.and_then(|end| kept(&end * by))
}

fn plus(a: &Option<Exact>, b: &Option<Exact>) -> Option<Exact> {
    kept(a.as_ref()? + b.as_ref()?)
}

type Ends<'e> = (&'e Option<Exact>, &'e Option<Exact>);

/// The ends of a product.
fn products(x: Ends<'_>, y: Ends<'_>) -> (Option<Exact>, Option<Exact>) {
    let all = || -> Option<(Exact, Exact)> {
        let (a, b, c, d) = (x.0.as_ref()?, x.1.as_ref()?, y.0.as_ref()?, y.1.as_ref()?);
        let corners = [a * c, a * d, b * c, b * d];
        Some((kept(corners.iter().min()?.clone())?, kept(corners.iter().max()?.clone())?))
    };
    match all() {
        Some((low, high)) => (Some(low), Some(high)),
        // Of two numbers that are not negative, the product is not either.
        None => (not_negative(x, y), None),
    }
}

/// The ends of a quotient.
fn quotients(x: Ends<'_>, y: Ends<'_>) -> (Option<Exact>, Option<Exact>) {
    let all = || -> Option<(Exact, Exact)> {
        let (c, d) = (y.0.as_ref()?, y.1.as_ref()?);
        if !(c.is_positive() || d.is_negative()) {
            return None;
        }
        let (a, b) = (x.0.as_ref()?, x.1.as_ref()?);
        let corners = [a.checked_div(c)?, a.checked_div(d)?, b.checked_div(c)?, b.checked_div(d)?];
        Some((kept(corners.iter().min()?.clone())?, kept(corners.iter().max()?.clone())?))
    };
    match all() {
        Some((low, high)) => (Some(low), Some(high)),
        None => (not_negative(x, y), None),
    }
}

fn not_negative(x: Ends<'_>, y: Ends<'_>) -> Option<Exact> {
    let both = [x.0, y.0].iter().all(|low| low.as_ref().is_some_and(|low| !low.is_negative()));
    both.then_some(Exact::ZERO)
}
