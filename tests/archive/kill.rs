//! Killed in the middle of an import (断电): the archive opens, is sound, and holds all of an import or nothing of it.
//!
//! 20 times, or as often as `HENG_CASES` says; when, is as random as the addresses of this process.

use super::{count, region};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: i64 = 5_000;

#[test]
fn an_import_that_is_killed_is_there_whole_or_not_at_all() {
    let times: u64 = std::env::var("HENG_CASES").ok().and_then(|times| times.parse().ok()).unwrap_or(20);
    let folder = region();
    let rows = |version: u64| -> String {
        let row = |at| format!("S{at:05},{},{}.25\n", 1 + (version + at) % 3000, 900 + at % 700);
        std::iter::once("代码,教师,学生\n".to_owned()).chain((0..ROWS.unsigned_abs()).map(row)).collect()
    };
    let start = || {
        let mut import = Command::new(env!("CARGO_BIN_EXE_heng"));
        import.args(["import", "--data", "many.csv"]).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        import.spawn().unwrap()
    };
    let (mut killed, mut longest, mut versions) = (0, Duration::from_millis(200), 0);
    for at in 0..times {
        folder.write("many.csv", rows(at));
        let begun = Instant::now();
        let mut child = start();
        // Now and then it is let be, to see how long it takes.
        if at % 5 == 4 {
            assert!(child.wait().unwrap().success());
            longest = begun.elapsed();
        } else {
            let part = RandomState::new().hash_one(at) % 1000;
            std::thread::sleep(longest * u32::try_from(part).unwrap() / 1000);
            let _ = child.kill();
            killed += u32::from(!child.wait().unwrap().success());
        }
        if !folder.at("县.db").exists() {
            continue;
        }
        folder.heng(&["db", "verify"]).code(0).prints(&["完好"]);
        let now = count(&folder, "SELECT count(*) FROM submission");
        assert_eq!(now % ROWS, 0, "a part of an import is there");
        assert!(now == versions || now == versions + ROWS, "{versions} became {now}");
        assert_eq!(count(&folder, "SELECT count(*) FROM import") * ROWS, now);
        versions = now;
    }
    assert!(killed > 0 && versions > 0, "{killed} were killed, {versions} rows are there");
}
