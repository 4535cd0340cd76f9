//! Trying things out (试算): one subject's answers changed, held against the form, and judged again by the rubric itself.

use super::Change;
use super::beside::{Wish, put_beside, shares_form};
use super::reads::{Reads, compares, settled};
use crate::eval::form::{asked, failed};
use crate::eval::{Cell, Gap, Request, Results, Subject, Table, Tracing, Value, evaluate_one};
use crate::model::{Field, FieldIx, FieldType, Form, Lowered, Range, Rubric, Source};
use crate::number::{Exact, Real};
use crate::text::Name;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// New answers, by field.
pub(super) type Answers = BTreeMap<FieldIx, Value>;

/// What is taken for the greatest value of a field that has none: so many times what there is.
const TIMES: i64 = 1_000;
/// And where there is nothing yet.
const FROM_NOTHING: i64 = 1_000_000_000;
/// So many other fields may have to follow, so that the checks of the form hold.
const FOLLOWERS: usize = 4;

/// One subject of a rubric over a form, with its answers.
pub(super) struct Bench<'a> {
    pub request: &'a Request<'a>,
    pub rubric: &'a Rubric,
    pub form: &'a Form,
    pub kind: Name,
    pub key: Name,
    /// What it comes to as it stands, traced.
    pub now: Results,
    /// The row alone, against which checks are held.
    own: Table,
    /// What is judged: the row alone, or all rows where they are compared with each other.
    judged: Table,
    row: usize,
    asked: Vec<Option<Vec<Cell<bool>>>>,
    settled: BTreeSet<FieldIx>,
    /// Whether a rubric beside reads the same form.
    shares_form: bool,
    /// How many indicators read a field.
    readers: BTreeMap<FieldIx, usize>,
    /// What was tried already: the same steps are gone for one thing after the other.
    known: RefCell<HashMap<Vec<(FieldIx, Name)>, Tried>>,
}

/// What came of trying answers.
#[derive(Clone)]
pub(super) enum Tried {
    /// The form refuses them, or whom the rules apply to would be another.
    Refused,
    /// The results with them.
    Judged(Rc<Results>),
}

/// At most so many results are remembered.
const REMEMBERED: usize = 4_096;

impl<'a> Bench<'a> {
    /// A subject, by its kind and key.
    pub fn new(request: &'a Request<'a>, kind: &Name, key: &Name) -> Option<Bench<'a>> {
        let rubric = request.rules.rubrics.get(request.rubric)?;
        let Source::Form(form) = rubric.source else { return None };
        let form = request.rules.forms.get(form)?;
        let row = request.table.find(key)?;
        let own = only(request.table, &[row]);
        let (judged, row) = if compares(request.rules, rubric) { (request.table.clone(), row) } else { (own.clone(), 0) };
        let traced = Request { table: &judged, tracing: Tracing::of(key), ..request.clone() };
        let now = evaluate_one(&traced, kind, key)?;
        let asked = (0..form.fields.len()).map(|field| asked(form, &own, FieldIx(field))).collect();
        let mut readers = BTreeMap::new();
        for at in 0..rubric.indicators.len() {
            Reads::of_indicator(rubric, at).fields.into_iter().for_each(|field| *readers.entry(field).or_insert(0) += 1);
        }
        let (kind, key, settled) = (kind.clone(), key.clone(), settled(request.rules, rubric, form));
        let shares_form = shares_form(request.rules, request.rubric);
        Some(Bench {
            request,
            rubric,
            form,
            kind,
            key,
            now,
            own,
            judged,
            row,
            asked,
            settled,
            shares_form,
            readers,
            known: RefCell::default(),
        })
    }

    /// The subject.
    pub fn subject(&self) -> Option<&Subject> {
        self.now.subjects.first()
    }

    /// What is filled in, if anything is.
    pub fn answer(&self, field: FieldIx) -> Option<Value> {
        self.own.cell(field, 0)?.ok()
    }

    /// Whether a field is filled in: what it counts as where it is not asked is no answer that could be another.
    pub fn is_asked(&self, field: FieldIx) -> bool {
        self.asked.get(field.0).and_then(Option::as_ref).is_none_or(|asked| asked.first() == Some(&Ok(true)))
    }

    /// Whose answers these are: of a unit that a submission splits into, the submission's key.
    pub fn submission(&self) -> Name {
        self.own.submitter(0)
    }

    /// Which of some fields could be changed, those that the fewest other indicators read first.
    pub fn open(&self, reads: &Reads) -> Vec<FieldIx> {
        let may = |at: &FieldIx| {
            // Last year's answers are as they are, and files say nothing by their number.
            let given = |field: &&Field| matches!(field.details.lowered, Some(Lowered::Previous(_))) || field.details.attach.is_some();
            let kind = self.form.fields.get(at.0).filter(|field| !given(field)).map(|field| &field.kind);
            let kept = matches!(kind, Some(FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_)));
            let ticked = matches!(kind, Some(FieldType::YesNo | FieldType::Choice(_))) && reads.judged.contains(at);
            (kept || ticked) && !self.settled.contains(at) && self.is_asked(*at) && self.answer(*at).is_some()
        };
        let mut open: Vec<FieldIx> = reads.fields.iter().copied().filter(may).collect();
        open.sort_by_key(|at| (self.readers(*at), *at));
        open
    }

    /// How many indicators read a field.
    pub fn readers(&self, field: FieldIx) -> usize {
        self.readers.get(&field).copied().unwrap_or(0)
    }

    /// The answers judged, if they may be given; what has to follow, so that the checks hold, is not in `with`.
    pub fn tried(&self, with: &Answers) -> Tried {
        let asked: Vec<(FieldIx, Name)> = with.iter().map(|(field, value)| (*field, value.word())).collect();
        if let Some(known) = self.known.borrow().get(&asked) {
            return known.clone();
        }
        let judged = self.followed(with).and_then(|all| self.judged(&all)).filter(|results| self.same_rules(results));
        let tried = judged.map_or(Tried::Refused, |results| Tried::Judged(Rc::new(results)));
        let mut known = self.known.borrow_mut();
        if known.len() < REMEMBERED {
            known.insert(asked, tried.clone());
        }
        tried
    }

    /// What the subject comes to with other answers, whatever the form says to them.
    fn judged(&self, with: &Answers) -> Option<Results> {
        let mut table = self.judged.clone();
        with.iter().for_each(|(field, value)| table.put(*field, self.row, Ok(value.clone())));
        if self.shares_form {
            self.put_beside(&mut table, with);
        }
        let traced = Request { table: &table, tracing: Tracing::of(&self.key), ..self.request.clone() };
        evaluate_one(&traced, &self.kind, &self.key)
    }

    /// The same answers where a rubric beside reads them.
    fn put_beside(&self, table: &mut Table, with: &Answers) {
        let change = |(field, to): (&FieldIx, &Value)| {
            let (key, from) = (self.submission(), self.answer(*field)?);
            Some(Change { key, field: *field, from, to: to.clone(), follows: false })
        };
        let changes: Vec<Change> = with.iter().filter_map(change).collect();
        let wishes = Wish::of(self.request.rules, self.request.rubric, &changes);
        put_beside(self.request.rules, self.request.rubric, table, &wishes);
    }

    /// Whether the same indicators apply, and the same cases of their targets: nobody is mended by becoming something else.
    fn same_rules(&self, after: &Results) -> bool {
        let inapplicable = |results: &Results, at: usize| {
            results.indicators.get(at).and_then(|found| found.gap(0)).is_some_and(|gap| matches!(gap, Gap::NotApplicable(_)))
        };
        let case = |results: &Results, at: usize| results.indicators.get(at).and_then(|found| found.case.first().copied().flatten());
        (0..self.rubric.indicators.len())
            .all(|at| inapplicable(&self.now, at) == inapplicable(after, at) && case(&self.now, at) == case(after, at))
    }

    /// The answers with those that have to follow (相应变动), so that the checks of the form hold; `None` if it refuses them.
    pub fn followed(&self, with: &Answers) -> Option<Answers> {
        let mut all = with.clone();
        for _ in 0..=FOLLOWERS {
            let Some(check) = self.refusal(&all) else { return self.same_questions(&all).then_some(all) };
            let numbers = self.form.checks.get(check)?.fields.iter().copied();
            let mut free: Vec<FieldIx> = numbers
                .filter(|at| {
                    let open = !all.contains_key(at) && !self.settled.contains(at) && self.is_asked(*at);
                    open && step(self.form, *at).is_some() && self.answer(*at).is_some()
                })
                .collect();
            free.sort_by_key(|at| (self.readers(*at), *at));
            let (field, value) = free.into_iter().find_map(|at| Some((at, self.follower(&all, at, check)?)))?;
            all.insert(field, value);
        }
        None
    }

    /// The first check that refuses the answers.
    fn refusal(&self, with: &Answers) -> Option<usize> {
        let mut table = self.own.clone();
        with.iter().for_each(|(field, value)| table.put(*field, 0, Ok(value.clone())));
        let refuses = |check: usize| self.form.checks.get(check).is_some_and(|check| check.refuses);
        failed(self.form, &table).into_iter().map(|failed| failed.check).find(|check| refuses(*check))
    }

    /// Whether the same fields are asked.
    fn same_questions(&self, with: &Answers) -> bool {
        let mut table = self.own.clone();
        with.iter().for_each(|(field, value)| table.put(*field, 0, Ok(value.clone())));
        let now = self.asked.iter().enumerate().filter(|(_, before)| before.is_some());
        now.into_iter().all(|(field, before)| asked(self.form, &table, FieldIx(field)) == *before)
    }

    /// The least change of a field with which a check holds.
    fn follower(&self, with: &Answers, field: FieldIx, check: usize) -> Option<Value> {
        let holds = |value: &Exact| {
            let mut with = with.clone();
            with.insert(field, Value::Number(Real::from(value)));
            self.refusal(&with).is_none_or(|failed| failed != check)
        };
        let [up, down] = [true, false].map(|up| {
            let steps = Steps::of(self, field, up)?;
            let (mut short, mut count) = (0_i64, 1_i64);
            while !holds(&steps.value(count)?) {
                short = count;
                count = steps.further(count)?;
            }
            while count - short > 1 {
                let middle = short + (count - short) / 2;
                if holds(&steps.value(middle)?) { count = middle } else { short = middle }
            }
            steps.value(count)
        });
        let from = self.answer(field).and_then(number)?;
        let far = |value: &Exact| (value - &from).abs();
        let nearest = match (up, down) {
            (Some(up), Some(down)) => {
                if far(&down) < far(&up) {
                    down
                } else {
                    up
                }
            }
            (up, down) => up.or(down)?,
        };
        Some(Value::Number(Real::from(nearest)))
    }
}

/// The rows of a table alone.
pub(super) fn only(table: &Table, rows: &[usize]) -> Table {
    let mut kept = vec![false; table.len()];
    rows.iter().filter_map(|row| kept.get_mut(*row).map(|kept| *kept = true)).for_each(drop);
    let mut own = table.clone();
    own.retain(&kept);
    own
}

/// A number that is a fraction.
pub(super) fn number(value: Value) -> Option<Exact> {
    match value {
        Value::Number(number) => number.as_exact().cloned(),
        _ => None,
    }
}

/// The least by which a field changes (最小单位): one person, one room, one fen; `None` of a field that is no number.
pub(super) fn step(form: &Form, field: FieldIx) -> Option<Exact> {
    let field = form.fields.get(field.0)?;
    // Of a percentage to the hundredth, if the form does not say.
    if field.kind == FieldType::Percent(None) { Exact::from_ratio(1, 10_000) } else { field.step() }
}

/// A way along the values that a field may take, from what it is, in whole steps.
pub(super) struct Steps {
    from: Exact,
    step: Exact,
    /// How many steps there are.
    most: i64,
    /// Whether the form, and not only good sense, ends it there.
    closed: bool,
}

impl Steps {
    /// Upward or downward of what is filled in; `None` if there is nowhere to go.
    pub fn of(bench: &Bench<'_>, field: FieldIx, up: bool) -> Option<Steps> {
        Steps::from(bench.form, field, bench.answer(field).and_then(number)?, up)
    }

    /// The same of a number.
    pub fn from(form: &Form, field: FieldIx, from: Exact, up: bool) -> Option<Steps> {
        let size = step(form, field)?;
        let range = form.fields.get(field.0)?.range.as_ref();
        let (least, greatest) = match range {
            Some(Range::Numbers(least, greatest)) => (least.clone(), greatest.clone()),
            _ => (None, None),
        };
        let far = if from.is_zero() { Exact::from(FROM_NOTHING) } else { from.abs() * Exact::from(TIMES) };
        // What is not said to be below zero is not brought there.
        let end = if up { greatest } else { least.or_else(|| (!from.is_negative()).then_some(Exact::ZERO)) };
        let room = end.map(|end| (end - &from) * Exact::from(if up { 1 } else { -1 })).filter(|room| *room <= far);
        let (closed, room) = (room.is_some(), room.unwrap_or(far));
        let most = room.checked_div(&size)?.floor().to_i64()?;
        let step = if up { size } else { Exact::ZERO - size };
        (most > 0).then_some(Steps { from, step, most, closed })
    }

    /// The value after so many steps.
    pub fn value(&self, count: i64) -> Option<Exact> {
        (count <= self.most).then(|| &self.from + &self.step * Exact::from(count))
    }

    /// How many steps away a value is.
    pub fn count(&self, value: &Exact) -> Option<i64> {
        (value - &self.from).checked_div(&self.step)?.to_i64()
    }

    /// Twice as far; from half way on, half of what is left, for what divides by a number has much to say near its end. `None` at the end.
    pub fn further(&self, count: i64) -> Option<i64> {
        let left = self.most - count;
        if self.closed && count > left {
            return (left > 0).then(|| self.most - left / 2);
        }
        (left > 0).then(|| count.saturating_mul(2).min(self.most))
    }
}
