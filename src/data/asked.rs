//! What depends on the whole row (填报条件与校验): fields that are asked only under a condition, and the form's checks.
//!
//! Not here: what a condition comes to (`eval::form`).

use super::findings::{Finding, What, short};
use super::intake::Intake;
use super::wrong::with_unit;
use crate::eval::form::{asked, failed, fill_options, fill_previous, is_left_out, leave_out, not_asked};
use crate::eval::{Cell, Gap, Table, Value};
use crate::model::{Expr, Field, FieldIx, Form, Node};
use crate::text::Texts;
use std::sync::Arc;

/// The fields that conditions and checks read, and those that depend on conditions.
pub(super) fn reads(form: &Form) -> Vec<FieldIx> {
    fn fields(expr: &Expr, read: &mut Vec<FieldIx>) {
        if let Node::Field(field) = expr.node {
            read.push(field);
        }
        expr.children().into_iter().for_each(|inner| fields(inner, read));
    }
    let mut read = Vec::new();
    for (at, field) in form.fields.iter().enumerate() {
        if let Some(when) = &field.when {
            read.push(FieldIx(at));
            fields(when, &mut read);
        }
    }
    for check in &form.checks {
        read.extend(&check.fields);
        fields(&check.condition, &mut read);
    }
    read
}

/// Goes through conditions, each behind those of the fields that it reads, then through the checks; rows that a check refuses are left out.
///
/// * `earlier`: the submissions of the period before.
pub(super) fn apply(intake: &mut Intake<'_>, texts: Option<&Texts>, earlier: Option<&Table>) {
    let form = intake.plan.form;
    fill_options(form, &mut intake.table);
    if let Some(earlier) = earlier {
        fill_previous(form, &mut intake.table, earlier);
    }
    for at in form.conditional() {
        let Some(when) = form.fields.get(at.0).and_then(|field| field.when.as_ref()) else { continue };
        let Some(answers) = asked(form, &intake.table, at) else { continue };
        let condition: Arc<str> = texts.map_or_else(String::new, |texts| words(when, texts)).into();
        // What is told beyond the limits depends on the order, which is that of keys.
        for row in intake.table.by_key().to_vec().into_iter().map(|row| row as usize) {
            if let Some(answer) = answers.get(row) {
                condition_of(intake, at, row, answer, &condition);
            }
        }
        leave_out(form, &mut intake.table, at, &answers, &condition);
    }
    if form.checks.is_empty() {
        return;
    }
    let mut keep = vec![true; intake.table.len()];
    let mut places = vec![0; intake.table.len()];
    for (place, row) in intake.table.by_key().iter().enumerate() {
        places.get_mut(*row as usize).into_iter().for_each(|it| *it = place);
    }
    let mut failures = failed(form, &intake.table);
    failures.sort_by_key(|failure| places.get(failure.row).copied());
    for failure in failures {
        let Some(check) = form.checks.get(failure.check) else { continue };
        let value = |field: &FieldIx| Some((form.fields.get(field.0)?.name.it.clone(), shown_cell(intake, *field, failure.row)?));
        let values = check.fields.iter().filter_map(value).collect();
        let unless = check.unless.and_then(|reason| form.fields.get(reason.0)).map(|reason| reason.name.it.clone());
        tell_of(
            intake,
            failure.row,
            None,
            check.fields.first().copied(),
            What::Check { refuses: check.refuses, message: check.message.as_str().into(), values, unless },
        );
        if let Some(kept) = keep.get_mut(failure.row).filter(|_| check.refuses) {
            *kept = false;
        }
    }
    let refused = keep.iter().filter(|kept| !**kept).count();
    if refused > 0 {
        intake.counts.refused += refused;
        intake.table.retain(&keep);
    }
}

/// A condition as it is written; of a field in a part with a condition, both.
pub(super) fn words(when: &Expr, texts: &Texts) -> String {
    if let Node::All(both) = &when.node
        && let [part, own] = both.as_slice()
        && part.span == when.span
    {
        return format!("{}, {}", words(part, texts), words(own, texts));
    }
    texts.slice(when.span).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells of a cell that is empty though it is asked, or filled in though it is not.
fn condition_of(intake: &mut Intake<'_>, at: FieldIx, row: usize, answer: &Cell<bool>, condition: &Arc<str>) {
    let Some(field) = intake.plan.form.fields.get(at.0) else { return };
    if matches!(answer, Ok(true)) && !field.required {
        return;
    }
    let cell = intake.table.cell(at, row);
    let file = intake.table.origin(row).map_or(0, |origin| origin.file);
    match (answer, cell) {
        (Ok(true), Some(Err(Gap::Missing(_)))) if field.required && !intake.lacking.contains(&(file, at.0)) => {
            tell(intake, row, Some(at), What::Empty { field: field.name.it.clone(), identifies: false });
        }
        (answer, Some(cell @ Ok(_))) if is_left_out(answer) && field.is_asked() && cell != not_asked(field, condition) => {
            tell(intake, row, Some(at), What::NotAsked { field: field.name.it.clone(), condition: condition.clone() });
        }
        _ => {}
    }
}

/// A cell as it is shown beside a message, as it is filled in.
fn shown_cell(intake: &Intake<'_>, field: FieldIx, row: usize) -> Option<String> {
    let value = intake.table.cell(field, row)?.ok()?;
    let asked = intake.plan.form.fields.get(field.0)?;
    Some(match &value {
        Value::Number(number) => with_unit(asked, number.as_exact()?),
        _ => value.word().to_string(),
    })
}

fn tell(intake: &mut Intake<'_>, row: usize, field: Option<FieldIx>, what: What) {
    tell_of(intake, row, field, None, what);
}

/// * `field`: the one it is about; `cell`: of what is about the whole row the one to look at, where cells have places.
fn tell_of(intake: &mut Intake<'_>, row: usize, field: Option<FieldIx>, cell: Option<FieldIx>, what: What) {
    let Some(origin) = intake.table.origin(row) else { return };
    let mut at = intake.origin_of(origin.file, origin.line as usize, field.or(cell));
    if let Some(field) = field {
        at.field = intake.plan.form.fields.get(field.0).map(|field: &Field| field.name.it.as_str().into());
        at.text = shown_cell(intake, field, row).map_or_else(|| "".into(), |text| short(&text));
    } else {
        at.text = short(intake.table.key(row));
    }
    intake.found.push(origin.file, Finding { at, what });
}
