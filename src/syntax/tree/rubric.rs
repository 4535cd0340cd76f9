//! Rubrics (评价体系) as written: what stands around the indicators.

use super::layer::{Extends, Guard, LayerStmt};
use super::{CompareOp, Expr, Head, Indicator, Judges};
use crate::number::{Exact, Rounding};
use crate::text::{At, Name, Span};
use chrono::NaiveDate;

/// A rubric (评价体系).
#[derive(Clone, Debug)]
pub struct Rubric {
    /// Name, title, doc.
    pub head: Head,
    /// The rubric that it is a layer upon (分层).
    pub extends: Option<Extends>,
    /// In the order written.
    pub body: Vec<RubricStmt>,
}

/// A statement of a rubric, a section or an `each`.
#[derive(Clone, Debug)]
pub enum RubricStmt {
    /// `version 2017.6`
    Version(At<String>),
    /// `authority "教督〔2017〕6号"`
    Authority(At<String>),
    /// `in force 2017-04-19..`
    InForce {
        /// The first day.
        from: Option<At<NaiveDate>>,
        /// The last day.
        to: Option<At<NaiveDate>>,
    },
    /// `subject 县`: the groups that it speaks of.
    Subject(Vec<At<Name>>),
    /// `reads 学校基础数据 as 校`
    Reads(Source),
    /// `over 资源配置 as 校`
    Over(Source),
    /// `also reads 县级保障 as 县`, `also reads 学校基础数据 as 上年 1 periods earlier`
    AlsoReads {
        /// The form and what it is called.
        source: Source,
        /// How many periods before the one that is judged.
        earlier: Option<At<u32>>,
    },
    /// `judges 评分单 as 单 by 指标, 角色 { … }`
    Judges(Judges),
    /// `total 100`
    Total(At<Exact>),
    /// `bonus at most 10`
    BonusCap(At<Exact>),
    /// `round half_up 2`, `round total half_up 0`
    Round(Round),
    /// `compare rounded 2`: 修约值比较法
    CompareRounded(At<u32>),
    /// `section A "办园条件" 35 { … }`
    Section {
        /// Code and title.
        head: Head,
        /// Its full marks.
        points: Option<At<Exact>>,
        /// What a point of it counts for (权重).
        weight: Option<At<Exact>>,
        /// Indicators, sections.
        body: Vec<RubricStmt>,
    },
    /// `indicator A1 … { … }`
    Indicator(Indicator),
    /// `each 段 in [小学, 初中] { … }`
    Each {
        /// The name that stands for each.
        name: At<Name>,
        /// What it stands for in turn.
        over: Vec<At<Path>>,
        /// Indicators.
        body: Vec<RubricStmt>,
        /// From the keyword to the list.
        span: Span,
    },
    /// `let 均分 = …`
    Let(Let),
    /// `veto … : "…" then 不合格`
    Veto {
        /// When it falls.
        condition: Expr,
        /// Why, as printed.
        reason: At<String>,
        /// The grade it forces.
        then: At<Name>,
        /// The whole statement.
        span: Span,
    },
    /// `grade { … }` or `conclusion { … }`
    Verdicts {
        /// Whether it says `grade`.
        by_total: bool,
        /// In order; the first that holds is taken.
        cases: Vec<Verdict>,
        /// The whole statement.
        span: Span,
    },
    /// `missing zero`
    Missing(At<MissingPolicy>),
    /// `not applicable full`
    Inapplicable(At<InapplicablePolicy>),
    /// `when …`: whom the rubric is for.
    When(Expr),
    /// `locked A1`, `only stricter A1..A7`
    Guard(Guard),
    /// What a layer changes.
    Layer(LayerStmt),
}

/// A form or rubric that is read, under a short name.
#[derive(Clone, Debug)]
pub struct Source {
    /// `学校基础数据`, or of the built-in library `national/…`, its parts as a path.
    pub path: At<Path>,
    /// The short name.
    pub alias: At<Name>,
}

/// Names joined by dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(pub Vec<At<Name>>);

/// Rounding of scores (取整).
#[derive(Clone, Debug)]
pub struct Round {
    /// Of the total only, or of each item.
    pub total: bool,
    /// Which way.
    pub mode: Rounding,
    /// To how many decimals.
    pub places: u32,
    /// The whole statement.
    pub span: Span,
}

/// A named intermediate value.
#[derive(Clone, Debug)]
pub struct Let {
    /// Its name.
    pub name: At<Name>,
    /// What it is.
    pub value: Expr,
}

/// What an indicator without data earns (缺报处理).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MissingPolicy {
    /// Unscored; the total is incomplete.
    Unscored,
    /// Zero points.
    Zero,
}

/// What an indicator that is not applicable earns (不适用处理).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InapplicablePolicy {
    /// Left out; the other points are scaled up to the full total.
    Reweight,
    /// Full marks.
    Full,
    /// No marks.
    Zero,
}

/// A case of `grade` or `conclusion`.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The conclusion.
    pub name: At<Name>,
    /// When it is drawn.
    pub condition: VerdictCondition,
    /// The whole case.
    pub span: Span,
}

/// When a conclusion is drawn.
#[derive(Clone, Debug)]
pub enum VerdictCondition {
    /// `otherwise`
    Otherwise,
    /// `only by veto`
    ByVeto,
    /// `>= 90 and …`: of the total.
    Total {
        /// How the total is compared.
        op: At<CompareOp>,
        /// With what.
        bound: Expr,
        /// What must hold besides.
        and: Option<Expr>,
    },
    /// Any condition.
    Expr(Expr),
}
