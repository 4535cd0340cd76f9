//! Scripts (rhai) that loop, recurse or eat memory: undefined for that school, with the cause, and the other schools are judged.

use crate::support::{Done, Folder, Heng, table};

/// 甲 has 1 and runs the script under test, 乙 has 2 and gets full marks.
fn run(script: &str) -> (Done, Vec<Vec<String>>) {
    let rules = format!(
        r#"填报表 表 {{
  对象 园 按 代码
  代码: 文本 必填
  数: 整数 必填
}}
评价体系 办园 {{
  总分 10
  数据 表 简称 园
  指标 A1 "脚本" 10分 {{
    计分 脚本 {{
      if 园.数 == 2 {{ return 10; }}
      {script}
    }}
  }}
  等级 {{ 合格: >= 6; 不合格: 其他 }}
}}
"#
    );
    let folder = Folder::with(&[("heng.toml", "data = \"d.csv\"\n"), ("r.heng", &rules), ("d.csv", "代码,数\n甲,1\n乙,2\n")]);
    let done = Heng::new(folder.path(), &["run", "--format", "csv"]).within(20).memory(1024).run();
    let rows = if done.out.is_empty() { Vec::new() } else { table(&done.out) };
    (done, rows)
}

fn row<'t>(rows: &'t [Vec<String>], subject: &str, code: &str) -> &'t [String] {
    rows.iter().find(|row| row[2] == subject && row[4] == code).unwrap_or_else(|| panic!("{subject} {code} is not there: {rows:?}"))
}

#[test]
fn a_script_that_works() {
    let (done, rows) = run("let s = 0; for i in 0..3 { s += i; } s + 1/3 + 1/3 + 1/3");
    done.code(0).says_nothing();
    assert_eq!(row(&rows, "甲", "A1")[12], "4");
    assert_eq!(row(&rows, "乙", "@grade")[7], "合格");
}

#[test]
fn scripts_beyond_their_limits() {
    for script in [
        "loop { }",
        "loop { let x = 1; }",
        "while true { }",
        "for i in 0..1000000000000 { }",
        "let t = \"xx\"; loop { t += t; }",
        "let t = \"字\"; for i in 0..1000 { t = t + t; } 1",
        "let a = [1]; loop { a += a; }",
        "let a = []; loop { a.push(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"); }",
        "let a = []; loop { a = [a, a]; }",
        "let m = #{}; let i = 0; loop { m[\"k\" + i] = i; i += 1; }",
        "let x = 10 ** 1000; for i in 0..100 { x = x * x; } 5",
        "let x = 10 ** 1000000000; 5",
        "let x = 3; for i in 0..100 { x = x * x; } 5",
        "let x = 1/3; for i in 1..100000 { x = x + 1/i; } 5",
        "let a = []; a.pad(1000000000, 0); 5",
        "let t = \"\"; t.pad(1000000000, \"x\"); 5",
        "fn f(x) { f(x + 1) } f(1)",
        "fn f(x) { 1 + g(x) } fn g(x) { 1 + f(x) } f(1)",
        "1 / 0",
        "[1][5]",
        "throw \"no\"",
        "\"不是数\"",
        "()",
    ] {
        let (done, rows) = run(script);
        let said = format!("{script}: {}{}", done.out, done.err);
        if rows.is_empty() {
            // Refused before anything runs, at its place.
            done.code(1).says(&["r.heng:12:"]);
            continue;
        }
        assert_eq!(row(&rows, "甲", "A1")[6], "undefined", "{said}");
        assert!(!row(&rows, "甲", "A1")[14].is_empty(), "the cause is kept: {said}");
        assert_eq!(row(&rows, "甲", "A1")[12], "", "{said}");
        assert_eq!(row(&rows, "甲", "@grade")[7], "", "{said}");
        assert_eq!((row(&rows, "乙", "A1")[12].as_str(), row(&rows, "乙", "@grade")[7].as_str()), ("10", "合格"), "{said}");
    }
}

#[test]
fn scripts_reach_nothing_outside() {
    for script in ["eval(\"5\")", "import \"x\" as y; 5", "timestamp(); 5", "sleep(1); 5", "open_file(\"/etc/passwd\"); 5", "rand()"] {
        let (done, rows) = run(script);
        assert!(rows.is_empty() || row(&rows, "甲", "A1")[6] == "undefined", "{script}: {}{}", done.out, done.err);
    }
    // What a script prints does not get into the results.
    let (done, _) = run("print(\"偷偷\"); debug(\"偷偷\"); 5");
    done.without(&["偷偷"]);
}

#[test]
fn scripts_with_mistakes_are_told_by_check() {
    for (script, place) in [("let x = ;", "r.heng:12:"), ("5 +", "r.heng:1"), (&"(".repeat(10_000), "r.heng:")] {
        let (done, rows) = run(script);
        assert!(rows.is_empty(), "{script}: {}", done.out);
        done.code(1).says(&[place]);
    }
}
