//! Random rubrics with random submissions (随机的评价体系与数据), as text, in either spelling of the keywords.
//!
//! Numbers come from a small stock, so that values often lie exactly on a threshold, divisors are zero, and subjects tie.
//! The same seed gives the same rubric in either language.

use super::world::Record;

/// A generator of numbers that is the same on every machine (SplitMix64).
pub struct Random {
    state: u64,
    /// Whether keywords are written in Chinese.
    pub chinese: bool,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        // Mixed first: the states of neighbouring seeds would be one step apart.
        let state = Random { state: seed, chinese: false }.next();
        Random { state, chinese: false }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    /// Whether something happens that does so in `percent` of cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'l, T: ?Sized>(&mut self, list: &[&'l T]) -> &'l T {
        list[self.below(list.len())]
    }

    pub fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// Brings a list into any order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// A keyword.
    fn k(&self, english: &'static str, chinese: &'static str) -> &'static str {
        if self.chinese { chinese } else { english }
    }
}

/// Rules with submissions.
pub struct Case {
    pub rules: String,
    pub records: Vec<Record>,
}

const NUMBERS: &[&str] = &["0", "1", "2", "3", "5", "10", "0.5", "0.25", "1.5", "4.2", "0.85", "3.57", "7.5"];
const ABOVE_ZERO: &[&str] = &["1", "2", "3", "5", "10", "0.5", "0.25", "1.5", "4.2", "0.85", "3.57", "7.5"];

/// What expressions may speak of so far.
#[derive(Default)]
struct Known {
    /// Plain numbers that are fractions.
    atoms: Vec<String>,
    /// Conditions.
    flags: Vec<String>,
    /// Indicators with a target.
    targeted: Vec<String>,
    /// Indicators with points.
    scored: Vec<String>,
    /// Whether cohorts may be asked: not within what is computed for a cohort.
    cohorts: bool,
}

/// A rubric `它` over submissions, a rubric `over_it` over its groups, and submissions.
pub fn case(random: &mut Random) -> Case {
    let mut rules = form(random);
    let (text, known) = lower(random);
    rules.push_str(&text);
    rules.push_str(&upper(random, &known));
    Case { rules, records: records(random) }
}

fn form(r: &mut Random) -> String {
    let (text, integer, decimal, choice, yes_no) =
        (r.k("text", "文本"), r.k("integer", "整数"), r.k("decimal", "小数"), r.k("choice", "单选"), r.k("yes/no", "是否"));
    let (subject, by, within, when) = (r.k("subject", "对象"), r.k("by", "按"), r.k("within", "隶属"), r.k("when", "当"));
    let (form, unit, percent, date) = (r.k("form", "填报表"), r.k("unit", "单位"), r.k("percent", "百分比"), r.k("date", "日期"));
    let (param, from) = (r.k("param", "参数"), r.k("from", "自"));
    let (old, new, late) = (r.pick(NUMBERS), r.pick(NUMBERS), r.pick(NUMBERS));
    let first = if r.chance(80) { "2020-01-01" } else { "2024-09-02" };
    format!(
        "{unit} 生, 册\n{unit} 百生 = 100 生\n{param} 线 = {old}\n\
         {param} 定额 {{\n  {from} {first}: {new}\n  {from} 2024-12-01: {late}\n}}\n\
         {form} 表 {{\n  {subject} 校 {by} code\n  {within} 县 {by} county\n  {within} 全\n  code: {text}\n  county: {text}\n  \
         学段: {choice} {{ p, q, r }}\n  等次: {choice} {{ A, B, C, D }}\n  n: {integer} 生\n  m: {integer} 册\n  a: {decimal}(2)\n  b: {decimal}(2)\n  \
         c: {integer}\n  e: {percent}\n  f: {yes_no}\n  g: {yes_no}\n  o: {decimal}(2) {when} f\n  t: {date}\n}}\n\n"
    )
}

fn records(r: &mut Random) -> Vec<Record> {
    let rows = 1 + r.below(14);
    let holes = r.of(&[0, 5, 20]);
    (0..rows)
        .map(|row| {
            let mut record: Record =
                vec![("code".into(), format!("{:02}", row * 7 % 97)), ("county".into(), r.pick(&["u", "v", "w"]).to_owned())];
            let mut put = |r: &mut Random, field: &str, stock: &[&str]| {
                let mut value = r.pick(stock);
                if r.chance(holes) {
                    value = "";
                } else if r.chance(1) && field != "code" {
                    value = "x";
                }
                record.push((field.to_owned(), value.to_owned()));
            };
            put(r, "学段", &["p", "q", "r"]);
            put(r, "等次", &["A", "B", "C", "D"]);
            put(r, "n", &["0", "1", "2", "10", "45", "100", "37"]);
            put(r, "m", &["0", "3", "5", "10", "279", "85"]);
            let decimals: Vec<&str> = NUMBERS.iter().copied().chain(["-1", "-0.5", "8.4"]).collect();
            put(r, "a", &decimals);
            put(r, "b", NUMBERS);
            put(r, "c", &["0", "1", "2", "3", "4"]);
            put(r, "e", &["0", "50", "85", "95%", "100", "60"]);
            put(r, "f", &["yes", "no"]);
            put(r, "g", &["yes", "no"]);
            put(r, "o", NUMBERS);
            put(r, "t", &["2024-01-31", "2020-02-29", "2023-09-01"]);
            record
        })
        .collect()
}

/// A plain number.
fn number(r: &mut Random, known: &Known, depth: usize) -> String {
    if depth == 0 || r.chance(20) {
        return if r.chance(25) { r.pick(NUMBERS).to_owned() } else { r.of(&known.atoms) };
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
            let name = match r.below(6) {
                0 => r.k("min", "最小"),
                1 => r.k("max", "最大"),
                2 => r.k("mean", "平均"),
                3 => r.k("median", "中位数"),
                4 => r.k("sum", "合计"),
                _ => r.k("gini", "基尼系数"),
            };
            format!("{name}({}, {})", r.of(&known.atoms), scope(r))
        }
        17 => format!("({}({}, {}) * 3)", r.k("share", "占比"), condition(r, known, 0), scope(r)),
        18 => format!("({}({}, {}, {}) * 3)", r.k("pass_rate", "达标率"), r.of(&known.atoms), r.of(&known.atoms), scope(r)),
        _ => format!("{}({}, {})", r.k("count", "个数"), r.of(&known.atoms), r.of(&known.atoms)),
    }
}

fn scope(r: &mut Random) -> String {
    format!("{} {}", r.k("over", "范围"), if r.chance(60) { r.k("all", "全体") } else { r.k("group", "同组") })
}

fn comparison(r: &mut Random) -> &'static str {
    r.pick(&[">=", ">", "<=", "<", "==", "!="])
}

fn condition(r: &mut Random, known: &Known, depth: usize) -> String {
    if depth == 0 || r.chance(20) {
        return match r.below(5) {
            0 | 1 => r.of(&known.flags),
            2 => format!("{} {} {}", r.of(&known.atoms), comparison(r), r.pick(NUMBERS)),
            3 => format!("{}({})", r.k("filled", "已填"), r.of(&known.atoms)),
            _ => format!("{} {} {}", r.of(&known.atoms), comparison(r), r.of(&known.atoms)),
        };
    }
    match r.below(7) {
        0 => format!("({} {} {})", condition(r, known, depth - 1), r.k("and", "且"), condition(r, known, depth - 1)),
        1 => format!("({} {} {})", condition(r, known, depth - 1), r.k("or", "或"), condition(r, known, depth - 1)),
        2 => format!("{} ({})", r.k("not", "非"), condition(r, known, depth - 1)),
        3 => format!("{} {} {}", number(r, known, depth - 1), comparison(r), number(r, known, depth - 1)),
        4 => format!("{} {} [{}, {}]", r.of(&known.atoms), r.k("in", "属于"), number(r, known, depth - 1), r.pick(NUMBERS)),
        _ => r.of(&known.flags),
    }
}

/// Points that an indicator may carry, in tenths.
const POINTS: &[u32] = &[20, 40, 50, 100, 75];

fn tenths(points: u32) -> String {
    if points.is_multiple_of(10) { (points / 10).to_string() } else { format!("{}.{}", points / 10, points % 10) }
}

/// A rubric over submissions.
fn lower(r: &mut Random) -> (String, Known) {
    let mut known = Known { cohorts: true, ..Known::default() };
    known.atoms.extend(["d.a", "d.b", "d.c", "d.o", "d.a", "(d.e * 10)", "线", "定额", "(d.m / d.n * 1 生/册)"].map(str::to_owned));
    known.atoms.push(format!("({}(d.t) - 2020)", r.k("year", "年份")));
    known.flags.extend(["d.f", "d.g", "d.学段 == p", "d.等次 != B"].map(str::to_owned));
    known.flags.push(format!("d.学段 {} [p, q]", r.k("in", "属于")));
    known.flags.push(format!("d.t {} 2023-09-01", comparison(r)));
    known.flags.push(format!("d.e {} 85%", comparison(r)));
    let mut text = format!("{} 它 {{\n  {} 表 {} d\n", r.k("rubric", "评价体系"), r.k("reads", "数据"), r.k("as", "简称"));
    if r.chance(30) {
        text += &format!("  {} {}\n", r.k("when", "当"), condition(r, &Known { cohorts: false, ..copy(&known) }, 1));
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
        text += &format!("  {indicator} RK {{ {value} {}({}, {}) }}\n", r.k("rank", "名次"), r.k("total", "总分"), scope(r));
        text +=
            &format!("  {indicator} PR {{ {value} {}({}, {}) * 100 }}\n", r.k("percentile_rank", "百分位"), r.k("total", "总分"), scope(r));
        let (better, worse) = (total * 7 / 10, total / 2);
        let also = if r.chance(50) {
            format!(" {} {}", r.k("and", "且"), verdict_condition(r, &known, targeted, &sections))
        } else {
            String::new()
        };
        if r.chance(40) {
            let when = condition(r, &known, 1);
            text += &format!("  {} {when} : \"事故\" {} 差\n", r.k("veto", "一票否决"), r.k("then", "结论"));
        }
        text += &format!(
            "  {} {{ 优: >= {}{also}; 良: >= {}; 差: {} }}\n",
            r.k("grade", "等级"),
            tenths(better),
            tenths(worse),
            r.k("otherwise", "其他")
        );
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

fn copy(known: &Known) -> Known {
    Known {
        atoms: known.atoms.clone(),
        flags: known.flags.clone(),
        targeted: known.targeted.clone(),
        scored: known.scored.clone(),
        cohorts: known.cohorts,
    }
}

fn missing(r: &mut Random) -> &'static str {
    if r.chance(50) { r.k("zero", "零分") } else { r.k("unscored", "不计分") }
}

fn inapplicable(r: &mut Random) -> &'static str {
    match r.below(3) {
        0 => r.k("reweight", "折算"),
        1 => r.k("full", "满分"),
        _ => r.k("zero", "零分"),
    }
}

fn rounding(r: &mut Random) -> String {
    let mode = match r.below(4) {
        0 => r.k("half_up", "四舍五入"),
        1 => r.k("half_even", "四舍六入"),
        2 => r.k("ceiling", "进一"),
        _ => r.k("floor", "去尾"),
    };
    format!("{mode} {}", r.below(3))
}

fn verdict_condition(r: &mut Random, known: &Known, targeted: usize, sections: &[String]) -> String {
    let range = format!("T1..T{targeted}");
    match r.below(8) {
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

/// An indicator, and what it adds to what is known.
fn indicator(r: &mut Random, known: &mut Known, code: &str, target: bool, total: &mut u32) -> String {
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
            let (low, high) = (r.pick(ABOVE_ZERO), r.pick(ABOVE_ZERO));
            let last = if r.chance(50) { "r".to_owned() } else { r.k("else", "其他").to_owned() };
            let third = if per_head { r.pick(ABOVE_ZERO).to_owned() } else { number(r, known, 1) };
            body += &format!(
                "    {} {} d.学段 {{ p: {op} {low}; q: {op} {high}; {last}: {op} {third} }}\n",
                r.k("target", "目标"),
                r.k("by", "按")
            );
        } else if r.chance(10) {
            body += &format!("    {} {} {}\n", r.k("target", "目标"), r.pick(&["==", "!="]), r.pick(NUMBERS));
        } else {
            let bound = if per_head || r.chance(70) { r.pick(NUMBERS).to_owned() } else { number(r, known, 1) };
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
fn way(r: &mut Random, known: &Known, points: u32, target: bool, sided: bool, less: bool, value: &mut String) -> String {
    let mark = |r: &mut Random| match r.below(3) {
        0 => format!("{}%", r.pick(&["0", "25", "50", "80", "100"])),
        1 => tenths(points),
        _ => tenths(points / 5),
    };
    let choices: &[usize] = match (target, sided) {
        (true, true) => &[0, 1, 2, 3, 4, 4, 8],
        (true, false) => &[0, 1, 2, 8],
        _ => &[1, 2, 5, 6, 7, 8, 9],
    };
    match r.of(choices) {
        0 => r.k("all or nothing", "达标满分").to_owned(),
        1 => {
            let rest = r.k("else", "其他");
            let body = match r.below(3) {
                0 => format!(">= 5: {}; >= 3: {}; > 1: {}", mark(r), mark(r), mark(r)),
                1 => format!("<= 0.5: {}; < 2: {}; == 5: {}", mark(r), mark(r), mark(r)),
                _ => format!("3..: {}; 1.5..3: {}; ..0: {}", mark(r), mark(r), mark(r)),
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

/// A rubric over the groups.
fn upper(r: &mut Random, below: &Known) -> String {
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
            10 => (format!("{}({x}, {}{weight})", r.k("pass_rate", "达标率"), r.pick(NUMBERS)), true),
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
        let bound = if share { r.pick(&["0.5", "85%", "100%"]) } else { r.pick(ABOVE_ZERO) };
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
    let list = codes.join(", ");
    text += &format!(
        "  {} X1 {{ {} {}({list}) }}\n",
        r.k("indicator", "指标"),
        r.k("value", "取值"),
        if r.chance(50) { r.k("mean", "平均") } else { r.k("max", "最大") }
    );
    let spread = number(r, &known, 2);
    text += &format!("  {} X2 {{ {} {spread} }}\n", r.k("indicator", "指标"), r.k("value", "取值"));
    if total > 0 {
        text += &format!("  {} {{ 高: >= {}; 低: {} }}\n", r.k("grade", "等级"), total / 2, r.k("otherwise", "其他"));
    }
    let when = condition(r, &known, 2);
    let met = format!("{}(W1..W{}) >= {}", r.k("count_met", "达标数"), codes.len(), 1 + r.below(codes.len()));
    text += &format!("  {} {{ 均衡: {when}; 基本: {met}; 不均衡: {} }}\n}}\n", r.k("conclusion", "结论"), r.k("otherwise", "其他"));
    text
}
