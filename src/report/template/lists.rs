//! The options of drop-downs (下拉列表), on a hidden sheet.
//!
//! A column for each list of options, from the first row on; behind it one with the codes, where there are any. Of a choice that
//! depends on another one: a column for each option of that, with it on top, below it how many it leaves, and then those.

use super::shown;
use crate::model::{FieldIx, Form};
use rust_xlsxwriter::{Worksheet, XlsxError, row_col_to_cell_absolute, worksheet_range_absolute};

const SHEET: &str = "_lists";
/// Formulas of limits longer than this are refused by spreadsheets.
const MOST_CHARACTERS: usize = 250;

/// A field: whose it is, the form's (0) or one of a table's rows, and its place there.
type Whose = (usize, usize);

/// The options of all fields.
pub(super) struct Lists {
    columns: Vec<Column>,
    cascades: Vec<Cascade>,
}

/// Options, and their codes.
struct Column {
    fields: Vec<Whose>,
    options: Vec<String>,
    codes: Option<Vec<String>>,
    at: u16,
}

/// What the options of a field depend on.
struct Cascade {
    field: Whose,
    on: usize,
    /// An option of the other field, and those that it leaves.
    cases: Vec<(String, Vec<String>)>,
    at: u16,
}

impl Lists {
    /// * `forms`: the form, and those of the rows of its tables.
    pub(super) fn of(forms: &[&Form]) -> Lists {
        let mut lists = Lists { columns: Vec::new(), cascades: Vec::new() };
        let mut at = 0_u16;
        for (owner, form) in forms.iter().enumerate() {
            for (place, field) in form.fields.iter().enumerate().filter(|(_, field)| field.is_asked()) {
                let Some(options) = shown::options(field) else { continue };
                let codes = shown::codes(field);
                match lists.columns.iter_mut().find(|known| known.options == options && known.codes == codes) {
                    Some(known) => known.fields.push((owner, place)),
                    None => {
                        let width = if codes.is_some() { 2 } else { 1 };
                        lists.columns.push(Column { fields: vec![(owner, place)], options, codes, at });
                        at += width;
                    }
                }
            }
        }
        for (owner, form) in forms.iter().enumerate() {
            for (place, field) in form.fields.iter().enumerate() {
                let Some(depends) = &field.details.depends else { continue };
                let words = |names: &[crate::text::Name]| names.iter().map(ToString::to_string).collect();
                let cases: Vec<_> = depends.options.iter().map(|(case, left)| (case.to_string(), words(left))).collect();
                let FieldIx(on) = depends.on;
                let width = u16::try_from(cases.len()).unwrap_or(0);
                lists.cascades.push(Cascade { field: (owner, place), on, cases, at });
                at += width;
            }
        }
        lists
    }

    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    fn column(&self, field: Whose) -> Option<&Column> {
        self.columns.iter().find(|column| column.fields.contains(&field))
    }

    /// The cells with the options of a field.
    pub(super) fn range(&self, field: Whose) -> Option<String> {
        let column = self.column(field)?;
        Some(down(column.at, column.options.len()))
    }

    /// The cells with their codes, as many.
    pub(super) fn codes(&self, field: Whose) -> Option<String> {
        let column = self.column(field).filter(|column| column.codes.is_some())?;
        Some(down(column.at + 1, column.options.len()))
    }

    /// The formula of the options that another choice leaves; of all of them where that says nothing.
    ///
    /// * `input`: the cell of a field of the same row.
    pub(super) fn left(&self, field: Whose, input: &dyn Fn(usize) -> String) -> Option<String> {
        let cascade = self.cascades.iter().find(|cascade| cascade.field == field)?;
        let on = input(cascade.on);
        let last = cascade.at + u16::try_from(cascade.cases.len()).ok()?.checked_sub(1)?;
        let [heads, counts] = [0, 1].map(|row| worksheet_range_absolute(SHEET, row, cascade.at, row, last));
        let first = format!("{SHEET}!{}", row_col_to_cell_absolute(0, cascade.at));
        let all = self.range(field)?;
        let left = format!("OFFSET({first},2,MATCH({on},{heads},0)-1,SUMIF({heads},{on},{counts}),1)");
        let formula = format!("IF(COUNTIF({heads},{on})=0,{all},{left})");
        (formula.chars().count() <= MOST_CHARACTERS).then_some(formula)
    }

    pub(super) fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(SHEET)?.set_very_hidden(true).protect();
        let mut down = |column: u16, first: u32, words: &[String]| -> Result<(), XlsxError> {
            for (row, word) in (first..).zip(words).filter(|(_, word)| !word.is_empty()) {
                sheet.write_string(row, column, word)?;
            }
            Ok(())
        };
        for column in &self.columns {
            down(column.at, 0, &column.options)?;
            down(column.at + 1, 0, column.codes.as_deref().unwrap_or_default())?;
        }
        for cascade in &self.cascades {
            for (column, (case, left)) in (cascade.at..).zip(&cascade.cases) {
                down(column, 0, std::slice::from_ref(case))?;
                down(column, 2, left)?;
            }
        }
        for cascade in &self.cascades {
            for (column, (_, left)) in (cascade.at..).zip(&cascade.cases) {
                sheet.write_number(1, column, u32::try_from(left.len()).unwrap_or(0))?;
            }
        }
        Ok(())
    }
}

/// The cells of a column from the first on.
fn down(column: u16, many: usize) -> String {
    worksheet_range_absolute(SHEET, 0, column, u32::try_from(many).unwrap_or(1).saturating_sub(1), column)
}
