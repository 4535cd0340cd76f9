//! Names (H02xx): unknown, duplicate, unused, circular.

use crate::diag::{Code, Mistake};
use crate::text::{At, Name, Span};

fn near_help(near: Option<&str>) -> Option<(String, String)> {
    near.map(|near| (format!("是不是 `{near}`?"), format!("did you mean `{near}`?")))
}

/// What kind of name is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Kind {
    Field,
    Indicator,
    Source,
    Group,
    Result,
    Value,
}

impl Kind {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Kind::Field => ("填报项", "field"),
            Kind::Indicator => ("指标", "indicator"),
            Kind::Source => ("填报表或评价体系", "form or rubric"),
            Kind::Group => ("分组", "group"),
            Kind::Result => ("结果", "result"),
            Kind::Value => ("名称", "value"),
        }
    }
}

pub(in crate::check) fn unknown(kind: Kind, name: &str, at: Span, near: Option<&str>) -> Mistake {
    let (zh, en) = kind.words();
    let code = if kind == Kind::Source { Code::H0206 } else { Code::H0201 };
    Mistake::new(code, format!("没有名为 `{name}` 的{zh}"), format!("there is no {en} called `{name}`"))
        .here(at, "这里用到", "used here")
        .maybe_help(near_help(near))
}

pub(in crate::check) fn not_of(owner: &str, name: &str, at: Span, near: Option<&str>, declared: Option<Span>) -> Mistake {
    let mistake = Mistake::new(Code::H0201, format!("`{owner}` 里没有 `{name}`"), format!("`{owner}` has no `{name}`"))
        .here(at, "这里用到", "used here")
        .maybe_help(near_help(near));
    match declared {
        Some(span) => mistake.there(span, format!("`{owner}` 在这里"), format!("`{owner}` is this")),
        None => mistake,
    }
}

pub(in crate::check) fn duplicate(what: &str, what_en: &str, second: &At<Name>, first: Span) -> Mistake {
    let name = &second.it;
    Mistake::new(Code::H0202, format!("{what} `{name}` 写了两次"), format!("{what_en} `{name}` is declared twice"))
        .here(second.span, "又写一次", "declared again")
        .there(first, "先写在这里", "declared first")
        .help("给其中一个改名，或删去一个", "rename one of them, or delete one")
}

pub(in crate::check) fn unknown_function(name: &str, at: Span, near: Option<&str>) -> Mistake {
    Mistake::new(Code::H0203, format!("没有名为 `{name}` 的函数"), format!("there is no function called `{name}`"))
        .here(at, "这里用到", "used here")
        .maybe_help(near_help(near))
}

pub(in crate::check) fn unknown_unit(name: &str, at: Span, near: Option<&str>) -> Mistake {
    let help = near_help(near).unwrap_or((format!("先写 `单位 {name}`"), format!("declare it first: `unit {name}`")));
    Mistake::new(Code::H0204, format!("没有名为 `{name}` 的单位"), format!("there is no unit called `{name}`"))
        .here(at, "这里用到", "used here")
        .maybe_help(Some(help))
}

pub(in crate::check) fn unknown_option(name: &str, at: Span, near: Option<&str>, options: &[Name]) -> Mistake {
    let list = options.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>();
    let help = near_help(near).unwrap_or((format!("选项有: {}", list.join("、")), format!("the options are: {}", list.join(", "))));
    Mistake::new(Code::H0205, format!("选项里没有 `{name}`"), format!("`{name}` is not one of the options"))
        .here(at, "这里用到", "used here")
        .maybe_help(Some(help))
}

pub(in crate::check) fn unused_field(name: &At<Name>, form: &str) -> Mistake {
    Mistake::new(
        Code::H0207,
        format!("`{form}` 的填报项 `{}` 没有哪里用到", name.it),
        format!("nothing uses the field `{}` of `{form}`", name.it),
    )
    .here(name.span, "学校要填，但不影响任何结果", "schools fill it in, and no result depends on it")
    .help("删去它；若有意收集，在上面写一行 `/// 说明用途`", "delete it; if it is collected on purpose, say why in a `///` line above it")
}

pub(in crate::check) fn unused_param(name: &At<Name>) -> Mistake {
    Mistake::new(Code::H0208, format!("参数 `{}` 没有哪里用到", name.it), format!("nothing uses the parameter `{}`", name.it))
        .here(name.span, "改动它不会改变任何结果", "changing it changes no result")
        .help("删去它", "delete it")
}

pub(in crate::check) fn cycle(names: &[String], at: Span) -> Mistake {
    let path = names.join(" → ");
    Mistake::new(Code::H0209, format!("互相引用，无法计算: {path}"), format!("these depend on each other: {path}"))
        .here(at, "从这里开始", "beginning here")
        .help("去掉其中一处引用", "remove one of the references")
}

pub(in crate::check) fn missing_statement(owner: &str, at: Span, zh: &str, en: &str) -> Mistake {
    Mistake::new(Code::H0210, format!("`{owner}` 缺少 `{zh}`"), format!("`{owner}` lacks `{en}`"))
        .here(at, "在这里", "in this")
        .help(format!("补上 `{zh}`"), format!("add `{en}`"))
}

pub(in crate::check) fn repeated(zh: &str, en: &str, second: Span, first: Span) -> Mistake {
    Mistake::new(Code::H0211, format!("`{zh}` 只能写一次"), format!("`{en}` can be written only once"))
        .here(second, "又写一次", "written again")
        .there(first, "先写在这里", "written first")
        .help("删去其中一处", "delete one of them")
}

/// Submissions beside the source that belong to nobody who is judged.
pub(in crate::check) fn unrelated(form: &str, at: Span, declared: Span, subjects: &[Name]) -> Mistake {
    let kinds = subjects.iter().map(Name::as_str).collect::<Vec<_>>().join("、");
    let kind = subjects.first().map_or("", Name::as_str);
    Mistake::new(
        Code::H0215,
        format!("`{form}` 没有说明哪一份属于哪个{kinds}"),
        format!("`{form}` does not say which submission belongs to which {kinds}"),
    )
    .here(at, "这里另用它", "read here")
    .there(declared, "填报表在这里", "the form is this")
    .help(
        format!("每个{kind}一份时，表里写 `对象 {kind} 按 …`；有许多份时写 `隶属 {kind} 按 …`"),
        format!("write `subject {kind} by …` in the form if there is one a {kind}, `within {kind} by …` if there are many"),
    )
}

/// Why an earlier period of a form cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum NoPeriod {
    /// None is asked for.
    Same,
    /// No field of the form says for which period a submission is.
    Nothing,
    /// Terms are not numbered alike everywhere.
    Terms,
}

pub(in crate::check) fn no_period(form: &str, at: Span, declared: Span, why: NoPeriod) -> Mistake {
    let (zh, en) = match why {
        NoPeriod::Same => ("往期至少是 1 期以前".to_owned(), "an earlier period is at least 1 period earlier".to_owned()),
        NoPeriod::Nothing => (format!("`{form}` 没有说明周期的填报项"), format!("no field of `{form}` says for which period it is")),
        NoPeriod::Terms => {
            (format!("`{form}` 按学期填报，分不清哪一期更早"), format!("`{form}` is filled in each term, and no order of terms is known"))
        }
    };
    let help = match why {
        NoPeriod::Same => ("写 `1 期以前`，或删去它", "write `1 periods earlier`, or delete it"),
        _ => ("在填报表里写 `周期 年度 按 年份` 或 `周期 月度 按 月份`", "write `period year by …` or `period month by …` in the form"),
    };
    Mistake::new(Code::H0216, zh, en)
        .here(at, "这里要往期", "an earlier one is asked for")
        .there(declared, "填报表在这里", "the form is this")
        .help(help.0, help.1)
}

/// A rubric beside the source that judges others.
pub(in crate::check) fn unrelated_rubric(rubric: &At<Name>, at: Span, judges: &[Name], subjects: &[Name]) -> Mistake {
    let list = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join("、");
    let (judges, subjects) = (list(judges), list(subjects));
    Mistake::new(
        Code::H0215,
        format!("`{}` 评价的是{judges}，这里评价的是{subjects}", rubric.it),
        format!("`{}` judges {judges}, and this rubric {subjects}", rubric.it),
    )
    .here(at, "这里另用它的结果", "its results are read here")
    .there(rubric.span, "评价体系在这里", "the rubric is this")
    .help(format!("另用一个评价{subjects}的体系"), format!("read a rubric that judges {subjects}"))
}
