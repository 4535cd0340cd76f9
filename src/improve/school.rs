//! A plan for one school (学校的改进计划): what each indicator that falls short would take, and what the next better verdict.
//!
//! Candidates are what the failing conditions read, one answer at a time, then several together, each judged by the rubric itself. Several
//! together are the fewest and least that were found; that there is no other set that takes less is not proven.

use super::bench::{Answers, Bench, Steps, Tried, number};
use super::goal::{Atom, Which, atoms, better, failing, rank, undecided};
use super::reads::Reads;
use super::{Change, Goal, Improvement, Outcome, RestsOn, Shortfall, Way, beside};
use crate::check::{Leads, leads};
use crate::eval::{Request, Results, Tracing, Value, evaluate_one};
use crate::model::{FieldIx, Rubric, Rules};
use crate::number::{Exact, Real};
use crate::syntax::tree::Part;
use crate::text::Name;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// At most so many fields are tried for one condition.
const FIELDS: usize = 16;

/// What one school lacks; `towards`: a verdict that it is to reach, otherwise the nearest better one that can be reached.
///
/// `None` if the rubric does not judge it.
pub(super) fn plan(request: &Request<'_>, kind: &Name, key: &Name, towards: Option<&Name>) -> Option<Improvement> {
    let bench = Bench::new(request, kind, key)?;
    let seeker = Seeker { bench: &bench, levers: RefCell::default() };
    let mut goal = [Which::Conclusion, Which::Grade].into_iter().find_map(|which| seeker.goal(which, towards));
    let shortfalls: Vec<Shortfall> = (0..bench.rubric.indicators.len()).filter_map(|at| seeker.shortfall(at)).collect();
    let subject = bench.subject()?.clone();
    if goal.is_none() && towards.is_none() {
        goal = [Which::Conclusion, Which::Grade].into_iter().find_map(|which| seeker.undecided(which));
    }
    let rests_on = goal.as_ref().map(|goal| seeker.rests_on(goal)).unwrap_or_default();
    let held = shortfalls.iter().filter(|shortfall| shortfall.ways.is_empty()).flat_map(|shortfall| shortfall.beside.iter().copied());
    let plans = beside::plans(request, kind, key, held.chain(rests_on.iter().map(|rests| rests.rubric)).collect());
    let with_beside = beside::with_all(request, &plans, &[]).and_then(|table| {
        let request = Request { table: &table, tracing: Tracing::Off, ..request.clone() };
        match goal.as_mut().filter(|goal| matches!(goal.outcome, Outcome::NotFound)) {
            Some(goal) => seeker.go_on(&request, goal),
            None => evaluate_one(&request, kind, key),
        }
    });
    Some(Improvement {
        rubric: request.rubric,
        subject,
        goal,
        shortfalls,
        spreads: Vec::new(),
        members: Vec::new(),
        together: None,
        rests_on,
        beside: plans,
        with_beside,
        results: bench.now,
    })
}

/// What one field can do for an indicator's points.
#[derive(Clone)]
struct Lever {
    field: FieldIx,
    to: Value,
    gain: Real,
    cost: Exact,
}

struct Seeker<'b, 'a> {
    bench: &'b Bench<'a>,
    levers: RefCell<BTreeMap<usize, Vec<Lever>>>,
}

fn score(results: &Results, at: usize) -> Option<Real> {
    results.indicators.get(at)?.score.as_ref()?.first()?.as_ref().ok().cloned()
}

fn met(results: &Results, at: usize) -> Option<bool> {
    results.indicators.get(at)?.met(0)
}

impl Seeker<'_, '_> {
    fn rubric(&self) -> &Rubric {
        self.bench.rubric
    }

    fn rules(&self) -> &Rules {
        self.bench.request.rules
    }

    /// That nobody knows which verdict is the better one, where that is so.
    fn undecided(&self, which: Which) -> Option<Goal> {
        let now = which.drawn(&self.bench.now)?.as_ref().ok()?;
        let short_of = undecided(self.rules(), self.rubric(), which, now)?;
        Some(Goal { which, now: Some(now.clone()), to: None, short_of, outcome: Outcome::Undecided })
    }

    /// The results of other rubrics that keep it from a verdict; where no verdict is known to be better, those that it is drawn by.
    fn rests_on(&self, goal: &Goal) -> Vec<RestsOn> {
        let (rubric, now) = (self.rubric(), &self.bench.now);
        match goal.outcome {
            Outcome::NotFound => {
                let held = failing(self.rules(), rubric, goal.which, &goal.short_of, now);
                beside::rests_on(rubric, held.iter().map(|atom| atom.it), now)
            }
            Outcome::Undecided => {
                let cases = goal.which.list(rubric).into_iter().flat_map(|verdicts| &verdicts.cases);
                beside::rests_on(rubric, cases.filter_map(|case| case.condition.as_ref()), now)
            }
            _ => Vec::new(),
        }
    }

    /// What it comes to with what the rubrics beside propose, and with what it needs itself besides, if that reaches one of the verdicts.
    fn go_on(&self, request: &Request<'_>, goal: &mut Goal) -> Option<Results> {
        let bench = Bench::new(request, &self.bench.kind, &self.bench.key)?;
        let seeker = Seeker { bench: &bench, levers: RefCell::default() };
        let drawn = goal.which.drawn(&bench.now)?.as_ref().ok()?;
        let nearer = |name: &Name| goal.short_of.iter().position(|known| known == name);
        let (at, mut way, results) = match nearer(drawn) {
            Some(at) => (at, Way::default(), bench.now.clone()),
            None => {
                let found = goal.short_of.iter().enumerate().find_map(|(at, name)| Some((at, seeker.reach(goal.which, name)?)));
                let Some((at, with)) = found else { return Some(bench.now) };
                let (Some(way), Tried::Judged(results)) = (seeker.way(&with), bench.tried(&with)) else { return Some(bench.now) };
                (at, way, Results::clone(&results))
            }
        };
        // Told from what is filled in, also where both ask for one answer.
        way.changes.iter_mut().for_each(|change| change.from = self.bench.answer(change.field).unwrap_or_else(|| change.from.clone()));
        goal.to = goal.short_of.get(at).cloned();
        goal.short_of.truncate(at);
        goal.outcome = Outcome::Beside(way);
        Some(results)
    }

    /// How dear a change is, where several would do: taking away after adding, so that pupils are the last to go; then that on which
    /// more results hang; then by how much of what there is.
    fn price(&self, field: FieldIx, to: &Value) -> (bool, usize, Exact, FieldIx) {
        let less = self.bench.answer(field).and_then(number).zip(number(to.clone())).is_some_and(|(from, to)| to < from);
        (less, self.bench.readers(field), self.bench.cost(field, to), field)
    }

    /// The change with those that follow from it.
    fn way(&self, with: &Answers) -> Option<Way> {
        let all = self.bench.followed(with)?;
        let change = |(field, to): (&FieldIx, &Value)| {
            let from = self.bench.answer(*field)?;
            Some(Change { key: self.bench.submission(), field: *field, from, to: to.clone(), follows: !with.contains_key(field) })
        };
        let mut changes: Vec<Change> = all.iter().filter_map(change).collect();
        changes.sort_by_key(|change| change.follows);
        Some(Way { changes })
    }

    /// What an indicator that falls short would take, each field by itself.
    fn shortfall(&self, at: usize) -> Option<Shortfall> {
        let indicator = self.rubric().indicators.get(at)?;
        let now = &self.bench.now;
        let mut ways: Vec<(FieldIx, Value)> = Vec::new();
        let mut to_score = None;
        if met(now, at) == Some(false) {
            let open = self.bench.open(&Reads::of_indicator(self.rubric(), at));
            let least =
                |field: FieldIx| Some((field, self.bench.least(&Answers::new(), field, &|results| met(results, at) == Some(true))?));
            ways.extend(open.into_iter().take(FIELDS).filter_map(least));
        } else {
            // Without a target, or with one that is met, what is lost is points.
            let full = indicator.points.as_ref().filter(|_| indicator.part == Part::Base).map(|points| Real::from(&points.it))?;
            if score(now, at)? >= full {
                return None;
            }
            let levers = self.levers(at);
            let most = levers.iter().map(|lever| &lever.gain).max().cloned();
            to_score = most.as_ref().and_then(|most| Some(&score(now, at)? + most));
            ways.extend(levers.into_iter().filter(|lever| Some(&lever.gain) == most.as_ref()).map(|lever| (lever.field, lever.to)));
        }
        ways.sort_by_cached_key(|(field, to)| self.price(*field, to));
        let ways = ways.into_iter().filter_map(|way| self.way(&Answers::from([way]))).collect();
        Some(Shortfall { indicator: at, to_score, beside: beside::read_by(self.rubric(), at), ways })
    }

    /// What each field can do for an indicator's points: the most, and the least change that brings it.
    fn levers(&self, at: usize) -> Vec<Lever> {
        if let Some(known) = self.levers.borrow().get(&at) {
            return known.clone();
        }
        let found = self.levers_of(at).unwrap_or_default();
        self.levers.borrow_mut().insert(at, found.clone());
        found
    }

    fn levers_of(&self, at: usize) -> Option<Vec<Lever>> {
        let indicator = self.rubric().indicators.get(at)?;
        let now = score(&self.bench.now, at)?;
        let sign = Real::from(Exact::from(if indicator.part == Part::Penalty { -1 } else { 1 }));
        let measure = |results: &Results| score(results, at)?.checked_mul(&sign);
        let now = now.checked_mul(&sign)?;
        let full = if indicator.part == Part::Penalty { Real::ZERO } else { Real::from(&indicator.points.as_ref()?.it) };
        if now >= full {
            return Some(Vec::new());
        }
        let none = Answers::new();
        let open = self.bench.open(&Reads::of_indicator(self.rubric(), at));
        let lever = |field: FieldIx| {
            let best = self.bench.best(&none, field, &measure).filter(|best| *best > now)?;
            let to = self.bench.least(&none, field, &|results| measure(results).is_some_and(|score| score >= best))?;
            let cost = self.bench.cost(field, &to);
            Some(Lever { field, to, gain: &best - &now, cost })
        };
        Some(open.into_iter().take(FIELDS).filter_map(lever).collect())
    }

    /// The verdict to reach, and what reaches it; `None` where there is none better.
    fn goal(&self, which: Which, towards: Option<&Name>) -> Option<Goal> {
        let rubric = self.rubric();
        let now = which.drawn(&self.bench.now)?;
        let better = match (now, towards) {
            (Ok(now), Some(name)) if now == name => return None,
            (_, Some(name)) => {
                which.list(rubric)?.cases.iter().find(|case| case.name.it == *name)?;
                vec![name.clone()]
            }
            (Ok(now), None) => better(self.rules(), rubric, which, now),
            (Err(_), None) => Vec::new(),
        };
        let now = match now {
            Ok(now) => now.clone(),
            Err(gap) => {
                let outcome = Outcome::Incomplete(gap.clone());
                return Some(Goal { which, now: None, to: better.first().cloned(), short_of: Vec::new(), outcome });
            }
        };
        better.first()?;
        // A veto by facts is not undone by filling in something else.
        let fallen = rubric.vetoes.iter().zip(&self.bench.now.vetoes).filter(|(_, cells)| matches!(cells.first(), Some(Ok(true))));
        let facts: Vec<String> = fallen
            .filter(|(veto, _)| veto.then == now && leads(self.rules(), rubric, &veto.condition) == Leads::Neither)
            .map(|(veto, _)| veto.reason.clone())
            .collect();
        if !facts.is_empty() {
            return Some(Goal {
                which,
                now: Some(now),
                to: better.first().cloned(),
                short_of: Vec::new(),
                outcome: Outcome::Vetoed(facts),
            });
        }
        let mut short_of = Vec::new();
        for name in better {
            if let Some(way) = self.reach(which, &name).and_then(|with| self.way(&with)) {
                return Some(Goal { which, now: Some(now), to: Some(name), short_of, outcome: Outcome::Reached(way) });
            }
            short_of.push(name);
        }
        Some(Goal { which, now: Some(now), to: None, short_of, outcome: Outcome::NotFound })
    }

    /// Changes with which a verdict is reached, or a better one.
    fn reach(&self, which: Which, name: &Name) -> Option<Answers> {
        let rubric = self.rubric();
        let enough = rank(self.rules(), rubric, which, name);
        let reached = |results: &Results| match which.drawn(results) {
            Some(Ok(drawn)) => drawn == name || enough.is_some() && rank(self.rules(), rubric, which, drawn) >= enough,
            _ => false,
        };
        let atoms = atoms(self.rules(), rubric, which, name);
        let enough = |with: &Answers| matches!(self.bench.tried(with), Tried::Judged(results) if reached(&results));
        let (mut with, mut first) = (Answers::new(), None);
        // What is mended for one condition may mend, or spoil, another; twice is enough for what can be mended at all.
        for _ in 0..2 {
            for atom in &atoms {
                let Tried::Judged(results) = self.bench.tried(&with) else { break };
                if first.is_none() && reached(&results) {
                    first = Some(with.clone());
                }
                if atom.stands(&results) == Some(false) {
                    self.turn(atom, &mut with);
                }
            }
        }
        // All that could be mended, less what is dearest and not needed; if that spoils it, what was enough on the way.
        let found = if enough(&with) { with } else { first? };
        Some(self.trimmed(found, &enough))
    }

    /// Adds what makes a condition stand: one field where one is enough; of sums of points those fields that bring most for least.
    fn turn(&self, atom: &Atom<'_>, with: &mut Answers) {
        let stands = |results: &Results| atom.stands(results) == Some(true);
        let reads = Reads::of(self.rubric(), atom.it);
        if !reads.sums {
            let open = self.bench.open(&reads);
            let least = |field: FieldIx| Some((field, self.bench.least(with, field, &stands)?));
            let ways: Vec<_> = open.into_iter().take(FIELDS).filter_map(least).collect();
            with.extend(ways.into_iter().min_by_key(|(field, to)| self.price(*field, to)));
            return;
        }
        let mut levers: Vec<Lever> = Vec::new();
        for at in &reads.indicators {
            let best = self.levers(*at).into_iter().min_by(|one, two| {
                two.gain.cmp(&one.gain).then_with(|| self.price(one.field, &one.to).cmp(&self.price(two.field, &two.to)))
            });
            levers.extend(best);
        }
        // Most points for the least change first.
        levers.sort_by(|one, two| {
            let worth = |lever: &Lever| Exact::ONE.checked_div(&lever.cost).and_then(|per| lever.gain.checked_mul(&Real::from(per)));
            worth(two).cmp(&worth(one)).then_with(|| one.field.cmp(&two.field))
        });
        for lever in levers {
            // Of two wishes for one field the further one counts.
            let further = match with.get(&lever.field) {
                Some(wished) => self.bench.cost(lever.field, &lever.to) > self.bench.cost(lever.field, wished),
                None => true,
            };
            if further {
                let before = with.insert(lever.field, lever.to.clone());
                match (self.bench.tried(with), before) {
                    (Tried::Judged(results), _) if stands(&results) => return,
                    (Tried::Judged(_), _) => {}
                    (Tried::Refused, Some(before)) => _ = with.insert(lever.field, before),
                    (Tried::Refused, None) => _ = with.remove(&lever.field),
                }
            }
        }
    }

    /// Nothing left in it that is not needed: no change can be left out, none can be a step smaller.
    fn trimmed(&self, mut with: Answers, enough: &dyn Fn(&Answers) -> bool) -> Answers {
        let mut fields: Vec<FieldIx> = with.keys().copied().collect();
        fields.sort_by_cached_key(|field| with.get(field).map(|to| self.price(*field, to)));
        fields.reverse();
        for field in &fields {
            if let Some(to) = with.remove(field)
                && !enough(&with)
            {
                with.insert(*field, to);
            }
        }
        // A smaller change here may ask for what an earlier one gave away, so until nothing moves.
        for _ in 0..fields.len().max(1) {
            let mut moved = false;
            for field in &fields {
                let (Some(to), Some(from)) = (with.get(field).cloned().and_then(number), self.bench.answer(*field).and_then(number)) else {
                    continue;
                };
                let Some(steps) = Steps::of(self.bench, *field, to > from) else { continue };
                let Some(size) = steps.count(&to) else { continue };
                let at = |count: i64, with: &mut Answers| {
                    let value = steps.value(count).map(|value| Value::Number(Real::from(value)));
                    value.into_iter().for_each(|value| _ = with.insert(*field, value));
                };
                let (mut short, mut count) = (0, size);
                while count - short > 1 {
                    // The last step first: where a change is least already, that settles it.
                    let middle = if count == size && short == 0 { size - 1 } else { short + (count - short) / 2 };
                    let mut tried = with.clone();
                    at(middle, &mut tried);
                    if enough(&tried) { count = middle } else { short = middle }
                }
                at(count, &mut with);
                moved |= count != size;
            }
            if !moved {
                break;
            }
        }
        with
    }
}
