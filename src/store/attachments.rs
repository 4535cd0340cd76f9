//! Attachments (附件) in the archive: each file once, by the SHA-256 of its bytes.
//!
//! One file at a time is in memory. Not here: which files a submission names (`data`).

use super::{Archive, ArchiveError, digest, hex};
use rusqlite::{Connection, OptionalExtension, params};
use std::fs;
use std::path::PathBuf;

/// A file that goes with a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The field that asks for it.
    pub field: String,
    /// The name of the file.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The SHA-256 of what was in it when it was checked, in hexadecimal digits.
    pub hash: String,
}

/// A file that is not what it was when it was checked.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct Lost {
    pub path: PathBuf,
    pub why: String,
}

/// Stores a file with a submission.
pub(super) fn keep(db: &Connection, submission: i64, file: &Attached) -> rusqlite::Result<()> {
    let Attached { field, name, path, hash } = file;
    if !db.query_row("SELECT EXISTS (SELECT 1 FROM attachment WHERE hash = ?)", [hash], |row| row.get(0))? {
        let lost = |why: String| rusqlite::Error::ToSqlConversionFailure(Box::new(Lost { path: path.clone(), why }));
        let content = fs::read(path).map_err(|cause| lost(cause.to_string()))?;
        if hex(&digest(&content)) != *hash {
            return Err(lost("读入后又被改动 (changed while it was read)".to_owned()));
        }
        db.execute("INSERT INTO attachment VALUES (?, ?)", params![hash, content])?;
    }
    db.execute("INSERT INTO attached VALUES (?, ?, ?, ?)", params![submission, field, name, hash]).map(drop)
}

impl Archive {
    /// The files that go with a submission, by its number: field, name and SHA-256 of each.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn attached(&self, submission: i64) -> Result<Vec<[String; 3]>, ArchiveError> {
        let read = || {
            let mut query = self.db.prepare("SELECT field, name, attachment FROM attached WHERE submission = ? ORDER BY 1, 2")?;
            let files = query.query_map([submission], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
            files.collect()
        };
        self.told(read())
    }

    /// The bytes of an attachment, by its fingerprint.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn attachment(&self, hash: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        self.told(self.db.query_row("SELECT content FROM attachment WHERE hash = ?", [hash], |row| row.get(0)).optional())
    }
}
