//! Choices of an XLSForm: yes or no, options, codes.

use super::say::Asked;
use super::sheets::Row;
use crate::syntax::quoted_option;
use std::collections::{HashMap, HashSet};

/// The options of a list.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// Name in the workbook, as the form calls it, its row.
    pub list: Vec<(String, String)>,
    /// Whether the names are codes that the form keeps.
    coded: bool,
}

impl Options {
    /// Those of some rows.
    pub fn of(rows: &[Row]) -> Options {
        let named = |row: &Row| {
            let name = if row.cell("name").is_empty() { row.cell("value") } else { row.cell("name") };
            name.to_owned()
        };
        let mut taken = HashSet::new();
        let mut list = Vec::new();
        for row in rows {
            let name = named(row);
            let label = row.cell("label").split_whitespace().collect::<Vec<_>>().join(" ");
            let option = if label.is_empty() { name.clone() } else { label };
            // Two with one label are told apart by their names.
            let option = if taken.insert(option.clone()) { option } else { format!("{option} ({name})") };
            taken.insert(option.clone());
            list.push((name, option));
        }
        let digits = |name: &str| !name.is_empty() && name.len() <= 9 && name.bytes().all(|byte| byte.is_ascii_digit());
        let coded = list.iter().all(|(name, option)| digits(name) && name != option);
        Options { list, coded }
    }

    /// The names of yes and no, where they say nothing else.
    pub fn yes_no(&self) -> Option<(String, String)> {
        let [(first, one), (second, two)] = self.list.as_slice() else { return None };
        let yes = |name: &str, label: &str| is(name, &["yes", "y", "true", "1", "是"]) && is(label, &["yes", "y", "true", "是", "有", "1"]);
        let no = |name: &str, label: &str| {
            is(name, &["no", "n", "false", "0", "2", "否"]) && is(label, &["no", "n", "false", "否", "无", "没有", "0"])
        };
        if yes(first, one) && no(second, two) {
            Some((first.clone(), second.clone()))
        } else if no(first, one) && yes(second, two) {
            Some((second.clone(), first.clone()))
        } else {
            None
        }
    }

    /// By their names.
    pub fn by_name(&self) -> HashMap<String, String> {
        self.list.iter().cloned().collect()
    }

    /// As they stand in a form: `{ 小学, 初中 }`.
    pub fn written(&self) -> String {
        let option = |(name, option): &(String, String)| {
            let option = quoted_option(option);
            if self.coded { format!("{name} {option}") } else { option }
        };
        format!("{{ {} }}", self.list.iter().map(option).collect::<Vec<_>>().join(", "))
    }

    /// Names that are lost, because they are neither codes nor what the options are called.
    pub fn lost(&self) -> Vec<String> {
        let lost = |(name, option): &&(String, String)| {
            !self.coded && name != option && !option.chars().filter(|c| !c.is_whitespace()).eq(name.chars())
        };
        self.list.iter().filter(lost).map(|(name, option)| format!("{name} = {option}")).collect()
    }

    /// What a question with them is.
    pub fn asked(&self, several: bool) -> Asked {
        match self.yes_no() {
            Some((yes, no)) if !several => Asked::YesNo(yes, no),
            _ if several => Asked::Several(self.by_name()),
            _ => Asked::One(self.by_name()),
        }
    }
}

fn is(text: &str, words: &[&str]) -> bool {
    words.contains(&text.trim().to_lowercase().as_str())
}
