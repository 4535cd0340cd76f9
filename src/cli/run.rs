//! `heng run`: evaluates submissions, prints what it comes to, writes the results.

use super::job::{Job, prepare, trouble};
use super::whole::{unwritten, write_whole};
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::shown;
use crate::eval::Results;
use crate::eval::{Evaluation, Faults, Tracing};
use crate::model::Rules;
use crate::report::{Format, ResultWriter, Summary};
use clap::ArgMatches;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Evaluates and writes.
pub(super) fn run(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out");
    let format = matches.get_one::<String>("format").map_or("table", String::as_str);
    let written = out.map(|out| format_of(out));
    if let Some(Err(ending)) = &written {
        terminal.say(
            format!("不知道怎样写 `{ending}`; 结果文件以 .csv .json .jsonl 结尾"),
            format!("cannot write `{ending}`; a result file ends in .csv, .json or .jsonl"),
        );
        return TROUBLE;
    }
    let wide = matches.get_flag("wide") || matches.get_flag("stats") || matches.get_flag("explain-plan");
    if wide && (format != "table" || !matches!(written, None | Some(Ok(Format::Csv)))) {
        terminal.say("宽表只写成 .csv, 不能与 --format 同用", "the wide table is written as .csv only, and not with --format");
        return TROUBLE;
    }
    if wide && matches.get_flag("compare-base") {
        terminal.say("宽表不能与 --compare-base 同用", "the wide table does not go with --compare-base");
        return TROUBLE;
    }
    let mut job = match prepare(matches, true, terminal) {
        Ok(job) => job,
        Err(code) => return code,
    };
    let code =
        if wide { super::wide::run(&job, matches, terminal) } else { long(&job, out.zip(written.and_then(Result::ok)), format, terminal) };
    if code == TROUBLE || matches.get_flag("explain-plan") {
        return code;
    }
    let code = code.max(super::kept::keep(&job, matches, terminal));
    code.max(super::archive::keep(&mut job, matches, terminal))
}

/// The long table, or JSON.
fn long(job: &Job, out: Option<(&PathBuf, Format)>, format: &str, terminal: &mut Terminal) -> u8 {
    // Only JSON carries derivations; remembering them for a table would be for nothing.
    let wants_reasons = format == "json" || matches!(out, Some((_, Format::Json | Format::JsonLines)));
    let tracing = if wants_reasons { Tracing::All } else { Tracing::Off };
    let format = match format {
        "csv" => Some(Format::Csv),
        "json" => Some(Format::Json),
        _ => None,
    };
    let name = job.engine.rubric_at(job.rubric).map(|rubric| rubric.name.it.clone());
    let upper = job.upper.as_ref().zip(name).and_then(|(upper, name)| {
        let results = upper.evaluate(upper.rubric(&name)?, &job.table, job.on, Tracing::Off)?;
        Some((upper.rules(), results))
    });
    let base = upper.as_ref().map(|(rules, results)| (*rules, results));
    let run = |evaluation: &Evaluation<'_>| evaluated(job, evaluation, base, out, format, terminal);
    job.engine.evaluate_in_parts(job.rubric, &job.table, job.on, tracing, run).unwrap_or(TROUBLE)
}

/// Goes through the results once, part by part: to the file, to standard output, and to what is said of all of them.
fn evaluated(
    job: &Job,
    evaluation: &Evaluation<'_>,
    base: Option<(&Rules, &Results)>,
    out: Option<(&PathBuf, Format)>,
    printed: Option<Format>,
    terminal: &mut Terminal,
) -> u8 {
    let (rules, lang) = (job.engine.rules(), terminal.lang);
    let Some(rubric) = job.engine.rubric_at(job.rubric).filter(|_| evaluation.judged() > 0) else {
        terminal.say("没有评价对象", "there is nobody to judge");
        return TROUBLE;
    };
    let bar = terminal.progress(evaluation.len(), "正在评价", "evaluating");
    let (mut summary, mut faults) = (Summary::new(rubric, lang, terminal.look().width), Faults::default());
    let mut go = |file: Option<(Format, &mut dyn Write)>| {
        let begin = |format, to| ResultWriter::begin(format, (rubric, job.on, evaluation.left_out()), base.is_some(), to);
        let mut printing = terminal.printing();
        let mut writers = Vec::new();
        if let Some((format, to)) = file {
            writers.push(begin(format, to)?);
        }
        if let Some(format) = printed {
            writers.push(begin(format, &mut printing)?);
        }
        evaluation.parts(|part| {
            let Some(mut explained) = job.engine.explained(&job.table, &part.results, lang) else { return Ok(()) };
            explained.base = base;
            if part.depth == 0 {
                summary.add(&explained);
            }
            faults.add(rules, &part.results);
            writers.iter_mut().try_for_each(|writer| writer.part(&explained))?;
            bar.inc(part.results.subjects.len() as u64);
            io::Result::Ok(())
        })?;
        writers.into_iter().try_for_each(ResultWriter::end)
    };
    let done = match out {
        None => go(None),
        Some((path, format)) => write_whole(path, |to| go(Some((format, to)))),
    };
    bar.finish_and_clear();
    match (done, out) {
        (Err(cause), Some((path, _))) => return trouble(terminal, unwritten(path, &cause)),
        (Err(_), None) => return TROUBLE,
        _ => {}
    }
    if printed.is_none() {
        terminal.out(&summary.text(job.on, evaluation.left_out()));
    }
    let faults = faults.told(rules);
    if !faults.is_empty() {
        terminal.tell(job.engine.texts(), &faults);
    }
    close(job, out.map(|(path, _)| path), terminal);
    if job.data_errors > 0 || !faults.is_empty() { FINDINGS } else { DONE }
}

/// How many submissions were read, and where the results are.
fn close(job: &Job, out: Option<&PathBuf>, terminal: &mut Terminal) {
    let counts = &job.counts;
    if counts.refused > 0 || counts.cells_refused > 0 {
        let (kept, read, refused, cells) = (counts.kept, counts.read, counts.refused, counts.cells_refused);
        terminal.say(
            format!("读到 {read} 份填报, 用于评价 {kept} 份, 退回 {refused} 份; 无效的单元格 {cells} 个"),
            format!("{read} submissions read, {kept} evaluated, {refused} refused; {cells} cells refused"),
        );
    }
    if let Some(out) = out {
        let out = shown(out);
        terminal.say(format!("结果写入 {out}"), format!("results written to {out}"));
    }
}

/// In what form a result file is written, by the ending of its name; else the ending that is not known.
fn format_of(path: &Path) -> Result<Format, String> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        "jsonl" => Ok(Format::JsonLines),
        _ => Err(if ending.is_empty() { path.display().to_string() } else { format!(".{ending}") }),
    }
}
