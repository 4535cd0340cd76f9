//! Rubrics (评价体系), their sections and verdicts.

use super::{Builder, Node, child, has, inner};
use crate::number::{Exact, Rounding};
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{InapplicablePolicy, Let, MissingPolicy, Path, Round, Rubric, RubricStmt, Source, Verdict, VerdictCondition};
use crate::text::{At, Name};

impl Builder<'_> {
    pub(super) fn rubric(&mut self, node: Node<'_>) -> Option<Rubric> {
        let head = self.head(&node)?;
        let extends = child(&node, Rule::extends).and_then(|extends| self.extends(extends));
        let extends = extends.or_else(|| self.extends_in(&child(&node, Rule::bad_head)?));
        Some(Rubric { head, extends, body: self.body(node, Self::rubric_stmt) })
    }

    pub(super) fn rubric_stmt(&mut self, node: Node<'_>) -> Option<RubricStmt> {
        let span = self.span(&node);
        Some(match node.as_rule() {
            Rule::version => RubricStmt::Version(self.version(&node)?),
            Rule::authority => RubricStmt::Authority(self.string(child(&node, Rule::string)?)?),
            Rule::in_force => {
                let open_start = !has(&node, Rule::date) || self.text.slice(span).find("..") < self.text.slice(span).find('-');
                let dates = inner(node, Rule::date).iter().map(|date| self.date(date)).collect::<Option<Vec<_>>>()?;
                let mut dates = dates.into_iter();
                let from = if open_start { None } else { dates.next() };
                RubricStmt::InForce { from, to: dates.next() }
            }
            Rule::rubric_subject => RubricStmt::Subject(self.names(node).collect()),
            Rule::reads => RubricStmt::Reads(self.source(node)?),
            Rule::over => RubricStmt::Over(self.source(node)?),
            Rule::also_reads => {
                let earlier = child(&node, Rule::digits).and_then(|digits| self.digits(&digits));
                RubricStmt::AlsoReads { source: self.source(node)?, earlier }
            }
            Rule::judges => RubricStmt::Judges(self.judges(node)?),
            Rule::total => {
                let number = child(&node, Rule::number)?;
                RubricStmt::Total(At::new(self.number(&number)?, self.span(&number)))
            }
            Rule::bonus_cap => {
                let number = child(&node, Rule::number)?;
                RubricStmt::BonusCap(At::new(self.number(&number)?, self.span(&number)))
            }
            Rule::round => RubricStmt::Round(self.round(node)?),
            Rule::compare => RubricStmt::CompareRounded(self.digits(&child(&node, Rule::digits)?)?),
            Rule::section => {
                let head = self.head(&node)?;
                let (points, weight) = (self.points(&node), self.weight(&node));
                RubricStmt::Section { head, points, weight, body: self.body(node, Self::rubric_stmt) }
            }
            Rule::indicator => RubricStmt::Indicator(self.indicator(node)?),
            Rule::each => {
                let name = self.name_in(&node)?;
                let over: Vec<_> = inner(node.clone(), Rule::path).into_iter().filter_map(|path| self.path(path)).collect();
                let end = over.last().map_or(name.span, |last| last.span);
                RubricStmt::Each { name, over, body: self.body(node, Self::rubric_stmt), span: span.to(end) }
            }
            Rule::let_stmt => RubricStmt::Let(self.let_stmt(&node)?),
            Rule::veto => RubricStmt::Veto {
                condition: self.expr(child(&node, Rule::expr)?)?,
                reason: self.string(child(&node, Rule::string)?)?,
                then: self.name_in(&node)?,
                span,
            },
            Rule::grade | Rule::conclusion => {
                let by_total = node.as_rule() == Rule::grade;
                RubricStmt::Verdicts { by_total, cases: self.body(node, Self::verdict), span }
            }
            Rule::missing => RubricStmt::Missing(self.missing(&node)),
            Rule::inapplicable => RubricStmt::Inapplicable(self.inapplicable(&node)),
            Rule::when_stmt => RubricStmt::When(self.expr(child(&node, Rule::expr)?)?),
            Rule::guard => RubricStmt::Guard(self.guard(node)?),
            _ => RubricStmt::Layer(self.layer_stmt(node)?),
        })
    }

    pub(super) fn source(&mut self, node: Node<'_>) -> Option<Source> {
        let path = self.source_path(child(&node, Rule::source_path)?)?;
        Some(Source { path, alias: self.name_in(&node)? })
    }

    /// A form, rubric or, behind a dot, the units that a form splits into.
    pub(super) fn source_path(&mut self, node: Node<'_>) -> Option<At<Path>> {
        let unit = child(&node, Rule::unit_name).and_then(|unit| self.name_in(&unit));
        let mut path = self.path(node)?;
        if let (Some(unit), Some(form)) = (unit, path.it.0.last_mut()) {
            *form = At::new(Name::from(format!("{}.{}", form.it, unit.it)), form.span.to(unit.span));
        }
        Some(path)
    }

    pub(super) fn points(&mut self, node: &Node<'_>) -> Option<At<Exact>> {
        let number = child(&child(node, Rule::points)?, Rule::number)?;
        Some(At::new(self.number(&number)?, self.span(&number)))
    }

    pub(super) fn let_stmt(&mut self, node: &Node<'_>) -> Option<Let> {
        Some(Let { name: self.name_in(node)?, value: self.expr(child(node, Rule::expr)?)? })
    }

    pub(super) fn round(&mut self, node: Node<'_>) -> Option<Round> {
        let span = self.span(&node);
        let mode = match child(&node, Rule::rounding)?.into_inner().next()?.as_rule() {
            Rule::kw_half_up => Rounding::HalfUp,
            Rule::kw_half_even => Rounding::HalfEven,
            Rule::kw_ceiling => Rounding::Ceiling,
            _ => Rounding::Floor,
        };
        let places = self.digits(&child(&node, Rule::digits)?)?.it;
        Some(Round { total: has(&node, Rule::kw_total), mode, places, span })
    }

    pub(super) fn missing(&mut self, node: &Node<'_>) -> At<MissingPolicy> {
        let zero = has(node, Rule::kw_zero);
        At::new(if zero { MissingPolicy::Zero } else { MissingPolicy::Unscored }, self.span(node))
    }

    pub(super) fn inapplicable(&mut self, node: &Node<'_>) -> At<InapplicablePolicy> {
        let policy = match () {
            () if has(node, Rule::kw_full) => InapplicablePolicy::Full,
            () if has(node, Rule::kw_zero) => InapplicablePolicy::Zero,
            () => InapplicablePolicy::Reweight,
        };
        At::new(policy, self.span(node))
    }

    pub(super) fn verdict(&mut self, node: Node<'_>) -> Option<Verdict> {
        let span = self.span(&node);
        let name = self.name_in(&node)?;
        let condition = match node.into_inner().last()? {
            total if total.as_rule() == Rule::verdict_total => VerdictCondition::Total {
                op: self.compare_op(child(&total, Rule::compare_op)?)?,
                bound: self.expr(child(&total, Rule::sum)?)?,
                and: match child(&total, Rule::expr) {
                    Some(and) => Some(self.expr(and)?),
                    None => None,
                },
            },
            by_veto if by_veto.as_rule() == Rule::kw_by_veto => VerdictCondition::ByVeto,
            expr if expr.as_rule() == Rule::expr => VerdictCondition::Expr(self.expr(expr)?),
            _ => VerdictCondition::Otherwise,
        };
        Some(Verdict { name, condition, span })
    }
}
