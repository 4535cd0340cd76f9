//! Three-valued conditions (三值逻辑): what is not known leaves open only what it could change.

use crate::eval::column::Cell;
use crate::eval::gap::Gap;
use crate::number::{Exact, Real};
use crate::syntax::tree::CompareOp;
use crate::text::Name;

/// `and`, decided by one no, or with `any` `or`, decided by one yes; with `of_applicable`, of those that apply.
pub(super) fn fold(cells: impl Iterator<Item = Cell<bool>>, any: bool, of_applicable: bool) -> Cell<bool> {
    let mut so_far: Cell<bool> = Ok(!any);
    for cell in cells {
        if of_applicable && matches!(cell, Err(Gap::NotApplicable(_))) {
            continue;
        }
        so_far = match (so_far, cell) {
            (Ok(flag), _) | (_, Ok(flag)) if flag == any => return Ok(any),
            (Err(a), Err(b)) => Err(a.and(&b)),
            (Err(gap), Ok(_)) | (Ok(_), Err(gap)) => Err(gap),
            (Ok(_), Ok(flag)) => Ok(flag),
        };
    }
    so_far
}

/// How many hold of those that apply; unknown if one of them is.
pub(super) fn count(cells: impl Iterator<Item = Cell<bool>>) -> Cell<Real> {
    match tally(cells) {
        (held, _, None) => Ok(Real::from(Exact::from(held))),
        (_, _, Some(gap)) => Err(gap),
    }
}

/// Whether a count compares so, where the unknown ones cannot change it.
pub(super) fn count_compares(op: CompareOp, cells: impl Iterator<Item = Cell<bool>>, bound: Cell<Real>) -> Cell<bool> {
    let bound = bound?;
    let (least, most, unknown) = tally(cells);
    let holds = |number: i64| op.holds(Real::from(Exact::from(number)).cmp(&bound));
    let first = holds(least);
    match unknown {
        Some(gap) if (least..=most).any(|number| holds(number) != first) => Err(gap),
        _ => Ok(first),
    }
}

/// How many hold, how many may hold, and why some of that is not known.
fn tally(cells: impl Iterator<Item = Cell<bool>>) -> (i64, i64, Option<Gap>) {
    let (mut least, mut most) = (0_i64, 0_i64);
    let mut unknown: Option<Gap> = None;
    for cell in cells {
        match cell {
            Ok(flag) => (least, most) = (least + i64::from(flag), most + i64::from(flag)),
            Err(Gap::NotApplicable(_)) => {}
            Err(gap) => {
                most += 1;
                unknown = Some(unknown.map_or_else(|| gap.clone(), |before| before.and(&gap)));
            }
        }
    }
    (least, most, unknown)
}

/// The case that names an option, else the one for all others.
pub(crate) fn case_of<'c>(cases: impl Iterator<Item = &'c [Name]> + Clone, option: &Name) -> Option<usize> {
    cases.clone().position(|options| options.contains(option)).or_else(|| cases.clone().position(<[Name]>::is_empty))
}
