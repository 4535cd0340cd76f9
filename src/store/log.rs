//! The log (日志): who did what and when, each entry covering the one before it by its hash.
//!
//! The hash of an entry is the SHA-256 of the JSON array `[number, at, who, action, detail, hash before]`, without blanks, so that anybody
//! can compute it again. The detail has the fingerprints of all that was stored by it.

use super::{Archive, ArchiveError, By, digest, hex};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What stands before the first entry.
pub(super) const BEFORE_FIRST: &str = "";

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub id: i64,
    /// Who, and when.
    pub by: By,
    /// `import`, `decision` or `run`.
    pub action: String,
    /// What, as JSON.
    pub detail: String,
    /// The hash of the entry before it.
    pub previous: String,
    /// Its own.
    pub hash: String,
}

impl Entry {
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Entry> {
        let by = By { at: row.get(1)?, who: row.get(2)? };
        Ok(Entry { id: row.get(0)?, by, action: row.get(3)?, detail: row.get(4)?, previous: row.get(5)?, hash: row.get(6)? })
    }

    /// What its hash must be.
    pub(super) fn sealed(&self) -> String {
        let all = (self.id, &self.by.at, &self.by.who, &self.action, &self.detail, &self.previous);
        // Texts and a number are always JSON.
        hex(&digest(serde_json::to_string(&all).unwrap_or_default().as_bytes()))
    }
}

/// The number that the next entry will have.
pub(super) fn next(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("SELECT coalesce(max(id), 0) + 1 FROM log", [], |row| row.get(0))
}

/// Adds an entry, which has this number.
pub(super) fn append(db: &Connection, id: i64, by: &By, action: &str, detail: String) -> rusqlite::Result<()> {
    let last = db.query_row("SELECT hash FROM log ORDER BY id DESC LIMIT 1", [], |row| row.get(0)).optional()?;
    let previous = last.unwrap_or_else(|| BEFORE_FIRST.to_owned());
    let mut entry = Entry { id, by: by.clone(), action: action.to_owned(), detail, previous, hash: String::new() };
    entry.hash = entry.sealed();
    let Entry { id, by, action, detail, previous, hash } = entry;
    db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", params![id, by.at, by.who, action, detail, previous, hash]).map(drop)
}

impl Archive {
    /// Goes through the log, from its beginning.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn log(&self, take: &mut dyn FnMut(Entry)) -> Result<(), ArchiveError> {
        let mut read = || {
            let mut query = self.db.prepare("SELECT id, at, who, action, detail, previous, hash FROM log ORDER BY id")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                take(Entry::of(row)?);
            }
            Ok(())
        };
        let done = read();
        self.told(done)
    }

    /// The hash of the last entry: whoever has noted it can prove what stood in the archive that day.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn seal(&self) -> Result<Option<(i64, String)>, ArchiveError> {
        let last = self.db.query_row("SELECT id, hash FROM log ORDER BY id DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)));
        self.told(last.optional())
    }
}
