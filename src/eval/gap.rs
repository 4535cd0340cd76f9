//! Why there is no value (空缺及其原因): missing, undefined and not applicable, kept apart.

use super::statistics;
use crate::diag::Lang;
use crate::text::{Name, Span};
use std::sync::Arc;

/// Why a cell has no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    /// Not filled in (未填): these fields.
    Missing(Arc<[Name]>),
    /// Cannot be computed (无法计算), and why.
    Undefined(Arc<Cause>),
    /// Does not apply (不适用), and why.
    NotApplicable(Unless),
}

impl Gap {
    /// A field that is not filled in.
    pub fn missing(field: &Name) -> Gap {
        Gap::Missing(Arc::from([field.clone()]))
    }

    /// Something that cannot be computed.
    pub fn undefined(cause: Cause) -> Gap {
        Gap::Undefined(Arc::new(cause))
    }

    /// What two gaps come to where both values are needed: the graver one; missing fields are all named.
    #[must_use]
    pub fn and(&self, other: &Gap) -> Gap {
        match (self, other) {
            (Gap::Undefined(_), _) => self.clone(),
            (_, Gap::Undefined(_)) => other.clone(),
            (Gap::Missing(left), Gap::Missing(right)) => {
                let mut fields = left.to_vec();
                fields.extend(right.iter().filter(|field| !left.contains(field)).cloned());
                if fields.len() == left.len() { self.clone() } else { Gap::Missing(fields.into()) }
            }
            (Gap::Missing(_), Gap::NotApplicable(_)) => self.clone(),
            (Gap::NotApplicable(_), _) => other.clone(),
        }
    }

    /// In words.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Gap::Missing(fields) => {
                let fields = lang.list(fields.iter().map(Name::as_str));
                lang.say(format!("未填: {fields}"), format!("not filled in: {fields}"))
            }
            Gap::Undefined(cause) => cause.say(lang),
            Gap::NotApplicable(Unless::Holds(condition)) => {
                lang.say(format!("不适用: 不满足 {condition}"), format!("not applicable: {condition} does not hold"))
            }
            Gap::NotApplicable(Unless::Excepted(title)) => {
                lang.say(format!("不适用: 例外“{title}”"), format!("not applicable: exception “{title}”"))
            }
        }
    }
}

/// Why something does not apply.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Unless {
    /// This condition does not hold, as it is written.
    Holds(Arc<str>),
    /// This exception holds, or one of these.
    Excepted(Arc<str>),
}

/// Why something cannot be computed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// The divisor at this place is zero.
    ZeroDivisor {
        /// The divisor.
        at: Span,
        /// As it is written.
        written: Arc<str>,
    },
    /// A statistic has no value.
    Statistic {
        /// Why.
        why: statistics::Undefined,
        /// The call.
        at: Span,
    },
    /// The exact result would be neither a fraction nor a sum of roots and logarithms.
    NotExact(Span),
    /// The cell was refused when the data were read: this field.
    Refused(Name),
    /// No case of the target is for this option.
    NoCase(Name),
    /// The value reaches no band or level.
    NoBand(Arc<str>),
    /// A score outside zero to full marks.
    OutOfPoints {
        /// The score.
        score: Arc<str>,
        /// Full marks.
        full: Arc<str>,
    },
    /// The script failed or went beyond its limits.
    Script(Arc<str>),
    /// The parameter has no value on the day of the evaluation.
    NoParam(Name),
    /// Two exceptions hold at once: their titles.
    Exceptions(Arc<str>, Arc<str>),
    /// The day would be in no calendar.
    NoDay,
    /// A verdict has no case that holds.
    NoVerdict,
}

impl Cause {
    /// In words.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Cause::ZeroDivisor { written, .. } => lang.say(format!("除数为零: {written}"), format!("division by zero: {written}")),
            Cause::Statistic { why, .. } => statistic_words(*why, lang),
            Cause::NotExact(_) => lang.say("结果无法精确表示", "the result cannot be held exactly"),
            Cause::Refused(field) => lang.say(format!("填报值无效: {field}"), format!("value refused: {field}")),
            Cause::NoCase(option) => lang.say(format!("目标没有列出 {option}"), format!("the target has no case for {option}")),
            Cause::NoBand(value) => lang.say(format!("没有一档包含 {value}"), format!("no band takes {value}")),
            Cause::OutOfPoints { score, full } => {
                lang.say(format!("得分 {score} 超出 0 至 {full}"), format!("score {score} is outside 0 to {full}"))
            }
            Cause::Script(what) => lang.say(format!("脚本出错: {what}"), format!("script failed: {what}")),
            Cause::NoParam(name) => lang.say(format!("参数 {name} 在评价日没有值"), format!("parameter {name} has no value on that day")),
            Cause::Exceptions(one, two) => {
                lang.say(format!("两个例外同时成立: “{one}”、“{two}”"), format!("two exceptions hold at once: “{one}”, “{two}”"))
            }
            Cause::NoDay => lang.say("日期超出范围", "the day is out of range"),
            Cause::NoVerdict => lang.say("没有一个结论成立", "no conclusion holds"),
        }
    }
}

fn statistic_words(why: statistics::Undefined, lang: Lang) -> String {
    use statistics::Undefined as U;
    let (zh, en) = match why {
        U::Empty => ("没有可统计的数据", "nothing to take the statistic of"),
        U::NoWeight => ("权重之和为零", "the weights sum to zero"),
        U::NegativeWeight => ("权重为负", "a weight is negative"),
        U::ZeroMean => ("平均数为零", "the mean is zero"),
        U::NotPositive => ("有负值，不能计算", "a value is negative"),
        U::TooFew => ("数据太少", "too few values"),
        _ => ("统计量没有定义", "the statistic is not defined"),
    };
    lang.say(zh, en)
}
