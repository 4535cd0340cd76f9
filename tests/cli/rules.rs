//! Rules that no author writes but a program or a slip of the hand may: told within seconds, without breaking anything.

use crate::support::{Done, Folder, Heng, RULES, gb18030, utf16};

fn check(content: impl AsRef<[u8]>) -> Done {
    let folder = Folder::with(&[("good.heng", RULES)]);
    folder.write("bad.heng", content);
    Heng::new(folder.path(), &["check", "bad.heng", "--format", "concise"]).within(30).run()
}

/// The rules with another value.
fn value(value: &str) -> String {
    RULES.replace("校.学生 / 校.教师", value).replace("学校表", "另表").replace("师资", "另系")
}

#[test]
fn nested_ten_thousand_deep() {
    let deep = |open: &str, close: &str| value(&format!("{}校.学生 / 校.教师{}", open.repeat(10_000), close.repeat(10_000)));
    check(deep("(", ")")).code(1).prints(&["bad.heng:11:", "H0106"]);
    check(deep("（", "）")).code(1).prints(&["bad.heng:11:", "H0106"]);
    check(deep("abs(", ")")).code(1).prints(&["bad.heng:11:", "H0106"]);
    check(deep("(", "")).code(1).prints(&["bad.heng:11:", "H0106"]);
    check(deep("", ")")).code(1).prints(&["bad.heng:11:"]);
    check(deep("[", "]")).code(1).prints(&["bad.heng:11:"]);
    check("{".repeat(10_000)).code(1).prints(&["bad.heng:1:", "H0106"]);
    check("评价体系 甲 {\n".repeat(10_000)).code(1).prints(&["bad.heng:"]);
    check("}".repeat(10_000)).code(1).prints(&["bad.heng:1:"]);
    check("\"".repeat(10_001)).code(1).prints(&["bad.heng:1:"]);
}

#[test]
fn ten_thousand_operators() {
    check(value(&"-".repeat(10_000)).replace("目标 <= 19\n", "")).code(1);
    check(value(&format!("{}校.学生", "-".repeat(10_000)))).code(1).prints(&["bad.heng:11:"]);
    check(RULES.replace("达标: A1.达标", &format!("达标: {}A1.达标", "非 ".repeat(10_000)))).code(1).prints(&["bad.heng:15:"]);
    for operator in [" + ", " * ", " / ", " - "] {
        check(value(&vec!["校.学生"; 10_000].join(operator))).code(1).prints(&["bad.heng:11:", "H0110"]);
    }
    for operator in [" 且 ", " 或 "] {
        let long = vec!["A1.达标"; 10_000].join(operator);
        check(RULES.replace("达标: A1.达标", &format!("达标: {long}"))).code(1).prints(&["bad.heng:15:", "H0110"]);
    }
    check(value(&vec!["校.学生"; 10_000].join(" <= "))).code(1).prints(&["bad.heng:11:"]);
    check(value(&format!("最大({})", vec!["校.学生"; 10_000].join(", ")))).in_time();
}

#[test]
fn numbers_and_texts_without_end() {
    check(RULES.replace("<= 19", &format!("<= {}", "9".repeat(100_000)))).code(1).prints(&["bad.heng:12:", "H0108"]);
    check(RULES.replace("<= 19", &format!("<= 0.{}", "9".repeat(100_000)))).code(1).prints(&["bad.heng:12:", "H0108"]);
    check(RULES.replace("<= 19", "<= 1e400")).code(1).prints(&["bad.heng:12:"]);
    check(RULES.replace("A1", &"甲".repeat(100_000))).in_time();
    check(RULES.replace("生师比", &"生师比\u{0}\u{7}".repeat(1000))).in_time();
}

#[test]
fn a_file_of_ten_megabytes() {
    let comments = format!("{RULES}{}", format!("// {}\n", "长".repeat(30)).repeat(110_000));
    assert!(comments.len() > 10_000_000);
    check(comments).code(1).prints(&["bad.heng:1:1: H0111"]);
    // The largest that is still read is read within bounds.
    let folder = Folder::with(&[("a.heng", &format!("{RULES}{}", "// 说明\n".repeat(300_000)))]);
    Heng::new(folder.path(), &["check"]).within(60).run().code(0);
}

#[test]
fn what_is_no_utf8() {
    check(utf16(RULES)).code(2).says(&["bad.heng", "H0113", "UTF-16"]);
    check(gb18030(RULES)).code(2).says(&["bad.heng", "H0113", "GB18030"]);
    check((0..=255).collect::<Vec<u8>>()).code(2).says(&["bad.heng", "H0113"]);
    check(format!("\u{FEFF}{}", value("校.学生 / 校.教师"))).code(0);
    check(value("校.学生 / 校.教师").replace('\n', "\r\n")).code(0);
    // The others of the folder are checked.
    let folder = Folder::with(&[("good.heng", &RULES.replace("校.学生", "校.学升"))]);
    folder.write("bad.heng", utf16(RULES));
    folder.heng(&["check", "--format", "concise"]).prints(&["good.heng:11:", "H0201", "H0113"]).says(&["1"]);
    assert_ne!(folder.heng(&["check"]).code, 0);
}

#[test]
fn broken_text_is_never_a_crash() {
    // Every prefix of a rubric at a character, and every line left out: whatever is told, something is.
    let ends: Vec<usize> = RULES.char_indices().map(|(at, _)| at).step_by(29).skip(1).collect();
    let folder = Folder::empty();
    for (at, end) in ends.iter().enumerate() {
        folder.write(&format!("{at:03}.heng"), &RULES[..*end]);
    }
    let lines: Vec<&str> = RULES.lines().collect();
    for left_out in 0..lines.len() {
        let rest: Vec<&str> = lines.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, line)| *line).collect();
        folder.write(&format!("line{left_out:02}.heng"), rest.join("\n"));
    }
    folder.heng(&["check", "--format", "concise"]).code(1).prints(&["000.heng", "line01.heng"]);
}

#[test]
fn folders_and_names() {
    let folder = Folder::with(&[("规则 一/甲 乙.heng", RULES), ("x.heng/inside.txt", "")]);
    folder.heng(&["check", "规则 一"]).code(0);
    folder.heng(&["check", "规则 一/甲 乙.heng"]).code(0);
    folder.heng(&["check", "没有.heng"]).code(2).says(&["H0901", "没有.heng"]);
    let done = folder.heng(&["check", "规则 一", "没有.heng"]);
    assert_eq!(done.code, 2, "what could not be read was not checked");
}
