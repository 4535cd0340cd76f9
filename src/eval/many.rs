//! Statistics inside expressions (统计量的求值): which rows count, for which subject.
//!
//! Those without a value are left out and reported; the formulas are in `statistics`.

use super::column::{Cell, Column, Value};
use super::gap::{Cause, Gap};
use super::results::Omission;
use super::run::Run;
use super::statistics::{self as formulas, Order};
use crate::model::{Expr, Level, Over, Statistic, StatisticKind, Type};
use crate::number::{Exact, Real};
use crate::syntax::tree::Scope;
use crate::text::Span;
use std::collections::BTreeMap;

/// What counts for one subject.
#[derive(Default)]
struct Sample {
    values: Vec<Real>,
    weights: Vec<Exact>,
    /// Of which row each value is.
    rows: Vec<usize>,
    left_out: Vec<usize>,
}

impl Run<'_> {
    /// The column of a statistic.
    pub(super) fn statistic(&mut self, expr: &Expr, statistic: &Statistic, at: Level) -> Vec<Cell<Real>> {
        let parameter = statistic.parameter.as_ref().map(|parameter| self.numbers(parameter, Level::Subject));
        let parameter_of = |row: usize| parameter.as_ref().and_then(|cells| cells.get(row)).cloned();
        match &statistic.of {
            Over::List(list) if statistic.kind == StatisticKind::Count => {
                let columns: Vec<Column> = list.iter().map(|value| self.column(value, at)).collect();
                let there = |column: &Column, row: usize| match column.get(row) {
                    Some(Ok(Value::Flag(flag))) => flag,
                    cell => matches!(cell, Some(Ok(_))),
                };
                let count = |row: usize| columns.iter().filter(|column| there(column, row)).count();
                (0..self.rows(at)).map(|row| Ok(Real::from(Exact::from(count(row))))).collect()
            }
            Over::List(list) => {
                let columns: Vec<_> = list.iter().map(|value| self.numbers(value, at)).collect();
                let weights = statistic.weight.as_ref().map(|weight| self.numbers(weight, at));
                (0..self.rows(at))
                    .map(|row| of_list(statistic.kind, &columns, weights.as_deref(), row, parameter_of(row), expr.span))
                    .collect()
            }
            Over::Members(of) => {
                let samples = self.samples(statistic, of, Level::Member);
                let groups: Vec<(usize, Vec<usize>)> =
                    self.pair_ranges.iter().cloned().enumerate().map(|(at, range)| (at, range.collect())).collect();
                let mut result = Vec::new();
                for (subject, rows) in groups {
                    let sample = samples.take(&rows);
                    self.omit(expr, subject, &sample, true);
                    result.push(compute(statistic.kind, &sample, statistic.weight.is_some(), parameter_of(subject), expr.span));
                }
                result
            }
            Over::Cohort(of, scope) => {
                let samples = self.samples(statistic, of, Level::Subject);
                let mut cohorts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
                for (row, subject) in self.subjects.iter().enumerate() {
                    let group = if *scope == Scope::Group { subject.group.as_deref().unwrap_or("") } else { "" };
                    cohorts.entry(format!("{}\u{1}{group}", subject.kind)).or_default().push(row);
                }
                // Whom the filter refuses has no place in the order.
                let refused = statistic.filter.as_ref().map_or_else(|| "".into(), |filter| self.texts.slice(filter.span).into());
                let mut result: Vec<Cell<Real>> = vec![Err(Gap::NotApplicable(refused)); self.rows(Level::Subject)];
                for rows in cohorts.values() {
                    let sample = samples.take(rows);
                    let mut put = |row: usize, cell: Cell<Real>| {
                        if let Some(place) = result.get_mut(row) {
                            *place = cell;
                        }
                    };
                    if let Some(places) = places(statistic.kind, &sample) {
                        sample.rows.iter().zip(places).for_each(|(row, place)| put(*row, Ok(place)));
                        sample.left_out.iter().for_each(|row| put(*row, samples.gap(*row)));
                    } else {
                        // One value for all, computed once for each parameter that there is.
                        let mut computed: Vec<(Option<Cell<Real>>, Cell<Real>)> = Vec::new();
                        for row in rows {
                            let parameter = parameter_of(*row);
                            let known = computed.iter().find(|(known, _)| *known == parameter).map(|(_, cell)| cell.clone());
                            let cell = known.unwrap_or_else(|| {
                                let cell = compute(statistic.kind, &sample, statistic.weight.is_some(), parameter.clone(), expr.span);
                                computed.push((parameter, cell.clone()));
                                cell
                            });
                            put(*row, cell);
                        }
                    }
                    for row in rows {
                        self.omit(expr, *row, &sample, false);
                    }
                }
                result
            }
        }
    }

    fn samples(&mut self, statistic: &Statistic, of: &Expr, at: Level) -> Samples {
        let values = match (&of.ty, statistic.kind) {
            (Type::Flag, _) => Column::Flags(self.flags(of, at)),
            (Type::Number(_), _) => Column::Numbers(self.numbers(of, at)),
            _ => self.column(of, at),
        };
        let weights = statistic.weight.as_ref().map(|weight| self.numbers(weight, at));
        let filter = statistic.filter.as_ref().map(|filter| self.flags(filter, at));
        Samples { values, weights, filter, counts: statistic.kind == StatisticKind::Count }
    }

    /// Notes what a statistic left out.
    fn omit(&mut self, expr: &Expr, subject: usize, sample: &Sample, members: bool) {
        if !members || sample.left_out.is_empty() {
            return;
        }
        let left_out = sample.left_out.iter().filter_map(|row| self.pairs.get(*row)).map(|pair| pair.member).collect();
        self.omissions.push(Omission { statistic: expr.id, subject, counted: sample.values.len(), left_out });
    }
}

/// The columns that a statistic reads.
struct Samples {
    values: Column,
    weights: Option<Vec<Cell<Real>>>,
    filter: Option<Vec<Cell<bool>>>,
    counts: bool,
}

impl Samples {
    /// What counts of some rows. Whom the filter refuses is not left out but was never asked about.
    fn take(&self, rows: &[usize]) -> Sample {
        let mut sample = Sample::default();
        for &row in rows {
            let wanted = match self.filter.as_ref().and_then(|cells| cells.get(row)) {
                None | Some(Ok(true)) => true,
                Some(Ok(false)) => continue,
                Some(Err(_)) => false,
            };
            let weight = match self.weights.as_ref().map(|cells| cells.get(row)) {
                None => Some(Exact::ONE),
                Some(Some(Ok(weight))) => weight.as_exact().cloned(),
                Some(_) => None,
            };
            match (wanted, self.value(row), weight) {
                (true, Some(value), Some(weight)) => {
                    sample.values.push(value);
                    sample.weights.push(weight);
                    sample.rows.push(row);
                }
                _ => sample.left_out.push(row),
            }
        }
        sample
    }

    /// A number, or 1 and 0 for yes and no; what is counted only has to be there.
    fn value(&self, row: usize) -> Option<Real> {
        match &self.values {
            Column::Numbers(cells) => cells
                .get(row)
                .and_then(|cell| cell.as_ref().ok())
                .map(|number| if self.counts { Real::from(Exact::ONE) } else { number.clone() }),
            Column::Flags(cells) => {
                cells.get(row).and_then(|cell| cell.as_ref().ok()).map(|flag| Real::from(Exact::from(i64::from(*flag))))
            }
            Column::Words(cells) => cells.get(row).and_then(|cell| cell.as_ref().ok()).map(|_| Real::from(Exact::ONE)),
            Column::Dates(cells) => cells.get(row).and_then(|cell| cell.as_ref().ok()).map(|_| Real::from(Exact::ONE)),
        }
    }

    fn gap(&self, row: usize) -> Cell<Real> {
        let gap = match self.values.get(row) {
            Some(Err(gap)) => gap,
            _ => Gap::undefined(Cause::NotExact(Span::default())),
        };
        Err(gap)
    }
}

/// The statistic of the values listed; one that is absent makes it absent.
fn of_list(
    kind: StatisticKind,
    columns: &[Vec<Cell<Real>>],
    weights: Option<&[Cell<Real>]>,
    row: usize,
    parameter: Option<Cell<Real>>,
    span: Span,
) -> Cell<Real> {
    let mut sample = Sample::default();
    let mut gap: Option<Gap> = None;
    for column in columns {
        match column.get(row) {
            Some(Ok(value)) => {
                sample.values.push(value.clone());
                match weights.and_then(|cells| cells.get(row)) {
                    None => sample.weights.push(Exact::ONE),
                    Some(Ok(weight)) => match weight.as_exact() {
                        Some(weight) => sample.weights.push(weight.clone()),
                        None => return Err(Gap::undefined(Cause::NotExact(span))),
                    },
                    Some(Err(found)) => gap = Some(gap.map_or_else(|| found.clone(), |before| before.and(found))),
                }
            }
            Some(Err(found)) => gap = Some(gap.map_or_else(|| found.clone(), |before| before.and(found))),
            None => {}
        }
    }
    match gap {
        Some(gap) => Err(gap),
        None => compute(kind, &sample, weights.is_some(), parameter, span),
    }
}

/// Ranks and percentile ranks, one for each value; `None` for statistics that have one value for all.
fn places(kind: StatisticKind, sample: &Sample) -> Option<Vec<Real>> {
    let ranks = |order| formulas::ranks(&sample.values, order).into_iter().map(|rank| Real::from(Exact::from(rank))).collect();
    Some(match kind {
        StatisticKind::Rank => ranks(Order::HighestFirst),
        StatisticKind::RankAscending => ranks(Order::LowestFirst),
        StatisticKind::PercentileRank => formulas::percentile_ranks(&sample.values).into_iter().map(Real::from).collect(),
        _ => return None,
    })
}

fn compute(kind: StatisticKind, sample: &Sample, weighted: bool, parameter: Option<Cell<Real>>, span: Span) -> Cell<Real> {
    use StatisticKind as S;
    let undefined = |why| Gap::undefined(Cause::Statistic { why, at: span });
    let weights = weighted.then_some(sample.weights.as_slice());
    // Extremes and plain sums are known also of roots and logarithms.
    match kind {
        S::Count => {
            let counted = sample.values.iter().zip(&sample.weights).filter(|(value, _)| !value.as_exact().is_some_and(Exact::is_zero));
            let sum: Exact = counted.map(|(_, weight)| weight.clone()).sum();
            return Ok(Real::from(sum));
        }
        S::Min => return formulas::min(&sample.values).map_err(undefined),
        S::Max => return formulas::max(&sample.values).map_err(undefined),
        S::Sum | S::Mean if !weighted && sample.values.iter().any(|value| !value.is_exact()) => {
            let sum: Real = sample.values.iter().sum();
            if kind == S::Sum {
                return Ok(sum);
            }
            let number = Real::from(Exact::from(sample.values.len()));
            return sum.checked_div(&number).map_err(|_| undefined(formulas::Undefined::Empty));
        }
        // Where a value stands in an order is known of roots and logarithms too.
        S::PassRate => {
            let threshold = parameter.ok_or_else(|| undefined(formulas::Undefined::BadShare))??;
            return formulas::pass_rate(&sample.values, weights, &threshold).map(Real::from).map_err(undefined);
        }
        S::Median if !weighted && sample.values.iter().any(|value| !value.is_exact()) => {
            return middle(&sample.values).ok_or_else(|| undefined(formulas::Undefined::Empty));
        }
        _ => {}
    }
    let exact: Option<Vec<Exact>> = sample.values.iter().map(|value| value.as_exact().cloned()).collect();
    let Some(values) = exact else { return Err(Gap::undefined(Cause::NotExact(span))) };
    let parameter = match parameter {
        None => None,
        Some(Ok(parameter)) => Some(parameter.as_exact().cloned().ok_or_else(|| Gap::undefined(Cause::NotExact(span)))?),
        Some(Err(gap)) => return Err(gap),
    };
    let needed = || parameter.clone().ok_or_else(|| undefined(formulas::Undefined::BadShare));
    let flags = || values.iter().map(|value| !value.is_zero()).collect::<Vec<_>>();
    match kind {
        S::Sum => formulas::sum(&values, weights).map(Real::from),
        S::Mean => formulas::mean(&values, weights).map(Real::from),
        S::Median => formulas::median(&values, weights).map(Real::from),
        S::TrimmedMean => {
            let drop = needed()?.to_i64().and_then(|drop| usize::try_from(drop).ok()).unwrap_or(usize::MAX);
            formulas::trimmed_mean(&values, weights, drop).map(Real::from)
        }
        S::Quantile => formulas::quantile(&values, weights, &needed()?).map(Real::from),
        S::Sd => formulas::sd(&values, weights),
        S::Cv => formulas::cv(&values, weights),
        S::Gini => formulas::gini(&values, weights).map(Real::from),
        S::Theil => formulas::theil(&values, weights),
        S::Share => formulas::share(&flags(), weights).map(Real::from),
        S::PassRate | S::Count | S::Min | S::Max | S::Rank | S::RankAscending | S::PercentileRank => Err(formulas::Undefined::Empty),
    }
    .map_err(undefined)
}

/// The middle value, or half the sum of the two in the middle.
fn middle(values: &[Real]) -> Option<Real> {
    let mut sorted = values.to_vec();
    sorted.sort();
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get(sorted.len().checked_sub(1)? / 2)?;
    (lower + upper).checked_div(&Real::from(Exact::from(2_i64))).ok()
}
