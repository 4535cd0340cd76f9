//! What `heng check` says that no data can reach, no data reach; and its examples are what the evaluator says (静态保证).
//!
//! Random rubrics with random submissions: a condition that never holds is evaluated, a verdict that nobody gets is looked for, a submission that is
//! named is judged. `HENG_SEED` and `HENG_CASES` choose which and how many; `HENG_SHOW` prints what was told.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod reference;

use heng::diag::{Code, Diagnostic, Lang, place};
use heng::eval::Value;
use heng::model::Node;
use heng::syntax::parse;
use heng::syntax::tree::Item;
use heng::text::{Span, Texts};
use heng::{Engine, Tracing};
use rayon::prelude::*;
use reference::random::{self, Random};
use reference::world::day;
use std::collections::BTreeMap;
use std::path::Path;

const TOLD: [Code; 6] = [Code::H0424, Code::H0425, Code::H0426, Code::H0427, Code::H0428, Code::H0429];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What is told of a text, of these codes.
fn told(engine: &Engine) -> Vec<Diagnostic> {
    engine.diagnostics().iter().filter(|what| TOLD.contains(&what.code())).cloned().collect()
}

/// What its place says, in English.
fn label(what: &Diagnostic) -> String {
    what.labels(Lang::En).into_iter().find(|label| label.primary).map(|label| label.text).unwrap_or_default()
}

#[test]
fn shipped_rubrics_are_clean() {
    let examples = ["california", "county", "overlay", "worked-example"].map(|name| format!("examples/{name}"));
    for folder in examples.iter().map(String::as_str).chain(["benches/sixty", "tests/data/michigan"]) {
        let engine = Engine::open(&root().join(folder)).unwrap();
        let told: Vec<String> = told(&engine).iter().map(|what| format!("{} {}", what.code(), what.headline(Lang::En))).collect();
        assert!(told.is_empty(), "{folder}: {told:#?}");
    }
}

/// A score for one submission: the number, or why there is none.
fn score(engine: &Engine, rubric: usize, indicator: usize, record: &[(String, String)]) -> Result<String, String> {
    let (table, _, _) = engine.rows(rubric, [record.iter().map(|(field, value)| (field, value))]).unwrap();
    let results = engine.evaluate(rubric, &table, day(2024, 9, 1), Tracing::Off).unwrap();
    let cell = &results.indicators[indicator].score.as_ref().unwrap()[0];
    cell.as_ref().map(ToString::to_string).map_err(|gap| format!("{gap:?}"))
}

/// The rubric and indicator that a place lies in.
fn owner(engine: &Engine, at: Span) -> (usize, usize) {
    let ways = engine.rules().rubrics.iter().enumerate().flat_map(|(rubric, it)| {
        it.indicators.iter().enumerate().filter_map(move |(indicator, it)| Some((rubric, indicator, it.way.as_ref()?.span)))
    });
    let own = |span: &Span| span.text == at.text && span.start <= at.start && at.end <= span.end;
    ways.into_iter().find(|(.., span)| own(span)).map(|(rubric, indicator, _)| (rubric, indicator)).unwrap()
}

/// A submission that an example names: `巡课次数 40, 得奖数 3`.
fn named(key: &str, cells: &str) -> Vec<(String, String)> {
    let cells = Some(cells).filter(|cells| *cells != "whatever is filled in");
    let cells = cells
        .into_iter()
        .flat_map(|cells| cells.split(", "))
        .map(|cell| cell.split_once(' ').unwrap())
        .map(|(field, value)| (field.to_owned(), value.to_owned()));
    std::iter::once((key.to_owned(), "1".to_owned())).chain(cells).collect()
}

/// That what is named leaves its points, for the evaluator too.
fn beyond(engine: &Engine, key: &str, what: &Diagnostic) {
    let (rubric, indicator) = owner(engine, place(what.as_ref()).unwrap());
    let label = label(what);
    let (cells, _) = label.rsplit_once(": ").unwrap();
    let score = score(engine, rubric, indicator, &named(key, cells));
    assert!(score.as_ref().is_err_and(|why| why.contains("OutOfPoints")), "{label}: {score:?}");
}

fn corpus(name: &str) -> Engine {
    Engine::from_text("case.heng", &std::fs::read_to_string(root().join("tests/corpus/reach").join(name)).unwrap())
}

#[test]
fn submissions_named_leave_their_points() {
    let engine = corpus("beyond_points.heng");
    let told = told(&engine);
    assert_eq!(told.len(), 3);
    told.iter().for_each(|what| beyond(&engine, "代码", what));
}

#[test]
fn values_named_earn_what_is_said() {
    let engine = corpus("score_falls.heng");
    let mut shown = 0;
    for what in told(&engine) {
        let label = label(&what);
        // more is better: 10 earns 5, 20 only 3
        let numbers: Vec<&str> =
            label.split_once(": ").unwrap().1.split([' ', ',']).filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).collect();
        let (rubric, indicator) = owner(&engine, place(what.as_ref()).unwrap());
        let value = engine.rules().rubrics[rubric].indicators[indicator].value.clone().unwrap();
        // Of attainment there is no single field to fill in.
        let Node::Field(field) = value.node else { continue };
        let field = engine.form(rubric).unwrap().fields[field.0].name.it.to_string();
        for pair in numbers.chunks(2) {
            let record = [("代码".to_owned(), "1".to_owned()), (field.clone(), pair[0].to_owned())];
            assert_eq!(score(&engine, rubric, indicator, &record).as_deref(), Ok(pair[1]), "{label}");
        }
        shown += 1;
    }
    assert_eq!(shown, 5);
}

/// What is told of a random rubric is true of its submissions; gives back how often each code was held against results.
fn random_rubric(seed: u64) -> BTreeMap<Code, usize> {
    let case = random::case(&mut Random::new(seed));
    let engine = Engine::from_text("rules.heng", &case.rules);
    let mut held = BTreeMap::new();
    if engine.errors() > 0 {
        return held;
    }
    for what in told(&engine) {
        let at = place(what.as_ref()).unwrap();
        let says = &case.rules[at.range()];
        if std::env::var("HENG_SHOW").is_ok() {
            println!("seed {seed}: {} {says:?}: {}", what.code(), label(&what));
        }
        match what.code() {
            Code::H0424 if never(&case, at, what.headline(Lang::En) != "this is never missing") => {
                *held.entry(what.code()).or_default() += 1
            }
            Code::H0426 => {
                let name = says.split([':', '：']).next().unwrap().trim();
                for rubric in ["它", "over_it"] {
                    let rubric = engine.rubric(rubric).unwrap();
                    let inside = engine.rules().rubrics[rubric]
                        .grade
                        .iter()
                        .chain(&engine.rules().rubrics[rubric].conclusion)
                        .any(|verdicts| verdicts.cases.iter().any(|case| case.span == at));
                    if !inside {
                        continue;
                    }
                    let records = case.records.iter().map(|record| record.iter().map(|(field, value)| (field, value)));
                    let (table, _, _) = engine.rows(rubric, records).unwrap();
                    let results = engine.evaluate(rubric, &table, case.on, Tracing::Off).unwrap();
                    let drawn = results.grade.iter().chain(&results.conclusion).flatten().filter_map(|cell| cell.as_ref().ok());
                    assert_eq!(drawn.filter(|drawn| drawn.as_str() == name).count(), 0, "seed {seed}: {name} is drawn\n{}", case.rules);
                    *held.entry(what.code()).or_default() += 1;
                }
            }
            Code::H0429 => {
                beyond(&engine, "code", &what);
                *held.entry(what.code()).or_default() += 1;
            }
            _ => {}
        }
    }
    held
}

/// Evaluates a condition that is said never to come to this, as the value of an indicator of its own; no, where it cannot stand there.
fn never(case: &random::Case, at: Span, wanted: bool) -> bool {
    let text = Texts::new().add("rules.heng", case.rules.as_str());
    let rubrics =
        parse(&text).0.items.into_iter().filter_map(|item| if let Item::Rubric(rubric) = item { Some(rubric.head) } else { None });
    let Some(head) = rubrics.into_iter().find(|head| head.whole.start <= at.start && at.end <= head.whole.end) else { return false };
    let end = head.whole.end as usize - 1;
    let rules = format!("{}\nindicator ZZZ {{ value ({}) }}\n{}", &case.rules[..end], &case.rules[at.range()], &case.rules[end..]);
    let engine = Engine::from_text("rules.heng", &rules);
    if engine.errors() > 0 {
        return false;
    }
    let rubric = engine.rubric(&head.name.it).unwrap();
    let records = case.records.iter().map(|record| record.iter().map(|(field, value)| (field, value)));
    let (table, _, _) = engine.rows(rubric, records).unwrap();
    let results = engine.evaluate(rubric, &table, case.on, Tracing::Off).unwrap();
    let (own, _) = engine.rules().rubrics[rubric].indicator("ZZZ").unwrap();
    let column = results.indicators[own].value.as_ref().unwrap();
    let holds = (0..results.subjects.len()).any(|row| matches!(column.get(row), Some(Ok(Value::Flag(flag))) if flag == wanted));
    assert!(!holds, "it comes to {wanted}: {}\n{rules}", &case.rules[at.range()]);
    true
}

#[test]
fn what_is_told_of_random_rubrics_is_so() {
    let (seed, cases) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 150));
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let all: Vec<BTreeMap<Code, usize>> = (0..cases).into_par_iter().map(|at| random_rubric(seed.wrapping_add(at))).collect();
    let mut held: BTreeMap<Code, usize> = BTreeMap::new();
    for (code, count) in all.into_iter().flatten() {
        *held.entry(code).or_default() += count;
    }
    println!("held against results: {held:?}");
    assert!(held.values().sum::<usize>() > 0, "nothing was held against results");
}

#[test]
fn a_reason_makes_it_meant() {
    let case = |comment: &str| {
        format!(
            "form 表 {{ subject 校 by 代码; 代码: text; n: integer 0..40 }}\nrubric 它 {{\n  reads 表 as d\n  indicator A 5 {{\n    value d.n\n    \
             target >= 5\n    {comment}\n    score bands {{ > 30: 3; >= 5: 5; else: 0 }}\n  }}\n}}\n"
        )
    };
    let count = |comment: &str| told(&Engine::from_text("a.heng", &case(comment))).len();
    assert_eq!(count(""), 1);
    assert_eq!(count("// 有意 H0428: 过多也不好"), 0);
    assert_eq!(count("// intended H0428: too many is no good"), 0);
    assert_eq!(count("// 有意 H0428:"), 1);
    assert_eq!(count("// 有意 H0425: 过多也不好"), 1);
    assert_eq!(count("// H0428"), 1);
}
