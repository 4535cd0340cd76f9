//! CSV: from text to rows of cells with their lines.
//!
//! Commas, semicolons or tabs, whichever the header has most of; quoted cells may hold line breaks, and lines are still counted
//! as an editor counts them.
//! Not here: what a column means (`intake`), encodings (`file`).

use ::csv::{ReaderBuilder, StringRecord};

/// One row as it stands in the text.
pub(super) struct CsvRow<'r> {
    /// Its cells.
    pub cells: &'r StringRecord,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The byte after it, for progress.
    pub end: usize,
    raw: &'r str,
    separator: u8,
}

impl CsvRow<'_> {
    /// Whether nothing is filled in.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Cells up to the last that is filled in.
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()).last().map_or(0, |(last, _)| last + 1)
    }

    /// Lines that it takes.
    pub(super) fn lines(&self) -> usize {
        breaks(self.raw) + 1
    }

    /// Line and column, in characters, at which a cell begins. Only looked up for what is told.
    pub(super) fn place(&self, cell: usize) -> (usize, usize) {
        let (mut line, mut column, mut seen, mut quoted) = (self.line, 1, 0, false);
        for c in self.raw.chars() {
            if seen == cell {
                break;
            }
            match c {
                '"' => quoted = !quoted,
                c if !quoted && c == char::from(self.separator) => seen += 1,
                _ => {}
            }
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        (line, column)
    }
}

/// Gives each row of `text` to `take`, the header first, until it says to stop.
pub(super) fn each_row(text: &str, mut take: impl FnMut(&CsvRow<'_>) -> bool) {
    let (skipped, separator) = separator(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .buffer_capacity(1 << 16)
        .from_reader(text.as_bytes().get(skipped..).unwrap_or_default());
    let mut cells = StringRecord::new();
    let (mut counted, mut line) = (0, 1);
    // The text is UTF-8 and rows may be of any length: there is nothing left that could be an error.
    while let Ok(true) = reader.read_record(&mut cells) {
        let at = |byte: u64| skipped + usize::try_from(byte).unwrap_or(0);
        let start = cells.position().map_or(0, |position| at(position.byte()));
        let end = at(reader.position().byte());
        let whole = text.get(start..end).unwrap_or("");
        // Blank lines that were passed over still stand before the row.
        let raw = whole.trim_start_matches(['\r', '\n']);
        let begin = start + whole.len() - raw.len();
        line += breaks(text.get(counted..begin).unwrap_or(""));
        counted = begin;
        let raw = raw.trim_end_matches(['\r', '\n']);
        if !take(&CsvRow { cells: &cells, line, end, raw, separator }) {
            break;
        }
    }
}

/// Line breaks, where `\r\n` is one.
fn breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let newlines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let lone = if bytes.contains(&b'\r') {
        let next = bytes.iter().skip(1).chain(std::iter::once(&0));
        bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\r' && **next != b'\n').count()
    } else {
        0
    };
    newlines + lone
}

/// What separates cells, and how many bytes stand before the header: Excel may begin a file with a line `sep=;`.
fn separator(text: &str) -> (usize, u8) {
    let start = text.len() - text.trim_start_matches(['\r', '\n']).len();
    let rest = text.get(start..).unwrap_or("");
    let header = rest.split(['\r', '\n']).next().unwrap_or("");
    if let [b's', b'e', b'p', b'=', separator @ (b',' | b';' | b'\t')] = header.as_bytes() {
        return (start + header.len(), *separator);
    }
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|(separator, _)| *separator == byte && !quoted).for_each(|(_, count)| *count += 1);
    }
    // The first of those that are most frequent.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    (0, most.map_or(b',', |(separator, _)| *separator))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        let mut rows = Vec::new();
        each_row(text, |row| {
            rows.push((row.line, row.cells.iter().map(str::to_owned).collect()));
            true
        });
        rows
    }
    fn lines(text: &str) -> Vec<usize> {
        rows(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        assert_eq!(lines("a,b\n1,\"x\ny\"\n2,z\n"), [1, 2, 4]);
        assert_eq!(lines("a,b\r\n1,\"x\r\ny\"\r\n\r\n2,z\r\n"), [1, 2, 5]);
        assert_eq!(lines("\n\na,b\n\n\n1,2"), [3, 6]);
        assert_eq!(lines("a\r1\r2\r"), [1, 2, 3]);
    }

    #[test]
    fn the_separator_is_the_one_of_the_header() {
        for text in ["甲,乙\n1;2,3", "甲;乙\n1;2", "甲\t乙\n1\t2", "sep=;\r\n甲;乙", "\"甲;;\",乙"] {
            assert!(rows(text).iter().all(|(_, cells)| cells.len() == 2), "{text}");
        }
        assert_eq!(rows("甲\n1"), [(1, vec!["甲".to_owned()]), (2, vec!["1".to_owned()])]);
        assert_eq!(lines("sep=;\r\n甲;乙\r\n1;2"), [2, 3]);
    }

    #[test]
    fn cells_are_found_again() {
        each_row("甲,\"乙\n,丙\",丁\n", |row| {
            assert_eq!((row.place(0), row.place(1), row.place(2)), ((1, 1), (1, 3), (2, 5)));
            assert_eq!(row.lines(), 2);
            true
        });
    }
}
