//! What a form asks and checks (填报表的求值): conditions of fields, checks over one submission.

use super::column::Cell;
use super::fast::flags;
use super::plan::Lowering;
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
    let (rules, texts, rubric) = (Rules::default(), Texts::new(), bare(form));
    let mut lowering = Lowering::new(&rules, &texts, &rubric, NaiveDate::default());
    let nodes: Vec<_> = written.iter().map(|condition| lowering.expr(condition, Level::Subject)).collect();
    flags(&lowering.plan, form, table, &nodes)
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
