//! Submissions (填报) in the archive: taken in, found again, decided upon.
//!
//! A new import of the same subject and period is a new version; one that says the same is not stored again.
//! Not here: what the content means (`data`), what is told of all of them (`survey`).

use super::attachments::{self, Attached};
use super::{Archive, ArchiveError, By, Digest, State, digest, hex, log, rules};
use crate::text::Texts;
use rusqlite::{Connection, OptionalExtension, Statement, params};
use serde::Serialize;
use serde_json::json;

/// What is imported.
#[derive(Clone, Debug)]
pub struct NewImport<'i> {
    /// The name of the form.
    pub form: &'i str,
    /// Its title and version, as far as it has them.
    pub title: &'i str,
    /// See `title`.
    pub version: &'i str,
    /// The rules that it was read by.
    pub texts: &'i Texts,
    /// The program, with its version.
    pub engine: &'i str,
    /// [`State::Draft`], or handed in.
    pub draft: bool,
}

/// What an import is made of.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// A file, before whatever was read from it.
    Source(Source),
    /// A submission.
    Submission(NewSubmission),
}

/// Whoever hands over an import has none after all: something is wrong with what would have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

/// A file that submissions were read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As it was named.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub hash: String,
    /// How many bytes.
    pub size: i64,
}

/// A submission that is taken in.
#[derive(Clone, Debug)]
pub struct NewSubmission {
    /// Its file, by its place among those that came.
    pub source: usize,
    /// The line in it.
    pub line: u32,
    /// Whose it is, by key.
    pub subject: String,
    /// Of which period; empty where the form knows none.
    pub period: String,
    /// What was filled in: a JSON object, always written the same way.
    pub content: String,
    /// The SHA-256 of that.
    hash: [u8; 32],
    /// Files that go with it.
    pub attached: Vec<Attached>,
}

impl NewSubmission {
    /// A submission, with the files that go with it.
    pub fn new(
        (source, line): (usize, u32),
        (subject, period): (String, String),
        content: String,
        attached: Vec<Attached>,
    ) -> NewSubmission {
        let hash = digest(content.as_bytes());
        NewSubmission { source, line, subject, period, content, hash, attached }
    }
}

/// What became of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Its number; none if there was nothing to store.
    pub id: Option<i64>,
    /// Subjects that had none of that period.
    pub new: usize,
    /// New versions of what was there.
    pub changed: usize,
    /// Submissions that say what the latest version says.
    pub unchanged: usize,
    /// Of those, drafts that are now handed in.
    pub handed_in: usize,
    /// Of those, versions that were returned, and still are.
    pub returned: usize,
}

/// Which submissions to a form are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'s> {
    /// The versions that count (有效), of a period or of all.
    Counted(Option<&'s str>),
    /// Those that a stored run was made from, of a period or of all.
    OfRun(i64, Option<&'s str>),
}

/// A submission that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub id: i64,
    /// The file that it was read from, as it was named then.
    pub file: String,
    /// The line in it.
    pub line: u32,
    /// What was filled in.
    pub content: String,
}

const INSERT: &str = "INSERT INTO submission (form, subject, period, version, state, import, source, line, hash, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const FILES: &str = "SELECT field, name, attachment FROM attached WHERE submission = ?";
const LATEST: &str =
    "SELECT s.id, s.version, s.hash, coalesce((SELECT state FROM decision WHERE submission = s.id ORDER BY id DESC LIMIT 1), s.state)
    FROM submission AS s WHERE form = ? AND subject = ? AND period = ? ORDER BY version DESC LIMIT 1";

impl Archive {
    /// Takes submissions in, whole or not at all; `None`, and not at all, if they are given up on the way.
    ///
    /// # Errors
    /// The archive cannot be written; then it is as it was.
    pub fn import(
        &mut self,
        import: &NewImport<'_>,
        by: &By,
        incoming: &mut dyn Iterator<Item = Result<Incoming, GivenUp>>,
    ) -> Result<Option<Imported>, ArchiveError> {
        self.whole_if(|db| {
            let mut done = Imported::default();
            let entry = log::next(db)?;
            let id: i64 = db.query_row("SELECT coalesce(max(id), 0) + 1 FROM import", [], |row| row.get(0))?;
            let form = form(db, import.form)?;
            let ruleset = rules::keep(db, import.texts)?;
            let about = params![id, entry, form, import.title, import.version, ruleset, import.engine];
            db.execute("INSERT INTO import VALUES (?, ?, ?, ?, ?, ?, ?)", about)?;
            let mut sources = Vec::new();
            let state = if import.draft { State::Draft } else { State::Submitted };
            // Where there was nothing, nothing need be looked for: no subject comes twice in one import.
            let first = !db.query_row("SELECT EXISTS (SELECT 1 FROM submission WHERE form = ?)", [form], |row| row.get::<_, bool>(0))?;
            let (mut insert, mut latest, mut files) = (db.prepare(INSERT)?, db.prepare(LATEST)?, db.prepare(FILES)?);
            let mut stored = Stored::default();
            for row in incoming {
                let row = match row {
                    Ok(Incoming::Submission(row)) => row,
                    Ok(Incoming::Source(Source { path, hash, size })) => {
                        db.execute("INSERT INTO source (import, path, hash, size) VALUES (?, ?, ?, ?)", params![id, path, hash, size])?;
                        sources.push(db.last_insert_rowid());
                        continue;
                    }
                    Err(GivenUp) => return Ok((None, false)),
                };
                let known = |row: &rusqlite::Row<'_>| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, [u8; 32]>(2)?, row.get::<_, String>(3)?))
                };
                let known = if first { None } else { latest.query_row(params![form, row.subject, row.period], known).optional()? };
                let version = match known {
                    Some((known, _, hash, before)) if hash == row.hash && same_files(&mut files, known, &row.attached)? => {
                        done.unchanged += 1;
                        match State::find(&before) {
                            Some(State::Draft) if !import.draft => {
                                done.handed_in += 1;
                                decide(db, entry, known, State::Submitted, "")?;
                            }
                            Some(State::Returned) => done.returned += 1,
                            _ => {}
                        }
                        continue;
                    }
                    Some((_, version, ..)) => {
                        done.changed += 1;
                        version + 1
                    }
                    None => {
                        done.new += 1;
                        1
                    }
                };
                let source = sources.get(row.source).copied();
                let (subject, period, state) = (row.subject.as_str(), row.period.as_str(), state.as_str());
                insert.execute(params![form, subject, period, version, state, id, source, row.line, row.hash, row.content])?;
                let number = db.last_insert_rowid();
                stored.add(&(number, form, subject, period, version, state, source, row.line, hex(&row.hash)));
                for file in &row.attached {
                    attachments::keep(db, number, file)?;
                }
            }
            if done.new + done.changed + done.handed_in == 0 {
                // Nothing came of it, so there is nothing to tell of it.
                return Ok((Some(done), false));
            }
            done.id = Some(id);
            log::append(db, entry, by, "import", detail(db, id, stored)?)?;
            Ok((Some(done), true))
        })
    }

    /// Gives submissions another state: [`State::Approved`] or [`State::Returned`], all of them or none.
    ///
    /// # Errors
    /// H0709 for one that cannot have it; the archive cannot be written. Then it is as it was.
    pub fn decide(&mut self, submissions: &[i64], to: State, reason: &str, by: &By) -> Result<(), ArchiveError> {
        let refused = self.whole_if(|db| {
            let entry = log::next(db)?;
            for id in submissions {
                let now = db.query_row("SELECT subject, state FROM state_now WHERE id = ?", [id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })?;
                let from = State::find(&now.1).unwrap_or(State::Draft);
                let fits = match to {
                    State::Approved => from == State::Submitted,
                    State::Returned => matches!(from, State::Submitted | State::Approved),
                    State::Draft | State::Submitted => false,
                };
                if !fits {
                    return Ok((Some(ArchiveError::Refused { subject: now.0, from, to }), false));
                }
                decide(db, entry, *id, to, reason)?;
            }
            log::append(db, entry, by, "decision", decision_detail(db, entry)?)?;
            Ok((None, true))
        })?;
        refused.map_or(Ok(()), Err)
    }

    /// Goes through submissions to a form, in the order in which they were taken in. A form that nobody knows has none.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn submissions(&self, form: &str, selection: Selection<'_>, take: &mut dyn FnMut(Found)) -> Result<(), ArchiveError> {
        let (joined, run, period) = match selection {
            Selection::Counted(period) => ("counted AS c ON c.id = s.id AND ?2 IS NULL", None, period),
            Selection::OfRun(run, period) => ("run_submission AS c ON c.submission = s.id AND c.run = ?2", Some(run), period),
        };
        let query = format!(
            "SELECT s.id, source.path, s.line, s.content FROM submission AS s JOIN {joined} JOIN source ON source.id = s.source
             WHERE s.form = (SELECT id FROM form WHERE name = ?1) AND (?3 IS NULL OR s.period = ?3) ORDER BY s.id"
        );
        let mut read = || {
            let mut query = self.db.prepare(&query)?;
            let mut rows = query.query(params![form, run, period])?;
            while let Some(row) = rows.next()? {
                take(Found { id: row.get(0)?, file: row.get(1)?, line: row.get(2)?, content: row.get(3)? });
            }
            Ok(())
        };
        let done = read();
        self.told(done)
    }
}

/// The number of a form.
fn form(db: &Connection, name: &str) -> rusqlite::Result<i64> {
    db.execute("INSERT INTO form (name) VALUES (?) ON CONFLICT DO NOTHING", [name])?;
    db.query_row("SELECT id FROM form WHERE name = ?", [name], |row| row.get(0))
}

fn decide(db: &Connection, entry: i64, submission: i64, state: State, reason: &str) -> rusqlite::Result<()> {
    let decision = params![entry, submission, state.as_str(), reason];
    db.execute("INSERT INTO decision (log, submission, state, reason) VALUES (?, ?, ?, ?)", decision).map(drop)
}

/// Whether a submission has just these files.
fn same_files(query: &mut Statement<'_>, submission: i64, files: &[Attached]) -> rusqlite::Result<bool> {
    let mut rows = query.query([submission])?;
    let mut known: Vec<(String, String, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        known.push((row.get(0)?, row.get(1)?, row.get(2)?));
    }
    let same = |file: &Attached| {
        known.iter().any(|(field, name, attachment)| *field == file.field && *name == file.name && *attachment == file.hash)
    };
    Ok(known.len() == files.len() && files.iter().all(same))
}

/// The submissions of an import, as they are stored: how many, and the fingerprint of all, in which that of each counts.
#[derive(Default)]
struct Stored {
    count: u64,
    sum: Digest,
}

impl Stored {
    /// Adds one: its number, form, subject, period, version, state, source, line and fingerprint.
    fn add(&mut self, submission: &impl Serialize) {
        self.count += 1;
        self.sum.line(submission);
    }
}

/// What the log has of an import, made from what is stored.
pub(super) fn import_detail(db: &Connection, id: i64) -> rusqlite::Result<String> {
    let mut stored = Stored::default();
    let query = "SELECT id, form, subject, period, version, state, source, line, hash FROM submission WHERE import = ? ORDER BY id";
    let mut query = db.prepare(query)?;
    let mut rows = query.query([id])?;
    while let Some(row) = rows.next()? {
        let number = |at| row.get::<_, i64>(at);
        let text = |at| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str()?);
        let hash = hex(&row.get::<_, [u8; 32]>(8)?);
        stored.add(&(number(0)?, number(1)?, text(2)?, text(3)?, number(4)?, text(5)?, number(6)?, number(7)?, hash));
    }
    detail(db, id, stored)
}

fn detail(db: &Connection, id: i64, stored: Stored) -> rusqlite::Result<String> {
    let query = "SELECT import.log, form.name, title, version, ruleset.hash, engine FROM import JOIN form ON form.id = import.form
        JOIN ruleset ON ruleset.id = import.ruleset WHERE import.id = ?";
    let about = db.query_row(query, [id], |row| {
        let text = |at| row.get::<_, String>(at);
        Ok((row.get::<_, i64>(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?))
    })?;
    let (entry, form, title, version, rules, engine) = about;
    let mut files = Vec::new();
    let mut query = db.prepare("SELECT path, hash, size FROM source WHERE import = ? ORDER BY id")?;
    let mut rows = query.query([id])?;
    while let Some(row) = rows.next()? {
        files.push(json!([row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?]));
    }
    let Stored { count, mut sum } = stored;
    // An archive without attachments has none to be looked for.
    let query = "SELECT submission, field, name, attachment FROM submission AS s JOIN attached ON attached.submission = s.id
        WHERE s.import = ? AND EXISTS (SELECT 1 FROM attached) ORDER BY 1, 2, 3";
    let mut query = db.prepare(query)?;
    let mut rows = query.query([id])?;
    while let Some(row) = rows.next()? {
        let text = |at| row.get::<_, String>(at);
        sum.line(&(row.get::<_, i64>(0)?, text(1)?, text(2)?, text(3)?));
    }
    let handed_in = decisions(db, entry)?;
    Ok(json!({
        "import": id, "form": form, "title": title, "version": version, "rules": rules, "engine": engine, "files": files,
        "stored": count, "submissions": sum.finish(), "handed_in": handed_in.0, "decisions": handed_in.1,
    })
    .to_string())
}

/// What the log has of decisions.
pub(super) fn decision_detail(db: &Connection, entry: i64) -> rusqlite::Result<String> {
    let (count, sum) = decisions(db, entry)?;
    let (state, reason): (String, String) =
        db.query_row("SELECT state, reason FROM decision WHERE log = ? LIMIT 1", [entry], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(json!({ "state": state, "reason": reason, "count": count, "decisions": sum }).to_string())
}

fn decisions(db: &Connection, entry: i64) -> rusqlite::Result<(u64, String)> {
    let mut sum = Digest::default();
    let mut count = 0;
    let mut query = db.prepare("SELECT id, submission, state, reason FROM decision WHERE log = ? ORDER BY id")?;
    let mut rows = query.query([entry])?;
    while let Some(row) = rows.next()? {
        sum.line(&(row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?));
        count += 1;
    }
    Ok((count, sum.finish()))
}
