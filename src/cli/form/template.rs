//! `heng form template`: the workbook or the page that a school fills in.

use super::{ends, write, wrong_ending};
use crate::cli::chosen::chosen;
use crate::cli::job::trouble;
use crate::cli::{DONE, TROUBLE, Terminal};
use crate::diag::{Code, Mistake};
use crate::report::{MOST_ROWS, TemplateOptions, template as workbook};
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// Makes it.
pub(super) fn template(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    if ends(&out, "html") {
        return page(&out, matches, terminal);
    }
    if !ends(&out, "xlsx") {
        return wrong_ending(&out, ".xlsx, .html", terminal);
    }
    let rows = matches.get_one::<u32>("rows").copied();
    if rows.is_some_and(|rows| rows == 0 || rows > MOST_ROWS) {
        terminal.say(format!("--rows 可以是 1 至 {MOST_ROWS}"), format!("--rows takes 1 to {MOST_ROWS}"));
        return TROUBLE;
    }
    let (engine, _, at) = match chosen(matches, terminal) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let Some(form) = engine.rules().forms.get(at) else { return TROUBLE };
    let bytes = match workbook(form, &TemplateOptions { rows, lang: terminal.lang }) {
        Ok(bytes) => bytes,
        Err(error) => {
            let name = &form.name.it;
            let mistake = Mistake::new(
                Code::H0642,
                format!("`{name}` 放不进一个工作簿: {error}"),
                format!("`{name}` does not fit into a workbook: {error}"),
            );
            return trouble(
                terminal,
                mistake.help("用 `--rows` 减少行数, 或把填报表分成几张", "take fewer `--rows`, or make several forms of it"),
            );
        }
    };
    if let Err(code) = write(&out, &bytes, terminal) {
        return code;
    }
    let (name, shown) = (&form.name.it, out.display());
    terminal.say(format!("`{name}` 的填报模板: {shown}"), format!("the workbook of `{name}`: {shown}"));
    DONE
}

/// Makes the page.
fn page(out: &Path, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    if matches.contains_id("rows") && matches.get_one::<u32>("rows").is_some() {
        terminal.say("--rows 只用于 .xlsx; 一个网页填一份", "--rows is for .xlsx only; a page is for one submission");
        return TROUBLE;
    }
    let (engine, _, at) = match chosen(matches, terminal) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let (Some(html), Some(form)) = (engine.form_page(at, terminal.lang), engine.rules().forms.get(at)) else { return TROUBLE };
    if let Err(code) = write(out, html.as_bytes(), terminal) {
        return code;
    }
    let (name, shown) = (&form.name.it, out.display());
    terminal.say(format!("`{name}` 的填报网页: {shown}"), format!("the page of `{name}`: {shown}"));
    DONE
}
