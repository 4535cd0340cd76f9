//! `heng check`: formats, exit codes, and that one mistake never hides another.

use crate::support::{Folder, Heng, RULES};

/// Two mistakes and, since 教师 is then not used, a warning, in lines that begin with 汉字.
fn mistaken() -> Folder {
    let folder = Folder::region();
    folder.write("rules.heng", RULES.replace("校.学生 / 校.教师", "校.学生 / 校.教员").replace("<= 19", "<= 19 平方米"));
    folder
}

#[test]
fn clean_rules() {
    let folder = Folder::region();
    for args in [&["check"][..], &["check", "rules.heng"], &["check", "."], &["check", "--deny", "warnings"]] {
        folder.heng(args).code(0).prints_nothing().says(&["没有发现问题"]);
    }
    for format in ["json", "sarif"] {
        assert!(folder.heng(&["check", "--format", format]).code(0).json().is_object());
    }
    folder.heng(&["check", "--format", "github"]).code(0).prints_nothing();
}

#[test]
fn nothing_to_check_is_no_success() {
    let folder = Folder::empty();
    folder.heng(&["check"]).code(2).says(&["H0903"]);
    folder.heng(&["check", "nowhere"]).code(2).says(&["H0901", "nowhere"]);
    folder.write("sub/a.txt", "x");
    folder.heng(&["check", "sub"]).code(2);
    for format in ["json", "sarif", "github", "concise"] {
        folder.heng(&["check", "--format", format]).code(2);
    }
    folder.heng(&["check", "--format", "xml"]).code(2).says(&["xml", "concise"]);
}

#[test]
fn concise_is_one_line_a_finding_with_columns_in_characters() {
    let done = mistaken().heng(&["check", "--format", "concise"]).code(1);
    let lines: Vec<&str> = done.out.lines().collect();
    for line in &lines {
        let (place, message) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        let parts: Vec<&str> = place.split(':').collect();
        assert_eq!((parts.len(), parts[0]), (3, "rules.heng"), "{line}");
        assert!(
            parts[1].parse::<usize>().is_ok_and(|number| number > 0) && parts[2].parse::<usize>().is_ok_and(|number| number > 0),
            "{line}"
        );
        let (code, words) = message.split_once(' ').unwrap();
        assert!(code.len() == 5 && code.starts_with('H') && !words.is_empty(), "{line}");
    }
    // `    取值 校.学生 / 校.教员`: 校 is the 15th character (byte 23), 教 the 17th.
    let unknown = lines.iter().find(|line| line.contains("H0201")).unwrap();
    assert!(unknown.starts_with("rules.heng:11:15: ") || unknown.starts_with("rules.heng:11:17: "), "{unknown}");
    // `    目标 <= 19 平方米`: the unit begins at the 14th character.
    let unit = lines.iter().find(|line| line.contains("H0204")).unwrap();
    assert!(unit.starts_with("rules.heng:12:14: "), "{unit}");
}

#[test]
fn json_tells_each_finding_with_its_place() {
    let folder = mistaken();
    let done = folder.heng(&["check", "--format", "json"]).code(1);
    let json = done.json();
    let source = folder.read("rules.heng");
    let found = json["diagnostics"].as_array().unwrap();
    assert!(found.len() >= 2);
    for what in found {
        let text = |name: &str| what[name].as_str().unwrap_or_else(|| panic!("{name}: {what}")).to_owned();
        let number = |name: &str| usize::try_from(what[name].as_u64().unwrap_or_else(|| panic!("{name}: {what}"))).unwrap();
        assert!(text("code").starts_with('H') && !text("message").is_empty() && ["error", "warning"].contains(&&*text("severity")));
        assert_eq!(text("file"), "rules.heng");
        // Bytes, lines and columns speak of the same text.
        let line = source.lines().nth(number("line") - 1).unwrap();
        let marked = &source[number("start_byte")..number("end_byte")];
        let at: String = line.chars().skip(number("column") - 1).collect();
        assert!(at.starts_with(marked.lines().next().unwrap()), "{what}");
    }
    let marks: Vec<&str> = found
        .iter()
        .map(|what| &source[what["start_byte"].as_u64().unwrap() as usize..what["end_byte"].as_u64().unwrap() as usize])
        .collect();
    assert!(marks.contains(&"平方米"), "{marks:?}");
}

#[test]
fn sarif_is_sarif() {
    let json = mistaken().heng(&["check", "--format", "sarif"]).code(1).json();
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(crate::support::repository("tests/schemas/sarif-2.1.0.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let slips: Vec<String> = validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(slips.is_empty(), "{slips:#?}");
    let results = json["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "H0204" && result["level"] == "error"));
    let region = &results.iter().find(|result| result["ruleId"] == "H0204").unwrap()["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startLine"].as_u64(), region["startColumn"].as_u64()), (Some(12), Some(14)));
}

#[test]
fn github_escapes_what_would_end_a_command() {
    let folder = Folder::region();
    folder.write("a,b:50%.heng", "评价体系 甲 {\n  数据 学校表 简称 校\n  指标 \"100%\" {\n  }\n");
    let done = folder.heng(&["check", "--format", "github"]).code(1);
    assert!(!done.out.is_empty());
    for line in done.out.lines() {
        let (head, message) = line.split_once("::").and_then(|(_, rest)| rest.split_once("::")).unwrap_or_else(|| panic!("{line}"));
        assert!(head.starts_with("error ") || head.starts_with("warning "), "{line}");
        assert!(head.contains("file=a%2Cb%3A50%25.heng,line="), "{line}");
        assert!(!message.replace("%25", "").replace("%0A", "").replace("%0D", "").contains('%'), "{line}");
    }
}

#[test]
fn notes_never_count() {
    let rules = "填报表 表 {\n  对象 校 按 代码\n  代码: 文本 必填\n  数: 整数\n}\n评价体系 甲 {\n  总分 10\n  数据 表 简称 校\n  指标 A1 \"甲\" 10分 {\n    \
                 计分 脚本 { let n = 校.数; while n > 9 { n -= 1; } n }\n  }\n  等级 { 合格: >= 6; 不合格: 其他 }\n}\n";
    let folder = Folder::with(&[("rules.heng", rules)]);
    folder.heng(&["check", "--deny", "warnings"]).code(0).prints(&["H0506", "1 个提示"]);
    folder.heng(&["check", "--format", "concise"]).code(0).prints(&["rules.heng:10:26: H0506"]);
    folder.heng(&["check", "--format", "json"]).code(0).prints(&["\"severity\": \"note\"", "\"warnings\": 0", "\"notes\": 1"]);
    folder.heng(&["check", "--format", "sarif"]).code(0).prints(&["\"level\": \"note\""]);
    folder.heng(&["check", "--format", "github"]).code(0).prints(&["::notice file=rules.heng,line=10,"]);
}

#[test]
fn warnings_count_only_when_denied() {
    let folder = Folder::region();
    folder.write("rules.heng", RULES.replace("必填\n}", "必填\n  班数: 整数\n}"));
    folder.heng(&["check"]).code(0).prints(&["H0207", "班数"]).fits(80);
    folder.heng(&["check", "--deny", "warnings"]).code(1).prints(&["H0207"]);
    folder.heng(&["check", "--deny", "errors"]).code(2);
}

#[test]
fn all_mistakes_of_all_files_in_one_run() {
    let folder = mistaken();
    folder.write("forms/坏.heng", "填报表 {\n");
    folder.write("rules/b.heng", "评价体系 乙 {\n  数据 没有的表 简称 校\n  指标 A \"甲\" {\n    取值 校.x => 3\n  }\n}\n单位 师\n");
    let done = folder.heng(&["check", "--format", "concise"]).code(1);
    for place in ["rules.heng:11:", "rules.heng:12:", "forms/坏.heng:1:", "rules/b.heng:2:", "rules/b.heng:4:"] {
        assert!(done.out.contains(place), "{place} is not there:\n{}", done.out);
    }
    // The same, whatever the order of the paths.
    let one = folder.heng(&["check", "rules", "forms", "rules.heng", "--format", "concise"]).code(1).out;
    let other = folder.heng(&["check", "rules.heng", "forms", "rules", "--format", "concise"]).code(1).out;
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&one), sorted(&other));
}

#[test]
fn the_full_format_fits_a_terminal_of_80_columns() {
    let folder = mistaken();
    folder.heng(&["check"]).code(1).prints(&["rules.heng:12:14", "平方米"]).fits(80);
    folder.heng(&["check", "--lang", "en"]).code(1).prints(&["rules.heng:12:14"]);
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let folder = mistaken();
    let plain = folder.heng(&["check"]).code(1).out;
    let forced = folder.heng(&["check", "--color", "always"]).code(1).out;
    assert!(forced.contains('\u{1B}'));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert_eq!(Heng::new(folder.path(), &["check"]).env(name, value).run().out, plain);
    }
}

#[test]
fn mistakes_in_the_settings() {
    let folder = Folder::region();
    folder.write("heng.toml", "rubrik = \"师资\"\non = \"2024-02-30\"\nlang = \"de\"\ndata = 3\n");
    let done = folder.heng(&["check", "--format", "concise"]).code(1);
    for place in ["heng.toml:1:1: H0904", "heng.toml:2:6: H0904", "heng.toml:3:8: H0904", "heng.toml:4:8: H0904"] {
        assert!(done.out.contains(place), "{place} is not there:\n{}", done.out);
    }
    done.prints(&["`rubrik`"]);
    folder.heng(&["check"]).code(1).prints(&["`rubric`"]);
    folder.heng(&["run"]).code(1).says(&["H0904", "heng.toml:1:1"]).prints_nothing();
    folder.write("heng.toml", "rubric = \n");
    folder.heng(&["run"]).says(&["H0904", "heng.toml:1"]).prints_nothing();
    folder.write("heng.toml", utf16_settings());
    let done = folder.heng(&["check"]);
    assert_ne!(done.code, 0);
}

fn utf16_settings() -> Vec<u8> {
    crate::support::utf16("rubric = \"师资\"\n")
}
