//! A form as data (填报表的数据形式): what the page is made of and computes with.
//!
//! Not here: expressions (`expression`), patterns (`pattern`), how it looks (`page.js`).

use super::expression::{given, is_said, tree};
use super::pattern::for_page;
use super::words::takes;
use crate::diag::Lang;
use crate::eval::{Previous, Value};
use crate::model::{Computed, Field, FieldIx, FieldType, Form, Lowered, Range, Type};
use crate::number::Exact;
use crate::report::template::shown;
use serde_json::{Map, Value as Json, json};

/// What is said of the submissions to a form, by fields and checks: made where they are read.
pub type FormWords<'w> = &'w dyn Fn(&Form) -> Json;

/// A form, or that of the rows of a table.
///
/// * `previous`: what one subject filled in for the period before.
pub(super) fn form(form: &Form, words: FormWords<'_>, previous: Option<&Previous>, lang: Lang) -> Json {
    let of_period = form.period.as_ref().and_then(|period| period.key);
    let identifies = |at: usize| {
        let at = Some(FieldIx(at));
        at == Some(form.key) || at == of_period || form.groups.iter().any(|group| group.key == at)
    };
    // Those that say whose a row is are filled in with the submission.
    let whose = if form.is_rows() { 2 + usize::from(of_period.is_some()) } else { 0 };
    let fields = form.fields.iter().enumerate().map(|(at, it)| {
        let mut data = field(it, identifies(at), lang);
        previous.into_iter().for_each(|previous| beside(form, FieldIx(at), previous, lang, &mut data));
        Json::Object(data)
    });
    let fields: Vec<Json> = fields.collect();
    let checks: Vec<Json> = form
        .checks
        .iter()
        .map(|check| {
            let condition = tree(&check.condition);
            let fields: Vec<usize> = check.fields.iter().map(|field| field.0).collect();
            json!({ "said": is_said(&condition), "if": condition, "refuses": check.refuses, "message": check.message, "fields": fields,
                    "unless": check.unless.map(|reason| reason.0) })
        })
        .collect();
    let tables: Vec<Json> = form
        .tables
        .iter()
        .map(|table| {
            let title = table.title.clone().unwrap_or_else(|| table.name.it.to_string());
            json!({ "name": table.name.it.as_str(), "title": title, "by": table.by.as_deref(), "form": self::form(&table.rows, words, None, lang) })
        })
        .collect();
    let mut data = json!({
        "name": form.name.it.as_str(),
        "key": form.key.0,
        "period": of_period.map(|field| field.0),
        "whose": whose,
        "fields": fields,
        "parts": parts(form, whose),
        "conditional": form.conditional().iter().map(|field| field.0).collect::<Vec<_>>(),
        "checks": checks,
        "computed": form.computed.iter().map(|it| computed(it, lang)).collect::<Vec<_>>(),
        "tables": tables,
        "words": words(form),
    });
    if let (Some(previous), Json::Object(data)) = (previous, &mut data) {
        data.insert("previous".to_owned(), json!(previous.key.as_str()));
    }
    data
}

/// What was filled in for a field last time, as it is shown and as it is computed with; the key is filled in.
fn beside(form: &Form, at: FieldIx, previous: &Previous, lang: Lang, data: &mut Map<String, Json>) {
    let Some(field) = form.fields.get(at.0) else { return };
    let mut put = |key: &str, value: Json| _ = data.insert(key.to_owned(), value);
    match (field.details.lowered, previous.answer(at)) {
        (None, _) if at == form.key => put("default", json!(previous.key.as_str())),
        (None, Some(value)) => put("last", json!(shown::answered(field, value, lang))),
        (Some(Lowered::Previous(of)), _) => {
            let value = previous.answer(of).map(|value| match value {
                Value::Number(number) => json!(["number", number.to_string()]),
                Value::Word(word) => json!(["word", word.as_str()]),
                Value::Flag(flag) => json!(["flag", flag]),
                Value::Date(day) => json!(["day", day.to_string()]),
            });
            put("made", json!({ "previous": of.0, "value": value }));
        }
        _ => {}
    }
}

/// The pieces of the form in their order: those fields that stand together.
fn parts(form: &Form, first: usize) -> Vec<Json> {
    let section_of = |field: usize| form.sections.iter().position(|section| section.fields.contains(&field));
    let mut parts: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
    for (field, _) in form.fields.iter().enumerate().skip(first).filter(|(_, field)| field.is_asked()) {
        let section = section_of(field);
        match parts.last_mut().filter(|(last, _)| *last == section) {
            Some((_, fields)) => fields.push(field),
            None => parts.push((section, vec![field])),
        }
    }
    let title = |section: Option<usize>| {
        let section = form.sections.get(section?)?;
        Some(section.title.clone().unwrap_or_else(|| section.name.to_string()))
    };
    parts.into_iter().map(|(section, fields)| json!({ "title": title(section), "fields": fields })).collect()
}

fn field(field: &Field, identifies: bool, lang: Lang) -> Map<String, Json> {
    let details = &field.details;
    let mut data = Map::new();
    let mut put = |key: &str, value: Json| {
        if !matches!(value, Json::Null | Json::Bool(false)) {
            data.insert(key.to_owned(), value);
        }
    };
    put("name", json!(field.name.it.as_str()));
    put("label", json!(field.label.as_deref().filter(|label| !label.is_empty()).unwrap_or(&field.name.it)));
    put("sentence", field.sentence().map_or(Json::Null, |(before, behind)| json!([before, behind])));
    put("kind", json!(kind(field)));
    put("places", json!(shown::places(field)));
    put("unit", json!(Some(shown::unit(field)).filter(|unit| !unit.is_empty())));
    put("takes", json!(takes(field, lang)));
    put("factor", json!(details.asked_in.as_ref().map(|(_, factor)| factor.to_string())));
    let (least, greatest) = match &field.range {
        Some(Range::Numbers(least, greatest)) => (least.as_ref().map(Exact::to_string), greatest.as_ref().map(Exact::to_string)),
        Some(Range::Dates(first, last)) => (first.map(|day| day.to_string()), last.map(|day| day.to_string())),
        None => (None, None),
    };
    put("least", json!(least));
    put("greatest", json!(greatest));
    put("required", json!(field.required));
    put("identifies", json!(identifies));
    put("when", field.when.as_ref().map_or(Json::Null, tree));
    put("otherwise", details.otherwise.as_ref().map_or(Json::Null, given));
    put("default", json!(shown::default(field, lang)));
    put("hint", json!(field.hint));
    put("by", json!(details.by.as_deref()));
    put("locked", json!(details.locked));
    put("length", if details.length == (None, None) { Json::Null } else { json!([details.length.0, details.length.1]) });
    put("han", json!(details.han));
    if let Some(pattern) = &field.pattern {
        // `false` stays: there is a pattern, and the import looks at it.
        put("pattern", json!(for_page(&pattern.it).unwrap_or_default()));
    }
    let options = match (&details.several, &field.kind) {
        (Some(options), _) | (None, FieldType::Choice(options)) => Some(options.iter().map(|option| option.as_str()).collect::<Vec<_>>()),
        _ => None,
    };
    put("options", json!(options));
    let codes: Vec<[&str; 2]> = details.codes.iter().map(|(code, option)| [code.as_str(), option.as_str()]).collect();
    put("codes", if codes.is_empty() { Json::Null } else { json!(codes) });
    put(
        "depends",
        details.depends.as_ref().map_or(Json::Null, |depends| {
            let options: Vec<Json> = depends
                .options
                .iter()
                .map(|(option, leaves)| json!([option.as_str(), leaves.iter().map(|left| left.as_str()).collect::<Vec<_>>()]))
                .collect();
            json!({ "on": depends.on.0, "options": options })
        }),
    );
    put(
        "attach",
        details.attach.as_ref().map_or(
            Json::Null,
            |attach| json!({ "accept": attach.accept.iter().map(|ending| ending.as_str()).collect::<Vec<_>>(), "files": attach.files }),
        ),
    );
    put(
        "made",
        match details.lowered {
            Some(Lowered::Option(of, place)) => json!({ "option": [of.0, place] }),
            Some(Lowered::Previous(of)) => json!({ "previous": of.0 }),
            Some(Lowered::Row) => json!({ "row": true }),
            None => Json::Null,
        },
    );
    data
}

fn kind(field: &Field) -> &'static str {
    if field.details.several.is_some() {
        return "several";
    }
    if field.details.attach.is_some() {
        return "files";
    }
    match field.kind {
        FieldType::Integer(_) => "integer",
        FieldType::Decimal(..) => "decimal",
        FieldType::Percent(_) => "percent",
        FieldType::Text => "text",
        FieldType::Date => "date",
        FieldType::YesNo => "yes/no",
        FieldType::Choice(_) => "choice",
    }
}

fn computed(computed: &Computed, lang: Lang) -> Json {
    let value = tree(&computed.value);
    let (unit, share) = match &computed.value.ty {
        Type::Number(measure) => (measure.unit.as_ref().filter(|unit| !unit.is_one()).map(ToString::to_string), measure.share),
        _ => (None, false),
    };
    let title = computed.title.clone().unwrap_or_else(|| computed.name.it.to_string());
    let unsaid = (!is_said(&value)).then(|| lang.pick("导入时计算", "computed on import"));
    json!({ "name": computed.name.it.as_str(), "title": title, "value": value, "unit": unit, "share": share, "unsaid": unsaid })
}
