//! What one subject filled in for the period before (上期), as it stands beside a form that is handed out anew.
//!
//! Not here: the same for submissions that are taken in (`form::fill_previous`).

use super::column::Value;
use super::table::Table;
use crate::model::{FieldIx, Form, Lowered};
use crate::text::Name;

/// The answers of one subject for the period before.
#[derive(Clone, Debug, PartialEq)]
pub struct Previous {
    /// Whose they are.
    pub key: Name,
    /// The period that they are of, where the form says it.
    pub period: Option<Name>,
    cells: Vec<Option<Value>>,
}

impl Previous {
    /// Those of a subject; `None` if it is not among the submissions.
    pub fn of(form: &Form, earlier: &Table, key: &str) -> Option<Previous> {
        let row = earlier.find(key)?;
        let cells: Vec<Option<Value>> = (0..form.fields.len()).map(|at| earlier.cell(FieldIx(at), row)?.ok()).collect();
        let period = form.period.as_ref().and_then(|period| cells.get(period.key?.0)?.as_ref().map(Value::word));
        Some(Previous { key: Name::from(key), period, cells })
    }

    /// What was filled in for a field, or counted in its place; none where nothing was, or where it was not asked.
    pub fn answer(&self, field: FieldIx) -> Option<&Value> {
        self.cells.get(field.0)?.as_ref()
    }

    /// What is known of a field before anybody fills in anything: the key, and whatever is of the period before.
    pub fn known(&self, form: &Form, field: FieldIx) -> Option<&Value> {
        match form.fields.get(field.0)?.details.lowered {
            Some(Lowered::Previous(of)) => self.answer(of),
            None if field == form.key => self.answer(field),
            _ => None,
        }
    }
}
