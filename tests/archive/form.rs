//! What belongs to a submission beside its fields: files that are attached, rows of tables, what was filled in for the period before.

use crate::support::Folder;
use rust_xlsxwriter::Workbook;
use std::fs;
use std::io::Read;
use zip::ZipArchive;

const RULES: &str = r#"unit 生
form 学校表 {
  subject 学校 by 代码
  period year by 年份
  代码: text required
  年份: integer required
  在校生数: integer 生 0.. required
  制度: attach { accept pdf, txt }
  table 班级 {
    班名: text required
    人数: integer 生 0..60 required
  }
  warn 在校生数 <= 2 * previous(在校生数) : "在校生数比上期多一倍以上"
  check sum(班级.人数) == 在校生数 : "各班人数之和要等于在校生数"
}
rubric 规模 {
  reads 学校表 as 校
  indicator A1 "班额" { value max(班级.人数); target <= 45 生 }
  conclusion { 达标: A1.met; 未达标: otherwise }
}
"#;

fn folder() -> Folder {
    let folder = Folder::with(&[
        ("heng.toml", "database = \"县.db\"\nrubric = \"规模\"\n"),
        ("规模.heng", RULES),
        ("学校.csv", "代码,年份,在校生数,制度\n甲,2023,80,制度/甲.pdf\n乙,2023,46,\n"),
        ("班级.csv", "代码,年份,班名,人数\n甲,2023,一班,40\n甲,2023,二班,40\n乙,2023,一班,46\n"),
    ]);
    fs::create_dir(folder.at("制度")).unwrap();
    folder.write("制度/甲.pdf", "甲校的制度");
    folder
}

#[test]
fn everything_of_a_submission_is_kept_and_comes_back() {
    let folder = folder();
    let import = ["import", "学校表", "--data", "学校.csv", "班级=班级.csv"];
    folder.heng(&import).code(0).prints(&["新 2 份"]);
    folder.heng(&import).code(0).prints(&["未变 2 份"]);
    folder.heng(&["db", "verify"]).code(0);
    let files = super::count(&folder, "SELECT count(*) FROM source WHERE path IN ('学校.csv', '班级.csv')");
    assert_eq!(files, 2, "rows of tables are from a file, too");
    // A run from the archive says what one from the files says, and again when it is repeated.
    folder.heng(&["run", "--data", "学校.csv", "班级=班级.csv", "--on", "2024-01-01", "--out", "文件.csv"]).code(0);
    folder.heng(&["run", "--period", "2023", "--on", "2024-01-01", "--out", "档案.csv"]).code(0);
    assert_eq!(folder.read("文件.csv"), folder.read("档案.csv"));
    folder.heng(&["verify", "1"]).code(0);

    folder.heng(&["db", "export", "--subject", "甲", "--out", "甲.zip"]).code(0);
    let mut zip = ZipArchive::new(fs::File::open(folder.at("甲.zip")).unwrap()).unwrap();
    let mut content = String::new();
    zip.by_name("附件/学校表/2023/1/制度/制度_甲.pdf").unwrap().read_to_string(&mut content).unwrap();
    assert_eq!(content, "甲校的制度");
    content.clear();
    zip.by_name("档案.md").unwrap().read_to_string(&mut content).unwrap();
    assert!(content.contains("| 班级 | 班名 一班, 人数 40; 班名 二班, 人数 40 |"), "{content}");

    // Another content of the file is another version, though nothing that is filled in has changed.
    folder.write("制度/甲.pdf", "改过的制度");
    folder.heng(&import).code(0).prints(&["更新 1 份", "未变 1 份"]);
    folder.heng(&["db", "verify"]).code(0);
    // What is exported is read again.
    folder.heng(&["db", "export", "--form", "学校表", "--out", "全部.json"]).code(0);
    folder.heng(&["form", "check", "学校表", "--data", "全部.json"]).code(0);
    folder.heng(&["db", "export", "--form", "学校表", "--out", "全部.csv"]).code(0).says(&["写成 .json"]);
}

#[test]
fn what_a_workbook_names_is_kept_with_it() {
    let folder = folder();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0_u32..).zip([["代码", "年份", "在校生数", "制度"], ["丙", "2023", "0", "制度/丙.txt"]]) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    workbook.save(folder.at("学校.xlsx")).unwrap();
    // It is not there.
    folder.heng(&["import", "学校表", "--data", "学校.xlsx"]).code(1).says(&["H0604", "Sheet1!D2", "制度/丙.txt", "一份也没有存"]);
    folder.write("制度/丙.txt", "丙校的制度");
    folder.heng(&["import", "学校表", "--data", "学校.xlsx"]).code(0).prints(&["新 1 份"]);
    folder.heng(&["db", "verify"]).code(0);
    folder.heng(&["db", "export", "--subject", "丙", "--out", "丙.zip"]).code(0);
    let mut zip = ZipArchive::new(fs::File::open(folder.at("丙.zip")).unwrap()).unwrap();
    let mut content = String::new();
    zip.by_name("附件/学校表/2023/1/制度/制度_丙.txt").unwrap().read_to_string(&mut content).unwrap();
    assert_eq!(content, "丙校的制度");
}

#[test]
fn a_table_without_rows_loses_nothing_in_a_csv() {
    let folder = folder();
    folder.write(
        "学校.json",
        r#"[{"代码": "甲", "年份": 2023, "在校生数": 0, "班级": [], "制度": []}, {"代码": "乙", "年份": 2023, "在校生数": 0, "班级": [], "制度": ["制度/甲.pdf"]}]"#,
    );
    folder.heng(&["import", "学校表", "--data", "学校.json"]).code(0).prints(&["新 2 份"]);
    folder.heng(&["db", "export", "--form", "学校表", "--out", "全部.csv"]).code(0).without(&["写成 .json"]);
    let lines: Vec<String> = folder.read("全部.csv").trim_start_matches('\u{feff}').lines().map(str::to_owned).collect();
    assert_eq!(lines, ["代码,年份,在校生数,制度", "乙,2023,0,制度/甲.pdf", "甲,2023,0,"]);
    folder.heng(&["form", "check", "学校表", "--data", "全部.csv"]).code(0);
}

#[test]
fn a_changed_attachment_is_found() {
    let folder = folder();
    folder.heng(&["import", "学校表", "--data", "学校.csv", "班级=班级.csv"]).code(0);
    let db = rusqlite::Connection::open(folder.at("县.db")).unwrap();
    db.execute_batch("DROP TRIGGER attachment_no_update; UPDATE attachment SET content = x'00';").unwrap();
    folder.heng(&["db", "verify"]).code(1).says(&["H0706", "附件"]);
}

#[test]
fn the_period_before_comes_from_the_archive() {
    let folder = folder();
    folder.heng(&["import", "学校表", "--data", "学校.csv", "班级=班级.csv"]).code(0);
    folder.write("今年.json", r#"[{"代码": "甲", "年份": 2024, "在校生数": 161, "班级": [{"班名": "一班", "人数": 60}, {"班名": "二班", "人数": 60}, {"班名": "三班", "人数": 41}]}]"#);
    // Alone it is not known.
    folder.heng(&["form", "check", "学校表", "--data", "今年.json"]).code(0).without(&["比上期"]);
    folder.heng(&["form", "check", "学校表", "--data", "今年.json", "--previous", "学校.csv"]).code(0).prints(&["比上期多一倍以上"]);
    folder.heng(&["import", "学校表", "--data", "今年.json"]).code(0).says(&["比上期多一倍以上"]);
    // Rows of a table that do not add up are an error, and nothing is stored.
    folder.write("今年.json", r#"[{"代码": "乙", "年份": 2024, "在校生数": 50, "班级": [{"班名": "一班", "人数": 49}]}]"#);
    folder.heng(&["import", "学校表", "--data", "今年.json"]).code(1).says(&["H0608", "各班人数之和"]);
    folder.heng(&["form", "check", "学校表", "--data", "学校.csv", "班级=班级.csv"]).code(0);
}

#[test]
fn what_is_locked_stays_as_it_was_approved() {
    let folder = Folder::with(&[
        ("heng.toml", "database = \"县.db\"\n"),
        ("表.heng", "form 学校表 {\n  subject 学校 by 代码\n  代码: text required\n  建校: integer locked\n  人数: integer\n}\n"),
        ("学校.csv", "代码,建校,人数\n甲,1985,80\n乙,1990,46\n"),
    ]);
    let import = ["import", "--data", "学校.csv"];
    folder.heng(&import).code(0);
    // Before it is approved it may change, and afterwards what is not locked.
    folder.write("学校.csv", "代码,建校,人数\n甲,1986,80\n乙,1990,46\n");
    folder.heng(&import).code(0).prints(&["更新 1 份"]);
    folder.heng(&["db", "approve", "--subject", "甲"]).code(0);
    folder.write("学校.csv", "代码,建校,人数\n甲,1986,81\n乙,1991,46\n");
    folder.heng(&import).code(0).prints(&["更新 2 份"]);
    folder.heng(&["db", "approve", "--all"]).code(0);
    folder.write("学校.csv", "代码,建校,人数\n甲,1958,81\n乙,1991,47\n");
    folder.heng(&import).code(1).says(&["H0628", "锁定项 `建校` 已经按 `1986` 通过，这里是 `1958`", "学校.csv:2", "一份也没有存"]);
    folder.heng(&["db", "return", "--subject", "甲", "--reason", "建校年份有误"]).code(0);
    folder.heng(&import).code(0).prints(&["更新 2 份"]);
}
