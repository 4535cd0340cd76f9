//! Faults of the rules that only data bring to light (规则在数据上出的错).

use super::gap::{Cause, Gap};
use super::results::Results;
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::model::Rules;

/// For each indicator whose way of scoring failed for somebody, one diagnostic with the first reason and how many it
/// concerns; also of the rubrics below.
pub fn faults(rules: &Rules, results: &Results) -> Diagnostics {
    let mut found = Diagnostics::new();
    for results in std::iter::successors(Some(results), |results| results.below.as_deref()) {
        let Some(rubric) = rules.rubrics.get(results.rubric) else { continue };
        for (indicator, computed) in rubric.indicators.iter().zip(&results.indicators) {
            let cells = computed.score.iter().flatten().enumerate();
            let mut failed = cells.filter_map(|(row, cell)| match cell {
                Err(gap @ Gap::Undefined(cause)) if is_fault(cause) => Some((row, gap)),
                _ => None,
            });
            let Some((row, gap)) = failed.next() else { continue };
            let (count, code) = (failed.count() + 1, &indicator.code.it);
            let key = results.subjects.get(row).map(|subject| subject.key.as_str()).unwrap_or_default();
            let at = indicator.way.as_ref().map_or(indicator.span, |way| way.span);
            found.push(
                Mistake::new(
                    Code::H0505,
                    format!("`{code}` 对 {count} 个对象算不出得分: {}", gap.say(Lang::Zh)),
                    format!("`{code}` cannot be scored for {count} of those judged: {}", gap.say(Lang::En)),
                )
                .here(at, format!("例如 {key}"), format!("for instance {key}")),
            );
        }
    }
    found
}

/// Whether the rule is to blame, not the data.
fn is_fault(cause: &Cause) -> bool {
    matches!(cause, Cause::Script(_) | Cause::OutOfPoints { .. } | Cause::NoBand(_) | Cause::NoCase(_))
}
