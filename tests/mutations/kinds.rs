//! One thing wrong in a text (单处改错): what can be changed, whether what comes out is surely against the rules, and where that should be told.
//!
//! Each kind decides by a rule of its own, from the words of the text and never from what heng finds.

use super::bands::bands_of;
use super::tokens::{Block, Cut, Kind, line_of};
use std::ops::Range;

/// One change.
#[derive(Clone, Debug)]
pub struct Mutation {
    pub kind: &'static str,
    /// What is replaced.
    pub edit: Range<usize>,
    /// By what.
    pub with: String,
    pub must: Must,
    /// Where a message about it may stand, in bytes of the text before the change.
    pub places: Vec<Range<usize>>,
}

/// Whether it must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Must {
    Yes,
    /// It may be another rubric that is as good.
    No,
    /// If the bands of the block that begins here have a gap or a band that takes nothing.
    Bands(usize),
    /// If a case of the grades that begin here takes no total.
    Grades(usize),
}

const SECTIONS: &[&str] = &["一级指标", "section"];
const INDICATORS: &[&str] = &["指标", "indicator"];
const VERDICTS: &[&str] = &["等级", "结论", "grade", "conclusion"];
const TARGETS: &[&str] = &["目标", "target", "收紧", "tighten"];
pub const SCORES: &[&str] = &["计分", "score"];
const VALUES: &[&str] = &["取值", "value"];
const RUBRICS: &[&str] = &["评价体系", "rubric"];
const ASPECTS: &[&str] = &["达标", "得分", "取值", "目标", "达成度", "met", "score", "value", "target", "attained"];
/// What may stand once in its block.
const ONCE: &[&str] = &[
    "取值",
    "目标",
    "计分",
    "数据",
    "版本",
    "依据",
    "总分",
    "未填",
    "不适用",
    "小数位",
    "施行",
    "汇总",
    "value",
    "target",
    "score",
    "reads",
    "version",
    "authority",
    "total",
    "missing",
    "decimals",
    "over",
];
/// What statements begin with, where no name may stand.
const KEYWORDS: &[&str] = &[
    "评价体系",
    "测试",
    "单位",
    "参数",
    "版本",
    "依据",
    "施行",
    "数据",
    "汇总",
    "对象",
    "总分",
    "取整",
    "一级指标",
    "指标",
    "取值",
    "目标",
    "计分",
    "小数位",
    "未填",
    "不适用",
    "一票否决",
    "等级",
    "结论",
    "例外",
    "逐一",
    "加分",
    "扣减",
    "假设",
    "期望",
    "评价日",
    "收紧",
    "替换",
    "增加",
    "锁定",
    "rubric",
    "test",
    "unit",
    "param",
    "version",
    "authority",
    "reads",
    "over",
    "subject",
    "total",
    "round",
    "section",
    "indicator",
    "value",
    "target",
    "score",
    "decimals",
    "missing",
    "veto",
    "grade",
    "conclusion",
    "exception",
    "given",
    "expect",
];
/// Blocks whose statements begin with names.
const OF_NAMES: &[&str] =
    &["假设", "given", "等级", "结论", "grade", "conclusion", "目标", "target", "收紧", "tighten", "计分", "score", "期望", "expect"];

pub fn is(word: &str, any: &[&str]) -> bool {
    any.contains(&word)
}

/// Everything that can be changed in a text.
pub fn all(cut: &Cut<'_>) -> Vec<Mutation> {
    let mut found = Vec::new();
    let named = (0..cut.tokens.len()).filter(|at| is(cut.word(*at), &["简称", "as"]));
    let aliases: Vec<&str> = named.map(|at| cut.word(at + 1)).collect();
    let declared = declared(cut);
    for at in 0..cut.tokens.len() {
        names(cut, at, &aliases, &mut found);
        brackets(cut, at, &mut found);
        quotes(cut, at, &mut found);
        keywords(cut, at, &mut found);
        comparisons(cut, at, &mut found);
        ranges(cut, at, &mut found);
        units(cut, at, &declared, &mut found);
        points(cut, at, &mut found);
        bounds(cut, at, &mut found);
    }
    let mut byte = 0;
    for line in cut.source.split_inclusive('\n') {
        lines(cut, byte..byte + line.len(), &mut found);
        byte += line.len();
    }
    found
}

fn push(found: &mut Vec<Mutation>, kind: &'static str, edit: Range<usize>, with: &str, must: Must, places: Vec<Range<usize>>) {
    found.push(Mutation { kind, edit, with: with.to_owned(), must, places });
}

/// The lines that a statement covers.
fn lines_of(cut: &Cut<'_>, at: usize) -> Range<usize> {
    let statement = cut.statement_of(at);
    let first = cut.tokens[statement.start].at.start;
    let last = cut.tokens[statement.end - 1].at.end;
    cut.line_of(first).start..cut.line_of(last).end
}

/// The end of the second line behind one that says something, by the tokens from `at` on.
fn two_lines_on(cut: &Cut<'_>, at: usize, line: &Range<usize>) -> usize {
    let says_something = (at..cut.tokens.len()).filter(|at| cut.kind(*at) != Some(Kind::Line));
    let mut lines = says_something.map(|at| cut.line_of(cut.tokens[at].at.start)).filter(|other| other.start > line.start);
    let next = lines.next();
    let second = next.and_then(|next| lines.find(|other| other.start > next.start));
    second.map_or(cut.source.len(), |line| line.end)
}

/// A field or indicator that there is not.
fn names(cut: &Cut<'_>, at: usize, aliases: &[&str], found: &mut Vec<Mutation>) {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| cut.word(at));
    if cut.kind(at) != Some(Kind::Word) {
        return;
    }
    let alias = |word: &str| aliases.contains(&word);
    let field = before(1) == "." && before(3) != "." && alias(before(2));
    let code = before(1) != "." && cut.word(at + 1) == "." && is(cut.word(at + 2), ASPECTS) && !alias(cut.word(at));
    if field || code {
        let end = cut.tokens[at].at.end;
        push(found, "wrong name", end..end, "误", Must::Yes, vec![lines_of(cut, at)]);
    }
}

fn brackets(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    let word = cut.word(at);
    let place = cut.tokens[at].at.clone();
    let kind = match word {
        "{" | "}" => "deleted brace",
        "(" | ")" | "[" | "]" => "deleted bracket",
        _ => return,
    };
    let mut places = match word {
        "{" | "}" => {
            // From the statement itself on.
            let line = cut.line_of(place.start);
            std::iter::once(line.start..two_lines_on(cut, at, &line)).collect()
        }
        _ => vec![lines_of(cut, at)],
    };
    if word == "}" {
        let closed = cut.blocks.iter().find(|block| block.at.end == place.end);
        places.extend(closed.map(|block| cut.head_line(block)));
    }
    push(found, kind, place, "", Must::Yes, places);
}

fn quotes(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    if cut.kind(at) == Some(Kind::Text) && cut.word(at).len() > 1 {
        let text = cut.tokens[at].at.clone();
        let line = cut.line_of(text.start);
        push(found, "removed quote", text.start..text.start + 1, "", Must::Yes, vec![line.clone()]);
        push(found, "removed quote", text.end - 1..text.end, "", Must::Yes, vec![line]);
    }
}

fn keywords(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    let word = cut.word(at);
    let statement = cut.statement_of(at);
    let named = cut.around(cut.tokens[at].at.start).next().is_some_and(|block| is(&block.opens, OF_NAMES));
    if statement.start != at || !is(word, KEYWORDS) || named {
        return;
    }
    let wrong: String =
        if word.is_ascii() { word.chars().enumerate().filter(|(at, _)| *at != 1).map(|(_, c)| c).collect() } else { format!("{word}误") };
    let place = cut.tokens[at].at.clone();
    push(found, "misspelt keyword", place.clone(), &wrong, Must::Yes, vec![cut.line_of(place.start)]);
}

/// The block of an indicator around a byte.
fn indicator<'c>(cut: &'c Cut<'_>, byte: usize) -> Option<&'c Block> {
    cut.around(byte).find(|block| {
        let head = cut.statement_of(block.head);
        head.clone().take(2).any(|at| is(cut.word(at), INDICATORS))
    })
}

fn comparisons(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    let turned = match cut.word(at) {
        ">=" => "<=",
        "<=" => ">=",
        ">" => "<",
        "<" => ">",
        _ => return,
    };
    let place = cut.tokens[at].at.clone();
    let statement = cut.statement_of(at);
    let Some(block) = cut.around(place.start).next() else { return };
    let first = cut.word(statement.start);
    let (must, places) = if is(first, TARGETS) || is(&block.opens, TARGETS) {
        let Some(indicator) = indicator(cut, place.start) else {
            // A layer's `tighten`: the other way round is never stricter.
            let tightens = is(first, &["收紧", "tighten"]) || is(&block.opens, &["收紧", "tighten"]);
            let must = if tightens { Must::Yes } else { Must::No };
            return push(found, "swapped bound", place, turned, must, vec![cut.whole(block), lines_of(cut, at)]);
        };
        let whole = cut.whole(indicator);
        let says = |any: &[&str]| cut.inside(&whole).any(|at| is(cut.word(at), any));
        let falls = says(&["每低", "below"]) && turned.starts_with('<') || says(&["每高", "above"]) && turned.starts_with('>');
        let target = |at: &usize| is(cut.word(*at), &["目标", "target"]) && cut.statement_of(*at).start == *at;
        let twice = says(&["例外", "exception"]) && cut.inside(&whole).filter(target).count() > 1;
        (if falls || twice { Must::Yes } else { Must::No }, vec![whole])
    } else if is(&block.opens, SCORES) && bands_of(cut, block).is_some() {
        (Must::Bands(block.at.start), vec![cut.whole(block)])
    } else if is(&block.opens, VERDICTS) {
        (Must::Grades(block.at.start), vec![cut.whole(block)])
    } else {
        return;
    };
    push(found, "swapped bound", place, turned, must, places);
}

fn ranges(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    let is_number = |at: usize| cut.kind(at) == Some(Kind::Number);
    let Some(before) = at.checked_sub(1) else { return };
    if cut.word(at) != ".." || !is_number(before) || !is_number(at + 1) || cut.word(before) == cut.word(at + 1) {
        return;
    }
    let (from, to) = (cut.tokens[before].at.start, cut.tokens[at + 1].at.end);
    let swapped = format!("{}..{}", cut.word(at + 1), cut.word(before));
    let places = vec![cut.around(from).next().map_or(lines_of(cut, at), |block| cut.whole(block)), lines_of(cut, at)];
    push(found, "swapped range", from..to, &swapped, Must::Yes, places);
}

/// The units that a text declares as their own, and all words that it declares.
fn declared(cut: &Cut<'_>) -> Vec<String> {
    let mut units = Vec::new();
    for at in 0..cut.tokens.len() {
        if is(cut.word(at), &["单位", "unit"]) && cut.statement_of(at).start == at {
            let statement: Vec<&str> = cut.statement_of(at).skip(1).map(|at| cut.word(at)).collect();
            let plain = statement.split(|word| *word == ",").filter(|part| part.len() == 1);
            units.extend(plain.filter_map(|part| part.first()).map(|word| (*word).to_owned()));
        }
    }
    units
}

fn units(cut: &Cut<'_>, at: usize, units: &[String], found: &mut Vec<Mutation>) {
    let statement = cut.statement_of(at);
    let judged =
        is(cut.word(statement.start), TARGETS) || cut.around(cut.tokens[at].at.start).next().is_some_and(|block| is(&block.opens, TARGETS));
    let converted = is(cut.word(at.saturating_sub(1)), &["折合", "in"]);
    let counted = judged && at.checked_sub(1).and_then(|at| cut.kind(at)) == Some(Kind::Number);
    if cut.kind(at) != Some(Kind::Word) || !(converted || counted) || !units.iter().any(|unit| unit == cut.word(at)) {
        return;
    }
    // What stands below the line stays, so another word above it measures something else.
    let below = if cut.word(at + 1) == "/" { cut.word(at + 2) } else { "" };
    for other in units.iter().filter(|unit| **unit != cut.word(at) && **unit != below).take(2) {
        let places = indicator(cut, cut.tokens[at].at.start).map(|block| cut.whole(block));
        let places = vec![places.unwrap_or_else(|| lines_of(cut, at)), lines_of(cut, at)];
        push(found, "changed unit", cut.tokens[at].at.clone(), other, Must::Yes, places);
    }
}

/// The token of the points in the head of a section or indicator.
fn points_of(cut: &Cut<'_>, head: usize) -> Option<usize> {
    let end = (head..cut.tokens.len()).find(|at| cut.word(*at) == "{" || cut.kind(*at) == Some(Kind::Line))?;
    (head + 2..end).find(|at| cut.kind(*at) == Some(Kind::Number) && !is(cut.word(at - 1), &["权重", "weight"]))
}

fn points(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    let section = is(cut.word(at), SECTIONS);
    if cut.statement_of(at).start != at || !(section || is(cut.word(at), INDICATORS)) {
        return;
    }
    let Some(number) = points_of(cut, at) else { return };
    let Some(own) = cut.blocks.iter().find(|block| block.head == at) else { return };
    let place = cut.tokens[number].at.clone();
    let whole = cut.whole(own);
    let around: Vec<&Block> = cut.around(whole.start).collect();
    let states = |block: &&Block| is(&block.opens, SECTIONS) && points_of(cut, block.head).is_some();
    let totals: Vec<Range<usize>> = around
        .iter()
        .filter(|block| is(&block.opens, RUBRICS))
        .flat_map(|block| cut.inside(&block.at))
        .filter(|at| is(cut.word(*at), &["总分", "total"]) && cut.statement_of(*at).start == *at && cut.kind(at + 1) == Some(Kind::Number))
        .map(|at| lines_of(cut, at))
        .collect();
    let parts =
        cut.inside(&own.at).any(|at| is(cut.word(at), INDICATORS) && cut.statement_of(at).start == at && points_of(cut, at).is_some());
    let held = around.iter().any(states) || !totals.is_empty() || section && parts;
    let mut places: Vec<Range<usize>> = around.iter().map(|block| cut.head_line(block)).chain(totals).collect();
    places.push(if section { cut.head_line(own) } else { whole.clone() });
    let scored = cut.inside(&own.at).any(|at| is(cut.word(at), SCORES) && cut.statement_of(at).start == at);
    if let Ok(value) = cut.word(number).parse::<f64>() {
        let must = if held { Must::Yes } else { Must::No };
        push(found, "changed points", place.clone(), &format!("{}", value + 1.0), must, places.clone());
    }
    let word = cut.word(number + 1);
    let end = if is(word, &["分", "points"]) { cut.tokens[number + 1].at.end } else { place.end };
    let must = if section {
        Must::No
    } else if scored || held {
        Must::Yes
    } else {
        Must::No
    };
    push(found, "missing points", place.start..end, "", must, places);
}

/// A bound of a band becomes that of the one before, or lies beyond it.
fn bounds(cut: &Cut<'_>, at: usize, found: &mut Vec<Mutation>) {
    if cut.kind(at) != Some(Kind::Number) {
        return;
    }
    let place = cut.tokens[at].at.clone();
    let Some(block) = cut.around(place.start).next().filter(|block| is(&block.opens, SCORES)) else { return };
    let Some(bands) = bands_of(cut, block) else { return };
    let colon = cut.statement_of(at).find(|at| cut.word(*at) == ":");
    if colon.is_none_or(|colon| colon < at) {
        return;
    }
    for other in bands.iter().flat_map(|band| &band.written).filter(|other| **other != cut.word(at)).take(3) {
        push(found, "shifted band", place.clone(), other, Must::Bands(block.at.start), vec![cut.whole(block)]);
    }
}

/// A line that is gone, and a line that stands there twice.
fn lines(cut: &Cut<'_>, line: Range<usize>, found: &mut Vec<Mutation>) {
    let tokens = cut.inside(&(line.start..line.end.saturating_sub(1).max(line.start)));
    let Some(start) = tokens.clone().next() else { return };
    let count = |sign: &str| tokens.clone().filter(|at| cut.word(*at) == sign).count();
    let balanced = [("{", "}"), ("(", ")"), ("[", "]")].iter().all(|(open, close)| count(open) == count(close));
    let first = cut.word(start);
    let whole_statement = cut.statement_of(start).start == start && tokens.clone().all(|at| cut.kind(at) != Some(Kind::Line));
    let inner = cut.around(line.start).next();
    let mut places: Vec<Range<usize>> = cut.around(line.start).map(|block| cut.head_line(block)).collect();
    let before = line_of(cut.source, line.start.saturating_sub(1));
    places.push(before.start..two_lines_on(cut, tokens.end, &line));
    let tokens_of = |block: Option<&Block>| block.map_or(0..0, |block| cut.inside(&block.at));
    let says = |block: Option<&Block>, any: &[&str]| tokens_of(block).any(|at| is(cut.word(at), any) && cut.statement_of(at).start == at);
    if !balanced {
        // A head that is gone leaves its `}` behind.
        let opened = tokens.clone().filter_map(|at| cut.blocks.iter().find(|block| block.at.start == cut.tokens[at].at.start));
        places.extend(opened.map(|block| cut.line_of(block.at.end)));
        push(found, "deleted line", line.clone(), "", Must::Yes, places.clone());
        let text = cut.source[line.clone()].to_owned();
        return push(found, "doubled line", line.start..line.start, &text, Must::Yes, places);
    }
    if !whole_statement {
        return;
    }
    let in_indicator = inner.is_some_and(|block| cut.statement_of(block.head).take(2).any(|at| is(cut.word(at), INDICATORS)));
    let in_rubric = inner.is_some_and(|block| is(&block.opens, RUBRICS));
    let used = |name: &str| (0..cut.tokens.len()).filter(|at| cut.word(*at) == name).count() > 1;
    let needs_value = says(inner, &["目标", "target"]);
    let scored = inner.is_some_and(|block| points_of(cut, block.head).is_some());
    let last = tokens.clone().next_back().unwrap_or(start);
    let otherwise = inner.is_some_and(|block| is(&block.opens, VERDICTS)) && is(cut.word(last), &["其他", "otherwise"]);
    let gone = in_rubric && is(first, &["数据", "汇总", "reads", "over"])
        || in_indicator && is(first, VALUES) && needs_value
        || in_indicator && is(first, SCORES) && scored
        || otherwise
        || is(first, &["设", "let"]) && used(cut.word(start + 1));
    if gone {
        let name = cut.word(start + 1);
        let uses = (0..cut.tokens.len()).filter(|at| cut.word(*at) == name).map(|at| lines_of(cut, at));
        places.extend(inner.map(|block| cut.whole(block)));
        places.extend(uses.filter(|_| is(first, &["设", "let"])));
        push(found, "deleted line", line.clone(), "", Must::Yes, places.clone());
    } else {
        push(found, "deleted line", line.clone(), "", Must::No, places.clone());
    }
    let head: Vec<&str> = inner.map(|block| cut.statement_of(block.head).map(|at| cut.word(at)).collect()).unwrap_or_default();
    let colon = tokens.clone().any(|at| cut.word(at) == ":");
    let one_case = tokens.clone().filter(|at| cut.word(*at) == ";").count() == 0;
    let listed = head.iter().any(|word| is(word, &["分档", "bands", "分级", "levels", "择一", "first"]));
    let named = inner.is_some_and(|block| is(&block.opens, VERDICTS) || is(&block.opens, &["目标", "target"]));
    let case = one_case && colon && (named || listed);
    let twice =
        (in_indicator || in_rubric) && is(first, ONCE) || is(first, INDICATORS) || is(first, &["设", "let", "例外", "exception"]) || case;
    if twice {
        let text = cut.source[line.clone()].to_owned();
        places.extend(inner.filter(|_| case).map(|block| cut.whole(block)));
        push(found, "doubled line", line.start..line.start, &text, Must::Yes, places);
    }
}
