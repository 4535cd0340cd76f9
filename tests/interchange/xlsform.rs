//! XLSForms: pyxform and ODK Validate take them, and their expressions say what the engine says.

use crate::forms::{Random, Tried, made_up, shipped};
use crate::xpath::evaluate;
use crate::{python, run};
use calamine::{Reader, Xlsx};
use heng::Lang;
use heng::data::{CellReader, Options, from_records, read};
use heng::model::{Field, FieldType, Form, Range};
use heng::report::{XlsForm, xlsform};
use std::collections::{HashMap, HashSet};
use std::io::Cursor;

/// A row of a sheet, by its columns without their language.
type Row = HashMap<String, String>;

fn exported(tried: &Tried) -> XlsForm {
    xlsform(tried.engine.rules(), tried.at, Lang::Zh).unwrap()
}

fn rows(bytes: &[u8], sheet: &str) -> Vec<Row> {
    let mut book: Xlsx<Cursor<Vec<u8>>> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    let mut rows = range.rows();
    let head: Vec<String> = rows.next().unwrap().iter().map(|cell| cell.to_string().split("::").next().unwrap().to_owned()).collect();
    let row = |cells: &[calamine::Data]| {
        head.iter().cloned().zip(cells.iter().map(ToString::to_string)).filter(|(_, text)| !text.is_empty()).collect()
    };
    rows.map(row).collect()
}

#[test]
fn pyxform_takes_every_form_without_a_warning() {
    let Some(python) = python("pyxform") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut tried = shipped();
    tried.extend((1..=6).map(made_up));
    for (at, tried) in tried.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{at:02}.xlsx")), exported(tried).workbook().unwrap()).unwrap();
    }
    let said = run(python, "take_forms.py", folder.path());
    println!("{said}");
    assert!(said.contains(&format!("{} forms taken", tried.len())), "{said}");
}

#[test]
fn what_odk_collected_is_read_by_its_own_headers() {
    for tried in shipped().iter().filter(|tried| tried.form().tables.is_empty()) {
        let form = tried.form();
        let survey = rows(&exported(tried).workbook().unwrap(), "survey");
        let is_question = |row: &&Row| {
            row.get("type").is_some_and(|kind| !["begin", "end", "note", "calculate"].iter().any(|other| kind.starts_with(other)))
        };
        for group in ["", "g_0ff8eb1-", "g_0ff8eb1/g_1a2b3c4/"] {
            let headers: Vec<String> = survey.iter().filter(is_question).map(|row| format!("{group}{}", row["name"])).collect();
            assert_eq!(headers.len(), form.asked(), "{}", form.name.it);
            let record = headers.iter().map(|header| (header.as_str(), ""));
            let (_, found, _) = from_records(form, [record], &Options::default());
            let unknown = found.iter().filter(|what| matches!(what.code().as_str(), "H0602" | "H0603")).count();
            assert_eq!(unknown, 0, "{}: {found:?}", form.name.it);
        }
    }
}

/// The answers to a question of several choices as ODK Central and KoboToolbox export them: the names of the choices, parted by blanks.
#[test]
fn several_choices_are_read_as_odk_exports_them() {
    let source = r#"form 表 {
      subject 校 by 代码
      代码: text required
      设施: choices { 1 食堂, 2 "多功能 厅", 操场, "无 障碍 通道" }
      rooms: choices { lab, library, gym }
      名: text
    }"#;
    let engine = heng::Engine::from_text("表.heng", source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let tried = Tried { engine: engine.into(), at: 0 };
    let form = tried.form();
    let workbook = exported(&tried).workbook().unwrap();
    let survey = rows(&workbook, "survey");
    let choices = rows(&workbook, "choices");
    let question = |field: &str| survey.iter().find(|row| row.get("heng_name").is_some_and(|name| name == field)).unwrap();
    let names = |field: &str| -> Vec<String> {
        let list = question(field)["type"].split_once(' ').unwrap().1.to_owned();
        choices.iter().filter(|row| row["list_name"] == list).map(|row| row["name"].clone()).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let take = |group: &str, facilities: &str, rooms: &str, named: &str| {
        let header = |field: &str| format!("{group}{}", question(field)["name"]);
        let path = folder.path().join("收集.csv");
        let head = ["代码", "设施", "rooms", "名"].map(header).join(",");
        std::fs::write(&path, format!("{head}\n1,{facilities},{rooms},{named}\n")).unwrap();
        let (table, found, _) = read(form, &[path], &Options::default());
        let told: Vec<String> = found.iter().map(|what| format!("{} {}", what.code(), what.headline(Lang::Zh))).collect();
        let cell = |field: &str| match table.cell(form.field(field).unwrap().0, 0).unwrap() {
            Ok(value) => value.word().to_string(),
            Err(_) => "-".to_owned(),
        };
        ([cell("设施"), cell("rooms"), cell("名")], told)
    };
    let all = names("设施");
    for group in ["", "g_0ff8eb1-", "g_0ff8eb1/g_1a2b3c4/"] {
        for chosen in 0_usize..16 {
            let some: Vec<&str> = all.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, name)| name.as_str()).collect();
            let options = ["食堂", "多功能 厅", "操场", "无 障碍 通道"];
            let kept: Vec<&str> = options.into_iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, name)| name).collect();
            // Where nothing is chosen nothing is exported, as where it was not asked.
            let expected = if kept.is_empty() { "-".to_owned() } else { kept.join("、") };
            let (cells, told) = take(group, &some.join(" "), &names("rooms")[1..].join(" "), "a b");
            assert_eq!((cells, told), ([expected, "library、gym".to_owned(), "a b".to_owned()], Vec::new()), "{group}{some:?}");
        }
        // Codes, too; and what is an answer as it stands stays that.
        assert_eq!(take(group, "2 1", "lab", "").0[0], "食堂、多功能 厅");
        assert_eq!(take(group, "多功能 厅", "", "").0[0], "多功能 厅");
        assert_eq!(take(group, "2、1", "", "").0[0], "食堂、多功能 厅");
        let (cells, told) = take(group, "1 3", "lab attic", "");
        assert_eq!(cells[..2], ["-", "-"]);
        assert!(told.len() == 2 && told[0].contains("没有 `3` 这一项") && told[1].contains("没有 `attic` 这一项"), "{told:?}");
    }
    // Where all questions are called as their fields are, a column that every export has shows whose it is.
    let engine = heng::Engine::from_text("表.heng", "form t { subject s by code\n code: text required\n rooms: choices { lab, library } }");
    for (head, collected) in [("SubmissionDate,code,rooms", true), ("_uuid,code,rooms", true), ("note,code,rooms", false)] {
        let path = folder.path().join("plain.csv");
        std::fs::write(&path, format!("{head}\n1,2,library lab\n")).unwrap();
        let (_, found, _) = read(&engine.rules().forms[0], &[path], &Options::default());
        assert_eq!(found.iter().any(|what| what.code().as_str() == "H0604"), !collected, "{head}");
    }
    // Under the name of the field itself a list is written as the form asks for it.
    let path = folder.path().join("手填.csv");
    std::fs::write(&path, "代码,设施\n1,1 2\n").unwrap();
    let (_, found, _) = read(form, &[path], &Options::default());
    assert!(found.iter().any(|what| what.code().as_str() == "H0604"));
}

/// What is filled in in a field, as ODK keeps it: often small, often the same, sometimes nothing.
fn answer(field: &Field, row: usize, random: &mut Random) -> String {
    let reader = CellReader::new(field, false);
    let mut tries: Vec<String> = Vec::new();
    for _ in 0..12 {
        tries.push(match &field.kind {
            FieldType::Integer(_) => {
                let most = if random.below(3) == 0 { 3000 } else { 8 };
                random.below(most).to_string()
            }
            FieldType::Decimal(..) | FieldType::Percent(_) => {
                let most = match &field.range {
                    Some(Range::Numbers(_, Some(most))) if random.below(4) == 0 => most.to_f64().min(5000.0),
                    _ => 6.0,
                };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bound of a form")]
                let whole = random.below(most as usize + 1);
                [whole.to_string(), format!("{whole}.{}", random.below(10)), format!("{whole}.{:02}", random.below(100))][random.below(3)]
                    .clone()
            }
            FieldType::YesNo => random.one(&["yes", "no"]).to_owned(),
            FieldType::Choice(options) => options[random.below(options.len())].chars().filter(|c| !c.is_whitespace()).collect(),
            FieldType::Date => format!("2020-01-0{}", 1 + random.below(9)),
            FieldType::Text => random.one(&["甲", "乙", "350102", "3501021234", "2024", "123456789012"]).to_owned(),
        });
        if matches!(field.kind, FieldType::Text) {
            tries.extend([format!("{row:04}"), format!("{row:010}"), format!("{row:06}"), format!("{row:05}"), format!("{row:012}")]);
        }
    }
    tries.into_iter().find(|text| matches!(reader.read(text), Ok(Some(_)))).unwrap_or_default()
}

/// What is told of one submission: what is filled in and not asked, and the checks that fail.
fn told(form: &Form, answers: &[String]) -> (HashSet<String>, HashSet<usize>) {
    let record: Vec<(&str, &str)> = form.fields.iter().zip(answers).map(|(field, text)| (field.name.it.as_str(), text.as_str())).collect();
    let (_, found, _) = from_records(form, [record], &Options::default());
    let (mut unasked, mut failed) = (HashSet::new(), HashSet::new());
    for what in &found {
        match what.code().as_str() {
            "H0614" => {
                unasked.insert(what.origin().unwrap().field.unwrap().to_string());
            }
            "H0608" | "H0609" => {
                let said = what.headline(Lang::Zh);
                let of = form.checks.iter().position(|check| said.contains(&check.message));
                failed.insert(of.unwrap_or_else(|| panic!("{said}")));
            }
            _ => {}
        }
    }
    (unasked, failed)
}

/// What each question keeps: one that is not asked has no answer. One may depend on the other, so all settle step by step.
fn settled(survey: &[Row], answers: &[String], field_of: &dyn Fn(&Row) -> Option<usize>) -> HashMap<String, String> {
    let kept_by = |row: &Row| {
        let at = field_of(row)?;
        Some((row["name"].clone(), answers[at].clone()))
    };
    let mut kept: HashMap<String, String> = survey.iter().filter_map(kept_by).collect();
    for _ in 0..=answers.len() {
        let before = kept.clone();
        for row in survey.iter().filter(|row| row.contains_key("relevant")) {
            let Some(at) = field_of(row) else { continue };
            let asked = evaluate(&row["relevant"], "", &|name| before[name].clone()).flag();
            kept.insert(row["name"].clone(), if asked { answers[at].clone() } else { String::new() });
        }
        if kept == before {
            break;
        }
    }
    kept
}

#[test]
fn what_is_asked_and_refused_is_what_the_engine_says() {
    let mut tried = shipped();
    let many = tried.len();
    tried.extend((1..=12).map(made_up));
    let (mut compared, mut failing, mut unsaid, mut checks) = (0, 0, [0, 0], [0, 0]);
    for (number, tried) in tried.iter().enumerate() {
        let form = tried.form();
        let made = exported(tried);
        assert!(!form.name.it.starts_with("national/") || made.unsaid.is_empty(), "{}: {:?}", form.name.it, made.unsaid);
        unsaid[usize::from(number < many)] += made.unsaid.len();
        checks[usize::from(number < many)] += form.checks.len();
        let survey = rows(&made.workbook().unwrap(), "survey");
        let cell = |row: &Row, column: &str| row.get(column).cloned().unwrap_or_default();
        let field_of = |row: &Row| {
            form.field(&cell(row, "heng_name"))
                .filter(|_| !cell(row, "type").starts_with("begin") && !cell(row, "heng_type").is_empty())
                .map(|(at, _)| at.0)
        };
        let random = &mut Random(number as u64 + 11);
        for row in 0..40 {
            let mut answers: Vec<String> = (0..form.fields.len())
                .map(|at| {
                    let field = &form.fields[at];
                    if at != form.key.0 && random.below(6) == 0 { String::new() } else { answer(field, row, random) }
                })
                .collect();
            // Of whom a question is asked may be left unsaid; then nobody answers it here.
            for line in survey.iter().filter(|line| line.contains_key("heng_when") && !line.contains_key("relevant")) {
                answers[field_of(line).unwrap()].clear();
            }
            let (kept, (unasked, failed)) = loop {
                let (kept, told) = (settled(&survey, &answers, &field_of), told(form, &answers));
                // Where it is not known whether something is asked, because an answer is missing, a client asks nothing, and the
                // engine says nothing of what is filled in all the same.
                let open = survey.iter().find_map(|line| {
                    let at = field_of(line)?;
                    let lost = kept[&cell(line, "name")].is_empty() && !answers[at].is_empty();
                    (lost && !told.0.contains(form.fields[at].name.it.as_str())).then_some(at)
                });
                let Some(at) = open else { break (kept, told) };
                let reads = form.fields[at].when.as_ref().unwrap().fields();
                let blank =
                    |field: &usize| survey.iter().any(|line| field_of(line) == Some(*field) && kept[&cell(line, "name")].is_empty());
                let divides = format!("{:?}", form.fields[at].when).contains("Div");
                // What counts as 0 where it is not asked may well be filled in as 0.
                let counts = form.fields[at].details.otherwise.is_some();
                assert!(divides || counts || reads.iter().any(|field| blank(&field.0)), "{}: {answers:?}", form.fields[at].name.it);
                answers[at].clear();
            };
            let value = |name: &str| kept[name].clone();
            let slip = |what: String| panic!("{}: {what}\n{answers:?}\nunasked {unasked:?}, failed {failed:?}", form.name.it);
            for line in &survey {
                let own = kept.get(&cell(line, "name")).cloned().unwrap_or_default();
                // Nothing is told of what is not asked and was not filled in.
                if let Some((at, relevant)) = field_of(line).zip(line.get("relevant")).filter(|(at, _)| !answers[*at].is_empty()) {
                    let name = form.fields[at].name.it.as_str();
                    if own.is_empty() != unasked.contains(name) {
                        slip(format!("{name} is asked: {}, by {relevant}", !own.is_empty()));
                    }
                    compared += 1;
                }
                let statements = cell(line, "heng_also");
                let numbers = statements.lines().filter_map(|line| line.split([' ', ':']).next()?.parse::<usize>().ok());
                let said: Vec<usize> = numbers.filter(|at| !made.unsaid.contains(&form.checks[*at].message)).collect();
                // Checks of one message cannot be told apart here.
                let alike = |at: &usize| form.checks.iter().filter(|other| other.message == form.checks[*at].message).count() > 1;
                if said.iter().any(alike) {
                    continue;
                }
                let fails = said.iter().any(|at| failed.contains(at));
                failing += usize::from(fails);
                let shown = match (line.get("constraint"), line.get("relevant")) {
                    _ if cell(line, "type") == "calculate" => continue,
                    (_, Some(relevant)) if cell(line, "type") == "note" => evaluate(relevant, "", &value).flag(),
                    (Some(constraint), _) => !own.is_empty() && !evaluate(constraint, &own, &value).flag(),
                    _ => false,
                };
                if shown != fails {
                    slip(format!(
                        "{said:?} fails: {fails}, shown {shown}, by {:?} {:?}, own {own:?}",
                        line.get("constraint"),
                        line.get("relevant")
                    ));
                }
                compared += 1;
            }
        }
    }
    println!("{unsaid:?} of {checks:?} checks of made-up and of shipped forms are left to import, {failing} failed");
    assert!(compared > 5_000 && failing > 500, "{compared} compared, {failing} failed");
    assert!(unsaid[0] * 4 < checks[0], "{unsaid:?} of {checks:?} are left to import");
}

#[test]
fn a_question_takes_what_its_field_takes() {
    let source = r#"form 表 {
      subject 校 by 代码
      代码: text required { pattern "[A-Z]?\d{3,4}|校'长" }
      a: integer -5..9
      b: decimal(2) 0.5..99.99
      c: percent(1) 0%..100%
      d: integer 0..99999999999
      e: date 2020-02-29..2021-12-31
      f: decimal(0)
    }"#;
    let engine = heng::Engine::from_text("表.heng", source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let form = &engine.rules().forms[0];
    let made = xlsform(engine.rules(), 0, Lang::Zh).unwrap();
    assert_eq!(made.unsaid, [""; 0]);
    let survey = rows(&made.workbook().unwrap(), "survey");
    let kinds: Vec<&str> = survey.iter().map(|row| row["type"].as_str()).collect();
    assert_eq!(kinds, ["text", "integer", "decimal", "decimal", "decimal", "date", "decimal"]);
    assert_eq!(survey[0]["constraint"], "regex(., \"^(?:[A-Z]?\\d{3,4}|校'长)$\")");
    let random = &mut Random(5);
    let mut refused = 0;
    for (field, row) in form.fields.iter().zip(&survey) {
        assert_eq!((row.get("heng_name"), row["name"].is_ascii()), (Some(&field.name.it.to_string()), true));
        let reader = CellReader::new(field, false);
        for _ in 0..300 {
            let text = match &field.kind {
                FieldType::Text => random.one(&["A123", "1234", "12", "校'长", "校长", "A12345"]).to_owned(),
                FieldType::Date => random.one(&["2020-02-28", "2020-02-29", "2021-01-01", "2021-12-31", "2022-01-01"]).to_owned(),
                _ => {
                    let sign = random.one(&["", "", "-"]);
                    let whole = [random.below(12), random.below(120), random.below(1 << 31) * 64][random.below(3)];
                    let decimals = [
                        "".to_owned(),
                        format!(".{}", 1 + random.below(9)),
                        format!(".{:02}", random.below(100)),
                        format!(".{:03}", random.below(1000)),
                    ];
                    format!("{sign}{whole}{}", decimals[random.below(4)])
                }
            };
            let taken = reader.read(&text).is_ok();
            // A client takes whole numbers only where the question is of them.
            if row["type"] == "integer" && text.contains('.') {
                continue;
            }
            refused += usize::from(!taken);
            let holds = row.get("constraint").is_none_or(|constraint| evaluate(constraint, &text, &|_| String::new()).flag());
            assert_eq!(holds, taken, "{text} in {}: {:?}", field.name.it, row.get("constraint"));
        }
    }
    assert!(refused > 300, "{refused}");
}
