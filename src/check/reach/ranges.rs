//! What numbers can come to (取值范围): from the ranges of fields through arithmetic, scores and totals.
//!
//! What a range leaves out cannot be; what it holds may or may not be.

use super::Look;
use super::conditions::{Facts, Set};
use crate::check::interval::{self, ALL, Stretch, around, between, from_zero, meet, point};
use crate::model::{
    Aspect, CaseItem, Expr, Field, FieldIx, FieldType, Function, Indicator, Node, Over, Range as Written, Slot, Source, Statistic,
    StatisticKind, Type, Way,
};
use crate::number::{Exact, Rounding};
use crate::syntax::tree::{InapplicablePolicy, MissingPolicy, Part};
use chrono::{Datelike, NaiveDate};
use std::ops::Bound;

/// What a number can come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Range {
    pub stretch: Stretch,
    /// Whether it is always a whole number; a day counts as one.
    pub whole: bool,
}

impl Range {
    pub(super) fn any() -> Range {
        Range { stretch: ALL, whole: false }
    }

    pub(super) fn new(stretch: Stretch, whole: bool) -> Range {
        Range { stretch, whole }
    }

    fn around(&self, other: &Range) -> Range {
        Range::new(around(&self.stretch, &other.stretch), self.whole && other.whole)
    }
}

/// A day as a number.
pub(super) fn day(day: NaiveDate) -> Exact {
    Exact::from(i64::from(day.num_days_from_ce()))
}

impl Look<'_> {
    /// What a number or a day can come to where some facts hold. A parameter is there to be changed: nothing is known of it.
    pub(super) fn range(&self, expr: &Expr, facts: &Facts) -> Range {
        let expr = self.bare(expr);
        let of = |inner: &Expr| self.range(inner, facts);
        let known = || if facts.is_empty() { None } else { facts.get(&self.key(expr)) };
        match &expr.node {
            Node::Number(number) => Range::new(point(number), number.is_integer()),
            Node::Date(date) => Range::new(point(&day(*date)), true),
            Node::EvaluationDate => Range::new(ALL, true),
            Node::Field(_) | Node::MemberField(_) | Node::Slot(_) | Node::MemberSlot(_) | Node::Computed(..)
                if matches!(known(), Some(Set::Number(..))) =>
            {
                match known() {
                    Some(Set::Number(stretches, whole)) => {
                        let hull = stretches.iter().cloned().reduce(|a, b| around(&a, &b)).unwrap_or(ALL);
                        Range::new(hull, *whole)
                    }
                    _ => Range::any(),
                }
            }
            Node::Field(at) | Node::MemberField(at) => self.field(*at),
            Node::Computed(_, inner) => of(inner),
            Node::Slot(slot) => self.slot(*slot),
            Node::MemberSlot(slot) => self.below().map_or_else(Range::any, |below| below.slot(*slot)),
            Node::Add(a, b) => {
                let (a, b) = (of(a), of(b));
                Range::new(interval::plus(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            Node::Sub(a, b) => {
                let (a, b) = (of(a), of(b));
                Range::new(interval::minus(&a.stretch, &b.stretch), a.whole && b.whole)
            }
            Node::Mul(a, b) => {
                let square = self.key(a) == self.key(b);
                let (a, b) = (of(a), of(b));
                let product = interval::times(&a.stretch, &b.stretch);
                let product = if square { meet(&product, &from_zero()) } else { product };
                Range::new(product, a.whole && b.whole)
            }
            Node::Div(a, b) => Range::new(interval::quotient(&of(a).stretch, &of(b).stretch), false),
            Node::Negate(a) => {
                let a = of(a);
                Range::new(interval::negative(&a.stretch), a.whole)
            }
            Node::Scale(a, factor) => {
                let a = of(a);
                Range::new(interval::scaled(&a.stretch, factor), a.whole && factor.is_integer())
            }
            Node::Default(a, b) => of(a).around(&of(b)),
            Node::Choose(cases, otherwise) => cases.iter().map(|(_, then)| of(then)).fold(of(otherwise), |all, one| all.around(&one)),
            Node::Count(list) => {
                let most = i64::try_from(list.len()).unwrap_or(i64::MAX);
                Range::new(between(Exact::ZERO, Exact::from(most)), true)
            }
            Node::Call(function, arguments) => self.call(*function, arguments, facts),
            Node::Statistic(statistic) => self.statistic(statistic, facts),
            _ => Range::any(),
        }
    }

    /// What a field may be filled in with.
    fn field(&self, at: FieldIx) -> Range {
        self.form.and_then(|form| form.fields.get(at.0)).map_or_else(Range::any, field_range)
    }

    fn call(&self, function: Function, arguments: &[Expr], facts: &Facts) -> Range {
        let first = arguments.first().map_or_else(Range::any, |first| self.range(first, facts));
        let places = match arguments.get(1).map(|places| &places.node) {
            None => Some(0),
            Some(Node::Number(places)) => places.to_i64().and_then(|places| u32::try_from(places).ok()),
            Some(_) => None,
        };
        let rounded = |mode: Rounding| match places {
            Some(places) => Range::new(interval::rounded(&first.stretch, mode, places), first.whole || places == 0),
            None => Range::any(),
        };
        match function {
            Function::Abs => {
                let away = interval::greater(&first.stretch, &interval::negative(&first.stretch));
                Range::new(meet(&away, &from_zero()), first.whole)
            }
            Function::Floor => rounded(Rounding::Floor),
            Function::Ceil => rounded(Rounding::Ceiling),
            Function::Round => rounded(Rounding::HalfUp),
            Function::Days => {
                let second = arguments.get(1).map_or_else(Range::any, |second| self.range(second, facts));
                Range::new(interval::minus(&second.stretch, &first.stretch), true)
            }
            Function::Year | Function::YearsAfter | Function::MonthsAfter | Function::DaysAfter => Range::new(ALL, true),
        }
    }

    fn statistic(&self, statistic: &Statistic, facts: &Facts) -> Range {
        use StatisticKind as S;
        let plain = statistic.weight.is_none();
        let unit = || Range::new(between(Exact::ZERO, Exact::ONE), false);
        // What is known of the subject is not known of the others.
        let none = Facts::new();
        let each = || match &statistic.of {
            Over::Members(of) | Over::Rows(_, of) | Over::Cohort(of, _) => vec![self.range(of, &none)],
            Over::List(list) => list.iter().map(|of| self.range(of, facts)).collect(),
        };
        let hull = || each().into_iter().reduce(|a, b| a.around(&b)).unwrap_or_else(Range::any);
        match (statistic.kind, &statistic.of) {
            (S::Count, _) if plain => Range::new(from_zero(), true),
            (S::Rank | S::RankAscending, _) => Range::new((Bound::Included(Exact::ONE), Bound::Unbounded), true),
            (S::Share | S::PassRate | S::PercentileRank, _) if plain => unit(),
            (S::Min, Over::List(_)) if plain => {
                let all = each();
                let whole = all.iter().all(|range| range.whole);
                Range::new(all.into_iter().map(|range| range.stretch).reduce(|a, b| interval::lesser(&a, &b)).unwrap_or(ALL), whole)
            }
            (S::Max, Over::List(_)) if plain => {
                let all = each();
                let whole = all.iter().all(|range| range.whole);
                Range::new(all.into_iter().map(|range| range.stretch).reduce(|a, b| interval::greater(&a, &b)).unwrap_or(ALL), whole)
            }
            (S::Sum, Over::List(_)) if plain => {
                let all = each();
                let whole = all.iter().all(|range| range.whole);
                Range::new(all.iter().fold(point(&Exact::ZERO), |sum, one| interval::plus(&sum, &one.stretch)), whole)
            }
            (S::Sum, _) if plain && !matches!(hull().stretch.0, Bound::Unbounded) => {
                let each = hull();
                let above = interval::end(&each.stretch.0).is_some_and(|least| !least.is_negative());
                Range::new(if above { from_zero() } else { ALL }, each.whole)
            }
            (S::Min | S::Max, _) if plain => hull(),
            (S::Mean | S::Median | S::Quantile | S::TrimmedMean, _) if plain => Range::new(hull().stretch, false),
            _ => Range::any(),
        }
    }

    /// What a result of the rubric can come to.
    pub(super) fn slot(&self, slot: Slot) -> Range {
        if let Some(known) = self.ranges.borrow().get(&slot) {
            return known.clone();
        }
        // What goes round in a circle is told elsewhere.
        self.ranges.borrow_mut().insert(slot, Range::any());
        let range = match slot {
            Slot::Indicator(at, aspect) => self.rubric.indicators.get(at).map_or_else(Range::any, |it| self.of_indicator(it, aspect)),
            Slot::SectionScore(at) => Range::new(self.sum(Some(at)), false),
            Slot::SectionShare(at) => match self.rubric.sections.get(at).filter(|section| section.points.is_positive()) {
                Some(section) => Range::new(interval::quotient(&self.sum(Some(at)), &point(&section.points)), false),
                None => Range::any(),
            },
            Slot::Total => Range::new(self.total(), false),
            Slot::Let(at) => self.rubric.lets.get(at).map_or_else(Range::any, |named| self.range(&named.value, &Facts::new())),
            Slot::Grade | Slot::Conclusion => Range::any(),
        };
        self.ranges.borrow_mut().insert(slot, range.clone());
        range
    }

    fn of_indicator(&self, indicator: &Indicator, aspect: Aspect) -> Range {
        let none = Facts::new();
        let bounds = || indicator.target_cases().map(|case| self.range(&case.bound, &none)).reduce(|a, b| a.around(&b));
        let value = || indicator.value.as_ref().map(|value| self.range(value, &none));
        match aspect {
            Aspect::Value => value().unwrap_or_else(Range::any),
            Aspect::Target => bounds().unwrap_or_else(Range::any),
            Aspect::Attained => {
                let least = |range: Option<Range>| range.and_then(|range| interval::end(&range.stretch.0).cloned());
                let above = |range: Option<Range>| least(range).is_some_and(|least| !least.is_negative());
                let number = indicator.value.as_ref().is_some_and(|value| matches!(value.ty, Type::Number(_)));
                match (number, above(value()) && above(bounds())) {
                    (false, _) => Range::new(between(Exact::ZERO, Exact::ONE), true),
                    (true, true) => Range::new(from_zero(), false),
                    (true, false) => Range::any(),
                }
            }
            Aspect::Met => Range::any(),
            Aspect::Score => Range::new(self.score(indicator), false),
        }
    }

    /// The score of an indicator, as it is published.
    fn score(&self, indicator: &Indicator) -> Stretch {
        let (Some(points), Some(way)) = (&indicator.points, &indicator.way) else { return ALL };
        let full = &points.it;
        let all = between(Exact::ZERO, full.clone());
        let mut score = meet(&self.earned(&way.it, full), &all);
        // A way that never fits gives no score at all.
        if interval::empty(&score) {
            score = all.clone();
        }
        for adjust in &indicator.adjust {
            score = around(&score, &interval::scaled(&score, &adjust.factor));
        }
        if indicator.missing == MissingPolicy::Zero || indicator.inapplicable == InapplicablePolicy::Zero {
            score = around(&score, &point(&Exact::ZERO));
        }
        if indicator.inapplicable == InapplicablePolicy::Full {
            score = around(&score, &point(full));
        }
        match indicator.round {
            Some(round) => interval::rounded(&score, round.mode, round.places),
            None => score,
        }
    }

    /// What a way of scoring gives before it is held against full marks.
    pub(super) fn earned(&self, way: &Way, full: &Exact) -> Stretch {
        let hull = |points: &mut dyn Iterator<Item = &Exact>| points.map(point).reduce(|a, b| around(&a, &b)).unwrap_or(ALL);
        let one_of = |items: &[CaseItem]| {
            let each = items.iter().map(|item| self.item(item));
            each.fold(point(&Exact::ZERO), |most, one| interval::greater(&most, &one))
        };
        let sum = |lines: &[crate::model::CaseLine]| {
            lines.iter().map(|line| one_of(line.items())).fold(point(&Exact::ZERO), |sum, one| interval::plus(&sum, &one))
        };
        match way {
            Way::AllOrNone | Way::Proportional { .. } | Way::FullMinus { .. } | Way::Judged(_) | Way::Script(_) => {
                between(Exact::ZERO, full.clone())
            }
            Way::Bands { bands, .. } => hull(&mut bands.iter().map(|band| &band.points)),
            Way::Linear(knots) => hull(&mut knots.iter().map(|knot| &knot.points)),
            Way::Levels(levels) => hull(&mut levels.iter().map(|level| &level.points)),
            Way::First(cases, otherwise) => hull(&mut cases.iter().map(|case| &case.points).chain([otherwise])),
            Way::Deduct(lines) => {
                let left = interval::minus(&point(full), &sum(lines));
                meet(&interval::greater(&left, &point(&Exact::ZERO)), &between(Exact::ZERO, full.clone()))
            }
            Way::Checklist(lines) => interval::lesser(&interval::greater(&sum(lines), &point(&Exact::ZERO)), &point(full)),
            Way::Formula(formula) => self.range(formula, &Facts::new()).stretch,
        }
    }

    /// What one line gives or takes off.
    fn item(&self, item: &CaseItem) -> Stretch {
        if item.each {
            // What was not asked counts nothing.
            let counted = interval::scaled(&self.range(&item.what, &Facts::new()).stretch, &item.points);
            return around(&point(&Exact::ZERO), &counted);
        }
        around(&point(&Exact::ZERO), &point(&item.points))
    }

    /// The sum of what lies in a section, or of the rubric.
    fn sum(&self, section: Option<usize>) -> Stretch {
        let inner = self.rubric.sections.iter().enumerate().filter(|(_, inner)| inner.parent == section);
        let full = match section {
            Some(at) => self.rubric.sections.get(at).map(|section| section.points.clone()),
            None => self.rubric.total.as_ref().map(|total| total.it.clone()),
        };
        // What does not apply is left out and the rest scaled up to full marks.
        if let Some(full) = full.filter(|_| self.may_be_left_out(section)) {
            return between(Exact::ZERO, full);
        }
        let mut sum = point(&Exact::ZERO);
        for (at, indicator) in self.rubric.indicators.iter().enumerate() {
            if indicator.section == section && indicator.part == Part::Base && indicator.points.is_some() {
                let score = self.slot(Slot::Indicator(at, Aspect::Score)).stretch;
                sum = interval::plus(&sum, &interval::scaled(&score, &indicator.weight));
            }
        }
        for (at, inner) in inner {
            let score = self.slot(Slot::SectionScore(at)).stretch;
            sum = interval::plus(&sum, &interval::scaled(&score, &inner.weight));
        }
        sum
    }

    /// Whether something in a section may not apply. A field that is not asked makes its indicator inapplicable too.
    fn may_be_left_out(&self, section: Option<usize>) -> bool {
        let inside = |mut of: Option<usize>| {
            for _ in 0..=self.rubric.sections.len() {
                if of == section {
                    return true;
                }
                match of.and_then(|at| self.rubric.sections.get(at)) {
                    Some(outer) => of = outer.parent,
                    None => return false,
                }
            }
            false
        };
        self.rubric.indicators.iter().any(|it| inside(it.section) && it.inapplicable == InapplicablePolicy::Reweight)
    }

    fn total(&self) -> Stretch {
        let part = |part: Part| {
            let own = self.rubric.indicators.iter().enumerate().filter(move |(_, it)| it.part == part && it.points.is_some());
            own.fold(point(&Exact::ZERO), |sum, (at, it)| {
                let score = self.slot(Slot::Indicator(at, Aspect::Score)).stretch;
                interval::plus(&sum, &around(&point(&Exact::ZERO), &interval::scaled(&score, &it.weight)))
            })
        };
        let mut bonus = part(Part::Bonus);
        if let Some(cap) = &self.rubric.bonus_cap {
            bonus = interval::lesser(&bonus, &point(&cap.it));
        }
        let sum = interval::minus(&interval::plus(&self.sum(None), &bonus), &part(Part::Penalty));
        let total = interval::greater(&sum, &point(&Exact::ZERO));
        match self.rubric.round_total {
            Some(round) => interval::rounded(&total, round.mode, round.places),
            None => total,
        }
    }

    /// The rubric that this one is over.
    fn below(&self) -> Option<Look<'_>> {
        match self.rubric.source {
            Source::Rubric(at) => Some(Look::new(self.texts, self.rules, self.rules.rubrics.get(at)?)),
            Source::Form(_) => None,
        }
    }
}

/// What may be filled in for a field: a number, or a day as one.
pub(super) fn field_range(field: &Field) -> Range {
    let bound = |at: &Option<Exact>| at.clone().map_or(Bound::Unbounded, Bound::Included);
    let stretch = match &field.range {
        Some(Written::Numbers(from, to)) => (bound(from), bound(to)),
        Some(Written::Dates(from, to)) => (bound(&from.map(day)), bound(&to.map(day))),
        None => ALL,
    };
    let whole = field.kind == FieldType::Date || field.step().is_some_and(|step| step.is_integer());
    Range::new(if whole { interval::whole(&stretch) } else { stretch }, whole)
}

impl Look<'_> {
    /// A stretch in words, in Chinese and English: days as such, shares in percent.
    pub(super) fn in_words(&self, (from, to): &Stretch, ty: &Type) -> (String, String) {
        let shown = |number: &Exact| match ty {
            Type::Date => number
                .to_i64()
                .and_then(|days| i32::try_from(days).ok())
                .and_then(NaiveDate::from_num_days_from_ce_opt)
                .map(|day| day.to_string()),
            Type::Number(measure) if measure.share => Some(format!("{}%", number * &Exact::from(100))),
            _ => None,
        };
        let shown = |number: &Exact| shown(number).unwrap_or_else(|| number.to_string());
        match (from, to) {
            (Bound::Included(from), Bound::Included(to)) if from == to => (format!(" {}", shown(from)), shown(from)),
            (Bound::Included(from), Bound::Included(to)) => {
                let (from, to) = (shown(from), shown(to));
                (format!(" {from} 到 {to}"), format!("from {from} to {to}"))
            }
            (Bound::Included(from), Bound::Unbounded) => (format!(" {} 以上", shown(from)), format!("from {} up", shown(from))),
            (Bound::Unbounded, Bound::Included(to)) => (format!(" {} 以下", shown(to)), format!("up to {}", shown(to))),
            _ => interval::words(&(from.clone(), to.clone())),
        }
    }

    /// What the attainment of an indicator can come to.
    pub(super) fn attained(&self, indicator: &Indicator) -> Option<Range> {
        indicator.target.as_ref().map(|_| self.of_indicator(indicator, Aspect::Attained))
    }
}
