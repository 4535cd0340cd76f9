//! The codes of all diagnostics (诊断代码), each with its page under `docs/errors/`.
//!
//! The hundreds digit is the layer: 01 syntax, 02 names, 03 types and units, 04 points, bands and verdicts,
//! 05 evaluation and tests, 06 data, 07 archive, 09 command line. A code is never reused.

use super::Lang;
use std::fmt;

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rules or data cannot be used as they are.
    Error,
    /// They can, but something is probably not as it was meant.
    Warning,
    /// Nothing is wrong; it could be better.
    Note,
}

macro_rules! codes {
    ($($code:ident $severity:ident $slug:literal $zh:literal)*) => {
        /// The stable code of a diagnostic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = concat!($slug, " (", $zh, ")")] $code,)*
        }

        impl Code {
            /// All codes in order.
            pub const ALL: &[Code] = &[$(Code::$code,)*];

            /// `H0301`
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// Its short name: `unit-mismatch`.
            pub fn slug(self) -> &'static str {
                match self { $(Code::$code => $slug,)* }
            }

            /// Its short name in Chinese: 单位不符.
            pub fn chinese(self) -> &'static str {
                match self { $(Code::$code => $zh,)* }
            }

            /// How grave it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$code => Severity::$severity,)* }
            }

            /// Its page, in Chinese and English, as it stands in `docs/errors/`.
            pub fn page(self) -> &'static str {
                match self { $(Code::$code => include_str!(concat!("../../docs/errors/", stringify!($code), ".md")),)* }
            }
        }
    };
}

codes! {
    H0100 Error "unreadable" "无法读懂"
    H0101 Error "unexpected-text" "此处不该是这个"
    H0102 Error "unknown-statement" "没有这种语句"
    H0103 Error "misplaced-statement" "语句放错了地方"
    H0104 Error "lost-brace" "缺右花括号"
    H0105 Error "stray-brace" "多右花括号"
    H0106 Error "nested-too-deep" "括号嵌套太深"
    H0107 Error "operator-in-words" "比较符号不明"
    H0108 Error "number-too-long" "数字太长"
    H0109 Error "no-such-day" "没有这一天"
    H0110 Error "expression-too-long" "式子太长"
    H0111 Error "text-too-large" "文件太大"
    H0112 Error "pasted-table" "粘贴的表格"
    H0113 Error "not-utf8" "不是 UTF-8"

    H0201 Error "unknown-name" "没有这个名称"
    H0202 Error "duplicate-name" "名称重复"
    H0203 Error "unknown-function" "没有这个函数"
    H0204 Error "unknown-unit" "没有这个单位"
    H0205 Error "unknown-option" "没有这个选项"
    H0206 Error "unknown-source" "找不到填报表或评价体系"
    H0207 Warning "unused-field" "填报项没有用到"
    H0208 Warning "unused-parameter" "参数没有用到"
    H0209 Error "cycle" "循环引用"
    H0210 Error "missing-statement" "缺少语句"
    H0211 Error "repeated-statement" "语句重复"
    H0215 Error "unrelated-form" "填报表与对象无关"
    H0216 Error "no-earlier-period" "没有往期"

    H0218 Error "unknown-filler" "没有这个填报方"

    H0220 Error "layer-loosens" "下层放宽"
    H0221 Error "layer-undecided" "不能判定从严"
    H0222 Error "layer-guarded" "上层不许改动"
    H0223 Error "layer-misfit" "分层语句不合"
    H0224 Error "extends-refused" "不能这样继承"

    H0301 Error "unit-mismatch" "单位不符"
    H0302 Error "type-mismatch" "类型不符"
    H0303 Warning "suspicious-number" "数字可疑"
    H0304 Warning "unweighted-coefficient" "差异系数没有加权"
    H0305 Error "wrong-arguments" "函数用法不对"
    H0306 Error "needs-statistic" "需要统计量"
    H0307 Error "wrong-field" "填报项写法不对"
    H0308 Error "mixed-rows" "统计对象混杂"

    H0401 Error "points-do-not-add-up" "分值加起来不对"
    H0402 Error "band-gap" "分档有空档"
    H0403 Error "band-overlap" "分档重叠"
    H0404 Error "score-incomplete" "计分缺少条件"
    H0405 Error "verdict-unreachable" "等级达不到"
    H0406 Error "verdicts-not-exhaustive" "等级没有穷尽"
    H0407 Error "marks-exceed-points" "得分超过分值"
    H0408 Error "cases-incomplete" "分类没有写全"
    H0409 Error "rounded-twice" "重复取整"
    H0410 Error "empty-indicator" "指标没有内容"
    H0411 Error "corners-out-of-order" "折点顺序不对"
    H0412 Error "role-weights" "角色权重不足百分之百"
    H0420 Error "exceptions-conflict" "例外冲突"
    H0424 Warning "never-holds" "条件永不成立"
    H0425 Warning "never-reached" "永远轮不到"
    H0426 Warning "verdict-not-drawn" "结论得不出"
    H0427 Warning "idle-exception" "例外不起作用"
    H0428 Warning "score-falls" "变好反而减分"
    H0429 Warning "score-beyond-points" "得分会超出分值"

    H0430 Error "options-incomplete" "级联选项没有写全"
    H0431 Error "several-slots" "一句有几处空"
    H0432 Error "default-refused" "默认值不合要求"
    H0433 Error "reason-for-check" "校验不看原因"
    H0434 Error "rows-elsewhere" "读不到表格的行"
    H0435 Error "computed-too-large" "计算项太大"

    H0501 Error "script-error" "脚本有错"
    H0502 Error "script-file" "找不到脚本文件"
    H0503 Error "test-failed" "测试未通过"
    H0504 Warning "not-in-force" "不在施行期内"
    H0505 Error "scoring-failed" "计分出错"
    H0506 Note "slow-script" "脚本逐个运行"
    H0507 Warning "fraction-in-switch" "范围不收除不尽的数"
    H0508 Error "alarm-without-limit" "预警没有界限"
    H0509 Warning "alarm-never-raised" "预警永远轮不到"

    H0601 Error "data-unreadable" "数据读不出"
    H0602 Warning "unknown-column" "多出的列"
    H0603 Error "missing-column" "缺少列"
    H0604 Error "wrong-value" "填报值无效"
    H0605 Error "out-of-range" "超出范围"
    H0606 Error "required-empty" "必填项未填"
    H0607 Error "duplicate-key" "重复填报"
    H0608 Error "check-failed" "校验未通过"
    H0609 Warning "check-warning" "请核实"
    H0610 Error "wrong-row" "行的格式不对"
    H0611 Error "no-data" "没有数据"
    H0612 Error "wrong-encoding" "编码不对"
    H0613 Error "cell-too-long" "单元格太长"
    H0614 Warning "not-asked" "不该填的填了"
    H0615 Warning "optional-column-missing" "缺少选填的列"
    H0616 Error "no-part" "没有可拆分的部分"

    H0617 Warning "no-data-beside" "缺另用的数据"
    H0618 Warning "total-row" "合计行"
    H0619 Error "workbook-refused" "工作簿没有读"
    H0620 Warning "formula-text" "像公式的文字"
    H0621 Error "error-value" "公式出错"
    H0622 Error "sheets-differ" "几张工作表不一致"
    H0623 Warning "not-on-every-sheet" "有的工作表里没有"
    H0624 Error "another-form" "不是这张填报表"
    H0625 Warning "another-version" "填报表版本不同"
    H0626 Warning "outside-link" "引用了别的文件"
    H0627 Warning "sheet-not-read" "工作表没有读"
    H0628 Error "locked-changed" "改动了锁定项"
    H0629 Warning "row-of-nobody" "这一行没有对应的填报"

    H0640 Error "no-such-form" "没有这张填报表"
    H0641 Error "wrong-ending" "文件格式不对"
    H0642 Error "too-large-for-a-workbook" "工作簿放不下"
    H0645 Error "not-in-previous" "上期没有这个对象"

    H0650 Error "no-xlsform" "不是 XLSForm"
    H0651 Warning "xlsform-unsaid" "没有对应的写法"
    H0652 Warning "xlsform-changed" "导出后改过"
    H0653 Warning "xlsform-without-key" "没有填报对象"
    H0654 Error "xlsform-broken" "XLSForm 有错"
    H0655 Error "import-has-errors" "导入的表有错"

    H0701 Error "archive-unreadable" "档案库打不开"
    H0702 Error "not-an-archive" "不是档案库"
    H0703 Error "newer-archive" "档案库版本较新"
    H0704 Error "archive-busy" "档案库正忙"
    H0705 Error "archive-unwritten" "档案库写不进"
    H0706 Error "archive-damaged" "档案库被改动"
    H0707 Error "not-in-archive" "档案里没有"
    H0708 Error "run-not-repeated" "重算不一致"
    H0709 Error "state-refused" "状态不能这样改"

    H0901 Error "file-unreadable" "文件读写失败"
    H0902 Error "no-such-rubric" "没有这个评价体系"
    H0903 Error "nothing-to-do" "没有可做的事"
    H0904 Error "wrong-settings" "设置文件有错"
    H0905 Error "meaning-changed" "排版会改变意思"
}

impl Code {
    /// The code of a name: `H0301`, `h0301`, or its short name in either language.
    pub fn find(name: &str) -> Option<Code> {
        let digits = name.trim_start_matches(['h', 'H']).trim_start_matches('0');
        let matches = |code: &&Code| {
            !digits.is_empty() && code.as_str().trim_start_matches(['H', '0']) == digits
                || code.as_str().eq_ignore_ascii_case(name)
                || code.slug() == name
                || code.chinese() == name
        };
        Code::ALL.iter().find(matches).copied()
    }

    /// Its short name.
    pub fn title(self, lang: Lang) -> &'static str {
        lang.pick(self.chinese(), self.slug())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
