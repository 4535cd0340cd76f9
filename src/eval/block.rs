//! Blocks (数据块): some rows of a table, their keys and cells, in the order in which they were read.
//!
//! Odd cells stand beside the columns: gaps that are not just "not filled in", numbers that no mantissa of the field can hold,
//! options that the form does not have. A cell that was refused needs no more than its mark.
//! Not here: how a column is stored (`stored`), how a block is filled while a file is read (`filling`), rows of a whole table and their order (`table`).

mod filling;

pub use filling::Filling;

use super::column::{Cell, Column, Value};
use super::gap::{Cause, Gap};
use super::stored::{Codes, Numbers, Plain, Stored};
use crate::model::{Field, FieldIx, FieldType};
use crate::number::{Exact, Real};
use crate::text::Name;
use chrono::{Datelike, NaiveDate};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

/// Decimals of a share whose form says nothing of them: four of the percentage.
const SHARE_PLACES: u32 = 6;
/// More digits than a mantissa has are no use as decimals.
const MOST_PLACES: u32 = 18;
/// So many odd cells of a block are looked through for one that is the same.
const MOST_SHARED: usize = 64;

/// How the cells of a field are stored, and what those without a value are.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    kind: Kind,
    pub(super) missing: Gap,
    refused: Gap,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Dropped,
    Keys,
    Numbers(u32),
    Texts,
    Options,
    Flags,
    Dates,
}

impl Shape {
    /// * `kept`: whether its cells are; those of the key always are.
    /// * `is_key`: whether it identifies the row.
    pub(super) fn of(field: &Field, kept: bool, is_key: bool) -> Shape {
        let kind = match &field.kind {
            FieldType::Text if is_key => Kind::Keys,
            _ if !kept && !is_key => Kind::Dropped,
            FieldType::Text => Kind::Texts,
            FieldType::Choice(_) => Kind::Options,
            FieldType::YesNo => Kind::Flags,
            FieldType::Date => Kind::Dates,
            FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => Kind::Numbers(places(&field.kind)),
        };
        let refused = Gap::undefined(Cause::Refused(field.name.it.clone()));
        Shape { kind, missing: Gap::missing(&field.name.it), refused }
    }

    fn column(&self, rows: usize) -> Stored {
        match self.kind {
            Kind::Dropped => Stored::Dropped,
            Kind::Keys => Stored::Keys,
            Kind::Numbers(places) => Stored::Numbers(Numbers::new(places, rows)),
            Kind::Texts | Kind::Options => Stored::Words(Codes::Narrow(Vec::with_capacity(rows))),
            Kind::Flags => Stored::Flags(Vec::with_capacity(rows)),
            Kind::Dates => Stored::Dates(Vec::with_capacity(rows)),
        }
    }
}

impl Shape {
    /// An empty column of results for its cells; `None` where they are not kept.
    pub(super) fn results(&self) -> Option<Column> {
        Some(match self.kind {
            Kind::Dropped => return None,
            Kind::Numbers(_) => Column::Numbers(Vec::new()),
            Kind::Keys | Kind::Texts | Kind::Options => Column::Words(Vec::new()),
            Kind::Flags => Column::Flags(Vec::new()),
            Kind::Dates => Column::Dates(Vec::new()),
        })
    }

    /// Decimals of its mantissas, of numbers.
    pub(super) fn places(&self) -> Option<u32> {
        match self.kind {
            Kind::Numbers(places) => Some(places),
            _ => None,
        }
    }

    /// The gap of a cell; a value of a type that its column cannot have was as good as refused.
    pub(super) fn gap_of(&self, cell: Cell<Value>) -> Gap {
        cell.err().unwrap_or_else(|| self.refused.clone())
    }
}

/// How many decimals the mantissas of a field have: of a percentage those of the share.
pub(crate) fn places(kind: &FieldType) -> u32 {
    match kind {
        FieldType::Decimal(places, _) => (*places).min(MOST_PLACES),
        FieldType::Percent(Some(places)) => places.saturating_add(2).min(MOST_PLACES),
        FieldType::Percent(None) => SHARE_PLACES,
        _ => 0,
    }
}

/// A number as a mantissa over `10^places`, if it is one.
pub(crate) fn mantissa(number: &Exact, places: u32) -> Option<i64> {
    let mantissa = (number * &Exact::from(10_i64.checked_pow(places)?)).to_i64()?;
    (mantissa > Numbers::ODD).then_some(mantissa)
}

fn real(mantissa: i64, places: u32) -> Real {
    let power = 10_i64.checked_pow(places).unwrap_or(1);
    Real::from(Exact::from_ratio(mantissa, power).unwrap_or(Exact::ZERO))
}

/// What the codes of a field stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    names: Vec<Name>,
    codes: HashMap<Name, u32>,
    /// The code that was asked for last.
    last: u32,
}

impl Dictionary {
    /// That of a field of which nothing is read yet: of a choice its options.
    pub fn of(field: &Field) -> Dictionary {
        let mut dictionary = Dictionary::default();
        if let FieldType::Choice(options) = &field.kind {
            options.iter().for_each(|option| _ = dictionary.add(option));
        }
        dictionary
    }

    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// The code of a text, a new one where it has none.
    fn code(&mut self, text: &str) -> u32 {
        self.codes.get(text).copied().unwrap_or_else(|| self.add(&Name::from(text)))
    }

    /// The same for a text that is likely the last one again, as neighbours often have.
    fn code_of_neighbour(&mut self, text: &str) -> u32 {
        if self.names.get(self.last as usize).is_none_or(|last| last.as_str() != text) {
            self.last = self.code(text);
        }
        self.last
    }

    fn add(&mut self, name: &Name) -> u32 {
        if let Some(code) = self.codes.get(name) {
            return *code;
        }
        let code = u32::try_from(self.names.len()).unwrap_or(Codes::ODD);
        self.names.push(name.clone());
        self.codes.insert(name.clone(), code);
        code
    }
}

/// Where the rows of a block stand in their file.
#[derive(Clone, Debug)]
enum Lines {
    /// One after the other, from this line on.
    From(u32),
    Each(Vec<u32>),
}

/// Some rows of a table.
#[derive(Clone, Debug)]
pub struct Block {
    /// The first of its rows in the table.
    pub first: usize,
    /// How many rows.
    pub rows: usize,
    pub(super) file: u32,
    lines: Lines,
    keys: String,
    /// Where each key ends.
    ends: Vec<u32>,
    columns: Vec<Stored>,
    /// The least and the greatest mantissa of each column, as far as it was asked for.
    ranges: Vec<OnceLock<Option<(i64, i64)>>>,
    /// Of each column the odd cells: row and place in `others`, in the order of rows. One that is not here was refused.
    odd: Vec<Vec<(u32, u32)>>,
    others: Vec<Cell<Value>>,
}

impl Block {
    /// An empty one for so many rows of a file.
    pub(super) fn new(shapes: &[Shape], rows: usize, file: u32) -> Block {
        Block {
            first: 0,
            rows: 0,
            file,
            lines: Lines::From(0),
            keys: String::new(),
            ends: Vec::with_capacity(rows),
            columns: shapes.iter().map(|shape| shape.column(rows)).collect(),
            ranges: vec![OnceLock::new(); shapes.len()],
            odd: vec![Vec::new(); shapes.len()],
            others: Vec::new(),
        }
    }

    /// The column of a field.
    pub fn column(&self, field: FieldIx) -> &Stored {
        self.columns.get(field.0).unwrap_or(&Stored::Dropped)
    }

    /// The least and the greatest mantissa of a field of numbers, odd cells aside; `None` where there is none.
    pub(super) fn range(&self, field: FieldIx) -> Option<(i64, i64)> {
        let range = || match self.column(field) {
            Stored::Numbers(numbers) => Numbers::range(numbers),
            _ => None,
        };
        *self.ranges.get(field.0)?.get_or_init(range)
    }

    fn changed(&mut self, field: usize) {
        self.ranges.get_mut(field).into_iter().for_each(|range| *range = OnceLock::new());
    }

    pub(super) fn key(&self, at: usize) -> &str {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        self.keys.get(start..end).unwrap_or("")
    }

    pub(super) fn line(&self, at: usize) -> u32 {
        match &self.lines {
            Lines::From(first) => u32::try_from(at).map_or(u32::MAX, |at| first.saturating_add(at)),
            Lines::Each(lines) => lines.get(at).copied().unwrap_or(0),
        }
    }

    /// The cell of a row; nothing where cells are not kept.
    pub(super) fn get(&self, shape: &Shape, names: &[Name], field: usize, at: usize) -> Option<Cell<Value>> {
        if at >= self.rows {
            return None;
        }
        let column = self.columns.get(field)?;
        if matches!(column, Stored::Keys) {
            return Some(self.other(field, at).cloned().unwrap_or_else(|| Ok(Value::Word(Name::from(self.key(at))))));
        }
        Some(match column.get(at)? {
            Plain::Missing => Err(shape.missing.clone()),
            Plain::Odd => self.other(field, at).cloned().unwrap_or_else(|| Err(shape.refused.clone())),
            Plain::Number(mantissa) => Ok(Value::Number(real(mantissa, places_of(column)))),
            Plain::Code(code) => Ok(Value::Word(names.get(code as usize)?.clone())),
            Plain::Flag(flag) => Ok(Value::Flag(flag)),
            Plain::Day(day) => Ok(Value::Date(NaiveDate::from_num_days_from_ce_opt(day)?)),
        })
    }

    fn other(&self, field: usize, at: usize) -> Option<&Cell<Value>> {
        let odd = self.odd.get(field)?;
        let place = odd.binary_search_by_key(&at, |(row, _)| *row as usize).ok()?;
        self.others.get(odd.get(place)?.1 as usize)
    }

    /// The rows, of some, whose cell does not apply: of a field that is not asked of them.
    pub(super) fn inapplicable(&self, field: FieldIx, rows: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let odd = self.odd.get(field.0).map_or(&[][..], Vec::as_slice);
        let at = |row: usize| odd.partition_point(|(other, _)| (*other as usize) < row);
        let here = odd.get(at(rows.start)..at(rows.end)).unwrap_or_default();
        let is = |place: u32| matches!(self.others.get(place as usize), Some(Err(Gap::NotApplicable(_))));
        here.iter().filter(move |(_, place)| is(*place)).map(|(row, _)| *row as usize)
    }

    /// How a cell is stored. What an odd one is, other than refused, is remembered for row `at`.
    fn plain(&mut self, shape: &Shape, dictionary: &mut Dictionary, field: usize, at: usize, cell: Cell<Value>) -> Plain {
        match (shape.kind, &cell) {
            (Kind::Dropped, _) => return Plain::Odd,
            (Kind::Keys, Ok(Value::Word(word))) if word.as_str() == self.key(at) => return Plain::Odd,
            (Kind::Keys, _) => {}
            (_, Err(gap)) if *gap == shape.missing => return Plain::Missing,
            (_, Err(gap)) if *gap == shape.refused => return Plain::Odd,
            (Kind::Numbers(places), Ok(Value::Number(number))) => {
                if let Some(mantissa) = number.as_exact().and_then(|number| mantissa(number, places)) {
                    return Plain::Number(mantissa);
                }
            }
            (Kind::Texts, Ok(Value::Word(word))) => return Plain::Code(dictionary.code(word)),
            (Kind::Options, Ok(Value::Word(word))) => {
                if let Some(code) = dictionary.codes.get(word) {
                    return Plain::Code(*code);
                }
            }
            (Kind::Flags, Ok(Value::Flag(flag))) => return Plain::Flag(*flag),
            (Kind::Dates, Ok(Value::Date(day))) => return Plain::Day(day.num_days_from_ce()),
            _ => {}
        }
        // The few gaps of a block are told apart, so that thousands of cells share one.
        let known = if cell.is_err() { self.others.iter().take(MOST_SHARED).position(|other| *other == cell) } else { None };
        let place = known.unwrap_or(self.others.len());
        if known.is_none() {
            self.others.push(cell);
        }
        if let (Some(odd), Ok(row), Ok(place)) = (self.odd.get_mut(field), u32::try_from(at), u32::try_from(place)) {
            let before = odd.partition_point(|(other, _)| *other < row);
            odd.insert(before, (row, place));
        }
        Plain::Odd
    }

    /// Adds a cell to a column: that of row `at`, which is there already.
    pub(super) fn push(&mut self, shape: &Shape, dictionary: &mut Dictionary, field: usize, at: usize, cell: Cell<Value>) {
        let plain = self.plain(shape, dictionary, field, at, cell);
        self.push_plain(field, plain);
    }

    /// Adds a cell that is not odd, as it is stored.
    pub(super) fn push_plain(&mut self, field: usize, plain: Plain) {
        self.changed(field);
        if let Some(column) = self.columns.get_mut(field) {
            column.push(plain);
        }
    }

    /// Adds a row, without its cells.
    pub(super) fn push_row(&mut self, key: &str, line: u32) {
        self.keys.push_str(key);
        self.ends.push(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
        match &mut self.lines {
            Lines::From(first) if self.rows == 0 => *first = line,
            Lines::From(first) if usize::try_from(line.wrapping_sub(*first)) == Ok(self.rows) => {}
            Lines::From(_) => {
                let mut lines: Vec<u32> = (0..self.rows).map(|at| self.line(at)).collect();
                lines.push(line);
                self.lines = Lines::Each(lines);
            }
            Lines::Each(lines) => lines.push(line),
        }
        self.rows += 1;
    }

    /// Puts a cell in the place of another.
    pub(super) fn put(&mut self, shape: &Shape, dictionary: &mut Dictionary, field: usize, at: usize, cell: Cell<Value>) {
        if at >= self.rows {
            return;
        }
        if let Some(odd) = self.odd.get_mut(field)
            && let Ok(place) = odd.binary_search_by_key(&at, |(row, _)| *row as usize)
        {
            odd.remove(place);
        }
        let plain = self.plain(shape, dictionary, field, at, cell);
        self.changed(field);
        if let Some(column) = self.columns.get_mut(field) {
            column.put(at, plain);
        }
    }

    /// The rows for which `keep` says yes.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let mut keys = String::with_capacity(self.keys.len());
        let mut ends = Vec::with_capacity(self.rows);
        let mut lines = Vec::with_capacity(self.rows);
        let mut before = Vec::with_capacity(self.rows);
        for at in 0..self.rows {
            before.push(u32::try_from(ends.len()).unwrap_or(u32::MAX));
            if keep.get(at).copied().unwrap_or(false) {
                keys.push_str(self.key(at));
                ends.push(u32::try_from(keys.len()).unwrap_or(u32::MAX));
                lines.push(self.line(at));
            }
        }
        for column in &mut self.columns {
            column.retain(keep);
        }
        self.ranges.fill(OnceLock::new());
        for odd in &mut self.odd {
            odd.retain(|(row, _)| keep.get(*row as usize).copied().unwrap_or(false));
            odd.iter_mut().for_each(|(row, _)| *row = before.get(*row as usize).copied().unwrap_or(0));
        }
        self.rows = ends.len();
        (self.keys, self.ends, self.lines) = (keys, ends, Lines::Each(lines));
    }
}

fn places_of(column: &Stored) -> u32 {
    if let Stored::Numbers(numbers) = column { numbers.places() } else { 0 }
}
