//! Kept derivations (推导档案): how every number came about, of everybody, in one file that needs neither the rules nor the data nor
//! this version of heng to be read again.
//!
//! JSON lines, compressed by gzip, so that other programs read them too: what `heng why --format json` prints, a derivation a line.
//! From one subject to the next little of a derivation changes but numbers, and gzip looks back a few lines only: so in each part
//! the first derivations of all subjects stand together, then the second ones.

use crate::diag::Lang;
use crate::eval::{Derivation, Explained, explain_all};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Read, Write};

/// What the first line says that the file is.
const FORMAT: &str = "heng derivations";
/// And in which way it is written.
const VERSION: u32 = 2;
/// No line of a sound file is longer.
const LONGEST: u64 = 1 << 30;

/// The line before the derivations of a part.
#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    engine: String,
    lang: String,
    rubric: String,
    title: String,
    on: String,
    /// Kind and key of each.
    subjects: Vec<(String, String)>,
    /// How many lines follow.
    derivations: usize,
}

/// A line with a derivation; it is read as the derivation alone.
#[derive(Serialize)]
struct Line<'l> {
    subject: &'l str,
    #[serde(flatten)]
    step: &'l Derivation,
}

/// Of whom a line is.
#[derive(Deserialize)]
struct Of {
    subject: String,
}

/// Writes derivations part by part.
pub struct DerivationWriter<'w> {
    to: GzEncoder<&'w mut dyn Write>,
    lang: Lang,
}

impl<'w> DerivationWriter<'w> {
    /// Begins a file.
    pub fn begin(lang: Lang, to: &'w mut dyn Write) -> DerivationWriter<'w> {
        DerivationWriter { to: GzEncoder::new(to, Compression::default()), lang }
    }

    /// Writes the derivations of some subjects, whose results are traced.
    ///
    /// # Errors
    /// Whatever the file answers.
    pub fn part(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        let (rubric, results) = (explained.rubric, explained.results);
        let lines_of = |subject: usize| -> io::Result<Vec<String>> {
            let key = results.subjects.get(subject).map_or("", |subject| subject.key.as_str());
            let steps = explain_all(explained, subject);
            steps.iter().map(|step| Ok(serde_json::to_string(&Line { subject: key, step })?)).collect()
        };
        let all: Vec<Vec<String>> = (0..results.subjects.len()).into_par_iter().map(lines_of).collect::<io::Result<_>>()?;
        let head = Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            engine: concat!("heng ", env!("CARGO_PKG_VERSION")).to_owned(),
            lang: self.lang.pick("zh", "en").to_owned(),
            rubric: rubric.name.it.to_string(),
            title: rubric.title.clone().unwrap_or_default(),
            on: results.on.to_string(),
            subjects: results.subjects.iter().map(|subject| (subject.kind.to_string(), subject.key.to_string())).collect(),
            derivations: all.iter().map(Vec::len).sum(),
        };
        writeln!(self.to, "{}", serde_json::to_string(&head)?)?;
        let most = all.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines = (0..most).flat_map(|at| all.iter().filter_map(move |lines| lines.get(at)));
        lines.try_for_each(|line| writeln!(self.to, "{line}"))
    }

    /// Ends the file; without that it is not a whole one.
    ///
    /// # Errors
    /// Whatever the file answers.
    pub fn finish(self) -> io::Result<()> {
        self.to.finish().map(drop)
    }
}

/// What was kept of a subject.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The version of heng that computed it.
    pub engine: String,
    /// The language of its words.
    pub lang: Lang,
    /// Name and title of the rubric.
    pub rubric: (String, String),
    /// The day of the evaluation.
    pub on: String,
    /// Kind and key of the subject.
    pub subject: (String, String),
    /// Why it got what it got.
    pub steps: Vec<Derivation>,
}

/// The lines of a file of derivations, as they are before they are compressed.
///
/// # Errors
/// Whatever `from` answers.
pub fn lines_of_derivations(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    GzDecoder::new(from).read_to_end(&mut lines)?;
    Ok(lines)
}

/// Reads what was kept of a subject, by its key; `None` if it has nothing of that key.
///
/// # Errors
/// Whatever `from` answers; `InvalidData` for what is no file of derivations, `UnexpectedEof` for one that is not whole, and
/// `Unsupported` for one of a later heng.
pub fn kept(from: &mut impl BufRead, key: &str) -> io::Result<Option<Kept>> {
    read(&mut BufReader::new(GzDecoder::new(from)), key).map_err(|cause| match cause.kind() {
        // That is what a stream answers that gzip has not written, or of which a byte is another.
        io::ErrorKind::InvalidInput => io::ErrorKind::InvalidData.into(),
        _ => cause,
    })
}

fn read(from: &mut impl BufRead, key: &str) -> io::Result<Option<Kept>> {
    let mut line = Vec::new();
    next(from, &mut line)?;
    loop {
        let Head { engine, lang, rubric, title, on, subjects, derivations, .. } = head(&line)?;
        let found = subjects.into_iter().find(|(_, other)| other == key);
        let mut steps = Vec::new();
        for _ in 0..derivations {
            next(from, &mut line)?;
            if found.is_some() && serde_json::from_slice::<Of>(&line)?.subject == key {
                steps.push(serde_json::from_slice(&line)?);
            }
        }
        if let Some(subject) = found {
            let lang = if lang == "en" { Lang::En } else { Lang::Zh };
            return Ok(Some(Kept { engine, lang, rubric: (rubric, title), on, subject, steps }));
        }
        if from.fill_buf()?.is_empty() {
            return Ok(None);
        }
        next(from, &mut line)?;
    }
}

/// The head of a part. What it is comes first, because other ways of writing may have other heads.
fn head(line: &[u8]) -> io::Result<Head> {
    #[derive(Deserialize)]
    struct What {
        format: String,
        version: u32,
    }
    let What { format, version } = serde_json::from_slice(line)?;
    match version {
        _ if format != FORMAT => Err(io::ErrorKind::InvalidData.into()),
        VERSION => Ok(serde_json::from_slice(line)?),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Reads the next line; that there is none is an error.
fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    from.take(LONGEST).read_until(b'\n', line)?;
    match line.pop() {
        Some(b'\n') => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"format":"heng derivations","version":2,"engine":"heng 0","lang":"zh","rubric":"r","title":"","on":"2024-01-01","subjects":[["校","1"],["校","2"],["校","3"]],"derivations":2}"#;

    fn zipped(text: &str) -> Vec<u8> {
        let mut bytes = GzEncoder::new(Vec::new(), Compression::default());
        bytes.write_all(text.as_bytes()).and_then(|()| bytes.finish()).unwrap_or_default()
    }

    fn answer(bytes: &[u8], key: &str) -> Result<Option<usize>, io::ErrorKind> {
        kept(&mut &*bytes, key).map(|kept| kept.map(|kept| kept.steps.len())).map_err(|cause| cause.kind())
    }

    #[test]
    fn a_subject_is_found_among_others() {
        let step = |key: &str| format!(r#"{{"subject":"{key}","role":"total","name":"","result":"1"}}"#);
        let text = format!("{HEAD}\n{}\n{}\n", step("2"), step("1"));
        let other = HEAD.replace("\"1\"", "\"4\"").replace("\"2\"]", "\"5\"]");
        let bytes = zipped(&format!("{text}{other}\n{}\n{}\n", step("4"), step("4")));
        for (key, steps) in [("1", Some(1)), ("2", Some(1)), ("3", Some(0)), ("4", Some(2)), ("5", Some(0)), ("6", None)] {
            assert_eq!(answer(&bytes, key), Ok(steps), "{key}");
        }
        // Cut anywhere, it never seems to have nothing of somebody.
        for length in 0..bytes.len() {
            assert_eq!(answer(bytes.get(..length).unwrap_or_default(), "6"), Err(io::ErrorKind::UnexpectedEof), "{length}");
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        use io::ErrorKind::{InvalidData, UnexpectedEof, Unsupported};
        let cut = HEAD.trim_end_matches('}');
        let (later, foreign) = (HEAD.replace("\"version\":2", "\"version\":3"), HEAD.replace("heng", "hang"));
        for (text, kind) in [("", UnexpectedEof), ("{}\n", InvalidData), (HEAD, UnexpectedEof), (cut, UnexpectedEof)] {
            assert_eq!(answer(&zipped(text), "6"), Err(kind), "{text}");
        }
        assert_eq!(answer(&zipped(&format!("{HEAD}\n{{}}\n{{}}\n")), "1"), Err(InvalidData));
        assert_eq!(answer(&zipped(&format!("{later}\n")), "1"), Err(Unsupported));
        assert_eq!(answer(&zipped(&format!("{foreign}\n")), "1"), Err(InvalidData));
        for bytes in [&b"heng derivations 1\n{}\n"[..], b"\xef\xbb\xbfid,name\n1,2\n3,4\n"] {
            assert_eq!(answer(bytes, "1"), Err(InvalidData));
        }
    }
}
