//! What a form asks and checks, of many rows by kernels and of few by exact numbers: the same.

use super::reference::random::{self, Random};
use super::reference::world::{Record, rules_of};
use heng::eval::form::{FailedCheck, failed};
use heng::model::FieldIx;
use rayon::prelude::*;

/// More rows than are computed one by one.
const MANY: usize = 300;

#[test]
fn many_rows_are_asked_what_each_is() {
    let differing: Vec<String> = (0..150_u64).into_par_iter().filter_map(differing).collect();
    assert!(differing.is_empty(), "{} rubrics:\n{}", differing.len(), differing[0]);
}

/// Where the cells or the failed checks of a submission are others among many.
fn differing(seed: u64) -> Option<String> {
    let written = random::case(&mut Random::new(seed));
    let ruled = rules_of(&written.rules);
    if !ruled.errors.is_empty() {
        return None;
    }
    // Without a split, so that a row is a submission.
    let form = ruled.rules.forms.iter().find(|form| form.split.is_none()).unwrap();
    let table = |records: &[Record]| heng::data::from_records(form, records.iter().cloned(), &heng::data::Options::default()).0;
    let many: Vec<Record> = (0..MANY)
        .map(|at| {
            let mut record = written.records[at % written.records.len()].clone();
            record[0].1 = format!("{at:04}");
            record
        })
        .collect();
    let (together, fields) = (table(&many), form.fields.len());
    let together_failed = failed(form, &together);
    for (at, record) in many.iter().enumerate().take(written.records.len()) {
        let alone = table(std::slice::from_ref(record));
        let row = together.find(&record[0].1).unwrap();
        for field in (0..fields).map(FieldIx) {
            let (one, among) = (alone.cell(field, 0), together.cell(field, row));
            if format!("{one:?}") != format!("{among:?}") {
                return Some(format!("seed {seed}, row {at}, {field:?}: {one:?}, among many {among:?}\n{}", written.rules));
            }
        }
        let of = |all: &[FailedCheck], row: usize| all.iter().filter(|it| it.row == row).map(|it| it.check).collect::<Vec<_>>();
        let (one, among) = (of(&failed(form, &alone), 0), of(&together_failed, row));
        if one != among {
            return Some(format!("seed {seed}, row {at}: fails {one:?}, among many {among:?}\n{}", written.rules));
        }
    }
    None
}
