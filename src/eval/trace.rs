//! Traces (痕迹): for the subjects that are asked about, what every expression came to.
//!
//! The same kernels compute with and without a trace; a trace only remembers.

use super::column::{Cell, Value};
use crate::model::ExprId;
use std::collections::{BTreeMap, BTreeSet};

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
    cells: BTreeMap<(ExprId, usize), Cell<Value>>,
    taken: BTreeMap<(Branch, usize), usize>,
}

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
    /// What an expression came to for a subject, or for a member pair of a rubric over a group.
    pub fn cell(&self, expr: ExprId, row: usize) -> Option<&Cell<Value>> {
        self.cells.get(&(expr, row))
    }

    /// Which way was taken.
    pub fn taken(&self, branch: Branch, row: usize) -> Option<usize> {
        self.taken.get(&(branch, row)).copied()
    }

    /// Whether nothing was traced.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub(super) fn remember(&mut self, expr: ExprId, row: usize, cell: Cell<Value>) {
        self.cells.insert((expr, row), cell);
    }

    pub(super) fn take(&mut self, branch: Branch, row: usize, which: usize) {
        self.taken.insert((branch, row), which);
    }
}
