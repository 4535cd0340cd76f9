//! Diagnostics as one JSON object (JSON 格式); its fields are described in `docs/json.md`.

use super::{Places, Spot, level, page};
use crate::diag::{Diagnostic, Diagnostics, Lang};
use crate::text::Texts;
use serde::Serialize;

#[derive(Serialize)]
struct Report {
    diagnostics: Vec<Finding>,
    errors: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct Finding {
    code: &'static str,
    slug: &'static str,
    severity: &'static str,
    message: String,
    help: Option<String>,
    source: Option<String>,
    page: String,
    #[serde(flatten)]
    at: Place,
    /// The field and the text of a data cell.
    field: Option<String>,
    text: Option<String>,
    labels: Vec<Labelled>,
}

/// Every field is there in every finding; what is not known is null.
#[derive(Serialize, Default)]
struct Place {
    file: Option<String>,
    /// Of a workbook the sheet, and the cell as it is called there: `C7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    start_byte: Option<usize>,
    end_byte: Option<usize>,
}

#[derive(Serialize)]
struct Labelled {
    message: String,
    primary: bool,
    #[serde(flatten)]
    at: Place,
}

impl Place {
    fn of(spot: Option<Spot>) -> Place {
        let Some(spot) = spot else { return Place::default() };
        // In a data file only the beginning is known.
        let ends = spot.bytes.is_some();
        Place {
            line: spot.line_known.then_some(spot.start.line),
            column: spot.column_known.then_some(spot.start.column),
            end_line: ends.then_some(spot.end.line),
            end_column: ends.then_some(spot.end.column),
            start_byte: spot.bytes.map(|(start, _)| start),
            end_byte: spot.bytes.map(|(_, end)| end),
            cell: spot.cell.and_then(|cell| cell.rsplit_once('!').map(|(_, cell)| cell.to_owned())),
            sheet: spot.sheet,
            file: Some(spot.file),
        }
    }
}

/// All of `found` as one object, with a line break at its end.
pub fn json(texts: &Texts, found: &Diagnostics, lang: Lang) -> String {
    let places = Places::new(texts);
    let diagnostics = found.iter().map(|what| finding(&places, what, lang)).collect();
    let report = Report { diagnostics, errors: found.errors(), warnings: found.warnings(), notes: found.notes() };
    // Strings, numbers and nulls under fixed keys: there is nothing that JSON could not hold.
    let mut out = serde_json::to_string_pretty(&report).unwrap_or_default();
    out.push('\n');
    out
}

fn finding(places: &Places<'_>, what: &Diagnostic, lang: Lang) -> Finding {
    let code = what.code();
    let origin = what.origin();
    let labels = what.labels(lang).into_iter();
    let labelled = labels.map(|label| Labelled { message: label.text, primary: label.primary, at: Place::of(places.spot(label.span)) });
    Finding {
        code: code.as_str(),
        slug: code.slug(),
        severity: level(code),
        message: what.headline(lang),
        help: what.help(lang),
        source: what.source(),
        page: page(code),
        at: Place::of(places.of(what)),
        field: origin.as_ref().and_then(|origin| origin.field.as_ref()).map(ToString::to_string),
        text: origin.as_ref().map(|origin| origin.text.to_string()),
        labels: labelled.collect(),
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a value that is not there reads as null")]
mod tests {
    use super::super::examples::rubric;
    use super::*;
    use serde_json::{Value, json as value};

    #[test]
    fn all_facts_are_there() {
        let (texts, found) = rubric();
        let read: Value = serde_json::from_str(&json(&texts, &found, Lang::Zh)).unwrap_or_default();
        assert_eq!((&read["errors"], &read["warnings"]), (&value!(2), &value!(1)));
        let first = &read["diagnostics"][0];
        assert_eq!(first["page"], "docs/errors/H0301.md");
        assert_eq!((&first["line"], &first["column"], &first["end_column"]), (&value!(3), &value!(11), &value!(18)));
        assert_eq!(first["labels"][1]["message"], "这里是 平方米/生");
        let bytes = |key: &str| usize::try_from(first[key].as_u64().unwrap_or(0)).unwrap_or(0);
        let source = texts.iter().next().map(|text| text.source.clone()).unwrap_or_default();
        assert_eq!(source.get(bytes("start_byte")..bytes("end_byte")), Some("4.5 平方米"));
        let data = &read["diagnostics"][2];
        assert_eq!((&data["file"], &data["line"], &data["field"]), (&value!("data/学校 2024.csv"), &value!(12), &value!("在校生数")));
        assert_eq!(data["start_byte"], Value::Null);
    }
}
