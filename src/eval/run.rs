//! One evaluation (一次评价): subjects, steps in their order, results.

use super::column::{Cell, Column, Kind, Table};
use super::results::{IndicatorResults, Omission, Results, Subject};
use super::trace::{Trace, Tracing};
use crate::model::{Aspect, Expr, Level, Rubric, Rules, Slot, Source, Step, bottom_of};
use crate::text::{Name, Texts};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::ops::Range;

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
    let mut run = Run::new(request, rubric, below.as_ref());
    run.select();
    run.prepare();
    for step in &rubric.steps {
        run.step(*step);
    }
    let mut results = run.finish(request.rubric);
    results.below = below.map(Box::new);
    Some(results)
}

/// A member of a subject: the schools of a county, once for each kind of group that they are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub subject: usize,
    pub member: usize,
}

/// The state of an evaluation.
pub(super) struct Run<'a> {
    pub rules: &'a Rules,
    pub texts: &'a Texts,
    pub rubric: &'a Rubric,
    pub table: &'a Table,
    pub on: NaiveDate,
    pub below: Option<&'a Results>,
    pub subjects: Vec<Subject>,
    /// Of a rubric over a form, the row of each subject.
    pub subject_rows: Vec<usize>,
    /// All members, those of one subject together.
    pub pairs: Vec<Pair>,
    /// Where in `pairs` each subject's members are.
    pub pair_ranges: Vec<Range<usize>>,
    pub tracing: Tracing,
    /// Which subjects are traced.
    pub traced: Vec<bool>,
    pub trace: Trace,
    pub omissions: Vec<Omission>,
    pub left_out: Vec<Name>,
    pub indicators: Vec<Option<IndicatorResults>>,
    pub lets: Vec<Option<Column>>,
    pub sections: Vec<Option<Vec<Cell<crate::number::Real>>>>,
    pub total: Option<Vec<Cell<crate::number::Real>>>,
    pub vetoes: Vec<Vec<Cell<bool>>>,
    pub grade: Option<Vec<Cell<Name>>>,
    pub conclusion: Option<Vec<Cell<Name>>>,
}

impl<'a> Run<'a> {
    fn new(request: &Request<'a>, rubric: &'a Rubric, below: Option<&'a Results>) -> Run<'a> {
        Run {
            rules: request.rules,
            texts: request.texts,
            rubric,
            table: request.table,
            on: request.on,
            below,
            subjects: subjects(request, rubric, below),
            subject_rows: Vec::new(),
            pairs: Vec::new(),
            pair_ranges: Vec::new(),
            tracing: request.tracing.clone(),
            traced: Vec::new(),
            trace: Trace::default(),
            omissions: Vec::new(),
            left_out: Vec::new(),
            indicators: vec![None; rubric.indicators.len()],
            lets: vec![None; rubric.lets.len()],
            sections: vec![None; rubric.sections.len()],
            total: None,
            vetoes: Vec::new(),
            grade: None,
            conclusion: None,
        }
    }

    /// A run that has come to its end, in which more can be asked of its results.
    pub fn after(request: &Request<'a>, results: &'a Results) -> Option<Run<'a>> {
        let rubric = request.rules.rubrics.get(request.rubric)?;
        let mut run = Run::new(request, rubric, results.below.as_deref());
        run.subjects = results.subjects.clone();
        run.prepare();
        run.indicators = results.indicators.iter().cloned().map(Some).collect();
        run.lets = results.lets.iter().cloned().map(Some).collect();
        run.sections = results.sections.iter().cloned().map(Some).collect();
        (run.total, run.grade, run.conclusion) = (results.total.clone(), results.grade.clone(), results.conclusion.clone());
        run.vetoes = results.vetoes.clone();
        Some(run)
    }

    /// Leaves out those whom the rubric is not for; who cannot be told is kept, so that what is missing shows.
    fn select(&mut self) {
        self.prepare();
        let Some(when) = &self.rubric.when else { return };
        let tracing = std::mem::take(&mut self.traced);
        let applies = self.flags(when, Level::Subject);
        self.traced = tracing;
        self.omissions.clear();
        let kept = applies.iter().map(|cell| !matches!(cell, Ok(false)));
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        for (subject, kept) in std::mem::take(&mut self.subjects).into_iter().zip(kept) {
            if kept { stay.push(subject) } else { go.push(subject.key) }
        }
        (self.subjects, self.left_out) = (stay, go);
    }

    fn prepare(&mut self) {
        self.traced = self.subjects.iter().map(|subject| self.tracing.wants(&subject.key)).collect();
        if self.below.is_none() {
            self.subject_rows = self.subjects.iter().filter_map(|subject| subject.members.first().copied()).collect();
            return;
        }
        (self.pairs, self.pair_ranges) = (Vec::new(), Vec::new());
        for (at, subject) in self.subjects.iter().enumerate() {
            let start = self.pairs.len();
            self.pairs.extend(subject.members.iter().map(|member| Pair { subject: at, member: *member }));
            self.pair_ranges.push(start..self.pairs.len());
        }
    }

    /// How many rows a level has.
    pub fn rows(&self, at: Level) -> usize {
        if at == Level::Member { self.pairs.len() } else { self.subjects.len() }
    }

    /// Keeps what an expression came to, for the subjects that are traced.
    pub fn remember<T: Kind>(&mut self, expr: &Expr, at: Level, cells: &[Cell<T>]) {
        if !self.tracing.is_on() {
            return;
        }
        for (row, cell) in cells.iter().enumerate() {
            let subject = if at == Level::Member { self.pairs.get(row).map(|pair| pair.subject) } else { Some(row) };
            if subject.and_then(|subject| self.traced.get(subject)).copied().unwrap_or(false) {
                self.trace.remember(expr.id, row, cell.clone().map(Kind::value));
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Let(at) => {
                if let Some(named) = self.rubric.lets.get(at) {
                    let level = named.value.level.max(Level::Subject);
                    let column = self.column(&named.value, level);
                    put(&mut self.lets, at, column);
                }
            }
            Step::Indicator(at) => {
                let results = self.indicator(at);
                if let Some(results) = results {
                    put(&mut self.indicators, at, results);
                }
            }
            Step::Section(at) => {
                let cells = self.section(at);
                put(&mut self.sections, at, cells);
            }
            Step::Total => self.total = self.total_of_all(),
            Step::Grade => self.grade = self.verdicts(true),
            Step::Conclusion => self.conclusion = self.verdicts(false),
        }
    }

    /// A result that an earlier step has computed.
    pub fn slot(&self, slot: Slot) -> Option<Column> {
        match slot {
            Slot::Indicator(at, aspect) => self.indicators.get(at)?.as_ref()?.aspect(aspect),
            Slot::SectionScore(at) => self.sections.get(at)?.clone().map(Column::Numbers),
            Slot::SectionShare(at) => {
                let full = &self.rubric.sections.get(at)?.points;
                share_of(self.sections.get(at)?.as_ref()?, full).map(Column::Numbers)
            }
            Slot::Total => self.total.clone().map(Column::Numbers),
            Slot::Grade => self.grade.clone().map(Column::Words),
            Slot::Conclusion => self.conclusion.clone().map(Column::Words),
            Slot::Let(at) => self.lets.get(at)?.clone(),
        }
    }

    fn finish(self, rubric: usize) -> Results {
        let empty = IndicatorResults { value: None, target: None, case: Vec::new(), attained: None, met: None, score: None };
        Results {
            rubric,
            on: self.on,
            subjects: self.subjects,
            left_out: self.left_out,
            indicators: self.indicators.into_iter().map(|results| results.unwrap_or_else(|| empty.clone())).collect(),
            lets: self.lets.into_iter().map(|column| column.unwrap_or(Column::Numbers(Vec::new()))).collect(),
            sections: self.sections.into_iter().map(Option::unwrap_or_default).collect(),
            total: self.total,
            vetoes: self.vetoes,
            grade: self.grade,
            conclusion: self.conclusion,
            below: None,
            trace: self.trace,
            omissions: self.omissions,
        }
    }
}

fn put<T>(slots: &mut [Option<T>], at: usize, value: T) {
    if let Some(slot) = slots.get_mut(at) {
        *slot = Some(value);
    }
}

/// Scores as shares of full marks.
pub(super) fn share_of(scores: &[Cell<crate::number::Real>], full: &crate::number::Exact) -> Option<Vec<Cell<crate::number::Real>>> {
    if full.is_zero() {
        return None;
    }
    let full = crate::number::Real::from(full);
    Some(scores.iter().map(|cell| cell.clone().map(|score| score.checked_div(&full).unwrap_or_default())).collect())
}

impl IndicatorResults {
    /// One of its results, as a column.
    pub fn aspect(&self, aspect: Aspect) -> Option<Column> {
        match aspect {
            Aspect::Value => self.value.clone(),
            Aspect::Target => self.target.clone(),
            Aspect::Attained => self.attained.clone().map(Column::Numbers),
            Aspect::Met => self.met.clone().map(Column::Flags),
            Aspect::Score => self.score.clone().map(Column::Numbers),
        }
    }
}

impl Results {
    /// One result of every subject, as a column.
    pub fn slot(&self, slot: Slot) -> Option<Column> {
        match slot {
            Slot::Indicator(at, aspect) => self.indicators.get(at)?.aspect(aspect),
            Slot::SectionScore(at) => self.sections.get(at).cloned().map(Column::Numbers),
            Slot::SectionShare(_) => None,
            Slot::Total => self.total.clone().map(Column::Numbers),
            Slot::Grade => self.grade.clone().map(Column::Words),
            Slot::Conclusion => self.conclusion.clone().map(Column::Words),
            Slot::Let(at) => self.lets.get(at).cloned(),
        }
    }

    /// The place of a subject.
    pub fn subject(&self, key: &str) -> Option<usize> {
        self.subjects.iter().position(|subject| *subject.key == *key)
    }
}

/// Everybody whom the rubric may judge, in the order of the results.
fn subjects(request: &Request<'_>, rubric: &Rubric, below: Option<&Results>) -> Vec<Subject> {
    let table = request.table;
    let bottom = bottom_of(request.rules, rubric);
    let form = bottom.and_then(|at| request.rules.forms.get(at));
    let group_of = |kind: &str, row: usize| -> Option<Name> {
        let group = form?.group(kind)?;
        match group.key {
            None => Some(group.kind.clone()),
            Some(key) => match table.columns.get(key.0)?.get(row)? {
                Ok(super::column::Value::Word(name)) => Some(name),
                Ok(super::column::Value::Number(number)) => Some(number.show_trimmed(6).into()),
                _ => None,
            },
        }
    };
    let Some(below) = below else {
        let kind = rubric.subjects.first().cloned().unwrap_or_else(|| "".into());
        let first = form.and_then(|form| form.groups.first()).map(|group| group.kind.clone());
        let mut rows: Vec<usize> = (0..table.len()).collect();
        rows.sort_by(|a, b| table.keys.get(*a).cmp(&table.keys.get(*b)));
        let subject = |row: usize| {
            let group = first.as_ref().and_then(|kind| group_of(kind, row));
            Some(Subject { kind: kind.clone(), key: table.keys.get(row)?.clone(), group, members: vec![row] })
        };
        return rows.into_iter().filter_map(subject).collect();
    };
    let mut all = Vec::new();
    for kind in &rubric.subjects {
        let mut groups: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        for (member, subject) in below.subjects.iter().enumerate() {
            if let Some(key) = first_row(below, subject).and_then(|row| group_of(kind, row)) {
                groups.entry(key).or_default().push(member);
            }
        }
        all.extend(groups.into_iter().map(|(key, members)| Subject { kind: kind.clone(), key, group: None, members }));
    }
    all
}

/// A row of the table that belongs to a subject, however deep.
fn first_row(results: &Results, subject: &Subject) -> Option<usize> {
    let first = *subject.members.first()?;
    match &results.below {
        None => Some(first),
        Some(below) => first_row(below, below.subjects.get(first)?),
    }
}
