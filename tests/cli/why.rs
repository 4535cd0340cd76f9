//! `heng why`.

use crate::support::{Folder, Heng, repository, table};
use std::io::Read;

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

/// The lower-secondary part of a nine-year school: how it was split, and nothing reckoned with what does not apply.
#[test]
fn a_part_shows_its_share() {
    let ask = ["why", "national/优质均衡2017学部", "--subject", "9990030017-初中部", "--indicator", "L5"];
    let told = Heng::new(&repository("examples/county"), &ask).run().code(0);
    let told = told.prints(&["= 39167.32 × 1.1 × 920 ÷ (1720 + 1.1 × 920)", "14508.538741", "不适用: 不满足 用地受限", "data/学校.csv:18"]);
    assert!(!told.out.contains("用地受限 ×"), "{}", told.out);
}

/// What was kept is what `why` says, when neither rules nor data are there any more.
#[test]
fn kept_derivations_say_what_why_says() {
    for (example, rubric, code, subjects) in [
        ("county", &[][..], 1, &["10-3", "10-17"][..]),
        ("california", &[], 0, &[]),
        ("county", &["澜安县级申报"], 0, &["999003"]),
        ("worked-example", &[], 0, &["全县", "primary3"]),
    ] {
        let (region, folder) = (repository(&format!("examples/{example}")), Folder::empty());
        let file = folder.at("why.heng").display().to_string();
        let kept = Heng::new(&region, &[&["run"], rubric, &["--derivations", &file]].concat()).run().code(code).says(&["why.heng"]);
        drop(kept);
        let mut keys: Vec<String> = subjects.iter().map(|key| (*key).to_owned()).collect();
        let out = folder.at("long.csv").display().to_string();
        Heng::new(&region, &[&["run"], rubric, &["--out", &out]].concat()).run().code(code);
        let rows = table(&folder.read("long.csv"));
        let mut every: Vec<String> = rows[1..].iter().map(|row| row[2].clone()).collect();
        every.dedup();
        keys.retain(|key| every.contains(key));
        keys.extend([0, every.len() / 3, every.len() - 1].map(|at| every[at].clone()));
        for key in keys {
            for format in ["json", "text"] {
                let ask = ["--subject", &key, "--format", format];
                let expected = Heng::new(&region, &[&["why"], rubric, &ask].concat()).run().code(0).out;
                let told = folder.heng(&[&["why"], &ask[..], &["--derivations", &file]].concat()).code(0).out;
                assert_eq!(told, expected, "{example} {key}");
            }
        }
        folder.heng(&["why", "--subject", "nobody", "--derivations", &file]).code(2).says(&["nobody"]);
        let code = rows[1][4].clone();
        let one = ["--subject", &rows[1][2], "--indicator", &code];
        let expected = Heng::new(&region, &[&["why"], rubric, &one].concat()).run().code(0).out;
        assert_eq!(folder.heng(&[&["why"], &one[..], &["--derivations", &file]].concat()).code(0).out, expected);
    }
    let folder = Folder::region();
    folder.heng(&["why", "--subject", "甲校", "--derivations", "data.csv"]).code(2).says(&["data.csv", "heng run --derivations"]);
}

/// What other programs see of a file of derivations, and what `why` says of one that is not whole.
#[test]
fn kept_derivations_are_compressed_json_lines() {
    let folder = Folder::empty();
    let file = folder.at("why.jsonl.gz");
    let path = file.display().to_string();
    Heng::new(&repository("examples/california"), &["run", "--derivations", &path]).run().code(0);
    let bytes = std::fs::read(&file).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut rest = lines.iter();
    let mut subjects = 0;
    while let Some(head) = rest.next() {
        assert_eq!((&head["format"], &head["version"]), (&"heng derivations".into(), &2.into()));
        let here = head["subjects"].as_array().unwrap();
        subjects += here.len();
        for line in rest.by_ref().take(usize::try_from(head["derivations"].as_u64().unwrap()).unwrap()) {
            assert!(here.iter().any(|subject| subject[1] == line["subject"]) && line["role"].is_string(), "{line}");
        }
    }
    assert_eq!(subjects, 420);
    assert!(bytes.len() * 15 < text.len(), "{} bytes of {}", bytes.len(), text.len());

    folder.write("cut.gz", &bytes[..bytes.len() / 2]);
    folder.heng(&["why", "--subject", "nobody", "--derivations", "cut.gz"]).code(2).says(&["cut.gz", "不完整"]).prints_nothing();
    folder.write("old.why", "heng derivations 1\n{}\n");
    folder.heng(&["why", "--subject", "61382", "--derivations", "old.why"]).code(2).says(&["old.why", "heng run --derivations"]);
    folder.heng(&["why", "--subject", "61382", "--derivations", "none.gz"]).code(2).says(&["none.gz"]).prints_nothing();
}
