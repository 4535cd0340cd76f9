//! A rubric with submissions and what must come of them; held against the engine on both of its ways (两条求值路径).

use super::exact::Want;
use heng::eval::{Cell, Results, Sheet, Value, Wanted};
use heng::model::{Aspect, Slot};
use heng::{Date, Engine, Lang, Table, Tracing};

/// A row: its key and what is filled in, by fields.
pub type Record = Vec<(&'static str, String)>;

/// One rubric with its boundary cases.
pub struct Family {
    /// What is tried, for messages.
    pub what: String,
    /// Forms and rubrics.
    pub rules: String,
    /// The rubric that is run.
    pub rubric: &'static str,
    /// The results that are looked at: `A`, `A.met`, `A.score`, `A.attained`, `let m`, `total`, `grade`, `conclusion`.
    pub outputs: Vec<String>,
    /// Submissions, the first field their key.
    pub rows: Vec<Record>,
    /// Of each submission, or of each group in the order of their names, what each output must be.
    pub expected: Vec<Vec<Want>>,
    /// Whether outputs are those of groups.
    pub grouped: bool,
}

/// What came of it.
#[derive(Default)]
pub struct Held {
    /// Boundary cases: submissions or groups.
    pub cases: usize,
    /// Results that were compared, digits and verdicts.
    pub compared: usize,
    pub wrong: Vec<String>,
    /// Cells that the engine's bounds did not decide.
    pub settled: u64,
}

impl Held {
    pub fn add(&mut self, other: Held) {
        self.cases += other.cases;
        self.compared += other.compared;
        self.settled += other.settled;
        self.wrong.extend(other.wrong);
    }
}

pub fn day() -> Date {
    Date::from_ymd_opt(2024, 9, 1).unwrap()
}

const PLACES: [Option<u32>; 4] = [None, Some(0), Some(6), Some(12)];

impl Family {
    pub fn engine(&self) -> Engine {
        let engine = Engine::from_text("rules.heng", &self.rules);
        assert_eq!(engine.errors(), 0, "{}: {}\n{}", self.what, engine.told(), self.rules);
        engine
    }

    pub fn table(&self, engine: &Engine, rubric: usize, rows: &[Record]) -> Table {
        let (table, found, _) = engine.rows(rubric, rows.iter().map(|row| row.iter().map(|(field, text)| (*field, text)))).unwrap();
        let told = || heng::report::diagnostics::concise(engine.texts(), &found, Lang::En);
        assert_eq!(found.errors(), 0, "{}: {}", self.what, told());
        assert_eq!(table.len(), rows.len());
        table
    }

    pub fn wanted(&self, engine: &Engine, rubric: usize) -> Wanted {
        let slots = self.outputs.iter().map(|name| slot(engine, rubric, name)).collect();
        if self.grouped { Wanted { groups: slots, subjects: Vec::new() } } else { Wanted { subjects: slots, groups: Vec::new() } }
    }

    /// Holds all of it against the batch, and a part of the rows also against a whole evaluation.
    pub fn hold(&self, turn: usize) -> Held {
        let engine = self.engine();
        let rubric = engine.rubric(self.rubric).unwrap();
        let table = self.table(&engine, rubric, &self.rows);
        let mut batch = engine.batch(rubric, day(), &self.wanted(&engine, rubric)).unwrap_or_else(|| panic!("{}: no batch", self.what));
        let sheet = batch.run(&table);
        let mut held = Held { settled: sheet.tally().settled, ..Held::default() };
        batch
            .read(&table, &sheet, |reader| {
                for (at, expected) in self.expected.iter().enumerate() {
                    let row = if self.grouped { at } else { sheet.row(at).unwrap() };
                    held.cases += 1;
                    for (output, want) in expected.iter().enumerate() {
                        // As it stands in the tables, and to one other number of decimals in turn.
                        for places in [PLACES[0], PLACES[1 + (at + output) % 3]] {
                            held.compared += 1;
                            let mut shown = String::new();
                            let done = if self.grouped {
                                reader.show_group(output, row, places, &mut shown)
                            } else {
                                reader.show(output, row, places, &mut shown)
                            };
                            let shown = done.ok().map(|()| shown);
                            if shown != want.shown(places) {
                                held.wrong.push(self.told(at, output, places, &shown, want));
                            }
                        }
                    }
                }
                // Flags in columns are held against exact cells; numbers within their bounds.
                if turn.is_multiple_of(6) {
                    let (_, found) = reader.disagreements();
                    held.wrong.extend(found.into_iter().map(|text| format!("{}: {text}", self.what)));
                }
            })
            .unwrap();
        assert_eq!(self.size(&sheet), self.expected.len(), "{}", self.what);
        if turn.is_multiple_of(3) {
            self.hold_whole(&engine, rubric, &mut held);
        }
        held
    }

    fn size(&self, sheet: &Sheet) -> usize {
        if self.grouped { sheet.groups() } else { sheet.len() }
    }

    /// A sample against `Engine::evaluate`.
    fn hold_whole(&self, engine: &Engine, rubric: usize, held: &mut Held) {
        // Groups, and what is ranked, only make sense whole.
        let some = if self.grouped || self.rules.contains("over all") { self.rows.len() } else { self.rows.len().min(40) };
        let table = self.table(engine, rubric, &self.rows[..some]);
        let results = engine.evaluate(rubric, &table, day(), Tracing::Off).unwrap();
        for (at, expected) in self.expected.iter().enumerate().take(results.subjects.len()) {
            for (output, (name, want)) in self.outputs.iter().zip(expected).enumerate() {
                held.compared += 1;
                let cell = cell(&results, slot(engine, rubric, name), at);
                let places = PLACES[(at + output) % 4];
                let shown = cell.ok().map(|value| heng::eval::show(&value, places, Lang::Zh));
                if shown != want.shown(places) {
                    held.wrong.push(format!("evaluate: {}", self.told(at, output, places, &shown, want)));
                }
            }
        }
    }

    fn told(&self, at: usize, output: usize, places: Option<u32>, shown: &Option<String>, want: &Want) -> String {
        let row = if self.grouped { format!("group {at}") } else { format!("{:?}", self.rows[at]) };
        let name = &self.outputs[output];
        format!("{}: {name} to {places:?} is {shown:?}, not {:?} ({want:?})\n  {row}\n{}", self.what, want.shown(places), self.rules)
    }
}

fn slot(engine: &Engine, rubric: usize, name: &str) -> Slot {
    let rubric = engine.rubric_at(rubric).unwrap();
    if let Some(name) = name.strip_prefix("let ") {
        return Slot::Let(rubric.lets.iter().position(|named| *named.name.it == *name).unwrap());
    }
    match name {
        "total" => return Slot::Total,
        "grade" => return Slot::Grade,
        "conclusion" => return Slot::Conclusion,
        _ => {}
    }
    let (code, aspect) = name.split_once('.').unwrap_or((name, "value"));
    let aspect = match aspect {
        "value" => Aspect::Value,
        "attained" => Aspect::Attained,
        "score" => Aspect::Score,
        "met" => Aspect::Met,
        other => panic!("no aspect {other}"),
    };
    Slot::Indicator(rubric.indicator(code).unwrap().0, aspect)
}

fn cell(results: &Results, slot: Slot, row: usize) -> Cell<Value> {
    let number = |cells: &Option<Vec<Cell<heng::number::Real>>>| cells.as_ref().unwrap()[row].clone().map(Value::Number);
    let word = |cells: &Option<Vec<Cell<heng::text::Name>>>| cells.as_ref().unwrap()[row].clone().map(Value::Word);
    match slot {
        Slot::Let(at) => results.lets[at].get(row).unwrap(),
        Slot::Total => number(&results.total),
        Slot::Grade => word(&results.grade),
        Slot::Conclusion => word(&results.conclusion),
        Slot::Indicator(at, Aspect::Value) => results.indicators[at].value.as_ref().unwrap().get(row).unwrap(),
        Slot::Indicator(at, Aspect::Attained) => number(&results.indicators[at].attained),
        Slot::Indicator(at, Aspect::Score) => number(&results.indicators[at].score),
        Slot::Indicator(at, Aspect::Met) => results.indicators[at].met.as_ref().unwrap()[row].clone().map(Value::Flag),
        other => panic!("{other:?} is not looked at"),
    }
}
