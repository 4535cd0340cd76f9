//! Submissions (填报数据) to one form: a table of rows, stored column by column in blocks.
//!
//! Rows stay in the order in which they were read; [`Table::by_key`] is their order by key, in which everything is computed and
//! shown (`order`), so that the order of the input never matters.
//! Not here: how cells are stored (`block`, `stored`), columns of results (`column`), reading files (`data`).

mod order;

use super::block::{Block, Dictionary, Filling, Shape};
use super::column::{Cell, Column, Value};
use super::stored::{Codes, Plain, Stored};
use crate::model::{FieldIx, Form, Source};
use crate::text::Name;
use order::Order;
use std::sync::{Arc, OnceLock};

/// Rows that come one by one are put together in blocks of so many.
const BLOCK_ROWS: usize = 4_096;

/// Where a row came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RowOrigin {
    /// The file, by its place in [`Table::files`].
    pub file: u32,
    /// The line in it, from 1; of a JSON file the record.
    pub line: u32,
}

/// Submissions to one form, a column a field.
#[derive(Clone, Debug)]
pub struct Table {
    /// The files they came from.
    pub files: Vec<Arc<str>>,
    /// Keys of submissions that have no row because no part of them is evaluated (不评价); they are left out like those whom a rubric is
    /// not for.
    pub unjudged: Vec<Name>,
    /// Which table it is: results are read with the table that they came from.
    id: Arc<()>,
    shapes: Arc<[Shape]>,
    dictionaries: Vec<Dictionary>,
    key: FieldIx,
    period: Option<FieldIx>,
    blocks: Vec<Block>,
    rows: usize,
    order: OnceLock<Order>,
    ranges: Vec<OnceLock<Option<(i64, i64)>>>,
    beside: Vec<OtherTable>,
}

/// A cell that is added to a row.
enum Pushed {
    Cell(Cell<Value>),
    /// As it is stored elsewhere.
    Plain(Plain),
}

/// Submissions to another form, or of another period, that are read beside a table.
#[derive(Clone, Debug)]
struct OtherTable {
    of: Source,
    earlier: u32,
    table: Arc<Table>,
}

impl Table {
    /// An empty one for submissions to `form`.
    ///
    /// `used`: the fields whose cells are kept, all without it. The fields that identify a row are kept besides: key, period
    /// and groups.
    pub fn new(form: &Form, used: Option<&[bool]>) -> Table {
        let period = form.period.as_ref().and_then(|period| period.key);
        let kept = |at: FieldIx| {
            let identifies = Some(at) == period || form.groups.iter().any(|group| group.key == Some(at));
            identifies || used.is_none_or(|used| used.get(at.0).copied().unwrap_or(false))
        };
        let shape = |(at, field)| Shape::of(field, kept(FieldIx(at)), FieldIx(at) == form.key);
        Table {
            files: Vec::new(),
            unjudged: Vec::new(),
            id: Arc::new(()),
            shapes: form.fields.iter().enumerate().map(shape).collect(),
            dictionaries: form.fields.iter().map(Dictionary::of).collect(),
            key: form.key,
            period,
            blocks: Vec::new(),
            rows: 0,
            order: OnceLock::new(),
            ranges: vec![OnceLock::new(); form.fields.len()],
            beside: Vec::new(),
        }
    }

    /// The mark of this table and its copies.
    pub(crate) fn id(&self) -> &Arc<()> {
        &self.id
    }

    /// Lays submissions beside these for rubrics that also read them (另用的填报).
    ///
    /// * `of`: the form that they are submissions to, or the rubric that is to judge them first.
    /// * `earlier`: how many periods before these they are of.
    pub fn lay_beside(&mut self, of: Source, earlier: u32, table: Table) {
        self.beside.retain(|other| (other.of, other.earlier) != (of, earlier));
        self.beside.push(OtherTable { of, earlier, table: Arc::new(table) });
    }

    /// Gives its files, and those of what lies beside it, other names where `name` knows one.
    pub fn rename_files(&mut self, name: &dyn Fn(&str) -> Option<Arc<str>>) {
        for file in &mut self.files {
            if let Some(other) = name(file) {
                *file = other;
            }
        }
        self.beside.iter_mut().for_each(|other| Arc::make_mut(&mut other.table).rename_files(name));
    }

    /// Lays beside these what lies beside others.
    pub(super) fn beside_of(&mut self, other: &Table) {
        self.beside.clone_from(&other.beside);
    }

    /// The submissions to a form that lie beside these, so many periods earlier; or those that a rubric judges first.
    pub fn beside(&self, of: Source, earlier: u32) -> Option<&Table> {
        self.beside.iter().find(|other| (other.of, other.earlier) == (of, earlier)).map(|other| &*other.table)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whom a row speaks of; empty for a row that is not there.
    pub fn key(&self, row: usize) -> &str {
        self.find_row(row).map_or("", |(block, at)| block.key(at))
    }

    /// Whose submission a row is, or is a part of.
    pub fn submitter(&self, row: usize) -> Name {
        match self.cell(self.key, row) {
            Some(Ok(Value::Word(key))) => key,
            _ => self.key(row).into(),
        }
    }

    /// Where a row came from.
    pub fn origin(&self, row: usize) -> Option<RowOrigin> {
        let (block, at) = self.find_row(row)?;
        Some(RowOrigin { file: block.file, line: block.line(at) })
    }

    /// The cell of a row; `None` where there is no such row, or where the cells of that field are not kept.
    pub fn cell(&self, field: FieldIx, row: usize) -> Option<Cell<Value>> {
        let (block, at) = self.find_row(row)?;
        block.get(self.shapes.get(field.0)?, self.dictionary(field), field.0, at)
    }

    /// All cells of a field as a column, in the order of the rows; `None` where they are not kept.
    pub fn column(&self, field: FieldIx) -> Option<Column> {
        let shape = self.shapes.get(field.0)?;
        let mut column = shape.results()?;
        for block in &self.blocks {
            for at in 0..block.rows {
                let cell = block.get(shape, self.dictionary(field), field.0, at)?;
                match (&mut column, cell) {
                    (Column::Numbers(cells), Ok(Value::Number(number))) => cells.push(Ok(number)),
                    (Column::Words(cells), Ok(Value::Word(word))) => cells.push(Ok(word)),
                    (Column::Flags(cells), Ok(Value::Flag(flag))) => cells.push(Ok(flag)),
                    (Column::Dates(cells), Ok(Value::Date(day))) => cells.push(Ok(day)),
                    (Column::Numbers(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                    (Column::Words(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                    (Column::Flags(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                    (Column::Dates(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                }
            }
        }
        Some(column)
    }

    /// Puts a cell in the place of another: a gap, an answer that was edited.
    pub fn put(&mut self, field: FieldIx, row: usize, cell: Cell<Value>) {
        let Some(at) = self.block_of(row) else { return };
        let (Some(block), Some(shape), Some(dictionary)) =
            (self.blocks.get_mut(at), self.shapes.get(field.0), self.dictionaries.get_mut(field.0))
        else {
            return;
        };
        block.put(shape, dictionary, field.0, row - block.first, cell);
        self.ranges.get_mut(field.0).into_iter().for_each(|range| *range = OnceLock::new());
        if Some(field) == self.period {
            self.order = OnceLock::new();
        }
    }

    /// The rows for which `keep` says yes, in their order.
    pub fn retain(&mut self, keep: &[bool]) {
        let order = self.order.take();
        let mut first = 0;
        for block in &mut self.blocks {
            let here = keep.get(block.first..).map_or(&[][..], |keep| keep.get(..block.rows).unwrap_or(keep));
            if here.len() < block.rows || here.contains(&false) {
                block.retain(here);
            }
            block.first = first;
            first += block.rows;
        }
        self.blocks.retain(|block| block.rows > 0);
        self.rows = first;
        self.ranges.iter_mut().for_each(|range| *range = OnceLock::new());
        // Those that stay keep their order.
        if let Some(mut order) = order {
            order.retain(keep);
            self.order = OnceLock::from(order);
        }
    }

    /// Adds a row with one cell a field, in the order of the form; fields without a cell are not filled in.
    pub fn push_row(&mut self, key: &str, origin: RowOrigin, cells: impl IntoIterator<Item = Cell<Value>>) {
        let mut cells = cells.into_iter();
        self.push_each(key, origin, |_| cells.next().map(Pushed::Cell));
    }

    /// Adds a row under its own key with the cells of a row of another table, whose fields are the first of this one's and
    /// whose texts were taken over by [`Table::with_texts_of`], and then one cell more.
    pub(super) fn push_copy(&mut self, key: &str, of: &Table, row: usize, more: Cell<Value>) {
        let (origin, from) = (of.origin(row).unwrap_or_default(), of.find_row(row));
        let mut more = Some(more);
        self.push_each(key, origin, |field| {
            if field == of.shapes.len() {
                return more.take().map(Pushed::Cell);
            }
            // What is odd is remembered by the block that it is in.
            let plain = from.and_then(|(block, at)| block.column(FieldIx(field)).get(at)).filter(|plain| !matches!(plain, Plain::Odd));
            plain.map(Pushed::Plain).or_else(|| of.cell(FieldIx(field), row).map(Pushed::Cell))
        });
    }

    /// Takes over the texts of the first fields.
    pub(super) fn with_texts_of(mut self, other: &Table) -> Table {
        self.dictionaries.iter_mut().zip(&other.dictionaries).for_each(|(to, from)| to.clone_from(from));
        self
    }

    /// Adds a row with the cells that there are for each field.
    fn push_each(&mut self, key: &str, origin: RowOrigin, mut cells: impl FnMut(usize) -> Option<Pushed>) {
        let fits = |block: &Block| block.file == origin.file && block.rows < BLOCK_ROWS;
        if !self.blocks.last().is_some_and(fits) {
            let mut block = Block::new(&self.shapes, 0, origin.file);
            block.first = self.rows;
            self.blocks.push(block);
        }
        let Some(block) = self.blocks.last_mut() else { return };
        block.push_row(key, origin.line);
        let at = block.rows - 1;
        for (field, (shape, dictionary)) in self.shapes.iter().zip(&mut self.dictionaries).enumerate() {
            match cells(field) {
                Some(Pushed::Plain(plain)) => block.push_plain(field, plain),
                Some(Pushed::Cell(cell)) => block.push(shape, dictionary, field, at, cell),
                None => block.push(shape, dictionary, field, at, Err(shape.missing.clone())),
            }
        }
        self.rows += 1;
        self.changed();
    }

    /// An empty part of this table, to be filled with rows of a file and appended; there is room for so many.
    pub fn filling(&self, file: u32, rows: usize) -> Filling {
        Filling::new(&self.shapes, &self.dictionaries, rows, file)
    }

    /// Adds the rows of such a part.
    pub fn append(&mut self, filling: Filling) {
        let mut block = filling.finish(&mut self.dictionaries);
        if block.rows > 0 {
            block.first = self.rows;
            self.rows += block.rows;
            self.blocks.push(block);
            self.changed();
        }
    }

    fn changed(&mut self) {
        self.order = OnceLock::new();
        self.ranges.iter_mut().for_each(|range| *range = OnceLock::new());
    }

    /// The rows as they are stored, in the order read.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// What the codes of a field stand for; of a choice its options come first, in the order of the form.
    pub fn dictionary(&self, field: FieldIx) -> &[Name] {
        self.dictionaries.get(field.0).map_or(&[], Dictionary::names)
    }

    /// The least and the greatest mantissa of a field of numbers, odd cells aside; `None` where there is none.
    pub fn range(&self, field: FieldIx) -> Option<(i64, i64)> {
        let range = || {
            let ranges = self.blocks.iter().filter_map(|block| block.range(field));
            ranges.reduce(|(least, greatest), (low, high)| (least.min(low), greatest.max(high)))
        };
        *self.ranges.get(field.0)?.get_or_init(range)
    }

    /// The code of each row's cell of a field of words; none of the dictionary where there is no ordinary cell.
    pub fn codes(&self, field: FieldIx) -> Vec<u32> {
        let mut codes = Vec::with_capacity(self.rows);
        for block in &self.blocks {
            match block.column(field) {
                Stored::Words(Codes::Narrow(cells)) => {
                    let code = |cell: &u8| if *cell < Codes::ODD_NARROW { u32::from(*cell) } else { Codes::MISSING };
                    codes.extend(cells.iter().map(code));
                }
                Stored::Words(Codes::Wide(cells)) => codes.extend(cells),
                _ => codes.extend(std::iter::repeat_n(Codes::MISSING, block.rows)),
            }
        }
        codes
    }

    /// Whether the cells of a field stand in a column of their own: those of keys do not, and those that nobody asked for.
    pub fn keeps(&self, field: FieldIx) -> bool {
        !self.blocks.iter().any(|block| matches!(block.column(field), Stored::Dropped | Stored::Keys))
    }

    /// Whether the cells of a field do not apply to some rows.
    pub(super) fn has_inapplicable(&self, field: FieldIx) -> bool {
        self.blocks.iter().any(|block| block.inapplicable(field, 0..block.rows).next().is_some())
    }

    /// To how many decimals the mantissas of a field of numbers are kept.
    pub fn places(&self, field: FieldIx) -> Option<u32> {
        self.shapes.get(field.0)?.places()
    }

    /// The values of a field, each at least once, neighbours that are the same only once.
    pub fn different(&self, field: FieldIx) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for row in 0..self.rows {
            if let Some(Ok(value)) = self.cell(field, row)
                && values.last() != Some(&value)
            {
                values.push(value);
            }
        }
        values
    }

    fn block_of(&self, row: usize) -> Option<usize> {
        let holds = |at: &usize| self.blocks.get(*at).is_some_and(|block| (block.first..block.first + block.rows).contains(&row));
        // Blocks are of much the same length.
        let near = row * self.blocks.len() / self.rows.max(1);
        if let Some(found) = [near, near + 1, near.saturating_sub(1)].into_iter().find(holds) {
            return Some(found);
        }
        self.blocks.partition_point(|block| block.first <= row).checked_sub(1).filter(holds)
    }

    fn find_row(&self, row: usize) -> Option<(&Block, usize)> {
        let block = self.blocks.get(self.block_of(row)?)?;
        Some((block, row - block.first))
    }
}

#[cfg(test)]
mod tests;
