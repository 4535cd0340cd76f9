//! What a run comes to, on one screen (运行摘要).

use super::results::{ResultRow, rows_beside};
use crate::diag::Lang;
use crate::eval::{Explained, State};
use crate::text::Name;
use crate::text::width::columns;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use std::collections::BTreeMap;

/// So many subjects are shown one by one, each with its indicators.
const IN_FULL: usize = 3;
/// So many subjects are listed, a line each.
const LISTED: usize = 20;

/// The summary of the results that were asked for, `width` columns wide.
pub fn summary(explained: &Explained<'_>, width: usize) -> String {
    let subjects = explained.results.subjects.len();
    let mut parts = vec![heading(explained, width)];
    if subjects <= IN_FULL {
        parts.extend((0..subjects).map(|subject| in_full(explained, subject, width)));
    } else {
        parts.push(list(explained, width));
        parts.push(indicators(explained, width));
    }
    parts.extend(verdicts(explained));
    parts.extend(left_out(explained));
    parts.retain(|part| !part.is_empty());
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

fn heading(explained: &Explained<'_>, width: usize) -> String {
    let (rubric, results, lang) = (explained.rubric, explained.results, explained.lang);
    let title = rubric.title.as_deref().unwrap_or("");
    let mut kinds: Vec<(&Name, usize)> = Vec::new();
    for subject in &results.subjects {
        match kinds.iter_mut().find(|(kind, _)| **kind == subject.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&subject.kind, 1)),
        }
    }
    let who = lang.list(kinds.iter().map(|(kind, count)| format!("{kind} {count}")));
    let on = results.on;
    let source = rubric.authority.as_ref().map(|authority| format!("{}{authority}", lang.pick("依据 ", "under "))).unwrap_or_default();
    let about = lang.say(format!("评价日 {on} · {who}"), format!("as of {on} · {who}"));
    let line = match source.is_empty() {
        true => about,
        false if columns(&source) + columns(&about) + 3 > width => format!("{source}\n{about}"),
        false => format!("{source} · {about}"),
    };
    format!("{}\n{line}", format!("{} {title}", rubric.name.it).trim())
}

/// A table without ruling but a line under its head.
fn table(width: usize, head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(80)).set_header(head.to_vec());
    table
}

fn right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn finish(table: &Table) -> String {
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
        let value = if row.value.is_empty() { state_word(&row.state, lang).to_owned() } else { row.value.clone() };
        let mut cells = vec![row.code.clone(), row.title.clone(), value, row.unit.clone()];
        if targets {
            cells.extend([row.target.clone(), met_word(&row.met, lang).to_owned()]);
        }
        if points {
            cells.extend([row.score.clone(), row.points.clone()]);
        }
        if let Some(base) = &row.base {
            let what = if base.target.is_empty() { &base.score } else { &base.target };
            cells.extend([what.clone(), met_word(&base.met, lang).to_owned()]);
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
    let who = if first.level == first.subject { first.level.clone() } else { format!("{} {}", first.level, first.subject) };
    let mut lines = vec![who, finish(&shown)];
    lines.extend(rows.iter().filter(|row| row.code.starts_with('@')).map(|row| closing(row, lang)));
    let notes = rows.iter().filter(|row| !row.code.starts_with('@') && !row.note.is_empty());
    let wrap = textwrap::Options::new(width).subsequent_indent("    ");
    lines.extend(notes.map(|row| textwrap::fill(&format!("  {}: {}", row.code, row.note), &wrap)));
    lines.join("\n")
}

fn closing(row: &ResultRow, lang: Lang) -> String {
    let what = match row.code.as_str() {
        "@total" => lang.pick("总分", "total"),
        "@veto" => lang.pick("一票否决", "veto"),
        "@grade" => lang.pick("等级", "grade"),
        _ => lang.pick("结论", "conclusion"),
    };
    let value = match row.code.as_str() {
        "@total" if !row.score.is_empty() => format!("{} / {}", row.score, row.points),
        "@veto" => format!("{} → {}", row.title, row.value),
        _ if row.value.is_empty() => row.note.clone(),
        _ => row.value.clone(),
    };
    let base = row.base.as_ref().map(|base| (&base.rubric, if row.code == "@total" { &base.score } else { &base.value }));
    match base.filter(|(_, other)| !other.is_empty()) {
        Some((name, other)) => lang.say(format!("{what}: {value} (按 {name}: {other})"), format!("{what}: {value} (by {name}: {other})")),
        None => format!("{what}: {value}"),
    }
}

/// Subjects, a line each.
fn list(explained: &Explained<'_>, width: usize) -> String {
    let (results, lang) = (explained.results, explained.lang);
    let by_points = results.total.is_some();
    let verdict = results.grade.is_some() || results.conclusion.is_some();
    let has_targets = explained.rubric.indicators.iter().any(|indicator| indicator.target.is_some());
    let grouped = results.subjects.iter().any(|subject| subject.group.is_some());
    let kind = results.subjects.first().map(|subject| subject.kind.to_string()).unwrap_or_default();
    let mut head: Vec<&str> = vec![&kind];
    if grouped {
        head.push(lang.pick("所属", "group"));
    }
    if by_points {
        head.push(lang.pick("总分", "total"));
    }
    if verdict {
        head.push(if results.grade.is_some() { lang.pick("等级", "grade") } else { lang.pick("结论", "conclusion") });
    }
    let beside = explained.base.is_some() && verdict && !explained.rubric.layers.is_empty();
    if beside {
        head.push(lang.pick("按最上层", "by the uppermost"));
    }
    if has_targets {
        head.push(lang.pick("未达标", "not met"));
    }
    head.push(lang.pick("缺", "without value"));
    let mut shown = table(width, &head);
    for at in worst_first(explained).into_iter().take(LISTED) {
        let Some(subject) = results.subjects.get(at) else { continue };
        let rows = rows_beside(explained, results, at);
        let codes = |wanted: &dyn Fn(&ResultRow) -> bool| {
            let codes: Vec<&str> =
                rows.iter().filter(|row| !row.code.starts_with('@') && wanted(row)).map(|row| row.code.as_str()).collect();
            match codes.len() {
                0..=4 => codes.join(" "),
                count => format!("{} … ({count})", codes.iter().take(3).copied().collect::<Vec<_>>().join(" ")),
            }
        };
        let at_code = |code: &str| rows.iter().find(|row| row.code == code);
        let mut cells = vec![subject.key.to_string()];
        if grouped {
            cells.push(subject.group.as_ref().map(ToString::to_string).unwrap_or_default());
        }
        if by_points {
            cells.push(at_code("@total").map(|row| row.score.clone()).unwrap_or_default());
        }
        if verdict {
            let row = at_code("@grade").or_else(|| at_code("@conclusion"));
            cells.push(
                row.map(|row| if row.value.is_empty() { lang.pick("资料不全", "incomplete").to_owned() } else { row.value.clone() })
                    .unwrap_or_default(),
            );
        }
        if beside {
            let row = at_code("@grade").or_else(|| at_code("@conclusion"));
            cells.push(row.and_then(|row| row.base.as_ref()).map(|base| base.value.clone()).unwrap_or_default());
        }
        if has_targets {
            cells.push(codes(&|row| row.met == "false"));
        }
        cells.push(codes(&|row| matches!(row.state.as_str(), "missing" | "undefined")));
        shown.add_row(cells);
    }
    if by_points {
        right(&mut shown, &[if grouped { 2 } else { 1 }]);
    }
    let more = results.subjects.len().saturating_sub(LISTED);
    let rest = lang
        .say(format!("… 另有 {more} 个, 用 `--out 结果.csv` 写出全部"), format!("… and {more} more; `--out results.csv` writes them all"));
    if more > 0 { format!("{}\n{rest}", finish(&shown)) } else { finish(&shown) }
}

/// The subjects that need a look first: those that cannot be judged, then from the last verdict to the first; then by key.
fn worst_first(explained: &Explained<'_>) -> Vec<usize> {
    let (rubric, results) = (explained.rubric, explained.results);
    let mut order: Vec<usize> = (0..results.subjects.len()).collect();
    let verdicts = rubric.grade.as_ref().zip(results.grade.as_ref()).or(rubric.conclusion.as_ref().zip(results.conclusion.as_ref()));
    let Some((verdicts, cells)) = verdicts else { return order };
    let place = |row: usize| match cells.get(row) {
        Some(Ok(name)) => verdicts.cases.iter().position(|case| case.name.it == *name).unwrap_or(0),
        _ => usize::MAX,
    };
    order.sort_by_key(|row| std::cmp::Reverse(place(*row)));
    order
}

/// Indicators, with how many subjects met each or have no value.
fn indicators(explained: &Explained<'_>, width: usize) -> String {
    let (rubric, results, lang) = (explained.rubric, explained.results, explained.lang);
    let has_targets = rubric.indicators.iter().any(|indicator| indicator.target.is_some());
    let mut head = vec![lang.pick("编号", "code"), lang.pick("指标", "indicator"), lang.pick("有值", "with value")];
    if has_targets {
        head.push(lang.pick("达标", "met"));
    }
    head.extend([lang.pick("未填", "missing"), lang.pick("无法计算", "undefined"), lang.pick("不适用", "n/a")]);
    let mut shown = table(width, &head);
    for (indicator, found) in rubric.indicators.iter().zip(&results.indicators) {
        let states: Vec<State> = (0..results.subjects.len()).map(|row| found.state(row)).collect();
        let count = |wanted: State| states.iter().filter(|state| **state == wanted).count();
        let shown_count = |wanted: State| Some(count(wanted)).filter(|count| *count > 0).map(|count| count.to_string()).unwrap_or_default();
        let title = indicator.title.clone().unwrap_or_default();
        let mut cells = vec![indicator.code.it.to_string(), title, count(State::Scored).to_string()];
        if has_targets {
            cells.push(
                found.met.as_ref().map(|cells| cells.iter().filter(|cell| **cell == Ok(true)).count().to_string()).unwrap_or_default(),
            );
        }
        cells.extend([shown_count(State::Missing), shown_count(State::Undefined), shown_count(State::NotApplicable)]);
        shown.add_row(cells);
    }
    let columns: Vec<usize> = (2..head.len()).collect();
    right(&mut shown, &columns);
    if let Some(column) = shown.column_mut(1) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(50)));
    }
    finish(&shown)
}

/// How often each verdict was drawn.
fn verdicts(explained: &Explained<'_>) -> Vec<String> {
    let (rubric, results, lang) = (explained.rubric, explained.results, explained.lang);
    let mut lines = Vec::new();
    if results.subjects.len() <= IN_FULL {
        return lines;
    }
    for (what, verdicts, cells) in [
        (lang.pick("等级", "grades"), &rubric.grade, &results.grade),
        (lang.pick("结论", "conclusions"), &rubric.conclusion, &results.conclusion),
    ] {
        let (Some(verdicts), Some(cells)) = (verdicts, cells) else { continue };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for cell in cells {
            *counts.entry(cell.as_ref().map_or("", |name| name.as_str())).or_default() += 1;
        }
        let mut said: Vec<String> = Vec::new();
        for case in &verdicts.cases {
            if let Some(count) = counts.remove(case.name.it.as_str()) {
                said.push(format!("{} {count}", case.name.it));
            }
        }
        if let Some(count) = counts.remove("") {
            said.push(lang.say(format!("资料不全 {count}"), format!("incomplete {count}")));
        }
        lines.push(format!("{what}: {}", said.join(" · ")));
    }
    lines
}

fn left_out(explained: &Explained<'_>) -> Option<String> {
    let (out, lang) = (&explained.results.left_out, explained.lang);
    if out.is_empty() {
        return None;
    }
    let some = lang.list(out.iter().take(5).map(|key| key.as_str()));
    let more = if out.len() > 5 { " …" } else { "" };
    let count = out.len();
    Some(lang.say(format!("不在评价范围: {count} 个 ({some}{more})"), format!("outside the rubric: {count} ({some}{more})")))
}
