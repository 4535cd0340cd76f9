//! `switch`: the first case that takes the value and whose condition holds.
//!
//! rhai keeps only hashes of the constants of a case. So the constants that stand in the script are each put into a
//! `switch` of their own, to see which has that hash.

use super::build::Kind;
use super::flow::Mode;
use super::{Compiler, Item, Step};
use crate::model::script::reader;
use crate::model::straight::{Construct, WhyNot};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use rhai::{AST, Dynamic, Engine, Expr, RangeCase, Stmt, SwitchCasesCollection};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A script with more different constants than this is not looked through.
const MOST_LITERALS: usize = 500;

/// A constant of a case.
#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Number(Exact),
    Word(String),
    Flag(bool),
    Unit,
    /// Takes no value that a script computes.
    Nothing,
}

/// The constants of a script by rhai's hashes.
#[derive(Debug, Default)]
pub(super) struct Literals {
    by_hash: BTreeMap<u64, Literal>,
}

impl Literals {
    fn of(code: &str) -> Literals {
        let mut written: BTreeSet<String> = ["true", "false", "()"].map(str::to_owned).into();
        let mut rest = code;
        while let Some(c) = rest.chars().next() {
            let length = match c {
                '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
                '"' | '`' => quoted(rest, c),
                c if c.is_ascii_digit() => number(rest),
                c => c.len_utf8(),
            };
            let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
            if c.is_ascii_digit() {
                written.insert(format!("-{piece}"));
            }
            if c.is_ascii_digit() || matches!(c, '"' | '`') {
                written.insert(piece.to_owned());
            }
            rest = behind;
        }
        let engine = reader();
        let mut by_hash = BTreeMap::new();
        for text in written.iter().take(MOST_LITERALS) {
            if let (Some(hash), Some(literal)) = (hash_of(&engine, text), literal(&engine, text)) {
                by_hash.insert(hash, literal);
            }
        }
        Literals { by_hash }
    }
}

/// How long a text in quotes is, from one quote to the other.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped && quote == '"';
    }
    1
}

/// How long a number is; the two points of a range are not part of it.
fn number(rest: &str) -> usize {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = |from: usize| rest.get(from..).and_then(|rest| rest.find(|c| !part(c))).map_or(rest.len(), |at| from + at);
    let whole = end(0);
    let mut behind = rest.get(whole..).unwrap_or("").chars();
    if behind.next() == Some('.') && behind.next().is_some_and(|c| c.is_ascii_digit()) { end(whole + 1) } else { whole }
}

/// rhai's hash of a constant or range.
fn hash_of(engine: &Engine, text: &str) -> Option<u64> {
    let ast: AST = engine.compile(format!("switch 0 {{ {text} => 0 }}")).ok()?;
    match ast.statements() {
        [Stmt::Switch(switch, _)] => switch.1.cases.keys().next().copied(),
        _ => None,
    }
}

fn literal(engine: &Engine, text: &str) -> Option<Literal> {
    let ast = engine.compile_expression(text).ok()?;
    let [Stmt::Expr(expr)] = ast.statements() else { return None };
    let value: Dynamic = expr.get_literal_value(None)?;
    if value.is_unit() {
        return Some(Literal::Unit);
    }
    if let Ok(whole) = value.as_int() {
        return Some(Literal::Number(Exact::from(whole)));
    }
    if let Ok(flag) = value.as_bool() {
        return Some(Literal::Flag(flag));
    }
    if let Some(decimal) = value.read_lock::<Decimal>() {
        let number = Exact::from_decimal(&decimal);
        // What is computed is never 1.0 but the whole number 1, and rhai tells the two apart: this case takes nothing.
        return Some(if number.to_i64().is_none() { Literal::Number(number) } else { Literal::Nothing });
    }
    value.into_immutable_string().ok().map(|word| Literal::Word(word.to_string()))
}

/// Which values a case takes.
enum Test {
    One(Literal),
    Range { from: i64, to: i64, included: bool },
}

impl Compiler<'_> {
    pub(super) fn switch(&mut self, subject: &Expr, cases: &SwitchCasesCollection, mode: Mode) -> Step<Item> {
        let value = self.operand(subject)?;
        if value.raw {
            return Err(WhyNot::Construct(Construct::Case).into());
        }
        let tests = self.tests(cases)?;
        if tests.iter().any(|(test, _)| matches!(test, Test::Range { .. })) {
            self.note_ranged(subject.start_position(), value.node);
        }
        let default = cases.def_case.and_then(|at| cases.expressions.get(at)).map(|case| &case.rhs);
        self.cases(value.node, &tests, cases, default, mode)
    }

    /// The tests in the order in which rhai makes them: single constants first, then ranges.
    fn tests(&mut self, cases: &SwitchCasesCollection) -> Step<Vec<(Test, usize)>> {
        let literals = match self.literals.take() {
            Some(literals) => literals,
            None => Literals::of(self.code),
        };
        let engine = reader();
        let mut ranges = Vec::new();
        let mut hashes_of_ranges = BTreeSet::new();
        for range in &cases.ranges {
            let (from, to, included) = match range {
                RangeCase::ExclusiveInt(range, _) => (range.start, range.end, false),
                RangeCase::InclusiveInt(range, _) => (*range.start(), *range.end(), true),
            };
            hashes_of_ranges.extend(hash_of(&engine, &format!("{from}..{}{to}", if included { "=" } else { "" })));
            ranges.push((Test::Range { from, to, included }, range.index()));
        }
        let mut tests = Vec::new();
        for (hash, case) in &cases.cases {
            match literals.by_hash.get(hash) {
                Some(literal) => tests.extend(case.blocks.iter().map(|at| (Test::One(literal.clone()), *at))),
                None if hashes_of_ranges.contains(hash) => {}
                None => return Err(WhyNot::Construct(Construct::Case).into()),
            }
        }
        self.literals = Some(literals);
        // The map of cases has no order; only one constant can match, and its own cases come in the order written.
        tests.sort_by_cached_key(|(test, at)| {
            (
                *at,
                format!(
                    "{:?}",
                    match test {
                        Test::One(literal) => Some(literal),
                        Test::Range { .. } => None,
                    }
                ),
            )
        });
        tests.extend(ranges);
        Ok(tests)
    }

    fn cases(
        &mut self,
        subject: usize,
        tests: &[(Test, usize)],
        cases: &SwitchCasesCollection,
        default: Option<&Expr>,
        mode: Mode,
    ) -> Step<Item> {
        let Some(((_, at), _)) = tests.split_first() else {
            return match default {
                Some(expr) => self.case(expr, mode),
                None => self.unit(),
            };
        };
        let Some(case) = cases.expressions.get(*at) else { return Err(WhyNot::Construct(Construct::Case).into()) };
        self.spend()?;
        // Constants of one case stand side by side: `1 | 2 => …`.
        let together = tests.iter().take_while(|(test, other)| other == at && matches!(test, Test::One(_))).count().max(1);
        let (here, rest) = tests.split_at_checked(together).unwrap_or((tests, &[]));
        let mut when = self.build.flag(false)?;
        for (test, _) in here {
            let takes = self.takes(subject, test)?;
            when = self.build.both(when, takes, true)?;
        }
        if !matches!(case.lhs, Expr::BoolConstant(true, _)) {
            when = self.both(when, false, &case.lhs)?;
        }
        self.choose(when, mode, |me| me.case(&case.rhs, mode), |me| me.cases(subject, rest, cases, default, mode))
    }

    /// What a case comes to.
    fn case(&mut self, expr: &Expr, mode: Mode) -> Step<Item> {
        match expr {
            Expr::Stmt(block) => self.block(block, mode, None),
            expr => self.expr(expr),
        }
    }

    fn takes(&mut self, subject: usize, test: &Test) -> Step<usize> {
        Ok(match test {
            Test::One(literal) => {
                let constant = match literal {
                    Literal::Number(number) => self.build.number(number.clone())?,
                    Literal::Word(word) => self.build.word(word)?,
                    Literal::Flag(flag) => self.build.flag(*flag)?,
                    Literal::Unit => self.build.unit()?,
                    Literal::Nothing => return Ok(self.build.flag(false)?),
                };
                self.build.equal(subject, constant)?
            }
            Test::Range { from, to, included } => {
                if self.build.facts(subject).kind != Some(Kind::Number) {
                    return Ok(self.build.flag(false)?);
                }
                let (from, to) = (self.build.number(Exact::from(*from))?, self.build.number(Exact::from(*to))?);
                let above = self.build.compare(CompareOp::Ge, subject, from)?;
                let below = self.build.compare(if *included { CompareOp::Le } else { CompareOp::Lt }, subject, to)?;
                let decimal = self.build.decimal(subject)?;
                // `()` is in no range, and is not compared.
                let inside = self.build.both(above, below, false)?;
                self.build.both(decimal, inside, false)?
            }
        })
    }
}
