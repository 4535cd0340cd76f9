//! What the benchmarks and `tests/sixty.rs` share: the rubric of `benches/sixty` and the one way of running it.
//!
//! [`judge`] is the only file that speaks to the engine. Each user needs a part of all this.
#![allow(dead_code, reason = "a benchmark and a test use different parts")]

pub mod expected;
pub mod generate;
pub mod judge;

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The region's folder with the form and the rubrics.
pub fn region() -> PathBuf {
    root().join("benches/sixty")
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
