//! The command line (命令行): reads arguments, does one job, says what came of it.
//!
//! Each command is one file with one function, which takes its arguments and a [`Terminal`] and gives back an exit code:
//! [`DONE`], [`FINDINGS`] or [`TROUBLE`]. Disk, clock, environment and terminal are touched here and in `data` only.
//! Not here: what any of it means (`check`, `eval`), how it is laid out (`report`).

mod archive;
mod arguments;
mod check;
mod chosen;
mod db;
mod explain;
mod fmt;
mod form;
mod import;
mod job;
mod kept;
mod new;
mod plan;
mod run;
mod storing;
mod terminal;
mod test;
mod usage;
mod verify;
mod whole;
mod why;
mod wide;

pub use arguments::command;
pub use explain::Page;
pub use terminal::Terminal;

use crate::data::Region;
use crate::diag::Lang;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Done, and nothing found.
pub const DONE: u8 = 0;
/// Done, and something was found: an error in the rules, a submission that is refused, a test that failed.
pub const FINDINGS: u8 = 1;
/// Not done: wrong usage, nothing to do it with, or a file that cannot be read or written.
pub const TROUBLE: u8 = 2;
/// Stopped (ctrl-C), as shells say it.
pub const STOPPED: u8 = 130;

/// The whole program, with the arguments, environment and terminal of this process.
pub fn main() -> ExitCode {
    let mut terminal = Terminal::of_process();
    let environment = |name: &str| std::env::var(name).ok();
    ExitCode::from(run(std::env::args_os().collect(), &environment, &mut terminal))
}

/// The whole program: `args` with the program's name first, environment variables by name, and where to write.
///
/// Gives back the exit code. What could not be written makes it [`TROUBLE`], except that a reader who has seen enough
/// (`heng … | head`) is no trouble.
pub fn run(args: Vec<OsString>, environment: &dyn Fn(&str) -> Option<String>, terminal: &mut Terminal) -> u8 {
    terminal.settle(language(&args, environment), environment);
    let code = match command(terminal.lang).try_get_matches_from(help_last(args)) {
        Ok(matches) => {
            if let Some(when) = matches.get_one::<String>("color") {
                terminal.force_color(when);
            }
            match matches.subcommand() {
                Some(("check", matches)) => check::check(matches, terminal),
                Some(("explain", matches)) => explain::explain(matches, terminal),
                Some(("fmt", matches)) => fmt::fmt(matches, terminal),
                Some(("form", matches)) => form::form(matches, terminal),
                Some(("new", matches)) => new::new(matches, terminal),
                Some(("test", matches)) => test::test(matches, terminal),
                Some(("run", matches)) => run::run(matches, terminal),
                Some(("why", matches)) => why::why(matches, terminal),
                Some(("plan", matches)) => plan::plan(matches, terminal),
                Some(("import", matches)) => import::import(matches, terminal),
                Some(("db", matches)) => db::db(matches, terminal),
                Some(("verify", matches)) => verify::verify(matches, terminal),
                // A command is required, and clap knows no others.
                _ => TROUBLE,
            }
        }
        Err(error) => usage::tell(&error, terminal),
    };
    code.max(terminal.finish())
}

/// The language that `--lang` asks for, else that of the region's settings, else that of the locale; found before the
/// arguments are read, because their help is in that language too.
fn language(args: &[OsString], environment: &dyn Fn(&str) -> Option<String>) -> Lang {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).take_while(|arg| arg != "--").collect();
    let after = args.iter().zip(args.iter().skip(1)).find(|(arg, _)| *arg == "--lang").map(|(_, value)| value.to_string());
    let asked = args.iter().find_map(|arg| arg.strip_prefix("--lang=")).map(str::to_owned).or(after);
    let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| environment(name).filter(|value| !value.is_empty()));
    let set = || Region::find(Path::new(".")).ok().flatten().and_then(|region| region.settings.lang);
    if let (None, Some(lang)) = (&asked, set()) {
        return lang;
    }
    match asked.or_else(locale) {
        Some(name) if name.to_ascii_lowercase().starts_with("en") => Lang::En,
        _ => Lang::Zh,
    }
}

/// `heng help check` means `heng check --help`.
fn help_last(mut args: Vec<OsString>) -> Vec<OsString> {
    if args.get(1).is_some_and(|first| first == "help") {
        args.remove(1);
        args.push("--help".into());
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heng(args: &[&str], locale: &str) -> (u8, String, String) {
        let (mut terminal, out, err) = Terminal::captured();
        let environment = |name: &str| (name == "LANG").then(|| locale.to_owned());
        let args = std::iter::once("heng").chain(args.iter().copied()).map(OsString::from).collect();
        let code = run(args, &environment, &mut terminal);
        (code, out.text(), err.text())
    }

    #[test]
    fn the_locale_and_lang_choose_the_language() {
        assert!(heng(&["explain", "H0301"], "zh_CN.UTF-8").1.contains("单位不符"));
        assert!(heng(&["explain", "H0301"], "en_US.UTF-8").1.starts_with("H0301 unit-mismatch"));
        assert!(heng(&["explain", "H0301"], "C").1.contains("单位不符"));
        assert!(heng(&["--lang", "en", "--help"], "zh_CN").1.contains("Commands:"));
        assert!(heng(&["help", "check", "--lang=zh"], "en_US").1.contains("选项:"));
    }

    #[test]
    fn wrong_usage_is_told_in_the_language() {
        let (code, out, err) = heng(&["chekc"], "zh_CN");
        assert_eq!((code, &*out), (TROUBLE, ""));
        assert!(err.contains("没有 `chekc` 这个命令") && err.contains("`check`"), "{err}");
        let (code, _, err) = heng(&["check", "--format", "xml"], "zh_CN");
        assert_eq!(code, TROUBLE);
        assert!(err.contains("`xml`") && err.contains("concise"), "{err}");
        assert_eq!(heng(&[], "zh_CN").0, TROUBLE);
        assert_eq!(heng(&["explain", "H9999"], "zh_CN").0, TROUBLE);
        assert_eq!(heng(&["check", "--lang", "fr"], "zh_CN").0, TROUBLE);
        for lang in ["zh", "en"] {
            for args in [vec!["--nope"], vec!["why", "a"], vec!["run", "--data"], vec!["new"], vec!["new", "a", "b"]] {
                let (code, out, err) = heng(&[&args[..], &["--lang", lang]].concat(), "");
                assert_eq!((code, &*out), (TROUBLE, ""), "{args:?}");
                assert!(!err.is_empty());
            }
        }
    }

    #[test]
    fn a_new_region_is_clean_and_an_empty_folder_is_not() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let (code, out, err) = heng(&["new", &path("区")], "zh_CN");
        assert_eq!(code, DONE, "{err}");
        assert!(out.contains("heng.toml"), "{out}");
        assert_eq!(heng(&["new", &path("区")], "zh_CN").0, TROUBLE);
        let (code, out, err) = heng(&["check", &path("区")], "zh_CN");
        assert_eq!((code, &*out), (DONE, ""), "{err}");
        assert!(err.starts_with("检查了 2 个文件: 没有发现问题"), "{err}");

        std::fs::create_dir(path("empty"))?;
        let (code, _, err) = heng(&["check", &path("empty")], "zh_CN");
        assert_eq!(code, TROUBLE);
        assert!(err.contains("H0903"), "{err}");
        assert_eq!(heng(&["check", &path("nowhere")], "zh_CN").0, TROUBLE);

        // One file of a region is checked with the others behind it, which are not what was asked for.
        let (code, out, err) = heng(&["check", &path("区/rules/校园安全.heng"), "--deny", "warnings"], "zh_CN");
        assert_eq!((code, &*out), (DONE, ""), "{err}");
        assert!(err.starts_with("检查了 1 个文件"), "{err}");
        std::fs::write(path("区/forms/坏.heng"), "填报表 {\n")?;
        assert_eq!(heng(&["check", &path("区/rules")], "zh_CN").0, DONE);
        assert_eq!(heng(&["check", &path("区/forms")], "zh_CN").0, FINDINGS);

        std::fs::write(path("empty/a.heng"), "评价体系 甲 {\n")?;
        let (code, out, _) = heng(&["check", &path("empty"), "--format", "concise"], "zh_CN");
        assert_eq!(code, FINDINGS);
        assert!(out.contains("H0104"), "{out}");
        Ok(())
    }
}
