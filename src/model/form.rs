//! Forms (填报表), checked.

use super::GivenValue;
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
    /// Who fills in something of it (填报方).
    pub fillers: Vec<Name>,
    /// All fields, in the order of the form; behind them those that nobody fills in.
    pub fields: Vec<Field>,
    /// Its sections (栏目), in the order of the form; fields before and between them belong to none.
    pub sections: Vec<FormSection>,
    /// All checks, in the order of the form.
    pub checks: Vec<Check>,
    /// Values that are computed from fields; one of a field's name stands in its place.
    pub computed: Vec<Computed>,
    /// Tables of rows of their own that belong to one submission (表格). A rubric that reads the form reads them beside it, in
    /// this order, before anything else.
    pub tables: Vec<RowTable>,
    /// Of a form of units that submissions split into.
    pub split: Option<Split>,
}

impl Form {
    /// A form of which nothing is said but its name, whom it speaks of, the field that identifies that, and its fields.
    pub fn new(name: At<Name>, subject: Name, key: FieldIx, fields: Vec<Field>) -> Form {
        Form {
            name,
            title: None,
            version: None,
            subject,
            key,
            groups: Vec::new(),
            period: None,
            fillers: Vec::new(),
            fields,
            sections: Vec::new(),
            checks: Vec::new(),
            computed: Vec::new(),
            tables: Vec::new(),
            split: None,
        }
    }

    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<(FieldIx, &Field)> {
        let at = self.fields.iter().position(|field| *field.name.it == *name)?;
        Some((FieldIx(at), self.fields.get(at)?))
    }

    /// How many of its fields are filled in; those that nobody fills in stand behind them.
    pub fn asked(&self) -> usize {
        self.fields.iter().take_while(|field| field.is_asked()).count()
    }

    /// The fields that are asked under a condition, each behind those that its own condition reads, else in their order.
    pub fn conditional(&self) -> Vec<FieldIx> {
        fn visit(form: &Form, at: FieldIx, seen: &mut [bool], order: &mut Vec<FieldIx>) {
            let Some(when) = form.fields.get(at.0).and_then(|field| field.when.as_ref()) else { return };
            if seen.get_mut(at.0).is_none_or(|seen| std::mem::replace(seen, true)) {
                return;
            }
            when.fields().into_iter().for_each(|read| visit(form, read, seen, order));
            order.push(at);
        }
        let (mut seen, mut order) = (vec![false; self.fields.len()], Vec::new());
        (0..self.fields.len()).for_each(|at| visit(self, FieldIx(at), &mut seen, &mut order));
        order
    }

    /// Whether its submissions are rows of a table of another form, without a key of their own.
    pub fn is_rows(&self) -> bool {
        self.fields.get(self.key.0).is_some_and(|key| key.details.lowered == Some(Lowered::Row))
    }

    /// The table of a name.
    pub fn table(&self, name: &str) -> Option<(u16, &RowTable)> {
        let at = self.tables.iter().position(|table| *table.name.it == *name)?;
        Some((u16::try_from(at).ok()?, self.tables.get(at)?))
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

/// A table of a form (表格): rows that belong to one submission, each a submission to a form of its own.
#[derive(Clone, Debug)]
pub struct RowTable {
    /// Its name: 班级.
    pub name: At<Name>,
    /// As printed.
    pub title: Option<String>,
    /// Who fills it in, one of `Form::fillers`.
    pub by: Option<Name>,
    /// The form of its rows, by its place in `Rules::forms`.
    pub form: usize,
    /// That form. Its key is a field that nobody fills in; the key of the submission is the next one, and its period, where it has
    /// one; behind them stand the columns of the table.
    pub rows: Box<Form>,
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
    /// What else the form says of it.
    pub details: Details,
}

impl Field {
    /// A field of which nothing is said but its name and what it takes.
    pub fn new(name: At<Name>, kind: FieldType) -> Field {
        Field { name, kind, range: None, required: false, when: None, label: None, pattern: None, hint: None, details: Details::default() }
    }

    /// Whether somebody fills it in; otherwise the reader makes it of something else.
    pub fn is_asked(&self) -> bool {
        self.details.lowered.is_none()
    }

    /// A number of it as it stands in the cell (填报值): a share as a percentage, 95 of 0.95; what is asked in another unit in that,
    /// 12.5 (万元) of 125000 (元).
    pub fn as_filled_in(&self, number: &Exact) -> Exact {
        let asked = self.details.asked_in.as_ref().and_then(|(_, factor)| number.checked_div(factor));
        let number = asked.unwrap_or_else(|| number.clone());
        if matches!(self.kind, FieldType::Percent(_)) { &number * &Exact::from(100) } else { number }
    }

    /// The unit that its numbers are filled in in (填报单位); none of a percentage and of what is no number.
    pub fn filled_in_unit(&self) -> Option<&Unit> {
        match (&self.details.asked_in, &self.kind) {
            (Some((unit, _)), _) | (None, FieldType::Integer(unit) | FieldType::Decimal(_, unit)) => Some(unit),
            _ => None,
        }
    }

    /// Of a label that is a sentence with a slot (填空句), what stands before and behind the slot: `超过45人的班级__个`.
    pub fn sentence(&self) -> Option<(&str, &str)> {
        let (before, rest) = self.label.as_deref()?.split_once("__")?;
        Some((before, rest.trim_start_matches('_')))
    }

    /// The type of its values.
    pub fn ty(&self) -> Type {
        if let Some(options) = &self.details.several {
            return Type::Several(options.clone());
        }
        match &self.kind {
            FieldType::Integer(unit) | FieldType::Decimal(_, unit) => Type::number(unit.clone()),
            FieldType::Percent(_) => Type::share(),
            FieldType::Text => Type::Text,
            FieldType::Date => Type::Date,
            FieldType::YesNo => Type::Flag,
            FieldType::Choice(options) => Type::Choice(options.clone()),
        }
    }

    /// The least by which its values differ, in its own unit: what one in the last decimal that may be filled in comes to, 100 (元)
    /// of two decimals of 万元, 0.001 of a percentage with one. None where decimals are not limited, or it takes no numbers.
    pub fn step(&self) -> Option<Exact> {
        let places = match self.kind {
            FieldType::Integer(_) => 0,
            FieldType::Decimal(places, _) => places,
            FieldType::Percent(places) => places?.checked_add(2)?,
            _ => return None,
        };
        let last = Exact::ONE.checked_div(&Exact::from(10).pow(places))?;
        Some(self.details.asked_in.as_ref().map_or(last.clone(), |(_, factor)| &last * factor))
    }

    /// Whether a number in its own unit has no more decimals than may be filled in.
    pub fn has_decimals_of(&self, number: &Exact) -> bool {
        self.step().and_then(|step| number.checked_div(&step)).is_none_or(|steps| steps.is_integer())
    }

    /// Decimals that are shown: those that its values may have; none of a percentage, and where they have no end.
    pub fn decimals(&self) -> Option<u32> {
        if matches!(self.kind, FieldType::Percent(_)) { None } else { self.step()?.decimal_places() }
    }
}

/// What else a form says of a field (填报要求); nothing of it is known to whoever computes.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The most digits before the point (位数); the range says the same.
    pub digits: Option<u32>,
    /// The least and the greatest length of a text, in characters (字数).
    pub length: (Option<u32>, Option<u32>),
    /// Whether a text must have a Chinese character in it (含汉字).
    pub han: bool,
    /// Whether it is a year of four digits (年份), kept as a whole number.
    pub year: bool,
    /// What the form offers (默认). An empty cell that was handed in stays empty.
    pub default: Option<GivenValue>,
    /// What it counts as where it is not asked; otherwise it does not apply there.
    pub otherwise: Option<GivenValue>,
    /// Who fills it in (填报方), one of `Form::fillers`; without, whoever fills in the form.
    pub by: Option<Name>,
    /// Whether it stays as it is once the submission is approved (锁定).
    pub locked: bool,
    /// Codes (代码) of options, each with its option.
    pub codes: Vec<(Name, Name)>,
    /// The choice that its options depend on (级联).
    pub depends: Option<Depends>,
    /// The options of which several may be chosen (多选). The field itself is a text, the options chosen in the order of the form,
    /// parted by `、`; for each option a field of yes or no stands at the end of the form, `设施.食堂`.
    pub several: Option<Arc<[Name]>>,
    /// What may be attached (附件). The field itself is the number of files.
    pub attach: Option<Attach>,
    /// The unit that it is filled in in (填报单位), and how many of its own unit one of that is.
    pub asked_in: Option<(Unit, Exact)>,
    /// Of a field that nobody fills in: what the reader makes it of.
    pub lowered: Option<Lowered>,
}

/// What a field is made of that nobody fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lowered {
    /// Whether a field of several choices has the option of this place.
    Option(FieldIx, usize),
    /// The value of a field in the period before (上期).
    Previous(FieldIx),
    /// Which row of a table it is.
    Row,
}

/// The choice that the options of another one depend on (级联单选).
#[derive(Clone, Debug)]
pub struct Depends {
    /// That choice.
    pub on: FieldIx,
    /// Its options, each with those that it leaves.
    pub options: Vec<(Name, Vec<Name>)>,
}

/// What may be attached (附件).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attach {
    /// Endings of file names in lower case; none stands for all.
    pub accept: Vec<Name>,
    /// How many files at most.
    pub files: Option<u32>,
    /// How many bytes each may have.
    pub bytes: Option<u64>,
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
    /// The field whose answer, a reason, lets a warning through (除非填了).
    pub unless: Option<FieldIx>,
    /// The fields that it reads, in the order of the form.
    pub fields: Vec<FieldIx>,
    /// Where it is written.
    pub span: Span,
}
