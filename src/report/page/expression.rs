//! Expressions of a form as data (表达式的数据形式): trees of `[what, …]` that `evaluate.js` knows how to compute.
//!
//! What the page cannot say exactly (roots, logarithms, statistics with weights) is `["unsaid"]`: it is known to be left to the
//! import, and so is whatever rests on it.

use crate::model::{Expr, Function, GivenValue, Node, Over, Statistic, StatisticKind};
use serde_json::{Value as Json, json};

/// An expression as data.
pub(super) fn tree(expr: &Expr) -> Json {
    let both = |what: &str, a: &Expr, b: &Expr| json!([what, tree(a), tree(b)]);
    match &expr.node {
        Node::Number(number) => json!(["number", number.to_string()]),
        Node::Word(word) => json!(["word", word.as_str()]),
        Node::Flag(flag) => json!(["flag", flag]),
        Node::Date(day) => json!(["day", day.to_string()]),
        Node::Computed(_, of) => tree(of),
        Node::Field(field) => json!(["field", field.0]),
        Node::BesideField(_, field) => json!(["column", field.0]),
        Node::Add(a, b) => both("add", a, b),
        Node::Sub(a, b) => both("subtract", a, b),
        Node::Mul(a, b) => both("multiply", a, b),
        Node::Div(a, b) => both("divide", a, b),
        Node::Negate(a) => json!(["negate", tree(a)]),
        Node::Scale(a, factor) => json!(["multiply", tree(a), ["number", factor.to_string()]]),
        Node::Compare(op, a, b) => json!(["compare", op.symbol(), tree(a), tree(b)]),
        Node::In(what, list) => json!(["in", tree(what), trees(list)]),
        Node::All(list) => json!(["all", trees(list)]),
        Node::Any(list) => json!(["any", trees(list)]),
        Node::Not(of) => json!(["not", tree(of)]),
        Node::Default(first, second) => both("default", first, second),
        Node::Filled(of) => json!(["filled", tree(of)]),
        Node::Choose(cases, otherwise) => {
            let cases: Vec<Json> = cases.iter().map(|(when, then)| json!([tree(when), tree(then)])).collect();
            json!(["choose", cases, tree(otherwise)])
        }
        Node::Call(function, args) => json!([name(*function), trees(args)]),
        Node::Statistic(statistic) => statistic_tree(statistic),
        _ => json!(["unsaid"]),
    }
}

/// Whether the page can say all of an expression.
pub(super) fn is_said(tree: &Json) -> bool {
    match tree {
        Json::Array(parts) => parts.first() != Some(&json!("unsaid")) && parts.iter().all(is_said),
        _ => true,
    }
}

/// A value that is written in the form, as an expression.
pub(super) fn given(value: &GivenValue) -> Json {
    match value {
        GivenValue::Number(number) => json!(["number", number.to_string()]),
        GivenValue::Word(word) => json!(["word", word.as_str()]),
        GivenValue::Flag(flag) => json!(["flag", flag]),
        GivenValue::Date(day) => json!(["day", day.to_string()]),
    }
}

fn trees(list: &[Expr]) -> Vec<Json> {
    list.iter().map(tree).collect()
}

fn name(function: Function) -> &'static str {
    match function {
        Function::Abs => "abs",
        Function::Floor => "floor",
        Function::Ceil => "ceil",
        Function::Round => "round",
        Function::Year => "year",
        Function::Days => "days",
        Function::YearsAfter => "years_after",
        Function::MonthsAfter => "months_after",
        Function::DaysAfter => "days_after",
    }
}

fn statistic_tree(statistic: &Statistic) -> Json {
    let unsaid = json!(["unsaid"]);
    let kind = match statistic.kind {
        StatisticKind::Sum => "sum",
        StatisticKind::Mean => "mean",
        StatisticKind::Median => "median",
        StatisticKind::Min => "min",
        StatisticKind::Max => "max",
        StatisticKind::Count => "count",
        StatisticKind::Share => "share",
        _ => return unsaid,
    };
    if statistic.weight.is_some() || statistic.parameter.is_some() {
        return unsaid;
    }
    match &statistic.of {
        Over::List(list) => json!(["of_list", kind, trees(list)]),
        Over::Rows(table, of) => json!(["of_rows", kind, table, tree(of), statistic.filter.as_ref().map(tree)]),
        Over::Members(_) | Over::Cohort(..) => unsaid,
    }
}
