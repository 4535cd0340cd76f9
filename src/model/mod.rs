//! What the rules mean (规则模型): names resolved, types and units known, ready to be evaluated.
//!
//! INVARIANT: a [`Rubric`] or [`Form`] here has passed `check`; every index in it is valid for the [`Rules`] it is in.
//! Not here: how it was written (`syntax::tree`), how it is computed (`eval`).

mod expr;
mod form;
mod function;
mod rubric;
pub mod script;
pub mod straight;
mod types;
mod unit;
mod way;
pub mod xlsform;

pub use expr::{Aspect, Expr, ExprId, Level, Node, Over, Slot, Statistic};
pub use form::{
    Attach, Check, Computed, Depends, Details, Field, FieldType, Form, FormSection, Group, Lowered, Period, Range, RowTable, Split,
    SplitPart,
};
pub use function::{Function, FunctionName, StatisticKind, function_names};
pub use rubric::{
    Adjust, Alarm, Beside, Exception, Indicator, Layer, LetValue, Many, Rounded, Rubric, Section, Source, Step, Target, TargetCase,
    Verdict, Verdicts, Veto,
};
pub use straight::{Branch, Branches, NotStraight, Ranged, ScriptNode, Straight, Straightened};
pub use types::{FieldIx, Measure, Type};
pub use unit::{Unit, UnitTable};
pub use way::{Assessed, AssessedRole, Band, BandOf, CaseItem, CaseLine, Input, Knot, Level as ScoreLevel, ScriptCode, Way};

use crate::number::Exact;
use crate::text::{At, Name, Span};
use chrono::NaiveDate;

/// Everything that a region's texts declare, checked.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// 填报表
    pub forms: Vec<Form>,
    /// 评价体系, each after those that it reads.
    pub rubrics: Vec<Rubric>,
    /// 参数
    pub params: Vec<Param>,
    /// 测试
    pub tests: Vec<Test>,
    /// 计量单位
    pub units: UnitTable,
}

impl Rules {
    /// The form of a name.
    pub fn form(&self, name: &str) -> Option<&Form> {
        self.forms.iter().find(|form| *form.name.it == *name)
    }

    /// The rubric of a name.
    pub fn rubric(&self, name: &str) -> Option<&Rubric> {
        self.rubrics.iter().find(|rubric| *rubric.name.it == *name)
    }
}

/// The form at the bottom of a rubric, by its place: that of the rubric that it is over, however deep.
pub fn bottom_of(rules: &Rules, rubric: &Rubric) -> Option<usize> {
    match rubric.source {
        Source::Form(at) => Some(at),
        Source::Rubric(at) => bottom_of(rules, rules.rubrics.get(at)?),
    }
}

/// A parameter (参数) with the days from which its values hold.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: At<Name>,
    /// Its unit.
    pub ty: Type,
    /// Sorted by date; the first may hold from always.
    pub values: Vec<(Option<NaiveDate>, At<Exact>)>,
    /// As printed.
    pub title: Option<String>,
}

impl Param {
    /// The value that holds on a day, with the day from which it holds; nothing before the first.
    pub fn on(&self, day: NaiveDate) -> Option<&(Option<NaiveDate>, At<Exact>)> {
        self.values.iter().rev().find(|(from, _)| from.is_none_or(|from| from <= day))
    }
}

/// A test (测试) of a rubric.
#[derive(Clone, Debug)]
pub struct Test {
    /// What it shows.
    pub title: At<String>,
    /// The rubric, as its place in [`Rules::rubrics`].
    pub rubric: usize,
    /// The day of evaluation, where it matters.
    pub on: Option<NaiveDate>,
    /// Submissions written in the test: the key where given, and each field with its value as text, as in a data file.
    pub given: Vec<Given>,
    /// Data files, named relative to the rule text.
    pub data: Vec<At<String>>,
    /// What must hold.
    pub expectations: Vec<Expectation>,
    /// The first line of the test.
    pub span: Span,
}

/// One submission of a test.
#[derive(Clone, Debug)]
pub struct Given {
    /// The form, as its place in [`Rules::forms`].
    pub form: usize,
    /// Whether it lies beside those that are judged (另用), and how many periods before.
    pub beside: Option<u32>,
    /// Field and value.
    pub cells: Vec<(FieldIx, At<GivenValue>)>,
    /// The key where one is written before the block.
    pub key: Option<At<String>>,
}

/// A value written in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenValue {
    /// A number, in the field's own unit.
    Number(Exact),
    /// A text or an option.
    Word(Name),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(NaiveDate),
}

/// What a test expects.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// A condition over the results of one subject, or of every subject of the test.
    Holds {
        /// The subject's key.
        subject: Option<At<String>>,
        /// The condition.
        condition: Expr,
    },
    /// A file of expected results.
    File {
        /// Named relative to the rule text.
        file: At<String>,
        /// The column that names the subject.
        by: At<Name>,
        /// Columns, each with what it must show.
        columns: Vec<(At<Name>, Expr)>,
    },
}
