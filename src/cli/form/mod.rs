//! `heng form …` (填报表): what is made of a form, and what is read back by it; one file a verb.

mod check;
mod dictionary;
mod template;

use super::job::{engine, trouble};
use super::whole::write_whole;
use super::{FINDINGS, TROUBLE, Terminal};
use crate::diag::{Code, Mistake};
use crate::engine::Engine;
use crate::text::nearest;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// Does what the verb asks for.
pub(super) fn form(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    match matches.subcommand() {
        Some(("template", matches)) => template::template(matches, terminal),
        Some(("check", matches)) => check::check(matches, terminal),
        Some(("dictionary", matches)) => dictionary::dictionary(matches, terminal),
        // A verb is required, and clap knows no others.
        _ => TROUBLE,
    }
}

/// The form that the argument `form` means, by its place in the rules: a name, a file with one form, or one of the library.
///
/// `Err` holds the exit code after what is wrong has been told.
fn chosen(matches: &ArgMatches, terminal: &mut Terminal) -> Result<(Engine, usize), u8> {
    let named = matches.get_one::<String>("form");
    let file = named.map(PathBuf::from).filter(|path| path.exists() || path.to_string_lossy().starts_with("national/"));
    let (engine, _) = engine(&file.clone().into_iter().collect::<Vec<_>>(), terminal)?;
    if engine.errors() > 0 {
        terminal.tell(engine.texts(), engine.diagnostics());
        return Err(if engine.diagnostics().iter().any(|what| what.code() == Code::H0901) { TROUBLE } else { FINDINGS });
    }
    let forms = &engine.rules().forms;
    // Units that submissions split into are made, not filled in.
    let filled_in = |at: &usize| forms.get(*at).is_some_and(|form| form.split.is_none());
    if let Some(at) = named.and_then(|name| forms.iter().position(|form| *form.name.it == **name)).filter(filled_in) {
        return Ok((engine, at));
    }
    let in_file = |at: &usize| {
        let text = forms.get(*at).and_then(|form| engine.texts().get(form.name.span.text));
        let from = |file: &Path, path: &Path| file.is_dir() || file.ends_with(path) || path.ends_with(file) || same(file, path);
        file.as_deref().is_none_or(|file| text.is_some_and(|text| from(file, Path::new(&*text.path))))
    };
    let own = |at: &usize| file.is_some() || forms.get(*at).is_some_and(|form| !form.name.it.starts_with("national/"));
    let candidates: Vec<usize> = (0..forms.len()).filter(filled_in).filter(own).filter(in_file).collect();
    if let ([only], true) = (candidates.as_slice(), named.is_none() || file.is_some()) {
        return Ok((engine, *only));
    }
    let names: Vec<&str> = (0..forms.len()).filter(filled_in).filter_map(|at| forms.get(at)).map(|form| &*form.name.it).collect();
    let near = named.filter(|_| file.is_none()).and_then(|name| nearest(name, names.iter().copied()));
    let mistake = match named {
        Some(name) if file.is_none() => {
            Mistake::new(Code::H0640, format!("没有名为 `{name}` 的填报表"), format!("there is no form called `{name}`"))
        }
        _ => Mistake::new(Code::H0640, "没有说明是哪张填报表", "which form is not said"),
    };
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let help = match near {
        Some(near) => (format!("是不是 `{near}`?"), format!("did you mean `{near}`?")),
        None if names.is_empty() => (
            "这里没有填报表; 内置的如 `national/优质均衡学校`".to_owned(),
            "there is none here; of the library: `national/优质均衡学校`".to_owned(),
        ),
        None => (format!("有: {list}"), format!("there are: {list}")),
    };
    Err(trouble(terminal, mistake.help(help.0, help.1)))
}

/// Whether both are one file.
fn same(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

/// Writes a file whole, or tells why it cannot be written.
fn write(path: &Path, bytes: &[u8], terminal: &mut Terminal) -> Result<(), u8> {
    write_whole(path, |to| to.write_all(bytes)).map_err(|error| {
        let shown = path.display();
        trouble(terminal, Mistake::new(Code::H0901, format!("不能写 `{shown}`: {error}"), format!("cannot write `{shown}`: {error}")))
    })
}

/// Whether a file's name ends so, in whatever case.
fn ends(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// Tells that a file of such a kind cannot be made.
fn wrong_ending(path: &Path, endings: &str, terminal: &mut Terminal) -> u8 {
    let shown = path.display();
    let mistake =
        Mistake::new(Code::H0641, format!("不知道 `{shown}` 要写成什么格式"), format!("what kind of file `{shown}` is to be is not known"));
    trouble(terminal, mistake.help(format!("文件名以 {endings} 结尾"), format!("let its name end in {endings}")))
}
