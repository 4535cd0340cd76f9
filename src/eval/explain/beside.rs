//! What submissions beside the source had to do with it (另用的填报): fields of the one, statistics over many.

use super::formula::unit_shown;
use super::{Teller, slot_name};
use crate::eval::column::Value;
use crate::eval::derivation::{Derivation, Role};
use crate::eval::table::Table;
use crate::model::{Beside, Expr, FieldIx, Form, Slot, Source, Statistic};

impl<'a> Teller<'_, 'a> {
    fn beside(&self, at: u16) -> Option<(&'a Beside, &'a Form, Option<&'a Table>)> {
        let beside = self.it.rubric.beside.get(usize::from(at))?;
        let Source::Form(form) = beside.of else { return None };
        let form = self.it.rules.forms.get(form)?;
        Some((beside, form, self.it.table.beside(beside.of, beside.earlier)))
    }

    /// A field of the one submission that belongs to the subject.
    pub(super) fn beside_field(&self, at: u16, field: FieldIx, expr: &Expr, row: usize) -> Option<Derivation> {
        let (beside, form, table) = self.beside(at)?;
        let cell = self.it.results.trace.cell(expr.id, row);
        let name = form.fields.get(field.0).map(|field| field.name.it.as_str()).unwrap_or_default();
        let mut step = self.step(Role::Field, format!("{}.{name}", beside.alias.it), self.shown(cell, None));
        step.unit = unit_shown(expr, cell);
        let subject = self.it.results.subjects.get(row)?;
        let key = match self.it.results.below {
            Some(_) => subject.key.clone(),
            None => self.it.table.submitter(*subject.members.first()?),
        };
        step.cell = table.and_then(|table| origin(table, table.find(&key)?));
        Some(step)
    }

    /// A result of a rubric that is read beside.
    pub(super) fn beside_result(&self, at: u16, slot: Slot, expr: &Expr, row: usize) -> Option<Derivation> {
        let beside = self.it.rubric.beside.get(usize::from(at))?;
        let Source::Rubric(other) = beside.of else { return None };
        let other = self.it.rules.rubrics.get(other)?;
        let cell = self.it.results.trace.cell(expr.id, row);
        let result = slot_name(other, slot, self.it.lang);
        let mut step = self.step(Role::Result, format!("{}.{result}", beside.alias.it), self.shown(cell, None));
        step.unit = unit_shown(expr, cell);
        step.rule = self.rule(other.name.span);
        let (name, key) = (&other.name.it, &self.it.results.subjects.get(row)?.key);
        step.notes.push(
            self.say(format!("怎样得来: heng why {name} --subject {key}"), format!("how it came about: heng why {name} --subject {key}")),
        );
        Some(step)
    }

    /// A statistic over all that belong to the subject: what each came to, and which were left out.
    pub(super) fn over_rows(&self, mut step: Derivation, at: u16, statistic: &Statistic, of: &Expr, row: usize) -> Derivation {
        let trace = &self.it.results.trace;
        let Some((.., Some(table))) = self.beside(at) else { return step };
        let (mut counted, mut out) = (0_usize, 0_usize);
        for other in trace.rows_beside(at, row) {
            let refused = |filter: &Expr| matches!(trace.cell_beside(filter.id, row, other), Some(Ok(Value::Flag(false))));
            if statistic.filter.as_ref().is_some_and(refused) {
                continue;
            }
            let cell = trace.cell_beside(of.id, row, other);
            let mut part = self.step(Role::Member, table.key(other), self.shown(cell, None));
            part.cell = origin(table, other);
            if let Some(weight) = &statistic.weight {
                let weight = self.shown(trace.cell_beside(weight.id, row, other), None);
                part.notes.push(self.say(format!("权重 {weight}"), format!("weight {weight}")));
            }
            if matches!(cell, Some(Ok(_))) {
                counted += 1;
            } else {
                out += 1;
                part.notes.push(self.say("未计入", "left out"));
            }
            step.parts.push(part);
        }
        step.notes.push(self.say(format!("计入 {counted} 份，未计入 {out} 份"), format!("{counted} counted, {out} left out")));
        step
    }
}

/// File and line of a submission.
fn origin(table: &Table, row: usize) -> Option<String> {
    let origin = table.origin(row)?;
    Some(format!("{}:{}", table.files.get(origin.file as usize)?, origin.line))
}
