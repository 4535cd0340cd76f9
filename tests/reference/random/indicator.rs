//! Random indicators with their ways of scoring (随机的指标与计分).

use super::expr::{comparison, condition, number, scope};
use super::lower::{inapplicable, missing, rounding};
use super::script;
use super::{Known, Random, tenths};

/// Points that an indicator may carry, in tenths.
const POINTS: &[u32] = &[20, 40, 50, 100, 75];

/// An indicator, and what it adds to what is known.
pub(super) fn indicator(r: &mut Random, known: &mut Known, code: &str, target: bool, total: &mut u32) -> String {
    let per_head = r.chance(25);
    let (mut atom, mut value) = (true, number(r, known, 3));
    if per_head {
        (atom, value) = (false, format!("(d.m / d.n) {} 册/百生", r.k("in", "折合")));
    } else if r.chance(10) {
        let name = if r.chance(50) { r.k("sd", "标准差") } else { r.k("cv", "差异系数") };
        (atom, value) = (false, format!("{name}({}, {})", r.pick(&["d.a", "d.b", "d.c"]), scope(r)));
    }
    let less = r.chance(30);
    let op = if less { r.pick(&["<=", "<"]) } else { r.pick(&[">=", ">"]) };
    let target = target || r.chance(40);
    let mut body = String::new();
    if target {
        if r.chance(30) {
            let (low, high) = (r.above_zero(), r.above_zero());
            let last = if r.chance(50) { "r".to_owned() } else { r.k("else", "其他").to_owned() };
            let third = if per_head { r.above_zero().to_owned() } else { number(r, known, 1) };
            let (target, by) = (r.k("target", "目标"), r.k("by", "按"));
            body += &if known.split && r.chance(60) {
                format!("    {target} {by} d.阶 {{ 高: {op} {low}; {}: {op} {high} }}\n", r.k("else", "其他"))
            } else {
                format!("    {target} {by} d.学段 {{ p: {op} {low}; q: {op} {high}; {last}: {op} {third} }}\n")
            };
        } else if r.chance(10) {
            body += &format!("    {} {} {}\n", r.k("target", "目标"), r.pick(&["==", "!="]), r.number());
        } else {
            let bound = if per_head || r.chance(70) { r.number().to_owned() } else { number(r, known, 1) };
            body += &format!("    {} {op} {bound}\n", r.k("target", "目标"));
        }
    }
    let points = r.of(POINTS);
    let scored = !target || r.chance(70);
    // `==` and `!=` know no wrong side, so nothing is taken off for it.
    let sided = target && !body.contains("== ") && !body.contains("!= ");
    if scored {
        body += &format!("    {} {}\n", r.k("score", "计分"), way(r, known, points, target, sided, less, &mut value));
    }
    if sided && !per_head && r.chance(25) {
        body += &exceptions(r, known, op);
    }
    if r.chance(20) {
        let (alarm, by, when) = (r.k("alarm", "预警"), r.k("by target", "按目标"), r.k("if", "若"));
        if sided {
            body += &format!("    {alarm} 红色 {by} {}% : \"红\"\n", r.pick(&["100", "85", "0"]));
        }
        if r.chance(60) {
            body += &format!("    {alarm} 黄色 {when} {}\n", condition(r, known, 1));
        }
    }
    if scored && r.chance(20) {
        let (times, zero, when) = (r.k("times", "乘以"), r.k("zero", "零分"), condition(r, known, 1));
        let factor = if r.chance(50) { zero.to_owned() } else { format!("{times} {}%", r.pick(&["0", "50", "85", "100"])) };
        body += &format!("    {factor} {} {when}\n", r.k("if", "若"));
    }
    if scored && atom && !value.is_empty() && !is_word(&value) && r.chance(20) {
        // A name between its value and its score.
        let what = if target && r.chance(50) { format!("{code}.{} * 3", r.k("attained", "达成度")) } else { format!("{code} + 1") };
        body += &format!("    {} Z{code} = {what}\n", r.k("let", "设"));
        body += &format!("    {} 50% {} Z{code} {} {}\n", r.k("times", "乘以"), r.k("if", "若"), comparison(r), r.number());
    }
    if r.chance(25) {
        body += &format!("    {} {}\n", r.k("when", "当"), condition(r, known, 1));
    }
    if r.chance(25) {
        body += &format!("    {} {}\n", r.k("missing", "未填"), missing(r));
    }
    if r.chance(25) {
        body += &format!("    {} {}\n", r.k("not applicable", "不适用"), inapplicable(r));
    }
    let mut head = format!("  {} {code}", r.k("indicator", "指标"));
    if scored {
        if r.chance(20) {
            body += &format!("    {} {}\n", r.k("round", "取整"), rounding(r));
        }
        head += &format!(" {}", tenths(points));
        let weight = if r.chance(15) { 2 } else { 1 };
        if weight > 1 {
            head += &format!(" {} {}", r.k("weight", "权重"), if r.chance(50) { "2" } else { "200%" });
        }
        *total += points * weight;
        known.scored.push(format!("{code}.{}", r.k("score", "得分")));
        known.atoms.push(format!("{code}.{}", r.k("score", "得分")));
        // A score may hang on a root.
        if !atom {
            known.atoms.pop();
        }
    }
    let body_value = if value.is_empty() { String::new() } else { format!("    {} {value}\n", r.k("value", "取值")) };
    let plain = atom && !value.is_empty() && !is_word(&value);
    if plain {
        known.atoms.push(code.to_owned());
    }
    if target {
        known.flags.push(format!("{code}.{}", r.k("met", "达标")));
        known.targeted.push(code.to_owned());
        if !value.starts_with("cv") && !value.starts_with("差") && !value.starts_with("sd") && !value.starts_with("标") {
            known.atoms.push(format!("({code}.{} * 3)", r.k("attained", "达成度")));
        }
    }
    format!("{head} {{\n{body_value}{body}  }}\n")
}

/// One or two targets that count instead, and perhaps some to whom none does.
fn exceptions(r: &mut Random, known: &Known, op: &str) -> String {
    let (exception, when, target, until) = (r.k("exception", "例外"), r.k("when", "当"), r.k("target", "目标"), r.k("until", "至"));
    let first = condition(r, known, 1);
    let mut text = format!("    {exception} \"早\" {when} {first} {{ {target} {op} {} }}", r.number());
    if r.chance(50) {
        text += &format!(" {until} {}", r.pick(&["2024-01-31", "2024-09-01", "2025-12-31"]));
    }
    text.push('\n');
    if r.chance(40) {
        let second = condition(r, known, 0);
        text += &format!("    {exception} \"晚\" {when} {} ({second}) {{ {target} {op} {} }}\n", r.k("not", "非"), r.number());
    }
    if r.chance(40) {
        let third = condition(r, known, 0);
        text += &format!("    {exception} \"免\" {when} (d.g {} {third}) {{ {} }}\n", r.k("and", "且"), r.k("not applicable", "不适用"));
    }
    text
}

/// A bonus or a penalty.
pub(super) fn on_top(r: &mut Random, known: &Known, code: &str) -> String {
    let mut value = number(r, known, 1);
    let points = r.of(POINTS);
    let way = way(r, known, points, false, false, false, &mut value);
    let value = if value.is_empty() { String::new() } else { format!("    {} {value}\n", r.k("value", "取值")) };
    let kind = if r.chance(50) { r.k("bonus", "加分") } else { r.k("penalty", "扣减") };
    let when = if r.chance(30) { format!("    {} {}\n", r.k("when", "当"), condition(r, known, 0)) } else { String::new() };
    format!("  {kind} {code} {} {{\n{value}    {} {way}\n{when}  }}\n", tenths(points), r.k("score", "计分"))
}

/// A way of scoring. Some have no use for a value, or want another one.
pub(super) fn way(r: &mut Random, known: &Known, points: u32, target: bool, sided: bool, less: bool, value: &mut String) -> String {
    let mark = |r: &mut Random| match r.below(3) {
        0 => format!("{}%", r.pick(&["0", "25", "50", "80", "100"])),
        1 => tenths(points),
        _ => tenths(points / 5),
    };
    let choices: &[usize] = match (target, sided) {
        (true, true) => &[0, 1, 2, 3, 4, 4, 8, 10, 11, 12],
        (true, false) => &[0, 1, 2, 8, 10, 11, 12],
        _ => &[1, 2, 5, 6, 7, 8, 9, 10, 11],
    };
    match r.of(choices) {
        0 => r.k("all or nothing", "达标满分").to_owned(),
        1 => {
            let rest = r.k("else", "其他");
            let body = match r.below(if r.extreme { 4 } else { 3 }) {
                0 => format!(">= 5: {}; >= 3: {}; > 1: {}", mark(r), mark(r), mark(r)),
                1 => format!("<= 0.5: {}; < 2: {}; == 5: {}", mark(r), mark(r), mark(r)),
                2 => format!("3..: {}; 1.5..3: {}; ..0: {}", mark(r), mark(r), mark(r)),
                _ => format!(">= 9007199254740993: {}; > 4.9999999999999999999999999999: {}; == 5: {}", mark(r), mark(r), mark(r)),
            };
            format!("{} {{ {body}; {rest}: {} }}", r.k("bands", "分档"), mark(r))
        }
        2 => format!("{} {{ 0: {}; 0.85: {}; 5: {} }}", r.k("linear", "线性"), mark(r), mark(r), mark(r)),
        3 => {
            let floor = if r.chance(60) {
                format!(", {} {}%", r.k("zero below", "零分低于"), r.pick(&["50", "60", "85"]))
            } else {
                String::new()
            };
            format!("{}{floor}", r.k("proportional", "按比例"))
        }
        4 => {
            let (minus, step) = (r.pick(&["0.2", "0.5", "1"]), r.pick(&["1", "0.1", "0.85", "2"]));
            let steps = match r.below(3) {
                0 => String::new(),
                1 => format!(", {}", r.k("whole steps", "按整步")),
                _ => format!(", {}", r.k("started steps", "不足一步按一步")),
            };
            if r.chinese {
                format!("满分, {} {step} 扣 {minus}分{steps}", if less { "每高" } else { "每低" })
            } else {
                format!("full, minus {minus} per {step} {}{steps}", if less { "above" } else { "below" })
            }
        }
        5 | 6 => {
            let deduct = r.chance(50);
            value.clear();
            let (each, cond) = (r.k("each", "每"), r.k("if", "若"));
            let (first, second) = (condition(r, known, 1), condition(r, known, 1));
            let counted = r.pick(&["d.c", "d.b", "(d.b * 0.5)", "d.o", "d.w", "d.v"]);
            if r.chance(20) {
                // Nothing but what is not asked of everybody.
                let (points, name) = (mark(r), if deduct { r.k("deduct", "扣分") } else { r.k("checklist", "清单") });
                let second = r.pick(&["d.w", "d.v", "d.o"]);
                let alone = format!("{points} {cond} d.o > 1; 0.5 {each} {second}");
                let highest = if r.chance(30) {
                    format!("; {} {{ 1 {cond} d.v < 3; 0.5 {each} d.o }}", r.k("highest", "取最高"))
                } else {
                    String::new()
                };
                return format!("{name} {{ {alone}{highest} }}");
            }
            let name = if deduct { r.k("deduct", "扣分") } else { r.k("checklist", "清单") };
            let more = match r.below(4) {
                0 => {
                    let (highest, third) = (r.k("highest", "取最高"), condition(r, known, 0));
                    format!(
                        "\n      {highest} {{ {} {cond} {third}; {} {each} {counted}; {} {cond} d.g }}",
                        mark(r),
                        r.pick(&["0.5", "2"]),
                        mark(r)
                    )
                }
                1 => {
                    let lacking = if r.chance(50) { r.k("each missing of", "每缺") } else { r.k("each of", "每有") };
                    format!("\n      {} {lacking} [d.f, d.g, d.w > 1, {}]", r.pick(&["0.5", "1"]), condition(r, known, 0))
                }
                _ => String::new(),
            };
            format!(
                "{name} {{\n      {} {each} {counted}\n      {} {cond} {first} : \"一\"\n      {} {cond} {second}{more}\n    }}",
                r.pick(&["0.5", "1"]),
                mark(r),
                mark(r)
            )
        }
        11 => {
            let cond = r.k("if", "若");
            let (first, second) = (condition(r, known, 1), condition(r, known, 0));
            format!(
                "{} {{ {} {cond} {first}; {} {cond} {second}; {}: {} }}",
                r.k("first", "择一"),
                mark(r),
                mark(r),
                r.k("else", "其他"),
                mark(r)
            )
        }
        12 => {
            let by = r.k("bands by attained", "分档 按达成度");
            format!("{by} {{ >= 100%: {}; >= 85%: {}; > 50%: {}; {}: {} }}", mark(r), mark(r), mark(r), r.k("else", "其他"), mark(r))
        }
        10 => script::script(r, known, !value.is_empty()),
        7 if known.split && r.chance(50) => {
            *value = "d.阶".to_owned();
            format!("{} {{ 高: 100%; {}: {} }}", r.k("levels", "分级"), r.k("else", "其他"), mark(r))
        }
        7 => {
            *value = "d.等次".to_owned();
            let rest = r.k("else", "其他");
            format!("{} {{ A: 100%; B, C: {}; {rest}: {} }}", r.k("levels", "分级"), mark(r), mark(r))
        }
        _ => {
            let (min, max) = (r.k("min", "最小"), r.k("max", "最大"));
            let value = number(r, known, 2);
            if r.chance(70) { format!("= {min}({}, {max}(0, {value}))", tenths(points)) } else { format!("= {value}") }
        }
    }
}

/// Whether a value is one of a few words.
fn is_word(value: &str) -> bool {
    matches!(value, "d.等次" | "d.阶")
}
