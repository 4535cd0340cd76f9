//! What tells one value of a rubric from another (值的名): two expressions with one key come to the same for every subject.

use super::Look;
use crate::model::{Aspect, Expr, Node, Over, Slot};
use std::fmt::Write;

/// How deep named values are looked through.
const DEEPEST: usize = 24;

impl<'r> Look<'r> {
    /// What an expression stands for: the value behind a name, and that of an indicator.
    pub(super) fn bare<'e>(&self, expr: &'e Expr) -> &'e Expr
    where
        'r: 'e,
    {
        let mut expr = expr;
        for _ in 0..DEEPEST {
            let behind = match &expr.node {
                Node::Slot(Slot::Let(at)) => self.rubric.lets.get(*at).map(|named| &named.value),
                Node::Slot(Slot::Indicator(at, Aspect::Value)) => self.rubric.indicators.get(*at).and_then(|it| it.value.as_ref()),
                _ => None,
            };
            match behind {
                Some(behind) => expr = behind,
                None => break,
            }
        }
        expr
    }

    pub(super) fn key(&self, expr: &Expr) -> String {
        let mut key = String::new();
        self.write(expr, &mut key, 0);
        key
    }

    fn write(&self, expr: &Expr, key: &mut String, depth: usize) {
        let expr = self.bare(expr);
        // Places and numbers of expressions are left out; whatever else makes a difference is not.
        let written = match &expr.node {
            Node::Compare(op, ..) => write!(key, "{}", op.symbol()),
            Node::Scale(_, factor) => write!(key, "scale {factor}"),
            Node::Call(function, _) => write!(key, "{function:?}"),
            // Two forms may compute something under one name: what counts is what of whose.
            Node::Computed(_, inner) if depth < DEEPEST => return self.write(inner, key, depth + 1),
            Node::Statistic(statistic) => {
                let over = match &statistic.of {
                    Over::Members(_) => "members".to_owned(),
                    Over::Rows(beside, _) => format!("beside {beside}"),
                    Over::Cohort(_, scope) => format!("{scope:?}"),
                    Over::List(list) => format!("list {}", list.len()),
                };
                let has = (statistic.weight.is_some(), statistic.filter.is_some(), statistic.parameter.is_some());
                write!(key, "{:?} {over} {has:?}", statistic.kind)
            }
            Node::Choose(cases, _) => write!(key, "choose {}", cases.len()),
            node if expr.children().is_empty() => write!(key, "{node:+?}"),
            Node::Add(..) => write!(key, "+"),
            Node::Sub(..) => write!(key, "-"),
            Node::Mul(..) => write!(key, "*"),
            Node::Div(..) => write!(key, "/"),
            Node::Negate(_) => write!(key, "neg"),
            Node::In(..) => write!(key, "in"),
            Node::All(_) => write!(key, "all"),
            Node::Any(_) => write!(key, "any"),
            Node::Every(_) => write!(key, "every"),
            Node::AnyOf(_) => write!(key, "any of"),
            Node::Count(_) => write!(key, "count"),
            Node::Not(_) => write!(key, "not"),
            Node::Computed(..) => write!(key, "computed"),
            Node::Default(..) => write!(key, "default"),
            Node::Filled(_) => write!(key, "filled"),
            // None of the others has anything inside.
            node => write!(key, "{node:+?}"),
        };
        if written.is_err() || expr.children().is_empty() {
            return;
        }
        key.push('(');
        for inner in expr.children() {
            if depth < DEEPEST {
                self.write(inner, key, depth + 1);
            } else {
                // Too deep to tell from another: like nothing else.
                let _ = write!(key, "{:?}", inner.id);
            }
            key.push(',');
        }
        key.push(')');
    }
}
