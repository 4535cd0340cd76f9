//! `heng form template` and `heng form dictionary`.

use crate::support::Folder;
use calamine::{Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;
use std::fs;
use std::path::PathBuf;

const FORM: &str =
    "填报表 学校表 {\n  对象 校 按 代码\n  代码: 文本 必填\n  人数: 整数 0..9 \"学生|人数\"\n  校验 人数 > 0 : \"没有人\"\n}\n";
const RUBRIC: &str = "评价体系 甲 {\n  数据 学校表 简称 校\n  指标 A1 { 取值 校.人数\n 目标 >= 1 }\n}\n";

#[test]
fn a_workbook_and_a_dictionary_are_made_of_a_form() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", FORM), ("rules/甲.heng", RUBRIC)]);
    folder.heng(&["form", "template", "--out", "模板.xlsx"]).code(0).says(&["学校表", "模板.xlsx"]).prints_nothing();
    assert!(folder.at("模板.xlsx").metadata().unwrap().len() > 5_000);
    folder.heng(&["form", "template", "forms/表.heng", "--rows", "3", "--out", "行.XLSX"]).code(0);
    folder.heng(&["form", "template", "学校表", "--out", "填报.HTML"]).code(0).says(&["学校表", "填报.HTML"]).prints_nothing();
    let page = folder.read("填报.HTML");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">") && page.contains("导出文件"), "{page}");
    folder.heng(&["form", "template", "学校表", "--out", "en.html", "--lang", "en"]).code(0);
    assert!(folder.read("en.html").contains("<html lang=\"en\">"));
    folder.heng(&["form", "dictionary", "学校表", "--out", "字典.md"]).code(0);
    let dictionary = folder.read("字典.md");
    let line = "|  | 人数 | 学生\\|人数 | 整数 |  | 0 | 9 | 0 |  |  |  |  |  |  |  |  | 1 | 甲 |";
    assert!(dictionary.contains(line) && dictionary.contains("| 1 | 必须 | 人数 \\> 0 | 没有人 | 人数 |"), "{dictionary}");
    folder.heng(&["form", "dictionary", "学校表", "--out", "字典.xlsx"]).code(0);
}

#[test]
fn a_dictionary_says_what_every_kind_of_question_takes() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", include_str!("../data/form/every_kind.heng"))]);
    // The rows of tables are not forms that one hands out.
    folder.heng(&["form", "dictionary", "--out", "字典.md"]).code(0);
    let dictionary = folder.read("字典.md");
    for line in [
        "- 填报方: 学校、区县",
        "| 基本情况 | 县 |  | 单选 |  |  |  |  | 是 |  |  |  | 区县 | 甲县、乙县 |",
        "| 县 = 甲县: 城关镇、东乡; 县 = 乙县: 城关镇、西镇、北镇 |",
        "| 单选 |  |  |  |  | 是 |  |  |  |  | 1 公办、2 民办、9 其他(部门) |",
        "| 基本情况 | 寄宿制 |  | 是否 |  |  |  |  | 是 |  |  | 否 |",
        "| 多选 |  |  |  |  |  |  |  |  |  | 1 食堂、2 操场、3 图书馆(室) |",
        "| 文字, 至多 20 字, 要有汉字 |",
        "| 年份 |  | 1949 | 2100 |",
        "| 审核通过后不能改 |",
        "| 整数 | 生 | 0 | 9999 | 0 |  | 学段 != 初中 | 0 |",
        "| 小数 | 万元 | 0 | 5000 | 2 |  |  |  |  |  |  | 按 元 保存, 1 万元 = 10000 元 |",
        "| 附件 |",
        "至多 2 个; 每个至多 1 MB |",
        "体育经费 <= 10000000; 填了 体育经费说明 的除外",
        "## 表格 班级 (各班情况): 填报项",
        "|  | 年级 |  | 单选 |  |  |  |  | 是 |  |  |  |  | 1 一年级、2 二年级、7 七年级 |",
        "## 表格 班级 (各班情况): 校验",
        "## 表格 班级 (各班情况): 自动计算",
        "## 表格 宿舍: 填报项",
    ] {
        let escaped = line.replace('>', "\\>").replace('<', "\\<");
        let escaped = if line.starts_with(['#', '-']) { line.to_owned() } else { escaped };
        assert!(dictionary.contains(&escaped), "{line}\n{dictionary}");
    }
    folder.heng(&["form", "dictionary", "--out", "字典.xlsx"]).code(0);
}

#[test]
fn what_cannot_be_made_is_told_and_nothing_is_written() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", FORM)]);
    folder.heng(&["form", "template", "学校", "--out", "a.xlsx"]).code(2).says(&["H0640", "`学校`", "`学校表`"]).prints_nothing();
    folder.heng(&["form", "template", "--out", "a.xls"]).code(2).says(&["H0641", ".xlsx", ".html"]);
    folder.heng(&["form", "template", "--rows", "3", "--out", "a.html"]).code(2).says(&["--rows", ".xlsx"]);
    folder.heng(&["form", "dictionary", "--out", "a.csv"]).code(2).says(&["H0641", ".md"]);
    folder.heng(&["form", "template", "--out", "没有/a.xlsx"]).code(2).says(&["H0901"]);
    folder.heng(&["form", "template", "--rows", "0", "--out", "a.xlsx"]).code(2).says(&["5000"]);
    folder.write("forms/坏.heng", "填报表 {\n");
    folder.heng(&["form", "template", "--out", "a.xlsx"]).code(1).says(&["H0"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn rows_of_a_table_are_no_form_of_their_own() {
    let table = "填报表 学校表 {\n  对象 校 按 代码\n  代码: 文本 必填\n  表格 班级 { 人数: 整数 }\n}\n";
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", table)]);
    folder.heng(&["form", "template", "--out", "a.html"]).code(0).says(&["学校表"]);
}

#[test]
fn the_library_is_there_without_a_region() {
    let folder = Folder::empty();
    folder.heng(&["form", "template", "national/优质均衡学校", "--out", "a.xlsx"]).code(0).says(&["a.xlsx"]);
    folder.heng(&["form", "template", "--out", "a.xlsx", "--lang", "en"]).code(2).without(&["表"]);
}

const YEARLY: &str = "填报表 学校表 {
  对象 校 按 代码
  周期 年度 按 年度
  代码: 文本 必填
  名称: 文本
  年度: 年份 必填
  人数: 整数 0..999 必填
  提醒 人数 <= 上期(人数) : \"多了\"
}
";
const LAST: &str = "代码,名称,年度,人数\n3501,一小,2023,50\na/b,二小,2023,60\nA_b,三小,2023,七十\n";

/// A region whose schools handed something in last year.
fn yearly() -> Folder {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", YEARLY)]);
    folder.write("去年.csv", LAST);
    folder
}

#[test]
fn what_was_filled_in_last_time_stands_beside() {
    let folder = yearly();
    folder.write("好.csv", LAST.replace("七十", "70"));
    folder.heng(&["form", "template", "--previous", "好.csv", "--subject", "3501", "--out", "一小.xlsx"]).code(0).says(&["一小.xlsx"]);
    let mut book: Xlsx<_> = open_workbook(folder.at("一小.xlsx")).unwrap();
    let sheet = book.worksheet_range("填报内容").unwrap();
    let row = |row: u32| (0..4).map(|at| sheet.get_value((row, at)).map(ToString::to_string).unwrap_or_default()).collect::<Vec<_>>();
    assert_eq!([row(2), row(3), row(6)].map(|row| row.join("|")), ["填报项|单位|填写|上期", "* 代码||3501|", "* 人数|||50"]);
    folder.heng(&["form", "template", "--previous", "好.csv", "--subject", "３５０１", "--out", "一小.html"]).code(0);
    assert!(folder.read("一小.html").contains("\"last\":\"50\""));
    // What stands beside is no answer.
    folder.heng(&["form", "check", "学校表", "--data", "一小.xlsx"]).code(1).prints(&["H0606", "年度"]);

    // A file for each, under names that no file system minds.
    folder.heng(&["form", "template", "--previous", "好.csv", "--out", "发/"]).code(0).says(&["3 份", "发"]);
    let names = |folder: PathBuf| {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(folder.at("发")), ["3501.xlsx", "A_b.xlsx", "a_b-2.xlsx"]);
    folder.heng(&["form", "template", "--previous", "好.csv", "--out", "网/", "--format", "html", "--lang", "en"]).code(0);
    assert_eq!(names(folder.at("网")), ["3501.html", "A_b.html", "a_b-2.html"]);
    assert!(folder.read("网/3501.html").contains("last period: 3501 (2023)"));
    // What was handed in last time may be a folder, too; of one subject nobody need say whose.
    folder.write("交/3501.csv", "代码,年度,人数\n3501,2023,50\n");
    folder.heng(&["form", "template", "--previous", "交", "--out", "单.html"]).code(0);

    // The archive knows the period before.
    folder.heng(&["import", "学校表", "--data", "好.csv", "--db", "县.db"]).code(0);
    let template = |more: &[&str]| folder.heng(&[&["form", "template", "--db", "县.db"], more].concat());
    template(&["--period", "2024", "--subject", "3501", "--out", "库.html"]).code(0);
    assert_eq!(folder.read("库.html"), folder.read("一小.html"));
    template(&["--period", "2025", "--out", "库/"]).code(2).says(&["H0707", "2024"]);
    template(&["--out", "库/"]).code(2).says(&["--period"]);
    template(&["--previous", "好.csv", "--out", "库/"]).code(2).says(&["--db", "--previous"]);
}

#[test]
fn of_several_periods_the_one_before_is_taken() {
    let folder = yearly();
    folder.write("几年.csv", "代码,名称,年度,人数\n3501,一小,2022,40\n3501,一小,2023,50\n");
    let template = ["form", "template", "--previous", "几年.csv", "--subject", "3501", "--out", "a.html"];
    folder.heng(&template).code(2).says(&["H0903", "2022", "2023", "--period"]);
    folder.heng(&[&template[..], &["--period", "2024"]].concat()).code(0);
    assert!(folder.read("a.html").contains("\"last\":\"50\""));
    let check = ["form", "check", "学校表", "--data", "今年.csv", "--previous", "几年.csv", "--period", "2024"];
    folder.write("今年.csv", "代码,名称,年度,人数\n3501,一小,2024,45\n");
    folder.heng(&check).code(0).says(&["没有发现问题"]);
    folder.write("今年.csv", "代码,名称,年度,人数\n3501,一小,2024,51\n");
    folder.heng(&check).code(0).prints(&["H0609", "上期.人数 = 50"]);
    folder.heng(&check[..check.len() - 2]).code(2).says(&["H0903", "2022", "2023", "--period"]);
}

#[test]
fn last_time_is_told_where_it_cannot_be_used() {
    let folder = yearly();
    let template = |more: &[&str]| folder.heng(&[&["form", "template", "--previous", "去年.csv"], more].concat());
    // What could not be read is told, and everybody gets a file all the same.
    template(&["--out", "发/"]).code(1).says(&["H0604", "七十", "3 份", "1 处错误"]);
    template(&["--out", "a.xlsx"]).code(2).says(&["H0903", "3 个校", "--subject"]);
    template(&["--out", "a.xlsx", "--subject", "3510"]).code(2).says(&["H0645", "是不是 `3501`"]);
    template(&["--out", "a.xlsx", "--subject", "二小"]).code(2).says(&["H0645", "是不是 `a/b`"]);
    template(&["--out", "a.xlsx", "--subject", "全不像的名称"]).code(2).says(&["H0645", "有 3 个: `3501`"]);
    template(&["--out", "a.xlsx", "--subject", "3501", "--rows", "3"]).code(2).says(&["--rows"]);
    template(&["--out", "a.xlsx", "--subject", "3501", "--format", "html"]).code(2).says(&["--format"]);
    template(&["--out", "a.csv"]).code(2).says(&["H0641", "/"]);
    folder.heng(&["form", "template", "--subject", "3501", "--out", "a.xlsx"]).code(2).says(&["--previous"]);
    folder.heng(&["form", "template", "--previous", "没有.csv", "--out", "a.xlsx"]).code(2).says(&["H0901", "H0903"]);
    assert!(!folder.at("a.xlsx").exists());
    // Nothing that was handed in is written over.
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, texts) in (0..).zip([["代码", "年度", "人数"], ["3501", "2023", "50"]]) {
        for (column, text) in (0..).zip(texts) {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    folder.write("交/3501.xlsx", &bytes);
    folder.heng(&["form", "template", "--previous", "交", "--out", "交/"]).code(2).says(&["没有改写"]);
    assert_eq!(fs::read(folder.at("交/3501.xlsx")).unwrap(), bytes);
}

/// All cells of a workbook.
fn cells(path: &std::path::Path) -> Vec<String> {
    use calamine::{Reader, open_workbook_auto};
    let mut book = open_workbook_auto(path).unwrap();
    book.worksheets().into_iter().flat_map(|(_, range)| range.cells().map(|(.., cell)| cell.to_string()).collect::<Vec<_>>()).collect()
}

#[test]
fn a_range_is_said_in_the_unit_that_is_asked_by_all() {
    let form = "单位 元, 人\n单位 万元 = 10000 元\n单位 打 = 12 人\n填报表 表 {\n  对象 校 按 代码\n  代码: 文本 必填\n  \
                经费: 小数(2) 元 0.5..20000 填报单位 万元 默认 12.5\n  细账: 小数(0) 万元 30000..50000 填报单位 元\n  \
                人数: 整数 人 1..7 填报单位 打\n  比例: 百分比(1) 5%..95.5% 默认 50%\n  面积: 小数(1) 0.1..99\n  总账: 整数 万元 0..5000000000 填报单位 元\n}\n";
    let outside = "代码,经费,细账,人数,比例,面积\nA,20000.01,29999,8,95.6,99.1\n";
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("表.heng", form), ("外.csv", outside)]);
    for file in ["模板.xlsx", "网页.html"] {
        folder.heng(&["form", "template", "表", "--out", file]).code(0);
    }
    folder.heng(&["form", "dictionary", "表", "--out", "字典.md"]).code(0);
    folder.heng(&["form", "schema", "表", "--out", "模式.json"]).code(0);
    folder.heng(&["form", "xlsform", "表", "--out", "问卷.xlsx"]).code(0);
    let (template, survey) = (cells(&folder.at("模板.xlsx")), cells(&folder.at("问卷.xlsx")));
    let (page, dictionary) = (folder.read("网页.html"), folder.read("字典.md"));
    let schema: serde_json::Value = serde_json::from_str(&folder.read("模式.json")).unwrap();
    let mut wrong = folder.heng(&["form", "check", "表", "--data", "外.csv"]).code(1);
    // What is said beside the input, in the dictionary, in the question's constraint and of an answer outside.
    let said = [
        ("经费", "0.5–20000 的数, 至多 2 位小数", "小数 | 万元 | 0.5 | 20000 |", (0.5, 20000.0), "0.5 万元 到 20000 万元"),
        ("细账", "30000–50000 的数, 至多 0 位小数", "小数 | 元 | 30000 | 50000 |", (30000.0, 50000.0), "30000 元 到 50000 元"),
        ("人数", "1–7 的整数", "整数 | 打 | 1 | 7 |", (1.0, 7.0), "1 打 到 7 打"),
        ("比例", "5–95.5 的百分数 (95% 填 95), 至多 1 位小数", "百分数 | % | 5 | 95.5 |", (5.0, 95.5), "5% 到 95.5%"),
        ("面积", "0.1–99 的数, 至多 1 位小数", "小数 |  | 0.1 | 99 |", (0.1, 99.0), "0.1 到 99"),
    ];
    for (field, takes, listed, (least, greatest), told) in said {
        assert!(page.contains(&format!("\"takes\":\"{takes}\"")), "{field}");
        assert!(template.iter().any(|cell| cell.contains(takes)), "{field}: {template:?}");
        assert!(survey.iter().any(|cell| cell.starts_with(&format!(". >= {least} and . <= {greatest}"))), "{field}: {survey:?}");
        assert!(dictionary.contains(&format!("| {field} |  | {listed}")), "{field}: {dictionary}");
        let number = &schema["properties"][field]["anyOf"][0];
        assert_eq!((number["minimum"].as_f64(), number["maximum"].as_f64()), (Some(least), Some(greatest)), "{field}: {schema:#}");
        wrong = wrong.prints(&[&format!("`{field}` 应当在 {told} 之间")]);
    }
    // Five thousand million are no integer of ODK, half a million are.
    assert_eq!(survey.iter().filter(|cell| *cell == "integer").count(), 1, "{survey:?}");
    // What the form offers as well, in a page, a workbook and an answer that is read.
    assert!(page.contains("\"default\":\"12.5\"") && page.contains("\"default\":\"50\""), "{page}");
    assert!(template.iter().any(|cell| cell == "12.5") && survey.iter().any(|cell| cell == "12.5"), "{template:?} {survey:?}");
}
