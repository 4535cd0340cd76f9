//! Exceptions without effect (不起作用的例外): over before the rubric is in force, with the target that counts anyway, or never alone.

use super::branches;
use super::conditions::Facts;
use super::{Found, Look, words};
use crate::diag::Code;
use crate::model::{Exception, Indicator, Target};

pub(super) fn look(look: &Look<'_>, found: &mut Found) {
    for indicator in &look.rubric.indicators {
        for (at, exception) in indicator.exceptions.iter().enumerate() {
            branches::never(look, &exception.when, found);
            found.look(Code::H0427, exception.span, idle(look, indicator, exception).or_else(|| clash(look, indicator, at)));
        }
    }
}

/// Why an exception changes nothing.
fn idle(look: &Look<'_>, indicator: &Indicator, exception: &Exception) -> Option<crate::diag::Mistake> {
    // A layer may begin later than what it is laid upon.
    let from = look.rubric.layers.iter().map(|layer| layer.in_force.0).chain([look.rubric.in_force.0]).collect::<Option<Vec<_>>>();
    let first = from.and_then(|days| days.into_iter().min());
    if let (Some(until), Some(first)) = (exception.until, first)
        && until < first
    {
        return Some(words::over(exception.span, until, first));
    }
    let (own, base) = (exception.target.as_ref()?, indicator.target.as_ref()?);
    same(look, own, base).then(|| words::same_target(exception.span, base.cases.first().map(|case| case.span)))
}

/// An exception that never holds without another one, so that both do and none counts.
fn clash(look: &Look<'_>, indicator: &Indicator, at: usize) -> Option<crate::diag::Mistake> {
    let own = indicator.exceptions.get(at)?;
    let holds = look.assume(&[Facts::new()], &own.when, true);
    let covers = |(other, exception): &(usize, &Exception)| {
        // Of two that hold together, the later one is told of.
        let mutual = || look.assume(&look.assume(&[Facts::new()], &exception.when, true), &own.when, false).is_empty();
        *other != at && look.assume(&holds, &exception.when, false).is_empty() && (*other < at || !mutual())
    };
    if holds.is_empty() {
        return None;
    }
    let (_, other) = indicator.exceptions.iter().enumerate().find(covers)?;
    Some(words::both(own.span, other.span, other.until))
}

/// Whether two targets are the same for everybody.
fn same(look: &Look<'_>, one: &Target, other: &Target) -> bool {
    let by = |target: &Target| target.by.as_ref().map(|by| look.key(by));
    let cases =
        |target: &Target| -> Vec<_> { target.cases.iter().map(|case| (case.options.clone(), case.op, look.key(&case.bound))).collect() };
    let (mut a, mut b) = (cases(one), cases(other));
    let order = |case: &(Vec<crate::text::Name>, crate::syntax::tree::CompareOp, String)| format!("{:?}", case.0);
    a.sort_by_key(order);
    b.sort_by_key(order);
    by(one) == by(other) && a == b
}
