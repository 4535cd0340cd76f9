//! `heng test`: runs the tests in the rule files.

use super::job::engine;
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{Options, Region};
use crate::diag::{Code, Diagnostics, Mistake};
use crate::engine::Engine;
use crate::eval::{TestFiles, run_test};
use crate::model::{Expectation, Test};
use crate::report::diagnostics::{full, json};
use clap::ArgMatches;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Runs the tests of the files that are named, else of the region.
pub(super) fn test(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let paths: Vec<PathBuf> = matches.get_many("paths").into_iter().flatten().cloned().collect();
    let (engine, region) = match engine(&paths, terminal) {
        Ok(both) => both,
        Err(code) => return code,
    };
    if engine.errors() > 0 {
        terminal.tell(engine.texts(), engine.diagnostics());
        return FINDINGS;
    }
    let as_json = matches.get_one::<String>("format").is_some_and(|format| format == "json");
    let tests: Vec<&Test> = engine.rules().tests.iter().filter(|test| asked(&engine, test, &paths, region.as_ref())).collect();
    let (mut passed, mut failed, mut all) = (0_usize, 0_usize, Diagnostics::new());
    let bar = terminal.progress(tests.len(), "正在测试", "testing");
    for test in &tests {
        let found = match files_of(&engine, test, region.as_ref()) {
            Ok(files) => run_test(engine.rules(), engine.texts(), test, &files),
            Err(found) => found,
        };
        bar.inc(1);
        if found.is_empty() {
            passed += 1
        } else {
            failed += 1
        }
        all.append(found);
    }
    bar.finish_and_clear();
    if as_json {
        terminal.out(&json(engine.texts(), &all, terminal.lang));
    } else {
        if !all.is_empty() {
            terminal.out(&full(engine.texts(), &all, terminal.lang, terminal.look()));
        }
        terminal.out(&format!(
            "{}\n",
            terminal.lang.say(format!("测试 {passed} 项通过, {failed} 项未通过"), format!("{passed} passed, {failed} failed"))
        ));
    }
    match (passed, failed) {
        (0, 0) => {
            terminal.say(
                "没有测试; 在规则文件里写 `测试 \"…\" 针对 … { … }`",
                "there are no tests; write `test \"…\" of … { … }` in a rule file",
            );
            TROUBLE
        }
        (_, 0) => DONE,
        _ => FINDINGS,
    }
}

/// Whether a test stands in one of the paths that are named; without paths, outside the library.
fn asked(engine: &Engine, test: &Test, paths: &[PathBuf], region: Option<&Region>) -> bool {
    let Some(path) = engine.texts().get(test.span.text).map(|text| text.path.to_string()) else { return false };
    if path.starts_with("national/") {
        return paths.iter().any(|named| Path::new(&path).starts_with(named));
    }
    // Texts of a region are known by their paths in it, others as they were named.
    let whole = region.map_or_else(|| PathBuf::from(&path), |region| region.folder.join(&path));
    let whole = whole.canonicalize().unwrap_or(whole);
    paths.is_empty() || paths.iter().filter_map(|named| named.canonicalize().ok()).any(|named| whole.starts_with(named))
}

/// What a test reads from files: named beside its rule text, else from the region's folder.
fn files_of(engine: &Engine, test: &Test, region: Option<&Region>) -> Result<TestFiles, Diagnostics> {
    let folder = region.map_or_else(|| PathBuf::from("."), |region| region.folder.clone());
    let beside = engine.texts().get(test.span.text).map(|text| folder.join(&*text.path));
    let find = |name: &str| {
        let beside = beside.as_ref().and_then(|path| path.parent()).map(|parent| parent.join(name));
        beside.filter(|path| path.is_file()).unwrap_or_else(|| folder.join(name))
    };
    let mut files = TestFiles::default();
    if !test.data.is_empty() {
        let paths: Vec<PathBuf> = test.data.iter().map(|name| find(&name.it)).collect();
        if let Some((table, found, _)) = engine.read(test.rubric, &paths, &Options::default()) {
            if found.iter().any(|what| what.code() == Code::H0901) {
                return Err(found);
            }
            files.table = Some(table);
        }
    }
    for expectation in &test.expectations {
        let Expectation::File { file, .. } = expectation else { continue };
        match records(&find(&file.it)) {
            Ok(rows) => {
                files.expected.insert(file.it.clone(), rows);
            }
            Err(error) => {
                let mut found = Diagnostics::new();
                let (zh, en) = (format!("读不出 `{}`: {error}", file.it), format!("cannot read `{}`: {error}", file.it));
                found.push(Mistake::new(Code::H0503, zh, en).here(file.span, "期望的结果", "the expected results"));
                return Err(found);
            }
        }
    }
    Ok(files)
}

/// The rows of a CSV file, header and cell.
fn records(path: &Path) -> Result<Vec<BTreeMap<String, String>>, csv::Error> {
    let bytes = std::fs::read(path)?;
    let text = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header = reader.headers()?.clone();
    let row = |record: csv::StringRecord| header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| record.map(row)).collect()
}
