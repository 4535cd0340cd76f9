//! What the formulas come to in an empty form (空表的初值), by the engine: some programs show what is stored until a cell changes.

use crate::eval::form::{self, fill_options, values};
use crate::eval::{Cell, Gap, Previous, RowOrigin, Table, Value};
use crate::model::{Expr, Field, FieldIx, Form, Source};

/// The values of an empty form.
pub(super) struct Blank {
    /// The condition of each field that has one, 1 to 4 as in `formula`.
    pub asked: Vec<Option<u8>>,
    /// Each check.
    pub checks: Vec<u8>,
    /// Each computed value.
    pub computed: Vec<Option<Value>>,
}

impl Blank {
    /// * `offered`: whether what the form offers stands in its cells.
    /// * `previous`: what is known of the period before.
    pub(super) fn of(form: &Form, offered: bool, previous: Option<&Previous>) -> Blank {
        let mut table = Table::new(form, None);
        let offer = |field: &Field| {
            let default = field.details.default.as_ref().filter(|_| offered && field.is_asked());
            default.map(Value::from).ok_or_else(|| Gap::missing(&field.name.it))
        };
        let value = |(at, field)| match previous.and_then(|previous| previous.known(form, FieldIx(at))) {
            Some(known) => Ok(known.clone()),
            None => offer(field),
        };
        table.push_row("", RowOrigin::default(), form.fields.iter().enumerate().map(value));
        fill_options(form, &mut table);
        for rows in &form.tables {
            table.lay_beside(Source::Form(rows.form), 0, Table::new(&rows.rows, None));
        }
        let mut asked = vec![None; form.fields.len()];
        for at in form.conditional() {
            let Some(answers) = form::asked(form, &table, at) else { continue };
            form::leave_out(form, &mut table, at, &answers, &"".into());
            let known = answers.into_iter().next().map(|answer| code(&answer.map(Value::Flag)));
            asked.get_mut(at.0).into_iter().for_each(|asked| *asked = known);
        }
        let checks = form.checks.iter().map(|check| code(&first(form, &table, &check.condition))).collect();
        let computed = form.computed.iter().map(|computed| first(form, &table, &computed.value).ok()).collect();
        Blank { asked, checks, computed }
    }

    /// Whether a field is asked in an empty form, 4 where it always is.
    pub(super) fn asked(&self, field: usize) -> u8 {
        self.asked.get(field).copied().flatten().unwrap_or(4)
    }
}

fn first(form: &Form, table: &Table, expr: &Expr) -> Cell<Value> {
    let missing = Err(Gap::missing(&form.name.it));
    values(form, table, &[expr]).into_iter().flatten().next().unwrap_or(missing)
}

fn code(cell: &Cell<Value>) -> u8 {
    match cell {
        Ok(Value::Flag(true)) => 4,
        Ok(_) => 1,
        Err(Gap::NotApplicable(_)) => 3,
        Err(_) => 2,
    }
}
