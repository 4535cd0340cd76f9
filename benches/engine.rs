//! How fast the engine is by itself: `cargo bench --bench engine`.
//!
//! Not here: how fast it is beside the practical limit (`ratios.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "a benchmark may stop")]

mod support;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use support::judge::{By, Judge};
use support::national::National;
use support::{made_up, texts};

fn main() {
    divan::main();
}

/// From text to checked rules.
#[divan::bench(args = [By::Ways, By::Scripts], max_time = 5)]
fn compile(bencher: Bencher<'_, '_>, by: By) {
    let rules = if by == By::Ways { "rules/sixty.heng" } else { "rules/scripts.heng" };
    let texts = texts(&["forms/sixty.heng", rules]);
    bencher.bench(|| Judge::compile(&texts, by));
}

/// Points, totals and grades of submissions in memory.
#[divan::bench(args = [34, 1000, 100_000], max_time = 5)]
fn score(bencher: Bencher<'_, '_>, number: usize) {
    let judge = Judge::open(By::Ways);
    let loaded = judge.read(&made_up(number));
    let mut ready = judge.ready();
    bencher.counter(ItemsCount::new(number)).bench_local(|| ready.score(&loaded));
}

/// The same with the statistics and verdicts of the counties.
#[divan::bench(args = [34, 1000, 100_000], max_time = 5)]
fn score_with_counties(bencher: Bencher<'_, '_>, number: usize) {
    let judge = Judge::open(By::Ways);
    let loaded = judge.read(&made_up(number));
    let mut ready = judge.ready();
    bencher.counter(ItemsCount::new(number)).bench_local(|| ready.score_with_counties(&loaded));
}

/// By 58 scripts.
#[divan::bench(args = [34, 1000], max_time = 5)]
fn score_scripts(bencher: Bencher<'_, '_>, number: usize) {
    let judge = Judge::open(By::Scripts);
    let loaded = judge.read(&made_up(number));
    let mut ready = judge.ready();
    bencher.counter(ItemsCount::new(number)).bench_local(|| ready.score(&loaded));
}

/// Counties by the national rubric of 2017: units split, seven items each, seven coefficients a stage, verdicts.
#[divan::bench(args = [90, 3000, 30_000], max_time = 5)]
fn national_counties(bencher: Bencher<'_, '_>, schools: usize) {
    let national = National::made_up(schools);
    let mut ready = national.ready();
    bencher.counter(ItemsCount::new(national.units())).bench_local(|| national.judge(&mut ready));
}

/// The same, row by row with exact numbers.
#[divan::bench(args = [90, 3000], max_time = 5)]
fn national_counties_exactly(bencher: Bencher<'_, '_>, schools: usize) {
    let national = National::made_up(schools);
    bencher.counter(ItemsCount::new(national.units())).bench_local(|| national.exactly());
}

/// From a file to typed columns.
#[divan::bench(args = [34, 1000, 100_000], max_time = 5)]
fn read_csv(bencher: Bencher<'_, '_>, number: usize) {
    let judge = Judge::open(By::Ways);
    let file = made_up(number);
    let length = std::fs::metadata(&file).unwrap().len();
    bencher.counter(BytesCount::new(length)).bench(|| judge.read(&file));
}

/// One answer of one school is changed, and the school scored again, with its county.
#[divan::bench(args = [34, 1000, 100_000], max_time = 5)]
fn edit_one_answer(bencher: Bencher<'_, '_>, number: usize) {
    let judge = Judge::open(By::Ways);
    let mut loaded = judge.read(&made_up(number));
    let mut ready = judge.ready();
    let mut sheet = ready.score_with_counties(&loaded);
    let books = judge.field("books");
    let mut number = 10_000;
    bencher.bench_local(|| {
        number = if number < 10_100 { number + 1 } else { 10_000 };
        loaded.edit(20, books, number);
        ready.rescore(&loaded, 20, &mut sheet);
    });
}
