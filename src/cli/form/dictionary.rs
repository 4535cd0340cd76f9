//! `heng form dictionary`: the data dictionary (数据字典) of a form.

use super::{ends, write, wrong_ending};
use crate::cli::chosen::chosen;
use crate::cli::job::trouble;
use crate::cli::{DONE, TROUBLE, Terminal};
use crate::diag::{Code, Mistake};
use crate::report::dictionary as tables;
use clap::ArgMatches;
use std::path::PathBuf;

/// Makes it.
pub(super) fn dictionary(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let workbook = ends(&out, "xlsx");
    if !workbook && !ends(&out, "md") {
        return wrong_ending(&out, ".md, .xlsx", terminal);
    }
    let (engine, _, at) = match chosen(matches, terminal) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let Some(dictionary) = tables::dictionary(engine.rules(), engine.texts(), at, terminal.lang) else { return TROUBLE };
    let bytes = if workbook {
        match tables::workbook(&dictionary) {
            Ok(bytes) => bytes,
            Err(error) => {
                let mistake = Mistake::new(
                    Code::H0642,
                    format!("数据字典放不进一个工作簿: {error}"),
                    format!("the dictionary does not fit into a workbook: {error}"),
                );
                return trouble(terminal, mistake.help("写成 .md", "write it as .md"));
            }
        }
    } else {
        tables::markdown(&dictionary).into_bytes()
    };
    if let Err(code) = write(&out, &bytes, terminal) {
        return code;
    }
    let shown = out.display();
    terminal.say(format!("数据字典: {shown}"), format!("the data dictionary: {shown}"));
    DONE
}
