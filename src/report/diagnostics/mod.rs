//! Diagnostics in the formats that are asked for: [`full`] and [`concise`] for people, [`json`], [`sarif`] and
//! [`github`] for machines. All of them read the same facts through [`crate::diag::Say`].
//!
//! Each format is one file with one function of the same name. Not here: the words (beside each diagnostic), and
//! which of the formats is written where (`cli::check`).

mod concise;
mod full;
mod github;
mod json;
mod sarif;
mod told;

pub use concise::concise;
pub use full::{Look, full, summary};
pub use github::github;
pub use json::json;
pub use sarif::sarif;
pub use told::{Source, Told};

use crate::diag::{Code, Diagnostic, Lang, Severity, place};
use crate::text::{LineIndex, Position, Span, TextId, Texts};
use std::collections::BTreeMap;

/// Finds lines and columns in many texts; each text is read for its lines once.
#[derive(Debug)]
struct Places<'t> {
    texts: &'t Texts,
    lines: BTreeMap<TextId, LineIndex<'t>>,
}

/// A place as machines want it (位置): lines and columns from 1, columns in characters, the end exclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spot {
    file: String,
    /// The cell of a workbook: `办学条件!C7`.
    cell: Option<String>,
    sheet: Option<String>,
    start: Position,
    end: Position,
    /// The bytes in the text, where the place is one in a rule text.
    bytes: Option<(usize, usize)>,
    /// Whether the place is the file as a whole (no line is known) or a line as a whole (no column is known).
    line_known: bool,
    column_known: bool,
}

impl<'t> Places<'t> {
    fn new(texts: &'t Texts) -> Places<'t> {
        Places { texts, lines: texts.iter().map(|text| (text.id, LineIndex::new(&text.source))).collect() }
    }

    /// Where `span` stands.
    fn spot(&self, span: Span) -> Option<Spot> {
        let (text, lines) = (self.texts.get(span.text)?, self.lines.get(&span.text)?);
        let (start, end) = (span.range().start, span.range().end.max(span.range().start));
        Some(Spot {
            file: text.path.to_string(),
            cell: None,
            sheet: None,
            start: lines.position(start),
            end: lines.position(end),
            bytes: Some((start, end)),
            line_known: true,
            column_known: true,
        })
    }

    /// Where a diagnostic stands: in a data file if it says so, else at its first place in the rules.
    fn of(&self, what: &Diagnostic) -> Option<Spot> {
        let Some(origin) = what.origin() else {
            return place(what.as_ref()).and_then(|span| self.spot(span));
        };
        let start = Position { line: origin.line.max(1), column: origin.column.max(1) };
        // The text may be shortened, and a cell may be quoted: only its beginning is known for sure.
        Some(Spot {
            file: origin.file.to_string(),
            cell: origin.cell(),
            sheet: origin.sheet.as_ref().map(ToString::to_string),
            start,
            end: start,
            bytes: None,
            line_known: origin.line > 0,
            column_known: origin.column > 0,
        })
    }
}

/// The file of a code's page, from the root of the repository.
fn page(code: Code) -> String {
    format!("docs/errors/{code}.md")
}

/// `error`, `warning` or `note`, as JSON and SARIF say it.
fn level(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The headline and, where there is one, how to mend it: for formats that have one field for both.
fn message_with_help(what: &Diagnostic, lang: Lang) -> String {
    match what.help(lang) {
        Some(help) => format!("{}\n{}{help}", what.headline(lang), lang.pick("改法: ", "help: ")),
        None => what.headline(lang),
    }
}

/// Texts and diagnostics that the tests of all formats share.
#[cfg(test)]
mod examples {
    use crate::diag::{Code, Diagnostics, Label, Lang, Origin, Say};
    use crate::text::{Span, Texts};

    /// A diagnostic of which everything can be set.
    #[derive(Clone, Debug)]
    pub struct Example {
        pub code: Code,
        pub labels: Vec<Label>,
        pub help: bool,
        pub source: Option<String>,
        pub origin: Option<Origin>,
    }

    impl Say for Example {
        fn code(&self) -> Code {
            self.code
        }
        fn headline(&self, lang: Lang) -> String {
            lang.say("值以 `平方米/生` 计，目标以 `平方米` 计，不能比较", "cannot compare a value in `平方米/生` with a target in `平方米`")
        }
        fn labels(&self, _lang: Lang) -> Vec<Label> {
            self.labels.clone()
        }
        fn help(&self, lang: Lang) -> Option<String> {
            self.help.then(|| lang.say("按每个学生写目标: `4.5 平方米/生`", "write the target per pupil: `4.5 平方米/生`"))
        }
        fn source(&self) -> Option<String> {
            self.source.clone()
        }
        fn origin(&self) -> Option<Origin> {
            self.origin.clone()
        }
    }

    /// A rubric with an error in two places, a warning in another file, and an error in a data file.
    pub fn rubric() -> (Texts, Diagnostics) {
        let mut texts = Texts::new();
        let source = "  指标 A4 \"生均面积\" {\n    取值 校.教学及辅助用房面积 / 校.在校生数\n    目标 >= 4.5 平方米\n  }\n";
        let rules = texts.add("rules/资源配置.heng", source);
        let form = texts.add("forms/a,b.heng", "填报表 学校 {\n  年份: 整数\n}\n");
        let span = |piece: &str| {
            let start = source.find(piece).unwrap_or(0);
            Span::new(rules.id, start, start + piece.len())
        };
        let (target, value) = (span("4.5 平方米"), span("校.教学及辅助用房面积 / 校.在校生数"));
        let mut found = Diagnostics::new();
        let blank = Example { code: Code::H0301, labels: Vec::new(), help: true, source: None, origin: None };
        found.push(Example {
            labels: vec![Label::here(target, "这里是 平方米"), Label::there(value, "这里是 平方米/生")],
            source: Some("教督〔2017〕6号 第八条(一)4".to_owned()),
            ..blank.clone()
        });
        found.push(Example {
            code: Code::H0207,
            labels: vec![Label::here(Span::new(form.id, 21, 27), "没有用到"), Label::there(span("校.在校生数"), "用的是这一项")],
            help: false,
            ..blank.clone()
        });
        found.push(Example {
            code: Code::H0604,
            origin: Some(Origin {
                sheet: None,
                file: "data/学校 2024.csv".into(),
                line: 12,
                column: 5,
                field: Some("在校生数".into()),
                text: "一千二".into(),
            }),
            ..blank
        });
        (texts, found)
    }
}
