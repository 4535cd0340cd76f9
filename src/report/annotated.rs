//! Submissions given back with remarks (批注工作簿): the cells as they were read, what is wrong with them as colours and
//! comments, and a sheet that lists it all.
//!
//! Made anew from values: nothing of the original's looks, formulas, links and programs is in it. A text that a spreadsheet
//! might take for a formula is marked as a text.
//! Not here: what is wrong (`data`), reading the original (`data`).

use super::sheet_names::SheetNames;
use crate::diag::{Code, Lang, Severity, column_letters};
use crate::text::starts_formula;
use crate::text::width::columns;
use rust_xlsxwriter::{Format, FormatAlign, Note, Workbook, Worksheet, XlsxError};
use std::collections::{BTreeMap, HashSet};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum PageCell {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A share that is shown as a percentage.
    Percent(f64),
    /// TRUE or FALSE.
    Flag(bool),
}

/// A sheet, with rows and columns from 0.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its name, as near as a sheet may be called so.
    pub name: String,
    /// Whether it is hidden, and stays so.
    pub hidden: bool,
    /// The widths of columns in characters, where they are known; the others follow what stands in them.
    pub widths: Vec<(u32, f64)>,
    /// The rows in which anything is filled in.
    pub rows: Vec<(u32, Vec<(u32, PageCell)>)>,
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub struct Remark {
    /// Sheet, row and column from 0; without a column the row, without anything the file as a whole.
    pub place: Option<(usize, u32, Option<u32>)>,
    /// Its code.
    pub code: Code,
    /// The field.
    pub field: String,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

/// The widest column, in characters of ASCII, and the narrowest.
const WIDTHS: (usize, usize) = (8, 50);
/// The most characters of a comment; what is longer stands in the list.
const LONGEST_NOTE: usize = 2_000;

/// The workbook as the bytes of an .xlsx.
///
/// # Errors
/// A sheet or cell is beyond what a workbook can hold.
pub fn annotated(file: &str, pages: &[Page], remarks: &[Remark], summary: &str, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut taken = SheetNames::with([summary]);
    let names: Vec<String> = pages.iter().map(|page| taken.take(&page.name, "数据")).collect();
    list(workbook.add_worksheet().set_name(summary)?, file, &names, remarks, lang)?;
    for (at, (page, name)) in pages.iter().zip(&names).enumerate() {
        let sheet = workbook.add_worksheet().set_name(name)?;
        sheet.set_hidden(page.hidden);
        let own = remarks.iter().filter(|remark| remark.place.is_some_and(|(sheet, ..)| sheet == at));
        fill(sheet, page, &own.collect::<Vec<_>>(), lang)?;
    }
    workbook.save_to_buffer()
}

fn color(code: Code) -> u32 {
    match code.severity() {
        Severity::Error => 0x00FF_C7CE,
        Severity::Warning => 0x00FF_EB9C,
        Severity::Note => 0x00DD_EBF7,
    }
}

/// A format for a cell: its colour, and what keeps a text a text.
fn format(remark: Option<Code>, percent: bool, text: Option<&str>) -> Option<Format> {
    let formula = text.is_some_and(starts_formula);
    if remark.is_none() && !percent && !formula {
        return None;
    }
    let mut format = Format::new();
    if let Some(code) = remark {
        format = format.set_background_color(color(code));
    }
    if percent {
        format = format.set_num_format("0.##%");
    }
    if formula {
        format = format.set_quote_prefix();
    }
    Some(format)
}

fn fill(sheet: &mut Worksheet, page: &Page, remarks: &[&Remark], lang: Lang) -> Result<(), XlsxError> {
    // What is told of a row is shown at its first cell.
    let mut of_cell: BTreeMap<(u32, u32), Vec<&Remark>> = BTreeMap::new();
    for remark in remarks {
        if let Some((_, row, column)) = remark.place {
            of_cell.entry((row, column.unwrap_or(0))).or_default().push(remark);
        }
    }
    let worst =
        |at: (u32, u32)| of_cell.get(&at).and_then(|remarks| remarks.iter().map(|remark| remark.code).min_by_key(|code| code.severity()));
    let mut widths: BTreeMap<u16, usize> = BTreeMap::new();
    let mut written: HashSet<(u32, u32)> = HashSet::new();
    for (row, cells) in &page.rows {
        for (column, cell) in cells {
            let Ok(at) = u16::try_from(*column) else { continue };
            let code = worst((*row, *column));
            written.insert((*row, *column));
            let width = widths.entry(at).or_insert(WIDTHS.0);
            match cell {
                PageCell::Text(text) => {
                    *width = (*width).max(columns(text.lines().next().unwrap_or("")) + 2).min(WIDTHS.1);
                    match format(code, false, Some(text)) {
                        Some(format) => sheet.write_string_with_format(*row, at, text, &format)?,
                        None => sheet.write_string(*row, at, text)?,
                    }
                }
                PageCell::Number(number) => match format(code, false, None) {
                    Some(format) => sheet.write_number_with_format(*row, at, *number, &format)?,
                    None => sheet.write_number(*row, at, *number)?,
                },
                PageCell::Percent(number) => {
                    let percent = format(code, true, None).unwrap_or_default();
                    sheet.write_number_with_format(*row, at, *number, &percent)?
                }
                PageCell::Flag(flag) => match format(code, false, None) {
                    Some(format) => sheet.write_boolean_with_format(*row, at, *flag, &format)?,
                    None => sheet.write_boolean(*row, at, *flag)?,
                },
            };
        }
    }
    for ((row, column), remarks) in &of_cell {
        let Ok(at) = u16::try_from(*column) else { continue };
        if !written.contains(&(*row, *column))
            && let Some(format) = format(worst((*row, *column)), false, None)
        {
            sheet.write_blank(*row, at, &format)?;
        }
        let texts: Vec<String> = remarks.iter().map(|remark| remark.told(lang)).collect();
        let text: String = texts.join("\n\n").chars().take(LONGEST_NOTE).collect();
        let lines = text.lines().map(|line| columns(line) / 40 + 1).sum::<usize>();
        let height = u32::try_from(lines.clamp(3, 20) * 20).unwrap_or(400);
        sheet.insert_note(*row, at, &Note::new(text).set_author("heng").add_author_prefix(false).set_width(300).set_height(height))?;
    }
    for (column, width) in widths {
        sheet.set_column_width(column, u32::try_from(width).unwrap_or(8))?;
    }
    for (column, width) in &page.widths {
        if let Ok(column) = u16::try_from(*column) {
            sheet.set_column_width(column, *width)?;
        }
    }
    Ok(())
}

impl Remark {
    fn told(&self, lang: Lang) -> String {
        let right = if self.right.is_empty() { String::new() } else { format!("\n{}{}", lang.pick("改法: ", "help: "), self.right) };
        format!("{} {}{right}", self.code, self.wrong)
    }
}

/// The sheet that lists everything, with links to the cells.
fn list(sheet: &mut Worksheet, file: &str, names: &[String], remarks: &[Remark], lang: Lang) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_background_color(0x00D9_E1F2_u32);
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_quote_prefix();
    let titles =
        lang.pick("文件,工作表,单元格,项目,级别,代码,问题,改法", "file,sheet,cell,item,severity,code,what is wrong,what would be right");
    for ((column, title), width) in (0_u16..).zip(titles.split(',')).zip([24_u32, 16, 10, 18, 8, 8, 60, 50]) {
        sheet.write_string_with_format(0, column, title, &head)?.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    if remarks.is_empty() {
        sheet.write_string(1, 0, lang.pick("没有发现问题", "no problems found"))?;
    }
    for (row, remark) in (1_u32..).zip(remarks) {
        let severity = match remark.code.severity() {
            Severity::Error => lang.pick("错误", "error"),
            Severity::Warning => lang.pick("警告", "warning"),
            Severity::Note => lang.pick("提示", "note"),
        };
        let place = remark.place.and_then(|(at, line, column)| Some((names.get(at)?, line, column)));
        let page = place.map_or("", |(name, ..)| name.as_str());
        let texts = [(0, file), (1, page), (3, &*remark.field), (5, remark.code.as_str()), (6, &*remark.wrong), (7, &*remark.right)];
        for (column, text) in texts {
            sheet.write_string_with_format(row, column, text, &wrap)?;
        }
        sheet.write_string_with_format(row, 4, severity, &Format::new().set_background_color(color(remark.code)))?;
        if let Some((name, line, column)) = place {
            let cell = format!("{}{}", column_letters(column.unwrap_or(0) as usize + 1), line + 1);
            let shown = if column.is_some() { cell.clone() } else { format!("{0}:{0}", line + 1) };
            // More links than this a sheet does not hold.
            if row < 60_000 {
                sheet.write_url_with_text(row, 2, format!("internal:'{}'!{cell}", name.replace('\'', "''")).as_str(), shown)?;
            } else {
                sheet.write_string(row, 2, shown)?;
            }
        }
    }
    Ok(())
}
