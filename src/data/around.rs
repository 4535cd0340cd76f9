//! What is read around the submissions to a form (表格与上期): the rows of its tables that stand in files of their own, and what was
//! filled in for the period before, where the form speaks of it.
//!
//! Not here: one file (`submissions`), rows that stand within their submission (`submissions`), which rubric reads what (`engine`).

use super::inputs::{earlier, suited};
use super::intake::Counts;
use super::settings::DataFile;
use super::submissions::{Options, read};
use crate::diag::Diagnostics;
use crate::eval::Table;
use crate::model::{Form, Lowered, RowTable};
use std::iter;
use std::path::PathBuf;

pub(super) type Taken = (Table, Diagnostics, Counts);

/// Reads submissions to `form` from files: of those without a name, the ones that suit a table of the form better are its rows.
pub fn read_around(form: &Form, files: &[DataFile], options: &Options<'_>) -> Taken {
    let table_of = |file: &DataFile| match &file.name {
        Some(name) => form.table(name).map(|(at, _)| usize::from(at)),
        None if form.tables.is_empty() || files.len() == 1 => None,
        None => {
            let forms = iter::once(form).chain(form.tables.iter().map(|table| &*table.rows));
            suited(forms, &file.path, options.encoding)?.checked_sub(1)
        }
    };
    let of: Vec<Option<usize>> = files.iter().map(table_of).collect();
    let paths = |wanted: Option<usize>| -> Vec<PathBuf> {
        files.iter().zip(&of).filter(|(_, of)| **of == wanted).map(|(file, _)| file.path.clone()).collect()
    };
    let taken = around(form, options, &mut |table, options| match table {
        None => Some(read(form, &paths(None), options)),
        Some(table) => {
            let own = paths(form.tables.iter().position(|known| known.name.it == table.name.it));
            (!own.is_empty()).then(|| read(&table.rows, &own, options))
        }
    });
    taken.unwrap_or_else(|| (Table::new(form, None), Diagnostics::new(), Counts::default()))
}

/// Reads submissions to `form` from wherever they are: `some` has the rows of a table where they stand apart, or the submissions
/// themselves, of the period that the options name.
pub fn around(form: &Form, options: &Options<'_>, some: &mut dyn FnMut(Option<&RowTable>, &Options<'_>) -> Option<Taken>) -> Option<Taken> {
    let mut rows: Vec<(usize, Table)> = options.rows.to_vec();
    let mut told_of_rows = Diagnostics::new();
    for table in &form.tables {
        let options = Options { used: None, earlier: None, rows: &[], ..*options };
        if let Some((given, told, _)) = some(Some(table), &options) {
            told_of_rows.append(told);
            rows.push((table.form, given));
        }
    }
    let before = before_of(form, options, &mut |options| some(None, options));
    let options = Options { rows: &rows, earlier: options.earlier.or(before.as_ref()), ..*options };
    let (table, mut found, counts) = some(None, &options)?;
    found.append(told_of_rows);
    Some((table, found, counts))
}

/// Whether a form speaks of what was filled in for the period before (上期).
pub fn speaks_of_earlier(form: &Form) -> bool {
    form.fields.iter().any(|field| matches!(field.details.lowered, Some(Lowered::Previous(_))))
}

/// The submissions of the period before, if the form speaks of them and there are any; `some` has those of the period that the options
/// name.
pub(super) fn before_of(form: &Form, options: &Options<'_>, some: &mut dyn FnMut(&Options<'_>) -> Option<Taken>) -> Option<Table> {
    (speaks_of_earlier(form) && options.earlier.is_none()).then_some(())?;
    let period = form.period.as_ref().filter(|period| period.key.is_some())?;
    let wanted = earlier(period, options.period?, 1)?;
    let (table, ..) = some(&Options { period: Some(&wanted), used: None, rows: &[], progress: None, ..*options })?;
    (!table.is_empty()).then_some(table)
}
