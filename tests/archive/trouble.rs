//! When the world fails (意外): no folder, no archive, no room, no permission, somebody else at work. Nothing is lost, and it is told.

use super::{count, filed, region};
use crate::support::{Folder, RULES};
use rusqlite::Connection;
use std::time::{Duration, Instant};

#[test]
fn what_is_no_archive_is_left_alone() {
    let folder = filed();
    folder.heng(&["db", "list", "--db", "没有.db"]).code(2).says(&["H0701", "没有档案库"]);
    folder.heng(&["import", "--db", "没有/县.db"]).code(2).says(&["H0701"]);
    assert!(!folder.at("没有").exists() && !folder.at("没有.db").exists());
    let before = folder.read("data.csv");
    folder.heng(&["import", "--db", "data.csv"]).code(2).says(&["H0702"]);
    folder.heng(&["db", "verify", "--db", "."]).code(2).says(&["H0702"]);
    assert_eq!(folder.read("data.csv"), before);
    // Another program's.
    Connection::open(folder.at("他人.db")).unwrap().execute_batch("CREATE TABLE t (a); PRAGMA application_id = 7;").unwrap();
    folder.heng(&["import", "--db", "他人.db"]).code(2).says(&["H0702"]);
    Connection::open(folder.at("无名.db")).unwrap().execute_batch("CREATE TABLE t (a);").unwrap();
    folder.heng(&["import", "--db", "无名.db"]).code(2).says(&["H0702"]);
    // A later heng's.
    Connection::open(folder.at("县.db")).unwrap().execute_batch("PRAGMA user_version = 99;").unwrap();
    folder.heng(&["import"]).code(2).says(&["H0703", "第 99 版"]);
    folder.heng(&["db", "list"]).code(2).says(&["H0703"]);
    Connection::open(folder.at("县.db")).unwrap().execute_batch("PRAGMA user_version = 1;").unwrap();
    folder.heng(&["db", "verify"]).code(0);
    // Damaged in the middle.
    folder.heng(&["db", "vacuum"]).code(0);
    let mut bytes = std::fs::read(folder.at("县.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xA5);
    folder.write("坏.db", &bytes);
    let done = folder.heng(&["db", "verify", "--db", "坏.db"]);
    assert!(matches!(done.code, 1 | 2) && done.err.contains("H0706"), "{}", done.err);
}

#[test]
fn a_read_only_archive_is_read_and_not_written() {
    let folder = filed();
    folder.heng(&["db", "backup", "只读.db"]).code(0);
    let mut rights = std::fs::metadata(folder.at("只读.db")).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(folder.at("只读.db"), rights).unwrap();
    let before = std::fs::read(folder.at("只读.db")).unwrap();
    folder.write("data.csv", "代码,教师,学生\n戊校,1,2\n");
    folder.heng(&["import", "--db", "只读.db"]).code(2).says(&["H0705", "什么也没有存"]);
    folder.heng(&["db", "return", "--subject", "甲校", "--reason", "x", "--db", "只读.db"]).code(2).says(&["H0705"]);
    folder.heng(&["db", "list", "--db", "只读.db"]).code(0).prints(&["学校表"]);
    folder.heng(&["db", "verify", "--db", "只读.db"]).code(0);
    assert_eq!(std::fs::read(folder.at("只读.db")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing() {
    let folder = filed();
    let mut data = String::from("代码,教师,学生\n");
    (0..20_000).for_each(|at| data.push_str(&format!("S{at:05},50,950\n")));
    folder.write("many.csv", data);
    // No file may become larger than a mebibyte; what asks for more is told so instead of being killed.
    let done = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_heng"), "import", "--data", "many.csv"])
        .env("LANG", "zh_CN.UTF-8")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("H0705") && said.contains("什么也没有存"), "{said}");
    assert_eq!(count(&folder, "SELECT count(*) FROM submission"), 3);
    folder.heng(&["db", "verify"]).code(0);
    folder.heng(&["import", "--data", "many.csv"]).code(0).prints(&["新 20000 份"]);
}

#[test]
fn two_at_once_wait_or_say_so() {
    let folder = filed();
    folder.write("data.csv", "代码,教师,学生\n戊校,10,20\n");
    let other = Connection::open(folder.at("县.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Reading does not wait.
    folder.heng(&["db", "list"]).code(0).prints(&["学校表"]);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| folder.heng(&["import"]));
        std::thread::sleep(Duration::from_secs(2));
        other.execute_batch("COMMIT").unwrap();
        waiting.join().unwrap().code(0).prints(&["新 1 份"]);
    });
    assert!(started.elapsed() >= Duration::from_secs(2));
    folder.write("data.csv", "代码,教师,学生\n己校,10,20\n");
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    folder.heng(&["import"]).code(2).says(&["H0704"]);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(count(&folder, "SELECT count(*) FROM submission"), 4);
    folder.heng(&["import"]).code(0);
    folder.heng(&["db", "verify"]).code(0);
}

#[test]
fn settings_of_the_rules_hold_for_the_archive() {
    // Rules with an error archive nothing, and no archive is named outside a region.
    let folder = region();
    folder.write("rules.heng", RULES.replace("目标 <= 19", "目标 <= 19 师"));
    folder.heng(&["import"]).code(1);
    assert!(!folder.at("县.db").exists());
    let outside = Folder::with(&[("rules.heng", RULES), ("data.csv", "代码,教师,学生\n甲校,50,950\n")]);
    outside.heng(&["db", "list"]).code(2).says(&["H0903", "--db"]);
    outside.heng(&["import", "rules.heng", "--data", "data.csv"]).code(2).says(&["H0903"]);
    outside.heng(&["import", "rules.heng", "--data", "data.csv", "--db", "a.db"]).code(0).prints(&["新 1 份"]);
    outside.heng(&["run", "rules.heng", "--db", "a.db", "--on", "2024-12-31", "--format", "csv"]).code(0).prints(&["甲校"]);
    outside.heng(&["verify", "1", "--db", "a.db"]).code(0);
}
