//! Ways of rounding (修约) that regulations name.
//!
//! Not here: when to round. A rubric says so, or a number is shown; nothing else rounds.

use std::cmp::Ordering;

/// How a number is brought to fewer decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// 四舍五入: to the nearest, a half away from zero. `2.5 → 3`, `-2.5 → -3`.
    #[default]
    HalfUp,
    /// GB/T 8170 数值修约 (四舍六入五成双): to the nearest, a half to the even digit. `2.5 → 2`, `3.5 → 4`.
    HalfEven,
    /// 进一: up, toward plus infinity. `2.1 → 3`, `-2.9 → -2`.
    Ceiling,
    /// 去尾: down, toward minus infinity. `2.9 → 2`, `-2.1 → -3`.
    Floor,
}

/// What a division left over, all that rounding needs to know of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leftover {
    /// The remainder is zero: nothing to round.
    pub(super) none: bool,
    /// Twice the remainder against the divisor: below, exactly at, or above the half.
    pub(super) half: Ordering,
}

impl Rounding {
    /// Whether the magnitude, cut toward zero, goes one step away from zero.
    pub(super) fn away_from_zero(self, negative: bool, cut_is_odd: bool, left: Leftover) -> bool {
        if left.none {
            return false;
        }
        match self {
            Rounding::HalfUp => left.half != Ordering::Less,
            Rounding::HalfEven => match left.half {
                Ordering::Less => false,
                Ordering::Equal => cut_is_odd,
                Ordering::Greater => true,
            },
            Rounding::Ceiling => !negative,
            Rounding::Floor => negative,
        }
    }
}
