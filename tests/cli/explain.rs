//! `heng explain`.

use crate::support::{Folder, Heng};

#[test]
fn a_code_by_any_of_its_names() {
    let folder = Folder::empty();
    let page = folder.heng(&["explain", "H0301"]).code(0).prints(&["H0301", "单位不符"]).says_nothing();
    for name in ["h0301", "unit-mismatch", "UNIT-MISMATCH", "单位不符", " H0301 "] {
        assert_eq!(folder.heng(&["explain", name]).code(0).out, page.out, "{name}");
    }
    folder.heng(&["explain", "H0301", "--lang", "en"]).code(0).prints(&["H0301 unit-mismatch"]);
}

#[test]
fn all_codes_without_one() {
    let list = Folder::empty().heng(&["explain"]).code(0).prints(&["H0100", "H0301", "单位不符", "H0904"]).fits(80);
    // Every code that is listed has its page, in both languages.
    for code in list.out.split_whitespace().filter(|word| word.len() == 5 && word.starts_with("H0")) {
        for lang in ["zh", "en"] {
            Folder::empty().heng(&["explain", code, "--lang", lang]).code(0).prints(&[code]);
        }
    }
}

#[test]
fn an_unknown_code_is_no_success() {
    let folder = Folder::empty();
    folder.heng(&["explain", "H9999"]).code(2).says(&["H9999"]).prints_nothing();
    folder.heng(&["explain", "H0399"]).code(2).says(&["H0399", "H0301"]).prints_nothing();
    folder.heng(&["explain", "unit-mismach"]).code(2).says(&["`unit-mismatch`"]).prints_nothing();
    folder.heng(&["explain", "单位不同"]).code(2).says(&["`单位不符`"]).prints_nothing();
    folder.heng(&["explain", ""]).code(2).prints_nothing();
}

#[test]
fn messages_are_in_the_language_that_is_asked_for() {
    let folder = Folder::empty();
    let explain = |name: &str, value: &str, args: &[&str]| {
        Heng::new(folder.path(), &[&["explain", "H0301"], args].concat()).env("LANG", "").env(name, value).run().code(0).out
    };
    let (zh, en) = (explain("LANG", "zh_CN.UTF-8", &[]), explain("LANG", "en_US.UTF-8", &[]));
    assert_ne!(zh, en);
    assert_eq!(explain("LC_ALL", "en_GB.UTF-8", &[]), en);
    assert_eq!(explain("LC_ALL", "zh_CN.GB18030", &["--lang", "en"]), en);
    assert_eq!(explain("LANG", "en_US.UTF-8", &["--lang=zh"]), zh);
    // Chinese where nothing is said.
    assert_eq!(explain("LANG", "C", &[]), zh);
}
