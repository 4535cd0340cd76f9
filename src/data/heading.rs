//! Which row names the columns (表头): that of the first rows whose cells are most of all names of fields, whatever titles
//! stand above it.
//!
//! A header over two rows, with cells merged down or across, is read as people read it: an empty cell has the name above it,
//! and `小学` over `在校生数` is `小学在校生数` where the form has such a field. Who saves merged cells leaves a text only in the
//! first of them, in a workbook as in CSV, so that it makes no difference which of the two is read.
//! Not here: what is told of a header (`intake`).

use super::cells::{clean, loose};
use crate::model::Form;
use crate::model::xlsform::{is_plain, made_name};
use std::collections::{HashMap, HashSet};

/// So many rows that are not empty are looked at.
pub(super) const MOST_ROWS: usize = 20;

/// What heads a column in every export of ODK (Briefcase, Aggregate, Central) and of KoboToolbox, as names are compared.
const ADDED: [&str; 2] = ["submissiondate", "_uuid"];

/// The names and labels by which a form's fields are found.
#[derive(Debug)]
pub(super) struct Known {
    names: HashMap<String, usize>,
    /// The names of questions that fields have in an XLSForm, and whether they are made for it.
    questions: HashMap<String, bool>,
    /// What says whose a row is, and how many fields are filled in.
    key: usize,
    asked: usize,
}

impl Known {
    /// A field's own name goes before another one's label.
    pub(super) fn of(form: &Form) -> Known {
        let mut known: HashMap<String, usize> = HashMap::new();
        let asked = || form.fields.iter().enumerate().filter(|(_, field)| field.is_asked());
        for (at, label) in asked().filter_map(|(at, field)| Some((at, field.label.as_deref()?))) {
            known.entry(loose(label)).or_insert(at);
        }
        known.extend(asked().map(|(at, field)| (loose(&field.name.it), at)));
        // As ODK and Kobo head what they collected by an XLSForm of the form.
        let mut questions = HashMap::new();
        for (at, field) in asked() {
            let plain = is_plain(&field.name.it);
            let question = if plain { loose(&field.name.it) } else { made_name("q", &field.name.it) };
            known.entry(question.clone()).or_insert(at);
            questions.insert(question, !plain);
        }
        // Rows of a table stand in the place of a cell, or in a file of their own.
        known.extend(form.tables.iter().map(|table| (loose(&table.name.it), usize::MAX)));
        Known { names: known, questions, key: form.key.0, asked: asked().count() }
    }

    /// The field that a header means; also with its unit behind it in brackets, as forms are printed: `面积（平方米）`.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let named = |name: &str| self.names.get(name);
        // Most are written as they are looked for.
        if let Some(found) = named(name) {
            return Some(*found);
        }
        let name = loose(name);
        named(&name).or_else(|| named(without_brackets(&name)?)).or_else(|| named(without_groups(&name)?)).copied()
    }

    /// Whether a header is the name of a question of an XLSForm, which may well be that of the field.
    pub(super) fn is_question(&self, name: &str) -> bool {
        let name = loose(name);
        self.questions.contains_key(without_groups(&name).unwrap_or(&name))
    }

    /// Whether a header shows that ODK or Kobo collected what stands below: a name made for a question, a question in its group, or a
    /// column that they add to every file.
    pub(super) fn shows_xlsform(&self, name: &str) -> bool {
        let name = loose(name);
        let question = without_groups(&name).unwrap_or(&name);
        let of_form = self.questions.get(question).is_some_and(|made| *made || question.len() < name.len());
        of_form || ADDED.contains(&&*name) && !self.names.contains_key(&name)
    }

    /// Whether all cells of a row name fields, the key and most others: then there is nothing to be looked for below.
    pub(super) fn are_all(&self, row: &[String]) -> bool {
        let Some(mut fields) = row.iter().map(|cell| self.find(cell)).collect::<Option<Vec<usize>>>() else { return false };
        fields.sort_unstable();
        fields.dedup();
        fields.len() == row.len() && fields.binary_search(&self.key).is_ok() && fields.len() * 2 > self.asked
    }
}

/// `g_0ff8eb1-q_1a2b3c4` without the groups around a question, as ODK writes them, or with strokes as Kobo does.
fn without_groups(name: &str) -> Option<&str> {
    let (groups, question) = name.rsplit_once(['-', '/'])?;
    groups.split(['-', '/']).all(|group| group.starts_with("g_")).then_some(question)
}

/// `面积(平方米)` and `*面积` without what a printed form adds to the name.
fn without_brackets(name: &str) -> Option<&str> {
    let bare = name.trim_start_matches('*').trim_end_matches('*');
    let bare = bare.strip_suffix(')').and_then(|rest| rest.split_once('(')).map_or(bare, |(before, _)| before);
    (bare.len() < name.len() && !bare.is_empty()).then_some(bare)
}

/// The row that names the columns, and the names; nothing where no row has any.
///
/// * `rows`: the first rows that are not empty.
pub(super) fn heading(known: &Known, rows: &[Vec<String>]) -> Option<(usize, Vec<String>)> {
    // Nothing stands above that could add to it.
    if let Some(first) = rows.first().filter(|first| known.are_all(first)) {
        return Some((0, first.iter().map(|cell| clean(cell).to_owned()).collect()));
    }
    let mut best: Option<(usize, usize, Vec<String>)> = None;
    for (at, row) in rows.iter().enumerate() {
        let names = composed(known, rows, at);
        // What only stands above is the header of another row.
        if !row.iter().zip(&names).any(|(own, name)| !clean(own).is_empty() && known.find(name).is_some()) {
            continue;
        }
        let fields: HashSet<usize> = names.iter().filter_map(|name| known.find(name)).collect();
        if best.as_ref().is_none_or(|(most, ..)| fields.len() > *most) {
            best = Some((fields.len(), at, names));
            if known.are_all(row) {
                break;
            }
        }
    }
    best.map(|(_, at, names)| (at, names))
}

/// The names of a row, with what stands above it where that makes a field of a cell.
fn composed(known: &Known, rows: &[Vec<String>], at: usize) -> Vec<String> {
    let above = rows.get(..at).unwrap_or_default();
    let row = rows.get(at).map_or(&[][..], Vec::as_slice);
    let width = above.iter().map(Vec::len).chain([row.len()]).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| row.get(column).map(|cell| clean(cell).to_owned()).unwrap_or_default();
    let mut names: Vec<String> = (0..width)
        .map(|column| {
            let own = cell(row, column);
            if known.find(&own).is_some() {
                return own;
            }
            if own.is_empty() {
                let over = above.iter().rev().map(|row| cell(row, column)).find(|over| !over.is_empty());
                return over.filter(|over| known.find(over).is_some()).unwrap_or_default();
            }
            // A cell merged across has its text in the first of them.
            let group = above.last().and_then(|row| (0..=column).rev().map(|before| cell(row, before)).find(|group| !group.is_empty()));
            let both = group.map(|group| format!("{group}{own}")).filter(|both| known.find(both).is_some());
            both.unwrap_or(own)
        })
        .collect();
    let filled = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    names.truncate(filled);
    names
}

/// Whether a text stands where a row adds up those above it (合计行).
pub(super) fn is_total(text: &str) -> bool {
    let bare = text.trim_end_matches([':', '：', ' ', '\u{3000}']);
    if !bare.ends_with('计') && !bare.ends_with(['l', 'L']) || bare.len() > 60 {
        return false;
    }
    let bare = loose(bare);
    ["合计", "总计", "小计", "共计"].iter().any(|word| bare.ends_with(word)) || matches!(&*bare, "total" | "subtotal" | "grandtotal")
}

#[cfg(test)]
mod tests {
    use super::super::intake::sample::{field, form};
    use super::*;
    use crate::model::{FieldType, Unit};

    fn found(rows: &[&str]) -> Option<(usize, String)> {
        let number = |name| field(name, FieldType::Integer(Unit::one()));
        let form = form(vec![field("学校代码", FieldType::Text), number("小学在校生数"), number("初中在校生数"), number("面积")]);
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.split(',').map(str::to_owned).collect()).collect();
        heading(&Known::of(&form), &rows).map(|(at, names)| (at, names.join(",")))
    }

    #[test]
    fn titles_and_merged_cells_stand_above() {
        let plain = Some((0, "学校代码,面积".to_owned()));
        assert_eq!(found(&["学校代码,面积", "A1,3"]), plain);
        assert_eq!(
            found(&["某县学校基本情况", "填报单位:某县教育局", "面积（平方米）,*学校代码", "3,A1"]),
            Some((2, "面积（平方米）,*学校代码".into()))
        );
        let merged = ["某县", "学校代码,小学,,初中,面积", ",在校生数,备注,在校生数,", "A1,5,,6,3"];
        assert_eq!(found(&merged), Some((2, "学校代码,小学在校生数,备注,初中在校生数,面积".into())));
        assert_eq!(found(&["甲,乙", "1,2"]), None);
        // A value that is called like a field is no header.
        assert_eq!(found(&["学校代码,面积", "面积,3"]), plain);
    }

    #[test]
    fn totals_are_told_from_schools() {
        for text in ["合计", "合 计", "总计：", "全县合计", "　小计", "Total"] {
            assert!(is_total(text), "{text}");
        }
        for text in ["会计学校", "某县会计", "", "合计小学", "实验小学", "school"] {
            assert!(!is_total(text), "{text}");
        }
    }
}
