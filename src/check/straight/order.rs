//! What stops a script first: which operations have to be looked at besides those that the result looks at anyway.

use super::build::{Builder, Made};
use crate::model::ScriptNode;
use std::collections::BTreeSet;

/// Something that may stop a script: an operation by itself, or a condition by being `()`.
type Stop = (usize, bool);

/// What is known not to have stopped the script.
#[derive(Clone, Debug, Default)]
struct Passed {
    looked_at: BTreeSet<usize>,
    stops: BTreeSet<Stop>,
}

impl Passed {
    fn by(build: &Builder, nodes: &[&[usize]]) -> Passed {
        let mut passed = Passed::default();
        for node in nodes.iter().copied().flatten() {
            passed.look_at(build, *node, &mut Vec::new());
        }
        passed
    }

    /// Looks at an operation; `new` gets what may stop the script there and has not been passed.
    fn look_at(&mut self, build: &Builder, at: usize, new: &mut Vec<Stop>) {
        if !build.facts(at).halts || !self.looked_at.insert(at) {
            return;
        }
        let node = build.node(at);
        for operand in build.forced(node) {
            self.look_at(build, operand, new);
        }
        let mut stop = |stop: Stop| {
            if self.stops.insert(stop) {
                new.push(stop);
            }
        };
        let may = |at: usize| build.facts(at).unit || build.facts(at).halts;
        match node {
            ScriptNode::And(when, right) | ScriptNode::Or(when, right) => {
                if build.facts(*when).unit {
                    stop((*when, true));
                }
                if may(*right) {
                    stop((at, false));
                }
            }
            ScriptNode::Select { when, then, otherwise } => {
                if build.facts(*when).unit {
                    stop((*when, true));
                }
                if build.facts(*then).halts || build.facts(*otherwise).halts {
                    stop((at, false));
                }
            }
            _ if build.facts(at).own => stop((at, false)),
            _ => {}
        }
    }

    /// What may stop the script at an operation, in order.
    fn stops(&self, build: &Builder, at: usize) -> Vec<Stop> {
        let mut new = Vec::new();
        self.clone().look_at(build, at, &mut new);
        new
    }
}

/// Notes that an operation has been looked at, after `passed` and `effects`.
pub(super) fn note(build: &Builder, passed: &[usize], effects: &mut Vec<usize>, at: usize) {
    if !build.facts(at).halts || Passed::by(build, &[passed, effects]).stops(build, at).is_empty() {
        return;
    }
    shorten(build, passed, effects, at);
    effects.push(at);
}

/// Drops the last of `effects` as long as `value` looks at the same first.
fn shorten(build: &Builder, passed: &[usize], effects: &mut Vec<usize>, value: usize) {
    while let Some((last, before)) = effects.split_last() {
        let passed = Passed::by(build, &[passed, before]);
        if !passed.stops(build, value).starts_with(&passed.stops(build, *last)) {
            break;
        }
        effects.pop();
    }
}

/// A value that stops the script wherever `effects` do.
pub(super) fn strict(build: &mut Builder, passed: &[usize], mut effects: Vec<usize>, value: usize) -> Made<usize> {
    shorten(build, passed, &mut effects, value);
    build.strict(effects, value)
}

/// Whether `value` stops the script wherever `effects` do.
pub(super) fn covers(build: &Builder, passed: &[usize], effects: &[usize], value: usize) -> bool {
    let mut left = effects.to_vec();
    shorten(build, passed, &mut left, value);
    left.is_empty()
}
