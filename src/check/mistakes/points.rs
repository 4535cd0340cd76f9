//! Points, bands and verdicts (H04xx), scripts (H05xx).

use crate::diag::{Code, Mistake};
use crate::number::Exact;
use crate::text::{Name, Span};

/// The parts of a section or rubric do not add up to what it says.
pub(in crate::check) fn sum(owner: &str, stated: &Exact, at: Span, parts: &[(String, Exact)]) -> Mistake {
    let found: Exact = parts.iter().map(|(_, points)| points.clone()).sum();
    let list = parts.iter().map(|(code, points)| format!("{code} {points}").trim_start().to_owned()).collect::<Vec<_>>().join(" + ");
    let difference = (stated - &found).abs();
    let (zh, en) = if found > *stated { ("多", "too many") } else { ("少", "too few") };
    Mistake::new(
        Code::H0401,
        format!("`{owner}` 的分值是 {stated}，各项加起来是 {found}"),
        format!("`{owner}` has {stated} points, its parts add up to {found}"),
    )
    .here(at, format!("{zh}了 {difference} 分: {list}"), format!("{difference} {en}: {list}"))
    .help(format!("写 `{found}`，或改各项的分值"), format!("write `{found}`, or change the points of the parts"))
}

pub(in crate::check) fn gap(at: Span, zh: &str, en: &str) -> Mistake {
    Mistake::new(Code::H0402, format!("没有一档包含{zh}"), format!("no band takes {en}"))
        .here(at, "分档", "the bands")
        .help("补上一档，或加 `其他: 0`", "add a band, or `else: 0`")
}

pub(in crate::check) fn overlap(band: Span, earlier: Option<Span>) -> Mistake {
    let mistake = Mistake::new(Code::H0403, "这一档永远轮不到", "this band can never be reached").here(
        band,
        "它的值已被前面的档取走",
        "earlier bands take all its values",
    );
    match earlier {
        Some(span) => mistake.there(span, "取走了它的值", "takes its values"),
        None => mistake,
    }
    .help("把更严的一档写在前面，或删去这一档", "put the stricter band first, or delete this one")
}

/// Two ranges share values.
pub(in crate::check) fn ranges_overlap(second: Span, first: Span) -> Mistake {
    Mistake::new(Code::H0403, "两档的范围有重叠", "two bands share values")
        .here(second, "与前面一档重叠", "overlaps the earlier band")
        .there(first, "前面一档", "the earlier band")
        .help("`60..75` 含 60 不含 75，下一档写 `75..`", "`60..75` has 60 but not 75, so write the next one `75..`")
}

pub(in crate::check) fn incomplete(at: Span, zh: &str, en: &str, help: (&str, &str)) -> Mistake {
    Mistake::new(Code::H0404, zh, en).here(at, "这里", "here").help(help.0, help.1)
}

pub(in crate::check) fn unreachable(name: &Name, at: Span, why_zh: &str, why_en: &str, earlier: Option<Span>) -> Mistake {
    let mistake =
        Mistake::new(Code::H0405, format!("`{name}` 永远得不出"), format!("`{name}` can never be reached")).here(at, why_zh, why_en);
    match earlier {
        Some(span) => mistake.there(span, "已被这里取走", "taken here"),
        None => mistake,
    }
}

pub(in crate::check) fn not_exhaustive(at: Span, grade: bool, example: Option<(String, String)>) -> Mistake {
    // Never one of the names that are there: whoever pastes it must not pass everybody.
    let last = if grade { "不合格" } else { "未达标" };
    Mistake::new(Code::H0406, "没有写其余情况得什么结论", "what holds otherwise is not said")
        .here(
            at,
            example.as_ref().map_or("可能没有一个成立".to_owned(), |(zh, _)| format!("{zh}，没有一个成立")),
            example.map_or("it may be that none holds".to_owned(), |(_, en)| format!("none holds, {en}")),
        )
        .help(format!("最后一项写 `{last}: 其他`"), format!("end with `{last}: otherwise`"))
}

pub(in crate::check) fn exceeds(marks: &Exact, full: &Exact, at: Span, declared: Span) -> Mistake {
    Mistake::new(Code::H0407, format!("得分 {marks} 超过分值 {full}"), format!("{marks} points are more than the full {full}"))
        .here(at, format!("得 {marks} 分"), format!("gives {marks}"))
        .there(declared, format!("分值 {full}"), format!("full marks {full}"))
}

pub(in crate::check) fn cases(at: Span, missing: &[Name]) -> Mistake {
    let list = missing.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>();
    let first = missing.first().map_or("", Name::as_str);
    Mistake::new(Code::H0408, format!("没有写 {} 的情况", list.join("、")), format!("there is no case for {}", list.join(", ")))
        .here(at, "分类没有写全", "the cases are not complete")
        .help(format!("补上 `{first}: …`，或 `其他: …`"), format!("add `{first}: …`, or `else: …`"))
}

pub(in crate::check) fn case_twice(option: &Name, second: Span, first: Span) -> Mistake {
    Mistake::new(Code::H0408, format!("`{option}` 写了两次"), format!("`{option}` has two cases")).here(second, "又写一次", "again").there(
        first,
        "先写在这里",
        "first here",
    )
}

pub(in crate::check) fn rounded_twice(second: Span, first: Span) -> Mistake {
    Mistake::new(Code::H0409, "得分和总分都取整，取整了两次", "both the scores and the total are rounded: that rounds twice")
        .here(second, "再取整一次", "rounded again")
        .there(first, "先取整一次", "rounded once")
        .help("只留一处", "keep only one of them")
}

pub(in crate::check) fn empty_indicator(code: &Name, at: Span) -> Mistake {
    Mistake::new(Code::H0410, format!("指标 `{code}` 没有取值，也没有计分"), format!("indicator `{code}` has neither a value nor a score"))
        .here(at, "在这里", "this one")
        .help("写 `取值 …` 或 `计分 …`", "write `value …` or `score …`")
}

pub(in crate::check) fn exception_turns(at: Span, symbol: &str) -> Mistake {
    Mistake::new(Code::H0420, "有例外的目标，各情况的比较符号要一致", "a target with exceptions is compared in one way")
        .here(at, "这个例外", "this exception")
        .help(format!("都写成 `{symbol} …`"), format!("write `{symbol} …` in all of them"))
}

pub(in crate::check) fn exceptions_clash(second: Span, first: Span) -> Mistake {
    Mistake::new(Code::H0420, "两个例外的条件相同", "two exceptions have the same condition")
        .here(second, "又写一次", "again")
        .there(first, "先写在这里", "first here")
        .help("合成一个，或把条件写得不重叠", "make it one, or let the conditions differ")
}

/// An alarm at a share of a target that sets no limit.
pub(in crate::check) fn alarm_without_limit(at: Span, has_target: bool) -> Mistake {
    let (zh, en) = match has_target {
        true => ("这里的目标不是一个方向的界限", "the target is no limit in one direction"),
        false => ("指标没有目标", "the indicator has no target"),
    };
    Mistake::new(Code::H0508, "按目标预警，要有一个方向的目标", "an alarm by target needs a target that is a limit in one direction")
        .here(at, zh, en)
        .help(
            "写 `目标 <= …` 或 `目标 >= …`，或写条件: `预警 黄色 若 … : \"…\"`",
            "write `target <= …` or `target >= …`, or a condition: `alarm yellow if … : \"…\"`",
        )
}

/// An alarm that an earlier one always comes before.
pub(in crate::check) fn alarm_never_raised(at: Span, earlier: Span) -> Mistake {
    Mistake::new(Code::H0509, "这一级预警永远轮不到", "this alarm is never raised")
        .here(at, "能到这里的，前面一级已经预警", "whatever comes here, the earlier alarm has")
        .there(earlier, "前面一级", "the earlier one")
        .help("把更严重的一级写在前面", "put the graver level first")
}

pub(in crate::check) fn corners(at: Span, before: Span) -> Mistake {
    Mistake::new(Code::H0411, "折点要从小到大写", "the corners must go from the lowest value to the highest")
        .here(at, "不大于前一个", "not above the one before")
        .there(before, "前一个", "the one before")
}

pub(in crate::check) fn script(at: Span, message: &str, help: Option<(String, String)>) -> Mistake {
    Mistake::new(Code::H0501, format!("脚本有错: {message}"), format!("the script is wrong: {message}"))
        .here(at, "这里", "here")
        .maybe_help(help)
}

pub(in crate::check) fn script_file(file: &str, at: Span) -> Mistake {
    Mistake::new(Code::H0502, format!("找不到脚本文件 `{file}`"), format!("there is no script file `{file}`"))
        .here(at, "这里用到", "used here")
        .help("脚本文件放在规则文件旁边，以 `.rhai` 结尾", "put the script beside the rule file, its name ending in `.rhai`")
}

/// Weights of roles that are not 100 % together.
pub(in crate::check) fn role_weights(at: Span, sum: &Exact, roles: &[(String, Exact)]) -> Mistake {
    let percent = |share: &Exact| format!("{}%", share * &Exact::from(100_i64));
    let list = roles.iter().map(|(role, weight)| format!("{role} {}", percent(weight))).collect::<Vec<_>>().join(" + ");
    let sum = percent(sum);
    Mistake::new(Code::H0412, format!("各角色的权重加起来是 {sum}"), format!("the weights of the roles add up to {sum}"))
        .here(at, list.clone(), list)
        .help("改成合计 100%; 只作对照的角色写 `0%`", "make them 100% together; a role that is only shown has `0%`")
}
