//! The engine as the benchmarks use it. What is measured is called here and nowhere else, so that another way into the
//! engine is taken up in this file alone.

use heng::eval::{Batch, Sheet, Value, Wanted};
use heng::model::{Aspect, FieldIx, Slot};
use heng::number::{Exact, Real};
use heng::{Date, Engine, Options, Table};
use std::path::Path;

/// By which of the two equal rubrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The ways of scoring of the language.
    Ways,
    /// Scripts.
    Scripts,
}

/// The rules, checked, with the places of a rubric and of the county's rubric over it.
pub struct Judge {
    engine: Engine,
    schools: usize,
    counties: Option<usize>,
    day: Date,
}

/// Submissions in memory, read and typed.
pub struct Loaded(Table);

/// The rules made ready for submissions.
pub struct Ready<'j> {
    schools: Batch<'j>,
    counties: Option<Batch<'j>>,
}

/// The five subtotals, as written without their weights.
const SUBTOTALS: [&str; 5] = ["师资小计", "设施小计", "运行小计", "质量小计", "管理小计"];
/// Total and grade come after them.
const TOTAL: usize = 5;
const GRADE: usize = 6;
const STAGES: [&str; 2] = ["小学", "初中"];
/// What is known of a stage of a county.
const CODES: [&str; 9] = ["V1", "V2", "V3", "V4", "V5", "V6", "V7", "G", "P"];

impl Judge {
    /// The rules of `benches/sixty`. They are without a mistake.
    pub fn open(by: By) -> Judge {
        Judge::of(Engine::open(&super::region()).unwrap(), by)
    }

    /// The rules of texts that lie in memory, pairs of path and text; the county's rubric may be missing.
    pub fn compile(texts: &[(String, String)], by: By) -> Judge {
        let mut all = heng::text::Texts::new();
        for (path, source) in texts {
            all.add(path.as_str(), source.as_str());
        }
        Judge::of(Engine::new(all, heng::diag::Diagnostics::new()), by)
    }

    fn of(engine: Engine, by: By) -> Judge {
        assert!(engine.diagnostics().is_empty(), "{}", engine.told());
        let (schools, counties) = match by {
            By::Ways => ("六十项", "县域均衡"),
            By::Scripts => ("六十项脚本", "县域均衡脚本"),
        };
        let (schools, counties) = (engine.rubric(schools).unwrap(), engine.rubric(counties));
        Judge { engine, schools, counties, day: Date::from_ymd_opt(2024, 12, 31).unwrap() }
    }

    /// Reads a data file. It is without a mistake.
    pub fn read(&self, file: &Path) -> Loaded {
        let (table, found, _) = self.engine.read(self.schools, &[file.to_path_buf()], &Options::default()).unwrap();
        assert_eq!(found.errors(), 0, "{}", heng::report::diagnostics::concise(self.engine.texts(), &found, heng::Lang::En));
        Loaded(table)
    }

    /// Ready for submissions.
    pub fn ready(&self) -> Ready<'_> {
        let schools = self.wanted();
        let counties = self.counties.map(|counties| {
            let wanted = Wanted { groups: self.wanted_of_counties(counties), subjects: schools.clone() };
            self.engine.batch(counties, self.day, &wanted).unwrap()
        });
        let wanted = Wanted { subjects: schools, groups: Vec::new() };
        Ready { schools: self.engine.batch(self.schools, self.day, &wanted).unwrap(), counties }
    }

    fn wanted(&self) -> Vec<Slot> {
        let rubric = self.engine.rubric_at(self.schools).unwrap();
        let subtotal = |name: &str| Slot::Let(rubric.lets.iter().position(|named| *named.name.it == *name).unwrap());
        SUBTOTALS.map(subtotal).into_iter().chain([Slot::Total, Slot::Grade]).collect()
    }

    /// Stage by stage the values and whether the stage passes; then the verdict.
    fn wanted_of_counties(&self, counties: usize) -> Vec<Slot> {
        let rubric = self.engine.rubric_at(counties).unwrap();
        let mut slots = Vec::new();
        for stage in STAGES {
            let at = |code: &str| rubric.indicator(&format!("{code}.{stage}")).unwrap().0;
            slots.extend(CODES.map(|code| Slot::Indicator(at(code), Aspect::Value)));
            let named = format!("段通过.{stage}");
            slots.push(Slot::Let(rubric.lets.iter().position(|value| *value.name.it == *named).unwrap()));
        }
        slots.push(Slot::Conclusion);
        slots
    }

    /// The field of a name, by its place in the form.
    pub fn field(&self, name: &str) -> FieldIx {
        FieldIx(self.engine.form(self.schools).unwrap().fields.iter().position(|field| *field.name.it == *name).unwrap())
    }
}

impl Ready<'_> {
    /// Subtotals, total and grade of each school.
    pub fn score(&mut self, loaded: &Loaded) -> Sheet {
        self.schools.run(&loaded.0)
    }

    /// The same, and the statistics and verdicts of the counties.
    pub fn score_with_counties(&mut self, loaded: &Loaded) -> Sheet {
        self.counties.as_mut().unwrap().run(&loaded.0)
    }

    /// The plan in words.
    pub fn explain(&self) -> String {
        self.schools.explain()
    }

    /// Scores a school again, with its county.
    pub fn rescore(&mut self, loaded: &Loaded, row: usize, sheet: &mut Sheet) {
        self.counties.as_mut().unwrap().rescore(&loaded.0, row, sheet);
    }

    /// Each school's key, its total to nine decimals and its grade from 1 to 4.
    pub fn schools(&self, loaded: &Loaded, sheet: &Sheet) -> Vec<(String, String, u8)> {
        self.counties
            .as_ref()
            .unwrap()
            .read(&loaded.0, sheet, |reader| {
                let shown = |output: usize, row: usize| {
                    let mut text = String::new();
                    reader.show(output, row, Some(9), &mut text).unwrap();
                    text
                };
                let one = |at: usize| {
                    let row = sheet.row(at).unwrap();
                    let grade = match shown(GRADE, row).as_str() {
                        "一级" => 1,
                        "二级" => 2,
                        "三级" => 3,
                        "四级" => 4,
                        other => panic!("grade {other}"),
                    };
                    (loaded.0.key(row).to_owned(), shown(TOTAL, row), grade)
                };
                (0..sheet.len()).map(one).collect()
            })
            .unwrap()
    }

    /// Each school's five subtotals, as written without their weights, and its total, exactly.
    pub fn subtotals(&self, loaded: &Loaded, sheet: &Sheet) -> Vec<([Exact; 5], Exact)> {
        self.counties
            .as_ref()
            .unwrap()
            .read(&loaded.0, sheet, |reader| {
                let exact = |output: usize, row: usize| match reader.cell(output, row) {
                    Ok(Value::Number(number)) => number.as_exact().unwrap().clone(),
                    other => panic!("{other:?}"),
                };
                let one = |at: usize| {
                    let row = sheet.row(at).unwrap();
                    (std::array::from_fn(|output| exact(output, row)), exact(TOTAL, row))
                };
                (0..sheet.len()).map(one).collect()
            })
            .unwrap()
    }

    /// For a county and a stage: seven coefficients, Gini and the share of those that pass, to twelve decimals and empty
    /// where there is none; whether the stage passes; whether the county does.
    pub fn county(&self, loaded: &Loaded, sheet: &Sheet, county: &str, stage: &str) -> (Vec<String>, bool, bool) {
        let row = (0..sheet.groups()).find(|at| **sheet.group(*at).unwrap().1 == *county).unwrap();
        let first = STAGES.iter().position(|name| *name == stage).unwrap() * (CODES.len() + 1);
        self.counties
            .as_ref()
            .unwrap()
            .read(&loaded.0, sheet, |reader| {
                let shown = |output: usize| {
                    let mut text = String::new();
                    let _ = reader.show_group(output, row, Some(12), &mut text);
                    text
                };
                let values = (0..CODES.len()).map(|at| shown(first + at)).collect();
                let passes = reader.group_cell(first + CODES.len(), row) == Ok(Value::Flag(true));
                (values, passes, shown(STAGES.len() * (CODES.len() + 1)) == "通过")
            })
            .unwrap()
    }
}

impl Loaded {
    /// How many schools.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts another number into a cell.
    pub fn edit(&mut self, row: usize, field: FieldIx, number: i64) {
        self.0.put(field, row, Ok(Value::Number(Real::from(Exact::from(number)))));
    }
}
