//! From plans to a program (编译): each node as vector kernels, or, where there are none for it, by exact cells row by row.
//!
//! What is not applicable is NaN like every gap; [`Na`] says for whom a gap of a node is that. A node for which it cannot be
//! told is computed exactly.

use super::bound::{Bounded, grain_of, to_double};
use super::emit::{Emitter, Num, interval};
use super::kernels::{NO, YES};
use super::program::{ByCode, Kernel, Place, Program, Reg, Settle};
use crate::eval::exact::case_of;
use crate::eval::plan::{FullMinus, Kind, NodeId, Op, Plan, Score, TargetOps, Verdict, Whom};
use crate::eval::stored::Stored;
use crate::eval::table::Table;
use crate::model::{BandOf, FieldIx, Slot, StatisticKind};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::{CompareOp, InapplicablePolicy, MissingPolicy, Steps};
use crate::text::Name;
use chrono::{Datelike, NaiveDate};
use std::collections::HashMap;
use std::sync::Arc;

/// For whom a gap means that something does not apply.
#[derive(Clone, Debug, PartialEq)]
enum Na {
    Nobody,
    /// For those for whom this condition does not hold.
    Unless(Reg),
    /// For some of those for whom one of these conditions does not hold.
    Perhaps(Vec<Reg>),
}

impl Na {
    /// Of something that needs several values.
    fn of_all(all: &[&Got]) -> Na {
        let mut regs = Vec::new();
        for got in all {
            match &got.na {
                Na::Nobody => {}
                Na::Unless(reg) => regs.push(*reg),
                Na::Perhaps(more) => regs.extend(more),
            }
        }
        regs.sort();
        regs.dedup();
        if regs.is_empty() { Na::Nobody } else { Na::Perhaps(regs) }
    }
}

/// A node as a program has it.
#[derive(Clone, Debug)]
struct Got {
    it: It,
    na: Na,
}

#[derive(Clone, Debug)]
enum It {
    Number(Num),
    /// A number for each option of a field.
    ByOption(FieldIx, Arc<[Option<Exact>]>),
    Flag(Reg),
    Constant(Constant),
    /// An option or text of a field.
    Option(FieldIx),
    /// A code of these words.
    Word(Reg, Arc<[Name]>),
}

#[derive(Clone, Debug)]
enum Constant {
    Flag(bool),
    Word(Name),
}

/// An output of a program: what its stored numbers stand for.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Number(Bounded),
    Flag,
    Words(Arc<[Name]>),
}

/// The statistics that are there already, as columns.
pub(super) type Statistics<'s> = &'s dyn Fn(usize) -> Option<(usize, Bounded)>;

pub(super) struct Compiler<'a> {
    /// The plan over submissions, and above it the one over their results.
    layers: &'a [&'a Plan<'a>],
    table: &'a Table,
    statistics: Statistics<'a>,
    emitter: Emitter,
    known: HashMap<Place, Got>,
    loaded: HashMap<FieldIx, Reg>,
    /// How often a node divides another.
    divisors: HashMap<Place, usize>,
    /// The nodes that are computed exactly, row by row.
    pub exact: Vec<Place>,
}

impl<'a> Compiler<'a> {
    pub fn new(layers: &'a [&'a Plan<'a>], table: &'a Table, statistics: Statistics<'a>) -> Compiler<'a> {
        let mut divisors = HashMap::new();
        for (layer, plan) in (0_u8..).zip(layers) {
            for node in &plan.nodes {
                if let Op::Div(_, by, _) = &node.op {
                    *divisors.entry(Place { layer, node: *by }).or_insert(0) += 1;
                }
            }
        }
        Compiler {
            layers,
            table,
            statistics,
            emitter: Emitter::default(),
            known: HashMap::new(),
            loaded: HashMap::new(),
            divisors,
            exact: Vec::new(),
        }
    }

    /// The program that yields some nodes; an output that no kernel can hold is none.
    pub fn compile(mut self, wanted: &[Place]) -> (Program, Vec<Option<Output>>, Vec<Place>) {
        let upper: Vec<NodeId> = wanted.iter().filter(|place| place.layer == 1).map(|place| place.node).collect();
        let cone_above = self.layers.get(1).map(|plan| plan.cone(upper)).unwrap_or_default();
        let below = cone_above.iter().filter_map(|node| match &self.layers.get(1)?.node(*node)?.op {
            Op::Below(slot) => self.layers.first()?.slots.get(slot).copied(),
            _ => None,
        });
        let lower = wanted.iter().filter(|place| place.layer == 0).map(|place| place.node).chain(below);
        let cone_below = self.layers.first().map(|plan| plan.cone(lower.collect::<Vec<_>>())).unwrap_or_default();
        for (layer, cone) in [(0_u8, cone_below), (1, cone_above)] {
            for node in cone {
                self.node(Place { layer, node });
            }
        }
        let mut outputs = Vec::new();
        for place in wanted {
            let (reg, output) = match self.output(*place) {
                Some((reg, output)) => (reg, Some(output)),
                None => (self.emitter.fill(f64::NAN), None),
            };
            self.emitter.program.outputs.push(reg);
            outputs.push(output);
        }
        let program = self.emitter.program.without_waste().with_few_regs();
        let exact = self.exact.into_iter().filter(|place| program.asks(*place)).collect();
        (program, outputs, exact)
    }

    fn output(&mut self, place: Place) -> Option<(Reg, Output)> {
        let got = self.known.get(&place)?.clone();
        Some(match got.it {
            It::Number(_) | It::ByOption(..) => {
                let (reg, bounds) = self.number(&got).map(|number| self.emitter.column(&number))?;
                (reg, Output::Number(bounds))
            }
            It::Flag(reg) => (reg, Output::Flag),
            It::Constant(Constant::Flag(flag)) => (self.emitter.fill(if flag { YES } else { NO }), Output::Flag),
            It::Constant(Constant::Word(word)) => (self.emitter.fill(0.0), Output::Words([word].into())),
            It::Option(field) => (self.load(field), Output::Words(self.table.dictionary(field).into())),
            It::Word(reg, words) => (reg, Output::Words(words)),
        })
    }

    fn plan(&self, layer: u8) -> Option<&'a Plan<'a>> {
        self.layers.get(usize::from(layer)).copied()
    }

    fn node(&mut self, place: Place) {
        let Some(node) = self.plan(place.layer).and_then(|plan| plan.node(place.node)) else { return };
        let got = self.lowered(place, &node.op).filter(|got| match &got.it {
            It::Number(Num::Column(_, bounds)) => bounds.sound(),
            _ => true,
        });
        let got = got.or_else(|| self.exactly(place, &node.op, node.kind));
        if let Some(got) = got {
            self.known.insert(place, got);
        }
    }

    /// A node whose cells are computed exactly, row by row.
    fn exactly(&mut self, place: Place, op: &Op, kind: Kind) -> Option<Got> {
        if matches!(op, Op::OfSubject(_)) {
            return None;
        }
        self.exact.push(place);
        if let Some(plan) = self.plan(place.layer) {
            let fields = plan.cone([place.node]).into_iter().filter_map(|node| match plan.node(node)?.op {
                Op::Field(field) => Some(field),
                _ => None,
            });
            self.emitter.program.watched.extend(fields);
        }
        let it = match (op, kind) {
            (Op::Verdict(it), _) => {
                let words = names(it);
                let settle = Settle { words: words.clone(), ..whole(place) };
                It::Word(self.emitter.put(Kernel::Exact { settle }), words)
            }
            (_, Kind::Flag) => It::Flag(self.emitter.put(Kernel::Exact { settle: whole(place) })),
            (_, Kind::Number) => {
                let mut bounds = Bounded::nearest(1e130, 1e-130);
                if let Op::Score(score) = op {
                    // Rounding may go beyond full marks that are not round.
                    let rounded = score.round.map_or(score.full.clone(), |(mode, places)| score.full.round(mode, places));
                    let most = rounded.max(score.full.clone());
                    bounds.most = to_double(&most) * (1.0 + 4.0 * f64::EPSILON);
                    (bounds.low, bounds.high) = (Some(Exact::ZERO), Some(most));
                }
                It::Number(Num::Column(self.emitter.put(Kernel::Exact { settle: whole(place) }), bounds))
            }
            _ => return None,
        };
        // Whose gap is which is known to the exact cells only.
        let na = match op {
            Op::Score(score) if score.inapplicable != InapplicablePolicy::Reweight => Na::Nobody,
            _ if self.may_not_apply(place) => return None,
            _ => Na::Nobody,
        };
        Some(Got { it, na })
    }

    /// Whether something that a node rests on may not apply.
    fn may_not_apply(&self, place: Place) -> bool {
        let Some(plan) = self.plan(place.layer) else { return true };
        plan.cone([place.node]).iter().any(|node| match plan.node(*node).map(|node| &node.op) {
            Some(Op::Guard { .. }) => true,
            // Whom a filter refuses has no rank.
            Some(Op::Statistic(at)) => plan.statistics.get(*at).is_none_or(|(statistic, ..)| matches!(statistic.over, Whom::Cohort(..))),
            Some(Op::Score(score)) => score.when.is_some(),
            Some(Op::Below(_)) => self.known.get(&Place { layer: place.layer, node: *node }).is_none_or(|got| got.na != Na::Nobody),
            _ => false,
        })
    }

    fn got(&self, layer: u8, node: NodeId) -> Option<Got> {
        self.known.get(&Place { layer, node }).cloned()
    }

    fn load(&mut self, field: FieldIx) -> Reg {
        if let Some(known) = self.loaded.get(&field) {
            return *known;
        }
        let reg = self.emitter.put(Kernel::Load { field });
        self.loaded.insert(field, reg);
        reg
    }

    /// As a number, where it is one.
    fn number(&mut self, got: &Got) -> Option<Num> {
        match &got.it {
            It::Number(number) => Some(number.clone()),
            It::Flag(reg) => Some(Num::Column(*reg, Bounded::whole(Exact::ONE, 0, 1))),
            It::Constant(Constant::Flag(flag)) => Some(Num::Constant(Exact::from(i64::from(*flag)))),
            It::ByOption(field, numbers) => self.by_option(*field, numbers, |number| Some(number.clone())),
            _ => None,
        }
    }

    /// A number for each option, made of the ones that stand there.
    fn by_option(&mut self, field: FieldIx, numbers: &[Option<Exact>], of: impl Fn(&Exact) -> Option<Exact>) -> Option<Num> {
        let made: Vec<Option<Exact>> = numbers.iter().map(|number| number.as_ref().map(&of)).map(Option::flatten).collect();
        if made.iter().zip(numbers).any(|(made, number)| made.is_none() && number.is_some()) {
            return None;
        }
        // The least common denominator makes all of them whole, if it is short.
        let denominators = made.iter().flatten().map(|number| Bounded::constant(number).1);
        let common = denominators.reduce(|one, other| Bounded { scale: one.common(&other).0, ..one });
        let scale = common.map_or(Exact::ONE, |bounds| bounds.scale);
        let stored: Vec<Option<Exact>> = made.iter().map(|number| number.as_ref().and_then(|number| number.checked_div(&scale))).collect();
        let mut table = [f64::NAN; 256];
        for (place, number) in table.iter_mut().zip(&stored) {
            *place = number.as_ref().map_or(f64::NAN, to_double);
        }
        let all = || stored.iter().flatten();
        let (low, high) = (made.iter().flatten().min()?.clone(), made.iter().flatten().max()?.clone());
        let most = all().map(|number| to_double(number).abs()).fold(0.0, f64::max);
        let least = all().map(|number| to_double(number).abs()).filter(|number| *number > 0.0).fold(f64::MAX, f64::min);
        let exact = all().all(Exact::is_integer) && most <= super::bound::WHOLE;
        let bounds = Bounded {
            scale,
            low: Some(low),
            high: Some(high),
            most,
            least: if exact || least == f64::MAX { 1.0 } else { least },
            grain: if exact || least == f64::MAX { 1.0 } else { grain_of(least) },
            relative: if exact { 0.0 } else { super::bound::CONSTANT },
            absolute: 0.0,
            whole: exact,
        };
        Some(Num::Column(self.emitter.put(Kernel::LookUpField { field, table: ByCode(Arc::new(table)) }), bounds))
    }

    fn flag(&mut self, got: &Got) -> Option<Reg> {
        match &got.it {
            It::Flag(reg) => Some(*reg),
            It::Constant(Constant::Flag(flag)) => Some(self.emitter.fill(if *flag { YES } else { NO })),
            _ => None,
        }
    }

    /// Any column, to see whether there is a value.
    fn any(&mut self, got: &Got) -> Option<Reg> {
        match &got.it {
            It::Flag(reg) | It::Word(reg, _) => Some(*reg),
            It::Option(field) => Some(self.load(*field)),
            It::Constant(_) => Some(self.emitter.fill(YES)),
            It::Number(_) | It::ByOption(..) => self.number(got).map(|number| self.emitter.column(&number).0),
        }
    }

    fn lowered(&mut self, place: Place, op: &Op) -> Option<Got> {
        let layer = place.layer;
        let nobody = |it: It| Some(Got { it, na: Na::Nobody });
        let number = |number: Num, na: Na| Some(Got { it: It::Number(number), na });
        match op {
            Op::Number(it) => nobody(It::Number(Num::Constant(it.clone()))),
            Op::Word(word) => nobody(It::Constant(Constant::Word(word.clone()))),
            Op::Flag(flag) => nobody(It::Constant(Constant::Flag(*flag))),
            Op::Date(day) => nobody(It::Number(Num::Constant(day_number(*day)))),
            Op::Absent(_) => {
                let reg = self.emitter.fill(f64::NAN);
                match self.plan(layer)?.node(place.node)?.kind {
                    Kind::Flag => nobody(It::Flag(reg)),
                    Kind::Word => None,
                    _ => number(Num::Column(reg, Bounded::constant(&Exact::ZERO).1), Na::Nobody),
                }
            }
            Op::Field(field) => self.field(layer, place.node, *field),
            Op::Below(slot) => {
                if matches!(slot, Slot::SectionShare(_)) {
                    return None;
                }
                let node = *self.layers.first()?.slots.get(slot)?;
                self.got(0, node)
            }
            Op::OfSubject(_) => None,
            Op::Statistic(at) => {
                let (column, bounds) = (self.statistics)(*at)?;
                number(Num::Column(self.emitter.put(Kernel::Column { column }), bounds), Na::Nobody)
            }
            Op::OfList(at) => self.of_list(layer, *at),
            Op::Negate(a) => {
                let a = self.got(layer, *a)?;
                let of = self.number(&a)?;
                number(self.emitter.mul(&of, &Num::Constant(Exact::from(-1))), a.na)
            }
            Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) | Op::Div(a, b, _) => {
                let (one, two) = (self.got(layer, *a)?, self.got(layer, *b)?);
                let (a, by) = (self.number(&one)?, self.number(&two)?);
                let na = Na::of_all(&[&one, &two]);
                let shared = self.divisors.get(&Place { layer, node: *b }).is_some_and(|count| *count > 1);
                let result = match op {
                    Op::Add(..) => self.emitter.add(&a, &by, false),
                    Op::Sub(..) => self.emitter.add(&a, &by, true),
                    Op::Mul(..) => self.emitter.mul(&a, &by),
                    _ => match &by {
                        Num::Constant(zero) if zero.is_zero() => self.nothing(),
                        _ => self.emitter.div(&a, &by, shared)?,
                    },
                };
                number(result, na)
            }
            Op::Abs(a) => {
                let a = self.got(layer, *a)?;
                let result = match self.number(&a)? {
                    Num::Constant(number) => Num::Constant(number.abs()),
                    Num::Column(reg, bounds) => Num::Column(self.emitter.put(Kernel::Abs { a: reg }), bounds.abs()),
                };
                number(result, a.na)
            }
            Op::Round { of, mode, places } => {
                let places = match places {
                    None => 0,
                    Some(places) => match self.got(layer, *places)?.it {
                        It::Number(Num::Constant(places)) => places.to_i64().and_then(|places| u32::try_from(places).ok())?.min(30),
                        _ => return None,
                    },
                };
                let of = self.got(layer, *of)?;
                let a = self.number(&of)?;
                number(self.rounded(&a, *mode, places, place)?, of.na)
            }
            Op::Extreme(a, b, greater) => {
                let (one, two) = (self.got(layer, *a)?, self.got(layer, *b)?);
                let (a, b) = (self.number(&one)?, self.number(&two)?);
                number(self.emitter.extreme(&a, &b, *greater), Na::of_all(&[&one, &two]))
            }
            Op::Decimal(a) => {
                let of = self.got(layer, *a)?;
                let Num::Column(a, bounds) = self.number(&of)? else { return None };
                // Whole multiples of a decimal unit, none of them long.
                let short = bounds.whole && bounds.scale.decimal_places().is_some_and(|places| places <= 12);
                let filled = short.then(|| self.emitter.put(Kernel::Filled { a }))?;
                Some(Got { it: It::Flag(self.emitter.put(Kernel::Given { a: filled, b: a })), na: of.na })
            }
            Op::Year(_) => None,
            Op::Clamp(of, low, high) => {
                let of = self.got(layer, *of)?;
                let mut a = self.number(&of)?;
                if let Some(high) = high {
                    a = self.emitter.limit(&a, high, false);
                }
                if let Some(low) = low {
                    a = self.emitter.limit(&a, low, true);
                }
                number(a, of.na)
            }
            Op::Default(first, second) => self.default(layer, *first, *second),
            Op::Choose(cases, otherwise) => self.choose(layer, cases, *otherwise),
            Op::Filled(of) => {
                let of = self.got(layer, *of)?;
                let a = self.any(&of)?;
                nobody(It::Flag(self.emitter.put(Kernel::Filled { a })))
            }
            Op::Not(of) => {
                let of = self.got(layer, *of)?;
                let a = self.flag(&of)?;
                Some(Got { it: It::Flag(self.emitter.put(Kernel::Not { a })), na: of.na })
            }
            Op::Compare(op, a, b) => {
                let (one, two) = (self.got(layer, *a)?, self.got(layer, *b)?);
                let reg = self.compare(*op, &one, &two, place)?;
                Some(Got { it: It::Flag(reg), na: Na::of_all(&[&one, &two]) })
            }
            Op::Fold { list, any, of_applicable } => self.fold(layer, list, *any, *of_applicable),
            Op::Count(list) => number(self.count(layer, list)?, Na::Nobody),
            Op::CountCompares(op, list, bound) => {
                let bound = self.got(layer, *bound)?;
                if bound.na != Na::Nobody {
                    return None;
                }
                let count = Got { it: It::Number(self.count(layer, list)?), na: Na::Nobody };
                let a = self.compare(*op, &count, &bound, place)?;
                nobody(It::Flag(self.emitter.put(Kernel::SettleOpen { a, gaps: true, settle: whole(place) })))
            }
            Op::CountThere(list) => {
                let mut parts = Vec::new();
                for node in list {
                    let got = self.got(layer, *node)?;
                    let reg = match self.flag(&got) {
                        Some(a) => self.emitter.put(Kernel::DefaultTo { a, b: NO }),
                        None => {
                            let a = self.any(&got)?;
                            self.emitter.put(Kernel::Filled { a })
                        }
                    };
                    parts.push(Num::Column(reg, Bounded::whole(Exact::ONE, 0, 1)));
                }
                number(self.emitter.sum(&parts), Na::Nobody)
            }
            Op::Guard { when, of, .. } => {
                let (when, of) = (self.got(layer, *when)?, self.got(layer, *of)?);
                if when.na != Na::Nobody || of.na != Na::Nobody {
                    return None;
                }
                let when = self.flag(&when)?;
                let guard = |compiler: &mut Self, a: Reg| compiler.emitter.put(Kernel::Where { when, a, b: f64::NAN });
                let it = match &of.it {
                    It::Number(_) | It::ByOption(..) => {
                        let of = self.number(&of)?;
                        let (a, bounds) = self.emitter.column(&of);
                        It::Number(Num::Column(guard(self, a), bounds))
                    }
                    It::Flag(_) | It::Constant(Constant::Flag(_)) => {
                        let a = self.flag(&of)?;
                        It::Flag(guard(self, a))
                    }
                    It::Option(field) => {
                        let a = self.load(*field);
                        It::Word(guard(self, a), self.table.dictionary(*field).into())
                    }
                    It::Word(a, words) => It::Word(guard(self, *a), words.clone()),
                    It::Constant(Constant::Word(_)) => return None,
                };
                Some(Got { it, na: Na::Unless(when) })
            }
            Op::Bound(by, cases) => {
                let by = self.got(layer, *by)?;
                let It::Option(field) = by.it else { return None };
                let mut bounds = Vec::new();
                for case in cases {
                    match self.got(layer, case.bound)?.it {
                        It::Number(Num::Constant(number)) => bounds.push(number),
                        _ => return None,
                    }
                }
                let of = |option: &Name| case_of(cases.iter().map(|case| &*case.options), option).and_then(|at| bounds.get(at)).cloned();
                self.of_options(field, of).map(|it| Got { it, na: by.na })
            }
            Op::Levels(of, levels) => {
                let got = self.got(layer, *of)?;
                let of = |option: &Name| {
                    let at = case_of(levels.iter().map(|(options, _)| &**options), option)?;
                    levels.get(at).map(|(_, points)| points.clone())
                };
                match got.it {
                    It::Option(field) => self.of_options(field, of).map(|it| Got { it, na: got.na }),
                    _ => None,
                }
            }
            Op::Met { value, bound, by, places } => {
                let value_node = *value;
                let (value, bound) = (self.got(layer, *value)?, self.got(layer, *bound)?);
                let TargetOps::One(op) = by else { return None };
                if bound.na != Na::Nobody {
                    return None;
                }
                let na = value.na.clone();
                let value = match places {
                    None => value,
                    Some(places) => {
                        let a = self.number(&value)?;
                        let (mode, places, of) = (Rounding::HalfEven, *places, Place { layer, node: value_node });
                        let settle = |scale| Settle { scale, round: Some((mode, places)), ..whole(of) };
                        Got { it: It::Number(self.emitter.round(&a, mode, places, settle)?), na: Na::Nobody }
                    }
                };
                let reg = self.compare(*op, &value, &bound, place)?;
                Some(Got { it: It::Flag(reg), na })
            }
            Op::Attained { value, bound, by } => {
                let TargetOps::One(op) = by else { return None };
                self.attained(layer, *op, *value, *bound)
            }
            Op::Bands(of, bands) => {
                let of = self.got(layer, *of)?;
                let Num::Column(a, bounds) = self.number(&of)? else { return None };
                number(self.banded(a, &bounds, bands, place)?, of.na)
            }
            Op::Linear(of, knots) => {
                let of = self.got(layer, *of)?;
                let value = self.number(&of)?;
                number(self.linear(&value, knots)?, of.na)
            }
            Op::Proportional { attained, floor, full } => {
                let of = self.got(layer, *attained)?;
                let attained = self.number(&of)?;
                number(self.proportional(&attained, floor.as_ref(), full, place)?, of.na)
            }
            Op::FullMinus(it) => self.full_minus(layer, it),
            Op::Script(at) => {
                let node = self.plan(layer)?.scripts.get(*at)?.straight?;
                let got = self.got(layer, node)?;
                // A script that meets a gap is missing what its inputs are missing.
                let inputs = self.plan(layer)?.scripts.get(*at)?.inputs.clone();
                let inputs: Vec<Got> = inputs.iter().map(|input| self.got(layer, *input)).collect::<Option<_>>()?;
                let na = Na::of_all(&inputs.iter().collect::<Vec<_>>());
                number(self.number(&got)?, na)
            }
            Op::Score(it) => self.score(layer, it, place),
            Op::Parts(parts, full) => self.parts(layer, parts, full),
            Op::Verdict(it) => self.verdict(layer, it, place),
        }
    }

    fn nothing(&mut self) -> Num {
        Num::Column(self.emitter.fill(f64::NAN), Bounded::constant(&Exact::ZERO).1)
    }

    fn rounded(&mut self, a: &Num, mode: Rounding, places: u32, place: Place) -> Option<Num> {
        self.emitter.round(a, mode, places, |scale| Settle { scale, ..whole(place) })
    }

    fn field(&mut self, layer: u8, node: NodeId, field: FieldIx) -> Option<Got> {
        // Keys have no column, and what is not kept cannot be read.
        if self.table.blocks().iter().any(|block| matches!(block.column(field), Stored::Dropped | Stored::Keys)) {
            return None;
        }
        let it = match self.plan(layer)?.node(node)?.kind {
            Kind::Word => It::Option(field),
            Kind::Flag => It::Flag(self.load(field)),
            Kind::Date => It::Number(Num::Column(self.load(field), Bounded::whole(Exact::ONE, -4_000_000, 4_000_000))),
            Kind::Number => {
                let (low, high) = self.table.range(field).unwrap_or((0, 0));
                let scale = Exact::from_ratio(1, 10_i64.checked_pow(self.table.places(field)?)?)?;
                It::Number(Num::Column(self.load(field), Bounded::whole(scale, low, high)))
            }
        };
        Some(Got { it, na: Na::Nobody })
    }

    /// A number for each option of a field.
    fn of_options(&self, field: FieldIx, of: impl Fn(&Name) -> Option<Exact>) -> Option<It> {
        let names = self.table.dictionary(field);
        (names.len() < 250).then(|| It::ByOption(field, names.iter().map(of).collect()))
    }

    fn of_list(&mut self, layer: u8, at: usize) -> Option<Got> {
        let (statistic, ..) = self.plan(layer)?.statistics.get(at)?;
        let Whom::List(list) = &statistic.over else { return None };
        if statistic.weight.is_some() || statistic.parameter.is_some() {
            return None;
        }
        let got: Vec<Got> = list.iter().map(|node| self.got(layer, *node)).collect::<Option<_>>()?;
        let parts: Vec<Num> = got.iter().map(|got| self.number(got)).collect::<Option<_>>()?;
        let na = Na::of_all(&got.iter().collect::<Vec<_>>());
        let mut each = parts.iter().skip(1);
        let first = parts.first()?.clone();
        let it = match statistic.kind {
            StatisticKind::Sum => self.emitter.sum(&parts),
            StatisticKind::Mean => {
                let sum = self.emitter.sum(&parts);
                let share = Exact::ONE.checked_div(&Exact::from(parts.len()))?;
                self.emitter.mul(&sum, &Num::Constant(share))
            }
            StatisticKind::Min => each.try_fold(first, |so_far, part| Some(self.emitter.extreme(&so_far, part, false)))?,
            StatisticKind::Max => each.try_fold(first, |so_far, part| Some(self.emitter.extreme(&so_far, part, true)))?,
            _ => return None,
        };
        Some(Got { it: It::Number(it), na })
    }

    fn default(&mut self, layer: u8, first: NodeId, second: NodeId) -> Option<Got> {
        let (one, two) = (self.got(layer, first)?, self.got(layer, second)?);
        // Whose gap stays is that of the second.
        if let (Some(a), Some(b)) = (self.flag(&one), self.flag(&two)) {
            return Some(Got { it: It::Flag(self.emitter.put(Kernel::Default { a, b })), na: two.na });
        }
        let (a, b) = (self.number(&one)?, self.number(&two)?);
        let Num::Column(..) = a else { return Some(one) };
        let ((a, of_a), (b, of_b)) = self.emitter.alike(&a, &b);
        let reg = self.emitter.put(Kernel::Default { a, b });
        Some(Got { it: It::Number(Num::Column(reg, of_a.union(&of_b))), na: two.na })
    }

    fn choose(&mut self, layer: u8, cases: &[(NodeId, NodeId)], otherwise: NodeId) -> Option<Got> {
        let last = self.got(layer, otherwise)?;
        let mut na = vec![last.clone()];
        let flags = self.flag(&last).is_some();
        let mut number = if flags { None } else { Some(self.number(&last)?) };
        let mut flag = self.flag(&last);
        // From the last case to the first, so that the first that holds has the last word.
        for (when, then) in cases.iter().rev() {
            let (when, then) = (self.got(layer, *when)?, self.got(layer, *then)?);
            let condition = self.flag(&when)?;
            if let Some(otherwise) = flag {
                let then = self.flag(&then)?;
                flag = Some(self.emitter.put(Kernel::Select { when: condition, then, otherwise }));
            } else if let Some(otherwise) = &number {
                let then = self.number(&then)?;
                number = Some(self.emitter.select(condition, &then, otherwise));
            }
            na.extend([when, then]);
        }
        let na = match (cases, na.iter().filter(|got| got.na != Na::Nobody).collect::<Vec<_>>().as_slice()) {
            // A condition that alone may not apply, and constants: then what does not apply is the whole.
            ([(when, _)], [one]) if self.got(layer, *when).is_some_and(|got| got.na == one.na) => one.na.clone(),
            (_, some) => Na::of_all(some),
        };
        let it = match (flag, number) {
            (Some(flag), _) => It::Flag(flag),
            (None, Some(number)) => It::Number(number),
            (None, None) => return None,
        };
        Some(Got { it, na })
    }

    fn compare(&mut self, op: CompareOp, one: &Got, two: &Got, place: Place) -> Option<Reg> {
        match (&one.it, &two.it) {
            (It::Option(field), It::Constant(Constant::Word(word))) => return self.option_is(*field, |option| op.holds(option.cmp(word))),
            (It::Constant(Constant::Word(word)), It::Option(field)) => return self.option_is(*field, |option| op.holds(word.cmp(option))),
            (It::Word(a, words), It::Constant(Constant::Word(word))) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                let code = words.iter().position(|name| name == word);
                let code = code.and_then(|code| i64::try_from(code).ok()).unwrap_or(-1);
                let bounds = Bounded::whole(Exact::ONE, -1, i64::try_from(words.len()).ok()?);
                return Some(self.emitter.compare(op, *a, &bounds, &Exact::from(code), whole(place)));
            }
            _ => {}
        }
        let (a, b) = (self.number(one)?, self.number(two)?);
        match (&a, &b) {
            (Num::Constant(a), Num::Constant(b)) => Some(self.emitter.fill(if op.holds(a.cmp(b)) { YES } else { NO })),
            (Num::Column(a, bounds), Num::Constant(with)) => Some(self.emitter.compare(op, *a, bounds, with, whole(place))),
            (Num::Constant(with), Num::Column(a, bounds)) => Some(self.emitter.compare(turned(op), *a, bounds, with, whole(place))),
            (Num::Column(..), Num::Column(..)) => {
                let Num::Column(reg, bounds) = self.emitter.add(&a, &b, true) else { return None };
                bounds.sound().then(|| self.emitter.compare(op, reg, &bounds, &Exact::ZERO, whole(place)))
            }
        }
    }

    fn option_is(&mut self, field: FieldIx, holds: impl Fn(&Name) -> bool) -> Option<Reg> {
        let names = self.table.dictionary(field);
        if names.len() >= 250 {
            return None;
        }
        let mut table = [f64::NAN; 256];
        table.iter_mut().zip(names).for_each(|(place, name)| *place = if holds(name) { YES } else { NO });
        Some(self.emitter.put(Kernel::LookUpField { field, table: ByCode(Arc::new(table)) }))
    }

    /// A condition with an answer in the place of "does not apply"; `None` where it cannot be told for whom that is.
    fn applicable(&mut self, got: &Got, instead: f64) -> Option<Reg> {
        let a = self.flag(got)?;
        match got.na {
            Na::Nobody => Some(a),
            // Where it is not known whether it applies, that stays.
            Na::Unless(when) => {
                let answer = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: instead });
                Some(self.emitter.put(Kernel::Default { a, b: answer }))
            }
            Na::Perhaps(_) => None,
        }
    }

    fn fold(&mut self, layer: u8, list: &[NodeId], any: bool, of_applicable: bool) -> Option<Got> {
        let neutral = if any { NO } else { YES };
        let mut so_far: Option<Reg> = None;
        let mut all = Vec::new();
        for node in list {
            let got = self.got(layer, *node)?;
            let b = if of_applicable { self.applicable(&got, neutral)? } else { self.flag(&got)? };
            so_far = Some(match so_far {
                None => b,
                Some(a) => self.emitter.put(if any { Kernel::Or { a, b } } else { Kernel::And { a, b } }),
            });
            all.push(got);
        }
        let reg = so_far.unwrap_or_else(|| self.emitter.fill(neutral));
        let na = if of_applicable { Na::Nobody } else { Na::of_all(&all.iter().collect::<Vec<_>>()) };
        Some(Got { it: It::Flag(reg), na })
    }

    fn count(&mut self, layer: u8, list: &[NodeId]) -> Option<Num> {
        let mut parts = Vec::new();
        for node in list {
            let got = self.got(layer, *node)?;
            parts.push(Num::Column(self.applicable(&got, NO)?, Bounded::whole(Exact::ONE, 0, 1)));
        }
        Some(self.emitter.sum(&parts))
    }

    /// Value over bound where more is better, bound over value where less is; only against bounds above zero.
    fn attained(&mut self, layer: u8, op: CompareOp, value: NodeId, bound: NodeId) -> Option<Got> {
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
                It::ByOption(field, numbers) if numbers.iter().flatten().all(positive) => {
                    self.by_option(*field, numbers, |number| Some(number.clone()))?
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
                It::ByOption(field, numbers) if numbers.iter().flatten().all(positive) => {
                    let inverse = self.by_option(*field, numbers, |number| Exact::ONE.checked_div(number))?;
                    self.emitter.mul(&of, &inverse)
                }
                _ => return None,
            }
        };
        Some(Got { it: It::Number(it), na })
    }

    fn banded(&mut self, a: Reg, bounds: &Bounded, bands: &[(BandOf, Exact)], place: Place) -> Option<Num> {
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
        let settle = Settle { scale: common.scale.clone(), ..whole(place) };
        let settle = (!thresholds.is_empty()).then(|| (thresholds.into(), settle));
        let reg = self.emitter.put(Kernel::Bands { a, bands: steps.into(), settle });
        let result = Bounded {
            scale: common.scale,
            low: all().min(),
            high: all().max(),
            most,
            least: 1.0,
            grain: 1.0,
            relative: 0.0,
            absolute: 0.0,
            whole: most <= super::bound::WHOLE,
        };
        Some(Num::Column(reg, result))
    }

    /// The first points, and for each stretch its slope times how far the value has come along it.
    fn linear(&mut self, value: &Num, knots: &[(Exact, Exact)]) -> Option<Num> {
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

    fn proportional(&mut self, attained: &Num, floor: Option<&Exact>, full: &Exact, place: Place) -> Option<Num> {
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
        let reg = self.emitter.put(Kernel::Proportional { a: *a, cap, floor: least, settle });
        let result = Bounded {
            scale,
            low: Some(Exact::ZERO),
            high: Some(full.clone()),
            most: cap,
            grain: bounds.grain.min(grain_of(cap)),
            relative: bounds.relative.max(super::bound::CONSTANT),
            whole: false,
            ..bounds.clone()
        };
        Some(Num::Column(reg, result.settled()))
    }

    fn full_minus(&mut self, layer: u8, it: &FullMinus) -> Option<Got> {
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
        let rounded = matches!(plan.node(it.met).map(|node| &node.op), Some(Op::Met { places: Some(_), .. }));
        let it = if rounded {
            let met = self.flag(&met)?;
            self.emitter.select(met, &Num::Constant(it.full.clone()), &left)
        } else {
            left
        };
        Some(Got { it: It::Number(it), na: value.na })
    }

    /// The published score: without a value what the rubric says, from zero to full marks, rounded.
    fn score(&mut self, layer: u8, it: &Score, place: Place) -> Option<Got> {
        let raw = self.got(layer, it.raw)?;
        let value = match it.value {
            Some(value) => Some(self.got(layer, value)?),
            None => None,
        };
        // Whose gap is that it does not apply: those for whom `when` says no, or the value that is another's.
        let gates: Vec<Reg> = match Na::of_all(&value.iter().chain([&raw]).collect::<Vec<_>>()) {
            Na::Perhaps(regs) => regs,
            _ => Vec::new(),
        };
        let when = match &it.when {
            Some((when, _)) => {
                let when = self.got(layer, *when)?;
                if when.na != Na::Nobody {
                    return None;
                }
                Some(self.flag(&when)?)
            }
            None => match (&raw.na, value.as_ref().map(|value| &value.na)) {
                (Na::Nobody, None | Some(Na::Nobody)) => None,
                (Na::Unless(reg), None) => Some(*reg),
                (one, Some(two)) if one == two && matches!(one, Na::Unless(_)) => gates.first().copied(),
                _ => return None,
            },
        };
        if gates.iter().any(|gate| Some(*gate) != when) {
            return None;
        }
        let certain = self.number(&raw)?.lies(Some(&Exact::ZERO), Some(&it.full));
        let mut score = if certain { self.number(&raw)? } else { self.inside(Place { layer, node: it.raw }, &it.full)? };
        let has_value = |got: &Got| !matches!(got.it, It::Constant(_) | It::Number(Num::Constant(_)));
        if let Some(value) = value.filter(|value| has_value(value) && it.value != Some(it.raw)) {
            // Bands and levels have no score without a value anyhow.
            let follows = matches!(self.plan(layer)?.node(it.raw)?.op, Op::Bands(of, _) | Op::Levels(of, _) | Op::Linear(of, _) if Some(of) == it.value);
            if !follows {
                let b = self.any(&value)?;
                let (a, bounds) = self.emitter.column(&score);
                score = Num::Column(self.emitter.put(Kernel::Given { a, b }), bounds);
            }
        }
        if let Some(when) = when.filter(|_| it.when.is_some()) {
            let (a, bounds) = self.emitter.column(&score);
            score = Num::Column(self.emitter.put(Kernel::Where { when, a, b: f64::NAN }), bounds);
        }
        score = self.without_value(score, it, when, it.missing == MissingPolicy::Zero)?;
        if let (Num::Column(a, bounds), false) = (&score, certain) {
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

    fn without_value(&mut self, score: Num, it: &Score, when: Option<Reg>, missing_earns: bool) -> Option<Num> {
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
                None => self.emitter.put(Kernel::DefaultTo { a: reg, b: 0.0 }),
            };
        }
        if let (Some(earned), Some(when)) = (gone, when) {
            let stored = earned.checked_div(&bounds.scale)?;
            let with = to_double(&stored);
            let exact = stored.is_integer() && with <= super::bound::WHOLE;
            let constant = Bounded::constant(&earned).1;
            let relative = if exact { 0.0 } else { super::bound::CONSTANT };
            let constant = Bounded { scale: bounds.scale.clone(), most: with, relative, whole: exact, ..constant };
            let least = if with > 0.0 { with } else { bounds.least };
            let grain = if exact || with == 0.0 { 1.0 } else { grain_of(with) };
            bounds = bounds.union(&Bounded { least, grain, ..constant });
            let answer = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: with });
            reg = self.emitter.put(Kernel::Default { a: reg, b: answer });
        }
        Some(Num::Column(reg, bounds))
    }

    /// A score, infinite where it lies outside zero to full marks. Of a choice each branch is looked at by itself: one that is
    /// full marks as written is never in doubt.
    fn inside(&mut self, place: Place, full: &Exact) -> Option<Num> {
        let Place { layer, node } = place;
        let plan = self.plan(layer)?;
        match &plan.node(node)?.op {
            Op::Script(at) => self.inside(Place { layer, node: plan.scripts.get(*at)?.straight? }, full),
            Op::Choose(cases, otherwise) => {
                let mut number = self.inside(Place { layer, node: *otherwise }, full)?;
                for (when, then) in cases.iter().rev() {
                    let when = self.got(layer, *when)?;
                    let (when, then) = (self.flag(&when)?, self.inside(Place { layer, node: *then }, full)?);
                    number = self.emitter.select(when, &then, &number);
                }
                Some(number)
            }
            _ => {
                let got = self.got(layer, node)?;
                let number = self.number(&got)?;
                if number.lies(Some(&Exact::ZERO), Some(full)) { Some(number) } else { self.within(&number, full, place) }
            }
        }
    }

    fn within(&mut self, score: &Num, full: &Exact, place: Place) -> Option<Num> {
        let (a, mut bounds) = self.emitter.column(score);
        let (low, _, near_low) = interval(CompareOp::Ge, &bounds, &Exact::ZERO);
        let (_, high, near_high) = interval(CompareOp::Le, &bounds, full);
        let thresholds: Box<[(f64, f64)]> = near_low.into_iter().chain(near_high).collect();
        let settle = Settle { scale: bounds.scale.clone(), inside: Some(full.clone()), ..whole(place) };
        let settle = (!thresholds.is_empty()).then_some((thresholds, settle));
        let reg = self.emitter.put(Kernel::Within { a, low, high, instead: f64::INFINITY, settle });
        bounds.low = Some(bounds.low.map_or(Exact::ZERO, |low| low.max(Exact::ZERO)));
        bounds.high = Some(bounds.high.map_or(full.clone(), |high| high.min(full.clone())));
        bounds.most = bounds.most.min(to_double(&full.checked_div(&bounds.scale)?) * (1.0 + 1e-9));
        Some(Num::Column(reg, bounds.settled()))
    }

    fn parts(&mut self, layer: u8, parts: &[(Exact, NodeId)], full: &Exact) -> Option<Got> {
        let got: Vec<Got> = parts.iter().map(|(_, part)| self.got(layer, *part)).collect::<Option<_>>()?;
        let numbers: Vec<Num> = got.iter().map(|got| self.number(got)).collect::<Option<_>>()?;
        if got.iter().all(|got| got.na == Na::Nobody) {
            return Some(Got { it: It::Number(self.emitter.sum(&numbers)), na: Na::Nobody });
        }
        // Who is exempt from something has it left out, of the sum and of the points that count.
        let (mut sum, mut counted, mut some) = (Vec::new(), Vec::new(), Vec::new());
        for ((points, _), (got, number)) in parts.iter().zip(got.iter().zip(&numbers)) {
            match got.na {
                Na::Nobody => {
                    sum.push(number.clone());
                    counted.push(Num::Constant(points.clone()));
                }
                Na::Unless(when) => {
                    // Of whom it is not known whether it applies, it counts.
                    let when = self.emitter.put(Kernel::DefaultTo { a: when, b: YES });
                    let (a, bounds) = self.emitter.column(number);
                    let zero = self.emitter.put(Kernel::SelectConstants { when, then: f64::NAN, otherwise: 0.0 });
                    let zero_bounds = Bounded { scale: bounds.scale.clone(), ..Bounded::constant(&Exact::ZERO).1 };
                    sum.push(Num::Column(self.emitter.put(Kernel::Default { a, b: zero }), bounds.union(&zero_bounds)));
                    counted.push(self.emitter.select(when, &Num::Constant(points.clone()), &Num::Constant(Exact::ZERO)));
                    some.push(when);
                }
                Na::Perhaps(_) => return None,
            }
        }
        let (sum, counted) = (self.emitter.sum(&sum), self.emitter.sum(&counted));
        let Num::Column(count, of_counted) = &counted else { return None };
        let factor = self.emitter.div(&Num::Constant(full.clone()), &counted, false)?;
        let scaled = self.emitter.mul(&sum, &factor);
        // Who is exempt from nothing has the plain sum, which may count more than full marks.
        let mut all = self.emitter.fill(YES);
        for b in some {
            all = self.emitter.put(Kernel::And { a: all, b });
        }
        let result = self.emitter.select(all, &sum, &scaled);
        // Exempt from everything: the whole does not apply.
        let left = self.emitter.compare(CompareOp::Gt, *count, of_counted, &Exact::ZERO, whole(Place { layer, node: NodeId(0) }));
        if !of_counted.whole {
            return None;
        }
        Some(Got { it: It::Number(result), na: Na::Unless(left) })
    }

    fn verdict(&mut self, layer: u8, it: &Verdict, place: Place) -> Option<Got> {
        let words = names(it);
        let code = |name: &Name| words.iter().position(|word| word == name).and_then(|at| u32::try_from(at).ok()).map(f64::from);
        let mut drawn = self.emitter.fill(f64::NAN);
        for (condition, name) in it.cases.iter().rev() {
            let then = self.emitter.fill(code(name)?);
            drawn = match condition {
                None => then,
                Some(condition) => {
                    let condition = self.got(layer, *condition)?;
                    let when = self.flag(&condition)?;
                    self.emitter.put(Kernel::Select { when, then, otherwise: drawn })
                }
            };
        }
        // From the last veto to the first; one that is open may change everything or nothing.
        for (_, condition, then) in it.vetoes.iter().rev() {
            let condition = self.got(layer, *condition)?;
            let falls = self.applicable(&condition, NO)?;
            let then = self.emitter.fill(code(then)?);
            let forced = self.emitter.put(Kernel::Select { when: falls, then, otherwise: drawn });
            // Known, and no verdict: as it is. Not known: infinite, and settled in the end.
            let known = self.emitter.put(Kernel::Filled { a: falls });
            drawn = self.emitter.put(Kernel::Where { when: known, a: forced, b: f64::INFINITY });
        }
        if !it.vetoes.is_empty() {
            let settle = Settle { words: words.clone(), ..whole(place) };
            drawn = self.emitter.put(Kernel::SettleOpen { a: drawn, gaps: false, settle });
        }
        Some(Got { it: It::Word(drawn, words), na: Na::Nobody })
    }
}

/// Settled as it is: a flag, a code, a number in ones.
fn whole(place: Place) -> Settle {
    Settle { place, scale: Exact::ONE, words: Arc::from([]), round: None, inside: None }
}

/// The names of verdicts.
fn names(it: &Verdict) -> Arc<[Name]> {
    let mut names: Vec<Name> = Vec::new();
    for name in it.cases.iter().map(|(_, name)| name).chain(it.vetoes.iter().map(|(_, _, then)| then)) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names.into()
}

fn day_number(day: NaiveDate) -> Exact {
    Exact::from(day.num_days_from_ce())
}

/// The comparison with both sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Eq => CompareOp::Eq,
        CompareOp::Ne => CompareOp::Ne,
    }
}
