//! What a question asks: its type, what follows it, and the checks that it needs.
//!
//! Not here: where it stands (`form`), what a constraint says (`constraint`).

use super::constraint::Constraint;
use super::form::Reader;
use super::kind::Kind;
use super::options::Options;
use super::say::Asked;
use super::sheets::Row;
use super::xpath::{XPath, parse};
use crate::diag::Code;
use crate::number::Exact;
use crate::syntax::{quoted_name, quoted_option, quoted_text};

/// Decimals of a number that does not say how many.
const DECIMALS: &str = "6";

/// Types that have a range.
const RANGED: [&str; 6] = ["integer", "decimal", "percent", "date", "year", "money"];

/// Columns that ask for something which forms do not have.
const NOT_SAID: [&str; 4] = ["trigger", "repeat_count", "calculation::once", "or_other"];

impl Reader<'_> {
    /// What a row asks, with the type first: the type and what follows it, what stands in the braces, checks.
    pub(super) fn asked(&mut self, row: &Row, kind: &Kind, name: &str, table: Option<&str>) -> Option<(String, Vec<String>, Vec<String>)> {
        if let Kind::Other(of) = kind
            && matches!(of.as_str(), "note" | "calculate" | "hidden")
        {
            self.unasked(row, of, name, table);
            return None;
        }
        let whole = *kind == Kind::Other("integer".to_owned()) || row.cell("heng_type").starts_with("integer");
        let parsed = parse(row.cell("constraint"));
        if parsed.is_none() && !row.cell("constraint").is_empty() {
            self.unsaid(row, "constraint");
        }
        let limits = parsed.map(|xpath| Constraint::of(&xpath, whole)).unwrap_or_default();
        let Some(mut text) = self.type_of(row, kind, &limits) else {
            self.unsaid(row, "type");
            return None;
        };
        // A question of type `range` has its own.
        let ranged = *kind != Kind::Other("range".to_owned()) && RANGED.iter().any(|word| text.starts_with(word));
        let of_text = text.starts_with("text");
        if let Some(range) = limits.range().filter(|_| ranged) {
            let percent = text.starts_with("percent");
            let range = if percent {
                range.split("..").map(|end| if end.is_empty() { String::new() } else { format!("{end}%") }).collect::<Vec<_>>().join("..")
            } else {
                range
            };
            text.push_str(&format!(" {range}"));
        }
        let mut checks = Vec::new();
        self.required(row, name, table, &mut text, &mut checks);
        self.default(row, kind, &mut text);
        let mut block: Vec<String> = limits.pattern.iter().map(|pattern| format!("pattern {}", quoted_text(pattern))).collect();
        // Only texts have a pattern and a length, only numbers and days a range.
        let pattern_or_length = !block.is_empty() || limits.length != (None, None);
        if pattern_or_length && !of_text || limits.range().is_some() && !ranged {
            block.retain(|_| of_text);
            self.unsaid(row, "constraint");
        }
        let message = Some(row.cell("constraint_message")).filter(|message| !message.is_empty());
        let message = quoted_text(message.unwrap_or(self.lang.pick("填得不对", "this is not right")));
        for rest in &limits.rest {
            match self.say(row, table).condition(rest) {
                Some(condition) => checks.push(format!("check {condition} : {message}")),
                None => {
                    self.unsaid(row, "constraint");
                    break;
                }
            }
        }
        let extra: Vec<String> =
            row.columns().filter(|column| NOT_SAID.contains(column) || column.starts_with("bind::")).map(str::to_owned).collect();
        for column in extra {
            self.unsaid(row, &column);
        }
        if !row.cell("calculation").is_empty() {
            self.unsaid(row, "calculation");
        }
        Some((text, block, checks))
    }

    fn required(&mut self, row: &Row, name: &str, table: Option<&str>, text: &mut String, checks: &mut Vec<String>) {
        match row.cell("required").to_lowercase().as_str() {
            "" | "no" | "false" | "false()" | "0" => {}
            "yes" | "true" | "true()" | "1" => text.push_str(" required"),
            _ => match parse(row.cell("required")).and_then(|xpath| self.say(row, table).condition(&xpath)) {
                Some(condition) => {
                    let message = Some(row.cell("required_message")).filter(|message| !message.is_empty());
                    let message = quoted_text(message.unwrap_or(self.lang.pick("这时必须填写", "this must be filled in")));
                    let condition = if condition.contains(' ') { format!("({condition})") } else { condition };
                    checks.push(format!("check not {condition} or filled({}) : {message}", quoted_name(name)));
                }
                None => self.unsaid(row, "required"),
            },
        }
    }

    fn default(&mut self, row: &Row, kind: &Kind, text: &mut String) {
        let default = row.cell("default");
        if default.is_empty() {
            return;
        }
        let number = Exact::parse(default).is_ok();
        let said = match (kind, self.known.get(row.cell("name")).map(|known| &known.asked)) {
            (_, Some(Asked::YesNo(yes, _))) if yes == default => Some("yes".to_owned()),
            (_, Some(Asked::YesNo(_, no))) if no == default => Some("no".to_owned()),
            (_, Some(Asked::One(options))) => options.get(default).map(|option| quoted_text(option)),
            (Kind::Other(kind), _) if matches!(kind.as_str(), "integer" | "decimal") && number => Some(default.to_owned()),
            (Kind::Other(kind), _) if kind == "date" => default.parse::<chrono::NaiveDate>().ok().map(|day| day.to_string()),
            (Kind::Other(kind), _) if kind == "text" && !default.contains(['(', '$']) => Some(quoted_text(default)),
            _ => None,
        };
        match said {
            Some(said) => text.push_str(&format!(" default {said}")),
            None => self.unsaid(row, "default"),
        }
    }

    /// The type of a question; none where forms have no such.
    fn type_of(&mut self, row: &Row, kind: &Kind, limits: &Constraint) -> Option<String> {
        if let Some(kept) = kept_type(row, kind) {
            return Some(kept);
        }
        match kind {
            Kind::Select(list, several) => {
                let Some(options) = self.lists.get(list).cloned() else {
                    let what = (format!("choices 里没有列表 `{list}`"), format!("there is no list `{list}` among the choices"));
                    self.tell(
                        Code::H0654,
                        row,
                        "type",
                        what,
                        ("补上这个列表, 或改正 type 里的列表名", "add the list, or mend its name in `type`"),
                    );
                    return None;
                };
                let lost = options.lost();
                if options.yes_no().is_some() && !several {
                    return Some("yes/no".to_owned());
                }
                if !lost.is_empty() {
                    self.comment(&format!("XLSForm name: {}", lost.join(", ")));
                }
                if !row.cell("choice_filter").is_empty() && !several {
                    match self.cascade(row, list, &options) {
                        Some(cascade) => return Some(cascade),
                        None => self.unsaid(row, "choice_filter"),
                    }
                }
                Some(format!("{} {}", if *several { "choices" } else { "choice" }, options.written()))
            }
            Kind::Other(kind) => match kind.as_str() {
                "integer" => Some("integer".to_owned()),
                "decimal" => Some(format!("decimal({})", limits.decimals.as_deref().unwrap_or(DECIMALS))),
                "text" | "barcode" => Some(match &limits.length {
                    (None, None) => "text".to_owned(),
                    (least, greatest) => format!("text({}..{})", least.as_deref().unwrap_or(""), greatest.as_deref().unwrap_or("")),
                }),
                "date" => Some("date".to_owned()),
                "acknowledge" => Some("yes/no".to_owned()),
                "range" => {
                    let of = |name: &str| {
                        row.cell("parameters")
                            .split([' ', ',', ';'])
                            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
                    };
                    let (start, end) = (of("start").unwrap_or_else(|| "0".into()), of("end").unwrap_or_else(|| "10".into()));
                    let whole = ![&start, &end].iter().any(|end| end.contains('.')) && of("step").is_none_or(|step| !step.contains('.'));
                    Some(format!("{} {start}..{end}", if whole { "integer".to_owned() } else { format!("decimal({DECIMALS})") }))
                }
                "image" => Some("attach { accept jpg, jpeg, png; at most 1 files }".to_owned()),
                "audio" => Some("attach { accept mp3, m4a, wav, amr; at most 1 files }".to_owned()),
                "video" => Some("attach { accept mp4, mov; at most 1 files }".to_owned()),
                "file" => Some("attach { at most 1 files }".to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    /// `choice by 县 { … }`, of a filter that compares one column with one question.
    fn cascade(&self, row: &Row, list: &str, options: &Options) -> Option<String> {
        let filter = row.cell("choice_filter");
        let (column, on) = filter.split_once('=')?;
        let XPath::Question(on) = parse(on.trim())? else { return None };
        let known = self.known.get(&on)?;
        let Asked::One(upper) = &known.asked else { return None };
        let rows = self.sheets.choices.get(list)?;
        let mut cases: Vec<(String, Vec<String>)> = Vec::new();
        for (choice, (_, option)) in rows.iter().zip(&options.list) {
            let of = upper.get(choice.cell(&column.trim().to_lowercase()))?.clone();
            match cases.iter_mut().find(|(known, _)| *known == of) {
                Some((_, list)) => list.push(option.clone()),
                None => cases.push((of, vec![option.clone()])),
            }
        }
        let option = |text: &String| quoted_option(text);
        let case =
            |(of, list): &(String, Vec<String>)| format!("{}: {}", option(of), list.iter().map(option).collect::<Vec<_>>().join(", "));
        (cases.len() == upper.len())
            .then(|| format!("choice by {} {{ {} }}", quoted_name(&known.name), cases.iter().map(case).collect::<Vec<_>>().join("; ")))
    }
}

/// The type that `heng` wrote down, of a row that was changed in something else.
fn kept_type(row: &Row, kind: &Kind) -> Option<String> {
    let kept = row.cell("heng_type");
    let Kind::Other(question) = kind else { return None };
    let word = kept.split([' ', '(']).next().unwrap_or("");
    let agree = match question.as_str() {
        "integer" => word == "integer",
        "decimal" => matches!(word, "integer" | "decimal" | "percent" | "money"),
        "text" => word == "text",
        "date" => word == "date",
        _ => false,
    };
    agree.then(|| kept.to_owned())
}
