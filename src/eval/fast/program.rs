//! Programs (向量程序): kernels in their order, over columns of a chunk.
//!
//! Not here: how a plan becomes a program (`compile`), the loops (`kernels`).

use super::kernels::{self as k, Lanes, RoundTo};
use crate::eval::block::Block;
use crate::eval::plan::NodeId;
use crate::eval::stored::Stored;
use crate::model::FieldIx;
use crate::number::{Exact, Rounding};
use crate::text::Name;
use std::fmt;
use std::sync::Arc;

/// A column of a program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Reg(pub u32);

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

/// A node of one of the plans that a program is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// 0 is the plan over submissions, 1 the one over its results.
    pub layer: u8,
    pub node: NodeId,
}

/// Which exact cell stands in for a row that its bounds do not decide.
#[derive(Clone)]
pub(super) struct Settle {
    pub place: Place,
    /// What a stored 1 stands for, of a number.
    pub scale: Exact,
    /// What the codes stand for, of a word.
    pub words: Arc<[Name]>,
    /// A rounding that is still to be done to the cell.
    pub round: Option<(Rounding, u32)>,
    /// Full marks: a number below zero or above them counts as infinite.
    pub inside: Option<Exact>,
}

impl fmt::Debug for Settle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "else exactly {:?} of layer {}", self.place.node, self.place.layer)
    }
}

/// Thresholds, each with the distance within which a side is not certain, and who settles that.
pub(super) type Thresholds = (Box<[(f64, f64)]>, Settle);

/// Numbers by the code of an option.
#[derive(Clone)]
pub(super) struct ByCode(pub Arc<[f64; 256]>);

impl fmt::Debug for ByCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().take_while(|number| !number.is_nan())).finish()
    }
}

/// One vector operation: its column becomes …
#[derive(Clone, Debug)]
pub(super) enum Kernel {
    /// the stored cells of a field.
    Load {
        field: FieldIx,
    },
    /// a number for each option of a field.
    LookUpField {
        field: FieldIx,
        table: ByCode,
    },
    /// a column that was computed before: a statistic.
    Column {
        column: usize,
    },
    /// one number.
    Fill {
        with: f64,
    },
    Negate {
        a: Reg,
    },
    Abs {
        a: Reg,
    },
    Scale {
        a: Reg,
        by: f64,
    },
    AddConstant {
        a: Reg,
        b: f64,
    },
    /// `a·by + b·times`.
    Add {
        a: Reg,
        by: f64,
        b: Reg,
        times: f64,
    },
    /// what it is, and `a·by` more.
    Accumulate {
        a: Reg,
        by: f64,
    },
    Mul {
        a: Reg,
        b: Reg,
    },
    Div {
        a: Reg,
        b: Reg,
    },
    Reciprocal {
        a: Reg,
    },
    /// `b` where `a` is zero, else `of`.
    WhereZero {
        a: Reg,
        b: f64,
        of: Reg,
    },
    AtMost {
        a: Reg,
        b: f64,
    },
    AtLeast {
        a: Reg,
        b: f64,
    },
    Greater {
        a: Reg,
        b: Reg,
    },
    Smaller {
        a: Reg,
        b: Reg,
    },
    Default {
        a: Reg,
        b: Reg,
    },
    DefaultTo {
        a: Reg,
        b: f64,
    },
    Filled {
        a: Reg,
    },
    Not {
        a: Reg,
    },
    And {
        a: Reg,
        b: Reg,
    },
    Or {
        a: Reg,
        b: Reg,
    },
    /// `then` where `when` holds, `otherwise` where it does not, nothing where that is not known.
    Select {
        when: Reg,
        then: Reg,
        otherwise: Reg,
    },
    SelectConstants {
        when: Reg,
        then: f64,
        otherwise: f64,
    },
    /// `a` where `when` holds, `b` else, known or not.
    Where {
        when: Reg,
        a: Reg,
        b: f64,
    },
    /// `a`, but nothing where `b` is nothing.
    Given {
        a: Reg,
        b: Reg,
    },
    /// whether `a` lies between two ends.
    Between {
        a: Reg,
        low: f64,
        high: f64,
        settle: Option<Thresholds>,
    },
    /// the points of the first interval that holds `a`.
    Bands {
        a: Reg,
        bands: Box<[(f64, f64, f64)]>,
        settle: Option<Thresholds>,
    },
    /// `a`, at most `cap`, nothing below zero; zero below the floor.
    Proportional {
        a: Reg,
        cap: f64,
        floor: f64,
        settle: Option<Thresholds>,
    },
    Round {
        a: Reg,
        by: RoundTo,
        settle: Settle,
    },
    /// something else outside two ends.
    Within {
        a: Reg,
        low: f64,
        high: f64,
        instead: f64,
        settle: Option<Thresholds>,
    },
    /// `of`, settled where `a` is too near to a threshold.
    SettleNear {
        of: Reg,
        a: Reg,
        settle: Thresholds,
    },
    /// `a`, settled where it is infinite, and where it is nothing if `gaps` says so.
    SettleOpen {
        a: Reg,
        gaps: bool,
        settle: Settle,
    },
    /// exact cells, row by row.
    Exact {
        settle: Settle,
    },
}

impl Kernel {
    /// The columns that it reads; each may be renamed.
    pub fn reads(&mut self) -> Vec<&mut Reg> {
        use Kernel as K;
        match self {
            K::Load { .. } | K::LookUpField { .. } | K::Column { .. } | K::Fill { .. } | K::Exact { .. } => Vec::new(),
            K::Negate { a }
            | K::Abs { a }
            | K::Scale { a, .. }
            | K::AddConstant { a, .. }
            | K::Accumulate { a, .. }
            | K::Reciprocal { a }
            | K::AtMost { a, .. }
            | K::AtLeast { a, .. }
            | K::DefaultTo { a, .. }
            | K::Filled { a }
            | K::Not { a }
            | K::SelectConstants { when: a, .. }
            | K::Between { a, .. }
            | K::Bands { a, .. }
            | K::Proportional { a, .. }
            | K::Round { a, .. }
            | K::Within { a, .. }
            | K::SettleOpen { a, .. } => vec![a],
            K::Add { a, b, .. }
            | K::Mul { a, b }
            | K::Div { a, b }
            | K::WhereZero { a, of: b, .. }
            | K::Greater { a, b }
            | K::Smaller { a, b }
            | K::Default { a, b }
            | K::And { a, b }
            | K::Or { a, b }
            | K::Where { when: a, a: b, .. }
            | K::SettleNear { of: a, a: b, .. }
            | K::Given { a, b } => vec![a, b],
            K::Select { when, then, otherwise } => vec![when, then, otherwise],
        }
    }

    /// Whether it changes its column instead of making it.
    fn in_place(&self) -> bool {
        matches!(self, Kernel::Accumulate { .. })
    }
}

/// Kernels in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub kernels: Vec<(Reg, Kernel)>,
    /// How many columns it works on at a time.
    pub regs: usize,
    /// Where each output lies in the end.
    pub outputs: Vec<Reg>,
    /// Fields that only exact cells read.
    pub watched: Vec<FieldIx>,
}

impl Program {
    /// Without the kernels that nothing asks for.
    pub fn without_waste(mut self) -> Program {
        let mut needed = vec![false; self.regs];
        let mark = |needed: &mut Vec<bool>, reg: Reg| {
            if let Some(place) = needed.get_mut(reg.0 as usize) {
                *place = true;
            }
        };
        self.outputs.iter().for_each(|output| mark(&mut needed, *output));
        let mut kept = Vec::new();
        for (to, mut kernel) in self.kernels.into_iter().rev() {
            if needed.get(to.0 as usize) == Some(&true) {
                kernel.reads().into_iter().for_each(|reg| mark(&mut needed, *reg));
                kept.push((to, kernel));
            }
        }
        kept.reverse();
        self.kernels = kept;
        let loaded = self.fields();
        self.watched.retain(|field| !loaded.contains(field));
        self.watched.sort();
        self.watched.dedup();
        self
    }

    /// The fields that it reads.
    pub fn fields(&self) -> Vec<FieldIx> {
        let field = |(_, kernel): &(Reg, Kernel)| match kernel {
            Kernel::Load { field } | Kernel::LookUpField { field, .. } => Some(*field),
            _ => None,
        };
        let mut fields: Vec<FieldIx> = self.kernels.iter().filter_map(field).collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// Whether it computes a node by exact cells.
    pub fn asks(&self, place: Place) -> bool {
        self.kernels.iter().any(|(_, kernel)| matches!(kernel, Kernel::Exact { settle } if settle.place == place))
    }

    /// Gives columns that are not needed any more to those that come later, so that all of them stay in the cache.
    pub fn with_few_regs(mut self) -> Program {
        let mut last_use = vec![0_usize; self.regs];
        for (at, (to, kernel)) in self.kernels.iter_mut().enumerate() {
            for reg in kernel.reads().into_iter().chain([to]) {
                if let Some(last) = last_use.get_mut(reg.0 as usize) {
                    *last = at;
                }
            }
        }
        for output in &self.outputs {
            if let Some(last) = last_use.get_mut(output.0 as usize) {
                *last = usize::MAX;
            }
        }
        let mut names: Vec<Option<Reg>> = vec![None; self.regs];
        let (mut free, mut count): (Vec<Reg>, u32) = (Vec::new(), 0);
        let name_of = |names: &[Option<Reg>], reg: Reg| names.get(reg.0 as usize).copied().flatten();
        for (at, (to, kernel)) in self.kernels.iter_mut().enumerate() {
            let in_place = kernel.in_place();
            let ends = |reg: Reg| last_use.get(reg.0 as usize) == Some(&at);
            let mut done: Vec<Reg> = Vec::new();
            for read in kernel.reads() {
                let old = *read;
                *read = name_of(&names, old).unwrap_or(old);
                if ends(old) && !done.contains(read) && !(in_place && old == *to) {
                    done.push(*read);
                }
            }
            let old = *to;
            if !in_place {
                // A kernel never writes where it reads: what it has read is free only afterwards.
                let name = free.pop().unwrap_or_else(|| {
                    count += 1;
                    Reg(count - 1)
                });
                if let Some(place) = names.get_mut(old.0 as usize) {
                    *place = Some(name);
                }
            }
            *to = name_of(&names, old).unwrap_or(old);
            if ends(old) {
                done.push(*to);
            }
            free.append(&mut done);
        }
        self.outputs.iter_mut().for_each(|output| *output = name_of(&names, *output).unwrap_or(*output));
        self.regs = count as usize;
        self
    }
}

/// The exact cells of rows that bounds do not decide.
pub(super) trait Exactly: Sync {
    /// The cell of a row of a chunk as a stored number, NaN where there is none.
    fn settle(&self, settle: &Settle, chunk: &Chunk<'_>, at: usize) -> f64;
}

/// The rows of a chunk, and where what they need is.
pub(super) struct Chunk<'c> {
    pub block: Option<&'c Block>,
    /// The first row, in the block and altogether.
    pub at: usize,
    pub first: usize,
    pub rows: usize,
    /// Columns that were computed before.
    pub columns: &'c [Vec<f64>],
    pub exactly: &'c dyn Exactly,
}

/// The columns of one chunk after another.
pub(super) struct Machine<const N: usize> {
    regs: Vec<Option<Box<Lanes<N>>>>,
    /// How near rows are to a threshold; taken out while it is made and read.
    near: Option<Box<Lanes<N>>>,
    nothing: Box<Lanes<N>>,
    /// How many cells were settled exactly.
    pub settled: u64,
    /// Rows with a cell that no column can hold: nothing of them is to be trusted here.
    pub odd: Vec<usize>,
}

impl<const N: usize> Machine<N> {
    pub fn new(program: &Program) -> Machine<N> {
        Machine {
            regs: (0..program.regs).map(|_| Some(Box::new([0.0; N]))).collect(),
            near: Some(Box::new([0.0; N])),
            nothing: Box::new([f64::NAN; N]),
            settled: 0,
            odd: Vec::new(),
        }
    }

    /// A column as it stands.
    pub fn reg(&self, reg: Reg) -> &Lanes<N> {
        match self.regs.get(reg.0 as usize) {
            Some(Some(lanes)) => lanes,
            // Only a kernel that reads what it writes could see this, and there is none.
            _ => &self.nothing,
        }
    }

    /// Runs a program over a chunk of at most `N` rows.
    pub fn run(&mut self, program: &Program, chunk: &Chunk<'_>) {
        for field in &program.watched {
            if let Some(block) = chunk.block {
                self.odd_rows(block.column(*field), chunk);
            }
        }
        for (to, kernel) in &program.kernels {
            // The column is taken out while it is written, so that all others can be read.
            let place = to.0 as usize;
            let Some(mut to) = self.regs.get_mut(place).and_then(Option::take) else { continue };
            self.step(kernel, &mut to, chunk);
            if let Some(place) = self.regs.get_mut(place) {
                *place = Some(to);
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, kernel: &Kernel, to: &mut Lanes<N>, chunk: &Chunk<'_>) {
        use Kernel as K;
        match kernel {
            K::Load { field } => {
                let column = chunk.block.map_or(&Stored::Dropped, |block| block.column(*field));
                if k::load(to, column, chunk.at, chunk.rows) {
                    self.odd_rows(column, chunk);
                }
            }
            K::LookUpField { field, table } => {
                let column = chunk.block.map_or(&Stored::Dropped, |block| block.column(*field));
                if k::look_up_field(to, column, chunk.at, chunk.rows, &table.0) {
                    self.odd_rows(column, chunk);
                }
            }
            K::Column { column } => {
                let cells = chunk.columns.get(*column).and_then(|cells| cells.get(chunk.first..chunk.first + chunk.rows));
                to.fill(f64::NAN);
                to.iter_mut().zip(cells.unwrap_or_default()).for_each(|(to, cell)| *to = *cell);
            }
            K::Fill { with } => to.fill(*with),
            K::Negate { a } => k::map(to, self.reg(*a), |a| -a),
            K::Abs { a } => k::map(to, self.reg(*a), f64::abs),
            &K::Scale { a, by } => k::map(to, self.reg(a), |a| a * by),
            &K::AddConstant { a, b } => k::map(to, self.reg(a), |a| a + b),
            &K::Add { a, by, b, times } => match (by == 1.0, times == 1.0) {
                (true, true) => k::zip(to, self.reg(a), self.reg(b), |a, b| a + b),
                (true, false) => k::zip(to, self.reg(a), self.reg(b), |a, b| a + b * times),
                (false, true) => k::zip(to, self.reg(a), self.reg(b), |a, b| a * by + b),
                (false, false) => k::zip(to, self.reg(a), self.reg(b), |a, b| a * by + b * times),
            },
            &K::Accumulate { a, by } => {
                if by == 1.0 {
                    k::join(to, self.reg(a), |to, a| to + a);
                } else {
                    k::join(to, self.reg(a), |to, a| to + a * by);
                }
            }
            K::Mul { a, b } => k::zip(to, self.reg(*a), self.reg(*b), |a, b| a * b),
            K::Div { a, b } => k::zip(to, self.reg(*a), self.reg(*b), k::divide),
            K::Reciprocal { a } => k::map(to, self.reg(*a), k::reciprocal),
            &K::WhereZero { a, b, of } => k::zip(to, self.reg(a), self.reg(of), |a, of| if a == 0.0 { b } else { of }),
            &K::AtMost { a, b } => k::map(to, self.reg(a), |a| if a > b { b } else { a }),
            &K::AtLeast { a, b } => k::map(to, self.reg(a), |a| if a < b { b } else { a }),
            K::Greater { a, b } => k::zip(to, self.reg(*a), self.reg(*b), k::greater),
            K::Smaller { a, b } => k::zip(to, self.reg(*a), self.reg(*b), k::smaller),
            K::Default { a, b } => k::zip(to, self.reg(*a), self.reg(*b), |a, b| if a.is_nan() { b } else { a }),
            &K::DefaultTo { a, b } => k::map(to, self.reg(a), |a| if a.is_nan() { b } else { a }),
            K::Filled { a } => k::map(to, self.reg(*a), |a| if a.is_nan() { k::NO } else { k::YES }),
            K::Not { a } => k::map(to, self.reg(*a), |a| k::YES - a),
            K::And { a, b } => k::zip(to, self.reg(*a), self.reg(*b), k::and),
            K::Or { a, b } => k::zip(to, self.reg(*a), self.reg(*b), k::or),
            K::Select { when, then, otherwise } => {
                k::zip(to, self.reg(*when), self.reg(*then), |when, then| if when == k::YES { then } else { f64::NAN });
                let (when, otherwise) = (self.reg(*when), self.reg(*otherwise));
                for ((to, when), otherwise) in to.iter_mut().zip(when).zip(otherwise) {
                    *to = if *when == k::NO { *otherwise } else { *to };
                }
            }
            &K::SelectConstants { when, then, otherwise } => k::map(to, self.reg(when), |when| {
                let known = if when == k::YES { then } else { otherwise };
                if when.is_nan() { when } else { known }
            }),
            &K::Where { when, a, b } => {
                k::zip(to, self.reg(when), self.reg(a), |when, a| if when == k::YES { a } else { b });
            }
            K::Given { a, b } => k::zip(to, self.reg(*a), self.reg(*b), |a, b| if b.is_nan() { b } else { a }),
            K::Between { a, low, high, settle } => {
                let (low, high) = (*low, *high);
                k::map(to, self.reg(*a), |a| k::between(a, low, high));
                self.settle(to, *a, settle.as_ref(), chunk);
            }
            K::Bands { a, bands, settle } => {
                let lanes = self.reg(*a);
                to.fill(f64::NAN);
                for &(low, high, points) in bands.iter().rev() {
                    k::join(to, lanes, |to, a| if (a >= low) & (a <= high) { points } else { to });
                }
                self.settle(to, *a, settle.as_ref(), chunk);
            }
            K::Proportional { a, cap, floor, settle } => {
                let (cap, floor) = (*cap, *floor);
                k::map(to, self.reg(*a), |a| {
                    let capped = if a > cap { cap } else { a };
                    if a < floor { 0.0 } else { capped }
                });
                self.settle(to, *a, settle.as_ref(), chunk);
            }
            K::Within { a, low, high, instead, settle } => {
                let (low, high, instead) = (*low, *high, *instead);
                k::map(to, self.reg(*a), |a| {
                    let inside = if (a >= low) & (a <= high) { a } else { instead };
                    if a.is_nan() { a } else { inside }
                });
                self.settle(to, *a, settle.as_ref(), chunk);
            }
            K::Round { a, by, settle } => {
                let Some(mut near) = self.near.take() else { return };
                if k::round(to, &mut near, self.reg(*a), by) {
                    self.settle_marked(to, &near, settle, chunk);
                }
                self.near = Some(near);
            }
            K::SettleNear { of, a, settle } => {
                *to = *self.reg(*of);
                self.settle(to, *a, Some(settle), chunk);
            }
            K::SettleOpen { a, gaps, settle } => {
                let Some(mut near) = self.near.take() else { return };
                *to = *self.reg(*a);
                let gaps = *gaps;
                let open = |a: f64| if (a == f64::INFINITY) | (gaps & a.is_nan()) { 0.0 } else { 1.0 };
                k::map(&mut near, to, open);
                self.settle_marked(to, &near, settle, chunk);
                self.near = Some(near);
            }
            K::Exact { settle } => {
                to.fill(f64::NAN);
                for (at, to) in to.iter_mut().take(chunk.rows).enumerate() {
                    *to = chunk.exactly.settle(settle, chunk, at);
                }
                self.settled += chunk.rows as u64;
            }
        }
    }

    /// Notes the rows of which a cell is not what its column can hold.
    #[cold]
    fn odd_rows(&mut self, column: &Stored, chunk: &Chunk<'_>) {
        self.odd.extend((0..chunk.rows).filter(|at| column.is_odd(chunk.at + at)).map(|at| chunk.first + at));
    }

    /// Settles the rows that are too near to a threshold.
    fn settle(&mut self, to: &mut Lanes<N>, a: Reg, settle: Option<&Thresholds>, chunk: &Chunk<'_>) {
        let Some((thresholds, settle)) = settle else { return };
        let Some(mut near) = self.near.take() else { return };
        if k::nearest(&mut near, self.reg(a), thresholds) {
            self.settle_marked(to, &near, settle, chunk);
        }
        self.near = Some(near);
    }

    fn settle_marked(&mut self, to: &mut Lanes<N>, near: &Lanes<N>, settle: &Settle, chunk: &Chunk<'_>) {
        for (at, (to, near)) in to.iter_mut().zip(near).take(chunk.rows).enumerate() {
            if *near <= 0.0 {
                *to = chunk.exactly.settle(settle, chunk, at);
                self.settled += 1;
            }
        }
    }
}
