//! Which verdict is the better one (更好的结论), and what it hangs on.
//!
//! Verdicts by facts, such as 不参评, are neither better nor worse, and nobody is led to them.

use crate::check::{Leads, leads, ranks};
use crate::eval::{Cell, Results, Value};
use crate::model::{Expr, Node, Rubric, Rules, Verdicts};
use crate::syntax::tree::CompareOp;
use crate::text::Name;

/// Grade or conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// 结论
    Conclusion,
    /// 等级
    Grade,
}

impl Which {
    /// The list of a rubric.
    pub fn list(self, rubric: &Rubric) -> Option<&Verdicts> {
        match self {
            Which::Conclusion => rubric.conclusion.as_ref(),
            Which::Grade => rubric.grade.as_ref(),
        }
    }

    /// What the only subject of some results got.
    pub fn drawn(self, results: &Results) -> Option<&Cell<Name>> {
        match self {
            Which::Conclusion => results.conclusion.as_ref()?.first(),
            Which::Grade => results.grade.as_ref()?.first(),
        }
    }
}

/// How good a verdict of a name is, the greater the better; `None` for one by facts, which is neither good nor bad.
pub fn rank(rules: &Rules, rubric: &Rubric, which: Which, name: &str) -> Option<i64> {
    let verdicts = which.list(rubric)?;
    let ranks = ranks(rules, rubric, verdicts);
    verdicts.cases.iter().zip(ranks).filter(|(case, _)| *case.name.it == *name).find_map(|(_, rank)| rank)
}

/// The verdicts that are better than one, the nearest first. One that only a veto forces is worse than all.
pub(super) fn better(rules: &Rules, rubric: &Rubric, which: Which, than: &str) -> Vec<Name> {
    let Some(verdicts) = which.list(rubric) else { return Vec::new() };
    let forced = rubric.vetoes.iter().any(|veto| *veto.then == *than);
    let Some(now) = rank(rules, rubric, which, than).or(forced.then_some(i64::MIN)) else { return Vec::new() };
    let ranked = verdicts.cases.iter().zip(ranks(rules, rubric, verdicts));
    let mut better: Vec<(i64, &Name)> = ranked.filter_map(|(case, rank)| Some((rank.filter(|rank| *rank > now)?, &case.name.it))).collect();
    better.sort();
    better.dedup_by_key(|(_, name)| name.clone());
    better.into_iter().map(|(_, name)| name.clone()).collect()
}

/// What cannot be told of a verdict: its list says of none whether it is good or bad. The others of the list, if there are any.
pub(super) fn undecided(rules: &Rules, rubric: &Rubric, which: Which, now: &str) -> Option<Vec<Name>> {
    let verdicts = which.list(rubric)?;
    let ranked = ranks(rules, rubric, verdicts).into_iter().flatten().any(|rank| rank != 0);
    let mut others: Vec<Name> = verdicts.cases.iter().map(|case| case.name.it.clone()).filter(|name| **name != *now).collect();
    others.dedup();
    (!ranked && !others.is_empty()).then_some(others)
}

/// A condition in which nothing is joined any more, and whether it has to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Atom<'r> {
    pub it: &'r Expr,
    pub wanted: bool,
}

impl Atom<'_> {
    /// Whether it is as it has to be; `None` if that is not known.
    pub fn stands(&self, results: &Results) -> Option<bool> {
        match results.trace.cell(self.it.id, 0)? {
            Ok(Value::Flag(flag)) => Some(*flag == self.wanted),
            _ => None,
        }
    }
}

/// What a verdict hangs on: its own condition, and those before it that must not hold; and vetoes that speak of results.
pub(super) fn atoms<'r>(rules: &Rules, rubric: &'r Rubric, which: Which, name: &str) -> Vec<Atom<'r>> {
    let mut atoms = Vec::new();
    for case in which.list(rubric).iter().flat_map(|verdicts| &verdicts.cases) {
        let wanted = *case.name.it == *name;
        case.condition.iter().for_each(|condition| apart(rubric, condition, wanted, &mut atoms));
        if wanted {
            break;
        }
    }
    for veto in rubric.vetoes.iter().filter(|veto| *veto.then != *name && leads(rules, rubric, &veto.condition) != Leads::Neither) {
        apart(rubric, &veto.condition, false, &mut atoms);
    }
    atoms
}

/// Those of them that keep somebody from any of some verdicts.
pub(super) fn failing<'r>(rules: &Rules, rubric: &'r Rubric, which: Which, names: &[Name], results: &Results) -> Vec<Atom<'r>> {
    let all = names.iter().flat_map(|name| atoms(rules, rubric, which, name));
    all.filter(|atom| atom.stands(results) == Some(false)).collect()
}

/// Takes a condition apart.
fn apart<'r>(rubric: &'r Rubric, expr: &'r Expr, wanted: bool, atoms: &mut Vec<Atom<'r>>) {
    match &expr.node {
        Node::All(list) | Node::Any(list) | Node::Every(list) | Node::AnyOf(list) => {
            list.iter().for_each(|inner| apart(rubric, inner, wanted, atoms));
        }
        Node::Not(inner) => apart(rubric, inner, !wanted, atoms),
        Node::Slot(crate::model::Slot::Let(at)) => {
            if let Some(named) = rubric.lets.get(*at) {
                apart(rubric, &named.value, wanted, atoms);
            }
        }
        Node::Compare(op, left, right) => {
            let (counted, more) = match (&left.node, &right.node) {
                (Node::Count(list), _) => (list, !matches!(op, CompareOp::Le | CompareOp::Lt)),
                (_, Node::Count(list)) => (list, !matches!(op, CompareOp::Ge | CompareOp::Gt)),
                _ => return atoms.push(Atom { it: expr, wanted }),
            };
            counted.iter().for_each(|inner| apart(rubric, inner, wanted == more, atoms));
        }
        _ => atoms.push(Atom { it: expr, wanted }),
    }
}
