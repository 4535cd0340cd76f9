//! `heng form schema`: the JSON Schema of a form's submissions.

use super::{ends, write, wrong_ending};
use crate::cli::chosen::chosen;
use crate::cli::{DONE, TROUBLE, Terminal};
use crate::report;
use clap::ArgMatches;
use std::path::PathBuf;

/// Makes it.
pub(super) fn schema(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    if !ends(&out, "json") {
        return wrong_ending(&out, ".json", terminal);
    }
    let (engine, _, at) = match chosen(matches, terminal) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let Some(form) = engine.rules().forms.get(at) else { return TROUBLE };
    let text = format!("{:#}\n", report::schema(form, engine.texts(), terminal.lang));
    if let Err(code) = write(&out, text.as_bytes(), terminal) {
        return code;
    }
    let (name, shown) = (&form.name.it, out.display());
    terminal.say(format!("`{name}` 的 JSON Schema: {shown}"), format!("the JSON Schema of `{name}`: {shown}"));
    DONE
}
