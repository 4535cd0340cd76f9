//! What the benchmarks and `tests/sixty.rs` share: the rubric of `benches/sixty` and the one way of running it.
//!
//! [`judge`] and [`national`] are the only files that speak to the engine. Each user needs a part of all this.
#![allow(dead_code, reason = "a benchmark and a test use different parts")]

pub mod expected;
pub mod generate;
pub mod judge;
pub mod limit;
pub mod national;
pub mod process;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The region's folder with the form and the rubrics.
pub fn region() -> PathBuf {
    root().join("benches/sixty")
}

/// A region's folder with the form and the one rubric that says its items in the language's own ways, as an office has it.
pub fn office() -> PathBuf {
    let folder = root().join("target/sixty/office");
    for name in ["heng.toml", "forms/sixty.heng", "rules/sixty.heng", "rules/county.heng"] {
        let copy = folder.join(name);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(region().join(name), copy).unwrap();
    }
    folder
}

/// Texts of `benches/sixty`, with their paths.
pub fn texts(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), std::fs::read_to_string(region().join(name)).unwrap())).collect()
}

/// A file of made-up schools; it is written if it is not there.
pub fn made_up(number: usize) -> PathBuf {
    let file = root().join(format!("target/sixty/made_up_{number}.csv"));
    if !file.exists() {
        std::fs::create_dir_all(root().join("target/sixty")).unwrap();
        std::fs::write(&file, generate::schools(number)).unwrap();
    }
    file
}

/// The 1,000 schools that lie in the repository.
pub fn thousand() -> PathBuf {
    root().join("tests/data/sixty/schools_1000.csv")
}

/// Their expected results.
pub fn thousand_expected() -> PathBuf {
    root().join("tests/data/sixty/expected")
}

/// The middle of some numbers; of an even count the upper of the two.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median time of something in seconds, over at least one turn, at most `most`, and about half a second.
pub fn seconds<T>(most: usize, mut work: impl FnMut() -> T) -> f64 {
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.is_empty() || times.len() < most && start.elapsed() < Duration::from_millis(500) {
        let turn = Instant::now();
        let made = work();
        times.push(turn.elapsed().as_secs_f64());
        drop(made);
    }
    median(times)
}
