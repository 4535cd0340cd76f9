//! XPath expressions in the form language (译为表达式).
//!
//! An empty answer is not known in the form language, where XPath has an empty text; so `${a} != ''` is `filled(a)`, and what is
//! compared with a number is only compared.

use super::xpath::XPath;
use crate::syntax::Binding::{self, And, Compared, Factor, Not, Open, Or, Primary, Sum, Term};
use crate::syntax::{quoted_name, quoted_text};
use std::collections::HashMap;

/// What a question is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    /// A number, a text or a day.
    Plain,
    /// Yes or no; the names of the choices that say so.
    YesNo(String, String),
    /// One of some options: their names in the workbook, and what they are called.
    One(HashMap<String, String>),
    /// Several of some.
    Several(HashMap<String, String>),
    /// A repeat, whose questions are columns.
    Table,
}

/// A question by its name in the workbook.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// As the form calls it.
    pub name: String,
    pub asked: Asked,
    /// The repeat that it stands in.
    pub table: Option<String>,
}

/// Says expressions that stand at a question.
pub(super) struct Sayer<'s> {
    pub known: &'s HashMap<String, Known>,
    /// The name of the question in the workbook.
    pub own: &'s str,
    /// The repeat that it stands in.
    pub table: Option<&'s str>,
}

/// A text and how tightly it binds.
type Said = Option<(String, Binding)>;

/// What is said, or that it is not so.
fn unless((text, binding): (String, Binding), not: bool) -> (String, Binding) {
    if not { (format!("not {text}"), Not) } else { (text, binding) }
}

fn within(said: Said, binding: Binding) -> Option<String> {
    let (text, own) = said?;
    Some(own.within(text, binding))
}

impl Sayer<'_> {
    /// A condition.
    pub fn condition(&self, xpath: &XPath) -> Option<String> {
        self.holds(xpath).map(|(text, _)| text)
    }

    /// A value.
    pub fn value(&self, xpath: &XPath) -> Option<String> {
        self.is(xpath).map(|(text, _)| text)
    }

    /// The question that a name means, if it can be spoken of here.
    fn question<'k>(&'k self, xpath: &'k XPath) -> Option<&'k Known> {
        let name = match xpath {
            XPath::Own => self.own,
            XPath::Question(name) => name,
            XPath::Call(name, args) if matches!(name.as_str(), "string" | "number") => return self.question(args.first()?),
            _ => return None,
        };
        // Rows speak of their own columns, and the form of none.
        self.known.get(name).filter(|known| known.table.as_deref() == self.table)
    }

    fn holds(&self, xpath: &XPath) -> Said {
        match xpath {
            XPath::Binary("and", a, b) => Some((format!("{} and {}", within(self.holds(a), And)?, within(self.holds(b), Not)?), And)),
            XPath::Binary("or", a, b) => Some((format!("{} or {}", within(self.holds(a), Or)?, within(self.holds(b), And)?), Or)),
            XPath::Binary(sign @ ("=" | "!="), a, b) => self.equal(sign, a, b).or_else(|| self.compared(sign, a, b)),
            XPath::Binary(sign @ ("<" | "<=" | ">" | ">="), a, b) => self.length(sign, a, b).or_else(|| self.compared(sign, a, b)),
            XPath::Call(name, args) => match (name.as_str(), args.as_slice()) {
                ("true", []) => Some(("yes".to_owned(), Primary)),
                ("false", []) => Some(("no".to_owned(), Primary)),
                ("not", [inner]) => Some((format!("not {}", within(self.holds(inner), Not)?), Not)),
                ("boolean", [inner]) => self.holds(inner),
                ("selected", [question, XPath::Text(name)]) => self.chosen(self.question(question)?, name, true),
                ("if", [when, then, otherwise]) => self.chosen_by(when, self.holds(then), self.holds(otherwise)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `if(when, then, otherwise)`
    fn chosen_by(&self, when: &XPath, then: Said, otherwise: Said) -> Said {
        // Branches nest in parentheses only; what stands behind `else` goes on with its own `if`.
        Some((format!("if {} then {} else {}", within(self.holds(when), Or)?, within(then, Or)?, otherwise?.0), Open))
    }

    fn compared(&self, sign: &str, a: &XPath, b: &XPath) -> Said {
        // Options and answers of yes or no have no order.
        let unordered = |side: &XPath| self.question(side).is_some_and(|known| known.asked != Asked::Plain);
        if !matches!(sign, "=" | "!=") && (unordered(a) || unordered(b)) {
            return None;
        }
        let sign = if sign == "=" { "==" } else { sign };
        Some((format!("{} {sign} {}", within(self.is(a), Sum)?, within(self.is(b), Sum)?), Compared))
    }

    /// `string-length(${a}) > 0`
    fn length(&self, sign: &str, a: &XPath, b: &XPath) -> Said {
        match (a, sign, b) {
            (XPath::Call(name, args), ">", XPath::Number(zero)) if name == "string-length" && zero == "0" => {
                Some((format!("filled({})", quoted_name(&self.question(args.first()?)?.name)), Primary))
            }
            _ => None,
        }
    }

    /// A question that is, or is not, a text: an option, yes, or nothing at all.
    fn equal(&self, sign: &str, a: &XPath, b: &XPath) -> Said {
        let (question, text) = match (self.question(a), b, self.question(b), a) {
            (Some(question), XPath::Text(text) | XPath::Number(text), ..)
            | (_, _, Some(question), XPath::Text(text) | XPath::Number(text)) => (question, text),
            _ => return None,
        };
        let wanted = sign == "=";
        if text.is_empty() {
            let filled = (format!("filled({})", quoted_name(&question.name)), Primary);
            return (question.asked != Asked::Table).then(|| unless(filled, wanted));
        }
        self.chosen(question, text, wanted)
    }

    /// That a choice is chosen of a question; unless `wanted`, that it is not.
    fn chosen(&self, question: &Known, choice: &str, wanted: bool) -> Said {
        let name = quoted_name(&question.name);
        match &question.asked {
            Asked::YesNo(yes, _) if yes == choice => Some(unless((name, Primary), !wanted)),
            Asked::YesNo(_, no) if no == choice => Some(unless((name, Primary), wanted)),
            // `not a == b` would be read the same, but people write `!=`.
            Asked::One(options) => {
                let sign = if wanted { "==" } else { "!=" };
                Some((format!("{name} {sign} {}", quoted_text(options.get(choice)?)), Compared))
            }
            Asked::Several(options) => Some(unless((format!("{name} has {}", quoted_text(options.get(choice)?)), Compared), !wanted)),
            _ => None,
        }
    }

    fn is(&self, xpath: &XPath) -> Said {
        let two = |a: &XPath, sign: &str, b: &XPath, binding: Binding| {
            Some((format!("{} {sign} {}", within(self.is(a), binding)?, within(self.is(b), binding.closer())?), binding))
        };
        match xpath {
            XPath::Number(number) => {
                let whole = if number.starts_with('.') { format!("0{number}") } else { number.clone() };
                Some((whole.trim_end_matches('.').to_owned(), Primary))
            }
            XPath::Text(text) if !text.is_empty() => Some((quoted_text(text), Primary)),
            XPath::Own | XPath::Question(_) => {
                let known = self.question(xpath)?;
                (!matches!(known.asked, Asked::Several(_) | Asked::Table)).then(|| (quoted_name(&known.name), Primary))
            }
            XPath::Negative(inner) => Some((format!("-{}", within(self.is(inner), Primary)?), Factor)),
            XPath::Binary(sign @ ("+" | "-"), a, b) => two(a, sign, b, Sum),
            XPath::Binary("*", a, b) => two(a, "*", b, Term),
            XPath::Binary("div", a, b) => two(a, "/", b, Term),
            XPath::Call(name, args) => self.called(name, args),
            _ => None,
        }
    }

    fn called(&self, name: &str, args: &[XPath]) -> Said {
        let list = || args.iter().map(|arg| self.value(arg)).collect::<Option<Vec<_>>>().map(|list| list.join(", "));
        match (name, args) {
            ("number" | "string", [inner]) => self.is(inner),
            ("date", [XPath::Text(day)]) => Some((day.clone(), Primary)).filter(|_| day.parse::<chrono::NaiveDate>().is_ok()),
            ("round", [value]) => Some((format!("round({})", self.value(value)?), Primary)),
            ("round", [value, XPath::Number(places)]) => Some((format!("round({}, {places})", self.value(value)?), Primary)),
            ("int" | "floor", [value]) => Some((format!("floor({})", self.value(value)?), Primary)),
            ("ceiling", [value]) => Some((format!("ceil({})", self.value(value)?), Primary)),
            ("abs", [value]) => Some((format!("abs({})", self.value(value)?), Primary)),
            ("sum" | "min" | "max", [XPath::Question(column)]) => {
                let known = self.known.get(column).filter(|known| known.table.is_some() && self.table.is_none())?;
                Some((format!("{name}({}.{})", quoted_name(known.table.as_ref()?), quoted_name(&known.name)), Primary))
            }
            ("count", [XPath::Question(table)]) => {
                let known = self.known.get(table).filter(|known| known.asked == Asked::Table && self.table.is_none())?;
                Some((format!("count({})", quoted_name(&known.name)), Primary))
            }
            ("min" | "max" | "sum", [_, _, ..]) => Some((format!("{name}({})", list()?), Primary)),
            ("coalesce", [first, second]) => Some((format!("{} or {}", within(self.is(first), And)?, within(self.is(second), And)?), Or)),
            ("if", [when, then, otherwise]) => self.chosen_by(when, self.is(then), self.is(otherwise)),
            _ => None,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::xpath::parse;
    use super::*;

    #[test]
    fn what_is_not_so_is_said_of_any_name() {
        let options = HashMap::from([("a".to_owned(), "甲 == 乙".to_owned())]);
        let asked = [
            ("yes", "not == 是", Asked::YesNo("1".to_owned(), "0".to_owned())),
            ("one", "学段 == 级别", Asked::One(options.clone())),
            ("some", "设施", Asked::Several(options)),
        ];
        let known =
            |(question, name, asked): (&str, &str, Asked)| (question.to_owned(), Known { name: name.to_owned(), asked, table: None });
        let known: HashMap<String, Known> = asked.into_iter().map(known).collect();
        let sayer = Sayer { known: &known, own: "yes", table: None };
        for (xpath, said) in [
            ("${yes} = '1'", "`not == 是`"),
            ("${yes} != '1'", "not `not == 是`"),
            ("${yes} = '0'", "not `not == 是`"),
            ("'0' != ${yes}", "`not == 是`"),
            ("${one} = 'a'", "`学段 == 级别` == \"甲 == 乙\""),
            ("${one} != 'a'", "`学段 == 级别` != \"甲 == 乙\""),
            ("${some} != 'a'", "not 设施 has \"甲 == 乙\""),
            ("${some} = ''", "not filled(设施)"),
            ("${one} != ''", "filled(`学段 == 级别`)"),
            ("not(selected(${one}, 'a'))", "not `学段 == 级别` == \"甲 == 乙\""),
        ] {
            assert_eq!(sayer.condition(&parse(xpath).unwrap()).as_deref(), Some(said), "{xpath}");
        }
    }
}
