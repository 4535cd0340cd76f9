//! `heng plan`: its golden numbers, and its changes typed into the data and judged again.

use crate::support::{Folder, Heng, repository};
use serde_json::Value as Json;
use std::path::Path;

/// A copy of an example's folder.
fn copy(example: &str) -> Folder {
    fn into(folder: &Folder, root: &Path, at: &Path) {
        for entry in std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                into(folder, root, &entry);
            } else {
                folder.write(&entry.strip_prefix(root).unwrap().to_string_lossy(), std::fs::read(&entry).unwrap());
            }
        }
    }
    let (folder, root) = (Folder::empty(), repository(&format!("examples/{example}")));
    into(&folder, &root, &root);
    folder
}

/// Types changes into a data file as its owner would; `key`: the column that says who it is.
fn apply(folder: &Folder, file: &str, key: &str, changes: &Json) {
    let text = folder.read(file);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let mut rows: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let head = rows[0].clone();
    let column = |name: &str| head.iter().position(|known| known == name).unwrap_or_else(|| panic!("no column {name}"));
    let of = column(key);
    for change in changes.as_array().unwrap() {
        let at = column(change["field"].as_str().unwrap());
        let row = rows.iter().position(|row| row[of] == change["subject"].as_str().unwrap()).unwrap();
        assert_eq!(rows[row][at].parse::<f64>().unwrap(), change["from"].as_str().unwrap().parse::<f64>().unwrap());
        rows[row][at] = change["to"].as_str().unwrap().to_owned();
    }
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    folder.write(file, writer.into_inner().unwrap());
}

/// What a run says of a subject, by code: value, or whether the target is met.
fn result(folder: &Folder, args: &[&str], code: i32, subject: &str, of: &str, field: &str) -> String {
    let done = folder.heng(&[&["run", "--format", "csv"], args].concat()).code(code);
    let rows = crate::support::table(&done.out);
    let at = rows[0].iter().position(|head| head == field).unwrap();
    rows.iter().find(|row| row[2] == subject && row[4] == of).unwrap_or_else(|| panic!("{subject} {of}"))[at].clone()
}

/// The numbers of `facts`, computed elsewhere with fractions and by bisection.
#[test]
fn the_published_county_at_both_limits() {
    let at_50 = [("primary1", "0.179"), ("primary2", "2.883"), ("primary3", "-10.992"), ("primary4", "9.517"), ("primary5", "-1.587")];
    let at_45 = [("primary1", "0.766"), ("primary2", "12.332"), ("primary3", "-47.016"), ("primary4", "40.707"), ("primary5", "-6.789")];
    for (limit, floor, ratio, raise, level) in
        [("0.50", "2.320430", "0.970390", ("16.353", 17), at_50), ("0.45", "3.075925", "0.873351", ("73.770", 74), at_45)]
    {
        let folder = copy("worked-example");
        let rules = folder.read("rules/校际差异.heng");
        folder.write("rules/校际差异.heng", rules.replace("目标 <= 0.50", &format!("目标 <= {limit}")));
        let plan = &folder.heng(&["plan", "--format", "json", "--on", "2024-12-31"]).code(0).json()[0];
        let of = &plan["coefficients"][0];
        assert_eq!((&of["code"], &of["floor"], &of["ratio"]), (&"CV".into(), &floor.into(), &ratio.into()));
        assert_eq!((&of["value"], &of["mean"], &of["fields"]), (&"0.515257".into(), &"6.334437".into(), &serde_json::json!(["books"])));
        let three = |exact: &Json| format!("{:.3}", exact.as_str().unwrap().parse::<f64>().unwrap());
        for (member, (key, amount)) in of["members"].as_array().unwrap().iter().zip(level) {
            assert_eq!((&member["subject"], three(&member["level"]["exact"])), (&key.into(), amount.to_owned()));
            let raised = if key == "primary4" { raise.0 } else { "0.000" };
            assert_eq!(three(&member["raise"]["exact"]), raised);
            assert_eq!(member["raise"]["changes"].is_null(), key != "primary4");
        }
        assert_eq!((&of["raised"]["met"], &of["levelled"]["met"]), (&true.into(), &true.into()));
        assert_eq!((&plan["goal"]["now"], &plan["goal"]["to"]), (&"不均衡".into(), &"均衡".into()));
        // The whole books are enough, and one less is not.
        let mut changes = plan["together"]["changes"].clone();
        assert_eq!(changes.as_array().unwrap().len(), 1);
        assert_eq!(changes[0]["change"], raise.1.to_string());
        apply(&folder, "data/schools.csv", "school", &changes);
        assert_eq!(result(&folder, &[], 0, "全县", "@conclusion", "value"), "均衡");
        let (enough, less) = (160 + raise.1, 160 + raise.1 - 1);
        (changes[0]["from"], changes[0]["to"]) = (enough.to_string().into(), less.to_string().into());
        apply(&folder, "data/schools.csv", "school", &changes);
        assert_eq!(result(&folder, &[], 0, "全县", "@conclusion", "value"), "不均衡");
    }
    let shown = Heng::new(&repository("examples/worked-example"), &["plan", "--on", "2024-12-31", "--lang", "en"]).run().code(0);
    shown.prints(&["0.515257 > 0.5", "floor 2.320430", "+16.353", "+17", "λ = 0.970390", "-10.992", "-11", "books"]).fits(80);
}

/// Every change of a county's plan typed into its data: what was promised is there. One unit less at a school of one change is not enough.
#[test]
fn a_county_with_all_its_additions() {
    let folder = copy("county");
    let done = folder.heng(&["plan", "--format", "json"]).code(1);
    let plan = &done.json()[0];
    let changes = &plan["together"]["changes"];
    assert!(changes.as_array().unwrap().len() > 15);
    assert_eq!(plan["together"]["not_met"], serde_json::json!(["RM"]));
    let school = |key: &str| plan["members"].as_array().unwrap().iter().find(|member| member["subject"] == key).unwrap().clone();
    assert_eq!(school("9990010043")["goal"]["changes"][0]["change"], "1");
    assert_eq!(school("9990010022")["goal"]["changes"][0]["change"], "0.01");
    assert_eq!(school("9990010025")["goal"]["outcome"], "incomplete");
    assert_eq!(result(&folder, &[], 1, "999001", "V6.小学", "met"), "false");
    apply(&folder, "data/schools.csv", "学校代码", changes);
    for of in ["R", "N.小学", "N.初中", "V6.小学"] {
        assert_eq!(result(&folder, &[], 1, "999001", of, "met"), "true", "{of}");
    }
    let one = serde_json::json!([{ "subject": "9990010043", "field": "体育教师数", "from": "2", "to": "1" }]);
    apply(&folder, "data/schools.csv", "学校代码", &one);
    assert_eq!(result(&folder, &["--on", "2024-12-31"], 1, "999001", "R", "met"), "false");
}

/// The layers of a province, with counties that pass once everything is done.
#[test]
fn a_layered_county() {
    let folder = copy("overlay");
    let plans = folder.heng(&["plan", "云岭县域", "--format", "json"]).code(0).json();
    for plan in plans.as_array().unwrap() {
        assert_eq!((&plan["goal"]["to"], &plan["together"]["conclusion"]), (&"达标".into(), &"达标".into()));
        apply(&folder, "data/schools.csv", "学校代码", &plan["together"]["changes"]);
    }
    for county in ["999101", "999102"] {
        assert_eq!(result(&folder, &["云岭县域"], 0, county, "@conclusion", "value"), "达标");
    }
}

/// The whole of 优质均衡 2017 for a county with nine-year and twelve-year schools.
const WHOLE: &str = "澜安县级申报";

/// A county that falls short by its schools, of whose verdicts its own rubric reads only the conclusions.
#[test]
fn a_county_by_the_verdicts_on_its_schools() {
    let shown = Heng::new(&repository("examples/county"), &["plan", WHOLE]).run().code(0).fits(80);
    shown.prints(&["未通过 → 通过", "见 national/优质均衡2017校际 的改进计划", "0.467113 > 0.45", "结论 通过; 仍未达标: 没有"]);
    let folder = copy("county");
    assert_eq!(result(&folder, &[WHOLE], 0, "999003", "@conclusion", "value"), "未通过");
    let plan = &folder.heng(&["plan", WHOLE, "--format", "json"]).code(0).json()[0];
    assert_eq!((&plan["goal"]["outcome"], &plan["goal"]["to"]), (&"beside".into(), &"通过".into()));
    assert_eq!((&plan["with_beside"]["conclusion"], &plan["with_beside"]["not_met"]), (&"通过".into(), &serde_json::json!([])));
    let changes = &plan["beside"][0]["together"]["changes"];
    apply(&folder, "data/学校.csv", "学校代码", changes);
    assert_eq!(result(&folder, &[WHOLE], 0, "999003", "@conclusion", "value"), "通过");
    let schools = "national/优质均衡2017校际";
    assert_eq!(result(&folder, &[schools], 0, "999003", "@conclusion", "value"), "达标");
    // One unit less, of the one school and of the one coefficient, and the county does not pass.
    for change in changes.as_array().unwrap() {
        let number = |name: &str| change[name].as_str().unwrap().parse::<f64>().unwrap();
        let less = format!("{}", if change["change"] == "1" { number("to") - 1.0 } else { (number("to") - 1.0).round() });
        let back = |from: &Json, to: &Json| serde_json::json!([{ "subject": change["subject"], "field": change["field"], "from": from, "to": to }]);
        apply(&folder, "data/学校.csv", "学校代码", &back(&change["to"], &less.clone().into()));
        assert_eq!(result(&folder, &[WHOLE], 0, "999003", "@conclusion", "value"), "未通过", "{change}");
        apply(&folder, "data/学校.csv", "学校代码", &back(&less.into(), &change["to"]));
    }
}

/// Two rubrics that read one form, each with its own plan.
#[test]
fn a_county_short_in_two_rubrics() {
    let folder = copy("county");
    let small = serde_json::json!([{ "subject": "9990030020", "field": "音乐教室最小面积", "from": "98.00", "to": "54.00" }]);
    apply(&folder, "data/学校.csv", "学校代码", &small);
    assert_eq!(result(&folder, &[WHOLE], 0, "999003", "B3", "met"), "false");
    let plan = &folder.heng(&["plan", WHOLE, "--format", "json"]).code(0).json()[0];
    let plans = plan["beside"].as_array().unwrap();
    assert_eq!((plans.len(), &plan["goal"]["to"]), (2, &"通过".into()));
    for plan in plans {
        apply(&folder, "data/学校.csv", "学校代码", &plan["together"]["changes"]);
    }
    assert_eq!(result(&folder, &[WHOLE], 0, "999003", "@conclusion", "value"), "通过");
}

#[test]
fn one_school_and_many() {
    let folder = Folder::region();
    folder.heng(&["plan", "--subject", "乙校"]).code(0).prints(&["未达标 → 达标", "教师", "50", "53", "+3", "学生"]).fits(80);
    folder.heng(&["plan", "--subject", "甲校"]).code(0).prints(&["甲校", "没有短板"]);
    folder.heng(&["plan", "--lang", "en"]).code(0).prints(&["2 fall short", "丙校", "incomplete", "乙校", "+3"]);
    let plans = folder.heng(&["plan", "--format", "json"]).code(0).json();
    let keys: Vec<_> = plans.as_array().unwrap().iter().map(|plan| plan["subject"].as_str().unwrap().to_owned()).collect();
    assert_eq!(keys, ["丙校", "乙校"]);
    assert_eq!(plans[1]["indicators"][0]["ways"][0][0]["change"], "3");
    folder.heng(&["plan", "--subject", "甲小"]).code(2).says(&["H0902", "`甲校`"]).prints_nothing();
    folder.heng(&["plan", "--data", "nowhere.csv"]).code(2).prints_nothing();
    folder.heng(&["plan", "师姿"]).code(2).says(&["`师资`"]).prints_nothing();
    // A school of a county is found below it.
    let county = repository("examples/county");
    Heng::new(&county, &["plan", "--subject", "9990010043"]).run().code(1).prints(&["体育教师数", "+1", "L3", "L7"]);
}

/// A verdict that rests on what other rubrics say, and on nothing else.
#[test]
fn a_verdict_by_another_rubric() {
    const RULES: &str = "填报表 学校表 { 对象 学校 按 代码; 代码: 文本 必填; 班级: 整数 1..90; 教室: 整数 0..90 }
填报表 师资表 { 对象 学校 按 代码; 代码: 文本 必填; 教师: 整数 1..3000; 学生: 整数 0..20000 }
评价体系 师资 {
  数据 师资表 简称 校
  指标 A1 \"生师比\" { 取值 校.学生 / 校.教师; 目标 <= 19 }
  结论 { 合格: A1.达标; 不合格: 其他 }
}
评价体系 认定 {
  数据 学校表 简称 校
  另用 师资 简称 师资
  指标 K1 { 取值 校.班级; 小数位 0 }
  结论 { 达标: 师资.结论 == 合格; 未达标: 其他 }
}
";
    let data = "data = { \"学校表\" = \"学校.csv\", \"师资表\" = \"师资.csv\" }\non = \"2024-12-31\"\n";
    let folder = Folder::with(&[
        ("heng.toml", &*format!("rubric = \"认定\"\n{data}")),
        ("rules.heng", RULES),
        ("学校.csv", "代码,班级,教室\n甲校,20,18\n乙校,20,20\n"),
        ("师资.csv", "代码,教师,学生\n甲校,50,1000\n乙校,50,950\n"),
    ]);
    let shown = folder.heng(&["plan", "--subject", "甲校"]).code(0).without(&["没有短板"]).fits(80);
    shown.prints(&["未达标 → 达标", "另用的体系 师资", "不合格 → 合格", "+3", "结论 达标; 仍未达标: 没有"]);
    folder.heng(&["plan", "--subject", "乙校"]).code(0).prints(&["没有短板"]);
    let plan = &folder.heng(&["plan", "--format", "json"]).code(0).json()[0];
    assert_eq!((&plan["subject"], &plan["goal"]["outcome"], &plan["goal"]["to"]), (&"甲校".into(), &"beside".into(), &"达标".into()));
    assert_eq!(plan["rests_on"], serde_json::json!([{ "rubric": "师资", "result": "conclusion", "value": "不合格" }]));
    let Some(Json::Array(changes)) = plan["beside"][0]["goal"]["changes"].as_array().map(|it| it.clone().into()) else { panic!() };
    apply(&folder, "师资.csv", "代码", &Json::Array(changes));
    assert_eq!(result(&folder, &[], 0, "甲校", "@conclusion", "value"), "达标");
    // Of what only facts decide nobody knows which verdict is better: it says what it rests on, and where to go on.
    folder.write("rules.heng", RULES.replace("师资.结论 == 合格", "师资.A1 < 15"));
    let shown = folder.heng(&["plan", "--subject", "乙校"]).code(0).without(&["没有短板"]).fits(80);
    shown.prints(&["结论: 未达标", "达标 哪个更好", "取决于 师资 的 A1 (19)", "`heng plan 师资`"]);
    // Nothing is filled in there: that is what is lacking.
    folder.write("rules.heng", RULES);
    folder.write("师资.csv", "代码,教师,学生\n乙校,50,950\n");
    folder.heng(&["plan", "--subject", "甲校"]).code(0).without(&["没有短板"]).prints(&["资料不全"]);
}

/// What roles gave stands as rows of its own behind an item; the items behind it keep their places.
#[test]
fn an_item_that_assessors_judge() {
    const RULES: &str = "填报表 学校表 { 对象 学校 按 代码; 代码: 文本 必填; 教师: 整数 0..3000; 学生: 整数 0..20000 }
填报表 评分单 {
  对象 评分 按 编号
  隶属 学校 按 代码
  编号: 文本 必填
  代码: 文本 必填
  指标: 单选 { A1 } 必填
  角色: 单选 { 专家组, 自评 } 必填
  得分: 小数(1) 0..10
}
评价体系 考核 {
  数据 学校表 简称 校
  评定 评分单 简称 单 按 指标, 角色 { 专家组: 60%; 自评: 40% }
  总分 20
  指标 A1 \"办学特色\" 10分 { 计分 评定 单.得分 }
  指标 A2 \"生师比\" 10分 { 取值 校.学生 / 校.教师; 目标 <= 19; 计分 达标满分 }
  结论 { 达标: A2.达标; 未达标: 其他 }
}
";
    let folder = Folder::with(&[
        ("heng.toml", "rubric = \"考核\"\ndata = { \"学校表\" = \"学校.csv\", \"评分单\" = \"评分.csv\" }\non = \"2024-12-31\"\n"),
        ("rules.heng", RULES),
        ("学校.csv", "代码,教师,学生\n甲校,50,1000\n乙校,50,950\n"),
        ("评分.csv", "编号,代码,指标,角色,得分\n1,甲校,A1,专家组,8\n2,甲校,A1,自评,10\n3,乙校,A1,自评,10\n"),
    ]);
    let short = folder.heng(&["plan", "--subject", "甲校"]).code(0).without(&["A1.专家组"]);
    short.prints(&["A1 办学特色 · 得分 8.8/10", "A2 生师比 · 20 <= 19", "+3"]);
    folder.heng(&["plan", "--subject", "乙校"]).code(0).prints(&["没有取值: A1 ("]).without(&["A1.专家组"]);
    let plan = &folder.heng(&["plan", "--subject", "甲校", "--format", "json"]).code(0).json()[0];
    let told: Vec<_> = plan["indicators"].as_array().unwrap().iter().map(|told| (&told["code"], &told["score"])).collect();
    assert_eq!(told, [(&"A1".into(), &"8.8".into()), (&"A2".into(), &"0".into())]);
}
