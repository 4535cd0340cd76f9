//! The result table (结果表): one row a subject and indicator, then its total, veto and verdict.

use crate::diag::Lang;
use crate::eval::{Cell, Explained, IndicatorResults, Results, State, Value, incomplete, show};
use crate::model::{AssessedRole, Indicator, Rubric, Rules, Way};
use crate::number::{Exact, Real};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// The columns of the table, as `--out` writes them.
pub const COLUMNS: [&str; 15] = [
    "rubric",
    "level",
    "subject",
    "group",
    "code",
    "title",
    "state",
    "value",
    "unit",
    "target",
    "attainment",
    "met",
    "score",
    "points",
    "note",
];

/// One row; what there is none of is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResultRow<'a> {
    /// The rubric's name.
    pub rubric: Cow<'a, str>,
    /// The subject's kind.
    pub level: Cow<'a, str>,
    /// The subject's key.
    pub subject: Cow<'a, str>,
    /// Its group.
    pub group: Cow<'a, str>,
    /// The indicator's code; `@alarm`, `@total`, `@veto`, `@grade`, `@conclusion`.
    pub code: Cow<'a, str>,
    /// The indicator's title.
    pub title: Cow<'a, str>,
    /// `scored`, `missing`, `undefined`, `not_applicable`.
    pub state: Cow<'a, str>,
    /// The value, as shown.
    pub value: Cow<'a, str>,
    /// Its unit.
    pub unit: Cow<'a, str>,
    /// The target that applied.
    pub target: Cow<'a, str>,
    /// Attainment: a share, to six decimals.
    pub attainment: Cow<'a, str>,
    /// `true`, `false`.
    pub met: Cow<'a, str>,
    /// The published score.
    pub score: Cow<'a, str>,
    /// Full marks.
    pub points: Cow<'a, str>,
    /// Why there is no value, what was left out.
    pub note: Cow<'a, str>,
    /// The same by the uppermost layer, where results are compared with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseRow>,
}

/// The columns that the uppermost layer adds to the table.
pub const BASE_COLUMNS: [&str; 5] = ["base", "base_value", "base_target", "base_met", "base_score"];

/// What a row comes to by the uppermost layer; nothing for what only a lower one asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BaseRow {
    /// The name of that rubric.
    pub rubric: String,
    /// The value or verdict, as shown.
    pub value: String,
    /// The target that applied.
    pub target: String,
    /// `true`, `false`.
    pub met: String,
    /// The published score.
    pub score: String,
}

impl BaseRow {
    /// Its cells in the order of [`BASE_COLUMNS`].
    pub fn cells(&self) -> [&str; 5] {
        [&self.rubric, &self.value, &self.target, &self.met, &self.score]
    }
}

impl ResultRow<'_> {
    /// Its cells in the order of [`COLUMNS`].
    pub fn cells(&self) -> [&str; 15] {
        [
            &self.rubric,
            &self.level,
            &self.subject,
            &self.group,
            &self.code,
            &self.title,
            &self.state,
            &self.value,
            &self.unit,
            &self.target,
            &self.attainment,
            &self.met,
            &self.score,
            &self.points,
            &self.note,
        ]
    }
}

/// The rows of one subject of some level of the results, by its place; with those by the uppermost layer beside them, where that is asked.
pub fn rows_beside<'a>(explained: &Explained<'a>, results: &'a Results, subject: usize) -> Vec<ResultRow<'a>> {
    let mut rows = rows_of(explained.rules, results, subject, explained.lang);
    let rubric = explained.rules.rubrics.get(results.rubric);
    let (Some((rules, whole)), Some(rubric)) = (explained.base, rubric.filter(|rubric| !rubric.layers.is_empty())) else { return rows };
    let is_it = |level: &&Results| rules.rubrics.get(level.rubric).is_some_and(|known| known.name.it == rubric.name.it);
    let level = std::iter::successors(Some(whole), |results| results.below.as_deref()).find(is_it);
    let who = results.subjects.get(subject).map(|subject| (&subject.kind, &subject.key));
    // Those of one kind stand in the order of their keys.
    let there = level.zip(who).and_then(|(level, (kind, key))| {
        let first = level.subjects.partition_point(|other| other.kind == *kind && other.key < *key);
        let is_it = |at: &usize| level.subjects.get(*at).is_some_and(|other| other.kind == *kind && other.key == *key);
        Some(first).filter(is_it).or_else(|| (0..level.subjects.len()).find(is_it))
    });
    let beside = level.zip(there).map(|(level, at)| rows_of(rules, level, at, explained.lang)).unwrap_or_default();
    let name = rubric.layers.last().map(|layer| layer.name.to_string()).unwrap_or_default();
    for row in &mut rows {
        let mut base = BaseRow { rubric: name.clone(), ..BaseRow::default() };
        if let Some(other) = beside.iter().find(|other| {
            other.code == row.code && (row.code != "@veto" || other.title == row.title) && (row.code != "@alarm" || other.note == row.note)
        }) {
            let value = if other.value.is_empty() { &other.note } else { &other.value };
            (base.value, base.target) = (value.to_string(), other.target.to_string());
            (base.met, base.score) = (other.met.to_string(), other.score.to_string());
        }
        row.base = Some(base);
    }
    rows
}

/// The rows of one subject, by its place.
pub fn rows_of<'a>(rules: &'a Rules, results: &'a Results, subject: usize, lang: Lang) -> Vec<ResultRow<'a>> {
    let (Some(rubric), Some(who)) = (rules.rubrics.get(results.rubric), results.subjects.get(subject)) else { return Vec::new() };
    let base = ResultRow {
        rubric: rubric.name.it.as_str().into(),
        level: who.kind.as_str().into(),
        subject: who.key.as_str().into(),
        group: who.group.as_ref().map(|group| group.as_str()).unwrap_or_default().into(),
        ..ResultRow::default()
    };
    let mut rows: Vec<ResultRow<'a>> = Vec::with_capacity(rubric.indicators.len() + 3);
    for (at, indicator) in rubric.indicators.iter().enumerate() {
        rows.push(indicator_row(&base, rubric, results, at, indicator, subject, lang));
        rows.extend(role_rows(&base, results, indicator, subject, lang));
    }
    for (indicator, found) in rubric.indicators.iter().zip(&results.indicators) {
        if let Some(alarm) = found.alarm(subject).and_then(|which| indicator.alarms.get(which)) {
            rows.push(ResultRow {
                code: "@alarm".into(),
                title: alarm.label.as_deref().unwrap_or_default().into(),
                state: State::Scored.as_str().into(),
                value: alarm.level.as_str().into(),
                note: indicator.code.it.as_str().into(),
                ..base.clone()
            });
        }
    }
    if let Some(total) = &results.total {
        let mut row = ResultRow { code: "@total".into(), ..base.clone() };
        row.points = rubric.total.as_ref().map(|full| full.it.to_string()).unwrap_or_default().into();
        fill_score(&mut row, total.get(subject), rubric.total_places(), lang);
        if row.note.is_empty() {
            row.note = reweighted(rubric, results, subject, lang).unwrap_or_default().into();
        }
        rows.push(row);
    }
    for (veto, cells) in rubric.vetoes.iter().zip(&results.vetoes) {
        if let Some(Ok(true)) = cells.get(subject) {
            rows.push(ResultRow {
                code: "@veto".into(),
                title: veto.reason.as_str().into(),
                state: State::Scored.as_str().into(),
                value: veto.then.as_str().into(),
                ..base.clone()
            });
        }
    }
    for (code, cells) in [("@grade", &results.grade), ("@conclusion", &results.conclusion)] {
        if let Some(cell) = cells.as_ref().and_then(|cells| cells.get(subject)) {
            let mut row = ResultRow { code: code.into(), ..base.clone() };
            match cell {
                Ok(name) => (row.state, row.value) = (State::Scored.as_str().into(), name.as_str().into()),
                Err(gap) => (row.state, row.note) = (State::of(gap).as_str().into(), incomplete(gap, lang).into()),
            }
            rows.push(row);
        }
    }
    rows
}

fn indicator_row<'a>(
    base: &ResultRow<'a>,
    rubric: &Rubric,
    results: &Results,
    at: usize,
    indicator: &'a Indicator,
    subject: usize,
    lang: Lang,
) -> ResultRow<'a> {
    let mut row = ResultRow {
        code: indicator.code.it.as_str().into(),
        title: indicator.title.as_deref().unwrap_or_default().into(),
        unit: indicator.unit().into(),
        points: indicator.points.as_ref().map(|points| points.it.to_string()).unwrap_or_default().into(),
        ..base.clone()
    };
    let Some(found) = results.indicators.get(at) else { return row };
    row.state = found.state(subject).as_str().into();
    if let Some(Ok(value)) = found.value.as_ref().and_then(|column| column.get(subject)) {
        row.value = show(&value, indicator.decimals, lang).into();
    }
    if let Some(Ok(bound)) = found.target.as_ref().and_then(|column| column.get(subject)) {
        let case = found.case.get(subject).copied().flatten().and_then(|which| indicator.target_cases().nth(which));
        row.target = format!("{} {}", case.map_or("", |case| case.op.symbol()), show(&bound, None, lang)).into();
    }
    if let Some(Ok(attained)) = found.attained.as_ref().and_then(|cells| cells.get(subject)) {
        row.attainment = attained.show_trimmed(6).into();
    }
    if let Some(met) = found.met(subject) {
        row.met = if met { "true" } else { "false" }.into();
    }
    if let Some(Ok(score)) = found.score.as_ref().and_then(|cells| cells.get(subject)) {
        row.score = score_shown(score, indicator.round.map(|round| round.places)).into();
    }
    let mut notes: Vec<String> = found.gap(subject).iter().map(|gap| gap.say(lang)).collect();
    notes.extend(omitted(rubric, results, at, subject, lang));
    if let Some(Way::Judged(assessed)) = indicator.way.as_ref().map(|way| &way.it) {
        notes.extend(assessed.apart(results, subject, lang));
    }
    row.note = notes.join("; ").into();
    row
}

/// What each role gave, beside each other, where assessors judge.
fn role_rows<'a>(base: &ResultRow<'a>, results: &Results, indicator: &'a Indicator, subject: usize, lang: Lang) -> Vec<ResultRow<'a>> {
    let Some(Way::Judged(assessed)) = indicator.way.as_ref().map(|way| &way.it) else { return Vec::new() };
    let row = |role: &'a AssessedRole| {
        let percent = &role.weight * &Exact::from(100_i64);
        let mut row = ResultRow {
            code: format!("{}.{}", indicator.code.it, role.role).into(),
            title: format!("{} {percent}%", role.role).into(),
            points: indicator.points.as_ref().map(|points| points.it.to_string()).unwrap_or_default().into(),
            ..base.clone()
        };
        match results.lets.get(role.value).and_then(|column| column.get(subject)) {
            Some(Ok(mark)) => (row.state, row.score) = (State::Scored.as_str().into(), show(&mark, None, lang).into()),
            Some(Err(gap)) => (row.state, row.note) = (State::of(&gap).as_str().into(), gap.say(lang).into()),
            None => {}
        }
        row
    };
    assessed.roles.iter().map(row).collect()
}

/// Which indicators did not apply, so that the others were scaled up to the full marks.
fn reweighted(rubric: &Rubric, results: &Results, subject: usize, lang: Lang) -> Option<String> {
    let pairs = rubric.indicators.iter().zip(&results.indicators);
    let inapplicable = |found: &IndicatorResults| match found.score.as_ref().and_then(|cells| cells.get(subject)) {
        Some(Err(gap)) => State::of(gap) == State::NotApplicable,
        _ => false,
    };
    let codes: Vec<&str> = pairs.filter(|(_, found)| inapplicable(found)).map(|(indicator, _)| indicator.code.it.as_str()).collect();
    let list = lang.list(&codes);
    (!codes.is_empty()).then(|| lang.say(format!("不适用 {list}，其余折算为满分"), format!("{list} not applicable, the rest scaled up")))
}

/// What the statistics of an indicator left out of a subject's members.
fn omitted(rubric: &Rubric, results: &Results, at: usize, subject: usize, lang: Lang) -> Option<String> {
    let value = rubric.indicators.get(at)?.value.as_ref()?;
    let below = results.below.as_ref()?;
    let mut of_subject = results.omissions.iter().filter(|omission| omission.subject == subject).peekable();
    of_subject.peek()?;
    let mut ids = Vec::new();
    collect_ids(value, &mut ids);
    let (mut members, mut known): (Vec<usize>, HashSet<usize>) = Default::default();
    for omission in of_subject.filter(|omission| ids.contains(&omission.statistic)) {
        members.extend(omission.left_out.iter().filter(|member| known.insert(**member)));
    }
    if members.is_empty() {
        return None;
    }
    let keys: Vec<&str> =
        members.iter().take(5).filter_map(|member| below.subjects.get(*member)).map(|subject| subject.key.as_str()).collect();
    let more = if members.len() > keys.len() { " …" } else { "" };
    let (count, keys) = (members.len(), lang.list(keys));
    Some(lang.say(format!("缺值未计入 {count} 个: {keys}{more}"), format!("{count} left out for want of a value: {keys}{more}")))
}

fn collect_ids(expr: &crate::model::Expr, into: &mut Vec<crate::model::ExprId>) {
    into.push(expr.id);
    expr.children().into_iter().for_each(|inner| collect_ids(inner, into));
}

fn fill_score(row: &mut ResultRow<'_>, cell: Option<&Cell<Real>>, places: Option<u32>, lang: Lang) {
    match cell {
        Some(Ok(score)) => (row.state, row.score) = (State::Scored.as_str().into(), score_shown(score, places).into()),
        Some(Err(gap)) => (row.state, row.note) = (State::of(gap).as_str().into(), gap.say(lang).into()),
        None => {}
    }
}

/// A score to the decimals that it was rounded to, else to six without closing zeros.
pub fn score_shown(score: &Real, places: Option<u32>) -> String {
    show(&Value::Number(score.clone()), places, Lang::Zh)
}
