//! Indicators (指标) as written: targets and ways of scoring.

use super::{Expr, Head, InapplicablePolicy, Let, MissingPolicy, Path, Quantity, Range, Round};
use crate::number::Exact;
use crate::text::{At, Name, Span};
use chrono::NaiveDate;

/// An indicator (指标).
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Code, title, doc.
    pub head: Head,
    /// Whether its points belong to the total, or come on top of it or off it.
    pub part: At<Part>,
    /// Its full marks (分值).
    pub points: Option<At<Exact>>,
    /// What a point of it counts for (权重).
    pub weight: Option<At<Exact>>,
    /// What it restates (条款).
    pub clause: Option<At<String>>,
    /// In the order written.
    pub body: Vec<IndicatorStmt>,
}

/// What the points of an indicator are to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Part of its full marks: `indicator`.
    Base,
    /// On top of it (加分): `bonus`.
    Bonus,
    /// Taken off it (扣减): `penalty`.
    Penalty,
}

/// A statement of an indicator.
#[derive(Clone, Debug)]
pub enum IndicatorStmt {
    /// `value …`
    Value(Expr),
    /// `target …`
    Target(Target),
    /// `score …`
    Score(At<Way>),
    /// `times 50% if …`
    Adjust(Adjust),
    /// `exception "…" when … { … } until …`
    Exception(Exception),
    /// `alarm 黄色 if … : "…"`, `alarm 黄色 by target 90%`
    Alarm(Alarm),
    /// `let …`
    Let(Let),
    /// `when …`: to whom it applies.
    When(Expr),
    /// `missing zero`
    Missing(At<MissingPolicy>),
    /// `not applicable full`
    Inapplicable(At<InapplicablePolicy>),
    /// `round half_up 2`
    Round(Round),
    /// `decimals 4`: how its value is shown.
    Decimals(At<u32>),
}

/// What becomes of the score if something holds: `zero if …`, `times 50% if …`.
#[derive(Clone, Debug)]
pub struct Adjust {
    /// What it is multiplied by.
    pub factor: At<Exact>,
    /// If this holds.
    pub when: Expr,
    /// As printed.
    pub label: Option<At<String>>,
    /// The whole statement.
    pub span: Span,
}

/// An alarm (预警) of a level, which changes neither score nor verdict.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// Its level (级别): 黄色.
    pub level: At<Name>,
    /// When it is raised.
    pub when: AlarmWhen,
    /// As printed.
    pub label: Option<At<String>>,
    /// The whole statement.
    pub span: Span,
}

/// When an alarm is raised.
#[derive(Clone, Debug)]
pub enum AlarmWhen {
    /// If this holds.
    If(Expr),
    /// At this share of the target.
    ByTarget(At<Exact>),
}

/// An exception (例外): for whom another target counts, or none.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Its name, as printed.
    pub title: At<String>,
    /// For whom.
    pub when: Expr,
    /// Its last day.
    pub until: Option<At<NaiveDate>>,
    /// What counts for them.
    pub body: Vec<ExceptionStmt>,
    /// From the keyword to the condition.
    pub span: Span,
}

/// A statement of an exception.
#[derive(Clone, Debug)]
pub enum ExceptionStmt {
    /// `target …`
    Target(Target),
    /// `not applicable`
    Exempt(Span),
}

/// A target (目标).
#[derive(Clone, Debug)]
pub struct Target {
    /// The choice that it depends on.
    pub by: Option<At<Path>>,
    /// One target, or one a case.
    pub cases: Vec<TargetCase>,
    /// Whether it tightens another, whose unit its bounds are converted to.
    pub tightens: bool,
    /// The whole statement.
    pub span: Span,
}

/// One case of a target.
#[derive(Clone, Debug)]
pub struct TargetCase {
    /// For which options; none means all others.
    pub options: Vec<At<Name>>,
    /// How the value is compared.
    pub op: At<CompareOp>,
    /// With what.
    pub bound: Expr,
    /// The whole case.
    pub span: Span,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `>=` 不低于
    Ge,
    /// `>` 高于
    Gt,
    /// `<=` 不超过
    Le,
    /// `<` 低于
    Lt,
    /// `==` 等于
    Eq,
    /// `!=` 不等于
    Ne,
}

impl CompareOp {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Ge => ">=",
            CompareOp::Gt => ">",
            CompareOp::Le => "<=",
            CompareOp::Lt => "<",
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
        }
    }

    /// The comparison with both sides exchanged.
    pub fn turned(self) -> CompareOp {
        match self {
            CompareOp::Ge => CompareOp::Le,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Eq => CompareOp::Eq,
            CompareOp::Ne => CompareOp::Ne,
        }
    }

    /// What holds where it does not.
    pub fn opposite(self) -> CompareOp {
        match self {
            CompareOp::Ge => CompareOp::Lt,
            CompareOp::Gt => CompareOp::Le,
            CompareOp::Le => CompareOp::Gt,
            CompareOp::Lt => CompareOp::Ge,
            CompareOp::Eq => CompareOp::Ne,
            CompareOp::Ne => CompareOp::Eq,
        }
    }

    /// Whether `order`, left against right, satisfies it.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Ge => order.is_ge(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Lt => order.is_lt(),
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
        }
    }
}

/// A way of scoring (计分方法).
#[derive(Clone, Debug)]
pub enum Way {
    /// `all or nothing`
    AllOrNone,
    /// `bands { >= 9: 8; else: 0 }`
    Bands {
        /// Of attainment, not of the value: `bands by attained { … }`.
        by_attained: bool,
        /// In their order.
        bands: Vec<Band>,
    },
    /// `linear { 0: 0; 20: 20 }`
    Linear(Vec<Knot>),
    /// `proportional`
    Proportional {
        /// Zero below this share of the target.
        floor: Option<At<Exact>>,
    },
    /// `full, minus 0.2 per 1% below`
    FullMinus {
        /// Points off a step.
        minus: At<Exact>,
        /// The size of a step.
        step: At<Quantity>,
        /// Short of the target, or beyond it.
        below: bool,
        /// How a part of a step counts.
        steps: Steps,
    },
    /// `deduct { … }`
    Deduct(Vec<CaseLine>),
    /// `checklist { … }`
    Checklist(Vec<CaseLine>),
    /// `first { 4 if …; 2 if …; else: 0 }`
    First(Vec<FirstCase>),
    /// `levels { A: 100%; B: 80% }`
    Levels(Vec<Level>),
    /// `judged 单.等次 { A: 100%; B: 80% }`, `judged 单.得分`
    Judged {
        /// A field of the assessments: points, or a level.
        field: Expr,
        /// What each level earns, of levels.
        levels: Option<Vec<Level>>,
    },
    /// `script { … }`, a rhai script.
    Script(Script),
    /// `= expression`
    Formula(Expr),
}

/// How a part of a step counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Steps {
    /// In proportion.
    Linear,
    /// Not at all.
    Whole,
    /// As a whole one.
    Started,
}

/// A band (档).
#[derive(Clone, Debug)]
pub struct Band {
    /// Which values.
    pub of: BandOf,
    /// What they earn.
    pub marks: At<Marks>,
    /// The whole case.
    pub span: Span,
}

/// Which values a band takes.
#[derive(Clone, Debug)]
pub enum BandOf {
    /// All that are left.
    Else,
    /// `>= 9`
    Compare(At<CompareOp>, At<Quantity>),
    /// `60..75`: from the first up to, but without, the second.
    Range(At<Range>),
}

/// Points, or a share of the full marks.
#[derive(Clone, Debug, PartialEq)]
pub enum Marks {
    /// `8`
    Points(Exact),
    /// `80%`
    Share(Exact),
}

/// A corner of a piecewise linear score.
#[derive(Clone, Debug)]
pub struct Knot {
    /// The value.
    pub at: At<Quantity>,
    /// What it earns.
    pub marks: At<Marks>,
    /// The whole case.
    pub span: Span,
}

/// One line of a deduction or a checklist.
#[derive(Clone, Debug)]
pub enum CaseLine {
    /// Points for something.
    Item(CaseItem),
    /// `highest { … }`: only the line with the most points counts.
    Highest(Vec<CaseItem>),
}

/// Points for something that is counted or that holds.
#[derive(Clone, Debug)]
pub struct CaseItem {
    /// How many points.
    pub marks: At<Marks>,
    /// How often.
    pub times: Times,
    /// As printed.
    pub label: Option<At<String>>,
    /// The whole case.
    pub span: Span,
}

/// How often a line of a deduction or a checklist counts.
#[derive(Clone, Debug)]
pub enum Times {
    /// `each 校.隐患数`: for each of a number.
    Each(Expr),
    /// `if …`: once if a condition holds.
    If(Expr),
    /// `each of […]`: for each condition that holds.
    EachOf(Vec<Expr>),
    /// `each missing of […]`: for each condition that does not hold.
    EachMissing(Vec<Expr>),
}

/// One case of `first { … }`.
#[derive(Clone, Debug)]
pub struct FirstCase {
    /// What it earns.
    pub marks: At<Marks>,
    /// When; none: in all other cases.
    pub when: Option<Expr>,
    /// As printed.
    pub label: Option<At<String>>,
    /// The whole case.
    pub span: Span,
}

/// One level.
#[derive(Clone, Debug)]
pub struct Level {
    /// The options of the value; none means all others.
    pub options: Vec<At<Name>>,
    /// What they earn.
    pub marks: At<Marks>,
    /// The whole case.
    pub span: Span,
}

/// A rhai script.
#[derive(Clone, Debug)]
pub enum Script {
    /// The place of its text, between the braces.
    Inline(Span),
    /// The file beside the rubric.
    File(At<String>),
}
