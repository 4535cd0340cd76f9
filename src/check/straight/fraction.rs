//! Which values that a `switch` holds against ranges may be numbers like 1/3. rhai takes those for a kind of their own, which
//! lies in no range (H0507).
//!
//! Not here: what the inputs of the script may be, which is known when the rubric is (`check::fraction`).

use super::Compiler;
use super::build::Builder;
use crate::check::fraction::divides_evenly;
use crate::model::ScriptNode;
use rhai::Position;
use std::collections::BTreeSet;

/// A value that a `switch` holds against ranges.
#[derive(Clone, Debug)]
pub(in crate::check) struct Ranged {
    /// Where it is written.
    pub at: Position,
    /// Whether it may be a fraction although no input is.
    pub divided: bool,
    /// The inputs that it would be a fraction with.
    pub inputs: BTreeSet<usize>,
}

impl Compiler<'_> {
    /// Notes that a value is held against ranges.
    pub(super) fn note_ranged(&mut self, at: Position, node: usize) {
        let mut ranged = Ranged { at, divided: false, inputs: BTreeSet::new() };
        look(&self.build, node, &mut BTreeSet::new(), &mut ranged);
        if ranged.divided || !ranged.inputs.is_empty() {
            self.ranged.push(ranged);
        }
    }
}

fn look(build: &Builder, node: usize, seen: &mut BTreeSet<usize>, found: &mut Ranged) {
    if !seen.insert(node) {
        return;
    }
    let mut both = |a: usize, b: usize, found: &mut Ranged| {
        look(build, a, seen, found);
        look(build, b, seen, found);
    };
    match build.node(node) {
        ScriptNode::Number(number) => found.divided |= number.decimal_places().is_none(),
        ScriptNode::Input(at) => {
            found.inputs.insert(*at);
        }
        ScriptNode::Div(a, b) => match build.known_number(*b) {
            Some(divisor) if divides_evenly(divisor) => look(build, *a, seen, found),
            _ => found.divided = true,
        },
        ScriptNode::Negate(a) | ScriptNode::Abs(a) | ScriptNode::Power(a, _) | ScriptNode::Strict { value: a, .. } => {
            look(build, *a, seen, found);
        }
        ScriptNode::Add(a, b)
        | ScriptNode::Sub(a, b)
        | ScriptNode::Mul(a, b)
        | ScriptNode::Rem(a, b)
        | ScriptNode::Min(a, b)
        | ScriptNode::Max(a, b)
        | ScriptNode::Select { then: a, otherwise: b, .. } => both(*a, *b, found),
        // Rounded ones, full marks, and what is no number.
        _ => {}
    }
}
