//! Expressions over columns (式子的求值): one kernel a kind of node, all rows at once.
//!
//! Not here: statistics over many rows (`many`), what an indicator makes of a value (`indicator`).

use super::column::{Cell, Column, Kind};
use super::gap::{Cause, Gap};
use super::run::Run;
use crate::model::{Expr, Function, Level, Node, Type};
use crate::number::{DivError, Exact, Real, Rounding};
use crate::syntax::tree::CompareOp;
use crate::text::{Name, Span};
use chrono::{Datelike, NaiveDate};

impl Run<'_> {
    /// The column of an expression of any type, for each row of a level.
    pub(super) fn column(&mut self, expr: &Expr, at: Level) -> Column {
        match &expr.ty {
            Type::Number(_) | Type::Unknown => Column::Numbers(self.numbers(expr, at)),
            Type::Text | Type::Choice(_) => Column::Words(self.words(expr, at)),
            Type::Flag => Column::Flags(self.flags(expr, at)),
            Type::Date => Column::Dates(self.dates(expr, at)),
        }
    }

    /// Numbers.
    pub(super) fn numbers(&mut self, expr: &Expr, at: Level) -> Vec<Cell<Real>> {
        self.lifted(expr, at, Run::numbers, Run::numbers_here)
    }

    /// Conditions.
    pub(super) fn flags(&mut self, expr: &Expr, at: Level) -> Vec<Cell<bool>> {
        self.lifted(expr, at, Run::flags, Run::flags_here)
    }

    /// Texts and options.
    pub(super) fn words(&mut self, expr: &Expr, at: Level) -> Vec<Cell<Name>> {
        self.lifted(expr, at, Run::words, Run::words_here)
    }

    fn dates(&mut self, expr: &Expr, at: Level) -> Vec<Cell<NaiveDate>> {
        self.lifted(expr, at, Run::dates, Run::dates_here)
    }

    /// A subject's value in the place of each of its members', and every cell remembered where it is traced.
    fn lifted<T: Kind>(
        &mut self,
        expr: &Expr,
        at: Level,
        again: fn(&mut Self, &Expr, Level) -> Vec<Cell<T>>,
        here: fn(&mut Self, &Expr, Level) -> Vec<Cell<T>>,
    ) -> Vec<Cell<T>> {
        if at == Level::Member && expr.level != Level::Member {
            let cells = again(self, expr, Level::Subject);
            return self
                .pairs
                .iter()
                .map(|pair| cells.get(pair.subject).cloned().unwrap_or_else(|| Err(Gap::missing(&"".into()))))
                .collect();
        }
        let cells = here(self, expr, at);
        self.remember(expr, at, &cells);
        cells
    }

    fn all<T: Clone>(&self, at: Level, cell: Cell<T>) -> Vec<Cell<T>> {
        vec![cell; self.rows(at)]
    }

    /// What fields, results of this rubric and results of the one below come to; `None` for nodes that compute.
    fn stored<T: Kind>(&self, expr: &Expr, at: Level) -> Option<Vec<Cell<T>>> {
        let absent = || self.all(at, Err(Gap::undefined(Cause::NotExact(expr.span))));
        Some(match &expr.node {
            Node::Field(field) => {
                let cells = self.table.columns.get(field.0).and_then(T::of_column);
                match cells {
                    Some(cells) => self.subject_rows.iter().filter_map(|row| cells.get(*row).cloned()).collect(),
                    None => absent(),
                }
            }
            Node::MemberField(field) => match (self.table.columns.get(field.0).and_then(T::of_column), self.below) {
                (Some(cells), Some(below)) => {
                    let row = |member: usize| below.subjects.get(member).and_then(|subject| subject.members.first());
                    self.pairs.iter().filter_map(|pair| row(pair.member).and_then(|row| cells.get(*row)).cloned()).collect()
                }
                _ => absent(),
            },
            Node::Slot(slot) => match self.slot(*slot).as_ref().and_then(T::of_column) {
                Some(cells) => cells.to_vec(),
                None => absent(),
            },
            Node::MemberSlot(slot) => {
                let column = self.below.and_then(|below| below.slot(*slot));
                match column.as_ref().and_then(T::of_column) {
                    Some(cells) => self.pairs.iter().filter_map(|pair| cells.get(pair.member).cloned()).collect(),
                    None => absent(),
                }
            }
            _ => return None,
        })
    }

    /// The nodes that any type can have.
    fn shared<T: Kind>(&mut self, expr: &Expr, at: Level, again: fn(&mut Self, &Expr, Level) -> Vec<Cell<T>>) -> Option<Vec<Cell<T>>> {
        if let Some(stored) = self.stored(expr, at) {
            return Some(stored);
        }
        match &expr.node {
            Node::Default(first, second) => {
                let (first, second) = (again(self, first, at), again(self, second, at));
                Some(first.into_iter().zip(second).map(|(first, second)| first.or(second)).collect())
            }
            Node::Choose(cases, otherwise) => {
                let mut result = again(self, otherwise, at);
                // From the last case to the first, so that the first that holds has the last word.
                for (when, then) in cases.iter().rev() {
                    let (when, then) = (self.flags(when, at), again(self, then, at));
                    for ((cell, when), then) in result.iter_mut().zip(when).zip(then) {
                        match when {
                            Ok(true) => *cell = then,
                            Ok(false) => {}
                            Err(gap) => *cell = Err(gap),
                        }
                    }
                }
                Some(result)
            }
            Node::Wrong => Some(self.all(at, Err(Gap::undefined(Cause::NotExact(expr.span))))),
            _ => None,
        }
    }

    fn words_here(&mut self, expr: &Expr, at: Level) -> Vec<Cell<Name>> {
        if let Node::Word(word) = &expr.node {
            return self.all(at, Ok(word.clone()));
        }
        self.shared(expr, at, Run::words).unwrap_or_default()
    }

    fn dates_here(&mut self, expr: &Expr, at: Level) -> Vec<Cell<NaiveDate>> {
        if let Node::Date(day) = &expr.node {
            return self.all(at, Ok(*day));
        }
        self.shared(expr, at, Run::dates).unwrap_or_default()
    }

    fn numbers_here(&mut self, expr: &Expr, at: Level) -> Vec<Cell<Real>> {
        let span = expr.span;
        match &expr.node {
            Node::Number(number) => self.all(at, Ok(Real::from(number))),
            Node::Param(param) => self.param(*param, at),
            Node::Add(a, b) => self.zip(a, b, at, |a, b| Ok(a + b)),
            Node::Sub(a, b) => self.zip(a, b, at, |a, b| Ok(a - b)),
            Node::Mul(a, b) => self.zip(a, b, at, |a, b| a.checked_mul(b).ok_or_else(|| Gap::undefined(Cause::NotExact(span)))),
            Node::Div(a, b) => {
                let written: std::sync::Arc<str> = self.texts.slice(b.span).into();
                let divisor = b.span;
                self.zip(a, b, at, move |a, b| divide(a, b, divisor, &written))
            }
            Node::Negate(a) => self.numbers(a, at).into_iter().map(|cell| cell.map(|number| -&number)).collect(),
            Node::Scale(a, factor) => {
                let factor = Real::from(factor);
                let scale = |number: Real| number.checked_mul(&factor).ok_or_else(|| Gap::undefined(Cause::NotExact(span)));
                self.numbers(a, at).into_iter().map(|cell| cell.and_then(scale)).collect()
            }
            Node::Count(list) => {
                let held: Vec<_> = list.iter().map(|condition| self.flags(condition, at)).collect();
                (0..self.rows(at)).map(|row| count(held.iter().filter_map(|cells| cells.get(row)))).collect()
            }
            Node::Call(function, args) => self.call(*function, args, at),
            Node::Statistic(statistic) => self.statistic(expr, statistic, at),
            _ => self.shared(expr, at, Run::numbers).unwrap_or_default(),
        }
    }

    fn zip(&mut self, a: &Expr, b: &Expr, at: Level, op: impl Fn(&Real, &Real) -> Cell<Real>) -> Vec<Cell<Real>> {
        let (a, b) = (self.numbers(a, at), self.numbers(b, at));
        a.into_iter().zip(b).map(|pair| both(pair, |a, b| op(&a, &b))).collect()
    }

    fn param(&self, param: usize, at: Level) -> Vec<Cell<Real>> {
        let param = self.rules.params.get(param);
        let cell = match param.and_then(|param| param.on(self.on)) {
            Some((_, value)) => Ok(Real::from(&value.it)),
            None => Err(Gap::undefined(Cause::NoParam(param.map_or_else(|| "".into(), |param| param.name.it.clone())))),
        };
        self.all(at, cell)
    }

    fn call(&mut self, function: Function, args: &[Expr], at: Level) -> Vec<Cell<Real>> {
        let Some((first, rest)) = args.split_first() else { return Vec::new() };
        if function == Function::Year {
            return self.dates(first, at).into_iter().map(|cell| cell.map(|day| Real::from(Exact::from(i64::from(day.year()))))).collect();
        }
        let values = self.numbers(first, at);
        let places = rest.first().map(|places| self.numbers(places, at));
        let places = |row: usize| match &places {
            None => Ok(0),
            Some(cells) => match cells.get(row) {
                Some(Ok(places)) => {
                    Ok(places.as_exact().and_then(Exact::to_i64).and_then(|places| u32::try_from(places).ok()).unwrap_or(0).min(30))
                }
                Some(Err(gap)) => Err(gap.clone()),
                None => Ok(0),
            },
        };
        let rounding = match function {
            Function::Abs => return values.into_iter().map(|cell| cell.map(|number| number.abs())).collect(),
            Function::Floor => Rounding::Floor,
            Function::Ceil => Rounding::Ceiling,
            _ => Rounding::HalfUp,
        };
        let rounded = |(row, cell): (usize, Cell<Real>)| cell.and_then(|number| Ok(Real::from(number.round(rounding, places(row)?))));
        values.into_iter().enumerate().map(rounded).collect()
    }

    fn flags_here(&mut self, expr: &Expr, at: Level) -> Vec<Cell<bool>> {
        match &expr.node {
            Node::Flag(flag) => self.all(at, Ok(*flag)),
            Node::Not(inner) => self.flags(inner, at).into_iter().map(|cell| cell.map(|flag| !flag)).collect(),
            Node::Filled(inner) => match self.column(inner, at) {
                Column::Numbers(cells) => filled(&cells),
                Column::Words(cells) => filled(&cells),
                Column::Flags(cells) => filled(&cells),
                Column::Dates(cells) => filled(&cells),
            },
            Node::All(list) => self.fold(list, at, false, false),
            Node::Any(list) => self.fold(list, at, true, false),
            Node::Every(list) => self.fold(list, at, false, true),
            Node::AnyOf(list) => self.fold(list, at, true, true),
            Node::Compare(op, a, b) => self.compare(*op, a, b, at),
            Node::In(what, list) => {
                let mut found = self.all(at, Ok(false));
                for item in list {
                    let same = self.compare(CompareOp::Eq, what, item, at);
                    for (cell, same) in found.iter_mut().zip(same) {
                        *cell = either(cell.clone(), same);
                    }
                }
                found
            }
            _ => self.shared(expr, at, Run::flags).unwrap_or_default(),
        }
    }

    /// `and` (decided by one no) or `or` (decided by one yes), three-valued.
    fn fold(&mut self, list: &[Expr], at: Level, decisive: bool, skip_inapplicable: bool) -> Vec<Cell<bool>> {
        let mut result: Vec<Cell<bool>> = self.all(at, Ok(!decisive));
        for condition in list {
            let cells = self.flags(condition, at);
            for (so_far, cell) in result.iter_mut().zip(cells) {
                if skip_inapplicable && matches!(cell, Err(Gap::NotApplicable(_))) {
                    continue;
                }
                *so_far = match (so_far.clone(), cell) {
                    (Ok(flag), _) | (_, Ok(flag)) if flag == decisive => Ok(decisive),
                    (Err(a), Err(b)) => Err(a.and(&b)),
                    (Err(gap), Ok(_)) | (Ok(_), Err(gap)) => Err(gap),
                    (Ok(_), Ok(flag)) => Ok(flag),
                };
            }
        }
        result
    }

    pub(super) fn compare(&mut self, op: CompareOp, a: &Expr, b: &Expr, at: Level) -> Vec<Cell<bool>> {
        // With six of seven met, the seventh cannot change that at least six are.
        if let Node::Count(list) = &a.node {
            let bounds = self.numbers(b, at);
            self.numbers(a, at);
            let held: Vec<_> = list.iter().map(|condition| self.flags(condition, at)).collect();
            let decide = |(row, bound): (usize, Cell<Real>)| count_compares(op, held.iter().filter_map(|cells| cells.get(row)), bound);
            return bounds.into_iter().enumerate().map(decide).collect();
        }
        match (self.column(a, at), self.column(b, at)) {
            (Column::Numbers(a), Column::Numbers(b)) => compared(op, a, b),
            (Column::Words(a), Column::Words(b)) => compared(op, a, b),
            (Column::Flags(a), Column::Flags(b)) => compared(op, a, b),
            (Column::Dates(a), Column::Dates(b)) => compared(op, a, b),
            _ => self.all(at, Err(Gap::undefined(Cause::NotExact(a.span)))),
        }
    }
}

/// What two cells come to, or why they come to nothing.
pub(super) fn both<A, B, T>(pair: (Cell<A>, Cell<B>), op: impl FnOnce(A, B) -> Cell<T>) -> Cell<T> {
    match pair {
        (Ok(a), Ok(b)) => op(a, b),
        (Err(a), Err(b)) => Err(a.and(&b)),
        (Err(gap), Ok(_)) | (Ok(_), Err(gap)) => Err(gap),
    }
}

fn either(a: Cell<bool>, b: Cell<bool>) -> Cell<bool> {
    match (a, b) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Err(a), Err(b)) => Err(a.and(&b)),
        (Err(gap), Ok(_)) | (Ok(_), Err(gap)) => Err(gap),
        (Ok(_), Ok(_)) => Ok(false),
    }
}

fn compared<T: Ord>(op: CompareOp, a: Vec<Cell<T>>, b: Vec<Cell<T>>) -> Vec<Cell<bool>> {
    a.into_iter().zip(b).map(|pair| both(pair, |a, b| Ok(op.holds(a.cmp(&b))))).collect()
}

fn filled<T>(cells: &[Cell<T>]) -> Vec<Cell<bool>> {
    cells.iter().map(|cell| Ok(cell.is_ok())).collect()
}

pub(super) fn divide(a: &Real, b: &Real, at: Span, written: &std::sync::Arc<str>) -> Cell<Real> {
    a.checked_div(b).map_err(|error| match error {
        DivError::ByZero => Gap::undefined(Cause::ZeroDivisor { at, written: written.clone() }),
        DivError::Irrational => Gap::undefined(Cause::NotExact(at)),
    })
}

/// How many hold of those that apply; unknown if one of them is.
fn count<'c>(cells: impl Iterator<Item = &'c Cell<bool>>) -> Cell<Real> {
    let mut held = 0_i64;
    let mut unknown: Option<Gap> = None;
    for cell in cells {
        match cell {
            Ok(flag) => held += i64::from(*flag),
            Err(Gap::NotApplicable(_)) => {}
            Err(gap) => unknown = Some(unknown.map_or_else(|| gap.clone(), |before| before.and(gap))),
        }
    }
    match unknown {
        Some(gap) => Err(gap),
        None => Ok(Real::from(Exact::from(held))),
    }
}

/// Whether a count compares so, where the unknown ones cannot change it.
fn count_compares<'c>(op: CompareOp, cells: impl Iterator<Item = &'c Cell<bool>>, bound: Cell<Real>) -> Cell<bool> {
    let bound = bound?;
    let (mut least, mut most) = (0_i64, 0_i64);
    let mut unknown: Option<Gap> = None;
    for cell in cells {
        match cell {
            Ok(flag) => (least, most) = (least + i64::from(*flag), most + i64::from(*flag)),
            Err(Gap::NotApplicable(_)) => {}
            Err(gap) => {
                most += 1;
                unknown = Some(unknown.map_or_else(|| gap.clone(), |before| before.and(gap)));
            }
        }
    }
    let holds = |number: i64| op.holds(Real::from(Exact::from(number)).cmp(&bound));
    let first = holds(least);
    match unknown {
        Some(gap) if (least..=most).any(|number| holds(number) != first) => Err(gap),
        _ => Ok(first),
    }
}
