//! Units of evaluation (评价单元): a submission split into the parts that are judged apart (拆分).
//!
//! A unit has all cells of its submission, and says which part it is; what is shared is computed of these by the plan.

use super::column::Value;
use super::form::conditions;
use super::gap::Gap;
use super::table::{RowOrigin, Table};
use crate::model::{FieldIx, Form, Rules};
use crate::text::Name;

/// What stands between the key of a subject and the name of its part.
const JOINT: char = '-';

/// Units of evaluation, and what none could be made of.
#[derive(Clone, Debug)]
pub struct Units {
    /// The units, with the keys of submissions of which only parts are there that are not evaluated.
    pub table: Table,
    /// Submissions without any part: nobody judges them. Their keys, and where they came from.
    pub without: Vec<(Name, RowOrigin)>,
}

/// The units that submissions split into, each with the cells of its submission; the submissions themselves, of a form
/// that does not split.
///
/// A submission with one part only is one unit under its own key. One of which it is not known whether it has a part has
/// it, so that what is missing is told.
pub fn units(rules: &Rules, form: &Form, submissions: Table) -> Units {
    let Some((split, base)) = form.split.as_ref().and_then(|split| Some((split, rules.forms.get(split.of)?))) else {
        return Units { table: submissions, without: Vec::new() };
    };
    let mut without = Vec::new();
    let whens: Vec<_> = split.parts.iter().map(|part| &part.when).collect();
    let there = conditions(base, &submissions, &whens);
    let kept: Vec<bool> = (0..form.fields.len()).map(|at| at == base.fields.len() || submissions.keeps(FieldIx(at))).collect();
    let mut units = Table::new(form, Some(&kept)).with_texts_of(&submissions);
    units.files.clone_from(&submissions.files);
    units.beside_of(&submissions);
    for row in 0..submissions.len() {
        let has = |at: usize| match there.get(at).and_then(|cells| cells.get(row)) {
            Some(Ok(there)) => *there,
            Some(Err(Gap::NotApplicable(_))) | None => false,
            Some(Err(_)) => true,
        };
        let parts: Vec<usize> = (0..split.parts.len()).filter(|at| has(*at)).collect();
        let key = submissions.key(row);
        let origin = submissions.origin(row).unwrap_or_default();
        if parts.is_empty() {
            without.push((Name::from(key), origin));
        } else if !parts.iter().filter_map(|at| split.parts.get(*at)).any(|part| part.evaluated) {
            units.unjudged.push(Name::from(key));
        }
        for part in parts.iter().filter_map(|at| split.parts.get(*at)).filter(|part| part.evaluated) {
            let own = if parts.len() == 1 { key.to_owned() } else { format!("{key}{JOINT}{}", part.name) };
            units.push_copy(&own, &submissions, row, Ok(Value::Word(part.name.clone())));
        }
    }
    Units { table: units, without }
}
