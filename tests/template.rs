//! The workbook that a school fills in (填报模板): what it is made of, and that its formulas say what the engine says.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "support/before.rs"]
mod before;
#[path = "template/beside.rs"]
mod beside;
#[path = "template/filling.rs"]
mod filling;
#[path = "template/formulas.rs"]
mod formulas;
#[path = "template/package.rs"]
mod package;
#[path = "template/round.rs"]
mod round;

use calamine::{Data, Reader, Xlsx};
use heng::model::Form;
use heng::report::{Entry, TemplateOptions, filled_template, template};
use heng::{Engine, Lang};
use package::Package;
use std::io::Cursor;

const FORM: &str = r#"
unit 生, 元
unit 万元 = 10000 元
form 学校 "=学校基础数据表" {
  version 2026.1
  subject 学校 by 学校代码
  section 基本情况 {
    学校代码: text required "学校代码" { pattern "\d{10}"; hint "-10 位, 前面的 0 照写" }
    类别: choice { 小学, 初中 } required
    寄宿制: yes/no required
    建成日期: date 2000-01-01..2030-12-31
    其他: choice { 甲, 乙 } when filled(建成日期)
  }
  section 规模 "+学生与经费" {
    在校生数: integer 生 0..20000 required
    住宿生数: integer 生 0..20000 required when 寄宿制
    满意率: percent(1) 0..100
    设备值: decimal(2) 万元 0..99999
    check 住宿生数 <= 在校生数 : "@住宿生不能多于在校生"
    warn 在校生数 > 0 : "没有在校生, 请核实"
  }
  compute 非住宿生数 = 在校生数 - (住宿生数 or 0 生) "非住宿生"
}
"#;

fn form(source: &str) -> Form {
    let engine = Engine::from_text("表.heng", source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    engine.rules().forms[0].clone()
}

fn vertical() -> TemplateOptions {
    TemplateOptions { rows: None, lang: Lang::Zh }
}

fn open(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn cell(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str, at: (u32, u32)) -> String {
    book.worksheet_range(sheet).unwrap().get_value(at).map(ToString::to_string).unwrap_or_default()
}

#[test]
fn the_identity_says_where_each_field_stands() {
    let form = form(FORM);
    let mut book = open(&template(&form, &vertical()).unwrap());
    assert_eq!(book.sheet_names(), ["填表说明", "基本情况", "规模", "校验与计算", "_lists", "_heng"]);
    let identity = book.worksheet_range("_heng").unwrap();
    let row =
        |row: u32| (0..3).map(|column| identity.get_value((row, column)).map(ToString::to_string).unwrap_or_default()).collect::<Vec<_>>();
    assert_eq!(row(0)[..2], ["heng-form", "学校"]);
    assert_eq!(row(1)[..2], ["version", "2026.1"]);
    assert_eq!(row(2)[..2], ["layout", "vertical"]);
    assert_eq!(row(4), ["学校代码", "基本情况", "C4"]);
    assert_eq!(row(9), ["在校生数", "规模", "C4"]);
    let hidden: Vec<bool> = book.sheets_metadata().iter().map(|sheet| sheet.visible != calamine::SheetVisible::Visible).collect();
    assert_eq!(hidden, [false, false, false, false, true, true]);

    let rows = TemplateOptions { rows: Some(3), lang: Lang::Zh };
    let mut book = open(&template(&form, &rows).unwrap());
    let identity = book.worksheet_range("_heng").unwrap();
    assert_eq!(identity.get_value((2, 1)).unwrap().to_string(), "rows");
    assert_eq!(identity.get_value((12, 2)).unwrap().to_string(), "J5");
    assert_eq!(cell(&mut book, "填报", (3, 1)), "学校代码");
}

#[test]
fn what_a_form_says_is_never_a_formula() {
    let form = form(FORM);
    let bytes = template(&form, &vertical()).unwrap();
    let mut book = open(&bytes);
    assert_eq!(cell(&mut book, "填表说明", (0, 0)), "=学校基础数据表");
    assert_eq!(cell(&mut book, "规模", (0, 0)), "+学生与经费");
    assert_eq!(cell(&mut book, "校验与计算", (3, 2)), "@住宿生不能多于在校生");
    let package = Package::open(&bytes);
    for (name, text) in package.texts("xl/worksheets/") {
        for formula in text.split("<f>").skip(1).map(|rest| rest.split("</f>").next().unwrap()) {
            assert!(!formula.starts_with("=") && !formula.starts_with("学校"), "{name}: {formula}");
        }
    }
    // The same form is the same file.
    assert_eq!(bytes, template(&form, &vertical()).unwrap());
}

#[test]
fn inputs_are_limited_and_all_else_is_protected() {
    let package = Package::open(&template(&form(FORM), &vertical()).unwrap());
    let first = package.text("xl/worksheets/sheet2.xml");
    let limits: Vec<&str> = first.split("<dataValidation ").skip(1).collect();
    let of = |cell: &str| *limits.iter().find(|limit| limit.contains(&format!("sqref=\"{cell}\""))).unwrap();
    assert!(of("C4").contains("type=\"textLength\"") && of("C4").contains("<formula1>10</formula1><formula2>10</formula2>"));
    assert!(of("C5").contains("type=\"list\"") && of("C5").contains("<formula1>\"小学,初中\"</formula1>"));
    assert!(of("C6").contains("<formula1>\"是,否\"</formula1>"));
    assert!(of("C7").contains("type=\"date\"") && of("C7").contains("<formula1>36526</formula1><formula2>47848</formula2>"));
    let second = package.text("xl/worksheets/sheet3.xml");
    assert!(second.contains("type=\"whole\"") && second.contains("<formula1>0</formula1><formula2>20000</formula2>"));
    assert!(second.contains("error=\"“在校生数”应填: 0–20000 的整数\""), "{second}");
    assert!(second.contains("ROUND(C7,2)=C7"), "decimals of 设备值");
    for sheet in 1..=6 {
        assert!(package.text(&format!("xl/worksheets/sheet{sheet}.xml")).contains("<sheetProtection "), "sheet {sheet}");
    }
    assert!(second.contains("conditionalFormatting sqref=\"C4:C7\""));
    assert!(second.contains("<pane ") && second.contains("paperSize=\"9\"") && second.contains("fitToHeight=\"0\""));
    // Texts stay texts, and only inputs are unlocked.
    let styles = package.text("xl/styles.xml");
    assert!(styles.contains("formatCode=\"@\"") && styles.contains("<protection locked=\"0\"/>"));
}

#[test]
fn long_lists_stand_on_a_sheet_of_their_own() {
    let options: Vec<String> = (0..100).map(|at| format!("街道办事处{at}")).collect();
    let source = format!("form 表 {{ subject 校 by 代码\n 代码: text required\n 街道: choice {{ {} }} }}", options.join(", "));
    let package = Package::open(&template(&form(&source), &vertical()).unwrap());
    assert!(package.text("xl/worksheets/sheet2.xml").contains("<formula1>_lists!$A$1:$A$100</formula1>"));
}

#[test]
fn every_kind_of_question_has_its_cells() {
    let form = filling::every_kind();
    let bytes = template(&form, &vertical()).unwrap();
    let mut book = open(&bytes);
    let sheets = ["填表说明", "基本情况", "寄宿", "数据", "满意度", "班级", "宿舍", "校验与计算", "_lists", "_heng"];
    assert_eq!(book.sheet_names(), sheets);
    // Labels of a sentence and of a turn; who fills in what; the unit that is asked; what is offered.
    for (sheet, at, text) in [
        ("数据", (5, 0), "超过45人的班级＿＿个"),
        ("满意度", (6, 0), "发放问卷数 (家长)"),
        ("数据", (6, 1), "万元"),
        ("数据", (7, 2), "0"),
        ("基本情况", (10, 2), "否"),
        ("班级", (3, 1), "年级"),
        ("班级", (3, 9), "男生数"),
        ("校验与计算", (6, 2), "体育经费超过 1000 万元, 单位是元吗 (属实的, 在“体育经费说明”里写明原因)"),
    ] {
        assert_eq!(cell(&mut book, sheet, at), text, "{sheet} {at:?}");
    }
    for (at, part) in
        [((4, 3), "由区县填写"), ((7, 3), "审核通过后不能改"), ((11, 3), "食堂、操场、图书馆(室)"), ((12, 3), "至多 20 字, 要有汉字")]
    {
        let hint = cell(&mut book, "基本情况", at);
        assert!(hint.contains(part), "{hint}");
    }
    assert!(cell(&mut book, "数据", (3, 3)).contains("不用填时按 0 计"));
    assert!(cell(&mut book, "数据", (10, 3)).contains("pdf、jpg; 至多 2 个; 每个至多 1 MB"));
    // Where tables stand; the key is that of the submission.
    let identity = book.worksheet_range("_heng").unwrap();
    let rows: Vec<Vec<String>> = identity.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert!(rows.contains(&["年级", "班级", "B5", "班级"].map(str::to_owned).to_vec()), "{rows:?}");
    assert!(rows.contains(&["床位", "宿舍", "C5", "宿舍"].map(str::to_owned).to_vec()), "{rows:?}");
    // Options, how many each of another choice leaves and which.
    let lists = book.worksheet_range("_lists").unwrap();
    let column = |head: &str| lists.rows().next().unwrap().iter().rposition(|cell| *cell == head).unwrap();
    let down: Vec<String> = (0..6).map(|row| lists.get((row, column("乙县"))).map(ToString::to_string).unwrap_or_default()).collect();
    assert_eq!(down, ["乙县", "3", "城关镇", "西镇", "北镇", ""]);
    let package = Package::open(&bytes);
    let first = package.text("xl/worksheets/sheet2.xml");
    let limits: Vec<&str> = first.split("<dataValidation ").skip(1).collect();
    let of = |cell: &str| *limits.iter().find(|limit| limit.contains(&format!("sqref=\"{cell}\""))).unwrap();
    assert!(of("C6").contains("MATCH($C$5,_lists!"), "{}", of("C6"));
    assert!(of("C7").contains("<formula1>\"公办,民办,其他(部门)\"</formula1>"), "{}", of("C7"));
    assert!(of("C8").contains("<formula1>1949</formula1><formula2>2100</formula2>"));
    assert!(of("C13").contains("type=\"textLength\"") && of("C13").contains("<formula2>20</formula2>"));

    let rows = TemplateOptions { rows: Some(3), lang: Lang::Zh };
    let bytes = template(&form, &rows).unwrap();
    let mut book = open(&bytes);
    assert_eq!(cell(&mut book, "班级", (3, 1)), "学校标识码");
    // In a sheet of rows nothing is filled in beforehand, and the options follow the cell of the same row.
    assert_eq!(cell(&mut book, "填报", (4, 8)), "");
    assert!(Package::open(&bytes).text("xl/worksheets/sheet2.xml").contains("MATCH($C5,_lists!"));
}

#[test]
fn what_was_filled_in_is_in_its_cell() {
    let form = form(FORM);
    let mut entries = vec![Entry::Empty; form.fields.len()];
    entries[0] = Entry::Text("0012345678".into());
    entries[5] = Entry::Number(120.0);
    let mut book = open(&filled_template(&form, &vertical(), &[entries.into()]).unwrap());
    assert_eq!(book.worksheet_range("基本情况").unwrap().get_value((3, 2)), Some(&Data::String("0012345678".into())));
    assert_eq!(book.worksheet_range("规模").unwrap().get_value((3, 2)), Some(&Data::Float(120.0)));
}

#[test]
fn every_shipped_form_becomes_a_workbook_of_both_kinds() {
    for form in filling::shipped() {
        for rows in [None, Some(2)] {
            let bytes = template(&form, &TemplateOptions { rows, lang: Lang::Zh }).unwrap();
            let mut book = open(&bytes);
            let identity = book.worksheet_range("_heng").unwrap();
            assert_eq!(identity.height(), 4 + form.fields.len(), "{}", form.name.it);
        }
    }
}
