//! Forms (填报表) as written.

use super::{Expr, Head, Quantity, UnitExpr};
use crate::text::{At, Name, Span};

/// A collection form (填报表).
#[derive(Clone, Debug)]
pub struct Form {
    /// Name, title, doc.
    pub head: Head,
    /// In the order written.
    pub body: Vec<FormStmt>,
}

/// A statement of a form.
#[derive(Clone, Debug)]
pub enum FormStmt {
    /// `version 2024.1`
    Version(At<String>),
    /// `subject 学校 by 学校代码`
    Subject {
        /// Whom a submission speaks of.
        kind: At<Name>,
        /// The field that identifies it.
        key: At<Name>,
    },
    /// `within 县 by 县代码`; without `by`, all subjects are in one group.
    Within {
        /// What the group is.
        kind: At<Name>,
        /// The field that names the group.
        key: Option<At<Name>>,
    },
    /// `period year`
    Period {
        /// How long.
        length: At<PeriodLength>,
        /// The field that says which.
        key: Option<At<Name>>,
    },
    /// `section 基本情况 { … }`
    Part {
        /// Name and title.
        head: Head,
        /// Fields and checks only.
        body: Vec<FormStmt>,
    },
    /// `名称: text required`
    Field(Box<Field>),
    /// `check a <= b : "…"` or `warn …`
    Check(Check),
}

/// How long one submission counts for (填报周期).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodLength {
    /// 年度
    Year,
    /// 学期
    Term,
    /// 月度
    Month,
}

/// A field of a form (填报项).
#[derive(Clone, Debug)]
pub struct Field {
    /// As its column is headed.
    pub name: At<Name>,
    /// What may be filled in.
    pub kind: At<FieldKind>,
    /// The unit of a number.
    pub unit: Option<At<UnitExpr>>,
    /// The least and the greatest value.
    pub range: Option<At<Range>>,
    /// Whether it must be filled in; where written.
    pub required: Option<Span>,
    /// Asked only if this holds.
    pub when: Option<Expr>,
    /// The label printed on the form.
    pub label: Option<At<String>>,
    /// A regular form of a text.
    pub pattern: Option<At<String>>,
    /// Help for who fills it in.
    pub hint: Option<At<String>>,
    /// The `///` lines above it.
    pub doc: Option<String>,
    /// The whole statement.
    pub span: Span,
}

/// What may be filled in (填报类型).
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// 整数
    Integer,
    /// 小数, with its decimals
    Decimal(u32),
    /// 百分比, with its decimals where limited
    Percent(Option<u32>),
    /// 金额: two decimals
    Money,
    /// 文本
    Text,
    /// 日期
    Date,
    /// 是否
    YesNo,
    /// 单选
    Choice(Vec<At<Name>>),
}

/// `check` refuses a submission, `warn` asks for an answer.
#[derive(Clone, Debug)]
pub struct Check {
    /// Whether it refuses.
    pub refuses: bool,
    /// What must hold.
    pub condition: Expr,
    /// What is said when it does not.
    pub message: At<String>,
    /// The whole statement.
    pub span: Span,
}

/// A range with at least one end, both included.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub from: Option<Quantity>,
    /// The greatest (for a band: the first that is outside).
    pub to: Option<Quantity>,
}
