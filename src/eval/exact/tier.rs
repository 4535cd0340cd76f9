//! A rubric over its subjects (一层评价): rows, members, statistics, and the cells of any node for any of them.
//!
//! Not here: where a row of a tier takes its figures from (`sources`), how a node is computed (`exact`).

mod sources;

use super::beside::BesideRows;
use super::many::{Sample, compute_statistic, places};
use super::{Cells, Source, compute, wrong};
use crate::eval::column::{Cell, Value};
use crate::eval::gap::{Gap, Unless};
use crate::eval::plan::{NodeId, Plan, StatisticPlan, Whom};
use crate::eval::results::{Omission, Subject};
use crate::eval::script::Scripts;
use crate::eval::table::Table;
use crate::model::{ExprId, Level, Slot};
use crate::number::Real;
use crate::syntax::tree::Scope;
use crate::text::{Name, Span};
use rayon::prelude::*;
use sources::{Alone, Row};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

/// Rows are computed in parallel only where there are so many that it pays.
const WORTH_SHARING: usize = 256;

/// A member of a subject: the schools of a county, once for each kind of group that they are in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub subject: usize,
    pub member: usize,
}

/// Whom a rubric judges.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subjects {
    pub list: Vec<Subject>,
    /// Of a rubric over a form, the row of each subject; of none, each row speaks of the subject at its place.
    pub rows: Option<Vec<usize>>,
    /// All members, those of one subject together.
    pub pairs: Vec<Pair>,
    /// Where in `pairs` each subject's members are.
    pub ranges: Vec<Range<usize>>,
    /// Whether each counts among its cohort; all do without it.
    pub counted: Option<Vec<bool>>,
}

impl Subjects {
    /// With the rows or members that each has; `over_form` says which of the two its `members` are.
    pub fn new(list: Vec<Subject>, over_form: bool) -> Subjects {
        let mut subjects = Subjects::default();
        if over_form {
            subjects.rows = Some(list.iter().filter_map(|subject| subject.members.first().copied()).collect());
        } else {
            for (at, subject) in list.iter().enumerate() {
                let start = subjects.pairs.len();
                subjects.pairs.extend(subject.members.iter().map(|member| Pair { subject: at, member: *member }));
                subjects.ranges.push(start..subjects.pairs.len());
            }
        }
        subjects.list = list;
        subjects
    }

    /// Lets only some of so many rows count among their cohorts.
    pub fn only(&mut self, rows: Option<&[u32]>, count: usize) {
        self.counted = rows.filter(|_| !self.list.is_empty()).map(|rows| {
            let mut counted = vec![false; count];
            for row in rows {
                counted.get_mut(*row as usize).into_iter().for_each(|counted| *counted = true);
            }
            counted
        });
    }

    /// The rows of each cohort: all of a kind, or those of the same group.
    pub fn cohorts(&self, scope: Scope) -> Vec<Vec<usize>> {
        let mut cohorts: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        let counts = |row: usize| self.counted.as_ref().is_none_or(|counted| counted.get(row).copied().unwrap_or(false));
        for (row, subject) in self.list.iter().enumerate().filter(|(row, _)| counts(*row)) {
            let group = if scope == Scope::Group { subject.group.as_deref().unwrap_or("") } else { "" };
            cohorts.entry((subject.kind.as_str(), group)).or_default().push(row);
        }
        cohorts.into_values().collect()
    }
}

/// Whom a rubric judges; some are only put together once they are asked for.
pub(crate) trait Judged: Sync {
    fn subjects(&self) -> &Subjects;
}

impl Judged for Subjects {
    fn subjects(&self) -> &Subjects {
        self
    }
}

/// The results that a rubric over groups is computed from.
pub(crate) trait Below: Sync {
    /// A result of a member.
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>>;
    /// The row of a member in the table of submissions.
    fn row(&self, member: usize) -> Option<usize>;
}

/// A plan with what it is evaluated on. Statistics are computed when a row first asks for them.
pub(crate) struct Tier<'a> {
    pub plan: &'a Plan<'a>,
    pub table: &'a Table,
    judged: &'a dyn Judged,
    pub below: Option<&'a dyn Below>,
    pub scripts: &'a Scripts,
    statistics: Vec<Computed>,
    beside: Vec<BesideRows<'a>>,
    /// What each node rests on, as far as it was asked for.
    cones: Vec<OnceLock<Vec<NodeId>>>,
}

thread_local! {
    /// The cells of the last row, whose place is used again.
    static SCRATCH: std::cell::Cell<Vec<Option<Cell<Value>>>> = const { std::cell::Cell::new(Vec::new()) };
}

/// What a statistic has come to so far.
enum Computed {
    /// Nothing of its own: it is over what belongs to one row.
    OfRow,
    /// Over members: for each subject, as soon as it is asked for one of them.
    Members(OnceLock<Vec<OnceLock<OfMembers>>>),
    /// Over cohorts: for all subjects at once.
    Cohorts(OnceLock<Vec<Cell<Real>>>),
}

/// A statistic over the members of a subject.
struct OfMembers {
    cell: Cell<Real>,
    counted: usize,
    /// Those without a value, by their places below.
    left_out: Vec<usize>,
}

impl<'a> Tier<'a> {
    /// A plan before anything is computed.
    pub fn new(
        plan: &'a Plan<'a>,
        table: &'a Table,
        judged: &'a dyn Judged,
        below: Option<&'a dyn Below>,
        scripts: &'a Scripts,
    ) -> Tier<'a> {
        let computed = |(statistic, ..): &(StatisticPlan, Span, Vec<ExprId>)| match statistic.over {
            Whom::List(_) | Whom::Rows(..) => Computed::OfRow,
            Whom::Members(_) => Computed::Members(OnceLock::new()),
            Whom::Cohort(..) => Computed::Cohorts(OnceLock::new()),
        };
        let statistics = plan.statistics.iter().map(computed).collect();
        let cones = plan.nodes.iter().map(|_| OnceLock::new()).collect();
        let beside = plan.beside.iter().map(|beside| BesideRows::new(beside, table)).collect();
        Tier { plan, table, judged, below, scripts, statistics, beside, cones }
    }

    /// Whom it judges.
    pub fn subjects(&self) -> &'a Subjects {
        self.judged.subjects()
    }

    /// Computes all statistics, in their order and on all cores, so that rows need not wait for each other.
    pub fn compute_statistics(&self) {
        for at in 0..self.plan.statistics.len() {
            match self.statistics.get(at) {
                Some(Computed::Members(_)) => {
                    (0..self.subjects().list.len()).into_par_iter().for_each(|subject| _ = self.of_members(at, subject))
                }
                Some(Computed::Cohorts(_)) => _ = self.statistic(at, 0),
                _ => {}
            }
        }
    }

    /// What the statistics over members of some subjects left out, where they left out anything; by the places of these.
    pub fn omissions(&self, rows: &Range<usize>) -> Vec<Omission> {
        let mut omissions = Vec::new();
        for ((_, _, asked), computed) in self.plan.statistics.iter().zip(&self.statistics) {
            let Computed::Members(subjects) = computed else { continue };
            for (subject, of) in subjects.get().into_iter().flatten().skip(rows.start).take(rows.len()).enumerate() {
                if let Some(OfMembers { counted, left_out, .. }) = of.get().filter(|of| !of.left_out.is_empty()) {
                    let omission = |id: &ExprId| Omission { statistic: *id, subject, counted: *counted, left_out: left_out.clone() };
                    omissions.extend(asked.iter().map(omission));
                }
            }
        }
        omissions
    }

    /// The cells of some nodes for each row of a level, in the order of the nodes.
    pub fn columns(&self, nodes: &[NodeId], level: Level) -> Vec<Vec<Cell<Value>>> {
        let count = if level == Level::Member { self.subjects().pairs.len() } else { self.subjects().list.len() };
        self.columns_of(nodes, level, 0..count)
    }

    /// As [`Tier::columns`], of some rows.
    pub fn columns_of(&self, nodes: &[NodeId], level: Level, rows: Range<usize>) -> Vec<Vec<Cell<Value>>> {
        let cone = self.plan.cone(nodes.iter().copied());
        let count = rows.len();
        let of_row = |cells: &mut Vec<Option<Cell<Value>>>, row: usize| {
            self.fill(&cone, level, row, cells);
            let cells = Cells(cells);
            nodes.iter().map(|node| cells.get(*node)).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<Cell<Value>>> = if count < WORTH_SHARING {
            let mut cells = Vec::new();
            rows.map(|row| of_row(&mut cells, row)).collect()
        } else {
            rows.into_par_iter().map_init(Vec::new, of_row).collect()
        };
        let mut columns: Vec<Vec<Cell<Value>>> = nodes.iter().map(|_| Vec::with_capacity(count)).collect();
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
        columns
    }

    /// The cells of some nodes, in the order of computation, for one row; those of other nodes are not computed.
    pub fn cells(&self, cone: &[NodeId], level: Level, row: usize) -> Vec<Option<Cell<Value>>> {
        let mut cells = Vec::new();
        self.fill(cone, level, row, &mut cells);
        cells
    }

    /// As [`Tier::cells`], into the cells of another row: what is not in the cone is not looked at.
    fn fill(&self, cone: &[NodeId], level: Level, row: usize, cells: &mut Vec<Option<Cell<Value>>>) {
        self.fill_from(cone, &self.at(level, row), cells);
    }

    /// A subject, or a member of one.
    fn at(&self, level: Level, row: usize) -> Row<'_, 'a> {
        let owner = match level {
            Level::Member => self.subjects().pairs.get(row).map_or(row, |pair| pair.subject),
            _ => row,
        };
        Row { tier: self, level, row, owner }
    }

    /// The submissions beside the source that belong to a subject, by their places in their table.
    pub fn rows_beside(&self, beside: u16, subject: usize) -> &[usize] {
        let Some(rows) = self.beside.get(usize::from(beside)) else { return &[] };
        let (kind, key) = self.identity(subject);
        rows.all(&kind, &key)
    }

    /// The kind and key by which submissions beside the source find a subject: of a unit those of its whole submission.
    fn identity(&self, subject: usize) -> (Name, Name) {
        let (kind, key) = self.named(subject);
        if self.below.is_some() {
            return (kind, key);
        }
        (kind, self.table.submitter(self.row_of(subject)))
    }

    /// The kind and key of a subject, by which the results of another rubric know it: a unit is judged there too, and not its submission.
    fn named(&self, subject: usize) -> (Name, Name) {
        match self.subjects().list.get(subject) {
            Some(known) => (known.kind.clone(), known.key.clone()),
            None => {
                let kind = self.plan.rubric.subjects.first().cloned().unwrap_or_else(|| "".into());
                (kind, self.table.key(self.row_of(subject)).into())
            }
        }
    }

    /// The row of a subject in the table, of a rubric over a form.
    fn row_of(&self, subject: usize) -> usize {
        self.subjects().rows.as_ref().map_or(Some(subject), |rows| rows.get(subject).copied()).unwrap_or(subject)
    }

    fn of_rows(&self, at: usize, subject: usize) -> Cell<Value> {
        let Some((statistic @ StatisticPlan { over: Whom::Rows(beside, of), .. }, span, _)) = self.plan.statistics.get(at) else {
            return Err(wrong(Span::default()));
        };
        let level = Level::Row(*beside);
        let rows = self.rows_beside(*beside, subject).iter().map(|row| Row { tier: self, level, row: *row, owner: subject });
        let (sample, _) = self.sample(statistic, *of, rows);
        let parameter = self.parameter(statistic, subject);
        compute_statistic(statistic.kind, &sample, statistic.weight.is_some(), parameter, *span).map(Value::Number)
    }

    /// The cells of some nodes for a submission beside the source that belongs to a subject.
    pub fn cells_beside(&self, cone: &[NodeId], beside: u16, subject: usize, row: usize) -> Vec<Option<Cell<Value>>> {
        let mut cells = Vec::new();
        self.fill_from(cone, &Row { tier: self, level: Level::Row(beside), row, owner: subject }, &mut cells);
        cells
    }

    fn fill_from(&self, cone: &[NodeId], source: &dyn Source, cells: &mut Vec<Option<Cell<Value>>>) {
        cells.resize(self.plan.nodes.len(), None);
        for id in cone {
            if let Some(node) = self.plan.node(*id) {
                let cell = compute(self.plan, node, &Cells(cells), source);
                if let Some(place) = cells.get_mut(id.at()) {
                    *place = Some(cell);
                }
            }
        }
    }

    /// The cell of one node for one row of its level.
    pub fn cell(&self, node: NodeId, row: usize) -> Cell<Value> {
        let level = self.plan.node(node).map_or(Level::Subject, |node| node.level);
        self.one(node, &self.at(level, row))
    }

    /// What a rubric above reads of a row, computed when it is asked for. Shares of sections are read within their own rubric only.
    pub fn result(&self, slot: Slot, row: usize) -> Option<Cell<Value>> {
        if matches!(slot, Slot::SectionShare(_)) {
            return None;
        }
        self.plan.slots.get(&slot).map(|node| self.cell(*node, row))
    }

    /// The cell of a node for a member that belongs to no subject yet; what it asks of the subject is not there.
    pub fn cell_of_member(&self, node: NodeId, member: usize) -> Cell<Value> {
        self.one(node, &Alone { tier: self, member })
    }

    fn one(&self, node: NodeId, source: &dyn Source) -> Cell<Value> {
        let Some(cone) = self.cones.get(node.at()) else { return Err(wrong(Span::default())) };
        let cone = cone.get_or_init(|| self.plan.cone([node]));
        let mut cells = SCRATCH.take();
        self.fill_from(cone, source, &mut cells);
        let cell = Cells(&cells).get(node);
        SCRATCH.set(cells);
        cell
    }

    /// The value of a statistic for a subject.
    fn statistic(&self, at: usize, subject: usize) -> Cell<Value> {
        let cell = match self.statistics.get(at) {
            Some(Computed::Members(_)) => self.of_members(at, subject).map(|of| of.cell.clone()),
            Some(Computed::Cohorts(all)) => all.get_or_init(|| self.over_cohorts(at)).get(subject).cloned(),
            _ => None,
        };
        cell.unwrap_or_else(|| Err(wrong(Span::default()))).map(Value::Number)
    }

    fn of_members(&self, at: usize, subject: usize) -> Option<&OfMembers> {
        let Some(Computed::Members(subjects)) = self.statistics.get(at) else { return None };
        let compute = || {
            let Some((statistic @ StatisticPlan { over: Whom::Members(of), .. }, span, _)) = self.plan.statistics.get(at) else {
                return OfMembers { cell: Err(wrong(Span::default())), counted: 0, left_out: Vec::new() };
            };
            let rows = self.subjects().ranges.get(subject).cloned().unwrap_or_default();
            let (sample, _) = self.sample(statistic, *of, rows.map(|row| self.at(Level::Member, row)));
            let members = sample.left_out.iter().filter_map(|row| self.subjects().pairs.get(*row));
            OfMembers {
                cell: compute_statistic(statistic.kind, &sample, statistic.weight.is_some(), self.parameter(statistic, subject), *span),
                counted: sample.values.len(),
                left_out: members.map(|pair| pair.member).collect(),
            }
        };
        let subjects = subjects.get_or_init(|| self.subjects().list.iter().map(|_| OnceLock::new()).collect());
        Some(subjects.get(subject)?.get_or_init(compute))
    }

    /// What counts of some rows, and what every one of them came to.
    fn sample<'t>(&'t self, statistic: &StatisticPlan, of: NodeId, rows: impl Iterator<Item = Row<'t, 'a>>) -> (Sample, Vec<Cell<Value>>) {
        let cone = self.plan.cone(std::iter::once(of).chain(statistic.weight).chain(statistic.filter));
        let (mut sample, mut values, mut cells) = (Sample::default(), Vec::new(), Vec::new());
        for row in rows {
            self.fill_from(&cone, &row, &mut cells);
            let cells = Cells(&cells);
            let weight = statistic.weight.map(|weight| cells.number(weight));
            let filter = statistic.filter.map(|filter| cells.flag(filter));
            let value = cells.get(of);
            sample.add(statistic.kind, row.row, &value, weight, filter);
            values.push(value);
        }
        (sample, values)
    }

    fn parameter(&self, statistic: &StatisticPlan, subject: usize) -> Option<Cell<Real>> {
        Some(match self.cell(statistic.parameter?, subject) {
            Ok(Value::Number(number)) => Ok(number),
            Ok(_) => Err(wrong(Span::default())),
            Err(gap) => Err(gap),
        })
    }

    fn over_cohorts(&self, at: usize) -> Vec<Cell<Real>> {
        let Some((statistic @ StatisticPlan { over: Whom::Cohort(of, scope), .. }, span, _)) = self.plan.statistics.get(at) else {
            return Vec::new();
        };
        // Whom the filter refuses has no place in the order.
        let mut result: Vec<Cell<Real>> =
            vec![Err(Gap::NotApplicable(Unless::Holds(statistic.refused.clone()))); self.subjects().list.len()];
        let mut put = |row: usize, cell: Cell<Real>| {
            if let Some(place) = result.get_mut(row) {
                *place = cell;
            }
        };
        for rows in self.subjects().cohorts(*scope) {
            let (sample, values) = self.sample(statistic, *of, rows.iter().map(|row| self.at(Level::Subject, *row)));
            if let Some(places) = places(statistic.kind, &sample) {
                sample.rows.iter().zip(places).for_each(|(row, place)| put(*row, Ok(place)));
                let mut left_out = sample.left_out.iter().peekable();
                for (row, value) in rows.iter().zip(values) {
                    if left_out.next_if(|out| *out == row).is_some() {
                        put(*row, value.and_then(|_| Err(wrong(Span::default()))));
                    }
                }
                continue;
            }
            // One value for all, computed once for each parameter that there is.
            let mut computed: Vec<(Option<Cell<Real>>, Cell<Real>)> = Vec::new();
            for row in rows {
                let parameter = self.parameter(statistic, row);
                let known = computed.iter().find(|(known, _)| *known == parameter).map(|(_, cell)| cell.clone());
                let cell = known.unwrap_or_else(|| {
                    let cell = compute_statistic(statistic.kind, &sample, statistic.weight.is_some(), parameter.clone(), *span);
                    computed.push((parameter, cell.clone()));
                    cell
                });
                put(row, cell);
            }
        }
        result
    }
}
