//! Layers (分层): a rubric that extends another becomes one rubric before anything else is checked of it.
//!
//! `merge` lays the statements of a layer over those of the rubric that it extends, each with the place where it was written; what
//! comes out is a tree like any other, so that a statement of an indicator that is new tomorrow needs nothing here. `guard` knows
//! what no layer may touch. Whether a layer is stricter is decided once both are checked: by `stricter`, over `same`, `implies`,
//! `leads` and `exceptions`, with what lifts a total in `beside`.
//! Not here: what a rubric means (`rubric`).

mod beside;
mod exceptions;
mod guard;
mod implies;
mod leads;
mod merge;
mod path;
mod same;
mod stricter;

pub use leads::{Leads, leads, ranks};
pub(super) use stricter::hold;

use super::core::Core;
use super::full_names;
use super::mistakes::layers as mistakes;
use super::mistakes::names::{self, Kind};
use crate::diag::{Diagnostic, Diagnostics, Lang, place};
use crate::model::Layer;
use crate::syntax::tree::{self, Path, RubricStmt, Source};
use crate::text::{At, Name, Span, nearest};
use guard::Guarded;
use merge::Tightened;
use std::borrow::Cow;

/// Which rubric is made of layers (取哪一层).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// All of them together.
    Own,
    /// The uppermost alone, read from what the layer reads: what the layer is compared with.
    Uppermost,
}

/// A rubric laid over those that it extends.
pub(super) struct Stacked<'w> {
    /// Its full name.
    pub name: Name,
    /// Before the names of its source.
    pub prefix: &'static str,
    /// As if it had been written in one piece.
    pub rubric: Cow<'w, tree::Rubric>,
    /// What it extends.
    pub base: Option<Base>,
    /// The layers, itself first; none for a rubric that extends nothing.
    pub layers: Vec<Layer>,
}

/// What a layer is laid upon, and what has to be held against it.
pub(super) struct Base {
    /// The full name.
    pub name: Name,
    guarded: Vec<Guarded>,
    tightened: Vec<Tightened>,
}

impl Stacked<'_> {
    /// The full name of the rubric that it extends.
    pub fn extends(&self) -> Option<&Name> {
        self.base.as_ref().map(|base| &base.name)
    }

    /// What was told while it was checked, with the layer named where the places are those of other layers; what was told of the
    /// rubric that it extends already is not told again.
    pub fn told(&self, found: Diagnostics, before: &Diagnostics) -> Diagnostics {
        if self.base.is_none() {
            return found;
        }
        let own = self.rubric.head.whole;
        let key = |what: &Diagnostic| (what.code(), place(what.as_ref()), what.headline(Lang::En));
        let known: Vec<_> = before.iter().map(key).collect();
        let mut told = Diagnostics::new();
        for what in &found {
            if known.contains(&key(what)) {
                continue;
            }
            let inside = what.labels(Lang::En).iter().any(|label| label.span.touches(own));
            let layer = At::new(self.rubric.head.name.it.clone(), self.rubric.head.span);
            if inside { told.add(what.clone()) } else { told.push(mistakes::InLayer { inner: what.clone(), layer }) }
        }
        told
    }
}

/// Lays every rubric over what it extends; one that extends nothing that there is, is left out, and its name is poisoned.
pub(super) fn stack<'w>(core: &mut Core<'_>, written: Vec<(&'static str, &'w tree::Rubric)>, line: Line) -> Vec<Stacked<'w>> {
    let full = |prefix: &str, rubric: &tree::Rubric| Name::from(format!("{prefix}{}", rubric.head.name.it));
    let all: Vec<(Name, Span)> = written.iter().map(|(prefix, rubric)| (full(prefix, rubric), rubric.head.name.span)).collect();
    let mut done: Vec<Stacked<'w>> = Vec::new();
    let mut waiting = Vec::new();
    for (prefix, rubric) in written {
        let name = full(prefix, rubric);
        match &rubric.extends {
            None => {
                merge::misplaced(core, rubric);
                guard::check(core, rubric);
                done.push(Stacked { name, prefix, rubric: Cow::Borrowed(rubric), base: None, layers: Vec::new() });
            }
            Some(extends) => match upper(core, prefix, extends, &all) {
                Some(upper) => waiting.push((prefix, rubric, name, upper)),
                None => core.poison(&rubric.head.name.it),
            },
        }
    }
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for (prefix, rubric, name, upper) in waiting {
            match done.iter().find(|known| known.name == upper) {
                Some(known) => {
                    let stacked = lay(core, known, prefix, rubric, name, line);
                    done.push(stacked);
                }
                None => later.push((prefix, rubric, name, upper)),
            }
        }
        if later.len() == before {
            circle(core, &later);
            break;
        }
        waiting = later;
    }
    // Each rubric in the place where it is written, whatever it waited for.
    done.sort_by_key(|stacked| all.iter().position(|(name, _)| *name == stacked.name));
    done
}

type Waiting<'w> = (&'static str, &'w tree::Rubric, Name, Name);

/// What is left goes round in a circle, or hangs from one.
fn circle(core: &mut Core<'_>, later: &[Waiting<'_>]) {
    let upper_of = |name: &Name| later.iter().find(|(.., own, _)| own == name).map(|(.., upper)| upper);
    let mut path: Vec<&Name> = Vec::new();
    let mut at = later.first().map(|(.., name, _)| name);
    while let Some(name) = at {
        if let Some(start) = path.iter().position(|known| *known == name) {
            let names: Vec<String> = path.iter().skip(start).chain([&name]).map(ToString::to_string).collect();
            if let Some((_, rubric, ..)) = later.iter().find(|(.., own, _)| own == name) {
                let place = rubric.extends.as_ref().map_or(rubric.head.name.span, |extends| extends.path.span);
                core.tell(mistakes::cycle(&names, place));
            }
            break;
        }
        path.push(name);
        at = upper_of(name);
    }
    later.iter().for_each(|(_, rubric, ..)| core.poison(&rubric.head.name.it));
}

/// The full name of what is extended, if there is such a rubric.
fn upper(core: &mut Core<'_>, prefix: &str, extends: &tree::Extends, all: &[(Name, Span)]) -> Option<Name> {
    let text = match &extends.from {
        None => None,
        Some(file) => match path::text(core.texts, file) {
            Ok(text) => Some(text),
            Err(mistake) => {
                core.tell(*mistake);
                return None;
            }
        },
    };
    let names = full_names(prefix, &extends.path.it);
    if let Some((name, span)) = names.iter().find_map(|name| all.iter().find(|(known, _)| known == name)) {
        match (&extends.from, text) {
            (Some(file), Some(text)) if span.text != text => {
                let other = core.texts.get(span.text).map(|text| text.path.to_string()).unwrap_or_default();
                let (zh, en) = (format!("`{name}` 不在这个文件里，在 `{other}`"), format!("`{name}` is not in it but in `{other}`"));
                core.tell(mistakes::refused(file, &zh, &en));
                return None;
            }
            _ => return Some(name.clone()),
        }
    }
    let [_, written] = names;
    let near = nearest(&written, all.iter().map(|(name, _)| name.as_str())).map(str::to_owned);
    let last = extends.path.it.0.last().map(|part| part.it.clone()).unwrap_or_else(|| written.clone());
    core.tell_unknown(&last, names::unknown(Kind::Source, &written, extends.path.span, near.as_deref()));
    None
}

/// One layer over another.
fn lay<'w>(core: &mut Core<'_>, upper: &Stacked<'w>, prefix: &'static str, own: &'w tree::Rubric, name: Name, line: Line) -> Stacked<'w> {
    let mut base = upper.rubric.clone().into_owned();
    if upper.prefix != prefix {
        base.body.iter_mut().for_each(|stmt| from_library(stmt, upper.prefix));
    }
    let mut layers = vec![layer(&name, own)];
    match upper.layers.as_slice() {
        [] => layers.push(layer(&upper.name, &upper.rubric)),
        known => layers.extend_from_slice(known),
    }
    let guarded = guard::of(&base, &layers);
    let before = core.found.clone();
    let merged = merge::merge(core, &base, own, &guarded);
    let rubric = match line {
        Line::Own => merged.rubric,
        // What it is compared with is read from the same submissions; what a layer changes of it is not, and nothing is told of that.
        Line::Uppermost => {
            core.found = before;
            let source = merged.rubric.body.iter().find(|stmt| is_source(stmt)).cloned();
            base.body.retain(|stmt| !is_source(stmt) || source.is_none());
            base.body.extend(source);
            tree::Rubric { head: merged.rubric.head, extends: None, body: base.body }
        }
    };
    guard::check(core, &rubric);
    let base = Base { name: upper.name.clone(), guarded, tightened: merged.tightened };
    Stacked { name, prefix, rubric: Cow::Owned(rubric), base: Some(base), layers }
}

/// What a rubric says of itself as a layer.
fn layer(name: &Name, rubric: &tree::Rubric) -> Layer {
    let mut layer = Layer {
        name: name.clone(),
        title: rubric.head.title.as_ref().map(|title| title.it.clone()),
        version: None,
        authority: None,
        in_force: (None, None),
        head: rubric.head.span,
        span: rubric.head.whole,
    };
    for stmt in &rubric.body {
        match stmt {
            RubricStmt::Version(version) => layer.version = Some(version.it.clone()),
            RubricStmt::Authority(authority) => layer.authority = Some(authority.it.clone()),
            RubricStmt::InForce { from, to } => layer.in_force = (from.as_ref().map(|day| day.it), to.as_ref().map(|day| day.it)),
            _ => {}
        }
    }
    layer
}

fn is_source(stmt: &RubricStmt) -> bool {
    matches!(stmt, RubricStmt::Reads(_) | RubricStmt::Over(_))
}

/// Inside the library its names need no prefix; in a layer upon it they do.
fn from_library(stmt: &mut RubricStmt, prefix: &str) {
    let (RubricStmt::Reads(source)
    | RubricStmt::Over(source)
    | RubricStmt::AlsoReads { source, .. }
    | RubricStmt::Judges(tree::Judges { source, .. })) = stmt
    else {
        return;
    };
    let Source { path, .. } = source;
    let library = prefix.trim_end_matches('/');
    if !library.is_empty() && path.it.0.first().is_none_or(|first| *first.it != *library) {
        let mut parts = vec![At::new(Name::from(library), path.span)];
        parts.append(&mut path.it.0);
        path.it = Path(parts);
    }
}
