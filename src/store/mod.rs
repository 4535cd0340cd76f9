//! The archive (档案库): submissions, rules, runs and their results in one SQLite file, kept for good.
//!
//! Nothing in it is changed or taken away: a correction is a new version, a decision a new row, and each entry of the log covers the one
//! before it by its hash. Whatever is written is written in one transaction, so that it is there whole or not at all.
//! Who and when come in as arguments. Not here: what submissions and results are (`data`, `report`), clock and user (`cli`).

mod attachments;
mod copy;
mod error;
mod hash;
mod log;
mod open;
mod rules;
mod runs;
mod state;
mod submissions;
mod survey;
mod verify;

pub use attachments::Attached;
pub use error::ArchiveError;
pub use hash::{Digest, digest, digest_of, hex};
pub use log::Entry;
pub use open::Access;
pub use runs::{NewRun, RESULT_COLUMNS, Run, RunWriter};
pub use state::State;
pub use submissions::{Found, GivenUp, Imported, Incoming, NewImport, NewSubmission, Selection, Source};
pub use survey::{Decision, FormCount, Version};
pub use verify::Slip;

use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Who did something, and when (经办人与时间).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// A name; of the user where none is given.
    pub who: String,
    /// UTC, as ISO 8601: `2024-12-31T08:00:00Z`.
    pub at: String,
}

/// An open archive.
#[derive(Debug)]
pub struct Archive {
    db: Connection,
    path: PathBuf,
}

impl Archive {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn told<T>(&self, answer: rusqlite::Result<T>) -> Result<T, ArchiveError> {
        answer.map_err(|error| ArchiveError::of(&self.path, &error))
    }

    /// Does something whole or not at all. What it reads stays as it is meanwhile, whatever other processes do.
    fn whole<T>(&mut self, something: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ArchiveError> {
        self.whole_if(|db| Ok((something(db)?, true)))
    }

    /// The same; it counts only if `something` says so.
    fn whole_if<T>(&mut self, something: impl FnOnce(&Connection) -> rusqlite::Result<(T, bool)>) -> Result<T, ArchiveError> {
        let done = || -> rusqlite::Result<T> {
            let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let (done, counts) = something(&transaction)?;
            if counts {
                transaction.commit()?;
            }
            Ok(done)
        };
        done().map_err(|error| ArchiveError::of(&self.path, &error))
    }
}
