//! The text that a layer names (继承的文件): inside the region's folder or the built-in library, nowhere else.
//!
//! Nothing is read here: a path picks one of the texts that are read already, so it cannot lead out of the folder. What it says here is why.

use super::mistakes;
use crate::diag::Mistake;
use crate::text::{At, TextId, Texts};

/// The text of a path that is written in another text.
pub(super) fn text(texts: &Texts, written: &At<String>) -> Result<TextId, Box<Mistake>> {
    let refuse = |zh: &str, en: &str| Err(Box::new(mistakes::refused(written, zh, en)));
    let path = written.it.as_str();
    if path.starts_with(['/', '\\', '~']) || path.contains([':', '\\']) {
        return refuse("是绝对路径，或不是以 `/` 分隔的路径", "the path is absolute, or not separated by `/`");
    }
    let own = texts.get(written.span.text).map(|text| text.path.to_string()).unwrap_or_default();
    let library = path.starts_with("national/");
    let mut parts: Vec<&str> = own.split('/').filter(|_| !library).collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_some() => {}
            ".." => return refuse("路径在本地区的文件夹之外", "the path leads out of the region's folder"),
            name => parts.push(name),
        }
    }
    let wanted = parts.join("/");
    match texts.iter().find(|text| *text.path == *wanted || text.path.trim_start_matches("./") == wanted) {
        Some(text) => Ok(text.id),
        None => refuse(
            &format!("没有读到 `{wanted}` (符号链接不读)"),
            &format!("no text `{wanted}` was read (symbolic links are not followed)"),
        ),
    }
}
