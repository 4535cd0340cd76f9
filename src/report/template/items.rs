//! Cells that hold a list (多选与附件): options chosen, or names of files, parted as people part them.
//!
//! Not here: other cells (`shown`).

use super::formula::text;
use super::shown::{codes, options};
use crate::model::Field;
use crate::text::Name;

/// The formula of the items of a list, each between two marks: `、食堂、、操场、`; without blanks, in small letters.
fn items(cell: &str) -> String {
    let mut items = format!("LOWER({cell}&\"\")");
    for blank in [" ", "\u{3000}"] {
        items = format!("SUBSTITUTE({items},\"{blank}\",\"\")");
    }
    // Several marks are as good as one.
    for mark in ["CHAR(10)", "CHAR(13)", "\"、\"", "\"，\"", "\",\"", "\"；\"", "\";\"", "\"|\""] {
        items = format!("SUBSTITUTE({items},{mark},\" \")");
    }
    format!("\"、\"&SUBSTITUTE(TRIM({items}),\" \",\"、、\")&\"、\"")
}

/// How many items there are.
fn many(items: &str) -> String {
    format!("(LEN({items})-LEN(SUBSTITUTE({items},\"、\",\"\")))/2")
}

/// The formula of the options chosen, as [`items`]; an error where one is none of the options, or of their codes.
pub(super) fn several(cell: &str, list: &str, codes: Option<&str>) -> String {
    let items = items(cell);
    let found = |list: &str| {
        let item = format!("\"、\"&LOWER(SUBSTITUTE({list},\" \",\"\"))&\"、\"");
        format!("SUMPRODUCT(({list}<>\"\")*(LEN({items})-LEN(SUBSTITUTE({items},{item},\"\")))/LEN({item}))")
    };
    let all = match codes {
        Some(codes) => format!("{}+{}", found(list), found(codes)),
        None => found(list),
    };
    format!("IF(OR({items}=\"、无、\",ROUND({all}-{},0)=0),{items},NA())", many(&items))
}

/// Whether an option is among those chosen, 4 or 1, from the value of the choices.
pub(super) fn chosen(field: &Field, place: usize, value: &str) -> Option<String> {
    let item = |written: &str| {
        let written: String = written.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        format!("ISNUMBER(FIND({},{value}))", text(&format!("、{written}、")))
    };
    let option = options(field)?.get(place)?.clone();
    let code = codes(field).and_then(|codes| codes.get(place).cloned()).filter(|code| !code.is_empty());
    let among: Vec<String> = [Some(option), code].into_iter().flatten().map(|written| item(&written)).collect();
    Some(format!("IF(ISERROR({value}),NA(),IF(OR({}),4,1))", among.join(",")))
}

/// The formula of how many files are named; an error where they are too many or of another kind.
pub(super) fn files(field: &Field, cell: &str) -> String {
    let attach = field.details.attach.clone().unwrap_or_default();
    let items = items(cell);
    let many = many(&items);
    let mut holds = vec![format!("{many}>0")];
    holds.extend(attach.files.map(|files| format!("{many}<={files}")));
    if !attach.accept.is_empty() {
        let ending = |ending: &Name| {
            let ending = format!(".{ending}、");
            format!("(LEN({items})-LEN(SUBSTITUTE({items},{},\"\")))/{}", text(&ending), ending.chars().count())
        };
        let of_kind: Vec<String> = attach.accept.iter().map(ending).collect();
        holds.push(format!("ROUND({}-{many},0)=0", of_kind.join("+")));
    }
    format!("IF(AND({}),{many},NA())", holds.join(","))
}
