//! What an archive holds (概览): forms and periods, versions, who decided what.

use super::{Archive, ArchiveError, By, State};
use rusqlite::params;

/// How many submissions there are to a form, of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormCount {
    /// The form.
    pub form: String,
    /// The period; empty where the form knows none.
    pub period: String,
    /// Subjects.
    pub subjects: usize,
    /// Versions.
    pub versions: usize,
    /// Subjects with a version that counts.
    pub counted: usize,
    /// Subjects by the state of their latest version: draft, submitted, returned, approved.
    pub states: [usize; 4],
}

/// A version of a submission (版次).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub id: i64,
    /// The form.
    pub form: String,
    /// Whose it is.
    pub subject: String,
    /// Of which period.
    pub period: String,
    /// Which version of that subject and period, from 1.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// Whether it is the one that counts.
    pub counted: bool,
    /// Who took it in, and when.
    pub by: By,
    /// The file that it was read from, and its SHA-256.
    pub file: (String, String),
    /// The line in it.
    pub line: u32,
    /// The SHA-256 of its content.
    pub hash: String,
    /// What was filled in, as JSON.
    pub content: String,
}

/// What was decided about a version (审核).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The version, by number.
    pub submission: i64,
    /// What it became.
    pub state: State,
    /// Why.
    pub reason: String,
    /// By whom, and when.
    pub by: By,
}

impl Archive {
    /// Forms and periods, with how many submissions there are.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn forms(&self) -> Result<Vec<FormCount>, ArchiveError> {
        let query = "WITH latest AS (
                SELECT form, subject, period, state, max(version) AS versions FROM state_now GROUP BY form, subject, period)
            SELECT form.name, l.period, count(*), sum(l.versions),
                (SELECT count(*) FROM counted AS c WHERE c.form = l.form AND c.period = l.period),
                sum(l.state = 'draft'), sum(l.state = 'submitted'), sum(l.state = 'returned'), sum(l.state = 'approved')
            FROM latest AS l JOIN form ON form.id = l.form GROUP BY l.form, l.period ORDER BY form.name, l.period";
        let read = || {
            let count = |row: &rusqlite::Row<'_>| {
                let number = |at| row.get::<_, i64>(at).map(|count| usize::try_from(count).unwrap_or(0));
                Ok(FormCount {
                    form: row.get(0)?,
                    period: row.get(1)?,
                    subjects: number(2)?,
                    versions: number(3)?,
                    counted: number(4)?,
                    states: [number(5)?, number(6)?, number(7)?, number(8)?],
                })
            };
            self.db.prepare(query)?.query_map([], count)?.collect()
        };
        self.told(read())
    }

    /// Periods of which a form has submissions that count.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn periods(&self, form: &str) -> Result<Vec<String>, ArchiveError> {
        let query = "SELECT DISTINCT period FROM counted WHERE form = (SELECT id FROM form WHERE name = ?) ORDER BY period";
        let read = || self.db.prepare(query)?.query_map([form], |row| row.get(0))?.collect();
        self.told(read())
    }

    /// How many subjects of a period, or of all, have been returned what they handed in, and have nothing that counts.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn returned(&self, form: &str, period: Option<&str>) -> Result<usize, ArchiveError> {
        let query = "WITH f AS (SELECT id FROM form WHERE name = ?1)
            SELECT count(*) FROM (SELECT subject, period FROM state_now WHERE form = (SELECT id FROM f) AND state = 'returned'
                AND (?2 IS NULL OR period = ?2) EXCEPT SELECT subject, period FROM counted WHERE form = (SELECT id FROM f))";
        self.told(
            self.db.query_row(query, params![form, period], |row| row.get::<_, i64>(0)).map(|count| usize::try_from(count).unwrap_or(0)),
        )
    }

    /// Goes through versions, by form, period, subject and version; all of them, or of a form, a period, a subject.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn versions(
        &self,
        (form, period, subject): (Option<&str>, Option<&str>, Option<&str>),
        take: &mut dyn FnMut(Version),
    ) -> Result<(), ArchiveError> {
        let query =
            "SELECT s.id, form.name, s.subject, s.period, s.version, n.state, c.id IS NOT NULL, log.who, log.at, source.path, source.hash,
                s.line, lower(hex(s.hash)), s.content
            FROM submission AS s JOIN state_now AS n ON n.id = s.id JOIN form ON form.id = s.form JOIN import ON import.id = s.import
                JOIN log ON log.id = import.log JOIN source ON source.id = s.source LEFT JOIN counted AS c ON c.id = s.id
            WHERE (?1 IS NULL OR form.name = ?1) AND (?2 IS NULL OR s.period = ?2) AND (?3 IS NULL OR s.subject = ?3)
            ORDER BY form.name, s.period, s.subject, s.version";
        let mut read = || {
            let mut query = self.db.prepare(query)?;
            let mut rows = query.query(params![form, period, subject])?;
            while let Some(row) = rows.next()? {
                take(Version {
                    id: row.get(0)?,
                    form: row.get(1)?,
                    subject: row.get(2)?,
                    period: row.get(3)?,
                    version: row.get(4)?,
                    state: State::find(row.get_ref(5)?.as_str()?).unwrap_or(State::Draft),
                    counted: row.get(6)?,
                    by: By { who: row.get(7)?, at: row.get(8)? },
                    file: (row.get(9)?, row.get(10)?),
                    line: row.get(11)?,
                    hash: row.get(12)?,
                    content: row.get(13)?,
                });
            }
            Ok(())
        };
        let done = read();
        self.told(done)
    }

    /// What was decided about a subject's submissions, in that order.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn decisions(&self, subject: &str) -> Result<Vec<Decision>, ArchiveError> {
        let query = "SELECT d.submission, d.state, d.reason, log.who, log.at FROM decision AS d JOIN log ON log.id = d.log
            JOIN submission AS s ON s.id = d.submission WHERE s.subject = ? ORDER BY d.id";
        let read = || {
            let decision = |row: &rusqlite::Row<'_>| {
                Ok(Decision {
                    submission: row.get(0)?,
                    state: State::find(row.get_ref(1)?.as_str()?).unwrap_or(State::Draft),
                    reason: row.get(2)?,
                    by: By { who: row.get(3)?, at: row.get(4)? },
                })
            };
            self.db.prepare(query)?.query_map([subject], decision)?.collect()
        };
        self.told(read())
    }
}
