//! Tests of reading submissions from end to end.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::super::file::MOST_COLUMNS;
use super::super::findings::MOST_FINDINGS;
use super::super::intake::sample::{field, form};
use super::*;
use crate::diag::{Code, Lang};
use crate::eval::{Gap, Value};
use crate::model::{Check, Expr, Field, FieldIx, FieldType, Level, Node, Period, Range, Type, Unit};
use crate::number::Exact;
use crate::syntax::tree::PeriodLength;
use crate::text::{Name, Span};
use std::fs::write;

fn unit(name: &str) -> Unit {
    Unit::base(&Name::from(name))
}
fn required(mut field: Field) -> Field {
    field.required = true;
    field
}

/// 学校代码, 在校生数 0.., 教室面积 (label 面积), 有食堂, 学段.
fn school() -> Form {
    let mut pupils = required(field("在校生数", FieldType::Integer(unit("生"))));
    pupils.range = Some(Range::Numbers(Some(Exact::ZERO), None));
    let mut rooms = field("教室面积", FieldType::Decimal(2, unit("平方米")));
    rooms.label = Some("面积".into());
    let stage = field("学段", FieldType::Choice(["小学", "初中"].map(Name::from).into()));
    form(vec![required(field("学校代码", FieldType::Text)), pupils, rooms, field("有食堂", FieldType::YesNo), stage])
}

fn flag_of(at: usize) -> Expr {
    Expr { node: Node::Field(FieldIx(at)), ty: Type::Flag, level: Level::Subject, span: Span::default(), id: Default::default() }
}

fn read_as(form: &Form, name: &str, bytes: &[u8], options: &Options<'_>) -> (Table, Vec<String>, Counts) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write(&path, bytes).unwrap();
    let (table, found, counts) = read(form, &[path], options);
    let line = |what: &crate::diag::Diagnostic| {
        let at = what.origin().unwrap();
        assert!(!what.headline(Lang::En).is_empty());
        format!("{} {}:{} {}", what.code(), at.line, at.column, what.headline(Lang::Zh))
    };
    // Most cases write only the columns that they are about.
    let about = found.iter().filter(|what| what.code() != Code::H0615);
    (table, about.map(line).collect(), counts)
}

fn csv(text: &str) -> (Table, Vec<String>, Counts) {
    read_as(&school(), "a.csv", text.as_bytes(), &Options::default())
}

fn shown_table(table: &Table) -> Vec<String> {
    let cell = |row: usize, field: usize| match table.cell(FieldIx(field), row) {
        Some(Ok(Value::Number(number))) => number.to_string(),
        Some(Ok(Value::Word(word))) => word.to_string(),
        Some(Ok(Value::Flag(flag))) => flag.to_string(),
        Some(Ok(Value::Date(day))) => day.to_string(),
        Some(Err(Gap::Missing(_))) => "-".into(),
        Some(Err(Gap::NotApplicable(_))) => "n/a".into(),
        _ => "?".into(),
    };
    let fields = (0..).take_while(|field| table.cell(FieldIx(*field), 0).is_some()).count();
    let row = |row: &u32| (0..fields).map(|field| cell(*row as usize, field)).collect::<Vec<_>>().join(" ");
    table.by_key().iter().map(row).collect()
}

const GOOD: &str = "学校代码,在校生数,面积,有食堂,学段\nB2,\"1,200\",3.50,否,初中\nA1,300,,是,小学\n";

#[test]
fn a_good_file_gives_rows_in_the_order_of_keys_in_every_encoding() {
    let (gbk, ..) = encoding_rs::GB18030.encode(GOOD);
    let marked = format!("\u{FEFF}{}", GOOD.replace('\n', "\r\n"));
    let semicolons = GOOD.replace("\"1,200\"", "1200").replace(',', ";");
    for bytes in [GOOD.as_bytes(), &gbk, marked.as_bytes(), semicolons.as_bytes()] {
        let (table, found, counts) = read_as(&school(), "a.csv", bytes, &Options::default());
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(shown_table(&table), ["A1 300 - true 小学", "B2 1200 3.5 false 初中"]);
        assert_eq!(table.by_key().iter().map(|row| table.origin(*row as usize).unwrap().line).collect::<Vec<_>>(), [3, 2]);
        assert_eq!((counts.files, counts.read, counts.kept, counts.refused), (1, 2, 2, 0));
    }
}

#[test]
fn files_that_are_no_data_say_what_they_are() {
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(GOOD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (bytes, told) in [
        (&b""[..], "H0611 0:0 文件是空的"),
        (b" \r\n", "H0611 0:0 文件是空的"),
        ("学校代码,在校生数\n,\n".as_bytes(), "H0611 0:0 除列名以外没有数据"),
        (&utf16, "H0612 0:0 这是 UTF-16 (Unicode 文本)，读不了"),
        (b"PK\x03\x04\x14\0\x06", "H0619 0:0 工作簿不完整，或已损坏，没有读"),
        (b"a,b\n\x01\0\0c", "H0612 0:0 这不是文本文件"),
        ("甲,乙\n1,2".as_bytes(), "H0603 1:1 没有一个列名是填报表 `学校基础数据` 的填报项"),
        ("在校生数\n5".as_bytes(), "H0603 1:0 缺少必填项 `学校代码` 这一列 (学校基础数据)"),
    ] {
        let (table, found, _) = read_as(&school(), "a.csv", bytes, &Options::default());
        assert_eq!((found, table.len()), (vec![told.to_owned()], 0));
    }
}

#[test]
fn headers_are_matched_and_what_does_not_match_is_told_once() {
    let (table, found, _) = csv("学校代码,在校生,有食堂,有食堂,\nA1,300,是,否,,\nA2,300,否,是,\n");
    assert_eq!(
        found,
        [
            "H0603 1:0 缺少必填项 `在校生数` 这一列 (学校基础数据)",
            "H0602 1:6 填报表没有 `在校生` 这一项，这一列没有读",
            "H0610 1:14 `有食堂` 出现了两次，只读前一次",
        ]
    );
    assert_eq!(shown_table(&table), ["A1 - - true -", "A2 - - false -"]);
}

#[test]
fn a_wrong_cell_costs_the_cell_and_a_wrong_row_the_row() {
    let (table, found, counts) = csv("学校代码,在校生数,面积,有食堂,学段\n\
         A1,许多,\"12\n平方米\",也许,中学\nA2,-5,1e400,1,\n,1,1,1,\nA2,7,1.5,1,小学\nA3,8\nA4,9,1,1,初中,x\n,,,,,,\nA5,,1.234,是,小学,,\n");
    assert_eq!(
        found,
        [
            "H0604 2:4 `在校生数` 应当是整数 (以 生 计)，这里是 `许多`",
            "H0604 2:7 `教室面积` 应当是数 (以 平方米 计)，最多 2 位小数，`12 平方米` 里多了 `平方米`",
            "H0604 3:6 `有食堂` 应当是`是` 或 `否`，这里是 `也许`",
            "H0604 3:9 `学段` 应当是 `小学`、`初中` 之一，这里是 `中学`",
            "H0605 4:4 `在校生数` 应当不小于 0，这里是 `-5`",
            "H0604 4:7 `教室面积` 应当是数 (以 平方米 计)，最多 2 位小数，`1e400` 超过 40 位",
            "H0606 5:1 `学校代码` 没有填，不知道这一行是谁的，这一行没有读",
            "H0607 6:1 学校 `A2` 在 第 4 行已经填报，第 6 行没有读",
            "H0610 7:0 这一行有 2 格，列名有 5 个，这一行没有读",
            "H0610 8:0 这一行有 6 格，列名有 5 个，这一行没有读",
            "H0606 10:4 必填项 `在校生数` 没有填",
            "H0604 10:5 `教室面积` 应当是数 (以 平方米 计)，最多 2 位小数，`1.234` 有 3 位小数",
        ]
    );
    assert_eq!(shown_table(&table), ["A1 ? ? ? ?", "A2 ? ? true -", "A5 - ? true 小学"]);
    assert_eq!((counts.read, counts.kept, counts.refused, counts.cells_refused), (7, 3, 4, 7));
}

#[test]
fn json_keeps_digits_and_loses_only_the_line_that_is_wrong() {
    let rows = r#"{"学校代码": "A1", "在校生数": 300, "面积": 1.10, "有食堂": true, "学段": null}"#;
    let other = r#"{"学校代码": "A2", "在校生数": [1], "面积": "2.5"}"#;
    let (table, found, _) = read_as(&school(), "a.json", format!("[{rows},\n{other}, 7]").as_bytes(), &Options::default());
    assert_eq!(found, ["H0604 2:0 `在校生数` 应当是整数 (以 生 计)，这里是一组值", "H0610 3:0 这一条不是 `{ 填报项: 值 }`，没有读"]);
    assert_eq!(shown_table(&table), ["A1 300 1.1 true -", "A2 ? 2.5 - -"]);
    let lines = format!("{rows}\n\n{{\"学校代码\": }}\n{rows}\n");
    let (table, found, _) = read_as(&school(), "a.jsonl", lines.as_bytes(), &Options::default());
    assert_eq!(found, ["H0601 3:10 第 3 行第 10 个字符处不是 JSON: 应当是一个值", "H0607 4:0 学校 `A1` 在 第 1 行已经填报，第 4 行没有读"]);
    assert_eq!(table.len(), 1);
    let (_, found, _) = read_as(&school(), "a.json", b"[1,\n2", &Options::default());
    assert_eq!(found, ["H0601 2:1 第 2 行第 1 个字符处不是 JSON: 文件到此为止，缺 `]`"]);
}

#[test]
fn a_huge_line_is_refused_at_once_and_a_huge_cell_by_itself() {
    let mut bytes = "学校代码,在校生数\nA1,1\n".as_bytes().to_vec();
    bytes.resize(50_000_000, b'x');
    let start = std::time::Instant::now();
    let (_, found, _) = read_as(&school(), "a.csv", &bytes, &Options::default());
    assert_eq!(found, ["H0613 3:0 一行超过 1048576 字节，不像是表格"]);
    assert!(start.elapsed().as_secs() < 5);
    let long = "x".repeat(40_000);
    let (table, found, _) = csv(&format!("学校代码,在校生数,学段\nA1,5,{long}\n"));
    assert_eq!(found, ["H0613 2:6 `学段` 有 40000 个字符，一个单元格最多 32767 个"]);
    assert_eq!(table.len(), 1);
    let wide = format!("学校代码{},x\n", ",x".repeat(MOST_COLUMNS));
    assert!(csv(&wide).1.first().unwrap().starts_with("H0613 1:0"));
}

#[test]
fn what_is_not_asked_does_not_apply_and_checks_refuse_or_remark() {
    let mut form = school();
    let rooms = form.fields.get_mut(2).unwrap();
    (rooms.when, rooms.required) = (Some(flag_of(3)), true);
    let check = |refuses| Check {
        refuses,
        condition: flag_of(3),
        message: "应当有食堂".into(),
        unless: None,
        fields: vec![FieldIx(1), FieldIx(3)],
        span: Span::default(),
    };
    form.checks = vec![check(false)];
    let text = "学校代码,在校生数,面积,有食堂\nA1,1,5,否\nA2,1,,否\nA3,1,,是\nA4,1,,\n";
    let (table, found, _) = read_as(&form, "a.csv", text.as_bytes(), &Options::default());
    assert_eq!(
        found,
        [
            "H0614 2:0 不满足 ``，`教室面积` 不用填，填的 `5` 不采用",
            "H0609 2:0 应当有食堂 (在校生数 = 1、有食堂 = 否)",
            "H0609 3:0 应当有食堂 (在校生数 = 1、有食堂 = 否)",
            "H0606 4:0 必填项 `教室面积` 没有填",
        ]
    );
    assert_eq!(shown_table(&table), ["A1 1 n/a false -", "A2 1 n/a false -", "A3 1 - true -", "A4 1 - - -"]);
    form.checks = vec![check(true)];
    let (table, _, counts) = read_as(&form, "a.csv", text.as_bytes(), &Options::default());
    assert_eq!((table.len(), counts.refused, counts.kept), (2, 2, 2));
}

#[test]
fn a_period_is_part_of_the_key_and_can_be_asked_for() {
    let mut form = school();
    form.fields.push(field("年度", FieldType::Integer(Unit::one())));
    form.period = Some(Period { length: PeriodLength::Year, key: Some(FieldIx(5)) });
    let text = "学校代码,在校生数,年度\nA1,1,2024\nA1,2,2023\nA1,3,２０２４\nA2,4,\n";
    let (table, found, counts) = read_as(&form, "a.csv", text.as_bytes(), &Options::default());
    assert_eq!(
        found,
        ["H0607 4:1 学校 `A1` (2024) 在 第 2 行已经填报，第 4 行没有读", "H0606 5:6 `年度` 没有填，不知道这一行是谁的，这一行没有读"]
    );
    assert_eq!(counts.periods, ["2023", "2024"].map(Name::from));
    assert_eq!(shown_table(&table), ["A1 2 - - - 2023", "A1 1 - - - 2024"]);
    let of = |period| Options { period: Some(period), ..Options::default() };
    let (table, _, counts) = read_as(&form, "a.csv", text.as_bytes(), &of("2023"));
    assert_eq!((shown_table(&table), counts.other_period), (vec!["A1 2 - - - 2023".to_owned()], 2));
    let (_, found, _) = read_as(&form, "a.csv", text.as_bytes(), &of("2022"));
    assert_eq!(found.first().unwrap(), "H0611 0:0 没有 `2022` 的数据");
    let (table, found, _) = read_as(&form, "a.csv", "学校代码,在校生数\nA1,1\n".as_bytes(), &of("2024"));
    assert_eq!((shown_table(&table), found.len()), (vec!["A1 1 - - - 2024".to_owned()], 0));
}

#[test]
fn records_of_a_program_are_read_like_a_file() {
    let records = [vec![("学校代码", "B"), ("在校生数", "5")], vec![("学校代码", "A"), ("在校生数", "x")]];
    let (table, found, _) = from_records(&school(), records, &Options::default());
    assert_eq!((shown_table(&table), found.errors()), (vec!["A ? - - -".to_owned(), "B 5 - - -".to_owned()], 1));
    assert!(found.iter().any(|what| what.code() == Code::H0604 && what.origin().unwrap().line == 2));
    // Columns that nobody has to fill in, but that are asked of all, are told when they are not there.
    assert_eq!(found.iter().filter(|what| what.code() == Code::H0615).count(), 3);
}

#[test]
fn one_bad_file_does_not_stop_the_others_and_progress_reaches_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (good, none) = (folder.path().join("a.csv"), folder.path().join("none.csv"));
    write(&good, GOOD).unwrap();
    let seen = std::cell::RefCell::new(Vec::new());
    let progress = |done, total| seen.borrow_mut().push((done, total));
    let options = Options { progress: Some(&progress), ..Options::default() };
    let (table, found, counts) = read(&school(), &[none, good], &options);
    assert_eq!((table.len(), counts.files), (2, 1));
    assert_eq!(found.iter().map(|what| what.code().as_str()).collect::<Vec<_>>(), ["H0901"]);
    assert_eq!(seen.borrow().last(), Some(&(GOOD.len() as u64, GOOD.len() as u64)));
}

#[test]
fn beyond_the_limit_findings_are_counted_and_those_of_repeated_rows_are_not() {
    // Two wrong cells in each row; every third row repeats the one before it.
    let key = |row: usize| if row % 3 == 2 { row - 1 } else { row };
    let rows: String = (0..9_000).map(|row| format!("A{},许多,x\n", key(row))).collect();
    let (table, found, counts) = csv(&format!("学校代码,在校生数,面积\n{rows}"));
    let expected = (0..9_000).flat_map(|row| match row % 3 {
        2 => vec![format!("H0607 {}:1", row + 2)],
        _ => [format!("A{row},").len(), format!("A{row},许多,").chars().count()]
            .map(|before| format!("H0604 {}:{}", row + 2, before + 1))
            .into(),
    });
    let expected: Vec<String> = expected.collect();
    assert_eq!(found.len(), MOST_FINDINGS);
    assert!(found.iter().zip(&expected).all(|(found, expected)| found.starts_with(expected)));
    assert_eq!((table.len(), counts.read, counts.kept, counts.refused), (6_000, 9_000, 6_000, 3_000));
    assert_eq!((counts.cells_refused, counts.untold), (12_000, expected.len() - MOST_FINDINGS));
}
