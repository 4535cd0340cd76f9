//! `heng db export`: submissions, the results of a run, or the file of one subject (档案), for other programs and for the shelf.

use super::super::archive::{not_there, open};
use super::super::job::trouble;
use super::super::whole::{unwritten, write_beside, write_whole};
use super::super::{DONE, TROUBLE, Terminal};
use super::show::{changes, decided, filled, heading, shown};
use super::{versions, wanted};
use crate::data;
use crate::diag::{Code, Lang, Mistake};
use crate::report::COLUMNS;
use crate::store::{Access, Archive, ArchiveError, Decision, Version};
use crate::text::starts_formula;
use clap::ArgMatches;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

pub(super) fn export(matches: &ArgMatches, terminal: &mut Terminal) -> Result<u8, u8> {
    let archive = open(matches, Access::Read, terminal)?;
    let Some(out) = matches.get_one::<PathBuf>("out") else { return Err(TROUBLE) };
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (form, period, subject) = wanted(matches);
    let run = matches.get_one::<i64>("run").copied();
    let text = match (run, form, subject) {
        (Some(run), ..) if ending == "csv" => results(&archive, run, subject, terminal)?,
        (None, _, Some(subject)) if matches!(ending.as_str(), "json" | "md" | "zip") => {
            let all = versions(&archive, true, (form, period, Some(subject)), terminal)?;
            let dossier = Dossier::of(&archive, subject, all).map_err(|error| trouble(terminal, error))?;
            match ending.as_str() {
                "json" => dossier.json().into_bytes(),
                "md" => dossier.markdown(terminal.lang).into_bytes(),
                _ => return whole_file(&archive, &dossier, out, terminal),
            }
        }
        (None, Some(form), None) if matches!(ending.as_str(), "csv" | "json" | "jsonl") => {
            let mut all = versions(&archive, true, (Some(form), period, None), terminal)?;
            all.retain(|version| version.counted);
            if ending == "csv" && all.iter().any(|version| filled(version).values().any(has_rows)) {
                terminal.say("表格的行没有写进 .csv, 要它们时写成 .json", "rows of tables are not in the .csv; write a .json to have them");
            }
            submissions(&all, &ending)
        }
        _ => {
            let mistake = Mistake::new(
                Code::H0903,
                "没有说明导出什么，或文件结尾不对",
                "what to export is not said, or the ending of the file does not fit",
            )
            .help(
                "`--form 填报表 --out 填报.csv` (.json .jsonl), `--run 编号 --out 结果.csv`, `--subject 代码 --out 档案.md` (.json .zip)",
                "`--form FORM --out FILE.csv` (.json .jsonl), `--run N --out FILE.csv`, `--subject ID --out FILE.md` (.json .zip)",
            );
            return Err(trouble(terminal, mistake));
        }
    };
    write(out, &text, terminal)
}

fn write(out: &Path, text: &[u8], terminal: &mut Terminal) -> Result<u8, u8> {
    let path = data::shown(out);
    match write_whole(out, |to| to.write_all(text)) {
        Ok(()) => {
            terminal.say(format!("写入 {path}"), format!("written to {path}"));
            Ok(DONE)
        }
        Err(cause) => Err(trouble(terminal, unwritten(out, &cause))),
    }
}

/// Whether a value may be the rows of a table; an empty list may as well be one of files, which fills no cell either.
fn is_rows(value: &Json) -> bool {
    value.as_array().is_some_and(|rows| rows.iter().all(Json::is_object))
}

/// Whether a value is some rows of a table.
fn has_rows(value: &Json) -> bool {
    is_rows(value) && value.as_array().is_some_and(|rows| !rows.is_empty())
}

/// The file of a subject with everything that was attached: the text, the same for programs, and the files in a folder for each version.
fn whole_file(archive: &Archive, dossier: &Dossier, out: &Path, terminal: &mut Terminal) -> Result<u8, u8> {
    let lang = terminal.lang;
    let (name, folder) = (lang.pick("档案", "file"), lang.pick("附件", "attachments"));
    let mut failed = None;
    let written = write_beside(out, |beside| {
        let mut zip = ZipWriter::new(File::create(beside)?);
        // The same archive gives the same bytes.
        let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
        let mut entry = |path: String, content: &[u8]| {
            zip.start_file(path, options)?;
            zip.write_all(content)
        };
        entry(format!("{name}.md"), dossier.markdown(lang).as_bytes())?;
        entry(format!("{name}.json"), dossier.json().as_bytes())?;
        for (version, files) in dossier.versions.iter().zip(&dossier.attached) {
            for [field, file, hash] in files {
                let content = archive.attachment(hash).map_err(|error| {
                    failed.get_or_insert(error);
                    io::Error::from(io::ErrorKind::Other)
                })?;
                let of = [folder, &version.form, &version.period, &version.version.to_string(), field].map(in_zip);
                entry(format!("{}/{}", of.join("/"), in_zip(file)), &content.unwrap_or_default())?;
            }
        }
        zip.finish().map(drop).map_err(io::Error::from)
    });
    match (failed, written) {
        (Some(error), _) => Err(trouble(terminal, error)),
        (None, Err(cause)) => Err(trouble(terminal, unwritten(out, &cause))),
        (None, Ok(())) => {
            let path = data::shown(out);
            terminal.say(format!("写入 {path}"), format!("written to {path}"));
            Ok(DONE)
        }
    }
}

/// A name as a part of a path in a .zip that goes nowhere else when it is unpacked.
fn in_zip(name: &str) -> String {
    let bare: String = name.chars().map(|c| if matches!(c, '/' | '\\' | ':') || c.is_control() { '_' } else { c }).collect();
    if bare.trim_matches(['.', ' ']).is_empty() { "_".to_owned() } else { bare }
}

/// The results of a run, to the byte as `heng run --out` wrote them.
fn results(archive: &Archive, run: i64, subject: Option<&str>, terminal: &mut Terminal) -> Result<Vec<u8>, u8> {
    if archive.run(run).map_err(|error| trouble(terminal, error))?.is_none() {
        return Err(trouble(terminal, not_there(format!("档案里没有第 {run} 次评价"), format!("the archive has no run {run}"))));
    }
    let mut text = "\u{FEFF}".as_bytes().to_vec();
    let mut writer = csv::Writer::from_writer(&mut text);
    // Memory takes everything.
    let _ = writer.write_record(COLUMNS);
    archive.results(run, subject, &mut |cells| _ = writer.write_record(cells)).map_err(|error| trouble(terminal, error))?;
    drop(writer);
    Ok(text)
}

/// Submissions that can be read again.
fn submissions(all: &[Version], ending: &str) -> Vec<u8> {
    let lines: Vec<&str> = all.iter().map(|version| version.content.as_str()).collect();
    match ending {
        "jsonl" => lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes(),
        "json" => format!("[\n  {}\n]\n", lines.join(",\n  ")).into_bytes(),
        _ => table(all).unwrap_or_default(),
    }
}

fn table(all: &[Version]) -> io::Result<Vec<u8>> {
    let rows: Vec<Map<String, Json>> = all.iter().map(filled).collect();
    // The order of the form, as far as its fields were filled in: each after the one that it follows in a row.
    let mut fields: Vec<String> = Vec::new();
    for row in &rows {
        let mut after = 0;
        for field in row.iter().filter(|(_, value)| !is_rows(value)).map(|(field, _)| field) {
            match fields.iter().position(|known| known == field) {
                Some(at) => after = at + 1,
                None => {
                    fields.insert(after, field.clone());
                    after += 1;
                }
            }
        }
    }
    let mut text = "\u{FEFF}".as_bytes().to_vec();
    let mut writer = csv::Writer::from_writer(&mut text);
    writer.write_record(&fields)?;
    for row in rows {
        writer.write_record(fields.iter().map(|field| row.get(field).map(cell).unwrap_or_default()))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(text)
}

/// A value in a table; a text that a spreadsheet would run is kept from it as Excel keeps codes from being shortened.
fn cell(value: &Json) -> String {
    let text = shown(value);
    if value.is_string() && starts_formula(&text) && data::clean(&text) == text { format!("=\"{text}\"") } else { text }
}

/// Everything about a subject (档案).
struct Dossier {
    subject: String,
    versions: Vec<Version>,
    /// The files that go with each version: field, name and SHA-256.
    attached: Vec<Vec<[String; 3]>>,
    decisions: Vec<Decision>,
    /// Of each run its settings in short, and the rows about the subject.
    runs: Vec<(Json, Vec<Vec<String>>)>,
    seal: String,
}

impl Dossier {
    fn of(archive: &Archive, subject: &str, versions: Vec<Version>) -> Result<Dossier, ArchiveError> {
        let mut runs = Vec::new();
        for run in archive.runs()? {
            let mut rows = Vec::new();
            archive.results(run.id, Some(subject), &mut |cells| rows.push(cells.iter().map(|cell| (*cell).to_owned()).collect()))?;
            if !rows.is_empty() {
                let about = json!({ "run": run.id, "rubric": run.rubric, "title": run.title, "on": run.day, "period": run.period,
                    "at": run.by.at, "by": run.by.who, "engine": run.engine });
                runs.push((about, rows));
            }
        }
        let decisions = archive.decisions(subject)?;
        let seal = archive.seal()?.map(|(_, hash)| hash).unwrap_or_default();
        let attached = versions.iter().map(|version| archive.attached(version.id)).collect::<Result<_, _>>()?;
        Ok(Dossier { subject: subject.to_owned(), versions, attached, decisions, runs, seal })
    }

    fn json(&self) -> String {
        let decided = |version: &Version| -> Vec<Json> {
            let own = self.decisions.iter().filter(|decision| decision.submission == version.id);
            own.map(|it| json!({ "state": it.state.as_str(), "reason": it.reason, "at": it.by.at, "by": it.by.who })).collect()
        };
        let file = |[field, name, hash]: &[String; 3]| json!({ "field": field, "file": name, "sha256": hash });
        let version = |(it, files): (&Version, &Vec<[String; 3]>)| {
            json!({ "form": it.form, "period": it.period, "version": it.version, "state": it.state.as_str(), "counts": it.counted,
                "at": it.by.at, "by": it.by.who, "file": it.file.0, "file_sha256": it.file.1, "line": it.line, "sha256": it.hash,
                "decisions": decided(it), "values": filled(it), "attached": files.iter().map(file).collect::<Vec<_>>() })
        };
        let row =
            |cells: &Vec<String>| Json::Object(COLUMNS.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), json!(cell))).collect());
        let run = |(about, rows): &(Json, Vec<Vec<String>>)| {
            let mut about = about.clone();
            if let Json::Object(about) = &mut about {
                about.insert("results".to_owned(), rows.iter().map(row).collect());
            }
            about
        };
        let all = json!({
            "subject": self.subject,
            "submissions": self.versions.iter().zip(&self.attached).map(version).collect::<Vec<_>>(),
            "runs": self.runs.iter().map(run).collect::<Vec<_>>(),
            "log": self.seal,
        });
        format!("{all:#}\n")
    }

    fn markdown(&self, lang: Lang) -> String {
        let safe = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;");
        let mut text = lang.say(format!("# {} 档案\n", safe(&self.subject)), format!("# File of {}\n", safe(&self.subject)));
        let _ = writeln!(text, "\n## {}", lang.pick("填报", "Submissions"));
        let mut before: Option<&Version> = None;
        for (version, files) in self.versions.iter().zip(&self.attached) {
            let _ = writeln!(text, "\n### {}", safe(heading(version, lang).trim_end()));
            let earlier = before.filter(|before| (&before.form, &before.period) == (&version.form, &version.period));
            let _ = writeln!(text, "\nSHA-256 {}", version.hash);
            for decision in self.decisions.iter().filter(|decision| decision.submission == version.id) {
                let _ = writeln!(text, "\n* {}", safe(&decided(decision, lang)));
            }
            if let Some(earlier) = earlier {
                let _ = writeln!(text, "\n| {} |\n| --- | --- | --- |", lang.pick("填报项 | 上一版 | 这一版", "field | before | now"));
                for (field, old, new) in changes(earlier, version) {
                    let _ = writeln!(text, "| {} | {} | {} |", safe(&field), safe(&old), safe(&new));
                }
            } else {
                let _ = writeln!(text, "\n| {} |\n| --- | --- |", lang.pick("填报项 | 值", "field | value"));
                for (field, value) in filled(version) {
                    let _ = writeln!(text, "| {} | {} |", safe(&field), safe(&shown(&value)));
                }
            }
            if !files.is_empty() {
                let _ =
                    writeln!(text, "\n| {} |\n| --- | --- | --- |", lang.pick("填报项 | 附件 | SHA-256", "field | attachment | SHA-256"));
                for [field, name, hash] in files {
                    let _ = writeln!(text, "| {} | {} | {hash} |", safe(field), safe(name));
                }
            }
            before = Some(version);
        }
        let _ = writeln!(text, "\n## {}", lang.pick("评价", "Runs"));
        for (about, rows) in &self.runs {
            let of = |name: &str| about.get(name).filter(|it| !it.is_null()).map(shown).unwrap_or_default();
            let head = [of("run"), of("rubric"), of("title"), of("on"), of("period"), of("at"), of("by"), of("engine")];
            let head: Vec<String> = head.iter().filter(|part| !part.is_empty()).map(|part| safe(part)).collect();
            let _ = writeln!(text, "\n### {}\n", head.join(" · "));
            let heads = lang.pick(
                "编号 | 指标 | 值 | 单位 | 目标 | 达标 | 得分 | 分值 | 说明",
                "code | title | value | unit | target | met | score | points | note",
            );
            let _ = writeln!(text, "| {heads} |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            for row in rows {
                if let [_, _, _, _, code, title, _, value, unit, target, _, met, score, points, note] = row.as_slice() {
                    let cells = [code, title, value, unit, target, met, score, points, note].map(|cell| safe(cell));
                    let _ = writeln!(text, "| {} |", cells.join(" | "));
                }
            }
        }
        let _ = writeln!(text, "\n{} {}", lang.pick("日志末条校验值", "last entry of the log"), self.seal);
        text
    }
}
