//! Names that sheets of a workbook may have (工作表名): at most 31 characters, none of `[]:*?/\`, no two alike.

use std::collections::HashSet;

/// As Excel counts them, in UTF-16.
const MOST_CHARACTERS: usize = 31;

/// The names that are taken.
#[derive(Default)]
pub(super) struct SheetNames(HashSet<String>);

impl SheetNames {
    /// With some that are taken from the beginning.
    pub fn with<'n>(taken: impl IntoIterator<Item = &'n str>) -> SheetNames {
        SheetNames(taken.into_iter().map(str::to_lowercase).collect())
    }

    /// The name that comes nearest to what a sheet should be called; `otherwise` where nothing is left of that.
    pub fn take(&mut self, wanted: &str, otherwise: &str) -> String {
        let fits = |c: char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') && !c.is_control();
        let plain: String = wanted.chars().map(|c| if fits(c) { c } else { ' ' }).collect();
        let plain = plain.trim_matches(|c: char| c == '\'' || c.is_whitespace());
        let plain = if plain.is_empty() { otherwise } else { plain };
        let numbered = |number: usize| {
            let end = if number == 1 { String::new() } else { format!(" {number}") };
            let mut room = MOST_CHARACTERS.saturating_sub(end.len());
            let start: String = plain.chars().take_while(|c| room.checked_sub(c.len_utf16()).map(|left| room = left).is_some()).collect();
            format!("{start}{end}")
        };
        (1..).map(numbered).find(|name| self.0.insert(name.to_lowercase())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_such_as_sheets_have_and_differ() {
        let mut names = SheetNames::with(["封面"]);
        let long = "学".repeat(40);
        for (wanted, name) in [
            ("规模", "规模"),
            ("规模", "规模 2"),
            ("封面", "封面 2"),
            ("教师/学生", "教师 学生"),
            ("'引号'", "引号"),
            ("[]", "数据"),
            (long.as_str(), &"学".repeat(31)),
            (long.as_str(), &format!("{} 2", "学".repeat(29))),
        ] {
            assert_eq!(names.take(wanted, "数据"), name);
        }
    }
}
