//! One wrapper that makes everything that can [`Say`](crate::diag::Say) a `miette::Diagnostic`.
//!
//! Not here: what a terminal gets to see around the snippet (`full`).

use crate::diag::{Diagnostic, Label, Lang, Severity, place};
use crate::text::{LineIndex, Position, Text, Texts};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::borrow::Cow;
use std::fmt;

/// A label that reaches over more lines than this is shown by its first line.
const MOST_LINES: usize = 6;

/// Lines around a label of more bytes than this are not shown whole.
const MOST_SHOWN: usize = 4000;

/// So many characters before and after the beginning of a label are shown of such lines.
const AROUND: usize = 30;

/// A diagnostic told in one language, with the text that it speaks of.
#[derive(Debug)]
pub struct Told<'t> {
    what: Diagnostic,
    lang: Lang,
    source: Option<Source<'t>>,
}

impl<'t> Told<'t> {
    /// `what`, told in `lang`; the text of its first place is looked up in `texts`.
    pub fn new(what: Diagnostic, texts: &'t Texts, lang: Lang) -> Told<'t> {
        let source = place(what.as_ref()).and_then(|span| texts.get(span.text)).map(Source::new);
        Told { what, lang, source }
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what.headline(self.lang))
    }
}

impl std::error::Error for Told<'_> {}

impl miette::Diagnostic for Told<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.what.code()))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(severity(&self.what))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.what.help(self.lang)?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let source = self.source.as_ref()?;
        Some(Box::new(source.labels(&self.what.labels(self.lang)).into_iter()))
    }
}

/// How grave `what` is, in miette's words.
pub(super) fn severity(what: &Diagnostic) -> miette::Severity {
    match what.code().severity() {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Note => miette::Severity::Advice,
    }
}

/// A text as miette cuts snippets from it.
///
/// Own instead of miette's for `str`, which counts columns in bytes, reads from the start of the text for every label,
/// and joins snippets that are far apart; and because a text may hold characters that a terminal would obey.
#[derive(Debug)]
pub struct Source<'t> {
    text: &'t Text,
    /// The text with unprintable characters replaced; all byte offsets are those of the text.
    shown: Cow<'t, str>,
    lines: LineIndex<'t>,
}

impl<'t> Source<'t> {
    /// Reads the lines of `text`.
    pub fn new(text: &'t Text) -> Source<'t> {
        Source { text, shown: printable(&text.source), lines: LineIndex::new(&text.source) }
    }

    /// Those of `labels` that lie in this text, clipped to what it holds.
    pub(super) fn labels(&self, labels: &[Label]) -> Vec<LabeledSpan> {
        labels.iter().filter(|label| label.span.text == self.text.id).map(|label| self.label(label)).collect()
    }

    fn label(&self, label: &Label) -> LabeledSpan {
        let source = &*self.text.source;
        let floor = |at: usize| (0..=at.min(source.len())).rev().find(|&at| source.is_char_boundary(at)).unwrap_or(0);
        let (mut start, mut end) = (floor(label.span.range().start), floor(label.span.range().end));
        // What is missing at the very end is shown at the last character, for there is nothing behind it.
        if start == source.len() {
            start = floor(start.saturating_sub(1));
        }
        end = end.max(start);
        let first = self.lines.position(start).line;
        if self.lines.position(end).line > first + MOST_LINES {
            end = start + source.get(start..end).and_then(|piece| piece.lines().next()).map_or(0, str::len);
        }
        let text = Some(label.text.clone()).filter(|text| !text.is_empty());
        let span = (start, end - start);
        if label.primary { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
    }
}

/// A piece of a line too long to be shown whole.
pub(super) struct Excerpt {
    /// What stands before the label, what it underlines, what follows.
    pub pieces: [String; 3],
    pub at: Position,
}

impl Source<'_> {
    /// The surroundings of `label`, if its lines, or those around them, are too long to be shown whole.
    pub(super) fn excerpt(&self, label: &LabeledSpan) -> Option<Excerpt> {
        let (start, end) = (label.offset(), label.offset() + label.len());
        let (first, last) = (self.lines.position(start).line, self.lines.position(end).line);
        let line_start = |line: usize| self.lines.offset(Position { line: line.max(1), column: 1 });
        if line_start(last + 2) - line_start(first.saturating_sub(1)) <= MOST_SHOWN {
            return None;
        }
        let line = line_start(first);
        let rest = self.shown.get(start..line_start(first + 1)).unwrap_or("").trim_end();
        let before: Vec<char> = self.shown.get(line..start).unwrap_or("").chars().rev().take(AROUND).collect();
        let under: String = rest.get(..label.len().min(rest.len())).unwrap_or("").chars().take(AROUND).collect();
        let after = rest.get(under.len()..).unwrap_or("").chars().take(AROUND).collect();
        Some(Excerpt { pieces: [before.into_iter().rev().collect(), under, after], at: self.lines.position(start) })
    }
}

impl SourceCode for Source<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let from = self.lines.position(start);
        // A span that ends with its line's break does not reach into the next line.
        let to = self.lines.position(end.saturating_sub(1).max(start));
        let first = from.line.saturating_sub(lines_before).max(1);
        let last = to.line + lines_after;
        let line_start = |line: usize| self.lines.offset(Position { line, column: 1 });
        // Without context only the place is asked for, and it is the span's own.
        let alone = lines_before == 0 && lines_after == 0;
        let (begin, stop) = if alone { (start, end) } else { (line_start(first), line_start(last + 1)) };
        let data = self.shown.get(begin..stop).ok_or(MietteError::OutOfBounds)?;
        let column = if alone { from.column - 1 } else { 0 };
        Ok(Box::new(MietteSpanContents::new_named(
            printable(&self.text.path).into_owned(),
            data.as_bytes(),
            (begin, stop - begin).into(),
            first - 1,
            column,
            last + 1 - first,
        )))
    }
}

/// `source` with what a terminal would obey, or not show, replaced by characters of the same number of bytes.
pub(super) fn printable(source: &str) -> Cow<'_, str> {
    let unprintable = |c: char| c.is_control() && !matches!(c, '\t' | '\n') || turns_text(c);
    if !source.contains(unprintable) {
        return Cow::Borrowed(source);
    }
    let mut shown = String::with_capacity(source.len());
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => shown.push(c),
            c if !unprintable(c) => shown.push(c),
            c => match c.len_utf8() {
                3 => shown.push('\u{FFFD}'),
                length => shown.extend(std::iter::repeat_n('?', length)),
            },
        }
    }
    Cow::Owned(shown)
}

/// Marks that turn the direction of what follows, so that a text reads other than it is.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unprintable_characters_keep_their_bytes() {
        for written in ["a\u{1b}[31m红\u{202E}x", "\rx\r\n", "\u{85}y"] {
            let shown = printable(written);
            assert_eq!(shown.len(), written.len());
            assert!(!shown.contains(['\u{1b}', '\u{202E}', '\u{85}']), "{shown}");
        }
        assert!(matches!(printable("红\t\n"), Cow::Borrowed(_)));
    }
}
