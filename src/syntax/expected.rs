//! What the grammar expected, in words (应当是什么).

use super::grammar::Rule;
use super::keywords::keyword;
use crate::diag::Lang;

/// What `rules` come to, in the writer's words: `` `:` or an expression``. Empty if there is nothing to say.
pub(super) fn words(lang: Lang, rules: &[Rule], english: bool) -> String {
    let mut said: Vec<String> = Vec::new();
    // Where a value may begin, a dozen rules may begin: one word stands for all.
    let expression = rules.iter().any(|rule| matches!(rule, Rule::path | Rule::expr | Rule::sum | Rule::any_of | Rule::call));
    if expression {
        said.push(lang.say("一个值或式子", "a value or an expression"));
    }
    // Behind a whole value a comparison or another name may always follow; what else may is what is missing.
    let more = rules.iter().any(|rule| matches!(rule, Rule::colon | Rule::close_paren | Rule::close_bracket | Rule::equals | Rule::EOI));
    for rule in
        rules.iter().filter(|rule| !more || !matches!(rule, Rule::compare_op | Rule::name | Rule::unit_expr | Rule::add_op | Rule::mul_op))
    {
        if let Some(word) = word(lang, *rule, english, expression)
            && !said.contains(&word)
        {
            said.push(word);
        }
    }
    // More than a few are no help.
    if said.len() > 6 {
        said.truncate(6);
        said.push("…".to_owned());
    }
    match lang {
        Lang::Zh if said.iter().any(|word| word.starts_with('`')) => format!(" {}", said.join(" 或 ")),
        Lang::Zh => said.join(" 或 "),
        Lang::En => said.join(" or "),
    }
}

fn word(lang: Lang, rule: Rule, english: bool, expression: bool) -> Option<String> {
    let name = format!("{rule:?}");
    if let Some(keyword) = keyword(&name) {
        // Operators may follow any value; naming them all would hide what is missing.
        if matches!(
            rule,
            Rule::kw_and | Rule::kw_or | Rule::kw_in | Rule::kw_in_unit | Rule::kw_has | Rule::kw_not | Rule::kw_yes | Rule::kw_no
        ) {
            return None;
        }
        return Some(format!("`{}`", if english { keyword.english } else { keyword.chinese }));
    }
    if expression
        && matches!(rule, Rule::quantity | Rule::number | Rule::string | Rule::date | Rule::paren | Rule::name | Rule::minus | Rule::list)
    {
        return None;
    }
    let (zh, en) = match rule {
        Rule::name | Rule::path => ("名称", "a name"),
        Rule::string | Rule::string_text => ("引号中的文字", "a text in quotes"),
        Rule::number | Rule::quantity | Rule::percent | Rule::marks | Rule::points | Rule::digits => ("数字", "a number"),
        Rule::date => ("日期 (如 2024-09-01)", "a date (such as 2024-09-01)"),
        Rule::version_text => ("版本号", "a version"),
        Rule::unit_expr | Rule::unit_factor | Rule::field_unit => ("单位", "a unit"),
        Rule::compare_op | Rule::target_one | Rule::band_compare => ("比较符号 (`>=`、`<=` 等)", "a comparison (`>=`, `<=`, …)"),
        Rule::band_range | Rule::range => ("范围 (如 `60..75`)", "a range (such as `60..75`)"),
        Rule::field_type => ("类型 (整数、小数(2)、文本、单选 {…} 等)", "a type (integer, decimal(2), text, choice {…}, …)"),
        Rule::opening | Rule::script_body => ("`{`", "`{`"),
        Rule::colon => ("`:`", "`:`"),
        Rule::comma => ("`,`", "`,`"),
        Rule::equals => ("`=`", "`=`"),
        Rule::close_paren => ("`)`", "`)`"),
        Rule::open_bracket => ("`[`", "`[`"),
        Rule::close_bracket => ("`]`", "`]`"),
        Rule::option => ("选项", "an option"),
        Rule::clause => ("`条款`", "`clause`"),
        Rule::list => ("`[…]`", "`[…]`"),
        Rule::EOI => ("语句到此结束", "the end of the statement"),
        Rule::rounding => ("取整方式", "a way of rounding"),
        Rule::field => ("填报项 (`名称: 类型`)", "a field (`name: type`)"),
        Rule::formula => ("`= 式子`", "`= expression`"),
        _ => return None,
    };
    Some(lang.pick(zh, en).to_owned())
}
