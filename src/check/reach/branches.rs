//! Cases that are never reached and conditions that never hold (永远轮不到的情形): of `first`, `if … then`, targets, levels, bands, verdicts.

use super::conditions::Facts;
use super::{Found, Look, words};
use crate::check::bands::stretches;
use crate::check::interval::{self, Stretch, empty, meet, without};
use crate::diag::Code;
use crate::model::{Band, BandOf, CaseItem, CaseLine, Expr, Indicator, Node, Type, Verdicts, Way};
use crate::text::{Name, Span};

/// Why a condition is never the one that counts.
pub(in crate::check) enum Why {
    /// It never holds: its part here, and what the value of it can come to.
    Range(Span, String, (String, String)),
    /// Its parts exclude each other.
    Itself,
    /// Whatever meets it meets this one before it.
    Before(Span),
    /// Whatever meets it meets one of those before it.
    AllBefore,
}

pub(super) fn look(look: &Look<'_>, found: &mut Found) {
    let rubric = look.rubric;
    for expr in look.expressions() {
        if let Node::Choose(cases, _) = &expr.node {
            let conditions: Vec<_> = cases.iter().map(|(when, _)| (Some(when), when.span)).collect();
            for (span, why) in shadowed(look, &conditions) {
                found.look(Code::H0425, span, why.map(|why| words::branch(span, &why)));
            }
        }
    }
    if let Some(when) = &rubric.when {
        never(look, when, found);
    }
    for veto in &rubric.vetoes {
        never(look, &veto.condition, found);
    }
    for indicator in &rubric.indicators {
        of_indicator(look, indicator, found);
    }
    for verdicts in rubric.grade.iter().chain(&rubric.conclusion) {
        of_verdicts(look, verdicts, found);
    }
}

fn of_indicator(look: &Look<'_>, indicator: &Indicator, found: &mut Found) {
    // Of an alarm by its target nobody wrote the condition.
    let alarms = indicator.alarms.iter().filter(|alarm| alarm.share.is_none()).map(|alarm| &alarm.when);
    let conditions = indicator.when.iter().chain(indicator.adjust.iter().map(|adjust| &adjust.when)).chain(alarms);
    conditions.for_each(|condition| never(look, condition, found));
    let targets = indicator.target.iter().chain(indicator.exceptions.iter().filter_map(|exception| exception.target.as_ref()));
    for target in targets {
        let Some(Type::Choice(options)) = target.by.as_ref().map(|by| &by.ty) else { continue };
        let cases: Vec<_> = target.cases.iter().map(|case| (case.options.as_slice(), case.span)).collect();
        rest(options, &cases, found);
    }
    match indicator.way.as_ref().map(|way| &way.it) {
        Some(Way::First(cases, _)) => {
            let conditions: Vec<_> = cases.iter().map(|case| (Some(&case.what), case.span)).collect();
            for (span, why) in shadowed(look, &conditions) {
                found.look(Code::H0425, span, why.map(|why| words::case(span, &why)));
            }
        }
        Some(Way::Deduct(lines) | Way::Checklist(lines)) => {
            for item in lines.iter().flat_map(CaseLine::items).filter(|item| !item.each) {
                line(look, item, found);
            }
        }
        Some(Way::Levels(levels)) => {
            if let Some(Type::Choice(options)) = indicator.value.as_ref().map(|value| &value.ty) {
                let cases: Vec<_> = levels.iter().map(|level| (level.options.as_slice(), level.span)).collect();
                rest(options, &cases, found);
            }
        }
        Some(Way::Bands { by_attained, bands }) => of_bands(look, indicator, *by_attained, bands, found),
        _ => {}
    }
}

/// A condition that never holds.
pub(super) fn never(look: &Look<'_>, condition: &Expr, found: &mut Found) {
    // A plain `no` is meant.
    if matches!(condition.node, Node::Flag(_)) {
        return;
    }
    let why = look.never(condition, true).then(|| alone(look, condition));
    found.look(Code::H0424, condition.span, why.map(|why| words::never(condition.span, &why)));
}

/// A line that never counts.
fn line(look: &Look<'_>, item: &CaseItem, found: &mut Found) {
    if !item.missing {
        return never(look, &item.what, found);
    }
    let always = !matches!(item.what.node, Node::Flag(_)) && look.never(&item.what, false);
    found.look(Code::H0424, item.what.span, always.then(|| words::always(item.what.span)));
}

/// Why a condition never holds, whatever stands before it.
fn alone(look: &Look<'_>, condition: &Expr) -> Why {
    let condition = look.bare(condition);
    match &condition.node {
        Node::All(list) => match list.iter().find(|part| look.never(part, true)) {
            Some(part) => alone(look, part),
            None => Why::Itself,
        },
        Node::Any(list) => list.first().map_or(Why::Itself, |part| alone(look, part)),
        Node::Compare(op, a, b) => {
            let term = match (look.constant(a), look.constant(b)) {
                (None, Some(bound)) => look.alone(*op, a, bound).1,
                (Some(bound), None) => look.alone(op.turned(), b, bound).1,
                _ => return Why::Itself,
            };
            let range = look.range(term, &Facts::new()).stretch;
            Why::Range(condition.span, look.says(term.span), look.in_words(&range, &term.ty))
        }
        _ => Why::Itself,
    }
}

/// Each of some cases of which the first that holds counts, with why it never does; `None`: the rest.
fn shadowed(look: &Look<'_>, cases: &[(Option<&Expr>, Span)]) -> Vec<(Span, Option<Why>)> {
    let mut left = vec![Facts::new()];
    let mut told = Vec::new();
    for (at, (condition, span)) in cases.iter().enumerate() {
        let Some(condition) = condition else {
            told.push((*span, left.is_empty().then_some(Why::AllBefore)));
            continue;
        };
        let now = look.assume(&left, condition, true);
        let literal = matches!(condition.node, Node::Flag(_));
        let why = (now.is_empty() && !literal).then(|| {
            let itself = look.assume(&[Facts::new()], condition, true);
            if itself.is_empty() {
                return alone(look, condition);
            }
            let covers =
                |earlier: &&(Option<&Expr>, Span)| earlier.0.is_some_and(|earlier| look.assume(&itself, earlier, false).is_empty());
            cases.iter().take(at).find(covers).map_or(Why::AllBefore, |(_, before)| Why::Before(*before))
        });
        // What never counts takes nothing away.
        if !now.is_empty() {
            left = look.assume(&left, condition, false);
        }
        told.push((*span, why));
    }
    told
}

/// A case for the rest where nothing is left.
fn rest(options: &[Name], cases: &[(&[Name], Span)], found: &mut Found) {
    let named = |option: &Name| cases.iter().any(|(names, _)| names.contains(option));
    for (_, span) in cases.iter().filter(|(names, _)| names.is_empty()) {
        found.look(Code::H0425, *span, options.iter().all(named).then(|| words::rest(*span, options)));
    }
}

/// A band of values that the indicator never has.
fn of_bands(look: &Look<'_>, indicator: &Indicator, by_attained: bool, bands: &[Band], found: &mut Found) {
    let value = indicator.value.as_ref();
    let range = if by_attained { look.attained(indicator) } else { value.map(|value| look.range(value, &Facts::new())) };
    let Some(range) = range else { return };
    let mut left: Vec<Stretch> = vec![interval::ALL];
    for band in bands {
        let taken = stretches(&band.of);
        let own = left.iter().flat_map(|free| taken.iter().map(move |mine| meet(free, mine))).filter(|stretch| !empty(stretch));
        let possible = |stretch: Stretch| {
            let both = meet(&stretch, &range.stretch);
            if range.whole { interval::whole(&both) } else { both }
        };
        let never = own.into_iter().all(|stretch| empty(&possible(stretch)));
        // The rest is written to be sure.
        if band.of != BandOf::Else {
            let share = Type::share();
            let ty = value.filter(|_| !by_attained).map_or(&share, |value| &value.ty);
            let (zh, en) = look.in_words(&range.stretch, ty);
            found.look(Code::H0425, band.span, never.then(|| words::band(band.span, by_attained, (&zh, &en), range.whole)));
        }
        left = taken.iter().fold(left, |left, mine| left.iter().flat_map(|free| without(free, mine)).collect());
    }
}

/// Verdicts that nobody gets.
fn of_verdicts(look: &Look<'_>, verdicts: &Verdicts, found: &mut Found) {
    let cases: Vec<_> = verdicts.cases.iter().map(|case| (case.condition.as_ref(), case.span)).collect();
    let forced = |name: &Name| look.rubric.vetoes.iter().any(|veto| veto.then == *name);
    for (case, (span, why)) in verdicts.cases.iter().zip(shadowed(look, &cases)) {
        if !forced(&case.name.it) {
            found.look(Code::H0426, span, why.map(|why| words::verdict(&case.name.it, span, &why, case.condition.is_none())));
        }
    }
}
