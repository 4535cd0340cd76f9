//! What no data can reach, and where a score goes the wrong way (静态保证): told before any school is judged.
//!
//! Looks at rules without errors. Only what is proven is told: that a condition never holds from the ranges of fields and the conditions
//! before it, that a score falls or leaves its points by an example that is computed here with exact numbers.
//! Not here: gaps and overlaps of bands (`check::bands`), what a script computes (`check::straight`).

mod branches;
mod conditions;
mod exceptions;
mod falls;
mod key;
mod points;
mod ranges;
mod sample;
mod scripts;
mod verdicts;

pub(super) use branches::Why;

use super::mistakes::reach as words;
use crate::diag::{Code, Diagnostics, Mistake, Say, place};
use crate::model::{Expr, Form, Rubric, Rules, Slot, Straightened, Verdicts, bottom_of};
use crate::text::{Span, Texts};
use ranges::Range;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// Tells of all rubrics. `scripts`: those that have no errors.
pub(super) fn guarantees(texts: &Texts, rules: &Rules, scripts: &[Straightened]) -> Diagnostics {
    let mut found = Found::default();
    for rubric in &rules.rubrics {
        let look = Look::new(texts, rules, rubric);
        branches::look(&look, &mut found);
        exceptions::look(&look, &mut found);
        falls::look(&look, scripts, &mut found);
        points::look(&look, scripts, &mut found);
        scripts::look(&look, scripts, &mut found);
    }
    found.told(texts)
}

/// Data for which none of some verdicts holds, in Chinese and English.
pub(super) fn without_verdict(texts: &Texts, rules: &Rules, rubric: &Rubric, of: &Verdicts) -> Option<(String, String)> {
    verdicts::example(&Look::new(texts, rules, rubric), of)
}

/// A rubric that is looked at.
struct Look<'r> {
    texts: &'r Texts,
    rules: &'r Rules,
    rubric: &'r Rubric,
    /// The form at its bottom.
    form: Option<&'r Form>,
    /// What results can come to, as far as that was asked.
    ranges: RefCell<HashMap<Slot, Range>>,
}

impl<'r> Look<'r> {
    fn new(texts: &'r Texts, rules: &'r Rules, rubric: &'r Rubric) -> Look<'r> {
        let form = bottom_of(rules, rubric).and_then(|at| rules.forms.get(at));
        Look { texts, rules, rubric, form, ranges: RefCell::default() }
    }

    /// As it is written, on one line.
    fn says(&self, span: Span) -> String {
        self.texts.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Every expression of the rubric, with those inside.
    fn expressions(&self) -> Vec<&'r Expr> {
        let mut all = self.rubric.stated();
        let mut at = 0;
        while let Some(expr) = all.get(at).copied() {
            all.extend(expr.children());
            at += 1;
        }
        all
    }
}

/// What is looked at, by its place: a text that counts several times, in the turns of an `each` or in layers, is told of only if the same
/// is so each time.
#[derive(Default)]
struct Found {
    sites: BTreeMap<(Code, Span), Site>,
}

#[derive(Default)]
struct Site {
    seen: usize,
    hit: usize,
    mistake: Option<Mistake>,
}

impl Found {
    fn look(&mut self, code: Code, at: Span, mistake: Option<Mistake>) {
        let site = self.sites.entry((code, at)).or_default();
        site.seen += 1;
        site.hit += usize::from(mistake.is_some());
        site.mistake = site.mistake.take().or(mistake);
    }

    fn told(self, texts: &Texts) -> Diagnostics {
        let mut told = Diagnostics::new();
        for site in self.sites.into_values().filter(|site| site.seen == site.hit) {
            if let Some(mistake) = site.mistake.filter(|mistake| !intended(texts, mistake)) {
                told.push(mistake);
            }
        }
        told.sort();
        told
    }
}

/// Whether the author says, with a reason, that it is meant so: `// 有意 H0428: …`, on the line or alone on the lines above it.
fn intended(texts: &Texts, mistake: &Mistake) -> bool {
    let Some(span) = place(mistake) else { return false };
    let Some(text) = texts.get(span.text) else { return false };
    let code = mistake.code().as_str();
    let says = |line: &str| {
        let comment = line.split_once("//").map_or("", |(_, comment)| comment).trim();
        let meant = ["有意", "intended"].into_iter().find_map(|word| comment.strip_prefix(word));
        let reason = meant.and_then(|rest| rest.trim_start().strip_prefix(code));
        reason.and_then(|rest| rest.trim_start().strip_prefix([':', '：'])).is_some_and(|reason| !reason.trim().is_empty())
    };
    let before = text.source.get(..span.start as usize).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.source.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let above = text.source.get(..line_start).unwrap_or("");
    says(line) || above.lines().rev().take_while(|line| line.trim_start().starts_with("//")).any(says)
}
