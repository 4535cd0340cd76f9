//! A batch over one table after another, and after edited answers (批量评价的再用).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use heng::eval::{Batch, Sheet, Value, Wanted};
use heng::model::{Aspect, FieldIx, Slot};
use heng::number::{Exact, Real};
use heng::{Date, Engine, Table};

const FORM: &str = "form 表 {\n subject 校 by 码\n within 县 by 县\n 码: text required\n 县: text required\n 地: text\n a: integer 0..\n b: integer 0..\n}\n";

fn engine(rules: &str) -> Engine {
    let engine = Engine::from_text("r.heng", &format!("{FORM}{rules}"));
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    engine
}

fn table(engine: &Engine, rubric: usize, rows: &[[&str; 5]]) -> Table {
    let record =
        |row: &[&str; 5]| ["码", "县", "地", "a", "b"].map(str::to_owned).into_iter().zip(row.map(str::to_owned)).collect::<Vec<_>>();
    engine.rows(rubric, rows.iter().map(record)).unwrap().0
}

fn batch<'e>(engine: &'e Engine, name: &str, subjects: &[Slot], groups: &[Slot]) -> Batch<'e> {
    let wanted = Wanted { subjects: subjects.to_vec(), groups: groups.to_vec() };
    engine.batch(engine.rubric(name).unwrap(), Date::from_ymd_opt(2024, 9, 1).unwrap(), &wanted).unwrap()
}

/// Everything as shown, of subjects and of groups.
fn shown(batch: &Batch<'_>, table: &Table, sheet: &Sheet, outputs: usize, of_groups: usize) -> Vec<String> {
    batch
        .read(table, sheet, |reader| {
            let mut lines = Vec::new();
            for at in 0..sheet.len() {
                for output in 0..outputs {
                    let (row, mut text) = (sheet.row(at).unwrap(), String::new());
                    let gap = reader.show(output, row, Some(9), &mut text).err();
                    lines.push(format!("{} {text} {gap:?}", table.key(row)));
                }
            }
            for at in 0..sheet.groups() {
                for output in 0..of_groups {
                    let mut text = String::new();
                    let gap = reader.show_group(output, at, Some(9), &mut text).err();
                    lines.push(format!("{} {text} {gap:?}", sheet.group(at).unwrap().1));
                }
            }
            let (compared, wrong) = reader.disagreements();
            assert!(compared > 0 && wrong.is_empty(), "{wrong:?}");
            lines
        })
        .unwrap()
}

const POINTS: &str = "rubric 甲 {\n reads 表 as 校\n total 5\n indicator A 5 {\n  score = if 校.地 == 城 then 5 else 1\n }\n}\n";

#[test]
fn codes_of_another_table_stand_for_other_words() {
    let engine = engine(&POINTS.replace("== 城", "== \"城\""));
    let rubric = engine.rubric("甲").unwrap();
    let one = table(&engine, rubric, &[["1", "x", "城", "1", "1"], ["2", "x", "乡", "1", "1"]]);
    let two = table(&engine, rubric, &[["1", "x", "乡", "1", "1"], ["2", "x", "城", "1", "1"]]);
    let mut batch = batch(&engine, "甲", &[Slot::Total], &[]);
    for (table, totals) in
        [(&one, ["5.000000000", "1.000000000"]), (&two, ["1.000000000", "5.000000000"]), (&one, ["5.000000000", "1.000000000"])]
    {
        let sheet = batch.run(table);
        let lines = shown(&batch, table, &sheet, 1, 0);
        assert!(lines.iter().zip(totals).all(|(line, total)| line.contains(total)), "{lines:?}");
    }
}

/// A sheet says what its columns stand for, whatever its batch was compiled for since; it is read with its own table only.
#[test]
fn a_sheet_is_of_its_table() {
    let engine = engine("rubric 甲 {\n reads 表 as 校\n total 10\n indicator A 10 { value 校.a; target >= 3; score proportional }\n}\n");
    let rubric = engine.rubric("甲").unwrap();
    let one = table(&engine, rubric, &[["1", "x", "城", "1", "1"], ["2", "x", "乡", "2", "1"]]);
    // Numbers beyond those of the first table: another program, other scales.
    let mut two = table(&engine, rubric, &[["1", "x", "乡", "3000000", "1"], ["2", "x", "城", "0", "1"]]);
    let slots = [Slot::Total, Slot::Indicator(0, Aspect::Value), Slot::Indicator(0, Aspect::Attained)];
    let mut batch = batch(&engine, "甲", &slots, &[]);
    let of_one = batch.run(&one);
    let first = shown(&batch, &one, &of_one, 3, 0);
    let mut of_two = batch.run(&two);
    assert_eq!(shown(&batch, &one, &of_one, 3, 0), first);
    assert!(batch.read(&two, &of_one, |_| ()).is_none() && batch.read(&one, &of_two, |_| ()).is_none());
    let wanted = Wanted { subjects: slots.to_vec(), groups: Vec::new() };
    let other = engine.batch(rubric, Date::from_ymd_opt(2024, 9, 1).unwrap(), &wanted).unwrap();
    assert!(other.read(&one, &of_one, |_| ()).is_none());
    // An edited answer of a table whose program is no longer that of its sheet: all is computed anew.
    let three = table(&engine, rubric, &[["1", "x", "城", "9000000", "1"]]);
    batch.run(&three);
    two.put(engine.form(rubric).unwrap().field("a").unwrap().0, 1, Ok(Value::Number(Real::from(Exact::from(2)))));
    batch.rescore(&two, 1, &mut of_two);
    let lines = shown(&batch, &two, &of_two, 3, 0);
    assert!(lines.iter().any(|line| line.starts_with("2 6.666666667 ")), "{lines:?}");
    // Nor does a sheet of one table stand for another with as many rows.
    let mut sheet = batch.run(&one);
    batch.rescore(&two, 0, &mut sheet);
    assert_eq!(shown(&batch, &two, &sheet, 3, 0), lines);
}

/// After each edit the sheet is what a run over the edited table yields.
fn edits(rules: &str, name: &str, subjects: &[Slot], groups: &[Slot]) {
    let engine = engine(rules);
    let rubric = engine.rubric(name).unwrap();
    let numbers: Vec<[String; 5]> = (0..40)
        .map(|row| [format!("{row}"), format!("县{}", row % 3), "城".into(), format!("{}", row * 7 % 50 + 3), format!("{}", row * 3 % 20)])
        .collect();
    let rows: Vec<[&str; 5]> = numbers.iter().map(|row| std::array::from_fn(|at| row[at].as_str())).collect();
    let mut table = table(&engine, rubric, &rows);
    let mut edited = batch(&engine, name, subjects, groups);
    let mut sheet = edited.run(&table);
    for step in 0_i64..30 {
        let row = usize::try_from(step * 11 % 40).unwrap();
        let field = engine.form(rubric).unwrap().field(if step % 2 == 0 { "a" } else { "b" }).unwrap().0;
        let cell = if step % 7 == 6 {
            Err(heng::eval::Gap::missing(&"a".into()))
        } else {
            Ok(Value::Number(Real::from(Exact::from(if step == 20 { 4_000 } else { step * 5 % 47 }))))
        };
        table.put(FieldIx(field.0), row, cell);
        edited.rescore(&table, row, &mut sheet);
        let mut fresh = batch(&engine, name, subjects, groups);
        let whole = fresh.run(&table);
        assert_eq!(
            shown(&edited, &table, &sheet, subjects.len(), groups.len()),
            shown(&fresh, &table, &whole, subjects.len(), groups.len()),
            "step {step}"
        );
    }
}

const RATIO: &str = "rubric 甲 {\n reads 表 as 校\n total 10\n missing zero\n indicator A 5 {\n  value 校.a / 校.b\n  target >= 2\n  score proportional, zero below 85%\n }\n indicator B 5 {\n  value 校.a\n  score bands { >= 30: 5; >= 10: 2; else: 0 }\n }\n}\n";

#[test]
fn an_edited_answer_is_scored_again_with_its_group() {
    let county = "rubric 乙 {\n subject 县\n over 甲 as 校\n indicator V {\n  value cv(校.A, weight 校.a)\n  target <= 0.5\n }\n indicator M {\n  value mean(校.total)\n }\n conclusion { 是: V.met; 否: otherwise }\n}\n";
    let value = |at| Slot::Indicator(at, heng::model::Aspect::Value);
    edits(&format!("{RATIO}{county}"), "乙", &[Slot::Total], &[value(0), value(1), Slot::Conclusion]);
}

#[test]
fn what_is_taken_over_all_is_taken_again() {
    let ranked = RATIO.replace(" indicator B 5 {", " indicator R { value rank(total, over all) }\n indicator B 5 {");
    edits(&ranked, "甲", &[Slot::Total, Slot::Indicator(1, heng::model::Aspect::Value)], &[]);
    let some = RATIO.replace(" total 10\n", " total 10\n when 校.a > 9\n");
    edits(&some, "甲", &[Slot::Total], &[]);
}

#[test]
fn full_marks_go_to_whoever_meets_the_target() {
    for target in [">= 20", "> 20", "<= 20", "< 20", "== 20", "!= 20"] {
        for way in ["below", "above"] {
            let rules = format!(
                "rubric 甲 {{\n reads 表 as 校\n total 5\n indicator A 5 {{\n  value 校.a\n  target {target}\n  score full, minus 0.5 per 3 {way}\n }}\n}}\n"
            );
            let engine = Engine::from_text("r.heng", &format!("{FORM}{rules}"));
            if engine.errors() > 0 {
                continue;
            }
            let rubric = engine.rubric("甲").unwrap();
            let rows: Vec<String> = (0..60).map(|a| a.to_string()).collect();
            let rows: Vec<[&str; 5]> = rows.iter().map(|a| [a.as_str(), "x", "城", a.as_str(), "1"]).collect();
            let table = table(&engine, rubric, &rows);
            let mut batch = batch(&engine, "甲", &[Slot::Total], &[]);
            let sheet = batch.run(&table);
            assert_eq!(shown(&batch, &table, &sheet, 1, 0).len(), 60, "{target} {way}");
        }
    }
}

#[test]
fn what_stands_twice_in_itself_is_computed_once() {
    let mut script = "let x = 校.a; let y = 校.b;\n".to_owned();
    for step in 0..60 {
        script.push_str(&format!("if x > {step} {{ x = y; }}\nif y > {step} {{ y = x; }}\n"));
    }
    let rules = format!("rubric 甲 {{\n reads 表 as 校\n total 5\n indicator A 5 {{\n  score script {{\n{script}\nmin(x, 5) }}\n }}\n}}\n");
    let engine = engine(&rules);
    let rubric = engine.rubric("甲").unwrap();
    let table = table(&engine, rubric, &[["1", "x", "城", "4", "9"], ["2", "x", "乡", "60", "1"]]);
    let mut batch = batch(&engine, "甲", &[Slot::Total], &[]);
    let sheet = batch.run(&table);
    assert_eq!(shown(&batch, &table, &sheet, 1, 0).len(), 2);
}

/// Quotients on their thresholds and beside them, zeros, gaps: of ways of scoring and of scripts with their guards.
#[test]
fn quotients_and_guards_come_to_what_exact_evaluation_says() {
    let ratio = "let r = 校.a / 校.b / (if 校.地 == \"城\" { 0.4 } else { 0.6 });";
    let steps = "if r >= 1.0 { 2.0 } else if r >= 0.85 { 2.0 * r } else { 0.0 }";
    let guards = [
        "校.a == () || 校.b == () || 校.b <= 0",
        "校.b == () || 校.b == 0",
        "校.a == () || 校.b <= 1",
        "校.a <= 0 || 校.b <= 0",
        "校.a != () && 校.b < 3",
    ];
    let guarded = |guard: &str, with: &str| format!("score script {{ if {guard} {{ {with} }} else {{ {ratio} {steps} }} }}");
    let mut scores: Vec<String> = guards.iter().flat_map(|guard| [guarded(guard, "0.0"), guarded(guard, "1.5")]).collect();
    scores.push(format!("score script {{ {ratio} {steps} }}"));
    scores.push(
        "score script { let q = 校.a / 校.b; if q <= 0.34 { 2.0 } else if q < 0.4 { 1.5 } else if q > 7 { 0.25 } else { 1.0 } }".into(),
    );
    scores.push("score script { let q = 校.a / 校.b; if q == 0.4 { q * 5 } else if q != 0.5 { q } else { 2 - q } }".into());
    scores.push("value 校.a / 校.b\n target by 校.地 { 城: >= 0.4; 乡: >= 0.6; 镇: >= 0.5 }\n score proportional, zero below 85%".into());
    scores.push("value 校.a / 校.b\n score bands { 0.34..0.4: 2; 0.4..0.85: 1; > 7: 0.5; else: 0 }".into());
    scores.push("value 校.b / 校.a\n score bands { < 2: 2; <= 2.5: 1; else: 0 }".into());
    for missing in [" missing zero\n", ""] {
        for score in &scores {
            let rules = format!("rubric 甲 {{\n reads 表 as 校\n total 2\n{missing} indicator A 2 {{\n {score}\n }}\n}}\n");
            let engine = Engine::from_text("r.heng", &format!("{}{rules}", FORM.replace("地: text", "地: choice { 城, 乡, 镇 }")));
            assert_eq!(engine.errors(), 0, "{}", engine.told());
            let rubric = engine.rubric("甲").unwrap();
            let cell = |number: u32| if number == 90 { String::new() } else { number.to_string() };
            let pairs = [
                (0, 0),
                (0, 5),
                (5, 0),
                (90, 3),
                (3, 90),
                (90, 0),
                (0, 90),
                (90, 90),
                (34, 100),
                (33, 100),
                (35, 100),
                (40, 100),
                (51, 100),
            ];
            let more = (0..200_u32).map(|at| (at * 7 % 61, at * 11 % 83));
            let numbers: Vec<[String; 5]> = pairs
                .into_iter()
                .chain(more)
                .enumerate()
                .map(|(at, (a, b))| [at.to_string(), "x".into(), ["城", "乡", "镇", ""][at % 4].into(), cell(a), cell(b)])
                .collect();
            let rows: Vec<[&str; 5]> = numbers.iter().map(|row| std::array::from_fn(|at| row[at].as_str())).collect();
            let table = table(&engine, rubric, &rows);
            let mut batch = batch(&engine, "甲", &[Slot::Total], &[]);
            let sheet = batch.run(&table);
            assert_eq!(shown(&batch, &table, &sheet, 1, 0).len(), rows.len(), "{score}");
        }
    }
}

/// A field that is not asked of everybody is no reason to compute its rows exactly.
#[test]
fn what_is_not_asked_is_ordinary() {
    let rules = "form 宿 {\n subject 校 by 码\n 码: text required\n 宿: yes/no required\n 床: integer 0.. when 宿\n 生: integer 1.. required\n}\n\
        rubric 丙 {\n reads 宿 as 校\n total 20\n missing zero\n\
        indicator A 5 {\n  when 校.宿\n  value 校.床 / 校.生\n  target >= 0.5\n  score proportional\n }\n\
        indicator B 5 {\n  value 校.床\n  score bands { >= 30: 5; else: 1 }\n }\n\
        indicator C 5 {\n  value 校.床 * 2 + 校.生\n  target >= 90\n  score all or nothing\n }\n\
        indicator D 5 {\n  score = 校.床 / 校.生\n }\n}\n";
    let engine = Engine::from_text("r.heng", rules);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let rubric = engine.rubric("丙").unwrap();
    let rows: Vec<Vec<(&str, String)>> = (0..300)
        .map(|row| {
            let (boards, beds) = (row % 3 != 0, if row % 7 == 0 { String::new() } else { format!("{}", row % 60) });
            vec![
                ("码", format!("{row:03}")),
                ("宿", if boards { "是" } else { "否" }.to_owned()),
                ("床", if boards { beds } else { String::new() }),
                ("生", format!("{}", row % 50 + 20)),
            ]
        })
        .collect();
    let table = engine.rows(rubric, rows).unwrap().0;
    let all = engine.rubric_at(rubric).unwrap().indicators.len();
    let mut slots: Vec<Slot> = vec![Slot::Total];
    for at in 0..all {
        slots.extend(
            [Aspect::Value, Aspect::Met, Aspect::Score]
                .map(|aspect| Slot::Indicator(at, aspect))
                .into_iter()
                .filter(|slot| !matches!(slot, Slot::Indicator(3, Aspect::Value) | Slot::Indicator(1 | 3, Aspect::Met))),
        );
    }
    let mut batch = batch(&engine, "丙", &slots, &[]);
    let sheet = batch.run(&table);
    assert_eq!(sheet.tally().exact_rows, 0);
    assert_eq!(batch.size().2, 0, "{}", batch.explain());
    let results = engine.evaluate(rubric, &table, Date::from_ymd_opt(2024, 9, 1).unwrap(), heng::Tracing::Off).unwrap();
    let lines = shown(&batch, &table, &sheet, slots.len(), 0);
    let mut at = 0;
    for subject in 0..results.subjects.len() {
        for slot in &slots {
            let expected = match results.cell(*slot, subject).unwrap() {
                Ok(value) => format!("{} None", heng::eval::show(&value, Some(9), heng::Lang::Zh)),
                Err(gap) => format!(" {:?}", Some(gap)),
            };
            assert!(lines[at].ends_with(&expected), "{} is not {expected}", lines[at]);
            at += 1;
        }
    }
}
