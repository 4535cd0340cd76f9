//! `--derivations`: how every result came about, kept by `heng run` and asked again by `heng why`, whatever became of rules and
//! data since.

use super::archive;
use super::job::{Job, trouble};
use super::whole::{unwritten, write_whole};
use super::{DONE, TROUBLE, Terminal};
use crate::data::shown;
use crate::eval::{Derivation, Role, Tracing};
use crate::report::{DerivationWriter, Kept, derivations, kept};
use crate::store::Access;
use clap::ArgMatches;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

/// Keeps the derivations of a job, if the arguments say so.
pub(super) fn keep(job: &Job, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let Some(path) = matches.get_one::<PathBuf>("derivations") else { return DONE };
    let lang = terminal.lang;
    let written = job.engine.evaluate_in_parts(job.rubric, &job.table, job.on, Tracing::All, |evaluation| {
        let bar = terminal.progress(evaluation.len(), "正在保存推导", "keeping derivations");
        let written = write_whole(path, |to| {
            let mut writer = DerivationWriter::begin(lang, to);
            evaluation.parts(|part| {
                bar.inc(part.results.subjects.len() as u64);
                job.engine.explained(&job.table, &part.results, lang).map_or(Ok(()), |explained| writer.part(&explained))
            })?;
            writer.finish()
        });
        bar.finish_and_clear();
        written
    });
    match written {
        None => TROUBLE,
        Some(Err(cause)) => trouble(terminal, unwritten(path, &cause)),
        Some(Ok(())) => {
            let path = shown(path);
            terminal.say(format!("推导保存在 {path}"), format!("derivations kept in {path}"));
            DONE
        }
    }
}

/// Tells what a file has kept of a subject.
pub(super) fn ask(path: &Path, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let file = shown(path);
    let key = matches.get_one::<String>("subject").map_or("", String::as_str);
    let found = File::open(path).and_then(|file| kept(&mut BufReader::with_capacity(1 << 20, file), key));
    tell(found, &file, matches, terminal)
}

/// Tells what the archive has kept of a subject with a run.
pub(super) fn ask_archive(run: i64, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let archive = match archive::open(matches, Access::Read, terminal) {
        Ok(archive) => archive,
        Err(code) => return code,
    };
    match archive.run(run) {
        Err(error) => return trouble(terminal, error),
        Ok(None) => {
            let (zh, en) = (format!("档案里没有第 {run} 次评价"), format!("the archive has no run {run}"));
            return trouble(terminal, archive::not_there(zh, en));
        }
        Ok(Some(_)) => {}
    }
    let key = matches.get_one::<String>("subject").map_or("", String::as_str);
    let found = kept(&mut BufReader::with_capacity(1 << 20, archive.derivations(run)), key);
    tell(found, &shown(archive.path()), matches, terminal)
}

/// Tells what was kept of a subject, if it was found.
fn tell(found: io::Result<Option<Kept>>, file: &str, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let lang = terminal.lang;
    let key = matches.get_one::<String>("subject").map_or("", String::as_str);
    let kept = match found {
        Ok(Some(kept)) => kept,
        Ok(None) => {
            terminal.say(format!("{file} 里没有评价对象 `{key}`"), format!("{file} has nobody with the key `{key}`"));
            return TROUBLE;
        }
        Err(cause) => {
            let (zh, en) = match cause.kind() {
                ErrorKind::InvalidData => {
                    ("不是 `heng run --derivations` 保存的，或已损坏", "it was not kept by `heng run --derivations`, or is damaged")
                }
                ErrorKind::UnexpectedEof => ("不完整", "it is not whole"),
                ErrorKind::Unsupported => ("是另一版本的 heng 保存的", "another version of heng kept it"),
                _ => ("", ""),
            };
            let why = if zh.is_empty() { cause.to_string() } else { lang.pick(zh, en).to_owned() };
            terminal.say(format!("读不了推导档案 {file}: {why}"), format!("cannot read derivations from {file}: {why}"));
            return TROUBLE;
        }
    };
    let Kept { engine, lang, rubric: (rubric, title), on, subject: (kind, key), steps } = kept;
    let steps = match matches.get_one::<String>("indicator") {
        None => steps,
        Some(code) => {
            let is = |step: &Derivation| step.role == Role::Indicator && step.name.split(' ').next() == Some(code);
            let Some(step) = steps.into_iter().find(is) else {
                terminal.say(format!("没有指标 `{code}`"), format!("there is no indicator `{code}`"));
                return TROUBLE;
            };
            vec![step]
        }
    };
    if matches.get_one::<String>("format").is_some_and(|format| format == "json") {
        return match serde_json::to_string_pretty(&steps) {
            Ok(text) => {
                terminal.out(&format!("{text}\n"));
                DONE
            }
            Err(_) => TROUBLE,
        };
    }
    let day = lang.say(format!("评价日 {on}"), format!("as of {on}"));
    terminal.out(&format!("{kind} {key} · {rubric} {title} · {day}\n\n"));
    terminal.out(&derivations(&steps, lang, terminal.look().width));
    terminal.say(format!("由 {engine} 计算并保存"), format!("computed and kept by {engine}"));
    DONE
}
