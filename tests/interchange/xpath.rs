//! A small evaluator of XPath 1.0, with the functions that ODK adds; written from the specification, not from what prints it.

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Text(String),
    Flag(bool),
}

impl Value {
    pub(crate) fn number(&self) -> f64 {
        match self {
            Value::Number(number) => *number,
            Value::Text(text) => {
                let text = text.trim();
                let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
                if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
            }
            Value::Flag(flag) => f64::from(u8::from(*flag)),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Value::Number(number) if number.is_nan() => "NaN".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::Flag(flag) => flag.to_string(),
        }
    }

    pub(crate) fn flag(&self) -> bool {
        match self {
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
            Value::Flag(flag) => *flag,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Reference(String),
    Sign(String),
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut tokens) = (0, Vec::new());
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let end_of = |from: usize, holds: &dyn Fn(char) -> bool| (from..chars.len()).find(|at| !holds(chars[*at])).unwrap_or(chars.len());
        let slice = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
        if c.is_whitespace() {
            at += 1;
        } else if c.is_ascii_digit() {
            let end = end_of(at, &|c| c.is_ascii_digit() || c == '.');
            tokens.push(Token::Number(slice(at, end).parse().unwrap()));
            at = end;
        } else if c == '\'' || c == '"' {
            let end = end_of(at + 1, &|other| other != c);
            tokens.push(Token::Text(slice(at + 1, end)));
            at = end + 1;
        } else if c == '$' && next == '{' {
            let end = end_of(at, &|c| c != '}');
            tokens.push(Token::Reference(slice(at + 2, end)));
            at = end + 1;
        } else if c.is_ascii_alphabetic() {
            let end = end_of(at, &|c| c.is_ascii_alphanumeric() || c == '-');
            tokens.push(Token::Name(slice(at, end)));
            at = end;
        } else {
            let two = matches!((c, next), ('<' | '>' | '!', '='));
            tokens.push(Token::Sign(slice(at, at + 1 + usize::from(two))));
            at += 1 + usize::from(two);
        }
    }
    tokens
}

/// Evaluates an expression.
///
/// * `own`: what `.` is.
/// * `answer`: what a reference is.
pub(crate) fn evaluate(source: &str, own: &str, answer: &dyn Fn(&str) -> String) -> Value {
    let mut reader = Reader { tokens: tokens(source), at: 0, own, answer };
    let value = reader.or();
    assert_eq!(reader.at, reader.tokens.len(), "{source}");
    value
}

struct Reader<'r> {
    tokens: Vec<Token>,
    at: usize,
    own: &'r str,
    answer: &'r dyn Fn(&str) -> String,
}

impl Reader<'_> {
    fn sign(&mut self, signs: &[&str]) -> Option<String> {
        let found = match self.tokens.get(self.at)? {
            Token::Sign(sign) | Token::Name(sign) => signs.contains(&sign.as_str()).then(|| sign.clone()),
            _ => None,
        };
        self.at += usize::from(found.is_some());
        found
    }

    fn or(&mut self) -> Value {
        let mut value = self.and();
        while self.sign(&["or"]).is_some() {
            let other = self.and();
            value = Value::Flag(value.flag() | other.flag());
        }
        value
    }

    fn and(&mut self) -> Value {
        let mut value = self.equality();
        while self.sign(&["and"]).is_some() {
            let other = self.equality();
            value = Value::Flag(value.flag() & other.flag());
        }
        value
    }

    fn equality(&mut self) -> Value {
        let mut value = self.relation();
        while let Some(sign) = self.sign(&["=", "!="]) {
            let other = self.relation();
            let same = match (&value, &other) {
                (Value::Flag(_), _) | (_, Value::Flag(_)) => value.flag() == other.flag(),
                (Value::Number(_), _) | (_, Value::Number(_)) => value.number() == other.number(),
                _ => value.text() == other.text(),
            };
            value = Value::Flag(same == (sign == "="));
        }
        value
    }

    fn relation(&mut self) -> Value {
        let mut value = self.sum();
        while let Some(sign) = self.sign(&["<", "<=", ">", ">="]) {
            let (a, b) = (value.number(), self.sum().number());
            value = Value::Flag(match sign.as_str() {
                "<" => a < b,
                "<=" => a <= b,
                ">" => a > b,
                _ => a >= b,
            });
        }
        value
    }

    fn sum(&mut self) -> Value {
        let mut value = self.product();
        while let Some(sign) = self.sign(&["+", "-"]) {
            let (a, b) = (value.number(), self.product().number());
            value = Value::Number(if sign == "+" { a + b } else { a - b });
        }
        value
    }

    fn product(&mut self) -> Value {
        let mut value = self.unary();
        while let Some(sign) = self.sign(&["*", "div", "mod"]) {
            let (a, b) = (value.number(), self.unary().number());
            value = Value::Number(match sign.as_str() {
                "*" => a * b,
                "div" => a / b,
                _ => a % b,
            });
        }
        value
    }

    fn unary(&mut self) -> Value {
        if self.sign(&["-"]).is_some() { Value::Number(-self.unary().number()) } else { self.primary() }
    }

    fn primary(&mut self) -> Value {
        let token = self.tokens[self.at].clone();
        self.at += 1;
        match token {
            Token::Number(number) => Value::Number(number),
            Token::Text(text) => Value::Text(text),
            Token::Reference(name) => Value::Text((self.answer)(&name)),
            Token::Sign(sign) if sign == "." => Value::Text(self.own.to_owned()),
            Token::Sign(sign) if sign == "(" => {
                let value = self.or();
                self.sign(&[")"]).unwrap();
                value
            }
            Token::Name(name) => {
                self.sign(&["("]).unwrap();
                let mut args = Vec::new();
                while self.sign(&[")"]).is_none() {
                    args.push(self.or());
                    self.sign(&[","]);
                }
                call(&name, &args)
            }
            other => unreachable!("{other:?}"),
        }
    }
}

fn call(name: &str, args: &[Value]) -> Value {
    match (name, args) {
        ("true", []) => Value::Flag(true),
        ("false", []) => Value::Flag(false),
        ("not", [value]) => Value::Flag(!value.flag()),
        ("number", [value]) => Value::Number(value.number()),
        ("int", [value]) => Value::Number(value.number().trunc()),
        ("round", [value, places]) => {
            let number = value.number();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few decimals")]
            let places = places.number() as usize;
            Value::Number(if number.is_nan() { number } else { format!("{number:.places$}").parse().unwrap() })
        }
        ("if", [when, then, otherwise]) => if when.flag() { then } else { otherwise }.clone(),
        ("translate", [text, from, to]) => {
            let (from, to): (Vec<char>, Vec<char>) = (from.text().chars().collect(), to.text().chars().collect());
            let letter = |c: char| from.iter().position(|other| *other == c).map_or(Some(c), |at| to.get(at).copied());
            Value::Text(text.text().chars().filter_map(letter).collect())
        }
        ("regex", [text, pattern]) => Value::Flag(regex_lite::Regex::new(&pattern.text()).unwrap().is_match(&text.text())),
        ("string-length", [text]) => Value::Number(text.text().chars().count() as f64),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn expressions_are_evaluated() {
    let answer = |name: &str| if name == "a" { "3" } else { "" }.to_owned();
    let is = |source: &str| evaluate(source, "5", &answer).flag();
    for yes in [
        "1 + 2 * 3 = 7",
        "${a} < . and not(${b} > 0)",
        "not(${b} <= 0 or ${b} = 0)",
        "(2 - 5) * -1 = ${a}",
        "7 div 2 = 3.5",
        "'x' = \"x\"",
        "${b} = ''",
        "int(-2.5) = -2",
    ] {
        assert!(is(yes), "{yes}");
    }
    for no in ["${a} = '3.0'", "${b} - 1 <= 0", "number(${b}) = number(${b})", "translate('2020-01-02', '-', '') < 20200102"] {
        assert!(!is(no), "{no}");
    }
}
