//! The names of a rubric (评价体系中的名称): its source's fields and results, its own codes, named values, parameters.
//!
//! Not here: what names behind the source's mean (`source`), results (`results`).

mod results;
mod source;

pub(super) use results::aspect_of;

use super::beside;
use super::core::Core;
use super::expr::{self, Found, Scope, made, wrong};
use super::judged::Judges;
use super::mistakes::names::{self, Kind};
use super::mistakes::types;
use crate::model::{Beside, Expr, FieldIx, Form, LetValue, Level, Node, Rubric, Rules, Section, Slot, Source, Type, Unit};
use crate::syntax::tree::{self, IndicatorStmt, Path};
use crate::text::{At, Name, Span, nearest};
use std::collections::BTreeSet;

/// What the variable of an `each` stands for, in one of its turns.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    /// The variable.
    pub name: Name,
    /// What it stands for.
    pub parts: Vec<Name>,
}

impl Binding {
    /// What is put behind codes: `小学` in `B1.小学`.
    pub fn suffix(&self) -> String {
        self.parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".")
    }
}

/// An indicator or named value that is being checked.
pub(super) struct Pending<'w, T> {
    /// Its full code or name.
    pub code: At<Name>,
    /// As written.
    pub written: &'w T,
    /// The section that it lies in.
    pub section: Option<usize>,
    /// The `each` that it lies in.
    pub binding: Option<Binding>,
    /// Its value, once checked.
    pub value: State,
}

/// How far the checking of a value has come.
pub(super) enum State {
    Waiting,
    OnTheWay,
    Done(Option<Expr>),
}

impl State {
    fn ty(&self) -> Option<Type> {
        match self {
            State::Done(value) => value.as_ref().map(|value| value.ty.clone()),
            _ => None,
        }
    }
}

/// Deeper chains of values that need each other are refused, so that no stack runs out.
const DEEPEST_CHAIN: usize = 200;

/// The rubric that is being checked.
pub(super) struct RubricScope<'a, 't, 'w> {
    pub core: &'a mut Core<'t>,
    pub rules: &'a Rules,
    pub used: &'a mut [BTreeSet<FieldIx>],
    pub source: Source,
    pub alias: Name,
    pub beside: Vec<Beside>,
    /// Who judges, if somebody does and that could be made out.
    pub judges: Option<Judges<'w>>,
    /// Whether the rubric says who judges.
    pub has_judges: bool,
    /// What the roles gave, named values behind those that are written.
    pub judged: Vec<LetValue>,
    pub indicators: Vec<Pending<'w, tree::Indicator>>,
    pub lets: Vec<Pending<'w, tree::Let>>,
    pub sections: Vec<Section>,
    pub grade: Type,
    pub conclusion: Type,
    /// The `each` in whose turn we are.
    pub binding: Option<Binding>,
    /// The indicator that `value`, `attained` and their kin speak of.
    pub speaking: Option<usize>,
    /// The table whose columns may be named alone.
    pub inside: Option<u16>,
    /// The indicators and named values whose checking waits for this one.
    pub chain: Vec<Name>,
}

impl<'t> RubricScope<'_, 't, '_> {
    /// The rubric below, of one over a rubric.
    pub fn below(&self) -> Option<&Rubric> {
        match self.source {
            Source::Rubric(at) => self.rules.rubrics.get(at),
            Source::Form(_) => None,
        }
    }

    /// The form that its source's rows are submissions to; none for a rubric two levels up.
    pub fn form(&self) -> Option<(usize, &Form)> {
        let at = match (self.source, self.below().map(|below| below.source)) {
            (Source::Form(at), _) | (Source::Rubric(_), Some(Source::Form(at))) => at,
            _ => return None,
        };
        Some((at, self.rules.forms.get(at)?))
    }

    /// The value of an indicator, checked now if it was not yet.
    pub fn resolve_indicator(&mut self, at: usize) {
        let Some(pending) = self.indicators.get_mut(at) else { return };
        let (code, written, binding) = (pending.code.clone(), pending.written, pending.binding.clone());
        match pending.value {
            State::Done(_) => return,
            State::OnTheWay => return self.circle(&code),
            State::Waiting => pending.value = State::OnTheWay,
        }
        let value = written.body.iter().find_map(|stmt| if let IndicatorStmt::Value(value) = stmt { Some(value) } else { None });
        let value = value.map(|value| self.inside(&code.it, binding, None, |this| this.of_subject(value)));
        if let Some(pending) = self.indicators.get_mut(at) {
            pending.value = State::Done(value);
        }
    }

    /// A named value, checked now if it was not yet.
    pub fn resolve_let(&mut self, at: usize) {
        let Some(pending) = self.lets.get_mut(at) else { return };
        let (code, written, binding) = (pending.code.clone(), pending.written, pending.binding.clone());
        match pending.value {
            State::Done(_) => return,
            State::OnTheWay => return self.circle(&code),
            State::Waiting => pending.value = State::OnTheWay,
        }
        let value = self.inside(&code.it, binding, None, |this| {
            let value = expr::expr(this, &written.value);
            if matches!(value.level, Level::Row(_)) { this.one_a_subject(value) } else { value }
        });
        if let Some(pending) = self.lets.get_mut(at) {
            pending.value = State::Done(Some(value));
        }
    }

    /// An expression that yields one value a subject.
    pub fn of_subject(&mut self, written: &tree::Expr) -> Expr {
        let checked = expr::expr(self, written);
        self.one_a_subject(checked)
    }

    /// `checked`, unless it has a value for each member.
    pub fn one_a_subject(&mut self, checked: Expr) -> Expr {
        if matches!(checked.level, Level::Member | Level::Row(_)) {
            self.core.tell(types::needs_statistic(checked.span));
            return wrong(self.core, checked.span);
        }
        checked
    }

    /// A condition on the subject.
    pub fn condition(&mut self, written: &tree::Expr) -> Expr {
        let checked = expr::flag(self, written);
        self.one_a_subject(checked)
    }

    /// Checks something in the turn of an `each`, speaking of an indicator.
    pub fn inside<T>(&mut self, code: &Name, binding: Option<Binding>, speaking: Option<usize>, check: impl FnOnce(&mut Self) -> T) -> T {
        let (binding, speaking) = (std::mem::replace(&mut self.binding, binding), std::mem::replace(&mut self.speaking, speaking));
        self.chain.push(code.clone());
        let result = check(self);
        self.chain.pop();
        (self.binding, self.speaking) = (binding, speaking);
        result
    }

    fn circle(&mut self, code: &At<Name>) {
        let start = self.chain.iter().position(|name| *name == code.it).unwrap_or(0);
        let path: Vec<_> = self.chain.iter().skip(start).chain([&code.it]).map(ToString::to_string).collect();
        self.core.tell(names::cycle(&path, code.span));
    }

    /// The parts of a path, with the variable of the `each` replaced by what it stands for.
    fn parts(&self, path: &Path) -> Vec<Name> {
        let replace = |name: &At<Name>| match &self.binding {
            Some(binding) if binding.name == name.it => binding.parts.clone(),
            _ => vec![name.it.clone()],
        };
        path.0.iter().flat_map(replace).collect()
    }

    /// The one of `codes` that the longest beginning of `parts` names, and what is left of the path.
    fn longest<'p>(&self, parts: &'p [Name], codes: &[Name], with_suffix: bool) -> Option<(usize, &'p [Name])> {
        for length in (1..=parts.len()).rev() {
            let (front, rest) = parts.split_at(length);
            let joined = front.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
            let suffixed = self.binding.as_ref().filter(|_| with_suffix).map(|binding| format!("{joined}.{}", binding.suffix()));
            for name in suffixed.into_iter().chain([joined]) {
                if let Some(at) = codes.iter().position(|code| *code.as_str() == name) {
                    return Some((at, rest));
                }
            }
        }
        None
    }

    fn own_codes(&self) -> Vec<Name> {
        self.indicators.iter().map(|indicator| indicator.code.it.clone()).collect()
    }
}

impl<'t> Scope<'t> for RubricScope<'_, 't, '_> {
    fn core(&mut self) -> &mut Core<'t> {
        self.core
    }

    fn speak_of_rows(&mut self, path: Option<&Path>) -> bool {
        let parts = path.map(|path| self.parts(path)).unwrap_or_default();
        self.inside = self.table(&parts).map(|((place, _), _)| place);
        self.inside.is_some()
    }

    fn path(&mut self, path: &Path, span: Span) -> Found {
        let parts = self.parts(path);
        if let ([word], Some(at)) = (parts.as_slice(), self.speaking)
            && let Some(aspect) = aspect_of(word)
        {
            return self.indicator_aspect(at, aspect, span);
        }
        if let (Some(at), [_]) = (self.inside, parts.as_slice())
            && let Some(table) = self.form().and_then(|(_, form)| form.tables.get(usize::from(at))).cloned()
            && let Some(found) = self.column(&(at, table), &parts)
        {
            return found;
        }
        if let Some((table, rest)) = self.table(&parts) {
            return self.column(&table, rest).unwrap_or_else(|| {
                beside::no_column(self.core, &table.1, rest, span);
                Found::Wrong
            });
        }
        if let Some((first, rest)) = parts.split_first()
            && *first == self.alias
            && !rest.is_empty()
        {
            return self.of_source(rest, span);
        }
        if let Some((first, rest)) = parts.split_first()
            && let Some(at) = self.beside.iter().position(|beside| beside.alias.it == *first)
            && !rest.is_empty()
        {
            return beside::field(self, at, rest, span);
        }
        if let Some(found) = self.own(&parts, span) {
            return found;
        }
        if let [word] = parts.as_slice() {
            match word.as_str() {
                "evaluation_date" | "评价日" => return Found::It(Node::EvaluationDate, Type::Date, Level::Constant),
                // Full marks, as a script knows them.
                "points" | "分值" => {
                    let full = self.speaking.and_then(|at| self.indicators.get(at)).and_then(|it| it.written.points.as_ref());
                    if let Some(full) = full {
                        return Found::It(Node::Number(full.it.clone()), Type::plain(), Level::Constant);
                    }
                    // That points are lacking is told where they should stand.
                    if self.speaking.is_some() {
                        return Found::Wrong;
                    }
                }
                _ => {}
            }
        }
        if let [name] = parts.as_slice()
            && let Some(param) = super::param(self.core, name)
        {
            return param;
        }
        let written = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
        // A field named without 校. is the slip that everybody makes.
        let field = self.form().and_then(|(_, form)| form.field(&written)).map(|(_, field)| format!("{}.{}", self.alias, field.name.it));
        let codes = self.own_codes();
        let known = codes.iter().map(Name::as_str);
        let lets: Vec<_> = self.lets.iter().map(|pending| pending.code.it.clone()).collect();
        let params: Vec<_> = self.core.params.iter().map(|param| param.name.it.clone()).collect();
        let others = lets.iter().chain(&params).map(Name::as_str);
        let by_form = self.form().and_then(|(_, form)| match parts.as_slice() {
            [owner, field] if *owner == form.subject || *owner == form.name.it => {
                form.field(field).map(|(_, field)| format!("{}.{}", self.alias, field.name.it))
            }
            _ => None,
        });
        let near = field.or(by_form).or_else(|| nearest(&written, known.chain(others).chain([self.alias.as_str()])).map(str::to_owned));
        let first = parts.first().map_or("", Name::as_str).to_owned();
        self.core.tell_unknown(&first, names::unknown(Kind::Value, &written, span, near.as_deref()));
        Found::Wrong
    }

    fn knows(&mut self, name: &Name) -> bool {
        let parts = self.parts(&Path(vec![At::new(name.clone(), Span::default())]));
        let codes = self.own_codes();
        let lets: Vec<_> = self.lets.iter().map(|pending| pending.code.it.clone()).collect();
        self.longest(&parts, &codes, true).is_some()
            || self.longest(&parts, &lets, true).is_some()
            || self.core.params.iter().any(|param| param.name.it == *name)
    }

    fn stands_for(&self, name: &Name) -> Option<Name> {
        let binding = self.binding.as_ref().filter(|binding| binding.name == *name)?;
        Some(Name::from(binding.suffix()))
    }

    fn codes(&mut self, from: &At<Name>, to: &At<Name>) -> Vec<usize> {
        let codes = self.own_codes();
        let mut ends = Vec::new();
        for end in [from, to] {
            match self.longest(std::slice::from_ref(&end.it), &codes, true) {
                Some((at, _)) => ends.push(at),
                None => {
                    let near = nearest(&end.it, codes.iter().map(Name::as_str));
                    self.core.tell_unknown(&end.it, names::unknown(Kind::Indicator, &end.it, end.span, near));
                }
            }
        }
        match ends.as_slice() {
            [first, last] if first <= last => (*first..=*last).collect(),
            [_, _] => {
                self.core.tell(types::arguments(
                    "..",
                    from.span.to(to.span),
                    &format!("{}..{}", to.it, from.it),
                    &format!("{}..{}", to.it, from.it),
                ));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn code(&mut self, path: &Path) -> Option<usize> {
        let parts = self.parts(path);
        self.longest(&parts, &self.own_codes(), true).filter(|(_, rest)| rest.is_empty()).map(|(at, _)| at)
    }

    fn indicator_value(&mut self, indicator: usize, span: Span) -> Found {
        self.value_of(indicator, span)
    }

    fn speak_of(&mut self, indicator: Option<usize>) -> Option<usize> {
        std::mem::replace(&mut self.speaking, indicator)
    }

    fn sections(&mut self, span: Span) -> Vec<Expr> {
        let top: Vec<_> = self.sections.iter().enumerate().filter(|(_, section)| section.parent.is_none()).map(|(at, _)| at).collect();
        top.into_iter().map(|at| made(self.core, Node::Slot(Slot::SectionShare(at)), Type::share(), Level::Subject, span)).collect()
    }

    fn has_members(&self) -> bool {
        matches!(self.source, Source::Rubric(_))
    }

    fn weight_for(&self, unit: &Unit) -> Option<String> {
        let per: Vec<&Name> = unit.denominators().collect();
        let (_, form) = self.form()?;
        let counts = |field: &&crate::model::Field| {
            let ty = field.ty();
            ty.unit().is_some_and(|unit| per.iter().any(|word| *unit == Unit::base(word)))
        };
        form.fields.iter().find(counts).map(|field| format!("{}.{}", self.alias, field.name.it))
    }
}
