//! `heng plan`: what falls short, and the least change of the data that would mend it.

use super::job::{Job, prepare_fields};
use super::why::{find, unknown};
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::eval::Tracing;
use crate::improve::{Improvement, falls_short};
use crate::report::{Planned, plans, plans_json};
use crate::text::Name;
use clap::ArgMatches;
use std::convert::Infallible;

/// So many plans are printed; JSON has all of them.
const PRINTED: usize = 20;

/// Whom to plan for: the rubric that judges, kind and key.
type Whom = (usize, Name, Name);

/// Makes the plans of one subject, or of all that fall short.
pub(super) fn plan(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let job = match prepare_fields(matches, false, true, terminal) {
        Ok(job) => job,
        Err(code) => return code,
    };
    let json = matches.get_one::<String>("format").is_some_and(|format| format == "json");
    let ((judged, short), whom) = match matches.get_one::<String>("subject") {
        Some(key) => match one(&job, key, terminal) {
            Ok((whom, short)) => ((1, usize::from(short)), vec![whom]),
            Err(code) => return code,
        },
        None => match all(&job) {
            Some((judged, all)) => ((judged, all.len()), all),
            None => {
                terminal.say("没有评价对象", "there is nobody to judge");
                return TROUBLE;
            }
        },
    };
    let most = if json { whom.len() } else { PRINTED };
    let bar = terminal.progress(whom.len().min(most), "正在试算", "trying changes");
    let made = |(rubric, kind, key): &Whom| {
        let made = job.engine.improvement(*rubric, &job.table, job.on, kind, key);
        bar.inc(1);
        made
    };
    let improvements: Vec<Improvement> = whom.iter().take(most).filter_map(made).collect();
    bar.finish_and_clear();
    let planned = Planned {
        rules: job.engine.rules(),
        rubric: job.rubric,
        on: job.on,
        judged,
        short,
        improvements: &improvements,
        lang: terminal.lang,
    };
    if json {
        terminal.out(&plans_json(&planned));
    } else {
        let width = terminal.look().width;
        terminal.out(&plans(&planned, width));
    }
    if job.data_errors > 0 { FINDINGS } else { DONE }
}

/// The one that is asked for, a subject of the rubric or of one below it, and whether it falls short.
fn one(job: &Job, key: &str, terminal: &mut Terminal) -> Result<(Whom, bool), u8> {
    let results = job.engine.evaluate(job.rubric, &job.table, job.on, Tracing::Off).ok_or(TROUBLE)?;
    let explained = job.engine.explained(&job.table, &results, terminal.lang).ok_or(TROUBLE)?;
    let Some((level, row)) = find(&explained, &results, key) else { return Err(unknown(terminal, &results, key)) };
    let subject = level.results.subjects.get(row).ok_or(TROUBLE)?;
    let short = falls_short(level.results, job.engine.rules(), row);
    Ok(((level.results.rubric, subject.kind.clone(), subject.key.clone()), short))
}

/// How many are judged, and those of them that fall short; `None` if nobody is.
fn all(job: &Job) -> Option<(usize, Vec<Whom>)> {
    let rules = job.engine.rules();
    job.engine.evaluate_in_parts(job.rubric, &job.table, job.on, Tracing::Off, |evaluation| {
        let mut short = Vec::new();
        let Ok(()) = evaluation.parts(|part| {
            let results = &part.results;
            let of_part = results.subjects.iter().enumerate().filter(|(row, _)| part.depth == 0 && falls_short(results, rules, *row));
            short.extend(of_part.map(|(_, subject)| (job.rubric, subject.kind.clone(), subject.key.clone())));
            Ok::<(), Infallible>(())
        });
        (evaluation.judged() > 0).then_some((evaluation.judged(), short))
    })?
}
