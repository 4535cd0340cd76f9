//! The period before (上期) on the command line: where its submissions are, and whose of them is meant.

use super::check::gather;
use crate::cli::archive::{canonical, not_there};
use crate::cli::import::filed_of;
use crate::cli::job::{encoding, trouble};
use crate::cli::{TROUBLE, Terminal};
use crate::data::{self, CellReader, Options};
use crate::diag::{Code, Diagnostics, Mistake};
use crate::engine::Engine;
use crate::eval::{Previous, Table};
use crate::model::{FieldIx, FieldType, Form};
use crate::text::nearest;
use clap::ArgMatches;
use std::path::PathBuf;

/// Submissions of the period before, and what is wrong with them.
pub(super) struct Earlier {
    pub table: Table,
    pub found: Diagnostics,
    /// The files that they came from.
    pub files: Vec<PathBuf>,
}

/// Reads submissions of the period before; of files with several periods those of the one before `now`, which must be known then.
pub(super) fn read(
    form: &Form,
    files: &[PathBuf],
    now: Option<&str>,
    options: &Options<'_>,
    terminal: &mut Terminal,
) -> Result<(Table, Diagnostics), u8> {
    let (table, found, counts) = data::read(form, files, options);
    let [first, .., last] = counts.periods.as_slice() else { return Ok((table, found)) };
    let before = form.period.as_ref().zip(now).and_then(|(period, now)| data::earlier(period, &canonical(form, now), 1));
    if let Some(before) = before {
        let (table, found, _) = data::read(form, files, &Options { period: Some(&before), ..*options });
        return Ok((table, found));
    }
    let (zh, en) = (format!("上期的文件里有几个周期: {first} 至 {last}"), format!("the files have several periods: {first} to {last}"));
    let help = ("用 `--period` 说明要填哪一周期, 取它的上一期", "say with `--period` which is to be filled in; the one before is taken");
    Err(trouble(terminal, Mistake::new(Code::H0903, zh, en).help(help.0, help.1)))
}

/// What the arguments say is of the period before; `None` where they say nothing of it.
pub(super) fn earlier(matches: &ArgMatches, (engine, form): (&Engine, &Form), terminal: &mut Terminal) -> Result<Option<Earlier>, u8> {
    let options = Options { encoding: encoding(matches, terminal)?, texts: Some(engine.texts()), ..Options::default() };
    let now = matches.get_one::<String>("period").map(String::as_str);
    let named: Vec<PathBuf> = matches.get_many("previous").into_iter().flatten().cloned().collect();
    match matches.get_one::<PathBuf>("db") {
        Some(_) if !named.is_empty() => {
            terminal.say("--previous 和 --db 只写一个", "give --previous or --db, not both");
            Err(TROUBLE)
        }
        Some(archive) => {
            let Some(now) = now.map(|now| canonical(form, now)) else {
                terminal.say("--db 要与 --period 同写: 要填哪一周期", "--db goes with --period: the period that is to be filled in");
                return Err(TROUBLE);
            };
            let Some(before) = form.period.as_ref().and_then(|period| data::earlier(period, &now, 1)) else {
                let (zh, en) = (format!("不知道 {now} 的上一周期是哪一期"), format!("which period is before {now} is not known"));
                let help = ("用 `--previous 文件` 给出上期的填报", "name the submissions with `--previous FILE`");
                return Err(trouble(terminal, Mistake::new(Code::H0903, zh, en).help(help.0, help.1)));
            };
            let (table, found) = filed_of(form, archive, &before, &options).map_err(|error| trouble(terminal, error))?;
            if table.is_empty() && found.errors() == 0 {
                let name = &form.name.it;
                let (zh, en) =
                    (format!("档案里没有 `{name}` {before} 的填报"), format!("the archive has no submissions to `{name}` of {before}"));
                return Err(trouble(terminal, not_there(zh, en)));
            }
            Ok(Some(Earlier { table, found, files: Vec::new() }))
        }
        None if named.is_empty() => Ok(None),
        None => {
            let (files, mut found) = gather(&named);
            let (table, told) = read(form, &files, now, &options, terminal)?;
            found.append(told);
            Ok(Some(Earlier { table, found, files }))
        }
    }
}

impl Earlier {
    /// The answers of those that are meant: of the subject that is named, else of all.
    pub(super) fn chosen(&self, form: &Form, subject: Option<&str>, terminal: &mut Terminal) -> Result<Vec<Previous>, u8> {
        let keys: Vec<&str> = self.table.by_key().iter().map(|row| self.table.key(*row as usize)).collect();
        let of = |key: &str| Previous::of(form, &self.table, key);
        let Some(subject) = subject else {
            if keys.is_empty() {
                let help = ("看看上面说的错误, 或文件是不是这张表的", "see what is told above, and whether the files are of this form");
                return Err(trouble(
                    terminal,
                    Mistake::new(Code::H0903, "没有可用的上期填报", "there are no submissions of last period").help(help.0, help.1),
                ));
            }
            return Ok(keys.into_iter().filter_map(of).collect());
        };
        let reader = form.fields.get(form.key.0).map(|field| CellReader::new(field, true));
        let read = reader.and_then(|reader| reader.read(subject).ok().flatten()).map(|value| value.word());
        if let Some(found) = of(read.as_deref().unwrap_or(subject)) {
            return Ok(vec![found]);
        }
        let kind = &form.subject;
        let mistake = Mistake::new(
            Code::H0645,
            format!("上期的填报里没有{kind} `{subject}`"),
            format!("last period's submissions have no {kind} `{subject}`"),
        );
        let some = keys.iter().take(5).map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let many = keys.len();
        // Many know the name of a school better than its code.
        let called =
            form.fields.iter().enumerate().filter(|(_, field)| field.is_asked() && field.kind == FieldType::Text).find_map(|(at, _)| {
                let is =
                    |row: &usize| self.table.cell(FieldIx(at), *row).is_some_and(|cell| cell.is_ok_and(|cell| *cell.word() == *subject));
                (0..self.table.len()).find(is).map(|row| self.table.key(row))
            });
        let help = match called.or_else(|| nearest(subject, keys.iter().copied())) {
            Some(near) => (format!("是不是 `{near}`?"), format!("did you mean `{near}`?")),
            None => (
                format!("有 {many} 个: {some}{}", if many > 5 { " …" } else { "" }),
                format!("there are {many}: {some}{}", if many > 5 { " …" } else { "" }),
            ),
        };
        Err(trouble(terminal, mistake.help(help.0, help.1)))
    }
}
