//! What differs between two texts (差异), line by line, as `diff -u` shows it.

use std::fmt::Write;

/// Lines that are shown around what differs.
const AROUND: usize = 3;
/// The most pairs of lines that are held against each other; texts beyond that are shown as replaced.
const MOST_PAIRS: usize = 4 << 20;

/// A line that is kept, taken out or put in.
#[derive(Clone, Copy)]
enum Edit<'t> {
    Keep(&'t str),
    Out(&'t str),
    In(&'t str),
}

/// The unified difference of two texts of a file; nothing if they are the same.
pub fn unified(path: &str, before: &str, after: &str, color: bool) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let edits = edits(&before, &after);
    let paint = |style: &str, text: &str| if color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut out = String::new();
    for (from, to) in hunks(&edits) {
        if out.is_empty() {
            let _ = write!(out, "{}\n{}\n", paint("1", &format!("--- {path}")), paint("1", &format!("+++ {path}")));
        }
        let (above, hunk) = (edits.get(..from).unwrap_or_default(), edits.get(from..to).unwrap_or_default());
        let place = |here: fn(&Edit<'_>) -> bool| {
            let count = hunk.iter().filter(|edit| here(edit)).count();
            let first = above.iter().filter(|edit| here(edit)).count() + usize::from(count > 0);
            format!("{first},{count}")
        };
        let (old, new) = (place(|edit| !matches!(edit, Edit::In(_))), place(|edit| !matches!(edit, Edit::Out(_))));
        out.push_str(&paint("36", &format!("@@ -{old} +{new} @@")));
        out.push('\n');
        for edit in hunk {
            let (sign, style, line) = match edit {
                Edit::Keep(line) => (' ', "", line),
                Edit::Out(line) => ('-', "31", line),
                Edit::In(line) => ('+', "32", line),
            };
            let shown = format!("{sign}{}", line.trim_end_matches(['\n', '\r']));
            out.push_str(&if style.is_empty() { shown } else { paint(style, &shown) });
            out.push('\n');
            if !line.ends_with('\n') {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// The pieces of the edits that are shown: what differs, with some lines around it.
fn hunks(edits: &[Edit<'_>]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for at in (0..edits.len()).filter(|at| !matches!(edits.get(*at), Some(Edit::Keep(_)))) {
        let (from, to) = (at.saturating_sub(AROUND), (at + 1 + AROUND).min(edits.len()));
        match hunks.last_mut().filter(|(_, end)| from <= *end) {
            Some((_, end)) => *end = to,
            None => hunks.push((from, to)),
        }
    }
    hunks
}

/// From one text to the other with the fewest lines taken out and put in.
fn edits<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<Edit<'t>> {
    let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (old, new) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    let (old, kept) = old.split_at_checked(old.len() - tail).unwrap_or_default();
    let new = new.get(..new.len() - tail).unwrap_or_default();

    let mut edits: Vec<Edit<'t>> = before.iter().take(head).copied().map(Edit::Keep).collect();
    // For each pair of rests, how many lines they have in common.
    let width = new.len() + 1;
    let small = (old.len() + 1).saturating_mul(width) <= MOST_PAIRS;
    let mut common = vec![0_u32; if small { (old.len() + 1) * width } else { 0 }];
    let shared = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    if small {
        for (i, one) in old.iter().enumerate().rev() {
            for (j, other) in new.iter().enumerate().rev() {
                let best =
                    if one == other { shared(&common, i + 1, j + 1) + 1 } else { shared(&common, i + 1, j).max(shared(&common, i, j + 1)) };
                if let Some(place) = common.get_mut(i * width + j) {
                    *place = best;
                }
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if small && one == other => {
                edits.push(Edit::Keep(one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || shared(&common, i + 1, j) >= shared(&common, i, j + 1) => {
                edits.push(Edit::Out(one));
                i += 1;
            }
            (_, Some(other)) => {
                edits.push(Edit::In(other));
                j += 1;
            }
            _ => break,
        }
    }
    edits.extend(kept.iter().copied().map(Edit::Keep));
    edits
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
    fn texts_too_long_to_compare_are_shown_as_replaced() {
        let before: String = (0..3000).map(|line| format!("a{line}\n")).collect();
        let after: String = (0..3000).map(|line| format!("b{line}\n")).collect();
        assert_eq!(unified("a", &before, &after, false).lines().count(), 6003);
    }
}
