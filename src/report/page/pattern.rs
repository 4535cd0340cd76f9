//! Patterns of texts (格式) as JavaScript writes them, as far as both mean the same.

use std::iter::Peekable;
use std::str::Chars;

/// The pattern for JavaScript with the flag `u`; none where it says something that is left to the import.
pub(super) fn for_page(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    // Whether something stands before that can be repeated.
    let mut repeatable = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push_str(&escape(chars.next()?, false)?);
                repeatable = true;
            }
            '[' => {
                class(&mut chars, &mut out)?;
                repeatable = true;
            }
            '(' => {
                out.push('(');
                if chars.next_if_eq(&'?').is_some() {
                    chars.next_if_eq(&':')?;
                }
                out.push_str("?:");
                repeatable = false;
            }
            ')' => {
                out.push(')');
                repeatable = true;
            }
            '|' | '^' | '$' => {
                out.push(c);
                repeatable = false;
            }
            '.' => {
                out.push_str("[^\\n]");
                repeatable = true;
            }
            '*' | '+' | '?' | '{' => {
                // Twice repeated means something else there.
                if !repeatable {
                    return None;
                }
                out.push(c);
                if c == '{' {
                    bounds(&mut chars, &mut out)?;
                }
                if chars.next_if_eq(&'?').is_some() {
                    out.push('?');
                }
                repeatable = false;
            }
            '}' | ']' | '/' => {
                out.push('\\');
                out.push(c);
                repeatable = true;
            }
            c => {
                out.push(c);
                repeatable = true;
            }
        }
    }
    Some(out)
}

/// What stands behind a backslash.
fn escape(c: char, in_class: bool) -> Option<String> {
    Some(match c {
        'd' | 'D' | 'w' | 'W' | 'n' | 'r' | 't' => format!("\\{c}"),
        's' if in_class => "\\t\\n\\v\\f\\r ".to_owned(),
        's' => "[\\t\\n\\v\\f\\r ]".to_owned(),
        'S' if !in_class => "[^\\t\\n\\v\\f\\r ]".to_owned(),
        c if c.is_ascii_punctuation() => literal(c),
        _ => return None,
    })
}

/// A character that means itself.
fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() { c.to_string() } else { format!("\\u{{{:x}}}", u32::from(c)) }
}

/// To the end of `[…]`.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    loop {
        match chars.next()? {
            ']' if !first => break,
            '[' => return None,
            '&' if chars.peek() == Some(&'&') => return None,
            '~' if chars.peek() == Some(&'~') => return None,
            '-' if chars.peek() == Some(&'-') => return None,
            '-' if first || chars.peek() == Some(&']') => out.push_str("\\-"),
            '-' => out.push('-'),
            '\\' => out.push_str(&escape(chars.next()?, true)?),
            c => out.push_str(&literal(c)),
        }
        first = false;
    }
    out.push(']');
    Some(())
}

/// `2}`, `2,}` or `2,3}`.
fn bounds(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    let mut inner = String::new();
    loop {
        match chars.next()? {
            '}' => break,
            c => inner.push(c),
        }
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (least, most) = inner.split_once(',').map_or((inner.as_str(), ""), |(least, most)| (least, most));
    if !digits(least) || !(most.is_empty() || digits(most)) {
        return None;
    }
    out.push_str(&inner);
    out.push('}');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_understand_is_carried_over() {
        for (pattern, expected) in [
            (r"\d{10}", Some(r"\d{10}")),
            (r"\d{10}(-[12])?", Some(r"\d{10}(?:-[12])?")),
            ("甲|乙丙+?", Some("甲|乙丙+?")),
            (r"[a-z_\-]+", Some(r"[a-z\u{5f}\u{2d}]+")),
            (r"[^]a-]", Some(r"[^\u{5d}a\-]")),
            (r"a.b/\s", Some(r"a[^\n]b\/[\t\n\v\f\r ]")),
            (r"(?:ab){2,3}", Some(r"(?:ab){2,3}")),
            (r"x{,3}", None),
            (r"a++", None),
            (r"(?i)a", None),
            (r"\bx", None),
            (r"\p{Han}", None),
            (r"[a&&b]", None),
            (r"[[:alpha:]]", None),
        ] {
            assert_eq!(for_page(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
