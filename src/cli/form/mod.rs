//! `heng form …` (填报表): what is made of a form, and what is read back by it; one file a verb.

mod check;
mod dictionary;
mod from_xlsform;
mod previous;
mod schema;
mod template;
mod xlsform;

use super::job::trouble;
use super::whole::{unwritten, write_whole};
use super::{TROUBLE, Terminal};
use crate::diag::{Code, Mistake};
use clap::ArgMatches;
use std::path::Path;

/// Does what the verb asks for.
pub(super) fn form(matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    match matches.subcommand() {
        Some(("template", matches)) => template::template(matches, terminal),
        Some(("check", matches)) => check::check(matches, terminal),
        Some(("dictionary", matches)) => dictionary::dictionary(matches, terminal),
        Some(("schema", matches)) => schema::schema(matches, terminal),
        Some(("from-xlsform", matches)) => from_xlsform::from_xlsform(matches, terminal),
        Some(("xlsform", matches)) => xlsform::xlsform(matches, terminal),
        // A verb is required, and clap knows no others.
        _ => TROUBLE,
    }
}

/// Writes a file whole, or tells why it cannot be written.
fn write(path: &Path, bytes: &[u8], terminal: &mut Terminal) -> Result<(), u8> {
    write_whole(path, |to| to.write_all(bytes)).map_err(|cause| trouble(terminal, unwritten(path, &cause)))
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
