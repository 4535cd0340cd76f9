//! docs/tutorial.md is carried out (教程照做一遍): its files are written, its commands run, and they print what it shows.
//!
//! What stands behind a fence says what to do with the block: `heng PATH`, `toml PATH` and `csv PATH` are files, `diff PATH` changes one line
//! of a file, `text` is a command with what it prints, and `heng` alone is a piece of a file that is written sooner or later.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// The fenced blocks of a page: what stands behind the fence, the line it begins on, its lines.
fn blocks(page: &str) -> Vec<(String, usize, Vec<String>)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            blocks.push((kind.to_owned(), at + 1, text.map(str::to_owned).collect()));
        }
    }
    blocks
}

/// Runs `heng …` in a folder; what both streams say, in the order in which it is said.
fn run(command: &str, folder: &Path) -> String {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("heng"), "{command}");
    let said = tempfile::NamedTempFile::new().unwrap();
    let stream = || File::options().append(true).open(said.path()).unwrap();
    let mut heng = Command::new(env!("CARGO_BIN_EXE_heng"));
    heng.args(words).args(["--lang", "zh"]).current_dir(folder).stdout(stream()).stderr(stream()).status().unwrap();
    trimmed(fs::read_to_string(said.path()).unwrap().lines())
}

/// Without spaces at the ends of lines and lines at the end.
fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn every_step_does_what_it_says() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md")).unwrap();
    let region = tempfile::tempdir().unwrap();
    let (mut pieces, mut written, mut commands) = (Vec::new(), String::new(), 0);
    for (kind, line, lines) in blocks(&page) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        match kind.split_once(' ') {
            Some(("diff", path)) => {
                let [old, new] = lines.as_slice() else { unreachable!("line {line}: one line out, one line in") };
                let file = region.path().join(path);
                let (old, new) = (old.strip_prefix('-').unwrap(), new.strip_prefix('+').unwrap());
                let source = fs::read_to_string(&file).unwrap();
                assert_eq!(source.matches(&format!("{old}\n")).count(), 1, "line {line}: the line to change stands there once");
                fs::write(file, source.replace(&format!("{old}\n"), &format!("{new}\n"))).unwrap();
            }
            Some((_, path)) => {
                let file = region.path().join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                written.push_str(&squeezed(&text));
                fs::write(file, text).unwrap();
            }
            None if kind == "heng" => pieces.push((line, squeezed(&text))),
            None => {
                assert_eq!(kind, "text", "line {line}");
                let (command, shown) = lines.split_first().unwrap();
                let said = run(command.strip_prefix("$ ").unwrap(), region.path());
                assert_eq!(said, trimmed(shown.iter().map(String::as_str)), "line {line}: `{command}` prints otherwise");
                commands += 1;
            }
        }
    }
    assert!(commands >= 6, "the commands were not found");
    for (line, piece) in pieces {
        assert!(written.contains(&piece), "line {line}: the piece stands in no file of the tutorial");
    }
}
