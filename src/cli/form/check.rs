//! `heng form check`: reads submissions to a form, tells the place of everything that is wrong with them, and gives the files
//! back with that written into them.

use super::previous;
use crate::cli::chosen::{chosen, same};
use crate::cli::import::named_of;
use crate::cli::job::{encoding, trouble};
use crate::cli::whole::{unwritten, write_whole};
use crate::cli::{DONE, FINDINGS, TROUBLE, Terminal};
use crate::data::{self, DataFile, Encoding, Grid, GridCell, Options, shown};
use crate::diag::{Code, Diagnostic, Diagnostics, Mistake};
use crate::model::Form;
use crate::report::diagnostics::{concise, full, json, summary};
use crate::report::{Page, PageCell, Remark, annotated};
use clap::ArgMatches;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Error};
use std::path::{Path, PathBuf};

/// Checks what the arguments name.
pub(super) fn check(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    let prepared = chosen(matches, terminal).and_then(|chosen| Ok((chosen, encoding(matches, terminal)?)));
    let ((engine, _, at), encoding) = match prepared {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    let Some(form) = engine.rules().forms.get(at) else { return TROUBLE };
    let named = matches.get_many::<String>("data").into_iter().flatten().map(|named| named_of(form, named));
    let (of_tables, named): (Vec<DataFile>, Vec<DataFile>) = named.partition(|file| file.name.is_some());
    let named: Vec<PathBuf> = named.into_iter().map(|file| file.path).collect();
    let (files, mut found) = gather(&named);
    if files.is_empty() && found.is_empty() {
        let mistake = Mistake::new(Code::H0903, "没有可以检查的填报文件", "there are no submissions to check");
        let help = ("文件夹里要有 .xlsx, .csv, .json 或 .jsonl 文件", "a folder should have .xlsx, .csv, .json or .jsonl files");
        return trouble(terminal, mistake.help(help.0, help.1));
    }
    let out = matches.get_one::<PathBuf>("annotate");
    let many = files.len() > 1 || named.iter().any(|path| path.is_dir());
    if let Some(out) = out.filter(|out| !many && !out.is_dir() && out.extension().is_none_or(|ending| ending != "xlsx")) {
        let out = shown(out);
        terminal.say(format!("`{out}` 要以 .xlsx 结尾"), format!("`{out}` should end in .xlsx"));
        return TROUBLE;
    }
    // Only what identifies a submission, and what checks read, has to be kept of it.
    let period = matches.get_one::<String>("period").map(String::as_str);
    let used = Some(&[][..]);
    let quiet = Options { encoding, texts: Some(engine.texts()), ..Options::default() };
    let previous: Vec<PathBuf> = matches.get_many("previous").into_iter().flatten().cloned().collect();
    let mut earlier = None;
    if !previous.is_empty() {
        match previous::read(form, &previous, period, &quiet, terminal) {
            Ok((table, told)) => {
                found.append(told);
                earlier = Some(table);
            }
            Err(code) => return code,
        }
    }
    let bar = terminal.progress(1000, "正在检查", "checking");
    let progress = |done: u64, total: u64| bar.set_position(done.saturating_mul(1000) / total.max(1));
    let options = Options { period, used, earlier: earlier.as_ref(), progress: Some(&progress), ..quiet };
    let own = files.iter().map(|path| DataFile { name: None, path: path.clone() });
    let (_, told, counts) = data::read_around(form, &of_tables.into_iter().chain(own).collect::<Vec<_>>(), &options);
    bar.finish_and_clear();
    found.append(told);

    let lang = terminal.lang;
    let shown_findings = match matches.get_one::<String>("format").map_or("full", String::as_str) {
        "concise" => concise(engine.texts(), &found, lang),
        "json" => json(engine.texts(), &found, lang),
        _ => full(engine.texts(), &found, lang, terminal.look()),
    };
    terminal.out(&shown_findings);
    let (read, submissions, told) = (counts.files, counts.read, summary(&found, lang));
    terminal.say(
        format!("检查了 {read} 个文件, {submissions} 份填报: {told}"),
        format!("checked {read} files, {submissions} submissions: {told}"),
    );
    if counts.untold > 0 {
        let more = counts.untold;
        terminal.say(format!("另有 {more} 处没有列出"), format!("{more} more are not listed"));
    }
    let mut code = if found.iter().any(|what| what.code() == Code::H0901) || counts.read == 0 && found.errors() == 0 {
        // What could not be read was not checked.
        TROUBLE
    } else if found.errors() > 0 {
        FINDINGS
    } else {
        DONE
    };
    if let Some(out) = out {
        let back = GiveBack { form, encoding, found: &found, out, many };
        code = code.max(back.all(&files, terminal));
    }
    code
}

/// The files that are named, and those in folders that are named, in their order; and what cannot be looked into.
pub(super) fn gather(named: &[PathBuf]) -> (Vec<PathBuf>, Diagnostics) {
    let (mut files, mut found) = (Vec::new(), Diagnostics::new());
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
        } else if let Err(cause) = walk(path, &mut files) {
            let path = shown(path);
            found.push(Mistake::new(Code::H0901, format!("读不了 `{path}`: {cause}"), format!("cannot read `{path}`: {cause}")));
        }
    }
    (files, found)
}

/// Adds the data files of a folder. Hidden ones, and those in which Excel notes who has a workbook open, are none.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        // A link to a folder above would never end.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, files)?;
        } else if matches!(&*ending, "xlsx" | "xlsm" | "xlsb" | "xls" | "et" | "ods" | "csv" | "tsv" | "json" | "jsonl" | "ndjson") {
            files.push(path);
        }
    }
    Ok(())
}

/// Files that are given back with remarks.
struct GiveBack<'b> {
    form: &'b Form,
    encoding: Option<Encoding>,
    found: &'b Diagnostics,
    out: &'b Path,
    /// Whether `out` is a folder for several.
    many: bool,
}

impl GiveBack<'_> {
    /// Writes them, one after the other; of several those only of which anything is told.
    fn all(&self, files: &[PathBuf], terminal: &mut Terminal) -> u8 {
        let mut of_file: HashMap<&str, Vec<&Diagnostic>> = HashMap::new();
        let origins: Vec<_> = self.found.iter().map(|what| what.origin()).collect();
        for (what, origin) in self.found.iter().zip(&origins) {
            if let Some(origin) = origin {
                of_file.entry(&origin.file).or_default().push(what);
            }
        }
        let folder = self.many || self.out.is_dir();
        if folder && let Err(cause) = fs::create_dir_all(self.out) {
            return trouble(terminal, unwritten(self.out, &cause));
        }
        let bar = terminal.progress(files.len(), "正在批注", "annotating");
        let (mut written, mut code, mut names) = (0, DONE, HashMap::new());
        for path in files {
            bar.inc(1);
            let told = of_file.get(&*shown(path)).map_or(&[][..], Vec::as_slice);
            if told.is_empty() && self.many {
                continue;
            }
            // What cannot be read is told, and there is nothing to write into.
            let Some(grid) = Grid::open(self.form, path, self.encoding) else { continue };
            let to = if folder { self.out.join(name_of(path, &mut names)) } else { self.out.to_owned() };
            if files.iter().any(|input| same(input, &to)) {
                bar.suspend(|| ());
                let to = shown(&to);
                terminal.say(format!("`{to}` 是填报文件，没有改写"), format!("`{to}` is one of the submissions and is not written over"));
                code = TROUBLE;
                continue;
            }
            let bytes = self.annotate(path, &grid, told, terminal);
            match bytes.and_then(|bytes| write_whole(&to, |to| to.write_all(&bytes))) {
                Ok(()) => written += 1,
                Err(cause) => code = trouble(terminal, unwritten(&to, &cause)),
            }
        }
        bar.finish_and_clear();
        let out = shown(self.out);
        terminal.say(format!("批注了 {written} 个文件, 写入 {out}"), format!("{written} files annotated, written to {out}"));
        code
    }

    fn annotate(&self, path: &Path, grid: &Grid, told: &[&Diagnostic], terminal: &Terminal) -> io::Result<Vec<u8>> {
        let lang = terminal.lang;
        let cell = |cell: &GridCell| match cell {
            GridCell::Text(text) => PageCell::Text(text.clone()),
            GridCell::Number(number) => PageCell::Number(*number),
            GridCell::Percent(number) => PageCell::Percent(*number),
            GridCell::Flag(flag) => PageCell::Flag(*flag),
        };
        let pages = grid.sheets.iter().map(|sheet| Page {
            name: sheet.name.clone(),
            hidden: sheet.hidden,
            widths: sheet.widths.clone(),
            rows: sheet.rows.iter().map(|(row, cells)| (*row, cells.iter().map(|(column, it)| (*column, cell(it))).collect())).collect(),
        });
        let remark = |what: &&Diagnostic| {
            let origin = what.origin()?;
            Some(Remark {
                place: grid.place(&origin),
                code: what.code(),
                field: origin.field.as_ref().map(ToString::to_string).unwrap_or_default(),
                wrong: what.headline(lang),
                right: what.help(lang).unwrap_or_default(),
            })
        };
        let remarks: Vec<Remark> = told.iter().filter_map(remark).collect();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        annotated(&name, &pages.collect::<Vec<_>>(), &remarks, data::SUMMARY_SHEET, lang).map_err(Error::other)
    }
}

/// The name under which a file is given back: its own, and a number where another has it.
fn name_of(path: &Path, names: &mut HashMap<String, usize>) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let count = names.entry(stem.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { format!("{stem}.xlsx") } else { format!("{stem}-{count}.xlsx") }
}
