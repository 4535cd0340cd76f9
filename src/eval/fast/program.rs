//! Programs (向量程序): kernels in their order, over columns of a chunk.
//!
//! Not here: how a plan becomes a program (`compile`), the loops (`kernels`).

use super::kernels::RoundTo;
use crate::eval::plan::NodeId;
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
pub(super) struct ByCode {
    pub numbers: Arc<[f64; 256]>,
    /// Whether there are none but for the first four codes, so that these are read through instead of looked into.
    pub few: bool,
}

impl ByCode {
    pub fn new(numbers: [f64; 256]) -> ByCode {
        ByCode { few: numbers.iter().skip(4).all(|number| number.is_nan()), numbers: Arc::new(numbers) }
    }
}

impl fmt::Debug for ByCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.numbers.iter().take_while(|number| !number.is_nan())).finish()
    }
}

/// Two whole columns to be held against each other: one of them times a number.
#[derive(Clone, Debug)]
pub(super) struct Crossed {
    pub above: Reg,
    pub times: f64,
    pub below: Reg,
}

/// Where `above·times − below·by` is to lie, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub by: f64,
    pub low: f64,
    pub high: f64,
}

/// What a choice may come to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arm {
    Column(Reg),
    Constant(f64),
}

impl Arm {
    fn reads(&mut self) -> Option<&mut Reg> {
        match self {
            Arm::Column(reg) => Some(reg),
            Arm::Constant(_) => None,
        }
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
    /// no where a field is not asked of the row, else yes.
    Applies {
        field: FieldIx,
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
    /// what it is, and `a·by` more; `or` in the place of an `a` that is nothing.
    Accumulate {
        a: Reg,
        or: f64,
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
    /// `a`, but nothing in the place of zero.
    NotZero {
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
        then: Arm,
        otherwise: Arm,
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
    /// whether a quotient lies on some side of a number.
    Beside {
        of: Crossed,
        side: Side,
    },
    /// as `Select`, by the side of a number on which a quotient lies.
    SelectBeside {
        of: Crossed,
        side: Side,
        then: Arm,
        otherwise: Arm,
    },
    /// the points of the first band that takes a quotient: one side of it, and if `two` says so, another.
    BandsBeside {
        of: Crossed,
        bands: Box<[(Side, Side, f64)]>,
        two: bool,
    },
    /// `a`, at most `cap`; zero where a quotient lies below the floor `by`.
    ProportionalBeside {
        a: Reg,
        cap: f64,
        of: Crossed,
        by: f64,
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
            K::Applies { .. } | K::Load { .. } | K::LookUpField { .. } | K::Column { .. } | K::Fill { .. } | K::Exact { .. } => Vec::new(),
            K::Negate { a }
            | K::Abs { a }
            | K::Scale { a, .. }
            | K::AddConstant { a, .. }
            | K::Accumulate { a, .. }
            | K::Reciprocal { a }
            | K::NotZero { a }
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
            K::Beside { of, .. } | K::BandsBeside { of, .. } => vec![&mut of.above, &mut of.below],
            K::ProportionalBeside { a, of, .. } => vec![a, &mut of.above, &mut of.below],
            K::Select { when, then, otherwise } => std::iter::once(when).chain(then.reads()).chain(otherwise.reads()).collect(),
            K::SelectBeside { of, then, otherwise, .. } => {
                [&mut of.above, &mut of.below].into_iter().chain(then.reads()).chain(otherwise.reads()).collect()
            }
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
    /// Fields of which it knows what it means that they are not asked of a row.
    pub conditional: Vec<FieldIx>,
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

    /// With what is added to a sum added as soon as it is there, so that its column is soon free again.
    pub fn with_early_sums(mut self) -> Program {
        let mut summed = vec![false; self.regs];
        for (to, kernel) in &self.kernels {
            if let (true, Some(summed)) = (kernel.in_place(), summed.get_mut(to.0 as usize)) {
                *summed = true;
            }
        }
        // After which kernel each column was written last. What belongs to a sum comes right after all that it needs.
        let mut written = vec![0_usize; self.regs];
        let mut placed = Vec::with_capacity(self.kernels.len());
        for (at, (to, mut kernel)) in self.kernels.into_iter().enumerate() {
            let after = |reg: Reg| written.get(reg.0 as usize).copied().unwrap_or(at);
            let place = match summed.get(to.0 as usize) {
                Some(true) => kernel.reads().into_iter().map(|reg| after(*reg)).chain([after(to)]).max().unwrap_or(at),
                _ => at,
            };
            if let Some(written) = written.get_mut(to.0 as usize) {
                *written = place;
            }
            placed.push((place, to, kernel));
        }
        placed.sort_by_key(|(place, ..)| *place);
        self.kernels = placed.into_iter().map(|(_, to, kernel)| (to, kernel)).collect();
        self
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
