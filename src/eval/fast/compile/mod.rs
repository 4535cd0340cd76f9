//! From plans to a program (编译): each node as vector kernels, or, where there are none for it, by exact cells row by row.
//!
//! What is not applicable is NaN like every gap; [`Na`] says for whom a gap of a node is that. A node for which it cannot be
//! told is computed exactly.

mod columns;
mod conditions;
mod exactly;
mod inside;
mod scoring;
mod totals;
mod words;

use super::bound::Bounded;
use super::emit::{Emitter, Num};
use super::kernels::{NO, YES};
use super::program::{Kernel, Place, Program, Reg, Settle};
use crate::eval::plan::{Kind, NodeId, Op, Plan, TargetOps};
use crate::eval::table::Table;
use crate::model::{FieldIx, Form, Slot};
use crate::number::{Exact, Rounding};
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
    /// A number for each word that a column may hold.
    ByWord(Codes, Arc<[Option<Exact>]>),
    Flag(Reg),
    Constant(Constant),
    /// An option or text of a field.
    Option(FieldIx),
    /// A code of these words.
    Word(Reg, Arc<[Name]>),
}

/// Where the codes of words stand.
#[derive(Clone, Copy, Debug)]
enum Codes {
    Field(FieldIx),
    Column(Reg),
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
    /// Fields that are not asked of everybody: whose gap is that is known, and not left to exact cells.
    conditional: Vec<FieldIx>,
    applies: HashMap<FieldIx, Reg>,
    /// How often a node divides another.
    divisors: HashMap<Place, usize>,
    /// The nodes that are computed exactly, row by row.
    pub exact: Vec<Place>,
}

/// The program that yields some nodes of plans, with what its outputs stand for, and the nodes that it computes row by row.
///
/// Fields that are not asked of everybody either make their rows odd or are known to the kernels: whichever leaves less to be
/// computed exactly.
pub(super) fn compile(layers: &[&Plan<'_>], table: &Table, form: &Form, wanted: &[Place]) -> (Program, Vec<Option<Output>>, Vec<Place>) {
    let none = |_| None;
    let compiled = Compiler::new(layers, table, &none).compile(wanted);
    let fields = (0..form.fields.len()).map(FieldIx);
    let conditional: Vec<FieldIx> = fields.filter(|field| table.has_inapplicable(*field)).collect();
    if conditional.is_empty() {
        return compiled;
    }
    let other = Compiler::new(layers, table, &none).with_conditional(conditional).compile(wanted);
    let left = |(_, outputs, exact): &(Program, Vec<Option<Output>>, Vec<Place>)| {
        (outputs.iter().filter(|output| output.is_none()).count(), exact.len())
    };
    if left(&other) <= left(&compiled) { other } else { compiled }
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
            conditional: Vec::new(),
            applies: HashMap::new(),
            divisors,
            exact: Vec::new(),
        }
    }

    /// Takes it into its kernels that some fields are not asked of everybody.
    fn with_conditional(mut self, fields: Vec<FieldIx>) -> Compiler<'a> {
        self.emitter.program.conditional.clone_from(&fields);
        self.conditional = fields;
        self
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
        let program = self.emitter.program.without_waste().with_early_sums().with_few_regs();
        let exact = self.exact.into_iter().filter(|place| program.asks(*place)).collect();
        (program, outputs, exact)
    }

    fn output(&mut self, place: Place) -> Option<(Reg, Output)> {
        let got = self.known.get(&place)?.clone();
        Some(match got.it {
            It::Number(_) | It::ByWord(..) => {
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

    fn got(&self, layer: u8, node: NodeId) -> Option<Got> {
        self.known.get(&Place { layer, node }).cloned()
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
            Op::OfSubject(_) | Op::Beside(..) | Op::BesideResult(..) | Op::OfRows(_) => None,
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
                let na = self.strict(&one, &two);
                let shared = self.divisors.get(&Place { layer, node: *b }).is_some_and(|count| *count > 1);
                let result = match op {
                    Op::Add(..) => self.emitter.add(&a, &by, false),
                    Op::Sub(..) => self.emitter.add(&a, &by, true),
                    Op::Mul(..) => self.emitter.mul(&a, &by),
                    _ => match &by {
                        Num::Constant(zero) if zero.is_zero() => {
                            // What is divided is not read, and yet why there is nothing may be its gap.
                            self.watch(place);
                            self.nothing()
                        }
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
                let na = self.strict(&one, &two);
                number(self.emitter.extreme(&a, &b, *greater), na)
            }
            Op::Decimal(a) => {
                let of = self.got(layer, *a)?;
                let Num::Column(a, bounds) = self.number(&of)? else { return None };
                // Whole multiples of a decimal unit, none of them long.
                let short = bounds.whole && bounds.scale.decimal_places().is_some_and(|places| places <= 12);
                let filled = short.then(|| self.emitter.put(Kernel::Filled { a }))?;
                Some(Got { it: It::Flag(self.emitter.put(Kernel::Given { a: filled, b: a })), na: of.na })
            }
            Op::Days(from, to) => {
                let (from, to) = (self.got(layer, *from)?, self.got(layer, *to)?);
                let (a, b) = (self.number(&to)?, self.number(&from)?);
                number(self.emitter.add(&a, &b, true), Na::of_all(&[&from, &to]))
            }
            // Months differ in length.
            Op::Year(_) | Op::After(..) => None,
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
            Op::OrNothing(of) => self.or_nothing(layer, *of),
            Op::OfSome(list, of) => self.of_some(layer, list, *of),
            Op::Choose(cases, otherwise) => self.choose(layer, cases, *otherwise, place),
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
                let na = self.strict(&one, &two);
                Some(Got { it: It::Flag(reg), na })
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
                if when.na != Na::Nobody {
                    return None;
                }
                let when = self.flag(&when)?;
                let na = match of.na {
                    Na::Nobody => Na::Unless(when),
                    Na::Unless(inner) => Na::Unless(self.both_apply(when, inner)),
                    Na::Perhaps(_) => return None,
                };
                let guard = |compiler: &mut Self, a: Reg| compiler.emitter.put(Kernel::Where { when, a, b: f64::NAN });
                let it = match &of.it {
                    It::Number(_) | It::ByWord(..) => {
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
                Some(Got { it, na })
            }
            Op::Bound(by, cases) => self.bound(layer, *by, cases),
            Op::Levels(of, levels) => self.levels(layer, *of, levels),
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
}

/// Settled as it is: a flag, a code, a number in ones.
fn whole(place: Place) -> Settle {
    Settle { place, scale: Exact::ONE, words: Arc::from([]), round: None, inside: None }
}

fn day_number(day: NaiveDate) -> Exact {
    Exact::from(day.num_days_from_ce())
}
