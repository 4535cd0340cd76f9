//! The one layout of a text (排版): `heng fmt` without its files.
//!
//! The layout works on the tokens of the parse, not on the tree: comments stand between tokens and stay there, and a statement
//! that the grammar learns is laid out by its brackets, blocks and keywords like any other. `lines` breaks and indents,
//! `cells` and `columns` align. What was laid out is read again, and given back only if it says the same ([`format()`]).
//! Not here: what a token is (`syntax::tokens`), files (`cli::fmt`).

mod cells;
mod columns;
mod lines;
mod script;

use crate::diag::{Code, Diagnostics, Mistake};
use crate::syntax::tree::Comment;
use crate::syntax::{Is, Token, Tree, parse, parse_with_tokens};
use crate::text::Text;

/// The spelling that keywords are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keywords {
    /// As they are.
    #[default]
    Keep,
    /// 中文
    Chinese,
    /// English
    English,
}

/// The text in the one layout.
///
/// Line ends stay what the first of them is. Laying out what was laid out changes nothing.
/// # Errors
/// What keeps it from being laid out, and then it must be left as it is: its syntax errors; or H0905, if the result would
/// not mean the same, which is a mistake of this program.
pub fn format(text: &Text, keywords: Keywords) -> Result<String, Diagnostics> {
    let (tree, found, tokens) = parse_with_tokens(text);
    let Some(tokens) = tokens.filter(|_| found.errors() == 0 && tree.broken.is_empty()) else { return Err(found) };
    let words: Vec<&str> = tokens.list.iter().map(|token| spelled(token, keywords)).collect();
    let mut laid = columns::write(&lines::lines(text, &tokens, &words));
    if text.source.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r')) {
        laid = laid.replace('\n', "\r\n");
    }
    if laid == *text.source {
        return Ok(laid);
    }
    let after = Text { source: laid.as_str().into(), ..text.clone() };
    let (again, found) = parse(&after);
    if found.errors() == 0 && same((text, &tree), (&after, &again)) { Ok(laid) } else { Err(changed(text)) }
}

/// A token as it is written out.
fn spelled<'t>(token: &'t Token<'_>, keywords: Keywords) -> &'t str {
    match (token.is, keywords) {
        (Is::Keyword(keyword) | Is::Points(keyword), Keywords::Chinese) => keyword.chinese,
        (Is::Keyword(keyword) | Is::Points(keyword), Keywords::English) => keyword.english,
        _ => &token.written,
    }
}

/// Whether two texts say the same: the same trees but for places, the same comments, the same scripts but for indentation.
fn same(before: (&Text, &Tree), after: (&Text, &Tree)) -> bool {
    // `+` leaves places out, see `Span`.
    let said = |(text, tree): (&Text, &Tree)| {
        let comments: Vec<String> = tree.comments.iter().map(|comment| comment_text(text, comment).to_owned()).collect();
        let scripts: Vec<Vec<String>> = tree.scripts.iter().map(|script| script::meaning(text.slice(*script))).collect();
        (format!("{:+?}", tree.items), comments, scripts)
    };
    said(before) == said(after)
}

fn comment_text<'t>(text: &'t Text, comment: &Comment) -> &'t str {
    text.slice(comment.span).trim_end()
}

/// H0905.
fn changed(text: &Text) -> Diagnostics {
    let mut found = Diagnostics::new();
    let path = &text.path;
    found.push(
        Mistake::new(
            Code::H0905,
            format!("`{path}` 排版以后意思会变, 没有改动; 这是 heng 的错误"),
            format!("`{path}` would not mean the same once laid out, and was left as it is; this is a mistake in heng"),
        )
        .help("请把这个文件报告给 heng 的开发者", "please report it, with the file"),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Texts;

    fn alike(one: &str, other: &str) -> bool {
        let (one, other) = (Texts::new().add("x.heng", one), Texts::new().add("x.heng", other));
        same((&one, &parse(&one).0), (&other, &parse(&other).0))
    }

    #[test]
    fn texts_are_the_same_where_only_places_differ() {
        assert!(alike("unit 生 // 注\nparam a=１", "unit   生\n// 注\n\nparam a = 1"));
        assert!(!alike("param a = 1", "param a = 1.5"));
        assert!(!alike("param a = 1", "param b = 1"));
        assert!(!alike("param a = 1 // 注", "param a = 1"));
        assert!(!alike("/// 注\nparam a = 1", "/// 注\n\nparam a = 1"));
        let script = |body: &str| format!("rubric r {{ indicator A 8 {{ score script {{{body}}} }} }}");
        assert!(alike(&script("\n 1 +\n 2 "), &script(" 1 +\n\n    2\n")));
        assert!(!alike(&script("1 + 2"), &script("1 + 3")));
    }
}
