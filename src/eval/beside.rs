//! Lays beside a table what its rubric also reads (另用的填报与结果), from submissions however they come.

use super::table::Table;
use crate::model::{Form, Rules, Source, bottom_of};

/// Where submissions come from: of a form that is filled in, so many periods earlier; and what they split into.
pub trait Submissions {
    /// The submissions to a form as filled in, by its place in the rules; `None` if there are none at all.
    fn filled_in(&mut self, form: usize, earlier: u32) -> Option<Table>;
    /// What those are made into that a rubric reads: itself, or the units that submissions split into.
    fn split(&mut self, form: &Form, submissions: Table) -> Table;
}

/// Lays beside a table what a rubric, and those below it, also read. What is not there stays away, and is missing.
pub fn lay_beside(rules: &Rules, rubric: usize, table: &mut Table, from: &mut dyn Submissions) {
    let mut next = rules.rubrics.get(rubric);
    while let Some(rubric) = next {
        for beside in &rubric.beside {
            let form = match beside.of {
                Source::Form(at) => Some(at),
                Source::Rubric(at) => rules.rubrics.get(at).and_then(|other| bottom_of(rules, other)),
            };
            // The rows of a form's tables come with its submissions.
            if table.beside(beside.of, beside.earlier).is_some() {
                continue;
            }
            let Some(other) = form.and_then(|at| submissions(rules, at, beside.earlier, from)) else { continue };
            let mut other = other;
            if let Source::Rubric(at) = beside.of {
                lay_beside(rules, at, &mut other, from);
            }
            table.lay_beside(beside.of, beside.earlier, other);
        }
        next = match rubric.source {
            Source::Rubric(below) => rules.rubrics.get(below),
            Source::Form(_) => None,
        };
    }
}

/// Submissions to a form, or the units that they split into.
fn submissions(rules: &Rules, form: usize, earlier: u32, from: &mut dyn Submissions) -> Option<Table> {
    let of = rules.forms.get(form)?;
    let filled_in = from.filled_in(of.split.as_ref().map_or(form, |split| split.of), earlier)?;
    Some(from.split(of, filled_in))
}
