//! `heng db …`: what the archive holds (档案), looked at, decided upon, written out, copied, verified. One file a kind of work.

mod care;
mod decide;
mod export;
mod list;
mod show;

use super::archive::not_there;
use super::job::trouble;
use super::{TROUBLE, Terminal};
use crate::store::{Archive, Version};
use crate::text::width;
use clap::ArgMatches;

/// Does what the command after `db` says.
pub(super) fn db(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let done = match matches.subcommand() {
        Some(("list", matches)) => list::list(matches, terminal),
        Some(("show", matches)) => show::show(matches, terminal),
        Some(("history", matches)) => show::history(matches, terminal),
        Some(("export", matches)) => export::export(matches, terminal),
        Some(("return", matches)) => decide::returned(matches, terminal),
        Some(("approve", matches)) => decide::approved(matches, terminal),
        Some(("backup", matches)) => care::backup(matches, terminal),
        Some(("verify", matches)) => care::verify(matches, terminal),
        Some(("vacuum", matches)) => care::vacuum(matches, terminal),
        // A command is required, and clap knows no others.
        _ => Err(TROUBLE),
    };
    done.unwrap_or_else(|code| code)
}

/// What `--form`, `--period` and `--subject` say.
fn wanted(matches: &ArgMatches) -> (Option<&str>, Option<&str>, Option<&str>) {
    let text = |name| matches.try_get_one::<String>(name).ok().flatten().map(String::as_str);
    (text("form"), text("period"), text("subject"))
}

/// The versions that are wanted; that there are none is told. What was filled in is left out, if nobody asks for it.
fn versions(
    archive: &Archive,
    contents: bool,
    (form, period, subject): (Option<&str>, Option<&str>, Option<&str>),
    terminal: &mut Terminal,
) -> Result<Vec<Version>, u8> {
    let mut versions = Vec::new();
    let read = archive.versions((form, period, subject), &mut |mut version| {
        if !contents {
            version.content = String::new();
        }
        versions.push(version);
    });
    read.map_err(|error| trouble(terminal, error))?;
    if versions.is_empty() {
        let what = [form, subject, period].into_iter().flatten().map(|what| format!(" `{what}`")).collect::<String>();
        return Err(trouble(terminal, not_there(format!("档案里没有{what} 的填报"), format!("the archive has no submission of{what}"))));
    }
    Ok(versions)
}

/// Rows below their heads, which blanks separate, each column as wide as it needs; without heads, the rows alone.
fn aligned(heads: &str, rows: &[Vec<String>]) -> String {
    let head: Vec<String> = heads.split_whitespace().map(str::to_owned).collect();
    let all = || std::iter::once(&head).filter(|head| !head.is_empty()).chain(rows);
    let columns = all().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| all().filter_map(|row| row.get(at)).map(|cell| width::columns(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| width::pad(cell, *width)).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    all().map(line).collect()
}
