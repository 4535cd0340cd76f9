//! Scripts between their braces (脚本): moved as a whole, never laid out.

/// The lines of a script with its braces, indented by `indent` columns; a single one is followed by what follows the script.
///
/// A script with texts over several lines is left as it stands: its blanks may count.
pub(super) fn lines(written: &str, indent: usize) -> Vec<String> {
    let inside = inside(written);
    if inside.contains('`') || inside.contains("/*") || inside.lines().any(|line| line.trim_end().ends_with('\\')) {
        return written.lines().map(str::to_owned).collect();
    }
    if !inside.contains('\n') {
        return match inside.trim() {
            "" => vec!["{}".to_owned()],
            inside => vec![format!("{{ {inside} }}")],
        };
    }
    // What stands beside the brace moves to a line of its own.
    let (first, rest) = inside.split_once('\n').unwrap_or((inside, ""));
    let mut body: Vec<&str> = rest.lines().map(str::trim_end).collect();
    let common =
        body.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0);
    body.iter_mut().for_each(|line| *line = line.get(common..).unwrap_or(line));
    if !first.trim().is_empty() {
        body.insert(0, first.trim());
    }
    while body.last().is_some_and(|line| line.is_empty()) {
        body.pop();
    }
    let blank = body.iter().take_while(|line| line.is_empty()).count();
    let pad = |indent: usize, line: &str| if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(indent)) };
    let mut lines = vec!["{".to_owned()];
    lines.extend(body.into_iter().skip(blank).map(|line| pad(indent + 2, line)));
    lines.push(pad(indent, "}"));
    lines
}

/// What of a script, without its braces, must stay the same.
pub(super) fn meaning(inside: &str) -> Vec<String> {
    inside.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn inside(written: &str) -> &str {
    let mut chars = written.chars();
    chars.next();
    chars.next_back();
    chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_moves_as_a_whole() {
        assert_eq!(lines("{  a }", 4), ["{ a }"]);
        assert_eq!(
            lines("{ let s = 1;\n\n        if s {\n          2\n        }\n }", 2),
            ["{", "    let s = 1;", "", "    if s {", "      2", "    }", "  }"]
        );
        assert_eq!(lines("{\n `a\n  b` }", 2), ["{", " `a", "  b` }"]);
        assert_eq!(lines("｛ a ｝", 2), ["{ a }"]);
    }
}
