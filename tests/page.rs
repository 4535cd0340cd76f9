//! The page that a school fills in (网页填报): that it computes and tells what the engine does, and that it works in a browser.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "support/before.rs"]
mod before;
#[path = "page/browser.rs"]
mod browser;
#[path = "support/dice.rs"]
mod dice;
#[path = "page/driver.rs"]
mod driver;
#[path = "page/random.rs"]
mod random;

use dice::{Dice, setting};
use heng::data::{Options, library, read};
use heng::eval::form::values;
use heng::eval::{Previous, Table, Value};
use heng::model::Form;
use heng::text::Texts;
use heng::{Engine, Lang};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether a program is there.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("{program} is not installed: skipped");
    }
    there
}

fn library_engine() -> Engine {
    let mut texts = Texts::new();
    for (path, text) in library() {
        texts.add(path, text);
    }
    Engine::new(texts, Default::default())
}

/// The forms that are filled in, by their places.
fn filled_in(engine: &Engine) -> Vec<usize> {
    let forms = &engine.rules().forms;
    (0..forms.len()).filter(|at| forms[*at].split.is_none() && !forms[*at].is_rows()).collect()
}

/// What the page makes of some entries.
fn judged(folder: &Path, page: &str, entries: &[Json]) -> Vec<Json> {
    fs::write(folder.join("page.html"), page).unwrap();
    fs::write(folder.join("entries.json"), serde_json::to_string(entries).unwrap()).unwrap();
    let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/run.js");
    let done = Command::new("node").arg(runner).arg(folder.join("page.html")).arg(folder.join("entries.json")).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

type Told = Vec<(String, String, String)>;

/// What the reader makes of a submission: what is told, and the computed values; none of one that is refused.
type Taken = (Told, Option<Vec<Option<String>>>);

/// What the reader makes of the files that the page saves, read together.
///
/// * `earlier`: the submissions of the period before.
fn taken(engine: &Engine, form: &Form, folder: &Path, files: &[&str], earlier: Option<&Table>, lang: Lang) -> Vec<Taken> {
    let path = folder.join("填报.json");
    let rows: Vec<Json> = files.iter().map(|file| serde_json::from_str::<Json>(file).unwrap()["rows"][0].clone()).collect();
    fs::write(&path, serde_json::to_string(&rows).unwrap()).unwrap();
    let (table, found, _) = read(form, &[path], &Options { texts: Some(engine.texts()), earlier, ..Options::default() });
    let mut taken: Vec<Taken> = vec![(Vec::new(), None); files.len()];
    for found in found.iter() {
        let at = found.origin().unwrap();
        let field = at.field.map(|field| field.to_string()).unwrap_or_default();
        taken[at.line - 1].0.push((found.code().to_string(), field, found.headline(lang)));
    }
    let computed = computed(form, &table);
    for row in 0..table.len() {
        let line = table.origin(row).unwrap().line as usize;
        taken[line - 1].1 = Some(computed.iter().map(|column| column[row].clone()).collect());
    }
    taken.iter_mut().for_each(|(told, _)| told.sort());
    taken
}

/// The computed values, each of all rows.
fn computed(form: &Form, table: &Table) -> Vec<Vec<Option<String>>> {
    let written: Vec<_> = form.computed.iter().map(|computed| &computed.value).collect();
    let shown = |value: &Value| value.word().to_string();
    values(form, table, &written).iter().map(|column| column.iter().map(|cell| cell.as_ref().ok().map(shown)).collect()).collect()
}

/// What a page is made of, and what it is compared with.
struct Compared<'d> {
    engine: &'d Engine,
    at: usize,
    lang: Lang,
    /// The message of checks that the page leaves to the import.
    left: Option<&'d str>,
    /// What the subject of the page filled in for the period before, and nobody else; then entries may be of one subject.
    before: Option<(&'d Table, &'d Previous)>,
}

/// Where the page and the reader differ over some entries; gives back how often something of the period before was told.
fn differing(of: &Compared<'_>, entries: &[Json], slips: &mut Vec<String>) -> usize {
    let Compared { engine, at, lang, left, before } = *of;
    let folder = tempfile::tempdir().unwrap();
    let form = &engine.rules().forms[at];
    let page = match before {
        Some((_, previous)) => engine.form_page_beside(at, previous, lang).unwrap(),
        None => engine.form_page(at, lang).unwrap(),
    };
    let results = judged(folder.path(), &page, entries);
    let read = |which: &str| -> Vec<Taken> {
        let files: Vec<&str> = results.iter().map(|result| result[which].as_str().unwrap()).collect();
        let earlier = before.map(|(earlier, _)| earlier);
        let apart = if earlier.is_some() { 1 } else { files.len().max(1) };
        files.chunks(apart).flat_map(|files| taken(engine, form, folder.path(), files, earlier, lang)).collect()
    };
    let (first, tidied) = (read("file"), read("tidy"));
    let mut of_before = 0;
    for (((entry, result), (expected, computed)), (again, _)) in entries.iter().zip(&results).zip(first).zip(tidied) {
        let mut told: Told = serde_json::from_value(result["found"].clone()).unwrap();
        told.sort();
        of_before += told.iter().filter(|(.., text)| text.contains("上期.")).count();
        let (file, count) = (result["file"].as_str().unwrap(), expected.len());
        let mut differ = |what: String| slips.push(format!("{} {what}\n{entry}\n{file}", form.name.it));
        let expected: Told = expected.into_iter().filter(|(.., text)| left.is_none_or(|left| !text.starts_with(left))).collect();
        if told != expected {
            let (more, less): (Vec<_>, Vec<_>) =
                (told.iter().filter(|it| !expected.contains(it)).collect(), expected.iter().filter(|it| !told.contains(it)).collect());
            differ(format!("the page tells {more:?}\nand not {less:?}"));
        }
        let page: Vec<Option<String>> = serde_json::from_value(result["computed"].clone()).unwrap();
        for ((written, page), engine) in form.computed.iter().zip(&page).zip(computed.iter().flatten()) {
            // What takes roots is left to the import.
            let unsaid = page.is_none() && left.is_some() && ["w5", "w6"].contains(&written.name.it.as_str());
            if page != engine && !unsaid {
                differ(format!("{} is {page:?}, not {engine:?}", written.name.it));
            }
        }
        if again.len() != count || result["opened"] != result["computed"] || result["openedFound"] != told.len() {
            differ(format!("tidied it is told {again:?}\nnot {expected:?}"));
        }
        assert_eq!(result["unknown"], serde_json::json!([]));
    }
    of_before
}

#[test]
fn nothing_of_a_form_becomes_markup() {
    let label = "</script><img src=x onerror=alert(1)><!--<script>";
    let source = format!(
        "form 表 \"{label}\" {{\n subject 校 by 代码\n 代码: text required \"{label}\" {{ hint \"{label}\" }}\n warn filled(代码) : \"{label}\"\n}}"
    );
    let engine = Engine::from_text("表.heng", &source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let page = engine.form_page(0, Lang::Zh).unwrap();
    assert_eq!((page.matches("</script").count(), page.matches("<script").count()), (3, 3));
    assert!(!page.contains("<img") && !page.contains("<!--"));
    for outside in ["http:", "https:", "<script src", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page, engine.form_page(0, Lang::Zh).unwrap());
}

#[test]
fn the_page_says_what_the_engine_says_of_shipped_forms() {
    if !has("node") {
        return;
    }
    let engine = library_engine();
    let mut slips = Vec::new();
    for at in filled_in(&engine) {
        let form = &engine.rules().forms[at];
        let dice = &mut Dice(setting("HENG_SEED", 0) + at as u64);
        let entries: Vec<Json> = (0..25).map(|number| random::entry(form, number, dice)).collect();
        let lang = if at % 2 == 0 { Lang::Zh } else { Lang::En };
        differing(&Compared { engine: &engine, at, lang, left: None, before: None }, &entries, &mut slips);
    }
    assert!(slips.is_empty(), "{} differ:\n{}", slips.len(), slips[0]);
}

#[test]
fn the_page_says_what_the_engine_says_of_random_forms() {
    if !has("node") {
        return;
    }
    let mut slips = Vec::new();
    for seed in (0..setting("HENG_CASES", 8)).map(|seed| seed + setting("HENG_SEED", 0)) {
        let source = random::form(seed);
        let engine = Engine::from_text("随机.heng", &source);
        assert_eq!(engine.errors(), 0, "{}\n{source}", engine.told());
        let at = engine.rules().forms.iter().position(|form| *form.name.it == *"随机").unwrap();
        let dice = &mut Dice(seed + 1000);
        let entries: Vec<Json> = (0..25).map(|number| random::entry(&engine.rules().forms[at], number, dice)).collect();
        let before = slips.len();
        let lang = if seed % 2 == 0 { Lang::Zh } else { Lang::En };
        differing(&Compared { engine: &engine, at, lang, left: Some("标准差"), before: None }, &entries, &mut slips);
        if slips.len() > before {
            slips[before].push_str(&format!("\nseed {seed}\n{source}"));
        }
    }
    assert!(slips.is_empty(), "{} differ:\n{}", slips.len(), slips[0]);
}

#[test]
fn a_cell_that_names_no_file_is_empty_on_the_page_too() {
    if !has("node") {
        return;
    }
    let source = "form 表 {\n subject 校 by 代码\n 代码: text required\n 制度: attach { accept pdf } required\n 标志: attach\n \
                  check not filled(标志) : \"没有标志\"\n compute 数 = 制度\n}";
    let engine = Engine::from_text("表.heng", source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let entries: Vec<Json> = ["", "、", " ；\n", "a.doc"]
        .iter()
        .enumerate()
        .map(|(at, text)| serde_json::json!({ "texts": { "代码": at.to_string(), "制度": text, "标志": if *text == "a.doc" { "" } else { text } } }))
        .collect();
    let mut slips = Vec::new();
    differing(&Compared { engine: &engine, at: 0, lang: Lang::Zh, left: None, before: None }, &entries, &mut slips);
    assert!(slips.is_empty(), "{} differ:\n{}", slips.len(), slips[0]);
    let folder = tempfile::tempdir().unwrap();
    let results = judged(folder.path(), &engine.form_page(0, Lang::Zh).unwrap(), &entries);
    let codes = results.iter().map(|result| result["found"][0][0].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(codes, ["H0606", "H0606", "H0606", "H0604"]);
}

#[test]
fn the_page_says_what_the_engine_says_of_the_period_before() {
    if !has("node") {
        return;
    }
    let (mut slips, mut of_before) = (Vec::new(), 0);
    for seed in (0..setting("HENG_CASES", 6)).map(|seed| seed + setting("HENG_SEED", 0)) {
        let source = random::form_before(seed);
        let engine = Engine::from_text("随机.heng", &source);
        assert_eq!(engine.errors(), 0, "{}\n{source}", engine.told());
        let at = engine.rules().forms.iter().position(|form| *form.name.it == *"随机").unwrap();
        let form = &engine.rules().forms[at];
        let dice = &mut Dice(seed + 2000);
        for subject in 0..5 {
            let earlier = last(form, &random::entry(form, subject, dice));
            let previous = Previous::of(form, &earlier, earlier.key(0)).unwrap();
            // Most entries are of the subject of the page.
            let entries: Vec<Json> = (0..6).map(|number| random::entry(form, if number < 5 { subject } else { 7 }, dice)).collect();
            let before = slips.len();
            let lang = if seed % 2 == 0 { Lang::Zh } else { Lang::En };
            let of = Compared { engine: &engine, at, lang, left: Some("标准差"), before: Some((&earlier, &previous)) };
            of_before += differing(&of, &entries, &mut slips);
            if slips.len() > before {
                slips[before].push_str(&format!("\nseed {seed}\n{previous:?}\n{source}"));
            }
        }
    }
    assert!(slips.is_empty(), "{} differ:\n{}", slips.len(), slips[0]);
    assert!(of_before > 50, "{of_before}");
}

/// The submissions of the period before: one, whatever the checks say of it.
fn last(form: &Form, entry: &Json) -> Table {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("上期.json");
    fs::write(&path, serde_json::to_string(&[&entry["texts"]]).unwrap()).unwrap();
    let mut form = form.clone();
    form.checks.clear();
    read(&form, &[path], &Options::default()).0
}
