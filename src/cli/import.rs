//! `heng import`: validates submissions and puts them into the archive, all or nothing.
//!
//! They are stored while those behind them are still read (`storing`), and taken back if one of these is wrong.

use super::archive::{self, ENGINE, canonical};
use super::chosen::chosen;
use super::job::{self, FileNames, trouble};
use super::storing::{Message, Unstored, storing};
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{self, Contents, Counts, DataFile, NotInParcels, Options, Parcel, Region};
use crate::diag::{Code, Diagnostics, Mistake};
use crate::engine::Engine;
use crate::eval::{RowOrigin, Table};
use crate::model::{self, Form};
use crate::store::{Access, Archive, ArchiveError, Attached, Imported, NewImport, NewSubmission, Selection, State, Version};
use crate::text::Texts;
use clap::ArgMatches;
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

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

    let bar = terminal.progress(1000, "正在读取和存档", "reading and archiving");
    let progress = |done: u64, total: u64| bar.set_position(done.saturating_mul(1000) / total.max(1));
    let only = period.as_deref().filter(|_| keyed);
    let quiet = Options { encoding, period: only, texts: Some(engine.texts()), ..Options::default() };
    let earlier =
        Earlier { archive: &path, period: period.as_deref() }.table(form, &quiet, &files).map_err(|error| trouble(terminal, error))?;
    let options = Options { earlier: earlier.as_ref(), progress: Some(&progress), ..quiet };
    let draft = matches.get_flag("draft");
    let approved = if draft { None } else { approved(form, &path).map_err(|error| trouble(terminal, error))? };
    let reading = Reading {
        form,
        names: FileNames::new(files.iter().map(|file| &file.path), region.as_ref()),
        period: period.as_deref().filter(|_| !keyed),
        approved,
    };
    let about = NewImport {
        form: &form.name.it,
        title: form.title.as_deref().unwrap_or(""),
        version: form.version.as_deref().unwrap_or(""),
        texts: engine.texts(),
        engine: ENGINE,
        draft,
    };
    let by = archive::by(matches, terminal);
    let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let attempt = |read: &Reader<'_>| storing((&path, &about, &by), &paths, |to| reading.send(to, read));
    let (mut read, mut stored) = attempt(&|take| data::read_in_parcels(form, &files, &options, take));
    if read.is_err() {
        (read, stored) = attempt(&|take| Ok(data::read_as_one_parcel(form, &files, &options, take)));
    }
    bar.finish_and_clear();
    let Ok(read) = read else { return Err(TROUBLE) };
    read.tell(&engine, terminal)?;
    match stored {
        Ok(Some(stored)) => {
            told(&about, stored, &path, terminal);
            Ok(DONE)
        }
        Ok(None) => {
            terminal.say("没有可以存档的填报数据", "there are no submissions to archive");
            Err(TROUBLE)
        }
        Err(Unstored::Archive(error)) => Err(trouble(terminal, error)),
        Err(Unstored::Lost(error)) => Err(trouble(terminal, error)),
    }
}

/// Reads submissions, and hands them on.
type Reader<'r> = dyn Fn(&mut dyn FnMut(Parcel)) -> Result<(Diagnostics, Counts), NotInParcels> + 'r;

/// What submissions are read and sent with.
struct Reading<'r> {
    form: &'r Form,
    names: FileNames<'r>,
    /// The period of all of them, where the form does not say it.
    period: Option<&'r str>,
    approved: Option<Approved>,
}

/// What was read.
struct Read {
    found: Diagnostics,
    counts: Counts,
    /// Fields that are locked, and were changed.
    locked: Diagnostics,
}

impl Reading<'_> {
    /// Sends what is read, and at the end, if nothing is wrong with it, that it is whole.
    fn send(&self, to: SyncSender<Message>, read: &Reader<'_>) -> Result<Read, NotInParcels> {
        let mut files = 0;
        let mut locked = Diagnostics::new();
        let (found, counts) = read(&mut |parcel| {
            if files == 0 && parcel.table.is_empty() || locked.errors() > 0 {
                return;
            }
            let contents = Contents::new(self.form, &parcel.table, &parcel.attached);
            if let Some(approved) = &self.approved {
                locked.append(self.changes(&parcel.table, &contents, approved));
            }
            for named in files_of(self.form, &parcel.table).into_iter().skip(files) {
                let path = self.names.path(&named).map(|(path, _)| path.clone()).unwrap_or_default();
                // Whoever takes no more of it tells why.
                _ = to.send(Message::File(self.names.of_region(&named).unwrap_or(named).to_string(), path));
                files += 1;
            }
            self.send_rows(&to, &parcel, &contents);
        })?;
        if files > 0 && found.errors() + locked.errors() == 0 {
            _ = to.send(Message::Whole);
        }
        Ok(Read { found, counts, locked })
    }

    fn send_rows(&self, to: &SyncSender<Message>, parcel: &Parcel, contents: &Contents<'_>) {
        let table = &parcel.table;
        let mut attachments: HashMap<RowOrigin, Vec<Attached>> = HashMap::new();
        for file in &parcel.attached {
            let (field, name, path, hash) = (file.field.to_string(), file.name.clone(), file.path.clone(), file.digest());
            attachments.entry(file.origin).or_default().push(Attached { field, name, path, hash });
        }
        let row = |row: usize| {
            let (origin, key) = (table.origin(row).unwrap_or_default(), table.key(row).to_owned());
            let attached = attachments.get(&origin).cloned().unwrap_or_default();
            NewSubmission::new((origin.file as usize, origin.line), (key, self.period_of(contents, row)), contents.content(row), attached)
        };
        for start in (0..table.len()).step_by(PIECE) {
            let rows = (start..table.len().min(start + PIECE)).into_par_iter().map(row).collect();
            if to.send(Message::Rows(rows)).is_err() {
                return;
            }
        }
    }

    /// The period of a row; empty where nobody says one.
    fn period_of(&self, contents: &Contents<'_>, row: usize) -> String {
        self.period.map_or_else(|| contents.period(row), str::to_owned)
    }

    /// The locked fields that are not as they were approved.
    fn changes(&self, table: &Table, contents: &Contents<'_>, approved: &Approved) -> Diagnostics {
        let of = |key: &str, row: usize| approved.get(&(key.to_owned(), self.period_of(contents, row)))?.as_deref();
        data::locked_changes(self.form, table, contents, &of)
    }
}

impl Read {
    /// Tells what was found; an exit code where that keeps everything from being stored.
    fn tell(&self, engine: &Engine, terminal: &mut Terminal) -> Result<(), u8> {
        let Read { found, counts, locked } = self;
        terminal.tell(engine.texts(), found);
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
        terminal.tell(&Texts::new(), locked);
        if locked.errors() > 0 {
            let errors = locked.errors();
            terminal
                .say(format!("有 {errors} 处改动了锁定项: 一份也没有存"), format!("{errors} locked fields were changed: none is stored"));
            return Err(FINDINGS);
        }
        Ok(())
    }
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

/// Of each subject and period the latest version, if it is approved.
type Approved = HashMap<(String, String), Option<String>>;

/// What an archive has of submissions whose locked fields may not change any more.
fn approved(form: &Form, path: &Path) -> Result<Option<Approved>, ArchiveError> {
    if !form.fields.iter().any(|field| field.details.locked) || !path.exists() {
        return Ok(None);
    }
    let mut approved = Approved::new();
    let take = &mut |version: Version| {
        let content = (version.state == State::Approved).then_some(version.content);
        approved.insert((version.subject, version.period), content);
    };
    Archive::open(path, Access::Read)?.versions((Some(&form.name.it), None, None), take)?;
    Ok(Some(approved))
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
