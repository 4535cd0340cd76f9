//! Which verdict a plan reaches, or why it reaches none (改进目标).

use super::Sheet;
use crate::diag::Lang;
use crate::eval::{Value, show};
use crate::improve::{Goal, Outcome, Which};
use crate::model::{Aspect, Rubric, Slot};

impl Sheet<'_> {
    pub(super) fn which(&self, which: Which) -> &'static str {
        match which {
            Which::Conclusion => self.lang.pick("结论", "conclusion"),
            Which::Grade => self.lang.pick("等级", "grade"),
        }
    }

    pub(super) fn goal(&self) -> Option<String> {
        let Goal { which, now, to, short_of, outcome } = self.it.goal.as_ref()?;
        let which = self.which(*which);
        let now = now.as_ref().map_or(self.lang.pick("资料不全", "incomplete"), |now| now.as_str());
        let to = to.as_ref().map_or("", |to| to.as_str());
        // A group's changes stand at the end, after what they come from.
        let group = self.it.together.is_some();
        Some(match outcome {
            Outcome::Reached(way) => {
                let mut lines = vec![format!("{which}: {now} → {to}")];
                if !short_of.is_empty() {
                    let names = self.lang.list(short_of.iter().map(|name| name.as_str()));
                    lines.push(self.say(format!("没有找到改成 {names} 的办法"), format!("no change was found that makes it {names}")));
                }
                if !group {
                    lines.push(self.changes(&way.changes));
                    lines.push(match way.changes.iter().filter(|change| !change.follows).count() {
                        1 => self.say("已复算: 改后达到; 少改一个单位就达不到", "tried: reached with it; not with one unit less"),
                        _ => self.say(
                            "已复算: 一起改后达到, 其中每一处少改一个单位都达不到; 这是找到的最少改法",
                            "tried: reached with all of them, not with one unit less of any; the least that was found",
                        ),
                    });
                }
                lines.join("\n")
            }
            Outcome::Vetoed(reasons) => {
                let reasons = self.lang.list(reasons);
                self.say(
                    format!("{which}: {now}\n一票否决 ({reasons}), 改动别的数据不能改变"),
                    format!("{which}: {now}\nvetoed ({reasons}); no other answer undoes that"),
                )
            }
            Outcome::Incomplete(gap) => {
                let why = gap.say(self.lang);
                self.say(
                    format!("{which}: 资料不全 ({why})\n补齐以后才能判定"),
                    format!("{which}: incomplete ({why})\nit can be judged once that is filled in"),
                )
            }
            Outcome::Beside(way) if group || way.changes.is_empty() => self.say(
                format!("{which}: {now} → {to}\n按下面另用的体系的改进计划; 本表的数据不用{}改", if group { "另外" } else { "" }),
                format!(
                    "{which}: {now} → {to}\nby the plans of the rubrics beside, below; nothing {} has to change",
                    if group { "else" } else { "of this form" }
                ),
            ),
            Outcome::Beside(way) => {
                let head = self.say(
                    format!("{which}: {now} → {to}\n按下面另用的体系的改进计划, 再加上:"),
                    format!("{which}: {now} → {to}\nby the plans of the rubrics beside, below, and:"),
                );
                format!("{head}\n{}", self.changes(&way.changes))
            }
            Outcome::Undecided => {
                let others = self.lang.list(short_of.iter().map(|name| name.as_str()));
                self.say(
                    format!("{which}: {now}\n从条件看不出它和 {others} 哪个更好, 所以说不出改进目标"),
                    format!("{which}: {now}\nits conditions do not say whether {others} would be better, so there is no goal to plan for"),
                )
            }
            Outcome::NotFound if group || !self.it.spreads.is_empty() => format!("{which}: {now}"),
            Outcome::NotFound => self.say(
                format!("{which}: {now}\n没有找到能达到更好{which}的改动"),
                format!("{which}: {now}\nno change of the answers was found that reaches a better {which}"),
            ),
        })
    }

    /// Results of other rubrics that the verdict rests on, whose plans do not stand below.
    pub(super) fn rests_on(&self) -> Option<String> {
        let below = |of: usize| self.it.beside.iter().chain(&self.it.members).any(|plan| plan.rubric == of);
        let mut by_rubric: Vec<(usize, Vec<String>)> = Vec::new();
        for rests in self.it.rests_on.iter().filter(|rests| !below(rests.rubric)) {
            let Some(of) = self.planned.rules.rubrics.get(rests.rubric) else { continue };
            let value = rests.value.as_ref().map(|value| format!(" ({})", self.result_value(value))).unwrap_or_default();
            let said = format!("{}{value}", result(of, rests.slot, self.lang));
            match by_rubric.iter_mut().find(|(known, _)| *known == rests.rubric) {
                Some((_, all)) => all.push(said),
                None => by_rubric.push((rests.rubric, vec![said])),
            }
        }
        let line = |(of, all): &(usize, Vec<String>)| {
            let (name, all) = (self.rubric_name(*of).unwrap_or_default(), self.lang.list(all));
            self.wrapped(&self.say(
                format!("取决于 {name} 的 {all}: 缺什么见 `heng plan {name}`"),
                format!("it rests on {all} of {name}: `heng plan {name}` says what is lacking there"),
            ))
        };
        (!by_rubric.is_empty()).then(|| by_rubric.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    /// A result of another rubric, whose decimals are its own affair.
    pub(super) fn result_value(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => number.show_trimmed(6),
            _ => show(value, None, self.lang),
        }
    }
}

/// A result of a rubric as a rubric would name it: `A1.达标`, `结论`.
pub(super) fn result(of: &Rubric, slot: Slot, lang: Lang) -> String {
    let word = |zh: &'static str, en: &'static str| lang.pick(zh, en).to_owned();
    match slot {
        Slot::Indicator(at, aspect) => {
            let code = of.indicators.get(at).map_or("", |indicator| indicator.code.it.as_str());
            match aspect {
                Aspect::Value => code.to_owned(),
                Aspect::Target => format!("{code}.{}", lang.pick("目标", "target")),
                Aspect::Attained => format!("{code}.{}", lang.pick("达成度", "attained")),
                Aspect::Met => format!("{code}.{}", lang.pick("达标", "met")),
                Aspect::Score => format!("{code}.{}", lang.pick("得分", "score")),
            }
        }
        Slot::SectionScore(at) | Slot::SectionShare(at) => {
            of.sections.get(at).map_or_else(String::new, |section| section.code.it.to_string())
        }
        Slot::Total => word("总分", "total"),
        Slot::Grade => word("等级", "grade"),
        Slot::Conclusion => word("结论", "conclusion"),
        Slot::Let(at) => of.lets.get(at).map_or_else(String::new, |named| named.name.it.to_string()),
    }
}
