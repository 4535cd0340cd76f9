//! Conditions: where they hold, and where they do not.

use super::number::Number;
use super::{Printer, Said, Test, Truth, Unsaid, Word, literal};
use crate::model::{Expr, GivenValue, Lowered, Node, Type};
use crate::syntax::tree::CompareOp;
use std::collections::BTreeSet;

/// The words that a question of yes or no keeps.
pub(in crate::report::xlsform) const YES: &str = "yes";
/// The other one.
pub(in crate::report::xlsform) const NO: &str = "no";

impl Truth {
    fn of(yes: bool) -> Truth {
        if yes { Truth { yes: Test::Yes, no: Test::No } } else { Truth { yes: Test::No, no: Test::Yes } }
    }

    fn not(self) -> Truth {
        Truth { yes: self.no, no: self.yes }
    }

    fn all(list: Vec<Truth>) -> Truth {
        let (yes, no): (Vec<Test>, Vec<Test>) = list.into_iter().map(|truth| (truth.yes, truth.no)).unzip();
        Truth { yes: Test::all(yes), no: Test::any(no) }
    }

    fn any(list: Vec<Truth>) -> Truth {
        Truth::all(list.into_iter().map(Truth::not).collect()).not()
    }
}

impl Printer<'_> {
    /// Of a condition.
    pub(super) fn condition(&self, expr: &Expr) -> Said<Truth> {
        match &expr.node {
            Node::Flag(flag) => Ok(Truth::of(*flag)),
            Node::Field(at) => {
                if let Some(Lowered::Option(several, place)) = self.form.fields.get(at.0).and_then(|field| field.details.lowered) {
                    return self.chosen_among(several.0, place);
                }
                let (field, place) = self.field(*at)?;
                let is = |word: &str| Test::Is(format!("{place} = '{word}'"), BTreeSet::from([at.0]));
                match self.otherwise(field)? {
                    None => Ok(Truth { yes: is(YES), no: is(NO) }),
                    Some((open, GivenValue::Flag(flag))) => {
                        let counts = |side: bool| if side == *flag { open.clone() } else { Test::No };
                        Ok(Truth { yes: Test::any([is(YES), counts(true)]), no: Test::any([is(NO), counts(false)]) })
                    }
                    Some(_) => Err(Unsaid),
                }
            }
            Node::Computed(_, of) => self.condition(of),
            Node::Not(of) => self.condition(of).map(Truth::not),
            Node::All(list) => self.conditions(list).map(Truth::all),
            Node::Any(list) => self.conditions(list).map(Truth::any),
            Node::Compare(op, a, b) => self.compared(*op, a, b),
            Node::In(what, list) => {
                list.iter().map(|item| self.compared(CompareOp::Eq, what, item)).collect::<Said<Vec<_>>>().map(Truth::any)
            }
            Node::Filled(of) => {
                let known = self.known(of)?;
                Ok(Truth { no: known.clone().not(), yes: known })
            }
            Node::Default(a, b) => {
                let (a, b) = (self.condition(a)?, self.condition(b)?);
                let open = Test::any([a.yes.clone(), a.no.clone()]).not();
                Ok(Truth { yes: Test::any([a.yes, Test::all([open.clone(), b.yes])]), no: Test::any([a.no, Test::all([open, b.no])]) })
            }
            Node::Choose(cases, otherwise) => {
                let said = self.chosen(cases, otherwise, &|expr| Ok(vec![(Test::Yes, self.condition(expr)?)]))?;
                let side = |of: &dyn Fn(&Truth) -> Test| Test::any(said.iter().map(|(test, truth)| Test::all([test.clone(), of(truth)])));
                Ok(Truth { yes: side(&|truth| truth.yes.clone()), no: side(&|truth| truth.no.clone()) })
            }
            _ => Err(Unsaid),
        }
    }

    /// Whether several choices have an option.
    fn chosen_among(&self, several: usize, place: usize) -> Said<Truth> {
        let options = self.form.fields.get(several).and_then(|field| field.details.several.as_deref()).ok_or(Unsaid)?;
        let option = options.get(place).and_then(|option| self.called.option(several, option)).ok_or(Unsaid)?;
        let chosen = Test::Is(format!("selected({}, {})", self.place(several), literal(option)?), BTreeSet::from([several]));
        Ok(Truth { no: Test::all([self.filled(several), chosen.clone().not()]), yes: chosen })
    }

    fn conditions(&self, list: &[Expr]) -> Said<Vec<Truth>> {
        list.iter().map(|item| self.condition(item)).collect()
    }

    /// That an expression has a value.
    fn known(&self, expr: &Expr) -> Said<Test> {
        match (&expr.node, &expr.ty) {
            (Node::Field(at), Type::Several(_)) => {
                self.field(*at)?;
                Ok(self.filled(at.0))
            }
            (Node::Field(at), _) if self.field(*at).is_ok_and(|(field, _)| field.details.attach.is_some()) => Ok(self.filled(at.0)),
            (_, Type::Flag) => {
                let Truth { yes, no } = self.condition(expr)?;
                Ok(Test::any([yes, no]))
            }
            (_, Type::Number(_) | Type::Date) => self.known_number(&self.number(expr)?),
            (_, Type::Text | Type::Choice(_)) => {
                Ok(Test::any(self.word(expr)?.into_iter().map(|(test, word)| Test::all([test, self.known_word(&word)]))))
            }
            _ => Err(Unsaid),
        }
    }

    fn compared(&self, op: CompareOp, a: &Expr, b: &Expr) -> Said<Truth> {
        match (&a.ty, &b.ty) {
            (Type::Number(_), Type::Number(_)) | (Type::Date, Type::Date) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                let side = |op: CompareOp| -> Said<Test> {
                    let mut any = Vec::new();
                    for (first, a) in &a {
                        for (second, b) in &b {
                            any.push(Test::all([first.clone(), second.clone(), Number::compare(a, b, op)?]));
                        }
                    }
                    Ok(Test::any(any))
                };
                Ok(Truth { yes: side(op)?, no: side(op.opposite())? })
            }
            (Type::Flag, Type::Flag) => {
                let (a, b) = (self.condition(a)?, self.condition(b)?);
                // No is below yes.
                let holds = |a: bool, b: bool| op.holds(a.cmp(&b));
                let of = |truth: &Truth, yes: bool| if yes { truth.yes.clone() } else { truth.no.clone() };
                let pairs = [(false, false), (false, true), (true, false), (true, true)];
                let side = |wanted: bool| {
                    Test::any(pairs.iter().filter(|(x, y)| holds(*x, *y) == wanted).map(|(x, y)| Test::all([of(&a, *x), of(&b, *y)])))
                };
                Ok(Truth { yes: side(true), no: side(false) })
            }
            (Type::Text | Type::Choice(_), Type::Text | Type::Choice(_)) => {
                let (a, b) = (self.word(a)?, self.word(b)?);
                let (mut same, mut other) = (Vec::new(), Vec::new());
                for (first, a) in &a {
                    for (second, b) in &b {
                        let truth = self.same_word(a, b)?;
                        same.push(Test::all([first.clone(), second.clone(), truth.yes]));
                        other.push(Test::all([first.clone(), second.clone(), truth.no]));
                    }
                }
                let equal = Truth { yes: Test::any(same), no: Test::any(other) };
                match op {
                    CompareOp::Eq => Ok(equal),
                    CompareOp::Ne => Ok(equal.not()),
                    _ => Err(Unsaid),
                }
            }
            _ => Err(Unsaid),
        }
    }

    fn same_word(&self, a: &Word, b: &Word) -> Said<Truth> {
        match (a, b) {
            (Word::Text(a), Word::Text(b)) => Ok(Truth::of(a == b)),
            (Word::Field(field), Word::Text(text)) | (Word::Text(text), Word::Field(field)) => {
                let place = self.place(*field);
                let Some(option) = self.called.option(*field, text) else {
                    // No option of it.
                    return Ok(Truth { yes: Test::No, no: self.filled(*field) });
                };
                let option = literal(option)?;
                let fields = BTreeSet::from([*field]);
                Ok(Truth {
                    yes: Test::Is(format!("{place} = {option}"), fields.clone()),
                    no: Test::all([self.filled(*field), Test::Is(format!("{place} != {option}"), fields)]),
                })
            }
            (Word::Field(a), Word::Field(b)) => {
                if !self.called.is_plain(*a) || !self.called.is_plain(*b) {
                    return Err(Unsaid);
                }
                let both = BTreeSet::from([*a, *b]);
                let (x, y) = (self.place(*a), self.place(*b));
                let filled = Test::all([self.filled(*a), self.filled(*b)]);
                Ok(Truth {
                    yes: Test::all([filled.clone(), Test::Is(format!("{x} = {y}"), both.clone())]),
                    no: Test::all([filled, Test::Is(format!("{x} != {y}"), both)]),
                })
            }
        }
    }
}
