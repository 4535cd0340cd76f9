//! One line a finding (简洁格式): `PATH:LINE:COLUMN: CODE message`, as editors and `grep` like it.

use super::Places;
use crate::diag::{Diagnostics, Lang};
use crate::text::Texts;

/// All of `found`, a line each; columns count characters. A finding about no file has no place in front.
pub fn concise(texts: &Texts, found: &Diagnostics, lang: Lang) -> String {
    let places = Places::new(texts);
    let mut out = String::new();
    for what in found {
        if let Some(spot) = places.of(what) {
            out.push_str(&spot.file);
            if let Some(cell) = &spot.cell {
                out.push_str(&format!(":{cell}"));
            } else if spot.line_known {
                out.push_str(&format!(":{}", spot.start.line));
            }
            if spot.column_known && spot.cell.is_none() {
                out.push_str(&format!(":{}", spot.start.column));
            }
            out.push_str(": ");
        }
        let headline = what.headline(lang).replace(['\n', '\r'], " ");
        out.push_str(&format!("{} {}\n", what.code(), super::told::printable(&headline)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::examples::rubric;
    use super::*;

    #[test]
    fn a_line_each_with_columns_in_characters() {
        let (texts, found) = rubric();
        let lines = concise(&texts, &found, Lang::En);
        let message = "cannot compare a value in `平方米/生` with a target in `平方米`";
        let expected = format!(
            "rules/资源配置.heng:3:11: H0301 {message}\nforms/a,b.heng:2:3: H0207 {message}\n\
             data/学校 2024.csv:12:5: H0604 {message}\n"
        );
        assert_eq!(lines, expected);
    }
}
