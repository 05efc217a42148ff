//! What can go wrong while a format is read.

use crate::limits::LimitHit;
use std::io;
use zhunsheng_model::ProblemKind;

/// Why a format could not be read to its end.
///
/// The caller turns it into a [`zhunsheng_model::Problem`] at the place of the input: a damaged file is not a
/// failure of the scan. Messages never carry content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The receiver wants no more; not a problem of the input.
    #[error("stopped by the receiver")]
    Stopped,
    /// A password is needed.
    #[error("{0}")]
    Encrypted(String),
    /// The content ends too early.
    #[error("{0}")]
    Truncated(String),
    /// The content breaks the rules of its format.
    #[error("{0}")]
    Malformed(String),
    /// A limit of [`crate::Limits`] is reached.
    #[error("{0}")]
    Limit(String),
    /// No reader for this content.
    #[error("{0}")]
    Unsupported(String),
    /// The operating system refuses access.
    #[error("{0}")]
    Denied(String),
    /// Reading failed in the operating system.
    #[error("{0}")]
    Io(String),
}

impl SourceError {
    /// A password is needed; `detail` says for what.
    pub fn encrypted(detail: impl Into<String>) -> SourceError {
        SourceError::Encrypted(detail.into())
    }

    /// The content ends too early; `detail` says where.
    pub fn truncated(detail: impl Into<String>) -> SourceError {
        SourceError::Truncated(detail.into())
    }

    /// The content breaks the rules of its format; `detail` says which.
    pub fn malformed(detail: impl Into<String>) -> SourceError {
        SourceError::Malformed(detail.into())
    }

    /// No reader; `detail` names the format.
    pub fn unsupported(detail: impl Into<String>) -> SourceError {
        SourceError::Unsupported(detail.into())
    }

    /// The kind of problem it becomes; `None` for [`SourceError::Stopped`].
    pub fn kind(&self) -> Option<ProblemKind> {
        Some(match self {
            SourceError::Stopped => return None,
            SourceError::Encrypted(_) => ProblemKind::Encrypted,
            SourceError::Truncated(_) => ProblemKind::Truncated,
            SourceError::Malformed(_) => ProblemKind::Malformed,
            SourceError::Limit(_) => ProblemKind::LimitExceeded,
            SourceError::Unsupported(_) => ProblemKind::Unsupported,
            SourceError::Denied(_) => ProblemKind::PermissionDenied,
            SourceError::Io(_) => ProblemKind::ReadFailed,
        })
    }
}

impl From<LimitHit> for SourceError {
    fn from(hit: LimitHit) -> SourceError {
        SourceError::Limit(hit.to_string())
    }
}

impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> SourceError {
        if let Some(hit) = error.get_ref().and_then(|inner| inner.downcast_ref::<LimitHit>()) {
            return SourceError::Limit(hit.to_string());
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => SourceError::Truncated("the content ends too early".into()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                SourceError::Malformed("the content breaks the rules of its format".into())
            }
            io::ErrorKind::PermissionDenied => SourceError::Denied("access is refused".into()),
            // The system's own message names no content; a decoder's might.
            kind => match error.raw_os_error() {
                Some(code) => SourceError::Io(format!("reading failed: {kind} (code {code})")),
                None => SourceError::Malformed(format!("the content cannot be read: {kind}")),
            },
        }
    }
}
