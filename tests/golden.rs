//! Published numbers come out to the printed digits (黄金数据), through the library alone.
//!
//! The expected files are read under the column names they came with, and nothing of the `test` items in the rule files is
//! used: should those say something else than the files, these tests still hold the engine to the files.
//! Not here: the `test` items themselves (`tests/cli.rs` runs them).

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use heng::eval::{Column, State};
use heng::number::{Exact, Real, Rounding};
use heng::{Date, Engine, Options, Results, Table, Tracing};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

// ---- California, 420 districts -----------------------------------------------------------------------------------------

#[test]
fn california_districts() {
    let judged = california("thresholds");
    let mut slips = Slips::new("caschools_district.csv");
    for row in california_expected("caschools_district.csv") {
        let who = judged.who("district", &row["district"]);
        for (column, code) in [("teachers_per_100", "T"), ("computers_per_100", "C"), ("expenditure", "E")] {
            slips.number(&row, column, judged.number(who, code));
            slips.yes(&row, &format!("met_{column}"), judged.met(who, code));
            let near = judged.attained(who, code) >= decimal("0.85");
            slips.yes(&row, &format!("near_{column}"), near);
        }
        let met = ["T", "C", "E"].iter().filter(|code| judged.met(who, code)).count();
        slips.same(&row, "n_met", &met.to_string());
        slips.yes(&row, "overall", judged.conclusion(who) == "reached");
        slips.same(&row, "county", judged.results.subjects[who].group.as_ref().unwrap());
    }
    slips.done(420);
}

#[test]
fn california_scores_grades_and_ranks() {
    let judged = california("score_sheet");
    let mut slips = Slips::new("caschools_scores.csv");
    for row in california_expected("caschools_scores.csv") {
        let who = judged.who("district", &row["district"]);
        for column in ["class_size", "computers", "expenditure", "test_score"] {
            slips.number(&row, column, judged.score(who, column));
            // What is published is rounded already, so that there is nothing behind its digits.
            slips.exactly(&row, column, judged.score(who, column));
        }
        slips.exactly(&row, "total", judged.results.total.as_ref().unwrap()[who].as_ref().unwrap());
        slips.same(&row, "grade", judged.results.grade.as_ref().unwrap()[who].as_ref().unwrap());
        slips.exactly(&row, "rank", judged.number(who, "rank"));
        slips.number(&row, "percentile", judged.number(who, "percentile"));
    }
    slips.done(420);
}

#[test]
fn california_counties() {
    let judged = california("county_statistics");
    let indicators = [("teachers_per_100", "T"), ("computers_per_100", "C"), ("expenditure", "E")];
    counties("caschools_county.csv", &judged, &california_expected("caschools_county.csv"), &indicators, "county", 114);
}

#[test]
fn california_counties_overall() {
    let judged = california("county_statistics");
    let mut slips = Slips::new("caschools_county_overall.csv");
    for row in california_expected("caschools_county_overall.csv") {
        let who = judged.who("county", &row["county"]);
        slips.number(&row, "n", judged.number(who, "n_districts"));
        slips.number(&row, "n_overall", judged.number(who, "n_overall"));
        slips.number(&row, "overall_rate", judged.number(who, "overall_rate"));
        slips.number(&row, "cv_composite", judged.number(who, "cv_composite"));
        slips.number(&row, "cv_composite_r3", judged.number(who, "cv_composite"));
    }
    slips.done(38);
}

/// 2253 pupils and 112.65 teachers. Read as a single, 112.65 is 112.65000152587890625, and Robla falls below 20.
#[test]
fn exactly_twenty_pupils_a_teacher() {
    let judged = california("score_sheet");
    let twenty = Real::from(Exact::from(20));
    let rows = records(&example("california/data/caschools.csv"));
    let ratio = |row: &Record| judged.number(judged.who("district", &row["district"]), "class_size");
    let names: Vec<&str> = rows.iter().filter(|row| *ratio(row) == twenty).map(|row| row["school"].as_str()).collect();
    for name in ["Robla", "Lucerne", "Marcum-Illinois", "Columbine", "College"] {
        assert!(names.iter().any(|found| found.starts_with(name)), "{name} is not among {names:?}");
    }
    assert_eq!(names.len(), 5, "{names:?}");
    let robla = rows.iter().find(|row| row["school"].starts_with("Robla")).unwrap();
    let who = judged.who("district", &robla["district"]);
    assert_eq!(*judged.score(who, "class_size"), Real::from(Exact::from(24)));
    // 238 and 182 districts, as the textbook has it.
    let (below, others): (Vec<&Record>, Vec<&Record>) = rows.iter().partition(|row| *ratio(row) < twenty);
    let mean = |rows: &[&Record]| {
        let scores =
            rows.iter().map(|row| judged.number(judged.who("district", &row["district"]), "test_score").as_exact().unwrap().clone());
        let sum = scores.fold(Exact::from(0), |sum, score| sum + &score);
        sum.checked_div(&Exact::from(i64::try_from(rows.len()).unwrap())).unwrap().show(1)
    };
    assert_eq!((below.len(), others.len()), (238, 182));
    assert_eq!((mean(&below), mean(&others)), ("657.4".to_owned(), "650.0".to_owned()));
}

// ---- Michigan, 1,823 schools -------------------------------------------------------------------------------------------

#[test]
fn michigan_counties() {
    let text = std::fs::read_to_string(data("michigan/meap.heng")).unwrap();
    let judged = Judged::of(Engine::from_text("meap.heng", &text), "meap_counties", &[data("michigan/meap01.csv")]);
    let mut rows = Vec::new();
    for name in ["exppp", "math4", "read4"] {
        rows.extend(records(&data(&format!("michigan/meap01_county_{name}.csv"))));
    }
    counties("meap01_county.csv", &judged, &rows, &[("exppp", "X"), ("math4", "M"), ("read4", "R")], "county", 210);
}

/// The rows of a table of county statistics, which both data sets have in one shape.
fn counties(file: &str, judged: &Judged, rows: &[Record], indicators: &[(&str, &str)], kind: &str, count: usize) {
    let mut slips = Slips::new(file);
    for row in rows {
        let who = judged.who(kind, &row["county"]);
        let (_, letter) = indicators.iter().find(|(name, _)| *name == row["indicator"]).unwrap();
        let code = |statistic: &str| format!("{statistic}.{letter}");
        let statistics = [
            "n",
            "weight",
            "mean_weighted",
            "sd_weighted",
            "cv_weighted",
            "mean",
            "sd",
            "cv",
            "gini_weighted",
            "gini",
            "median",
            "trimmed_mean",
            "n_pass",
            "pass_rate",
            "pass_rate_weighted",
        ];
        for statistic in statistics {
            slips.number(row, statistic, judged.number(who, &code(statistic)));
        }
        // Rounded to three decimals from the exact coefficient, not from the twelve decimals beside it.
        slips.number(row, "cv_weighted_r3", judged.number(who, &code("cv_weighted")));
        slips.number(row, "cv_limit", judged.target(who, &code("cv_weighted")));
        slips.yes(row, "within_limit", judged.met(who, &code("cv_weighted")));
    }
    slips.done(count);
}

// ---- China -------------------------------------------------------------------------------------------------------------

/// Five primary schools, printed with the method: 0.515257, so 0.52; without weights 0.49, which would pass the line.
#[test]
fn the_worked_example() {
    let engine = Engine::from_text("worked.heng", WORKED);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let judged = Judged::of(engine, "校际", &[example("worked-example/data/schools.csv")]);
    let who = judged.who("全县", "全县");
    let golden = [
        ("M", "6.334437"),
        ("V", "10.652787"),
        ("S", "3.263861"),
        ("CV", "0.515257"),
        ("UM", "5.964535"),
        ("UCV", "0.488771"),
        ("G", "0.288377"),
        ("T", "0.143630"),
    ];
    for (code, printed) in golden {
        assert_eq!(judged.number(who, code).show(6), printed, "{code}");
    }
    assert_eq!(judged.number(who, "CV").show(2), "0.52");
    assert_eq!(judged.number(who, "CV").show(12), "0.515256629884");
    assert_eq!((judged.met(who, "CV"), judged.met(who, "UCV")), (false, true), "weights decide the verdict");
    // The hand-out's own column of books per pupil.
    let below = judged.results.below.as_ref().unwrap();
    for row in records(&example("worked-example/data/schools.csv")) {
        let school = below.subjects.iter().position(|subject| *subject.key == *row["school"]).unwrap();
        let books = number(below.indicators[0].value.as_ref(), school);
        assert_eq!(books.show(2), row["printed_books_per_student"], "{}", row["school"]);
    }
}

/// The shipped example says the same, with the rules as they are shipped.
#[test]
fn the_shipped_worked_example() {
    let judged =
        Judged::of(Engine::open(&example("worked-example")).unwrap(), "图书校际差异", &[example("worked-example/data/schools.csv")]);
    let who = judged.who("全县", "全县");
    let printed = [("M", "6.334437"), ("S", "3.263861"), ("CV", "0.515257"), ("G", "0.288377"), ("T", "0.143630")];
    for (code, printed) in printed {
        assert_eq!(judged.number(who, code).show(6), printed, "{code}");
    }
    assert!(!judged.met(who, "CV"));
}

/// 综合差异系数: the mean of eight printed coefficients. 永川区's composite was published from unrounded ones.
#[test]
fn county_composites_as_published() {
    let engine = Engine::from_text("county_cv.heng", COUNTY_CV);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let rubric = engine.rubric("综合差异").unwrap();
    let published = records(&data("cn/county_cv.csv"));
    // A county stands there twice, once a level.
    let keyed = |row: &Record| format!("{}·{}", row["county"], row["level"]);
    let submissions = published.iter().map(|row| {
        let mut record: Vec<(String, String)> = row.iter().map(|(name, cell)| (name.clone(), cell.clone())).collect();
        record.push(("key".to_owned(), keyed(row)));
        record
    });
    let (table, found, counts) = engine.rows(rubric, submissions).unwrap();
    assert_eq!((found.errors(), counts.kept), (0, 23));
    let judged = Judged::on(engine, rubric, table);
    let mut differ = Vec::new();
    for row in &published {
        let who = judged.who("县", &keyed(row));
        let composite = judged.number(who, "K");
        let sum = (1..=8).fold(Exact::from(0), |sum, n| sum + &decimal(&row[&format!("cv{n}")]));
        assert_eq!(composite.as_exact().unwrap(), &sum.checked_div(&Exact::from(8)).unwrap(), "{}", keyed(row));
        assert!(judged.met(who, "K"), "{} is within its limit", keyed(row));
        let limit = if row["level"] == "primary" { "0.65" } else { "0.55" };
        assert_eq!(judged.target(who, "K").show(2), limit, "{}", keyed(row));
        if composite.show(3) != row["composite"] {
            differ.push((keyed(row), composite.show(5), composite.show(3), row["composite"].clone()));
        }
    }
    assert_eq!(differ, [("永川区·primary".to_owned(), "0.56275".to_owned(), "0.563".to_owned(), "0.562".to_owned())]);
}

/// 鸠江区 2023: S / mean gives the six decimals of each of the seven, their mean the composite, and one misses 0.50.
#[test]
fn jiujiang_as_published() {
    let engine = Engine::from_text("jiujiang.heng", JIUJIANG);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let rubric = engine.rubric("全区").unwrap();
    let (composite, indicators): (Vec<Record>, Vec<Record>) =
        records(&data("cn/jiujiang_2023_primary.csv")).into_iter().partition(|row| row["indicator"] == "composite");
    let (table, found, counts) = engine.rows(rubric, indicators.iter().map(|row| row.iter())).unwrap();
    assert_eq!((found.errors(), counts.kept), (0, 7));
    let judged = Judged::on(engine, rubric, table);
    let whole = judged.who("全区", "全区");
    assert_eq!(judged.number(whole, "K").show(6), composite[0]["cv"]);
    assert_eq!(judged.number(whole, "N").show(0), "6");
    let below = judged.results.below.as_ref().unwrap();
    let mut missed = Vec::new();
    for row in &indicators {
        let at = below.subjects.iter().position(|subject| *subject.key == *row["indicator"]).unwrap();
        // A trailing zero was lost on the way: 0.37545 is 0.375450.
        assert_eq!(number(below.indicators[0].value.as_ref(), at).show(6), format!("{:0<8}", row["cv"]), "{}", row["indicator"]);
        if !*below.indicators[0].met.as_ref().unwrap()[at].as_ref().unwrap() {
            missed.push(row["indicator"].as_str());
        }
    }
    assert_eq!(missed, ["backbone_teachers_per_100"]);
}

const WORKED: &str = r#"
单位 生, 册
填报表 图书 {
  对象 学校 按 school
  隶属 全县
  school: 文本 必填
  students: 整数 生 必填
  books: 整数 册 必填
}
评价体系 生均 {
  数据 图书 简称 校
  指标 X { 取值 校.books / 校.students }
}
评价体系 校际 {
  对象 全县
  汇总 生均 简称 校
  指标 M { 取值 平均(校.X, 权重 校.students) }
  指标 V { 取值 标准差(校.X, 权重 校.students) * 标准差(校.X, 权重 校.students) }
  指标 S { 取值 标准差(校.X, 权重 校.students) }
  指标 CV {
    取值 差异系数(校.X, 权重 校.students)
    目标 <= 0.50
  }
  指标 UM { 取值 平均(校.X) }
  指标 UCV {
    取值 差异系数(校.X, 权重 1)
    目标 <= 0.50
  }
  指标 G { 取值 基尼系数(校.X, 权重 校.students) }
  指标 T { 取值 泰尔指数(校.X, 权重 校.students) }
}
"#;

const COUNTY_CV: &str = r#"
form composite {
  subject 县 by key
  key: text required
  level: choice { primary, junior } required
  cv1: decimal(3) required
  cv2: decimal(3) required
  cv3: decimal(3) required
  cv4: decimal(3) required
  cv5: decimal(3) required
  cv6: decimal(3) required
  cv7: decimal(3) required
  cv8: decimal(3) required
}
rubric 综合差异 {
  reads composite as c
  indicator K "综合差异系数" {
    value mean(c.cv1, c.cv2, c.cv3, c.cv4, c.cv5, c.cv6, c.cv7, c.cv8)
    target by c.level { primary: <= 0.65; junior: <= 0.55 }
  }
}
"#;

const JIUJIANG: &str = r#"
form indicators {
  subject 指标 by indicator
  within 全区
  indicator: text required
  mean: decimal(6) required
  sd: decimal(6) required
}
rubric 各项 {
  reads indicators as i
  indicator CV {
    value i.sd / i.mean
    target <= 0.50
  }
}
rubric 全区 {
  subject 全区
  over 各项 as i
  indicator K { value mean(i.CV) }
  indicator N { value count(i.CV.met) }
}
"#;

// ---- What the tests above read and compare ------------------------------------------------------------------------------

type Record = BTreeMap<String, String>;

/// The rows of a CSV file, by the names of its columns.
fn records(path: &Path) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path)
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

fn decimal(written: &str) -> Exact {
    Exact::parse(written).unwrap_or_else(|_| panic!("{written} is a number"))
}

fn california(rubric: &str) -> Judged {
    Judged::of(Engine::open(&example("california")).unwrap(), rubric, &[example("california/data/caschools.csv")])
}

fn california_expected(file: &str) -> Vec<Record> {
    records(&example("california/expected").join(file))
}

/// A rubric evaluated, with short ways to its results.
struct Judged {
    engine: Engine,
    rubric: usize,
    results: Results,
}

impl Judged {
    fn of(engine: Engine, rubric: &str, files: &[PathBuf]) -> Judged {
        assert_eq!(engine.errors(), 0, "{}", engine.told());
        let rubric = engine.rubric(rubric).unwrap();
        let (table, found, _) = engine.read(rubric, files, &Options::default()).unwrap();
        assert_eq!(found.errors(), 0);
        Judged::on(engine, rubric, table)
    }

    fn on(engine: Engine, rubric: usize, table: Table) -> Judged {
        let day = Date::from_ymd_opt(2024, 9, 1).unwrap();
        let results = engine.evaluate(rubric, &table, day, Tracing::Off).unwrap();
        Judged { engine, rubric, results }
    }

    /// The place of a subject. The group of all carries the name of its kind.
    fn who(&self, kind: &str, key: &str) -> usize {
        let found = self.results.subjects.iter().position(|subject| (*subject.kind == *kind || key == "ALL") && *subject.key == *key);
        found.unwrap_or_else(|| panic!("{kind} {key} was not judged"))
    }

    fn indicator(&self, code: &str) -> usize {
        let rubric = self.engine.rubric_at(self.rubric).unwrap();
        rubric.indicators.iter().position(|indicator| *indicator.code.it == *code).unwrap_or_else(|| panic!("there is no indicator {code}"))
    }

    fn number(&self, who: usize, code: &str) -> &Real {
        let found = &self.results.indicators[self.indicator(code)];
        assert_eq!(found.state(who), State::Scored, "{code} of {:?}", self.results.subjects[who]);
        number(found.value.as_ref(), who)
    }

    fn target(&self, who: usize, code: &str) -> &Real {
        number(self.results.indicators[self.indicator(code)].target.as_ref(), who)
    }

    fn met(&self, who: usize, code: &str) -> bool {
        *self.results.indicators[self.indicator(code)].met.as_ref().unwrap()[who].as_ref().unwrap()
    }

    fn attained(&self, who: usize, code: &str) -> Exact {
        self.results.indicators[self.indicator(code)].attained.as_ref().unwrap()[who].as_ref().unwrap().as_exact().unwrap().clone()
    }

    fn score(&self, who: usize, code: &str) -> &Real {
        self.results.indicators[self.indicator(code)].score.as_ref().unwrap()[who].as_ref().unwrap()
    }

    fn conclusion(&self, who: usize) -> &str {
        self.results.conclusion.as_ref().unwrap()[who].as_ref().unwrap()
    }
}

fn number(column: Option<&Column>, row: usize) -> &Real {
    let Some(Column::Numbers(cells)) = column else { panic!("not a column of numbers") };
    cells[row].as_ref().unwrap_or_else(|gap| panic!("no number: {gap:?}"))
}

/// What differs from an expected file, all of it, so that one run shows the whole.
struct Slips {
    file: String,
    compared: usize,
    rows: std::collections::BTreeSet<String>,
    told: Vec<String>,
}

impl Slips {
    fn new(file: &str) -> Slips {
        Slips { file: file.to_owned(), compared: 0, rows: std::collections::BTreeSet::new(), told: Vec::new() }
    }

    fn same(&mut self, row: &Record, column: &str, found: &str) {
        let expected = &row[column];
        self.compared += 1;
        self.rows.insert(format!("{row:?}"));
        if found != expected {
            self.told.push(format!("{column}: {expected} expected, {found} found: {row:?}"));
        }
    }

    fn yes(&mut self, row: &Record, column: &str, found: bool) {
        self.same(row, column, if found { "yes" } else { "no" });
    }

    /// To as many decimals as the file prints.
    fn number(&mut self, row: &Record, column: &str, found: &Real) {
        let places = row[column].split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let shown = found.show(u32::try_from(places).unwrap());
        self.same(row, column, &shown);
        // The rounding that shows a number is half-up, and is the same that a rubric can ask for.
        let rounded = found.round(Rounding::HalfUp, u32::try_from(places).unwrap());
        assert_eq!(rounded, decimal(&shown), "{column}: shown and rounded differ");
    }

    /// The very number, without anything behind the printed digits.
    fn exactly(&mut self, row: &Record, column: &str, found: &Real) {
        self.number(row, column, found);
        assert_eq!(found.as_exact(), Some(&decimal(&row[column])), "{column}: {row:?}");
    }

    fn done(self, rows: usize) {
        assert_eq!(self.rows.len(), rows, "rows of {}", self.file);
        let some = self.told.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.told.is_empty(), "{}: {} of {} differ:\n{some}", self.file, self.told.len(), self.compared);
    }
}
