//! Rubrics (评价体系), checked.
//!
//! Not here: how points are given (`way`).

use super::expr::{Aspect, Expr, Slot};
use super::types::Type;
use super::way::Way;
use crate::number::{Exact, Rounding};
use crate::syntax::tree::{CompareOp, InapplicablePolicy, MissingPolicy, Part};
use crate::text::{At, Name, Span};
use chrono::NaiveDate;

/// A rubric (评价体系).
#[derive(Clone, Debug)]
pub struct Rubric {
    /// Its name.
    pub name: At<Name>,
    /// Its title, as printed.
    pub title: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The document that it restates (依据).
    pub authority: Option<String>,
    /// The first and last day on which it holds.
    pub in_force: (Option<NaiveDate>, Option<NaiveDate>),
    /// What it is computed from.
    pub source: Source,
    /// The name by which it speaks of its source: 校.
    pub alias: Name,
    /// What else it reads (另用的填报).
    pub beside: Vec<Beside>,
    /// Whom it judges: of a rubric over a form the form's subject, of one over a rubric the kinds of group.
    pub subjects: Vec<Name>,
    /// To whom it applies; others are left out.
    pub when: Option<Expr>,
    /// Full marks, of a rubric by points.
    pub total: Option<At<Exact>>,
    /// Rounding of the total.
    pub round_total: Option<Rounded>,
    /// Decimals to which a value is rounded before it is compared (修约值比较法), if so.
    pub compare_rounded: Option<u32>,
    /// Sections (一级指标), each after the one that it lies in.
    pub sections: Vec<Section>,
    /// The layers (分层) that it is made of, itself first and the uppermost last; none for a rubric that extends nothing.
    pub layers: Vec<Layer>,
    /// Indicators (指标), in the order of the rubric.
    pub indicators: Vec<Indicator>,
    /// Named values.
    pub lets: Vec<LetValue>,
    /// The most that all bonuses together add (加分上限).
    pub bonus_cap: Option<At<Exact>>,
    /// Vetoes (一票否决).
    pub vetoes: Vec<Veto>,
    /// Grades (等级), by the total.
    pub grade: Option<Verdicts>,
    /// Conclusions (结论).
    pub conclusion: Option<Verdicts>,
    /// In what order everything is computed: each step after those that it needs.
    pub steps: Vec<Step>,
    /// How many expressions it has.
    pub expressions: u32,
}

impl Rubric {
    /// The indicator of a code, with its place.
    pub fn indicator(&self, code: &str) -> Option<(usize, &Indicator)> {
        self.indicators.iter().enumerate().find(|(_, indicator)| *indicator.code.it == *code)
    }

    /// Decimals to which totals are shown: those that the total is rounded to, else those of its rounded items. A total
    /// with an item that is not rounded, or that may be scaled up, is shown like any number.
    pub fn total_places(&self) -> Option<u32> {
        let scored = || self.indicators.iter().filter(|indicator| indicator.points.is_some());
        let items = || scored().map(|indicator| indicator.round.map(|round| round.places)).collect::<Option<Vec<_>>>()?.into_iter().max();
        let scaled = scored().any(|indicator| indicator.when.is_some());
        self.round_total.map(|round| round.places).or_else(|| items().filter(|_| !scaled))
    }

    /// The layer that a place belongs to, of a rubric made of layers.
    pub fn layer_at(&self, place: Span) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.holds(place))
    }

    /// Whether it gives points.
    pub fn by_points(&self) -> bool {
        self.total.is_some()
    }

    /// All that is computed for it: every expression that stands in no other one.
    pub fn stated(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = self.when.iter().chain(self.lets.iter().map(|named| &named.value)).collect();
        self.indicators.iter().for_each(|indicator| all.extend(indicator.stated()));
        all.extend(self.vetoes.iter().map(|veto| &veto.condition));
        let verdicts = self.grade.iter().chain(&self.conclusion).flat_map(|verdicts| &verdicts.cases);
        all.extend(verdicts.filter_map(|verdict| verdict.condition.as_ref()));
        all
    }
}

/// A layer (层): what one text adds to a rubric or changes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The rubric that is this layer with all above it.
    pub name: Name,
    /// Its title, as printed.
    pub title: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The document that it restates (依据).
    pub authority: Option<String>,
    /// The first and last day on which it holds.
    pub in_force: (Option<NaiveDate>, Option<NaiveDate>),
    /// Where its head is written.
    pub head: Span,
    /// Where it is written.
    pub span: Span,
}

impl Layer {
    /// Whether a place lies in it.
    pub fn holds(&self, place: Span) -> bool {
        self.span.text == place.text && self.span.start <= place.start && place.end <= self.span.end
    }
}

/// What a rubric is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A form, by its place in `Rules::forms`: one subject a submission.
    Form(usize),
    /// A rubric, by its place in `Rules::rubrics`: one subject a group.
    Rubric(usize),
}

/// What a rubric reads beside its source (另用的填报或结果): submissions to a form, or the results of another rubric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The name by which the rubric speaks of it: 县, 上年, 单.
    pub alias: At<Name>,
    /// The form, or the rubric that judges the same subjects.
    pub of: Source,
    /// How many periods before the one that is judged (往期).
    pub earlier: u32,
    /// How many there may be of one subject.
    pub many: Many,
}

/// How many submissions beside the source belong to one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// Its own, by its key: the form has the same subject.
    One,
    /// All that are of its group: the form is within what the rubric judges.
    All,
}

/// One step of the computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A named value.
    Let(usize),
    /// The value of an indicator, and to whom it applies.
    Value(usize),
    /// Its target, and what comes of that: whether it is met, and how far.
    Target(usize),
    /// Its score.
    Score(usize),
    /// A section's sum.
    Section(usize),
    /// The total, with vetoes.
    Total,
    /// The grade.
    Grade,
    /// The conclusion.
    Conclusion,
}

impl Step {
    /// The step that computes a result.
    pub fn of(slot: Slot) -> Step {
        match slot {
            Slot::Indicator(at, Aspect::Value) => Step::Value(at),
            Slot::Indicator(at, Aspect::Target | Aspect::Attained | Aspect::Met) => Step::Target(at),
            Slot::Indicator(at, Aspect::Score) => Step::Score(at),
            Slot::SectionScore(at) | Slot::SectionShare(at) => Step::Section(at),
            Slot::Total => Step::Total,
            Slot::Grade => Step::Grade,
            Slot::Conclusion => Step::Conclusion,
            Slot::Let(at) => Step::Let(at),
        }
    }
}

/// A section (一级指标) with its sum.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its code.
    pub code: At<Name>,
    /// Its title.
    pub title: Option<String>,
    /// Its full marks: as written, else the sum of what is in it.
    pub points: Exact,
    /// What a point of it counts for in what it lies in (权重).
    pub weight: Exact,
    /// The section that it lies in.
    pub parent: Option<usize>,
}

/// A named value.
#[derive(Clone, Debug)]
pub struct LetValue {
    /// Its name.
    pub name: At<Name>,
    /// What it is.
    pub value: Expr,
}

/// An indicator (指标).
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its code, unique in the rubric; inside an `each`, with what it is for: `B1.小学`.
    pub code: At<Name>,
    /// Its title.
    pub title: Option<String>,
    /// What it restates (条款).
    pub clause: Option<String>,
    /// What the author noted above it.
    pub doc: Option<String>,
    /// The section that it lies in.
    pub section: Option<usize>,
    /// What its points are to the total.
    pub part: Part,
    /// Full marks (分值); of a bonus or penalty the most it can come to.
    pub points: Option<At<Exact>>,
    /// What a point of it counts for in what it lies in.
    pub weight: Exact,
    /// To whom it applies.
    pub when: Option<Expr>,
    /// Its value (取值).
    pub value: Option<Expr>,
    /// Its target (目标).
    pub target: Option<Target>,
    /// For whom another target counts, or none (例外).
    pub exceptions: Vec<Exception>,
    /// Its way of scoring (计分).
    pub way: Option<At<Way>>,
    /// What becomes of its score if something holds.
    pub adjust: Vec<Adjust>,
    /// Alarms (预警), of which the first that is raised counts.
    pub alarms: Vec<Alarm>,
    /// Rounding of its score.
    pub round: Option<Rounded>,
    /// What it earns without data.
    pub missing: MissingPolicy,
    /// What it earns where it does not apply.
    pub inapplicable: InapplicablePolicy,
    /// Decimals to which its value is shown.
    pub decimals: Option<u32>,
    /// Where its head is written.
    pub span: Span,
}

impl Indicator {
    /// What it adds to the full marks of what it lies in; a bonus or penalty nothing.
    pub fn full(&self) -> Option<Exact> {
        let points = self.points.as_ref().filter(|_| self.part == Part::Base)?;
        Some(&points.it * &self.weight)
    }

    /// All cases of its target, then those of its exceptions, in the order written.
    pub fn target_cases(&self) -> impl Iterator<Item = &TargetCase> {
        self.target.iter().chain(self.exceptions.iter().filter_map(|exception| exception.target.as_ref())).flat_map(|target| &target.cases)
    }

    /// All that is computed for it: every expression that stands in no other one.
    fn stated(&self) -> impl Iterator<Item = &Expr> {
        let targets = self.target.iter().chain(self.exceptions.iter().filter_map(|exception| exception.target.as_ref()));
        let bounds = targets.flat_map(|target| target.by.iter().chain(target.cases.iter().map(|case| &case.bound)));
        let conditions = self.exceptions.iter().map(|exception| &exception.when);
        let scoring = self.way.iter().flat_map(|way| way.it.stated()).chain(self.adjust.iter().map(|adjust| &adjust.when));
        let alarms = self.alarms.iter().map(|alarm| &alarm.when);
        self.when.iter().chain(&self.value).chain(bounds).chain(conditions).chain(scoring).chain(alarms)
    }

    /// The unit of its value, for showing it.
    pub fn unit(&self) -> String {
        self.value.as_ref().and_then(|value| value.ty.unit()).map(ToString::to_string).unwrap_or_default()
    }
}

/// Rounding: which way, to how many decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounded {
    /// Which way.
    pub mode: Rounding,
    /// To how many decimals.
    pub places: u32,
}

/// An exception (例外): for whom another target counts, or none.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Its name, as printed.
    pub title: String,
    /// For whom.
    pub when: Expr,
    /// Its last day.
    pub until: Option<NaiveDate>,
    /// The target that counts for them; none: the indicator does not apply to them.
    pub target: Option<Target>,
    /// Where it is written.
    pub span: Span,
}

impl Exception {
    /// Whether it still counts on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        self.until.is_none_or(|until| day <= until)
    }
}

/// What becomes of a score if something holds.
#[derive(Clone, Debug)]
pub struct Adjust {
    /// What it is multiplied by, from 0 to 1.
    pub factor: Exact,
    /// If this holds.
    pub when: Expr,
    /// As printed.
    pub label: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// An alarm (预警): that something should be looked at. It changes neither score nor verdict.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// Its level (级别): 黄色, 红色.
    pub level: Name,
    /// When it is raised.
    pub when: Expr,
    /// The share of the target at which it is raised, if it is said so; `when` says the same.
    pub share: Option<Exact>,
    /// As printed.
    pub label: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// A target (目标): the first case that names the option, else the case for all others.
#[derive(Clone, Debug)]
pub struct Target {
    /// The choice that it depends on.
    pub by: Option<Expr>,
    /// Its cases.
    pub cases: Vec<TargetCase>,
}

/// One case of a target.
#[derive(Clone, Debug)]
pub struct TargetCase {
    /// For which options; none: for all others.
    pub options: Vec<Name>,
    /// How the value is compared.
    pub op: CompareOp,
    /// With what.
    pub bound: Expr,
    /// Where it is written.
    pub span: Span,
}

/// A veto (一票否决).
#[derive(Clone, Debug)]
pub struct Veto {
    /// When it falls.
    pub condition: Expr,
    /// Why, as printed.
    pub reason: String,
    /// The grade or conclusion that it forces.
    pub then: Name,
    /// Where it is written.
    pub span: Span,
}

/// Grades or conclusions: the first whose condition holds.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// In order.
    pub cases: Vec<Verdict>,
    /// All names, as a choice.
    pub ty: Type,
    /// Where they are written.
    pub span: Span,
}

/// One grade or conclusion.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Its name.
    pub name: At<Name>,
    /// When it is drawn; none: when no other is.
    pub condition: Option<Expr>,
    /// Where it is written.
    pub span: Span,
}
