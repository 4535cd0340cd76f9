//! Imports of more than a parcel (分批): stored while more is read, and whole or not at all in spite of it.

use super::{count, region};
use crate::support::Folder;

/// Files of fewer rows are handed on together.
const ROWS: usize = 6_000;

fn rows(from: usize, to: usize) -> String {
    let row = |at| format!("S{at:06},{},{}.5\n", 1 + at % 3000, 900 + at % 700);
    std::iter::once("代码,教师,学生\n".to_owned()).chain((from..to).map(row)).collect()
}

fn with(files: &[(&str, String)]) -> Folder {
    let folder = region();
    files.iter().for_each(|(name, text)| folder.write(name, text));
    folder
}

#[test]
fn several_parcels_are_one_import() {
    let folder = with(&[("甲.csv", rows(0, ROWS)), ("乙.csv", rows(ROWS, 2 * ROWS)), ("丙.csv", rows(2 * ROWS, 2 * ROWS + 5))]);
    let files = ["import", "--data", "甲.csv", "--data", "乙.csv", "--data", "丙.csv"];
    folder.heng(&files).code(0).prints(&[&format!("新 {} 份", 2 * ROWS + 5)]);
    folder.heng(&["db", "verify"]).code(0).prints(&["完好"]);
    assert_eq!(count(&folder, "SELECT count(*) FROM import"), 1);
    assert_eq!(count(&folder, "SELECT count(*) FROM source"), 3);
    // Each from its file and line, with what is in it.
    let of = |subject: usize, file: &str, line: usize| {
        let content = format!("{{\"代码\":\"S{subject:06}\",\"教师\":{},\"学生\":{}.5}}", 1 + subject % 3000, 900 + subject % 700);
        let query = format!(
            "SELECT count(*) FROM submission JOIN source ON source.id = submission.source
             WHERE subject = 'S{subject:06}' AND source.path = '{file}' AND line = {line} AND content = '{content}'"
        );
        assert_eq!(count(&folder, &query), 1, "{content}");
    };
    [(0, "甲.csv", 2), (ROWS - 1, "甲.csv", ROWS + 1), (ROWS, "乙.csv", 2), (2 * ROWS + 4, "丙.csv", 6)]
        .into_iter()
        .for_each(|(subject, file, line)| of(subject, file, line));
    folder.heng(&files).code(0).prints(&[&format!("未变 {} 份", 2 * ROWS + 5)]);
    assert_eq!(count(&folder, "SELECT count(*) FROM import"), 1);
}

#[test]
fn an_error_in_the_last_row_takes_everything_back() {
    let folder = with(&[("甲.csv", rows(0, ROWS)), ("乙.csv", rows(ROWS, 2 * ROWS) + "S999999,五十,1\nS999998,50,一\n")]);
    folder.heng(&["import"]).code(0);
    let both = ["import", "--data", "甲.csv", "--data", "乙.csv"];
    let line = format!("乙.csv:{}:9", ROWS + 2);
    folder.heng(&both).code(1).says(&["H0604", &line, "五十", "有 2 处错误", "一份也没有存"]).prints_nothing();
    assert_eq!(count(&folder, "SELECT count(*) FROM submission"), 3);
    assert_eq!(count(&folder, "SELECT count(*) FROM log"), 1);
    folder.heng(&["db", "verify"]).code(0).prints(&["完好"]);
    // A file that is not there is as bad.
    folder.heng(&["import", "--data", "甲.csv", "--data", "没有.csv"]).code(2).says(&["H0901", "一份也没有存"]).prints_nothing();
    assert_eq!(count(&folder, "SELECT count(*) FROM submission"), 3);
}

#[test]
fn a_subject_that_comes_again_in_another_parcel_is_found() {
    let folder = with(&[("甲.csv", rows(0, ROWS)), ("乙.csv", rows(ROWS, ROWS + 7) + "S000003,50,950\n")]);
    folder.heng(&["import"]).code(0);
    folder.heng(&["import", "--data", "甲.csv", "--data", "乙.csv"]).code(1).says(&["H0607", "乙.csv:9", "甲.csv", "第 5 行", "1 处错误"]);
    assert_eq!(count(&folder, "SELECT count(*) FROM submission"), 3);
    folder.heng(&["db", "verify"]).code(0).prints(&["完好"]);
}

#[test]
fn a_file_that_turns_out_late_to_be_of_another_encoding_is_read_again() {
    let form = "form 学校表 {\n  subject 学校 by code\n  code: text required\n  n: integer 0.. required\n}\n";
    let folder = Folder::with(&[("heng.toml", "database = \"县.db\"\n"), ("form.heng", form)]);
    // Some parcels of what is ASCII in any encoding.
    let row = |at: usize| format!("S{at:06},5{}\n", " ".repeat(300));
    let ascii: String = std::iter::once("code,n\n".to_owned()).chain((0..ROWS).map(row)).collect();
    let (last, ..) = encoding_rs::GB18030.encode("乙校,1\n");
    folder.write("国标.csv", [ascii.as_bytes(), &last].concat());
    folder.heng(&["import", "--data", "国标.csv"]).code(0).prints(&[&format!("新 {} 份", ROWS + 1)]);
    assert_eq!(count(&folder, "SELECT count(*) FROM submission WHERE subject = '乙校'"), 1);
    assert_eq!(count(&folder, "SELECT count(*) FROM import"), 1);
    // And of none at all.
    folder.write("坏.csv", [ascii.as_bytes(), &last, b"\xFF\xFF,1\n"].concat());
    folder.heng(&["import", "--data", "坏.csv"]).code(1).says(&["H0612", "一份也没有存"]);
    assert_eq!(count(&folder, "SELECT count(*) FROM submission"), ROWS as i64 + 1);
    folder.heng(&["db", "verify"]).code(0);
}
