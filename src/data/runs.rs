//! Some rows of a CSV file (一段行), read column by column: one loop for each kind of field, and what is not ordinary
//! afterwards, row by row.
//!
//! Not here: what ordinary cells are (`plain`), all other cells and what is told of them (`batch`).

use super::batch::{Batch, Planned, Raw, RawRow};
use super::csv::CsvRow;
use super::file::LONGEST_CELL;
use super::plain::{Ordinary, day, flag, is_ordinary};
use crate::eval::{Codes, Numbers};
use std::ops::Range;

/// So many rows, with their places, stay in the caches while their columns are gone through.
const MOST_ROWS: usize = 128;
const MOST_BYTES: usize = 1 << 19;

/// Rows whose cells are not read yet.
pub(super) struct Run<'c> {
    columns: &'c [Option<usize>],
    width: usize,
    separator: u8,
    /// The cells of all rows.
    text: Vec<u8>,
    /// Of each row where its cells begin: `width` of them, and one byte behind the last.
    starts: Vec<u32>,
    rows: Vec<Kept>,
    /// Rows as written, where that is something else.
    raw: Vec<u8>,
    /// Cells that are not ordinary: row and field.
    odd: Vec<(u32, u32)>,
}

/// One of them.
struct Kept {
    line: usize,
    cells: Range<usize>,
    raw: Option<Range<usize>>,
}

impl<'c> Run<'c> {
    /// * `columns`: the column of each field.
    /// * `width`: how many columns there are.
    pub(super) fn new(columns: &'c [Option<usize>], width: usize, separator: u8) -> Run<'c> {
        let (text, raw) = (Vec::new(), Vec::new());
        Run { columns, width, separator, text, starts: Vec::new(), rows: Vec::new(), raw, odd: Vec::new() }
    }

    /// Takes in a row, or tells why not.
    pub(super) fn add(&mut self, batch: &mut Batch<'_>, row: &CsvRow<'_>) {
        let cells = CsvCells { row, columns: self.columns };
        if !batch.admit(&cells, |batch| self.flush(batch)) {
            return;
        }
        let start = self.text.len();
        self.text.extend_from_slice(row.cells);
        let offset = u32::try_from(start).unwrap_or(u32::MAX);
        self.starts.push(offset);
        // Neither a run nor a row is that long.
        self.starts.extend(row.ends.iter().take(self.width).map(|end| offset.wrapping_add(*end).wrapping_add(1)));
        let raw = (!std::ptr::eq(row.cells, row.raw)).then(|| {
            let start = self.raw.len();
            self.raw.extend_from_slice(row.raw);
            start..self.raw.len()
        });
        self.rows.push(Kept { line: row.line, cells: start..self.text.len(), raw });
        // A few long rows are as much as many short ones.
        if self.rows.len() >= MOST_ROWS || self.text.len() >= MOST_BYTES {
            self.flush(batch);
        }
    }

    /// Reads the cells of all rows so far; what is told of them comes before everything that is told later.
    pub(super) fn flush(&mut self, batch: &mut Batch<'_>) {
        let mut odd = std::mem::take(&mut self.odd);
        for (at, field) in batch.plan.fields.iter().enumerate() {
            self.column(batch, at, field, &mut odd);
        }
        odd.sort_unstable();
        let before = batch.rows.rows() - self.rows.len();
        for cells in odd.chunk_by(|a, b| a.0 == b.0) {
            let Some(row) = cells.first().map(|(row, _)| *row as usize) else { continue };
            let Some((kept, starts)) = self.rows.get(row).zip(self.starts.chunks_exact(self.width + 1).nth(row)) else { continue };
            let end = |start: &u32| (*start as usize).saturating_sub(kept.cells.start + 1);
            let ends: Vec<u32> = starts.iter().skip(1).map(|start| u32::try_from(end(start)).unwrap_or(u32::MAX)).collect();
            let text = self.text.get(kept.cells.clone()).unwrap_or_default();
            let raw = kept.raw.clone().map_or(text, |raw| self.raw.get(raw).unwrap_or_default());
            let row_again = CsvRow { line: kept.line, end: 0, cells: text, ends: &ends, raw, separator: self.separator };
            for field in cells.iter().map(|(_, field)| *field as usize) {
                let cell = batch.cell(&CsvCells { row: &row_again, columns: self.columns }, before + row, field);
                batch.rows.put(field, before + row, cell);
            }
        }
        odd.clear();
        self.odd = odd;
        self.text.clear();
        self.starts.clear();
        self.rows.clear();
        self.raw.clear();
    }

    /// Adds the cells of a field; those that are not ordinary are put into `odd`.
    fn column(&self, batch: &mut Batch<'_>, at: usize, field: &Planned, odd: &mut Vec<(u32, u32)>) {
        // A key was read when its row was admitted.
        if batch.plan.is_read(at) {
            return;
        }
        let Some(column) = self.columns.get(at).copied().flatten() else {
            // With a period that is asked for, that is what the column would have.
            let given = Some(at) == batch.plan.period && batch.plan.wanted.is_some();
            if given {
                (0..self.rows.len()).for_each(|row| self.put_off(odd, row, at));
            }
            return batch.rows.blanks(at, self.rows.len(), !given);
        };
        let text = self.text.as_slice();
        let places = self.starts.chunks_exact(self.width + 1).map(|starts| match starts.get(column..column + 2) {
            Some([start, next]) => (*start as usize, (*next as usize).saturating_sub(1)),
            _ => (0, 0),
        });
        let places = places.enumerate();
        let cells = places.clone().map(|(row, (start, end))| (row, text.get(start..end).unwrap_or_default()));
        let blank = |cell: &[u8]| cell.is_empty() && !field.required;
        match &field.ordinary {
            Ordinary::Number(numbers) => {
                let (mut wide, mut narrow) = ([Numbers::MISSING; MOST_ROWS], [Numbers::MISSING_NARROW; MOST_ROWS]);
                let mut all_narrow = true;
                for ((wide, narrow), (row, (start, end))) in wide.iter_mut().zip(&mut narrow).zip(places) {
                    match numbers.read(text, start, end) {
                        Some(mantissa) => {
                            #[expect(clippy::cast_possible_truncation, reason = "seen in the next line")]
                            let short = mantissa as i32;
                            all_narrow &= i64::from(short) == mantissa && short > Numbers::ODD_NARROW;
                            (*wide, *narrow) = (mantissa, short);
                        }
                        None if start == end && !field.required => {}
                        None => {
                            self.put_off(odd, row, at);
                            (*wide, *narrow) = (Numbers::ODD, Numbers::ODD_NARROW);
                        }
                    }
                }
                let narrow = narrow.get(..self.rows.len()).filter(|_| all_narrow);
                batch.rows.numbers(at, wide.get(..self.rows.len()).unwrap_or_default(), narrow);
            }
            Ordinary::Options(options) => batch.rows.options(
                at,
                places.map(|(row, (start, end))| match options.find(text, start, end) {
                    Some(place) => u32::try_from(place).unwrap_or(Codes::ODD),
                    None if start == end && !field.required => Codes::MISSING,
                    None => {
                        self.put_off(odd, row, at);
                        Codes::ODD
                    }
                }),
            ),
            Ordinary::Text => batch.rows.texts(
                at,
                cells.map(|(row, cell)| match std::str::from_utf8(cell) {
                    Ok(text) if is_ordinary(text) && text.len() <= LONGEST_CELL => Ok(Some(text)),
                    _ if blank(cell) => Ok(None),
                    _ => {
                        self.put_off(odd, row, at);
                        Err(())
                    }
                }),
            ),
            Ordinary::Flag => batch.rows.flags(
                at,
                cells.map(|(row, cell)| match flag(cell) {
                    Some(flag) => Ok(Some(flag)),
                    None if blank(cell) => Ok(None),
                    None => {
                        self.put_off(odd, row, at);
                        Err(())
                    }
                }),
            ),
            Ordinary::Date(first, last) => batch.rows.days(
                at,
                cells.map(|(row, cell)| match day(cell, *first, *last) {
                    Some(day) => Ok(Some(day)),
                    None if blank(cell) => Ok(None),
                    None => {
                        self.put_off(odd, row, at);
                        Err(())
                    }
                }),
            ),
            Ordinary::Nothing => {
                (0..self.rows.len()).for_each(|row| self.put_off(odd, row, at));
                batch.rows.blanks(at, self.rows.len(), false);
            }
        }
    }

    /// Leaves a cell to its field's reader.
    #[cold]
    fn put_off(&self, odd: &mut Vec<(u32, u32)>, row: usize, field: usize) {
        if let (Ok(row), Ok(field)) = (u32::try_from(row), u32::try_from(field)) {
            odd.push((row, field));
        }
    }
}

/// A row of a CSV file with the columns of its fields.
struct CsvCells<'r> {
    row: &'r CsvRow<'r>,
    columns: &'r [Option<usize>],
}

impl RawRow for CsvCells<'_> {
    fn line(&self) -> usize {
        self.row.line
    }
    fn cell(&self, field: usize) -> Raw<'_> {
        match self.columns.get(field) {
            Some(Some(column)) => Raw::Text(self.row.cell(*column)),
            _ => Raw::NoColumn,
        }
    }
    fn place(&self, field: usize) -> (usize, usize) {
        self.columns.get(field).copied().flatten().map_or((self.row.line, 0), |column| self.row.place(column))
    }
}
