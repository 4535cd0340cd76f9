//! SARIF 2.1.0, the exchange format of static analysis (静态分析结果交换格式): what code scanning services take in.
//!
//! Only the parts that viewers use; a test here holds the output to the schema of the standard.

use super::{Places, Spot, level, message_with_help};
use crate::diag::{Code, Diagnostic, Diagnostics, Lang};
use crate::text::Texts;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    language: &'static str,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    language: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

/// All of `found` as one log with one run; its rules are the codes that were found.
pub fn sarif(texts: &Texts, found: &Diagnostics, lang: Lang) -> String {
    let places = Places::new(texts);
    let codes: Vec<Code> = found.iter().map(|what| what.code()).collect::<BTreeSet<_>>().into_iter().collect();
    let results = found.iter().map(|what| result(&places, &codes, what, lang)).collect();
    let language = lang.pick("zh-CN", "en-US");
    let rules = codes.iter().map(|&code| rule(code, lang)).collect();
    let driver = Driver { name: "heng", version: env!("CARGO_PKG_VERSION"), language, rules };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", language, results }],
    };
    // Strings and numbers under fixed keys: there is nothing that JSON could not hold.
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

fn rule(code: Code, lang: Lang) -> Rule {
    // The page's first line is `# H0301 单位不符 unit-mismatch: a value and …`.
    let title = code.page().lines().next().unwrap_or("").trim_start_matches('#').trim();
    let sentence = title.split_once(": ").map_or(code.slug(), |(_, sentence)| sentence);
    Rule {
        id: code.as_str(),
        name: code.slug(),
        short_description: Message { text: lang.say(code.chinese(), sentence) },
        help: Help { text: format!("heng explain {code}"), markdown: code.page() },
        default_configuration: Configuration { level: level(code) },
    }
}

fn result(places: &Places<'_>, codes: &[Code], what: &Diagnostic, lang: Lang) -> Found {
    let code = what.code();
    let labels = what.labels(lang);
    // The place itself carries what it is, unless it is a data cell, which no label speaks of.
    let own =
        if what.origin().is_some() { None } else { labels.iter().position(|label| label.primary).or((!labels.is_empty()).then_some(0)) };
    let own_text = own.and_then(|at| labels.get(at)).map(|label| label.text.clone());
    let locations = places.of(what).map(|spot| location(None, spot, own_text));
    let others = labels.iter().enumerate().filter(|(at, _)| Some(*at) != own);
    let related = others.filter_map(|(_, label)| places.spot(label.span).map(|spot| (spot, label.text.clone())));
    Found {
        rule_id: code.as_str(),
        rule_index: codes.iter().position(|known| *known == code),
        level: level(code),
        message: Message { text: message_with_help(what, lang) },
        locations: locations.into_iter().collect(),
        related_locations: related.enumerate().map(|(at, (spot, text))| location(Some(at + 1), spot, Some(text))).collect(),
    }
}

fn location(id: Option<usize>, spot: Spot, text: Option<String>) -> Location {
    let ends = spot.bytes.is_some();
    let region = spot.line_known.then_some(Region {
        start_line: spot.start.line,
        start_column: spot.column_known.then_some(spot.start.column),
        end_line: ends.then_some(spot.end.line),
        end_column: ends.then_some(spot.end.column),
    });
    let message = text.filter(|text| !text.is_empty()).map(|text| Message { text });
    Location { id, physical_location: Physical { artifact_location: artifact(&spot.file), region }, message }
}

/// A path as a URI: 汉字 and blanks by their bytes; relative paths start at the root of the sources.
fn artifact(path: &str) -> Artifact {
    let path = path.replace('\\', "/");
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    // `C:/…` on Windows
    let drive = path.as_bytes().get(1) == Some(&b':');
    match (path.starts_with('/'), drive) {
        (true, _) => Artifact { uri: format!("file://{uri}"), uri_base_id: None },
        (_, true) => Artifact { uri: format!("file:///{}", uri.replacen("%3A", ":", 1)), uri_base_id: None },
        _ => Artifact { uri, uri_base_id: Some("%SRCROOT%") },
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::rubric;
    use super::*;
    use serde_json::Value;

    #[test]
    fn paths_become_uris() {
        assert_eq!(artifact("rules/资 a.heng").uri, "rules/%E8%B5%84%20a.heng");
        assert_eq!(artifact("/x/a.heng").uri, "file:///x/a.heng");
        assert_eq!(artifact("C:\\x\\a.heng").uri, "file:///C:/x/a.heng");
    }

    #[test]
    fn the_output_keeps_to_the_standard() {
        let schema: Value = serde_json::from_str(include_str!("../../../tests/schemas/sarif-2.1.0.json")).unwrap_or_default();
        let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string());
        let (texts, found) = rubric();
        for (found, lang) in [(found.clone(), Lang::Zh), (found, Lang::En), (Diagnostics::new(), Lang::Zh)] {
            let log: Value = serde_json::from_str(&sarif(&texts, &found, lang)).unwrap_or_default();
            let slips = validator.as_ref().map(|validator| validator.iter_errors(&log).map(|slip| slip.to_string()).collect::<Vec<_>>());
            assert_eq!(slips, Ok(Vec::new()), "{log:#}");
        }
    }
}
