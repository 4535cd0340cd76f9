//! CSV: from text to rows of cells with their lines.
//!
//! Commas, semicolons or tabs, whichever the header has most of; quoted cells may hold line breaks, and lines are still counted
//! as an editor counts them.
//! Not here: what a column means (`intake`), encodings (`file`), cutting a file into pieces (`pieces`).

use memchr::{memchr, memchr_iter, memchr2};

/// One row as it stands in the text, which is UTF-8.
#[derive(Clone, Copy)]
pub(super) struct CsvRow<'r> {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The byte after it.
    pub end: usize,
    /// The cells, each but the last with one byte behind it.
    pub cells: &'r [u8],
    /// Where each cell ends.
    pub ends: &'r [u32],
    /// As it is written, without its line break.
    pub raw: &'r [u8],
    pub separator: u8,
}

impl<'r> CsvRow<'r> {
    /// How many cells.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell; empty where the row has no such one.
    #[inline]
    pub(super) fn bytes(&self, at: usize) -> &'r [u8] {
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize + 1);
        self.cells.get(start..*end as usize).unwrap_or_default()
    }

    /// The text of a cell.
    pub(super) fn cell(&self, at: usize) -> &'r str {
        text(self.bytes(at))
    }

    /// Its cells.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'r str> {
        (0..self.len()).map(|at| self.cell(at))
    }

    /// Whether nothing is filled in.
    pub(super) fn is_empty(&self) -> bool {
        self.filled_from(0) == 0
    }

    /// Cells up to the last that is filled in.
    pub(super) fn filled(&self) -> usize {
        self.filled_from(0)
    }

    /// The same, or so many, if that is more.
    pub(super) fn filled_from(&self, least: usize) -> usize {
        let last = (least..self.len()).rev().find(|at| !self.cell(*at).trim().is_empty());
        last.map_or(least, |last| last + 1)
    }

    /// Lines that it takes.
    pub(super) fn lines(&self) -> usize {
        breaks(self.raw) + 1
    }

    /// Line and column, in characters, at which a cell begins. Only looked up for what is told.
    pub(super) fn place(&self, cell: usize) -> (usize, usize) {
        let (mut line, mut column, mut seen, mut quoted) = (self.line, 1, 0, false);
        if cell == 0 {
            return (line, column);
        }
        for c in text(self.raw).chars() {
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

/// Bytes of UTF-8 that were cut where ASCII stands.
pub(super) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("")
}

/// The rows of a text, one after the other.
pub(super) struct Rows<'t> {
    bytes: &'t [u8],
    separator: u8,
    /// Whether a quote stands anywhere.
    quotes: bool,
    /// Where the next row begins, or the blank lines before it.
    at: usize,
    /// The line there.
    line: usize,
    ends: Vec<u32>,
    unquoted: Vec<u8>,
}

impl<'t> Rows<'t> {
    /// The rows of a text that begins with a row, in this line of its file. It is UTF-8.
    pub(super) fn new(bytes: &'t [u8], separator: u8, line: usize) -> Rows<'t> {
        let quotes = memchr(b'"', bytes).is_some();
        Rows { bytes, separator, quotes, at: 0, line, ends: Vec::new(), unquoted: Vec::new() }
    }

    /// Leaves out so many bytes: the line in which Excel names the separator.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.line += breaks(self.bytes.get(self.at..self.at + bytes).unwrap_or_default());
        self.at += bytes;
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Option<CsvRow<'_>> {
        let bytes = self.bytes;
        // Blank lines are no rows.
        while let Some(byte @ (b'\n' | b'\r')) = bytes.get(self.at) {
            let half = *byte == b'\r' && bytes.get(self.at + 1) == Some(&b'\n');
            self.line += usize::from(!half);
            self.at += 1;
        }
        let rest = bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let first_line = rest.get(..length).unwrap_or_default();
        let (line, separator) = (self.line, self.separator);
        self.ends.clear();
        if !self.quotes || memchr(b'"', first_line).is_none() {
            separators(first_line, separator, &mut self.ends);
            let after = length + break_at(rest, length);
            self.at += after;
            self.line += usize::from(after > length);
            return Some(CsvRow { line, end: self.at, cells: first_line, ends: &self.ends, raw: first_line, separator });
        }
        let after = quoted_row(rest, separator, Some((&mut self.unquoted, &mut self.ends)));
        let whole = rest.get(..after).unwrap_or_default();
        self.at += after;
        self.line += breaks(whole);
        let raw = whole.len() - whole.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let raw = whole.get(..raw).unwrap_or_default();
        Some(CsvRow { line, end: self.at, cells: &self.unquoted, ends: &self.ends, raw, separator })
    }

    /// Goes back to where [`Rows::rest`] once was.
    pub(super) fn go_to(&mut self, (at, line): (usize, usize)) {
        (self.at, self.line) = (at, line);
    }

    /// What comes after the rows that were given, and the line there.
    pub(super) fn rest(&self) -> (usize, usize) {
        (self.at, self.line)
    }
}

/// How many bytes the line break takes that stands there.
fn break_at(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(_), _) => 1,
        (None, _) => 0,
    }
}

/// Where cells end in a row without quotes.
fn separators(row: &[u8], separator: u8, ends: &mut Vec<u32>) {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const LOW: u64 = u64::from_le_bytes([0x7F; 8]);
    let pattern = ONES * u64::from(separator);
    let mut chunks = row.chunks_exact(8);
    let mut at = 0;
    for chunk in &mut chunks {
        let word = chunk.try_into().map_or(0, u64::from_le_bytes) ^ pattern;
        // The high bit of each byte that is zero, and of no other.
        let mut found = !(((word & LOW) + LOW) | word | LOW);
        while found != 0 {
            ends.push(at + found.trailing_zeros() / 8);
            found &= found - 1;
        }
        at += 8;
    }
    for byte in chunks.remainder() {
        if *byte == separator {
            ends.push(at);
        }
        at += 1;
    }
    ends.push(at);
}

/// Where a row ends, with its line break; and its cells without their quotes, where they are asked for.
///
/// A quote opens a cell only where the cell begins, and two of them inside stand for one. What follows a closing quote belongs
/// to the cell as it stands.
pub(super) fn quoted_row(bytes: &[u8], separator: u8, mut cells: Option<(&mut Vec<u8>, &mut Vec<u32>)>) -> usize {
    if let Some((text, ends)) = &mut cells {
        text.clear();
        ends.clear();
    }
    let mut at = 0;
    loop {
        // One cell.
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let rest = bytes.get(at..).unwrap_or_default();
                let quote = memchr(b'"', rest).unwrap_or(rest.len());
                let doubled = rest.get(quote + 1) == Some(&b'"');
                if let Some((text, _)) = &mut cells {
                    text.extend_from_slice(rest.get(..quote + usize::from(doubled)).unwrap_or_default());
                }
                at += (quote + 1 + usize::from(doubled)).min(rest.len());
                if !doubled {
                    break;
                }
            }
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == separator || matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        at += length;
        let last = bytes.get(at) != Some(&separator);
        if let Some((text, ends)) = &mut cells {
            text.extend_from_slice(rest.get(..length).unwrap_or_default());
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            if !last {
                text.push(separator);
            }
        }
        if last {
            return at + break_at(bytes, at);
        }
        at += 1;
    }
}

/// Line breaks, where `\r\n` is one.
pub(super) fn breaks(bytes: &[u8]) -> usize {
    let newlines = memchr_iter(b'\n', bytes).count();
    let lone = memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    newlines + lone
}

/// What separates cells, and how many bytes stand before the header: Excel may begin a file with a line `sep=;`.
pub(super) fn separator(text: &[u8]) -> (usize, u8) {
    let start = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let rest = text.get(start..).unwrap_or_default();
    let header = rest.get(..memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())).unwrap_or_default();
    if let [b's', b'e', b'p', b'=', separator @ (b',' | b';' | b'\t')] = header {
        return (start + header.len(), *separator);
    }
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in header {
        quoted ^= *byte == b'"';
        counts.iter_mut().filter(|(separator, _)| separator == byte && !quoted).for_each(|(_, count)| *count += 1);
    }
    // The first of those that are most frequent.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    (0, most.map_or(b',', |(separator, _)| *separator))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::csv::{ReaderBuilder, StringRecord};
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<(usize, usize, Vec<String>)> {
        let (skipped, separator) = separator(text.as_bytes());
        let mut reader = Rows::new(text.as_bytes(), separator, 1);
        reader.skip(skipped);
        let mut rows = Vec::new();
        while let Some(row) = reader.next() {
            rows.push((row.line, row.lines(), row.iter().map(str::to_owned).collect()));
        }
        rows
    }
    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        all(text).into_iter().map(|(line, _, cells)| (line, cells)).collect()
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
        let mut reader = Rows::new("甲,\"乙\n,丙\",丁\n".as_bytes(), b',', 1);
        let row = reader.next();
        assert!(row.is_some_and(|row| {
            assert_eq!((row.place(0), row.place(1), row.place(2)), ((1, 1), (1, 3), (2, 5)));
            assert_eq!((row.lines(), row.filled(), row.is_empty()), (2, 3, false));
            row.cell(3).is_empty()
        }));
    }

    /// What the `csv` crate makes of a text.
    fn expected(text: &str, separator: u8) -> Vec<Vec<String>> {
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
        let mut cells = StringRecord::new();
        let mut rows = Vec::new();
        while let Ok(true) = reader.read_record(&mut cells) {
            rows.push(cells.iter().map(str::to_owned).collect());
        }
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn rows_are_those_of_every_other_reader(text in "(,|,|;|\"|\"|\"\"|\n|\n|\r\n|\r|甲|１|a|12345678,123456789|0\\.5| ){0,30}") {
            let (skipped, separator) = separator(text.as_bytes());
            prop_assert_eq!(skipped, 0);
            let found = all(&text);
            prop_assert_eq!(found.iter().map(|(_, _, cells)| cells.clone()).collect::<Vec<_>>(), expected(&text, separator));
            // Each row begins after the line where the one before it ends.
            prop_assert!(found.windows(2).all(|pair| matches!(pair, [a, b] if a.0 + a.1 <= b.0)));
        }
    }
}
