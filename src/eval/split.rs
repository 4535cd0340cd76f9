//! Units of evaluation (评价单元): a submission split into the parts that are judged apart (拆分).
//!
//! A unit has all cells of its submission, and says which part it is; what is shared is computed of these by the plan.

use super::column::Value;
use super::form::conditions;
use super::gap::Gap;
use super::table::Table;
use crate::model::{FieldIx, Form, Rules};
use crate::text::Name;

/// What stands between the key of a subject and the name of its part.
const JOINT: char = '-';

/// The key of the submission that a row is, or is a part of.
pub fn submission_key(form: &Form, table: &Table, row: usize) -> Name {
    let key = table.key(row);
    let part = form.split.as_ref().and_then(|_| table.cell(FieldIx(form.fields.len().checked_sub(1)?), row)?.ok());
    let whole = match &part {
        Some(Value::Word(part)) => key.strip_suffix(part.as_str()).and_then(|key| key.strip_suffix(JOINT)),
        _ => None,
    };
    Name::from(whole.unwrap_or(key))
}

/// The units that submissions split into, each with the cells of its submission; the submissions themselves, of a form
/// that does not split.
///
/// A submission with one part only is one unit under its own key. One of which it is not known whether it has a part has
/// it, so that what is missing is told.
pub fn units(rules: &Rules, form: &Form, submissions: Table) -> Table {
    let Some((split, base)) = form.split.as_ref().and_then(|split| Some((split, rules.forms.get(split.of)?))) else { return submissions };
    let whens: Vec<_> = split.parts.iter().map(|part| &part.when).collect();
    let there = conditions(base, &submissions, &whens);
    let kept: Vec<bool> = (0..form.fields.len()).map(|at| at == base.fields.len() || submissions.keeps(FieldIx(at))).collect();
    let mut units = Table::new(form, Some(&kept));
    units.files.clone_from(&submissions.files);
    for row in 0..submissions.len() {
        let has = |at: usize| match there.get(at).and_then(|cells| cells.get(row)) {
            Some(Ok(there)) => *there,
            Some(Err(Gap::NotApplicable(_))) | None => false,
            Some(Err(_)) => true,
        };
        let parts: Vec<usize> = (0..split.parts.len()).filter(|at| has(*at)).collect();
        let key = submissions.key(row);
        let origin = submissions.origin(row).unwrap_or_default();
        for part in parts.iter().filter_map(|at| split.parts.get(*at)).filter(|part| part.evaluated) {
            let own = if parts.len() == 1 { key.to_owned() } else { format!("{key}{JOINT}{}", part.name) };
            let cells = base
                .fields
                .iter()
                .enumerate()
                .map(|(at, field)| submissions.cell(FieldIx(at), row).unwrap_or_else(|| Err(Gap::missing(&field.name.it))));
            units.push_row(&own, origin, cells.chain([Ok(Value::Word(part.name.clone()))]));
        }
    }
    units
}
