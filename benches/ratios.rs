//! How fast the engine is beside the practical limit: `cargo bench --bench ratios -- [FOLDER]`.
//!
//! FOLDER holds a program written by hand for the rubric of `benches/sixty`; without it, the engine is measured alone on
//! made-up schools. Both are run in turns, a median of each is taken, and our results are compared with the expected ones.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "a benchmark may stop")]

mod support;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::expected::{self, Comparison};
use support::judge::{By, Judge, Loaded};
use support::limit::Limit;
use support::process::{Ended, run};
use support::{made_up, median, region, root, seconds};

/// The whole process: `heng` and these, with `{data}` and `{out}` replaced.
const WHOLE: [&str; 9] = ["run", "六十项", "--data", "{data}", "--on", "2024-12-31", "--wide", "--out", "{out}"];
/// The columns of the file that it writes: key, total, grade. The first header of each list that is there counts.
const WIDE: [&[&str]; 3] = [&["subject", "id"], &["@total", "total"], &["@grade", "grade"]];
/// How often each of two is run in turns.
const TURNS: usize = 5;

fn main() {
    // With this argument the program does nothing at all: what a start costs.
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if given.iter().any(|argument| argument == "--empty") {
        return;
    }
    let limit = given.iter().find(|argument| !argument.starts_with('-')).map(|folder| {
        // Cargo starts a benchmark in the folder of the package.
        Limit::build(Path::new(folder)).unwrap_or_else(|error| panic!("the limit program cannot be built: {error}"))
    });
    let bench = Bench { limit, ways: Judge::open(By::Ways), scripts: Judge::open(By::Scripts) };
    bench.check_all();
    println!("{:<34} {:>9} {:>13} {:>13} {:>9}", "", "schools", "heng", "limit", "ratio");
    for number in [1000, 100_000] {
        bench.in_memory(number);
    }
    bench.by_scripts(1000);
    bench.by_scripts(10_000);
    bench.whole(500_000);
    bench.start();
}

struct Bench {
    limit: Option<Limit>,
    ways: Judge,
    scripts: Judge,
}

impl Bench {
    /// The data of so many schools; says why there are none.
    fn data(&self, number: usize) -> Option<PathBuf> {
        match &self.limit {
            None => Some(made_up(number)),
            Some(limit) => limit.data(number).map_err(|error| println!("{number} schools skipped: {error}")).ok(),
        }
    }

    /// Compares our results with the expected ones, to the digit.
    fn check_all(&self) {
        let Some(limit) = &self.limit else { return };
        for number in [1000, 10_000, 100_000] {
            let (Some(schools), Some(counties)) = (limit.expected(number, "schools"), limit.expected(number, "counties")) else {
                println!("{number} schools: no expected results");
                continue;
            };
            let Some(file) = self.data(number) else { continue };
            for (by, judge) in [("ways", &self.ways), ("scripts", &self.scripts)] {
                let loaded = judge.read(&file);
                let mut ready = judge.ready();
                let sheet = ready.score_with_counties(&loaded);
                report(number, by, "totals and grades", &expected::schools(&ready, &loaded, &sheet, &schools));
                report(number, by, "statistics and verdicts", &expected::counties(&ready, &loaded, &sheet, &counties));
            }
        }
    }

    /// Schools, and schools with counties, from memory.
    fn in_memory(&self, number: usize) {
        let Some(file) = self.data(number) else { return };
        let loaded = self.ways.read(&file);
        let ready = RefCell::new(self.ways.ready());
        let score = |loaded: &Loaded| seconds(50, || ready.borrow_mut().score(loaded));
        let counties = |loaded: &Loaded| seconds(50, || ready.borrow_mut().score_with_counties(loaded));
        let reps = if number > 10_000 { 15 } else { 200 };
        self.pair("score, colpar", number, || score(&loaded), "colpar", reps, |times| times.score);
        self.pair("score, filt", number, || score(&loaded), "filt", reps, |times| times.score);
        let both = |times: support::limit::Times| times.score + times.counties;
        self.pair("score and counties, colpar", number, || counties(&loaded), "colpar", reps, both);
    }

    /// 58 scripts a school.
    fn by_scripts(&self, number: usize) {
        let Some(file) = self.data(number) else { return };
        let loaded = self.scripts.read(&file);
        let ready = RefCell::new(self.scripts.ready());
        self.pair("scripts, rhaipar", number, || seconds(5, || ready.borrow_mut().score(&loaded)), "rhaipar", 3, |times| times.score);
    }

    /// Runs ours and a mode of the limit program in turns.
    fn pair(&self, what: &str, number: usize, ours: impl Fn() -> f64, mode: &str, reps: usize, of: impl Fn(support::limit::Times) -> f64) {
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            if let Some(limit) = &self.limit {
                match limit.run(mode, number, reps) {
                    Ok((times, _)) => theirs.push(of(times)),
                    Err(error) => println!("{mode}: {error}"),
                }
            }
            mine.push(ours());
            if mine[0] > 5.0 {
                break;
            }
        }
        line(what, number, median(mine), theirs, time);
    }

    /// Start, read, compile, evaluate, write.
    fn whole(&self, number: usize) {
        let Some(file) = self.data(number) else { return };
        let (mut took, mut peak) = (Vec::new(), Vec::new());
        let (mut limit_took, mut limit_peak) = (Vec::new(), Vec::new());
        let out = root().join(format!("target/sixty/totals_{number}.csv"));
        for _ in 0..3 {
            match heng(&region(), &file, &out) {
                Ok(ended) => {
                    took.push(ended.took.as_secs_f64());
                    peak.extend(ended.peak.map(|bytes| bytes as f64));
                }
                Err(error) => return println!("whole process not measured: {error}"),
            }
            if let Some(limit) = &self.limit {
                match limit.run("fused", number, 1) {
                    Ok((_, ended)) => {
                        limit_took.push(ended.took.as_secs_f64());
                        limit_peak.extend(ended.peak.map(|bytes| bytes as f64));
                    }
                    Err(error) => println!("fused: {error}"),
                }
            }
        }
        line("whole process, fused", number, median(took), limit_took, time);
        line("  its most memory", number, median(peak), limit_peak, |bytes| format!("{:.1} MB", bytes / 1e6));
        if let Some(grades) = self.limit.as_ref().and_then(|limit| limit.grades("fused", number)) {
            println!("  grades: {}", same_grades(&out, &grades).unwrap_or_else(|error| error));
        }
    }

    /// 34 schools beside a process that does nothing.
    fn start(&self) {
        let Some(file) = self.data(34) else { return };
        let (office, out) = (support::office(), root().join("target/sixty/totals_34.csv"));
        let (mut took, mut empty) = (Vec::new(), Vec::new());
        for _ in 0..20 {
            match heng(&office, &file, &out) {
                Ok(ended) => took.push(ended.took.as_secs_f64()),
                Err(error) => return println!("start not measured: {error}"),
            }
            let nothing = run(Command::new(std::env::current_exe().unwrap()).arg("--empty")).unwrap();
            empty.push(nothing.took.as_secs_f64());
        }
        line("start, an empty process", 34, median(took), empty, time);
    }
}

fn heng(region: &Path, data: &Path, out: &Path) -> Result<Ended, String> {
    std::fs::create_dir_all(root().join("target/sixty")).unwrap();
    let arguments = WHOLE.iter().map(|word| word.replace("{data}", &data.to_string_lossy()).replace("{out}", &out.to_string_lossy()));
    run(Command::new(env!("CARGO_BIN_EXE_heng")).args(arguments).current_dir(region))
}

/// Compares the grades that were written with those of the schools 1, 2, 3 …
fn same_grades(out: &Path, grades: &[u8]) -> Result<String, String> {
    let mut rows = csv::Reader::from_path(out).map_err(|error| error.to_string())?;
    let header = rows.headers().map_err(|error| error.to_string())?.clone();
    let find = |names: &[&str]| {
        let plain = |cell: &str| cell.trim_start_matches('\u{FEFF}').to_owned();
        let place = names.iter().find_map(|name| header.iter().position(|cell| plain(cell) == *name));
        place.ok_or(format!("not compared, no column {names:?} in {header:?}"))
    };
    let (key, grade) = (find(WIDE[0])?, find(WIDE[2])?);
    let (mut same, mut other) = (0, 0);
    for row in rows.records().map(Result::unwrap) {
        let school: usize = row[key].parse().map_err(|_| format!("{} is no school", &row[key]))?;
        let ours = ["一级", "二级", "三级", "四级"].iter().position(|name| *name == &row[grade]).map(|at| at + 1);
        let theirs = grades.get(school - 1).map(|grade| usize::from(*grade));
        if ours.is_some() && ours == theirs { same += 1 } else { other += 1 }
    }
    Ok(format!("{same} of {} as fused has them, {other} not", grades.len()))
}

fn report(number: usize, by: &str, what: &str, comparison: &Comparison) {
    let wrong = comparison.differences.len();
    println!("{number} schools, {by}, {what}: {} of {} values as expected", comparison.compared - wrong, comparison.compared);
    comparison.differences.iter().take(5).for_each(|difference| println!("  {difference}"));
}

fn line(what: &str, number: usize, ours: f64, theirs: Vec<f64>, show: impl Fn(f64) -> String) {
    let (limit, ratio) = match theirs.is_empty() {
        true => (String::new(), String::new()),
        false => {
            let limit = median(theirs);
            let times = limit / ours;
            (show(limit), if times > 20.0 { format!("1/{times:.0}") } else { format!("{:.2}", 1.0 / times) })
        }
    };
    println!("{what:<34} {number:>9} {:>13} {limit:>13} {ratio:>9}", show(ours));
}

fn time(seconds: f64) -> String {
    match seconds {
        long if long >= 1.0 => format!("{long:.3} s"),
        short if short >= 0.001 => format!("{:.3} ms", short * 1e3),
        shortest => format!("{:.1} µs", shortest * 1e6),
    }
}
