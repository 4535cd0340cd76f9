//! Kernels (向量运算): what is done to a chunk of rows at once, in plain loops that the compiler vectorises.
//!
//! One number a row: a value, or NaN where there is none. A condition is 1, 0 or NaN; a word is its code.

use super::program::{ByCode, Side};
use crate::eval::stored::{Codes, Mantissas, Numbers, Stored};

/// One column of a chunk.
pub(super) type Lanes<const N: usize> = [f64; N];

/// Yes and no, as numbers.
pub(super) const YES: f64 = 1.0;
pub(super) const NO: f64 = 0.0;

/// Applies an operation to each row.
#[inline(always)]
pub(super) fn map<const N: usize>(to: &mut Lanes<N>, a: &Lanes<N>, op: impl Fn(f64) -> f64) {
    for (to, a) in to.iter_mut().zip(a) {
        *to = op(*a);
    }
}

/// Applies an operation of two operands to each row.
#[inline(always)]
pub(super) fn zip<const N: usize>(to: &mut Lanes<N>, a: &Lanes<N>, b: &Lanes<N>, op: impl Fn(f64, f64) -> f64) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to = op(*a, *b);
    }
}

/// Applies an operation to what is there and another operand.
#[inline(always)]
pub(super) fn join<const N: usize>(to: &mut Lanes<N>, a: &Lanes<N>, op: impl Fn(f64, f64) -> f64) {
    for (to, a) in to.iter_mut().zip(a) {
        *to = op(*to, *a);
    }
}

/// Whether one of some cells is so.
#[inline(always)]
fn any<T: Copy + PartialEq>(cells: &[T], one: T) -> bool {
    let mut any = 0_u8;
    for cell in cells {
        any |= u8::from(*cell == one);
    }
    any != 0
}

/// Loads the stored cells of a column from row `at` on; what is no ordinary cell is NaN. Returns whether one is odd.
#[inline(always)]
pub(super) fn load<const N: usize>(to: &mut Lanes<N>, column: &Stored, at: usize, rows: usize) -> bool {
    // Missing cells and odd ones stand at one end of the type.
    #[inline(always)]
    fn take<const N: usize, T: Copy + PartialEq>(
        to: &mut Lanes<N>,
        cells: &[T],
        odd: T,
        gap: impl Fn(T) -> bool,
        of: impl Fn(T) -> f64,
    ) -> bool {
        for (to, cell) in to.iter_mut().zip(cells) {
            let number = of(*cell);
            *to = if gap(*cell) { f64::NAN } else { number };
        }
        to.iter_mut().skip(cells.len()).for_each(|to| *to = f64::NAN);
        any(cells, odd)
    }
    let here = at..at + rows;
    match column {
        Stored::Numbers(numbers) => match numbers.mantissas() {
            Mantissas::Narrow(cells) => {
                take(to, cells.get(here).unwrap_or_default(), Numbers::ODD_NARROW, |cell| cell <= Numbers::ODD_NARROW, f64::from)
            }
            #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the column is not taken for whole")]
            Mantissas::Wide(cells) => {
                take(to, cells.get(here).unwrap_or_default(), Numbers::ODD, |cell| cell <= Numbers::ODD, |cell| cell as f64)
            }
        },
        Stored::Dates(days) => take(to, days.get(here).unwrap_or_default(), Stored::ODD_DATE, |day| day <= Stored::ODD_DATE, f64::from),
        Stored::Flags(flags) => take(to, flags.get(here).unwrap_or_default(), Stored::ODD_FLAG, |flag| flag >= Stored::ODD_FLAG, f64::from),
        Stored::Words(Codes::Narrow(codes)) => {
            take(to, codes.get(here).unwrap_or_default(), Codes::ODD_NARROW, |code| code >= Codes::ODD_NARROW, f64::from)
        }
        Stored::Words(Codes::Wide(codes)) => {
            take(to, codes.get(here).unwrap_or_default(), Codes::ODD, |code| code >= Codes::ODD, f64::from)
        }
        Stored::Dropped | Stored::Keys => {
            to.fill(f64::NAN);
            true
        }
    }
}

/// Looks up the codes of a column of words; returns whether a cell is odd.
#[inline(always)]
pub(super) fn look_up_field<const N: usize>(to: &mut Lanes<N>, column: &Stored, at: usize, rows: usize, table: &ByCode) -> bool {
    let here = at..at + rows;
    let mut odd = false;
    match column {
        Stored::Words(Codes::Narrow(codes)) if table.few => {
            let codes = codes.get(here).unwrap_or_default();
            let [first, second, third, fourth, ..] = *table.numbers;
            for (to, code) in to.iter_mut().zip(codes) {
                let code = f64::from(*code);
                let mut number = if code == 0.0 { first } else { f64::NAN };
                number = if code == 1.0 { second } else { number };
                number = if code == 2.0 { third } else { number };
                *to = if code == 3.0 { fourth } else { number };
            }
            to.iter_mut().skip(codes.len()).for_each(|to| *to = f64::NAN);
            odd = any(codes, Codes::ODD_NARROW);
        }
        Stored::Words(Codes::Narrow(codes)) => {
            let codes = codes.get(here).unwrap_or_default();
            for (to, code) in to.iter_mut().zip(codes) {
                // A code is a byte, and the table has a place for each.
                *to = table.numbers.get(usize::from(*code)).copied().unwrap_or(f64::NAN);
                odd |= *code == Codes::ODD_NARROW;
            }
            to.iter_mut().skip(codes.len()).for_each(|to| *to = f64::NAN);
        }
        Stored::Words(Codes::Wide(codes)) => {
            let codes = codes.get(here).unwrap_or_default();
            for (to, code) in to.iter_mut().zip(codes) {
                *to = table.numbers.get(*code as usize).copied().unwrap_or(f64::NAN);
                odd |= *code == Codes::ODD;
            }
            to.iter_mut().skip(codes.len()).for_each(|to| *to = f64::NAN);
        }
        _ => {
            to.fill(f64::NAN);
            odd = true;
        }
    }
    odd
}

/// A reciprocal; nothing for zero.
#[inline(always)]
pub(super) fn reciprocal(a: f64) -> f64 {
    let quotient = 1.0 / a;
    if a == 0.0 { f64::NAN } else { quotient }
}

/// A quotient; nothing over zero.
#[inline(always)]
pub(super) fn divide(a: f64, b: f64) -> f64 {
    let quotient = a / b;
    if b == 0.0 { f64::NAN } else { quotient }
}

/// The greater of two, nothing if either is nothing.
#[inline(always)]
pub(super) fn greater(a: f64, b: f64) -> f64 {
    let one = if a < b { b } else { a };
    if b.is_nan() { b } else { one }
}

/// The smaller of two, nothing if either is nothing.
#[inline(always)]
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    let one = if a > b { b } else { a };
    if b.is_nan() { b } else { one }
}

/// Three-valued `and`: one no decides.
#[inline(always)]
pub(super) fn and(a: f64, b: f64) -> f64 {
    let strict = a * b;
    if (a == NO) | (b == NO) { NO } else { strict }
}

/// Three-valued `or`: one yes decides.
#[inline(always)]
pub(super) fn or(a: f64, b: f64) -> f64 {
    // 1 where either is 1, NaN where neither is and one is not known.
    let strict = a + b;
    if (a == YES) | (b == YES) { YES } else { strict }
}

/// Yes where a number lies between two ends, both included; nothing where there is none.
#[inline(always)]
pub(super) fn between(a: f64, low: f64, high: f64) -> f64 {
    let inside = if (a >= low) & (a <= high) { YES } else { NO };
    if a.is_nan() { a } else { inside }
}

/// So many bands or thresholds are looked at while a row is at hand.
const AT_ONCE: usize = 4;

/// The points of the first of some bands that takes a number, nothing where none does.
#[inline(always)]
pub(super) fn bands<const N: usize>(to: &mut Lanes<N>, a: &Lanes<N>, bands: &[(f64, f64, f64)]) {
    #[inline(always)]
    fn some<const N: usize, const B: usize>(to: &mut Lanes<N>, a: &Lanes<N>, bands: &[(f64, f64, f64)]) {
        let Ok(bands) = <[(f64, f64, f64); B]>::try_from(bands) else { return };
        join(to, a, |mut to, a| {
            for (low, high, points) in bands.into_iter().rev() {
                to = if (a >= low) & (a <= high) { points } else { to };
            }
            to
        });
    }
    to.fill(f64::NAN);
    // From the last to the first, which has the last word.
    for bands in bands.rchunks(AT_ONCE) {
        match bands.len() {
            1 => some::<N, 1>(to, a, bands),
            2 => some::<N, 2>(to, a, bands),
            3 => some::<N, 3>(to, a, bands),
            _ => some::<N, AT_ONCE>(to, a, bands),
        }
    }
}

/// The points of the first of some bands that takes a quotient.
#[inline(always)]
pub(super) fn bands_beside<const N: usize>(
    to: &mut Lanes<N>,
    above: &Lanes<N>,
    below: &Lanes<N>,
    times: f64,
    bands: &[(Side, Side, f64)],
    two: bool,
) {
    #[inline(always)]
    fn some<const N: usize, const B: usize, const TWO: bool>(
        to: &mut Lanes<N>,
        above: &Lanes<N>,
        below: &Lanes<N>,
        times: f64,
        bands: &[(Side, Side, f64)],
    ) {
        // A copy of them: chosen from where they lie, they would be chosen one by one.
        let Ok(bands) = <[(Side, Side, f64); B]>::try_from(bands) else { return };
        for ((to, above), below) in to.iter_mut().zip(above).zip(below) {
            let (above, below, mut number) = (above * times, *below, *to);
            let lies = |side: Side| {
                let by = above - below * side.by;
                (by >= side.low) & (by <= side.high)
            };
            for (one, two, points) in bands.into_iter().rev() {
                let takes = lies(one) & (!TWO || lies(two));
                number = if takes { points } else { number };
            }
            *to = number;
        }
    }
    to.fill(f64::NAN);
    for bands in bands.rchunks(AT_ONCE) {
        match (bands.len(), two) {
            (1, false) => some::<N, 1, false>(to, above, below, times, bands),
            (2, false) => some::<N, 2, false>(to, above, below, times, bands),
            (3, false) => some::<N, 3, false>(to, above, below, times, bands),
            (_, false) => some::<N, AT_ONCE, false>(to, above, below, times, bands),
            (_, true) => bands.iter().rev().for_each(|band| some::<N, 1, true>(to, above, below, times, std::slice::from_ref(band))),
        }
    }
}

/// How near the closest threshold is: at most zero where the side is not certain.
///
/// Each threshold comes with the distance within which that is so. Returns whether there is such a row.
#[inline(always)]
pub(super) fn nearest<const N: usize>(near: &mut Lanes<N>, a: &Lanes<N>, thresholds: &[(f64, f64)]) -> bool {
    #[inline(always)]
    fn some<const N: usize, const B: usize>(near: &mut Lanes<N>, a: &Lanes<N>, thresholds: &[(f64, f64)]) {
        let Ok(thresholds) = <[(f64, f64); B]>::try_from(thresholds) else { return };
        join(near, a, |mut near, a| {
            for (at, within) in thresholds {
                let left = (a - at).abs() - within;
                near = if left < near { left } else { near };
            }
            near
        });
    }
    near.fill(f64::INFINITY);
    for thresholds in thresholds.chunks(AT_ONCE) {
        match thresholds.len() {
            1 => some::<N, 1>(near, a, thresholds),
            2 => some::<N, 2>(near, a, thresholds),
            3 => some::<N, 3>(near, a, thresholds),
            _ => some::<N, AT_ONCE>(near, a, thresholds),
        }
    }
    let mut any = 0_u64;
    for near in near.iter() {
        any |= u64::from(*near <= 0.0);
    }
    any != 0
}

/// Rounded numbers with how near each is to where the rounding turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoundTo {
    pub mode: crate::number::Rounding,
    /// A stored number times this, over `over`, is in units of the last place kept.
    pub times: f64,
    pub over: f64,
    /// The bounds of what is rounded, in units of the last place kept.
    pub relative: f64,
    pub absolute: f64,
}

/// Rounds; returns whether there is a row for which it is not certain, marked in `near` with a number not above zero.
#[inline(always)]
pub(super) fn round<const N: usize>(to: &mut Lanes<N>, near: &mut Lanes<N>, a: &Lanes<N>, by: &RoundTo) -> bool {
    use crate::number::Rounding as R;
    // Of a magnitude: the whole number below it, the part above that, and whether it stands for a number below zero.
    match by.mode {
        R::HalfUp => rounded(to, near, a, *by, half, |below, part, _| below + if part >= 0.5 { 1.0 } else { 0.0 }),
        R::HalfEven => rounded(to, near, a, *by, half, |below, part, _| {
            let odd = if whole_below(below * 0.5) * 2.0 == below { 0.0 } else { 1.0 };
            let above = if part > 0.5 { 1.0 } else { 0.0 };
            below + if part == 0.5 { odd } else { above }
        }),
        R::Ceiling => rounded(to, near, a, *by, edge, |below, part, negative| below + if (part > 0.0) & !negative { 1.0 } else { 0.0 }),
        R::Floor => rounded(to, near, a, *by, edge, |below, part, negative| below + if (part > 0.0) & negative { 1.0 } else { 0.0 }),
    }
}

/// How far a part is from a half.
#[inline(always)]
fn half(part: f64) -> f64 {
    (part - 0.5).abs()
}

/// How far a part is from a whole number.
#[inline(always)]
fn edge(part: f64) -> f64 {
    if part < 0.5 { part } else { 1.0 - part }
}

/// The greatest whole number not above a number from 0 to 2^51: adding 2^52 leaves no room for a part.
#[inline(always)]
fn whole_below(number: f64) -> f64 {
    const NO_PARTS: f64 = 4_503_599_627_370_496.0;
    let nearest = (number + NO_PARTS) - NO_PARTS;
    if nearest > number { nearest - 1.0 } else { nearest }
}

#[inline(always)]
fn rounded<const N: usize>(
    to: &mut Lanes<N>,
    near: &mut Lanes<N>,
    a: &Lanes<N>,
    by: RoundTo,
    turn: impl Fn(f64) -> f64,
    to_whole: impl Fn(f64, f64, bool) -> f64,
) -> bool {
    let mut any = 0_u64;
    for ((to, near), a) in to.iter_mut().zip(near.iter_mut()).zip(a) {
        let scaled = a * by.times / by.over;
        let magnitude = scaled.abs();
        let below = whole_below(magnitude);
        let part = magnitude - below;
        let negative = scaled < 0.0;
        let rounded = to_whole(below, part, negative);
        *to = if negative { -rounded } else { rounded };
        *near = turn(part) - (by.relative * magnitude + by.absolute);
        any |= u64::from(*near <= 0.0);
    }
    any != 0
}
