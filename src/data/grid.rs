//! A data file as a grid of cells (表样): what stands where, whatever it means, to be given back with remarks in it.
//!
//! Not here: what is wrong with it (`submissions`), how it is given back (`report`).

use super::csv::{Rows, separator};
use super::file::{Encoding, read_text, shown};
use super::heading::{Known, MOST_ROWS, heading};
use super::json::{JsonRow, each_record, record};
use super::workbook::{Workbook, is_workbook};
use crate::diag::Origin;
use crate::model::Form;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::path::Path;

/// Rows and columns of a sheet of Excel.
const MOST_GRID_ROWS: usize = 1 << 20;
const MOST_GRID_COLUMNS: usize = 1 << 14;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum GridCell {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A share that is shown as a percentage.
    Percent(f64),
    /// TRUE or FALSE.
    Flag(bool),
}

/// A sheet: rows and columns from 0.
#[derive(Clone, Debug, Default)]
pub struct GridSheet {
    /// Its name.
    pub name: String,
    /// Whether it is hidden.
    pub hidden: bool,
    /// The widths of columns in characters, where they are known.
    pub widths: Vec<(u32, f64)>,
    /// The rows in which anything is filled in, each with its cells.
    pub rows: Vec<(u32, Vec<(u32, GridCell)>)>,
}

/// A data file as a grid.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// Its sheets; of a file that is no workbook one.
    pub sheets: Vec<GridSheet>,
    /// Of a file that is no workbook: the line of each row, and line and column at which its cells begin.
    lines: Vec<(usize, Vec<(usize, usize)>)>,
    /// The column of each field, by its name.
    fields: HashMap<String, u32>,
}

impl Grid {
    /// The grid of a file; nothing where it cannot be read, or is larger than a sheet can be.
    ///
    /// * `form`: by its fields a place is found that is known by its field only.
    pub fn open(form: &Form, path: &Path, encoding: Option<Encoding>) -> Option<Grid> {
        if is_workbook(path) {
            let book = Workbook::open(path).ok()?;
            return Some(Grid { sheets: book.sheets.iter().map(|sheet| sheet.grid()).collect(), ..Grid::default() });
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        let text = read_text(path, ending != "json", encoding).ok()?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_else(|| shown(path).to_string());
        match &*ending {
            "json" | "jsonl" | "ndjson" => of_json(&name, &text, &ending),
            _ => of_csv(form, &name, &text),
        }
    }

    /// Sheet, row and, where it is known, column of a place, from 0; nothing where it is the file as a whole.
    pub fn place(&self, origin: &Origin) -> Option<(usize, u32, Option<u32>)> {
        if let Some(sheet) = &origin.sheet {
            let at = self.sheets.iter().position(|other| other.name == **sheet)?;
            let column = origin.column.checked_sub(1).and_then(|column| u32::try_from(column).ok());
            return Some((at, u32::try_from(origin.line.checked_sub(1)?).ok()?, column));
        }
        let line = Some(origin.line).filter(|line| *line > 0)?;
        let row = self.lines.partition_point(|(begins, _)| *begins <= line).checked_sub(1)?;
        let (_, places) = self.lines.get(row)?;
        let by_place = (origin.column > 0).then(|| places.iter().position(|place| *place == (line, origin.column))).flatten();
        let by_field = || self.fields.get(&**origin.field.as_ref()?).copied();
        Some((0, u32::try_from(row).ok()?, by_place.and_then(|column| u32::try_from(column).ok()).or_else(by_field)))
    }
}

/// A text as the cell that it would be in a workbook: a number where it reads the same again.
fn cell(text: &str) -> GridCell {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && text.len() <= 15 && format!("{number}") == text => GridCell::Number(number),
        _ => GridCell::Text(text.to_owned()),
    }
}

fn row(texts: impl Iterator<Item = String>) -> Vec<(u32, GridCell)> {
    texts.enumerate().filter(|(_, text)| !text.is_empty()).filter_map(|(at, text)| Some((u32::try_from(at).ok()?, cell(&text)))).collect()
}

fn of_csv(form: &Form, name: &str, text: &str) -> Option<Grid> {
    let (skipped, separator) = separator(text.as_bytes());
    let mut reader = Rows::new(text.as_bytes(), separator, 1);
    reader.skip(skipped);
    let mut grid = Grid { sheets: vec![GridSheet { name: name.to_owned(), ..GridSheet::default() }], ..Grid::default() };
    let mut first: Vec<Vec<String>> = Vec::new();
    while let Some(found) = reader.next() {
        let width = found.filled();
        if width > MOST_GRID_COLUMNS || grid.lines.len() >= MOST_GRID_ROWS {
            return None;
        }
        let texts: Vec<String> = found.iter().take(width).map(str::to_owned).collect();
        if first.len() < MOST_ROWS && width > 0 {
            first.push(texts.clone());
        }
        let at = u32::try_from(grid.lines.len()).ok()?;
        grid.lines.push((found.line, (0..found.len()).map(|column| found.place(column)).collect()));
        grid.sheets.first_mut()?.rows.push((at, row(texts.into_iter())));
    }
    let known = Known::of(form);
    if let Some((_, names)) = heading(&known, &first) {
        for (at, name) in names.iter().enumerate() {
            if let Some(field) = known.find(name).and_then(|field| form.fields.get(field)) {
                grid.fields.entry(field.name.it.to_string()).or_insert(u32::try_from(at).ok()?);
            }
        }
    }
    Some(grid)
}

fn of_json(name: &str, text: &str, ending: &str) -> Option<Grid> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    let mut add = |number: usize, found: JsonRow| {
        let JsonRow::Object(pairs) = found else { return };
        let mut texts = Vec::new();
        for (name, value) in pairs {
            let at = *places.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                names.len() - 1
            });
            if texts.len() <= at {
                texts.resize(at + 1, String::new());
            }
            let text = match value {
                Json::Null => String::new(),
                Json::String(text) => text,
                other => other.to_string(),
            };
            texts.get_mut(at).into_iter().for_each(|place| place.clone_from(&text));
        }
        rows.push((number, texts));
    };
    if ending == "json" {
        each_record(text, &mut add).ok()?;
    } else {
        let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines.for_each(|(at, line)| record(line).into_iter().for_each(|found| add(at + 1, found)));
    }
    if names.len() > MOST_GRID_COLUMNS || rows.len() >= MOST_GRID_ROWS {
        return None;
    }
    let fields = names.iter().enumerate().filter_map(|(at, name)| Some((name.clone(), u32::try_from(at).ok()?))).collect();
    let head: (u32, Vec<(u32, GridCell)>) = (0, row(names.into_iter()));
    let mut lines = vec![(0, Vec::new())];
    lines.extend(rows.iter().map(|(number, _)| (*number, Vec::new())));
    let body = rows.into_iter().enumerate().filter_map(|(at, (_, texts))| Some((u32::try_from(at + 1).ok()?, row(texts.into_iter()))));
    let sheet = GridSheet { name: name.to_owned(), hidden: false, widths: Vec::new(), rows: std::iter::once(head).chain(body).collect() };
    Some(Grid { sheets: vec![sheet], lines, fields })
}
