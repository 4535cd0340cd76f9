//! The tree of a text as it was written (语法树): every node with its place, statements in their order.
//!
//! Nothing is resolved here: a path is a list of names, a unit a list of words. Comments stand beside the tree with
//! their places ([`Tree::comments`]), so that a formatter or an editor can lay the text out again.
//! Not here: what the names mean (`model`, made by `check`).

use crate::number::{Exact, Rounding};
use crate::text::{At, Name, Span, TextId};
use chrono::NaiveDate;

/// One text.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Which text.
    pub text: TextId,
    /// What it declares, in order.
    pub items: Vec<Item>,
    /// Its comments (注释), in order.
    pub comments: Vec<Comment>,
    /// Pieces that could not be read; a diagnostic stands at each.
    pub broken: Vec<Span>,
}

/// A comment: `// …` or, as documentation of what follows, `/// …`.
#[derive(Clone, Debug)]
pub struct Comment {
    /// With its slashes, without the line's end.
    pub span: Span,
    /// Whether it documents the item below it.
    pub doc: bool,
    /// Whether only blanks stand before it on its line.
    pub alone: bool,
}

/// What a text can declare.
#[derive(Clone, Debug)]
pub enum Item {
    /// 填报表
    Form(Form),
    /// 评价体系
    Rubric(Rubric),
    /// 单位: one statement may declare several.
    Units(Vec<UnitDef>),
    /// 参数
    Param(Param),
    /// 测试
    Test(Test),
}

/// What stands at the head of everything that has a name, a title and a body.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its name or code.
    pub name: At<Name>,
    /// Its full title, as printed.
    pub title: Option<At<String>>,
    /// The `///` lines above it.
    pub doc: Option<String>,
    /// From the keyword to the title.
    pub span: Span,
    /// From the keyword to the closing brace.
    pub whole: Span,
}

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

/// `师` or `百生 = 100 生`.
#[derive(Clone, Debug)]
pub struct UnitDef {
    /// The new unit.
    pub name: At<Name>,
    /// What one of it is.
    pub equals: Option<(Exact, At<UnitExpr>)>,
}

/// A unit as written: words multiplied and divided, `平方米/生`.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitExpr {
    /// Each word, and whether it stands below the line.
    pub factors: Vec<(At<Name>, bool)>,
}

/// A parameter (参数): one value, or one from each date on.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: At<Name>,
    /// The unit of its values.
    pub unit: Option<At<UnitExpr>>,
    /// Each value with the date from which it holds.
    pub values: Vec<(Option<At<NaiveDate>>, At<Quantity>)>,
    /// What it is, as printed.
    pub title: Option<At<String>>,
    /// The `///` lines above it.
    pub doc: Option<String>,
    /// The whole statement.
    pub span: Span,
}

/// A rubric (评价体系).
#[derive(Clone, Debug)]
pub struct Rubric {
    /// Name, title, doc.
    pub head: Head,
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
    /// `total 100`
    Total(At<Exact>),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingPolicy {
    /// Unscored; the total is incomplete.
    Unscored,
    /// Zero points.
    Zero,
}

/// What an indicator that is not applicable earns (不适用处理).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// An indicator (指标).
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Code, title, doc.
    pub head: Head,
    /// Its full marks (分值).
    pub points: Option<At<Exact>>,
    /// What it restates (条款).
    pub clause: Option<At<String>>,
    /// In the order written.
    pub body: Vec<IndicatorStmt>,
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

/// A target (目标).
#[derive(Clone, Debug)]
pub struct Target {
    /// The choice that it depends on.
    pub by: Option<At<Path>>,
    /// One target, or one a case.
    pub cases: Vec<TargetCase>,
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
    Bands(Vec<Band>),
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
    Deduct(Vec<CaseItem>),
    /// `checklist { … }`
    Checklist(Vec<CaseItem>),
    /// `levels { A: 100%; B: 80% }`
    Levels(Vec<Level>),
    /// `script { … }`, a rhai script.
    Script(Script),
    /// `= expression`
    Formula(Expr),
}

/// How a part of a step counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub struct CaseItem {
    /// How many points.
    pub marks: At<Marks>,
    /// For each of a number, or once if a condition holds.
    pub each: bool,
    /// The number or the condition.
    pub what: Expr,
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

/// A test (测试).
#[derive(Clone, Debug)]
pub struct Test {
    /// What it shows.
    pub title: At<String>,
    /// The rubric.
    pub of: At<Path>,
    /// In order.
    pub body: Vec<TestStmt>,
    /// The `///` lines above it.
    pub doc: Option<String>,
    /// The first line.
    pub span: Span,
}

/// A statement of a test.
#[derive(Clone, Debug)]
pub enum TestStmt {
    /// `on 2024-09-01`
    On(At<NaiveDate>),
    /// `given 校 { 在校生数: 300 }`: one submission.
    Given {
        /// The short name of the form.
        alias: At<Name>,
        /// Its key, where several are given.
        key: Option<At<String>>,
        /// Field and value.
        cells: Vec<(At<Name>, Expr)>,
    },
    /// `data "schools.csv"`
    Data(At<String>),
    /// `expect A1 >= 4`, `expect "庐阳区": B1.met`
    Expect {
        /// Of whom, where there are several.
        subject: Option<At<String>>,
        /// What must hold.
        condition: Expr,
    },
    /// `expect file "expected.csv" by district { total: total }`
    ExpectFile {
        /// The file of expected results.
        file: At<String>,
        /// Its column that names the subject.
        by: At<Name>,
        /// Its columns, each with what it shows.
        columns: Vec<(At<Name>, Expr)>,
    },
}

/// A number with what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number; of `95%` it is 0.95.
    pub number: Exact,
    /// `%` or `‰` stood behind it.
    pub percent: bool,
    /// Its unit.
    pub unit: Option<At<UnitExpr>>,
    /// A date, where one stood in the place of a number.
    pub date: Option<NaiveDate>,
}

/// An expression (表达式).
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `4.5 平方米`
    Quantity(Quantity),
    /// `"…"`
    Text(String),
    /// `yes`, `否`: with its spelling, as an option may be called so.
    Flag(bool, Name),
    /// `2024-01-01`
    Date(NaiveDate),
    /// `校.在校生数`
    Path(Path),
    /// `A1..A7`
    CodeRange(At<Name>, At<Name>),
    /// `cv(校.A1, weight 校.在校生数) where …`
    Call {
        /// The function.
        name: At<Name>,
        /// What it is given.
        args: Vec<Arg>,
        /// Which members count.
        filter: Option<Box<Expr>>,
    },
    /// Two expressions and an operator.
    Binary {
        /// The operator.
        op: At<BinaryOp>,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `not …`
    Not(Box<Expr>),
    /// `-…`
    Negate(Box<Expr>),
    /// `x in [a, b]`
    In {
        /// What is looked for.
        what: Box<Expr>,
        /// Among what.
        list: Vec<Expr>,
    },
    /// `x in 师/百生`
    Convert {
        /// What is converted.
        what: Box<Expr>,
        /// Into what.
        unit: At<UnitExpr>,
    },
    /// `if a then x else y`
    Choose {
        /// Conditions with their values, the first that holds is taken.
        cases: Vec<(Expr, Expr)>,
        /// When none holds.
        otherwise: Box<Expr>,
    },
    /// `every section >= 80%`
    EverySection {
        /// How each section's share of its points is compared.
        op: At<CompareOp>,
        /// With what.
        bound: Quantity,
    },
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A value.
    Value(Expr),
    /// `weight …`
    Weight(Expr),
    /// `over all`, `over group`
    Scope(At<Scope>),
}

/// Over whom a statistic is taken (统计范围).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// 全体: every subject of the run.
    All,
    /// 同组: the subjects of the same group.
    Group,
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `or`, also for a default: `x or 0`.
    Or,
    /// `and`
    And,
    /// `>=` and its kin
    Compare(CompareOp),
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}
