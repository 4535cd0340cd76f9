//! Rules and data for the tests of the engine (测试用的规则与数据).

use chrono::NaiveDate;
use heng::check::check;
use heng::data::{Options, Region, from_records, read};
use heng::diag::{Diagnostics, Lang, Severity};
use heng::eval::{Batch, Request, Results, Ruled as OfRubric, Table, Tracing, evaluate};
use heng::model::straight::WhyNot;
use heng::model::{Branches, NotStraight, Rules, Straightened, Way, bottom_of};
use heng::syntax::parse;
use heng::text::Texts;
use std::path::Path;

/// A record of a test: fields with what is filled in.
pub type Record = Vec<(String, String)>;

/// Rules, with what was said against them.
pub struct Ruled {
    pub texts: Texts,
    pub rules: Rules,
    /// Errors in words; none, and the rules can be used.
    pub errors: Vec<String>,
}

/// Reads and checks texts together.
pub fn checked(texts: Texts) -> Ruled {
    let mut found = Diagnostics::new();
    let mut trees = Vec::new();
    for text in texts.iter() {
        if !text.path.ends_with(".rhai") {
            let (tree, told) = parse(text);
            found.append(told);
            trees.push(tree);
        }
    }
    let (rules, told) = check(&texts, &trees);
    found.append(told);
    let errors = found.iter().filter(|what| what.code().severity() == Severity::Error);
    let errors = errors.map(|what| {
        let place = heng::diag::place(what.as_ref());
        let line = place.map_or(0, |span| texts.position(span).line);
        format!("line {line}: {} {}", what.code(), what.headline(Lang::En))
    });
    let errors = errors.collect();
    Ruled { texts, rules, errors }
}

/// Reads and checks one text.
pub fn rules_of(source: &str) -> Ruled {
    let mut texts = Texts::new();
    texts.add("rules.heng", source);
    checked(texts)
}

/// Reads and checks the texts of a folder; they must be right.
pub fn region(folder: &str) -> (Region, Ruled) {
    let region = Region::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let (texts, found) = region.texts();
    assert_eq!(found.errors(), 0);
    let ruled = checked(texts);
    assert!(ruled.errors.is_empty(), "{folder}: {:#?}", ruled.errors);
    (region, ruled)
}

impl Ruled {
    /// The place of a rubric.
    pub fn rubric(&self, name: &str) -> usize {
        self.rules.rubrics.iter().position(|rubric| *rubric.name.it == *name).unwrap_or_else(|| panic!("no rubric {name}"))
    }

    /// Submissions to the form at the bottom of a rubric, from records.
    pub fn table(&self, rubric: usize, records: &[Record]) -> Table {
        let form = bottom_of(&self.rules, &self.rules.rubrics[rubric]).unwrap();
        from_records(&self.rules.forms[form], records.iter().cloned(), &Options::default()).0
    }

    /// The same, from files.
    pub fn table_of_files(&self, rubric: usize, files: &[std::path::PathBuf]) -> Table {
        let form = bottom_of(&self.rules, &self.rules.rubrics[rubric]).unwrap();
        let (table, _, counts) = read(&self.rules.forms[form], files, &Options::default());
        assert!(counts.kept > 0, "{files:?} has no rows");
        table
    }

    /// What the engine makes of it.
    pub fn run(&self, rubric: usize, table: &Table, on: NaiveDate) -> Results {
        let request = Request { rules: &self.rules, texts: &self.texts, rubric, table, on, tracing: Tracing::Off };
        evaluate(&request).unwrap()
    }

    /// The same rules with every script run by rhai, row by row; nothing where there is no script without jumps.
    pub fn interpreted(&self) -> Option<Ruled> {
        let mut rules = self.rules.clone();
        let mut any = false;
        for way in rules.rubrics.iter_mut().flat_map(|rubric| &mut rubric.indicators).filter_map(|indicator| indicator.way.as_mut()) {
            if let Way::Script(script) = &mut way.it {
                any |= script.straight.get().is_ok();
                let not = NotStraight { span: script.span, why: WhyNot::TooLong };
                script.straight = Straightened::by(move || (Err(not), Vec::new(), Branches::default()));
            }
        }
        any.then(|| Ruled { texts: self.texts.clone(), rules, errors: Vec::new() })
    }

    /// How many results of a batch there are, and where they are not what exact evaluation says.
    pub fn batch(&self, rubric: usize, table: &Table, on: NaiveDate) -> (usize, Vec<String>) {
        let Some(mut batch) = Batch::of_everything(OfRubric { rules: &self.rules, texts: &self.texts, rubric, on }) else {
            return (0, Vec::new());
        };
        let sheet = batch.run(table);
        batch.read(table, &sheet, |reader| reader.disagreements()).unwrap()
    }
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// A record from `("code", "1")` pairs.
pub fn record<'a>(cells: impl IntoIterator<Item = (&'a str, &'a str)>) -> Record {
    cells.into_iter().map(|(field, value)| (field.to_owned(), value.to_owned())).collect()
}
