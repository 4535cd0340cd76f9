//! Exceptions (例外) of two layers held against each other: for whom an indicator does not apply, and whose target is another one.
//!
//! To whom an indicator applies may not change at all. Targets are held pair by pair: whatever may count for somebody in the layer,
//! against whatever may count for the same one above. A pair is left out only where its two can never count together.

use super::implies::Within;
use super::same::Pair;
use crate::model::{Exception, Indicator};
use chrono::NaiveDate;

impl Pair<'_> {
    /// Whether an indicator is for the same subjects in both: by its condition, and by whom exceptions exempt.
    pub fn same_subjects(&self, left: &Indicator, right: &Indicator) -> bool {
        self.same_if_any(left.when.as_ref(), right.when.as_ref()) && self.same_exceptions(left, right, true)
    }

    /// Whether the exceptions are the same, in any order: those that exempt, or those with a target.
    pub fn same_exceptions(&self, left: &Indicator, right: &Indicator, exempting: bool) -> bool {
        let mut free = of_kind(right, exempting);
        let left = of_kind(left, exempting);
        left.len() == free.len()
            && left.iter().all(|one| match free.iter().position(|other| self.same_exception(one, other)) {
                Some(at) => {
                    free.swap_remove(at);
                    true
                }
                None => false,
            })
    }

    fn same_exception(&self, left: &Exception, right: &Exception) -> bool {
        left.until == right.until && self.same(&left.when, &right.when) && self.same_target(left.target.as_ref(), right.target.as_ref())
    }

    /// Whether whoever meets the left indicator by way of an exception, or now meets it without one, meets what counts in the right
    /// one. Of the two targets that count where there is no exception nothing is said here.
    pub fn exceptions_within(&self, left: &Indicator, right: &Indicator) -> bool {
        if self.pardoned.contains(&left.code.it) {
            return true;
        }
        let (ours, theirs) = (of_kind(left, false), of_kind(right, false));
        let (Some(own), Some(upper)) = (&left.target, &right.target) else { return ours.is_empty() && theirs.is_empty() };
        let turned = self.turned();
        // One of ours stands in the place of the target above where no exception above surely counts with it.
        let in_place = |one: &Exception| !theirs.iter().any(|other| lasts(one.until, other.until) && self.implies(&one.when, &other.when));
        for one in ours.iter().filter(|one| in_place(one)) {
            if !one.target.as_ref().is_some_and(|target| self.cases_within(target, upper) == Within::Yes) {
                return false;
            }
        }
        for other in &theirs {
            let Some(bound) = &other.target else { continue };
            // Which of ours take in all whom this one above does.
            let with: Vec<bool> = ours.iter().map(|one| turned.implies(&other.when, &one.when)).collect();
            let with = |at: usize, day| with.get(at) == Some(&true) && ours.get(at).is_some_and(|one| lasts(day, one.until));
            if !(0..ours.len()).any(|at| with(at, other.until)) && self.cases_within(own, bound) != Within::Yes {
                return false;
            }
            for (at, one) in ours.iter().enumerate() {
                // Where another of ours counts too, nobody meets the indicator: two exceptions leave it undefined.
                let day = one.until.into_iter().chain(other.until).min();
                let another = (0..ours.len()).any(|place| place != at && with(place, day));
                let meets = |target| self.cases_within(target, bound) == Within::Yes;
                if !another && !one.target.as_ref().is_some_and(meets) {
                    return false;
                }
            }
        }
        true
    }
}

fn of_kind(indicator: &Indicator, exempting: bool) -> Vec<&Exception> {
    indicator.exceptions.iter().filter(|exception| exception.target.is_none() == exempting).collect()
}

/// Whether what counts up to one last day, or for good, does so no longer than up to another.
fn lasts(one: Option<NaiveDate>, other: Option<NaiveDate>) -> bool {
    other.is_none_or(|other| one.is_some_and(|one| one <= other))
}
