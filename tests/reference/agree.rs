//! Engine and reference, cell by cell (逐格比对).

use super::{Cell, Sheet, Val, Why, why};
use heng::eval::{Cause, Column, Gap, Results, Value};
use heng::model::{Aspect, Level, Slot};

/// What came of a comparison.
#[derive(Debug, Default)]
pub struct Compared {
    /// Cells that were compared.
    pub cells: usize,
    /// Cells that the engine says it cannot hold exactly. What hangs on them differs as well.
    pub not_exact: usize,
    /// Cells of a batch that were held against the exact ones.
    pub batched: usize,
    /// Cells that were compared once more, with rhai running every script.
    pub scripted: usize,
    /// Where the two differ, in words.
    pub differences: Vec<String>,
}

impl Compared {
    fn differ(&mut self, place: &str, engine: &str, reference: &str) {
        self.differences.push(format!("{place}: engine {engine}, reference {reference}"));
    }

    fn cell(&mut self, place: &str, engine: Option<Result<Value, Gap>>, reference: &Cell) {
        self.cells += 1;
        let verdict = place.ends_with(" grade") || place.ends_with(" conclusion");
        let Some(engine) = engine else { return self.differ(place, "no cell", &say(reference)) };
        let same = match (&engine, reference) {
            (Ok(Value::Number(engine)), Ok(Val::Num(reference))) => reference.same_as(engine),
            (Ok(Value::Word(engine)), Ok(Val::Word(reference))) => engine.as_str() == reference,
            (Ok(Value::Flag(engine)), Ok(Val::Flag(reference))) => engine == reference,
            (Ok(Value::Date(engine)), Ok(Val::Date(reference))) => engine == reference,
            (Err(Gap::Undefined(cause)), Ok(_)) if matches!(**cause, Cause::NotExact(_)) => {
                self.not_exact += 1;
                true
            }
            // A verdict that is incomplete names what keeps it from being drawn; which of several reasons is not said.
            (Err(gap), Err(Why::Missing(reference))) if verdict => matches!(why(gap), Why::Missing(fields) if fields.is_subset(reference)),
            (Err(gap), Err(Why::Undefined)) if verdict => why(gap) != Why::NotApplicable,
            (Err(gap), Err(reference)) => why(gap) == *reference,
            _ => false,
        };
        if !same {
            let engine = match &engine {
                Ok(Value::Number(number)) => number.as_exact().map_or_else(|| number.show(30), ToString::to_string),
                other => format!("{other:?}"),
            };
            self.differ(place, &engine, &say(reference));
        }
    }
}

fn say(cell: &Cell) -> String {
    match cell {
        Ok(Val::Num(number)) => number.say(),
        Ok(other) => format!("{other:?}"),
        Err(Why::Missing(fields)) => format!("missing {fields:?}"),
        Err(other) => format!("{other:?}"),
    }
}

fn numbers(cells: &[heng::eval::Cell<heng::number::Real>], row: usize) -> Option<Result<Value, Gap>> {
    cells.get(row).map(|cell| cell.clone().map(Value::Number))
}

/// Holds every cell of the engine's results against the reference, those of the rubric below first.
pub fn compare(engine: &Results, sheet: &Sheet<'_>, compared: &mut Compared) {
    match (&engine.below, &sheet.below) {
        (Some(engine), Some(sheet)) => compare(engine, sheet, compared),
        (None, None) => {}
        _ => compared.differ("below", "", ""),
    }
    let rubric = sheet.rubric;
    let keys = |list: Vec<(String, String, Option<String>)>| format!("{list:?}");
    let theirs = keys(
        engine
            .subjects
            .iter()
            .map(|who| (who.kind.to_string(), who.key.to_string(), who.group.as_ref().map(ToString::to_string)))
            .collect(),
    );
    let ours = keys(sheet.subjects.iter().map(|who| (who.kind.clone(), who.key.clone(), who.group.clone())).collect());
    let (left_out, ours_out) = (format!("{:?}", engine.left_out), format!("{:?}", sheet.left_out));
    if theirs != ours || left_out != ours_out {
        return compared.differ(
            &format!("{} subjects", rubric.name.it),
            &format!("{theirs} without {left_out}"),
            &format!("{ours} without {ours_out}"),
        );
    }
    for (row, who) in sheet.subjects.iter().enumerate() {
        let place = |what: &str| format!("{} {} {what}", rubric.name.it, who.key);
        let ours = |slot| sheet.slot(row, None, slot);
        for (at, (indicator, results)) in rubric.indicators.iter().zip(&engine.indicators).enumerate() {
            let code = &indicator.code.it;
            let aspect = |aspect| ours(Slot::Indicator(at, aspect));
            if indicator.value.is_some() {
                compared.cell(&place(code), results.value.as_ref().and_then(|column| column.get(row)), &aspect(Aspect::Value));
            }
            if indicator.target.is_some() {
                compared.cell(
                    &place(&format!("{code}.target")),
                    results.target.as_ref().and_then(|column| column.get(row)),
                    &aspect(Aspect::Target),
                );
                compared.cell(
                    &place(&format!("{code}.met")),
                    results.met.as_ref().and_then(|cells| cells.get(row).map(|cell| cell.clone().map(Value::Flag))),
                    &aspect(Aspect::Met),
                );
            }
            if let Some(attained) = &results.attained {
                compared.cell(&place(&format!("{code}.attained")), numbers(attained, row), &aspect(Aspect::Attained));
            }
            if indicator.points.is_some() && indicator.way.is_some() {
                compared.cell(
                    &place(&format!("{code}.score")),
                    results.score.as_ref().and_then(|cells| numbers(cells, row)),
                    &aspect(Aspect::Score),
                );
            }
        }
        for (at, (indicator, found)) in rubric.indicators.iter().zip(&engine.indicators).enumerate() {
            for (which, cells) in found.alarms.iter().enumerate() {
                let engine = cells.get(row).map(|cell| cell.clone().map(Value::Flag));
                compared.cell(&place(&format!("{} alarm {which}", indicator.code.it)), engine, &sheet.alarm(row, at, which));
            }
            let raised = (0..indicator.alarms.len()).find(|which| matches!(sheet.alarm(row, at, *which), Ok(Val::Flag(true))));
            if found.alarm(row) != raised {
                compared.differ(&place(&indicator.code.it), &format!("raises {:?}", found.alarm(row)), &format!("{raised:?}"));
            }
        }
        for (at, (named, column)) in rubric.lets.iter().zip(&engine.lets).enumerate() {
            if named.value.level != Level::Member {
                compared.cell(&place(&named.name.it), column.get(row), &ours(Slot::Let(at)));
            }
        }
        for (at, (section, cells)) in rubric.sections.iter().zip(&engine.sections).enumerate() {
            compared.cell(&place(&section.code.it), numbers(cells, row), &ours(Slot::SectionScore(at)));
        }
        if rubric.total.is_some() {
            compared.cell(&place("total"), engine.total.as_ref().and_then(|cells| numbers(cells, row)), &ours(Slot::Total));
        }
        for (at, (veto, cells)) in rubric.vetoes.iter().zip(&engine.vetoes).enumerate() {
            let engine = cells.get(row).map(|cell| cell.clone().map(Value::Flag));
            compared.cell(&place(&format!("veto {at}")), engine, &sheet.eval(&veto.condition, row, None));
        }
        let words = |cells: &Option<Vec<heng::eval::Cell<heng::text::Name>>>| {
            cells.as_ref().and_then(|cells| Column::Words(cells.clone()).get(row))
        };
        if rubric.grade.is_some() {
            compared.cell(&place("grade"), words(&engine.grade), &ours(Slot::Grade));
        }
        if rubric.conclusion.is_some() {
            compared.cell(&place("conclusion"), words(&engine.conclusion), &ours(Slot::Conclusion));
        }
    }
}

/// All results in words: whom and what, and what it is. Places in texts and conditions as written are left out, so that the same
/// rubric in another spelling reads the same.
pub fn rendered(results: &Results) -> Vec<(String, String)> {
    let mut lines = results.below.as_ref().map_or_else(Vec::new, |below| rendered(below));
    for who in &results.left_out {
        lines.push((format!("{} without", who), String::new()));
    }
    let cell = |cell: Option<Result<Value, Gap>>| match cell {
        Some(Ok(Value::Number(number))) => number.as_exact().map_or_else(|| number.show(40), ToString::to_string),
        Some(Ok(Value::Word(word))) => word.to_string(),
        Some(Ok(Value::Flag(flag))) => flag.to_string(),
        Some(Ok(Value::Date(day))) => day.to_string(),
        Some(Err(gap)) => format!("{:?}", why(&gap)),
        None => "nothing".to_owned(),
    };
    for (row, who) in results.subjects.iter().enumerate() {
        let mut put = |what: String, column: &Column| lines.push((format!("{} {what}", who.key), cell(column.get(row))));
        for (at, indicator) in results.indicators.iter().enumerate() {
            indicator.value.iter().for_each(|column| put(format!("value {at:03}"), column));
            indicator.target.iter().for_each(|column| put(format!("target {at:03}"), column));
            indicator.attained.iter().for_each(|cells| put(format!("attained {at:03}"), &Column::Numbers(cells.clone())));
            indicator.met.iter().for_each(|cells| put(format!("met {at:03}"), &Column::Flags(cells.clone())));
            indicator.score.iter().for_each(|cells| put(format!("score {at:03}"), &Column::Numbers(cells.clone())));
            let alarms = indicator.alarms.iter().enumerate();
            alarms.for_each(|(which, cells)| put(format!("alarm {at:03} {which}"), &Column::Flags(cells.clone())));
        }
        results.lets.iter().enumerate().for_each(|(at, column)| put(format!("let {at:03}"), column));
        results.sections.iter().enumerate().for_each(|(at, cells)| put(format!("section {at:03}"), &Column::Numbers(cells.clone())));
        results.total.iter().for_each(|cells| put("total".to_owned(), &Column::Numbers(cells.clone())));
        results.vetoes.iter().enumerate().for_each(|(at, cells)| put(format!("veto {at:03}"), &Column::Flags(cells.clone())));
        results.grade.iter().for_each(|cells| put("grade".to_owned(), &Column::Words(cells.clone())));
        results.conclusion.iter().for_each(|cells| put("conclusion".to_owned(), &Column::Words(cells.clone())));
    }
    lines
}
