//! The parts of an .xlsx (a zip), as texts.

use flate2::read::DeflateDecoder;
use std::collections::BTreeMap;
use std::io::Read;

pub(crate) struct Package(BTreeMap<String, Vec<u8>>);

impl Package {
    pub(crate) fn open(bytes: &[u8]) -> Package {
        let two = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
        let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let end = (0..bytes.len() - 21).rev().find(|at| bytes[*at..].starts_with(b"PK\x05\x06")).unwrap();
        let (count, mut at) = (two(end + 10), four(end + 16));
        let mut parts = BTreeMap::new();
        for _ in 0..count {
            let (method, size, name, extra, comment, local) =
                (two(at + 10), four(at + 20), two(at + 28), two(at + 30), two(at + 32), four(at + 42));
            let file = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
            let start = local + 30 + two(local + 26) + two(local + 28);
            let packed = &bytes[start..start + size];
            let mut content = Vec::new();
            match method {
                0 => content.extend_from_slice(packed),
                _ => _ = DeflateDecoder::new(packed).read_to_end(&mut content).unwrap(),
            }
            parts.insert(file, content);
            at += 46 + name + extra + comment;
        }
        Package(parts)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.0[name].clone()).unwrap()
    }

    pub(crate) fn texts<'p>(&'p self, prefix: &'p str) -> impl Iterator<Item = (&'p str, String)> {
        self.0.keys().filter(move |name| name.starts_with(prefix) && name.ends_with(".xml")).map(|name| (&**name, self.text(name)))
    }
}
