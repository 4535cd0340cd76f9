//! The clauses that published rubrics are made of (条款), each said as a text under `tests/corpus/idioms`, named after its id,
//! and the capabilities they need, under `tests/corpus/capabilities`, named after their rank.
//!
//! That each checks without a word `tests/corpus.rs` sees to. Here their own tests are run, on and beside each edge, and
//! `docs/idioms.md` is held to them.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use heng::Engine;
use heng::diag::Diagnostics;
use heng::eval::{TestFiles, run_test};
use heng::text::Texts;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many idioms each letter has: A1…A22 and so on.
const IDIOMS: &[(char, usize)] = &[('A', 22), ('B', 13), ('C', 11), ('D', 14), ('E', 6), ('F', 4), ('G', 5)];
const CAPABILITIES: usize = 30;

/// What cannot be said yet, and why.
const NOT_YET: &[(&str, &str)] = &[];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cases of a folder by what stands before the `_` of their names: `A01`, `07`.
fn cases(folder: &str) -> BTreeMap<String, PathBuf> {
    let mut cases = BTreeMap::new();
    for entry in fs::read_dir(root().join("tests/corpus").join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (id, _) = name.split_once('_').unwrap();
        let twice = cases.insert(id.to_owned(), path);
        assert!(twice.is_none(), "{folder}: two cases of {id}");
    }
    cases
}

/// Each id as it is written (`A1`, `7`), with its case.
fn all() -> Vec<(String, Option<PathBuf>)> {
    let (mut idioms, mut capabilities) = (cases("idioms"), cases("capabilities"));
    let mut all = Vec::new();
    for (letter, count) in IDIOMS {
        all.extend((1..=*count).map(|at| (format!("{letter}{at}"), idioms.remove(&format!("{letter}{at:02}")))));
    }
    all.extend((1..=CAPABILITIES).map(|rank| (rank.to_string(), capabilities.remove(&format!("{rank:02}")))));
    assert!(idioms.is_empty() && capabilities.is_empty(), "no such ids: {idioms:?} {capabilities:?}");
    all
}

#[test]
fn each_has_a_case_or_a_reason() {
    for (id, case) in all() {
        let reason = NOT_YET.iter().find(|(not_yet, _)| *not_yet == id);
        match (case, reason) {
            (None, None) => unreachable!("{id} has no case"),
            (Some(_), Some((_, reason))) => unreachable!("{id} has a case now: {reason}"),
            (None, Some((_, reason))) => assert!(!reason.is_empty()),
            (Some(path), None) => {
                let text = fs::read_to_string(path).unwrap();
                assert!(text.starts_with(&format!("// {id} ")), "the case of {id} says in its first line what it is");
            }
        }
    }
}

#[test]
fn each_gives_the_numbers_of_its_clause() {
    let mut slips = Vec::new();
    for (id, path) in all().into_iter().filter_map(|(id, case)| Some((id, case?))) {
        let mut texts = Texts::new();
        texts.add(path.file_name().unwrap().to_string_lossy().as_ref(), fs::read_to_string(&path).unwrap());
        let engine = Engine::new(texts, Diagnostics::new());
        let expectations: usize = engine.rules().tests.iter().map(|test| test.expectations.len()).sum();
        assert!(expectations >= 2, "{id}: a case has tests on and beside the edge");
        for test in &engine.rules().tests {
            let found = run_test(engine.rules(), engine.texts(), test, &TestFiles::default());
            if !found.is_empty() {
                slips.push(format!("{id}: {}", heng::report::diagnostics::concise(engine.texts(), &found, heng::Lang::En)));
            }
        }
    }
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}

/// Without spaces, and without line ends and the `;` that may stand for them.
fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != ';').collect()
}

#[test]
fn the_table_of_clauses_is_complete_and_true() {
    let page = fs::read_to_string(root().join("docs/idioms.md")).unwrap();
    let mut slips = Vec::new();
    for (id, case) in all() {
        let Some(case) = case else {
            if !page.lines().any(|line| line.starts_with(&format!("| {id} | "))) {
                slips.push(format!("{id} is not on the page"));
            }
            continue;
        };
        let case = case.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let row = format!("| [{id}](../{case}) | ");
        let Some(line) = page.lines().find(|line| line.starts_with(&row)) else {
            slips.push(format!("{id} is not on the page as `{row}`"));
            continue;
        };
        let source = fs::read_to_string(root().join(&case)).unwrap();
        let source: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).map(squeezed).collect();
        let snippets = line.split('`').skip(1).step_by(2);
        slips.extend(
            snippets.filter(|code| !source.contains(&squeezed(code))).map(|code| format!("{id}: `{code}` does not stand in {case}")),
        );
        if !id.starts_with(|first: char| first.is_ascii_digit()) && !line.contains('`') {
            slips.push(format!("{id}: the page does not say how it is written"));
        }
    }
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}

/// Runs a command on a case, in a folder with its data.
fn heng(case: &str, data: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let found = cases("idioms").remove(case).or_else(|| cases("capabilities").remove(case)).unwrap();
    fs::copy(found, folder.path().join("rules.heng")).unwrap();
    fs::write(folder.path().join("data.csv"), data).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_heng")).args(arguments).args(["--lang", "zh"]).current_dir(folder.path()).output().unwrap();
    String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned()
}

/// 酌情: a reason is not optional, and nobody leaves the range.
#[test]
fn discretion_needs_a_reason_and_a_range() {
    let told = heng(
        "A13",
        "代码,班数,班数酌扣,酌扣理由\n1,13,4,扩班\n2,13,4.1,扩班\n3,13,1.9,扩班\n4,13,3,\n",
        &["run", "rules.heng", "--data", "data.csv"],
    );
    assert_eq!(told.matches("H0605").count(), 4, "two out of the range, each told with its page: {told}");
    assert!(told.contains("酌扣要写理由"), "{told}");
    let told = heng("D11", "代码,基本分,加分项目,加分等次\n1,88,足球,二分\n2,88,,二分\n", &["run", "rules.heng", "--data", "data.csv"]);
    assert!(told.contains("有项目才可填加分 (加分等次 = 二分)"), "{told}");
}

/// Rank 29: for every point lost the clause, the data and the words of the rule.
#[test]
fn every_point_lost_is_traced() {
    let told = heng("29", "代码,未整改隐患数,预案健全\n例,2,否\n", &["why", "rules.heng", "--data", "data.csv", "--subject", "例"]);
    for part in ["第三条: 隐患未整改每处扣2分", "预案不健全扣1分", "未整改隐患数 = 2", "data.csv:2", "rules.heng:14"]
    {
        assert!(told.contains(part), "no `{part}` in\n{told}");
    }
}
