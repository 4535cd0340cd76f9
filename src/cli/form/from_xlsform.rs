//! `heng form from-xlsform`: the text of a form from an XLSForm.

use super::{ends, write, wrong_ending};
use crate::cli::job::trouble;
use crate::cli::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data;
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::engine::Engine;
use crate::fmt::{Keywords, format};
use crate::text::Texts;
use clap::ArgMatches;
use std::path::PathBuf;

/// Makes it.
pub(super) fn from_xlsform(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let path = matches.get_one::<PathBuf>("xlsform").cloned().unwrap_or_default();
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    if !ends(&out, "heng") {
        return wrong_ending(&out, ".heng", terminal);
    }
    // A text that somebody has written, or mended by hand, is not to be lost.
    if out.exists() {
        let there = out.display();
        let mistake =
            Mistake::new(Code::H0901, format!("已经有 `{there}`，没有改写"), format!("`{there}` is there already and is not written over"));
        return trouble(terminal, mistake.help("写另一个文件名，或先删去它", "name another file, or remove this one first"));
    }
    let (text, found) = match data::from_xlsform(&path, terminal.lang) {
        Ok(read) => read,
        Err(error) => {
            terminal.tell(&Texts::new(), &std::iter::once(error).fold(Default::default(), add));
            return TROUBLE;
        }
    };
    terminal.tell(&Texts::new(), &found);
    let Some(text) = text else { return FINDINGS };
    let shown = out.display().to_string();
    let mut texts = Texts::new();
    let added = texts.add(shown.as_str(), text.as_str());
    let keywords = if terminal.lang == Lang::Zh { Keywords::Chinese } else { Keywords::English };
    // What cannot be read is written all the same, to be mended by hand.
    let laid = format(&added, keywords).unwrap_or(text);
    if let Err(code) = write(&out, laid.as_bytes(), terminal) {
        return code;
    }
    let engine = Engine::from_text(&shown, &laid);
    if engine.errors() > 0 {
        terminal.tell(engine.texts(), engine.diagnostics());
        let mistake = Mistake::new(Code::H0655, "导入的填报表还有错误", "the form that was imported still has errors");
        return trouble(terminal, mistake.help("改正上面所说的地方, 再运行 heng check", "mend what is told above, then run heng check"))
            .min(FINDINGS);
    }
    terminal.say(format!("填报表: {shown}"), format!("the form: {shown}"));
    if found.errors() > 0 { FINDINGS } else { DONE }
}

fn add(mut all: Diagnostics, error: data::FileError) -> Diagnostics {
    all.push(error);
    all
}
