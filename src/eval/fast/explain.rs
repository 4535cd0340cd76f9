//! The plan in words (计划的文字): its nodes, the kernels they became, and what is computed exactly, row by row.

use super::batch::Batch;
use super::program::{Place, Program};
use super::rows::LANES;
use crate::eval::plan::Plan;
use std::fmt::Write;

impl Batch<'_> {
    /// The plan, and the program made from it for the table that was met last; `%7` is a node, `c3` a column of a chunk.
    pub fn explain(&self) -> String {
        let mut text = String::new();
        for (layer, plan) in (0_u8..).zip(&self.plans) {
            self.plan(layer, plan, &mut text);
        }
        program(&self.program, &mut text);
        text
    }

    fn plan(&self, layer: u8, plan: &Plan<'_>, text: &mut String) {
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "plan {}: {} nodes, {} statistics, {} scripts",
            plan.rubric.name.it,
            plan.nodes.len(),
            plan.statistics.len(),
            plan.scripts.len()
        );
        layers(plan, text);
        for (at, node) in (0_u32..).zip(&plan.nodes) {
            let id = crate::eval::plan::NodeId(at);
            let exactly = if self.exact.contains(&Place { layer, node: id }) { "  -- exactly, row by row" } else { "" };
            let level = if node.level == crate::model::Level::Member { " member" } else { "" };
            let _ = writeln!(text, "  {id:?}{level} = {:?}{exactly}", node.op);
        }
        for (at, (statistic, ..)) in plan.statistics.iter().enumerate() {
            let _ = writeln!(text, "  statistic {at}: {statistic:?}");
        }
        for (at, script) in plan.scripts.iter().enumerate() {
            let how = script.straight.map_or_else(|| "run row by row".to_owned(), |node| format!("{node:?}"));
            let _ = writeln!(text, "  script {at}: {how}");
        }
    }
}

/// The layers of a rubric, and which of them each target comes from.
fn layers(plan: &Plan<'_>, text: &mut String) {
    let rubric = plan.rubric;
    if rubric.layers.is_empty() {
        return;
    }
    let names: Vec<&str> = rubric.layers.iter().map(|layer| layer.name.as_str()).collect();
    let _ = writeln!(text, "  layers {}", names.join(" < "));
    for indicator in &rubric.indicators {
        for case in indicator.target.iter().flat_map(|target| &target.cases) {
            let options: Vec<&str> = case.options.iter().map(|option| option.as_str()).collect();
            let from = rubric.layer_at(case.span).map_or("", |layer| layer.name.as_str());
            let whom = if options.is_empty() { String::new() } else { format!(" {}", options.join(" ")) };
            let _ = writeln!(text, "  target {}{whom} {} from {from}", indicator.code.it, case.op.symbol());
        }
    }
}

fn program(program: &Program, text: &mut String) {
    let _ = writeln!(text, "program: {} kernels over {} columns of {LANES} rows", program.kernels.len(), program.regs);
    for (to, kernel) in &program.kernels {
        let _ = writeln!(text, "  {to:?} = {kernel:?}");
    }
    let _ = writeln!(text, "  outputs {:?}", program.outputs);
}
