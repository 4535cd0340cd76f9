//! Indicators, sections, totals and verdicts of the reference (对照用的指标、总分与结论).

use super::num::{Num, sum};
use super::{Cell, Sheet, Val, Why, all, both, holds};
use heng::model::{Aspect, BandOf, CaseLine, Expr, Indicator, Rounded, Slot, TargetCase, Verdicts, Way};
use heng::number::Rounding;
use heng::syntax::tree::{CompareOp, InapplicablePolicy, MissingPolicy, Part, Steps};

/// Whether an indicator with a `value` that is missing is unscored even where its formula, deduction or checklist reads other fields only:
/// "an indicator whose value is missing is unscored".
const SCORE_NEEDS_VALUE: bool = true;

/// A bound with its comparison.
struct Bound(Val, CompareOp);

impl Sheet<'_> {
    pub(super) fn aspect(&self, subject: usize, at: usize, aspect: Aspect) -> Cell {
        let indicator = &self.rubric.indicators[at];
        match aspect {
            Aspect::Value => {
                self.applies(subject, indicator)?;
                self.eval(indicator.value.as_ref().expect("a value"), subject, None)
            }
            // The bound is the same for whom the indicator does not apply to.
            Aspect::Target => self.bound(subject, indicator).map(|(bound, _)| bound),
            Aspect::Attained => {
                let value = self.measured(subject, at)?;
                both(value, self.bound(subject, indicator).map(|(bound, case)| Bound(bound, case.op)), |value, bound| {
                    let Bound(bound, op) = bound;
                    let (above, below) = if matches!(op, CompareOp::Le | CompareOp::Lt) { (bound, value) } else { (value, bound) };
                    // No document says what is attained of nothing; the engine's rule is taken: all or nothing, by the comparison.
                    let all_or_nothing = if holds(*op, value.compare(bound)) { Num::one() } else { Num::zero() };
                    // Of what is no number there is no part either.
                    let share = if matches!(value, Val::Num(_)) { above.num().div(below.num()) } else { None };
                    Ok(Val::Num(share.unwrap_or(all_or_nothing)))
                })
            }
            Aspect::Met => {
                let value = self.measured(subject, at)?.map(|value| self.compared(value));
                both(value, self.bound(subject, indicator).map(|(bound, case)| Bound(bound, case.op)), |value, bound| {
                    Ok(Val::Flag(holds(bound.1, value.compare(&bound.0))))
                })
            }
            Aspect::Score => self.score(subject, at, indicator),
        }
    }

    /// The value, to be held against a target; where it does not apply, neither does what comes of the target.
    fn measured(&self, subject: usize, at: usize) -> Result<Cell, Why> {
        match self.slot(subject, None, Slot::Indicator(at, Aspect::Value)) {
            Err(Why::NotApplicable) => Err(Why::NotApplicable),
            value => Ok(value),
        }
    }

    fn applies(&self, subject: usize, indicator: &Indicator) -> Result<(), Why> {
        // Whom an exception exempts, as whom its condition does not take in.
        let exempt = indicator.exceptions.iter().filter(|it| it.target.is_none() && it.until.is_none_or(|until| self.on <= until));
        let exempt = exempt.map(|it| self.eval(&it.when, subject, None).map(|holds| Val::Flag(!holds.flag())));
        match all(indicator.when.iter().map(|when| self.eval(when, subject, None)).chain(exempt)) {
            Ok(applies) if !applies.flag() => Err(Why::NotApplicable),
            Err(why) => Err(why),
            _ => Ok(()),
        }
    }

    /// The value that is held against a target: rounded, where the rubric says so, as GB/T 8170 rounds (修约).
    fn compared(&self, value: Val) -> Val {
        match (self.rubric.compare_rounded, value) {
            (Some(places), Val::Num(value)) => Val::Num(value.round(Rounding::HalfEven, places)),
            (_, value) => value,
        }
    }

    /// The case of the target that applies, with its bound.
    fn bound<'i>(&self, subject: usize, indicator: &'i Indicator) -> Result<(Val, &'i TargetCase), Why> {
        let mut target = indicator.target.as_ref().expect("a target");
        let mut held = 0;
        for exception in indicator.exceptions.iter().rev().filter(|it| it.until.is_none_or(|until| self.on <= until)) {
            if let Some(other) = &exception.target
                && self.eval(&exception.when, subject, None)?.flag()
            {
                target = other;
                held += 1;
            }
        }
        if held > 1 {
            return Err(Why::Undefined);
        }
        let case = match &target.by {
            None => target.cases.first(),
            Some(by) => {
                let option = self.eval(by, subject, None)?;
                let named = target.cases.iter().find(|case| case.options.iter().any(|name| name.as_str() == option.word()));
                named.or_else(|| target.cases.iter().find(|case| case.options.is_empty()))
            }
        };
        let case = case.ok_or(Why::Undefined)?;
        Ok((self.eval(&case.bound, subject, None)?, case))
    }

    /// Whether the condition of an alarm holds: of an upper limit the value has come to so much of it, of a lower one it is below so much.
    pub fn alarm(&self, subject: usize, at: usize, which: usize) -> Cell {
        let indicator = &self.rubric.indicators[at];
        let alarm = &indicator.alarms[which];
        let Some(share) = &alarm.share else { return self.eval(&alarm.when, subject, None) };
        let both = [Aspect::Value, Aspect::Target].map(|aspect| self.slot(subject, None, Slot::Indicator(at, aspect)));
        let [value, bound] = match both {
            [Ok(value), Ok(bound)] => [value, bound],
            [Err(one), Err(two)] => return Err(one.and(two)),
            [Err(why), _] | [_, Err(why)] => return Err(why),
        };
        let (_, case) = self.bound(subject, indicator)?;
        let order = value.num().compare(&bound.num().mul(&Num::of_exact(share)));
        Ok(Val::Flag(if matches!(case.op, CompareOp::Le | CompareOp::Lt) { order.is_ge() } else { order.is_lt() }))
    }

    fn score(&self, subject: usize, at: usize, indicator: &Indicator) -> Cell {
        let full = Num::of_exact(&indicator.points.as_ref().expect("points").it);
        let way = &indicator.way.as_ref().expect("a way of scoring").it;
        let value = match &indicator.value {
            Some(_) => self.slot(subject, None, Slot::Indicator(at, Aspect::Value)).map(Some),
            None => self.applies(subject, indicator).map(|()| None),
        };
        let alone = matches!(way, Way::Deduct(_) | Way::Checklist(_) | Way::First(..) | Way::Formula(_) | Way::Judged(_));
        let value = if alone && !SCORE_NEEDS_VALUE { self.applies(subject, indicator).map(|()| None) } else { value };
        let adjusted = |earned: Result<Num, Why>| {
            indicator.adjust.iter().fold(earned, |earned, adjust| {
                if !self.eval(&adjust.when, subject, None)?.flag() {
                    return earned;
                }
                let factor = Num::of_exact(&adjust.factor);
                if factor.is_zero() { Ok(factor) } else { earned.map(|earned| earned.mul(&factor)) }
            })
        };
        let has_value = value.clone();
        // A way that needs the target names what is missing of either.
        let value = match way {
            _ if self.applies(subject, indicator).is_err() => value,
            Way::AllOrNone | Way::FullMinus { .. } => self.slot(subject, None, Slot::Indicator(at, Aspect::Met)).and(value),
            Way::Proportional { .. } | Way::Bands { by_attained: true, .. } => {
                self.slot(subject, None, Slot::Indicator(at, Aspect::Attained)).and(value)
            }
            _ => value,
        };
        let earned = value.and_then(|value| self.earned(subject, at, way, &full, value));
        let earned = if indicator.adjust.is_empty() { earned } else { has_value.and_then(|_| adjusted(earned)) };
        // Points beyond full marks are a mistake of the rubric, and no policy for missing data makes up for it.
        if let Ok(score) = &earned
            && (score.is_negative() || score.compare(&full).is_gt())
        {
            return Err(Why::Undefined);
        }
        match (earned, indicator.missing, indicator.inapplicable) {
            (Ok(score), ..) => Ok(Val::Num(rounded(score, indicator.round))),
            (Err(Why::NotApplicable), _, InapplicablePolicy::Full) => Ok(Val::Num(rounded(full, indicator.round))),
            (Err(Why::NotApplicable), _, InapplicablePolicy::Zero) => Ok(Val::Num(Num::zero())),
            (Err(Why::Missing(_) | Why::Undefined), MissingPolicy::Zero, _) => Ok(Val::Num(Num::zero())),
            (Err(why), ..) => Err(why),
        }
    }

    fn earned(&self, subject: usize, at: usize, way: &Way, full: &Num, value: Option<Val>) -> Result<Num, Why> {
        let own = |aspect| self.slot(subject, None, Slot::Indicator(at, aspect));
        let number = || value.as_ref().expect("a value").num().clone();
        match way {
            Way::AllOrNone => Ok(if own(Aspect::Met)?.flag() { full.clone() } else { Num::zero() }),
            Way::Bands { by_attained, bands } => {
                let number = || if *by_attained { own(Aspect::Attained).expect("attained").num().clone() } else { number() };
                let takes = |of: &BandOf| match of {
                    BandOf::Else => true,
                    BandOf::Compare(op, bound) => holds(*op, number().compare(&Num::of_exact(bound))),
                    BandOf::Range(from, to) => {
                        from.as_ref().is_none_or(|from| number().compare(&Num::of_exact(from)).is_ge())
                            && to.as_ref().is_none_or(|to| number().compare(&Num::of_exact(to)).is_lt())
                    }
                };
                bands.iter().find(|band| takes(&band.of)).map(|band| Num::of_exact(&band.points)).ok_or(Why::Undefined)
            }
            Way::Linear(knots) => {
                let corners: Vec<(Num, Num)> = knots.iter().map(|knot| (Num::of_exact(&knot.at), Num::of_exact(&knot.points))).collect();
                let x = number();
                // The first corner that is not below the value.
                let Some(next) = corners.iter().position(|(at, _)| at.compare(&x).is_ge()) else {
                    return Ok(corners[corners.len() - 1].1.clone());
                };
                if next == 0 {
                    return Ok(corners[0].1.clone());
                }
                let ((x0, y0), (x1, y1)) = (&corners[next - 1], &corners[next]);
                let slope = y1.sub(y0).div(&x1.sub(x0)).expect("corners ascend");
                Ok(y0.add(&slope.mul(&x.sub(x0))))
            }
            Way::Proportional { floor } => {
                let attained = own(Aspect::Attained)?.num().clone();
                if floor.as_ref().is_some_and(|floor| attained.compare(&Num::of_exact(floor)).is_lt()) {
                    return Ok(Num::zero());
                }
                Ok(full.mul(&attained).min(full.clone()).max(Num::zero()))
            }
            Way::FullMinus { minus, step, below, steps } => {
                if own(Aspect::Met)?.flag() {
                    return Ok(full.clone());
                }
                let (value, target) = (number(), own(Aspect::Target)?.num().clone());
                let wrong = if *below { target.sub(&value) } else { value.sub(&target) };
                let taken = wrong.div(&Num::of_exact(step)).expect("a step is above zero").max(Num::zero());
                let taken = match steps {
                    Steps::Linear => taken,
                    Steps::Whole => taken.round(Rounding::Floor, 0),
                    Steps::Started => taken.round(Rounding::Ceiling, 0),
                };
                Ok(full.sub(&taken.mul(&Num::of_exact(minus))).max(Num::zero()))
            }
            Way::Deduct(lines) => Ok(full.sub(&self.lines(subject, lines)?).max(Num::zero())),
            Way::Checklist(lines) => Ok(self.lines(subject, lines)?.min(full.clone()).max(Num::zero())),
            Way::First(cases, otherwise) => {
                for case in cases {
                    if self.eval(&case.what, subject, None)?.flag() {
                        return Ok(Num::of_exact(&case.points));
                    }
                }
                Ok(Num::of_exact(otherwise))
            }
            Way::Levels(levels) => {
                let value = value.expect("a value");
                let named = levels.iter().find(|level| level.options.iter().any(|name| name.as_str() == value.word()));
                let level = named.or_else(|| levels.iter().find(|level| level.options.is_empty()));
                level.map(|level| Num::of_exact(&level.points)).ok_or(Why::Undefined)
            }
            Way::Script(script) => {
                let inputs: Vec<Cell> = script.inputs.iter().map(|input| self.eval(&input.value, subject, None)).collect();
                super::script::earned(script, &inputs, full)
            }
            Way::Formula(formula) | Way::Judged(heng::model::Assessed { formula, .. }) => {
                Ok(self.eval(formula, subject, None)?.num().clone())
            }
        }
    }

    /// The sum of the lines of a deduction or a checklist.
    fn lines(&self, subject: usize, lines: &[CaseLine]) -> Result<Num, Why> {
        let mut points = Vec::new();
        let mut unknown: Option<Why> = None;
        // What does not apply counts nothing; where no line does, neither does the sum.
        let mut applies = lines.is_empty();
        for line in lines {
            let mut of_line = Vec::new();
            for item in line.items() {
                let what = self.eval(&item.what, subject, None);
                applies |= !matches!(what, Err(Why::NotApplicable));
                match what {
                    Err(Why::NotApplicable) => of_line.push(Num::zero()),
                    Ok(Val::Flag(holds)) => of_line.push(if holds != item.missing { Num::of_exact(&item.points) } else { Num::zero() }),
                    Ok(count) => of_line.push(Num::of_exact(&item.points).mul(count.num())),
                    Err(why) => unknown = Some(unknown.map_or(why.clone(), |before| before.and(why))),
                }
            }
            points.extend(of_line.into_iter().reduce(Num::max));
        }
        if !applies {
            return Err(Why::NotApplicable);
        }
        unknown.map_or(Ok(sum(&points)), Err)
    }

    /// The parts of a section, or of the rubric: each with its full marks and its score.
    fn parts(&self, subject: usize, section: Option<usize>) -> Vec<(Num, Cell)> {
        let mut parts = Vec::new();
        for (at, inner) in self.rubric.sections.iter().enumerate() {
            if inner.parent == section {
                let weight = Num::of_exact(&inner.weight);
                let score = self.slot(subject, None, Slot::SectionScore(at)).map(|score| Val::Num(score.num().mul(&weight)));
                parts.push((Num::of_exact(&inner.points).mul(&weight), score));
            }
        }
        for (at, indicator) in self.rubric.indicators.iter().enumerate() {
            let counts = indicator.section == section && indicator.way.is_some() && indicator.part == Part::Base;
            if let Some(points) = indicator.points.as_ref().filter(|_| counts) {
                let weight = Num::of_exact(&indicator.weight);
                let score = self.slot(subject, None, Slot::Indicator(at, Aspect::Score)).map(|score| Val::Num(score.num().mul(&weight)));
                parts.push((Num::of_exact(&points.it).mul(&weight), score));
            }
        }
        parts
    }

    /// The sum of the parts that apply, scaled up to the full marks of all.
    fn added_up(&self, subject: usize, section: Option<usize>) -> Cell {
        let parts = self.parts(subject, section);
        let full = sum(&parts.iter().map(|(full, _)| full.clone()).collect::<Vec<_>>());
        let (mut applicable, mut scores, mut unknown) = (Vec::new(), Vec::new(), None);
        for (full, score) in parts {
            match score {
                Ok(score) => {
                    applicable.push(full);
                    scores.push(score.num().clone());
                }
                Err(Why::NotApplicable) => {}
                Err(why) => unknown = Some(unknown.map_or(why.clone(), |before: Why| before.and(why))),
            }
        }
        if let Some(why) = unknown {
            return Err(why);
        }
        let applicable = sum(&applicable);
        if applicable.is_zero() && !full.is_zero() {
            return Err(Why::NotApplicable);
        }
        match full.div(&applicable) {
            Some(factor) => Ok(Val::Num(sum(&scores).mul(&factor))),
            None => Ok(Val::Num(sum(&scores))),
        }
    }

    pub(super) fn section(&self, subject: usize, at: usize) -> Cell {
        self.added_up(subject, Some(at))
    }

    pub(super) fn total(&self, subject: usize) -> Cell {
        // All that comes on top, as far as it counts, less what goes off.
        let of = |part: Part| {
            let scores = self.rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.part == part);
            let scores = scores.map(|(at, _)| self.slot(subject, None, Slot::Indicator(at, Aspect::Score)));
            scores.reduce(|sum, score| both(sum, score, |a, b| Ok(Val::Num(a.num().add(b.num())))))
        };
        let mut total = self.added_up(subject, None);
        if let Some(bonuses) = of(Part::Bonus) {
            total = both(total, bonuses, |total, bonuses| {
                let capped = self.rubric.bonus_cap.as_ref().map(|cap| bonuses.num().clone().min(Num::of_exact(&cap.it)));
                Ok(Val::Num(total.num().add(&capped.unwrap_or_else(|| bonuses.num().clone()))))
            });
        }
        if let Some(penalties) = of(Part::Penalty) {
            total = both(total, penalties, |total, off| Ok(Val::Num(total.num().sub(off.num()).max(Num::zero()))));
        }
        total.map(|total| Val::Num(rounded(total.num().clone(), self.rubric.round_total)))
    }

    /// The grade or the conclusion: what a veto forces, else the first case that holds.
    pub(super) fn verdict(&self, subject: usize, grade: bool) -> Cell {
        let verdicts: &Verdicts = if grade { &self.rubric.grade } else { &self.rubric.conclusion }.as_ref().expect("verdicts");
        let condition = |expr: &Expr| self.eval(expr, subject, None);
        // A veto forces a grade where there are grades, and any verdict of that name.
        let forces = self.rubric.vetoes.iter().filter(|veto| verdicts.cases.iter().any(|case| case.name.it == veto.then));
        let mut possible: Vec<String> = Vec::new();
        let mut unknown: Option<Why> = None;
        let mut decided = false;
        for veto in forces {
            match condition(&veto.condition) {
                Ok(Val::Flag(true)) => {
                    possible.push(veto.then.to_string());
                    decided = true;
                    break;
                }
                // A veto that does not apply does not fall.
                Ok(_) | Err(Why::NotApplicable) => {}
                Err(why) => {
                    possible.push(veto.then.to_string());
                    unknown = Some(unknown.map_or(why.clone(), |before| before.and(why)));
                }
            }
        }
        if !decided {
            let mut found = Err(Why::Undefined);
            for case in &verdicts.cases {
                match case.condition.as_ref().map_or(Ok(Val::Flag(true)), condition) {
                    Ok(Val::Flag(true)) => {
                        found = Ok(case.name.it.to_string());
                        break;
                    }
                    Ok(_) => {}
                    Err(why) => {
                        found = Err(why);
                        break;
                    }
                }
            }
            match found {
                Ok(name) => possible.push(name),
                Err(why) => return Err(unknown.map_or(why.clone(), |before| before.and(why))),
            }
        }
        // What is unknown does not matter where everything comes to the same.
        let last = possible.pop().expect("a verdict");
        match unknown {
            Some(why) if possible.iter().any(|name| *name != last) => Err(why),
            _ => Ok(Val::Word(last)),
        }
    }
}

fn rounded(score: Num, round: Option<Rounded>) -> Num {
    match round {
        Some(round) => score.round(round.mode, round.places),
        None => score,
    }
}
