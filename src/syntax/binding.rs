//! How tightly operators bind (运算优先级), for what writes expressions; `grammar.pest` reads them by rules that nest in this order.

/// What an expression is on its outside, the loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// `if … then … else …`, `count(…) where …`: takes whatever stands behind it.
    Open,
    /// `or`
    Or,
    /// `and`
    And,
    /// `not`
    Not,
    /// `>=` and its kin, `in [ … ]`, `has`
    Compared,
    /// `+`, `-`
    Sum,
    /// `*`, `/`
    Term,
    /// A sign before, a unit that it is converted to behind.
    Factor,
    /// A name, a number, a call, what stands in parentheses.
    Primary,
}

impl Binding {
    /// The next closer one: what stands behind an operator that is read from the left binds so.
    #[must_use]
    pub fn closer(self) -> Binding {
        match self {
            Binding::Open => Binding::Or,
            Binding::Or => Binding::And,
            Binding::And => Binding::Not,
            Binding::Not => Binding::Compared,
            Binding::Compared => Binding::Sum,
            Binding::Sum => Binding::Term,
            Binding::Term => Binding::Factor,
            Binding::Factor | Binding::Primary => Binding::Primary,
        }
    }

    /// A text that binds so, as it stands where something that binds at least like `place` is expected.
    pub fn within(self, text: String, place: Binding) -> String {
        if self < place { format!("({text})") } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::Binding::{self, And, Compared, Factor, Not, Open, Or, Primary, Sum, Term};
    use crate::syntax::parse;
    use crate::syntax::tree::{Expr, ExprKind, FormStmt, Item};
    use crate::text::Texts;

    /// Where something is expected that binds so at least.
    const PLACES: [(Binding, &str); 17] = [
        (Or, "{} or 甲"),
        (And, "甲 or {}"),
        (And, "{} and 甲"),
        (Not, "甲 and {}"),
        (Not, "not {}"),
        (Sum, "{} > 甲"),
        (Sum, "甲 > {}"),
        (Sum, "{} in [甲, 丙]"),
        (Sum, "{} + 甲"),
        (Term, "甲 - {}"),
        (Term, "{} * 甲"),
        (Factor, "甲 / {}"),
        (Factor, "-{}"),
        (Primary, "{} in 元"),
        (Open, "abs({})"),
        (Or, "if {} then 甲 else 丙"),
        (Or, "if 甲 then {} else 丙"),
    ];
    const TEXTS: [(Binding, &str); 12] = [
        (Open, "if 乙 then 1 else 2"),
        (Open, "count(乙) where 乙"),
        (Or, "乙 or 丁"),
        (And, "乙 and 丁"),
        (Not, "not 乙"),
        (Compared, "乙 >= 丁"),
        (Compared, "乙 has 丁"),
        (Sum, "乙 - 丁"),
        (Term, "乙 / 丁"),
        (Factor, "-乙"),
        (Factor, "乙 in 人"),
        (Primary, "abs(乙)"),
    ];

    #[test]
    fn parentheses_stand_where_the_grammar_needs_them() {
        for (place, around) in PLACES {
            for (binding, text) in TEXTS {
                let read = |text: &str| shape(&around.replace("{}", text));
                let (bare, held, said) = (read(text), read(&format!("({text})")), binding.within(text.to_owned(), place));
                assert!(held.is_some(), "{around}");
                assert_eq!(read(&said), held, "{around} with {said}");
                // What is open may stand bare where nothing comes behind it.
                assert!(said == text || binding == Open || bare != held, "{around} need not have {said}");
            }
        }
    }

    #[test]
    fn each_binds_closer_than_the_one_before() {
        let all = [Open, Or, And, Not, Compared, Sum, Term, Factor, Primary];
        assert!(all.windows(2).all(|two| matches!(two, [one, next] if one < next && one.closer() == *next)));
        assert_eq!(Primary.closer(), Primary);
    }

    /// How an expression is nested; none that cannot be read.
    fn shape(text: &str) -> Option<String> {
        let (tree, found) = parse(&Texts::new().add("表.heng", format!("form 表 {{ compute 值 = {text} }}")));
        let Some(Item::Form(form)) = tree.items.first().filter(|_| found.is_empty()) else { return None };
        match form.body.as_slice() {
            [FormStmt::Compute(compute)] => Some(nested(&compute.value)),
            _ => None,
        }
    }

    fn nested(expr: &Expr) -> String {
        let inner = expr.children().into_iter().map(nested).collect::<Vec<_>>().join(" ");
        let kind = match &expr.kind {
            ExprKind::Binary { op, .. } => format!("{:?}", op.it),
            ExprKind::Path(path) => path.0.iter().map(|name| name.it.to_string()).collect(),
            ExprKind::Not(_) => "not".to_owned(),
            ExprKind::Negate(_) => "-".to_owned(),
            ExprKind::In { .. } => "in".to_owned(),
            ExprKind::Has { .. } => "has".to_owned(),
            ExprKind::Convert { .. } => "unit".to_owned(),
            ExprKind::Choose { .. } => "if".to_owned(),
            ExprKind::Call { .. } => "call".to_owned(),
            other => format!("{other:?}"),
        };
        format!("({kind} {inner})")
    }
}
