//! `heng test`.

use crate::support::{Folder, Heng, RULES, repository};

const PASSES: &str = "测试 \"19 算达标\" 针对 师资 {\n  假设 校 { 教师: 50; 学生: 950 }\n  期望 A1 == 19 且 结论 == 达标\n}\n";
const FAILS: &str = "测试 \"20 也算\" 针对 师资 {\n  假设 校 { 教师: 50; 学生: 1000 }\n  期望 A1.达标\n}\n";

#[test]
fn all_pass() {
    let folder = Folder::region();
    folder.write("rules.heng", format!("{RULES}\n{PASSES}"));
    folder.heng(&["test"]).code(0).prints(&["1"]).fits(80);
    folder.heng(&["test", "rules.heng"]).code(0);
    assert!(folder.heng(&["test", "--format", "json"]).code(0).json().is_object());
}

#[test]
fn only_what_stands_in_the_named_paths_is_tested() {
    let folder = Folder::region();
    folder.write("rules.heng", RULES);
    std::fs::create_dir_all(folder.at("good")).unwrap();
    std::fs::create_dir_all(folder.at("bad")).unwrap();
    folder.write("good/tests.heng", PASSES);
    folder.write("bad/tests.heng", FAILS);
    folder.heng(&["test"]).code(1);
    folder.heng(&["test", "good"]).code(0);
    folder.heng(&["test", "good/tests.heng"]).code(0);
    folder.heng(&["test", "bad"]).code(1);
    folder.heng(&["test", "."]).code(1);
    folder.heng(&["test", "rules.heng"]).code(2);
}

#[test]
fn a_failure_shows_what_came_instead() {
    let folder = Folder::region();
    folder.write("rules.heng", format!("{RULES}\n{PASSES}\n{FAILS}"));
    folder.heng(&["test"]).code(1).prints(&["H0503", "A1.达标 = 否", "rules.heng:27:6"]).fits(80);
    let json = folder.heng(&["test", "--format", "json"]).code(1).json();
    assert_eq!(json["diagnostics"][0]["code"], "H0503");
}

#[test]
fn nothing_to_test_is_no_success() {
    Folder::region().heng(&["test"]).code(2);
    Folder::empty().heng(&["test"]).code(2);
    Folder::region().heng(&["test", "nowhere.heng"]).code(2);
}

#[test]
fn rules_with_mistakes_are_not_tested() {
    let folder = Folder::region();
    folder.write("rules.heng", format!("{}\n{PASSES}", RULES.replace("校.学生", "校.学升")));
    folder.heng(&["test"]).code(1).says(&["H0201", "rules.heng"]);
}

/// What is not asked is found in the order in which conditions read each other, as where submissions are taken in.
#[test]
fn conditions_of_conditions_hold_in_a_test_too() {
    let rules = "form 表 {
  subject 学校 by 代码
  代码: text required
  丙: integer when 乙 > 1 else 0
  乙: integer when 甲
  甲: yes/no
}
rubric 数 { reads 表 as 校; indicator A1 \"丙\" { value 校.丙; target <= 5 } }
test \"不问的\" of 数 {
  given 校 { 甲: no; 乙: 5; 丙: 7 }
  expect A1 == 0
}
test \"问的\" of 数 {
  given 校 { 甲: yes; 乙: 5; 丙: 7 }
  expect A1 == 7
}
";
    let folder = Folder::with(&[("rules.heng", rules)]);
    folder.heng(&["test"]).code(0);
}

#[test]
fn data_that_a_test_names_must_be_there() {
    let folder = Folder::region();
    folder.write(
        "rules.heng",
        format!("{RULES}\n测试 \"从文件\" 针对 师资 {{\n  数据 \"没有.csv\"\n  期望 \"甲校\": A1 == 19\n}}\n{PASSES}"),
    );
    let done = folder.heng(&["test"]).prints(&["没有.csv"]);
    assert_ne!(done.code, 0);
    folder.write("没有.csv", crate::support::DATA);
    folder.heng(&["test"]).code(0);
}

/// The examples' own tests, each figure of the California files among them.
#[test]
fn the_examples_pass() {
    for example in ["california", "county", "overlay", "worked-example"] {
        let folder = repository(&format!("examples/{example}"));
        Heng::new(&folder, &["check", "--deny", "warnings"]).run().code(0);
        let done = Heng::new(&folder, &["test"]).run();
        // A county whose rules have no tests says so.
        assert!(done.code == 0 || done.code == 2 && example == "county", "{example}: {}{}", done.out, done.err);
    }
}
