//! Reading files (文件读取): bytes within limits, and the text that they are.
//!
//! A data file is UTF-8 with or without a byte order mark, else GB18030, which is what Chinese Excel writes. It is read whole,
//! but never further than its first line that is too long, so that a file of one endless line is refused at once.
//! Not here: what the text means (`csv`, `json`), rules (`region`).

use super::findings::{Finding, NotText};
use crate::diag::{Code, Diagnostics, Label, Lang, Origin, Say};
use crate::text::LineIndex;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest data file, in bytes (1 GiB). A county's schools take a few hundred kilobytes a year.
pub const LARGEST_FILE: u64 = 1 << 30;
/// The longest line of a CSV or JSON Lines file, in bytes (1 MiB).
pub const LONGEST_LINE: usize = 1 << 20;
/// The most characters of one cell: as many as a cell of Excel holds.
pub const LONGEST_CELL: usize = 32_767;
/// The most columns of a file: as many as a sheet of Excel has.
pub const MOST_COLUMNS: usize = 16_384;

/// How the characters of a data file are written (编码).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GB18030, and with it GBK and GB2312.
    Gb18030,
}

impl Encoding {
    /// The encoding of a name, as `--encoding` gives it: `utf-8`, `gb18030`, `gbk`, `gb2312`.
    pub fn find(name: &str) -> Option<Encoding> {
        match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "utf8" => Some(Encoding::Utf8),
            "gb18030" | "gbk" | "gb2312" | "cp936" => Some(Encoding::Gb18030),
            _ => None,
        }
    }
}

/// H0901. A file or folder that cannot be read; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.headline(Lang::En))]
pub struct FileError {
    /// As it was named.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub cause: io::Error,
}

impl FileError {
    pub(super) fn new(path: &Path, cause: io::Error) -> FileError {
        FileError { path: path.to_owned(), cause }
    }
}

impl Say for FileError {
    fn code(&self) -> Code {
        Code::H0901
    }
    fn headline(&self, lang: Lang) -> String {
        let path = shown(&self.path);
        let (zh, en) = match self.cause.kind() {
            io::ErrorKind::NotFound => ("没有这个文件".to_owned(), "there is no such file".to_owned()),
            io::ErrorKind::PermissionDenied => ("没有读取权限".to_owned(), "no permission to read it".to_owned()),
            io::ErrorKind::IsADirectory => ("这是一个文件夹".to_owned(), "it is a folder".to_owned()),
            _ => (self.cause.to_string(), self.cause.to_string()),
        };
        lang.say(format!("读不了 `{path}`: {zh}"), format!("cannot read `{path}`: {en}"))
    }
    fn labels(&self, _lang: Lang) -> Vec<Label> {
        Vec::new()
    }
    fn origin(&self) -> Option<Origin> {
        Some(Origin::file(shown(&self.path)))
    }
}

/// A path as it is shown to people: with `/`, on every system.
pub fn shown(path: &Path) -> Arc<str> {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/").into() } else { text.into() }
}

/// Why a data file gives no text.
#[derive(Debug)]
pub(super) enum Trouble {
    File(FileError),
    Finding(Box<Finding>),
}

impl Trouble {
    /// Adds it to what was found.
    pub(super) fn tell(self, found: &mut Diagnostics) {
        match self {
            Trouble::File(error) => found.push(error),
            Trouble::Finding(finding) => found.push(*finding),
        }
    }
}

/// The text of a data file.
///
/// * `lines`: whether it is read by lines, so that [`LONGEST_LINE`] holds.
/// * `encoding`: what the user says it is.
pub(super) fn read_text(path: &Path, lines: bool, encoding: Option<Encoding>) -> Result<String, Trouble> {
    let file = shown(path);
    let bytes = read_bytes(path, lines)?;
    let text = decode(bytes, encoding).map_err(|why| Trouble::Finding(Box::new(Finding::encoding(&file, why))))?;
    if text.trim().is_empty() { Err(Trouble::Finding(Box::new(Finding::empty(&file)))) } else { Ok(text) }
}

fn read_bytes(path: &Path, lines: bool) -> Result<Vec<u8>, Trouble> {
    let file = shown(path);
    let world = |cause| Trouble::File(FileError::new(path, cause));
    let finding = |finding| Err(Trouble::Finding(Box::new(finding)));
    let mut source = File::open(path).map_err(world)?;
    let size = source.metadata().map_err(world)?.len();
    if size > LARGEST_FILE {
        return finding(Finding::file_too_large(&file, size));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let mut chunk = vec![0; 1 << 16];
    let (mut line, mut length) = (1, 0);
    loop {
        let count = match source.read(&mut chunk) {
            Ok(count) => count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(world(cause)),
        };
        let part = chunk.get(..count).unwrap_or_default();
        if part.is_empty() {
            return Ok(bytes);
        }
        // The first part shows already whether this is a text at all.
        if let Some(why) = sniff(part, bytes.is_empty()) {
            return finding(Finding::encoding(&file, why));
        }
        for piece in part.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            length += piece.len();
            if lines && length > LONGEST_LINE {
                return finding(Finding::line_too_long(&file, line));
            }
            if piece.ends_with(b"\n") || piece.ends_with(b"\r") {
                length = 0;
                line += usize::from(piece.ends_with(b"\n"));
            }
        }
        bytes.extend_from_slice(part);
        // What is no regular file tells its size only by ending.
        if bytes.len() as u64 > LARGEST_FILE {
            return finding(Finding::file_too_large(&file, bytes.len() as u64));
        }
    }
}

/// What a part of a file shows it to be, if that is no text in a known encoding.
pub(super) fn sniff(part: &[u8], first: bool) -> Option<NotText> {
    if first {
        match part {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Some(NotText::Utf16),
            [b'P', b'K', 3 | 5, 4 | 6, ..] => return Some(NotText::Workbook),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => return Some(NotText::OldWorkbook),
            [b'%', b'P', b'D', b'F', ..] => return Some(NotText::Binary),
            _ => {}
        }
    }
    if !part.contains(&0) {
        return None;
    }
    // Every other byte of ASCII in UTF-16 is zero, and always the same one of the two; of other files hardly any.
    let start = part.get(..1024).unwrap_or(part);
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    Some(if first && even.max(odd) * 5 > start.len() && even.min(odd) * 20 < start.len() { NotText::Utf16 } else { NotText::Binary })
}

/// The beginning of a text, as well as it can be read; `None` if the file cannot be opened.
pub(super) fn beginning(path: &Path, most: u64, encoding: Option<Encoding>) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    // What was cut off in the middle of a character is no mistake.
    let utf8 = std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    let chinese = encoding == Some(Encoding::Gb18030) || encoding.is_none() && !utf8;
    let text = if chinese { encoding_rs::GB18030.decode(bytes).0 } else { String::from_utf8_lossy(bytes) };
    Some(text.into_owned())
}

/// The text that the bytes are, without its byte order mark.
pub(super) fn decode(mut bytes: Vec<u8>, encoding: Option<Encoding>) -> Result<String, NotText> {
    let marked = bytes.starts_with(b"\xEF\xBB\xBF");
    if marked && encoding != Some(Encoding::Gb18030) {
        bytes.drain(..3);
    }
    if encoding == Some(Encoding::Gb18030) {
        return gb18030(&bytes).ok_or(NotText::Neither);
    }
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let valid = std::str::from_utf8(valid).unwrap_or("");
    // GB18030 text hardly ever begins with four 汉字 that are valid UTF-8: this is UTF-8 with a broken character, and reading
    // it as GB18030 would make nonsense of all the others.
    let is_utf8 = marked || encoding.is_some() || valid.chars().filter(|c| ('\u{3000}'..='\u{9FFF}').contains(c)).nth(3).is_some();
    if is_utf8 {
        let place = LineIndex::new(valid).position(valid.len());
        return Err(NotText::Damaged(place));
    }
    gb18030(error.as_bytes()).ok_or(NotText::Neither)
}

/// The text, if every byte of it is GB18030.
pub(super) fn gb18030(bytes: &[u8]) -> Option<String> {
    encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
}

/// The text of a rule file (规则文本), which is UTF-8 and nothing else: rules that two machines read differently are no rules.
pub(super) fn rule_text(bytes: Vec<u8>) -> Result<String, NotText> {
    if let Some(why) = sniff(&bytes, true) {
        return Err(why);
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned()),
        Err(_) => Err(decode(bytes, None).err().unwrap_or(NotText::Gb18030)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_excel_and_notepad_write_is_read() {
        assert_eq!(decode("\u{FEFF}学校代码".into(), None).unwrap(), "学校代码");
        assert_eq!(decode("学校代码".into(), None).unwrap(), "学校代码");
        let (gbk, ..) = encoding_rs::GB18030.encode("学校代码,县代码\n联通,㐀");
        assert_eq!(decode(gbk.to_vec(), None).unwrap(), "学校代码,县代码\n联通,㐀");
        assert!(matches!(decode(gbk.to_vec(), Some(Encoding::Utf8)), Err(NotText::Damaged(_))));
    }

    #[test]
    fn one_broken_character_does_not_make_it_gb18030() {
        let mut bytes = "学校代码\n甲\u{3000}乙".as_bytes().to_vec();
        bytes.pop();
        let Err(NotText::Damaged(place)) = decode(bytes, None) else { unreachable!("it is told") };
        assert_eq!((place.line, place.column), (2, 3));
    }

    #[test]
    fn what_is_no_text_is_recognised() {
        let utf16: Vec<u8> = "code,name\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniff(&utf16, true), Some(NotText::Utf16));
        assert_eq!(sniff(b"PK\x03\x04rest", true), Some(NotText::Workbook));
        assert_eq!(sniff(b"ab\0\0\0\0cdefghijkl", true), Some(NotText::Binary));
        assert_eq!(sniff("学校".as_bytes(), true), None);
    }
}
