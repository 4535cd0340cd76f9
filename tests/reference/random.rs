//! Random rubrics with random submissions (随机的评价体系与数据), as text, in either spelling of the keywords.
//!
//! Numbers come from a small stock, so that values often lie exactly on a threshold, divisors are zero, and subjects tie.
//! In one case of eight they are from the edges instead: of doubles, of 64 and 128 bits, of what may be written at all.
//! The same seed gives the same rubric in either language.

mod expr;
mod indicator;
mod lower;
mod script;
mod upper;

use super::world::{Record, day};
use chrono::NaiveDate;

/// A generator of numbers that is the same on every machine (SplitMix64).
pub struct Random {
    state: u64,
    /// Whether keywords are written in Chinese.
    pub chinese: bool,
    /// Whether numbers are from the edges.
    extreme: bool,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        // Mixed first: the states of neighbouring seeds would be one step apart.
        let state = Random { state: seed, chinese: false, extreme: false }.next();
        Random { state, chinese: false, extreme: false }
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

    /// A number as it is written.
    fn number(&mut self) -> &'static str {
        if self.extreme && self.chance(40) { self.pick(EDGES) } else { self.pick(NUMBERS) }
    }

    /// A number above zero.
    fn above_zero(&mut self) -> &'static str {
        if self.extreme && self.chance(30) { self.pick(EDGES) } else { self.pick(ABOVE_ZERO) }
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
    /// The day of the evaluation.
    pub on: NaiveDate,
}

const NUMBERS: &[&str] = &["0", "1", "2", "3", "5", "10", "0.5", "0.25", "1.5", "4.2", "0.85", "3.57", "7.5"];
/// Beside 2⁵³, the ends of 64 and 128 bits, 1e-28, 1e28, and 40 digits.
const EDGES: &[&str] = &[
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "4503599627370496.5",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
    "170141183460469231731687303715884105727",
    "170141183460469231731687303715884105728",
    "10000000000000000000000000000",
    "9999999999999999999999999999999999999999",
    "0.0000000000000000000000000001",
    "0.3333333333333333333333333333333333333333",
    "1.0000000000000000000000000001",
    "4.9999999999999999999999999999",
    "99999999999999999999.99999999999999999999",
];
/// What fits a field of twelve decimals.
const EDGES_OF_FIELDS: &[&str] = &[
    "9007199254740991",
    "9007199254740992",
    "-9007199254740993",
    "4503599627370496.5",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "92233720368547758.07",
    "92233720368547758.08",
    "9223372.036854775807",
    "-9223372.036854775808",
    "18446744073709551616",
    "79228162514264337593543950336",
    "170141183460469231731687303715884105727",
    "-170141183460469231731687303715884105728",
    "10000000000000000000000000000",
    "9999999999999999999999999999999999999999",
    "0.000000000001",
    "-0.000000000001",
    "0.333333333333",
    "4.999999999999",
    "5.000000000001",
    "1234567890123456789012345678.901234567891",
];
const EDGES_OF_COUNTS: &[&str] = &[
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999",
];
const ABOVE_ZERO: &[&str] = &["1", "2", "3", "5", "10", "0.5", "0.25", "1.5", "4.2", "0.85", "3.57", "7.5"];

/// What expressions may speak of so far.
#[derive(Clone, Default)]
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
    /// Whether submissions are split into units.
    split: bool,
}

/// A rubric `它` over submissions, a rubric `over_it` over its groups, and submissions.
pub fn case(random: &mut Random) -> Case {
    random.extreme = random.chance(12);
    let split = random.chance(25);
    let mut rules = form(random, split);
    let (text, known) = lower::lower(random, split);
    rules.push_str(&text);
    rules.push_str(&upper::upper(random, &known));
    // Before any value of the dated parameter, on and between its days.
    let on = random.of(&[day(2019, 12, 31), day(2024, 9, 1), day(2024, 9, 1), day(2024, 9, 1), day(2024, 12, 1), day(2030, 1, 1)]);
    Case { rules, records: records(random), on }
}

fn form(r: &mut Random, split: bool) -> String {
    let (text, integer, decimal, choice, yes_no) =
        (r.k("text", "文本"), r.k("integer", "整数"), r.k("decimal", "小数"), r.k("choice", "单选"), r.k("yes/no", "是否"));
    let (subject, by, within, when) = (r.k("subject", "对象"), r.k("by", "按"), r.k("within", "隶属"), r.k("when", "当"));
    let (form, unit, percent, date) = (r.k("form", "填报表"), r.k("unit", "单位"), r.k("percent", "百分比"), r.k("date", "日期"));
    let (param, from) = (r.k("param", "参数"), r.k("from", "自"));
    let (old, new, late) = (r.number(), r.number(), r.number());
    let (places, money) = (if r.extreme { 12 } else { 2 }, r.k("money", "金额"));
    let split = if split { units(r) } else { String::new() };
    let warnings = warnings(r);
    let instead = if r.chance(30) { format!(" {} 1", r.k("else", "否则")) } else { String::new() };
    let first = if r.chance(80) { "2020-01-01" } else { "2024-09-02" };
    format!(
        "{unit} 生, 册, 元\n{unit} 百生 = 100 生\n{param} 线 = {old}\n\
         {param} 定额 {{\n  {from} {first}: {new}\n  {from} 2024-12-01: {late}\n}}\n\
         {form} 表 {{\n  {subject} 校 {by} code\n  {within} 县 {by} county\n  {within} 全\n  code: {text}\n  county: {text}\n  \
         学段: {choice} {{ p, q, r }}\n  等次: {choice} {{ A, B, C, D }}\n  n: {integer} 生\n  m: {integer} 册\n  a: {decimal}({places})\n  \
         b: {decimal}({places})\n  c: {integer}\n  e: {percent}\n  f: {yes_no}\n  g: {yes_no}\n  o: {decimal}({places}) {when} f\n  \
         w: {integer} {when} 学段 == p{instead}\n  v: {decimal}(2) {when} w >= 1\n  y: {money}\n  t: {date}\n{warnings}{split}}}\n\n"
    )
}

/// Things that should hold of a submission.
fn warnings(r: &mut Random) -> String {
    let (and, or, not, within, filled) = (r.k("and", "且"), r.k("or", "或"), r.k("not", "非"), r.k("in", "属于"), r.k("filled", "已填"));
    let some = [
        "a <= b".to_owned(),
        format!("o > 1 {or} f"),
        "n > 0 生".to_owned(),
        format!("w == 1 {and} g"),
        "t >= 2023-09-01".to_owned(),
        "m / n > 2 册/生".to_owned(),
        format!("{filled}(v)"),
        format!("等次 {within} [A, B]"),
        format!("{not} (学段 == p) {or} (o {or} 0) < 3"),
        "a * b - c >= 1.5".to_owned(),
    ];
    let warn = r.k("warn", "提醒");
    (0..r.below(4)).map(|_| format!("  {warn} {} : \"请核实\"\n", r.of(&some))).collect()
}

/// Up to three units of a submission, with words and numbers of their own, some of them asked of some only, and shares.
fn units(r: &mut Random) -> String {
    let (split, when, weight, share) = (r.k("split", "拆分"), r.k("when", "当"), r.k("weight", "权重"), r.k("share", "分摊"));
    let (by, unjudged) = (r.k("by", "按"), r.k("not evaluated", "不评价"));
    let (one, other) = (r.pick(&["a", "o", "w", "c"]), r.pick(&["b", "o", "v", "c"]));
    let (first, second) = (r.pick(&["n > 0", "n >= 2", "f", "学段 != r"]), r.pick(&["m > 3 册", "o >= 1", "w >= 1", "f"]));
    let (last, or) = (r.pick(&["c", "w"]), r.k("or", "或"));
    let shared = r.pick(&["a", "a, b", "b, y, c", "o, b", "m"]);
    format!(
        "  {split} 部 {{\n    甲 {when} {first} {{ 阶 = 高; 头 = n; 附 = {one}; {weight} 1 }}\n    \
         乙 {when} {second} {{ 阶 = 低; 头 = n * 2; 附 = {other}; {weight} 1.1 }}\n    \
         丙 {when} ({last} {or} 0) > 1 {{ 头 = n; {weight} 1.32; {unjudged} }}\n    {share} {shared} {by} 头\n  }}\n"
    )
}

fn records(r: &mut Random) -> Vec<Record> {
    let rows = 1 + r.below(14);
    let holes = r.of(&[0, 5, 20]);
    let extreme = r.extreme;
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
            let edges = |edges: &'static [&'static str]| if extreme { edges } else { &[] };
            let with = |stock: &[&'static str], edges: &[&'static str]| [stock, edges].concat();
            put(r, "n", &with(&["0", "1", "2", "10", "45", "100", "37"], edges(EDGES_OF_COUNTS)));
            put(r, "m", &with(&["0", "3", "5", "10", "279", "85"], edges(EDGES_OF_COUNTS)));
            let decimals = with(NUMBERS, edges(EDGES_OF_FIELDS));
            put(r, "a", &with(&decimals, &["-1", "-0.5", "8.4"]));
            put(r, "b", &decimals);
            put(r, "c", &with(&["0", "1", "2", "3", "4"], edges(EDGES_OF_COUNTS)));
            put(r, "e", &["0", "50", "85", "95%", "100", "60"]);
            put(r, "f", &["yes", "no"]);
            put(r, "g", &["yes", "no"]);
            put(r, "o", &decimals);
            put(r, "w", &["0", "1", "2"]);
            put(r, "v", NUMBERS);
            put(r, "y", &["0", "720", "759.99", "760", "0.01"]);
            put(r, "t", &["2024-01-31", "2020-02-29", "2023-09-01"]);
            record
        })
        .collect()
}

fn tenths(points: u32) -> String {
    if points.is_multiple_of(10) { (points / 10).to_string() } else { format!("{}.{}", points / 10, points % 10) }
}
