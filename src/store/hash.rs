//! Fingerprints (校验值): SHA-256, as 64 hexadecimal digits where people see them.

use hmac_sha256::Hash;
use serde::Serialize;
use std::io::{self, Read, Write};

/// The SHA-256 of some bytes.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Hash::hash(bytes)
}

/// As people read it.
pub fn hex(hash: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + (half - 10) });
    let mut digits = String::with_capacity(2 * hash.len());
    hash.iter().for_each(|byte| digits.extend([digit(byte >> 4), digit(byte & 15)]));
    digits
}

/// The SHA-256 of all that a source has, as people read it, and how many bytes that is.
///
/// # Errors
/// Whatever the source answers.
pub fn digest_of(mut source: impl Read) -> io::Result<(String, i64)> {
    let mut digest = Digest::default();
    let size = io::copy(&mut source, &mut digest)?;
    Ok((digest.finish(), i64::try_from(size).unwrap_or(i64::MAX)))
}

/// A fingerprint of what is written to it.
#[derive(Clone, Default)]
pub struct Digest(Hash);

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest")
    }
}

impl Digest {
    /// The digits of all that was written.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }

    /// Adds something as a line of JSON, which has one reading only.
    pub(super) fn line(&mut self, it: &impl Serialize) {
        // Tuples of texts and numbers are always JSON.
        let _ = serde_json::to_writer(&mut *self, it);
        self.0.update(b"\n");
    }
}

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
