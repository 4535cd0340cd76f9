//! No text makes heng fall over (健壮性): shipped rules, mutilated at random, are still read, checked and told about.
//!
//! `HENG_SEED` and `HENG_CASES` choose what is mutilated and how often.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "support/dice.rs"]
mod dice;

use dice::{Dice, setting};
use heng::Engine;
use std::path::{Path, PathBuf};

fn texts(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "heng") {
            into.push(path);
        }
    }
}

/// What a slip of the keyboard, a wrong paste or a broken file does to a text.
fn mutilate(text: &str, dice: &mut Dice) -> String {
    const SCRAPS: &[&str] = &[
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "“",
        "//",
        ";",
        ",",
        "，",
        "：",
        "≥",
        "%",
        "..",
        "\n",
        "\t",
        "指标 A1 ",
        "score ",
        "脚本 { ",
        "each x in [",
        "if ",
        "not ",
        "-",
        "9999999999999999999999",
        "1e400",
        "\u{0}",
        "\u{2}",
        "\u{1}",
        "🙂",
        "`",
        "\\",
        "逐一 段 属于 [甲] {",
        "测试 \"\" 针对 ",
        "或 ",
        "每低 1% 扣 ",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(chars.len());
        match dice.roll(4) {
            0 => {
                let end = (at + 1 + dice.roll(30)).min(chars.len());
                chars.drain(at.min(end)..end);
            }
            1 => {
                let scrap = SCRAPS.get(dice.roll(SCRAPS.len())).unwrap();
                chars.splice(at..at, scrap.chars());
            }
            2 => {
                let (from, length) = (dice.roll(chars.len()), dice.roll(80));
                let piece: Vec<char> = chars.iter().skip(from).take(length).copied().collect();
                chars.splice(at..at, piece);
            }
            _ => chars.truncate(at.max(10)),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn mutilated_rules_are_told_about_and_never_a_panic() {
    let (seed, cases) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 600));
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["rules", "forms", "examples", "tests/corpus"] {
        texts(&root.join(folder), &mut paths);
    }
    paths.sort();
    let whole: Vec<String> = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut dice = Dice(seed);
    let mut told = 0;
    for _ in 0..cases {
        // Form and rubric stand in two files; together they are more than each alone.
        let first = whole.get(dice.roll(whole.len())).unwrap();
        let second = whole.get(dice.roll(whole.len())).unwrap();
        let text = mutilate(&format!("{first}\n{second}"), &mut dice);
        let engine = Engine::from_text("mutilated.heng", &text);
        told += usize::from(!engine.diagnostics().is_empty());
        for lang in [heng::Lang::Zh, heng::Lang::En] {
            let look = heng::report::diagnostics::Look::default();
            let shown = heng::report::diagnostics::full(engine.texts(), engine.diagnostics(), lang, look);
            assert_eq!(shown.is_empty(), engine.diagnostics().is_empty());
        }
        assert!(!engine.told().contains("H0100"), "grammar and builder disagree:\n{}\n{text}", engine.told());
    }
    assert!(told * 2 > usize::try_from(cases).unwrap(), "only {told} of {cases} were told about");
}
