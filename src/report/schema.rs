//! The JSON Schema (JSON 模式) of the submissions to a form, draft 2020-12: for programs that hand them in.
//!
//! It never refuses what the reader takes without a word. Each field is said twice, `anyOf`: first as a program should write it,
//! then what is also read (a number as a text, full-width digits). What a schema cannot say (checks over several fields, decimals,
//! ranges of what is written as a text) is said in words; `multipleOf` is left out, because validators divide doubles and would
//! refuse 0.07 for 0.01.
//! Not here: what the reader takes (`data::cells`).

use super::template::shown;
use crate::diag::Lang;
use crate::model::{Expr, Field, FieldIx, FieldType, Form, Node, Range, RowTable, Type};
use crate::number::Exact;
use crate::syntax::tree::CompareOp;
use crate::text::{Name, Texts, fold_char};
use serde_json::{Map, Value, json};

/// Blanks, as the reader strips them.
const BLANK: &str = r"[\s\u0085\u200B\uFEFF]*";
/// Options longer than this, folded, are not spelled out letter by letter.
const MOST_LETTERS: usize = 60;

/// The schema of one submission; its `$defs` have that of a list of them and of `{"rows": […]}`. A line of .jsonl is one.
pub fn schema(form: &Form, texts: &Texts, lang: Lang) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (at, field) in asked(form, 0) {
        let must = is_required(form, FieldIx(at)) && field.when.is_none();
        if must {
            required.push(field.name.it.to_string());
        }
        properties.insert(field.name.it.to_string(), property(form, FieldIx(at), field, must, texts, lang));
    }
    for table in &form.tables {
        properties.insert(table.name.it.to_string(), rows(form, table, texts, lang));
    }
    let conditional = conditional(form, 0);
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.title.clone().unwrap_or_else(|| form.name.it.to_string()),
        "description": about(form, texts, lang),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "$defs": {
            "list": { "description": lang.say("一个 .json 文件", "a .json file"), "type": "array", "items": { "$ref": "#" } },
            "document": {
                "description": lang.say("也可以这样写的 .json 文件", "the other way to write a .json file"),
                "type": "object", "properties": { "rows": { "$ref": "#/$defs/list" } }, "required": ["rows"]
            },
            "empty": {
                "description": lang.say("没有填", "nothing is filled in"),
                "anyOf": [{ "type": "null" }, { "type": "string", "pattern": format!("^{BLANK}(=\"{BLANK}\")?{BLANK}$") }]
            },
            "number": {
                "description": lang.say("写成文字的数, 也能读", "a number written as a text, which is also read"),
                "type": "string", "pattern": r#"^[\s\u0085\u200B\uFEFF"=0-9０-９+\-−＋－.．,，、eEｅＥ%％]*[0-9０-９][\s\u0085\u200B\uFEFF"=0-9０-９+\-−＋－.．,，、eEｅＥ%％]*$"#
            },
            "wide": {
                "description": lang.say("有全角字符或 =\"…\" 的文字, 也能读", "a text with full-width letters, or =\"…\", which is also read"),
                "type": "string", "pattern": "[\u{3000}\u{A0}！-～、【】−×÷]|^[\\s\\u0085\\u200B\\uFEFF]*=\""
            },
            "day": {
                "description": lang.say("2024/9/1、2024年9月1日 等, 也能读", "2024/9/1, 2024年9月1日 and the like, which are also read"),
                "anyOf": [
                    { "type": "number" },
                    { "type": "string", "pattern": "[0-9０-９〇○零一二三四五六七八九十]" }
                ]
            }
        }
    });
    if let (Some(object), false) = (whole.as_object_mut(), conditional.is_empty()) {
        object.insert("allOf".to_owned(), Value::Array(conditional));
    }
    whole
}

/// The fields that are filled in, but for so many that stand before them.
fn asked(form: &Form, before: usize) -> impl Iterator<Item = (usize, &Field)> {
    form.fields.iter().enumerate().skip(before).filter(|(_, field)| field.is_asked())
}

/// What is required on conditions.
fn conditional(form: &Form, before: usize) -> Vec<Value> {
    asked(form, before).filter(|(_, field)| field.required).filter_map(|(_, field)| required_when(form, field)).collect()
}

/// The rows of a table: a list of objects.
fn rows(form: &Form, table: &RowTable, texts: &Texts, lang: Lang) -> Value {
    // Whose they are is known by the record that they stand in.
    let before = 1 + table.rows.groups.len() + usize::from(table.rows.period.is_some());
    let (mut properties, mut required) = (Map::new(), Vec::new());
    // That may be written all the same.
    for field in table.rows.fields.iter().take(before).filter(|field| field.is_asked()) {
        properties.insert(field.name.it.to_string(), json!(true));
    }
    for (at, field) in asked(&table.rows, before) {
        let must = field.required && field.when.is_none();
        if must {
            required.push(field.name.it.to_string());
        }
        properties.insert(field.name.it.to_string(), property(&table.rows, FieldIx(at), field, must, texts, lang));
    }
    let mut row = json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let conditional = conditional(&table.rows, before);
    if let (Some(object), false) = (row.as_object_mut(), conditional.is_empty()) {
        object.insert("allOf".to_owned(), Value::Array(conditional));
    }
    let checks = table.rows.checks.iter().map(|check| format!("{} ({})", written(texts, &check.condition), check.message));
    json!({
        "title": table.title.clone().unwrap_or_else(|| table.name.it.to_string()),
        "description": checks.chain([lang.say(format!("每份 {} 几行", form.name.it), format!("any number a submission to {}", form.name.it))]).collect::<Vec<_>>().join("; "),
        "anyOf": [{ "type": "array", "items": row }, { "type": "null" }]
    })
}

/// Whether something must be filled in where it is asked.
fn is_required(form: &Form, at: FieldIx) -> bool {
    let period = form.period.as_ref().and_then(|period| period.key);
    form.key == at || period == Some(at) || form.fields.get(at.0).is_some_and(|field| field.required)
}

/// What is said of the form: what it is called, and the checks, which a schema cannot make.
fn about(form: &Form, texts: &Texts, lang: Lang) -> String {
    let name = &form.name.it;
    let version = form.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    let mut about = lang.say(format!("填报表 {name}{version} 的一份填报。"), format!("A submission to the form {name}{version}."));
    if !form.checks.is_empty() {
        about.push_str(&lang.say("读入时还校验: ", " Checked besides when it is read: "));
        let checks = form.checks.iter().map(|check| format!("{} ({})", written(texts, &check.condition), check.message));
        about.push_str(&checks.collect::<Vec<_>>().join("; "));
    }
    about
}

/// An expression as it is written, in one line.
fn written(texts: &Texts, expr: &Expr) -> String {
    texts.slice(expr.span).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn property(form: &Form, at: FieldIx, field: &Field, must: bool, texts: &Texts, lang: Lang) -> Value {
    let mut words = vec![shown::takes(field, lang)];
    let unit = shown::unit(field);
    if !unit.is_empty() {
        words.push(lang.say(format!("单位 {unit}"), format!("in {unit}")));
    }
    words.extend(field.hint.clone());
    if let Some(when) = &field.when {
        let when = written(texts, when);
        let required = if field.required { lang.say(", 这时必填", ", and required then") } else { String::new() };
        words.push(lang.say(format!("只在 {when} 时填{required}"), format!("asked only when {when}{required}")));
    }
    if form.key == at {
        words.push(lang.say("填报对象由它区分", "it tells subjects apart"));
    }
    let mut ways = ways(field);
    if !must {
        ways.push(json!({ "$ref": "#/$defs/empty" }));
    }
    json!({
        "title": field.label.clone().unwrap_or_else(|| field.name.it.to_string()),
        "description": words.join(lang.pick("; ", "; ")),
        "anyOf": ways
    })
}

/// The ways to write a value of a field, the one to prefer first.
fn ways(field: &Field) -> Vec<Value> {
    let wide = json!({ "$ref": "#/$defs/wide" });
    if let Some(options) = &field.details.several {
        let one = json!({ "type": "string", "pattern": format!("^{BLANK}({}){BLANK}$", spelled(options, field)) });
        let names: Vec<&str> = options.iter().map(Name::as_str).collect();
        return vec![
            json!({ "type": "array", "items": { "anyOf": [{ "enum": names }, one] } }),
            // Parted by `、`, or none of them.
            json!({ "type": "string", "pattern": r"[^\s]" }),
            json!({ "type": "number" }),
        ];
    }
    if let Some(attach) = &field.details.attach {
        let mut list = Map::from_iter([("type".to_owned(), json!("array")), ("items".to_owned(), json!({ "type": "string" }))]);
        list.extend(attach.files.map(|most| ("maxItems".to_owned(), json!(most))));
        return vec![Value::Object(list), json!({ "type": "string", "pattern": r"[^\s]" })];
    }
    match &field.kind {
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            let whole = matches!(field.kind, FieldType::Integer(_));
            let mut number = Map::from_iter([("type".to_owned(), json!(if whole { "integer" } else { "number" }))]);
            if let Some(Range::Numbers(least, greatest)) = &field.range {
                let end = |end: &Option<Exact>| end.as_ref().and_then(|end| literal(&field.as_filled_in(end)));
                number.extend(end(least).map(|end| ("minimum".to_owned(), end)));
                number.extend(end(greatest).map(|end| ("maximum".to_owned(), end)));
            }
            vec![Value::Object(number), json!({ "$ref": "#/$defs/number" })]
        }
        FieldType::Date => vec![json!({ "type": "string", "format": "date" }), json!({ "$ref": "#/$defs/day" })],
        FieldType::YesNo => {
            let words = "是|否|有|无|[yY][eE][sS]|[nN][oO]|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[yY]|[nN]|1|0";
            vec![
                json!({ "enum": [true, false, "是", "否"] }),
                json!({ "type": "string", "pattern": format!("^{BLANK}({words}){BLANK}$") }),
                json!({ "enum": [1, 0] }),
                wide,
            ]
        }
        FieldType::Choice(options) => {
            let mut ways = vec![json!({ "enum": options.iter().map(Name::as_str).collect::<Vec<_>>() })];
            ways.push(json!({ "type": "string", "pattern": format!("^{BLANK}({}){BLANK}$", spelled(options, field)) }));
            let codes = field.details.codes.iter().map(|(code, _)| code);
            let numbers: Vec<Value> = options.iter().chain(codes).filter_map(|option| literal(&Exact::parse(option).ok()?)).collect();
            if !numbers.is_empty() {
                ways.push(json!({ "enum": numbers }));
            }
            ways.push(json!({ "type": "string", "pattern": format!("^{BLANK}=\"") }));
            ways
        }
        FieldType::Text => {
            let mut ways = vec![match field.pattern.as_ref().map(|pattern| &pattern.it).filter(|pattern| is_common(pattern)) {
                Some(pattern) => json!({ "type": "string", "pattern": format!("^{BLANK}(?:{pattern}){BLANK}$") }),
                None => json!({ "type": "string", "pattern": r"[^\s]" }),
            }];
            if field.pattern.is_some() {
                ways.push(wide);
            }
            // A number is read as the digits that it is written with.
            ways.push(json!({ "type": ["number", "boolean"] }));
            ways
        }
    }
}

/// A number with all its digits; none that has no end.
fn literal(number: &Exact) -> Option<Value> {
    serde_json::from_str(&number.show_trimmed(number.decimal_places()?)).ok()
}

/// Whether a pattern means the same, or more, in every dialect of regular expressions that validators use.
fn is_common(pattern: &str) -> bool {
    // Flags, named groups and POSIX classes are written otherwise elsewhere. `\d` has more digits in some, so what excludes it has fewer.
    let odd = ["(?P", "(?i", "(?m", "(?s", "(?x", "(?U", "(?R", "(?-", "(?<", "[[", "&&", "--", "~~"];
    let bare = pattern.replace("[^", "[");
    let chars: Vec<char> = pattern.chars().collect();
    let next = |at: usize| chars.get(at + 1).copied().unwrap_or(' ');
    let excludes = bare != pattern;
    let mut escaped = false;
    for (at, c) in chars.iter().enumerate() {
        escaped = match c {
            _ if escaped => false,
            '\\' if !("dws".contains(next(at)) && !excludes || r"tnr\.*+?()[]{}|/^$".contains(next(at))) => return false,
            '\\' => true,
            '{' if !next(at).is_ascii_digit() => return false,
            _ => false,
        };
    }
    // What is anchored inside is left to the reader.
    !bare.contains(['^', '$']) && !odd.iter().any(|odd| pattern.contains(odd))
}

/// A pattern of all options and their codes.
fn spelled(options: &[Name], field: &Field) -> String {
    options.iter().chain(field.details.codes.iter().map(|(code, _)| code)).map(spellings).collect::<Vec<_>>().join("|")
}

/// A pattern of all spellings of an option that the reader takes: any case, full-width letters, blanks in between.
fn spellings(option: &Name) -> String {
    let folded: Vec<char> = option.chars().map(fold_char).filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    if folded.len() > MOST_LETTERS {
        return r"[\s\S]+".to_owned();
    }
    folded.iter().map(|c| letter(*c)).collect::<Vec<_>>().join(r"[\s\u0085]*")
}

/// All characters that are folded to this one.
fn letter(c: char) -> String {
    let upper = c.to_uppercase().next().filter(|upper| *upper != c && upper.to_lowercase().eq([c]));
    let mut all: Vec<char> = std::iter::once(c).chain(upper).collect();
    let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c.is_ascii_graphic());
    all.extend(all.clone().into_iter().filter_map(wide));
    all.extend("、【】−×÷".chars().filter(|other| fold_char(*other) == c));
    let escaped = |c: &char| if r"\.*+?()[]{}|/^$-".contains(*c) { format!("\\{c}") } else { c.to_string() };
    match all.as_slice() {
        [only] if !only.is_ascii_punctuation() => only.to_string(),
        all => format!("[{}]", all.iter().map(escaped).collect::<String>()),
    }
}

/// That a field is required where its condition holds, for conditions that a schema can say.
fn required_when(form: &Form, field: &Field) -> Option<Value> {
    let holds = holds(form, field.when.as_ref()?, true)?;
    let name = field.name.it.as_str();
    Some(json!({
        "if": holds,
        "then": { "required": [name], "properties": { name: { "not": { "$ref": "#/$defs/empty" } } } }
    }))
}

/// A schema of submissions for which a condition surely holds, or surely does not; of how a program should write them.
fn holds(form: &Form, expr: &Expr, yes: bool) -> Option<Value> {
    let of = |at: FieldIx, what: Value| {
        let field = form.fields.get(at.0).filter(|field| field.is_asked() && field.details.attach.is_none())?;
        let name = field.name.it.as_str();
        // Of what may itself not be asked the condition may be unknown.
        field.when.is_none().then(|| json!({ "required": [name], "properties": { name: what } }))
    };
    match &expr.node {
        Node::Field(at) => of(*at, if yes { json!({ "enum": [true, "是"] }) } else { json!({ "enum": [false, "否"] }) }),
        Node::Not(inner) => holds(form, inner, !yes),
        Node::All(list) | Node::Any(list) => {
            let said: Vec<Option<Value>> = list.iter().map(|item| holds(form, item, yes)).collect();
            if matches!(expr.node, Node::All(_)) == yes {
                Some(json!({ "allOf": said.into_iter().collect::<Option<Vec<_>>>()? }))
            } else {
                let any: Vec<Value> = said.into_iter().flatten().collect();
                (!any.is_empty()).then(|| json!({ "anyOf": any }))
            }
        }
        Node::In(what, list) => {
            let Node::Field(at) = what.node else { return None };
            let words = list.iter().map(|item| if let Node::Word(word) = &item.node { Some(word.as_str()) } else { None });
            of(at, words_of(form, at, &words.collect::<Option<Vec<_>>>()?, yes)?)
        }
        Node::Compare(op, a, b) => {
            let Node::Field(at) = a.node else { return None };
            match (&b.node, op) {
                (Node::Word(word), CompareOp::Eq) => of(at, words_of(form, at, &[word.as_str()], yes)?),
                (Node::Word(word), CompareOp::Ne) => of(at, words_of(form, at, &[word.as_str()], !yes)?),
                (Node::Number(number), _) if a.ty.unit() == b.ty.unit() || b.ty.unit().is_none() => {
                    let bound = literal(&form.fields.get(at.0)?.as_filled_in(number))?;
                    let mut what = Map::from_iter([("type".to_owned(), json!("number"))]);
                    let key = match if yes { *op } else { op.opposite() } {
                        CompareOp::Lt => "exclusiveMaximum",
                        CompareOp::Le => "maximum",
                        CompareOp::Gt => "exclusiveMinimum",
                        CompareOp::Ge => "minimum",
                        CompareOp::Eq => "const",
                        CompareOp::Ne => return None,
                    };
                    what.insert(key.to_owned(), bound);
                    of(at, Value::Object(what))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// That a choice is one of these options, or one of the others.
fn words_of(form: &Form, at: FieldIx, words: &[&str], among: bool) -> Option<Value> {
    match (form.fields.get(at.0)?.ty(), among) {
        (Type::Choice(options), _) => {
            let kept: Vec<&str> = options.iter().map(Name::as_str).filter(|option| words.contains(option) == among).collect();
            Some(json!({ "enum": kept }))
        }
        (_, true) => Some(json!({ "enum": words })),
        _ => None,
    }
}
