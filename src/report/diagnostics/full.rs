//! Diagnostics for people at a terminal (详细格式): headline, the text underlined, how to mend it, where to read on.
//!
//! ```text
//! H0301
//!   × 值以 `平方米/生` 计，目标以 `平方米` 计，不能比较
//!    ╭─[rules/资源配置.heng:3:8]
//!  3 │     目标 >= 4.5 平方米
//!    ·             ─────┬────
//!    ·                  ╰── 这里是 平方米
//!    ╰────
//!   改法: 按每个学生写目标: `4.5 平方米/生`
//!   出处: 教督〔2017〕6号 第八条(一)4
//!   说明: heng explain H0301
//! ```
//! miette draws the snippet; the lines around it are our own, since miette knows no 出处 and says `help` in English.

use super::told::{Excerpt, Source, printable, severity};
use crate::diag::{Diagnostic, Diagnostics, Label, Lang, Origin, Severity};
use crate::text::width::columns;
use crate::text::{TextId, Texts};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::collections::BTreeMap;
use std::fmt;

/// How a terminal shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// Columns of the terminal, at least 40.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Look {
        Look { color: false, width: 80 }
    }
}

/// All of `found`, one below the other, and a summary. Nothing if nothing was found.
pub fn full(texts: &Texts, found: &Diagnostics, lang: Lang, look: Look) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut page = Page { texts, sources: BTreeMap::new(), lang, look, out: String::new() };
    for what in found {
        page.diagnostic(what);
        page.out.push('\n');
    }
    page.out.push_str(&summary(found, lang));
    page.out.push('\n');
    page.out
}

/// `3 个错误, 1 个警告, 2 个提示`
pub fn summary(found: &Diagnostics, lang: Lang) -> String {
    let count = |n: usize, zh: &str, en: &str| {
        let plural = if n == 1 { "" } else { "s" };
        (n > 0).then(|| lang.say(format!("{n} 个{zh}"), format!("{n} {en}{plural}")))
    };
    let parts = [count(found.errors(), "错误", "error"), count(found.warnings(), "警告", "warning"), count(found.notes(), "提示", "note")];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { lang.say("没有发现问题", "no problems found") } else { parts.join(", ") }
}

struct Page<'t> {
    texts: &'t Texts,
    /// Texts already read for their lines.
    sources: BTreeMap<TextId, Source<'t>>,
    lang: Lang,
    look: Look,
    out: String,
}

impl Page<'_> {
    fn diagnostic(&mut self, what: &Diagnostic) {
        let labels = what.labels(self.lang);
        let code = what.code();
        let style = match code.severity() {
            Severity::Error => "31",
            Severity::Warning => "33",
            Severity::Note => "36",
        };
        let head = self.paint(style, code.as_str());
        self.out.push_str(&head);
        self.out.push('\n');

        // The headline, then the data cell if it stands in one, then each text that it speaks of, its own first.
        self.snippet(what, Some(what.headline(self.lang)), &[]);
        if let Some(origin) = what.origin() {
            self.origin(&origin);
        }
        for group in by_text(&labels) {
            self.snippet(what, None, &group);
        }

        if let Some(help) = what.help(self.lang) {
            self.line(self.lang.pick("改法", "help"), &help);
        }
        if let Some(source) = what.source() {
            self.line(self.lang.pick("出处", "source"), &source);
        }
        self.line(self.lang.pick("说明", "more"), &format!("heng explain {code}"));
    }

    /// What miette draws of `labels`, all of one text, under `headline`.
    fn snippet(&mut self, what: &Diagnostic, headline: Option<String>, labels: &[Label]) {
        let text = labels.first().and_then(|label| self.texts.get(label.span.text));
        let source = text.map(|text| &*self.sources.entry(text.id).or_insert_with(|| Source::new(text)));
        let labels = source.map(|source| source.labels(labels)).unwrap_or_default();
        if let (Some(text), Some(source)) = (text, source)
            && let Some(excerpts) = excerpts(source, &labels)
        {
            let path = text.path.to_string();
            excerpts.iter().for_each(|(label, excerpt)| self.excerpt(&path, label, excerpt));
            return;
        }
        let has_headline = headline.is_some();
        let headline = printable(&headline.unwrap_or_default()).into_owned();
        let part = Part { headline, severity: severity(what), source, labels };
        let theme = if self.look.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler =
            GraphicalReportHandler::new_themed(theme).with_urls(false).with_width(self.look.width.max(40)).without_syntax_highlighting();
        let mut drawn = String::new();
        // Writing into a string does not fail; should a label not fit its text, the message still stands without it.
        if handler.render_report(&mut drawn, &part).is_err() {
            drawn.push('\n');
        }
        // miette always begins with a headline: where there is none, its line is left out.
        let drawn = if has_headline { &*drawn } else { drawn.split_once('\n').map_or("", |(_, rest)| rest) };
        for line in drawn.lines() {
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    /// A place in a data file, drawn like a snippet.
    fn origin(&mut self, origin: &Origin) {
        let place = match (origin.line, origin.column) {
            _ if origin.sheet.is_some() => format!("{}:{}", origin.file, origin.cell().unwrap_or_default()),
            (0, _) => origin.file.to_string(),
            (line, 0) => format!("{}:{line}", origin.file),
            (line, column) => format!("{}:{line}:{column}", origin.file),
        };
        let place = self.paint("36", &one_line(&place));
        self.out.push_str(&format!("   ╭─[{place}]\n"));
        let field = origin.field.as_ref().map(|field| format!("{}: ", one_line(field))).unwrap_or_default();
        if !(field.is_empty() && origin.text.is_empty()) {
            let text = one_line(&origin.text);
            self.out.push_str(&format!("   │ {}{}\n", field, text).replace(" \n", "\n"));
            // The text is what is wrong; without one, it is that the field is empty.
            let width = columns(&text).max(1);
            let indent = " ".repeat(columns(&field));
            let mark = self.paint("35", &"─".repeat(width));
            self.out.push_str(&format!("   · {indent}{mark}\n"));
        }
        self.out.push_str("   ╰────\n");
    }

    /// A piece of a line that is too long for a snippet.
    fn excerpt(&mut self, path: &str, label: &LabeledSpan, excerpt: &Excerpt) {
        let place = self.paint("36", &one_line(&format!("{path}:{}:{}", excerpt.at.line, excerpt.at.column)));
        let [before, under, after] = excerpt.pieces.each_ref().map(|piece| piece.replace('\t', " "));
        let mark = self.paint("35", &"─".repeat(columns(&under).max(1)));
        let indent = " ".repeat(columns(&before));
        let (line, label) = (format!("   │ … {before}{under}{after} …"), label.label().unwrap_or_default());
        self.out.push_str(&format!("   ╭─[{place}]\n{line}\n   ·   {indent}{mark} {label}\n   ╰────\n"));
    }

    /// `  改法: …`; further lines stand under the first.
    fn line(&mut self, title: &str, text: &str) {
        let indent = " ".repeat(2 + columns(title) + 2);
        let title = self.paint("36", &format!("{title}:"));
        let mut lines = text.lines();
        let first = printable(lines.next().unwrap_or("")).into_owned();
        self.out.push_str(&format!("  {title} {first}\n"));
        for line in lines {
            self.out.push_str(format!("{indent}{}", printable(line)).trim_end());
            self.out.push('\n');
        }
    }

    fn paint(&self, style: &str, text: &str) -> String {
        if self.look.color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Labels by the text they lie in; the text of the first primary label comes first.
fn by_text(labels: &[Label]) -> Vec<Vec<Label>> {
    let mut groups: Vec<Vec<Label>> = Vec::new();
    let primary = labels.iter().filter(|label| label.primary);
    for label in primary.chain(labels.iter().filter(|label| !label.primary)) {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.span.text == label.span.text)) {
            Some(group) => group.push(label.clone()),
            None => groups.push(vec![label.clone()]),
        }
    }
    groups
}

/// All labels as excerpts, if one of them stands among lines too long to be shown whole.
fn excerpts<'l>(source: &Source<'_>, labels: &'l [LabeledSpan]) -> Option<Vec<(&'l LabeledSpan, Excerpt)>> {
    let found: Vec<_> = labels.iter().filter_map(|label| source.excerpt(label).map(|excerpt| (label, excerpt))).collect();
    (!found.is_empty()).then_some(found)
}

/// A data cell may hold line breaks; a message about it is one line.
fn one_line(text: &str) -> String {
    printable(&text.replace("\r\n", "⏎").replace(['\n', '\r'], "⏎").replace('\t', " ")).into_owned()
}

/// What miette is given: a headline, or labels of one text.
#[derive(Debug)]
struct Part<'s, 't> {
    headline: String,
    severity: miette::Severity,
    source: Option<&'s Source<'t>>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Part<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)
    }
}

impl std::error::Error for Part<'_, '_> {}

impl miette::Diagnostic for Part<'_, '_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Told;
    use super::super::examples::rubric;
    use super::*;

    #[test]
    fn every_part_stands_where_it_should() {
        let (texts, found) = rubric();
        let shown = full(&texts, &found, Lang::Zh, Look::default());
        let expected = "\
H0301
  × 值以 `平方米/生` 计，目标以 `平方米` 计，不能比较
   ╭─[rules/资源配置.heng:3:11]
 1 │   指标 A4 \"生均面积\" {
 2 │     取值 校.教学及辅助用房面积 / 校.在校生数
   ·          ─────────────────┬─────────────────
   ·                           ╰── 这里是 平方米/生
 3 │     目标 >= 4.5 平方米
   ·             ─────┬────
   ·                  ╰── 这里是 平方米
 4 │   }
   ╰────
  改法: 按每个学生写目标: `4.5 平方米/生`
  出处: 教督〔2017〕6号 第八条(一)4
  说明: heng explain H0301
";
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.ends_with("\n2 个错误, 1 个警告\n"), "{shown}");
        let data = "   ╭─[data/学校 2024.csv:12:5]\n   │ 在校生数: 一千二\n   ·           ──────\n   ╰────\n";
        assert!(shown.contains(data), "{shown}");
        // Its second label lies in another text, and is shown from there.
        assert!(shown.contains("[forms/a,b.heng:2:3]") && shown.contains("[rules/资源配置.heng:2:22]"), "{shown}");
    }

    #[test]
    fn told_gives_miette_the_same_facts() {
        let (texts, found) = rubric();
        for what in &found {
            let told = Told::new(what.clone(), &texts, Lang::En);
            assert_eq!(told.to_string(), what.headline(Lang::En));
            assert_eq!(miette::Diagnostic::labels(&told).map(Iterator::count).unwrap_or(0) > 0, !what.labels(Lang::En).is_empty());
        }
    }

    mod any_text {
        use super::super::super::examples::Example;
        use super::*;
        use crate::diag::Code;
        use crate::text::Span;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn any_places_of_any_text_can_be_shown(
                source in "(指标|a|\\{|\"|\\t|\\r\\n|\\n|\\r|[\u{0}-\u{ff}]|[一-丿]| ){0,40}",
                places in prop::collection::vec((0_usize..140, 0_usize..60, any::<bool>()), 0..5),
                width in 0_usize..100,
                color: bool,
            ) {
                let mut texts = Texts::new();
                let text = texts.add("a.heng", source);
                let labels = places.into_iter().map(|(start, length, primary)| Label {
                    span: Span::new(text.id, start, start + length),
                    text: "这里".to_owned(),
                    primary,
                });
                let mut found = Diagnostics::new();
                let labels = labels.collect();
                found.push(Example { code: Code::H0101, labels, help: true, source: None, origin: None });
                let shown = full(&texts, &found, Lang::Zh, Look { color, width });
                let (begins, escapes) = (shown.trim_start_matches("\x1b[31m").starts_with("H0101"), shown.contains('\x1b'));
                prop_assert!(begins && escapes == color, "{shown}");
                for format in [super::super::super::concise, super::super::super::json, super::super::super::github, super::super::super::sarif] {
                    prop_assert!(!format(&texts, &found, Lang::En).is_empty());
                }
            }
        }
    }
}
