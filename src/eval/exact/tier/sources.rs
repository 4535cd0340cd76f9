//! Where the nodes of a tier take their figures from (取数): the submission of a row, its members, what lies beside, what is below.
//!
//! What a row cannot have, by the rules that were checked, is answered as a defect and never made up.
//! Not here: which rows there are and what is computed for them (`tier`).

use super::{Pair, Tier};
use crate::eval::column::{Cell, Value};
use crate::eval::exact::{Source, wrong};
use crate::eval::plan::NodeId;
use crate::model::{FieldIx, Level, Slot};
use crate::number::Real;
use crate::text::Span;

/// One row of a tier.
pub(super) struct Row<'t, 'a> {
    pub tier: &'t Tier<'a>,
    pub level: Level,
    /// Its place among those of its level; of a submission beside the source its place in its table.
    pub row: usize,
    /// The subject that it speaks of, or belongs to.
    pub owner: usize,
}

impl Row<'_, '_> {
    fn pair(&self) -> Option<Pair> {
        self.tier.subjects().pairs.get(self.row).copied()
    }
}

impl Source for Row<'_, '_> {
    fn field(&self, field: FieldIx) -> Cell<Value> {
        let row = match self.level {
            Level::Member => self.pair().and_then(|pair| self.tier.below?.row(pair.member)),
            _ => match &self.tier.subjects().rows {
                Some(rows) => rows.get(self.row).copied(),
                None => Some(self.row),
            },
        };
        let cell = row.and_then(|row| self.tier.table.cell(field, row));
        cell.unwrap_or_else(|| Err(wrong(Span::default())))
    }

    fn beside(&self, beside: u16, field: FieldIx) -> Cell<Value> {
        let Some(rows) = self.tier.beside.get(usize::from(beside)) else { return Err(wrong(Span::default())) };
        let row = match self.level {
            Level::Row(_) => Some(self.row),
            _ => {
                let (kind, key) = self.tier.identity(self.owner);
                rows.own(&kind, &key)
            }
        };
        rows.cell(field, row)
    }

    fn beside_result(&self, beside: u16, slot: Slot) -> Cell<Value> {
        match self.tier.beside.get(usize::from(beside)) {
            Some(rows) => rows.result(slot, self.tier.named(self.owner)),
            None => Err(wrong(Span::default())),
        }
    }

    fn of_rows(&self, statistic: usize) -> Cell<Value> {
        self.tier.of_rows(statistic, self.owner)
    }

    fn below(&self, slot: Slot) -> Cell<Value> {
        let cell = self.pair().and_then(|pair| self.tier.below?.result(slot, pair.member));
        cell.unwrap_or_else(|| Err(wrong(Span::default())))
    }

    fn of_subject(&self, node: NodeId) -> Cell<Value> {
        self.tier.cell(node, self.owner)
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

/// One member of a tier, of no subject.
pub(super) struct Alone<'t, 'a> {
    pub tier: &'t Tier<'a>,
    pub member: usize,
}

impl Source for Alone<'_, '_> {
    fn field(&self, field: FieldIx) -> Cell<Value> {
        let row = self.tier.below.and_then(|below| below.row(self.member));
        row.and_then(|row| self.tier.table.cell(field, row)).unwrap_or_else(|| Err(wrong(Span::default())))
    }

    fn beside(&self, _: u16, _: FieldIx) -> Cell<Value> {
        Err(wrong(Span::default()))
    }

    fn beside_result(&self, _: u16, _: Slot) -> Cell<Value> {
        Err(wrong(Span::default()))
    }

    fn of_rows(&self, _: usize) -> Cell<Value> {
        Err(wrong(Span::default()))
    }

    fn below(&self, slot: Slot) -> Cell<Value> {
        self.tier.below.and_then(|below| below.result(slot, self.member)).unwrap_or_else(|| Err(wrong(Span::default())))
    }

    fn of_subject(&self, _: NodeId) -> Cell<Value> {
        Err(wrong(Span::default()))
    }

    fn statistic(&self, _: usize) -> Cell<Value> {
        Err(wrong(Span::default()))
    }

    fn script(&self, _: usize, _: &[&Cell<Value>]) -> Cell<Real> {
        Err(wrong(Span::default()))
    }
}
