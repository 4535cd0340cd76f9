//! What a derivation (推导) is: steps that rest on steps, with the words they are shown in.
//!
//! Not here: where the steps come from (`explain`), how they are laid out (`report`).

use super::column::Value;
use crate::diag::Lang;
use serde::{Deserialize, Serialize};

/// One step of a derivation with the steps that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivation {
    /// What it is.
    pub role: Role,
    /// Of what: a code with its title, a field, a member.
    pub name: String,
    /// As the rubric writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub written: String,
    /// The same with the numbers put in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub with_numbers: String,
    /// What came out, as shown; why nothing did.
    pub result: String,
    /// The exact number, where the shown one is rounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// The unit of the result.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The clause that it restates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Where the rule is written: path:line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The layer that says so, of a rubric made of layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Where the figure was filled in: file:line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// What is to be known besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Derivation>,
}

/// What a step of a derivation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 指标
    Indicator,
    /// 适用条件
    When,
    /// 取值
    Value,
    /// 达标与达成度
    Attainment,
    /// 得分
    Score,
    /// 扣分项或清单项
    Item,
    /// 填报数据
    Field,
    /// 参数
    Param,
    /// 本体系的其他结果
    Result,
    /// 统计量
    Statistic,
    /// 成员
    Member,
    /// 一级指标
    Section,
    /// 总分
    Total,
    /// 预警
    Alarm,
    /// 一票否决
    Veto,
    /// 等级
    Grade,
    /// 结论
    Conclusion,
}

impl Role {
    /// In words.
    pub fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Role::Indicator => ("指标", "indicator"),
            Role::When => ("适用", "applies"),
            Role::Value => ("取值", "value"),
            Role::Attainment => ("达标", "met"),
            Role::Score => ("得分", "score"),
            Role::Item => ("其中", "of which"),
            Role::Field => ("填报", "field"),
            Role::Param => ("参数", "parameter"),
            Role::Result => ("结果", "result"),
            Role::Statistic => ("统计", "statistic"),
            Role::Member => ("成员", "member"),
            Role::Section => ("合计", "section"),
            Role::Total => ("总分", "total"),
            Role::Alarm => ("预警", "alarm"),
            Role::Veto => ("一票否决", "veto"),
            Role::Grade => ("等级", "grade"),
            Role::Conclusion => ("结论", "conclusion"),
        };
        lang.pick(zh, en)
    }
}

/// A value as it is shown: to so many decimals, else to six without closing zeros.
pub fn show(value: &Value, decimals: Option<u32>, lang: Lang) -> String {
    match value {
        Value::Number(number) => decimals.map_or_else(|| number.show_trimmed(6), |places| number.show(places)),
        Value::Word(word) => word.to_string(),
        Value::Flag(flag) => lang.pick(if *flag { "是" } else { "否" }, if *flag { "yes" } else { "no" }).to_owned(),
        Value::Date(day) => day.to_string(),
    }
}
