//! Random indicators with their ways of scoring (随机的指标与计分).

use super::expr::{condition, number, scope};
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
            body += &format!(
                "    {} {} d.学段 {{ p: {op} {low}; q: {op} {high}; {last}: {op} {third} }}\n",
                r.k("target", "目标"),
                r.k("by", "按")
            );
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
        *total += points;
        known.scored.push(format!("{code}.{}", r.k("score", "得分")));
        known.atoms.push(format!("{code}.{}", r.k("score", "得分")));
        // A score may hang on a root.
        if !atom {
            known.atoms.pop();
        }
    }
    let body_value = if value.is_empty() { String::new() } else { format!("    {} {value}\n", r.k("value", "取值")) };
    let plain = atom && !value.is_empty() && value != "d.等次";
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

/// A way of scoring. Some have no use for a value, or want another one.
pub(super) fn way(r: &mut Random, known: &Known, points: u32, target: bool, sided: bool, less: bool, value: &mut String) -> String {
    let mark = |r: &mut Random| match r.below(3) {
        0 => format!("{}%", r.pick(&["0", "25", "50", "80", "100"])),
        1 => tenths(points),
        _ => tenths(points / 5),
    };
    let choices: &[usize] = match (target, sided) {
        (true, true) => &[0, 1, 2, 3, 4, 4, 8, 10],
        (true, false) => &[0, 1, 2, 8, 10],
        _ => &[1, 2, 5, 6, 7, 8, 9, 10],
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
            let counted = r.pick(&["d.c", "d.b", "(d.b * 0.5)"]);
            let name = if deduct { r.k("deduct", "扣分") } else { r.k("checklist", "清单") };
            format!(
                "{name} {{\n      {} {each} {counted}\n      {} {cond} {first} : \"一\"\n      {} {cond} {second}\n    }}",
                r.pick(&["0.5", "1"]),
                mark(r),
                mark(r)
            )
        }
        10 => script::script(r, known, !value.is_empty()),
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
