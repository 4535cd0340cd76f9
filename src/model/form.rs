//! Forms (填报表), checked.

use super::expr::Expr;
use super::types::{FieldIx, Type};
use super::unit::Unit;
use crate::number::Exact;
use crate::syntax::tree::PeriodLength;
use crate::text::{At, Name, Span};
use chrono::NaiveDate;
use std::ops;
use std::sync::Arc;

/// A collection form (填报表).
#[derive(Clone, Debug)]
pub struct Form {
    /// Its name.
    pub name: At<Name>,
    /// Its title, as printed.
    pub title: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whom a submission speaks of: 学校.
    pub subject: Name,
    /// The field that identifies the subject.
    pub key: FieldIx,
    /// The groups that subjects belong to: 县, 市.
    pub groups: Vec<Group>,
    /// How long a submission counts for.
    pub period: Option<Period>,
    /// All fields, in the order of the form.
    pub fields: Vec<Field>,
    /// Its sections (栏目), in the order of the form; fields before and between them belong to none.
    pub sections: Vec<FormSection>,
    /// All checks, in the order of the form.
    pub checks: Vec<Check>,
    /// Values that are computed from fields; one of a field's name stands in its place.
    pub computed: Vec<Computed>,
    /// Of a form of units that submissions split into.
    pub split: Option<Split>,
}

impl Form {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<(FieldIx, &Field)> {
        let at = self.fields.iter().position(|field| *field.name.it == *name)?;
        Some((FieldIx(at), self.fields.get(at)?))
    }

    /// The computed value of a name.
    pub fn computed(&self, name: &str) -> Option<&Computed> {
        self.computed.iter().find(|computed| *computed.name.it == *name)
    }

    /// The group of a kind.
    pub fn group(&self, kind: &str) -> Option<&Group> {
        self.groups.iter().find(|group| *group.kind == *kind)
    }
}

/// A section of a form (栏目): what stands together on paper.
#[derive(Clone, Debug)]
pub struct FormSection {
    /// Its name.
    pub name: Name,
    /// As printed.
    pub title: Option<String>,
    /// Its fields, by their places in [`Form::fields`].
    pub fields: ops::Range<usize>,
    /// Its checks, by their places in [`Form::checks`].
    pub checks: ops::Range<usize>,
}

/// A value computed from the fields of a submission (计算项).
#[derive(Clone, Debug)]
pub struct Computed {
    /// Its name.
    pub name: At<Name>,
    /// As printed.
    pub title: Option<String>,
    /// What it is.
    pub value: Expr,
    /// Whether it is a share of what a whole submission has.
    pub shared: bool,
}

/// How submissions split into units of evaluation (拆分).
#[derive(Clone, Debug)]
pub struct Split {
    /// The form that is filled in, by its place in `Rules::forms`. Its fields are those of the form of units, too; the last
    /// field of that says which part a unit is.
    pub of: usize,
    /// The parts, in the order written.
    pub parts: Vec<SplitPart>,
}

/// One kind of unit.
#[derive(Clone, Debug)]
pub struct SplitPart {
    /// Its name: 小学部.
    pub name: Name,
    /// Which submissions have it.
    pub when: Expr,
    /// Whether it is judged; otherwise it only takes its share.
    pub evaluated: bool,
}

/// A kind of group (分组).
#[derive(Clone, Debug)]
pub struct Group {
    /// What it is: 县.
    pub kind: Name,
    /// The field that names it; without one, all subjects are in one group.
    pub key: Option<FieldIx>,
}

/// How long a submission counts for (填报周期).
#[derive(Clone, Debug)]
pub struct Period {
    /// How long.
    pub length: PeriodLength,
    /// The field that says which.
    pub key: Option<FieldIx>,
}

/// A field (填报项).
#[derive(Clone, Debug)]
pub struct Field {
    /// As its column is headed.
    pub name: At<Name>,
    /// What may be filled in.
    pub kind: FieldType,
    /// The least and the greatest value.
    pub range: Option<Range>,
    /// Whether it must be filled in.
    pub required: bool,
    /// Asked only if this holds.
    pub when: Option<Expr>,
    /// The label printed on the form.
    pub label: Option<String>,
    /// A regular expression that a text must match whole.
    pub pattern: Option<At<String>>,
    /// Help for who fills it in.
    pub hint: Option<String>,
}

impl Field {
    /// The type of its values.
    pub fn ty(&self) -> Type {
        match &self.kind {
            FieldType::Integer(unit) | FieldType::Decimal(_, unit) => Type::number(unit.clone()),
            FieldType::Percent(_) => Type::share(),
            FieldType::Text => Type::Text,
            FieldType::Date => Type::Date,
            FieldType::YesNo => Type::Flag,
            FieldType::Choice(options) => Type::Choice(options.clone()),
        }
    }

    /// Decimals that are shown: those that may be filled in.
    pub fn decimals(&self) -> Option<u32> {
        match self.kind {
            FieldType::Integer(_) => Some(0),
            FieldType::Decimal(places, _) => Some(places),
            _ => None,
        }
    }
}

/// What may be filled in (填报类型).
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// A whole number.
    Integer(Unit),
    /// A decimal with at most so many decimals; money is one with two.
    Decimal(u32, Unit),
    /// A percentage: `95` and `95%` both mean 0.95; at most so many decimals as written.
    Percent(Option<u32>),
    /// A text.
    Text,
    /// A day.
    Date,
    /// Yes or no.
    YesNo,
    /// One of some options.
    Choice(Arc<[Name]>),
}

/// A range, both ends included.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// Of numbers; of a percentage the share, 0.95.
    Numbers(Option<Exact>, Option<Exact>),
    /// Of days.
    Dates(Option<NaiveDate>, Option<NaiveDate>),
}

/// A check (校验) over the fields of one submission.
#[derive(Clone, Debug)]
pub struct Check {
    /// Whether a submission that fails it is refused; otherwise it is only remarked on.
    pub refuses: bool,
    /// What must hold. A check whose answer is not known, because a field is missing, is not failed.
    pub condition: Expr,
    /// What is said when it does not hold.
    pub message: String,
    /// The fields that it reads, in the order of the form.
    pub fields: Vec<FieldIx>,
    /// Where it is written.
    pub span: Span,
}
