//! Checking (检查): from the trees of all texts to rules that can be evaluated, and everything that is wrong with them.
//!
//! Never stops at a mistake; what depends on a mistake is taken as it was most likely meant, so that one mistake costs
//! one message. Rules with errors are still returned, without what could not be made of them.
//! Not here: reading texts (`syntax`), computing (`eval`).

mod bands;
mod call;
mod core;
mod expr;
mod form;
mod fraction;
mod indicator;
mod mistakes;
mod order;
mod rubric;
mod scope;
mod script;
mod straight;
mod test;
mod units;
mod verdicts;

use self::core::Core;
use crate::diag::Diagnostics;
use crate::model::{FieldIx, FieldType, Level, Node, Rules, Source, Straightened};
use crate::syntax::Tree;
use crate::syntax::tree::{self, Item};
use crate::text::{Name, Texts, nearest};
use expr::Found;
use mistakes::names::{self, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Checks all texts together. The diagnostics of `syntax::parse` are not repeated.
pub fn check(texts: &Texts, trees: &[Tree]) -> (Rules, Diagnostics) {
    let Checked { rules, mut found, scripts } = check_quickly(texts, trees);
    found.append(about_scripts(&rules, &scripts));
    found.sort();
    (rules, found)
}

/// What a check comes to before anyone asks about scripts.
#[derive(Debug)]
pub struct Checked {
    /// The rules.
    pub rules: Rules,
    /// What is wrong with them: all but [`about_scripts`].
    pub found: Diagnostics,
    /// The scripts that have no errors.
    pub scripts: Vec<Straightened>,
}

/// Which scripts are run for one subject after the other (H0506), and which give ranges what may lie in none (H0507).
pub fn about_scripts(rules: &Rules, scripts: &[Straightened]) -> Diagnostics {
    let mut found = script::slow(scripts);
    found.append(fraction::in_ranges(rules, scripts));
    found.sort();
    // An `each` has its scripts in each turn.
    found.dedup();
    found
}

/// Checks all texts together, but leaves open which scripts are slow: whoever only wants to know whether there are errors
/// need not wait for that.
pub fn check_quickly(texts: &Texts, trees: &[Tree]) -> Checked {
    let mut core = Core::new(texts, trees);
    units::declare(&mut core, trees);
    units::parameters(&mut core, trees);
    let mut rules = Rules::default();
    let mut used: Vec<BTreeSet<FieldIx>> = Vec::new();
    for (prefix, item) in items(texts, trees) {
        if let Item::Form(written) = item {
            let checked = form::form(&mut core, written, prefix);
            if let Some(first) = rules.form(&checked.form.name.it) {
                core.tell(names::duplicate("填报表", "form", &checked.form.name, first.name.span));
                continue;
            }
            rules.forms.push(checked.form);
            used.push(checked.used);
        }
    }
    rubrics(&mut core, trees, &mut rules, &mut used);
    for (prefix, item) in items(texts, trees) {
        if let Item::Test(written) = item
            && let Some(test) = test::test(&mut core, written, prefix, &rules)
        {
            rules.tests.push(test);
        }
    }
    // A piece that could not be read, or a name that is misspelt, may be the only use of something.
    if core.all_read() && core.found.errors() == 0 {
        unused(&mut core, &rules, &used);
    }
    rules.params = std::mem::take(&mut core.params);
    let mut found = std::mem::take(&mut core.found);
    found.sort();
    found.dedup();
    Checked { rules, found, scripts: core.scripts }
}

/// All items with the prefix of the library that they belong to.
fn items<'w>(texts: &'w Texts, trees: &'w [Tree]) -> impl Iterator<Item = (&'static str, &'w Item)> {
    trees.iter().flat_map(|tree| {
        let library = texts.get(tree.text).is_some_and(|text| text.path.starts_with("national/"));
        let prefix = if library { "national/" } else { "" };
        tree.items.iter().map(move |item| (prefix, item))
    })
}

/// The full names that a path may mean, nearest first: inside the library, its own names need no prefix.
fn full_names(prefix: &str, path: &tree::Path) -> [Name; 2] {
    let written = path.0.iter().map(|part| part.it.as_str()).collect::<Vec<_>>().join("/");
    [Name::from(format!("{prefix}{written}")), Name::from(written)]
}

/// Checks the rubrics, each after the one that it is over.
fn rubrics<'t>(core: &mut Core<'t>, trees: &[Tree], rules: &mut Rules, used: &mut [BTreeSet<FieldIx>]) {
    let mut waiting: Vec<(&'static str, &tree::Rubric)> = Vec::new();
    let mut first: BTreeMap<Name, crate::text::Span> = BTreeMap::new();
    for (prefix, item) in items(core.texts, trees) {
        let Item::Rubric(rubric) = item else { continue };
        let name = crate::text::At::new(Name::from(format!("{prefix}{}", rubric.head.name.it)), rubric.head.name.span);
        match first.get(&name.it) {
            Some(span) => core.tell(names::duplicate("评价体系", "rubric", &name, *span)),
            None => {
                first.insert(name.it, name.span);
                waiting.push((prefix, rubric));
            }
        }
    }
    while !waiting.is_empty() {
        let ready = |(prefix, rubric): &(&'static str, &tree::Rubric)| match rubric::over(rubric) {
            Some(over) => {
                full_names(prefix, &over.path.it).iter().any(|name| rules.rubric(name).is_some())
                    || !full_names(prefix, &over.path.it).iter().any(|name| first.contains_key(name))
            }
            None => true,
        };
        let (now, later): (Vec<_>, Vec<_>) = waiting.iter().copied().partition(ready);
        if now.is_empty() {
            // What is left goes round in a circle.
            let path: Vec<_> = later.iter().map(|(_, rubric)| rubric.head.name.it.to_string()).collect();
            if let Some((_, rubric)) = later.first() {
                core.tell(names::cycle(&path, rubric.head.name.span));
            }
            return;
        }
        for (prefix, written) in now {
            if let Some(rubric) = rubric::rubric(core, written, prefix, rules, used) {
                rules.rubrics.push(rubric);
            }
        }
        waiting = later;
    }
}

/// What a path to a form or rubric means.
fn source<'t>(core: &mut Core<'t>, prefix: &str, path: &crate::text::At<tree::Path>, rules: &Rules, want_form: bool) -> Option<Source> {
    for name in full_names(prefix, &path.it) {
        let form = rules.forms.iter().position(|form| form.name.it == name).map(Source::Form);
        let rubric = rules.rubrics.iter().position(|rubric| rubric.name.it == name).map(Source::Rubric);
        if let Some(found) = if want_form { form } else { rubric } {
            return Some(found);
        }
    }
    let written = full_names("", &path.it)[0].clone();
    let names: Vec<&str> = if want_form {
        rules.forms.iter().map(|form| form.name.it.as_str()).collect()
    } else {
        rules.rubrics.iter().map(|rubric| rubric.name.it.as_str()).collect()
    };
    let near = nearest(&written, names);
    let last = path.it.0.last().map(|part| part.it.clone()).unwrap_or(written.clone());
    core.tell_unknown(&last, names::unknown(Kind::Source, &written, path.span, near));
    None
}

/// A parameter of a name.
fn param(core: &mut Core<'_>, name: &Name) -> Option<Found> {
    let at = core.params.iter().position(|param| param.name.it == *name)?;
    core.used_params.insert(at);
    let ty = core.params.get(at).map(|param| param.ty.clone())?;
    Some(Found::It(Node::Param(at), ty, Level::Constant))
}

/// Fields of forms that are read by some rubric, and parameters, that nothing uses.
fn unused(core: &mut Core<'_>, rules: &Rules, used: &[BTreeSet<FieldIx>]) {
    let mut mistakes = Vec::new();
    for (at, (form, used)) in rules.forms.iter().zip(used).enumerate() {
        let read = rules.rubrics.iter().any(|rubric| rubric.source == Source::Form(at));
        // A name or a remark is for people.
        let matters = |field: &&(usize, &crate::model::Field)| field.1.kind != FieldType::Text;
        if read && !form.name.it.starts_with("national/") {
            let fields = form.fields.iter().enumerate();
            let idle = fields.filter(|field| matters(&field)).filter(|(at, _)| !used.contains(&FieldIx(*at)));
            mistakes.extend(idle.map(|(_, field)| names::unused_field(&field.name, &form.name.it)));
        }
    }
    let idle = core.params.iter().enumerate().filter(|(at, _)| !core.used_params.contains(at));
    mistakes.extend(idle.map(|(_, param)| names::unused_param(&param.name)));
    for mistake in mistakes {
        core.tell(mistake);
    }
}
