//! Blocks that are being filled (装填): rows of a file go in, one after the other or column by column, on whichever thread reads them.
//!
//! Of texts a filling has codes of its own, which become those of the table when it is appended.
//! Not here: what a finished block holds and how its cells change (`block`), what is read from where (`data`).

use super::{Block, Dictionary, Kind, Shape};
use crate::eval::column::{Cell, Value};
use crate::eval::stored::{Codes, Plain, Stored};
use crate::model::FieldIx;
use chrono::{Datelike, NaiveDate};
use std::sync::Arc;

/// Rows that are being read, to be appended to a table: one of several, when several threads read.
#[derive(Debug)]
pub struct Filling {
    shapes: Arc<[Shape]>,
    /// Of texts only those of this block.
    dictionaries: Vec<Dictionary>,
    block: Block,
    room: usize,
}

impl Filling {
    pub(in crate::eval) fn new(shapes: &Arc<[Shape]>, of_table: &[Dictionary], rows: usize, file: u32) -> Filling {
        let own = |(shape, dictionary): (&Shape, &Dictionary)| {
            if shape.kind == Kind::Options { dictionary.clone() } else { Dictionary::default() }
        };
        Filling {
            dictionaries: shapes.iter().zip(of_table).map(own).collect(),
            block: Block::new(shapes, rows, file),
            shapes: shapes.clone(),
            room: rows,
        }
    }

    /// How many rows are complete.
    pub fn rows(&self) -> usize {
        self.block.rows
    }

    /// The line of a complete row.
    pub fn line(&self, row: usize) -> u32 {
        self.block.line(row)
    }

    /// Adds a row in this line of its file. A cell for each field is added then, to one row after the other or to one column
    /// after the other.
    pub fn begin_row(&mut self, key: &str, line: u32) {
        self.block.push_row(key, line);
    }

    /// Adds any cell to a column: that of the next row which has none yet there.
    pub fn cell(&mut self, field: usize, cell: Cell<Value>) {
        if let (Some(shape), Some(dictionary)) = (self.shapes.get(field), self.dictionaries.get_mut(field)) {
            let at = self.block.columns.get(field).and_then(Stored::len).unwrap_or(self.block.rows - 1);
            self.block.push(shape, dictionary, field, at, cell);
        }
    }

    /// Puts any cell in the place of another.
    pub fn put(&mut self, field: usize, row: usize, cell: Cell<Value>) {
        if let (Some(shape), Some(dictionary)) = (self.shapes.get(field), self.dictionaries.get_mut(field)) {
            self.block.put(shape, dictionary, field, row, cell);
        }
    }

    /// Adds cells to a column of numbers: mantissas, or [`Numbers::MISSING`](crate::eval::Numbers::MISSING) or [`Numbers::ODD`](crate::eval::Numbers::ODD); and the same in a narrow
    /// column, if they all fit one.
    pub fn numbers(&mut self, field: usize, cells: &[i64], narrow: Option<&[i32]>) {
        if let Some(Stored::Numbers(column)) = self.block.columns.get_mut(field) {
            column.extend(cells, narrow);
        }
    }

    /// Adds cells to a column of options: their places, or [`Codes::MISSING`] or [`Codes::ODD`].
    #[inline]
    pub fn options(&mut self, field: usize, cells: impl Iterator<Item = u32>) {
        match self.block.columns.get_mut(field) {
            Some(Stored::Words(column)) => column.extend(cells),
            _ => cells.for_each(drop),
        }
    }

    /// Adds cells to a column of texts; one that has none is missing or, in `Err`, odd.
    pub fn texts<'c>(&mut self, field: usize, cells: impl Iterator<Item = Result<Option<&'c str>, ()>>) {
        match (self.block.columns.get_mut(field), self.dictionaries.get_mut(field)) {
            (Some(Stored::Words(column)), Some(dictionary)) => column.extend(cells.map(|cell| match cell {
                Ok(Some(text)) => dictionary.code_of_neighbour(text),
                Ok(None) => Codes::MISSING,
                Err(()) => Codes::ODD,
            })),
            _ => cells.for_each(|_| {}),
        }
    }

    /// Adds cells to a column of yes or no; one that is neither is missing or, in `Err`, odd.
    pub fn flags(&mut self, field: usize, cells: impl Iterator<Item = Result<Option<bool>, ()>>) {
        self.extend(field, cells.map(|cell| cell.map(|flag| flag.map_or(Plain::Missing, Plain::Flag)).unwrap_or(Plain::Odd)));
    }

    /// Adds cells to a column of days; one that is none is missing or, in `Err`, odd.
    pub fn days(&mut self, field: usize, cells: impl Iterator<Item = Result<Option<NaiveDate>, ()>>) {
        let day = |day: NaiveDate| Plain::Day(day.num_days_from_ce());
        self.extend(field, cells.map(|cell| cell.map(|it| it.map_or(Plain::Missing, day)).unwrap_or(Plain::Odd)));
    }

    /// Adds so many cells that are missing or, unless `missing`, odd.
    pub fn blanks(&mut self, field: usize, count: usize, missing: bool) {
        self.extend(field, std::iter::repeat_n(if missing { Plain::Missing } else { Plain::Odd }, count));
    }

    fn extend(&mut self, field: usize, cells: impl Iterator<Item = Plain>) {
        match self.block.columns.get_mut(field) {
            Some(column) => cells.for_each(|cell| column.push(cell)),
            None => cells.for_each(drop),
        }
    }

    /// Does what can be done with the rows alone, once they are all there: best on the thread that read them.
    pub fn complete(&mut self) {
        if self.block.rows + self.block.rows / 8 < self.room {
            self.block.columns.iter_mut().for_each(Stored::shrink);
            self.block.ends.shrink_to_fit();
        }
        self.block.keys.shrink_to_fit();
        (0..self.shapes.len()).for_each(|field| _ = self.block.range(FieldIx(field)));
    }

    /// The block, with the codes of the table's dictionaries.
    pub(in crate::eval) fn finish(mut self, of_table: &mut [Dictionary]) -> Block {
        let all = self.shapes.iter().zip(&self.dictionaries).zip(of_table).zip(&mut self.block.columns);
        for (((shape, own), dictionary), column) in all {
            if let (Kind::Texts, Stored::Words(codes)) = (shape.kind, column) {
                let new: Vec<u32> = own.names.iter().map(|name| dictionary.add(name)).collect();
                codes.translate(&new);
            }
        }
        self.block
    }
}
