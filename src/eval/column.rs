//! Columns (列): one cell for each row, all rows at once.
//!
//! A cell holds a value or says why it has none; an absent value is never 0 and never false.
//! Not here: the cells of submissions (`table`).

use super::gap::Gap;
use crate::model::GivenValue;
use crate::number::Real;
use crate::text::Name;
use chrono::NaiveDate;
use std::cmp::Ordering;

/// A value, or why there is none.
pub type Cell<T> = Result<T, Gap>;

/// A column of one type.
#[derive(Clone, Debug)]
pub enum Column {
    /// Numbers.
    Numbers(Vec<Cell<Real>>),
    /// Texts and options.
    Words(Vec<Cell<Name>>),
    /// Yes or no.
    Flags(Vec<Cell<bool>>),
    /// Days.
    Dates(Vec<Cell<NaiveDate>>),
}

impl Column {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Numbers(cells) => cells.len(),
            Column::Words(cells) => cells.len(),
            Column::Flags(cells) => cells.len(),
            Column::Dates(cells) => cells.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cells of one kind as a column.
    pub(crate) fn of(kind: super::plan::Kind, cells: Vec<Cell<Value>>) -> Column {
        let wrong = || Gap::undefined(super::gap::Cause::NotExact(crate::text::Span::default()));
        macro_rules! only {
            ($variant:ident) => {
                cells
                    .into_iter()
                    .map(|cell| cell.and_then(|value| if let Value::$variant(it) = value { Ok(it) } else { Err(wrong()) }))
                    .collect()
            };
        }
        match kind {
            super::plan::Kind::Number => Column::Numbers(only!(Number)),
            super::plan::Kind::Word => Column::Words(only!(Word)),
            super::plan::Kind::Flag => Column::Flags(only!(Flag)),
            super::plan::Kind::Date => Column::Dates(only!(Date)),
        }
    }

    /// The cell of a row, as a value of any type.
    pub fn get(&self, row: usize) -> Option<Cell<Value>> {
        match self {
            Column::Numbers(cells) => cells.get(row).map(|cell| cell.clone().map(Value::Number)),
            Column::Words(cells) => cells.get(row).map(|cell| cell.clone().map(Value::Word)),
            Column::Flags(cells) => cells.get(row).map(|cell| cell.clone().map(Value::Flag)),
            Column::Dates(cells) => cells.get(row).map(|cell| cell.clone().map(Value::Date)),
        }
    }

    /// Puts a gap in the place of a cell.
    pub fn clear(&mut self, row: usize, gap: Gap) {
        fn put<T>(cells: &mut [Cell<T>], row: usize, gap: Gap) {
            if let Some(cell) = cells.get_mut(row) {
                *cell = Err(gap);
            }
        }
        match self {
            Column::Numbers(cells) => put(cells, row, gap),
            Column::Words(cells) => put(cells, row, gap),
            Column::Flags(cells) => put(cells, row, gap),
            Column::Dates(cells) => put(cells, row, gap),
        }
    }

    /// The rows for which `keep` says yes, in their order.
    pub fn retain(&mut self, keep: &[bool]) {
        fn sift<T>(cells: &mut Vec<T>, keep: &[bool]) {
            let mut flags = keep.iter();
            cells.retain(|_| flags.next().copied().unwrap_or(false));
        }
        match self {
            Column::Numbers(cells) => sift(cells, keep),
            Column::Words(cells) => sift(cells, keep),
            Column::Flags(cells) => sift(cells, keep),
            Column::Dates(cells) => sift(cells, keep),
        }
    }
}

/// A value of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(Real),
    /// A text or an option.
    Word(Name),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(NaiveDate),
}

impl Value {
    /// How it stands to another value of its kind; `None` for one of another kind.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
            (Value::Word(a), Value::Word(b)) => Some(a.cmp(b)),
            (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// As it identifies something.
    pub fn word(&self) -> Name {
        match self {
            Value::Number(number) => Name::from(number.to_string()),
            Value::Word(name) => name.clone(),
            Value::Flag(yes) => Name::from(if *yes { "是" } else { "否" }),
            Value::Date(day) => Name::from(day.to_string()),
        }
    }
}

/// What a form or a test gives a field, in the field's own unit.
impl From<&GivenValue> for Value {
    fn from(given: &GivenValue) -> Value {
        match given {
            GivenValue::Number(number) => Value::Number(Real::from(number)),
            GivenValue::Word(word) => Value::Word(word.clone()),
            GivenValue::Flag(flag) => Value::Flag(*flag),
            GivenValue::Date(day) => Value::Date(*day),
        }
    }
}
