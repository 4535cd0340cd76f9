//! What is found in data files (数据诊断): the facts, and their words in both languages.
//!
//! Not here: what is wrong with one cell (`wrong`), settings (`settings`).

use super::file::{LARGEST_FILE, LONGEST_LINE, MOST_COLUMNS};
use super::json::JsonSlip;
use super::workbook::About;
use super::wrong::Wrong;
use crate::diag::{Code, Label, Lang, Origin, Say};
use crate::model::Field;
use crate::text::{Name, Position};
use std::sync::Arc;

/// So many errors, and as many warnings, are told one by one; the rest of them are only counted, so that a column filled in
/// with the wrong unit in a hundred thousand rows can still be read about.
pub const MOST_FINDINGS: usize = 10_000;

/// What a file is instead of a text in UTF-8 or GB18030.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotText {
    /// UTF-16, which Excel calls "Unicode text".
    Utf16,
    /// A workbook (.xlsx), or another zip file.
    Workbook,
    /// A workbook of before 2007 (.xls).
    OldWorkbook,
    /// Something that is no text.
    Binary,
    /// UTF-8 but for a byte at this place.
    Damaged(Position),
    /// Neither UTF-8 nor GB18030.
    Neither,
    /// GB18030 where only UTF-8 is taken: a rule text.
    Gb18030,
}

/// Something found in a data file, or a rule text that is no UTF-8.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(super) at: Origin,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// H0113. A rule text that is not UTF-8.
    RuleText(NotText),
    /// H0601. JSON that cannot be read.
    BadJson(JsonSlip),
    /// H0602. A column that the form does not have.
    UnknownColumn { name: String, number: usize, near: Option<Name> },
    /// H0603. A field without a column.
    MissingColumn { field: Name, form: Name },
    /// H0615. A field without a column that need not be filled in.
    OptionalColumn { field: Name },
    /// H0603. No column is a field.
    NoHeader { form: Name, fields: Vec<Name> },
    /// H0604, H0605, H0613. A cell that is refused.
    Cell { field: Arc<Field>, wrong: Wrong },
    /// H0606. Nothing in a field that must be filled in.
    Empty { field: Name, identifies: bool },
    /// H0607. The same subject (and period) once more.
    Duplicate { subject: Name, key: Name, period: Option<Name>, first: Box<Origin> },
    /// H0608, H0609. A check that does not hold.
    Check { refuses: bool, message: Arc<str>, values: Vec<(Name, String)>, unless: Option<Name> },
    /// H0610. More or fewer cells than the header.
    WrongRow { found: usize, expected: usize, lines: usize },
    /// H0610. Two columns, or two members of a record, for one field.
    Twice { field: Name },
    /// H0610. Rows of a table in a file of their own, and within submissions.
    RowsTwice { table: Name },
    /// H0610. A record that is no object.
    NotAnObject,
    /// H0611. An empty file, or nothing below the header.
    NoData { header_only: bool },
    /// H0611. No row of the period that was asked for.
    NoSuchPeriod { period: Arc<str>, others: Vec<Name> },
    /// H0612. Not a text in a known encoding.
    Encoding(NotText),
    /// H0613. A line too long to be one.
    LongLine,
    /// H0613. More columns than a sheet has.
    ManyColumns(usize),
    /// H0613. A file too large to be one.
    LargeFile(u64),
    /// H0614. Filled in though not asked.
    NotAsked { field: Name, condition: Arc<str> },
    /// H0618. A row that adds up others.
    TotalRow,
    /// H0620. A text that a spreadsheet may take for a formula.
    FormulaText { field: Name },
    /// H0619, H0622 to H0627. About a workbook.
    Book(Box<About>),
    /// H0628. A locked field that was something else when the submission was approved.
    LockedChanged { field: Name, was: Option<String> },
    /// H0602. A column called like a table of the form, whose rows do not stand in a cell.
    TableColumn { table: Name },
    /// H0629. A row of a table that belongs to no submission.
    RowOfNobody { table: Name, key: Name, near: Option<Name> },
    /// H0616. A submission that splits into nothing.
    NoPart { subject: Name, key: Name, unit: Name, conditions: Arc<[String]> },
}

impl What {
    pub(super) fn code(&self) -> Code {
        match self {
            What::RuleText(_) => Code::H0113,
            What::BadJson(_) => Code::H0601,
            What::UnknownColumn { .. } | What::TableColumn { .. } => Code::H0602,
            What::MissingColumn { .. } | What::NoHeader { .. } => Code::H0603,
            What::Cell { wrong, .. } => wrong.code(),
            What::Empty { .. } => Code::H0606,
            What::Duplicate { .. } => Code::H0607,
            What::Check { refuses: true, .. } => Code::H0608,
            What::Check { refuses: false, .. } => Code::H0609,
            What::WrongRow { .. } | What::Twice { .. } | What::RowsTwice { .. } | What::NotAnObject => Code::H0610,
            What::NoData { .. } | What::NoSuchPeriod { .. } => Code::H0611,
            What::Encoding(_) => Code::H0612,
            What::LongLine | What::ManyColumns(_) | What::LargeFile(_) => Code::H0613,
            What::NotAsked { .. } => Code::H0614,
            What::OptionalColumn { .. } => Code::H0615,
            What::NoPart { .. } => Code::H0616,
            What::TotalRow => Code::H0618,
            What::FormulaText { .. } => Code::H0620,
            What::LockedChanged { .. } => Code::H0628,
            What::RowOfNobody { .. } => Code::H0629,
            What::Book(book) => book.code(),
        }
    }
}

impl Finding {
    fn whole(file: &Arc<str>, what: What) -> Finding {
        Finding { at: Origin::file(file.clone()), what }
    }
    pub(super) fn rule_text(file: &Arc<str>, why: NotText) -> Finding {
        Finding::whole(file, What::RuleText(why)).at_damage()
    }
    pub(super) fn encoding(file: &Arc<str>, why: NotText) -> Finding {
        Finding::whole(file, What::Encoding(why)).at_damage()
    }
    pub(super) fn empty(file: &Arc<str>) -> Finding {
        Finding::whole(file, What::NoData { header_only: false })
    }
    pub(super) fn file_too_large(file: &Arc<str>, bytes: u64) -> Finding {
        Finding::whole(file, What::LargeFile(bytes))
    }
    pub(super) fn line_too_long(file: &Arc<str>, line: usize) -> Finding {
        let mut finding = Finding::whole(file, What::LongLine);
        finding.at.line = line;
        finding
    }

    pub(super) fn book(file: &Arc<str>, what: About) -> Finding {
        Finding::whole(file, What::Book(Box::new(what)))
    }

    fn at_damage(mut self) -> Finding {
        if let What::RuleText(NotText::Damaged(place)) | What::Encoding(NotText::Damaged(place)) = &self.what {
            (self.at.line, self.at.column) = (place.line, place.column);
        }
        self
    }
}

/// What stands in a cell, short enough for a message.
pub(super) fn short(text: &str) -> Arc<str> {
    const MOST: usize = 40;
    let one_line = |text: &str| text.replace(['\n', '\r', '\t'], " ");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", one_line(text.get(..end).unwrap_or(""))).into(),
        None => one_line(text).into(),
    }
}

impl Say for Finding {
    fn code(&self) -> Code {
        self.what.code()
    }

    fn headline(&self, lang: Lang) -> String {
        match &self.what {
            What::RuleText(why) => not_text(why, true, lang),
            What::Encoding(why) => not_text(why, false, lang),
            What::BadJson(slip) => slip.headline(lang),
            What::UnknownColumn { name, number, .. } if name.is_empty() => {
                lang.say(format!("第 {number} 列没有列名，没有读"), format!("column {number} has no name and is not read"))
            }
            What::UnknownColumn { name, .. } => lang.say(
                format!("填报表没有 `{name}` 这一项，这一列没有读"),
                format!("the form has no field `{name}`, so this column is not read"),
            ),
            What::MissingColumn { field, form } => lang.say(
                format!("缺少必填项 `{field}` 这一列 ({form})"),
                format!("there is no column for the required field `{field}` of {form}"),
            ),
            What::OptionalColumn { field } => lang.say(
                format!("没有 `{field}` 这一列，每一行都当作没有填"),
                format!("there is no column `{field}`; it counts as not filled in for every row"),
            ),
            What::NoHeader { form, .. } => lang
                .say(format!("没有一个列名是填报表 `{form}` 的填报项"), format!("no column is named after a field of the form `{form}`")),
            What::Cell { field, wrong } => wrong.headline(field, &self.at.text, lang),
            What::Empty { field, identifies: true } => lang.say(
                format!("`{field}` 没有填，不知道这一行是谁的，这一行没有读"),
                format!("`{field}` is empty, so the row speaks of nobody and is not read"),
            ),
            What::Empty { field, .. } => lang.say(format!("必填项 `{field}` 没有填"), format!("the required field `{field}` is empty")),
            What::Duplicate { subject, key, period, first } => {
                let whom = match period {
                    Some(period) => format!("{subject} `{key}` ({period})"),
                    None => format!("{subject} `{key}`"),
                };
                let elsewhere = first.file != self.at.file;
                let (line, here) = (first.line, self.at.line);
                let (zh, en) =
                    if elsewhere { (format!(" {} ", first.file), format!(" of {}", first.file)) } else { (" ".into(), String::new()) };
                lang.say(
                    format!("{whom} 在{zh}第 {line} 行已经填报，第 {here} 行没有读"),
                    format!("{whom} stands in line {line}{en} already, line {here} is not read"),
                )
            }
            What::Check { message, values, .. } => {
                let values = lang.list(values.iter().map(|(field, value)| format!("{field} = {value}")));
                if values.is_empty() { message.to_string() } else { format!("{message} ({values})") }
            }
            What::WrongRow { found, expected, lines } => {
                let (zh, en) = match lines {
                    0 | 1 => (String::new(), String::new()),
                    lines => (format!("，占 {lines} 行"), format!(" over {lines} lines")),
                };
                lang.say(
                    format!("这一行有 {found} 格{zh}，列名有 {expected} 个，这一行没有读"),
                    format!("this row has {found} cells{en}, the header {expected}, so the row is not read"),
                )
            }
            What::Twice { field } => {
                lang.say(format!("`{field}` 出现了两次，只读前一次"), format!("`{field}` stands here twice, only the first is read"))
            }
            What::RowsTwice { table } => lang.say(
                format!("`{table}` 的行在填报里已经有了，这个文件里的没有读"),
                format!("rows of `{table}` stand within the submissions; those of this file are not read"),
            ),
            What::NotAnObject => lang.say("这一条不是 `{ 填报项: 值 }`，没有读", "this record is not `{ field: value }` and is not read"),
            What::NoData { header_only: true } => lang.say("除列名以外没有数据", "there is nothing below the header"),
            What::NoData { header_only: false } => lang.say("文件是空的", "the file is empty"),
            What::NoSuchPeriod { period, .. } => lang.say(format!("没有 `{period}` 的数据"), format!("there is no data of `{period}`")),
            What::LongLine => lang.say(
                format!("一行超过 {LONGEST_LINE} 字节，不像是表格"),
                format!("a line of more than {LONGEST_LINE} bytes, which is no table"),
            ),
            What::ManyColumns(count) => {
                lang.say(format!("有 {count} 列，最多 {MOST_COLUMNS} 列"), format!("{count} columns, more than {MOST_COLUMNS}"))
            }
            What::LargeFile(bytes) => lang.say(
                format!("文件有 {bytes} 字节，最多 {LARGEST_FILE} 字节"),
                format!("the file has {bytes} bytes, more than {LARGEST_FILE}"),
            ),
            What::NotAsked { field, condition } => lang.say(
                format!("不满足 `{condition}`，`{field}` 不用填，填的 `{}` 不采用", self.at.text),
                format!("`{condition}` does not hold, so `{field}` is not asked and `{}` is left out", self.at.text),
            ),
            What::TotalRow => lang.say(
                format!("这一行是 `{}`，不是一份填报，没有读", self.at.text),
                format!("this row is a total (`{}`) and no submission; it is not read", self.at.text),
            ),
            What::FormulaText { field } => lang.say(
                format!("`{field}` 填的 `{}` 像一个公式，只当作文字", self.at.text),
                format!("`{field}` is `{}`, which looks like a formula; it is kept as a text", self.at.text),
            ),
            What::Book(book) => book.headline(lang),
            What::LockedChanged { field, was } => {
                let is = &self.at.text;
                let was = was.as_deref().unwrap_or_default();
                lang.say(
                    format!("锁定项 `{field}` 已经按 `{was}` 通过，这里是 `{is}`"),
                    format!("the locked field `{field}` was approved as `{was}` and is `{is}` here"),
                )
            }
            What::TableColumn { table } => lang.say(
                format!("`{table}` 是一张表格，它的行不写在一格里，这一列没有读"),
                format!("`{table}` is a table, whose rows do not stand in a cell; this column is not read"),
            ),
            What::RowOfNobody { table, key, .. } => lang.say(
                format!("`{table}` 的这一行是 `{key}` 的，没有它的填报，没有用上"),
                format!("this row of `{table}` is that of `{key}`, of whom there is no submission; it is not used"),
            ),
            What::NoPart { subject, key, unit, .. } => lang.say(
                format!("{subject} `{key}` 拆不出一个{unit}，没有评价"),
                format!("{subject} `{key}` has no part, so there is no {unit} of it to judge"),
            ),
        }
    }

    fn labels(&self, _lang: Lang) -> Vec<Label> {
        Vec::new()
    }

    fn help(&self, lang: Lang) -> Option<String> {
        Some(match &self.what {
            What::RuleText(why) | What::Encoding(why) => return save_as(why, matches!(self.what, What::RuleText(_)), lang),
            What::BadJson(slip) => return slip.help(lang),
            What::TableColumn { table } => lang.say(
                format!("写成单独的文件: `--data {table}=文件.csv`; 或在 JSON 里写成一个列表"),
                format!("put them into a file of their own: `--data {table}=FILE.csv`; or into a list in JSON"),
            ),
            What::LockedChanged { .. } => lang.say(
                "改回原来的值; 要改的先退回: `heng db return`",
                "put the former value back; if it has to change, return the submission first: `heng db return`",
            ),
            What::UnknownColumn { near: Some(near), .. } | What::RowOfNobody { near: Some(near), .. } => {
                lang.say(format!("是不是 `{near}`?"), format!("did you mean `{near}`?"))
            }
            What::NoHeader { fields, .. } => {
                let fields = lang.list(fields.iter().take(8).map(|field| format!("`{field}`")));
                lang.say(format!("写一行列名，如 {fields}"), format!("write a row that names the columns, such as {fields}"))
            }
            What::Cell { field, wrong } => return wrong.help(field, &self.at.text, lang),
            What::Check { unless: Some(reason), .. } => {
                lang.say(format!("核实无误的，在 `{reason}` 里写明原因"), format!("if it is right, give the reason in `{reason}`"))
            }
            What::WrongRow { lines, .. } if *lines > 1 => {
                lang.say("看看这一行是不是少了一个引号", "see whether a quote is missing in this row")
            }
            What::WrongRow { .. } => {
                lang.say("值里有逗号的，用双引号括起来: `\"a,b\"`", "put a value that contains the separator in quotes: `\"a,b\"`")
            }
            What::RowsTwice { table } => lang.say(
                format!("`{table}` 的行只写在一处: 都写在填报里，或都写在这个文件里"),
                format!("write the rows of `{table}` in one place: all within the submissions, or all in this file"),
            ),
            What::NoSuchPeriod { others, .. } if !others.is_empty() => {
                let others = lang.list(others.iter().take(12).map(Name::as_str));
                lang.say(format!("数据里有: {others}"), format!("the data have: {others}"))
            }
            What::LongLine => lang.say("确认这是 CSV 文件，每行一所学校", "make sure that this is a CSV file with a line for each row"),
            What::Book(book) => return book.help(lang),
            What::FormulaText { .. } => lang.say(
                "去掉开头的 `=`、`+`、`-` 或 `@`；不知道它从哪里来的，不要在 Excel 里打开",
                "leave out the sign at its beginning; where nobody knows how it came there, do not open the file in a spreadsheet",
            ),
            What::NoPart { conditions, .. } => {
                let conditions = lang.list(conditions.iter().map(|condition| format!("`{condition}`")));
                lang.say(
                    format!("{conditions} 都不成立; 核实这些填报项，或在填报表的拆分里补上这样的部分"),
                    format!("none of {conditions} holds; see to these answers, or add such a part to the split of the form"),
                )
            }
            _ => return None,
        })
    }

    fn origin(&self) -> Option<Origin> {
        Some(self.at.clone())
    }
}

fn not_text(why: &NotText, rule: bool, lang: Lang) -> String {
    match why {
        NotText::Utf16 if rule => {
            lang.say("规则文件不是 UTF-8，是 UTF-16，没有读", "the rule text is not UTF-8 but UTF-16 and is not read")
        }
        NotText::Utf16 => lang.say("这是 UTF-16 (Unicode 文本)，读不了", "this is UTF-16 (\"Unicode text\"), which is not read"),
        NotText::Gb18030 => lang.say(
            "规则文件不是 UTF-8，多半是 GB18030 (GBK)，没有读",
            "the rule text is not UTF-8 but probably GB18030 (GBK) and is not read",
        ),
        NotText::Workbook => {
            lang.say("这是 Excel 工作簿 (.xlsx) 或压缩文件，不是文本", "this is a workbook (.xlsx) or a zip file, not a text")
        }
        NotText::OldWorkbook => lang.say("这是旧版 Excel 工作簿 (.xls)，读不了", "this is an old workbook (.xls), which is not read"),
        NotText::Binary => lang.say("这不是文本文件", "this is not a text file"),
        NotText::Damaged(place) => lang.say(
            format!("第 {} 行第 {} 个字符处的字节不是 UTF-8", place.line, place.column),
            format!("the bytes at line {}, character {} are not UTF-8", place.line, place.column),
        ),
        NotText::Neither => lang.say("文件的编码既不是 UTF-8 也不是 GB18030", "the file is neither UTF-8 nor GB18030"),
    }
}

fn save_as(why: &NotText, rule: bool, lang: Lang) -> Option<String> {
    Some(match why {
        NotText::Utf16 | NotText::Gb18030 | NotText::Neither | NotText::Damaged(_) if rule => lang.say(
            "记事本: 文件 → 另存为，编码选 UTF-8；WPS: 另存为纯文本，编码选 UTF-8",
            "in Notepad: File, Save as, encoding UTF-8; in WPS: save as plain text with encoding UTF-8",
        ),
        NotText::Utf16 | NotText::Neither | NotText::Damaged(_) => lang.say(
            "Excel 或 WPS: 另存为 \"CSV UTF-8 (逗号分隔)\"；记事本: 另存为，编码选 UTF-8",
            "in Excel or WPS: save as \"CSV UTF-8\"; in Notepad: save as, encoding UTF-8",
        ),
        NotText::Workbook | NotText::OldWorkbook => {
            lang.say("在 Excel 或 WPS 里另存为 \"CSV UTF-8 (逗号分隔)\"", "save it from Excel or WPS as \"CSV UTF-8\"")
        }
        _ => return None,
    })
}
