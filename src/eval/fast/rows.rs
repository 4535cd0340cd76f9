//! All rows of a table through a program (逐行计算).
//!
//! Rows are computed in chunks that stay in the cache, on all cores, each into its own place; what comes out does not depend
//! on how they were shared out.

use super::machine::{Chunk, Machine};
use super::program::Program;
use super::settle::Settler;
use crate::eval::block::Block;
use crate::eval::table::Table;
use rayon::prelude::*;

/// Rows that are computed at a time.
pub(super) const LANES: usize = 256;
/// So many rows are one piece of work.
const PIECE: usize = 16 * LANES;

/// What a program makes of all rows.
pub(super) struct Computed {
    /// The outputs, by rows of the table.
    pub columns: Vec<Vec<f64>>,
    /// The rows that only exact evaluation can hold, in their order.
    pub odd: Vec<u32>,
    /// How many cells were settled.
    pub settled: u64,
}

/// Computes the outputs of every row, and tells of how many more it is done with.
pub(super) fn compute(program: &Program, table: &Table, settler: &Settler<'_>, done: &(dyn Fn(usize) + Sync)) -> Computed {
    let mut columns: Vec<Vec<f64>> = program.outputs.iter().map(|_| vec![0.0; table.len()]).collect();
    let mut pieces: Vec<(&Block, usize, usize, Vec<&mut [f64]>)> = Vec::new();
    let mut rest: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
    for block in table.blocks() {
        for at in (0..block.rows).step_by(PIECE) {
            let rows = PIECE.min(block.rows - at);
            let (piece, after): (Vec<_>, Vec<_>) = rest.into_iter().filter_map(|column| column.split_at_mut_checked(rows)).unzip();
            rest = after;
            pieces.push((block, at, rows, piece));
        }
    }
    let work = |machine: &mut Machine<LANES>, (block, at, rows, mut piece): (&Block, usize, usize, Vec<&mut [f64]>)| {
        for start in (0..rows).step_by(LANES) {
            let (at, rows) = (at + start, LANES.min(rows - start));
            let chunk = Chunk { block: Some(block), at, first: block.first + at, rows, columns: &[], exactly: settler };
            machine.run(program, &chunk);
            for (column, reg) in piece.iter_mut().zip(&program.outputs) {
                if let (Some(to), Some(lanes)) = (column.get_mut(start..start + rows), machine.reg(*reg).get(..rows)) {
                    to.copy_from_slice(lanes);
                }
            }
        }
        done(rows);
        (std::mem::take(&mut machine.odd), std::mem::take(&mut machine.settled))
    };
    let machine = || Machine::new(program);
    let few = pieces.len() < 2;
    let pieces: Vec<(Vec<usize>, u64)> = if few {
        pieces.into_iter().map(|piece| work(&mut machine(), piece)).collect()
    } else {
        pieces.into_par_iter().map_init(machine, work).collect()
    };
    let settled = pieces.iter().map(|(_, settled)| settled).sum();
    let beyond = settler.beyond.lock().map(|beyond| beyond.clone()).unwrap_or_default();
    let odd = pieces.into_iter().flat_map(|(odd, _)| odd).chain(beyond);
    let mut odd: Vec<u32> = odd.filter_map(|row| u32::try_from(row).ok()).collect();
    odd.sort_unstable();
    odd.dedup();
    Computed { columns, odd, settled }
}
