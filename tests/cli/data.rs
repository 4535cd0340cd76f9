//! Data that cannot be used as they are: each is told with its place, and the rest is judged all the same.

use crate::support::{DATA, Done, Folder, Heng, gb18030, utf16};

/// Runs the region's rubric on one more file.
fn run(content: impl AsRef<[u8]>) -> Done {
    let folder = Folder::region();
    folder.write("bad.csv", content);
    Heng::new(folder.path(), &["run", "--data", "bad.csv", "--format", "csv"]).within(20).run()
}

/// That it is told at this place, and 乙校 is judged.
#[track_caller]
fn told_and_the_rest_judged(content: &str, code: &str, place: &str) -> Done {
    run(content).code(1).says(&[code, place]).prints(&["师资,学校,乙校,,A1,生师比,scored,20,"])
}

/// That nothing can be judged, and why.
#[track_caller]
fn refused(content: impl AsRef<[u8]>, code: &str, place: &str) -> Done {
    run(content).code(2).says(&[code, place]).prints_nothing()
}

#[test]
fn files_that_hold_no_table() {
    refused("", "H0611", "bad.csv");
    refused(" \n\n", "H0611", "bad.csv");
    refused("\u{FEFF}", "H0611", "bad.csv");
    refused("代码,教师,学生\n", "H0611", "bad.csv");
    let binary: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    refused(binary, "H0612", "bad.csv");
    refused([0; 1000], "H0612", "bad.csv");
    refused([0xFF; 1000], "H0612", "bad.csv");
    refused(b"PK\x03\x04\x14\0\x06\0", "H0619", "bad.csv");
    refused("这不是表格, 是一段话。\n第二行\n", "H0603", "bad.csv:1");
}

#[test]
fn encodings() {
    refused(utf16(DATA), "H0612", "UTF-16");
    let expected = run(DATA).code(0).out;
    assert_eq!(run(format!("\u{FEFF}{DATA}")).code(0).out, expected);
    assert_eq!(run(gb18030(DATA)).code(0).out, expected);
    assert_eq!(run(DATA.replace('\n', "\r\n")).code(0).out, expected);
    // One broken character in UTF-8 is told at its place, not read as something else.
    let mut broken = format!("{DATA}丁校,1,1\n").into_bytes();
    let at = broken.len() - 8;
    broken[at] = b'?';
    let done = run(broken);
    assert!(done.code != 0 && done.err.contains("bad.csv:5"), "{}", done.err);
    // The user knows better.
    let folder = Folder::region();
    folder.write("gb.csv", gb18030(DATA));
    folder.heng(&["run", "--data", "gb.csv", "--encoding", "gbk"]).code(0);
    folder.heng(&["run", "--data", "gb.csv", "--encoding", "utf-8"]).code(2).says(&["H0612", "gb.csv"]).prints_nothing();
}

#[test]
fn columns() {
    // A column that the form does not have is told and passed over.
    run("代码,教师,学生,备注\n乙校,50,1000,好\n").code(0).says(&["H0602", "备注", "bad.csv:1:10"]).prints(&["乙校,,A1,生师比,scored,20,"]);
    run("代码,教师,学生,学生数\n乙校,50,1000,3\n").code(0).says(&["H0602", "学生数"]);
    // One that is asked for and not there.
    refused("教师,学生\n50,1000\n", "H0603", "bad.csv:1").says(&["代码"]);
    run("代码,教师\n乙校,50\n").code(1).says(&["H0603", "学生", "bad.csv:1"]).prints(&["乙校,,A1,生师比,missing,"]);
    run("代码,教师,学生,教师\n乙校,50,1000,51\n").says(&["H0610", "教师", "bad.csv:1:10"]);
}

#[test]
fn rows() {
    let duplicate = told_and_the_rest_judged("代码,教师,学生\n乙校,50,1000\n甲校,50,950\n乙校,1,1\n", "H0607", "bad.csv:4:1");
    duplicate.says(&["乙校"]).prints(&["甲校,,A1,生师比,scored,19,"]);
    told_and_the_rest_judged("代码,教师,学生\n甲校,50,950,7\n乙校,50,1000\n", "H0610", "bad.csv:2");
    told_and_the_rest_judged("代码,教师,学生\n甲校\n乙校,50,1000\n", "H0610", "bad.csv:2");
    told_and_the_rest_judged("代码,教师,学生\n,50,950\n乙校,50,1000\n", "H0606", "bad.csv:2:1");
    told_and_the_rest_judged("代码,教师,学生\n甲校,,950\n乙校,50,1000\n", "H0606", "bad.csv:2:4").prints(&["甲校,,A1,生师比,missing,"]);
    // A quote that is not closed swallows what follows; what stood before it is judged.
    told_and_the_rest_judged("代码,教师,学生\n乙校,50,1000\n甲校,\"50,950\n丙校,1,1\n", "H0610", "bad.csv:3");
    // Lines are counted as an editor counts them.
    told_and_the_rest_judged("代码,教师,学生\n\n\"甲\n校\",50,950\n\n丙校,x,1\n乙校,50,1000\n", "H0604", "bad.csv:6:4");
}

#[test]
fn cells() {
    for (cell, code) in [
        ("约50人", "H0604"),
        ("五十", "H0604"),
        ("1e400", "H0604"),
        ("1e4000000000", "H0604"),
        ("-1e400", "H0604"),
        ("NaN", "H0604"),
        ("inf", "H0604"),
        ("0x10", "H0604"),
        ("1/3", "H0604"),
        ("3.5", "H0604"),
        ("50 师", "H0604"),
        ("-1", "H0605"),
        ("3001", "H0605"),
        ("=1+1", "H0604"),
    ] {
        let done = told_and_the_rest_judged(&format!("代码,教师,学生\n甲校,{cell},950\n乙校,50,1000\n"), code, "bad.csv:2:4");
        // An unusable cell is neither zero nor left out in silence.
        done.says(&["教师"]).prints(&["甲校,,A1,生师比,undefined,,"]);
    }
    told_and_the_rest_judged(&format!("代码,教师,学生\n甲校,{},950\n乙校,50,1000\n", "9".repeat(30_000)), "H0604", "bad.csv:2:4").fits(200);
    told_and_the_rest_judged(&format!("代码,教师,学生\n甲校,50,0.{}\n乙校,50,1000\n", "1".repeat(1000)), "H0604", "bad.csv:2:7");
    told_and_the_rest_judged(&format!("代码,教师,学生\n{},50,950\n乙校,50,1000\n", "甲".repeat(40_000)), "H0613", "bad.csv:2:1");
    // What a Chinese input method or a spreadsheet writes is what it means.
    for cell in ["５０", "50.0", " 50 ", "+50", "\"50\"", "\"=\"\"50\"\"\"", "5e1"] {
        run(format!("代码,教师,学生\n甲校,{cell},\"1,000\"\n")).code(0).says_nothing().prints(&["甲校,,A1,生师比,scored,20,"]);
    }
}

#[test]
fn formulas_do_not_get_into_a_spreadsheet() {
    let done = run("代码,教师,学生\n=HYPERLINK(1),1,19\n@SUM(1),1,19\n+1+1,1,19\n").code(0);
    for line in done.out.lines().skip(1) {
        for cell in line.split(',') {
            let own = cell.len() > 1 && cell.starts_with('@') && cell[1..].bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(own || !cell.trim_start_matches('"').starts_with(['=', '@', '+']), "{line}");
        }
    }
}

/// Fifty megabytes without a line break: refused at once, not read to its end and beyond.
#[test]
fn one_endless_line() {
    let folder = Folder::region();
    folder.write("long.csv", format!("代码,教师,学生\n乙校,50,1000\n甲校,{},950\n", "4".repeat(50_000_000)));
    let run = |args: &[&str]| Heng::new(folder.path(), args).within(20).memory(1024).run();
    run(&["run", "--data", "long.csv"]).code(2).says(&["H0613", "long.csv:3"]).prints_nothing();
    // Another file beside it is read.
    run(&["run", "--data", "long.csv", "--data", "data.csv"]).code(1).says(&["H0613"]).prints(&["甲校", "乙校", "丙校"]);
    folder.write("long.json", format!("[{{\"代码\":\"{}\"}}]", "4".repeat(50_000_000)));
    let done = run(&["run", "--data", "long.json"]);
    assert!(done.code != 0 && done.err.contains("long.json"), "{}", done.err);
    folder.write("long.jsonl", format!("{{\"代码\":\"{}\"}}\n", "4".repeat(5_000_000)));
    run(&["run", "--data", "long.jsonl"]).code(2).says(&["H0613", "long.jsonl:1"]);
}

#[test]
fn json() {
    let run = |name: &str, content: &str| {
        let folder = Folder::region();
        folder.write(name, content);
        folder.heng(&["run", "--data", name, "--format", "csv"])
    };
    let good = "{\"代码\":\"乙校\",\"教师\":50,\"学生\":1000}";
    run("d.json", &format!("[{good}]")).code(0).prints(&["乙校,,A1,生师比,scored,20,"]);
    run("d.json", good).code(2).says(&["H0601", "d.json:1:1"]).prints_nothing();
    for (content, place) in [
        ("[", "d.json:1:"),
        ("[1, 2", "d.json:1:"),
        ("{\"代码\": \"甲", "d.json:1:"),
        ("[\n{\"代码\": }]", "d.json:2:8"),
        ("[{'代码': 1}]", "d.json:1:"),
    ] {
        run("d.json", content).code(2).says(&["H0601", place]).prints_nothing();
    }
    run("d.json", &"[".repeat(1_000_000)).code(2).says(&["H0601", "d.json"]).prints_nothing();
    run("d.json", &"{\"a\":".repeat(1_000_000)).code(2).says(&["d.json"]).prints_nothing();
    run("d.json", "null").code(2).says(&["d.json"]).prints_nothing();
    // A record that cannot be used leaves the others.
    run("d.json", &format!("[3, {good}]")).code(1).says(&["H0610", "d.json:1"]).prints(&["乙校,,A1,生师比,scored,20,"]);
    run("d.jsonl", &format!("{{\"代码\":\n{good}\n")).code(1).says(&["H0601", "d.jsonl:1:"]).prints(&["乙校,,A1,生师比,scored,20,"]);
    run("d.json", &format!("[{{\"代码\":\"甲校\",\"教师\":1e400,\"学生\":1}},{good}]"))
        .code(1)
        .says(&["H0604", "教师"])
        .prints(&["乙校,,A1,生师比,scored,20,"]);
    // A number is the decimal that is written, here too.
    run("d.json", "[{\"代码\":\"甲校\",\"教师\":3,\"学生\":0.1}]").code(0).prints(&["甲校,,A1,生师比,scored,0.033333,"]);
}

#[test]
fn files_that_are_not_there() {
    let folder = Folder::region();
    folder.write("folder/inside.csv", DATA);
    for data in ["nowhere.csv", "folder"] {
        folder.heng(&["run", "--data", data]).code(2).says(&["H0901", data]).prints_nothing();
        // One of two can be read: it is judged, and the other is not passed over in silence.
        let done = folder.heng(&["run", "--data", data, "--data", "data.csv"]).says(&["H0901", data]).prints(&["甲校"]);
        assert_ne!(done.code, 0);
    }
    folder.write("heng.toml", "rubric = \"师资\"\ndata = \"data/2024.csv\"\n");
    folder.heng(&["run"]).code(2).says(&["H0901", "data/2024.csv"]).prints_nothing();
}

#[test]
fn a_column_in_the_wrong_unit_can_still_be_read_about() {
    let mut rows = String::from("代码,教师,学生\n");
    (0..30_000).for_each(|n| rows.push_str(&format!("校{n:05},{n}人,9\n")));
    let done = run(rows).code(1).says(&["H0604", "bad.csv:2:8"]);
    assert!(done.err.len() < 20_000_000, "{} bytes of messages", done.err.len());
}

/// A school that splits into nothing is told and refused; one of which no part is evaluated is left out, and that is no mistake.
#[test]
fn submissions_without_a_part() {
    let rules = r#"单位 生
填报表 学校表 {
  对象 学校 按 代码
  代码: 文本 必填
  小学生数: 整数 生 0.. 必填
  高中生数: 整数 生 0.. 必填
  拆分 学部 {
    小学部 当 小学生数 > 0 { 在校生数 = 小学生数; 权重 1 }
    高中部 当 高中生数 > 0 { 在校生数 = 高中生数; 权重 1.3; 不评价 }
  }
}
评价体系 规模 {
  数据 学校表.学部 简称 校
  指标 A1 "在校生数" { 取值 校.在校生数; 目标 <= 2000 }
  结论 { 达标: A1.达标; 未达标: 其他 }
}
"#;
    let settings = "rubric = \"规模\"\ndata = \"data.csv\"\non = \"2024-12-31\"\n";
    let data = "代码,小学生数,高中生数\n甲校,600,0\n乙校,0,0\n丙校,0,900\n丁校,500,400\n";
    let folder = Folder::with(&[("heng.toml", settings), ("rules.heng", rules), ("data.csv", data)]);
    let words = ["H0616", "data.csv:3", "学校 `乙校` 拆不出一个学部", "`小学生数 > 0`", "读到 4 份填报, 用于评价 3 份, 退回 1 份"];
    let done = folder.heng(&["run"]).code(1).says(&words).prints(&["甲校", "丁校-小学部", "不在评价范围: 1 个 (丙校)"]);
    assert!(!done.out.contains("乙校"), "{}", done.out);
    folder.heng(&["run", "--format", "json"]).code(1).prints(&["\"left_out\": [\n    \"丙校\"\n  ]"]);
    folder.heng(&["run", "--wide"]).code(1).says(&["H0616"]);
    // Without the school that has no part there is nothing to tell.
    folder.write("data.csv", data.replace("乙校,0,0\n", ""));
    let done = folder.heng(&["run"]).code(0).prints(&["不在评价范围: 1 个 (丙校)"]);
    assert!(!done.err.contains("H06"), "{}", done.err);
}
