//! `heng form xlsform`: a form for ODK Collect, Enketo and KoBoToolbox.

use super::{ends, write, wrong_ending};
use crate::cli::chosen::chosen;
use crate::cli::job::trouble;
use crate::cli::{DONE, TROUBLE, Terminal};
use crate::diag::{Code, Mistake};
use crate::report;
use clap::ArgMatches;
use std::path::PathBuf;

/// Makes it.
pub(super) fn xlsform(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    if !ends(&out, "xlsx") {
        return wrong_ending(&out, ".xlsx", terminal);
    }
    let (engine, _, at) = match chosen(matches, terminal) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let Some(form) = engine.rules().forms.get(at) else { return TROUBLE };
    let Some(made) = report::xlsform(engine.rules(), at, terminal.lang) else { return TROUBLE };
    let bytes = match made.workbook() {
        Ok(bytes) => bytes,
        Err(error) => {
            let name = &form.name.it;
            let (zh, en) = (format!("`{name}` 放不进一个工作簿: {error}"), format!("`{name}` does not fit into a workbook: {error}"));
            return trouble(terminal, Mistake::new(Code::H0642, zh, en).help("把填报表分成几张", "make several forms of it"));
        }
    };
    if let Err(code) = write(&out, &bytes, terminal) {
        return code;
    }
    let (name, shown) = (&form.name.it, out.display());
    terminal.say(format!("`{name}` 的 XLSForm: {shown}"), format!("the XLSForm of `{name}`: {shown}"));
    if !made.unsaid.is_empty() {
        let (many, list) = (made.unsaid.len(), made.unsaid.iter().map(|unsaid| format!("\n  {unsaid}")).collect::<String>());
        terminal.say(
            format!("有 {many} 处 XLSForm 说不出来, 交回后用 `heng form check` 检查:{list}"),
            format!("{many} things cannot be said in it; check what comes back with `heng form check`:{list}"),
        );
    }
    // Units are made when submissions are read.
    if engine.rules().forms.iter().any(|other| other.split.as_ref().is_some_and(|split| split.of == at)) {
        terminal.say("拆分不写进 XLSForm; 它在读入填报时进行", "the split is not in it; it is done when submissions are read");
    }
    DONE
}
