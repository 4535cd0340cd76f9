//! Running a program (向量程序的运行): chunk after chunk over columns that stay in the cache.
//!
//! Not here: the loops (`kernels`), who settles what bounds leave open (`settle`).

use super::kernels::{self as k, Lanes};
use super::program::{Arm, Kernel, Program, Reg, Settle, Thresholds};
use crate::eval::block::Block;
use crate::eval::stored::Stored;
use crate::model::FieldIx;

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
            self.odd_rows(*field, program, chunk);
        }
        #[cfg(target_arch = "x86_64")]
        if const { N > 8 }
            && let Some(wide) = fearless_simd::Level::new().as_avx2()
        {
            // The same loops once more, four numbers an instruction. Nothing is contracted: each operation rounds as it does here.
            return fearless_simd::Simd::vectorize(
                wide,
                #[inline(always)]
                || self.steps(program, chunk),
            );
        }
        self.steps(program, chunk);
    }

    #[inline(always)]
    fn steps(&mut self, program: &Program, chunk: &Chunk<'_>) {
        for (to, kernel) in &program.kernels {
            // The column is taken out while it is written, so that all others can be read.
            let place = to.0 as usize;
            let Some(mut to) = self.regs.get_mut(place).and_then(Option::take) else { continue };
            self.step(kernel, &mut to, program, chunk);
            if let Some(place) = self.regs.get_mut(place) {
                *place = Some(to);
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, kernel: &Kernel, to: &mut Lanes<N>, program: &Program, chunk: &Chunk<'_>) {
        use Kernel as K;
        match kernel {
            K::Load { field } => {
                let column = chunk.block.map_or(&Stored::Dropped, |block| block.column(*field));
                if k::load(to, column, chunk.at, chunk.rows) {
                    self.odd_rows(*field, program, chunk);
                }
            }
            K::LookUpField { field, table } => {
                let column = chunk.block.map_or(&Stored::Dropped, |block| block.column(*field));
                if k::look_up_field(to, column, chunk.at, chunk.rows, table) {
                    self.odd_rows(*field, program, chunk);
                }
            }
            K::Applies { field } => {
                to.fill(k::YES);
                let rows = chunk.block.into_iter().flat_map(|block| block.inapplicable(*field, chunk.at..chunk.at + chunk.rows));
                rows.for_each(|row| to.get_mut(row - chunk.at).into_iter().for_each(|lane| *lane = k::NO));
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
            &K::Accumulate { a, or, by } => k::join(to, self.reg(a), |to, a| to + if a.is_nan() { or } else { a } * by),
            K::Mul { a, b } => k::zip(to, self.reg(*a), self.reg(*b), |a, b| a * b),
            K::Div { a, b } => k::zip(to, self.reg(*a), self.reg(*b), k::divide),
            K::Reciprocal { a } => k::map(to, self.reg(*a), k::reciprocal),
            K::NotZero { a } => k::map(to, self.reg(*a), |a| if a == 0.0 { f64::NAN } else { a }),
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
                let when = self.reg(*when).iter().copied();
                self.choose(to, when, *then, *otherwise, |when| when == k::YES, |when| when == k::NO);
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
                k::bands(to, self.reg(*a), bands);
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
            K::Beside { of, side } => {
                let (times, side) = (of.times, *side);
                let lies = |above: f64, below: f64| k::between(above * times - below * side.by, side.low, side.high);
                k::zip(to, self.reg(of.above), self.reg(of.below), lies);
            }
            K::SelectBeside { of, side, then, otherwise } => {
                let (times, side) = (of.times, *side);
                let apart = self.reg(of.above).iter().zip(self.reg(of.below)).map(|(above, below)| above * times - below * side.by);
                self.choose(to, apart, *then, *otherwise, |apart| (apart >= side.low) & (apart <= side.high), |apart| !apart.is_nan());
            }
            K::BandsBeside { of, bands, two } => k::bands_beside(to, self.reg(of.above), self.reg(of.below), of.times, bands, *two),
            K::ProportionalBeside { a, cap, of, by } => {
                let (a, above, below) = (self.reg(*a), self.reg(of.above), self.reg(of.below));
                for (((to, a), above), below) in to.iter_mut().zip(a).zip(above).zip(below) {
                    let capped = if *a > *cap { *cap } else { *a };
                    *to = if above * of.times < below * by { 0.0 } else { capped };
                }
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

    /// One or another by what is seen, nothing where neither is said; where both are, the first.
    #[inline(always)]
    fn choose(
        &self,
        to: &mut Lanes<N>,
        seen: impl Iterator<Item = f64>,
        then: Arm,
        otherwise: Arm,
        yes: impl Fn(f64) -> bool,
        no: impl Fn(f64) -> bool,
    ) {
        let pick = |seen: f64, then: f64, otherwise: f64| {
            let other = if no(seen) { otherwise } else { f64::NAN };
            if yes(seen) { then } else { other }
        };
        match (then, otherwise) {
            (Arm::Constant(then), Arm::Constant(otherwise)) => {
                to.iter_mut().zip(seen).for_each(|(to, seen)| *to = pick(seen, then, otherwise));
            }
            (Arm::Column(then), Arm::Constant(otherwise)) => {
                to.iter_mut().zip(seen).zip(self.reg(then)).for_each(|((to, seen), then)| *to = pick(seen, *then, otherwise));
            }
            (Arm::Constant(then), Arm::Column(otherwise)) => {
                to.iter_mut().zip(seen).zip(self.reg(otherwise)).for_each(|((to, seen), otherwise)| *to = pick(seen, then, *otherwise));
            }
            (Arm::Column(then), Arm::Column(otherwise)) => {
                let arms = self.reg(then).iter().zip(self.reg(otherwise));
                to.iter_mut().zip(seen).zip(arms).for_each(|((to, seen), (then, otherwise))| *to = pick(seen, *then, *otherwise));
            }
        }
    }

    /// Notes the rows of which a cell is not what its column can hold, and not only one that the program knows not to apply.
    #[cold]
    fn odd_rows(&mut self, field: FieldIx, program: &Program, chunk: &Chunk<'_>) {
        let Some(block) = chunk.block else { return };
        let (column, rows) = (block.column(field), chunk.at..chunk.at + chunk.rows);
        let known = program.conditional.contains(&field);
        let mut known = block.inapplicable(field, rows.clone()).filter(|_| known).peekable();
        let odd = rows.filter(|row| column.is_odd(*row)).filter(|row| known.next_if_eq(row).is_none());
        self.odd.extend(odd.map(|row| chunk.first + row - chunk.at));
    }

    /// Settles the rows that are too near to a threshold.
    #[inline(always)]
    fn settle(&mut self, to: &mut Lanes<N>, a: Reg, settle: Option<&Thresholds>, chunk: &Chunk<'_>) {
        let Some((thresholds, settle)) = settle else { return };
        let Some(mut near) = self.near.take() else { return };
        if k::nearest(&mut near, self.reg(a), thresholds) {
            self.settle_marked(to, &near, settle, chunk);
        }
        self.near = Some(near);
    }

    #[inline(never)]
    fn settle_marked(&mut self, to: &mut Lanes<N>, near: &Lanes<N>, settle: &Settle, chunk: &Chunk<'_>) {
        for (at, (to, near)) in to.iter_mut().zip(near).take(chunk.rows).enumerate() {
            if *near <= 0.0 {
                *to = chunk.exactly.settle(settle, chunk, at);
                self.settled += 1;
            }
        }
    }
}
