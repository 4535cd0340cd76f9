//! A text as the grammar sees it (版面): the same length, byte for byte, so that every offset still holds.
//!
//! A parsing expression grammar cannot know whether a bracket is open when it meets a line's end. So this pass, linear
//! in the text, folds full-width punctuation to ASCII, blanks tabs, comments and the bodies of scripts, joins lines inside a
//! bracket and after an operator or comma, and counts brackets, so that nothing nests deeper than [`DEEPEST`].
//! Not here: names, numbers and strings, which stay as they are written.

use super::braces::{self, Mended};
use super::tree::Comment;
use crate::text::{Span, Text, fold_char};

/// How deep brackets of all kinds may nest.
pub const DEEPEST: usize = 64;

/// What fills the place of a full-width sign behind its ASCII twin: a blank, but not one that parts a unit, `平方米／生`.
pub(super) const FOLDED: u8 = 0x1F;

/// What the pass found.
pub(crate) struct Layout {
    /// The text for the grammar.
    pub text: String,
    /// The comments that were blanked.
    pub comments: Vec<Comment>,
    /// Where brackets nest too deep; the inside was blanked.
    pub too_deep: Vec<Span>,
    /// The insides of script bodies.
    pub scripts: Vec<Span>,
    /// Braces that are lost or one too many, mended in the text for the grammar.
    pub braces: Vec<Mended>,
}

/// Lays out `text`.
pub(crate) fn lay_out(text: &Text) -> Layout {
    let mut pass = Pass {
        text,
        source: &text.source,
        out: Vec::with_capacity(text.source.len()),
        at: 0,
        open: Vec::new(),
        line_ends: Vec::new(),
        closed: Vec::new(),
        found: Layout { text: String::new(), comments: Vec::new(), too_deep: Vec::new(), scripts: Vec::new(), braces: Vec::new() },
        braces: Vec::new(),
    };
    pass.run();
    pass.finish()
}

/// An open bracket.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    brace: bool,
}

/// A line's end, with the round or square bracket that was open there.
struct LineEnd {
    at: usize,
    inside: Option<usize>,
    continues: bool,
}

struct Pass<'t> {
    text: &'t Text,
    source: &'t str,
    out: Vec<u8>,
    at: usize,
    open: Vec<Open>,
    line_ends: Vec<LineEnd>,
    /// Where the round and square brackets that found their partner were opened, in the order of closing.
    closed: Vec<usize>,
    /// Every brace, and whether it opens.
    braces: Vec<(usize, bool)>,
    found: Layout,
}

impl Pass<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn run(&mut self) {
        loop {
            self.copy(self.rest().bytes().take_while(|byte| is_plain(*byte)).count());
            let Some(c) = self.rest().chars().next() else { break };
            match (c, fold_char(c)) {
                ('/', _) if self.rest().starts_with("//") => self.comment(),
                ('"', _) => self.verbatim('"', true),
                ('“', _) => self.verbatim('”', true),
                ('`', _) => self.verbatim('`', false),
                ('\n', _) => self.line_end(),
                (_, '(' | '[') => self.opens(c, false),
                (_, '{') => self.opens(c, true),
                (_, ')' | ']') => self.closes(c),
                (_, '}') => self.closes_brace(c),
                ('≥', _) => self.operator(c, b">="),
                ('≤', _) => self.operator(c, b"<="),
                ('≠', _) => self.operator(c, b"!="),
                (_, '>' | '<' | '=' | '!') => self.compare(c),
                (_, folded) if folded != c && !folded.is_ascii_alphanumeric() && folded != '_' => self.fold(c),
                ('\t' | '\r' | '\u{FEFF}', _) => self.blank(c.len_utf8()),
                _ => self.copy(c.len_utf8()),
            }
        }
    }

    fn copy(&mut self, bytes: usize) {
        let piece = self.source.get(self.at..self.at + bytes).unwrap_or("");
        self.out.extend_from_slice(piece.as_bytes());
        self.at += bytes;
    }

    fn blank(&mut self, bytes: usize) {
        self.out.resize(self.out.len() + bytes, b' ');
        self.at += bytes;
    }

    fn operator(&mut self, c: char, ascii: &[u8]) {
        let end = self.out.len() + c.len_utf8();
        self.out.extend_from_slice(ascii);
        self.out.resize(end, FOLDED);
        self.at += c.len_utf8();
    }

    fn fold(&mut self, c: char) {
        let mut ascii = [0; 4];
        let folded = fold_char(c).encode_utf8(&mut ascii).as_bytes().to_vec();
        self.operator(c, &folded);
    }

    /// `＞＝` must not fall apart into `>` and `=`, so the blanks go behind both.
    fn compare(&mut self, c: char) {
        let next = self.rest().chars().nth(1);
        let pair = |n: char| fold_char(n) == '=' || fold_char(c) == '=' && matches!(fold_char(n), '>' | '<');
        match next {
            Some(n) if pair(n) && (c.len_utf8() > 1 || n.len_utf8() > 1) => {
                let end = self.out.len() + c.len_utf8() + n.len_utf8();
                let mut ascii = [0; 4];
                let folded = fold_char(c).encode_utf8(&mut ascii).as_bytes().to_vec();
                self.out.extend_from_slice(&folded);
                self.out.extend_from_slice(fold_char(n).encode_utf8(&mut ascii).as_bytes());
                self.out.resize(end, FOLDED);
                self.at += c.len_utf8() + n.len_utf8();
            }
            _ => self.fold(c),
        }
    }

    fn comment(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        let written = self.rest().get(..length).unwrap_or("").trim_end();
        let span = Span::new(self.text.id, self.at, self.at + written.len());
        let before = self.source.get(..self.at).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        let doc = written.starts_with("///") && !written.starts_with("////");
        self.found.comments.push(Comment { span, doc, alone: line.trim().is_empty() });
        self.blank(length);
    }

    /// A string or a quoted name: to its end, or to the end of the line where it is not closed.
    fn verbatim(&mut self, end: char, escapes: bool) {
        let (mut length, mut escaped, mut closed) = (0, false, false);
        for (index, c) in self.rest().char_indices() {
            if c == '\n' {
                break;
            }
            length = index + c.len_utf8();
            if index > 0 && c == end && !escaped {
                closed = true;
                break;
            }
            escaped = escapes && c == '\\' && !escaped;
        }
        if closed {
            return self.copy(length);
        }
        // What is not closed is not read as a text: blanks in it are blanks.
        let end = self.at + length.max(1);
        while self.at < end
            && let Some(c) = self.rest().chars().next()
        {
            match c {
                '\t' | '\r' | '\u{FEFF}' => self.blank(c.len_utf8()),
                '\u{3000}' | '\u{A0}' => self.fold(c),
                _ => {
                    // The grammar meets them as braces.
                    if let '{' | '}' = c {
                        self.braces.push((self.at, c == '{'));
                    }
                    self.copy(c.len_utf8());
                }
            }
        }
    }

    fn line_end(&mut self) {
        let inside = self.open.last().filter(|open| !open.brace).map(|open| open.at);
        let end = self.out.iter().rposition(|byte| !matches!(*byte, b' ' | b'\t' | b'\r' | FOLDED)).map_or(0, |at| at + 1);
        let so_far = self.out.get(..end).unwrap_or_default();
        let ends_in_word = |word: &str| {
            so_far.ends_with(word.as_bytes())
                && so_far.len().checked_sub(word.len() + 1).and_then(|at| so_far.get(at)).is_none_or(|before| b" )]".contains(before))
        };
        let continues = so_far.last().is_some_and(|last| b"+-*/,<>=".contains(last))
            || ["and", "or", "且", "或"].into_iter().any(ends_in_word)
            || next_line_continues(self.rest().get(1..).unwrap_or(""));
        self.line_ends.push(LineEnd { at: self.at, inside, continues });
        self.copy(1);
    }

    fn opens(&mut self, c: char, brace: bool) {
        if self.open.len() >= DEEPEST {
            return self.skip_deep(c);
        }
        let script = brace && ends_in_script(&self.out);
        self.open.push(Open { at: self.at, brace });
        if brace {
            self.braces.push((self.at, true));
        }
        self.fold(c);
        if script && let Some(length) = script_length(self.rest()) {
            self.found.scripts.push(Span::new(self.text.id, self.at, self.at + length));
            self.blank(length);
        }
    }

    /// Blanks everything up to the bracket that closes this one, and the two.
    fn skip_deep(&mut self, c: char) {
        let start = self.at;
        let mut depth = 0_usize;
        let mut length = 0;
        for (index, c) in self.rest().char_indices() {
            length = index + c.len_utf8();
            match fold_char(c) {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.found.too_deep.push(Span::new(self.text.id, start, start + c.len_utf8()));
        self.blank(length);
    }

    fn closes(&mut self, c: char) {
        if let Some(open) = self.open.pop_if(|open| !open.brace) {
            self.closed.push(open.at);
        }
        self.fold(c);
    }

    /// A brace closes what stands open inside it: those brackets were forgotten, and join no lines.
    fn closes_brace(&mut self, c: char) {
        while self.open.pop_if(|open| !open.brace).is_some() {}
        self.open.pop();
        self.braces.push((self.at, false));
        self.fold(c);
    }

    fn finish(mut self) -> Layout {
        self.closed.sort_unstable();
        for end in &self.line_ends {
            let joined = end.continues || end.inside.is_some_and(|at| self.closed.binary_search(&at).is_ok());
            if joined && let Some(byte) = self.out.get_mut(end.at) {
                *byte = b' ';
            }
        }
        let (mended, unclosed) = braces::mend(&mut self.out, std::mem::take(&mut self.braces), self.text.id);
        self.found.braces = mended;
        for at in unclosed {
            if let Some(byte) = self.out.get_mut(at) {
                *byte = 1;
            }
        }
        self.found.text = String::from_utf8_lossy(&self.out).into_owned();
        self.found
    }
}

/// Whether a byte belongs to what stays as it is: words, blanks, dots, and 汉字, whose three bytes begin with one of these
/// six and go on with those above 0x80.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'.' | b':' | b';' | 0x80..=0xBF | 0xE4..=0xE9)
}

/// Whether the next line goes on with this one: writers of Chinese begin it with 且 or 或.
fn next_line_continues(rest: &str) -> bool {
    let line = rest.trim_start_matches([' ', '\t', '\u{3000}']);
    ["and", "or", "且", "或"].into_iter().any(|word| line.strip_prefix(word).is_some_and(|after| after.starts_with([' ', '(', '（', '\t'])))
}

fn ends_in_script(out: &[u8]) -> bool {
    let out = out.trim_ascii_end();
    ["script", "脚本"]
        .into_iter()
        .any(|word| out.strip_suffix(word.as_bytes()).is_some_and(|before| before.last().is_none_or(|last| b" \t\n".contains(last))))
}

/// The length of a rhai block after its `{`, without its `}`; nothing if it is not closed.
fn script_length(source: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let mut chars = source.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            '"' | '`' | '\'' => {
                let mut escaped = false;
                for (_, inner) in chars.by_ref() {
                    if inner == c && !escaped {
                        break;
                    }
                    escaped = inner == '\\' && !escaped;
                }
            }
            '/' => match chars.peek() {
                Some((_, '/')) => while chars.next_if(|(_, inner)| *inner != '\n').is_some() {},
                Some((_, '*')) => {
                    let mut last = ' ';
                    chars.next();
                    for (_, inner) in chars.by_ref() {
                        if last == '*' && inner == '/' {
                            break;
                        }
                        last = inner;
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Texts;

    fn laid(source: &str) -> String {
        let text = Texts::new().add("x.heng", source);
        let layout = lay_out(&text);
        assert_eq!(layout.text.len(), source.len());
        layout.text.replace(char::from(FOLDED), " ")
    }

    #[test]
    fn full_width_punctuation_becomes_ascii_of_the_same_length() {
        assert_eq!(laid("甲：≥９，"), "甲:  >= ９,  ");
        assert_eq!(laid("a＞＝b"), "a>=    b");
        assert_eq!(laid("“甲，乙”"), "“甲，乙”");
    }

    #[test]
    fn lines_join_inside_brackets_and_after_operators() {
        assert_eq!(laid("(a\n+ b)\nc"), "(a + b)\nc");
        assert_eq!(laid("a +\nb\nc"), "a + b\nc");
        assert_eq!(laid("a\n且 b"), "a 且 b");
        assert_eq!(laid("(a\n}"), "(a\n}");
    }

    #[test]
    fn scripts_and_comments_are_blanked() {
        assert_eq!(laid("script { \"}\" } // x"), "script {     }     ");
        assert_eq!(laid("脚本 { if a { 1 } }"), "脚本 {            }");
    }

    #[test]
    fn too_deep_is_cut() {
        let source = format!("{}{}", "(".repeat(10_000), ")".repeat(10_000));
        let text = Texts::new().add("x.heng", source);
        assert_eq!(lay_out(&text).too_deep.len(), 1);
    }
}
