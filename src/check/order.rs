//! The order of computation (计算顺序): each step after those that it needs.

use super::core::Core;
use super::mistakes::names;
use crate::model::{Expr, Node, Rubric, Slot, Step};
use crate::text::Span;
use std::collections::HashMap;

/// The steps of a rubric in an order in which they can be taken; what goes round in a circle is told and left out.
pub(super) fn steps(core: &mut Core<'_>, rubric: &Rubric) -> Vec<Step> {
    let all = all_steps(rubric);
    let place: HashMap<Step, usize> = all.iter().enumerate().map(|(at, step)| (*step, at)).collect();
    let needs: Vec<Vec<usize>> = all.iter().map(|step| needs(rubric, *step, &place)).collect();
    let mut state = vec![0_u8; all.len()];
    let mut order = Vec::new();
    // Depth first, with a stack of our own: chains may be as long as the rubric.
    for start in 0..all.len() {
        let mut stack = vec![(start, 0_usize)];
        while let Some((at, next)) = stack.pop() {
            if next == 0 && state.get(at).copied() != Some(0) {
                continue;
            }
            if let Some(entry) = state.get_mut(at) {
                *entry = 1;
            }
            match needs.get(at).and_then(|needs| needs.get(next)) {
                Some(&need) => {
                    stack.push((at, next + 1));
                    match state.get(need) {
                        Some(0) => stack.push((need, 0)),
                        Some(1) => {
                            let from = stack.iter().position(|(on_the_way, _)| *on_the_way == need).unwrap_or(0);
                            let path = stack.iter().skip(from).map(|(at, _)| *at).chain([need]);
                            let mut path: Vec<_> = path.filter_map(|at| all.get(at)).map(|step| name(rubric, *step)).collect();
                            // The steps of one indicator are one name; one that needs itself goes round all the same.
                            path.dedup();
                            if let [only] = path.as_slice() {
                                path.push(only.clone());
                            }
                            core.tell(names::cycle(&path, all.get(need).map_or(rubric.name.span, |step| span(rubric, *step))));
                        }
                        _ => {}
                    }
                }
                None => {
                    if let Some(entry) = state.get_mut(at) {
                        *entry = 2;
                    }
                    order.extend(all.get(at).copied());
                }
            }
        }
    }
    order
}

fn all_steps(rubric: &Rubric) -> Vec<Step> {
    let mut all: Vec<Step> = (0..rubric.lets.len()).map(Step::Let).collect();
    all.extend((0..rubric.indicators.len()).flat_map(|at| [Step::Value(at), Step::Target(at), Step::Score(at)]));
    all.extend((0..rubric.sections.len()).map(Step::Section));
    all.push(Step::Total);
    all.extend(rubric.grade.as_ref().map(|_| Step::Grade));
    all.extend(rubric.conclusion.as_ref().map(|_| Step::Conclusion));
    all
}

fn name(rubric: &Rubric, step: Step) -> String {
    let found = match step {
        Step::Let(at) => rubric.lets.get(at).map(|it| it.name.it.to_string()),
        Step::Value(at) | Step::Target(at) | Step::Score(at) => rubric.indicators.get(at).map(|it| it.code.it.to_string()),
        Step::Section(at) => rubric.sections.get(at).map(|it| it.code.it.to_string()),
        Step::Total => Some("总分".to_owned()),
        Step::Grade => Some("等级".to_owned()),
        Step::Conclusion => Some("结论".to_owned()),
    };
    found.unwrap_or_default()
}

fn span(rubric: &Rubric, step: Step) -> Span {
    let found = match step {
        Step::Let(at) => rubric.lets.get(at).map(|it| it.name.span),
        Step::Value(at) | Step::Target(at) | Step::Score(at) => rubric.indicators.get(at).map(|it| it.code.span),
        Step::Section(at) => rubric.sections.get(at).map(|it| it.code.span),
        Step::Total => None,
        Step::Grade => rubric.grade.as_ref().map(|it| it.span),
        Step::Conclusion => rubric.conclusion.as_ref().map(|it| it.span),
    };
    found.unwrap_or(rubric.name.span)
}

/// The steps that a step needs, as places in the list of all.
fn needs(rubric: &Rubric, step: Step, place: &HashMap<Step, usize>) -> Vec<usize> {
    let mut slots = Vec::new();
    let mut steps = Vec::new();
    match step {
        Step::Let(at) => rubric.lets.get(at).into_iter().for_each(|it| slots_of(&it.value, &mut slots)),
        Step::Value(at) => {
            if let Some(indicator) = rubric.indicators.get(at) {
                let exempting = indicator.exceptions.iter().filter(|exception| exception.target.is_none()).map(|exception| &exception.when);
                indicator.value.iter().chain(&indicator.when).chain(exempting).for_each(|it| slots_of(it, &mut slots));
            }
        }
        // A target may speak of the value that is held against it, a score of both.
        Step::Target(at) => {
            if let Some(indicator) = rubric.indicators.get(at) {
                let others = indicator.exceptions.iter().filter_map(|exception| Some((&exception.when, exception.target.as_ref()?)));
                let (conditions, targets): (Vec<_>, Vec<_>) = others.unzip();
                let exprs = targets.into_iter().chain(&indicator.target);
                let exprs = exprs.flat_map(|target| target.by.iter().chain(target.cases.iter().map(|case| &case.bound)));
                conditions.into_iter().chain(exprs).for_each(|it| slots_of(it, &mut slots));
            }
            steps.push(Step::Value(at));
        }
        Step::Score(at) => {
            if let Some(indicator) = rubric.indicators.get(at) {
                indicator.adjust.iter().for_each(|adjust| slots_of(&adjust.when, &mut slots));
                indicator.way.iter().flat_map(|way| way.it.stated()).for_each(|it| slots_of(it, &mut slots));
            }
            steps.push(Step::Target(at));
        }
        Step::Section(at) => {
            let scored = |indicator: &(usize, &crate::model::Indicator)| indicator.1.section == Some(at) && indicator.1.points.is_some();
            steps.extend(rubric.indicators.iter().enumerate().filter(scored).map(|(at, _)| Step::Score(at)));
            let inner = rubric.sections.iter().enumerate().filter(|(_, section)| section.parent == Some(at));
            steps.extend(inner.map(|(at, _)| Step::Section(at)));
        }
        Step::Total => {
            let scored = |(_, indicator): &(usize, &crate::model::Indicator)| {
                let outside = indicator.section.is_none() || indicator.part != crate::syntax::tree::Part::Base;
                outside && indicator.points.is_some()
            };
            steps.extend(rubric.indicators.iter().enumerate().filter(scored).map(|(at, _)| Step::Score(at)));
            let top = rubric.sections.iter().enumerate().filter(|(_, section)| section.parent.is_none());
            steps.extend(top.map(|(at, _)| Step::Section(at)));
        }
        Step::Grade | Step::Conclusion => {
            let verdicts = if step == Step::Grade { &rubric.grade } else { &rubric.conclusion };
            let conditions = verdicts.iter().flat_map(|it| &it.cases).filter_map(|case| case.condition.as_ref());
            conditions.chain(rubric.vetoes.iter().map(|veto| &veto.condition)).for_each(|it| slots_of(it, &mut slots));
        }
    }
    steps.extend(slots.into_iter().map(Step::of));
    steps.iter().filter_map(|step| place.get(step).copied()).collect()
}

/// The results of this rubric that an expression reads.
fn slots_of(expr: &Expr, into: &mut Vec<Slot>) {
    if let Node::Slot(slot) = &expr.node {
        into.push(*slot);
    }
    for inner in expr.children() {
        slots_of(inner, into);
    }
}
