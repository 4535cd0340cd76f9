//! Reading a workbook (读工作簿): its sheets with the cells that are filled in, as they stand there.
//!
//! `calamine` parses; only cells with a value are kept, so that a sheet that says it has a million rows takes no more room
//! than what stands in them. A formula is its last value; nothing is computed and no other file is opened.
//! Not here: which rows are submissions (`take`), what is let in at all (`unpack`).

use super::told::Refusal;
use super::unpack::{LARGEST_WORKBOOK, unpack};
use crate::data::cells::clean;
use crate::data::file::{FileError, MOST_COLUMNS};
use crate::data::grid::{GridCell, GridSheet};
use crate::data::shown;
use crate::model::FieldType;
use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader, SheetType, SheetVisible, Xlsx};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

/// Rows of a sheet.
const MOST_ROWS: u32 = 1 << 20;
/// Cells of a workbook that are filled in.
const MOST_CELLS: usize = 8_000_000;
/// Bytes of all texts of a workbook, each counted as often as it stands there.
const MOST_TEXT: usize = 256 << 20;

/// A workbook (工作簿).
#[derive(Debug)]
pub(in crate::data) struct Workbook {
    pub path: Arc<str>,
    pub sheets: Vec<Sheet>,
    /// Whether it takes values from other files.
    pub outside: bool,
}

/// A sheet (工作表): the cells that are filled in.
#[derive(Debug)]
pub(in crate::data) struct Sheet {
    pub name: Arc<str>,
    pub hidden: bool,
    widths: Vec<(u32, f64)>,
    rows: Vec<Row>,
    cells: Vec<Cell>,
    texts: String,
    styles: Vec<Look>,
    is_1904: bool,
}

/// A row with its number from 1 and its cells.
#[derive(Clone, Copy, Debug)]
struct Row {
    number: u32,
    start: usize,
    end: usize,
}

/// A cell that is filled in.
#[derive(Clone, Copy, Debug)]
pub(in crate::data) struct Cell {
    /// From 0.
    pub column: u32,
    value: Held,
}

#[derive(Clone, Copy, Debug)]
enum Held {
    /// Where the text stands among those of the sheet.
    Text(u32, u32),
    Number(f64, u32),
    Moment(f64),
    Flag(bool),
}

/// What a number format adds to a number that its field has to know of.
#[derive(Clone, Debug, PartialEq)]
enum Look {
    Plain,
    /// A share that is shown as a percentage.
    Percent,
    /// A code with so many digits at least.
    Zeros(usize),
    /// A word behind the number, such as a unit.
    Behind(String),
}

/// Why there is no workbook.
#[derive(Debug)]
pub(in crate::data) enum NoWorkbook {
    File(FileError),
    Refused(Refusal),
}

/// A row of a sheet.
#[derive(Clone, Copy)]
pub(in crate::data) struct SheetRow<'s> {
    sheet: &'s Sheet,
    pub number: u32,
    cells: &'s [Cell],
}

impl Workbook {
    /// Reads a workbook from its file.
    pub(in crate::data) fn open(path: &Path) -> Result<Workbook, NoWorkbook> {
        let world = |cause| NoWorkbook::File(FileError::new(path, cause));
        let file = File::open(path).map_err(world)?;
        let size = file.metadata().map_err(world)?.len().min(LARGEST_WORKBOOK);
        // With room to see that there is no more.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 64);
        file.take(LARGEST_WORKBOOK + 1).read_to_end(&mut bytes).map_err(world)?;
        if bytes.len() as u64 > LARGEST_WORKBOOK {
            return Err(NoWorkbook::Refused(Refusal::TooLarge));
        }
        Workbook::read(shown(path), &bytes).map_err(NoWorkbook::Refused)
    }

    /// Reads a workbook from its bytes.
    pub(in crate::data) fn read(path: Arc<str>, bytes: &[u8]) -> Result<Workbook, Refusal> {
        let unpacked = unpack(bytes)?;
        let mut source = Xlsx::new(Cursor::new(unpacked.archive)).map_err(|_| Refusal::Damaged)?;
        let is_1904 = source.has_1904_epoch();
        let listed = source.sheets_metadata().to_vec();
        let mut sheets = Vec::new();
        let mut left = MOST_CELLS;
        let mut text_left = MOST_TEXT;
        for sheet in listed.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet) {
            let mut reader = source.worksheet_cells_reader(&sheet.name).map_err(|_| Refusal::Damaged)?;
            let styles =
                reader.styles().iter().map(|style| style.number_format.as_ref().map_or(Look::Plain, |format| look(&format.format_code)));
            let hidden = sheet.visible != SheetVisible::Visible;
            let mut filling = Filling::default();
            let styles = styles.collect();
            while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|_| Refusal::Damaged)? {
                let (row, column) = cell.get_position();
                filling.add(row, column, cell.get_value(), style)?;
                if filling.cells.len() > left || filling.texts.len() > text_left {
                    return Err(Refusal::TooLarge);
                }
            }
            left -= filling.cells.len();
            text_left -= filling.texts.len();
            sheets.push(Sheet {
                widths: unpacked.widths.of_sheet(&sheet.name),
                ..filling.finish(sheet.name.into(), hidden, styles, is_1904)
            });
        }
        if sheets.is_empty() {
            return Err(Refusal::Damaged);
        }
        Ok(Workbook { path, sheets, outside: unpacked.outside })
    }

    /// The sheet of a name.
    pub(in crate::data) fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| &*sheet.name == name)
    }
}

/// A sheet while it is read.
#[derive(Default)]
struct Filling {
    texts: String,
    rows: Vec<Row>,
    cells: Vec<Cell>,
    /// Whether a cell came after one that stands behind it.
    unsorted: bool,
}

impl Filling {
    fn add(&mut self, row: u32, column: u32, value: &DataRef<'_>, style: usize) -> Result<(), Refusal> {
        let value = match value {
            DataRef::Empty => return Ok(()),
            DataRef::String(text) => self.text(text),
            DataRef::SharedString(text) => self.text(text),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => self.text(text),
            #[expect(clippy::cast_precision_loss, reason = "calamine gives none from an .xlsx; a spreadsheet has doubles only")]
            DataRef::Int(number) => Some(Held::Number(*number as f64, u32::try_from(style).unwrap_or(u32::MAX))),
            DataRef::Float(number) => Some(Held::Number(*number, u32::try_from(style).unwrap_or(u32::MAX))),
            DataRef::Bool(flag) => Some(Held::Flag(*flag)),
            DataRef::DateTime(moment) if moment.is_datetime() => Some(Held::Moment(moment.as_f64())),
            DataRef::DateTime(length) => Some(Held::Number(length.as_f64(), u32::MAX)),
            DataRef::Error(error) => self.text(&error.to_string()),
        };
        let Some(value) = value else { return Ok(()) };
        if row >= MOST_ROWS || column as usize >= MOST_COLUMNS {
            return Err(Refusal::Damaged);
        }
        let (number, last) = (row + 1, self.cells.last().map(|last| last.column));
        self.cells.push(Cell { column, value });
        let end = self.cells.len();
        match self.rows.last_mut() {
            Some(row) if row.number == number => {
                self.unsorted |= last >= Some(column);
                row.end = end;
            }
            before => {
                self.unsorted |= before.is_some_and(|before| before.number > number);
                self.rows.push(Row { number, start: end - 1, end });
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Option<Held> {
        if clean(text).is_empty() {
            return None;
        }
        let start = u32::try_from(self.texts.len()).ok()?;
        self.texts.push_str(text);
        Some(Held::Text(start, u32::try_from(self.texts.len()).ok()?))
    }

    fn finish(mut self, name: Arc<str>, hidden: bool, styles: Vec<Look>, is_1904: bool) -> Sheet {
        if self.unsorted {
            self.sort();
        }
        let Filling { texts, rows, cells, .. } = self;
        Sheet { name, hidden, widths: Vec::new(), rows, cells, texts, styles, is_1904 }
    }
}

impl Filling {
    /// Puts cells in their order; of what stands twice in one place the last counts, as in a spreadsheet.
    fn sort(&mut self) {
        let of = |row: &Row| {
            let number = row.number;
            self.cells.get(row.start..row.end).unwrap_or_default().iter().map(move |cell| (number, *cell))
        };
        let mut all: Vec<(u32, Cell)> = self.rows.iter().flat_map(of).collect();
        all.reverse();
        all.sort_by_key(|(row, cell)| (*row, cell.column));
        all.dedup_by_key(|(row, cell)| (*row, cell.column));
        self.rows.clear();
        self.cells.clear();
        for row in all.chunk_by(|(a, _), (b, _)| a == b) {
            let start = self.cells.len();
            self.cells.extend(row.iter().map(|(_, cell)| *cell));
            self.rows.extend(row.first().map(|(number, _)| Row { number: *number, start, end: self.cells.len() }));
        }
    }
}

/// What stands in a cell (单元格所示), as it is handed in: most are plain numbers, whose text is only made where it is asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::data) struct Shown<'b> {
    number: Option<f64>,
    text: OnceCell<Cow<'b, str>>,
}

impl<'b> From<Cow<'b, str>> for Shown<'b> {
    fn from(text: Cow<'b, str>) -> Shown<'b> {
        Shown { number: None, text: OnceCell::from(text) }
    }
}

impl Shown<'_> {
    /// The number, where nothing but a number stands there.
    pub(in crate::data) fn number(&self) -> Option<f64> {
        self.number
    }

    /// As it would stand in a CSV file, but with all its digits.
    pub(in crate::data) fn text(&self) -> &str {
        self.text.get_or_init(|| self.number.map_or(Cow::Borrowed(""), |number| Cow::Owned(decimal(number))))
    }
}

impl Sheet {
    /// The rows in which anything is filled in.
    pub(in crate::data) fn rows(&self) -> impl DoubleEndedIterator<Item = SheetRow<'_>> {
        self.rows.iter().map(|row| self.whole(*row))
    }

    /// Those from a row on, by its number.
    pub(in crate::data) fn rows_from(&self, number: u32) -> impl Iterator<Item = SheetRow<'_>> {
        let start = self.rows.partition_point(|row| row.number < number);
        self.rows.get(start..).unwrap_or_default().iter().map(|row| self.whole(*row))
    }

    /// A row by its number.
    pub(in crate::data) fn row(&self, number: u32) -> Option<SheetRow<'_>> {
        let at = self.rows.binary_search_by_key(&number, |row| row.number).ok()?;
        self.rows.get(at).map(|row| self.whole(*row))
    }

    fn whole(&self, row: Row) -> SheetRow<'_> {
        SheetRow { sheet: self, number: row.number, cells: self.cells.get(row.start..row.end).unwrap_or_default() }
    }

    fn style(&self, style: u32) -> &Look {
        self.styles.get(style as usize).unwrap_or(&Look::Plain)
    }

    /// What a cell means, as it would stand in a CSV file, but with all its digits.
    pub(in crate::data) fn text(&self, cell: &Cell, kind: Option<&FieldType>) -> Cow<'_, str> {
        match cell.value {
            Held::Text(start, end) => Cow::Borrowed(self.texts.get(start as usize..end as usize).unwrap_or("")),
            Held::Flag(flag) => Cow::Borrowed(if flag { "TRUE" } else { "FALSE" }),
            Held::Moment(serial) => Cow::Owned(moment(serial, self.is_1904)),
            // A day may lie there as a mere number, counted from the workbook's own first day.
            Held::Number(number, _) if self.is_1904 && kind == Some(&FieldType::Date) => Cow::Owned(moment(number, true)),
            Held::Number(number, style) => Cow::Owned(match self.style(style) {
                Look::Plain => decimal(number),
                Look::Percent => format!("{}%", hundredfold(&decimal(number))),
                Look::Zeros(digits) if number >= 0.0 && number.fract() == 0.0 => format!("{:0>digits$}", decimal(number)),
                Look::Zeros(_) => decimal(number),
                Look::Behind(word) => format!("{}{word}", decimal(number)),
            }),
        }
    }

    /// The same, with a number as such where that is all that stands there.
    fn shown(&self, cell: &Cell, kind: &FieldType) -> Shown<'_> {
        match cell.value {
            Held::Number(number, style) if *kind != FieldType::Date && *self.style(style) == Look::Plain => {
                Shown { number: Some(number), text: OnceCell::new() }
            }
            _ => self.text(cell, Some(kind)).into(),
        }
    }

    /// As it is given back.
    pub(in crate::data) fn grid(&self) -> GridSheet {
        let of = |cell: &Cell| match cell.value {
            Held::Number(number, style) => match self.style(style) {
                Look::Plain => GridCell::Number(number),
                Look::Percent => GridCell::Percent(number),
                // What a code loses as a number it keeps as a text.
                _ => GridCell::Text(self.text(cell, None).into_owned()),
            },
            Held::Flag(flag) => GridCell::Flag(flag),
            _ => GridCell::Text(self.text(cell, None).into_owned()),
        };
        let row = |row: SheetRow<'_>| (row.number.saturating_sub(1), row.cells.iter().map(|cell| (cell.column, of(cell))).collect());
        GridSheet { name: self.name.to_string(), hidden: self.hidden, widths: self.widths.clone(), rows: self.rows().map(row).collect() }
    }
}

impl<'s> SheetRow<'s> {
    /// The cell of a column from 0.
    pub(in crate::data) fn cell(&self, column: u32) -> Option<&'s Cell> {
        let at = self.cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        self.cells.get(at)
    }

    /// What stands in a column from 0; nothing where that is blank.
    pub(in crate::data) fn text(&self, column: u32, kind: Option<&FieldType>) -> Cow<'s, str> {
        self.cell(column).map_or(Cow::Borrowed(""), |cell| self.sheet.text(cell, kind))
    }

    /// The same, with a number as such where that is all that stands there.
    pub(in crate::data) fn shown(&self, column: u32, kind: &FieldType) -> Shown<'s> {
        self.cell(column).map_or_else(|| Cow::Borrowed("").into(), |cell| self.sheet.shown(cell, kind))
    }

    /// Whether just these texts stand in it, from the first column on.
    pub(in crate::data) fn has_texts(&self, texts: &[String]) -> bool {
        let same = |((cell, text), column): ((&Cell, &String), u32)| cell.column == column && self.sheet.text(cell, None) == *text;
        self.cells.len() == texts.len() && self.cells.iter().zip(texts).zip(0..).all(same)
    }

    /// All its texts up to the last that is filled in.
    pub(in crate::data) fn texts(&self) -> Vec<String> {
        let width = self.cells.last().map_or(0, |last| last.column as usize + 1);
        let mut texts = vec![String::new(); width];
        for cell in self.cells {
            texts.get_mut(cell.column as usize).into_iter().for_each(|text| *text = self.sheet.text(cell, None).into_owned());
        }
        texts
    }
}

/// The shortest decimal that is this double.
fn decimal(number: f64) -> String {
    // Without an exponent, whatever the number is; one that is too long is told as such.
    let text = format!("{number}");
    if text == "-0" { "0".to_owned() } else { text }
}

/// A decimal with its point two places further right.
fn hundredfold(decimal: &str) -> String {
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<2}");
    let (moved, rest) = fraction.split_at_checked(2).unwrap_or((&fraction, ""));
    let whole = format!("{whole}{moved}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// A day, with the time where there is one.
fn moment(serial: f64, is_1904: bool) -> String {
    let moment = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904);
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

/// What a number format shows: of its first section, which is for numbers above zero.
fn look(format: &str) -> Look {
    let (mut percent, mut literal, mut zeros, mut others) = (false, String::new(), 0, false);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => literal.extend(chars.by_ref().take_while(|c| *c != '"')),
            '\\' => literal.extend(chars.next()),
            '_' | '*' => _ = chars.next(),
            '[' => _ = chars.by_ref().find(|c| *c == ']'),
            '%' => percent = true,
            '0' => zeros += 1,
            c if !c.is_ascii() => literal.push(c),
            _ => others = true,
        }
    }
    let literal: String = literal.chars().filter(|c| c.is_alphabetic()).collect();
    match (percent, literal.is_empty(), others) {
        (true, ..) => Look::Percent,
        (false, false, _) => Look::Behind(literal),
        (false, true, false) if zeros > 1 => Look::Zeros(zeros),
        _ => Look::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_shortest_decimals_of_their_doubles() {
        for (number, text) in [
            (0.1, "0.1"),
            (12.0, "12"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (350_101_000_123.0, "350101000123"),
            (1e21, "1000000000000000000000"),
        ] {
            assert_eq!(decimal(number), text);
        }
        for (number, text) in [
            ("0.95", "95"),
            ("0.9512", "95.12"),
            ("1", "100"),
            ("0.001", "0.1"),
            ("-0.5", "-50"),
            ("0", "0"),
            ("12.3", "1230"),
            ("0.07", "7"),
        ] {
            assert_eq!(hundredfold(number), text);
        }
    }

    #[test]
    fn a_format_says_what_a_number_is() {
        assert_eq!(look("0.00%"), Look::Percent);
        assert_eq!(look("0000000000"), Look::Zeros(10));
        assert_eq!(look("#,##0.00"), Look::Plain);
        assert_eq!(look("0"), Look::Plain);
        assert_eq!(look("0.00"), Look::Plain);
        assert_eq!(look("0.00\"万元\""), Look::Behind("万元".into()));
        assert_eq!(look("[$¥-804]#,##0.00;[Red]-0\"负\""), Look::Plain);
        assert_eq!(look("General"), Look::Plain);
    }

    #[test]
    fn days_are_counted_from_the_first_day_of_the_workbook() {
        assert_eq!(moment(45_536.0, false), "2024-09-01");
        assert_eq!(moment(45_536.0 - 1_462.0, true), "2024-09-01");
        assert_eq!(moment(45_536.5, false), "2024-09-01 12:00:00");
    }
}
