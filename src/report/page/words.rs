//! What the page says by itself (页面用语), in both languages; what is wrong with an answer comes from the reader.

use crate::diag::Lang;
use crate::model::{Field, FieldType};
use crate::report::template::shown;
use serde_json::{Map, Value as Json};

/// What a field takes, in words; none where the input itself says so.
pub(super) fn takes(field: &Field, lang: Lang) -> Option<String> {
    let details = &field.details;
    if let Some(attach) = &details.attach {
        let kinds = lang.list(attach.accept.iter().map(|ending| format!(".{ending}")));
        let kinds = Some(kinds).filter(|kinds| !kinds.is_empty());
        let many = attach.files.map(|files| lang.say(format!("至多 {files} 个"), format!("{files} at most")));
        let said: Vec<String> = kinds.into_iter().chain(many).collect();
        return Some(lang.list(said)).filter(|said| !said.is_empty());
    }
    if details.several.is_some() {
        return Some(lang.say("可选多项, 一项也没有选“无”", "several may be chosen; for none choose “none”"));
    }
    match &field.kind {
        FieldType::Choice(_) | FieldType::YesNo => None,
        FieldType::Integer(_) if details.year => Some(lang.say("四位数的年份", "a year of four digits")),
        FieldType::Text => {
            let (least, most) = details.length;
            let length = match (least, most) {
                (Some(least), Some(most)) => Some(lang.say(format!("{least} 到 {most} 个字"), format!("{least} to {most} characters"))),
                (Some(least), None) => Some(lang.say(format!("不少于 {least} 个字"), format!("{least} characters or more"))),
                (None, Some(most)) => Some(lang.say(format!("不超过 {most} 个字"), format!("{most} characters at most"))),
                (None, None) => None,
            };
            let pattern = field.pattern.as_ref().map(|_| shown::takes(field, lang)).filter(|words| words != lang.pick("文字", "text"));
            let said: Vec<String> = pattern.into_iter().chain(length).collect();
            Some(lang.list(said)).filter(|said| !said.is_empty())
        }
        _ => Some(shown::takes(field, lang)),
    }
}

/// The words of the page. `{}` stands for what is put in.
const WORDS: &[(&str, &str, &str)] = &[
    ("skip", "跳到填报内容", "Skip to the form"),
    ("errors", "错误 {}", "Errors {}"),
    ("warnings", "提醒 {}", "Warnings {}"),
    ("empty", "必填未填 {}", "Required, empty {}"),
    ("complete", "填写完整, 没有发现问题", "Complete, nothing found"),
    ("progress", "必填项已填", "required fields filled in"),
    ("export", "导出文件", "Save to a file"),
    ("open", "打开", "Open"),
    ("print", "打印", "Print"),
    ("clear", "清空", "Clear"),
    (
        "clear_sure",
        "清空所有填写的内容? 已经导出的文件不受影响。",
        "Clear everything that was filled in? Files that were saved stay as they are.",
    ),
    ("cleared", "已清空。", "Cleared."),
    ("restored", "已恢复上次在这台设备上填写的内容 ({})。", "Restored what was filled in on this device ({})."),
    ("opened", "已打开 {}。", "Opened {}."),
    ("opened_other", "这个文件是 {} 的填报, 已按名称读入能对上的项。", "This file is of {}; what has the same name was read."),
    ("opened_unknown", "本表没有这些项, 没有读入: {}", "This form has no such fields, not read: {}"),
    ("opened_first", "文件里有 {} 份填报, 只读了第一份。", "The file has {} submissions, only the first was read."),
    ("not_opened", "打不开 {}: 不是本页导出的 JSON 文件。", "{} cannot be opened: it is no JSON file as this page saves it."),
    ("exported", "已导出 {}。", "Saved {}."),
    (
        "exported_draft",
        "已导出草稿 {}: 还有 {} 个错误或必填未填, 改正后再导出上交。",
        "Saved the draft {}: {} errors or empty required fields are left; mend them and save again before handing it in.",
    ),
    ("draft", "草稿", "draft"),
    ("not_kept", "这个浏览器不能自动保存, 离开前请导出文件。", "This browser keeps nothing by itself; save to a file before you leave."),
    ("problems", "需要处理的问题", "What needs attention"),
    ("required", "必填", "required"),
    ("not_asked", "不用填", "not asked"),
    ("not_asked_why", "满足“{}”时才填", "asked only if {}"),
    ("not_asked_part", "本栏目不用填", "nothing of this part is asked"),
    ("maybe_asked", "满足“{}”时填写", "to be filled in if {}"),
    ("part_left", "还差 {} 项", "{} left"),
    ("part_wrong", "{} 处有误", "{} wrong"),
    ("part_done", "已填好", "done"),
    ("choose", "请选择", "choose"),
    ("choose_first", "先填“{}”", "“{}” first"),
    ("unset", "不选", "unset"),
    ("none", "无", "none"),
    ("yes", "是", "yes"),
    ("no", "否", "no"),
    ("pick_day", "选择日期", "pick a date"),
    ("pick_files", "选择文件…", "choose files…"),
    ("files_note", "只记文件名; 上交时把文件放在导出的文件旁边", "only names are kept; hand in the files beside the saved file"),
    ("by", "由{}填写", "filled in by {}"),
    ("previous", "上期数据在导入时比对", "compared with the period before on import"),
    ("computed", "自动计算", "Computed"),
    ("computed_note", "按填写的内容算出, 不用填; 上交后以导入时的计算为准。", "Follows from the answers; the import computes it again."),
    ("not_computed", "未填全", "not filled in"),
    ("undefined", "无法计算", "undefined"),
    ("row", "第 {} 行", "Row {}"),
    ("add_row", "增加一行", "Add a row"),
    ("remove_row", "删除这一行", "Remove this row"),
    ("remove_sure", "删除第 {} 行?", "Remove row {}?"),
    ("no_rows", "还没有行。", "No rows yet."),
    ("error", "错误", "Error"),
    ("warning", "提醒", "Warning"),
    ("missing", "未填", "Empty"),
    ("help", "改法", "Mend"),
    ("on_import", "下面各条本页不检查, 上交导入时检查", "Not checked here but on import"),
    ("pattern_on_import", "“{}”的格式", "the pattern of “{}”"),
    ("contents", "栏目", "Parts"),
    (
        "no_script",
        "请用较新的浏览器打开本页 (需要 JavaScript), 不需要联网。",
        "Open this page in a recent browser with JavaScript; no network is needed.",
    ),
    (
        "offline",
        "本页不联网, 填写的内容只在这台设备和你导出的文件里。",
        "This page uses no network; answers are on this device and in the files that you save.",
    ),
    ("hint_between", "；", "; "),
];

/// The words of one language, by key.
pub(super) fn words(lang: Lang) -> Json {
    let word = |(key, zh, en): &(&str, &'static str, &'static str)| ((*key).to_owned(), Json::String(lang.pick(zh, en).to_owned()));
    Json::Object(WORDS.iter().map(word).collect::<Map<_, _>>())
}

/// One of the words.
pub(super) fn word(key: &str, lang: Lang) -> &'static str {
    WORDS.iter().find(|(known, ..)| *known == key).map_or("", |(_, zh, en)| lang.pick(zh, en))
}
