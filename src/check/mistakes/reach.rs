//! What no data can reach, scores that fall or leave their points (H0424 to H0429).

use crate::check::reach::Why;
use crate::diag::{Code, Mistake};
use crate::number::Exact;
use crate::text::{Name, Span};
use chrono::NaiveDate;

/// With the reason why something never counts.
fn because(mistake: Mistake, at: Span, why: &Why) -> Mistake {
    match why {
        Why::Range(part, what, (zh, en)) => {
            let (zh, en) = (format!("`{what}` 只能是{zh}"), format!("`{what}` is only ever {en}"));
            // Where the part is the whole, one label says it all.
            if *part == at { mistake.here(at, zh, en) } else { mistake.here(at, "这里", "here").there(*part, zh, en) }
        }
        Why::Itself => mistake.here(at, "它的各个部分不能同时成立", "its parts cannot hold together"),
        Why::Before(before) => {
            mistake.here(at, "满足它的都已归入前面", "whatever meets it is taken before").there(*before, "已被这里取走", "taken here")
        }
        Why::AllBefore => mistake.here(at, "前面各项合起来已经取尽", "those before it take all there is"),
    }
}

pub(in crate::check) fn never(at: Span, why: &Why) -> Mistake {
    because(Mistake::new(Code::H0424, "这个条件永远不成立", "this condition never holds"), at, why)
        .help("核对条件和填报项的范围; 用不到的删去", "check the condition and the range of the field; delete what is not needed")
}

/// Of a list whose conditions count where they do not hold.
pub(in crate::check) fn always(at: Span) -> Mistake {
    Mistake::new(Code::H0424, "这一项永远不会缺", "this is never missing")
        .here(at, "它总是成立", "it always holds")
        .help("核对条件和填报项的范围", "check the condition and the range of the field")
}

pub(in crate::check) fn case(at: Span, why: &Why) -> Mistake {
    because(Mistake::new(Code::H0425, "这一种情况永远轮不到", "this case is never reached"), at, why)
        .help("把更严的写在前面，或删去这一种", "put the stricter one first, or delete this one")
}

pub(in crate::check) fn branch(at: Span, why: &Why) -> Mistake {
    because(Mistake::new(Code::H0425, "这个分支永远轮不到", "this branch is never reached"), at, why)
        .help("把更严的条件写在前面，或删去这个分支", "put the stricter condition first, or delete this branch")
}

pub(in crate::check) fn rest(at: Span, options: &[Name]) -> Mistake {
    let list = options.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>();
    Mistake::new(Code::H0425, "`其他` 永远轮不到", "`else` is never reached")
        .here(at, format!("{} 都已写明", list.join("、")), format!("{} are all named", list.join(", ")))
        .help("删去它，或并掉与它相同的情况", "delete it, or leave out the cases that are like it")
}

pub(in crate::check) fn band(at: Span, by_attained: bool, (zh, en): (&str, &str), whole: bool) -> Mistake {
    let (what, which) = if by_attained { ("达成度", "the attainment") } else { ("取值", "the value") };
    let (only, whole) = if whole { ("整数，", "a whole number, ") } else { ("", "") };
    Mistake::new(Code::H0425, "没有取值会落在这一档", "no value lies in this band")
        .here(at, format!("{what}只能是{only}{zh}"), format!("{which} is only ever {whole}{en}"))
        .help("核对分档和取值的单位、范围", "check the bands against the unit and range of the value")
}

pub(in crate::check) fn script_branch(at: Span) -> Mistake {
    Mistake::new(Code::H0425, "脚本的这个分支永远轮不到", "this branch of the script is never reached")
        .here(at, "到这里时，条件不会是这样", "the condition never turns out so here")
        .help("核对条件的先后和填报项的范围", "check the order of the conditions and the ranges of the fields")
}

pub(in crate::check) fn verdict(name: &Name, at: Span, why: &Why, otherwise: bool) -> Mistake {
    let mistake = because(Mistake::new(Code::H0426, format!("没有数据会得出 `{name}`"), format!("no data lead to `{name}`")), at, why);
    if otherwise {
        return mistake.help("删去这一项，前一项写成 `其他`", "delete it, and let the one before it be `otherwise`");
    }
    mistake.help("核对条件; 只由否决得出的写 `仅因否决`", "check the condition; write `only by veto` for what only a veto draws")
}

pub(in crate::check) fn over(at: Span, until: NaiveDate, from: NaiveDate) -> Mistake {
    Mistake::new(Code::H0427, "这个例外在施行之前就已到期", "this exception is over before the rubric is in force")
        .here(at, format!("至 {until}，而 {from} 才施行"), format!("until {until}, in force from {from}"))
        .help("改日期，或删去这个例外", "change the day, or delete the exception")
}

pub(in crate::check) fn same_target(at: Span, base: Option<Span>) -> Mistake {
    let mistake = Mistake::new(Code::H0427, "这个例外的目标与一般的目标相同", "this exception has the target that counts anyway").here(
        at,
        "有没有它都一样",
        "it makes no difference",
    );
    let mistake = match base {
        Some(base) => mistake.there(base, "一般的目标", "the target for all others"),
        None => mistake,
    };
    mistake.help("改它的目标，或删去这个例外", "change its target, or delete the exception")
}

/// Wherever one exception holds another does, too.
pub(in crate::check) fn both(at: Span, other: Span, until: Option<NaiveDate>) -> Mistake {
    let (zh, en) = until.map_or_else(Default::default, |until| (format!("，至 {until}"), format!(", until {until}")));
    Mistake::new(Code::H0427, "这个例外总与另一个同时成立", "this exception never holds without another")
        .here(at, format!("两个同时成立，目标就不能确定{zh}"), format!("where both hold, no target is known{en}"))
        .there(other, "凡符合前者的，也符合这个", "this holds wherever that does")
        .help("用 `且 非 …` 使两个条件不重叠", "let the conditions exclude each other with `and not …`")
}

/// A better value earns less.
pub(in crate::check) fn falls(
    at: Span,
    by_attained: bool,
    rising: bool,
    (worse, more): (&Exact, &Exact),
    (better, less): (&Exact, &Exact),
    unit: &str,
) -> Mistake {
    let (what, which) = if by_attained { ("达成度", "attainment") } else { ("取值", "value") };
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let (way_zh, way_en) = if rising { ("越大越好", "more is better") } else { ("越小越好", "less is better") };
    let shown = |number: &Exact| number.to_string();
    let (worse, better, more, less) = (shown(worse), shown(better), shown(more), shown(less));
    Mistake::new(Code::H0428, format!("{what}变好，得分反而降低"), format!("a better {which} earns less"))
        .here(
            at,
            format!("{way_zh}: {worse}{unit} 得 {more} 分，{better}{unit} 只得 {less} 分"),
            format!("{way_en}: {worse}{unit} earns {more}, {better}{unit} only {less}"),
        )
        .help(
            "核对分值和目标的方向; 有意如此，在上一行写 `// 有意 H0428: 理由`",
            "check the points and which way the target runs; if it is meant so, write `// intended H0428: why` on the line above",
        )
}

/// A submission for which a formula or script gives what no score can be.
pub(in crate::check) fn outside(at: Span, example: &str, score: &Exact, full: &Exact) -> Mistake {
    let (zh, en) = if score.is_negative() {
        ("得分可能是负数", "the score may be below zero")
    } else {
        ("得分可能超过分值", "the score may exceed its points")
    };
    Mistake::new(Code::H0429, zh, en)
        .here(
            at,
            format!("{} 得 {score} 分，分值 {full}", if example.is_empty() { "不论怎么填，都" } else { example }),
            format!("{}: {score} of {full}", if example.is_empty() { "whatever is filled in" } else { example }),
        )
        .help(
            "超出的不会截断，而是没有得分: 用 `最小(…, 分值)` 和 `最大(…, 0)` 限住",
            "it is not cut to fit, there is no score then: keep it within with `min(…, points)` and `max(…, 0)`",
        )
}
