//! The same submissions, whatever file they come in, make the same table, and the same is told of them.

use super::*;
use proptest::prelude::*;

const FIELDS: [&str; 16] = [
    "代码",
    "名称",
    "学段",
    "在校生数",
    "教师数",
    "面积",
    "持证率",
    "建校日期",
    "有食堂",
    "性质",
    "县",
    "乡镇",
    "设施",
    "设备值",
    "年份",
    "备注",
];

/// What a form may ask besides.
const MORE: &str = "  性质: 单选 { 1 公办, 2 民办 } 必填
  县: 单选 { 甲县, 乙县 }
  乡镇: 单选 按 县 { 甲县: 东乡, 西乡; 乙县: 东乡 }
  设施: 多选 { 1 食堂, 2 操场 } 当 有食堂
  设备值: 小数(2) 元 0..5000 填报单位 万元
  年份: 年份 1949..
  备注: 文本(2..4) 含汉字
  提醒 设备值 >= 1000 : \"单位是万元吗\" 除非填了 备注
  校验 非 (设施 含 食堂) 或 设施 含 操场 : \"有食堂就有操场\"
";

fn wider() -> Engine {
    let form = FORM.replace("单位 人, 平方米", "单位 人, 平方米, 元\n单位 万元 = 10000 元").replace("  校验", &format!("{MORE}  校验"));
    let engine = Engine::from_text("forms.heng", &form);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    engine
}

/// What somebody may write into the cell of a field, right or wrong.
fn cell(field: usize) -> BoxedStrategy<String> {
    let right = match field {
        0 => "[AB][1-4]|Ａ１|0012".boxed(),
        1 => "一小|二小 |=1|-|=A(1)|\\+1!|#N/A|备注:, \\(无\\)".boxed(),
        2 => "小学|初中| 小 学|小学校".boxed(),
        3 | 4 => "[1-9][0-9]{0,3}|１２|1,234|12\\.0|1,23|12人|2\\.5|-3|#DIV/0!".boxed(),
        5 => "[0-9]{1,4}(\\.[0-9]{1,3})?|1,000\\.50|5平方米|0\\.30000000000000004".boxed(),
        6 => "[0-9]{1,3}(\\.[0-9])?%|95|95\\.25|９５％|0\\.95|101%".boxed(),
        7 => "20(19|2[0-9])-(0[1-9]|1[012])-[012][0-9]|2024/9/1|2024年9月1日|45536|2024|20240901|二〇二四年九月一日|去年".boxed(),
        8 => "是|否|TRUE|FALSE|true|√|有".boxed(),
        9 => "1|公办|２|民办| 公 办|3|公".boxed(),
        10 => "甲县|乙县|丙县".boxed(),
        11 => "东乡|西乡|南乡".boxed(),
        12 => "食堂|操场、食堂|1;2|2|无|操场、泳池|操场，操场".boxed(),
        13 => "12\\.5|0\\.01|5000\\.01|0\\.125|1,000|十".boxed(),
        14 => "1999|２０２０|1899|24|2020\\.5".boxed(),
        _ => "有字|五个字了啊|abc|1234|字".boxed(),
    };
    prop_oneof![6 => right, 1 => Just(String::new()), 1 => Just("　".to_owned())].boxed()
}

fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    let row = (0..FIELDS.len()).map(cell).collect::<Vec<_>>();
    let total = prop_oneof![20 => Just(false), 1 => Just(true)];
    prop::collection::vec(
        (row, total).prop_map(|(mut row, total)| {
            if total {
                row[0] = "合计".to_owned();
            }
            row
        }),
        1..8,
    )
}

fn of_csv(rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(FIELDS).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Texts as texts, or as the numbers, shares, days and truths that a spreadsheet makes of them.
fn of_workbook(rows: &[Vec<String>], typed: bool) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, field) in (0_u16..).zip(FIELDS) {
        sheet.write_string(0, column, field).unwrap();
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, text) in (0_u16..).zip(cells) {
            let exact = |text: &str| text.parse::<f64>().ok().filter(|number| format!("{number}") == text);
            // The double next to the share; 81.4 / 100 is another one.
            let share =
                text.strip_suffix('%').filter(|shown| exact(shown).is_some()).and_then(|shown| format!("{shown}e-2").parse::<f64>().ok());
            let day = heng::Date::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == *text);
            let day = day.map(|day| (day - heng::Date::from_ymd_opt(1899, 12, 30).unwrap()).num_days());
            match (typed, exact(text), share, day, text.as_str()) {
                (true, Some(number), ..) => sheet.write_number(row, column, number).unwrap(),
                (true, _, Some(share), ..) => {
                    sheet.write_number_with_format(row, column, share, &Format::new().set_num_format("0.00%")).unwrap()
                }
                (true, .., Some(day), _) => {
                    let format = Format::new().set_num_format("yyyy/m/d");
                    sheet.write_number_with_format(row, column, f64::from(i32::try_from(day).unwrap()), &format).unwrap()
                }
                (true, .., "TRUE" | "FALSE") => sheet.write_boolean(row, column, text == "TRUE").unwrap(),
                _ => sheet.write_string(row, column, text).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn of_json(rows: &[Vec<String>], lines: bool) -> String {
    let record = |row: &Vec<String>| {
        let pairs = FIELDS.iter().zip(row).map(|(field, text)| ((*field).to_owned(), serde_json::Value::from(text.as_str())));
        serde_json::Value::Object(pairs.collect()).to_string()
    };
    let records: Vec<String> = rows.iter().map(record).collect();
    if lines { records.join("\n") } else { format!("[{}]", records.join(",")) }
}

/// Rows and findings without what differs between kinds of file: how a place is named, and where the first of two stands.
fn comes_to(name: &str, bytes: &[u8], head: usize) -> (Vec<String>, Vec<String>, Counts) {
    let read = reading_of(&wider(), &[(name, bytes)]);
    let line = |what: &heng::diag::Diagnostic| {
        let at = what.origin().unwrap();
        let words = if what.code() == Code::H0607 { String::new() } else { what.headline(Lang::Zh) };
        format!("{} {} {:?} {words} {:?}", at.line - head, what.code(), at.field, what.help(Lang::Zh))
    };
    let mut told: Vec<String> = read.found.iter().filter(|what| what.code() != Code::H0611).map(line).collect();
    told.sort();
    (read.rows(), told, read.counts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_kind_of_file_says_the_same(rows in rows()) {
        let csv = of_csv(&rows);
        let expected = comes_to("a.csv", csv.as_bytes(), 1);
        let (gbk, ..) = encoding_rs::GB18030.encode(&csv);
        prop_assert_eq!(&comes_to("a.csv", &gbk, 1), &expected);
        prop_assert_eq!(&comes_to("a.csv", format!("\u{FEFF}{csv}").as_bytes(), 1), &expected);
        prop_assert_eq!(&comes_to("a.xlsx", &of_workbook(&rows, false), 1), &expected);
        prop_assert_eq!(&comes_to("a.xlsx", &of_workbook(&rows, true), 1), &expected);
        prop_assert_eq!(&comes_to("a.json", of_json(&rows, false).as_bytes(), 0), &expected);
        prop_assert_eq!(&comes_to("a.jsonl", of_json(&rows, true).as_bytes(), 0), &expected);
    }
}
