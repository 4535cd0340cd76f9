//! The page in a browser: filled in, a rule broken and mended, kept, saved, opened, imported; by keyboard and on a phone.

use super::driver::Browser;
use super::{library_engine, taken};
use heng::data::{Options, from_records};
use heng::eval::Previous;
use heng::{Engine, Lang};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

const FORM: &str = r#"
unit 生, 元
unit 万元 = 10000 元
form 学校表 "学校表 </script><img src=x onerror=window.broken=1>" {
  version 2026.1
  subject 学校 by 代码
  代码: text required "</script><script>window.broken=1</script>" { pattern "\d{4}"; hint "<!-- <b>" }
  section 基本情况 {
    县: choice { 甲县, 乙县 } required
    乡镇: choice by 县 { 甲县: 城关镇, 东乡; 乙县: 西镇 }
    设施: choices { 食堂, 操场 }
    建成日期: date 2000-01-01..2030-12-31
    寄宿制: yes/no default no
  }
  section 数据 {
    学生数: integer 生 0..20000 required
    寄宿生数: integer 生 0.. required when 寄宿制
    设备值: decimal(2) 元 0..99990000 asked in 万元
    check 寄宿生数 <= 学生数 : "寄宿生不能多于学生"
    compute 生均设备值 = 设备值 / 学生数
  }
  table 班级 { 人数: integer 生 1..80 required }
  warn sum(班级.人数) == 学生数 : "各班人数之和应当等于学生数"
}
"#;

struct Page {
    browser: Browser,
    folder: tempfile::TempDir,
    engine: Engine,
}

impl Page {
    /// The page of a form in a browser; none where there is no browser.
    fn open(engine: Engine, at: usize) -> Option<Page> {
        let html = engine.form_page(at, Lang::Zh).unwrap();
        Page::of(engine, &html)
    }

    fn of(engine: Engine, html: &str) -> Option<Page> {
        let folder = tempfile::tempdir().unwrap();
        let browser = Browser::start(&folder.path().join("saved"), &folder.path().join("profile"))?;
        fs::create_dir(folder.path().join("saved")).unwrap();
        fs::write(folder.path().join("填报.html"), html).unwrap();
        browser.open(&folder.path().join("填报.html"));
        Some(Page { browser, folder, engine })
    }

    /// The input of a field; of a choice the one of an option, from 0.
    fn input(&self, field: &str) -> String {
        let form = &self.engine.rules().forms.iter().find(|form| *form.name.it == *"学校表").unwrap();
        format!("#f{}", form.field(field).unwrap().0.0)
    }

    fn option(&self, field: &str, at: usize) -> String {
        if at == 0 { self.input(field) } else { format!("{}-{at}", self.input(field)) }
    }

    fn shown(&self, css: &str) -> String {
        let script =
            format!("const e = document.querySelector({}); return e.offsetParent === null ? '' : e.value || e.textContent", json!(css));
        self.browser.run(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Everything that is told, beside the fields.
    fn told(&self) -> Vec<String> {
        let told = self.browser.run("return [...document.querySelectorAll('.told li > span:first-child')].map(e => e.textContent)");
        serde_json::from_value(told).unwrap()
    }

    fn tells(&self, text: &str) {
        let told = self.told();
        assert!(told.iter().any(|told| told == text), "{text}\nis not among {told:?}");
    }

    fn saved(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join("saved").join(name);
        for _ in 0..100 {
            // A browser makes the file before it has all of it.
            if fs::read(&path).is_ok_and(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).is_ok()) {
                return path;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("{name} was not saved: {:?}", fs::read_dir(path.parent().unwrap()).unwrap().collect::<Vec<_>>());
    }
}

#[test]
fn a_school_fills_the_page_in() {
    let engine = Engine::from_text("学校表.heng", FORM);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let Some(page) = Page::open(engine, 0) else { return };
    let browser = &page.browser;

    // No label became markup, and nothing goes out.
    assert_eq!(
        browser.run("return [window.broken ?? null, document.querySelectorAll('img').length, document.querySelector('h1').textContent]"),
        json!([null, 0, "学校表 </script><img src=x onerror=window.broken=1>"])
    );
    assert_eq!(browser.run("return fetch('http://127.0.0.1:9/').then(() => 'out', () => 'refused')"), "refused");
    assert_eq!(browser.run("return performance.getEntriesByType('resource').length"), 0);

    // By keyboard alone: the skip link, the four buttons, the list of what is open, the first field.
    browser.press("\u{E004}\u{E007}");
    assert_eq!(browser.run("return document.activeElement.id"), "form");
    browser.run("document.querySelector('#f0').focus()");
    browser.press("３５０１\u{E004}");
    assert_eq!(page.shown("#f0"), "3501");
    assert_eq!(browser.run("return document.activeElement.id"), page.input("县").trim_start_matches('#'));
    browser.press(" ");
    assert_eq!(browser.run("return document.querySelector('input:checked').value"), "甲县");

    // Choices that depend on others, several choices, days in the habits of people.
    assert_eq!(
        browser.run(&format!("return [...document.querySelector('{}').options].map(o => o.value)", page.input("乡镇"))),
        json!(["", "城关镇", "东乡"])
    );
    browser.keys(&page.input("乡镇"), "东");
    browser.click(&page.option("设施", 1));
    browser.keys(&page.input("建成日期"), "二〇二四年九月一日\u{E004}");
    assert_eq!(page.shown(&page.input("建成日期")), "2024-09-01");

    // A rule is broken, told, and mended. What is not asked is asked once its condition holds.
    browser.keys(&page.input("学生数"), "1,2００\u{E004}");
    assert_eq!(page.shown(&page.input("学生数")), "1200");
    assert_eq!(page.shown(&page.input("寄宿生数")), "");
    browser.click(&page.option("寄宿制", 0));
    browser.keys(&page.input("寄宿生数"), "一百\u{E004}");
    page.tells("寄宿生数 应当是整数 (以 生 计)，这里是 一百");
    browser.keys(&page.input("寄宿生数"), "\u{E009}a\u{E000}1300\u{E004}");
    page.tells("寄宿生不能多于学生 (学生数 = 1200、寄宿生数 = 1300)");
    assert!(page.shown(".state").contains("错误 1"), "{}", page.shown(".state"));
    assert_eq!(browser.run(&format!("return document.querySelector('{}').getAttribute('aria-describedby')", page.input("寄宿生数"))), {
        let id = page.input("寄宿生数").trim_start_matches('#').to_owned();
        format!("{id}-hint {id}-told")
    });
    browser.run("window.scrollTo(0, 0)");
    browser.click(".attention li.error a");
    assert_eq!(browser.run("return document.activeElement.id"), page.input("学生数").trim_start_matches('#'));
    browser.keys(&page.input("寄宿生数"), "\u{E009}a\u{E000}300\u{E004}");
    assert!(page.told().iter().all(|told| !told.contains("寄宿生")), "{:?}", page.told());

    // The range is said in the unit that is asked.
    assert_eq!(page.shown(&format!("{}-hint", page.input("设备值"))), "0–99990000 的数, 至多 2 位小数");
    // Values are computed as one types, and rows added.
    browser.keys(&page.input("设备值"), "12.5\u{E004}");
    assert_eq!(page.shown("#computed dd"), "104.166667 元/生");
    browser.click(".add");
    browser.press("40\u{E004}");
    assert!(page.shown(".attention").contains("各班人数之和应当等于学生数 (学生数 = 1200)"), "{}", page.shown(".attention"));
    browser.click(".add");
    browser.press("1160\u{E004}");
    browser.click(".row:last-child .remove");
    browser.accept();
    assert_eq!(browser.run("return document.querySelectorAll('.row').length"), 1);
    browser.keys(&page.input("学生数"), "\u{E009}a\u{E000}40\u{E004}");
    browser.keys(&page.input("寄宿生数"), "\u{E009}a\u{E000}7\u{E004}");
    assert!(page.shown(".state").contains("没有发现问题"), "{}", page.shown(".attention"));

    // It is kept, and there again.
    browser.open(&page.folder.path().join("填报.html"));
    assert!(page.shown(".notice").starts_with("已恢复"), "{}", page.shown(".notice"));
    assert_eq!(page.shown(&page.input("学生数")), "40");

    // Saved, it is what the reader takes without a word.
    browser.click("#do-export");
    let file = page.saved("学校表-3501.json");
    let text = fs::read_to_string(&file).unwrap();
    let (told, computed) = taken(&page.engine, &page.engine.rules().forms[0], page.folder.path(), &[&text], None, Lang::Zh).remove(0);
    assert_eq!((told, computed), (Vec::new(), Some(vec![Some("3125".to_owned())])), "{text}");
    imported(page.folder.path(), &file);

    // Cleared after a question, and opened again.
    browser.click("#do-clear");
    browser.accept();
    assert_eq!(page.shown(&page.input("学生数")), "");
    browser.keys("input[accept*=json]", file.to_str().unwrap());
    sleep(Duration::from_millis(300));
    assert_eq!((page.shown(&page.input("学生数")), page.shown(".notice")), ("40".to_owned(), "已打开 学校表-3501.json。".to_owned()));
    assert_eq!(browser.run(&format!("return document.querySelector('{}').value", page.input("乡镇"))), "东乡");

    // What is not right is saved as a draft.
    browser.keys(&page.input("学生数"), "\u{E009}a\u{E000}\u{E003}\u{E004}");
    browser.click("#do-export");
    page.saved("学校表-3501-草稿.json");
    page.tells("必填项 学生数 没有填");
}

const FORM_BEFORE: &str = r#"
unit 生, 元
unit 万元 = 10000 元
form 学校表 {
  subject 学校 by 代码
  period year by 年度
  代码: text required
  年度: year required
  寄宿制: yes/no
  设施: choices { 食堂, 操场 }
  学生数: integer 生 0..20000 required
  满意率: percent(1) 0%..100%
  设备值: decimal(2) 元 0..9999 asked in 万元
  简介: text "学校简介, 一百字以内, 与学校网站上的一致"
  warn 学生数 <= previous(学生数) * 1.2 : "比上期多了两成以上"
  check 满意率 >= previous(满意率) : "满意率下降"
  compute 增加 = 学生数 - previous(学生数)
}
"#;

#[test]
fn last_answers_stand_beside_the_inputs() {
    let engine = Engine::from_text("学校表.heng", FORM_BEFORE);
    assert_eq!(engine.errors(), 0, "{}", engine.told());
    let form = engine.rules().forms[0].clone();
    let names = ["代码", "年度", "寄宿制", "设施", "学生数", "满意率", "设备值", "简介"];
    let long = "建于城东，面向城郊招生".repeat(6);
    let record = |texts: [&str; 8]| names.into_iter().zip(texts).map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<Vec<_>>();
    let records =
        [record(["3501", "2023", "是", "食堂", "1000", "95.5", "12.5", &long]), record(["3502", "2023", "", "", "900", "", "", ""])];
    let (earlier, _, _) = from_records(&form, records, &Options::default());
    let html = |key: &str| engine.form_page_beside(0, &Previous::of(&form, &earlier, key).unwrap(), Lang::Zh).unwrap();
    let (first, second) = (html("3501"), html("3502"));
    let Some(page) = Page::of(engine, &first) else { return };
    let browser = &page.browser;
    fs::write(page.folder.path().join("另一所.html"), &second).unwrap();

    let beside = "return [...document.querySelectorAll('.field')].map(e => e.querySelector('.last')?.textContent ?? null)";
    let long = format!("上期 {long}");
    assert_eq!(
        browser.run(beside),
        json!([null, "上期 2023", "上期 是", "上期 食堂", "上期 1000 生", "上期 95.5%", "上期 12.5 万元", long])
    );
    // Whoever listens hears it with the input.
    let id = page.input("学生数").trim_start_matches('#').to_owned();
    assert_eq!(
        browser.run(&format!("return document.getElementById('{id}').getAttribute('aria-describedby')")),
        format!("{id}-hint {id}-told {id}-last")
    );
    assert_eq!(browser.run("return [document.querySelector('#f0').value, document.querySelector('#f0').readOnly]"), json!(["3501", true]));
    let hint = || page.shown(&format!("#{id}-hint"));
    assert!(!hint().contains("上期"), "{}", hint());

    // A check tells what the reader tells, and the file has the answers of this period only.
    browser.keys(&page.input("年度"), "2024\u{E004}");
    browser.keys(&page.input("学生数"), "1201\u{E004}");
    browser.keys(&page.input("满意率"), "95.4\u{E004}");
    page.tells("比上期多了两成以上 (学生数 = 1201、上期.学生数 = 1000)");
    page.tells("满意率下降 (满意率 = 95.4%、上期.满意率 = 95.5%)");
    assert_eq!(page.shown("#computed dd"), "201 生");
    browser.keys(&page.input("满意率"), "\u{E009}a\u{E000}95.5\u{E004}");
    browser.click("#do-export");
    let file = page.saved("学校表-3501-2024.json");
    let text = fs::read_to_string(&file).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&text).unwrap();
    let row = saved["rows"][0].as_object().unwrap();
    assert!(row.len() == names.len() && names.iter().all(|name| row.contains_key(*name)), "{text}");
    let (told, computed) = taken(&page.engine, &form, page.folder.path(), &[&text], Some(&earlier), Lang::Zh).remove(0);
    let told: Vec<String> = told.into_iter().map(|(.., text)| text).collect();
    assert_eq!(told, ["比上期多了两成以上 (学生数 = 1201、上期.学生数 = 1000)"]);
    assert_eq!(computed, Some(vec![Some("201".to_owned())]));

    // What is kept is kept for each subject; cleared, the key is still there.
    let shown = |css: &str| page.shown(css);
    browser.open(&page.folder.path().join("另一所.html"));
    assert_eq!([shown("#f0"), shown(&page.input("学生数")), shown(".notice")], ["3502", "", ""]);
    assert_eq!(browser.run(beside)[4], json!("上期 900 生"));
    browser.open(&page.folder.path().join("填报.html"));
    assert_eq!(shown(&page.input("学生数")), "1201");
    browser.click("#do-clear");
    browser.accept();
    assert_eq!([shown("#f0"), shown(&page.input("学生数"))], ["3501", ""]);

    // With the file of somebody else nothing is compared, and it says so.
    let other = page.folder.path().join("3502.json");
    fs::write(&other, text.replace("3501", "3502")).unwrap();
    browser.keys("input[accept*=json]", other.to_str().unwrap());
    sleep(Duration::from_millis(300));
    assert!(shown(".notice").contains("这个文件是 3502 的, 本页的上期数据是 3501 的"), "{}", shown(".notice"));
    let last = format!("#{id}-last");
    assert_eq!([shown(&last), shown("#computed dd")], ["", "未填全"]);
    assert!(hint().contains("上期数据在导入时比对"), "{}", hint());
    browser.keys("input[accept*=json]", file.to_str().unwrap());
    sleep(Duration::from_millis(300));
    assert_eq!([shown(&last), shown("#computed dd")], ["上期 1000 生", "201 生"]);

    browser.resize(360, 740);
    browser.open(&page.folder.path().join("填报.html"));
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        assert_eq!(browser.run(SLIPS), json!([]), "{scheme}");
    }
}

/// The archive and the check of the program take the file as it is.
fn imported(folder: &Path, file: &Path) {
    fs::write(folder.join("heng.toml"), "name = \"县\"\n").unwrap();
    fs::create_dir_all(folder.join("forms")).unwrap();
    fs::write(folder.join("forms/学校表.heng"), FORM).unwrap();
    let heng = |args: &[&str]| {
        let done =
            Command::new(env!("CARGO_BIN_EXE_heng")).current_dir(folder).args(args).arg(file).args(["--lang", "zh"]).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    };
    heng(&["form", "check", "学校表", "--data"]);
    heng(&["import", "学校表", "--db", "县.db", "--data"]);
}

/// What is wrong with how a page is laid out: too wide or too small for a phone and a finger, without a label, hard to read.
const SLIPS: &str = r#"
const slips = [];
if (document.documentElement.scrollWidth > 360) slips.push(`${document.documentElement.scrollWidth} wide`);
const targets = [...document.querySelectorAll("button, input, select, textarea, .option")];
for (const e of targets.filter((e) => e.offsetParent && !e.matches(".calendar, .option input"))) {
  if (e.getBoundingClientRect().height < 40) slips.push(`small: ${e.id} ${e.className}`);
}
for (const e of document.querySelectorAll("main input:not(.calendar, [type=file]), main select, main textarea")) {
  const group = e.closest("[role=group].options, [role=radiogroup]");
  if (!e.labels.length) slips.push(`no label: ${e.id}`);
  const told = (group ?? e).getAttribute("aria-describedby").split(" ");
  if (!told.every((id) => document.getElementById(id))) slips.push(`not described: ${e.id}`);
  if (group && !document.getElementById(group.getAttribute("aria-labelledby"))) slips.push(`no name: ${e.id}`);
}
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
if (new Set(ids).size !== ids.length) slips.push("an id twice");
// Contrast as WCAG 2 has it: text against the first ground behind it.
const light = (colour) => {
  const [r, g, b] = colour.match(/[\d.]+/g).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (e) => (!e ? "rgb(255,255,255)" : /, 0\)$|transparent/.test(getComputedStyle(e).backgroundColor) ? ground(e.parentElement) : getComputedStyle(e).backgroundColor);
for (const e of document.querySelectorAll("body *:not(script, option, :disabled)")) {
  if (!e.offsetParent || ![...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
  const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) slips.push(`${contrast.toFixed(2)}: ${e.className} ${e.textContent.slice(0, 20)}`);
}
return slips;
"#;

#[test]
fn every_page_fits_a_phone_and_can_be_read() {
    let engine = library_engine();
    let forms = super::filled_in(&engine);
    let Some(page) = Page::open(Engine::from_text("学校表.heng", FORM), 0) else { return };
    let browser = &page.browser;
    browser.resize(360, 740);
    let path = page.folder.path().join("一页.html");
    let pages: Vec<String> = forms.into_iter().map(|at| engine.form_page(at, Lang::Zh).unwrap()).collect();
    for html in pages.into_iter().chain([page.engine.form_page(0, Lang::En).unwrap()]) {
        fs::write(&path, &html).unwrap();
        browser.open(&path);
        // With something wrong, something to look at again, and rows where there are any.
        browser.run(
            "views.forEach(view => { if (view.field.kind !== 'text') view.changed('x'); view.leave(); }); document.querySelectorAll('.add').forEach(add => add.click());",
        );
        for scheme in ["light", "dark"] {
            browser.scheme(scheme);
            assert_eq!(browser.run(SLIPS), json!([]), "{scheme}: {}", browser.run("return document.title"));
        }
    }
}
