//! Scripts that are run for one subject after the other (H0506), and what stands in the way; scripts that mean something else than
//! they seem to (H0507).

use super::types::type_words;
use crate::diag::{Code, Lang, Mistake};
use crate::model::NotStraight;
use crate::model::straight::{Construct, WhyNot};
use crate::text::Span;

/// The words for a reason: what it is, then how to write it otherwise, each in Chinese and English.
struct Reason {
    what: (String, String),
    help: (&'static str, &'static str),
}

pub(in crate::check) fn slow(not: &NotStraight) -> Mistake {
    let Reason { what: (zh, en), help } = reason(&not.why);
    Mistake::new(Code::H0506, format!("这个脚本逐个运行: {zh}"), format!("this script is run for one subject after the other: {en}"))
        .here(not.span, "因为这里", "because of this")
        .help(help.0, help.1)
}

/// The ranges of a `switch` are given a number that may lie in none.
pub(in crate::check) fn fraction_in_switch(at: Span) -> Mistake {
    Mistake::new(
        Code::H0507,
        "`switch` 的范围不收除不尽的数，如 1/3，这里可能得到",
        "the ranges of a `switch` take no number like 1/3, and this may be one",
    )
    .here(at, "可能是除不尽的数", "may be a number that no decimal writes out")
    .help(
        "写 `if x < 60 { … } else if x < 75 { … } else { … }`，或先取整: `switch floor(x) { … }`",
        "write `if x < 60 { … } else if x < 75 { … } else { … }`, or round first: `switch floor(x) { … }`",
    )
}

fn reason(why: &WhyNot) -> Reason {
    let of = |zh: &str, en: &str, help: (&'static str, &'static str)| Reason { what: (zh.to_owned(), en.to_owned()), help };
    match why {
        WhyNot::Loop => of(
            "循环的次数取决于数据，不能预先展开",
            "how often the loop runs depends on the data, so it cannot be unrolled",
            (
                "循环固定的次数，在循环里用 `if` 判断，如 `for i in 0..10 { if i < 校.班级数 { … } }`",
                "loop a fixed number of times, with an `if` inside: `for i in 0..10 { if i < 校.班级数 { … } }`",
            ),
        ),
        WhyNot::Function(name) => Reason {
            what: (format!("`{name}` 不能对所有对象一起计算"), format!("`{name}` is not computed for all at once")),
            help: (
                "只用加减乘除、比较，和 abs、floor、ceil、round、min、max、filled; 取整的位数写成数字",
                "keep to arithmetic, comparisons, and abs, floor, ceil, round, min, max, filled; write the places to round to as a number",
            ),
        },
        WhyNot::Recursion(name) => Reason {
            what: (format!("函数 `{name}` 调用自己"), format!("the function `{name}` calls itself")),
            help: ("改成固定次数的 `for` 循环", "write a `for` loop with a fixed number of turns"),
        },
        WhyNot::Construct(construct) => self::construct(*construct),
        WhyNot::Mixed => of(
            "这个值有时是数，有时不是",
            "this value is sometimes a number and sometimes not",
            ("让每个分支都得出数", "let every branch come to a number"),
        ),
        WhyNot::Operator(operator) => Reason {
            what: (
                format!("`{operator}` 两边不都是它能算的值"),
                format!("`{operator}` has something beside it that it is not computed for"),
            ),
            help: (
                "算术和大小比较只用于数，`**` 的指数写成 0 至 1000 的整数; 文字只用 `==`、`!=`、`in` 和 `switch`",
                "compute and order numbers only, and write the exponent of `**` as a whole number from 0 to 1000; compare texts by `==`, `!=`, `in` and `switch`",
            ),
        },
        WhyNot::Name(name) => Reason {
            what: (format!("`{name}` 在这里不能用"), format!("`{name}` cannot be used here")),
            help: ("函数里只有参数能用，把它作为参数传进去", "inside a function there are only its parameters: hand it over as one"),
        },
        WhyNot::Input(ty) => Reason {
            what: (format!("脚本用到了{}", type_words(ty, Lang::Zh)), format!("the script reads a {}", type_words(ty, Lang::En))),
            help: ("在规则里先算出数或是否，再给脚本用", "work out a number or a yes in the rules, and let the script read that"),
        },
        WhyNot::Aside => of(
            "条件或算式里面有赋值或 `return`",
            "something is assigned or returned inside a condition or an operand",
            ("先写成单独的一句", "make it a statement of its own, before"),
        ),
        WhyNot::TooLong => of(
            "展开以后太长",
            "it gets too long when it is unrolled",
            ("减少循环次数，或分成几个指标", "loop fewer times, or make several indicators of it"),
        ),
        WhyNot::TooLarge => of(
            "数字可能变得太长",
            "its numbers may get too long",
            ("少连乘连除几次，或在中间取整: `round(x, 6)`", "multiply and divide less often, or round on the way: `round(x, 6)`"),
        ),
    }
}

fn construct(construct: Construct) -> Reason {
    let plain = ("改用 `if`、`switch`、`let` 和固定次数的 `for`", "keep to `if`, `switch`, `let`, and `for` with a fixed number of turns");
    let (zh, en, help) = match construct {
        Construct::Map => ("用到了 `#{ … }`", "it has a `#{ … }`", ("改用 `switch`", "write a `switch`")),
        Construct::Closure => {
            ("把函数当作值", "a function is used as a value", ("写成 `fn 名称(x) { … }`，直接调用", "write `fn name(x) { … }` and call it"))
        }
        Construct::Try => ("用到了 `try`", "it has a `try`", ("用 `if` 先排除会出错的情况", "rule out by `if` what would fail")),
        Construct::Text => ("用到了拼接的文字", "it puts a text together", plain),
        Construct::Change => {
            ("改动了列表或对象里的值", "something inside a list or object is changed", ("改用单独的变量", "use variables of their own"))
        }
        Construct::Part => (
            "取的不是对象的填报项，也不是列表中固定的一项",
            "this is neither a field of an object nor a fixed element of a list",
            ("列表的序号写成数字，或用 `for` 逐项取", "write the place in the list as a number, or go through it by `for`"),
        ),
        Construct::Over => (
            "循环的不是写明的列表或范围",
            "the loop does not go over a list or range that is written out",
            ("写 `for x in [1, 2, 3]` 或 `for i in 0..10`", "write `for x in [1, 2, 3]` or `for i in 0..10`"),
        ),
        Construct::List => ("这里用的是整个列表", "a whole list is used here", plain),
        Construct::Break => {
            ("`break` 带了值", "there is a value behind `break`", ("先赋给变量，再 `break`", "assign it to a variable, then `break`"))
        }
        Construct::Case => (
            "`switch` 的值或分支不是能对照的数、文字或范围",
            "the value or a case of the `switch` is no number, text or range that it can be matched with",
            plain,
        ),
        Construct::Other => ("这种写法不能对所有对象一起计算", "this is not computed for all at once", plain),
    };
    Reason { what: (zh.to_owned(), en.to_owned()), help }
}
