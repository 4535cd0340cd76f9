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
    folder.heng(&["form", "dictionary", "学校表", "--out", "字典.md"]).code(0);
    let dictionary = folder.read("字典.md");
    let line = "|  | 人数 | 学生\\|人数 | 整数 |  | 0 | 9 | 0 |  |  |  |  | 1 | 甲 |";
    assert!(dictionary.contains(line) && dictionary.contains("| 1 | 必须 | 人数 \\> 0 | 没有人 | 人数 |"), "{dictionary}");
    folder.heng(&["form", "dictionary", "学校表", "--out", "字典.xlsx"]).code(0);
}

#[test]
fn what_cannot_be_made_is_told_and_nothing_is_written() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", FORM)]);
    folder.heng(&["form", "template", "学校", "--out", "a.xlsx"]).code(2).says(&["H0640", "`学校`", "`学校表`"]).prints_nothing();
    folder.heng(&["form", "template", "--out", "a.xls"]).code(2).says(&["H0641", ".xlsx"]);
    folder.heng(&["form", "dictionary", "--out", "a.csv"]).code(2).says(&["H0641", ".md"]);
    folder.heng(&["form", "template", "--out", "没有/a.xlsx"]).code(2).says(&["H0901"]);
    folder.heng(&["form", "template", "--rows", "0", "--out", "a.xlsx"]).code(2).says(&["5000"]);
    folder.write("forms/坏.heng", "填报表 {\n");
    folder.heng(&["form", "template", "--out", "a.xlsx"]).code(1).says(&["H0"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_library_is_there_without_a_region() {
    let folder = Folder::empty();
    folder.heng(&["form", "template", "national/优质均衡学校", "--out", "a.xlsx"]).code(0).says(&["a.xlsx"]);
    folder.heng(&["form", "template", "--out", "a.xlsx", "--lang", "en"]).code(2).without(&["表"]);
}
