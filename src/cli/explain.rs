//! `heng explain`: the page of a diagnostic code, in one language.
//!
//! The pages stand in `docs/errors/`, whose README describes their shape; [`Page`] reads it.

use super::{DONE, TROUBLE, Terminal};
use crate::diag::{Code, Lang, Severity};
use crate::text::nearest;
use crate::text::width::pad;
use clap::ArgMatches;

/// Prints the page of a code, or the list of all codes.
pub(super) fn explain(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let lang = terminal.lang;
    let Some(name) = matches.get_one::<String>("code").map(|name| name.trim()) else {
        terminal.out(&list(lang));
        return DONE;
    };
    if let Some(code) = Code::find(name).or_else(|| Code::find(&name.to_lowercase())) {
        terminal.out(&show(code, lang));
        return DONE;
    }
    // One number is as near as another, so a number that is not there is answered with those of its layer.
    let layer = name.get(..3).map(str::to_uppercase).unwrap_or_default();
    let mut same = Code::ALL.iter().map(|code| code.as_str()).filter(|code| code.starts_with(&layer) && layer.starts_with('H'));
    let near = match (same.next(), same.next_back()) {
        (Some(first), Some(last)) => {
            let title = layer_title(&layer, lang);
            lang.say(format!("{title}的代码是 {first} 到 {last}; "), format!("the codes of {title} are {first} to {last}; "))
        }
        _ => nearest(name, Code::ALL.iter().flat_map(|code| [code.slug(), code.chinese()]))
            .map(|near| lang.say(format!("是不是 `{near}`? "), format!("did you mean `{near}`? ")))
            .unwrap_or_default(),
    };
    terminal.say(
        format!("没有 `{name}` 这个代码\n  {near}`heng explain` 列出全部代码"),
        format!("there is no code `{name}`\n  {near}`heng explain` lists all codes"),
    );
    TROUBLE
}

/// All codes, by layer.
fn list(lang: Lang) -> String {
    let mut out = String::new();
    let mut layer = "";
    for code in Code::ALL {
        let of = code.as_str().get(..3).unwrap_or("");
        if of != layer {
            let gap = if layer.is_empty() { "" } else { "\n" };
            layer = of;
            out.push_str(&format!("{gap}{}\n", layer_title(of, lang)));
        }
        let slug = pad(code.slug(), 26);
        out.push_str(format!("  {code} {} {slug}{}", severity(*code, lang), lang.pick(code.chinese(), "")).trim_end());
        out.push('\n');
    }
    out
}

fn layer_title(layer: &str, lang: Lang) -> &'static str {
    match layer {
        "H01" => lang.pick("语法", "syntax"),
        "H02" => lang.pick("名称", "names"),
        "H03" => lang.pick("类型与单位", "types and units"),
        "H04" => lang.pick("分值、分档与结论", "points, bands and verdicts"),
        "H05" => lang.pick("计算与测试", "evaluation and tests"),
        "H06" => lang.pick("数据", "data"),
        "H07" => lang.pick("档案", "archive"),
        "H08" => lang.pick("报告", "reports"),
        _ => lang.pick("命令行", "command line"),
    }
}

fn severity(code: Code, lang: Lang) -> &'static str {
    match code.severity() {
        Severity::Error => lang.pick("错误", "error  "),
        Severity::Warning => lang.pick("警告", "warning"),
        Severity::Note => lang.pick("提示", "note   "),
    }
}

/// The page of `code` in one language.
fn show(code: Code, lang: Lang) -> String {
    let severity = severity(code, lang).trim_end();
    let Ok(page) = Page::read(code.page()) else {
        // `tests/pages.rs` sees to it that no page is so; should one be, its text is still better than none.
        return format!("{code} {} ({severity})\n\n{}", code.title(lang), code.page());
    };
    let indented = |block: &str| block.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect::<String>();
    let head = lang.say(
        format!("{code} {} {} ({severity})", code.chinese(), code.slug()),
        format!("{code} {}: {} ({severity})", code.slug(), page.sentence),
    );
    let (avoid, prefer) = lang.pick("不要这样写:|应当这样写:", "Avoid:|Prefer:").split_once('|').unwrap_or_default();
    let said = lang.pick(page.chinese, page.english);
    format!("{head}\n\n{said}\n\n{avoid}\n{}\n{prefer}\n{}", indented(page.avoid.text), indented(page.prefer.text))
}

/// The page of a diagnostic code (代码说明页), taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'p> {
    /// `H0301 单位不符 unit-mismatch`
    pub title: &'p str,
    /// `a value and its target are in different units`
    pub sentence: &'p str,
    /// 说明: what is wrong and why it matters, in Chinese.
    pub chinese: &'p str,
    /// The same in English.
    pub english: &'p str,
    /// What raises the code.
    pub avoid: Block<'p>,
    /// The same, mended.
    pub prefer: Block<'p>,
}

/// A fenced block of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'p> {
    /// What stands behind the opening fence: `heng`, `csv`, `text`.
    pub language: &'p str,
    /// What stands between the fences.
    pub text: &'p str,
}

impl<'p> Page<'p> {
    /// Takes a page apart.
    ///
    /// # Errors
    /// What is missing, in English, for who writes the page.
    pub fn read(page: &'p str) -> Result<Page<'p>, &'static str> {
        let (first, rest) = page.split_once('\n').ok_or("the page is one line only")?;
        let first = first.strip_prefix("# ").ok_or("the first line does not begin with `# `")?;
        let (title, sentence) = first.split_once(": ").ok_or("the first line has no `: sentence`")?;
        let mut rest = rest;
        let mut next = |heading: &'static str, missing: &'static str| {
            let (_, after) = rest.split_once(heading).ok_or(missing)?;
            rest = after;
            // A section reaches up to the next heading.
            Ok::<&'p str, &'static str>(after.split("\n## ").next().unwrap_or("").trim())
        };
        let chinese = next("\n## 说明\n", "there is no section `## 说明`")?;
        let english = next("\n## Explanation\n", "there is no section `## Explanation` after it")?;
        let avoid = next("\n## Avoid\n", "there is no section `## Avoid` after it")?;
        let prefer = next("\n## Prefer\n", "there is no section `## Prefer` after it")?;
        if chinese.is_empty() || english.is_empty() {
            return Err("an explanation is empty");
        }
        Ok(Page { title, sentence, chinese, english, avoid: Block::read(avoid)?, prefer: Block::read(prefer)? })
    }
}

impl<'p> Block<'p> {
    fn read(section: &'p str) -> Result<Block<'p>, &'static str> {
        let shape = "an example is not one block between ``` fences, and nothing else";
        let inside = section.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")).ok_or(shape)?;
        let (language, text) = inside.split_once('\n').ok_or(shape)?;
        if language.is_empty() {
            return Err("a fence does not say the language of its block");
        }
        if text.contains("```") { Err(shape) } else { Ok(Block { language, text }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_taken_apart() {
        let page = "# H0301 单位不符 unit-mismatch: in different units\n\n## 说明\n甲\n\n## Explanation\nA\n\n\
                    ## Avoid\n```heng\nx\n\ny\n```\n\n## Prefer\n```heng\nz\n```\n";
        let read = Page::read(page);
        assert_eq!(read.map(|page| (page.chinese, page.english, page.avoid.text, page.prefer.text)), Ok(("甲", "A", "x\n\ny\n", "z\n")));
        assert!(Page::read("# H0301\n").is_err());
        assert!(Page::read(&page.replace("```heng\nz", "```\nz")).is_err());
    }

    #[test]
    fn the_list_has_all_codes() {
        for lang in [Lang::Zh, Lang::En] {
            let list = list(lang);
            assert!(Code::ALL.iter().all(|code| list.contains(code.slug())));
            assert!(list.starts_with(lang.pick("语法\n", "syntax\n")));
        }
    }
}
