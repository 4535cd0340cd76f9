//! Faults of the rules that only data bring to light (规则在数据上出的错).

use super::gap::{Cause, Gap};
use super::results::Results;
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::model::Rules;
use crate::text::Name;

/// For each indicator whose way of scoring failed for somebody, one diagnostic with the first reason and how many it
/// concerns; also of the rubrics below.
pub fn faults(rules: &Rules, results: &Results) -> Diagnostics {
    let mut faults = Faults::default();
    for results in std::iter::successors(Some(results), |results| results.below.as_deref()) {
        faults.add(rules, results);
    }
    faults.told(rules)
}

/// Faults as they come to light.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    found: Vec<Fault>,
}

#[derive(Clone, Debug)]
struct Fault {
    rubric: usize,
    indicator: usize,
    first: (Name, Gap),
    count: usize,
}

impl Faults {
    /// Takes in the results of some subjects of a rubric.
    pub fn add(&mut self, rules: &Rules, results: &Results) {
        let Some(rubric) = rules.rubrics.get(results.rubric) else { return };
        for (indicator, (_, computed)) in rubric.indicators.iter().zip(&results.indicators).enumerate() {
            let cells = computed.score.iter().flatten().enumerate();
            let mut failed = cells.filter_map(|(row, cell)| match cell {
                Err(gap @ Gap::Undefined(cause)) if is_fault(cause) => Some((row, gap)),
                _ => None,
            });
            let Some((row, gap)) = failed.next() else { continue };
            let count = failed.count() + 1;
            match self.found.iter_mut().find(|fault| (fault.rubric, fault.indicator) == (results.rubric, indicator)) {
                Some(fault) => fault.count += count,
                None => {
                    let key = results.subjects.get(row).map_or_else(|| Name::from(""), |subject| subject.key.clone());
                    self.found.push(Fault { rubric: results.rubric, indicator, first: (key, gap.clone()), count });
                }
            }
        }
    }

    /// What was found, rubric by rubric as they came, each with its indicators in their order.
    pub fn told(mut self, rules: &Rules) -> Diagnostics {
        let mut rubrics: Vec<usize> = Vec::new();
        for fault in &self.found {
            if !rubrics.contains(&fault.rubric) {
                rubrics.push(fault.rubric);
            }
        }
        self.found.sort_by_key(|fault| (rubrics.iter().position(|rubric| *rubric == fault.rubric), fault.indicator));
        let mut found = Diagnostics::new();
        for Fault { rubric, indicator, first: (key, gap), count } in self.found {
            let Some(indicator) = rules.rubrics.get(rubric).and_then(|rubric| rubric.indicators.get(indicator)) else { continue };
            let code = &indicator.code.it;
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
        found
    }
}

/// Whether the rule is to blame, not the data.
fn is_fault(cause: &Cause) -> bool {
    matches!(cause, Cause::Script(_) | Cause::OutOfPoints { .. } | Cause::NoBand(_) | Cause::NoCase(_))
}
