//! XPath expressions of XLSForms, as far as forms have anything like them (读 XPath).
//!
//! Not here: what the names in them mean (`say`).

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum XPath {
    Number(String),
    Text(String),
    /// `${name}`, or the last step of a path.
    Question(String),
    /// `.`: the question that it stands at.
    Own,
    Binary(&'static str, Box<XPath>, Box<XPath>),
    Negative(Box<XPath>),
    Call(String, Vec<XPath>),
}

/// Brackets nest so deep at most, in what is read.
const DEEPEST: usize = 60;

/// The expression of a text; none where it is none, or has something that no form has.
pub(super) fn parse(text: &str) -> Option<XPath> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let parsed = parser.binary(0)?;
    (parser.at == tokens.len()).then_some(parsed)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(String),
    Text(String),
    Name(String),
    Question(String),
    Sign(&'static str),
}

const SIGNS: [&str; 14] = ["!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "(", ")", ",", "|", "."];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |from: &str, holds: &dyn Fn(char) -> bool| from.find(|c| !holds(c)).unwrap_or(from.len());
        let used = if let Some(inner) = rest.strip_prefix("${") {
            let end = inner.find('}')?;
            tokens.push(Token::Question(inner.get(..end)?.trim().to_owned()));
            end + 3
        } else if matches!(first, '\'' | '"' | '‘' | '“' | '’' | '”') {
            // Word processors turn quotes.
            let inner = rest.get(first.len_utf8()..)?;
            let close: &[char] = match first {
                '\'' | '‘' | '’' => &['\'', '‘', '’'],
                _ => &['"', '“', '”'],
            };
            let end = inner.find(close)?;
            tokens.push(Token::Text(inner.get(..end)?.to_owned()));
            first.len_utf8() + end + inner.get(end..)?.chars().next()?.len_utf8()
        } else if first.is_ascii_digit() || first == '.' && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
            let end = word(rest, &|c| c.is_ascii_digit() || c == '.');
            tokens.push(Token::Number(rest.get(..end)?.to_owned()));
            end
        } else if first == '/' || rest.starts_with("../") {
            let end = word(rest, &|c| c.is_alphanumeric() || "/_.-".contains(c));
            tokens.push(Token::Question(rest.get(..end)?.rsplit('/').next()?.to_owned()));
            end
        } else if first.is_alphabetic() || first == '_' {
            let end = word(rest, &|c| c.is_alphanumeric() || "_-:".contains(c));
            tokens.push(Token::Name(rest.get(..end)?.to_owned()));
            end
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest.get(used..)?.trim_start();
    }
    Some(tokens)
}

/// Operators, the loosest first.
const LEVELS: [&[&str]; 6] = [&["or"], &["and"], &["=", "!="], &["<", "<=", ">", ">="], &["+", "-"], &["*", "div", "mod"]];

struct Parser<'p> {
    tokens: &'p [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let found = match self.tokens.get(self.at)? {
            Token::Sign(sign) => signs.iter().find(|other| *other == sign),
            Token::Name(name) => signs.iter().find(|other| *other == name),
            _ => None,
        };
        self.at += usize::from(found.is_some());
        found.copied()
    }

    fn binary(&mut self, level: usize) -> Option<XPath> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(sign) = self.sign(signs) {
            left = XPath::Binary(sign, Box::new(left), Box::new(self.binary(level + 1)?));
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<XPath> {
        self.depth += 1;
        let parsed = if self.depth > DEEPEST {
            None
        } else if self.sign(&["-"]).is_some() {
            self.unary().map(|inner| XPath::Negative(Box::new(inner)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        parsed
    }

    fn primary(&mut self) -> Option<XPath> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        match token {
            Token::Number(number) => Some(XPath::Number(number.clone())),
            Token::Text(text) => Some(XPath::Text(text.clone())),
            Token::Question(name) => Some(XPath::Question(name.clone())),
            Token::Sign(".") => Some(XPath::Own),
            Token::Sign("(") => {
                let inner = self.binary(0)?;
                self.sign(&[")"])?;
                Some(inner)
            }
            Token::Name(name) => {
                self.sign(&["("])?;
                let mut args = Vec::new();
                while self.sign(&[")"]).is_none() {
                    args.push(self.binary(0)?);
                    if self.sign(&[","]).is_none() && !matches!(self.tokens.get(self.at), Some(Token::Sign(")"))) {
                        return None;
                    }
                }
                Some(XPath::Call(name.clone(), args))
            }
            Token::Sign(_) => None,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read() {
        let number = |text: &str| Box::new(XPath::Number(text.into()));
        let question = |text: &str| Box::new(XPath::Question(text.into()));
        assert_eq!(parse("${a}>=1"), Some(XPath::Binary(">=", question("a"), number("1"))));
        assert_eq!(parse(".<.5"), Some(XPath::Binary("<", Box::new(XPath::Own), number(".5"))));
        let sum = XPath::Binary("-", Box::new(XPath::Binary("-", question("a"), question("b"))), number("1"));
        assert_eq!(parse("${a} - /data/g/b - 1"), Some(sum));
        assert_eq!(parse("selected(../f, ‘x’)"), Some(XPath::Call("selected".into(), vec![*question("f"), XPath::Text("x".into())])));
        assert!(matches!(parse("not(${a}=1 or ${b}=2) and true()").unwrap(), XPath::Binary("and", ..)));
        for wrong in ["", "1 +", "(1", "${a", "f(1 2)", "a", "'x", "instance('l')/root/item[name=1]/label", "#"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(parse(&"(".repeat(10_000)), None);
        assert_eq!(parse(&"-".repeat(10_000)), None);
    }
}
