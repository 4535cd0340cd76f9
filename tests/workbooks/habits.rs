//! What people and spreadsheets do to a table.

use super::*;

#[test]
fn cells_mean_what_they_show() {
    let head =
        [Text("代码"), Text("在校生数"), Text("面积"), Text("持证率"), Text("建校日期"), Text("有食堂"), Text("名称"), Text("教师数")];
    let rows: &[&[Put<'_>]] = &[
        &head,
        // Numbers, shares and days as numbers.
        &[As(12.0, "0000"), Number(100.0), Number(0.1), As(0.95, "0%"), As(45_536.0, "yyyy-mm-dd"), Flag(true), Text("=1"), Number(5.0)],
        // The same as texts.
        &[
            Text("0013"),
            Text("１，０００"),
            Text("1,234.50　"),
            Text("95.25％"),
            Text("二〇二四年九月一日"),
            Text("否"),
            Text(" 乙 "),
            Text("12.0"),
        ],
        // A day that is a mere number; a formula.
        &[
            Text("0014"),
            Formula("=SUM(1,2)", "3"),
            Number(3.0),
            As(0.0707, "0.00%"),
            Number(45_536.0),
            Text("TRUE"),
            Number(2024.0),
            Nothing,
        ],
    ];
    let read = reading(&[("a.xlsx", &workbook(&[("办学条件", rows)]))]);
    assert_eq!(
        read.rows(),
        [
            "0012 =1 - 100 5 0.1 0.95 2024-09-01 true",
            "0013 乙 - 1000 12 1234.5 0.9525 2024-09-01 false",
            "0014 2024 - 3 - 3 0.0707 2024-09-01 true",
        ]
    );
    read.tells(&[("办学条件!1:1 H0615", "`学段`")]);
}

#[test]
fn what_is_wrong_names_its_cell() {
    let rows: &[&[Put<'_>]] = &[
        &[Text("某县学校情况"), Nothing],
        &[],
        &[
            Text("面积（平方米）"),
            Text("代码"),
            Text("教师"),
            Text("在校生数"),
            Text("持证率"),
            Text("建校日期"),
            Text("学段"),
            Text("有食堂"),
            Text("名称"),
        ],
        &[
            Number(0.1 + 0.2),
            Text("A1"),
            Nothing,
            Text("12人"),
            As(1.2, "0%"),
            Text("去年"),
            Text("小学校"),
            Text("√"),
            Text("=cmd|'/c calc'!A0"),
        ],
        &[
            As(12.5, "0.00\"万平方米\""),
            Text("A2"),
            Nothing,
            Formula("=1/0", "#DIV/0!"),
            As(0.95, "0%"),
            Nothing,
            Nothing,
            Nothing,
            Nothing,
        ],
        &[Nothing, Text("合　计"), Nothing, Number(12.0)],
        &[],
        &[Nothing, Nothing, Nothing, Nothing],
    ];
    let read = reading(&[("a.xlsx", &workbook(&[("办学条件", rows)]))]);
    let help: Vec<String> = read.found.iter().filter_map(|what| what.help(Lang::Zh)).collect();
    assert!(help.iter().any(|help| help.contains("=ROUND(…, 2)")), "{help:?}");
    assert!(help.iter().any(|help| help.contains("是不是 `教师数`")), "{help:?}");
    read.tells(&[
        ("办学条件!3:3 H0615", "教师数"),
        ("办学条件!C3 H0602", "教师"),
        ("办学条件!A4 H0604", "0.30000000000000004"),
        ("办学条件!D4 H0604", "12人"),
        ("办学条件!E4 H0605", "120%"),
        ("办学条件!F4 H0604", "去年"),
        ("办学条件!G4 H0604", "小学校"),
        ("办学条件!H4 H0604", "√"),
        ("办学条件!I4 H0620", "像一个公式"),
        ("办学条件!A5 H0604", "12.5万平方米"),
        ("办学条件!D5 H0621", "#DIV/0!"),
        ("办学条件!B6 H0618", "合　计"),
    ]);
}

#[test]
fn a_csv_file_has_the_same_habits() {
    let text = "某县学校情况,,,\n\n面积（平方米）,代码,在校生数,名称\n1.5,A1,45,=cmd|'/c calc'!A0\n,A2,#N/A,-\n,合 计,45,\n,,12,总计：\n";
    let read = reading(&[("a.csv", text.as_bytes())]);
    assert_eq!(read.rows(), ["A1 =cmd|'/c calc'!A0 - 45 - 1.5 - - -", "A2 - - ? - - - - -"]);
    let told: Vec<String> = read.told().into_iter().filter(|line| !line.contains("H0615")).collect();
    let starts: Vec<&str> = told.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(starts, ["H0620", "H0621", "H0618", "H0618"], "{told:?}");
    assert!(told[1].starts_with("5:5 "), "{told:?}");
    assert_eq!((read.counts.read, read.counts.kept), (2, 2));
}

#[test]
fn sheets_are_joined_by_the_key() {
    let basic: &[&[Put<'_>]] = &[
        &[Text("代码"), Text("名称"), Text("在校生数")],
        &[Text("A1"), Text("一小"), Number(100.0)],
        &[Text("A2"), Text("二小"), Number(3.0)],
        &[Text("A3"), Text("三小"), Number(300.0)],
        &[Text("A1"), Text("又一小"), Number(7.0)],
    ];
    let staff: &[&[Put<'_>]] = &[
        &[Text("师资")],
        &[Text("教师数"), Text("名称"), Text("代码")],
        &[Number(5.0), Text("二小"), Text("A2")],
        &[Number(6.0), Text("第一小学"), Text("Ａ１")],
        &[Number(7.0), Nothing, Text("A33")],
    ];
    let notes: &[&[Put<'_>]] = &[&[Text("填报说明")], &[Text("在校生数"), Text("按学籍")]];
    let draft: &[&[Put<'_>]] = &[&[Text("名称"), Text("在校生数")], &[Text("四小"), Number(4.0)]];
    let read = reading(&[("a.xlsx", &workbook(&[("基本", basic), ("师资", staff), ("说明", notes), ("草稿", draft)]))]);
    let told: Vec<String> = read.told().into_iter().filter(|line| !line.contains("H0615")).collect();
    assert_eq!(read.rows(), ["A1 一小 - 100 6 - - - -", "A3 三小 - 300 - - - - -", "A33 - - - 7 - - - -"]);
    for (place, words) in [
        // Two answers to one question.
        ("师资!B4 H0622", "基本!B2"),
        ("基本!A4 H0623", "师资"),
        ("师资!C5 H0623", "基本"),
        ("师资!C5 H0606", ""),
        ("草稿!1:1 H0627", "代码"),
        ("基本!A5 H0607", "第 2 行"),
        // A check over both, told at the cell of the first field that it reads.
        ("基本!C3 H0608", "教师数不多于在校生数"),
    ] {
        let place = if place.ends_with("H0606") { "师资!5:5 H0606" } else { place };
        assert!(told.iter().any(|line| line.starts_with(place) && line.contains(words)), "{place} {words}: {told:#?}");
    }
}

#[test]
fn a_header_over_two_rows_is_put_together() {
    let rows: &[&[Put<'_>]] = &[
        &[Text("学校情况表")],
        &[Text("代码"), Text("在校"), Nothing, Text("面积"), Text("备注")],
        &[Nothing, Text("生数"), Text("教师数"), Nothing, Nothing],
        &[Text("A1"), Number(5.0), Number(1.0), Number(2.5), Text("好")],
    ];
    let read = reading(&[("a.xlsx", &workbook(&[("表", rows)]))]);
    assert_eq!(read.rows(), ["A1 - - 5 1 2.5 - - -"]);
}

#[test]
fn a_template_knows_its_cells() {
    let identity = |form: &'static str, version: &'static str, layout: &'static str| -> Vec<Vec<Put<'static>>> {
        vec![
            vec![Text("heng-form"), Text(form)],
            vec![Text("version"), Text(version)],
            vec![Text("layout"), Text(layout)],
            vec![],
            vec![Text("代码"), Text("一、基本"), Text("C3")],
            vec![Text("在校生数"), Text("一、基本"), Text("C4")],
            vec![Text("教师数"), Text("二、师资"), Text("C3")],
        ]
    };
    let basic: &[&[Put<'_>]] =
        &[&[Text("一、基本")], &[], &[Text("学校代码*"), Nothing, Text("A1")], &[Text("学生 (人)"), Nothing, Text("12人")]];
    let staff: &[&[Put<'_>]] = &[&[Text("二、师资")], &[], &[Text("教师 (人)"), Nothing, Number(3.0)]];
    let made = |identity: &[Vec<Put<'_>>]| {
        let identity: Vec<&[Put<'_>]> = identity.iter().map(Vec::as_slice).collect();
        workbook(&[("一、基本", basic), ("二、师资", staff), ("_heng", &identity)])
    };
    let read = reading(&[("a.xlsx", &made(&identity("学校表", "2024", "vertical")))]);
    assert_eq!(read.rows(), ["A1 - - ? 3 - - - -"]);
    assert!(read.told().iter().any(|line| line.starts_with("一、基本!C4 H0604")), "{:?}", read.told());
    let read = reading(&[("a.xlsx", &made(&identity("学校表", "2023", "vertical")))]);
    assert!(read.told().iter().any(|line| line.contains("H0625") && line.contains("2023")), "{:?}", read.told());
    assert_eq!(read.counts.read, 1);
    let read = reading(&[("a.xlsx", &made(&identity("区县表", "2024", "vertical")))]);
    assert_eq!(read.rows(), [""; 0]);
    read.tells(&[("0:0 H0624", "区县表")]);
    // A row a school: the cells are the first of their columns.
    let basic: &[&[Put<'_>]] = &[
        &[Text("一、基本")],
        &[Text("学校代码*"), Nothing, Text("学生 (人)")],
        &[Nothing, Nothing, Text("A1"), Number(5.0)],
        &[Nothing, Nothing, Text("A2"), Number(6.0)],
    ];
    let staff: &[&[Put<'_>]] = &[&[], &[], &[Nothing, Nothing, Text("A2"), Number(1.0)], &[Nothing, Nothing, Text("A1"), Number(2.0)]];
    let mut rows = identity("学校表", "2024", "rows");
    rows[5] = vec![Text("在校生数"), Text("一、基本"), Text("D3")];
    rows[6] = vec![Text("教师数"), Text("二、师资"), Text("D3")];
    rows.push(vec![Text("代码"), Text("二、师资"), Text("C3")]);
    let rows: Vec<&[Put<'_>]> = rows.iter().map(Vec::as_slice).collect();
    let read = reading(&[("a.xlsx", &workbook(&[("一、基本", basic), ("二、师资", staff), ("_heng", &rows)]))]);
    assert_eq!(read.rows(), ["A1 - - 5 2 - - - -", "A2 - - 6 1 - - - -"]);
}

#[test]
fn one_bad_workbook_does_not_stop_the_others() {
    let good: &[&[Put<'_>]] = &[&[Text("代码"), Text("在校生数")], &[Text("A1"), Number(1.0)]];
    let other: &[&[Put<'_>]] = &[&[Text("甲"), Text("乙")], &[Text("A1"), Number(1.0)]];
    let again: &[&[Put<'_>]] = &[&[Text("代码"), Text("在校生数")], &[Text("A1"), Number(2.0)]];
    let read = reading(&[
        ("a.xlsx", b"PK\x03\x04 cut off"),
        ("b.xlsx", &workbook(&[("表", other)])),
        ("c.xlsx", &workbook(&[("表", good)])),
        ("d.xlsx", &workbook(&[("表", again)])),
        ("e.xlsx", &workbook(&[("空", &[])])),
    ]);
    assert_eq!(read.rows(), ["A1 - - 1 - - - - -"]);
    let codes: Vec<Code> = read.found.iter().map(|what| what.code()).filter(|code| *code != Code::H0615).collect();
    for code in [Code::H0619, Code::H0603, Code::H0607, Code::H0611] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    let _: Name = form(&engine()).name.it.clone();
}
