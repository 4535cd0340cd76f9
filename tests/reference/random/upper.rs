//! Random rubrics over groups (随机的县域体系).

use super::expr::{condition, number};
use super::lower::vetoes;
use super::{Known, Random};

/// A rubric over the groups.
pub(super) fn upper(r: &mut Random, below: &Known) -> String {
    let mut text = format!("{} over_it {{\n  {} 县", r.k("rubric", "评价体系"), r.k("subject", "对象"));
    if r.chance(50) {
        text += ", 全";
    }
    text += &format!("\n  {} 它 {} d\n", r.k("over", "汇总"), r.k("as", "简称"));
    if r.chance(20) {
        text += &format!("  {} {}(d.code) >= 2\n", r.k("when", "当"), r.k("count", "个数"));
    }
    // What is known of a member. A plain name of the rubric below stands behind the alias.
    let own = |name: &String| !name.contains(['(', ' ', '线', '额']) && !name.starts_with('L');
    let member = |name: &String| if name.starts_with("d.") { name.clone() } else { format!("d.{name}") };
    let values: Vec<String> = below.atoms.iter().filter(|name| own(name)).chain(&below.scored).map(member).collect();
    let conclusion = r.k("conclusion", "结论");
    let mut conditions: Vec<String> = ["d.f", "d.学段 == p", "d.学段 != r"].map(str::to_owned).into();
    conditions.extend(["甲", "乙", "丙"].map(|name| format!("d.{conclusion} == {name}")));
    conditions.push(format!("{}(d.{conclusion})", r.k("filled", "已填")));
    conditions.extend(below.targeted.iter().map(|code| format!("d.{code}.{}", r.k("met", "达标"))));
    let mut known = Known { atoms: vec!["线".to_owned()], ..Known::default() };
    let (mut codes, mut total) = (Vec::new(), 0);
    for at in 1..=2 + r.below(5) {
        let code = format!("W{at}");
        let x = if r.chance(70) { r.of(&values) } else { format!("({} + {})", r.of(&values), r.of(&values)) };
        let condition = r.of(&conditions);
        let weight = if r.chance(60) { format!(", {} d.n", r.k("weight", "权重")) } else { String::new() };
        let (value, exact) = match r.below(16) {
            0 => (format!("{}({x})", r.k("sum", "合计")), true),
            1 => (format!("{}({x}{weight})", r.k("mean", "平均")), true),
            2 => (format!("{}({x}{weight})", r.k("median", "中位数")), true),
            3 => (format!("{}({x}, {}{weight})", r.k("trimmed_mean", "去极值平均"), r.below(3)), true),
            4 => (format!("{}({x})", r.k("min", "最小")), true),
            5 => (format!("{}({x}{weight})", r.k("max", "最大")), true),
            6 => (format!("{}({x}, {}{weight})", r.k("quantile", "分位数"), r.pick(&["0", "0.25", "0.5", "0.9", "1"])), true),
            7 => (format!("{}({x})", r.k("count", "个数")), true),
            8 => (format!("{}({condition})", r.k("count", "个数")), true),
            9 => (format!("{}({condition}{weight})", r.k("share", "占比")), true),
            10 => (format!("{}({x}, {}{weight})", r.k("pass_rate", "达标率"), r.number()), true),
            11 => (format!("{}({x}{weight})", r.k("sd", "标准差")), false),
            12 | 13 => (format!("{}({x}{weight})", r.k("cv", "差异系数")), false),
            14 => (format!("{}({x}{weight})", r.k("gini", "基尼系数")), true),
            _ => (format!("{}({x}{weight})", r.k("theil", "泰尔指数")), false),
        };
        let theil = value.starts_with("theil") || value.starts_with("泰");
        // A share is not held against a number above 1.
        let share = ["share", "占", "pass", "达"].iter().any(|start| value.starts_with(start));
        let value = if r.chance(40) { format!("{value} {} {}", r.k("where", "限于"), r.of(&conditions)) } else { value };
        let op = if theil { r.pick(&[">=", ">"]) } else { r.pick(&[">=", "<=", "<", ">", "<="]) };
        let bound = if share { r.pick(&["0.5", "85%", "100%"]) } else { r.above_zero() };
        text += &format!("  {} {code}", r.k("indicator", "指标"));
        let scored = r.chance(40);
        if scored {
            text += " 10";
            total += 10;
        }
        text += &format!(" {{\n    {} {value}\n    {} {op} {bound}\n", r.k("value", "取值"), r.k("target", "目标"));
        if scored {
            let way = match r.below(3) {
                0 => r.k("all or nothing", "达标满分"),
                1 => r.k("proportional", "按比例"),
                _ => r.k("linear { 0: 0; 1: 100% }", "线性 { 0: 0; 1: 100% }"),
            };
            text += &format!("    {} {way}\n", r.k("score", "计分"));
        }
        if r.chance(20) {
            text += &format!("    {} {}(d.code) > 1\n", r.k("when", "当"), r.k("count", "个数"));
        }
        text += "  }\n";
        known.flags.push(format!("{code}.{}", r.k("met", "达标")));
        if exact {
            known.atoms.push(format!("({code} * 2)"));
        }
        codes.push(code);
    }
    text += &turns(r, &values, &below.targeted, &mut known);
    let list = codes.join(", ");
    text += &format!(
        "  {} X1 {{ {} {}({list}) }}\n",
        r.k("indicator", "指标"),
        r.k("value", "取值"),
        if r.chance(50) { r.k("mean", "平均") } else { r.k("max", "最大") }
    );
    // Among themselves groups are judged one by one, and there is no batch.
    if known.atoms.len() > 1 && r.chance(25) {
        // The groups among themselves.
        let of = r.of(&known.atoms[1..]);
        let name = match r.below(3) {
            0 => r.k("rank", "名次"),
            1 => r.k("percentile_rank", "百分位"),
            _ => r.k("mean", "平均"),
        };
        let all = format!("{} {}", r.k("over", "范围"), r.k("all", "全体"));
        text += &format!("  {} X3 {{ {} {name}({of}, {all}) }}\n", r.k("indicator", "指标"), r.k("value", "取值"));
        known.atoms.push("X3".to_owned());
    }
    if r.chance(30) {
        let value = number(r, &known, 1);
        text += &format!("  {} LU = {value}\n", r.k("let", "设"));
        known.atoms.push("LU".to_owned());
    }
    let spread = number(r, &known, 2);
    text += &format!("  {} X2 {{ {} {spread} }}\n", r.k("indicator", "指标"), r.k("value", "取值"));
    text += &vetoes(r, &known, if total > 0 { &["高", "低"] } else { &["均衡", "基本", "不均衡"] });
    if total > 0 {
        text += &format!("  {} {{ 高: >= {}; 低: {} }}\n", r.k("grade", "等级"), total / 2, r.k("otherwise", "其他"));
    }
    let when = condition(r, &known, 2);
    let met = format!("{}(W1..W{}) >= {}", r.k("count_met", "达标数"), codes.len(), 1 + r.below(codes.len()));
    text += &format!("  {} {{ 均衡: {when}; 基本: {met}; 不均衡: {} }}\n}}\n", r.k("conclusion", "结论"), r.k("otherwise", "其他"));
    text
}

/// Indicators that are written once for several: for options of a choice, and for codes of members.
fn turns(r: &mut Random, values: &[String], targeted: &[String], known: &mut Known) -> String {
    let (each, within, indicator, value) = (r.k("each", "逐一"), r.k("in", "属于"), r.k("indicator", "指标"), r.k("value", "取值"));
    let (filter, target, mean) = (r.k("where", "限于"), r.k("target", "目标"), r.k("mean", "平均"));
    let mut text = String::new();
    if r.chance(40) {
        let (x, weight) = (r.of(values), if r.chance(50) { format!(", {} d.n", r.k("weight", "权重")) } else { String::new() });
        let (p, q, by) = (r.above_zero(), r.above_zero(), r.k("by", "按"));
        text += &format!(
            "  {each} 段 {within} [p, q] {{\n    {indicator} V {{\n      {value} {mean}({x}{weight}) {filter} d.学段 == 段\n      \
             {target} {by} 段 {{ p: >= {p}; q: <= {q} }}\n    }}\n    {indicator} VV {{ {value} V * 2 }}\n  }}\n"
        );
        known.atoms.extend(["V.p", "V.q", "VV.q"].map(str::to_owned));
        known.flags.push(format!("V.p.{}", r.k("met", "达标")));
    }
    if r.chance(30) && !targeted.is_empty() {
        let list = targeted.join(", ");
        let met = r.k("met", "达标");
        text += &format!("  {each} 项 {within} [{list}] {{ {indicator} M {{ {value} {}(d.项.{met}) }} }}\n", r.k("share", "占比"));
        known.atoms.push(format!("M.{}", targeted[0]));
    }
    text
}
