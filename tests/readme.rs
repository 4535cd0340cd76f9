//! What README.md and docs/language.md promise (文档里的承诺): the commands do what is said, the examples are read.
//!
//! README's Rust code runs as a test of the library's documentation, not here.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use heng::Engine;
use heng::check::check;
use heng::diag::{Diagnostics, Lang};
use heng::eval::{TestFiles, run_test};
use heng::report::diagnostics::concise;
use heng::syntax::{keywords, parse};
use heng::text::Texts;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap().replace("\r\n", "\n")
}

/// The fenced blocks of a page: what stands behind the fence, the line it begins on, its text.
fn blocks(page: &str) -> Vec<(String, usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            blocks.push((kind.to_owned(), at + 1, text.map(|line| format!("{line}\n")).collect()));
        }
    }
    blocks
}

/// The two commands of README: the job that follows `cargo run … --`, and the tests.
fn commands(readme: &str) -> (Vec<String>, String) {
    let first = blocks(readme).into_iter().next().unwrap();
    assert_eq!(first.0, "sh", "the first block holds the commands");
    let lines: Vec<&str> = first.2.lines().collect();
    let [run, test] = lines.as_slice() else { unreachable!("there are exactly two commands, not {lines:?}") };
    let (cargo, job) = run.split_once(" -- ").unwrap();
    assert!(cargo.starts_with("cargo run --release"), "{cargo}");
    (job.split_whitespace().map(str::to_owned).collect(), (*test).to_owned())
}

#[test]
fn the_main_job_runs_as_the_readme_says() {
    for readme in ["README.md", "README.zh.md"] {
        let (job, test) = commands(&read(readme));
        assert_eq!(test, "cargo test");
        let run = Command::new(env!("CARGO_BIN_EXE_heng")).args(&job).current_dir(root()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert_eq!(run.status.code(), Some(0), "{readme}: {err}");
        assert!(out.contains("420") && out.contains("A 26 · B 123 · C 111 · D 160"), "{readme}: {out}");
    }
}

#[test]
fn both_readmes_show_the_same() {
    let kinds = |page: &str| blocks(page).into_iter().map(|(kind, ..)| kind).collect::<Vec<_>>();
    let (english, chinese) = (read("README.md"), read("README.zh.md"));
    assert_eq!(kinds(&english), kinds(&chinese));
    let code = |page: &str| blocks(page).into_iter().find(|(kind, ..)| kind == "rust").unwrap().2;
    let example = read("examples/embed.rs");
    for page in [&english, &chinese] {
        assert!(example.ends_with(&code(page)), "the code in the README is that of examples/embed.rs");
    }
}

#[test]
fn every_page_that_is_linked_is_there() {
    let mut pages: Vec<PathBuf> =
        ["README.md", "README.zh.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from).to_vec();
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    let mut lost = Vec::new();
    for page in pages {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        let folder = root().join(page.parent().unwrap());
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if !path.is_empty() && !path.contains("://") && !folder.join(path).exists() {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Examples of docs/language.md: whole texts, whose tests pass, statements of a rubric, statements of an indicator.
#[test]
fn the_examples_of_the_language_reference_are_read() {
    let mut slips = Vec::new();
    let mut seen = 0;
    for (kind, line, text) in blocks(&read("docs/language.md")) {
        let source = match kind.as_str() {
            "heng" => text.clone(),
            "heng rubric" => format!("rubric 例 {{\n{text}}}\n"),
            "heng indicator" => format!("rubric 例 {{\nindicator A1 \"例\" 8 {{\n{text}}}\n}}\n"),
            _ => continue,
        };
        seen += 1;
        let mut texts = Texts::new();
        let text = texts.add(format!("docs/language.md:{line}").as_str(), source);
        let (tree, mut found) = parse(&text);
        // Tests speak of rubrics that stand elsewhere, and pieces of fields.
        let whole = kind == "heng" && !text.source.starts_with("test ");
        if whole {
            found.append(check(&texts, &[tree]).1);
        }
        if found.errors() > 0 {
            slips.push(told(&texts, &found));
        } else if whole {
            let engine = Engine::new(texts, Diagnostics::new());
            for test in &engine.rules().tests {
                let found = run_test(engine.rules(), engine.texts(), test, &TestFiles::default());
                slips.extend((!found.is_empty()).then(|| told(engine.texts(), &found)));
            }
        }
    }
    assert!(seen > 15, "the examples were not found");
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}

/// The table of keywords is that of the grammar, line by line.
#[test]
fn the_language_reference_lists_every_keyword() {
    let page = read("docs/language.md");
    let (_, tables) = page.split_once("\n## All keywords").unwrap();
    let listed: Vec<&str> = tables.lines().filter(|line| line.starts_with("| `")).collect();
    let known: Vec<String> = keywords().iter().map(|keyword| format!("| `{}` | `{}` |", keyword.english, keyword.chinese)).collect();
    assert_eq!(listed, known);
}

fn told(texts: &Texts, found: &Diagnostics) -> String {
    concise(texts, found, Lang::En)
}
