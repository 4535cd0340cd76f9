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

/// The column of the seal.
pub const SEAL: &str = "heng_seal";

/// The seal of a row, from what stands in its columns and the names of its choices; another one where any of that is changed.
pub fn seal<'c>(cell: impl Fn(&str) -> &'c str, choices: impl IntoIterator<Item = &'c str>) -> String {
    let cells = SEALED.iter().map(|column| cell(column)).chain(choices);
    format!("{:016x}", fingerprint(cells))
}
