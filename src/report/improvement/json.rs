//! Improvement plans as JSON (改进计划的 JSON).

use super::goal::result;
use super::{Sheet, number};
use crate::diag::Lang;
use crate::eval::{Results, show};
use crate::improve::{Amount, Change, Goal, Improvement, Outcome, RestsOn, Shortfall, Spread, Verified, Way, Which};
use crate::number::Exact;
use crate::report::results::rows_of;
use serde_json::{Value as Json, json};

impl Sheet<'_> {
    fn json_change(&self, change: &Change) -> Json {
        let (name, places, unit) = self.field(change.field);
        let [from, to] = [&change.from, &change.to].map(|value| show(value, places, self.lang));
        let by = change.difference().map(|by| show(&number(&by), places, self.lang));
        json!({ "subject": &*change.key, "field": name, "unit": unit, "from": from, "to": to, "change": by, "follows": change.follows })
    }

    fn json_way(&self, way: &Way) -> Json {
        way.changes.iter().map(|change| self.json_change(change)).collect()
    }

    fn json_goal(&self, goal: &Goal) -> Json {
        let which = match goal.which {
            Which::Conclusion => "conclusion",
            Which::Grade => "grade",
        };
        let (outcome, changes, note) = match &goal.outcome {
            Outcome::Reached(way) => ("reached", self.json_way(way), None),
            Outcome::Vetoed(reasons) => ("vetoed", Json::Null, Some(self.lang.list(reasons))),
            Outcome::Incomplete(gap) => ("incomplete", Json::Null, Some(gap.say(self.lang))),
            Outcome::Beside(way) => ("beside", self.json_way(way), None),
            Outcome::Undecided => ("undecided", Json::Null, None),
            Outcome::NotFound => ("not_found", Json::Null, None),
        };
        let short_of: Vec<&str> = goal.short_of.iter().map(|name| name.as_str()).collect();
        json!({
            "verdict": which, "now": goal.now.as_deref(), "to": goal.to.as_deref(), "short_of": short_of,
            "outcome": outcome, "changes": changes, "note": note,
        })
    }

    /// The whole plan.
    pub(super) fn json(&self) -> Json {
        let it = self.it;
        let shortfall = |shortfall: &Shortfall| {
            let row = self.row(shortfall.indicator)?;
            Some(json!({
                "code": row.code, "title": row.title, "value": row.value, "unit": row.unit, "target": row.target, "met": row.met,
                "score": row.score, "points": row.points, "to_score": shortfall.to_score.as_ref().map(|score| score.show_trimmed(6)),
                "beside": shortfall.beside.iter().filter_map(|at| self.rubric_name(*at)).collect::<Vec<_>>(),
                "ways": shortfall.ways.iter().map(|way| self.json_way(way)).collect::<Vec<_>>(),
            }))
        };
        let verified = |verified: &Verified| json!({ "value": verified.value.as_ref().map(|value| value.show(6)), "met": verified.met });
        let amount = |amount: &Amount| {
            let changes = amount.way.as_ref().map(|way| self.json_way(way));
            json!({ "exact": amount.exact.as_ref().map(|exact| exact.show(6)), "changes": changes })
        };
        let exact = |value: &Exact| value.show_trimmed(6);
        let spread = |spread: &Spread| {
            let row = self.row(spread.indicator)?;
            let members: Vec<Json> = (spread.members.iter())
                .map(|member| {
                    json!({
                        "subject": &*member.key, "value": exact(&member.value), "weight": exact(&member.weight),
                        "raise": amount(&member.raise), "level": amount(&member.level),
                    })
                })
                .collect();
            Some(json!({
                "code": row.code, "title": row.title, "value": spread.now.show(6), "limit": spread.limit.to_string(),
                "mean": spread.mean.show(6), "floor": spread.floor.as_ref().map(|floor| floor.show(6)), "ratio": spread.ratio.show(6),
                "fields": spread.fields.iter().map(|field| self.field(*field).0).collect::<Vec<_>>(),
                "members": members, "raised": verified(&spread.raised), "levelled": verified(&spread.levelled),
            }))
        };
        let after = |results: &Results| {
            let after = rows_of(self.planned.rules, results, 0, self.lang);
            let at = |code: &str| after.iter().find(|row| row.code == code).map(|row| row.value.to_string());
            let unmet: Vec<&str> = after.iter().filter(|row| row.met == "false").map(|row| &*row.code).collect();
            json!({ "grade": at("@grade"), "conclusion": at("@conclusion"), "not_met": unmet })
        };
        let together = it.together.as_ref().map(|together| {
            let mut told = after(&together.results);
            if let Some(told) = told.as_object_mut() {
                let changes = together.changes.iter().map(|change| self.json_change(change)).collect();
                told.insert("changes".to_owned(), changes);
            }
            told
        });
        let plans = |plans: &[Improvement]| -> Vec<Json> {
            plans.iter().filter_map(|plan| Some(Sheet::of(self.planned, plan, self.width)?.json())).collect()
        };
        let rests_on = |rests: &RestsOn| {
            let of = self.planned.rules.rubrics.get(rests.rubric)?;
            let value = rests.value.as_ref().map(|value| self.result_value(value));
            Some(json!({ "rubric": of.name.it.as_str(), "result": result(of, rests.slot, Lang::En), "value": value }))
        };
        let rubric = self.rubric_name(it.rubric);
        json!({
            "rubric": rubric, "level": &*it.subject.kind, "subject": &*it.subject.key, "group": it.subject.group.as_deref(),
            "goal": it.goal.as_ref().map(|goal| self.json_goal(goal)),
            "indicators": it.shortfalls.iter().filter_map(shortfall).collect::<Vec<_>>(),
            "coefficients": it.spreads.iter().filter_map(spread).collect::<Vec<_>>(),
            "members": plans(&it.members), "together": together,
            "rests_on": it.rests_on.iter().filter_map(rests_on).collect::<Vec<_>>(), "beside": plans(&it.beside), "with_beside": it.with_beside.as_ref().map(after),
        })
    }
}
