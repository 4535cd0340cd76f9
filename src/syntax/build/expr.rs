//! Expressions (表达式).

use super::{Builder, Node, child, has, inner};
use crate::number::Exact;
use crate::syntax::grammar::Rule;
use crate::syntax::mend;
use crate::syntax::tree::{Arg, BinaryOp, CompareOp, Expr, ExprKind, Marks, Path, Quantity, Scope};
use crate::text::{At, Span};

/// How many operators of one kind may stand in a row.
const LONGEST_CHAIN: usize = 200;

impl Builder<'_> {
    /// An expression, from whichever of its rules the grammar gives.
    pub(super) fn expr(&mut self, node: Node<'_>) -> Option<Expr> {
        let span = self.span(&node);
        match node.as_rule() {
            Rule::expr => self.expr(node.into_inner().next()?),
            // What stands in brackets is shown with them.
            Rule::paren => self.expr(node.into_inner().next()?).map(|inner| Expr { span, ..inner }),
            Rule::any_of => self.chain(node, |_| BinaryOp::Or),
            Rule::all_of => self.chain(node, |_| BinaryOp::And),
            Rule::sum => self.chain(node, |op| if op == "+" { BinaryOp::Add } else { BinaryOp::Sub }),
            Rule::term => self.chain(node, |op| if op == "*" { BinaryOp::Mul } else { BinaryOp::Div }),
            Rule::not_this => self.prefixed(node, Rule::kw_not, ExprKind::Not),
            Rule::factor => self.prefixed(node, Rule::minus, ExprKind::Negate),
            Rule::comparison => self.comparison(node, span),
            Rule::converted => {
                let unit = child(&node, Rule::unit_expr).and_then(|unit| self.unit(unit));
                let what = self.expr(node.into_inner().next()?)?;
                Some(match unit {
                    Some(unit) => Expr { kind: ExprKind::Convert { what: Box::new(what), unit }, span },
                    None => what,
                })
            }
            Rule::choose => self.choose(node, span),
            Rule::every_section => {
                let op = child(&node, Rule::compare_op).and_then(|op| self.compare_op(op))?;
                let bound = child(&node, Rule::quantity).and_then(|bound| self.quantity(bound))?;
                Some(Expr { kind: ExprKind::EverySection { op, bound }, span })
            }
            Rule::yes | Rule::no => {
                let flag = node.as_rule() == Rule::yes;
                Some(Expr { kind: ExprKind::Flag(flag, self.text.slice(span).into()), span })
            }
            Rule::quantity => {
                let quantity = self.quantity(node)?;
                let kind = quantity.date.map_or(ExprKind::Quantity(quantity), ExprKind::Date);
                Some(Expr { kind, span })
            }
            Rule::string => self.string(node).map(|text| Expr { kind: ExprKind::Text(text.it), span }),
            Rule::path => self.path(node).map(|path| Expr { kind: ExprKind::Path(path.it), span }),
            Rule::code_range => {
                let mut names = inner(node, Rule::name).into_iter().map(|name| self.name(&name));
                let (from, to) = (names.next()?, names.next()?);
                Some(Expr { kind: ExprKind::CodeRange(from, to), span })
            }
            Rule::call => self.call(node, span),
            _ => None,
        }
    }

    /// `a + b + c`, from the left.
    fn chain(&mut self, node: Node<'_>, op_of: impl Fn(&str) -> BinaryOp) -> Option<Expr> {
        let whole = self.span(&node);
        let mut parts = node.into_inner();
        let mut left = self.expr(parts.next()?)?;
        let mut length = 0;
        while let Some(op) = parts.next() {
            let right = self.expr(parts.next()?)?;
            length += 1;
            // The rest would nest deeper than a reader, or a stack, can follow.
            if length > LONGEST_CHAIN {
                self.found.push(mend::too_long(whole));
                break;
            }
            let span = left.span.to(right.span);
            let op = At::new(op_of(op.as_str()), self.span(&op));
            left = Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, span };
        }
        Some(left)
    }

    fn prefixed(&mut self, node: Node<'_>, prefix: Rule, wrap: fn(Box<Expr>) -> ExprKind) -> Option<Expr> {
        let whole = self.span(&node);
        let mut prefixes = Vec::new();
        let mut operand = None;
        for part in node.into_inner() {
            match part.as_rule() {
                rule if rule == prefix => prefixes.push(self.span(&part)),
                _ => operand = Some(self.expr(part)?),
            }
        }
        if prefixes.len() > LONGEST_CHAIN {
            self.found.push(mend::too_long(whole));
            prefixes.truncate(1);
        }
        let mut expr = operand?;
        for start in prefixes.into_iter().rev() {
            let span = start.to(expr.span);
            expr = Expr { kind: wrap(Box::new(expr)), span };
        }
        Some(expr)
    }

    fn comparison(&mut self, node: Node<'_>, span: Span) -> Option<Expr> {
        let mut parts = node.into_inner();
        let left = self.expr(parts.next()?)?;
        let Some(op) = parts.next() else { return Some(left) };
        let operand = parts.next()?;
        let kind = match op.as_rule() {
            Rule::compare_op => {
                let op = self.compare_op(op)?;
                let op = At::new(BinaryOp::Compare(op.it), op.span);
                ExprKind::Binary { op, left: Box::new(left), right: Box::new(self.expr(operand)?) }
            }
            Rule::kw_has => ExprKind::Has { what: Box::new(left), option: self.option(operand)? },
            _ => ExprKind::In { what: Box::new(left), list: self.list(operand)? },
        };
        Some(Expr { kind, span })
    }

    fn list(&mut self, node: Node<'_>) -> Option<Vec<Expr>> {
        inner(node, Rule::expr).into_iter().map(|part| self.expr(part)).collect()
    }

    fn choose(&mut self, node: Node<'_>, span: Span) -> Option<Expr> {
        let branches: Vec<_> = node.into_inner().filter(|part| part.as_rule() == Rule::any_of).collect();
        let mut branches = branches.into_iter().map(|branch| self.expr(branch)).collect::<Option<Vec<_>>>()?.into_iter();
        let mut cases = Vec::new();
        loop {
            let first = branches.next()?;
            match branches.next() {
                Some(then) => cases.push((first, then)),
                None => return Some(Expr { kind: ExprKind::Choose { cases, otherwise: Box::new(first) }, span }),
            }
        }
    }

    fn call(&mut self, node: Node<'_>, span: Span) -> Option<Expr> {
        let name = self.name_in(&node)?;
        let mut args = Vec::new();
        let mut filter = None;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::where_clause => filter = Some(Box::new(self.expr(child(&part, Rule::expr)?)?)),
                Rule::arg => {
                    for piece in part.into_inner() {
                        args.push(match piece.as_rule() {
                            Rule::weight_arg => Arg::Weight(self.expr(child(&piece, Rule::expr)?)?),
                            Rule::scope => {
                                let scope = if has(&piece, Rule::kw_all) { Scope::All } else { Scope::Group };
                                Arg::Scope(At::new(scope, self.span(&piece)))
                            }
                            _ => Arg::Value(self.expr(piece)?),
                        });
                    }
                }
                _ => {}
            }
        }
        Some(Expr { kind: ExprKind::Call { name, args, filter }, span })
    }

    pub(super) fn path(&mut self, node: Node<'_>) -> Option<At<Path>> {
        let span = self.span(&node);
        let names = inner(node, Rule::name).into_iter().map(|name| self.name(&name)).collect();
        Some(At::new(Path(names), span))
    }

    pub(super) fn compare_op(&mut self, node: Node<'_>) -> Option<At<CompareOp>> {
        let span = self.span(&node);
        let op = match node.as_str() {
            ">=" => CompareOp::Ge,
            ">" => CompareOp::Gt,
            "<=" => CompareOp::Le,
            "<" => CompareOp::Lt,
            "==" => CompareOp::Eq,
            "!=" => CompareOp::Ne,
            // Words and misspelt operators read as what they most likely mean, so that nothing else is told of them.
            _ => {
                let (slip, likely) = mend::operator_slip(span, self.text.slice(span));
                self.found.push(slip);
                likely
            }
        };
        Some(At::new(op, span))
    }

    pub(super) fn quantity_at(&mut self, node: Node<'_>) -> Option<At<Quantity>> {
        let span = self.span(&node);
        self.quantity(node).map(|quantity| At::new(quantity, span))
    }

    pub(super) fn quantity(&mut self, node: Node<'_>) -> Option<Quantity> {
        let negative = has(&node, Rule::minus);
        let mut quantity = Quantity { number: Exact::ZERO, percent: false, unit: None, date: None };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::date => quantity.date = Some(self.date(&part)?.it),
                Rule::number => quantity.number = self.number(&part)?,
                Rule::percent | Rule::permille => {
                    let hundred = if part.as_rule() == Rule::percent { 100 } else { 1000 };
                    let number = child(&part, Rule::number).and_then(|number| self.number(&number))?;
                    quantity.number = number * Exact::from_ratio(1, hundred)?;
                    quantity.percent = true;
                }
                Rule::unit_expr => quantity.unit = self.unit(part),
                _ => {}
            }
        }
        if negative {
            quantity.number = -quantity.number;
        }
        Some(quantity)
    }

    pub(super) fn marks(&mut self, node: &Node<'_>) -> Option<At<Marks>> {
        let node = child(node, Rule::marks)?;
        let span = self.span(&node);
        let marks = match child(&node, Rule::percent) {
            Some(percent) => {
                let number = child(&percent, Rule::number).and_then(|number| self.number(&number))?;
                Marks::Share(number * Exact::from_ratio(1, 100)?)
            }
            None => Marks::Points(self.number(&child(&node, Rule::number)?)?),
        };
        Some(At::new(marks, span))
    }
}
