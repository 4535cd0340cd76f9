//! What a form asks and checks (填报表的求值): conditions of fields, checks over one submission.

use super::column::{Cell, Value};
use super::exact::{Subjects, Tier};
use super::fast::flags;
use super::gap::{Gap, Unless};
use super::plan::{Lowering, NodeId, Plan};
use super::script::Scripts;
use super::table::Table;
use crate::model::{Beside, Expr, Field, FieldIx, Form, Level, Lowered, Many, Rubric, Rules, Source};
use crate::text::{At, Name, Span, Texts};
use chrono::NaiveDate;
use std::sync::Arc;

/// A check that a submission fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedCheck {
    /// The check, by its place in the form.
    pub check: usize,
    /// The row of the table.
    pub row: usize,
}

/// For each row, whether a field is asked (是否需要填报); `None` for a field without a condition.
pub fn asked(form: &Form, table: &Table, field: FieldIx) -> Option<Vec<Cell<bool>>> {
    let when = form.fields.get(field.0)?.when.as_ref()?;
    if let Some(lacking) = lacking(form, table, when) {
        return Some(vec![Err(Gap::missing(lacking)); table.len()]);
    }
    Some(conditions(form, table, &[when]).into_iter().next().unwrap_or_default())
}

/// The checks that fail, row by row. One whose answer is not known, because something is missing, does not fail.
pub fn failed(form: &Form, table: &Table) -> Vec<FailedCheck> {
    let written: Vec<&Expr> = form.checks.iter().map(|check| &check.condition).collect();
    let answers: Vec<Vec<Cell<bool>>> = conditions(form, table, &written);
    let answers: Vec<_> = answers
        .into_iter()
        .zip(&written)
        .map(|(cells, check)| if lacking(form, table, check).is_none() { cells } else { Vec::new() })
        .collect();
    let mut failed = Vec::new();
    for row in 0..table.len() {
        let no = |cells: &Vec<Cell<bool>>| matches!(cells.get(row), Some(Ok(false)));
        failed.extend(answers.iter().enumerate().filter(|(_, cells)| no(cells)).map(|(check, _)| FailedCheck { check, row }));
    }
    failed
}

/// The table whose rows an expression takes together and that was not handed in at all: it is not empty, but not there.
fn lacking<'f>(form: &'f Form, table: &Table, expr: &Expr) -> Option<&'f Name> {
    let not_there = |at: u16| {
        let rows = form.tables.get(usize::from(at))?;
        table.beside(Source::Form(rows.form), 0).is_none().then_some(&rows.name.it)
    };
    expr.tables().into_iter().find_map(not_there)
}

/// Whether a field is not asked, by what its condition came to: what depends on something that is not asked is not asked either.
pub fn is_left_out(answer: &Cell<bool>) -> bool {
    matches!(answer, Ok(false) | Err(Gap::NotApplicable(_)))
}

/// Puts into the cells of a field that is not asked what stands in their place. Fields come in the order of [`Form::conditional`], so
/// that what the condition of one reads is what is left of the others.
///
/// * `answers`: what [`asked`] says of the field.
/// * `condition`: the condition in words.
pub fn leave_out(form: &Form, table: &mut Table, field: FieldIx, answers: &[Cell<bool>], condition: &Arc<str>) {
    let Some(instead) = form.fields.get(field.0).map(|field| not_asked(field, condition)) else { return };
    for (row, _) in answers.iter().enumerate().filter(|(_, answer)| is_left_out(answer)) {
        table.put(field, row, instead.clone());
    }
}

/// What stands in the place of an answer that is not asked: what the form says that it counts as, or that it does not apply.
pub fn not_asked(field: &Field, condition: &Arc<str>) -> Cell<Value> {
    let otherwise = field.details.otherwise.as_ref().map(Value::from);
    otherwise.ok_or_else(|| Gap::NotApplicable(Unless::Holds(condition.clone())))
}

/// Says of each option of several choices (多选) whether it is chosen.
pub fn fill_options(form: &Form, table: &mut Table) {
    for (at, field) in form.fields.iter().enumerate() {
        let Some(Lowered::Option(of, place)) = field.details.lowered else { continue };
        let options = form.fields.get(of.0).and_then(|of| of.details.several.as_deref()).unwrap_or_default();
        let Some(option) = options.get(place) else { continue };
        for row in 0..table.len() {
            let cell = match table.cell(of, row) {
                Some(Ok(Value::Word(chosen))) => Ok(Value::Flag(chosen.split('、').any(|chosen| *chosen == **option))),
                Some(Err(gap)) => Err(gap),
                _ => continue,
            };
            table.put(FieldIx(at), row, cell);
        }
    }
}

/// Lays the answers of the period before (上期) beside those of this one, for fields that the form asks it of.
pub fn fill_previous(form: &Form, table: &mut Table, earlier: &Table) {
    for (at, field) in form.fields.iter().enumerate() {
        let Some(Lowered::Previous(of)) = field.details.lowered else { continue };
        for row in 0..table.len() {
            let before = earlier.find(table.key(row));
            if let Some(Ok(value)) = before.and_then(|before| earlier.cell(of, before)) {
                table.put(FieldIx(at), row, Ok(value));
            }
        }
    }
}

/// Conditions over the fields of a form, as those of rubrics.
pub(super) fn conditions(form: &Form, table: &Table, written: &[&Expr]) -> Vec<Vec<Cell<bool>>> {
    lowered(form, written, |plan, nodes| flags(plan, form, table, nodes))
}

/// Expressions over the fields of a form (表内算式): the values of each, row by row.
pub fn values(form: &Form, table: &Table, written: &[&Expr]) -> Vec<Vec<Cell<Value>>> {
    lowered(form, written, |plan, nodes| {
        let (subjects, scripts) = (Subjects::default(), Scripts::default());
        let tier = Tier::new(plan, table, &subjects, None, &scripts);
        nodes.iter().map(|node| (0..table.len()).map(|row| tier.cell(*node, row)).collect()).collect()
    })
}

/// Something with expressions over the fields of a form, as a plan has them.
fn lowered<T>(form: &Form, written: &[&Expr], something: impl FnOnce(&Plan<'_>, &[NodeId]) -> T) -> T {
    let (rules, texts, rubric) = (forms_of_rows(form), Texts::new(), bare(form));
    let mut lowering = Lowering::new(&rules, &texts, &rubric, NaiveDate::default());
    let nodes: Vec<_> = written.iter().map(|expr| lowering.expr(expr, Level::Subject)).collect();
    something(&lowering.plan, &nodes)
}

/// Rules that have only the forms of the tables of a form, in their places.
fn forms_of_rows(form: &Form) -> Rules {
    let mut rules = Rules::default();
    let last = form.tables.iter().map(|table| table.form).max();
    let nothing = Form::new(At::new(Name::from(""), Span::default()), Name::from(""), FieldIx(0), Vec::new());
    rules.forms.resize(last.map_or(0, |last| last + 1), nothing);
    for table in &form.tables {
        rules.forms.get_mut(table.form).into_iter().for_each(|form| *form = (*table.rows).clone());
    }
    rules
}

/// A rubric without indicators, for which only the fields of the form matter.
fn bare(form: &Form) -> Rubric {
    Rubric {
        name: At::new(Name::from(""), Span::default()),
        title: None,
        version: None,
        authority: None,
        in_force: (None, None),
        source: Source::Form(0),
        alias: Name::from(""),
        beside: form
            .tables
            .iter()
            .map(|table| Beside { alias: table.name.clone(), of: Source::Form(table.form), earlier: 0, many: Many::All })
            .collect(),
        subjects: vec![form.subject.clone()],
        when: None,
        total: None,
        round_total: None,
        compare_rounded: None,
        sections: Vec::new(),
        layers: Vec::new(),
        indicators: Vec::new(),
        lets: Vec::new(),
        bonus_cap: None,
        vetoes: Vec::new(),
        grade: None,
        conclusion: None,
        steps: Vec::new(),
        expressions: 0,
    }
}
