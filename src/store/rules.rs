//! Rule texts (规则文本) in the archive: each text once, and the sets of them that were used together.

use super::{Archive, ArchiveError, Digest, digest, hex};
use crate::text::Texts;
use rusqlite::{Connection, OptionalExtension, params};

/// The number of the set of these texts, which is stored if it is not there yet.
pub(super) fn keep(db: &Connection, texts: &Texts) -> rusqlite::Result<i64> {
    let hashes: Vec<(&str, String, &str)> =
        texts.iter().map(|text| (&*text.path, hex(&digest(text.source.as_bytes())), &*text.source)).collect();
    let hash = of_set(hashes.iter().map(|(path, hash, _)| (*path, hash.as_str())));
    if let Some(known) = db.query_row("SELECT id FROM ruleset WHERE hash = ?", [&hash], |row| row.get(0)).optional()? {
        return Ok(known);
    }
    db.execute("INSERT INTO ruleset (hash) VALUES (?)", [&hash])?;
    let set = db.last_insert_rowid();
    for (place, (path, hash, content)) in (0_i64..).zip(hashes) {
        db.execute("INSERT INTO text VALUES (?, ?) ON CONFLICT DO NOTHING", params![hash, content])?;
        db.execute("INSERT INTO ruleset_text VALUES (?, ?, ?, ?)", params![set, place, path, hash])?;
    }
    Ok(set)
}

/// The fingerprint of a set: of paths and fingerprints of its texts, in their order.
pub(super) fn of_set<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut digest = Digest::default();
    texts.for_each(|text| digest.line(&text));
    digest.finish()
}

impl Archive {
    /// The texts of a set, in the order in which they were read.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn texts(&self, ruleset: i64) -> Result<Texts, ArchiveError> {
        let mut texts = Texts::new();
        let mut read = || {
            let query =
                "SELECT path, content FROM ruleset_text JOIN text ON text.hash = ruleset_text.text WHERE ruleset = ? ORDER BY place";
            let mut query = self.db.prepare(query)?;
            let mut rows = query.query([ruleset])?;
            while let Some(row) = rows.next()? {
                texts.add(row.get::<_, String>(0)?, row.get::<_, String>(1)?);
            }
            Ok(())
        };
        let done = read();
        self.told(done)?;
        Ok(texts)
    }
}
