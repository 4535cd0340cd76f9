//! Types, units and calls (H03xx).

use crate::diag::{Code, Lang, Mistake};
use crate::model::{Type, Unit};
use crate::number::Exact;
use crate::text::{Name, Span};

/// A type in words.
pub(in crate::check) fn type_words(ty: &Type, lang: Lang) -> String {
    match ty {
        Type::Unknown => lang.say("未知", "unknown"),
        Type::Number(_) => lang.say("数", "a number"),
        Type::Text => lang.say("文本", "a text"),
        Type::Flag => lang.say("条件 (是或否)", "a condition (yes or no)"),
        Type::Date => lang.say("日期", "a date"),
        Type::Choice(_) => lang.say("选项", "an option"),
        Type::Several(_) => lang.say("多选", "several options"),
    }
}

fn unit_words(unit: &Unit) -> (String, String) {
    if unit.is_one() { ("没有单位的数".to_owned(), "a bare number".to_owned()) } else { (format!("`{unit}`"), format!("`{unit}`")) }
}

/// Two sides that must be in one unit.
///
/// `written`: the left side as its author wrote it, for the mend.
pub(in crate::check) fn unit_mismatch(left: (&Unit, Span), right: (&Unit, Span), right_number: Option<&Exact>, written: &str) -> Mistake {
    let ((left, left_at), (right, right_at)) = (left, right);
    let ((left_zh, left_en), (right_zh, right_en)) = (unit_words(left), unit_words(right));
    let help = if left.converts_to(right) && !left.is_one() {
        let simple = written.is_empty() || written.len() > 120 || written.contains('\n');
        let written = if simple { "…" } else { written };
        let whole = written.starts_with('(') && written.ends_with(')') || !written.contains(' ');
        let bracketed = if whole { written.to_owned() } else { format!("({written})") };
        Some((format!("先折合: `{bracketed} 折合 {right}`"), format!("convert first: `{bracketed} in {right}`")))
    } else {
        right_number.map(|number| (format!("按同一单位写: `{number} {left}`"), format!("write it in the same unit: `{number} {left}`")))
    };
    Mistake::new(
        Code::H0301,
        format!("{left_zh} 与 {right_zh} 不能比较或相加减"),
        format!("{left_en} and {right_en} cannot be compared, added or subtracted"),
    )
    .here(right_at, format!("这里是 {right_zh}"), format!("this is {right_en}"))
    .there(left_at, format!("这里是 {left_zh}"), format!("this is {left_en}"))
    .maybe_help(help.filter(|_| !left.is_one()))
}

/// `x in unit` where the unit measures something else.
pub(in crate::check) fn no_conversion(from: &Unit, to: &Unit, value: Span, at: Span) -> Mistake {
    let ((from_zh, from_en), (to_zh, to_en)) = (unit_words(from), unit_words(to));
    Mistake::new(Code::H0301, format!("{from_zh} 不能折合成 {to_zh}"), format!("{from_en} cannot be converted to {to_en}"))
        .here(at, format!("折合成 {to_zh}"), format!("converted to {to_en}"))
        .there(value, format!("这里是 {from_zh}"), format!("this is {from_en}"))
}

pub(in crate::check) fn mismatch(wanted: &Type, found: &Type, at: Span) -> Mistake {
    let (want_zh, want_en) = (type_words(wanted, Lang::Zh), type_words(wanted, Lang::En));
    let (found_zh, found_en) = (type_words(found, Lang::Zh), type_words(found, Lang::En));
    let help = match (wanted, found) {
        (Type::Flag, Type::Number(_)) => {
            Some(("写出要比较的数，如 `> 0`".to_owned(), "compare it with a number, such as `> 0`".to_owned()))
        }
        (Type::Number(_), Type::Flag) => Some((
            "要数个数，用 `个数(…)`；要分情况，用 `若 … 则 … 否则 …`".to_owned(),
            "to choose a number by it, use `if … then … else …`".to_owned(),
        )),
        _ => None,
    };
    Mistake::new(Code::H0302, format!("这里应当是{want_zh}，写的是{found_zh}"), format!("expected {want_en}, found {found_en}"))
        .here(at, format!("这是{found_zh}"), format!("this is {found_en}"))
        .maybe_help(help)
}

pub(in crate::check) fn sides_differ(left: (&Type, Span), right: (&Type, Span)) -> Mistake {
    let ((left, left_at), (right, right_at)) = (left, right);
    Mistake::new(
        Code::H0302,
        format!("{}与{}不能比较", type_words(left, Lang::Zh), type_words(right, Lang::Zh)),
        format!("{} cannot be compared with {}", type_words(left, Lang::En), type_words(right, Lang::En)),
    )
    .here(right_at, format!("这是{}", type_words(right, Lang::Zh)), format!("this is {}", type_words(right, Lang::En)))
    .there(left_at, format!("这是{}", type_words(left, Lang::Zh)), format!("this is {}", type_words(left, Lang::En)))
}

/// Several choices are no value to compare.
pub(in crate::check) fn several(at: Span, field: &str, option: &str) -> Mistake {
    let option = option.trim_matches('"');
    Mistake::new(Code::H0302, "多选不能比较，只能问有没有某一项", "several choices are not compared; ask for one of them")
        .here(at, "这是多选", "this is several options")
        .help(format!("写 `{field} 含 {option}`"), format!("write `{field} has {option}`"))
}

/// Only numbers and days have an order.
pub(in crate::check) fn no_order(ty: &Type, at: Span) -> Mistake {
    Mistake::new(
        Code::H0302,
        format!("{}没有大小，只能用 `==` 或 `!=` 比较", type_words(ty, Lang::Zh)),
        format!("{} has no order; only `==` and `!=` compare it", type_words(ty, Lang::En)),
    )
    .here(at, format!("这是{}", type_words(ty, Lang::Zh)), format!("this is {}", type_words(ty, Lang::En)))
}

/// `95` where `95%` must be meant.
pub(in crate::check) fn suspicious(number: &Exact, at: Span, share: Span) -> Mistake {
    Mistake::new(
        Code::H0303,
        format!("比例与 `{number}` 比较，是不是 `{number}%`?"),
        format!("a share is compared with `{number}`: is `{number}%` meant?"),
    )
    .here(at, format!("等于 {}%", number * &Exact::from(100_i64)), format!("this is {}%", number * &Exact::from(100_i64)))
    .there(share, "这是比例，通常不超过 1", "this is a share, rarely more than 1")
    .help(format!("写 `{number}%`"), format!("write `{number}%`"))
}

/// A difference coefficient of a per-head figure without its weight.
pub(in crate::check) fn unweighted(unit: &Unit, at: Span, weight: Option<String>) -> Mistake {
    let weight = weight.unwrap_or_else(|| "…".to_owned());
    Mistake::new(
        Code::H0304,
        format!("`{unit}` 的差异系数没有按人数加权"),
        format!("a difference coefficient of `{unit}` is not weighted by heads"),
    )
    .here(at, "每个成员的权重相同", "every member weighs the same")
    .help(format!("加上 `, 权重 {weight}`"), format!("add `, weight {weight}`"))
    .source(Some("县域义务教育校际均衡指标计算方法".to_owned()))
}

pub(in crate::check) fn arguments(name: &str, at: Span, usage_zh: &str, usage_en: &str) -> Mistake {
    Mistake::new(Code::H0305, format!("`{name}` 的用法不对"), format!("`{name}` is not used so"))
        .here(at, "这里", "here")
        .help(format!("写法: `{usage_zh}`"), format!("write `{usage_en}`"))
}

/// A value of each member where one of the subject is needed.
pub(in crate::check) fn needs_statistic(at: Span) -> Mistake {
    Mistake::new(
        Code::H0306,
        "这里每个成员各有一个值，需要一个统计量",
        "this has one value for each member; a statistic must make one of them",
    )
    .here(at, "每个成员一个值", "one value a member")
    .help("如 `平均(…)`、`占比(…)`、`差异系数(…, 权重 …)`", "such as `mean(…)`, `share(…)`, `cv(…, weight …)`")
}

/// A statistic over nothing that there are many of.
pub(in crate::check) fn over_whom(name: &str, at: Span) -> Mistake {
    Mistake::new(Code::H0306, format!("`{name}` 没有说明对谁统计"), format!("`{name}` does not say over whom"))
        .here(at, "每个对象只有一个值", "each subject has only one value")
        .help(
            "对全体统计加 `, 范围 全体`，对同组统计加 `, 范围 同组`",
            "add `, over all` for everyone or `, over group` for the same group",
        )
}

/// A field that is written in a way that cannot be.
pub(in crate::check) fn wrong_field(at: Span, zh: &str, en: &str) -> Mistake {
    Mistake::new(Code::H0307, zh, en).here(at, "这里", "here")
}

/// The first option of a list that stands in it twice, or the like.
pub(in crate::check) fn option_twice(option: &Name, at: Span) -> Mistake {
    Mistake::new(Code::H0307, format!("选项 `{option}` 写了两次"), format!("the option `{option}` is listed twice")).here(
        at,
        "又写一次",
        "again",
    )
}

pub(in crate::check) fn mixed(at: Span) -> Mistake {
    Mistake::new(Code::H0308, "一个统计量里混用了几种对象", "one statistic takes several kinds of rows together")
        .here(at, "这些不是一份一份对应的", "these do not belong together one by one")
        .help("分成几个统计量，每个只用一种对象", "write several statistics, each of one kind")
}
