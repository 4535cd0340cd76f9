//! `heng check`: reads the rules and tells everything that is wrong with them.

use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{Region, add_library, load_files};
use crate::diag::{Code, Diagnostic, Diagnostics, Lang, Mistake};
use crate::report::diagnostics::{concise, full, github, json, sarif, summary};
use crate::syntax::parse;
use crate::text::{Text, TextId, Texts};
use clap::ArgMatches;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Checks what the paths name, or the region that one stands in.
pub(super) fn check(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let paths: Vec<PathBuf> = matches.get_many("paths").into_iter().flatten().cloned().collect();
    let format = matches.get_one::<String>("format").map_or("full", String::as_str);
    let Gathered { texts, mut found, asked } = gather(&paths);
    let files = texts.iter().filter(|text| is_rule_text(text) && asked.contains(&text.id)).count();
    if files == 0 && found.errors() == 0 {
        found.push(nothing_to_check());
    }
    let (told, items) = look_over(&texts, terminal);
    if files > 0 && items == 0 && told.errors() == 0 {
        found.push(nothing_to_check());
    }
    found.append(told);
    found.retain(|what| stands_in(what, &asked));
    found.sort();

    let lang = terminal.lang;
    // Without anything read there is no result to show, only a message, unless a machine waits for an answer.
    if files == 0 && matches!(format, "full" | "concise") {
        terminal.tell(&texts, &found);
        return TROUBLE;
    }
    let shown = match format {
        "concise" => concise(&texts, &found, lang),
        "json" => json(&texts, &found, lang),
        "sarif" => sarif(&texts, &found, lang),
        "github" => github(&texts, &found, lang),
        _ => full(&texts, &found, lang, terminal.look()),
    };
    terminal.out(&shown);
    // The full format ends with its own summary.
    if found.is_empty() || format != "full" {
        let found = summary(&found, lang);
        let plural = if files == 1 { "" } else { "s" };
        terminal.say(format!("检查了 {files} 个文件: {found}"), format!("checked {files} file{plural}: {found}"));
    }
    if files == 0 {
        return TROUBLE;
    }
    code(&found, matches.get_one::<String>("deny").is_some())
}

/// Parses and checks all texts. All are read before any is checked, because rubrics speak of forms in other files.
/// Gives back what was found and how many items there are.
fn look_over(texts: &Texts, terminal: &Terminal) -> (Diagnostics, usize) {
    let mut found = Diagnostics::new();
    let mut trees = Vec::new();
    let bar = terminal.progress(texts.iter().count(), "正在检查", "checking");
    let read = |text: &Text| {
        let read = parse(text);
        bar.inc(1);
        read
    };
    let written: Vec<&Text> = texts.iter().filter(|text| is_rule_text(text)).collect();
    for (tree, told) in written.into_par_iter().map(read).collect::<Vec<_>>() {
        trees.push(tree);
        found.append(told);
    }
    let (_, told) = crate::check::check(texts, &trees);
    found.append(told);
    bar.finish_and_clear();
    (found, trees.iter().map(|tree| tree.items.len()).sum())
}

/// What is read for a check.
struct Gathered {
    texts: Texts,
    /// What was wrong with reading it.
    found: Diagnostics,
    /// The texts that were asked for; the others are read because these speak of them.
    asked: BTreeSet<TextId>,
}

/// The texts that `paths` name, with the rest of their region behind them; without paths, those of the region that one
/// stands in, else of the folder.
fn gather(paths: &[PathBuf]) -> Gathered {
    let mut trouble = Diagnostics::new();
    let mut region_of = |path: &Path| match Region::find(path) {
        Ok(region) => region,
        // That the path itself cannot be read is told when it is read.
        Err(_) if !path.exists() => None,
        Err(error) => {
            trouble.push(error);
            None
        }
    };
    let (texts, mut found, asked) = if paths.is_empty() {
        // A folder without settings is a region that sets nothing.
        match region_of(Path::new(".")).map_or_else(|| Region::open(Path::new(".")), Ok) {
            Ok(region) => {
                let (texts, mut found) = region.texts();
                found.append(region.found);
                let own = texts.iter().filter(|text| !text.path.starts_with("national/"));
                let asked = own.map(|text| text.id).collect();
                (texts, found, asked)
            }
            Err(error) => {
                trouble.push(error);
                (Texts::new(), Diagnostics::new(), BTreeSet::new())
            }
        }
    } else {
        let mut all = paths.to_vec();
        all.extend(paths.iter().filter_map(|path| region_of(path)).map(|region| from_here(&region.folder)));
        // What is named comes first, and under the names given.
        let named = load_files(paths).0.iter().count();
        let (mut texts, found) = load_files(&all);
        let asked = texts.iter().take(named).map(|text| text.id).collect();
        add_library(&mut texts, &[]);
        (texts, found, asked)
    };
    found.append(trouble);
    Gathered { texts, found, asked }
}

/// A folder's path from the current one, where it lies beneath it.
fn from_here(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    match here.ok().and_then(|here| folder.strip_prefix(here).ok().map(Path::to_owned)) {
        Some(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Some(below) => below,
        None => folder.to_owned(),
    }
}

/// Scripts are texts too, but are read with the rubric that names them.
fn is_rule_text(text: &Text) -> bool {
    !text.path.ends_with(".rhai")
}

/// Whether a diagnostic stands in one of the texts that were asked for, or in no text at all. A unit of one's own that the
/// library has otherwise is told at the library's, too.
fn stands_in(what: &Diagnostic, asked: &BTreeSet<TextId>) -> bool {
    let labels = what.labels(Lang::En);
    labels.is_empty() || labels.iter().any(|label| asked.contains(&label.span.text))
}

fn nothing_to_check() -> Mistake {
    Mistake::new(Code::H0903, "没有可以检查的 .heng 文件", "there is no .heng file to check").help(
        "到地区的文件夹里运行，或写明路径: `heng check rules`; 新建一个地区: `heng new 文件夹`",
        "run it in a region's folder, or name a path: `heng check rules`; to make a region: `heng new DIR`",
    )
}

/// The exit code that findings come to.
fn code(found: &Diagnostics, warnings_denied: bool) -> u8 {
    if found.iter().any(|what| what.code() == Code::H0901) {
        // What could not be read was not checked.
        TROUBLE
    } else if found.errors() > 0 || warnings_denied && found.warnings() > 0 {
        FINDINGS
    } else {
        DONE
    }
}
