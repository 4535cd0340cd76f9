//! Copies (备份) of an archive, and one without gaps.

use super::{Archive, ArchiveError};
use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::path::Path;
use std::time::Duration;

/// So many pages are copied before others get their turn.
const PAGES: i32 = 4_096;

impl Archive {
    /// Copies all of it into a file that is not there yet, also while others write to it. The copy is one file with nothing beside it.
    ///
    /// # Errors
    /// The archive cannot be read, or the copy not written.
    pub fn copy_to(&self, to: &Path) -> Result<(), ArchiveError> {
        let copy = || {
            let mut target = Connection::open(to)?;
            Backup::new(&self.db, &mut target)?.run_to_completion(PAGES, Duration::ZERO, None)?;
            target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
            target.close().map_err(|(_, error)| error)
        };
        copy().map_err(|error| ArchiveError::of(to, &error))
    }

    /// Writes it anew without what is free in it.
    ///
    /// # Errors
    /// The archive cannot be written; then it is as it was.
    pub fn vacuum(&mut self) -> Result<(), ArchiveError> {
        let done = self.db.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;");
        self.told(done)
    }
}
