//! Alarms (预警的检查): what they compare with, and whether they can be raised.

use super::expr::{self, Scope, made};
use super::mistakes::points;
use super::scope::RubricScope;
use crate::model::{Alarm, Aspect, Expr, Level, Node, Slot, Target, Type};
use crate::number::Exact;
use crate::syntax::tree::{self, AlarmWhen, CompareOp};
use crate::text::{At, Span};

/// The alarms of an indicator: its place, value and target.
pub(super) fn check(
    scope: &mut RubricScope<'_, '_, '_>,
    written: &[&tree::Alarm],
    (at, value, target): (usize, Option<&Expr>, Option<&Target>),
    broken: bool,
) -> Vec<Alarm> {
    let mut checked: Vec<Alarm> = Vec::new();
    let mut earlier: Vec<(&At<Exact>, Span)> = Vec::new();
    for alarm in written {
        let (when, share) = match &alarm.when {
            AlarmWhen::If(condition) => (scope.condition(condition), None),
            AlarmWhen::ByTarget(share) => {
                let less = target.and_then(less_is_better);
                if less.is_none() && !broken && !scope.core().is_broken(alarm.span) {
                    scope.core().tell(points::alarm_without_limit(share.span, target.is_some()));
                }
                if let Some(less) = less {
                    let covered = |(first, _): &&(&At<Exact>, Span)| if less { first.it <= share.it } else { first.it >= share.it };
                    if let Some((_, first)) = earlier.iter().find(covered) {
                        scope.core().tell(points::alarm_never_raised(alarm.span, *first));
                    }
                }
                earlier.push((share, alarm.span));
                let when = by_target(scope, at, value, less.unwrap_or(true), share, alarm.span);
                (when, Some(share.it.clone()))
            }
        };
        let label = alarm.label.as_ref().map(|label| label.it.clone());
        checked.push(Alarm { level: alarm.level.it.clone(), when, share, label, span: alarm.span });
    }
    checked
}

/// Whether a target sets a limit from above; `None` if it sets none, or in one case from above and in another from below.
fn less_is_better(target: &Target) -> Option<bool> {
    let mut sides = target.cases.iter().map(|case| match case.op {
        CompareOp::Le | CompareOp::Lt => Some(true),
        CompareOp::Ge | CompareOp::Gt => Some(false),
        _ => None,
    });
    let first = sides.next()??;
    sides.all(|side| side == Some(first)).then_some(first)
}

/// Where less is better, that the value has come to so much of the target; where more is better, that it is below so much of it.
fn by_target(scope: &mut RubricScope<'_, '_, '_>, at: usize, value: Option<&Expr>, less: bool, share: &At<Exact>, span: Span) -> Expr {
    let Some(value) = value else { return expr::wrong(scope.core(), span) };
    let ty = value.ty.clone();
    let slot = |aspect: Aspect| Node::Slot(Slot::Indicator(at, aspect));
    let core = scope.core();
    let (is, bound) = (
        made(core, slot(Aspect::Value), ty.clone(), Level::Subject, span),
        made(core, slot(Aspect::Target), ty.clone(), Level::Subject, span),
    );
    let bound = made(core, Node::Scale(Box::new(bound), share.it.clone()), ty, Level::Subject, span);
    let op = if less { CompareOp::Ge } else { CompareOp::Lt };
    made(core, Node::Compare(op, Box::new(is), Box::new(bound)), Type::Flag, Level::Subject, span)
}
