//! Results part by part are the results at once (分块求值): the same bytes, whatever is asked for.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use heng::eval::{Explained, Faults, faults};
use heng::report::{self, Format, ResultWriter, Summary};
use heng::{Date, Engine, Lang, Table, Tracing};
use std::io;

const RULES: &str = r#"
form 表 {
  subject 校 by 码
  within 县 by 县
  within 省 by 省
  码: text required
  县: text required
  省: text required
  宿: yes/no required
  a: integer 0..
  b: integer 0.. when 宿
}
rubric 校级 {
  reads 表 as 校
  when 校.a != 13
  total 10
  round half_up 2
  indicator A "比" 5 { value 校.b / 校.a; target >= 1; score proportional }
  indicator B 5 { score script { let x = 校.a / 6; x } }
  grade { 好: >= 6; 差: otherwise }
}
rubric 县级 {
  over 校级 as 校
  subject 县, 省
  when count(校.A) > 2
  indicator M "均" { value mean(校.total) }
  indicator V "差异" { value cv(校.A); target <= 0.5 }
  indicator R "名次" { value rank(M.value, over all) }
  conclusion { 均衡: V.met; 不均衡: otherwise }
}
"#;

fn engine() -> Engine {
    let engine = Engine::from_text("r.heng", RULES);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    engine
}

fn table(engine: &Engine, rubric: usize, count: usize) -> Table {
    let rows = (0..count).map(|row: usize| {
        let boards = !row.is_multiple_of(4);
        vec![
            ("码", format!("{:05}", row * 7 % count)),
            ("县", format!("县{}", row % (count / 9))),
            ("省", format!("省{}", row % 2)),
            ("宿", if boards { "是" } else { "否" }.to_owned()),
            ("a", if row.is_multiple_of(11) { String::new() } else { format!("{}", row % 32) }),
            ("b", if boards { format!("{}", row * 3 % 50) } else { String::new() }),
        ]
    });
    engine.rows(rubric, rows).unwrap().0
}

#[test]
fn parts_are_the_whole() {
    let engine = engine();
    let day = Date::from_ymd_opt(2024, 9, 1).unwrap();
    for name in ["校级", "县级"] {
        let rubric = engine.rubric(name).unwrap();
        type Write = fn(&Explained<'_>, &mut dyn io::Write) -> io::Result<()>;
        let table_only: [(Format, Write); 1] = [(Format::Csv, report::csv)];
        let documents: [(Format, Write); 2] = [(Format::Json, report::json), (Format::JsonLines, report::json_lines)];
        for (tracing, count, formats) in [(Tracing::Off, 5_003, &table_only[..]), (Tracing::All, 601, &documents)] {
            let table = table(&engine, rubric, count);
            let results = engine.evaluate(rubric, &table, day, tracing.clone()).unwrap();
            let whole = engine.explained(&table, &results, Lang::En).unwrap();
            for &(format, write) in formats {
                let (mut expected, mut written) = (Vec::new(), Vec::new());
                write(&whole, &mut expected).unwrap();
                let (mut summary, mut found) = (Summary::new(whole.rubric, Lang::En, 100), Faults::default());
                let parts = engine.evaluate_in_parts(rubric, &table, day, tracing.clone(), |evaluation| {
                    let mut writer = ResultWriter::begin(format, (whole.rubric, day, evaluation.left_out()), false, &mut written).unwrap();
                    let mut parts = 0;
                    evaluation
                        .parts(|part| {
                            let explained = engine.explained(&table, &part.results, Lang::En).unwrap();
                            if part.depth == 0 {
                                summary.add(&explained);
                            }
                            found.add(engine.rules(), &part.results);
                            parts += 1;
                            writer.part(&explained)
                        })
                        .unwrap();
                    writer.end().unwrap();
                    parts
                });
                assert!(parts.unwrap() > 2, "several parts");
                assert!(written == expected, "{name} {format:?}: {} bytes, expected {}", written.len(), expected.len());
                assert_eq!(summary.text(day, &results.left_out), report::summary(&whole, 100));
                let told = |found| report::diagnostics::concise(engine.texts(), &found, Lang::En);
                assert_eq!(told(found.told(engine.rules())), told(faults(engine.rules(), &results)));
            }
        }
    }
}
