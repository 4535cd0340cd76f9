//! Expressions.

use super::build::Round;
use super::flow::Mode;
use super::{Compiler, Item, Step, Stop, Value, one};
use crate::model::straight::{Construct, WhyNot};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use rhai::{ASTFlags, Expr, FnCallExpr, Position};
use rust_decimal::Decimal;
use std::rc::Rc;

/// The most decimals that the rounding functions of scripts round to.
const MOST_PLACES: i64 = 30;

impl Compiler<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Step<Item> {
        self.spend()?;
        self.deeper(1, |me| me.bare_expr(expr)).map_err(|stop| match expr {
            Expr::Dot(..) | Expr::Index(..) => stop.or_at(expr.start_position()),
            _ => stop.or_at(expr.position()).or_at(expr.start_position()),
        })
    }

    fn bare_expr(&mut self, expr: &Expr) -> Step<Item> {
        Ok(match expr {
            Expr::Unit(_) => self.unit()?,
            Expr::BoolConstant(flag, _) => one(self.build.flag(*flag)?),
            Expr::IntegerConstant(whole, _) => one(self.build.number(Exact::from(*whole))?),
            Expr::StringConstant(word, _) => one(self.build.word(word)?),
            Expr::DynamicConstant(value, _) => match value.read_lock::<Decimal>() {
                Some(decimal) => Item::One(Value { node: self.build.number(Exact::from_decimal(&decimal))?, raw: true }),
                None => return Err(WhyNot::Construct(Construct::Other).into()),
            },
            Expr::Variable(name, ..) => {
                let at = self.variable(&name.1).ok_or_else(|| WhyNot::Name(name.1.as_str().into()))?;
                self.state.variables.get(at).map_or(Item::Never, |variable| variable.item.clone())
            }
            Expr::Array(list, _) => Item::List(Rc::new(list.iter().map(|item| self.whole(item)).collect::<Step<_>>()?)),
            Expr::Stmt(block) => self.block(block, Mode::Value, None)?,
            Expr::And(list, _) => one(self.all(list, false)?),
            Expr::Or(list, _) => one(self.all(list, true)?),
            Expr::Coalesce(list, _) => self.first_filled(list)?,
            Expr::FnCall(call, _) => self.function_call(call)?,
            Expr::Dot(both, flags, _) | Expr::Index(both, flags, _) => {
                let dotted = matches!(expr, Expr::Dot(..));
                self.chain(&both.lhs, &both.rhs, dotted, *flags)?
            }
            Expr::Map(..) => return Err(WhyNot::Construct(Construct::Map).into()),
            Expr::InterpolatedString(..) | Expr::CharConstant(..) => return Err(WhyNot::Construct(Construct::Text).into()),
            _ => return Err(WhyNot::Construct(Construct::Other).into()),
        })
    }

    /// `a && b && c`, or with `||` if `any`.
    fn all(&mut self, list: &[Expr], any: bool) -> Step<usize> {
        let Some((first, rest)) = list.split_first() else { return Ok(self.build.flag(!any)?) };
        let mut so_far = self.condition(first)?;
        for next in rest {
            so_far = self.both(so_far, any, next)?;
        }
        Ok(so_far)
    }

    /// Both, or either if `any`; the second is computed only where the first does not decide, and assigns nothing.
    pub(super) fn both(&mut self, first: usize, any: bool, second: &Expr) -> Step<usize> {
        match self.build.known_flag(first) {
            Some(flag) if flag == any => return Ok(first),
            Some(_) => return self.condition(second),
            None => {}
        }
        let before = self.branch();
        let right = self.operand(second)?.node;
        let after = std::mem::replace(&mut self.state, before);
        if after.variables != self.state.variables {
            return Err(WhyNot::Aside.into());
        }
        let right = super::order::strict(&mut self.build, &after.passed, after.effects, right)?;
        let made = self.build.both(first, right, any)?;
        self.note(made);
        Ok(made)
    }

    /// `a ?? b`: the first that is not `()`.
    fn first_filled(&mut self, list: &[Expr]) -> Step<Item> {
        let Some((first, rest)) = list.split_first() else { return self.unit() };
        let value = self.operand(first)?;
        if rest.is_empty() {
            return Ok(Item::One(value));
        }
        let filled = self.build.filled(value.node)?;
        self.choose(filled, Mode::Value, |_| Ok(Item::One(value)), |me| me.first_filled(rest))
    }

    /// An operator, a function of numbers, or a function of the script.
    pub(super) fn function_call(&mut self, call: &FnCallExpr) -> Step<Item> {
        let name = call.name.as_str();
        if call.capture_parent_scope {
            return Err(WhyNot::Construct(Construct::Closure).into());
        }
        let arguments = self.arguments(&call.args)?;
        if call.op_token.is_none() || name == "contains" {
            if let Some(own) = self.own_function(name, arguments.len()) {
                return self.call(own, arguments);
            }
            if self.variable(name).is_some() {
                return Err(WhyNot::Construct(Construct::Closure).into());
            }
        }
        self.native(name, &arguments)
    }

    /// Arguments as rhai evaluates them: a variable in the first place is read last.
    fn arguments(&mut self, arguments: &[Expr]) -> Step<Vec<Item>> {
        match arguments.split_first() {
            Some((first @ Expr::Variable(..), rest)) => {
                let rest = rest.iter().map(|argument| self.whole(argument)).collect::<Step<Vec<_>>>()?;
                let first = self.whole(first)?;
                Ok(std::iter::once(first).chain(rest).collect())
            }
            _ => arguments.iter().map(|argument| self.whole(argument)).collect(),
        }
    }

    /// An operator or function that `eval::script` registers.
    fn native(&mut self, name: &str, arguments: &[Item]) -> Step<Item> {
        match (name, arguments) {
            ("..", [from, to]) => return self.range(from, to, 0),
            ("..=", [from, to]) => return self.range(from, to, 1),
            ("contains", [Item::List(list), what]) => {
                let what = self.value(what)?.node;
                let mut any = self.build.flag(false)?;
                for item in list.iter() {
                    self.spend()?;
                    let item = self.value(item)?.node;
                    let same = self.build.equal(item, what)?;
                    any = self.build.both(any, same, true)?;
                }
                return Ok(one(any));
            }
            _ => {}
        }
        let values = arguments.iter().map(|item| self.value(item)).collect::<Step<Vec<_>>>()?;
        let nodes: Vec<usize> = values.iter().map(|value| value.node).collect();
        let made = match (name, nodes.as_slice()) {
            ("-", [a]) => self.build.negate(*a)?,
            ("+", [a]) => self.build.plus(*a)?,
            ("!", [a]) => self.build.not(*a)?,
            ("+" | "-" | "*" | "/" | "%" | "**" | "min" | "最小" | "max" | "最大", [a, b]) => self.build.two(name, *a, *b)?,
            ("==", [a, b]) => self.build.equal(*a, *b)?,
            ("!=", [a, b]) => {
                let same = self.build.equal(*a, *b)?;
                self.build.not(same)?
            }
            ("<", [a, b]) => self.build.compare(CompareOp::Lt, *a, *b)?,
            ("<=", [a, b]) => self.build.compare(CompareOp::Le, *a, *b)?,
            (">", [a, b]) => self.build.compare(CompareOp::Gt, *a, *b)?,
            (">=", [a, b]) => self.build.compare(CompareOp::Ge, *a, *b)?,
            ("abs" | "绝对值", [a]) => self.build.abs(*a)?,
            ("filled" | "已填", [a]) => self.build.filled(*a)?,
            ("floor" | "去尾", _) => self.round(Round::Floor, &values)?,
            ("ceil" | "进一", _) => self.round(Round::Ceil, &values)?,
            ("round" | "四舍五入", _) => self.round(Round::Half, &values)?,
            _ => return Err(WhyNot::Function(name.into()).into()),
        };
        self.note(made);
        Ok(one(made))
    }

    fn round(&mut self, how: Round, values: &[Value]) -> Step<usize> {
        let (value, places) = match values {
            [value] => (value, 0),
            [value, places] => {
                let whole = self.build.known_number(places.node).and_then(Exact::to_i64).filter(|_| !places.raw);
                let places = whole.ok_or(WhyNot::Function("round".into()))?.clamp(0, MOST_PLACES);
                (value, u32::try_from(places).unwrap_or(0))
            }
            _ => return Err(WhyNot::Function("round".into()).into()),
        };
        Ok(self.build.round(how, value.node, places)?)
    }

    /// A range of constants; `more` is 1 if its end is included.
    fn range(&mut self, from: &Item, to: &Item, more: i64) -> Step<Item> {
        let whole = |item: &Item| {
            let value = self.value(item)?;
            let whole = self.build.known_number(value.node).and_then(Exact::to_i64).filter(|_| !value.raw);
            whole.ok_or_else(|| WhyNot::Loop.into())
        };
        let (from, to): (Step<i64>, Step<i64>) = (whole(from), whole(to));
        let end = to?.checked_add(more).ok_or(WhyNot::TooLong)?;
        Ok(Item::Range(from?, end))
    }

    /// `校.在校生数`, `list[0][1]`, `x.round(2)`, and what may follow.
    fn chain(&mut self, root: &Expr, links: &Expr, dotted: bool, flags: ASTFlags) -> Step<Item> {
        let links = Link::all(links, dotted, flags)?;
        // All arguments come first, then what they are arguments to.
        let mut given = Vec::new();
        for link in &links {
            given.push(match link {
                Link::Method(call, _) => call.args.iter().map(|argument| self.whole(argument)).collect::<Step<Vec<_>>>()?,
                Link::Index(at) => vec![self.whole(at)?],
                Link::Property(_) => Vec::new(),
            });
        }
        let object = match root {
            Expr::Variable(name, ..) => Some(name.1.as_str()),
            _ => None,
        };
        let mut item = self.whole(root)?;
        for (link, given) in links.iter().zip(given) {
            item = match link {
                Link::Property(name) => self.property(object, &item, name)?,
                Link::Index(_) => self.element(&item, &given)?,
                Link::Method(call, at) => {
                    let name = call.name.as_str();
                    let own = self.functions.iter().any(|function| function.name == name);
                    let arguments: Vec<Item> = std::iter::once(item).chain(given).collect();
                    if own || !matches!(arguments.first(), Some(Item::One(_))) || name == "contains" {
                        return Err(Stop::from(WhyNot::Function(name.into())).or_at(*at));
                    }
                    self.native(name, &arguments).map_err(|stop| stop.or_at(*at))?
                }
            };
        }
        Ok(item)
    }

    fn property(&mut self, object: Option<&str>, item: &Item, name: &str) -> Step<Item> {
        let found = self.inputs.iter().enumerate().find(|(_, input)| input.object.as_deref() == object && *input.name == *name);
        match (item, found) {
            (Item::Object, Some((at, input))) => Ok(one(super::input_node(&mut self.build, at, input)?)),
            _ => Err(WhyNot::Construct(Construct::Part).into()),
        }
    }

    fn element(&mut self, item: &Item, given: &[Item]) -> Step<Item> {
        let part = || WhyNot::Construct(Construct::Part);
        let (Item::List(list), [at]) = (item, given) else { return Err(part().into()) };
        let at = self.value(at)?;
        let at = self.build.known_number(at.node).and_then(Exact::to_i64).filter(|_| !at.raw).ok_or_else(part)?;
        // From the end, if negative.
        let at = if at < 0 { i64::try_from(list.len()).unwrap_or(0).saturating_add(at) } else { at };
        let found = usize::try_from(at).ok().and_then(|at| list.get(at));
        Ok(found.cloned().ok_or_else(part)?)
    }
}

/// One link of a chain behind its root.
enum Link<'e> {
    Property(&'e str),
    Index(&'e Expr),
    Method(&'e FnCallExpr, Position),
}

impl<'e> Link<'e> {
    fn all(mut rest: &'e Expr, mut dotted: bool, mut flags: ASTFlags) -> Step<Vec<Link<'e>>> {
        let mut links = Vec::new();
        loop {
            // `?.` and `?[`
            if flags.contains(ASTFlags::NEGATED) {
                return Err(WhyNot::Construct(Construct::Part).into());
            }
            match rest {
                Expr::Dot(both, next, _) | Expr::Index(both, next, _) if !flags.contains(ASTFlags::BREAK) => {
                    links.push(Link::one(&both.lhs, dotted)?);
                    dotted = matches!(rest, Expr::Dot(..));
                    (rest, flags) = (&both.rhs, *next);
                }
                last => {
                    links.push(Link::one(last, dotted)?);
                    return Ok(links);
                }
            }
        }
    }

    fn one(link: &'e Expr, dotted: bool) -> Step<Link<'e>> {
        Ok(match (link, dotted) {
            (Expr::Property(property, _), true) => Link::Property(&property.2),
            (Expr::MethodCall(call, at), true) => Link::Method(call, *at),
            (index, false) => Link::Index(index),
            _ => return Err(WhyNot::Construct(Construct::Part).into()),
        })
    }
}
