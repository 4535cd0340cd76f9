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
use super::intake::{Intake, Meanwhile, Spot};
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
/// Where rows are handed on, pieces are smaller, and so many of them are read before that.
const PIECE_OF_A_PARCEL: usize = 1 << 18;
const PIECES_OF_A_PARCEL: usize = 4;
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
pub(super) fn read_in_pieces(
    intake: &mut Intake<'_>,
    path: &Path,
    encoding: Option<Encoding>,
    progress: &dyn Fn(u64),
    meanwhile: &mut Meanwhile<'_>,
) -> bool {
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
    let piece = if meanwhile.is_some() { PIECE_OF_A_PARCEL } else { PIECE };
    let manner = Manner { piece, threads: rayon::current_num_threads(), strict: true };
    intake.attempt(path, |intake, file| read_csv(intake, file, start.chain(source), manner, progress, meanwhile)).is_ok()
}

/// Reads the text of a CSV file.
pub(super) fn read_text(intake: &mut Intake<'_>, file: u32, text: &str, progress: &dyn Fn(u64), meanwhile: &mut Meanwhile<'_>) {
    // Other threads are not even woken for what is read sooner than they are there.
    let threads = if text.len() > PIECE { rayon::current_num_threads() } else { 1 };
    let piece = if meanwhile.is_some() { PIECE_OF_A_PARCEL } else { PIECE };
    let manner = Manner { piece: piece.min(text.len() + 1), threads, strict: false };
    // A text has nothing that would keep it from being read.
    let _ = read_csv(intake, file, text.as_bytes(), manner, progress, meanwhile);
}

/// The columns of the fields, and how many columns there are.
struct Header {
    columns: Vec<Option<usize>>,
    width: usize,
}

/// A piece, and where its first row begins: the place in it, and the line.
type Begun = (Piece, (usize, usize));

/// What the threads that read one file share.
struct Reading<'p, 'r, R> {
    plan: &'p Plan<'p>,
    table: &'r Table,
    questions: &'r HashSet<(u32, usize)>,
    file: u32,
    header: &'r Header,
    manner: Manner,
    separator: u8,
    /// The number of the piece before which it is enough for now.
    end: usize,
    pieces: Mutex<Pieces<R>>,
    gathered: Mutex<Gathered<'p>>,
    /// Whether there are no more pieces.
    ended: AtomicBool,
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
    meanwhile: &mut Meanwhile<'_>,
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
    let most = if meanwhile.is_some() { PIECES_OF_A_PARCEL } else { usize::MAX };
    let (mut start, mut rows) = (Some((first, after)), 0);
    loop {
        let next = start.map_or_else(|| pieces.number(), |(first, _)| first.number);
        let reading = Reading {
            plan: intake.plan,
            table: &intake.table,
            questions: &intake.questions,
            file,
            header: &header,
            manner,
            separator: pieces.separator,
            end: next.saturating_add(most),
            pieces: Mutex::new(pieces),
            gathered: Mutex::new(Gathered { next, ..Gathered::default() }),
            ended: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        };
        let (own, first) = (std::mem::take(&mut buffer), start.take());
        rayon_scope(manner.threads - 1, &|| drop(reading.work(Vec::new(), None, &|_| {})), || buffer = reading.work(own, first, progress));
        let Reading { pieces: left, gathered, ended, failed, .. } = reading;
        if failed.into_inner() {
            return Err(NotInPieces);
        }
        pieces = left.into_inner().unwrap_or_else(PoisonError::into_inner);
        let gathered = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        rows += gathered.batches.iter().map(|batch| batch.counts.read).sum::<usize>();
        intake.take(gathered);
        if ended.into_inner() {
            break;
        }
        if let Some(meanwhile) = meanwhile {
            meanwhile(intake);
        }
    }
    if rows == 0 {
        intake.tell(file, 0, 0, What::NoData { header_only: true });
    }
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
    /// Reads pieces until there are none left, or enough of them, beginning with the rest of the `first`. The buffer comes back.
    fn work(&self, mut buffer: Vec<u8>, mut first: Option<Begun>, progress: &dyn Fn(u64)) -> Vec<u8> {
        while !self.failed.load(Ordering::Relaxed) {
            let read = match first.take() {
                Some(first) => Ok(Some(first)),
                None => self.next(&mut buffer),
            };
            let done = read.and_then(|read| {
                let Some((piece, (start, line))) = read else { return Ok(None) };
                let text = text_of(&buffer, piece, self.manner)?;
                Ok(Some((piece, self.batch(piece, text.get(start..).unwrap_or_default(), line)?)))
            });
            match done {
                Ok(Some((piece, batch))) => {
                    locked(&self.gathered).add(piece.number, batch);
                    progress(piece.end);
                }
                Ok(None) => break,
                Err(NotInPieces) => self.failed.store(true, Ordering::Relaxed),
            }
        }
        buffer
    }

    /// The next piece, and where its rows begin; `None` behind the last one, or behind so many that they are enough for now.
    fn next(&self, buffer: &mut Vec<u8>) -> Result<Option<Begun>, NotInPieces> {
        let mut pieces = locked(&self.pieces);
        if pieces.number() >= self.end {
            return Ok(None);
        }
        let piece = pieces.next(buffer)?;
        if piece.is_none() {
            self.ended.store(true, Ordering::Relaxed);
        }
        Ok(piece.map(|piece| (piece, (0, piece.line))))
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
