//! What an expression comes to for one made-up submission (试算): exactly, or not at all where that cannot be said here.

use super::Look;
use super::ranges::field_range;
use crate::check::interval;
use crate::model::{Aspect, Expr, FieldIx, FieldType, Function, Indicator, Node, Over, Slot, StatisticKind};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};

/// A value of a submission, or what is computed from it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(Exact),
    Word(Name),
    Flag(bool),
}

impl Value {
    pub(super) fn number(self) -> Option<Exact> {
        if let Value::Number(number) = self { Some(number) } else { None }
    }

    pub(super) fn flag(self) -> Option<bool> {
        if let Value::Flag(flag) = self { Some(flag) } else { None }
    }

    /// As it is filled in.
    pub(super) fn shown(&self) -> String {
        match self {
            Value::Number(number) => number.to_string(),
            Value::Word(word) => word.to_string(),
            Value::Flag(flag) => if *flag { "是" } else { "否" }.to_owned(),
        }
    }
}

/// What is filled in, and what an indicator's own value is taken to be.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub fields: BTreeMap<FieldIx, Value>,
    pub value: Option<(usize, Exact)>,
}

/// How deep named values are looked through.
const DEEPEST: usize = 60;
/// The most submissions that are tried for one question.
const MOST: usize = 600;
/// The most fields that an example may have.
const MOST_FIELDS: usize = 6;

impl Look<'_> {
    /// What an expression comes to.
    pub(super) fn compute(&self, expr: &Expr, of: &Sample) -> Option<Value> {
        self.computed(expr, of, 0)
    }

    fn computed(&self, expr: &Expr, sample: &Sample, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let of = |inner: &Expr| self.computed(inner, sample, depth + 1);
        let number = |inner: &Expr| of(inner)?.number();
        let flag = |inner: &Expr| of(inner).and_then(Value::flag);
        Some(match &expr.node {
            Node::Number(number) => Value::Number(number.clone()),
            Node::Word(word) => Value::Word(word.clone()),
            Node::Flag(flag) => Value::Flag(*flag),
            Node::Computed(_, inner) => of(inner)?,
            Node::Field(at) => sample.fields.get(at)?.clone(),
            Node::Slot(slot) => self.result(*slot, sample, depth)?,
            Node::Add(a, b) => Value::Number(&number(a)? + &number(b)?),
            Node::Sub(a, b) => Value::Number(&number(a)? - &number(b)?),
            Node::Mul(a, b) => Value::Number(&number(a)? * &number(b)?),
            Node::Div(a, b) => Value::Number(number(a)?.checked_div(&number(b)?)?),
            Node::Negate(a) => Value::Number(-number(a)?),
            Node::Scale(a, factor) => Value::Number(&number(a)? * factor),
            Node::Compare(op, a, b) => Value::Flag(compared(*op, &of(a)?, &of(b)?)?),
            Node::In(what, list) => {
                let what = of(what)?;
                let all = list.iter().map(|one| compared(CompareOp::Eq, &what, &of(one)?)).collect::<Option<Vec<_>>>()?;
                Value::Flag(all.contains(&true))
            }
            Node::All(list) => Value::Flag(list.iter().map(flag).collect::<Option<Vec<_>>>()?.into_iter().all(|it| it)),
            Node::Any(list) => Value::Flag(list.iter().map(flag).collect::<Option<Vec<_>>>()?.into_iter().any(|it| it)),
            Node::Every(list) => Value::Flag(list.iter().map(flag).collect::<Option<Vec<_>>>()?.into_iter().all(|it| it)),
            Node::AnyOf(list) => Value::Flag(list.iter().map(flag).collect::<Option<Vec<_>>>()?.into_iter().any(|it| it)),
            Node::Count(list) => {
                let all = list.iter().map(flag).collect::<Option<Vec<_>>>()?;
                Value::Number(Exact::from(i64::try_from(all.into_iter().filter(|it| *it).count()).ok()?))
            }
            Node::Not(a) => Value::Flag(!flag(a)?),
            // Everything that is looked at is there.
            Node::Default(a, _) => of(a)?,
            Node::Choose(cases, otherwise) => {
                for (when, then) in cases {
                    if flag(when)? {
                        return of(then);
                    }
                }
                of(otherwise)?
            }
            Node::Call(function, arguments) => {
                let first = number(arguments.first()?)?;
                let places = match arguments.get(1) {
                    None => 0,
                    Some(places) => u32::try_from(number(places)?.to_i64()?).ok()?,
                };
                Value::Number(match function {
                    Function::Abs => first.abs(),
                    Function::Floor => first.round(Rounding::Floor, places),
                    Function::Ceil => first.round(Rounding::Ceiling, places),
                    Function::Round => first.round(Rounding::HalfUp, places),
                    _ => return None,
                })
            }
            Node::Statistic(statistic) if statistic.weight.is_none() && statistic.filter.is_none() => {
                let Over::List(list) = &statistic.of else { return None };
                let all = list.iter().map(number).collect::<Option<Vec<_>>>()?;
                Value::Number(match statistic.kind {
                    StatisticKind::Min => all.into_iter().min()?,
                    StatisticKind::Max => all.into_iter().max()?,
                    StatisticKind::Sum => all.into_iter().sum(),
                    _ => return None,
                })
            }
            _ => return None,
        })
    }

    fn result(&self, slot: Slot, sample: &Sample, depth: usize) -> Option<Value> {
        match slot {
            Slot::Let(at) => self.computed(&self.rubric.lets.get(at)?.value, sample, depth + 1),
            Slot::Indicator(at, Aspect::Value) => match &sample.value {
                Some((own, value)) if *own == at => Some(Value::Number(value.clone())),
                _ => self.computed(self.rubric.indicators.get(at)?.value.as_ref()?, sample, depth + 1),
            },
            Slot::Indicator(at, Aspect::Met) => self.meets(self.rubric.indicators.get(at)?, sample, depth + 1).map(Value::Flag),
            _ => None,
        }
    }

    /// Whether a target is met, of an indicator that applies and has no exceptions.
    fn meets(&self, indicator: &Indicator, sample: &Sample, depth: usize) -> Option<bool> {
        let plain = indicator.exceptions.is_empty() && self.rubric.compare_rounded.is_none();
        let applies = indicator.when.as_ref().is_none_or(|when| self.computed(when, sample, depth) == Some(Value::Flag(true)));
        let target = indicator.target.as_ref().filter(|_| plain && applies)?;
        let case = match &target.by {
            None => target.cases.first()?,
            Some(by) => {
                let Value::Word(option) = self.computed(by, sample, depth)? else { return None };
                let named = target.cases.iter().find(|case| case.options.contains(&option));
                named.or_else(|| target.cases.iter().find(|case| case.options.is_empty()))?
            }
        };
        let value = self.computed(indicator.value.as_ref()?, sample, depth)?;
        compared(case.op, &value, &self.computed(&case.bound, sample, depth)?)
    }

    /// The fields that an expression needs, by way of names and values of indicators too.
    pub(super) fn fields_of(&self, expr: &Expr) -> BTreeSet<FieldIx> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![expr]);
        while let Some(expr) = open.pop() {
            let bare = self.bare(expr);
            match &bare.node {
                Node::Field(at) => {
                    found.insert(*at);
                }
                // What a target needs, and whether it is asked at all.
                Node::Slot(Slot::Indicator(at, _)) => {
                    if let Some(indicator) = self.rubric.indicators.get(*at) {
                        open.extend(indicator.value.iter().chain(&indicator.when));
                        open.extend(indicator.target.iter().filter_map(|target| target.by.as_ref()));
                        open.extend(indicator.target_cases().map(|case| &case.bound));
                    }
                }
                _ => {}
            }
            if seen.insert(std::ptr::from_ref(bare).addr()) {
                open.extend(bare.children());
            }
        }
        found
    }

    /// Submissions with these fields that the form takes and these conditions hold of, until one answers; what other fields hold does not
    /// matter to it.
    pub(super) fn search<T>(
        &self,
        conditions: &[&Expr],
        fields: &BTreeSet<FieldIx>,
        mut answers: impl FnMut(&Sample) -> Option<T>,
    ) -> Option<T> {
        let form = self.form?;
        let mut fields = fields.clone();
        fields.extend(conditions.iter().flat_map(|condition| self.fields_of(condition)));
        // What the form checks of these fields has to hold, so the other fields in it are filled in as well.
        let mut checks: Vec<&Expr> = Vec::new();
        for _ in 0..MOST_FIELDS {
            let touches = |check: &&crate::model::Check| check.refuses && check.fields.iter().any(|field| fields.contains(field));
            checks = form.checks.iter().filter(touches).map(|check| &check.condition).collect();
            let asked = fields.iter().filter_map(|at| form.fields.get(at.0)?.when.as_ref());
            checks.extend(asked);
            let before = fields.len();
            let more: Vec<FieldIx> = checks.iter().flat_map(|check| self.fields_of(check)).collect();
            fields.extend(more);
            if fields.len() == before {
                break;
            }
        }
        if fields.len() > MOST_FIELDS {
            return None;
        }
        let choices: Vec<(FieldIx, Vec<Value>)> = fields.iter().map(|at| Some((*at, self.candidates(*at)?))).collect::<Option<_>>()?;
        let all = choices.iter().fold(1_usize, |all, (_, values)| all.saturating_mul(values.len()));
        // Not all of many, but spread over them, with a step that has no factor in common with short lists.
        let step = if all <= MOST { 1 } else { (all / MOST) | 1 };
        let holds = |condition: &&Expr, sample: &Sample| self.compute(condition, sample) == Some(Value::Flag(true));
        for number in (0..all).step_by(step) {
            let mut rest = number;
            let mut sample = Sample::default();
            for (at, values) in &choices {
                sample.fields.insert(*at, values.get(rest % values.len())?.clone());
                rest /= values.len();
            }
            if checks.iter().chain(conditions).all(|condition| holds(condition, &sample))
                && let Some(answer) = answers(&sample)
            {
                return Some(answer);
            }
        }
        None
    }

    /// What may be filled in for a field, some of it: its ends, small numbers, ten and a hundred, every option.
    fn candidates(&self, at: FieldIx) -> Option<Vec<Value>> {
        let field = self.form?.fields.get(at.0)?;
        match &field.kind {
            FieldType::Text | FieldType::Date => None,
            FieldType::YesNo => Some(vec![Value::Flag(false), Value::Flag(true)]),
            FieldType::Choice(options) => Some(options.iter().cloned().map(Value::Word).collect()),
            FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
                let range = field_range(field);
                let ends = [interval::end(&range.stretch.0), interval::end(&range.stretch.1)];
                let percent = matches!(field.kind, FieldType::Percent(_));
                let small = [0, 1, 2, 3, 5, 10, 100].map(Exact::from).map(|it| if percent { &it * &hundredth() } else { it });
                let mut numbers: Vec<Exact> = ends.into_iter().flatten().cloned().chain(small).collect();
                numbers.retain(|number| interval::holds(&range.stretch, number) && field.has_decimals_of(number));
                numbers.sort();
                numbers.dedup();
                (!numbers.is_empty()).then(|| numbers.into_iter().map(Value::Number).collect())
            }
        }
    }

    /// A submission in words: `省级课题数 3, 市级课题数 0`.
    pub(super) fn shown(&self, sample: &Sample, fields: &BTreeSet<FieldIx>) -> String {
        let cells = sample.fields.iter().filter(|(at, _)| fields.contains(at));
        let shown = cells.filter_map(|(at, value)| {
            let field = self.form?.fields.get(at.0)?;
            let value = match (value, &field.kind) {
                (Value::Number(share), FieldType::Percent(_)) => format!("{}%", share * &Exact::from(100)),
                (value, _) => value.shown(),
            };
            Some(format!("{} {value}", field.name.it))
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

fn hundredth() -> Exact {
    Exact::from_ratio(1, 100).unwrap_or_default()
}

/// A comparison of two values of one kind.
pub(super) fn compared(op: CompareOp, a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(op.holds(a.cmp(b))),
        (Value::Word(a), Value::Word(b)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => Some((a == b) == (op == CompareOp::Eq)),
        (Value::Flag(a), Value::Flag(b)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => Some((a == b) == (op == CompareOp::Eq)),
        _ => None,
    }
}
