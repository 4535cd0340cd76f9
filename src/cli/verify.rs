//! `heng verify`: repeats a stored run from what the archive holds, and compares byte for byte.

use super::archive::{ENGINE, Outcome, filed, not_there, open, outcome};
use super::job::trouble;
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::Options;
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::engine::Engine;
use crate::eval::{Table, Tracing};
use crate::report::lines_of_derivations;
use crate::store::{Access, Archive, Digest, Run};
use chrono::NaiveDate;
use clap::ArgMatches;
use std::io::{self, BufReader, Read, Write};

/// So many lines that differ are shown.
const SHOWN: usize = 20;

/// Repeats the run of a number.
pub(super) fn verify(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    done(matches, terminal).unwrap_or_else(|code| code)
}

fn done(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    let id = matches.get_one::<i64>("run").copied().unwrap_or_default();
    let Some(run) = archive.run(id).map_err(|error| trouble(terminal, error))? else {
        return Err(trouble(terminal, not_there(format!("档案里没有第 {id} 次评价"), format!("the archive has no run {id}"))));
    };
    let texts = archive.texts(run.ruleset).map_err(|error| trouble(terminal, error))?;
    let engine = Engine::new(texts, Diagnostics::new());
    let (Some(rubric), 0, Ok(on)) = (engine.rubric(&run.rubric), engine.errors(), run.day.parse::<NaiveDate>()) else {
        terminal.tell(engine.texts(), engine.diagnostics());
        return Ok(differs(&run, terminal));
    };
    let used = engine.fields(rubric, on);
    let options = Options { period: run.period.as_deref(), used: Some(&used), ..Options::default() };
    let read = filed(&archive, &engine, rubric, (&options, run.period.as_deref()), Some(id), &mut Vec::new());
    let Some((table, ..)) = read.map_err(|error| trouble(terminal, error))? else { return Ok(differs(&run, terminal)) };
    let again = Again { engine: &engine, rubric, table: &table, on, lang: if run.lang == "en" { Lang::En } else { Lang::Zh } };

    // Fingerprints tell whether all bytes are the same; lines are only looked for if they are not.
    let (mut new, mut old) = (Sums::default(), Sums::default());
    again.compute(terminal, &mut new)?;
    let mut rows = csv::Writer::from_writer(&mut old.results);
    let read = archive.results(id, None, &mut |cells| _ = rows.write_record(cells));
    read.map_err(|error| trouble(terminal, error))?;
    drop(rows);
    let copied = io::copy(&mut archive.derivations(id), &mut old.derivations);
    if copied.is_err() {
        return Err(TROUBLE);
    }
    let (results, count) = (new.results.finish(), new.subjects);
    let same = (results == old.results.finish() && results == run.results, new.derivations.finish() == old.derivations.finish());
    if same == (true, true) {
        let text = terminal.lang.say(
            format!("第 {id} 次评价重算一致: {} {} · {count} 个对象 · 结果 {results}\n", run.rubric, run.day),
            format!("run {id} comes to the same: {} {} · {count} subjects · results {results}\n", run.rubric, run.day),
        );
        terminal.out(&text);
        return Ok(DONE);
    }
    let mut lines = Lines::default();
    again.compute(terminal, &mut lines)?;
    show(&archive, &run, &lines, terminal)
}

fn differs(run: &Run, terminal: &mut Terminal) -> u8 {
    let (id, made) = (run.id, &run.engine);
    let (zh, en) = (format!("第 {id} 次评价重算不一致"), format!("run {id} comes to something else"));
    let mistake = Mistake::new(Code::H0708, zh, en);
    let mistake = if made == ENGINE {
        mistake.help("用 `heng db verify` 看档案有没有被改动", "see with `heng db verify` whether the archive was changed")
    } else {
        mistake.help(
            format!("当时是 {made} 算的，现在是 {ENGINE}; 用那一版再试"),
            format!("{made} made it, this is {ENGINE}; try again with that one"),
        )
    };
    trouble(terminal, mistake);
    FINDINGS
}

/// Tells the lines that differ.
fn show(archive: &Archive, run: &Run, new: &Lines, terminal: &mut Terminal) -> Result<u8, u8> {
    let mut old = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut old);
    archive.results(run.id, None, &mut |cells| _ = writer.write_record(cells)).map_err(|error| trouble(terminal, error))?;
    drop(writer);
    let mut pairs = different(&old, &new.results);
    if pairs.is_empty() {
        let mut stored = Vec::new();
        let read = archive.derivations(run.id).read_to_end(&mut stored);
        let plain = |bytes: &[u8]| lines_of_derivations(&mut BufReader::new(bytes)).unwrap_or_default();
        if read.is_ok() {
            pairs = different(&plain(&stored), &plain(&new.derivations));
        }
    }
    let more = pairs.len().saturating_sub(SHOWN);
    for (old, new) in pairs.into_iter().take(SHOWN) {
        old.into_iter().for_each(|line| terminal.out(&format!("- {line}\n")));
        new.into_iter().for_each(|line| terminal.out(&format!("+ {line}\n")));
    }
    if more > 0 {
        terminal.say(format!("另有 {more} 行不同没有列出"), format!("{more} more lines differ"));
    }
    Ok(differs(run, terminal))
}

/// Lines that differ, as stored and as computed, line by line.
fn different(old: &[u8], new: &[u8]) -> Vec<(Option<String>, Option<String>)> {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let (mut old, mut new) = (old.lines(), new.lines());
    let mut pairs = Vec::new();
    loop {
        match (old.next(), new.next()) {
            (None, None) => return pairs,
            (a, b) if a == b => {}
            (a, b) => pairs.push((a.map(str::to_owned), b.map(str::to_owned))),
        }
    }
}

/// The run, to be computed again.
struct Again<'a> {
    engine: &'a Engine,
    rubric: usize,
    table: &'a Table,
    on: NaiveDate,
    lang: Lang,
}

impl Again<'_> {
    fn compute(&self, terminal: &Terminal, to: &mut dyn Outcome) -> Result<(), u8> {
        let computed = self.engine.evaluate_in_parts(self.rubric, self.table, self.on, Tracing::All, |evaluation| {
            let bar = terminal.progress(evaluation.len(), "正在重算", "repeating");
            let done = outcome(self.engine, (self.table, self.on, self.lang), evaluation, to);
            bar.finish_and_clear();
            done
        });
        computed.and_then(Result::ok).ok_or(TROUBLE)
    }
}

/// Fingerprints of what comes of a run.
#[derive(Default)]
struct Sums {
    subjects: usize,
    results: Digest,
    derivations: Digest,
}

impl Outcome for Sums {
    fn results(&mut self, subjects: usize, csv: &[u8]) -> io::Result<()> {
        self.subjects += subjects;
        self.results.write_all(csv)
    }

    fn derivations(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.derivations.write_all(bytes)
    }
}

/// All of what comes of a run.
#[derive(Default)]
struct Lines {
    results: Vec<u8>,
    derivations: Vec<u8>,
}

impl Outcome for Lines {
    fn results(&mut self, _subjects: usize, csv: &[u8]) -> io::Result<()> {
        self.results.extend_from_slice(csv);
        Ok(())
    }

    fn derivations(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.derivations.extend_from_slice(bytes);
        Ok(())
    }
}
