//! Assessors (评定主体).

use super::{Builder, Node, child, has};
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{Absent, Judge, Judges, Taking};
use crate::text::At;

impl Builder<'_> {
    pub(super) fn judges(&mut self, node: Node<'_>) -> Option<Judges> {
        let span = self.span(&node);
        let source = self.source(node.clone())?;
        let mut names = self.names(node.clone()).skip(1);
        let (item, role) = (names.next()?, names.next()?);
        drop(names);
        let mut tolerance = Vec::new();
        let mut roles = Vec::new();
        self.body(node, |this, stmt| {
            match stmt.as_rule() {
                Rule::tolerance => tolerance.push(this.marks(&stmt)?),
                _ => roles.push(this.judge(stmt)?),
            }
            Some(())
        });
        Some(Judges { source, item, role, roles, tolerance, span })
    }

    fn judge(&mut self, node: Node<'_>) -> Option<Judge> {
        let span = self.span(&node);
        let role = self.option(child(&node, Rule::option)?)?;
        let weight = self.percent(&child(&node, Rule::percent)?)?;
        let taking = match child(&node, Rule::taking) {
            None => At::new(Taking::Mean, role.span),
            Some(taking) => {
                let way = match () {
                    () if has(&taking, Rule::kw_take_median) => Taking::Median,
                    () if has(&taking, Rule::kw_take_lowest) => Taking::Lowest,
                    () if has(&taking, Rule::kw_take_latest) => Taking::Latest(self.name_in(&taking)?),
                    () if has(&taking, Rule::kw_drop_ends) => Taking::DropEnds(self.digits(&child(&taking, Rule::digits)?)?),
                    () => Taking::Mean,
                };
                At::new(way, self.span(&taking))
            }
        };
        let at_least = child(&node, Rule::at_least).and_then(|few| self.digits(&child(&few, Rule::digits)?));
        let absent = match child(&node, Rule::absent) {
            None => Absent::Unscored,
            Some(absent) => match child(&absent, Rule::option) {
                Some(other) => Absent::Role(self.option(other)?),
                None => Absent::Shared,
            },
        };
        Some(Judge { role, weight, taking, at_least, absent, span })
    }
}
