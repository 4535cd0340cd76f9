//! Forms (填报表) as written.

use super::{Expr, Head, Quantity, UnitExpr};
use crate::number::Exact;
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
    /// `filled by 学校, 县`: who fills in something of the form.
    Fillers(Vec<At<Name>>),
    /// `section 基本情况 { … }`
    Part {
        /// Name and title.
        head: Head,
        /// Its fields are asked only if this holds.
        when: Option<Expr>,
        /// Who fills in its fields.
        by: Option<At<Name>>,
        /// Fields and checks only.
        body: Vec<FormStmt>,
    },
    /// `table 班级 { … }`: rows of their own that belong to one submission.
    Rows {
        /// Name and title.
        head: Head,
        /// Asked only if this holds.
        when: Option<Expr>,
        /// Who fills it in.
        by: Option<At<Name>>,
        /// Fields, computed values and checks only.
        body: Vec<FormStmt>,
    },
    /// `each 对象 in [学生, 家长] { … }`: the same fields and checks once for each.
    Each {
        /// What they are called.
        name: At<Name>,
        /// For what.
        list: Vec<At<Name>>,
        /// Fields, computed values and checks only.
        body: Vec<FormStmt>,
    },
    /// `名称: text required`
    Field(Box<Field>),
    /// `compute 生师比 = 在校生数 / 专任教师数`
    Compute(Compute),
    /// `split 学部 { … }`
    Split(Split),
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
    /// What it counts as where it is not asked.
    pub otherwise: Option<Expr>,
    /// What the form offers.
    pub default: Option<Expr>,
    /// Who fills it in.
    pub by: Option<At<Name>>,
    /// The unit that it is filled in in, where that is another one.
    pub asked_in: Option<At<UnitExpr>>,
    /// Whether it must have a Chinese character in it; where written.
    pub han: Option<Span>,
    /// Whether it stays as it is once the submission is approved.
    pub locked: bool,
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
    /// 整数, with its digits where limited
    Integer(Option<u32>),
    /// 小数, with the digits before the point where limited, and its decimals
    Decimal(Option<u32>, u32),
    /// 百分比, with its digits and decimals where limited
    Percent(Option<u32>, Option<u32>),
    /// 金额: two decimals
    Money,
    /// 文本, with the least and greatest length where limited
    Text(Option<u32>, Option<u32>),
    /// 日期
    Date,
    /// 年份
    Year,
    /// 是否
    YesNo,
    /// 单选
    Choice(Vec<Coded>),
    /// 多选
    Choices(Vec<Coded>),
    /// 级联单选: the options of a choice that depend on another one.
    Cascade {
        /// The other one.
        by: At<Name>,
        /// Its options, each with those that it leaves.
        cases: Vec<(At<Name>, Vec<At<Name>>)>,
    },
    /// 附件
    Attach(Attach),
}

/// An option, and its code where it has one: `1 公办`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// 代码
    pub code: Option<At<Name>>,
    /// The option.
    pub option: At<Name>,
}

/// What may be attached (附件): `attach { accept pdf, jpg; at most 5 files; at most 20 MB }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attach {
    /// Endings of file names; none stands for all.
    pub accept: Vec<At<Name>>,
    /// How many files at most.
    pub files: Option<u32>,
    /// How large each may be, in MB.
    pub megabytes: Option<Exact>,
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
    /// The field whose answer lets a warning through: `unless 说明`.
    pub unless: Option<At<Name>>,
    /// The whole statement.
    pub span: Span,
}

/// A field that is computed from others (计算项).
#[derive(Clone, Debug)]
pub struct Compute {
    /// Its name.
    pub name: At<Name>,
    /// What it is.
    pub value: Expr,
    /// As printed.
    pub title: Option<At<String>>,
}

/// Units of evaluation that a submission splits into (拆分).
#[derive(Clone, Debug)]
pub struct Split {
    /// What they are called: 学部.
    pub name: At<Name>,
    /// The kinds of them.
    pub parts: Vec<SplitPart>,
    /// What they share.
    pub shares: Vec<Share>,
    /// From the keyword to the name.
    pub span: Span,
}

/// One kind of unit: `小学部 when 小学在校生数 > 0 { 学段 = 小学; weight 1 }`.
#[derive(Clone, Debug)]
pub struct SplitPart {
    /// Its name.
    pub name: At<Name>,
    /// Which submissions have it.
    pub when: Expr,
    /// What one of what is shared by counts for.
    pub weight: Option<At<Exact>>,
    /// Whether it only takes its share and is not judged.
    pub not_evaluated: bool,
    /// What it is said to be.
    pub set: Vec<(At<Name>, Expr)>,
    /// The whole part.
    pub span: Span,
}

/// `share 校舍面积, 设备值 by 在校生数`: in the proportion of the weighted numbers.
#[derive(Clone, Debug)]
pub struct Share {
    /// The fields that are shared.
    pub fields: Vec<At<Name>>,
    /// By what.
    pub by: At<Name>,
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
