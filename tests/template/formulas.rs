//! The formulas of the workbook against the engine: LibreOffice computes random fillings of each form.
//!
//! Where a formula leaves something open that the engine knows, that is allowed only for what the sheet cannot hold; the other
//! way round, and anything else, is a mistake.

use calamine::{Data, Range, Reader, Xlsx};
use chrono::NaiveDate;
use heng::data::{CellReader, library};
use heng::eval::form::values;
use heng::eval::gap::Unless;
use heng::eval::{Cause, Cell, Gap, RowOrigin, Table, Value};
use heng::model::{Expr, Field, FieldType, Form, Range as Bounds};
use heng::report::{Entry, TemplateOptions, filled_template};
use heng::text::Texts;
use heng::{Engine, Lang};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

/// Fillings of a made-up form, and of each shipped one: of some fifteen.
const FILLINGS: [usize; 2] = [60, 15];

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
fn made_up(seed: u64) -> Form {
    let random = &mut Random(seed);
    let mut source = String::from("form 随机 {\n subject 校 by 代码\n 代码: text required\n");
    let kinds = ["integer 0..9", "integer 0..20", "decimal(2) 0..9", "percent(1) 0..100", "percent", "decimal(3)", "integer"];
    for at in 0..8 {
        source.push_str(&format!(" n{at}: {}", random.one(&kinds)));
        if at > 2 {
            let circle: Vec<String> = (3..=at).map(|other| format!("n{other}")).chain((0..3).map(|other| format!("c{other}"))).collect();
            source.push_str(&format!(" when {}", condition_without(random, 2, &circle)));
        }
        source.push('\n');
    }
    for at in 0..3 {
        let circle: Vec<String> = (at..3).map(|other| format!("c{other}")).collect();
        let when = condition_without(random, 1, &circle);
        source.push_str(&format!(" b{at}: yes/no required\n c{at}: choice {{ 甲, 乙, 丙 }} when {when}\n"));
    }
    source.push_str(" d0: date 2020-01-01..2020-01-09\n d1: date 2020-01-01..2020-01-09\n");
    for at in 0..40 {
        let kind = random.one(&["check", "warn"]);
        let condition = condition(random, 3);
        source.push_str(&format!(" {kind} {condition} : \"第 {at} 条: {condition}\"\n"));
    }
    for at in 0..10 {
        source.push_str(&format!(" compute v{at} = {}\n", number(random, 3)));
    }
    source.push('}');
    let engine = Engine::from_text("随机.heng", &source);
    assert_eq!(engine.errors(), 0, "{}\n{source}", engine.told());
    engine.rules().forms[0].clone()
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
    match random.below(9) {
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
    match &field.kind {
        _ if wrong && !matches!(field.kind, FieldType::Text) => "不详".to_owned(),
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            let most = match &field.range {
                Some(Bounds::Numbers(_, Some(most))) => most.to_f64(),
                _ => 30.0,
            };
            let most = if matches!(field.kind, FieldType::Percent(_)) { 110.0 } else { most };
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
            let tries = ["甲".to_owned(), digits(10), digits(6), digits(4), digits(5), digits(12), "2024".to_owned()];
            let reader = CellReader::new(field, false);
            tries.iter().find(|text| reader.read(text).is_ok()).cloned().unwrap_or_default()
        }
    }
}

fn entry(field: &Field, text: &str) -> Entry {
    let number = matches!(field.kind, FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_));
    match (text.parse::<f64>(), text.parse::<NaiveDate>()) {
        _ if text.is_empty() => Entry::Empty,
        (Ok(value), _) if number => Entry::Number(value),
        (_, Ok(day)) if field.kind == FieldType::Date => Entry::Day(day),
        _ => Entry::Text(text.to_owned()),
    }
}

/// What the engine makes of the submissions: asked, checks and computed values, each of all rows.
struct Known {
    asked: Vec<Option<Vec<u8>>>,
    valid: Vec<Vec<Option<bool>>>,
    checks: Vec<Vec<u8>>,
    computed: Vec<Vec<Cell<Value>>>,
}

fn known(form: &Form, rows: &[Vec<String>]) -> Known {
    let mut table = Table::new(form, None);
    let readers: Vec<CellReader> = form.fields.iter().map(|field| CellReader::new(field, false)).collect();
    let mut valid = vec![Vec::new(); form.fields.len()];
    for row in rows {
        let cells: Vec<Cell<Value>> = (0..form.fields.len())
            .map(|at| {
                let name = &form.fields[at].name.it;
                let read = readers[at].read(&row[at]);
                valid[at].push(read.as_ref().ok().map_or(Some(false), |value| value.as_ref().map(|_| true)));
                match read {
                    Ok(Some(value)) => Ok(value),
                    Ok(None) => Err(Gap::missing(name)),
                    Err(_) => Err(Gap::undefined(Cause::Refused(name.clone()))),
                }
            })
            .collect();
        table.push_row(&row[form.key.0], RowOrigin::default(), cells);
    }
    let column = |table: &Table, expr: &Expr| values(form, table, &[expr]).remove(0);
    let mut asked = vec![None; form.fields.len()];
    for at in form.conditional() {
        let codes: Vec<u8> = column(&table, form.fields[at.0].when.as_ref().unwrap()).iter().map(code).collect();
        for (row, code) in codes.iter().enumerate() {
            if matches!(code, 1 | 3) {
                table.put(at, row, Err(Gap::NotApplicable(Unless::Holds("".into()))));
            }
        }
        asked[at.0] = Some(codes);
    }
    let checks = form.checks.iter().map(|check| column(&table, &check.condition).iter().map(code).collect()).collect();
    let computed = form.computed.iter().map(|computed| column(&table, &computed.value)).collect();
    Known { asked, valid, checks, computed }
}

fn code(cell: &Cell<Value>) -> u8 {
    match cell {
        Ok(Value::Flag(true)) => 4,
        Ok(_) => 1,
        Err(Gap::NotApplicable(_)) => 3,
        Err(_) => 2,
    }
}

#[test]
fn libreoffice_says_what_the_engine_says() {
    if Command::new("soffice").arg("--version").output().is_err() {
        eprintln!("soffice is not installed: skipped");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut cases: Vec<(Form, Vec<Vec<String>>)> = Vec::new();
    let mut forms = shipped();
    let shipped = forms.len();
    forms.extend((1..=3).map(made_up));
    for (number, form) in forms.into_iter().enumerate() {
        let random = &mut Random(number as u64 + 7);
        let fillings = FILLINGS[usize::from(number < shipped)];
        let rows: Vec<Vec<String>> = (0..fillings)
            .map(|row| {
                let mut texts: Vec<String> = form.fields.iter().map(|field| written(field, random)).collect();
                // Rows without a key are not submissions.
                let key = &form.fields[form.key.0];
                let reader = CellReader::new(key, true);
                let keys = [format!("k{row}"), format!("{row:010}"), format!("{row:06}"), format!("{row:05}"), format!("{row:012}")];
                texts[form.key.0] = keys.into_iter().find(|text| reader.read(text).is_ok()).unwrap();
                texts
            })
            .collect();
        let entries: Vec<Vec<Entry>> =
            rows.iter().map(|row| form.fields.iter().zip(row).map(|(field, text)| entry(field, text)).collect()).collect();
        let options = TemplateOptions { rows: Some(u32::try_from(fillings).unwrap()), lang: Lang::Zh };
        std::fs::write(folder.path().join(format!("r{number}.xlsx")), filled_template(&form, &options, &entries).unwrap()).unwrap();
        // A few of them each in a workbook of its own.
        for (row, entries) in entries.iter().take(2).enumerate() {
            let options = TemplateOptions { rows: None, lang: Lang::Zh };
            let bytes = filled_template(&form, &options, std::slice::from_ref(entries)).unwrap();
            std::fs::write(folder.path().join(format!("v{number}-{row}.xlsx")), bytes).unwrap();
        }
        cases.push((form, rows));
    }
    recalculate(folder.path());
    let mut slips = Vec::new();
    let (mut compared, mut open) = (0, [0, 0]);
    for (number, (form, rows)) in cases.iter().enumerate() {
        let known = known(form, rows);
        let sheet = read(&folder.path().join("out").join(format!("r{number}.xlsx")), "填报");
        let mut differ = |what: String, expected: u8, found: Option<u8>| {
            compared += 1;
            match found {
                Some(found) if found == expected => {}
                // Why something is not known may differ where a division by zero stands beside what is not asked.
                Some(2) => open[usize::from(number < shipped)] += 1,
                Some(3) if expected == 2 => open[usize::from(number < shipped)] += 1,
                found => slips.push(format!("{}: {what}: {expected}, not {found:?}", form.name.it)),
            }
        };
        let (fields, computed) = (form.fields.len(), form.computed.len());
        let hidden = 1 + fields + computed;
        for (row, filled_in) in rows.iter().enumerate() {
            let at = |column: usize| sheet.get((4 + row, column));
            let small = |column: usize| at(column).and_then(|cell| cell.to_string().parse::<u8>().ok());
            for (field, text) in filled_in.iter().enumerate() {
                let name = &form.fields[field].name.it;
                let asked = known.asked[field].as_ref().map(|asked| asked[row]);
                if let Some(asked) = asked {
                    differ(format!("row {row}, {name} asked"), asked, small(hidden + 1 + field));
                }
                let state = match (asked, known.valid[field][row]) {
                    (Some(1 | 3), None) => 3,
                    (Some(1 | 3), Some(_)) => 4,
                    (_, Some(valid)) => {
                        if valid {
                            0
                        } else {
                            5
                        }
                    }
                    (None | Some(4), None) if form.fields[field].required || form.key.0 == field => 2,
                    (_, None) => 1,
                };
                // What is not decided on the sheet is neither required nor grey there.
                if asked.is_none() || asked == small(hidden + 1 + field) {
                    differ(format!("row {row}, state of {name} {text:?}"), state, small(hidden + 1 + 3 * fields + field));
                }
            }
            for check in 0..form.checks.len() {
                let found = match at(hidden + 1 + 4 * fields + check) {
                    None | Some(Data::Empty) => Some(2),
                    Some(cell) => cell.to_string().parse().ok(),
                };
                differ(format!("row {row}, {}", form.checks[check].message), known.checks[check][row], found);
            }
            for (value, name) in known.computed.iter().zip(&form.computed) {
                let position = form.computed.iter().position(|other| other.name.it == name.name.it).unwrap();
                let found = at(1 + fields + position).map(ToString::to_string).unwrap_or_default();
                if !same_value(&value[row], &found) && !found.is_empty() {
                    differ(format!("row {row}, {} is {:?}, not {found:?}", name.name.it, value[row]), 4, None);
                }
            }
        }
        for row in 0..2 {
            let sheet = read(&folder.path().join("out").join(format!("v{number}-{row}.xlsx")), "校验与计算");
            for check in 0..form.checks.len() {
                let found = sheet.get((3 + check, 6)).and_then(|cell| cell.to_string().parse().ok());
                differ(format!("alone {row}, {}", form.checks[check].message), known.checks[check][row], found);
            }
        }
    }
    assert!(slips.is_empty(), "{} of {compared} differ:\n{}", slips.len(), slips[..slips.len().min(40)].join("\n"));
    // The made-up forms ask for more than a sheet can say; the shipped ones must not.
    println!("{open:?} of {compared} are left open, of made-up and of shipped forms");
    assert!(compared > 15_000 && open[0] * 4 < compared && open[1] == 0, "{open:?} of {compared} are left open");
}

fn same_value(known: &Cell<Value>, found: &str) -> bool {
    match known {
        Ok(Value::Number(number)) => {
            let number = number.to_f64();
            found.parse::<f64>().is_ok_and(|found| (found - number).abs() <= 1e-9 * number.abs().max(1e-3))
        }
        Ok(Value::Flag(flag)) => found == if *flag { "是" } else { "否" },
        Ok(value) => found == value.word().as_str(),
        Err(_) => found.is_empty(),
    }
}

/// LibreOffice computes every workbook of a folder anew, into `out`.
fn recalculate(folder: &Path) {
    let profile = folder.join("profile");
    std::fs::create_dir_all(profile.join("user")).unwrap();
    let always = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"#;
    std::fs::write(profile.join("user/registrymodifications.xcu"), always).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"])
        .arg(folder.join("out"))
        .args(files)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn read(path: &Path, sheet: &str) -> Range<Data> {
    let mut book: Xlsx<Cursor<Vec<u8>>> = Xlsx::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    // From the first cell on, whatever is empty there.
    let (rows, columns) = range.end().unwrap();
    range.range((0, 0), (rows, columns))
}
