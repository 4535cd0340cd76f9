//! Workflow commands of GitHub Actions (注解): each finding becomes an annotation on its line of the pull request.

use super::{Places, message_with_help};
use crate::diag::{Code, Diagnostics, Lang, Severity};
use crate::text::Texts;

/// All of `found`, a command each.
///
/// The paths are those of the texts; GitHub takes them from the root of the repository.
pub fn github(texts: &Texts, found: &Diagnostics, lang: Lang) -> String {
    let places = Places::new(texts);
    let mut out = String::new();
    for what in found {
        let code = what.code();
        let mut properties = Vec::new();
        if let Some(spot) = places.of(what) {
            properties.push(format!("file={}", property(&spot.file)));
            if spot.line_known {
                properties.push(format!("line={}", spot.start.line));
            }
            if spot.column_known {
                properties.push(format!("col={}", spot.start.column));
            }
            if spot.bytes.is_some() {
                properties.push(format!("endLine={},endColumn={}", spot.end.line, spot.end.column));
            }
        }
        properties.push(format!("title={}", property(&format!("{code} {}", code.title(lang)))));
        let message = message(&message_with_help(what, lang));
        out.push_str(&format!("::{} {}::{message}\n", command(code), properties.join(",")));
    }
    out
}

/// GitHub's word for how grave it is.
fn command(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// What would end the command is written as its number.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same in a property, which also ends at a comma, and the properties at a colon.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::examples::rubric;
    use super::*;

    #[test]
    fn commands_are_escaped() {
        let (texts, found) = rubric();
        let told = github(&texts, &found, Lang::Zh);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(
            lines.first().copied(),
            Some(
                "::error file=rules/资源配置.heng,line=3,col=11,endLine=3,endColumn=18,title=H0301 单位不符::值以 `平方米/生` \
                 计，目标以 `平方米` 计，不能比较%0A改法: 按每个学生写目标: `4.5 平方米/生`"
            )
        );
        assert!(lines.get(1).is_some_and(|line| line.starts_with("::warning file=forms/a%2Cb.heng,line=2,col=3,")), "{told}");
        assert_eq!(message("50%\r\n:,"), "50%25%0D%0A:,");
        assert_eq!(property("50%:,"), "50%25%3A%2C");
    }
}
