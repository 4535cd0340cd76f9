//! Grades and conclusions (等级与结论的检查): each can be reached, and one always holds.

use super::expr::{self, Scope, made};
use super::interval;
use super::mistakes::{names, points};
use super::scope::RubricScope;
use crate::model::{Level, Node, Slot, Type, Verdict, Verdicts};
use crate::number::Exact;
use crate::syntax::tree::{self, CompareOp, VerdictCondition};
use crate::text::{Name, Span};
use std::sync::Arc;

/// The names of verdicts, as a choice.
pub(super) fn names_of(cases: Option<&[tree::Verdict]>) -> Type {
    match cases {
        // Without a case that could be read, nothing is known of their names.
        Some([]) => Type::Unknown,
        Some(cases) => {
            let mut names = Vec::new();
            for case in cases {
                if !names.contains(&case.name.it) {
                    names.push(case.name.it.clone());
                }
            }
            Type::Choice(Arc::from(names))
        }
        None => Type::Unknown,
    }
}

/// Checks `grade { … }` (with the full marks, where points are given) or `conclusion { … }`; also gives back whether it may be that none holds.
pub(super) fn verdicts(
    scope: &mut RubricScope<'_, '_, '_>,
    cases: &[tree::Verdict],
    span: Span,
    forced: &[&Name],
    grade: Option<Option<&Exact>>,
) -> (Verdicts, bool) {
    if grade == Some(None) && !scope.core.is_broken(span) {
        scope.core.tell(points::incomplete(
            span,
            "评等级要有分值，这里没有一个指标有分值",
            "a grade needs points, and no indicator has any",
            ("不计分的体系用 `结论 { … }`", "a rubric without points has `conclusion { … }`"),
        ));
    }
    let full = grade.flatten();
    let mut checked = Vec::new();
    let mut otherwise: Option<Span> = None;
    // The bounds of the total that earlier cases take without further conditions.
    let mut taken: Vec<(CompareOp, Exact, Span)> = Vec::new();
    let by_veto = |case: &&tree::Verdict| matches!(case.condition, VerdictCondition::ByVeto);
    for (at, case) in cases.iter().enumerate() {
        if let Some(earlier) = otherwise {
            let mistake = points::unreachable(&case.name.it, case.span, "排在“其他”之后", "it stands after `otherwise`", Some(earlier));
            scope.core.tell(mistake);
        }
        let condition = match &case.condition {
            VerdictCondition::Otherwise => {
                otherwise.get_or_insert(case.span);
                None
            }
            VerdictCondition::ByVeto => {
                let first = cases.iter().take(at).filter(by_veto).find(|first| first.name.it == case.name.it);
                if let Some(first) = first {
                    scope.core.tell(names::repeated(&case.name.it, &case.name.it, case.span, first.span));
                }
                if !forced.contains(&&case.name.it) && !scope.core.is_broken(span) {
                    let mistake = points::unreachable(&case.name.it, case.span, "没有一票否决得出它", "no veto forces it", None);
                    scope.core.tell(mistake);
                }
                Some(made(scope.core(), Node::Flag(false), Type::Flag, Level::Constant, case.span))
            }
            VerdictCondition::Expr(condition) => Some(scope.condition(condition)),
            VerdictCondition::Total { op, bound, and } => {
                let total = made(scope.core(), Node::Slot(Slot::Total), Type::plain(), Level::Subject, op.span);
                let bound = expr::numeric(scope, bound);
                if let Node::Number(number) = &bound.node {
                    reach(scope, case, op.it, number, and.is_none(), full, &mut taken);
                }
                let of_total = expr::compare(scope, op.it, total, bound, case.span);
                Some(match and {
                    None => of_total,
                    Some(and) => {
                        let and = scope.condition(and);
                        made(scope.core(), Node::All(vec![of_total, and]), Type::Flag, Level::Subject, case.span)
                    }
                })
            }
        };
        checked.push(Verdict { name: case.name.clone(), condition, span: case.span });
    }
    let open = otherwise.is_none() && !covers_all(&taken) && !scope.core.is_broken(span);
    (Verdicts { cases: checked, ty: names_of(Some(cases)), span }, open)
}

/// Tells of a bound of the total that no total reaches, or that earlier cases have taken.
fn reach(
    scope: &mut RubricScope<'_, '_, '_>,
    case: &tree::Verdict,
    op: CompareOp,
    bound: &Exact,
    alone: bool,
    full: Option<&Exact>,
    taken: &mut Vec<(CompareOp, Exact, Span)>,
) {
    let name = &case.name.it;
    if let Some(full) = full
        && interval::within((op, bound), (CompareOp::Gt, full))
    {
        let (zh, en) = (format!("总分最多 {full}"), format!("the total is at most {full}"));
        scope.core.tell(points::unreachable(name, case.span, &zh, &en, None));
    }
    let covered = |(earlier, limit, _): &&(CompareOp, Exact, Span)| interval::within((op, bound), (*earlier, limit));
    if let Some((.., earlier)) = taken.iter().find(covered) {
        let mistake = points::unreachable(name, case.span, "满足它的都已归入前面", "whatever meets it is taken before", Some(*earlier));
        scope.core.tell(mistake);
    }
    if alone {
        taken.push((op, bound.clone(), case.span));
    }
}

/// Whether some case takes every total from zero up.
fn covers_all(taken: &[(CompareOp, Exact, Span)]) -> bool {
    taken.iter().any(|(op, bound, _)| interval::within((CompareOp::Ge, &Exact::ZERO), (*op, bound)))
}
