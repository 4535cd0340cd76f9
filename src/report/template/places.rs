//! Where everything stands in the workbook (版面位置).
//!
//! Rows of a table stand on a sheet of their own, as submissions do that are a row each.
//! Beside each input stand four hidden cells: whether it is asked (1 to 4, only of fields with a condition), its value as if it
//! were asked, its value, and its state: 0 filled in, 1 empty, 2 empty but required, 3 not asked, 4 not asked but filled in,
//! 5 not what the field takes. Where last period's answers are known, the value of that one stands behind them.

use super::super::sheet_names::SheetNames;
use super::formula::{Cells, Known};
use super::last::Last;
use super::statistics::Helper;
use crate::diag::Lang;
use crate::model::{ExprId, FieldIx, Form, Lowered};
use rust_xlsxwriter::{quote_sheet_name, row_col_to_cell_absolute};

/// A piece of the form that stands on one sheet.
pub(super) struct Part {
    /// The sheet's name.
    pub sheet: String,
    /// As printed above it.
    pub title: String,
    /// Its fields.
    pub fields: Vec<usize>,
    /// Its checks.
    pub checks: Vec<usize>,
}

/// The pieces, in the order of the form.
pub(super) struct Parts {
    pub list: Vec<Part>,
    /// The sheets of tables.
    pub tables: Vec<String>,
}

impl Parts {
    pub(super) fn of(form: &Form, lang: Lang) -> Parts {
        let mut list: Vec<Part> = Vec::new();
        let mut taken = SheetNames::with([cover_name(lang), review_name(lang), data_name(lang), "_lists", "_heng"]);
        let section_of = |field: usize| form.sections.iter().position(|section| section.fields.contains(&field));
        let mut last = None;
        for field in 0..form.asked() {
            let section = section_of(field);
            if last != Some(section) {
                last = Some(section);
                let named = section.and_then(|section| form.sections.get(section));
                let name = named.map_or_else(|| lang.pick("填报内容", "Fields"), |section| &section.name);
                let title = named.and_then(|section| section.title.clone()).unwrap_or_else(|| name.to_owned());
                let checks = named.map(|section| section.checks.clone().collect()).unwrap_or_default();
                list.push(Part { sheet: taken.take(name, "Sheet"), title, fields: Vec::new(), checks });
            }
            list.last_mut().into_iter().for_each(|part| part.fields.push(field));
        }
        let tables = form.tables.iter().map(|table| taken.take(&table.name.it, "Table")).collect();
        Parts { list, tables }
    }

    /// Those of the sheet of a table.
    pub(super) fn of_table(sheet: String, title: String, fields: Vec<usize>, checks: usize) -> Parts {
        Parts { list: vec![Part { sheet, title, fields, checks: (0..checks).collect() }], tables: Vec::new() }
    }

    /// The part of a check; none of one over the whole form.
    pub(super) fn of_check(&self, check: usize) -> Option<usize> {
        self.list.iter().position(|part| part.checks.contains(&check))
    }
}

pub(super) fn cover_name(lang: Lang) -> &'static str {
    lang.pick("填表说明", "Cover")
}

/// The sheet with a row a submission.
pub(super) fn data_name(lang: Lang) -> &'static str {
    lang.pick("填报", "Data")
}

pub(super) fn review_name(lang: Lang) -> &'static str {
    lang.pick("校验与计算", "Checks")
}

/// One cell.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub sheet: String,
    pub row: u32,
    pub column: u16,
}

impl Place {
    /// As formulas name it.
    pub(super) fn name(&self) -> String {
        format!("{}!{}", quote_sheet_name(&self.sheet), row_col_to_cell_absolute(self.row, self.column))
    }
}

/// The first columns of a sheet with one submission.
pub(super) mod vertical {
    pub const LABEL: u16 = 0;
    pub const UNIT: u16 = 1;
    pub const INPUT: u16 = 2;
    /// The row of the first field.
    pub const FIRST: u32 = 3;
}

/// The columns behind them.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    /// What was filled in last time, where that is known.
    pub last: Option<u16>,
    pub hint: u16,
    pub message: u16,
    pub asked: u16,
    pub raw: u16,
    pub value: u16,
    pub state: u16,
    /// The value of last time.
    pub before: u16,
}

impl Columns {
    fn of(last: bool) -> Columns {
        let last = last.then_some(vertical::INPUT + 1);
        let hint = last.unwrap_or(vertical::INPUT) + 1;
        Columns { last, hint, message: hint + 1, asked: hint + 2, raw: hint + 3, value: hint + 4, state: hint + 5, before: hint + 6 }
    }

    /// The last one of them.
    pub(super) fn end(&self) -> u16 {
        if self.last.is_some() { self.before } else { self.state }
    }
}

/// The rows and columns of a sheet with a row a submission.
pub(super) mod rows {
    /// What is wrong with the row.
    pub const MESSAGE: u16 = 0;
    /// The first field.
    pub const FIELDS: u16 = 1;
    /// The row of the headers.
    pub const HEADER: u32 = 3;
    /// The first row of submissions.
    pub const FIRST: u32 = 4;
}

/// The rows of the sheet of checks.
pub(super) mod review {
    pub const FIRST: u32 = 3;
    pub const CODE: u16 = 6;
}

/// Where everything stands.
pub(super) enum Places {
    /// One submission.
    Vertical { inputs: Vec<Option<Place>>, review: String, columns: Columns, last: Option<Last> },
    /// So many submissions, or rows of a table, a row each.
    Rows(Grid),
}

/// A sheet with a row each.
pub(super) struct Grid {
    pub sheet: String,
    pub rows: u32,
    /// The fields that are filled in, in the order of their columns.
    pub fields: Vec<usize>,
    pub computed: usize,
    pub checks: usize,
}

impl Grid {
    /// The last row.
    pub(super) fn last(&self) -> u32 {
        rows::FIRST + self.rows.max(1) - 1
    }

    /// The column of a field.
    pub(super) fn column(&self, field: usize) -> u16 {
        rows::FIELDS + self.place(field)
    }

    fn place(&self, field: usize) -> u16 {
        count(self.fields.iter().position(|other| *other == field).unwrap_or(0))
    }

    /// The first column of a block behind the inputs: computed values, then what is hidden.
    pub(super) fn block(&self, block: Block) -> u16 {
        let fields = count(self.fields.len());
        let after = rows::FIELDS + fields;
        let hidden = after + count(self.computed);
        let checks = hidden + 1 + 4 * fields;
        match block {
            Block::Computed => after,
            Block::Used => hidden,
            Block::Asked => hidden + 1,
            Block::Raw => hidden + 1 + fields,
            Block::Value => hidden + 1 + 2 * fields,
            Block::State => hidden + 1 + 3 * fields,
            Block::Checks => checks,
            Block::Taken => checks + count(self.checks),
            Block::Statistics => checks + count(self.checks) + 1,
        }
    }

    /// The column of a field in a block that has one for each.
    pub(super) fn of_field(&self, block: Block, field: usize) -> u16 {
        self.block(block) + self.place(field)
    }

    /// All cells of a column.
    pub(super) fn all(&self, column: u16) -> String {
        rust_xlsxwriter::worksheet_range_absolute(&self.sheet, rows::FIRST, column, self.last(), column)
    }
}

fn count(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX / 8)
}

impl Places {
    pub(super) fn vertical(form: &Form, parts: &Parts, last: Option<Last>, lang: Lang) -> Places {
        let mut inputs: Vec<Option<Place>> = vec![None; form.fields.len()];
        for part in &parts.list {
            for (row, field) in (vertical::FIRST..).zip(&part.fields) {
                let place = Place { sheet: part.sheet.clone(), row, column: vertical::INPUT };
                inputs.get_mut(*field).into_iter().for_each(|input| *input = Some(place.clone()));
            }
        }
        let columns = Columns::of(last.as_ref().is_some_and(Last::has_any));
        Places::Vertical { inputs, review: review_name(lang).to_owned(), columns, last }
    }

    pub(super) fn rows(form: &Form, rows: u32, lang: Lang) -> Places {
        let fields = (0..form.asked()).collect();
        Places::Rows(Grid { sheet: data_name(lang).to_owned(), rows, fields, computed: form.computed.len(), checks: form.checks.len() })
    }

    pub(super) fn is_rows(&self) -> bool {
        matches!(self, Places::Rows(_))
    }

    /// The columns of a sheet with one submission.
    pub(super) fn columns(&self) -> Columns {
        match self {
            Places::Vertical { columns, .. } => *columns,
            Places::Rows(_) => Columns::of(false),
        }
    }

    /// What was filled in last time.
    pub(super) fn last(&self) -> Option<&Last> {
        match self {
            Places::Vertical { last, .. } => last.as_ref(),
            Places::Rows(_) => None,
        }
    }

    /// The cell of a field, that of the first submission.
    pub(super) fn input(&self, field: usize) -> Option<Place> {
        match self {
            Places::Vertical { inputs, .. } => inputs.get(field).cloned().flatten(),
            Places::Rows(grid) => Some(Place { sheet: grid.sheet.clone(), row: rows::FIRST, column: grid.column(field) }),
        }
    }

    /// The cells of a submission.
    pub(super) fn of<'p>(
        &'p self,
        form: &'p Form,
        submission: u32,
        open: &'p [bool],
        outer: &'p [(usize, String)],
        tables: Vec<TableCells<'p>>,
    ) -> Submission<'p> {
        Submission { places: self, row: rows::FIRST + submission, form, open, outer, tables }
    }
}

/// A block of columns in a sheet of rows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Block {
    Computed,
    /// Whether the row is filled in at all.
    Used,
    Asked,
    Raw,
    Value,
    State,
    Checks,
    /// Whether the row is one of the submission's: filled in, and refused by no check.
    Taken,
    /// What statistics of the form take of the row.
    Statistics,
}

/// The rows of a table of a submission.
pub(super) struct TableCells<'p> {
    pub form: &'p Form,
    pub first: Submission<'p>,
    pub helpers: &'p [Helper<'p>],
}

/// The cells of one submission, or of one row.
pub(super) struct Submission<'p> {
    places: &'p Places,
    row: u32,
    form: &'p Form,
    open: &'p [bool],
    /// Of a row of a table the cells that are the submission's, by field.
    outer: &'p [(usize, String)],
    tables: Vec<TableCells<'p>>,
}

impl Submission<'_> {
    fn hidden(&self, field: usize, block: Block) -> String {
        if let Some((_, cell)) = self.outer.iter().find(|(of, _)| *of == field) {
            return cell.clone();
        }
        match self.places {
            Places::Vertical { columns, .. } => {
                let column = match block {
                    Block::Asked => columns.asked,
                    Block::Raw => columns.raw,
                    Block::State => columns.state,
                    _ => columns.value,
                };
                self.beside(field, column)
            }
            // All on one sheet.
            Places::Rows(grid) => self.at(grid.of_field(block, field)),
        }
    }

    /// A cell in the line of a field, of one submission.
    fn beside(&self, field: usize, column: u16) -> String {
        self.places.input(field).map_or_else(String::new, |input| Place { column, ..input }.name())
    }

    /// A cell of this row.
    fn at(&self, column: u16) -> String {
        row_col_to_cell_absolute(self.row, column)
    }

    /// A cell of a block, in a sheet of rows.
    pub(super) fn here(&self, block: Block, at: usize) -> String {
        match self.places {
            Places::Rows(grid) => self.at(grid.block(block) + count(at)),
            Places::Vertical { .. } => String::new(),
        }
    }

    pub(super) fn input(&self, field: usize) -> String {
        match self.places {
            Places::Vertical { .. } => self.beside(field, vertical::INPUT),
            Places::Rows(grid) => self.at(grid.column(field)),
        }
    }

    pub(super) fn state(&self, field: usize) -> String {
        self.hidden(field, Block::State)
    }

    /// The condition of a check: 1 where it fails.
    pub(super) fn check(&self, check: usize) -> String {
        match self.places {
            Places::Vertical { review, .. } => {
                let row = review::FIRST + u32::try_from(check).unwrap_or(0);
                Place { sheet: review.clone(), row, column: review::CODE }.name()
            }
            Places::Rows(_) => self.here(Block::Checks, check),
        }
    }

    /// The cell with a field's value as if it were asked.
    pub(super) fn raw(&self, field: FieldIx) -> String {
        self.hidden(field.0, Block::Raw)
    }
}

impl Cells for Submission<'_> {
    fn value(&self, field: FieldIx) -> String {
        match self.form.fields.get(field.0).and_then(|field| field.details.lowered) {
            Some(Lowered::Previous(of)) => self.previous(of).map_or_else(|| "NA()".to_owned(), |known| known.cell),
            _ => self.hidden(field.0, Block::Value),
        }
    }

    fn previous(&self, of: FieldIx) -> Option<Known<'_>> {
        let before = self.places.last()?.before(of.0).filter(|before| before.is_said())?;
        let cell = before.value.as_ref().map_or_else(|| "NA()".to_owned(), |_| self.beside(of.0, self.places.columns().before));
        Some(Known { cell, value: before.value.as_ref() })
    }

    fn is_open(&self, field: FieldIx) -> bool {
        self.open.get(field.0) == Some(&true)
    }

    fn asked(&self, field: FieldIx) -> Option<String> {
        let conditional = self.form.fields.get(field.0).is_some_and(|field| field.when.is_some());
        conditional.then(|| self.hidden(field.0, Block::Asked))
    }

    fn first_row(&self, table: u16) -> Option<(&Form, &dyn Cells)> {
        let table = self.tables.get(usize::from(table))?;
        Some((table.form, &table.first))
    }

    fn of_rows(&self, table: u16, statistic: ExprId) -> Option<(String, u32)> {
        let table = self.tables.get(usize::from(table))?;
        let Places::Rows(grid) = table.first.places else { return None };
        let at = table.helpers.iter().position(|helper| helper.of.contains(&statistic))?;
        Some((grid.all(grid.block(Block::Statistics) + count(at)), grid.rows))
    }
}
