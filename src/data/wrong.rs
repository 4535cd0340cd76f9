//! What can be wrong with one cell (填报值无效), in the words of the form's author.
//!
//! Not here: how it is found (`cells`), where it stands (`findings`).

use crate::diag::{Code, Lang};
use crate::model::{Field, FieldType, Range, Unit};
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
        let unit = unit(field).filter(|unit| !unit.is_one());
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
            Wrong::NoSuchOption { near: Some(near) } => lang.say(format!("是不是 `{near}`?"), format!("did you mean `{near}`?")),
            Wrong::PatternMismatch if looks_shortened(written) => lang.say(
                "Excel 把长数字改成了科学计数法；把这一列设为文本格式，重新填写后再导出",
                "Excel has shortened a long code; format the column as text, fill it in again and export it anew",
            ),
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

fn unit(field: &Field) -> Option<&Unit> {
    match &field.kind {
        FieldType::Integer(unit) | FieldType::Decimal(_, unit) => Some(unit),
        _ => None,
    }
}

/// What the field takes, in words.
fn expected(field: &Field, lang: Lang) -> String {
    let unit = unit(field).filter(|unit| !unit.is_one());
    let unit = unit.map(|unit| lang.say(format!(" (以 {unit} 计)"), format!(" (in {unit})"))).unwrap_or_default();
    let places = |most: u32| lang.say(format!("，最多 {most} 位小数"), format!(" with at most {most} decimals"));
    match &field.kind {
        FieldType::Integer(_) => lang.say(format!("整数{unit}"), format!("a whole number{unit}")),
        FieldType::Decimal(most, _) => lang.say(format!("数{unit}{}", places(*most)), format!("a number{unit}{}", places(*most))),
        FieldType::Percent(most) => {
            let places = most.map(places).unwrap_or_default();
            lang.say(format!("百分数 (`95` 或 `95%`){places}"), format!("a percentage (`95` or `95%`){places}"))
        }
        FieldType::Text => match &field.pattern {
            Some(pattern) => lang.say(format!("符合 `{}` 的文字", pattern.it), format!("a text that matches `{}`", pattern.it)),
            None => lang.say("文字", "a text"),
        },
        FieldType::Date => lang.say("日期 (`2024-09-01`)", "a day (`2024-09-01`)"),
        FieldType::YesNo => lang.say("`是` 或 `否`", "`yes` or `no`"),
        FieldType::Choice(options) => {
            let some = lang.list(options.iter().take(12).map(|option| format!("`{option}`")));
            let more = if options.len() > 12 { "…" } else { "" };
            lang.say(format!(" {some}{more} 之一"), format!("one of {some}{more}"))
        }
    }
}

/// The range, in words that follow "应当" and "should be".
fn range(field: &Field, lang: Lang) -> String {
    let percent = matches!(field.kind, FieldType::Percent(_));
    let number = |number: &Exact| if percent { format!("{}%", &Exact::from(100) * number) } else { number.to_string() };
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
