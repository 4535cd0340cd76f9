//! The built-in library (内置规则库): every text of it checks without a word, and every test in it passes.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use heng::Engine;
use heng::data::{add_library, library};
use heng::diag::Diagnostics;
use heng::eval::{TestFiles, run_test};
use heng::text::Texts;

fn engine() -> Engine {
    let mut texts = Texts::new();
    add_library(&mut texts, &["national/"]);
    Engine::new(texts, Diagnostics::new())
}

#[test]
fn it_is_without_errors_and_warnings() {
    let engine = engine();
    assert!(engine.diagnostics().is_empty(), "{}", engine.told());
}

#[test]
fn its_tests_pass() {
    let engine = engine();
    let tests = &engine.rules().tests;
    assert!(tests.len() >= 10, "only {} tests", tests.len());
    for test in tests {
        assert!(test.data.is_empty(), "a test of the library has no files: {}", test.title.it);
        let found = run_test(engine.rules(), engine.texts(), test, &TestFiles::default());
        let told = heng::report::diagnostics::concise(engine.texts(), &found, heng::Lang::En);
        assert!(found.is_empty(), "{}: {told}", test.title.it);
    }
}

#[test]
fn every_file_of_its_folders_is_in_it() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["forms", "rules"] {
        for entry in std::fs::read_dir(root.join(folder).join("national")).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            let path = format!("national/{folder}/{name}");
            assert!(library().any(|(known, _)| known == path), "{path} is not compiled in");
        }
    }
}

#[test]
fn every_rubric_of_it_has_a_test_and_says_what_it_restates() {
    let engine = engine();
    for (at, rubric) in engine.rules().rubrics.iter().enumerate() {
        assert!(engine.rules().tests.iter().any(|test| test.rubric == at), "{} has no test", rubric.name.it);
        assert!(rubric.authority.is_some(), "{} names no document", rubric.name.it);
    }
}
