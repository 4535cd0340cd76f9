//! Sections, totals, vetoes and verdicts (合计、一票否决、等级与结论的求值).

use super::column::Cell;
use super::gap::{Cause, Gap};
use super::run::Run;
use super::trace::Branch;
use crate::model::Level;
use crate::number::{Exact, Real};
use crate::text::Name;

impl Run<'_> {
    /// The sum of a section.
    pub(super) fn section(&mut self, at: usize) -> Vec<Cell<Real>> {
        let full = self.rubric.sections.get(at).map(|section| section.points.clone()).unwrap_or_default();
        self.sum(Some(at), &full)
    }

    /// The total, rounded where the rubric says so; none of a rubric without points.
    pub(super) fn total_of_all(&mut self) -> Option<Vec<Cell<Real>>> {
        let full = self.rubric.total.as_ref()?.it.clone();
        let sums = self.sum(None, &full);
        Some(match self.rubric.round_total {
            Some(round) => sums.into_iter().map(|cell| cell.map(|total| Real::from(total.round(round.mode, round.places)))).collect(),
            None => sums,
        })
    }

    /// The sum of what lies in a section, or in none. What is not applicable is left out, and the rest scaled up to the
    /// full marks; if nothing is left, the whole is not applicable.
    fn sum(&self, parent: Option<usize>, full: &Exact) -> Vec<Cell<Real>> {
        let mut parts: Vec<(&Exact, &[Cell<Real>])> = Vec::new();
        for (at, section) in self.rubric.sections.iter().enumerate().filter(|(_, section)| section.parent == parent) {
            if let Some(Some(cells)) = self.sections.get(at) {
                parts.push((&section.points, cells));
            }
        }
        for (at, indicator) in self.rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.section == parent) {
            let scores = self.indicators.get(at).and_then(Option::as_ref).and_then(|results| results.score.as_deref());
            if let (Some(points), Some(scores)) = (&indicator.points, scores) {
                parts.push((&points.it, scores));
            }
        }
        (0..self.subjects.len()).map(|row| sum_row(&parts, row, full)).collect()
    }

    /// Grades or conclusions: a veto first, then the first case that holds.
    pub(super) fn verdicts(&mut self, grade: bool) -> Option<Vec<Cell<Name>>> {
        let verdicts = if grade { self.rubric.grade.as_ref()? } else { self.rubric.conclusion.as_ref()? };
        if self.vetoes.len() != self.rubric.vetoes.len() {
            self.vetoes = self.rubric.vetoes.iter().map(|veto| self.flags(&veto.condition, Level::Subject)).collect();
        }
        let conditions: Vec<Option<Vec<Cell<bool>>>> =
            verdicts.cases.iter().map(|case| case.condition.as_ref().map(|condition| self.flags(condition, Level::Subject))).collect();
        let names: Vec<Name> = verdicts.cases.iter().map(|case| case.name.it.clone()).collect();
        // A veto forces the grade; where there is none, the conclusion.
        let vetoed = grade || self.rubric.grade.is_none();
        let branch = if grade { Branch::Grade } else { Branch::Conclusion };
        let mut result = Vec::with_capacity(self.subjects.len());
        for row in 0..self.subjects.len() {
            let base = first_that_holds(&conditions, row);
            let named = base.clone().and_then(|which| names.get(which).cloned().ok_or_else(|| Gap::undefined(Cause::NoVerdict)));
            let vetoes = if vetoed { self.standing(row, &names) } else { Standing::default() };
            let cell = vetoes.settle(named);
            if self.traced.get(row).copied().unwrap_or(false) {
                match (&cell, vetoes.fallen, base) {
                    (Ok(_), Some((which, _)), _) => self.trace.take(Branch::Veto, row, which),
                    (Ok(_), None, Ok(which)) => self.trace.take(branch, row, which),
                    _ => {}
                }
            }
            result.push(cell);
        }
        Some(result)
    }

    /// How the vetoes stand for a subject: the first that falls, and those before it of which that is not known.
    fn standing(&self, row: usize, names: &[Name]) -> Standing {
        let mut standing = Standing::default();
        for (which, (veto, cells)) in self.rubric.vetoes.iter().zip(&self.vetoes).enumerate() {
            match cells.get(row) {
                _ if !names.contains(&veto.then) => {}
                Some(Ok(true)) => {
                    standing.fallen = Some((which, veto.then.clone()));
                    break;
                }
                Some(Err(gap)) if !matches!(gap, Gap::NotApplicable(_)) => standing.open.push((veto.then.clone(), gap.clone())),
                _ => {}
            }
        }
        standing
    }
}

/// How vetoes stand.
#[derive(Default)]
struct Standing {
    /// The veto that falls, and the verdict that it forces.
    fallen: Option<(usize, Name)>,
    /// Verdicts that vetoes before it would force, if it were known that they fall.
    open: Vec<(Name, Gap)>,
}

impl Standing {
    /// The verdict, where no open veto could change it; `drawn` is what is drawn without a veto.
    fn settle(&self, drawn: Cell<Name>) -> Cell<Name> {
        let verdict = self.fallen.as_ref().map_or(drawn, |(_, then)| Ok(then.clone()));
        let could_change = |(then, _): &&(Name, Gap)| verdict.as_ref() != Ok(then);
        match (self.open.iter().find(could_change), &verdict) {
            (None, _) => verdict,
            (Some((_, gap)), Ok(_)) => Err(gap.clone()),
            (Some((_, gap)), Err(other)) => Err(gap.and(other)),
        }
    }
}

fn sum_row(parts: &[(&Exact, &[Cell<Real>])], row: usize, full: &Exact) -> Cell<Real> {
    let mut sum = Real::ZERO;
    let mut counted = Exact::ZERO;
    let (mut gap, mut inapplicable): (Option<Gap>, Option<Gap>) = (None, None);
    for (points, cells) in parts {
        match cells.get(row) {
            Some(Ok(score)) => {
                sum = &sum + score;
                counted = &counted + *points;
            }
            Some(Err(found @ Gap::NotApplicable(_))) => inapplicable = Some(found.clone()),
            Some(Err(found)) => gap = Some(gap.map_or_else(|| found.clone(), |before| before.and(found))),
            None => {}
        }
    }
    match (gap, inapplicable) {
        (Some(gap), _) => Err(gap),
        (None, Some(inapplicable)) if counted.is_zero() => Err(inapplicable),
        (None, Some(_)) => {
            let factor = full.checked_div(&counted).unwrap_or(Exact::ONE);
            sum.checked_mul(&Real::from(factor)).ok_or_else(|| Gap::undefined(Cause::NotExact(crate::text::Span::default())))
        }
        (None, None) => Ok(sum),
    }
}

/// The first case that holds; an earlier one that cannot be told leaves it open.
fn first_that_holds(conditions: &[Option<Vec<Cell<bool>>>], row: usize) -> Cell<usize> {
    for (which, condition) in conditions.iter().enumerate() {
        match condition.as_ref().map(|cells| cells.get(row)) {
            None | Some(Some(Ok(true))) => return Ok(which),
            Some(Some(Err(gap))) => return Err(gap.clone()),
            Some(_) => {}
        }
    }
    Err(Gap::undefined(Cause::NoVerdict))
}
