//! Statistics over the rows of a table (表格的统计).

use super::number::{Number, Term};
use super::{Printer, Said, Unsaid};
use crate::model::{ExprId, Over, Statistic, StatisticKind, Type};

/// What a statistic takes of one row.
enum Each {
    /// A number.
    Number,
    /// Whether something holds.
    Flag,
    /// Whether there is something.
    Other,
}

/// Which formulas are there for: sums, means and extremes of numbers, counts and shares.
fn each(statistic: &Statistic) -> Said<Each> {
    let Over::Rows(_, of) = &statistic.of else { return Err(Unsaid) };
    if statistic.weight.is_some() || statistic.parameter.is_some() {
        return Err(Unsaid);
    }
    match (statistic.kind, &of.ty) {
        (StatisticKind::Sum | StatisticKind::Mean | StatisticKind::Min | StatisticKind::Max | StatisticKind::Count, Type::Number(_)) => {
            Ok(Each::Number)
        }
        (StatisticKind::Count | StatisticKind::Share, Type::Flag) => Ok(Each::Flag),
        (StatisticKind::Count, _) => Ok(Each::Other),
        _ => Err(Unsaid),
    }
}

impl Printer<'_> {
    /// The formula of what a statistic takes of the row that is spoken of: a number, the code of a condition, or an empty text where
    /// it takes nothing.
    pub(in super::super) fn taken_of_row(&self, statistic: &Statistic) -> Said {
        let Over::Rows(_, of) = &statistic.of else { return Err(Unsaid) };
        let value = match each(statistic)? {
            Each::Number => format!("IFERROR({},\"\")", self.number(of)?.value()),
            Each::Flag => self.surely(|| self.code(of))?,
            Each::Other => match of.ty {
                Type::Date => format!("IF(ISERROR({}),\"\",4)", self.date(of)?),
                Type::Text | Type::Choice(_) => format!("IF(ISERROR({}),\"\",4)", self.word(of)?),
                _ => return Err(Unsaid),
            },
        };
        match &statistic.filter {
            Some(filter) => Ok(format!("IF({}=4,{value},\"\")", self.surely(|| self.code(filter))?)),
            None => Ok(value),
        }
    }

    /// A statistic over the rows of a table of this submission.
    pub(super) fn over_rows(&self, table: u16, statistic: &Statistic, id: ExprId) -> Said<Number> {
        let Over::Rows(_, of) = &statistic.of else { return Err(Unsaid) };
        let (range, many) = self.cells.of_rows(table, id).ok_or(Unsaid)?;
        let many = f64::from(many);
        let count = |text: String| Number::of(Term::cell(text, 0, many, false));
        let numbers = || count(format!("COUNT({range})"));
        match (statistic.kind, each(statistic)?) {
            (StatisticKind::Count, Each::Number | Each::Other) => Ok(numbers()),
            (StatisticKind::Count, Each::Flag) => Ok(count(format!("COUNTIF({range},4)"))),
            (StatisticKind::Share, _) => {
                let known = count(format!("(COUNTIF({range},4)+COUNTIF({range},1))"));
                count(format!("COUNTIF({range},4)")).divided(&known)
            }
            (kind, _) => {
                let (form, cells) = self.cells.first_row(table).ok_or(Unsaid)?;
                let one = self.of_row(table, form, cells).number(of)?.alone()?;
                let of_all = |text: String, most: f64| Term::cell(text, one.places, most, one.rough);
                let sum = || {
                    // What is below zero takes nothing away from how far a sum may be off.
                    let size = format!("(SUMIF({range},\">0\")-SUMIF({range},\"<0\"))");
                    Number::of(of_all(format!("SUM({range})"), one.most * many).sized(size))
                };
                match kind {
                    StatisticKind::Sum => Ok(sum()),
                    StatisticKind::Mean => sum().divided(&numbers()),
                    StatisticKind::Min | StatisticKind::Max => {
                        let name = if kind == StatisticKind::Min { "MIN" } else { "MAX" };
                        Ok(Number::of(of_all(format!("IF(COUNT({range})=0,NA(),{name}({range}))"), one.most)))
                    }
                    _ => Err(Unsaid),
                }
            }
        }
    }
}
