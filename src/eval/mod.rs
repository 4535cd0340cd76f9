//! Evaluation (评价): pure functions from rules, columns and a day to results with their derivations.
//!
//! No clock, no files, no environment: whatever decides a result comes in as an argument.
//! Not here: where data come from (`data`), how results are shown (`report`).

pub mod column;
pub mod gap;
pub mod statistics;

pub use column::{Cell, Column, RowOrigin, Table, Value};
pub use gap::{Cause, Gap};

/// The longest number that an evaluation may hold, in bits of numerator and denominator together.
pub const MOST_BITS: usize = 4_000_000;
