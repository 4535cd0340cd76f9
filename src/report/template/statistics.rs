//! What the form takes of the rows of its tables (表格的统计): a hidden column of the table for each statistic, so that each row says
//! itself what it gives.

use super::Book;
use super::formula::Printer;
use crate::model::{Expr, ExprId, Form, Node, Over, Statistic};

/// A statistic over the rows of a table.
pub(super) struct Helper<'b> {
    /// Where it stands in the form; what is written twice is taken once.
    pub of: Vec<ExprId>,
    /// It.
    pub statistic: &'b Statistic,
}

/// The statistics of a form over the rows of a table.
fn statistics<'b>(expr: &'b Expr, table: u16, found: &mut Vec<(ExprId, &'b Statistic)>) {
    if let Node::Statistic(statistic) = &expr.node
        && matches!(statistic.of, Over::Rows(of, _) if of == table)
    {
        found.push((expr.id, statistic));
    }
    expr.children().into_iter().for_each(|inner| statistics(inner, table, found));
}

fn written(form: &Form) -> impl Iterator<Item = &Expr> {
    let checks = form.checks.iter().map(|check| &check.condition);
    let computed = form.computed.iter().map(|computed| &computed.value);
    checks.chain(computed).chain(form.fields.iter().filter_map(|field| field.when.as_ref()))
}

/// Finds those that formulas say for sure.
///
/// * `fields`: also those that read fields of the submission.
pub(super) fn find(book: &mut Book<'_>, fields: bool) {
    let form = book.form;
    let mut helpers: Vec<Vec<Helper<'_>>> = Vec::new();
    for (place, table) in (0_u16..).zip(&book.tables) {
        let mut found = Vec::new();
        written(form).for_each(|expr| statistics(expr, place, &mut found));
        let mut of_table: Vec<(String, Helper<'_>)> = Vec::new();
        let (whole, row) = (book.cells(0), table.cells(0));
        // What rows are taken in is known only where it is known which of them are refused.
        if !is_sure(table) {
            found.clear();
        }
        for (id, statistic) in found {
            let Over::Rows(_, of) = &statistic.of else { continue };
            let read: usize = [Some(of), statistic.filter.as_ref()].into_iter().flatten().map(reads).sum();
            let printer = Printer::new(form, &whole).of_row(place, table.form, &row);
            let Some(said) = printer.taken_of_row(statistic).ok().filter(|_| fields || read == 0) else { continue };
            match of_table.iter_mut().find(|(known, _)| *known == said) {
                Some((_, helper)) => helper.of.push(id),
                None => of_table.push((said, Helper { of: vec![id], statistic })),
            }
        }
        helpers.push(of_table.into_iter().map(|(_, helper)| helper).collect());
    }
    for (table, helpers) in book.tables.iter_mut().zip(helpers) {
        table.helpers = helpers;
    }
}

/// How many fields of the submission an expression reads.
fn reads(expr: &Expr) -> usize {
    usize::from(matches!(expr.node, Node::Field(_))) + expr.children().into_iter().map(reads).sum::<usize>()
}

/// Whether formulas say of each row whether a check refuses it.
fn is_sure(table: &Book<'_>) -> bool {
    let cells = table.cells(0);
    table.form.checks.iter().filter(|check| check.refuses).all(|check| {
        let printer = Printer::new(table.form, &cells);
        printer.condition(&check.condition).is_ok() && !printer.is_rough()
    })
}
