//! Forms to try: those that are shipped, and random ones.

use heng::Engine;
use heng::data::library;
use heng::text::Texts;
use std::path::Path;
use std::rc::Rc;

/// A form among the rules that it belongs to.
pub(crate) struct Tried {
    pub engine: Rc<Engine>,
    pub at: usize,
}

impl Tried {
    pub(crate) fn form(&self) -> &heng::model::Form {
        &self.engine.rules().forms[self.at]
    }
}

/// The forms of the library and of the examples.
pub(crate) fn shipped() -> Vec<Tried> {
    let mut texts = Texts::new();
    for (path, text) in library() {
        texts.add(path, text);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut engines = vec![Engine::new(texts, Default::default())];
    engines.extend(["california", "overlay", "worked-example"].map(|name| Engine::open(&root.join("examples").join(name)).unwrap()));
    // All that the form language has.
    for path in ["tests/corpus/forms/whole_language.heng", "tests/corpus/forms/tables.heng"] {
        engines.push(Engine::from_text(path, &std::fs::read_to_string(root.join(path)).unwrap()));
    }
    let mut tried = Vec::new();
    for engine in engines.into_iter().map(Rc::new) {
        tried.extend((0..engine.rules().forms.len()).map(|at| Tried { engine: engine.clone(), at }));
    }
    tried.retain(|tried| !tried.form().is_rows());
    let mut seen = Vec::new();
    tried.retain(|tried| {
        let form = tried.form();
        let new = form.split.is_none() && !seen.contains(&form.name.it.to_string());
        seen.push(form.name.it.to_string());
        new
    });
    assert!(tried.len() > 12, "{} forms", tried.len());
    tried
}

/// Numbers that are the same on every run.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn below(&mut self, many: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % many as u64).unwrap()
    }

    pub(crate) fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

/// A form with fields of every type, under names and conditions of every kind.
pub(crate) fn made_up(seed: u64) -> Tried {
    let random = &mut Random(seed);
    let mut source = String::from("unit 元\nunit 万元 = 10000 元\nform 随机 \"随机的表\" {\n version 7\n subject 校 by 代码\n");
    source.push_str(" 代码: text required { pattern \"[A-Z]?\\d{3,4}\" }\n");
    source.push_str(" section 数 \"第一部分\" {\n");
    let kinds = [
        "integer 0..9",
        "integer 0..20",
        "decimal(2) 0..9",
        "percent(1) 0..100",
        "percent(0) 0..100",
        "decimal(3) -5..5",
        "integer -9..9",
        "integer 0..99999999999",
    ];
    for at in 0..8 {
        source.push_str(&format!("  n{at}: {}", random.one(&kinds)));
        source.push_str(random.one(&["", "", " required"]));
        if at > 2 && random.below(3) > 0 {
            source.push_str(&format!(" when {}", condition(random, 2, at)));
        }
        source.push_str(random.one(&["", " \"第 一 项: 人数<多少>\"", " \"数\" { hint \"如 3 & 4\" }"]));
        source.push('\n');
    }
    source.push_str(" }\n");
    for at in 0..3 {
        let when = condition(random, 1, 7);
        let required = random.one(&["", " required"]);
        source.push_str(&format!(" b{at}: yes/no required\n c{at}: choice {{ 甲, \"乙 类\", 丙 }}{required} when {when}\n"));
    }
    source.push_str(" d0: date 2020-01-01..2020-01-09\n d1: date 2020-01-01.. required\n `文.字 1`: text\n `文_字_1`: text \"同名\"\n m: decimal(2) 万元 0..99999\n");
    for at in 0..25 {
        let kind = random.one(&["check", "warn"]);
        let condition = condition(random, 3, 8);
        source.push_str(&format!(" {kind} {condition} : \"〔{at}〕\"\n"));
    }
    for at in 0..6 {
        source.push_str(&format!(" compute v{at} = {}\n", number(random, 3, 8)));
    }
    source.push('}');
    let engine = Engine::from_text("随机.heng", &source);
    assert_eq!(engine.errors(), 0, "{}\n{source}", engine.told());
    Tried { engine: Rc::new(engine), at: 0 }
}

/// A condition over the numbers before a place, and what else there is.
fn condition(random: &mut Random, depth: usize, before: usize) -> String {
    if depth > 0 && random.below(2) == 0 {
        let (a, b) = (condition(random, depth - 1, before), condition(random, depth - 1, before));
        return match random.below(4) {
            0 => format!("not ({a})"),
            1 => format!("({a} or {b})"),
            _ => format!("({a} and {b})"),
        };
    }
    let op = random.one(&["<", "<=", "==", "!=", ">=", ">"]);
    let same = random.one(&["==", "!="]);
    let (at, other) = (random.below(3), random.below(3));
    match random.below(10) {
        0 => format!("b{at}"),
        1 => format!("b{at} {same} b{other}"),
        2 if before == 8 => format!("c{at} {same} {}", random.one(&["甲", "\"乙 类\"", "丙"])),
        3 if before == 8 => format!("c{at} in [甲, 丙]"),
        4 => format!("filled({})", random.one(&["n1", "b1", "d0", "`文.字 1`"])),
        5 => format!("d0 {op} d1"),
        6 => format!("year(d1) {op} 2021"),
        _ => format!("{} {op} {}", number(random, depth.min(2), before), number(random, 1, before)),
    }
}

fn number(random: &mut Random, depth: usize, before: usize) -> String {
    if depth > 0 && random.below(3) > 0 {
        let (a, b) = (number(random, depth - 1, before), number(random, depth - 1, before));
        return match random.below(12) {
            0 | 1 => format!("({a} + {b})"),
            2 | 3 => format!("({a} - {b})"),
            4 => format!("({a} * {b})"),
            5 | 6 => format!("({a} / {b})"),
            7 => format!("abs({a})"),
            8 => format!("round({a}, {})", random.below(3)),
            9 => format!("{}({a})", random.one(&["floor", "ceil"])),
            10 => format!("({a} or {b})"),
            _ => format!("{}({a}, {b})", random.one(&["sum", "min", "max", "mean"])),
        };
    }
    match random.below(4) {
        0 => random.one(&["0", "1", "2", "0.5", "7", "0.01", "100"]).to_owned(),
        _ => format!("n{}", random.below(before)),
    }
}
