//! Values exactly on a limit and beside it by as little as fields allow (临界值), against exact arithmetic written apart from
//! the engine: every verdict and every digit must be the right one, by the fast way and by the exact one.
//!
//! `HENG_SEED` repeats a run, `HENG_CASES` lengthens it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test stops at the first surprise"
)]

#[path = "boundary/cohort.rs"]
mod cohort;
#[path = "boundary/exact.rs"]
mod exact;
#[path = "boundary/frame.rs"]
mod frame;
#[path = "boundary/groups.rs"]
mod groups;
#[path = "boundary/judges.rs"]
mod judges;
#[path = "boundary/shapes.rs"]
mod shapes;
#[path = "boundary/totals.rs"]
mod totals;

use exact::Random;
use frame::{Family, Held, Record, day};
use judges::JUDGES;
use shapes::{FORM, SHAPES, cell};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    setting("HENG_SEED", 20_240_901)
}

/// A share of all cases, in percent.
fn cases(percent: u64) -> usize {
    (setting("HENG_CASES", 104_000) * percent / 100) as usize
}

/// Makes families until there are enough cases, and says how it went.
fn hold(name: &str, cases: usize, mut family: impl FnMut(&mut Random, usize) -> Family) {
    let seed = seed();
    println!("HENG_SEED={seed} {name}: {cases} cases");
    let (mut random, mut all, mut turn) = (Random::new(seed), Held::default(), 0);
    while all.cases < cases {
        let family = family(&mut random, turn);
        all.add(family.hold(turn));
        turn += 1;
    }
    println!(
        "{name}: {} rubrics, {} cases, {} results, {} cells settled, {} wrong",
        turn,
        all.cases,
        all.compared,
        all.settled,
        all.wrong.len()
    );
    let shown: Vec<&String> = all.wrong.iter().take(8).collect();
    assert!(
        all.wrong.is_empty(),
        "{} wrong, such as\n{}",
        all.wrong.len(),
        shown.iter().map(|text| format!("{text}\n\n")).collect::<String>()
    );
    // Ranks have no columns: whoever has one is compared exactly.
    assert!(all.cases >= cases && (all.settled > 0 || name == "ranks"), "nothing was near a limit");
}

/// A value in some shape, held against something.
fn of_one_subject(random: &mut Random, turn: usize, count: usize) -> Family {
    let shape = &SHAPES[turn % SHAPES.len()];
    let judge = JUDGES[random.below(JUDGES.len())](random, shape.text);
    let (mut rows, mut expected): (Vec<Record>, _) = (Vec::new(), Vec::new());
    while rows.len() < count {
        let critical = random.of(&judge.critical);
        let mut fields = (shape.solve)(random, &critical);
        if random.chance(2) {
            let at = random.below(fields.len());
            let name = *fields.keys().nth(at).unwrap();
            fields.remove(name);
        }
        let typed: Option<Record> = fields.iter().map(|(field, number)| Some((*field, cell(field, number)?))).collect();
        let Some(mut row) = typed else { continue };
        row.insert(0, ("码", format!("{:05}", rows.len())));
        rows.push(row);
        expected.push((judge.expect)((shape.of)(&fields)));
    }
    Family {
        what: format!("{} of {}, turn {turn}", judge.what, shape.text),
        rules: format!("{FORM}rubric 甲 {{\nreads 表 as d\n{}\n}}\n", judge.body),
        rubric: "甲",
        outputs: judge.outputs,
        rows,
        expected,
        grouped: false,
    }
}

#[test]
fn values_of_one_subject() {
    hold("values of one subject", cases(62), |random, turn| of_one_subject(random, turn, 400));
}

#[test]
fn totals_and_grades() {
    hold("totals", cases(28), totals::family);
}

#[test]
fn statistics_of_groups() {
    hold("groups", cases(5), groups::family);
}

#[test]
fn ranks() {
    hold("ranks", cases(5), cohort::family);
}

/// Every digit and word of a sheet, by keys.
fn rendered(family: &Family, rows: &[Record]) -> String {
    let engine = family.engine();
    let rubric = engine.rubric(family.rubric).unwrap();
    let table = family.table(&engine, rubric, rows);
    let mut batch = engine.batch(rubric, day(), &family.wanted(&engine, rubric)).unwrap();
    let sheet = batch.run(&table);
    batch
        .read(&table, &sheet, |reader| {
            let mut text = String::new();
            for at in 0..if family.grouped { sheet.groups() } else { sheet.len() } {
                let key = if family.grouped { sheet.group(at).unwrap().1.as_str() } else { table.key(sheet.row(at).unwrap()) };
                text += key;
                for output in 0..family.outputs.len() {
                    text.push(',');
                    let done = if family.grouped {
                        reader.show_group(output, at, Some(12), &mut text)
                    } else {
                        reader.show(output, sheet.row(at).unwrap(), Some(12), &mut text)
                    };
                    text += if done.is_err() { "-" } else { "" };
                }
                text.push('\n');
            }
            text
        })
        .unwrap()
}

/// Rows beyond one piece of work, so that there is something to share out.
#[test]
fn threads_and_the_order_of_rows_change_nothing() {
    let mut random = Random::new(seed());
    let families = [
        of_one_subject(&mut random, 5, 9_000),
        of_one_subject(&mut random, 23, 5_000),
        totals::family(&mut random, 0),
        groups::family(&mut random, 0),
        cohort::family(&mut random, 0),
    ];
    for family in families {
        let with = |threads: usize, rows: &[Record]| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| rendered(&family, rows))
        };
        let alone = with(1, &family.rows);
        assert_eq!(alone.lines().count(), family.expected.len());
        let mut shuffled = family.rows.clone();
        random.shuffle(&mut shuffled);
        for (threads, rows) in [(2, &family.rows), (7, &family.rows), (1, &shuffled), (7, &shuffled)] {
            assert!(alone == with(threads, rows), "{}: not the same with {threads} threads", family.what);
        }
    }
}
