//! What is read beside the source (另用的填报与结果), found by those to whom it belongs.

use crate::eval::column::{Cell, Value};
use crate::eval::gap::Gap;
use crate::eval::level::group_name;
use crate::eval::plan::{BesidePlan, Judge};
use crate::eval::results::Results;
use crate::eval::run::{Request, evaluate};
use crate::eval::table::Table;
use crate::eval::trace::Tracing;
use crate::model::{FieldIx, Slot};
use crate::text::Name;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The place of each subject in results, by kind and key.
type Places = HashMap<(Name, Name), usize>;

/// What is read of one thing beside the source.
pub(super) struct BesideRows<'a> {
    plan: &'a BesidePlan<'a>,
    table: Option<&'a Table>,
    /// Of a rubric, its results with the place of each subject.
    results: Option<(Results, Places)>,
    /// The rows of each group, of the kinds that were asked for.
    groups: OnceLock<HashMap<(Name, Name), Vec<usize>>>,
}

impl<'a> BesideRows<'a> {
    /// What lies beside the submissions that are judged. Another rubric judges now: its results are needed whole, and rows that are
    /// computed side by side must not wait for each other.
    pub fn new(plan: &'a BesidePlan<'a>, table: &'a Table) -> BesideRows<'a> {
        let other = table.beside(plan.beside.of, plan.beside.earlier);
        let results = plan.judge.as_ref().zip(other).and_then(|(judge, table)| {
            let Judge { rules, ref texts, rubric, on } = *judge;
            evaluate(&Request { rules, texts, rubric, table, on, tracing: Tracing::Off })
        });
        let results = results.map(|results| {
            let places = results.subjects.iter().enumerate().map(|(at, subject)| ((subject.kind.clone(), subject.key.clone()), at));
            let places = places.collect();
            (results, places)
        });
        BesideRows { plan, table: other, results, groups: OnceLock::new() }
    }

    /// A result of a subject.
    pub fn result(&self, slot: Slot, subject: (Name, Name)) -> Cell<Value> {
        let found = self.results.as_ref().and_then(|(results, places)| results.cell(slot, *places.get(&subject)?));
        found.unwrap_or_else(|| Err(Gap::missing(&self.plan.beside.alias.it)))
    }

    /// A field of a submission.
    pub fn cell(&self, field: FieldIx, row: Option<usize>) -> Cell<Value> {
        let cell = row.and_then(|row| self.table?.cell(field, row));
        cell.unwrap_or_else(|| {
            let field = self.plan.form.and_then(|form| form.fields.get(field.0));
            let name = field.map_or("", |field| field.name.it.as_str());
            Err(Gap::missing(&Name::from(format!("{}.{name}", self.plan.beside.alias.it))))
        })
    }

    /// The one submission of a subject itself.
    pub fn own(&self, kind: &Name, key: &str) -> Option<usize> {
        self.table.filter(|_| self.plan.form.is_some_and(|form| form.subject == *kind))?.find(key)
    }

    /// All submissions that belong to a subject, in the order of their keys.
    pub fn all(&self, kind: &Name, key: &Name) -> &[usize] {
        let groups = self.groups.get_or_init(|| {
            let mut groups: HashMap<(Name, Name), Vec<usize>> = HashMap::new();
            let (Some(form), Some(table)) = (self.plan.form, self.table) else { return groups };
            for row in table.by_key().iter().map(|row| *row as usize) {
                for group in &form.groups {
                    if let Some(name) = group_name(form, table, &group.kind, row) {
                        groups.entry((group.kind.clone(), name)).or_default().push(row);
                    }
                }
            }
            groups
        });
        groups.get(&(kind.clone(), key.clone())).map(Vec::as_slice).unwrap_or_default()
    }
}
