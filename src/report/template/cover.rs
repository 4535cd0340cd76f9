//! The cover (填表说明): what the form is, how it is filled in, how much is open.

use super::formula::text;
use super::places::{Block, Places, cover_name, review as review_at, review_name, vertical};
use super::review::{Line, one_of};
use super::section::{blank_state, finish};
use super::styles::lines;
use super::{Book, write_formula};
use crate::diag::Lang;
use crate::syntax::tree::PeriodLength;
use rust_xlsxwriter::{Format, FormatAlign, Url, Worksheet, XlsxError};

const LAST: u16 = 5;
/// Latin letters that fit into a line over all columns.
const ACROSS: f64 = 96.0;

/// Writes the sheet.
pub(super) fn cover(book: &Book<'_>, review: &[Line], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    sheet.set_name(cover_name(lang))?;
    for (column, width) in [(0, 30.0), (1, 14.0), (2, 14.0), (3, 14.0), (4, 14.0), (5, 18.0)] {
        sheet.set_column_width(column, width)?;
    }
    let mut row = 0;
    let title = book.title();
    across(sheet, row, &title, &styles.title.clone().set_align(FormatAlign::Center).set_text_wrap())?;
    sheet.set_row_height(row, 16.0 + 20.0 * lines(&title, ACROSS * 0.65))?;
    row += 1;
    across(sheet, row, &facts(book), &styles.subtitle.clone().set_align(FormatAlign::Center))?;
    sheet.set_row_height(row, 20)?;
    row = progress(book, review, row + 2, sheet)?;
    row = paragraph(book, row + 1, lang.pick("怎样填写", "How to fill it in"), &instructions(book), sheet)?;
    row += 2;
    sheet.write_string_with_format(row, 0, lang.pick("颜色的含义", "What the colours mean"), &heading(book))?;
    for (format, words) in styles.legend(book.places.last().is_some(), lang) {
        row += 1;
        sheet.write_blank(row, 0, &format)?.write_string_with_format(row, 1, words, &styles.words)?;
        sheet.set_row_height(row, 18)?;
    }
    for (number, by) in book.form.fillers.iter().enumerate() {
        row += 1;
        sheet.write_blank(row, 0, &styles.label_of(Some(number)))?;
        sheet.write_string_with_format(row, 1, lang.say(format!("由{by}填写的项目"), format!("filled in by {by}")), &styles.words)?;
        sheet.set_row_height(row, 18)?;
    }
    let unsaid = unsaid(book, review);
    if !unsaid.is_empty() {
        let head = lang.pick("下面各项在表里不检查, 交上去后检查", "Not checked here but on import");
        row = paragraph(book, row + 2, head, &unsaid, sheet)?;
    }
    sheet.set_print_area(0, 0, row, LAST)?;
    finish(book, sheet, false);
    Ok(())
}

fn heading(book: &Book<'_>) -> Format {
    book.styles.status.clone().set_font_color(rust_xlsxwriter::Color::RGB(0x001F_4E78)).set_font_size(12)
}

fn across(sheet: &mut Worksheet, row: u32, text: &str, format: &Format) -> Result<(), XlsxError> {
    sheet.merge_range(row, 0, row, LAST, text, format)?;
    Ok(())
}

/// What the form says of itself, in one line.
fn facts(book: &Book<'_>) -> String {
    let (lang, form) = (book.lang, book.form);
    let mut facts = vec![book.identity(), lang.say(format!("填报对象: {}", form.subject), format!("filled in for each {}", form.subject))];
    if let Some(period) = &form.period {
        let length = match period.length {
            PeriodLength::Year => ("年度", "year"),
            PeriodLength::Term => ("学期", "term"),
            PeriodLength::Month => ("月度", "month"),
        };
        facts.push(lang.say(format!("周期: {}", length.0), format!("each {}", length.1)));
    }
    facts.join("    ")
}

/// How much is open, part by part; gives back the row after it.
fn progress(book: &Book<'_>, review: &[Line], mut row: u32, sheet: &mut Worksheet) -> Result<u32, XlsxError> {
    let (lang, styles) = (book.lang, &book.styles);
    let status = row;
    sheet.set_row_height(status, 26)?;
    row += 1;
    let heads = one_of(
        lang,
        ["部分", "填报项", "必填未填", "填写有误", "校验不符", "请核实"],
        ["Part", "Fields", "Required, empty", "Wrong", "Checks that fail", "To look at again"],
    );
    for (column, head) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(row, column, head, &styles.head)?;
    }
    let first = row + 1;
    let mut blank_open = 0;
    for of in book.all() {
        for (at, part) in of.parts.list.iter().enumerate() {
            row += 1;
            sheet.set_row_height(row, 20)?;
            let target = if let Places::Rows(grid) = &of.places { &grid.sheet } else { &part.sheet };
            let url = Url::new(format!("internal:{}!A1", rust_xlsxwriter::quote_sheet_name(target))).set_text(&part.title);
            sheet.write_url_with_format(row, 0, url, &styles.label.clone().set_font_color(rust_xlsxwriter::Color::RGB(0x0005_63C1)))?;
            sheet.write_number_with_format(row, 1, u32::try_from(part.fields.len()).unwrap_or(0), &styles.count)?;
            let states = states(of, at);
            let counted = |what: &str| states.iter().map(|range| format!("COUNTIF({range},{what})")).collect::<Vec<_>>().join("+");
            let blank = |wrong: bool| {
                let state = |field: &&usize| blank_state(of, **field);
                part.fields.iter().filter(|field| !of.places.is_rows() && if wrong { state(field) >= 4 } else { state(field) == 2 }).count()
            };
            blank_open += blank(false) + blank(true);
            write_formula(sheet, (row, 2), &counted("2"), &blank(false).to_string(), &styles.count)?;
            write_formula(sheet, (row, 3), &counted("\">=4\""), &blank(true).to_string(), &styles.count)?;
            checks(of, review, row, Some(at), sheet)?;
        }
    }
    if review.iter().any(|line| line.owner == 0 && book.parts.of_check(line.check).is_none()) {
        row += 1;
        sheet.set_row_height(row, 20)?;
        sheet.write_string_with_format(row, 0, lang.pick("全表的校验", "checks over the whole form"), &styles.label)?;
        for column in 1..=3 {
            sheet.write_blank(row, column, &styles.count)?;
        }
        checks(book, review, row, None, sheet)?;
    }
    let blank_failed = |refuses: bool| {
        let failed = |line: &&Line| {
            !book.places.is_rows()
                && line.owner == 0
                && line.refuses == refuses
                && line.formula.is_some()
                && book.blank.checks.get(line.check) == Some(&1)
        };
        review.iter().filter(failed).count()
    };
    let must = rust_xlsxwriter::cell_range_absolute(first, 2, row, 4);
    let may = rust_xlsxwriter::cell_range_absolute(first, 5, row, 5);
    let blank_must = blank_open + blank_failed(true);
    let (mut formula, mut first_shown) = status_of(lang, &must, &may, blank_must);
    if let Places::Rows(grid) = &book.places {
        let used = grid.all(grid.block(Block::Used));
        first_shown = lang.say("还没有填写", "nothing is filled in yet");
        formula = format!("IF(COUNTIF({used},TRUE)=0,{},{formula})", text(&first_shown));
    }
    sheet.merge_range(status, 0, status, LAST, "", &styles.status.clone().set_font_size(12))?;
    write_formula(sheet, (status, 0), &formula, &first_shown, &styles.status.clone().set_font_size(12))?;
    Ok(row + 1)
}

/// The formula of how much is open, and what it shows in an empty form.
fn status_of(lang: Lang, must: &str, may: &str, blank: usize) -> (String, String) {
    match lang {
        Lang::Zh => (
            format!(
                "IF(SUM({must})>0,\"还有 \"&SUM({must})&\" 处必须处理, 处理完才能上报\",\"没有必须处理的了, 可以上报\")&IF(SUM({may})>0,\"; 另有 \"&SUM({may})&\" 处请核实\",\"\")"
            ),
            if blank > 0 {
                format!("还有 {blank} 处必须处理, 处理完才能上报")
            } else {
                "没有必须处理的了, 可以上报".to_owned()
            },
        ),
        Lang::En => (
            format!(
                "IF(SUM({must})>0,SUM({must})&\" things must be mended before this can be submitted\",\"ready to be submitted\")&IF(SUM({may})>0,\"; look again at \"&SUM({may}),\"\")"
            ),
            if blank > 0 {
                format!("{blank} things must be mended before this can be submitted")
            } else {
                "ready to be submitted".to_owned()
            },
        ),
    }
}

/// The cells with the states of a part's fields.
fn states(book: &Book<'_>, part: usize) -> Vec<String> {
    let Some(part) = book.parts.list.get(part) else { return Vec::new() };
    let (Some(first), Some(last)) = (part.fields.first(), part.fields.last()) else { return Vec::new() };
    match &book.places {
        Places::Vertical { .. } => {
            let state = book.places.columns().state;
            let last = vertical::FIRST + u32::try_from(part.fields.len()).unwrap_or(1) - 1;
            vec![rust_xlsxwriter::worksheet_range_absolute(&part.sheet, vertical::FIRST, state, last, state)]
        }
        Places::Rows(grid) => {
            let first = grid.of_field(Block::State, *first);
            let last = grid.of_field(Block::State, *last);
            vec![rust_xlsxwriter::worksheet_range_absolute(&grid.sheet, super::places::rows::FIRST, first, grid.last(), last)]
        }
    }
}

/// How many checks of a part fail, and how many remarks there are.
fn checks(book: &Book<'_>, review: &[Line], row: u32, part: Option<usize>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    for (column, refuses) in [(4, true), (5, false)] {
        let these = review
            .iter()
            .filter(|line| line.owner == book.owner && line.formula.is_some() && line.refuses == refuses)
            .filter(|line| book.parts.of_check(line.check) == part);
        let counts: Vec<String> = these
            .clone()
            .map(|line| match &book.places {
                Places::Vertical { .. } => {
                    let row = line.row;
                    let name = rust_xlsxwriter::quote_sheet_name(review_name(book.lang));
                    format!("({name}!{}=1)", rust_xlsxwriter::row_col_to_cell_absolute(row, review_at::CODE))
                }
                Places::Rows(grid) => {
                    let range = grid.all(grid.block(Block::Checks) + u16::try_from(line.check).unwrap_or(0));
                    format!("COUNTIF({range},1)")
                }
            })
            .collect();
        let blank = these.filter(|line| !book.places.is_rows() && book.blank.checks.get(line.check) == Some(&1)).count();
        if counts.is_empty() {
            sheet.write_number_with_format(row, column, 0, &book.styles.count)?;
        } else {
            write_formula(sheet, (row, column), &format!("0+{}", counts.join("+")), &blank.to_string(), &book.styles.count)?;
        }
    }
    Ok(())
}

/// A heading and numbered lines; gives back the last row.
fn paragraph(book: &Book<'_>, row: u32, head: &str, texts: &[String], sheet: &mut Worksheet) -> Result<u32, XlsxError> {
    sheet.write_string_with_format(row, 0, head, &heading(book))?;
    let mut row = row;
    for (number, text) in (1..).zip(texts) {
        row += 1;
        let text = format!("{number}. {text}");
        across(sheet, row, &text, &book.styles.plain)?;
        sheet.set_row_height(row, 5.0 + 14.0 * lines(&text, ACROSS))?;
    }
    Ok(row)
}

fn instructions(book: &Book<'_>) -> Vec<String> {
    let lang = book.lang;
    let both = if book.places.is_rows() {
        vec![
            (
                "在“填报”表里一行填一个对象, 从表头下第一行填起, 中间不要空行。",
                "Fill in the sheet “Data”, one row each, from the first row below the header on.",
            ),
            (
                "带下拉箭头的格子从列表里选; 数字不要写单位; 代码照原样填, 前面的 0 会保留。",
                "Pick from the list where there is an arrow; numbers go without their units; leading zeros of codes are kept.",
            ),
        ]
    } else {
        vec![
            (
                "从下面的标签进入各部分, 只填“填写”一栏, 带 * 的必填。其他格子受保护, 不能改。",
                "Go through the sheets below and fill in the column “Answer”; a * marks what is required. All other cells are protected.",
            ),
            (
                "带下拉箭头的格子从列表里选; 数字不要写单位, 单位印在旁边; 代码照原样填, 前面的 0 会保留。",
                "Pick from the list where there is an arrow; numbers go without their units, which stand beside; leading zeros of codes are kept.",
            ),
        ]
    };
    let rest = [
        (
            "从别处复制时请用“选择性粘贴 → 数值”, 否则会盖掉下拉列表和检查。",
            "When you paste, paste values only, or drop-downs and limits are lost.",
        ),
        (
            "填完看上面的统计: 必须处理的都是 0 才能上报。“请核实”的核对一遍, 属实就不用改。",
            "When done, look at the counts above: all that must be mended has to be 0.",
        ),
        (
            "没有的填 0, 不清楚的空着, 不要写“无”或“/”。保存为 .xlsx 后交回。",
            "Enter 0 where there is none, leave empty what is not known. Save as .xlsx and hand it in.",
        ),
    ];
    let tables = (
        "表格一行填一条, 从表头下第一行填起; 没有的不填。",
        "A table takes one item a row, from the first row below the header on; leave it empty where there is none.",
    );
    let whose = ("表格的第一栏写明是谁的。", "The first column of a table says whose rows they are.");
    let tables = [tables].into_iter().chain(book.places.is_rows().then_some(whose)).filter(|_| !book.tables.is_empty());
    let mut said: Vec<String> = both.into_iter().chain(tables).chain(rest).map(|(zh, en)| lang.pick(zh, en).to_owned()).collect();
    if let Some(last) = book.places.last() {
        let whose = [Some(&last.key), last.period.as_ref()].into_iter().flatten().map(|it| it.as_str()).collect::<Vec<_>>().join(", ");
        let line = lang.say(
            format!("这张表是给 {} 的。“上期”一栏是上次填报的内容 ({whose}), 供对照, 不用填。", last.key),
            format!("This is for {}. The column “Last period” has what was filled in then ({whose}), to compare with.", last.key),
        );
        said.insert(1, line);
    }
    said
}

/// What no formula says.
fn unsaid(book: &Book<'_>, review: &[Line]) -> Vec<String> {
    let lang = book.lang;
    let mut unsaid: Vec<String> = review.iter().filter(|line| line.formula.is_none()).map(|line| line.message.clone()).collect();
    for of in book.all() {
        let cells = of.cells(0);
        for at in of.asked() {
            let Some(field) = of.form.fields.get(at) else { continue };
            let label = of.label(at);
            let mut only = |zh: &str, en: &str| unsaid.push(lang.say(format!("{label}: {zh}"), format!("{label}: {en}")));
            if field.pattern.is_some() {
                only("写法 (表里只看长度)", "how it is written (only its length is looked at here)");
            }
            if field.details.han {
                only("要有汉字", "that there are Chinese characters in it");
            }
            if field.details.attach.is_some() {
                only("文件是否在旁边, 有多大", "whether the files lie beside, and how large they are");
            }
            if field.when.as_ref().is_some_and(|when| super::formula::Printer::new(of.form, &cells).condition(when).is_err()) {
                only("是否需要填", "whether it is asked");
            }
        }
    }
    unsaid
}
