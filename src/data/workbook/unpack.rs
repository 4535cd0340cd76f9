//! Unpacking a workbook (解包): from the bytes of an .xlsx to its parts, within limits, before anything looks into them.
//!
//! A workbook comes by e-mail from anywhere. Only the parts that carry values are unpacked, each no further than the limits;
//! they are looked over byte by byte and put into a new archive, so that what is read later is exactly what was looked over.
//! Not here: what the parts say (`read`), the words for what is refused (`told`).

use super::told::Refusal;
use super::widths::Widths;
use memchr::{memchr_iter, memmem};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The largest workbook, in bytes as it is stored (128 MiB).
pub const LARGEST_WORKBOOK: u64 = 128 << 20;
/// The most bytes that its parts may have when they are unpacked (256 MiB).
pub const MOST_UNPACKED: usize = 256 << 20;
/// A part may have so many times the bytes it is packed into; tables of a million alike rows stay far below.
pub const MOST_PACKED: u64 = 250;
/// Of parts so small the last is not asked.
const SMALL: usize = 1 << 20;
/// So many bytes are unpacked at a time.
const CHUNK: usize = 1 << 13;
/// So many parts at most.
const MOST_PARTS: usize = 4_096;
/// The most bytes between two tags: a cell of 32,767 characters, all of them escaped, has fewer.
const LONGEST_TEXT: usize = 1 << 20;

/// A workbook that can be read without fear.
pub(super) struct Unpacked {
    /// An archive of what was looked over, not packed.
    pub archive: Vec<u8>,
    /// Whether it takes values from other files.
    pub outside: bool,
    pub widths: Widths,
}

/// Unpacks the parts of a workbook that carry values.
pub(super) fn unpack(bytes: &[u8]) -> Result<Unpacked, Refusal> {
    match bytes {
        [b'P', b'K', ..] => {}
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(of_compound_file(bytes)),
        _ if bytes.trim_ascii_start().starts_with(b"<") => return Err(Refusal::WebPage),
        _ => return Err(Refusal::NotAWorkbook),
    }
    let mut packed = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if packed.len() > MOST_PARTS {
        return Err(Refusal::TooManyParts);
    }
    let names: Vec<String> = packed.file_names().map(|name| name.map(|name| name.to_lowercase()).unwrap_or_default()).collect();
    let all = names.join("\n");
    let has = |part: &str| all.contains(part);
    if has("vbaproject") || has("macrosheets/") {
        return Err(Refusal::Macros);
    }
    if has("workbook.bin") {
        return Err(Refusal::Binary);
    }
    if names.iter().any(|name| name == "content.xml") {
        return Err(Refusal::OpenDocument);
    }
    if !has("workbook.xml") || !has("[content_types].xml") {
        return Err(Refusal::NotAWorkbook);
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(SMALL.min(4 * bytes.len()))));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut left = MOST_UNPACKED;
    let (mut part, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    let mut widths = Widths::default();
    for at in 0..packed.len() {
        let mut source = packed.by_index(at).map_err(|why| match why {
            zip::result::ZipError::UnsupportedArchive(_) => Refusal::Encrypted,
            _ => Refusal::Damaged,
        })?;
        let name = source.name().map_err(|_| Refusal::Damaged)?.to_string();
        if !carries_values(&name) {
            continue;
        }
        let packed_size = source.compressed_size().max(1);
        part.clear();
        read_part(&mut source, packed_size, left, (&mut part, &mut chunk))?;
        left -= part.len();
        look_over(&name, &part)?;
        widths.look_at(&name, &part);
        archive.start_file(name, stored).map_err(|_| Refusal::Damaged)?;
        archive.write_all(&part).map_err(|_| Refusal::Damaged)?;
    }
    let archive = archive.finish().map_err(|_| Refusal::Damaged)?.into_inner();
    Ok(Unpacked { archive, outside: has("externallinks/"), widths })
}

/// What an old workbook, or one with a password, is: both are compound files.
fn of_compound_file(bytes: &[u8]) -> Refusal {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memmem::find(bytes, &encrypted).is_some() { Refusal::Encrypted } else { Refusal::OldFormat }
}

/// Pictures, charts, comments, themes and the like say nothing of values.
fn carries_values(name: &str) -> bool {
    const OTHERS: [&str; 14] = [
        "media/",
        "theme/",
        "drawings/",
        "charts/",
        "embeddings/",
        "customxml/",
        "docprops/",
        "printersettings/",
        "comments",
        "pivot",
        "calcchain",
        "externallinks/",
        "activex/",
        "ctrlprops/",
    ];
    let name = name.to_lowercase();
    (name.ends_with(".xml") || name.ends_with(".rels")) && !OTHERS.iter().any(|other| name.contains(other))
}

fn read_part(source: &mut impl Read, packed: u64, left: usize, (part, chunk): (&mut Vec<u8>, &mut [u8])) -> Result<(), Refusal> {
    loop {
        let count = source.read(chunk).map_err(|_| Refusal::Damaged)?;
        if count == 0 {
            return Ok(());
        }
        if part.len() + count > left {
            return Err(Refusal::TooLarge);
        }
        part.extend_from_slice(chunk.get(..count).unwrap_or_default());
        if part.len() > SMALL && part.len() as u64 / packed > MOST_PACKED {
            return Err(Refusal::Bomb);
        }
    }
}

/// Whether a part is plain UTF-8 without declarations of its own, endless texts, and counts that no part has.
fn look_over(name: &str, part: &[u8]) -> Result<(), Refusal> {
    if encoding_rs::Encoding::utf8_valid_up_to(part) < part.len() || part.contains(&0) {
        return Err(Refusal::Damaged);
    }
    let start = part.get(..part.len().min(256)).unwrap_or_default();
    if let Some(at) = memmem::find(start, b"encoding=") {
        let value = start.get(at + 10..).unwrap_or_default();
        if !value.get(..5).is_some_and(|value| value.eq_ignore_ascii_case(b"utf-8")) {
            return Err(Refusal::Damaged);
        }
    }
    let declares = |at: usize| part.get(at..).is_some_and(|tag| tag.starts_with(b"<!DOCTYPE") || tag.starts_with(b"<!ENTITY"));
    if memmem::find_iter(part, b"<!").any(declares) {
        return Err(Refusal::Entities);
    }
    // Of a small part no text is too long.
    if part.len() > LONGEST_TEXT {
        let mut last = 0;
        for at in memchr_iter(b'<', part).chain([part.len()]) {
            if at - last > LONGEST_TEXT {
                return Err(Refusal::LongText);
            }
            last = at;
        }
    }
    // Room is made for as many texts as a part says that it has.
    if name.to_lowercase().contains("sharedstrings") {
        for at in memmem::find_iter(part, b"uniqueCount") {
            let after = part.get(at + 11..).unwrap_or_default();
            let digits = after.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
            let count = digits.fold(0_usize, |count, digit| count.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
            if count > part.len() {
                return Err(Refusal::Damaged);
            }
        }
    }
    Ok(())
}
