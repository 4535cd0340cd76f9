//! The engine against a second evaluator (与对照求值器逐格比对): shipped rubrics, random rubrics, scripts.
//!
//! Random rubrics are written as text, so that reading and checking are tried as well. `HENG_SEED` repeats a run, `HENG_CASES`
//! lengthens it, `HENG_MINUTES` goes on with further seeds for so long, `HENG_SHOW` prints every rubric that differs.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "differential/beside.rs"]
mod beside;
#[path = "differential/forms.rs"]
mod forms;
mod reference;

use heng::eval::Value;
use rayon::prelude::*;
use reference::agree::{Compared, compare, rendered};
use reference::random::{self, Random};
use reference::world::{Ruled, day, record, region, rules_of};
use reference::{Sheet, Why, why};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Everything that the engine and the reference say of a rubric.
fn held_against(ruled: &Ruled, rubric: usize, table: &heng::eval::Table, on: chrono::NaiveDate) -> Compared {
    let engine = ruled.run(rubric, table, on);
    let sheet = Sheet::new(&ruled.rules, rubric, table, on);
    let mut compared = Compared::default();
    compare(&engine, &sheet, &mut compared);
    let (checked, differences) = ruled.batch(rubric, table, on);
    compared.batched += checked;
    compared.differences.extend(differences);
    // The same with rhai running the scripts that were compiled: the same cells, and the same of a batch.
    if let Some(interpreted) = ruled.interpreted() {
        let (compiled, interpreted_cells) = (rendered(&engine), rendered(&interpreted.run(rubric, table, on)));
        compared.scripted += compiled.len();
        let differing = compiled.iter().zip(&interpreted_cells).find(|(one, other)| one != other);
        compared.differences.extend(differing.map(|(one, other)| format!("compiled {one:?}, by rhai {other:?}")));
        let (checked, differences) = interpreted.batch(rubric, table, on);
        compared.batched += checked;
        compared.differences.extend(differences.into_iter().map(|what| format!("by rhai: {what}")));
    }
    compared
}

fn shipped(folder: &str, data: &str, rubrics: &[&str]) {
    let (region, ruled) = region(folder);
    let files: Vec<PathBuf> = vec![region.folder.join(data)];
    for name in rubrics {
        let rubric = ruled.rubric(name);
        let table = ruled.table_of_files(rubric, &files);
        let compared = held_against(&ruled, rubric, &table, region.settings.on.unwrap_or(day(2024, 12, 31)));
        assert!(
            compared.differences.is_empty(),
            "{name}: {} of {} cells:\n{}",
            compared.differences.len(),
            compared.cells,
            first(&compared.differences)
        );
        assert!(compared.cells > 5 && compared.not_exact == 0, "{name}: {} cells, {} not exact", compared.cells, compared.not_exact);
    }
}

fn first(differences: &[String]) -> String {
    differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
}

#[test]
fn california() {
    shipped("examples/california", "data/caschools.csv", &["score_sheet", "county_statistics"]);
}

#[test]
fn overlay() {
    shipped("examples/overlay", "data/schools.csv", &["云岭县域", "云岭资源配置", "云川资源配置", "江城办学水平"]);
}

#[test]
fn county() {
    shipped("examples/county", "data/schools.csv", &["衡安县优质均衡", "national/优质均衡2017"]);
}

/// A county by its own form and the verdicts of two rubrics over its schools, whose submissions lie beside it.
#[test]
fn recognition() {
    let (region, ruled) = region("examples/county");
    let engine = heng::Engine::open(&region.folder).unwrap();
    for name in ["澜安县级申报", "national/优质均衡2017校际", "national/优质均衡2017学校条件县域"] {
        let rubric = ruled.rubric(name);
        assert_eq!(engine.rubric(name), Some(rubric));
        let inputs = engine.inputs(rubric);
        let meant = region.settings.data.iter().filter(|file| inputs.iter().any(|input| input.is_called(file.name.as_ref().unwrap())));
        let files: Vec<PathBuf> = meant.map(|file| region.path(&file.path)).collect();
        let (table, found, _) = engine.read(rubric, &files, &heng::data::Options::default()).unwrap();
        assert_eq!(found.errors(), 0);
        let compared = held_against(&ruled, rubric, &table, region.settings.on.unwrap());
        assert!(compared.differences.is_empty(), "{name}:\n{}", first(&compared.differences));
        assert!(compared.cells > 5 && compared.not_exact == 0, "{name}: {} cells, {} not exact", compared.cells, compared.not_exact);
    }
}

#[test]
fn worked_example() {
    shipped("examples/worked-example", "data/schools.csv", &["图书校际差异"]);
}

#[test]
fn michigan() {
    shipped("tests/data/michigan", "meap01.csv", &["meap_counties"]);
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What came of one random rubric.
enum Came {
    Refused(String),
    Compared(Compared),
    Differs(String),
}

fn random_rubric(seed: u64) -> Came {
    let written = random::case(&mut Random::new(seed));
    let ruled = rules_of(&written.rules);
    if !ruled.errors.is_empty() {
        return Came::Refused(format!("seed {seed}: {:?}\n{}", ruled.errors, written.rules));
    }
    let rubric = ruled.rubric("over_it");
    let table = ruled.table(rubric, &written.records);
    let mut compared = held_against(&ruled, rubric, &table, written.on);
    // Where there is no batch of the groups, there is one of their members.
    if compared.batched == 0 {
        let (checked, differences) = ruled.batch(ruled.rubric("它"), &table, written.on);
        compared.batched += checked;
        compared.differences.extend(differences);
    }
    // Where the engine gives up on an irrational number, what hangs on it differs too.
    if compared.differences.is_empty() || compared.not_exact > 0 {
        return Came::Compared(compared);
    }
    let (count, first) = (compared.differences.len(), first(&compared.differences));
    Came::Differs(format!("seed {seed}: {count} cells on {}\n{first}\n{}\n{:?}", written.on, written.rules, written.records))
}

#[test]
fn random_rubrics() {
    let (seed, cases, minutes) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 300), setting("HENG_MINUTES", 0));
    println!("HENG_SEED={seed} HENG_CASES={cases} HENG_MINUTES={minutes}");
    let (start, mut tried) = (Instant::now(), 0);
    let (mut refused, mut differing, mut all) = (Vec::new(), Vec::new(), Compared::default());
    while tried < cases || start.elapsed() < Duration::from_secs(60 * minutes) {
        let next = if tried < cases { cases } else { tried + 1_000 };
        let seeds = tried..next;
        let came: Vec<Came> = seeds
            .into_par_iter()
            .map(|at| {
                let seed = seed.wrapping_add(at);
                // A panic names its seed, too.
                std::panic::catch_unwind(|| random_rubric(seed)).unwrap_or_else(|_| Came::Differs(format!("seed {seed}: a panic")))
            })
            .collect();
        tried = next;
        for came in came {
            match came {
                Came::Refused(text) => refused.push(text),
                Came::Differs(text) => differing.push(text),
                Came::Compared(compared) => {
                    all.cells += compared.cells;
                    all.not_exact += compared.not_exact;
                    all.batched += compared.batched;
                    all.scripted += compared.scripted;
                }
            }
        }
    }
    println!(
        "{tried} rubrics in {:.0?}: {} cells, {} of a batch, {} with scripts by rhai, {} not exact, {} refused, {} differing",
        start.elapsed(),
        all.cells,
        all.batched,
        all.scripted,
        all.not_exact,
        refused.len(),
        differing.len()
    );
    if std::env::var("HENG_SHOW").is_ok() {
        refused.iter().for_each(|text| println!("REFUSED {text}"));
        differing.iter().for_each(|text| println!("DIFFER {text}"));
    }
    assert!(refused.len() as u64 * 10 <= tried, "{} of {tried} rubrics are refused, such as {}", refused.len(), refused[0]);
    assert!(differing.is_empty(), "{} of {tried} rubrics differ, such as {}", differing.len(), differing[0]);
}

/// A form for small rubrics.
const FORM: &str = "unit 生, 册
form 表 {
  subject 校 by code
  within 县 by county
  code: text
  county: text
  学段: choice { p, q, r }
  a: decimal(2)
  b: decimal(2)
  n: integer 生
  f: yes/no
  o: decimal(2) when f
}
";

/// What one small rubric comes to, held against what the documents say.
struct Small {
    /// What is shown, with its source.
    says: &'static str,
    /// The body of a rubric over the form.
    rubric: &'static str,
    /// Submissions: code, county, 学段, a, b, n, f, o.
    rows: &'static [[&'static str; 8]],
    /// Of the first submission in the order of keys: a result, and what it must be.
    expected: &'static [(&'static str, &'static str)],
}

const SMALL: &[Small] = &[
    Small {
        says: "`else` takes the rest of a target (language.md: `else: >= 4`)",
        rubric: "indicator A { value d.a; target by d.学段 { p: >= 9; else: >= 4 } }",
        rows: &[["1", "u", "q", "5", "", "", "", ""]],
        expected: &[("A.target", "4"), ("A.met", "true")],
    },
    Small {
        says: "`其他` takes the rest of the levels",
        rubric: "indicator A 10 { value d.学段; score levels { p: 10; 其他: 4 } }",
        rows: &[["1", "u", "q", "", "", "", "", ""]],
        expected: &[("A.score", "4")],
    },
    Small {
        says: "an indicator whose value is missing is unscored (semantics 3)",
        rubric: "indicator A 10 { value d.a; score = min(10, d.b) }",
        rows: &[["1", "u", "p", "", "3", "", "", ""]],
        expected: &[("A.score", "missing a"), ("total", "missing a")],
    },
    Small {
        says: "where an indicator does not apply, a missing bound does not make it missing: it is left out of a count",
        rubric: "indicator A { value d.a; target by d.学段 { p: >= 1; q, r: >= 2 }; when d.f }
                 indicator B { value d.b; target >= 1 }
                 conclusion { 好: every(A..B, met); 差: otherwise }",
        rows: &[["1", "u", "", "5", "5", "", "no", ""]],
        expected: &[("A.met", "not applicable"), ("conclusion", "好")],
    },
    Small {
        says: "the same, where the field that it measures is not asked",
        rubric: "indicator A { value d.o; target >= d.a }
                 indicator B { value d.b; target >= 1 }
                 conclusion { 好: count_met(A..B) == 1; 差: otherwise }",
        rows: &[["1", "u", "p", "", "5", "", "no", ""]],
        expected: &[("A.met", "not applicable"), ("conclusion", "好")],
    },
    Small {
        says: "what does not apply stays so where it is divided by a constant zero",
        rubric: "indicator A 5 { value d.o / (3 * 0); target >= 7.5; score bands by attained { >= 100%: 5; else: 2 } }
                 indicator B 5 { value d.b; target >= 1; score bands { >= 1: 5; else: 0 } }
                 total 10",
        rows: &[["1", "u", "p", "", "5", "", "no", ""], ["2", "u", "p", "", "5", "", "yes", "1"]],
        expected: &[("A.score", "not applicable"), ("total", "10")],
    },
    Small {
        says: "a veto that is unknown does not matter where the grade is the same without it",
        rubric: "indicator A 10 { value d.a; score linear { 0: 0; 10: 10 } }
                 veto d.f : \"事故\" then 差
                 grade { 好: >= 6; 差: otherwise }",
        rows: &[["1", "u", "p", "1", "", "", "", ""]],
        expected: &[("grade", "差")],
    },
    Small {
        says: "a veto that may come first leaves open which verdict is forced",
        rubric: "indicator A 10 { value d.a; score linear { 0: 0; 10: 10 } }
                 veto d.f : \"事故\" then 差
                 veto d.a > 0 : \"扣档\" then 中
                 grade { 好: >= 6; 中: >= 3; 差: otherwise }",
        rows: &[["1", "u", "p", "10", "", "", "", ""]],
        expected: &[("grade", "missing f")],
    },
    Small {
        says: "full marks if the target is met, also where it is the rounded value that meets it",
        rubric: "compare rounded 0
                 indicator A 10 { value d.a; target >= 5; score full, minus 2 per 1 below }",
        rows: &[["1", "u", "p", "4.6", "", "", "", ""]],
        expected: &[("A.met", "true"), ("A.score", "10")],
    },
    Small {
        says: "each subject has its own threshold of a pass rate over the cohort",
        rubric: "indicator A { value pass_rate(d.a, d.b, over all) }",
        rows: &[["1", "u", "p", "1", "1", "", "", ""], ["2", "u", "p", "2", "2", "", "", ""], ["0", "u", "p", "0", "2", "", "", ""]],
        expected: &[("A", "1/3")],
    },
    Small {
        says: "a standard deviation can be held against a threshold, also if it is no fraction",
        rubric: "indicator A { value sd(d.a, over group) }; indicator B { value pass_rate(A, 1, over all) }; indicator C { value rank(A, over all) }",
        rows: &[["1", "u", "p", "1", "", "", "", ""], ["2", "u", "p", "2", "", "", "", ""], ["3", "v", "p", "1", "", "", "", ""], ["4", "v", "p", "2", "", "", "", ""], ["5", "v", "p", "4", "", "", "", ""]],
        expected: &[("A", "0.5"), ("B", "0.6"), ("C", "4")],
    },
    Small {
        says: "a median of irrational numbers is one of them, or between two",
        rubric: "indicator A { value sd(d.a, over group) }; indicator B { value median(A, over all) >= 1.2 }",
        rows: &[["1", "v", "p", "1", "", "", "", ""], ["2", "v", "p", "2", "", "", "", ""], ["3", "v", "p", "4", "", "", "", ""]],
        expected: &[("B", "true")],
    },
    Small {
        says: "of a value, count says how many have one; 0 is one (statistics.md)",
        rubric: "indicator A { value count(d.a, d.b) }",
        rows: &[["1", "u", "p", "5", "0", "", "", ""]],
        expected: &[("A", "2")],
    },
    Small {
        says: "the same, where one has none",
        rubric: "indicator A { value count(d.a, d.b) }",
        rows: &[["1", "u", "p", "5", "", "", "", ""]],
        expected: &[("A", "1")],
    },
    Small {
        says: "missing spreads: nothing is made of a list of which one value is missing",
        rubric: "indicator A { value min(5, d.a) }",
        rows: &[["1", "u", "p", "", "", "", "", ""]],
        expected: &[("A", "missing a")],
    },
    Small {
        says: "who has no weight is left out; weight 0 moves no median",
        rubric: "indicator A { value median(d.a, weight d.n, over all) }",
        rows: &[["1", "u", "p", "1", "", "1", "", ""], ["2", "u", "p", "2", "", "0", "", ""], ["3", "u", "p", "3", "", "1", "", ""], ["4", "u", "p", "9", "", "", "", ""]],
        expected: &[("A", "2")],
    },
    Small {
        says: "what does not apply is left out and the rest scaled up",
        rubric: "section S { indicator A 4 { value d.a; score linear { 0: 0; 4: 4 } }; indicator B 6 { value d.o; score linear { 0: 0; 6: 6 } } }
                 indicator C 10 { value d.b; score linear { 0: 0; 10: 10 } }",
        rows: &[["1", "u", "p", "3", "5", "", "no", ""]],
        expected: &[("S", "7.5"), ("total", "12.5")],
    },
    Small {
        says: "a zero divisor is undefined, and a sum with a missing field is then undefined, the graver of the two",
        rubric: "indicator A { value d.a / d.b }; indicator B { value d.a / d.b + d.o }; indicator C { value d.a or 7 }",
        rows: &[["1", "u", "p", "3", "0", "", "yes", ""]],
        expected: &[("A", "undefined"), ("B", "undefined"), ("C", "3")],
    },
    Small {
        says: "rounding: 四舍六入 of the score, once",
        rubric: "indicator A 10 { value d.a; score linear { 0: 0; 10: 10 }; round half_even 1 }",
        rows: &[["1", "u", "p", "2.25", "", "", "", ""]],
        expected: &[("A.score", "2.2")],
    },
    Small {
        says: "2⁵³ + 1, which no double holds, is not 2⁵³: in a cell, a constant, a sum, a weight and a count",
        rubric: "indicator A { value d.n; target >= 9007199254740993 生 }
                 indicator B { value d.n * 1 + 1 生; target > 9007199254740992 生 }
                 indicator C { value max(d.n, 9007199254740993 生); target <= 9007199254740992 生 }
                 indicator D { value d.a * 2; target >= 9007199254740993 }
                 indicator E { value share(d.f, weight d.n, over all) }
                 indicator F { value min(d.a, 4503599627370496.5) }",
        rows: &[
            ["1", "u", "p", "4503599627370496.5", "1", "9007199254740992", "yes", "1"],
            ["2", "u", "p", "4503599627370496", "1", "1", "no", ""],
            ["3", "u", "p", "4503599627370496.5", "1", "9007199254740993", "yes", "1"],
        ],
        expected: &[("A.met", "false"), ("B.met", "true"), ("C.met", "false"), ("D.met", "true"), ("E", "18014398509481985/18014398509481986")],
    },
    Small {
        says: "a checklist is not below zero, also where it multiplies by a number that is",
        rubric: "indicator A 10 { score checklist { 2 each d.a; 3 if d.f } }",
        rows: &[["1", "u", "p", "-2", "", "", "yes", ""]],
        expected: &[("A.score", "0")],
    },
    Small {
        says: "above the limit by a hair less than any decimal shows",
        rubric: "indicator A { value 1 / 3 + 1 / 3 + 1 / 3; target >= 1 }; indicator B { value 0.85 * 4.2; target == 3.57 }",
        rows: &[["1", "u", "p", "", "", "", "", ""]],
        expected: &[("A.met", "true"), ("B.met", "true")],
    },
];

#[test]
fn small_rubrics() {
    let mut wrong = Vec::new();
    for small in SMALL {
        let ruled = rules_of(&format!("{FORM}rubric R {{\nreads 表 as d\n{}\n}}\n", small.rubric));
        if !ruled.errors.is_empty() {
            wrong.push(format!("{}: {:?}", small.says, ruled.errors));
            continue;
        }
        let names = ["code", "county", "学段", "a", "b", "n", "f", "o"];
        let records: Vec<_> = small.rows.iter().map(|row| record(names.into_iter().zip(row.iter().copied()))).collect();
        let table = ruled.table(0, &records);
        let results = ruled.run(0, &table, day(2024, 9, 1));
        for (what, expected) in small.expected {
            let got = shown(&ruled, &results, what);
            if got != *expected {
                wrong.push(format!("{}: {what} is {got}, not {expected}", small.says));
            }
        }
        let compared = held_against(&ruled, 0, &table, day(2024, 9, 1));
        if !compared.differences.is_empty() {
            wrong.push(format!("{}: {:?}", small.says, compared.differences));
        }
    }
    assert!(wrong.is_empty(), "{} small rubrics:\n{}", wrong.len(), wrong.join("\n"));
}

/// A result of the first subject, as the table of small rubrics writes it.
fn shown(ruled: &Ruled, results: &heng::eval::Results, what: &str) -> String {
    use heng::model::{Aspect, Slot};
    let rubric = &ruled.rules.rubrics[results.rubric];
    let (code, aspect) = what.split_once('.').unwrap_or((what, "value"));
    let slot = match (code, rubric.indicator(code), aspect) {
        ("total", ..) => Slot::Total,
        ("grade", ..) => Slot::Grade,
        ("conclusion", ..) => Slot::Conclusion,
        (_, Some((at, _)), "value") => Slot::Indicator(at, Aspect::Value),
        (_, Some((at, _)), "target") => Slot::Indicator(at, Aspect::Target),
        (_, Some((at, _)), "met") => Slot::Indicator(at, Aspect::Met),
        (_, Some((at, _)), "score") => Slot::Indicator(at, Aspect::Score),
        _ => Slot::SectionScore(rubric.sections.iter().position(|section| *section.code.it == *code).unwrap()),
    };
    match results.cell(slot, 0) {
        Some(Ok(Value::Number(number))) => number.as_exact().map_or_else(|| number.show(30), ToString::to_string),
        Some(Ok(Value::Word(word))) => word.to_string(),
        Some(Ok(Value::Flag(flag))) => flag.to_string(),
        Some(Ok(Value::Date(day))) => day.to_string(),
        Some(Err(gap)) => match why(&gap) {
            Why::Missing(fields) => format!("missing {}", fields.into_iter().collect::<Vec<_>>().join(" ")),
            Why::Undefined => "undefined".to_owned(),
            Why::NotApplicable => "not applicable".to_owned(),
        },
        None => "nothing".to_owned(),
    }
}

/// Arithmetic that reads the same in an expression and in a script.
fn arithmetic(r: &mut Random, depth: usize) -> String {
    if depth == 0 || r.chance(15) {
        return r.pick(&["d.a", "d.b", "d.n", "d.o", "2", "3", "0.5", "1.25", "0", "7", "100"]).to_owned();
    }
    let (left, right) = (arithmetic(r, depth - 1), arithmetic(r, depth - 1));
    match r.below(5) {
        0 => format!("({left} + {right})"),
        1 => format!("({left} - {right})"),
        2 => format!("({left} * {right})"),
        3 => format!("(-{left})"),
        _ => format!("({left} / {right})"),
    }
}

#[test]
fn a_script_computes_what_the_formula_does() {
    let seed = setting("HENG_SEED", 20_240_901);
    println!("HENG_SEED={seed}");
    let form = FORM.replace("n: integer 生", "n: integer");
    let mut r = Random::new(seed);
    let mut scored = 0;
    for _ in 0..20 {
        let expressions: Vec<String> = (0..10).map(|_| arithmetic(&mut r, 3)).collect();
        let pairs = expressions
            .iter()
            .enumerate()
            .map(|(at, text)| format!("indicator F{at} 100 {{ score = {text} }}\nindicator S{at} 100 {{ score script {{ {text} }} }}\n"));
        let ruled = rules_of(&format!("{form}rubric R {{\nreads 表 as d\n{}}}\n", pairs.collect::<String>()));
        assert!(ruled.errors.is_empty(), "{:?} of {expressions:#?}", ruled.errors);
        let stock = ["0", "1", "2", "3", "0.5", "4.2", "0.85", "12.5", "", "-1.5"];
        let row = |r: &mut Random, at: usize| {
            record([
                ("code", at.to_string().as_str()),
                ("a", r.pick(&stock)),
                ("b", r.pick(&stock)),
                ("n", r.pick(&["0", "3", "7", "97", ""])),
                ("f", r.pick(&["yes", "no"])),
                ("o", r.pick(&stock)),
            ])
        };
        let records: Vec<_> = (0..12).map(|at| row(&mut r, at)).collect();
        let results = ruled.run(0, &ruled.table(0, &records), day(2024, 9, 1));
        for (at, text) in expressions.iter().enumerate() {
            let cells = |of: usize| results.indicators[of].score.clone().unwrap();
            for (row, (formula, script)) in cells(2 * at).into_iter().zip(cells(2 * at + 1)).enumerate() {
                let same = match (&formula, &script) {
                    (Ok(formula), Ok(script)) => {
                        scored += 1;
                        formula == script
                    }
                    // A script with a missing field may stop before it comes to a zero divisor.
                    (Err(one), Err(other)) => why(one) == why(other) || why(other) != Why::Undefined,
                    _ => false,
                };
                assert!(same, "{text} of {:?}: formula {formula:?}, script {script:?}", records[row]);
            }
        }
    }
    assert!(scored > 200, "only {scored} scores");
}
