//! `heng db show` and `heng db history`: one submission or run as it was stored, the log, and all that happened to a subject.

use super::super::archive::{not_there, open};
use super::super::job::trouble;
use super::super::{DONE, Terminal};
use super::{aligned, versions, wanted};
use crate::diag::{Code, Lang, Mistake};
use crate::store::{Access, Archive, Decision, Run, State, Version};
use clap::ArgMatches;
use serde_json::{Map, Value as Json};

pub(super) fn show(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    if let Some(id) = matches.get_one::<i64>("run") {
        return run(&archive, *id, terminal);
    }
    let (form, period, subject) = wanted(matches);
    if subject.is_none() {
        let mistake = Mistake::new(Code::H0903, "没有说明看什么", "what to show is not said")
            .help("写 `--subject 代码` 或 `--run 编号`", "write `--subject ID` or `--run N`");
        return Err(trouble(terminal, mistake));
    }
    let all = versions(&archive, true, (form, period, subject), terminal)?;
    let asked = matches.get_one::<i64>("version");
    let fits = |version: &&Version| asked.is_none_or(|asked| version.version == *asked);
    // Without a version the latest of each form and period.
    let last = |at: usize, version: &Version| {
        asked.is_some() || all.get(at + 1).is_none_or(|next| (&next.form, &next.period) != (&version.form, &version.period))
    };
    let wanted: Vec<&Version> = all.iter().enumerate().filter(|(at, version)| last(*at, version)).map(|(_, it)| it).filter(fits).collect();
    if wanted.is_empty() {
        return Err(trouble(terminal, not_there("档案里没有这一版", "the archive has no such version")));
    }
    let decisions = archive.decisions(subject.unwrap_or_default()).map_err(|error| trouble(terminal, error))?;
    for version in wanted {
        let mut text = heading(version, terminal.lang);
        for decision in decisions.iter().filter(|decision| decision.submission == version.id) {
            text.push_str(&format!("  {}\n", decided(decision, terminal.lang)));
        }
        let rows: Vec<Vec<String>> = filled(version).into_iter().map(|(field, value)| vec![format!("  {field}"), shown(&value)]).collect();
        text.push_str(&aligned("", &rows));
        text.push('\n');
        terminal.out(&text);
    }
    Ok(DONE)
}

fn run(archive: &Archive, id: i64, terminal: &mut Terminal) -> Result<u8, u8> {
    let Some(run) = archive.run(id).map_err(|error| trouble(terminal, error))? else {
        return Err(trouble(terminal, not_there(format!("档案里没有第 {id} 次评价"), format!("the archive has no run {id}"))));
    };
    let mut text = settings(&run, terminal.lang);
    let mut rows = Vec::new();
    let read = archive.results(id, None, &mut |cells| {
        if let [
            _,
            level,
            subject,
            _,
            code @ ("@total" | "@grade" | "@conclusion" | "@veto"),
            title,
            _,
            value,
            _,
            _,
            _,
            _,
            score,
            points,
            note,
        ] = cells
        {
            let said = [value, title, score, note].into_iter().find(|said| !said.is_empty()).copied().unwrap_or_default();
            let said = if points.is_empty() { said.to_owned() } else { format!("{said} / {points}") };
            rows.push(vec![(*level).to_owned(), (*subject).to_owned(), (*code).to_owned(), said]);
        }
    });
    read.map_err(|error| trouble(terminal, error))?;
    let heads = terminal.lang.pick("对象类别 对象 项目 结果", "level subject what result");
    text.push_str(&aligned(heads, &rows));
    terminal.out(&text);
    Ok(DONE)
}

/// What a run was made with.
pub(super) fn settings(run: &Run, lang: Lang) -> String {
    let Run { id, by, engine, rubric, title, day, period, results, .. } = run;
    let of = period.as_ref().map(|period| format!(" · {period}")).unwrap_or_default();
    lang.say(
        format!("第 {id} 次评价 {rubric} {title} · 评价日 {day}{of}\n{} {} · {engine} · 结果校验值 {results}\n\n", by.at, by.who),
        format!("run {id} {rubric} {title} · as of {day}{of}\n{} {} · {engine} · results {results}\n\n", by.at, by.who),
    )
}

pub(super) fn history(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    let lang = terminal.lang;
    let Some(subject) = wanted(matches).2 else {
        let mut rows = Vec::new();
        let read = archive.log(&mut |entry| {
            let action = match entry.action.as_str() {
                "import" => lang.pick("导入", "import"),
                "run" => lang.pick("评价", "run"),
                _ => lang.pick("审核", "decision"),
            };
            rows.push(vec![entry.id.to_string(), entry.by.at, entry.by.who, action.to_owned(), told(&entry.detail, lang)]);
        });
        read.map_err(|error| trouble(terminal, error))?;
        let heads = lang.pick("序号 时间 经办人 事项 内容", "no at by what of");
        terminal.out(&aligned(heads, &rows));
        return Ok(DONE);
    };
    let all = versions(&archive, true, (None, None, Some(subject)), terminal)?;
    let decisions = archive.decisions(subject).map_err(|error| trouble(terminal, error))?;
    let mut before: Option<&Version> = None;
    for version in &all {
        let mut text = heading(version, lang);
        if let Some(before) = before.filter(|before| (&before.form, &before.period) == (&version.form, &version.period)) {
            changes(before, version).into_iter().for_each(|(field, old, new)| text.push_str(&format!("  {field}: {old} → {new}\n")));
        }
        for decision in decisions.iter().filter(|decision| decision.submission == version.id) {
            text.push_str(&format!("  {}\n", decided(decision, lang)));
        }
        terminal.out(&text);
        before = Some(version);
    }
    Ok(DONE)
}

/// What an entry of the log is about, in words.
fn told(detail: &str, lang: Lang) -> String {
    let Ok(Json::Object(detail)) = serde_json::from_str(detail) else { return String::new() };
    let of = |name: &str| detail.get(name).map(shown).unwrap_or_default();
    if detail.contains_key("form") {
        lang.say(format!("{} 存入 {} 份", of("form"), of("stored")), format!("{}, {} stored", of("form"), of("stored")))
    } else if detail.contains_key("rubric") {
        format!("{} {} {}", of("run"), of("rubric"), of("on"))
    } else {
        let state = State::find(&of("state")).map_or("", |state| state.word(lang));
        lang.say(format!("{} 份{state} {}", of("count"), of("reason")), format!("{} {state} {}", of("count"), of("reason")))
    }
}

/// Which version, from where, and where it stands.
pub(super) fn heading(version: &Version, lang: Lang) -> String {
    let Version { form, subject, period, version: number, state, by, file: (file, _), line, .. } = version;
    let (state, period) = (state.word(lang), if period.is_empty() { String::new() } else { format!(" {period}") });
    let (at, who) = (&by.at, &by.who);
    lang.say(
        format!("{subject} · {form}{period} 第 {number} 版 · {state} · {at} {who} · {file}:{line}\n"),
        format!("{subject} · {form}{period} version {number} · {state} · {at} {who} · {file}:{line}\n"),
    )
}

/// What was decided, in words.
pub(super) fn decided(decision: &Decision, lang: Lang) -> String {
    let Decision { state, reason, by, .. } = decision;
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    format!("{} {} {}{why}", by.at, by.who, state.word(lang))
}

/// What was filled in, in the order of the form.
pub(super) fn filled(version: &Version) -> Map<String, Json> {
    serde_json::from_str(&version.content).unwrap_or_default()
}

/// A value as it is shown.
pub(super) fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "是".to_owned(),
        Json::Bool(false) => "否".to_owned(),
        // Names of files, and rows of a table.
        Json::Array(items) if items.iter().all(Json::is_string) => items.iter().map(shown).collect::<Vec<_>>().join("、"),
        Json::Array(rows) => rows.iter().map(shown).collect::<Vec<_>>().join("; "),
        Json::Object(cells) => cells.iter().map(|(name, cell)| format!("{name} {}", shown(cell))).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Fields that differ, with what they were and what they are.
pub(super) fn changes(before: &Version, after: &Version) -> Vec<(String, String, String)> {
    let (old, new) = (filled(before), filled(after));
    let of = |values: &Map<String, Json>, field: &str| values.get(field).map_or_else(|| "—".to_owned(), shown);
    let fields = new.keys().chain(old.keys().filter(|field| !new.contains_key(*field)));
    fields.filter(|field| old.get(*field) != new.get(*field)).map(|field| (field.clone(), of(&old, field), of(&new, field))).collect()
}
