//! The names that a form's conditions and checks may use (填报表中的名称): its fields, computed values and tables. Parameters
//! change with the day of evaluation, and what was filled in must not.
//!
//! Not here: the names of a rubric (`scope`).

use super::beside;
use super::core::Core;
use super::expr::{Found, Scope};
use super::mistakes::names::{self, Kind};
use super::mistakes::types;
use crate::model::{Expr, FieldIx, Form, Level, Lowered, Node, Type, Unit};
use crate::syntax::tree::Path;
use crate::text::{At, Name, Span, nearest};
use std::collections::BTreeSet;

/// The names of a form, in a turn of an `each` or not.
pub(super) struct FormScope<'a, 't> {
    pub core: &'a mut Core<'t>,
    pub form: &'a Form,
    pub turn: Option<Name>,
    pub read: BTreeSet<FieldIx>,
    /// The table whose columns may be named alone.
    pub inside: Option<u16>,
}

/// Checks something that speaks of the fields of a form; with the fields that it reads.
pub(super) fn with_fields<'t, T>(core: &mut Core<'t>, form: &Form, check: impl FnOnce(&mut dyn Scope<'t>) -> T) -> (T, BTreeSet<FieldIx>) {
    in_turn(core, form, None, check)
}

/// The same in a turn of an `each`: `满意数` is `满意数.学生` where there is such a field.
pub(super) fn in_turn<'t, T>(
    core: &mut Core<'t>,
    form: &Form,
    turn: Option<Name>,
    check: impl FnOnce(&mut dyn Scope<'t>) -> T,
) -> (T, BTreeSet<FieldIx>) {
    let mut scope = FormScope { core, form, turn, read: BTreeSet::new(), inside: None };
    let made = check(&mut scope);
    (made, scope.read)
}

/// `checked`, unless it has a value for each row of a table: what is said of a submission is one thing.
pub(super) fn one_a_submission(core: &mut Core<'_>, checked: Expr) -> Expr {
    if matches!(checked.level, Level::Row(_)) {
        core.tell(types::needs_statistic(checked.span));
        return super::expr::wrong(core, checked.span);
    }
    checked
}

/// The names that a path may stand for, the more special one first.
pub(super) fn spellings(path: &Path, turn: Option<&Name>) -> Vec<String> {
    let joined = path.0.iter().map(|part| part.it.as_str()).collect::<Vec<_>>().join(".");
    turn.map(|turn| format!("{joined}.{turn}")).into_iter().chain([joined]).collect()
}

impl FormScope<'_, '_> {
    fn field(&self, path: &Path) -> Option<FieldIx> {
        spellings(path, self.turn.as_ref()).iter().find_map(|name| self.form.field(name)).map(|(at, _)| at)
    }
}

impl<'t> Scope<'t> for FormScope<'_, 't> {
    fn core(&mut self) -> &mut Core<'t> {
        self.core
    }

    fn path(&mut self, path: &Path, span: Span) -> Found {
        let parts: Vec<Name> = path.0.iter().map(|part| part.it.clone()).collect();
        if let Some(table) = self.inside.and_then(|at| self.form.tables.get(usize::from(at)).map(|table| (at, table)))
            && let Some(found) = beside::column(self.core, table, &parts)
        {
            return found;
        }
        if let Some((first, rest)) = parts.split_first()
            && let Some(table) = self.form.table(first)
        {
            return match beside::column(self.core, table, rest) {
                Some(found) => found,
                None => {
                    beside::no_column(self.core, table.1, rest, span);
                    Found::Wrong
                }
            };
        }
        if let Some(at) = self.field(path)
            && let Some(field) = self.form.fields.get(at.0)
        {
            self.read.insert(at);
            return Found::It(Node::Field(at), field.ty(), Level::Subject);
        }
        let computed = spellings(path, self.turn.as_ref()).into_iter().find_map(|name| self.form.computed(&name));
        if let Some(computed) = computed {
            self.read.extend(computed.value.fields());
            let value = computed.value.copied(Level::Subject, &Node::Field, &mut || self.core.id());
            return Found::It(Node::Computed(computed.name.it.clone(), Box::new(value)), computed.value.ty.clone(), Level::Subject);
        }
        let written = match path.0.as_slice() {
            [name] => name.it.clone(),
            _ => Name::from(self.core.texts.slice(span)),
        };
        let near = nearest(&written, self.form.fields.iter().filter(|field| field.is_asked()).map(|field| field.name.it.as_str()));
        self.core.tell_unknown(&written, names::unknown(Kind::Field, &written, span, near));
        Found::Wrong
    }

    fn knows(&mut self, name: &Name) -> bool {
        let path = Path(vec![At::new(name.clone(), Span::default())]);
        self.field(&path).is_some()
    }

    fn stands_for(&self, _: &Name) -> Option<Name> {
        None
    }

    fn speak_of_rows(&mut self, path: Option<&Path>) -> bool {
        let table = path.and_then(|path| path.0.first()).and_then(|first| self.form.table(&first.it));
        self.inside = table.map(|(at, _)| at);
        self.inside.is_some()
    }

    fn codes(&mut self, from: &At<Name>, _: &At<Name>) -> Vec<usize> {
        self.core.tell(names::unknown(Kind::Indicator, &from.it, from.span, None));
        Vec::new()
    }

    fn code(&mut self, _: &Path) -> Option<usize> {
        None
    }

    fn indicator_value(&mut self, _: usize, _: Span) -> Found {
        Found::Wrong
    }

    fn speak_of(&mut self, _: Option<usize>) -> Option<usize> {
        None
    }

    fn sections(&mut self, span: Span) -> Vec<Expr> {
        self.core.tell(names::unknown(Kind::Result, self.core.texts.slice(span), span, None));
        Vec::new()
    }

    fn has_members(&self) -> bool {
        false
    }

    fn weight_for(&self, _: &Unit) -> Option<String> {
        None
    }

    fn previous(&mut self, path: &Path, span: Span) -> Option<Found> {
        let of = self.field(path);
        let found = of.and_then(|of| self.form.fields.iter().position(|field| field.details.lowered == Some(Lowered::Previous(of))));
        let Some((at, field)) = found.and_then(|at| Some((FieldIx(at), self.form.fields.get(at)?))) else {
            if of.is_some() {
                // A value that nobody fills in has none of its own.
                self.core.tell(types::mismatch(&Type::plain(), &Type::Unknown, span));
                return Some(Found::Wrong);
            }
            return Some(self.path(path, span)).filter(|found| matches!(found, Found::Wrong)).or_else(|| {
                self.core.tell(types::arguments("previous", span, "上期(在校生数)", "previous(在校生数)"));
                Some(Found::Wrong)
            });
        };
        self.read.extend([at].into_iter().chain(of));
        Some(Found::It(Node::Field(at), field.ty(), Level::Subject))
    }
}
