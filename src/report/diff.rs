//! What differs between two texts (差异), line by line, as `diff -u` shows it.

use similar::{ChangeTag, TextDiff};
use std::fmt::Write;
use std::ops::Range;

/// Lines that are shown around what differs.
const AROUND: usize = 3;

/// The unified difference of two texts of a file; nothing if they are the same.
pub fn unified(path: &str, before: &str, after: &str, color: bool) -> String {
    // Split here, because to `similar` a carriage return alone ends a line too.
    let (before, after): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let diff = TextDiff::from_slices(&before, &after);
    let paint = |style: &str, text: &str| if color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut out = String::new();
    for hunk in diff.grouped_ops(AROUND) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        if out.is_empty() {
            let _ = write!(out, "{}\n{}\n", paint("1", &format!("--- {path}")), paint("1", &format!("+++ {path}")));
        }
        let (old, new) = (place(first.old_range().start..last.old_range().end), place(first.new_range().start..last.new_range().end));
        out.push_str(&paint("36", &format!("@@ -{old} +{new} @@")));
        out.push('\n');
        for change in hunk.iter().flat_map(|op| diff.iter_changes(op)) {
            let (tag, line) = (change.tag(), change.value());
            let shown = format!("{tag}{}", line.trim_end_matches(['\n', '\r']));
            out.push_str(&match tag {
                ChangeTag::Equal => shown,
                ChangeTag::Delete => paint("31", &shown),
                ChangeTag::Insert => paint("32", &shown),
            });
            out.push('\n');
            if !line.ends_with('\n') {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// The first line of a piece, from 1, and how many there are; of none, the line before them.
fn place(lines: Range<usize>) -> String {
    format!("{},{}", lines.start + usize::from(!lines.is_empty()), lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_diff_shows() {
        assert_eq!(unified("a", "1\n2\n", "1\n2\n", true), "");
        assert_eq!(unified("a", "1\n2\n3\n", "1\n4\n3\n", false), "--- a\n+++ a\n@@ -1,3 +1,3 @@\n 1\n-2\n+4\n 3\n");
        assert_eq!(unified("a", "", "1", false), "--- a\n+++ a\n@@ -0,0 +1,1 @@\n+1\n\\ No newline at end of file\n");
        assert!(unified("a", "1\n", "2\n", true).contains("\u{1b}[31m-1\u{1b}[0m\n\u{1b}[32m+2\u{1b}[0m\n"));
    }

    #[test]
    fn what_is_far_apart_stands_in_hunks_of_its_own() {
        let before: Vec<String> = (0..40).map(|line| format!("{line}\n")).collect();
        let mut after = before.clone();
        after.remove(5);
        after.insert(30, "new\n".to_owned());
        let shown = unified("a", &before.concat(), &after.concat(), false);
        assert!(shown.contains("@@ -3,7 +3,6 @@") && shown.contains("@@ -29,6 +28,7 @@"), "{shown}");
    }

    #[test]
    fn long_texts_with_nothing_in_common_are_shown_as_replaced() {
        let before: String = (0..3000).map(|line| format!("a{line}\n")).collect();
        let after: String = (0..3000).map(|line| format!("b{line}\n")).collect();
        assert_eq!(unified("a", &before, &after, false).lines().count(), 6003);
    }

    #[test]
    fn a_carriage_return_inside_a_line_ends_no_line() {
        let shown = unified("a", "1\r2\n3\r\n", "1\r2\n4\r\n", false);
        assert_eq!(shown, "--- a\n+++ a\n@@ -1,2 +1,2 @@\n 1\r2\n-3\n+4\n");
    }
}
