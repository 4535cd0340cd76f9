//! Types of rows.

/// What a row is, by its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Begin,
    BeginRepeat,
    End,
    /// A question of a list.
    Select(String, bool),
    /// What the client writes down by itself.
    Recorded,
    /// Any other, by its name.
    Other(String),
}

pub(super) fn kind(text: &str) -> Kind {
    let words: Vec<String> = text.split([' ', '\t', '\u{A0}']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let small: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let small: Vec<&str> = small.iter().map(String::as_str).collect();
    let list = |at: usize| words.get(at).map(|list| (*list).to_owned()).unwrap_or_default();
    match small.as_slice() {
        ["begin_group"] | ["begin", "group"] => Kind::Begin,
        ["begin_repeat"] | ["begin", "repeat"] => Kind::BeginRepeat,
        ["end_group" | "end_repeat"] | ["end", "group" | "repeat"] => Kind::End,
        ["select_one", _, ..] => Kind::Select(list(1), false),
        ["select", "one", _, ..] => Kind::Select(list(if small.get(2) == Some(&"from") { 3 } else { 2 }), false),
        ["select_multiple", _, ..] => Kind::Select(list(1), true),
        ["select", "multiple", _, ..] => Kind::Select(list(if small.get(2) == Some(&"from") { 3 } else { 2 }), true),
        ["start" | "end" | "today" | "deviceid" | "subscriberid" | "simserial" | "phonenumber" | "username" | "email" | "audit"] => {
            Kind::Recorded
        }
        ["int"] => Kind::Other("integer".to_owned()),
        ["string"] => Kind::Other("text".to_owned()),
        ["trigger"] => Kind::Other("acknowledge".to_owned()),
        ["photo"] => Kind::Other("image".to_owned()),
        _ => Kind::Other(small.join("_")),
    }
}
