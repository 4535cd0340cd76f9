//! `heng db backup`, `verify` and `vacuum`: an archive kept safe, seen to be sound, and kept small.

use super::super::archive::open;
use super::super::chosen::same;
use super::super::job::trouble;
use super::super::whole::{unwritten, write_beside};
use super::super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::shown;
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::store::{Access, Slip};
use crate::text::Texts;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

pub(super) fn backup(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    let Some(to) = matches.get_one::<PathBuf>("to") else { return Err(TROUBLE) };
    let path = shown(to);
    if same(archive.path(), to) {
        let (zh, en) = ("备份不能写到档案库自己那里", "the copy cannot be the archive itself");
        return Err(trouble(terminal, Mistake::new(Code::H0903, zh, en).help("写另一个文件名", "name another file")));
    }
    let mut failed = None;
    let written = write_beside(to, |beside| {
        archive.copy_to(beside).map_err(|error| {
            failed.get_or_insert(error);
            std::io::ErrorKind::Other.into()
        })
    });
    match (failed, written) {
        (Some(error), _) => Err(trouble(terminal, error)),
        (None, Err(cause)) => Err(trouble(terminal, unwritten(to, &cause))),
        (None, Ok(())) => {
            terminal.say(format!("备份在 {path}"), format!("copied to {path}"));
            Ok(DONE)
        }
    }
}

pub(super) fn verify(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    let slips = archive.verify().map_err(|error| trouble(terminal, error))?;
    let mut seals = Vec::new();
    archive.log(&mut |entry| seals.push(entry.hash)).map_err(|error| trouble(terminal, error))?;
    let mut said: Vec<(String, String)> =
        slips.iter().map(|slip: &Slip| (slip.word(Lang::Zh).to_owned(), slip.word(Lang::En).to_owned())).collect();
    if let Some(noted) = matches.get_one::<String>("seal").filter(|noted| !seals.contains(noted)) {
        said.push((format!("日志里没有 {noted}"), format!("the log has no {noted}")));
    }
    let path = shown(archive.path());
    if said.is_empty() {
        let (count, last) = (seals.len(), seals.last().map_or("", String::as_str));
        let text = terminal.lang.say(
            format!("{path} 完好: 日志 {count} 条, 末条校验值 {last}\n"),
            format!("{path} is sound: {count} entries in the log, the last one {last}\n"),
        );
        terminal.out(&text);
        return Ok(DONE);
    }
    let mut found = Diagnostics::new();
    for (zh, en) in said {
        found.push(
            Mistake::new(Code::H0706, zh, en)
                .help("用备份恢复; 查明是谁用什么改的", "restore a backup, and find out who changed it, and how"),
        );
    }
    terminal.tell(&Texts::new(), &found);
    Ok(FINDINGS)
}

pub(super) fn vacuum(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let mut archive = open(matches, Access::Write, terminal)?;
    let size = |path: &Path| path.metadata().map_or(0, |about| about.len());
    let before = size(archive.path());
    archive.vacuum().map_err(|error| trouble(terminal, error))?;
    let (path, after) = (shown(archive.path()), size(archive.path()));
    terminal.say(format!("{path}: {before} → {after} 字节"), format!("{path}: {before} → {after} bytes"));
    Ok(DONE)
}
