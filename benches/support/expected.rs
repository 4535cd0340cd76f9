//! Expected results: files of `id,total,grade` and of `county,stage,cv1…cv7,gini,pass_share,county_passes`, to the digit.

use super::judge::{Loaded, Ready};
use heng::eval::Sheet;
use std::collections::{BTreeMap, BTreeSet};

/// How many values were compared, and what differs, a line each.
#[derive(Default)]
pub struct Comparison {
    pub compared: usize,
    pub differences: Vec<String>,
}

impl Comparison {
    fn same(&mut self, who: &str, what: &str, ours: &str, expected: &str) {
        self.compared += 1;
        if ours != expected {
            self.differences.push(format!("{who} {what}: {ours}, expected {expected}"));
        }
    }
}

/// Compares totals and grades with the text of a file.
pub fn schools(ready: &Ready<'_>, loaded: &Loaded, sheet: &Sheet, expected: &str) -> Comparison {
    let ours: BTreeMap<String, (String, u8)> =
        ready.schools(loaded, sheet).into_iter().map(|(key, total, grade)| (key, (total, grade))).collect();
    let mut comparison = Comparison::default();
    let mut rows = csv::Reader::from_reader(expected.as_bytes());
    let mut known = 0;
    for row in rows.records().map(Result::unwrap) {
        known += 1;
        match ours.get(&row[0]) {
            None => comparison.differences.push(format!("{} is missing", &row[0])),
            Some((total, grade)) => {
                comparison.same(&row[0], "total", total, &row[1]);
                comparison.same(&row[0], "grade", &grade.to_string(), &row[2]);
            }
        }
    }
    comparison.same("all", "schools", &ours.len().to_string(), &known.to_string());
    comparison
}

/// Compares the counties with the text of a file.
pub fn counties(ready: &Ready<'_>, loaded: &Loaded, sheet: &Sheet, expected: &str) -> Comparison {
    let mut comparison = Comparison::default();
    let mut rows = csv::Reader::from_reader(expected.as_bytes());
    let header = rows.headers().unwrap().clone();
    // A county passes when every stage that it has passes, so the stages must agree with the verdict.
    let mut stages: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for row in rows.records().map(Result::unwrap) {
        let (shown, passes, verdict) = ready.county(loaded, sheet, &row[0], &row[1]);
        let who = format!("{} {}", &row[0], &row[1]);
        for (at, ours) in shown.iter().enumerate() {
            comparison.same(&who, &header[at + 2], ours, &row[at + 2]);
        }
        comparison.same(&who, "verdict", &verdict.to_string(), &row[11]);
        comparison.same(&who, "stage", &passes.to_string(), &stage_passes(&row).to_string());
        let county = stages.entry(row[0].to_owned()).or_insert((true, verdict));
        county.0 &= passes;
    }
    for (county, (all_pass, verdict)) in &stages {
        comparison.same(county, "verdict of the stages", &all_pass.to_string(), &verdict.to_string());
    }
    let known: BTreeSet<&String> = stages.keys().collect();
    comparison.same("all", "counties", &sheet.groups().to_string(), &known.len().to_string());
    comparison
}

/// Whether a stage passes, from the digits of its row: none of them lies within 1e-12 of its limit.
fn stage_passes(row: &csv::StringRecord) -> bool {
    let limit = if &row[1] == "小学" { 0.50 } else { 0.45 };
    let within = |at: usize| row[at].parse::<f64>().map_or(true, |coefficient| coefficient <= limit);
    (2..9).all(within) && row[10].parse::<f64>().unwrap() >= 0.80
}
