//! Rubrics (评价体系的检查): their statements gathered, their parts checked, points added up.

use super::core::Core;
use super::layers::Stacked;
use super::mistakes::{names, points};
use super::scope::{Binding, Pending, RubricScope, State};
use super::{beside, indicator, judged, order, reach, verdicts};
use crate::model::{FieldIx, LetValue, Rounded, Rubric, Rules, Section, Source, Verdicts, Veto};
use crate::number::Exact;
use crate::syntax::tree::{self, InapplicablePolicy, MissingPolicy, Part, RubricStmt};
use crate::text::{At, Name, Span};
use std::collections::BTreeSet;

/// What a rubric is over, and what it also reads: among these may be rubrics, which come first.
pub(super) fn sources(rubric: &tree::Rubric) -> impl Iterator<Item = &tree::Source> {
    rubric.body.iter().filter_map(|stmt| match stmt {
        RubricStmt::Over(source) | RubricStmt::AlsoReads { source, .. } => Some(source),
        _ => None,
    })
}

/// A day, where one is written.
type Day<'w> = &'w Option<At<chrono::NaiveDate>>;

/// The statements of a rubric that may stand only once, and those that may be many.
#[derive(Default)]
struct Gathered<'w> {
    version: Option<&'w At<String>>,
    authority: Option<&'w At<String>>,
    in_force: Option<(Day<'w>, Day<'w>)>,
    subjects: Option<&'w Vec<At<Name>>>,
    source: Option<(&'w tree::Source, bool)>,
    beside: Vec<(&'w tree::Source, Option<&'w At<u32>>)>,
    judges: Option<&'w tree::Judges>,
    total: Option<&'w At<Exact>>,
    bonus_cap: Option<&'w At<Exact>>,
    round_items: Option<&'w tree::Round>,
    round_total: Option<&'w tree::Round>,
    compare: Option<&'w At<u32>>,
    missing: Option<&'w At<MissingPolicy>>,
    inapplicable: Option<&'w At<InapplicablePolicy>>,
    when: Option<&'w tree::Expr>,
    grade: Option<(&'w Vec<tree::Verdict>, Span)>,
    conclusion: Option<(&'w Vec<tree::Verdict>, Span)>,
    vetoes: Vec<(&'w tree::Expr, &'w At<String>, &'w At<Name>, Span)>,
    indicators: Vec<Pending<'w, tree::Indicator>>,
    lets: Vec<Pending<'w, tree::Let>>,
    sections: Vec<(Section, Option<&'w At<Exact>>, Span)>,
}

fn once<T>(core: &mut Core<'_>, slot: &mut Option<T>, value: T, span: impl Fn(&T) -> Span, zh: &str, en: &str) {
    match slot {
        Some(first) => core.tell(names::repeated(zh, en, span(&value), span(first))),
        None => *slot = Some(value),
    }
}

fn gather<'w>(core: &mut Core<'_>, body: &'w [RubricStmt], section: Option<usize>, binding: Option<&Binding>, into: &mut Gathered<'w>) {
    for stmt in body {
        match stmt {
            RubricStmt::Version(version) => once(core, &mut into.version, version, |it| it.span, "版本", "version"),
            RubricStmt::Authority(authority) => once(core, &mut into.authority, authority, |it| it.span, "依据", "authority"),
            RubricStmt::InForce { from, to } => {
                let span = |(from, to): &(Day<'_>, Day<'_>)| from.as_ref().or(to.as_ref()).map_or(Span::default(), |day| day.span);
                once(core, &mut into.in_force, (from, to), span, "施行", "in force");
            }
            RubricStmt::Subject(kinds) => {
                once(core, &mut into.subjects, kinds, |it| it.first().map_or(Span::default(), |kind| kind.span), "对象", "subject");
            }
            RubricStmt::Reads(source) => once(core, &mut into.source, (source, true), |(it, _)| it.path.span, "数据", "reads"),
            RubricStmt::Over(source) => once(core, &mut into.source, (source, false), |(it, _)| it.path.span, "汇总", "over"),
            RubricStmt::AlsoReads { source, earlier } => into.beside.push((source, earlier.as_ref())),
            RubricStmt::Judges(judges) => {
                // The assessments lie beside the source like anything else that is read.
                if into.judges.is_none() {
                    into.beside.push((&judges.source, None));
                }
                once(core, &mut into.judges, judges, |it| it.span, "评定", "judges");
            }
            RubricStmt::Total(total) => once(core, &mut into.total, total, |it| it.span, "总分", "total"),
            RubricStmt::BonusCap(cap) => once(core, &mut into.bonus_cap, cap, |it| it.span, "加分不超过", "bonus at most"),
            RubricStmt::Round(round) if round.total => once(core, &mut into.round_total, round, |it| it.span, "取整 总分", "round total"),
            RubricStmt::Round(round) => once(core, &mut into.round_items, round, |it| it.span, "取整", "round"),
            RubricStmt::CompareRounded(places) => once(core, &mut into.compare, places, |it| it.span, "修约值比较", "compare rounded"),
            RubricStmt::Missing(policy) => once(core, &mut into.missing, policy, |it| it.span, "未填", "missing"),
            RubricStmt::Inapplicable(policy) => once(core, &mut into.inapplicable, policy, |it| it.span, "不适用", "not applicable"),
            RubricStmt::When(condition) => once(core, &mut into.when, condition, |it| it.span, "当", "when"),
            RubricStmt::Verdicts { by_total, cases, span } => {
                let (slot, zh, en) =
                    if *by_total { (&mut into.grade, "等级", "grade") } else { (&mut into.conclusion, "结论", "conclusion") };
                once(core, slot, (cases, *span), |(_, span)| *span, zh, en);
            }
            RubricStmt::Veto { condition, reason, then, span } => into.vetoes.push((condition, reason, then, *span)),
            RubricStmt::Section { head, points, weight, body } => {
                if let Some((first, ..)) = into.sections.iter().find(|(known, ..)| known.code == head.name) {
                    core.tell(names::duplicate("一级指标", "section", &head.name, first.code.span));
                }
                let at = into.sections.len();
                let title = head.title.as_ref().map(|title| title.it.clone());
                let weight = weight.as_ref().map_or(Exact::ONE, |weight| weight.it.clone());
                let made = Section { code: head.name.clone(), title, points: Exact::ZERO, weight, parent: section };
                into.sections.push((made, points.as_ref(), head.whole));
                gather(core, body, Some(at), binding, into);
            }
            RubricStmt::Indicator(written) => {
                let code = full_code(&written.head.name, binding);
                if let Some(first) = into.indicators.iter().find(|first| first.code == code) {
                    core.tell(names::duplicate("指标", "indicator", &written.head.name, first.code.span));
                    continue;
                }
                into.indicators.push(Pending { code, written, section, binding: binding.cloned(), value: State::Waiting });
                for stmt in &written.body {
                    if let tree::IndicatorStmt::Let(named) = stmt {
                        gather_let(core, named, section, binding, into);
                    }
                }
            }
            RubricStmt::Let(written) => gather_let(core, written, section, binding, into),
            // What layers may touch, and what they change, is settled by now.
            RubricStmt::Guard(_) | RubricStmt::Layer(_) => {}
            RubricStmt::Each { name, over, body, .. } => {
                for item in over {
                    let turn = Binding { name: name.it.clone(), parts: item.it.0.iter().map(|part| part.it.clone()).collect() };
                    // A mistake inside would be told once for each turn.
                    gather(core, body, section, Some(&turn), into);
                }
            }
        }
    }
}

/// Named values are known in the whole rubric, wherever they are written.
fn gather_let<'w>(core: &mut Core<'_>, written: &'w tree::Let, section: Option<usize>, binding: Option<&Binding>, into: &mut Gathered<'w>) {
    let code = full_code(&written.name, binding);
    match into.lets.iter().find(|first| first.code == code) {
        Some(first) => core.tell(names::duplicate("名称", "name", &code, first.code.span)),
        None => into.lets.push(Pending { code, written, section, binding: binding.cloned(), value: State::Waiting }),
    }
}

fn full_code(code: &At<Name>, binding: Option<&Binding>) -> At<Name> {
    match binding {
        Some(binding) => At::new(Name::from(format!("{}.{}", code.it, binding.suffix())), code.span),
        None => code.clone(),
    }
}

/// Checks a rubric; nothing is made of one whose source is not known.
pub(super) fn rubric<'t>(core: &mut Core<'t>, stacked: &Stacked<'_>, rules: &Rules, used: &mut [BTreeSet<FieldIx>]) -> Option<Rubric> {
    let (written, prefix) = (stacked.rubric.as_ref(), stacked.prefix);
    let head = &written.head;
    let mut all = Gathered::default();
    gather(core, &written.body, None, None, &mut all);
    let Some((from, is_form)) = all.source else {
        if !core.is_broken(head.whole) {
            core.tell(names::missing_statement(&head.name.it, head.span, "数据 … 简称 …", "reads … as …"));
        }
        return None;
    };
    let source = super::source(core, prefix, &from.path, rules, is_form)?;
    core.restart_ids();
    let sections: Vec<_> = all.sections.iter().map(|(section, ..)| section.clone()).collect();
    let mut scope = RubricScope {
        core,
        rules,
        used,
        source,
        alias: from.alias.it.clone(),
        beside: Vec::new(),
        judges: None,
        has_judges: all.judges.is_some(),
        judged: Vec::new(),
        indicators: all.indicators,
        lets: all.lets,
        sections,
        grade: verdicts::names_of(all.grade.map(|(cases, _)| cases.as_slice())),
        conclusion: verdicts::names_of(all.conclusion.map(|(cases, _)| cases.as_slice())),
        binding: None,
        speaking: None,
        inside: None,
        chain: Vec::new(),
    };
    let subjects = subjects(&mut scope, all.subjects, head);
    beside::gather(&mut scope, prefix, &all.beside, &subjects, &from.alias);
    scope.judges = all.judges.and_then(|judges| judged::judges(&mut scope, judges));
    let when = all.when.map(|when| scope.condition(when));
    let defaults = indicator::Defaults {
        round: all.round_items.map(|round| Rounded { mode: round.mode, places: round.places }),
        missing: all.missing.map_or(MissingPolicy::Unscored, |policy| policy.it),
        inapplicable: all.inapplicable.map_or(InapplicablePolicy::Reweight, |policy| policy.it),
    };
    if let (Some(items), Some(total)) = (all.round_items, all.round_total) {
        scope.core.tell(points::rounded_twice(total.span, items.span));
    }
    let indicators: Vec<_> = (0..scope.indicators.len()).filter_map(|at| indicator::indicator(&mut scope, at, &defaults)).collect();
    (0..scope.lets.len()).for_each(|at| scope.resolve_let(at));
    let lets = scope.lets.iter().filter_map(|pending| match &pending.value {
        State::Done(Some(value)) => Some(LetValue { name: pending.code.clone(), value: value.clone() }),
        _ => None,
    });
    let lets: Vec<_> = lets.chain(scope.judged.iter().cloned()).collect();
    let stated: Vec<_> = all.sections.iter().map(|(_, points, whole)| (*points, *whole)).collect();
    let sections = add_up(&mut scope, &stated, &indicators, all.total, head);
    let full = all.total.map(|total| total.it.clone()).or_else(|| full_marks(&sections, &indicators));
    let forced: Vec<&Name> = all.vetoes.iter().map(|(.., then, _)| &then.it).collect();
    // Bonuses may lift the total above full marks.
    let bonuses = indicators.iter().filter(|indicator| indicator.part == Part::Bonus).filter_map(|indicator| indicator.points.as_ref());
    let most = full.as_ref().map(|full| bonuses.fold(full.clone(), |most, bonus| most + bonus.it.clone()));
    let grade = all.grade.map(|(cases, span)| verdicts::verdicts(&mut scope, cases, span, &forced, Some(most.as_ref())));
    let conclusion = all.conclusion.map(|(cases, span)| verdicts::verdicts(&mut scope, cases, span, &forced, None));
    let open = [grade.as_ref().is_some_and(|(_, open)| *open), conclusion.as_ref().is_some_and(|(_, open)| *open)];
    let (grade, conclusion) = (grade.map(|(grade, _)| grade), conclusion.map(|(conclusion, _)| conclusion));
    let vetoes = all.vetoes.iter().map(|veto| check_veto(&mut scope, veto, grade.as_ref().or(conclusion.as_ref()), head)).collect();
    if indicators.is_empty() && !scope.core.is_broken(head.whole) {
        scope.core.tell(names::missing_statement(&head.name.it, head.span, "指标 … { … }", "indicator … { … }"));
    }
    let mut rubric = Rubric {
        name: At::new(stacked.name.clone(), head.name.span),
        title: head.title.as_ref().map(|title| title.it.clone()),
        version: all.version.map(|version| version.it.clone()),
        authority: all.authority.map(|authority| authority.it.clone()),
        in_force: all.in_force.map_or((None, None), |(from, to)| (from.as_ref().map(|day| day.it), to.as_ref().map(|day| day.it))),
        source,
        alias: from.alias.it.clone(),
        beside: scope.beside,
        subjects,
        when,
        total: full.map(|full| At::new(full, all.total.map_or(head.span, |total| total.span))),
        round_total: all.round_total.map(|round| Rounded { mode: round.mode, places: round.places }),
        compare_rounded: all.compare.map(|places| places.it),
        sections,
        layers: stacked.layers.clone(),
        indicators,
        lets,
        bonus_cap: all.bonus_cap.cloned(),
        vetoes,
        grade,
        conclusion,
        steps: Vec::new(),
        expressions: 0,
    };
    for (verdicts, open, is_grade) in [(&rubric.grade, open[0], true), (&rubric.conclusion, open[1], false)] {
        if let Some(verdicts) = verdicts.as_ref().filter(|_| open) {
            let example = reach::without_verdict(scope.core.texts, rules, &rubric, verdicts);
            scope.core.tell(points::not_exhaustive(verdicts.span, is_grade, example));
        }
    }
    rubric.steps = order::steps(scope.core, &rubric);
    rubric.expressions = scope.core.restart_ids();
    Some(rubric)
}

/// Full marks of a rubric that does not state them; none where nothing gives points.
fn full_marks(sections: &[Section], indicators: &[crate::model::Indicator]) -> Option<Exact> {
    let top = sections.iter().filter(|section| section.parent.is_none()).map(|section| &section.points * &section.weight);
    let own = indicators.iter().filter(|indicator| indicator.section.is_none()).filter_map(crate::model::Indicator::full);
    let full: Exact = top.chain(own).sum();
    (!full.is_zero()).then_some(full)
}

/// A veto must force a verdict that there is.
fn check_veto(
    scope: &mut RubricScope<'_, '_, '_>,
    (condition, reason, then, span): &(&tree::Expr, &At<String>, &At<Name>, Span),
    verdicts: Option<&Verdicts>,
    head: &tree::Head,
) -> Veto {
    let condition = scope.condition(condition);
    match verdicts.map(|verdicts| verdicts.cases.iter().map(|case| case.name.it.clone()).collect::<Vec<_>>()) {
        Some(options) if options.contains(&then.it) => {}
        Some(options) => {
            let near = crate::text::nearest(&then.it, options.iter().map(Name::as_str)).map(str::to_owned);
            scope.core.tell_unknown(&then.it, names::unknown_option(&then.it, then.span, near.as_deref(), &options));
        }
        None if scope.core.is_broken(head.whole) => {}
        None => scope.core.tell(names::missing_statement(&head.name.it, *span, "等级 { … }", "grade { … }")),
    }
    Veto { condition, reason: reason.it.clone(), then: then.it.clone(), span: *span }
}

/// Whom the rubric judges.
fn subjects(scope: &mut RubricScope<'_, '_, '_>, written: Option<&Vec<At<Name>>>, head: &tree::Head) -> Vec<Name> {
    let form = scope.form().map(|(_, form)| form);
    match scope.source {
        Source::Form(_) => {
            let subject = form.map(|form| form.subject.clone()).unwrap_or_else(|| Name::from("对象"));
            if let Some(other) = written.and_then(|kinds| kinds.iter().find(|kind| kind.it != subject)) {
                let mistake = names::unknown(names::Kind::Group, &other.it, other.span, Some(&subject));
                scope.core.tell(mistake);
            }
            vec![subject]
        }
        Source::Rubric(_) => {
            let groups: Vec<Name> = form.map(|form| form.groups.iter().map(|group| group.kind.clone()).collect()).unwrap_or_default();
            let Some(written) = written else {
                if !scope.core.is_broken(head.whole) {
                    scope.core.tell(names::missing_statement(&head.name.it, head.span, "对象 …", "subject …"));
                }
                return Vec::new();
            };
            let mut known = Vec::new();
            for kind in written {
                if groups.contains(&kind.it) {
                    known.push(kind.it.clone());
                } else {
                    let near = crate::text::nearest(&kind.it, groups.iter().map(Name::as_str)).or(groups.first().map(Name::as_str));
                    scope.core.tell_unknown(&kind.it, names::unknown(names::Kind::Group, &kind.it, kind.span, near));
                }
            }
            known
        }
    }
}

/// The points of sections, each held against what is in it, and of the rubric against its total.
fn add_up(
    scope: &mut RubricScope<'_, '_, '_>,
    stated: &[(Option<&At<Exact>>, Span)],
    indicators: &[crate::model::Indicator],
    total: Option<&At<Exact>>,
    head: &tree::Head,
) -> Vec<Section> {
    let mut sections = scope.sections.clone();
    let parts_of = |sections: &[Section], parent: Option<usize>| -> Vec<(String, Exact)> {
        let inner = sections
            .iter()
            .filter(|section| section.parent == parent)
            .map(|section| (section.code.it.to_string(), &section.points * &section.weight));
        let own = indicators.iter().filter(|indicator| indicator.section == parent);
        let own = own.filter_map(|indicator| Some((indicator.code.it.to_string(), indicator.full()?)));
        inner.chain(own).collect()
    };
    // Sections inside come after those around them, so from the last to the first every part is known.
    for at in (0..sections.len()).rev() {
        let parts = parts_of(&sections, Some(at));
        let sum: Exact = parts.iter().map(|(_, points)| points.clone()).sum();
        let (written, whole) = stated.get(at).copied().unwrap_or((None, Span::default()));
        if let Some(written) = written
            && written.it != sum
            && !scope.core.is_broken(whole)
        {
            let owner = sections.get(at).map(|section| section.code.it.to_string()).unwrap_or_default();
            scope.core.tell(points::sum(&owner, &written.it, written.span, &parts));
        }
        if let Some(section) = sections.get_mut(at) {
            section.points = written.map_or(sum, |written| written.it.clone());
        }
    }
    let parts = parts_of(&sections, None);
    let sum: Exact = parts.iter().map(|(_, points)| points.clone()).sum();
    if let Some(total) = total
        && total.it != sum
        && !scope.core.is_broken(head.whole)
    {
        scope.core.tell(points::sum(&head.name.it, &total.it, total.span, &parts));
    }
    sections
}
