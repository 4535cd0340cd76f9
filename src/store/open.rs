//! Opening an archive (打开档案库): what is one, of which layout, and how it is brought to the layout of this program.

use super::{Archive, ArchiveError};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// "heng" in four bytes: what `file` and SQLite tell it by.
const APPLICATION: i64 = 0x6865_6E67;
/// How each layout is made from the one before it.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];
/// So long one waits for another process.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an archive is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To be read.
    Read,
    /// To be written; it must be there.
    Write,
    /// To be written, and made if it is not there.
    Create,
}

impl Archive {
    /// Opens an archive.
    ///
    /// # Errors
    /// H0701 to H0706: it is not there, is none, is of a later layout, is busy, cannot be written, or is damaged.
    pub fn open(path: &Path, access: Access) -> Result<Archive, ArchiveError> {
        match std::fs::metadata(path) {
            Err(_) if access != Access::Create => return Err(ArchiveError::Absent(path.to_owned())),
            Ok(about) if about.is_dir() => return Err(ArchiveError::Foreign(path.to_owned())),
            // Whoever may do everything may write to it all the same, but it was marked not to be written to.
            Ok(about) if about.permissions().readonly() && access != Access::Read => {
                return Err(ArchiveError::Unwritten(path.to_owned(), "只读 (read-only)".to_owned()));
            }
            _ => {}
        }
        connect(path, access).map_err(|error| ArchiveError::of(path, &error)).and_then(|db| settled(db, path, access))
    }
}

fn connect(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let threads = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let flags = match access {
        Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Access::Read | Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let db = Connection::open_with_flags(path, flags | threads)?;
    db.busy_timeout(PATIENCE)?;
    // Nothing in a database that somebody sends may do anything.
    db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA synchronous = FULL;")?;
    match number(&db, "SELECT count(*) FROM sqlite_master") {
        // A file that may only be read has no other file beside it, if everything is in it.
        Err(error) if access == Access::Read && cannot_open(&error) && whole(path) => {
            let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let uri = format!("file:{name}?immutable=1");
            Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | threads)
        }
        Err(error) => Err(error),
        Ok(_) => Ok(db),
    }
}

/// Whether nothing is written beside a file that still belongs into it.
fn whole(path: &Path) -> bool {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    std::fs::metadata(beside).map_or(true, |about| about.len() == 0)
}

fn cannot_open(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn number(db: &Connection, query: &str) -> rusqlite::Result<i64> {
    db.query_row(query, [], |row| row.get(0))
}

/// Sees what the file is, and brings it to the layout of this program.
fn settled(mut db: Connection, path: &Path, access: Access) -> Result<Archive, ArchiveError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let told = |error: rusqlite::Error| ArchiveError::of(path, &error);
    let (application, found) = about(&db).map_err(told)?;
    if application != APPLICATION {
        // A file in which nothing is yet becomes an archive.
        if application != 0 || found != 0 || number(&db, "SELECT count(*) FROM sqlite_master").map_err(told)? > 0 {
            return Err(ArchiveError::Foreign(path.to_owned()));
        }
    }
    if found > known {
        return Err(ArchiveError::Newer { path: path.to_owned(), found, known });
    }
    if found < known || access != Access::Read {
        // What is read and what is written do not wait for each other; of a copy that was put in its place, too.
        db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(told)?;
    }
    if found < known {
        migrate(&mut db).map_err(told)?;
    }
    Ok(Archive { db, path: path.to_owned() })
}

fn about(db: &Connection) -> rusqlite::Result<(i64, i64)> {
    Ok((number(db, "PRAGMA application_id")?, number(db, "PRAGMA user_version")?))
}

fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it meanwhile.
    let (_, found) = about(&transaction)?;
    for (at, migration) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", i64::try_from(at + 1).unwrap_or(i64::MAX))?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()
}
