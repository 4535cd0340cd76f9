//! Conditions over all rows of a table (逐行的条件), as of a form's fields and checks.

use super::compile::compile;
use super::kernels::{NO, YES};
use super::program::Place;
use super::rows::{Computed, LANES, compute};
use super::settle::Settler;
use crate::eval::column::{Cell, Value};
use crate::eval::exact::{Subjects, Tier, wrong};
use crate::eval::plan::{NodeId, Plan};
use crate::eval::script::Scripts;
use crate::eval::table::Table;
use crate::model::Form;
use crate::text::Span;
use rayon::prelude::*;
use std::sync::Mutex;

/// The answers to some conditions of a plan without statistics, each for all rows of a table; a gap says why there is none.
pub fn flags(plan: &Plan<'_>, form: &Form, table: &Table, conditions: &[NodeId]) -> Vec<Vec<Cell<bool>>> {
    let (subjects, scripts) = (Subjects::default(), Scripts::default());
    let tier = Tier::new(plan, table, &subjects, None, &scripts);
    let exactly = |node: NodeId, row: usize| match tier.cell(node, row) {
        Ok(Value::Flag(flag)) => Ok(flag),
        Ok(_) => Err(wrong(Span::default())),
        Err(gap) => Err(gap),
    };
    // For a few rows a program is not worth making.
    if table.len() <= LANES {
        return conditions.iter().map(|node| (0..table.len()).map(|row| exactly(*node, row)).collect()).collect();
    }
    let places: Vec<Place> = conditions.iter().map(|node| Place { layer: 0, node: *node }).collect();
    let (program, outputs, _) = compile(&[plan], table, form, &places);
    let settler = Settler { layers: &[&tier], beyond: Mutex::default() };
    let Computed { columns, odd, .. } = compute(&program, table, &settler, &|_| {});
    let answers = |((node, output), column): ((&NodeId, _), Vec<f64>)| {
        let answer = |(row, flag): (u32, f64)| match flag {
            _ if Option::is_none(output) || odd.binary_search(&row).is_ok() => exactly(*node, row as usize),
            YES => Ok(true),
            NO => Ok(false),
            _ => exactly(*node, row as usize),
        };
        (0_u32..u32::try_from(column.len()).unwrap_or(u32::MAX)).into_par_iter().zip(column).map(answer).collect()
    };
    conditions.iter().zip(&outputs).zip(columns).map(answers).collect()
}
