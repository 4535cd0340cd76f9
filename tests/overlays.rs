//! Layers (分层): what loosens is refused, what tightens is accepted, and a layer that changes nothing changes no result.
//!
//! The 1,000 overlays are random texts over random rubrics. What the checker must say of each line is decided here, with whole
//! numbers and without the engine. `HENG_SEED` repeats a run, `HENG_CASES` lengthens it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "support/dice.rs"]
mod dice;
#[path = "overlays/exceptions.rs"]
mod exceptions;
#[path = "overlays/points.rs"]
mod points;

use dice::{Dice, setting};
use heng::data::Region;
use heng::diag::{Code, Diagnostics, Severity, place};
use heng::text::Texts;
use heng::{Date, Engine, Tracing, report};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What is drawn for a rubric and the layers upon it.
struct Random(Dice);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0.roll(usize::try_from(most).unwrap()) as u64
    }
    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.roll(list.len())]
    }
}

/// A bound in fen a pupil, with the direction and whether the bound itself is out.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound {
    up: bool,
    strict: bool,
    fen: i64,
}

impl Bound {
    /// Whether a value in thousandths of a fen meets it.
    fn meets(self, value: i64) -> bool {
        let bound = self.fen * 1000;
        match (self.up, self.strict) {
            (true, true) => value > bound,
            (true, false) => value >= bound,
            (false, true) => value < bound,
            (false, false) => value <= bound,
        }
    }

    /// Whether whatever meets this one meets another: tried on every value next to either bound, and far away.
    fn tightens(self, other: Bound) -> bool {
        let near = [self.fen * 1000, other.fen * 1000];
        let tried = near.iter().flat_map(|at| [at - 1, *at, at + 1]).chain([-1_000_000_000_000, 1_000_000_000_000]);
        tried.into_iter().all(|value| !self.meets(value) || other.meets(value))
    }

    fn written(self, random: &mut Random, other_units: bool) -> String {
        let op = match (self.up, self.strict) {
            (true, true) => ">",
            (true, false) => ">=",
            (false, true) => "<",
            (false, false) => "<=",
        };
        let fen = self.fen;
        // The same amount in the unit of the value, in another one, or in none.
        match random.below(if other_units { 3 } else { 2 }) {
            0 => format!("{op} {}.{:02} 元/生", fen / 100, fen % 100),
            1 => format!("{op} {}.{:02}", fen / 100, fen % 100),
            _ => format!("{op} {}.{:06} 万元/生", fen / 1_000_000, fen % 1_000_000),
        }
    }

    fn moved(self, random: &mut Random) -> Bound {
        let by = random.of(&[-500, -1, 0, 0, 1, 1, 40, 500]);
        Bound { up: self.up != random.chance(4), strict: random.chance(50), fen: (self.fen + by).max(1) }
    }
}

/// A rubric of which every number is known.
#[derive(Clone, Debug)]
struct Rubric {
    /// One bound for each stage; the same one twice where the target does not ask for the stage.
    targets: Vec<[Bound; 2]>,
    by_stage: Vec<bool>,
    /// So many must be met, and so much of every one attained.
    least: u64,
    floor: u64,
    guarded: bool,
}

const FORM: &str =
    "单位 生, 元\n单位 万元 = 10000 元\n填报表 学校 {\n  对象 学校 按 代码\n  代码: 文本 必填\n  学段: 单选 { 小学, 初中 } 必填\n";

impl Rubric {
    fn random(random: &mut Random) -> Rubric {
        let count = 2 + random.below(3);
        let mut rubric =
            Rubric { targets: Vec::new(), by_stage: Vec::new(), least: random.below(count + 1), floor: 0, guarded: random.chance(50) };
        rubric.floor = 50 + random.below(50);
        for _ in 0..count {
            let up = random.chance(70);
            let mut bound = |_: usize| Bound { up, strict: random.chance(30), fen: 1000 + i64::try_from(random.below(90_000)).unwrap() };
            let by_stage = bound(0).fen % 2 == 0;
            let first = bound(0);
            rubric.targets.push([first, if by_stage { bound(1) } else { first }]);
            rubric.by_stage.push(by_stage);
        }
        rubric
    }

    fn count(&self) -> usize {
        self.targets.len()
    }

    fn conclusion(&self) -> String {
        let last = self.count();
        format!("达标: 达标数(A1..A{last}) >= {} 且 全部(A1..A{last}, 达成度 >= {}%)", self.least, self.floor)
    }

    fn form(&self) -> String {
        let fields: String = (1..=self.count()).map(|at| format!("  F{at}: 小数(2) 元 必填\n")).collect();
        format!("{FORM}  在校生数: 整数 生 1.. 必填\n{fields}}}\n")
    }

    fn written(&self, random: &mut Random) -> String {
        let mut text = "评价体系 国家 {\n  数据 学校 简称 校\n".to_owned();
        if self.guarded {
            let _ = writeln!(text, "  只许从严 A1..A{}, 结论", self.count());
        }
        for (at, bounds) in self.targets.iter().enumerate() {
            let code = at + 1;
            let target = target(*bounds, self.by_stage[at], random, false);
            let _ = writeln!(text, "  指标 A{code} {{ 取值 校.F{code} / 校.在校生数; {target} }}");
        }
        let _ = writeln!(text, "  结论 {{ {}; 未达标: 其他 }}\n}}", self.conclusion());
        text
    }
}

fn target(bounds: [Bound; 2], by_stage: bool, random: &mut Random, other_units: bool) -> String {
    match by_stage {
        true => format!(
            "目标 按 校.学段 {{ 小学: {}; 初中: {} }}",
            bounds[0].written(random, other_units),
            bounds[1].written(random, other_units)
        ),
        false => format!("目标 {}", bounds[0].written(random, other_units)),
    }
}

/// One layer upon `upper`: its text, the lines that loosen, counted from its first, and what it comes to if none does.
fn overlay(upper: &Rubric, name: &str, extends: &str, random: &mut Random) -> (String, BTreeSet<usize>, Rubric) {
    let mut lines = vec![format!("评价体系 {name} 继承 {extends} {{")];
    let mut loose = BTreeSet::new();
    let mut own = upper.clone();
    // Half of the layers only tighten.
    let honest = random.chance(50);
    for at in 0..upper.count() {
        if random.chance(30) {
            continue;
        }
        let by_stage = upper.by_stage[at] && random.chance(80) || random.chance(20);
        let base = upper.targets[at];
        let mut bounds = base;
        for _ in 0..50 {
            let first = base[0].moved(random);
            bounds = [first, if by_stage { base[1].moved(random) } else { first }];
            if !honest || bounds[0].tightens(base[0]) && bounds[1].tightens(base[1]) {
                break;
            }
            bounds = base;
        }
        // One bound for both stages must do for both.
        let by_stage = by_stage || bounds[0] != bounds[1];
        // A layer may name one stage alone where the one above names both.
        let alone = by_stage && upper.by_stage[at] && random.chance(30);
        if alone {
            bounds[1] = base[1];
        }
        if !(bounds[0].tightens(base[0]) && bounds[1].tightens(base[1])) {
            loose.insert(lines.len());
        }
        let written = match alone {
            true => format!("目标 按 校.学段 {{ 小学: {} }}", bounds[0].written(random, true)),
            false => target(bounds, by_stage, random, true),
        };
        lines.push(format!("  收紧 A{} {written}", at + 1));
        own.targets[at] = bounds;
        own.by_stage[at] = by_stage;
    }
    if random.chance(50) {
        let by = |random: &mut Random, now: u64, least: u64| {
            let less = if honest { 0 } else { random.below(3) };
            (now + random.below(3)).saturating_sub(less).max(least)
        };
        own.least = by(random, upper.least, 0);
        own.floor = by(random, upper.floor, 1);
        if own.least < upper.least || own.floor < upper.floor {
            loose.insert(lines.len());
        }
        lines.push(format!("  收紧 结论 {{ {} }}", own.conclusion()));
    }
    lines.push("}".to_owned());
    (lines.join("\n"), loose, own)
}

/// The lines on which an error is told, with the codes. What a random rubric may well be warned of is no matter of layers.
fn told(texts: &Texts, found: &Diagnostics) -> Vec<(usize, Code)> {
    let found = found.iter().filter(|what| what.code().severity() == Severity::Error);
    found.map(|what| (place(what.as_ref()).map_or(0, |span| texts.position(span).line), what.code())).collect()
}

#[test]
fn each_loosening_is_refused_and_each_tightening_accepted() {
    let seed = setting("HENG_SEED", 20_240_901);
    let (mut refused, mut accepted, mut judged, mut fewer) = (0, 0, 0, 0);
    for case in 0..setting("HENG_CASES", 1000) {
        let mut random = Random(Dice(seed.wrapping_add(case.wrapping_mul(0x9E37_79B9_7F4A_7C15))));
        let base = Rubric::random(&mut random);
        let mut source = format!("{}{}", base.form(), base.written(&mut random));
        let (mut upper, mut extends, mut wrong) = (base, "国家", BTreeSet::new());
        // Layers upon layers, each of them honest but for the last.
        for name in ["省", "市", "县"] {
            let (text, loose, own) = overlay(&upper, name, extends, &mut random);
            let first = source.lines().count() + 1;
            source.push_str(&text);
            source.push('\n');
            wrong = loose.iter().map(|line| first + line).collect();
            (upper, extends) = (own, name);
            if !wrong.is_empty() || random.chance(50) {
                break;
            }
        }
        let engine = Engine::from_text("overlay.heng", &source);
        let found = told(engine.texts(), engine.diagnostics());
        let lines: BTreeSet<usize> = found.iter().map(|(line, _)| *line).collect();
        let shown = || format!("case {case}, seed {seed}\n{source}\n{}", engine.told());
        assert_eq!(lines, wrong, "{}", shown());
        assert!(found.iter().all(|(_, code)| matches!(code, Code::H0220 | Code::H0221)), "{}", shown());
        if wrong.is_empty() {
            accepted += 1;
            let (all, less) = judge(&engine, extends, &upper, &mut random).unwrap_or_else(|why| panic!("{why}\n{}", shown()));
            (judged, fewer) = (judged + all, fewer + less);
        } else {
            refused += 1;
        }
    }
    println!("{accepted} accepted, {refused} refused; of {judged} schools {fewer} pass the uppermost layer only");
    assert!(accepted > 300 && refused > 300 && fewer > 100, "{accepted} accepted, {refused} refused, {fewer} fewer");
}

/// Holds the results of a layer against those of the uppermost one and against the rules as generated, on schools near the bounds:
/// how many schools there were, and how many pass by the uppermost layer only.
fn judge(engine: &Engine, name: &str, rules: &Rubric, random: &mut Random) -> Result<(usize, usize), String> {
    let upper = engine.uppermost();
    let mut records: Vec<Vec<(String, String)>> = Vec::new();
    let mut met: Vec<Vec<bool>> = Vec::new();
    for school in 0..8 {
        let stage = usize::try_from(random.below(2)).unwrap();
        let mut cells = vec![("代码".to_owned(), format!("{school}")), ("学段".to_owned(), ["小学", "初中"][stage].to_owned())];
        cells.push(("在校生数".to_owned(), "1".to_owned()));
        let mut meets = Vec::new();
        for (at, bounds) in rules.targets.iter().enumerate() {
            let bound = bounds[stage];
            let fen = (bound.fen + random.of(&[-900, -41, -1, 0, 1, 1, 41, 900])).max(1);
            cells.push((format!("F{}", at + 1), format!("{}.{:02}", fen / 100, fen % 100)));
            meets.push(bound.meets(fen * 1000));
        }
        records.push(cells);
        met.push(meets);
    }
    let on = Date::from_ymd_opt(2024, 9, 1).unwrap();
    let of = |engine: &Engine| {
        let rubric = engine.rubric(name)?;
        let (table, _, _) = engine.rows(rubric, records.clone())?;
        engine.evaluate(rubric, &table, on, Tracing::Off)
    };
    let (own, above) = of(engine).zip(of(&upper)).ok_or("cannot be evaluated")?;
    let passes = |results: &heng::eval::Results, at: usize| matches!(results.conclusion.as_ref().map(|cells| &cells[at]), Some(Ok(name)) if name.as_str() == "达标");
    let mut fewer = 0;
    for at in 0..own.subjects.len() {
        let school: usize = own.subjects[at].key.parse().unwrap();
        for (indicator, results) in own.indicators.iter().enumerate() {
            let told = results.met.as_ref().and_then(|cells| cells[at].clone().ok());
            if told != Some(met[school][indicator]) {
                return Err(format!("school {school}, A{}: {told:?}", indicator + 1));
            }
        }
        match (passes(&own, at), passes(&above, at)) {
            (true, false) => return Err(format!("school {school} passes the layer, and not the one above")),
            (false, true) => fewer += 1,
            _ => {}
        }
    }
    Ok((own.subjects.len(), fewer))
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All results of a rubric as CSV, by the submissions of a file.
fn csv(engine: &Engine, rubric: &str, data: &Path, upper: Option<&Engine>) -> String {
    let on = Date::from_ymd_opt(2024, 12, 31).unwrap();
    let at = engine.rubric(rubric).unwrap();
    let (table, ..) = engine.read(at, &[data.to_owned()], &heng::data::Options::default()).unwrap();
    let results = engine.evaluate(at, &table, on, Tracing::Off).unwrap();
    let above = upper.map(|upper| (upper.rules(), upper.evaluate(upper.rubric(rubric).unwrap(), &table, on, Tracing::Off).unwrap()));
    let mut explained = engine.explained(&table, &results, heng::Lang::Zh).unwrap();
    explained.base = above.as_ref().map(|(rules, results)| (*rules, results));
    let mut bytes = Vec::new();
    report::csv(&explained, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_layer_that_changes_nothing_changes_no_byte_but_names() {
    let empty = "评价体系 校级 继承 national/资源配置2017 { }\n评价体系 校级二 继承 校级 { }\n评价体系 校级三 继承 national/办学条件2012 { }\n\
                 评价体系 县级 继承 national/优质均衡2017 { }\n评价体系 县级二 继承 县级 { 汇总 校级二 简称 校 }\n\
                 评价体系 县级三 继承 national/基本均衡2012 { }\n";
    let engine = Engine::from_text("empty.heng", empty);
    assert_eq!(engine.diagnostics().len(), 0, "{}", engine.told());
    let data = repository("examples/county/data/schools.csv");
    let pairs = [
        ("校级", "资源配置2017"),
        ("校级二", "资源配置2017"),
        ("校级三", "办学条件2012"),
        ("县级", "优质均衡2017"),
        ("县级二", "优质均衡2017"),
        ("县级三", "基本均衡2012"),
    ];
    for (layer, national) in pairs {
        let national = format!("national/{national}");
        let renamed = csv(&engine, layer, &data, None)
            .replace("\n校级二,", "\nnational/资源配置2017,")
            .replace(&format!("\n{layer},"), &format!("\n{national},"));
        assert_eq!(renamed, csv(&engine, &national, &data, None), "{layer}");
    }
    // Beside itself, a layer that changes nothing shows everything twice.
    let both = csv(&engine, "校级二", &data, Some(&engine.uppermost()));
    for line in both.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let last = cells.len() - 5;
        assert_eq!(cells[last], "national/资源配置2017", "{line}");
        assert_eq!((cells[9], cells[11]), (cells[last + 2], cells[last + 3]), "{line}");
    }
}

#[test]
fn the_example_shows_both_verdicts() {
    let engine = Engine::open(&repository("examples/overlay")).unwrap();
    assert_eq!(engine.diagnostics().len(), 0, "{}", engine.told());
    let upper = engine.uppermost();
    let both = csv(&engine, "云岭资源配置", &repository("examples/overlay/data/schools.csv"), Some(&upper));
    let verdicts: Vec<(&str, &str, &str)> = both
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| cells[4] == "@conclusion")
        .map(|cells| (cells[2], cells[7], cells[cells.len() - 4]))
        .collect();
    let expected = std::fs::read_to_string(repository("examples/overlay/expected/schools.csv")).unwrap();
    let expected: Vec<Vec<&str>> = expected.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(verdicts.len(), expected.len());
    for (told, row) in verdicts.iter().zip(&expected) {
        assert_eq!(*told, (row[0], row[4], row[6]), "key, by the province, by the nation");
    }
    assert!(verdicts.iter().any(|(_, own, above)| own != above));
}

/// What a layer extends lies in the folder or is built in: nothing else is read, whatever a path says.
#[cfg(unix)]
#[test]
fn nothing_outside_the_folder_is_extended() {
    let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text =
        "填报表 表 { 对象 学校 按 代码; 代码: 文本; 人数: 整数 }\n评价体系 国家 { 数据 表 简称 校; 指标 A1 { 取值 校.人数; 目标 >= 1 } }\n";
    std::fs::write(outside.path().join("国家.heng"), text).unwrap();
    std::fs::create_dir(folder.path().join("省")).unwrap();
    std::fs::write(folder.path().join("heng.toml"), "").unwrap();
    std::os::unix::fs::symlink(outside.path().join("国家.heng"), folder.path().join("链接.heng")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("别处")).unwrap();
    let above = format!("../../{}/国家.heng", outside.path().file_name().unwrap().to_string_lossy());
    let absolute = outside.path().join("国家.heng").display().to_string();
    for path in [above.as_str(), absolute.as_str(), "../链接.heng", "../别处/国家.heng", "国家.heng"] {
        std::fs::write(folder.path().join("省/省.heng"), format!("评价体系 省 继承 国家 自 \"{path}\" {{ }}\n")).unwrap();
        let (texts, found) = Region::open(folder.path()).unwrap().texts();
        let engine = Engine::new(texts, found);
        assert_eq!(told(engine.texts(), engine.diagnostics()), [(1, Code::H0224)], "{path}: {}", engine.told());
        assert!(engine.rubric("省").is_none());
    }
    // The same text inside the folder is found from below.
    std::fs::write(folder.path().join("国家.heng"), text).unwrap();
    std::fs::write(folder.path().join("省/省.heng"), "评价体系 省 继承 国家 自 \"../国家.heng\" { 收紧 A1 目标 >= 2 }\n").unwrap();
    let engine = Engine::open(folder.path()).unwrap();
    assert_eq!(engine.diagnostics().len(), 0, "{}", engine.told());
    assert!(engine.rubric("省").is_some());
}
