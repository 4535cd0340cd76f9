//! What may not change any more (锁定): fields that the form locks, of submissions that were approved.
//!
//! Not here: which submissions were approved (`store`).

use super::archived::Contents;
use super::findings::{Finding, What, short};
use super::json::{JsonRow, record};
use crate::diag::{Diagnostics, Origin};
use crate::eval::Table;
use crate::model::Form;
use serde_json::Value as Json;

/// Tells of submissions that say something else in a locked field than what was approved, as `approved` has the content of a
/// subject's submission of a period.
pub fn locked_changes<'c>(
    form: &Form,
    table: &Table,
    contents: &Contents<'_>,
    approved: &dyn Fn(&str, usize) -> Option<&'c str>,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    let locked: Vec<&str> = form.fields.iter().filter(|field| field.details.locked).map(|field| field.name.it.as_str()).collect();
    for row in table.by_key().iter().map(|row| *row as usize).filter(|_| !locked.is_empty()) {
        let Some(before) = approved(table.key(row), row) else { continue };
        let (Ok(JsonRow::Object(before)), Ok(JsonRow::Object(now))) = (record(before), record(&contents.content(row))) else { continue };
        for field in &locked {
            let of = |pairs: &[(String, Json)]| pairs.iter().find(|(name, _)| name == field).map(|(_, value)| shown(value));
            let (was, is) = (of(&before), of(&now));
            if was == is {
                continue;
            }
            let origin = table.origin(row).unwrap_or_default();
            let file = table.files.get(origin.file as usize).cloned().unwrap_or_else(|| "".into());
            let text = short(is.as_deref().unwrap_or_default());
            let at = Origin { line: origin.line as usize, field: Some((*field).into()), text, ..Origin::file(file) };
            found.push(Finding { at, what: What::LockedChanged { field: (*field).into(), was } });
        }
    }
    found
}

/// A value as it was filled in.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
