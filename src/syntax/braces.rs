//! Braces that were forgotten or are one too many (花括号的补正), found by the indentation where braces do not pair up.
//!
//! A lost brace is noticed far from where it belongs: with the next statement that cannot stand there, or at the end of the text. But authors indent, so
//! where the braces of a text do not pair up, the line that does not fit its indentation shows where. It is mended for the grammar, in the bytes of the
//! laid text and without moving any, so that the rest reads as it was meant. Texts that are not indented are left alone.
//! Not here: the words (`mend`).

use super::keywords::keyword;
use super::layout::FOLDED;
use crate::text::{Span, TextId};

/// A brace that was mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mended {
    /// A `}` should stand before this, for the `{` there.
    LostClose { open: usize, before: usize },
    /// A `{` should stand here, at the end of what opens a block.
    LostOpen { at: usize },
    /// This `}` closes nothing.
    Stray(Span),
    /// A `{` is lacking on the line that this `}` ends: the line is read as one piece, and told of as such.
    Inline { at: usize },
}

/// The most that are mended in one text.
const MOST: usize = 8;

/// A line that says something.
#[derive(Clone, Copy)]
struct Line {
    /// Its first byte, blanks left out.
    start: usize,
    /// The line's end behind it.
    end: usize,
    indent: usize,
}

/// Mends `out`; also gives back the `{` that nothing closes then.
pub(super) fn mend(out: &mut [u8], mut braces: Vec<(usize, bool)>, text: TextId) -> (Vec<Mended>, Vec<usize>) {
    let mut mended = Vec::new();
    let lines = lines(out);
    while mended.len() < MOST {
        let (lost, stray) = balance(&braces);
        if lost == 0 && stray == 0 || !indented(&lines, &braces, lost) {
            break;
        }
        let Some(one) = (if lost >= stray { lost_close(out, &lines, &braces) } else { stray_close(out, &lines, &braces, text) }) else {
            break;
        };
        apply(out, &mut braces, &lines, one);
        mended.push(one);
    }
    let mut open = Vec::new();
    for (at, opens) in braces {
        if opens {
            open.push(at);
        } else {
            open.pop();
        }
    }
    (mended, open)
}

/// How many `{` are not closed, and how many `}` close nothing.
fn balance(braces: &[(usize, bool)]) -> (usize, usize) {
    braces.iter().fold((0, 0), |(open, stray), (_, opens)| match (opens, open) {
        (true, _) => (open + 1, stray),
        (false, 0) => (0, stray + 1),
        (false, _) => (open - 1, stray),
    })
}

fn lines(out: &[u8]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in out.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).chain([out.len()]) {
        let line = out.get(start..end).unwrap_or_default();
        if let Some(indent) = line.iter().position(|byte| *byte != b' ' && *byte != FOLDED) {
            lines.push(Line { start: start + indent, end, indent });
        }
        start = end + 1;
    }
    lines
}

/// The place of the line that a byte stands in.
fn line_of(lines: &[Line], at: usize) -> usize {
    lines.partition_point(|line| line.start <= at).saturating_sub(1)
}

/// The braces of a line.
fn inside<'b>(line: &Line, braces: &'b [(usize, bool)]) -> &'b [(usize, bool)] {
    let from = braces.partition_point(|(at, _)| *at < line.start);
    let to = braces.partition_point(|(at, _)| *at < line.end);
    braces.get(from..to).unwrap_or_default()
}

/// Whether what stands in a block is indented: below nine of ten lines that open one, those aside that only seem to for want of a `}`.
fn indented(lines: &[Line], braces: &[(usize, bool)], lost: usize) -> bool {
    let opening = lines.iter().zip(lines.iter().skip(1)).filter(|(line, _)| matches!(inside(line, braces).last(), Some((_, true))));
    let (all, deeper) = opening.fold((0, 0), |(all, deeper), (line, next)| (all + 1, deeper + usize::from(next.indent > line.indent)));
    deeper > 0 && (deeper + lost) * 10 >= all * 9
}

/// The first line that is no deeper than the head of the block that it would stand in.
fn lost_close(out: &[u8], lines: &[Line], braces: &[(usize, bool)]) -> Option<Mended> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if let Some((at, head)) = open.last().copied()
            && let Some(head) = lines.get(head)
        {
            let closes = out.get(line.start) == Some(&b'}');
            let before = number.checked_sub(1).and_then(|before| lines.get(before));
            let room = before.is_some_and(|before| out.get(before.end) == Some(&b'\n'));
            if room && (line.indent < head.indent || line.indent == head.indent && !closes) {
                return Some(Mended::LostClose { open: at, before: line.start });
            }
        }
        for (at, opens) in inside(line, braces) {
            if *opens {
                open.push((*at, number));
            } else {
                open.pop();
            }
        }
    }
    None
}

/// The first `}` that does not fit the line of the `{` that it would close.
fn stray_close(out: &[u8], lines: &[Line], braces: &[(usize, bool)], text: TextId) -> Option<Mended> {
    let mut open: Vec<usize> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        for (at, opens) in inside(line, braces) {
            if *opens {
                open.push(number);
                continue;
            }
            let first = *at == line.start;
            let Some(head) = open.pop().and_then(|head| lines.get(head)) else {
                return lost_open(out, lines, braces, number).filter(|_| first);
            };
            let elsewhere = head.start != line.start;
            if elsewhere && first && line.indent > head.indent {
                return Some(lost_open(out, lines, braces, number).unwrap_or(Mended::Stray(Span::new(text, *at, *at + 1))));
            }
            // A `}` at the end of its line closes what was opened there.
            if elsewhere && !first {
                return Some(Mended::Inline { at: *at });
            }
        }
    }
    None
}

/// Whether the `}` that begins a line has its head above, only without the `{`.
fn lost_open(out: &[u8], lines: &[Line], braces: &[(usize, bool)], number: usize) -> Option<Mended> {
    let close = lines.get(number)?;
    let above = (0..number).rev().find(|above| lines.get(*above).is_some_and(|line| line.indent <= close.indent))?;
    let head = lines.get(above)?;
    let bare = inside(head, braces).is_empty() && out.get(head.end) == Some(&b'\n') && opens(out.get(head.start..head.end)?);
    (head.indent == close.indent && bare && above + 1 < number).then_some(Mended::LostOpen { at: head.end })
}

/// Whether a line is the head of a block, by its words.
fn opens(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let mut words = line.split([' ', char::from(FOLDED)]).filter(|word| !word.is_empty());
    let spelt = |rules: &[&str], word: &str| {
        rules.iter().filter_map(|rule| keyword(rule)).any(|known| known.english == word || known.chinese == word)
    };
    let first = words.next().unwrap_or("");
    // Of these only some have a block.
    if spelt(&["kw_target", "kw_tighten"], first) {
        return words.any(|word| spelt(&["kw_by", "kw_grade", "kw_conclusion"], word));
    }
    spelt(HEADS, first) || spelt(&["kw_score"], first) && words.any(|word| spelt(WAYS, word))
}

const HEADS: &[&str] = &[
    "kw_form",
    "kw_part",
    "kw_rubric",
    "kw_test",
    "kw_section",
    "kw_indicator",
    "kw_bonus",
    "kw_penalty",
    "kw_each",
    "kw_given",
    "kw_expect",
    "kw_grade",
    "kw_conclusion",
    "kw_exception",
    "kw_replace",
    "kw_add",
    "kw_split",
    "kw_highest",
];
const WAYS: &[&str] = &["kw_bands", "kw_linear", "kw_deduct", "kw_checklist", "kw_first", "kw_levels"];

/// Writes the brace, or blanks it.
fn apply(out: &mut [u8], braces: &mut Vec<(usize, bool)>, lines: &[Line], mended: Mended) {
    fn write(out: &mut [u8], at: usize, byte: u8) {
        if let Some(place) = out.get_mut(at) {
            *place = byte;
        }
    }
    match mended {
        Mended::LostClose { before, .. } => {
            if let Some(at) = line_of(lines, before).checked_sub(1).and_then(|above| lines.get(above)).map(|above| above.end) {
                write(out, at, b'}');
                braces.push((at, false));
            }
        }
        Mended::LostOpen { at } => {
            write(out, at, b'{');
            braces.push((at, true));
        }
        Mended::Stray(span) => {
            write(out, span.start as usize, b' ');
            braces.retain(|(at, _)| *at != span.start as usize);
        }
        Mended::Inline { at } => {
            let line = lines.get(line_of(lines, at)).map_or(0..0, |line| line.start..line.end);
            let parts: Vec<usize> = line.filter(|at| out.get(*at) == Some(&b';')).collect();
            for place in parts.into_iter().chain([at]) {
                if let Some(byte) = out.get_mut(place) {
                    *byte = b' ';
                }
            }
            braces.retain(|(brace, _)| *brace != at);
        }
    }
    braces.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::super::layout::lay_out;
    use super::*;
    use crate::text::Texts;

    fn mended(source: &str) -> (String, Vec<Mended>) {
        let text = Texts::new().add("x.heng", source);
        let layout = lay_out(&text);
        assert_eq!(layout.text.len(), source.len());
        (layout.text, layout.braces)
    }

    #[test]
    fn a_lost_close_is_put_where_the_indentation_ends() {
        let (text, braces) = mended("a {\n  b {\n    c\n  d {\n    e\n  }\n}\n");
        assert_eq!(text, "a {\n  b {\n    c}  d {\n    e\n  }\n}\n");
        assert_eq!(braces, [Mended::LostClose { open: 8, before: 18 }]);
        // Of few blocks one that seems to be open says nothing against the others.
        let (text, _) = mended("a {\n  b { c\n  d {\n    e\n  }\n}\n");
        assert_eq!(text, "a {\n  b { c}  d {\n    e\n  }\n}\n");
        let (text, _) = mended("a {\n  b {\n    c\n}\nd {\n  e\n}\n");
        assert_eq!(text, "a {\n  b {\n    c}}\nd {\n  e\n}\n");
    }

    #[test]
    fn a_lost_open_is_put_behind_its_head() {
        let (text, braces) = mended("a {\n  指标 b\n    c\n  }\n  d {\n    e\n  }\n}\n");
        assert_eq!(text, "a {\n  指标 b{    c\n  }\n  d {\n    e\n  }\n}\n");
        assert_eq!(braces, [Mended::LostOpen { at: 14 }]);
    }

    #[test]
    fn a_stray_close_is_blanked() {
        let (text, braces) = mended("a {\n  b {\n    c\n  }\n  }\n  d\n}\n");
        assert_eq!(text, "a {\n  b {\n    c\n  }\n   \n  d\n}\n");
        assert!(matches!(braces.as_slice(), [Mended::Stray(_)]), "{braces:?}");
    }

    #[test]
    fn a_lost_open_on_one_line_makes_the_line_one_piece() {
        let (text, braces) = mended("a {\n  b c: 1; d: 2 }\n  e\n}\n");
        assert_eq!(text, "a {\n  b c: 1  d: 2  \n  e\n}\n");
        assert_eq!(braces, [Mended::Inline { at: 19 }]);
    }

    #[test]
    fn what_pairs_up_or_is_not_indented_is_left_alone() {
        for source in ["a {\n    b {\n  c\n  }\n}\n", "a {\nb {\nc\nd {\ne\n}\n}\n"] {
            let (_, braces) = mended(source);
            assert_eq!(braces, []);
        }
    }
}
