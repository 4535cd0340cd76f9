//! Runs a script without jumps for one subject, by the words of `model::straight` and nothing else.

use super::*;
use crate::model::ScriptNode;
use crate::syntax::tree::CompareOp;

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Value(Exact),
    Missing,
    Failed,
}

#[derive(Clone, Debug, PartialEq)]
enum Got {
    Number(Exact),
    Word(Name),
    Flag(bool),
    Unit,
}

/// Why the script stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stopped {
    Missing,
    Failed,
}

pub fn run(straight: &Straight, inputs: &[Option<Value>], points: &Exact) -> Outcome {
    let mut runner = Runner { straight, inputs, points, done: vec![None; straight.nodes.len()] };
    for (at, node) in straight.nodes.iter().enumerate() {
        assert!(operands(node).iter().all(|operand| *operand < at), "{node:?} at {at}");
    }
    let nothing = if inputs.contains(&None) { Outcome::Missing } else { Outcome::Failed };
    match runner.at(straight.result) {
        Ok(Got::Number(number)) => Outcome::Value(number),
        Ok(Got::Unit) | Err(Stopped::Missing) => nothing,
        Err(Stopped::Failed) => Outcome::Failed,
        Ok(other) => panic!("the result is {other:?}"),
    }
}

/// Read off the debug form, not to rely on what is tested.
fn operands(node: &ScriptNode) -> Vec<usize> {
    let constant = matches!(node, ScriptNode::Number(_) | ScriptNode::Word(_) | ScriptNode::Input(_));
    let shown = format!("{node:?}");
    let numbers = shown.split(|c: char| !c.is_ascii_digit()).filter_map(|text| text.parse().ok());
    let second_is_no_operand = matches!(node, ScriptNode::Power(..) | ScriptNode::Floor(..) | ScriptNode::Ceil(..) | ScriptNode::Round(..));
    if constant { Vec::new() } else { numbers.take(if second_is_no_operand { 1 } else { usize::MAX }).collect() }
}

struct Runner<'r> {
    straight: &'r Straight,
    inputs: &'r [Option<Value>],
    points: &'r Exact,
    done: Vec<Option<Result<Got, Stopped>>>,
}

impl Runner<'_> {
    fn at(&mut self, at: usize) -> Result<Got, Stopped> {
        if let Some(done) = &self.done[at] {
            return done.clone();
        }
        let node = self.straight.nodes[at].clone();
        let got = self.node(&node);
        self.done[at] = Some(got.clone());
        got
    }

    fn numbers<const N: usize>(&mut self, at: [usize; N]) -> Result<Option<[Exact; N]>, Stopped> {
        let mut numbers = Vec::new();
        for at in at {
            numbers.push(self.at(at)?);
        }
        let numbers: Option<Vec<Exact>> = numbers
            .into_iter()
            .map(|got| match got {
                Got::Number(number) => Some(number),
                Got::Unit => None,
                other => panic!("{other:?} is no number"),
            })
            .collect();
        Ok(numbers.map(|numbers| numbers.try_into().unwrap()))
    }

    fn of<const N: usize>(&mut self, at: [usize; N], compute: impl FnOnce([Exact; N]) -> Option<Exact>) -> Result<Got, Stopped> {
        match self.numbers(at)? {
            Some(numbers) => compute(numbers).map(Got::Number).ok_or(Stopped::Failed),
            None => Ok(Got::Unit),
        }
    }

    fn flag(&mut self, at: usize) -> Result<bool, Stopped> {
        match self.at(at)? {
            Got::Flag(flag) => Ok(flag),
            Got::Unit => Err(Stopped::Missing),
            other => panic!("{other:?} is no flag"),
        }
    }

    fn node(&mut self, node: &ScriptNode) -> Result<Got, Stopped> {
        use ScriptNode as N;
        let round = |rounding: Rounding, places: u32| move |[a]: [Exact; 1]| Some(a.round(rounding, places));
        Ok(match node {
            N::Number(number) => Got::Number(number.clone()),
            N::Word(word) => Got::Word(word.clone()),
            N::Flag(flag) => Got::Flag(*flag),
            N::Unit => Got::Unit,
            N::Input(at) => match &self.inputs[*at] {
                Some(Value::Number(number)) => Got::Number(number.as_exact().unwrap().clone()),
                Some(Value::Word(word)) => Got::Word(word.clone()),
                Some(Value::Flag(flag)) => Got::Flag(*flag),
                Some(Value::Date(_)) => panic!("a date"),
                None => Got::Unit,
            },
            N::Points => Got::Number(self.points.clone()),
            N::Fail => return Err(Stopped::Failed),
            N::Negate(a) => self.of([*a], |[a]| Some(-a))?,
            N::Add(a, b) => self.of([*a, *b], |[a, b]| Some(a + b))?,
            N::Sub(a, b) => self.of([*a, *b], |[a, b]| Some(a - b))?,
            N::Mul(a, b) => self.of([*a, *b], |[a, b]| Some(a * b))?,
            N::Div(a, b) => self.of([*a, *b], |[a, b]| a.checked_div(&b))?,
            N::Rem(a, b) => self.of([*a, *b], |[a, b]| a.checked_div(&b).map(|quotient| &a - &(quotient.trunc() * &b)))?,
            N::Power(a, times) => self.of([*a], |[a]| Some(a.pow(*times)))?,
            N::Abs(a) => self.of([*a], |[a]| Some(a.abs()))?,
            N::Floor(a, places) => self.of([*a], round(Rounding::Floor, *places))?,
            N::Ceil(a, places) => self.of([*a], round(Rounding::Ceiling, *places))?,
            N::Round(a, places) => self.of([*a], round(Rounding::HalfUp, *places))?,
            N::Min(a, b) => self.of([*a, *b], |[a, b]| Some(a.min(b)))?,
            N::Max(a, b) => self.of([*a, *b], |[a, b]| Some(a.max(b)))?,
            N::Compare(op, a, b) => match self.numbers([*a, *b])? {
                None => Got::Unit,
                Some([a, b]) => Got::Flag(match op {
                    CompareOp::Lt => a < b,
                    CompareOp::Le => a <= b,
                    CompareOp::Gt => a > b,
                    CompareOp::Ge => a >= b,
                    CompareOp::Eq | CompareOp::Ne => panic!("{node:?}"),
                }),
            },
            N::Equal(a, b) => {
                let (a, b) = (self.at(*a)?, self.at(*b)?);
                let kind = |got: &Got| match got {
                    Got::Number(_) => 0,
                    Got::Word(_) => 1,
                    Got::Flag(_) => 2,
                    Got::Unit => 3,
                };
                assert!(kind(&a) == kind(&b) || a == Got::Unit || b == Got::Unit, "{a:?} beside {b:?}");
                Got::Flag(a == b)
            }
            N::Decimal(a) => match self.at(*a)? {
                Got::Number(number) => Got::Flag(number.to_i64().is_some() || number.to_decimal().is_some()),
                Got::Unit => Got::Flag(false),
                other => panic!("{other:?} is no number"),
            },
            N::Filled(a) => Got::Flag(self.at(*a)? != Got::Unit),
            N::And(a, b) => Got::Flag(self.flag(*a)? && self.flag(*b)?),
            N::Or(a, b) => Got::Flag(self.flag(*a)? || self.flag(*b)?),
            N::Not(a) => match self.at(*a)? {
                Got::Flag(flag) => Got::Flag(!flag),
                Got::Unit => Got::Unit,
                other => panic!("{other:?} is no flag"),
            },
            N::Select { when, then, otherwise } => {
                let chosen = if self.flag(*when)? { then } else { otherwise };
                self.at(*chosen)?
            }
            N::Strict { checked, value } => {
                for at in checked {
                    self.at(*at)?;
                }
                self.at(*value)?
            }
        })
    }
}
