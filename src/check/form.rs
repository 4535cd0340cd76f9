//! Forms (填报表的检查): fields in their parts and turns, conditions, checks.
//!
//! What a form says in a way of its own is lowered to what there is: a choice that depends on another one to checks, several
//! choices to a field of yes or no for each option, the value of an earlier period to a field that nobody fills in, an `each`
//! to fields and checks for each turn.
//! Not here: single fields (`field`), names (`answers`), computed values (`computed`), what stands where (`gathered`).

use super::answers::{in_turn, one_a_submission, spellings};
use super::computed::computed;
use super::core::Core;
use super::expr::{self, made};
use super::field;
use super::gathered::{Around, Gathered, Table, gather};
use super::mistakes::names::{self, Kind};
use super::mistakes::{forms, types};
use crate::model::{
    Check, Details, Expr, Field, FieldIx, FieldType, Form, Group, Level, Lowered, Node, Over, Period, RowTable, Statistic, StatisticKind,
    Type,
};
use crate::number::Exact;
use crate::syntax::tree::{self, Arg, CompareOp, ExprKind, FieldKind};
use crate::text::{At, Name, Span, nearest};
use std::collections::BTreeSet;

/// A checked form, with the fields that its own conditions and checks read, and those that say why they are there.
pub(super) struct Checked {
    pub form: Form,
    pub used: BTreeSet<FieldIx>,
    /// The same of the rows of each of its tables.
    pub of_rows: Vec<BTreeSet<FieldIx>>,
}

/// Checks a form.
///
/// * `at`: the place that it will have; the forms of its tables come behind it.
pub(super) fn form<'t>(core: &mut Core<'t>, written: &tree::Form, prefix: &str, at: usize) -> Checked {
    let mut gathered = Gathered::default();
    gather(core, &written.body, &Around::default(), &mut gathered);
    let fields: Vec<Field> = gathered.fields.iter().map(|asked| field::plain(core, asked.field, asked.name.clone())).collect();
    let mut used: BTreeSet<FieldIx> =
        gathered.fields.iter().enumerate().filter(|(_, asked)| asked.field.doc.is_some()).map(|(at, _)| FieldIx(at)).collect();
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
    let name = At::new(Name::from(format!("{prefix}{}", head.name.it)), head.name.span);
    let subject = gathered.subject.as_ref().map_or_else(|| Name::from(""), |(kind, _)| kind.it.clone());
    let mut form = Form {
        title: head.title.as_ref().map(|title| title.it.clone()),
        version: gathered.version.as_ref().map(|version| version.it.clone()),
        groups,
        period,
        fillers: gathered.fillers.iter().map(|name| name.it.clone()).collect(),
        sections: std::mem::take(&mut gathered.sections),
        ..Form::new(name, subject, key.unwrap_or(FieldIx(0)), fields)
    };
    let mut of_rows = Vec::new();
    for written in &gathered.tables {
        let (table, used) = table(core, &form, written, at + 1 + form.tables.len(), &gathered.fillers);
        form.tables.push(table);
        of_rows.push(used);
    }
    core.restart_ids();
    let mut checked = finish(core, &gathered, form, used);
    // What the form says of its rows is a use of their fields.
    of_rows.iter_mut().zip(std::mem::take(&mut checked.of_rows)).for_each(|(used, read)| used.extend(read));
    Checked { of_rows, ..checked }
}

/// A table of a form: a form of its own whose submissions, the rows, are within those of the form.
fn table(core: &mut Core<'_>, of: &Form, written: &Table<'_>, at: usize, fillers: &[At<Name>]) -> (RowTable, BTreeSet<FieldIx>) {
    let head = written.head;
    let number = Field::new(At::new(Name::from("#"), head.name.span), FieldType::Text);
    let mut fields = vec![Field { details: Details { lowered: Some(Lowered::Row), ..Details::default() }, ..number }];
    let identifying = [Some(of.key), of.period.as_ref().and_then(|period| period.key)];
    for field in identifying.into_iter().flatten().filter_map(|at| of.fields.get(at.0)) {
        fields.push(Field { required: true, when: None, details: Details::default(), ..field.clone() });
    }
    let mut gathered = Gathered { first: fields.len(), fillers: fillers.to_vec(), ..Gathered::default() };
    gather(core, written.body, &Around { by: written.by, ..Around::default() }, &mut gathered);
    for asked in &gathered.fields {
        if let Some(first) = fields.iter().find(|field| field.name.it == asked.name.it) {
            core.tell(names::duplicate("填报项", "field", &asked.name, first.name.span));
        }
        if let FieldKind::Attach(_) = asked.field.kind.it {
            core.tell(types::wrong_field(
                asked.field.kind.span,
                "附件写在填报表里，不写在表格里",
                "attachments belong to the form, not to a row",
            ));
        }
        fields.push(field::plain(core, asked.field, asked.name.clone()));
    }
    if gathered.fields.is_empty() && !core.is_broken(head.whole) {
        core.tell(names::missing_statement(&head.name.it, head.span, "名称: 类型", "name: type"));
    }
    let period = of.period.as_ref().filter(|period| period.key.is_some());
    let name = At::new(Name::from(format!("{}.{}", of.name.it, head.name.it)), head.name.span);
    let rows = Form {
        title: head.title.as_ref().map(|title| title.it.clone()),
        version: of.version.clone(),
        groups: vec![Group { kind: of.subject.clone(), key: Some(FieldIx(1)) }],
        period: period.map(|period| Period { length: period.length, key: Some(FieldIx(2)) }),
        fillers: of.fillers.clone(),
        ..Form::new(name, head.name.it.clone(), FieldIx(0), fields)
    };
    let documented = gathered.fields.iter().enumerate().filter(|(_, asked)| asked.field.doc.is_some());
    let mut used: BTreeSet<FieldIx> = documented.map(|(at, _)| FieldIx(at + gathered.first)).collect();
    used.extend((0..gathered.first).map(FieldIx));
    core.restart_ids();
    let checked = finish(core, &gathered, rows, used);
    let (name, title) = (head.name.clone(), checked.form.title.clone());
    let by = written.by.map(|by| by.it.clone());
    (RowTable { name, title, by, form: at, rows: Box::new(checked.form) }, checked.used)
}

/// What a form says of its fields, once they are all there.
fn finish(core: &mut Core<'_>, gathered: &Gathered<'_>, mut form: Form, mut used: BTreeSet<FieldIx>) -> Checked {
    said_of_fields(core, gathered, &mut form);
    lower(gathered, &mut form);
    used.extend(computed(core, gathered, &mut form));
    used.extend(conditions(core, gathered, &mut form));
    circles(core, &form);
    used.extend(checks(core, gathered, &mut form));
    // Whoever asks for an option reads the field of the choices.
    let of = |at: &FieldIx| match form.fields.get(at.0)?.details.lowered? {
        Lowered::Option(of, _) | Lowered::Previous(of) => Some(of),
        Lowered::Row => None,
    };
    let read: Vec<FieldIx> = used.iter().filter_map(of).collect();
    used.extend(read);
    let statements = || form.checks.iter().map(|check| &check.condition).chain(form.computed.iter().map(|computed| &computed.value));
    let statements = statements().chain(form.fields.iter().filter_map(|field| field.when.as_ref()));
    let mut of_rows = vec![BTreeSet::new(); form.tables.len()];
    statements.for_each(|statement| fields_of_rows(statement, &mut of_rows));
    Checked { form, used, of_rows }
}

/// The fields of rows that an expression reads, by the places of their tables.
fn fields_of_rows(expr: &Expr, read: &mut [BTreeSet<FieldIx>]) {
    if let Node::BesideField(table, field) = expr.node
        && let Some(read) = read.get_mut(usize::from(table))
    {
        read.insert(field);
    }
    expr.children().into_iter().for_each(|inner| fields_of_rows(inner, read));
}

/// Who fills a field in, what it depends on, what it counts as.
fn said_of_fields(core: &mut Core<'_>, gathered: &Gathered<'_>, form: &mut Form) {
    for (at, asked) in (gathered.first..).zip(&gathered.fields) {
        let written = asked.field;
        let depends = match &written.kind.it {
            FieldKind::Cascade { by, cases } => field::depends(core, form, by, cases, written.kind.span),
            _ => None,
        };
        let default = written.default.as_ref().and_then(|value| field::fixed(core, form, FieldIx(at), value));
        let otherwise = written.otherwise.as_ref().and_then(|value| field::fixed(core, form, FieldIx(at), value));
        let by = written.by.as_ref().or(asked.by);
        if let Some(by) = by
            && !form.fillers.contains(&by.it)
        {
            let near = nearest(&by.it, form.fillers.iter().map(Name::as_str));
            core.tell_unknown(&by.it, forms::unknown_filler(by, &gathered.fillers, near));
        }
        if let Some(field) = form.fields.get_mut(at) {
            field.details = Details { depends, default, otherwise, by: by.map(|by| by.it.clone()), ..std::mem::take(&mut field.details) };
        }
    }
}

/// Adds the fields that nobody fills in: the options of several choices, and values of the period before that are asked for.
fn lower(gathered: &Gathered<'_>, form: &mut Form) {
    let hidden = |name: String, of: &Field, kind: FieldType, lowered: Lowered| Field {
        details: Details { lowered: Some(lowered), asked_in: of.details.asked_in.clone(), ..Details::default() },
        ..Field::new(At::new(Name::from(name), of.name.span), kind)
    };
    let mut added = Vec::new();
    for (at, field) in form.fields.iter().enumerate() {
        for (place, option) in field.details.several.iter().flat_map(|options| options.iter()).enumerate() {
            let lowered = Lowered::Option(FieldIx(at), place);
            added.push(hidden(format!("{}.{option}", field.name.it), field, FieldType::YesNo, lowered));
        }
    }
    let mut asked: BTreeSet<FieldIx> = BTreeSet::new();
    for (written, turn) in gathered.expressions() {
        written.each(&mut |inner| {
            if let ExprKind::Call { name, args, .. } = &inner.kind
                && matches!(name.it.as_str(), "previous" | "上期")
                && let [Arg::Value(tree::Expr { kind: ExprKind::Path(path), .. })] = args.as_slice()
            {
                asked.extend(spellings(path, turn).iter().find_map(|name| form.field(name)).map(|(at, _)| at));
            }
        });
    }
    for at in asked {
        let Some(of) = form.fields.get(at.0).filter(|of| of.details.several.is_none()) else { continue };
        added.push(Field {
            range: of.range.clone(), ..hidden(format!("上期.{}", of.name.it), of, of.kind.clone(), Lowered::Previous(at))
        });
    }
    form.fields.extend(added);
}

/// When fields are asked: if what their section says holds, and what they say themselves. They may use any field, also one that
/// is written later.
fn conditions(core: &mut Core<'_>, gathered: &Gathered<'_>, form: &mut Form) -> BTreeSet<FieldIx> {
    let mut used = BTreeSet::new();
    let mut parts: Vec<(Span, Expr)> = Vec::new();
    for (at, asked) in (gathered.first..).zip(&gathered.fields) {
        let of_part = asked.when.map(|when| match parts.iter().find(|(span, _)| *span == when.span) {
            Some((_, checked)) => checked.copied(Level::Subject, &Node::Field, &mut || core.id()),
            None => {
                let (checked, read) = in_turn(core, form, None, |scope| expr::flag(scope, when));
                let checked = one_a_submission(core, checked);
                used.extend(read);
                parts.push((when.span, checked.clone()));
                checked
            }
        });
        let own = asked.field.when.as_ref().map(|when| {
            let (checked, read) = in_turn(core, form, asked.turn.clone(), |scope| expr::flag(scope, when));
            used.extend(read);
            one_a_submission(core, checked)
        });
        let when = match (of_part, own) {
            // What is said of a part that nobody could fill in without it.
            (Some(part), Some(own)) => {
                let span = part.span;
                Some(made(core, Node::All(vec![part, own]), Type::Flag, Level::Subject, span))
            }
            (part, own) => part.or(own),
        };
        if let Some(field) = form.fields.get_mut(at) {
            field.when = when;
        }
    }
    // An option is asked where its choices are.
    for at in 0..form.fields.len() {
        let Some(Lowered::Option(of, _)) = form.fields.get(at).and_then(|field| field.details.lowered) else { continue };
        let when = form.fields.get(of.0).and_then(|field| field.when.as_ref());
        let when = when.map(|when| when.copied(Level::Subject, &Node::Field, &mut || core.id()));
        form.fields.get_mut(at).into_iter().for_each(|field| field.when = when.clone());
    }
    used
}

/// Tells of fields that are asked depending on themselves.
fn circles(core: &mut Core<'_>, form: &Form) {
    let needs: Vec<Vec<FieldIx>> = form.fields.iter().map(|field| field.when.as_ref().map(Expr::fields).unwrap_or_default()).collect();
    let mut told: BTreeSet<FieldIx> = BTreeSet::new();
    for start in (0..form.fields.len()).map(FieldIx) {
        if told.contains(&start) {
            continue;
        }
        // The way back to each field that the first one's condition comes to.
        let mut ways: Vec<(FieldIx, Vec<FieldIx>)> = vec![(start, vec![start])];
        let mut seen: BTreeSet<FieldIx> = BTreeSet::new();
        while let Some((at, way)) = ways.pop() {
            for next in needs.get(at.0).into_iter().flatten() {
                if *next == start {
                    let name = |at: &FieldIx| form.fields.get(at.0).map(|field| field.name.it.to_string()).unwrap_or_default();
                    let names: Vec<String> = way.iter().chain([&start]).map(name).collect();
                    let span = form.fields.get(start.0).map_or(Span::default(), |field| field.name.span);
                    if told.is_disjoint(&way.iter().copied().collect()) {
                        core.tell(names::cycle(&names, span));
                    }
                    told.extend(way.iter().copied());
                } else if seen.insert(*next) {
                    ways.push((*next, way.iter().copied().chain([*next]).collect()));
                }
            }
        }
    }
}

fn checks(core: &mut Core<'_>, gathered: &Gathered<'_>, form: &mut Form) -> BTreeSet<FieldIx> {
    let mut used = BTreeSet::new();
    for stated in &gathered.checks {
        let check = stated.written;
        let (mut condition, read) = in_turn(core, form, stated.turn.clone(), |scope| expr::flag(scope, &check.condition));
        condition = one_a_submission(core, condition);
        used.extend(read.iter().copied());
        let unless = check.unless.as_ref().and_then(|reason| reason_of(core, form, check, reason, stated.turn.as_ref()));
        if let Some(reason) = unless {
            used.insert(reason);
            let span = condition.span;
            let field = made(core, Node::Field(reason), Type::Text, Level::Subject, span);
            let filled = made(core, Node::Filled(Box::new(field)), Type::Flag, Level::Subject, span);
            condition = made(core, Node::Any(vec![condition, filled]), Type::Flag, Level::Subject, span);
        }
        let fields = read.into_iter().filter(|at| form.fields.get(at.0).is_some()).collect();
        let message = check.message.it.clone();
        form.checks.push(Check { refuses: check.refuses, condition, message, unless, fields, span: check.span });
    }
    used.extend(pairs(core, form));
    for written in &gathered.tables {
        let Some(when) = written.when else { continue };
        let Some((place, _)) = form.table(&written.head.name.it) else { continue };
        let (asked, read) = in_turn(core, form, None, |scope| expr::flag(scope, when));
        used.extend(read.iter().copied());
        let (span, rows) = (when.span, Level::Row(place));
        let row = made(core, Node::BesideField(place, FieldIx(1)), Type::Text, rows, span);
        let row = made(core, Node::Filled(Box::new(row)), Type::Flag, rows, span);
        let count = Statistic { kind: StatisticKind::Count, of: Over::Rows(place, row), weight: None, filter: None, parameter: None };
        let count = made(core, Node::Statistic(Box::new(count)), Type::plain(), Level::Subject, span);
        let none = made(core, Node::Number(Exact::ZERO), Type::plain(), Level::Constant, span);
        let empty = made(core, Node::Compare(CompareOp::Eq, Box::new(count), Box::new(none)), Type::Flag, Level::Subject, span);
        let condition = made(core, Node::Any(vec![asked, empty]), Type::Flag, Level::Subject, span);
        let message = format!("{} → {}", core.texts.slice(span), written.head.name.it);
        form.checks.push(Check { refuses: false, condition, message, unless: None, fields: read.into_iter().collect(), span });
    }
    used
}

/// The field whose answer lets a warning through.
fn reason_of(core: &mut Core<'_>, form: &Form, check: &tree::Check, reason: &At<Name>, turn: Option<&Name>) -> Option<FieldIx> {
    let path = tree::Path(vec![reason.clone()]);
    let Some((at, field)) = spellings(&path, turn).iter().find_map(|name| form.field(name)) else {
        let near = nearest(&reason.it, form.fields.iter().map(|field| field.name.it.as_str()));
        core.tell_unknown(&reason.it, names::unknown(Kind::Field, &reason.it, reason.span, near));
        return None;
    };
    if check.refuses {
        core.tell(forms::reason_for_check(reason.span));
    }
    if field.ty() != Type::Text {
        core.tell(types::mismatch(&Type::Text, &field.ty(), reason.span));
        return None;
    }
    Some(at)
}

/// The checks that a choice which depends on another one comes to: for each option of that, its own.
fn pairs(core: &mut Core<'_>, form: &mut Form) -> BTreeSet<FieldIx> {
    let (mut used, mut added) = (BTreeSet::new(), Vec::new());
    for (at, field) in form.fields.iter().enumerate() {
        let (Some(depends), Type::Choice(all)) = (&field.details.depends, field.ty()) else { continue };
        let Some(parent) = form.fields.get(depends.on.0) else { continue };
        let Type::Choice(parents) = parent.ty() else { continue };
        used.extend([FieldIx(at), depends.on]);
        let span = field.name.span;
        for (case, own) in &depends.options {
            let word =
                |core: &mut Core<'_>, name: &Name, of: &Type| made(core, Node::Word(name.clone()), of.clone(), Level::Constant, span);
            let (here, there) = (Type::Choice(all.clone()), Type::Choice(parents.clone()));
            let on = made(core, Node::Field(depends.on), there.clone(), Level::Subject, span);
            let case_word = word(core, case, &there);
            let other = Node::Compare(CompareOp::Ne, Box::new(on), Box::new(case_word));
            let other = made(core, other, Type::Flag, Level::Subject, span);
            let mine = made(core, Node::Field(FieldIx(at)), here.clone(), Level::Subject, span);
            let list = own.iter().map(|option| word(core, option, &here)).collect();
            let right = made(core, Node::In(Box::new(mine), list), Type::Flag, Level::Subject, span);
            let condition = made(core, Node::Any(vec![other, right]), Type::Flag, Level::Subject, span);
            let list = own.iter().map(Name::as_str).collect::<Vec<_>>().join("、");
            let message = format!("{}: {case} → {}: {list}", parent.name.it, field.name.it);
            let fields = BTreeSet::from([FieldIx(at), depends.on]).into_iter().collect();
            added.push(Check { refuses: true, condition, message, unless: None, fields, span });
        }
    }
    form.checks.extend(added);
    used
}
