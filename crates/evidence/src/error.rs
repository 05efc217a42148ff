//! What can go wrong.

use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong in this crate; messages hold paths and numbers, never the content of an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A file could not be read or written.
    #[error("`{path}`: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A log holds something that no crash can have left behind.
    #[error("the log in `{folder}` was changed or damaged: {what}")]
    Damaged {
        /// The folder of the log.
        folder: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another process writes to the log.
    #[error("the log in `{0}` is being written by another process")]
    Locked(PathBuf),
    /// A write failed earlier, so nobody knows what is on disk until the log is opened again.
    #[error("a write to the log failed earlier; open it again to go on")]
    Broken,
    /// There is no log.
    #[error("`{0}` holds no log")]
    NoLog(PathBuf),
    /// There is a log already.
    #[error("`{0}` holds a log already")]
    LogExists(PathBuf),
    /// No such entry.
    #[error("the log has no entry {0}")]
    NoEntry(u64),
    /// The salt and content of the entry were destroyed.
    #[error("the content of entry {0} was destroyed")]
    Shredded(u64),
    /// An order to destroy must stay, or a destruction could not be told from tampering.
    #[error("entry {0} orders the destruction of another and cannot be destroyed")]
    Order(u64),
    /// A key cannot be read.
    #[error("not a signing key: expected `PRIVATE+KEY+name+id+base64`")]
    Key,
    /// The operating system gave no random numbers.
    #[error("no random numbers from the operating system")]
    Random,
    /// A witness refuses.
    #[error("the witness does not sign: {0}")]
    Witness(&'static str),
    /// A name cannot stand in a package.
    #[error("`{0}` cannot be the name of a file in a package")]
    Name(String),
    /// A package is not that of the log's entry.
    #[error("`{path}` cannot be sealed again: {what}")]
    Seal {
        /// The package.
        path: PathBuf,
        /// Why.
        what: &'static str,
    },
    /// The time-stamp authority did not answer as it must.
    #[error("time-stamp authority: {0}")]
    TimeStamp(String),
    /// A draw cannot be made as asked.
    #[error("the sample cannot be drawn: {0}")]
    Draw(String),
    /// A filled-in sheet cannot be read.
    #[error("the sheet cannot be read: {0}")]
    Sheet(String),
}

/// Result of this crate.
pub type Result<T> = std::result::Result<T, EvidenceError>;

/// Adds the path to an error of the operating system.
pub(crate) fn at<T>(path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| EvidenceError::File { path: path.to_owned(), error })
}
