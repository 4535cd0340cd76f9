//! `heng new`, and then the first day with it.

use crate::support::{Folder, Heng, table};

#[test]
fn the_first_day_of_a_new_region() {
    let folder = Folder::empty();
    folder.heng(&["new", "我的县"]).code(0).prints(&["我的县/heng.toml"]).says(&["cd 我的县"]).fits(80);
    let here = folder.at("我的县");
    let heng = |args: &[&str]| Heng::new(&here, args).run();
    heng(&["check"]).code(0).says(&["没有发现问题"]).fits(80);
    heng(&["check", "--deny", "warnings"]).code(0);
    heng(&["test"]).code(0).prints(&["通过"]).fits(80);
    heng(&["run"]).code(0).prints(&["校园安全", "3100000001", "优秀", "不合格", "总分", "等级"]).fits(80);
    heng(&["run", "--out", "结果.csv"]).code(0).says(&["结果.csv"]).fits(80);
    let results = table(&folder.read("我的县/结果.csv"));
    assert_eq!(results.iter().filter(|row| row[4] == "@grade").count(), 4);
    heng(&["why", "--subject", "3100000002"]).code(0).prints(&["第一条(一)", "得分", "等级"]).fits(80);
    // From a folder further down it is the same region.
    let below = here.join("data");
    assert_eq!(Heng::new(&below, &["run"]).run().code(0).out, heng(&["run"]).out);
}

#[test]
fn the_first_day_in_english_and_in_narrow_and_wide_terminals() {
    let folder = Folder::empty();
    folder.heng(&["new", "county", "--lang", "en"]).code(0).says(&["done"]);
    let here = folder.at("county");
    for verb in ["check", "test", "run"] {
        Heng::new(&here, &[verb, "--lang", "en"]).run().code(0).fits(80);
    }
    for columns in ["60", "120", "200"] {
        Heng::new(&here, &["run"]).env("COLUMNS", columns).run().code(0).fits(columns.parse().unwrap());
    }
}

#[test]
fn what_is_there_is_left_alone() {
    let folder = Folder::with(&[("有/我的.txt", "勿动")]);
    folder.heng(&["new", "有"]).code(2).says(&["有"]).prints_nothing();
    assert_eq!(folder.read("有/我的.txt"), "勿动");
    assert!(!folder.at("有/heng.toml").exists());
    folder.heng(&["new", "有/我的.txt"]).code(2).prints_nothing();
    folder.heng(&["new"]).code(2).prints_nothing();
    folder.heng(&["new", "新"]).code(0);
    folder.heng(&["new", "新"]).code(2).says(&["新"]);
}
