//! Scores that fall while their indicator gets better (得分不单调): with two values and their points.
//!
//! Which way is better the target says; attainment always rises. Without a target nothing is known of that, and nothing told.

use super::conditions::Facts;
use super::sample::{Sample, Value};
use super::{Found, Look, scripts, words};
use crate::check::bands::stretches;
use crate::check::interval;
use crate::diag::{Code, Mistake};
use crate::model::{Aspect, Band, BandOf, CaseItem, Expr, Indicator, Node, Slot, Straightened, Type, Way};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::Span;

/// The most values that a score is computed for.
const MOST: usize = 200;

pub(super) fn look(look: &Look<'_>, known: &[Straightened], found: &mut Found) {
    for (at, indicator) in look.rubric.indicators.iter().enumerate() {
        let (Some(points), Some(way)) = (&indicator.points, &indicator.way) else { continue };
        let by_attained = matches!(way.it, Way::Bands { by_attained: true, .. });
        let rising = if by_attained { Some(true) } else { direction(indicator) };
        let Some(rising) = rising else { continue };
        let score = Score { look, at, full: &points.it, known };
        if let Some((span, bounds)) = score.bounds(&way.it, way.span) {
            found.look(Code::H0428, span, score.fall(indicator, &way.it, (span, by_attained), rising, bounds));
        }
    }
}

/// Whether more is better, where all cases of the target agree.
fn direction(indicator: &Indicator) -> Option<bool> {
    let number = indicator.value.as_ref().is_some_and(|value| matches!(value.ty, Type::Number(_)));
    let ops: Vec<CompareOp> = indicator.target_cases().map(|case| case.op).collect();
    let all = |some: [CompareOp; 2]| !ops.is_empty() && ops.iter().all(|op| some.contains(op));
    match (number, all([CompareOp::Ge, CompareOp::Gt]), all([CompareOp::Le, CompareOp::Lt])) {
        (true, true, _) => Some(true),
        (true, _, true) => Some(false),
        _ => None,
    }
}

struct Score<'l, 'r> {
    look: &'l Look<'r>,
    /// The place of the indicator.
    at: usize,
    full: &'l Exact,
    known: &'l [Straightened],
}

impl Score<'_, '_> {
    /// The values at which a score may turn, of a way that depends on the value alone; and where it is written.
    fn bounds(&self, way: &Way, span: Span) -> Option<(Span, Vec<Exact>)> {
        let mut bounds = Vec::new();
        let mut place = span;
        match way {
            Way::Bands { bands, .. } => {
                let ends = bands.iter().flat_map(|band| stretches(&band.of)).flat_map(|(from, to)| [from, to]);
                bounds.extend(ends.filter_map(|end| interval::end(&end).cloned()));
            }
            Way::Linear(knots) => bounds.extend(knots.iter().map(|knot| knot.at.clone())),
            Way::First(cases, _) => cases.iter().try_for_each(|case| self.own(&case.what, &mut bounds))?,
            Way::Formula(formula) => {
                place = formula.span;
                self.own(formula, &mut bounds)?;
            }
            Way::Script(script) if self.known.iter().any(|one| one.is(&script.straight)) => {
                place = script.span;
                script.inputs.iter().try_for_each(|input| self.own(&input.value, &mut bounds))?;
                let straight = script.straight.get().ok()?;
                bounds.extend(straight.nodes.iter().filter_map(|node| match node {
                    crate::model::ScriptNode::Number(number) => Some(number.clone()),
                    _ => None,
                }));
            }
            _ => return None,
        }
        Some((place, bounds))
    }

    /// Whether an expression reads nothing but the indicator's own value; its constants are noted.
    fn own(&self, expr: &Expr, bounds: &mut Vec<Exact>) -> Option<()> {
        match &expr.node {
            Node::Slot(Slot::Indicator(at, Aspect::Value)) => (*at == self.at).then_some(()),
            Node::Slot(Slot::Let(at)) => self.own(&self.look.rubric.lets.get(*at)?.value, bounds),
            Node::Number(number) => {
                bounds.push(number.clone());
                Some(())
            }
            Node::Flag(_) => Some(()),
            Node::Slot(_)
            | Node::MemberSlot(_)
            | Node::BesideSlot(..)
            | Node::Field(_)
            | Node::MemberField(_)
            | Node::BesideField(..)
            | Node::Param(_)
            | Node::EvaluationDate => None,
            _ => expr.children().into_iter().try_for_each(|inner| self.own(inner, bounds)),
        }
    }

    /// Two values of which the better one earns less.
    fn fall(
        &self,
        indicator: &Indicator,
        way: &Way,
        (span, by_attained): (Span, bool),
        rising: bool,
        mut bounds: Vec<Exact>,
    ) -> Option<Mistake> {
        let range = match by_attained {
            true => self.look.attained(indicator)?,
            false => self.look.range(indicator.value.as_ref()?, &Facts::new()),
        };
        bounds.extend([interval::end(&range.stretch.0), interval::end(&range.stretch.1)].into_iter().flatten().cloned());
        bounds.sort();
        bounds.dedup();
        let middle = |pair: (&Exact, &Exact)| (pair.0 + pair.1).checked_div(&Exact::from(2));
        let between: Vec<Exact> = bounds.iter().zip(bounds.iter().skip(1)).filter_map(middle).collect();
        let ends = bounds.first().map(|low| low - &Exact::ONE).into_iter().chain(bounds.last().map(|high| high + &Exact::ONE));
        let mut values: Vec<Exact> = between.into_iter().chain(ends).map(|value| if range.whole { value.floor() } else { value }).collect();
        values.extend(bounds);
        values.retain(|value| interval::holds(&range.stretch, value) && (!range.whole || value.is_integer()));
        values.sort();
        values.dedup();
        if values.len() > MOST {
            return None;
        }
        if !rising {
            values.reverse();
        }
        let mut best: Option<(Exact, Exact)> = None;
        for value in values {
            let Some(score) = self.points(way, &value) else { continue };
            // As it is published.
            let score = indicator.round.map_or(score.clone(), |round| score.round(round.mode, round.places));
            match &best {
                Some((worse, more)) if score < *more => {
                    let unit = if by_attained { String::new() } else { indicator.unit() };
                    return Some(words::falls(span, by_attained, rising, (worse, more), (&value, &score), &unit));
                }
                Some((_, most)) if score <= *most => {}
                _ => best = Some((value, score)),
            }
        }
        None
    }

    /// What a value, or attainment, earns.
    fn points(&self, way: &Way, value: &Exact) -> Option<Exact> {
        let sample = Sample { value: Some((self.at, value.clone())), ..Sample::default() };
        let score = match way {
            Way::Bands { bands, .. } => bands.iter().find(|band| takes(band, value))?.points.clone(),
            Way::Linear(knots) => {
                let behind = knots.partition_point(|knot| *value >= knot.at);
                match (behind.checked_sub(1).and_then(|at| knots.get(at)), knots.get(behind)) {
                    (Some(low), Some(high)) => {
                        let slope = (&high.points - &low.points).checked_div(&(&high.at - &low.at))?;
                        &low.points + &(&slope * &(value - &low.at))
                    }
                    (Some(knot), None) | (None, Some(knot)) => knot.points.clone(),
                    (None, None) => return None,
                }
            }
            Way::First(cases, otherwise) => self.first(cases, &sample)?.unwrap_or_else(|| otherwise.clone()),
            Way::Formula(formula) => self.look.compute(formula, &sample)?.number()?,
            Way::Script(script) => {
                let inputs = script.inputs.iter().map(|input| self.look.compute(&input.value, &sample)).collect::<Option<Vec<_>>>()?;
                scripts::run(script.straight.get().ok()?, &inputs, self.full)?
            }
            _ => return None,
        };
        // Outside there are no points at all.
        interval::holds(&interval::between(Exact::ZERO, self.full.clone()), &score).then_some(score)
    }

    /// The points of the first case that holds, if one does.
    fn first(&self, cases: &[CaseItem], sample: &Sample) -> Option<Option<Exact>> {
        for case in cases {
            if self.look.compute(&case.what, sample)? == Value::Flag(true) {
                return Some(Some(case.points.clone()));
            }
        }
        Some(None)
    }
}

fn takes(band: &Band, value: &Exact) -> bool {
    band.of == BandOf::Else || stretches(&band.of).iter().any(|stretch| interval::holds(stretch, value))
}
