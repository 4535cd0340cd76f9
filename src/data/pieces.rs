//! Pieces of a CSV file (分块): some megabytes each, cut where rows end, so that several can be read at the same time.
//!
//! Not here: what stands in a piece (`csv`, `batch`), whole files (`file`).

use super::csv::{Rows, breaks, quoted_row, separator};
use super::file::LONGEST_LINE;
use super::heading::MOST_ROWS;
use memchr::{memchr, memrchr, memrchr2};
use std::io::{ErrorKind, Read};

/// One piece, in the buffer that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its number, from 0.
    pub number: usize,
    /// The line on which it begins, from 1, and how many line breaks it has.
    pub line: usize,
    pub lines: usize,
    /// How many bytes it has, and how many it and those before it have.
    pub length: usize,
    pub end: u64,
}

/// Why a source cannot be read piece by piece: it must be looked at whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotInPieces;

/// Cuts a source into pieces.
pub(super) struct Pieces<R> {
    source: R,
    size: usize,
    /// Whether a row that is longer than any line may be is refused.
    strict: bool,
    /// What separates cells, and the bytes before the header; known with the first piece.
    pub separator: u8,
    pub skipped: usize,
    /// The beginning of the next piece, which came with the last one.
    left: Vec<u8>,
    ended: bool,
    next: Piece,
}

impl<R: Read> Pieces<R> {
    /// Pieces of about `size` bytes.
    pub(super) fn new(source: R, size: usize, strict: bool) -> Pieces<R> {
        let next = Piece { number: 0, line: 1, lines: 0, length: 0, end: 0 };
        Pieces { source, size: size.max(1), strict, separator: b',', skipped: 0, left: Vec::new(), ended: false, next }
    }

    /// The number of the next piece, if there is one.
    pub(super) fn number(&self) -> usize {
        self.next.number
    }

    /// Puts the next piece in the place of what `buffer` holds; `None` at the end.
    ///
    /// # Errors
    /// The source fails, or has a row that is too long.
    pub(super) fn next(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Piece>, NotInPieces> {
        // Most buffers come back as long as they are needed, and are not filled with zeros again.
        let mut filled = self.left.len();
        buffer.resize(buffer.len().max(self.size).max(filled), 0);
        buffer.get_mut(..filled).into_iter().for_each(|start| start.copy_from_slice(&self.left));
        self.left.clear();
        let mut wanted = buffer.len();
        let cut = loop {
            while filled < wanted && !self.ended {
                let count = match self.source.read(buffer.get_mut(filled..wanted).unwrap_or_default()) {
                    Ok(count) => count,
                    Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
                    Err(_) => return Err(NotInPieces),
                };
                filled += count;
                self.ended = count == 0;
            }
            let bytes = buffer.get(..filled).unwrap_or_default();
            if self.ended {
                if self.next.number == 0 {
                    (self.skipped, self.separator) = separator(bytes);
                }
                break filled;
            }
            if let Some(cut) = self.cut(bytes) {
                break cut;
            }
            if self.strict && filled > LONGEST_LINE + self.size {
                return Err(NotInPieces);
            }
            wanted = filled * 2;
            buffer.resize(wanted, 0);
        };
        let bytes = buffer.get(..cut).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(None);
        }
        let piece = Piece { lines: breaks(bytes), length: cut, end: self.next.end + cut as u64, ..self.next };
        self.next = Piece { number: piece.number + 1, line: piece.line + piece.lines, ..piece };
        self.left.extend_from_slice(buffer.get(cut..filled).unwrap_or_default());
        Ok(Some(piece))
    }

    /// Where `bytes` may be cut, if anywhere: of the first piece behind all rows among which the header is looked for.
    fn cut(&mut self, bytes: &[u8]) -> Option<usize> {
        let cut = self.last_row(bytes)?;
        if self.next.number > 0 {
            return Some(cut);
        }
        let mut rows = Rows::new(bytes.get(..cut)?, self.separator, 1);
        rows.skip(self.skipped);
        let mut seen = 0;
        while seen < MOST_ROWS
            && let Some(row) = rows.next()
        {
            seen += usize::from(!row.is_empty());
        }
        (seen == MOST_ROWS).then_some(cut)
    }

    /// Behind the last row that surely ends in `bytes`, if one does.
    fn last_row(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.next.number == 0 {
            // The header says what separates cells, and must be there for that.
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            memrchr2(b'\n', b'\r', bytes.get(blank..).unwrap_or_default())?;
            (self.skipped, self.separator) = separator(bytes);
        }
        let Some(first_quote) = memchr(b'"', bytes) else { return last_break(bytes) };
        // Up to the quote a line is a row; from there on rows are followed one by one.
        let mut start = last_break(bytes.get(..first_quote).unwrap_or_default()).unwrap_or(0);
        let mut cut = Some(start).filter(|start| *start > 0);
        loop {
            let rest = bytes.get(start..).unwrap_or_default();
            let Some(quote) = memchr(b'"', rest) else { return last_break(rest).map(|end| start + end).or(cut) };
            let row = memrchr(b'\n', rest.get(..quote).unwrap_or_default()).map_or(0, |newline| newline + 1);
            start += row;
            let rest = rest.get(row..).unwrap_or_default();
            let length = quoted_row(rest, self.separator, None);
            // A row that ends with the bytes may go on in what follows them.
            if length == rest.len() {
                return Some(start).filter(|start| *start > 0).or(cut);
            }
            start += length;
            cut = Some(start);
        }
    }
}

/// Behind the last line break, where no cell is quoted. One at the very end that may be half of a `\r\n` does not count.
fn last_break(bytes: &[u8]) -> Option<usize> {
    match memrchr2(b'\n', b'\r', bytes)? {
        at if bytes.get(at) == Some(&b'\n') || at + 1 < bytes.len() => Some(at + 1),
        at => memrchr2(b'\n', b'\r', bytes.get(..at).unwrap_or_default()).map(|at| at + 1),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::csv::Rows;
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str, pieces: &[(usize, &str)], separator: u8, skipped: usize) -> Vec<(usize, Vec<String>)> {
        let mut all = Vec::new();
        for (at, (line, piece)) in pieces.iter().enumerate() {
            let mut reader = Rows::new(piece.as_bytes(), separator, *line);
            reader.skip(if at == 0 { skipped } else { 0 });
            while let Some(row) = reader.next() {
                all.push((row.line, row.iter().map(str::to_owned).collect()));
            }
        }
        assert_eq!(pieces.iter().map(|(_, piece)| *piece).collect::<String>(), text);
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn pieces_have_the_rows_of_the_whole(
            text in "(sep=;\r\n)?(,|,|;|\"|\"|\"\"|\n|\n|\r\n|\r|甲|１|a|12345678| ){0,60}",
            size in 1_usize..40,
        ) {
            let mut source = Pieces::new(text.as_bytes(), size, false);
            let (mut buffer, mut pieces, mut end) = (Vec::new(), Vec::new(), 0);
            while let Some(piece) = source.next(&mut buffer).unwrap() {
                end += piece.length as u64;
                assert_eq!((piece.number, piece.end), (pieces.len(), end));
                pieces.push((piece.line, String::from_utf8(buffer.get(..piece.length).unwrap().to_vec()).unwrap()));
            }
            let pieces: Vec<(usize, &str)> = pieces.iter().map(|(line, piece)| (*line, piece.as_str())).collect();
            let whole = rows(&text, &[(1, text.as_str())].into_iter().filter(|_| !text.is_empty()).collect::<Vec<_>>(), source.separator, source.skipped);
            prop_assert_eq!(rows(&text, &pieces, source.separator, source.skipped), whole);
        }
    }

    #[test]
    fn a_row_beyond_all_limits_is_not_collected() {
        let endless = std::io::repeat(b'x');
        assert_eq!(Pieces::new(endless, 1 << 16, true).next(&mut Vec::new()), Err(NotInPieces));
    }
}
