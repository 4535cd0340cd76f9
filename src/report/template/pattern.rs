//! Patterns of texts (格式), as far as a spreadsheet can look at them: how long what they match is.
//!
//! Whether a text really matches is for import to say; here only what can never match is refused.

use crate::diag::Lang;
use std::iter::Peekable;
use std::str::Chars;

/// The least and the greatest number of characters that a pattern matches; none where the pattern says more than is
/// understood here.
pub(super) fn lengths(pattern: &str) -> Option<(u32, Option<u32>)> {
    let mut chars = pattern.chars().peekable();
    let found = alternatives(&mut chars)?;
    chars.next().is_none().then_some(found)
}

/// A pattern of nothing but digits in words: `10 位数字`.
pub(super) fn in_words(pattern: &str, lang: Lang) -> Option<String> {
    let inner = pattern.strip_prefix("\\d{")?.strip_suffix('}')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inner.split_once(',') {
        None if digits(inner) => Some(lang.say(format!("{inner} 位数字"), format!("{inner} digits"))),
        Some((least, greatest)) if digits(least) && digits(greatest) => {
            Some(lang.say(format!("{least} 至 {greatest} 位数字"), format!("{least} to {greatest} digits")))
        }
        _ => None,
    }
}

type Bounds = (u32, Option<u32>);

fn alternatives(chars: &mut Peekable<Chars<'_>>) -> Option<Bounds> {
    let mut bounds = sequence(chars)?;
    while chars.next_if_eq(&'|').is_some() {
        let (least, greatest) = sequence(chars)?;
        bounds = (bounds.0.min(least), bounds.1.zip(greatest).map(|(a, b)| a.max(b)));
    }
    Some(bounds)
}

fn sequence(chars: &mut Peekable<Chars<'_>>) -> Option<Bounds> {
    let mut bounds: Bounds = (0, Some(0));
    while let Some(c) = chars.peek().copied() {
        if matches!(c, '|' | ')') {
            break;
        }
        chars.next();
        let piece = match c {
            '^' | '$' => (0, Some(0)),
            '(' => {
                if chars.next_if_eq(&'?').is_some() && chars.next() != Some(':') {
                    return None;
                }
                let inner = alternatives(chars)?;
                chars.next_if_eq(&')')?;
                inner
            }
            '[' => {
                class(chars)?;
                (1, Some(1))
            }
            '\\' => match chars.next()? {
                'd' | 'w' | 's' | 'D' | 'W' | 'S' => (1, Some(1)),
                c if c.is_ascii_punctuation() => (1, Some(1)),
                _ => return None,
            },
            '*' | '+' | '?' | '{' => return None,
            _ => (1, Some(1)),
        };
        let (least, greatest) = repeated(chars)?;
        bounds.0 = bounds.0.checked_add(piece.0.checked_mul(least)?)?;
        bounds.1 = match (bounds.1, piece.1, greatest) {
            (Some(sum), Some(piece), Some(times)) => Some(sum.checked_add(piece.checked_mul(times)?)?),
            _ => None,
        };
    }
    Some(bounds)
}

/// To the end of `[…]`.
fn class(chars: &mut Peekable<Chars<'_>>) -> Option<()> {
    chars.next_if_eq(&'^');
    chars.next_if_eq(&']');
    loop {
        match chars.next()? {
            ']' => return Some(()),
            '\\' => _ = chars.next()?,
            '[' => return None,
            _ => {}
        }
    }
}

/// How often what stands before is there.
fn repeated(chars: &mut Peekable<Chars<'_>>) -> Option<Bounds> {
    let bounds = match chars.peek() {
        Some('?') => (0, Some(1)),
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('{') => {
            chars.next();
            let mut inner = String::new();
            loop {
                match chars.next()? {
                    '}' => break,
                    c => inner.push(c),
                }
            }
            let bounds = match inner.split_once(',') {
                None => (inner.parse().ok()?, Some(inner.parse().ok()?)),
                Some((least, "")) => (least.parse().ok()?, None),
                Some((least, greatest)) => (least.parse().ok()?, Some(greatest.parse().ok()?)),
            };
            chars.next_if_eq(&'?');
            return Some(bounds);
        }
        _ => return Some((1, Some(1))),
    };
    chars.next();
    chars.next_if_eq(&'?');
    Some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_what_matches() {
        for (pattern, expected) in [
            (r"\d{10}", Some((10, Some(10)))),
            (r"\d{10}(-[12])?", Some((10, Some(12)))),
            ("甲|乙丙", Some((1, Some(2)))),
            (r"[\p{Han}a-z]+", Some((1, None))),
            (r"(?:ab){2,3}c*", Some((4, None))),
            (r"\.{2}", Some((2, Some(2)))),
            (r"(?i)a", None),
            (r"\bx", None),
            ("(a", None),
            (r"\p{Han}", None),
        ] {
            assert_eq!(lengths(pattern), expected, "{pattern}");
        }
        assert_eq!(in_words(r"\d{6}", Lang::Zh).as_deref(), Some("6 位数字"));
        assert_eq!(in_words(r"\d{6}(-1)?", Lang::Zh), None);
    }
}
