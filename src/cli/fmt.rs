//! `heng fmt`: writes the rules in the one layout.

use super::whole::write_whole;
use super::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{Region, load_files, shown};
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::fmt::{Keywords, format};
use crate::report::unified;
use crate::text::{Text, Texts};
use clap::ArgMatches;
use rayon::prelude::*;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// What the texts of standard input are known by.
const STDIN: &str = "<stdin>";
const MARK: &[u8] = "\u{FEFF}".as_bytes();

/// Lays out what the paths name, or the region that one stands in; `-` is standard input.
pub(super) fn fmt(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let paths: Vec<PathBuf> = matches.get_many("paths").into_iter().flatten().cloned().collect();
    let task = Task {
        check: matches.get_flag("check"),
        diff: matches.get_flag("diff"),
        keywords: match matches.get_one::<String>("keywords").map(String::as_str) {
            Some("zh") => Keywords::Chinese,
            Some("en") => Keywords::English,
            _ => Keywords::Keep,
        },
    };
    let stdin = |path: &PathBuf| path.as_os_str() == "-";
    match paths.as_slice() {
        [one] if stdin(one) => task.filter(terminal),
        many if many.iter().any(stdin) => {
            terminal.say("用法不对: `-` 不能与其他路径一起写", "error: `-` does not go with other paths");
            TROUBLE
        }
        paths => task.files(paths, terminal),
    }
}

struct Task {
    check: bool,
    diff: bool,
    keywords: Keywords,
}

impl Task {
    /// From standard input to standard output.
    fn filter(&self, terminal: &mut Terminal) -> u8 {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        let source = read.map_err(Hindrance::Io).and_then(|_| String::from_utf8(bytes).map_err(|_| Hindrance::NotUtf8));
        let mut texts = Texts::new();
        let source = match source {
            Ok(source) => source,
            Err(why) => {
                terminal.tell(&texts, &one(cannot("读", "read", STDIN, &why)));
                return TROUBLE;
            }
        };
        let marked = source.strip_prefix('\u{FEFF}');
        let text = texts.add(STDIN, marked.unwrap_or(&source));
        match format(&text, self.keywords) {
            Err(found) => {
                terminal.tell(&texts, &found);
                FINDINGS
            }
            Ok(laid) => {
                let changed = laid != *text.source;
                if self.check || self.diff {
                    self.show(&text, STDIN, &laid, terminal);
                    return if changed { FINDINGS } else { DONE };
                }
                terminal.out(&format!("{}{laid}", if marked.is_some() { "\u{FEFF}" } else { "" }));
                DONE
            }
        }
    }

    fn files(&self, paths: &[PathBuf], terminal: &mut Terminal) -> u8 {
        let (texts, files, mut found) = match gather(paths) {
            Ok(gathered) => gathered,
            Err(found) => {
                terminal.tell(&Texts::new(), &found);
                return TROUBLE;
            }
        };
        if files.is_empty() && found.errors() == 0 {
            found.push(nothing_to_lay_out());
        }
        if files.is_empty() {
            terminal.tell(&texts, &found);
            return TROUBLE;
        }
        let bar = terminal.progress(files.len(), "正在排版", "laying out");
        let laid: Vec<Result<String, Diagnostics>> = files
            .par_iter()
            .map(|(text, _)| {
                let laid = format(text, self.keywords);
                bar.inc(1);
                laid
            })
            .collect();
        bar.finish_and_clear();

        let (mut changed, mut left) = (0_usize, 0_usize);
        for ((text, path), laid) in files.iter().zip(laid) {
            match laid {
                Err(why) => {
                    left += 1;
                    found.append(why);
                }
                Ok(laid) if laid == *text.source => {}
                Ok(laid) => match self.take(text, path, &laid, terminal) {
                    Ok(()) => changed += 1,
                    Err(why) => found.push(cannot("写", "write", &shown(path), &why)),
                },
            }
        }
        if !found.is_empty() {
            found.sort();
            terminal.tell(&texts, &found);
        }
        self.sum_up(files.len(), changed, left, terminal);
        if found.iter().any(|what| what.code() == Code::H0901) {
            TROUBLE
        } else if found.errors() > 0 || changed > 0 && (self.check || self.diff) {
            FINDINGS
        } else {
            DONE
        }
    }

    /// Writes or shows a text that was not in the one layout.
    fn take(&self, text: &Text, path: &Path, laid: &str, terminal: &mut Terminal) -> Result<(), Hindrance> {
        if !self.check && !self.diff {
            replace(path, &text.source, laid)?;
        }
        self.show(text, &shown(path), laid, terminal);
        Ok(())
    }

    /// The difference, or the name of the file.
    fn show(&self, text: &Text, name: &str, laid: &str, terminal: &mut Terminal) {
        if *laid == *text.source {
            return;
        }
        if self.diff {
            let color = terminal.look().color;
            terminal.out(&unified(name, &text.source, laid, color));
        } else {
            terminal.out(&format!("{name}\n"));
        }
    }

    fn sum_up(&self, files: usize, changed: usize, left: usize, terminal: &mut Terminal) {
        let same = files - changed.min(files) - left;
        let writes = !self.check && !self.diff;
        let many = |count: usize| format!("{count} file{}", if count == 1 { "" } else { "s" });
        let mut zh = format!("{} {changed} 个文件, {same} 个不变", if writes { "排版" } else { "需要排版" });
        let mut en = if writes {
            format!("{} laid out, {same} unchanged", many(changed))
        } else {
            format!("{} to be laid out, {same} as they should be", many(changed))
        };
        if left > 0 {
            zh.push_str(&format!(", {left} 个有错没有动"));
            en.push_str(&format!(", {left} with mistakes left alone"));
        }
        terminal.say(zh, en);
    }
}

/// The texts with the files that they are, and what could not be read.
type Gathered = (Texts, Vec<(Text, PathBuf)>, Diagnostics);

/// Scripts and the built-in library are not laid out.
fn gather(paths: &[PathBuf]) -> Result<Gathered, Diagnostics> {
    let here = Path::new(".");
    let (texts, found, region) = if paths.is_empty() {
        // A folder without settings is a region that sets nothing.
        let region = Region::find(here).and_then(|region| region.map_or_else(|| Region::open(here), Ok)).map_err(one)?;
        let (texts, found) = region.texts();
        (texts, found, Some(region))
    } else {
        let (texts, found) = load_files(paths);
        (texts, found, None)
    };
    let file = |text: &Text| region.as_ref().map_or_else(|| PathBuf::from(&*text.path), |region| region.path(Path::new(&*text.path)));
    let own = |text: &&Text| !(text.path.ends_with(".rhai") || region.is_some() && text.path.starts_with("national/"));
    let files = texts.iter().filter(own).map(|text| (text.clone(), file(text))).collect();
    Ok((texts, files, found))
}

/// Why a text could not be read or written.
#[derive(Debug)]
enum Hindrance {
    Io(io::Error),
    NotUtf8,
    /// Since it was read, so that writing it would undo that.
    Changed,
}

impl From<io::Error> for Hindrance {
    fn from(error: io::Error) -> Hindrance {
        Hindrance::Io(error)
    }
}

/// Puts the new text into the file, unless that was changed since it was read. Its byte order mark and its rights stay.
fn replace(path: &Path, before: &str, after: &str) -> Result<(), Hindrance> {
    // What a link leads to is written, not the link.
    let path = path.canonicalize()?;
    if fs::metadata(&path)?.permissions().readonly() {
        return Err(Hindrance::Io(io::ErrorKind::PermissionDenied.into()));
    }
    let bytes = fs::read(&path)?;
    let (mark, rest) = if bytes.starts_with(MARK) { bytes.split_at(MARK.len()) } else { bytes.split_at(0) };
    if rest != before.as_bytes() {
        return Err(Hindrance::Changed);
    }
    Ok(write_whole(&path, |to| iter::once(mark).chain([after.as_bytes()]).try_for_each(|piece| to.write_all(piece)))?)
}

fn one(what: impl crate::diag::Say + 'static) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.push(what);
    found
}

fn cannot(zh: &str, en: &str, path: &str, why: &Hindrance) -> Mistake {
    let said = |lang: Lang| match why {
        Hindrance::NotUtf8 => lang.pick("不是 UTF-8", "it is not UTF-8").to_owned(),
        Hindrance::Changed => {
            lang.pick("读出以后又被改动了，没有写; 请再运行一次", "it was changed meanwhile and is left alone; run it again").to_owned()
        }
        Hindrance::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => lang.pick("没有权限", "no permission").to_owned(),
        Hindrance::Io(error) => error.to_string(),
    };
    Mistake::new(Code::H0901, format!("不能{zh} `{path}`: {}", said(Lang::Zh)), format!("cannot {en} `{path}`: {}", said(Lang::En)))
}

fn nothing_to_lay_out() -> Mistake {
    Mistake::new(Code::H0903, "没有可以排版的 .heng 文件", "there is no .heng file to lay out")
        .help("到地区的文件夹里运行，或写明路径: `heng fmt rules`", "run it in a region's folder, or name a path: `heng fmt rules`")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::diag::Say;

    #[test]
    fn a_file_that_was_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.heng");
        fs::write(&path, "unit  b\n").unwrap();
        let why = replace(&path, "unit  a\n", "unit a\n").unwrap_err();
        assert!(matches!(why, Hindrance::Changed));
        assert_eq!(fs::read_to_string(&path).unwrap(), "unit  b\n");
        replace(&path, "unit  b\n", "unit b\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "unit b\n");
    }

    #[test]
    fn what_hinders_is_said_in_the_language_of_the_message() {
        for why in [Hindrance::NotUtf8, Hindrance::Changed, Hindrance::Io(io::ErrorKind::PermissionDenied.into())] {
            let told = cannot("读", "read", "a", &why);
            let letters = told.headline(Lang::Zh).replace("UTF-8", "").replace("`a`", "");
            assert!(!letters.contains(|c: char| c.is_ascii_alphabetic()), "{letters}");
            assert!(told.headline(Lang::En).is_ascii());
        }
    }
}
