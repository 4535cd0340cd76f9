//! The engine as the benchmarks use it. What is measured is called here and nowhere else, so that another way into the
//! engine is taken up in this file alone.

use heng::eval::{Cell, Column, Value};
use heng::model::FieldIx;
use heng::number::{Exact, Real};
use heng::text::Name;
use heng::{Date, Engine, Options, Results, Table, Tracing};
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

/// What came out.
pub struct Scored {
    schools: Results,
    counties: Option<Results>,
}

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

    /// Points, subtotals, total and grade of each school.
    pub fn score(&self, loaded: &Loaded) -> Scored {
        let schools = self.engine.evaluate(self.schools, &loaded.0, self.day, Tracing::Off).unwrap();
        Scored { schools, counties: None }
    }

    /// The same, and the statistics and verdicts of the counties.
    pub fn score_with_counties(&self, loaded: &Loaded) -> Scored {
        let mut counties = self.engine.evaluate(self.counties.unwrap(), &loaded.0, self.day, Tracing::Off).unwrap();
        let schools = *counties.below.take().unwrap();
        Scored { schools, counties: Some(counties) }
    }

    /// The field of a name, by its place in the form.
    pub fn field(&self, name: &str) -> FieldIx {
        FieldIx(self.engine.form(self.schools).unwrap().fields.iter().position(|field| *field.name.it == *name).unwrap())
    }

    /// The place of an indicator of the county's rubric.
    fn of_county(&self, code: &str) -> usize {
        let rubric = self.engine.rubric_at(self.counties.unwrap()).unwrap();
        rubric.indicators.iter().position(|indicator| *indicator.code.it == *code).unwrap()
    }

    /// Each school's key, its total to nine decimals and its grade from 1 to 4.
    pub fn schools(&self, scored: &Scored) -> Vec<(String, String, u8)> {
        let (totals, grades) = (scored.schools.total.as_ref().unwrap(), scored.schools.grade.as_ref().unwrap());
        let one = |((subject, total), grade): ((&heng::eval::Subject, &Cell<Real>), &Cell<Name>)| {
            let grade = match &**grade.as_ref().unwrap() {
                "一级" => 1,
                "二级" => 2,
                "三级" => 3,
                "四级" => 4,
                other => panic!("grade {other}"),
            };
            (subject.key.to_string(), total.as_ref().unwrap().show(9), grade)
        };
        scored.schools.subjects.iter().zip(totals).zip(grades).map(one).collect()
    }

    /// Each school's five subtotals, as written without their weights, and its total.
    pub fn subtotals(&self, scored: &Scored) -> Vec<([Exact; 5], Exact)> {
        let rubric = self.engine.rubric_at(self.schools).unwrap();
        let exact = |cell: &Cell<Real>| cell.as_ref().unwrap().as_exact().unwrap().clone();
        let columns = ["师资小计", "设施小计", "运行小计", "质量小计", "管理小计"].map(|name| {
            let at = rubric.lets.iter().position(|named| *named.name.it == *name).unwrap();
            match &scored.schools.lets[at] {
                Column::Numbers(cells) => cells.iter().map(exact).collect::<Vec<_>>(),
                _ => panic!("{name} is no number"),
            }
        });
        let totals = scored.schools.total.as_ref().unwrap().iter().map(exact);
        totals.enumerate().map(|(row, total)| (std::array::from_fn(|section| columns[section][row].clone()), total)).collect()
    }

    /// For a county and a stage: seven coefficients, Gini and the share of those that pass, to twelve decimals and empty
    /// where there is none; whether the stage passes; whether the county does.
    pub fn county(&self, scored: &Scored, county: &str, stage: &str) -> (Vec<String>, bool, bool) {
        let results = scored.counties.as_ref().unwrap();
        let row = results.subjects.iter().position(|subject| *subject.key == *county).unwrap();
        let codes = ["V1", "V2", "V3", "V4", "V5", "V6", "V7", "G", "P"].map(|code| self.of_county(&format!("{code}.{stage}")));
        let shown = codes.map(|at| match &results.indicators[at].value {
            Some(Column::Numbers(cells)) => cells[row].as_ref().map(|value| value.show(12)).unwrap_or_default(),
            _ => panic!("no number"),
        });
        let named = format!("段通过.{stage}");
        let rubric = self.engine.rubric_at(self.counties.unwrap()).unwrap();
        let at = rubric.lets.iter().position(|value| *value.name.it == *named).unwrap();
        let passes = match &results.lets[at] {
            Column::Flags(cells) => *cells[row].as_ref().unwrap(),
            _ => panic!("{named} is neither yes nor no"),
        };
        let verdict = **results.conclusion.as_ref().unwrap()[row].as_ref().unwrap() == *"通过";
        (shown.to_vec(), passes, verdict)
    }
}

impl Loaded {
    /// How many schools.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// One of the schools, alone.
    pub fn only(&self, row: usize) -> Loaded {
        let mut table = self.0.clone();
        let keep: Vec<bool> = (0..table.len()).map(|at| at == row).collect();
        table.retain(&keep);
        Loaded(table)
    }

    /// Puts another number into a cell.
    pub fn edit(&mut self, row: usize, field: FieldIx, number: i64) {
        self.0.put(field, row, Ok(Value::Number(Real::from(Exact::from(number)))));
    }
}

impl Scored {
    /// How many counties.
    pub fn counties(&self) -> usize {
        self.counties.as_ref().map_or(0, |results| results.subjects.len())
    }
}
