//! Results for other programs (结果输出): CSV, JSON, JSON lines.
//!
//! CSV begins with a byte order mark, so that a spreadsheet reads it as UTF-8. JSON carries the same rows and, where the
//! results are traced, the derivations. The bytes are the same whenever the results are.

use super::results::{BASE_COLUMNS, BaseRow, COLUMNS, ResultRow, rows_beside};
use crate::eval::{Derivation, Explained, Results, explain_all};
use serde::Serialize;
use std::io::{self, Write};

/// A level of results with the one below it, from the one that was asked for down.
pub fn levels(results: &Results) -> Vec<&Results> {
    std::iter::successors(Some(results), |results| results.below.as_deref()).collect()
}

/// Writes the result table as CSV, the rubric that was asked for first, then those below it.
///
/// # Errors
/// Whatever `to` answers.
pub fn csv(explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    to.write_all("\u{FEFF}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(to);
    let more: &[&str] = if explained.base.is_some() { &BASE_COLUMNS } else { &[] };
    writer.write_record(COLUMNS.iter().chain(more))?;
    for results in levels(explained.results) {
        for subject in 0..results.subjects.len() {
            for row in rows_beside(explained, results, subject) {
                let none = BaseRow::default();
                let beside = row.base.as_ref().unwrap_or(&none).cells();
                let cells = row.cells().into_iter().chain(beside.into_iter().take(more.len()));
                writer.write_record(cells.map(safe).map(|cell| cell.as_bytes().to_vec()))?;
            }
        }
    }
    writer.flush()
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it.
pub(super) fn safe(cell: &str) -> std::borrow::Cow<'_, str> {
    let formula = cell.starts_with(['=', '@', '\t', '\r']) || cell.starts_with(['+', '-']) && cell.parse::<f64>().is_err();
    // The codes of totals and verdicts begin with @ by contract and hold nothing that could be run.
    let own = cell.starts_with('@') && cell.len() > 1 && cell.chars().skip(1).all(|c| c.is_ascii_lowercase());
    if formula && !own { format!("'{cell}").into() } else { cell.into() }
}

/// Everything of one run.
#[derive(Serialize)]
struct Document<'a> {
    engine: &'static str,
    rubric: &'a str,
    version: Option<&'a str>,
    authority: Option<&'a str>,
    on: String,
    results: Vec<SubjectDocument<'a>>,
    left_out: Vec<&'a str>,
}

/// Everything of one subject.
#[derive(Serialize)]
struct SubjectDocument<'a> {
    rubric: &'a str,
    level: &'a str,
    subject: &'a str,
    group: Option<&'a str>,
    rows: Vec<ResultRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    derivation: Vec<Derivation>,
}

fn documents<'a>(explained: &Explained<'a>) -> Vec<SubjectDocument<'a>> {
    let mut all = Vec::new();
    for results in levels(explained.results) {
        let Some(rubric) = explained.rules.rubrics.get(results.rubric) else { continue };
        let level = Explained { rubric, results, ..*explained };
        for (at, subject) in results.subjects.iter().enumerate() {
            all.push(SubjectDocument {
                rubric: &rubric.name.it,
                level: &subject.kind,
                subject: &subject.key,
                group: subject.group.as_ref().map(|group| group.as_str()),
                rows: rows_beside(explained, results, at),
                derivation: if results.trace.is_empty() { Vec::new() } else { explain_all(&level, at) },
            });
        }
    }
    all
}

/// Writes everything as one JSON document.
///
/// # Errors
/// Whatever `to` answers.
pub fn json(explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        engine: concat!("heng ", env!("CARGO_PKG_VERSION")),
        rubric: &explained.rubric.name.it,
        version: explained.rubric.version.as_deref(),
        authority: explained.rubric.authority.as_deref(),
        on: explained.results.on.to_string(),
        results: documents(explained),
        left_out: explained.results.left_out.iter().map(|key| key.as_str()).collect(),
    };
    serde_json::to_writer_pretty(&mut *to, &document)?;
    to.write_all(b"\n")
}

/// Writes one JSON object a line, for each subject.
///
/// # Errors
/// Whatever `to` answers.
pub fn json_lines(explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    for document in documents(explained) {
        serde_json::to_writer(&mut *to, &document)?;
        to.write_all(b"\n")?;
    }
    Ok(())
}
