//! `heng form template` and `heng form dictionary`.

use crate::support::Folder;

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
