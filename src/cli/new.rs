//! `heng new`: a region's starter folder, with a form, a rubric, tests, sample data and a CI file.
//!
//! The files are those of `src/cli/starter/`, as they stand.

use super::job::trouble;
use super::{DONE, Terminal};
use crate::diag::{Code, Mistake};
use clap::ArgMatches;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const FILES: &[(&str, &str)] = &[
    ("heng.toml", include_str!("starter/heng.toml")),
    ("README.md", include_str!("starter/README.md")),
    ("forms/学校安全.heng", include_str!("starter/form.heng")),
    ("rules/校园安全.heng", include_str!("starter/rubric.heng")),
    ("data/学校安全.csv", include_str!("starter/data.csv")),
    (".github/workflows/heng.yml", include_str!("starter/workflow.yml")),
    (".gitignore", include_str!("starter/gitignore")),
];

/// Makes the folder; one that holds anything is left as it is.
pub(super) fn new(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let folder = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    match is_free(&folder) {
        Ok(true) => {}
        Ok(false) => {
            let shown = folder.display();
            let full = Mistake::new(Code::H0901, format!("`{shown}` 里已经有文件"), format!("`{shown}` is not empty"));
            return trouble(terminal, full.help("换一个新的或空的文件夹", "name a new or an empty folder"));
        }
        Err(error) => return trouble(terminal, cannot("读", "read", &folder, &error)),
    }
    for (name, content) in FILES {
        let path = folder.join(name);
        let folder = path.parent().unwrap_or(&folder);
        if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(&path, content)) {
            return trouble(terminal, cannot("写", "write", &path, &error));
        }
        terminal.out(&format!("{}\n", path.display()));
    }
    let shown = folder.display();
    terminal.say(
        format!("建好了。接着: `cd {shown}`，然后 `heng check`、`heng test`、`heng run`"),
        format!("done; now `cd {shown}`, then `heng check`, `heng test`, `heng run`"),
    );
    DONE
}

/// Whether nothing would be overwritten or mixed up: no folder yet, or one without anything but a repository.
fn is_free(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    for entry in entries {
        if entry?.file_name() != ".git" {
            return Ok(false);
        }
    }
    Ok(true)
}

fn cannot(zh: &str, en: &str, path: &Path, error: &io::Error) -> Mistake {
    let shown = path.display();
    Mistake::new(Code::H0901, format!("不能{zh} `{shown}`: {error}"), format!("cannot {en} `{shown}`: {error}"))
}
