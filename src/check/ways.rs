//! Ways of scoring (计分方法的检查): what each needs, and that what it gives adds up.

use super::expr;
use super::indicator::complete;
use super::mistakes::{points, types};
use super::scope::RubricScope;
use super::{bands, judged, script};
use crate::model::{Band, BandOf, CaseItem, CaseLine, Expr, Knot, Level, Node, ScoreLevel, Target, Type, Way};
use crate::number::Exact;
use crate::syntax::tree::{self, CompareOp, Marks, Times};
use crate::text::{At, Name, Span};
use std::cell::Cell;

/// What a way of scoring is held against.
pub(super) struct Told<'i> {
    pub code: &'i At<Name>,
    pub value: Option<&'i Expr>,
    pub target: Option<&'i Target>,
    pub points: Option<&'i At<Exact>>,
    pub broken: bool,
    /// Whether a number beside the value was in another unit: the value's mistake then, and told once.
    pub mismatch: Cell<bool>,
}

/// Checks a way of scoring.
pub(super) fn check_way(scope: &mut RubricScope<'_, '_, '_>, way: &At<tree::Way>, told: &Told<'_>) -> Way {
    use tree::Way as W;
    let span = way.span;
    let (needs_value, needs_target) = match &way.it {
        W::AllOrNone | W::Proportional { .. } | W::FullMinus { .. } | W::Bands { by_attained: true, .. } => (true, true),
        W::Bands { .. } | W::Linear(_) | W::Levels(_) => (true, false),
        W::Deduct(_) | W::Checklist(_) | W::First(_) | W::Judged { .. } | W::Script(_) | W::Formula(_) => (false, false),
    };
    if !told.broken {
        lacking(scope, span, told, needs_value, needs_target);
    }
    match &way.it {
        W::AllOrNone => Way::AllOrNone,
        W::Bands { by_attained, bands } => {
            let attained = by_attained.then(|| attained(scope, span));
            let told = &Told { value: attained.as_ref().or(told.value), mismatch: Cell::new(false), ..*told };
            let bands = bands.iter().map(|band| self::band(scope, band, told)).collect::<Vec<_>>();
            bands::cover(scope.core, &bands, span);
            Way::Bands { by_attained: *by_attained, bands }
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
        W::Deduct(lines) => Way::Deduct(case_lines(scope, lines, &Told { points: None, mismatch: Cell::new(false), ..*told }, told.points)),
        W::Checklist(lines) => {
            let lines = case_lines(scope, lines, told, told.points);
            let most = |line: &CaseLine| line.items().iter().map(|item| item.points.clone()).max().unwrap_or_default();
            let all: Exact = lines.iter().map(most).sum();
            if let Some(points) = told.points
                && lines.iter().flat_map(CaseLine::items).all(|item| !item.each)
                && all < points.it
                && !told.broken
            {
                let label = |line: &CaseLine| line.items().iter().filter_map(|item| item.label.clone()).collect::<Vec<_>>().join("/");
                let parts: Vec<_> = lines.iter().map(|line| (label(line), most(line))).collect();
                scope.core.tell(points::sum("清单", &points.it, points.span, &parts));
            }
            Way::Checklist(lines)
        }
        W::First(cases) => first(scope, cases, told, span),
        W::Judged { field, levels } => {
            let code = told.code.clone();
            judged::judged(scope, &code, (field, levels.as_deref()), told, span).unwrap_or(Way::AllOrNone)
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

/// Attainment as what bands are held against.
fn attained(scope: &mut RubricScope<'_, '_, '_>, span: Span) -> Expr {
    expr::made(scope.core, Node::Wrong, Type::share(), Level::Subject, span)
}

fn case_lines(scope: &mut RubricScope<'_, '_, '_>, lines: &[tree::CaseLine], told: &Told<'_>, full: Option<&At<Exact>>) -> Vec<CaseLine> {
    let mut checked = Vec::new();
    for line in lines {
        match line {
            tree::CaseLine::Item(item) => checked.extend(case_item(scope, item, told, full).into_iter().map(CaseLine::Item)),
            tree::CaseLine::Highest(items) => {
                checked.push(CaseLine::Highest(items.iter().flat_map(|item| case_item(scope, item, told, full)).collect()));
            }
        }
    }
    checked
}

/// A line as what it counts: one of a list is a line for each.
fn case_item(scope: &mut RubricScope<'_, '_, '_>, item: &tree::CaseItem, told: &Told<'_>, full: Option<&At<Exact>>) -> Vec<CaseItem> {
    let points = match (&item.marks.it, full) {
        (Marks::Share(share), Some(full)) => share * &full.it,
        _ => marks(scope, &item.marks, told),
    };
    let (list, each, missing) = match &item.times {
        Times::Each(what) => (std::slice::from_ref(what), true, false),
        Times::If(what) => (std::slice::from_ref(what), false, false),
        Times::EachOf(list) => (list.as_slice(), false, false),
        Times::EachMissing(list) => (list.as_slice(), false, true),
    };
    let label = item.label.as_ref().map(|label| label.it.clone());
    let mut checked = Vec::new();
    for what in list {
        let what = if each { expr::numeric(scope, what) } else { expr::flag(scope, what) };
        let what = scope.one_a_subject(what);
        checked.push(CaseItem { points: points.clone(), each, missing, what, label: label.clone(), span: item.span });
    }
    checked
}

/// Cases of which the first that holds counts; the rest must be taken care of.
fn first(scope: &mut RubricScope<'_, '_, '_>, cases: &[tree::FirstCase], told: &Told<'_>, span: Span) -> Way {
    let mut checked = Vec::new();
    let mut otherwise: Option<(Exact, Span)> = None;
    for case in cases {
        let points = marks(scope, &case.marks, told);
        if let Some((_, earlier)) = &otherwise {
            let name = Name::from(scope.core.texts.slice(case.span));
            scope.core.tell(points::unreachable(&name, case.span, "排在“其他”之后", "it stands after `else`", Some(*earlier)));
        }
        match &case.when {
            Some(when) => {
                let what = scope.condition(when);
                let label = case.label.as_ref().map(|label| label.it.clone());
                checked.push(CaseItem { points, each: false, missing: false, what, label, span: case.span });
            }
            None => otherwise = otherwise.or(Some((points, case.span))),
        }
    }
    if otherwise.is_none() && !told.broken && !scope.core.is_broken(span) {
        scope.core.tell(points::incomplete(
            span,
            "都不满足时得几分没有写",
            "what is earned where no case holds is not said",
            ("在末尾写 `其他: 0分`", "end with `else: 0`"),
        ));
    }
    Way::First(checked, otherwise.map_or(Exact::ZERO, |(points, _)| points))
}

pub(super) fn check_levels(scope: &mut RubricScope<'_, '_, '_>, levels: &[tree::Level], told: &Told<'_>, span: Span) -> Vec<ScoreLevel> {
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
