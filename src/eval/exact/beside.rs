//! Submissions beside the source (另用的填报), found by those to whom they belong.

use crate::eval::column::{Cell, Value};
use crate::eval::gap::Gap;
use crate::eval::level::group_name;
use crate::eval::table::Table;
use crate::model::{Beside, FieldIx, Form};
use crate::text::Name;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The submissions to one form beside the source.
pub(super) struct BesideRows<'a> {
    beside: &'a Beside,
    form: &'a Form,
    pub table: Option<&'a Table>,
    /// The rows of each group, of the kinds that were asked for.
    groups: OnceLock<HashMap<(Name, Name), Vec<usize>>>,
}

impl<'a> BesideRows<'a> {
    /// Those of a rubric, among what lies beside the submissions that it judges.
    pub fn new(beside: &'a Beside, form: &'a Form, table: &'a Table) -> BesideRows<'a> {
        BesideRows { beside, form, table: table.beside(beside.form, beside.earlier), groups: OnceLock::new() }
    }

    /// A field of a submission.
    pub fn cell(&self, field: FieldIx, row: Option<usize>) -> Cell<Value> {
        let cell = row.and_then(|row| self.table?.cell(field, row));
        cell.unwrap_or_else(|| {
            let name = self.form.fields.get(field.0).map_or("", |field| field.name.it.as_str());
            Err(Gap::missing(&Name::from(format!("{}.{name}", self.beside.alias.it))))
        })
    }

    /// The one submission of a subject itself.
    pub fn own(&self, kind: &Name, key: &str) -> Option<usize> {
        self.table.filter(|_| self.form.subject == *kind)?.find(key)
    }

    /// All submissions that belong to a subject, in the order of their keys.
    pub fn all(&self, kind: &Name, key: &Name) -> &[usize] {
        let groups = self.groups.get_or_init(|| {
            let mut groups: HashMap<(Name, Name), Vec<usize>> = HashMap::new();
            let Some(table) = self.table else { return groups };
            for row in table.by_key().iter().map(|row| *row as usize) {
                for group in &self.form.groups {
                    if let Some(name) = group_name(self.form, table, &group.kind, row) {
                        groups.entry((group.kind.clone(), name)).or_default().push(row);
                    }
                }
            }
            groups
        });
        groups.get(&(kind.clone(), key.clone())).map(Vec::as_slice).unwrap_or_default()
    }
}
