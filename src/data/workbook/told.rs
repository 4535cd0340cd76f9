//! What is told of workbooks (工作簿诊断): the facts, and their words in both languages.
//!
//! Not here: how it is found (`unpack`, `take`), what is told of rows and cells (`findings`).

use super::unpack::{LARGEST_WORKBOOK, MOST_UNPACKED};
use crate::diag::{Code, Lang};
use crate::text::Name;

/// Why a file is not read as a workbook (H0619).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It has a password.
    Encrypted,
    /// It may carry programs: .xlsm.
    Macros,
    /// A workbook of before 2007 (.xls), or of WPS (.et).
    OldFormat,
    /// A binary workbook (.xlsb).
    Binary,
    /// An OpenDocument spreadsheet (.ods).
    OpenDocument,
    /// A web page that is only called a workbook, as some systems export.
    WebPage,
    /// Something else.
    NotAWorkbook,
    /// Cut off, or not as a workbook is.
    Damaged,
    /// Larger than workbooks may be.
    TooLarge,
    /// More parts than workbooks have.
    TooManyParts,
    /// Packed so densely as only a zip bomb (压缩炸弹) is.
    Bomb,
    /// A text longer than a cell can be.
    LongText,
    /// Declares entities (实体) of its own, which no spreadsheet does.
    Entities,
}

/// Something told of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// H0619. Not read at all.
    Refused(Refusal),
    /// H0622. A field stands on two sheets, with two values.
    Differs {
        /// The field.
        field: Name,
        /// What stands on the sheet that counts.
        first: String,
        /// Where.
        at: String,
    },
    /// H0623. A subject stands on some of the sheets of a form only.
    NotOnSheet {
        /// Its key.
        key: String,
        /// The sheet without it.
        sheet: String,
        /// A key of that sheet that is nearly the same.
        near: Option<String>,
    },
    /// H0624. Made from the template of another form.
    AnotherForm {
        /// That form.
        found: String,
        /// The one that is read.
        wanted: Name,
    },
    /// H0625. Made from the template of another version.
    AnotherVersion {
        /// That version.
        found: String,
        /// The form's own.
        wanted: String,
    },
    /// H0626. Takes values from other files.
    Outside,
    /// H0627. A sheet with columns of the form, but without the key.
    NoKey {
        /// The key's field.
        key: Name,
    },
}

impl About {
    pub(in crate::data) fn code(&self) -> Code {
        match self {
            About::Refused(_) => Code::H0619,
            About::Differs { .. } => Code::H0622,
            About::NotOnSheet { .. } => Code::H0623,
            About::AnotherForm { .. } => Code::H0624,
            About::AnotherVersion { .. } => Code::H0625,
            About::Outside => Code::H0626,
            About::NoKey { .. } => Code::H0627,
        }
    }

    pub(in crate::data) fn headline(&self, lang: Lang) -> String {
        match self {
            About::Refused(why) => refused(*why, lang),
            About::Differs { field, first, at } => lang.say(
                format!("`{field}` 与 {at} 的 `{first}` 不一致，采用那里的"),
                format!("`{field}` is `{first}` in {at}, which counts; the two differ"),
            ),
            About::NotOnSheet { key, sheet, .. } => {
                lang.say(format!("`{key}` 在工作表 `{sheet}` 里没有"), format!("`{key}` is not on the sheet `{sheet}`"))
            }
            About::AnotherForm { found, wanted } => lang.say(
                format!("这是填报表 `{found}` 的工作簿，不是 `{wanted}` 的，没有读"),
                format!("this is a workbook of the form `{found}`, not of `{wanted}`; it is not read"),
            ),
            About::AnotherVersion { found, wanted } => lang.say(
                format!("这是填报表 `{found}` 版的工作簿，现在是 `{wanted}` 版"),
                format!("this is a workbook of version `{found}` of the form, which now is `{wanted}`"),
            ),
            About::Outside => lang.say(
                "工作簿引用了别的文件，采用的是上次算出的值",
                "the workbook takes values from other files; those last computed are used",
            ),
            About::NoKey { key } => {
                lang.say(format!("这张工作表没有 `{key}` 这一列，没有读"), format!("this sheet has no column `{key}` and is not read"))
            }
        }
    }

    pub(in crate::data) fn help(&self, lang: Lang) -> Option<String> {
        Some(match self {
            About::Refused(why) => return mend(*why, lang),
            About::NotOnSheet { near: Some(near), .. } => {
                lang.say(format!("那里有 `{near}`; 是不是写错了?"), format!("there is `{near}`; is it misspelt?"))
            }
            About::NotOnSheet { .. } => lang.say("在那张表里补上一行，或改正代码", "add a row to that sheet, or correct the key"),
            About::Differs { .. } => lang.say("两处改成一样的", "make the two the same"),
            About::AnotherForm { found, .. } => lang.say(
                format!("用 `heng form check {found}` 检查它，或换成这张表的文件"),
                format!("check it with `heng form check {found}`, or take a file of this form"),
            ),
            About::AnotherVersion { .. } => lang.say(
                "核对两个版本的填报项; 有变动的，用新模板重新填",
                "compare the fields of the two; where they differ, fill in the new template",
            ),
            About::Outside => lang.say(
                "在 Excel 里: 数据 → 编辑链接 → 断开链接，核对后保存",
                "in Excel: Data, Edit Links, Break Link; look it over and save it",
            ),
            About::NoKey { key } => lang.say(format!("在这张表里加上 `{key}` 一列"), format!("add a column `{key}` to this sheet")),
        })
    }
}

fn refused(why: Refusal, lang: Lang) -> String {
    let mebibytes = |bytes: u64| bytes >> 20;
    let (zh, en) = match why {
        Refusal::Encrypted => ("工作簿有密码", "the workbook has a password"),
        Refusal::Macros => ("工作簿带有宏 (程序)", "the workbook has macros (programs) in it"),
        Refusal::OldFormat => ("这是旧版工作簿 (.xls、.et)", "this is an old workbook (.xls, .et)"),
        Refusal::Binary => ("这是二进制工作簿 (.xlsb)", "this is a binary workbook (.xlsb)"),
        Refusal::OpenDocument => ("这是 OpenDocument 表格 (.ods)", "this is an OpenDocument spreadsheet (.ods)"),
        Refusal::WebPage => ("这是网页，只是名字像工作簿", "this is a web page that is only called a workbook"),
        Refusal::NotAWorkbook => ("这不是工作簿 (.xlsx)", "this is no workbook (.xlsx)"),
        Refusal::Damaged => ("工作簿不完整，或已损坏", "the workbook is not whole, or damaged"),
        Refusal::TooLarge => {
            let (packed, unpacked) = (mebibytes(LARGEST_WORKBOOK), MOST_UNPACKED >> 20);
            return lang.say(
                format!("工作簿太大: 最多 {packed} MiB，解开后最多 {unpacked} MiB；没有读"),
                format!("the workbook is larger than {packed} MiB, or than {unpacked} MiB unpacked; it is not read"),
            );
        }
        Refusal::TooManyParts => ("工作簿里的文件太多，不像是表格", "the workbook has more parts than a spreadsheet has"),
        Refusal::Bomb => ("工作簿压缩得过密，像是压缩炸弹", "the workbook is packed as densely as only a zip bomb is"),
        Refusal::LongText => ("工作簿里有长得不可能的文字", "the workbook has a text longer than a cell can be"),
        Refusal::Entities => ("工作簿里有不该有的 XML 声明", "the workbook has XML declarations that no spreadsheet writes"),
    };
    lang.say(format!("{zh}，没有读"), format!("{en}; it is not read"))
}

fn mend(why: Refusal, lang: Lang) -> Option<String> {
    Some(match why {
        Refusal::Encrypted => lang.say("去掉密码，另存为 .xlsx", "remove the password and save it as .xlsx"),
        Refusal::Macros | Refusal::OldFormat | Refusal::Binary | Refusal::OpenDocument | Refusal::WebPage => lang.say(
            "在 Excel 或 WPS 里打开，另存为 \"Excel 工作簿 (*.xlsx)\"",
            "open it in Excel or WPS and save it as \"Excel Workbook (*.xlsx)\"",
        ),
        Refusal::NotAWorkbook | Refusal::Damaged => lang.say("请填报单位重新发一份", "ask whoever filled it in to send it again"),
        Refusal::TooLarge => lang.say("分成几个文件，或另存为 CSV UTF-8", "split it, or save it as CSV UTF-8"),
        Refusal::TooManyParts | Refusal::Bomb | Refusal::LongText | Refusal::Entities => {
            lang.say("问清这个文件从哪里来；不要在别处打开它", "find out where this file comes from, and do not open it elsewhere")
        }
    })
}
