//! Targets and ways of scoring as kernels (目标与计分方法).

use super::super::bound::{Bounded, CONSTANT, WHOLE, grain_of, to_double};
use super::super::emit::{Num, interval};
use super::super::kernels::YES;
use super::super::program::{Kernel, Place, Reg, Settle};
use super::{Compiler, Got, It, Na, whole};
use crate::eval::plan::{FullMinus, NodeId, Op, Score, TargetOps};
use crate::model::BandOf;
use crate::number::{Exact, Rounding};
use crate::syntax::tree::{CompareOp, InapplicablePolicy, MissingPolicy, Steps};

impl Compiler<'_> {
    /// Value over bound where more is better, bound over value where less is; only against bounds above zero.
    pub(super) fn attained(&mut self, layer: u8, op: CompareOp, value: NodeId, bound: NodeId) -> Option<Got> {
        let shared = self.divisors.get(&Place { layer, node: value }).is_some_and(|count| *count > 1);
        let (value, bound) = (self.got(layer, value)?, self.got(layer, bound)?);
        if bound.na != Na::Nobody {
            return None;
        }
        let na = value.na.clone();
        let of = self.number(&value)?;
        let Num::Column(reg, _) = &of else { return None };
        let positive = |number: &Exact| number.is_positive();
        let it = if crate::eval::exact::lower_is_better(op) {
            let above = match &bound.it {
                It::Number(Num::Constant(number)) if positive(number) => Num::Constant(number.clone()),
                It::ByWord(codes, numbers) if numbers.iter().flatten().all(positive) => {
                    self.by_word(*codes, numbers, |number| Some(number.clone()))?
                }
                _ => return None,
            };
            let Num::Column(quotient, bounds) = self.emitter.div(&above, &of, shared)? else { return None };
            // Nothing is less than a bound above zero: the target is met, and attained.
            let one = to_double(&Exact::ONE.checked_div(&bounds.scale)?);
            let constant = Bounded::constant(&Exact::ONE).1.rescaled(bounds.scale.clone(), &Exact::ONE.checked_div(&bounds.scale)?).1;
            let bounds = bounds.union(&constant);
            let mut attained = self.emitter.put(Kernel::WhereZero { a: *reg, b: one, of: quotient });
            if let Num::Column(b, _) = above {
                attained = self.emitter.put(Kernel::Given { a: attained, b });
            }
            Num::Column(attained, bounds)
        } else {
            match &bound.it {
                It::Number(Num::Constant(number)) if positive(number) => {
                    self.emitter.mul(&of, &Num::Constant(Exact::ONE.checked_div(number)?))
                }
                It::ByWord(codes, numbers) if numbers.iter().flatten().all(positive) => {
                    let by = self.by_word(*codes, numbers, |number| Some(number.clone()))?;
                    match self.emitter.div_of_whole(&of, &by) {
                        Some(quotient) => quotient,
                        None => {
                            let inverse = self.by_word(*codes, numbers, |number| Exact::ONE.checked_div(number))?;
                            self.emitter.mul(&of, &inverse)
                        }
                    }
                }
                _ => return None,
            }
        };
        Some(Got { it: It::Number(it), na })
    }

    /// A number, or zero where it does not apply.
    pub(super) fn or_nothing(&mut self, layer: u8, of: NodeId) -> Option<Got> {
        let got = self.got(layer, of)?;
        let when = match got.na {
            Na::Nobody => return Some(got),
            Na::Unless(when) => when,
            Na::Perhaps(_) => return None,
        };
        let number = self.number(&got)?;
        let (a, bounds) = self.emitter.column(&number);
        // Where it is not known whether it applies, it is missing.
        let b = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: 0.0 });
        let zero = Bounded { scale: bounds.scale.clone(), ..Bounded::constant(&Exact::ZERO).1 };
        let number = Num::Column(self.emitter.put(Kernel::Default { a, b }), bounds.union(&zero));
        Some(Got { it: It::Number(number), na: Na::Nobody })
    }

    /// A number for all to whom one of these applies, or of whom that is not known.
    pub(super) fn of_some(&mut self, layer: u8, list: &[NodeId], of: NodeId) -> Option<Got> {
        let of = self.got(layer, of)?;
        let mut some: Option<Reg> = None;
        for node in list {
            let b = match self.got(layer, *node)?.na {
                Na::Nobody => return Some(of),
                Na::Unless(when) => self.emitter.put(Kernel::DefaultTo { a: when, b: YES }),
                Na::Perhaps(_) => return None,
            };
            some = Some(some.map_or(b, |a| self.emitter.put(Kernel::Or { a, b })));
        }
        let when = some.filter(|_| of.na == Na::Nobody)?;
        let number = self.number(&of)?;
        let (a, bounds) = self.emitter.column(&number);
        let number = Num::Column(self.emitter.put(Kernel::Where { when, a, b: f64::NAN }), bounds);
        Some(Got { it: It::Number(number), na: Na::Unless(when) })
    }

    pub(super) fn banded(&mut self, a: Reg, bounds: &Bounded, bands: &[(BandOf, Exact)], place: Place) -> Option<Num> {
        let points = bands.iter().map(|(_, points)| Bounded::constant(points).1);
        let common = points.reduce(|one, other| Bounded { scale: one.common(&other).0, ..one })?;
        let mut thresholds: Vec<(f64, f64)> = Vec::new();
        let mut steps = Vec::new();
        for (of, points) in bands {
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            let mut cut = |op: CompareOp, with: &Exact| {
                let (from, to, near) = interval(op, bounds, with);
                (low, high) = (f64::max(low, from), f64::min(high, to));
                thresholds.extend(near);
            };
            match of {
                BandOf::Else => {}
                BandOf::Compare(CompareOp::Ne, _) => return None,
                BandOf::Compare(op, with) => cut(*op, with),
                BandOf::Range(from, to) => {
                    from.iter().for_each(|from| cut(CompareOp::Ge, from));
                    to.iter().for_each(|to| cut(CompareOp::Lt, to));
                }
            }
            let stored = points.checked_div(&common.scale)?;
            if !stored.is_integer() {
                return None;
            }
            steps.push((low, high, to_double(&stored)));
        }
        let all = || bands.iter().map(|(_, points)| points.clone());
        let most = steps.iter().map(|(_, _, points)| points.abs()).fold(0.0, f64::max);
        let with_points: Vec<(BandOf, f64)> = bands.iter().zip(&steps).map(|((band, _), (.., points))| (band.clone(), *points)).collect();
        let kernel = self.emitter.bands_beside(a, bounds, &with_points).unwrap_or_else(|| {
            let settle = Settle { scale: common.scale.clone(), ..whole(place) };
            let settle = (!thresholds.is_empty()).then(|| (thresholds.into(), settle));
            Kernel::Bands { a, bands: steps.into(), settle }
        });
        let reg = self.emitter.put(kernel);
        let result = Bounded {
            scale: common.scale,
            low: all().min(),
            high: all().max(),
            most,
            least: 1.0,
            grain: 1.0,
            relative: if most < WHOLE { 0.0 } else { CONSTANT },
            absolute: 0.0,
            whole: most < WHOLE,
        };
        Some(Num::Column(reg, result))
    }

    /// The first points, and for each stretch its slope times how far the value has come along it.
    pub(super) fn linear(&mut self, value: &Num, knots: &[(Exact, Exact)]) -> Option<Num> {
        let (_, first) = knots.first()?;
        let mut parts = Vec::new();
        for pair in knots.windows(2) {
            let [(from, points), (to, next)] = pair else { return None };
            let slope = (next - points).checked_div(&(to - from))?;
            let above = self.emitter.limit(value, from, true);
            let within = self.emitter.limit(&above, to, false);
            let along = self.emitter.add(&within, &Num::Constant(from.clone()), true);
            parts.push(self.emitter.mul(&along, &Num::Constant(slope)));
        }
        if parts.is_empty() {
            // A single corner: the same for everybody who has a value.
            let none = self.emitter.mul(value, &Num::Constant(Exact::ZERO));
            return Some(self.emitter.add(&none, &Num::Constant(first.clone()), false));
        }
        let sum = self.emitter.sum(&parts);
        Some(self.emitter.add(&sum, &Num::Constant(first.clone()), false))
    }

    pub(super) fn proportional(&mut self, attained: &Num, floor: Option<&Exact>, full: &Exact, place: Place) -> Option<Num> {
        let Num::Column(a, bounds) = attained else { return None };
        if !full.is_positive() {
            return None;
        }
        let scale = &bounds.scale * full;
        let inverse = Exact::ONE.checked_div(&bounds.scale)?;
        let cap = to_double(&inverse);
        let (mut thresholds, mut least) = (Vec::new(), f64::NEG_INFINITY);
        for floor in floor.into_iter().filter(|floor| floor.is_positive()).chain((!bounds.not_negative()).then_some(&Exact::ZERO)) {
            let (low, _, near) = interval(CompareOp::Ge, bounds, floor);
            least = f64::max(least, low);
            thresholds.extend(near);
        }
        let settle = Settle { scale: scale.clone(), ..whole(place) };
        let settle = (!thresholds.is_empty()).then(|| (thresholds.into(), settle));
        // The higher of both floors is the one that counts.
        let highest = floor.filter(|floor| floor.is_positive()).cloned().or((!bounds.not_negative()).then_some(Exact::ZERO));
        let beside = highest.and_then(|floor| self.emitter.parts(*a)?.crossed(&[floor.checked_div(&bounds.scale)?]));
        let kernel = match beside.as_ref().and_then(|(of, by)| Some((of.clone(), *by.first()?))) {
            Some((of, by)) => Kernel::ProportionalBeside { a: *a, cap, of, by },
            None => Kernel::Proportional { a: *a, cap, floor: least, settle },
        };
        let reg = self.emitter.put(kernel);
        let result = Bounded {
            scale,
            low: Some(Exact::ZERO),
            high: Some(full.clone()),
            most: cap,
            grain: bounds.grain.min(grain_of(cap)),
            relative: bounds.relative.max(CONSTANT),
            whole: false,
            ..bounds.clone()
        };
        Some(Num::Column(reg, result.settled()))
    }

    pub(super) fn full_minus(&mut self, layer: u8, it: &FullMinus) -> Option<Got> {
        let (met, value, bound) = (self.got(layer, it.met)?, self.got(layer, it.value)?, self.got(layer, it.bound)?);
        if bound.na != Na::Nobody {
            return None;
        }
        let (a, b) = (self.number(&value)?, self.number(&bound)?);
        let short = if it.below { self.emitter.add(&b, &a, true) } else { self.emitter.add(&a, &b, true) };
        let short = self.emitter.limit(&short, &Exact::ZERO, true);
        let steps = self.emitter.mul(&short, &Num::Constant(Exact::ONE.checked_div(&it.step)?));
        let steps = match (it.steps, &steps) {
            (Steps::Linear, _) => steps,
            // Whole numbers of steps are certain, or they are counted exactly.
            (way, Num::Column(_, bounds)) if bounds.whole => {
                let mode = if way == Steps::Whole { Rounding::Floor } else { Rounding::Ceiling };
                self.rounded(&steps, mode, 0, Place { layer, node: it.met })?
            }
            _ => return None,
        };
        let off = self.emitter.mul(&steps, &Num::Constant(it.minus.clone()));
        let left = self.emitter.add(&Num::Constant(it.full.clone()), &off, true);
        let left = self.emitter.limit(&left, &Exact::ZERO, true);
        let plan = self.plan(layer)?;
        // Where the target is met just where nothing is short, full marks come out by themselves.
        let by_itself = match plan.node(it.met).map(|node| &node.op) {
            Some(Op::Met { by: TargetOps::One(CompareOp::Ge | CompareOp::Gt | CompareOp::Eq), places: None, .. }) => it.below,
            Some(Op::Met { by: TargetOps::One(CompareOp::Le | CompareOp::Lt), places: None, .. }) => !it.below,
            _ => false,
        };
        let it = if by_itself {
            left
        } else {
            let met = self.flag(&met)?;
            self.emitter.select(met, &Num::Constant(it.full.clone()), &left)
        };
        Some(Got { it: It::Number(it), na: value.na })
    }

    /// The published score: without a value what the rubric says, from zero to full marks, rounded.
    pub(super) fn score(&mut self, layer: u8, it: &Score, place: Place) -> Option<Got> {
        let raw = self.got(layer, it.raw)?;
        let value = match it.value {
            Some(value) => Some(self.got(layer, value)?),
            None => None,
        };
        let when = match &it.when {
            Some((when, _)) => {
                let when = self.got(layer, *when)?;
                if when.na != Na::Nobody {
                    return None;
                }
                Some(self.flag(&when)?)
            }
            None => None,
        };
        let when = self.gate(when, &raw, value.as_ref())?;
        let certain = self.number(&raw)?.lies(Some(&Exact::ZERO), Some(&it.full));
        let (mut score, outside) = if certain { (self.number(&raw)?, false) } else { self.inside(layer, it.raw, &it.full)? };
        let has_value = |got: &Got| !matches!(got.it, It::Constant(_) | It::Number(Num::Constant(_)));
        if let Some(value) = value.filter(|value| has_value(value) && it.value != Some(it.raw))
            && !self.follows(layer, it)?
        {
            let b = self.any(&value)?;
            let (a, bounds) = self.emitter.column(&score);
            score = Num::Column(self.emitter.put(Kernel::Given { a, b }), bounds);
        }
        if let Some(when) = when.filter(|_| it.when.is_some()) {
            let (a, bounds) = self.emitter.column(&score);
            score = Num::Column(self.emitter.put(Kernel::Where { when, a, b: f64::NAN }), bounds);
        }
        score = self.without_value(score, it, when, it.missing == MissingPolicy::Zero)?;
        if let (Num::Column(a, bounds), true) = (&score, outside) {
            // What is outside was infinite so far, so that no policy took it for a gap.
            let outside = Kernel::Within { a: *a, low: f64::MIN, high: f64::MAX, instead: f64::NAN, settle: None };
            score = Num::Column(self.emitter.put(outside), bounds.clone());
        }
        if let Some((mode, places)) = it.round {
            score = self.rounded(&score, mode, places, place)?;
        }
        let na = match (when, it.inapplicable) {
            (Some(when), InapplicablePolicy::Reweight) => Na::Unless(when),
            _ => Na::Nobody,
        };
        Some(Got { it: It::Number(score), na })
    }

    /// Whether there is no score without a value anyhow.
    fn follows(&self, layer: u8, it: &Score) -> Option<bool> {
        let plan = self.plan(layer)?;
        let value = match &plan.node(it.raw)?.op {
            Op::Bands(of, _) | Op::Levels(of, _) | Op::Linear(of, _) => Some(*of),
            Op::FullMinus(minus) => Some(minus.value),
            Op::Proportional { attained, .. } => match plan.node(*attained)?.op {
                Op::Attained { value, .. } => Some(value),
                _ => None,
            },
            _ => None,
        };
        Some(value == it.value)
    }

    /// Of whom it is known that a score applies to them: `when` comes first, then the value, then what is made of it. Nothing
    /// where all have it; `None` where it cannot be told.
    fn gate(&mut self, when: Option<Reg>, raw: &Got, value: Option<&Got>) -> Option<Option<Reg>> {
        // Whatever does not apply to those for whom `when` says no is settled by that alone.
        if let (Some(when), Na::Perhaps(regs)) = (when, Na::of_all(&value.into_iter().chain([raw]).collect::<Vec<_>>()))
            && regs.iter().all(|reg| *reg == when)
        {
            return Some(Some(when));
        }
        // A gap that a condition explains is not yet a gap: a default may stand in its place.
        let inner = match (&raw.na, value) {
            (Na::Nobody, None) => None,
            (Na::Nobody, Some(value)) if value.na == Na::Nobody => None,
            (Na::Perhaps(_), None) => return None,
            (_, None) => Some(self.state(raw)?),
            (Na::Nobody, Some(value)) => Some(self.state(value)?),
            (_, Some(value)) => {
                let (first, second) = (self.state(value)?, self.state(raw)?);
                Some(self.both_apply(first, second))
            }
        };
        Some(match (when, inner) {
            (Some(when), Some(inner)) if when != inner => Some(self.both_apply(when, inner)),
            (when, inner) => when.or(inner),
        })
    }

    pub(super) fn without_value(&mut self, score: Num, it: &Score, when: Option<Reg>, missing_earns: bool) -> Option<Num> {
        let Num::Column(mut reg, mut bounds) = score else { return Some(score) };
        let gone = match (when, it.inapplicable) {
            (Some(_), InapplicablePolicy::Full) => Some(it.full.clone()),
            (Some(_), InapplicablePolicy::Zero) => Some(Exact::ZERO),
            _ => None,
        };
        if missing_earns {
            bounds = bounds.union(&Bounded { scale: bounds.scale.clone(), whole: bounds.whole, ..Bounded::constant(&Exact::ZERO).1 });
            reg = match when {
                // Who is not missing but exempt keeps the gap for what comes next.
                Some(when) => {
                    let zero = self.emitter.put(Kernel::SelectConstants { when, then: 0.0, otherwise: f64::NAN });
                    // Where it is not known whether it applies, that is missing too.
                    let open = self.emitter.put(Kernel::Filled { a: when });
                    let nothing = self.emitter.put(Kernel::SelectConstants { when: open, then: f64::NAN, otherwise: 0.0 });
                    let zero = self.emitter.put(Kernel::Default { a: zero, b: nothing });
                    self.emitter.put(Kernel::Default { a: reg, b: zero })
                }
                None => self.emitter.default_to(reg, 0.0),
            };
        }
        if let (Some(earned), Some(when)) = (gone, when) {
            let stored = earned.checked_div(&bounds.scale)?;
            let with = to_double(&stored);
            let exact = stored.is_integer() && with < WHOLE;
            let constant = Bounded::constant(&earned).1;
            let relative = if exact { 0.0 } else { CONSTANT };
            let constant = Bounded { scale: bounds.scale.clone(), most: with, relative, whole: exact, ..constant };
            let least = if with > 0.0 { with } else { bounds.least };
            let grain = if exact || with == 0.0 { 1.0 } else { grain_of(with) };
            bounds = bounds.union(&Bounded { least, grain, ..constant });
            let answer = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: with });
            reg = self.emitter.put(Kernel::Default { a: reg, b: answer });
        }
        Some(Num::Column(reg, bounds))
    }
}
