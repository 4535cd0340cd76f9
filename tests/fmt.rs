//! `heng fmt` (排版): what each thing looks like, and that nothing is lost whatever was written.
//!
//! A case is a file of `tests/layout/KEYWORDS/`, where KEYWORDS is how keywords are to be spelled; the `.out` beside it is the
//! same text laid out, and `HENG_BLESS=1 cargo test --test fmt` rewrites it. Of all texts that there are, of random rubrics
//! and of texts strewn with blanks, line ends and comments it must hold that laying out twice is laying out once, that every
//! comment is kept, and that keywords come back from the other language. That the meaning stays `heng::fmt` sees to itself.
//! `HENG_SEED` repeats a run, `HENG_CASES` lengthens it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod reference;

use heng::Lang;
use heng::diag::Code;
use heng::fmt::{Keywords, format};
use heng::report::diagnostics::concise;
use heng::report::unified;
use heng::syntax::parse;
use heng::text::{Text, Texts};
use reference::random::{Random, case};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "heng") {
            found.push(path);
        }
    }
}

/// The texts of folders, with their paths in the repository.
fn texts(folders: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| collect(&root().join(folder), &mut paths));
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    paths.into_iter().map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// Everything that is kept in the one layout.
const SHIPPED: &[&str] = &["forms", "rules", "examples", "benches", "src/cli/starter", "tests/data"];

fn text(source: &str) -> Text {
    Texts::new().add("x.heng", source)
}

/// The text laid out; nothing if it has mistakes. That it would mean something else is never a reason.
fn laid(source: &str, keywords: Keywords) -> Option<String> {
    match format(&text(source), keywords) {
        Ok(laid) => Some(laid),
        Err(found) => {
            let told = concise(&Texts::new(), &found, Lang::En);
            assert!(!found.iter().any(|what| what.code() == Code::H0905), "{told}\n{source}");
            None
        }
    }
}

/// The comments of a text.
fn comments(source: &str) -> Vec<String> {
    let text = text(source);
    parse(&text).0.comments.iter().map(|comment| text.slice(comment.span).to_owned()).collect()
}

/// All that must hold of any text; gives back whether it could be laid out.
fn hold(source: &str) -> bool {
    let Some(once) = laid(source, Keywords::Keep) else { return false };
    let twice = laid(&once, Keywords::Keep).unwrap();
    assert!(twice == once, "laid out again it changes:\n{}\n{source}", unified("x.heng", &once, &twice, false));
    assert_eq!(comments(source), comments(&once), "{source}");
    assert!(once.is_empty() || once.ends_with('\n') && !once.ends_with("\n\n"), "{once:?}");
    // What a quoted text ends its lines with is its own.
    let mut quotes = 0;
    let mut within = |line: &str| {
        quotes += line.matches('"').count();
        quotes % 2 == 1 || source.contains('`')
    };
    assert!(once.lines().all(|line| within(line) || line.trim_end() == line), "{once}");

    let chinese = laid(source, Keywords::Chinese).unwrap();
    assert_eq!(comments(source), comments(&chinese), "{source}");
    let english = laid(&chinese, Keywords::English).unwrap();
    let back = laid(&english, Keywords::Chinese).unwrap();
    assert!(back == chinese, "from English it comes back otherwise:\n{}\n{source}", unified("x.heng", &chinese, &back, false));
    true
}

#[test]
fn every_case_looks_as_it_should() {
    let bless = std::env::var_os("HENG_BLESS").is_some();
    let mut slips = Vec::new();
    let cases = texts(&["tests/layout"]);
    assert!(cases.len() > 10, "the cases were not found");
    for (name, source) in cases {
        let keywords = match name.split('/').nth(2) {
            Some("zh") => Keywords::Chinese,
            Some("en") => Keywords::English,
            _ => Keywords::Keep,
        };
        let Some(shown) = laid(&source, keywords) else {
            slips.push(format!("{name} has mistakes"));
            continue;
        };
        assert!(hold(&source));
        let output = root().join(&name).with_extension("out");
        let kept = fs::read_to_string(&output).unwrap_or_default();
        if kept != shown && bless {
            fs::write(&output, &shown).unwrap();
        } else if kept != shown {
            slips.push(unified(&name, &kept, &shown, false));
        }
    }
    assert!(slips.is_empty(), "otherwise than the .out (HENG_BLESS=1 rewrites it):\n{}", slips.join("\n"));
}

#[test]
fn what_is_shipped_is_laid_out() {
    let mut slips = String::new();
    for (name, source) in texts(SHIPPED) {
        slips.push_str(&unified(&name, &source, &laid(&source, Keywords::Keep).unwrap(), false));
    }
    assert!(slips.is_empty(), "`heng fmt` rewrites these:\n{slips}");
}

#[test]
fn nothing_is_lost_of_any_text() {
    let all = [texts(SHIPPED), texts(&["tests/corpus"])].concat();
    let held = all.iter().filter(|(_, source)| hold(source)).count();
    assert!(held > 80, "only {held} of {} texts could be laid out", all.len());
}

#[test]
fn nothing_is_lost_of_random_rubrics() {
    let (seed, cases) = (setting("HENG_SEED", 1), setting("HENG_CASES", 30));
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    for turn in 0..cases {
        let mut random = Random::new(seed + turn);
        random.chinese = turn % 2 == 0;
        assert!(hold(&case(&mut random).rules), "HENG_SEED={}", seed + turn);
    }
}

/// What may stand where a line or a block begins, inside a bracket, behind a comma.
const BREAKS: &[&str] =
    &["\n", "\n\n\n", "  // 注释 {\n", "\n// alone\n", "\n/// doc\n", "\n\n/// doc\n\n", "//\n", "/// )\n", "\r\n", "//// x\n", " \n\t\n"];
/// What may stand between many tokens, and some of it between none.
const SCRAPS: &[&str] = &[" ", "\t ", "\u{3000}", "\u{A0}", ";", "; // c\n", ";;\n", ",", "，", "：", "\n}", "{\n", "(", "\n)", "-"];

#[test]
fn nothing_is_lost_where_blanks_and_comments_are_strewn_in() {
    let (seed, cases) = (setting("HENG_SEED", 1), setting("HENG_CASES", 120));
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let all: Vec<String> =
        [texts(SHIPPED), texts(&["tests/corpus", "tests/layout"])].concat().into_iter().map(|(_, source)| source).collect();
    let small: Vec<&String> = all.iter().filter(|source| source.len() < 3000 && laid(source, Keywords::Keep).is_some()).collect();
    let mut held = 0;
    for turn in 0..cases {
        let mut random = Random::new(seed + turn);
        let mut source = small[random.below(small.len())].clone();
        for _ in 0..=random.below(5) {
            let breaks = random.chance(70);
            let before: &[char] = if breaks { &['\n', '{', '(', ','] } else { &[' '] };
            let places: Vec<usize> = source.match_indices(before).map(|(at, sign)| at + sign.len()).collect();
            if !places.is_empty() {
                source.insert_str(places[random.below(places.len())], random.pick(if breaks { BREAKS } else { SCRAPS }));
            }
        }
        held += usize::from(hold(&source));
    }
    println!("{held} of {cases} could be laid out");
    assert!(u64::try_from(held).unwrap() * 3 > cases, "only {held} of {cases} could be laid out");
}

#[test]
fn line_ends_stay_what_they_are() {
    let windows = "unit 师\r\n\r\n\r\nunit  生 // c\r\nform 表 {\r\n  a : text\r\n}\r\n";
    let there = laid(windows, Keywords::Keep).unwrap();
    assert_eq!(there, "unit 师\r\n\r\nunit 生  // c\r\nform 表 {\r\n  a: text\r\n}\r\n");
    assert_eq!(laid(&there, Keywords::Keep).unwrap(), there);
    assert_eq!(laid("unit 师\nunit 生\r\n", Keywords::Keep).unwrap(), "unit 师\nunit 生\n");
    assert_eq!(laid("", Keywords::Keep).unwrap(), "");
    assert_eq!(laid("\n \n", Keywords::Keep).unwrap(), "");
    assert_eq!(laid("// 只有注释", Keywords::Keep).unwrap(), "// 只有注释\n");
}

#[test]
fn a_text_with_mistakes_is_left_alone() {
    assert_eq!(laid("form 表 {", Keywords::Keep), None);
    assert_eq!(laid("rubric 甲 { total }", Keywords::English), None);
}
