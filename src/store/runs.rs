//! Runs (评价) in the archive: settings, the submissions they rest on, results and derivations, so that each can be repeated from the
//! archive alone.
//!
//! Results are rows that every tool can read; derivations are kept as the bytes that they were written as.
//! Not here: computing any of it.

use super::{Archive, ArchiveError, By, Digest, log, rules};
use crate::text::Texts;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use serde_json::json;
use std::io::{self, Write};

/// How many columns a row of results has.
pub const RESULT_COLUMNS: usize = 15;
/// Bytes of a part of derivations.
const PART: usize = 1 << 20;

/// A run that is to be kept.
#[derive(Clone, Debug)]
pub struct NewRun<'r> {
    /// The rules.
    pub texts: &'r Texts,
    /// The program, with its version.
    pub engine: &'r str,
    /// Name and title of the rubric.
    pub rubric: &'r str,
    /// See `rubric`.
    pub title: &'r str,
    /// The day of the evaluation, as ISO 8601.
    pub day: &'r str,
    /// The period that was asked for.
    pub period: Option<&'r str>,
    /// The language of its words: `zh`, `en`.
    pub lang: &'r str,
    /// The submissions that it was made from, by number.
    pub submissions: &'r [i64],
}

/// A run that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// Who, and when.
    pub by: By,
    /// The set of rules.
    pub ruleset: i64,
    /// The program that made it.
    pub engine: String,
    /// Name and title of the rubric.
    pub rubric: String,
    /// See `rubric`.
    pub title: String,
    /// The day of the evaluation.
    pub day: String,
    /// The period that was asked for.
    pub period: Option<String>,
    /// The language of its words.
    pub lang: String,
    /// The SHA-256 of its results as CSV.
    pub results: String,
}

/// Takes the results of a run while it is kept.
pub struct RunWriter<'w> {
    db: &'w Connection,
    insert: Statement<'w>,
    run: i64,
    rows: i64,
    parts: i64,
    part: Vec<u8>,
    results: Digest,
    derivations: Digest,
    /// Why nothing more is taken.
    failed: Option<rusqlite::Error>,
}

impl RunWriter<'_> {
    /// Adds the bytes of results as CSV, of which [`RunWriter::row`] has the rows.
    pub fn results(&mut self, bytes: &[u8]) {
        // A fingerprint takes everything.
        let _ = self.results.write(bytes);
    }

    /// Adds a row of results.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn row<'c>(&mut self, cells: impl Iterator<Item = &'c str>) -> io::Result<()> {
        let add = || {
            self.insert.raw_bind_parameter(1, self.run)?;
            self.insert.raw_bind_parameter(2, self.rows)?;
            for (at, cell) in cells.take(RESULT_COLUMNS).enumerate() {
                self.insert.raw_bind_parameter(at + 3, cell)?;
            }
            self.insert.raw_execute()
        };
        let added = add();
        self.rows += 1;
        self.noted(added.map(drop))
    }

    /// Adds bytes of derivations.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn derivations(&mut self, bytes: &[u8]) -> io::Result<()> {
        // As above.
        let _ = self.derivations.write(bytes);
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let added = self.db.execute("INSERT INTO derivation VALUES (?, ?, ?)", params![self.run, self.parts, self.part]);
        self.parts += 1;
        self.part.clear();
        self.noted(added.map(drop))
    }

    fn noted(&mut self, done: rusqlite::Result<()>) -> io::Result<()> {
        done.map_err(|error| {
            self.failed.get_or_insert(error);
            io::ErrorKind::Other.into()
        })
    }
}

const INSERT: &str = "INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

impl Archive {
    /// Keeps a run, whole or not at all, and gives back its number; `write` hands over what came of it.
    ///
    /// # Errors
    /// The archive cannot be written, or `write` fails; then it is as it was.
    pub fn keep_run(
        &mut self,
        run: &NewRun<'_>,
        by: &By,
        write: impl FnOnce(&mut RunWriter<'_>) -> io::Result<()>,
    ) -> Result<i64, ArchiveError> {
        self.whole(|db| {
            let entry = log::next(db)?;
            let id: i64 = db.query_row("SELECT coalesce(max(id), 0) + 1 FROM run", [], |row| row.get(0))?;
            let ruleset = rules::keep(db, run.texts)?;
            let (part, results, derivations) = (Vec::with_capacity(PART), Digest::default(), Digest::default());
            let insert = db.prepare(INSERT)?;
            let mut writer = RunWriter { db, insert, run: id, rows: 0, parts: 0, part, results, derivations, failed: None };
            let written = write(&mut writer).and_then(|()| writer.flush());
            if let Some(error) = writer.failed {
                return Err(error);
            }
            // Nothing else that it writes to fails.
            written.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            let (results, derivations) = (writer.results.finish(), writer.derivations.finish());
            let NewRun { engine, rubric, title, day, period, lang, submissions, .. } = run;
            let values = params![id, entry, ruleset, engine, rubric, title, day, period, lang, results, derivations];
            db.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)?;
            let mut insert = db.prepare("INSERT INTO run_submission VALUES (?, ?) ON CONFLICT DO NOTHING")?;
            for submission in *submissions {
                insert.execute([id, *submission])?;
            }
            log::append(db, entry, by, "run", run_detail(db, id)?)?;
            Ok(id)
        })
    }

    /// The run of a number.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn run(&self, id: i64) -> Result<Option<Run>, ArchiveError> {
        self.told(self.db.query_row(&format!("{RUNS} WHERE run.id = ?"), [id], run_of).optional())
    }

    /// All runs, in their order.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, ArchiveError> {
        let read = || self.db.prepare(&format!("{RUNS} ORDER BY run.id"))?.query_map([], run_of)?.collect();
        self.told(read())
    }

    /// Goes through the rows of results of a run, in their order; of one subject only, where one is given.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn results(&self, run: i64, subject: Option<&str>, take: &mut dyn FnMut(&[&str])) -> Result<(), ArchiveError> {
        let done = results(&self.db, run, subject, take);
        self.told(done)
    }

    /// The derivations of a run, as the bytes that were written.
    pub fn derivations(&self, run: i64) -> impl io::Read + '_ {
        Parts { db: &self.db, run, next: 0, part: io::Cursor::new(Vec::new()) }
    }
}

const RUNS: &str =
    "SELECT run.id, log.who, log.at, ruleset, engine, rubric, title, day, period, lang, results FROM run JOIN log ON log.id = run.log";

fn run_of(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        by: By { who: row.get(1)?, at: row.get(2)? },
        ruleset: row.get(3)?,
        engine: row.get(4)?,
        rubric: row.get(5)?,
        title: row.get(6)?,
        day: row.get(7)?,
        period: row.get(8)?,
        lang: row.get(9)?,
        results: row.get(10)?,
    })
}

pub(super) fn results(db: &Connection, run: i64, subject: Option<&str>, take: &mut dyn FnMut(&[&str])) -> rusqlite::Result<()> {
    // Of one subject the index knows its rows; of all they stand in their order.
    let whom = if subject.is_some() { "subject = ?2" } else { "?2 IS NULL" };
    let query = format!(
        "SELECT rubric, level, subject, \"group\", code, title, state, value, unit, target, attainment, met, score, points, note
         FROM result WHERE run = ?1 AND {whom} ORDER BY place"
    );
    let mut query = db.prepare(&query)?;
    let mut rows = query.query(params![run, subject])?;
    while let Some(row) = rows.next()? {
        let cells = (0..RESULT_COLUMNS).map(|at| Ok(row.get_ref(at)?.as_str()?)).collect::<rusqlite::Result<Vec<&str>>>()?;
        take(&cells);
    }
    Ok(())
}

/// What the log has of a run, made from what is stored.
pub(super) fn run_detail(db: &Connection, id: i64) -> rusqlite::Result<String> {
    let query = "SELECT ruleset.hash, engine, rubric, title, day, period, lang, results, derivations FROM run
        JOIN ruleset ON ruleset.id = run.ruleset WHERE run.id = ?";
    let mut sum = Digest::default();
    let mut count = 0_u64;
    let mut submissions = db.prepare("SELECT submission FROM run_submission WHERE run = ? ORDER BY submission")?;
    let mut rows = submissions.query([id])?;
    while let Some(row) = rows.next()? {
        sum.line(&row.get::<_, i64>(0)?);
        count += 1;
    }
    let sum = sum.finish();
    db.query_row(query, [id], |row| {
        let text = |at| row.get::<_, String>(at);
        let period = row.get::<_, Option<String>>(5)?;
        Ok(json!({
            "run": id, "rules": text(0)?, "engine": text(1)?, "rubric": text(2)?, "title": text(3)?, "on": text(4)?, "period": period,
            "lang": text(6)?, "count": count, "submissions": sum, "results": text(7)?, "derivations": text(8)?,
        })
        .to_string())
    })
}

/// Reads the parts of derivations one after the other.
struct Parts<'a> {
    db: &'a Connection,
    run: i64,
    next: i64,
    part: io::Cursor<Vec<u8>>,
}

impl io::Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.part.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let query = "SELECT content FROM derivation WHERE run = ? AND part = ?";
            let part = self.db.query_row(query, [self.run, self.next], |row| row.get(0)).optional();
            let Some(part) = part.map_err(io::Error::other)? else { return Ok(0) };
            self.part = io::Cursor::new(part);
            self.next += 1;
        }
    }
}
