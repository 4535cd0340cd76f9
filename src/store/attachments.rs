//! Attachments (附件) in the archive: each file once, by the SHA-256 of its bytes.

use super::{Archive, ArchiveError, digest, hex};
use rusqlite::{Connection, OptionalExtension, params};

/// A file that goes with a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The field that asks for it.
    pub field: String,
    /// The name of the file.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Stores a file with a submission.
pub(super) fn keep(db: &Connection, submission: i64, file: &Attached) -> rusqlite::Result<()> {
    let hash = hex(&digest(&file.content));
    db.execute("INSERT INTO attachment VALUES (?, ?) ON CONFLICT DO NOTHING", params![hash, file.content])?;
    db.execute("INSERT INTO attached VALUES (?, ?, ?, ?)", params![submission, file.field, file.name, hash]).map(drop)
}

impl Archive {
    /// The bytes of an attachment, by its fingerprint.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn attachment(&self, hash: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        self.told(self.db.query_row("SELECT content FROM attachment WHERE hash = ?", [hash], |row| row.get(0)).optional())
    }
}
