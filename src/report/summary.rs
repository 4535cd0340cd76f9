//! What a run comes to, on one screen (运行摘要).

use super::results::{ResultRow, rows_beside};
use crate::diag::Lang;
use crate::eval::{Explained, State};
use crate::model::Rubric;
use crate::text::Name;
use crate::text::width::columns;
use chrono::NaiveDate;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use std::collections::BTreeMap;

/// So many subjects are shown one by one, each with its indicators.
const IN_FULL: usize = 3;
/// So many subjects are listed, a line each.
const LISTED: usize = 20;

/// The summary of the results that were asked for, `width` columns wide.
pub fn summary(explained: &Explained<'_>, width: usize) -> String {
    let mut summary = Summary::new(explained.rubric, explained.lang, width);
    summary.add(explained);
    summary.text(explained.results.on, &explained.results.left_out)
}

/// A summary of results that come part by part.
pub struct Summary<'r> {
    rubric: &'r Rubric,
    lang: Lang,
    width: usize,
    subjects: usize,
    /// How many of each kind.
    kinds: Vec<(Name, usize)>,
    grouped: bool,
    by_points: bool,
    /// The first ones, each as a whole.
    in_full: Vec<String>,
    /// Those that need a look first, in that order.
    listed: Vec<Listed>,
    indicators: Vec<Counts>,
    grades: Option<BTreeMap<String, usize>>,
    conclusions: Option<BTreeMap<String, usize>>,
    /// How many alarms of each level are raised, in the order in which the rubric has the levels first.
    alarms: Vec<(Name, usize)>,
}

/// A subject of the list.
struct Listed {
    /// The place of its verdict among the cases; one without a verdict comes before all.
    verdict: usize,
    key: String,
    group: String,
    total: String,
    shown: String,
    /// The verdict by the uppermost layer, where results are compared with it.
    upper: Option<String>,
    not_met: String,
    lacking: String,
    alarms: String,
}

/// How many are in which state, of one indicator.
#[derive(Clone, Default)]
struct Counts {
    scored: usize,
    missing: usize,
    undefined: usize,
    not_applicable: usize,
    met: Option<usize>,
}

/// The levels of alarms, each once.
fn levels(rubric: &Rubric) -> Vec<(Name, usize)> {
    let mut levels: Vec<(Name, usize)> = Vec::new();
    for alarm in rubric.indicators.iter().flat_map(|indicator| &indicator.alarms) {
        if !levels.iter().any(|(known, _)| *known == alarm.level) {
            levels.push((alarm.level.clone(), 0));
        }
    }
    levels
}

impl<'r> Summary<'r> {
    /// Of a rubric, before any results.
    pub fn new(rubric: &'r Rubric, lang: Lang, width: usize) -> Summary<'r> {
        Summary {
            rubric,
            lang,
            width,
            subjects: 0,
            kinds: Vec::new(),
            grouped: false,
            by_points: false,
            in_full: Vec::new(),
            listed: Vec::new(),
            indicators: vec![Counts::default(); rubric.indicators.len()],
            grades: None,
            conclusions: None,
            alarms: levels(rubric),
        }
    }

    /// Takes in the results of some subjects, after those that came before.
    pub fn add(&mut self, explained: &Explained<'_>) {
        let results = explained.results;
        let full = (0..results.subjects.len()).take(IN_FULL.saturating_sub(self.subjects));
        self.in_full.extend(full.map(|subject| in_full(explained, subject, self.width)));
        for subject in &results.subjects {
            match self.kinds.iter_mut().find(|(kind, _)| *kind == subject.kind) {
                Some((_, count)) => *count += 1,
                None => self.kinds.push((subject.kind.clone(), 1)),
            }
        }
        self.subjects += results.subjects.len();
        self.grouped |= results.subjects.iter().any(|subject| subject.group.is_some());
        self.by_points |= results.total.is_some();
        for ((counts, found), indicator) in self.indicators.iter_mut().zip(&results.indicators).zip(&self.rubric.indicators) {
            for row in 0..results.subjects.len() {
                *match found.state(row) {
                    State::Scored => &mut counts.scored,
                    State::Missing => &mut counts.missing,
                    State::Undefined => &mut counts.undefined,
                    State::NotApplicable => &mut counts.not_applicable,
                } += 1;
            }
            let raised = (0..results.subjects.len()).filter_map(|row| found.alarm(row));
            for level in raised.filter_map(|which| indicator.alarms.get(which)).map(|alarm| &alarm.level) {
                self.alarms.iter_mut().filter(|(known, _)| known == level).for_each(|(_, count)| *count += 1);
            }
            if let Some(cells) = &found.met {
                *counts.met.get_or_insert(0) += cells.iter().filter(|cell| **cell == Ok(true)).count();
            }
        }
        for (counts, cells) in [(&mut self.grades, &results.grade), (&mut self.conclusions, &results.conclusion)] {
            let Some(cells) = cells else { continue };
            let counts = counts.get_or_insert_default();
            for cell in cells {
                let name = cell.as_ref().map_or("", |name| name.as_str());
                match counts.get_mut(name) {
                    Some(count) => *count += 1,
                    None => _ = counts.insert(name.to_owned(), 1),
                }
            }
        }
        let before = self.listed.len();
        for (verdict, at) in worst_first(explained).into_iter().take(LISTED) {
            self.listed.extend(Listed::of(explained, at, verdict));
        }
        // Sorting is stable: of equal verdicts who came first stays first.
        if before > 0 {
            self.listed.sort_by_key(|listed| std::cmp::Reverse(listed.verdict));
        }
        self.listed.truncate(LISTED);
    }

    /// The summary, of an evaluation as of a day that left out some by their keys.
    pub fn text(&self, on: NaiveDate, left_out: &[Name]) -> String {
        let mut parts = vec![self.heading(on)];
        if self.subjects <= IN_FULL {
            parts.extend(self.in_full.iter().cloned());
        } else {
            parts.push(self.list());
            parts.push(self.of_indicators());
            parts.extend(self.verdicts());
            parts.extend(self.raised());
        }
        parts.extend(outside(left_out, self.lang));
        parts.retain(|part| !part.is_empty());
        let mut text = parts.join("\n\n");
        text.push('\n');
        text
    }

    fn heading(&self, on: NaiveDate) -> String {
        let (rubric, lang) = (self.rubric, self.lang);
        let title = rubric.title.as_deref().unwrap_or("");
        let who = lang.list(self.kinds.iter().map(|(kind, count)| format!("{kind} {count}")));
        let source = rubric.authority.as_ref().map(|authority| format!("{}{authority}", lang.pick("依据 ", "under "))).unwrap_or_default();
        let about = lang.say(format!("评价日 {on} · {who}"), format!("as of {on} · {who}"));
        let line = match source.is_empty() {
            true => about,
            false if columns(&source) + columns(&about) + 3 > self.width => format!("{source}\n{about}"),
            false => format!("{source} · {about}"),
        };
        format!("{}\n{line}", format!("{} {title}", rubric.name.it).trim())
    }

    /// Subjects, a line each.
    fn list(&self) -> String {
        let lang = self.lang;
        let verdict = self.grades.is_some() || self.conclusions.is_some();
        let has_targets = self.rubric.indicators.iter().any(|indicator| indicator.target.is_some());
        let mut head: Vec<&str> = vec![self.kinds.first().map_or("", |(kind, _)| kind.as_str())];
        if self.grouped {
            head.push(lang.pick("所属", "group"));
        }
        if self.by_points {
            head.push(lang.pick("总分", "total"));
        }
        if verdict {
            head.push(if self.grades.is_some() { lang.pick("等级", "grade") } else { lang.pick("结论", "conclusion") });
        }
        let beside = self.listed.iter().any(|listed| listed.upper.is_some());
        if beside {
            head.push(lang.pick("按最上层", "by the uppermost"));
        }
        if has_targets {
            head.push(lang.pick("未达标", "not met"));
        }
        head.push(lang.pick("缺", "without value"));
        if !self.alarms.is_empty() {
            head.push(lang.pick("预警", "alarms"));
        }
        let mut shown = table(self.width, &head);
        for listed in &self.listed {
            let mut cells = vec![listed.key.as_str()];
            if self.grouped {
                cells.push(&listed.group);
            }
            if self.by_points {
                cells.push(&listed.total);
            }
            if verdict {
                cells.push(&listed.shown);
            }
            if beside {
                cells.push(listed.upper.as_deref().unwrap_or_default());
            }
            if has_targets {
                cells.push(&listed.not_met);
            }
            cells.push(&listed.lacking);
            if !self.alarms.is_empty() {
                cells.push(&listed.alarms);
            }
            shown.add_row(cells);
        }
        if self.by_points {
            right(&mut shown, &[if self.grouped { 2 } else { 1 }]);
        }
        let more = self.subjects.saturating_sub(LISTED);
        let rest = lang.say(
            format!("… 另有 {more} 个, 用 `--out 结果.csv` 写出全部"),
            format!("… and {more} more; `--out results.csv` writes them all"),
        );
        if more > 0 { format!("{}\n{rest}", finish(&shown)) } else { finish(&shown) }
    }

    /// Indicators, with how many subjects met each or have no value.
    fn of_indicators(&self) -> String {
        let (rubric, lang) = (self.rubric, self.lang);
        let has_targets = rubric.indicators.iter().any(|indicator| indicator.target.is_some());
        let mut head = vec![lang.pick("编号", "code"), lang.pick("指标", "indicator"), lang.pick("有值", "with value")];
        if has_targets {
            head.push(lang.pick("达标", "met"));
        }
        head.extend([lang.pick("未填", "missing"), lang.pick("无法计算", "undefined"), lang.pick("不适用", "n/a")]);
        let mut shown = table(self.width, &head);
        let some = |count: usize| if count > 0 { count.to_string() } else { String::new() };
        for (indicator, counts) in rubric.indicators.iter().zip(&self.indicators) {
            let title = indicator.title.clone().unwrap_or_default();
            let mut cells = vec![indicator.code.it.to_string(), title, counts.scored.to_string()];
            if has_targets {
                cells.push(counts.met.map(|count| count.to_string()).unwrap_or_default());
            }
            cells.extend([some(counts.missing), some(counts.undefined), some(counts.not_applicable)]);
            shown.add_row(cells);
        }
        let columns: Vec<usize> = (2..head.len()).collect();
        right(&mut shown, &columns);
        if let Some(column) = shown.column_mut(1) {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(50)));
        }
        finish(&shown)
    }

    /// How many alarms were raised.
    fn raised(&self) -> Option<String> {
        let said: Vec<String> = self.alarms.iter().map(|(level, count)| format!("{level} {count}")).collect();
        (!said.is_empty()).then(|| format!("{}: {}", self.lang.pick("预警", "alarms"), said.join(" · ")))
    }

    /// How often each verdict was drawn.
    fn verdicts(&self) -> Vec<String> {
        let (rubric, lang) = (self.rubric, self.lang);
        let mut lines = Vec::new();
        for (what, verdicts, counts) in [
            (lang.pick("等级", "grades"), &rubric.grade, &self.grades),
            (lang.pick("结论", "conclusions"), &rubric.conclusion, &self.conclusions),
        ] {
            let (Some(verdicts), Some(counts)) = (verdicts, counts) else { continue };
            let mut said: Vec<String> = Vec::new();
            let mut told: Vec<&str> = Vec::new();
            for case in &verdicts.cases {
                let name = case.name.it.as_str();
                if let Some(count) = counts.get(name).filter(|_| !told.contains(&name)) {
                    said.push(format!("{name} {count}"));
                    told.push(name);
                }
            }
            if let Some(count) = counts.get("") {
                said.push(lang.say(format!("资料不全 {count}"), format!("incomplete {count}")));
            }
            lines.push(format!("{what}: {}", said.join(" · ")));
        }
        lines
    }
}

impl Listed {
    fn of(explained: &Explained<'_>, at: usize, verdict: usize) -> Option<Listed> {
        let (results, lang) = (explained.results, explained.lang);
        let subject = results.subjects.get(at)?;
        let rows = rows_beside(explained, results, at);
        let codes = |wanted: &dyn Fn(&ResultRow<'_>) -> bool| {
            let codes: Vec<&str> =
                rows.iter().filter(|row| !row.code.starts_with('@') && wanted(row)).map(|row| row.code.as_ref()).collect();
            match codes.len() {
                0..=4 => codes.join(" "),
                count => format!("{} … ({count})", codes.iter().take(3).copied().collect::<Vec<_>>().join(" ")),
            }
        };
        let at_code = |code: &str| rows.iter().find(|row| row.code == code);
        let drawn = at_code("@grade").or_else(|| at_code("@conclusion"));
        let shown = drawn.map(|row| if row.value.is_empty() { lang.pick("资料不全", "incomplete") } else { &*row.value });
        Some(Listed {
            verdict,
            key: subject.key.to_string(),
            group: subject.group.as_ref().map(ToString::to_string).unwrap_or_default(),
            total: at_code("@total").map(|row| row.score.to_string()).unwrap_or_default(),
            shown: shown.unwrap_or_default().to_owned(),
            upper: drawn.and_then(|row| row.base.as_ref()).map(|base| base.value.clone()),
            not_met: codes(&|row| row.met == "false"),
            lacking: codes(&|row| matches!(&*row.state, "missing" | "undefined")),
            alarms: alarms(&rows),
        })
    }
}

/// The alarms of a subject, each with its indicator.
fn alarms(rows: &[ResultRow<'_>]) -> String {
    let raised: Vec<String> = rows.iter().filter(|row| row.code == "@alarm").map(|row| format!("{} {}", row.value, row.note)).collect();
    match raised.len() {
        0..=3 => raised.join(", "),
        count => format!("{} … ({count})", raised.iter().take(2).cloned().collect::<Vec<_>>().join(", ")),
    }
}

/// The subjects that need a look first, with the places of their verdicts: those that cannot be judged, then from the last
/// verdict to the first; then by key.
fn worst_first(explained: &Explained<'_>) -> Vec<(usize, usize)> {
    let (rubric, results) = (explained.rubric, explained.results);
    let verdicts = rubric.grade.as_ref().zip(results.grade.as_ref()).or(rubric.conclusion.as_ref().zip(results.conclusion.as_ref()));
    let place = |row: usize| match verdicts {
        None => 0,
        Some((verdicts, cells)) => match cells.get(row) {
            Some(Ok(name)) => verdicts.cases.iter().position(|case| case.name.it == *name).unwrap_or(0),
            _ => usize::MAX,
        },
    };
    let mut order: Vec<(usize, usize)> = (0..results.subjects.len()).map(|row| (place(row), row)).collect();
    order.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    order
}

fn outside(out: &[Name], lang: Lang) -> Option<String> {
    if out.is_empty() {
        return None;
    }
    let some = lang.list(out.iter().take(5).map(|key| key.as_str()));
    let more = if out.len() > 5 { " …" } else { "" };
    let count = out.len();
    Some(lang.say(format!("不在评价范围: {count} 个 ({some}{more})"), format!("outside the rubric: {count} ({some}{more})")))
}

/// A table without ruling but a line under its head.
pub(super) fn table(width: usize, head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(80)).set_header(head.to_vec());
    table
}

pub(super) fn right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

pub(super) fn finish(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn state_word(state: &str, lang: Lang) -> &'static str {
    match state {
        "missing" => lang.pick("未填", "missing"),
        "undefined" => lang.pick("无法计算", "undefined"),
        "not_applicable" => lang.pick("不适用", "not applicable"),
        _ => "",
    }
}

fn met_word(met: &str, lang: Lang) -> &'static str {
    match met {
        "true" => lang.pick("达标", "met"),
        "false" => lang.pick("未达标", "not met"),
        _ => "",
    }
}

/// One subject with its indicators.
fn in_full(explained: &Explained<'_>, subject: usize, width: usize) -> String {
    let lang = explained.lang;
    let rows = rows_beside(explained, explained.results, subject);
    let Some(first) = rows.first() else { return String::new() };
    let points = rows.iter().any(|row| !row.code.starts_with('@') && !row.points.is_empty());
    let targets = rows.iter().any(|row| !row.target.is_empty());
    let mut head = vec![lang.pick("编号", "code"), lang.pick("指标", "indicator"), lang.pick("取值", "value"), lang.pick("单位", "unit")];
    if targets {
        head.extend([lang.pick("目标", "target"), ""]);
    }
    if points {
        head.extend([lang.pick("得分", "score"), lang.pick("分值", "of")]);
    }
    let beside = rows.iter().any(|row| row.base.is_some());
    if beside {
        head.extend([lang.pick("最上层", "uppermost"), ""]);
    }
    let mut shown = table(width, &head);
    for row in rows.iter().filter(|row| !row.code.starts_with('@')) {
        let value = if row.value.is_empty() { state_word(&row.state, lang) } else { &row.value };
        let mut cells: Vec<&str> = vec![&row.code, &row.title, value, &row.unit];
        if targets {
            cells.extend([&*row.target, met_word(&row.met, lang)]);
        }
        if points {
            cells.extend([&*row.score, &row.points]);
        }
        if let Some(base) = &row.base {
            let what = if base.target.is_empty() { &base.score } else { &base.target };
            cells.extend([what.as_str(), met_word(&base.met, lang)]);
        }
        shown.add_row(cells);
    }
    right(&mut shown, &[2]);
    if points {
        let last = head.len() - if beside { 2 } else { 0 };
        right(&mut shown, &[last - 2, last - 1]);
    }
    if let Some(column) = shown.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let who = if first.level == first.subject { first.level.to_string() } else { format!("{} {}", first.level, first.subject) };
    let mut lines = vec![who, finish(&shown)];
    lines.extend(rows.iter().filter(|row| row.code.starts_with('@')).map(|row| closing(row, lang)));
    let notes = rows.iter().filter(|row| !row.code.starts_with('@') && !row.note.is_empty());
    let wrap = textwrap::Options::new(width).subsequent_indent("    ");
    lines.extend(notes.map(|row| textwrap::fill(&format!("  {}: {}", row.code, row.note), &wrap)));
    lines.join("\n")
}

fn closing(row: &ResultRow<'_>, lang: Lang) -> String {
    let what = match &*row.code {
        "@total" => lang.pick("总分", "total"),
        "@veto" => lang.pick("一票否决", "veto"),
        "@alarm" => lang.pick("预警", "alarm"),
        "@grade" => lang.pick("等级", "grade"),
        _ => lang.pick("结论", "conclusion"),
    };
    let value = match &*row.code {
        "@total" if !row.score.is_empty() => format!("{} / {}", row.score, row.points),
        "@veto" => format!("{} → {}", row.title, row.value),
        "@alarm" => format!("{} {} {}", row.value, row.note, row.title).trim_end().to_owned(),
        _ if row.value.is_empty() => row.note.to_string(),
        _ => row.value.to_string(),
    };
    let base = row.base.as_ref().map(|base| (&base.rubric, if row.code == "@total" { &base.score } else { &base.value }));
    match base.filter(|(_, other)| !other.is_empty()) {
        Some((name, other)) => lang.say(format!("{what}: {value} (按 {name}: {other})"), format!("{what}: {value} (by {name}: {other})")),
        None => format!("{what}: {value}"),
    }
}
