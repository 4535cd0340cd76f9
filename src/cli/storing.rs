//! Storing while more is read (边读边存): one thread reads and sends, another one stores what comes, in one transaction.
//!
//! What is stored counts only if the reader says at its end that all of it is right ([`Message::Whole`]); a reader that stops before
//! that, for whatever reason, leaves nothing behind.
//! Not here: what is read and sent (`import`), how it is stored (`store`).

use crate::data::FileError;
use crate::store::{Access, Archive, ArchiveError, By, GivenUp, Imported, Incoming, NewImport, NewSubmission, Source, digest_of};
use std::collections::HashMap;
use std::fs::File;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::{io, iter};

/// So many messages wait for the thread that stores.
const WAITING: usize = 2;

/// What the reader sends.
pub(super) enum Message {
    /// A file, before whatever was read from it: its name in the archive, and where it lies.
    File(String, PathBuf),
    /// Submissions, each with the place of its file among those that were sent.
    Rows(Vec<NewSubmission>),
    /// All is right, and there is no more of it.
    Whole,
}

/// Why nothing is stored though the reader said that all is right.
pub(super) enum Unstored {
    Archive(ArchiveError),
    /// A file that cannot be read any more.
    Lost(FileError),
}

/// Runs `read` on this thread, and stores what it sends; an archive is opened, or made, with the first message only.
///
/// * `files`: those that are read, of which fingerprints are made meanwhile.
///
/// Returns what `read` does, and what was stored, if anything.
pub(super) fn storing<R>(
    (path, import, by): (&Path, &NewImport<'_>, &By),
    files: &[PathBuf],
    read: impl FnOnce(SyncSender<Message>) -> R,
) -> (R, Result<Option<Imported>, Unstored>) {
    thread::scope(|scope| {
        let ((to, from), (print, prints)) = (sync_channel(WAITING), channel());
        scope.spawn(move || fingerprints(files, &print));
        let store = scope.spawn(move || store((path, import, by), &from, &prints));
        let done = read(to);
        (done, store.join().unwrap_or_else(|cause| resume_unwind(cause)))
    })
}

/// Fingerprint and size of a file, else why there is none.
type Fingerprint = io::Result<(String, i64)>;

fn fingerprints(files: &[PathBuf], to: &Sender<(PathBuf, Fingerprint)>) {
    for path in files {
        if to.send((path.clone(), File::open(path).and_then(digest_of))).is_err() {
            return;
        }
    }
}

fn store(
    (path, import, by): (&Path, &NewImport<'_>, &By),
    from: &Receiver<Message>,
    prints: &Receiver<(PathBuf, Fingerprint)>,
) -> Result<Option<Imported>, Unstored> {
    let Ok(first) = from.recv() else { return Ok(None) };
    let mut messages = iter::once(first).chain(from);
    let mut rows = Vec::new().into_iter();
    let (mut known, mut lost): (HashMap<PathBuf, Fingerprint>, _) = (HashMap::new(), None);
    let mut fingerprint = |path: &Path| -> Fingerprint {
        while !known.contains_key(path)
            && let Ok((path, fingerprint)) = prints.recv()
        {
            known.insert(path, fingerprint);
        }
        match known.get(path) {
            Some(Ok((hash, size))) => Ok((String::clone(hash), *size)),
            _ => known.remove(path).unwrap_or_else(|| Err(io::ErrorKind::NotFound.into())),
        }
    };
    let mut incoming = iter::from_fn(|| {
        loop {
            if let Some(row) = rows.next() {
                return Some(Ok(Incoming::Submission(row)));
            }
            match messages.next() {
                Some(Message::Rows(next)) => rows = next.into_iter(),
                Some(Message::File(name, path)) => match fingerprint(&path) {
                    Ok((hash, size)) => return Some(Ok(Incoming::Source(Source { path: name, hash, size }))),
                    Err(cause) => lost = Some((path, cause)),
                },
                Some(Message::Whole) if lost.is_none() => return None,
                Some(Message::Whole) | None => return Some(Err(GivenUp)),
            }
        }
    });
    let stored = Archive::open(path, Access::Create).and_then(|mut archive| archive.import(import, by, &mut incoming));
    match (stored, lost) {
        (Err(error), _) => Err(Unstored::Archive(error)),
        (Ok(_), Some((path, cause))) => Err(Unstored::Lost(FileError { path, cause })),
        (Ok(stored), None) => Ok(stored),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::text::Texts;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn submissions(from: usize, to: usize) -> Message {
        let row = |at| NewSubmission::new((0, 2), (format!("S{at}"), String::new()), "{}".to_owned(), Vec::new());
        Message::Rows((from..to).map(row).collect())
    }

    /// What is stored of what `read` sends, into an archive that is made for it; and whether that is there.
    fn stored(read: impl FnOnce(SyncSender<Message>)) -> (Result<Option<Imported>, Unstored>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let (path, data) = (folder.path().join("a.db"), folder.path().join("a.csv"));
        std::fs::write(&data, "x").unwrap();
        let (texts, by) = (Texts::new(), By { who: "王科员".into(), at: "2024-12-31T08:00:00Z".into() });
        let import = NewImport { form: "学校表", title: "", version: "", texts: &texts, engine: "heng", draft: false };
        let (_, stored) = storing((&path, &import, &by), std::slice::from_ref(&data), |to| {
            to.send(Message::File("a.csv".into(), data.clone())).unwrap();
            read(to);
        });
        (stored, path.exists())
    }

    #[test]
    fn what_is_sent_counts_once_it_is_whole() {
        let (whole, there) = stored(|to| {
            [submissions(0, 2_000), submissions(2_000, 2_007), Message::Whole].into_iter().for_each(|message| to.send(message).unwrap());
        });
        assert!(matches!(whole, Ok(Some(Imported { new: 2_007, .. }))) && there);
        assert!(matches!(stored(|to| to.send(submissions(0, 2_000)).unwrap()).0, Ok(None)));
    }

    #[test]
    fn a_reader_that_comes_to_a_bad_end_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (texts, by) = (Texts::new(), By { who: "王科员".into(), at: "2024-12-31T08:00:00Z".into() });
        let import = NewImport { form: "学校表", title: "", version: "", texts: &texts, engine: "heng", draft: false };
        let ended = catch_unwind(AssertUnwindSafe(|| {
            storing((&path, &import, &by), &[], |to| {
                to.send(submissions(0, 10)).unwrap();
                resume_unwind(Box::new("a test stops here"));
            })
        }));
        assert!(ended.is_err());
        let archive = Archive::open(&path, Access::Read).unwrap();
        assert_eq!(archive.periods("学校表").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_is_gone_is_told_and_nothing_is_stored() {
        let (gone, _) = stored(|to| {
            to.send(Message::File("b.csv".into(), "b.csv".into())).unwrap();
            to.send(submissions(0, 10)).unwrap();
            to.send(Message::Whole).unwrap();
        });
        assert!(matches!(gone, Err(Unstored::Lost(_))));
    }
}
