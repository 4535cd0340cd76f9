//! Spreadsheet formulas (表格公式) that say what an expression of a form means.
//!
//! The rules, all of them:
//! * **Gaps.** A field's *value cell* holds a value that the form takes, or an error where there is none; a gap spreads
//!   through arithmetic as errors do.
//! * **Conditions** are numbers: 1 no, 2 not known because something is missing or undefined, 3 not known because something is
//!   not asked, 4 yes. Then `and` is the least, `not` swaps 1 and 4, `or` is made of both, and the graver gap wins, as in
//!   the engine ([`condition`]). A check fails where its condition is 1, nowhere else.
//! * **Division.** An expression is kept as one quotient, and a comparison of two is decided by multiplying out, so that
//!   `a / b <= 1/3` needs no rounding ([`number`]). A divisor that is zero makes it 2.
//! * **Doubles.** A cell is a double. Where the decimals of both sides are known and all digits fit 14, the difference is
//!   rounded to those decimals and its sign is exact. Where they do not fit, a difference within a 10⁻¹² part of what went
//!   into it is not known (2): nobody is accused wrongly, and import decides.
//! * **Rounding** (四舍五入 half away from zero, 去尾 toward minus infinity, 进一 toward plus infinity) is done on whole numbers: the
//!   number times a power of ten, exactly.
//! * **Percentages** are shares (0.95) in value cells, **units** of one kind differ by a constant factor, **options and texts** are
//!   texts compared by each letter, **days** are the spreadsheet's day numbers since 1900-03-01; an earlier day cannot be said.
//! * Where it may not be known on the sheet whether a field is asked, though the engine knows, what reads that field is not said;
//!   nor is what asks whether there is a value (`a or b`, `filled(a)`) of something that may be left open.
//! * **Rows of a table** have their value for each statistic in a column of their own, empty where a row does not count; sums and counts
//!   are taken over that column ([`rows`]). Where no formula says for sure which rows are taken in, nothing of them is said.
//! * **The period before** (上期) stands in a cell of its own where last period's answers came with the form; otherwise nothing of it is
//!   said. Of a number all decimals are known.
//! * What else there is (other statistics than sums, means and extremes, counts of conditions, decimals that are not constant, formulas
//!   beyond what spreadsheets take) is [`Unsaid`]: told on the cover as checked on import only.
//!
//! Not here: where cells stand (`places`), what a field takes (`shown`).

mod condition;
mod number;
mod rows;
mod word;

pub(super) use word::day_number;

use super::items;
use crate::eval::Value;
use crate::model::{Expr, ExprId, Field, FieldIx, Form, Lowered, Node, Over, Type};
use std::cell;

/// Why there is no formula: a spreadsheet cannot say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsaid;

/// A formula without its `=`, or none.
pub(super) type Said<T = String> = Result<T, Unsaid>;

/// Formulas longer than this are refused by spreadsheets.
const MOST_CHARACTERS: usize = 8000;
/// Functions nested deeper than 64 are refused, too.
const MOST_DEPTH: usize = 60;

/// The cells of one submission.
pub(super) trait Cells {
    /// The cell with a field's value, or an error.
    fn value(&self, field: FieldIx) -> String;
    /// The cell with the condition of a field that has one.
    fn asked(&self, field: FieldIx) -> Option<String>;
    /// Whether it may not be known on the sheet whether a field is asked, though the engine knows.
    fn is_open(&self, field: FieldIx) -> bool;
    /// What a field was in the period before, where the sheet can say it.
    fn previous(&self, of: FieldIx) -> Option<Known<'_>>;
    /// The first row of a table of the form, where its rows are those of this submission.
    fn first_row(&self, table: u16) -> Option<(&Form, &dyn Cells)>;
    /// The cells with what a statistic takes of each row of a table, and how many they are.
    fn of_rows(&self, table: u16, statistic: ExprId) -> Option<(String, u32)>;
}

/// Something that was known before anybody filled in anything.
pub(super) struct Known<'k> {
    /// Its cell, or an error where there is no value.
    pub cell: String,
    pub value: Option<&'k Value>,
}

/// Says expressions of one form over the cells of one submission.
pub(super) struct Printer<'p> {
    form: &'p Form,
    cells: &'p dyn Cells,
    /// The row of a table that is spoken of.
    row: Option<(u16, &'p Form, &'p dyn Cells)>,
    /// Whether something was said that may be left open where the engine knows.
    rough: cell::Cell<bool>,
}

/// A field and the cells that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Read<'r> {
    cells: &'r dyn Cells,
    at: FieldIx,
    field: &'r Field,
}

impl<'p> Printer<'p> {
    pub(super) fn new(form: &'p Form, cells: &'p dyn Cells) -> Printer<'p> {
        Printer { form, cells, row: None, rough: cell::Cell::new(false) }
    }

    /// The same of a row of a table.
    pub(super) fn of_row(&self, table: u16, form: &'p Form, cells: &'p dyn Cells) -> Printer<'p> {
        Printer { form: self.form, cells: self.cells, row: Some((table, form, cells)), rough: cell::Cell::new(false) }
    }

    /// The formula of a condition: 1 to 4.
    pub(super) fn condition(&self, expr: &Expr) -> Said {
        fitting(self.code(expr)?)
    }

    /// The formula of what a cell shows: a value, or an empty text where there is none. Yes and no are the words given.
    pub(super) fn shown(&self, expr: &Expr, words: (&str, &str)) -> Said {
        let formula = match &expr.ty {
            Type::Number(_) => format!("IFERROR({},\"\")", self.number(expr)?.value()),
            Type::Flag => format!("CHOOSE({},{},\"\",\"\",{})", self.code(expr)?, text(words.1), text(words.0)),
            Type::Text | Type::Choice(_) => format!("IFERROR({},\"\")", self.word(expr)?),
            Type::Date => format!("IFERROR({},\"\")", self.date(expr)?),
            Type::Several(_) | Type::Unknown => return Err(Unsaid),
        };
        fitting(formula)
    }

    /// The field that an expression reads, of the submission or of a row.
    fn read(&self, expr: &Expr) -> Option<Read<'p>> {
        match expr.node {
            Node::Field(at) => Some(Read { cells: self.cells, at, field: self.form.fields.get(at.0)? }),
            Node::BesideField(table, at) => {
                let (_, form, cells) = self.row.filter(|(row, ..)| *row == table)?;
                Some(Read { cells, at, field: form.fields.get(at.0)? })
            }
            _ => None,
        }
    }

    /// The formula of a field's value, where the sheet has it.
    fn field(&self, expr: &Expr) -> Said {
        let Read { cells, at, field } = self.read(expr).ok_or(Unsaid)?;
        match field.details.lowered {
            None if cells.is_open(at) || field.details.attach.is_some() => Err(Unsaid),
            None => Ok(cells.value(at)),
            Some(Lowered::Option(of, place)) if !cells.is_open(of) => {
                let form = if let (Node::BesideField(..), Some((_, form, _))) = (&expr.node, self.row) { form } else { self.form };
                items::chosen(form.fields.get(of.0).ok_or(Unsaid)?, place, &cells.value(of)).ok_or(Unsaid)
            }
            Some(Lowered::Previous(of)) => cells.previous(of).map(|known| known.cell).ok_or(Unsaid),
            Some(_) => Err(Unsaid),
        }
    }

    /// Whether what was said so far may be left open where the engine knows.
    pub(super) fn is_rough(&self) -> bool {
        self.rough.get()
    }

    /// What looks at whether there is a value must know it for sure.
    fn surely<T>(&self, say: impl FnOnce() -> Said<T>) -> Said<T> {
        let before = self.rough.replace(false);
        let said = say()?;
        if self.rough.replace(before) { Err(Unsaid) } else { Ok(said) }
    }

    /// The field that is filled in for it: of an option that of the choices.
    fn filled_in(&self, at: FieldIx) -> FieldIx {
        match self.form.fields.get(at.0).and_then(|field| field.details.lowered) {
            Some(Lowered::Option(of, _)) => of,
            _ => at,
        }
    }

    /// The code of an expression that has no value: 2, or 3 where all that it lacks is not asked.
    fn gap(&self, expr: &Expr) -> String {
        let read: Vec<FieldIx> = lacking(expr).into_iter().map(|field| self.filled_in(field)).collect();
        if !read.iter().any(|field| self.cells.asked(*field).is_some()) {
            return "2".to_owned();
        }
        let mut lacks: Vec<String> = Vec::new();
        for field in read {
            let lack = match self.cells.asked(field) {
                // Codes 1 and 3: not asked.
                Some(asked) => format!("AND(ISERROR({}),ISEVEN({asked}))", self.cells.value(field)),
                None => format!("ISERROR({})", self.cells.value(field)),
            };
            if !lacks.contains(&lack) {
                lacks.push(lack);
            }
        }
        format!("IF(OR({}),2,3)", lacks.join(","))
    }
}

/// The fields for whose sake an expression may have no value.
fn lacking(expr: &Expr) -> Vec<FieldIx> {
    match &expr.node {
        Node::Field(field) => vec![*field],
        // Of `a or b` there is no value where there is none of b.
        Node::Default(_, second) => lacking(second),
        Node::Filled(_) => Vec::new(),
        // Of no rows there is no least one, whatever is asked.
        Node::Statistic(statistic) if matches!(statistic.of, Over::Rows(..)) => Vec::new(),
        _ => expr.children().into_iter().flat_map(lacking).collect(),
    }
}

/// A text as it stands in a formula.
pub(super) fn text(text: &str) -> String {
    // A text inside a formula has at most 255 characters.
    let pieces: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(250).map(|piece| piece.iter().collect::<String>().replace('"', "\"\"")).collect();
    match pieces.as_slice() {
        [] => "\"\"".to_owned(),
        pieces => pieces.iter().map(|piece| format!("\"{piece}\"")).collect::<Vec<_>>().join("&"),
    }
}

/// A formula that spreadsheets take.
pub(super) fn fitting(formula: String) -> Said {
    let (mut depth, mut most, mut quoted) = (0_usize, 0, false);
    for c in formula.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => {
                depth += 1;
                most = most.max(depth);
            }
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if formula.chars().count() > MOST_CHARACTERS || most > MOST_DEPTH { Err(Unsaid) } else { Ok(formula) }
}
