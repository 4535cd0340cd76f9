//! A second evaluator (对照求值器), slow and obvious: one subject at a time, plain recursion over the checked rules.
//!
//! Written from what the documents say (`docs/language.md`, `docs/statistics.md`, the comments of `heng::model`) and not from
//! `heng::eval`, so that the two err in different places; `tests/differential.rs` holds them against each other.
//! It shares with the engine the checked rules and the table of submissions, nothing else: numbers are its own.
//! Scripts are run by rhai (`script`), with these numbers.
//! Not here: traces, explanations.
#![allow(dead_code, reason = "each test uses a part of it")]

pub mod agree;
pub mod indicator;
pub mod num;
pub mod random;
pub mod script;
pub mod statistics;
pub mod world;

use chrono::NaiveDate;
use heng::eval::{Gap, Table, Value};
use heng::model::{Expr, ExprId, FieldIx, Function, Level, Many, Node, Over, Rubric, Rules, Slot, Source, Statistic, StatisticKind, Type};
use heng::number::Rounding;
use heng::syntax::tree::{CompareOp, Scope};
use num::Num;
use num_traits::{Signed, ToPrimitive};
use statistics::Weighed;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A value, or why there is none.
pub type Cell = Result<Val, Why>;

/// A value of any type.
#[derive(Clone, Debug)]
pub enum Val {
    Num(Num),
    Word(String),
    Flag(bool),
    Date(NaiveDate),
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// These fields are not filled in.
    Missing(BTreeSet<String>),
    Undefined,
    NotApplicable,
}

impl Why {
    /// Where several values are needed: the graver reason; of missing ones all fields.
    pub fn and(self, other: Why) -> Why {
        match (self, other) {
            (Why::Undefined, _) | (_, Why::Undefined) => Why::Undefined,
            (Why::Missing(mut fields), Why::Missing(more)) => {
                fields.extend(more);
                Why::Missing(fields)
            }
            (missing @ Why::Missing(_), _) | (_, missing @ Why::Missing(_)) => missing,
            _ => Why::NotApplicable,
        }
    }
}

impl Val {
    pub fn num(&self) -> &Num {
        match self {
            Val::Num(num) => num,
            other => panic!("{other:?} is no number"),
        }
    }

    pub fn flag(&self) -> bool {
        match self {
            Val::Flag(flag) => *flag,
            other => panic!("{other:?} is not yes or no"),
        }
    }

    pub fn word(&self) -> &str {
        match self {
            Val::Word(word) => word,
            other => panic!("{other:?} is no word"),
        }
    }

    pub fn compare(&self, other: &Val) -> Ordering {
        match (self, other) {
            (Val::Num(a), Val::Num(b)) => a.compare(b),
            (Val::Word(a), Val::Word(b)) => a.cmp(b),
            (Val::Flag(a), Val::Flag(b)) => a.cmp(b),
            (Val::Date(a), Val::Date(b)) => a.cmp(b),
            _ => panic!("{self:?} and {other:?} are not compared"),
        }
    }
}

/// Whom a result speaks of.
#[derive(Clone, Debug)]
pub struct Who {
    pub kind: String,
    pub key: String,
    pub group: Option<String>,
    /// Its row in the table, or its members below.
    pub members: Vec<usize>,
}

/// A statistic, and the kind and group of subjects that it is the same for.
type OfCohort = (ExprId, String, Option<String>);

/// One rubric, evaluated on demand; what was asked once is remembered.
pub struct Sheet<'a> {
    pub rules: &'a Rules,
    pub rubric: &'a Rubric,
    pub table: &'a Table,
    pub on: NaiveDate,
    pub below: Option<Box<Sheet<'a>>>,
    pub subjects: Vec<Who>,
    pub left_out: Vec<String>,
    slots: RefCell<HashMap<(usize, Slot), Cell>>,
    cohorts: RefCell<HashMap<ExprId, Rc<Vec<Cell>>>>,
    /// Statistics of a cohort that are one for all of it.
    of_cohorts: RefCell<HashMap<OfCohort, Cell>>,
}

impl<'a> Sheet<'a> {
    /// Evaluates the rubric at a place.
    pub fn new(rules: &'a Rules, rubric: usize, table: &'a Table, on: NaiveDate) -> Sheet<'a> {
        let rubric = &rules.rubrics[rubric];
        let below = match rubric.source {
            Source::Form(_) => None,
            Source::Rubric(at) => Some(Box::new(Sheet::new(rules, at, table, on))),
        };
        let mut sheet = Sheet {
            rules,
            rubric,
            table,
            on,
            below,
            subjects: Vec::new(),
            left_out: Vec::new(),
            slots: RefCell::default(),
            cohorts: RefCell::default(),
            of_cohorts: RefCell::default(),
        };
        sheet.subjects = sheet.everybody();
        let unjudged = table.unjudged.iter().filter(|_| sheet.below.is_none()).map(ToString::to_string).collect::<Vec<_>>();
        // Whom the rubric is not for; who cannot be told stays.
        if let Some(when) = &rubric.when {
            let out: Vec<bool> = (0..sheet.subjects.len()).map(|at| matches!(sheet.eval(when, at, None), Ok(Val::Flag(false)))).collect();
            let mut flags = out.iter();
            sheet.left_out = sheet.subjects.iter().zip(&out).filter(|(_, out)| **out).map(|(who, _)| who.key.clone()).collect();
            sheet.subjects.retain(|_| !flags.next().unwrap());
            sheet.slots.borrow_mut().clear();
            sheet.cohorts.borrow_mut().clear();
            sheet.of_cohorts.borrow_mut().clear();
        }
        sheet.left_out.extend(unjudged);
        sheet.left_out.sort();
        sheet
    }

    fn everybody(&self) -> Vec<Who> {
        let form = &self.rules.forms[heng::model::bottom_of(self.rules, self.rubric).unwrap()];
        let group_of = |kind: &str, row: usize| -> Option<String> {
            let group = form.group(kind)?;
            match group.key {
                None => Some(group.kind.to_string()),
                Some(field) => Some(cell_of(self.table, field, row).ok()?.word().to_owned()),
            }
        };
        let Some(below) = &self.below else {
            let mut rows: Vec<usize> = (0..self.table.len()).collect();
            rows.sort_by_key(|row| self.table.key(*row));
            let first = form.groups.first().map(|group| group.kind.to_string());
            let who = |row: usize| Who {
                kind: form.subject.to_string(),
                key: self.table.key(row).to_string(),
                group: first.as_ref().and_then(|kind| group_of(kind, row)),
                members: vec![row],
            };
            return rows.into_iter().map(who).collect();
        };
        let mut all = Vec::new();
        for kind in &self.rubric.subjects {
            let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (member, who) in below.subjects.iter().enumerate() {
                if let Some(key) = group_of(kind, who.members[0]) {
                    groups.entry(key).or_default().push(member);
                }
            }
            all.extend(groups.into_iter().map(|(key, members)| Who { kind: kind.to_string(), key, group: None, members }));
        }
        all
    }

    /// A result of a subject; of a named value of members, of that member.
    pub fn slot(&self, subject: usize, member: Option<usize>, slot: Slot) -> Cell {
        if let Slot::Let(at) = slot
            && self.rubric.lets[at].value.level == Level::Member
        {
            return self.eval(&self.rubric.lets[at].value, subject, member);
        }
        if let Some(known) = self.slots.borrow().get(&(subject, slot)) {
            return known.clone();
        }
        let cell = match slot {
            Slot::Let(at) => self.eval(&self.rubric.lets[at].value, subject, None),
            Slot::Indicator(at, aspect) => self.aspect(subject, at, aspect),
            Slot::SectionScore(at) => self.section(subject, at),
            Slot::SectionShare(at) => {
                let full = Val::Num(Num::of_exact(&self.rubric.sections[at].points));
                self.slot(subject, None, Slot::SectionScore(at)).and_then(|score| quotient(&score, &full))
            }
            Slot::Total => self.total(subject),
            Slot::Grade => self.verdict(subject, true),
            Slot::Conclusion => self.verdict(subject, false),
        };
        self.slots.borrow_mut().insert((subject, slot), cell.clone());
        cell
    }

    /// An expression for a subject, or for one of its members.
    pub fn eval(&self, expr: &Expr, subject: usize, member: Option<usize>) -> Cell {
        let eval = |expr: &Expr| self.eval(expr, subject, member);
        let below = || self.below.as_ref().expect("a member has a rubric below");
        match &expr.node {
            Node::Number(number) => Ok(Val::Num(Num::of_exact(number))),
            Node::Word(word) => Ok(Val::Word(word.to_string())),
            Node::Flag(flag) => Ok(Val::Flag(*flag)),
            Node::Date(day) => Ok(Val::Date(*day)),
            Node::EvaluationDate => Ok(Val::Date(self.on)),
            Node::Computed(_, of) => eval(of),
            Node::Wrong => panic!("a mistake was evaluated"),
            Node::Param(at) => match self.rules.params[*at].on(self.on) {
                Some((_, value)) => Ok(Val::Num(Num::of_exact(&value.it))),
                None => Err(Why::Undefined),
            },
            Node::Field(field) => cell_of(self.table, *field, self.subjects[subject].members[0]),
            Node::MemberField(field) => {
                let row = below().subjects[member.expect("a member")].members[0];
                cell_of(self.table, *field, row)
            }
            Node::BesideField(at, field) => self.beside_field(usize::from(*at), *field, subject, member),
            Node::BesideSlot(at, slot) => self.beside_result(usize::from(*at), *slot, subject),
            Node::MemberSlot(slot) => below().slot(member.expect("a member"), None, *slot),
            Node::Slot(slot) => self.slot(subject, member, *slot),
            Node::Add(a, b) => both(eval(a), eval(b), |a, b| Ok(Val::Num(a.num().add(b.num())))),
            Node::Sub(a, b) => both(eval(a), eval(b), |a, b| Ok(Val::Num(a.num().sub(b.num())))),
            Node::Mul(a, b) => both(eval(a), eval(b), |a, b| Ok(Val::Num(a.num().mul(b.num())))),
            Node::Div(a, b) => both(eval(a), eval(b), quotient),
            Node::Negate(a) => eval(a).map(|a| Val::Num(a.num().negate())),
            Node::Scale(a, factor) => eval(a).map(|a| Val::Num(a.num().mul(&Num::of_exact(factor)))),
            // How many hold is known well enough if what is unknown could not change the answer.
            Node::Compare(op, a, b) if matches!(a.node, Node::Count(_)) => self.counted(*op, a, b, (subject, member)),
            Node::Compare(op, a, b) if matches!(b.node, Node::Count(_)) => self.counted(turned(*op), b, a, (subject, member)),
            Node::Compare(op, a, b) => both(eval(a), eval(b), |a, b| Ok(Val::Flag(holds(*op, a.compare(b))))),
            Node::In(what, list) => {
                let what = eval(what);
                let equal = |item: &Expr| both(what.clone(), eval(item), |what, item| Ok(Val::Flag(what.compare(item).is_eq())));
                any(list.iter().map(equal))
            }
            Node::All(list) => all(list.iter().map(eval)),
            Node::Any(list) => any(list.iter().map(eval)),
            Node::Every(list) => all(list.iter().map(eval).filter(applies)),
            Node::AnyOf(list) => any(list.iter().map(eval).filter(applies)),
            Node::Count(list) => {
                let (count, unknown) = tally(list.iter().map(eval));
                match unknown.into_iter().reduce(Why::and) {
                    Some(why) => Err(why),
                    None => Ok(Val::Num(Num::from_int(count))),
                }
            }
            Node::Not(a) => eval(a).map(|a| Val::Flag(!a.flag())),
            Node::Default(a, b) => eval(a).or_else(|_| eval(b)),
            Node::Filled(a) => Ok(Val::Flag(eval(a).is_ok())),
            Node::Choose(cases, otherwise) => {
                for (when, then) in cases {
                    if eval(when)?.flag() {
                        return eval(then);
                    }
                }
                eval(otherwise)
            }
            Node::Call(function, args) => self.call(*function, args, subject, member),
            Node::Statistic(statistic) => match (&statistic.of, statistic.kind, &statistic.parameter) {
                (Over::Cohort(..), StatisticKind::Rank | StatisticKind::RankAscending | StatisticKind::PercentileRank, _)
                | (_, _, Some(_))
                | (Over::Members(_) | Over::Rows(..) | Over::List(_), ..) => self.statistic(statistic, expr.id, subject, member),
                (Over::Cohort(_, scope), ..) => {
                    let who = &self.subjects[subject];
                    let key = (expr.id, who.kind.clone(), who.group.clone().filter(|_| *scope == Scope::Group));
                    if let Some(known) = self.of_cohorts.borrow().get(&key) {
                        return known.clone();
                    }
                    let cell = self.statistic(statistic, expr.id, subject, member);
                    self.of_cohorts.borrow_mut().insert(key, cell.clone());
                    cell
                }
            },
        }
    }

    /// A count against a number.
    fn counted(&self, op: CompareOp, count: &Expr, number: &Expr, (subject, member): (usize, Option<usize>)) -> Cell {
        let Node::Count(list) = &count.node else { unreachable!("a count") };
        let number = self.eval(number, subject, member);
        let (least, unknown) = tally(list.iter().map(|item| self.eval(item, subject, member)));
        let most = least + unknown.len();
        let unknown = unknown.into_iter().reduce(Why::and);
        let number = match (number, &unknown) {
            (Ok(number), _) => number,
            (Err(why), None) => return Err(why),
            (Err(why), Some(other)) => return Err(why.and(other.clone())),
        };
        let mut answers = (least..=most).map(|count| holds(op, Num::from_int(count).compare(number.num())));
        let first = answers.next().expect("a count");
        if answers.all(|answer| answer == first) { Ok(Val::Flag(first)) } else { Err(unknown.expect("something is unknown")) }
    }

    fn call(&self, function: Function, args: &[Expr], subject: usize, member: Option<usize>) -> Cell {
        let first = self.eval(&args[0], subject, member);
        if let Function::Days | Function::YearsAfter | Function::MonthsAfter | Function::DaysAfter = function {
            return both(first, self.eval(&args[1], subject, member), |first, second| days(function, first, second));
        }
        let places = match args.get(1).map(|places| self.eval(places, subject, member)) {
            None => 0,
            Some(places) => {
                let places = places.map_err(|why| join(first.clone().err(), why))?.num().fraction();
                if !places.is_integer() || places.is_negative() {
                    return Err(Why::Undefined);
                }
                places.to_u32().unwrap()
            }
        };
        let rounded = |mode| first.clone().map(|first| Val::Num(first.num().round(mode, places)));
        match function {
            Function::Abs => first.map(|first| Val::Num(first.num().abs())),
            Function::Floor => rounded(Rounding::Floor),
            Function::Ceil => rounded(Rounding::Ceiling),
            Function::Round => rounded(Rounding::HalfUp),
            Function::Year => first.map(|day| match day {
                Val::Date(day) => Val::Num(Num::from_int(chrono::Datelike::year(&day))),
                other => panic!("{other:?} is no day"),
            }),
            _ => unreachable!("functions of days are above"),
        }
    }

    fn statistic(&self, statistic: &Statistic, id: ExprId, subject: usize, member: Option<usize>) -> Cell {
        use StatisticKind as S;
        let Statistic { kind, of, weight, filter, parameter } = statistic;
        let parameter = parameter.as_ref().map(|parameter| self.eval(parameter, subject, None)).transpose()?;
        // Each of those it is taken over, as (subject, member), and its value.
        let mut cells: Vec<(Cell, Option<Cell>)> = Vec::new();
        let weigh = |subject, member| weight.as_ref().map(|weight| self.eval(weight, subject, member));
        let counts =
            |subject, member| filter.as_ref().is_none_or(|filter| matches!(self.eval(filter, subject, member), Ok(Val::Flag(true))));
        match of {
            Over::Members(of) => {
                for member in self.subjects[subject].members.iter().map(|member| Some(*member)) {
                    if counts(subject, member) {
                        cells.push((self.eval(of, subject, member), weigh(subject, member)));
                    }
                }
            }
            Over::Rows(at, of) => {
                for row in self.belonging(usize::from(*at), subject).into_iter().map(Some) {
                    if counts(subject, row) {
                        cells.push((self.eval(of, subject, row), weigh(subject, row)));
                    }
                }
            }
            Over::Cohort(of, scope) => {
                let column = self.cohort(of, id);
                for other in 0..self.subjects.len() {
                    let (one, another) = (&self.subjects[other], &self.subjects[subject]);
                    let together = one.kind == another.kind && (*scope == Scope::All || one.group == another.group);
                    if together && counts(other, None) {
                        cells.push((column[other].clone(), weigh(other, None)));
                    }
                }
                if let S::Rank | S::RankAscending | S::PercentileRank = kind {
                    let own = column[subject].clone()?;
                    return Ok(Val::Num(place_of(*kind, own.num(), &cells)));
                }
            }
            Over::List(list) => {
                let gaps = list.iter().filter_map(|item| self.eval(item, subject, member).err());
                // A value that is missing spreads; only subjects are left out.
                if *kind != S::Count
                    && let Some(why) = gaps.reduce(Why::and)
                {
                    return Err(why);
                }
                cells = list.iter().map(|item| (self.eval(item, subject, member), weigh(subject, None))).collect();
            }
        }
        let is_condition = |of: &Over| match of {
            Over::Members(of) | Over::Rows(_, of) | Over::Cohort(of, _) => of.ty == Type::Flag,
            Over::List(list) => list.iter().all(|item| item.ty == Type::Flag),
        };
        let yes = |cell: &Val| if cell.flag() { Num::one() } else { Num::zero() };
        if *kind == S::Count {
            let counted = cells.iter().filter(|(cell, _)| match cell {
                Ok(value) => !is_condition(of) || value.flag(),
                Err(_) => false,
            });
            return Ok(Val::Num(Num::from_int(counted.count())));
        }
        // A value without a weight is left out as well.
        let known: Vec<(Val, Num)> = cells
            .into_iter()
            .filter_map(|(cell, weight)| {
                let weight = weight.map_or(Some(Num::one()), |weight| weight.ok().map(|weight| weight.num().clone()))?;
                Some((cell.ok()?, weight))
            })
            .collect();
        let weighed = |value: &dyn Fn(&Val) -> Num| -> Vec<Weighed> {
            known.iter().map(|(cell, w)| Weighed { x: value(cell), w: w.clone() }).collect()
        };
        let result = match kind {
            S::Share => statistics::statistic(S::Mean, &weighed(&yes), weight.is_some(), None),
            S::PassRate => {
                let threshold = parameter.expect("a threshold");
                let reached = |cell: &Val| if cell.compare(&threshold).is_ge() { Num::one() } else { Num::zero() };
                statistics::statistic(S::Mean, &weighed(&reached), weight.is_some(), None)
            }
            kind => statistics::statistic(*kind, &weighed(&|cell| cell.num().clone()), weight.is_some(), parameter.as_ref().map(Val::num)),
        };
        result.map(Val::Num).ok_or(Why::Undefined)
    }

    /// The submissions beside the source that name a subject as their group.
    fn belonging(&self, beside: usize, subject: usize) -> Vec<usize> {
        let beside = &self.rubric.beside[beside];
        let (Source::Form(form), Some(table)) = (beside.of, self.table.beside(beside.of, beside.earlier)) else { return Vec::new() };
        let (kind, key) = self.identity(subject);
        let group = self.rules.forms[form].group(&kind).unwrap().key.unwrap();
        (0..table.len()).filter(|row| matches!(cell_of(table, group, *row), Ok(Val::Word(name)) if name == key)).collect()
    }

    /// A field of a submission beside the source: of this row, or of the one that has the subject's key.
    fn beside_field(&self, beside: usize, field: FieldIx, subject: usize, row: Option<usize>) -> Cell {
        let beside = &self.rubric.beside[beside];
        let Source::Form(form) = beside.of else { panic!("a rubric has no fields") };
        let form = &self.rules.forms[form];
        let missing = || Err(Why::Missing([format!("{}.{}", beside.alias.it, form.fields[field.0].name.it)].into()));
        let Some(table) = self.table.beside(beside.of, beside.earlier) else { return missing() };
        let own = || (0..table.len()).find(|row| table.key(*row) == self.identity(subject).1);
        match if beside.many == Many::All { row } else { own() } {
            Some(row) => cell_of(table, field, row),
            None => missing(),
        }
    }

    /// What another rubric makes of the subject, from the submissions that lie beside for it.
    fn beside_result(&self, beside: usize, slot: Slot, subject: usize) -> Cell {
        let beside = &self.rubric.beside[beside];
        let missing = || Err(Why::Missing([beside.alias.it.to_string()].into()));
        let (Source::Rubric(other), Some(table)) = (beside.of, self.table.beside(beside.of, 0)) else { return missing() };
        let sheet = Sheet::new(self.rules, other, table, self.on);
        let identity = self.identity(subject);
        match sheet.subjects.iter().position(|who| (who.kind.clone(), who.key.clone()) == identity) {
            Some(at) => sheet.slot(at, None, slot),
            None => missing(),
        }
    }

    /// Kind and key of a subject; of a unit those of the submission that it is a part of.
    fn identity(&self, subject: usize) -> (String, String) {
        let who = &self.subjects[subject];
        let key = match (&self.below, self.rubric.source) {
            (None, Source::Form(at)) => match cell_of(self.table, self.rules.forms[at].key, who.members[0]) {
                Ok(Val::Word(key)) => key,
                _ => who.key.clone(),
            },
            _ => who.key.clone(),
        };
        (who.kind.clone(), key)
    }

    /// What an expression comes to for every subject, computed once.
    fn cohort(&self, of: &Expr, id: ExprId) -> Rc<Vec<Cell>> {
        if let Some(known) = self.cohorts.borrow().get(&id) {
            return known.clone();
        }
        let column = Rc::new((0..self.subjects.len()).map(|subject| self.eval(of, subject, None)).collect::<Vec<_>>());
        self.cohorts.borrow_mut().insert(id, column.clone());
        column
    }
}

fn place_of(kind: StatisticKind, own: &Num, cells: &[(Cell, Option<Cell>)]) -> Num {
    let all: Vec<Ordering> = cells.iter().filter_map(|(cell, _)| cell.as_ref().ok()).map(|cell| cell.num().compare(own)).collect();
    let count = |wanted: Ordering| Num::from_int(all.iter().filter(|order| **order == wanted).count());
    match kind {
        StatisticKind::Rank => count(Ordering::Greater).add(&Num::one()),
        StatisticKind::RankAscending => count(Ordering::Less).add(&Num::one()),
        _ => {
            let half = Num::decimal("0.5").mul(&count(Ordering::Equal));
            count(Ordering::Less).add(&half).div(&Num::from_int(all.len())).unwrap()
        }
    }
}

/// Days between days, and days after others: a month later is the same day of the month, or the last if there is none.
fn days(function: Function, first: &Val, second: &Val) -> Cell {
    let Val::Date(day) = first else { panic!("{first:?} is no day") };
    if let Val::Date(other) = second {
        return Ok(Val::Num(Num::from_int(0).add(&Num::decimal(&other.signed_duration_since(*day).num_days().to_string()))));
    }
    let count = second.num().round(Rounding::Floor, 0).fraction().to_i64().ok_or(Why::Undefined)?;
    let months = match function {
        Function::DaysAfter => {
            let span = chrono::TimeDelta::try_days(count).ok_or(Why::Undefined)?;
            return day.checked_add_signed(span).map(Val::Date).ok_or(Why::Undefined);
        }
        Function::YearsAfter => count.checked_mul(12).ok_or(Why::Undefined)?,
        _ => count,
    };
    let (year, month) = (chrono::Datelike::year(day), i64::from(chrono::Datelike::month0(day)));
    let all = i64::from(year) * 12 + month + months;
    let (year, month) = (i32::try_from(all.div_euclid(12)).map_err(|_| Why::Undefined)?, u32::try_from(all.rem_euclid(12)).unwrap() + 1);
    let at = |of_month: u32| NaiveDate::from_ymd_opt(year, month, of_month);
    let last = (1..=chrono::Datelike::day(day)).rev().find_map(at);
    last.map(Val::Date).ok_or(Why::Undefined)
}

/// A cell of the table.
pub fn cell_of(table: &Table, field: FieldIx, row: usize) -> Cell {
    match table.cell(field, row).expect("a row of the table") {
        Ok(Value::Number(number)) => Ok(Val::Num(Num::of_exact(number.as_exact().expect("a cell is a decimal")))),
        Ok(Value::Word(word)) => Ok(Val::Word(word.to_string())),
        Ok(Value::Flag(flag)) => Ok(Val::Flag(flag)),
        Ok(Value::Date(day)) => Ok(Val::Date(day)),
        Err(gap) => Err(why(&gap)),
    }
}

/// A gap of the engine's in the reference's words.
pub fn why(gap: &Gap) -> Why {
    match gap {
        Gap::Missing(fields) => Why::Missing(fields.iter().map(ToString::to_string).collect()),
        Gap::Undefined(_) => Why::Undefined,
        Gap::NotApplicable(_) => Why::NotApplicable,
    }
}

pub fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Ge => order != Ordering::Less,
        CompareOp::Gt => order == Ordering::Greater,
        CompareOp::Le => order != Ordering::Greater,
        CompareOp::Lt => order == Ordering::Less,
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::Ne => order != Ordering::Equal,
    }
}

/// The comparison that holds when the sides are changed over.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Lt => CompareOp::Gt,
        same => same,
    }
}

/// How many hold of those that apply, and what is not known of the others.
fn tally(cells: impl Iterator<Item = Cell>) -> (usize, Vec<Why>) {
    let (mut count, mut unknown) = (0, Vec::new());
    for cell in cells.filter(applies) {
        match cell {
            Ok(holds) => count += usize::from(holds.flag()),
            Err(why) => unknown.push(why),
        }
    }
    (count, unknown)
}

fn applies(cell: &Cell) -> bool {
    !matches!(cell, Err(Why::NotApplicable))
}

fn join(before: Option<Why>, why: Why) -> Why {
    before.map_or(why.clone(), |before| before.and(why))
}

/// A value of two, if both are there.
pub fn both<A, B>(a: Result<A, Why>, b: Result<B, Why>, compute: impl Fn(&A, &B) -> Cell) -> Cell {
    match (a, b) {
        (Ok(a), Ok(b)) => compute(&a, &b),
        (Err(a), Err(b)) => Err(a.and(b)),
        (Err(why), _) | (_, Err(why)) => Err(why),
    }
}

pub fn quotient(a: &Val, b: &Val) -> Cell {
    a.num().div(b.num()).map(Val::Num).ok_or(Why::Undefined)
}

/// Whether all hold: no, if one does not; unknown, if one is unknown.
pub fn all(cells: impl Iterator<Item = Cell>) -> Cell {
    let mut unknown = None;
    for cell in cells {
        match cell {
            Ok(holds) if !holds.flag() => return Ok(Val::Flag(false)),
            Ok(_) => {}
            Err(why) => unknown = Some(join(unknown, why)),
        }
    }
    unknown.map_or(Ok(Val::Flag(true)), Err)
}

/// Whether one holds.
pub fn any(cells: impl Iterator<Item = Cell>) -> Cell {
    let none = all(cells.map(|cell| cell.map(|holds| Val::Flag(!holds.flag()))));
    none.map(|none| Val::Flag(!none.flag()))
}
