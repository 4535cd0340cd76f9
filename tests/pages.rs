//! Every diagnostic code has its page, all of one shape, and the examples on it are true (代码说明页).
//!
//! The shape is described in `docs/errors/README.md`. That each code has a page the compiler sees to.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use heng::cli::Page;
use heng::diag::{Code, Diagnostics, Lang};
use heng::report::diagnostics::{Look, full};
use heng::syntax::parse;
use heng::text::Texts;
use std::fs;
use std::path::Path;

/// Codes that no rule text alone can raise: they speak of data, files, or texts too large or broken to be printed.
const NOT_BY_A_TEXT: &[Code] = &[Code::H0100, Code::H0111, Code::H0113, Code::H0502, Code::H0503, Code::H0504, Code::H0505];

fn by_a_text(code: Code) -> bool {
    code < Code::H0601 && !NOT_BY_A_TEXT.contains(&code)
}

#[test]
fn every_page_has_the_shape() {
    let mut slips = Vec::new();
    for &code in Code::ALL {
        match Page::read(code.page()) {
            Err(missing) => slips.push(format!("{code}: {missing}")),
            Ok(page) => {
                let title = format!("{code} {} {}", code.chinese(), code.slug());
                if page.title != title {
                    slips.push(format!("{code}: the first line does not begin with `# {title}: `"));
                }
                let ends = page.sentence.ends_with('.') || page.sentence.starts_with(|c: char| c.is_ascii_uppercase());
                if ends || page.sentence.is_empty() {
                    slips.push(format!("{code}: the sentence is in lower case, without a period"));
                }
                if page.chinese.is_ascii() || page.english.chars().filter(|c| c.is_ascii_alphabetic()).count() < 20 {
                    slips.push(format!("{code}: 说明 is in Chinese and Explanation in English"));
                }
                if by_a_text(code) && (page.avoid.language, page.prefer.language) != ("heng", "heng") {
                    slips.push(format!("{code}: both examples are ```heng"));
                }
            }
        }
    }
    assert!(slips.is_empty(), "{} pages:\n{}", slips.len(), slips.join("\n"));
}

#[test]
fn every_example_is_true() {
    let mut slips = Vec::new();
    for &code in Code::ALL.iter().filter(|code| by_a_text(**code)) {
        let Ok(page) = Page::read(code.page()) else {
            slips.push(format!("{code}: the page has not the shape"));
            continue;
        };
        let (texts, found) = check(page.avoid.text);
        if found.is_empty() || found.iter().any(|what| what.code() != code) {
            slips.push(format!("{code}: Avoid raises this instead:\n{}", full(&texts, &found, Lang::En, Look::default())));
        }
        let (texts, found) = check(page.prefer.text);
        if !found.is_empty() {
            slips.push(format!("{code}: Prefer is not clean:\n{}", full(&texts, &found, Lang::En, Look::default())));
        }
    }
    assert!(slips.is_empty(), "{} examples:\n{}", slips.len(), slips.join("\n"));
}

#[test]
fn no_page_is_left_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let known = name.strip_suffix(".md").and_then(Code::find).is_some();
        assert!(known || name == "README.md", "docs/errors/{name} belongs to no code");
    }
}

/// A text as a region of its own.
fn check(source: &str) -> (Texts, Diagnostics) {
    let mut texts = Texts::new();
    let text = texts.add("example.heng", source);
    let (tree, mut found) = parse(&text);
    let (_, told) = heng::check::check(&texts, &[tree]);
    found.append(told);
    found.sort();
    (texts, found)
}
