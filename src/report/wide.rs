//! The wide table (宽表): one row a subject, with what its rubric comes to.
//!
//! Of a rubric by points its sections and total, of another one the values of its indicators; then the verdicts, and why there is
//! none where there is none. Rows are written in parallel and stand in the order of the subjects.

use super::write::safe;
use crate::diag::Lang;
use crate::eval::{Reader, Sheet, Shown, Table};
use crate::model::{Aspect, Rubric, Slot};
use rayon::prelude::*;
use std::io::{self, Write};

/// So many rows are written as one piece.
const PIECE: usize = 2_048;
/// So many pieces lie in memory at a time.
const WAVE: usize = 32;

/// A column: its head, what stands in it, and to how many decimals.
#[derive(Clone, Debug)]
pub struct WideColumn {
    /// The code of a section or indicator; `total`, `grade`, `conclusion`.
    pub head: String,
    /// The result.
    pub slot: Slot,
    /// Decimals; `None`: as many as the number has, at most six.
    pub places: Option<u32>,
}

/// The columns of a rubric.
pub fn wide_columns(rubric: &Rubric) -> Vec<WideColumn> {
    let mut columns = Vec::new();
    let mut put = |head: &str, slot: Slot, places: Option<u32>| columns.push(WideColumn { head: head.to_owned(), slot, places });
    if rubric.by_points() {
        for (at, section) in rubric.sections.iter().enumerate() {
            put(&section.code.it, Slot::SectionScore(at), rubric.total_places());
        }
        put("total", Slot::Total, rubric.total_places());
    } else {
        for (at, indicator) in rubric.indicators.iter().enumerate().filter(|(_, indicator)| indicator.value.is_some()) {
            put(&indicator.code.it, Slot::Indicator(at, Aspect::Value), indicator.decimals);
        }
    }
    if rubric.grade.is_some() {
        put("grade", Slot::Grade, None);
    }
    if rubric.conclusion.is_some() {
        put("conclusion", Slot::Conclusion, None);
    }
    columns
}

/// Writes the rows of submissions as CSV.
///
/// # Errors
/// Whatever `to` answers.
pub fn wide_subjects(
    reader: &Reader<'_>,
    table: &Table,
    sheet: &Sheet,
    columns: &[WideColumn],
    lang: Lang,
    to: &mut dyn Write,
) -> io::Result<()> {
    head(&["subject"], columns, to)?;
    let shown = shown(reader, columns, false);
    let line = |at: usize, text: &mut String| {
        let Some(row) = sheet.row(at) else { return };
        cell(table.key(row), text);
        cells(&shown, row, lang, text);
    };
    pieces(sheet.len(), line, to)
}

/// Writes the rows of groups as CSV.
///
/// # Errors
/// Whatever `to` answers.
pub fn wide_groups(reader: &Reader<'_>, sheet: &Sheet, columns: &[WideColumn], lang: Lang, to: &mut dyn Write) -> io::Result<()> {
    head(&["level", "subject"], columns, to)?;
    let shown = shown(reader, columns, true);
    let line = |at: usize, text: &mut String| {
        let Some((kind, name)) = sheet.group(at) else { return };
        cell(kind.as_str(), text);
        text.push(',');
        cell(name.as_str(), text);
        cells(&shown, at, lang, text);
    };
    pieces(sheet.groups(), line, to)
}

fn head(first: &[&str], columns: &[WideColumn], to: &mut dyn Write) -> io::Result<()> {
    let mut text = String::from("\u{FEFF}");
    for (at, name) in first.iter().copied().chain(columns.iter().map(|column| column.head.as_str())).chain(["note"]).enumerate() {
        if at > 0 {
            text.push(',');
        }
        cell(name, &mut text);
    }
    text.push('\n');
    to.write_all(text.as_bytes())
}

fn shown<'r>(reader: &'r Reader<'r>, columns: &[WideColumn], of_groups: bool) -> Vec<Shown<'r>> {
    columns.iter().enumerate().map(|(output, column)| reader.shown(output, of_groups, column.places)).collect()
}

fn cells(columns: &[Shown<'_>], row: usize, lang: Lang, text: &mut String) {
    let mut notes: Vec<String> = Vec::new();
    for column in columns {
        text.push(',');
        let start = text.len();
        match column.write(row, text) {
            // A number below zero is no formula.
            Ok(()) if column.is_number() || text.get(start..).is_none_or(|text| as_it_is(text.strip_prefix('-').unwrap_or(text))) => {}
            Ok(()) => {
                let word = text.split_off(start);
                cell(&word, text);
            }
            Err(gap) => {
                let why = gap.say(lang);
                if !notes.contains(&why) {
                    notes.push(why);
                }
            }
        }
    }
    text.push(',');
    if !notes.is_empty() {
        cell(&notes.join("; "), text);
    }
    text.push('\n');
}

/// Whether a text needs no quotes, and no spreadsheet takes it for a formula: it begins with a letter or digit.
fn as_it_is(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_none_or(|first| first.is_ascii_alphanumeric() || first >= 0x80)
        && !bytes.any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
}

/// One cell of a CSV file.
fn cell(text: &str, to: &mut String) {
    if as_it_is(text) {
        return to.push_str(text);
    }
    let text = safe(text);
    if text.contains([',', '"', '\n', '\r']) {
        to.push('"');
        to.push_str(&text.replace('"', "\"\""));
        to.push('"');
    } else {
        to.push_str(&text);
    }
}

/// Lines in their order, some thousands at a time made in parallel.
fn pieces(count: usize, line: impl Fn(usize, &mut String) + Sync, to: &mut dyn Write) -> io::Result<()> {
    let piece = |start: usize| {
        let mut text = String::new();
        (start..count.min(start + PIECE)).for_each(|at| line(at, &mut text));
        text
    };
    if count <= PIECE {
        return to.write_all(piece(0).as_bytes());
    }
    let starts: Vec<usize> = (0..count).step_by(PIECE).collect();
    let mut waves = starts.chunks(WAVE);
    let make = |wave: &[usize]| wave.par_iter().map(|start| piece(*start)).collect::<Vec<String>>();
    let mut texts = waves.next().map(make);
    let mut written = Ok(());
    // One wave is written while the next one is made.
    while let (Some(ready), Ok(())) = (texts.take(), &written) {
        let next = waves.next();
        rayon::in_place_scope(|scope| {
            let texts = &mut texts;
            scope.spawn(move |_| *texts = next.map(make));
            written = ready.iter().try_for_each(|text| to.write_all(text.as_bytes()));
        });
    }
    written
}
