//! Random scripts: both ways to the same result.

use super::*;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn pick<'p>(&mut self, from: &[&'p str]) -> &'p str {
        from[self.below(from.len())]
    }
}

/// Writes a script; knows which names mean a number here.
struct Writer {
    random: Random,
    numbers: Vec<String>,
    named: usize,
    functions: Vec<(String, usize)>,
    looping: bool,
    /// Inside a function only its parameters are known.
    inside: bool,
}

impl Writer {
    fn name(&mut self) -> String {
        self.named += 1;
        // Sometimes a name is used again, and hides the one before.
        if self.random.chance(15) && !self.numbers.is_empty() {
            let at = self.random.below(self.numbers.len());
            return self.numbers[at].clone();
        }
        format!("{}{}", self.random.pick(&["x", "分数", "系数", "s", "甲"]), self.named)
    }

    fn known(&mut self) -> String {
        if self.numbers.is_empty() {
            return "3".to_owned();
        }
        let at = self.random.below(self.numbers.len());
        self.numbers[at].clone()
    }

    fn input(&mut self) -> String {
        if self.inside {
            return self.known();
        }
        self.random.pick(&["校.甲", "校.乙", "校.丙", "value", "points", "分值"]).to_owned()
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.chance(25) {
            return match self.random.below(12) {
                0..=3 => self.input(),
                4..=6 => self.known(),
                7 => self.random.pick(&["0.5", "1.25", "2.0", "0.1", "33.3", "1.0"]).to_owned(),
                8 if self.random.chance(20) => "()".to_owned(),
                _ => self.random.pick(&["0", "1", "2", "3", "5", "7", "10", "60", "100"]).to_owned(),
            };
        }
        let d = depth - 1;
        match self.random.below(34) {
            0..=8 => {
                let op = self.random.pick(&["+", "-", "*", "/", "+", "-", "*", "%"]);
                format!("({} {op} {})", self.number(d), self.number(d))
            }
            9 => format!("-({})", self.number(d)),
            10 => format!("({}) ** {}", self.number(0), self.random.below(4)),
            11 | 12 => {
                let name = self.random.pick(&["min", "max", "最小", "最大"]);
                format!("{name}({}, {})", self.number(d), self.number(d))
            }
            13 => format!("{}({})", self.random.pick(&["abs", "绝对值", "floor", "去尾", "ceil", "进一", "round"]), self.number(d)),
            14 => format!("{}({}, {})", self.random.pick(&["round", "四舍五入", "floor", "ceil"]), self.number(d), self.random.below(4)),
            15 => format!("({}).round({})", self.number(d), self.random.below(3)),
            16 => format!("{}.max({})", self.input(), self.number(d)),
            17..=20 => format!("(if {} {{ {} }} else {{ {} }})", self.flag(d), self.number(d), self.number(d)),
            21 => format!("(if {} {{ {} }})", self.flag(d), self.number(d)),
            22 | 23 => self.switch(d, false),
            24 => format!("({} ?? {})", self.number(d), self.number(d)),
            25 => {
                let list = (0..3).map(|_| self.number(d)).collect::<Vec<_>>().join(", ");
                format!("[{list}][{}]", self.random.pick(&["0", "1", "2", "-1"]))
            }
            26 => {
                let name = self.name();
                let value = self.number(d);
                let before = self.numbers.len();
                self.numbers.push(name.clone());
                let body = self.number(d);
                self.numbers.truncate(before);
                format!("({{ let {name} = {value}; {body} }})")
            }
            27 if self.random.chance(40) => {
                // Something is assigned while an expression is computed.
                let name = self.known();
                if name == "3" { "3".to_owned() } else { format!("({name} + {{ {name} = {}; {} }})", self.number(d), self.number(d)) }
            }
            _ => match self.random.below(self.functions.len().max(1)) {
                at if at < self.functions.len() => {
                    let (name, arguments) = self.functions[at].clone();
                    let list = (0..arguments).map(|_| self.number(d)).collect::<Vec<_>>().join(", ");
                    format!("{name}({list})")
                }
                _ => self.input(),
            },
        }
    }

    fn flag(&mut self, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.random.below(if depth == 0 { 8 } else { 14 }) {
            0..=4 => {
                let op = self.random.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("{} {op} {}", self.number(d), self.number(d))
            }
            5 => format!("{} {} ()", self.input(), self.random.pick(&["==", "!="])),
            6 => format!("{}({})", self.random.pick(&["filled", "已填"]), self.number(d)),
            7 if self.inside => "true".to_owned(),
            7 => self
                .random
                .pick(&["校.段 == \"小学\"", "校.段 != \"初中\"", "校.住", "校.住 == true", "校.段 == ()", "校.段 in [\"小学\", \"大学\"]"])
                .to_owned(),
            8 | 9 => format!("({} && {})", self.flag(d), self.flag(d)),
            10 | 11 => format!("({} || {})", self.flag(d), self.flag(d)),
            12 => format!("!({})", self.flag(d)),
            _ => format!("{} {} [{}, 2, {}]", self.number(d), self.random.pick(&["in", "!in"]), self.number(d), self.number(d)),
        }
    }

    fn switch(&mut self, depth: usize, statement: bool) -> String {
        let word = !self.inside && self.random.chance(30);
        let subject = if word { "校.段".to_owned() } else { format!("{} + 0", self.number(depth)) };
        let mut cases = Vec::new();
        let count = self.random.below(4);
        let mut ranges = false;
        for _ in 0..count {
            let case = if word {
                self.random.pick(&["\"小学\"", "\"初中\"", "\"小学\" | \"初中\"", "()", "1", "\"高中\""])
            } else if ranges || self.random.chance(30) {
                ranges = true;
                self.random.pick(&["0..1", "1..60", "0..=10", "60..100", "-5..3", "()"])
            } else {
                self.random.pick(&["0", "1", "2", "1 | 3", "0.5", "2.5 | 7", "7.0", "()", "-1", "\"小学\"", "true", "10"])
            };
            let condition = if self.random.chance(20) { format!(" if {}", self.flag(depth)) } else { String::new() };
            cases.push(format!("{case}{condition} => {}", if statement { self.block(depth) } else { self.number(depth) }));
        }
        if self.random.chance(85) {
            cases.push(format!("_ => {}", if statement { self.block(depth) } else { self.number(depth) }));
        }
        let cases = cases.join(", ");
        match statement {
            _ if cases.is_empty() => "4;".trim_end_matches(if statement { "" } else { ";" }).to_owned(),
            true => format!("switch {subject} {{ {cases} }}"),
            false => format!("(switch {subject} {{ {cases} }})"),
        }
    }

    fn block(&mut self, depth: usize) -> String {
        let before = self.numbers.len();
        let count = 1 + self.random.below(2);
        let body = (0..count).map(|_| self.statement(depth)).collect::<String>();
        self.numbers.truncate(before);
        format!("{{ {body} }}")
    }

    fn assigned(&mut self) -> String {
        match self.random.below(10) {
            0 if !self.inside => "value".to_owned(),
            _ if self.numbers.is_empty() => {
                let name = self.name();
                self.numbers.push(name.clone());
                format!("let {name} = 1; {name}")
            }
            _ => self.known(),
        }
    }

    fn statement(&mut self, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        let simple = depth == 0;
        match self.random.below(if simple { 9 } else { 24 }) {
            0..=2 => {
                let (name, value) = (self.name(), self.number(2));
                self.numbers.push(name.clone());
                format!("let {name} = {value};\n")
            }
            3 => {
                let name = self.assigned();
                format!("{name} = {};\n", self.number(2))
            }
            4..=6 => {
                let name = self.assigned();
                let op = self.random.pick(&["+=", "-=", "*=", "/=", "+=", "%="]);
                format!("{name} {op} {};\n", self.number(2))
            }
            // Computed, and not used.
            7 => format!("{};\n", self.number(2)),
            8 if self.looping => format!("if {} {{ {}; }}\n", self.flag(1), self.random.pick(&["break", "continue"])),
            8 => format!("if {} {{ return {}; }}\n", self.flag(1), self.number(1)),
            9..=11 => format!("if {} {}\n", self.flag(2), self.block(d)),
            12..=14 => format!("if {} {} else {}\n", self.flag(2), self.block(d), self.block(d)),
            15 | 16 => format!("if {} {} else if {} {} else {}\n", self.flag(1), self.block(d), self.flag(1), self.block(d), self.block(d)),
            17 => format!("if {} {{ {} return {}; }}\n", self.flag(1), self.block(d), self.number(1)),
            18 => format!("{}\n", self.switch(d, true)),
            19 | 20 => {
                let outside = std::mem::replace(&mut self.looping, true);
                let over = match self.random.below(4) {
                    0 => format!("[{}, {}, 2]", self.number(1), self.number(1)),
                    1 => "0..=2".to_owned(),
                    2 => "[[60, 1], [75, 2], [90, 3]]".to_owned(),
                    _ => "1..4".to_owned(),
                };
                let before = self.numbers.len();
                let line = format!("i{}", self.named);
                self.named += 1;
                let nested = over.starts_with("[[");
                if nested {
                    self.numbers.extend([format!("{line}[0]"), format!("{line}[1]")]);
                } else {
                    self.numbers.push(line.clone());
                }
                // An element of a list is not assigned to here.
                let body = self.block(d);
                let body = if nested && [" = ", " += ", " -= ", " *= ", " /= ", " %= "].iter().any(|op| body.contains(&format!("]{op}"))) {
                    "{ }".to_owned()
                } else {
                    body
                };
                self.numbers.truncate(before);
                self.looping = outside;
                format!("for {line} in {over} {body}\n")
            }
            21 => {
                let outside = std::mem::replace(&mut self.looping, true);
                let line = format!("n{}", self.named);
                self.named += 1;
                let body = self.block(d);
                self.looping = outside;
                format!("let {line} = 0; while {line} < 3 {{ {line} += 1; {body} }}\n")
            }
            22 if self.random.chance(30) => format!("if {} {{ throw \"停\"; }}\n", self.flag(1)),
            _ => format!("{}\n", self.block(d)),
        }
    }

    fn function(&mut self) -> String {
        let arguments = 1 + self.random.below(2);
        let params: Vec<String> = ["参数", "y"].iter().take(arguments).map(|name| (*name).to_owned()).collect();
        let (numbers, inside) = (std::mem::replace(&mut self.numbers, params.clone()), std::mem::replace(&mut self.inside, true));
        let body = (0..self.random.below(3)).map(|_| self.statement(1)).collect::<String>();
        let result = self.number(2);
        (self.numbers, self.inside) = (numbers, inside);
        let name = format!("{}{}", self.random.pick(&["f", "折算"]), self.functions.len());
        let text = format!("fn {name}({}) {{ {body} {result} }}\n", params.join(", "));
        self.functions.push((name, arguments));
        text
    }

    fn script(&mut self) -> String {
        let functions = (0..self.random.below(3)).map(|_| self.function()).collect::<String>();
        let count = self.random.below(5);
        let body = (0..count).map(|_| self.statement(2)).collect::<String>();
        let result = match self.random.below(8) {
            0 => format!("if {} {{ {} }} else {{ {} }}", self.flag(2), self.number(2), self.number(2)),
            1 => format!("if {} {{ {} }} else if {} {{ {} }}", self.flag(2), self.number(2), self.flag(1), self.number(2)),
            2 => self.switch(2, false),
            3 => format!("return {};", self.number(3)),
            _ => self.number(3),
        };
        format!("{functions}{body}{result}")
    }
}

fn rows(random: &mut Random) -> Vec<Row> {
    let plain = ["0", "1", "2", "3", "0.5", "-1", "7", "2.5", "60", "89.5", "12345678901234567890.5", "0.0000000000000000000000000000001"];
    let some = |random: &mut Random, from: &[&'static str]| if random.chance(20) { None } else { Some(random.pick(from)) };
    let mut rows = Vec::new();
    for _ in 0..10 {
        let value = some(random, &["0", "1", "1/3", "0.85", "2/7", "60", "75.5", "-1/9", "10"]);
        let numbers = [some(random, &plain), some(random, &["0", "1", "2", "0.1", "3"]), some(random, &["0", "1", "2", "5", "10"])];
        let flag = [None, Some(true), Some(false)][random.below(3)];
        rows.push(row(value, numbers, some(random, &["小学", "初中"]), flag));
    }
    // All there, and nothing there.
    rows.push(row(Some("1/3"), [Some("2"), Some("4"), Some("5")], Some("小学"), Some(true)));
    rows.push(row(None, [None; 3], None, None));
    rows
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_scripts_come_to_the_same() {
    let (seed, cases) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 1_600));
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let engine = engine();
    let (mut made, mut values, mut refused) = (0, [0; 3], std::collections::BTreeMap::<String, usize>::new());
    for batch in 0..cases.div_ceil(40) {
        let codes: Vec<String> = (0..40)
            .map(|at| {
                let random = Random(seed.wrapping_add(batch * 40 + at).wrapping_mul(0x9E37_79B9));
                let mut writer = Writer { random, numbers: Vec::new(), named: 0, functions: Vec::new(), looping: false, inside: false };
                writer.script()
            })
            // Now and then something is written that rhai does not read, such as a constant condition.
            .filter(|code| engine.compile(code).is_ok())
            .collect();
        let rows = rows(&mut Random(seed ^ batch));
        for script in scripts(&codes) {
            match script.straight.get() {
                Ok(straight) => {
                    made += 1;
                    let difference = difference(&engine, &script, straight, &rows);
                    assert!(difference.is_none(), "HENG_SEED={seed}, batch {batch}\n{}", difference.unwrap());
                    for row in &rows {
                        let outcome = run(straight, &cells(&script, row), &Exact::from(10));
                        values[match outcome {
                            Outcome::Value(_) => 0,
                            Outcome::Missing => 1,
                            Outcome::Failed => 2,
                        }] += 1;
                    }
                }
                Err(not) => *refused.entry(format!("{:?}", not.why)).or_default() += 1,
            }
        }
    }
    println!("{made} made, values/missing/failed {values:?}, refused {refused:#?}");
    // Both ways are only compared where there are two, and where something comes out.
    assert!(u64::try_from(made).unwrap() * 10 > cases * 7, "only {made} of {cases}: {refused:#?}");
    assert!(values.iter().all(|count| *count > made), "{values:?}");
}
