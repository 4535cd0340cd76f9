//! Statistics (统计量的求值): which rows count, for which subject.
//!
//! Those without a value are left out and reported; the formulas are in `statistics`.

use super::{Cells, wrong};
use crate::eval::column::{Cell, Value};
use crate::eval::gap::{Cause, Gap};
use crate::eval::plan::{Plan, StatisticPlan, Whom};
use crate::eval::statistics::{self as formulas, Order};
use crate::model::StatisticKind;
use crate::number::{Exact, Real};
use crate::text::Span;

/// What counts for one subject.
#[derive(Default)]
pub(crate) struct Sample {
    pub values: Vec<Real>,
    pub weights: Vec<Exact>,
    /// Of which row each value is.
    pub rows: Vec<usize>,
    pub left_out: Vec<usize>,
}

impl Sample {
    /// Takes in a row. Whom the filter refuses is not left out but was never asked about. What is counted only has to be
    /// there; yes and no count as 1 and 0.
    pub fn add(&mut self, kind: StatisticKind, row: usize, value: &Cell<Value>, weight: Option<Cell<Real>>, filter: Option<Cell<bool>>) {
        let wanted = match filter {
            None | Some(Ok(true)) => true,
            Some(Ok(false)) => return,
            Some(Err(_)) => false,
        };
        let value = match value {
            Ok(Value::Number(number)) if kind != StatisticKind::Count => Some(number.clone()),
            Ok(Value::Flag(flag)) => Some(Real::from(Exact::from(i64::from(*flag)))),
            Ok(_) => Some(Real::from(Exact::ONE)),
            Err(_) => None,
        };
        let weight = match weight {
            None => Some(Exact::ONE),
            Some(weight) => weight.ok().and_then(|weight| weight.as_exact().cloned()),
        };
        match (wanted, value, weight) {
            (true, Some(value), Some(weight)) => {
                self.values.push(value);
                self.weights.push(weight);
                self.rows.push(row);
            }
            _ => self.left_out.push(row),
        }
    }
}

/// The statistic of the values listed; one that is absent makes it absent.
pub(super) fn of_list(plan: &Plan<'_>, at: usize, cells: &Cells<'_>) -> Cell<Real> {
    let Some((statistic @ StatisticPlan { over: Whom::List(list), .. }, span, _)) = plan.statistics.get(at) else {
        return Err(wrong(Span::default()));
    };
    let weight = statistic.weight.map(|weight| cells.number(weight));
    let mut sample = Sample::default();
    let mut gap: Option<Gap> = None;
    let mut lacks = |found: Gap| gap = Some(gap.take().map_or_else(|| found.clone(), |before| before.and(&found)));
    for value in list {
        match cells.number(*value) {
            Ok(value) => {
                sample.values.push(value);
                match &weight {
                    None => sample.weights.push(Exact::ONE),
                    Some(Ok(weight)) => sample.weights.push(weight.as_exact().cloned().ok_or_else(|| wrong(*span))?),
                    Some(Err(found)) => lacks(found.clone()),
                }
            }
            Err(found) => lacks(found),
        }
    }
    let parameter = statistic.parameter.map(|parameter| cells.number(parameter));
    match gap {
        Some(gap) => Err(gap),
        None => compute_statistic(statistic.kind, &sample, weight.is_some(), parameter, *span),
    }
}

/// Ranks and percentile ranks, one for each value; `None` for statistics that have one value for all.
pub(super) fn places(kind: StatisticKind, sample: &Sample) -> Option<Vec<Real>> {
    let ranks = |order| formulas::ranks(&sample.values, order).into_iter().map(|rank| Real::from(Exact::from(rank))).collect();
    Some(match kind {
        StatisticKind::Rank => ranks(Order::HighestFirst),
        StatisticKind::RankAscending => ranks(Order::LowestFirst),
        StatisticKind::PercentileRank => formulas::percentile_ranks(&sample.values).into_iter().map(Real::from).collect(),
        _ => return None,
    })
}

/// The statistic of a sample.
pub(crate) fn compute_statistic(
    kind: StatisticKind,
    sample: &Sample,
    weighted: bool,
    parameter: Option<Cell<Real>>,
    span: Span,
) -> Cell<Real> {
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
    let Some(values) = exact else { return Err(wrong(span)) };
    let parameter = match parameter {
        None => None,
        Some(Ok(parameter)) => Some(parameter.as_exact().cloned().ok_or_else(|| wrong(span))?),
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
