//! Workbooks as schools hand them in (收工作簿): the same submissions mean the same in every kind of file, and nothing that is
//! sent in can harm.
//!
//! Files are made here, by a few lines each. Not here: the program around it (`cli/form.rs`).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "workbooks/habits.rs"]
mod habits;
#[path = "workbooks/hostile.rs"]
mod hostile;
#[path = "workbooks/same.rs"]
mod same;

use heng::data::{Counts, Options, read};
use heng::diag::{Code, Diagnostics, Lang};
use heng::eval::{Gap, Table, Value};
use heng::model::{FieldIx, Form};
use heng::{Engine, text::Name};
use rust_xlsxwriter::{Format, Workbook};
use std::path::PathBuf;
use tempfile::TempDir;

const FORM: &str = r#"单位 人, 平方米
填报表 学校表 "学校情况" {
  版本 2024
  对象 学校 按 代码
  代码: 文本 必填
  名称: 文本
  学段: 单选 { 小学, 初中, 九年一贯制 }
  在校生数: 整数 人 0..20000 必填
  教师数: 整数 人 0..3000
  面积: 小数(2) 平方米 0..
  持证率: 百分比(2) 0%..100%
  建校日期: 日期
  有食堂: 是否
  校验 教师数 <= 在校生数 : "教师数不多于在校生数"
}
"#;

fn engine() -> Engine {
    let engine = Engine::from_text("forms.heng", FORM);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    engine
}

fn form(engine: &Engine) -> &Form {
    &engine.rules().forms[0]
}

/// What reading some files comes to.
struct Read {
    form: Form,
    table: Table,
    found: Diagnostics,
    counts: Counts,
}

/// Reads files of these names and contents.
fn reading(files: &[(&str, &[u8])]) -> Read {
    reading_of(&engine(), files)
}

/// The same of another form.
fn reading_of(engine: &Engine, files: &[(&str, &[u8])]) -> Read {
    let folder = TempDir::new().unwrap();
    let path = |(name, bytes): &(&str, &[u8])| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let paths: Vec<PathBuf> = files.iter().map(path).collect();
    let options = Options { texts: Some(engine.texts()), ..Options::default() };
    let (table, found, counts) = read(form(engine), &paths, &options);
    Read { form: form(engine).clone(), table, found, counts }
}

impl Read {
    /// The rows in the order of keys, a line each.
    fn rows(&self) -> Vec<String> {
        let fields = self.form.fields.len();
        let cell = |row: usize, field: usize| match self.table.cell(FieldIx(field), row) {
            Some(Ok(Value::Number(number))) => number.to_string(),
            Some(Ok(Value::Word(word))) => word.to_string(),
            Some(Ok(Value::Flag(flag))) => flag.to_string(),
            Some(Ok(Value::Date(day))) => day.to_string(),
            Some(Err(Gap::Missing(_))) => "-".into(),
            _ => "?".into(),
        };
        let row = |row: &u32| (0..fields).map(|field| cell(*row as usize, field)).collect::<Vec<_>>().join(" ");
        self.table.by_key().iter().map(row).collect()
    }

    /// What is told, a line each: the cell (or line and column), the code, the words.
    fn told(&self) -> Vec<String> {
        let line = |what: &heng::diag::Diagnostic| {
            let at = what.origin().unwrap();
            let place = at.cell().unwrap_or_else(|| format!("{}:{}", at.line, at.column));
            assert!(!what.headline(Lang::En).is_empty());
            format!("{place} {} {}", what.code(), what.headline(Lang::Zh))
        };
        self.found.iter().map(line).collect()
    }

    /// That exactly these are told: the place and code, and a part of the words.
    #[track_caller]
    fn tells(self, expected: &[(&str, &str)]) -> Read {
        let told = self.told();
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, (start, words)) in told.iter().zip(expected) {
            assert!(told.starts_with(start) && told.contains(words), "`{start} … {words}` is not: {told}");
        }
        self
    }
}

/// What a test writes into a cell.
#[derive(Clone, Debug)]
enum Put<'t> {
    Text(&'t str),
    Number(f64),
    /// A number in a number format.
    As(f64, &'t str),
    Flag(bool),
    /// A formula with its last value.
    Formula(&'t str, &'t str),
    Nothing,
}
use Put::{As, Flag, Formula, Nothing, Number, Text};

/// A workbook of some sheets.
fn workbook(sheets: &[(&str, &[&[Put<'_>]])]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        if name.starts_with('_') {
            sheet.set_very_hidden(true);
        }
        for (row, cells) in (0_u32..).zip(*rows) {
            for (column, cell) in (0_u16..).zip(*cells) {
                match cell {
                    Text(text) => sheet.write_string(row, column, *text).unwrap(),
                    Number(number) => sheet.write_number(row, column, *number).unwrap(),
                    As(number, format) => {
                        sheet.write_number_with_format(row, column, *number, &Format::new().set_num_format(*format)).unwrap()
                    }
                    Flag(flag) => sheet.write_boolean(row, column, *flag).unwrap(),
                    Formula(formula, value) => {
                        sheet.write_formula(row, column, *formula).unwrap();
                        sheet.set_formula_result(row, column, *value)
                    }
                    Nothing => sheet,
                };
            }
        }
    }
    if sheets.iter().all(|(name, _)| name.starts_with('_')) {
        workbook.add_worksheet();
    }
    workbook.save_to_buffer().unwrap()
}
