//! Forms (H0218, H043x): who fills what in, options that depend on others, defaults, sentences with a slot.

use crate::diag::{Code, Mistake};
use crate::text::{At, Name, Span};

/// Somebody fills something in who is not among those of the form.
pub(in crate::check) fn unknown_filler(name: &At<Name>, declared: &[At<Name>], near: Option<&str>) -> Mistake {
    let name_it = &name.it;
    let mistake = Mistake::new(
        Code::H0218,
        format!("填报表没有名为 `{name_it}` 的填报方"),
        format!("the form is not filled in by anyone called `{name_it}`"),
    )
    .here(name.span, "这里用到", "used here");
    match (near, declared.first()) {
        (Some(near), _) => mistake.help(format!("是不是 `{near}`?"), format!("did you mean `{near}`?")),
        (None, Some(first)) => {
            let list = declared.iter().map(|known| format!("`{}`", known.it)).collect::<Vec<_>>();
            mistake
                .there(first.span, "填报方写在这里", "who fills it in stands here")
                .help(format!("填报方有: {}", list.join("、")), format!("it is filled in by: {}", list.join(", ")))
        }
        (None, None) => {
            mistake.help(format!("在填报表里先写 `填报方 {name_it}`"), format!("declare it first in the form: `filled by {name_it}`"))
        }
    }
}

/// An option of the choice that others depend on has no options.
pub(in crate::check) fn options_incomplete(at: Span, by: &At<Name>, lacks: &[&Name]) -> Mistake {
    let list = lacks.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let first = lacks.first().map_or("", |name| name.as_str());
    Mistake::new(
        Code::H0430,
        format!("`{}` 是 {} 时没有选项", by.it, list.join("、")),
        format!("there are no options where `{}` is {}", by.it, list.join(", ")),
    )
    .here(at, "这样的填报怎么填都不对", "whoever answers so has nothing to choose")
    .help(format!("补上 `{first}: …`"), format!("add `{first}: …`"))
}

/// A sentence with several slots.
pub(in crate::check) fn slots(at: Span) -> Mistake {
    Mistake::new(Code::H0431, "填空句有不止一处空", "the sentence has more than one slot")
        .here(at, "一个填报项只填一处", "one field fills one slot")
        .help("每处空写成一个填报项，各有自己的一句", "make a field of each slot, with a sentence of its own")
}

/// A default that the field itself would refuse.
pub(in crate::check) fn default_refused(at: Span, field: &At<Name>) -> Mistake {
    let name = &field.it;
    Mistake::new(Code::H0432, format!("`{name}` 自己不收这个值"), format!("the field `{name}` would refuse this value"))
        .here(at, "不在它的范围之内，或小数太多", "outside its range, or with too many decimals")
        .there(field.span, "填报项在这里", "the field is this")
        .help("换一个它收的值，或改它的范围", "write a value that it takes, or change its range")
}

/// A computed value that, written out, has thousands of operators.
pub(in crate::check) fn too_large(name: &At<Name>) -> Mistake {
    let name_it = &name.it;
    Mistake::new(
        Code::H0435,
        format!("`{name_it}` 全部展开超过 5000 个数和运算"),
        format!("`{name_it}`, written out, has more than 5000 values and operators"),
    )
    .here(name.span, "计算项一层套一层，在这里太大", "values of values have grown too large here")
    .help("少用几次同一个计算项，或拆成几个指标", "use the same computed value fewer times, or split it into indicators")
}

/// What is computed of the rows of a submission is known only where that submission is judged.
pub(in crate::check) fn rows_elsewhere(name: &At<Name>, at: Span) -> Mistake {
    let name_it = &name.it;
    Mistake::new(
        Code::H0434,
        format!("`{name_it}` 由表格的行算出，这里读不到那些行"),
        format!("`{name_it}` is computed of the rows of a table, which are not at hand here"),
    )
    .here(at, "这里用到", "used here")
    .there(name.span, "在这里算出", "computed here")
    .help(
        "在直接读这张填报表的体系里写成指标或 `设 … = …`，这里用它的结果",
        "make it an indicator of a rubric that reads the form itself, and use its result here",
    )
}

/// A check that refuses is not let through by a reason.
pub(in crate::check) fn reason_for_check(at: Span) -> Mistake {
    Mistake::new(Code::H0433, "校验不通过就退回，写了原因也不放行", "a check refuses a submission whatever reason is given")
        .here(at, "原因只对提醒有用", "a reason is for warnings only")
        .help("要能说明原因后放行，写 `提醒`", "write `warn` for what may be let through with a reason")
}
