//! Layers (分层) as written: what a rubric changes in the one that it extends, and what no layer may change.

use super::{Indicator, Path, RubricStmt, Target, Verdict};
use crate::number::Exact;
use crate::text::{At, Name, Span};

/// `extends national/资源配置`, `extends 资源配置 from "省/资源配置.heng"`
#[derive(Clone, Debug)]
pub struct Extends {
    /// The rubric below which this one is a layer, its parts as a path.
    pub path: At<Path>,
    /// The text that it stands in, named from the folder of this one.
    pub from: Option<At<String>>,
}

/// `locked A1, B` or `only stricter A1..A7, conclusion`
#[derive(Clone, Debug)]
pub struct Guard {
    /// Whether nothing of them may be touched; otherwise they may be made stricter.
    pub locked: bool,
    /// Indicators and sections by their codes, `grade`, `conclusion`; a range has two ends.
    pub items: Vec<(At<Name>, Option<At<Name>>)>,
    /// The whole statement.
    pub span: Span,
}

/// One change that a layer makes.
#[derive(Clone, Debug)]
pub struct LayerStmt {
    /// Which.
    pub change: Change,
    /// The whole statement.
    pub span: Span,
}

/// What a layer changes.
#[derive(Clone, Debug)]
pub enum Change {
    /// `tighten A1 target >= 4.5`
    Tighten {
        /// The indicator.
        code: At<Name>,
        /// The stricter target.
        target: Target,
    },
    /// `tighten conclusion { 达标: … }`
    TightenVerdicts {
        /// Whether it says `grade`.
        by_total: bool,
        /// The cases that get a stricter condition.
        cases: Vec<Verdict>,
    },
    /// `replace A2 { … }`
    Replace(Indicator),
    /// `add to A indicator A9 … { … }`
    Add {
        /// The section that it goes into.
        to: Option<At<Name>>,
        /// An indicator, a section or an `each`.
        what: Box<RubricStmt>,
    },
    /// `split B4 into { … }`
    Split {
        /// The indicator that is split.
        code: At<Name>,
        /// Those that it is split into.
        parts: Vec<RubricStmt>,
    },
    /// `points A1 6, A2 4`
    Weigh(Vec<(At<Name>, At<Exact>)>),
    /// `title A1 "…"`
    Title(At<Name>, At<String>),
    /// `clause A1 "…"`
    Clause(At<Name>, At<String>),
    /// `remove A3`
    Remove(Vec<At<Name>>),
}
