//! What layers may not touch (锁定与只许从严).

use super::super::core::Core;
use super::super::mistakes::names::{self, Kind};
use crate::model::Layer;
use crate::syntax::tree::{self, Guard, RubricStmt};
use crate::text::{At, Name, Span, nearest};

/// Something that layers may not touch, or only make stricter.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    pub what: What,
    /// Whether nothing of it may be touched.
    pub locked: bool,
    /// Where that is said.
    pub span: Span,
    /// The layer that says so.
    pub layer: Name,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An indicator by its written code, and the place of that.
    Indicator(Name, Span),
    Section(Name),
    Grade,
    Conclusion,
}

/// Everything that a rubric guards, by the layers that it is made of.
pub(super) fn of(rubric: &tree::Rubric, layers: &[Layer]) -> Vec<Guarded> {
    let order = codes(&rubric.body);
    let mut guarded = Vec::new();
    for stmt in &rubric.body {
        if let RubricStmt::Guard(guard) = stmt {
            // What an upper layer guards stays guarded, and stays its word.
            let layer =
                layers.iter().find(|layer| layer.holds(guard.span)).map_or_else(|| rubric.head.name.it.clone(), |layer| layer.name.clone());
            for (what, span) in items(guard, &order) {
                guarded.push(Guarded { what, locked: guard.locked, span, layer: layer.clone() });
            }
        }
    }
    guarded
}

/// Tells of names that nothing has.
pub(super) fn check(core: &mut Core<'_>, rubric: &tree::Rubric) {
    let order = codes(&rubric.body);
    for stmt in &rubric.body {
        let RubricStmt::Guard(Guard { items, .. }) = stmt else { continue };
        for name in items.iter().flat_map(|(from, to)| std::iter::once(from).chain(to)) {
            let known = is_verdict(&name.it).is_some() || order.iter().any(|code| code.name.it == name.it);
            if !known && !core.is_broken(rubric.head.whole) {
                let near = nearest(&name.it, order.iter().map(|code| code.name.it.as_str()));
                core.tell_unknown(&name.it, names::unknown(Kind::Indicator, &name.it, name.span, near));
            }
        }
    }
}

/// A code of the rubric as written.
struct Code<'w> {
    name: &'w At<Name>,
    section: bool,
    /// The sections around it.
    inside: Vec<&'w Name>,
}

fn codes(body: &[RubricStmt]) -> Vec<Code<'_>> {
    fn collect<'w>(body: &'w [RubricStmt], inside: &[&'w Name], into: &mut Vec<Code<'w>>) {
        for stmt in body {
            match stmt {
                RubricStmt::Indicator(indicator) => {
                    into.push(Code { name: &indicator.head.name, section: false, inside: inside.to_vec() });
                }
                RubricStmt::Section { head, body, .. } => {
                    into.push(Code { name: &head.name, section: true, inside: inside.to_vec() });
                    let deeper: Vec<_> = inside.iter().copied().chain([&head.name.it]).collect();
                    collect(body, &deeper, into);
                }
                RubricStmt::Each { body, .. } => collect(body, inside, into),
                _ => {}
            }
        }
    }
    let mut order = Vec::new();
    collect(body, &[], &mut order);
    order
}

fn is_verdict(name: &str) -> Option<What> {
    match name {
        "grade" | "等级" => Some(What::Grade),
        "conclusion" | "结论" => Some(What::Conclusion),
        _ => None,
    }
}

/// What a guard names, each with the place where it is named; a section with all that is in it.
fn items(guard: &Guard, order: &[Code<'_>]) -> Vec<(What, Span)> {
    let mut named = Vec::new();
    let what = |code: &Code<'_>| match code.section {
        true => What::Section(code.name.it.clone()),
        false => What::Indicator(code.name.it.clone(), code.name.span),
    };
    for (from, to) in &guard.items {
        let place = |name: &At<Name>| order.iter().position(|code| code.name.it == name.it);
        match (to, place(from)) {
            (Some(to), Some(first)) => {
                let last = place(to).unwrap_or(first);
                let range = order.iter().take(last + 1).skip(first);
                named.extend(range.map(|code| (what(code), from.span.to(to.span))));
            }
            (None, Some(at)) => {
                let inside = order.iter().filter(|code| code.inside.contains(&&from.it));
                named.extend(order.get(at).into_iter().chain(inside).map(|code| (what(code), from.span)));
            }
            (_, None) => named.extend(is_verdict(&from.it).map(|what| (what, from.span))),
        }
    }
    named
}
