//! `heng db return` and `heng db approve`: what becomes of submissions (审核).

use super::super::archive::{by, not_there, open};
use super::super::job::trouble;
use super::super::{DONE, Terminal};
use super::{versions, wanted};
use crate::diag::{Code, Mistake};
use crate::store::{Access, Archive, State, Version};
use clap::ArgMatches;

pub(super) fn returned(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let reason = matches.get_one::<String>("reason").map_or("", |reason| reason.trim());
    if reason.is_empty() {
        let mistake = Mistake::new(Code::H0903, "退回要写明原因", "what is returned needs a reason");
        return Err(trouble(terminal, mistake.help("写 `--reason 原因`", "write `--reason TEXT`")));
    }
    decide(matches, State::Returned, reason, terminal)
}

pub(super) fn approved(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    decide(matches, State::Approved, "", terminal)
}

fn decide(matches: &ArgMatches, to: State, reason: &str, terminal: &mut Terminal) -> Result<u8, u8> {
    let mut archive = open(matches, Access::Write, terminal)?;
    let (form, period, _) = wanted(matches);
    let all = matches.try_get_one::<bool>("all").ok().flatten().copied().unwrap_or(false);
    let subjects: Vec<&String> = matches.get_many::<String>("subject").into_iter().flatten().collect();
    if subjects.is_empty() != all {
        let mistake = Mistake::new(Code::H0903, "没有说明是谁的填报", "whose submissions are meant is not said");
        return Err(trouble(terminal, mistake.help("写 `--subject 代码…` 或 `--all` 之一", "write one of `--subject ID…` and `--all`")));
    }
    let meant = if all {
        let mut meant = latest(versions(&archive, false, (form, period, None), terminal)?);
        meant.retain(|version| version.state == State::Submitted);
        if meant.is_empty() {
            return Err(trouble(terminal, not_there("档案里没有待审的填报", "the archive has no submission to be approved")));
        }
        meant
    } else {
        let mut meant = Vec::new();
        for subject in subjects {
            meant.push(one(&archive, (form, period, subject), terminal)?);
        }
        meant
    };
    let mut ids: Vec<i64> = meant.iter().map(|version| version.id).collect();
    ids.sort_unstable();
    ids.dedup();
    archive.decide(&ids, to, reason, &by(matches, terminal)).map_err(|error| trouble(terminal, error))?;
    let (count, word) = (ids.len(), to.word(terminal.lang));
    let text = terminal.lang.say(format!("{count} 份填报{word}\n"), format!("{count} {word}\n"));
    terminal.out(&text);
    Ok(DONE)
}

/// The latest version of each that is no draft.
fn latest(all: Vec<Version>) -> Vec<Version> {
    let mut latest: Vec<Version> = Vec::new();
    for version in all.into_iter().filter(|version| version.state != State::Draft) {
        let same = |last: &Version| (&last.form, &last.period, &last.subject) == (&version.form, &version.period, &version.subject);
        if latest.last().is_some_and(same) {
            latest.pop();
        }
        latest.push(version);
    }
    latest
}

/// The submission of a subject, if it is clear which one.
fn one(archive: &Archive, (form, period, subject): (Option<&str>, Option<&str>, &str), terminal: &mut Terminal) -> Result<Version, u8> {
    let mut all = latest(versions(archive, false, (form, period, Some(subject)), terminal)?);
    match (all.pop(), all.last()) {
        (Some(only), None) => Ok(only),
        (Some(last), Some(_)) => {
            let mistake = Mistake::new(
                Code::H0903,
                format!("`{subject}` 有几份填报，没有说明是哪一份"),
                format!("`{subject}` has several submissions, and which one is meant is not said"),
            );
            let (form, period) = (&last.form, &last.period);
            let period = if period.is_empty() { String::new() } else { format!(" --period {period}") };
            let help = format!("`--form {form}{period}`");
            Err(trouble(terminal, mistake.help(format!("写明，如 {help}"), format!("say it, as in {help}"))))
        }
        (None, _) => Err(trouble(terminal, not_there(format!("`{subject}` 只有草稿"), format!("`{subject}` has drafts only")))),
    }
}
