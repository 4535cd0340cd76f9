//! Tests (测试的检查): the fields that they give and the results that they expect are there.

use super::core::Core;
use super::expr::{self, Found, Scope};
use super::field::field_type;
use super::mistakes::names::{self, Kind};
use super::mistakes::types;
use super::scope::aspect_of;
use crate::model::{
    Aspect, Expectation, Expr, FieldIx, Form, Given, GivenValue, Level, Node, Rubric, Rules, Slot, Source, Test, Type, Unit,
};
use crate::syntax::tree::{self, ExprKind, Path, TestStmt};
use crate::text::{At, Name, Span, nearest};

/// Checks a test; nothing is made of one whose rubric is not known.
pub(super) fn test<'t>(core: &mut Core<'t>, written: &tree::Test, prefix: &str, rules: &Rules) -> Option<Test> {
    let Some(Source::Rubric(at)) = super::source(core, prefix, &written.of, rules, false) else { return None };
    let rubric = rules.rubrics.get(at)?;
    let (form_at, form) = bottom(rules, rubric)?;
    core.restart_ids();
    // The ids of expectations follow those of the rubric, so that both can be traced together.
    for _ in 0..rubric.expressions {
        core.id();
    }
    let mut test = Test {
        title: written.title.clone(),
        rubric: at,
        on: None,
        given: Vec::new(),
        data: Vec::new(),
        expectations: Vec::new(),
        span: written.span,
    };
    for stmt in &written.body {
        match stmt {
            TestStmt::On(day) => test.on = Some(day.it),
            TestStmt::Data(file) => test.data.push(file.clone()),
            TestStmt::Given { alias, key, cells } => {
                let known = [rubric.alias.as_str(), form.subject.as_str(), form.name.it.as_str()];
                let beside = if known.contains(&alias.it.as_str()) { None } else { beside_of(rules, rubric, &alias.it) };
                let (at, of) = beside.and_then(|(at, _)| Some((at, rules.forms.get(at)?))).unwrap_or((form_at, form));
                let cells = cells.iter().filter_map(|(name, value)| given(core, of, name, value, false)).collect();
                if beside.is_none() && !known.contains(&alias.it.as_str()) {
                    core.tell_unknown(&alias.it, names::unknown(Kind::Source, &alias.it, alias.span, Some(&rubric.alias)));
                }
                test.given.push(Given { form: at, beside: beside.map(|(_, earlier)| earlier), cells, key: key.clone() });
            }
            TestStmt::Expect { subject, condition } => {
                let mut scope = TestScope { core, rubric, form, speaking: None };
                let condition = expr::flag(&mut scope, condition);
                test.expectations.push(Expectation::Holds { subject: subject.clone(), condition });
            }
            TestStmt::ExpectFile { file, by, columns } => {
                let columns = columns.iter().map(|(name, value)| {
                    let mut scope = TestScope { core, rubric, form, speaking: None };
                    (name.clone(), expr::expr(&mut scope, value))
                });
                let columns = columns.collect();
                test.expectations.push(Expectation::File { file: file.clone(), by: by.clone(), columns });
            }
        }
    }
    if test.expectations.is_empty() && !core.is_broken(written.whole) {
        core.tell(names::missing_statement(&written.title.it, written.span, "期望 …", "expect …"));
    }
    Some(test)
}

/// The form that is filled in of what a rubric, those below it or those beside it also read under a name, or that has this name; and
/// how many periods earlier.
fn beside_of(rules: &Rules, rubric: &Rubric, name: &str) -> Option<(usize, u32)> {
    for beside in &rubric.beside {
        let judging = if let Source::Rubric(at) = beside.of { rules.rubrics.get(at) } else { None };
        let form = match beside.of {
            Source::Form(at) => Some(at),
            Source::Rubric(_) => judging.and_then(|other| bottom(rules, other)).map(|(at, _)| at),
        };
        let filled_in = form.and_then(|at| rules.forms.get(at)?.split.as_ref().map(|split| split.of).or(Some(at)))?;
        let form_name = rules.forms.get(filled_in).map(|form| &form.name.it);
        if *beside.alias.it == *name || form_name.is_some_and(|form| **form == *name || form.ends_with(&format!("/{name}"))) {
            return Some((filled_in, beside.earlier));
        }
        if let Some(found) = judging.and_then(|other| beside_of(rules, other, name)) {
            return Some(found);
        }
    }
    match rubric.source {
        Source::Rubric(at) => beside_of(rules, rules.rubrics.get(at)?, name),
        Source::Form(_) => None,
    }
}

/// The form at the bottom of a rubric.
fn bottom<'r>(rules: &'r Rules, rubric: &'r Rubric) -> Option<(usize, &'r Form)> {
    let mut source = rubric.source;
    loop {
        match source {
            Source::Form(at) => return Some((at, rules.forms.get(at)?)),
            Source::Rubric(at) => source = rules.rubrics.get(at)?.source,
        }
    }
}

/// A field and the value that a test, or the form itself, gives it.
///
/// * `as_filled_in`: whether a unit behind it is that in which the field is filled in; else it is the field's own.
pub(super) fn given(
    core: &mut Core<'_>,
    form: &Form,
    name: &At<Name>,
    value: &tree::Expr,
    as_filled_in: bool,
) -> Option<(FieldIx, At<GivenValue>)> {
    let Some((at, field)) = form.field(&name.it) else {
        let near = nearest(&name.it, form.fields.iter().map(|field| field.name.it.as_str()));
        core.tell_unknown(&name.it, names::not_of(&form.name.it, &name.it, name.span, near, Some(form.name.span)));
        return None;
    };
    let ty = field_type(form, at);
    let mut negative = false;
    let mut inner = value;
    while let ExprKind::Negate(negated) = &inner.kind {
        (negative, inner) = (!negative, negated);
    }
    let given = match (&inner.kind, &ty) {
        (ExprKind::Quantity(quantity), Type::Number(measure)) => {
            let number = if negative { -quantity.number.clone() } else { quantity.number.clone() };
            if let Some(written) = &quantity.unit
                && let asked = field.filled_in_unit().filter(|_| as_filled_in)
                && let (Some(found), Some(unit)) = (core.unit(written), asked.or(measure.unit.as_ref()))
                && found != *unit
            {
                core.tell(types::unit_mismatch((unit, name.span), (&found, written.span), Some(&number), ""));
            }
            // A percentage is filled in as on the form: 95 means 95 %.
            let hundredth = crate::number::Exact::from_ratio(1, 100).unwrap_or_default();
            GivenValue::Number(if measure.share && !quantity.percent { number * hundredth } else { number })
        }
        (ExprKind::Quantity(_), Type::Text) => GivenValue::Word(core.texts.slice(value.span).into()),
        (ExprKind::Text(text), Type::Text | Type::Choice(_) | Type::Several(_)) => GivenValue::Word(text.as_str().into()),
        (ExprKind::Flag(_, spelling), Type::Choice(_) | Type::Text) => GivenValue::Word(spelling.clone()),
        (ExprKind::Flag(flag, _), Type::Flag) => GivenValue::Flag(*flag),
        (ExprKind::Date(day), Type::Date) => GivenValue::Date(*day),
        (ExprKind::Path(Path(names)), Type::Choice(_) | Type::Text | Type::Several(_)) if names.len() == 1 => {
            GivenValue::Word(names.first().map(|name| name.it.clone())?)
        }
        _ => {
            let found = match &inner.kind {
                ExprKind::Quantity(_) => Type::bare(),
                ExprKind::Flag(..) => Type::Flag,
                ExprKind::Date(_) => Type::Date,
                _ => Type::Text,
            };
            core.tell(types::mismatch(&ty, &found, value.span));
            return None;
        }
    };
    if let (GivenValue::Word(word), Type::Several(options)) = (&given, &ty) {
        let items: Vec<&str> = word.split('、').filter(|item| *item != "无").collect();
        if let Some(wrong) = items.iter().find(|item| !options.iter().any(|option| option.as_str() == **item)) {
            let near = nearest(wrong, options.iter().map(Name::as_str));
            core.tell_unknown(wrong, names::unknown_option(wrong, value.span, near, options));
            return None;
        }
    }
    if let (GivenValue::Word(word), Type::Choice(options)) = (&given, &ty)
        && !options.contains(word)
    {
        let near = nearest(word, options.iter().map(Name::as_str));
        core.tell_unknown(word, names::unknown_option(word, value.span, near, options));
        return None;
    }
    Some((at, At::new(given, value.span)))
}

/// The names that an expectation may use: the results of the rubric, and the fields of its own submissions.
struct TestScope<'a, 't> {
    core: &'a mut Core<'t>,
    rubric: &'a Rubric,
    form: &'a Form,
    speaking: Option<usize>,
}

impl TestScope<'_, '_> {
    fn aspect(&self, at: usize, aspect: Aspect) -> Option<Found> {
        let indicator = self.rubric.indicators.get(at)?;
        let value = indicator.value.as_ref().map_or(Type::Unknown, |value| value.ty.clone());
        let ty = match aspect {
            Aspect::Value | Aspect::Target => value,
            Aspect::Attained => Type::share(),
            Aspect::Met => Type::Flag,
            Aspect::Score => Type::plain(),
        };
        Some(Found::It(Node::Slot(Slot::Indicator(at, aspect)), ty, Level::Subject))
    }

    fn find(&self, path: &Path) -> Option<Found> {
        let parts: Vec<&str> = path.0.iter().map(|part| part.it.as_str()).collect();
        let joined = parts.join(".");
        if let ([word], Some(at)) = (parts.as_slice(), self.speaking)
            && let Some(aspect) = aspect_of(word)
        {
            return self.aspect(at, aspect);
        }
        if let Some((at, _)) = self.rubric.indicator(&joined) {
            return self.aspect(at, Aspect::Value);
        }
        if let Some((alias, name)) = joined.split_once('.')
            && alias == self.rubric.alias.as_str()
            && let (Source::Form(_), Some((at, field))) = (self.rubric.source, self.form.field(name))
        {
            return Some(Found::It(Node::Field(at), field.ty(), Level::Subject));
        }
        if let Some((code, last)) = joined.rsplit_once('.')
            && let (Some((at, _)), Some(aspect)) = (self.rubric.indicator(code), aspect_of(last))
        {
            return self.aspect(at, aspect);
        }
        let section = |name: &str| self.rubric.sections.iter().position(|section| *section.code.it == *name);
        let verdict = |verdicts: &Option<crate::model::Verdicts>| verdicts.as_ref().map(|verdicts| verdicts.ty.clone());
        let (slot, ty) = match parts.as_slice() {
            ["total" | "总分"] => (Slot::Total, self.rubric.total.as_ref().map(|_| Type::plain())?),
            ["grade" | "等级"] => (Slot::Grade, verdict(&self.rubric.grade)?),
            ["conclusion" | "结论"] => (Slot::Conclusion, verdict(&self.rubric.conclusion)?),
            [name] if section(name).is_some() => (Slot::SectionScore(section(name)?), Type::plain()),
            [name, "score" | "得分"] => (Slot::SectionScore(section(name)?), Type::plain()),
            [name, "share" | "得分率"] => (Slot::SectionShare(section(name)?), Type::share()),
            _ => {
                let at = self.rubric.lets.iter().position(|named| *named.name.it == *joined)?;
                (Slot::Let(at), self.rubric.lets.get(at)?.value.ty.clone())
            }
        };
        Some(Found::It(Node::Slot(slot), ty, Level::Subject))
    }
}

impl<'t> Scope<'t> for TestScope<'_, 't> {
    fn core(&mut self) -> &mut Core<'t> {
        self.core
    }

    fn path(&mut self, path: &Path, span: Span) -> Found {
        if let Some(found) = self.find(path) {
            return found;
        }
        if let [name] = path.0.as_slice()
            && let Some(at) = self.core.params.iter().position(|param| param.name == *name)
        {
            self.core.used_params.insert(at);
            let ty = self.core.params.get(at).map_or(Type::Unknown, |param| param.ty.clone());
            return Found::It(Node::Param(at), ty, Level::Constant);
        }
        if let [name] = path.0.as_slice()
            && matches!(name.it.as_str(), "evaluation_date" | "评价日")
        {
            return Found::It(Node::EvaluationDate, Type::Date, Level::Constant);
        }
        let written = self.core.texts.slice(span).to_owned();
        let codes = self.rubric.indicators.iter().map(|indicator| indicator.code.it.as_str());
        let near = nearest(&written, codes.chain(["total", "grade", "conclusion", "总分", "等级", "结论"])).map(str::to_owned);
        let first = path.0.first().map(|name| name.it.to_string()).unwrap_or_default();
        self.core.tell_unknown(&first, names::unknown(Kind::Result, &written, span, near.as_deref()));
        Found::Wrong
    }

    fn knows(&mut self, name: &Name) -> bool {
        self.rubric.indicator(name).is_some()
    }

    fn codes(&mut self, from: &At<Name>, to: &At<Name>) -> Vec<usize> {
        let ends = [from, to].map(|end| self.rubric.indicator(&end.it).map(|(at, _)| at));
        match ends {
            [Some(first), Some(last)] => (first..=last).collect(),
            [first, _] => {
                let missing = if first.is_none() { from } else { to };
                self.core.tell_unknown(&missing.it, names::unknown(Kind::Indicator, &missing.it, missing.span, None));
                Vec::new()
            }
        }
    }

    fn code(&mut self, path: &Path) -> Option<usize> {
        let joined = path.0.iter().map(|part| part.it.as_str()).collect::<Vec<_>>().join(".");
        self.rubric.indicator(&joined).map(|(at, _)| at)
    }

    fn indicator_value(&mut self, indicator: usize, _: Span) -> Found {
        self.aspect(indicator, Aspect::Value).unwrap_or(Found::Wrong)
    }

    fn speak_of(&mut self, indicator: Option<usize>) -> Option<usize> {
        std::mem::replace(&mut self.speaking, indicator)
    }

    fn sections(&mut self, _: Span) -> Vec<Expr> {
        Vec::new()
    }

    fn has_members(&self) -> bool {
        false
    }

    fn weight_for(&self, _: &Unit) -> Option<String> {
        None
    }
}
