//! What a form asks and checks (填报表的求值): conditions of fields, checks over one submission.

use super::column::{Cell, Value};
use super::exact::{Subjects, Tier};
use super::fast::flags;
use super::plan::{Lowering, NodeId, Plan};
use super::script::Scripts;
use super::table::Table;
use crate::model::{Expr, FieldIx, Form, Level, Rubric, Rules, Source};
use crate::text::{At, Name, Span, Texts};
use chrono::NaiveDate;

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
    Some(conditions(form, table, &[when]).into_iter().next().unwrap_or_default())
}

/// The checks that fail, row by row. One whose answer is not known, because something is missing, does not fail.
pub fn failed(form: &Form, table: &Table) -> Vec<FailedCheck> {
    let written: Vec<&Expr> = form.checks.iter().map(|check| &check.condition).collect();
    let answers = conditions(form, table, &written);
    let mut failed = Vec::new();
    for row in 0..table.len() {
        let no = |cells: &Vec<Cell<bool>>| matches!(cells.get(row), Some(Ok(false)));
        failed.extend(answers.iter().enumerate().filter(|(_, cells)| no(cells)).map(|(check, _)| FailedCheck { check, row }));
    }
    failed
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
    let (rules, texts, rubric) = (Rules::default(), Texts::new(), bare(form));
    let mut lowering = Lowering::new(&rules, &texts, &rubric, NaiveDate::default());
    let nodes: Vec<_> = written.iter().map(|expr| lowering.expr(expr, Level::Subject)).collect();
    something(&lowering.plan, &nodes)
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
        beside: Vec::new(),
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
