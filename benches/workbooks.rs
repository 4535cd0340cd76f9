//! How fast workbooks are read beside the bare reading of them by `calamine`: `cargo bench --bench workbooks -- [COUNT]`.
//!
//! COUNT workbooks (500) of a school each are made, then read in turns: by `calamine` alone, every sheet, with as many threads;
//! and by `data::read`, with the limits, the header, every cell and all checks. The median of each is taken. What a run takes
//! of memory is read from the system before and after, where it tells.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "a benchmark may stop")]

use calamine::{Reader, Xlsx, open_workbook};
use heng::Engine;
use heng::data::{Options, read};
use rayon::prelude::*;
use rust_xlsxwriter::Workbook;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const TURNS: usize = 7;
const FIELDS: usize = 40;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(500);
    let mut form = String::from("单位 人\n填报表 学校表 {\n  对象 学校 按 代码\n  代码: 文本 必填\n");
    (1..FIELDS).for_each(|field| form.push_str(&format!("  项{field}: 小数(2) 人 0..100000 必填\n")));
    (1..FIELDS / 2).for_each(|field| form.push_str(&format!("  校验 项{field} <= 项{} + 100000 : \"核对\"\n", field + 1)));
    let engine = Engine::from_text("form.heng", &(form + "}\n"));
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let form = &engine.rules().forms[0];

    for rows in [1, 20, 200] {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..count).map(|number| folder.path().join(format!("{number}.xlsx"))).collect();
        paths.par_iter().enumerate().for_each(|(number, path)| make(path, number, rows));
        let (mut bare, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            bare.push(took(|| paths.par_iter().map(|path| cells(path)).sum::<usize>() > 0));
            let options = Options { texts: Some(engine.texts()), ..Options::default() };
            ours.push(took(|| {
                let (table, found, _) = read(form, &paths, &options);
                assert!(found.is_empty(), "{:?}", found.iter().next());
                table.len() == count * rows
            }));
        }
        let (bare, ours) = (median(bare), median(ours));
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        println!(
            "{count} workbooks of {rows:>3} rows, {FIELDS} fields: calamine {bare:>9.1?}, heng {ours:>9.1?}, ratio {ratio:.2}; {} MiB at most",
            peak()
        );
    }
}

/// A workbook of so many schools.
fn make(path: &Path, number: usize, rows: usize) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "代码").unwrap();
    for column in 1..FIELDS {
        sheet.write_string(0, u16::try_from(column).unwrap(), format!("项{column}")).unwrap();
    }
    for row in 1..=u32::try_from(rows).unwrap() {
        sheet.write_string(row, 0, format!("A{number}-{row}")).unwrap();
        for column in 1..u16::try_from(FIELDS).unwrap() {
            sheet.write_number(row, column, f64::from(row * 7 + u32::from(column) * 13) / 4.0).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

/// Everything that `calamine` reads of a workbook.
fn cells(path: &Path) -> usize {
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
    let sheets = workbook.sheet_names();
    sheets.iter().map(|name| workbook.worksheet_range(name).unwrap().used_cells().count()).sum()
}

fn took(work: impl FnOnce() -> bool) -> Duration {
    let started = Instant::now();
    assert!(work());
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The most memory that this process has had, in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kibibytes| kibibytes.parse::<u64>().ok()).unwrap_or(0) >> 10
}
