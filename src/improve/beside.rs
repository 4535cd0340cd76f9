//! What a subject lacks in the results of other rubrics (另用的体系的短板): their own plans, and what it comes to with all of them.

use super::reads::Reads;
use super::{Change, Improvement, Outcome, Shortfall, improvement};
use crate::eval::{Request, Results, Table, Tracing, evaluate_one};
use crate::model::{Form, Rubric, Rules, Source, bottom_of};
use crate::number::Real;
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};

/// The rubrics beside, by their place, whose results an indicator reads.
pub(super) fn read_by(rubric: &Rubric, indicator: usize) -> Vec<usize> {
    Reads::of_indicator(rubric, indicator).rubrics.into_iter().collect()
}

/// The plans of the rubrics that keep a subject from what no answer of its own would mend, and its results with all that they propose.
pub(super) fn plans(request: &Request<'_>, kind: &Name, key: &Name, shortfalls: &[Shortfall]) -> (Vec<Improvement>, Option<Results>) {
    let rubrics: BTreeSet<usize> =
        shortfalls.iter().filter(|shortfall| shortfall.ways.is_empty()).flat_map(|it| it.beside.clone()).collect();
    let plan = |at: usize| {
        let table = request.table.beside(Source::Rubric(at), 0)?;
        improvement(&Request { rubric: at, table, tracing: Tracing::Off, ..request.clone() }, kind, key)
    };
    let lacks =
        |plan: &Improvement| plan.goal.is_some() || plan.together.is_some() || !plan.shortfalls.is_empty() || !plan.spreads.is_empty();
    let plans: Vec<Improvement> = rubrics.into_iter().filter_map(plan).filter(lacks).collect();
    let results = with_all(request, kind, key, &plans);
    (plans, results)
}

/// The form that is filled in at the bottom of a rubric: of one that splits, the whole one.
fn filled_in(rules: &Rules, rubric: usize) -> Option<(usize, &Form)> {
    let at = bottom_of(rules, rules.rubrics.get(rubric)?)?;
    let form = rules.forms.get(at)?;
    Some((form.split.as_ref().map_or(at, |split| split.of), form))
}

fn proposed(plan: &Improvement) -> &[Change] {
    match (&plan.together, plan.goal.as_ref().map(|goal| &goal.outcome)) {
        (Some(together), _) => &together.changes,
        (None, Some(Outcome::Reached(way))) => &way.changes,
        _ => &[],
    }
}

/// What the subject comes to when everything is done that the plans propose; `None` where they propose nothing.
fn with_all(request: &Request<'_>, kind: &Name, key: &Name, plans: &[Improvement]) -> Option<Results> {
    let rules = request.rules;
    // Two rubrics may read one form: each is judged with what the other asks for, and of two wishes for one answer the further one counts.
    let mut wishes: BTreeMap<(usize, &Name, &Name), &Change> = BTreeMap::new();
    for plan in plans {
        let Some((whole, form)) = filled_in(rules, plan.rubric) else { continue };
        for change in proposed(plan) {
            let Some(field) = form.fields.get(change.field.0) else { continue };
            let known = wishes.entry((whole, &change.key, &field.name.it)).or_insert(change);
            if further(change) > further(known) {
                *known = change;
            }
        }
    }
    if wishes.is_empty() {
        return None;
    }
    let mut table = request.table.clone();
    for beside in &rules.rubrics.get(request.rubric)?.beside {
        let Source::Rubric(at) = beside.of else { continue };
        let (Some((whole, form)), Some(other)) = (filled_in(rules, at), request.table.beside(beside.of, beside.earlier)) else { continue };
        let mut changed: Table = other.clone();
        for ((_, who, name), change) in wishes.iter().filter(|((of, ..), _)| *of == whole) {
            let Some((field, _)) = form.field(name) else { continue };
            let rows: Vec<usize> = (0..changed.len()).filter(|row| changed.submitter(*row) == **who).collect();
            rows.into_iter().for_each(|row| changed.put(field, row, Ok(change.to.clone())));
        }
        table.lay_beside(beside.of, beside.earlier, changed);
    }
    evaluate_one(&Request { table: &table, tracing: Tracing::Off, ..request.clone() }, kind, key)
}

fn further(change: &Change) -> Real {
    change.difference().map_or(Real::ZERO, |by| if by.signum() < 0 { &Real::ZERO - &by } else { by })
}
