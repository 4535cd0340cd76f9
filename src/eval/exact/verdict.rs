//! Grades and conclusions (等级与结论的求值): a veto first, then the first case that holds.

use super::Cells;
use crate::eval::column::Cell;
use crate::eval::gap::{Cause, Gap};
use crate::eval::plan::Verdict;
use crate::text::Name;

/// What led to a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The case, by its place.
    Case(usize),
    /// The veto, by its place in the rubric.
    Veto(usize),
}

/// The verdict, and what led to it; undecided where an open veto or condition could change it.
pub(crate) fn drawn(it: &Verdict, cells: &Cells<'_>) -> Cell<(Name, Taken)> {
    let mut open: Vec<(&Name, Gap)> = Vec::new();
    let mut fallen: Option<(usize, &Name)> = None;
    for (which, condition, then) in &it.vetoes {
        match cells.flag(*condition) {
            Ok(true) => {
                fallen = Some((*which, then));
                break;
            }
            Err(gap) if !matches!(gap, Gap::NotApplicable(_)) => open.push((then, gap)),
            _ => {}
        }
    }
    let verdict = match fallen {
        Some((which, then)) => Ok((then.clone(), Taken::Veto(which))),
        None => first_that_holds(it, cells),
    };
    // Vetoes before the one that falls, of which it is not known whether they fall.
    let could_change = |(then, _): &&(&Name, Gap)| !matches!(&verdict, Ok((name, _)) if name == *then);
    match (open.iter().find(could_change), &verdict) {
        (None, _) => verdict,
        (Some((_, gap)), Ok(_)) => Err(gap.clone()),
        (Some((_, gap)), Err(other)) => Err(gap.and(other)),
    }
}

/// The first case that holds; an earlier one that cannot be told leaves it open.
fn first_that_holds(it: &Verdict, cells: &Cells<'_>) -> Cell<(Name, Taken)> {
    for (which, (condition, name)) in it.cases.iter().enumerate() {
        match condition.map(|condition| cells.flag(condition)) {
            None | Some(Ok(true)) => return Ok((name.clone(), Taken::Case(which))),
            Some(Err(gap)) => return Err(gap),
            Some(Ok(false)) => {}
        }
    }
    Err(Gap::undefined(Cause::NoVerdict))
}
