//! Ways of scoring (计分方法的求值).

use super::column::{Cell, Column};
use super::expr::both;
use super::gap::{Cause, Gap};
use super::indicator::without_value;
use super::results::IndicatorResults;
use super::run::Run;
use super::trace::Branch;
use crate::model::{BandOf, CaseItem, Indicator, Knot, Level, ScoreLevel, Way};
use crate::number::{Exact, Real};
use crate::syntax::tree::Steps;
use crate::text::Name;

impl Run<'_> {
    /// The published scores of an indicator: rounded as the rubric says, once.
    pub(super) fn score(
        &mut self,
        at: usize,
        indicator: &Indicator,
        results: &IndicatorResults,
        applies: Option<&[Option<Gap>]>,
    ) -> Vec<Cell<Real>> {
        let Some(way) = &indicator.way else { return Vec::new() };
        let full = indicator.points.as_ref().map(|points| points.it.clone()).unwrap_or_default();
        let raw = self.way(at, &way.it, &full, results);
        let by_target = matches!(way.it, Way::AllOrNone | Way::Proportional { .. } | Way::FullMinus { .. });
        let settle = |(row, cell): (usize, Cell<Real>)| {
            // An indicator whose value is missing is unscored, also where its way of scoring does not look at the value.
            // Where it looks at the target, what is missing of either is named.
            let value = || results.value.as_ref().and_then(|column| column.get(row)).and_then(Result::err);
            let gap = applies.and_then(|gaps| gaps.get(row)).cloned().flatten();
            let gap = gap.or_else(|| if by_target { None } else { value() });
            let cell = match gap {
                Some(gap) => Err(gap),
                None => cell,
            };
            let cell = match cell {
                Ok(score) => within(score, &full),
                Err(gap) => without_value(indicator, &gap),
            };
            match indicator.round {
                Some(round) => cell.map(|score| Real::from(score.round(round.mode, round.places))),
                None => cell,
            }
        };
        raw.into_iter().enumerate().map(settle).collect()
    }

    fn way(&mut self, at: usize, way: &Way, full: &Exact, results: &IndicatorResults) -> Vec<Cell<Real>> {
        let none = Vec::new();
        let numbers = match &results.value {
            Some(Column::Numbers(cells)) => cells,
            _ => &none,
        };
        match way {
            Way::AllOrNone => {
                let score = |met: &Cell<bool>| met.clone().map(|met| if met { Real::from(full) } else { Real::ZERO });
                results.met.iter().flatten().map(score).collect()
            }
            Way::Bands(bands) => {
                let find = |value: &Real| bands.iter().position(|band| takes(&band.of, value));
                self.branch(at, numbers, |value| {
                    find(value).map(|which| (which, bands.get(which).map(|band| band.points.clone()).unwrap_or_default()))
                })
            }
            Way::Levels(levels) => {
                let words: Vec<Cell<Name>> = match &results.value {
                    Some(Column::Words(cells)) => cells.clone(),
                    _ => Vec::new(),
                };
                self.branch(at, &words, |word| level(levels, word))
            }
            Way::Linear(knots) => numbers.iter().map(|cell| cell.clone().and_then(|value| linear(knots, &value))).collect(),
            Way::Proportional { floor } => {
                let floor = floor.as_ref().map(Real::from);
                let score = |cell: &Cell<Real>| {
                    let attained = cell.clone()?;
                    if floor.as_ref().is_some_and(|floor| attained < *floor) || attained.signum() < 0 {
                        return Ok(Real::ZERO);
                    }
                    let attained = attained.min(Real::from(Exact::ONE));
                    attained.checked_mul(&Real::from(full)).ok_or_else(not_exact)
                };
                results.attained.iter().flatten().map(score).collect()
            }
            Way::FullMinus { minus, step, below, steps } => {
                let targets = match &results.target {
                    Some(Column::Numbers(cells)) => cells.clone(),
                    _ => Vec::new(),
                };
                let off = |value: Real, target: Real| full_minus(&value, &target, full, minus, step, *below, *steps);
                // Whoever meets the target, if need be by rounding, has full marks.
                let met = results.met.iter().flatten();
                let score = |(met, pair): (&Cell<bool>, (Cell<Real>, Cell<Real>))| match met {
                    Ok(true) => Ok(Real::from(full)),
                    Ok(false) => both(pair, off),
                    Err(gap) => Err(gap.clone()),
                };
                met.zip(numbers.iter().cloned().zip(targets)).map(score).collect()
            }
            Way::Deduct(items) => {
                let sums = self.sum_items(items);
                let full = Real::from(full);
                sums.into_iter().map(|cell| cell.map(|sum| (&full - &sum).max(Real::ZERO))).collect()
            }
            Way::Checklist(items) => {
                let full = Real::from(full);
                self.sum_items(items).into_iter().map(|cell| cell.map(|sum| sum.min(full.clone()).max(Real::ZERO))).collect()
            }
            Way::Formula(formula) => self.numbers(formula, Level::Subject),
            Way::Script(script) => self.script(script, full),
        }
    }

    /// The points of the band or level that each value falls into.
    fn branch<T: std::fmt::Display>(
        &mut self,
        at: usize,
        cells: &[Cell<T>],
        find: impl Fn(&T) -> Option<(usize, Exact)>,
    ) -> Vec<Cell<Real>> {
        let mut scores = Vec::with_capacity(cells.len());
        for (row, cell) in cells.iter().enumerate() {
            scores.push(match cell {
                Err(gap) => Err(gap.clone()),
                Ok(value) => match find(value) {
                    Some((which, points)) => {
                        if self.traced.get(row).copied().unwrap_or(false) {
                            self.trace.take(Branch::Band(at), row, which);
                        }
                        Ok(Real::from(points))
                    }
                    None => Err(Gap::undefined(Cause::NoBand(value.to_string().into()))),
                },
            });
        }
        scores
    }

    /// The sum of the items of a deduction or checklist; an item that cannot be told leaves the sum unknown.
    fn sum_items(&mut self, items: &[CaseItem]) -> Vec<Cell<Real>> {
        let mut sums: Vec<Cell<Real>> = vec![Ok(Real::ZERO); self.subjects.len()];
        for item in items {
            let points = Real::from(&item.points);
            let parts: Vec<Cell<Real>> = if item.each {
                let times = |times: Real| times.checked_mul(&points).ok_or_else(not_exact);
                self.numbers(&item.what, Level::Subject).into_iter().map(|cell| cell.and_then(times)).collect()
            } else {
                let once = |holds: bool| if holds { points.clone() } else { Real::ZERO };
                self.flags(&item.what, Level::Subject).into_iter().map(|cell| cell.map(once)).collect()
            };
            sums = sums.into_iter().zip(parts).map(|pair| both(pair, |sum, part| Ok(&sum + &part))).collect();
        }
        sums
    }
}

fn not_exact() -> Gap {
    Gap::undefined(Cause::NotExact(crate::text::Span::default()))
}

/// A score outside zero to full marks is a mistake of the rubric, never cut to fit.
fn within(score: Real, full: &Exact) -> Cell<Real> {
    if score.signum() >= 0 && score <= *full {
        return Ok(score);
    }
    Err(Gap::undefined(Cause::OutOfPoints { score: score.show_trimmed(6).into(), full: full.to_string().into() }))
}

fn takes(of: &BandOf, value: &Real) -> bool {
    match of {
        BandOf::Else => true,
        BandOf::Compare(op, bound) => op.holds(value.cmp(&Real::from(bound))),
        BandOf::Range(from, to) => from.as_ref().is_none_or(|from| *value >= *from) && to.as_ref().is_none_or(|to| *value < *to),
    }
}

fn level(levels: &[ScoreLevel], word: &Name) -> Option<(usize, Exact)> {
    let named = levels.iter().position(|level| level.options.contains(word));
    let which = named.or_else(|| levels.iter().position(|level| level.options.is_empty()))?;
    levels.get(which).map(|level| (which, level.points.clone()))
}

/// On straight lines between the corners, level before the first and behind the last.
fn linear(knots: &[Knot], value: &Real) -> Cell<Real> {
    let behind = knots.partition_point(|knot| *value >= knot.at);
    let (before, after) = (behind.checked_sub(1).and_then(|at| knots.get(at)), knots.get(behind));
    match (before, after) {
        (Some(low), Some(high)) => {
            let slope = (&high.points - &low.points).checked_div(&(&high.at - &low.at)).unwrap_or_default();
            let along = value - &Real::from(&low.at);
            let rise = along.checked_mul(&Real::from(slope)).ok_or_else(not_exact)?;
            Ok(&rise + &Real::from(&low.points))
        }
        (Some(end), None) | (None, Some(end)) => Ok(Real::from(&end.points)),
        (None, None) => Err(Gap::undefined(Cause::NoBand("".into()))),
    }
}

fn full_minus(value: &Real, target: &Real, full: &Exact, minus: &Exact, step: &Exact, below: bool, steps: Steps) -> Cell<Real> {
    let short = if below { target - value } else { value - target };
    if short.signum() <= 0 {
        return Ok(Real::from(full));
    }
    let count = short.checked_div(&Real::from(step)).map_err(|_| not_exact())?;
    let count = match steps {
        Steps::Linear => count,
        Steps::Whole => Real::from(count.floor()),
        Steps::Started => Real::from(count.ceil()),
    };
    let off = count.checked_mul(&Real::from(minus)).ok_or_else(not_exact)?;
    Ok((&Real::from(full) - &off).max(Real::ZERO))
}
