//! Kept derivations (推导档案): how every number came about, of everybody, in one small file that needs neither the rules nor the
//! data nor this version of heng to be read again.
//!
//! What is kept is what `heng why --format json` prints. From one subject to the next little of it changes but numbers: so each
//! step is split into its digits and the *form* around them, each form is written once, and of the digits only those that are not
//! the same as the last time. Parts follow each other; each has its subjects' keys in front.

use crate::diag::Lang;
use crate::eval::{Derivation, Explained, explain_all};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};

/// The first line.
const MAGIC: &str = "heng derivations 1\n";
/// Where digits stand in a form; JSON has no such byte of its own.
const DIGITS: char = '\u{1}';
/// So many digits, with a 1 before them, fit a machine word.
const MOST_DIGITS: usize = 18;
/// When forms come to so many bytes, they are begun anew.
const MOST_FORMS: usize = 1 << 25;
/// No part of a sound file is longer.
const LONGEST: u64 = 1 << 31;

/// The second line.
#[derive(Serialize, Deserialize)]
struct Head {
    engine: String,
    lang: String,
}

/// What is said before the subjects of a part.
#[derive(Serialize, Deserialize)]
struct PartHead {
    /// Whether the forms of earlier parts are forgotten.
    fresh: bool,
    rubric: String,
    title: String,
    on: String,
    /// Kind and key of each.
    subjects: Vec<(String, String)>,
    forms: Vec<String>,
}

/// A step as its form and its digits.
type Split = (String, Vec<u64>);

/// Writes derivations part by part.
pub struct DerivationWriter<'w> {
    to: &'w mut dyn Write,
    forms: HashMap<String, u64>,
    bytes: usize,
}

impl<'w> DerivationWriter<'w> {
    /// Begins a file.
    ///
    /// # Errors
    /// Whatever `to` answers.
    pub fn begin(lang: Lang, to: &'w mut dyn Write) -> io::Result<DerivationWriter<'w>> {
        to.write_all(MAGIC.as_bytes())?;
        let head = Head { engine: concat!("heng ", env!("CARGO_PKG_VERSION")).to_owned(), lang: lang.pick("zh", "en").to_owned() };
        serde_json::to_writer(&mut *to, &head)?;
        to.write_all(b"\n")?;
        Ok(DerivationWriter { to, forms: HashMap::new(), bytes: 0 })
    }

    /// Writes the derivations of some subjects, whose results are traced.
    ///
    /// # Errors
    /// Whatever the file answers.
    pub fn part(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        let (rubric, results) = (explained.rubric, explained.results);
        let steps = |subject: usize| -> io::Result<Vec<Split>> {
            explain_all(explained, subject).iter().map(|step| Ok(split(&serde_json::to_string(step)?))).collect()
        };
        let all: Vec<Vec<Split>> = (0..results.subjects.len()).into_par_iter().map(steps).collect::<io::Result<_>>()?;
        let mut head = PartHead {
            fresh: self.bytes > MOST_FORMS,
            rubric: rubric.name.it.to_string(),
            title: rubric.title.clone().unwrap_or_default(),
            on: results.on.to_string(),
            subjects: results.subjects.iter().map(|subject| (subject.kind.to_string(), subject.key.to_string())).collect(),
            forms: Vec::new(),
        };
        if head.fresh {
            self.forms.clear();
            self.bytes = 0;
        }
        let (mut body, mut last) = (Vec::new(), HashMap::new());
        for steps in all {
            put(&mut body, steps.len() as u64);
            for (form, digits) in steps {
                let next = self.forms.len() as u64;
                let id = *self.forms.entry(form).or_insert_with_key(|form| {
                    self.bytes += form.len();
                    head.forms.push(form.clone());
                    next
                });
                put(&mut body, id);
                digits_of(&mut body, &digits, last.get(&id).map_or(&[][..], Vec::as_slice));
                last.insert(id, digits);
            }
        }
        let head = serde_json::to_vec(&head)?;
        let mut lengths = Vec::new();
        put(&mut lengths, head.len() as u64);
        put(&mut lengths, body.len() as u64);
        [lengths, head, body].iter().try_for_each(|bytes| self.to.write_all(bytes))
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

/// Reads what was kept of a subject, by its key; `None` if it has nothing of that key.
///
/// # Errors
/// Whatever `from` answers; `InvalidData` for what is no file of derivations, or not a whole one.
pub fn kept(from: &mut impl BufRead, key: &str) -> io::Result<Option<Kept>> {
    let mut magic = String::new();
    from.by_ref().take(MAGIC.len() as u64).read_to_string(&mut magic)?;
    if magic != MAGIC {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut line = Vec::new();
    from.by_ref().take(1 << 16).read_until(b'\n', &mut line)?;
    let file: Head = serde_json::from_slice(&line)?;
    let mut forms: Vec<String> = Vec::new();
    while !from.fill_buf()?.is_empty() {
        let (head, body) = (get(from)?, get(from)?);
        let head: PartHead = serde_json::from_slice(&exactly(from, head)?)?;
        let body = exactly(from, body)?;
        if head.fresh {
            forms.clear();
        }
        forms.extend(head.forms);
        let Some(at) = head.subjects.iter().position(|(_, other)| other == key) else { continue };
        let steps = steps_of(&body, at, &forms)?;
        let steps = steps.iter().map(|step| serde_json::from_str(step)).collect::<Result<_, _>>()?;
        let Some(subject) = head.subjects.into_iter().nth(at) else { continue };
        let lang = if file.lang == "en" { Lang::En } else { Lang::Zh };
        return Ok(Some(Kept { engine: file.engine, lang, rubric: (head.rubric, head.title), on: head.on, subject, steps }));
    }
    Ok(None)
}

/// The steps of a subject of a part, each as JSON.
fn steps_of(body: &[u8], subject: usize, forms: &[String]) -> io::Result<Vec<String>> {
    let (mut from, mut last): (&[u8], HashMap<u64, Vec<u64>>) = (body, HashMap::new());
    let mut steps = Vec::new();
    for _ in 0..=subject {
        steps.clear();
        for _ in 0..get(&mut from)? {
            let id = get(&mut from)?;
            let form = usize::try_from(id).ok().and_then(|id| forms.get(id)).ok_or(io::ErrorKind::InvalidData)?;
            let digits = digits_from(&mut from, form.matches(DIGITS).count(), last.get(&id).map_or(&[][..], Vec::as_slice))?;
            steps.push((form, digits.clone()));
            last.insert(id, digits);
        }
    }
    Ok(steps.into_iter().map(|(form, digits)| joined(form, &digits)).collect())
}

/// Takes the digits out of a text.
fn split(text: &str) -> Split {
    let (mut form, mut digits, mut run) = (String::with_capacity(text.len()), Vec::new(), String::new());
    let mut close = |run: &mut String, form: &mut String| {
        // The 1 keeps zeros in front.
        if let Ok(number) = format!("1{run}").parse() {
            digits.push(number);
            form.push(DIGITS);
        }
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() {
            if run.len() == MOST_DIGITS {
                close(&mut run, &mut form);
            }
            run.push(c);
        } else {
            if !run.is_empty() {
                close(&mut run, &mut form);
            }
            form.push(c);
        }
    }
    if !run.is_empty() {
        close(&mut run, &mut form);
    }
    (form, digits)
}

/// Puts digits back into their form.
fn joined(form: &str, digits: &[u64]) -> String {
    let mut digits = digits.iter();
    let mut text = String::with_capacity(form.len() + digits.len() * 4);
    for c in form.chars() {
        match c {
            DIGITS => text.push_str(digits.next().map(u64::to_string).unwrap_or_default().get(1..).unwrap_or("")),
            c => text.push(c),
        }
    }
    text
}

/// Digits, of which those are left out that are the same as the last ones: a bit for each says which follow.
fn digits_of(to: &mut Vec<u8>, digits: &[u64], last: &[u64]) {
    let changed = |at: usize| digits.get(at) != last.get(at);
    for start in (0..digits.len()).step_by(8) {
        to.push((0..8).filter(|bit| start + bit < digits.len() && changed(start + bit)).fold(0, |bits, bit| bits | 1 << bit));
    }
    digits.iter().enumerate().filter(|(at, _)| changed(*at)).for_each(|(_, number)| put(to, *number));
}

fn digits_from(from: &mut dyn Read, count: usize, last: &[u64]) -> io::Result<Vec<u64>> {
    let mut bits = vec![0; count.div_ceil(8)];
    from.read_exact(&mut bits)?;
    let changed = |at: usize| bits.get(at / 8).is_some_and(|bits| bits & 1 << (at % 8) != 0);
    (0..count).map(|at| if changed(at) { get(from) } else { last.get(at).copied().ok_or(io::ErrorKind::InvalidData.into()) }).collect()
}

/// A number, seven bits a byte, the lowest first; the highest bit says that more follow.
fn put(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn get(from: &mut (impl Read + ?Sized)) -> io::Result<u64> {
    let (mut number, mut byte) = (0, [0_u8]);
    for shift in (0..64).step_by(7) {
        from.read_exact(&mut byte)?;
        let [bits] = byte;
        number |= u64::from(bits & 0x7F) << shift;
        if bits & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

fn exactly(from: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if length > LONGEST || from.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_as_they_were() {
        for text in ["", "0", "007", "1/3 = 0.0333", "123456789012345678901234567890", "表:63 12%", "00000000000000000001"] {
            let (form, digits) = split(text);
            assert!(!form.contains(|c: char| c.is_ascii_digit()));
            assert_eq!(joined(&form, &digits), text);
            let mut bytes = Vec::new();
            digits_of(&mut bytes, &digits, &[10, 1_007]);
            assert_eq!(digits_from(&mut bytes.as_slice(), digits.len(), &[10, 1_007]).ok(), Some(digits));
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        for bytes in [
            &b""[..],
            b"heng",
            b"heng derivations 1\n",
            b"heng derivations 1\n{}\n",
            b"heng derivations 1\n{\"engine\":\"\",\"lang\":\"zh\"}\n\x05",
        ] {
            assert!(kept(&mut &*bytes, "x").is_err());
        }
        assert!(kept(&mut &b"heng derivations 1\n{\"engine\":\"\",\"lang\":\"zh\"}\n"[..], "x").is_ok_and(|kept| kept.is_none()));
    }
}
