//! Improvement plans as text (改进计划).
//!
//! Not here: the verdict to reach (`goal`), the same as JSON (`json`).

mod goal;
mod json;

use super::results::{ResultRow, rows_of};
use super::summary::{finish, right, table};
use crate::diag::Lang;
use crate::eval::{Results, Value, show};
use crate::improve::{Amount, Change, Goal, Improvement, Outcome, Shortfall, Spread, Together, Verified, Way, Which};
use crate::model::{FieldIx, Form, Rules, Source, bottom_of};
use crate::number::Real;
use chrono::NaiveDate;
use serde_json::Value as Json;

/// So many subjects are shown each with all that it lacks; more of them a line each.
const IN_FULL: usize = 3;
/// So many members of a group are shown, a plan each; of more only who they are.
const MEMBERS: usize = 12;
/// So many ways to mend one indicator are shown.
const WAYS: usize = 6;

/// Plans with what is needed to print them.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The rubric that was asked for.
    pub rubric: usize,
    /// The day of the evaluation.
    pub on: NaiveDate,
    /// How many are judged.
    pub judged: usize,
    /// How many of them fall short.
    pub short: usize,
    /// The plans that were made.
    pub improvements: &'a [Improvement],
    /// The language of the words.
    pub lang: Lang,
}

/// The plans as text, `width` columns wide.
pub fn plans(planned: &Planned<'_>, width: usize) -> String {
    let lang = planned.lang;
    let (judged, short, on) = (planned.judged, planned.short, planned.on);
    let mut parts = Vec::new();
    if let Some(rubric) = planned.rules.rubrics.get(planned.improvements.first().map_or(planned.rubric, |first| first.rubric)) {
        let title = rubric.title.as_deref().unwrap_or("");
        let about = lang.say(
            format!("改进计划 · 评价日 {on} · 评价 {judged} 个, 有短板 {short} 个"),
            format!("improvement plan · as of {on} · {judged} judged, {short} fall short"),
        );
        parts.push(format!("{}\n{about}", format!("{} {title}", rubric.name.it).trim()));
    }
    let sheets = planned.improvements.iter().filter_map(|improvement| Sheet::of(planned, improvement, width));
    if planned.improvements.len() <= IN_FULL {
        parts.extend(sheets.map(|sheet| sheet.subject()));
    } else {
        parts.push(sheets.map(|sheet| sheet.line()).collect::<Vec<_>>().join("\n"));
    }
    let more = short.saturating_sub(planned.improvements.len());
    if more > 0 {
        parts.push(lang.say(
            format!("另有 {more} 个没有列出: 用 --subject 代码 看一个, --format json 看全部"),
            format!("{more} more are not shown: `--subject ID` shows one, `--format json` all of them"),
        ));
    }
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

/// The plans as one JSON list.
pub fn plans_json(planned: &Planned<'_>) -> String {
    let of = |improvement| Sheet::of(planned, improvement, 0).map(|sheet| sheet.json());
    let all: Vec<Json> = planned.improvements.iter().filter_map(of).collect();
    // Text and numbers only, so it can be written.
    let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
    text.push('\n');
    text
}

/// One plan that is being written.
struct Sheet<'a> {
    planned: &'a Planned<'a>,
    it: &'a Improvement,
    form: &'a Form,
    /// One for each indicator, by its place in the rubric.
    rows: Vec<ResultRow<'a>>,
    lang: Lang,
    width: usize,
}

fn number(value: &Real) -> Value {
    Value::Number(value.clone())
}

impl<'a> Sheet<'a> {
    fn of(planned: &'a Planned<'a>, it: &'a Improvement, width: usize) -> Option<Sheet<'a>> {
        let rubric = planned.rules.rubrics.get(it.rubric)?;
        let form = planned.rules.forms.get(bottom_of(planned.rules, rubric)?)?;
        // What each role gave (评定) stands between them, and totals and verdicts behind.
        let all = rows_of(planned.rules, &it.results, 0, planned.lang);
        let row = |code: &str| all.iter().find(|row| row.code == code).cloned().unwrap_or_default();
        let rows = rubric.indicators.iter().map(|indicator| row(&indicator.code.it)).collect();
        Some(Sheet { planned, it, form, rows, lang: planned.lang, width })
    }

    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        self.lang.say(zh, en)
    }

    fn field(&self, field: FieldIx) -> (String, Option<u32>, String) {
        let Some(field) = self.form.fields.get(field.0) else { return Default::default() };
        (field.name.it.to_string(), field.decimals(), field.ty().unit().map(ToString::to_string).unwrap_or_default())
    }

    /// A number with its sign.
    fn signed(&self, value: &Real, places: Option<u32>) -> String {
        format!("{}{}", if value.signum() > 0 { "+" } else { "" }, show(&number(value), places, self.lang))
    }

    /// `骨干教师数 +2 师 (1 → 3)`
    fn change(&self, change: &Change) -> String {
        let (name, places, unit) = self.field(change.field);
        let [from, to] = [&change.from, &change.to].map(|value| show(value, places, self.lang));
        match change.difference() {
            Some(by) => format!("{} ({from} → {to})", format!("{name} {} {unit}", self.signed(&by, places)).trim_end()),
            None => format!("{name} {from} → {to}"),
        }
    }

    fn way(&self, way: &Way) -> String {
        let changes: Vec<String> = way.changes.iter().map(|change| self.change(change)).collect();
        changes.join(self.lang.pick(" 且 ", " with "))
    }

    /// The changes of a plan, a line each.
    fn changes(&self, changes: &[Change]) -> String {
        let lang = self.lang;
        let several = changes.iter().any(|change| changes.first().is_some_and(|first| first.key != change.key));
        let mut head =
            vec![lang.pick("填报项", "field"), lang.pick("现值", "now"), lang.pick("改为", "to"), lang.pick("增减", "change"), ""];
        if several {
            head.insert(0, lang.pick("对象", "subject"));
        }
        let follows = changes.iter().any(|change| change.follows);
        if follows {
            head.push("");
        }
        let first = usize::from(several);
        let mut shown = table(self.width, &head);
        for change in changes {
            let (name, places, unit) = self.field(change.field);
            let by = change.difference().map(|by| self.signed(&by, places)).unwrap_or_default();
            let mut cells = vec![name, show(&change.from, places, lang), show(&change.to, places, lang), by, unit];
            if several {
                cells.insert(0, change.key.to_string());
            }
            if follows {
                cells.push(if change.follows { lang.pick("随之变动", "follows") } else { "" }.to_owned());
            }
            shown.add_row(cells);
        }
        right(&mut shown, &[first + 1, first + 2, first + 3]);
        finish(&shown)
    }

    fn subject(&self) -> String {
        let who = &self.it.subject;
        let name = if who.kind == who.key { who.kind.to_string() } else { format!("{} {}", who.kind, who.key) };
        let mut lines = vec![name];
        lines.extend(self.goal());
        lines.extend(self.rests_on());
        lines.extend(self.lacking());
        lines.extend(self.shortfalls());
        for spread in &self.it.spreads {
            lines.push(self.spread(spread));
        }
        lines.extend(self.others());
        lines.extend(self.members());
        lines.extend(self.together());
        lines.extend(self.beside());
        if lines.len() == 1 {
            lines.push(self.say("没有短板", "nothing falls short"));
        }
        lines.join("\n")
    }

    /// Indicators without a value.
    fn lacking(&self) -> Option<String> {
        let lacks = |row: &&ResultRow<'_>| matches!(&*row.state, "missing" | "undefined");
        let codes: Vec<String> = self.rows.iter().filter(lacks).map(|row| format!("{} ({})", row.code, row.note)).collect();
        let list = self.lang.list(&codes);
        (!codes.is_empty()).then(|| self.wrapped(&self.say(format!("没有取值: {list}"), format!("without a value: {list}"))))
    }

    fn wrapped(&self, text: &str) -> String {
        textwrap::fill(text, textwrap::Options::new(self.width.max(20)).subsequent_indent("    "))
    }

    fn row(&self, indicator: usize) -> Option<&ResultRow<'a>> {
        self.rows.get(indicator)
    }

    fn shortfalls(&self) -> Vec<String> {
        if self.it.shortfalls.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.say("短板, 每项任选一种改法:", "what falls short, and ways to mend it, any one of them:")];
        lines.extend(self.it.shortfalls.iter().filter_map(|shortfall| self.shortfall(shortfall)));
        lines
    }

    fn shortfall(&self, shortfall: &Shortfall) -> Option<String> {
        let row = self.row(shortfall.indicator)?;
        let mut about = vec![format!("  {} {}", row.code, row.title).trim_end().to_owned()];
        let value = format!("{} {}", row.value, row.unit);
        about.push(format!("{} {}", value.trim(), if row.met == "false" { &*row.target } else { "" }).trim().to_owned());
        if !row.score.is_empty() {
            let to = shortfall.to_score.as_ref().map(|score| format!(" → {}", score.show_trimmed(6))).unwrap_or_default();
            about.push(self.say(format!("得分 {}{to}/{}", row.score, row.points), format!("score {}{to} of {}", row.score, row.points)));
        }
        about.retain(|part| !part.trim().is_empty());
        let mut lines = vec![self.wrapped(&about.join(" · "))];
        let options = textwrap::Options::new(self.width.max(20)).initial_indent("    · ").subsequent_indent("      ");
        lines.extend(shortfall.ways.iter().take(WAYS).map(|way| textwrap::fill(&self.way(way), &options)));
        let more = shortfall.ways.len().saturating_sub(WAYS);
        if more > 0 {
            lines.push(self.say(format!("    · 另有 {more} 种"), format!("    · {more} more")));
        }
        let beside: Vec<&str> = shortfall.beside.iter().filter_map(|at| self.rubric_name(*at)).collect();
        if shortfall.ways.is_empty() && !beside.is_empty() {
            let names = self.lang.list(beside);
            lines.push(self.wrapped(&self.say(format!("    · 见 {names} 的改进计划"), format!("    · see the plan of {names}"))));
        } else if shortfall.ways.is_empty() {
            lines.push(self.say("    没有一项填报数据单独能补上", "    no single answer would mend it"));
        }
        Some(lines.join("\n"))
    }

    fn spread(&self, spread: &Spread) -> String {
        let lang = self.lang;
        let Some(row) = self.row(spread.indicator) else { return String::new() };
        let (now, limit) = (spread.now.show(6), spread.limit.to_string());
        let mut lines = vec![self.wrapped(&format!("{} {} · {now} > {limit}", row.code, row.title))];
        let names: Vec<String> = spread.fields.iter().map(|field| self.field(*field).0).collect();
        let unit = spread.fields.first().map(|field| self.field(*field).2).unwrap_or_default();
        let mean = spread.mean.show(6);
        let floor = spread.floor.as_ref().map(|floor| floor.show(6)).unwrap_or_default();
        lines.push(self.wrapped(&self.say(
            format!("  平均 {mean}; 只补不减: 补到底线 {floor}; 按比例: λ = {}", spread.ratio.show(6)),
            format!("  mean {mean}; raise only: to the floor {floor}; proportional: λ = {}", spread.ratio.show(6)),
        )));
        if let [first, _, ..] = names.as_slice() {
            let all = names.join(" + ");
            lines.push(self.wrapped(&self.say(
                format!("  增减的是 {all} 之和 ({unit}), 下面记在 {first} 上"),
                format!("  what counts is the sum of {all} ({unit}); below it is {first} that changes"),
            )));
        } else if let Some(only) = names.first() {
            lines.push(self.say(format!("  增减的是 {only} ({unit})"), format!("  what changes is {only} ({unit})")));
        } else {
            lines.push(self.say("  没有找到哪一项填报数据能提高它", "  no field was found that raises it"));
            return lines.join("\n");
        }
        let head = [
            lang.pick("对象", "subject"),
            lang.pick("取值", "value"),
            lang.pick("权重", "weight"),
            lang.pick("只补不减", "raise only"),
            lang.pick("取整", "whole"),
            lang.pick("按比例", "proportional"),
            lang.pick("取整", "whole"),
        ];
        let mut shown = table(self.width, &head);
        for member in &spread.members {
            let exact = |amount: &Amount| amount.exact.as_ref().map(|exact| if exact.signum() == 0 { "0".to_owned() } else { sign(exact) });
            let whole = |amount: &Amount| match amount.way.as_ref().and_then(|way| way.changes.first()) {
                Some(change) => {
                    let (name, places, _) = self.field(change.field);
                    let by = change.difference().map(|by| self.signed(&by, places)).unwrap_or_default();
                    if spread.fields.first() == Some(&change.field) { by } else { format!("{name} {by}") }
                }
                None if amount.exact.as_ref().is_some_and(|exact| exact.signum() == 0) => "0".to_owned(),
                None => lang.pick("填报表不接受", "refused by the form").to_owned(),
            };
            shown.add_row([
                member.key.to_string(),
                member.value.show_trimmed(6),
                member.weight.show_trimmed(6),
                exact(&member.raise).unwrap_or_default(),
                whole(&member.raise),
                exact(&member.level).unwrap_or_default(),
                whole(&member.level),
            ]);
        }
        right(&mut shown, &[1, 2, 3, 4, 5, 6]);
        lines.push(finish(&shown));
        let after = |verified: &Verified| {
            let value = verified.value.as_ref().map(|value| value.show(6)).unwrap_or_default();
            format!("{value} {}", if verified.met { lang.pick("达标", "met") } else { lang.pick("未达标", "not met") })
        };
        let (raised, levelled) = (after(&spread.raised), after(&spread.levelled));
        lines.push(self.say(
            format!("  取整后复算: 只补不减 {raised}; 按比例 {levelled}"),
            format!("  tried in whole units: raise only {raised}; proportional {levelled}"),
        ));
        lines.join("\n")
    }

    /// Of a group: what is not met and stands in none of the tables.
    fn others(&self) -> Option<String> {
        if matches!(self.planned.rules.rubrics.get(self.it.rubric)?.source, Source::Form(_)) {
            return None;
        }
        let told = |at: &usize| self.it.spreads.iter().any(|spread| spread.indicator == *at);
        let unmet = self.rows.iter().enumerate().filter(|(at, row)| row.met == "false" && !told(at));
        let unmet: Vec<String> = unmet.map(|(_, row)| format!("{} {} ({} {})", row.code, row.title, row.value, row.target)).collect();
        let list = self.lang.list(&unmet);
        (!unmet.is_empty()).then(|| self.wrapped(&self.say(format!("其他未达标: {list}"), format!("not met besides: {list}"))))
    }

    /// Who it is and what it takes, in a line.
    fn line(&self) -> String {
        let (member, lang) = (self.it, self.lang);
        let said = match member.goal.as_ref().map(|goal| (goal, &goal.outcome)) {
            Some((goal, Outcome::Reached(way))) => {
                let to = goal.to.as_ref().map_or("", |to| to.as_str());
                let changes: Vec<String> = match &member.together {
                    Some(together) => {
                        vec![self.say(format!("共改 {} 处", together.changes.len()), format!("{} changes", together.changes.len()))]
                    }
                    None => way.changes.iter().map(|change| self.change(change)).collect(),
                };
                format!("→ {to}: {}", lang.list(changes))
            }
            Some((_, Outcome::Incomplete(gap))) => gap.say(lang),
            Some((_, Outcome::Vetoed(reasons))) => {
                let reasons = lang.list(reasons);
                self.say(format!("一票否决: {reasons}"), format!("vetoed: {reasons}"))
            }
            Some((goal, Outcome::Beside(_))) => {
                let to = goal.to.as_ref().map_or("", |to| to.as_str());
                let names = lang.list(member.beside.iter().filter_map(|plan| self.rubric_name(plan.rubric)));
                self.say(format!("→ {to}: 见 {names} 的改进计划"), format!("→ {to}: see the plan of {names}"))
            }
            Some((_, Outcome::NotFound)) => match self.rests_on() {
                Some(rests_on) => rests_on,
                None => self.say("没有找到改法", "no change was found"),
            },
            Some((goal, Outcome::Undecided)) => {
                let now = goal.now.as_ref().map_or("", |now| now.as_str());
                self.say(format!("{now}: 看不出哪个结论更好"), format!("{now}: no verdict is known to be better"))
            }
            None => {
                let codes = self.rows.iter().filter(|row| row.met == "false").map(|row| &*row.code);
                let codes = lang.list(codes);
                self.say(format!("未达标: {codes}"), format!("not met: {codes}"))
            }
        };
        let options = textwrap::Options::new(self.width.max(20)).initial_indent("  ").subsequent_indent("      ");
        textwrap::fill(&format!("{} {said}", member.subject.key), &options)
    }

    fn members(&self) -> Vec<String> {
        if self.it.members.is_empty() {
            return Vec::new();
        }
        let count = self.it.members.len();
        let mut lines = vec![self.say(format!("没有达到要求的成员 {count} 个:"), format!("members that fall short: {count}"))];
        for member in self.it.members.iter().take(MEMBERS) {
            lines.extend(Sheet::of(self.planned, member, self.width).map(|sheet| sheet.line()));
        }
        let open =
            self.it.members.iter().filter(|member| matches!(&member.goal, Some(Goal { outcome: Outcome::Incomplete(_), .. }))).count();
        if open > 0 {
            lines.push(self.wrapped(&self.say(
                format!("  其中 {open} 个资料不全, 补齐以后才知道是否达到"),
                format!("  of which {open} are incomplete; what they lack is known once they are filled in"),
            )));
        }
        if count > MEMBERS {
            let rest = self.it.members.iter().skip(MEMBERS).map(|member| member.subject.key.as_str());
            lines.push(
                self.wrapped(&self.say(format!("  另有: {}", self.lang.list(rest.clone())), format!("  and: {}", self.lang.list(rest)))),
            );
        }
        lines
    }

    fn together(&self) -> Option<String> {
        let Together { changes, results } = self.it.together.as_ref()?;
        let count = changes.len();
        let mut lines = vec![self.say(
            format!("合在一起 (成员达到要求, 再只补不减), 共改 {count} 处:"),
            format!("all of it (members mended, then raise only), changes: {count}"),
        )];
        lines.push(self.changes(changes));
        let after = self.after(results);
        lines.push(self.wrapped(&self.say(format!("已复算: 改后{after}"), format!("tried: with them {after}"))));
        Some(lines.join("\n"))
    }

    /// The verdict of changed data, and what they still lack.
    fn after(&self, results: &Results) -> String {
        let after = rows_of(self.planned.rules, results, 0, self.lang);
        let drawn = |which: Which, code: &str| {
            let row = after.iter().find(|row| row.code == code)?;
            let value = if row.value.is_empty() { &row.note } else { &row.value };
            Some(format!("{} {value}; ", self.which(which)))
        };
        let verdict = drawn(Which::Conclusion, "@conclusion").or_else(|| drawn(Which::Grade, "@grade")).unwrap_or_default();
        let unmet: Vec<&str> = after.iter().filter(|row| row.met == "false").map(|row| &*row.code).collect();
        let unmet = if unmet.is_empty() { self.lang.pick("没有", "none").to_owned() } else { self.lang.list(unmet) };
        self.say(format!("{verdict}仍未达标: {unmet}"), format!("{verdict}still not met: {unmet}"))
    }

    fn rubric_name(&self, at: usize) -> Option<&'a str> {
        self.planned.rules.rubrics.get(at).map(|rubric| rubric.name.it.as_str())
    }

    /// The plans of other rubrics that it rests on, and what it comes to with them.
    fn beside(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for plan in &self.it.beside {
            let Some(name) = self.rubric_name(plan.rubric) else { continue };
            lines.push(String::new());
            lines.push(self.say(format!("另用的体系 {name}"), format!("beside: {name}")));
            lines.extend(Sheet::of(self.planned, plan, self.width).map(|sheet| sheet.subject()));
        }
        if let Some(results) = &self.it.with_beside {
            let (of, after) = (self.rubric_name(self.it.rubric).unwrap_or_default(), self.after(results));
            lines.push(String::new());
            lines.push(
                self.wrapped(
                    &self.say(format!("已复算: 以上都做到以后, {of}: {after}"), format!("tried: with all of that, {of}: {after}")),
                ),
            );
        }
        lines
    }
}

/// A number to three decimals, with its sign.
fn sign(value: &Real) -> String {
    format!("{}{}", if value.signum() > 0 { "+" } else { "" }, value.show(3))
}
