//! Random expressions (随机的式子).

use super::{Known, Random};

/// A plain number.
pub(super) fn number(r: &mut Random, known: &Known, depth: usize) -> String {
    if depth == 0 || r.chance(20) {
        return if r.chance(25) { r.number().to_owned() } else { r.of(&known.atoms) };
    }
    let inner = |r: &mut Random| number(r, known, depth - 1);
    match r.below(if known.cohorts { 20 } else { 15 }) {
        0 | 1 => format!("({} + {})", inner(r), inner(r)),
        2 | 3 => format!("({} - {})", inner(r), inner(r)),
        4 | 5 => format!("({} * {})", inner(r), inner(r)),
        6 | 7 => format!("({} / {})", inner(r), inner(r)),
        8 => format!("({} {} {})", r.of(&known.atoms), r.k("or", "或"), inner(r)),
        9 => {
            let (when, then, last) = (condition(r, known, depth - 1), inner(r), inner(r));
            let (yes, no) = (r.k("then", "则"), r.k("else", "否则"));
            if r.chance(30) {
                let (also, other) = (condition(r, known, depth - 1), inner(r));
                let also = format!("{no} {} {also} {yes} {other}", r.k("if", "若"));
                return format!("({} {when} {yes} {then} {also} {no} {last})", r.k("if", "若"));
            }
            format!("({} {when} {yes} {then} {no} {last})", r.k("if", "若"))
        }
        10 => format!("{}({}, {})", if r.chance(50) { r.k("min", "最小") } else { r.k("max", "最大") }, inner(r), inner(r)),
        11 => {
            let name = match r.below(4) {
                0 => r.k("mean", "平均"),
                1 => r.k("sum", "合计"),
                2 => r.k("median", "中位数"),
                _ => r.k("max", "最大"),
            };
            format!("{name}({}, {}, {})", inner(r), inner(r), inner(r))
        }
        12 => format!("{}({})", r.k("abs", "绝对值"), inner(r)),
        13 => {
            let name = match r.below(3) {
                0 => r.k("round", "四舍五入"),
                1 => r.k("floor", "去尾"),
                _ => r.k("ceil", "进一"),
            };
            if r.chance(70) { format!("{name}({}, {})", inner(r), r.below(3)) } else { format!("{name}({})", inner(r)) }
        }
        14 => format!("-{}", r.of(&known.atoms)),
        15 => {
            let name = match r.below(3) {
                0 => r.k("rank", "名次"),
                1 => r.k("rank_ascending", "升序名次"),
                _ => r.k("percentile_rank", "百分位"),
            };
            format!("({name}({}, {}) * 2)", r.of(&known.atoms), scope(r))
        }
        16 => {
            let weight = if r.chance(30) { format!(", {} d.n", r.k("weight", "权重")) } else { String::new() };
            let (name, more) = match r.below(8) {
                0 => (r.k("min", "最小"), String::new()),
                1 => (r.k("max", "最大"), String::new()),
                2 => (r.k("mean", "平均"), weight),
                3 => (r.k("median", "中位数"), weight),
                4 => (r.k("sum", "合计"), String::new()),
                5 => (r.k("quantile", "分位数"), format!(", {}{weight}", r.pick(&["0", "0.25", "0.9", "1"]))),
                6 => (r.k("trimmed_mean", "去极值平均"), format!(", {}{weight}", r.below(3))),
                _ => (r.k("gini", "基尼系数"), weight),
            };
            format!("{name}({}{more}, {})", r.of(&known.atoms), scope(r))
        }
        17 => format!("({}({}, {}) * 3)", r.k("share", "占比"), condition(r, known, 0), scope(r)),
        18 => format!("({}({}, {}, {}) * 3)", r.k("pass_rate", "达标率"), r.of(&known.atoms), r.of(&known.atoms), scope(r)),
        _ => format!("{}({}, {})", r.k("count", "个数"), r.of(&known.atoms), r.of(&known.atoms)),
    }
}

pub(super) fn scope(r: &mut Random) -> String {
    format!("{} {}", r.k("over", "范围"), if r.chance(60) { r.k("all", "全体") } else { r.k("group", "同组") })
}

pub(super) fn comparison(r: &mut Random) -> &'static str {
    r.pick(&[">=", ">", "<=", "<", "==", "!="])
}

pub(super) fn condition(r: &mut Random, known: &Known, depth: usize) -> String {
    if depth == 0 || r.chance(20) {
        return match r.below(5) {
            0 | 1 => r.of(&known.flags),
            2 => format!("{} {} {}", r.of(&known.atoms), comparison(r), r.number()),
            3 => format!("{}({})", r.k("filled", "已填"), r.of(&known.atoms)),
            _ => format!("{} {} {}", r.of(&known.atoms), comparison(r), r.of(&known.atoms)),
        };
    }
    match r.below(7) {
        0 => format!("({} {} {})", condition(r, known, depth - 1), r.k("and", "且"), condition(r, known, depth - 1)),
        1 => format!("({} {} {})", condition(r, known, depth - 1), r.k("or", "或"), condition(r, known, depth - 1)),
        2 => format!("{} ({})", r.k("not", "非"), condition(r, known, depth - 1)),
        3 => format!("{} {} {}", number(r, known, depth - 1), comparison(r), number(r, known, depth - 1)),
        4 => format!("{} {} [{}, {}]", r.of(&known.atoms), r.k("in", "属于"), number(r, known, depth - 1), r.number()),
        _ => r.of(&known.flags),
    }
}
