//! A plan for a group (县域的改进计划): difference coefficients above their limits, and members that keep it from its targets.

use super::bench::{Answers, Bench, number, only, step};
use super::floor::floor_for;
use super::reads::{Reads, compares, settled};
use super::{Amount, Apart, Change, Goal, Improvement, Outcome, Spread, Together, Verified, Way, Which, goal, school};
use crate::eval::{Request, Results, Table, Tracing, Value, evaluate_one};
use crate::model::{Expr, FieldIx, Form, Node, Over, Rubric, Slot, Source, Statistic, StatisticKind};
use crate::number::{Exact, Real};
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
        members: group.failing(&results),
        together: None,
        beside: Vec::new(),
        with_beside: None,
        results,
    };
    improvement.together = group.together(&improvement);
    improvement.goal = group.goal(&improvement);
    Some(improvement)
}

struct Group<'a> {
    request: &'a Request<'a>,
    rubric: &'a Rubric,
    kind: &'a Name,
    key: &'a Name,
    /// The rubric below and its form, where the members are those who fill it in.
    below: Option<(usize, &'a Rubric, &'a Form)>,
    /// The submissions of its members, or all where they are compared with others.
    table: Table,
}

/// A member of a statistic, with what it counts.
struct Member {
    /// Its place among the members.
    place: usize,
    kind: Name,
    key: Name,
    value: Exact,
    weight: Exact,
}

/// New answers of several members.
type Plans = BTreeMap<Name, Answers>;

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
    fn judged(&self, table: &Table) -> Option<Results> {
        evaluate_one(&Request { table, tracing: Tracing::of(self.key), ..self.request.clone() }, self.kind, self.key)
    }

    /// The indicators whose targets are not met.
    fn unmet(&self, results: &Results) -> Vec<usize> {
        let unmet = |at: &usize| results.indicators.get(*at).is_some_and(|found| found.met(0) == Some(false));
        (0..self.rubric.indicators.len()).filter(unmet).collect()
    }

    /// The statistic over members that an indicator is, if it is nothing else.
    fn statistic(&self, at: usize) -> Option<(&'a Statistic, &'a Expr)> {
        let mut value = self.rubric.indicators.get(at)?.value.as_ref()?;
        while let Node::Slot(Slot::Let(named)) = &value.node {
            value = &self.rubric.lets.get(*named)?.value;
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
    fn target(&self, at: usize, results: &Results) -> Option<(CompareOp, Exact)> {
        let found = results.indicators.get(at)?;
        let case = self.rubric.indicators.get(at)?.target_cases().nth(found.case.first().copied().flatten()?)?;
        Some((case.op, found.target.as_ref()?.get(0)?.ok().and_then(number)?))
    }

    /// The members of the group in their order: kind and key.
    fn members(&self, results: &Results) -> Vec<(Name, Name)> {
        let Some(names) = &results.below else { return Vec::new() };
        let members = results.subjects.first().map(|subject| subject.members.as_slice()).unwrap_or_default();
        let named = members.iter().filter_map(|member| names.subjects.get(*member));
        named.map(|subject| (subject.kind.clone(), subject.key.clone())).collect()
    }

    /// The plans of the members that keep the group from its targets: those for whom a condition does not hold that is to hold for all,
    /// or enough of them, and those for whom one holds that is to hold for few.
    fn failing(&self, results: &Results) -> Vec<Improvement> {
        let Some((below, rubric, _)) = self.below else { return Vec::new() };
        let request = Request { rubric: below, tracing: Tracing::Off, ..self.request.clone() };
        let mut wanted: BTreeMap<usize, Option<Name>> = BTreeMap::new();
        for at in self.unmet(results) {
            let (Some((statistic, of)), Some((op, bound))) = (self.statistic(at), self.target(at, results)) else { continue };
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

    /// What brings a difference coefficient to its limit.
    fn spread(&self, at: usize, table: &Table, results: &Results) -> Option<Spread> {
        let (statistic, of) = self.statistic(at)?;
        let (op, limit) = self.target(at, results)?;
        if statistic.kind != StatisticKind::Cv || !matches!(op, CompareOp::Le | CompareOp::Lt) {
            return None;
        }
        let now = match results.indicators.get(at)?.value.as_ref()?.get(0)? {
            Ok(Value::Number(now)) if now.signum() > 0 => now,
            _ => return None,
        };
        let (_, below, form) = self.below?;
        let members = self.counted(statistic, of, results);
        let (values, weights): (Vec<_>, Vec<_>) = members.iter().map(|member| (member.value.clone(), member.weight.clone())).unzip();
        let mean = crate::eval::statistics::mean(&values, Some(&weights)).ok()?;
        let floor = floor_for(&values, &weights, &limit);
        let ratio = Real::from(&limit).checked_div(&now).ok()?;
        let rest = &Real::from(Exact::ONE) - &ratio;
        // How much each value rises with a step of each field, for all members at once.
        let mut reads = Reads::default();
        member_reads(&mut reads, below, of);
        let held = settled(self.request.rules, below, form);
        let mut readers: BTreeMap<FieldIx, usize> = BTreeMap::new();
        for at in 0..below.indicators.len() {
            Reads::of_indicator(below, at).fields.into_iter().for_each(|field| *readers.entry(field).or_insert(0) += 1);
        }
        let mut fields: Vec<FieldIx> = reads.fields.iter().copied().filter(|at| !held.contains(at) && step(form, *at).is_some()).collect();
        fields.sort_by_key(|field| (readers.get(field).copied().unwrap_or(0), *field));
        let rises: Vec<(FieldIx, Vec<Option<Exact>>)> = fields
            .into_iter()
            .map(|field| (field, self.rises(table, of, &members, form, field)))
            .filter(|(_, rises)| rises.iter().flatten().any(Exact::is_positive))
            .collect();
        let raise = |member: &Member| floor.as_ref().filter(|floor| **floor > member.value).cloned();
        let level = |member: &Member| {
            let towards = rest.checked_mul(&Real::from(&mean - &member.value))?;
            (towards.signum() != 0).then(|| &Real::from(&member.value) + &towards)
        };
        let mut spread = Spread {
            indicator: at,
            now,
            limit,
            mean: mean.clone(),
            floor: floor.clone(),
            ratio,
            fields: alike(&rises),
            members: Vec::new(),
            raised: Verified::default(),
            levelled: Verified::default(),
        };
        let amounts: Vec<(Amount, Amount)> = (members.iter().enumerate())
            .map(|(place, member)| {
                let bench = self.bench(table, member);
                let amount = |towards: Option<Real>| self.amount(form, bench.as_ref(), member, &rises, place, towards);
                (amount(raise(member)), amount(level(member)))
            })
            .collect();
        for (member, (raise, level)) in members.into_iter().zip(amounts) {
            spread.members.push(Apart { key: member.key, value: member.value, weight: member.weight, raise, level });
        }
        spread.raised = self.verified(at, table, spread.members.iter().filter_map(|member| member.raise.way.as_ref()));
        spread.levelled = self.verified(at, table, spread.members.iter().filter_map(|member| member.level.way.as_ref()));
        Some(spread)
    }

    /// The members that a statistic counts.
    fn counted(&self, statistic: &Statistic, of: &Expr, results: &Results) -> Vec<Member> {
        let mut counted = Vec::new();
        for (place, (kind, key)) in self.members(results).into_iter().enumerate() {
            if statistic.filter.as_ref().is_some_and(|filter| flag(results, filter, place) != Some(true)) {
                continue;
            }
            let weight = statistic.weight.as_ref().map_or(Some(Exact::ONE), |weight| cell(results, weight, place).and_then(number));
            let value = cell(results, of, place).and_then(number);
            counted.extend(value.zip(weight).map(|(value, weight)| Member { place, kind, key, value, weight }));
        }
        counted
    }

    /// How much each member's value rises with a unit of a field; `None` where it is not filled in or does not rise evenly.
    fn rises(&self, table: &Table, of: &Expr, members: &[Member], form: &Form, field: FieldIx) -> Vec<Option<Exact>> {
        let rises = || {
            let size = step(form, field)?;
            let after = |steps: i64| {
                let mut plans = Plans::new();
                for member in members {
                    let from = table.find(&member.key).and_then(|row| table.cell(field, row)?.ok()).and_then(number);
                    let to = from.map(|from| Value::Number(Real::from(from + &size * Exact::from(steps))));
                    plans.extend(to.map(|to| (self.submission(&member.key), Answers::from([(field, to)]))));
                }
                let results = self.judged(&self.changed(table, &plans))?;
                Some(members.iter().map(|member| cell(&results, of, member.place).and_then(number)).collect::<Vec<_>>())
            };
            let (one, two) = (after(1)?, after(2)?);
            let rise = |((member, one), two): ((&Member, Option<Exact>), Option<Exact>)| {
                let rise = &one? - &member.value;
                let even = two? - &member.value == &rise + &rise;
                if even { rise.checked_div(&size) } else { None }
            };
            Some(members.iter().zip(one).zip(two).map(rise).collect())
        };
        rises().unwrap_or_else(|| vec![None; members.len()])
    }

    /// A member, to ask its form what it takes.
    fn bench(&self, table: &Table, member: &Member) -> Option<OwnBench> {
        let row = table.find(&member.key)?;
        Some(OwnBench { table: only(table, &[row]), kind: member.kind.clone(), key: member.key.clone() })
    }

    /// What a member's value needs to come to something: exactly, and in whole units of the first field whose form takes them.
    fn amount(
        &self,
        form: &Form,
        bench: Option<&OwnBench>,
        member: &Member,
        rises: &[(FieldIx, Vec<Option<Exact>>)],
        place: usize,
        towards: Option<Real>,
    ) -> Amount {
        let Some(towards) = towards else { return Amount { exact: Some(Real::ZERO), way: None } };
        let lacks = &towards - &Real::from(&member.value);
        let mut amount = Amount::default();
        for (field, rises) in rises {
            let Some(Some(rise)) = rises.get(place).filter(|rise| rise.as_ref().is_some_and(Exact::is_positive)) else { continue };
            let Ok(exact) = lacks.checked_div(&Real::from(rise)) else { continue };
            let Some(steps) = step(form, *field).and_then(|step| exact.checked_div(&Real::from(step)).ok()) else { continue };
            // Away from where it stands: what is short is filled up, what is too much is taken whole.
            let whole = if exact.signum() > 0 { steps.ceil() } else { steps.floor() };
            if amount.exact.is_none() {
                amount.exact = Some(exact);
            }
            amount.way = bench.and_then(|bench| bench.way(self, form, *field, &whole));
            if amount.way.is_some() {
                break;
            }
        }
        amount
    }

    /// The submissions with new answers; units of one submission share them.
    fn changed(&self, table: &Table, plans: &Plans) -> Table {
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
    fn submission(&self, key: &Name) -> Name {
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
    fn verified<'w>(&self, at: usize, table: &Table, ways: impl Iterator<Item = &'w Way>) -> Verified {
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
            let better = goal::better(self.rubric, which, now);
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
        None
    }
}

/// One submission alone.
struct OwnBench {
    table: Table,
    kind: Name,
    key: Name,
}

impl OwnBench {
    /// So many steps of a field, with what follows; `None` if the form does not take it.
    fn way(&self, group: &Group<'_>, form: &Form, field: FieldIx, steps: &Exact) -> Option<Way> {
        let (below, ..) = group.below?;
        let request = Request { rubric: below, table: &self.table, tracing: Tracing::Off, ..group.request.clone() };
        let bench = Bench::new(&request, &self.kind, &self.key)?;
        let from = bench.answer(field).and_then(number)?;
        let to = &from + &step(form, field)? * steps;
        if let Some(crate::model::Range::Numbers(least, greatest)) = form.fields.get(field.0)?.range.as_ref()
            && (least.as_ref().is_some_and(|least| to < *least) || greatest.as_ref().is_some_and(|greatest| to > *greatest))
        {
            return None;
        }
        let with = Answers::from([(field, Value::Number(Real::from(to)))]);
        let all = bench.followed(&with)?;
        let change = |(field, to): (&FieldIx, &Value)| {
            let (key, from) = (bench.submission(), bench.answer(*field)?);
            Some(Change { key, field: *field, from, to: to.clone(), follows: !with.contains_key(field) })
        };
        let mut changes: Vec<Change> = all.iter().filter_map(change).collect();
        changes.sort_by_key(|change| change.follows);
        Some(Way { changes })
    }
}

/// Fields that raise the value of each member by as much as the first of them.
fn alike(rises: &[(FieldIx, Vec<Option<Exact>>)]) -> Vec<FieldIx> {
    let Some((_, first)) = rises.first() else { return Vec::new() };
    let same = |other: &Vec<Option<Exact>>| first.iter().zip(other).all(|(one, two)| two.is_none() || one.is_none() || one == two);
    rises.iter().filter(|(_, rises)| same(rises)).map(|(field, _)| *field).collect()
}

/// What an expression of a rubric over another reads of a member.
fn member_reads(reads: &mut Reads, below: &Rubric, expr: &Expr) {
    match &expr.node {
        Node::MemberSlot(slot) => reads.slot(below, *slot),
        Node::MemberField(field) => _ = reads.fields.insert(*field),
        _ => expr.children().into_iter().for_each(|inner| member_reads(reads, below, inner)),
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
fn cell(results: &Results, expr: &Expr, place: usize) -> Option<Value> {
    let place = if expr.level == crate::model::Level::Member { place } else { 0 };
    results.trace.cell(expr.id, place)?.as_ref().ok().cloned()
}

fn flag(results: &Results, expr: &Expr, place: usize) -> Option<bool> {
    match cell(results, expr, place)? {
        Value::Flag(flag) => Some(flag),
        _ => None,
    }
}
