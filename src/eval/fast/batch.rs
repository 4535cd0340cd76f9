//! A batch (批量评价): a rubric over all submissions at once, and, of a rubric over groups, over those results.

use super::compile::{Output, compile};
use super::machine::{Chunk, Machine};
use super::members::Groups;
use super::over::{Asking, Judge};
use super::program::{Place, Program};
use super::rows::{Computed, compute};
use super::settle::Settler;
use super::sheet::{Layer, Of, OfGroups, Sheet, Tally};
use crate::eval::column::{Cell, Value};
use crate::eval::exact::{Below, Judged, Subjects, Tier};
use crate::eval::level::submitter;
use crate::eval::plan::{NodeId, Op, Plan, Whom};
use crate::eval::script::Scripts;
use crate::eval::table::Table;
use crate::model::{FieldIx, Form, Rules, Slot, Source, bottom_of};
use crate::text::{Name, Texts};
use chrono::NaiveDate;
use std::sync::{Arc, Mutex};

/// Rows that are computed when one is asked for.
pub(super) const FEW: usize = 8;

/// Which results are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of the rubric over submissions.
    pub subjects: Vec<Slot>,
    /// Of the rubric over groups.
    pub groups: Vec<Slot>,
}

/// A rubric made ready for many submissions. It is compiled for the first table that it meets, and again where another one has
/// numbers beyond those.
pub struct Batch<'r> {
    form: &'r Form,
    /// The plan over submissions, and the one over groups of them.
    pub(super) plans: Vec<Plan<'r>>,
    scripts: Vec<Scripts>,
    pub(super) program: Program,
    pub(super) outputs: Vec<Option<Output>>,
    /// The outputs that are wanted, of each layer.
    pub(super) wanted: [Vec<Place>; 2],
    /// What the program takes the fields that it reads to be.
    compiled_for: Option<Vec<(FieldIx, Seen)>>,
    /// Nodes that are computed exactly, row by row.
    pub(super) exact: Vec<Place>,
    /// What is asked of the members of groups, of these outputs.
    pub(super) asking: Asking,
    /// What the rubric over groups was last made into.
    judge: Option<Arc<Judge>>,
    /// Which batch it is, and which of its programs this is.
    pub(super) id: Arc<()>,
    program_id: Arc<()>,
}

/// A rubric by its place in rules, on a day.
#[derive(Clone, Copy, Debug)]
pub struct Ruled<'r> {
    /// The rules.
    pub rules: &'r Rules,
    /// The texts that they were read from.
    pub texts: &'r Texts,
    /// The rubric, by its place.
    pub rubric: usize,
    /// The day of the evaluation (评价日).
    pub on: NaiveDate,
}

/// Which of the fields of its form a rubric reads, with the rubrics below it.
pub fn used_fields(ruled: Ruled<'_>, fields: usize) -> Vec<bool> {
    let mut used = vec![false; fields];
    let mut next = ruled.rules.rubrics.get(ruled.rubric);
    while let Some(rubric) = next {
        for node in Plan::new(ruled.rules, ruled.texts, rubric, ruled.on).nodes {
            if let Op::Field(field) = node.op {
                used.get_mut(field.0).into_iter().for_each(|used| *used = true);
            }
        }
        next = match rubric.source {
            Source::Form(_) => None,
            Source::Rubric(at) => ruled.rules.rubrics.get(at),
        };
    }
    used
}

/// Which fields of a form a rubric reads itself (直接用到的填报项): of the submissions that it judges or that lie beside them.
///
/// * `form`: by its place in the rules; units that its submissions split into count as it.
pub fn fields_read(ruled: Ruled<'_>, form: usize) -> Vec<bool> {
    let Ruled { rules, texts, rubric, on } = ruled;
    let mut read = vec![false; rules.forms.get(form).map_or(0, |form| form.fields.len())];
    let Some(rubric) = rules.rubrics.get(rubric) else { return read };
    let is_meant =
        |at: usize| at == form || rules.forms.get(at).and_then(|other| other.split.as_ref()).is_some_and(|split| split.of == form);
    let judged = bottom_of(rules, rubric).is_some_and(is_meant);
    let beside = |at: u16| matches!(rubric.beside.get(usize::from(at)).map(|beside| beside.of), Some(Source::Form(at)) if is_meant(at));
    for node in Plan::new(rules, texts, rubric, on).nodes {
        let field = match node.op {
            Op::Field(field) if judged => field,
            Op::Beside(at, field) if beside(at) => field,
            _ => continue,
        };
        read.get_mut(field.0).into_iter().for_each(|read| *read = true);
    }
    read
}

/// What a program takes a field to be.
struct Seen {
    range: Option<(i64, i64)>,
    /// What its codes stand for.
    names: Vec<Name>,
}

impl<'r> Batch<'r> {
    /// A batch for a rubric; `None` for one that has to be evaluated exactly: over groups of groups.
    pub fn new(ruled: Ruled<'r>, wanted: &Wanted) -> Option<Batch<'r>> {
        Batch::with(ruled, |plans| {
            let place = |layer: u8, slot: &Slot| Some(Place { layer, node: *plans.get(usize::from(layer))?.slots.get(slot)? });
            let below = wanted.subjects.iter().map(|slot| place(0, slot)).collect::<Option<_>>()?;
            Some([below, wanted.groups.iter().map(|slot| place(1, slot)).collect::<Option<_>>()?])
        })
    }

    /// A batch that yields every result there is.
    pub fn of_everything(ruled: Ruled<'r>) -> Option<Batch<'r>> {
        Batch::with(ruled, |plans| {
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

    fn with(ruled: Ruled<'r>, wanted: impl FnOnce(&[Plan<'r>]) -> Option<[Vec<Place>; 2]>) -> Option<Batch<'r>> {
        let Ruled { rules, texts, rubric, on } = ruled;
        let rubric = rules.rubrics.get(rubric)?;
        let form = rules.forms.get(bottom_of(rules, rubric)?)?;
        let rubrics = match rubric.source {
            Source::Form(_) => vec![rubric],
            Source::Rubric(at) => match rules.rubrics.get(at)? {
                below if matches!(below.source, Source::Form(_)) => vec![below, rubric],
                _ => return None,
            },
        };
        let plans: Vec<Plan<'r>> = rubrics.iter().map(|rubric| Plan::new(rules, texts, rubric, on)).collect();
        let wanted = wanted(&plans)?;
        let scripts = plans.iter().map(Scripts::new).collect();
        let (program, outputs, exact) = (Program::default(), Vec::new(), Vec::new());
        let (asking, judge) = (Asking::default(), None);
        let (id, program_id) = (Arc::new(()), Arc::new(()));
        Some(Batch { form, plans, scripts, program, outputs, wanted, compiled_for: None, exact, asking, judge, id, program_id })
    }

    /// What is computed for every submission: what is wanted, who is judged, what statistics are taken of.
    pub(super) fn places(&self) -> Vec<Place> {
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
        let (program, outputs, exact) = compile(&layers, table, self.form, &self.places());
        let seen = |field: FieldIx| (field, Seen { range: table.range(field), names: table.dictionary(field).to_vec() });
        self.compiled_for = Some(program.fields().into_iter().map(seen).collect());
        (self.program, self.outputs, self.exact) = (program, outputs, exact);
        (self.asking, self.judge, self.program_id) = (self.asking(), None, Arc::new(()));
    }

    /// Whether the program is right for a table: no number is beyond those that there were, codes stand for the same.
    fn fits(&self, table: &Table) -> bool {
        let inside = |known: Option<(i64, i64)>, now: Option<(i64, i64)>| match (known, now) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((low, high)), Some((least, greatest))) => low <= least && greatest <= high,
        };
        let holds = |(field, seen): &(FieldIx, Seen)| {
            table.keeps(*field) && inside(seen.range, table.range(*field)) && table.dictionary(*field) == seen.names
        };
        self.compiled_for.as_ref().is_some_and(|fields| fields.iter().all(holds))
    }

    /// Evaluates.
    pub fn run(&mut self, table: &Table) -> Sheet {
        self.run_telling(table, &|_| {})
    }

    /// Evaluates, and tells of how many more rows it is done with.
    pub fn run_telling(&mut self, table: &Table, done: &(dyn Fn(usize) + Sync)) -> Sheet {
        if !self.fits(table) {
            self.compile(table);
        }
        let mut subjects = self.everybody(table);
        let first = self.chosen_first(table, &subjects);
        subjects.only(first.as_deref(), table.len());
        let Computed { columns, odd, settled } =
            self.with_tiers(table, &subjects, &Subjects::default(), |settler| compute(&self.program, table, settler, done));
        let tally = Tally { settled, exact_rows: odd.len() as u64, ..Tally::default() };
        let chosen = first.unwrap_or_else(|| self.chosen(table, &columns, &odd, &subjects));
        let of = Of { batch: self.id.clone(), program: self.program_id.clone(), table: table.id().clone() };
        let mut sheet = Sheet { of, subjects: Layer { columns, odd, outputs: self.outputs.clone() }, order: chosen, groups: None, tally };
        if self.plans.len() > 1 {
            let kinds = self.plans.get(1).map(|plan| plan.rubric.subjects.as_slice()).unwrap_or_default();
            let groups = Groups::new(self.form, table, kinds, &sheet.order);
            let groups = self.groups_judged(table, &subjects, groups);
            let of_groups = groups.later();
            let (layer, judge) = self.with_tiers(table, &subjects, &of_groups, |settler| {
                let (statistics, settled) = self.statistics(&sheet.subjects, &groups, settler);
                let known = self.judge.as_ref().filter(|judge| judge.holds_for(&statistics)).cloned();
                let judge = known.unwrap_or_else(|| Arc::new(self.judge(table, &statistics)));
                let (columns, odd, more) = judge.run(&groups, &statistics, settler);
                sheet.tally.statistics = settled + more;
                (Layer { columns, odd, outputs: judge.outputs.clone() }, judge)
            });
            self.judge = Some(judge.clone());
            sheet.groups = Some(OfGroups { groups, layer, judge });
        }
        sheet.tally.rows = table.len() as u64;
        sheet
    }

    /// Scores one row again, of which a cell was changed, and the groups that it is in; all rows where the change may concern
    /// others: who is judged, or what is taken over all; and all rows of a sheet that came of another table, or before the batch
    /// was compiled anew. Who is in which group stays.
    pub fn rescore(&mut self, table: &Table, row: usize, sheet: &mut Sheet) {
        let apart = self.plans.iter().all(|plan| plan.when.is_none() && !over_cohorts(plan));
        if !apart || !self.fits(table) || !Arc::ptr_eq(&sheet.of.program, &self.program_id) || !Arc::ptr_eq(&sheet.of.table, table.id()) {
            *sheet = self.run(table);
            return;
        }
        let Some(block) = table.blocks().iter().find(|block| (block.first..block.first + block.rows).contains(&row)) else { return };
        let subjects = self.everybody(table);
        let odd = self.with_tiers(table, &subjects, &Subjects::default(), |settler| {
            let mut machine: Machine<FEW> = Machine::new(&self.program);
            let chunk = Chunk { block: Some(block), at: row - block.first, first: row, rows: 1, columns: &[], exactly: settler };
            machine.run(&self.program, &chunk);
            for (column, reg) in sheet.subjects.columns.iter_mut().zip(&self.program.outputs) {
                if let (Some(to), Some(lane)) = (column.get_mut(row), machine.reg(*reg).first()) {
                    *to = *lane;
                }
            }
            !machine.odd.is_empty() || settler.beyond.lock().is_ok_and(|beyond| !beyond.is_empty())
        });
        sheet.subjects.mark(row, odd);
        let Some(mut of) = sheet.groups.take() else { return };
        let which = of.groups.of_row(row);
        let some = of.groups.only(&which);
        let of_groups = some.later();
        let within = self.with_tiers(table, &subjects, &of_groups, |settler| {
            let (statistics, _) = self.statistics(&sheet.subjects, &some, settler);
            if !of.judge.holds_for(&statistics) {
                return false;
            }
            let (columns, odd, _) = of.judge.run(&some, &statistics, settler);
            for (to, from) in of.layer.columns.iter_mut().zip(&columns) {
                for (group, value) in which.iter().zip(from) {
                    to.get_mut(*group).into_iter().for_each(|place| *place = *value);
                }
            }
            for (at, group) in (0_u32..).zip(&which) {
                of.layer.mark(*group, odd.contains(&at));
            }
            true
        });
        // What holds for other bounds must be computed of all groups alike.
        if within { sheet.groups = Some(of) } else { *sheet = self.run(table) }
    }

    /// All rows of the table, for exact evaluation: with their names and groups only where statistics ask for them.
    pub(super) fn everybody(&self, table: &Table) -> Subjects {
        let by_cohort = self.plans.first().is_some_and(over_cohorts);
        let kind = self.plans.first().and_then(|plan| plan.rubric.subjects.first()).cloned().unwrap_or_else(|| "".into());
        let named = 0..if by_cohort { table.len() } else { 0 };
        Subjects { list: named.map(|row| submitter(self.form, table, &kind, row)).collect(), ..Subjects::default() }
    }

    /// Something with the exact evaluators of both plans.
    pub(super) fn with_tiers<T>(
        &self,
        table: &Table,
        subjects: &dyn Judged,
        groups: &dyn Judged,
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

    /// Where statistics are taken over those whom the rubric is for, they must be known before anything else.
    fn chosen_first(&self, table: &Table, subjects: &Subjects) -> Option<Vec<u32>> {
        let when = self.plans.first().filter(|plan| over_cohorts(plan))?.when?;
        Some(self.with_tiers(table, subjects, &Subjects::default(), |settler| {
            let tier = settler.layers.first();
            let refused = |row: &u32| matches!(tier.map(|tier| tier.cell(when, *row as usize)), Some(Ok(Value::Flag(false))));
            table.by_key().iter().copied().filter(|row| !refused(row)).collect()
        }))
    }

    /// The groups that the rubric over them is for.
    fn groups_judged(&self, table: &Table, subjects: &Subjects, groups: Groups) -> Groups {
        let Some(when) = self.plans.get(1).and_then(|plan| plan.when) else { return groups };
        let all = groups.later();
        let judged: Vec<usize> = self.with_tiers(table, subjects, &all, |settler| {
            let tier = settler.layers.get(1);
            let refused = |group: &usize| matches!(tier.map(|tier| tier.cell(when, *group)), Some(Ok(Value::Flag(false))));
            (0..groups.len()).filter(|group| !refused(group)).collect()
        });
        groups.only(&judged)
    }

    /// Whom the rubric is for, in the order of their keys; who cannot be told is kept.
    fn chosen(&self, table: &Table, columns: &[Vec<f64>], odd: &[u32], subjects: &Subjects) -> Vec<u32> {
        let order = table.by_key().to_vec();
        let Some(when) = self.plans.first().and_then(|plan| plan.when) else { return order };
        let at = self.places().iter().position(|place| *place == Place { layer: 0, node: when });
        let column = at.and_then(|at| columns.get(at));
        self.with_tiers(table, subjects, &Subjects::default(), |settler| {
            let tier = settler.layers.first();
            let refused = |row: u32| match column.and_then(|column| column.get(row as usize)) {
                Some(flag) if odd.binary_search(&row).is_err() => *flag == super::kernels::NO,
                _ => matches!(tier.map(|tier| tier.cell(when, row as usize)), Some(Ok(Value::Flag(false)))),
            };
            order.into_iter().filter(|row| !refused(*row)).collect()
        })
    }

    /// How many vector operations a chunk goes through, over how many columns, and how many operations are computed exactly, row
    /// by row.
    pub fn size(&self) -> (usize, usize, usize) {
        (self.program.kernels.len(), self.program.regs, self.exact.len())
    }

    /// The node of a wanted output.
    pub(super) fn wanted(&self, layer: usize, at: usize) -> Option<NodeId> {
        self.wanted.get(layer)?.get(at).map(|place| place.node)
    }
}

/// Whether a plan takes statistics over all that it judges.
fn over_cohorts(plan: &Plan<'_>) -> bool {
    plan.statistics.iter().any(|(statistic, ..)| matches!(statistic.over, Whom::Cohort(..)))
}

/// The results of submissions, each computed exactly when it is asked for.
struct Rows<'t> {
    tier: &'t Tier<'t>,
}

impl Below for Rows<'_> {
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>> {
        self.tier.result(slot, member)
    }

    fn row(&self, member: usize) -> Option<usize> {
        Some(member)
    }
}
