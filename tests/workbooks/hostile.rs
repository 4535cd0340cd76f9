//! Files that are meant to harm, or might: refused or made harmless, each made here.

use super::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const PARTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
/// A row with the header, and one with a school.
const ROWS: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>代码</t></is></c><c r="B1" t="inlineStr"><is><t>在校生数</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>A1</t></is></c><c r="B2"><v>5</v></c></row>"#;

fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// A workbook of one sheet, with more parts.
fn book(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let own: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", PARTS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let replaced = |name: &str| more.iter().any(|(other, _)| *other == name);
    for (name, part) in own.iter().filter(|(name, _)| !replaced(name)).chain(more) {
        archive.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        archive.write_all(part).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], words: &str) {
    let read = reading(&[(name, bytes), ("good.csv", "代码,在校生数\nB1,7\n".as_bytes())]);
    assert_eq!(read.rows(), ["B1 - - 7 - - - - -"], "the rest is read");
    let told = read.told();
    assert!(told.iter().any(|line| line.starts_with("0:0 H0619") && line.contains(words)), "{words}: {told:?}");
}

#[test]
fn made_by_hand_it_is_read() {
    let read = reading(&[("a.xlsx", &book(sheet(ROWS).as_bytes(), &[]))]);
    assert_eq!(read.rows(), ["A1 - - 5 - - - - -"]);
    // Under another name, too.
    let read = reading(&[("a.csv", &book(sheet(ROWS).as_bytes(), &[]))]);
    assert_eq!(read.rows(), ["A1 - - 5 - - - - -"]);
}

#[test]
fn what_is_no_workbook_is_said_to_be_what_it_is() {
    let good = book(sheet(ROWS).as_bytes(), &[]);
    refused("a.xlsx", &good[..good.len() / 2], "不完整");
    refused("a.xlsx", b"", "不是工作簿");
    refused("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "网页");
    refused("a.xls", &[&[0xD0, 0xCF, 0x11, 0xE0][..], &[0; 600]].concat(), "旧版工作簿");
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused("a.xlsx", &[&[0xD0, 0xCF, 0x11, 0xE0][..], &[0; 600], &name].concat(), "密码");
    refused("a.xlsm", &book(sheet(ROWS).as_bytes(), &[("xl/vbaProject.bin", b"Sub Auto_Open()")]), "宏");
    // Macros under an innocent ending.
    refused("a.xlsx", &book(sheet(ROWS).as_bytes(), &[("xl/vbaProject.bin", b"Sub Auto_Open()")]), "宏");
    refused("a.xlsb", &book(sheet(ROWS).as_bytes(), &[("xl/workbook.bin", b"x")]), "二进制");
    refused("a.ods", &book(sheet(ROWS).as_bytes(), &[("content.xml", b"<x/>")]), "OpenDocument");
    refused("a.xlsx", b"\x00\x01\x02\x03", "不是工作簿");
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    // Blanks pack into a thousandth.
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in
        [("[Content_Types].xml", TYPES), ("_rels/.rels", PACKAGE), ("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", PARTS)]
    {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(part.as_bytes()).unwrap();
    }
    archive.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    let blanks = vec![b' '; 1 << 20];
    (0..12).for_each(|_| archive.write_all(&blanks).unwrap());
    refused("a.xlsx", &archive.finish().unwrap().into_inner(), "压缩炸弹");
}

#[test]
fn a_cell_without_end_is_refused() {
    // Random enough not to look like a bomb.
    let mut seed = 7_u32;
    let long: String = (0..5 << 18)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + u8::try_from(seed >> 24).unwrap() % 26)
        })
        .collect();
    let rows = format!(r#"{ROWS}<row r="3"><c r="A3" t="inlineStr"><is><t>{long}</t></is></c></row>"#);
    refused("a.xlsx", &book(sheet(&rows).as_bytes(), &[]), "长得不可能");
    // And so is a tag.
    let rows = format!(r#"{ROWS}<row r="3" x="{long}"/>"#);
    refused("a.xlsx", &book(sheet(&rows).as_bytes(), &[]), "长得不可能");
}

#[test]
fn entities_are_not_declared() {
    let bomb = r#"<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>"#;
    let declared = sheet(ROWS).replace(r#"<?xml version="1.0" encoding="UTF-8"?>"#, bomb);
    refused("a.xlsx", &book(declared.as_bytes(), &[]), "XML 声明");
    let outside = r#"<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>"#;
    refused("a.xlsx", &book(sheet(ROWS).as_bytes(), &[("xl/sharedStrings.xml", outside.as_bytes())]), "XML 声明");
    // In another encoding nobody would see it.
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(declared.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    refused("a.xlsx", &book(&utf16, &[]), "已损坏");
    let named = sheet(ROWS).replace("UTF-8", "UTF-7");
    refused("a.xlsx", &book(named.as_bytes(), &[]), "已损坏");
}

#[test]
fn counts_that_no_part_has_make_no_room() {
    for count in ["18446744073709551615", "99999999999", "4000000000"] {
        let strings = format!(r#"<sst count="1" uniqueCount="{count}"><si><t>甲</t></si></sst>"#);
        refused("a.xlsx", &book(sheet(ROWS).as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]), "已损坏");
    }
}

#[test]
fn empty_rows_are_none() {
    let empty: String = (3..300_000).map(|row| format!(r#"<row r="{row}" spans="1:2"/>"#)).collect();
    let claimed = sheet(&format!("{ROWS}{empty}")).replace("<sheetData>", r#"<dimension ref="A1:XFD1048576"/><sheetData>"#);
    let read = reading(&[("a.xlsx", &book(claimed.as_bytes(), &[]))]);
    assert_eq!(read.rows(), ["A1 - - 5 - - - - -"]);
    // Nor do formatted cells count, nor a last row far below.
    let styled: String = (3..20_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}" s="0"/><c r="XFD{row}" s="0"/></row>"#)).collect();
    let far = r#"<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>A2</t></is></c><c r="B1048576"><v>6</v></c></row>"#;
    let read = reading(&[("a.xlsx", &book(sheet(&format!("{ROWS}{styled}{far}")).as_bytes(), &[]))]);
    assert_eq!(read.rows(), ["A1 - - 5 - - - - -", "A2 - - 6 - - - - -"]);
}

#[test]
fn as_many_columns_as_a_sheet_has() {
    let letters = |column: usize| heng::diag::column_letters(column);
    let cell =
        |column: usize, row: usize, text: &str| format!(r#"<c r="{}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#, letters(column));
    let head: String = (1..=16_384)
        .map(|column| {
            cell(
                column,
                1,
                &match column {
                    1 => "代码".into(),
                    16_384 => "在校生数".into(),
                    other => format!("列{other}"),
                },
            )
        })
        .collect();
    let rows = format!(r#"<row r="1">{head}</row><row r="2">{}{}</row>"#, cell(1, 2, "A1"), cell(16_384, 2, "9"));
    let read = reading(&[("a.xlsx", &book(sheet(&rows).as_bytes(), &[]))]);
    assert_eq!(read.rows(), ["A1 - - 9 - - - - -"]);
    // Beyond the last column there is none.
    let rows = format!(r#"{ROWS}<row r="3"><c r="XFE3"><v>1</v></c></row>"#);
    refused("a.xlsx", &book(sheet(&rows).as_bytes(), &[]), "已损坏");
}

#[test]
fn another_file_is_not_opened() {
    let link = br#"<externalLink><externalBook r:id="rId1"/></externalLink>"#;
    let bytes = book(sheet(ROWS).as_bytes(), &[("xl/externalLinks/externalLink1.xml", link)]);
    let read = reading(&[("a.xlsx", &bytes)]);
    assert_eq!(read.rows(), ["A1 - - 5 - - - - -"]);
    assert!(read.told().iter().any(|line| line.contains("H0626")), "{:?}", read.told());
}

#[test]
fn cells_out_of_order_and_twice_are_read_as_a_spreadsheet_does() {
    let rows = r#"<row r="2"><c r="B2"><v>4</v></c><c r="A2" t="inlineStr"><is><t>A1</t></is></c><c r="B2"><v>5</v></c></row><row r="1"><c r="A1" t="inlineStr"><is><t>代码</t></is></c><c r="B1" t="inlineStr"><is><t>在校生数</t></is></c></row>"#;
    let read = reading(&[("a.xlsx", &book(sheet(rows).as_bytes(), &[]))]);
    assert_eq!(read.rows(), ["A1 - - 5 - - - - -"]);
}

#[test]
fn damage_anywhere_is_told_and_never_stops_the_program() {
    let good = book(sheet(ROWS).as_bytes(), &[("xl/sharedStrings.xml", r#"<sst uniqueCount="1"><si><t>甲</t></si></sst>"#.as_bytes())]);
    let mut seed = 1_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize
    };
    for _ in 0..300 {
        let mut bad = good.clone();
        for _ in 0..1 + next() % 4 {
            let at = next() % bad.len();
            bad[at] = u8::try_from(next() % 256).unwrap();
        }
        if next() % 3 == 0 {
            bad.truncate(next() % bad.len());
        }
        let read = reading(&[("a.xlsx", &bad)]);
        assert!(read.rows().len() <= 1);
    }
    // The same inside a part, where the archive itself is whole.
    let xml = sheet(ROWS);
    for _ in 0..300 {
        let mut bad = xml.clone().into_bytes();
        let at = next() % bad.len();
        bad[at] = b"<>\"'/&0=; "[next() % 10];
        let read = reading(&[("a.xlsx", &book(&bad, &[]))]);
        assert!(read.rows().len() <= 2);
    }
}
