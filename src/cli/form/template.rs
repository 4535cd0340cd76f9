//! `heng form template`: the workbook or the page that a school fills in, one for all or one for each, with what it filled in last time.

use super::previous::{Earlier, earlier};
use super::{ends, write, wrong_ending};
use crate::cli::chosen::{chosen, same};
use crate::cli::job::trouble;
use crate::cli::whole::unwritten;
use crate::cli::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::shown;
use crate::diag::{Code, Mistake};
use crate::engine::Engine;
use crate::eval::Previous;
use crate::model::Form;
use crate::report::{MOST_ROWS, TemplateOptions, template as workbook, template_beside};
use clap::ArgMatches;
use clap::parser::ValueSource;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Workbook,
    Page,
}

impl Kind {
    /// That of a file, by how its name ends.
    fn of(path: &Path) -> Option<Kind> {
        [("xlsx", Kind::Workbook), ("html", Kind::Page)].into_iter().find(|(ending, _)| ends(path, ending)).map(|(_, kind)| kind)
    }
}

/// Makes it.
pub(super) fn template(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    made(matches, terminal).unwrap_or_else(|code| code)
}

fn made(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let beside = ["previous", "db"].iter().any(|given| matches.contains_id(given) && matches.get_raw(given).is_some());
    let folder = beside && (out.is_dir() || out.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]));
    let kind = match (folder, Kind::of(&out)) {
        (true, _) if matches.get_one::<String>("format").is_some_and(|format| format == "html") => Kind::Page,
        (true, _) => Kind::Workbook,
        (false, Some(kind)) => kind,
        (false, None) => return Err(wrong_ending(&out, if beside { ".xlsx, .html, /" } else { ".xlsx, .html" }, terminal)),
    };
    let rows = matches.get_one::<u32>("rows").copied();
    understood(matches, (kind, folder, beside), rows, terminal)?;
    let (engine, _, at) = chosen(matches, terminal)?;
    let Some(form) = engine.rules().forms.get(at) else { return Err(TROUBLE) };
    let maker = Maker { engine: &engine, form, at, kind, rows };
    let Some(earlier) = earlier(matches, (&engine, form), terminal)? else {
        let bytes = maker.bytes(None, terminal)?;
        write(&out, &bytes, terminal)?;
        maker.told(&out, terminal);
        return Ok(DONE);
    };
    terminal.tell(engine.texts(), &earlier.found);
    let subject = matches.get_one::<String>("subject").map(String::as_str);
    let all = earlier.chosen(form, subject, terminal)?;
    match all.as_slice() {
        _ if folder => maker.each(&all, &earlier, &out, terminal)?,
        [only] => {
            let bytes = maker.bytes(Some(only), terminal)?;
            maker.save(&out, &bytes, &earlier, terminal)?;
            maker.told(&out, terminal);
        }
        several => {
            let (many, kind) = (several.len(), &form.subject);
            let mistake = Mistake::new(
                Code::H0903,
                format!("上期有 {many} 个{kind}，没有说明做给谁"),
                format!("last period has {many} of {kind}, and for whom is not said"),
            );
            let help = (
                "用 `--subject 代码` 选一个，或把 `--out` 写成文件夹 (以 / 结尾)，一个对象一个文件",
                "choose one with `--subject ID`, or let `--out` be a folder (ending in /) for a file each",
            );
            return Err(trouble(terminal, mistake.help(help.0, help.1)));
        }
    }
    let errors = earlier.found.errors();
    if errors > 0 {
        terminal.say(
            format!("上期的填报有 {errors} 处错误，那里的“上期”空着"),
            format!("last period's submissions have {errors} errors; nothing stands there"),
        );
        return Ok(FINDINGS);
    }
    Ok(DONE)
}

/// Sees that the options go together.
fn understood(
    matches: &ArgMatches,
    (kind, folder, beside): (Kind, bool, bool),
    rows: Option<u32>,
    terminal: &mut Terminal,
) -> Result<(), u8> {
    let format = matches.value_source("format") == Some(ValueSource::CommandLine);
    let (zh, en) = if rows.is_some() && kind == Kind::Page {
        ("--rows 只用于 .xlsx; 一个网页填一份".to_owned(), "--rows is for .xlsx only; a page is for one submission".to_owned())
    } else if rows.is_some_and(|rows| rows == 0 || rows > MOST_ROWS) {
        (format!("--rows 可以是 1 至 {MOST_ROWS}"), format!("--rows takes 1 to {MOST_ROWS}"))
    } else if rows.is_some() && beside {
        (
            "一行一个对象的表里没有地方印上期的数: 去掉 --rows, 一个对象一个文件".to_owned(),
            "a sheet of rows has no room for last period's answers: leave --rows out, for a file each".to_owned(),
        )
    } else if matches.contains_id("subject") && matches.get_raw("subject").is_some() && !beside {
        ("--subject 要与 --previous 或 --db 同写".to_owned(), "--subject goes with --previous or --db".to_owned())
    } else if format && !folder {
        ("--format 只用于文件夹; 文件看它的结尾".to_owned(), "--format is for folders; of a file its ending says it".to_owned())
    } else {
        return Ok(());
    };
    terminal.say(zh, en);
    Err(TROUBLE)
}

/// Makes workbooks or pages of a form.
struct Maker<'m> {
    engine: &'m Engine,
    form: &'m Form,
    at: usize,
    kind: Kind,
    rows: Option<u32>,
}

impl Maker<'_> {
    fn bytes(&self, previous: Option<&Previous>, terminal: &mut Terminal) -> Result<Vec<u8>, u8> {
        let (form, lang) = (self.form, terminal.lang);
        if self.kind == Kind::Page {
            let page = match previous {
                Some(previous) => self.engine.form_page_beside(self.at, previous, lang),
                None => self.engine.form_page(self.at, lang),
            };
            return page.map(String::into_bytes).ok_or(TROUBLE);
        }
        let options = TemplateOptions { rows: self.rows, lang };
        let made = match previous {
            Some(previous) => template_beside(form, &options, previous, &[]),
            None => workbook(form, &options),
        };
        made.map_err(|error| {
            let name = &form.name.it;
            let mistake = Mistake::new(
                Code::H0642,
                format!("`{name}` 放不进一个工作簿: {error}"),
                format!("`{name}` does not fit into a workbook: {error}"),
            );
            trouble(terminal, mistake.help("用 `--rows` 减少行数, 或把填报表分成几张", "take fewer `--rows`, or make several forms of it"))
        })
    }

    /// Writes one, but over none of last period's submissions.
    fn save(&self, to: &Path, bytes: &[u8], earlier: &Earlier, terminal: &mut Terminal) -> Result<(), u8> {
        if earlier.files.iter().any(|input| same(input, to)) {
            let to = shown(to);
            terminal.say(
                format!("`{to}` 是上期的填报，没有改写"),
                format!("`{to}` is one of last period's submissions and is not written over"),
            );
            return Err(TROUBLE);
        }
        write(to, bytes, terminal)
    }

    /// Makes one for each subject, in a folder.
    fn each(&self, all: &[Previous], earlier: &Earlier, folder: &Path, terminal: &mut Terminal) -> Result<(), u8> {
        fs::create_dir_all(folder).map_err(|cause| trouble(terminal, unwritten(folder, &cause)))?;
        let bar = terminal.progress(all.len(), "正在制作", "making");
        let ending = if self.kind == Kind::Page { "html" } else { "xlsx" };
        let mut names = HashSet::new();
        for previous in all {
            let bytes = self.bytes(Some(previous), terminal)?;
            self.save(&folder.join(format!("{}.{ending}", file_name(&previous.key, &mut names))), &bytes, earlier, terminal)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let (name, many, folder) = (&self.form.name.it, all.len(), shown(folder));
        terminal.say(format!("`{name}` 的填报模板 {many} 份: {folder}"), format!("{many} templates of `{name}`: {folder}"));
        Ok(())
    }

    fn told(&self, out: &Path, terminal: &mut Terminal) {
        let (name, shown) = (&self.form.name.it, out.display());
        match self.kind {
            Kind::Workbook => terminal.say(format!("`{name}` 的填报模板: {shown}"), format!("the workbook of `{name}`: {shown}")),
            Kind::Page => terminal.say(format!("`{name}` 的填报网页: {shown}"), format!("the page of `{name}`: {shown}")),
        }
    }
}

/// A name that every file system takes, for a file of a subject; of two that come to the same the later one gets a number.
fn file_name(key: &str, taken: &mut HashSet<String>) -> String {
    /// Characters; of four bytes each they stay within what names of files may have.
    const LONGEST: usize = 50;
    let safe = |c: char| if c.is_control() || r#"\/:*?"<>|"#.contains(c) { '_' } else { c };
    let short: String = key.chars().map(safe).take(LONGEST).collect();
    let mut name = short.trim_matches(['.', ' ', '~']).to_owned();
    // Names of devices, whatever stands behind a point.
    let device = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|of| device.strip_prefix(of).is_some_and(|number| number.len() == 1));
    if name.is_empty() || numbered || ["CON", "PRN", "AUX", "NUL"].contains(&&*device) {
        name.insert(0, '_');
    }
    let numbers = (2..).map(|number: u32| format!("{name}-{number}"));
    // Some file systems take `a` and `A` for one.
    let free = std::iter::once(name.clone()).chain(numbers).find(|name| taken.insert(name.to_lowercase()));
    free.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_safe_names() {
        let mut taken = HashSet::new();
        let mut of = |key: &str| file_name(key, &mut taken);
        assert_eq!(of("一小"), "一小");
        assert_eq!([of("../a/b"), of("..\\a/b")], ["_a_b", "_a_b-2"]);
        assert_eq!([of("a"), of("A"), of("a-2"), of("A")], ["a", "A-2", "a-2-2", "A-3"]);
        assert_eq!([of(".."), of("con"), of("LPT1.x"), of("控\n制:*?")], ["_", "_con", "_LPT1.x", "控_制___"]);
        assert_eq!(of(&"校".repeat(300)).chars().count(), 50);
    }
}
