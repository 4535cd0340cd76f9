//! Why the total, the grade and the conclusion are what they are (总分、等级与结论的推导).

use super::{Teller, incomplete};
use crate::eval::column::{Cell, Value};
use crate::eval::derivation::{Derivation, Role};
use crate::eval::trace::Branch;
use crate::syntax::tree::Part;

impl Teller<'_, '_> {
    /// Sections, total, vetoes and verdicts.
    pub(super) fn totals(&self) -> Vec<Derivation> {
        let (rubric, results, row) = (self.it.rubric, self.it.results, self.row);
        let mut steps = Vec::new();
        let number = |cell: Option<&Cell<crate::number::Real>>| cell.map(|cell| cell.clone().map(Value::Number));
        for (at, section) in rubric.sections.iter().enumerate() {
            let cell = number(results.sections.get(at).and_then(|cells| cells.get(row)));
            let title = section.title.as_deref().unwrap_or("");
            let mut step =
                self.step(Role::Section, format!("{} {title}", section.code.it), self.shown(cell.as_ref(), rubric.total_places()));
            step.notes.push(self.say(format!("分值 {}", section.points), format!("full marks {}", section.points)));
            steps.push(step);
        }
        if let Some(total) = &results.total {
            let cell = number(total.get(row));
            let mut step = self.step(Role::Total, "", self.shown(cell.as_ref(), rubric.total_places()));
            if let Some(full) = &rubric.total {
                step.notes.push(self.say(format!("满分 {}", full.it), format!("full marks {}", full.it)));
            }
            step.parts = self.on_top();
            steps.push(step);
        }
        for (at, veto) in rubric.vetoes.iter().enumerate() {
            let cell = results.vetoes.get(at).and_then(|cells| cells.get(row)).map(|cell| cell.clone().map(Value::Flag));
            let mut step = self.expr(Role::Veto, &veto.reason, &veto.condition, row, None);
            step.result = self.shown(cell.as_ref(), None);
            steps.push(step);
        }
        let verdicts = [
            (Role::Grade, &rubric.grade, &results.grade, Branch::Grade),
            (Role::Conclusion, &rubric.conclusion, &results.conclusion, Branch::Conclusion),
        ];
        for (role, verdicts, cells, branch) in verdicts {
            let (Some(verdicts), Some(cells)) = (verdicts, cells) else { continue };
            let cell = cells.get(row).map(|cell| cell.clone().map(Value::Word));
            let mut step = self.step(role, "", self.shown(cell.as_ref(), None));
            if let Some(case) = results.trace.taken(branch, row).and_then(|which| verdicts.cases.get(which)) {
                step.written = self.it.texts.slice(case.span).split_whitespace().collect::<Vec<_>>().join(" ");
                step.rule = self.rule(case.span);
            } else if results.trace.taken(Branch::Veto, row).is_some() {
                step.notes.push(self.say("一票否决", "vetoed"));
            }
            // Every case up to the one taken, with what it came to, says why it was not an earlier one.
            let taken = results.trace.taken(branch, row).map_or(verdicts.cases.len(), |which| which + 1);
            for case in verdicts.cases.iter().take(taken) {
                if let Some(condition) = &case.condition {
                    let mut part = self.expr(Role::Item, "", condition, row, None);
                    part.written = self.it.texts.slice(case.span).split_whitespace().collect::<Vec<_>>().join(" ");
                    part.with_numbers.clear();
                    part.parts.clear();
                    step.parts.push(part);
                }
            }
            if let Some(Err(gap)) = cells.get(row) {
                step.result = incomplete(gap, self.it.lang);
            }
            steps.push(step);
        }
        steps
    }

    /// The bonuses and penalties of the total.
    fn on_top(&self) -> Vec<Derivation> {
        let (rubric, results) = (self.it.rubric, self.it.results);
        let mut parts = Vec::new();
        for (at, indicator) in rubric.indicators.iter().enumerate() {
            let role = match indicator.part {
                Part::Base => continue,
                Part::Bonus => self.say("加分", "bonus"),
                Part::Penalty => self.say("扣减", "penalty"),
            };
            let score = results.indicators.get(at).and_then(|it| it.score.as_ref()).and_then(|cells| cells.get(self.row));
            let score = score.map(|cell| cell.clone().map(Value::Number));
            let mut step = self.step(Role::Result, format!("{role} {}", indicator.code.it), self.shown(score.as_ref(), None));
            if let (Part::Bonus, Some(cap)) = (indicator.part, &rubric.bonus_cap) {
                let cap = &cap.it;
                step.notes.push(self.say(format!("加分合计不超过 {cap}"), format!("all bonuses at most {cap}")));
            }
            parts.push(step);
        }
        parts
    }
}
