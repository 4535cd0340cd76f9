//! What a constraint says of its own question: range, decimals, pattern, length; the rest stays a check.

use super::xpath::XPath;

/// The parts of a constraint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Constraint {
    pub least: Option<String>,
    pub greatest: Option<String>,
    pub decimals: Option<String>,
    pub pattern: Option<String>,
    /// Least and greatest number of characters.
    pub length: (Option<String>, Option<String>),
    /// What must hold besides.
    pub rest: Vec<XPath>,
}

impl Constraint {
    /// Of an expression.
    ///
    /// * `whole`: whether the question is of whole numbers, so that `. > 0` is `1..`.
    pub fn of(xpath: &XPath, whole: bool) -> Constraint {
        let mut constraint = Constraint::default();
        constraint.add(xpath, whole);
        constraint
    }

    fn add(&mut self, xpath: &XPath, whole: bool) {
        if let XPath::Binary("and", a, b) = xpath {
            self.add(a, whole);
            self.add(b, whole);
        } else if self.taken(xpath, whole).is_none() {
            self.rest.push(xpath.clone());
        }
    }

    /// Takes what can be said of the field itself.
    fn taken(&mut self, xpath: &XPath, whole: bool) -> Option<()> {
        match xpath {
            XPath::Call(name, args) => match (name.as_str(), args.as_slice()) {
                ("regex", [XPath::Own, XPath::Text(pattern)]) if self.pattern.is_none() => {
                    let bare = pattern.strip_prefix('^').unwrap_or(pattern);
                    let bare = bare.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(bare);
                    let grouped =
                        bare.strip_prefix("(?:").and_then(|inner| inner.strip_suffix(')')).filter(|inner| !inner.contains(['(', ')']));
                    self.pattern = Some(grouped.unwrap_or(bare).to_owned());
                    Some(())
                }
                _ => None,
            },
            XPath::Binary(sign, a, b) => {
                // The number stands on the right, whatever way it was written.
                let (left, right, sign) =
                    if matches!(**a, XPath::Number(_) | XPath::Negative(_)) { (b, a, turned(sign)) } else { (a, b, *sign) };
                match (&**left, &**right) {
                    (XPath::Own, right) => self.bound(sign, &number(right)?, whole),
                    (XPath::Call(name, args), XPath::Number(number)) if name == "string-length" && **args == [XPath::Own] => {
                        let count: u32 = number.parse().ok()?;
                        let (least, most) = match sign {
                            "<=" => (None, Some(count)),
                            "<" => (None, Some(count.checked_sub(1)?)),
                            ">=" => (Some(count), None),
                            ">" => (Some(count.checked_add(1)?), None),
                            "=" => (Some(count), Some(count)),
                            _ => return None,
                        };
                        // Of several the tightest holds.
                        let tightest = |known: &Option<String>, end: Option<u32>, than: fn(u32, u32) -> u32| {
                            let known = known.as_ref().and_then(|known| known.parse().ok());
                            let both = known.zip(end).map(|(known, end)| than(known, end));
                            both.or(known).or(end).map(|end: u32| end.to_string())
                        };
                        self.length = (tightest(&self.length.0, least, u32::max), tightest(&self.length.1, most, u32::min));
                        Some(())
                    }
                    (XPath::Call(name, args), XPath::Own) if sign == "=" => match (name.as_str(), args.as_slice()) {
                        ("round", [XPath::Own, XPath::Number(places)]) => self.decimals(places.parse().ok()?),
                        ("int", [XPath::Own]) => self.decimals(0),
                        _ => None,
                    },
                    // A day by its digits, as `heng` writes it.
                    (XPath::Call(name, args), XPath::Number(digits)) if name == "number" && digits.len() == 8 => {
                        let [XPath::Call(translate, _)] = args.as_slice() else { return None };
                        let part = |range| digits.get(range);
                        let day = format!("{}-{}-{}", part(0..4)?, part(4..6)?, part(6..8)?);
                        (translate == "translate").then(|| self.bound(sign, &day, false)).flatten()
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn decimals(&mut self, places: u32) -> Option<()> {
        let known = self.decimals.as_ref().and_then(|known| known.parse().ok());
        self.decimals = Some(known.map_or(places, |known: u32| known.min(places)).to_string());
        Some(())
    }

    fn bound(&mut self, sign: &str, number: &str, whole: bool) -> Option<()> {
        let next = |step: i64| number.parse::<i64>().ok().filter(|_| whole).and_then(|number| Some(number.checked_add(step)?.to_string()));
        let (place, number) = match sign {
            ">=" => (&mut self.least, number.to_owned()),
            "<=" => (&mut self.greatest, number.to_owned()),
            ">" => (&mut self.least, next(1)?),
            "<" => (&mut self.greatest, next(-1)?),
            _ => return None,
        };
        if place.is_some() {
            return None;
        }
        *place = Some(number);
        Some(())
    }

    /// As a range of a field: `0..100`.
    pub fn range(&self) -> Option<String> {
        if self.least.is_none() && self.greatest.is_none() {
            return None;
        }
        Some(format!("{}..{}", self.least.as_deref().unwrap_or(""), self.greatest.as_deref().unwrap_or("")))
    }
}

fn turned(sign: &'static str) -> &'static str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

/// A number, or a day.
fn number(xpath: &XPath) -> Option<String> {
    match xpath {
        XPath::Number(number) if !number.starts_with('.') && !number.ends_with('.') => Some(number.clone()),
        XPath::Negative(inner) => number(inner).map(|number| format!("-{number}")),
        XPath::Call(name, args) => match (name.as_str(), args.as_slice()) {
            ("date", [XPath::Text(day)]) => day.parse::<chrono::NaiveDate>().ok().map(|day| day.to_string()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::xpath::parse;
    use super::*;

    #[test]
    fn what_a_question_takes_is_its_own() {
        let of = |text: &str, whole| Constraint::of(&parse(text).unwrap(), whole);
        assert_eq!(of(". > 0 and 100 >= .", true).range().as_deref(), Some("1..100"));
        let open = of(". > 0 and . < 0.5", false);
        assert_eq!((open.range(), open.rest.len()), (None, 2));
        assert_eq!(of(".>=-5 and round(., 2) = .", false).decimals.as_deref(), Some("2"));
        assert_eq!(of("regex(., '^(?:\\d{4})$')", false).pattern.as_deref(), Some("\\d{4}"));
        assert_eq!(of("regex(., '^(a)|(b)$')", false).pattern.as_deref(), Some("(a)|(b)"));
        assert_eq!(of("string-length(.) < 6", false).length, (None, Some("5".into())));
        assert_eq!(of(". >= date('2020-01-01')", false).range().as_deref(), Some("2020-01-01.."));
        assert_eq!(of("number(translate(., '-', '')) <= 20200131", false).range().as_deref(), Some("..2020-01-31"));
        // Two that say something of one thing hold both.
        assert_eq!(of("string-length(.) <= 6 and string-length(.) <= 9", false).length, (None, Some("6".into())));
        assert_eq!(of("string-length(.) = 6 and string-length(.) > 2", false).length, (Some("6".into()), Some("6".into())));
        assert_eq!(of("int(.) = . and round(., 2) = .", false).decimals.as_deref(), Some("0"));
        // What no number is beyond.
        assert_eq!(of("string-length(.) > 4294967295", false).rest.len(), 1);
        assert_eq!(of(". > 9223372036854775807", true).rest.len(), 1);
        let both = of(". >= 0 and . <= ${b}", true);
        assert_eq!((both.range().as_deref(), both.rest.len()), (Some("0.."), 1));
    }
}
