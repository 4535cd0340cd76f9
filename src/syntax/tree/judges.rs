//! Assessors (评定主体) as written: whose assessments count, and how they are put together.

use super::{Marks, Source};
use crate::number::Exact;
use crate::text::{At, Name, Span};

/// `judges 评分单 as 单 by 指标, 角色 { … }`
#[derive(Clone, Debug)]
pub struct Judges {
    /// The form of an assessment, and what it is called.
    pub source: Source,
    /// The field that holds the code of the indicator.
    pub item: At<Name>,
    /// The field that holds the role (角色).
    pub role: At<Name>,
    /// The roles.
    pub roles: Vec<Judge>,
    /// How far roles may lie apart before it is told (容差).
    pub tolerance: Vec<At<Marks>>,
    /// The head of the statement.
    pub span: Span,
}

/// One role: `专家组: 60% drop each end 1 at least 3 else 自评`.
#[derive(Clone, Debug)]
pub struct Judge {
    /// The role, an option of its field.
    pub role: At<Name>,
    /// What it counts for.
    pub weight: At<Exact>,
    /// How one mark is made of those of several assessors.
    pub taking: At<Taking>,
    /// With fewer assessments the role counts as absent.
    pub at_least: Option<At<u32>>,
    /// What counts where it is absent.
    pub absent: Absent,
    /// The whole line.
    pub span: Span,
}

/// How one mark is made of several.
#[derive(Clone, Debug)]
pub enum Taking {
    /// `mean`
    Mean,
    /// `median`
    Median,
    /// `lowest`
    Lowest,
    /// `latest by 日期`: of the latest day; the mean of those of one day.
    Latest(At<Name>),
    /// `drop each end 1`: the mean without so many highest and as many lowest.
    DropEnds(At<u32>),
}

/// What counts where a role is absent.
#[derive(Clone, Debug)]
pub enum Absent {
    /// There is no score.
    Unscored,
    /// `else 自评`: what that role gave.
    Role(At<Name>),
    /// `may be absent`: the others share its weight.
    Shared,
}
