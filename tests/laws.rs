//! What must hold of every evaluation (求值的性质): no order, no language, no repetition changes a result, and a value that
//! lies exactly on a limit is on it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod reference;

use heng::eval::{Column, Results, Table};
use heng::model::{FieldIx, Form, bottom_of};
use heng::number::Real;
use reference::agree::rendered;
use reference::random::{self, Random};
use reference::world::{Record, day, record, rules_of};

const CASES: u64 = 40;

/// The same table with its rows in any order.
fn shuffled(form: &Form, table: &Table, random: &mut Random) -> Table {
    let mut order: Vec<usize> = (0..table.len()).collect();
    random.shuffle(&mut order);
    let mut shuffled = Table::new(form, None);
    shuffled.files.clone_from(&table.files);
    for row in order {
        let cells = (0..form.fields.len()).map(|field| table.cell(FieldIx(field), row).unwrap());
        shuffled.push_row(table.key(row), table.origin(row).unwrap(), cells);
    }
    shuffled
}

#[test]
fn neither_order_nor_repetition_changes_a_result() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let case = random::case(&mut random);
        let ruled = rules_of(&case.rules);
        if !ruled.errors.is_empty() {
            continue;
        }
        let rubric = ruled.rubric("over_it");
        let table = ruled.table(rubric, &case.records);
        let results = ruled.run(rubric, &table, day(2024, 9, 1));
        let first = rendered(&results);
        assert_eq!(first, rendered(&ruled.run(rubric, &table, day(2024, 9, 1))), "seed {seed}, again");
        let form = &ruled.rules.forms[bottom_of(&ruled.rules, &ruled.rules.rubrics[rubric]).unwrap()];
        let rows = shuffled(form, &table, &mut random);
        assert_eq!(first, rendered(&ruled.run(rubric, &rows, day(2024, 9, 1))), "seed {seed}, rows of the table in another order");
        let mut records = case.records.clone();
        random.shuffle(&mut records);
        records.iter_mut().for_each(|record| random.shuffle(record));
        let table = ruled.table(rubric, &records);
        assert_eq!(first, rendered(&ruled.run(rubric, &table, day(2024, 9, 1))), "seed {seed}, records and their fields in another order");
        finite(&results, seed);
    }
}

/// Every number is one.
fn finite(results: &Results, seed: u64) {
    let numbers = |column: &Column| match column {
        Column::Numbers(cells) => {
            cells.iter().filter_map(|cell| cell.as_ref().ok()).all(|number| number.to_f64().is_finite() && !number.show(6).is_empty())
        }
        _ => true,
    };
    let columns = results.indicators.iter().flat_map(|indicator| {
        let scores = [&indicator.score, &indicator.attained].into_iter().flatten().map(|cells| Column::Numbers(cells.clone()));
        [&indicator.value, &indicator.target].into_iter().flatten().cloned().chain(scores)
    });
    assert!(columns.chain(results.total.clone().map(Column::Numbers)).all(|column| numbers(&column)), "seed {seed}");
    results.below.iter().for_each(|below| finite(below, seed));
}

#[test]
fn a_key_is_only_a_name() {
    // The first letter of each code keeps the order of the subjects or turns it round.
    let renamed = |records: &[Record], rename: &dyn Fn(&str) -> String| -> Vec<Record> {
        let cell = |(field, value): &(String, String)| (field.clone(), if field == "code" { rename(value) } else { value.clone() });
        records.iter().map(|record| record.iter().map(cell).collect()).collect()
    };
    for seed in 1000..1000 + CASES {
        let case = random::case(&mut Random::new(seed));
        let ruled = rules_of(&case.rules);
        if !ruled.errors.is_empty() {
            continue;
        }
        let rubric = ruled.rubric("它");
        let run = |records: &[Record]| ruled.run(rubric, &ruled.table(rubric, records), day(2024, 9, 1));
        let turned = |code: &str| format!("{:02}", 99 - code.parse::<u32>().unwrap());
        let (first, second) = (rendered(&run(&case.records)), rendered(&run(&renamed(&case.records, &turned))));
        let mut back: Vec<(String, String)> = second
            .into_iter()
            .map(|(key, cells)| {
                (
                    key.split(' ').map(|word| if word.len() == 2 { turned(word) } else { word.to_owned() }).collect::<Vec<_>>().join(" "),
                    cells,
                )
            })
            .collect();
        back.sort();
        let mut first = first;
        first.sort();
        assert_eq!(first, back, "seed {seed}");
    }
}

#[test]
fn both_spellings_mean_the_same() {
    for seed in 2000..2000 + CASES {
        let english = random::case(&mut Random::new(seed));
        let mut random = Random::new(seed);
        random.chinese = true;
        let chinese = random::case(&mut random);
        assert_ne!(english.rules, chinese.rules);
        assert_eq!(english.records, chinese.records);
        let (one, other) = (rules_of(&english.rules), rules_of(&chinese.rules));
        assert_eq!(one.errors, other.errors, "seed {seed}:\n{}\n{}", english.rules, chinese.rules);
        if !one.errors.is_empty() {
            continue;
        }
        let run = |ruled: &reference::world::Ruled, records: &[Record]| {
            let rubric = ruled.rubric("over_it");
            rendered(&ruled.run(rubric, &ruled.table(rubric, records), day(2024, 9, 1)))
        };
        assert_eq!(run(&one, &english.records), run(&other, &chinese.records), "seed {seed}:\n{}\n{}", english.rules, chinese.rules);
    }
}

/// A decimal as it is written, from a whole number and its decimals.
fn written(digits: i128, decimals: u32) -> String {
    let scale = 10_i128.pow(decimals);
    format!("{}.{:0width$}", digits / scale, digits % scale, width = decimals as usize)
}

#[test]
fn exactly_on_85_percent_of_a_target_is_on_it() {
    let ruled = rules_of(
        "form 表 { subject 校 by code; code: text; a: decimal(10); n: integer; t: decimal(2) }
         rubric R {
           reads 表 as d
           indicator A 10 { value d.a / d.n; target >= d.t; score proportional, zero below 85% }
           indicator B 10 { value d.a / d.n; target >= d.t * 85%; score all or nothing }
           conclusion { 近: A.attained >= 85% and B.met; 远: otherwise }
         }",
    );
    assert!(ruled.errors.is_empty(), "{:?}", ruled.errors);
    let targets = [420, 530, 39, 450, 1, 9999, 733, 100, 7, 251_i128];
    let divisors = [1, 3, 7, 11, 13, 19, 97, 1023, 1489, 99991_i128];
    let (mut on, mut below) = (Vec::new(), Vec::new());
    for target in targets {
        for divisor in divisors {
            let code = (on.len() + 1).to_string();
            // 85 % of a target of two decimals has four; ten times ten of a larger divisor and ten more decimals make room for a hair.
            let value = target * 85 * 10_i128.pow(16) * divisor;
            let large = divisor * 10_i128.pow(10);
            let row = |value: i128| {
                record([
                    ("code", code.as_str()),
                    ("a", written(value, 10).as_str()),
                    ("n", large.to_string().as_str()),
                    ("t", written(target, 2).as_str()),
                ])
            };
            on.push(row(value));
            below.push(row(value - divisor));
        }
    }
    assert_eq!(on.len(), 100);
    for (records, expected) in [(on, "近"), (below, "远")] {
        let table = ruled.table(0, &records);
        assert_eq!(table.len(), 100);
        let results = ruled.run(0, &table, day(2024, 9, 1));
        for (row, conclusion) in results.conclusion.as_ref().unwrap().iter().enumerate() {
            assert_eq!(conclusion.as_ref().map(|name| name.as_str()), Ok(expected), "{}", results.subjects[row].key);
        }
        let scores = results.indicators[0].score.as_ref().unwrap();
        assert!(scores.iter().all(|score| matches!(score, Ok(score) if *score == Real::ZERO) == (expected == "远")));
    }
}

#[test]
fn a_coefficient_exactly_on_its_limit_is_on_it() {
    let ruled = rules_of(
        "unit 生
         form 表 { subject 校 by code; within 县 by county; code: text; county: text; x: decimal(10); y: integer; n: integer 生 }
         rubric R { reads 表 as d; indicator X { value d.x / d.y } }
         rubric C { subject 县; over R as d; indicator V { value cv(d.X, weight d.n); target <= 0.50 }; conclusion { 均衡: V.met; 不均衡: otherwise } }",
    );
    assert!(ruled.errors.is_empty(), "{:?}", ruled.errors);
    // Weights k² and 1 of the values 1 − c/k and 1 + ck: the mean is 1 and S is c, whatever k is. Values in units of 1e-20.
    let mut records = Vec::new();
    let one = 10_i128.pow(20);
    for (county, k) in [("a", 1), ("b", 2), ("c", 4), ("d", 5), ("e", 8)] {
        for (name, c) in [(county.to_owned(), one / 2), (format!("{county}+"), one / 2 + 40)] {
            for (code, x, n) in [("1", one - c / k, k * k), ("2", one + c * k, 1)] {
                let (code, n) = (format!("{name}{code}"), n.to_string());
                let x = written(x, 10);
                records.push(record([
                    ("code", code.as_str()),
                    ("county", name.as_str()),
                    ("x", x.as_str()),
                    ("y", "10000000000"),
                    ("n", n.as_str()),
                ]));
            }
        }
    }
    let rubric = ruled.rubric("C");
    let results = ruled.run(rubric, &ruled.table(rubric, &records), day(2024, 9, 1));
    for (subject, conclusion) in results.subjects.iter().zip(results.conclusion.as_ref().unwrap()) {
        let expected = if subject.key.ends_with('+') { "不均衡" } else { "均衡" };
        assert_eq!(conclusion.as_ref().map(|name| name.as_str()), Ok(expected), "{}", subject.key);
    }
}
