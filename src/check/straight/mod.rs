//! From a script to a program without jumps (无分支程序), as far as its meaning allows: both branches of an `if` are computed
//! and one is chosen, loops over constants are unrolled, functions are put in where they are called.
//!
//! The program means exactly what running the script means, also where that has no value. rhai computes what a statement
//! says even if nothing uses it, so what may stop the script is noted in the order in which it happens ([`order`]).
//! Whatever is not understood here is not guessed: the script is run for one subject after the other then.

mod build;
mod expr;
mod flow;
mod fraction;
mod loops;
mod order;
mod switch;

use crate::model::script::{DEEPEST_CALL, MOST_OPERATIONS};
use crate::model::straight::{Construct, WhyNot};
use crate::model::{Input, ScriptNode, Straight, Type};
use crate::number::Exact;
use build::{Builder, Kind, Made};
pub(super) use fraction::Ranged;
use rhai::{AST, ASTNode, Position, Stmt};
use std::rc::Rc;

/// More variables than this (rhai takes 200) are not handled here.
const MOST_VARIABLES: usize = 180;
/// How deep branches and expressions may lie in each other.
const DEEPEST: usize = 200;
/// The most operations of rhai that one expression or statement counts for.
const COST: u64 = 4;

/// What a name or an expression stands for.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    /// A value.
    One(Value),
    /// A list, known element by element.
    List(Rc<Vec<Item>>),
    /// Whole numbers, the last not included.
    Range(i64, i64),
    /// The object of fields: 校.
    Object,
    /// A value of different kinds in two branches: whoever uses it is refused.
    Mixed,
    /// No value: what is computed here is left before.
    Never,
}

/// The place of an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Value {
    node: usize,
    /// Whether it may be a number as it was written, such as 1.0, that rhai does not take for the whole number 1.
    raw: bool,
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
struct Variable {
    name: String,
    item: Item,
    constant: bool,
}

/// Where the script is: its variables, what has been looked at on the way, and whether it has left.
#[derive(Clone, Debug)]
struct State {
    variables: Vec<Variable>,
    /// Looked at before the branch that is being read.
    passed: Vec<usize>,
    /// Looked at in this branch.
    effects: Vec<usize>,
    /// Whether what follows is skipped, by `return`, `break` or `continue`.
    left: usize,
    /// Whether by `return`, and with what.
    returned: usize,
    result: Item,
    /// Whether by `break`.
    broken: usize,
}

/// A function of the script.
#[derive(Clone, Debug)]
struct Function {
    name: String,
    params: Vec<String>,
    body: Vec<Stmt>,
}

/// Why the script is not compiled, and where.
#[derive(Debug)]
struct Stop {
    why: WhyNot,
    at: Option<Position>,
}

impl From<WhyNot> for Stop {
    fn from(why: WhyNot) -> Stop {
        Stop { why, at: None }
    }
}

impl Stop {
    /// At `place`, unless it is already said where.
    fn or_at(self, place: Position) -> Stop {
        Stop { at: self.at.or(Some(place).filter(|place| !place.is_none())), ..self }
    }

    /// Inside a loop: what gets too long does so because of the loop.
    fn in_loop(self) -> Stop {
        let at = self.at.filter(|_| !matches!(self.why, WhyNot::TooLong | WhyNot::TooLarge));
        Stop { at, ..self }
    }
}

type Step<T> = Result<T, Stop>;

struct Compiler<'s> {
    build: Builder,
    state: State,
    code: &'s str,
    inputs: &'s [Input],
    functions: Rc<Vec<Function>>,
    /// The functions that are being put in.
    calls: Vec<usize>,
    /// What rhai may take to run the script, in its operations.
    cost: u64,
    depth: usize,
    literals: Option<switch::Literals>,
    /// What a `switch` holds against ranges.
    ranged: Vec<Ranged>,
    /// The conditions on the way to what is being read, and what each comes to there.
    path: Vec<(usize, bool)>,
    branches: Vec<Branch>,
}

/// A branch that was read: where, and the conditions on the way to it.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub at: Position,
    pub path: Vec<(usize, bool)>,
}

/// What came of reading a script.
pub(super) struct Read {
    pub straight: Compiled,
    pub ranged: Vec<Ranged>,
    /// With the operations that their conditions are made of.
    pub branches: (Vec<ScriptNode>, Vec<Branch>),
}

/// The program of a script, or why there is none and where.
pub(super) type Compiled = Result<Straight, (Option<Position>, WhyNot)>;

/// The program of a script, and what it holds against ranges, as far as it is understood.
pub(super) fn compile(ast: &AST, code: &str, inputs: &[Input], points: Option<&Exact>) -> Read {
    let start = || -> Made<Compiler<'_>> {
        let mut build = Builder::default();
        let no = build.flag(false)?;
        let variables = globals(&mut build, inputs, points)?;
        let state = State { variables, passed: vec![], effects: vec![], left: no, returned: no, result: Item::Never, broken: no };
        let functions = Rc::new(functions(ast)?);
        Ok(Compiler {
            build,
            state,
            code,
            inputs,
            functions,
            calls: vec![],
            cost: 0,
            depth: 0,
            literals: None,
            ranged: vec![],
            path: vec![],
            branches: vec![],
        })
    };
    let said = |stop: Stop| (stop.at, stop.why);
    match start() {
        Err(why) => Read { straight: Err(said(why.into())), ranged: Vec::new(), branches: Default::default() },
        Ok(mut compiler) => {
            let result = compiler.program(ast);
            let branches = std::mem::take(&mut compiler.branches);
            let nodes = if branches.is_empty() { Vec::new() } else { compiler.build.nodes().to_vec() };
            let straight = result.map(|result| std::mem::take(&mut compiler.build).finish(result)).map_err(said);
            Read { straight, ranged: std::mem::take(&mut compiler.ranged), branches: (nodes, branches) }
        }
    }
}

/// The variables that a script begins with, as `eval::script` sets them.
fn globals(build: &mut Builder, inputs: &[Input], points: Option<&Exact>) -> Made<Vec<Variable>> {
    let mut variables: Vec<Variable> = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        let (name, item) = match &input.object {
            Some(object) => (object, Item::Object),
            None => (&input.name, one(input_node(build, at, input)?)),
        };
        if !variables.iter().any(|known| known.name == name.as_str()) {
            variables.push(Variable { name: name.to_string(), item, constant: false });
        }
    }
    let full = match points {
        Some(points) => build.number(points.clone())?,
        None => build.points()?,
    };
    variables.extend(["points", "分值"].map(|name| Variable { name: name.to_owned(), item: one(full), constant: false }));
    Ok(variables)
}

fn input_node(build: &mut Builder, at: usize, input: &Input) -> Made<usize> {
    match &input.value.ty {
        Type::Number(_) => build.input(at, Kind::Number),
        Type::Text | Type::Choice(_) => build.input(at, Kind::Word),
        Type::Flag => build.input(at, Kind::Flag),
        Type::Date | Type::Several(_) | Type::Unknown => Err(WhyNot::Input(input.value.ty.clone())),
    }
}

/// A value in the simplest of rhai's kinds.
fn one(node: usize) -> Item {
    Item::One(Value { node, raw: false })
}

/// The functions of a script. rhai shows their bodies only to those who walk through all of it.
fn functions(ast: &AST) -> Made<Vec<Function>> {
    let mut found = Vec::new();
    let mut places: Vec<(Position, Position)> = Vec::new();
    for function in ast.iter_fn_def() {
        // A closure is a function whose name nobody can write.
        if function.name.contains('$') {
            return Err(WhyNot::Construct(Construct::Closure));
        }
        places.push((function.body.start_position(), function.body.end_position()));
        let params = function.params.iter().map(ToString::to_string).collect();
        found.push(Function { name: function.name.to_string(), params, body: Vec::new() });
    }
    let mut main = ast.statements().len();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(stmt)] = path {
            if main > 0 {
                main -= 1;
            } else {
                let at = order_of(stmt.position());
                let home = places.iter().position(|(start, end)| order_of(*start) <= at && at <= order_of(*end));
                if let Some(function) = home.and_then(|home| found.get_mut(home)) {
                    function.body.push((*stmt).clone());
                }
            }
        }
        true
    });
    Ok(found)
}

fn order_of(position: Position) -> (Option<usize>, Option<usize>) {
    (position.line(), position.position())
}

impl Compiler<'_> {
    fn program(&mut self, ast: &AST) -> Step<usize> {
        let last = ast.statements().last().map_or(Position::NONE, Stmt::position);
        let mixed = || Stop::from(WhyNot::Mixed).or_at(last);
        let result = self.body(ast.statements())?;
        let value = match result {
            Item::One(value) => value.node,
            // Nothing but `throw`.
            Item::Never => self.build.unit()?,
            _ => return Err(mixed()),
        };
        if self.build.facts(value).kind.is_some_and(|kind| kind != Kind::Number) {
            return Err(mixed());
        }
        let effects = std::mem::take(&mut self.state.effects);
        Ok(order::strict(&mut self.build, &[], effects, value)?)
    }

    /// Counts something that rhai does.
    fn spend(&mut self) -> Step<()> {
        self.cost = self.cost.saturating_add(COST);
        if self.cost > MOST_OPERATIONS { Err(WhyNot::TooLong.into()) } else { Ok(()) }
    }

    /// Goes into something by so many levels.
    fn deeper<T>(&mut self, levels: usize, inside: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        if self.depth.saturating_add(levels) > DEEPEST {
            return Err(WhyNot::TooLong.into());
        }
        self.depth += levels;
        let made = inside(self);
        self.depth -= levels;
        made
    }

    /// Notes that an operation has been looked at.
    fn note(&mut self, node: usize) {
        order::note(&self.build, &self.state.passed, &mut self.state.effects, node);
    }

    /// The value of what the script or a function comes to.
    fn body(&mut self, statements: &[Stmt]) -> Step<Item> {
        let no = self.build.flag(false)?;
        let value = self.run(statements, flow::Mode::Tail, None)?;
        let returned = std::mem::replace(&mut self.state.returned, no);
        let result = std::mem::replace(&mut self.state.result, Item::Never);
        self.state.left = no;
        match self.build.known_flag(returned) {
            Some(false) => Ok(value),
            Some(true) => Ok(result),
            None => self.either(returned, &result, &value),
        }
    }

    /// Puts a function in.
    fn call(&mut self, at: usize, arguments: Vec<Item>) -> Step<Item> {
        let functions = self.functions.clone();
        let Some(function) = functions.get(at) else { return Err(WhyNot::TooLong.into()) };
        if self.calls.contains(&at) {
            return Err(WhyNot::Recursion(function.name.as_str().into()).into());
        }
        if self.calls.len() + 2 > DEEPEST_CALL {
            return Err(WhyNot::TooLong.into());
        }
        self.spend()?;
        let named = function.params.iter().zip(arguments);
        let own = named.map(|(name, item)| Variable { name: name.clone(), item, constant: false }).collect();
        let outside = std::mem::replace(&mut self.state.variables, own);
        let no = self.build.flag(false)?;
        let before = (self.state.left, self.state.returned, self.state.broken, self.state.result.clone());
        (self.state.left, self.state.returned, self.state.broken, self.state.result) = (no, no, no, Item::Never);
        self.calls.push(at);
        let value = self.body(&function.body)?;
        self.calls.pop();
        self.state.variables = outside;
        (self.state.left, self.state.returned, self.state.broken, self.state.result) = before;
        Ok(value)
    }

    /// The function of the script with a name and so many parameters.
    fn own_function(&self, name: &str, arguments: usize) -> Option<usize> {
        self.functions.iter().position(|function| function.name == name && function.params.len() == arguments)
    }

    fn variable(&self, name: &str) -> Option<usize> {
        self.state.variables.iter().rposition(|variable| variable.name == name)
    }

    fn declare(&mut self, name: &str, item: Item, constant: bool) -> Step<()> {
        if self.state.variables.len() >= MOST_VARIABLES {
            return Err(WhyNot::TooLong.into());
        }
        self.state.variables.push(Variable { name: name.to_owned(), item, constant });
        Ok(())
    }

    fn unit(&mut self) -> Step<Item> {
        Ok(one(self.build.unit()?))
    }
}
