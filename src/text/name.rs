//! Names (名称): of fields, rubrics, options, units.

use std::fmt;
use std::sync::Arc;

/// A name as its author wrote it; cheap to clone. Never translated, never normalised.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

impl Name {
    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name(text.into())
    }
}
impl From<String> for Name {
    fn from(text: String) -> Name {
        Name(text.into())
    }
}
impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The ASCII twin of a full-width character (全角字符) that a Chinese input method types, else the character itself.
pub fn fold_char(c: char) -> char {
    match c {
        '、' => ',',
        '【' => '[',
        '】' => ']',
        '−' => '-',
        '×' => '*',
        '÷' => '/',
        '\u{3000}' | '\u{A0}' => ' ',
        // The block of full-width forms runs parallel to ASCII.
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// The candidate that `written` was most likely meant to be (你是不是想写), if one is near enough to suggest.
///
/// Near: at most a third of its characters differ (one for names of up to five), or it is the same after folding case
/// and full-width characters, or, for names of 汉字, one contains the other. Ties go to the earlier candidate.
pub fn nearest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let fold = |text: &str| text.chars().map(fold_char).flat_map(char::to_lowercase).collect::<String>();
    let target = fold(written);
    let length = target.chars().count();
    let allowed = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let folded = fold(candidate);
        if candidate == written {
            continue;
        }
        let mut distance = strsim::damerau_levenshtein(&target, &folded);
        let han = !target.is_ascii() && length >= 2 && folded.chars().count() >= 2;
        if han && (folded.contains(&target) || target.contains(&folded)) {
            distance = distance.min(allowed);
        }
        // One letter has nothing in common with another.
        let shares = folded.chars().any(|c| target.contains(c));
        if distance <= allowed && shares && best.is_none_or(|(found, _)| distance < found) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_works_in_both_scripts() {
        let names = ["专任教师数", "在校生数", "indicator", "value"];
        assert_eq!(nearest("专任教师", names), Some("专任教师数"));
        assert_eq!(nearest("在校学生数", names), Some("在校生数"));
        assert_eq!(nearest("indicater", names), Some("indicator"));
        assert_eq!(nearest("ｖａｌｕｅ", ["value"]), Some("value"));
        assert_eq!(nearest("建校年份", names), None);
    }
}
