//! Checking (检查): from the trees of all texts to rules that can be evaluated, and everything that is wrong with them.
//!
//! Never stops at a mistake; what depends on a mistake is taken as it was most likely meant, so that one mistake costs
//! one message. Rules with errors are still returned, without what could not be made of them.
//! Not here: reading texts (`syntax`), computing (`eval`).

mod alarms;
mod answers;
mod bands;
mod beside;
mod call;
mod computed;
mod core;
mod expr;
mod field;
mod form;
mod fraction;
mod gathered;
mod indicator;
mod interval;
mod judged;
mod layers;
mod mistakes;
mod order;
mod reach;
mod rubric;
mod scope;
mod script;
mod split;
mod straight;
mod test;
mod units;
mod verdicts;
mod ways;

pub use layers::{Leads, Line, leads, ranks};

use self::core::Core;
use crate::diag::{Code, Diagnostics};
use crate::model::{FieldIx, FieldType, Level, Node, Rules, Source, Straightened};
use crate::syntax::Tree;
use crate::syntax::tree::{self, Item};
use crate::text::{Name, Texts, nearest};
use expr::Found;
use layers::Stacked;
use mistakes::names::{self, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Checks all texts together. The diagnostics of `syntax::parse` are not repeated.
pub fn check(texts: &Texts, trees: &[Tree]) -> (Rules, Diagnostics) {
    let Checked { rules, mut found, scripts } = check_quickly(texts, trees);
    found.append(about_scripts(&rules, &scripts));
    // What could not be read may make all the difference.
    if trees.iter().all(|tree| tree.broken.is_empty()) {
        found.append(about_data(texts, &rules, &found, &scripts));
    }
    found.sort();
    (rules, found)
}

/// What a check comes to before anyone asks about scripts.
#[derive(Debug)]
pub struct Checked {
    /// The rules.
    pub rules: Rules,
    /// What is wrong with them: all but [`about_scripts`] and [`about_data`].
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

/// What no data can reach and where a score goes the wrong way (H0424 to H0429). Nothing is told of rules with errors: what is wrong comes first.
pub fn about_data(texts: &Texts, rules: &Rules, found: &Diagnostics, scripts: &[Straightened]) -> Diagnostics {
    if found.errors() > 0 { Diagnostics::new() } else { reach::guarantees(texts, rules, scripts) }
}

/// Checks all texts together, but leaves open which scripts are slow: whoever only wants to know whether there are errors
/// need not wait for that.
pub fn check_quickly(texts: &Texts, trees: &[Tree]) -> Checked {
    check_line(texts, trees, Line::Own)
}

/// The same, with each layer or with the uppermost of its layers alone under its name: both can be evaluated on one table, and so
/// results by the rules of a province be held against those by the national ones.
pub fn check_line(texts: &Texts, trees: &[Tree], line: Line) -> Checked {
    let mut core = Core::new(texts, trees);
    units::declare(&mut core, trees);
    units::parameters(&mut core, trees);
    let mut rules = Rules::default();
    let mut used: Vec<BTreeSet<FieldIx>> = Vec::new();
    for (prefix, item) in items(texts, trees) {
        if let Item::Form(written) = item {
            let at = rules.forms.len();
            let checked = form::form(&mut core, written, prefix, at);
            if let Some(first) = rules.form(&checked.form.name.it) {
                core.tell(names::duplicate("填报表", "form", &checked.form.name, first.name.span));
                continue;
            }
            let rows: Vec<_> = checked.form.tables.iter().map(|table| (*table.rows).clone()).collect();
            rules.forms.push(checked.form);
            rules.forms.extend(rows);
            used.push(checked.used);
            used.extend(checked.of_rows);
            split::units(&mut core, written, &mut rules, at, &mut used);
        }
    }
    rubrics(&mut core, trees, line, &mut rules, &mut used);
    // What is read of units is read of the submissions that split into them.
    for (at, form) in rules.forms.iter().enumerate() {
        let read = used.get(at).cloned().unwrap_or_default();
        let of = form.split.as_ref().and_then(|split| used.get_mut(split.of));
        of.into_iter().for_each(|used| used.extend(read.iter().copied()));
    }
    for (prefix, item) in items(texts, trees) {
        // Tests speak of all that the layers have.
        if let Item::Test(written) = item
            && line == Line::Own
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
    rules.units = std::mem::take(&mut core.units);
    let mut found = std::mem::take(&mut core.found);
    found.sort();
    found.dedup();
    found.gather(&[Code::H0201, Code::H0204, Code::H0205, Code::H0206]);
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

/// Checks the rubrics, each after the one that it is over and the one that it extends.
fn rubrics<'t>(core: &mut Core<'t>, trees: &[Tree], line: Line, rules: &mut Rules, used: &mut [BTreeSet<FieldIx>]) {
    let mut written: Vec<(&'static str, &tree::Rubric)> = Vec::new();
    let mut first: BTreeMap<Name, crate::text::Span> = BTreeMap::new();
    for (prefix, item) in items(core.texts, trees) {
        let Item::Rubric(rubric) = item else { continue };
        let name = crate::text::At::new(Name::from(format!("{prefix}{}", rubric.head.name.it)), rubric.head.name.span);
        match first.get(&name.it) {
            Some(span) => core.tell(names::duplicate("评价体系", "rubric", &name, *span)),
            None => {
                first.insert(name.it, name.span);
                written.push((prefix, rubric));
            }
        }
    }
    let mut waiting = layers::stack(core, written, line);
    let mut known: BTreeSet<Name> = waiting.iter().map(|stacked| stacked.name.clone()).collect();
    // Those of which nothing could be made, and the layers upon them: why has been told, and nobody waits for them.
    let mut lost: BTreeSet<Name> = BTreeSet::new();
    while !waiting.is_empty() {
        let there = |name: &Name| rules.rubric(name).is_some() || !known.contains(name);
        let ready = |stacked: &Stacked<'_>| {
            let extended = stacked.extends().is_none_or(there);
            extended
                && rubric::sources(&stacked.rubric).all(|source| {
                    let names = full_names(stacked.prefix, &source.path.it);
                    names.iter().any(|name| rules.rubric(name).is_some()) || !names.iter().any(|name| known.contains(name))
                })
        };
        let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
        if now.is_empty() {
            // What is left goes round in a circle.
            let path: Vec<_> = later.iter().map(|stacked| stacked.rubric.head.name.it.to_string()).collect();
            if let Some(stacked) = later.first() {
                core.tell(names::cycle(&path, stacked.rubric.head.name.span));
            }
            later.iter().for_each(|stacked| core.poison(&stacked.rubric.head.name.it));
            return;
        }
        for stacked in now {
            let made = if stacked.extends().is_some_and(|base| lost.contains(base)) {
                None
            } else {
                let before = std::mem::take(&mut core.found);
                let made = rubric::rubric(core, &stacked, rules, used);
                let found = std::mem::replace(&mut core.found, before);
                let told = stacked.told(found, &core.found);
                core.found.append(told);
                made
            };
            match made {
                Some(rubric) => {
                    if line == Line::Own {
                        layers::hold(core, rules, &stacked, &rubric);
                    }
                    rules.rubrics.push(rubric);
                }
                None => {
                    core.poison(&stacked.rubric.head.name.it);
                    known.remove(&stacked.name);
                    lost.insert(stacked.name);
                }
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
        let units_of = |rubric: &crate::model::Rubric| match rubric.source {
            Source::Form(form) => {
                form == at || rules.forms.get(form).and_then(|form| form.split.as_ref()).is_some_and(|split| split.of == at)
            }
            Source::Rubric(_) => false,
        };
        let beside = |rubric: &crate::model::Rubric| rubric.beside.iter().any(|beside| beside.of == Source::Form(at));
        let read = form.split.is_none() && rules.rubrics.iter().any(|rubric| units_of(rubric) || beside(rubric));
        // A name or a remark is for people.
        let matters = |field: &&(usize, &crate::model::Field)| {
            let details = &field.1.details;
            (field.1.kind != FieldType::Text || details.several.is_some()) && details.lowered.is_none() && details.attach.is_none()
        };
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
