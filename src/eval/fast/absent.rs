//! Where a column has nothing (空值的传播): what guards against it says twice.
//!
//! `if x == () || y == () || y <= 0 { 0 } else { … x / y … }` with 0 where there is nothing comes to what is left without the
//! guard: wherever it holds, the rest is nothing. Scripts are full of such guards.

use super::emit::Emitter;
use super::kernels::{NO, YES};
use super::program::{Arm, Kernel, Reg};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// So far it is followed from one column to the next.
const DEEPEST: usize = 32;

/// What is known of nothing in columns.
#[derive(Default)]
pub(super) struct Absences {
    /// Choices of a number by a guard: the number, and what the choice is where the guard does not hold.
    guarded: HashMap<Reg, (f64, Reg)>,
    spread: HashMap<Reg, Arc<BTreeSet<Reg>>>,
}

impl Emitter {
    /// Notes a choice: a number where `when` holds, else `rest`, if `rest` is nothing wherever `when` holds or is not known.
    pub(super) fn guarded(&mut self, choice: Reg, when: Reg, number: Reg, rest: Reg) {
        let (Some(Kernel::Fill { with }), Some(mut causes)) = (self.kernel(number), self.causes(when, DEEPEST)) else { return };
        let with = *with;
        let Some(mut open) = self.open(when, DEEPEST) else { return };
        causes.append(&mut open);
        let spread = self.spread(rest, DEEPEST);
        if causes.iter().all(|cause| spread.contains(cause)) {
            self.absences.guarded.insert(choice, (with, rest));
        }
    }

    /// What a column comes to once `number` stands in the place of nothing: the rest, if a guard chooses just that number.
    pub(super) fn unguarded(&self, of: Reg, number: f64) -> Reg {
        match self.absences.guarded.get(&of) {
            Some((with, rest)) if *with == number => self.unguarded(*rest, number),
            _ => of,
        }
    }

    /// Columns of which one is nothing wherever a condition holds.
    fn causes(&self, condition: Reg, deep: usize) -> Option<Vec<Reg>> {
        let deep = deep.checked_sub(1)?;
        match self.kernel(condition)? {
            Kernel::Not { a } => match self.kernel(*a)? {
                Kernel::Filled { a } => Some(vec![*a]),
                _ => None,
            },
            Kernel::Or { a, b } => Some([self.causes(*a, deep)?, self.causes(*b, deep)?].concat()),
            Kernel::Select { when, then: Arm::Constant(YES), otherwise: Arm::Column(b) } => {
                Some([self.causes(*when, deep)?, self.causes(*b, deep)?].concat())
            }
            // Of a divisor that is never below zero.
            Kernel::Between { a, high: 0.0, settle: None, .. } => self.divisor_of(*a).map(|divisor| vec![divisor]),
            _ => None,
        }
    }

    /// Columns of which one is nothing wherever it is not known whether a condition holds.
    fn open(&self, condition: Reg, deep: usize) -> Option<Vec<Reg>> {
        let deep = deep.checked_sub(1)?;
        match self.kernel(condition)? {
            Kernel::Filled { .. } => Some(Vec::new()),
            Kernel::Not { a } => self.open(*a, deep),
            Kernel::Between { a, .. } => Some(vec![*a]),
            Kernel::Or { a, b } => Some([self.open(*a, deep)?, self.open(*b, deep)?].concat()),
            Kernel::Select { when, then: Arm::Constant(YES | NO), otherwise: Arm::Column(b) } => {
                Some([self.open(*when, deep)?, self.open(*b, deep)?].concat())
            }
            _ => None,
        }
    }

    /// The columns that make a column nothing wherever one of them is.
    fn spread(&mut self, of: Reg, deep: usize) -> Arc<BTreeSet<Reg>> {
        use Kernel as K;
        if let Some(known) = self.absences.spread.get(&of) {
            return Arc::clone(known);
        }
        let Some(deep) = deep.checked_sub(1) else { return Arc::new(BTreeSet::from([of])) };
        let mut all = BTreeSet::from([of]);
        let kernel = self.kernel(of).cloned();
        let strict: Vec<Reg> = match &kernel {
            Some(
                K::Negate { a }
                | K::Abs { a }
                | K::Scale { a, .. }
                | K::AddConstant { a, .. }
                | K::Reciprocal { a }
                | K::NotZero { a }
                | K::AtMost { a, .. }
                | K::AtLeast { a, .. }
                | K::Between { a, .. }
                | K::Bands { a, .. }
                | K::Proportional { a, .. }
                | K::Within { a, .. }
                | K::SelectConstants { when: a, .. },
            ) => vec![*a],
            Some(
                K::Add { a, b, .. } | K::Mul { a, b } | K::Div { a, b } | K::Greater { a, b } | K::Smaller { a, b } | K::Given { a, b },
            ) => {
                vec![*a, *b]
            }
            Some(K::Beside { of, .. } | K::BandsBeside { of, .. } | K::ProportionalBeside { of, .. } | K::SelectBeside { of, .. }) => {
                vec![of.above, of.below]
            }
            Some(K::Select { when, .. }) => vec![*when],
            _ => Vec::new(),
        };
        for reg in strict {
            all.extend(self.spread(reg, deep).iter());
        }
        if let Some(
            K::Select { then: Arm::Column(a), otherwise: Arm::Column(b), .. }
            | K::SelectBeside { then: Arm::Column(a), otherwise: Arm::Column(b), .. },
        ) = kernel
        {
            let (one, other) = (self.spread(a, deep), self.spread(b, deep));
            all.extend(one.intersection(&other));
        }
        let all = Arc::new(all);
        self.absences.spread.insert(of, Arc::clone(&all));
        all
    }
}
