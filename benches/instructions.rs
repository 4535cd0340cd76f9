//! The gate on instructions: `cargo bench --bench instructions`, and `-- --bless` to write `benches/budget.toml` anew.
//!
//! Times depend on the machine and on who else uses it; counted instructions hardly do. Each piece of work is run in a
//! process of its own under valgrind, once with its preparation alone and once with the work; the difference is held
//! against the budget. Without valgrind nothing is counted, and it is said so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "a benchmark may stop")]

mod support;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use support::judge::{By, Judge};
use support::{root, texts, thousand};

const WORK: [&str; 4] = ["compile", "read_1000", "score_1000", "counties_1000"];
/// How far the count may lie above its budget, in thousandths.
const TOLERANCE: u64 = 30;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if let [step, name] = given.as_slice()
        && matches!(step.as_str(), "prepare" | "work")
    {
        work(name, step == "work");
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("no valgrind on this machine: instructions are not counted");
        return ExitCode::SUCCESS;
    }
    let counted: BTreeMap<&str, u64> = WORK.into_iter().map(|name| (name, count("work", name) - count("prepare", name))).collect();
    let file = root().join("benches/budget.toml");
    if given.iter().any(|argument| argument == "--bless") {
        let mut text = String::from("# Instructions, counted by `cargo bench --bench instructions`; `-- --bless` writes them anew.\n");
        counted.iter().for_each(|(name, number)| text.push_str(&format!("{name} = {number}\n")));
        std::fs::write(&file, text).unwrap();
        return ExitCode::SUCCESS;
    }
    let budget: BTreeMap<String, u64> = toml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut over = false;
    for (name, number) in counted {
        let allowed = *budget.get(name).unwrap_or_else(|| panic!("benches/budget.toml has no {name}"));
        let change = number as f64 / allowed as f64 * 100.0 - 100.0;
        let said = match number {
            more if more > allowed + allowed * TOLERANCE / 1000 => "over the budget",
            less if less < allowed - allowed * TOLERANCE / 1000 => "below; lower the budget with --bless",
            _ => "as budgeted",
        };
        over |= said == "over the budget";
        println!("{name:<16} {number:>14}  budget {allowed:>14}  {change:>+6.1} %  {said}");
    }
    if over { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn work(name: &str, whole: bool) {
    if name == "compile" {
        let texts = texts(&["forms/sixty.heng", "rules/sixty.heng"]);
        if whole {
            black_box(Judge::compile(&texts, By::Ways));
        }
        return;
    }
    let judge = Judge::open(By::Ways);
    if name == "read_1000" && !whole {
        return;
    }
    let loaded = judge.read(&thousand());
    match (name, whole) {
        ("score_1000", true) => drop(black_box(judge.ready().score(&loaded))),
        ("counties_1000", true) => drop(black_box(judge.ready().score_with_counties(&loaded))),
        _ => drop(black_box(loaded)),
    }
}

/// The instructions of one run of this program, in one thread.
fn count(step: &str, name: &str) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    let this = std::env::current_exe().unwrap();
    let ran = valgrind.arg(this).args([step, name]).env("RAYON_NUM_THREADS", "1").output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{step} {name}: {said}");
    let line = said.lines().find(|line| line.contains("I refs:") || line.contains("I   refs:"));
    let line = line.unwrap_or_else(|| panic!("valgrind counts nothing: {said}"));
    let digits: String = line.rsplit(':').next().unwrap().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
