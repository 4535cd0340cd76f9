//! Scripts without jumps mean what rhai makes of the scripts: picked cases, and random ones. `HENG_SEED` repeats a run,
//! `HENG_CASES` makes it longer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod picked;
mod random;
mod run;
mod writer;

use super::*;
use crate::model::straight::WhyNot;
use crate::model::{Rules, Straight, Way};
use crate::text::{Name, Texts};
use run::{Outcome, run};

/// What a script may read: numbers, a choice, a flag, and `value`, a fraction.
const FORM: &str = "填报表 表 {
  对象 学校 按 代码
  代码: 文本 必填
  甲: 小数(4)
  乙: 小数(4)
  丙: 整数
  段: 单选 { 小学, 初中 }
  住: 是否
}
";

/// The inputs of one subject, by the names of properties.
type Row = Vec<(&'static str, Option<Value>)>;

fn number(text: &str) -> Value {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let parse = |text: &str| Exact::parse(text).unwrap();
    Value::Number(Real::from(parse(above).checked_div(&parse(below)).unwrap()))
}

fn row(value: Option<&str>, numbers: [Option<&str>; 3], choice: Option<&str>, flag: Option<bool>) -> Row {
    let [a, b, c] = numbers.map(|text| text.map(number));
    vec![
        ("value", value.map(number)),
        ("甲", a),
        ("乙", b),
        ("丙", c),
        ("段", choice.map(|word| Value::Word(Name::from(word)))),
        ("住", flag.map(Value::Flag)),
    ]
}

/// The scripts as they come out of `check`; each has 10 points.
fn scripts(codes: &[String]) -> Vec<ScriptCode> {
    let indicator =
        |(at, code): (usize, &String)| format!("指标 S{at} \"脚本\" 10分 {{\n取值 校.甲 / 校.乙\n计分 脚本 {{\n{code}\n}}\n}}\n");
    let rubric = codes.iter().enumerate().map(indicator).collect::<String>();
    let mut texts = Texts::new();
    let text = texts.add("scripts.heng", format!("{FORM}评价体系 甲 {{\n数据 表 简称 校\n{rubric}\n}}\n"));
    let (tree, told) = crate::syntax::parse(&text);
    assert!(told.is_empty(), "{}", words_of(&told));
    let (rules, told): (Rules, _) = crate::check::check(&texts, &[tree]);
    assert_eq!(told.errors(), 0, "{}\n{codes:#?}", words_of(&told));
    let ways = rules.rubrics[0].indicators.iter().map(|indicator| indicator.way.clone().unwrap().it);
    ways.map(|way| if let Way::Script(code) = way { code } else { panic!("not a script") }).collect()
}

fn words_of(told: &crate::diag::Diagnostics) -> String {
    told.iter().map(|what| format!("{} {}\n", what.code(), what.headline(crate::diag::Lang::En))).collect()
}

/// What rhai makes of a script for one subject.
fn rhai(engine: &Engine, ast: &AST, script: &ScriptCode, row: &Row) -> Outcome {
    let missing = || Gap::missing(&"缺".into());
    let cells: Vec<Cell<Value>> = cells(script, row).into_iter().map(|value| value.ok_or_else(missing)).collect();
    match result(engine, ast, script, &cells.iter().collect::<Vec<_>>(), &Exact::from(10)) {
        Ok(number) => Outcome::Value(number.as_exact().unwrap().clone()),
        Err(Gap::Missing(_)) => Outcome::Missing,
        Err(_) => Outcome::Failed,
    }
}

fn cells(script: &ScriptCode, row: &Row) -> Vec<Option<Value>> {
    let cell = |name: &str| row.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.clone());
    script.inputs.iter().map(|input| cell(&input.name)).collect()
}

/// Where the two differ.
fn difference(engine: &Engine, script: &ScriptCode, straight: &Straight, rows: &[Row]) -> Option<String> {
    let ast = engine.compile(&*script.code).unwrap();
    rows.iter().find_map(|row| {
        let (wanted, got) = (rhai(engine, &ast, script, row), run(straight, &cells(script, row), &Exact::from(10)));
        (wanted != got).then(|| format!("{}\n{row:?}\nrhai {wanted:?}, straight {got:?}\n{straight:#?}", script.code))
    })
}
