//! What is told to people about their rules and data (诊断): facts in a struct, words beside them in both languages.
//!
//! A diagnostic knows its code, its places and its words; it knows nothing of terminals, JSON or editors.
//! Not here: how it is printed (`report::diagnostics`).

mod codes;
mod lang;
mod mistake;
mod several;

pub use codes::{Code, Severity};
pub use lang::Lang;
pub use mistake::Mistake;

use crate::text::{Span, TextId};
use several::Several;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

/// Something that can be told: its facts are the fields, its words are here.
pub trait Say: fmt::Debug + Send + Sync {
    /// The stable code; it is never used for anything else.
    fn code(&self) -> Code;
    /// One line that makes sense alone: lower case in English, no full stop, the writer's text in backticks.
    fn headline(&self, lang: Lang) -> String;
    /// The places it speaks of, each with what that place *is*; the first [`Label::here`] is where it stands.
    fn labels(&self, lang: Lang) -> Vec<Label>;
    /// How to mend it, with text that can be pasted.
    fn help(&self, _lang: Lang) -> Option<String> {
        None
    }
    /// The clause that it restates (出处).
    fn source(&self) -> Option<String> {
        None
    }
    /// Where it stands when that is not a place in a rule text: a data file with its row and field.
    fn origin(&self) -> Option<Origin> {
        None
    }
}

/// A place in a data file (数据位置).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The sheet (工作表), of a workbook; lines and columns are then rows and columns of cells.
    pub sheet: Option<Arc<str>>,
    /// The line of the file, from 1, or the number of the record in a JSON file; 0: the file as a whole.
    pub line: usize,
    /// The column of the line, from 1, in characters; 0: the line as a whole.
    pub column: usize,
    /// The field, as its header is written.
    pub field: Option<Arc<str>>,
    /// What stands there, shortened where it is long.
    pub text: Arc<str>,
}

impl Origin {
    /// A file as a whole.
    pub fn file(file: impl Into<Arc<str>>) -> Origin {
        Origin { file: file.into(), sheet: None, line: 0, column: 0, field: None, text: "".into() }
    }

    /// The place in a workbook as it calls its cells: `办学条件!C7`, `办学条件!7:7` for a row; the sheet's name where no row is known.
    pub fn cell(&self) -> Option<String> {
        let sheet = self.sheet.as_ref()?;
        Some(match (self.line, self.column) {
            (0, _) => sheet.to_string(),
            (row, 0) => format!("{sheet}!{row}:{row}"),
            (row, column) => format!("{sheet}!{}{row}", column_letters(column)),
        })
    }
}

/// How a spreadsheet names its columns, from 1: `A`, `Z`, `AA`.
pub fn column_letters(column: usize) -> String {
    let (mut rest, mut letters) = (column, Vec::new());
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A labelled place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it is.
    pub text: String,
    /// Whether the diagnostic stands here, or the place only explains it.
    pub primary: bool,
}

impl Label {
    /// The place that the diagnostic is about.
    pub fn here(span: Span, text: impl Into<String>) -> Label {
        Label { span, text: text.into(), primary: true }
    }

    /// Another place that explains it.
    pub fn there(span: Span, text: impl Into<String>) -> Label {
        Label { span, text: text.into(), primary: false }
    }
}

/// One diagnostic; cheap to clone.
pub type Diagnostic = Arc<dyn Say>;

/// All that was found, in the order of the texts.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Nothing found yet.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one.
    pub fn push(&mut self, what: impl Say + 'static) {
        self.list.push(Arc::new(what));
    }

    /// Adds one that is told elsewhere, too.
    pub fn add(&mut self, what: Diagnostic) {
        self.list.push(what);
    }

    /// Adds all of `others`.
    pub fn append(&mut self, others: Diagnostics) {
        self.list.extend(others.list);
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many are errors.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many are warnings.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// How many are notes.
    pub fn notes(&self) -> usize {
        self.count(Severity::Note)
    }

    fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|what| what.code().severity() == severity).count()
    }

    /// Puts them in the order of their places; at one place, the order in which they were found stays.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|what| place(what.as_ref()));
    }

    /// Leaves out what is told twice of one place: a statement in an `each` is checked once for each turn.
    pub fn dedup(&mut self) {
        self.list.dedup_by_key(|what| (what.code(), place(what.as_ref()), what.headline(Lang::En)));
    }

    /// Tells in one what is told in the same words of several places of one text: a name that there is not is one mistake, however often it is used.
    /// Only of some codes; they are to be in the order of their places.
    pub fn gather(&mut self, codes: &[Code]) {
        let mut gathered: Vec<(Diagnostic, Vec<Span>)> = Vec::new();
        let mut first: HashMap<(Code, TextId, String), usize> = HashMap::new();
        for what in std::mem::take(&mut self.list) {
            let at = place(what.as_ref()).filter(|_| codes.contains(&what.code()));
            let known = at.and_then(|at| match first.entry((what.code(), at.text, what.headline(Lang::En))) {
                Entry::Occupied(known) => gathered.get_mut(*known.get()).map(|(_, others)| others.push(at)),
                Entry::Vacant(free) => {
                    free.insert(gathered.len());
                    None
                }
            });
            if known.is_none() {
                gathered.push((what, Vec::new()));
            }
        }
        self.list = gathered
            .into_iter()
            .map(|(first, others)| if others.is_empty() { first } else { Arc::new(Several { first, others }) })
            .collect();
    }

    /// Leaves out those that `keep` refuses.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }
}

/// Where a diagnostic stands in the rule texts.
pub fn place(what: &dyn Say) -> Option<Span> {
    let labels = what.labels(Lang::En);
    labels.iter().find(|label| label.primary).or(labels.first()).map(|label| label.span)
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}
