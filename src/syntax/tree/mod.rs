//! The tree of a text as it was written (语法树): every node with its place, statements in their order.
//!
//! Nothing is resolved here: a path is a list of names, a unit a list of words. Comments stand beside the tree with
//! their places ([`Tree::comments`]), so that a formatter or an editor can lay the text out again.
//! Not here: what the names mean (`model`, made by `check`).

mod expr;
mod form;
mod indicator;
mod judges;
mod layer;
mod rubric;
mod test;

pub use expr::{Arg, BinaryOp, Expr, ExprKind, Quantity, Scope};
pub use form::{Attach, Check, Coded, Compute, Field, FieldKind, Form, FormStmt, PeriodLength, Range, Share, Split, SplitPart};
pub use indicator::{
    Adjust, Alarm, AlarmWhen, Band, BandOf, CaseItem, CaseLine, CompareOp, Exception, ExceptionStmt, FirstCase, Indicator, IndicatorStmt,
    Knot, Level, Marks, Part, Script, Steps, Target, TargetCase, Times, Way,
};
pub use judges::{Absent, Judge, Judges, Taking};
pub use layer::{Change, Extends, Guard, LayerStmt};
pub use rubric::{InapplicablePolicy, Let, MissingPolicy, Path, Round, Rubric, RubricStmt, Source, Verdict, VerdictCondition};
pub use test::{Test, TestStmt};

use crate::number::Exact;
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
    /// Its scripts (脚本), in order: what stands between their braces.
    pub scripts: Vec<Span>,
    /// Pieces that could not be read; a diagnostic stands at each.
    pub broken: Vec<Span>,
    /// Whether the head of some block is lost, and with it a name that is missed elsewhere.
    pub headless: bool,
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
