//! 衡 (heng)
#![warn(missing_docs)]
pub mod check;
pub mod cli;
pub mod data;
pub mod diag;
pub mod eval;
pub mod model;
pub mod number;
pub mod report;
pub mod syntax;
pub mod text;
