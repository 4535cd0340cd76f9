//! Settling (定夺): the exact cell of a row that bounds leave open, as a stored number.
//!
//! Most of them are a quotient at its threshold: fractions of machine words decide it, without reducing them. Whatever
//! does not fit is asked of the exact evaluator. Both follow the plan.

use super::bound::{WHOLE, to_double};
use super::kernels::{NO, YES};
use super::machine::{Chunk, Exactly};
use super::program::{Place, Settle};
use crate::eval::column::Value;
use crate::eval::exact::{Tier, case_of, lower_is_better};
use crate::eval::plan::{Kind, NodeId, Op, TargetOps};
use crate::eval::stored::Stored;
use crate::model::{BandOf, Slot};
use crate::number::{Exact, Real};
use crate::syntax::tree::{CompareOp, MissingPolicy};
use crate::text::Name;
use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Mutex;

/// More operations than this are left to the exact evaluator, which computes what stands twice once.
const MOST_STEPS: u32 = 256;

/// The plans over submissions and over their results, on what they are evaluated.
pub(super) struct Settler<'t> {
    pub layers: &'t [&'t Tier<'t>],
    /// Rows of which a number lies beyond what a column can hold.
    pub beyond: Mutex<Vec<usize>>,
}

/// A value in machine words.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Quick<'t> {
    /// A fraction with a denominator above zero, not reduced.
    Number(i128, i128),
    Flag(bool),
    Word(&'t Name),
    /// Some gap.
    Gap,
}

impl Exactly for Settler<'_> {
    fn settle(&self, settle: &Settle, chunk: &Chunk<'_>, at: usize) -> f64 {
        let row = chunk.first + at;
        match self.quick(settle.place, chunk, at, &Cell::new(MOST_STEPS)) {
            Some(Quick::Gap) => return f64::NAN,
            Some(Quick::Flag(flag)) => return if flag { YES } else { NO },
            Some(Quick::Number(numerator, denominator)) if settle.round.is_none() => {
                let outside = match &settle.inside {
                    None => Some(false),
                    Some(_) if numerator < 0 => Some(true),
                    Some(full) => {
                        constant(full).and_then(|full| order((numerator, denominator), full)).map(|order| order == Ordering::Greater)
                    }
                };
                match outside {
                    Some(true) => return f64::INFINITY,
                    Some(false) => {
                        if let Some(stored) = stored_fraction(numerator, denominator, &settle.scale) {
                            return stored;
                        }
                    }
                    None => {}
                }
            }
            _ => {}
        }
        let Some(tier) = self.layers.get(usize::from(settle.place.layer)) else { return f64::NAN };
        let cell = if settle.place.layer == 0 { tier.cell(settle.place.node, row) } else { tier.cell_of_member(settle.place.node, row) };
        match cell {
            Err(_) => f64::NAN,
            Ok(Value::Flag(flag)) => {
                if flag {
                    YES
                } else {
                    NO
                }
            }
            Ok(Value::Word(word)) => {
                let code = settle.words.iter().position(|name| *name == word).and_then(|code| u32::try_from(code).ok());
                code.map_or(f64::NAN, f64::from)
            }
            Ok(Value::Date(_)) => f64::NAN,
            Ok(Value::Number(number)) => {
                let number = match settle.round {
                    Some((mode, places)) => Real::from(number.round(mode, places)),
                    None => number,
                };
                match &settle.inside {
                    Some(full) if number.signum() < 0 || number > *full => f64::INFINITY,
                    _ => self.stored(&number, &settle.scale, row),
                }
            }
        }
    }
}

impl<'t> Settler<'t> {
    /// The double next to a number, in units of a scale.
    fn stored(&self, number: &Real, scale: &Exact, row: usize) -> f64 {
        let stored = match number.as_exact() {
            Some(exact) => to_double(&exact.checked_div(scale).unwrap_or_default()),
            // A root or a logarithm: to more digits than a double has.
            None => number.to_f64() / to_double(scale),
        };
        if stored != 0.0 && !(1e-120..1e120).contains(&stored.abs()) {
            if let Ok(mut beyond) = self.beyond.lock() {
                beyond.push(row);
            }
            return f64::NAN;
        }
        stored
    }

    /// The cell of a node, where machine words hold everything on the way to it.
    fn quick(&self, place: Place, chunk: &Chunk<'_>, at: usize, left: &Cell<u32>) -> Option<Quick<'t>> {
        left.set(left.get().checked_sub(1)?);
        let tier = self.layers.get(usize::from(place.layer))?;
        let node = tier.plan.node(place.node)?;
        let of = |node: NodeId| self.quick(Place { node, ..place }, chunk, at, left);
        macro_rules! number {
            ($node:expr) => {
                match of($node)? {
                    Quick::Number(numerator, denominator) => (numerator, denominator),
                    Quick::Gap => return Some(Quick::Gap),
                    Quick::Flag(_) | Quick::Word(_) => return None,
                }
            };
        }
        match &node.op {
            Op::Number(number) => constant(number).map(|(numerator, denominator)| Quick::Number(numerator, denominator)),
            Op::Flag(flag) => Some(Quick::Flag(*flag)),
            Op::Word(word) => Some(Quick::Word(word)),
            Op::Field(field) => {
                let column = chunk.block?.column(*field);
                match column {
                    _ if node.kind == Kind::Word => {
                        let code = column.code(chunk.at + at)?;
                        tier.table.dictionary(*field).get(code as usize).map(Quick::Word)
                    }
                    Stored::Numbers(numbers) => {
                        if column.is_odd(chunk.at + at) {
                            return None;
                        }
                        Some(match column.mantissa(chunk.at + at) {
                            Some(mantissa) => Quick::Number(mantissa.into(), 10_i128.checked_pow(numbers.places())?),
                            None => Quick::Gap,
                        })
                    }
                    _ => None,
                }
            }
            Op::Below(Slot::SectionShare(_)) => None,
            Op::Below(slot) => {
                let node = *self.layers.first()?.plan.slots.get(slot)?;
                self.quick(Place { layer: 0, node }, chunk, at, left)
            }
            Op::Negate(a) => {
                let (numerator, denominator) = number!(*a);
                Some(Quick::Number(numerator.checked_neg()?, denominator))
            }
            Op::Add(a, b) | Op::Sub(a, b) => {
                let ((a, p), (b, q)) = (number!(*a), number!(*b));
                let b = if matches!(node.op, Op::Sub(..)) { b.checked_neg()? } else { b };
                if p == q {
                    return Some(Quick::Number(a.checked_add(b)?, p));
                }
                Some(Quick::Number(a.checked_mul(q)?.checked_add(b.checked_mul(p)?)?, p.checked_mul(q)?))
            }
            Op::Mul(a, b) => {
                let ((a, p), (b, q)) = (number!(*a), number!(*b));
                Some(Quick::Number(a.checked_mul(b)?, p.checked_mul(q)?))
            }
            Op::Div(a, b, _) => {
                let ((a, p), (b, q)) = (number!(*a), number!(*b));
                divide((a, p), (b, q))
            }
            Op::Extreme(a, b, greater) => {
                let (a, b) = (number!(*a), number!(*b));
                let first = (order(a, b)? == Ordering::Greater) == *greater;
                let (numerator, denominator) = if first { a } else { b };
                Some(Quick::Number(numerator, denominator))
            }
            Op::Absent(_) => Some(Quick::Gap),
            Op::Filled(a) => Some(Quick::Flag(of(*a)? != Quick::Gap)),
            Op::Not(a) => match of(*a)? {
                Quick::Flag(flag) => Some(Quick::Flag(!flag)),
                Quick::Gap => Some(Quick::Gap),
                Quick::Number(..) | Quick::Word(_) => None,
            },
            Op::Default(first, second) => match of(*first)? {
                Quick::Gap => of(*second),
                value => Some(value),
            },
            Op::Fold { list, any, of_applicable: false } => {
                let mut so_far = Quick::Flag(!any);
                for condition in list {
                    match of(*condition)? {
                        Quick::Flag(flag) if flag == *any => return Some(Quick::Flag(*any)),
                        Quick::Flag(_) => {}
                        Quick::Gap => so_far = Quick::Gap,
                        Quick::Number(..) | Quick::Word(_) => return None,
                    }
                }
                Some(so_far)
            }
            Op::Compare(op, a, b) => match (of(*a)?, of(*b)?) {
                (Quick::Word(a), Quick::Word(b)) => Some(Quick::Flag(op.holds(a.cmp(b)))),
                (Quick::Number(a, p), Quick::Number(b, q)) => Some(Quick::Flag(op.holds(order((a, p), (b, q))?))),
                (Quick::Gap, _) | (_, Quick::Gap) => Some(Quick::Gap),
                _ => None,
            },
            Op::Bound(by, cases) => match of(*by)? {
                Quick::Word(option) => match case_of(cases.iter().map(|case| &*case.options), option).and_then(|at| cases.get(at)) {
                    Some(case) => of(case.bound),
                    None => Some(Quick::Gap),
                },
                Quick::Gap => Some(Quick::Gap),
                Quick::Number(..) | Quick::Flag(_) => None,
            },
            Op::Met { value, bound, by: TargetOps::One(op), places: None } => {
                let (a, b) = (number!(*value), number!(*bound));
                Some(Quick::Flag(op.holds(order(a, b)?)))
            }
            Op::Attained { value, bound, by: TargetOps::One(op) } => {
                let (value, bound) = (number!(*value), number!(*bound));
                let (above, below) = if lower_is_better(*op) { (bound, value) } else { (value, bound) };
                if below.0 == 0 {
                    return Some(Quick::Number(i128::from(op.holds(order(value, bound)?)), 1));
                }
                divide(above, below)
            }
            Op::Bands(a, bands) => {
                let value = number!(*a);
                for (band, points) in bands.iter() {
                    let takes = match band {
                        BandOf::Else => true,
                        BandOf::Compare(op, with) => op.holds(order(value, constant(with)?)?),
                        BandOf::Range(from, to) => {
                            let holds = |op: CompareOp, end: &Option<Exact>| match end {
                                None => Some(true),
                                Some(end) => Some(op.holds(order(value, constant(end)?)?)),
                            };
                            holds(CompareOp::Ge, from)? && holds(CompareOp::Lt, to)?
                        }
                    };
                    if takes {
                        return constant(points).map(|(numerator, denominator)| Quick::Number(numerator, denominator));
                    }
                }
                Some(Quick::Gap)
            }
            Op::Proportional { attained, floor, full } => {
                let attained = number!(*attained);
                let under = match floor {
                    Some(floor) => order(attained, constant(floor)?)? == Ordering::Less,
                    None => false,
                };
                if under || attained.0 < 0 {
                    return Some(Quick::Number(0, 1));
                }
                let capped = if order(attained, (1, 1))? == Ordering::Greater { (1, 1) } else { attained };
                let full = constant(full)?;
                Some(Quick::Number(capped.0.checked_mul(full.0)?, capped.1.checked_mul(full.1)?))
            }
            Op::Score(it) if it.round.is_none() && it.when.is_none() => {
                let without = if it.missing == MissingPolicy::Zero { Quick::Number(0, 1) } else { Quick::Gap };
                if let Some(value) = it.value.filter(|value| *value != it.raw)
                    && matches!(of(value)?, Quick::Gap)
                {
                    return Some(without);
                }
                match of(it.raw)? {
                    Quick::Number(numerator, denominator) => {
                        let inside = numerator >= 0 && order((numerator, denominator), constant(&it.full)?)? != Ordering::Greater;
                        Some(if inside { Quick::Number(numerator, denominator) } else { Quick::Gap })
                    }
                    Quick::Gap => Some(without),
                    Quick::Flag(_) | Quick::Word(_) => None,
                }
            }
            Op::Choose(cases, otherwise) => {
                for (when, then) in cases {
                    match of(*when)? {
                        Quick::Flag(true) => return of(*then),
                        Quick::Flag(false) => {}
                        other => return Some(other).filter(|other| *other == Quick::Gap),
                    }
                }
                of(*otherwise)
            }
            _ => None,
        }
    }
}

fn constant(number: &Exact) -> Option<(i128, i128)> {
    number.machine().map(|(numerator, denominator)| (numerator.into(), denominator.into()))
}

fn divide((a, p): (i128, i128), (b, q): (i128, i128)) -> Option<Quick<'static>> {
    if b == 0 {
        return Some(Quick::Gap);
    }
    let (above, below) = (a.checked_mul(q)?, p.checked_mul(b)?);
    Some(if below < 0 { Quick::Number(above.checked_neg()?, below.checked_neg()?) } else { Quick::Number(above, below) })
}

/// The order of two fractions with denominators above zero.
fn order((a, p): (i128, i128), (b, q): (i128, i128)) -> Option<Ordering> {
    Some(a.checked_mul(q)?.cmp(&b.checked_mul(p)?))
}

/// A fraction in units of a scale, as a double: exactly where it is whole, else off by a few units of the last place.
#[expect(clippy::cast_precision_loss, reason = "each rounds once, and the column has room for three roundings")]
fn stored_fraction(numerator: i128, denominator: i128, scale: &Exact) -> Option<f64> {
    let (times, over) = constant(scale)?;
    let (above, below) = (numerator.checked_mul(over)?, denominator.checked_mul(times)?);
    let stored = match (i64::try_from(above), i64::try_from(below)) {
        // Short division is many times faster than long.
        (Ok(above), Ok(below)) => {
            if above % below == 0 {
                (above / below) as f64
            } else {
                above as f64 / below as f64
            }
        }
        _ if above % below == 0 => (above / below) as f64,
        _ => above as f64 / below as f64,
    };
    (stored == 0.0 || (1e-120..1e120).contains(&stored.abs())).then_some(stored)
}

/// Whether whole numbers of a column are doubles exactly.
pub(super) fn is_whole(stored: f64) -> bool {
    stored.fract() == 0.0 && stored.abs() < WHOLE
}
