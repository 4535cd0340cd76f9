//! Results by their names (结果的名称): of the rubric that is checked, `A1`, `A1.met`, `A.share`, `total`, and of one that it reads.

use super::{DEEPEST_CHAIN, RubricScope, State};
use crate::check::expr::Found;
use crate::check::mistakes::names::{self, Kind};
use crate::check::mistakes::points;
use crate::model::{Aspect, Level, Node, Rubric, Slot, Type};
use crate::syntax::tree::IndicatorStmt;
use crate::text::{Name, Span, nearest};

impl RubricScope<'_, '_, '_> {
    /// A result of this rubric: `A1`, `A1.score`, `A.share`, `total`, a named value.
    pub(super) fn own(&mut self, parts: &[Name], span: Span) -> Option<Found> {
        let lets: Vec<_> = self.lets.iter().map(|pending| pending.code.it.clone()).collect();
        if let Some((at, [])) = self.longest(parts, &lets, true) {
            if self.chain.len() > DEEPEST_CHAIN {
                return Some(Found::Wrong);
            }
            self.resolve_let(at);
            let value = self.lets.get(at).map(|pending| &pending.value);
            return Some(match value {
                Some(State::Done(Some(value))) => Found::It(Node::Slot(Slot::Let(at)), value.ty.clone(), value.level),
                _ => Found::Wrong,
            });
        }
        if let Some((at, rest)) = self.longest(parts, &self.own_codes(), true) {
            return match rest {
                [] => Some(self.value_of(at, span)),
                [aspect] => Some(match aspect_of(aspect) {
                    Some(aspect) => self.indicator_aspect(at, aspect, span),
                    None => self.no_aspect(aspect, span),
                }),
                _ => None,
            };
        }
        if let [word] = parts {
            match word.as_str() {
                "total" | "总分" if self.indicators.iter().any(|pending| pending.written.points.is_some()) => {
                    return Some(Found::It(Node::Slot(Slot::Total), Type::plain(), Level::Subject));
                }
                "grade" | "等级" => return Some(self.verdict(Slot::Grade, &self.grade.clone(), span)),
                "conclusion" | "结论" => return Some(self.verdict(Slot::Conclusion, &self.conclusion.clone(), span)),
                _ => {}
            }
        }
        let (section, aspect) = match parts {
            [section] => (section, None),
            [section, aspect] => (section, Some(aspect.as_str())),
            _ => return None,
        };
        let at = self.sections.iter().position(|known| known.code.it == *section)?;
        match aspect {
            None | Some("score" | "得分") => Some(Found::It(Node::Slot(Slot::SectionScore(at)), Type::plain(), Level::Subject)),
            Some("share" | "得分率") => Some(Found::It(Node::Slot(Slot::SectionShare(at)), Type::share(), Level::Subject)),
            Some(_) => None,
        }
    }

    fn verdict(&mut self, slot: Slot, ty: &Type, span: Span) -> Found {
        if *ty == Type::Unknown {
            let name = self.core.texts.slice(span).to_owned();
            self.core.tell_unknown(&name, names::unknown(Kind::Result, &name, span, None));
            return Found::Wrong;
        }
        Found::It(Node::Slot(slot), ty.clone(), Level::Subject)
    }

    fn no_aspect(&mut self, word: &Name, span: Span) -> Found {
        let near = nearest(word, ["value", "target", "attained", "met", "score", "取值", "目标", "达成度", "达标", "得分"]);
        self.core.tell_unknown(word, names::unknown(Kind::Result, word, span, near));
        Found::Wrong
    }

    /// A result of one of this rubric's indicators.
    pub(super) fn indicator_aspect(&mut self, at: usize, aspect: Aspect, span: Span) -> Found {
        if aspect == Aspect::Value {
            return self.value_of(at, span);
        }
        self.resolve_indicator(at);
        let Some(pending) = self.indicators.get(at) else { return Found::Wrong };
        let body = &pending.written.body;
        let has_target = body.iter().any(|stmt| matches!(stmt, IndicatorStmt::Target(_)));
        let has_way = body.iter().any(|stmt| matches!(stmt, IndicatorStmt::Score(_)));
        let lacks = if aspect == Aspect::Score { !has_way } else { !has_target };
        if lacks && !self.core.is_broken(pending.written.head.whole) {
            let code = pending.code.it.clone();
            let (zh, en) = if aspect == Aspect::Score { ("计分", "score") } else { ("目标", "target") };
            self.core.tell(points::incomplete(
                span,
                &format!("指标 `{code}` 没有{zh}"),
                &format!("indicator `{code}` has no {en}"),
                (&format!("在 `{code}` 里写 `{zh} …`"), &format!("write `{en} …` in `{code}`")),
            ));
            return Found::Wrong;
        }
        let ty = aspect_type(aspect, pending.value.ty());
        Found::It(Node::Slot(Slot::Indicator(at, aspect)), ty, Level::Subject)
    }

    /// The value of one of this rubric's indicators.
    pub(super) fn value_of(&mut self, indicator: usize, span: Span) -> Found {
        if self.chain.len() > DEEPEST_CHAIN {
            self.core.tell(names::cycle(&["…".to_owned()], span));
            return Found::Wrong;
        }
        self.resolve_indicator(indicator);
        let Some(pending) = self.indicators.get(indicator) else { return Found::Wrong };
        match &pending.value {
            State::Done(Some(value)) => Found::It(Node::Slot(Slot::Indicator(indicator, Aspect::Value)), value.ty.clone(), Level::Subject),
            // That one with a target, or with nothing at all, has no value is told there.
            State::Done(None) if lacks_value(&pending.written.body) => Found::Wrong,
            State::Done(None) if !self.core.is_broken(pending.written.head.whole) => {
                let code = pending.code.it.clone();
                self.core.tell(points::incomplete(
                    span,
                    &format!("指标 `{code}` 没有取值"),
                    &format!("indicator `{code}` has no value"),
                    (&format!("要用它的得分，写 `{code}.得分`"), &format!("for its score write `{code}.score`")),
                ));
                Found::Wrong
            }
            _ => Found::Wrong,
        }
    }

    /// A result of another rubric: `A1`, `A1.met`, `total`, `conclusion`, a section's score.
    pub(in crate::check) fn result_of(&self, rubric: &Rubric, parts: &[Name]) -> Option<(Slot, Type)> {
        let codes: Vec<_> = rubric.indicators.iter().map(|indicator| indicator.code.it.clone()).collect();
        if let Some((at, rest)) = self.longest(parts, &codes, false)
            && let Some(indicator) = rubric.indicators.get(at)
        {
            let value = indicator.value.as_ref().map(|value| value.ty.clone());
            let aspect = match rest {
                [] => Some(Aspect::Value),
                [word] => aspect_of(word),
                _ => None,
            };
            if let Some(aspect) = aspect {
                return Some((Slot::Indicator(at, aspect), aspect_type(aspect, value)));
            }
        }
        let verdict = |verdicts: &Option<crate::model::Verdicts>| verdicts.as_ref().map(|verdicts| verdicts.ty.clone());
        let [word] = parts else { return None };
        match word.as_str() {
            "total" | "总分" => rubric.total.as_ref().map(|_| (Slot::Total, Type::plain())),
            "grade" | "等级" => verdict(&rubric.grade).map(|ty| (Slot::Grade, ty)),
            "conclusion" | "结论" => verdict(&rubric.conclusion).map(|ty| (Slot::Conclusion, ty)),
            section => {
                rubric.sections.iter().position(|known| *known.code.it == *section).map(|at| (Slot::SectionScore(at), Type::plain()))
            }
        }
    }
}

/// The aspect that a word names.
pub(in crate::check) fn aspect_of(word: &str) -> Option<Aspect> {
    Some(match word {
        "value" | "取值" => Aspect::Value,
        "target" | "目标" => Aspect::Target,
        "attained" | "达成度" => Aspect::Attained,
        "met" | "达标" => Aspect::Met,
        "score" | "得分" => Aspect::Score,
        _ => return None,
    })
}

fn aspect_type(aspect: Aspect, value: Option<Type>) -> Type {
    match aspect {
        Aspect::Value | Aspect::Target => value.unwrap_or(Type::Unknown),
        Aspect::Attained => Type::share(),
        Aspect::Met => Type::Flag,
        Aspect::Score => Type::plain(),
    }
}

/// Whether what an indicator says shows that its value is forgotten.
fn lacks_value(body: &[IndicatorStmt]) -> bool {
    let scored = body.iter().any(|stmt| matches!(stmt, IndicatorStmt::Score(_)));
    !scored || body.iter().any(|stmt| matches!(stmt, IndicatorStmt::Target(_)))
}
