//! Derivations (推导): why a subject got what it got, read from the trace of the evaluation itself.
//!
//! Not here: how a derivation is printed (`report`).

mod assessed;
mod beside;
mod totals;

use crate::diag::Lang;
use crate::eval::column::{Cell, Value};
use crate::eval::derivation::{Derivation, Role, show};
use crate::eval::gap::Gap;
use crate::eval::results::Results;
use crate::eval::table::Table;
use crate::eval::trace::Branch;
use crate::model::{
    Aspect, CaseItem, CaseLine, Exception, Expr, Form, Indicator, Level, Node, Over, Rubric, Rules, Slot, Statistic, Way, bottom_of,
};
use crate::number::{Exact, Real};
use crate::text::{Span, Texts};
use std::collections::BTreeMap;

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

    /// An expression with its numbers put in, and what they are.
    fn expr(&self, role: Role, name: &str, expr: &Expr, row: usize, decimals: Option<u32>) -> Derivation {
        let cell = self.it.results.trace.cell(expr.id, row);
        let mut step = self.step(role, name, self.shown(cell, decimals));
        step.written = self.it.texts.slice(expr.span).split_whitespace().collect::<Vec<_>>().join(" ");
        step.with_numbers = self.with_numbers(expr, row);
        step.rule = self.rule(expr.span);
        step.unit = unit_shown(expr, cell);
        if let Some(Ok(Value::Number(number))) = cell {
            step.exact = number.as_exact().map(ToString::to_string).filter(|exact| *exact != step.result && exact.len() <= 60);
        }
        step.parts = self.leaves(expr, row);
        // What a formula names twice is shown once.
        let mut seen: Vec<(Role, String)> = Vec::new();
        step.parts.retain(|part| {
            let known = seen.iter().any(|(role, name)| *role == part.role && *name == part.name);
            seen.push((part.role, part.name.clone()));
            !known
        });
        step
    }

    /// The text of an expression, each name replaced by what it came to.
    fn with_numbers(&self, expr: &Expr, row: usize) -> String {
        let mut values: BTreeMap<u32, (Span, String)> = BTreeMap::new();
        self.values(expr, row, &mut values);
        let source = self.it.texts.slice(expr.span);
        let mut text = String::new();
        let mut at = 0;
        for (span, value) in values.values() {
            let (start, end) = (span.start.saturating_sub(expr.span.start) as usize, span.end.saturating_sub(expr.span.start) as usize);
            text.push_str(source.get(at..start).unwrap_or(""));
            text.push_str(value);
            at = end;
        }
        text.push_str(source.get(at..).unwrap_or(""));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = source.split_whitespace().collect::<Vec<_>>().join(" ");
        if text == plain || values.len() == 1 && values.values().any(|(span, _)| *span == expr.span) { String::new() } else { text }
    }

    /// What an expression that nobody wrote comes to, in numbers: of a choice what was chosen.
    fn figures(&self, expr: &Expr, row: usize) -> String {
        let two = |a: &Expr, sign: &str, b: &Expr| format!("{} {sign} {}", self.figures(a, row), self.figures(b, row));
        match &expr.node {
            Node::Add(a, b) => match (self.figures(a, row), self.figures(b, row)) {
                (a, b) if a == "0" => b,
                (a, b) if b == "0" => a,
                (a, b) => format!("{a} + {b}"),
            },
            Node::Mul(a, b) => two(a, "×", b),
            Node::Div(a, b) => format!("{} ÷ ({})", self.figures(a, row), self.figures(b, row)),
            Node::Scale(a, by) if *by == Exact::ONE => self.figures(a, row),
            Node::Scale(a, by) => format!("{by} × {}", self.figures(a, row)),
            Node::Choose(cases, otherwise) => {
                let chosen = cases.iter().find(|(when, _)| matches!(self.it.results.trace.cell(when.id, row), Some(Ok(Value::Flag(true)))));
                self.figures(chosen.map_or(&**otherwise, |(_, then)| then), row)
            }
            Node::Number(number) => number.to_string(),
            _ => self.shown(self.it.results.trace.cell(expr.id, row), None),
        }
    }

    fn values(&self, expr: &Expr, row: usize, into: &mut BTreeMap<u32, (Span, String)>) {
        let leaf = matches!(
            expr.node,
            Node::Computed(..)
                | Node::Field(_)
                | Node::BesideField(..)
                | Node::BesideSlot(..)
                | Node::Slot(_)
                | Node::Param(_)
                | Node::Statistic(_)
        );
        if leaf {
            let shown = match self.it.results.trace.cell(expr.id, row) {
                Some(Err(gap)) => gap_word(gap, self.it.lang).to_owned(),
                cell => self.shown(cell, None),
            };
            into.insert(expr.span.start, (expr.span, shown));
        } else {
            expr.children().into_iter().for_each(|inner| self.values(inner, row, into));
        }
    }

    /// The fields, parameters and results that an expression rests on.
    fn leaves(&self, expr: &Expr, row: usize) -> Vec<Derivation> {
        let cell = || self.it.results.trace.cell(expr.id, row);
        match &expr.node {
            Node::Field(field) => {
                let form = self.form();
                let name = form.and_then(|form| form.fields.get(field.0)).map(|field| field.name.it.to_string()).unwrap_or_default();
                let mut step = self.step(Role::Field, name, self.shown(cell(), None));
                step.unit = unit_shown(expr, cell());
                step.cell = self.origin();
                vec![step]
            }
            Node::BesideSlot(at, slot) => self.beside_result(*at, *slot, expr, row).into_iter().collect(),
            Node::BesideField(at, field) => self.beside_field(*at, *field, expr, row).into_iter().collect(),
            Node::Computed(name, of) => {
                let mut step = self.step(Role::Result, name.to_string(), self.shown(cell(), None));
                step.unit = unit_shown(expr, cell());
                let computed = self.form().and_then(|form| form.computed(name));
                step.rule = computed.and_then(|computed| self.rule(computed.name.span));
                if computed.is_some_and(|computed| computed.shared) {
                    step.notes.push(self.say("按权重分摊", "its weighted share"));
                    step.written = self.it.texts.slice(of.span).split_whitespace().collect::<Vec<_>>().join(" ");
                    // A share of nothing has no figures.
                    if matches!(cell(), Some(Ok(_))) {
                        step.with_numbers = self.figures(of, row);
                    }
                }
                let part = self.form().filter(|form| form.split.is_some()).and_then(|form| form.fields.last());
                for leaf in self.leaves(of, row) {
                    let known = step.parts.iter().any(|part| part.role == leaf.role && part.name == leaf.name);
                    if !known && part.is_none_or(|part| *part.name.it != *leaf.name) {
                        step.parts.push(leaf);
                    }
                }
                vec![step]
            }
            Node::Param(param) => {
                let Some(param) = self.it.rules.params.get(*param) else { return Vec::new() };
                let mut step = self.step(Role::Param, param.name.it.to_string(), self.shown(cell(), None));
                step.unit = expr.ty.unit().map(ToString::to_string).unwrap_or_default();
                step.rule = self.rule(param.name.span);
                if let Some((Some(from), _)) = param.on(self.it.results.on) {
                    step.notes.push(self.say(format!("自 {from} 起"), format!("from {from}")));
                }
                vec![step]
            }
            Node::Slot(Slot::Let(at)) => {
                let Some(named) = self.it.rubric.lets.get(*at) else { return Vec::new() };
                let mut step = self.expr(Role::Result, &named.name.it, &named.value, row, None);
                step.rule = self.rule(named.name.span);
                vec![step]
            }
            Node::Slot(slot) => {
                vec![self.step(Role::Result, slot_name(self.it.rubric, *slot, self.it.lang), self.shown(cell(), None))]
            }
            Node::Statistic(statistic) => vec![self.statistic(expr, statistic, row)],
            _ => expr.children().into_iter().flat_map(|inner| self.leaves(inner, row)).collect(),
        }
    }

    /// A statistic: how many counted, who was left out and why, each member's value.
    fn statistic(&self, expr: &Expr, statistic: &Statistic, row: usize) -> Derivation {
        let cell = self.it.results.trace.cell(expr.id, row);
        let mut step = self.step(
            Role::Statistic,
            self.it.texts.slice(expr.span).split_whitespace().collect::<Vec<_>>().join(" "),
            self.shown(cell, None),
        );
        let of = match &statistic.of {
            Over::Members(of) => of,
            Over::Rows(beside, of) => return self.over_rows(step, *beside, statistic, of, row),
            Over::List(list) => {
                step.parts = list.iter().flat_map(|inner| self.leaves(inner, row)).collect();
                return step;
            }
            Over::Cohort(..) => return step,
        };
        let Some(below) = &self.it.results.below else { return step };
        let mut first = 0;
        for subject in self.it.results.subjects.iter().take(row) {
            first += subject.members.len();
        }
        let members = self.it.results.subjects.get(row).map(|subject| subject.members.as_slice()).unwrap_or_default();
        let mut counted = 0_usize;
        for (offset, member) in members.iter().enumerate() {
            let pair = first + offset;
            let value_at = |inner: &Expr| match inner.level {
                Level::Member => self.it.results.trace.cell(inner.id, pair).cloned(),
                _ => self.it.results.trace.cell(inner.id, row).cloned(),
            };
            if let Some(filter) = &statistic.filter
                && matches!(value_at(filter), Some(Ok(Value::Flag(false))))
            {
                continue;
            }
            let key = below.subjects.get(*member).map(|subject| subject.key.to_string()).unwrap_or_default();
            let value = value_at(of);
            let mut part = self.step(Role::Member, key, self.shown(value.as_ref(), None));
            if let Some(weight) = &statistic.weight {
                let weight = self.shown(value_at(weight).as_ref(), None);
                part.notes.push(self.say(format!("权重 {weight}"), format!("weight {weight}")));
            }
            if matches!(value, Some(Ok(_))) {
                counted += 1;
            } else {
                part.notes.push(self.say("未计入", "left out"));
            }
            step.parts.push(part);
        }
        // Whoever was left out is what one looks for first.
        step.parts.sort_by_key(|part| part.notes.len() <= usize::from(statistic.weight.is_some()));
        let omission = self.it.results.omissions.iter().find(|omission| omission.statistic == expr.id && omission.subject == row);
        let (counted, out) = omission.map_or((counted, 0), |omission| (omission.counted, omission.left_out.len()));
        step.notes.push(self.say(format!("计入 {counted} 个，未计入 {out} 个"), format!("{counted} counted, {out} left out")));
        step
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

/// The unit of a value; why there is none has no unit.
fn unit_shown(expr: &Expr, cell: Option<&Cell<Value>>) -> String {
    let unit = expr.ty.unit().filter(|_| matches!(cell, Some(Ok(_))));
    unit.map(ToString::to_string).unwrap_or_default()
}

/// A gap inside a formula, in a word; why it is there stands beside the field.
fn gap_word(gap: &Gap, lang: Lang) -> &'static str {
    match gap {
        Gap::Missing(_) => lang.pick("未填", "missing"),
        Gap::Undefined(_) => lang.pick("无法计算", "undefined"),
        Gap::NotApplicable(_) => lang.pick("不适用", "n/a"),
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
