//! What the statements of a form say (填报表的语句), those of its parts and turns among the others, before anything is checked.
//!
//! Not here: what they mean (`form`).

use super::core::Core;
use super::mistakes::names;
use crate::model::FormSection;
use crate::syntax::tree::{self, FormStmt};
use crate::text::{At, Name};

/// A field where it is asked.
pub(super) struct Asked<'w> {
    pub field: &'w tree::Field,
    /// In a turn of an `each`, with what it is for.
    pub name: At<Name>,
    pub turn: Option<Name>,
    /// When its section is asked, and of whom.
    pub when: Option<&'w tree::Expr>,
    pub by: Option<&'w At<Name>>,
}

/// A check or a computed value, in its turn.
pub(super) struct Stated<'w, T> {
    pub written: &'w T,
    pub name: At<Name>,
    pub turn: Option<Name>,
}

/// A table where it is asked.
pub(super) struct Table<'w> {
    pub head: &'w tree::Head,
    pub when: Option<&'w tree::Expr>,
    pub by: Option<&'w At<Name>>,
    pub body: &'w [FormStmt],
}

/// All that a form, or one of its tables, says.
#[derive(Default)]
pub(super) struct Gathered<'w> {
    /// The place of the first of its fields.
    pub first: usize,
    pub version: Option<At<String>>,
    pub subject: Option<(At<Name>, At<Name>)>,
    pub groups: Vec<(At<Name>, Option<At<Name>>)>,
    pub period: Option<(At<tree::PeriodLength>, Option<At<Name>>)>,
    pub fillers: Vec<At<Name>>,
    pub fields: Vec<Asked<'w>>,
    pub sections: Vec<FormSection>,
    pub checks: Vec<Stated<'w, tree::Check>>,
    pub computed: Vec<Stated<'w, tree::Compute>>,
    pub tables: Vec<Table<'w>>,
}

impl<'w> Gathered<'w> {
    /// All expressions over the fields of a submission, each with its turn.
    pub fn expressions(&self) -> Vec<(&'w tree::Expr, Option<&Name>)> {
        let whens =
            self.fields.iter().flat_map(|asked| asked.when.into_iter().chain(&asked.field.when).map(|when| (when, asked.turn.as_ref())));
        let checks = self.checks.iter().map(|check| (&check.written.condition, check.turn.as_ref()));
        let computed = self.computed.iter().map(|computed| (&computed.written.value, computed.turn.as_ref()));
        whens.chain(checks).chain(computed).collect()
    }
}

/// What is said of a whole part of a form.
#[derive(Clone, Default)]
pub(super) struct Around<'w> {
    pub when: Option<&'w tree::Expr>,
    pub by: Option<&'w At<Name>>,
    pub turn: Option<Name>,
}

impl Around<'_> {
    fn named(&self, name: &At<Name>) -> At<Name> {
        match &self.turn {
            Some(turn) => At::new(Name::from(format!("{}.{turn}", name.it)), name.span),
            None => name.clone(),
        }
    }
}

/// Gathers statements; what stands twice is told.
pub(super) fn gather<'w>(core: &mut Core<'_>, body: &'w [FormStmt], around: &Around<'w>, into: &mut Gathered<'w>) {
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
            FormStmt::Fillers(names) => {
                for name in names {
                    match into.fillers.iter().find(|first| first.it == name.it) {
                        Some(first) => core.tell(names::duplicate("填报方", "who fills it in", name, first.span)),
                        None => into.fillers.push(name.clone()),
                    }
                }
            }
            FormStmt::Part { head, body, when, by } => {
                let (fields, checks) = (into.first + into.fields.len(), into.checks.len());
                gather(core, body, &Around { when: when.as_ref(), by: by.as_ref(), turn: None }, into);
                into.sections.push(FormSection {
                    name: head.name.it.clone(),
                    title: head.title.as_ref().map(|title| title.it.clone()),
                    fields: fields..into.first + into.fields.len(),
                    checks: checks..into.checks.len(),
                });
            }
            FormStmt::Each { list, body, .. } => {
                for (at, turn) in list.iter().enumerate() {
                    match list.iter().take(at).find(|first| first.it == turn.it) {
                        Some(first) => core.tell(names::duplicate("对象", "turn", turn, first.span)),
                        None => gather(core, body, &Around { turn: Some(turn.it.clone()), ..around.clone() }, into),
                    }
                }
            }
            FormStmt::Field(field) => {
                let name = around.named(&field.name);
                match into.fields.iter().find(|first| first.name.it == name.it) {
                    Some(first) => core.tell(names::duplicate("填报项", "field", &field.name, first.name.span)),
                    None => into.fields.push(Asked { field, name, turn: around.turn.clone(), when: around.when, by: around.by }),
                }
            }
            FormStmt::Check(check) => {
                into.checks.push(Stated { written: check, name: At::new(Name::from(""), check.span), turn: around.turn.clone() });
            }
            FormStmt::Compute(compute) => {
                let name = around.named(&compute.name);
                match into.computed.iter().find(|first| first.name.it == name.it) {
                    Some(first) => core.tell(names::duplicate("计算项", "computed value", &compute.name, first.name.span)),
                    None => into.computed.push(Stated { written: compute, name, turn: around.turn.clone() }),
                }
            }
            FormStmt::Rows { head, when, by, body } => match into.tables.iter().find(|first| first.head.name.it == head.name.it) {
                Some(first) => core.tell(names::duplicate("表格", "table", &head.name, first.head.name.span)),
                None => {
                    into.tables.push(Table { head, when: when.as_ref().or(around.when), by: by.as_ref().or(around.by), body });
                }
            },
            // Units are made of the form once it is checked.
            FormStmt::Split(_) => {}
        }
    }
}
