//! The archive on the command line (档案库与命令行): which file is meant, who is at work and when, what a run reads from it and leaves in it.
//!
//! Not here: the commands of the archive (`import`, `db`, `verify`), the archive itself (`store`).

use super::job::{Job, trouble};
use super::{DONE, TROUBLE, Terminal};
use crate::data::{self, CellReader, Counts, Options, Region};
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::engine::Engine;
use crate::eval::{Evaluation, Table, Tracing};
use crate::model::Form;
use crate::report::{DerivationWriter, Format, ResultWriter};
use crate::store::{Access, Archive, ArchiveError, By, NewRun, RunWriter, Selection};
use chrono::{NaiveDate, SecondsFormat, Utc};
use clap::ArgMatches;
use std::cell::RefCell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What stores and reads: the program with its version.
pub(super) const ENGINE: &str = concat!("heng ", env!("CARGO_PKG_VERSION"));

/// Submissions that were read from an archive.
pub(super) struct Filed {
    archive: Archive,
    /// By number.
    submissions: Vec<i64>,
    /// The period that was asked for.
    period: Option<String>,
}

/// H0707.
pub(super) fn not_there(zh: impl Into<String>, en: impl Into<String>) -> Mistake {
    Mistake::new(Code::H0707, zh, en).help("`heng db list` 列出档案里有什么", "`heng db list` shows what the archive holds")
}

/// The archive that is named, else that of the region's settings.
pub(super) fn named(matches: &ArgMatches, region: Option<&Region>) -> Option<PathBuf> {
    let set = || region.and_then(|region| Some(region.path(region.settings.database.as_ref()?)));
    matches.get_one::<PathBuf>("db").cloned().or_else(set)
}

/// The archive that is meant, where there must be one.
pub(super) fn meant(matches: &ArgMatches, region: Option<&Region>, terminal: &mut Terminal) -> Result<PathBuf, u8> {
    named(matches, region).ok_or_else(|| {
        let mistake = Mistake::new(Code::H0903, "没有说明用哪个档案库", "which archive is not said").help(
            "写 `--db 文件`, 或在 heng.toml 里写 `database = \"县.db\"`",
            "write `--db FILE`, or `database = \"FILE.db\"` in heng.toml",
        );
        trouble(terminal, mistake)
    })
}

/// Opens the archive that the arguments or the settings name.
pub(super) fn open(matches: &ArgMatches, access: Access, terminal: &mut Terminal) -> Result<Archive, u8> {
    let region = Region::find(Path::new(".")).map_err(|error| trouble(terminal, error))?;
    let path = meant(matches, region.as_ref(), terminal)?;
    Archive::open(&path, access).map_err(|error| trouble(terminal, error))
}

/// Who does it, and when.
pub(super) fn by(matches: &ArgMatches, terminal: &Terminal) -> By {
    let who = matches.get_one::<String>("by").map_or(terminal.user.as_str(), |name| name.trim());
    By { who: who.to_owned(), at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true) }
}

/// A period as the archive has it: as the field of the form reads it.
pub(super) fn canonical(form: &Form, period: &str) -> String {
    let field = form.period.as_ref().and_then(|period| form.fields.get(period.key?.0));
    let read = field.and_then(|field| CellReader::new(field, true).read(period).ok().flatten());
    read.map_or_else(|| period.trim().to_owned(), |value| value.word().to_string())
}

/// What a rubric is evaluated on, from an archive: of each subject the version that counts.
pub(super) fn read(
    path: &Path,
    (engine, rubric): (&Engine, usize),
    options: &Options<'_>,
    terminal: &mut Terminal,
) -> Result<((Table, Diagnostics, Counts), Filed), u8> {
    let archive = Archive::open(path, Access::Read).map_err(|error| trouble(terminal, error))?;
    let inputs = engine.inputs(rubric);
    let Some(judged) = inputs.first().map(|input| input.form) else { return Err(TROUBLE) };
    let name = judged.name.it.as_str();
    let periods = archive.periods(name).map_err(|error| trouble(terminal, error))?;
    let period = options.period.map(|period| canonical(judged, period));
    let list = || periods.iter().filter(|period| !period.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ");
    if periods.is_empty() {
        let (zh, en) = (format!("档案里没有可用的 `{name}` 填报"), format!("the archive has no submissions to `{name}` that count"));
        return Err(trouble(terminal, not_there(zh, en)));
    }
    if let Some(period) = period.as_ref().filter(|period| !periods.contains(period)) {
        let (zh, en) = (format!("档案里没有 `{name}` {period} 的填报"), format!("the archive has no submissions to `{name}` of {period}"));
        let mistake = Mistake::new(Code::H0707, zh, en).help(format!("有: {}", list()), format!("there are: {}", list()));
        return Err(trouble(terminal, mistake));
    }
    if let (None, [first, .., last]) = (&period, periods.as_slice()) {
        let (zh, en) = (format!("档案里有几个周期: {first} 至 {last}"), format!("the archive has several periods: {first} to {last}"));
        let help = (format!("用 `--period {last}` 选一个"), format!("choose one with `--period {last}`"));
        return Err(trouble(terminal, Mistake::new(Code::H0903, zh, en).help(help.0, help.1)));
    }
    let returned = archive.returned(name, period.as_deref()).map_err(|error| trouble(terminal, error))?;
    if returned > 0 {
        terminal.say(
            format!("{returned} 份填报已退回，还没有重新报送，没有用于评价"),
            format!("{returned} submissions were returned and not handed in again; they are left out"),
        );
    }
    let mut submissions = Vec::new();
    let read = filed(&archive, engine, rubric, (options, period.as_deref()), None, &mut submissions);
    let read = read.map_err(|error| trouble(terminal, error))?.ok_or(TROUBLE)?;
    Ok((read, Filed { archive, submissions, period }))
}

/// Reads the forms of a rubric from an archive: what counts, or what a run was made from.
pub(super) fn filed(
    archive: &Archive,
    engine: &Engine,
    rubric: usize,
    (options, period): (&Options<'_>, Option<&str>),
    run: Option<i64>,
    submissions: &mut Vec<i64>,
) -> Result<Option<(Table, Diagnostics, Counts)>, ArchiveError> {
    let mut failed = None;
    let read = engine.read_from(rubric, options, &mut |form, options| {
        let keyed = form.period.as_ref().is_some_and(|period| period.key.is_some());
        // A form that does not say its period was imported with one, or without.
        let of = if keyed { options.period.map(|period| canonical(form, period)) } else { period.map(str::to_owned) };
        let of = of.as_deref();
        let selection = run.map_or(Selection::Counted(of), |run| Selection::OfRun(run, of));
        let options = Options { texts: Some(engine.texts()), ..*options };
        let read = data::from_archive(form, &options, |take| {
            archive.submissions(&form.name.it, selection, &mut |found| {
                submissions.push(found.id);
                take(&found.file, found.line as usize, &found.content);
            })
        });
        read.unwrap_or_else(|error| {
            failed.get_or_insert(error);
            (Table::new(form, None), Diagnostics::new(), Counts::default())
        })
    });
    failed.map_or(Ok(read), Err)
}

/// Keeps a run in the archive that its submissions came from, with all its results and derivations.
pub(super) fn keep(job: &mut Job, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let Some(Filed { mut archive, mut submissions, period }) = job.filed.take() else { return DONE };
    let Some(rubric) = job.engine.rubric_at(job.rubric) else { return TROUBLE };
    // It was opened to be read.
    archive = match Archive::open(archive.path(), Access::Write) {
        Ok(archive) => archive,
        Err(error) => return trouble(terminal, error),
    };
    submissions.sort_unstable();
    submissions.dedup();
    let (by, day, lang) = (by(matches, terminal), job.on.to_string(), terminal.lang);
    let run = NewRun {
        texts: job.engine.texts(),
        engine: ENGINE,
        rubric: &rubric.name.it,
        title: rubric.title.as_deref().unwrap_or(""),
        day: &day,
        period: period.as_deref(),
        lang: lang.pick("zh", "en"),
        submissions: &submissions,
    };
    let kept = job.engine.evaluate_in_parts(job.rubric, &job.table, job.on, Tracing::All, |evaluation| {
        let bar = terminal.progress(evaluation.len(), "正在存档", "archiving");
        let kept = archive.keep_run(&run, &by, |writer| {
            let writer = RefCell::new(writer);
            let taken = |count: usize| bar.inc(count as u64);
            outcome(&job.engine, (&job.table, job.on, lang), evaluation, &mut Kept { writer: &writer, taken: &taken })
        });
        bar.finish_and_clear();
        kept
    });
    match kept {
        None => TROUBLE,
        Some(Err(error)) => trouble(terminal, error),
        Some(Ok(id)) => {
            let path = data::shown(archive.path());
            terminal.say(format!("存入 {path}: 第 {id} 次评价"), format!("stored in {path} as run {id}"));
            DONE
        }
    }
}

/// Takes what comes of a run: the bytes of its results as CSV, without the header, and those of its derivations.
pub(super) trait Outcome {
    /// So many subjects, as CSV.
    fn results(&mut self, subjects: usize, csv: &[u8]) -> io::Result<()>;
    /// Some bytes.
    fn derivations(&mut self, bytes: &[u8]) -> io::Result<()>;
}

struct Kept<'k, 'w> {
    writer: &'k RefCell<&'k mut RunWriter<'w>>,
    taken: &'k dyn Fn(usize),
}

impl Outcome for Kept<'_, '_> {
    fn results(&mut self, subjects: usize, csv: &[u8]) -> io::Result<()> {
        let mut writer = self.writer.borrow_mut();
        writer.results(csv);
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
        let mut row = csv::StringRecord::new();
        while rows.read_record(&mut row)? {
            writer.row(row.iter())?;
        }
        (self.taken)(subjects);
        Ok(())
    }

    fn derivations(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.borrow_mut().derivations(bytes)
    }
}

struct Bytes<'b, 'o>(&'b RefCell<&'o mut dyn Outcome>);

impl Write for Bytes<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().derivations(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Computes what is stored of a run; the same, to the byte, whenever it is repeated.
pub(super) fn outcome(
    engine: &Engine,
    (table, on, lang): (&Table, NaiveDate, Lang),
    evaluation: &Evaluation<'_>,
    to: &mut dyn Outcome,
) -> io::Result<()> {
    let to = RefCell::new(to);
    let mut bytes = Bytes(&to);
    let mut derivations = DerivationWriter::begin(lang, &mut bytes);
    evaluation.parts(|part| {
        let Some(explained) = engine.explained(table, &part.results, lang) else { return Ok(()) };
        derivations.part(&explained)?;
        let about = (explained.rubric, on, evaluation.left_out());
        let mut csv = Vec::new();
        let head = {
            ResultWriter::begin(Format::Csv, about, false, &mut csv)?.end()?;
            csv.len()
        };
        csv.clear();
        let mut writer = ResultWriter::begin(Format::Csv, about, false, &mut csv)?;
        writer.part(&explained)?;
        writer.end()?;
        to.borrow_mut().results(part.results.subjects.len(), csv.get(head..).unwrap_or_default())
    })?;
    derivations.finish()
}
