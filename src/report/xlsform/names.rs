//! What questions, groups, lists and options are called in an XLSForm.
//!
//! XML would take 汉字, but JavaRosa, on which ODK Collect and KoBoCollect run, reads expressions of ASCII names only. So what has
//! another name gets one that is made of it, the same in every version of the form whatever stands before it; the name itself is
//! kept in the column `heng_name`.

use super::xpath::Called;
use crate::model::xlsform::{is_plain, made_name};
use crate::model::{FieldType, Form};
use crate::text::{Name, fingerprint};
use std::collections::{HashMap, HashSet};

/// Names that mean something else: the root of a form and what ODK adds to it.
const TAKEN: [&str; 8] = ["data", "meta", "instanceid", "instancename", "audit", "entity", "name", "heng_notes"];

/// All names of a form, or of the rows of a table.
pub(super) struct Names {
    questions: Vec<String>,
    computed: Vec<String>,
    groups: Vec<String>,
    taken: HashSet<String>,
    /// Of each field with options: each and what it is called.
    options: Vec<Option<HashMap<String, String>>>,
    /// The repeats of tables, with the names of their columns.
    tables: Vec<(String, Names)>,
}

impl Names {
    pub fn of(form: &Form) -> Names {
        // What can keep its name does so before anything is called like it.
        let plain = form.fields.iter().map(|field| &field.name.it).filter(|name| is_plain(name));
        let kept: HashSet<String> = plain.map(|name| name.to_lowercase()).collect();
        let taken = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        Names::beside(form, &kept, taken, "")
    }

    /// * `within`: the table whose columns they are.
    fn beside(form: &Form, kept: &HashSet<String>, taken: HashSet<String>, within: &str) -> Names {
        let (questions, computed, groups) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = Names { questions, computed, groups, taken, options: Vec::new(), tables: Vec::new() };
        let of = |name: &str| if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") };
        for field in &form.fields {
            let name = if field.is_asked() { names.take("q", &of(&field.name.it), kept) } else { String::new() };
            names.questions.push(name);
            names.options.push(match (&field.kind, &field.details.several) {
                (FieldType::Choice(options), _) | (_, Some(options)) => Some(called(options)),
                _ => None,
            });
        }
        for computed in &form.computed {
            let name = names.take("c", &of(&computed.name.it), kept);
            names.computed.push(name);
        }
        for section in &form.sections {
            let name = names.take("g", &section.name, kept);
            names.groups.push(name);
        }
        for table in &form.tables {
            let repeat = names.take("t", &table.name.it, kept);
            let columns = Names::beside(&table.rows, kept, std::mem::take(&mut names.taken), &table.name.it);
            names.taken = columns.taken.clone();
            names.tables.push((repeat, columns));
        }
        names
    }

    /// The repeat of a table, and the names of its columns.
    pub fn table(&mut self, at: usize) -> Option<(String, Names)> {
        let (repeat, columns) = self.tables.get_mut(at)?;
        let taken = self.taken.clone();
        let empty = Names {
            questions: Vec::new(),
            computed: Vec::new(),
            groups: Vec::new(),
            taken: HashSet::new(),
            options: Vec::new(),
            tables: Vec::new(),
        };
        let mut columns = std::mem::replace(columns, empty);
        columns.taken = taken;
        Some((repeat.clone(), columns))
    }

    /// A name for something that is called so.
    fn take(&mut self, kind: &str, name: &str, kept: &HashSet<String>) -> String {
        if is_plain(name) && self.taken.insert(name.to_lowercase()) {
            return name.to_owned();
        }
        let plain = made_name(kind, name);
        let made = |number: usize| if number == 1 { plain.clone() } else { format!("{plain}_{number}") };
        (1..).map(made).find(|made| !kept.contains(made) && self.taken.insert(made.clone())).unwrap_or_default()
    }

    /// A name for a remark.
    pub fn remark(&mut self, kind: &str, text: &str) -> String {
        self.take(kind, &format!("{text}\u{0}"), &HashSet::new())
    }

    pub fn computed(&self, at: usize) -> &str {
        self.computed.get(at).map_or("", String::as_str)
    }

    pub fn group(&self, at: usize) -> &str {
        self.groups.get(at).map_or("", String::as_str)
    }
}

impl Called for Names {
    fn question(&self, field: usize) -> &str {
        self.questions.get(field).map_or("", String::as_str)
    }

    fn option<'o>(&'o self, field: usize, option: &'o str) -> Option<&'o str> {
        match self.options.get(field)? {
            // A text is what it is.
            None => Some(option),
            Some(options) => options.get(option).map(String::as_str),
        }
    }

    fn repeat(&self, table: usize) -> Option<&str> {
        self.tables.get(table).map(|(repeat, _)| repeat.as_str())
    }

    fn column(&self, table: usize, column: usize) -> Option<&str> {
        self.tables.get(table)?.1.questions.get(column).map(String::as_str)
    }

    fn is_plain(&self, field: usize) -> bool {
        self.options.get(field).is_some_and(|options| options.iter().flatten().all(|(option, called)| option == called))
    }
}

/// What the options of a choice are called: what they are, without blanks, which would part several of them.
pub(super) fn called(options: &[Name]) -> HashMap<String, String> {
    let mut taken = HashSet::new();
    let mut names = HashMap::new();
    for option in options {
        let bare: String = option.chars().filter(|c| !c.is_whitespace()).collect();
        let numbered = |number: usize| if number == 1 { bare.clone() } else { format!("{bare}_{number}") };
        let name = (1..).map(numbered).find(|name| taken.insert(name.clone())).unwrap_or_default();
        names.insert(option.to_string(), name);
    }
    names
}

/// The list of some options, the same for the same.
pub(super) fn list(options: &[Name]) -> String {
    format!("l_{:07x}", fingerprint(options.iter().map(Name::as_str)) & 0xFFF_FFFF)
}
