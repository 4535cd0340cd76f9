//! The corpus (用例集): each `tests/corpus/**/*.heng` is a text that says itself what is wrong with it.
//!
//! ```text
//! //~ H0301 "4.5 平方米"
//! target >= 4.5 平方米
//! ```
//! expects that code on the next line that is not `//~`, underlining exactly that text; several may stand one below the
//! other. Every diagnostic is expected somewhere. The `.out` beside a case holds all that is printed about it;
//! `HENG_BLESS=1 cargo test --test corpus` rewrites it, and the difference is read like code.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use heng::diag::{Code, Diagnostics, Lang, place};
use heng::eval::{TestFiles, run_test};
use heng::report::diagnostics::{Look, full};
use heng::syntax::parse;
use heng::text::{Text, Texts};
use std::fs;
use std::path::{Path, PathBuf};

/// What a `//~` line expects: the code, the line that it stands on, the text that is underlined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    line: usize,
    code: String,
    underlined: String,
}

#[test]
fn every_case_says_what_is_wrong_with_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases = Vec::new();
    collect(&root.join("tests/corpus"), &mut cases);
    assert!(!cases.is_empty(), "there are no cases");
    let bless = std::env::var_os("HENG_BLESS").is_some();
    let slips: Vec<_> = cases.iter().filter_map(|case| run(root, case, bless).err()).collect();
    assert!(slips.is_empty(), "{} of {} cases:\n\n{}", slips.len(), cases.len(), slips.join("\n"));
}

#[test]
fn no_output_is_left_over() {
    let mut outputs = Vec::new();
    collect_by(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"), "out", &mut outputs);
    for output in outputs {
        assert!(output.with_extension("heng").exists(), "{} belongs to no case", output.display());
    }
}

/// Runs one case, as a region of its own.
fn run(root: &Path, case: &Path, bless: bool) -> Result<(), String> {
    let name = case.strip_prefix(root.join("tests/corpus")).unwrap().to_string_lossy().replace('\\', "/");
    let source = fs::read_to_string(case).unwrap();
    let mut texts = Texts::new();
    let text = texts.add(name.as_str(), source);
    let (tree, mut found) = parse(&text);
    let (rules, told) = heng::check::check(&texts, &[tree]);
    found.append(told);
    found.sort();

    let (mut expected, mut told) = (expectations(&text.source)?, underlined(&texts, &text, &found));
    expected.sort();
    told.sort();
    let shown = full(&texts, &found, Lang::Zh, Look::default());
    if expected != told {
        let missing: Vec<_> = expected.iter().filter(|one| !told.contains(one)).collect();
        let extra: Vec<_> = told.iter().filter(|one| !expected.contains(one)).collect();
        return Err(format!("{name}: expected but not told: {missing:#?}\ntold but not expected: {extra:#?}\n{shown}"));
    }

    // What a case without mistakes expects of results is true.
    for test in rules.tests.iter().filter(|test| found.errors() == 0 && test.data.is_empty()) {
        let failed = run_test(&rules, &texts, test, &TestFiles::default());
        if !failed.is_empty() {
            return Err(format!("{name}: {}", full(&texts, &failed, Lang::Zh, Look::default())));
        }
    }

    let output = case.with_extension("out");
    let kept = fs::read_to_string(&output).unwrap_or_default().replace("\r\n", "\n");
    match (kept == shown, bless) {
        (true, _) => Ok(()),
        (false, true) => {
            if shown.is_empty() {
                fs::remove_file(&output).unwrap()
            } else {
                fs::write(&output, &shown).unwrap()
            }
            Ok(())
        }
        (false, false) => Err(format!("{name}: prints otherwise than its .out (HENG_BLESS=1 rewrites it):\n{shown}")),
    }
}

/// What the `//~` lines of a case expect.
fn expectations(source: &str) -> Result<Vec<Expected>, String> {
    let mut expected = Vec::new();
    let mut waiting: Vec<(String, String)> = Vec::new();
    for (at, line) in source.lines().enumerate() {
        let Some(wanted) = line.trim_start().strip_prefix("//~") else {
            expected.extend(waiting.drain(..).map(|(code, underlined)| Expected { line: at + 1, code, underlined }));
            continue;
        };
        let (code, quoted) = wanted.trim().split_once(' ').unwrap_or((wanted.trim(), ""));
        let quoted = quoted.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        match (Code::find(code), quoted) {
            (Some(code), Some(quoted)) => waiting.push((code.to_string(), quoted.to_owned())),
            _ => return Err(format!("line {} is not `//~ CODE \"text\"`: {line}", at + 1)),
        }
    }
    if waiting.is_empty() { Ok(expected) } else { Err("a `//~` stands on the last line".to_owned()) }
}

/// What was told, in the same shape. Of an underlined text of several lines, the first counts.
fn underlined(texts: &Texts, text: &Text, found: &Diagnostics) -> Vec<Expected> {
    let told = found.iter().map(|what| {
        let span = place(what.as_ref()).unwrap_or(text.span());
        let underlined = texts.slice(span).lines().next().unwrap_or("").to_owned();
        Expected { line: texts.position(span).line, code: what.code().to_string(), underlined }
    });
    told.collect()
}

fn collect(folder: &Path, cases: &mut Vec<PathBuf>) {
    collect_by(folder, "heng", cases);
}

fn collect_by(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect_by(&path, ending, found);
        } else if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
}
