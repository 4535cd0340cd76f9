//! What is archived of a submission is all that was filled in: the table made of it is the table that was read (存取一致).

use heng::data::{Contents, from_archive, from_records};
use heng::eval::{Table, Value};
use heng::model::FieldIx;
use heng::{Engine, Options};
use proptest::prelude::*;
use std::convert::Infallible;

const FORM: &str = "unit 生, 元
unit 万元 = 10000 元
form 表 {
  subject 学校 by 代码
  within 县 by 县
  period year by 年份
  代码: text required
  县: text
  年份: integer 2000..2100 required
  在校生数: integer 生
  经费: decimal(2) 元
  细数: decimal(12) 元
  设备: decimal(2) 元 asked in 万元
  持证率: percent
  合格率: percent(1)
  学段: choice { 小学, 初中, \"九年 一贯\" }
  寄宿制: yes/no
  寄宿生数: integer 生 when 寄宿制
  建校: date
  设施: choices { 食堂, 宿舍, 图书馆 }
  备注: text
}
rubric 评 { reads 表 as 校; indicator A \"数\" { value 校.在校生数 }; conclusion { 有: A >= 1; 无: otherwise } }
";

/// All cells that hold anything, row by row.
fn cells(table: &Table, fields: usize) -> Vec<(String, Vec<Option<Value>>)> {
    let cell = |field, row| table.cell(FieldIx(field), row).and_then(Result::ok);
    (0..table.len()).map(|row| (table.key(row).to_owned(), (0..fields).map(|field| cell(field, row)).collect())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn what_is_archived_is_what_was_read(rows in prop::collection::vec((
        "[ -~]{1,8}|[县校甲乙０-９Ａ]{1,5}",
        "[0-9]{0,9}|-?[0-9]{1,30}|[0-9]{1,3},[0-9]{3}|１２",
        "-?[0-9]{0,12}[.][0-9]{1,2}|[0-9]{1,20}",
        "[0-9]{1,20}[.][0-9]{1,12}",
        "[0-9]{1,3}([.][0-9]{1,9})?[%％]?",
        "[0-9]{1,2}([.][0-9])?%?",
        ("小学|初 中|九年 一贯|九年一贯||大学", "是|否|Ｙ|0|1||true", "食堂|宿舍、食堂|图书馆,食堂；宿舍|无||操场"),
        "20[0-9]{2}-[01][0-9]-[0-3][0-9]|2024年9月1日|2024/9/1|",
        "[ -~]{0,12}|[汉字\u{3000}\u{A0}\u{200B}，。\"\\\\\n\t=]{0,8}|=\"=\"[0-9]\"\"",
    ), 1..12)) {
        let engine = Engine::from_text("a.heng", FORM);
        prop_assert_eq!(engine.errors(), 0, "{}", engine.told());
        let form = engine.form(engine.rubric("评").unwrap()).unwrap();
        let options = Options { texts: Some(engine.texts()), ..Options::default() };
        let records = rows.iter().map(|(key, pupils, money, long, share, rate, (stage, boards, chosen), day, note)| {
            [("代码", key.as_str()), ("县", key), ("年份", "2024"), ("在校生数", pupils), ("经费", money), ("细数", long), ("设备", money),
                ("持证率", share), ("合格率", rate), ("学段", stage), ("寄宿制", boards), ("寄宿生数", pupils), ("设施", chosen), ("建校", day), ("备注", note)]
        });
        let (table, ..) = from_records(form, records, &options);
        let contents = Contents::new(form, &table, &[]);
        let written: Vec<String> = (0..table.len()).map(|row| contents.content(row)).collect();
        let read = |written: &[String]| {
            let each = |take: &mut dyn FnMut(&str, usize, &str)| {
                written.iter().enumerate().for_each(|(at, content)| take("a.csv", at + 2, content));
                Ok::<(), Infallible>(())
            };
            let Ok(read) = from_archive(form, &options, each);
            read
        };
        let (again, found, _) = read(&written);
        prop_assert_eq!(found.errors(), 0, "{:?} {:?}", written, found);
        prop_assert_eq!(cells(&table, form.fields.len()), cells(&again, form.fields.len()), "{:?}", written);
        // Written in one way only.
        let contents = Contents::new(form, &again, &[]);
        let twice: Vec<String> = (0..again.len()).map(|row| contents.content(row)).collect();
        prop_assert_eq!(&twice, &written);
        for row in 0..again.len() {
            prop_assert_eq!(contents.period(row), "2024");
            prop_assert_eq!(again.origin(row).map(|origin| origin.line as usize), Some(row + 2));
        }
    }
}

#[test]
fn rows_of_tables_are_archived_with_their_submission() {
    let source = "unit 生\nform 表 {\n  subject 学校 by 代码\n  period year by 年份\n  代码: text required\n  年份: integer required\n  制度: attach\n\
                  table 班级 { 年级: text required; 人数: integer 生 }\n  table 宿舍 { 楼: text }\n  check sum(班级.人数) <= 90 : \"太多\"\n}\n\
                  rubric 评 { reads 表 as 校; indicator A \"数\" { value count(班级) }; conclusion { 有: A >= 1; 无: otherwise } }\n";
    let engine = Engine::from_text("a.heng", source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let form = engine.form(engine.rubric("评").unwrap()).unwrap();
    let options = Options { texts: Some(engine.texts()), ..Options::default() };
    let written = [
        r#"{"代码":"1","年份":2024,"班级":[{"年级":"一","人数":40},{"年级":"二"}]}"#,
        r#"{"代码":"2","年份":2023,"班级":[]}"#,
        r#"{"代码":"2","年份":2024,"班级":[{"年级":"三","人数":41}]}"#,
    ];
    let each = |take: &mut dyn FnMut(&str, usize, &str)| {
        written.iter().enumerate().for_each(|(at, content)| take("a.json", at + 1, content));
        Ok::<(), Infallible>(())
    };
    let Ok((table, found, _)) = from_archive(form, &options, each);
    assert_eq!(found.errors(), 0, "{found:?}");
    let contents = Contents::new(form, &table, &[]);
    // Nobody handed in rows of 宿舍, so there is nothing to keep of it.
    assert_eq!((0..table.len()).map(|row| contents.content(row)).collect::<Vec<_>>(), written);
}
