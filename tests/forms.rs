//! What a form may ask (填报表), from the cell that is handed in to the value that rules see and to what is told.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use heng::data::{Counts, Options, from_records, read};
use heng::diag::{Diagnostics, Lang};
use heng::eval::form::asked;
use heng::eval::{Cell, Gap, Table, Value};
use heng::model::{Form, GivenValue, Range, Rules};
use heng::number::{Exact, Real};
use heng::syntax::parse;
use heng::text::Texts;
use rust_xlsxwriter::Workbook;
use std::fs;
use std::path::PathBuf;

struct Ruled {
    texts: Texts,
    rules: Rules,
}

/// A form of a key and some statements.
fn form(body: &str) -> Ruled {
    ruled(&format!("unit 生, 元\nunit 万元 = 10000 元\nform 学校 {{\n  subject 学校 by 代码\n  代码: text required\n{body}\n}}"))
}

fn ruled(source: &str) -> Ruled {
    let mut texts = Texts::new();
    let text = texts.add("form.heng", source);
    let (tree, mut found) = parse(&text);
    let (rules, told) = heng::check::check(&texts, &[tree]);
    found.append(told);
    let told: Vec<String> = found.iter().map(|what| format!("{} {}", what.code(), what.headline(Lang::En))).collect();
    assert_eq!(found.errors(), 0, "{source}\n{told:#?}");
    Ruled { texts, rules }
}

impl Ruled {
    fn form(&self) -> &Form {
        &self.rules.forms[0]
    }

    /// Submissions from records of `field: value` pairs.
    fn take(&self, records: &[&[(&str, &str)]]) -> (Table, Diagnostics, Counts) {
        self.take_with(records, None)
    }

    fn take_with(&self, records: &[&[(&str, &str)]], earlier: Option<&Table>) -> (Table, Diagnostics, Counts) {
        let options = Options { texts: Some(&self.texts), earlier, ..Options::default() };
        from_records(self.form(), records.iter().map(|record| record.iter().copied()), &options)
    }

    /// What stands in a field of the first row.
    fn cell(&self, table: &Table, field: &str) -> Cell<Value> {
        let (at, _) = self.form().field(field).unwrap();
        table.cell(at, 0).unwrap()
    }
}

fn told(found: &Diagnostics) -> Vec<String> {
    found.iter().map(|what| format!("{} {}", what.code(), what.headline(Lang::Zh))).collect()
}

fn number(text: &str) -> Cell<Value> {
    Ok(Value::Number(Real::from(Exact::parse(text).unwrap())))
}

fn word(text: &str) -> Cell<Value> {
    Ok(Value::Word(text.into()))
}

#[test]
fn digits_years_and_lengths_are_limits() {
    let ruled =
        form("  数: integer(4) 生\n  面积: decimal(3, 2)\n  率: percent(3, 1)\n  年: year\n  名: text(2..4)\n  注: text in Chinese");
    let fits = [("代码", "1"), ("数", "-9999"), ("面积", "999.99"), ("率", "999.9"), ("年", "2024"), ("名", "二四六八"), ("注", "a有")];
    let (table, found, _) = ruled.take(&[&fits]);
    assert_eq!(told(&found), Vec::<String>::new());
    assert_eq!(ruled.cell(&table, "率"), number("9.999"));
    assert_eq!(ruled.cell(&table, "年"), number("2024"));
    for (field, beyond) in [
        ("数", "10000"),
        ("面积", "1000"),
        ("率", "1000"),
        ("年", "1899"),
        ("年", "24"),
        ("名", "五个汉字了"),
        ("名", "一"),
        ("注", "none"),
    ] {
        let (table, found, _) = ruled.take(&[&[("代码", "1"), (field, beyond)]]);
        let codes: Vec<_> = found.iter().map(|what| what.code().as_str()).filter(|code| *code != "H0615").collect();
        assert!(matches!(codes.as_slice(), ["H0604" | "H0605"]), "{field} {beyond}: {:#?}", told(&found));
        assert!(matches!(ruled.cell(&table, field), Err(Gap::Undefined(_))), "{field} {beyond}");
    }
}

#[test]
fn a_code_is_read_as_its_option() {
    let ruled = form("  性质: choice { 1 公办, 2 民办, 03 \"其他(部门)\" } required");
    for (written, option) in [("1", "公办"), ("公办", "公办"), ("２", "民办"), ("03", "其他(部门)")] {
        let (table, found, _) = ruled.take(&[&[("代码", "1"), ("性质", written)]]);
        assert_eq!(told(&found), Vec::<String>::new());
        assert_eq!(ruled.cell(&table, "性质"), word(option), "{written}");
    }
    let (_, found, _) = ruled.take(&[&[("代码", "1"), ("性质", "3")]]);
    assert_eq!(told(&found).len(), 1);
}

#[test]
fn options_may_depend_on_another_choice() {
    let ruled = form("  县: choice { 甲县, 乙县 }\n  乡镇: choice by 县 { 甲县: 城关镇, 东乡; 乙县: 城关镇, 西镇 }");
    for (county, town, right) in
        [("甲县", "东乡", true), ("乙县", "城关镇", true), ("甲县", "西镇", false), ("", "西镇", true), ("乙县", "", true)]
    {
        let (table, found, counts) = ruled.take(&[&[("代码", "1"), ("县", county), ("乡镇", town)]]);
        assert_eq!(table.len() == 1, right, "{county} {town}");
        assert_eq!(counts.refused, usize::from(!right));
        if !right {
            assert_eq!(told(&found), ["H0608 县: 甲县 → 乡镇: 城关镇、东乡 (县 = 甲县、乡镇 = 西镇)"]);
        }
    }
}

#[test]
fn several_choices_are_asked_one_by_one() {
    let ruled = form("  设施: choices { 1 食堂, 2 操场, 3 图书馆 }\n  check not (设施 has 食堂) or 设施 has 操场 : \"有食堂就有操场\"");
    for (written, value, has) in [
        ("操场、食堂", "食堂、操场", [true, true, false]),
        ("2,3", "操场、图书馆", [false, true, true]),
        ("操场；操场\n图书馆", "操场、图书馆", [false, true, true]),
        ("无", "无", [false, false, false]),
    ] {
        let (table, found, _) = ruled.take(&[&[("代码", "1"), ("设施", written)]]);
        assert_eq!(told(&found), Vec::<String>::new());
        assert_eq!(ruled.cell(&table, "设施"), word(value));
        for (option, has) in ["食堂", "操场", "图书馆"].iter().zip(has) {
            assert_eq!(ruled.cell(&table, &format!("设施.{option}")), Ok(Value::Flag(has)), "{written}: {option}");
        }
    }
    let (table, _, _) = ruled.take(&[&[("代码", "1"), ("设施", "")]]);
    assert!(matches!(ruled.cell(&table, "设施.食堂"), Err(Gap::Missing(_))));
    assert_eq!(ruled.take(&[&[("代码", "1"), ("设施", "食堂")]]).0.len(), 0);
    // Also where only what checks read is kept.
    let options = Options { used: Some(&[]), ..Options::default() };
    let rows = from_records(ruled.form(), [[("代码", "1"), ("设施", "食堂")], [("代码", "2"), ("设施", "操场")]], &options).0;
    assert_eq!(rows.len(), 1);
    // No column has the name of an option.
    let (_, found, _) = ruled.take(&[&[("代码", "1"), ("设施", "食堂、操场"), ("设施.食堂", "否")]]);
    assert!(told(&found)[0].starts_with("H0602"), "{:#?}", told(&found));
}

#[test]
fn what_is_not_asked_does_not_apply_or_counts_as_the_form_says() {
    let ruled = form(
        "  学段: choice { 小学, 初中 } required\n  寄宿制: yes/no\n  section 寄宿 when 寄宿制 { 寄宿生数: integer 生 required; 女: integer 生 when 寄宿生数 > 0 }\n  \
         初中生数: integer 生 when 学段 != 小学 else 0",
    );
    let (table, found, _) =
        ruled.take(&[&[("代码", "1"), ("学段", "小学"), ("寄宿制", "否"), ("寄宿生数", ""), ("女", ""), ("初中生数", "")]]);
    assert_eq!(told(&found), Vec::<String>::new());
    assert!(matches!(ruled.cell(&table, "寄宿生数"), Err(Gap::NotApplicable(_))));
    assert!(matches!(ruled.cell(&table, "女"), Err(Gap::NotApplicable(_))));
    assert_eq!(ruled.cell(&table, "初中生数"), number("0"));
    let (table, found, _) = ruled.take(&[&[("代码", "1"), ("学段", "初中"), ("寄宿制", "是"), ("寄宿生数", ""), ("初中生数", "")]]);
    assert_eq!(told(&found), ["H0606 必填项 `寄宿生数` 没有填"]);
    assert!(matches!(ruled.cell(&table, "初中生数"), Err(Gap::Missing(_))));
    let (table, found, _) = ruled.take(&[&[("代码", "1"), ("学段", "小学"), ("寄宿制", "否"), ("寄宿生数", ""), ("初中生数", "7")]]);
    assert_eq!(told(&found), ["H0614 不满足 `学段 != 小学`，`初中生数` 不用填，填的 `7` 不采用"]);
    assert_eq!(ruled.cell(&table, "初中生数"), number("0"));
}

#[test]
fn a_condition_may_read_what_is_asked_later() {
    let ruled = form("  甲: integer when 乙 > 1\n  乙: integer when 丙\n  丙: yes/no");
    let (table, ..) = ruled.take(&[&[("代码", "1"), ("甲", "5"), ("乙", "2"), ("丙", "否")]]);
    for field in ["甲", "乙"] {
        // What depends on something that is not asked is not asked either, wherever it stands.
        assert!(matches!(ruled.cell(&table, field), Err(Gap::NotApplicable(_))), "{field}: {:?}", ruled.cell(&table, field));
    }
    let (table, ..) = ruled.take(&[&[("代码", "1"), ("甲", "5"), ("乙", "2"), ("丙", "是")]]);
    assert_eq!(ruled.cell(&table, "甲"), number("5"));
}

#[test]
fn a_default_is_offered_and_never_put_into_an_empty_cell() {
    let ruled = form("  数: integer 生 0.. default 5");
    assert_eq!(ruled.form().field("数").unwrap().1.details.default, Some(GivenValue::Number(Exact::from(5))));
    let (table, _, _) = ruled.take(&[&[("代码", "1"), ("数", "")]]);
    assert!(matches!(ruled.cell(&table, "数"), Err(Gap::Missing(_))));
}

#[test]
fn a_cell_in_another_unit_is_kept_in_the_fields_own() {
    let ruled = form("  设备值: decimal(2) 元 0..5000 asked in 万元\n  warn 设备值 >= 100 元 : \"单位是万元吗\"");
    for (written, value) in [("12.34", "123400"), ("5000", "50000000"), ("0.01", "100")] {
        let (table, found, _) = ruled.take(&[&[("代码", "1"), ("设备值", written)]]);
        assert_eq!(told(&found), Vec::<String>::new());
        assert_eq!(ruled.cell(&table, "设备值"), number(value));
    }
    let (_, found, _) = ruled.take(&[&[("代码", "1"), ("设备值", "5000.01")]]);
    assert_eq!(told(&found), ["H0605 `设备值` 应当在 0 万元 到 5000 万元 之间，这里是 `5000.01`"]);
    // Range and default are written as one fills it in, with that unit or without.
    for (range, default) in [("0..5000", "12.5"), ("0..5000 万元", "12.5 万元")] {
        let ruled = form(&format!("  设备值: decimal(2) 元 {range} asked in 万元 default {default}"));
        let most = Exact::from(50_000_000);
        assert_eq!(ruled.form().field("设备值").unwrap().1.range, Some(Range::Numbers(Some(Exact::ZERO), Some(most))));
        assert_eq!(ruled.form().field("设备值").unwrap().1.details.default, Some(GivenValue::Number(Exact::from(125_000))));
    }
    let (_, found, _) = ruled.take(&[&[("代码", "1"), ("设备值", "0")]]);
    assert_eq!(told(&found), ["H0609 单位是万元吗 (设备值 = 0 万元)"]);
}

#[test]
fn a_reason_lets_a_warning_through() {
    let ruled = form("  经费: money\n  说明: text\n  warn 经费 <= 100 : \"太多\" unless 说明");
    for (reason, warnings) in [("", 1), ("新建操场", 0)] {
        let (table, found, _) = ruled.take(&[&[("代码", "1"), ("经费", "200"), ("说明", reason)]]);
        assert_eq!(found.len(), warnings);
        assert_eq!(table.len(), 1);
        assert_eq!(ruled.cell(&table, "说明").is_ok(), warnings == 0);
    }
}

#[test]
fn the_period_before_stands_beside() {
    let ruled = form("  数: integer 生\n  warn 数 <= previous(数) * 2 : \"翻了一番还多\"\n  compute 增加 = 数 - 上期(数)");
    let (earlier, _, _) = ruled.take(&[&[("代码", "1"), ("数", "100")], &[("代码", "2"), ("数", "")]]);
    let now: [&[(&str, &str)]; 3] = [&[("代码", "1"), ("数", "201")], &[("代码", "2"), ("数", "201")], &[("代码", "3"), ("数", "201")]];
    assert_eq!(told(&ruled.take(&now).1), Vec::<String>::new());
    let (table, found, _) = ruled.take_with(&now, Some(&earlier));
    assert_eq!(told(&found), ["H0609 翻了一番还多 (数 = 201、上期.数 = 100)"]);
    assert_eq!(ruled.cell(&table, "上期.数"), number("100"));
    // Both in the unit that they are filled in in.
    let ruled = form("  费: decimal(2) 元 asked in 万元\n  warn 费 <= previous(费) : \"多了\"");
    let (earlier, _, _) = ruled.take(&[&[("代码", "1"), ("费", "12.5")]]);
    let (_, found, _) = ruled.take_with(&[&[("代码", "1"), ("费", "13")]], Some(&earlier));
    assert_eq!(told(&found), ["H0609 多了 (费 = 13 万元、上期.费 = 12.5 万元)"]);
}

#[test]
fn an_each_asks_the_same_of_each() {
    let ruled = form(
        "  each 对象 in [学生, 家长] {\n    有效数: integer \"有效问卷\"\n    满意数: integer\n    check 满意数 <= 有效数 : \"满意的太多\"\n  }",
    );
    let names: Vec<_> = ruled.form().fields.iter().map(|field| field.name.it.to_string()).collect();
    assert_eq!(names, ["代码", "有效数.学生", "满意数.学生", "有效数.家长", "满意数.家长"]);
    let record = [("代码", "1"), ("有效问卷 (学生)", "10"), ("满意数.学生", "10"), ("有效数.家长", "9"), ("满意数.家长", "10")];
    let (table, found, _) = ruled.take(&[&record]);
    assert_eq!(told(&found), ["H0608 满意的太多 (有效数.家长 = 9、满意数.家长 = 10)"]);
    assert!(table.is_empty());
}

#[test]
fn files_are_looked_for_and_hashed() {
    let ruled = form("  制度: attach { accept pdf, jpg; at most 2 files; at most 0.5 MB }\n  warn 制度 >= 1 : \"没有附件\"");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("attached");
    fs::create_dir_all(folder.join("附件")).unwrap();
    fs::write(folder.join("附件/a.pdf"), "abc").unwrap();
    fs::write(folder.join("b.JPG"), [0; 1048]).unwrap();
    fs::write(folder.join("c.jpg"), vec![0; 600_000]).unwrap();
    let data = folder.join("data.csv");
    fs::write(&data, "代码,制度\n1,附件/a.pdf；b.JPG\n2,\n3,没有.pdf\n4,a.doc\n5,c.jpg\n6,../attached/b.JPG\n7,\"b.JPG,b.JPG,b.JPG\"\n")
        .unwrap();
    let (table, found, counts) =
        read(ruled.form(), std::slice::from_ref(&data), &Options { texts: Some(&ruled.texts), ..Options::default() });
    assert_eq!(
        told(&found),
        [
            "H0604 `制度` 的文件 `没有.pdf` 找不到",
            "H0604 `制度` 应当是至多 2 个 `.pdf`、`.jpg` 文件，`a.doc` 不是",
            "H0604 `制度` 的文件 `c.jpg` 有 0.6 MB，最多 0.5 MB",
            "H0604 `制度` 的文件要放在数据文件旁边，`../attached/b.JPG` 在别处",
            "H0604 `制度` 应当是至多 2 个 `.pdf`、`.jpg` 文件，这里有 3 个",
        ]
    );
    assert_eq!(ruled.cell(&table, "制度"), number("2"));
    let files: Vec<_> = counts.attached.iter().map(|file| (file.key.to_string(), file.name.as_str(), file.bytes)).collect();
    assert_eq!(files, [("1".to_owned(), "附件/a.pdf", 3), ("1".to_owned(), "b.JPG", 1048)]);
    // The SHA-256 of `abc`, as FIPS 180-2 prints it.
    assert_eq!(counts.attached[0].digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // The same in JSON, as a list.
    let json = folder.join("data.json");
    fs::write(&json, r#"[{"代码": "1", "制度": ["附件/a.pdf", "b.JPG"]}, {"代码": "2", "制度": []}]"#).unwrap();
    let (table, found, counts) = read(ruled.form(), &[json], &Options { texts: Some(&ruled.texts), ..Options::default() });
    assert_eq!(told(&found), Vec::<String>::new());
    assert_eq!(ruled.cell(&table, "制度"), number("2"));
    assert_eq!(counts.attached.len(), 2);
}

#[test]
fn no_file_is_an_empty_cell() {
    let ruled = form("  制度: attach { accept pdf } required");
    for none in ["[]", "\"\"", "\"、\"", "[\"\"]"] {
        let json = file("no_file.json", &format!(r#"[{{"代码": "1", "制度": {none}}}]"#));
        let (table, found, _) = read(ruled.form(), &[json], &Options::default());
        assert_eq!(told(&found), ["H0606 必填项 `制度` 没有填"], "{none}");
        assert!(matches!(ruled.cell(&table, "制度"), Err(Gap::Missing(_))), "{none}");
    }
    // Of several choices none is an answer.
    let ruled = form("  设施: choices { 食堂, 操场 } required");
    let json = file("none.json", r#"[{"代码": "1", "设施": []}]"#);
    let (table, found, _) = read(ruled.form(), &[json], &Options::default());
    assert_eq!(told(&found), Vec::<String>::new());
    assert_eq!(ruled.cell(&table, "设施"), word("无"));
}

#[test]
fn files_that_a_workbook_names_are_looked_for_beside_it() {
    let ruled = form("  制度: attach { at most 2 files }\n  标志: attach { accept png }");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("attached_book");
    fs::create_dir_all(folder.join("附件")).unwrap();
    fs::write(folder.join("附件/a.pdf"), "abc").unwrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("填报").unwrap();
    for (row, cells) in (0_u32..).zip([["代码", "制度"], ["1", "附件/a.pdf"], ["2", "没有.pdf"], ["3", "附件/a.pdf、附件"]]) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    let path = folder.join("学校.xlsx");
    workbook.save(&path).unwrap();
    // Behind another file, which is the first one.
    let other = file("before_the_book.csv", "代码,制度\n0,\n");
    let (table, found, counts) = read(ruled.form(), &[other, path], &Options::default());
    let places: Vec<_> = found.iter().map(|what| (what.origin().unwrap().cell().unwrap_or_default(), what.headline(Lang::Zh))).collect();
    assert_eq!(
        places,
        [
            ("填报!B3".to_owned(), "`制度` 的文件 `没有.pdf` 找不到".to_owned()),
            ("填报!B4".to_owned(), "`制度` 的文件 `附件` 找不到".to_owned())
        ]
    );
    let (at, _) = ruled.form().field("制度").unwrap();
    assert_eq!(table.cell(at, 1).unwrap(), number("1"));
    assert!(matches!(table.cell(at, 2).unwrap(), Err(Gap::Undefined(_))));
    let files: Vec<_> = counts.attached.iter().map(|file| (file.key.to_string(), file.name.as_str(), file.bytes)).collect();
    assert_eq!(files, [("1".to_owned(), "附件/a.pdf", 3)]);
    assert_eq!(counts.attached[0].digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn files_stay_with_their_rows_when_others_are_repeated() {
    let ruled = form("  制度: attach { at most 2 files }");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("attached_again");
    fs::create_dir_all(&folder).unwrap();
    (1..=4).for_each(|number| fs::write(folder.join(format!("{number}.pdf")), "abc").unwrap());
    let data = folder.join("data.csv");
    fs::write(&data, "代码,制度\n1,1.pdf\n1,9.pdf\n2,2.pdf\n1,9.pdf\n2,9.pdf\n3,\n3,3.pdf\n4,9.pdf\n4,4.pdf\n5,4.pdf、1.pdf\n").unwrap();
    let (table, found, counts) = read(ruled.form(), &[data], &Options::default());
    let of_files: Vec<_> = told(&found).into_iter().filter(|line| line.starts_with("H0604")).collect();
    assert_eq!(of_files, ["H0604 `制度` 的文件 `9.pdf` 找不到"]);
    let files: Vec<_> = counts.attached.iter().map(|file| format!("{} {}", file.key, file.name)).collect();
    assert_eq!(files, ["1 1.pdf", "2 2.pdf", "5 4.pdf", "5 1.pdf"]);
    let (at, _) = ruled.form().field("制度").unwrap();
    assert!(matches!(table.cell(at, 3).unwrap(), Err(Gap::Undefined(_))));
    assert_eq!(table.cell(at, 4).unwrap(), number("2"));
}

#[test]
fn what_may_be_attached_is_said_as_far_as_the_form_says_it() {
    for (asked, headline) in [
        ("attach { at most 2 files }", "H0604 `制度` 应当是至多 2 个文件，这里有 3 个 / `制度` should be at most 2 files, but 3 are named"),
        (
            "attach { accept pdf; at most 1 files }",
            "H0604 `制度` 应当是至多 1 个 `.pdf` 文件，这里有 3 个 / `制度` should be at most 1 files `.pdf`, but 3 are named",
        ),
        ("attach { accept pdf }", "H0604 `制度` 应当是 `.pdf` 文件，`a.doc` 不是 / `制度` should be files `.pdf`, but `a.doc` is not"),
    ] {
        let ruled = form(&format!("  制度: {asked}"));
        let (_, found, _) = ruled.take(&[&[("代码", "1"), ("制度", "a.doc、b.doc、c.doc")]]);
        let said: Vec<_> =
            found.iter().map(|what| format!("{} {} / {}", what.code(), what.headline(Lang::Zh), what.headline(Lang::En))).collect();
        assert_eq!(said, [headline], "{asked}");
    }
}

#[test]
fn a_column_called_like_a_table_is_told() {
    let ruled = ruled(TABLES);
    let file = file("column.csv", "代码,年度,在校生数,班级\n3501010001,2024,80,一班\n");
    let (_, found, _) = read(ruled.form(), &[file], &Options { texts: Some(&ruled.texts), ..Options::default() });
    assert!(told(&found).iter().any(|line| line == "H0602 `班级` 是一张表格，它的行不写在一格里，这一列没有读"), "{:?}", told(&found));
}

#[test]
fn a_row_of_nobody_is_told_once() {
    let ruled = ruled(TABLES);
    let table = &ruled.form().tables[0];
    let files = [
        file("nobody.csv", "代码,年度,在校生数\n3501010001,2024,80\n"),
        file("nobody_rows.csv", "代码,年度,年级,人数\n3501010001,2024,1,40\n350101001,2024,1,40\n350101001,2024,2,40\n"),
    ];
    let (rows, ..) = read(&table.rows, &files[1..], &Options::default());
    let options = Options { texts: Some(&ruled.texts), rows: &[(table.form, rows)], ..Options::default() };
    let (_, found, _) = read(ruled.form(), &files[..1], &options);
    let about: Vec<_> = told(&found).into_iter().filter(|line| line.starts_with("H0629")).collect();
    assert_eq!(about, ["H0629 `班级` 的这一行是 `350101001` 的，没有它的填报，没有用上"]);
}

#[test]
fn rows_in_records_and_in_a_file_are_not_taken_together_in_silence() {
    let ruled = ruled(TABLES);
    let table = &ruled.form().tables[0];
    let rows = file("apart.csv", "代码,年度,年级,人数\n1,2024,1,30\n");
    let (rows, ..) = read(&table.rows, &[rows], &Options::default());
    let options = Options { texts: Some(&ruled.texts), rows: &[(table.form, rows)], ..Options::default() };
    let record = |rows: &str| format!(r#"[{{"代码": "1", "年度": 2024, "在校生数": 30, "寄宿制": "否"{rows}}}]"#);
    // Records that say nothing of the rows, or that there are none, leave them to the file.
    for none in ["", r#", "班级": []"#, r#", "班级": null"#] {
        let (taken, found, _) = read(ruled.form(), &[file("apart.json", &record(none))], &options);
        assert_eq!(told(&found), Vec::<String>::new(), "{none}");
        assert_eq!(taken.beside(heng::model::Source::Form(table.form), 0).unwrap().len(), 1, "{none}");
    }
    let both = record(r#", "班级": [{"年级": 1, "人数": 10, "女生数": 1}, {"年级": 2, "人数": 20, "女生数": 1}]"#);
    let (taken, found, _) = read(ruled.form(), &[file("apart.json", &both)], &options);
    assert_eq!(told(&found), ["H0610 `班级` 的行在填报里已经有了，这个文件里的没有读"]);
    assert!(found.iter().next().unwrap().origin().unwrap().file.ends_with("apart.csv"));
    assert_eq!(taken.beside(heng::model::Source::Form(table.form), 0).unwrap().len(), 2);
}

#[test]
fn what_is_lacking_is_the_table_that_was_not_handed_in() {
    let ruled = ruled(
        "form 学校 {\n  subject 学校 by 代码\n  代码: text required\n  table 班级 { 人数: integer }\n  table 宿舍 { 床位: integer }\n  \
         通知: text when count(宿舍) > count(班级)\n}",
    );
    let form = ruled.form();
    let (mut table, ..) = ruled.take(&[&[("代码", "1"), ("通知", "")]]);
    table.lay_beside(heng::model::Source::Form(form.tables[0].form), 0, Table::new(&form.tables[0].rows, None));
    let (at, _) = form.field("通知").unwrap();
    let Some(Err(Gap::Missing(missing))) = asked(form, &table, at).unwrap().pop() else { panic!("nothing is lacking") };
    assert_eq!(missing.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["宿舍"]);
}

#[test]
fn a_label_may_be_a_sentence() {
    let ruled = form("  大班数: integer \"超过45人的班级____个\"\n  数: integer \"在校生\"");
    assert_eq!(ruled.form().field("大班数").unwrap().1.sentence(), Some(("超过45人的班级", "个")));
    assert_eq!(ruled.form().field("数").unwrap().1.sentence(), None);
}

const TABLES: &str = "unit 生
form 学校 {
  subject 学校 by 代码
  period year by 年度
  代码: text required
  年度: integer required
  在校生数: integer 生 0.. required
  /// 只用于核对
  寄宿制: yes/no
  table 班级 {
    /// 只用于核对
    年级: choice { 1 一年级, 2 二年级 } required
    人数: integer 生 0..80 required
    /// 只用于核对
    女生数: integer 生 0..
    check 女生数 <= 人数 : \"女生不能多于全班\"
  }
  table 宿舍 when 寄宿制 {
    /// 只用于核对
    床位: integer 0..
  }
  check sum(班级.人数) == 在校生数 : \"各班人数之和应当等于在校生数\"
  warn count(班级, 人数 > 45) == 0 : \"有大班\"
  compute 班级数 = count(班级)
}
rubric 规模 { reads 学校 as 校; indicator A1 \"班级数\" { value 校.班级数; target >= 1 } }
";

/// A file of a test.
fn file(name: &str, content: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tables");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), content).unwrap();
    folder.join(name)
}

#[test]
fn rows_stand_in_records() {
    let ruled = ruled(TABLES);
    let data = file(
        "nested.json",
        r#"[
  {"代码": "1", "年度": 2024, "在校生数": 86, "寄宿制": "否", "班级": [{"年级": "1", "人数": 46, "女生数": 20}, {"年级": "二年级", "人数": 40, "女生数": 50}]},
  {"代码": "2", "年度": 2024, "在校生数": 31, "寄宿制": "否", "班级": [{"年级": "三年级", "人数": 30}], "宿舍": [{"床位": 8}]},
  {"代码": "3", "年度": 2024, "在校生数": 0, "寄宿制": "是", "班级": [], "宿舍": []},
  {"代码": "4", "年度": 2024, "在校生数": 12, "寄宿制": "是", "班级": [{"年级": "1", "人数": 12}], "宿舍": [{"床位": 8}]},
  {"代码": "4", "年度": 2024, "在校生数": 12, "班级": [{"年级": "1", "人数": 50}]}
]"#,
    );
    let (table, found, _) = read(ruled.form(), &[data], &Options { texts: Some(&ruled.texts), ..Options::default() });
    let mut told = told(&found);
    told.sort();
    assert_eq!(
        told,
        [
            "H0604 `年级` 应当是 `一年级`、`二年级` 之一，这里是 `三年级`",
            "H0607 学校 `4` (2024) 在 第 4 行已经填报，第 5 行没有读",
            "H0608 各班人数之和应当等于在校生数 (在校生数 = 31)",
            "H0608 各班人数之和应当等于在校生数 (在校生数 = 86)",
            "H0608 女生不能多于全班 (人数 = 40、女生数 = 50)",
            "H0609 寄宿制 → 宿舍 (寄宿制 = 否)",
            "H0609 有大班",
        ]
    );
    // A school without any class has none; one row that is wrong is left out.
    let rows = table.beside(heng::model::Source::Form(ruled.form().tables[0].form), 0).unwrap();
    assert_eq!((table.len(), rows.len()), (2, 3));
}

#[test]
fn rows_stand_in_a_file_of_their_own() {
    let source = TABLES.replace("period year by 年度\n", "").replace("  年度: integer required\n", "");
    let engine = heng::Engine::new(
        {
            let mut texts = Texts::new();
            texts.add("form.heng", source);
            texts
        },
        Diagnostics::new(),
    );
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let rubric = engine.rubric("规模").unwrap();
    let main = file("main.csv", "代码,在校生数,寄宿制\n1,86,否\n2,31,否\n3,0,否\n");
    let rows = file("rows.csv", "代码,年级,人数,女生数\n1,一年级,46,20\n1,2,40,10\n2,1,30,\n");
    let named = |name: Option<&str>, path: &PathBuf| heng::data::DataFile { name: name.map(Into::into), path: path.clone() };
    let read = |files: &[heng::data::DataFile]| engine.read_named(rubric, files, &Options::default()).unwrap();
    let (table, found, counts) = read(&[named(None, &main), named(Some("班级"), &rows)]);
    let of = |found: &Diagnostics| {
        let mut codes: Vec<_> = found.iter().map(|what| what.code().as_str()).collect();
        codes.sort_unstable();
        codes.join(" ")
    };
    // The second school has fewer pupils in its classes, the first one a large class; nobody has dormitories on file.
    assert_eq!(of(&found), "H0608 H0609 H0617", "{:#?}", told(&found));
    assert_eq!((table.len(), counts.refused), (2, 1));
    let on = heng::eval::Tracing::Off;
    let results = engine.evaluate(rubric, &table, chrono::NaiveDate::from_ymd_opt(2024, 9, 1).unwrap(), on).unwrap();
    let count =
        |key: &str| results.cell(heng::model::Slot::Indicator(0, heng::model::Aspect::Value), results.subject(key).unwrap()).unwrap();
    assert_eq!(count("1"), number("2"));
    assert_eq!(count("3"), number("0"));
    // Which file is whose shows in its columns.
    assert_eq!(of(&read(&[named(None, &rows), named(None, &main)]).1), "H0608 H0609 H0617");
    // Without the rows no check of theirs can fail.
    let (table, found, _) = read(&[named(None, &main)]);
    assert_eq!(of(&found), "H0617 H0617", "{:#?}", told(&found));
    assert_eq!(table.len(), 3);
}
