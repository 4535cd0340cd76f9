//! What people and machines get to read (报告): diagnostics for terminals, CI systems and editors; results as tables, files
//! and derivations.
//!
//! Everything here turns values into texts. Not here: writing them anywhere (`cli`), reading data (`data`), and what is
//! said in a diagnostic (`diag` and whoever found it).

mod annotated;
mod derivation;
pub mod diagnostics;
pub mod dictionary;
mod diff;
mod improvement;
mod kept;
mod page;
mod results;
mod schema;
mod sheet_names;
mod summary;
mod template;
mod wide;
mod write;
mod written;
mod xlsform;

pub use annotated::{Page, PageCell, Remark, annotated};
pub use derivation::derivations;
pub use diff::unified;
pub use improvement::{Planned, plans, plans_json};
pub use kept::{DerivationWriter, Kept, kept, lines_of_derivations};
pub use page::{FormWords, page};
pub use results::{BASE_COLUMNS, BaseRow, COLUMNS, ResultRow, rows_beside, rows_of};
pub use schema::schema;
pub use summary::{Summary, summary};
pub use template::{Entry, MOST_ROWS, Submitted, TemplateOptions, filled_template, template, template_beside};
pub use wide::{WideColumn, wide_columns, wide_groups, wide_subjects};
pub use write::{Format, ResultWriter, csv, json, json_lines};
pub use xlsform::{XlsForm, xlsform};
