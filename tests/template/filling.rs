//! Forms to fill in (随机填报): those that are shipped, one of our own with every kind of question, made-up ones; and what somebody
//! writes into their cells, right or wrong.

use super::before::with_previous;
use chrono::NaiveDate;
use heng::Engine;
use heng::data::{CellReader, library};
use heng::model::{Field, FieldType, Form, Range as Bounds};
use heng::report::{Entry, Submitted};
use heng::text::Texts;
use std::path::Path;

/// The forms of the library, and of the examples, that are filled in.
pub(crate) fn shipped() -> Vec<Form> {
    let mut texts = Texts::new();
    for (path, text) in library() {
        texts.add(path, text);
    }
    let mut forms = Engine::new(texts, Default::default()).rules().forms.clone();
    for example in ["california", "overlay"] {
        let engine = Engine::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)).unwrap();
        forms.extend(engine.rules().forms.iter().cloned());
    }
    forms.retain(|form| form.split.is_none());
    let mut seen = Vec::new();
    forms.retain(|form| {
        !seen.contains(&form.name.it) && {
            seen.push(form.name.it.clone());
            true
        }
    });
    forms
}

/// Numbers that are the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, many: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % many
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A condition that reads none of these: conditions may read what is written later, but not go in a circle.
fn condition_without(random: &mut Random, depth: u32, without: &[String]) -> String {
    loop {
        let condition = condition(random, depth);
        if without.iter().all(|name| !condition.contains(name)) {
            return condition;
        }
    }
}

/// A form with fields of every type and conditions of every kind over them.
pub(crate) fn made_up(seed: u64) -> Form {
    checked(&made_up_source(seed))
}

/// The same that speaks of the period before.
pub(crate) fn made_up_before(seed: u64) -> Form {
    let random = &mut Random(seed + 99);
    checked(&with_previous(&made_up_source(seed), "nbceuytd", &mut |many| random.below(many)))
}

fn checked(source: &str) -> Form {
    let engine = Engine::from_text("随机.heng", source);
    assert_eq!(engine.errors(), 0, "{}\n{source}", engine.told());
    engine.rules().forms[0].clone()
}

fn made_up_source(seed: u64) -> String {
    let random = &mut Random(seed);
    let mut source = String::from("unit 元\nunit 万元 = 10000 元\nform 随机 {\n subject 校 by 代码\n 代码: text required\n");
    let kinds = ["integer 0..9", "integer 0..20", "decimal(2) 0..9", "percent(1) 0..100", "percent", "decimal(3)", "integer", "integer(2)"];
    for at in 0..8 {
        source.push_str(&format!(" n{at}: {}", random.one(&kinds)));
        if at > 2 {
            let circle: Vec<String> = (3..=at).map(|other| format!("n{other}")).chain((0..3).map(|other| format!("c{other}"))).collect();
            source.push_str(&format!(" when {}{}", condition_without(random, 2, &circle), random.one(&["", "", " else 0"])));
        }
        source.push('\n');
    }
    for at in 0..3 {
        let circle: Vec<String> = (at..3).map(|other| format!("c{other}")).collect();
        let when = condition_without(random, 1, &circle);
        source.push_str(&format!(" b{at}: yes/no required\n c{at}: choice {{ 甲, 乙, 丙 }} when {when}\n"));
    }
    source.push_str(" m0: choices { 1 甲, 乙, 丙 }\n m1: choices { 甲, \"A b\", \"丙(一)\" } when b1\n");
    source.push_str(" e0: choice { 1 甲, 2 乙, 丙 }\n e1: choice by e0 { 甲: 东, 西; 乙: 东; 丙: 南 }\n");
    source.push_str(" u0: decimal(2) 元 0..9 asked in 万元\n u1: decimal(5) 万元 0..99999 asked in 元\n y0: year\n t0: text(2..4)\n");
    source.push_str(" why: text\n warn n0 <= 5 : \"多\" unless why\n");
    source.push_str(" d0: date 2020-01-01..2020-01-09\n d1: date 2020-01-01..2020-01-09\n");
    for at in 0..40 {
        let kind = random.one(&["check", "warn"]);
        let condition = condition(random, 3);
        let told = condition.replace('"', "");
        source.push_str(&format!(" {kind} {condition} : \"第 {at} 条: {told}\"\n"));
    }
    for at in 0..10 {
        source.push_str(&format!(" compute v{at} = {}\n", number(random, 3)));
    }
    source.push('}');
    source
}

fn condition(random: &mut Random, depth: u32) -> String {
    if depth > 0 && random.below(2) == 0 {
        let (a, b) = (condition(random, depth - 1), condition(random, depth - 1));
        return match random.below(4) {
            0 => format!("not ({a})"),
            1 => format!("({a} or {b})"),
            _ => format!("({a} and {b})"),
        };
    }
    let op = random.one(&["<", "<=", "==", "!=", ">=", ">"]);
    let same = random.one(&["==", "!="]);
    let (at, other) = (random.below(3), random.below(3));
    match random.below(13) {
        9 => format!("{} has {}", random.one(&["m0", "m1"]), "甲"),
        10 => random.one(&["m0 has 乙", "m1 has \"丙(一)\"", "m1 has \"A b\"", "filled(m0)", "filled(t0)"]).to_owned(),
        11 => format!("u0 {op} {} 元", random.one(&["100", "20000", "55500"])),
        12 => random.one(&["e0 == 甲", "e1 != 东", "y0 < 2000", "u1 > 0.5 万元", "t0 == \"甲\"", "filled(u1)"]).to_owned(),
        0 => format!("b{at}"),
        1 => format!("c{at} {same} {}", random.one(&["甲", "乙", "丙"])),
        2 => format!("c{at} in [甲, 丙]"),
        3 => format!("filled({})", random.one(&["n1", "n5", "b1", "c2", "d0"])),
        4 => format!("d0 {op} days_after(d1, {})", random.below(3)),
        5 => format!("b{at} {same} b{other}"),
        _ => format!("{} {op} {}", number(random, depth.min(2)), number(random, 1)),
    }
}

fn number(random: &mut Random, depth: u32) -> String {
    if depth > 0 && random.below(3) > 0 {
        let (a, b) = (number(random, depth - 1), number(random, depth - 1));
        return match random.below(12) {
            0 | 1 => format!("({a} + {b})"),
            2 | 3 => format!("({a} - {b})"),
            4 => format!("({a} * {b})"),
            5 | 6 => format!("({a} / {b})"),
            7 => format!("abs({a})"),
            8 => format!("round({a}, {})", random.below(3)),
            9 => format!("{}({a})", random.one(&["floor", "ceil"])),
            10 => format!("({a} or {b})"),
            _ => format!("{}({a}, {b})", random.one(&["sum", "min", "max", "mean"])),
        };
    }
    match random.below(4) {
        0 => random.one(&["0", "1", "2", "0.5", "7", "0.01", "100"]).to_owned(),
        _ => format!("n{}", random.below(8)),
    }
}

/// What is written into a cell: often small, often the same, sometimes wrong, sometimes nothing.
fn written(field: &Field, random: &mut Random) -> String {
    if random.below(8) == 0 {
        return String::new();
    }
    let wrong = random.below(25) == 0;
    if let Some(options) = &field.details.several {
        let chosen: Vec<&str> = options.iter().filter(|_| random.below(2) == 0).map(|option| option.as_str()).collect();
        let codes = field.details.codes.iter().map(|(code, _)| code.as_str()).filter(|_| random.below(6) == 0);
        let chosen: Vec<&str> = chosen.into_iter().chain(codes).collect();
        return match (wrong, chosen.is_empty()) {
            (true, _) => "甲、戊".to_owned(),
            (_, true) => "无".to_owned(),
            _ => chosen.join(random.one(&["、", "，", "; ", "\n", "、、"])),
        };
    }
    if field.details.attach.is_some() {
        return random.one(&["甲.pdf", "a.PDF、b.jpg", "a.doc", "a.pdf、b.pdf、c.pdf", "a b.jpg"]).to_owned();
    }
    if let Some((code, _)) = field.details.codes.first().filter(|_| random.below(5) == 0) {
        return code.to_string();
    }
    match &field.kind {
        _ if wrong && !matches!(field.kind, FieldType::Text) => "不详".to_owned(),
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            let most = match &field.range {
                Some(Bounds::Numbers(_, Some(most))) => most.to_f64(),
                _ => 30.0,
            };
            let most = if matches!(field.kind, FieldType::Percent(_)) { 110.0 } else { most };
            let most = match &field.details.asked_in {
                Some((_, factor)) => most / factor.to_f64(),
                None => most,
            };
            if field.details.year {
                return format!("{}", 1890 + random.below(220));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bound of a form")]
            let whole = match random.below(6) {
                0 => random.below(most as u64 + 2),
                1 => random.below((most as u64 + 2).min(2000)),
                _ => random.below((most as u64 + 2).min(10)),
            };
            match &field.kind {
                FieldType::Integer(_) => whole.to_string(),
                _ => format!("{whole}.{}", random.below(10)),
            }
        }
        FieldType::YesNo => random.one(&["是", "否"]).to_owned(),
        FieldType::Choice(options) => options[usize::try_from(random.below(options.len() as u64)).unwrap()].to_string(),
        FieldType::Date => format!("2020-01-0{}", 1 + random.below(9)),
        FieldType::Text => {
            let digits = |many: usize| {
                (0..many).map(|_| "0123456789".chars().nth(usize::try_from(random.0 >> 40).unwrap() % 10).unwrap()).collect::<String>()
            };
            let tries = ["甲".to_owned(), digits(10), digits(6), digits(4), digits(5), digits(12), "2024".to_owned(), "有食堂".to_owned()];
            let reader = CellReader::new(field, false);
            tries.iter().find(|text| reader.read(text).is_ok()).cloned().unwrap_or_default()
        }
    }
}

fn entry(field: &Field, text: &str) -> Entry {
    let number = matches!(field.kind, FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_));
    let number = number && field.details.attach.is_none();
    match (text.parse::<f64>(), text.parse::<NaiveDate>()) {
        _ if text.is_empty() => Entry::Empty,
        (Ok(value), _) if number => Entry::Number(value),
        (_, Ok(day)) if field.kind == FieldType::Date => Entry::Day(day),
        _ => Entry::Text(text.to_owned()),
    }
}

/// A form with a table and what it takes of its rows.
pub(crate) fn made_up_table(seed: u64) -> Form {
    let random = &mut Random(seed);
    let mut source = String::from("unit 元\nunit 万元 = 10000 元\nform 表格 {\n subject 校 by 代码\n 代码: text required\n");
    for at in 0..8 {
        source.push_str(&format!(" n{at}: {}\n", random.one(&["integer 0..9", "integer 0..20", "decimal(2) 0..9"])));
    }
    for at in 0..3 {
        source.push_str(&format!(" b{at}: yes/no\n c{at}: choice {{ 甲, 乙, 丙 }} when b{at}\n"));
    }
    source.push_str(" m0: choices { 甲, 乙 }\n m1: choices { \"A b\", \"丙(一)\", 甲 }\n e0: choice { 甲 }\n e1: choice { 东 }\n u0: money\n u1: decimal(2) 万元\n");
    source.push_str(" y0: year\n t0: text\n d0: date\n d1: date\n 多: integer 0.. when count(班) > 2\n");
    source.push_str(
        " table 班 { 级: choice { 1 甲, 2 乙 }\n 名: text\n p: integer 0..9\n q: decimal(1) 0..20 when p > 2\n f: yes/no default yes\n \
         o: integer 0..9 when f else 1\n s: choices { 甲, 乙 }\n check q <= p * 3 : \"q\"\n warn p > 1 : \"p\"\n compute r = p - q }\n \
         table 室 when b0 { w: decimal(2) 0..99999999\n x: percent(1) 0%..100% }\n",
    );
    let statistics = [
        "count(班)",
        "sum(班.p)",
        "sum(班.q)",
        "max(班.q)",
        "min(班.r)",
        "mean(班.p)",
        "share(班, f)",
        "count(班, p > 3)",
        "sum(班.o)",
        "mean(室.x)",
        "count(班, s has 甲)",
        "count(班.级)",
        "max(室.w)",
        "count(室)",
        "count(班, p > n0)",
        "count(班, filled(q))",
    ];
    for at in 0..30 {
        let op = random.one(&["<", "<=", "==", "!=", ">=", ">"]);
        let one = random.one(&statistics).to_owned();
        let other = match random.below(3) {
            0 => random.one(&statistics).to_owned(),
            _ => number(random, 1),
        };
        let more = if random.below(3) == 0 { format!("{} or ", condition(random, 1)) } else { String::new() };
        source.push_str(&format!(" {} {more}{one} {op} {other} : \"第 {at} 条\"\n", random.one(&["check", "warn"])));
    }
    for (at, statistic) in statistics.iter().enumerate() {
        source.push_str(&format!(" compute v{at} = {statistic}\n"));
    }
    source.push_str(
        " compute z0 = sum(班.p) where 级 == 甲\n compute z1 = mean(班.q) where f\n compute z2 = count(班, p > 3) where n0 > 4\n}",
    );
    let engine = Engine::from_text("表格.heng", &source);
    assert_eq!(engine.errors(), 0, "{}\n{source}", engine.told());
    engine.rules().forms[0].clone()
}

/// The form of our own with every kind of question.
pub(crate) fn every_kind() -> Form {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/form/every_kind.heng");
    let engine = Engine::from_text("every_kind.heng", &std::fs::read_to_string(path).unwrap());
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    engine.rules().forms[0].clone()
}

/// What somebody fills into the cells of a form, and into the rows of its tables.
pub(crate) type Filled = (Vec<String>, Vec<Vec<Vec<String>>>);

/// A row of a form, or of a table: what stands in each column that is filled in.
fn row_of(form: &Form, from: usize, random: &mut Random) -> Vec<String> {
    form.fields.iter().skip(from).take_while(|field| field.is_asked()).map(|field| written(field, random)).collect()
}

/// Where the columns of its tables begin: behind the number of a row and what says whose it is.
pub(crate) fn first_column(form: &Form) -> usize {
    2 + usize::from(form.period.as_ref().is_some_and(|period| period.key.is_some()))
}

/// Fillings of a form, told apart by their keys.
pub(crate) fn fillings(form: &Form, seed: u64, many: usize) -> Vec<Filled> {
    let random = &mut Random(seed);
    (0..many)
        .map(|row| {
            let mut texts = row_of(form, 0, random);
            // Rows without a key are not submissions.
            let reader = CellReader::new(&form.fields[form.key.0], true);
            let widths = [10, 6, 5, 12, 4];
            let keys = [format!("k{row}")].into_iter().chain(widths.map(|width| format!("{row:0width$}")));
            texts[form.key.0] = keys.into_iter().find(|text| reader.read(text).is_ok()).unwrap();
            if let Some(period) = form.period.as_ref().and_then(|period| period.key) {
                let reader = CellReader::new(&form.fields[period.0], true);
                texts[period.0] = ["2024", "甲"].into_iter().find(|text| reader.read(text).is_ok()).unwrap().to_owned();
            }
            let rows_of = |table: &heng::model::RowTable, random: &mut Random| -> Vec<Vec<String>> {
                let rows = (0..random.below(6)).map(|_| row_of(&table.rows, first_column(form), random)).collect::<Vec<_>>();
                rows.into_iter().filter(|row| row.iter().any(|cell| !cell.is_empty())).collect()
            };
            let tables = form.tables.iter().map(|table| rows_of(table, random)).collect();
            (texts, tables)
        })
        .collect()
}

/// The same as a template has it.
pub(crate) fn submitted(form: &Form, (texts, tables): &Filled) -> Submitted {
    let entries = |form: &Form, from: usize, row: &[String]| -> Vec<Entry> {
        form.fields.iter().skip(from).zip(row).map(|(field, text)| entry(field, text)).collect()
    };
    let rows = |(table, rows): (&heng::model::RowTable, &Vec<Vec<String>>)| {
        rows.iter().map(|row| entries(&table.rows, first_column(form), row)).collect()
    };
    Submitted { entries: entries(form, 0, texts), tables: form.tables.iter().zip(tables).map(rows).collect() }
}
