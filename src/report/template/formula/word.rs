//! Texts, options and days.

use super::{Printer, Said, Unsaid, text};
use crate::model::{Expr, Function, Node};
use chrono::NaiveDate;

/// The day number of a day: days since 1899-12-30, right from 1900-03-01 on, which is where spreadsheets agree.
pub(in super::super) fn day_number(day: NaiveDate) -> Option<i64> {
    let number = day.signed_duration_since(NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days();
    (61..=2_958_465).contains(&number).then_some(number)
}

impl Printer<'_> {
    /// The formula of a text or an option; an error where there is none.
    pub(super) fn word(&self, expr: &Expr) -> Said {
        match &expr.node {
            Node::Word(word) => Ok(text(word)),
            Node::Field(_) | Node::BesideField(..) => self.field(expr),
            Node::Computed(_, of) => self.word(of),
            Node::Default(a, b) => Ok(format!("IFERROR({},{})", self.surely(|| self.word(a))?, self.word(b)?)),
            Node::Choose(cases, otherwise) => self.chosen(cases, otherwise, &|expr| self.word(expr)),
            _ => Err(Unsaid),
        }
    }

    /// The formula of a day; an error where there is none.
    pub(super) fn date(&self, expr: &Expr) -> Said {
        match &expr.node {
            Node::Date(day) => day_number(*day).map(|number| number.to_string()).ok_or(Unsaid),
            Node::Field(_) | Node::BesideField(..) => self.field(expr),
            Node::Computed(_, of) => self.date(of),
            Node::Default(a, b) => Ok(format!("IFERROR({},{})", self.surely(|| self.date(a))?, self.date(b)?)),
            Node::Choose(cases, otherwise) => self.chosen(cases, otherwise, &|expr| self.date(expr)),
            Node::Call(function, args) => {
                let [day, count] = args.as_slice() else { return Err(Unsaid) };
                let (day, count) = (self.date(day)?, self.count(count)?);
                match function {
                    Function::YearsAfter => Ok(format!("EDATE({day},12*{count})")),
                    Function::MonthsAfter => Ok(format!("EDATE({day},{count})")),
                    Function::DaysAfter => Ok(format!("({day}+{count})")),
                    _ => Err(Unsaid),
                }
            }
            _ => Err(Unsaid),
        }
    }

    fn chosen(&self, cases: &[(Expr, Expr)], otherwise: &Expr, say: &dyn Fn(&Expr) -> Said) -> Said {
        let mut chosen = say(otherwise)?;
        for (when, then) in cases.iter().rev() {
            chosen = format!("CHOOSE({},{chosen},NA(),NA(),{})", self.code(when)?, say(then)?);
        }
        Ok(chosen)
    }
}
