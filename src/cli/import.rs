//! `heng import`: validates submissions and puts them into the archive, all or nothing.

use super::archive::{self, ENGINE, canonical};
use super::chosen::chosen;
use super::job::{self, trouble};
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{self, Contents, Encoding, Options, Region};
use crate::diag::{Code, Mistake};
use crate::engine::Engine;
use crate::eval::Table;
use crate::model::Form;
use crate::store::{Access, Archive, Imported, NewImport, NewSubmission, Source, digest_of};
use clap::ArgMatches;
use rayon::prelude::*;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many contents are written at a time, on all cores.
const PIECE: usize = 2_048;

/// Reads the data of a form as `heng run` does, and archives them if nothing is wrong.
pub(super) fn import(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    done(matches, terminal).unwrap_or_else(|code| code)
}

fn done(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let (engine, region, at) = chosen(matches, terminal)?;
    let Some(form) = engine.rules().forms.get(at) else { return Err(TROUBLE) };
    let files = files(matches, &engine, form, region.as_ref(), terminal)?;
    let path = archive::meant(matches, region.as_ref(), terminal)?;
    let encoding = job::encoding(matches, terminal)?;
    let asked = matches.get_one::<String>("period");
    let set = region.as_ref().and_then(|region| region.settings.period.as_ref());
    let keyed = form.period.as_ref().is_some_and(|period| period.key.is_some());
    // The settings say what is evaluated; a file may well have other periods besides, which are archived, too.
    let period = if keyed { asked } else { asked.or(set) }.map(|period| canonical(form, period));

    let (mut table, paths) = validated(&engine, form, (&files, encoding, period.as_deref().filter(|_| keyed)), terminal)?;
    job::as_the_region_names(&mut table, &files, region.as_ref());
    let sources = sources(&table, &paths, terminal)?;
    let contents = Contents::new(form, &table);
    let row = |row: usize| {
        let (origin, key) = (table.origin(row).unwrap_or_default(), table.key(row).to_owned());
        let own = if keyed { contents.period(row) } else { period.clone().unwrap_or_default() };
        NewSubmission::new((origin.file as usize, origin.line), key, own, contents.content(row))
    };
    let bar = terminal.progress(table.len(), "正在存档", "archiving");
    let mut pieces = (0..table.len()).step_by(PIECE).flat_map(|start| {
        let end = table.len().min(start + PIECE);
        bar.set_position(start as u64);
        (start..end).into_par_iter().map(row).collect::<Vec<_>>()
    });
    let about = NewImport {
        form: &form.name.it,
        title: form.title.as_deref().unwrap_or(""),
        version: form.version.as_deref().unwrap_or(""),
        texts: engine.texts(),
        engine: ENGINE,
        draft: matches.get_flag("draft"),
        sources: &sources,
    };
    let by = archive::by(matches, terminal);
    let stored = Archive::open(&path, Access::Create).and_then(|mut archive| archive.import(&about, &by, &mut pieces));
    bar.finish_and_clear();
    match stored {
        Ok(stored) => {
            told(&about, stored, &path, terminal);
            Ok(DONE)
        }
        Err(error) => Err(trouble(terminal, error)),
    }
}

/// The submissions, if nothing is wrong with any of them; and the path of each of their files.
fn validated(
    engine: &Engine,
    form: &Form,
    (files, encoding, period): (&[PathBuf], Option<Encoding>, Option<&str>),
    terminal: &mut Terminal,
) -> Result<(Table, Vec<PathBuf>), u8> {
    let bar = terminal.progress(1000, "正在读取", "reading");
    let progress = |done: u64, total: u64| bar.set_position(done.saturating_mul(1000) / total.max(1));
    let options =
        Options { encoding, period, texts: Some(engine.texts()), used: None, earlier: None, rows: &[], progress: Some(&progress) };
    let (table, found, counts) = data::read(form, files, &options);
    bar.finish_and_clear();
    terminal.tell(engine.texts(), &found);
    if counts.untold > 0 {
        let more = counts.untold;
        terminal.say(format!("另有 {more} 处没有列出"), format!("{more} more are not listed"));
    }
    if found.errors() > 0 {
        let (read, errors) = (counts.read, found.errors());
        terminal.say(
            format!("读到 {read} 份填报, 有 {errors} 处错误: 一份也没有存; 改好后重新导入"),
            format!("{read} submissions read with {errors} errors: none is stored; mend them and import again"),
        );
        return Err(if found.iter().any(|what| what.code() == Code::H0901) { TROUBLE } else { FINDINGS });
    }
    if table.is_empty() {
        terminal.say("没有可以存档的填报数据", "there are no submissions to archive");
        return Err(TROUBLE);
    }
    let path = |name: &Arc<str>| files.iter().find(|path| job::sheet_of(name, path).is_some()).cloned().unwrap_or_default();
    let paths = table.files.iter().map(path).collect();
    Ok((table, paths))
}

/// The files, with their fingerprints.
fn sources(table: &Table, paths: &[PathBuf], terminal: &mut Terminal) -> Result<Vec<Source>, u8> {
    let mut sources = Vec::with_capacity(paths.len());
    for (name, path) in table.files.iter().zip(paths) {
        match File::open(path).and_then(digest_of) {
            Ok((hash, size)) => sources.push(Source { path: name.to_string(), hash, size }),
            Err(cause) => {
                let shown = data::shown(path);
                let (zh, en) = (format!("读不了 `{shown}`: {cause}"), format!("cannot read `{shown}`: {cause}"));
                return Err(trouble(terminal, Mistake::new(Code::H0901, zh, en)));
            }
        }
    }
    Ok(sources)
}

fn told(about: &NewImport<'_>, stored: Imported, path: &Path, terminal: &mut Terminal) {
    let (form, path, Imported { new, changed, unchanged, handed_in, returned, .. }) = (about.form, data::shown(path), stored);
    let (zh, en) = if about.draft { (" (草稿)", " (drafts)") } else { ("", "") };
    let text = terminal.lang.say(
        format!("{form}{zh}: 新 {new} 份, 更新 {changed} 份, 未变 {unchanged} 份 · {path}\n"),
        format!("{form}{en}: {new} new, {changed} changed, {unchanged} unchanged · {path}\n"),
    );
    terminal.out(&text);
    if handed_in > 0 {
        terminal.say(format!("其中 {handed_in} 份草稿现在算报送"), format!("of those {handed_in} drafts are now handed in"));
    }
    if returned > 0 {
        terminal.say(
            format!("有 {returned} 份与退回时一样，没有重新报送"),
            format!("{returned} are as they were when they were returned, and not handed in again"),
        );
    }
}

/// The data files that are named, else those of the settings that are for this form.
fn files(matches: &ArgMatches, engine: &Engine, form: &Form, region: Option<&Region>, terminal: &mut Terminal) -> Result<Vec<PathBuf>, u8> {
    let mut files: Vec<PathBuf> = matches.get_many::<String>("data").into_iter().flatten().map(PathBuf::from).collect();
    if let (true, Some(region)) = (files.is_empty(), region) {
        let forms: Vec<&Form> = engine.rules().forms.iter().filter(|form| form.split.is_none()).collect();
        for file in &region.settings.data {
            let path = region.path(&file.path);
            let of = match &file.name {
                Some(name) => form.name.it == *name || form.name.it.ends_with(&format!("/{name}")),
                None => data::suited(forms.iter().copied(), &path, None).and_then(|at| forms.get(at)).is_none_or(|of| of.name == form.name),
            };
            if of {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        let mistake = Mistake::new(Code::H0903, "没有说明导入哪些填报数据", "no data are named")
            .help("写 `--data 文件.csv`", "write `--data FILE.csv`");
        return Err(trouble(terminal, mistake));
    }
    Ok(files)
}
