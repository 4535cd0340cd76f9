//! Scripts of the reference (对照用的脚本): rhai itself, with the reference's numbers in it.
//!
//! What a script means is what rhai makes of it, once its operators are exact: whole numbers and decimals stay rhai's own, all
//! others are fractions here. Shared with the engine is the reader with its limits, and nothing that computes.

use super::num::Num;
use super::{Cell, Val, Why};
use heng::model::ScriptCode;
use heng::model::script::{MOST_BITS, reader};
use heng::number::Rounding;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rhai::packages::{BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicStringPackage, MoreStringPackage, Package};
use rhai::{AST, Dynamic, Engine, EvalAltResult, ImmutableString, Map, Position, Scope};
use rust_decimal::Decimal;
use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

type Computed = Result<Dynamic, Box<EvalAltResult>>;

thread_local! {
    static ENGINE: Engine = engine();
    static READ: RefCell<HashMap<String, Rc<AST>>> = RefCell::default();
}

/// What a script earns with these inputs.
pub fn earned(script: &ScriptCode, inputs: &[Cell], full: &Num) -> Result<Num, Why> {
    let missing = || inputs.iter().filter_map(|cell| cell.as_ref().err().cloned()).reduce(Why::and);
    let mut scope = scope(script, inputs, full)?;
    let result = ENGINE.with(|engine| {
        let ast = READ.with_borrow_mut(|read| {
            if read.len() > 100 {
                read.clear();
            }
            read.entry(script.code.to_string()).or_insert_with(|| Rc::new(engine.compile(&*script.code).expect("it was checked"))).clone()
        });
        engine.eval_ast_with_scope::<Dynamic>(&mut scope, &ast)
    });
    match result {
        Ok(result) if result.is_unit() => Err(missing().unwrap_or(Why::Undefined)),
        Ok(result) => number(&result).map(Num::Fraction).ok_or(Why::Undefined),
        Err(error) if stopped_by_nothing(&error) => Err(missing().unwrap_or(Why::Undefined)),
        Err(_) => Err(Why::Undefined),
    }
}

/// Whether `()` stood where yes or no is needed.
fn stopped_by_nothing(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorMismatchDataType(_, actual, _) => actual == "()",
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => stopped_by_nothing(inner),
        _ => false,
    }
}

fn scope(script: &ScriptCode, inputs: &[Cell], full: &Num) -> Result<Scope<'static>, Why> {
    let mut scope = Scope::new();
    let mut objects: BTreeMap<&str, Map> = BTreeMap::new();
    for (input, cell) in script.inputs.iter().zip(inputs) {
        let value = match cell {
            Ok(Val::Num(Num::Fraction(number))) => simplest(number.clone()),
            // No fraction: nothing that a script could compute with.
            Ok(Val::Num(_)) => return Err(Why::Undefined),
            Ok(Val::Word(word)) => Dynamic::from(ImmutableString::from(word.as_str())),
            Ok(Val::Flag(flag)) => Dynamic::from(*flag),
            Ok(Val::Date(day)) => Dynamic::from(ImmutableString::from(day.to_string())),
            Err(_) => Dynamic::UNIT,
        };
        match &input.object {
            Some(object) => {
                objects.entry(object).or_default().insert(input.name.as_str().into(), value);
            }
            None => {
                scope.push_dynamic(input.name.to_string(), value);
            }
        }
    }
    for (name, object) in objects {
        scope.push_dynamic(name.to_owned(), Dynamic::from(object));
    }
    for name in ["points", "分值"] {
        scope.push_dynamic(name, simplest(full.fraction()));
    }
    Ok(scope)
}

/// A number that neither of rhai's kinds can hold.
#[derive(Clone)]
struct Fraction(BigRational);

/// A number as rhai holds it: whole, else a decimal, else a fraction.
fn simplest(number: BigRational) -> Dynamic {
    if let Some(whole) = number.is_integer().then(|| number.to_integer().to_i64()).flatten() {
        return Dynamic::from(whole);
    }
    decimal(&number).map_or_else(|| Dynamic::from(Fraction(number)), Dynamic::from)
}

fn decimal(number: &BigRational) -> Option<Decimal> {
    let ten = BigInt::from(10);
    let places = (0_u32..=28).find(|places| ten.pow(*places).is_multiple_of(number.denom()))?;
    let digits = (number * ten.pow(places)).to_integer().to_i128()?;
    Decimal::try_from_i128_with_scale(digits, places).ok()
}

fn number(value: &Dynamic) -> Option<BigRational> {
    if let Ok(whole) = value.as_int() {
        return Some(whole.of());
    }
    if let Some(decimal) = value.read_lock::<Decimal>() {
        return Some(decimal.of());
    }
    value.read_lock::<Fraction>().map(|fraction| fraction.of())
}

trait Number: Clone + Send + Sync + 'static {
    fn of(&self) -> BigRational;
}
impl Number for i64 {
    fn of(&self) -> BigRational {
        BigRational::from_integer((*self).into())
    }
}
impl Number for Decimal {
    fn of(&self) -> BigRational {
        BigRational::new(self.mantissa().into(), BigInt::from(10).pow(self.scale()))
    }
}
impl Number for Fraction {
    fn of(&self) -> BigRational {
        self.0.clone()
    }
}

fn stop() -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime("stopped".into(), Position::NONE).into()
}

fn bits(number: &BigRational) -> u64 {
    number.numer().bits() + number.denom().bits()
}

fn most_bits() -> u64 {
    u64::try_from(MOST_BITS).unwrap()
}

fn held(number: BigRational) -> Computed {
    if bits(&number) > most_bits() { Err(stop()) } else { Ok(simplest(number)) }
}

fn divide(a: &BigRational, b: &BigRational) -> Result<BigRational, Box<EvalAltResult>> {
    if b.is_zero() { Err(stop()) } else { Ok(a / b) }
}

fn power(base: &BigRational, exponent: &BigRational) -> Computed {
    let times = exponent.is_integer().then(|| exponent.to_integer().to_u32()).flatten().filter(|times| *times <= 1000).ok_or_else(stop)?;
    if bits(base) * u64::from(times) > most_bits() {
        return Err(stop());
    }
    held((0..times).fold(BigRational::one(), |power, _| power * base))
}

const OF_TWO: &[&str] = &["+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "min", "max", "最小", "最大"];
const OF_ONE: &[&str] = &["abs", "绝对值", "floor", "去尾", "ceil", "进一", "round", "四舍五入"];

fn engine() -> Engine {
    let mut engine = reader();
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    engine.register_type_with_name::<Fraction>("number");
    kind::<i64>(&mut engine);
    kind::<Decimal>(&mut engine);
    kind::<Fraction>(&mut engine);
    // Nothing spreads.
    for name in OF_TWO {
        engine.register_fn(*name, |(): (), (): ()| Dynamic::UNIT);
    }
    for name in OF_ONE {
        engine.register_fn(*name, |(): ()| Dynamic::UNIT).register_fn(*name, |(): (), _: i64| Dynamic::UNIT);
    }
    engine.register_fn("-", |(): ()| Dynamic::UNIT).register_fn("+", |(): ()| Dynamic::UNIT);
    engine.register_fn("==", |(): (), (): ()| true).register_fn("!=", |(): (), (): ()| false);
    engine.register_fn("!", |flag: bool| !flag).register_fn("!", |(): ()| Dynamic::UNIT);
    for name in ["filled", "已填"] {
        engine.register_fn(name, |value: Dynamic| !value.is_unit());
    }
    engine
}

/// What one kind of number does, alone, with the others and with nothing.
fn kind<A: Number>(engine: &mut Engine) {
    engine.register_fn("-", |a: A| held(-a.of())).register_fn("+", |a: A| simplest(a.of()));
    for name in ["abs", "绝对值"] {
        engine.register_fn(name, |a: A| simplest(a.of().abs()));
    }
    let roundings =
        [(["floor", "去尾"], Rounding::Floor), (["ceil", "进一"], Rounding::Ceiling), (["round", "四舍五入"], Rounding::HalfUp)];
    for (names, mode) in roundings {
        for name in names {
            let round = move |a: A, places: i64| {
                simplest(Num::Fraction(a.of()).round(mode, u32::try_from(places.clamp(0, 30)).unwrap()).fraction())
            };
            engine.register_fn(name, move |a: A| round(a, 0)).register_fn(name, move |a: A, places: i64| {
                simplest(Num::Fraction(a.of()).round(mode, u32::try_from(places.clamp(0, 30)).unwrap()).fraction())
            });
        }
    }
    for name in OF_TWO {
        engine.register_fn(*name, |_: A, (): ()| Dynamic::UNIT).register_fn(*name, |(): (), _: A| Dynamic::UNIT);
    }
    engine.register_fn("==", |_: A, (): ()| false).register_fn("==", |(): (), _: A| false);
    engine.register_fn("!=", |_: A, (): ()| true).register_fn("!=", |(): (), _: A| true);
    pair::<A, i64>(engine);
    pair::<A, Decimal>(engine);
    pair::<A, Fraction>(engine);
}

fn pair<A: Number, B: Number>(engine: &mut Engine) {
    engine.register_fn("+", |a: A, b: B| held(a.of() + b.of()));
    engine.register_fn("-", |a: A, b: B| held(a.of() - b.of()));
    engine.register_fn("*", |a: A, b: B| held(a.of() * b.of()));
    engine.register_fn("/", |a: A, b: B| divide(&a.of(), &b.of()).and_then(held));
    engine.register_fn("%", |a: A, b: B| divide(&a.of(), &b.of()).and_then(|times| held(a.of() - times.trunc() * b.of())));
    engine.register_fn("**", |a: A, b: B| power(&a.of(), &b.of()));
    engine.register_fn("==", |a: A, b: B| a.of() == b.of()).register_fn("!=", |a: A, b: B| a.of() != b.of());
    engine.register_fn("<", |a: A, b: B| a.of() < b.of()).register_fn("<=", |a: A, b: B| a.of() <= b.of());
    engine.register_fn(">", |a: A, b: B| a.of() > b.of()).register_fn(">=", |a: A, b: B| a.of() >= b.of());
    for name in ["min", "最小"] {
        engine.register_fn(name, |a: A, b: B| simplest(a.of().min(b.of())));
    }
    for name in ["max", "最大"] {
        engine.register_fn(name, |a: A, b: B| simplest(a.of().max(b.of())));
    }
    // `x /= y` is `x = x / y`, and not rhai's own.
    for name in ["+=", "-=", "*=", "/=", "%=", "**="] {
        engine.register_raw_fn(name, [TypeId::of::<A>(), TypeId::of::<B>()], move |_, _| -> Result<(), Box<EvalAltResult>> {
            Err(EvalAltResult::ErrorFunctionNotFound(name.to_owned(), Position::NONE).into())
        });
    }
}
