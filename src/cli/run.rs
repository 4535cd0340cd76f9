//! `heng run`: evaluates submissions, prints what it comes to, writes the results.

use super::job::{Job, prepare};
use super::whole::write_whole;
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::shown;
use crate::diag::{Code, Diagnostics, Mistake};
use crate::eval::{Explained, Tracing, faults};
use crate::report;
use clap::ArgMatches;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Evaluates and writes.
pub(super) fn run(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out");
    let format = matches.get_one::<String>("format").map_or("table", String::as_str);
    let written = out.map(|out| Output::of(out));
    if let Some(Err(ending)) = &written {
        terminal.say(
            format!("不知道怎样写 `{ending}`; 结果文件以 .csv .json .jsonl 结尾"),
            format!("cannot write `{ending}`; a result file ends in .csv, .json or .jsonl"),
        );
        return TROUBLE;
    }
    let wide = matches.get_flag("wide") || matches.get_flag("stats") || matches.get_flag("explain-plan");
    if wide && (format != "table" || !matches!(written, None | Some(Ok(Output::Csv)))) {
        terminal.say("宽表只写成 .csv, 不能与 --format 同用", "the wide table is written as .csv only, and not with --format");
        return TROUBLE;
    }
    let job = match prepare(matches, true, terminal) {
        Ok(job) => job,
        Err(code) => return code,
    };
    if wide {
        return super::wide::run(&job, matches, terminal);
    }
    // Only JSON carries derivations; remembering them for a table would be for nothing.
    let wants_reasons = format == "json" || matches!(written, Some(Ok(Output::Json | Output::JsonLines)));
    let bar = terminal.progress(1, "正在评价", "evaluating");
    let tracing = if wants_reasons { Tracing::All } else { Tracing::Off };
    let results = job.engine.evaluate(job.rubric, &job.table, job.on, tracing);
    bar.finish_and_clear();
    let Some(results) = results else { return TROUBLE };
    if results.subjects.is_empty() {
        terminal.say("没有评价对象", "there is nobody to judge");
        return TROUBLE;
    }
    let faults = faults(job.engine.rules(), &results);
    if !faults.is_empty() {
        terminal.tell(job.engine.texts(), &faults);
    }
    let Some(explained) = job.engine.explained(&job.table, &results, terminal.lang) else { return TROUBLE };
    if let (Some(out), Some(Ok(kind))) = (out, &written)
        && let Err(cause) = write_whole(out, |to| kind.write(&explained, to))
    {
        return failed_to_write(&job, out, &cause, terminal);
    }
    let mut text = Vec::new();
    let shown_well = match format {
        "csv" => report::csv(&explained, &mut text),
        "json" => report::json(&explained, &mut text),
        _ => text.write_all(report::summary(&explained, terminal.look().width).as_bytes()),
    };
    if shown_well.is_err() {
        return TROUBLE;
    }
    terminal.out(&String::from_utf8_lossy(&text));
    close(&job, out, terminal);
    if job.data_errors > 0 || !faults.is_empty() { FINDINGS } else { DONE }
}

/// Says why a file could not be written.
pub(super) fn failed_to_write(job: &Job, out: &Path, cause: &io::Error, terminal: &mut Terminal) -> u8 {
    let path = shown(out);
    let mut found = Diagnostics::new();
    found.push(Mistake::new(Code::H0901, format!("写不了 {path}: {cause}"), format!("cannot write {path}: {cause}")).help(
        "没有写出任何内容; 检查文件夹是否存在、能否写入",
        "nothing was written; see whether the folder exists and can be written to",
    ));
    terminal.tell(job.engine.texts(), &found);
    TROUBLE
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

/// In what form a result file is written.
#[derive(Clone, Copy)]
enum Output {
    Csv,
    Json,
    JsonLines,
}

impl Output {
    /// By the ending of its name; else the ending that is not known.
    fn of(path: &Path) -> Result<Output, String> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "csv" => Ok(Output::Csv),
            "json" => Ok(Output::Json),
            "jsonl" => Ok(Output::JsonLines),
            _ => Err(if ending.is_empty() { path.display().to_string() } else { format!(".{ending}") }),
        }
    }

    fn write(self, explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Output::Csv => report::csv(explained, to),
            Output::Json => report::json(explained, to),
            Output::JsonLines => report::json_lines(explained, to),
        }
    }
}
