//! Groups of a batch (批量的分组): their statistics, and what the rubric over groups makes of them.
//!
//! Not here: how a statistic is bounded (`groups`), which rows are in which group (`batch`).

use super::batch::{Batch, FEW, LANES};
use super::bound::{Bounded, UNIT, to_double};
use super::compile::{Compiler, Output};
use super::groups::{Counted, Estimate, estimate};
use super::kernels::YES;
use super::machine::{Chunk, Machine};
use super::program::{Place, Program};
use super::settle::Settler;
use super::sheet::{Groups, Layer};
use crate::eval::column::Value;
use crate::eval::exact::Tier;
use crate::eval::plan::{NodeId, Op, Whom};
use crate::eval::table::Table;
use crate::model::StatisticKind;
use crate::number::Exact;
use rayon::prelude::*;
use std::sync::Mutex;

/// Statistics of groups, each with its bounds.
#[derive(Default)]
pub(super) struct Statistics {
    columns: Vec<Vec<f64>>,
    known: Vec<Option<Bounded>>,
}

/// Where the operands of a statistic over members are among the outputs.
struct Operands {
    of: usize,
    /// Whether what is counted is conditions that hold, and not values that are there.
    conditions: bool,
    weight: Option<usize>,
    filter: Option<usize>,
}

/// The program of a rubric over groups, and the bounds of statistics for which it holds.
#[derive(Default)]
pub(super) struct Judge {
    program: Program,
    pub outputs: Vec<Option<Output>>,
    known: Vec<Option<Bounded>>,
}

impl Judge {
    /// Whether it is right for statistics with other bounds.
    pub fn holds_for(&self, statistics: &Statistics) -> bool {
        let holds = |(known, now): (&Option<Bounded>, &Option<Bounded>)| match (known, now) {
            (Some(known), Some(now)) => known.holds_for(now),
            (None, None) => true,
            _ => false,
        };
        self.known.iter().zip(&statistics.known).all(holds)
    }

    /// What the rubric makes of groups: columns, groups of which only exact cells are right, how many cells were settled.
    pub fn run(&self, groups: &Groups, statistics: &Statistics, settler: &Settler<'_>) -> (Vec<Vec<f64>>, Vec<u32>, u64) {
        // Alone, the plan over groups is the only one.
        let alone: Vec<&Tier<'_>> = settler.layers.get(1).into_iter().copied().collect();
        let settler = Settler { layers: &alone, beyond: Mutex::default() };
        let mut columns: Vec<Vec<f64>> = self.outputs.iter().map(|_| Vec::with_capacity(groups.len())).collect();
        let settled = if groups.len() <= FEW {
            self.chunks::<FEW>(groups, statistics, &settler, &mut columns)
        } else {
            self.chunks::<LANES>(groups, statistics, &settler, &mut columns)
        };
        let beyond = settler.beyond.lock().map(|beyond| beyond.clone()).unwrap_or_default();
        (columns, beyond.into_iter().filter_map(|row| u32::try_from(row).ok()).collect(), settled)
    }

    fn chunks<const N: usize>(&self, groups: &Groups, statistics: &Statistics, settler: &Settler<'_>, to: &mut [Vec<f64>]) -> u64 {
        let mut machine: Machine<N> = Machine::new(&self.program);
        for first in (0..groups.len()).step_by(N) {
            let rows = N.min(groups.len() - first);
            machine.run(&self.program, &Chunk { block: None, at: first, first, rows, columns: &statistics.columns, exactly: settler });
            for (column, reg) in to.iter_mut().zip(&self.program.outputs) {
                column.extend(machine.reg(*reg).iter().take(rows));
            }
        }
        machine.settled
    }
}

impl Batch<'_> {
    /// The statistics of each group, and how many of them were computed exactly.
    pub(super) fn statistics(&self, rows: &Layer, groups: &Groups, settler: &Settler<'_>) -> (Statistics, u64) {
        let (Some(plan), Some(tier)) = (self.plans.get(1), settler.layers.get(1)) else { return (Statistics::default(), 0) };
        let places = self.places();
        let output = |node: NodeId| {
            let at = places.iter().position(|place| *place == Place { layer: 1, node })?;
            self.outputs.get(at)?.as_ref().map(|output| (at, output))
        };
        let mut columns: Vec<Vec<f64>> = Vec::new();
        let mut known: Vec<Option<Bounded>> = Vec::new();
        let mut exactly = 0;
        for (at, (statistic, ..)) in plan.statistics.iter().enumerate() {
            let Whom::Members(of) = statistic.over else {
                columns.push(Vec::new());
                known.push(None);
                continue;
            };
            let node = plan.nodes.iter().position(|node| node.op == Op::Statistic(at)).and_then(|node| u32::try_from(node).ok());
            let bounds = match output(of) {
                Some((_, Output::Number(bounds))) => Some(bounds.clone()),
                Some((_, Output::Flag)) => Some(Bounded::whole(Exact::ONE, 0, 1)),
                Some((_, Output::Words(_))) if statistic.kind == StatisticKind::Count => Some(Bounded::whole(Exact::ONE, 0, 1)),
                _ => None,
            };
            let weight = statistic.weight.map(&output);
            let weights = match &weight {
                None => Some(Exact::ONE),
                Some(Some((_, Output::Number(bounds)))) if bounds.whole => Some(bounds.scale.clone()),
                _ => None,
            };
            let filter = statistic.filter.map(&output);
            let operands = Operands {
                of: output(of).map_or(usize::MAX, |(at, _)| at),
                conditions: matches!(output(of), Some((_, Output::Flag))),
                weight: weight.flatten().map(|(at, _)| at),
                filter: filter.flatten().map(|(at, _)| at),
            };
            let certain = bounds.zip(weights).filter(|_| filter.is_none_or(|filter| filter.is_some()));
            let threshold = statistic.parameter.and_then(|node| match plan.node(node).map(|node| &node.op) {
                Some(Op::Number(number)) => certain.as_ref().map(|(bounds, _)| bounds.threshold(number)),
                _ => None,
            });
            let threshold = threshold.map(|(_, stored, near)| (stored, near));
            let plain = statistic.parameter.is_none() || statistic.kind == StatisticKind::PassRate && threshold.is_some();
            let scale = certain.as_ref().map_or(Exact::ONE, |(bounds, weights)| scale_of(statistic.kind, &bounds.scale, weights));
            let of_group = |counted: &mut Counted, group: usize| -> (f64, f64, bool) {
                let quick = certain.as_ref().filter(|_| plain).and_then(|(bounds, _)| {
                    take(counted, rows, groups.rows(group), &operands, statistic.kind)?;
                    estimate(statistic.kind, counted, statistic.weight.is_some(), bounds, threshold)
                });
                if let Some(Estimate { value, error }) = quick {
                    return (value, if value == 0.0 { 0.0 } else { error / value.abs() }, false);
                }
                let cell = node.map(|node| tier.cell(NodeId(node), group));
                let value = match cell {
                    Some(Ok(Value::Number(number))) => match number.as_exact() {
                        Some(exact) => to_double(&exact.checked_div(&scale).unwrap_or_default()),
                        None => number.to_f64() / to_double(&scale),
                    },
                    _ => f64::NAN,
                };
                (value, 4.0 * UNIT, true)
            };
            let done: Vec<(f64, f64, bool)> = match groups.len() {
                0..8 => {
                    let mut counted = Counted::default();
                    (0..groups.len()).map(|group| of_group(&mut counted, group)).collect()
                }
                count => (0..count).into_par_iter().with_min_len(8).map_init(Counted::default, of_group).collect(),
            };
            exactly += done.iter().filter(|(.., exact)| *exact).count() as u64;
            let column: Vec<f64> = done.iter().map(|(value, ..)| *value).collect();
            let magnitudes = || column.iter().map(|value| value.abs()).filter(|value| *value > 0.0);
            let bounds = Bounded {
                relative: done.iter().map(|(_, relative, _)| *relative).fold(4.0 * UNIT, f64::max),
                scale,
                ..Bounded::nearest(magnitudes().fold(1e-120, f64::max), magnitudes().fold(1e120, f64::min))
            };
            columns.push(column);
            known.push(Some(bounds));
        }
        (Statistics { columns, known }, exactly)
    }

    /// The program of the rubric over groups, for statistics with such bounds.
    pub(super) fn judge(&self, table: &Table, statistics: &Statistics) -> Judge {
        let Some(plan) = self.plans.get(1) else { return Judge::default() };
        let [_, wanted] = &self.wanted;
        let wanted: Vec<Place> = wanted.iter().map(|place| Place { layer: 0, ..*place }).collect();
        // Some room, so that an edited answer keeps within the bounds.
        let known: Vec<Option<Bounded>> = statistics.known.iter().map(|known| known.as_ref().map(Bounded::with_room)).collect();
        let of = |at: usize| known.get(at).cloned().flatten().map(|bounds| (at, bounds));
        let layers = [plan];
        let (program, outputs, _) = Compiler::new(&layers, table, &of).compile(&wanted);
        Judge { program, outputs, known }
    }
}

/// What counts of a group; `None` where a row is only known exactly.
fn take(counted: &mut Counted, layer: &Layer, rows: &[u32], operands: &Operands, kind: StatisticKind) -> Option<()> {
    counted.clear();
    let values = layer.columns.get(operands.of)?;
    let weights = match operands.weight {
        Some(at) => Some(layer.columns.get(at)?),
        None => None,
    };
    let filter = match operands.filter {
        Some(at) => Some(layer.columns.get(at)?),
        None => None,
    };
    for row in rows {
        if !layer.odd.is_empty() && layer.odd.binary_search(row).is_ok() {
            return None;
        }
        let at = *row as usize;
        let value = *values.get(at)?;
        let weight = match weights {
            Some(weights) => *weights.get(at)?,
            None => 1.0,
        };
        let wanted = match filter {
            Some(filter) => *filter.get(at)? == YES,
            None => true,
        };
        if wanted && !value.is_nan() && !weight.is_nan() {
            let there = kind == StatisticKind::Count && !operands.conditions;
            counted.values.push(if there { 1.0 } else { value });
            counted.weights.push(weight);
        }
    }
    Some(())
}

/// What a stored 1 of a statistic stands for.
fn scale_of(kind: StatisticKind, values: &Exact, weights: &Exact) -> Exact {
    use StatisticKind as S;
    match kind {
        S::Sum => values * weights,
        S::Count => weights.clone(),
        S::Mean | S::Min | S::Max | S::Median | S::Sd => values.clone(),
        _ => Exact::ONE,
    }
}
