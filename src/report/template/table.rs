//! A sheet with a row a submission (多行填报表), for an office that fills in for its schools.

use super::formula::{Printer, fitting, text};
use super::places::{Block, Places, rows as at};
use super::review::{Line, computed_format};
use super::section::{finish, hidden, requirement, state, validation};
use super::shown::{self, yes_no};
use super::styles::lines;
use super::{Book, write_formula};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// Writes the sheet.
pub(super) fn table(book: &Book<'_>, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let Places::Rows { sheet: name, rows, fields, computed } = &book.places else { return Ok(()) };
    let styles = &book.styles;
    sheet.set_name(name)?;
    sheet.set_row_height(0, 30)?.write_string_with_format(0, 0, book.title(), &styles.title)?;
    heads(book, sheet)?;
    for submission in 0..*rows {
        row(book, submission, review, sheet)?;
    }
    let last = at::FIRST + rows - 1;
    for (column, field) in (at::FIELDS..).zip(0..book.form.asked()) {
        let first = rust_xlsxwriter::row_col_to_cell(at::FIRST, column);
        if let Some(limit) = validation(book, field, &first)? {
            sheet.add_data_validation(at::FIRST, column, last, column, &limit)?;
        }
    }
    let state = rust_xlsxwriter::row_col_to_cell(at::FIRST, book.places.block(Block::State));
    styles.colour_inputs(sheet, (at::FIRST, at::FIELDS), (last, at::FIELDS + fields.saturating_sub(1)), &state)?;
    let shown = at::FIELDS + fields + computed;
    let end = book.places.block(Block::Checks) + u16::try_from(book.form.checks.len()).unwrap_or(0).saturating_sub(1);
    sheet.set_column_range_hidden(book.places.block(Block::Used), end.max(book.places.block(Block::Used)))?;
    // The subject stays in sight.
    let key = at::FIELDS + u16::try_from(book.form.key.0).unwrap_or(0);
    sheet.set_freeze_panes(at::FIRST, if key < 4 { key + 1 } else { 1 })?;
    sheet.set_selection(at::FIRST, at::FIELDS, at::FIRST, at::FIELDS)?;
    sheet.set_repeat_rows(0, at::HEADER)?.set_repeat_columns(0, key.min(3))?.set_print_area(0, 0, last, shown.saturating_sub(1))?;
    finish(book, sheet, true);
    // Many columns go over several pages.
    sheet.set_print_fit_to_pages(0, 0).set_print_scale(70);
    Ok(())
}

fn heads(book: &Book<'_>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    sheet.set_column_width(0, 36)?;
    sheet.write_string_with_format(at::HEADER, 0, lang.pick("提示", "Messages"), &styles.head)?;
    let mut column = at::FIELDS;
    for part in &book.parts.list {
        let last = column + u16::try_from(part.fields.len()).unwrap_or(1).saturating_sub(1);
        if last > column {
            sheet.merge_range(1, column, 1, last, &part.title, &styles.band)?;
        } else {
            sheet.write_string_with_format(1, column, &part.title, &styles.band)?;
        }
        column = last + 1;
    }
    let (mut high, mut head_high) = (1.0_f64, 1.0_f64);
    for (column, at_field) in (at::FIELDS..).zip(0..book.form.asked()) {
        let Some(field) = book.form.fields.get(at_field) else { continue };
        let width = if shown::is_number(field) { 13.0 } else { 17.0 };
        sheet.set_column_width(column, width)?;
        let unit = shown::unit(field);
        let unit = if unit.is_empty() { unit } else { format!("({unit}) ") };
        let required = if book.required(at_field) { lang.pick("必填 ", "required ") } else { "" };
        let note = format!("{required}{unit}{}", requirement(book, at_field));
        high = high.max(lines(&note, width * 1.15));
        sheet.write_string_with_format(2, column, &note, &styles.hint)?;
        let label = book.label(at_field);
        head_high = head_high.max(lines(label, width * 0.9));
        sheet.write_string_with_format(at::HEADER, column, label, &styles.head)?;
    }
    for (column, computed) in (book.places.block(Block::Computed)..).zip(&book.form.computed) {
        let label = computed.title.as_deref().unwrap_or(&computed.name.it);
        sheet.set_column_width(column, 13)?;
        head_high = head_high.max(lines(label, 12.0));
        sheet.write_string_with_format(2, column, lang.pick("自动计算", "computed"), &styles.hint)?;
        sheet.write_string_with_format(at::HEADER, column, label, &styles.head)?;
    }
    sheet.set_row_height(2, 4.0 + 12.5 * high.min(8.0))?.set_row_height(at::HEADER, 8.0 + 14.0 * head_high)?;
    Ok(())
}

fn row(book: &Book<'_>, submission: u32, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let Places::Rows { fields, .. } = &book.places else { return Ok(()) };
    let row = at::FIRST + submission;
    let cells = book.cells(submission);
    let plain = Format::new();
    let block = |block: Block, at: usize| book.places.block(block) + u16::try_from(at).unwrap_or(0);
    let inputs = rust_xlsxwriter::cell_range_absolute(row, at::FIELDS, row, at::FIELDS + fields.saturating_sub(1));
    let used = cells.here(Block::Used, 0);
    write_formula(sheet, (row, block(Block::Used, 0)), &format!("COUNTA({inputs})>0"), "FALSE", &plain)?;
    for field in 0..book.form.asked() {
        let which = usize::try_from(submission).unwrap_or(usize::MAX);
        book.write_input(sheet, row, at::FIELDS + u16::try_from(field).unwrap_or(0), field, which)?;
        let hidden = hidden(book, field, &cells);
        if let Some(asked) = &hidden.asked {
            write_formula(sheet, (row, block(Block::Asked, field)), asked, &book.blank.asked(field).to_string(), &plain)?;
        }
        write_formula(sheet, (row, block(Block::Raw, field)), &hidden.raw, "#N/A", &plain)?;
        write_formula(sheet, (row, block(Block::Value, field)), &hidden.value, "#N/A", &plain)?;
        let state = state(book, field, &cells, Some(&used));
        write_formula(sheet, (row, block(Block::State, field)), &state, "1", &plain)?;
    }
    let printer = Printer::new(book.form, &cells);
    for (at, computed) in book.form.computed.iter().enumerate() {
        let format = computed_format(book, &computed.value.ty);
        match printer.shown(&computed.value, yes_no(book.lang)) {
            Ok(formula) => {
                let formula = format!("IF({used},{formula},\"\")");
                write_formula(sheet, (row, block(Block::Computed, at)), &formula, "", &format)?;
            }
            Err(_) => _ = sheet.write_string_with_format(row, block(Block::Computed, at), "", &format)?,
        }
    }
    for line in review {
        let Some(check) = book.form.checks.get(line.check) else { continue };
        let Ok(code) = printer.condition(&check.condition) else { continue };
        write_formula(sheet, (row, block(Block::Checks, line.check)), &format!("IF({used},{code},2)"), "2", &plain)?;
    }
    write_formula(sheet, (row, at::MESSAGE), &message(book, review, &cells), "", &book.styles.message)?;
    sheet.set_row_height(row, 22)?;
    Ok(())
}

/// What is wrong with a row.
fn message(book: &Book<'_>, review: &[Line], cells: &super::places::Submission<'_>) -> String {
    let lang = book.lang;
    let count = book.form.asked().saturating_sub(1);
    let states = format!("{}:{}", cells.here(Block::State, 0), cells.here(Block::State, count));
    let (open, wrong) = (format!("COUNTIF({states},2)"), format!("COUNTIF({states},\">=4\")"));
    let (open_words, wrong_words) = (lang.pick("必填未填 ", "required and empty: "), lang.pick("填写有误 ", "wrong: "));
    let first = format!("IF({open}>0,{}&{open}&\"; \",\"\")&IF({wrong}>0,{}&{wrong}&\"; \",\"\")", text(open_words), text(wrong_words));
    let mut formula = first.clone();
    for line in review.iter().filter(|line| line.formula.is_some()) {
        let mark = if line.refuses { "✗ " } else { "⚠ " };
        formula.push_str(&format!("&IF({}=1,{}&{}&\" \",\"\")", cells.check(line.check), text(mark), line.message_cell));
    }
    fitting(formula).unwrap_or(first)
}
