//! Fast evaluation (快速求值): the plan of a rubric by vectors of doubles that know how far they are off.
//!
//! A comparison, a rounding, a rank that the bounds do not decide is asked of the exact evaluation, for just those rows. So the
//! results are those of `exact`, always; docs/numbers.md has the argument.
//! INVARIANT: nothing here decides anything on a double alone.

mod absent;
mod batch;
mod bound;
mod compile;
mod emit;
mod explain;
mod flags;
mod groups;
mod kernels;
mod machine;
mod members;
mod over;
mod printing;
mod program;
mod quotient;
mod rows;
mod settle;
mod sheet;

pub use batch::{Batch, Ruled, Wanted, fields_read, used_fields};
pub use flags::flags;
pub use printing::Shown;
pub use sheet::{Reader, Sheet, Tally};
