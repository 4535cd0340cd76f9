//! Workbooks (工作簿): from an .xlsx to rows of a form, with limits that hold before anything is parsed.
//!
//! `unpack` lets in what is safe, `read` has the cells as they stand there, `layout` finds which of them are whose answers,
//! `take` hands them to the same intake as CSV and JSON, so that a cell means the same whatever file it stands in; `tables` does
//! so with the rows of tables of a form.
//! Not here: what a cell comes to (`cells`), what a row comes to (`batch`).

mod layout;
mod read;
mod tables;
mod take;
mod told;
mod unpack;
mod widths;

pub(super) use read::{NoWorkbook, Sheet, Workbook};
pub(super) use tables::take_rows;
pub use take::SUMMARY_SHEET;
pub(super) use take::take;
pub use told::{About, Refusal};
pub use unpack::{LARGEST_WORKBOOK, MOST_UNPACKED};

use super::cells::loose;
use super::heading::MOST_ROWS;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Whether a file is, or says that it is, a workbook: by its ending or its first bytes.
pub(super) fn is_workbook(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if matches!(&*ending, "xlsx" | "xlsm" | "xltx" | "xltm" | "xlsb" | "xls" | "et" | "ods" | "ett") {
        return true;
    }
    let mut start = [0; 4];
    let read = path.is_file() && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
    read && (matches!(start, [b'P', b'K', 3, 4]) || start == [0xD0, 0xCF, 0x11, 0xE0])
}

/// What stands in the first rows of the sheets of a workbook, for finding out which form it is of.
pub(super) fn words(path: &Path) -> Option<HashSet<String>> {
    let book = Workbook::open(path).ok()?;
    let mut words = HashSet::new();
    if let Some(template) = layout::Template::of(&book) {
        words.extend(template.cells.iter().map(|cell| loose(&cell.field)));
    }
    for sheet in &book.sheets {
        words.extend(sheet.rows().take(MOST_ROWS).flat_map(|row| row.texts()).map(|text| loose(&text)));
    }
    Some(words)
}
