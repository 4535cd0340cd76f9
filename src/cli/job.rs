//! What `run`, `why` and `test` begin with (共同的准备): the rules, the rubric that is meant, the data.

use super::archive::{self, Filed};
use super::{FINDINGS, TROUBLE, Terminal};
use crate::data::{Counts, DataFile, Encoding, Options, Region, add_library, load_files};
use crate::diag::{Code, Diagnostics, Mistake};
use crate::engine::Engine;
use crate::eval::Table;
use crate::model::Source;
use crate::text::nearest;
use chrono::{Local, NaiveDate};
use clap::ArgMatches;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A rubric with everything that it is evaluated on.
pub(super) struct Job {
    pub engine: Engine,
    /// The uppermost layers alone, where results are compared with them.
    pub upper: Option<Engine>,
    pub rubric: usize,
    pub table: Table,
    pub on: NaiveDate,
    /// How many errors the data have.
    pub data_errors: usize,
    pub counts: Counts,
    /// Where the submissions came from, if not from files.
    pub filed: Option<Filed>,
}

/// The rules that the arguments mean: those of a file or folder that is named, else of the region one stands in.
pub(super) fn engine(named: &[PathBuf], terminal: &mut Terminal) -> Result<(Engine, Option<Region>), u8> {
    let here = Path::new(".");
    let region = match Region::find(named.first().map_or(here, PathBuf::as_path)).or_else(|_| Region::find(here)) {
        Ok(region) => region,
        Err(error) => return Err(trouble(terminal, error)),
    };
    let (mut texts, found) = match (&region, named) {
        (Some(region), _) => {
            let (texts, mut found) = region.texts();
            found.append(region.found.clone());
            (texts, found)
        }
        (None, []) => load_files(&[here]),
        // Names of the library are no files.
        (None, named) => {
            let files: Vec<_> = named.iter().filter(|name| name.exists() || !name.starts_with("national")).collect();
            if files.is_empty() { Default::default() } else { load_files(&files) }
        }
    };
    let asked: Vec<_> = named.iter().map(|name| name.to_string_lossy()).filter(|name| name.starts_with("national/")).collect();
    // What a region's texts reach is there already.
    if region.is_none() || !asked.is_empty() {
        add_library(&mut texts, &asked.iter().map(|name| &**name).collect::<Vec<_>>());
    }
    Ok((Engine::new(texts, found), region))
}

/// Prepares a run: `Err` holds the exit code after what is wrong has been told.
///
/// `all`: whether everything that is wrong with the data is told, or only that something is.
pub(super) fn prepare(matches: &ArgMatches, all: bool, terminal: &mut Terminal) -> Result<Job, u8> {
    prepare_fields(matches, all, false, terminal)
}

/// The same; `whole`: the table has every field of the form, not only those that the rubric reads.
pub(super) fn prepare_fields(matches: &ArgMatches, all: bool, whole: bool, terminal: &mut Terminal) -> Result<Job, u8> {
    let named = matches.get_one::<String>("rubric");
    let as_file = named.map(PathBuf::from).filter(|path| path.exists() || path.to_string_lossy().starts_with("national/"));
    let (engine, region) = engine(&as_file.clone().into_iter().collect::<Vec<_>>(), terminal)?;
    if engine.errors() > 0 {
        terminal.tell(engine.texts(), engine.diagnostics());
        return Err(if engine.diagnostics().iter().any(|what| what.code() == Code::H0901) { TROUBLE } else { FINDINGS });
    }
    let settings = region.as_ref().map(|region| region.settings.clone()).unwrap_or_default();
    // A region's folder in the place of a rubric means what its settings say.
    let folder = as_file.as_ref().filter(|path| path.is_dir());
    let (name, file) =
        if folder.is_some() { (settings.rubric.as_ref(), None) } else { (named.or(settings.rubric.as_ref()), as_file.as_deref()) };
    if region.is_none() && named.is_none() {
        let mistake = Mistake::new(Code::H0903, "这里不在一个地区的文件夹里", "this is not inside a region's folder").help(
            "到有 heng.toml 的文件夹里运行，或写明: `heng run 文件夹`; 新建一个地区: `heng new 文件夹`",
            "go to a folder with a heng.toml, or name one: `heng run DIR`; to make a region: `heng new DIR`",
        );
        return Err(trouble(terminal, mistake));
    }
    let rubric = choose(&engine, name, file, terminal)?;
    let with_files = matches.get_many::<String>("data").is_some();
    let database = if with_files { None } else { archive::named(matches, region.as_ref()) };
    if with_files && matches.get_one::<PathBuf>("db").is_some() {
        let mistake = Mistake::new(Code::H0903, "不能同时用 `--data` 和 `--db`", "`--data` does not go with `--db`").help(
            "先用 `heng import` 把数据存入档案库，再用 `--db` 评价",
            "put the data into the archive with `heng import`, then evaluate with `--db`",
        );
        return Err(trouble(terminal, mistake));
    }
    let files = if database.is_some() { Vec::new() } else { files(matches, &engine, rubric, region.as_ref(), terminal)? };
    let on = day(matches, settings.on, terminal)?;
    let encoding = encoding(matches, terminal)?;
    let period = matches.get_one::<String>("period").or(settings.period.as_ref());
    if let (Some(period), Some(form)) = (matches.get_one::<String>("period"), engine.form(rubric))
        && form.period.as_ref().is_none_or(|period| period.key.is_none())
        && database.is_none()
    {
        let form = &form.name.it;
        let mistake = Mistake::new(
            Code::H0903,
            format!("`{form}` 没有说明周期的填报项，不能只取 {period}"),
            format!("`{form}` has no field for the period, so {period} cannot be chosen"),
        );
        return Err(trouble(terminal, mistake.help("在填报表里写 `周期 年度 按 年份`", "write `period year by …` in the form")));
    }
    let bar = terminal.progress(1000, "正在读取", "reading");
    let progress = |done: u64, total: u64| bar.set_position(done.saturating_mul(1000) / total.max(1));
    let upper = uppermost(matches, &engine, rubric, terminal)?;
    let mut used = engine.fields(rubric, on);
    let name = engine.rubric_at(rubric).map(|rubric| rubric.name.it.clone());
    let others = upper.as_ref().zip(name).and_then(|(upper, name)| Some(upper.fields(upper.rubric(&name)?, on))).unwrap_or_default();
    used.iter_mut().zip(others).for_each(|(used, other)| *used |= other);
    let used = Some(&*used).filter(|_| !whole);
    let options =
        Options { encoding, period: period.map(String::as_str), texts: None, used, earlier: None, rows: &[], progress: Some(&progress) };
    let (read, filed) = match &database {
        None => (engine.read_named(rubric, &files, &options), None),
        Some(path) => {
            let (read, filed) = archive::read(path, (&engine, rubric), &options, terminal)?;
            (Some(read), Some(filed))
        }
    };
    let Some((mut table, found, counts)) = read else { return Err(TROUBLE) };
    as_the_region_names(&mut table, files.iter().map(|file| &file.path), region.as_ref());
    bar.finish_and_clear();
    if all && !found.is_empty() || table.is_empty() {
        terminal.tell(engine.texts(), &found);
    } else if !found.is_empty() {
        let count = found.len();
        terminal
            .say(format!("填报数据有 {count} 处问题, 用 `heng run` 查看"), format!("{count} findings in the data; `heng run` shows them"));
    }
    if counts.untold > 0 {
        let more = counts.untold;
        terminal.say(format!("另有 {more} 处没有列出"), format!("{more} more are not listed"));
    }
    if table.is_empty() {
        terminal.say("没有可以评价的填报数据", "there are no submissions to evaluate");
        return Err(TROUBLE);
    }
    if let [first, .., last] = counts.periods.as_slice() {
        let mistake = Mistake::new(
            Code::H0903,
            format!("数据里有几个周期: {first} 至 {last}"),
            format!("the data are of several periods: {first} to {last}"),
        );
        return Err(trouble(terminal, mistake.help(format!("用 `--period {last}` 选一个"), format!("choose one with `--period {last}`"))));
    }
    out_of_force(&engine, rubric, on, terminal);
    Ok(Job { engine, upper, rubric, table, on, data_errors: found.errors(), counts, filed })
}

/// Results name their files as the region does, wherever one stood when they were computed.
pub(super) fn as_the_region_names<'p>(table: &mut Table, files: impl IntoIterator<Item = &'p PathBuf>, region: Option<&Region>) {
    let names = FileNames::new(files, region);
    table.rename_files(&|shown| names.of_region(shown));
}

/// The names that files are known by: in a table, in the region, and on this machine.
pub(super) struct FileNames<'p> {
    files: Vec<&'p PathBuf>,
    folder: Option<PathBuf>,
}

impl<'p> FileNames<'p> {
    pub(super) fn new(files: impl IntoIterator<Item = &'p PathBuf>, region: Option<&Region>) -> FileNames<'p> {
        let folder = region.and_then(|region| region.folder.canonicalize().ok());
        FileNames { files: files.into_iter().collect(), folder }
    }

    /// Where a file lies that a table names; behind the path, of a workbook, `!` and the sheet.
    pub(super) fn path<'n>(&self, named: &'n str) -> Option<(&'p PathBuf, &'n str)> {
        let sheet_of = |path: &Path| named.strip_prefix(&*crate::data::shown(path)).filter(|rest| rest.is_empty() || rest.starts_with('!'));
        self.files.iter().find_map(|path| Some((*path, sheet_of(path)?)))
    }

    /// The name that the region has for it, if it lies in its folder.
    pub(super) fn of_region(&self, named: &str) -> Option<Arc<str>> {
        let (path, sheet) = self.path(named)?;
        let inside = path.canonicalize().ok()?.strip_prefix(self.folder.as_ref()?).ok().map(crate::data::shown)?;
        Some(format!("{inside}{sheet}").into())
    }
}

/// The encoding that `--encoding` names.
pub(super) fn encoding(matches: &ArgMatches, terminal: &mut Terminal) -> Result<Option<Encoding>, u8> {
    let Some(name) = matches.get_one::<String>("encoding") else { return Ok(None) };
    let found = Encoding::find(name);
    if found.is_none() {
        terminal.say(format!("不认识编码 `{name}`, 可用 utf-8, gb18030"), format!("unknown encoding `{name}`; use utf-8 or gb18030"));
    }
    found.map(Some).ok_or(TROUBLE)
}

/// The rules to compare with, if that is asked for.
fn uppermost(matches: &ArgMatches, engine: &Engine, rubric: usize, terminal: &mut Terminal) -> Result<Option<Engine>, u8> {
    if !matches!(matches.try_get_one::<bool>("compare-base"), Ok(Some(true))) {
        return Ok(None);
    }
    let name = engine.rubric_at(rubric).map(|rubric| rubric.name.it.to_string()).unwrap_or_default();
    let mut below = engine.rubric_at(rubric);
    let mut layered = false;
    while let Some(rubric) = below {
        layered |= !rubric.layers.is_empty();
        below = match rubric.source {
            Source::Rubric(at) => engine.rubric_at(at),
            Source::Form(_) => None,
        };
    }
    let upper = engine.uppermost();
    if layered && upper.errors() == 0 && upper.rubric(&name).is_some() {
        return Ok(Some(upper));
    }
    let mistake = match layered {
        false => Mistake::new(
            Code::H0903,
            format!("`{name}` 没有继承别的评价体系，没有可以对照的"),
            format!("`{name}` extends nothing that it could be compared with"),
        ),
        true => Mistake::new(
            Code::H0903,
            format!("`{name}` 用到本层才有的内容，不能按最上层的标准计算"),
            format!("`{name}` uses what only its own layer has, so it cannot be computed by the uppermost one"),
        ),
    };
    Err(trouble(terminal, mistake.help("不用 `--compare-base` 运行", "run it without `--compare-base`")))
}

pub(super) fn trouble(terminal: &mut Terminal, what: impl crate::diag::Say + 'static) -> u8 {
    let mut found = Diagnostics::new();
    found.push(what);
    terminal.tell(&crate::text::Texts::new(), &found);
    TROUBLE
}

/// The rubric of a name, of a file, or the only one that no other is computed from.
fn choose(engine: &Engine, name: Option<&String>, file: Option<&Path>, terminal: &mut Terminal) -> Result<usize, u8> {
    let rubrics = &engine.rules().rubrics;
    let used = |at: usize| rubrics.iter().any(|rubric| rubric.source == Source::Rubric(at));
    let own = |at: &usize| rubrics.get(*at).is_some_and(|rubric| !rubric.name.it.starts_with("national/"));
    if let Some(found) = name.and_then(|name| engine.rubric(name)) {
        return Ok(found);
    }
    let in_file = |at: &usize| {
        let text = rubrics.get(*at).and_then(|rubric| engine.texts().get(rubric.name.span.text));
        file.is_none_or(|file| text.is_some_and(|text| file.ends_with(&*text.path) || Path::new(&*text.path).ends_with(file)))
    };
    let candidates: Vec<usize> = (0..rubrics.len()).filter(own).filter(in_file).collect();
    let top: Vec<usize> = candidates.iter().copied().filter(|at| !used(*at)).collect();
    match (name, top.as_slice()) {
        (None, [only]) => return Ok(*only),
        (Some(_), [only]) if file.is_some() => return Ok(*only),
        _ => {}
    }
    let names: Vec<String> = rubrics.iter().map(|rubric| rubric.name.it.to_string()).collect();
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let near = name.and_then(|name| nearest(name, names.iter().map(String::as_str)));
    let mistake = match name {
        Some(name) => Mistake::new(Code::H0902, format!("没有名为 `{name}` 的评价体系"), format!("there is no rubric called `{name}`")),
        None => Mistake::new(Code::H0902, "没有说明用哪个评价体系", "which rubric is not said"),
    };
    let help = match near {
        Some(near) => (format!("是不是 `{near}`?"), format!("did you mean `{near}`?")),
        None if names.is_empty() => {
            ("这里没有评价体系; 新建一个地区: `heng new 文件夹`".to_owned(), "there is none here; make a region: `heng new DIR`".to_owned())
        }
        None => (format!("有: {list}"), format!("there are: {list}")),
    };
    Err(trouble(terminal, mistake.help(help.0, help.1)))
}

/// The data files that are named, else those of the settings.
fn files(
    matches: &ArgMatches,
    engine: &Engine,
    rubric: usize,
    region: Option<&Region>,
    terminal: &mut Terminal,
) -> Result<Vec<DataFile>, u8> {
    let inputs = engine.inputs(rubric);
    let fits = |name: &str| inputs.iter().any(|input| input.is_called(name));
    let mut files = Vec::new();
    for named in matches.get_many::<String>("data").into_iter().flatten() {
        match named.split_once('=') {
            Some((name, path)) if !Path::new(named).exists() => {
                if !fits(name) {
                    let forms = inputs.iter().filter_map(|input| input.names.first()).map(|name| format!("`{name}`")).collect::<Vec<_>>();
                    let mistake = Mistake::new(Code::H0902, format!("评价体系不读 `{name}`"), format!("the rubric does not read `{name}`"));
                    let help = (format!("它读 {}", forms.join("、")), format!("it reads {}", forms.join(", ")));
                    return Err(trouble(terminal, mistake.help(help.0, help.1)));
                }
                files.push(DataFile { name: Some(name.into()), path: PathBuf::from(path) });
            }
            _ => files.push(DataFile { name: None, path: PathBuf::from(named) }),
        }
    }
    if files.is_empty()
        && let Some(region) = region
    {
        let meant = region.settings.data.iter().filter(|file| file.name.as_ref().is_none_or(|name| fits(name)));
        files.extend(meant.map(|file| DataFile { name: file.name.clone(), path: region.path(&file.path) }));
    }
    if files.is_empty() {
        let mistake = Mistake::new(Code::H0903, "没有说明用哪些填报数据", "no data are named");
        let help = (
            "写 `--data 文件.csv`, 或在 heng.toml 里写 `data = [\"文件.csv\"]`",
            "write `--data FILE.csv`, or `data = [\"FILE.csv\"]` in heng.toml",
        );
        return Err(trouble(terminal, mistake.help(help.0, help.1)));
    }
    Ok(files)
}

/// The day of evaluation: as asked, as set, else today. It is part of the results.
fn day(matches: &ArgMatches, set: Option<NaiveDate>, terminal: &mut Terminal) -> Result<NaiveDate, u8> {
    match matches.get_one::<String>("on") {
        None => Ok(set.unwrap_or_else(|| Local::now().date_naive())),
        Some(written) => NaiveDate::parse_from_str(written, "%Y-%m-%d").map_err(|_| {
            terminal.say(format!("`{written}` 不是日期, 要写成 2024-09-01"), format!("`{written}` is not a date such as 2024-09-01"));
            TROUBLE
        }),
    }
}

/// A rubric that is not in force on that day may still be tried, but not unawares.
fn out_of_force(engine: &Engine, rubric: usize, on: NaiveDate, terminal: &mut Terminal) {
    let Some(rubric) = engine.rubric_at(rubric) else { return };
    let holds = |(from, to): (Option<NaiveDate>, Option<NaiveDate>)| from.is_none_or(|from| from <= on) && to.is_none_or(|to| on <= to);
    // A layer holds only with those that it is laid upon.
    let layer = rubric.layers.iter().find(|layer| !holds(layer.in_force));
    let (name, in_force) = layer.map_or((&rubric.name.it, rubric.in_force), |layer| (&layer.name, layer.in_force));
    if holds(in_force) {
        return;
    }
    let mistake = Mistake::new(Code::H0504, format!("`{name}` 在 {on} 不在施行期内"), format!("`{name}` is not in force on {on}"))
        .here(layer.map_or(rubric.name.span, |layer| layer.head), "这个评价体系", "this rubric")
        .help("用 `--on 日期` 指定评价日", "give the day of evaluation with `--on DATE`");
    let mut found = Diagnostics::new();
    found.push(mistake);
    terminal.tell(engine.texts(), &found);
}
