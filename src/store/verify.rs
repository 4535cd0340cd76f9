//! Whether an archive is what was put into it (核验): the file is sound, each fingerprint fits what it is of, and the log is unbroken.
//!
//! Not here: whether a run comes to the same again, which takes the rules.

use super::runs::{results, run_detail};
use super::submissions::{decision_detail, import_detail};
use super::{Archive, ArchiveError, Digest, Entry, digest, hex, log, rules};
use crate::diag::Lang;
use rusqlite::{Connection, OptionalExtension, types::ValueRef};
use std::io::Write;

/// Something that is not as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    zh: String,
    en: String,
}

impl Slip {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Slip {
        Slip { zh: zh.into(), en: en.into() }
    }

    /// In words.
    pub fn word(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

impl Archive {
    /// Looks at everything; what is not as it should be, in the order found.
    ///
    /// # Errors
    /// The archive cannot be read at all.
    pub fn verify(&self) -> Result<Vec<Slip>, ArchiveError> {
        let found = look(&self.db);
        self.told(found)
    }
}

fn look(db: &Connection) -> rusqlite::Result<Vec<Slip>> {
    // All of it as it is at one moment.
    let reading = db.unchecked_transaction()?;
    let mut slips = Vec::new();
    sound(&reading, &mut slips)?;
    // What is damaged on the disk may be anything.
    if slips.is_empty() {
        chain(&reading, &mut slips)?;
        texts(&reading, &mut slips)?;
        contents(&reading, &mut slips)?;
        outcomes(&reading, &mut slips)?;
    }
    Ok(slips)
}

/// What SQLite itself says of the file.
fn sound(db: &Connection, slips: &mut Vec<Slip>) -> rusqlite::Result<()> {
    let mut query = db.prepare("PRAGMA integrity_check")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            slips.push(Slip::new(format!("数据库文件: {said}"), format!("database file: {said}")));
        }
    }
    let mut query = db.prepare("PRAGMA foreign_key_check")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (table, of): (String, String) = (row.get(0)?, row.get(2)?);
        slips.push(Slip::new(format!("`{table}` 指向的 `{of}` 不在了"), format!("`{table}` speaks of a `{of}` that is not there")));
    }
    Ok(())
}

/// The log, entry by entry, and what is stored by each.
fn chain(db: &Connection, slips: &mut Vec<Slip>) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT id, at, who, action, detail, previous, hash FROM log ORDER BY id")?;
    let mut rows = query.query([])?;
    let (mut before, mut expected) = (log::BEFORE_FIRST.to_owned(), 1);
    while let Some(row) = rows.next()? {
        let entry = Entry::of(row)?;
        let id = entry.id;
        if id != expected || entry.previous != before {
            slips.push(Slip::new(
                format!("日志第 {id} 条与前一条接不上"),
                format!("entry {id} of the log does not follow the one before it"),
            ));
        }
        if entry.sealed() != entry.hash {
            slips.push(Slip::new(format!("日志第 {id} 条被改过"), format!("entry {id} of the log was changed")));
        }
        let stored = match entry.action.as_str() {
            "import" => of_entry(db, "SELECT id FROM import WHERE log = ?", id, import_detail)?,
            "run" => of_entry(db, "SELECT id FROM run WHERE log = ?", id, run_detail)?,
            _ => of_entry(db, "SELECT log FROM decision WHERE log = ? LIMIT 1", id, decision_detail)?,
        };
        if stored.as_ref() != Some(&entry.detail) {
            let at = &entry.by.at;
            slips.push(Slip::new(
                format!("日志第 {id} 条 ({at}) 存入的内容与日志不符"),
                format!("what entry {id} of the log ({at}) stored is not what the log says"),
            ));
        }
        (before, expected) = (entry.hash, id + 1);
    }
    Ok(())
}

fn of_entry(
    db: &Connection,
    query: &str,
    entry: i64,
    detail: impl Fn(&Connection, i64) -> rusqlite::Result<String>,
) -> rusqlite::Result<Option<String>> {
    db.query_row(query, [entry], |row| row.get(0)).optional()?.map(|id| detail(db, id)).transpose()
}

/// Rule texts, sets of them, and attachments.
fn texts(db: &Connection, slips: &mut Vec<Slip>) -> rusqlite::Result<()> {
    for (table, zh, en) in [("text", "规则文本", "rule text"), ("attachment", "附件", "attachment")] {
        let mut query = db.prepare(&format!("SELECT hash, content FROM {table}"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (hash, content) = (row.get_ref(0)?.as_str()?, bytes(row.get_ref(1)?));
            if hex(&digest(content)) != hash {
                slips.push(Slip::new(format!("{zh} {hash} 被改过"), format!("the {en} {hash} was changed")));
            }
        }
    }
    let mut sets = db.prepare("SELECT id, hash FROM ruleset")?;
    let mut rows = sets.query([])?;
    while let Some(row) = rows.next()? {
        let (id, hash): (i64, String) = (row.get(0)?, row.get(1)?);
        let mut query = db.prepare("SELECT path, text FROM ruleset_text WHERE ruleset = ? ORDER BY place")?;
        let set: Vec<(String, String)> = query.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        if rules::of_set(set.iter().map(|(path, text)| (path.as_str(), text.as_str()))) != hash {
            slips.push(Slip::new(format!("规则 {id} 的文本被改过"), format!("the texts of rules {id} were changed")));
        }
    }
    Ok(())
}

/// What was filled in.
fn contents(db: &Connection, slips: &mut Vec<Slip>) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT hash, content, id, subject, version FROM submission")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if bytes(row.get_ref(0)?) != digest(bytes(row.get_ref(1)?)) {
            let (id, subject, version): (i64, String, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
            slips.push(Slip::new(
                format!("`{subject}` 第 {version} 版 (填报 {id}) 的内容被改过"),
                format!("the content of `{subject}`, version {version} (submission {id}), was changed"),
            ));
        }
    }
    Ok(())
}

/// Results and derivations of runs.
fn outcomes(db: &Connection, slips: &mut Vec<Slip>) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT id, results, derivations FROM run ORDER BY id")?;
    let mut runs = query.query([])?;
    while let Some(row) = runs.next()? {
        let (id, of_results, of_derivations): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if of_results != results_digest(db, id)? {
            slips.push(Slip::new(format!("第 {id} 次评价的结果被改过"), format!("the results of run {id} were changed")));
        }
        let mut sum = Digest::default();
        let mut query = db.prepare("SELECT content FROM derivation WHERE run = ? ORDER BY part")?;
        let mut parts = query.query([id])?;
        while let Some(part) = parts.next()? {
            // A fingerprint takes everything.
            let _ = sum.write(bytes(part.get_ref(0)?));
        }
        if of_derivations != sum.finish() {
            slips.push(Slip::new(format!("第 {id} 次评价的推导被改过"), format!("the derivations of run {id} were changed")));
        }
    }
    Ok(())
}

/// The fingerprint of the rows of a run, written as CSV behind the header that each run has.
fn results_digest(db: &Connection, run: i64) -> rusqlite::Result<String> {
    let mut sum = Digest::default();
    let mut writer = csv::Writer::from_writer(&mut sum);
    results(db, run, None, &mut |cells| {
        // As above.
        let _ = writer.write_record(cells);
    })?;
    drop(writer);
    Ok(sum.finish())
}

fn bytes(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    }
}
