//! What brings a difference coefficient to its limit (差异系数的补足): at which members, of which field, how much; exactly and in whole units.

use super::bench::{Answers, Bench, number, only, step};
use super::floor::floor_for;
use super::group::{Group, Plans, cell, flag};
use super::reads::{Reads, settled};
use super::{Amount, Apart, Change, Spread, Verified, Way};
use crate::eval::{Request, Results, Table, Tracing, Value};
use crate::model::{Expr, FieldIx, Form, Node, Range, Rubric, Statistic, StatisticKind};
use crate::number::{Exact, Real};
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::collections::BTreeMap;

/// A member of a statistic, with what it counts.
struct Member {
    /// Its place among the members.
    place: usize,
    kind: Name,
    key: Name,
    value: Exact,
    weight: Exact,
}

impl Group<'_> {
    /// What brings a difference coefficient to its limit.
    pub(super) fn spread(&self, at: usize, table: &Table, results: &Results) -> Option<Spread> {
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
        let from = bench.answer(field).filter(|_| bench.is_asked(field)).and_then(number)?;
        let to = &from + &step(form, field)? * steps;
        if let Some(Range::Numbers(least, greatest)) = form.fields.get(field.0)?.range.as_ref()
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
