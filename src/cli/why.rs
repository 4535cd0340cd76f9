//! `heng why`: why one subject got what it got.

use super::job::prepare;
use super::{DONE, TROUBLE, Terminal};
use crate::diag::{Code, Diagnostics, Mistake};
use crate::eval::{Explained, Results, Tracing, explain, explain_all};
use crate::report::derivations;
use crate::text::nearest;
use clap::ArgMatches;
use std::path::PathBuf;

/// Explains the results of a subject: of the rubric that is asked for, or of one below it.
pub(super) fn why(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    if let Some(path) = matches.get_one::<PathBuf>("derivations") {
        return super::kept::ask(path, matches, terminal);
    }
    if let Some(run) = matches.get_one::<i64>("run") {
        return super::kept::ask_archive(*run, matches, terminal);
    }
    let job = match prepare(matches, false, terminal) {
        Ok(job) => job,
        Err(code) => return code,
    };
    let key = matches.get_one::<String>("subject").map_or("", String::as_str);
    let Some(results) = job.engine.evaluate(job.rubric, &job.table, job.on, Tracing::of(key)) else { return TROUBLE };
    let Some(explained) = job.engine.explained(&job.table, &results, terminal.lang) else { return TROUBLE };
    let Some((level, row)) = find(&explained, &results, key) else {
        return unknown(terminal, &results, key);
    };
    let all = match matches.get_one::<String>("indicator") {
        None => explain_all(&level, row),
        Some(code) => match level.rubric.indicator(code).and_then(|(at, _)| explain(&level, row, at)) {
            Some(derivation) => vec![derivation],
            None => {
                let codes = level.rubric.indicators.iter().map(|indicator| indicator.code.it.as_str());
                let near = nearest(code, codes.clone()).map(str::to_owned);
                let list = codes.collect::<Vec<_>>().join(", ");
                return not_there(terminal, &format!("没有指标 `{code}`"), &format!("there is no indicator `{code}`"), near, &list);
            }
        },
    };
    if matches.get_one::<String>("format").is_some_and(|format| format == "json") {
        return match serde_json::to_string_pretty(&all) {
            Ok(text) => {
                terminal.out(&text);
                terminal.out("\n");
                DONE
            }
            Err(_) => TROUBLE,
        };
    }
    terminal.out(&heading(&level, row, terminal));
    terminal.out(&derivations(&all, terminal.lang, terminal.look().width));
    DONE
}

fn heading(explained: &Explained<'_>, row: usize, terminal: &Terminal) -> String {
    let Some(subject) = explained.results.subjects.get(row) else { return String::new() };
    let (rubric, on) = (explained.rubric, explained.results.on);
    let title = rubric.title.as_deref().unwrap_or("");
    let day = terminal.lang.say(format!("评价日 {on}"), format!("as of {on}"));
    format!("{} {} · {} {title} · {day}\n\n", subject.kind, subject.key, rubric.name.it)
}

/// Where a subject is: in the results that were asked for, or in those below.
pub(super) fn find<'a>(explained: &Explained<'a>, results: &'a Results, key: &str) -> Option<(Explained<'a>, usize)> {
    let mut results = results;
    loop {
        if let Some(row) = results.subject(key) {
            let rubric = explained.rules.rubrics.get(results.rubric)?;
            return Some((Explained { rubric, results, ..*explained }, row));
        }
        results = results.below.as_deref()?;
    }
}

pub(super) fn unknown(terminal: &mut Terminal, results: &Results, key: &str) -> u8 {
    let keys: Vec<&str> = std::iter::successors(Some(results), |results| results.below.as_deref())
        .flat_map(|results| results.subjects.iter().map(|subject| subject.key.as_str()))
        .collect();
    let near = nearest(key, keys.iter().copied()).map(str::to_owned);
    let some = keys.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    not_there(terminal, &format!("没有评价对象 `{key}`"), &format!("there is nobody with the key `{key}`"), near, &format!("{some} …"))
}

fn not_there(terminal: &mut Terminal, zh: &str, en: &str, near: Option<String>, list: &str) -> u8 {
    let mistake = Mistake::new(Code::H0902, zh, en);
    let mistake = match near {
        Some(near) => mistake.help(format!("是不是 `{near}`?"), format!("did you mean `{near}`?")),
        None => mistake.help(format!("有: {list}"), format!("there are: {list}")),
    };
    let mut found = Diagnostics::new();
    found.push(mistake);
    terminal.tell(&crate::text::Texts::new(), &found);
    TROUBLE
}
