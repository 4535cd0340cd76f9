//! JSON data (.json, .jsonl): from text to records of named values.
//!
//! A number keeps the digits it was written with. A file is read twice: first for its syntax and the names it uses, then row by
//! row, so that no more than one record is in memory as JSON.
//! Not here: what the names and values mean (`intake`).

use crate::diag::Lang;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// One record.
#[derive(Debug)]
pub(super) enum JsonRow {
    /// `{ "学校代码": "3501", … }`, in the order written.
    Object(Vec<(String, Value)>),
    /// Anything else.
    Other,
}

/// Where and why JSON cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonSlip {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Syntax(String),
    /// Well-formed, but neither `[…]` nor `{"rows": […]}`.
    Shape,
}

/// Gives each record of a .json file to `take`, with its number from 1.
///
/// # Errors
/// The first place at which it is no JSON, or not of a shape that holds records.
pub(super) fn each_record(text: &str, take: &mut dyn FnMut(usize, JsonRow)) -> Result<(), JsonSlip> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut shaped = true;
    let read = reader.deserialize_any(Document { take, shaped: &mut shaped });
    match read.and_then(|()| reader.end()) {
        Ok(()) => Ok(()),
        Err(_) if !shaped => Err(JsonSlip { line: 1, column: 1, why: Why::Shape }),
        Err(error) => Err(slip(text, &error)),
    }
}

/// The record on one line of a .jsonl file.
pub(super) fn record(line: &str) -> Result<JsonRow, JsonSlip> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let row = Record.deserialize(&mut reader).and_then(|row| reader.end().map(|()| row));
    row.map_err(|error| slip(line, &error))
}

fn slip(text: &str, error: &serde_json::Error) -> JsonSlip {
    // serde_json counts bytes.
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or("");
    let before = line.as_bytes().get(..error.column().saturating_sub(1)).unwrap_or(line.as_bytes());
    let column = String::from_utf8_lossy(before).chars().count() + 1;
    let told = error.to_string();
    let why = told.rsplit_once(" at line ").map_or(told.as_str(), |(why, _)| why);
    JsonSlip { line: error.line().max(1), column, why: Why::Syntax(why.to_owned()) }
}

/// The whole of a .json file.
struct Document<'t> {
    take: &'t mut dyn FnMut(usize, JsonRow),
    shaped: &'t mut bool,
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(row) = rows.next_element_seed(Record)? {
            number += 1;
            (self.take)(number, row);
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut rows_seen = false;
        while let Some(name) = members.next_key::<String>()? {
            if name == "rows" && !rows_seen {
                rows_seen = true;
                members.next_value_seed(Rows(self.take, self.shaped))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        if rows_seen {
            return Ok(());
        }
        *self.shaped = false;
        Err(A::Error::custom("no rows"))
    }
    // Every other value is JSON without records; which error is made of it does not matter.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        *self.shaped = false;
        Err(E::custom("no rows"))
    }
    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.visit_unit()
    }
}

/// The value of `"rows"`.
struct Rows<'t>(&'t mut dyn FnMut(usize, JsonRow), &'t mut bool);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(Document { take: self.0, shaped: self.1 })
    }
}

/// One record.
struct Record;

impl<'de> DeserializeSeed<'de> for Record {
    type Value = JsonRow;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<JsonRow, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Record {
    type Value = JsonRow;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JsonRow, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = members.next_entry::<String, Value>()? {
            pairs.push(pair);
        }
        // A number beyond 64 bits comes as a map with one private name, since it keeps its digits.
        let number = matches!(pairs.as_slice(), [(name, _)] if name.starts_with("$serde_json::private"));
        Ok(if number { JsonRow::Other } else { JsonRow::Object(pairs) })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JsonRow, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(JsonRow::Other)
    }
    fn visit_unit<E>(self) -> Result<JsonRow, E> {
        Ok(JsonRow::Other)
    }
    fn visit_bool<E>(self, _: bool) -> Result<JsonRow, E> {
        Ok(JsonRow::Other)
    }
    fn visit_str<E>(self, _: &str) -> Result<JsonRow, E> {
        Ok(JsonRow::Other)
    }
    fn visit_u64<E>(self, _: u64) -> Result<JsonRow, E> {
        Ok(JsonRow::Other)
    }
    fn visit_i64<E>(self, _: i64) -> Result<JsonRow, E> {
        Ok(JsonRow::Other)
    }
    fn visit_f64<E>(self, _: f64) -> Result<JsonRow, E> {
        Ok(JsonRow::Other)
    }
}

impl JsonSlip {
    pub(super) fn headline(&self, lang: Lang) -> String {
        let (line, column) = (self.line, self.column);
        match &self.why {
            Why::Shape => lang.say("JSON 里没有一行一行的数据", "the JSON holds no rows"),
            Why::Syntax(why) => lang.say(
                format!("第 {line} 行第 {column} 个字符处不是 JSON: {}", chinese(why)),
                format!("no JSON at line {line}, character {column}: {why}"),
            ),
        }
    }

    pub(super) fn help(&self, lang: Lang) -> Option<String> {
        (self.why == Why::Shape).then(|| {
            lang.say("写成 `[{\"填报项\": 值, …}, …]` 或 `{\"rows\": […]}`", "write `[{\"field\": value, …}, …]` or `{\"rows\": […]}`")
        })
    }
}

/// What serde_json says, in Chinese.
fn chinese(why: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("EOF while parsing a string", "文字没有用引号结束"),
        ("EOF while parsing a list", "文件到此为止，缺 `]`"),
        ("EOF while parsing an object", "文件到此为止，缺 `}`"),
        ("EOF while parsing", "文件到此为止，后面缺内容"),
        ("expected `:`", "应当是 `:`"),
        ("expected `,` or `]`", "应当是 `,` 或 `]`"),
        ("expected `,` or `}`", "应当是 `,` 或 `}`"),
        ("expected value", "应当是一个值"),
        ("expected ident", "应当是 true、false 或 null"),
        ("key must be a string", "名称要用双引号"),
        ("trailing comma", "最后一项后面多了逗号"),
        ("trailing characters", "结束以后还有内容"),
        ("control character", "文字里有换行等控制字符"),
        ("invalid escape", "`\\` 后面的写法不对"),
        ("invalid number", "数的写法不对"),
        ("number out of range", "数太大"),
        ("recursion limit", "嵌套太深"),
        ("lone leading surrogate", "`\\u` 后面的写法不对"),
        ("invalid type", "`rows` 应当是 `[…]`"),
    ];
    WORDS.iter().find(|(english, _)| why.starts_with(english)).map_or(why, |(_, chinese)| chinese)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<(usize, JsonRow)>, JsonSlip> {
        let mut rows = Vec::new();
        each_record(text, &mut |number, row| rows.push((number, row))).map(|()| rows)
    }

    #[test]
    fn arrays_and_objects_with_rows_are_read() {
        for text in [r#"[{"面积": 1.10, "甲": null}, 5]"#, r#"{"form": "x", "rows": [{"面积": 1.10, "甲": null}, 5]}"#] {
            let rows = rows(text).unwrap();
            let [(1, JsonRow::Object(pairs)), (2, JsonRow::Other)] = rows.as_slice() else { unreachable!("{rows:?}") };
            assert_eq!(pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(), ["面积=1.10", "甲=null"]);
        }
    }

    #[test]
    fn places_are_counted_in_characters() {
        let slip = rows("[{\"学校\": \"甲\",\n \"面积\": }]").unwrap_err();
        assert_eq!((slip.line, slip.column), (2, 8));
        assert_eq!(slip.headline(Lang::Zh), "第 2 行第 8 个字符处不是 JSON: 应当是一个值");
        for text in ["{}", "3", "null", "\"x\"", "true"] {
            assert_eq!(rows(text).unwrap_err().why, Why::Shape, "{text}");
        }
        assert!(rows("{\"rows\": 5}").is_err());
        assert!(rows(&"[".repeat(100_000)).is_err());
        assert!(record("{\"a\": 1} x").is_err());
    }
}
