//! From submissions to units of evaluation (评价单元), and what is told of those that have no part.
//!
//! Not here: which parts a submission has (`eval::split`).

use super::MOST_FINDINGS;
use super::findings::{Finding, What};
use super::intake::Counts;
use crate::diag::{Diagnostics, Origin};
use crate::eval::{Table, Units, units};
use crate::model::{Form, Rules};
use crate::text::Texts;
use std::sync::Arc;

/// The units of `form` that submissions split into, with what was found in the data so far.
///
/// A submission without any part is refused (H0616); of a form that does not split all stays as it is.
pub fn split(
    rules: &Rules,
    texts: &Texts,
    form: &Form,
    (submissions, mut found, mut counts): (Table, Diagnostics, Counts),
) -> (Table, Diagnostics, Counts) {
    let Units { table, without } = units(rules, form, submissions);
    let Some((split, base)) = form.split.as_ref().and_then(|split| Some((split, rules.forms.get(split.of)?))) else {
        return (table, found, counts);
    };
    counts.kept = counts.kept.saturating_sub(without.len());
    counts.refused += without.len();
    let conditions: Arc<[String]> = split.parts.iter().map(|part| texts.slice(part.when.span).to_owned()).collect();
    let most = MOST_FINDINGS.saturating_sub(found.errors());
    counts.untold += without.len().saturating_sub(most);
    for (key, from) in without.into_iter().take(most) {
        let file = table.files.get(from.file as usize).cloned().unwrap_or_default();
        let at = Origin { line: from.line as usize, ..Origin::file(file) };
        let what = What::NoPart { subject: base.subject.clone(), key, unit: form.subject.clone(), conditions: conditions.clone() };
        found.push(Finding { at, what });
    }
    (table, found, counts)
}
