//! Targets and ways of scoring (目标与计分方法的求值).

use super::logic::case_of;
use super::{Cells, both, wrong};
use crate::eval::column::{Cell, Value};
use crate::eval::gap::{Cause, Gap};
use crate::eval::plan::{FullMinus, NodeId, Score, TargetOps};
use crate::model::BandOf;
use crate::number::{DivError, Exact, Real, Rounding};
use crate::syntax::tree::{CompareOp, InapplicablePolicy, MissingPolicy, Steps};
use crate::text::{Name, Span};

/// Something about a value and its bound.
pub(super) fn judged<T>(
    cells: &Cells<'_>,
    value: NodeId,
    bound: NodeId,
    by: &TargetOps,
    judge: impl Fn(CompareOp, &Value, &Value) -> Cell<T>,
) -> Cell<T> {
    let value = match cells.get(value) {
        // What does not apply is not held against a target, whether or not that is known.
        Err(gap @ Gap::NotApplicable(_)) => return Err(gap),
        value => value,
    };
    both((value, cells.get(bound)), |value, bound| {
        let op = match by {
            TargetOps::One(op) => *op,
            TargetOps::By(by, cases) => {
                let case = case_of(cases.iter().map(|(options, _)| &**options), &cells.word(*by)?);
                case.and_then(|which| cases.get(which)).map_or(CompareOp::Ge, |(_, op)| *op)
            }
        };
        judge(op, &value, &bound)
    })
}

/// Whether a value meets a bound: exactly, or rounded first where the rubric says so (修约值比较法).
pub(super) fn meets(op: CompareOp, value: &Value, bound: &Value, places: Option<u32>) -> bool {
    match (value, bound, places) {
        (Value::Number(value), Value::Number(bound), Some(places)) => {
            op.holds(Real::from(value.round(Rounding::HalfEven, places)).cmp(bound))
        }
        _ => value.order(bound).is_some_and(|order| op.holds(order)),
    }
}

/// Attainment (达成度): value ÷ bound where more is better, bound ÷ value where less is. Against a bound of zero, and of
/// a value of zero where less is better, it is 1 if the bound is met.
pub(super) fn attained(op: CompareOp, value: &Value, bound: &Value) -> Cell<Real> {
    let (Value::Number(value), Value::Number(bound)) = (value, bound) else {
        return Ok(Real::from(Exact::from(i64::from(meets(op, value, bound, None)))));
    };
    let (above, below) = if lower_is_better(op) { (bound, value) } else { (value, bound) };
    match above.checked_div(below) {
        Ok(share) => Ok(share),
        Err(DivError::ByZero) => Ok(Real::from(Exact::from(i64::from(op.holds(value.cmp(bound)))))),
        Err(DivError::Irrational) => Err(wrong(Span::default())),
    }
}

/// Whether a target is an upper bound.
pub(crate) fn lower_is_better(op: CompareOp) -> bool {
    matches!(op, CompareOp::Le | CompareOp::Lt)
}

/// What an indicator without a value earns, if the rubric says so.
fn without_value(score: &Score, gap: Gap) -> Cell<Real> {
    match (&gap, score.inapplicable, score.missing) {
        (Gap::NotApplicable(_), InapplicablePolicy::Full, _) => Ok(Real::from(&score.full)),
        (Gap::NotApplicable(_), InapplicablePolicy::Zero, _) => Ok(Real::ZERO),
        (Gap::NotApplicable(_), InapplicablePolicy::Reweight, _) => Err(gap),
        (_, _, MissingPolicy::Zero) => Ok(Real::ZERO),
        (_, _, MissingPolicy::Unscored) => Err(gap),
    }
}

/// The published score of an indicator: of whom it is for and who has a value, from zero to full marks, rounded once.
pub(super) fn published(it: &Score, cells: &Cells<'_>) -> Cell<Real> {
    let applies = match &it.when {
        None => None,
        Some((when, unless)) => match cells.flag(*when) {
            Ok(true) => None,
            Ok(false) => Some(Gap::NotApplicable(unless.clone())),
            Err(gap) => Some(gap),
        },
    };
    let gap = applies.or_else(|| it.value.and_then(|value| cells.gap(value)).cloned());
    let cell = match gap {
        Some(gap) => Err(gap),
        None => cells.number(it.raw),
    };
    let cell = match cell {
        Ok(score) => within(score, &it.full),
        Err(gap) => without_value(it, gap),
    };
    match it.round {
        Some((mode, places)) => cell.map(|score| super::round(&score, mode, places)),
        None => cell,
    }
}

/// A score outside zero to full marks is a mistake of the rubric, never cut to fit.
fn within(score: Real, full: &Exact) -> Cell<Real> {
    if score.signum() >= 0 && score <= *full {
        return Ok(score);
    }
    Err(Gap::undefined(Cause::OutOfPoints { score: score.show_trimmed(6).into(), full: full.to_string().into() }))
}

/// Full marks times attainment, at most full; nothing below the floor.
pub(super) fn proportional(attained: Real, floor: Option<&Exact>, full: &Exact) -> Cell<Real> {
    if floor.is_some_and(|floor| attained < *floor) || attained.signum() < 0 {
        return Ok(Real::ZERO);
    }
    let attained = attained.min(Real::from(Exact::ONE));
    attained.checked_mul(&Real::from(full)).ok_or_else(|| wrong(Span::default()))
}

/// The points of the first band that takes a value.
pub(super) fn banded(bands: &[(BandOf, Exact)], value: &Real) -> Cell<Real> {
    let band = bands.iter().find(|(of, _)| takes(of, value));
    band.map(|(_, points)| Real::from(points)).ok_or_else(|| Gap::undefined(Cause::NoBand(value.to_string().into())))
}

/// Whether a band takes a value.
pub(crate) fn takes(of: &BandOf, value: &Real) -> bool {
    match of {
        BandOf::Else => true,
        BandOf::Compare(op, bound) => op.holds(value.cmp(&Real::from(bound))),
        BandOf::Range(from, to) => from.as_ref().is_none_or(|from| *value >= *from) && to.as_ref().is_none_or(|to| *value < *to),
    }
}

/// The points of the level that names an option.
pub(super) fn level(levels: &[(Box<[Name]>, Exact)], word: &Name) -> Cell<Real> {
    let level = case_of(levels.iter().map(|(options, _)| &**options), word).and_then(|which| levels.get(which));
    level.map(|(_, points)| Real::from(points)).ok_or_else(|| Gap::undefined(Cause::NoBand(word.to_string().into())))
}

/// On straight lines between the corners, level before the first and behind the last.
pub(super) fn linear(knots: &[(Exact, Exact)], value: &Real) -> Cell<Real> {
    let behind = knots.partition_point(|(at, _)| *value >= *at);
    let (before, after) = (behind.checked_sub(1).and_then(|at| knots.get(at)), knots.get(behind));
    match (before, after) {
        (Some((low, low_points)), Some((high, high_points))) => {
            let slope = (high_points - low_points).checked_div(&(high - low)).unwrap_or_default();
            let along = value - &Real::from(low);
            let rise = along.checked_mul(&Real::from(slope)).ok_or_else(|| wrong(Span::default()))?;
            Ok(&rise + &Real::from(low_points))
        }
        (Some((_, points)), None) | (None, Some((_, points))) => Ok(Real::from(points)),
        (None, None) => Err(Gap::undefined(Cause::NoBand("".into()))),
    }
}

/// Full marks less something for each step on the wrong side of the bound, not below zero.
pub(super) fn full_minus(it: &FullMinus, cells: &Cells<'_>) -> Cell<Real> {
    if cells.flag(it.met)? {
        return Ok(Real::from(&it.full));
    }
    both((cells.number(it.value), cells.number(it.bound)), |value, bound| {
        let short = if it.below { &bound - &value } else { &value - &bound };
        if short.signum() <= 0 {
            return Ok(Real::from(&it.full));
        }
        let count = short.checked_div(&Real::from(&it.step)).map_err(|_| wrong(Span::default()))?;
        let count = match it.steps {
            Steps::Linear => count,
            Steps::Whole => Real::from(count.floor()),
            Steps::Started => Real::from(count.ceil()),
        };
        let off = count.checked_mul(&Real::from(&it.minus)).ok_or_else(|| wrong(Span::default()))?;
        Ok((&Real::from(&it.full) - &off).max(Real::ZERO))
    })
}

/// A sum of scores. What does not apply is left out, and the rest scaled up to full marks; if nothing is left, the whole
/// does not apply.
pub(super) fn parts(parts: &[(Exact, NodeId)], full: &Exact, cells: &Cells<'_>) -> Cell<Real> {
    let mut sum = Real::ZERO;
    let mut counted = Exact::ZERO;
    let (mut gap, mut inapplicable): (Option<Gap>, Option<Gap>) = (None, None);
    for (points, part) in parts {
        match cells.number(*part) {
            Ok(score) => {
                sum = &sum + &score;
                counted = &counted + points;
            }
            Err(found @ Gap::NotApplicable(_)) => inapplicable = Some(found),
            Err(found) => gap = Some(gap.map_or_else(|| found.clone(), |before| before.and(&found))),
        }
    }
    match (gap, inapplicable) {
        (Some(gap), _) => Err(gap),
        (None, Some(inapplicable)) if counted.is_zero() => Err(inapplicable),
        (None, Some(_)) => {
            let factor = full.checked_div(&counted).unwrap_or(Exact::ONE);
            sum.checked_mul(&Real::from(factor)).ok_or_else(|| wrong(Span::default()))
        }
        (None, None) => Ok(sum),
    }
}
