//! Random scripts: both ways to the same result.

use super::writer::{Random, Reads, Writer};
use super::*;

fn rows(random: &mut Random) -> Vec<Row> {
    let plain = ["0", "1", "2", "3", "0.5", "-1", "7", "2.5", "60", "89.5", "12345678901234567890.5", "0.0000000000000000000000000000001"];
    let some = |random: &mut Random, from: &[&'static str]| if random.chance(20) { None } else { Some(random.pick(from)) };
    let mut rows = Vec::new();
    for _ in 0..10 {
        let value = some(random, &["0", "1", "1/3", "0.85", "2/7", "60", "75.5", "-1/9", "10"]);
        let numbers = [some(random, &plain), some(random, &["0", "1", "2", "0.1", "3"]), some(random, &["0", "1", "2", "5", "10"])];
        let flag = [None, Some(true), Some(false)][random.below(3)];
        rows.push(row(value, numbers, some(random, &["小学", "初中"]), flag));
    }
    // All there, and nothing there.
    rows.push(row(Some("1/3"), [Some("2"), Some("4"), Some("5")], Some("小学"), Some(true)));
    rows.push(row(None, [None; 3], None, None));
    rows
}

fn reads() -> Reads {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Reads {
        numbers: texts(&["校.甲", "校.乙", "校.丙", "value", "points", "分值"]),
        flags: texts(&["校.段 == \"小学\"", "校.段 != \"初中\"", "校.住", "校.住 == true", "校.段 == ()", "校.段 in [\"小学\", \"大学\"]"]),
        choice: "校.段".to_owned(),
        options: texts(&["\"小学\"", "\"初中\"", "\"小学\" | \"初中\"", "()", "1", "\"高中\""]),
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_scripts_come_to_the_same() {
    let (seed, cases) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 1_600));
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let engine = engine();
    let (mut made, mut values, mut refused) = (0, [0; 3], std::collections::BTreeMap::<String, usize>::new());
    for batch in 0..cases.div_ceil(40) {
        let codes: Vec<String> = (0..40)
            .map(|at| {
                let random = Random(seed.wrapping_add(batch * 40 + at).wrapping_mul(0x9E37_79B9));
                let mut writer = Writer::new(random, reads());
                writer.script()
            })
            // Now and then something is written that rhai does not read, such as a constant condition.
            .filter(|code| engine.compile(code).is_ok())
            .collect();
        let rows = rows(&mut Random(seed ^ batch));
        for script in scripts(&codes) {
            match script.straight.get() {
                Ok(straight) => {
                    made += 1;
                    let difference = difference(&engine, &script, straight, &rows);
                    assert!(difference.is_none(), "HENG_SEED={seed}, batch {batch}\n{}", difference.unwrap());
                    for row in &rows {
                        let outcome = run(straight, &cells(&script, row), &Exact::from(10));
                        values[match outcome {
                            Outcome::Value(_) => 0,
                            Outcome::Missing => 1,
                            Outcome::Failed => 2,
                        }] += 1;
                    }
                }
                Err(not) => *refused.entry(format!("{:?}", not.why)).or_default() += 1,
            }
        }
    }
    println!("{made} made, values/missing/failed {values:?}, refused {refused:#?}");
    // Both ways are only compared where there are two, and where something comes out.
    assert!(u64::try_from(made).unwrap() * 10 > cases * 7, "only {made} of {cases}: {refused:#?}");
    assert!(values.iter().all(|count| *count > made), "{values:?}");
}
