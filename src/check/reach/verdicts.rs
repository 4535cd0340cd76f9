//! Data that lead to no verdict (得不出结论的数据): a total, or a submission, for which none of the conditions holds.

use super::Look;
use super::sample::Value;
use crate::model::{Expr, Node, Slot, Verdicts};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use std::collections::BTreeSet;

/// An example in words, if one is found.
pub(super) fn example(look: &Look<'_>, verdicts: &Verdicts) -> Option<(String, String)> {
    let conditions: Vec<&Expr> = verdicts.cases.iter().map(|case| case.condition.as_ref()).collect::<Option<_>>()?;
    if let Some(bounds) = conditions.iter().map(|condition| bound(condition)).collect::<Option<Vec<_>>>() {
        let total = total(look, &bounds)?;
        return Some((format!("如总分 {total}"), format!("such as a total of {total}")));
    }
    let fields: BTreeSet<_> = conditions.iter().flat_map(|condition| look.fields_of(condition)).collect();
    let when: Vec<&Expr> = look.rubric.when.iter().collect();
    let shown = look.search(&when, &fields, |sample| {
        let none = conditions.iter().all(|condition| look.compute(condition, sample) == Some(Value::Flag(false)));
        none.then(|| look.shown(sample, &fields))
    })?;
    Some((format!("如 {shown}"), format!("such as {shown}")))
}

/// What a condition asks of the total.
fn bound(condition: &Expr) -> Option<(CompareOp, &Exact)> {
    match &condition.node {
        Node::Compare(op, total, bound) => match (&total.node, &bound.node) {
            (Node::Slot(Slot::Total), Node::Number(bound)) => Some((*op, bound)),
            _ => None,
        },
        // Where this does not hold, the whole does not.
        Node::All(list) => list.first().and_then(bound),
        _ => None,
    }
}

/// A total from zero to full marks that meets none of some bounds: the highest of those below and between them.
fn total(look: &Look<'_>, bounds: &[(CompareOp, &Exact)]) -> Option<Exact> {
    let full = look.rubric.total.as_ref().map(|total| &total.it)?;
    let beside = |bound: &Exact| [bound - &Exact::ONE, bound.clone(), bound + &Exact::ONE];
    let mut totals: Vec<Exact> = bounds.iter().flat_map(|(_, bound)| beside(bound)).chain([Exact::ZERO, full.clone()]).collect();
    totals.retain(|total| !total.is_negative() && total <= full);
    totals.sort();
    totals.into_iter().rev().find(|total| bounds.iter().all(|(op, bound)| !op.holds(total.cmp(bound))))
}
