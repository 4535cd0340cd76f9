//! Reading in pieces, by any number of threads, comes to what reading row by row comes to.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::super::intake::Counts;
use super::super::intake::sample::{field, form};
use super::super::parcels::{Parcel, Parcels};
use super::super::pending::Findings;
use super::super::submissions::Options;
use super::*;
use crate::diag::{Code, Diagnostics, Lang};
use crate::model::{Field, FieldIx, FieldType, Form, Group, Period, Range, Unit};
use crate::number::Exact;
use crate::syntax::tree::PeriodLength;
use crate::text::{At, Name, Span};
use proptest::prelude::*;

/// 学校代码, 县, 人数 (required, 0..5000), 面积, 学段, 有食堂, 建校日期, 达标率, 年度.
fn school() -> Form {
    let required = |name, kind| Field { required: true, ..field(name, kind) };
    let mut code = required("学校代码", FieldType::Text);
    code.pattern = Some(At::new("[A-Z一-龥][0-9]*".to_owned(), Span::default()));
    let mut pupils = required("人数", FieldType::Integer(Unit::one()));
    pupils.range = Some(Range::Numbers(Some(Exact::ZERO), Some(Exact::from(5_000))));
    let fields = vec![
        code,
        field("县", FieldType::Text),
        pupils,
        field("面积", FieldType::Decimal(2, Unit::one())),
        field("学段", FieldType::Choice(["小学", "初中"].map(Name::from).into())),
        field("有食堂", FieldType::YesNo),
        field("建校日期", FieldType::Date),
        field("达标率", FieldType::Percent(None)),
        field("年度", FieldType::Integer(Unit::one())),
    ];
    let mut form = form(fields);
    form.groups = vec![Group { kind: "县".into(), key: Some(FieldIx(1)) }];
    form.period = Some(Period { length: PeriodLength::Year, key: Some(FieldIx(8)) });
    form
}

/// The rows of a table in the order of their keys, in words.
fn rows_of(form: &Form, table: &Table) -> Vec<String> {
    let row = |row: &u32| {
        let row = *row as usize;
        let cells: Vec<_> = (0..form.fields.len()).map(|field| table.cell(FieldIx(field), row)).collect();
        format!("{} {:?} {cells:?}", table.key(row), table.origin(row))
    };
    table.by_key().iter().map(row).collect()
}

/// What was found, in words.
fn findings_of(found: Findings) -> Vec<String> {
    let untold = format!("{} untold", found.untold);
    let found: Diagnostics = found.sorted();
    let told = found.iter().map(|it| format!("{:?} {} {}", it.origin(), it.headline(Lang::Zh), it.help(Lang::En).unwrap_or_default()));
    told.chain([untold]).collect()
}

/// Everything that reading comes to, in words.
fn told(mut intake: Intake<'_>) -> Vec<String> {
    intake.settle();
    let Intake { table, counts, found, plan, .. } = intake;
    let about = format!("{counts:?} {:?}", table.files);
    rows_of(plan.form, &table).into_iter().chain([about]).chain(findings_of(found)).collect()
}

fn in_pieces(form: &Form, period: Option<&str>, texts: &[&str], manner: Manner) -> Vec<String> {
    let plan = Plan::new(form, period);
    let mut intake = Intake::new(&plan, None);
    for text in texts {
        let done = intake.attempt(Path::new("a.csv"), |intake, file| read_csv(intake, file, text.as_bytes(), manner, &|_| {}, &mut None));
        assert_eq!(done, Ok(()));
    }
    told(intake)
}

/// The same without any short cut: each row by itself, each cell by its field's reader.
fn row_by_row(form: &Form, period: Option<&str>, texts: &[&str]) -> Vec<String> {
    struct Cells<'r>(&'r crate::data::csv::CsvRow<'r>, &'r [Option<usize>]);
    impl crate::data::batch::RawRow for Cells<'_> {
        fn line(&self) -> usize {
            self.0.line
        }
        fn cell(&self, field: usize) -> crate::data::batch::Raw<'_> {
            use crate::data::batch::Raw;
            self.1.get(field).copied().flatten().map_or(Raw::NoColumn, |column| Raw::Text(self.0.cell(column)))
        }
        fn place(&self, field: usize) -> (usize, usize) {
            self.1.get(field).copied().flatten().map_or((self.0.line, 0), |column| self.0.place(column))
        }
    }
    let plan = Plan::new(form, period);
    let mut intake = Intake::new(&plan, None);
    for text in texts {
        let file = intake.open("a.csv".into());
        let (skipped, separator) = crate::data::csv::separator(text.as_bytes());
        let mut rows = Rows::new(text.as_bytes(), separator, 1);
        rows.skip(skipped);
        let header = match header_of(&mut intake, file, &mut rows) {
            Found::Header(header) => header,
            Found::Nothing => {
                intake.tell(file, 0, 0, What::NoData { header_only: true });
                continue;
            }
            Found::Unusable => continue,
        };
        let before = intake.counts.read;
        while let Some(row) = rows.next() {
            let mut batch = Batch::new(&plan, &intake.table, file, 0);
            if row.is_empty() {
                continue;
            }
            if row.len() < header.width || row.filled() > header.width {
                batch.counts.read += 1;
                batch.counts.refused += 1;
                let found = if row.len() < header.width { row.len() } else { row.filled() };
                batch.tell(row.line, What::WrongRow { found, expected: header.width, lines: row.lines() });
            } else {
                batch.row(&Cells(&row, &header.columns));
            }
            intake.append(batch);
        }
        if intake.counts.read == before {
            intake.tell(file, 0, 0, What::NoData { header_only: true });
        }
    }
    told(intake)
}

/// Rows, findings and counts of a text that is handed on in parcels; or that it cannot be.
fn in_parcels(form: &Form, text: &str, manner: Manner) -> Option<(Vec<String>, Vec<String>, String)> {
    let plan = Plan::new(form, None);
    let mut intake = Intake::new(&plan, None);
    let (mut rows, options) = (Vec::new(), Options::default());
    let mut take = |parcel: Parcel| rows.extend(rows_of(form, &parcel.table));
    let mut parcels = Parcels::new(&options, &mut take);
    let file = intake.open("a.csv".into());
    let meanwhile = &mut |intake: &mut Intake<'_>| parcels.hand_on(intake);
    read_csv(&mut intake, file, text.as_bytes(), manner, &|_| {}, &mut Some(meanwhile)).unwrap();
    parcels.hand_on(&mut intake);
    let (found, counts) = parcels.finish(intake).ok()?;
    rows.sort();
    Some((rows, findings_of(found), format!("{counts:?}")))
}

/// A row of cells that are right, odd, wrong, quoted or empty, or not a row at all.
fn line() -> impl Strategy<Value = String> {
    let cells = [
        "A[0-9]|=\"A1\"|Ａ１|甲|a|\"A[12]\"|",
        "县[1-3]|４県|\"县\n一\"|\"\"\"县\"\"\"| 县|",
        "[0-9]{1,4}|5001|-1|1\\.0|许多|\"1,200\"|１２|",
        "[0-9]{1,9}\\.[0-9]{1,2}|-0\\.5|30000000|1\\.234|12平方米|1e3|",
        "小学|初中|小 学|高中|\"初中\"|",
        "是|否|Ｙ|也许|1|",
        "2024-0[1-9]-[0-3][0-9]|2024年9月1日|昨天|",
        "9[0-9]|95\\.25%|95.123456|",
        "202[34]|２０２４|一|",
        "x{0,2}",
    ];
    let row = cells.map(|cell| cell.prop_map(|text: String| text)).to_vec();
    prop_oneof![12 => row.prop_map(|cells| cells.join(",")), 1 => Just(String::new()), 1 => ",{0,12}", 1 => "甲,\"乙"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn pieces_and_threads_change_nothing(
        lines in proptest::collection::vec((line(), prop_oneof![Just("\n"), Just("\r\n"), Just("\r")]), 0..40),
        header in prop_oneof![
            Just("学校代码,县,人数,面积,学段,有食堂,建校日期,达标率,年度,备注"),
            Just("备注,县,学校代码,面积,学段,有食堂,建校日期,达标率,年度,人数"),
            Just("学校代码,县,人数,面积,学段,有食堂,建校日期,达标率,x,备注"),
            Just("\r\n\n学校代码,\"县\",人数,面积,人数"),
            Just("甲,乙"),
        ],
        size in 1_usize..200,
        period in prop_oneof![Just(None), Just(Some("2024")), Just(Some("x"))],
    ) {
        let form = school();
        let text: String = std::iter::once(format!("{header}\n")).chain(lines.iter().map(|(line, end)| format!("{line}{end}"))).collect();
        let texts = [text.as_str(), text.as_str()];
        let expected = row_by_row(&form, period, &texts);
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for piece in [size, 1 << 20] {
                let manner = Manner { piece, threads, strict: false };
                let found = pool.install(|| in_pieces(&form, period, &texts, manner));
                prop_assert_eq!(&found, &expected, "{} threads, pieces of {}", threads, piece);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn parcels_hold_the_rows_of_the_whole(
        lines in proptest::collection::vec((line(), "[1-3]县,[0-9]{3},[0-9]{1,3}\\.5,小学,是,2024-09-0[1-9],9[0-9],2024,"), 0..60),
        right in any::<bool>(),
        repeated in proptest::option::of(0_usize..60),
        piece in 1_usize..200,
        threads in 1_usize..4,
    ) {
        let form = school();
        let mut text = String::from("学校代码,县,人数,面积,学段,有食堂,建校日期,达标率,年度,备注\n");
        for (at, (any, well)) in lines.iter().enumerate() {
            let key = repeated.filter(|of| *of < at && at + 1 == lines.len()).unwrap_or(at);
            let rest = if right { well } else { any.split_once(',').map_or(any.as_str(), |(_, rest)| rest) };
            text.push_str(&format!("A{key},{rest}\n"));
        }
        let plan = Plan::new(&form, None);
        let mut whole = Intake::new(&plan, None);
        let file = whole.open("a.csv".into());
        let manner = Manner { piece: text.len() + 1, threads: 1, strict: false };
        read_csv(&mut whole, file, text.as_bytes(), manner, &|_| {}, &mut None).unwrap();
        whole.settle();
        let twice = whole.found.clone().sorted().iter().any(|found| found.code() == Code::H0607);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        match pool.install(|| in_parcels(&form, &text, Manner { piece, threads, strict: false })) {
            Some((rows, found, counts)) => {
                let mut expected = rows_of(&form, &whole.table);
                expected.sort();
                if whole.found.errors() == 0 {
                    prop_assert_eq!(rows, expected);
                } else {
                    prop_assert!(rows.iter().all(|row| expected.contains(row)));
                }
                let whole_counts = Counts { kept: whole.table.len(), periods: whole.periods(), ..whole.counts };
                prop_assert_eq!(counts, format!("{whole_counts:?}"));
                prop_assert_eq!(found, findings_of(whole.found));
            }
            None => prop_assert!(twice, "nothing is repeated"),
        }
    }
}

#[test]
fn a_file_that_only_looks_like_utf_8_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let form = school();
    let header = "学校代码,县,人数\n";
    let many: String = (0..200_000).map(|at| format!("A{at},county,5\n")).collect();
    let last = "B1,县,许多\n";
    let (gbk, ..) = encoding_rs::GB18030.encode(last);
    let mut ascii = "code,县代码,x\n".as_bytes().to_vec();
    ascii.splice(.., header.bytes().chain(many.bytes()).chain(gbk.iter().copied()));
    let (all_gbk, ..) = encoding_rs::GB18030.encode(header);
    let cases: [(Vec<u8>, &str, usize); 4] = [
        (format!("\u{FEFF}{header}{many}{last}").into_bytes(), "H0604 200002:6", 200_001),
        ([&*all_gbk, many.as_bytes(), &*gbk].concat(), "H0604 200002:6", 200_001),
        (ascii, "H0612 200002:4", 0),
        ([header.as_bytes(), many.as_bytes(), b"B1,\0,5\n"].concat(), "H0612 0:0", 0),
    ];
    for (at, (bytes, told, rows)) in cases.into_iter().enumerate() {
        let path = folder.path().join(format!("{at}.csv"));
        std::fs::write(&path, bytes).unwrap();
        let (table, found, _) = crate::data::read(&form, &[path], &crate::data::Options { period: Some("2024"), ..Default::default() });
        let line =
            |what: &crate::diag::Diagnostic| format!("{} {}:{}", what.code(), what.origin().unwrap().line, what.origin().unwrap().column);
        let errors: Vec<String> = found.iter().map(line).filter(|line| !line.starts_with("H0615")).collect();
        assert_eq!((errors, table.len()), (vec![told.to_owned()], rows), "case {at}");
    }
}
