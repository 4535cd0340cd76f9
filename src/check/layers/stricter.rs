//! Whether a layer only tightens (从严的判定): what it says to tighten, and what the layers above guard.
//!
//! Decided on checked rules, so units, options and parameters are known. A target is stricter if whoever meets it meets the one above;
//! a verdict that good results lead to, if its condition implies the one above; one that bad results lead to, the other way round.

use super::super::core::Core;
use super::Stacked;
use super::guard::{Guarded, What};
use super::implies::Within;
use super::leads::{Leads, leads};
use super::merge::Tightened;
use super::mistakes::{self, Line};
use super::same::{Pair, scoring_exprs};
use crate::model::{Expr, Indicator, Node, Rubric, Rules, Source, Target, TargetCase, Type, Verdict, Verdicts};
use crate::text::Span;

/// Holds a checked layer against what it is laid upon.
pub(in crate::check) fn hold(core: &mut Core<'_>, rules: &Rules, stacked: &Stacked<'_>, own: &Rubric) {
    let Some((base, upper)) = stacked.base.as_ref().and_then(|base| Some((base, rules.rubric(&base.name)?))) else { return };
    let mut holding = Holding { core, pair: Pair::new(rules, own, upper), own, upper };
    for tightened in &base.tightened {
        if let Tightened::Target { code } = tightened {
            holding.targets(code.span);
        }
    }
    for tightened in &base.tightened {
        if let Tightened::Verdicts { grade, at } = tightened {
            holding.verdicts(*grade, *at, None);
        }
    }
    for guarded in &base.guarded {
        let tightened = base.tightened.iter().any(|tightened| match (tightened, &guarded.what) {
            (Tightened::Target { code }, What::Indicator(name, _)) => code.it == *name,
            (Tightened::Verdicts { grade, .. }, What::Grade) => *grade,
            (Tightened::Verdicts { grade, .. }, What::Conclusion) => !grade,
            _ => false,
        });
        match &guarded.what {
            What::Indicator(_, place) => holding.unreached(*place, guarded, tightened),
            _ if tightened => {}
            What::Grade => holding.verdicts(true, own.name.span, Some(guarded)),
            What::Conclusion => holding.verdicts(false, own.name.span, Some(guarded)),
            What::Section(_) => {}
        }
        if matches!(guarded.what, What::Grade | What::Conclusion) {
            holding.beside(guarded);
        }
    }
    if let Some(first) = base.guarded.first() {
        holding.source(first);
    }
}

/// A layer and what it is laid upon, with what is told of them.
pub(super) struct Holding<'c, 't, 'r> {
    pub core: &'c mut Core<'t>,
    pub pair: Pair<'r>,
    pub own: &'r Rubric,
    pub upper: &'r Rubric,
}

impl<'r> Holding<'_, '_, 'r> {
    /// What a layer says at a place.
    fn line(&self, rubric: &Rubric, at: Span) -> Line {
        let layer = rubric.layer_at(at).map_or_else(|| rubric.name.it.clone(), |layer| layer.name.clone());
        let says = self.core.texts.slice(at).split_whitespace().collect::<Vec<_>>().join(" ");
        Line { layer, at, says }
    }

    fn tell(&mut self, what: &str, own: Span, upper: Span, how: Within) {
        let (own, upper) = (self.line(self.own, own), self.line(self.upper, upper));
        self.core.tell(match how {
            Within::No => mistakes::loosened(what, &own, &upper),
            _ => mistakes::undecided(what, &own, &upper),
        });
    }

    /// The targets of what is written at a place, in each of its turns.
    fn targets(&mut self, code: Span) {
        for indicator in self.own.indicators.iter().filter(|indicator| indicator.code.span == code) {
            let Some((_, above)) = self.upper.indicator(&indicator.code.it) else { continue };
            let (Some(own), Some(upper)) = (&indicator.target, &above.target) else { continue };
            if wrong(indicator, own) || wrong(above, upper) {
                continue;
            }
            for (own, upper, sure) in self.pair.pairs(own, upper) {
                let how = match self.pair.bound_within((own.op, &own.bound), (upper.op, &upper.bound)) {
                    Within::No if !sure => Within::Unknown,
                    how => how,
                };
                if how != Within::Yes {
                    self.tell(&indicator.code.it, own.span, upper.span, how);
                    self.pair.pardoned.insert(indicator.code.it.clone());
                }
            }
        }
    }

    /// What is guarded must not become another by way of what it rests on; of one that is tightened the target is held already.
    fn unreached(&mut self, code: Span, guarded: &Guarded, tightened: bool) {
        for above in self.upper.indicators.iter().filter(|indicator| indicator.code.span == code) {
            let Some((_, indicator)) = self.own.indicator(&above.code.it) else { continue };
            let within = match (guarded.locked, tightened || above.target.is_none()) {
                (true, _) => self.pair.same_score(indicator, above),
                (false, true) => self.pair.value_no_better(indicator, above) && self.pair.exceptions_within(indicator, above),
                (false, false) => self.pair.met_within(indicator, above) == Within::Yes,
            };
            let broken = |it: &Indicator| {
                let conditions = it.exceptions.iter().map(|exception| &exception.when).chain(scoring_exprs(it));
                let targets = it.exceptions.iter().filter_map(|exception| exception.target.as_ref()).chain(&it.target);
                it.value.iter().chain(&it.when).chain(conditions).any(is_wrong) || targets.into_iter().any(|target| wrong(it, target))
            };
            if !within && !broken(indicator) && !broken(above) {
                self.core.tell(mistakes::reached(&above.code.it, self.own.name.span, (guarded.span, guarded.locked), &guarded.layer));
            }
        }
    }

    /// Grade or conclusion, case by case.
    fn verdicts(&mut self, grade: bool, at: Span, guarded: Option<&Guarded>) {
        let of = |rubric: &'r Rubric| -> Option<&'r Verdicts> { if grade { rubric.grade.as_ref() } else { rubric.conclusion.as_ref() } };
        let (Some(own), Some(upper)) = (of(self.own), of(self.upper)) else { return };
        for above in &upper.cases {
            let Some(case) = own.cases.iter().find(|case| case.name.it == above.name.it) else { continue };
            if [case, above].iter().any(|case| case.condition.as_ref().is_some_and(is_wrong)) {
                continue;
            }
            let how = self.case(case, above);
            match guarded {
                _ if how == Within::Yes => {}
                None => self.tell(&above.name.it.clone(), case.span, above.span, how),
                Some(guarded) => {
                    self.core.tell(mistakes::reached(&above.name.it, at, (guarded.span, guarded.locked), &guarded.layer));
                }
            }
        }
    }

    fn case(&self, own: &Verdict, upper: &Verdict) -> Within {
        let (own, upper) = match (&own.condition, &upper.condition) {
            (None, None) => return Within::Yes,
            (Some(own), Some(upper)) => (own, upper),
            _ => return Within::Unknown,
        };
        let turned = self.pair.turned();
        let (fewer, more) = (self.pair.implies(own, upper), turned.implies(upper, own));
        match leads(self.pair.rules, self.upper, upper) {
            _ if fewer && more => Within::Yes,
            Leads::Up if fewer => Within::Yes,
            Leads::Down if more => Within::Yes,
            Leads::Up if more => Within::No,
            Leads::Down if fewer => Within::No,
            _ => Within::Unknown,
        }
    }

    /// A rubric over another goes over that one or a layer upon it.
    fn source(&mut self, guarded: &Guarded) {
        let (Source::Rubric(own), Source::Rubric(upper)) = (self.own.source, self.upper.source) else { return };
        let rubrics = &self.pair.rules.rubrics;
        let (Some(below), Some(above)) = (rubrics.get(own), rubrics.get(upper)) else { return };
        if own != upper && !below.layers.iter().any(|layer| layer.name == above.name.it) {
            self.core.tell(mistakes::frozen("汇总", "over", self.own.name.span, guarded.span, &guarded.layer));
        }
    }
}

/// Whether something in an expression could not be made sense of; that is told already.
pub(super) fn is_wrong(expr: &Expr) -> bool {
    matches!(expr.node, Node::Wrong) || expr.children().into_iter().any(is_wrong)
}

/// Whether a target does not fit its value; that is told already.
fn wrong(indicator: &Indicator, target: &Target) -> bool {
    let unit = indicator.value.as_ref().and_then(|value| value.ty.unit());
    let misfit = |case: &TargetCase| {
        let other = matches!((unit, case.bound.ty.unit()), (Some(unit), Some(other)) if unit != other);
        is_wrong(&case.bound) || case.bound.ty == Type::Unknown || other
    };
    target.cases.iter().any(misfit) || target.by.as_ref().is_some_and(is_wrong)
}
