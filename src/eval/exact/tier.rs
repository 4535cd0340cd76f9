//! A rubric over its subjects (一层评价): rows, members, statistics, and the cells of any node for any of them.

use super::many::{Sample, compute_statistic, places};
use super::{Cells, Source, compute, wrong};
use crate::eval::column::{Cell, Table, Value};
use crate::eval::gap::Gap;
use crate::eval::plan::{NodeId, Op, Plan, StatisticPlan, Whom};
use crate::eval::results::{Omission, Subject};
use crate::eval::script::Scripts;
use crate::model::{FieldIx, Level, Slot};
use crate::number::Real;
use crate::syntax::tree::Scope;
use crate::text::Span;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

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
    /// Of a rubric over a form, the row of each subject.
    pub rows: Vec<usize>,
    /// All members, those of one subject together.
    pub pairs: Vec<Pair>,
    /// Where in `pairs` each subject's members are.
    pub ranges: Vec<Range<usize>>,
}

impl Subjects {
    /// With the rows or members that each has; `over_form` says which of the two its `members` are.
    pub fn new(list: Vec<Subject>, over_form: bool) -> Subjects {
        let mut subjects = Subjects::default();
        if over_form {
            subjects.rows = list.iter().filter_map(|subject| subject.members.first().copied()).collect();
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
}

/// The results that a rubric over groups is computed from.
pub(crate) trait Below: Sync {
    /// A result of a member.
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>>;
    /// The row of a member in the table of submissions.
    fn row(&self, member: usize) -> Option<usize>;
}

/// A plan with what it is evaluated on.
pub(crate) struct Tier<'a> {
    pub plan: &'a Plan<'a>,
    pub table: &'a Table,
    pub subjects: &'a Subjects,
    pub below: Option<&'a dyn Below>,
    pub scripts: &'a Scripts,
    /// The cells of each statistic, one a subject, as far as they are computed.
    statistics: Vec<Vec<Cell<Real>>>,
    pub omissions: Vec<Omission>,
}

impl<'a> Tier<'a> {
    /// A plan before anything is computed.
    pub fn new(
        plan: &'a Plan<'a>,
        table: &'a Table,
        subjects: &'a Subjects,
        below: Option<&'a dyn Below>,
        scripts: &'a Scripts,
    ) -> Tier<'a> {
        Tier { plan, table, subjects, below, scripts, statistics: Vec::new(), omissions: Vec::new() }
    }

    /// Computes the statistics, of which each row may then ask.
    pub fn compute_statistics(&mut self) {
        while let Some((statistic, span, _)) = self.plan.statistics.get(self.statistics.len()) {
            let cells = match &statistic.over {
                Whom::List(_) => Vec::new(),
                Whom::Members(of) => self.over_members(statistic, *of, *span),
                Whom::Cohort(of, scope) => self.over_cohorts(statistic, *of, *scope, *span),
            };
            self.statistics.push(cells);
        }
    }

    /// The cells of some nodes for each row of a level, in the order of the nodes.
    pub fn columns(&self, nodes: &[NodeId], level: Level) -> Vec<Vec<Cell<Value>>> {
        let cone = self.plan.cone(nodes.iter().copied());
        let count = if level == Level::Member { self.subjects.pairs.len() } else { self.subjects.list.len() };
        let of_row = |row: usize| {
            let cells = self.cells(&cone, level, row);
            let cells = Cells(&cells);
            nodes.iter().map(|node| cells.get(*node)).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<Cell<Value>>> =
            if count < WORTH_SHARING { (0..count).map(of_row).collect() } else { (0..count).into_par_iter().map(of_row).collect() };
        let mut columns: Vec<Vec<Cell<Value>>> = nodes.iter().map(|_| Vec::with_capacity(count)).collect();
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
        columns
    }

    /// The cells of some nodes, in the order of computation, for one row; those of other nodes are not computed.
    pub fn cells(&self, cone: &[NodeId], level: Level, row: usize) -> Vec<Option<Cell<Value>>> {
        let mut cells: Vec<Option<Cell<Value>>> = vec![None; self.plan.nodes.len()];
        let source = Row { tier: self, level, row };
        for id in cone {
            if let Some(node) = self.plan.node(*id) {
                let cell = compute(self.plan, node, &Cells(&cells), &source);
                if let Some(place) = cells.get_mut(id.at()) {
                    *place = Some(cell);
                }
            }
        }
        cells
    }

    /// The cell of one node for one row of its level.
    pub fn cell(&self, node: NodeId, row: usize) -> Cell<Value> {
        let level = self.plan.node(node).map_or(Level::Subject, |node| node.level);
        let cells = self.cells(&self.plan.cone([node]), level, row);
        Cells(&cells).get(node)
    }

    /// The samples that a statistic asks for: of each group of rows, those that count.
    fn samples(&self, statistic: &StatisticPlan, of: NodeId, level: Level, groups: &[Vec<usize>]) -> (Vec<Sample>, Vec<Cell<Value>>) {
        let nodes: Vec<NodeId> = std::iter::once(of).chain(statistic.weight).chain(statistic.filter).collect();
        let mut columns = self.columns(&nodes, level).into_iter();
        let values = columns.next().unwrap_or_default();
        let weights = statistic.weight.and_then(|_| columns.next());
        let filter = statistic.filter.and_then(|_| columns.next());
        let number = |column: &Vec<Cell<Value>>, row: usize| match column.get(row) {
            Some(Ok(Value::Number(number))) => Ok(number.clone()),
            Some(Err(gap)) => Err(gap.clone()),
            _ => Err(wrong(Span::default())),
        };
        let flag = |column: &Vec<Cell<Value>>, row: usize| match column.get(row) {
            Some(Ok(Value::Flag(flag))) => Ok(*flag),
            Some(Err(gap)) => Err(gap.clone()),
            _ => Err(wrong(Span::default())),
        };
        let take = |rows: &Vec<usize>| {
            let mut sample = Sample::default();
            for &row in rows {
                let weight = weights.as_ref().map(|column| number(column, row));
                let wanted = filter.as_ref().map(|column| flag(column, row));
                if let Some(value) = values.get(row) {
                    sample.add(statistic.kind, row, value, weight, wanted);
                }
            }
            sample
        };
        (groups.iter().map(take).collect(), values)
    }

    fn parameters(&self, statistic: &StatisticPlan) -> Option<Vec<Cell<Real>>> {
        let column = self.columns(&[statistic.parameter?], Level::Subject).pop()?;
        let number = |cell: Cell<Value>| match cell {
            Ok(Value::Number(number)) => Ok(number),
            Ok(_) => Err(wrong(Span::default())),
            Err(gap) => Err(gap),
        };
        Some(column.into_iter().map(number).collect())
    }

    fn over_members(&mut self, statistic: &StatisticPlan, of: NodeId, span: Span) -> Vec<Cell<Real>> {
        let groups: Vec<Vec<usize>> = self.subjects.ranges.iter().map(|range| range.clone().collect()).collect();
        let (samples, _) = self.samples(statistic, of, Level::Member, &groups);
        let parameters = self.parameters(statistic);
        let asked = self.plan.statistics.get(self.statistics.len()).map(|(_, _, asked)| asked.as_slice()).unwrap_or_default();
        for (subject, sample) in samples.iter().enumerate().filter(|(_, sample)| !sample.left_out.is_empty()) {
            let members = sample.left_out.iter().filter_map(|row| self.subjects.pairs.get(*row));
            let left_out: Vec<usize> = members.map(|pair| pair.member).collect();
            let counted = sample.values.len();
            self.omissions.extend(asked.iter().map(|id| Omission { statistic: *id, subject, counted, left_out: left_out.clone() }));
        }
        let result = |(subject, sample): (usize, &Sample)| {
            let parameter = parameters.as_ref().and_then(|cells| cells.get(subject)).cloned();
            compute_statistic(statistic.kind, sample, statistic.weight.is_some(), parameter, span)
        };
        if samples.len() > 1 {
            samples.par_iter().enumerate().map(result).collect()
        } else {
            samples.iter().enumerate().map(result).collect()
        }
    }

    fn over_cohorts(&self, statistic: &StatisticPlan, of: NodeId, scope: Scope, span: Span) -> Vec<Cell<Real>> {
        let mut cohorts: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (row, subject) in self.subjects.list.iter().enumerate() {
            let group = if scope == Scope::Group { subject.group.as_deref().unwrap_or("") } else { "" };
            cohorts.entry((subject.kind.as_str(), group)).or_default().push(row);
        }
        let groups: Vec<Vec<usize>> = cohorts.into_values().collect();
        let (samples, values) = self.samples(statistic, of, Level::Subject, &groups);
        let parameters = self.parameters(statistic);
        // Whom the filter refuses has no place in the order.
        let mut result: Vec<Cell<Real>> = vec![Err(Gap::NotApplicable(statistic.refused.clone())); self.subjects.list.len()];
        let mut put = |row: usize, cell: Cell<Real>| {
            if let Some(place) = result.get_mut(row) {
                *place = cell;
            }
        };
        for (rows, sample) in groups.iter().zip(&samples) {
            if let Some(places) = places(statistic.kind, sample) {
                sample.rows.iter().zip(places).for_each(|(row, place)| put(*row, Ok(place)));
                for row in &sample.left_out {
                    let gap = match values.get(*row) {
                        Some(Err(gap)) => gap.clone(),
                        _ => wrong(Span::default()),
                    };
                    put(*row, Err(gap));
                }
                continue;
            }
            // One value for all, computed once for each parameter that there is.
            let mut computed: Vec<(Option<Cell<Real>>, Cell<Real>)> = Vec::new();
            for row in rows {
                let parameter = parameters.as_ref().and_then(|cells| cells.get(*row)).cloned();
                let known = computed.iter().find(|(known, _)| *known == parameter).map(|(_, cell)| cell.clone());
                let cell = known.unwrap_or_else(|| {
                    let cell = compute_statistic(statistic.kind, sample, statistic.weight.is_some(), parameter.clone(), span);
                    computed.push((parameter, cell.clone()));
                    cell
                });
                put(*row, cell);
            }
        }
        result
    }
}

/// One row of a tier.
struct Row<'t, 'a> {
    tier: &'t Tier<'a>,
    level: Level,
    row: usize,
}

impl Row<'_, '_> {
    fn pair(&self) -> Option<Pair> {
        self.tier.subjects.pairs.get(self.row).copied()
    }
}

impl Source for Row<'_, '_> {
    fn field(&self, field: FieldIx) -> Cell<Value> {
        let row = match self.level {
            Level::Member => self.pair().and_then(|pair| self.tier.below?.row(pair.member)),
            _ => self.tier.subjects.rows.get(self.row).copied(),
        };
        let cell = row.and_then(|row| self.tier.table.cell(field, row));
        cell.unwrap_or_else(|| Err(wrong(Span::default())))
    }

    fn below(&self, slot: Slot) -> Cell<Value> {
        let cell = self.pair().and_then(|pair| self.tier.below?.result(slot, pair.member));
        cell.unwrap_or_else(|| Err(wrong(Span::default())))
    }

    fn of_subject(&self, node: NodeId) -> Cell<Value> {
        match self.pair() {
            Some(pair) => match self.tier.plan.node(node).map(|node| &node.op) {
                // Most often a statistic of the subject, which is there.
                Some(Op::Statistic(at)) => self.tier.statistic(*at, pair.subject),
                _ => self.tier.cell(node, pair.subject),
            },
            None => Err(wrong(Span::default())),
        }
    }

    fn statistic(&self, statistic: usize) -> Cell<Value> {
        self.tier.statistic(statistic, self.row)
    }

    fn script(&self, script: usize, inputs: &[&Cell<Value>]) -> Cell<Real> {
        match self.tier.plan.scripts.get(script) {
            Some(plan) => self.tier.scripts.run(script, plan, inputs),
            None => Err(wrong(Span::default())),
        }
    }
}

impl Tier<'_> {
    fn statistic(&self, statistic: usize, subject: usize) -> Cell<Value> {
        let cell = self.statistics.get(statistic).and_then(|cells| cells.get(subject)).cloned();
        cell.unwrap_or_else(|| Err(wrong(Span::default()))).map(Value::Number)
    }
}
