//! The archive as its users meet it (档案库端到端): imports, runs from it, decisions, and what happens when the world fails.
//!
//! Not here: reading data files (`cli`), what results are (`golden`).

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "archive/contents.rs"]
mod contents;
#[path = "archive/form.rs"]
mod form;
#[path = "archive/kill.rs"]
mod kill;
#[path = "archive/parcels.rs"]
mod parcels;
#[path = "cli/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the other commands")]
mod support;
#[path = "archive/trouble.rs"]
mod trouble;

use rusqlite::Connection;
use support::{DATA, Folder, RULES, table};

/// A region whose settings name an archive.
fn region() -> Folder {
    Folder::with(&[
        ("heng.toml", "rubric = \"师资\"\ndata = \"data.csv\"\ndatabase = \"县.db\"\non = \"2024-12-31\"\n"),
        ("rules.heng", RULES),
        ("data.csv", DATA),
    ])
}

/// The same with everything imported.
fn filed() -> Folder {
    let folder = region();
    folder.heng(&["import", "--by", "王科员"]).code(0).prints(&["学校表: 新 3 份, 更新 0 份, 未变 0 份"]);
    folder
}

fn count(folder: &Folder, query: &str) -> i64 {
    Connection::open(folder.at("县.db")).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

/// Changes what is stored, as only somebody who means to can.
fn tamper(folder: &Folder, table: &str, change: &str) {
    let db = Connection::open(folder.at("县.db")).unwrap();
    db.execute_batch(&format!("DROP TRIGGER {table}_no_update; DROP TRIGGER {table}_no_delete; PRAGMA foreign_keys = OFF; {change};"))
        .unwrap();
}

#[test]
fn a_run_from_the_archive_is_the_run_from_the_files() {
    let folder = filed();
    folder.heng(&["run", "--out", "archived.csv"]).code(0).says(&["存入", "第 1 次评价"]);
    folder.heng(&["run", "--data", "data.csv", "--out", "files.csv"]).code(0).without(&["存入"]);
    assert_eq!(folder.read("archived.csv"), folder.read("files.csv"));
    // To the file and the line of each figure.
    let archived = folder.heng(&["why", "--subject", "甲校", "--format", "json"]).code(0);
    let files = folder.heng(&["why", "--data", "data.csv", "--subject", "甲校", "--format", "json"]).code(0);
    assert_eq!(archived.out, files.out);
    files.prints(&["data.csv:3"]);
    // And as it was stored, though the file is gone.
    std::fs::remove_file(folder.at("data.csv")).unwrap();
    folder.heng(&["why", "--run", "1", "--subject", "甲校"]).code(0).prints(&["data.csv:3", "= 19"]);
    folder.heng(&["plan", "--subject", "乙校"]).code(0).prints(&["乙校"]);
    folder.heng(&["db", "export", "--run", "1", "--out", "again.csv"]).code(0);
    assert_eq!(folder.read("again.csv"), folder.read("archived.csv"));
    assert_eq!(table(&folder.read("again.csv")).len() as i64 - 1, count(&folder, "SELECT count(*) FROM 评价结果"));
}

#[test]
fn a_correction_is_a_new_version_and_nothing_is_stored_twice() {
    let folder = filed();
    folder.heng(&["import"]).code(0).prints(&["新 0 份, 更新 0 份, 未变 3 份"]);
    assert_eq!(count(&folder, "SELECT count(*) FROM log"), 1);
    // The same numbers, written otherwise.
    folder.write("data.csv", "代码,教师,学生\n乙校,50.0,\"1,000\"\n甲校,52,950\n丙校,0,12.00\n丁校,10,100.5\n");
    folder.heng(&["import", "--by", "李科长"]).code(0).prints(&["新 1 份, 更新 1 份, 未变 2 份"]);
    folder.heng(&["db", "list"]).code(0).prints(&["学校表", "日志 2 条"]);
    folder.heng(&["db", "list", "--form", "学校表"]).code(0).prints(&["甲校", "丁校", "李科长", "data.csv:3"]);
    folder.heng(&["db", "history", "--subject", "甲校"]).code(0).prints(&["第 1 版", "第 2 版", "教师: 50 → 52", "王科员", "李科长"]);
    folder.heng(&["db", "show", "--subject", "甲校"]).code(0).prints(&["第 2 版", "52"]).without(&["第 1 版"]);
    folder.heng(&["db", "show", "--subject", "甲校", "--version", "1"]).code(0).prints(&["第 1 版", "50"]);
    folder.heng(&["run", "--format", "csv"]).code(0).prints(&["18.269231"]);
    // Plain words for other programs.
    assert_eq!(count(&folder, "SELECT count(*) FROM 填报 WHERE 有效 = '是' AND 状态 = '已报送'"), 4);
    assert_eq!(count(&folder, "SELECT 值 FROM 填报值 WHERE 对象代码 = '甲校' AND 版次 = 2 AND 填报项 = '教师'"), 52);
    assert_eq!(count(&folder, "SELECT count(*) FROM 评价依据"), 4);
    folder.heng(&["db", "verify"]).code(0).prints(&["完好"]);
}

#[test]
fn drafts_and_what_was_returned_do_not_count() {
    let folder = region();
    folder.heng(&["import", "--draft"]).code(0).prints(&["(草稿)"]);
    folder.heng(&["run"]).code(2).says(&["H0707", "没有可用的"]);
    folder.heng(&["db", "approve", "--subject", "甲校"]).code(2).says(&["只有草稿"]);
    folder.heng(&["import"]).code(0).prints(&["未变 3 份"]).says(&["3 份草稿现在算报送"]);
    folder.heng(&["db", "approve", "--subject", "甲校", "丙校"]).code(0).prints(&["2 份填报已通过"]);
    folder.heng(&["db", "return", "--subject", "乙校", "--reason", " "]).code(2).says(&["写明原因"]);
    folder.heng(&["db", "return", "--subject", "乙校", "--reason", "学生数与学籍不符", "--by", "李科长"]).code(0);
    folder.heng(&["db", "approve", "--subject", "乙校"]).code(2).says(&["H0709", "已退回"]);
    // All or none.
    folder.heng(&["db", "return", "--subject", "甲校", "乙校", "--reason", "再核"]).code(2).says(&["H0709"]);
    assert_eq!(count(&folder, "SELECT count(*) FROM 审核 WHERE 结果 = '退回'"), 1);
    folder.heng(&["run", "--format", "csv"]).code(0).prints(&["甲校"]).without(&["乙校"]).says(&["1 份填报已退回"]);
    folder.heng(&["import"]).code(0).says(&["与退回时一样"]);
    folder.heng(&["db", "history", "--subject", "乙校"]).code(0).prints(&["学生数与学籍不符", "李科长"]);
    folder.write("data.csv", "代码,教师,学生\n乙校,50,940\n甲校,51,950\n");
    folder.heng(&["import"]).code(0).prints(&["更新 2 份"]);
    folder.heng(&["run", "--format", "csv"]).code(0).prints(&["乙校,,A1,生师比,scored,18.8"]).without(&["已退回"]);
    // What was approved stands while a later version is returned.
    folder.heng(&["db", "return", "--subject", "甲校", "--reason", "未盖章"]).code(0);
    folder.heng(&["run", "--format", "csv"]).code(0).prints(&["甲校,,A1,生师比,scored,19,"]);
    folder.heng(&["db", "approve", "--all"]).code(0).prints(&["1 份填报已通过"]);
    folder.heng(&["db", "history"]).code(0).prints(&["审核", "未盖章", "导入", "评价"]);
    folder.heng(&["db", "verify"]).code(0);
}

#[test]
fn with_an_error_nothing_is_stored() {
    let folder = region();
    folder.write("data.csv", "代码,教师,学生\n甲校,50,950\n乙校,五十,1000\n");
    folder.heng(&["import"]).code(1).says(&["H0604", "五十", "一份也没有存"]).prints_nothing();
    assert!(!folder.at("县.db").exists());
    folder.write("data.csv", "代码,教师,学生\n甲校,50,950\n甲校,51,950\n");
    folder.heng(&["import"]).code(1).says(&["H0607"]);
    folder.heng(&["import", "--data", "none.csv"]).code(2).says(&["H0901"]);
    folder.heng(&["import", "没有的表"]).code(2).says(&["`学校表`"]);
    assert!(!folder.at("县.db").exists());
    folder.heng(&["run", "--data", "data.csv", "--db", "县.db"]).code(2).says(&["heng import"]);
    folder.heng(&["run"]).code(2).says(&["H0701", "没有档案库"]);
}

#[test]
fn periods_are_apart() {
    let rules = RULES.replace("  代码: 文本 必填\n", "  周期 年度 按 年份\n  代码: 文本 必填\n  年份: 整数 2000..2100 必填\n");
    let folder = Folder::with(&[
        ("heng.toml", "rubric = \"师资\"\ndatabase = \"县.db\"\non = \"2024-12-31\"\n"),
        ("rules.heng", &rules),
        ("data.csv", "代码,年份,教师,学生\n甲校,2023,40,950\n甲校,2024,50,950\n乙校,2024,50,1000\n"),
    ]);
    folder.heng(&["import", "--data", "data.csv", "--period", "2024年"]).code(1).says(&["H0611", "2023、2024"]);
    folder.heng(&["import", "--data", "data.csv"]).code(0).prints(&["新 3 份"]);
    folder.heng(&["run"]).code(2).says(&["--period 2024"]);
    folder.heng(&["run", "--period", "2022"]).code(2).says(&["H0707", "2023, 2024"]);
    folder.heng(&["run", "--period", "2023", "--format", "csv"]).code(0).prints(&["23.75"]).without(&["乙校"]);
    folder.heng(&["run", "--period", "2024", "--format", "csv"]).code(0).prints(&["甲校", "乙校"]);
    folder.heng(&["db", "return", "--subject", "甲校", "--reason", "重报"]).code(2).says(&["--period 2024"]);
    folder.heng(&["db", "return", "--subject", "甲校", "--period", "2024", "--reason", "重报"]).code(0);
    folder.heng(&["verify", "2"]).code(0).prints(&["重算一致"]);
    // A form that does not say its period is told it.
    let folder = region();
    folder.heng(&["import", "--period", "2023"]).code(0);
    folder.heng(&["import", "--period", "2024"]).code(0).prints(&["新 3 份"]);
    folder.heng(&["run"]).code(2).says(&["--period 2024"]);
    folder.heng(&["run", "--period", "2024", "--format", "csv"]).code(0).prints(&["乙校"]);
    folder.heng(&["verify", "1"]).code(0);
}

#[test]
fn a_run_is_repeated_from_the_archive_alone() {
    let folder = filed();
    let stored = folder.heng(&["run", "--format", "csv", "--by", "王科员"]).code(0).out;
    for file in ["rules.heng", "data.csv"] {
        std::fs::remove_file(folder.at(file)).unwrap();
    }
    folder.heng(&["verify", "1"]).code(0).prints(&["第 1 次评价重算一致", "3 个对象"]);
    folder.heng(&["verify", "7"]).code(2).says(&["H0707"]);
    folder.heng(&["db", "show", "--run", "1"]).code(0).prints(&["师资配备", "王科员", "未达标"]);
    folder.heng(&["db", "export", "--run", "1", "--out", "results.csv"]).code(0);
    assert_eq!(folder.read("results.csv"), stored);
    // In the words of the run, whatever language is spoken now.
    folder.heng(&["verify", "1", "--lang", "en"]).code(0).prints(&["comes to the same"]);

    tamper(&folder, "result", "UPDATE result SET value = '18' WHERE code = 'A1' AND subject = '甲校'");
    folder
        .heng(&["verify", "1"])
        .code(1)
        .prints(&["- 师资,学校,甲校,,A1,生师比,scored,18,", "+ 师资,学校,甲校,,A1,生师比,scored,19,"])
        .says(&["H0708"]);
    folder.heng(&["db", "verify"]).code(1).says(&["H0706", "第 1 次评价的结果被改过"]);
}

#[test]
fn what_is_changed_behind_its_back_is_found() {
    let slips = [
        ("submission", "UPDATE submission SET content = replace(content, '950', '940')", "的内容被改过"),
        ("submission", "UPDATE submission SET version = 5 WHERE id = 1", "存入的内容与日志不符"),
        ("submission", "DELETE FROM submission WHERE id = 2", "不在了"),
        ("log", "UPDATE log SET who = '别人' WHERE id = 1", "日志第 1 条被改过"),
        ("log", "DELETE FROM log WHERE id = 2", "不在了"),
        ("decision", "UPDATE decision SET reason = '没有原因'", "与日志不符"),
        ("text", "UPDATE text SET content = replace(content, '19', '20')", "规则文本"),
        ("ruleset_text", "UPDATE ruleset_text SET path = 'x.heng'", "规则 1 的文本被改过"),
        ("derivation", "UPDATE derivation SET content = x'00'", "推导被改过"),
        ("run", "UPDATE run SET day = '2020-01-01'", "与日志不符"),
        ("source", "UPDATE source SET hash = 'x'", "与日志不符"),
    ];
    let folder = filed();
    folder.heng(&["run"]).code(0);
    folder.heng(&["db", "return", "--subject", "乙校", "--reason", "重报"]).code(0);
    let seal = folder.heng(&["db", "verify"]).code(0).out;
    let seal = seal.trim().rsplit(' ').next().unwrap().to_owned();
    folder.heng(&["db", "verify", "--seal", &seal]).code(0);
    folder.heng(&["db", "verify", "--seal", "0"]).code(1);
    folder.heng(&["db", "backup", "原样.db"]).code(0);
    for (table, change, told) in slips {
        std::fs::copy(folder.at("原样.db"), folder.at("县.db")).unwrap();
        // Nobody changes anything by accident.
        let db = Connection::open(folder.at("县.db")).unwrap();
        assert!(db.execute_batch(change).unwrap_err().to_string().contains("只增不改"), "{change}");
        drop(db);
        tamper(&folder, table, change);
        folder.heng(&["db", "verify"]).code(1).says(&["H0706", told]);
    }
}

#[test]
fn the_file_of_a_school_is_one_export() {
    let folder = filed();
    folder.heng(&["run"]).code(0);
    folder.heng(&["db", "return", "--subject", "乙校", "--reason", "a|b <script>", "--by", "李科长"]).code(0);
    folder.write("data.csv", "代码,教师,学生\n乙校,55,1000\n");
    folder.heng(&["import"]).code(0);
    folder.heng(&["run"]).code(0);
    folder.heng(&["db", "export", "--subject", "乙校", "--out", "乙校.json"]).code(0);
    let file: serde_json::Value = serde_json::from_str(&folder.read("乙校.json")).unwrap();
    assert_eq!(file["submissions"].as_array().unwrap().len(), 2);
    assert_eq!(file["submissions"][0]["decisions"][0]["reason"], "a|b <script>");
    assert_eq!(file["submissions"][1]["values"]["教师"], 55);
    assert_eq!(file["runs"].as_array().unwrap().len(), 2);
    assert_eq!(file["runs"][1]["results"][0]["value"], "18.181818");
    folder.heng(&["db", "export", "--subject", "乙校", "--out", "乙校.md"]).code(0);
    let text = folder.read("乙校.md");
    for part in ["# 乙校 档案", "| 教师 | 50 | 55 |", "a\\|b &lt;script>", "18.181818", "李科长"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    folder.heng(&["db", "export", "--subject", "戊校", "--out", "戊校.json"]).code(2).says(&["H0707"]);
    folder.heng(&["db", "export", "--subject", "乙校", "--out", "乙校.doc"]).code(2).says(&["H0903"]);
}

#[test]
fn what_is_exported_is_imported_again() {
    let folder = filed();
    for name in ["a.csv", "a.json", "a.jsonl"] {
        folder.heng(&["db", "export", "--form", "学校表", "--out", name]).code(0);
        folder.heng(&["import", "--data", name]).code(0).prints(&["新 0 份, 更新 0 份, 未变 3 份"]);
        folder.heng(&["run", "--data", name, "--format", "csv"]).code(0).prints(&["甲校,,A1,生师比,scored,19,"]);
    }
}

#[test]
fn copies_are_whole() {
    let folder = filed();
    folder.heng(&["db", "backup", "县.db"]).code(2).says(&["自己"]);
    folder.heng(&["db", "backup", "没有/县.db"]).code(2).says(&["H0901"]);
    folder.heng(&["db", "backup", "备份.db"]).code(0);
    assert!(!folder.at("备份.db-wal").exists());
    folder.heng(&["db", "verify", "--db", "备份.db"]).code(0);
    folder.heng(&["run", "--db", "备份.db", "--format", "csv"]).code(0).prints(&["甲校"]);
    folder.heng(&["db", "vacuum"]).code(0).says(&["字节"]);
    folder.heng(&["db", "verify"]).code(0);
}
