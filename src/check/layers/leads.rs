//! Which way a condition leads (条件的方向): whether good results make it hold, or bad ones, the rubric's own or another's.

use super::implies::comparison;
use crate::model::{Aspect, Expr, Node, Over, Rubric, Rules, Slot, Source, Statistic, StatisticKind, Verdicts};
use crate::syntax::tree::CompareOp;
use crate::text::Name;
use std::collections::BTreeMap;

/// Whether good results make a condition hold, or bad ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Good ones.
    Up,
    /// Bad ones.
    Down,
    /// It does not speak of results.
    Neither,
    /// Good ones and bad ones.
    Both,
}

impl Leads {
    fn turned(self) -> Leads {
        match self {
            Leads::Up => Leads::Down,
            Leads::Down => Leads::Up,
            same => same,
        }
    }

    fn and(self, other: Leads) -> Leads {
        match (self, other) {
            (Leads::Neither, it) | (it, Leads::Neither) => it,
            (one, other) if one == other => one,
            _ => Leads::Both,
        }
    }

    /// Of something that may go either way with it.
    fn mixed(self) -> Leads {
        if self == Leads::Neither { Leads::Neither } else { Leads::Both }
    }
}

/// Where a condition, or a number, of a rubric leads.
pub fn leads(rules: &Rules, rubric: &Rubric, expr: &Expr) -> Leads {
    Leading { rules, rubric, lets: BTreeMap::new(), asked: &[] }.of(expr)
}

/// How good each verdict of a list is, the greater the better; `None` for one by facts, such as 不参评.
///
/// A list need not begin with the best: what good results lead to is better the earlier it stands, what bad results lead to is worse the
/// earlier it stands, and what is left to the others lies between.
pub fn ranks(rules: &Rules, rubric: &Rubric, verdicts: &Verdicts) -> Vec<Option<i64>> {
    Leading { rules, rubric, lets: BTreeMap::new(), asked: &[] }.ranks(verdicts)
}

/// The grade or conclusion of a rubric.
type Asked<'r> = (&'r Name, Slot);

struct Leading<'r, 'a> {
    rules: &'r Rules,
    rubric: &'r Rubric,
    /// Named values may name each other many times over: each is looked into once.
    lets: BTreeMap<usize, Leads>,
    /// The verdicts that are being looked into, so that nothing goes round in a circle.
    asked: &'a [Asked<'r>],
}

impl<'r> Leading<'r, '_> {
    fn all<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>) -> Leads {
        list.into_iter().map(|inner| self.of(inner)).fold(Leads::Neither, Leads::and)
    }

    fn ranks(&mut self, verdicts: &Verdicts) -> Vec<Option<i64>> {
        let count = i64::try_from(verdicts.cases.len()).unwrap_or(i64::MAX);
        let rank = |(at, condition): (i64, Option<&Expr>)| match condition.map(|condition| self.of(condition)) {
            None => Some(0),
            Some(Leads::Up) => Some(count - at),
            Some(Leads::Down) => Some(at - count),
            Some(Leads::Neither | Leads::Both) => None,
        };
        (0..).zip(verdicts.cases.iter().map(|case| case.condition.as_ref())).map(rank).collect()
    }

    /// The rubric whose result something is, and which.
    fn result(&self, node: &Node) -> Option<(&'r Rubric, Slot)> {
        let other = |source: Source, slot: Slot| match source {
            Source::Rubric(at) => Some((self.rules.rubrics.get(at)?, slot)),
            Source::Form(_) => None,
        };
        match node {
            Node::Slot(slot) => Some((self.rubric, *slot)),
            Node::MemberSlot(slot) => other(self.rubric.source, *slot),
            Node::BesideSlot(beside, slot) => other(self.rubric.beside.get(usize::from(*beside))?.of, *slot),
            _ => None,
        }
    }

    fn of(&mut self, expr: &Expr) -> Leads {
        if let Some((of, slot)) = self.result(&expr.node) {
            return match slot {
                Slot::Indicator(_, Aspect::Met | Aspect::Attained | Aspect::Score)
                | Slot::Total
                | Slot::SectionScore(_)
                | Slot::SectionShare(_) => Leads::Up,
                Slot::Let(at) if std::ptr::eq(of, self.rubric) => self.named(at),
                _ => Leads::Neither,
            };
        }
        match &expr.node {
            Node::Not(inner) | Node::Negate(inner) => self.of(inner).turned(),
            Node::Compare(op, left, right) => {
                if let Some(said) =
                    self.verdicts(left, std::slice::from_ref(&**right)).or_else(|| self.verdicts(right, std::slice::from_ref(&**left)))
                {
                    return if *op == CompareOp::Ne { said.turned() } else { said };
                }
                let Some((op, value, bound)) = comparison(expr) else { return Leads::Neither };
                let value = self.of(value).and(self.of(bound).turned());
                match op {
                    CompareOp::Ge | CompareOp::Gt => value,
                    CompareOp::Le | CompareOp::Lt => value.turned(),
                    _ => value.mixed(),
                }
            }
            Node::In(value, words) => match self.verdicts(value, words) {
                Some(said) => said,
                None => self.all(expr.children()).mixed(),
            },
            Node::All(_) | Node::Any(_) | Node::Every(_) | Node::AnyOf(_) | Node::Count(_) | Node::Add(..) | Node::Scale(..) => {
                self.all(expr.children())
            }
            Node::Statistic(statistic) => self.statistic(statistic),
            _ => self.all(expr.children()).mixed(),
        }
    }

    fn named(&mut self, at: usize) -> Leads {
        let rubric = self.rubric;
        if let Some(known) = self.lets.get(&at) {
            return *known;
        }
        let found = rubric.lets.get(at).map_or(Leads::Neither, |named| self.of(&named.value));
        self.lets.insert(at, found);
        found
    }

    /// What rises wherever one of what it is taken of does.
    fn statistic(&mut self, statistic: &Statistic) -> Leads {
        use StatisticKind::{Count, Max, Mean, Median, Min, PassRate, Quantile, Share, Sum, TrimmedMean};
        let of = match &statistic.of {
            Over::Members(of) | Over::Rows(_, of) | Over::Cohort(of, _) => self.of(of),
            Over::List(list) => self.all(list),
        };
        let rest = self.all(statistic.weight.iter().chain(&statistic.filter).chain(&statistic.parameter));
        let rises = matches!(statistic.kind, Sum | Mean | Median | TrimmedMean | Min | Max | Count | Share | Quantile | PassRate);
        if rises && rest == Leads::Neither { of } else { of.and(rest).mixed() }
    }

    /// Where it leads that a verdict is one of some: up if they are good ones, down if they are bad ones.
    fn verdicts(&mut self, value: &Expr, words: &[Expr]) -> Option<Leads> {
        let (of, slot @ (Slot::Grade | Slot::Conclusion)) = self.result(&value.node)? else { return None };
        let list = if slot == Slot::Grade { of.grade.as_ref() } else { of.conclusion.as_ref() }?;
        if self.asked.contains(&(&of.name.it, slot)) {
            return Some(Leads::Neither);
        }
        let asked: Vec<Asked<'_>> = self.asked.iter().copied().chain([(&of.name.it, slot)]).collect();
        let ranks = Leading { rules: self.rules, rubric: of, lets: BTreeMap::new(), asked: &asked }.ranks(list);
        let mut all = Leads::Neither;
        for word in words {
            let Node::Word(word) = &word.node else { return None };
            all = all.and(of_verdict(of, list, &ranks, word));
        }
        Some(all)
    }
}

/// Where it leads that a verdict is drawn.
fn of_verdict(rubric: &Rubric, list: &Verdicts, ranks: &[Option<i64>], name: &Name) -> Leads {
    let place = list.cases.iter().position(|case| case.name.it == *name);
    let Some(rank) = place.and_then(|at| ranks.get(at).copied().flatten()) else {
        // One that only a veto forces is worse than all.
        return if rubric.vetoes.iter().any(|veto| veto.then == *name) { Leads::Down } else { Leads::Neither };
    };
    let than = |test: fn(i64, i64) -> bool| ranks.iter().flatten().any(|other| test(*other, rank));
    match (rank.signum(), than(|other, rank| other > rank), than(|other, rank| other < rank)) {
        (1, ..) | (0, false, true) => Leads::Up,
        (-1, ..) | (0, true, false) => Leads::Down,
        (_, false, false) => Leads::Neither,
        _ => Leads::Both,
    }
}
