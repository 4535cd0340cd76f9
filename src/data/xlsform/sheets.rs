//! The sheets of an XLSForm: rows by their columns, in one language.

use super::super::workbook::Workbook;
use super::told::Told;
use crate::data::workbook::Sheet;
use crate::diag::{Code, Diagnostics, Lang, Origin};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A row: what stands in its columns, and in which.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// As spreadsheets count them.
    pub number: u32,
    cells: HashMap<String, (u32, String)>,
    /// Labels in other languages.
    pub others: Vec<(String, String)>,
}

impl Row {
    /// What stands in a column; nothing where it is blank.
    pub fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", |(_, text)| text.as_str())
    }

    /// The columns that are filled in.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.cells.keys().map(String::as_str)
    }
}

/// The sheets.
#[derive(Debug)]
pub(super) struct Sheets {
    pub path: Arc<str>,
    survey_name: Arc<str>,
    pub survey: Vec<Row>,
    /// By their lists.
    pub choices: BTreeMap<String, Vec<Row>>,
    pub settings: Row,
}

impl Sheets {
    /// Those of a workbook; none where it is no XLSForm.
    pub fn of(book: &Workbook, lang: Lang, found: &mut Diagnostics) -> Option<Sheets> {
        let sheet = |name: &str| book.sheets.iter().find(|sheet| sheet.name.trim().eq_ignore_ascii_case(name));
        let survey_sheet = sheet("survey");
        let settings = sheet("settings").map(|sheet| rows(sheet, "", lang)).unwrap_or_default().into_iter().next().unwrap_or_default();
        let default = settings.cell("default_language").to_owned();
        let survey = survey_sheet.map(|sheet| rows(sheet, &default, lang)).unwrap_or_default();
        let path = book.path.clone();
        let Some(survey_sheet) = survey_sheet.filter(|_| survey.iter().any(|row| !row.cell("type").is_empty())) else {
            found.push(Told {
                code: Code::H0650,
                at: Origin::file(path),
                zh: "这个工作簿不是 XLSForm: 没有工作表 survey, 或它没有 type 一列".to_owned(),
                en: "the workbook is no XLSForm: it has no sheet `survey`, or that has no column `type`".to_owned(),
                help: (
                    "XLSForm 要有工作表 survey, 列 type, name, label",
                    "an XLSForm has a sheet `survey` with the columns type, name and label",
                ),
            });
            return None;
        };
        let mut choices: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in sheet("choices").map(|sheet| rows(sheet, &default, lang)).unwrap_or_default() {
            let list = if row.cell("list_name").is_empty() { row.cell("list name") } else { row.cell("list_name") }.to_owned();
            if !list.is_empty() {
                choices.entry(list).or_default().push(row);
            }
        }
        Some(Sheets { path, survey_name: survey_sheet.name.clone(), survey, choices, settings })
    }

    /// The place of a column of a row of the survey.
    pub fn place(&self, row: &Row, column: &str) -> Origin {
        let (column, text) = row.cells.get(column).map_or((0, ""), |(column, text)| (*column as usize + 1, text.as_str()));
        let shown: String = text.chars().take(60).collect();
        Origin {
            file: self.path.clone(),
            sheet: Some(self.survey_name.clone()),
            line: row.number as usize,
            column,
            field: None,
            text: shown.into(),
        }
    }
}

/// The rows below the header, by the columns' names in lower case.
fn rows(sheet: &Sheet, default: &str, lang: Lang) -> Vec<Row> {
    let mut all = sheet.rows();
    let Some(head) = all.next() else { return Vec::new() };
    let names: Vec<(String, Option<String>)> = head.texts().iter().map(|text| column(text)).collect();
    // Of each column in several languages the one to take.
    let mut chosen: HashMap<&str, (u8, usize)> = HashMap::new();
    for (at, (name, language)) in names.iter().enumerate() {
        let fits = fitting(language.as_deref(), default, lang);
        let best = chosen.entry(name).or_insert((fits, at));
        if fits > best.0 {
            *best = (fits, at);
        }
    }
    let mut made = Vec::new();
    for row in all {
        let mut made_row = Row { number: row.number, ..Row::default() };
        for (at, text) in row.texts().into_iter().enumerate() {
            let text = text.trim();
            let Some((name, language)) = names.get(at).filter(|(name, _)| !name.is_empty() && !text.is_empty()) else { continue };
            if chosen.get(name.as_str()).is_some_and(|(_, chosen)| *chosen == at) {
                made_row.cells.insert(name.clone(), (u32::try_from(at).unwrap_or(0), text.to_owned()));
            } else if name == "label" {
                made_row.others.push((language.clone().unwrap_or_default(), text.to_owned()));
            }
        }
        if !made_row.cells.is_empty() {
            made.push(made_row);
        }
    }
    made
}

/// The name of a column and its language: `label::Chinese (zh)`, `label:English`, `bind::relevant`.
fn column(text: &str) -> (String, Option<String>) {
    let text = text.trim();
    let (name, language) = match text.split_once("::").or_else(|| text.split_once(':')) {
        Some((name, language)) => (name.trim().to_lowercase(), Some(language.trim().to_owned())),
        None => (text.to_lowercase(), None),
    };
    let name = match name.as_str() {
        "relevance" => "relevant".to_owned(),
        "constraint message" => "constraint_message".to_owned(),
        "read_only" => "readonly".to_owned(),
        _ => name,
    };
    // What has a name of its own behind the colons is no language.
    match (name.as_str(), language) {
        ("bind" | "body" | "instance" | "media" | "control", Some(rest)) => (format!("{name}::{rest}"), None),
        (_, language) => (name, language),
    }
}

/// How well a language fits.
fn fitting(language: Option<&str>, default: &str, lang: Lang) -> u8 {
    let Some(language) = language else { return 2 };
    let small = language.to_lowercase();
    let (code, names): (&str, &[&str]) = match lang {
        Lang::Zh => ("(zh", &["chinese", "中文", "汉语", "zh"]),
        Lang::En => ("(en", &["english", "英文", "en"]),
    };
    if small.contains(code) || names.iter().any(|name| small.starts_with(name)) {
        3
    } else if language == default {
        1
    } else {
        0
    }
}
