//! Random rubrics over submissions (随机的学校体系).

use super::expr::{comparison, condition, number, scope};
use super::indicator::{indicator, on_top};
use super::{Known, Random, tenths};

/// A rubric over submissions.
pub(super) fn lower(r: &mut Random, split: bool) -> (String, Known) {
    let mut known = Known { cohorts: true, split, ..Known::default() };
    known.atoms.extend(["d.a", "d.b", "d.c", "d.o", "d.a", "(d.e * 10)", "线", "定额", "(d.m / d.n * 1 生/册)"].map(str::to_owned));
    known.atoms.push(format!("({}(d.t) - 2020)", r.k("year", "年份")));
    known.atoms.extend(["d.w", "d.v", "(d.y / 1 元)"].map(str::to_owned));
    known.flags.extend(["d.f", "d.g", "d.学段 == p", "d.等次 != B"].map(str::to_owned));
    known.flags.push(format!("d.学段 {} [p, q]", r.k("in", "属于")));
    known.flags.push(format!("d.t {} 2023-09-01", comparison(r)));
    let (years, months, days, on) =
        (r.k("years_after", "几年后"), r.k("months_after", "几月后"), r.k("days_after", "几天后"), r.k("evaluation_date", "评价日"));
    let after = r.pick(&[years, months, days]);
    known.flags.push(format!("d.t {} {after}({on}, {})", comparison(r), r.pick(&["-1", "-5", "-7"])));
    known.flags.push(format!("{after}(d.t, {}) {} {on}", r.pick(&["1", "12", "365"]), comparison(r)));
    known.atoms.push(format!("({}(d.t, {on}) / 100)", r.k("days", "天数")));
    known.flags.push(format!("d.e {} 85%", comparison(r)));
    known.flags.push(format!("d.y {} 760 元", comparison(r)));
    known.flags.push(format!("d.county {} \"u\"", r.pick(&["==", "!="])));
    known.flags.push(format!("{}(d.v)", r.k("filled", "已填")));
    if split {
        known.atoms.extend(["d.附", "d.附", "(d.头 / 10 生)"].map(str::to_owned));
        known.flags.extend(["d.阶 == 高", "d.阶 != 低"].map(str::to_owned));
        known.flags.push(format!("d.阶 {} [高, 低]", r.k("in", "属于")));
    }
    let source = if split { "表.部" } else { "表" };
    let mut text = format!("{} 它 {{\n  {} {source} {} d\n", r.k("rubric", "评价体系"), r.k("reads", "数据"), r.k("as", "简称"));
    if r.chance(30) {
        text += &format!("  {} {}\n", r.k("when", "当"), condition(r, &Known { cohorts: false, ..known.clone() }, 1));
    }
    if r.chance(30) {
        text += &format!("  {} {}\n", r.k("missing", "未填"), missing(r));
    }
    if r.chance(30) {
        text += &format!("  {} {}\n", r.k("not applicable", "不适用"), inapplicable(r));
    }
    match r.below(4) {
        0 => text += &format!("  {} {}\n", r.k("round", "取整"), rounding(r)),
        1 => text += &format!("  {} {} {}\n", r.k("round", "取整"), r.k("total", "总分"), rounding(r)),
        _ => {}
    }
    if r.chance(20) {
        text += &format!("  {} {}\n", r.k("compare rounded", "修约值比较"), r.below(2));
    }
    for at in 0..r.below(3) {
        let value = number(r, &known, 2);
        text += &format!("  {} L{at} = {value}\n", r.k("let", "设"));
        known.atoms.push(format!("L{at}"));
    }
    // Indicators with targets come first, so that `T1..Tn` names them.
    let (mut total, targeted, scored) = (0, 1 + r.below(4), 1 + r.below(5));
    let mut bodies = Vec::new();
    for at in 1..=targeted {
        bodies.push(indicator(r, &mut known, &format!("T{at}"), true, &mut total));
    }
    for at in 1..=scored {
        bodies.push(indicator(r, &mut known, &format!("P{at}"), false, &mut total));
    }
    let mut sections = Vec::new();
    let mut from = 0;
    while from < bodies.len() {
        let to = (from + 1 + r.below(4)).min(bodies.len());
        if r.chance(70) {
            let code = format!("S{}", sections.len() + 1);
            text += &format!("  {} {code} {{\n", r.k("section", "一级指标"));
            let nested = (r.chance(30) && to - from > 1).then(|| format!("{code}X"));
            for (at, body) in bodies[from..to].iter().enumerate() {
                if at == 1
                    && let Some(nested) = &nested
                {
                    text += &format!("  {} {nested} {{\n", r.k("section", "一级指标"));
                }
                text += body;
            }
            text += if nested.is_some() { "  }\n  }\n" } else { "  }\n" };
            sections.push(code);
        } else {
            bodies[from..to].iter().for_each(|body| text += body);
        }
        from = to;
    }
    let (indicator, value) = (r.k("indicator", "指标"), r.k("value", "取值"));
    if total > 0 {
        text += &format!("  {} {}\n", r.k("total", "总分"), tenths(total));
        for at in 0..r.below(5).saturating_sub(2) {
            text += &on_top(r, &known, &format!("J{at}"));
        }
        if r.chance(30) {
            text += &format!("  {} {}\n", r.k("bonus at most", "加分不超过"), r.pick(&["1", "2.5", "10"]));
        }
        text += &format!("  {indicator} RK {{ {value} {}({}, {}) }}\n", r.k("rank", "名次"), r.k("total", "总分"), scope(r));
        text +=
            &format!("  {indicator} PR {{ {value} {}({}, {}) * 100 }}\n", r.k("percentile_rank", "百分位"), r.k("total", "总分"), scope(r));
        let (better, worse) = (total * 7 / 10, total / 2);
        let also = if r.chance(50) {
            format!(" {} {}", r.k("and", "且"), verdict_condition(r, &known, targeted, &sections))
        } else {
            String::new()
        };
        text += &vetoes(r, &known, &["优", "良", "差"]);
        text += &format!(
            "  {} {{ 优: >= {}{also}; 良: >= {}; 差: {} }}\n",
            r.k("grade", "等级"),
            tenths(better),
            tenths(worse),
            r.k("otherwise", "其他")
        );
    }
    if total == 0 {
        text += &vetoes(r, &known, &["甲", "乙", "丙"]);
    }
    let (one, two) = (verdict_condition(r, &known, targeted, &sections), verdict_condition(r, &known, targeted, &sections));
    text += &format!("  {} {{ 甲: {one}; 乙: {two}; 丙: {} }}\n}}\n\n", r.k("conclusion", "结论"), r.k("otherwise", "其他"));
    known.flags.push(format!("RK >= {}", r.below(4)));
    if total == 0 {
        known.flags.pop();
    } else {
        known.scored.push(r.k("total", "总分").to_owned());
    }
    (text, known)
}

/// Vetoes, which may force different verdicts.
pub(super) fn vetoes(r: &mut Random, known: &Known, verdicts: &[&str]) -> String {
    let count = if r.chance(45) { 1 + r.below(3) } else { 0 };
    (0..count)
        .map(|_| {
            let (when, then) = (condition(r, known, 1), r.pick(verdicts).to_owned());
            format!("  {} {when} : \"事故\" {} {then}\n", r.k("veto", "一票否决"), r.k("then", "结论"))
        })
        .collect()
}

pub(super) fn missing(r: &mut Random) -> &'static str {
    if r.chance(50) { r.k("zero", "零分") } else { r.k("unscored", "不计分") }
}

pub(super) fn inapplicable(r: &mut Random) -> &'static str {
    match r.below(3) {
        0 => r.k("reweight", "折算"),
        1 => r.k("full", "满分"),
        _ => r.k("zero", "零分"),
    }
}

pub(super) fn rounding(r: &mut Random) -> String {
    let mode = match r.below(4) {
        0 => r.k("half_up", "四舍五入"),
        1 => r.k("half_even", "四舍六入"),
        2 => r.k("ceiling", "进一"),
        _ => r.k("floor", "去尾"),
    };
    format!("{mode} {}", r.below(3))
}

pub(super) fn verdict_condition(r: &mut Random, known: &Known, targeted: usize, sections: &[String]) -> String {
    let range = format!("T1..T{targeted}");
    let some = || (1..=targeted).step_by(2).map(|at| format!("T{at}")).collect::<Vec<_>>().join(", ");
    match r.below(11) {
        8 => format!("{}({}, {})", r.k("every", "全部"), some(), r.k("met", "达标")),
        9 => format!("{}({}) < {}", r.k("count_met", "达标数"), some(), 1 + r.below(targeted)),
        10 if !sections.is_empty() && !known.scored.is_empty() => {
            let (section, share) = (r.of(sections), r.k("share", "得分率"));
            format!("{section}.{share} {} {}%", r.pick(&[">=", "<"]), r.pick(&["50", "60", "80"]))
        }
        0 => format!("{}({range}) >= {}", r.k("count_met", "达标数"), 1 + r.below(targeted)),
        1 => format!("{}({range}, {} >= 85%)", r.k("every", "全部"), r.k("attained", "达成度")),
        2 => format!("{}({range}, {})", r.k("any", "任一"), r.k("met", "达标")),
        3 => format!(
            "{}({range}, {} {} {}) >= 1",
            r.k("count", "个数"),
            r.k("attained", "达成度"),
            r.k("or", "或").replace("or", ">").replace('或', ">"),
            "50%"
        ),
        4 if !sections.is_empty() && !known.scored.is_empty() => {
            format!("{} >= {}%", r.k("every section", "各部分"), r.pick(&["50", "60", "80", "85"]))
        }
        5 => format!("{} (T1.{})", r.k("not", "非"), r.k("met", "达标")),
        _ => condition(r, known, 1),
    }
}
