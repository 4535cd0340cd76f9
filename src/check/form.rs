//! Forms (填报表的检查): fields, their types and ranges, conditions, checks.

use super::core::Core;
use super::expr::{self, Found, Scope};
use super::mistakes::names::{self, Kind};
use super::mistakes::types;
use crate::model::{Check, Computed, Expr, Field, FieldIx, FieldType, Form, FormSection, Group, Level, Node, Period, Range, Type, Unit};
use crate::syntax::tree::{self, FieldKind, FormStmt, Path};
use crate::text::{At, Name, Span, nearest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A checked form, with the fields that its own conditions and checks read, and those that say why they are there.
pub(super) struct Checked {
    pub form: Form,
    pub used: BTreeSet<FieldIx>,
}

/// Checks a form.
pub(super) fn form<'t>(core: &mut Core<'t>, written: &tree::Form, prefix: &str) -> Checked {
    let mut gathered = Gathered::default();
    gather(core, &written.body, &mut gathered);
    let fields: Vec<Field> = gathered.fields.iter().map(|field| plain_field(core, field)).collect();
    let mut used: BTreeSet<FieldIx> =
        gathered.fields.iter().enumerate().filter(|(_, field)| field.doc.is_some()).map(|(at, _)| FieldIx(at)).collect();
    let find = |name: &At<Name>| fields.iter().position(|field| field.name.it == name.it).map(FieldIx);
    let mut field_of = |core: &mut Core<'t>, name: &At<Name>| {
        let found = find(name);
        match found {
            Some(at) => {
                used.insert(at);
            }
            None => {
                let near = nearest(&name.it, fields.iter().map(|field| field.name.it.as_str()));
                core.tell_unknown(&name.it, names::unknown(Kind::Field, &name.it, name.span, near));
            }
        }
        found
    };
    let head = &written.head;
    let key = gathered.subject.as_ref().and_then(|(_, key)| field_of(core, key));
    if gathered.subject.is_none() && !core.is_broken(head.whole) {
        core.tell(names::missing_statement(&head.name.it, head.span, "对象 … 按 …", "subject … by …"));
    }
    let groups = gathered
        .groups
        .iter()
        .filter_map(|(kind, key)| match key {
            None => Some(Group { kind: kind.it.clone(), key: None }),
            Some(key) => field_of(core, key).map(|at| Group { kind: kind.it.clone(), key: Some(at) }),
        })
        .collect();
    let period =
        gathered.period.as_ref().map(|(length, key)| Period { length: length.it, key: key.as_ref().and_then(|key| field_of(core, key)) });
    let mut form = Form {
        name: At::new(Name::from(format!("{prefix}{}", head.name.it)), head.name.span),
        title: head.title.as_ref().map(|title| title.it.clone()),
        version: gathered.version.map(|version| version.it),
        subject: gathered.subject.as_ref().map_or_else(|| Name::from("对象"), |(kind, _)| kind.it.clone()),
        key: key.unwrap_or(FieldIx(0)),
        groups,
        period,
        fields,
        sections: gathered.sections,
        checks: Vec::new(),
        computed: Vec::new(),
        split: None,
    };
    // Conditions and checks may use any field, also one that is written later.
    core.restart_ids();
    for (at, field) in gathered.fields.iter().enumerate() {
        if let Some(when) = &field.when {
            let mut scope = FormScope { core, form: &form, read: BTreeSet::new() };
            let when = expr::flag(&mut scope, when);
            let read = scope.read;
            used.extend(read);
            if let Some(field) = form.fields.get_mut(at) {
                field.when = Some(when);
            }
        }
    }
    for written in &gathered.computed {
        let (mut value, read) = with_fields(core, &form, |scope| expr::expr(scope, &written.value));
        used.extend(read);
        if let Some((_, field)) = form.field(&written.name.it) {
            core.tell(names::duplicate("填报项", "field", &written.name, field.name.span));
        }
        if matches!(value.ty, Type::Text) {
            value = expr::expect(core, value, &Type::plain());
        }
        let title = written.title.as_ref().map(|title| title.it.clone());
        form.computed.push(Computed { name: written.name.clone(), title, value, shared: false });
    }
    for check in &gathered.checks {
        let mut scope = FormScope { core, form: &form, read: BTreeSet::new() };
        let condition = expr::flag(&mut scope, &check.condition);
        let read = scope.read;
        used.extend(read.iter().copied());
        form.checks.push(Check {
            refuses: check.refuses,
            condition,
            message: check.message.it.clone(),
            fields: read.into_iter().collect(),
            span: check.span,
        });
    }
    Checked { form, used }
}

/// Checks something that speaks of the fields of a form; with the fields that it reads.
pub(super) fn with_fields<'t, T>(core: &mut Core<'t>, form: &Form, check: impl FnOnce(&mut dyn Scope<'t>) -> T) -> (T, BTreeSet<FieldIx>) {
    let mut scope = FormScope { core, form, read: BTreeSet::new() };
    let made = check(&mut scope);
    (made, scope.read)
}

#[derive(Default)]
struct Gathered<'w> {
    version: Option<At<String>>,
    subject: Option<(At<Name>, At<Name>)>,
    groups: Vec<(At<Name>, Option<At<Name>>)>,
    period: Option<(At<tree::PeriodLength>, Option<At<Name>>)>,
    fields: Vec<&'w tree::Field>,
    sections: Vec<FormSection>,
    checks: Vec<&'w tree::Check>,
    computed: Vec<&'w tree::Compute>,
}

fn gather<'w>(core: &mut Core<'_>, body: &'w [FormStmt], into: &mut Gathered<'w>) {
    for stmt in body {
        match stmt {
            FormStmt::Version(version) => match &into.version {
                Some(first) => core.tell(names::repeated("版本", "version", version.span, first.span)),
                None => into.version = Some(version.clone()),
            },
            FormStmt::Subject { kind, key } => match &into.subject {
                Some((first, _)) => core.tell(names::repeated("对象", "subject", kind.span, first.span)),
                None => into.subject = Some((kind.clone(), key.clone())),
            },
            FormStmt::Within { kind, key } => match into.groups.iter().find(|(first, _)| first == kind) {
                Some((first, _)) => core.tell(names::duplicate("分组", "group", kind, first.span)),
                None => into.groups.push((kind.clone(), key.clone())),
            },
            FormStmt::Period { length, key } => match &into.period {
                Some((first, _)) => core.tell(names::repeated("周期", "period", length.span, first.span)),
                None => into.period = Some((length.clone(), key.clone())),
            },
            FormStmt::Part { head, body } => {
                let (fields, checks) = (into.fields.len(), into.checks.len());
                gather(core, body, into);
                into.sections.push(FormSection {
                    name: head.name.it.clone(),
                    title: head.title.as_ref().map(|title| title.it.clone()),
                    fields: fields..into.fields.len(),
                    checks: checks..into.checks.len(),
                });
            }
            FormStmt::Field(field) => match into.fields.iter().find(|first| first.name == field.name) {
                Some(first) => core.tell(names::duplicate("填报项", "field", &field.name, first.name.span)),
                None => into.fields.push(field),
            },
            FormStmt::Check(check) => into.checks.push(check),
            FormStmt::Compute(compute) => match into.computed.iter().find(|first| first.name == compute.name) {
                Some(first) => core.tell(names::duplicate("计算项", "computed value", &compute.name, first.name.span)),
                None => into.computed.push(compute),
            },
            // Units are made of the form once it is checked.
            FormStmt::Split(_) => {}
        }
    }
}

/// A field without its condition.
fn plain_field(core: &mut Core<'_>, field: &tree::Field) -> Field {
    let unit = field.unit.as_ref().and_then(|unit| core.unit(unit));
    if let Some(unit) = &field.unit
        && !matches!(field.kind.it, FieldKind::Integer | FieldKind::Decimal(_) | FieldKind::Money)
    {
        core.tell(types::wrong_field(unit.span, "只有数才带单位", "only a number has a unit"));
    }
    let kind = match &field.kind.it {
        FieldKind::Integer => FieldType::Integer(unit.unwrap_or_default()),
        FieldKind::Decimal(places) => FieldType::Decimal(places_of(core, *places, field.kind.span), unit.unwrap_or_default()),
        FieldKind::Money => {
            let yuan = core.units.get("元").cloned().unwrap_or_else(|| Unit::base(&Name::from("元")));
            FieldType::Decimal(2, unit.unwrap_or(yuan))
        }
        FieldKind::Percent(places) => FieldType::Percent(places.map(|places| places_of(core, places, field.kind.span))),
        FieldKind::Text => FieldType::Text,
        FieldKind::Date => FieldType::Date,
        FieldKind::YesNo => FieldType::YesNo,
        FieldKind::Choice(options) => {
            let mut seen: Vec<Name> = Vec::new();
            for option in options {
                if seen.contains(&option.it) {
                    core.tell(types::option_twice(&option.it, option.span));
                } else {
                    seen.push(option.it.clone());
                }
            }
            if seen.is_empty() && !core.is_broken(field.span) {
                core.tell(types::wrong_field(field.kind.span, "单选没有选项", "a choice without options"));
            }
            FieldType::Choice(Arc::from(seen))
        }
    };
    let range = field.range.as_ref().and_then(|range| range_of(core, range, &kind));
    if let Some(pattern) = &field.pattern {
        if kind != FieldType::Text {
            core.tell(types::wrong_field(pattern.span, "只有文本才有格式", "only a text has a pattern"));
        }
        if let Err(error) = regex_lite::Regex::new(&pattern.it) {
            let (zh, en) = (format!("格式不是正确的正则表达式: {error}"), format!("the pattern is not a regular expression: {error}"));
            core.tell(types::wrong_field(pattern.span, &zh, &en));
        }
    }
    Field {
        name: field.name.clone(),
        kind,
        range,
        required: field.required.is_some(),
        when: None,
        label: field.label.as_ref().map(|label| label.it.clone()),
        pattern: field.pattern.clone(),
        hint: field.hint.as_ref().map(|hint| hint.it.clone()),
    }
}

fn places_of(core: &mut Core<'_>, places: u32, at: Span) -> u32 {
    if places > 12 {
        core.tell(types::wrong_field(at, "小数最多 12 位", "at most 12 decimals"));
    }
    places.min(12)
}

fn range_of(core: &mut Core<'_>, range: &At<tree::Range>, kind: &FieldType) -> Option<Range> {
    let (from, to) = (&range.it.from, &range.it.to);
    let ends = [from, to].into_iter().flatten();
    match kind {
        FieldType::Date if ends.clone().all(|end| end.date.is_some()) => {
            let (from, to) = (from.as_ref().and_then(|end| end.date), to.as_ref().and_then(|end| end.date));
            if from.zip(to).is_some_and(|(from, to)| from > to) {
                core.tell(types::wrong_field(range.span, "范围的前一个日期晚于后一个", "the range begins after it ends"));
            }
            Some(Range::Dates(from, to))
        }
        FieldType::Integer(unit) | FieldType::Decimal(_, unit) if ends.clone().all(|end| end.date.is_none()) => {
            for end in ends {
                if let Some(written) = &end.unit
                    && let Some(found) = core.unit(written)
                    && found != *unit
                {
                    core.tell(types::unit_mismatch((unit, range.span), (&found, written.span), Some(&end.number), ""));
                }
            }
            Some(numbers(core, range, from, to))
        }
        FieldType::Percent(_) if ends.clone().all(|end| end.date.is_none()) => {
            // A percentage is asked in percents, so `0..100` means 0 % to 100 %.
            let hundredth = |end: &Option<tree::Quantity>| {
                end.as_ref().map(|end| tree::Quantity {
                    number: if end.percent {
                        end.number.clone()
                    } else {
                        &end.number * &crate::number::Exact::from_ratio(1, 100).unwrap_or_default()
                    },
                    ..end.clone()
                })
            };
            Some(numbers(core, range, &hundredth(from), &hundredth(to)))
        }
        _ => {
            core.tell(types::wrong_field(range.span, "这种填报项没有这样的范围", "this kind of field has no such range"));
            None
        }
    }
}

fn numbers(core: &mut Core<'_>, range: &At<tree::Range>, from: &Option<tree::Quantity>, to: &Option<tree::Quantity>) -> Range {
    let number = |end: &Option<tree::Quantity>| end.as_ref().map(|end| end.number.clone());
    let (from, to) = (number(from), number(to));
    if from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| from > to) {
        core.tell(types::wrong_field(range.span, "范围的前一个数大于后一个", "the range begins above its end"));
    }
    Range::Numbers(from, to)
}

/// The names that a form's conditions and checks may use: its fields. Parameters change
/// with the day of evaluation, and what was filled in must not.
struct FormScope<'a, 't> {
    core: &'a mut Core<'t>,
    form: &'a Form,
    read: BTreeSet<FieldIx>,
}

impl<'t> Scope<'t> for FormScope<'_, 't> {
    fn core(&mut self) -> &mut Core<'t> {
        self.core
    }

    fn path(&mut self, path: &Path, span: Span) -> Found {
        let [name] = path.0.as_slice() else {
            self.core.tell(names::unknown(Kind::Field, self.core.texts.slice(span), span, None));
            return Found::Wrong;
        };
        if let Some((at, field)) = self.form.field(&name.it) {
            self.read.insert(at);
            return Found::It(Node::Field(at), field.ty(), Level::Subject);
        }
        if let Some(computed) = self.form.computed(&name.it) {
            self.read.extend(computed.value.fields());
            let value = computed.value.copied(Level::Subject, &Node::Field, &mut || self.core.id());
            return Found::It(Node::Computed(name.it.clone(), Box::new(value)), computed.value.ty.clone(), Level::Subject);
        }
        let near = nearest(&name.it, self.form.fields.iter().map(|field| field.name.it.as_str()));
        self.core.tell_unknown(&name.it, names::unknown(Kind::Field, &name.it, span, near));
        Found::Wrong
    }

    fn knows(&mut self, name: &Name) -> bool {
        self.form.field(name).is_some()
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
}

/// The type of a field that holds a group's name, for `校.县代码` and the like.
pub(super) fn field_type(form: &Form, at: FieldIx) -> Type {
    form.fields.get(at.0).map_or(Type::Unknown, Field::ty)
}
