//! `heng fmt`: files, standard input, what is shown instead of written, exit codes.

use crate::support::{Folder, Heng, RULES};
use std::io::Write;
use std::process::{Command, Stdio};

/// A region whose rules are laid out, with one form that is not.
fn untidy() -> Folder {
    let folder = Folder::region();
    folder.write(
        "rules.heng",
        RULES
            .replace("代码: 文本 必填", "代码: 文本    必填")
            .replace("  教师: 整数 师 0", "  教师: 整数 师    0")
            .replace("    达标: A1", "    达标:   A1"),
    );
    folder.heng(&["fmt"]).code(0);
    folder.write("forms/乱.heng", UNTIDY);
    folder
}

const UNTIDY: &str = "单位 人 // 注释\n填报表 乱｛ 对象 甲 按 代码\n代码：文本 必填\n人数 :整数 人 ≥\n｝\n";
const WRITTEN: &str = "单位 人  // 注释\n填报表 乱 {\n  对象 甲 按 代码\n  代码: 文本    必填\n  人数: 整数 人 0..\n}\n";

fn untidy_text() -> String {
    UNTIDY.replace('≥', "0..")
}

/// Runs it with something on its standard input.
fn piped(args: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    let mut child = command
        .args([args, &["--lang", "en"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let done = child.wait_with_output().unwrap();
    (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn files_are_rewritten_and_named() {
    let folder = untidy();
    folder.write("forms/乱.heng", untidy_text());
    folder.write("forms/x.rhai", "1  +  1");
    folder.heng(&["fmt"]).code(0).prints(&["forms/乱.heng"]).says(&["排版 1 个文件, 1 个不变"]).fits(80);
    assert_eq!(folder.read("forms/乱.heng"), WRITTEN);
    assert_eq!(folder.read("forms/x.rhai"), "1  +  1");
    folder.heng(&["fmt"]).code(0).prints_nothing().says(&["排版 0 个文件, 2 个不变"]);
    folder.heng(&["fmt", "--check", "--diff"]).code(0).prints_nothing();
    folder.heng(&["fmt", "forms", "rules.heng", "--lang", "en"]).code(0).prints_nothing().says(&["0 files laid out, 2 unchanged"]);
    // Nothing is left beside them.
    assert_eq!(std::fs::read_dir(folder.at("forms")).unwrap().count(), 2);
}

#[test]
fn check_and_diff_write_nothing() {
    let folder = untidy();
    folder.write("forms/乱.heng", untidy_text());
    let done = folder.heng(&["fmt", "--check"]).code(1);
    assert_eq!(done.out, "forms/乱.heng\n");
    let done = folder.heng(&["fmt", "--diff"]).code(1).prints(&["--- forms/乱.heng", "-代码：文本 必填\n", "+  代码: 文本    必填\n"]);
    assert!(!done.out.contains('\u{1b}'));
    assert!(folder.heng(&["fmt", "--diff", "--color", "always"]).code(1).out.contains("\u{1b}[32m+  对象 甲 按 代码\u{1b}[0m"));
    assert_eq!(folder.read("forms/乱.heng"), untidy_text());
    // From a folder further down it is the same region.
    Heng::new(&folder.at("forms"), &["fmt", "--check"]).run().code(1);
}

#[test]
fn what_has_mistakes_is_told_and_left_alone_and_the_rest_is_laid_out() {
    let folder = untidy();
    folder.write("forms/好.heng", untidy_text().replace('乱', "好"));
    folder.heng(&["fmt"]).code(1).prints(&["forms/好.heng"]).says(&["H01", "forms/乱.heng:4", "1 个有错没有动"]);
    assert_eq!(folder.read("forms/乱.heng"), UNTIDY);
    assert_eq!(folder.read("forms/好.heng"), WRITTEN.replace('乱', "好"));
    // A rule that means nothing is laid out all the same: only its grammar counts.
    folder.write("forms/乱.heng", "评价体系 甲 { 数据 没有 简称 校 }\n");
    folder.heng(&["fmt", "--check"]).code(0);
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    let folder = untidy();
    folder.write("forms/乱.heng", format!("\u{FEFF}{}", untidy_text().replace('\n', "\r\n")));
    folder.heng(&["fmt"]).code(0).prints(&["forms/乱.heng"]);
    assert_eq!(folder.read("forms/乱.heng"), format!("\u{FEFF}{}", WRITTEN.replace('\n', "\r\n")));
    folder.heng(&["fmt", "--check"]).code(0);
}

#[test]
fn keywords_go_to_the_other_language_and_back() {
    let folder = untidy();
    folder.write("forms/乱.heng", untidy_text());
    folder.heng(&["fmt", "--keywords", "en"]).code(0).prints(&["forms/乱.heng", "rules.heng"]);
    assert!(
        folder.read("forms/乱.heng").contains("form 乱 {\n  subject 甲 by 代码\n  代码: text       required\n  人数: integer 人 0..\n")
    );
    folder.heng(&["check"]).code(0);
    folder.heng(&["fmt", "--check", "--keywords", "zh"]).code(1);
    folder.heng(&["fmt", "--keywords", "zh"]).code(0);
    assert_eq!(folder.read("forms/乱.heng"), WRITTEN);
    folder.heng(&["fmt", "--keywords", "fr"]).code(2).says(&["fr", "keep"]);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let (code, out, err) = piped(&["fmt", "-"], untidy_text().as_bytes());
    assert_eq!((code, &*out, &*err), (0, WRITTEN, ""));
    let (code, out, _) = piped(&["fmt", "-", "--check"], untidy_text().as_bytes());
    assert_eq!((code, &*out), (1, "<stdin>\n"));
    assert_eq!(piped(&["fmt", "-", "--check"], WRITTEN.as_bytes()), (0, String::new(), String::new()));
    assert!(piped(&["fmt", "-", "--diff"], untidy_text().as_bytes()).1.starts_with("--- <stdin>\n+++ <stdin>\n@@ -1,5 +1,6 @@\n"));
    let (code, out, err) = piped(&["fmt", "-"], UNTIDY.as_bytes());
    assert_eq!((code, &*out), (1, ""));
    assert!(err.contains("<stdin>:4"), "{err}");
    assert_eq!(piped(&["fmt", "-"], b"\xFF").0, 2);
    assert_eq!(piped(&["fmt", "-", "rules"], b"").0, 2);
    assert_eq!(piped(&["fmt", "-"], "\u{FEFF}unit  a\r\n".as_bytes()), (0, "\u{FEFF}unit a\r\n".to_owned(), String::new()));
}

#[test]
fn nothing_to_lay_out_is_no_success() {
    let folder = Folder::empty();
    folder.heng(&["fmt"]).code(2).says(&["H0903"]).prints_nothing();
    folder.heng(&["fmt", "nowhere"]).code(2).says(&["H0901", "nowhere"]);
    folder.write("a.txt", "");
    folder.heng(&["fmt", "--check", "."]).code(2);
    folder.write("a.heng", "");
    folder.heng(&["fmt", "a.heng", "nowhere"]).code(2).says(&["nowhere"]);
    folder.heng(&["fmt", "a.heng"]).code(0);
}

#[cfg(unix)]
#[test]
fn rights_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with(&[("a.heng", "unit   a\n")]);
    std::fs::set_permissions(folder.at("a.heng"), std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("a.heng", folder.at("b.heng")).unwrap();
    folder.heng(&["fmt", "b.heng"]).code(0);
    assert_eq!(folder.read("a.heng"), "unit a\n");
    assert!(folder.at("b.heng").is_symlink());
    assert_eq!(std::fs::metadata(folder.at("a.heng")).unwrap().permissions().mode() & 0o777, 0o640);

    folder.write("a.heng", "unit   a\n");
    std::fs::set_permissions(folder.at("a.heng"), std::fs::Permissions::from_mode(0o440)).unwrap();
    folder.heng(&["fmt", "a.heng"]).code(2).says(&["H0901", "没有权限"]);
    assert_eq!(folder.read("a.heng"), "unit   a\n");
}

#[test]
fn many_files_take_no_time() {
    let folder = Folder::empty();
    for at in 0..200 {
        folder.write(&format!("rules/{at}.heng"), RULES.repeat(2));
    }
    Heng::new(folder.path(), &["fmt"]).within(30).run().code(0).says(&["排版 200 个文件"]);
    folder.heng(&["fmt", "--check"]).code(0);
}
