//! Where everything stands in the workbook (版面位置).
//!
//! Beside each input stand four hidden cells: whether it is asked (1 to 4, only of fields with a condition), its value as if it
//! were asked, its value, and its state: 0 filled in, 1 empty, 2 empty but required, 3 not asked, 4 not asked but filled in,
//! 5 not what the field takes.

use super::super::sheet_names::SheetNames;
use super::formula::Cells;
use crate::diag::Lang;
use crate::model::{FieldIx, Form};
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
}

impl Parts {
    pub(super) fn of(form: &Form, lang: Lang) -> Parts {
        let mut list: Vec<Part> = Vec::new();
        let mut taken = SheetNames::with([cover_name(lang), review_name(lang), "_lists", "_heng"]);
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
        Parts { list }
    }

    /// The part of a check; none of one over the whole form.
    pub(super) fn of_check(&self, check: usize) -> Option<usize> {
        self.list.iter().position(|part| part.checks.contains(&check))
    }
}

pub(super) fn cover_name(lang: Lang) -> &'static str {
    lang.pick("填表说明", "Cover")
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

/// The columns of a sheet with one submission.
pub(super) mod vertical {
    pub const LABEL: u16 = 0;
    pub const UNIT: u16 = 1;
    pub const INPUT: u16 = 2;
    pub const HINT: u16 = 3;
    pub const MESSAGE: u16 = 4;
    pub const ASKED: u16 = 5;
    pub const RAW: u16 = 6;
    pub const VALUE: u16 = 7;
    pub const STATE: u16 = 8;
    /// The row of the first field.
    pub const FIRST: u32 = 3;
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
    Vertical { inputs: Vec<Place>, review: String },
    /// So many submissions, a row each.
    Rows { sheet: String, rows: u32, fields: u16, computed: u16 },
}

impl Places {
    pub(super) fn vertical(form: &Form, parts: &Parts, lang: Lang) -> Places {
        let mut inputs: Vec<Option<Place>> = vec![None; form.fields.len()];
        for part in &parts.list {
            for (row, field) in (vertical::FIRST..).zip(&part.fields) {
                let place = Place { sheet: part.sheet.clone(), row, column: vertical::INPUT };
                inputs.get_mut(*field).into_iter().for_each(|input| *input = Some(place.clone()));
            }
        }
        Places::Vertical { inputs: inputs.into_iter().flatten().collect(), review: review_name(lang).to_owned() }
    }

    pub(super) fn rows(form: &Form, rows: u32, lang: Lang) -> Places {
        let count = |number: usize| u16::try_from(number).unwrap_or(u16::MAX / 8);
        Places::Rows {
            sheet: lang.pick("填报", "Data").to_owned(),
            rows,
            fields: count(form.asked()),
            computed: count(form.computed.len()),
        }
    }

    pub(super) fn is_rows(&self) -> bool {
        matches!(self, Places::Rows { .. })
    }

    /// The input cells, those of the first submission.
    pub(super) fn inputs(&self) -> Vec<Place> {
        match self {
            Places::Vertical { inputs, .. } => inputs.clone(),
            Places::Rows { sheet, fields, .. } => {
                (0..*fields).map(|field| Place { sheet: sheet.clone(), row: rows::FIRST, column: rows::FIELDS + field }).collect()
            }
        }
    }

    /// The cells of a submission.
    pub(super) fn of<'p>(&'p self, form: &Form, submission: u32, open: &'p [bool]) -> Submission<'p> {
        Submission {
            places: self,
            row: rows::FIRST + submission,
            conditional: form.fields.iter().map(|field| field.when.is_some()).collect(),
            open,
        }
    }

    /// In a sheet of rows the first column of a block behind the inputs: computed values, then what is hidden.
    pub(super) fn block(&self, block: Block) -> u16 {
        let Places::Rows { fields, computed, .. } = self else { return 0 };
        let after = rows::FIELDS + fields;
        let hidden = after + computed;
        match block {
            Block::Computed => after,
            Block::Used => hidden,
            Block::Asked => hidden + 1,
            Block::Raw => hidden + 1 + fields,
            Block::Value => hidden + 1 + 2 * fields,
            Block::State => hidden + 1 + 3 * fields,
            Block::Checks => hidden + 1 + 4 * fields,
        }
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
}

/// The cells of one submission.
pub(super) struct Submission<'p> {
    places: &'p Places,
    row: u32,
    conditional: Vec<bool>,
    open: &'p [bool],
}

impl Submission<'_> {
    fn hidden(&self, field: usize, column: u16, block: Block) -> String {
        match self.places {
            Places::Vertical { inputs, .. } => inputs.get(field).map_or_else(String::new, |input| Place { column, ..input.clone() }.name()),
            // All on one sheet.
            Places::Rows { .. } => self.here(block, field),
        }
    }

    /// A cell of a block, in a sheet of rows.
    pub(super) fn here(&self, block: Block, at: usize) -> String {
        let column = self.places.block(block) + u16::try_from(at).unwrap_or(0);
        row_col_to_cell_absolute(self.row, column)
    }

    pub(super) fn input(&self, field: usize) -> String {
        match self.places {
            Places::Vertical { .. } => self.hidden(field, vertical::INPUT, Block::Used),
            Places::Rows { .. } => row_col_to_cell_absolute(self.row, rows::FIELDS + u16::try_from(field).unwrap_or(0)),
        }
    }

    pub(super) fn state(&self, field: usize) -> String {
        self.hidden(field, vertical::STATE, Block::State)
    }

    /// The condition of a check: 1 where it fails.
    pub(super) fn check(&self, check: usize) -> String {
        match self.places {
            Places::Vertical { review, .. } => {
                let row = review::FIRST + u32::try_from(check).unwrap_or(0);
                Place { sheet: review.clone(), row, column: review::CODE }.name()
            }
            Places::Rows { .. } => self.here(Block::Checks, check),
        }
    }
}

impl Submission<'_> {
    /// The cell with a field's value as if it were asked.
    pub(super) fn raw(&self, field: FieldIx) -> String {
        self.hidden(field.0, vertical::RAW, Block::Raw)
    }
}

impl Cells for Submission<'_> {
    fn value(&self, field: FieldIx) -> String {
        self.hidden(field.0, vertical::VALUE, Block::Value)
    }

    fn is_open(&self, field: FieldIx) -> bool {
        self.open.get(field.0) == Some(&true)
    }

    fn asked(&self, field: FieldIx) -> Option<String> {
        let conditional = self.conditional.get(field.0).copied().unwrap_or(false);
        conditional.then(|| self.hidden(field.0, vertical::ASKED, Block::Asked))
    }
}
