//! `heng form check`: what is wrong with what schools hand in, and the workbooks that go back to them.

use crate::support::{DATA, Folder, Heng};
use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

/// A workbook of one sheet; numbers are written as such.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("办学条件").unwrap();
    sheet.set_column_width(1, 33).unwrap();
    for (row, cells) in (0_u32..).zip(rows) {
        for (column, text) in (0_u16..).zip(*cells) {
            match text.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number).unwrap(),
                Err(_) => sheet.write_string(row, column, *text).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// A good file, one with mistakes, one that is none, in a folder.
fn folder() -> Folder {
    let folder = Folder::region();
    folder.write("in/甲.xlsx", workbook(&[&["学校情况"], &["学生", "代码", "教师"], &["950", "甲校", "50"]]));
    folder.write("in/乙.xlsx", workbook(&[&["代码", "教师", "学生"], &["乙校", "五十", "1000.123"], &["=cmd|'/c calc'!A0", "", "1"]]));
    folder.write("in/丙.xlsx", "PK\u{3}\u{4} damaged");
    folder.write("in/丁.csv", "代码,教师,学生\n丁校,-1,5\n合计,-1,5\n");
    folder.write("in/~$甲.xlsx", "open");
    folder.write("in/读我.txt", "not data");
    folder
}

#[test]
fn a_folder_is_checked_whole() {
    let folder = folder();
    let done = folder.heng(&["form", "check", "学校表", "--data", "in", "--format", "concise"]).code(1);
    let done = done.prints(&[
        "in/乙.xlsx:办学条件!B2: H0604",
        "in/乙.xlsx:办学条件!C2: H0604",
        "in/乙.xlsx:办学条件!B3: H0606",
        "in/乙.xlsx:办学条件!A3: H0620",
        "in/丙.xlsx: H0619",
        "in/丁.csv:2:4: H0605",
        "in/丁.csv:3:1: H0618",
    ]);
    done.says(&["检查了 3 个文件, 4 份填报: 5 个错误, 2 个警告"]).without(&["甲.xlsx", "读我"]);
    let json = folder.heng(&["form", "check", "学校表", "--data", "in/乙.xlsx", "--format", "json"]).code(1).json();
    let first = &json["diagnostics"][0];
    assert_eq!((&first["sheet"], &first["cell"], &first["field"]), (&"办学条件".into(), &"B2".into(), &"教师".into()), "{first}");
    assert_eq!((&first["line"], &first["column"]), (&2.into(), &2.into()));
    folder.heng(&["form", "check", "学校表", "--data", "in/乙.xlsx"]).code(1).prints(&["╭─[in/乙.xlsx:办学条件!B2]", "│ 教师: 五十"]);
}

#[test]
fn exit_codes_are_those_of_every_command() {
    let folder = folder();
    folder.heng(&["form", "check", "学校表", "--data", "in/甲.xlsx"]).code(0).prints_nothing().says(&["1 份填报: 没有发现问题"]);
    folder.heng(&["form", "check", "学校表", "--data", "nowhere.xlsx"]).code(2).prints(&["H0901"]);
    folder.heng(&["form", "check", "学校", "--data", "in/甲.xlsx"]).code(2).says(&["H0640", "`学校表`"]);
    folder.heng(&["form", "check", "rules.heng", "--data", "in/甲.xlsx"]).code(0);
    folder.write("empty/读我.txt", "");
    folder.heng(&["form", "check", "学校表", "--data", "empty"]).code(2).says(&["H0903"]);
    folder.heng(&["form", "check", "学校表"]).code(2).says(&["--data"]);
    folder.heng(&["form"]).code(2);
    folder.heng(&["form", "check", "--help"]).code(0).prints(&["--annotate"]);
    // Workbooks are data of every other command, too.
    folder.heng(&["run", "--data", "in/甲.xlsx", "--format", "csv"]).code(0).prints(&["甲校,,A1,生师比,scored,19,"]);
    folder.heng(&["why", "--data", "in/甲.xlsx", "--subject", "甲校"]).code(0).prints(&["in/甲.xlsx!办学条件:3"]);
    folder.heng(&["run", "--data", "in/丙.xlsx"]).code(2).says(&["H0619"]);
}

fn cells(path: &std::path::Path, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn workbooks_go_back_with_remarks() {
    let folder = folder();
    let done = folder.heng(&["form", "check", "学校表", "--data", "in", "--annotate", "out"]).code(1);
    done.says(&["批注了 2 个文件"]);
    assert!(!folder.at("out/甲.xlsx").exists() && !folder.at("out/丙.xlsx").exists());
    let summary = cells(&folder.at("out/乙.xlsx"), "问题汇总");
    assert_eq!(summary.len(), 5, "{summary:?}");
    let first: Vec<String> = summary[1].iter().map(ToString::to_string).collect();
    assert_eq!((&*first[0], &*first[1], &*first[2], &*first[3], &*first[5]), ("乙.xlsx", "办学条件", "B2", "教师", "H0604"));
    assert!(first[6].contains("五十"));
    // The values are there, and what looks like a formula is a text.
    let values = cells(&folder.at("out/乙.xlsx"), "办学条件");
    assert_eq!(values[1][2], Data::Float(1000.123));
    assert_eq!(values[2][0], Data::String("=cmd|'/c calc'!A0".into()));
    let mut archive = zip::ZipArchive::new(std::fs::File::open(folder.at("out/乙.xlsx")).unwrap()).unwrap();
    let part = |archive: &mut zip::ZipArchive<_>, name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name(name).unwrap(), &mut text).unwrap();
        text
    };
    let comments = part(&mut archive, "xl/comments1.xml");
    assert!(comments.contains("ref=\"B2\"") && comments.contains("H0604") && comments.contains("ref=\"B3\""), "{comments}");
    let styles = part(&mut archive, "xl/styles.xml");
    assert!(styles.contains("FFC7CE") && styles.contains("quotePrefix=\"1\""), "{styles}");
    let list = part(&mut archive, "xl/worksheets/sheet1.xml");
    assert!(list.contains("hyperlink ref=\"C2\" location=\"'办学条件'!B2\"") && !list.contains("<f>"), "{list}");
    assert!(part(&mut archive, "xl/worksheets/sheet2.xml").contains("<col min=\"2\" max=\"2\" width=\"33."), "the widths are kept");
    // Of a CSV file the same workbook is made.
    assert_eq!(cells(&folder.at("out/丁.xlsx"), "丁")[1][1], Data::Float(-1.0));
    // What goes back and comes again unchanged is the same to us.
    let told = |file: &str| {
        let text = folder.heng(&["form", "check", "学校表", "--data", file, "--format", "concise"]).out;
        text.replace(file, "")
    };
    assert_eq!(told("out/乙.xlsx"), told("in/乙.xlsx"));
    // A file alone goes to a file; none of the submissions is written over.
    folder.heng(&["form", "check", "学校表", "--data", "in/甲.xlsx", "--annotate", "alone.xlsx"]).code(0);
    assert!(folder.at("alone.xlsx").exists());
    folder.heng(&["form", "check", "学校表", "--data", "in/甲.xlsx", "--annotate", "in/甲.xlsx"]).code(2).says(&["没有改写"]);
    folder.heng(&["form", "check", "学校表", "--data", "in/甲.xlsx", "--annotate", "甲.docx"]).code(2);
    folder.write("a.json", r#"[{"代码": "甲校", "教师": "x", "学生": 5}]"#);
    folder.heng(&["form", "check", "学校表", "--data", "a.json", "--annotate", "json.xlsx"]).code(1);
    assert_eq!(cells(&folder.at("json.xlsx"), "a")[1][1], Data::String("x".into()));
}

#[test]
fn hostile_workbooks_stay_within_bounds() {
    use std::io::Write;
    let folder = Folder::region();
    folder.write("data.csv", DATA);
    // Far more than it may have when unpacked: no more of it is unpacked than shows what it is.
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        archive.start_file(name, zip::write::SimpleFileOptions::default().large_file(true)).unwrap();
        if name.contains("sheet1") {
            let zeros = vec![b'0'; 1 << 24];
            (0..5).for_each(|_| archive.write_all(&zeros).unwrap());
        } else {
            archive.write_all(b"<x/>").unwrap();
        }
    }
    folder.write("bomb.xlsx", archive.finish().unwrap().into_inner());
    let args = ["form", "check", "学校表", "--data", "bomb.xlsx", "data.csv", "--format", "concise"];
    Heng::new(folder.path(), &args).memory(500).within(30).run().code(1).prints(&["bomb.xlsx: H0619"]).says(&["3 份填报"]);
}
