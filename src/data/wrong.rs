//! What can be wrong with one cell (填报值无效), in the words of the form's author.
//!
//! Not here: how it is found (`cells`), where it stands (`findings`).

use crate::diag::{Code, Lang};
use crate::model::{Field, FieldType, Range};
use crate::number::Exact;
use crate::text::Name;

/// Why a cell is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrong {
    /// No number can be made out.
    NotANumber,
    /// A number with something around it, most often a unit.
    Trailing {
        /// The number alone.
        number: String,
        /// The rest.
        rest: String,
    },
    /// Commas that do not stand between groups of three digits.
    Grouping,
    /// More than 40 digits.
    TooManyDigits,
    /// A fraction where a whole number is asked for.
    NotWhole,
    /// More decimals than the form takes.
    TooManyDecimals {
        /// What the form takes.
        most: u32,
        /// What is written.
        found: u32,
    },
    /// Neither yes nor no.
    NotYesNo,
    /// No day can be made out.
    NotADate,
    /// A day that the calendar does not have.
    NoSuchDay,
    /// Not one of the options.
    NoSuchOption {
        /// The option that was most likely meant.
        near: Option<Name>,
    },
    /// One of several that is not an option.
    NotAmong {
        /// It.
        item: String,
        /// The option that was most likely meant.
        near: Option<Name>,
    },
    /// Fewer or more characters than the form takes.
    Length {
        /// How many.
        found: u32,
    },
    /// A text without a Chinese character.
    NoHan,
    /// More files than may be attached.
    TooManyFiles {
        /// How many.
        found: usize,
    },
    /// A file whose name does not end as it should.
    FileKind {
        /// Its name.
        name: String,
    },
    /// A file that is not named from the folder of the data file.
    FileOutside {
        /// Its name.
        name: String,
    },
    /// A file that is not there, or cannot be read.
    NoSuchFile {
        /// Its name.
        name: String,
    },
    /// A file with more bytes than the form takes.
    FileTooLarge {
        /// Its name.
        name: String,
        /// How many it has.
        bytes: u64,
    },
    /// The text does not match the form's pattern.
    PatternMismatch,
    /// Below the least or above the greatest value.
    OutOfRange,
    /// What a spreadsheet shows where a formula fails: `#N/A`, `#DIV/0!`.
    ErrorValue,
    /// An array or object where one value is asked for (JSON).
    Nested,
    /// More characters than a cell may have.
    TooLong {
        /// How many.
        characters: usize,
    },
}

impl Wrong {
    /// The code that it is told under.
    pub fn code(&self) -> Code {
        match self {
            Wrong::OutOfRange => Code::H0605,
            Wrong::TooLong { .. } => Code::H0613,
            Wrong::ErrorValue => Code::H0621,
            _ => Code::H0604,
        }
    }

    /// One line that makes sense alone.
    pub fn headline(&self, field: &Field, written: &str, lang: Lang) -> String {
        let name = &field.name.it;
        let wanted = expected(field, lang);
        let but = |zh: &str, en: &str| lang.say(format!("`{name}` 应当是{wanted}，{zh}"), format!("`{name}` should be {wanted}, {en}"));
        match self {
            Wrong::Trailing { rest, .. } => {
                but(&format!("`{written}` 里多了 `{rest}`"), &format!("but `{written}` has `{rest}` besides the number"))
            }
            Wrong::Grouping => {
                but(&format!("`{written}` 里逗号的位置不对"), &format!("but the commas in `{written}` do not group thousands"))
            }
            Wrong::TooManyDigits => but(&format!("`{written}` 超过 40 位"), &format!("but `{written}` has more than 40 digits")),
            Wrong::TooManyDecimals { found, .. } => {
                but(&format!("`{written}` 有 {found} 位小数"), &format!("but `{written}` has {found} decimals"))
            }
            Wrong::NoSuchDay => but(&format!("日历上没有 `{written}` 这一天"), &format!("but the calendar has no `{written}`")),
            Wrong::OutOfRange => {
                let (zh, en) = (range(field, Lang::Zh), range(field, Lang::En));
                lang.say(format!("`{name}` 应当{zh}，这里是 `{written}`"), format!("`{name}` should be {en}, but it is `{written}`"))
            }
            Wrong::ErrorValue => lang.say(
                format!("`{name}` 是 `{written}`: 表格里的公式出错了"),
                format!("`{name}` is `{written}`: the formula in the sheet has failed"),
            ),
            Wrong::NotAmong { item, .. } => but(&format!("没有 `{item}` 这一项"), &format!("but `{item}` is none of them")),
            Wrong::Length { found } => but(&format!("这里有 {found} 个字"), &format!("but it has {found} characters")),
            Wrong::TooManyFiles { found } => but(&format!("这里有 {found} 个"), &format!("but {found} are named")),
            Wrong::FileKind { name: file } => but(&format!("`{file}` 不是"), &format!("but `{file}` is not")),
            Wrong::FileOutside { name: file } => lang.say(
                format!("`{name}` 的文件要放在数据文件旁边，`{file}` 在别处"),
                format!("the files of `{name}` lie beside the data file, and `{file}` does not"),
            ),
            Wrong::NoSuchFile { name: file } => {
                lang.say(format!("`{name}` 的文件 `{file}` 找不到"), format!("the file `{file}` of `{name}` is not there"))
            }
            Wrong::FileTooLarge { name: file, bytes } => {
                let most = field.details.attach.as_ref().and_then(|attach| attach.bytes).map(megabytes).unwrap_or_default();
                let found = megabytes(*bytes);
                lang.say(
                    format!("`{name}` 的文件 `{file}` 有 {found} MB，最多 {most} MB"),
                    format!("the file `{file}` of `{name}` has {found} MB, more than {most} MB"),
                )
            }
            Wrong::Nested => but("这里是一组值", "but several values stand here"),
            Wrong::TooLong { characters } => lang.say(
                format!("`{name}` 有 {characters} 个字符，一个单元格最多 {} 个", super::LONGEST_CELL),
                format!("`{name}` has {characters} characters, a cell takes at most {}", super::LONGEST_CELL),
            ),
            _ => but(&format!("这里是 `{written}`"), &format!("but it is `{written}`")),
        }
    }

    /// How to mend it; the author's hint comes with it.
    pub fn help(&self, field: &Field, written: &str, lang: Lang) -> Option<String> {
        let mend = self.mend(field, written, lang);
        let hint = field.hint.as_ref().map(|hint| lang.say(format!("填报说明: {hint}"), format!("the form says: {hint}")));
        match (mend, hint) {
            (Some(mend), Some(hint)) => Some(format!("{mend}{}{hint}", lang.pick("；", "; "))),
            (mend, hint) => mend.or(hint),
        }
    }

    fn mend(&self, field: &Field, written: &str, lang: Lang) -> Option<String> {
        let unit = field.filled_in_unit().filter(|unit| !unit.is_one());
        Some(match self {
            Wrong::Trailing { number, rest } if unit.is_none_or(|unit| unit.to_string() == *rest) => {
                lang.say(format!("只写 `{number}`"), format!("write only `{number}`"))
            }
            Wrong::Trailing { .. } => {
                let unit = unit?;
                lang.say(format!("换算成以 {unit} 计，只写数字"), format!("convert it to {unit} and write only the number"))
            }
            Wrong::NotANumber if written.chars().all(|c| !c.is_alphanumeric()) || matches!(written, "无" | "空" | "NA" | "N/A") => {
                lang.say("没有数据就留空", "leave the cell empty where there is no figure")
            }
            Wrong::ErrorValue => lang.say(
                "改正公式，或直接填数；没有数据就留空",
                "mend the formula or write the figure; leave the cell empty where there is none",
            ),
            Wrong::TooManyDecimals { most, found } if *found > 9 => lang.say(
                format!("单元格显示的位数少，存的位数多；公式写成 `=ROUND(…, {most})`，或直接填数"),
                format!("the cell holds more digits than it shows; write the formula as `=ROUND(…, {most})`, or the figure itself"),
            ),
            Wrong::Grouping => lang.say("去掉逗号；小数点写 `.`", "leave the commas out; the decimal point is `.`"),
            Wrong::NotADate => lang.say("写成 `2024-09-01`", "write it as `2024-09-01`"),
            Wrong::NotYesNo => lang.say("写 `是` 或 `否`", "write `yes` or `no`"),
            Wrong::NoSuchOption { near: Some(near) } | Wrong::NotAmong { near: Some(near), .. } => {
                lang.say(format!("是不是 `{near}`?"), format!("did you mean `{near}`?"))
            }
            Wrong::PatternMismatch if looks_shortened(written) => lang.say(
                "Excel 把长数字改成了科学计数法；把这一列设为文本格式，重新填写后再导出",
                "Excel has shortened a long code; format the column as text, fill it in again and export it anew",
            ),
            Wrong::NotAmong { .. } => lang.say("几项之间用 `、` 隔开，一项也没有写 `无`", "part several with `、`, write `无` for none"),
            Wrong::NoSuchFile { .. } => lang.say("文件名从数据文件所在的文件夹写起", "name files from the folder of the data file"),
            Wrong::TooLong { .. } => lang.say("看看前面是不是少了一个引号", "see whether a quote is missing before it"),
            _ => return None,
        })
    }
}

/// `3.50101E+11`: what a spreadsheet makes of a long code.
fn looks_shortened(written: &str) -> bool {
    written.split_once(['E', 'e']).is_some_and(|(before, after)| {
        Exact::parse(before).is_ok() && after.strip_prefix('+').unwrap_or(after).bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// So many bytes in MB, to a tenth.
fn megabytes(bytes: u64) -> String {
    let tenths = (u128::from(bytes) * 10).div_ceil(1 << 20);
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// A number as it is filled in, with what the field's own form may leave in doubt: `95.5%`, `12.5 万元` where 元 are kept.
pub(super) fn with_unit(field: &Field, number: &Exact) -> String {
    let shown = field.as_filled_in(number);
    match (&field.details.asked_in, &field.kind) {
        (Some((unit, _)), _) => format!("{shown} {unit}"),
        (None, FieldType::Percent(_)) => format!("{shown}%"),
        _ => shown.to_string(),
    }
}

/// What the field takes, in words.
fn expected(field: &Field, lang: Lang) -> String {
    let unit = field.filled_in_unit().filter(|unit| !unit.is_one());
    let unit = unit.map(|unit| lang.say(format!(" (以 {unit} 计)"), format!(" (in {unit})"))).unwrap_or_default();
    let places = |most: u32| lang.say(format!("，最多 {most} 位小数"), format!(" with at most {most} decimals"));
    let some_of = |options: &[Name]| {
        let some = lang.list(options.iter().take(12).map(|option| format!("`{option}`")));
        format!("{some}{}", if options.len() > 12 { "…" } else { "" })
    };
    if let Some(options) = &field.details.several {
        let some = some_of(options);
        return lang.say(format!(" {some} 中的若干项"), format!("some of {some}"));
    }
    if let Some(attach) = &field.details.attach {
        let kinds = lang.list(attach.accept.iter().map(|ending| format!("`.{ending}`")));
        let kinds =
            if kinds.is_empty() { lang.say("文件", "files") } else { lang.say(format!(" {kinds} 文件"), format!("files {kinds}")) };
        let most = attach.files.map(|most| lang.say(format!("至多 {most} 个"), format!("at most {most} "))).unwrap_or_default();
        return format!("{most}{kinds}");
    }
    match &field.kind {
        FieldType::Integer(_) if field.details.year => lang.say("四位数的年份", "a year of four digits"),
        FieldType::Integer(_) => lang.say(format!("整数{unit}"), format!("a whole number{unit}")),
        FieldType::Decimal(most, _) => lang.say(format!("数{unit}{}", places(*most)), format!("a number{unit}{}", places(*most))),
        FieldType::Percent(most) => {
            let places = most.map(places).unwrap_or_default();
            lang.say(format!("百分数 (`95` 或 `95%`){places}"), format!("a percentage (`95` or `95%`){places}"))
        }
        FieldType::Text => match &field.pattern {
            Some(pattern) => lang.say(format!("符合 `{}` 的文字", pattern.it), format!("a text that matches `{}`", pattern.it)),
            None => {
                let (zh, en) = match field.details.length {
                    (Some(least), Some(most)) => (format!("{least} 到 {most} 个字的"), format!(" of {least} to {most} characters")),
                    (Some(least), None) => (format!("不少于 {least} 个字的"), format!(" of {least} characters or more")),
                    (None, Some(most)) => (format!("不超过 {most} 个字的"), format!(" of at most {most} characters")),
                    (None, None) => (String::new(), String::new()),
                };
                let (han_zh, han_en) = if field.details.han { ("有汉字的", " with Chinese characters") } else { ("", "") };
                lang.say(format!("{zh}{han_zh}文字"), format!("a text{en}{han_en}"))
            }
        },
        FieldType::Date => lang.say("日期 (`2024-09-01`)", "a day (`2024-09-01`)"),
        FieldType::YesNo => lang.say("`是` 或 `否`", "`yes` or `no`"),
        FieldType::Choice(options) => {
            let some = some_of(options);
            lang.say(format!(" {some} 之一"), format!("one of {some}"))
        }
    }
}

/// The range, in words that follow "应当" and "should be".
fn range(field: &Field, lang: Lang) -> String {
    let number = |number: &Exact| with_unit(field, number);
    let (least, greatest) = match &field.range {
        Some(Range::Numbers(least, greatest)) => (least.as_ref().map(number), greatest.as_ref().map(number)),
        Some(Range::Dates(first, last)) => (first.map(|day| day.to_string()), last.map(|day| day.to_string())),
        None => (None, None),
    };
    match (least, greatest) {
        (Some(least), Some(greatest)) => lang.say(format!("在 {least} 到 {greatest} 之间"), format!("between {least} and {greatest}")),
        (Some(least), None) => lang.say(format!("不小于 {least}"), format!("{least} or more")),
        (None, Some(greatest)) => lang.say(format!("不大于 {greatest}"), format!("{greatest} or less")),
        (None, None) => lang.say("在范围之内", "within its range"),
    }
}
