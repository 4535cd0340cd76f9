//! The two spellings of every keyword (关键词), read from `keywords.pest`, their one table.

use std::sync::LazyLock;

/// A keyword with its two spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The grammar's rule: `kw_indicator`.
    pub rule: &'static str,
    /// `indicator`
    pub english: &'static str,
    /// `指标`
    pub chinese: &'static str,
}

static TABLE: LazyLock<Vec<Keyword>> = LazyLock::new(|| include_str!("keywords.pest").lines().filter_map(read).collect());

/// All keywords, in the order of the table.
pub fn keywords() -> &'static [Keyword] {
    &TABLE
}

/// The keyword of a grammar rule.
pub fn keyword(rule: &str) -> Option<&'static Keyword> {
    TABLE.iter().find(|keyword| keyword.rule == rule)
}

/// One line of the table: `kw_value = @{ ("value" | "取值") ~ word_end }`.
fn read(line: &'static str) -> Option<Keyword> {
    let (rule, body) = line.split_once('=')?;
    let rule = rule.trim();
    let mut quoted = body.split('"').skip(1).step_by(2);
    let (english, chinese) = (quoted.next()?, quoted.next()?);
    rule.starts_with("kw_").then_some(Keyword { rule, english, chinese })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_has_one_spelling_in_each_script() {
        let lines = include_str!("keywords.pest").lines().filter(|line| line.starts_with("kw_")).count();
        assert_eq!(keywords().len(), lines);
        for keyword in keywords() {
            assert!(keyword.english.is_ascii(), "{keyword:?}");
            assert!(!keyword.chinese.is_ascii(), "{keyword:?}");
        }
    }
}
