//! A text cut into words, numbers, texts and signs (切词), and its blocks: enough to change one thing in it, and nothing of how heng reads.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// With its `%` or `‰`.
    Number,
    /// In its quotes.
    Text,
    /// A comparison, `..`, a bracket or another sign.
    Sign,
    /// The end of a line.
    Line,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

/// What stands between `{` and `}`, with both.
#[derive(Clone, Debug)]
pub struct Block {
    pub at: Range<usize>,
    /// The first token of the statement that opens it.
    pub head: usize,
    /// The word that its head begins with.
    pub opens: String,
}

pub struct Cut<'s> {
    pub source: &'s str,
    pub tokens: Vec<Token>,
    pub blocks: Vec<Block>,
}

impl<'s> Cut<'s> {
    /// Cuts a text; what stands in `skipped` (scripts) is left out.
    pub fn new(source: &'s str, skipped: &[Range<usize>]) -> Cut<'s> {
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(c) = source[at..].chars().next() {
            let rest = &source[at..];
            let length = if let Some(skip) = skipped.iter().find(|skip| skip.start <= at && at < skip.end) {
                at = skip.end;
                continue;
            } else if rest.starts_with("//") {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            } else if c == '\n' {
                tokens.push(Token { kind: Kind::Line, at: at..at + 1 });
                at += 1;
                continue;
            } else if c.is_whitespace() {
                at += c.len_utf8();
                continue;
            } else if c == '"' {
                rest[1..].find('"').map_or(rest.len(), |end| end + 2)
            } else if c.is_alphabetic() || c == '_' {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            } else if c.is_ascii_digit() {
                let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
                // `7..9` is two numbers; `2024-09-01` stays one.
                let digits = rest[..digits].find("..").unwrap_or(digits);
                let date = rest.as_bytes().get(4) == Some(&b'-') && digits == 4 && rest.len() > 10;
                let mark = rest[digits..].chars().next().filter(|c| matches!(c, '%' | '‰')).map_or(0, char::len_utf8);
                if date { 10 } else { digits + mark }
            } else {
                let two = [">=", "<=", "==", "!=", ".."].into_iter().any(|sign| rest.starts_with(sign));
                if two { 2 } else { c.len_utf8() }
            };
            let kind = match c {
                '"' => Kind::Text,
                c if c.is_alphabetic() || c == '_' => Kind::Word,
                c if c.is_ascii_digit() => Kind::Number,
                _ => Kind::Sign,
            };
            tokens.push(Token { kind, at: at..at + length });
            at += length;
        }
        let mut cut = Cut { source, tokens, blocks: Vec::new() };
        cut.blocks = cut.find_blocks();
        cut
    }

    fn find_blocks(&self) -> Vec<Block> {
        let (mut open, mut blocks): (Vec<usize>, Vec<Block>) = (Vec::new(), Vec::new());
        for at in 0..self.tokens.len() {
            match self.word(at) {
                "{" => open.push(at),
                "}" => {
                    if let Some(start) = open.pop() {
                        let head = self.statement_of(start).start;
                        let opens = self.word(head).to_owned();
                        blocks.push(Block { at: self.tokens[start].at.start..self.tokens[at].at.end, head, opens });
                    }
                }
                _ => {}
            }
        }
        blocks.sort_by_key(|block| block.at.start);
        blocks
    }

    /// What a token says.
    pub fn word(&self, at: usize) -> &'s str {
        self.tokens.get(at).map_or("", |token| &self.source[token.at.clone()])
    }

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The tokens of the statement that a token stands in: up to the next line's end, `;` or brace on either side.
    pub fn statement_of(&self, at: usize) -> Range<usize> {
        let parts = |at: usize| self.kind(at) == Some(Kind::Line) || matches!(self.word(at), ";" | "{" | "}");
        let start = (0..at).rev().find(|before| parts(*before)).map_or(0, |before| before + 1);
        let end = (at..self.tokens.len()).find(|behind| parts(*behind)).unwrap_or(self.tokens.len());
        start..end
    }

    /// The bytes of the line that a byte stands in, without its end.
    pub fn line_of(&self, byte: usize) -> Range<usize> {
        line_of(self.source, byte)
    }

    /// The innermost blocks around a byte, from the inside out.
    pub fn around(&self, byte: usize) -> impl Iterator<Item = &Block> {
        let mut around: Vec<&Block> = self.blocks.iter().filter(|block| block.at.contains(&byte)).collect();
        around.reverse();
        around.into_iter()
    }

    /// From the head of a block to its end.
    pub fn whole(&self, block: &Block) -> Range<usize> {
        self.tokens[block.head].at.start..block.at.end
    }

    /// The line that a block's head stands in.
    pub fn head_line(&self, block: &Block) -> Range<usize> {
        self.line_of(self.tokens[block.head].at.start)
    }

    /// The tokens inside some bytes.
    pub fn inside(&self, bytes: &Range<usize>) -> Range<usize> {
        let start = self.tokens.partition_point(|token| token.at.start < bytes.start);
        let end = self.tokens.partition_point(|token| token.at.end <= bytes.end);
        start..end.max(start)
    }
}

pub fn line_of(source: &str, byte: usize) -> Range<usize> {
    let byte = byte.min(source.len());
    let start = source[..byte].rfind('\n').map_or(0, |at| at + 1);
    let end = source[byte..].find('\n').map_or(source.len(), |at| byte + at);
    start..end
}
