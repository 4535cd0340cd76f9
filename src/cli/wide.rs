//! `heng run --wide`, `--stats`, `--explain-plan`: the fast way through a rubric, without everything that led to a result.

use super::job::{Job, trouble};
use super::whole::{unwritten, write_whole};
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::shown;
use crate::diag::Lang;
use crate::eval::{Batch, Reader, Sheet, Wanted};
use crate::model::{Rubric, Slot, Source};
use crate::report::{WideColumn, wide_columns, wide_groups, wide_subjects};
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// What is wanted of a rubric: the one over submissions, and the one over groups where there is one.
struct Columns<'r> {
    subjects: (&'r Rubric, Vec<WideColumn>),
    groups: Option<(&'r Rubric, Vec<WideColumn>)>,
}

impl<'r> Columns<'r> {
    fn of(job: &'r Job) -> Option<Columns<'r>> {
        let rubric = job.engine.rubric_at(job.rubric)?;
        let with = |rubric: &'r Rubric| (rubric, wide_columns(rubric));
        Some(match rubric.source {
            Source::Form(_) => Columns { subjects: with(rubric), groups: None },
            Source::Rubric(at) => Columns { subjects: with(job.engine.rubric_at(at)?), groups: Some(with(rubric)) },
        })
    }

    fn wanted(&self) -> Wanted {
        let slots = |columns: &[WideColumn]| columns.iter().map(|column| column.slot).collect::<Vec<Slot>>();
        Wanted { subjects: slots(&self.subjects.1), groups: self.groups.as_ref().map(|(_, columns)| slots(columns)).unwrap_or_default() }
    }
}

/// Evaluates and writes one row a subject.
pub(super) fn run(job: &Job, matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let out = matches.get_one::<PathBuf>("out");
    let Some(columns) = Columns::of(job) else { return TROUBLE };
    let Some(mut batch) = job.engine.batch(job.rubric, job.on, &columns.wanted()) else { return TROUBLE };
    let bar = terminal.progress(job.table.len(), "正在评价", "evaluating");
    let sheet = batch.run_telling(&job.table, &|rows| bar.inc(rows as u64));
    bar.finish_and_clear();
    if sheet.is_empty() {
        terminal.say("没有评价对象", "there is nobody to judge");
        return TROUBLE;
    }
    if matches.get_flag("explain-plan") {
        terminal.out(&batch.explain());
        return DONE;
    }
    let lang = terminal.lang;
    let code = batch.read(&job.table, &sheet, |reader| {
        for (path, groups) in out.map(|out| files(out, &columns)).unwrap_or_default() {
            let written = write_whole(&path, |to| match (&columns.groups, groups) {
                (Some((_, columns)), true) => wide_groups(reader, &sheet, columns, lang, to),
                _ => wide_subjects(reader, &job.table, &sheet, &columns.subjects.1, lang, to),
            });
            if let Err(cause) = written {
                return trouble(terminal, unwritten(&path, &cause));
            }
            let path = shown(&path);
            terminal.say(format!("结果写入 {path}"), format!("results written to {path}"));
        }
        terminal.out(&verdicts(reader, &sheet, &columns, lang));
        DONE
    });
    let code = code.unwrap_or(TROUBLE);
    if matches.get_flag("stats") {
        stats(&batch, &sheet, terminal);
    }
    if code == DONE && job.data_errors > 0 { FINDINGS } else { code }
}

/// The file of a rubric below, beside the one that is named.
fn beside(out: &Path, rubric: &Rubric) -> PathBuf {
    out.with_extension(format!("{}.csv", rubric.name.it.replace('/', "-")))
}

/// The files to write: the one that is named, and beside it one for the submissions below a rubric over groups.
fn files(out: &Path, columns: &Columns<'_>) -> Vec<(PathBuf, bool)> {
    match &columns.groups {
        None => vec![(out.to_owned(), false)],
        Some(_) => vec![(out.to_owned(), true), (beside(out, columns.subjects.0), false)],
    }
}

/// How many have each verdict.
fn verdicts(reader: &Reader<'_>, sheet: &Sheet, columns: &Columns<'_>, lang: Lang) -> String {
    let mut text = String::new();
    let both = columns.groups.iter().map(|of| (of, true)).chain([(&columns.subjects, false)]);
    for ((rubric, columns), groups) in both {
        let count = if groups { sheet.groups() } else { sheet.len() };
        text.push_str(&format!("{} · {count}\n", rubric.name.it));
        for (output, column) in columns.iter().enumerate() {
            if matches!(column.slot, Slot::Grade | Slot::Conclusion) {
                let (known, open) = reader.count_words(output, groups);
                let mut parts: Vec<String> = known.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
                if open > 0 {
                    parts.push(format!("{} {open}", lang.pick("资料不全", "incomplete")));
                }
                text.push_str(&format!("  {}\n", parts.join(" · ")));
            }
        }
    }
    text
}

/// How much had to be computed exactly.
fn stats(batch: &Batch<'_>, sheet: &Sheet, terminal: &mut Terminal) {
    let tally = sheet.tally();
    let (kernels, columns, exactly) = batch.size();
    let (rows, settled, odd, groups) = (tally.rows, tally.settled, tally.exact_rows, tally.statistics);
    terminal.say(
        format!(
            "填报 {rows} 份; 向量运算 {kernels} 个, 用 {columns} 列; 逐份精确计算的运算 {exactly} 个\n\
             误差界不能判定而精确定夺的格 {settled} 个; 整份精确计算 {odd} 份; 分组中精确计算 {groups} 处"
        ),
        format!(
            "{rows} submissions; {kernels} vector operations over {columns} columns; {exactly} operations computed exactly, row by row\n\
             {settled} cells that their bounds did not decide; {odd} submissions computed exactly as a whole; {groups} results of groups computed exactly"
        ),
    );
}
