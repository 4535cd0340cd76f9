//! What a rubric also reads: data files by name, by header, of an earlier period, and none at all.

use crate::support::Folder;

const RULES: &str = "\
填报表 学校表 { 对象 学校 按 代码; 隶属 县 按 县名; 周期 年度 按 年份; 代码: 文本; 县名: 文本; 年份: 整数; 人数: 整数 0.. }
填报表 评分单 { 对象 评分 按 编号; 隶属 学校 按 代码; 编号: 文本; 代码: 文本; 分数: 整数 0..100 }
填报表 县表 { 对象 县 按 县名; 县名: 文本; 投入: 整数 0.. }
评价体系 学校评估 {
  数据 学校表 简称 校
  另用 学校表 简称 上年 1 期以前
  另用 评分单 简称 单
  指标 A1 { 取值 平均(单.分数); 目标 >= 60 }
  指标 A2 { 取值 校.人数 - 上年.人数; 目标 >= 0 }
  结论 { 达标: A1.达标 且 A2.达标; 未达标: 其他 }
}
评价体系 县级 {
  对象 县
  汇总 学校评估 简称 校
  另用 县表 简称 县
  指标 B1 { 取值 县.投入 / 合计(校.人数); 目标 >= 1 }
  结论 { 达标: B1.达标 且 占比(校.结论 == 达标) == 100%; 未达标: 其他 }
}
";

fn folder() -> Folder {
    let folder = Folder::region();
    folder.write("rules.heng", RULES);
    folder.write("学校.csv", "代码,县名,年份,人数\n一小,甲,2024,100\n二小,甲,2024,50\n一小,甲,2023,99\n二小,甲,2023,50\n");
    folder.write("评分.csv", "编号,代码,分数\n1,一小,80\n2,一小,91\n3,二小,60\n");
    folder.write("县.csv", "县名,投入\n甲,150\n");
    folder
}

#[test]
fn files_are_told_apart_by_their_headers_and_periods() {
    let folder = folder();
    let data = ["--data", "评分.csv", "--data", "县.csv", "--data", "学校.csv", "--period", "2024"];
    let run = [&["run", "县级"][..], &data, &["--format", "csv"]].concat();
    let done = folder.heng(&run).code(0);
    let lines: Vec<&str> = done.out.lines().filter(|line| line.contains("结论") || line.contains("conclusion")).collect();
    assert!(lines.iter().all(|line| line.contains("达标") && !line.contains("未达标")) && lines.len() >= 3, "{}", done.out);
    folder.heng(&[&["why", "学校评估", "--subject", "一小"][..], &data].concat()).code(0).prints(&[
        "= 85.5",
        "上年.人数 = 99  ← 学校.csv:4",
        "计入 2 份，未计入 0 份",
        "1  80",
    ]);
    folder.heng(&[&["why", "县级", "--subject", "甲"][..], &data].concat()).code(0).prints(&["县.投入 = 150  ← 县.csv:2"]);
}

#[test]
fn files_may_be_named() {
    let folder = folder();
    folder.write("旧.csv", "代码,县名,年份,人数\n一小,甲,2023,101\n二小,甲,2023,50\n");
    let data = ["--data", "学校表=学校.csv", "--data", "单=评分.csv", "--data", "上年=旧.csv", "--period", "2024"];
    folder.heng(&[&["why", "学校评估", "--subject", "一小"][..], &data].concat()).code(0).prints(&["上年.人数 = 101  ← 旧.csv:2"]);
    folder.heng(&["run", "学校评估", "--data", "县=县.csv"]).code(2).says(&["H0902", "`学校表`、`上年`、`评分单`"]);
}

#[test]
fn what_was_not_given_is_told_and_missing() {
    let folder = folder();
    let done = folder.heng(&["run", "县级", "--data", "学校.csv", "--data", "评分.csv", "--period", "2024"]);
    done.code(0).says(&["H0617", "--data 县="]).prints(&["未填: 县.投入", "资料不全"]);
    // Of several periods one must be chosen, as ever.
    folder.heng(&["run", "学校评估", "--data", "学校.csv", "--data", "评分.csv"]).code(2).says(&["H0903", "--period 2024"]);
}

#[test]
fn data_of_other_forms_of_the_region_are_left_alone() {
    let folder = folder();
    folder.write("heng.toml", "rubric = \"县级\"\nperiod = \"2024\"\ndata = [\"学校.csv\", \"评分.csv\", \"县.csv\"]\n");
    folder.heng(&["run"]).code(0).prints(&["县 甲"]);
    // This one reads no 县表, whose file has the county's name in common with the schools'.
    folder.heng(&["run", "学校评估"]).code(0).prints(&["一小", "二小"]).without(&["H0607", "H0602"]);
    // A file that is named alone is the one that was meant, and what is wrong with it is told.
    folder.heng(&["run", "学校评估", "--data", "县.csv"]).says(&["H0603"]);
}

/// The units of a submission are judged one by one, and by another rubric too: each reads what came of itself.
#[test]
fn results_of_units_are_those_of_each_unit() {
    let folder = Folder::empty();
    let rules = std::fs::read_to_string(crate::support::repository("tests/corpus/clean/results_of_units_zh.heng")).unwrap();
    folder.write("rules.heng", rules);
    folder.write("学校.csv", "代码,小学生数,初中生数,用房面积\n九年制,600,300,5000\n小学,600,0,5000\n");
    let data = ["--data", "学校.csv", "--on", "2024-12-31"];
    let done = folder.heng(&[&["run", "总评", "--format", "csv"][..], &data].concat()).code(0);
    done.prints(&[
        "九年制-小学部,,M,生均用房,scored,5.376344",
        "九年制-初中部,,M,生均用房,scored,5.913978",
        "小学,,M,生均用房,scored,8.333333",
    ]);
    folder.heng(&[&["run", "总评", "--wide", "--out", "宽表.csv"][..], &data].concat()).code(0);
    let wide = folder.read("宽表.csv");
    for line in ["九年制-小学部,5.376344,达标", "九年制-初中部,5.913978,未达标", "小学,8.333333,达标"] {
        assert!(wide.contains(line), "{wide}");
    }
}
