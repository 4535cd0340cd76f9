//! Functions and statistics (函数与统计量), each under its two names.

/// A function of single values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// 绝对值
    Abs,
    /// 去尾: to so many decimals, else to a whole number
    Floor,
    /// 进一
    Ceil,
    /// 四舍五入
    Round,
    /// 年份: the year of a day
    Year,
    /// 天数: days from one day to another, below zero if that is earlier
    Days,
    /// 几年后: the day so many years later, or earlier; 29 February becomes the 28th
    YearsAfter,
    /// 几月后: the day so many months later, or earlier; the last day of a shorter month
    MonthsAfter,
    /// 几天后: the day so many days later, or earlier
    DaysAfter,
}

/// A statistic over many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatisticKind {
    /// 合计
    Sum,
    /// 平均
    Mean,
    /// 中位数
    Median,
    /// 去极值平均: without so many of the highest and the lowest
    TrimmedMean,
    /// 最小
    Min,
    /// 最大
    Max,
    /// 个数: of those that have a value, or for which a condition holds
    Count,
    /// 占比: of those for which a condition holds among those for which it is known
    Share,
    /// 分位数
    Quantile,
    /// 标准差
    Sd,
    /// 差异系数
    Cv,
    /// 基尼系数
    Gini,
    /// 泰尔指数
    Theil,
    /// 名次: 1 is the highest, equal ones share the smaller number
    Rank,
    /// 升序名次: 1 is the lowest
    RankAscending,
    /// 百分位: below, and half of the equal, among all
    PercentileRank,
    /// 达标率: of those that reach a threshold
    PassRate,
}

/// What a function name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionName {
    /// A function of single values.
    Function(Function),
    /// A statistic.
    Statistic(StatisticKind),
    /// `every(A1..A7, 条件)`
    Every,
    /// `any(A1..A7, 条件)`
    AnyOf,
    /// `count(A1..A7, 条件)` is written with [`StatisticKind::Count`]; `count_met(A1..A7)`.
    CountMet,
    /// `filled(x)`
    Filled,
}

/// Every function name: English, Chinese, what it stands for.
pub fn function_names() -> &'static [(&'static str, &'static str, FunctionName)] {
    use Function as F;
    use FunctionName::{AnyOf, CountMet, Every, Filled, Function as Fun, Statistic as Stat};
    use StatisticKind as S;
    &[
        ("abs", "绝对值", Fun(F::Abs)),
        ("floor", "去尾", Fun(F::Floor)),
        ("ceil", "进一", Fun(F::Ceil)),
        ("round", "四舍五入", Fun(F::Round)),
        ("year", "年份", Fun(F::Year)),
        ("days", "天数", Fun(F::Days)),
        ("years_after", "几年后", Fun(F::YearsAfter)),
        ("months_after", "几月后", Fun(F::MonthsAfter)),
        ("days_after", "几天后", Fun(F::DaysAfter)),
        ("sum", "合计", Stat(S::Sum)),
        ("mean", "平均", Stat(S::Mean)),
        ("median", "中位数", Stat(S::Median)),
        ("trimmed_mean", "去极值平均", Stat(S::TrimmedMean)),
        ("min", "最小", Stat(S::Min)),
        ("max", "最大", Stat(S::Max)),
        ("count", "个数", Stat(S::Count)),
        ("share", "占比", Stat(S::Share)),
        ("quantile", "分位数", Stat(S::Quantile)),
        ("sd", "标准差", Stat(S::Sd)),
        ("cv", "差异系数", Stat(S::Cv)),
        ("gini", "基尼系数", Stat(S::Gini)),
        ("theil", "泰尔指数", Stat(S::Theil)),
        ("rank", "名次", Stat(S::Rank)),
        ("rank_ascending", "升序名次", Stat(S::RankAscending)),
        ("percentile_rank", "百分位", Stat(S::PercentileRank)),
        ("pass_rate", "达标率", Stat(S::PassRate)),
        ("every", "全部", Every),
        ("any", "任一", AnyOf),
        ("count_met", "达标数", CountMet),
        ("filled", "已填", Filled),
    ]
}
