//! A plan for a group (县域的改进计划): difference coefficients above their limits, and members that keep it from its targets.

use super::bench::{Answers, number, only};
use super::goal::Atom;
use super::reads::compares;
use super::{Change, Goal, Improvement, Outcome, Together, Verified, Way, Which, beside, goal, school};
use crate::eval::{Request, Results, Table, Tracing, Value, evaluate_one};
use crate::model::{Aspect, Expr, FieldIx, Form, Node, Over, Rubric, Slot, Source, Statistic, StatisticKind};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What a group lacks; `None` if the rubric does not judge it.
pub(super) fn plan(request: &Request<'_>, kind: &Name, key: &Name) -> Option<Improvement> {
    let rubric = request.rules.rubrics.get(request.rubric)?;
    let first = evaluate_one(request, kind, key)?;
    let group = Group::new(request, rubric, kind, key, &first)?;
    let results = group.judged(&group.table)?;
    let mut improvement = Improvement {
        rubric: request.rubric,
        subject: results.subjects.first()?.clone(),
        goal: None,
        shortfalls: Vec::new(),
        spreads: group.unmet(&results).into_iter().filter_map(|at| group.spread(at, &group.table, &results)).collect(),
        members: group.members_failing(&results),
        together: None,
        rests_on: Vec::new(),
        beside: Vec::new(),
        with_beside: None,
        results,
    };
    improvement.together = group.together(&improvement);
    improvement.goal = group.goal(&improvement);
    group.beside(&mut improvement);
    Some(improvement)
}

pub(super) struct Group<'a> {
    pub(super) request: &'a Request<'a>,
    rubric: &'a Rubric,
    kind: &'a Name,
    key: &'a Name,
    /// The rubric below and its form, where the members are those who fill it in.
    pub(super) below: Option<(usize, &'a Rubric, &'a Form)>,
    /// The submissions of its members, or all where they are compared with others.
    table: Table,
}

/// A statistic over members, and what it is taken of.
type Counted<'a> = (&'a Statistic, &'a Expr);

/// New answers of several members.
pub(super) type Plans = BTreeMap<Name, Answers>;

impl<'a> Group<'a> {
    fn new(request: &'a Request<'a>, rubric: &'a Rubric, kind: &'a Name, key: &'a Name, results: &Results) -> Option<Group<'a>> {
        let below = match rubric.source {
            Source::Rubric(at) => request.rules.rubrics.get(at).and_then(|below| match below.source {
                Source::Form(form) => Some((at, below, request.rules.forms.get(form)?)),
                Source::Rubric(_) => None,
            }),
            Source::Form(_) => None,
        };
        let table = match below {
            Some(_) if !compares(request.rules, rubric) => {
                let names = results.below.as_ref()?;
                let members = results.subjects.first()?.members.iter().filter_map(|member| names.subjects.get(*member));
                only(request.table, &members.flat_map(|member| member.members.clone()).collect::<Vec<_>>())
            }
            _ => request.table.clone(),
        };
        Some(Group { request, rubric, kind, key, below, table })
    }

    /// What the group comes to with these submissions, traced.
    pub(super) fn judged(&self, table: &Table) -> Option<Results> {
        evaluate_one(&Request { table, tracing: Tracing::of(self.key), ..self.request.clone() }, self.kind, self.key)
    }

    /// The indicators whose targets are not met.
    fn unmet(&self, results: &Results) -> Vec<usize> {
        let unmet = |at: &usize| results.indicators.get(*at).is_some_and(|found| found.met(0) == Some(false));
        (0..self.rubric.indicators.len()).filter(unmet).collect()
    }

    /// The statistics over members that a better verdict speaks of itself, and how they are held against what, where that fails.
    fn conditions(&self, results: &Results) -> Vec<(Counted<'a>, (CompareOp, Exact))> {
        let of = |atom: &Atom<'a>| {
            let Node::Compare(op, left, right) = &atom.it.node else { return None };
            let (statistic, op, bound) = match (self.over_members(left), self.over_members(right)) {
                (Some(statistic), _) => (statistic, *op, right),
                (None, statistic) => (statistic?, op.turned(), left),
            };
            let bound = match &bound.node {
                Node::Number(bound) => bound.clone(),
                _ => cell(results, bound, 0).and_then(number)?,
            };
            Some((statistic, (if atom.wanted { op } else { op.opposite() }, bound)))
        };
        self.failing(results).iter().filter_map(of).collect()
    }

    /// The conditions that keep it from a better verdict.
    fn failing(&self, results: &Results) -> Vec<Atom<'a>> {
        let of = |which: Which| {
            let now = which.drawn(results)?.as_ref().ok()?;
            let better = goal::better(self.request.rules, self.rubric, which, now);
            Some(goal::failing(self.request.rules, self.rubric, which, &better, results))
        };
        [Which::Conclusion, Which::Grade].into_iter().filter_map(of).flatten().collect()
    }

    /// The statistic over members that an indicator is, if it is nothing else.
    pub(super) fn statistic(&self, at: usize) -> Option<Counted<'a>> {
        self.over_members(self.rubric.indicators.get(at)?.value.as_ref()?)
    }

    /// The same of a number, under whatever name.
    fn over_members(&self, mut value: &'a Expr) -> Option<Counted<'a>> {
        // Names do not go round in circles.
        loop {
            value = match &value.node {
                Node::Slot(Slot::Let(named)) => &self.rubric.lets.get(*named)?.value,
                Node::Slot(Slot::Indicator(at, Aspect::Value)) => self.rubric.indicators.get(*at)?.value.as_ref()?,
                _ => break,
            };
        }
        match &value.node {
            Node::Statistic(statistic) => match &statistic.of {
                Over::Members(of) => Some((statistic, of)),
                _ => None,
            },
            _ => None,
        }
    }

    /// How its value is held against what.
    pub(super) fn target(&self, at: usize, results: &Results) -> Option<(CompareOp, Exact)> {
        let found = results.indicators.get(at)?;
        let case = self.rubric.indicators.get(at)?.target_cases().nth(found.case.first().copied().flatten()?)?;
        Some((case.op, found.target.as_ref()?.get(0)?.ok().and_then(number)?))
    }

    /// The members of the group in their order: kind and key.
    pub(super) fn members(&self, results: &Results) -> Vec<(Name, Name)> {
        let Some(names) = &results.below else { return Vec::new() };
        let members = results.subjects.first().map(|subject| subject.members.as_slice()).unwrap_or_default();
        let named = members.iter().filter_map(|member| names.subjects.get(*member));
        named.map(|subject| (subject.kind.clone(), subject.key.clone())).collect()
    }

    /// The plans of the members that keep the group from its targets: those for whom a condition does not hold that is to hold for all,
    /// or enough of them, and those for whom one holds that is to hold for few.
    fn members_failing(&self, results: &Results) -> Vec<Improvement> {
        let Some((below, rubric, _)) = self.below else { return Vec::new() };
        let request = Request { rubric: below, tracing: Tracing::Off, ..self.request.clone() };
        let mut wanted: BTreeMap<usize, Option<Name>> = BTreeMap::new();
        let targets = self.unmet(results).into_iter().filter_map(|at| self.statistic(at).zip(self.target(at, results)));
        for ((statistic, of), (op, bound)) in targets.chain(self.conditions(results)) {
            if !matches!(statistic.kind, StatisticKind::Share | StatisticKind::Count) {
                continue;
            }
            let many = match op {
                CompareOp::Ge | CompareOp::Gt => true,
                CompareOp::Eq => bound.is_positive(),
                _ => false,
            };
            let towards = drawn_as(of, rubric).filter(|_| many);
            for (place, _) in self.members(results).iter().enumerate() {
                let counts = statistic.filter.as_ref().is_none_or(|filter| flag(results, filter, place) == Some(true));
                if counts && flag(results, of, place) == Some(!many) {
                    let known = wanted.entry(place).or_default();
                    if known.is_none() {
                        known.clone_from(&towards);
                    }
                }
            }
        }
        let members = self.members(results);
        let plan = |(place, towards): (usize, Option<Name>)| {
            let (kind, key) = members.get(place)?;
            school::plan(&request, kind, key, towards.as_ref())
        };
        wanted.into_iter().filter_map(plan).collect()
    }

    /// The submissions with new answers; units of one submission share them.
    pub(super) fn changed(&self, table: &Table, plans: &Plans) -> Table {
        let mut changed = table.clone();
        for (key, answers) in plans {
            let rows = self.units(key);
            for (field, value) in answers {
                rows.iter().for_each(|row| changed.put(*field, *row, Ok(value.clone())));
            }
        }
        changed
    }

    /// The rows of one submission: of a form that does not split, the one of that key.
    fn units(&self, key: &str) -> Vec<usize> {
        match self.below.map(|(_, _, form)| form).filter(|form| form.split.is_some()) {
            Some(_) => (0..self.table.len()).filter(|row| *self.table.submitter(*row) == *key).collect(),
            None => self.table.find(key).into_iter().collect(),
        }
    }

    /// Whose answers a member's are: of a unit its submission.
    pub(super) fn submission(&self, key: &Name) -> Name {
        self.table.find(key).map_or_else(|| key.clone(), |row| self.table.submitter(row))
    }

    /// Adds a change to plans. Units of one submission share its answers: of what two of them need the further one counts.
    fn put(&self, plans: &mut Plans, change: &Change) {
        let first = self.units(&change.key).into_iter().next();
        let from = first.and_then(|row| self.table.cell(change.field, row)?.ok()).and_then(number);
        let far = |value: &Value| Some((number(value.clone())? - from.as_ref()?).abs());
        let answers = plans.entry(change.key.clone()).or_default();
        if answers.get(&change.field).is_none_or(|known| far(known) <= far(&change.to)) {
            answers.insert(change.field, change.to.clone());
        }
    }

    /// What an indicator comes to with some changes.
    pub(super) fn verified<'w>(&self, at: usize, table: &Table, ways: impl Iterator<Item = &'w Way>) -> Verified {
        let mut plans = Plans::new();
        ways.flat_map(|way| &way.changes).for_each(|change| self.put(&mut plans, change));
        let Some(results) = self.judged(&self.changed(table, &plans)) else { return Verified::default() };
        let Some(found) = results.indicators.get(at) else { return Verified::default() };
        let value = match found.value.as_ref().and_then(|column| column.get(0)) {
            Some(Ok(Value::Number(value))) => Some(value),
            _ => None,
        };
        Verified { value, met: found.met(0) == Some(true) }
    }

    /// The members' plans, then what the coefficients still need, all at once.
    fn together(&self, improvement: &Improvement) -> Option<Together> {
        let mut plans = Plans::new();
        let mut following: BTreeSet<(Name, FieldIx)> = BTreeSet::new();
        let mut add = |plans: &mut Plans, change: &Change| {
            self.put(plans, change);
            let place = (change.key.clone(), change.field);
            if change.follows {
                following.insert(place)
            } else {
                following.remove(&place)
            };
        };
        for member in &improvement.members {
            if let Some(Goal { outcome: Outcome::Reached(way), .. }) = &member.goal {
                way.changes.iter().for_each(|change| add(&mut plans, change));
            }
        }
        let mut results = self.judged(&self.changed(&self.table, &plans))?;
        // What one coefficient is given may move another that reads the same fields.
        for _ in 0..improvement.spreads.len() {
            let mut more = false;
            for at in self.unmet(&results) {
                let table = self.changed(&self.table, &plans);
                let Some(spread) = self.spread(at, &table, &results) else { continue };
                for change in spread.members.iter().filter_map(|member| member.raise.way.as_ref()).flat_map(|way| &way.changes) {
                    add(&mut plans, change);
                    more = true;
                }
                results = self.judged(&self.changed(&self.table, &plans))?;
            }
            if !more {
                break;
            }
        }
        let change = |key: &Name, field: FieldIx, to: &Value| {
            let from = self.table.cell(field, *self.units(key).first()?)?.ok()?;
            let follows = following.contains(&(key.clone(), field));
            (from != *to).then(|| Change { key: key.clone(), field, from, to: to.clone(), follows })
        };
        let all = plans.iter().flat_map(|(key, answers)| answers.iter().map(move |(field, to)| (key, *field, to)));
        let changes: Vec<Change> = all.filter_map(|(key, field, to)| change(key, field, to)).collect();
        (!changes.is_empty()).then_some(Together { changes, results })
    }

    /// The verdict of the group, before and with all of it.
    fn goal(&self, improvement: &Improvement) -> Option<Goal> {
        for which in [Which::Conclusion, Which::Grade] {
            let Some(now) = which.drawn(&improvement.results) else { continue };
            let after = improvement.together.as_ref().and_then(|together| which.drawn(&together.results)?.as_ref().ok());
            let now = match now {
                Ok(now) => now,
                Err(gap) => {
                    let outcome = Outcome::Incomplete(gap.clone());
                    return Some(Goal { which, now: None, to: after.cloned(), short_of: Vec::new(), outcome });
                }
            };
            let better = goal::better(self.request.rules, self.rubric, which, now);
            if better.is_empty() {
                continue;
            }
            let reached = after.filter(|after| better.contains(after)).cloned();
            let outcome = match (&reached, &improvement.together) {
                (Some(_), Some(together)) => Outcome::Reached(Way { changes: together.changes.clone() }),
                _ => Outcome::NotFound,
            };
            return Some(Goal { which, now: Some(now.clone()), to: reached, short_of: Vec::new(), outcome });
        }
        [Which::Conclusion, Which::Grade].into_iter().find_map(|which| {
            let now = which.drawn(&improvement.results)?.as_ref().ok()?;
            let short_of = goal::undecided(self.request.rules, self.rubric, which, now)?;
            Some(Goal { which, now: Some(now.clone()), to: None, short_of, outcome: Outcome::Undecided })
        })
    }

    /// What it rests on of other rubrics, their plans, and what it comes to with all of it.
    fn beside(&self, improvement: &mut Improvement) {
        let results = &improvement.results;
        let outcome = improvement.goal.as_ref().map(|goal| (goal.which, &goal.outcome));
        let conditions: Vec<&Expr> = match outcome {
            Some((_, Outcome::NotFound)) => self.failing(results).iter().map(|atom| atom.it).collect(),
            Some((which, Outcome::Undecided)) => {
                which.list(self.rubric).into_iter().flat_map(|list| &list.cases).filter_map(|case| case.condition.as_ref()).collect()
            }
            _ => Vec::new(),
        };
        improvement.rests_on = beside::rests_on(self.rubric, conditions.into_iter(), results);
        let below = self.below.map(|(below, ..)| below);
        let rests = improvement.rests_on.iter().map(|rests| rests.rubric);
        let unmet = self.unmet(results).into_iter().flat_map(|at| beside::read_by(self.rubric, at));
        let rubrics = rests.chain(unmet).filter(|rubric| Some(*rubric) != below).collect();
        improvement.beside = beside::plans(self.request, self.kind, self.key, rubrics);
        let own = improvement.together.as_ref().map_or(&[][..], |together| &together.changes);
        let Some(table) = beside::with_all(self.request, &improvement.beside, own) else { return };
        let after = evaluate_one(&Request { table: &table, tracing: Tracing::Off, ..self.request.clone() }, self.kind, self.key);
        if let (Some(goal), Some(after)) = (&mut improvement.goal, &after)
            && matches!(goal.outcome, Outcome::NotFound)
            && let (Some(now), Some(Ok(reached))) = (&goal.now, goal.which.drawn(after))
            && goal::better(self.request.rules, self.rubric, goal.which, now).contains(reached)
        {
            goal.to = Some(reached.clone());
            goal.outcome = Outcome::Beside(Way { changes: own.to_vec() });
        }
        improvement.with_beside = after;
    }
}

/// The verdict that a condition over a member asks for: `校.结论 == 达标`.
fn drawn_as(of: &Expr, below: &Rubric) -> Option<Name> {
    let Node::Compare(CompareOp::Eq, left, right) = &of.node else { return None };
    let word = |slot: &Expr, word: &Expr| match (&slot.node, &word.node) {
        (Node::MemberSlot(Slot::Conclusion), Node::Word(word)) if below.conclusion.is_some() => Some(word.clone()),
        (Node::MemberSlot(Slot::Grade), Node::Word(word)) if below.grade.is_some() => Some(word.clone()),
        _ => None,
    };
    word(left, right).or_else(|| word(right, left))
}

/// What an expression came to for a member of the only subject.
pub(super) fn cell(results: &Results, expr: &Expr, place: usize) -> Option<Value> {
    let place = if expr.level == crate::model::Level::Member { place } else { 0 };
    results.trace.cell(expr.id, place)?.as_ref().ok().cloned()
}

pub(super) fn flag(results: &Results, expr: &Expr, place: usize) -> Option<bool> {
    match cell(results, expr, place)? {
        Value::Flag(flag) => Some(flag),
        _ => None,
    }
}
