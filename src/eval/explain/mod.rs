//! Derivations (推导): why a subject got what it got, read from the trace of the evaluation itself.
//!
//! Not here: what a formula says with its numbers (`formula`), how a derivation is printed (`report`).

mod assessed;
mod beside;
mod formula;
mod totals;

use crate::diag::Lang;
use crate::eval::column::{Cell, Value};
use crate::eval::derivation::{Derivation, Role, show};
use crate::eval::gap::Gap;
use crate::eval::results::Results;
use crate::eval::table::Table;
use crate::eval::trace::Branch;
use crate::model::{Aspect, CaseItem, CaseLine, Exception, Expr, Form, Indicator, Rubric, Rules, Slot, Way, bottom_of};
use crate::number::{Exact, Real};
use crate::text::{Span, Texts};

/// The derivation of one indicator's result for a subject, by their places.
pub fn explain(explained: &Explained<'_>, subject: usize, indicator: usize) -> Option<Derivation> {
    Teller { it: explained, row: subject }.indicator(indicator)
}

/// The derivations of everything that a subject got: all indicators, sections, total, vetoes, verdicts.
pub fn explain_all(explained: &Explained<'_>, subject: usize) -> Vec<Derivation> {
    let teller = Teller { it: explained, row: subject };
    let mut all: Vec<Derivation> = (0..explained.rubric.indicators.len()).filter_map(|at| teller.indicator(at)).collect();
    all.extend(teller.totals());
    all
}

/// Results with what is needed to explain them.
#[derive(Clone, Copy)]
pub struct Explained<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The rubric.
    pub rubric: &'a Rubric,
    /// The texts of the rules.
    pub texts: &'a Texts,
    /// The submissions.
    pub table: &'a Table,
    /// The results, traced.
    pub results: &'a Results,
    /// The language of the words.
    pub lang: Lang,
    /// The rules of the uppermost layers alone, and what came of them: what the results are compared with.
    pub base: Option<(&'a Rules, &'a Results)>,
}

struct Teller<'e, 'a> {
    it: &'e Explained<'a>,
    row: usize,
}

impl Teller<'_, '_> {
    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        self.it.lang.say(zh, en)
    }

    fn step(&self, role: Role, name: impl Into<String>, result: String) -> Derivation {
        Derivation {
            role,
            name: name.into(),
            written: String::new(),
            with_numbers: String::new(),
            result,
            exact: None,
            unit: String::new(),
            clause: None,
            rule: None,
            layer: None,
            cell: None,
            notes: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn shown(&self, cell: Option<&Cell<Value>>, decimals: Option<u32>) -> String {
        match cell {
            Some(Ok(value)) => show(value, decimals, self.it.lang),
            Some(Err(gap)) => gap.say(self.it.lang),
            None => String::new(),
        }
    }

    fn rule(&self, span: Span) -> Option<String> {
        let path = &self.it.texts.get(span.text)?.path;
        Some(format!("{path}:{}", self.it.texts.position(span).line))
    }

    /// The layer that a place of the rubric belongs to, with its document.
    fn layer(&self, span: Span) -> Option<String> {
        let layer = self.it.rubric.layer_at(span)?;
        Some(match &layer.authority {
            Some(authority) => format!("{} ({authority})", layer.name),
            None => layer.name.to_string(),
        })
    }

    fn indicator(&self, at: usize) -> Option<Derivation> {
        let indicator = self.it.rubric.indicators.get(at)?;
        let results = self.it.results.indicators.get(at)?;
        let title = indicator.title.as_deref().unwrap_or("");
        let state = results.state(self.row);
        let mut whole = self.step(Role::Indicator, format!("{} {title}", indicator.code.it).trim().to_owned(), state.as_str().to_owned());
        whole.clause = indicator.clause.clone();
        whole.rule = self.rule(indicator.span);
        whole.layer = self.layer(indicator.span);
        whole.notes.extend(indicator.doc.clone());
        if let Some(when) = &indicator.when {
            whole.parts.push(self.expr(Role::When, "", when, self.row, None));
        }
        if let Some(value) = &indicator.value {
            let mut step = self.expr(Role::Value, "", value, self.row, indicator.decimals);
            // What is published is the value of the indicator, which may not apply.
            let cell = results.value.as_ref().and_then(|column| column.get(self.row));
            step.result = self.shown(cell.as_ref(), indicator.decimals);
            whole.parts.push(step);
        }
        let exempt = indicator.exceptions.iter().filter(|exception| exception.target.is_none() && self.holds(exception));
        whole.parts.extend(exempt.map(|exception| self.exception(exception)));
        whole.parts.extend(self.target(at, indicator));
        whole.parts.extend(self.score(at, indicator));
        if let Some(alarm) = results.alarm(self.row).and_then(|which| indicator.alarms.get(which)) {
            let mut step = self.expr(Role::Alarm, alarm.label.as_deref().unwrap_or(""), &alarm.when, self.row, None);
            step.result = alarm.level.to_string();
            step.rule = self.rule(alarm.span);
            if alarm.share.is_some() {
                step.written = self.it.texts.slice(alarm.span).split_whitespace().collect::<Vec<_>>().join(" ");
                step.with_numbers.clear();
            }
            whole.parts.push(step);
        }
        Some(whole)
    }

    fn target(&self, at: usize, indicator: &Indicator) -> Option<Derivation> {
        indicator.target.as_ref()?;
        let results = self.it.results.indicators.get(at)?;
        let case = results.case.get(self.row).copied().flatten().and_then(|which| indicator.target_cases().nth(which));
        let bound = results.target.as_ref().and_then(|column| column.get(self.row));
        let met = results.met.as_ref().and_then(|cells| cells.get(self.row)).map(|cell| cell.clone().map(Value::Flag));
        let attained = results.attained.as_ref().and_then(|cells| cells.get(self.row));
        let mut step = self.step(Role::Attainment, "", self.shown(met.as_ref(), None));
        if let Some(case) = case {
            let options = self.it.lang.list(case.options.iter().map(|option| option.as_str()));
            step.name = options;
            step.written = format!("{} {}", case.op.symbol(), self.shown(bound.as_ref(), None));
            step.rule = self.rule(case.span);
            step.layer = self.layer(case.span);
        }
        step.unit = indicator.unit();
        if let Some(Ok(attained)) = attained
            && matches!(indicator.value.as_ref().map(|value| &value.ty), Some(crate::model::Type::Number(_)))
        {
            let percent = attained.checked_mul(&crate::number::Real::from(crate::number::Exact::from(100_i64))).unwrap_or_default();
            let shown = percent.show_trimmed(2);
            step.notes.push(self.say(format!("达成度 {shown}%"), format!("attained {shown}%")));
        }
        let held = indicator.exceptions.iter().filter(|exception| exception.target.is_some()).find(|exception| self.holds(exception));
        let target = held.and_then(|exception| exception.target.as_ref()).or(indicator.target.as_ref())?;
        if let Some(by) = &target.by {
            step.parts.extend(self.leaves(by, self.row));
        }
        step.parts.extend(held.map(|exception| self.exception(exception)));
        Some(step)
    }

    fn score(&self, at: usize, indicator: &Indicator) -> Option<Derivation> {
        let way = indicator.way.as_ref()?;
        let results = self.it.results.indicators.get(at)?;
        let cell = results.score.as_ref().and_then(|cells| cells.get(self.row)).map(|cell| cell.clone().map(Value::Number));
        let mut step = self.step(Role::Score, "", self.shown(cell.as_ref(), indicator.round.map(|round| round.places)));
        step.rule = self.rule(way.span);
        let written = self.it.texts.slice(way.span);
        if let Some(points) = &indicator.points {
            step.notes.push(self.say(format!("分值 {}", points.it), format!("full marks {}", points.it)));
        }
        match &way.it {
            Way::Bands { bands, .. } => {
                let taken = self.it.results.trace.taken(Branch::Band(at), self.row).and_then(|which| bands.get(which));
                step.written = taken.map(|band| self.it.texts.slice(band.span).to_owned()).unwrap_or_default();
            }
            Way::Levels(levels) => {
                let taken = self.it.results.trace.taken(Branch::Band(at), self.row).and_then(|which| levels.get(which));
                step.written = taken.map(|level| self.it.texts.slice(level.span).to_owned()).unwrap_or_default();
            }
            Way::Deduct(lines) | Way::Checklist(lines) => {
                for line in lines {
                    let parts = line.items().iter().map(|item| self.item(item));
                    if matches!(line, CaseLine::Highest(_)) {
                        let earned: Option<Vec<Real>> = line.items().iter().map(|item| self.earned(item)).collect();
                        let most = earned.and_then(|earned| earned.into_iter().max()).map(|most| most.show_trimmed(6)).unwrap_or_default();
                        let mut highest = self.step(Role::Item, self.say("取最高一项", "the highest of"), most);
                        highest.parts = parts.collect();
                        step.parts.push(highest);
                    } else {
                        step.parts.extend(parts);
                    }
                }
            }
            Way::First(cases, _) => {
                let holds = |case: &&CaseItem| self.is_so(&case.what);
                step.written = match cases.iter().find(holds) {
                    Some(case) => self.it.texts.slice(case.span).to_owned(),
                    None => self.say("都不满足", "none holds"),
                };
                step.parts = cases.iter().map(|case| self.item(case)).collect();
            }
            Way::Formula(formula) => {
                let inner = self.expr(Role::Value, "", formula, self.row, None);
                (step.written, step.with_numbers, step.parts) = (inner.written, inner.with_numbers, inner.parts);
            }
            Way::Judged(assessed) => self.assessed(&mut step, assessed, written),
            Way::Script(script) => {
                step.written = script.code.trim().to_owned();
                for input in &script.inputs {
                    let name = input.object.iter().map(|object| object.as_str()).chain([input.name.as_str()]).collect::<Vec<_>>().join(".");
                    let mut part = self.expr(Role::Field, &name, &input.value, self.row, None);
                    part.written.clear();
                    step.parts.push(part);
                }
            }
            _ => step.written = written.to_owned(),
        }
        for adjust in indicator.adjust.iter().filter(|adjust| self.is_so(&adjust.when)) {
            let percent = &adjust.factor * &Exact::from(100_i64);
            let mut part = self.expr(Role::Item, adjust.label.as_deref().unwrap_or(""), &adjust.when, self.row, None);
            part.notes.push(match adjust.factor.is_zero() {
                true => self.say("该项不得分", "no points for the item"),
                false => self.say(format!("得分乘以 {percent}%"), format!("score times {percent}%")),
            });
            step.parts.push(part);
        }
        // A score that the rubric gives in the place of a value says what was not there.
        if let (Some(gap), Some(Ok(_))) = (results.gap(self.row), &cell) {
            step.notes.push(gap.say(self.it.lang));
        }
        Some(step)
    }

    /// The points of a line; none if that cannot be told.
    fn earned(&self, item: &CaseItem) -> Option<Real> {
        match self.it.results.trace.cell(item.what.id, self.row)? {
            Ok(Value::Flag(holds)) if *holds != item.missing => Some(Real::from(&item.points)),
            Ok(Value::Flag(_)) => Some(Real::ZERO),
            Ok(Value::Number(count)) => count.checked_mul(&Real::from(&item.points)),
            Err(Gap::NotApplicable(_)) => Some(Real::ZERO),
            _ => None,
        }
    }

    /// Whether an exception counts for the subject.
    fn holds(&self, exception: &Exception) -> bool {
        exception.counts_on(self.it.results.on) && self.is_so(&exception.when)
    }

    fn is_so(&self, condition: &Expr) -> bool {
        matches!(self.it.results.trace.cell(condition.id, self.row), Some(Ok(Value::Flag(true))))
    }

    /// The exception that held.
    fn exception(&self, exception: &Exception) -> Derivation {
        let mut step = self.expr(
            Role::When,
            &self.say(format!("例外“{}”", exception.title), format!("exception “{}”", exception.title)),
            &exception.when,
            self.row,
            None,
        );
        step.rule = self.rule(exception.span);
        if let Some(until) = exception.until {
            step.notes.push(self.say(format!("至 {until}"), format!("until {until}")));
        }
        step
    }

    /// A line of a deduction, checklist or choice.
    fn item(&self, item: &CaseItem) -> Derivation {
        let mut part = self.expr(Role::Item, item.label.as_deref().unwrap_or(""), &item.what, self.row, None);
        part.notes.push(match (item.each, item.missing) {
            _ if matches!(self.it.results.trace.cell(item.what.id, self.row), Some(Err(Gap::NotApplicable(_)))) => {
                self.say("不适用，不计", "does not apply and counts nothing")
            }
            (true, _) => self.say(format!("每次 {} 分", item.points), format!("{} points each", item.points)),
            (false, true) => self.say(format!("缺则 {} 分", item.points), format!("{} points if missing", item.points)),
            (false, false) => self.say(format!("{} 分", item.points), format!("{} points", item.points)),
        });
        part
    }

    fn form(&self) -> Option<&Form> {
        self.it.rules.forms.get(bottom_of(self.it.rules, self.it.rubric)?)
    }

    /// Where the submission of the subject stands.
    fn origin(&self) -> Option<String> {
        if self.it.results.below.is_some() {
            return None;
        }
        let row = *self.it.results.subjects.get(self.row)?.members.first()?;
        let origin = self.it.table.origin(row)?;
        let file = self.it.table.files.get(origin.file as usize)?;
        Some(format!("{file}:{}", origin.line))
    }
}

/// A verdict that cannot be drawn (资料不全).
pub fn incomplete(gap: &Gap, lang: Lang) -> String {
    let why = gap.say(lang);
    lang.say(format!("资料不全 ({why})"), format!("incomplete ({why})"))
}

fn slot_name(rubric: &Rubric, slot: Slot, lang: Lang) -> String {
    let aspect_words = |aspect: Aspect| match aspect {
        Aspect::Value => "",
        Aspect::Target => lang.pick(" 目标", " target"),
        Aspect::Attained => lang.pick(" 达成度", " attained"),
        Aspect::Met => lang.pick(" 达标", " met"),
        Aspect::Score => lang.pick(" 得分", " score"),
    };
    match slot {
        Slot::Indicator(at, aspect) => {
            rubric.indicators.get(at).map(|indicator| format!("{}{}", indicator.code.it, aspect_words(aspect))).unwrap_or_default()
        }
        Slot::SectionScore(at) | Slot::SectionShare(at) => {
            rubric.sections.get(at).map(|section| section.code.it.to_string()).unwrap_or_default()
        }
        Slot::Total => lang.pick("总分", "total").to_owned(),
        Slot::Grade => lang.pick("等级", "grade").to_owned(),
        Slot::Conclusion => lang.pick("结论", "conclusion").to_owned(),
        Slot::Let(at) => rubric.lets.get(at).map(|named| named.name.it.to_string()).unwrap_or_default(),
    }
}
