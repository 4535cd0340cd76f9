//! Forms and fillings at random: fields of every kind, conditions and values of every kind over them, answers as people type them.

use super::before::with_previous;
use super::dice::Dice;
use heng::model::{Field, FieldType, Form, Range};
use serde_json::{Map, Value as Json, json};

pub(crate) fn one<'t>(dice: &mut Dice, of: &[&'t str]) -> &'t str {
    of[dice.roll(of.len())]
}

/// The text of a form.
pub(crate) fn form(seed: u64) -> String {
    let dice = &mut Dice(seed);
    let mut source = String::from(
        "unit 元, 生\nunit 万元 = 10000 元\nform 随机 {\n subject 校 by 代码\n within 县 by 县\n 代码: text required { pattern \"\\d{1,6}\" }\n 县: text\n",
    );
    let kinds = ["integer 0..9", "integer -5..20", "decimal(2) 0..9", "percent(1) 0..100", "percent", "decimal(3)", "integer"];
    for at in 0..8 {
        source.push_str(&format!(" n{at}: {}", one(dice, &kinds)));
        if at > 2 {
            source.push_str(&format!(" when {}", condition(dice, 2)));
            if dice.roll(3) == 0 {
                source.push_str(" else 0");
            }
        }
        source.push_str(one(dice, &["", " required"]));
        source.push('\n');
    }
    for at in 0..3 {
        source.push_str(&format!(" b{at}: yes/no required\n c{at}: choice {{ 甲, 乙, 丙 }} when {}\n", condition(dice, 1)));
    }
    source.push_str("y0: year\n z0: integer 0..9 when z1 > 3 required\n z1: integer 0..9 when b0 and filled(z2)\n z2: yes/no when b1\n d0: date 2020-01-01..2020-01-09\n d1: date 2020-01-01..2020-01-09 when b0 required\n");
    source.push_str(" t0: text { pattern \"[a-c]{2,3}(-[12])?|丙\" }\n t1: text(2..5) in Chinese when filled(n0)\n");
    source.push_str(
        " m0: decimal(2) 元 0..50000 asked in 万元\n k0: choice { 1 公办, 2 民办 }\n s0: choices { 食堂, 操场, \"图书馆(室)\" }\n",
    );
    source.push_str(" u0: choice by c0 { 甲: 子, 丑; 乙: 寅; 丙: 卯 }\n");
    source.push_str(
        " table 班级 {\n  年级: choice { 一, 二 } required\n  人数: integer 生 0..80 required\n  女生数: integer 生 0.. when 人数 > 3\n  check 女生数 <= 人数 : \"女生多\"\n  compute 男生数 = 人数 - 女生数\n }\n",
    );
    for at in 0..30 {
        let kind = one(dice, &["check", "warn"]);
        let condition = condition(dice, 3);
        source.push_str(&format!(" {kind} {condition} : \"第 {at} 条\"\n"));
    }
    source.push_str(" warn m0 < 20000 : \"设备值大\" unless t1\n warn n0 <= previous(n0) : \"上期\"\n warn s0 has 食堂 : \"没有食堂\"\n");
    for at in 0..10 {
        source.push_str(&format!(" compute v{at} = {}\n", number(dice, 3)));
    }
    source
        .push_str(" compute w0 = sum(班级.人数) where 年级 == 一\n compute w1 = count(班级, 人数 > 5)\n compute w2 = mean(班级.男生数)\n");
    source.push_str(" compute w3 = share(班级, 人数 > 5)\n compute w4 = median(班级.人数)\n compute w5 = sd(n0, n1, n2)\n compute w6 = (w5 or 0) + n0\n");
    source.push_str(" warn sum(班级.人数) <= 20 生 : \"合计\"\n check w5 < 5 : \"标准差\"\n}\n");
    source
}

/// The same that speaks of the period before.
pub(crate) fn form_before(seed: u64) -> String {
    let dice = &mut Dice(seed + 500);
    with_previous(&form(seed), "nbcdkyztm", &mut |many| dice.roll(usize::try_from(many).unwrap()) as u64)
}

fn condition(dice: &mut Dice, depth: u32) -> String {
    if depth > 0 && dice.roll(2) == 0 {
        let (a, b) = (condition(dice, depth - 1), condition(dice, depth - 1));
        return match dice.roll(4) {
            0 => format!("not ({a})"),
            1 => format!("({a} or {b})"),
            _ => format!("({a} and {b})"),
        };
    }
    let op = one(dice, &["<", "<=", "==", "!=", ">=", ">"]);
    let same = one(dice, &["==", "!="]);
    // Of the first fields only, so that no field is asked depending on itself.
    let (at, other) = (dice.roll(3), dice.roll(3));
    match dice.roll(9) {
        0 => format!("b{at}"),
        1 => format!("k0 {same} {}", one(dice, &["公办", "民办"])),
        2 => "s0 has 操场".to_owned(),
        3 => format!("filled({})", one(dice, &["n1", "n2", "b1", "k0", "d0", "s0"])),
        4 => format!("d0 {op} {}(d0, {})", one(dice, &["days_after", "months_after", "years_after"]), dice.roll(3)),
        5 => format!("b{at} {same} b{other}"),
        _ => format!("{} {op} {}", number(dice, depth.min(2)), number(dice, 1)),
    }
}

fn number(dice: &mut Dice, depth: u32) -> String {
    if depth > 0 && dice.roll(3) > 0 {
        let (a, b) = (number(dice, depth - 1), number(dice, depth - 1));
        return match dice.roll(13) {
            0 | 1 => format!("({a} + {b})"),
            2 | 3 => format!("({a} - {b})"),
            4 => format!("({a} * {b})"),
            5 | 6 => format!("({a} / {b})"),
            7 => format!("abs({a})"),
            8 => format!("round({a}, {})", dice.roll(3)),
            9 => format!("{}({a})", one(dice, &["floor", "ceil"])),
            10 => format!("({a} or {b})"),
            11 => format!("(if b{} then {a} else {b})", dice.roll(3)),
            _ => format!("{}({a}, {b})", one(dice, &["sum", "min", "max", "mean", "median", "count"])),
        };
    }
    match dice.roll(5) {
        0 => one(dice, &["0", "1", "2", "0.5", "7", "0.01", "100"]).to_owned(),
        1 => one(dice, &["year(d0)", "days(d0, d0)"]).to_owned(),
        _ => format!("n{}", dice.roll(3)),
    }
}

/// What somebody types: often small and right, in the habits of many; sometimes wrong, sometimes nothing.
pub(crate) fn typed(field: &Field, dice: &mut Dice) -> String {
    if dice.roll(8) == 0 {
        return one(dice, &["", "", " ", "\u{3000}"]).to_owned();
    }
    if dice.roll(14) == 0 {
        let odd = [
            "不详",
            "12平方米",
            "￥12.5",
            "1,23,4",
            "1e400",
            "#N/A",
            "＃ＤＩＶ/０!",
            "=1+(2)",
            "—",
            "无",
            "12.345678901",
            "-3",
            "1e2",
            "１２",
            "5%%",
            "很多e9999",
            "1,234",
            "０．５",
            "+7",
            "1.",
            ".5",
            "007",
            "2024年9月",
            "二〇二〇年一月三日",
            "=\"3\"",
            "合计",
            "a\tb",
            "\u{FEFF}4\u{200B}",
            "12345678901234567890123456789012345678901",
            "0.1e-3",
            "1E+02",
            "公 办",
            "Ｙ",
            "45536",
            "99%",
            "约12",
            "\u{FDD0}",
            "食堂、游泳池",
        ];
        return one(dice, &odd).to_owned();
    }
    let habit = |text: String, dice: &mut Dice| match dice.roll(12) {
        0 => text.chars().map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c }).collect(),
        1 => format!(" {text}\u{3000}"),
        2 => format!("=\"{text}\""),
        _ => text,
    };
    let text = match &field.kind {
        _ if field.details.several.is_some() => {
            one(dice, &["食堂", "食堂、操场", "操场；图书馆（室）", "无", "图书馆(室),食堂", "食堂|食堂"]).to_owned()
        }
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            let most = match &field.range {
                Some(Range::Numbers(_, Some(most))) => most.to_f64(),
                _ => 30.0,
            };
            let most = if matches!(field.kind, FieldType::Percent(_)) { 110.0 } else { most };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bound of a form")]
            let whole = match dice.roll(6) {
                0 => dice.roll(most as usize + 2),
                1 => dice.roll((most as usize + 2).min(2000)),
                _ => dice.roll((most as usize + 2).min(10)),
            };
            match &field.kind {
                FieldType::Integer(_) if dice.roll(10) > 0 => whole.to_string(),
                FieldType::Percent(_) if dice.roll(3) == 0 => format!("{whole}.{}%", dice.roll(10)),
                FieldType::Decimal(..) if dice.roll(5) == 0 => format!("{whole}.{:03}", dice.roll(1000)),
                _ => format!("{whole}.{}", dice.roll(10)),
            }
        }
        FieldType::YesNo => one(dice, &["是", "否", "有", "无", "yes", "N", "1", "0", "TRUE"]).to_owned(),
        FieldType::Choice(options) => match field.details.codes.as_slice() {
            codes if !codes.is_empty() && dice.roll(2) == 0 => codes[dice.roll(codes.len())].0.to_string(),
            _ => options[dice.roll(options.len())].to_string(),
        },
        FieldType::Date => {
            let (day, month) = (1 + dice.roll(11), 1 + dice.roll(14) / 12);
            match dice.roll(7) {
                0 => format!("2020/{month}/{day}"),
                1 => format!("2020年{month}月{day}日"),
                2 => format!("20200{month}{day:02}"),
                3 => format!("2020.{month:02}.{day} 0:00"),
                4 => (43829 + day).to_string(),
                5 => "2020-02-30".to_owned(),
                _ => format!("2020-0{month}-{day:02}"),
            }
        }
        FieldType::Text => {
            let digits = |many: usize, dice: &mut Dice| {
                (0..many).map(|_| char::from(b'0' + u8::try_from(dice.roll(10)).unwrap())).collect::<String>()
            };
            let texts = ["ab", "abc-1", "丙", "abd", "甲乙", "甲", "甲乙丙丁戊己", "-2(x)", "2024", "实验 小学", "x\"y\\z", "汉a😀"];
            match dice.roll(5) {
                0 => digits(10, dice),
                1 => digits(6, dice),
                _ => one(dice, &texts).to_owned(),
            }
        }
    };
    habit(text, dice)
}

/// An entry of a form, by the names of its fields. Its key can always be used.
pub(crate) fn entry(form: &Form, number: usize, dice: &mut Dice) -> Json {
    let mut texts = texts(form, 0, dice);
    let keys = [format!("{number}"), format!("{number:010}"), format!("{number:06}"), format!("{number:05}"), format!("{number:012}")];
    let reader = heng::data::CellReader::new(&form.fields[form.key.0], true);
    let key = keys.into_iter().find(|key| matches!(reader.read(key), Ok(Some(_)))).unwrap();
    texts.insert(form.fields[form.key.0].name.it.to_string(), json!(key));
    if let Some(at) = form.period.as_ref().and_then(|period| period.key) {
        texts.insert(form.fields[at.0].name.it.to_string(), json!("2024"));
    }
    let tables: Map<String, Json> = form
        .tables
        .iter()
        .map(|table| {
            let rows: Vec<Json> = (0..dice.roll(4)).map(|_| json!({ "texts": self::texts(&table.rows, 2, dice) })).collect();
            (table.name.it.to_string(), json!(rows))
        })
        .collect();
    json!({ "texts": texts, "tables": tables })
}

fn texts(form: &Form, first: usize, dice: &mut Dice) -> Map<String, Json> {
    let asked = form.fields.iter().skip(first).filter(|field| field.is_asked() && field.details.attach.is_none());
    asked.map(|field| (field.name.it.to_string(), json!(typed(field, dice)))).collect()
}
