//! `heng db list`: forms and periods with how many submissions there are, runs, and how far the log goes; or the submissions to a form.

use super::super::archive::open;
use super::super::job::trouble;
use super::super::{DONE, Terminal};
use super::{aligned, versions, wanted};
use crate::store::{Access, Archive, ArchiveError, Version};
use clap::ArgMatches;

pub(super) fn list(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    let (form, period, _) = wanted(matches);
    if form.is_some() || period.is_some() {
        let all = versions(&archive, false, (form, period, None), terminal)?;
        let text = submissions(&all, terminal);
        terminal.out(&text);
        return Ok(DONE);
    }
    let text = overview(&archive, terminal).map_err(|error| trouble(terminal, error))?;
    terminal.out(&text);
    Ok(DONE)
}

/// A line for the latest version of each subject and period.
fn submissions(all: &[Version], terminal: &Terminal) -> String {
    let lang = terminal.lang;
    let same = |one: &Version, other: &Version| (&one.form, &one.period, &one.subject) == (&other.form, &other.period, &other.subject);
    let (yes, no) = (lang.pick("是", "yes"), lang.pick("否", "no"));
    let row = |all: &[Version]| {
        let Some(version) = all.last() else { return Vec::new() };
        // An older version may count while the latest is a draft, or was returned.
        let counts = all.iter().any(|version| version.counted);
        vec![
            version.form.clone(),
            version.period.clone(),
            version.subject.clone(),
            version.version.to_string(),
            version.state.word(lang).to_owned(),
            if counts { yes } else { no }.to_owned(),
            version.by.at.clone(),
            version.by.who.clone(),
            format!("{}:{}", version.file.0, version.line),
        ]
    };
    let rows: Vec<Vec<String>> = all.chunk_by(same).map(row).collect();
    let heads =
        lang.pick("填报表 周期 对象 版次 状态 有效 导入时间 经办人 来源", "form period subject version state counts imported by from");
    aligned(heads, &rows)
}

fn overview(archive: &Archive, terminal: &Terminal) -> Result<String, ArchiveError> {
    let lang = terminal.lang;
    let forms: Vec<Vec<String>> = archive
        .forms()?
        .into_iter()
        .map(|count| {
            let numbers = [count.subjects, count.versions, count.counted].into_iter().chain(count.states);
            [count.form, count.period].into_iter().chain(numbers.map(|number| number.to_string())).collect()
        })
        .collect();
    let heads = lang.pick(
        "填报表 周期 对象 版次 有效 草稿 已报送 已退回 已通过",
        "form period subjects versions count draft submitted returned approved",
    );
    let mut text = aligned(heads, &forms);
    let runs: Vec<Vec<String>> = archive
        .runs()?
        .into_iter()
        .map(|run| vec![run.id.to_string(), run.rubric, run.day, run.period.unwrap_or_default(), run.by.at, run.by.who, run.engine])
        .collect();
    if !runs.is_empty() {
        let heads = lang.pick("评价 评价体系 评价日 周期 时间 经办人 程序", "run rubric on period at by program");
        text.push('\n');
        text.push_str(&aligned(heads, &runs));
    }
    if let Some((count, hash)) = archive.seal()? {
        text.push_str(
            &lang.say(format!("\n日志 {count} 条, 末条校验值 {hash}\n"), format!("\n{count} entries in the log, the last one {hash}\n")),
        );
    }
    Ok(text)
}
