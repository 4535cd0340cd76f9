//! The benchmark's rubric gives what exact fractions give (基准体系): 1,000 schools, every total and grade, every statistic
//! and verdict of the counties, by the ways of scoring of the language and by scripts.
//!
//! Not here: how fast (`benches/`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test stops at the first surprise, and the benchmarks' modules are no interface"
)]

#[path = "../benches/support/mod.rs"]
mod support;

use heng::number::Exact;
use support::expected::{self, Comparison};
use support::judge::{By, Judge};

fn file(name: &str) -> String {
    std::fs::read_to_string(support::thousand_expected().join(name)).unwrap()
}

fn agrees(comparison: &Comparison, at_least: usize) {
    let shown = comparison.differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(comparison.differences.is_empty(), "{} differences\n{shown}", comparison.differences.len());
    assert!(comparison.compared >= at_least, "only {} values", comparison.compared);
}

fn right(by: By) {
    let judge = Judge::open(by);
    let loaded = judge.read(&support::thousand());
    assert_eq!(loaded.len(), 1000);
    let mut ready = judge.ready();
    let scored = ready.score_with_counties(&loaded);
    agrees(&expected::schools(&ready, &loaded, &scored, &file("1000_schools.csv")), 2 * 1000);
    agrees(&expected::counties(&ready, &loaded, &scored, &file("1000_counties.csv")), 16 * 11);
    let weights = [(11, 10), (1, 1), (9, 10), (1, 1), (105, 100)].map(|(above, below)| Exact::from_ratio(above, below).unwrap());
    for (subtotals, total) in ready.subtotals(&loaded, &scored) {
        let weighted: Exact = subtotals.iter().zip(&weights).map(|(subtotal, weight)| subtotal * weight).sum();
        assert_eq!(weighted, total);
    }
}

#[test]
fn every_digit_is_right_by_ways_of_scoring() {
    right(By::Ways);
}

#[test]
fn every_digit_is_right_by_scripts() {
    right(By::Scripts);
}

/// A comparison that cannot fail would prove nothing.
#[test]
fn a_wrong_digit_is_found() {
    let judge = Judge::open(By::Ways);
    let loaded = judge.read(&support::thousand());
    let mut ready = judge.ready();
    let scored = ready.score_with_counties(&loaded);
    let schools = file("1000_schools.csv").replacen("69.878155692", "69.878155693", 1);
    assert_eq!(expected::schools(&ready, &loaded, &scored, &schools).differences, ["1 total: 69.878155692, expected 69.878155693"]);
    let counties = file("1000_counties.csv").replacen("true\n", "false\n", 1);
    assert_eq!(expected::counties(&ready, &loaded, &scored, &counties).differences.len(), 1);
}
