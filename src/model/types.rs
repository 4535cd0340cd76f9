//! Types of values (类型).

use super::unit::Unit;
use crate::text::Name;
use std::sync::Arc;

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Not known, because of a mistake that is told elsewhere; it agrees with everything, so that one mistake costs one message.
    Unknown,
    /// A number.
    Number(Measure),
    /// A text.
    Text,
    /// Yes or no.
    Flag,
    /// A day.
    Date,
    /// One of some options.
    Choice(Arc<[Name]>),
    /// Several of some options; only `has` asks of it.
    Several(Arc<[Name]>),
}

/// What a number measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its unit; none for a number written without one, which takes the unit of its context.
    pub unit: Option<Unit>,
    /// Whether it is a share (占比): a quotient of like things, so that `95` beside it is surely meant as `95%`.
    pub share: bool,
    /// Whether a bare number is multiplied into it, as in `100 * a / b`, which then is no share.
    pub scaled: bool,
}

impl Type {
    /// A number in `unit`.
    pub fn number(unit: Unit) -> Type {
        Type::Number(Measure { unit: Some(unit), share: false, scaled: false })
    }

    /// A bare number, such as a count or points.
    pub fn plain() -> Type {
        Type::number(Unit::one())
    }

    /// A share of something.
    pub fn share() -> Type {
        Type::Number(Measure { unit: Some(Unit::one()), share: true, scaled: false })
    }

    /// A number as written, without a unit.
    pub fn bare() -> Type {
        Type::Number(Measure { unit: None, share: false, scaled: false })
    }

    /// Its unit, of a number that has one.
    pub fn unit(&self) -> Option<&Unit> {
        match self {
            Type::Number(measure) => measure.unit.as_ref(),
            _ => None,
        }
    }
}

/// The place of a field in `Form::fields`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldIx(pub usize);
