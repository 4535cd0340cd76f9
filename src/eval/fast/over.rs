//! Groups of a batch (批量的分组): their statistics, and what the rubric over groups makes of them.
//!
//! Not here: how a statistic is bounded (`groups`), which rows are in which group (`batch`).

use super::batch::{Batch, FEW};
use super::bound::{Bounded, UNIT, to_double};
use super::compile::{Compiler, Output};
use super::groups::{Counted, Estimate, estimate};
use super::kernels::YES;
use super::machine::{Chunk, Machine};
use super::members::Groups;
use super::program::{Place, Program};
use super::rows::LANES;
use super::settle::Settler;
use super::sheet::Layer;
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

/// The statistics over members, those of the same values one after the other, and whom they are over.
#[derive(Default)]
pub(super) struct Asking {
    statistics: Vec<Asked>,
    selections: Vec<Selection>,
}

/// A statistic over members, and what is known of its operands.
struct Asked {
    /// Its place among the statistics of the plan, and the node that has it.
    at: usize,
    node: Option<NodeId>,
    kind: StatisticKind,
    weighted: bool,
    /// Its operands with the bounds of the values; none where only exact evaluation will do.
    certain: Option<(Operands, Bounded)>,
    threshold: Option<(f64, f64)>,
    /// What a stored 1 of it stands for.
    scale: Exact,
}

/// Where the operands of a statistic are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Operands {
    /// Whom it is over, by their place among the selections.
    selection: usize,
    /// The values, by their place among the outputs.
    of: usize,
    /// Whether only that they are there counts.
    there: bool,
}

/// Members of a group that count, by the places of weight and filter among the outputs.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Selection {
    weight: Option<usize>,
    filter: Option<usize>,
}

/// Who was selected of one group.
#[derive(Clone, Default)]
struct Selected {
    rows: Vec<u32>,
    weights: Vec<f64>,
}

/// What one thread works with.
#[derive(Clone)]
struct Scratch {
    selected: Vec<Selected>,
    counted: Counted,
    /// What was counted last: several statistics may be of the same values.
    operands: Option<Operands>,
}

/// A statistic of a group: its stored number, how far that may be off, and whether it was computed exactly.
#[derive(Clone, Copy, Default)]
struct Done {
    value: f64,
    relative: f64,
    exact: bool,
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
    /// What is asked of the members of groups, of the outputs as they are now.
    pub(super) fn asking(&self) -> Asking {
        let Some(plan) = self.plans.get(1) else { return Asking::default() };
        let places = self.places();
        let output = |node: NodeId| {
            let at = places.iter().position(|place| *place == Place { layer: 1, node })?;
            self.outputs.get(at)?.as_ref().map(|output| (at, output))
        };
        let mut nodes: Vec<Option<NodeId>> = vec![None; plan.statistics.len()];
        for (node, at) in plan.nodes.iter().enumerate().filter_map(|(node, it)| match it.op {
            Op::Statistic(at) => Some((u32::try_from(node).ok()?, at)),
            _ => None,
        }) {
            nodes.get_mut(at).into_iter().for_each(|place| _ = place.get_or_insert(NodeId(node)));
        }
        let (mut asked, mut selections): (Vec<Asked>, Vec<Selection>) = (Vec::new(), Vec::new());
        for ((at, (statistic, ..)), node) in plan.statistics.iter().enumerate().zip(nodes) {
            let (Whom::Members(of), kind) = (&statistic.over, statistic.kind) else { continue };
            let values = output(*of);
            let bounds = match values {
                Some((_, Output::Number(bounds))) => Some(bounds.clone()),
                Some((_, Output::Flag)) => Some(Bounded::whole(Exact::ONE, 0, 1)),
                Some((_, Output::Words(_))) if kind == StatisticKind::Count => Some(Bounded::whole(Exact::ONE, 0, 1)),
                _ => None,
            };
            let weight = statistic.weight.map(&output);
            let weights = match &weight {
                None => Some(Exact::ONE),
                Some(Some((_, Output::Number(bounds)))) if bounds.whole => Some(bounds.scale.clone()),
                _ => None,
            };
            let filter = statistic.filter.map(&output);
            let threshold = statistic.parameter.and_then(|node| match plan.node(node).map(|node| &node.op) {
                Some(Op::Number(number)) => bounds.as_ref().map(|bounds| bounds.threshold(number)),
                _ => None,
            });
            let threshold = threshold.map(|(_, stored, near)| (stored, near));
            let plain = statistic.parameter.is_none() || kind == StatisticKind::PassRate && threshold.is_some();
            let filtered = filter.as_ref().is_none_or(Option::is_some);
            let certain = bounds.zip(weights).zip(values).filter(|_| plain && filtered);
            let scale = certain.as_ref().map_or(Exact::ONE, |((bounds, weights), _)| scale_of(kind, &bounds.scale, weights));
            let certain = certain.map(|((bounds, _), (of, output))| {
                let place = |of: Option<Option<(usize, &Output)>>| of.flatten().map(|(at, _)| at);
                let wanted = Selection { weight: place(weight), filter: place(filter) };
                let selection = selections.iter().position(|known| *known == wanted).unwrap_or(selections.len());
                if selection == selections.len() {
                    selections.push(wanted);
                }
                // What is counted is conditions that hold, or values that are there.
                let there = kind == StatisticKind::Count && !matches!(output, Output::Flag);
                (Operands { selection, of, there }, bounds)
            });
            asked.push(Asked { at, node, kind, weighted: statistic.weight.is_some(), certain, threshold, scale });
        }
        asked.sort_by_key(|asked| asked.certain.as_ref().map(|(operands, _)| *operands));
        Asking { statistics: asked, selections }
    }

    /// The statistics of each group, and how many of them were computed exactly.
    pub(super) fn statistics(&self, rows: &Layer, groups: &Groups, settler: &Settler<'_>) -> (Statistics, u64) {
        let (Some(plan), Some(tier)) = (self.plans.get(1), settler.layers.get(1)) else { return (Statistics::default(), 0) };
        let Asking { statistics: asked, selections } = &self.asking;
        let mut statistics = Statistics { columns: vec![Vec::new(); plan.statistics.len()], known: vec![None; plan.statistics.len()] };
        if asked.is_empty() {
            return (statistics, 0);
        }
        let of_group = |scratch: &mut Scratch, (group, to): (usize, &mut [Done])| {
            let quick = scratch.select(rows, groups.rows(group), selections);
            for (asked, to) in asked.iter().zip(to) {
                let estimate = if quick { scratch.estimate(rows, asked) } else { None };
                *to = match estimate {
                    Some(Estimate { value, error }) => {
                        Done { value, relative: if value == 0.0 { 0.0 } else { error / value.abs() }, exact: false }
                    }
                    None => Done { value: asked.exactly(tier, group), relative: 4.0 * UNIT, exact: true },
                };
            }
        };
        let scratch = Scratch { selected: vec![Selected::default(); selections.len()], counted: Counted::default(), operands: None };
        let mut done = vec![Done::default(); groups.len() * asked.len()];
        if groups.len() < FEW {
            let mut scratch = scratch;
            done.chunks_mut(asked.len()).enumerate().for_each(|group| of_group(&mut scratch, group));
        } else {
            done.par_chunks_mut(asked.len()).enumerate().with_min_len(FEW).for_each_init(|| scratch.clone(), of_group);
        }
        let each = asked.len();
        for (place, asked) in asked.iter().enumerate() {
            let all = || done.iter().skip(place).step_by(each);
            let magnitudes = || all().map(|done| done.value.abs()).filter(|value| *value > 0.0);
            let bounds = Bounded {
                relative: all().map(|done| done.relative).fold(4.0 * UNIT, f64::max),
                scale: asked.scale.clone(),
                ..Bounded::nearest(magnitudes().fold(1e-120, f64::max), magnitudes().fold(1e120, f64::min))
            };
            if let (Some(column), Some(known)) = (statistics.columns.get_mut(asked.at), statistics.known.get_mut(asked.at)) {
                (*column, *known) = (all().map(|done| done.value).collect(), Some(bounds));
            }
        }
        let exactly = done.iter().filter(|done| done.exact).count() as u64;
        (statistics, exactly)
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

impl Asked {
    /// The stored number of a group, from exact evaluation.
    fn exactly(&self, tier: &Tier<'_>, group: usize) -> f64 {
        match self.node.map(|node| tier.cell(node, group)) {
            Some(Ok(Value::Number(number))) => match number.as_exact() {
                Some(exact) => to_double(&exact.checked_div(&self.scale).unwrap_or_default()),
                None => number.to_f64() / to_double(&self.scale),
            },
            _ => f64::NAN,
        }
    }
}

impl Scratch {
    /// Selects among the rows of a group; `false` where one of them is only known exactly.
    fn select(&mut self, layer: &Layer, rows: &[u32], selections: &[Selection]) -> bool {
        self.operands = None;
        if !layer.odd.is_empty() && rows.iter().any(|row| layer.odd.binary_search(row).is_ok()) {
            return false;
        }
        let column = |at: Option<usize>| at.and_then(|at| layer.columns.get(at)).map(Vec::as_slice);
        for (selection, selected) in selections.iter().zip(&mut self.selected) {
            selected.fill(rows, column(selection.weight), column(selection.filter));
        }
        true
    }

    /// A statistic of the group whose rows were selected.
    fn estimate(&mut self, layer: &Layer, asked: &Asked) -> Option<Estimate> {
        let (operands, bounds) = asked.certain.as_ref()?;
        if self.operands != Some(*operands) {
            let Selected { rows, weights } = self.selected.get(operands.selection)?;
            self.counted.take(layer.columns.get(operands.of)?, rows, weights);
            if operands.there {
                self.counted.level();
            }
            self.operands = Some(*operands);
        }
        estimate(asked.kind, &mut self.counted, asked.weighted, bounds, asked.threshold)
    }
}

impl Selected {
    fn fill(&mut self, rows: &[u32], weights: Option<&[f64]>, filter: Option<&[f64]>) {
        self.rows.resize(rows.len(), 0);
        self.weights.resize(rows.len(), 0.0);
        // Each is written, and kept or not: that needs no guess which.
        let mut kept = 0;
        for row in rows {
            let cell = |column: &[f64]| column.get(*row as usize).copied().unwrap_or(f64::NAN);
            let (weight, wanted) = (weights.map_or(1.0, cell), filter.map_or(YES, cell));
            if let (Some(to), Some(to_weight)) = (self.rows.get_mut(kept), self.weights.get_mut(kept)) {
                (*to, *to_weight) = (*row, weight);
            }
            kept += usize::from((wanted == YES) & !weight.is_nan());
        }
        self.rows.truncate(kept);
        self.weights.truncate(kept);
    }
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
