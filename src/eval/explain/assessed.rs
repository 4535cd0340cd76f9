//! What assessors gave (评定): the mark of each role, and the assessments behind it.

use super::Teller;
use crate::diag::Lang;
use crate::eval::derivation::{Derivation, Role};
use crate::eval::{Results, Value};
use crate::model::Assessed;
use crate::number::Exact;

impl Teller<'_, '_> {
    pub(super) fn assessed(&self, step: &mut Derivation, assessed: &Assessed, written: &str) {
        step.written = written.split_whitespace().collect::<Vec<_>>().join(" ");
        for role in &assessed.roles {
            let Some(named) = self.it.rubric.lets.get(role.value) else { continue };
            let percent = &role.weight * &Exact::from(100_i64);
            let mut part = self.expr(Role::Item, &format!("{} {percent}%", role.role), &named.value, self.row, None);
            // The assessments themselves, without the statistic around them, which says the same once more.
            part.parts = std::mem::take(&mut part.parts)
                .into_iter()
                .flat_map(|statistic| {
                    part.notes.extend(statistic.notes);
                    statistic.parts
                })
                .collect();
            step.parts.push(part);
        }
        step.notes.extend(assessed.apart(self.it.results, self.row, self.it.lang));
    }
}

impl Assessed {
    /// That the roles lie farther apart for a subject than they may (容差), in words; nothing where they do not.
    pub fn apart(&self, results: &Results, subject: usize, lang: Lang) -> Option<String> {
        let (value, tolerance) = self.spread.as_ref()?;
        match results.lets.get(*value)?.get(subject)? {
            Ok(Value::Number(spread)) if spread > *tolerance => {
                let spread = spread.show_trimmed(6);
                Some(lang.say(
                    format!("各角色相差 {spread} 分，超过容差 {tolerance} 分"),
                    format!("the roles lie {spread} points apart, more than {tolerance}"),
                ))
            }
            _ => None,
        }
    }
}
