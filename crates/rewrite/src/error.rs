//! What can go wrong, and what is worth a word although it does not.

use serde::Serialize;
use std::io;
use std::path::PathBuf;
use zhunsheng_protect::OperatorError;

/// Why the copy was not made. Nothing stands under its final name then.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// No rewriter for this format: it is never copied through.
    #[error("`{place}`: files of the format {format} cannot be written again safely")]
    Unsupported {
        /// File or member.
        place: String,
        /// Name of the format.
        format: String,
    },
    /// The content cannot be read whole, so nobody can say what is left in it.
    #[error("`{place}`: {detail}")]
    Unreadable {
        /// File or member.
        place: String,
        /// What is wrong, without a raw value.
        detail: String,
    },
    /// Held whole in memory while it is written again, and too big for that.
    #[error("`{place}`: {format} of more than {bytes_max} bytes cannot be held in memory")]
    TooBig {
        /// File or member.
        place: String,
        /// Name of the format.
        format: &'static str,
        /// The limit.
        bytes_max: u64,
    },
    /// What was found cannot be placed in the bytes of the file.
    #[error("`{place}`: the place of a value in the file is not certain")]
    NoPlace {
        /// File or member.
        place: String,
    },
    /// The second scan found values that must not be there.
    #[error("`{place}`: {count} values are left after protecting, the first is of the kind {kind}")]
    Left {
        /// File or member.
        place: String,
        /// How many.
        count: u64,
        /// Kind of the first, such as `PHONE`.
        kind: &'static str,
    },
    /// The output is the input, lies in it, or exists.
    #[error("`{}`: {detail}", path.display())]
    Refused {
        /// The path as given.
        path: PathBuf,
        /// Why.
        detail: &'static str,
    },
    /// Reading failed.
    #[error("`{place}` cannot be read: {error}")]
    Read {
        /// File or member.
        place: String,
        /// Of the operating system.
        error: io::Error,
    },
    /// Writing failed: no room, no permission.
    #[error("`{}` cannot be written: {error}", path.display())]
    Write {
        /// The file under construction or its folder.
        path: PathBuf,
        /// Of the operating system.
        error: io::Error,
    },
    /// A value could not be opened again.
    #[error("`{place}`: {error}")]
    Operator {
        /// File or member.
        place: String,
        /// Of the operator.
        error: OperatorError,
    },
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
}

impl RewriteError {
    pub(crate) fn unreadable(place: &str, detail: impl Into<String>) -> RewriteError {
        RewriteError::Unreadable { place: place.to_owned(), detail: detail.into() }
    }

    pub(crate) fn read(place: &str, error: io::Error) -> RewriteError {
        RewriteError::Read { place: place.to_owned(), error }
    }

    /// An error of writing to a stream whose path is not known here; the caller knows it.
    pub(crate) fn sink(error: io::Error) -> RewriteError {
        RewriteError::Write { path: PathBuf::new(), error }
    }

    pub(crate) fn with_path(self, path: &std::path::Path) -> RewriteError {
        match self {
            RewriteError::Write { path: known, error } if known.as_os_str().is_empty() => {
                RewriteError::Write { path: path.to_owned(), error }
            }
            other => other,
        }
    }
}

/// What is worth a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// File or member.
    pub place: String,
    /// What.
    pub kind: WarningKind,
    /// How often.
    pub count: u64,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// The name of the file itself looks like personal information; names are kept.
    NameOfFile,
    /// A character of a replacement that the encoding of the file does not have became `*`.
    NotInEncoding,
    /// A number in JSON whose replacement is no number became a string.
    NumberBecameText,
    /// Formulas were dropped; their last values stay, protected.
    FormulaDropped,
    /// A part was dropped because it cannot be protected (a preview picture, a signature).
    PartDropped,
    /// A member of a format that cannot be written again was left out, as asked for.
    LeftOut,
    /// Values that only the second scan found, because of what stood around them then; they were replaced too.
    FoundLater,
    /// Bytes that are no character stay as they are.
    BadCharacters,
}

impl WarningKind {
    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            WarningKind::NameOfFile => "name_of_file",
            WarningKind::NotInEncoding => "not_in_encoding",
            WarningKind::NumberBecameText => "number_became_text",
            WarningKind::FormulaDropped => "formula_dropped",
            WarningKind::PartDropped => "part_dropped",
            WarningKind::LeftOut => "left_out",
            WarningKind::FoundLater => "found_later",
            WarningKind::BadCharacters => "bad_characters",
        }
    }
}
