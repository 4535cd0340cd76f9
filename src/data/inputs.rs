//! Which data file is for which form (数据文件归表), where a rubric reads several.
//!
//! Not here: reading the files (`submissions`).

use super::cells::loose;
use super::file::{Encoding, beginning};
use super::heading::MOST_ROWS;
use super::workbook::{is_workbook, words};
use crate::model::{Form, Period};
use crate::syntax::tree::PeriodLength;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::Path;

/// So much of a file is looked at, of a CSV file so many lines.
const LOOKED_AT: u64 = 1 << 16;
const LINES: usize = MOST_ROWS;

/// The one of some forms of which a file has the most fields, and of those alike the shortest, then the first; `None` if it
/// has none of any, or cannot be read.
pub fn suited<'f>(forms: impl IntoIterator<Item = &'f Form>, path: &Path, encoding: Option<Encoding>) -> Option<usize> {
    if is_workbook(path) {
        return best(forms, &words(path)?);
    }
    let text = beginning(path, LOOKED_AT, encoding)?;
    let json = path.extension().is_some_and(|ending| ending.to_string_lossy().to_lowercase().contains("json"));
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(if json { usize::MAX } else { LINES });
    let words: HashSet<String> = lines.flat_map(|line| line.split([',', '\t', ';', '"', ':', '{'])).map(loose).collect();
    best(forms, &words)
}

fn best<'f>(forms: impl IntoIterator<Item = &'f Form>, words: &HashSet<String>) -> Option<usize> {
    let has = |form: &Form| {
        let there = |field: &&crate::model::Field| {
            words.contains(&loose(&field.name.it)) || field.label.as_ref().is_some_and(|label| words.contains(&loose(label)))
        };
        form.fields.iter().filter(there).count()
    };
    let fits = forms.into_iter().map(|form| (has(form), Reverse(form.fields.len()))).enumerate();
    let best = fits.filter(|(_, (has, _))| *has > 0).max_by_key(|(at, fit)| (*fit, Reverse(*at)));
    best.map(|(at, _)| at)
}

/// The period so many before another, as the data have it: 2023 of 2024, 2023-12 of 2024-01. `None` for terms, and for what is no such
/// period.
pub fn earlier(period: &Period, written: &str, by: u32) -> Option<String> {
    let written = written.trim();
    match period.length {
        PeriodLength::Year => Some(written.parse::<i64>().ok()?.checked_sub(i64::from(by))?.to_string()),
        PeriodLength::Month => {
            let (year, month) = written.split_once('-')?;
            let months = year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()?.checked_sub(1)? - i64::from(by);
            Some(format!("{}-{:0width$}", months.div_euclid(12), months.rem_euclid(12) + 1, width = month.len()))
        }
        PeriodLength::Term => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_counted_backwards() {
        let of = |length, written, by| earlier(&Period { length, key: None }, written, by);
        assert_eq!(of(PeriodLength::Year, "2024", 1).as_deref(), Some("2023"));
        assert_eq!(of(PeriodLength::Year, " 2001 ", 2).as_deref(), Some("1999"));
        assert_eq!(of(PeriodLength::Month, "2024-01", 1).as_deref(), Some("2023-12"));
        assert_eq!(of(PeriodLength::Month, "2024-3", 14).as_deref(), Some("2023-1"));
        assert_eq!(of(PeriodLength::Year, "二〇二四", 1), None);
        assert_eq!(of(PeriodLength::Term, "2024-1", 1), None);
    }
}
