//! `heng why`.

use crate::support::{Folder, Heng, repository};

#[test]
fn the_derivation_of_a_result() {
    let folder = Folder::region();
    folder.heng(&["why", "--subject", "甲校"]).code(0).prints(&["甲校", "950", "50", "19", "data.csv:3", "rules.heng:10", "达标"]).fits(80);
    folder.heng(&["why", "师资", "--subject", "甲校", "--indicator", "A1"]).code(0).prints(&["950 / 50"]);
    folder.heng(&["why", "--subject", "丙校"]).code(0).prints(&["A1"]);
    let json = folder.heng(&["why", "--subject", "甲校", "--format", "json"]).code(0).json();
    assert!(!json.as_array().unwrap().is_empty());
}

#[test]
fn a_member_of_a_county_is_found_below_it() {
    let folder = repository("examples/worked-example");
    Heng::new(&folder, &["why", "--subject", "primary3"]).run().code(0).prints(&["935", "89", "10.51"]);
    Heng::new(&folder, &["why", "--subject", "全县", "--indicator", "CV"]).run().code(0).prints(&["0.515257"]);
}

#[test]
fn who_is_not_there() {
    let folder = Folder::region();
    folder.heng(&["why", "--subject", "甲小"]).code(2).says(&["H0902", "`甲小`", "`甲校`"]).prints_nothing();
    folder.heng(&["why", "--subject", "zzzzzz"]).code(2).says(&["zzzzzz", "甲校"]).prints_nothing();
    folder.heng(&["why", "--subject", "甲校", "--indicator", "A2"]).code(2).says(&["A2", "A1"]).prints_nothing();
    folder.heng(&["why", "师姿", "--subject", "甲校"]).code(2).says(&["`师资`"]).prints_nothing();
    folder.heng(&["why"]).code(2).says(&["--subject"]).prints_nothing();
    folder.heng(&["why", "--subject", ""]).code(2).prints_nothing();
}
