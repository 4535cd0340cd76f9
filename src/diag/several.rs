//! One mistake met at several places (多处相同): told once, with all of them.

use super::{Code, Diagnostic, Label, Lang, Origin, Say};
use crate::text::Span;

/// The most other places that are shown.
const MOST: usize = 5;

/// A diagnostic with the other places that it would be told of in the same words.
#[derive(Debug)]
pub(super) struct Several {
    pub first: Diagnostic,
    pub others: Vec<Span>,
}

impl Say for Several {
    fn code(&self) -> Code {
        self.first.code()
    }
    fn headline(&self, lang: Lang) -> String {
        self.first.headline(lang)
    }
    fn labels(&self, lang: Lang) -> Vec<Label> {
        let mut labels = self.first.labels(lang);
        labels.extend(self.others.iter().take(MOST).map(|span| Label::there(*span, lang.pick("这里也是", "here, too"))));
        labels
    }
    fn help(&self, lang: Lang) -> Option<String> {
        self.first.help(lang)
    }
    fn source(&self) -> Option<String> {
        self.first.source()
    }
    fn origin(&self) -> Option<Origin> {
        self.first.origin()
    }
}
