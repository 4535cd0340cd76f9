//! Indicators (指标的检查): value, target and way of scoring fit each other.

use super::expr::{self, Scope};
use super::mistakes::{names, points, types};
use super::scope::{RubricScope, State};
use super::{bands, script};
use crate::model::{Band, BandOf, CaseItem, Expr, Indicator, Knot, Node, Rounded, ScoreLevel, Target, TargetCase, Type, Way};
use crate::number::Exact;
use crate::syntax::tree::{self, CompareOp, InapplicablePolicy, IndicatorStmt, Marks, MissingPolicy};
use crate::text::{At, Name, Span, nearest};
use std::cell::Cell;

/// What the rubric says for indicators that do not say it themselves.
pub(super) struct Defaults {
    pub round: Option<Rounded>,
    pub missing: MissingPolicy,
    pub inapplicable: InapplicablePolicy,
}

/// The statements of an indicator.
#[derive(Default)]
struct Gathered<'w> {
    value: Option<&'w tree::Expr>,
    target: Option<&'w tree::Target>,
    way: Option<&'w At<tree::Way>>,
    when: Option<&'w tree::Expr>,
    missing: Option<&'w At<MissingPolicy>>,
    inapplicable: Option<&'w At<InapplicablePolicy>>,
    round: Option<&'w tree::Round>,
    decimals: Option<&'w At<u32>>,
}

/// Checks the indicator at a place.
pub(super) fn indicator(scope: &mut RubricScope<'_, '_, '_>, at: usize, defaults: &Defaults) -> Option<Indicator> {
    scope.resolve_indicator(at);
    let pending = scope.indicators.get(at)?;
    let (written, code, binding, section) = (pending.written, pending.code.clone(), pending.binding.clone(), pending.section);
    let value = match &pending.value {
        State::Done(value) => value.clone(),
        _ => None,
    };
    let gathered = gather(scope, written);
    scope.inside(&code.it, binding, Some(at), |scope| {
        let when = gathered.when.map(|when| {
            // Whether it applies is asked before it has a value.
            let before = scope.speak_of(None);
            let when = scope.condition(when);
            scope.speak_of(before);
            when
        });
        let broken = scope.core.is_broken(written.head.whole);
        let target = gathered.target.map(|target| check_target(scope, target, value.as_ref(), broken));
        let way = gathered.way.map(|way| {
            let told = Told {
                value: value.as_ref(),
                target: target.as_ref(),
                points: written.points.as_ref(),
                broken,
                mismatch: Cell::new(false),
            };
            At::new(check_way(scope, way, &told), way.span)
        });
        if let (Some(points), None) = (&written.points, &gathered.way)
            && !broken
        {
            scope.core.tell(points::incomplete(
                points.span,
                &format!("指标 `{}` 有分值，没有计分方法", code.it),
                &format!("indicator `{}` has points and no way of scoring", code.it),
                (
                    "写 `计分 …`，达标即满分写 `计分 达标满分`",
                    "write `score …`; for full marks when the target is met, `score all or nothing`",
                ),
            ));
        }
        if value.is_none() && way.is_none() && !broken {
            scope.core.tell(points::empty_indicator(&code.it, written.head.span));
        }
        Some(Indicator {
            code: code.clone(),
            title: written.head.title.as_ref().map(|title| title.it.clone()),
            clause: written.clause.as_ref().map(|clause| clause.it.clone()),
            doc: written.head.doc.clone(),
            section,
            points: written.points.clone(),
            when,
            value: value.clone(),
            target,
            way,
            round: gathered.round.map(|round| Rounded { mode: round.mode, places: round.places }).or(defaults.round),
            missing: gathered.missing.map_or(defaults.missing, |policy| policy.it),
            inapplicable: gathered.inapplicable.map_or(defaults.inapplicable, |policy| policy.it),
            decimals: gathered.decimals.map(|decimals| decimals.it.min(30)),
            span: written.head.span,
        })
    })
}

fn gather<'w>(scope: &mut RubricScope<'_, '_, '_>, written: &'w tree::Indicator) -> Gathered<'w> {
    let mut all = Gathered::default();
    fn once<T>(scope: &mut RubricScope<'_, '_, '_>, slot: &mut Option<T>, value: T, span: impl Fn(&T) -> Span, zh: &str, en: &str) {
        match slot {
            Some(first) => scope.core.tell(names::repeated(zh, en, span(&value), span(first))),
            None => *slot = Some(value),
        }
    }
    for stmt in &written.body {
        match stmt {
            IndicatorStmt::Value(value) => once(scope, &mut all.value, value, |it| it.span, "取值", "value"),
            IndicatorStmt::Target(target) => once(scope, &mut all.target, target, |it| it.span, "目标", "target"),
            IndicatorStmt::Score(way) => once(scope, &mut all.way, way, |it| it.span, "计分", "score"),
            IndicatorStmt::When(when) => once(scope, &mut all.when, when, |it| it.span, "当", "when"),
            IndicatorStmt::Missing(policy) => once(scope, &mut all.missing, policy, |it| it.span, "未填", "missing"),
            IndicatorStmt::Inapplicable(policy) => once(scope, &mut all.inapplicable, policy, |it| it.span, "不适用", "not applicable"),
            IndicatorStmt::Round(round) => once(scope, &mut all.round, round, |it| it.span, "取整", "round"),
            IndicatorStmt::Decimals(decimals) => once(scope, &mut all.decimals, decimals, |it| it.span, "小数位", "decimals"),
            IndicatorStmt::Let(_) => {}
        }
    }
    all
}

/// A target, its cases complete and in the unit of the value.
fn check_target(scope: &mut RubricScope<'_, '_, '_>, target: &tree::Target, value: Option<&Expr>, broken: bool) -> Target {
    if value.is_none() && !broken {
        scope.core.tell(points::incomplete(
            target.span,
            "有目标而没有取值",
            "a target without a value",
            ("写 `取值 …`", "write `value …`"),
        ));
    }
    // In the turns of an `each`, the case is known when the rubric is checked.
    let turn = target.by.as_ref().and_then(|by| match by.it.0.as_slice() {
        [name] => scope.stands_for(&name.it),
        _ => None,
    });
    let by = target
        .by
        .as_ref()
        .filter(|_| turn.is_none())
        .map(|by| scope.of_subject(&tree::Expr { kind: tree::ExprKind::Path(by.it.clone()), span: by.span }));
    if let Some(by) = &by {
        check_cases(scope, by, target);
    }
    let mut cases = Vec::new();
    // What is wrong with the value beside one case is wrong beside all.
    let mut told = false;
    for case in &target.cases {
        if let Some(turn) = &turn
            && !case.options.is_empty()
            && !case.options.iter().any(|option| option.it == *turn)
        {
            continue;
        }
        // The target is asked before it is known whether it is met.
        let before = scope.speak_of(None);
        let bound = match value.map(|value| &value.ty) {
            Some(Type::Choice(options)) => expr::option(scope, &case.bound, &options.clone()),
            _ => expr::expr(scope, &case.bound),
        };
        scope.speak_of(before);
        let bound = scope.one_a_subject(bound);
        let bound = if target.tightens { in_unit_of(scope, bound, value) } else { bound };
        if let Some(value) = value
            && !told
        {
            // The comparison tells whether units and types agree; the evaluator takes its two sides apart again.
            let before = scope.core.found.len();
            expr::compare(scope, case.op.it, value.clone(), bound.clone(), case.span);
            told = scope.core.found.len() > before;
        }
        let options = if turn.is_some() { Vec::new() } else { case.options.iter().map(|option| option.it.clone()).collect() };
        cases.push(TargetCase { options, op: case.op.it, bound, span: case.span });
        if turn.is_some() {
            break;
        }
    }
    if let Some(turn) = &turn
        && cases.is_empty()
        && !scope.core.is_broken(target.span)
    {
        scope.core.tell(points::cases(target.span, std::slice::from_ref(turn)));
    }
    Target { by, cases }
}

/// A bound that tightens another may be in another unit of the same kind: it is converted, exactly.
fn in_unit_of(scope: &mut RubricScope<'_, '_, '_>, bound: Expr, value: Option<&Expr>) -> Expr {
    let (Some(from), Some(to)) = (bound.ty.unit(), value.and_then(|value| value.ty.unit())) else { return bound };
    if from == to || !from.converts_to(to) {
        return bound;
    }
    let (factor, to) = (from.scale().checked_div(&to.scale()).unwrap_or(Exact::ONE), to.clone());
    let (level, span) = (bound.level, bound.span);
    expr::made(scope.core, Node::Scale(Box::new(bound), factor), Type::number(to), level, span)
}

/// The cases of a target name options of the choice, each once, and all of them or the rest.
fn check_cases(scope: &mut RubricScope<'_, '_, '_>, by: &Expr, target: &tree::Target) {
    let Type::Choice(options) = &by.ty else {
        if by.ty != Type::Unknown {
            scope.core.tell(types::mismatch(&Type::Choice([].into()), &by.ty, by.span));
        }
        return;
    };
    let listed: Vec<&At<Name>> = target.cases.iter().flat_map(|case| &case.options).collect();
    let rest = target.cases.iter().any(|case| case.options.is_empty());
    complete(scope, options, &listed, rest, target.span);
}

/// Options that are listed: known, once, and all of them unless the rest is taken care of.
fn complete(scope: &mut RubricScope<'_, '_, '_>, options: &[Name], listed: &[&At<Name>], rest: bool, span: Span) {
    for (at, option) in listed.iter().enumerate() {
        if !options.contains(&option.it) {
            let near = nearest(&option.it, options.iter().map(Name::as_str));
            scope.core.tell_unknown(&option.it, names::unknown_option(&option.it, option.span, near, options));
        }
        if let Some(first) = listed.iter().take(at).find(|first| first.it == option.it) {
            scope.core.tell(points::case_twice(&option.it, option.span, first.span));
        }
    }
    let missing: Vec<Name> = options.iter().filter(|option| !listed.iter().any(|listed| listed.it == **option)).cloned().collect();
    let misspelt = listed.iter().any(|option| !options.contains(&option.it));
    if !rest && !missing.is_empty() && !misspelt && !scope.core.is_broken(span) {
        scope.core.tell(points::cases(span, &missing));
    }
}

/// What a way of scoring is held against.
struct Told<'i> {
    value: Option<&'i Expr>,
    target: Option<&'i Target>,
    points: Option<&'i At<Exact>>,
    broken: bool,
    /// Whether a number beside the value was in another unit: the value's mistake then, and told once.
    mismatch: Cell<bool>,
}

fn check_way(scope: &mut RubricScope<'_, '_, '_>, way: &At<tree::Way>, told: &Told<'_>) -> Way {
    use tree::Way as W;
    let span = way.span;
    let (needs_value, needs_target) = match &way.it {
        W::AllOrNone | W::Proportional { .. } | W::FullMinus { .. } => (true, true),
        W::Bands(_) | W::Linear(_) | W::Levels(_) => (true, false),
        W::Deduct(_) | W::Checklist(_) | W::Script(_) | W::Formula(_) => (false, false),
    };
    if !told.broken {
        lacking(scope, span, told, needs_value, needs_target);
    }
    match &way.it {
        W::AllOrNone => Way::AllOrNone,
        W::Bands(written) => {
            let bands = written.iter().map(|band| self::band(scope, band, told)).collect::<Vec<_>>();
            bands::cover(scope.core, &bands, span);
            Way::Bands(bands)
        }
        W::Linear(knots) => Way::Linear(corners(scope, knots, told, span)),
        W::Proportional { floor } => Way::Proportional { floor: floor.as_ref().map(|floor| floor.it.clone()) },
        W::FullMinus { minus, step, below, steps } => {
            bound_in_unit(scope, &step.it, step.span, told, false);
            if !step.it.number.is_positive() {
                scope.core.tell(points::incomplete(step.span, "一步要大于零", "a step must be above zero", ("如 `1%`", "such as `1%`")));
            }
            let wrong_way = |op: CompareOp| {
                if *below { matches!(op, CompareOp::Le | CompareOp::Lt) } else { matches!(op, CompareOp::Ge | CompareOp::Gt) }
            };
            if told.target.is_some_and(|target| target.cases.iter().any(|case| wrong_way(case.op))) {
                let (zh, en) = if *below { ("每高", "above") } else { ("每低", "below") };
                scope.core.tell(points::incomplete(
                    span,
                    "扣分的方向与目标相反",
                    "the deduction runs the other way than the target",
                    (&format!("写 `{zh}`"), &format!("write `{en}`")),
                ));
            }
            Way::FullMinus { minus: minus.it.clone(), step: step.it.number.clone(), below: *below, steps: *steps }
        }
        // A deduction may well take off more than there is: the score stops at zero.
        W::Deduct(items) => Way::Deduct(case_items(scope, items, &Told { points: None, mismatch: Cell::new(false), ..*told }, told.points)),
        W::Checklist(items) => {
            let items = case_items(scope, items, told, told.points);
            let most: Exact = items.iter().filter(|item| !item.each).map(|item| item.points.clone()).sum();
            if let Some(points) = told.points
                && items.iter().all(|item| !item.each)
                && most < points.it
                && !told.broken
            {
                let parts: Vec<_> = items.iter().map(|item| (item.label.clone().unwrap_or_default(), item.points.clone())).collect();
                scope.core.tell(points::sum("清单", &points.it, points.span, &parts));
            }
            Way::Checklist(items)
        }
        W::Levels(levels) => Way::Levels(check_levels(scope, levels, told, span)),
        W::Script(written) => match script::script(scope, written, span, told.points.map(|points| &points.it)) {
            Some(code) => Way::Script(code),
            None => Way::AllOrNone,
        },
        W::Formula(formula) => {
            let formula = expr::numeric(scope, formula);
            let formula = scope.one_a_subject(formula);
            if let Some(unit) = formula.ty.unit().filter(|unit| !unit.is_one()) {
                let one = crate::model::Unit::one();
                scope.core.tell(types::unit_mismatch((&one, span), (&unit.clone(), formula.span), None, ""));
            }
            Way::Formula(formula)
        }
    }
}

/// Tells what a way of scoring lacks.
fn lacking(scope: &mut RubricScope<'_, '_, '_>, span: Span, told: &Told<'_>, value: bool, target: bool) {
    if told.points.is_none() {
        scope.core.tell(points::incomplete(
            span,
            "有计分方法而没有分值",
            "a way of scoring without points",
            ("在标题后写分值，如 `指标 A1 \"…\" 8分 { … }`", "write the points behind the title, such as `indicator A1 \"…\" 8 { … }`"),
        ));
    }
    if value && told.value.is_none() {
        scope.core.tell(points::incomplete(
            span,
            "这种计分方法要有取值",
            "this way of scoring needs a value",
            ("写 `取值 …`", "write `value …`"),
        ));
    } else if target && told.target.is_none() {
        scope.core.tell(points::incomplete(
            span,
            "这种计分方法要有目标",
            "this way of scoring needs a target",
            ("写 `目标 >= …`", "write `target >= …`"),
        ));
    }
}

/// A number beside the value, in its unit.
fn bound_in_unit(scope: &mut RubricScope<'_, '_, '_>, quantity: &tree::Quantity, span: Span, told: &Told<'_>, compared: bool) {
    let number = expr::number(scope.core, quantity, span);
    let Some(value) = told.value.filter(|_| !told.mismatch.get()) else { return };
    let before = scope.core.found.errors();
    match compared {
        true => {
            expr::compare(scope, CompareOp::Ge, value.clone(), number, span);
        }
        false => {
            let number = expr::expect(scope.core, number, &value.ty);
            expr::unify(scope.core, value, &number);
        }
    }
    told.mismatch.set(scope.core.found.errors() > before);
}

fn marks(scope: &mut RubricScope<'_, '_, '_>, marks: &At<Marks>, told: &Told<'_>) -> Exact {
    let zero = Exact::ZERO;
    let full = told.points.map_or(&zero, |points| &points.it);
    let earned = match &marks.it {
        Marks::Points(points) => points.clone(),
        Marks::Share(share) => share * full,
    };
    if let Some(points) = told.points
        && earned > points.it
    {
        scope.core.tell(points::exceeds(&earned, &points.it, marks.span, points.span));
    }
    earned
}

fn band(scope: &mut RubricScope<'_, '_, '_>, band: &tree::Band, told: &Told<'_>) -> Band {
    let points = marks(scope, &band.marks, told);
    let of = match &band.of {
        tree::BandOf::Else => BandOf::Else,
        tree::BandOf::Compare(op, bound) => {
            bound_in_unit(scope, &bound.it, bound.span, told, true);
            BandOf::Compare(op.it, bound.it.number.clone())
        }
        tree::BandOf::Range(range) => {
            for end in [&range.it.from, &range.it.to].into_iter().flatten() {
                bound_in_unit(scope, end, range.span, told, true);
            }
            let number = |end: &Option<tree::Quantity>| end.as_ref().map(|end| end.number.clone());
            BandOf::Range(number(&range.it.from), number(&range.it.to))
        }
    };
    Band { of, points, span: band.span }
}

fn corners(scope: &mut RubricScope<'_, '_, '_>, knots: &[tree::Knot], told: &Told<'_>, span: Span) -> Vec<Knot> {
    let mut corners: Vec<Knot> = Vec::new();
    for knot in knots {
        bound_in_unit(scope, &knot.at.it, knot.at.span, told, true);
        let points = marks(scope, &knot.marks, told);
        if let Some(before) = corners.last()
            && before.at >= knot.at.it.number
        {
            scope.core.tell(points::corners(knot.span, before.span));
        }
        corners.push(Knot { at: knot.at.it.number.clone(), points, span: knot.span });
    }
    if corners.len() < 2 && !told.broken {
        scope.core.tell(points::incomplete(
            span,
            "线性计分至少要有两个折点",
            "a linear score needs at least two corners",
            ("如 `线性 { 0: 0; 20: 20 }`", "such as `linear { 0: 0; 20: 20 }`"),
        ));
    }
    corners
}

fn case_items(scope: &mut RubricScope<'_, '_, '_>, items: &[tree::CaseItem], told: &Told<'_>, full: Option<&At<Exact>>) -> Vec<CaseItem> {
    let mut checked = Vec::new();
    for item in items {
        let points = match (&item.marks.it, full) {
            (Marks::Share(share), Some(full)) => share * &full.it,
            _ => marks(scope, &item.marks, told),
        };
        let what = if item.each { expr::numeric(scope, &item.what) } else { expr::flag(scope, &item.what) };
        let what = scope.one_a_subject(what);
        let label = item.label.as_ref().map(|label| label.it.clone());
        checked.push(CaseItem { points, each: item.each, what, label, span: item.span });
    }
    checked
}

fn check_levels(scope: &mut RubricScope<'_, '_, '_>, levels: &[tree::Level], told: &Told<'_>, span: Span) -> Vec<ScoreLevel> {
    if let Some(value) = told.value {
        match &value.ty {
            Type::Choice(options) => {
                let listed: Vec<&At<Name>> = levels.iter().flat_map(|level| &level.options).collect();
                let rest = levels.iter().any(|level| level.options.is_empty());
                complete(scope, &options.clone(), &listed, rest, span);
            }
            Type::Unknown => {}
            other => scope.core.tell(types::mismatch(&Type::Choice([].into()), other, value.span)),
        }
    }
    let mut checked = Vec::new();
    for level in levels {
        let points = marks(scope, &level.marks, told);
        checked.push(ScoreLevel { options: level.options.iter().map(|option| option.it.clone()).collect(), points, span: level.span });
    }
    checked
}
