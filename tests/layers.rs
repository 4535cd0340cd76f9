//! The imports run one way (分层): each module uses only what stands to its left, and this test holds it.
//!
//! Read from the sources, because the compiler does not know of layers inside a crate. It looks at `crate::…` paths,
//! in `use` groups and in the middle of a line; comments and strings do not count.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

/// From left to right; modules of one rank do not know each other, except `text` and `number`, which nobody confuses.
const RANKS: &[&[&str]] = &[
    &["text", "number"],
    &["diag"],
    &["syntax"],
    &["fmt"],
    &["model"],
    &["check"],
    &["eval"],
    &["improve"],
    &["data", "store", "report"],
    &["engine"],
    &["cli", "lsp", "web"],
];

#[test]
fn imports_run_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 10, "the sources were not found");
    let mut slips = Vec::new();
    for file in files {
        let path = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        slips.extend(slips_of(&path, &fs::read_to_string(&file).unwrap()));
    }
    assert!(slips.is_empty(), "\n{}", slips.join("\n"));
}

#[test]
fn a_made_up_slip_is_found() {
    let source = "use crate::text::{Span, Texts};\nuse crate::{\n    eval::{self, Run},\n    diag::Code,\n};\n\
                  // crate::web is only spoken of\nfn f() -> crate::cli::Terminal { \"crate::web\" }\n";
    let slips = slips_of("src/check/units.rs", source);
    assert_eq!(slips, ["src/check/units.rs:2: check uses eval", "src/check/units.rs:7: check uses cli"]);
    assert_eq!(slips_of("src/report/a.rs", "use crate::data::X;\n"), ["src/report/a.rs:1: report uses data"]);
    assert_eq!(slips_of("src/data/mod.rs", "use crate::data::X;\nuse crate::number::Exact;\n"), [""; 0]);
    assert_eq!(slips_of("src/wep/mod.rs", ""), ["src/wep: stands in no rank"]);
    assert_eq!(slips_of("src/lib.rs", "pub use crate::cli::main;\n"), [""; 0]);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|modules| modules.contains(&module))
}

/// What the source at `path` uses and should not.
fn slips_of(path: &str, source: &str) -> Vec<String> {
    // `src/check/units.rs` and `src/check.rs` belong to `check`; lib.rs and main.rs put everything together.
    let own = path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or("");
    if path == "src/lib.rs" || path == "src/main.rs" {
        return Vec::new();
    }
    let Some(own_rank) = rank(own) else { return vec![format!("src/{own}: stands in no rank")] };
    let source = blank(source);
    let mut slips = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        // `mycrate::` and `$crate::` are others.
        if source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let line = source[..at].matches('\n').count() + 1;
        for used in heads(&source[at + "crate::".len()..]) {
            let allowed = match rank(&used) {
                Some(rank) => used == own || rank < own_rank || rank == 0 && own_rank == 0,
                // What lib.rs itself defines, or a macro.
                None => true,
            };
            if !allowed {
                slips.push(format!("{path}:{line}: {own} uses {used}"));
            }
        }
    }
    slips
}

/// The modules at the head of a path: one name, or those of a group `{a, b::{c, d}}`.
fn heads(path: &str) -> Vec<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let mut depth = 0;
    let mut found = vec![word(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The source with comments and strings blanked, its lines kept.
fn blank(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(end) = raw_string(rest) {
            end
        } else if c == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    out
}

/// How long the string is that begins here.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// How long the raw string is, if one begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    rest[1 + hashes..].starts_with('"').then_some(())?;
    let close = format!("\"{}", "#".repeat(hashes));
    let begin = hashes + 2;
    Some(rest[begin..].find(&close).map_or(rest.len(), |end| begin + end + close.len()))
}
