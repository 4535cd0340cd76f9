//! The rows of the sheet `survey`, in the order of the form.
//!
//! * A check stands as the constraint of the last question without whose answer it cannot fail, because a constraint is only
//!   looked at where there is an answer; one that may fail without any stands as a required note, which holds up whoever sees it.
//! * A remark is a note that is shown where the remark is due.
//! * A computed value is calculated, and shown by nothing.

use super::Row;
use super::fields::{appearance, default, given, heng_range, heng_type, is_small, own_constraint};
use super::names::{self, Names};
use super::xpath::{Called, Printer, Said, Test, Truth, Unsaid};
use crate::diag::Lang;
use crate::model::xlsform;
use crate::model::{Check, Expr, Field, FieldType, Form, Node, Rules};
use crate::report::template::shown;
use crate::report::written;
use crate::syntax::{quoted_name, quoted_text};
use crate::text::Name;
use std::collections::{BTreeMap, BTreeSet};

/// A form on its way into rows.
pub(super) struct Survey<'s> {
    rules: &'s Rules,
    form: &'s Form,
    lang: Lang,
    names: Names,
    rows: Vec<Row>,
    choices: BTreeMap<String, Vec<[String; 4]>>,
    unsaid: Vec<String>,
    /// The table whose rows these are, and how many of its fields say whose they are.
    within: Option<(String, usize)>,
    /// Of each field: what its constraint says besides its own range, with the messages.
    constraints: BTreeMap<usize, Vec<(String, String)>>,
    /// Of each field: the checks that are written down in its row.
    also: BTreeMap<usize, Vec<String>>,
    /// Notes that stand behind each field.
    notes: BTreeMap<usize, Vec<Row>>,
}

impl<'s> Survey<'s> {
    fn new(rules: &'s Rules, form: &'s Form, lang: Lang, names: Names) -> Survey<'s> {
        Survey {
            rules,
            form,
            lang,
            names,
            rows: Vec::new(),
            choices: BTreeMap::new(),
            unsaid: Vec::new(),
            within: None,
            constraints: BTreeMap::new(),
            also: BTreeMap::new(),
            notes: BTreeMap::new(),
        }
    }

    /// Rows, choices, and what is left unsaid.
    pub fn of(rules: &Rules, form: &Form, lang: Lang) -> (Vec<Row>, Vec<[String; 4]>, Vec<String>) {
        let mut survey = Survey::new(rules, form, lang, Names::of(form));
        survey.make();
        for row in &mut survey.rows {
            seal(row, &survey.choices);
        }
        if !survey.unsaid.is_empty() {
            let list = survey.unsaid.iter().map(|unsaid| format!("- {unsaid}")).collect::<Vec<_>>().join("\n");
            let label = lang.say(format!("交回后还要检查:\n{list}"), format!("Checked besides when it is read:\n{list}"));
            let mut row = Row::from([("type", "note".to_owned()), ("name", "heng_notes".to_owned()), ("heng_type", "note".to_owned())]);
            row.insert("label", plain(&label));
            seal(&mut row, &survey.choices);
            survey.rows.insert(0, row);
        }
        let choices = survey.choices.into_values().flatten().collect();
        (survey.rows, choices, survey.unsaid)
    }

    fn make(&mut self) {
        let form = self.form;
        for (at, check) in form.checks.iter().enumerate() {
            // What a choice that depends on another, or a table with a condition, says by itself.
            if check.span != check.condition.span {
                self.check(at, check);
            }
        }
        self.all();
    }

    fn written(&self, expr: &Expr) -> String {
        written::expression(self.rules, self.form, expr).unwrap_or_default()
    }

    /// Finds a place for a check.
    fn check(&mut self, at: usize, check: &Check) {
        let section = self.form.sections.iter().find(|section| section.checks.contains(&at)).map(|section| section.name.as_str());
        let section = section.or(self.within.as_ref().map(|(table, _)| table.as_str())).map(|section| format!(" {section}"));
        let kind = if check.refuses { "check" } else { "warn" };
        // Of a remark that a reason lets through, the condition has the reason already.
        let (condition, unless) = match (&check.condition.node, check.unless) {
            (Node::Any(list), Some(reason)) => {
                let reason = self.form.fields.get(reason.0).map(|field| format!(" unless {}", quoted_name(&field.name.it)));
                (list.first().unwrap_or(&check.condition), reason.unwrap_or_default())
            }
            _ => (&check.condition, String::new()),
        };
        let (condition, message) = (self.written(condition), quoted_text(&check.message));
        let statement = format!("{at}{}: {kind} {condition} : {message}{unless}", section.unwrap_or_default());
        let asked = |field: &&usize| self.form.fields.get(**field).is_some_and(Field::is_asked);
        let reads: Vec<usize> = check.fields.iter().chain(&check.unless).map(|field| field.0).collect();
        let last = reads.iter().filter(asked).max().copied().unwrap_or_else(|| self.first());
        let placed = self.place_check(check, last, &statement);
        if placed.is_err() {
            self.unsaid.push(check.message.clone());
            self.also.entry(last).or_default().push(statement);
        }
    }

    /// The first field that somebody fills in.
    fn first(&self) -> usize {
        self.within.as_ref().map_or(0, |(_, before)| *before)
    }

    fn place_check(&mut self, check: &Check, last: usize, statement: &str) -> Said<()> {
        let fails = self.fails(check, None)?;
        // Rows are filled in behind the question that a sum of them is compared with, and a remark may be passed over.
        let apart = !check.refuses || !check.condition.tables().is_empty();
        let needs = if apart { fails.needs().map(|_| BTreeSet::new()) } else { fails.needs() };
        // One that cannot fail where an answer is given stays as it is written.
        let Some(needs) = needs else {
            self.also.entry(last).or_default().push(statement.to_owned());
            return Ok(());
        };
        if let Some(at) = needs.last().copied() {
            let fails = self.fails(check, Some(at))?;
            self.constraints.entry(at).or_default().push((fails.not().text(), check.message.clone()));
            self.also.entry(at).or_default().push(statement.to_owned());
            return Ok(());
        }
        if fails == Test::No {
            self.also.entry(last).or_default().push(statement.to_owned());
            return Ok(());
        }
        let (kind, sign) = if check.refuses { ("x", "✗") } else { ("w", "⚠") };
        let mut row = Row::from([
            ("type", "note".to_owned()),
            ("name", self.names.remark(kind, statement)),
            ("label", format!("{sign} {}", plain(&check.message))),
            ("relevant", fails.text()),
            ("heng_type", "note".to_owned()),
            ("heng_also", statement.to_owned()),
        ]);
        if check.refuses {
            row.insert("required", "yes".to_owned());
        }
        // Behind the tables, where they are taken together.
        let place = if check.condition.tables().is_empty() { last } else { usize::MAX };
        self.notes.entry(place).or_default().push(row);
        Ok(())
    }

    /// Where a check surely fails.
    fn fails(&self, check: &Check, own: Option<usize>) -> Said<Test> {
        let Truth { no, .. } = Printer::new(self.form, &self.names, own).truth(&check.condition)?;
        Ok(no)
    }

    fn all(&mut self) {
        let form = self.form;
        let mut open: Option<usize> = None;
        for (at, field) in form.fields.iter().enumerate().skip(self.first()).filter(|(_, field)| field.is_asked()) {
            let section = form.sections.iter().position(|section| section.fields.contains(&at));
            if section != open {
                if open.is_some() {
                    self.rows.push(Row::from([("type", "end_group".to_owned())]));
                }
                if let Some(begun) = section {
                    self.group(begun);
                }
                open = section;
            }
            self.field(at, field);
            let notes = self.notes.remove(&at).unwrap_or_default();
            self.rows.extend(notes);
        }
        if open.is_some() {
            self.rows.push(Row::from([("type", "end_group".to_owned())]));
        }
        for at in 0..form.tables.len() {
            self.table(at);
        }
        let notes = self.notes.remove(&usize::MAX).unwrap_or_default();
        self.rows.extend(notes);
        for at in 0..form.computed.len() {
            self.computed(at);
        }
    }

    /// A table, as a repeat.
    fn table(&mut self, at: usize) {
        let form = self.form;
        let (Some(table), Some((repeat, names))) = (form.tables.get(at), self.names.table(at)) else { return };
        let mut row = Row::from([
            ("type", "begin_repeat".to_owned()),
            ("name", repeat),
            ("label", plain(table.title.as_deref().unwrap_or(&table.name.it))),
            ("heng_name", table.name.it.to_string()),
            ("heng_type", "table".to_owned()),
        ]);
        row.extend(table.title.clone().map(|title| ("heng_title", title)));
        row.extend(table.by.as_ref().map(|by| ("heng_range", format!("filled by {}", quoted_name(by)))));
        // That it has no rows where it is not asked is a remark of the form.
        let own = |check: &&Check| check.span == check.condition.span && check.condition.tables().iter().any(|of| usize::from(*of) == at);
        if let Some(Node::Any(list)) = form.checks.iter().find(own).map(|check| &check.condition.node)
            && let Some(asked) = list.first()
        {
            row.insert("heng_when", self.written(asked));
            match Printer::new(form, &self.names, None).truth(asked) {
                Ok(truth) => {
                    row.insert("relevant", truth.yes.text());
                }
                Err(Unsaid) => self.unsaid.push(format!("{}: {}", table.name.it, self.written(asked))),
            }
        }
        self.rows.push(row);
        let mut inner = Survey::new(self.rules, &table.rows, self.lang, names);
        inner.choices = std::mem::take(&mut self.choices);
        inner.within = Some((table.name.it.to_string(), table.rows.groups.len() + 1 + usize::from(table.rows.period.is_some())));
        inner.make();
        self.choices = inner.choices;
        self.unsaid.append(&mut inner.unsaid);
        self.rows.append(&mut inner.rows);
        self.rows.push(Row::from([("type", "end_repeat".to_owned())]));
    }

    fn group(&mut self, at: usize) {
        let Some(section) = self.form.sections.get(at) else { return };
        let mut row = Row::from([
            ("type", "begin_group".to_owned()),
            ("name", self.names.group(at).to_owned()),
            ("label", plain(section.title.as_deref().unwrap_or(&section.name))),
            ("heng_name", section.name.to_string()),
        ]);
        if let Some(title) = &section.title {
            row.insert("heng_title", title.clone());
        }
        self.rows.push(row);
    }

    fn field(&mut self, at: usize, field: &Field) {
        let lang = self.lang;
        let label = field.label.as_deref().unwrap_or(&field.name.it);
        let unit = shown::unit(field);
        let label = if unit.is_empty() { label.to_owned() } else { format!("{label} ({unit})") };
        let mut row = Row::from([
            ("type", self.question(field)),
            ("name", self.names.question(at).to_owned()),
            ("label", plain(&label)),
            ("heng_name", field.name.it.to_string()),
            ("heng_type", heng_type(field)),
        ]);
        if let Some(upper) = field.details.depends.as_ref().and_then(|depends| self.form.fields.get(depends.on.0)) {
            row.insert("heng_type", format!("choice by {} {}", quoted_name(&upper.name.it), heng_type(field)));
        }
        row.extend(field.label.clone().map(|label| ("heng_title", label)));
        row.extend(field.hint.clone().map(|hint| ("hint", plain(&hint))));
        row.extend(Some(heng_range(field)).filter(|range| !range.is_empty()).map(|range| ("heng_range", range)));
        row.extend(default(field, &self.names, at).map(|default| ("default", default)));
        row.extend(field.pattern.as_ref().map(|pattern| ("heng_pattern", pattern.it.clone())));
        row.extend(appearance(field).map(|appearance| ("appearance", appearance.to_owned())));
        let mut asked = true;
        if let Some(when) = &field.when {
            let otherwise = field.details.otherwise.as_ref().and_then(|value| given(field, value));
            let otherwise = otherwise.map(|value| format!(" else {value}")).unwrap_or_default();
            row.insert("heng_when", format!("{}{otherwise}", self.written(when)));
            match Printer::new(self.form, &self.names, None).truth(when) {
                Ok(truth) => {
                    row.insert("relevant", truth.yes.text());
                }
                Err(Unsaid) => {
                    asked = false;
                    let (name, when) = (&field.name.it, self.written(when));
                    self.unsaid.push(lang.say(format!("{name} 只在 {when} 时填"), format!("{name} is asked only when {when}")));
                }
            }
        }
        if field.required || self.form.key.0 == at {
            // What is asked of some only, and not said of whom, cannot be required.
            if asked {
                row.insert("required", "yes".to_owned());
            }
        }
        if let Some(depends) = &field.details.depends {
            row.insert("choice_filter", format!("of = ${{{}}}", self.names.question(depends.on.0)));
        }
        if field.details.attach.as_ref().is_some_and(|attach| attach.files != Some(1)) {
            let (name, zh, en) = (label.clone(), "一题只能附一个文件", "one question takes one file");
            self.unsaid.push(lang.say(format!("{name}: {zh}"), format!("{name}: {en}")));
        }
        let mut holds = Vec::new();
        match own_constraint(field) {
            Ok(own) => holds.extend(own.map(|own| (own, shown::takes(field, lang)))),
            Err(Unsaid) => self.unsaid.push(format!("{}: {}", field.name.it, shown::takes(field, lang))),
        }
        holds.extend(self.constraints.remove(&at).unwrap_or_default());
        if !holds.is_empty() {
            let join = |texts: Vec<String>, by: &str| texts.join(by);
            let (said, messages): (Vec<String>, Vec<String>) = holds.into_iter().unzip();
            if said.iter().any(|said| !said.is_empty()) {
                row.insert("constraint", join(said, " and "));
            }
            row.insert("constraint_message", plain(&join(messages, lang.pick("；", "; "))));
        }
        if let Some(also) = self.also.remove(&at) {
            row.insert("heng_also", also.join("\n"));
        }
        self.rows.push(row);
    }

    /// The type of a field's question; its options are added to the choices.
    fn question(&mut self, field: &Field) -> String {
        if let Some(attach) = &field.details.attach {
            let all = |kinds: &[&str]| !attach.accept.is_empty() && attach.accept.iter().all(|ending| kinds.contains(&ending.as_str()));
            let kind = match () {
                () if all(&["jpg", "jpeg", "png"]) => "image",
                () if all(&["mp3", "m4a", "wav", "amr"]) => "audio",
                () if all(&["mp4", "mov"]) => "video",
                () => "file",
            };
            return kind.to_owned();
        }
        let (options, kind) = match (&field.kind, &field.details.several) {
            (_, Some(options)) => (options, "select_multiple"),
            (FieldType::Choice(options), _) => (options, "select_one"),
            (FieldType::Integer(_), _) if is_small(field) => return "integer".to_owned(),
            (FieldType::Integer(_) | FieldType::Decimal(..) | FieldType::Percent(_), _) => return "decimal".to_owned(),
            (FieldType::Text, _) => return "text".to_owned(),
            (FieldType::Date, _) => return "date".to_owned(),
            (FieldType::YesNo, _) => {
                let words = shown::yes_no(self.lang);
                let choice = |name: &str, label: &str| ["yes_no".to_owned(), name.to_owned(), label.to_owned(), String::new()];
                self.choices.entry("yes_no".to_owned()).or_insert_with(|| vec![choice("yes", words.0), choice("no", words.1)]);
                return "select_one yes_no".to_owned();
            }
        };
        let called = names::called(options);
        let name = |option: &Name| called.get(&**option).cloned().unwrap_or_default();
        let (list, rows) = match &field.details.depends {
            None => {
                let list = names::list(options);
                let rows = options.iter().map(|option| [list.clone(), name(option), plain(option), String::new()]).collect();
                (list, rows)
            }
            Some(depends) => {
                let list = names::list(&[field.name.it.clone(), Name::from(names::list(options))]);
                let mut rows = Vec::new();
                for (upper, own) in &depends.options {
                    let upper = self.names.option(depends.on.0, upper).unwrap_or_default().to_owned();
                    rows.extend(own.iter().map(|option| [list.clone(), name(option), plain(option), upper.clone()]));
                }
                (list, rows)
            }
        };
        self.choices.entry(list.clone()).or_insert(rows);
        format!("{kind} {list}")
    }

    fn computed(&mut self, at: usize) {
        let Some(computed) = self.form.computed.get(at) else { return };
        let statement = self.written(&computed.value);
        let title = computed.title.as_ref().map(|title| format!(" {}", quoted_text(title))).unwrap_or_default();
        let mut row = Row::from([
            ("name", self.names.computed(at).to_owned()),
            ("heng_name", computed.name.it.to_string()),
            ("heng_also", format!("compute {} = {statement}{title}", quoted_name(&computed.name.it))),
        ]);
        match Printer::new(self.form, &self.names, None).shown(&computed.value, shown::yes_no(self.lang)) {
            Ok(shown) => {
                row.insert("type", "calculate".to_owned());
                row.insert("calculation", shown);
            }
            Err(Unsaid) => {
                self.unsaid.push(computed.title.clone().unwrap_or_else(|| computed.name.it.to_string()));
                let label = computed.title.as_deref().unwrap_or(&computed.name.it);
                row.extend([("type", "note".to_owned()), ("label", plain(label)), ("relevant", "false()".to_owned())]);
                row.insert("heng_type", "note".to_owned());
            }
        }
        self.rows.push(row);
    }
}

/// A text in which nothing is a reference.
fn plain(text: &str) -> String {
    text.replace("${", "$ {")
}

/// Seals what a row says, so that it can be seen whether it was changed.
fn seal(row: &mut Row, choices: &BTreeMap<String, Vec<[String; 4]>>) {
    if !row.keys().any(|column| column.starts_with("heng_")) {
        return;
    }
    let list = row.get("type").and_then(|kind| kind.split_once(' ')).and_then(|(_, list)| choices.get(list));
    let cell = |column: &str| row.get(column).map_or("", String::as_str);
    let sealed = xlsform::seal(cell, list.into_iter().flatten().map(|choice| choice[1].as_str()));
    row.insert(xlsform::SEAL, sealed);
}
