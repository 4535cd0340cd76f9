//! `heng run`: outputs, their order, and that nothing but rules and data decides about them.

use crate::support::{DATA, Folder, Heng, RULES, repository, table};
use std::path::Path;

const HEADER: &str = "rubric,level,subject,group,code,title,state,value,unit,target,attainment,met,score,points,note";

/// A rubric by points that has everything the table can show.
const POINTS: &str = r#"单位 生, 次
填报表 表 {
  对象 园 按 代码
  隶属 县 按 县码
  代码: 文本 必填
  县码: 文本 必填
  幼儿数: 整数 生 0..
  事故: 整数 次 0.. 必填
}
评价体系 办园 "办园水平" {
  总分 10
  取整 四舍五入 2
  数据 表 简称 园
  指标 Z9 "规模" 6分 {
    取值 园.幼儿数
    计分 分档 { >= 100: 6; >= 50: 3; 其他: 0 }
  }
  指标 A1 "没有事故" 4分 {
    计分 扣分 { 1 每 园.事故: "事故" }
  }
  一票否决 园.事故 > 3: "事故太多" 结论 不合格
  等级 { 合格: >= 6; 不合格: 其他 }
  结论 {
    大: 园.幼儿数 >= 100
    小: 其他
  }
}
"#;

fn points() -> Folder {
    Folder::with(&[
        ("heng.toml", "rubric = \"办园\"\ndata = \"d.csv\"\non = \"2024-12-31\"\n"),
        ("r.heng", POINTS),
        ("d.csv", "代码,县码,幼儿数,事故\n10,甲,120,0\n9,乙,60,4\n2,甲,,1\n"),
    ])
}

#[test]
fn the_result_table() {
    let folder = points();
    folder.heng(&["run", "--out", "r.csv"]).code(0).says(&["r.csv"]);
    let written = folder.read("r.csv");
    assert!(written.starts_with(&format!("\u{FEFF}{HEADER}")), "{written}");
    let rows = table(&written);
    let column = |name: &str| HEADER.split(',').position(|column| column == name).unwrap();
    let of = |row: &[String], name: &str| row[column(name)].clone();
    // Subjects by key, then indicators as the rubric has them, then what begins with @.
    let order: Vec<(String, String)> = rows[1..].iter().map(|row| (of(row, "subject"), of(row, "code"))).collect();
    let expected = [
        ("10", &["Z9", "A1", "@total", "@grade", "@conclusion"][..]),
        ("2", &["Z9", "A1", "@total", "@grade", "@conclusion"]),
        ("9", &["Z9", "A1", "@total", "@veto", "@grade", "@conclusion"]),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().flat_map(|(who, codes)| codes.iter().map(|code| ((*who).to_owned(), (*code).to_owned()))).collect();
    assert_eq!(order, expected);
    let row = |who: &str, code: &str| rows.iter().find(|row| of(row, "subject") == who && of(row, "code") == code).unwrap();
    let full = row("10", "Z9");
    for (name, value) in [("rubric", "办园"), ("level", "园"), ("group", "甲"), ("title", "规模"), ("state", "scored"), ("value", "120")]
    {
        assert_eq!(of(full, name), value, "{name}");
    }
    assert_eq!((of(full, "unit"), of(full, "points"), of(full, "score")), ("生".to_owned(), "6".to_owned(), "6.00".to_owned()));
    assert_eq!((of(row("10", "@total"), "points"), of(row("10", "@conclusion"), "value")), ("10".to_owned(), "大".to_owned()));
    // What is not filled in is not zero, and says so.
    let missing = row("2", "Z9");
    assert_eq!((of(missing, "state"), of(missing, "value"), of(missing, "score")), ("missing".to_owned(), String::new(), String::new()));
    assert!(of(missing, "note").contains("幼儿数"));
    assert_eq!((of(row("2", "@grade"), "state"), of(row("2", "@grade"), "value")), ("missing".to_owned(), String::new()));
    assert_eq!((of(row("9", "@veto"), "title"), of(row("9", "@grade"), "value")), ("事故太多".to_owned(), "不合格".to_owned()));
}

#[test]
fn json_and_json_lines_carry_the_derivations() {
    let folder = points();
    folder.heng(&["run", "--out", "r.json"]).code(0);
    folder.heng(&["run", "--out", "r.jsonl"]).code(0);
    let whole: serde_json::Value = serde_json::from_str(&folder.read("r.json")).unwrap();
    assert_eq!((whole["rubric"].as_str(), whole["on"].as_str()), (Some("办园"), Some("2024-12-31")));
    let results = whole["results"].as_array().unwrap();
    assert_eq!(results.iter().map(|result| result["subject"].as_str().unwrap()).collect::<Vec<_>>(), ["10", "2", "9"]);
    for result in results {
        assert!(!result["derivation"].as_array().unwrap().is_empty(), "{result}");
    }
    let text = folder.read("r.json");
    assert!(text.contains("幼儿数") && text.contains("d.csv"));
    let lines: Vec<serde_json::Value> = folder.read("r.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&lines, results);
    // The same rows as CSV has.
    folder.heng(&["run", "--out", "r.csv"]).code(0);
    let rows = table(&folder.read("r.csv"));
    let codes: Vec<String> =
        results.iter().flat_map(|result| result["rows"].as_array().unwrap()).map(|row| row["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(codes, rows[1..].iter().map(|row| row[4].clone()).collect::<Vec<_>>());
    // And to standard output.
    assert_eq!(folder.heng(&["run", "--format", "json"]).code(0).json(), whole);
    assert_eq!(folder.heng(&["run", "--format", "csv"]).code(0).out, folder.read("r.csv"));
}

#[test]
fn an_unknown_ending_writes_nothing() {
    let folder = Folder::region();
    for out in ["r.foo", "r", "r.csv.bak"] {
        folder.heng(&["run", "--out", out]).code(2).says(&[".csv"]).prints_nothing();
        assert!(!folder.at(out).exists());
    }
    folder.heng(&["run", "--out", "R.CSV"]).code(0);
}

#[test]
fn what_cannot_be_written_is_told() {
    let folder = Folder::region();
    folder.heng(&["run", "--out", "nowhere/r.csv"]).code(2).says(&["H0901", "nowhere/r.csv"]);
    folder.write("r.csv/inside", "x");
    folder.heng(&["run", "--out", "r.csv"]).code(2).says(&["H0901", "r.csv"]);
    let left: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.ends_with(".part")), "{left:?}");
}

#[test]
fn the_order_of_rows_and_files_decides_nothing() {
    let folder = Folder::region();
    let rows: Vec<&str> = DATA.lines().collect();
    let shuffled = format!("{}\n{}\n{}\n{}\n", rows[0], rows[3], rows[1], rows[2]);
    let columns = "学生,代码,教师\n950,甲校,50\n12,丙校,0\n1000,乙校,50\n";
    let expected = folder.heng(&["run", "--format", "csv"]).code(0).out;
    for data in [shuffled.as_str(), columns] {
        folder.write("other.csv", data);
        assert_eq!(folder.heng(&["run", "--data", "other.csv", "--format", "csv"]).code(0).out, expected);
    }
    folder.write("one.csv", format!("{}\n{}\n", rows[0], rows[1]));
    folder.write("two.csv", format!("{}\n{}\n{}\n", rows[0], rows[2], rows[3]));
    for data in [["one.csv", "two.csv"], ["two.csv", "one.csv"]] {
        assert_eq!(folder.heng(&["run", "--data", data[0], "--data", data[1], "--format", "csv"]).code(0).out, expected);
        assert_eq!(folder.heng(&["run", "--data", data[0], data[1], "--format", "csv"]).code(0).out, expected);
    }
    folder.write(
        "d.json",
        r#"[{"代码":"乙校","教师":50,"学生":1000.0},{"代码":"丙校","教师":0,"学生":12},{"代码":"甲校","学生":950,"教师":50}]"#,
    );
    folder.write("d.jsonl", "{\"代码\":\"丙校\",\"教师\":0,\"学生\":12}\n{\"代码\":\"甲校\",\"教师\":50,\"学生\":\"950\"}\n{\"代码\":\"乙校\",\"教师\":50,\"学生\":1e3}\n");
    for data in ["d.json", "d.jsonl"] {
        assert_eq!(folder.heng(&["run", "--data", data, "--format", "csv"]).code(0).out, expected, "{data}");
    }
}

#[test]
fn locale_time_zone_and_place_decide_nothing() {
    let here = repository("examples/county");
    let run = |environment: &[(&str, &str)]| {
        let mut heng = Heng::new(&here, &["run", "--format", "csv", "--lang", "zh"]);
        for (name, value) in environment {
            heng = heng.env(name, value);
        }
        heng.run().code(1).out
    };
    let expected = run(&[]);
    for environment in [
        &[("LANG", "C")][..],
        &[("LC_ALL", "zh_CN.UTF-8")],
        &[("LC_ALL", "de_DE.UTF-8"), ("LANG", "de_DE")],
        &[("TZ", "Asia/Shanghai")],
        &[("TZ", "America/Los_Angeles"), ("LC_ALL", "POSIX")],
        &[("COLUMNS", "200")],
    ] {
        assert_eq!(run(environment), expected, "{environment:?}");
    }
    // Twice the same bytes, and the same in another language but for the notes.
    assert_eq!(run(&[]), expected);
    let english = Heng::new(&here, &["run", "--format", "csv", "--lang", "en"]).run().code(1).out;
    let numbers = |text: &str| table(text).into_iter().map(|row| row[..14].to_vec()).collect::<Vec<_>>();
    assert_eq!(numbers(&english), numbers(&expected));
}

/// Paths in results are those of the region's folder, so that they say nothing of the machine.
#[test]
fn where_the_region_lies_decides_nothing() {
    let (one, other) = (Folder::region(), Folder::region());
    let run = |folder: &Folder| folder.heng(&["run", "--format", "json"]).code(0).out;
    assert_eq!(run(&one), run(&other));
    assert!(!run(&one).contains(one.path().to_str().unwrap()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::region();
    for verb in ["run", "explain"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_heng"));
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let done = command.arg(verb).current_dir(folder.path()).stdout(full).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{verb}");
        assert!(!done.stderr.is_empty());
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    for (example, format) in [("california", "csv"), ("california", "json"), ("california", "table"), ("county", "table")] {
        let here = repository(&format!("examples/{example}"));
        let whole = if example == "county" { 1 } else { 0 };
        for bytes in [0, 100] {
            let done = Heng::new(&here, &["run", "--format", format]).run_reading(bytes).code(whole);
            done.without(&["Broken pipe", "os error"]);
        }
    }
    Heng::new(&repository("."), &["explain"]).run_reading(10).code(0).says_nothing();
}

#[test]
fn the_examples_print_what_they_promise() {
    let run = |example: &str| Heng::new(&repository(&format!("examples/{example}")), &["run"]).run();
    run("worked-example").code(0).prints(&["0.515257", "不均衡"]);
    run("california").code(0).prints(&["420"]).fits(80);
    // One row is refused and others have empty cells, so there are findings; the others are judged all the same.
    run("overlay").code(0).prints(&["999101", "999102", "未达标"]).fits(80);
    run("county").code(1).prints(&["衡安县", "999001"]).says(&["H0608", "H0604", "H0606", "schools.csv:35", "schools.csv:47:40"]).fits(80);
}

/// The national verdict beside the province's, on the screen, in CSV and in JSON; and the layer that a target comes from.
#[test]
fn layers_are_shown_beside_each_other() {
    let here = repository("examples/overlay");
    let run = |args: &[&str]| Heng::new(&here, args).run();
    run(&["run", "--compare-base"]).code(0).prints(&["云岭县域", "<= 0.48", "按 national/优质均衡2017: 未达标"]).fits(80);
    run(&["run", "云岭资源配置", "--compare-base"]).code(0).prints(&["按最上层"]).fits(80);
    let csv = run(&["run", "云岭资源配置", "--compare-base", "--format", "csv"]).code(0);
    csv.prints(&["note,base,base_value,base_target,base_met,base_score", ">= 4.4", ">= 4.2"]);
    run(&["run", "云岭资源配置", "--compare-base", "--format", "json"])
        .code(0)
        .prints(&["\"base\": {", "\"layer\": \"national/资源配置2017"]);
    run(&["run", "云岭资源配置", "--format", "csv"]).code(0).without(&["base"]);
    run(&["run", "云岭办学水平", "--compare-base"]).code(2).says(&["H0903", "没有继承"]);
    run(&["run", "--compare-base", "--wide"]).code(2);
    run(&["run", "云川资源配置", "--explain-plan"])
        .code(0)
        .prints(&["target L1 小学 >= from 云岭资源配置", "target L2 >= from 云川资源配置"]);
    let why = run(&["why", "云川资源配置", "--subject", "9991020004", "--indicator", "L2"]).code(0);
    why.prints(&["云川资源配置 (川教〔2024〕20", "national/资源配置2017"]).fits(80);
    // The city's rules hold from July on.
    run(&["run", "云川资源配置", "--on", "2024-08-01"]).says(&["H0504", "云川资源配置"]);
    run(&["run", "云川资源配置", "--on", "2024-06-30"]).says(&["H0504"]);
}

#[test]
fn what_is_said_in_english() {
    let folder = Folder::region();
    folder.heng(&["run", "--lang", "en"]).code(0).prints(&["incomplete"]).fits(80);
    folder.heng(&["run", "--lang", "zh"]).code(0).prints(&["资料不全"]).fits(80);
    folder.write("heng.toml", "rubric = \"师资\"\ndata = \"data.csv\"\non = \"2024-12-31\"\nlang = \"en\"\n");
    folder.heng(&["run"]).code(0).prints(&["incomplete"]);
}

#[test]
fn which_rubric() {
    let folder = Folder::region();
    folder.heng(&["run", "师姿"]).code(2).says(&["H0902", "`师姿`", "`师资`"]).prints_nothing();
    let expected = folder.heng(&["run"]).code(0).out;
    for rubric in ["师资", "rules.heng", "./rules.heng"] {
        assert_eq!(folder.heng(&["run", rubric]).code(0).out, expected, "{rubric}");
    }
    folder.heng(&["run", "nowhere.heng"]).code(2).says(&["nowhere.heng"]).prints_nothing();
    // Two to choose from, and none named.
    folder.write("heng.toml", "");
    folder.write("two.heng", RULES.lines().skip(7).collect::<Vec<_>>().join("\n").replace("师资", "师资二"));
    folder.heng(&["run", "--data", "data.csv"]).code(2).says(&["师资", "师资二"]).prints_nothing();
}

#[test]
fn nothing_to_run_is_no_success() {
    Folder::empty().heng(&["run"]).code(2).prints_nothing();
    let folder = Folder::region();
    folder.write("heng.toml", "rubric = \"师资\"\n");
    folder.heng(&["run"]).code(2).says(&["--data"]).prints_nothing();
    folder.write("none.csv", "代码,教师,学生\n");
    folder.heng(&["run", "--data", "none.csv"]).code(2).says(&["H0611", "none.csv"]).prints_nothing();
    folder.heng(&["run", "--data", "none.csv", "--data", "data.csv"]).code(1).prints(&["甲校"]);
    folder.heng(&["run", "--data"]).code(2);
    folder.heng(&["run", "--on", "2024-13-01", "--data", "data.csv"]).code(2).says(&["2024-13-01"]);
    folder.heng(&["run", "--encoding", "latin1", "--data", "data.csv"]).code(2).says(&["latin1"]);
    folder.heng(&["run", "--data", "另一张表=data.csv"]).code(2).says(&["另一张表", "学校表"]);
    folder.heng(&["run", "--data", "学校表=data.csv"]).code(0);
    folder.heng(&["run", "--data", "校=data.csv"]).code(0);
}

#[test]
fn without_a_command() {
    let folder = Folder::empty();
    folder.heng(&[]).code(2).prints_nothing();
    folder.heng(&["chekc"]).code(2).says(&["`check`"]).prints_nothing();
    folder.heng(&["--help"]).code(0).prints(&["check", "run", "why", "explain", "new", "test"]).says_nothing().fits(80);
    folder.heng(&["--version"]).code(0).prints(&[env!("CARGO_PKG_VERSION")]);
    for verb in ["check", "run", "why", "explain", "new", "test"] {
        for lang in ["zh", "en"] {
            folder.heng(&[verb, "--help", "--lang", lang]).code(0).says_nothing().fits(80);
        }
    }
    assert!(!Path::new(&folder.at("heng.toml")).exists());
}

/// An alarm is listed, counted and explained, at the share of the target exactly, and changes nothing else.
#[test]
fn alarms_with_levels() {
    let folder = Folder::region();
    let rules = folder.read("rules.heng");
    let schools = "代码,教师,学生\n丙校,0,12\n甲校,50,950\n乙校,50,1000\n丁校,50,855\n戊校,50,854.99\n";
    folder.write("data.csv", schools);
    let without = folder.heng(&["run", "--format", "csv"]).code(0).out;
    let alarms = "目标 <= 19\n    预警 红色 若 非 A1.达标 : \"超过 19\"\n    预警 黄色 按目标 90%: \"接近 19\"\n";
    folder.write("rules.heng", rules.replace("目标 <= 19\n", alarms));
    let with = folder.heng(&["run", "--format", "csv"]).code(0).out;
    let (raised, rest): (Vec<&str>, Vec<&str>) = with.lines().partition(|line| line.contains("@alarm"));
    assert_eq!(rest.join("\n"), without.trim_end());
    // 丙校 has no value, so nothing is raised for it; 17.1 is 90 % of 19, 17.0998 is not.
    assert_eq!(
        raised,
        [
            "师资,学校,丁校,,@alarm,接近 19,scored,黄色,,,,,,,A1",
            "师资,学校,乙校,,@alarm,超过 19,scored,红色,,,,,,,A1",
            "师资,学校,甲校,,@alarm,接近 19,scored,黄色,,,,,,,A1",
        ]
    );
    folder.heng(&["run"]).code(0).prints(&["预警: 红色 1 · 黄色 2", "红色 A1", "黄色 A1"]).fits(80);
    folder.heng(&["why", "--subject", "丁校"]).code(0).prints(&["预警", "按目标 90%", "黄色"]);
    folder.heng(&["run", "--wide", "--out", "wide.csv"]).code(0);
    let json = folder.heng(&["run", "--format", "json"]).code(0).json();
    let roles: Vec<_> = json["results"][0]["derivation"][0]["parts"].as_array().unwrap().iter().map(|part| part["role"].clone()).collect();
    assert!(roles.contains(&"alarm".into()), "{roles:?}");
}
