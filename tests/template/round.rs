//! There and back (往返): what is filled into a template is what is read from it, and the same as the same submissions say in JSON, in
//! CSV and in a workbook of somebody's own; so is what is told of them.

use super::filling::{Filled, every_kind, fillings, first_column, made_up, made_up_table, shipped, submitted};
use heng::Lang;
use heng::data::{Options, read};
use heng::diag::{Code, Diagnostics};
use heng::eval::{Previous, Table, Value};
use heng::model::{FieldIx, Form, Source};
use heng::report::{Entry, Submitted, TemplateOptions, filled_template, template_beside};
use rust_xlsxwriter::Workbook;
use std::fs;
use std::path::{Path, PathBuf};

/// What some files come to: the rows by key, those of each table, and what is told.
#[derive(Debug, PartialEq)]
struct Told {
    rows: Vec<Vec<String>>,
    tables: Vec<Vec<Vec<String>>>,
    findings: Vec<String>,
}

fn cells(form: &Form, table: &Table, from: usize) -> Vec<Vec<String>> {
    let cell = |row: usize, field: usize| match table.cell(FieldIx(field), row) {
        Some(Ok(Value::Number(number))) => number.to_string(),
        Some(Ok(value)) => value.word().to_string(),
        Some(Err(gap)) => format!("{gap:?}"),
        None => "no cell".to_owned(),
    };
    let row = |row: &u32| (from..form.fields.len()).map(|field| cell(*row as usize, field)).collect();
    let mut rows: Vec<Vec<String>> = table.by_key().iter().map(row).collect();
    // Rows of one submission stay in their order, whatever they are called.
    rows.sort_by(|a, b| a[0].cmp(&b[0]));
    rows
}

fn told(form: &Form, table: &Table, found: &Diagnostics) -> Told {
    let finding = |what: &heng::diag::Diagnostic| {
        format!("{} {:?} {}", what.code(), what.origin().and_then(|at| at.field.clone()), what.headline(Lang::Zh))
    };
    // What a file lacks as a whole is told as often as there are files.
    let mut findings: Vec<String> = found.iter().filter(|what| what.code() != Code::H0611).map(finding).collect();
    findings.sort();
    let of = |of: &heng::model::RowTable| table.beside(Source::Form(of.form), 0).map(|rows| cells(&of.rows, rows, 1)).unwrap();
    Told { rows: cells(form, table, 0), tables: form.tables.iter().map(of).collect(), findings }
}

fn reading(form: &Form, files: &[PathBuf], rows: &[(usize, Table)]) -> (Table, Diagnostics) {
    let (table, found, counts) = read(form, files, &Options { rows, ..Options::default() });
    assert_eq!(counts.files, files.len());
    (table, found)
}

/// An entry as a text.
fn shown(entry: &Entry) -> String {
    match entry {
        Entry::Empty => String::new(),
        Entry::Text(text) => text.clone(),
        Entry::Number(number) => number.to_string(),
        Entry::Day(day) => day.to_string(),
    }
}

/// The names of the fields of a form that are filled in, or of the columns of a table.
fn names(form: &Form, from: usize) -> Vec<String> {
    form.fields.iter().skip(from).take_while(|field| field.is_asked()).map(|field| field.name.it.to_string()).collect()
}

fn json(form: &Form, all: &[Submitted]) -> String {
    let object = |names: &[String], entries: &[Entry]| -> serde_json::Map<String, serde_json::Value> {
        names.iter().cloned().zip(entries.iter().map(|entry| shown(entry).into())).collect()
    };
    let record = |submitted: &Submitted| {
        let mut record = object(&names(form, 0), &submitted.entries);
        for (table, rows) in form.tables.iter().zip(&submitted.tables) {
            let rows: Vec<serde_json::Value> = rows.iter().map(|row| object(&names(&table.rows, first_column(form)), row).into()).collect();
            record.insert(table.name.it.to_string(), rows.into());
        }
        serde_json::Value::from(record)
    };
    serde_json::Value::from(all.iter().map(record).collect::<Vec<_>>()).to_string()
}

/// A header and rows: of the form, then of each table with the key in front.
fn grids(form: &Form, all: &[Submitted]) -> Vec<Vec<Vec<String>>> {
    let texts = |entries: &[Entry]| entries.iter().map(shown).collect::<Vec<_>>();
    let mut grids = vec![[names(form, 0)].into_iter().chain(all.iter().map(|submitted| texts(&submitted.entries))).collect()];
    for (at, table) in form.tables.iter().enumerate() {
        let mut grid = vec![names(&table.rows, 1)];
        for submitted in all {
            let period = form.period.as_ref().and_then(|period| period.key);
            let whose: Vec<String> = [Some(form.key), period].into_iter().flatten().map(|at| shown(&submitted.entries[at.0])).collect();
            grid.extend(submitted.tables[at].iter().map(|row| whose.iter().cloned().chain(texts(row)).collect::<Vec<_>>()));
        }
        grids.push(grid);
    }
    grids
}

fn csv(grid: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    grid.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

/// A workbook of somebody's own, all texts, a sheet for the form and one with the name of each table.
fn own_workbook(form: &Form, grids: &[Vec<Vec<String>>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheets = ["我校数据".to_owned()].into_iter().chain(form.tables.iter().map(|table| table.name.it.to_string()));
    for (name, grid) in sheets.zip(grids) {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        for (row, cells) in (0_u32..).zip(grid) {
            for (column, text) in (0_u16..).zip(cells) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn there_and_back(form: &Form, filled: &[Filled], folder: &Path) -> Told {
    let write = |name: String, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let all: Vec<Submitted> = filled.iter().map(|filled| submitted(form, filled)).collect();
    let (table, found) = reading(form, &[write("a.json".into(), json(form, &all).as_bytes())], &[]);
    let expected = told(form, &table, &found);
    // One workbook each.
    let book = |(at, submitted): (usize, &Submitted)| {
        let options = TemplateOptions { rows: None, lang: Lang::Zh };
        write(format!("{at}.xlsx"), &filled_template(form, &options, std::slice::from_ref(submitted)).unwrap())
    };
    let (table, found) = reading(form, &all.iter().enumerate().map(book).collect::<Vec<_>>(), &[]);
    assert_eq!(told(form, &table, &found), expected, "{}: a workbook each", form.name.it);
    // The same with what was filled in the last time beside, which is no answer.
    let (earlier, _) = reading(form, &[folder.join("a.json")], &[]);
    let beside = |(at, submitted): (usize, &Submitted)| {
        let options = TemplateOptions { rows: None, lang: Lang::Zh };
        let whose = Previous::of(form, &earlier, &shown(&submitted.entries[form.key.0]));
        let one = std::slice::from_ref(submitted);
        let bytes = match &whose {
            Some(previous) => template_beside(form, &options, previous, one),
            None => filled_template(form, &options, one),
        };
        write(format!("{at}.xlsx"), &bytes.unwrap())
    };
    let (table, found) = reading(form, &all.iter().enumerate().map(beside).collect::<Vec<_>>(), &[]);
    assert_eq!(told(form, &table, &found), expected, "{}: with last period's answers", form.name.it);
    // One for all, with rows that nobody has filled in behind them.
    let options = TemplateOptions { rows: Some(u32::try_from(all.len()).unwrap() + 3), lang: Lang::Zh };
    let (table, found) = reading(form, &[write("rows.xlsx".into(), &filled_template(form, &options, &all).unwrap())], &[]);
    assert_eq!(told(form, &table, &found), expected, "{}: a row each", form.name.it);
    let grids = grids(form, &all);
    let (table, found) = reading(form, &[write("own.xlsx".into(), &own_workbook(form, &grids))], &[]);
    assert_eq!(told(form, &table, &found), expected, "{}: a workbook of one's own", form.name.it);
    // CSV, a file for each table.
    let (mut rows, mut told_of_rows) = (Vec::new(), Diagnostics::new());
    for (at, of) in form.tables.iter().enumerate() {
        let (table, found) = reading(&of.rows, &[write(format!("{at}.csv"), &csv(&grids[at + 1]))], &[]);
        rows.push((of.form, table));
        told_of_rows.append(found);
    }
    let (table, mut found) = reading(form, &[write("a.csv".into(), &csv(&grids[0]))], &rows);
    found.append(told_of_rows);
    assert_eq!(told(form, &table, &found), expected, "{}: CSV", form.name.it);
    expected
}

#[test]
fn what_is_filled_in_is_what_is_read_whatever_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["甲.pdf", "a.PDF", "b.jpg", "a.doc", "a.pdf", "b.pdf", "c.pdf", "a b.jpg"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let mut forms = shipped();
    forms.extend((1..=3).map(made_up));
    forms.push(every_kind());
    forms.extend((1..=2).map(made_up_table));
    let (mut kept, mut rows, mut findings) = (0, 0, 0);
    for (seed, form) in (0..).zip(&forms) {
        let filled = fillings(form, seed, 5);
        let told = there_and_back(form, &filled, folder.path());
        kept += told.rows.len();
        rows += told.tables.iter().map(Vec::len).sum::<usize>();
        findings += told.findings.len();
        // Nothing but what is right, as the engine has taken it.
        let right = |(texts, tables): &Filled| {
            let key = texts[form.key.0].clone();
            told.rows.iter().any(|row| row[form.key.0] == key) && !tables.iter().flatten().any(|row| row.concat().contains("不详"))
        };
        let taken: Vec<Filled> = filled.into_iter().filter(right).collect();
        if !taken.is_empty() {
            there_and_back(form, &taken, folder.path());
        }
    }
    assert!(kept > 25 && rows > 40 && findings > 120, "{kept} {rows} {findings}");
}

#[test]
fn what_is_wrong_in_a_table_is_told_with_its_cell() {
    let form = every_kind();
    let folder = tempfile::tempdir().unwrap();
    let mut entries = vec![Entry::Empty; form.asked()];
    entries[0] = Entry::Text("0001".into());
    entries[form.field("年度").unwrap().0.0] = Entry::Number(2024.0);
    let text = |text: &str| Entry::Text(text.into());
    let class = |grade: &str, pupils: f64, girls: f64| vec![text(grade), Entry::Empty, Entry::Number(pupils), Entry::Number(girls)];
    let rows = vec![class("1", 40.0, 20.0), class("三年级", 30.0, 20.0), class("二年级", 30.0, 31.0)];
    let submitted = Submitted { entries, tables: vec![rows, Vec::new()] };
    for (rows, cells) in [(None, ["班级!B6", "班级!D7"]), (Some(2), ["班级!D6", "班级!F7"])] {
        let path = folder.path().join("a.xlsx");
        fs::write(&path, filled_template(&form, &TemplateOptions { rows, lang: Lang::Zh }, std::slice::from_ref(&submitted)).unwrap())
            .unwrap();
        let (table, found) = reading(&form, &[path], &[]);
        let place = |code: Code| {
            let at = found.iter().find(|what| what.code() == code).and_then(|what| what.origin()).unwrap();
            at.cell().unwrap()
        };
        // An option that there is none of; a row that a check refuses.
        assert_eq!(place(Code::H0604), cells[0]);
        assert_eq!(place(Code::H0608), cells[1]);
        let of = |at: usize| table.beside(Source::Form(form.tables[at].form), 0).unwrap().len();
        assert_eq!((of(0), of(1)), (2, 0));
    }
}
