//! Computed values of a form (计算项的检查), each after those that it needs; circles are told.
//!
//! Not here: conditions and checks (`form`).

use super::answers::{in_turn, one_a_submission, spellings};
use super::core::Core;
use super::expr;
use super::gathered::Gathered;
use super::mistakes::{forms, names};
use crate::model::{Computed, Expr, FieldIx, Form, Type};
use crate::syntax::tree::ExprKind;
use std::collections::BTreeSet;

/// More values and operators than anybody could follow.
const LARGEST: usize = 5_000;

/// Computed values, each after those that it needs; gives back the fields that they read.
pub(super) fn computed(core: &mut Core<'_>, gathered: &Gathered<'_>, form: &mut Form) -> BTreeSet<FieldIx> {
    let mut used = BTreeSet::new();
    let order = Ordering {
        gathered,
        form,
        state: vec![Seen::No; gathered.computed.len()],
        order: Vec::new(),
        path: Vec::new(),
        circles: Vec::new(),
    };
    let (order, circles) = order.all();
    for circle in circles {
        let names: Vec<String> = circle.iter().filter_map(|at| gathered.computed.get(*at)).map(|it| it.name.it.to_string()).collect();
        let Some(first) = circle.first().and_then(|at| gathered.computed.get(*at)) else { continue };
        core.tell(names::cycle(&names, first.name.span));
        circle.iter().filter_map(|at| gathered.computed.get(*at)).for_each(|it| core.poison(&it.written.name.it));
    }
    for at in order {
        let Some(stated) = gathered.computed.get(at) else { continue };
        let (mut value, read) = in_turn(core, form, stated.turn.clone(), |scope| expr::expr(scope, &stated.written.value));
        used.extend(read);
        value = one_a_submission(core, value);
        // Each value holds those that it uses, so that a chain of doublings would outgrow any memory.
        if size(&value) > LARGEST {
            core.tell(forms::too_large(&stated.name));
            core.poison(&stated.written.name.it);
            continue;
        }
        if let Some((_, field)) = form.field(&stated.name.it) {
            core.tell(names::duplicate("填报项", "field", &stated.name, field.name.span));
        }
        if matches!(value.ty, Type::Text | Type::Several(_)) {
            value = expr::expect(core, value, &Type::plain());
        }
        let title = stated.written.title.as_ref().map(|title| title.it.clone());
        form.computed.push(Computed { name: stated.name.clone(), title, value, shared: false });
    }
    used
}

/// How many values and operators an expression has.
fn size(expr: &Expr) -> usize {
    1 + expr.children().into_iter().map(size).sum::<usize>()
}

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    No,
    OnTheWay,
    Done,
}

/// Puts computed values after those that they need.
struct Ordering<'g, 'w> {
    gathered: &'g Gathered<'w>,
    form: &'g Form,
    state: Vec<Seen>,
    order: Vec<usize>,
    path: Vec<usize>,
    circles: Vec<Vec<usize>>,
}

impl Ordering<'_, '_> {
    fn all(mut self) -> (Vec<usize>, Vec<Vec<usize>>) {
        (0..self.state.len()).for_each(|at| self.visit(at));
        (self.order, self.circles)
    }

    fn visit(&mut self, at: usize) {
        match self.state.get(at) {
            Some(Seen::No) => {}
            Some(Seen::OnTheWay) => {
                let start = self.path.iter().position(|other| *other == at).unwrap_or(0);
                return self.circles.push(self.path.iter().skip(start).copied().chain([at]).collect());
            }
            _ => return,
        }
        // Longer chains than any form has would run a stack out.
        if self.path.len() > 200 {
            return;
        }
        self.state.get_mut(at).into_iter().for_each(|seen| *seen = Seen::OnTheWay);
        self.path.push(at);
        for needed in self.needs(at) {
            self.visit(needed);
        }
        self.path.pop();
        self.state.get_mut(at).into_iter().for_each(|seen| *seen = Seen::Done);
        if !self.circles.iter().any(|circle| circle.contains(&at)) {
            self.order.push(at);
        }
    }

    fn needs(&self, at: usize) -> Vec<usize> {
        let Some(stated) = self.gathered.computed.get(at) else { return Vec::new() };
        let mut needs = Vec::new();
        stated.written.value.each(&mut |inner| {
            if let ExprKind::Path(path) = &inner.kind {
                let named = |name: &String| {
                    let known = self.gathered.computed.iter().position(|other| *other.name.it == **name);
                    known.filter(|_| self.form.field(name).is_none())
                };
                needs.extend(spellings(path, stated.turn.as_ref()).iter().find_map(named));
            }
        });
        needs
    }
}
