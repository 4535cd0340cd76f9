//! Expressions of the rules as nodes.

use super::{Calendar, Kind, Lowering, NodeId, Op, StatisticPlan, Whom};
use crate::eval::days::after;
use crate::eval::gap::Cause;
use crate::model::{Expr, Function, Level, Node, Over, Slot, Statistic, StatisticKind};
use crate::number::{Real, Rounding};
use crate::syntax::tree::CompareOp;

impl Lowering<'_, '_> {
    /// The node of an expression, for each row of a level.
    pub fn expr(&mut self, expr: &Expr, at: Level) -> NodeId {
        let at = at.max(Level::Subject);
        if at != Level::Subject && expr.level != at {
            let of = self.expr(expr, Level::Subject);
            return self.of_subject(of, at);
        }
        let node = self.lowered(expr, at);
        self.plan.expressions.insert(expr.id, node);
        node
    }

    /// A subject's value in the place of each of its members', or of each submission beside the source.
    fn of_subject(&mut self, of: NodeId, at: Level) -> NodeId {
        let Some(node) = self.plan.node(of) else { return of };
        let (op, kind, span) = match &node.op {
            // What is the same for all needs no subject.
            Op::Number(_) | Op::Word(_) | Op::Flag(_) | Op::Date(_) | Op::Absent(_) => (node.op.clone(), node.kind, node.span),
            _ => (Op::OfSubject(of), node.kind, node.span),
        };
        self.node(op, kind, at, span)
    }

    fn lowered(&mut self, expr: &Expr, at: Level) -> NodeId {
        let kind = Kind::of(&expr.ty);
        let op = match &expr.node {
            Node::Number(number) => Op::Number(number.clone()),
            Node::Word(word) => Op::Word(word.clone()),
            Node::Flag(flag) => Op::Flag(*flag),
            Node::Date(day) => Op::Date(*day),
            Node::EvaluationDate => Op::Date(self.on),
            Node::Wrong => return self.absent(Cause::NotExact(expr.span), kind, at, expr.span),
            Node::Computed(_, of) => return self.expr(of, at),
            Node::Param(param) => return self.param(*param, expr, at),
            Node::Field(field) | Node::MemberField(field) => Op::Field(*field),
            Node::BesideField(beside, field) => Op::Beside(*beside, *field),
            Node::BesideSlot(beside, slot) => Op::BesideResult(*beside, *slot),
            Node::MemberSlot(slot) => Op::Below(*slot),
            Node::Slot(slot) => return self.slot(*slot, expr, at),
            Node::Add(a, b) => Op::Add(self.expr(a, at), self.expr(b, at)),
            Node::Sub(a, b) => Op::Sub(self.expr(a, at), self.expr(b, at)),
            Node::Mul(a, b) => Op::Mul(self.expr(a, at), self.expr(b, at)),
            Node::Div(a, b) => Op::Div(self.expr(a, at), self.expr(b, at), self.written(b)),
            Node::Negate(a) => Op::Negate(self.expr(a, at)),
            Node::Scale(a, factor) => {
                let factor = self.number(factor.clone(), at, expr.span);
                Op::Mul(self.expr(a, at), factor)
            }
            Node::Compare(op, a, b) => return self.compare(*op, a, b, expr, at),
            Node::In(what, list) => {
                let what = self.expr(what, at);
                let mut same = Vec::new();
                for item in list {
                    let item = self.expr(item, at);
                    same.push(self.node(Op::Compare(CompareOp::Eq, what, item), Kind::Flag, at, expr.span));
                }
                Op::Fold { list: same.into(), any: true, of_applicable: false }
            }
            Node::All(list) => Op::Fold { list: self.list(list, at), any: false, of_applicable: false },
            Node::Any(list) => Op::Fold { list: self.list(list, at), any: true, of_applicable: false },
            Node::Every(list) => Op::Fold { list: self.list(list, at), any: false, of_applicable: true },
            Node::AnyOf(list) => Op::Fold { list: self.list(list, at), any: true, of_applicable: true },
            Node::Count(list) => Op::Count(self.list(list, at)),
            Node::Not(inner) => Op::Not(self.expr(inner, at)),
            Node::Default(first, second) => Op::Default(self.expr(first, at), self.expr(second, at)),
            Node::Filled(inner) => Op::Filled(self.expr(inner, at)),
            Node::Choose(cases, otherwise) => {
                let cases: Vec<_> = cases.iter().map(|(when, then)| (self.expr(when, at), self.expr(then, at))).collect();
                Op::Choose(cases.into(), self.expr(otherwise, at))
            }
            Node::Call(function, args) => return self.call(*function, args, expr, at),
            Node::Statistic(statistic) => return self.statistic(expr, statistic, at),
        };
        self.node(op, kind, at, expr.span)
    }

    fn list(&mut self, list: &[Expr], at: Level) -> Box<[NodeId]> {
        list.iter().map(|inner| self.expr(inner, at)).collect()
    }

    fn param(&mut self, param: usize, expr: &Expr, at: Level) -> NodeId {
        let param = self.rules.params.get(param);
        match param.and_then(|param| param.on(self.on)) {
            Some((_, value)) => self.number(value.it.clone(), at, expr.span),
            None => {
                let name = param.map_or_else(|| "".into(), |param| param.name.it.clone());
                self.absent(Cause::NoParam(name), Kind::Number, at, expr.span)
            }
        }
    }

    fn slot(&mut self, slot: Slot, expr: &Expr, at: Level) -> NodeId {
        match self.plan.slots.get(&slot) {
            Some(node) => *node,
            None => self.absent(Cause::NotExact(expr.span), Kind::of(&expr.ty), at, expr.span),
        }
    }

    fn compare(&mut self, op: CompareOp, a: &Expr, b: &Expr, expr: &Expr, at: Level) -> NodeId {
        let (left, right) = (self.expr(a, at), self.expr(b, at));
        // With six of seven met, the seventh cannot change that at least six are.
        let op = match &a.node {
            Node::Count(list) => Op::CountCompares(op, self.list(list, at), right),
            _ => Op::Compare(op, left, right),
        };
        self.node(op, Kind::Flag, at, expr.span)
    }

    fn call(&mut self, function: Function, args: &[Expr], expr: &Expr, at: Level) -> NodeId {
        let Some((first, rest)) = args.split_first() else {
            return self.absent(Cause::NotExact(expr.span), Kind::Number, at, expr.span);
        };
        let of = self.expr(first, at);
        let places = rest.first().map(|places| self.expr(places, at));
        let op = match function {
            Function::Abs => Op::Abs(of),
            Function::Year => Op::Year(of),
            Function::Days | Function::YearsAfter | Function::MonthsAfter | Function::DaysAfter => {
                let Some(second) = places else { return self.absent(Cause::NotExact(expr.span), Kind::of(&expr.ty), at, expr.span) };
                let op = match function {
                    Function::Days => Op::Days(of, second),
                    Function::YearsAfter => self.after(of, second, Calendar::Years),
                    Function::MonthsAfter => self.after(of, second, Calendar::Months),
                    _ => self.after(of, second, Calendar::Days),
                };
                return self.node(op, Kind::of(&expr.ty), at, expr.span);
            }
            Function::Floor => Op::Round { of, mode: Rounding::Floor, places },
            Function::Ceil => Op::Round { of, mode: Rounding::Ceiling, places },
            Function::Round => Op::Round { of, mode: Rounding::HalfUp, places },
        };
        self.node(op, Kind::Number, at, expr.span)
    }

    /// A day after another; of what is the same for all, that day.
    fn after(&self, of: NodeId, count: NodeId, calendar: Calendar) -> Op {
        let op = |node: NodeId| self.plan.node(node).map(|node| &node.op);
        let count_of = |op: Option<&Op>| match op {
            Some(Op::Number(count)) => Some(Real::from(count)),
            Some(Op::Negate(of)) => match self.plan.node(*of).map(|node| &node.op) {
                Some(Op::Number(count)) => Some(-&Real::from(count)),
                _ => None,
            },
            _ => None,
        };
        match (op(of), count_of(op(count))) {
            (Some(Op::Date(day)), Some(many)) => after(*day, &many, calendar).map_or(Op::After(of, count, calendar), Op::Date),
            _ => Op::After(of, count, calendar),
        }
    }

    fn statistic(&mut self, expr: &Expr, statistic: &Statistic, at: Level) -> NodeId {
        let (over, rows) = match &statistic.of {
            Over::List(list) if statistic.kind == StatisticKind::Count => {
                let list = self.list(list, at);
                return self.node(Op::CountThere(list), Kind::Number, at, expr.span);
            }
            Over::List(list) => (Whom::List(self.list(list, at)), at),
            Over::Members(of) => (Whom::Members(self.expr(of, Level::Member)), Level::Member),
            Over::Rows(beside, of) => (Whom::Rows(*beside, self.expr(of, Level::Row(*beside))), Level::Row(*beside)),
            Over::Cohort(of, scope) => (Whom::Cohort(self.expr(of, Level::Subject), *scope), Level::Subject),
        };
        let refused = statistic.filter.as_ref().map_or_else(|| "".into(), |filter| self.written(filter));
        let plan = StatisticPlan {
            kind: statistic.kind,
            weight: statistic.weight.as_ref().map(|weight| self.expr(weight, rows)),
            filter: statistic.filter.as_ref().map(|filter| self.expr(filter, rows)),
            parameter: statistic.parameter.as_ref().map(|parameter| self.expr(parameter, at)),
            over,
            refused,
        };
        let known = self.plan.statistics.iter_mut().position(|(known, _, asked)| {
            let same = *known == plan;
            if same {
                asked.push(expr.id);
            }
            same
        });
        let which = known.unwrap_or_else(|| {
            self.plan.statistics.push((plan, expr.span, vec![expr.id]));
            self.plan.statistics.len() - 1
        });
        let op = match statistic.of {
            Over::List(_) => Op::OfList(which),
            Over::Rows(..) => Op::OfRows(which),
            Over::Members(_) | Over::Cohort(..) => Op::Statistic(which),
        };
        self.node(op, Kind::Number, at, expr.span)
    }
}
