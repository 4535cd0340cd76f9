//! Reading XLSForms: what `heng` wrote is the same form again, what others wrote asks and checks the same.

use crate::forms::{Tried, made_up, shipped};
use heng::data::from_xlsform;
use heng::diag::Diagnostics;
use heng::fmt::{Keywords, format};
use heng::report::xlsform;
use heng::text::Texts;
use heng::{Engine, Lang};
use regex_lite::Regex;
use rust_xlsxwriter::Workbook;
use std::path::Path;
use std::rc::Rc;

fn laid_out(text: &str) -> String {
    let added = Texts::new().add("表.heng", text);
    match format(&added, Keywords::Keep) {
        Ok(laid) => laid,
        Err(found) => panic!("{}\n{text}", found.iter().map(|what| what.headline(Lang::En)).collect::<Vec<_>>().join("\n")),
    }
}

/// A form as it is understood, wherever it is written.
fn understood(tried: &Tried) -> String {
    let shown = format!("{:+?}", tried.form());
    let ids = Regex::new(r"ExprId\(\+?\d+\)").unwrap();
    ids.replace_all(&shown.replace("national/", ""), "_").into_owned()
}

#[test]
fn what_was_exported_is_the_same_form_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("表.xlsx");
    let mut tried = shipped();
    tried.extend((1..=20).map(made_up));
    for tried in &tried {
        std::fs::write(&path, xlsform(tried.engine.rules(), tried.at, Lang::Zh).unwrap().workbook().unwrap()).unwrap();
        let (text, found) = from_xlsform(&path, Lang::Zh).unwrap();
        assert!(found.is_empty(), "{}: {:?}", tried.form().name.it, found.iter().map(|what| what.headline(Lang::En)).collect::<Vec<_>>());
        let laid = laid_out(&text.unwrap());
        let again = Tried { engine: Rc::new(Engine::from_text("表.heng", &laid)), at: 0 };
        assert_eq!(again.engine.errors(), 0, "{}\n{laid}", again.engine.told());
        let (before, after) = (understood(tried), understood(&again));
        if before != after {
            let at = before.bytes().zip(after.bytes()).position(|(a, b)| a != b).unwrap_or(0);
            let near =
                |text: &str| String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(200)..(at + 200).min(text.len())]).into_owned();
            panic!("{}:\n{}\n\n{}\n{laid}", tried.form().name.it, near(&before), near(&after));
        }
    }
}

/// A workbook of sheets that are written as lines of cells parted by `|`.
fn workbook(path: &Path, sheets: &[(&str, &str)]) {
    let mut workbook = Workbook::new();
    for (name, lines) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, line) in (0_u32..).zip(lines.trim().lines()) {
            for (column, cell) in (0_u16..).zip(line.split('|')) {
                sheet.write_string(row, column, cell.trim()).unwrap();
            }
        }
    }
    workbook.save(path).unwrap();
}

fn read(sheets: &[(&str, &str)], lang: Lang) -> (String, Diagnostics) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("表.xlsx");
    workbook(&path, sheets);
    let (text, found) = from_xlsform(&path, lang).unwrap();
    (text.map(|text| laid_out(&text)).unwrap_or_default(), found)
}

fn told(found: &Diagnostics) -> Vec<String> {
    found.iter().map(|what| format!("{} {}", what.code(), what.origin().unwrap().cell().unwrap_or_default())).collect()
}

const SCHOOLS: [(&str, &str); 3] = [
    (
        "survey",
        "
type | name | label::English (en) | label::Chinese (zh) | hint | required | relevant | constraint | constraint_message | calculation | choice_filter | default
start | start | | | | | | | | |
note | intro | Welcome | 请如实填写 | | | | | | |
begin group | basics | Basics | 基本情况 | | | | | | |
text | school_code | Code | 学校代码 | ten digits | yes | | regex(., '^[0-9]{10}$') | ten digits | |
select_one stage | stage | Stage | 学段 | | true() | | | | |
select one yesno | boarding | Boarding? | 是否寄宿 | | yes | | | | | | 0
integer | pupils | Pupils | 在校生数 | | yes | | . > 0 and . <= 20000 | | |
integer | boarders | Boarders | 住宿生数 | | selected(${boarding}, '1') | ${boarding} = '1' | .<=${pupils} | 住宿生不能多于在校生 | |
decimal | area | Area | 面积 | | | not(selected(${stage}, '1')) and ${pupils} >= 50 | round(., 2) = . and . >= 0.5 | | |
date | founded | Founded | 建校日期 | | | | . >= date('1900-01-01') | | |
end group
select_multiple rooms | rooms | Rooms | 功能室 | | | ${area} != '' | | | |
select_one county | county | County | 县 | | yes | | | | |
select_one town | town | Town | 乡镇 | | yes | | | | | county=${county}
image | photo | Photo | 校门照片 | | | | | | |
geopoint | place | Place | 位置 | | | | | | |
begin_repeat | classes | Classes | 班级 | | | selected(${rooms}, 'lab') or ${pupils} > 45 | | | |
text | class | Class | 班 | | yes | | string-length(.) <= 20 | | |
integer | size | Size | 人数 | | yes | | . >= 0 | | |
integer | girls | Girls | 女生数 | | | | . <= ${size} | | |
end_repeat
calculate | all | | | | | | | | sum(${size}) |
calculate | ratio | | 生均面积 | | | | | | if(${pupils} > 0, ${area} div ${pupils}, 0) |
calculate | when | | | | | | | | today() |
",
    ),
    (
        "choices",
        "
list_name | name | label::English (en) | label::Chinese (zh) | county
stage | 1 | Primary | 小学
stage | 2 | Middle | 初中
yesno | 1 | Yes | 是
yesno | 0 | No | 否
rooms | lab | Laboratory | 实验室
rooms | library | Library | 图书室
county | a | A | 甲县
county | b | B | 乙县
town | x | X | 城关镇 | a
town | y | Y | 东乡 | a
town | z | Z | 西镇 | b
",
    ),
    ("settings", "form_title | form_id | version | instance_name\n学校情况 | schools | 2024.1 | ${school_code}"),
];

#[test]
fn what_others_wrote_becomes_a_form() {
    let (text, found) = read(&SCHOOLS, Lang::Zh);
    println!("{text}");
    assert_eq!(told(&found), ["H0651 survey!A17", "H0651 survey!J25"]);
    for line in [
        "form schools \"学校情况\" {",
        "version 2024.1",
        "subject 填报 by school_code",
        "// 说明: 请如实填写",
        "section basics \"基本情况\" {",
        "// English (en): Code",
        "pattern \"[0-9]{10}\"; hint \"ten digits\"",
        "choice { 1 小学, 2 初中 } required \"学段\"",
        "yes/no required default no \"是否寄宿\"",
        "integer 1..20000 required \"在校生数\"",
        "when boarding \"住宿生数\"",
        "check not boarding or filled(boarders) : \"这时必须填写\"",
        "check boarders <= pupils : \"住宿生不能多于在校生\"",
        "decimal(2) 0.5.. when not stage == \"小学\" and pupils >= 50 \"面积\"",
        "date 1900-01-01.. \"建校日期\"",
        "choices { 实验室, 图书室 } when filled(area) \"功能室\"",
        "choice by county { 甲县: 城关镇, 东乡; 乙县: 西镇 } required \"乡镇\"",
        "attach { accept jpg, jpeg, png; at most 1 files } \"校门照片\"",
        "// XLSForm type: geopoint",
        "table classes \"班级\" when rooms has \"实验室\" or pupils > 45 {",
        "text(..20) required \"班\"",
        "check girls <= size : \"填得不对\"",
        "= sum(classes.size)",
        "= if pupils > 0 then area / pupils else 0 \"生均面积\"",
        "// XLSForm calculation: today()",
    ] {
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(line), "{line}\n{text}");
    }
    let engine = Engine::from_text("表.heng", &text);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let (english, _) = read(&SCHOOLS, Lang::En);
    assert!(english.contains("\"Pupils\"") && english.contains("// Chinese (zh): 在校生数"), "{english}");
}

#[test]
fn a_choice_within_a_choice_stands_in_parentheses() {
    let survey = "type|name|label|calculation\ntext|id|代码|\ninteger|a|甲|\ninteger|b|乙|\n\
                  calculate|c|丙|if(${a} > 1, if(${b} > 1, 1, 2), if(${b} > 2, 3, 4))";
    let (text, _) = read(&[("survey", survey), ("settings", "form_title|form_id\n表|表")], Lang::Zh);
    assert!(text.contains("if a > 1 then (if b > 1 then 1 else 2) else if b > 2 then 3 else 4"), "{text}");
    assert_eq!(Engine::from_text("表.heng", &text).errors(), 0, "{text}");
}

#[test]
fn what_a_constraint_asks_is_never_lost() {
    let survey = "type|name|label|constraint|default\ntext|id|代码|string-length(.) <= 6 and string-length(.) <= 9|\n\
                  integer|a|甲|regex(., '^[1-9]')|-\ndate|d|日|string-length(.) = 10|\nselect_one s|b|乙|. >= 1|\n\
                  decimal|c|丙|int(.) = . and round(., 2) = .|\ntext|t|丁|. >= 1|\nrange|r|戊|. >= 1|";
    let choices = "list_name|name|label\ns|1|小\ns|2|大";
    let (text, found) = read(&[("survey", survey), ("choices", choices), ("settings", "form_title|form_id\n表|表")], Lang::Zh);
    assert!(text.contains("text(..6)") && text.contains("decimal(0)"), "{text}");
    let lost = ["E3", "D3", "D4", "D5", "D7", "D8"].map(|cell| format!("H0651 survey!{cell}"));
    // Behind them that nothing tells submissions apart.
    assert_eq!(told(&found), [&lost[..], &["H0653 survey".to_owned()]].concat(), "{text}");
    assert_eq!(Engine::from_text("表.heng", &text).errors(), 0, "{text}");
}

#[test]
fn what_is_wrong_is_told_with_its_cell() {
    let survey = |lines: &str| {
        read(&[("survey", &format!("type|name|label|relevant\n{lines}")), ("choices", "list_name|name|label\nl|a|甲")], Lang::Zh)
    };
    assert_eq!(told(&survey("begin_group|g|甲\ntext|a|乙").1), ["H0654 survey!A3", "H0653 survey"]);
    assert_eq!(told(&survey("text|a|乙\nend_group").1), ["H0654 survey!A3", "H0653 survey"]);
    assert_eq!(told(&survey("select_one m|a|乙\ntext|b|丙").1)[0], "H0654 survey!A2");
    assert_eq!(told(&survey("text|a|乙\ntext|b|丙|${a} = ").1)[0], "H0651 survey!D3");
    assert_eq!(told(&survey("text|a|乙\ntext|b|丙|count-selected(${a}) > 1").1)[0], "H0651 survey!D3");
    let (text, found) = read(&[("Sheet1", "学校|人数\n甲|3")], Lang::Zh);
    assert_eq!((text.as_str(), told(&found)), ("", vec!["H0650 ".to_owned()]));
    // What is called alike is told apart.
    let (text, _) = survey("begin_group|g|甲\ntext|a|乙\nend_group\nbegin_group|h|丙\ntext|a|丁\nend_group");
    assert!(text.contains("a: text \"乙\"") && text.contains("h_a: text \"丁\""), "{text}");
}

#[test]
fn a_row_that_was_changed_is_read_as_it_is_now() {
    let source = r#"unit 生
    form 表 { subject 校 by 代码
      代码: text required
      人数: integer 生 0..900 required
      床位: integer 生 0.. when 人数 > 9
      check 床位 <= 人数 : "床位多于人数"
    }"#;
    let tried = Tried { engine: Rc::new(Engine::from_text("表.heng", source)), at: 0 };
    let bytes = xlsform(tried.engine.rules(), 0, Lang::Zh).unwrap().workbook().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("表.xlsx");
    let changed = |change: &dyn Fn(&str, &str) -> Option<String>| {
        let sheets = calamine_sheets(&bytes);
        let mut workbook = Workbook::new();
        for (name, rows) in &sheets {
            let sheet = workbook.add_worksheet();
            sheet.set_name(name).unwrap();
            for (row, cells) in (0_u32..).zip(rows) {
                for (column, cell) in (0_u16..).zip(cells) {
                    let head = &rows[0][usize::from(column)];
                    let named = &cells[rows[0].iter().position(|name| name == "heng_name").unwrap_or(0)];
                    let text = change(named, head).filter(|_| name == "survey" && row > 0).unwrap_or_else(|| cell.clone());
                    sheet.write_string(row, column, text).unwrap();
                }
            }
        }
        workbook.save(&path).unwrap();
        let (text, found) = from_xlsform(&path, Lang::Zh).unwrap();
        let text = laid_out(&text.unwrap());
        let engine = Engine::from_text("表.heng", &text);
        assert_eq!(engine.errors(), 0, "{}\n{text}", engine.told());
        (text.split_whitespace().collect::<Vec<_>>().join(" "), told(&found))
    };
    let is = |name: &str, head: &str, text: &str| ((name.to_owned(), head.to_owned()), text.to_owned());
    // A label may be changed without further ado.
    let (wanted, label) = is("人数", "label::Chinese (zh)", "全校人数 (生)");
    let (text, found) = changed(&|name, head| ((name.to_owned(), head.to_owned()) == wanted).then(|| label.clone()));
    assert!(found.is_empty() && text.contains("人数: integer 生 0..900 required \"全校人数 (生)\""), "{found:?} {text}");
    // A limit is read from its cell; the unit stays.
    let (wanted, limit) = is("人数", "constraint", ". >= 1 and . <= 500");
    let (text, found) = changed(&|name, head| ((name.to_owned(), head.to_owned()) == wanted).then(|| limit.clone()));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("H0652 survey!") && text.contains("人数: integer 生 1..500 required"), "{found:?} {text}");
    assert!(text.contains("check 床位 <= 人数"), "{text}");
}

fn calamine_sheets(bytes: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    use calamine::{Reader, Xlsx};
    let mut book: Xlsx<std::io::Cursor<Vec<u8>>> = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).unwrap();
            (name, range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect())
        })
        .collect()
}
