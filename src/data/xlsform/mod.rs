//! From an XLSForm to a form (导入 XLSForm): the text of a form that asks, and checks, the same.
//!
//! `sheets` has the rows by their columns, `form` makes statements of them, `xpath` and `say` what they compute. What has no
//! counterpart becomes a comment where it stood, and is told with its cell. Rows that `heng` wrote itself are taken by its own columns, unless their
//! seal says that they were changed since.
//! Not here: the layout of the text (`fmt`), whether it holds together (`check`).

mod asked;
mod constraint;
mod form;
mod kind;
mod options;
mod say;
mod sheets;
mod told;
mod xpath;

use super::file::FileError;
use super::findings::Finding;
use super::workbook::{About, NoWorkbook, Workbook};
use crate::diag::{Diagnostics, Lang};
use std::path::Path;

/// The text of the form in an XLSForm, not laid out yet, and what is told of it; no text where there is no form in it.
///
/// * `lang`: of the labels, where there are several.
///
/// # Errors
/// A file that cannot be read.
pub fn from_xlsform(path: &Path, lang: Lang) -> Result<(Option<String>, Diagnostics), FileError> {
    let mut found = Diagnostics::new();
    let book = match Workbook::open(path) {
        Ok(book) => book,
        Err(NoWorkbook::File(error)) => return Err(error),
        Err(NoWorkbook::Refused(why)) => {
            found.push(Finding::book(&super::file::shown(path), About::Refused(why)));
            return Ok((None, found));
        }
    };
    let Some(sheets) = sheets::Sheets::of(&book, lang, &mut found) else { return Ok((None, found)) };
    let text = form::Reader::new(&sheets, lang, &mut found).text();
    Ok((Some(text), found))
}
