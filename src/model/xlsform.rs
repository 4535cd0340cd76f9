//! By what an XLSForm that `heng` wrote is read back as it was: the columns of its own, and their seal.

use crate::text::fingerprint;

/// The columns of the sheet `survey` that a seal (封记) is over: what decides which answers are taken. Labels and hints may be changed.
pub const SEALED: [&str; 15] = [
    "type",
    "name",
    "required",
    "relevant",
    "constraint",
    "calculation",
    "choice_filter",
    "default",
    "heng_name",
    "heng_type",
    "heng_range",
    "heng_when",
    "heng_pattern",
    "heng_title",
    "heng_also",
];

/// The name in an XLSForm of what is called otherwise, the same in every version of the form: JavaRosa, on which ODK Collect and
/// KoBoCollect run, reads expressions of ASCII names only.
///
/// * `kind`: `q` of a question, `g` of a group, and so on.
pub fn made_name(kind: &str, name: &str) -> String {
    format!("{kind}_{:07x}", fingerprint([kind, name]) & 0xFFF_FFFF)
}

/// Whether a name can stay.
pub fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The column of the seal.
pub const SEAL: &str = "heng_seal";

/// The seal of a row, from what stands in its columns and the names of its choices; another one where any of that is changed.
pub fn seal<'c>(cell: impl Fn(&str) -> &'c str, choices: impl IntoIterator<Item = &'c str>) -> String {
    let cells = SEALED.iter().map(|column| cell(column)).chain(choices);
    format!("{:016x}", fingerprint(cells))
}
