//! The tokens of a text with what the grammar says of them (词法单元), for those who write the text again.
//!
//! They are read off the pairs of the parse, so that a keyword is one only in its place, and a statement that the grammar
//! learns tomorrow has tokens like any other: what a rule does not name is cut up sign by sign.
//! Not here: where lines break, what is aligned (`fmt`).

use super::build::Node;
use super::grammar::Rule;
use super::keywords::{Keyword, keywords};
use super::layout::{FOLDED, Layout};
use super::tree::Comment;
use crate::text::{Text, fold_char};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// A text as tokens and comments, both in their order. What separates statements (`;`, line ends, the commas of a list of
/// options) is no token: it shows in [`Token::begins`].
pub(crate) struct Tokens<'t> {
    pub list: Vec<Token<'t>>,
    pub comments: Vec<Comment>,
}

/// One token.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    /// Where it stands.
    pub at: Range<usize>,
    /// As it is written in the one form: half-width signs, no blanks inside, straight quotes.
    pub written: Cow<'t, str>,
    pub is: Is,
    /// The statement that begins with it; a statement stands in a block or in the file itself.
    pub begins: Option<Rule>,
    /// Of its statement the part that it stands in; nothing where it is a sign of the statement itself.
    pub part: Option<Rule>,
    /// Whether it touches the token before it.
    pub tight_before: bool,
    /// Whether it touches the token behind it.
    pub tight_after: bool,
}

/// What a token is, as far as the layout asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Is {
    Keyword(&'static Keyword),
    /// `8分`: the word for points, which in Chinese touches its number.
    Points(&'static Keyword),
    /// A name, a number, a text and whatever else is one piece.
    Word,
    Colon,
    Comma,
    Equals,
    /// `(` or `[`
    Opens,
    /// `)` or `]`
    Closes,
    /// `{`, and whether commas part what is in it.
    Brace {
        list: bool,
    },
    /// `}`
    Unbrace,
    /// A script in its braces.
    Script,
    /// Any other sign.
    Sign,
}

/// The keyword of each rule.
static BY_RULE: LazyLock<Vec<Option<&'static Keyword>>> = LazyLock::new(|| {
    let of = |rule: &Rule| {
        let name = format!("{rule:?}");
        keywords().iter().find(|keyword| keyword.rule == name)
    };
    // The list leaves out the end of the text, which has a number too.
    let mut table = vec![None; Rule::all_rules().len() + 1];
    for rule in Rule::all_rules() {
        if let Some(place) = table.get_mut(*rule as usize) {
            *place = of(rule);
        }
    }
    table
});

fn keyword(rule: Rule) -> Option<&'static Keyword> {
    // `yes` and `no` are values, and an option may bear their name: they stay as they are written, as names do.
    let value = matches!(rule, Rule::kw_yes | Rule::kw_no);
    BY_RULE.get(rule as usize).copied().flatten().filter(|_| !value)
}

/// Reads the tokens off the pairs of a whole file.
pub(super) fn tokens<'t>(text: &'t Text, layout: &Layout, file: Node<'_>) -> Tokens<'t> {
    let mut reader = Reader { source: &text.source, laid: &layout.text, list: Vec::new(), separated: true, brace: None };
    reader.node(file, Sides::default());
    Tokens { list: reader.list, comments: layout.comments.clone() }
}

/// What stands beside a piece in the same pair.
#[derive(Clone, Copy, Default)]
struct Sides {
    before: Option<Rule>,
    /// Whether anything stands behind it.
    behind: bool,
    /// Whether statements stand here, so that a comma parts them.
    block: bool,
}

struct Reader<'t, 'l> {
    source: &'t str,
    laid: &'l str,
    list: Vec<Token<'t>>,
    /// Whether a line's end or a `;` stood before the next token.
    separated: bool,
    /// The token of the innermost block's brace, where a comma was seen there.
    brace: Option<usize>,
}

impl Reader<'_, '_> {
    fn node(&mut self, node: Node<'_>, sides: Sides) {
        let rule = node.as_rule();
        let at = node.as_span().start()..node.as_span().end();
        if rule == Rule::script_body {
            return self.push(at, Is::Script, rule);
        }
        if let Some(keyword) = keyword(rule) {
            let is = if rule == Rule::kw_points { Is::Points(keyword) } else { Is::Keyword(keyword) };
            return self.push(at, is, rule);
        }
        if is_word(rule) {
            return self.push(at, Is::Word, rule);
        }
        let mut children = node.into_inner().filter(|child| child.as_rule() != Rule::EOI).peekable();
        if children.peek().is_none() {
            return self.signs(at, rule, sides);
        }
        let around = self.brace;
        let (mut end, mut before, mut block) = (at.start, None, rule == Rule::file);
        while let Some(child) = children.next() {
            let (kind, span) = (child.as_rule(), child.as_span());
            let from = self.list.len();
            self.signs(end..span.start(), rule, Sides { before, behind: true, block });
            let first = self.list.len();
            // What stands behind the brace that closes is no statement of the block: `until 2027-08-31`.
            block &= rule == Rule::file || !self.list.get(from..).unwrap_or_default().iter().any(|token| token.is == Is::Unbrace);
            if kind == Rule::opening {
                self.brace = Some(first);
                self.push(span.start()..span.end(), Is::Brace { list: false }, rule);
                block = true;
            } else {
                self.node(child, Sides { before, behind: children.peek().is_some(), block: false });
                let inside = self.list.get_mut(first..).unwrap_or_default();
                if block {
                    inside.iter_mut().take(1).for_each(|token| token.begins = Some(kind));
                }
                if !block && kind != Rule::colon && kind != Rule::equals {
                    take_part(inside, kind);
                }
            }
            (end, before) = (span.end(), Some(kind));
        }
        self.signs(end..at.end, rule, Sides { before, behind: false, block });
        self.brace = around;
    }

    /// Cuts up what no rule names.
    fn signs(&mut self, at: Range<usize>, owner: Rule, sides: Sides) {
        let mut rest = at.start;
        while rest < at.end {
            let piece = self.laid.get(rest..at.end).unwrap_or("");
            let Some(first) = piece.chars().next() else { return };
            let length = match first {
                c if c.is_alphanumeric() => piece.find(|c: char| !c.is_alphanumeric()).unwrap_or(piece.len()),
                '.' if piece.starts_with("..") => 2,
                '>' | '<' | '=' | '!' if piece.get(1..2) == Some("=") => 2,
                c => c.len_utf8(),
            };
            let here = rest..rest + length;
            rest += length;
            match first {
                '\n' | ';' => self.separated = true,
                ',' if sides.block => {
                    self.separated = true;
                    if let Some(Token { is: Is::Brace { list, .. }, .. }) = self.brace.and_then(|at| self.list.get_mut(at)) {
                        *list = true;
                    }
                }
                c if c.is_whitespace() || c == char::from(FOLDED) || c == '\u{FEFF}' => {}
                _ => {
                    if first == '{' {
                        self.brace = Some(self.list.len());
                    }
                    self.push(here, sign(piece.get(..length).unwrap_or("")), owner);
                    self.fit(first, length, owner, sides);
                }
            }
        }
    }

    /// Whether the sign that was just read touches its neighbours.
    fn fit(&mut self, first: char, length: usize, owner: Rule, sides: Sides) {
        let Some(token) = self.list.last_mut() else { return };
        let behind_keyword = sides.before.is_some_and(|rule| keyword(rule).is_some());
        (token.tight_before, token.tight_after) = match first {
            ',' | ')' | ']' | '%' | '‰' => (true, false),
            // `check a > 0 : "…"`: an expression keeps its distance, a label does not.
            ':' => (!matches!(sides.before, Some(Rule::expr | Rule::marks)), false),
            // A call; but `and (a or b)`, whose bracket belongs to another pair.
            '(' => (sides.before.is_some(), true),
            '[' => (false, true),
            '.' if length == 2 => (sides.before.is_some() && !behind_keyword, sides.behind),
            '.' => (true, true),
            '-' => (false, owner == Rule::minus),
            _ => (false, false),
        };
    }

    fn push(&mut self, at: Range<usize>, is: Is, rule: Rule) {
        let separated = std::mem::take(&mut self.separated) && is != Is::Unbrace;
        let written = written(self.source, self.laid, &at, is, rule);
        let begins = separated.then_some(rule);
        self.list.push(Token { at, written, is, begins, part: None, tight_before: false, tight_after: false });
    }
}

/// Puts the tokens of a statement into one of its parts, but for those that are in the statements of its blocks.
fn take_part(tokens: &mut [Token<'_>], of: Rule) {
    let mut depth = 0_usize;
    for token in tokens {
        depth -= usize::from(token.is == Is::Unbrace && depth > 0);
        if depth == 0 {
            token.part = Some(of);
        }
        depth += usize::from(matches!(token.is, Is::Brace { .. }));
    }
}

/// A token in the one form.
fn written<'t>(source: &'t str, laid: &str, at: &Range<usize>, is: Is, rule: Rule) -> Cow<'t, str> {
    let here = source.get(at.clone());
    match (rule, here) {
        (Rule::string, Some(here)) => match here.strip_prefix('“').and_then(|rest| rest.strip_suffix('”')) {
            Some(inside) if !inside.contains('"') => format!("\"{inside}\"").into(),
            _ => here.into(),
        },
        (Rule::name, Some(here)) => here.into(),
        _ if is == Is::Script => here.unwrap_or("").into(),
        _ => {
            let number = matches!(rule, Rule::number | Rule::digits | Rule::percent | Rule::permille);
            let here = here.unwrap_or("");
            let laid = laid.get(at.clone()).unwrap_or("");
            let plain = |c: char| if number { c.is_ascii() && c != ' ' } else { c != char::from(FOLDED) };
            if here == laid && laid.chars().all(plain) {
                return here.into();
            }
            let kept = laid.chars().filter(|c| *c != char::from(FOLDED) && !(number && *c == ' '));
            kept.map(|c| if number { fold_char(c) } else { c }).collect::<String>().into()
        }
    }
}

fn sign(sign: &str) -> Is {
    match sign {
        "{" => Is::Brace { list: false },
        "}" => Is::Unbrace,
        ":" => Is::Colon,
        "," => Is::Comma,
        "=" => Is::Equals,
        "(" | "[" => Is::Opens,
        ")" | "]" => Is::Closes,
        word if word.starts_with(char::is_alphanumeric) => Is::Word,
        _ => Is::Sign,
    }
}

/// Rules whose text is one piece.
fn is_word(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::name
            | Rule::path
            | Rule::code_range
            | Rule::source_path
            | Rule::unit_expr
            | Rule::number
            | Rule::digits
            | Rule::percent
            | Rule::permille
            | Rule::date
            | Rule::string
            | Rule::version_text
            | Rule::kw_yes
            | Rule::kw_no
    )
}
