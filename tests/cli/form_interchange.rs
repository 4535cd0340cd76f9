//! `heng form schema`, `heng form xlsform` and `heng form from-xlsform`.

use crate::support::Folder;

const FORM: &str = "单位 人\n填报表 学校表 \"学校情况\" {\n  版本 2024.1\n  对象 校 按 代码\n  代码: 文本 必填\n  人数: 整数 人 0..900 必填 \"在校生数\"\n  建成: 日期\n\
                    \x20 校验 人数 > 0 : \"没有人\"\n  校验 建成 < 几年后(建成, 人数 / 1 人) : \"算不出\"\n}\n";

#[test]
fn a_form_goes_out_and_comes_back() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", FORM)]);
    folder.heng(&["form", "schema", "--out", "表.json"]).code(0).says(&["学校表", "表.json"]).prints_nothing();
    let schema = folder.read("表.json");
    assert!(schema.contains("\"maximum\": 900") && schema.contains("\"required\": [\n    \"代码\",\n    \"人数\"\n  ]"), "{schema}");
    let said = ["学校表", "1 处 XLSForm 说不出来", "算不出", "heng form check"];
    folder.heng(&["form", "xlsform", "学校表", "--out", "odk.xlsx"]).code(0).says(&said).prints_nothing();
    folder.heng(&["form", "from-xlsform", "odk.xlsx", "--out", "回.heng"]).code(0).says(&["回.heng"]).without(&["H0"]);
    let back = folder.read("回.heng");
    for line in ["填报表 学校表 \"学校情况\" {", "人数: 整数 人 0..900 必填 \"在校生数\"", "校验 人数 > 0 : \"没有人\""]
    {
        assert!(back.split_whitespace().collect::<Vec<_>>().join(" ").contains(line), "{line}: {back}");
    }
    folder.heng(&["fmt", "--check", "回.heng"]).code(0);
    folder.heng(&["form", "from-xlsform", "odk.xlsx", "--out", "back.heng", "--lang", "en"]).code(0);
    assert!(folder.read("back.heng").contains("form 学校表 \"学校情况\" {"));
}

#[test]
fn what_cannot_be_read_or_made_is_told() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", FORM)]);
    folder.heng(&["form", "schema", "--out", "表.xlsx"]).code(2).says(&["H0641", ".json"]);
    folder.heng(&["form", "xlsform", "--out", "表.json"]).code(2).says(&["H0641", ".xlsx"]);
    folder.heng(&["form", "template", "--out", "模板.xlsx"]).code(0);
    folder.heng(&["form", "from-xlsform", "模板.xlsx", "--out", "表.heng"]).code(1).says(&["H0650", "模板.xlsx", "survey"]);
    folder.heng(&["form", "from-xlsform", "没有.xlsx", "--out", "表.heng"]).code(2).says(&["H0901"]);
    folder.heng(&["form", "from-xlsform", "forms/表.heng", "--out", "新.heng"]).code(1).says(&["H0619"]);
    folder.heng(&["form", "from-xlsform", "模板.xlsx", "--out", "表.txt"]).code(2).says(&["H0641", ".heng"]);
    assert!(!folder.at("表.heng").exists() && !folder.at("新.heng").exists());
}

/// A form that somebody has mended by hand is not lost.
#[test]
fn no_form_is_written_over() {
    let folder = Folder::with(&[("heng.toml", "name = \"县\"\n"), ("forms/表.heng", FORM)]);
    folder.heng(&["form", "xlsform", "学校表", "--out", "odk.xlsx"]).code(0);
    folder.heng(&["form", "from-xlsform", "odk.xlsx", "--out", "forms/表.heng"]).code(2).says(&["H0901", "forms/表.heng", "已经有"]);
    assert_eq!(folder.read("forms/表.heng"), FORM);
    folder
        .heng(&["form", "from-xlsform", "odk.xlsx", "--out", "forms/表.heng", "--lang", "en"])
        .code(2)
        .says(&["H0901", "is there already"]);
}
