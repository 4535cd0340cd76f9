//! Calls of functions and statistics (函数与统计量的检查).

use super::beside;
use super::expr::{Found, Scope, expect, expr, flag, made, numeric, wrong};
use super::mistakes::{names, types};
use crate::model::{Expr, Function, FunctionName, Level, Measure, Node, Over, Statistic, StatisticKind, Type, Unit, function_names};
use crate::syntax::tree::{self, Arg, ExprKind};
use crate::text::{At, Name, Span, nearest};

/// Checks a call.
pub(super) fn call<'t>(scope: &mut dyn Scope<'t>, name: &At<Name>, args: &[Arg], filter: Option<&tree::Expr>, span: Span) -> Expr {
    if matches!(name.it.as_str(), "previous" | "上期") {
        return previous(scope, name, args, span);
    }
    let known = function_names().iter().find(|(english, chinese, _)| *name.it == **english || *name.it == **chinese);
    let Some((_, _, function)) = known else {
        let near = nearest(&name.it, function_names().iter().flat_map(|(english, chinese, _)| [*english, *chinese]));
        let mistake = names::unknown_function(&name.it, name.span, near);
        scope.core().tell_unknown(&name.it, mistake);
        return wrong(scope.core(), span);
    };
    let plain: Option<Vec<&tree::Expr>> = args.iter().map(|arg| if let Arg::Value(value) = arg { Some(value) } else { None }).collect();
    let plain = plain.filter(|_| filter.is_none());
    match (function, plain) {
        (FunctionName::Statistic(StatisticKind::Count), Some(plain)) if counts_codes(scope, &plain) => {
            over_codes(scope, name, &plain, span, Node::Count)
        }
        (FunctionName::Statistic(kind), _) => statistic(scope, *kind, name, args, filter, span),
        (FunctionName::Every, Some(plain)) => over_codes(scope, name, &plain, span, Node::Every),
        (FunctionName::AnyOf, Some(plain)) => over_codes(scope, name, &plain, span, Node::AnyOf),
        (FunctionName::CountMet, Some(plain)) if !plain.is_empty() => {
            let codes: Vec<usize> = plain.iter().flat_map(|range| codes(scope, range)).collect();
            let met: Vec<_> = codes.into_iter().map(|code| met(scope, code, span)).collect();
            made(scope.core(), Node::Count(met), Type::plain(), Level::Subject, span)
        }
        (FunctionName::Filled, Some(plain)) if plain.len() == 1 => match plain.first() {
            Some(inner) => {
                let inner = expr(scope, inner);
                let level = inner.level;
                made(scope.core(), Node::Filled(Box::new(inner)), Type::Flag, level, span)
            }
            None => wrong(scope.core(), span),
        },
        (FunctionName::Function(function), Some(plain)) => single(scope, *function, name, &plain, span),
        _ => {
            let (zh, en) = usage(*function);
            scope.core().tell(types::arguments(&name.it, span, zh, en));
            wrong(scope.core(), span)
        }
    }
}

/// `previous(在校生数)`: what was filled in for the period before.
fn previous<'t>(scope: &mut dyn Scope<'t>, name: &At<Name>, args: &[Arg], span: Span) -> Expr {
    let found = match args {
        [Arg::Value(tree::Expr { kind: ExprKind::Path(path), span })] => scope.previous(path, *span),
        _ => None,
    };
    match found {
        Some(Found::It(node, ty, level)) => made(scope.core(), node, ty, level, span),
        Some(Found::Wrong) => wrong(scope.core(), span),
        None => {
            let (zh, en) = ("另用 学校表 简称 上年 1 期以前", "also reads 学校表 as 上年 1 periods earlier");
            scope.core().tell(types::arguments(&name.it, span, zh, en));
            wrong(scope.core(), span)
        }
    }
}

fn usage(function: FunctionName) -> (&'static str, &'static str) {
    use StatisticKind as S;
    match function {
        FunctionName::Every => ("全部(A1..A7, 达成度 >= 85%)", "every(A1..A7, attained >= 85%)"),
        FunctionName::AnyOf => ("任一(A1..A7, 达成度 >= 85%)", "any(A1..A7, attained >= 85%)"),
        FunctionName::CountMet => ("达标数(A1..A7)", "count_met(A1..A7)"),
        FunctionName::Filled => ("已填(校.建校年份)", "filled(校.建校年份)"),
        FunctionName::Function(Function::Year) => ("年份(校.建成日期)", "year(校.建成日期)"),
        FunctionName::Function(Function::Days) => ("天数(校.建成日期, 评价日)", "days(校.建成日期, evaluation_date)"),
        FunctionName::Function(Function::YearsAfter) => ("几年后(评价日, -5)", "years_after(evaluation_date, -5)"),
        FunctionName::Function(Function::MonthsAfter) => ("几月后(评价日, -6)", "months_after(evaluation_date, -6)"),
        FunctionName::Function(Function::DaysAfter) => ("几天后(校.发现日期, 30)", "days_after(校.发现日期, 30)"),
        FunctionName::Function(Function::Abs) => ("绝对值(x)", "abs(x)"),
        FunctionName::Function(_) => ("四舍五入(x, 2)", "round(x, 2)"),
        FunctionName::Statistic(S::Quantile) => ("分位数(校.A1, 0.25)", "quantile(校.A1, 0.25)"),
        FunctionName::Statistic(S::TrimmedMean) => ("去极值平均(校.A1, 1)", "trimmed_mean(校.A1, 1)"),
        FunctionName::Statistic(S::PassRate) => ("达标率(校.A1, 4.2)", "pass_rate(校.A1, 4.2)"),
        FunctionName::Statistic(S::Share) => ("占比(校.结论 == 达标)", "share(校.conclusion == 达标)"),
        FunctionName::Statistic(S::Rank | S::RankAscending | S::PercentileRank) => ("名次(总分, 范围 全体)", "rank(total, over all)"),
        FunctionName::Statistic(_) => ("差异系数(校.A1, 权重 校.在校生数)", "cv(校.A1, weight 校.在校生数)"),
    }
}

/// `days(d, e)`, `years_after(d, 5)` and their kin.
fn of_days<'t>(scope: &mut dyn Scope<'t>, function: Function, name: &At<Name>, args: &[&tree::Expr], span: Span) -> Expr {
    let [first, second] = args else {
        let (zh, en) = usage(FunctionName::Function(function));
        scope.core().tell(types::arguments(&name.it, span, zh, en));
        return wrong(scope.core(), span);
    };
    let first = expr(scope, first);
    let first = expect(scope.core(), first, &Type::Date);
    let (second, ty) = match function {
        Function::Days => {
            let second = expr(scope, second);
            (expect(scope.core(), second, &Type::Date), Type::plain())
        }
        _ => (numeric(scope, second), Type::Date),
    };
    let level = first.level.max(second.level);
    made(scope.core(), Node::Call(function, vec![first, second]), ty, level, span)
}

/// `abs(x)`, `round(x, 2)`, `year(d)`.
fn single<'t>(scope: &mut dyn Scope<'t>, function: Function, name: &At<Name>, args: &[&tree::Expr], span: Span) -> Expr {
    if matches!(function, Function::Days | Function::YearsAfter | Function::MonthsAfter | Function::DaysAfter) {
        return of_days(scope, function, name, args, span);
    }
    let most = if matches!(function, Function::Abs | Function::Year) { 1 } else { 2 };
    let Some((first, rest)) = args.split_first().filter(|(_, rest)| rest.len() < most) else {
        let (zh, en) = usage(FunctionName::Function(function));
        scope.core().tell(types::arguments(&name.it, span, zh, en));
        return wrong(scope.core(), span);
    };
    let first = if function == Function::Year {
        let day = expr(scope, first);
        expect(scope.core(), day, &Type::Date)
    } else {
        numeric(scope, first)
    };
    let (ty, level) = if function == Function::Year { (Type::plain(), first.level) } else { (first.ty.clone(), first.level) };
    let mut checked = vec![first];
    checked.extend(rest.iter().map(|arg| numeric(scope, arg)));
    made(scope.core(), Node::Call(function, checked), ty, level, span)
}

/// Whether a count is of indicators for which a condition, the last argument, holds.
fn counts_codes<'t>(scope: &mut dyn Scope<'t>, args: &[&tree::Expr]) -> bool {
    let Some((condition, codes)) = args.split_last() else { return false };
    let condition = codes.len() == 1 || !names_codes(scope, Some(condition));
    condition && !codes.is_empty() && codes.iter().all(|code| names_codes(scope, Some(code)))
}

/// Whether an argument is a range of codes or one code.
fn names_codes<'t>(scope: &mut dyn Scope<'t>, first: Option<&&tree::Expr>) -> bool {
    match first.map(|first| &first.kind) {
        Some(ExprKind::CodeRange(..)) => true,
        Some(ExprKind::Path(path)) => scope.code(path).is_some(),
        _ => false,
    }
}

/// The indicators that an argument names.
fn codes<'t>(scope: &mut dyn Scope<'t>, written: &tree::Expr) -> Vec<usize> {
    match &written.kind {
        ExprKind::CodeRange(from, to) => scope.codes(from, to),
        ExprKind::Path(path) => match scope.code(path) {
            Some(code) => vec![code],
            None => {
                // The path tells what is wrong with it.
                scope.path(path, written.span);
                Vec::new()
            }
        },
        _ => {
            scope.core().tell(types::arguments("..", written.span, "A1..A7", "A1..A7"));
            Vec::new()
        }
    }
}

/// `every(A1..A7, condition)` and its kin: the condition once for each indicator.
fn over_codes<'t>(scope: &mut dyn Scope<'t>, name: &At<Name>, args: &[&tree::Expr], span: Span, node: fn(Vec<Expr>) -> Node) -> Expr {
    let Some((condition, ranges)) = args.split_last().filter(|(_, ranges)| !ranges.is_empty()) else {
        let (zh, en) = usage(if name.it.starts_with(['e', '全']) { FunctionName::Every } else { FunctionName::AnyOf });
        scope.core().tell(types::arguments(&name.it, span, zh, en));
        return wrong(scope.core(), span);
    };
    let codes: Vec<usize> = ranges.iter().flat_map(|range| codes(scope, range)).collect();
    let mut conditions = Vec::new();
    for code in codes {
        let before = scope.speak_of(Some(code));
        let told = scope.core().found.len();
        conditions.push(flag(scope, condition));
        scope.speak_of(before);
        // The same mistake would be told for each indicator.
        if scope.core().found.len() > told {
            break;
        }
    }
    let counts = matches!(node(Vec::new()), Node::Count(_));
    let ty = if counts { Type::plain() } else { Type::Flag };
    made(scope.core(), node(conditions), ty, Level::Subject, span)
}

fn met<'t>(scope: &mut dyn Scope<'t>, code: usize, span: Span) -> Expr {
    let slot = crate::model::Slot::Indicator(code, crate::model::Aspect::Met);
    made(scope.core(), Node::Slot(slot), Type::Flag, Level::Subject, span)
}

/// Which arguments a statistic takes besides what it is of.
fn wants_parameter(kind: StatisticKind) -> bool {
    matches!(kind, StatisticKind::Quantile | StatisticKind::TrimmedMean | StatisticKind::PassRate)
}

fn takes_condition(kind: StatisticKind) -> bool {
    matches!(kind, StatisticKind::Share)
}

fn ranks(kind: StatisticKind) -> bool {
    matches!(kind, StatisticKind::Rank | StatisticKind::RankAscending | StatisticKind::PercentileRank)
}

fn statistic<'t>(
    scope: &mut dyn Scope<'t>,
    kind: StatisticKind,
    name: &At<Name>,
    args: &[Arg],
    filter: Option<&tree::Expr>,
    span: Span,
) -> Expr {
    // Sort the arguments.
    let (mut values, mut weight, mut over) = (Vec::new(), None, None);
    for arg in args {
        match arg {
            Arg::Value(value) => values.push(value),
            Arg::Weight(value) => weight = Some(value),
            Arg::Scope(value) => over = Some(value.it),
        }
    }
    let list_of_codes = values.iter().any(|value| matches!(value.kind, ExprKind::CodeRange(..)));
    let parameter = if wants_parameter(kind) && values.len() == 2 && !list_of_codes { values.pop() } else { None };
    if values.is_empty() || (wants_parameter(kind) && parameter.is_none()) {
        let (zh, en) = usage(FunctionName::Statistic(kind));
        scope.core().tell(types::arguments(&name.it, span, zh, en));
        return wrong(scope.core(), span);
    }
    // Of a table its columns may be named alone: `count(班级, 人数 > 45)`, `sum(班级.人数) where 年级 == 一年级`.
    let table = match values.first().map(|value| &value.kind) {
        Some(ExprKind::Path(path)) => scope.speak_of_rows(Some(path)),
        _ => false,
    };
    if let (true, 2, StatisticKind::Count | StatisticKind::Share) = (table, values.len(), kind) {
        values.remove(0);
    }
    // What it is of.
    let mut of: Vec<Expr> = Vec::new();
    for value in &values {
        if let ExprKind::CodeRange(from, to) = &value.kind {
            for code in scope.codes(from, to) {
                of.push(match scope.indicator_value(code, value.span) {
                    Found::It(node, ty, level) => made(scope.core(), node, ty, level, value.span),
                    Found::Wrong => wrong(scope.core(), value.span),
                });
            }
        } else {
            of.push(expr(scope, value));
        }
    }
    // Of words and days it is counted whether they are there: `count(班级)` is how many rows there are.
    if table && kind == StatisticKind::Count {
        of = of.into_iter().map(|value| there(scope.core(), value)).collect();
    }
    let weight = weight.map(|weight| numeric(scope, weight));
    let filter = filter.map(|filter| flag(scope, filter));
    scope.speak_of_rows(None);
    let parameter = parameter.map(|parameter| numeric(scope, parameter));
    let checked: Vec<Expr> = of.into_iter().map(|value| operand(scope, kind, value)).collect();
    if checked.iter().any(is_wrong) {
        return wrong(scope.core(), span);
    }
    // Whom it is over.
    let single = checked.len() == 1;
    let rows = checked.iter().map(|value| value.level).find(|level| matches!(level, Level::Member | Level::Row(_)));
    let levels = checked.iter().chain(&weight).chain(&filter).flat_map(Expr::levels);
    if beside::mixed(levels) {
        scope.core().tell(types::mixed(span));
        return wrong(scope.core(), span);
    }
    let of_rows = |value| match rows {
        Some(Level::Row(beside)) => Over::Rows(beside, value),
        _ => Over::Members(value),
    };
    let (of, level) = match (over, single, rows.is_some()) {
        (None, true, true) => (checked.into_iter().next().map(of_rows), Level::Subject),
        (Some(whom), true, false) => (checked.into_iter().next().map(|value| Over::Cohort(value, whom)), Level::Subject),
        (None, false, false) if !ranks(kind) && !takes_condition(kind) => {
            let level = checked.iter().map(|value| value.level).max().unwrap_or(Level::Constant);
            check_units(scope, &checked);
            (Some(Over::List(checked)), level)
        }
        (None, true, false) if list_of_codes => (Some(Over::List(checked)), Level::Subject),
        (None, true, false) => {
            let mistake = if scope.has_members() {
                types::arguments(&name.it, span, usage(FunctionName::Statistic(kind)).0, usage(FunctionName::Statistic(kind)).1)
            } else {
                types::over_whom(&name.it, span)
            };
            scope.core().tell(mistake);
            (None, Level::Subject)
        }
        _ => {
            let (zh, en) = usage(FunctionName::Statistic(kind));
            scope.core().tell(types::arguments(&name.it, span, zh, en));
            (None, Level::Subject)
        }
    };
    let Some(of) = of else { return wrong(scope.core(), span) };
    if ranks(kind) && matches!(of, Over::Members(_) | Over::Rows(..)) {
        let (zh, en) = usage(FunctionName::Statistic(kind));
        scope.core().tell(types::arguments(&name.it, span, zh, en));
        return wrong(scope.core(), span);
    }
    if let (Over::Members(value) | Over::Rows(_, value) | Over::Cohort(value, _), Some(threshold)) = (&of, &parameter)
        && kind == StatisticKind::PassRate
    {
        super::expr::unify(scope.core(), value, threshold);
    }
    let ty = result(kind, &of, weight.as_ref());
    unweighted(scope, kind, &of, weight.is_some(), span);
    made(scope.core(), Node::Statistic(Box::new(Statistic { kind, of, weight, filter, parameter })), ty, level, span)
}

/// Whether a word or a day is there, in its place.
fn there(core: &mut super::core::Core<'_>, value: Expr) -> Expr {
    if !matches!(value.ty, Type::Text | Type::Choice(_) | Type::Several(_) | Type::Date) {
        return value;
    }
    let (level, span) = (value.level, value.span);
    made(core, Node::Filled(Box::new(value)), Type::Flag, level, span)
}

/// What a statistic is of must be numbers, or a condition for those that count.
fn operand<'t>(scope: &mut dyn Scope<'t>, kind: StatisticKind, value: Expr) -> Expr {
    match kind {
        StatisticKind::Count => value,
        StatisticKind::Share => expect(scope.core(), value, &Type::Flag),
        _ => expect(scope.core(), value, &Type::plain()),
    }
}

fn check_units<'t>(scope: &mut dyn Scope<'t>, values: &[Expr]) {
    if let Some((first, rest)) = values.split_first() {
        for value in rest {
            super::expr::unify(scope.core(), first, value);
        }
    }
}

fn result(kind: StatisticKind, of: &Over, weight: Option<&Expr>) -> Type {
    use StatisticKind as S;
    let inner = match of {
        Over::Members(value) | Over::Rows(_, value) | Over::Cohort(value, _) => value.ty.clone(),
        // A bare number in the list takes the unit of the others.
        Over::List(values) => {
            values.iter().find(|value| value.ty.unit().is_some()).or(values.first()).map_or(Type::Unknown, |value| value.ty.clone())
        }
    };
    match kind {
        S::Sum => match (&inner, weight.map(|weight| &weight.ty)) {
            (Type::Number(value), Some(Type::Number(weight))) => {
                let unit = |measure: &Measure| measure.unit.clone().unwrap_or_default();
                Type::number(unit(value).times(&unit(weight)))
            }
            (_, Some(Type::Unknown)) => Type::Unknown,
            _ => inner,
        },
        S::Mean | S::Median | S::TrimmedMean | S::Min | S::Max | S::Quantile | S::Sd => inner,
        S::Share | S::PassRate | S::PercentileRank => Type::share(),
        S::Count | S::Cv | S::Gini | S::Theil | S::Rank | S::RankAscending => Type::plain(),
    }
}

/// A difference coefficient of figures per head must be weighted by heads.
fn unweighted<'t>(scope: &mut dyn Scope<'t>, kind: StatisticKind, of: &Over, weighted: bool, span: Span) {
    let (Over::Members(value) | Over::Cohort(value, _)) = of else { return };
    let unit: Option<&Unit> = value.ty.unit();
    if kind == StatisticKind::Cv
        && !weighted
        && let Some(unit) = unit.filter(|unit| unit.denominators().next().is_some())
    {
        let weight = scope.weight_for(unit);
        let mistake = types::unweighted(unit, span, weight);
        scope.core().tell(mistake);
    }
}

/// Whether something in an expression could not be made sense of; that is told already.
fn is_wrong(expr: &Expr) -> bool {
    expr.ty == Type::Unknown || matches!(expr.node, Node::Wrong) || expr.children().into_iter().any(is_wrong)
}
