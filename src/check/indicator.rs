//! Indicators (指标的检查): value, target and way of scoring fit each other.

use super::alarms;
use super::expr::{self, Scope};
use super::mistakes::{names, points, types};
use super::scope::{RubricScope, State};
use super::ways::{Told, check_way};
use crate::model::{Adjust, Exception, Expr, Indicator, Node, Rounded, Target, TargetCase, Type};
use crate::number::Exact;
use crate::syntax::tree::{self, InapplicablePolicy, IndicatorStmt, MissingPolicy};
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
    exceptions: Vec<&'w tree::Exception>,
    adjust: Vec<&'w tree::Adjust>,
    alarms: Vec<&'w tree::Alarm>,
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
        let exceptions = exceptions(scope, &gathered.exceptions, value.as_ref(), target.as_ref(), broken);
        let adjust = gathered.adjust.iter().map(|adjust| self::adjust(scope, adjust)).collect();
        let alarms = alarms::check(scope, &gathered.alarms, (at, value.as_ref(), target.as_ref()), broken);
        if written.part.it != tree::Part::Base && written.points.is_none() && gathered.way.is_none() && !broken {
            scope.core.tell(points::incomplete(
                written.part.span,
                &format!("加分、扣减项 `{}` 没有分值和计分方法", code.it),
                &format!("the bonus or penalty `{}` has neither points nor a way of scoring", code.it),
                (
                    "如 `加分 J1 \"省级表彰\" 5分 { 计分 清单 { 1 每 园.省级表彰数 } }`",
                    "such as `bonus J1 \"awards\" 5 { score checklist { 1 each 园.省级表彰数 } }`",
                ),
            ));
        }
        let way = gathered.way.map(|way| {
            let told = Told {
                code: &code,
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
        // Of one with a target, that is told.
        if value.is_none() && way.is_none() && target.is_none() && !broken {
            scope.core.tell(points::empty_indicator(&written.head.name.it, written.head.span));
        }
        Some(Indicator {
            code: code.clone(),
            title: written.head.title.as_ref().map(|title| title.it.clone()),
            clause: written.clause.as_ref().map(|clause| clause.it.clone()),
            doc: written.head.doc.clone(),
            section,
            part: written.part.it,
            points: written.points.clone(),
            weight: written.weight.as_ref().map_or(Exact::ONE, |weight| weight.it.clone()),
            when,
            value: value.clone(),
            target,
            exceptions,
            way,
            adjust,
            alarms,
            round: gathered.round.map(|round| Rounded { mode: round.mode, places: round.places }).or(defaults.round),
            missing: gathered.missing.map_or(defaults.missing, |policy| policy.it),
            // A bonus that does not apply is none.
            inapplicable: match (gathered.inapplicable, written.part.it) {
                (Some(policy), _) => policy.it,
                (None, tree::Part::Base) => defaults.inapplicable,
                (None, tree::Part::Bonus | tree::Part::Penalty) => InapplicablePolicy::Zero,
            },
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
            IndicatorStmt::Exception(exception) => all.exceptions.push(exception),
            IndicatorStmt::Adjust(adjust) => all.adjust.push(adjust),
            IndicatorStmt::Alarm(alarm) => all.alarms.push(alarm),
            IndicatorStmt::Let(_) => {}
        }
    }
    all
}

/// Exceptions, no two for the same.
fn exceptions(
    scope: &mut RubricScope<'_, '_, '_>,
    written: &[&tree::Exception],
    value: Option<&Expr>,
    base: Option<&Target>,
    broken: bool,
) -> Vec<Exception> {
    let mut checked: Vec<Exception> = Vec::new();
    // If the target itself is the odd one, that is one mistake.
    let mut turned = false;
    // Nor is what the indicator lacks told for each of them.
    let (mut valueless, mut targetless) = (value.is_none() && base.is_some(), false);
    for exception in written {
        let before = scope.speak_of(None);
        let when = scope.condition(&exception.when);
        scope.speak_of(before);
        let same = |text: Span| scope.core.texts.slice(text).split_whitespace().collect::<String>();
        if let Some(earlier) = checked.iter().find(|earlier| same(earlier.when.span) == same(when.span)) {
            scope.core.tell(points::exceptions_clash(exception.span, earlier.span));
        }
        let mut target = None;
        for stmt in &exception.body {
            if let tree::ExceptionStmt::Target(written) = stmt {
                let told = std::mem::replace(&mut valueless, value.is_none());
                target = Some(check_target(scope, written, value, broken || told));
            }
        }
        if exception.body.len() != 1 && !broken && !scope.core.is_broken(exception.span) {
            scope.core.tell(points::incomplete(
                exception.span,
                "例外要写且只写一条：另一个目标，或不适用",
                "an exception has one statement: another target, or `not applicable`",
                ("如 `{ 目标 <= 2400 }` 或 `{ 不适用 }`", "such as `{ target <= 2400 }` or `{ not applicable }`"),
            ));
        }
        if target.is_some() && base.is_none() && !broken && !std::mem::replace(&mut targetless, true) {
            scope.core.tell(points::incomplete(
                exception.span,
                "例外改的是目标，而指标没有目标",
                "the exception changes a target, and the indicator has none",
                ("写 `目标 …`", "write `target …`"),
            ));
        }
        let ops = |target: &Target| target.cases.iter().map(|case| case.op).collect::<Vec<_>>();
        if let (Some(base), Some(other)) = (base, &target)
            && let Some(wanted) = ops(base).first()
            && ops(base).iter().chain(&ops(other)).any(|op| op != wanted)
            && !std::mem::replace(&mut turned, true)
        {
            scope.core.tell(points::exception_turns(exception.span, wanted.symbol()));
        }
        let until = exception.until.as_ref().map(|until| until.it);
        checked.push(Exception { title: exception.title.it.clone(), when, until, target, span: exception.span });
    }
    checked
}

/// What becomes of the score if something holds; it is never more than it was.
fn adjust(scope: &mut RubricScope<'_, '_, '_>, written: &tree::Adjust) -> Adjust {
    let when = scope.condition(&written.when);
    if written.factor.it > Exact::ONE {
        scope.core.tell(points::incomplete(
            written.factor.span,
            "得分只能乘以不超过 100% 的数",
            "a score can only be multiplied by 100% or less",
            ("加倍扣分写在扣分的式子里；加分用 `加分`", "a doubled deduction goes into its expression; more points are a `bonus`"),
        ));
    }
    let label = written.label.as_ref().map(|label| label.it.clone());
    Adjust { factor: written.factor.it.clone(), when, label, span: written.span }
}

/// Whether a bound is a single word that means nothing by itself.
fn unknown_word(scope: &mut RubricScope<'_, '_, '_>, bound: &tree::Expr) -> bool {
    match &bound.kind {
        tree::ExprKind::Path(tree::Path(names)) => matches!(names.as_slice(), [name] if !expr::Scope::knows(scope, &name.it)),
        _ => false,
    }
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
            // What is wrong with the value is told; a name was most likely one of its options.
            Some(Type::Unknown) if unknown_word(scope, &case.bound) => expr::wrong(scope.core, case.bound.span),
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
pub(super) fn complete(scope: &mut RubricScope<'_, '_, '_>, options: &[Name], listed: &[&At<Name>], rest: bool, span: Span) {
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
