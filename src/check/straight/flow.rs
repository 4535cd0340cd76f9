//! Statements and branches.

use super::build::Kind;
use super::{Compiler, Item, State, Step, Stop, Value, one, order};
use crate::model::straight::{Construct, WhyNot};
use rhai::{ASTFlags, BinaryExpr, Expr, FlowControl, Position, Stmt, StmtBlock};

/// What becomes of the value of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing uses it.
    Drop,
    /// It is used.
    Value,
    /// It is what the function or script comes to: a `return` here is just a value.
    Tail,
}

/// What follows a block.
pub(super) struct Rest<'r> {
    statements: &'r [Stmt],
    /// How many variables there are outside the block.
    variables: usize,
    next: Option<&'r Rest<'r>>,
}

impl Compiler<'_> {
    /// Statements, then what follows them.
    pub(super) fn run(&mut self, statements: &[Stmt], mode: Mode, rest: Option<&Rest<'_>>) -> Step<Item> {
        let mut value = self.unit()?;
        for (at, stmt) in statements.iter().enumerate() {
            let behind = statements.get(at + 1..).unwrap_or_default();
            let last = behind.is_empty() && rest.is_none();
            if let (Mode::Tail, false, Stmt::If(flow, place)) = (mode, last, stmt)
                && (leaves(&flow.body) || leaves(&flow.branch))
            {
                // `if … { return … }`: the rest belongs to the other branch.
                self.spend()?;
                let FlowControl { expr, body, branch } = &**flow;
                let next = Rest { statements: behind, variables: self.state.variables.len(), next: rest };
                let when = self.condition(expr)?;
                self.note_branches(when, flow, *place);
                let then = |me: &mut Self| me.block(body, mode, Some(&next).filter(|_| !leaves(body)));
                let otherwise = |me: &mut Self| me.block(branch, mode, Some(&next).filter(|_| !leaves(branch)));
                return self.choose(when, mode, then, otherwise).map_err(|stop| stop.or_at(expr.start_position()));
            }
            let mode_here = if last { mode } else { Mode::Drop };
            value = self.statement(stmt, mode_here).map_err(|stop| stop.or_at(stmt.position()))?;
            match self.build.known_flag(self.state.left) {
                Some(true) => return Ok(Item::Never),
                Some(false) => {}
                None if last => {}
                None => return self.unless_left(mode, |me| me.run(behind, mode, rest)),
            }
        }
        match rest {
            Some(rest) => {
                self.state.variables.truncate(rest.variables);
                self.run(rest.statements, mode, rest.next)
            }
            None => Ok(value),
        }
    }

    /// A block with variables of its own.
    pub(super) fn block(&mut self, block: &StmtBlock, mode: Mode, rest: Option<&Rest<'_>>) -> Step<Item> {
        let variables = self.state.variables.len();
        let value = self.run(block.statements(), mode, rest)?;
        self.state.variables.truncate(variables);
        Ok(value)
    }

    fn statement(&mut self, stmt: &Stmt, mode: Mode) -> Step<Item> {
        self.spend()?;
        match stmt {
            Stmt::Noop(_) => self.unit(),
            Stmt::Expr(expr) => match &**expr {
                Expr::Stmt(block) => self.block(block, mode, None),
                expr => self.expr(expr),
            },
            Stmt::Block(block) => self.block(block, mode, None),
            Stmt::FnCall(call, at) => self.function_call(call).map_err(|stop| stop.or_at(*at)),
            Stmt::If(flow, place) => {
                let when = self.condition(&flow.expr)?;
                let (body, branch) = (&flow.body, &flow.branch);
                self.note_branches(when, flow, *place);
                let chosen = self.choose(when, mode, |me| me.block(body, mode, None), |me| me.block(branch, mode, None));
                chosen.map_err(|stop| stop.or_at(flow.expr.start_position()))
            }
            Stmt::Switch(switch, _) => self.switch(&switch.0, &switch.1, mode),
            Stmt::Var(var, flags, _) => {
                let item = self.expr(&var.1)?;
                self.declare(&var.0.name, item, flags.contains(ASTFlags::CONSTANT))?;
                self.unit()
            }
            Stmt::Assignment(parts) => {
                let (op, BinaryExpr { lhs, rhs }) = &**parts;
                let Expr::Variable(name, ..) = lhs else { return Err(WhyNot::Construct(Construct::Change).into()) };
                let operator = op.get_op_assignment_info().map(|info| info.5);
                let new = match operator {
                    None => self.expr(rhs)?,
                    Some(operator) => {
                        let by = self.operand(rhs)?;
                        let now = self.operand(lhs)?;
                        let made = self.build.two(operator, now.node, by.node)?;
                        self.note(made);
                        one(made)
                    }
                };
                self.assign(&name.1, new)?;
                self.unit()
            }
            Stmt::While(flow, _) => self.while_loop(flow),
            Stmt::Do(flow, flags, _) => self.do_loop(flow, flags.contains(ASTFlags::NEGATED)),
            Stmt::For(parts, _) => self.for_loop(&parts.0, parts.1.as_ref(), &parts.2),
            Stmt::BreakLoop(Some(_), ..) => Err(WhyNot::Construct(Construct::Break).into()),
            Stmt::BreakLoop(None, flags, _) => {
                let yes = self.build.flag(true)?;
                self.state.left = yes;
                if flags.contains(ASTFlags::BREAK) {
                    self.state.broken = yes;
                }
                Ok(Item::Never)
            }
            Stmt::Return(value, flags, _) => {
                let value = match value {
                    Some(expr) => self.whole(expr)?,
                    None => self.unit()?,
                };
                if flags.contains(ASTFlags::BREAK) {
                    let fail = self.build.fail()?;
                    self.note(fail);
                    return Ok(Item::Never);
                }
                if mode == Mode::Tail {
                    return Ok(value);
                }
                let yes = self.build.flag(true)?;
                (self.state.left, self.state.returned, self.state.result) = (yes, yes, value);
                Ok(Item::Never)
            }
            Stmt::TryCatch(..) => Err(WhyNot::Construct(Construct::Try).into()),
            Stmt::Share(_) => Err(WhyNot::Construct(Construct::Closure).into()),
            _ => Err(WhyNot::Construct(Construct::Other).into()),
        }
    }

    fn assign(&mut self, name: &str, item: Item) -> Step<()> {
        let at = self.variable(name).ok_or_else(|| WhyNot::Name(name.into()))?;
        match self.state.variables.get_mut(at) {
            Some(variable) if !variable.constant && variable.item != Item::Object => variable.item = item,
            _ => return Err(WhyNot::Name(name.into()).into()),
        }
        Ok(())
    }

    /// A condition: yes, no or `()`, of which the last stops the script.
    pub(super) fn condition(&mut self, expr: &Expr) -> Step<usize> {
        let when = self.operand(expr)?.node;
        self.sure(when).map_err(|stop| stop.or_at(expr.start_position()))?;
        Ok(when)
    }

    /// Notes that a condition is looked at.
    pub(super) fn sure(&mut self, when: usize) -> Step<()> {
        let facts = self.build.facts(when);
        if facts.kind != Some(Kind::Flag) {
            return Err(WhyNot::Operator("if".into()).into());
        }
        if facts.unit {
            let yes = self.build.flag(true)?;
            let sure = self.build.both(when, yes, false)?;
            self.note(sure);
        }
        Ok(())
    }

    /// Begins a branch: `self` goes on with it, what is given back is the state before.
    pub(super) fn branch(&mut self) -> State {
        let before = self.state.clone();
        self.state.passed.append(&mut self.state.effects);
        before
    }

    /// Notes the branches of an `if` with the way to each.
    fn note_branches(&mut self, when: usize, flow: &FlowControl, at: Position) {
        let to = |want: bool| self.path.iter().copied().chain([(when, want)]).collect();
        let mut sides = vec![super::Branch { at, path: to(true) }];
        // An `else if` has its own condition.
        if let Some(first) = flow.branch.statements().first().filter(|first| !matches!(first, Stmt::If(..))) {
            let at = if let Stmt::Expr(expr) = first { expr.start_position() } else { first.position() };
            sides.push(super::Branch { at, path: to(false) });
        }
        self.branches.extend(sides);
    }

    /// Both branches of a condition.
    pub(super) fn choose(
        &mut self,
        when: usize,
        mode: Mode,
        then: impl FnOnce(&mut Self) -> Step<Item>,
        otherwise: impl FnOnce(&mut Self) -> Step<Item>,
    ) -> Step<Item> {
        if let Some(flag) = self.build.known_flag(when) {
            return self.deeper(3, |me| if flag { then(me) } else { otherwise(me) });
        }
        let before = self.branch();
        let entry = self.state.clone();
        self.path.push((when, true));
        let one = self.deeper(3, then);
        self.path.pop();
        let one = one?;
        let first = std::mem::replace(&mut self.state, entry);
        self.path.push((when, false));
        let two = self.deeper(3, otherwise);
        self.path.pop();
        let two = two?;
        let second = std::mem::replace(&mut self.state, before);
        self.merge(when, mode, (first, one), (second, two))
    }

    /// What follows where the script may have been left already.
    pub(super) fn unless_left(&mut self, mode: Mode, rest: impl FnOnce(&mut Self) -> Step<Item>) -> Step<Item> {
        let (left, returned, broken) = (self.state.left, self.state.returned, self.state.broken);
        let result = self.state.result.clone();
        let no = self.build.flag(false)?;
        let mut same = (true, true);
        let value = self.choose(
            left,
            mode,
            |me| {
                me.state.left = me.build.flag(true)?;
                Ok(Item::Never)
            },
            |me| {
                (me.state.left, me.state.returned, me.state.broken, me.state.result) = (no, no, no, Item::Never);
                let value = rest(me)?;
                same = (me.state.returned == no, me.state.broken == no);
                Ok(value)
            },
        )?;
        // Where nothing more has left, it stays as it was.
        if same.0 {
            (self.state.returned, self.state.result) = (returned, result);
        }
        if same.1 {
            self.state.broken = broken;
        }
        Ok(value)
    }

    /// Two branches made one.
    fn merge(&mut self, when: usize, mode: Mode, (first, one): (State, Item), (second, two): (State, Item)) -> Step<Item> {
        let (mut one, mut two) = (one, two);
        if mode == Mode::Drop {
            let unit = self.unit()?;
            (one, two) = (unit.clone(), unit);
        }
        // Where a branch may stop the script, something that is chosen by the condition has to say so: best what is used anyway.
        let mut carrier = None;
        let passed = second.passed.clone();
        if !(first.effects.is_empty() && second.effects.is_empty()) {
            let pairs = [(&one, &two), (&first.result, &second.result)].into_iter();
            let changed = first.variables.iter().zip(&second.variables).map(|(one, two)| (&one.item, &two.item));
            let mut best = None;
            for (one, two) in pairs.chain(changed.filter(|(one, two)| one != two)) {
                let (Item::One(a), Item::One(b)) = (one, two) else { continue };
                let kinds = (self.build.facts(a.node).kind, self.build.facts(b.node).kind);
                let covered = order::covers(&self.build, &passed, &first.effects, a.node)
                    && order::covers(&self.build, &passed, &second.effects, b.node);
                if covered && (kinds.0 == kinds.1 || kinds.0.is_none() || kinds.1.is_none()) {
                    best = Some((*a, *b));
                    break;
                }
            }
            let (a, b) = match best {
                Some((a, b)) => (a.node, b.node),
                None => {
                    let unit = self.build.unit()?;
                    (unit, unit)
                }
            };
            let a = order::strict(&mut self.build, &passed, first.effects.clone(), a)?;
            let b = order::strict(&mut self.build, &passed, second.effects.clone(), b)?;
            carrier = Some(self.build.select(when, a, b)?);
        }
        let variables: Vec<Item> = first
            .variables
            .iter()
            .zip(&second.variables)
            .map(|(one, two)| if one.item == two.item { Ok(one.item.clone()) } else { self.either(when, &one.item, &two.item) })
            .collect::<Step<_>>()?;
        for (variable, item) in self.state.variables.iter_mut().zip(variables) {
            variable.item = item;
        }
        self.state.left = self.build.select(when, first.left, second.left)?;
        self.state.returned = self.build.select(when, first.returned, second.returned)?;
        self.state.broken = self.build.select(when, first.broken, second.broken)?;
        self.state.result = self.either(when, &first.result, &second.result)?;
        let value = self.either(when, &one, &two)?;
        if let Some(carrier) = carrier {
            self.note(carrier);
        }
        Ok(value)
    }

    /// One of two items.
    pub(super) fn either(&mut self, when: usize, one: &Item, two: &Item) -> Step<Item> {
        Ok(match (one, two) {
            (Item::Never, item) | (item, Item::Never) => item.clone(),
            (Item::One(a), Item::One(b)) => {
                let kinds = (self.build.facts(a.node).kind, self.build.facts(b.node).kind);
                match kinds {
                    (Some(one), Some(two)) if one != two => Item::Mixed,
                    _ => Item::One(Value { node: self.build.select(when, a.node, b.node)?, raw: a.raw || b.raw }),
                }
            }
            (one, two) if one == two => one.clone(),
            _ => Item::Mixed,
        })
    }

    /// The value of an operand; nothing may leave the script or function there.
    pub(super) fn operand(&mut self, expr: &Expr) -> Step<Value> {
        let item = self.whole(expr)?;
        self.value(&item).map_err(|stop| stop.or_at(expr.start_position()))
    }

    /// The same of anything.
    pub(super) fn whole(&mut self, expr: &Expr) -> Step<Item> {
        let item = self.expr(expr)?;
        match self.build.known_flag(self.state.left) {
            Some(false) => Ok(item),
            _ => Err(Stop::from(WhyNot::Aside).or_at(expr.start_position())),
        }
    }

    pub(super) fn value(&self, item: &Item) -> Step<Value> {
        match item {
            Item::One(value) => Ok(*value),
            Item::List(_) | Item::Range(..) => Err(WhyNot::Construct(Construct::List).into()),
            Item::Object => Err(WhyNot::Construct(Construct::Part).into()),
            Item::Mixed | Item::Never => Err(WhyNot::Mixed.into()),
        }
    }
}

/// Whether a block always ends in `return` or `throw`.
fn leaves(block: &StmtBlock) -> bool {
    match block.statements().last() {
        Some(Stmt::Return(..)) => true,
        Some(Stmt::If(flow, _)) => leaves(&flow.body) && leaves(&flow.branch),
        Some(Stmt::Block(block)) => leaves(block),
        _ => false,
    }
}
