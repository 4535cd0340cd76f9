//! Assessors (评定主体的检查): the marks of several roles become one score.
//!
//! What `judges` and `score judged` say is written out as statistics over the assessments, so that nothing new has to be computed:
//! of each role one mark, then the weighted mean of the roles. Not here: whose an assessment is (`beside`).

use super::expr::{self, made, wrong};
use super::indicator::complete;
use super::mistakes::{names, points, types};
use super::scope::RubricScope;
use super::ways::{self, Told};
use crate::model::{
    Assessed, AssessedRole, Expr, FieldIx, Form, Function, LetValue, Level, Many, Node, Over, Slot, Source, Statistic, StatisticKind, Type,
    Way,
};
use crate::number::Exact;
use crate::syntax::tree::{self, Absent, CompareOp, Marks, Taking};
use crate::text::{At, Name, Span};

/// The assessments of a rubric.
#[derive(Clone)]
pub(super) struct Judges<'w> {
    written: &'w tree::Judges,
    /// The place of the assessments in `Rubric::beside`.
    beside: u16,
    item: FieldIx,
    role: FieldIx,
}

/// Checks the statement `judges`, whose form is read beside the source already; `None` if nothing can be made of it.
pub(super) fn judges<'w>(scope: &mut RubricScope<'_, '_, '_>, written: &'w tree::Judges) -> Option<Judges<'w>> {
    let at = scope.beside.iter().position(|beside| beside.alias == written.source.alias)?;
    let (beside, place) = (scope.beside.get(at)?.clone(), u16::try_from(at).ok()?);
    let Source::Form(form_at) = beside.of else { return None };
    let form = scope.rules.forms.get(form_at)?;
    if beside.many == Many::One {
        let kinds = std::slice::from_ref(&form.subject);
        scope.core.tell(names::unrelated(&form.name.it, written.source.path.span, form.name.span, kinds));
        return None;
    }
    let (item, role) = (field(scope, form_at, form, &written.item), field(scope, form_at, form, &written.role));
    let (item, role) = (item?, role?);
    let words = |field: FieldIx| form.fields.get(field.0).map(crate::model::Field::ty);
    if !matches!(words(item), Some(Type::Text | Type::Choice(_))) {
        scope.core.tell(types::mismatch(&Type::Text, &words(item).unwrap_or(Type::Unknown), written.item.span));
        return None;
    }
    let Some(Type::Choice(roles)) = words(role) else {
        scope.core.tell(types::mismatch(&Type::Choice([].into()), &words(role).unwrap_or(Type::Unknown), written.role.span));
        return None;
    };
    let listed: Vec<&At<Name>> = written.roles.iter().map(|judge| &judge.role).collect();
    let before = scope.core.found.len();
    complete(scope, &roles, &listed, false, written.span);
    let all = scope.core.found.len() == before;
    for judge in &written.roles {
        if let Absent::Role(other) = &judge.absent {
            let others: Vec<Name> = listed.iter().map(|role| role.it.clone()).filter(|role| *role != judge.role.it).collect();
            if !others.contains(&other.it) {
                let near = crate::text::nearest(&other.it, others.iter().map(Name::as_str)).map(str::to_owned);
                scope.core.tell_unknown(&other.it, names::unknown_option(&other.it, other.span, near.as_deref(), &others));
            }
        }
        if let Taking::Latest(day) = &judge.taking.it
            && let Some(at) = field(scope, form_at, form, day)
            && form.fields.get(at.0).is_none_or(|field| field.ty() != Type::Date)
        {
            let found = form.fields.get(at.0).map_or(Type::Unknown, crate::model::Field::ty);
            scope.core.tell(types::mismatch(&Type::Date, &found, day.span));
        }
    }
    let sum: Exact = written.roles.iter().map(|judge| judge.weight.it.clone()).sum();
    if sum != Exact::ONE && all && !scope.core.is_broken(written.span) {
        let parts: Vec<_> = written.roles.iter().map(|judge| (judge.role.it.to_string(), judge.weight.it.clone())).collect();
        scope.core.tell(points::role_weights(written.span, &sum, &parts));
    }
    if let [first, second, ..] = written.tolerance.as_slice() {
        scope.core.tell(names::repeated("容差", "tolerance", second.span, first.span));
    }
    Some(Judges { written, beside: place, item, role })
}

fn field(scope: &mut RubricScope<'_, '_, '_>, form_at: usize, form: &Form, name: &At<Name>) -> Option<FieldIx> {
    match form.field(&name.it) {
        Some((at, _)) => {
            scope.used.get_mut(form_at).into_iter().for_each(|used| _ = used.insert(at));
            Some(at)
        }
        None => {
            let near = crate::text::nearest(&name.it, form.fields.iter().map(|field| field.name.it.as_str()));
            let mistake = names::not_of(&form.name.it, &name.it, name.span, near, Some(form.name.span));
            scope.core.tell_unknown(&name.it, mistake);
            None
        }
    }
}

/// `score judged …` of the indicator of a code.
pub(super) fn judged(
    scope: &mut RubricScope<'_, '_, '_>,
    code: &At<Name>,
    (field, levels): (&tree::Expr, Option<&[tree::Level]>),
    told: &Told<'_>,
    span: Span,
) -> Option<Way> {
    let mark = expr::expr(scope, field);
    let Some(judges) = scope.judges.clone() else {
        if !scope.has_judges && !told.broken {
            scope.core.tell(points::incomplete(
                span,
                "没有说明由谁评定",
                "who judges it is not said",
                (
                    "在评价体系里写 `评定 评分单 简称 单 按 指标, 角色 { 专家: 100% }`",
                    "write `judges 评分单 as 单 by 指标, 角色 { 专家: 100% }` in the rubric",
                ),
            ));
        }
        return None;
    };
    let level = Level::Row(judges.beside);
    if mark.level != level {
        if mark.ty != Type::Unknown {
            let alias = &judges.written.source.alias.it;
            scope.core.tell(points::incomplete(
                mark.span,
                "这里要写评分单里的填报项",
                "a field of the assessments is expected here",
                (&format!("如 `{alias}.得分`"), &format!("such as `{alias}.得分`")),
            ));
        }
        return None;
    }
    let by_levels = levels.is_some();
    let mark = match levels {
        Some(levels) => {
            let told = &Told { value: Some(&mark), mismatch: std::cell::Cell::new(false), ..*told };
            let levels = ways::check_levels(scope, levels, told, span);
            let mut cases = Vec::new();
            let mut rest = None;
            for level in levels {
                let points = made(scope.core, Node::Number(level.points), Type::plain(), Level::Constant, level.span);
                match level.options.is_empty() {
                    true => rest = Some(points),
                    false => cases.push((any_of(scope, &mark, &level.options, level.span), points)),
                }
            }
            // Without a case for all others, all options have theirs, and the last takes what is left.
            let (_, last) = if rest.is_none() { cases.pop()? } else { (wrong(scope.core, span), rest?) };
            made(scope.core, Node::Choose(cases, Box::new(last)), Type::plain(), Level::Row(judges.beside), span)
        }
        None => {
            let mark = expr::expect(scope.core, mark, &Type::plain());
            if mark.ty == Type::Unknown {
                return None;
            }
            mark
        }
    };
    let form = scope.beside.get(usize::from(judges.beside)).and_then(|beside| match beside.of {
        Source::Form(at) => scope.rules.forms.get(at),
        Source::Rubric(_) => None,
    })?;
    if let Some(Type::Choice(codes)) = form.fields.get(judges.item.0).map(crate::model::Field::ty)
        && !codes.contains(&code.it)
    {
        let near = crate::text::nearest(&code.it, codes.iter().map(Name::as_str)).map(str::to_owned);
        scope.core.tell(names::unknown_option(&code.it, code.span, near.as_deref(), &codes));
    }
    let mut writer = Writer { scope, form, judges: &judges, mark, code: code.it.clone() };
    let takes: Vec<Expr> = judges.written.roles.iter().map(|judge| writer.take(judge)).collect();
    let first_let = writer.scope.lets.len() + writer.scope.judged.len();
    let roles: Vec<AssessedRole> = (first_let..)
        .zip(&judges.written.roles)
        .map(|(value, judge)| AssessedRole { role: judge.role.it.clone(), weight: judge.weight.it.clone(), value })
        .collect();
    for (judge, take) in judges.written.roles.iter().zip(takes) {
        let name = At::new(Name::from(format!("{}.{}", code.it, judge.role.it)), judge.role.span);
        writer.scope.judged.push(LetValue { name, value: take });
    }
    let mut formula = writer.weighted(&roles, span)?;
    if !by_levels && let Some(full) = told.points {
        formula = writer.in_range(formula, &full.it, span);
    }
    let spread = (roles.len() > 1).then(|| {
        let value = writer.spread(&roles, span);
        let name = At::new(Name::from(format!("{}.相差", code.it)), code.span);
        writer.scope.judged.push(LetValue { name, value });
        writer.scope.lets.len() + writer.scope.judged.len() - 1
    });
    let tolerance = judges.written.tolerance.first().map(|tolerance| match &tolerance.it {
        Marks::Points(points) => points.clone(),
        Marks::Share(share) => told.points.map_or(Exact::ZERO, |full| share * &full.it),
    });
    Some(Way::Judged(Assessed { formula, roles, spread: spread.zip(tolerance) }))
}

/// Whether a choice is one of some options.
fn any_of(scope: &mut RubricScope<'_, '_, '_>, what: &Expr, options: &[Name], span: Span) -> Expr {
    let words = options.iter().map(|option| made(scope.core, Node::Word(option.clone()), what.ty.clone(), Level::Constant, span));
    let words: Vec<_> = words.collect();
    made(scope.core, Node::In(Box::new(what.clone()), words), Type::Flag, what.level, span)
}

/// Writes out what is said about the assessments of one indicator.
struct Writer<'s, 'a, 't, 'w, 'j> {
    scope: &'s mut RubricScope<'a, 't, 'w>,
    form: &'a Form,
    judges: &'j Judges<'w>,
    /// The mark of one assessment.
    mark: Expr,
    code: Name,
}

impl Writer<'_, '_, '_, '_, '_> {
    fn made(&mut self, node: Node, ty: Type, level: Level, span: Span) -> Expr {
        made(self.scope.core, node, ty, level, span)
    }

    fn row(&self) -> Level {
        Level::Row(self.judges.beside)
    }

    fn number(&mut self, number: Exact, span: Span) -> Expr {
        self.made(Node::Number(number), Type::plain(), Level::Constant, span)
    }

    fn field(&mut self, field: FieldIx, span: Span) -> Expr {
        let ty = self.form.fields.get(field.0).map_or(Type::Unknown, crate::model::Field::ty);
        self.made(Node::BesideField(self.judges.beside, field), ty, self.row(), span)
    }

    fn is(&mut self, field: FieldIx, word: &Name, span: Span) -> Expr {
        let field = self.field(field, span);
        let word = self.made(Node::Word(word.clone()), field.ty.clone(), Level::Constant, span);
        self.compare(CompareOp::Eq, field, word, span)
    }

    fn compare(&mut self, op: CompareOp, left: Expr, right: Expr, span: Span) -> Expr {
        let level = left.level.max(right.level);
        self.made(Node::Compare(op, Box::new(left), Box::new(right)), Type::Flag, level, span)
    }

    fn statistic(&mut self, kind: StatisticKind, of: Expr, filter: Vec<Expr>, parameter: Option<Expr>, span: Span) -> Expr {
        let filter = self.made(Node::All(filter), Type::Flag, self.row(), span);
        let statistic = Statistic { kind, of: Over::Rows(self.judges.beside, of), weight: None, filter: Some(filter), parameter };
        self.made(Node::Statistic(Box::new(statistic)), Type::plain(), Level::Subject, span)
    }

    /// The one mark of a role; none where it is absent.
    fn take(&mut self, judge: &tree::Judge) -> Expr {
        let span = judge.span;
        let mark = self.mark.clone();
        let code = self.code.clone();
        let mut filter = vec![self.is(self.judges.item, &code, span), self.is(self.judges.role, &judge.role.it, span)];
        if let Some(few) = &judge.at_least {
            let count = self.statistic(StatisticKind::Count, mark.clone(), filter.clone(), None, span);
            let few = self.number(Exact::from(i64::from(few.it)), span);
            let enough = self.compare(CompareOp::Ge, count, few, span);
            filter.push(enough);
        }
        let (kind, parameter) = match &judge.taking.it {
            Taking::Mean => (StatisticKind::Mean, None),
            Taking::Median => (StatisticKind::Median, None),
            Taking::Lowest => (StatisticKind::Min, None),
            Taking::DropEnds(ends) => (StatisticKind::TrimmedMean, Some(self.number(Exact::from(i64::from(ends.it)), ends.span))),
            Taking::Latest(day) => {
                if let Some((at, _)) = self.form.field(&day.it) {
                    let (from, to) =
                        (self.made(Node::Date(chrono::NaiveDate::MIN), Type::Date, Level::Constant, span), self.field(at, span));
                    let days = self.made(Node::Call(Function::Days, vec![from, to]), Type::plain(), self.row(), span);
                    // Only what has a mark can be the latest.
                    let there = self.made(Node::Filled(Box::new(mark.clone())), Type::Flag, self.row(), span);
                    filter.push(there);
                    let last = self.statistic(StatisticKind::Max, days.clone(), filter.clone(), None, span);
                    let latest = self.compare(CompareOp::Eq, days, last, span);
                    filter.push(latest);
                }
                (StatisticKind::Mean, None)
            }
        };
        self.statistic(kind, mark, filter, parameter, span)
    }

    fn taken(&mut self, roles: &[AssessedRole], role: &Name, span: Span) -> Option<Expr> {
        let value = roles.iter().find(|known| known.role == *role)?.value;
        Some(self.made(Node::Slot(Slot::Let(value)), Type::plain(), Level::Subject, span))
    }

    /// The weighted mean of the roles.
    fn weighted(&mut self, roles: &[AssessedRole], span: Span) -> Option<Expr> {
        let written = self.judges.written;
        let shares = written.roles.iter().any(|judge| matches!(judge.absent, Absent::Shared));
        let (mut sum, mut weights): (Option<Expr>, Option<Expr>) = (None, None);
        for judge in &written.roles {
            let mut mark = self.taken(roles, &judge.role.it, judge.span)?;
            if let Absent::Role(other) = &judge.absent {
                let other = self.taken(roles, &other.it, judge.span)?;
                mark = self.made(Node::Default(Box::new(mark), Box::new(other)), Type::plain(), Level::Subject, judge.span);
            }
            let weight = self.number(judge.weight.it.clone(), judge.weight.span);
            let mut part =
                self.made(Node::Mul(Box::new(weight.clone()), Box::new(mark.clone())), Type::plain(), Level::Subject, judge.span);
            let mut counts = weight.clone();
            if matches!(judge.absent, Absent::Shared) {
                let zero = self.number(Exact::ZERO, judge.span);
                part = self.made(Node::Default(Box::new(part), Box::new(zero.clone())), Type::plain(), Level::Subject, judge.span);
                let there = self.made(Node::Filled(Box::new(mark)), Type::Flag, Level::Subject, judge.span);
                counts = self.made(Node::Choose(vec![(there, weight)], Box::new(zero)), Type::plain(), Level::Subject, judge.span);
            } else if judge.weight.it.is_zero() {
                // A column for comparison only.
                continue;
            }
            sum = Some(self.plus(sum, part, span));
            weights = Some(self.plus(weights, counts, span));
        }
        let (sum, weights) = (sum?, weights?);
        Some(if shares { self.made(Node::Div(Box::new(sum), Box::new(weights)), Type::plain(), Level::Subject, span) } else { sum })
    }

    fn plus(&mut self, before: Option<Expr>, part: Expr, span: Span) -> Expr {
        match before {
            None => part,
            Some(before) => self.made(Node::Add(Box::new(before), Box::new(part)), Type::plain(), Level::Subject, span),
        }
    }

    /// A mark beyond full marks, or below none, is no mark: it stands in the place of the score, where it is told.
    fn in_range(&mut self, formula: Expr, full: &Exact, span: Span) -> Expr {
        let (mark, code) = (self.mark.clone(), self.code.clone());
        let filter = vec![self.is(self.judges.item, &code, span)];
        let greatest = self.statistic(StatisticKind::Max, mark.clone(), filter.clone(), None, span);
        let least = self.statistic(StatisticKind::Min, mark, filter, None, span);
        let (full, zero) = (self.number(full.clone(), span), self.number(Exact::ZERO, span));
        let beyond = self.compare(CompareOp::Gt, greatest.clone(), full, span);
        let below = self.compare(CompareOp::Lt, least.clone(), zero, span);
        let cases = vec![(beyond, greatest), (below, least)];
        self.made(Node::Choose(cases, Box::new(formula)), Type::plain(), Level::Subject, span)
    }

    /// How far the roles that there are lie apart.
    fn spread(&mut self, roles: &[AssessedRole], span: Span) -> Expr {
        let marks: Vec<Expr> =
            roles.iter().map(|role| self.made(Node::Slot(Slot::Let(role.value)), Type::plain(), Level::Subject, span)).collect();
        let (most, least) = (self.extreme(&marks, StatisticKind::Max, span), self.extreme(&marks, StatisticKind::Min, span));
        self.made(Node::Sub(Box::new(most), Box::new(least)), Type::plain(), Level::Subject, span)
    }

    fn extreme(&mut self, marks: &[Expr], kind: StatisticKind, span: Span) -> Expr {
        let mut so_far: Option<Expr> = None;
        for mark in marks {
            so_far = Some(match so_far {
                None => mark.clone(),
                Some(before) => {
                    let of = Over::List(vec![before.clone(), mark.clone()]);
                    let statistic = Statistic { kind, of, weight: None, filter: None, parameter: None };
                    let both = self.made(Node::Statistic(Box::new(statistic)), Type::plain(), Level::Subject, span);
                    // With one of them absent it is the other.
                    let either = self.made(Node::Default(Box::new(before), Box::new(mark.clone())), Type::plain(), Level::Subject, span);
                    self.made(Node::Default(Box::new(both), Box::new(either)), Type::plain(), Level::Subject, span)
                }
            });
        }
        so_far.unwrap_or_else(|| wrong(self.scope.core, span))
    }
}
