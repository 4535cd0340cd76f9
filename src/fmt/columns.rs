//! What stands in columns (对齐), by the width that it has on a screen: a 汉字 is two columns wide.

use super::lines::Line;
use crate::text::width::columns;

/// A cell or line that is wider by more than this than the narrowest beside it stays out of the column.
const FARTHEST: usize = 40;

/// Writes the lines out, aligned.
pub(super) fn write(lines: &[Line]) -> String {
    let mut texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
    let mut from = 0;
    while from < lines.len() {
        let end = run(lines, from);
        align(lines.get(from..end).unwrap_or_default(), texts.get_mut(from..end).unwrap_or_default());
        from = end;
    }
    let margins = margins(lines, &texts);
    let mut out = String::new();
    for ((line, text), margin) in lines.iter().zip(&texts).zip(margins) {
        if line.blank {
            out.push('\n');
        }
        if !text.is_empty() {
            out.extend(std::iter::repeat_n(' ', line.indent));
            out.push_str(text);
        }
        if let Some(comment) = &line.comment {
            out.extend(std::iter::repeat_n(' ', margin));
            out.push_str(comment);
        }
        out.push('\n');
    }
    out
}

/// Where the lines end that are aligned with the one at `from`; comments between them do not part them, blank lines do.
fn run(lines: &[Line], from: usize) -> usize {
    let Some(like) = lines.get(from).and_then(|line| line.like.as_ref()) else { return from + 1 };
    let more =
        lines.iter().enumerate().skip(from + 1).take_while(|(_, line)| !line.blank && (line.remark || line.like.as_ref() == Some(like)));
    more.filter(|(_, line)| !line.remark).last().map_or(from, |(at, _)| at) + 1
}

/// Aligns the cells of a run, column by column.
fn align(lines: &[Line], texts: &mut [String]) {
    // How far the cells of each line have moved.
    let mut moved = vec![0_usize; lines.len()];
    // Where the cell before ends, in bytes and columns.
    let most = lines.iter().map(|line| line.cells.len()).max().unwrap_or(0);
    for column in 0..most {
        let width = |line: &Line, text: &str, moved: usize| {
            let end = line.cells.get(column)? + moved;
            text.get(..end).map(columns)
        };
        let widths: Vec<Option<usize>> =
            lines.iter().zip(texts.iter()).zip(&moved).map(|((line, text), moved)| width(line, text, *moved)).collect();
        let narrowest = widths.iter().flatten().min().copied().unwrap_or(0);
        let near = |width: &usize| *width <= narrowest + FARTHEST;
        let widest = widths.iter().flatten().copied().filter(near).max().unwrap_or(0);
        for (((line, text), moved), width) in lines.iter().zip(texts.iter_mut()).zip(moved.iter_mut()).zip(&widths) {
            let (Some(at), Some(width)) = (line.cells.get(column), width.filter(near)) else { continue };
            text.insert_str(at + *moved, &" ".repeat(widest - width));
            *moved += widest - width;
        }
    }
}

/// How many blanks stand before the comment at the end of each line: two, or more where comments below each other align.
fn margins(lines: &[Line], texts: &[String]) -> Vec<usize> {
    let mut margins = vec![2; lines.len()];
    let mut from = 0;
    while let Some(first) = lines.get(from) {
        let more = lines.iter().skip(from + 1).take_while(|line| !line.blank && line.comment.is_some() && line.indent == first.indent);
        let end = from + 1 + if first.comment.is_some() { more.count() } else { 0 };
        let widths: Vec<usize> = texts.get(from..end).unwrap_or_default().iter().map(|text| columns(text)).collect();
        let narrowest = widths.iter().min().copied().unwrap_or(0);
        let widest = widths.iter().copied().filter(|width| *width <= narrowest + FARTHEST).max().unwrap_or(0);
        for (margin, width) in margins.iter_mut().skip(from).zip(widths) {
            *margin += widest.saturating_sub(width);
        }
        from = end;
    }
    margins
}
