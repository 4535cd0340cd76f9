//! Which form is meant (指的是哪张填报表).

use super::job::{engine, trouble};
use super::{FINDINGS, TROUBLE, Terminal};
use crate::data::Region;
use crate::diag::{Code, Mistake};
use crate::engine::Engine;
use crate::text::nearest;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// The form that the argument `form` means, by its place in the rules: a name, a file with one form, or one of the library. With the
/// region whose it is.
///
/// `Err` holds the exit code after what is wrong has been told.
pub(super) fn chosen(matches: &ArgMatches, terminal: &mut Terminal) -> Result<(Engine, Option<Region>, usize), u8> {
    let named = matches.get_one::<String>("form");
    let file = named.map(PathBuf::from).filter(|path| path.exists() || path.to_string_lossy().starts_with("national/"));
    let (engine, region) = engine(&file.clone().into_iter().collect::<Vec<_>>(), terminal)?;
    if engine.errors() > 0 {
        terminal.tell(engine.texts(), engine.diagnostics());
        return Err(if engine.diagnostics().iter().any(|what| what.code() == Code::H0901) { TROUBLE } else { FINDINGS });
    }
    let forms = &engine.rules().forms;
    // Units that submissions split into are made, and rows belong to a submission.
    let filled_in = |at: &usize| forms.get(*at).is_some_and(|form| form.split.is_none() && !form.is_rows());
    if let Some(at) = named.and_then(|name| forms.iter().position(|form| *form.name.it == **name)).filter(filled_in) {
        return Ok((engine, region, at));
    }
    let in_file = |at: &usize| {
        let text = forms.get(*at).and_then(|form| engine.texts().get(form.name.span.text));
        let from = |file: &Path, path: &Path| file.is_dir() || file.ends_with(path) || path.ends_with(file) || same(file, path);
        file.as_deref().is_none_or(|file| text.is_some_and(|text| from(file, Path::new(&*text.path))))
    };
    let own = |at: &usize| file.is_some() || forms.get(*at).is_some_and(|form| !form.name.it.starts_with("national/"));
    let candidates: Vec<usize> = (0..forms.len()).filter(filled_in).filter(own).filter(in_file).collect();
    if let ([only], true) = (candidates.as_slice(), named.is_none() || file.is_some()) {
        return Ok((engine, region, *only));
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
pub(super) fn same(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}
