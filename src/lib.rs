pub mod text;
pub mod number;
pub mod diag;
pub mod syntax;
pub mod model;
pub mod eval;
pub mod check;
