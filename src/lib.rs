#![doc = include_str!("../README.md")]

pub mod check;
pub mod cli;
pub mod data;
pub mod diag;
mod engine;
pub mod eval;
pub mod fmt;
pub mod improve;
pub mod model;
pub mod number;
pub mod report;
pub mod store;
pub mod syntax;
pub mod text;

/// A day (日期), as `chrono` has it.
pub use chrono::NaiveDate as Date;
pub use data::Options;
pub use diag::Lang;
pub use engine::{Engine, Input};
pub use eval::{Derivation, Results, Table, Tracing};
