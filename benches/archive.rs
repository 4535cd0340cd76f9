//! How fast submissions are archived beside the practical limit: `cargo bench --bench archive`.
//!
//! The limit is the `csv` crate reading a file, and one prepared `INSERT` a row into a table with a column a field, in one transaction
//! of the same kind. `heng import` besides checks every cell and every row, and keeps files, rules and fingerprints. Both in turns; the
//! ratio is that of their medians. Memory is the most that the process ever had, of a tenth of the rows and of all.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, dead_code, reason = "a benchmark may stop")]

#[path = "support/process.rs"]
mod process;

use rusqlite::{Connection, params_from_iter};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const ROWS: usize = 100_000;
const NUMBERS: usize = 30;
const TURNS: usize = 5;

fn main() {
    // With this argument the program does nothing at all.
    if std::env::args().any(|argument| argument == "--empty" || argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("heng.toml"), "database = \"a.db\"\n").unwrap();
    std::fs::write(at("form.heng"), form()).unwrap();
    std::fs::write(at("tenth.csv"), rows(ROWS / 10)).unwrap();
    std::fs::write(at("all.csv"), rows(ROWS)).unwrap();
    let import = |data: &str| {
        let _ = std::fs::remove_file(at("a.db"));
        let ended =
            process::run(Command::new(env!("CARGO_BIN_EXE_heng")).args(["import", "--data", data]).current_dir(folder.path())).unwrap();
        (ended.took.as_secs_f64(), ended.peak)
    };
    let small = import("tenth.csv").1;
    let (mut ours, mut bare, mut large) = (Vec::new(), Vec::new(), None);
    for _ in 0..TURNS {
        bare.push(limit(&at("all.csv"), &at("bare.db")));
        let (took, peak) = import("all.csv");
        ours.push(took);
        large = large.max(peak);
    }
    let (ours, bare) = (median(ours), median(bare));
    println!("{ROWS} rows of 40 fields: heng import {ours:.2} s, bare {bare:.2} s, ratio {:.2}", ours / bare);
    let mebibytes = |peak: Option<u64>| peak.map_or_else(|| "?".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
    println!("memory: {} rows {}, {ROWS} rows {}", ROWS / 10, mebibytes(small), mebibytes(large));
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Forty fields with ranges, options and checks.
fn form() -> String {
    let mut form = String::from("unit 生, 元\nform 学校表 {\n  subject 学校 by 代码\n  代码: text required { pattern \"S\\d{6}\" }\n");
    (0..NUMBERS).for_each(|at| writeln!(form, "  数{at}: integer 生 0..100000 required").unwrap());
    (0..5).for_each(|at| writeln!(form, "  款{at}: decimal(2) 元 0..").unwrap());
    form.push_str("  率: percent 0%..100%\n  学段: choice { 小学, 初中, 高中 } required\n  寄宿制: yes/no\n  建校: date\n");
    form.push_str("  check 数1 <= 数0 : \"数1 不多于 数0\"\n  check 数3 + 数4 <= 数0 + 数2 : \"合计\"\n}\n");
    form
}

fn rows(count: usize) -> String {
    let mut text = String::from("代码");
    (0..NUMBERS).for_each(|at| write!(text, ",数{at}").unwrap());
    (0..5).for_each(|at| write!(text, ",款{at}").unwrap());
    text.push_str(",率,学段,寄宿制,建校\n");
    for row in 0..count {
        write!(text, "S{row:06}").unwrap();
        // The first is the greatest, so that the checks hold.
        (0..NUMBERS).for_each(|at| write!(text, ",{}", if at == 0 { 90_000 } else { (row * 7919 + at * 104_729) % 40_000 }).unwrap());
        (0..5).for_each(|at| write!(text, ",{}.{:02}", (row * 31 + at * 17) % 1_000_000, row % 100).unwrap());
        let (stage, boards) = (["小学", "初中", "高中"][row % 3], ["是", "否"][row % 2]);
        writeln!(text, ",{}.5,{stage},{boards},19{:02}-09-01", row % 99, row % 100).unwrap();
    }
    text
}

/// Seconds of the bare reading and inserting.
fn limit(data: &Path, to: &Path) -> f64 {
    let _ = std::fs::remove_file(to);
    let start = Instant::now();
    let mut db = Connection::open(to).unwrap();
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    db.execute_batch("PRAGMA synchronous = FULL").unwrap();
    let mut reader = csv::Reader::from_path(data).unwrap();
    let columns: Vec<String> = reader.headers().unwrap().iter().map(|name| format!("\"{name}\" TEXT")).collect();
    db.execute_batch(&format!("CREATE TABLE t ({})", columns.join(", "))).unwrap();
    let marks = vec!["?"; columns.len()].join(", ");
    let transaction = db.transaction().unwrap();
    {
        let mut insert = transaction.prepare(&format!("INSERT INTO t VALUES ({marks})")).unwrap();
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).unwrap() {
            insert.execute(params_from_iter(row.iter())).unwrap();
        }
    }
    transaction.commit().unwrap();
    db.close().unwrap();
    start.elapsed().as_secs_f64()
}
