//! The JSON Schema against the reader: it refuses nothing that is read without a word.

use crate::forms::{Random, made_up, shipped};
use crate::{python, run};
use heng::Lang;
use heng::model::{FieldType, Form};
use heng::report::schema;
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// Whether a value is valid, by the keywords that the schemas use; written from the specification.
fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return schema.as_bool().unwrap() };
    schema.iter().all(|(keyword, given)| match keyword.as_str() {
        "$schema" | "title" | "description" | "$defs" | "format" | "then" => true,
        "$ref" => {
            let path = given.as_str().unwrap().strip_prefix('#').unwrap();
            is_valid(root, root.pointer(path).unwrap(), value)
        }
        "type" => match given {
            Value::Array(types) => types.iter().any(|it| has_type(value, it.as_str().unwrap())),
            one => has_type(value, one.as_str().unwrap()),
        },
        "enum" => given.as_array().unwrap().iter().any(|it| same(it, value)),
        "const" => same(given, value),
        "minimum" => number(value).is_none_or(|value| value >= number(given).unwrap()),
        "maximum" => number(value).is_none_or(|value| value <= number(given).unwrap()),
        "exclusiveMinimum" => number(value).is_none_or(|value| value > number(given).unwrap()),
        "exclusiveMaximum" => number(value).is_none_or(|value| value < number(given).unwrap()),
        "pattern" => value.as_str().is_none_or(|text| matches(given.as_str().unwrap(), text)),
        "anyOf" => given.as_array().unwrap().iter().any(|one| is_valid(root, one, value)),
        "allOf" => given.as_array().unwrap().iter().all(|one| is_valid(root, one, value)),
        "not" => !is_valid(root, given, value),
        "if" => !is_valid(root, given, value) || is_valid(root, &schema["then"], value),
        "required" => {
            value.as_object().is_none_or(|it| given.as_array().unwrap().iter().all(|name| it.contains_key(name.as_str().unwrap())))
        }
        "properties" => {
            value.as_object().is_none_or(|it| it.iter().all(|(name, value)| given.get(name).is_none_or(|of| is_valid(root, of, value))))
        }
        "additionalProperties" => value.as_object().is_none_or(|it| it.keys().all(|name| schema["properties"].get(name).is_some())),
        "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= given.as_u64().unwrap()),
        "items" => value.as_array().is_none_or(|list| list.iter().all(|item| is_valid(root, given, item))),
        other => unreachable!("{other}"),
    })
}

/// Whether a pattern of ECMAScript is found in a text.
fn matches(pattern: &str, text: &str) -> bool {
    thread_local!(static KNOWN: RefCell<HashMap<String, Regex>> = RefCell::default());
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(pattern) {
            // There, blanks are those of Unicode.
            let blanks = pattern.replace(r"\s", r" \t\n\r\x0B\x0C\u00A0\u3000\u2000-\u200A\u2028\u2029");
            known.insert(pattern.to_owned(), Regex::new(&blanks).unwrap());
        }
        known[pattern].is_match(text)
    })
}

fn number(value: &Value) -> Option<f64> {
    value.as_number().map(|number| number.to_string().parse().unwrap())
}

fn same(a: &Value, b: &Value) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.partial_cmp(&b) == Some(Ordering::Equal),
        _ => a == b,
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => number(value).is_some_and(|it| it.fract() == 0.0),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => unreachable!("{other}"),
    }
}

/// Something that may stand in a field: often right, in any spelling, sometimes wrong.
fn written(field: &FieldType, random: &mut Random) -> Value {
    let texts = match field {
        _ if random.below(12) == 0 => ["", " ", "不详", "=\"\"", "\u{3000}"].map(str::to_owned).to_vec(),
        FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_) => {
            let few = random.below(12);
            let texts = [
                "7",
                "7.0",
                "+7",
                " 8 ",
                "１２",
                "1,234",
                "1，234",
                "0.25",
                "1.5e1",
                "9%",
                "９０％",
                "=\"5\"",
                "−3",
                "-3",
                "3.14159",
                "x",
                "12人",
            ];
            texts.map(str::to_owned).into_iter().chain([few.to_string(), (few * few * 991).to_string()]).collect()
        }
        FieldType::Date => {
            ["2020-01-05", "2020/1/5", "2020年1月5日", "20200105", "43835", "二〇二〇年一月五日", "2020-13-01", "昨天", "２０２０．１．５"]
                .map(str::to_owned)
                .to_vec()
        }
        FieldType::YesNo => ["是", "否", " 有", "YES", "no", "Ｙ", "true", "1", "0", "2", "maybe", "=\"是\""].map(str::to_owned).to_vec(),
        FieldType::Choice(options) => {
            let option = options[random.below(options.len())].to_string();
            let wide: String =
                option.chars().map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c }).collect();
            let apart: String = option.chars().map(|c| format!("{c} ")).collect();
            vec![
                option.clone(),
                option.clone(),
                wide,
                apart,
                option.to_uppercase(),
                format!("=\"{option}\""),
                format!("{option}x"),
                "别的".into(),
            ]
        }
        FieldType::Text => ["甲校", "3501", "A123", "1234", "１２３４", " A1234 ", "0123456789", "=\"0012345678\"", "350102", "abc"]
            .map(str::to_owned)
            .to_vec(),
    };
    let text = &texts[random.below(texts.len())];
    match (random.below(3), text.as_str()) {
        (0, "true") => json!(true),
        (0, "false" | "no") => json!(false),
        (0, "") => Value::Null,
        (0, text) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => serde_json::from_str(text).unwrap_or(json!(text)),
        (_, text) => json!(text),
    }
}

fn record(form: &Form, number: usize, random: &mut Random) -> Value {
    let careful = random.below(2) == 0;
    let mut record = Map::new();
    for (at, field) in form.fields.iter().enumerate() {
        let key = form.key.0 == at;
        if !field.is_asked() || !key && random.below(15) == 0 {
            continue;
        }
        let reader = heng::data::CellReader::new(field, key);
        let mut value = written(&field.kind, random);
        if key {
            let keys =
                [format!("{number:04}"), format!("{number:010}"), format!("{number:06}"), format!("{number:05}"), format!("k{number}")];
            value = keys.into_iter().find(|text| reader.read(text).is_ok()).map_or(json!("x"), Value::String);
        }
        let text =
            |value: &Value| value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned);
        // Of a record that is written with care most is taken.
        for _ in 0..30 {
            if !careful || matches!(reader.read(&text(&value)), Ok(Some(_))) {
                break;
            }
            value = written(&field.kind, random);
        }
        record.insert(field.name.it.to_string(), value);
    }
    if random.below(20) == 0 {
        record.insert("没有的项".into(), json!(1));
    }
    // Rows of tables stand in the record of their submission.
    for table in &form.tables {
        let row = |random: &mut Random| {
            let columns = table.rows.fields.iter().skip(2).filter(|field| field.is_asked());
            let cells = columns.map(|field| (field.name.it.to_string(), written(&field.kind, random)));
            Value::Object(cells.collect())
        };
        let rows = (0..random.below(3)).map(|_| row(random)).collect();
        record.insert(table.name.it.to_string(), Value::Array(rows));
    }
    Value::Object(record)
}

#[test]
fn what_is_read_without_a_word_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let mut tried = shipped();
    tried.extend((1..=4).map(made_up));
    let (mut valid, mut refused, mut untold) = (0, 0, 0);
    for (number, tried) in tried.iter().enumerate() {
        let form = tried.form();
        let schema = schema(form, tried.engine.texts(), Lang::Zh);
        let random = &mut Random(number as u64 + 3);
        let records: Vec<Value> = (0..50).map(|at| record(form, at, random)).collect();
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        let data = folder.path().join(format!("{number}.jsonl"));
        std::fs::write(&data, lines.join("\n")).unwrap();
        let options = heng::data::Options { texts: Some(tried.engine.texts()), ..Default::default() };
        let (_, found, counts) = heng::data::read(form, std::slice::from_ref(&data), &options);
        assert_eq!((counts.read, counts.untold), (records.len(), 0), "{}", form.name.it);
        let told: HashSet<usize> = found.iter().filter_map(|what| Some(what.origin()?.line)).collect();
        let verdicts: Vec<bool> = records.iter().map(|record| is_valid(&schema, &schema, record)).collect();
        for (at, (record, is_valid)) in records.iter().zip(&verdicts).enumerate() {
            let names = record.as_object().unwrap().keys().all(|name| form.field(name).is_some() || form.table(name).is_some());
            assert!(*is_valid || told.contains(&(at + 1)) || !names, "{}: {record} is read without a word", form.name.it);
            valid += usize::from(*is_valid);
            refused += usize::from(!is_valid);
            untold += usize::from(!told.contains(&(at + 1)));
        }
        assert!(is_valid(&schema, &schema["$defs"]["list"], &Value::Array(Vec::new())));
        let files = [("schema", schema.to_string()), ("verdicts", json!(verdicts).to_string())];
        files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(format!("{number}.{name}.json")), text).unwrap());
    }
    assert!(valid > 50 && refused > 200 && untold > 20, "{valid} valid, {refused} refused, {untold} read without a word");
    // Another validator agrees, and finds that they are schemas.
    if let Some(python) = python("jsonschema") {
        let said = run(python, "judge_records.py", folder.path());
        assert_eq!(said.trim(), format!("{} agree", valid + refused));
    }
}

#[test]
fn what_is_wrong_with_a_field_is_refused() {
    let source = r#"form 表 {
      subject 校 by 代码
      代码: text required { pattern "\d{4}" }
      人数: integer 0..9 required
      比例: percent(1) 0%..100%
      住宿: yes/no
      床位: integer 0.. required when 住宿 and 人数 > 2
      类: choice { "甲 类", b } required when not 住宿
      日: date
      check 床位 >= 人数 : "床位不够"
    }"#;
    let engine = heng::Engine::from_text("表.heng", source);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let schema = schema(&engine.rules().forms[0], engine.texts(), Lang::Zh);
    let valid = |more: Value| {
        let mut record = json!({ "代码": "0001", "人数": 3 });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        is_valid(&schema, &schema, &record)
    };
    for right in [
        json!({}),
        json!({ "比例": 100, "日": "2024-09-01", "类": "甲类" }),
        json!({ "比例": "95.5%", "住宿": "是", "床位": " １２ ", "类": "Ｂ", "日": 45536 }),
        json!({ "住宿": true, "床位": 5, "人数": 5.0 }),
        json!({ "住宿": true, "人数": 2, "床位": null }),
        json!({ "住宿": false, "类": " 甲 类 ", "代码": 1234 }),
    ] {
        assert!(valid(right.clone()), "{right}");
    }
    for wrong in [
        json!({ "代码": "001" }),
        json!({ "代码": null }),
        json!({ "人数": 10 }),
        json!({ "人数": 2.5 }),
        json!({ "人数": "" }),
        json!({ "人数": "三" }),
        json!({ "人数": [3] }),
        json!({ "比例": 101 }),
        json!({ "住宿": "也许" }),
        json!({ "住宿": true }),
        json!({ "住宿": "是", "床位": "" }),
        json!({ "住宿": false }),
        json!({ "类": "丙" }),
        json!({ "日": true }),
        json!({ "人口": 3 }),
    ] {
        assert!(!valid(wrong.clone()), "{wrong}");
    }
    assert_eq!(schema["properties"]["比例"]["anyOf"][0], json!({ "type": "number", "minimum": 0, "maximum": 100 }));
    assert!(schema["description"].as_str().unwrap().contains("床位 >= 人数 (床位不够)"));
    assert!(schema["properties"]["床位"]["description"].as_str().unwrap().contains("住宿 and 人数 > 2"));
}
