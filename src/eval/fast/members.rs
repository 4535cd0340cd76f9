//! Groups with their rows (分组的成员): who is in which group.
//!
//! Rows are counted out by the codes of names, once for each kind of group.
//! Not here: what groups come to (`over`).

use crate::eval::exact::{Judged, Subjects};
use crate::eval::level::group_name;
use crate::eval::results::Subject;
use crate::eval::table::Table;
use crate::model::Form;
use crate::text::Name;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The group of a row that is in none.
const NONE: u32 = u32::MAX;

/// Groups with their rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    kinds: Vec<Name>,
    names: Vec<Name>,
    rows: Vec<u32>,
    ends: Vec<usize>,
    /// Of each kind the group of each row of the table, or `NONE`.
    of_rows: Vec<Vec<u32>>,
}

impl Groups {
    /// The groups of some kinds, by their names, each with its rows in a given order.
    pub fn new(form: &Form, table: &Table, kinds: &[Name], order: &[u32]) -> Groups {
        let mut groups = Groups::default();
        kinds.iter().for_each(|kind| groups.count_out(form, table, kind, order));
        groups
    }

    fn count_out(&mut self, form: &Form, table: &Table, kind: &Name, order: &[u32]) {
        let key = form.group(kind).and_then(|group| group.key);
        let mut names: Vec<Name> = key.map(|key| table.dictionary(key).to_vec()).unwrap_or_default();
        let codes = key.filter(|_| !names.is_empty()).map(|key| table.codes(key)).unwrap_or_default();
        // A cell without a code may yet name a group: the table has no dictionary for it, or the cell is odd.
        let ordinary = names.len();
        let mut others: HashMap<Name, u32> = HashMap::new();
        let mut of_rows = vec![NONE; table.len()];
        let mut counts = vec![0_u32; names.len()];
        for row in order.iter().map(|row| *row as usize) {
            let code = match codes.get(row) {
                Some(code) if (*code as usize) < ordinary => *code,
                _ => match group_name(form, table, kind, row) {
                    Some(name) => *others.entry(name).or_insert_with_key(|name| {
                        names.iter().position(|known| known == name).unwrap_or_else(|| {
                            names.push(name.clone());
                            names.len() - 1
                        }) as u32
                    }),
                    None => NONE,
                },
            };
            if code != NONE {
                counts.resize(names.len(), 0);
                counts.get_mut(code as usize).into_iter().for_each(|count| *count += 1);
                of_rows.get_mut(row).into_iter().for_each(|place| *place = code);
            }
        }
        // From codes to groups: those of the names that there are, in the order of names.
        let mut used: Vec<(usize, Name)> = names.into_iter().enumerate().filter(|(code, _)| counts.get(*code) > Some(&0)).collect();
        used.sort_by(|(_, a), (_, b)| a.cmp(b));
        let (before, mut end) = (self.names.len(), self.rows.len());
        let mut group_of = vec![NONE; counts.len()];
        let mut next = Vec::with_capacity(used.len());
        for (group, (code, name)) in used.into_iter().enumerate() {
            group_of.get_mut(code).into_iter().for_each(|place| *place = group as u32);
            next.push(end);
            end += counts.get(code).map_or(0, |count| *count as usize);
            self.ends.push(end);
            self.kinds.push(kind.clone());
            self.names.push(name);
        }
        of_rows.iter_mut().for_each(|place| *place = group_of.get(*place as usize).copied().unwrap_or(NONE));
        self.rows.resize(end, 0);
        for row in order {
            let group = of_rows.get(*row as usize).and_then(|group| next.get_mut(*group as usize));
            if let Some(next) = group {
                self.rows.get_mut(*next).into_iter().for_each(|place| *place = *row);
                *next += 1;
            }
        }
        if before > 0 {
            of_rows.iter_mut().filter(|place| **place != NONE).for_each(|place| *place += before as u32);
        }
        self.of_rows.push(of_rows);
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Kind and name.
    pub fn name(&self, group: usize) -> Option<(&Name, &Name)> {
        Some((self.kinds.get(group)?, self.names.get(group)?))
    }

    pub fn rows(&self, group: usize) -> &[u32] {
        let start = group.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(group).and_then(|end| self.rows.get(start..*end)).unwrap_or_default()
    }

    /// The groups that a row is in.
    pub fn of_row(&self, row: usize) -> Vec<usize> {
        self.of_rows.iter().filter_map(|groups| groups.get(row).filter(|group| **group != NONE)).map(|group| *group as usize).collect()
    }

    /// Some of the groups; which rows are in them is not asked of these.
    pub fn only(&self, which: &[usize]) -> Groups {
        let mut only = Groups::default();
        for at in which {
            if let Some((kind, name)) = self.name(*at) {
                only.kinds.push(kind.clone());
                only.names.push(name.clone());
                only.rows.extend(self.rows(*at));
                only.ends.push(only.rows.len());
            }
        }
        only
    }

    /// As the exact evaluator has them, once it asks.
    pub fn later(&self) -> Later<'_> {
        Later { groups: self, made: OnceLock::new() }
    }
}

/// Groups that are not asked for unless something has to be computed exactly.
pub(super) struct Later<'g> {
    groups: &'g Groups,
    made: OnceLock<Subjects>,
}

impl Judged for Later<'_> {
    fn subjects(&self) -> &Subjects {
        self.made.get_or_init(|| {
            let groups = self.groups;
            let subject = |(group, (kind, name)): (usize, (&Name, &Name))| Subject {
                kind: kind.clone(),
                key: name.clone(),
                group: None,
                members: groups.rows(group).iter().map(|row| *row as usize).collect(),
            };
            Subjects::new(groups.kinds.iter().zip(&groups.names).enumerate().map(subject).collect(), false)
        })
    }
}
