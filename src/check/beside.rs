//! What a rubric reads beside its source (另用的填报): which submissions belong to whom, and the names of their fields.

use super::core::Core;
use super::expr::Found;
use super::mistakes::{forms, names};
use super::scope::RubricScope;
use crate::model::{Beside, Form, Level, Many, Node, RowTable, Source, Type};
use crate::syntax::tree::{self, PeriodLength};
use crate::text::{At, Name, Span, nearest};

/// The statements `also reads`, in their order; one whose form is not known, or has nothing to do with the subjects, is told.
pub(super) fn gather(
    scope: &mut RubricScope<'_, '_, '_>,
    prefix: &str,
    written: &[(&tree::Source, Option<&At<u32>>)],
    subjects: &[Name],
    source: &At<Name>,
) {
    // The tables of the form come first, so that what the form computes of them means the same here.
    if let Source::Form(_) = scope.source
        && let Some((_, form)) = scope.form()
    {
        let taken = |name: &Name| *name == source.it || written.iter().any(|(from, _)| from.alias.it == *name);
        let of = |table: &RowTable| Beside {
            alias: if taken(&table.name.it) {
                At::new(Name::from(format!("{}.{}", source.it, table.name.it)), table.name.span)
            } else {
                table.name.clone()
            },
            of: Source::Form(table.form),
            earlier: 0,
            many: Many::All,
        };
        let tables: Vec<Beside> = form.tables.iter().map(of).collect();
        scope.beside.extend(tables);
    }
    for (from, earlier) in written {
        let others = scope.beside.iter().map(|beside| &beside.alias);
        if let Some(first) = std::iter::once(source).chain(others).find(|alias| alias.it == from.alias.it) {
            let mistake = names::duplicate("简称", "name", &from.alias, first.span);
            scope.core.tell(mistake);
            continue;
        }
        if let Some(at) = judging(scope, prefix, from) {
            if let Some(earlier) = earlier {
                scope.core.tell(names::no_period(&from.alias.it, earlier.span, from.path.span, names::NoPeriod::Nothing));
            }
            let rubric = scope.rules.rubrics.get(at);
            if rubric.is_some_and(|rubric| subjects.iter().all(|kind| rubric.subjects.contains(kind))) {
                let of = Source::Rubric(at);
                scope.beside.push(Beside { alias: from.alias.clone(), of, earlier: 0, many: Many::One });
            } else if let Some(rubric) = rubric {
                scope.core.poison(&from.alias.it);
                // Of one that does not say whom it judges, that is told.
                if rubric.subjects.is_empty() {
                    continue;
                }
                scope.core.tell(names::unrelated_rubric(&rubric.name, from.path.span, &rubric.subjects, subjects));
            }
            continue;
        }
        let Some(Source::Form(at)) = super::source(scope.core, prefix, &from.path, scope.rules, true) else {
            scope.core.poison(&from.alias.it);
            continue;
        };
        let Some(form) = scope.rules.forms.get(at) else { continue };
        let Some(many) = belongs(form, subjects) else {
            scope.core.poison(&from.alias.it);
            if !subjects.is_empty() {
                scope.core.tell(names::unrelated(&form.name.it, from.path.span, form.name.span, subjects));
            }
            continue;
        };
        if let Some(earlier) = earlier
            && let Some(lacks) = no_earlier(form, earlier)
        {
            scope.core.tell(names::no_period(&form.name.it, earlier.span, form.name.span, lacks));
        }
        let earlier = earlier.map_or(0, |earlier| earlier.it);
        scope.beside.push(Beside { alias: from.alias.clone(), of: Source::Form(at), earlier, many });
    }
}

/// The rubric of a path, where no form has that name.
fn judging(scope: &RubricScope<'_, '_, '_>, prefix: &str, from: &tree::Source) -> Option<usize> {
    super::full_names(prefix, &from.path.it).iter().find_map(|name| match scope.rules.form(name) {
        Some(_) => None,
        None => scope.rules.rubrics.iter().position(|rubric| rubric.name.it == *name),
    })
}

/// How many submissions to a form belong to one of those who are judged; `None` if none of them says to whom it belongs.
fn belongs(form: &Form, subjects: &[Name]) -> Option<Many> {
    let all = |fits: &dyn Fn(&Name) -> bool| !subjects.is_empty() && subjects.iter().all(fits);
    if all(&|kind| form.subject == *kind) {
        return Some(Many::One);
    }
    all(&|kind| form.group(kind).is_some_and(|group| group.key.is_some())).then_some(Many::All)
}

/// Why no earlier period of a form can be told.
fn no_earlier(form: &Form, earlier: &At<u32>) -> Option<names::NoPeriod> {
    match &form.period {
        _ if earlier.it == 0 => Some(names::NoPeriod::Same),
        Some(period) if period.key.is_some() && period.length != PeriodLength::Term => None,
        Some(period) if period.key.is_some() => Some(names::NoPeriod::Terms),
        _ => Some(names::NoPeriod::Nothing),
    }
}

/// A field behind the name of submissions beside the source, or a result of a rubric: `县.财政投入`, `资源配置.结论`.
pub(super) fn field(scope: &mut RubricScope<'_, '_, '_>, at: usize, parts: &[Name], span: Span) -> Found {
    let Some((beside, place)) = scope.beside.get(at).cloned().zip(u16::try_from(at).ok()) else { return Found::Wrong };
    let level = if beside.many == Many::All { Level::Row(place) } else { Level::Subject };
    let rules = scope.rules;
    let form_at = match beside.of {
        Source::Form(at) => at,
        Source::Rubric(at) => {
            let Some(rubric) = rules.rubrics.get(at) else { return Found::Wrong };
            if let Some((slot, ty)) = scope.result_of(rubric, parts) {
                return Found::It(Node::BesideSlot(place, slot), ty, Level::Subject);
            }
            let written = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
            let near = nearest(&written, rubric.indicators.iter().map(|indicator| indicator.code.it.as_str()));
            let mistake = names::not_of(&beside.alias.it, &written, span, near, Some(rubric.name.span));
            scope.core.tell_unknown(parts.last().map_or("", Name::as_str), mistake);
            return Found::Wrong;
        }
    };
    let Some(form) = rules.forms.get(form_at) else { return Found::Wrong };
    {
        let name = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
        if let Some(computed) = form.computed(&name) {
            if !computed.value.tables().is_empty() {
                scope.core.tell(forms::rows_elsewhere(&computed.name, span));
                return Found::Wrong;
            }
            if let Some(used) = scope.used.get_mut(form_at) {
                used.extend(computed.value.fields());
            }
            let value = computed.value.copied(level, &|field| Node::BesideField(place, field), &mut || scope.core.id());
            let (ty, level) = (value.ty.clone(), value.level);
            return Found::It(Node::Computed(computed.name.it.clone(), Box::new(value)), ty, level);
        }
        if let Some((field, found)) = form.field(&name) {
            if let Some(used) = scope.used.get_mut(form_at) {
                used.insert(field);
            }
            return Found::It(Node::BesideField(place, field), found.ty(), level);
        }
    }
    let written = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
    let near = nearest(&written, form.fields.iter().map(|field| field.name.it.as_str()));
    let mistake = names::not_of(&beside.alias.it, &written, span, near, Some(form.name.span));
    scope.core.tell_unknown(parts.last().map_or("", Name::as_str), mistake);
    Found::Wrong
}

/// A column of a table behind its name, for each of its rows; the table itself, of which there is one each row.
pub(super) fn column(core: &mut Core<'_>, (place, table): (u16, &RowTable), parts: &[Name]) -> Option<Found> {
    let level = Level::Row(place);
    if parts.is_empty() {
        // Whose it is every row says that belongs to somebody.
        let (at, whose) = table.rows.groups.first().and_then(|group| Some((group.key?, table.rows.fields.get(group.key?.0)?)))?;
        let whose = super::expr::made(core, Node::BesideField(place, at), whose.ty(), level, table.name.span);
        return Some(Found::It(Node::Filled(Box::new(whose)), Type::Flag, level));
    }
    let name = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
    if let Some((field, found)) = table.rows.field(&name) {
        return Some(Found::It(Node::BesideField(place, field), found.ty(), level));
    }
    let computed = table.rows.computed(&name)?;
    let mut value = computed.value.copied(level, &|field| Node::BesideField(place, field), &mut || core.id());
    value.level = level;
    let ty = value.ty.clone();
    Some(Found::It(Node::Computed(computed.name.it.clone(), Box::new(value)), ty, level))
}

/// Tells that a table has no such column.
pub(super) fn no_column(core: &mut Core<'_>, table: &RowTable, parts: &[Name], span: Span) {
    let written = parts.iter().map(Name::as_str).collect::<Vec<_>>().join(".");
    let near = nearest(&written, table.rows.fields.iter().filter(|field| field.is_asked()).map(|field| field.name.it.as_str()));
    core.tell_unknown(&written, names::not_of(&table.name.it, &written, span, near, Some(table.name.span)));
}

/// Whether two expressions may stand in one statistic: over members, or over the submissions of one form beside the source.
pub(super) fn mixed(levels: impl Iterator<Item = Level>) -> bool {
    let mut rows = levels.filter(|level| matches!(level, Level::Member | Level::Row(_)));
    rows.next().is_some_and(|first| rows.any(|other| other != first))
}
