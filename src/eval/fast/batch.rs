//! A batch (批量评价): a rubric over all submissions at once, and, of a rubric over groups, over those results.
//!
//! Rows are computed in chunks that stay in the cache, on all cores, each into its own place; what comes out does not depend
//! on how they were shared out.

use super::bound::{Bounded, UNIT};
use super::compile::{Compiler, Output};
use super::groups::{Counted, Estimate, estimate};
use super::program::{Chunk, Machine, Place, Program};
use super::settle::Settler;
use super::sheet::{Groups, Layer, Sheet, Tally};
use crate::eval::block::Block;
use crate::eval::column::{Cell, Value};
use crate::eval::exact::{Below, Subjects, Tier};
use crate::eval::plan::{NodeId, Op, Plan, Whom};
use crate::eval::run::{Request, group_name, submitter};
use crate::eval::script::Scripts;
use crate::eval::table::Table;
use crate::model::{Form, Slot, Source, StatisticKind, bottom_of};
use crate::number::Exact;
use crate::text::Name;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Rows that are computed at a time.
pub(super) const LANES: usize = 256;
/// Rows that are computed when one is asked for.
const FEW: usize = 8;
/// So many rows are one piece of work.
const PIECE: usize = 16 * LANES;

/// Which results are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of the rubric over submissions.
    pub subjects: Vec<Slot>,
    /// Of the rubric over groups.
    pub groups: Vec<Slot>,
}

/// A rubric made ready for a table of submissions.
pub struct Batch<'r> {
    form: &'r Form,
    /// The plan over submissions, and the one over groups of them.
    plans: Vec<Plan<'r>>,
    scripts: Vec<Scripts>,
    program: Program,
    outputs: Vec<Option<Output>>,
    /// The outputs that are wanted, of each layer.
    wanted: [Vec<Place>; 2],
    /// The ranges of fields for which the bounds hold.
    ranges: Vec<(crate::model::FieldIx, Option<(i64, i64)>)>,
    /// Nodes that are computed exactly, row by row.
    pub(super) exact: Vec<Place>,
}

/// Where the operands of a statistic over members are among the outputs.
struct Operands {
    of: usize,
    /// Whether what is counted is conditions that hold, and not values that are there.
    conditions: bool,
    weight: Option<usize>,
    filter: Option<usize>,
}

impl<'r> Batch<'r> {
    /// A batch for the rubric of a request; `None` for one that has to be evaluated whole: over groups of groups, or for some
    /// subjects only while statistics are taken over all.
    pub fn new(request: &Request<'r>, wanted: &Wanted) -> Option<Batch<'r>> {
        Batch::with(request, |plans| {
            let place = |layer: u8, slot: &Slot| Some(Place { layer, node: *plans.get(usize::from(layer))?.slots.get(slot)? });
            let below = wanted.subjects.iter().map(|slot| place(0, slot)).collect::<Option<_>>()?;
            Some([below, wanted.groups.iter().map(|slot| place(1, slot)).collect::<Option<_>>()?])
        })
    }

    /// A batch that yields every result there is.
    pub fn of_everything(request: &Request<'r>) -> Option<Batch<'r>> {
        Batch::with(request, |plans| {
            let all = |layer: u8| {
                let mut nodes: Vec<NodeId> =
                    plans.get(usize::from(layer)).map(|plan| plan.slots.values().copied().collect()).unwrap_or_default();
                nodes.sort();
                nodes.dedup();
                nodes.into_iter().map(|node| Place { layer, node }).collect()
            };
            Some([all(0), all(1)])
        })
    }

    fn with(request: &Request<'r>, wanted: impl FnOnce(&[Plan<'r>]) -> Option<[Vec<Place>; 2]>) -> Option<Batch<'r>> {
        let rubric = request.rules.rubrics.get(request.rubric)?;
        let form = request.rules.forms.get(bottom_of(request.rules, rubric)?)?;
        let rubrics = match rubric.source {
            Source::Form(_) => vec![rubric],
            Source::Rubric(at) => match request.rules.rubrics.get(at)? {
                below if matches!(below.source, Source::Form(_)) => vec![below, rubric],
                _ => return None,
            },
        };
        let plans: Vec<Plan<'r>> = rubrics.iter().map(|rubric| Plan::new(request.rules, request.texts, rubric, request.on)).collect();
        let [over_all, ..] = plans.as_slice() else { return None };
        let cohort = |plan: &Plan<'_>| plan.statistics.iter().any(|(statistic, ..)| matches!(statistic.over, Whom::Cohort(..)));
        if over_all.when.is_some() && cohort(over_all) || plans.get(1).is_some_and(|plan| plan.when.is_some() || cohort(plan)) {
            return None;
        }
        let wanted = wanted(&plans)?;
        let scripts = plans.iter().map(Scripts::new).collect();
        let mut batch =
            Batch { form, plans, scripts, program: Program::default(), outputs: Vec::new(), wanted, ranges: Vec::new(), exact: Vec::new() };
        batch.compile(request.table);
        Some(batch)
    }

    /// What is computed for every submission: what is wanted, who is judged, what statistics are taken of.
    fn places(&self) -> Vec<Place> {
        let [below, _] = &self.wanted;
        let when = self.plans.first().and_then(|plan| plan.when).map(|node| Place { layer: 0, node });
        let operands = self.plans.get(1).into_iter().flat_map(|plan| &plan.statistics).flat_map(|(statistic, ..)| match &statistic.over {
            Whom::Members(of) => std::iter::once(*of).chain(statistic.weight).chain(statistic.filter).collect(),
            _ => Vec::new(),
        });
        let mut places: Vec<Place> = below.clone();
        for place in when.into_iter().chain(operands.map(|node| Place { layer: 1, node })) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    fn compile(&mut self, table: &Table) {
        let layers: Vec<&Plan<'_>> = self.plans.iter().collect();
        let compiler = Compiler::new(&layers, table, &|_| None);
        let (program, outputs, exact) = compiler.compile(&self.places());
        self.ranges = program.fields().into_iter().map(|field| (field, table.range(field))).collect();
        (self.program, self.outputs, self.exact) = (program, outputs, exact);
    }

    /// Whether the bounds hold for a table: no number is beyond those that there were.
    fn fits(&self, table: &Table) -> bool {
        self.ranges.iter().all(|(field, known)| match (known, table.range(*field)) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((low, high)), Some((least, greatest))) => *low <= least && greatest <= *high,
        })
    }

    /// Evaluates.
    pub fn run(&mut self, table: &Table) -> Sheet {
        if !self.fits(table) {
            self.compile(table);
        }
        let subjects = self.everybody(table);
        let (columns, odd, mut tally) = self.with_tiers(table, &subjects, &Subjects::default(), |settler| self.columns(table, settler));
        let chosen = self.chosen(table, &columns, &odd, &subjects);
        let mut sheet = Sheet {
            subjects: Layer { columns, odd, groups: None, outputs: Vec::new() },
            order: chosen,
            groups: None,
            tally: Tally::default(),
        };
        if self.plans.len() > 1 {
            let groups = self.groups(table, &sheet.order);
            let of_groups = Subjects::new(groups.subjects(), false);
            let (layer, settled) =
                self.with_tiers(table, &subjects, &of_groups, |settler| self.over_groups(table, &sheet.subjects, &groups, settler));
            tally.statistics = settled;
            sheet.groups = Some(Layer { groups: Some(groups), ..layer });
        }
        tally.rows = table.len() as u64;
        sheet.tally = tally;
        sheet
    }

    /// All rows of the table, for exact evaluation: with their names and groups only where statistics ask for them.
    pub(super) fn everybody(&self, table: &Table) -> Subjects {
        let by_cohort =
            self.plans.first().is_some_and(|plan| plan.statistics.iter().any(|(statistic, ..)| matches!(statistic.over, Whom::Cohort(..))));
        let rows: Vec<usize> = (0..table.len()).collect();
        let kind = self.plans.first().and_then(|plan| plan.rubric.subjects.first()).cloned().unwrap_or_else(|| "".into());
        let named = rows.iter().filter(|_| by_cohort);
        let list = named.map(|row| submitter(self.form, table, &kind, *row)).collect();
        Subjects { list, rows, ..Subjects::default() }
    }

    /// Something with the exact evaluators of both plans.
    pub(super) fn with_tiers<T>(
        &self,
        table: &Table,
        subjects: &Subjects,
        groups: &Subjects,
        something: impl FnOnce(&Settler<'_>) -> T,
    ) -> T {
        let none = Scripts::default();
        let (mut plans, mut scripts) = (self.plans.iter(), self.scripts.iter());
        let (Some(below), of_below) = (plans.next(), scripts.next().unwrap_or(&none)) else {
            return something(&Settler { layers: &[], beyond: Mutex::default() });
        };
        let lower = Tier::new(below, table, subjects, None, of_below);
        let Some(above) = plans.next() else {
            return something(&Settler { layers: &[&lower], beyond: Mutex::default() });
        };
        let rows = Rows { tier: &lower };
        let upper = Tier::new(above, table, groups, Some(&rows), scripts.next().unwrap_or(&none));
        something(&Settler { layers: &[&lower, &upper], beyond: Mutex::default() })
    }

    /// The outputs of every row, and the rows that only exact evaluation can hold.
    fn columns(&self, table: &Table, settler: &Settler<'_>) -> (Vec<Vec<f64>>, Vec<u32>, Tally) {
        let mut columns: Vec<Vec<f64>> = self.outputs.iter().map(|_| vec![0.0; table.len()]).collect();
        let mut pieces: Vec<(&Block, usize, usize, Vec<&mut [f64]>)> = Vec::new();
        let mut rest: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
        for block in table.blocks() {
            for at in (0..block.rows).step_by(PIECE) {
                let rows = PIECE.min(block.rows - at);
                let (piece, after): (Vec<_>, Vec<_>) = rest.into_iter().filter_map(|column| column.split_at_mut_checked(rows)).unzip();
                rest = after;
                pieces.push((block, at, rows, piece));
            }
        }
        let work = |(block, at, rows, mut piece): (&Block, usize, usize, Vec<&mut [f64]>)| {
            let mut machine: Machine<LANES> = Machine::new(&self.program);
            for start in (0..rows).step_by(LANES) {
                let (at, rows) = (at + start, LANES.min(rows - start));
                let chunk = Chunk { block: Some(block), at, first: block.first + at, rows, columns: &[], exactly: settler };
                machine.run(&self.program, &chunk);
                for (column, reg) in piece.iter_mut().zip(&self.program.outputs) {
                    let lanes = machine.reg(*reg).iter();
                    column.iter_mut().skip(start).zip(lanes.take(rows)).for_each(|(to, lane)| *to = *lane);
                }
            }
            (machine.odd, machine.settled)
        };
        let few = pieces.len() < 2;
        let done: Vec<(Vec<usize>, u64)> =
            if few { pieces.into_iter().map(work).collect() } else { pieces.into_par_iter().map(work).collect() };
        let settled = done.iter().map(|(_, settled)| settled).sum();
        let beyond = settler.beyond.lock().map(|beyond| beyond.clone()).unwrap_or_default();
        let odd = done.into_iter().flat_map(|(odd, _)| odd).chain(beyond);
        let mut odd: Vec<u32> = odd.filter_map(|row| u32::try_from(row).ok()).collect();
        odd.sort_unstable();
        odd.dedup();
        let tally = Tally { settled, exact_rows: odd.len() as u64, ..Tally::default() };
        (columns, odd, tally)
    }

    /// Whom the rubric is for, in the order of their keys; who cannot be told is kept.
    fn chosen(&self, table: &Table, columns: &[Vec<f64>], odd: &[u32], subjects: &Subjects) -> Vec<u32> {
        let order = table.by_key().to_vec();
        let Some(when) = self.plans.first().and_then(|plan| plan.when) else { return order };
        let at = self.places().iter().position(|place| *place == Place { layer: 0, node: when });
        let column = at.and_then(|at| columns.get(at));
        let refused = |row: u32| match column.and_then(|column| column.get(row as usize)) {
            Some(flag) if odd.binary_search(&row).is_err() => *flag == super::kernels::NO,
            _ => self.with_tiers(table, subjects, &Subjects::default(), |settler| {
                let tier = settler.layers.first();
                matches!(tier.map(|tier| tier.cell(when, row as usize)), Some(Ok(Value::Flag(false))))
            }),
        };
        order.into_iter().filter(|row| !refused(*row)).collect()
    }

    /// The groups of the rubric's kinds, each with its rows.
    fn groups(&self, table: &Table, order: &[u32]) -> Groups {
        let mut groups = Groups::default();
        let kinds = self.plans.get(1).map(|plan| plan.rubric.subjects.as_slice()).unwrap_or_default();
        for kind in kinds {
            let key = self.form.group(kind).and_then(|group| group.key);
            let mut of_kind: BTreeMap<Name, Vec<u32>> = BTreeMap::new();
            match key.map(|key| (key, table.dictionary(key))) {
                // Names stand in few codes: rows are counted out by these.
                Some((key, names)) if !names.is_empty() => {
                    let mut by_code: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
                    let codes = table.codes(key);
                    for row in order {
                        match codes.get(*row as usize).and_then(|code| by_code.get_mut(*code as usize)) {
                            Some(rows) => rows.push(*row),
                            // An odd cell may yet name a group.
                            None => {
                                if let Some(name) = group_name(self.form, table, kind, *row as usize) {
                                    of_kind.entry(name).or_default().push(*row);
                                }
                            }
                        }
                    }
                    for (name, rows) in names.iter().zip(by_code).filter(|(_, rows)| !rows.is_empty()) {
                        of_kind.entry(name.clone()).or_default().extend(rows);
                    }
                }
                _ => {
                    for row in order {
                        if let Some(name) = group_name(self.form, table, kind, *row as usize) {
                            of_kind.entry(name).or_default().push(*row);
                        }
                    }
                }
            }
            for (name, rows) in of_kind {
                groups.push(kind.clone(), name, &rows);
            }
        }
        groups
    }

    /// The statistics of each group, and what the rubric makes of them.
    fn over_groups(&self, table: &Table, rows: &Layer, groups: &Groups, settler: &Settler<'_>) -> (Layer, u64) {
        let none = Layer { columns: Vec::new(), odd: Vec::new(), groups: None, outputs: Vec::new() };
        let (Some(plan), Some(tier)) = (self.plans.get(1), settler.layers.get(1)) else { return (none, 0) };
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
            let weight = statistic.weight.map(|weight| output(weight));
            let weights = match &weight {
                None => Some(Exact::ONE),
                Some(Some((_, Output::Number(bounds)))) if bounds.whole => Some(bounds.scale.clone()),
                _ => None,
            };
            let filter = statistic.filter.map(|filter| output(filter));
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
                        Some(exact) => super::bound::to_double(&exact.checked_div(&scale).unwrap_or_default()),
                        None => number.to_f64() / super::bound::to_double(&scale),
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
        let (layer, settled) = self.judged(table, groups, &columns, &known, settler);
        (layer, exactly + settled)
    }

    /// What the rubric over groups makes of their statistics.
    fn judged(
        &self,
        table: &Table,
        groups: &Groups,
        columns: &[Vec<f64>],
        known: &[Option<Bounded>],
        settler: &Settler<'_>,
    ) -> (Layer, u64) {
        let Some(plan) = self.plans.get(1) else {
            return (Layer { columns: Vec::new(), odd: Vec::new(), groups: None, outputs: Vec::new() }, 0);
        };
        let [_, wanted] = &self.wanted;
        // Alone, the plan over groups is the only one.
        let wanted: Vec<Place> = wanted.iter().map(|place| Place { layer: 0, ..*place }).collect();
        let statistics = |at: usize| known.get(at).cloned().flatten().map(|bounds| (at, bounds));
        let layers = [plan];
        let (program, names, _) = Compiler::new(&layers, table, &statistics).compile(&wanted);
        let alone: Vec<&Tier<'_>> = settler.layers.get(1).into_iter().copied().collect();
        let settler = Settler { layers: &alone, beyond: Mutex::default() };
        let mut machine: Machine<LANES> = Machine::new(&program);
        let mut outputs: Vec<Vec<f64>> = program.outputs.iter().map(|_| Vec::with_capacity(groups.len())).collect();
        for first in (0..groups.len()).step_by(LANES) {
            let rows = LANES.min(groups.len() - first);
            machine.run(&program, &Chunk { block: None, at: first, first, rows, columns, exactly: &settler });
            for (column, reg) in outputs.iter_mut().zip(&program.outputs) {
                column.extend(machine.reg(*reg).iter().take(rows));
            }
        }
        let beyond = settler.beyond.lock().map(|beyond| beyond.clone()).unwrap_or_default();
        let odd = beyond.into_iter().filter_map(|row| u32::try_from(row).ok()).collect();
        (Layer { columns: outputs, odd, groups: None, outputs: names }, machine.settled)
    }

    /// What the outputs of a layer stand for.
    pub(super) fn output(&self, at: usize) -> Option<&Output> {
        self.outputs.get(at)?.as_ref()
    }

    /// The node of a wanted output.
    pub(super) fn wanted(&self, layer: usize, at: usize) -> Option<NodeId> {
        self.wanted.get(layer)?.get(at).map(|place| place.node)
    }

    /// How many kernels a chunk goes through, and over how many columns.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.program.kernels.len(), self.program.regs)
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
            Some(filter) => *filter.get(at)? == super::kernels::YES,
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

/// The results of submissions, each computed exactly when it is asked for.
struct Rows<'t> {
    tier: &'t Tier<'t>,
}

impl Below for Rows<'_> {
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>> {
        if matches!(slot, Slot::SectionShare(_)) {
            return None;
        }
        self.tier.plan.slots.get(&slot).map(|node| self.tier.cell(*node, member))
    }

    fn row(&self, member: usize) -> Option<usize> {
        Some(member)
    }
}
