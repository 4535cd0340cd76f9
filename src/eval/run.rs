//! One evaluation (一次评价): subjects, plan, results.

use super::column::{Cell, Column, Value};
use super::exact::{self, Below, Subjects, Tier};
use super::plan::{NodeId, Plan};
use super::results::{IndicatorResults, Results, Subject};
use super::script::Scripts;
use super::table::Table;
use super::trace::{Trace, Tracing};
use crate::model::{Aspect, Form, Level, Rubric, Rules, Slot, Source, bottom_of};
use crate::text::{Name, Texts};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What an evaluation is asked.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The texts that they were read from, for the words in explanations.
    pub texts: &'a Texts,
    /// The rubric, by its place in the rules.
    pub rubric: usize,
    /// The submissions to the form at the bottom of the rubric.
    pub table: &'a Table,
    /// The day of the evaluation (评价日): which values of parameters hold.
    pub on: NaiveDate,
    /// Whose results are traced.
    pub tracing: Tracing,
}

/// Evaluates a rubric, and the rubrics below it.
///
/// The same request yields the same results, whatever the machine; the order of the rows of the table does not matter.
pub fn evaluate(request: &Request<'_>) -> Option<Results> {
    let rubric = request.rules.rubrics.get(request.rubric)?;
    let below = match rubric.source {
        Source::Form(_) => None,
        // Whoever asks about a county asks about its schools.
        Source::Rubric(at) => {
            let tracing = if request.tracing.is_on() { Tracing::All } else { Tracing::Off };
            Some(evaluate(&Request { rubric: at, tracing, ..request.clone() })?)
        }
    };
    let plan = Plan::new(request.rules, request.texts, rubric, request.on);
    let scripts = Scripts::new(&plan);
    let (chosen, left_out) = choose(request, &plan, below.as_ref(), &scripts);
    let subjects = Subjects::new(chosen, below.is_none());
    let tier = Tier::new(&plan, request.table, &subjects, below.as_ref().map(|below| below as &dyn Below), &scripts);
    tier.compute_statistics();
    let trace = trace(&tier, &request.tracing);
    let omissions = tier.omissions();
    let mut results = collect(&tier);
    drop(tier);
    (results.rubric, results.on, results.left_out) = (request.rubric, request.on, left_out);
    (results.trace, results.omissions) = (trace, omissions);
    (results.subjects, results.below) = (subjects.list, below.map(Box::new));
    Some(results)
}

/// Whom the rubric is for, and the keys of whom it is not for; who cannot be told is kept, so that what is missing shows.
pub(super) fn choose(request: &Request<'_>, plan: &Plan<'_>, below: Option<&Results>, scripts: &Scripts) -> (Vec<Subject>, Vec<Name>) {
    let all = subjects(request, plan.rubric, below);
    let Some(when) = plan.when else { return (all, Vec::new()) };
    let everybody = Subjects::new(all, below.is_none());
    let tier = Tier::new(plan, request.table, &everybody, below.map(|below| below as &dyn Below), scripts);
    let applies = tier.columns(&[when], Level::Subject).pop().unwrap_or_default();
    let kept = applies.iter().map(|cell| !matches!(cell, Ok(Value::Flag(false))));
    let (mut stay, mut go) = (Vec::new(), Vec::new());
    for (subject, kept) in everybody.list.into_iter().zip(kept) {
        if kept { stay.push(subject) } else { go.push(subject.key) }
    }
    (stay, go)
}

/// What every expression came to for the subjects that are asked about, and for their members.
fn trace(tier: &Tier<'_>, tracing: &Tracing) -> Trace {
    let plan = tier.plan;
    if !tracing.is_on() {
        return Trace::default();
    }
    let mut trace = Trace::of(plan);
    let at = |level: Level| {
        let ids = (0_u32..).map(NodeId).zip(&plan.nodes);
        ids.filter(|(_, node)| node.level == level).map(|(id, _)| id).collect::<Vec<_>>()
    };
    let (of_subject, of_member) = (at(Level::Subject), at(Level::Member));
    for (row, subject) in tier.subjects().list.iter().enumerate() {
        if tracing.wants(&subject.key) {
            trace.subject(plan, row, tier.cells(&of_subject, Level::Subject, row));
            for pair in tier.subjects().ranges.get(row).cloned().unwrap_or_default() {
                trace.pair(pair, tier.cells(&of_member, Level::Member, pair));
            }
        }
    }
    trace
}

/// The results of every subject.
fn collect(tier: &Tier<'_>) -> Results {
    let (plan, rubric) = (tier.plan, tier.plan.rubric);
    let mut wanted: Vec<NodeId> = plan.slots.values().chain(&plan.vetoes).chain(plan.cases.values()).copied().collect();
    wanted.sort();
    wanted.dedup();
    let computed = tier.columns(&wanted, Level::Subject);
    let columns: BTreeMap<NodeId, Vec<Cell<Value>>> = wanted.into_iter().zip(computed).collect();
    let column = |node: NodeId| -> Option<Column> { Some(Column::of(plan.node(node)?.kind, columns.get(&node)?.clone())) };
    let slot = |slot: Slot| plan.slots.get(&slot).and_then(|node| column(*node));
    let numbers = |column: Option<Column>| match column {
        Some(Column::Numbers(cells)) => Some(cells),
        _ => None,
    };
    let flags = |column: Option<Column>| match column {
        Some(Column::Flags(cells)) => Some(cells),
        _ => None,
    };
    let words = |column: Option<Column>| match column {
        Some(Column::Words(cells)) => Some(cells),
        _ => None,
    };
    let count = tier.subjects().list.len();
    let case = |at: usize| -> Vec<Option<usize>> {
        let Some(target) = rubric.indicators.get(at).and_then(|indicator| indicator.target.as_ref()) else { return Vec::new() };
        if plan.aspect(at, Aspect::Target).is_none() {
            return Vec::new();
        }
        let Some(by) = plan.cases.get(&at).and_then(|by| columns.get(by)) else { return vec![Some(0); count] };
        let of = |cell: &Cell<Value>| match cell {
            Ok(Value::Word(option)) => exact::case_of(target.cases.iter().map(|case| case.options.as_slice()), option),
            _ => None,
        };
        by.iter().map(of).collect()
    };
    let indicators = (0..rubric.indicators.len()).map(|at| {
        let aspect = |aspect: Aspect| slot(Slot::Indicator(at, aspect));
        IndicatorResults {
            value: aspect(Aspect::Value),
            target: aspect(Aspect::Target),
            case: case(at),
            attained: numbers(aspect(Aspect::Attained)),
            met: flags(aspect(Aspect::Met)),
            score: numbers(aspect(Aspect::Score)),
        }
    });
    Results {
        rubric: 0,
        on: NaiveDate::default(),
        subjects: Vec::new(),
        left_out: Vec::new(),
        indicators: indicators.collect(),
        lets: (0..rubric.lets.len()).map(|at| slot(Slot::Let(at)).unwrap_or(Column::Numbers(Vec::new()))).collect(),
        sections: (0..rubric.sections.len()).map(|at| numbers(slot(Slot::SectionScore(at))).unwrap_or_default()).collect(),
        total: numbers(slot(Slot::Total)),
        vetoes: plan.vetoes.iter().filter_map(|veto| flags(column(*veto))).collect(),
        grade: words(slot(Slot::Grade)),
        conclusion: words(slot(Slot::Conclusion)),
        below: None,
        trace: Trace::default(),
        omissions: Vec::new(),
    }
}

impl Below for Results {
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>> {
        self.cell(slot, member)
    }

    fn row(&self, member: usize) -> Option<usize> {
        self.subjects.get(member)?.members.first().copied()
    }
}

impl Results {
    /// One result of a subject, by its place.
    pub fn cell(&self, slot: Slot, subject: usize) -> Option<Cell<Value>> {
        fn of<T: Clone>(cells: Option<&Vec<Cell<T>>>, subject: usize, value: fn(T) -> Value) -> Option<Cell<Value>> {
            cells?.get(subject).cloned().map(|cell| cell.map(value))
        }
        match slot {
            Slot::Indicator(at, aspect) => {
                let results = self.indicators.get(at)?;
                match aspect {
                    Aspect::Value => results.value.as_ref()?.get(subject),
                    Aspect::Target => results.target.as_ref()?.get(subject),
                    Aspect::Attained => of(results.attained.as_ref(), subject, Value::Number),
                    Aspect::Met => of(results.met.as_ref(), subject, Value::Flag),
                    Aspect::Score => of(results.score.as_ref(), subject, Value::Number),
                }
            }
            Slot::SectionScore(at) => of(self.sections.get(at), subject, Value::Number),
            Slot::SectionShare(_) => None,
            Slot::Total => of(self.total.as_ref(), subject, Value::Number),
            Slot::Grade => of(self.grade.as_ref(), subject, Value::Word),
            Slot::Conclusion => of(self.conclusion.as_ref(), subject, Value::Word),
            Slot::Let(at) => self.lets.get(at)?.get(subject),
        }
    }
}

impl Results {
    /// The place of a subject.
    pub fn subject(&self, key: &str) -> Option<usize> {
        self.subjects.iter().position(|subject| *subject.key == *key)
    }
}

/// Everybody whom the rubric may judge, in the order of the results.
fn subjects(request: &Request<'_>, rubric: &Rubric, below: Option<&Results>) -> Vec<Subject> {
    let table = request.table;
    let Some(form) = bottom_of(request.rules, rubric).and_then(|at| request.rules.forms.get(at)) else { return Vec::new() };
    let Some(below) = below else {
        let kind = rubric.subjects.first().cloned().unwrap_or_else(|| "".into());
        return table.by_key().iter().map(|row| submitter(form, table, &kind, *row as usize)).collect();
    };
    let mut all = Vec::new();
    for kind in &rubric.subjects {
        let mut groups: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        for (member, subject) in below.subjects.iter().enumerate() {
            if let Some(key) = first_row(below, subject).and_then(|row| group_name(form, table, kind, row)) {
                groups.entry(key).or_default().push(member);
            }
        }
        all.extend(groups.into_iter().map(|(key, members)| Subject { kind: kind.clone(), key, group: None, members }));
    }
    all
}

/// Whom a row of the table speaks of.
pub(super) fn submitter(form: &Form, table: &Table, kind: &Name, row: usize) -> Subject {
    let group = form.groups.first().and_then(|group| group_name(form, table, &group.kind, row));
    Subject { kind: kind.clone(), key: table.key(row).into(), group, members: vec![row] }
}

/// The group of a kind that a row belongs to.
pub(super) fn group_name(form: &Form, table: &Table, kind: &str, row: usize) -> Option<Name> {
    let group = form.group(kind)?;
    match group.key {
        None => Some(group.kind.clone()),
        Some(key) => match table.cell(key, row)? {
            Ok(Value::Word(name)) => Some(name),
            Ok(Value::Number(number)) => Some(number.show_trimmed(6).into()),
            _ => None,
        },
    }
}

/// A row of the table that belongs to a subject, however deep.
fn first_row(results: &Results, subject: &Subject) -> Option<usize> {
    let first = *subject.members.first()?;
    match &results.below {
        None => Some(first),
        Some(below) => first_row(below, below.subjects.get(first)?),
    }
}
