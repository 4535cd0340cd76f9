//! Formulas (算式) in derivations: an expression as it is written, the same with its numbers, and what these rest on.
//!
//! Not here: what an indicator, a verdict or a total makes of it (`explain`, `totals`), rows that lie beside (`beside`).

use super::{Teller, slot_name};
use crate::diag::Lang;
use crate::eval::column::{Cell, Value};
use crate::eval::derivation::{Derivation, Role};
use crate::eval::gap::Gap;
use crate::model::{Expr, Level, Node, Over, Slot, Statistic};
use crate::number::Exact;
use crate::text::Span;
use std::collections::BTreeMap;

impl Teller<'_, '_> {
    /// An expression with its numbers put in, and what they are.
    pub(super) fn expr(&self, role: Role, name: &str, expr: &Expr, row: usize, decimals: Option<u32>) -> Derivation {
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
    pub(super) fn figures(&self, expr: &Expr, row: usize) -> String {
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
    pub(super) fn leaves(&self, expr: &Expr, row: usize) -> Vec<Derivation> {
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
    pub(super) fn statistic(&self, expr: &Expr, statistic: &Statistic, row: usize) -> Derivation {
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
}

/// The unit of a value; why there is none has no unit.
pub(super) fn unit_shown(expr: &Expr, cell: Option<&Cell<Value>>) -> String {
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
