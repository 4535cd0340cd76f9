//! The texts that people write (规则文本) and places in them.
//!
//! A [`Span`] is a text and two byte offsets, nothing more; lines, columns and display widths are worked out from it
//! by [`LineIndex`] and [`width`], here and nowhere else.
//! Not here: reading files (`data::region`), what a text means (`syntax`).

mod fingerprint;
mod line_index;
mod name;
pub mod width;

pub use fingerprint::fingerprint;
pub use line_index::{LineIndex, Position};
pub use name::{Name, fold_char, nearest};

use std::fmt;
use std::sync::Arc;

/// Whether a spreadsheet would take a text that is typed into it for a formula.
pub fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Which of the [`Texts`] a place belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextId(u32);

/// A place (位置): a text and a half-open range of bytes in it. `{:+?}` leaves it out, so that what was written at different
/// places can be compared by its `Debug`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub text: TextId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.sign_plus() { f.write_str("_") } else { write!(f, "{}..{} of {:?}", self.start, self.end, self.text) }
    }
}

impl Span {
    /// The place from byte `start` up to byte `end` of `text`.
    pub fn new(text: TextId, start: usize, end: usize) -> Span {
        let clip = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { text, start: clip(start), end: clip(end) }
    }

    /// The place that reaches from the start of this one to the end of `last`.
    #[must_use]
    pub fn to(self, last: Span) -> Span {
        Span { text: self.text, start: self.start.min(last.start), end: self.end.max(last.end) }
    }

    /// Its bytes, as a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether the two places share a byte, or one lies inside the other.
    pub fn touches(self, other: Span) -> bool {
        self.text == other.text && self.start <= other.end && other.start <= self.end
    }
}

/// A value with the place it was written. Equal when the values are; the place is for people.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub it: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> At<T> {
    /// `it`, written at `span`.
    pub fn new(it: T, span: Span) -> At<T> {
        At { it, span }
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.it == other.it
    }
}
impl<T: Eq> Eq for At<T> {}

/// One text with the path it is known by; cheap to clone.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its place among the [`Texts`].
    pub id: TextId,
    /// The path shown to people: relative to the region's folder, with `/`.
    pub path: Arc<str>,
    /// What was written, as UTF-8.
    pub source: Arc<str>,
}

impl Text {
    /// The characters at `span`, or nothing where the span does not fit this text.
    pub fn slice(&self, span: Span) -> &str {
        self.source.get(span.range()).unwrap_or("")
    }

    /// The whole text as a place.
    pub fn span(&self) -> Span {
        Span::new(self.id, 0, self.source.len())
    }
}

/// All texts of one run, in the order they were added.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    texts: Vec<Text>,
}

impl Texts {
    /// No texts yet.
    pub fn new() -> Texts {
        Texts::default()
    }

    /// Adds a text and gives it back with its id.
    pub fn add(&mut self, path: impl Into<Arc<str>>, source: impl Into<Arc<str>>) -> Text {
        let id = TextId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text = Text { id, path: path.into(), source: source.into() };
        self.texts.push(text.clone());
        text
    }

    /// The text that a span speaks of.
    pub fn get(&self, id: TextId) -> Option<&Text> {
        self.texts.get(id.0 as usize)
    }

    /// The characters at `span`.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.text).map_or("", |text| text.slice(span))
    }

    /// Line and column of the start of `span`.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.text).map_or(Position { line: 1, column: 1 }, |text| LineIndex::new(&text.source).position(span.start as usize))
    }

    /// In the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Text> {
        self.texts.iter()
    }
}
