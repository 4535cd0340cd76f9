//! Reading CSV files (读表): piece by piece, by several threads where there is enough for them.
//!
//! No more of a file is in memory than the pieces that are being read. What is only known of a whole file, such as an encoding
//! other than UTF-8, makes it be read whole.
//! Not here: what a piece is (`pieces`), what a row comes to (`batch`).

use super::batch::{Batch, Plan};
use super::csv::Rows;
use super::file::{Encoding, LARGEST_FILE, LONGEST_LINE, MOST_COLUMNS, sniff};
use super::findings::What;
use super::heading::{MOST_ROWS, heading};
use super::intake::{Intake, Spot};
use super::pending::Pending;
use super::pieces::{NotInPieces, Piece, Pieces};
use super::runs::Run;
use crate::eval::Table;
use memchr::memchr;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a piece: so many that what is done once for each does not count, and so few that several stay in the caches.
const PIECE: usize = 1 << 20;
/// The mark with which Windows begins a file in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// How a source is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// Bytes of a piece.
    pub piece: usize,
    /// How many threads read.
    pub threads: usize,
    /// Whether it is a file of which nothing is known yet; else a text, which was found to be one.
    pub strict: bool,
}

/// Reads a CSV file in pieces; `false` where it must be read whole, and nothing was taken in.
///
/// A small file is read whole sooner than in pieces.
pub(super) fn read_in_pieces(intake: &mut Intake<'_>, path: &Path, encoding: Option<Encoding>, progress: &dyn Fn(u64)) -> bool {
    let about = path.metadata().ok().filter(|about| about.is_file() && about.len() > PIECE as u64 && about.len() <= LARGEST_FILE);
    if about.is_none() || encoding == Some(Encoding::Gb18030) {
        return false;
    }
    let Ok(mut source) = File::open(path) else { return false };
    let mut start = Vec::new();
    if source.by_ref().take(MARK.len() as u64).read_to_end(&mut start).is_err() {
        return false;
    }
    let start = start.strip_prefix(MARK).unwrap_or(&start);
    let manner = Manner { piece: PIECE, threads: rayon::current_num_threads(), strict: true };
    intake.attempt(path, |intake, file| read_csv(intake, file, start.chain(source), manner, progress)).is_ok()
}

/// Reads the text of a CSV file.
pub(super) fn read_text(intake: &mut Intake<'_>, file: u32, text: &str, progress: &dyn Fn(u64)) {
    // Other threads are not even woken for what is read sooner than they are there.
    let threads = if text.len() > PIECE { rayon::current_num_threads() } else { 1 };
    let manner = Manner { piece: PIECE.min(text.len() + 1), threads, strict: false };
    // A text has nothing that would keep it from being read.
    let _ = read_csv(intake, file, text.as_bytes(), manner, progress);
}

/// The columns of the fields, and how many columns there are.
struct Header {
    columns: Vec<Option<usize>>,
    width: usize,
}

/// What the threads that read one file share.
struct Reading<'p, 'r, R> {
    plan: &'p Plan<'p>,
    table: &'r Table,
    questions: &'r HashSet<(u32, usize)>,
    file: u32,
    header: &'r Header,
    manner: Manner,
    separator: u8,
    pieces: Mutex<Pieces<R>>,
    gathered: Mutex<Gathered<'p>>,
    failed: AtomicBool,
}

/// What was read, put in order.
#[derive(Default)]
pub(super) struct Gathered<'r> {
    /// Pieces whose turn has not come.
    waiting: BTreeMap<usize, Batch<'r>>,
    next: usize,
    rows: usize,
    pub(super) batches: Vec<Batch<'r>>,
    pub(super) found: Pending,
}

impl<'r> Gathered<'r> {
    fn add(&mut self, number: usize, batch: Batch<'r>) {
        self.waiting.insert(number, batch);
        while let Some(mut batch) = self.waiting.remove(&self.next) {
            self.found.append(std::mem::take(&mut batch.found), self.rows);
            self.rows += batch.rows.rows();
            self.batches.push(batch);
            self.next += 1;
        }
    }
}

/// Reads CSV from any source.
///
/// # Errors
/// The source must be looked at whole; never that of a text.
pub(super) fn read_csv<R: Read + Send>(
    intake: &mut Intake<'_>,
    file: u32,
    source: R,
    manner: Manner,
    progress: &dyn Fn(u64),
) -> Result<(), NotInPieces> {
    let mut pieces = Pieces::new(source, manner.piece, manner.strict);
    let mut buffer = Vec::new();
    // The header, which nearly always stands in the first piece.
    let (header, first, after) = loop {
        let Some(piece) = pieces.next(&mut buffer)? else {
            if manner.strict {
                return Err(NotInPieces);
            }
            intake.tell(file, 0, 0, What::NoData { header_only: true });
            return Ok(());
        };
        let text = text_of(&buffer, piece, manner)?;
        let mut rows = Rows::new(text, pieces.separator, piece.line);
        if piece.number == 0 {
            rows.skip(if text.starts_with(MARK) { MARK.len() } else { pieces.skipped });
        }
        match header_of(intake, file, &mut rows) {
            Found::Header(header) => break (header, piece, rows.rest()),
            Found::Nothing => {}
            Found::Unusable if manner.strict => return Err(NotInPieces),
            Found::Unusable => return Ok(()),
        }
    };
    let reading = Reading {
        plan: intake.plan,
        table: &intake.table,
        questions: &intake.questions,
        file,
        header: &header,
        manner,
        separator: pieces.separator,
        pieces: Mutex::new(pieces),
        gathered: Mutex::new(Gathered { next: first.number, ..Gathered::default() }),
        failed: AtomicBool::new(false),
    };
    rayon_scope(manner.threads - 1, &|| reading.work(Vec::new(), None, &|_| {}), || reading.work(buffer, Some((first, after)), progress));
    if reading.failed.load(Ordering::Relaxed) {
        return Err(NotInPieces);
    }
    let gathered = reading.gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    if gathered.batches.iter().all(|batch| batch.counts.read == 0) {
        intake.tell(file, 0, 0, What::NoData { header_only: true });
    }
    intake.take(gathered);
    Ok(())
}

/// Runs `own` on this thread and `other` on so many others.
fn rayon_scope(others: usize, other: &(dyn Fn() + Sync), own: impl FnOnce()) {
    if others == 0 {
        return own();
    }
    rayon::in_place_scope(|scope| {
        (0..others).for_each(|_| scope.spawn(|_| other()));
        own();
    });
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'p, R: Read> Reading<'p, '_, R> {
    /// Reads pieces until there are none left, beginning with the rest of the `first`.
    fn work(&self, mut buffer: Vec<u8>, mut first: Option<(Piece, (usize, usize))>, progress: &dyn Fn(u64)) {
        while !self.failed.load(Ordering::Relaxed) {
            let (piece, (start, line)) = match first.take() {
                Some(first) => first,
                None => match locked(&self.pieces).next(&mut buffer) {
                    Ok(Some(piece)) => (piece, (0, piece.line)),
                    Ok(None) => return,
                    Err(NotInPieces) => return self.failed.store(true, Ordering::Relaxed),
                },
            };
            match text_of(&buffer, piece, self.manner).and_then(|text| self.batch(piece, text.get(start..).unwrap_or_default(), line)) {
                Ok(batch) => locked(&self.gathered).add(piece.number, batch),
                Err(NotInPieces) => return self.failed.store(true, Ordering::Relaxed),
            }
            progress(piece.end);
        }
    }

    fn batch(&self, piece: Piece, text: &[u8], line: usize) -> Result<Batch<'p>, NotInPieces> {
        let Header { columns, width } = self.header;
        let mut batch = Batch::new(self.plan, self.table, self.file, piece.lines + 1).asked_by(self.questions);
        let mut rows = Rows::new(text, self.separator, line);
        let mut run = Run::new(columns, *width, self.separator);
        let mut before = 0;
        while let Some(row) = rows.next() {
            if self.manner.strict && row.end - before > LONGEST_LINE {
                return Err(NotInPieces);
            }
            before = row.end;
            let surely_filled = row.bytes(0).first().is_some_and(u8::is_ascii_graphic);
            if !surely_filled && row.is_empty() {
                continue;
            }
            if row.len() < *width || row.filled_from(*width) > *width {
                batch.counts.read += 1;
                batch.counts.refused += 1;
                let found = if row.len() < *width { row.len() } else { row.filled() };
                run.flush(&mut batch);
                batch.tell(row.line, What::WrongRow { found, expected: *width, lines: row.lines() });
            } else {
                run.add(&mut batch, &row);
            }
        }
        run.flush(&mut batch);
        batch.rows.complete();
        Ok(batch)
    }
}

/// The text of a piece, if nothing shows that it is none.
fn text_of(buffer: &[u8], piece: Piece, manner: Manner) -> Result<&[u8], NotInPieces> {
    let bytes = buffer.get(..piece.length).unwrap_or_default();
    if manner.strict && (piece.number == 0 && sniff(bytes, true).is_some() || memchr(0, bytes).is_some() || piece.end > LARGEST_FILE) {
        return Err(NotInPieces);
    }
    let valid = encoding_rs::Encoding::utf8_valid_up_to(bytes) == bytes.len();
    if valid { Ok(bytes) } else { Err(NotInPieces) }
}

/// What the rows so far came to.
enum Found {
    Header(Header),
    /// Only empty rows.
    Nothing,
    /// A header with which nothing can be read; that is told.
    Unusable,
}

/// The header is the row that has most names of fields, of the first that are not empty.
fn header_of(intake: &mut Intake<'_>, file: u32, rows: &mut Rows<'_>) -> Found {
    let (mut above, mut starts) = (Vec::new(), Vec::new());
    let before = rows.rest();
    while above.len() < MOST_ROWS && above.last().is_none_or(|row: &Vec<String>| !intake.known.are_all(row)) {
        let start = rows.rest();
        let Some(row) = rows.next() else { break };
        if row.is_empty() {
            continue;
        }
        let width = row.filled();
        if width > MOST_COLUMNS {
            if above.is_empty() {
                intake.tell(file, row.line, 0, What::ManyColumns(width));
                return Found::Unusable;
            }
            break;
        }
        above.push(row.iter().take(width).map(str::to_owned).collect::<Vec<_>>());
        starts.push(start);
    }
    if above.is_empty() {
        return Found::Nothing;
    }
    let (at, names) = heading(&intake.known, &above).unwrap_or_else(|| (0, above.first().cloned().unwrap_or_default()));
    rows.go_to(starts.get(at).copied().unwrap_or(before));
    let places: Vec<(usize, usize)> = match rows.next() {
        Some(row) => (0..row.filled()).map(|column| row.place(column)).collect(),
        None => Vec::new(),
    };
    let line = places.first().map_or(0, |(line, _)| *line);
    let place = |column: usize| Spot::from(places.get(column).copied().unwrap_or((line, 0)));
    match intake.header(file, &names, &place) {
        Some(fields) => Found::Header(Header { columns: by_field(&fields, intake.plan.form.fields.len()), width: names.len() }),
        None => Found::Unusable,
    }
}

/// From the field of each column to the column of each field.
pub(super) fn by_field(fields: &[Option<usize>], count: usize) -> Vec<Option<usize>> {
    let mut columns = vec![None; count];
    for (column, field) in fields.iter().enumerate() {
        if let Some(place) = field.and_then(|field| columns.get_mut(field)) {
            *place = Some(column);
        }
    }
    columns
}

#[cfg(test)]
#[path = "sheets_tests.rs"]
mod tests;
