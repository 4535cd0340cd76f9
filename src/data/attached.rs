//! Attachments (附件): the files that cells name are looked for beside the data file, and identified by what is in them.
//!
//! Not here: how many may be named, and how their names end (`cells`); where they are kept (`store`).

use super::findings::{Finding, What, short};
use super::intake::Intake;
use super::wrong::Wrong;
use crate::eval::{Cause, Gap, RowOrigin};
use crate::text::Name;
use hmac_sha256::Hash;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is attached to a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Whose submission it is.
    pub key: Name,
    /// Where that stands.
    pub origin: RowOrigin,
    /// The field that names it.
    pub field: Name,
    /// As the cell names it, from the folder of the data file.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its content.
    pub sha256: [u8; 32],
}

impl Attached {
    /// The SHA-256 as 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        self.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Reads the files that rows name. A cell that names one which is not there, or is too large, is refused.
pub(super) fn apply(intake: &mut Intake<'_>) -> Vec<Attached> {
    let mut attached = Vec::new();
    for named in intake.take_named() {
        let Some(field) = intake.plan.form.fields.get(named.field.0) else { continue };
        let Some(origin) = intake.table.origin(named.row) else { continue };
        // What a program hands in names files that only it knows.
        let Some(folder) = intake.folder(origin.file).map(Path::to_owned) else { continue };
        let most = field.details.attach.as_ref().and_then(|attach| attach.bytes);
        let key = Name::from(intake.table.key(named.row));
        let found = named.names.iter().map(|name| content(&folder, name, most)).collect::<Result<Vec<_>, Wrong>>();
        match found {
            Ok(found) => attached.extend(named.names.into_iter().zip(found).map(|(name, (path, bytes, sha256))| Attached {
                key: key.clone(),
                origin,
                field: field.name.it.clone(),
                name,
                path,
                bytes,
                sha256,
            })),
            Err(wrong) => {
                let mut at = intake.origin_of(origin.file, origin.line as usize, Some(named.field));
                at.field = Some(field.name.it.as_str().into());
                at.text = short(&named.names.join("、"));
                intake.found.push(origin.file, Finding { at, what: What::Cell { field: Arc::new(field.clone()), wrong } });
                intake.counts.cells_refused += 1;
                let refused = Gap::undefined(Cause::Refused(field.name.it.clone()));
                intake.table.put(named.field, named.row, Err(refused));
            }
        }
    }
    attached
}

/// Where a file lies, how large it is, and the SHA-256 of what is in it.
fn content(folder: &Path, name: &str, most: Option<u64>) -> Result<(PathBuf, u64, [u8; 32]), Wrong> {
    let path = folder.join(name);
    let lost = |_| Wrong::NoSuchFile { name: name.to_owned() };
    let about = path.metadata().map_err(lost)?;
    if !about.is_file() {
        return Err(Wrong::NoSuchFile { name: name.to_owned() });
    }
    let too_large = |bytes: u64| most.is_some_and(|most| bytes > most).then(|| Wrong::FileTooLarge { name: name.to_owned(), bytes });
    if let Some(wrong) = too_large(about.len()) {
        return Err(wrong);
    }
    let mut file = File::open(&path).map_err(lost)?;
    let (mut hash, mut bytes, mut buffer) = (Hash::new(), 0_u64, vec![0_u8; 1 << 16]);
    loop {
        let read = file.read(&mut buffer).map_err(lost)?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
        if let Some(wrong) = too_large(bytes) {
            return Err(wrong);
        }
    }
    Ok((path, bytes, hash.finalize()))
}
