//! Where lines break and how far they are indented (分行与缩进).
//!
//! Lines are broken where the author broke them, and besides so that statements stand one a line and a block that is too
//! wide stands open. Everything is decided from the tokens and from where lines ended, never from blanks, so that laying out
//! again finds nothing to change.
//! Not here: how columns are aligned (`columns`).

use super::{comment_text, script};
use crate::syntax::{Is, Rule, Token, Tokens};
use crate::text::Text;
use crate::text::width::columns;
use std::ops::Range;

/// So wide a statement may be with its blocks on one line.
const WIDEST: usize = 160;
/// One step of indentation.
const STEP: usize = 2;

/// A line, not yet aligned.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub indent: usize,
    /// Whether a blank line stands above it.
    pub blank: bool,
    /// Without indentation, cells one blank apart.
    pub text: String,
    /// Where in it cells begin, after the first.
    pub cells: Vec<usize>,
    /// Which lines it is aligned with, if they are beside it.
    pub like: Option<Like>,
    /// A comment at its end.
    pub comment: Option<String>,
    /// Whether it is nothing but a comment.
    pub remark: bool,
}

/// Lines whose cells are aligned: of the same block, statement and shape.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Like {
    pub block: usize,
    pub rule: Rule,
    pub shape: String,
}

/// The lines of a text.
pub(super) fn lines(text: &Text, tokens: &Tokens<'_>, words: &[&str]) -> Vec<Line> {
    let list = &tokens.list;
    let mut layouter = Layouter {
        text,
        tokens,
        list,
        words,
        pair: pairs(list),
        open: vec![None; list.len()],
        offset: vec![0; list.len()],
        lines: Vec::new(),
        told: 0,
        end: 0,
        fresh: true,
    };
    for (at, token) in list.iter().enumerate() {
        if let (Is::Brace { .. }, Some(close)) = (token.is, layouter.pair(at)) {
            let broken = layouter.breaks(token.at.end, layouter.start(close));
            layouter.set_open(at, (broken && layouter.holds_something(at, close)).then_some(Open::Written));
        }
    }
    layouter.statements(None, 0..list.len(), 0, Rows::One);
    layouter.comments(text.source.len(), 0);
    layouter.lines
}

/// For each brace the one that closes it.
fn pairs(list: &[Token<'_>]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; list.len()];
    let mut stack = Vec::new();
    for (at, token) in list.iter().enumerate() {
        match token.is {
            Is::Brace { .. } => stack.push(at),
            Is::Unbrace => {
                if let Some(pair) = stack.pop().and_then(|open| pairs.get_mut(open)) {
                    *pair = Some(at);
                }
            }
            _ => {}
        }
    }
    pairs
}

/// Why a block's statements stand on lines of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// The author wrote it so.
    Written,
    /// On one line it would be too wide.
    Wide,
}

/// How the statements of a block share lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Each has a line.
    One,
    /// As the author put them.
    Written,
    /// As many as fit.
    Fill,
}

pub(super) struct Layouter<'t> {
    text: &'t Text,
    tokens: &'t Tokens<'t>,
    pub(super) list: &'t [Token<'t>],
    words: &'t [&'t str],
    /// For each brace the one that closes it.
    pair: Vec<Option<usize>>,
    /// For each brace whether its block stands open.
    open: Vec<Option<Open>>,
    /// For each token where it begins in its line.
    pub(super) offset: Vec<usize>,
    pub(super) lines: Vec<Line>,
    /// How many comments are written.
    told: usize,
    /// The byte in the source behind what was written last.
    end: usize,
    /// Whether nothing is written yet in the block or file.
    fresh: bool,
}

impl Layouter<'_> {
    pub(super) fn pair(&self, at: usize) -> Option<usize> {
        self.pair.get(at).copied().flatten()
    }

    fn open(&self, at: usize) -> Option<Open> {
        self.open.get(at).copied().flatten()
    }

    fn set_open(&mut self, at: usize, how: Option<Open>) {
        if let Some(open) = self.open.get_mut(at) {
            *open = how;
        }
    }

    pub(super) fn is(&self, at: usize) -> Is {
        self.list.get(at).map_or(Is::Sign, |token| token.is)
    }

    fn start(&self, at: usize) -> usize {
        self.list.get(at).map_or(self.text.source.len(), |token| token.at.start)
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.words.get(at).copied().unwrap_or("")
    }

    fn newlines(&self, from: usize, to: usize) -> usize {
        self.text.source.as_bytes().get(from..to).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
    }

    fn breaks(&self, from: usize, to: usize) -> bool {
        self.newlines(from, to) > 0
    }

    /// Whether there are tokens or comments between two braces.
    fn holds_something(&self, open: usize, close: usize) -> bool {
        let (from, to) = (self.start(open), self.start(close));
        let comments = &self.tokens.comments;
        let first = comments.partition_point(|comment| (comment.span.start as usize) < from);
        close > open + 1 || comments.get(first).is_some_and(|comment| (comment.span.start as usize) < to)
    }

    /// The statements among the tokens `range` of one block.
    pub(super) fn split(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut starts = vec![range.start];
        let mut at = range.start;
        while at < range.end {
            if at > range.start && self.list.get(at).is_some_and(|token| token.begins.is_some()) {
                starts.push(at);
            }
            at = self.pair(at).map_or(at + 1, |close| close + usize::from(close > at));
        }
        let ends = starts.iter().skip(1).copied().chain([range.end]);
        starts.iter().copied().zip(ends).map(|(start, end)| start..end).filter(|one| !one.is_empty()).collect()
    }

    /// Writes statements, those of the block that `brace` opens.
    fn statements(&mut self, brace: Option<usize>, range: Range<usize>, indent: usize, rows: Rows) {
        let list = brace.is_some_and(|brace| self.is_list(brace));
        let mut beside = false;
        let mut filled = 0;
        for one in self.split(range) {
            self.open_wide(&one, indent);
            let remarks = self.comments(self.start(one.start), indent);
            let multiline = self.is_multiline(&one);
            let width = self.width(&one);
            let shares = match rows {
                Rows::One => false,
                Rows::Written => !self.breaks(self.end, self.start(one.start)),
                Rows::Fill => filled + 2 + width <= WIDEST,
            };
            let together = beside && !remarks && !multiline && shares;
            if together {
                self.separate(list);
                filled += 2 + width;
            } else {
                self.line(indent);
                filled = indent + width;
            }
            let first = self.lines.len();
            self.statement(&one, indent);
            beside = !multiline;
            if self.lines.len() == first {
                self.align(brace, &one, together, list);
            }
        }
    }

    /// Whether commas part what stands in a block: options do, and whatever the author wrote so.
    fn is_list(&self, brace: usize) -> bool {
        let option =
            |one: Range<usize>| self.list.get(one.start).is_some_and(|token| matches!(token.begins, Some(Rule::option | Rule::coded)));
        let options = || self.pair(brace).is_some_and(|close| self.split(brace + 1..close).into_iter().all(option));
        matches!(self.is(brace), Is::Brace { list: true, .. }) || options()
    }

    /// Between two statements on a line.
    fn separate(&mut self, list: bool) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(if list { ", " } else { "; " });
        }
    }

    /// A new line; blank lines above it are kept as one, but for those at a block's begin.
    fn line_at(&mut self, indent: usize, start: usize) {
        let blank = !self.fresh && self.newlines(self.end, start) > 1;
        self.fresh = false;
        self.lines.push(Line { indent, blank, ..Line::default() });
    }

    fn line(&mut self, indent: usize) {
        // The place of the next token is set by `statement`, blank lines before it count from what was written last.
        let start = self.text.source.len().min(self.next_start());
        self.line_at(indent, start);
    }

    fn next_start(&self) -> usize {
        // Tokens are written in their order, so the next one is the first behind the end.
        let at = self.list.partition_point(|token| token.at.start < self.end);
        self.start(at)
    }

    /// Writes the comments that stand before `offset`; gives back whether there were any.
    fn comments(&mut self, offset: usize, indent: usize) -> bool {
        let before = self.told;
        while let Some(comment) = self.tokens.comments.get(self.told).filter(|comment| (comment.span.start as usize) < offset) {
            let text = comment_text(self.text, comment).to_owned();
            let (start, end) = (comment.span.start as usize, comment.span.end as usize);
            match self.lines.last_mut().filter(|line| !comment.alone && line.comment.is_none() && !line.remark) {
                Some(line) => line.comment = Some(text),
                None => {
                    self.line_at(indent, start);
                    if let Some(line) = self.lines.last_mut() {
                        line.text = text;
                        line.remark = true;
                    }
                }
            }
            self.end = end;
            self.told += 1;
        }
        self.told > before
    }

    /// Writes one statement from the current line on.
    fn statement(&mut self, one: &Range<usize>, indent: usize) {
        // For each open bracket the indentation of what hangs in it.
        let mut hanging: Vec<Option<usize>> = Vec::new();
        let mut at = one.start;
        while at < one.end {
            let is = self.is(at);
            if at > one.start {
                let inner = hanging.iter().rev().find_map(|hang| *hang).unwrap_or(indent + 2 * STEP);
                let start = self.start(at);
                let broken = self.breaks(self.end, start);
                let remarks = self.comments(start, inner);
                if broken || remarks {
                    let closes = is == Is::Closes && hanging.last().is_some_and(Option::is_some);
                    self.fresh = true;
                    self.line_at(if closes { inner - STEP } else { inner }, start);
                }
            }
            match is {
                Is::Opens => {
                    let line = self.lines.last().map_or(indent, |line| line.indent);
                    self.push(at);
                    hanging.push(self.breaks(self.end, self.start(at + 1)).then_some(line + STEP));
                }
                Is::Closes => {
                    hanging.pop();
                    self.push(at);
                }
                Is::Brace { .. } => {
                    at = self.block(at, indent);
                    continue;
                }
                Is::Script => self.script(at, indent),
                _ => self.push(at),
            }
            at += 1;
        }
    }

    /// Writes a block; gives back the token behind it.
    fn block(&mut self, brace: usize, indent: usize) -> usize {
        let Some(close) = self.pair(brace) else {
            self.push(brace);
            return brace + 1;
        };
        let Some(how) = self.open(brace) else {
            (brace..=close).for_each(|at| self.push_inline(at, brace));
            return close + 1;
        };
        self.push(brace);
        self.fresh = true;
        let rows = match how {
            _ if self.is_container(brace, close) => Rows::One,
            Open::Written => Rows::Written,
            Open::Wide => Rows::Fill,
        };
        self.statements(Some(brace), brace + 1..close, indent + STEP, rows);
        self.comments(self.start(close), indent + STEP);
        self.fresh = true;
        self.line(indent);
        self.fresh = false;
        self.push(close);
        close + 1
    }

    /// Whether a block holds statements rather than the rows of a table: one begins with a keyword, or is a field.
    fn is_container(&self, brace: usize, close: usize) -> bool {
        self.split(brace + 1..close).iter().any(|one| {
            let field = self.list.get(one.start).is_some_and(|token| token.begins == Some(Rule::field));
            field || matches!(self.is(one.start), Is::Keyword(_)) && self.label(one).is_none()
        })
    }

    /// A token of a block on one line.
    fn push_inline(&mut self, at: usize, outermost: usize) {
        let begins = self.list.get(at).is_some_and(|token| token.begins.is_some());
        if begins && at > outermost + 1 && !matches!(self.is(at - 1), Is::Brace { .. }) {
            self.separate(self.in_list(at, outermost));
        }
        if self.is(at) == Is::Script { self.script(at, 0) } else { self.push(at) }
    }

    /// Whether commas part what stands beside a token in its block.
    fn in_list(&self, at: usize, outermost: usize) -> bool {
        let around = (outermost..at).rev().find(|brace| self.pair(*brace).is_some_and(|close| close > at));
        around.is_some_and(|brace| self.is_list(brace))
    }

    fn script(&mut self, at: usize, indent: usize) {
        let mut lines = script::lines(self.word(at), indent).into_iter();
        self.push_as(at, &lines.next().unwrap_or_default());
        for line in lines {
            self.lines.push(Line { text: line, ..Line::default() });
        }
    }

    fn skip(&mut self, at: usize) {
        self.end = self.list.get(at).map_or(self.end, |token| token.at.end);
    }

    /// A comma before the bracket that closes on its line says nothing.
    fn is_idle(&self, at: usize) -> bool {
        self.is(at) == Is::Comma
            && self.is(at + 1) == Is::Closes
            && !self.breaks(self.list.get(at).map_or(0, |token| token.at.end), self.start(at + 1))
    }

    fn push(&mut self, at: usize) {
        if self.is_idle(at) {
            return self.skip(at);
        }
        let word = self.words.get(at).copied().unwrap_or("");
        self.push_as(at, word);
    }

    fn push_as(&mut self, at: usize, word: &str) {
        let apart = at > 0 && self.apart(at);
        let Some(line) = self.lines.last_mut() else { return };
        if apart && !line.text.is_empty() && !line.text.ends_with(' ') {
            line.text.push(' ');
        }
        if let Some(offset) = self.offset.get_mut(at) {
            *offset = line.text.len();
        }
        line.text.push_str(word);
        self.skip(at);
    }

    /// Whether a blank stands before a token, where it is not the first of its line.
    fn apart(&self, at: usize) -> bool {
        let (Some(before), Some(token)) = (self.list.get(at - 1), self.list.get(at)) else { return false };
        match (before.is, token.is) {
            (Is::Brace { .. }, Is::Unbrace) => false,
            (Is::Word, Is::Points(_)) => self.word(at).is_ascii(),
            _ => !token.tight_before && !before.tight_after,
        }
    }

    /// Columns that a token may take, in whichever spelling: where lines break does not depend on the language.
    fn room(&self, at: usize) -> usize {
        match self.is(at) {
            _ if self.is_idle(at) => 0,
            Is::Keyword(keyword) | Is::Points(keyword) => columns(keyword.english).max(columns(keyword.chinese)) + 1,
            Is::Script => columns(self.word(at).lines().next().unwrap_or("")) + 1,
            _ => columns(self.word(at)) + usize::from(at > 0 && self.apart(at)),
        }
    }

    /// Columns of a statement on one line, without what stands in its open blocks.
    fn width(&self, one: &Range<usize>) -> usize {
        let mut width = 0;
        let mut at = one.start;
        while at < one.end {
            let separator = self.list.get(at).is_some_and(|token| token.begins.is_some()) && at > one.start;
            width += self.room(at) + usize::from(separator);
            at = match self.open(at).and(self.pair(at)) {
                Some(close) => close,
                None => at + 1,
            };
        }
        width
    }

    /// Opens the blocks of a statement that is too wide, the widest first.
    fn open_wide(&mut self, one: &Range<usize>, indent: usize) {
        while indent + self.width(one) > WIDEST {
            let mut widest: Option<(usize, usize)> = None;
            let mut at = one.start;
            while at < one.end {
                let Some(close) = self.pair(at).filter(|close| *close > at) else {
                    at += 1;
                    continue;
                };
                let width = self.width(&(at..close));
                if self.open(at).is_none() && close > at + 1 && widest.is_none_or(|(_, most)| width > most) {
                    widest = Some((at, width));
                }
                at = close;
            }
            let Some((brace, _)) = widest else { return };
            self.set_open(brace, Some(Open::Wide));
        }
    }

    /// Whether a statement takes more than one line.
    fn is_multiline(&self, one: &Range<usize>) -> bool {
        one.clone().any(|at| self.open(at).is_some())
            || self.breaks(self.start(one.start), self.list.get(one.end - 1).map_or(0, |token| token.at.end))
    }
}
