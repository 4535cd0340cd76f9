//! Expressions and names as they are written in a rule text (写回规则文本), made of what was understood.
//!
//! Not the author's words: what stood in an `each` is written out. Keywords are English; `fmt` spells them.

use crate::model::{
    Expr, FieldIx, Form, Function, FunctionName, GivenValue, Lowered, Node, Over, Rules, StatisticKind, Type, Unit, function_names,
};
use crate::number::Exact;
use crate::syntax::Binding::{self, And, Compared, Factor, Not, Open, Or, Primary, Sum, Term};
use crate::syntax::{quoted_name, quoted_option, quoted_text};

/// A number as it is written; none that has no end.
pub(super) fn number(number: &Exact) -> Option<String> {
    Some(number.show_trimmed(number.decimal_places()?))
}

/// A unit behind a number or a type: nothing for a bare number.
pub(super) fn unit(unit: &Unit) -> String {
    if unit.is_one() { String::new() } else { format!(" {unit}") }
}

/// A value that a form gives a field.
pub(super) fn given(value: &GivenValue) -> Option<String> {
    Some(match value {
        GivenValue::Number(value) => number(value)?,
        GivenValue::Word(word) => quoted_text(word),
        GivenValue::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        GivenValue::Date(day) => day.to_string(),
    })
}

/// How an expression of a form is written; none where it has something that forms do not have.
pub(super) fn expression(rules: &Rules, form: &Form, expr: &Expr) -> Option<String> {
    Writer { rules, form }.expr(expr, Or)
}

struct Writer<'w> {
    rules: &'w Rules,
    form: &'w Form,
}

impl Writer<'_> {
    /// * `within`: how tightly what stands around it binds.
    fn expr(&self, expr: &Expr, within: Binding) -> Option<String> {
        let two = |a: &Expr, sign: &str, b: &Expr, binding: Binding| {
            Some((format!("{} {sign} {}", self.expr(a, binding)?, self.expr(b, binding.closer())?), binding))
        };
        let (text, binding) = match &expr.node {
            Node::Number(value) if matches!(&expr.ty, Type::Number(measure) if measure.share) => {
                (format!("{}%", number(&(value * &Exact::from(100)))?), Primary)
            }
            Node::Number(value) => {
                let shown = expr.ty.unit().map(unit).unwrap_or_default();
                match number(value) {
                    Some(text) => (format!("{text}{shown}"), if value.is_negative() { Factor } else { Primary }),
                    None => (format!("{}{shown} / {}", value.numerator(), value.denominator()), Term),
                }
            }
            // An option is a name where it can be one.
            Node::Word(word) if matches!(expr.ty, Type::Choice(_)) => (quoted_option(word), Primary),
            Node::Word(word) => (quoted_text(word), Primary),
            Node::Flag(flag) => (if *flag { "yes" } else { "no" }.to_owned(), Primary),
            Node::Date(day) => (day.to_string(), Primary),
            Node::Param(at) => (quoted_name(&self.rules.params.get(*at)?.name.it), Primary),
            Node::Computed(called, _) => (quoted_name(called), Primary),
            Node::Field(at) => {
                let field = self.form.fields.get(at.0)?;
                let of = |at: &FieldIx| self.form.fields.get(at.0).map(|field| quoted_name(&field.name.it));
                match &field.details.lowered {
                    Some(Lowered::Option(several, place)) => {
                        let options = self.form.fields.get(several.0)?.details.several.as_deref()?;
                        (format!("{} has {}", of(several)?, quoted_text(options.get(*place)?)), Compared)
                    }
                    Some(Lowered::Previous(before)) => (format!("previous({})", of(before)?), Primary),
                    Some(Lowered::Row) => return None,
                    None => (quoted_name(&field.name.it), Primary),
                }
            }
            Node::BesideField(table, at) => {
                let table = self.form.tables.get(usize::from(*table))?;
                let column = table.rows.fields.get(at.0).filter(|column| column.is_asked())?;
                (format!("{}.{}", quoted_name(&table.name.it), quoted_name(&column.name.it)), Primary)
            }
            Node::Add(a, b) => two(a, "+", b, Sum)?,
            Node::Sub(a, b) => two(a, "-", b, Sum)?,
            Node::Mul(a, b) => two(a, "*", b, Term)?,
            Node::Div(a, b) => two(a, "/", b, Term)?,
            Node::Negate(a) => (format!("-{}", self.expr(a, Factor)?), Factor),
            Node::Scale(a, _) => (format!("({}) in {}", self.expr(a, Or)?, expr.ty.unit()?), Factor),
            Node::Compare(op, a, b) => {
                let sign = op.symbol();
                (format!("{} {sign} {}", self.expr(a, Sum)?, self.expr(b, Sum)?), Compared)
            }
            Node::In(what, list) => (format!("{} in [{}]", self.expr(what, Sum)?, self.list(list)?), Compared),
            Node::All(list) => self.joined(list, " and ", And)?,
            Node::Any(list) => self.joined(list, " or ", Or)?,
            Node::Not(a) => (format!("not {}", self.expr(a, Not)?), Not),
            Node::Default(a, b) => (format!("{} or {}", self.expr(a, And)?, self.expr(b, And)?), Or),
            Node::Filled(a) => (format!("filled({})", self.expr(a, Or)?), Primary),
            Node::Choose(cases, otherwise) => {
                let mut text = String::new();
                for (when, then) in cases {
                    text.push_str(&format!("if {} then {} else ", self.expr(when, Or)?, self.expr(then, Or)?));
                }
                (format!("{text}{}", self.expr(otherwise, Or)?), Open)
            }
            Node::Call(function, args) => (format!("{}({})", called(*function)?, self.list(args)?), Primary),
            Node::Statistic(statistic) => match &statistic.of {
                Over::List(list) if statistic.weight.is_none() && statistic.filter.is_none() && statistic.parameter.is_none() => {
                    (format!("{}({})", statistic_called(statistic.kind)?, self.list(list)?), Primary)
                }
                Over::Rows(table, of) if statistic.weight.is_none() && statistic.parameter.is_none() => {
                    let rows = self.form.tables.get(usize::from(*table)).map(|table| quoted_name(&table.name.it))?;
                    let each = matches!(&of.node, Node::Filled(row) if matches!(row.node, Node::BesideField(_, FieldIx(1))));
                    let of = match of.ty {
                        _ if each => rows,
                        Type::Flag => format!("{rows}, {}", self.expr(of, Or)?),
                        _ => self.expr(of, Or)?,
                    };
                    let counted = match &statistic.filter {
                        Some(filter) => format!(" where {}", self.expr(filter, Or)?),
                        None => String::new(),
                    };
                    // What stands behind a condition would belong to it.
                    let binding = if counted.is_empty() { Primary } else { Open };
                    (format!("{}({of}){counted}", statistic_called(statistic.kind)?), binding)
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(binding.within(text, within))
    }

    fn list(&self, list: &[Expr]) -> Option<String> {
        list.iter().map(|item| self.expr(item, Or)).collect::<Option<Vec<_>>>().map(|list| list.join(", "))
    }

    fn joined(&self, list: &[Expr], word: &str, binding: Binding) -> Option<(String, Binding)> {
        match list {
            [] => Some((if binding == And { "yes" } else { "no" }.to_owned(), Primary)),
            list => {
                let parts = list.iter().map(|item| self.expr(item, binding.closer())).collect::<Option<Vec<_>>>()?;
                Some((parts.join(word), binding))
            }
        }
    }
}

fn called(function: Function) -> Option<&'static str> {
    function_names().iter().find(|(.., of)| *of == FunctionName::Function(function)).map(|(english, ..)| *english)
}

fn statistic_called(kind: StatisticKind) -> Option<&'static str> {
    function_names().iter().find(|(.., of)| *of == FunctionName::Statistic(kind)).map(|(english, ..)| *english)
}
