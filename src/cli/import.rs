//! `heng import`: validates submissions and puts them into the archive, all or nothing.

use super::archive::{self, ENGINE, canonical};
use super::chosen::chosen;
use super::job::{self, trouble};
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{self, Contents, DataFile, Encoding, Options, Region};
use crate::diag::{Code, Diagnostics, Mistake};
use crate::engine::Engine;
use crate::eval::{RowOrigin, Table};
use crate::model::{self, Form};

use crate::store::{
    Access, Archive, ArchiveError, Attached, Imported, NewImport, NewSubmission, Selection, Source, State, Version, digest_of,
};
use crate::text::Texts;
use clap::ArgMatches;
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

/// So many contents are written at a time, on all cores, while those before are stored.
const PIECE: usize = 1_024;

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

    let earlier = Earlier { archive: &path, period: period.as_deref() };
    let read = (files.as_slice(), encoding, period.as_deref().filter(|_| keyed));
    let mut digests = Digests::new();
    let validated = rayon::in_place_scope(|scope| {
        scope.spawn(|_| digests = files.par_iter().map(|file| (file.path.clone(), fingerprint(&file.path))).collect());
        validated(&engine, form, read, &earlier, terminal)
    });
    let Validated { mut table, attached, paths } = validated?;
    job::as_the_region_names(&mut table, files.iter().map(|file| &file.path), region.as_ref());
    let sources = sources(&files_of(form, &table), &paths, &digests, terminal)?;
    let contents = Contents::new(form, &table, &attached);
    if !matches.get_flag("draft") {
        unlocked(form, (&table, &contents, period.as_deref()), &path, terminal)?;
    }
    let mut attachments: HashMap<RowOrigin, Vec<Attached>> = HashMap::new();
    for file in &attached {
        let (field, name, path, hash) = (file.field.to_string(), file.name.clone(), file.path.clone(), file.digest());
        attachments.entry(file.origin).or_default().push(Attached { field, name, path, hash });
    }
    let row = |row: usize| {
        let (origin, key) = (table.origin(row).unwrap_or_default(), table.key(row).to_owned());
        let own = if keyed { contents.period(row) } else { period.clone().unwrap_or_default() };
        let attached = attachments.get(&origin).cloned().unwrap_or_default();
        NewSubmission::new((origin.file as usize, origin.line), (key, own), contents.content(row), attached)
    };
    let bar = terminal.progress(table.len(), "正在存档", "archiving");
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
    let stored = ahead(table.len(), row, |rows| {
        let mut rows = rows.inspect(|_| bar.inc(1));
        Archive::open(&path, Access::Create).and_then(|mut archive| archive.import(&about, &by, &mut rows))
    });
    bar.finish_and_clear();
    match stored {
        Ok(stored) => {
            told(&about, stored, &path, terminal);
            Ok(DONE)
        }
        Err(error) => Err(trouble(terminal, error)),
    }
}

/// Hands over `count` items in their order, of which some are made ahead on other threads.
fn ahead<T: Send, R>(count: usize, make: impl Fn(usize) -> T + Send + Sync, take: impl FnOnce(&mut dyn Iterator<Item = T>) -> R) -> R {
    let (to, from) = mpsc::sync_channel::<Vec<T>>(2);
    rayon::in_place_scope(|scope| {
        scope.spawn(move |_| {
            let pieces = (0..count).step_by(PIECE).map(|start| (start..count.min(start + PIECE)).into_par_iter().map(&make).collect());
            // Whoever takes no more of them has told why.
            let _ = pieces.map(|piece| to.send(piece)).find(Result::is_err);
        });
        let mut left = count;
        let pieces = std::iter::from_fn(move || {
            let piece = from.recv().ok();
            left -= piece.as_ref().map_or(0, Vec::len);
            if piece.is_none() && left > 0 {
                // What others make has come to a bad end; half of it must not be taken for the whole.
                std::panic::resume_unwind(Box::new("no more is made"));
            }
            piece
        });
        take(&mut pieces.flatten())
    })
}

/// Submissions of which none is wrong.
struct Validated {
    table: Table,
    attached: Vec<data::Attached>,
    /// The path of each file that was read: those of the table, then those of rows of tables.
    paths: Vec<PathBuf>,
}

/// Where submissions of the period before may be.
struct Earlier<'e> {
    archive: &'e Path,
    period: Option<&'e str>,
}

impl Earlier<'_> {
    /// What the archive has of the period before, where the form speaks of that.
    fn table(&self, form: &Form, options: &Options<'_>, files: &[DataFile]) -> Result<Option<Table>, ArchiveError> {
        if !data::speaks_of_earlier(form) || !self.archive.exists() {
            return Ok(None);
        }
        let only = match self.period {
            Some(_) => None,
            None => match data::read_around(form, files, options).2.periods.as_slice() {
                [only] => Some(only.to_string()),
                _ => None,
            },
        };
        let Some((period, now)) = form.period.as_ref().zip(self.period.or(only.as_deref())) else { return Ok(None) };
        let Some(before) = data::earlier(period, now, 1) else { return Ok(None) };
        let (table, _) = filed_of(form, self.archive, &before, options)?;
        Ok(Some(table).filter(|table| !table.is_empty()))
    }
}

/// What an archive has of a period that counts, with what today's form says of it.
pub(super) fn filed_of(form: &Form, archive: &Path, period: &str, options: &Options<'_>) -> Result<(Table, Diagnostics), ArchiveError> {
    let archive = Archive::open(archive, Access::Read)?;
    let options = Options { period: None, ..*options };
    let read = data::from_archive(form, &options, |take| {
        archive.submissions(&form.name.it, Selection::Counted(Some(period)), &mut |found| {
            take(&found.file, found.line as usize, &found.content);
        })
    });
    let (table, found, _) = read?;
    Ok((table, found))
}

/// The submissions, if nothing is wrong with any of them.
fn validated(
    engine: &Engine,
    form: &Form,
    (files, encoding, period): (&[DataFile], Option<Encoding>, Option<&str>),
    earlier: &Earlier<'_>,
    terminal: &mut Terminal,
) -> Result<Validated, u8> {
    let bar = terminal.progress(1000, "正在读取", "reading");
    let progress = |done: u64, total: u64| bar.set_position(done.saturating_mul(1000) / total.max(1));
    let quiet = Options { encoding, period, texts: Some(engine.texts()), ..Options::default() };
    let earlier = earlier.table(form, &quiet, files).map_err(|error| trouble(terminal, error))?;
    let options = Options { earlier: earlier.as_ref(), progress: Some(&progress), ..quiet };
    let (table, found, counts) = data::read_around(form, files, &options);
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
    let of = |name: &Arc<str>| files.iter().map(|file| &file.path).find(|path| job::sheet_of(name, path).is_some());
    let paths = files_of(form, &table).iter().map(|name| of(name).cloned().unwrap_or_default()).collect();
    Ok(Validated { table, attached: counts.attached, paths })
}

/// Sees that fields which are locked are as they were approved.
fn unlocked(
    form: &Form,
    (table, contents, period): (&Table, &Contents<'_>, Option<&str>),
    path: &Path,
    terminal: &mut Terminal,
) -> Result<(), u8> {
    if !form.fields.iter().any(|field| field.details.locked) || !path.exists() {
        return Ok(());
    }
    // Of each subject and period the latest version, if it is approved.
    let mut approved: HashMap<(String, String), Option<String>> = HashMap::new();
    let archive = Archive::open(path, Access::Read).map_err(|error| trouble(terminal, error))?;
    let take = &mut |version: Version| {
        let content = (version.state == State::Approved).then_some(version.content);
        approved.insert((version.subject, version.period), content);
    };
    archive.versions((Some(&form.name.it), None, None), take).map_err(|error| trouble(terminal, error))?;
    let keyed = form.period.as_ref().is_some_and(|period| period.key.is_some());
    let of = |key: &str, row: usize| {
        let period = if keyed { contents.period(row) } else { period.unwrap_or_default().to_owned() };
        approved.get(&(key.to_owned(), period))?.as_deref()
    };
    let found = data::locked_changes(form, table, contents, &of);
    terminal.tell(&Texts::new(), &found);
    if found.errors() == 0 {
        return Ok(());
    }
    let errors = found.errors();
    terminal.say(format!("有 {errors} 处改动了锁定项: 一份也没有存"), format!("{errors} locked fields were changed: none is stored"));
    Err(FINDINGS)
}

/// The files of a table, then those of the rows of the form's tables that stand apart.
fn files_of(form: &Form, table: &Table) -> Vec<Arc<str>> {
    let mut files = table.files.clone();
    for rows in form.tables.iter().filter_map(|of| table.beside(model::Source::Form(of.form), 0)) {
        let apart: Vec<Arc<str>> = rows.files.iter().filter(|file| !files.contains(file)).cloned().collect();
        files.extend(apart);
    }
    files
}

/// Fingerprint and size of each file, made while it is read; else why there is none.
type Digests = HashMap<PathBuf, Result<(String, i64), String>>;

fn fingerprint(path: &Path) -> Result<(String, i64), String> {
    File::open(path).and_then(digest_of).map_err(|cause| cause.to_string())
}

/// The files, with their fingerprints.
fn sources(files: &[Arc<str>], paths: &[PathBuf], digests: &Digests, terminal: &mut Terminal) -> Result<Vec<Source>, u8> {
    let mut sources = Vec::with_capacity(paths.len());
    for (name, path) in files.iter().zip(paths) {
        match digests.get(path).cloned().unwrap_or_else(|| fingerprint(path)) {
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

/// The data files that are named, else those of the settings that are for this form or a table of it.
fn files(
    matches: &ArgMatches,
    engine: &Engine,
    form: &Form,
    region: Option<&Region>,
    terminal: &mut Terminal,
) -> Result<Vec<DataFile>, u8> {
    let named = matches.get_many::<String>("data").into_iter().flatten().map(|named| named_of(form, named));
    let mut files: Vec<DataFile> = named.collect();
    if let (true, Some(region)) = (files.is_empty(), region) {
        let forms: Vec<&Form> = engine.rules().forms.iter().filter(|form| form.split.is_none()).collect();
        for file in &region.settings.data {
            let path = region.path(&file.path);
            let of = match &file.name {
                Some(name) => form.table(name).is_some() || form.name.it == *name || form.name.it.ends_with(&format!("/{name}")),
                None => data::suited(forms.iter().copied(), &path, None).and_then(|at| forms.get(at)).is_none_or(|of| of.name == form.name),
            };
            if of {
                files.push(DataFile { name: file.name.clone(), path });
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

/// A data file as it is named: `班级=班级.csv` has the rows of a table of the form.
pub(super) fn named_of(form: &Form, named: &str) -> DataFile {
    match named.split_once('=') {
        Some((name, path)) if form.table(name).is_some() && !Path::new(named).exists() => {
            DataFile { name: Some(name.into()), path: path.into() }
        }
        _ => DataFile { name: None, path: named.into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn what_is_made_ahead_comes_in_order_and_whole_or_not_at_all() {
        for count in [0, 1, PIECE, 5 * PIECE + 7] {
            assert!(ahead(count, |at| at, |items| items.eq(0..count)));
        }
        // Whoever takes no more waits for nobody.
        assert_eq!(ahead(9 * PIECE, |at| at, |items| items.take(3).count()), 3);
        let stopped = |at: usize| {
            assert!(at < 2 * PIECE, "a test stops here");
            at
        };
        assert!(catch_unwind(|| ahead(3 * PIECE, stopped, |items| items.count())).is_err());
    }
}
