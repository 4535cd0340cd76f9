//! `heng run --wide`, `--stats`, `--explain-plan`.

use crate::support::{Folder, Heng, repository, table};
use std::collections::BTreeMap;

/// By subject and code: the score, else the value.
fn long(rows: &[Vec<String>]) -> BTreeMap<(String, String), String> {
    let column = |name: &str| rows[0].iter().position(|head| head.trim_start_matches('\u{FEFF}') == name).unwrap();
    let (subject, code, value, score) = (column("subject"), column("code"), column("value"), column("score"));
    let shown = |row: &Vec<String>| if row[score].is_empty() { row[value].clone() } else { row[score].clone() };
    rows[1..].iter().map(|row| ((row[subject].clone(), row[code].clone()), shown(row))).collect()
}

/// Every number and verdict of a wide table stands in the long one, and how many there are.
fn held_to(wide: &str, long: &BTreeMap<(String, String), String>) -> usize {
    let rows = table(wide);
    let heads: Vec<&str> = rows[0].iter().map(|head| head.trim_start_matches('\u{FEFF}')).collect();
    let subject = heads.iter().position(|head| *head == "subject").unwrap();
    let mut compared = 0;
    for row in &rows[1..] {
        for (head, cell) in heads.iter().zip(row).skip(subject + 1).filter(|(head, _)| **head != "note") {
            let code = match *head {
                "total" | "grade" | "conclusion" => format!("@{head}"),
                other => other.to_owned(),
            };
            if let Some(shown) = long.get(&(row[subject].clone(), code)) {
                assert_eq!(cell, shown, "{} {head}", row[subject]);
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn the_wide_table_says_what_the_long_one_says() {
    // The made-up county has a mistake in its data, and says so either way.
    for (example, code, least) in [("county", 1, 20), ("california", 0, 400)] {
        let region = repository(&format!("examples/{example}"));
        let folder = Folder::empty();
        let (whole, wide) = (folder.at("long.csv"), folder.at("wide.csv"));
        let rubric = if example == "california" { vec!["score_sheet"] } else { Vec::new() };
        let run = |out: &std::path::Path, more: &[&str]| {
            let out = out.display().to_string();
            let args: Vec<&str> = ["run"].iter().chain(&rubric).chain(&["--out", &out]).chain(more).copied().collect();
            Heng::new(&region, &args).run().code(code);
        };
        run(&whole, &[]);
        run(&wide, &["--wide"]);
        let long = long(&table(&folder.read("long.csv")));
        let mut compared = held_to(&folder.read("wide.csv"), &long);
        let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let beside: Vec<String> = files.filter(|name| name.starts_with("wide.") && name != "wide.csv").collect();
        // Of a rubric over groups, the one below.
        assert_eq!(beside.len(), usize::from(example == "county"), "{beside:?}");
        compared += beside.iter().map(|name| held_to(&folder.read(name), &long)).sum::<usize>();
        assert!(compared >= least, "{example}: {compared} compared");
    }
}

#[test]
fn why_there_is_no_total_stands_in_the_note() {
    let rules = "填报表 表 {\n 对象 校 按 码\n 码: 文本 必填\n 人: 整数\n}\n评价体系 甲 {\n 总分 2\n 数据 表 简称 校\n 指标 A 2分 {\n  取值 校.人\n  计分 分档 { >= 1: 2; 其他: 0 }\n }\n}\n";
    let folder = Folder::with(&[
        ("heng.toml", "rubric = \"甲\"\ndata = \"d.csv\"\non = \"2024-12-31\"\n"),
        ("r.heng", rules),
        ("d.csv", "码,人\n1,5\n2,\n"),
    ]);
    folder.heng(&["run", "--wide", "--out", "w.csv", "--stats"]).code(0).says(&["w.csv", "2"]);
    assert_eq!(folder.read("w.csv"), "\u{FEFF}subject,total,note\n1,2,\n2,,未填: 人\n");
    folder.heng(&["run", "--explain-plan"]).code(0).prints(&["plan 甲", "program:"]);
    folder.heng(&["run", "--wide", "--out", "w.json"]).code(2).says(&["csv"]);
}

/// No statistic counts those whom `when` leaves out; groups have `when` and ranks, too.
#[test]
fn every_rubric_has_a_wide_table() {
    let rules = "form 表 {\n subject 校 by 码\n within 县 by 县\n 码: text required\n 县: text required\n a: integer 0..\n}\n\
        rubric 甲 {\n reads 表 as 校\n when 校.a != 7\n indicator A { value 校.a - min(校.a, over all) }\n}\n\
        rubric 乙 {\n over 甲 as 校\n subject 县\n when count(校.a) > 2\n indicator M { value mean(校.A) }\n indicator R { value rank(M.value, over all) }\n\
        conclusion { 好: M.value >= 10; 差: otherwise }\n}\n";
    let data: String = (0..60).map(|at| format!("S{at:02},县{},{}\n", at % 13 + at % 3, at * 7 % 40)).collect();
    let folder = Folder::with(&[
        ("heng.toml", "data = \"d.csv\"\non = \"2024-12-31\"\n"),
        ("r.heng", rules),
        ("d.csv", &format!("码,县,a\n{data}")),
    ]);
    for (rubric, beside, least) in [("甲", &[][..], 50), ("乙", &["甲"], 60)] {
        folder.heng(&["run", rubric, "--out", "long.csv"]).code(0);
        folder.heng(&["run", rubric, "--wide", "--out", "wide.csv"]).code(0);
        let whole = long(&table(&folder.read("long.csv")));
        let mut compared = held_to(&folder.read("wide.csv"), &whole);
        compared += beside.iter().map(|name| held_to(&folder.read(&format!("wide.{name}.csv")), &whole)).sum::<usize>();
        let subjects = whole.keys().filter(|(_, code)| matches!(code.as_str(), "A" | "M" | "R")).count();
        assert!(compared >= subjects && compared >= least, "{rubric}: {compared} compared");
    }
}
