//! What a subject lacks in the results of other rubrics (另用的体系的短板): their own plans, and its submissions with all of them.

use super::reads::Reads;
use super::{Change, Improvement, Outcome, RestsOn, Way, improvement};
use crate::eval::{Request, Results, Table, Tracing, Value};
use crate::model::{Expr, Form, Rubric, Rules, Source, bottom_of};
use crate::number::Real;
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};

/// The rubrics beside, by their place, whose results an indicator reads.
pub(super) fn read_by(rubric: &Rubric, indicator: usize) -> Vec<usize> {
    Reads::of_indicator(rubric, indicator).rubrics.into_iter().collect()
}

/// The results of other rubrics that some conditions read, each once.
pub(super) fn rests_on<'e>(rubric: &Rubric, conditions: impl Iterator<Item = &'e Expr>, results: &Results) -> Vec<RestsOn> {
    let mut all: Vec<RestsOn> = Vec::new();
    for (of, slot, id) in conditions.flat_map(|condition| Reads::of(rubric, condition).results) {
        if !all.iter().any(|known| (known.rubric, known.slot) == (of, slot)) {
            let member = matches!(rubric.source, Source::Rubric(at) if at == of);
            let value = results.trace.cell(id, 0).filter(|_| !member).and_then(|cell| cell.as_ref().ok().cloned());
            all.push(RestsOn { rubric: of, slot, value });
        }
    }
    all
}

/// The plans of some rubrics for a subject, those that lack something.
pub(super) fn plans(request: &Request<'_>, kind: &Name, key: &Name, rubrics: BTreeSet<usize>) -> Vec<Improvement> {
    let plan = |at: usize| {
        let table = request.table.beside(Source::Rubric(at), 0)?;
        improvement(&Request { rubric: at, table, tracing: Tracing::Off, ..request.clone() }, kind, key)
    };
    let lacks = |plan: &Improvement| {
        plan.goal.is_some() || plan.together.is_some() || !plan.shortfalls.is_empty() || !plan.spreads.is_empty() || !plan.beside.is_empty()
    };
    rubrics.into_iter().filter_map(plan).filter(lacks).collect()
}

/// The form that is filled in at the bottom of a rubric: of one that splits, the whole one.
fn filled_in(rules: &Rules, rubric: usize) -> Option<(usize, &Form)> {
    let at = bottom_of(rules, rules.rubrics.get(rubric)?)?;
    let form = rules.forms.get(at)?;
    Some((form.split.as_ref().map_or(at, |split| split.of), form))
}

/// An answer that is to be another, wherever its form is read.
pub(super) struct Wish {
    /// The form as it is filled in, by its place.
    of: usize,
    /// Whose submission.
    key: Name,
    field: Name,
    to: Value,
    by: Option<Real>,
}

impl Wish {
    /// Of changes that a rubric's plan asks for.
    pub fn of(rules: &Rules, rubric: usize, changes: &[Change]) -> Vec<Wish> {
        let Some((of, form)) = filled_in(rules, rubric) else { return Vec::new() };
        let wish = |change: &Change| {
            let (key, field) = (change.key.clone(), form.fields.get(change.field.0)?.name.it.clone());
            Some(Wish { of, key, field, to: change.to.clone(), by: change.difference().map(far) })
        };
        changes.iter().filter_map(wish).collect()
    }
}

fn far(by: Real) -> Real {
    if by.signum() < 0 { &Real::ZERO - &by } else { by }
}

/// All that a plan proposes, and the plans of the rubrics beside that it goes by.
fn proposed(rules: &Rules, plan: &Improvement, into: &mut Vec<Wish>) {
    let own: &[Change] = match (&plan.together, plan.goal.as_ref().map(|goal| &goal.outcome)) {
        (Some(together), _) => &together.changes,
        (None, Some(Outcome::Reached(Way { changes }) | Outcome::Beside(Way { changes }))) => changes,
        _ => &[],
    };
    into.extend(Wish::of(rules, plan.rubric, own));
    plan.beside.iter().for_each(|beside| proposed(rules, beside, into));
}

/// The submissions with everything that the plans propose; `None` where they propose nothing.
pub(super) fn with_all(request: &Request<'_>, plans: &[Improvement], own: &[Change]) -> Option<Table> {
    let mut all = Vec::new();
    plans.iter().for_each(|plan| proposed(request.rules, plan, &mut all));
    if all.is_empty() {
        return None;
    }
    all.extend(Wish::of(request.rules, request.rubric, own));
    // Two rubrics may read one form: each is judged with what the other asks for, and of two wishes for one answer the further one counts.
    let mut wishes: BTreeMap<(usize, Name, Name), Wish> = BTreeMap::new();
    for wish in all {
        let place = (wish.of, wish.key.clone(), wish.field.clone());
        if wishes.get(&place).is_none_or(|known| wish.by > known.by) {
            wishes.insert(place, wish);
        }
    }
    let wishes: Vec<Wish> = wishes.into_values().collect();
    let mut table = request.table.clone();
    put(request.rules, request.rubric, &mut table, &wishes);
    Some(table)
}

/// Puts answers into the submissions that a rubric reads, and into what lies beside them.
fn put(rules: &Rules, rubric: usize, table: &mut Table, wishes: &[Wish]) {
    if let Some((whole, form)) = filled_in(rules, rubric) {
        into(table, form, wishes.iter().filter(|wish| wish.of == whole));
    }
    put_beside(rules, rubric, table, wishes);
}

fn into<'w>(table: &mut Table, form: &Form, wishes: impl Iterator<Item = &'w Wish>) {
    for wish in wishes {
        let Some((field, _)) = form.field(&wish.field) else { continue };
        let rows: Vec<usize> = (0..table.len()).filter(|row| table.submitter(*row) == wish.key).collect();
        rows.into_iter().for_each(|row| table.put(field, row, Ok(wish.to.clone())));
    }
}

/// The same of what lies beside alone.
pub(super) fn put_beside(rules: &Rules, rubric: usize, table: &mut Table, wishes: &[Wish]) {
    let mut next = rules.rubrics.get(rubric);
    while let Some(rubric) = next {
        for beside in rubric.beside.iter().filter(|beside| beside.earlier == 0) {
            let Some(mut other) = table.beside(beside.of, 0).cloned() else { continue };
            match beside.of {
                Source::Rubric(at) => put(rules, at, &mut other, wishes),
                Source::Form(at) => {
                    let Some(form) = rules.forms.get(at) else { continue };
                    let whole = form.split.as_ref().map_or(at, |split| split.of);
                    into(&mut other, form, wishes.iter().filter(|wish| wish.of == whole));
                }
            }
            table.lay_beside(beside.of, 0, other);
        }
        next = match rubric.source {
            Source::Rubric(below) => rules.rubrics.get(below),
            Source::Form(_) => None,
        };
    }
}

/// Whether what a rubric reads beside its form is filled in on that form as well, so that its answers stand in two places.
pub(super) fn shares_form(rules: &Rules, rubric: usize) -> bool {
    fn reads(rules: &Rules, rubric: usize, whole: usize) -> bool {
        let mut next = rules.rubrics.get(rubric);
        while let Some(rubric) = next {
            let shared = rubric.beside.iter().filter(|beside| beside.earlier == 0).any(|beside| match beside.of {
                Source::Rubric(at) => filled_in(rules, at).is_some_and(|(of, _)| of == whole) || reads(rules, at, whole),
                Source::Form(at) => at == whole,
            });
            if shared {
                return true;
            }
            next = match rubric.source {
                Source::Rubric(below) => rules.rubrics.get(below),
                Source::Form(_) => None,
            };
        }
        false
    }
    filled_in(rules, rubric).is_some_and(|(whole, _)| reads(rules, rubric, whole))
}
