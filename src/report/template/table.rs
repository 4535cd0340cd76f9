//! A sheet with a row a submission (多行填报表), for an office that fills in for its schools; or with the rows of a table of the form
//! (表格).

use super::formula::{Printer, fitting, text};
use super::places::{Block, Grid, Places, Submission, rows as at};
use super::review::{Line, computed_format};
use super::section::{finish, hidden, requirement, state, validation};
use super::shown::{self, yes_no};
use super::styles::lines;
use super::{Book, write_formula};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// Writes the sheet.
///
/// * `whole`: the form, of a table; otherwise the same.
pub(super) fn table(whole: &Book<'_>, book: &Book<'_>, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let Places::Rows(grid) = &book.places else { return Ok(()) };
    let styles = &book.styles;
    sheet.set_name(&grid.sheet)?;
    let title = match book.parts.list.first() {
        Some(part) if book.owner > 0 => part.title.clone(),
        _ => book.title(),
    };
    sheet.set_row_height(0, 30)?.write_string_with_format(0, 0, title, &styles.title)?;
    heads(whole, book, grid, sheet)?;
    for submission in 0..grid.rows {
        row(whole, book, submission, review, sheet)?;
    }
    for (column, field) in (at::FIELDS..).zip(&grid.fields) {
        // Of the first row; those below are meant by it.
        let input = |field: usize| format!("${}{}", rust_xlsxwriter::column_number_to_name(grid.column(field)), at::FIRST + 1);
        if let Some(limit) = validation(book, *field, &input)? {
            sheet.add_data_validation(at::FIRST, column, grid.last(), column, &limit)?;
        }
    }
    let fields = u16::try_from(grid.fields.len()).unwrap_or(u16::MAX);
    let state = rust_xlsxwriter::row_col_to_cell(at::FIRST, grid.block(Block::State));
    styles.colour_inputs(sheet, (at::FIRST, at::FIELDS), (grid.last(), at::FIELDS + fields.saturating_sub(1)), &state)?;
    let shown = grid.block(Block::Used);
    let end = grid.block(Block::Statistics) + u16::try_from(book.helpers.len()).unwrap_or(0);
    sheet.set_column_range_hidden(shown, end)?;
    // The subject stays in sight.
    let key = if grid.fields.contains(&book.form.key.0) { grid.column(book.form.key.0) } else { at::FIELDS };
    sheet.set_freeze_panes(at::FIRST, if key < 5 { key + u16::from(book.owner == 0) } else { 1 })?;
    sheet.set_selection(at::FIRST, at::FIELDS, at::FIRST, at::FIELDS)?;
    sheet.set_repeat_rows(0, at::HEADER)?.set_repeat_columns(0, key.min(4) - 1)?.set_print_area(
        0,
        0,
        grid.last(),
        shown.saturating_sub(1),
    )?;
    finish(whole, sheet, true);
    // Many columns go over several pages, few ones are not made larger.
    match shown {
        0..=6 => _ = sheet.set_print_fit_to_pages(0, 0),
        7..=12 => {}
        _ => _ = sheet.set_print_fit_to_pages(0, 0).set_print_scale(70),
    }
    Ok(())
}

fn heads(whole: &Book<'_>, book: &Book<'_>, grid: &Grid, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    sheet.set_column_width(0, 36)?;
    sheet.write_string_with_format(at::HEADER, 0, lang.pick("提示", "Messages"), &styles.head)?;
    if book.owner > 0 {
        filled_rows(book, grid, sheet)?;
    }
    let mut column = at::FIELDS;
    for part in book.parts.list.iter().filter(|_| book.owner == 0) {
        let last = column + u16::try_from(part.fields.len()).unwrap_or(1).saturating_sub(1);
        if last > column {
            sheet.merge_range(1, column, 1, last, &part.title, &styles.band)?;
        } else {
            sheet.write_string_with_format(1, column, &part.title, &styles.band)?;
        }
        column = last + 1;
    }
    let (mut high, mut head_high) = (1.0_f64, 1.0_f64);
    for (column, at_field) in (at::FIELDS..).zip(grid.fields.iter().copied()) {
        let Some(field) = book.form.fields.get(at_field) else { continue };
        let width = if shown::is_number(field) { 13.0 } else { 17.0 };
        sheet.set_column_width(column, width)?;
        let unit = shown::unit(field);
        let unit = if unit.is_empty() { unit } else { format!("({unit}) ") };
        let required =
            if book.required(at_field) || whole.owner != book.owner && at_field <= 1 { lang.pick("必填 ", "required ") } else { "" };
        let note = format!("{required}{unit}{}", requirement(book, at_field));
        high = high.max(lines(&note, width * 1.15));
        sheet.write_string_with_format(2, column, &note, &styles.hint)?;
        let label = book.label(at_field);
        head_high = head_high.max(lines(&label, width * 0.9));
        sheet.write_string_with_format(at::HEADER, column, &label, &styles.head)?;
    }
    for (column, computed) in (grid.block(Block::Computed)..).zip(&book.form.computed) {
        let label = computed.title.as_deref().unwrap_or(&computed.name.it);
        sheet.set_column_width(column, 13)?;
        head_high = head_high.max(lines(label, 12.0));
        sheet.write_string_with_format(2, column, lang.pick("自动计算", "computed"), &styles.hint)?;
        sheet.write_string_with_format(at::HEADER, column, label, &styles.head)?;
    }
    sheet.set_row_height(2, 4.0 + 12.5 * high.min(8.0))?.set_row_height(at::HEADER, 8.0 + 14.0 * head_high)?;
    Ok(())
}

/// How many rows of a table are filled in, and how much of them is wrong.
fn filled_rows(book: &Book<'_>, grid: &Grid, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let lang = book.lang;
    let used = grid.all(grid.block(Block::Used));
    let end = grid.block(Block::State) + u16::try_from(grid.fields.len()).unwrap_or(1).saturating_sub(1);
    let states = rust_xlsxwriter::cell_range_absolute(at::FIRST, grid.block(Block::State), grid.last(), end);
    let wrong = format!("COUNTIF({states},2)+COUNTIF({states},\">=4\")");
    let formula = lang.say(
        format!("\"已填 \"&COUNTIF({used},TRUE)&\" 行\"&IF({wrong}>0,\", 缺漏或有误 \"&({wrong})&\" 处\",\"\")"),
        format!("COUNTIF({used},TRUE)&\" rows are filled in\"&IF({wrong}>0,\", \"&({wrong})&\" cells are empty or wrong\",\"\")"),
    );
    let blank = lang.pick("已填 0 行", "0 rows are filled in");
    write_formula(sheet, (1, 0), &formula, blank, &book.styles.status)
}

fn row(whole: &Book<'_>, book: &Book<'_>, submission: u32, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let Places::Rows(grid) = &book.places else { return Ok(()) };
    let row = at::FIRST + submission;
    let cells = book.cells(submission);
    let plain = Format::new();
    let last = at::FIELDS + u16::try_from(grid.fields.len()).unwrap_or(1).saturating_sub(1);
    let inputs = rust_xlsxwriter::cell_range_absolute(row, at::FIELDS, row, last);
    let used = cells.here(Block::Used, 0);
    // A blank is nothing.
    let filled = format!("IFERROR(SUMPRODUCT(--(LEN(TRIM(SUBSTITUTE({inputs},\"\u{3000}\",\"\")))>0))>0,TRUE)");
    write_formula(sheet, (row, grid.block(Block::Used)), &filled, "FALSE", &plain)?;
    for field in grid.fields.iter().copied() {
        let which = usize::try_from(submission).unwrap_or(usize::MAX);
        book.write_input(sheet, row, grid.column(field), field, which)?;
        let hidden = hidden(book, field, &cells);
        if let Some(asked) = &hidden.asked {
            write_formula(sheet, (row, grid.of_field(Block::Asked, field)), asked, &book.blank.asked(field).to_string(), &plain)?;
        }
        write_formula(sheet, (row, grid.of_field(Block::Raw, field)), &hidden.raw, "#N/A", &plain)?;
        write_formula(sheet, (row, grid.of_field(Block::Value, field)), &hidden.value, "#N/A", &plain)?;
        let state = state(book, field, &cells, Some(&used));
        write_formula(sheet, (row, grid.of_field(Block::State, field)), &state, "1", &plain)?;
    }
    let printer = Printer::new(book.form, &cells);
    for (column, computed) in (grid.block(Block::Computed)..).zip(&book.form.computed) {
        let format = computed_format(book, &computed.value.ty);
        match printer.shown(&computed.value, yes_no(book.lang)) {
            Ok(formula) => write_formula(sheet, (row, column), &format!("IF({used},{formula},\"\")"), "", &format)?,
            Err(_) => _ = sheet.write_string_with_format(row, column, "", &format)?,
        }
    }
    let mut refused: Vec<String> = Vec::new();
    for (column, check) in (grid.block(Block::Checks)..).zip(&book.form.checks) {
        let Ok(code) = printer.condition(&check.condition) else { continue };
        write_formula(sheet, (row, column), &format!("IF({used},{code},2)"), "2", &plain)?;
        if check.refuses {
            refused.push(format!("{}<>1", rust_xlsxwriter::row_col_to_cell_absolute(row, column)));
        }
    }
    if !book.helpers.is_empty() {
        statistics(whole, book, grid, submission, &refused, sheet)?;
    }
    write_formula(sheet, (row, at::MESSAGE), &message(book, grid, review, &cells), "", &book.styles.message)?;
    sheet.set_row_height(row, 22)?;
    Ok(())
}

/// What the form takes of a row, if it is taken in.
fn statistics(
    whole: &Book<'_>,
    book: &Book<'_>,
    grid: &Grid,
    submission: u32,
    refused: &[String],
    sheet: &mut Worksheet,
) -> Result<(), XlsxError> {
    let (row, cells, of_form) = (at::FIRST + submission, book.cells(submission), whole.cells(0));
    let (used, taken, plain) = (cells.here(Block::Used, 0), cells.here(Block::Taken, 0), Format::new());
    let formula = format!("AND({})", [used].iter().chain(refused).cloned().collect::<Vec<_>>().join(","));
    write_formula(sheet, (row, grid.block(Block::Taken)), &formula, "FALSE", &plain)?;
    let place = u16::try_from(book.owner.saturating_sub(1)).unwrap_or(u16::MAX);
    let printer = Printer::new(whole.form, &of_form).of_row(place, book.form, &cells);
    for (column, helper) in (grid.block(Block::Statistics)..).zip(&book.helpers) {
        let Ok(said) = printer.taken_of_row(helper.statistic).and_then(|said| fitting(format!("IF({taken},{said},\"\")"))) else {
            continue;
        };
        write_formula(sheet, (row, column), &said, "", &plain)?;
    }
    Ok(())
}

/// What is wrong with a row.
fn message(book: &Book<'_>, grid: &Grid, review: &[Line], cells: &Submission<'_>) -> String {
    let lang = book.lang;
    let count = grid.fields.len().saturating_sub(1);
    let states = format!("{}:{}", cells.here(Block::State, 0), cells.here(Block::State, count));
    let (open, wrong) = (format!("COUNTIF({states},2)"), format!("COUNTIF({states},\">=4\")"));
    let (open_words, wrong_words) = (lang.pick("必填未填 ", "required and empty: "), lang.pick("填写有误 ", "wrong: "));
    let first = format!("IF({open}>0,{}&{open}&\"; \",\"\")&IF({wrong}>0,{}&{wrong}&\"; \",\"\")", text(open_words), text(wrong_words));
    let mut formula = first.clone();
    for line in review.iter().filter(|line| line.owner == book.owner && line.formula.is_some()) {
        let mark = if line.refuses { "✗ " } else { "⚠ " };
        formula.push_str(&format!("&IF({}=1,{}&{}&\" \",\"\")", cells.check(line.check), text(mark), line.message_cell));
    }
    fitting(formula).unwrap_or(first)
}
