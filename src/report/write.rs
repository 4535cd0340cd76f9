//! Results for other programs (结果输出): CSV, JSON, JSON lines.
//!
//! CSV begins with a byte order mark, so that a spreadsheet reads it as UTF-8. JSON carries the same rows and, where the
//! results are traced, the derivations. The bytes are the same whenever the results are. Results may come part by part; those of a
//! part are made into text on all cores, and written in their order.

use super::results::{BASE_COLUMNS, BaseRow, COLUMNS, ResultRow, rows_beside};
use crate::eval::{Derivation, Explained, Results, explain_all};
use crate::model::Rubric;
use crate::text::{Name, starts_formula};
use chrono::NaiveDate;
use rayon::prelude::*;
use serde::Serialize;
use std::io::{self, Write};
use std::ops::Range;

/// So many subjects are made into text at a time.
const PIECE: usize = 32;
/// Where the subjects of a document go.
const NOBODY: &str = "\"results\": []";

/// In what form results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table: one row a subject and indicator.
    Csv,
    /// One document.
    Json,
    /// One object a subject, on a line of its own.
    JsonLines,
}

/// Writes results part by part.
pub struct ResultWriter<'w> {
    format: Format,
    to: &'w mut dyn Write,
    /// Whether anybody was written.
    begun: bool,
    /// What closes the document.
    rest: String,
}

impl<'w> ResultWriter<'w> {
    /// Begins with what stands before the first subject; of a table, with the columns of the uppermost layer where results are
    /// compared with it.
    ///
    /// # Errors
    /// Whatever `to` answers.
    pub fn begin(
        format: Format,
        (rubric, on, left_out): (&Rubric, NaiveDate, &[Name]),
        beside: bool,
        to: &'w mut dyn Write,
    ) -> io::Result<ResultWriter<'w>> {
        let mut writer = ResultWriter { format, to, begun: false, rest: String::new() };
        match format {
            Format::Csv => {
                writer.to.write_all("\u{FEFF}".as_bytes())?;
                let more: &[&str] = if beside { &BASE_COLUMNS } else { &[] };
                let mut head = csv::Writer::from_writer(Vec::new());
                head.write_record(COLUMNS.iter().chain(more))?;
                writer.to.write_all(&head.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
            }
            Format::Json => {
                let document = serde_json::to_string_pretty(&Document::of_nobody(rubric, on, left_out))?;
                // What is quoted in a text has a backslash before it.
                let (head, rest) = document.split_once(NOBODY).unwrap_or((&document, ""));
                writer.to.write_all(head.as_bytes())?;
                writer.rest = rest.to_owned();
            }
            Format::JsonLines => {}
        }
        Ok(writer)
    }

    /// Writes some subjects of one rubric, `explained` being of it.
    ///
    /// # Errors
    /// Whatever `to` answers.
    pub fn part(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        let count = explained.results.subjects.len();
        let pieces: Vec<Range<usize>> = (0..count).step_by(PIECE).map(|start| start..count.min(start + PIECE)).collect();
        let text = |rows: Range<usize>| match self.format {
            Format::Csv => of_table(explained, rows),
            Format::Json => of_document(explained, rows, !self.begun),
            Format::JsonLines => of_lines(explained, rows),
        };
        let texts: Vec<io::Result<Vec<u8>>> =
            if pieces.len() < 2 { pieces.into_iter().map(text).collect() } else { pieces.into_par_iter().map(text).collect() };
        for text in texts {
            self.to.write_all(&text?)?;
        }
        self.begun |= count > 0;
        Ok(())
    }

    /// Writes what stands behind the last subject.
    ///
    /// # Errors
    /// Whatever `to` answers.
    pub fn end(self) -> io::Result<()> {
        if self.format == Format::Json {
            self.to.write_all(if self.begun { b"\n  ]" } else { NOBODY.as_bytes() })?;
            self.to.write_all(self.rest.as_bytes())?;
            self.to.write_all(b"\n")?;
        }
        self.to.flush()
    }
}

/// Writes the result table as CSV, the rubric that was asked for first, then those below it.
///
/// # Errors
/// Whatever `to` answers.
pub fn csv(explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    whole(Format::Csv, explained, to)
}

/// Writes everything as one JSON document.
///
/// # Errors
/// Whatever `to` answers.
pub fn json(explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    whole(Format::Json, explained, to)
}

/// Writes one JSON object a line, for each subject.
///
/// # Errors
/// Whatever `to` answers.
pub fn json_lines(explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    whole(Format::JsonLines, explained, to)
}

/// Writes results that are all there, level by level.
fn whole(format: Format, explained: &Explained<'_>, to: &mut dyn Write) -> io::Result<()> {
    let results = explained.results;
    let mut writer = ResultWriter::begin(format, (explained.rubric, results.on, &results.left_out), explained.base.is_some(), to)?;
    for results in std::iter::successors(Some(results), |results: &&Results| results.below.as_deref()) {
        if let Some(rubric) = explained.rules.rubrics.get(results.rubric) {
            writer.part(&Explained { rubric, results, ..*explained })?;
        }
    }
    writer.end()
}

/// Rows of a CSV file.
fn of_table(explained: &Explained<'_>, rows: Range<usize>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for subject in rows {
        for row in rows_beside(explained, explained.results, subject) {
            let none = BaseRow::default();
            let beside = row.base.as_ref().unwrap_or(&none).cells();
            let more = if explained.base.is_some() { beside.len() } else { 0 };
            let cells = row.cells().into_iter().chain(beside.into_iter().take(more));
            writer.write_record(cells.map(safe).map(|cell| cell.as_bytes().to_vec()))?;
        }
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// Objects within the list of the document.
fn of_document(explained: &Explained<'_>, rows: Range<usize>, first: bool) -> io::Result<Vec<u8>> {
    let mut text = String::new();
    for at in rows {
        text.push_str(if first && at == 0 { "\"results\": [\n    " } else { ",\n    " });
        // Texts have no line breaks of their own in JSON.
        text.push_str(&serde_json::to_string_pretty(&SubjectDocument::of(explained, at))?.replace('\n', "\n    "));
    }
    Ok(text.into_bytes())
}

fn of_lines(explained: &Explained<'_>, rows: Range<usize>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for at in rows {
        serde_json::to_writer(&mut text, &SubjectDocument::of(explained, at))?;
        text.push(b'\n');
    }
    Ok(text)
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it.
pub(super) fn safe(cell: &str) -> std::borrow::Cow<'_, str> {
    let formula = starts_formula(cell) && cell.parse::<f64>().is_err();
    // The codes of totals and verdicts begin with @ by contract and hold nothing that could be run.
    let own = cell.starts_with('@') && cell.len() > 1 && cell.chars().skip(1).all(|c| c.is_ascii_lowercase());
    if formula && !own { format!("'{cell}").into() } else { cell.into() }
}

/// Everything of one run but its subjects.
#[derive(Serialize)]
struct Document<'a> {
    engine: &'static str,
    rubric: &'a str,
    version: Option<&'a str>,
    authority: Option<&'a str>,
    on: String,
    results: [(); 0],
    left_out: Vec<&'a str>,
}

impl<'a> Document<'a> {
    fn of_nobody(rubric: &'a Rubric, on: NaiveDate, left_out: &'a [Name]) -> Document<'a> {
        Document {
            engine: concat!("heng ", env!("CARGO_PKG_VERSION")),
            rubric: &rubric.name.it,
            version: rubric.version.as_deref(),
            authority: rubric.authority.as_deref(),
            on: on.to_string(),
            results: [],
            left_out: left_out.iter().map(|key| key.as_str()).collect(),
        }
    }
}

/// Everything of one subject.
#[derive(Serialize)]
struct SubjectDocument<'a> {
    rubric: &'a str,
    level: &'a str,
    subject: &'a str,
    group: Option<&'a str>,
    rows: Vec<ResultRow<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    derivation: Vec<Derivation>,
}

impl<'a> SubjectDocument<'a> {
    fn of(explained: &Explained<'a>, at: usize) -> Option<SubjectDocument<'a>> {
        let subject = explained.results.subjects.get(at)?;
        Some(SubjectDocument {
            rubric: &explained.rubric.name.it,
            level: &subject.kind,
            subject: &subject.key,
            group: subject.group.as_ref().map(|group| group.as_str()),
            rows: rows_beside(explained, explained.results, at),
            derivation: if explained.results.trace.is_empty() { Vec::new() } else { explain_all(explained, at) },
        })
    }
}
