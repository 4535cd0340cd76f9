//! Fields and lists as columns (列).

use super::super::bound::Bounded;
use super::super::emit::Num;
use super::super::kernels::{NO, YES};
use super::super::program::{Kernel, Reg};
use super::{Compiler, Constant, Got, It, Na};
use crate::eval::plan::{Kind, NodeId, Whom};
use crate::model::{FieldIx, StatisticKind};
use crate::number::Exact;

impl Compiler<'_> {
    pub(super) fn load(&mut self, field: FieldIx) -> Reg {
        if let Some(known) = self.loaded.get(&field) {
            return *known;
        }
        let reg = self.emitter.put(Kernel::Load { field });
        self.loaded.insert(field, reg);
        reg
    }

    /// As a number, where it is one.
    pub(super) fn number(&mut self, got: &Got) -> Option<Num> {
        match &got.it {
            It::Number(number) => Some(number.clone()),
            It::Flag(reg) => Some(Num::Column(*reg, Bounded::whole(Exact::ONE, 0, 1))),
            It::Constant(Constant::Flag(flag)) => Some(Num::Constant(Exact::from(i64::from(*flag)))),
            It::ByWord(codes, numbers) => self.by_word(*codes, numbers, |number| Some(number.clone())),
            _ => None,
        }
    }

    pub(super) fn flag(&mut self, got: &Got) -> Option<Reg> {
        match &got.it {
            It::Flag(reg) => Some(*reg),
            It::Constant(Constant::Flag(flag)) => Some(self.emitter.fill(if *flag { YES } else { NO })),
            _ => None,
        }
    }

    /// Any column, to see whether there is a value.
    pub(super) fn any(&mut self, got: &Got) -> Option<Reg> {
        match &got.it {
            It::Flag(reg) | It::Word(reg, _) => Some(*reg),
            It::Option(field) => Some(self.load(*field)),
            It::Constant(_) => Some(self.emitter.fill(YES)),
            It::Number(_) | It::ByWord(..) => self.number(got).map(|number| self.emitter.column(&number).0),
        }
    }

    pub(super) fn field(&mut self, layer: u8, node: NodeId, field: FieldIx) -> Option<Got> {
        if !self.table.keeps(field) {
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
        let na = if self.conditional.contains(&field) { Na::Unless(self.asked(field)) } else { Na::Nobody };
        Some(Got { it, na })
    }

    /// Of whom a field is asked.
    fn asked(&mut self, field: FieldIx) -> Reg {
        if let Some(known) = self.applies.get(&field) {
            return *known;
        }
        let reg = self.emitter.put(Kernel::Applies { field });
        self.applies.insert(field, reg);
        reg
    }

    pub(super) fn of_list(&mut self, layer: u8, at: usize) -> Option<Got> {
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
}
