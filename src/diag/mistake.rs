//! A mistake put together from its facts (错误): what most checks tell.

use super::{Code, Label, Lang, Say};
use crate::text::Span;

/// A diagnostic with its words in both languages, made by one named function for each kind of mistake.
#[derive(Clone, Debug)]
pub struct Mistake {
    code: Code,
    headline: Words,
    labels: Vec<(Span, Words, bool)>,
    help: Option<Words>,
    source: Option<String>,
}

#[derive(Clone, Debug)]
struct Words {
    zh: String,
    en: String,
}

impl Words {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Words {
        Words { zh: zh.into(), en: en.into() }
    }

    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

impl Mistake {
    /// A mistake of a code, with its headline in Chinese and in English.
    pub fn new(code: Code, zh: impl Into<String>, en: impl Into<String>) -> Mistake {
        Mistake { code, headline: Words::new(zh, en), labels: Vec::new(), help: None, source: None }
    }

    /// Where it stands, and what that place is.
    #[must_use]
    pub fn here(mut self, span: Span, zh: impl Into<String>, en: impl Into<String>) -> Mistake {
        self.labels.push((span, Words::new(zh, en), true));
        self
    }

    /// Another place that explains it.
    #[must_use]
    pub fn there(mut self, span: Span, zh: impl Into<String>, en: impl Into<String>) -> Mistake {
        self.labels.push((span, Words::new(zh, en), false));
        self
    }

    /// How to mend it.
    #[must_use]
    pub fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Mistake {
        self.help = Some(Words::new(zh, en));
        self
    }

    /// The same, where a mend is known.
    #[must_use]
    pub fn maybe_help(self, words: Option<(String, String)>) -> Mistake {
        match words {
            Some((zh, en)) => self.help(zh, en),
            None => self,
        }
    }

    /// The clause that the place restates.
    #[must_use]
    pub fn source(mut self, clause: Option<String>) -> Mistake {
        self.source = clause;
        self
    }
}

impl Say for Mistake {
    fn code(&self) -> Code {
        self.code
    }
    fn headline(&self, lang: Lang) -> String {
        self.headline.say(lang)
    }
    fn labels(&self, lang: Lang) -> Vec<Label> {
        let label = |(span, words, primary): &(Span, Words, bool)| Label { span: *span, text: words.say(lang), primary: *primary };
        self.labels.iter().map(label).collect()
    }
    fn help(&self, lang: Lang) -> Option<String> {
        self.help.as_ref().map(|words| words.say(lang))
    }
    fn source(&self) -> Option<String> {
        self.source.clone()
    }
}
