//! Conditions: 1 no, 2 missing, 3 not asked, 4 yes.

use super::{Printer, Said, Unsaid};
use crate::model::{Expr, FieldIx, Node, Type};
use crate::syntax::tree::CompareOp;
use std::cmp::Ordering;

/// What a condition is where the first is below, equal, above.
fn codes(op: CompareOp) -> [&'static str; 3] {
    [Ordering::Less, Ordering::Equal, Ordering::Greater].map(|order| if op.holds(order) { "4" } else { "1" })
}

fn not(code: &str) -> String {
    match code {
        "1" => "4".to_owned(),
        "4" => "1".to_owned(),
        _ => format!("CHOOSE({code},4,2,3,1)"),
    }
}

fn all(codes: &[String]) -> String {
    match codes {
        [] => "4".to_owned(),
        [only] => only.clone(),
        several => format!("MIN({})", several.join(",")),
    }
}

fn any(codes: &[String]) -> String {
    match codes {
        [only] => only.clone(),
        several => not(&all(&several.iter().map(|code| not(code)).collect::<Vec<_>>())),
    }
}

impl Printer<'_> {
    /// The formula of a condition.
    pub(super) fn code(&self, expr: &Expr) -> Said {
        match &expr.node {
            Node::Flag(flag) => Ok(if *flag { "4" } else { "1" }.to_owned()),
            // The value cell of yes or no holds 4 or 1.
            Node::Field(_) | Node::BesideField(..) => Ok(format!("IFERROR(0+{},{})", self.field(expr)?, self.gap(expr))),
            Node::Computed(_, of) => self.code(of),
            Node::Not(of) => Ok(not(&self.code(of)?)),
            Node::All(list) => Ok(all(&self.codes(list)?)),
            Node::Any(list) => Ok(any(&self.codes(list)?)),
            Node::Compare(op, a, b) => self.compared(*op, a, b, expr),
            Node::In(what, list) => {
                let equal = list.iter().map(|item| self.compared(CompareOp::Eq, what, item, expr)).collect::<Said<Vec<_>>>()?;
                Ok(any(&equal))
            }
            // Whose row it is always says something.
            Node::Filled(of) if matches!(of.node, Node::BesideField(_, FieldIx(0 | 1))) => Ok("4".to_owned()),
            Node::Filled(of) => self.surely(|| match of.ty {
                Type::Flag => Ok(format!("CHOOSE({},4,1,1,4)", self.code(of)?)),
                Type::Number(_) => Ok(format!("IF(ISERROR({}),1,4)", self.number(of)?.value())),
                Type::Date => Ok(format!("IF(ISERROR({}),1,4)", self.date(of)?)),
                Type::Text | Type::Choice(_) => Ok(format!("IF(ISERROR({}),1,4)", self.word(of)?)),
                Type::Several(_) => Ok(format!("IF(ISERROR({}),1,4)", self.field(of)?)),
                Type::Unknown => Err(Unsaid),
            }),
            Node::Default(a, b) => {
                let (a, b) = (self.surely(|| self.code(a))?, self.code(b)?);
                Ok(format!("CHOOSE({a},1,{b},{b},4)"))
            }
            Node::Choose(cases, otherwise) => {
                let mut chosen = self.code(otherwise)?;
                for (when, then) in cases.iter().rev() {
                    chosen = format!("CHOOSE({},{chosen},2,3,{})", self.code(when)?, self.code(then)?);
                }
                Ok(chosen)
            }
            _ => Err(Unsaid),
        }
    }

    fn codes(&self, list: &[Expr]) -> Said<Vec<String>> {
        list.iter().map(|item| self.code(item)).collect()
    }

    fn compared(&self, op: CompareOp, a: &Expr, b: &Expr, whole: &Expr) -> Said {
        let [below, equal, above] = codes(op);
        let compared = match (&a.ty, &b.ty) {
            (Type::Number(_), Type::Number(_)) => self.number(a)?.compare(&self.number(b)?, [below, equal, above], &self.rough)?,
            (Type::Date, Type::Date) => {
                format!("CHOOSE(2+SIGN(({})-({})),{below},{equal},{above})", self.date(a)?, self.date(b)?)
            }
            (Type::Flag, Type::Flag) => {
                // No is below yes; a gap on one side stays what it is, the graver of two.
                let row = |cells: [&str; 4]| cells.join(",");
                let table =
                    [row([equal, "2", "3", below]), row(["2", "2", "2", "2"]), row(["3", "2", "3", "3"]), row([above, "2", "3", equal])];
                return Ok(format!("CHOOSE(4*{}+{}-4,{})", self.code(a)?, self.code(b)?, table.join(",")));
            }
            (Type::Text | Type::Choice(_), Type::Text | Type::Choice(_)) if matches!(op, CompareOp::Eq | CompareOp::Ne) => {
                format!("IF(EXACT({},{}),{equal},{below})", self.word(a)?, self.word(b)?)
            }
            _ => return Err(Unsaid),
        };
        Ok(format!("IFERROR({compared},{})", self.gap(whole)))
    }
}
