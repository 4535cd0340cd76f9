//! Why the archive could not be read or written (档案库的错误), and in what state it is then.

use super::attachments::Lost;
use super::state::State;
use crate::diag::{Code, Label, Lang, Say};
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// What went wrong. Whatever was being written was taken back: the archive is as it was before.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.headline(Lang::En))]
#[non_exhaustive]
pub enum ArchiveError {
    /// H0701. There is no such file.
    Absent(PathBuf),
    /// H0701. The file cannot be opened or read.
    Unreadable(PathBuf, String),
    /// H0702. It is no database, or that of another program.
    Foreign(PathBuf),
    /// H0703. A later heng made it: version `found`, of which this heng knows `known`.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The latest layout that is known.
        known: i64,
    },
    /// H0704. Another process is writing, and did not end in time.
    Busy(PathBuf),
    /// H0901. A file that belongs to a submission is not what it was when it was checked.
    Attachment(PathBuf, String),
    /// H0705. It cannot be written: no room, no permission.
    Unwritten(PathBuf, String),
    /// H0706. What SQLite reads is not what was written.
    Damaged(PathBuf, String),
    /// H0709. A submission cannot go from its state to that one.
    Refused {
        /// Whose it is.
        subject: String,
        /// What it is.
        from: State,
        /// What it was to be.
        to: State,
    },
}

impl ArchiveError {
    /// What SQLite answered.
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> ArchiveError {
        if let rusqlite::Error::ToSqlConversionFailure(cause) = error
            && let Some(Lost { path, why }) = cause.downcast_ref()
        {
            return ArchiveError::Attachment(path.clone(), why.clone());
        }
        let path = path.to_owned();
        let said = match error {
            rusqlite::Error::SqliteFailure(_, Some(said)) => said.clone(),
            other => other.to_string(),
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ArchiveError::Busy(path),
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::TooBig,
            ) => ArchiveError::Unwritten(path, said),
            Some(ErrorCode::NotADatabase) => ArchiveError::Foreign(path),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => {
                ArchiveError::Unreadable(path, said)
            }
            _ => ArchiveError::Damaged(path, said),
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            ArchiveError::Absent(path)
            | ArchiveError::Unreadable(path, _)
            | ArchiveError::Foreign(path)
            | ArchiveError::Newer { path, .. }
            | ArchiveError::Busy(path)
            | ArchiveError::Unwritten(path, _)
            | ArchiveError::Attachment(path, _)
            | ArchiveError::Damaged(path, _) => Some(path),
            ArchiveError::Refused { .. } => None,
        }
    }
}

impl Say for ArchiveError {
    fn code(&self) -> Code {
        match self {
            ArchiveError::Absent(_) | ArchiveError::Unreadable(..) => Code::H0701,
            ArchiveError::Foreign(_) => Code::H0702,
            ArchiveError::Newer { .. } => Code::H0703,
            ArchiveError::Busy(_) => Code::H0704,
            ArchiveError::Unwritten(..) => Code::H0705,
            ArchiveError::Attachment(..) => Code::H0901,
            ArchiveError::Damaged(..) => Code::H0706,
            ArchiveError::Refused { .. } => Code::H0709,
        }
    }

    fn headline(&self, lang: Lang) -> String {
        let path = self.path().map(|path| path.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        match self {
            ArchiveError::Absent(_) => lang.say(format!("没有档案库 `{path}`"), format!("there is no archive `{path}`")),
            ArchiveError::Unreadable(_, why) => {
                lang.say(format!("打不开档案库 `{path}`: {why}"), format!("cannot open the archive `{path}`: {why}"))
            }
            ArchiveError::Foreign(_) => lang.say(format!("`{path}` 不是 heng 的档案库"), format!("`{path}` is no archive of heng")),
            ArchiveError::Newer { found, known, .. } => lang.say(
                format!("档案库 `{path}` 是更新的 heng 建的 (结构第 {found} 版，本程序只认到第 {known} 版)"),
                format!("a later heng made the archive `{path}` (layout {found}, this program knows up to {known})"),
            ),
            ArchiveError::Busy(_) => {
                lang.say(format!("另一个程序正在写档案库 `{path}`"), format!("another process is writing to the archive `{path}`"))
            }
            ArchiveError::Unwritten(_, why) => {
                lang.say(format!("写不进档案库 `{path}`: {why}"), format!("cannot write to the archive `{path}`: {why}"))
            }
            ArchiveError::Damaged(_, why) => {
                lang.say(format!("档案库 `{path}` 已损坏: {why}"), format!("the archive `{path}` is damaged: {why}"))
            }
            ArchiveError::Attachment(_, why) => {
                lang.say(format!("读不了附件 `{path}`: {why}"), format!("cannot read the attachment `{path}`: {why}"))
            }
            ArchiveError::Refused { subject, from, to } => {
                let (from, to) = (from.word(lang), to.word(lang));
                lang.say(
                    format!("`{subject}` 的填报{from}，不能改为{to}"),
                    format!("the submission of `{subject}` is {from} and cannot become {to}"),
                )
            }
        }
    }

    fn labels(&self, _lang: Lang) -> Vec<Label> {
        Vec::new()
    }

    fn help(&self, lang: Lang) -> Option<String> {
        Some(match self {
            ArchiveError::Absent(_) => lang.say(
                "先存入填报: `heng import 填报表 --data 文件 --db 档案库`",
                "put submissions into it first: `heng import FORM --data FILE --db FILE`",
            ),
            ArchiveError::Unreadable(..) => lang.say("检查路径、文件夹和权限", "see to the path, the folder and the permissions"),
            ArchiveError::Foreign(_) => lang.say(
                "用 `--db` 写档案库的文件名；新建时写一个还没有的文件名",
                "name the archive with `--db`; to make a new one, a file that is not there yet",
            ),
            ArchiveError::Newer { .. } => {
                lang.say("换用建它的那一版或更新的 heng；档案没有改动", "use the heng that made it, or a later one; nothing was changed")
            }
            ArchiveError::Busy(_) => lang.say("等它结束再试；这次什么也没有存", "try again when it has ended; nothing was stored"),
            ArchiveError::Unwritten(..) => lang.say(
                "检查磁盘空间和写入权限；这次什么也没有存，原有的档案没有变",
                "see to free space and permission to write; nothing was stored, and what was there is as it was",
            ),
            ArchiveError::Damaged(..) => {
                lang.say("用备份恢复；`heng db verify` 说明哪里不对", "restore a backup; `heng db verify` says what is wrong")
            }
            ArchiveError::Attachment(..) => lang.say("这次什么也没有存; 再导入一次", "nothing was stored; import again"),
            ArchiveError::Refused { to: State::Returned, .. } => {
                lang.say("只有已报送或已通过的填报可以退回", "only what was submitted or approved can be returned")
            }
            ArchiveError::Refused { .. } => lang.say(
                "只有已报送的填报可以通过；退回的要重新报送",
                "only what was submitted can be approved; what was returned is to be handed in again",
            ),
        })
    }
}
