//! What is wrong with a piece that could not be read (改错): the exact place, what was expected, the likely mend.
//!
//! A broken piece is parsed once more by the rule for one statement of the block that it stands in; the furthest point
//! that pest reached is where the writer went wrong.
//! Not here: mistakes of meaning (`check`).

use super::expected;
use super::grammar::{Grammar, Rule};
use super::keywords::{Keyword, keyword, keywords};
use super::layout::{DEEPEST, Layout};
use super::tree::CompareOp;
use crate::diag::{Code, Diagnostics, Label, Lang, Say};
use crate::text::{Span, Text, nearest};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

/// A mistake of writing.
#[derive(Clone, Debug)]
pub(super) enum Slip {
    /// H0100. Grammar and builder disagree; a defect of heng, told all the same.
    Unreadable(Span),
    /// H0101. Something else was expected here.
    Unexpected { at: Span, found: String, expected: Vec<Rule>, english: bool },
    /// H0102. No statement begins so.
    Unknown { at: Span, word: String, near: Option<String>, allowed: Vec<&'static Keyword>, english: bool },
    /// H0103. A statement of another block.
    Misplaced { at: Span, word: String, allowed: Vec<&'static Keyword>, english: bool },
    /// H0104. A block that is not closed.
    LostBrace { head: Span, before: Span },
    /// H0105. A brace that closes nothing.
    StrayBrace(Span),
    /// H0106. Brackets inside brackets inside brackets.
    TooDeep(Span),
    /// H0107. A comparison in words, or with its signs the wrong way round.
    Operator { at: Span, written: String, likely: CompareOp, sure: bool },
    /// H0108. A number with more digits than any quantity has.
    LongNumber(Span),
    /// H0109. A date that the calendar does not have.
    NoSuchDay { at: Span, written: String },
    /// H0110. More operators in a row than can be followed.
    LongExpression(Span),
    /// H0111. A text larger than any rubric.
    LargeText { at: Span, bytes: usize },
    /// H0112. A row of a table, pasted.
    PastedTable(Span),
}

pub(super) fn unreadable(at: Span) -> Slip {
    Slip::Unreadable(at)
}
pub(super) fn stray_close(at: Span) -> Slip {
    Slip::StrayBrace(at)
}
/// A `{` is lacking at the end of a line.
pub(super) fn lost_open(at: Span) -> Slip {
    Slip::Unexpected { at, found: String::new(), expected: vec![Rule::opening], english: true }
}
pub(super) fn too_deep(at: Span) -> Slip {
    Slip::TooDeep(at)
}
pub(super) fn number_too_long(at: Span) -> Slip {
    Slip::LongNumber(at)
}
pub(super) fn no_such_day(at: Span, written: &str) -> Slip {
    Slip::NoSuchDay { at, written: written.to_owned() }
}
pub(super) fn too_long(at: Span) -> Slip {
    Slip::LongExpression(at)
}
pub(super) fn text_too_large(at: Span, bytes: usize) -> Slip {
    Slip::LargeText { at, bytes }
}

/// The block that began at `head` should have ended before `here`.
pub(super) fn lost_close(head: Span, here: Span, text: &Text) -> Slip {
    let rest = text.source.get(here.start as usize..).unwrap_or("");
    let blanks = rest.len() - rest.trim_start().len();
    let rest = rest.trim_start();
    let word = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
    let start = here.start as usize + blanks;
    Slip::LostBrace { head, before: Span::new(text.id, start, start + word) }
}

/// What `written` in the place of a comparison most likely means.
pub(super) fn operator_slip(at: Span, written: &str) -> (Slip, CompareOp) {
    let folded: String = written.chars().map(crate::text::fold_char).filter(|c| !c.is_whitespace()).collect();
    // 高于 and 低于 are the ones that documents use both ways.
    let (likely, sure) = match folded.as_str() {
        "=>" | "不低于" | "不少于" | "达到" | "大于等于" => (CompareOp::Ge, true),
        "=<" | "不高于" | "不超过" | "小于等于" => (CompareOp::Le, true),
        "=" | "等于" => (CompareOp::Eq, true),
        "高于" => (CompareOp::Ge, false),
        "超过" | "大于" => (CompareOp::Gt, true),
        _ => (CompareOp::Lt, folded != "低于"),
    };
    (Slip::Operator { at, written: written.trim().to_owned(), likely, sure }, likely)
}

/// Header text that no rule takes, up to the brace.
pub(super) fn bad_head(text: &Text, at: Span, around: Rule) -> Slip {
    let expected = match around {
        Rule::indicator | Rule::replace => vec![Rule::string, Rule::points, Rule::clause, Rule::opening],
        Rule::rubric => vec![Rule::string, Rule::kw_extends, Rule::opening],
        Rule::section => vec![Rule::string, Rule::points, Rule::opening],
        _ => vec![Rule::string, Rule::opening],
    };
    Slip::Unexpected { at, found: text.slice(at).to_owned(), expected, english: true }
}

/// What is wrong with the statement at `span`, which stands in a block of the rule `within`.
pub(super) fn explain(text: &Text, layout: &Layout, span: Span, around: Rule) -> Diagnostics {
    let mut found = Diagnostics::new();
    // What the pass over brackets cut out is told there.
    if layout.too_deep.iter().any(|deep| deep.touches(span)) {
        return found;
    }
    let piece = layout.text.get(span.range()).unwrap_or("");
    let english = piece.trim_start().starts_with(|c: char| c.is_ascii_alphabetic());
    let (single, statements) = block(around);
    let (offset, expected) = furthest(single, piece);
    let allowed: Vec<_> = statements.iter().filter_map(|rule| keyword(rule)).collect();
    let word = first_word(piece);
    let word_at = Span::new(span.text, span.start as usize, span.start as usize + word.len());
    let known = keywords().iter().any(|known| known.english == word || known.chinese == word);
    let begins = allowed.iter().any(|known| starts_with_keyword(piece, known));
    // Tabs are only in the text as it was written.
    if text.slice(span).trim().matches('\t').count() >= 2 || piece.trim_start().starts_with('|') {
        found.push(Slip::PastedTable(span));
    } else if begins || offset > word.len() || allowed.is_empty() {
        let at = token_at(text, span, offset);
        found.push(Slip::Unexpected { at, found: text.slice(at).to_owned(), expected, english });
    } else if known {
        found.push(Slip::Misplaced { at: word_at, word: word.to_owned(), allowed, english });
    } else {
        let spellings = allowed.iter().flat_map(|known| [known.english, known.chinese]);
        let near = nearest(word, spellings).map(str::to_owned);
        let at = if word.is_empty() { token_at(text, span, 0) } else { word_at };
        found.push(Slip::Unknown { at, word: text.slice(at).to_owned(), near, allowed, english });
    }
    found
}

/// For each block, the rule of one statement of it alone, and the keywords that its statements begin with.
fn block(around: Rule) -> (Rule, &'static [&'static str]) {
    match around {
        Rule::file => (Rule::only_item, &["kw_form", "kw_rubric", "kw_unit", "kw_param", "kw_test"]),
        Rule::form => (
            Rule::only_form_stmt,
            &[
                "kw_version",
                "kw_subject",
                "kw_within",
                "kw_period",
                "kw_filled_by",
                "kw_part",
                "kw_rows",
                "kw_each",
                "kw_compute",
                "kw_split",
                "kw_check",
                "kw_warn",
            ],
        ),
        Rule::part => (Rule::only_part_stmt, &["kw_check", "kw_warn", "kw_compute", "kw_rows", "kw_each"]),
        Rule::rows | Rule::asked_each => (Rule::only_row_stmt, &["kw_check", "kw_warn", "kw_compute"]),
        Rule::cascade_type => (Rule::only_cascade_case, &[]),
        Rule::attach_block => (Rule::only_attach_detail, &["kw_accept", "kw_at_most"]),
        Rule::units => (Rule::only_unit_part, &["kw_share"]),
        Rule::unit_part => (Rule::only_unit_part_stmt, &["kw_unit_weight", "kw_not_evaluated"]),
        Rule::field_block => (Rule::only_field_detail, &["kw_pattern", "kw_hint"]),
        Rule::rubric => (
            Rule::only_rubric_stmt,
            &[
                "kw_version",
                "kw_authority",
                "kw_in_force",
                "kw_subject",
                "kw_reads",
                "kw_over",
                "kw_also_reads",
                "kw_judges",
                "kw_total",
                "kw_bonus",
                "kw_penalty",
                "kw_bonus_at_most",
                "kw_round",
                "kw_compare",
                "kw_section",
                "kw_indicator",
                "kw_each",
                "kw_let",
                "kw_when",
                "kw_missing",
                "kw_inapplicable",
                "kw_veto",
                "kw_grade",
                "kw_conclusion",
                "kw_tighten",
                "kw_replace",
                "kw_add",
                "kw_split",
                "kw_weigh",
                "kw_title",
                "kw_clause",
                "kw_remove",
                "kw_locked",
                "kw_only_stricter",
            ],
        ),
        Rule::split => (Rule::only_split_stmt, &["kw_indicator", "kw_let"]),
        Rule::section => (Rule::only_section_stmt, &["kw_indicator", "kw_bonus", "kw_penalty", "kw_section", "kw_each", "kw_let"]),
        Rule::each => (Rule::only_each_stmt, &["kw_indicator", "kw_let"]),
        Rule::indicator | Rule::replace => (
            Rule::only_indicator_stmt,
            &[
                "kw_value",
                "kw_target",
                "kw_score",
                "kw_zero",
                "kw_times",
                "kw_exception",
                "kw_alarm",
                "kw_let",
                "kw_when",
                "kw_missing",
                "kw_inapplicable",
                "kw_round",
                "kw_decimals",
            ],
        ),
        Rule::test => (Rule::only_test_stmt, &["kw_given", "kw_expect", "kw_data", "kw_on"]),
        Rule::exception => (Rule::only_exception_stmt, &["kw_target", "kw_inapplicable"]),
        Rule::grade | Rule::conclusion => (Rule::only_verdict, &[]),
        Rule::target_by => (Rule::only_target_case, &[]),
        Rule::bands => (Rule::only_band, &[]),
        Rule::linear => (Rule::only_knot, &[]),
        Rule::levels | Rule::judged_levels => (Rule::only_level, &[]),
        Rule::judges => (Rule::only_judge_stmt, &["kw_tolerance"]),
        Rule::deduct | Rule::checklist => (Rule::only_case_line, &[]),
        Rule::highest => (Rule::only_case_item, &[]),
        Rule::first => (Rule::only_first_case, &[]),
        Rule::dated => (Rule::only_dated_entry, &[]),
        Rule::given => (Rule::only_given_cell, &[]),
        Rule::expect_file => (Rule::only_expect_column, &[]),
        _ => (Rule::only_item, &[]),
    }
}

/// The blocks that the statement at `span` would be at home in, by the word that it begins with.
pub(super) fn homes(text: &Text, span: Span) -> Vec<Rule> {
    let piece = text.slice(span);
    let word = first_word(piece);
    // A case, a cell or a line of points: of some list whose head is lost.
    let behind = piece.get(word.len()..).unwrap_or("").trim_start();
    if behind.starts_with([':', '：']) || word.starts_with(|c: char| c.is_ascii_digit()) || piece.starts_with(['>', '<']) {
        return vec![Rule::given];
    }
    let own = |rule: &&Rule| {
        let (_, statements) = block(**rule);
        statements.iter().filter_map(|statement| keyword(statement)).any(|known| known.english == word || known.chinese == word)
    };
    [Rule::form, Rule::part, Rule::rubric, Rule::section, Rule::indicator, Rule::test].iter().filter(own).copied().collect()
}

/// How far `rule` gets in `piece`, and what it would have taken there.
fn furthest(rule: Rule, piece: &str) -> (usize, Vec<Rule>) {
    match Grammar::parse(rule, piece) {
        // It reads alone, so what is wrong is behind it; that never happens inside a block.
        Ok(_) => (piece.len(), Vec::new()),
        Err(error) => {
            let offset = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let expected = match error.variant {
                ErrorVariant::ParsingError { positives, .. } => positives,
                ErrorVariant::CustomError { .. } => Vec::new(),
            };
            (offset, expected)
        }
    }
}

/// The word that a piece begins with; of a word without end, enough to know it by.
fn first_word(piece: &str) -> &str {
    let piece = piece.char_indices().nth(40).and_then(|(end, _)| piece.get(..end)).unwrap_or(piece);
    let end = piece.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(piece.len());
    piece.get(..end).unwrap_or("")
}

fn starts_with_keyword(piece: &str, known: &Keyword) -> bool {
    [known.english, known.chinese]
        .into_iter()
        .any(|spelling| piece.strip_prefix(spelling).is_some_and(|after| !after.starts_with(|c: char| c.is_alphabetic() || c == '_')))
}

/// The word or sign at `offset` of a piece; at its end, the last one.
fn token_at(text: &Text, piece: Span, offset: usize) -> Span {
    let source = text.slice(piece);
    let offset = offset.min(source.len());
    let rest = source.get(offset..).unwrap_or("");
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\u{3000}']).len();
    let rest = rest.get(blanks..).unwrap_or("");
    let length = match rest.chars().next() {
        None | Some('\n') => {
            // Nothing is left: show where it stops.
            let before = source.get(..offset).unwrap_or("").trim_end();
            let word = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
            let last =
                if word.len() < before.len() { before.len() - word.len() } else { before.chars().next_back().map_or(0, char::len_utf8) };
            let end = piece.start as usize + before.len();
            return Span::new(piece.text, end - last, end);
        }
        Some(c) if c.is_alphanumeric() || c == '_' => first_word(rest).len(),
        // A quote with what it encloses, if it does: then it is the text that does not belong here.
        Some(c) if is_quote(c) => {
            let line = rest.lines().next().unwrap_or("");
            line.char_indices().skip(1).find(|(_, c)| is_quote(*c)).map_or(c.len_utf8(), |(at, close)| at + close.len_utf8())
        }
        Some(c) => c.len_utf8(),
    };
    let start = piece.start as usize + offset + blanks;
    Span::new(piece.text, start, start + length)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”')
}

/// Whether what was found is a quote that nothing closes.
fn is_open_quote(found: &str) -> bool {
    let mut chars = found.chars();
    chars.next().is_some_and(is_quote) && !chars.next_back().is_some_and(is_quote)
}

impl Slip {
    fn at(&self) -> Span {
        match self {
            Slip::Unreadable(at) | Slip::StrayBrace(at) | Slip::TooDeep(at) | Slip::LongNumber(at) => *at,
            Slip::LongExpression(at) | Slip::PastedTable(at) => *at,
            Slip::Unexpected { at, .. } | Slip::Unknown { at, .. } | Slip::Misplaced { at, .. } => *at,
            Slip::Operator { at, .. } | Slip::NoSuchDay { at, .. } | Slip::LargeText { at, .. } => *at,
            Slip::LostBrace { before, .. } => *before,
        }
    }
}

/// The statements that may stand somewhere, in the writer's script.
fn statements(lang: Lang, allowed: &[&'static Keyword], english: bool) -> String {
    lang.list(allowed.iter().map(|known| format!("`{}`", if english { known.english } else { known.chinese })))
}

impl Say for Slip {
    fn code(&self) -> Code {
        match self {
            Slip::Unreadable(_) => Code::H0100,
            Slip::Unexpected { .. } => Code::H0101,
            Slip::Unknown { .. } => Code::H0102,
            Slip::Misplaced { .. } => Code::H0103,
            Slip::LostBrace { .. } => Code::H0104,
            Slip::StrayBrace(_) => Code::H0105,
            Slip::TooDeep(_) => Code::H0106,
            Slip::Operator { .. } => Code::H0107,
            Slip::LongNumber(_) => Code::H0108,
            Slip::NoSuchDay { .. } => Code::H0109,
            Slip::LongExpression(_) => Code::H0110,
            Slip::LargeText { .. } => Code::H0111,
            Slip::PastedTable(_) => Code::H0112,
        }
    }

    fn headline(&self, lang: Lang) -> String {
        match self {
            Slip::Unreadable(_) => lang.say("这段文字无法读懂", "this cannot be read"),
            Slip::Unexpected { found, expected, english, .. } => {
                let expected = expected::words(lang, expected, *english);
                let found = found.trim();
                if is_open_quote(found) {
                    return lang.say("这个引号没有结束", "this quote is not closed");
                }
                match (found.is_empty(), expected.is_empty()) {
                    (_, true) => lang.say(format!("这里不该有 `{found}`"), format!("`{found}` does not belong here")),
                    (true, false) => lang.say(format!("这里应当是{expected}"), format!("expected {expected} here")),
                    (false, false) => lang.say(format!("`{found}` 处应当是{expected}"), format!("expected {expected} at `{found}`")),
                }
            }
            Slip::Unknown { word, .. } => lang.say(format!("没有以 `{word}` 开头的语句"), format!("no statement begins with `{word}`")),
            Slip::Misplaced { word, .. } => lang.say(format!("`{word}` 不能写在这里"), format!("`{word}` cannot stand here")),
            Slip::LostBrace { .. } => lang.say("前面的 `{` 没有用 `}` 结束", "a block above is not closed with `}`"),
            Slip::StrayBrace(_) => lang.say("这个 `}` 没有对应的 `{`", "this `}` closes nothing"),
            Slip::TooDeep(_) => lang.say(format!("括号嵌套超过 {DEEPEST} 层"), format!("brackets nest more than {DEEPEST} deep")),
            Slip::Operator { written, sure: true, .. } => {
                lang.say(format!("比较要用符号写，不能写 `{written}`"), format!("a comparison is written with a sign, not `{written}`"))
            }
            Slip::Operator { written, .. } => lang.say(
                format!("`{written}` 是否包含这个数，文件里说法不一，要用符号写明"),
                format!("documents differ on whether `{written}` includes the number, so a sign must say it"),
            ),
            Slip::LongNumber(_) => lang.say("数字超过 40 位", "a number of more than 40 digits"),
            Slip::NoSuchDay { written, .. } => lang.say(format!("日历上没有 {written} 这一天"), format!("the calendar has no {written}")),
            Slip::LongExpression(_) => lang.say("一个式子里连用的运算超过 200 个", "more than 200 operators in a row"),
            Slip::LargeText { bytes, .. } => {
                let most = super::LARGEST_TEXT;
                lang.say(format!("文件有 {bytes} 字节，超过 {most} 字节"), format!("the text has {bytes} bytes, more than {most}"))
            }
            Slip::PastedTable(_) => lang.say("这像是从表格里粘贴来的一行", "this looks like a row pasted from a table"),
        }
    }

    fn labels(&self, lang: Lang) -> Vec<Label> {
        let mut labels = vec![Label::here(
            self.at(),
            match self {
                Slip::LostBrace { .. } => lang.say("到这里之前应当有 `}`", "a `}` should stand before this"),
                Slip::Operator { likely, .. } => {
                    let sign = likely.symbol();
                    lang.say(format!("多半是 `{sign}`"), format!("most likely `{sign}`"))
                }
                _ => lang.say("这里", "here"),
            },
        )];
        if let Slip::LostBrace { head, .. } = self {
            labels.push(Label::there(*head, lang.say("从这里开始", "it begins here")));
        }
        labels
    }

    fn help(&self, lang: Lang) -> Option<String> {
        match self {
            Slip::Unexpected { found, .. } if is_open_quote(found.trim()) => {
                Some(lang.say("引号要成对: `\"…\"` 或 `“…”`，写在同一行", "quotes come in pairs, `\"…\"`, on one line"))
            }
            Slip::Unexpected { found, expected, .. } => {
                let spellings = expected.iter().filter_map(|rule| keyword(&format!("{rule:?}")));
                let near = nearest(found.trim(), spellings.flat_map(|known| [known.english, known.chinese]))?;
                Some(lang.say(format!("是不是 `{near}`?"), format!("did you mean `{near}`?")))
            }
            Slip::Unknown { near: Some(near), .. } => Some(lang.say(format!("是不是 `{near}`?"), format!("did you mean `{near}`?"))),
            Slip::Unknown { allowed, english, .. } | Slip::Misplaced { allowed, english, .. } => {
                let list = statements(lang, allowed, *english);
                Some(lang.say(format!("这里可以写: {list}"), format!("here may stand: {list}")))
            }
            Slip::LostBrace { .. } => Some(lang.say("在前一行之后补上 `}`", "add `}` after the line before")),
            Slip::StrayBrace(_) => Some(lang.say("删去它，或补上它要结束的 `{`", "delete it, or add the `{` that it should close")),
            Slip::TooDeep(_) => Some(lang.say("用 `设 名称 = …` 给中间结果取名", "give a name to what is inside: `let name = …`")),
            Slip::Operator { written, sure: false, likely, .. } => {
                let (with, without) = if *likely == CompareOp::Ge { (">=", ">") } else { ("<=", "<") };
                Some(lang.say(
                    format!("包含这个数写 `{with}`，不包含写 `{without}`，代替 `{written}`"),
                    format!("write `{with}` to include the number, `{without}` to leave it out, instead of `{written}`"),
                ))
            }
            Slip::Operator { likely, .. } => {
                let sign = likely.symbol();
                Some(lang.say(format!("写 `{sign}`"), format!("write `{sign}`")))
            }
            Slip::LongExpression(_) => Some(lang.say("用 `设 名称 = …` 分成几步", "split it with `let name = …`")),
            Slip::LargeText { .. } => Some(lang.say("分成几个文件", "split it into several files")),
            Slip::PastedTable(_) => Some(lang.say(
                "每个指标写成一段: `指标 A1 \"名称\" 5分 { 取值 …; 计分 … }`",
                "write each indicator as a block: `indicator A1 \"title\" 5 { value …; score … }`",
            )),
            _ => None,
        }
    }
}
