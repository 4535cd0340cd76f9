//! Scores outside zero to full marks (得分超出分值): of formulas and scripts, with a submission that leads there.

use super::{Found, Look, scripts, words};
use crate::check::interval::{self, between};
use crate::diag::{Code, Mistake};
use crate::model::{Aspect, Expr, Indicator, Node, ScriptCode, Slot, Straightened, Way};
use crate::number::Exact;

pub(super) fn look(look: &Look<'_>, known: &[Straightened], found: &mut Found) {
    for indicator in &look.rubric.indicators {
        let (Some(points), Some(way)) = (&indicator.points, &indicator.way) else { continue };
        match &way.it {
            Way::Formula(formula) => found.look(Code::H0429, formula.span, formula_leaves(look, indicator, formula, &points.it)),
            Way::Script(script) if known.iter().any(|one| one.is(&script.straight)) => {
                found.look(Code::H0429, script.span, script_leaves(look, indicator, script, &points.it));
            }
            _ => {}
        }
    }
}

fn formula_leaves(look: &Look<'_>, indicator: &Indicator, formula: &Expr, full: &Exact) -> Option<Mistake> {
    let allowed = between(Exact::ZERO, full.clone());
    let earned = look.earned(&Way::Formula(formula.clone()), full);
    if within(&earned, &allowed) || !indicator.adjust.is_empty() || beyond(look, formula) {
        return None;
    }
    // An indicator without its value is not scored, nor one that does not apply.
    let conditions = applies(look, indicator);
    let read = indicator.value.iter().chain([formula]).chain(conditions.iter().copied());
    let fields = read.flat_map(|expr| look.fields_of(expr)).collect();
    look.search(&conditions, &fields, |sample| {
        let score = look.compute(formula, sample)?.number()?;
        indicator.value.iter().try_for_each(|value| look.compute(value, sample).map(|_| ()))?;
        let outside = !interval::holds(&allowed, &score);
        outside.then(|| words::outside(formula.span, &look.shown(sample, &fields), &score, full))
    })
}

fn script_leaves(look: &Look<'_>, indicator: &Indicator, script: &ScriptCode, full: &Exact) -> Option<Mistake> {
    let straight = script.straight.get().ok()?;
    let allowed = between(Exact::ZERO, full.clone());
    let earned = scripts::ranges(look, script, straight, full);
    if earned.is_some_and(|earned| within(&earned, &allowed)) || !indicator.adjust.is_empty() {
        return None;
    }
    if script.inputs.iter().any(|input| beyond(look, &input.value)) {
        return None;
    }
    let conditions = applies(look, indicator);
    let read = indicator.value.iter().chain(script.inputs.iter().map(|input| &input.value)).chain(conditions.iter().copied());
    let fields = read.flat_map(|expr| look.fields_of(expr)).collect();
    look.search(&conditions, &fields, |sample| {
        indicator.value.iter().try_for_each(|value| look.compute(value, sample).map(|_| ()))?;
        let inputs = script.inputs.iter().map(|input| look.compute(&input.value, sample)).collect::<Option<Vec<_>>>()?;
        let score = scripts::run(straight, &inputs, full)?;
        let outside = !interval::holds(&allowed, &score);
        outside.then(|| words::outside(script.span, &look.shown(sample, &fields), &score, full))
    })
}

/// What holds of whom an indicator is for.
fn applies<'e>(look: &'e Look<'_>, indicator: &'e Indicator) -> Vec<&'e Expr> {
    look.rubric.when.iter().chain(&indicator.when).collect()
}

/// Whether a stretch lies in another.
fn within(inner: &interval::Stretch, outer: &interval::Stretch) -> bool {
    interval::without(inner, outer).is_empty()
}

/// Whether something is read that one submission does not tell.
fn beyond(look: &Look<'_>, expr: &Expr) -> bool {
    let bare = look.bare(expr);
    let own = match &bare.node {
        Node::Slot(Slot::Indicator(_, aspect)) => *aspect != Aspect::Value,
        Node::Slot(_)
        | Node::MemberSlot(_)
        | Node::BesideSlot(..)
        | Node::MemberField(_)
        | Node::BesideField(..)
        | Node::EvaluationDate
        | Node::Param(_) => true,
        Node::Statistic(statistic) => !matches!(statistic.of, crate::model::Over::List(_)),
        _ => false,
    };
    own || bare.children().into_iter().any(|inner| beyond(look, inner))
}
