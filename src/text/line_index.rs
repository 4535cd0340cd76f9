//! Lines and columns of byte offsets.

/// Where something stands, as people count (行列号): from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters: 汉字 count one each, as in an editor's status line.
    pub column: usize,
}

/// Finds lines by byte offset; built once a text.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    source: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    /// Reads where the lines of `source` begin.
    pub fn new(source: &'t str) -> LineIndex<'t> {
        let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        LineIndex { source, starts }
    }

    /// The line and column of the byte at `offset`; past the end it is the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.source.len());
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.source.get(start..offset).unwrap_or("");
        Position { line, column: before.chars().count() + 1 }
    }

    /// The byte offset of a line and column counted in characters, as scripts report them.
    pub fn offset(&self, position: Position) -> usize {
        let start = self.starts.get(position.line.saturating_sub(1)).copied().unwrap_or(self.source.len());
        let rest = self.source.get(start..).unwrap_or("");
        let within = rest.char_indices().nth(position.column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        start + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_offsets_go_back() {
        let index = LineIndex::new("甲乙\n丙 x\n");
        let x = "甲乙\n丙 ".len();
        assert_eq!(index.position(x), Position { line: 2, column: 3 });
        assert_eq!(index.offset(Position { line: 2, column: 3 }), x);
        assert_eq!(index.position(999), Position { line: 3, column: 1 });
    }
}
