//! Data (数据): from a region's folder and from data files to texts and tables.
//!
//! The only place left of the command line that reads files, but for the archive. A wrong row, cell, file or setting becomes a diagnostic and
//! the rest is still read; a [`FileError`] is for a world that does not answer: a file or folder that cannot be opened.
//! Not here: what rules mean (`check`), what conditions of a form come to (`eval`), the archive (`store`), printing (`report`).

mod archived;
mod around;
mod asked;
mod attached;
mod batch;
mod cells;
mod csv;
mod file;
mod findings;
mod grid;
mod heading;
mod inputs;
mod intake;
mod json;
mod library;
mod locked;
mod parcels;
mod pending;
mod pieces;
mod plain;
mod records;
mod region;
mod runs;
mod settings;
mod sheets;
mod split;
mod submissions;
mod wording;
mod workbook;
mod wrong;
mod xlsform;

pub use archived::{Contents, from_archive};
pub use around::{around, read_around, speaks_of_earlier};
pub use attached::Attached;
pub use cells::{CellReader, clean};
pub use file::{Encoding, FileError, LARGEST_FILE, LONGEST_CELL, LONGEST_LINE, MOST_COLUMNS, shown};
pub use findings::{Finding, MOST_FINDINGS};
pub use grid::{Grid, GridCell, GridSheet};
pub use inputs::{earlier, suited};
pub use intake::Counts;
pub use library::{add_library, library};
pub use locked::locked_changes;
pub use parcels::{NotInParcels, Parcel, read_as_one_parcel, read_in_parcels};
pub use region::{Region, load_files};
pub use settings::{DataFile, SETTINGS_FILE, Settings};
pub use split::split;
pub use submissions::{Options, from_records, read};
pub use wording::{Wording, Wordings, wordings};
pub use workbook::{About, LARGEST_WORKBOOK, MOST_UNPACKED, Refusal, SUMMARY_SHEET};
pub use wrong::Wrong;
pub use xlsform::from_xlsform;
