//! Tables of a form (表格) in a workbook: a sheet each, whose rows belong to the one submission of the workbook, or say in their
//! first column whose they are.
//!
//! Not here: what a row comes to (`batch`), which rows are laid beside which submissions (`submissions`).

use super::layout::{Headed, TableColumn, Template};
use super::read::{Sheet, SheetRow, Shown, Workbook};
use super::take::{BookRow, batch};
use crate::data::cells::{clean, loose};
use crate::data::heading::Known;
use crate::data::intake::{Intake, NestedSheet, Seats, Spot};
use crate::model::{FieldIx, Form, RowTable};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Whose rows they are, in a workbook with one submission.
pub(super) struct Whose<'c> {
    /// The file and the line of its row.
    pub at: (u32, u32),
    /// Its cells by field.
    pub cells: &'c [Option<Shown<'c>>],
}

/// Keeps the rows of tables of a template.
///
/// * `whose`: the one submission of the workbook; otherwise the rows say it.
pub(super) fn of_template(intake: &mut Intake<'_>, book: &Workbook, template: &Template, whose: Option<Whose<'_>>) {
    let form = intake.plan.form;
    for (at, table) in form.tables.iter().enumerate() {
        let columns: Vec<&TableColumn> = template.columns.iter().filter(|column| loose(&column.table) == loose(&table.name.it)).collect();
        let Some(first) = columns.first() else { continue };
        let Some(sheet) = book.sheet(&first.cell.sheet) else { continue };
        let columns = columns.iter().filter(|column| column.cell.sheet == first.cell.sheet);
        let columns: Vec<(String, u32)> = columns.map(|column| (column.cell.field.clone(), column.cell.column)).collect();
        keep(intake, at, table, (book, sheet), first.cell.row.saturating_sub(1), &columns, whose.as_ref());
    }
}

/// Keeps the rows of sheets that are called as tables are, and gives back their names.
pub(super) fn by_name(intake: &mut Intake<'_>, book: &Workbook) -> HashSet<Arc<str>> {
    let (form, mut names) = (intake.plan.form, HashSet::new());
    for (at, table) in form.tables.iter().enumerate() {
        let called = |sheet: &&Sheet| !sheet.hidden && loose(&sheet.name) == loose(&table.name.it);
        let Some(sheet) = book.sheets.iter().find(called) else { continue };
        let known = Known::of(&table.rows);
        let Some(headed) = Headed::of(&known, None, sheet) else { continue };
        // Without the key of the submission nobody knows whose rows they are.
        if !headed.has().contains(&1) {
            continue;
        }
        names.insert(sheet.name.clone());
        let columns: Vec<(String, u32)> = (0_u32..).zip(&headed.names).map(|(column, name)| (name.clone(), column)).collect();
        let columns: Vec<(String, u32)> = columns.into_iter().filter(|(name, _)| !name.is_empty()).collect();
        keep(intake, at, table, (book, sheet), headed.head, &columns, None);
    }
    names
}

/// * `head`: the row above the first one.
/// * `columns`: what each is called, from 0.
fn keep(
    intake: &mut Intake<'_>,
    at: usize,
    table: &RowTable,
    (book, sheet): (&Workbook, &Sheet),
    head: u32,
    columns: &[(String, u32)],
    whose: Option<&Whose<'_>>,
) {
    let rows = &*table.rows;
    let known = Known::of(rows);
    let mut fields = vec![None; rows.fields.len()];
    let mut names: Vec<String> = Vec::new();
    let mut spots: Vec<Spot> = Vec::new();
    // What says whose they are: the fields behind the number of the row.
    let given: Vec<(usize, Option<String>)> = whose.map(|whose| identifying(intake.plan.form, whose)).unwrap_or_default();
    for (field, _) in &given {
        names.extend(rows.fields.get(*field).map(|field| field.name.it.to_string()));
        spots.push(Spot::default());
    }
    for (name, column) in columns {
        names.push(name.clone());
        spots.push(Spot { line: head as usize, column: *column as usize + 1, sheet: Some(sheet.name.clone()) });
        if let Some(seat) = known.find(name).and_then(|field| fields.get_mut(field)).filter(|seat| seat.is_none()) {
            *seat = Some((0, None, *column as usize + 1));
        }
    }
    let read = |row: SheetRow<'_>| {
        let mut cells: Vec<Option<String>> = vec![None; rows.fields.len()];
        let mut filled = false;
        for ((seat, cell), field) in fields.iter().zip(&mut cells).zip(&rows.fields) {
            let Some((_, _, column)) = seat else { continue };
            let text = row.text(u32::try_from(*column - 1).unwrap_or(u32::MAX), Some(&field.kind)).into_owned();
            filled |= !clean(&text).is_empty();
            *cell = Some(text);
        }
        for (field, text) in &given {
            cells.get_mut(*field).into_iter().for_each(|cell| cell.clone_from(text));
        }
        filled.then_some((row.number as usize, cells))
    };
    let kept = NestedSheet {
        of: whose.map(|whose| whose.at),
        names,
        spots,
        rows: sheet.rows_from(head + 1).filter_map(read).collect(),
        seats: Seats { path: book.path.clone(), sheets: vec![sheet.name.clone()], fields, rows: HashMap::new() },
    };
    if let Some(nested) = intake.nested.get_mut(at) {
        nested.get_or_insert_default().sheets.push(kept);
    }
}

/// Key and period of a submission as the rows of its tables have them.
fn identifying(form: &Form, whose: &Whose<'_>) -> Vec<(usize, Option<String>)> {
    let of = |field: FieldIx| whose.cells.get(field.0)?.as_ref().map(|cell| cell.text().to_owned());
    let period = form.period.as_ref().and_then(|period| period.key);
    (1..).zip([Some(form.key), period].into_iter().flatten().map(of)).collect()
}

/// Takes in the rows of a sheet, as submissions to the form of the table.
pub(in crate::data) fn take_rows(intake: &mut Intake<'_>, sheet: NestedSheet) {
    let NestedSheet { names, spots, rows, seats, .. } = sheet;
    let file = super::take::open(intake, seats);
    if intake.header(file, &names, &|at| spots.get(at).cloned().unwrap_or_default()).is_none() {
        return;
    }
    let Some(seats) = intake.seats.remove(&file) else { return };
    let mut filling = batch(intake, file, &seats);
    for (line, cells) in &rows {
        let cells: Vec<Option<Shown<'_>>> = cells.iter().map(|cell| cell.as_deref().map(|text| Cow::Borrowed(text).into())).collect();
        filling.row(&BookRow { line: *line, cells: &cells, seats: &seats, places: &[] });
    }
    intake.append(filling);
    intake.seats.insert(file, seats);
}
