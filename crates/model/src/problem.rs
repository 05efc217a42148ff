//! What could not be read, and why: part of every inventory.

use crate::Place;
use serde::{Deserialize, Serialize};

/// Why a piece could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The content is encrypted or needs a password.
    Encrypted,
    /// The content ends too early.
    Truncated,
    /// The content breaks the rules of its format.
    Malformed,
    /// An archive grows beyond the limit of ratio, depth, size or number of members.
    LimitExceeded,
    /// The operating system refuses access.
    PermissionDenied,
    /// Reading failed in the operating system.
    ReadFailed,
    /// A link that leads back to a folder already visited.
    LinkLoop,
    /// No reader for this format yet (pictures, video, …).
    Unsupported,
    /// A socket, device or pipe.
    SpecialFile,
    /// Bytes that are no character of the encoding; they were replaced.
    BadCharacters,
    /// Rows with more or fewer cells than the rest; they were read all the same.
    RaggedRows,
    /// A piece was cut in two because it is too long to be held whole.
    OverlongPiece,
}

/// One piece that could not be read, or only in part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// Why.
    pub kind: ProblemKind,
    /// What happened, lower case, no full stop, never a raw value.
    pub detail: String,
    /// Whether nothing of the piece was read (`true`) or it was read with losses.
    pub lost: bool,
}
