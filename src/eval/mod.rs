//! Evaluation (评价): pure functions from rules, columns and a day to results with their derivations.
//!
//! No clock, no files, no environment: whatever decides a result comes in as an argument.
//! Not here: where data come from (`data`), how results are shown (`report`).

mod beside;
mod block;
pub mod column;
mod days;
mod derivation;
mod exact;
mod explain;
mod fast;
mod faults;
pub mod form;
pub mod gap;
mod level;
mod plan;
mod previous;
mod results;
mod run;
pub mod script;
mod split;
pub mod statistics;
mod stored;
pub mod table;
mod test;
mod trace;

pub use beside::{Submissions, lay_beside};
pub(crate) use block::places;
pub use block::{Block, Filling};
pub use column::{Cell, Column, Value};
pub use derivation::{Derivation, Role, show};
pub use explain::{Explained, explain, explain_all, incomplete};
pub use fast::{Batch, Reader, Ruled, Sheet, Shown, Tally, Wanted, fields_read, used_fields};
pub use faults::{Faults, faults};
pub use gap::{Cause, Gap};
pub use previous::Previous;
pub use results::{IndicatorResults, Omission, Results, State, Subject};
pub use run::{Evaluation, Part, Request, evaluate, evaluate_in_parts, evaluate_one};
pub use split::{Units, units};
pub use stored::{Codes, Mantissas, Numbers, Stored};
pub use table::{RowOrigin, Table};
pub use test::{TestFiles, run_test};
pub use trace::{Branch, Trace, Tracing};
