//! What all checks share (公共部分): the texts, what was found, units, parameters.

use super::mistakes::names;
use crate::diag::{Diagnostics, Mistake};
use crate::model::{ExprId, Param, Straightened, Unit, UnitTable};
use crate::syntax::tree::UnitExpr;
use crate::syntax::{Tree, keywords};
use crate::text::{At, Name, Span, Texts, nearest};
use std::collections::BTreeSet;

/// Shared by all checks of one run.
pub(super) struct Core<'t> {
    pub texts: &'t Texts,
    pub found: Diagnostics,
    pub units: UnitTable,
    pub params: Vec<Param>,
    pub used_params: BTreeSet<usize>,
    /// Scripts without an error.
    pub scripts: Vec<Straightened>,
    /// Pieces that could not be read.
    broken: Vec<Span>,
    /// Words in those pieces: what is not found may well be declared there, so nothing more is told of it.
    poisoned: BTreeSet<String>,
    /// Whether some block has lost its head, and with it a name.
    headless: bool,
    next_id: u32,
}

impl<'t> Core<'t> {
    pub fn new(texts: &'t Texts, trees: &[Tree]) -> Core<'t> {
        let broken: Vec<_> = trees.iter().flat_map(|tree| tree.broken.iter().copied()).collect();
        let words = |span: &Span| {
            let split = texts.slice(*span).split(|c: char| !(c.is_alphanumeric() || c == '_'));
            split.map(str::to_owned).collect::<Vec<_>>()
        };
        // A keyword that is misspelt: what it would have declared may be missed elsewhere.
        let spelt = |span: &Span| {
            let first = texts.slice(*span).split(|c: char| !(c.is_alphanumeric() || c == '_')).find(|word| !word.is_empty());
            let spellings = keywords().iter().flat_map(|known| [known.english, known.chinese]);
            let near = first.and_then(|word| nearest(word, spellings));
            let known = near.and_then(|near| keywords().iter().find(|known| known.english == near || known.chinese == near));
            known.into_iter().flat_map(|known| [known.english.to_owned(), known.chinese.to_owned()]).collect::<Vec<_>>()
        };
        Core {
            texts,
            found: Diagnostics::new(),
            units: UnitTable::default(),
            params: Vec::new(),
            used_params: BTreeSet::new(),
            scripts: Vec::new(),
            poisoned: broken.iter().flat_map(|span| [words(span), spelt(span)].concat()).collect(),
            broken,
            headless: trees.iter().any(|tree| tree.headless),
            next_id: 0,
        }
    }

    pub fn tell(&mut self, mistake: Mistake) {
        self.found.push(mistake);
    }

    /// Tells that a name is unknown, unless it stands in a piece that could not be read.
    pub fn tell_unknown(&mut self, name: &str, mistake: Mistake) {
        if !self.headless && !self.poisoned.contains(name) {
            self.found.push(mistake);
        }
    }

    /// A name that nothing more is told of: why there is nothing of it has been told.
    pub fn poison(&mut self, name: &str) {
        self.poisoned.insert(name.to_owned());
    }

    /// Whether every piece of every text could be read.
    pub fn all_read(&self) -> bool {
        self.broken.is_empty()
    }

    /// Whether something inside `span` could not be read, so that what seems to lack there may be there.
    pub fn is_broken(&self, span: Span) -> bool {
        self.broken.iter().any(|broken| broken.touches(span))
    }

    /// The id of a new expression.
    pub fn id(&mut self) -> ExprId {
        let id = ExprId(self.next_id);
        self.next_id += 1;
        id
    }

    /// Begins to count expressions anew, for the next rubric or form.
    pub fn restart_ids(&mut self) -> u32 {
        std::mem::take(&mut self.next_id)
    }

    /// The unit of a written one; unknown words are told, and the rest is kept.
    pub fn unit(&mut self, written: &At<UnitExpr>) -> Option<Unit> {
        let mut unit = Unit::one();
        let mut known = true;
        for (word, below) in &written.it.factors {
            match self.units.get(&word.it) {
                Some(factor) if *below => unit = unit.per(factor),
                Some(factor) => unit = unit.times(factor),
                None => {
                    known = false;
                    self.tell_unknown_unit(word);
                }
            }
        }
        known.then_some(unit)
    }

    fn tell_unknown_unit(&mut self, word: &At<Name>) {
        let near = nearest(&word.it, self.units.names().map(Name::as_str)).map(str::to_owned);
        self.tell_unknown(&word.it, names::unknown_unit(&word.it, word.span, near.as_deref()));
    }
}
