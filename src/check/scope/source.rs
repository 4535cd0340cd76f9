//! Names of the source (数据来源的名称): what stands behind `校.`, a field, a computed value, a result, a column of a table of the form.

use super::RubricScope;
use crate::check::beside;
use crate::check::expr::Found;
use crate::check::mistakes::{forms, names};
use crate::model::{Level, Node, RowTable, Source};
use crate::text::{Name, Span, nearest};

impl RubricScope<'_, '_, '_> {
    /// The table of the form that a path names first, with its place beside the source and what stands behind its name.
    pub(super) fn table<'p>(&self, parts: &'p [Name]) -> Option<((u16, RowTable), &'p [Name])> {
        let Source::Form(_) = self.source else { return None };
        let (first, rest) = parts.split_first()?;
        let (name, rest) = if *first == self.alias { rest.split_first()? } else { (first, rest) };
        // One of that name beside the source is meant by the name alone.
        let (place, table) = self.form()?.1.table(name)?;
        let own = self.beside.get(usize::from(place)).is_some_and(|beside| beside.alias.it == *name);
        (own || *first == self.alias).then(|| ((place, table.clone()), rest))
    }

    /// A column of a table.
    pub(super) fn column(&mut self, (place, table): &(u16, RowTable), parts: &[Name]) -> Option<Found> {
        let found = beside::column(self.core, (*place, table), parts);
        if let (Some(Found::It(node, ..)), Some(used)) = (&found, self.used.get_mut(table.form)) {
            match node {
                Node::BesideField(_, field) => {
                    used.insert(*field);
                }
                _ => used.extend(parts.iter().filter_map(|name| table.rows.computed(name)).flat_map(|computed| computed.value.fields())),
            }
        }
        found
    }

    /// A field or result of the source: what stands behind `校.`.
    pub(super) fn of_source(&mut self, parts: &[Name], span: Span) -> Found {
        let level = if matches!(self.source, Source::Rubric(_)) { Level::Member } else { Level::Subject };
        if let Some(below) = self.below() {
            let result = self.result_of(below, parts);
            if let Some((slot, ty)) = result {
                return Found::It(Node::MemberSlot(slot), ty, level);
            }
        }
        // What an `each` of the form asks, and an option of several, have names of two parts: 满意数.学生.
        let name = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
        if let Some((form_at, form)) = self.form()
            && let Some(computed) = form.computed(&name).cloned()
        {
            if level == Level::Member && !computed.value.tables().is_empty() {
                self.core.tell(forms::rows_elsewhere(&computed.name, span));
                return Found::Wrong;
            }
            if let Some(used) = self.used.get_mut(form_at) {
                used.extend(computed.value.fields());
            }
            let place = |field| if level == Level::Member { Node::MemberField(field) } else { Node::Field(field) };
            let value = computed.value.copied(level, &place, &mut || self.core.id());
            let (ty, level) = (value.ty.clone(), value.level);
            return Found::It(Node::Computed(computed.name.it, Box::new(value)), ty, level);
        }
        let form = self.form();
        if let Some((form_at, form)) = form
            && let Some((at, field)) = form.field(&name)
        {
            let node = if level == Level::Member { Node::MemberField(at) } else { Node::Field(at) };
            let ty = field.ty();
            if let Some(used) = self.used.get_mut(form_at) {
                used.insert(at);
            }
            return Found::It(node, ty, level);
        }
        let written = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
        let fields = form.iter().flat_map(|(_, form)| form.fields.iter().map(|field| field.name.it.as_str()));
        let codes = self.below().into_iter().flat_map(|below| below.indicators.iter().map(|indicator| indicator.code.it.as_str()));
        let near = nearest(&written, fields.chain(codes)).map(str::to_owned);
        let mistake = names::not_of(&self.alias, &written, span, near.as_deref(), None);
        self.core.tell_unknown(parts.last().map_or("", Name::as_str), mistake);
        Found::Wrong
    }
}
