//! From a text to its tree (语法). Parsing never fails: whatever cannot be read is told, and the rest is still there.
//!
//! `layout` folds and joins, pest reads by `grammar.pest`, `build` makes the tree, `mend` says what went wrong.
//! Not here: what names mean, whether units agree (`check`).

mod binding;
mod braces;
mod build;
mod expected;
mod grammar;
mod keywords;
mod layout;
mod mend;
mod quoted;
mod tokens;
pub mod tree;

pub use binding::Binding;
pub(crate) use grammar::Rule;
pub use keywords::{Keyword, keywords};
pub use layout::DEEPEST;
pub use quoted::{quoted_name, quoted_option, quoted_text};
pub(crate) use tokens::{Is, Token, Tokens};
pub use tree::Tree;

use crate::diag::Diagnostics;
use crate::text::{Span, Text};
use grammar::Grammar;
use layout::Layout;
use pest::Parser;

/// The largest text that is read, in bytes.
pub const LARGEST_TEXT: usize = 4 << 20;

/// Reads a text. Whatever is wrong with it is told; the tree holds all that could be read.
pub fn parse(text: &Text) -> (Tree, Diagnostics) {
    let (tree, found, _) = read(text, |_, _| ());
    (tree, found)
}

/// Reads a text into its tree and its tokens; without tokens where the text could not be read at all.
pub(crate) fn parse_with_tokens(text: &Text) -> (Tree, Diagnostics, Option<Tokens<'_>>) {
    read(text, |layout, file| tokens::tokens(text, layout, file))
}

/// Reads a text, and from the same pairs what else is asked for.
fn read<T>(text: &Text, besides: impl FnOnce(&Layout, build::Node<'_>) -> T) -> (Tree, Diagnostics, Option<T>) {
    let mut found = Diagnostics::new();
    let empty = Tree { text: text.id, ..Tree::default() };
    if text.source.len() > LARGEST_TEXT {
        found.push(mend::text_too_large(Span::new(text.id, 0, 0), text.source.len()));
        return (empty, found, None);
    }
    let layout = layout::lay_out(text);
    layout.too_deep.iter().for_each(|deep| found.push(mend::too_deep(*deep)));
    let (tree, more) = match Grammar::parse(Rule::file, &layout.text).map(|mut pairs| pairs.next()) {
        Ok(Some(file)) => {
            let more = besides(&layout, file.clone());
            let (tree, told) = build::tree(text, &layout, file);
            found.append(told);
            (tree, Some(more))
        }
        // INVARIANT: `file` takes any text; should it ever not, the text is told as unreadable, not lost silently.
        _ => {
            found.push(mend::unreadable(text.span()));
            (empty, None)
        }
    };
    found.sort();
    (tree, found, more)
}
