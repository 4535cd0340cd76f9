//! What is told of an XLSForm that is read (导入时的提示).

use crate::diag::{Code, Label, Lang, Origin, Say};

/// Something of an XLSForm, with its cell.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub code: Code,
    pub at: Origin,
    pub zh: String,
    pub en: String,
    pub help: (&'static str, &'static str),
}

impl Say for Told {
    fn code(&self) -> Code {
        self.code
    }

    fn headline(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }

    fn labels(&self, _lang: Lang) -> Vec<Label> {
        Vec::new()
    }

    fn help(&self, lang: Lang) -> Option<String> {
        Some(lang.say(self.help.0, self.help.1))
    }

    fn origin(&self) -> Option<Origin> {
        Some(self.at.clone())
    }
}
