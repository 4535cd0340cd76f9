//! The result table (结果表): one row a subject and indicator, then its total, veto and verdict.

use crate::diag::Lang;
use crate::eval::{Cell, Explained, IndicatorResults, Results, State, Value, incomplete, show};
use crate::model::{Indicator, Rubric, Rules};
use crate::number::Real;
use serde::Serialize;

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
pub struct ResultRow {
    /// The rubric's name.
    pub rubric: String,
    /// The subject's kind.
    pub level: String,
    /// The subject's key.
    pub subject: String,
    /// Its group.
    pub group: String,
    /// The indicator's code; `@total`, `@veto`, `@grade`, `@conclusion`.
    pub code: String,
    /// The indicator's title.
    pub title: String,
    /// `scored`, `missing`, `undefined`, `not_applicable`.
    pub state: String,
    /// The value, as shown.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// The target that applied.
    pub target: String,
    /// Attainment: a share, to six decimals.
    pub attainment: String,
    /// `true`, `false`.
    pub met: String,
    /// The published score.
    pub score: String,
    /// Full marks.
    pub points: String,
    /// Why there is no value, what was left out.
    pub note: String,
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

impl ResultRow {
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
pub fn rows_beside(explained: &Explained<'_>, results: &Results, subject: usize) -> Vec<ResultRow> {
    let mut rows = rows_of(explained.rules, results, subject, explained.lang);
    let rubric = explained.rules.rubrics.get(results.rubric);
    let (Some((rules, whole)), Some(rubric)) = (explained.base, rubric.filter(|rubric| !rubric.layers.is_empty())) else { return rows };
    let is_it = |level: &&Results| rules.rubrics.get(level.rubric).is_some_and(|known| known.name.it == rubric.name.it);
    let level = std::iter::successors(Some(whole), |results| results.below.as_deref()).find(is_it);
    let who = results.subjects.get(subject).map(|subject| (&subject.kind, &subject.key));
    let there = level.and_then(|level| level.subjects.iter().position(|other| Some((&other.kind, &other.key)) == who));
    let beside = level.zip(there).map(|(level, at)| rows_of(rules, level, at, explained.lang)).unwrap_or_default();
    let name = rubric.layers.last().map(|layer| layer.name.to_string()).unwrap_or_default();
    for row in &mut rows {
        let mut base = BaseRow { rubric: name.clone(), ..BaseRow::default() };
        if let Some(other) = beside.iter().find(|other| other.code == row.code && (row.code != "@veto" || other.title == row.title)) {
            let value = if other.value.is_empty() { &other.note } else { &other.value };
            (base.value, base.target) = (value.clone(), other.target.clone());
            (base.met, base.score) = (other.met.clone(), other.score.clone());
        }
        row.base = Some(base);
    }
    rows
}

/// The rows of one subject, by its place.
pub fn rows_of(rules: &Rules, results: &Results, subject: usize, lang: Lang) -> Vec<ResultRow> {
    let (Some(rubric), Some(who)) = (rules.rubrics.get(results.rubric), results.subjects.get(subject)) else { return Vec::new() };
    let base = ResultRow {
        rubric: rubric.name.it.to_string(),
        level: who.kind.to_string(),
        subject: who.key.to_string(),
        group: who.group.as_ref().map(ToString::to_string).unwrap_or_default(),
        ..ResultRow::default()
    };
    let mut rows: Vec<ResultRow> = Vec::new();
    for (at, indicator) in rubric.indicators.iter().enumerate() {
        rows.push(indicator_row(&base, rubric, results, at, indicator, subject, lang));
    }
    if let Some(total) = &results.total {
        let mut row = ResultRow { code: "@total".to_owned(), ..base.clone() };
        row.points = rubric.total.as_ref().map(|full| full.it.to_string()).unwrap_or_default();
        fill_score(&mut row, total.get(subject), rubric.total_places(), lang);
        if row.note.is_empty() {
            row.note = reweighted(rubric, results, subject, lang).unwrap_or_default();
        }
        rows.push(row);
    }
    for (veto, cells) in rubric.vetoes.iter().zip(&results.vetoes) {
        if let Some(Ok(true)) = cells.get(subject) {
            rows.push(ResultRow {
                code: "@veto".to_owned(),
                title: veto.reason.clone(),
                state: State::Scored.as_str().to_owned(),
                value: veto.then.to_string(),
                ..base.clone()
            });
        }
    }
    for (code, cells) in [("@grade", &results.grade), ("@conclusion", &results.conclusion)] {
        if let Some(cell) = cells.as_ref().and_then(|cells| cells.get(subject)) {
            let mut row = ResultRow { code: code.to_owned(), ..base.clone() };
            match cell {
                Ok(name) => (row.state, row.value) = (State::Scored.as_str().to_owned(), name.to_string()),
                Err(gap) => (row.state, row.note) = (State::of(gap).as_str().to_owned(), incomplete(gap, lang)),
            }
            rows.push(row);
        }
    }
    rows
}

fn indicator_row(
    base: &ResultRow,
    rubric: &Rubric,
    results: &Results,
    at: usize,
    indicator: &Indicator,
    subject: usize,
    lang: Lang,
) -> ResultRow {
    let mut row = ResultRow {
        code: indicator.code.it.to_string(),
        title: indicator.title.clone().unwrap_or_default(),
        unit: indicator.unit(),
        points: indicator.points.as_ref().map(|points| points.it.to_string()).unwrap_or_default(),
        ..base.clone()
    };
    let Some(found) = results.indicators.get(at) else { return row };
    row.state = found.state(subject).as_str().to_owned();
    if let Some(Ok(value)) = found.value.as_ref().and_then(|column| column.get(subject)) {
        row.value = show(&value, indicator.decimals, lang);
    }
    if let Some(Ok(bound)) = found.target.as_ref().and_then(|column| column.get(subject)) {
        let case = found.case.get(subject).copied().flatten().and_then(|which| indicator.target_cases().nth(which));
        row.target = format!("{} {}", case.map_or("", |case| case.op.symbol()), show(&bound, None, lang));
    }
    if let Some(Ok(attained)) = found.attained.as_ref().and_then(|cells| cells.get(subject)) {
        row.attainment = attained.show_trimmed(6);
    }
    if let Some(Ok(met)) = found.met.as_ref().and_then(|cells| cells.get(subject)) {
        row.met = met.to_string();
    }
    if let Some(Ok(score)) = found.score.as_ref().and_then(|cells| cells.get(subject)) {
        row.score = score_shown(score, indicator.round.map(|round| round.places));
    }
    let mut notes: Vec<String> = found.gap(subject).iter().map(|gap| gap.say(lang)).collect();
    notes.extend(omitted(rubric, results, at, subject, lang));
    row.note = notes.join("; ");
    row
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
    let mut ids = Vec::new();
    collect_ids(value, &mut ids);
    let mut members: Vec<usize> = Vec::new();
    for omission in results.omissions.iter().filter(|omission| omission.subject == subject && ids.contains(&omission.statistic)) {
        members.extend(omission.left_out.iter().filter(|member| !members.contains(member)).copied().collect::<Vec<_>>());
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

fn fill_score(row: &mut ResultRow, cell: Option<&Cell<Real>>, places: Option<u32>, lang: Lang) {
    match cell {
        Some(Ok(score)) => (row.state, row.score) = (State::Scored.as_str().to_owned(), score_shown(score, places)),
        Some(Err(gap)) => (row.state, row.note) = (State::of(gap).as_str().to_owned(), gap.say(lang)),
        None => {}
    }
}

/// A score to the decimals that it was rounded to, else to six without closing zeros.
pub fn score_shown(score: &Real, places: Option<u32>) -> String {
    show(&Value::Number(score.clone()), places, Lang::Zh)
}
