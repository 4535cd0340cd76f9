//! Scripts without jumps (无分支程序): what a script computes, as a flat list of operations, so that it can be run for all
//! subjects at once.
//!
//! `check::straight` makes it; it means exactly what running the script means (`eval::script`). Each operation comes, for
//! one subject, to a value, to `()` (rhai's value for what is missing), or it *stops* the script. What stops first, in the
//! order of the operands as far as they are looked at, stops the whole. The script as a whole then
//!
//! * has a value: its result is a number;
//! * is missing: it was stopped by a `()` that stands where yes or no is needed, or its result is `()`, and some input is
//!   missing;
//! * has failed: it was stopped by anything else (a division by zero, a `throw`), or as above with all inputs there.
//!
//! All inputs of the script count for that, also those that the program does not read; and an input whose value is not
//! exact leaves no result before anything is run. What rhai says of a failure is not in here: whoever wants its words runs
//! the script.

use super::types::Type;
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::{Name, Span};
use std::fmt;
use std::sync::{Arc, LazyLock};

/// The most operations of a script without jumps.
pub const MOST_NODES: usize = 1_000;

/// A script without jumps.
#[derive(Clone, Debug, PartialEq)]
pub struct Straight {
    /// Its operations; operands are places of earlier ones. Equal operations stand here once.
    pub nodes: Vec<ScriptNode>,
    /// The place of its result, a number or `()`.
    pub result: usize,
    /// It means what the script means while each number that is an input, and full marks, has at most so many bits
    /// ([`Exact::bits`]), and each text at most [`LONGEST`](super::script::LONGEST) bytes: beyond, the script might exceed
    /// its limits, and has to be run itself. Ordinary data are far from it.
    pub most_bits: usize,
}

/// A script without jumps, or why there is no such thing; made when it is first asked for, because most of the scripts that
/// are read in a run are not those of the rubric that is run. Cheap to clone.
#[derive(Clone)]
pub struct Straightened(Arc<LazyLock<Made, Make>>);

type Made = (Result<Straight, NotStraight>, Vec<Ranged>, Branches);
type Make = Box<dyn FnOnce() -> Made + Send>;

/// A value in a script that a `switch` holds against ranges.
#[derive(Clone, Debug)]
pub struct Ranged {
    /// Where it is written.
    pub span: Span,
    /// Whether the script itself divides on the way to it.
    pub divided: bool,
    /// The inputs that it is computed from, by their places.
    pub inputs: Vec<usize>,
}

/// The branches of a script, as far as it was read: what must hold for each to be reached.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    /// The operations that the conditions are made of.
    pub nodes: Vec<ScriptNode>,
    /// Each branch each time that it is read: once a turn of a loop, once a call of its function.
    pub list: Vec<Branch>,
}

/// A branch of a script.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Where its condition, or its `else`, is written.
    pub span: Span,
    /// Conditions, by their places, and what each must come to.
    pub path: Vec<(usize, bool)>,
}

impl Straightened {
    /// What `make` will make.
    pub fn by(make: impl FnOnce() -> Made + Send + 'static) -> Straightened {
        Straightened(Arc::new(LazyLock::new(Box::new(make))))
    }

    /// The script without jumps.
    ///
    /// # Errors
    /// Why there is none.
    pub fn get(&self) -> Result<&Straight, &NotStraight> {
        self.0.0.as_ref()
    }

    /// What its `switch` holds against ranges, as far as it was read.
    pub fn ranged(&self) -> &[Ranged] {
        &self.0.1
    }

    /// Its branches, as far as it was read.
    pub fn branches(&self) -> &Branches {
        &self.0.2
    }

    /// Whether it is the same script.
    pub fn is(&self, other: &Straightened) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Straightened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// One operation. A number operation, [`Compare`](ScriptNode::Compare) and [`Not`](ScriptNode::Not) of a `()` are `()`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ScriptNode {
    /// A number.
    Number(Exact),
    /// A text.
    Word(Name),
    /// Yes or no.
    Flag(bool),
    /// `()`.
    Unit,
    /// An input, by its place in `ScriptCode::inputs`; `()` where it is missing.
    Input(usize),
    /// Full marks, where they are not known yet.
    Points,
    /// Stops the script: failed.
    Fail,
    /// −a
    Negate(usize),
    /// a + b
    Add(usize, usize),
    /// a − b
    Sub(usize, usize),
    /// a · b
    Mul(usize, usize),
    /// a ÷ b; by zero it fails.
    Div(usize, usize),
    /// What is left of a ÷ b, with the sign of a; by zero it fails.
    Rem(usize, usize),
    /// a to a constant power.
    Power(usize, u32),
    /// The absolute value.
    Abs(usize),
    /// Rounded down to so many decimals.
    Floor(usize, u32),
    /// Rounded up.
    Ceil(usize, u32),
    /// Rounded half away from zero.
    Round(usize, u32),
    /// The smaller number.
    Min(usize, usize),
    /// The larger number.
    Max(usize, usize),
    /// Compares two numbers: `<`, `<=`, `>` or `>=`.
    Compare(CompareOp, usize, usize),
    /// Whether two values of one kind are the same; `()` is the same as `()` and as nothing else. Never `()`.
    Equal(usize, usize),
    /// Whether a number is one that rhai holds as a whole number or decimal ([`Exact::to_i64`], [`Exact::to_decimal`]):
    /// the ranges of a `switch` take no other. Not so for `()`. Never `()`.
    Decimal(usize),
    /// Whether it is not `()`. Never `()`.
    Filled(usize),
    /// Both; b is looked at only if a is yes. A `()` that is looked at stops the script: missing.
    And(usize, usize),
    /// Either; b is looked at only if a is no. A `()` that is looked at stops the script: missing.
    Or(usize, usize),
    /// The opposite.
    Not(usize),
    /// One of two; the other is not looked at. A `()` for `when` stops the script: missing.
    Select {
        /// Yes or no.
        when: usize,
        /// If yes.
        then: usize,
        /// If no.
        otherwise: usize,
    },
    /// The value, after looking at `checked` in order: what the script computes and does not use may stop it, too.
    Strict {
        /// Looked at; what they come to does not matter unless they stop the script.
        checked: Vec<usize>,
        /// The value.
        value: usize,
    },
}

/// Why a script has to be run for one subject after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct NotStraight {
    /// Where.
    pub span: Span,
    /// Why.
    pub why: WhyNot,
}

/// What stands in the way of running a script for all subjects at once.
#[derive(Clone, Debug, PartialEq)]
pub enum WhyNot {
    /// How often a loop runs depends on data.
    Loop,
    /// This function works on texts, lists or the script itself.
    Function(Name),
    /// This function calls itself.
    Recursion(Name),
    /// A statement or expression of another kind than choosing and computing: `try`, a map, a closure.
    Construct(Construct),
    /// A value that is sometimes a number and sometimes something else.
    Mixed,
    /// This operator stands between values that are no numbers.
    Operator(Name),
    /// This name means nothing at this place: inside a function, only its parameters do.
    Name(Name),
    /// An input of this type.
    Input(Type),
    /// Something is assigned inside a condition or an operand.
    Aside,
    /// Too many operations.
    TooLong,
    /// Numbers may get too long.
    TooLarge,
}

/// A kind of expression or statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `#{ … }`
    Map,
    /// `|x| …`, a function as a value
    Closure,
    /// `try { … } catch { … }`
    Try,
    /// `"… ${x}"`, a text that is put together
    Text,
    /// `a[i] = …`, `a.b = …`
    Change,
    /// `a[i]`, `a.b` of something else than a list and a constant, or an object and its field
    Part,
    /// `for` over something else than a list or a constant range
    Over,
    /// A list or range where one value is needed
    List,
    /// `break` with a value
    Break,
    /// A case of a `switch` that is no number, text, flag or range
    Case,
    /// Anything else
    Other,
}
