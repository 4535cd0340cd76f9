//! Where the answers stand in a workbook (版式): by the header of each sheet, or by what a template says of itself.
//!
//! Not here: reading the rows (`take`).

use super::read::{Sheet, Workbook};
use crate::data::heading::{Known, MOST_ROWS, heading};
use crate::data::intake::Fitting;
use std::collections::HashSet;

/// The sheet in which a template says what it is.
const IDENTITY: &str = "_heng";
/// The first row of its list of cells.
const FIRST_CELL: u32 = 5;

/// What a workbook made by `heng form template` says of itself.
#[derive(Debug)]
pub(super) struct Template {
    pub form: String,
    pub version: String,
    /// One submission with a label before each answer; else one row a submission.
    pub vertical: bool,
    pub cells: Vec<TemplateCell>,
    /// The columns of tables of the form, by the first cell of each.
    pub columns: Vec<TableColumn>,
}

/// Where a column of a table begins.
#[derive(Debug)]
pub(super) struct TableColumn {
    pub table: String,
    pub cell: TemplateCell,
}

/// Where the answer to a field stands: the cell, or the first of its column.
#[derive(Debug)]
pub(super) struct TemplateCell {
    pub field: String,
    pub sheet: String,
    /// From 1 and from 0.
    pub row: u32,
    pub column: u32,
}

impl Template {
    /// That of a workbook, if it is made from a template.
    pub(super) fn of(book: &Workbook) -> Option<Template> {
        let sheet = book.sheet(IDENTITY)?;
        let value = |row: u32, name: &str| {
            let row = sheet.row(row)?;
            (row.text(0, None) == name).then(|| row.text(1, None).trim().to_owned())
        };
        let (mut cells, mut columns) = (Vec::new(), Vec::new());
        for row in sheet.rows_from(FIRST_CELL) {
            let [field, sheet, address, table] = [0, 1, 2, 3].map(|column| row.text(column, None).trim().to_owned());
            let Some((column, row)) = place(&address) else { continue };
            let cell = TemplateCell { field, sheet, row, column };
            if table.is_empty() { cells.push(cell) } else { columns.push(TableColumn { table, cell }) }
        }
        Some(Template {
            form: value(1, "heng-form")?,
            version: value(2, "version").unwrap_or_default(),
            vertical: value(3, "layout").as_deref() != Some("rows"),
            cells,
            columns,
        })
    }
}

/// Column from 0 and row from 1 of an address: `C7`, `$C$7`.
pub(super) fn place(address: &str) -> Option<(u32, u32)> {
    let bare: String = address.chars().filter(|c| *c != '$').collect();
    let digits = bare.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = bare.split_at_checked(digits)?;
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    Some((column - 1, row.parse().ok().filter(|row| *row > 0)?))
}

/// A sheet with rows of the form: which column is which field.
pub(super) struct Headed<'b> {
    pub sheet: &'b Sheet,
    /// The row that names the columns; of a template the one above the first answer.
    pub head: u32,
    /// The name of each column from 0.
    pub names: Vec<String>,
    pub fields: Vec<Option<usize>>,
    /// Whether it is of a template, in which rows that nobody has filled in hold formulas.
    pub made: bool,
}

impl<'b> Headed<'b> {
    /// A sheet by its header; nothing where that names no field.
    ///
    /// * `fitting`: one that may well be its header.
    pub(super) fn of(known: &Known, fitting: Option<&Fitting>, sheet: &'b Sheet) -> Option<Headed<'b>> {
        let first = sheet.rows().next();
        if let Some((first, Fitting { names, columns })) = first.zip(fitting).filter(|(first, fitting)| first.has_texts(&fitting.names)) {
            return Some(Headed { sheet, head: first.number, names: names.clone(), fields: columns.clone(), made: false });
        }
        let (mut numbers, mut above): (Vec<u32>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
        for row in sheet.rows().take(MOST_ROWS) {
            numbers.push(row.number);
            above.push(row.texts());
            if above.last().is_some_and(|row| known.are_all(row)) {
                break;
            }
        }
        let (at, names) = heading(known, &above)?;
        let head = *numbers.get(at)?;
        let fields = names.iter().map(|name| known.find(name)).collect();
        Some(Headed { sheet, head, names, fields, made: false })
    }

    /// The sheets of a template with one row a submission.
    pub(super) fn of_template(known: &Known, book: &'b Workbook, template: &Template) -> Vec<Headed<'b>> {
        let mut all: Vec<Headed<'b>> = Vec::new();
        for cell in &template.cells {
            let Some(sheet) = book.sheet(&cell.sheet) else { continue };
            let at = all.iter().position(|headed| headed.sheet.name == sheet.name).unwrap_or_else(|| {
                all.push(Headed { sheet, head: cell.row.saturating_sub(1), names: Vec::new(), fields: Vec::new(), made: true });
                all.len() - 1
            });
            let Some(headed) = all.get_mut(at) else { continue };
            let column = cell.column as usize;
            if headed.names.len() <= column {
                headed.names.resize(column + 1, String::new());
                headed.fields.resize(column + 1, None);
            }
            headed.names.get_mut(column).into_iter().for_each(|name| name.clone_from(&cell.field));
            headed.fields.get_mut(column).into_iter().for_each(|field| *field = known.find(&cell.field));
        }
        all
    }

    /// The fields that it has.
    pub(super) fn has(&self) -> HashSet<usize> {
        self.fields.iter().flatten().copied().collect()
    }
}

/// Which sheets belong together: those of which each has fields that the others lack are parts of the same rows, all others
/// are rows of their own. The key does not count.
pub(super) fn groups<'b>(sheets: Vec<Headed<'b>>, key: usize) -> Vec<Vec<Headed<'b>>> {
    if sheets.len() == 1 {
        return vec![sheets];
    }
    let mut groups: Vec<(HashSet<usize>, Vec<Headed<'b>>)> = Vec::new();
    for headed in sheets {
        let mut own = headed.has();
        own.remove(&key);
        match groups.iter_mut().find(|(fields, _)| !own.is_subset(fields) && !fields.is_subset(&own)) {
            Some((fields, sheets)) => {
                fields.extend(own);
                sheets.push(headed);
            }
            None => groups.push((own, vec![headed])),
        }
    }
    groups.into_iter().map(|(_, sheets)| sheets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        assert_eq!(place("C7"), Some((2, 7)));
        assert_eq!(place("$AA$10"), Some((26, 10)));
        for wrong in ["", "7", "C", "c7", "C0", "C-1", "ABCD1", "C99999999999"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
