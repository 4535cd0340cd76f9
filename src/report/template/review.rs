//! The sheet of checks and computed values (校验与计算): each check with how it stands.
//!
//! Its hidden column holds the condition of each check, 1 where it fails, to which messages and counts refer.

use super::formula::Printer;
use super::places::{Block, Place, Places, review as at, review_name};
use super::section::{finish, on_import};
use super::shown::yes_no;
use super::{Book, write_formula};
use crate::diag::Lang;
use crate::eval::Value;
use crate::model::Type;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// A check as the workbook tells it.
pub(super) struct Line {
    /// Whose check it is: the form's (0), or that of the rows of a table, from 1.
    pub owner: usize,
    /// The row on the sheet of checks.
    pub row: u32,
    /// Its place in the form.
    pub check: usize,
    /// Whether a submission that fails it is refused.
    pub refuses: bool,
    /// Its message.
    pub message: String,
    /// The cell that holds the message.
    pub message_cell: String,
    /// The fields that it reads.
    pub fields: Vec<usize>,
    /// Its condition, of the first submission; none where no formula says it.
    pub formula: Option<String>,
}

/// All checks of the form, then those of its tables.
pub(super) fn lines_of(book: &Book<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for of in book.all() {
        let cells = of.cells(0);
        let printer = Printer::new(of.form, &cells);
        for (check, written) in of.form.checks.iter().enumerate() {
            let row = at::FIRST + u32::try_from(lines.len()).unwrap_or(0);
            let place = Place { sheet: review_name(book.lang).to_owned(), row, column: 2 };
            let mut fields: Vec<usize> = written.fields.iter().map(|field| field.0).collect();
            fields.sort_unstable();
            lines.push(Line {
                owner: of.owner,
                row,
                check,
                refuses: written.refuses,
                message: message_of(of, written),
                message_cell: place.name(),
                fields,
                formula: printer.condition(&written.condition).ok(),
            });
        }
    }
    lines
}

/// The message, and where a reason lets it through.
fn message_of(book: &Book<'_>, check: &crate::model::Check) -> String {
    match check.unless {
        Some(reason) => {
            let reason = book.label(reason.0);
            let (zh, en) = (
                format!("{} (属实的, 在“{reason}”里写明原因)", check.message),
                format!("{} (if so, say why in “{reason}”)", check.message),
            );
            book.lang.say(zh, en)
        }
        None => check.message.clone(),
    }
}

/// Writes the sheet.
pub(super) fn review(book: &Book<'_>, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    sheet.set_name(review_name(lang))?;
    for (column, width) in [(0, 6.0), (1, 10.0), (2, 56.0), (3, 40.0), (4, 16.0), (5, 2.0)] {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_row_height(0, 30)?.write_string_with_format(0, 0, review_name(lang), &styles.title)?;
    let explained = lang.pick(
        "“必须”的不符就不能上报; “提醒”的请核对, 属实可以上报。这一页自动计算, 不用填写。",
        "Whoever fails a check cannot submit; look again at what is only remarked on. This sheet is computed.",
    );
    sheet.write_string_with_format(1, 0, explained, &styles.subtitle)?;
    let heads = one_of(lang, ["序号", "类型", "要求", "涉及的填报项", "结果"], ["No.", "Kind", "What must hold", "Fields", "Result"]);
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(2, column, head, &styles.head)?;
    }
    for line in review {
        check(book, line, sheet)?;
    }
    let mut row = at::FIRST + u32::try_from(review.len()).unwrap_or(0);
    if !review.is_empty() {
        let code = rust_xlsxwriter::row_col_to_cell(at::FIRST, at::CODE);
        styles.colour_failed(sheet, (at::FIRST, 4), (row - 1, 4), &format!("${code}"))?;
    }
    if !book.places.is_rows() && !book.form.computed.is_empty() {
        row = computed(book, row + 1, sheet)?;
    }
    sheet.set_column_range_hidden(at::CODE, at::CODE)?.set_freeze_panes(at::FIRST, 0)?;
    sheet.set_repeat_rows(0, 2)?.set_print_area(0, 0, row.max(at::FIRST), 4)?;
    finish(book, sheet, false);
    Ok(())
}

fn check(book: &Book<'_>, line: &Line, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    let row = line.row;
    let Some(of) = book.all().find(|of| of.owner == line.owner) else { return Ok(()) };
    let number = f64::from(row - at::FIRST) + 1.0;
    sheet.write_number_with_format(row, 0, number, &styles.count)?;
    let kind = if line.refuses { lang.pick("必须", "check") } else { lang.pick("提醒", "remark") };
    sheet.write_string_with_format(row, 1, kind, &styles.count)?;
    sheet.write_string_with_format(row, 2, &line.message, &styles.label)?;
    let mut labels = lang.list(line.fields.iter().map(|field| of.label(*field)));
    if let Some(table) = book.table(of) {
        labels = format!("{}: {labels}", table.title.as_deref().unwrap_or(&table.name.it));
    }
    sheet.write_string_with_format(row, 3, &labels, &styles.hint)?;
    sheet.set_row_height(row, 8.0 + 13.0 * super::styles::lines(&line.message, 54.0).max(super::styles::lines(&labels, 44.0)))?;
    let Some(formula) = &line.formula else {
        sheet.write_string_with_format(row, 4, on_import(lang), &styles.count)?;
        sheet.write_number(row, at::CODE, 2)?;
        return Ok(());
    };
    let (failed, open, passed) = outcomes(lang);
    let failed = if line.refuses { failed } else { lang.pick("请核实", "look again") };
    let code = rust_xlsxwriter::row_col_to_cell_absolute(row, at::CODE);
    let blank = of.blank.checks.get(line.check).copied().unwrap_or(2);
    match &of.places {
        Places::Vertical { .. } => {
            write_formula(sheet, (row, at::CODE), formula, &blank.to_string(), &Format::new())?;
            let first = [failed, open, open, passed].get(usize::from(blank.saturating_sub(1))).copied().unwrap_or("");
            let shown = format!("CHOOSE({code},\"{failed}\",\"{open}\",\"{open}\",\"{passed}\")");
            write_formula(sheet, (row, 4), &shown, first, &styles.count)?;
        }
        Places::Rows(grid) => {
            let range = grid.all(grid.block(Block::Checks) + u16::try_from(line.check).unwrap_or(0));
            let count = format!("COUNTIF({range},1)");
            write_formula(sheet, (row, at::CODE), &format!("IF({count}>0,1,4)"), "4", &Format::new())?;
            let shown =
                lang.say(format!("IF({count}>0,{count}&\" 行{failed}\",\"\")"), format!("IF({count}>0,{count}&\" rows: {failed}\",\"\")"));
            write_formula(sheet, (row, 4), &shown, "", &styles.count)?;
        }
    }
    Ok(())
}

/// Failed, not known yet, passed.
fn outcomes(lang: Lang) -> (&'static str, &'static str, &'static str) {
    (lang.pick("✗ 不符", "✗ fails"), lang.pick("未填全", "not filled in"), lang.pick("✓ 通过", "✓ holds"))
}

/// Words in one language.
pub(super) fn one_of<const N: usize>(lang: Lang, zh: [&'static str; N], en: [&'static str; N]) -> [&'static str; N] {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Writes the computed values from a row on; gives back the last row.
fn computed(book: &Book<'_>, row: u32, sheet: &mut Worksheet) -> Result<u32, XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    let heads = one_of(lang, ["序号", "单位", "自动计算", "名称", "结果"], ["No.", "Unit", "Computed", "Name", "Result"]);
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(row, column, head, &styles.head)?;
    }
    let cells = book.cells(0);
    let printer = Printer::new(book.form, &cells);
    let mut number = 0_u32;
    for ((row, computed), blank) in (row + 1..).zip(&book.form.computed).zip(&book.blank.computed) {
        number += 1;
        sheet.write_number_with_format(row, 0, number, &styles.count)?;
        sheet.write_string_with_format(
            row,
            1,
            computed.value.ty.unit().filter(|unit| !unit.is_one()).map(ToString::to_string).unwrap_or_default(),
            &styles.unit,
        )?;
        sheet.write_string_with_format(row, 2, computed.title.as_deref().unwrap_or(&computed.name.it), &styles.label)?;
        sheet.write_string_with_format(row, 3, computed.name.it.as_str(), &styles.hint)?;
        match printer.shown(&computed.value, yes_no(lang)) {
            Ok(formula) => {
                write_formula(sheet, (row, 4), &formula, &shown_blank(blank.as_ref(), book), &computed_format(book, &computed.value.ty))?
            }
            Err(_) => _ = sheet.write_string_with_format(row, 4, on_import(lang), &styles.count)?,
        }
    }
    Ok(row + number)
}

/// The format of a computed value.
pub(super) fn computed_format(book: &Book<'_>, ty: &Type) -> Format {
    let format = match ty {
        Type::Date => "yyyy-mm-dd",
        Type::Number(measure) if measure.share => "0.00%",
        _ => "General",
    };
    book.styles.computed.clone().set_num_format(format)
}

/// A computed value of an empty form as the formula gives it.
pub(super) fn shown_blank(value: Option<&Value>, book: &Book<'_>) -> String {
    match value {
        None => String::new(),
        Some(Value::Number(number)) => number.show_trimmed(12),
        Some(Value::Flag(flag)) => {
            let (yes, no) = yes_no(book.lang);
            if *flag { yes } else { no }.to_owned()
        }
        Some(Value::Date(day)) => super::day_number(*day).map(|number| number.to_string()).unwrap_or_default(),
        Some(Value::Word(word)) => word.to_string(),
    }
}
