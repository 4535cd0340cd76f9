//! Scripts (脚本的运行): rhai, row by row, sandboxed and limited, with the same exact numbers as expressions.
//!
//! rhai knows whole numbers and decimals of 28 digits; whatever is neither is an [`Exact`]. Every operator is replaced
//! by an exact one that brings its result back to the simplest of the three, so that equal numbers are always of one
//! kind. A missing value is `()`: it spreads through arithmetic, and a branch that depends on it makes the result missing.

use super::column::{Cell, Value};
use super::gap::{Cause, Gap};
use super::plan::{Plan, ScriptPlan};
use crate::model::ScriptCode;
use crate::model::script::{LONGEST, MOST_BITS, MOST_OPERATIONS, reader};
use crate::number::{Exact, Real, Rounding};
use rhai::packages::{BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicStringPackage, MoreStringPackage, Package};
use rhai::{AST, Dynamic, Engine, EvalAltResult, ImmutableString, Map, Scope};
use rust_decimal::Decimal;
use std::any::TypeId;
use std::collections::BTreeMap;

type Computed = Result<Dynamic, Box<EvalAltResult>>;

/// The scripts of a plan, read once, and the engine that runs them; without a script, nothing.
#[derive(Default)]
pub(crate) struct Scripts(Option<(Engine, Vec<Result<AST, String>>)>);

impl Scripts {
    /// Those of a plan.
    pub fn new(plan: &Plan<'_>) -> Scripts {
        if plan.scripts.is_empty() {
            return Scripts(None);
        }
        let engine = engine();
        let read = |plan: &ScriptPlan<'_>| engine.compile(&*plan.script.code).map_err(|error| error.to_string());
        let scripts = plan.scripts.iter().map(read).collect();
        Scripts(Some((engine, scripts)))
    }

    /// What a script returns for one subject.
    pub fn run(&self, which: usize, plan: &ScriptPlan<'_>, inputs: &[&Cell<Value>]) -> Cell<Real> {
        let Some((engine, scripts)) = &self.0 else { return Err(failed(String::new())) };
        let ast = match scripts.get(which) {
            Some(Ok(ast)) => ast,
            Some(Err(error)) => return Err(failed(error.clone())),
            None => return Err(failed(String::new())),
        };
        result(engine, ast, plan.script, inputs, &plan.full)
    }
}

/// The result of a script for one subject.
fn result(engine: &Engine, ast: &AST, script: &ScriptCode, inputs: &[&Cell<Value>], full: &Exact) -> Cell<Real> {
    let mut scope = scope(script, inputs, full)?;
    let missing = || missing(inputs);
    match engine.eval_ast_with_scope::<Dynamic>(&mut scope, ast) {
        Ok(result) if result.is_unit() => Err(missing().unwrap_or_else(|| failed("没有结果 (no result)".to_owned()))),
        Ok(result) => match exact(&result) {
            Some(number) => Ok(Real::from(number)),
            None => Err(failed(format!("结果不是数 (not a number): {}", result.type_name()))),
        },
        Err(error) => match (depends_on_missing(&error), missing()) {
            (true, Some(gap)) => Err(gap),
            _ => Err(failed(words(&error))),
        },
    }
}

fn failed(message: String) -> Gap {
    Gap::undefined(Cause::Script(message.into()))
}

/// What went wrong, in both languages where it is a limit.
fn words(error: &EvalAltResult) -> String {
    let limit = match error {
        EvalAltResult::ErrorTooManyOperations(_) => format!("运算超过 {MOST_OPERATIONS} 次"),
        EvalAltResult::ErrorStackOverflow(_) => "函数调用太深".to_owned(),
        EvalAltResult::ErrorDataTooLarge(..) => format!("文字或列表超过 {LONGEST}"),
        EvalAltResult::ErrorFunctionNotFound(..) => "没有这个函数".to_owned(),
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => return words(inner),
        other => return other.to_string(),
    };
    format!("{limit} ({error})")
}

/// Why the inputs that are absent are absent.
fn missing(cells: &[&Cell<Value>]) -> Option<Gap> {
    cells
        .iter()
        .filter_map(|cell| cell.as_ref().err())
        .fold(None, |so_far: Option<Gap>, gap| Some(so_far.map_or_else(|| gap.clone(), |before| before.and(gap))))
}

/// Whether a script stopped because a condition was neither yes nor no.
fn depends_on_missing(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorMismatchDataType(_, actual, _) => actual == "()",
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => depends_on_missing(inner),
        _ => false,
    }
}

/// The variables of a script for one subject.
fn scope<'s>(script: &ScriptCode, cells: &[&Cell<Value>], full: &Exact) -> Result<Scope<'s>, Gap> {
    let mut scope = Scope::new();
    let mut objects: BTreeMap<&str, Map> = BTreeMap::new();
    for (input, cell) in script.inputs.iter().zip(cells) {
        let value = match cell {
            Ok(Value::Number(number)) => match number.as_exact() {
                Some(number) => dynamic(number.clone()),
                None => return Err(Gap::undefined(Cause::NotExact(input.value.span))),
            },
            Ok(Value::Word(word)) => Dynamic::from(ImmutableString::from(word.as_str())),
            Ok(Value::Flag(flag)) => Dynamic::from(*flag),
            Ok(Value::Date(day)) => Dynamic::from(ImmutableString::from(day.to_string())),
            Err(_) => Dynamic::UNIT,
        };
        match &input.object {
            Some(object) => {
                objects.entry(object).or_default().insert(input.name.as_str().into(), value);
            }
            None => {
                scope.push_dynamic(input.name.as_str(), value);
            }
        }
    }
    for (name, object) in objects {
        scope.push_dynamic(name, Dynamic::from(object));
    }
    for name in ["points", "分值"] {
        scope.push_dynamic(name, dynamic(full.clone()));
    }
    Ok(scope)
}

/// A number as rhai holds it: whole, else a decimal, else an exact fraction.
fn dynamic(number: Exact) -> Dynamic {
    if let Some(whole) = number.to_i64() {
        return Dynamic::from(whole);
    }
    match number.to_decimal() {
        Some(decimal) => Dynamic::from(decimal.normalize()),
        None => Dynamic::from(number),
    }
}

fn exact(value: &Dynamic) -> Option<Exact> {
    if let Ok(whole) = value.as_int() {
        return Some(Exact::from(whole));
    }
    if let Some(decimal) = value.read_lock::<Decimal>() {
        return Some(Exact::from_decimal(&decimal));
    }
    value.read_lock::<Exact>().map(|number| number.clone())
}

fn wrong(message: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(message.into(), rhai::Position::NONE).into()
}

/// A result brought back to its simplest kind, unless it has grown beyond all measure.
fn bounded(number: Exact) -> Computed {
    if number.bits() > MOST_BITS { Err(wrong("数字过大 (number too large)")) } else { Ok(dynamic(number)) }
}

/// The engine that runs scripts.
pub fn engine() -> Engine {
    let mut engine = reader();
    engine.on_print(|_| {}).on_debug(|_, _, _| {});
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    engine.register_type_with_name::<Exact>("number");
    engine.register_fn("to_string", |number: &mut Exact| number.to_string());
    pairs(&mut engine);
    functions(&mut engine);
    engine
}

/// A kind of number in scripts.
trait Numeric: Clone + Send + Sync + 'static {
    fn number(&self) -> Exact;
}
impl Numeric for i64 {
    fn number(&self) -> Exact {
        Exact::from(*self)
    }
}
impl Numeric for Decimal {
    fn number(&self) -> Exact {
        Exact::from_decimal(self)
    }
}
impl Numeric for Exact {
    fn number(&self) -> Exact {
        self.clone()
    }
}

fn pairs(engine: &mut Engine) {
    single::<i64>(engine);
    single::<Decimal>(engine);
    single::<Exact>(engine);
    pair::<i64, i64>(engine);
    pair::<i64, Decimal>(engine);
    pair::<i64, Exact>(engine);
    pair::<Decimal, i64>(engine);
    pair::<Decimal, Decimal>(engine);
    pair::<Decimal, Exact>(engine);
    pair::<Exact, i64>(engine);
    pair::<Exact, Decimal>(engine);
    pair::<Exact, Exact>(engine);
    for name in ["+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "min", "max", "最小", "最大"] {
        engine.register_fn(name, |(): (), (): ()| Dynamic::UNIT);
    }
    engine.register_fn("-", |(): ()| Dynamic::UNIT).register_fn("+", |(): ()| Dynamic::UNIT);
    engine.register_fn("==", |(): (), (): ()| true).register_fn("!=", |(): (), (): ()| false);
    engine.register_fn("!", |flag: bool| !flag).register_fn("!", |(): ()| Dynamic::UNIT);
    assignments::<i64, i64>(engine);
    assignments::<i64, Decimal>(engine);
    assignments::<Decimal, i64>(engine);
    assignments::<Decimal, Decimal>(engine);
}

/// rhai's own `x /= y` divides whole numbers and rounds decimals. Where there is no such function, it computes `x = x / y`.
fn assignments<A: Numeric, B: Numeric>(engine: &mut Engine) {
    for name in ["+=", "-=", "*=", "/=", "%=", "**="] {
        engine.register_raw_fn(name, [TypeId::of::<A>(), TypeId::of::<B>()], move |_, _| -> Result<(), Box<EvalAltResult>> {
            Err(EvalAltResult::ErrorFunctionNotFound(name.to_owned(), rhai::Position::NONE).into())
        });
    }
}

/// Operators of one kind of number, with nothing on the other side.
fn single<A: Numeric>(engine: &mut Engine) {
    engine.register_fn("-", |a: A| bounded(-a.number()));
    engine.register_fn("+", |a: A| dynamic(a.number()));
    for name in ["+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "min", "max", "最小", "最大"] {
        engine.register_fn(name, |_: A, (): ()| Dynamic::UNIT).register_fn(name, |(): (), _: A| Dynamic::UNIT);
    }
    engine.register_fn("==", |_: A, (): ()| false).register_fn("==", |(): (), _: A| false);
    engine.register_fn("!=", |_: A, (): ()| true).register_fn("!=", |(): (), _: A| true);
}

fn pair<A: Numeric, B: Numeric>(engine: &mut Engine) {
    engine.register_fn("+", |a: A, b: B| bounded(a.number() + b.number()));
    engine.register_fn("-", |a: A, b: B| bounded(a.number() - b.number()));
    engine.register_fn("*", |a: A, b: B| bounded(a.number() * b.number()));
    engine.register_fn("/", |a: A, b: B| divide(&a.number(), &b.number()).and_then(bounded));
    engine.register_fn("%", |a: A, b: B| {
        let whole = divide(&a.number(), &b.number())?.trunc();
        bounded(a.number() - whole * b.number())
    });
    engine.register_fn("**", |a: A, b: B| power(&a.number(), &b.number()));
    engine.register_fn("==", |a: A, b: B| a.number() == b.number());
    engine.register_fn("!=", |a: A, b: B| a.number() != b.number());
    engine.register_fn("<", |a: A, b: B| a.number() < b.number());
    engine.register_fn("<=", |a: A, b: B| a.number() <= b.number());
    engine.register_fn(">", |a: A, b: B| a.number() > b.number());
    engine.register_fn(">=", |a: A, b: B| a.number() >= b.number());
    for name in ["min", "最小"] {
        engine.register_fn(name, |a: A, b: B| dynamic(a.number().min(b.number())));
    }
    for name in ["max", "最大"] {
        engine.register_fn(name, |a: A, b: B| dynamic(a.number().max(b.number())));
    }
}

fn divide(a: &Exact, b: &Exact) -> Result<Exact, Box<EvalAltResult>> {
    a.checked_div(b).ok_or_else(|| wrong("除数为零 (division by zero)"))
}

fn power(base: &Exact, exponent: &Exact) -> Computed {
    let times = exponent.to_i64().and_then(|times| u32::try_from(times).ok()).filter(|times| *times <= 1000);
    let times = times.ok_or_else(|| wrong("指数应是 0 至 1000 的整数 (the exponent must be a whole number from 0 to 1000)"))?;
    if base.bits().saturating_mul(times as usize) > MOST_BITS {
        return Err(wrong("数字过大 (number too large)"));
    }
    bounded(base.pow(times))
}

/// Functions of one number, under their names in expressions.
fn functions(engine: &mut Engine) {
    fn one<A: Numeric>(engine: &mut Engine) {
        engine.register_fn("abs", |a: A| dynamic(a.number().abs())).register_fn("绝对值", |a: A| dynamic(a.number().abs()));
        for (names, rounding) in
            [(["floor", "去尾"], Rounding::Floor), (["ceil", "进一"], Rounding::Ceiling), (["round", "四舍五入"], Rounding::HalfUp)]
        {
            for name in names {
                engine.register_fn(name, move |a: A| dynamic(a.number().round(rounding, 0)));
                engine.register_fn(name, move |a: A, places: i64| {
                    dynamic(a.number().round(rounding, u32::try_from(places.clamp(0, 30)).unwrap_or(0)))
                });
            }
        }
    }
    one::<i64>(engine);
    one::<Decimal>(engine);
    one::<Exact>(engine);
    for name in ["abs", "绝对值", "floor", "去尾", "ceil", "进一", "round", "四舍五入"] {
        engine.register_fn(name, |(): ()| Dynamic::UNIT).register_fn(name, |(): (), _: i64| Dynamic::UNIT);
    }
    for name in ["filled", "已填"] {
        engine.register_fn(name, |value: Dynamic| !value.is_unit());
    }
}

#[cfg(test)]
mod straight;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::script::FUNCTIONS;

    #[test]
    fn every_function_of_numbers_that_a_script_may_call_is_there() {
        let engine = engine();
        let numbers = FUNCTIONS.iter().take_while(|name| **name != "all");
        for name in numbers {
            let args = if matches!(*name, "min" | "max" | "最小" | "最大") { "1.5, 2" } else { "1.5" };
            let result = engine.eval::<Dynamic>(&format!("{name}({args})"));
            assert!(result.is_ok(), "{name}: {result:?}");
        }
    }

    #[test]
    fn numbers_are_exact_and_of_one_kind() {
        let engine = engine();
        for (code, wanted) in [
            ("1 / 3 + 1 / 3 + 1 / 3", "1"),
            ("0.85 * 4.2 == 3.57", "true"),
            ("let s = 0; for i in 0..3 { s += 0.1; } s", "0.3"),
            ("9223372036854775807 + 1", "9223372036854775808"),
            ("switch 6 / 2 { 3 => 10, _ => 0 }", "10"),
            ("() + 1 == ()", "true"),
            ("let x = 7; x /= 2; x", "3.5"),
            ("let x = 1.0; x /= 3; x * 3", "1"),
            ("let x = 9223372036854775807; x += 1; x", "9223372036854775808"),
            ("let x = 2; x **= 3; x -= 1; x %= 4; x *= 5; x", "15"),
            ("!(1 > 2)", "true"),
            ("let x = (); x += 1; !(x > 3) == ()", "true"),
            ("3 !in [1, 2]", "true"),
        ] {
            let result = engine.eval::<Dynamic>(code);
            assert!(
                result.as_ref().is_ok_and(|value| value.to_string() == wanted || exact(value).is_some_and(|n| n.to_string() == wanted)),
                "{code}: {result:?}"
            );
        }
    }
}
