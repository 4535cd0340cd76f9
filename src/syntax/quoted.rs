//! Names and texts as they stand in a rule text (加引号), for what writes rule texts.

/// Words that an expression, or what stands behind a field, would take for something else.
const RESERVED: [&str; 28] = [
    "and", "or", "not", "in", "if", "then", "else", "yes", "no", "where", "when", "has", "until", "required", "且", "或", "非", "属于",
    "若", "则", "否则", "是", "否", "当", "含", "折合", "至", "必填",
];

/// A name, between backticks where it needs them.
pub fn quoted_name(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let plain = first && chars.all(|c| c.is_alphanumeric() || c == '_') && !RESERVED.contains(&name);
    // A backtick cannot stand in a name.
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "'").replace(['\n', '\r'], " ")) }
}

/// A text between quotes.
pub fn quoted_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "").replace('\n', "\\n"))
}

/// An option of a choice: a name, or a text where it is none.
pub fn quoted_option(option: &str) -> String {
    let name = quoted_name(option);
    if name.starts_with('`') { quoted_text(option) } else { name }
}
