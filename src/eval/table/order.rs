//! The order of a table's rows (行序) by their keys: who comes first, who is where, who is there twice.
//!
//! It is found out when it is first asked for. Keys are compared byte by byte, so no locale has a say in it.
//! Not here: the rows and what they hold (`table`), whether a repeated key is a mistake (`data`).

use super::Table;
use crate::eval::block::Block;
use rayon::prelude::*;
use std::cmp::Ordering;

/// Fewer keys are sorted sooner than other threads are woken.
pub(super) const MANY_KEYS: usize = 1 << 16;
/// The bytes at the beginning of a key that are compared as a number.
const START: usize = 12;

/// The order of rows by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    rows: Vec<u32>,
    /// Whether the keys differ in their first bytes already, each from each other.
    apart: bool,
}

impl Order {
    /// That of all rows of a table.
    fn of(table: &Table) -> Order {
        let of_block = |block: &Block| {
            (0..block.rows).map(|at| start(block.key(at)) | u128::try_from(block.first + at).unwrap_or(u32::MAX.into())).collect::<Vec<_>>()
        };
        let many = table.rows >= MANY_KEYS;
        // The beginning of a key and the row in one number: nothing is equal, and sorting it costs little.
        let blocks: Vec<Vec<u128>> =
            if many { table.blocks.par_iter().map(of_block).collect() } else { table.blocks.iter().map(of_block).collect() };
        let mut rows = blocks.concat();
        if !rows.is_sorted() {
            if many { rows.par_sort_unstable() } else { rows.sort_unstable() }
        }
        let row = |key: &u128| (key & u128::from(u32::MAX)) as usize;
        // Keys that begin alike are looked at whole.
        let mut apart = true;
        for alike in rows.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|alike| alike.len() > 1) {
            apart = false;
            let order = |a: &u128, b: &u128| table.compare(row(a), row(b)).then_with(|| a.cmp(b));
            if alike.len() < MANY_KEYS { alike.sort_unstable_by(order) } else { alike.par_sort_unstable_by(order) }
        }
        Order { rows: rows.iter().map(|key| row(key) as u32).collect(), apart }
    }

    /// Leaves out rows that are gone; those that stay keep their order and move up.
    pub fn retain(&mut self, keep: &[bool]) {
        let before = keep.iter().scan(0_u32, |kept, keep| {
            let place = *kept;
            *kept += u32::from(*keep);
            Some(place)
        });
        let places: Vec<u32> = before.collect();
        self.rows.retain(|row| keep.get(*row as usize).copied().unwrap_or(false));
        self.rows.iter_mut().for_each(|row| *row = places.get(*row as usize).copied().unwrap_or(0));
    }
}

impl Table {
    /// All rows in the order of their keys, byte by byte; those of one key in the order of their periods, then as they were read.
    pub fn by_key(&self) -> &[u32] {
        &self.order().rows
    }

    fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::of(self))
    }

    /// The first row of a key in that order.
    pub fn find(&self, key: &str) -> Option<usize> {
        let order = self.by_key();
        let place = order.partition_point(|row| self.key(*row as usize) < key);
        order.get(place).map(|row| *row as usize).filter(|row| self.key(*row) == key)
    }

    /// Rows that speak of somebody, and a period, of whom an earlier row spoke already: each with that one, in the order read.
    pub fn repeated(&self) -> Vec<(usize, usize)> {
        let mut repeated = Vec::new();
        if self.order().apart {
            return repeated;
        }
        let mut first: Option<(usize, &str)> = None;
        for row in self.by_key().iter().map(|row| *row as usize) {
            let key = self.key(row);
            match first {
                Some((first, known)) if known == key && self.compare(first, row) == Ordering::Equal => repeated.push((row, first)),
                _ => first = Some((row, key)),
            }
        }
        repeated.sort_unstable();
        repeated
    }

    /// By key, then by period.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let period = |row| self.period.and_then(|field| self.cell(field, row)?.ok()).map(|value| value.word());
        self.key(a).cmp(self.key(b)).then_with(|| period(a).cmp(&period(b)))
    }
}

/// The first bytes of a key, as the high part of a number; they sort as it does, but for ties.
fn start(key: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(key.bytes().take(START)).for_each(|(to, byte)| *to = byte);
    u128::from_be_bytes(bytes)
}
