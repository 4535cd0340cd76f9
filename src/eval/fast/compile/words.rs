//! Words and their codes (选项与代码): what is chosen by them, and choices between them.

use super::super::bound::{Bounded, CONSTANT, WHOLE, grain_of, to_double};
use super::super::emit::Num;
use super::super::kernels::{NO, YES};
use super::super::program::{ByCode, Kernel, Reg};
use super::{Codes, Compiler, Constant, Got, It};
use crate::eval::exact::case_of;
use crate::eval::plan::{NodeId, TargetBound};
use crate::model::FieldIx;
use crate::number::Exact;
use crate::text::Name;

/// A field with more options is left to exact cells: their codes take a byte.
const MOST_OPTIONS: usize = 250;

impl Compiler<'_> {
    /// A target by an option.
    pub(super) fn bound(&mut self, layer: u8, by: NodeId, cases: &[TargetBound]) -> Option<Got> {
        let mut bounds = Vec::new();
        for case in cases {
            match self.got(layer, case.bound)?.it {
                It::Number(Num::Constant(number)) => bounds.push(number),
                _ => return None,
            }
        }
        let by = self.got(layer, by)?;
        self.of_words(&by, |word| case_of(cases.iter().map(|case| &*case.options), word).and_then(|at| bounds.get(at)).cloned())
    }

    /// The points of levels.
    pub(super) fn levels(&mut self, layer: u8, of: NodeId, levels: &[(Box<[Name]>, Exact)]) -> Option<Got> {
        let got = self.got(layer, of)?;
        self.of_words(&got, |word| {
            let at = case_of(levels.iter().map(|(options, _)| &**options), word)?;
            levels.get(at).map(|(_, points)| points.clone())
        })
    }

    /// A number for each word that something may be.
    fn of_words(&self, got: &Got, of: impl Fn(&Name) -> Option<Exact>) -> Option<Got> {
        let (codes, numbers) = match &got.it {
            It::Option(field) => (Codes::Field(*field), self.options(*field)?.iter().map(of).collect()),
            It::Word(codes, words) => (Codes::Column(*codes), words.iter().map(of).collect()),
            It::Number(_) | It::ByWord(..) | It::Flag(_) | It::Constant(_) => return None,
        };
        Some(Got { it: It::ByWord(codes, numbers), na: got.na.clone() })
    }

    /// The options of a field, if there are not too many.
    fn options(&self, field: FieldIx) -> Option<&[Name]> {
        Some(self.table.dictionary(field)).filter(|names| names.len() < MOST_OPTIONS)
    }

    /// A number for each word, made of the ones that stand there.
    pub(super) fn by_word(&mut self, codes: Codes, numbers: &[Option<Exact>], of: impl Fn(&Exact) -> Option<Exact>) -> Option<Num> {
        let made: Vec<Option<Exact>> = numbers.iter().map(|number| number.as_ref().map(&of)).map(Option::flatten).collect();
        if made.iter().zip(numbers).any(|(made, number)| made.is_none() && number.is_some()) {
            return None;
        }
        // The least common denominator makes all of them whole, if it is short.
        let denominators = made.iter().flatten().map(|number| Bounded::constant(number).1);
        let common = denominators.reduce(|one, other| Bounded { scale: one.common(&other).0, ..one });
        let scale = common.map_or(Exact::ONE, |bounds| bounds.scale);
        let stored: Vec<Option<Exact>> = made.iter().map(|number| number.as_ref().and_then(|number| number.checked_div(&scale))).collect();
        let points = stored.iter().map(|number| number.as_ref().map_or(f64::NAN, to_double));
        let all = || stored.iter().flatten();
        let (low, high) = (made.iter().flatten().min()?.clone(), made.iter().flatten().max()?.clone());
        let most = all().map(|number| to_double(number).abs()).fold(0.0, f64::max);
        let least = all().map(|number| to_double(number).abs()).filter(|number| *number > 0.0).fold(f64::MAX, f64::min);
        let exact = all().all(Exact::is_integer) && most < WHOLE;
        let bounds = Bounded {
            scale,
            low: Some(low),
            high: Some(high),
            most,
            least: if exact || least == f64::MAX { 1.0 } else { least },
            grain: if exact || least == f64::MAX { 1.0 } else { grain_of(least) },
            relative: if exact { 0.0 } else { CONSTANT },
            absolute: 0.0,
            whole: exact,
        };
        let kernel = match codes {
            Codes::Field(field) => {
                let mut table = [f64::NAN; 256];
                table.iter_mut().zip(points).for_each(|(place, points)| *place = points);
                Kernel::LookUpField { field, table: ByCode::new(table) }
            }
            Codes::Column(a) => {
                let bands = (0_u32..).map(f64::from).zip(points).map(|(code, points)| (code, code, points));
                Kernel::Bands { a, bands: bands.collect(), settle: None }
            }
        };
        Some(Num::Column(self.emitter.put(kernel), bounds))
    }

    pub(super) fn option_is(&mut self, field: FieldIx, holds: impl Fn(&Name) -> bool) -> Option<Reg> {
        let names = self.options(field)?;
        let mut table = [f64::NAN; 256];
        table.iter_mut().zip(names).for_each(|(place, name)| *place = if holds(name) { YES } else { NO });
        Some(self.emitter.put(Kernel::LookUpField { field, table: ByCode::new(table) }))
    }

    /// The code of a word among all those that a choice may come to, which take up what is new.
    pub(super) fn coded(&mut self, got: &Got, words: &mut Vec<Name>) -> Option<Num> {
        let mut code = |word: &Name| {
            let known = words.iter().position(|name| name == word);
            Exact::from(known.unwrap_or_else(|| {
                words.push(word.clone());
                words.len() - 1
            }))
        };
        let (codes, numbers): (Codes, Vec<Option<Exact>>) = match &got.it {
            It::Constant(Constant::Word(word)) => return Some(Num::Constant(code(word))),
            It::Option(field) => (Codes::Field(*field), self.options(*field)?.iter().map(|word| Some(code(word))).collect()),
            It::Word(codes, words) => (Codes::Column(*codes), words.iter().map(|word| Some(code(word))).collect()),
            It::Number(_) | It::ByWord(..) | It::Flag(_) | It::Constant(_) => return None,
        };
        self.by_word(codes, &numbers, |code| Some(code.clone()))
    }
}
