//! Loops, unrolled.

use super::flow::Mode;
use super::{Compiler, Item, Step, Stop, one};
use crate::model::straight::{Construct, WhyNot};
use rhai::{Expr, FlowControl, Ident};

/// The most turns of a loop.
const MOST_TURNS: usize = 1_000;

impl Compiler<'_> {
    pub(super) fn for_loop(&mut self, name: &Ident, counter: Option<&Ident>, flow: &FlowControl) -> Step<Item> {
        let over = |why: Construct| Stop::from(WhyNot::Construct(why)).or_at(flow.expr.start_position());
        let items: Vec<Item> = match self.whole(&flow.expr)? {
            Item::List(list) => list.to_vec(),
            Item::Range(from, to) => {
                let turns = usize::try_from(i128::from(to) - i128::from(from)).unwrap_or(0);
                if turns > MOST_TURNS {
                    return Err(WhyNot::TooLong.into());
                }
                (from..to).map(|at| Ok(one(self.build.number(at.into())?))).collect::<Step<_>>()?
            }
            _ => return Err(over(Construct::Over)),
        };
        let outside = self.state.variables.len();
        let unit = self.unit()?;
        if let Some(counter) = counter {
            self.declare(&counter.name, unit.clone(), false)?;
        }
        self.declare(&name.name, unit, false)?;
        self.turns(&items, 0, counter.is_some(), flow).map_err(Stop::in_loop)?;
        self.state.variables.truncate(outside);
        self.after_loop()
    }

    /// The turns of a `for` from `at` on.
    fn turns(&mut self, items: &[Item], mut at: usize, counted: bool, flow: &FlowControl) -> Step<Item> {
        while let Some(item) = items.get(at) {
            self.spend()?;
            let slot = self.state.variables.len().saturating_sub(1);
            let number = self.build.number(at.into())?;
            if counted && let Some(counter) = slot.checked_sub(1).and_then(|slot| self.state.variables.get_mut(slot)) {
                counter.item = one(number);
            }
            if let Some(variable) = self.state.variables.get_mut(slot) {
                variable.item = item.clone();
            }
            self.block(&flow.body, Mode::Drop, None)?;
            at += 1;
            match self.turn_over()? {
                Some(false) => {}
                Some(true) => break,
                None if at < items.len() => {
                    return self.unless_left(Mode::Drop, |me| me.turns(items, at, counted, flow));
                }
                None => break,
            }
        }
        Ok(Item::Never)
    }

    pub(super) fn while_loop(&mut self, flow: &FlowControl) -> Step<Item> {
        self.rounds(flow).map_err(Stop::in_loop)?;
        self.after_loop()
    }

    /// The turns of a `while` or `loop` as long as its condition is the same for all.
    fn rounds(&mut self, flow: &FlowControl) -> Step<Item> {
        for _ in 0..MOST_TURNS {
            let more = match &flow.expr {
                Expr::Unit(_) | Expr::BoolConstant(true, _) => true,
                expr => self.constant_condition(expr)?,
            };
            if !more {
                return Ok(Item::Never);
            }
            self.spend()?;
            self.block(&flow.body, Mode::Drop, None)?;
            match self.turn_over()? {
                Some(false) => {}
                Some(true) => return Ok(Item::Never),
                None => {
                    return self.unless_left(Mode::Drop, |me| me.rounds(flow));
                }
            }
        }
        Err(WhyNot::TooLong.into())
    }

    pub(super) fn do_loop(&mut self, flow: &FlowControl, until: bool) -> Step<Item> {
        for _ in 0..MOST_TURNS {
            self.spend()?;
            self.block(&flow.body, Mode::Drop, None)?;
            // `continue` goes to the next turn past the condition.
            let went_on = self.build.known_flag(self.state.left).ok_or(WhyNot::Loop)?;
            match self.turn_over()? {
                Some(false) if went_on => {}
                Some(false) => {
                    if self.constant_condition(&flow.expr)? == until {
                        return self.after_loop();
                    }
                }
                Some(true) => return self.after_loop(),
                None => return Err(WhyNot::Loop.into()),
            }
        }
        Err(WhyNot::TooLong.into())
    }

    fn constant_condition(&mut self, expr: &Expr) -> Step<bool> {
        let when = self.condition(expr)?;
        self.build.known_flag(when).ok_or_else(|| WhyNot::Loop.into())
    }

    /// At the end of a turn: whether the loop has been left; `continue` has not left it.
    fn turn_over(&mut self) -> Step<Option<bool>> {
        let no = self.build.flag(false)?;
        self.state.left = if self.build.known_flag(self.state.left) == Some(false) {
            no
        } else {
            let (returned, broken) = (self.state.returned, self.state.broken);
            let yes = self.build.flag(true)?;
            self.build.select(returned, yes, broken)?
        };
        Ok(self.build.known_flag(self.state.left))
    }

    /// Behind a loop: `break` does not reach further.
    fn after_loop(&mut self) -> Step<Item> {
        let no = self.build.flag(false)?;
        (self.state.left, self.state.broken) = (self.state.returned, no);
        if self.build.known_flag(self.state.left) == Some(true) { Ok(Item::Never) } else { self.unit() }
    }
}
