//! What was filled in the last time beside the inputs (上期): what stands there, what is locked, what checks make of it.

use super::{cell, form, open, package::Package, vertical};
use calamine::{Data, Reader};
use heng::Lang;
use heng::data::{Options, from_records};
use heng::eval::Previous;
use heng::model::Form;
use heng::report::{TemplateOptions, template, template_beside};

const FORM: &str = r#"
unit 生, 元
unit 万元 = 10000 元
form 学校 {
  subject 学校 by 学校代码
  period year by 年度
  section 基本情况 {
    学校代码: text required
    年度: year required
    寄宿制: yes/no required
    设施: choices { 食堂, 操场 }
    建成日期: date
    简介: text
  }
  section 规模 {
    在校生数: integer 生 0..20000 required
    住宿生数: integer 生 0..20000 when 寄宿制
    满意率: percent(1) 0%..100%
    设备值: decimal(2) 元 0..99990000 asked in 万元
    班数: integer when previous(在校生数) > 1000
    warn 在校生数 <= previous(在校生数) * 1.2 : "多了两成以上"
    check 设备值 >= previous(设备值) : "设备值少了"
    check not filled(previous(建成日期)) or 建成日期 == previous(建成日期) : "日子变了"
    check sd(previous(满意率), 满意率) < 1% : "开方"
  }
  compute 增加 = 在校生数 - previous(在校生数) "增加"
}
"#;

fn previous(form: &Form, answers: &[(&str, &str)]) -> Previous {
    let record = [("学校代码", "0001"), ("年度", "2023")].into_iter().chain(answers.iter().copied());
    let (table, _, _) = from_records(form, [record.collect::<Vec<_>>()], &Options::default());
    Previous::of(form, &table, "0001").unwrap()
}

const ANSWERS: [(&str, &str); 6] =
    [("寄宿制", "否"), ("设施", "操场、食堂"), ("在校生数", "12345"), ("住宿生数", ""), ("满意率", "95.5"), ("设备值", "1250.5")];

#[test]
fn last_answers_stand_beside_the_inputs() {
    let form = form(FORM);
    let bytes = template_beside(&form, &vertical(), &previous(&form, &ANSWERS), &[]).unwrap();
    let mut book = open(&bytes);
    for (sheet, row, text) in [
        // The key is filled in, the period is new.
        ("基本情况", 2, ["填写", "上期"]),
        ("基本情况", 3, ["0001", ""]),
        ("基本情况", 4, ["", "2023"]),
        ("基本情况", 5, ["", "否"]),
        ("基本情况", 6, ["", "食堂、操场"]),
        ("基本情况", 7, ["", ""]),
        ("规模", 3, ["", "12,345 生"]),
        ("规模", 4, ["", ""]),
        ("规模", 5, ["", "95.5%"]),
        ("规模", 6, ["", "1,250.5 万元"]),
    ] {
        assert_eq!([cell(&mut book, sheet, (row, 2)), cell(&mut book, sheet, (row, 3))], text, "{sheet} {row}");
    }
    assert_eq!(book.worksheet_range("基本情况").unwrap().get_value((3, 2)), Some(&Data::String("0001".into())));
    let cover: Vec<String> = book.worksheet_range("填表说明").unwrap().rows().map(|row| row[0].to_string()).collect();
    assert!(cover.iter().any(|line| line.contains("“上期”一栏是上次填报的内容 (0001, 2023)")), "{cover:?}");

    // What is read back is what it is without.
    let identity = |bytes: &[u8]| {
        let range = open(bytes).worksheet_range("_heng").unwrap();
        range.rows().map(<[Data]>::to_vec).collect::<Vec<_>>()
    };
    assert_eq!(identity(&bytes), identity(&template(&form, &vertical()).unwrap()));

    // All but the inputs is locked, and so is the key. The values that checks read are hidden, in the unit that is kept.
    let package = Package::open(&bytes);
    let (first, styles) = (package.text("xl/worksheets/sheet2.xml"), package.text("xl/styles.xml"));
    let formats: Vec<&str> = styles.split("<cellXfs").nth(1).unwrap().split("<xf ").skip(1).collect();
    let open_to_change = |cell: &str| {
        let style = first.split(&format!("<c r=\"{cell}\" s=\"")).nth(1).unwrap().split('"').next().unwrap();
        formats[style.parse::<usize>().unwrap()].contains("locked=\"0\"")
    };
    assert_eq!(["C4", "C5", "C6", "D4", "D5", "D6"].map(open_to_change), [false, true, true, false, false, false]);
    let second = package.text("xl/worksheets/sheet3.xml");
    for literal in ["\"0001\"),12345,NA())", "\"0001\"),0.955,NA())", "\"0001\"),12505000,NA())"] {
        assert!(second.contains(&literal.replace('"', "&quot;")) || second.contains(literal), "{literal}\n{second}");
    }
    assert!(second.contains("<col min=\"7\" max=\"11\" width=\"0\" hidden=\"1\""), "{second}");
}

#[test]
fn checks_of_the_period_before_are_live() {
    let form = form(FORM);
    let left = |bytes: &[u8]| {
        let mut book = open(bytes);
        let range = book.worksheet_range("填表说明").unwrap();
        let lines: Vec<String> = range.rows().map(|row| row[0].to_string()).collect();
        let from = lines.iter().position(|line| line.contains("交上去后检查")).unwrap();
        lines[from + 1..].iter().filter(|line| !line.is_empty()).map(|line| line.split(". ").nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["多了两成以上", "设备值少了", "日子变了", "开方", "班数: 是否需要填"];
    assert_eq!(left(&template(&form, &vertical()).unwrap()), all);
    let bytes = template_beside(&form, &vertical(), &previous(&form, &ANSWERS), &[]).unwrap();
    assert_eq!(left(&bytes), ["开方"]);
    let mut book = open(&bytes);
    // As the engine computes them while nothing is filled in: of the day nothing is known.
    let results: Vec<String> = (3..7).map(|row| cell(&mut book, "校验与计算", (row, 4))).collect();
    assert_eq!(results, ["未填全", "未填全", "✓ 通过", "交上去后检查"]);
    assert_eq!(cell(&mut book, "规模", (7, 4 + 1)), "", "班数 is asked");
    let small = ANSWERS.map(|(name, text)| (name, if name == "在校生数" { "900" } else { text }));
    let mut book = open(&template_beside(&form, &vertical(), &previous(&form, &small), &[]).unwrap());
    assert_eq!(cell(&mut book, "规模", (7, 4 + 1)), "— 这一项不用填");
}

#[test]
fn there_is_no_column_where_there_is_nothing_to_show() {
    let form = form("form 表 {\n subject 校 by 代码\n 代码: text required\n 数: integer\n warn 数 >= previous(数) : \"少了\"\n}");
    let (table, _, _) = from_records(&form, [[("代码", "1")]], &Options::default());
    let options = TemplateOptions { rows: Some(9), lang: Lang::En };
    // Always one submission.
    let mut book = open(&template_beside(&form, &options, &Previous::of(&form, &table, "1").unwrap(), &[]).unwrap());
    assert_eq!(cell(&mut book, "Fields", (2, 3)), "What to fill in");
    assert_eq!(cell(&mut book, "Fields", (3, 2)), "1");
    // Nothing is known of it, and that is known.
    assert_eq!(cell(&mut book, "Checks", (3, 4)), "not filled in");
    let filled = from_records(&form, [[("代码", "1"), ("数", "-7")]], &Options::default()).0;
    let mut book = open(&template_beside(&form, &options, &Previous::of(&form, &filled, "1").unwrap(), &[]).unwrap());
    assert_eq!((cell(&mut book, "Fields", (2, 3)), cell(&mut book, "Fields", (4, 3))), ("Last period".into(), "-7".into()));
}
