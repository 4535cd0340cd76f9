//! One layer laid over a rubric (叠加): its statements in the place of those above, each where it was written.
//!
//! Statements of indicators are moved whole and never looked into, but for the target that is tightened.
//! Not here: whether what comes out is stricter (`stricter`).

use super::super::core::Core;
use super::super::mistakes::names::{self, Kind};
use super::guard::{Guarded, What};
use super::mistakes;
use crate::number::Exact;
use crate::syntax::tree::{self, Change, Head, IndicatorStmt, LayerStmt, Marks, RubricStmt, Target, Verdict, Way};
use crate::text::{At, Name, Span, nearest};

/// What a layer says to be stricter than the one above.
#[derive(Clone, Debug)]
pub(super) enum Tightened {
    /// The target of an indicator, by the place of its code.
    Target { code: At<Name> },
    /// The grade or the conclusion.
    Verdicts { grade: bool, at: Span },
}

/// A rubric with a layer upon it.
pub(super) struct Merged {
    pub rubric: tree::Rubric,
    pub tightened: Vec<Tightened>,
}

/// Lays `own` over `base`, which has no layers any more.
pub(super) fn merge(core: &mut Core<'_>, base: &tree::Rubric, own: &tree::Rubric, guarded: &[Guarded]) -> Merged {
    // Version and authority are each layer's own.
    let kept = base.body.iter().filter(|stmt| !matches!(stmt, RubricStmt::Version(_) | RubricStmt::Authority(_)));
    let mut merging = Merging { core, guarded, body: kept.cloned().collect(), touched: Vec::new(), tightened: Vec::new() };
    let mut stated: Vec<Single> = Vec::new();
    for stmt in &own.body {
        match (stmt, single(stmt)) {
            (RubricStmt::Layer(layer), _) => merging.change(layer),
            (RubricStmt::Indicator(tree::Indicator { head, .. }) | RubricStmt::Section { head, .. }, _) => {
                merging.core.tell(mistakes::not_added(&head.name.it, head.name.span));
                merging.body.push(stmt.clone());
            }
            (_, Some(kind)) => {
                // What is stated twice in one layer is told like anywhere else.
                if stated.contains(&kind) || merging.restate(stmt, kind) {
                    stated.push(kind);
                    merging.body.push(stmt.clone());
                }
            }
            _ => merging.body.push(stmt.clone()),
        }
    }
    let Merging { body, tightened, .. } = merging;
    let head = Head {
        title: own.head.title.clone().or_else(|| base.head.title.clone()),
        doc: own.head.doc.clone().or_else(|| base.head.doc.clone()),
        ..own.head.clone()
    };
    Merged { rubric: tree::Rubric { head, extends: None, body }, tightened }
}

/// Tells of the statements of a layer in a rubric that is none.
pub(super) fn misplaced(core: &mut Core<'_>, rubric: &tree::Rubric) {
    let first = rubric.body.iter().find_map(|stmt| if let RubricStmt::Layer(layer) = stmt { Some(layer.span) } else { None });
    if let Some(span) = first {
        core.tell(mistakes::no_layer(span, &rubric.head.name.it));
    }
}

/// A statement that a rubric has once, so that a layer's takes the place of the one above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Single {
    InForce,
    Subject,
    Source,
    Total,
    BonusCap,
    Grade,
    Conclusion,
    /// Everything else, by its words; it bears on every result.
    Bearing(&'static str, &'static str),
}

fn single(stmt: &RubricStmt) -> Option<Single> {
    Some(match stmt {
        RubricStmt::InForce { .. } => Single::InForce,
        RubricStmt::Subject(_) => Single::Subject,
        RubricStmt::Reads(_) | RubricStmt::Over(_) => Single::Source,
        RubricStmt::Total(_) => Single::Total,
        RubricStmt::BonusCap(_) => Single::BonusCap,
        RubricStmt::Verdicts { by_total: true, .. } => Single::Grade,
        RubricStmt::Verdicts { by_total: false, .. } => Single::Conclusion,
        RubricStmt::Round(round) if round.total => Single::Bearing("取整 总分", "round total"),
        RubricStmt::Round(_) => Single::Bearing("取整", "round"),
        RubricStmt::CompareRounded(_) => Single::Bearing("修约值比较", "compare rounded"),
        RubricStmt::Missing(_) => Single::Bearing("未填", "missing"),
        RubricStmt::Inapplicable(_) => Single::Bearing("不适用", "not applicable"),
        RubricStmt::When(_) => Single::Bearing("当", "when"),
        RubricStmt::Judges(_) => Single::Bearing("评定", "judges"),
        _ => return None,
    })
}

/// The statements that one indicator may get from one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touch {
    Content,
    Points,
    Title,
    Clause,
}

struct Merging<'c, 't, 'g> {
    core: &'c mut Core<'t>,
    guarded: &'g [Guarded],
    body: Vec<RubricStmt>,
    touched: Vec<(Name, Touch, Span)>,
    tightened: Vec<Tightened>,
}

impl Merging<'_, '_, '_> {
    /// Makes place for a statement that there is once; not if the one above stays.
    fn restate(&mut self, stmt: &RubricStmt, kind: Single) -> bool {
        let verdict = match kind {
            Single::Grade => Some(What::Grade),
            Single::Conclusion => Some(What::Conclusion),
            _ => None,
        };
        if let (Some(what), RubricStmt::Verdicts { span, by_total, .. }) = (verdict, stmt)
            && !self.free(&what, if *by_total { "等级" } else { "结论" }, *span, false)
        {
            return false;
        }
        if let (Single::Bearing(zh, en), Some(first)) = (kind, self.guarded.first()) {
            self.core.tell(mistakes::frozen(zh, en, span_of(stmt), first.span, &first.layer));
            return false;
        }
        if let (Some(own), Some(upper)) = (source(stmt), self.body.iter().find_map(source))
            && own.alias != upper.alias
        {
            self.core.tell(mistakes::other_alias(&own.alias, &upper.alias));
        }
        self.body.retain(|known| single(known) != Some(kind));
        true
    }

    /// Whether a layer may touch something; if not, that is told.
    fn free(&mut self, what: &What, name: &str, at: Span, tightens: bool) -> bool {
        let holds = |guarded: &&Guarded| match (&guarded.what, what) {
            (What::Indicator(known, _), What::Indicator(code, _)) | (What::Section(known), What::Section(code)) => known == code,
            (known, what) => known == what,
        };
        let mut guards = self.guarded.iter().filter(holds);
        let guard = guards.find(|guarded| guarded.locked || !tightens);
        if let Some(guard) = guard {
            self.core.tell(mistakes::guarded(name, at, (guard.span, guard.locked), &guard.layer));
        }
        guard.is_none()
    }

    /// Whether a layer may touch an indicator so, and has not done it before.
    fn touch(&mut self, code: &At<Name>, touch: Touch, at: Span, tightens: bool) -> bool {
        if let Some((.., first)) = self.touched.iter().find(|(known, what, _)| *known == code.it && *what == touch) {
            self.core.tell(names::repeated(&code.it, &code.it, at, *first));
            return false;
        }
        self.touched.push((code.it.clone(), touch, at));
        // Texts and weights of what may only become stricter are free.
        let tightens = tightens || touch != Touch::Content;
        self.free(&What::Indicator(code.it.clone(), code.span), &code.it, at, tightens)
    }

    fn unknown(&mut self, code: &At<Name>) {
        let mut known = Vec::new();
        all_codes(&self.body, &mut known);
        let near = nearest(&code.it, known.iter().map(Name::as_str));
        self.core.tell_unknown(&code.it, names::unknown(Kind::Indicator, &code.it, code.span, near));
    }

    fn change(&mut self, stmt: &LayerStmt) {
        let span = stmt.span;
        match &stmt.change {
            Change::Tighten { code, target } => self.tighten(code, target),
            Change::TightenVerdicts { by_total, cases } => self.tighten_verdicts(*by_total, cases, span),
            Change::Replace(indicator) => self.replace(indicator),
            Change::Add { to, what } => self.add(to.as_ref(), what),
            Change::Split { code, parts } => self.split(code, parts, span),
            Change::Weigh(weights) => weights.iter().for_each(|(code, points)| self.weigh(code, points)),
            Change::Title(code, title) => self.text(code, title, Touch::Title),
            Change::Clause(code, clause) => self.text(code, clause, Touch::Clause),
            Change::Remove(codes) => codes.iter().for_each(|code| self.remove(code)),
        }
    }

    fn tighten(&mut self, code: &At<Name>, target: &Target) {
        let Some(indicator) = indicator_in(&mut self.body, &code.it) else { return self.unknown(code) };
        let head = indicator.head.clone();
        if !self.touch(code, Touch::Content, code.span, true) {
            return;
        }
        let known = indicator_in(&mut self.body, &code.it).and_then(|indicator| {
            indicator.body.iter_mut().find_map(|stmt| if let IndicatorStmt::Target(target) = stmt { Some(target) } else { None })
        });
        match known {
            Some(known) => {
                *known = tighter(target, known);
                self.tightened.push(Tightened::Target { code: head.name });
            }
            None => self.core.tell(mistakes::nothing_to_tighten(&code.it, target.span, head.name.span)),
        }
    }

    fn tighten_verdicts(&mut self, grade: bool, cases: &[Verdict], span: Span) {
        let (what, zh) = if grade { (What::Grade, "等级") } else { (What::Conclusion, "结论") };
        if !self.free(&what, zh, span, true) {
            return;
        }
        let verdicts = self.body.iter_mut().find_map(|stmt| match stmt {
            RubricStmt::Verdicts { by_total, cases, .. } if *by_total == grade => Some(cases),
            _ => None,
        });
        let Some(known) = verdicts else {
            let upper = self.body.first().map_or(span, span_of);
            return self.core.tell(mistakes::nothing_to_tighten(zh, span, upper));
        };
        let mut mistakes = Vec::new();
        for case in cases {
            match known.iter_mut().find(|known| known.name.it == case.name.it) {
                Some(known) if known.span.text == span.text && span.start <= known.span.start && known.span.end <= span.end => {
                    mistakes.push(names::repeated(&case.name.it, &case.name.it, case.span, known.span));
                }
                Some(known) => *known = case.clone(),
                None => {
                    let options: Vec<Name> = known.iter().map(|known| known.name.it.clone()).collect();
                    let near = nearest(&case.name.it, options.iter().map(Name::as_str));
                    mistakes.push(names::unknown_option(&case.name.it, case.name.span, near, &options));
                }
            }
        }
        mistakes.into_iter().for_each(|mistake| self.core.tell(mistake));
        self.tightened.push(Tightened::Verdicts { grade, at: span });
    }

    fn replace(&mut self, own: &tree::Indicator) {
        let code = &own.head.name;
        let Some(known) = indicator_in(&mut self.body, &code.it) else { return self.unknown(code) };
        // What is not said anew stays as it is above.
        let mut new = own.clone();
        new.head.title = new.head.title.or_else(|| known.head.title.clone());
        new.points = new.points.or_else(|| known.points.clone());
        new.clause = new.clause.or_else(|| known.clause.clone());
        new.weight = new.weight.or_else(|| known.weight.clone());
        new.part = known.part.clone();
        if self.touch(code, Touch::Content, code.span, false)
            && let Some(known) = indicator_in(&mut self.body, &code.it)
        {
            *known = new;
        }
    }

    fn add(&mut self, to: Option<&At<Name>>, what: &RubricStmt) {
        let Some(section) = to else { return self.body.push(what.clone()) };
        if section_in(&mut self.body, &section.it).is_none() {
            return self.unknown(section);
        }
        if self.free(&What::Section(section.it.clone()), &section.it, section.span, true)
            && let Some(RubricStmt::Section { body, .. }) = section_in(&mut self.body, &section.it)
        {
            body.push(what.clone());
        }
    }

    fn split(&mut self, code: &At<Name>, parts: &[RubricStmt], span: Span) {
        let Some(known) = indicator_in(&mut self.body, &code.it).cloned() else { return self.unknown(code) };
        if !self.touch(code, Touch::Content, code.span, false) {
            return;
        }
        let points = |stmt: &RubricStmt| match stmt {
            RubricStmt::Indicator(part) => {
                Some((part.head.name.it.to_string(), part.points.as_ref().map_or(Exact::ZERO, |points| points.it.clone())))
            }
            _ => None,
        };
        let shares: Vec<_> = parts.iter().filter_map(points).collect();
        let sum: Exact = shares.iter().map(|(_, points)| points.clone()).sum();
        let (whole, upper) = known.points.as_ref().map_or((Exact::ZERO, known.head.name.span), |points| (points.it.clone(), points.span));
        if (sum != whole || shares.is_empty()) && !self.core.is_broken(span) {
            self.core.tell(mistakes::split_sum(&code.it, (&whole, upper), code.span, &shares));
        }
        // It becomes a section, so that its score is still known by its code; inside an `each` there are none.
        let body = parts.to_vec();
        replace_by(&mut self.body, &code.it, false, |each| match each {
            true => body,
            false => vec![RubricStmt::Section { head: known.head, points: None, weight: known.weight, body }],
        });
    }

    fn weigh(&mut self, code: &At<Name>, points: &At<Exact>) {
        if let Some(RubricStmt::Section { points: known, .. }) = section_in(&mut self.body, &code.it) {
            let locked = known.clone();
            if self.free(&What::Section(code.it.clone()), &code.it, code.span, true)
                && let Some(RubricStmt::Section { points: known, .. }) = section_in(&mut self.body, &code.it)
            {
                *known = Some(points.clone()).or(locked);
            }
            return;
        }
        if indicator_in(&mut self.body, &code.it).is_none() {
            return self.unknown(code);
        }
        if !self.touch(code, Touch::Points, points.span, true) {
            return;
        }
        let Some(known) = indicator_in(&mut self.body, &code.it) else { return };
        known.points = Some(points.clone());
        let way = known.body.iter().find_map(|stmt| if let IndicatorStmt::Score(way) = stmt { Some(way) } else { None });
        if let Some((best, at)) = way.and_then(|way| Some((best_mark(&way.it)?, way.span)))
            && best < points.it
        {
            self.core.tell(mistakes::marks_stay(&code.it, points.span, at, &best, &points.it));
        }
    }

    fn text(&mut self, code: &At<Name>, text: &At<String>, touch: Touch) {
        if section_in(&mut self.body, &code.it).is_some() && touch == Touch::Title {
            if self.free(&What::Section(code.it.clone()), &code.it, code.span, true)
                && let Some(RubricStmt::Section { head, .. }) = section_in(&mut self.body, &code.it)
            {
                head.title = Some(text.clone());
            }
            return;
        }
        if indicator_in(&mut self.body, &code.it).is_none() {
            return self.unknown(code);
        }
        if self.touch(code, touch, code.span, true)
            && let Some(known) = indicator_in(&mut self.body, &code.it)
        {
            match touch {
                Touch::Title => known.head.title = Some(text.clone()),
                _ => known.clause = Some(text.clone()),
            }
        }
    }

    fn remove(&mut self, code: &At<Name>) {
        let is_section = section_in(&mut self.body, &code.it).is_some();
        if !is_section && indicator_in(&mut self.body, &code.it).is_none() {
            return self.unknown(code);
        }
        let free = match is_section {
            true => self.free_inside(code),
            false => self.touch(code, Touch::Content, code.span, false),
        };
        if free {
            replace_by(&mut self.body, &code.it, is_section, |_| Vec::new());
        }
    }

    /// Whether a section may go with all that is in it.
    fn free_inside(&mut self, code: &At<Name>) -> bool {
        let mut inside = Vec::new();
        if let Some(RubricStmt::Section { body, .. }) = section_in(&mut self.body, &code.it) {
            all_codes(body, &mut inside);
        }
        let mut whats = vec![What::Section(code.it.clone())];
        whats.extend(inside.iter().flat_map(|name| [What::Indicator(name.clone(), code.span), What::Section(name.clone())]));
        whats.iter().all(|what| self.free(what, &code.it, code.span, false))
    }
}

/// A target that may name only the options which it tightens; for the others it stays as above.
fn tighter(own: &Target, upper: &Target) -> Target {
    let mut target = own.clone();
    let rest = own.cases.iter().any(|case| case.options.is_empty());
    let same = matches!((&own.by, &upper.by), (Some(own), Some(upper)) if own.it == upper.it);
    if same && !rest {
        let named = |option: &At<Name>| own.cases.iter().any(|case| case.options.iter().any(|known| known.it == option.it));
        for case in &upper.cases {
            let mut case = case.clone();
            let all_others = case.options.is_empty();
            case.options.retain(|option| !named(option));
            if all_others || !case.options.is_empty() {
                target.cases.push(case);
            }
        }
    }
    target
}

/// The most that the marks of a way of scoring come to, where they are written as points.
fn best_mark(way: &Way) -> Option<Exact> {
    let marks: Vec<&At<Marks>> = match way {
        Way::Bands { bands, .. } => bands.iter().map(|band| &band.marks).collect(),
        Way::First(cases) => cases.iter().map(|case| &case.marks).collect(),
        Way::Linear(knots) => knots.iter().map(|knot| &knot.marks).collect(),
        Way::Levels(levels) => levels.iter().map(|level| &level.marks).collect(),
        _ => return None,
    };
    let points = marks.iter().map(|marks| if let Marks::Points(points) = &marks.it { Some(points.clone()) } else { None });
    points.collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn source(stmt: &RubricStmt) -> Option<&tree::Source> {
    match stmt {
        RubricStmt::Reads(source) | RubricStmt::Over(source) => Some(source),
        _ => None,
    }
}

fn span_of(stmt: &RubricStmt) -> Span {
    match stmt {
        RubricStmt::Round(round) => round.span,
        RubricStmt::CompareRounded(places) => places.span,
        RubricStmt::BonusCap(cap) => cap.span,
        RubricStmt::Missing(policy) => policy.span,
        RubricStmt::Inapplicable(policy) => policy.span,
        RubricStmt::When(when) => when.span,
        RubricStmt::Judges(judges) => judges.span,
        RubricStmt::Reads(source) | RubricStmt::Over(source) | RubricStmt::AlsoReads { source, .. } => source.path.span,
        RubricStmt::Verdicts { span, .. } | RubricStmt::Veto { span, .. } | RubricStmt::Each { span, .. } => *span,
        RubricStmt::Section { head, .. } => head.span,
        RubricStmt::Indicator(indicator) => indicator.head.span,
        _ => Span::default(),
    }
}

fn all_codes(body: &[RubricStmt], into: &mut Vec<Name>) {
    for stmt in body {
        match stmt {
            RubricStmt::Indicator(indicator) => into.push(indicator.head.name.it.clone()),
            RubricStmt::Section { head, body, .. } => {
                into.push(head.name.it.clone());
                all_codes(body, into);
            }
            RubricStmt::Each { body, .. } => all_codes(body, into),
            _ => {}
        }
    }
}

fn indicator_in<'b>(body: &'b mut [RubricStmt], code: &str) -> Option<&'b mut tree::Indicator> {
    body.iter_mut().find_map(|stmt| match stmt {
        RubricStmt::Indicator(indicator) if *indicator.head.name.it == *code => Some(indicator),
        RubricStmt::Section { body, .. } | RubricStmt::Each { body, .. } => indicator_in(body, code),
        _ => None,
    })
}

fn section_in<'b>(body: &'b mut [RubricStmt], code: &str) -> Option<&'b mut RubricStmt> {
    body.iter_mut().find_map(|stmt| match stmt {
        RubricStmt::Section { head, .. } if *head.name.it == *code => Some(stmt),
        RubricStmt::Section { body, .. } => section_in(body, code),
        _ => None,
    })
}

/// Puts others in the place of an indicator or a section; `others` is asked whether that lies in an `each`.
fn replace_by(body: &mut Vec<RubricStmt>, code: &str, section: bool, others: impl FnOnce(bool) -> Vec<RubricStmt>) {
    fn place<'b>(body: &'b mut Vec<RubricStmt>, code: &str, section: bool, each: bool) -> Option<(&'b mut Vec<RubricStmt>, usize, bool)> {
        let is_it = |stmt: &RubricStmt| match stmt {
            RubricStmt::Indicator(indicator) => !section && *indicator.head.name.it == *code,
            RubricStmt::Section { head, .. } => section && *head.name.it == *code,
            _ => false,
        };
        if let Some(at) = body.iter().position(is_it) {
            return Some((body, at, each));
        }
        body.iter_mut().find_map(|stmt| match stmt {
            RubricStmt::Section { body, .. } => place(body, code, section, each),
            RubricStmt::Each { body, .. } => place(body, code, section, true),
            _ => None,
        })
    }
    if let Some((body, at, each)) = place(body, code, section, false) {
        body.splice(at..=at, others(each));
    }
}
