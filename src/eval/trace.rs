//! Traces (痕迹): for the subjects that are asked about, what every expression came to.
//!
//! The same kernels compute with and without a trace; a trace only remembers.

use super::column::{Cell, Value};
use super::exact;
use super::plan::{NodeId, Op, Plan};
use crate::model::{Aspect, ExprId, Level, Slot};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Whose results are traced.
#[derive(Clone, Debug, Default)]
pub enum Tracing {
    /// Nobody's.
    #[default]
    Off,
    /// Of the subjects with these keys.
    Keys(BTreeSet<String>),
    /// Everybody's.
    All,
}

impl Tracing {
    /// Only of one subject.
    pub fn of(key: &str) -> Tracing {
        Tracing::Keys(BTreeSet::from([key.to_owned()]))
    }

    /// Whether a subject is traced.
    pub fn wants(&self, key: &str) -> bool {
        match self {
            Tracing::Off => false,
            Tracing::Keys(keys) => keys.contains(key),
            Tracing::All => true,
        }
    }

    /// Whether anybody is.
    pub fn is_on(&self) -> bool {
        !matches!(self, Tracing::Off)
    }
}

/// What the expressions came to.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The node of each expression, and whether it has a value for each member.
    places: HashMap<ExprId, (NodeId, Level)>,
    subjects: BTreeMap<usize, Cells>,
    pairs: BTreeMap<usize, Cells>,
    /// By subject, place in `Rubric::beside` and row in its table.
    beside: BTreeMap<(usize, u16, usize), Cells>,
    taken: BTreeMap<(Branch, usize), usize>,
}

/// The cells of the nodes of a plan, for one row.
type Cells = Vec<Option<Cell<Value>>>;

/// Where one of several ways was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Branch {
    /// The band or level of an indicator, by the indicator's place.
    Band(usize),
    /// The case of the grade.
    Grade,
    /// The case of the conclusion.
    Conclusion,
    /// The veto that forced the verdict.
    Veto,
}

impl Trace {
    /// A trace of a plan, before any row.
    pub(super) fn of(plan: &Plan<'_>) -> Trace {
        let place = |(expr, node): (&ExprId, &NodeId)| Some((*expr, (*node, plan.node(*node)?.level)));
        Trace { places: plan.expressions.iter().filter_map(place).collect(), ..Trace::default() }
    }

    /// What an expression came to for a subject, or for a member pair of a rubric over a group.
    pub fn cell(&self, expr: ExprId, row: usize) -> Option<&Cell<Value>> {
        let (node, level) = self.places.get(&expr)?;
        let rows = if *level == Level::Member { &self.pairs } else { &self.subjects };
        rows.get(&row)?.get(node.at())?.as_ref()
    }

    /// The submissions beside the source that belong to a subject, by their places in their table.
    pub fn rows_beside(&self, beside: u16, subject: usize) -> impl Iterator<Item = usize> + '_ {
        let range = (subject, beside, 0)..=(subject, beside, usize::MAX);
        self.beside.range(range).map(|((.., row), _)| *row)
    }

    /// What an expression came to for a submission beside the source that belongs to a subject, or for the subject itself.
    pub fn cell_beside(&self, expr: ExprId, subject: usize, row: usize) -> Option<&Cell<Value>> {
        match self.places.get(&expr)? {
            (node, Level::Row(beside)) => self.beside.get(&(subject, *beside, row))?.get(node.at())?.as_ref(),
            _ => self.cell(expr, subject),
        }
    }

    /// Which way was taken.
    pub fn taken(&self, branch: Branch, row: usize) -> Option<usize> {
        self.taken.get(&(branch, row)).copied()
    }

    /// Whether nothing was traced.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// Keeps the cells of a subject, and which ways they took.
    pub(super) fn subject(&mut self, plan: &Plan<'_>, row: usize, cells: Cells) {
        self.taken.extend(ways(plan, &cells).into_iter().map(|(branch, which)| ((branch, row), which)));
        self.subjects.insert(row, cells);
    }

    /// Keeps the cells of a submission beside the source.
    pub(super) fn row_beside(&mut self, subject: usize, beside: u16, row: usize, cells: Cells) {
        self.beside.insert((subject, beside, row), cells);
    }

    /// Keeps the cells of a member.
    pub(super) fn pair(&mut self, row: usize, cells: Cells) {
        self.pairs.insert(row, cells);
    }
}

/// Which ways a row took, as far as that is known.
fn ways(plan: &Plan<'_>, cells: &[Option<Cell<Value>>]) -> Vec<(Branch, usize)> {
    let cells = exact::Cells(cells);
    let mut taken = Vec::new();
    for at in 0..plan.rubric.indicators.len() {
        let score = plan.aspect(at, Aspect::Score).and_then(|score| plan.node(score));
        let Some(Op::Score(score)) = score.map(|score| &score.op) else { continue };
        let which = match plan.node(score.raw).map(|raw| &raw.op) {
            Some(Op::Bands(of, bands)) => {
                cells.number(*of).ok().and_then(|value| bands.iter().position(|(of, _)| exact::takes(of, &value)))
            }
            Some(Op::Levels(of, levels)) => {
                cells.word(*of).ok().and_then(|word| exact::case_of(levels.iter().map(|(options, _)| &**options), &word))
            }
            _ => None,
        };
        taken.extend(which.map(|which| (Branch::Band(at), which)));
    }
    for (slot, branch) in [(Slot::Grade, Branch::Grade), (Slot::Conclusion, Branch::Conclusion)] {
        let node = plan.slots.get(&slot).and_then(|node| plan.node(*node));
        if let Some(Op::Verdict(verdict)) = node.map(|node| &node.op)
            && let Ok((_, led)) = exact::drawn(verdict, &cells)
        {
            taken.push(match led {
                exact::Taken::Case(which) => (branch, which),
                exact::Taken::Veto(which) => (Branch::Veto, which),
            });
        }
    }
    taken
}
