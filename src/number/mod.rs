//! Exact numbers (精确数): what a cell, a rule or a statistic is worth, with no rounding on the way.
//!
//! [`Exact`] is a rational number: the decimal that was written, and everything `+ − × ÷` make of decimals.
//! [`Real`] adds what statistics need beyond that, square roots (标准差, 差异系数) and natural logarithms (泰尔指数),
//! and still compares and rounds as if with infinitely many digits. [`Rounding`] names the ways a regulation rounds.
//! [`sum_exact`] adds long columns without letting denominators grow needlessly.
//!
//! No binary float decides anything here; [`Exact::to_f64`] and [`Real::to_f64`] are for drawing only.
//! Not here: units, missing values, the limits a script may use up (see [`Exact::bits`] for measuring them).

mod arithmetic;
mod enclosure;
mod exact;
mod logarithm;
mod order;
mod parse;
mod real;
mod root;
mod rounding;
mod sum;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests;

pub use exact::Exact;
pub use parse::ParseError;
pub use real::{DivError, Real};
pub use rounding::Rounding;
pub use sum::sum_exact;
pub(crate) use sum::sum_fractions;
