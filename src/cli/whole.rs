//! Files that are written whole or not at all (整写): beside their place first, then into it.
//!
//! Ctrl-C, or being told to end, takes away what is not finished and ends the program. INVARIANT: a file beside its place
//! exists only while it is in [`UNFINISHED`].

use super::STOPPED;
use crate::data::shown;
use crate::diag::{Code, Mistake};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// What is being written.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Before anything is written there is nothing to take away, and the program ends as every other.
static WATCHED: Once = Once::new();

/// Writes a file whole or not at all.
///
/// # Errors
/// Whatever `write`, the file or its folder answers; then there is nothing new.
pub(super) fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    write_beside(path, |beside| {
        let mut to = BufWriter::with_capacity(1 << 16, OpenOptions::new().write(true).open(beside)?);
        write(&mut to)?;
        to.flush()
    })
}

/// The same, where `write` opens the file itself: an empty one beside the place.
///
/// # Errors
/// As above.
pub(super) fn write_beside(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    WATCHED.call_once(|| {
        // Who is told to go on in any case (nohup) has that set already, and goes on.
        let _ = ctrlc::try_set_handler(stop);
    });
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let beside = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), process::id()));
    let file = create(&beside)?;
    let written = write(&beside).and_then(|()| {
        // What was there keeps its rights.
        if let Ok(there) = fs::metadata(path) {
            file.set_permissions(there.permissions())?;
        }
        file.sync_all()
    });
    drop(file);
    finish(&beside, path, written)
}

/// H0901: why a file could not be written.
pub(super) fn unwritten(path: &Path, cause: &io::Error) -> Mistake {
    let path = shown(path);
    Mistake::new(Code::H0901, format!("写不了 `{path}`: {cause}"), format!("cannot write `{path}`: {cause}"))
        .help("没有写出任何内容; 检查文件夹是否存在、能否写入", "nothing was written; see whether the folder exists and can be written to")
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a file and notes it in one go, so that no end of the program falls between.
fn create(beside: &Path) -> io::Result<File> {
    let mut unfinished = unfinished();
    let file = File::create(beside)?;
    unfinished.push(beside.to_owned());
    Ok(file)
}

fn finish(beside: &Path, path: &Path, written: io::Result<()>) -> io::Result<()> {
    let mut unfinished = unfinished();
    let moved = written.and_then(|()| fs::rename(beside, path));
    if moved.is_err() {
        // What is half written helps nobody; that it cannot be removed changes nothing.
        let _ = fs::remove_file(beside);
    }
    unfinished.retain(|other| other != beside);
    moved
}

/// Takes away what is unfinished and ends the program; nothing is begun or finished meanwhile.
fn stop() {
    let unfinished = unfinished();
    unfinished.iter().for_each(|beside| _ = fs::remove_file(beside));
    let mut err = io::stderr();
    if err.is_terminal() {
        // The prompt comes on a line of its own.
        let _ = err.write_all(b"\n");
    }
    process::exit(i32::from(STOPPED));
}
