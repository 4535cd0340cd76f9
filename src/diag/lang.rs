//! The language of messages (消息语言).

/// Chinese or English; the rules themselves may be written in either, whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Lang {
    /// The one of two wordings that this language asks for.
    pub fn say(self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self {
            Lang::Zh => zh.into(),
            Lang::En => en.into(),
        }
    }

    /// The same for fixed texts.
    pub fn pick<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Several things in a row: 甲、乙、丙 or a, b, c.
    pub fn list(self, items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
        let items: Vec<_> = items.into_iter().map(|item| item.as_ref().to_owned()).collect();
        items.join(self.pick("、", ", "))
    }
}
