//! Which cells a statement has (单元格), where it stands on one line: what `columns` aligns with the lines beside it.

use super::lines::{Layouter, Like};
use crate::syntax::{Is, Rule};
use std::ops::Range;

impl Layouter<'_> {
    /// The colon behind the label of a statement: `小学: >= 4.2`, but not `check a > 0 : "…"`.
    pub(super) fn label(&self, one: &Range<usize>) -> Option<usize> {
        let mut depth = 0_usize;
        for at in one.clone() {
            let Some(token) = self.list.get(at) else { continue };
            match token.is {
                Is::Brace { .. } => return None,
                Is::Opens => depth += 1,
                Is::Closes => depth = depth.saturating_sub(1),
                Is::Colon if depth == 0 && token.part.is_none() => return token.tight_before.then_some(at),
                _ => {}
            }
        }
        None
    }

    /// Says where the cells of a statement begin that stands on one line.
    pub(super) fn align(&mut self, brace: Option<usize>, one: &Range<usize>, together: bool, list: bool) {
        let Some(rule) = self.list.get(one.start).and_then(|token| token.begins) else { return };
        let (starts, shape) = if list { (vec![one.start], "list".to_owned()) } else { self.cells(one) };
        let offsets: Vec<usize> = starts.iter().filter_map(|at| self.offset.get(*at).copied()).collect();
        let Some(line) = self.lines.last_mut() else { return };
        if together && !list {
            // Several on a line make no table.
            line.cells.clear();
            line.like = None;
            return;
        }
        line.cells.extend(offsets.into_iter().filter(|offset| *offset > 0));
        line.like = Some(Like { block: brace.unwrap_or(usize::MAX), rule, shape });
    }

    /// The tokens with which the cells of a statement begin, after the first; and what else lines must share to be aligned.
    fn cells(&self, one: &Range<usize>) -> (Vec<usize>, String) {
        let part = |at: usize| self.list.get(at).and_then(|token| token.part);
        if let Some(colon) = self.label(one) {
            let mut cells = vec![colon + 1];
            // Of a field, what follows its type and unit, unless the type is a list of options.
            let behind = (colon + 1..one.end).find(|at| !matches!(part(*at), Some(Rule::field_type | Rule::field_unit)));
            let field = part(colon + 1) == Some(Rule::field_type);
            cells.extend(behind.filter(|behind| field && !(colon..*behind).any(|at| matches!(self.is(at), Is::Brace { .. }))));
            return (cells, String::new());
        }
        let equals = one.clone().find(|at| self.is(*at) == Is::Equals && matches!(part(*at), None | Some(Rule::unit_def)));
        if let Some(equals) = equals {
            return (vec![equals], String::new());
        }
        if part(one.start) == Some(Rule::marks) {
            return (one.clone().find(|at| part(*at) != Some(Rule::marks)).into_iter().collect(), String::new());
        }
        self.table_row(one).unwrap_or_default()
    }

    /// `given 校 "1" { 学段: 小学; 在校生数: 10 }`: under another of the same fields, it is the row of a table.
    fn table_row(&self, one: &Range<usize>) -> Option<(Vec<usize>, String)> {
        let brace = one.clone().find(|at| matches!(self.is(*at), Is::Brace { .. }))?;
        let close = self.pair(brace).filter(|close| close + 1 == one.end)?;
        let mut shape = String::new();
        let mut cells = vec![brace];
        for inner in self.split(brace + 1..close) {
            let colon = self.label(&inner)?;
            shape.extend((inner.start..=colon).map(|at| self.word(at)));
            cells.push(inner.start);
        }
        cells.push(close);
        Some((cells, shape))
    }
}
