//! Tests (条件): conditions of XPath that are true or false, with the questions that must have an answer where they are true.

use std::collections::BTreeSet;

/// A condition of two values.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report::xlsform) enum Test {
    /// True.
    Yes,
    /// False.
    No,
    /// An expression that binds closer than `and`, and the fields without which it is false.
    Is(String, BTreeSet<usize>),
    /// All of them.
    All(Vec<Test>),
    /// One of them.
    Any(Vec<Test>),
    /// The opposite.
    Not(Box<Test>),
}

impl Test {
    /// All of some.
    pub fn all(list: impl IntoIterator<Item = Test>) -> Test {
        let mut all = Vec::new();
        for test in list {
            match test {
                Test::Yes => {}
                Test::No => return Test::No,
                Test::All(inner) => inner.into_iter().for_each(|test| add(&mut all, test)),
                other => add(&mut all, other),
            }
        }
        match all.len() {
            0 => Test::Yes,
            1 => all.remove(0),
            _ => Test::All(all),
        }
    }

    /// One of some.
    pub fn any(list: impl IntoIterator<Item = Test>) -> Test {
        let mut any = Vec::new();
        for test in list {
            match test {
                Test::No => {}
                Test::Yes => return Test::Yes,
                Test::Any(inner) => inner.into_iter().for_each(|test| add(&mut any, test)),
                other => add(&mut any, other),
            }
        }
        match any.len() {
            0 => Test::No,
            1 => any.remove(0),
            _ => Test::Any(any),
        }
    }

    /// The opposite.
    pub fn not(self) -> Test {
        match self {
            Test::Yes => Test::No,
            Test::No => Test::Yes,
            Test::Not(inner) => *inner,
            other => Test::Not(Box::new(other)),
        }
    }

    /// The fields that have an answer wherever it is true; none where it is never true.
    pub fn needs(&self) -> Option<BTreeSet<usize>> {
        match self {
            Test::Yes | Test::Not(_) => Some(BTreeSet::new()),
            Test::No => None,
            Test::Is(_, fields) => Some(fields.clone()),
            Test::All(list) => list.iter().try_fold(BTreeSet::new(), |all, test| Some(all.union(&test.needs()?).copied().collect())),
            Test::Any(list) => {
                let needs: Vec<BTreeSet<usize>> = list.iter().filter_map(Test::needs).collect();
                needs.into_iter().reduce(|all, next| all.intersection(&next).copied().collect())
            }
        }
    }

    /// As XPath.
    pub fn text(&self) -> String {
        match self {
            Test::Yes => "true()".to_owned(),
            Test::No => "false()".to_owned(),
            Test::Is(text, _) => text.clone(),
            Test::Not(inner) => format!("not({})", inner.text()),
            Test::All(list) => list.iter().map(Test::operand).collect::<Vec<_>>().join(" and "),
            Test::Any(list) => list.iter().map(Test::operand).collect::<Vec<_>>().join(" or "),
        }
    }

    /// As it stands beside `and` and `or`.
    fn operand(&self) -> String {
        match self {
            Test::All(_) | Test::Any(_) => format!("({})", self.text()),
            other => other.text(),
        }
    }
}

fn add(list: &mut Vec<Test>, test: Test) {
    if !list.contains(&test) {
        list.push(test);
    }
}
