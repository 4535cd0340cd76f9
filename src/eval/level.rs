//! One rubric of an evaluation (一层), with the rubrics below it: whom it judges, and their results, as many as are asked for.
//!
//! Not here: in which order they are asked for (`run`).

use super::column::{Cell, Column, Value};
use super::exact::{self, Below, Subjects, Tier};
use super::plan::{NodeId, Plan, TargetPlan};
use super::results::{IndicatorResults, Results, Subject};
use super::run::Request;
use super::script::Scripts;
use super::table::Table;
use super::trace::{Trace, Tracing};
use crate::model::{Aspect, Form, Level as Where, Rubric, Slot, Source, bottom_of};
use crate::text::Name;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A rubric with those whom it judges.
pub(super) struct Level<'a> {
    rubric: usize,
    on: NaiveDate,
    tier: Tier<'a>,
    tracing: Tracing,
    /// Whom the rubric is not for, by key.
    pub left_out: Vec<Name>,
    pub below: Option<&'a Level<'a>>,
    names: OnceLock<Arc<Results>>,
}

/// Something with the levels of a request, given the one that was asked for.
pub(super) fn with_levels<T>(request: &Request<'_>, something: impl FnOnce(&Level<'_>) -> T) -> Option<T> {
    let rubrics = &request.rules.rubrics;
    let below = |at: &usize| match rubrics.get(*at)?.source {
        Source::Form(_) => None,
        Source::Rubric(below) => Some(below),
    };
    let mut chain: Vec<usize> = std::iter::successors(Some(request.rubric), below).collect();
    chain.reverse();
    let (mut something, mut result) = (Some(something), None);
    build(request, &chain, None, &mut |top| result = something.take().map(|something| something(top)))?;
    result
}

/// Builds the levels of a chain of rubrics, from the lowest up.
fn build(request: &Request<'_>, chain: &[usize], below: Option<&Level<'_>>, then: &mut dyn FnMut(&Level<'_>)) -> Option<()> {
    let (at, above) = chain.split_first()?;
    let plan = Plan::new(request.rules, request.texts, request.rules.rubrics.get(*at)?, request.on);
    let scripts = Scripts::new(&plan);
    let (chosen, mut left_out) = choose(request, &plan, below, &scripts);
    if below.is_none() {
        left_out.extend(request.table.unjudged.iter().cloned());
        left_out.sort();
    }
    let subjects = Subjects::new(chosen, below.is_none());
    let tier = Tier::new(&plan, request.table, &subjects, below.map(|below| below as &dyn Below), &scripts);
    tier.compute_statistics();
    // Whoever asks about a county asks about its schools.
    let tracing = match (above, &request.tracing) {
        ([], tracing) => tracing.clone(),
        (_, tracing) if tracing.is_on() => Tracing::All,
        _ => Tracing::Off,
    };
    let level = Level { rubric: *at, on: request.on, tier, tracing, left_out, below, names: OnceLock::new() };
    if !above.is_empty() {
        return build(request, above, Some(&level), then);
    }
    then(&level);
    Some(())
}

impl Level<'_> {
    /// How many it judges.
    pub fn len(&self) -> usize {
        self.tier.subjects().list.len()
    }

    /// The place of a subject.
    pub fn find(&self, kind: &str, key: &str) -> Option<usize> {
        self.tier.subjects().list.iter().position(|subject| *subject.kind == *kind && *subject.key == *key)
    }

    /// The subjects from one on, with their members about so many.
    pub fn about(&self, first: usize, most: usize) -> Range<usize> {
        let rest = self.tier.subjects().list.get(first..).unwrap_or_default();
        let sizes = rest.iter().scan(0, |sum, subject| {
            *sum += 1 + subject.members.len();
            Some(*sum)
        });
        let count = sizes.take_while(|sum| *sum <= 2 * most).count().max(1);
        first..self.len().min(first + count)
    }

    /// The results of some subjects.
    pub fn part(&self, rows: Range<usize>) -> Results {
        Results {
            trace: trace(&self.tier, &self.tracing, &rows),
            omissions: self.tier.omissions(&rows),
            subjects: self.tier.subjects().list.get(rows.clone()).unwrap_or_default().to_vec(),
            below: self.below.map(|below| below.names.get_or_init(|| Arc::new(below.names_only())).clone()),
            ..collect(&self.tier, rows, self.rubric, self.on)
        }
    }

    /// The names of all, without results.
    fn names_only(&self) -> Results {
        Results { subjects: self.tier.subjects().list.clone(), ..collect(&self.tier, 0..0, self.rubric, self.on) }
    }

    /// A row of the table that belongs to a subject, however deep.
    fn first_row(&self, subject: &Subject) -> Option<usize> {
        let first = *subject.members.first()?;
        match self.below {
            None => Some(first),
            Some(below) => below.first_row(below.tier.subjects().list.get(first)?),
        }
    }
}

/// Results of members are computed when they are asked for: most of them nobody asks for, and all would be many.
impl Below for Level<'_> {
    fn result(&self, slot: Slot, member: usize) -> Option<Cell<Value>> {
        self.tier.result(slot, member)
    }

    fn row(&self, member: usize) -> Option<usize> {
        self.tier.subjects().list.get(member)?.members.first().copied()
    }
}

/// Whom the rubric is for, and the keys of whom it is not for; who cannot be told is kept, so that what is missing shows.
fn choose(request: &Request<'_>, plan: &Plan<'_>, below: Option<&Level<'_>>, scripts: &Scripts) -> (Vec<Subject>, Vec<Name>) {
    let all = subjects(request, plan.rubric, below);
    let Some(when) = plan.when else { return (all, Vec::new()) };
    let everybody = Subjects::new(all, below.is_none());
    let tier = Tier::new(plan, request.table, &everybody, below.map(|below| below as &dyn Below), scripts);
    let applies = tier.columns(&[when], Where::Subject).pop().unwrap_or_default();
    let kept = applies.iter().map(|cell| !matches!(cell, Ok(Value::Flag(false))));
    let (mut stay, mut go) = (Vec::new(), Vec::new());
    for (subject, kept) in everybody.list.into_iter().zip(kept) {
        if kept { stay.push(subject) } else { go.push(subject.key) }
    }
    (stay, go)
}

/// Everybody whom the rubric may judge, in the order of the results.
fn subjects(request: &Request<'_>, rubric: &Rubric, below: Option<&Level<'_>>) -> Vec<Subject> {
    let table = request.table;
    let Some(form) = bottom_of(request.rules, rubric).and_then(|at| request.rules.forms.get(at)) else { return Vec::new() };
    let Some(below) = below else {
        let kind = rubric.subjects.first().cloned().unwrap_or_else(|| "".into());
        return table.by_key().iter().map(|row| submitter(form, table, &kind, *row as usize)).collect();
    };
    let mut all = Vec::new();
    for kind in &rubric.subjects {
        let mut groups: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        for (member, subject) in below.tier.subjects().list.iter().enumerate() {
            if let Some(key) = below.first_row(subject).and_then(|row| group_name(form, table, kind, row)) {
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

/// What every expression came to for the subjects that are asked about, and for their members.
fn trace(tier: &Tier<'_>, tracing: &Tracing, rows: &Range<usize>) -> Trace {
    let plan = tier.plan;
    if !tracing.is_on() {
        return Trace::default();
    }
    let mut trace = Trace::of(plan);
    let at = |level: Where| {
        let ids = (0_u32..).map(NodeId).zip(&plan.nodes);
        ids.filter(|(_, node)| node.level == level).map(|(id, _)| id).collect::<Vec<_>>()
    };
    let (of_subject, of_member) = (at(Where::Subject), at(Where::Member));
    let of_beside: Vec<_> = (0_u16..).zip(&plan.beside).map(|(beside, _)| at(Where::Row(beside))).collect();
    let pairs = |row: usize| tier.subjects().ranges.get(row).cloned().unwrap_or_default();
    // Their places are those within the part.
    let first = pairs(rows.start).start;
    for (row, subject) in tier.subjects().list.iter().enumerate().skip(rows.start).take(rows.len()) {
        if tracing.wants(&subject.key) {
            trace.subject(plan, row - rows.start, tier.cells(&of_subject, Where::Subject, row));
            for (beside, nodes) in (0_u16..).zip(&of_beside).filter(|(_, nodes)| !nodes.is_empty()) {
                for at in tier.rows_beside(beside, row) {
                    trace.row_beside(row - rows.start, beside, *at, tier.cells_beside(nodes, beside, row, *at));
                }
            }
            pairs(row).for_each(|pair| trace.pair(pair - first, tier.cells(&of_member, Where::Member, pair)));
        }
    }
    trace
}

/// The columns of some subjects.
fn collect(tier: &Tier<'_>, rows: Range<usize>, of: usize, on: NaiveDate) -> Results {
    let (plan, rubric) = (tier.plan, tier.plan.rubric);
    let mut wanted: Vec<NodeId> = plan.slots.values().chain(&plan.vetoes).chain(plan.alarms.values().flatten()).copied().collect();
    wanted.extend(plan.targets.values().flatten().flat_map(|target| target.holds.into_iter().chain(target.by)));
    wanted.sort();
    wanted.dedup();
    let count = rows.len();
    let computed = tier.columns_of(&wanted, Where::Subject, rows);
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
    let case = |at: usize| -> Vec<Option<usize>> {
        let Some(indicator) = rubric.indicators.get(at) else { return Vec::new() };
        let Some(targets) = plan.targets.get(&at) else { return Vec::new() };
        let cell = |node: NodeId, row: usize| columns.get(&node).and_then(|cells| cells.get(row));
        let of = |row: usize| {
            let counts = |target: &&TargetPlan| match target.holds {
                Some(holds) => !matches!(cell(holds, row), Some(Ok(Value::Flag(false)))),
                None => true,
            };
            let target = targets.iter().find(counts)?;
            if target.holds.is_some_and(|holds| !matches!(cell(holds, row), Some(Ok(Value::Flag(true))))) {
                return None;
            }
            match target.by.map(|by| cell(by, row)) {
                None => Some(target.first),
                Some(Some(Ok(Value::Word(option)))) => {
                    let cases: Vec<_> = indicator.target_cases().skip(target.first).map(|case| case.options.as_slice()).collect();
                    Some(target.first + exact::case_of(cases.iter().copied(), option)?)
                }
                Some(_) => None,
            }
        };
        (0..count).map(of).collect()
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
            alarms: plan.alarms.get(&at).into_iter().flatten().filter_map(|alarm| flags(column(*alarm))).collect(),
        }
    });
    Results {
        rubric: of,
        on,
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
