//! Files in, protected files out: writes each file again with its mentions replaced, and scans what it wrote.
//!
//! Knows how to write the formats that `source` reads, how to walk folders and archives, and how a policy is
//! carried out over them. Must not know commands, options or logs: keys, random bytes and the policy are
//! handed in, and the receipt is data that the caller writes.
//!
//! Start reading at [`protect_tree`] (a whole tree of files) and [`protect_stream`] (standard input); a new
//! format is one file in `format/` with a [`Rewriter`] and one line in [`format::REWRITERS`].
//!
//! | module | holds |
//! |---|---|
//! | `content` | the bytes of a file or member, wherever they lie |
//! | [`format`] | one file for each format that can be written again |
//! | `pass` | one walk over one file: detecting, replacing, counting, proving |
//! | `tree` | inputs to an output folder that appears whole or not at all |
//! | `plan` | what would happen, before anything is written |
//! | `receipt` | what was done, as data |

mod content;
mod error;
pub mod format;
mod pass;
mod plan;
mod receipt;
mod restore;
mod tree;

pub use content::{Content, ReadSeek};
pub use error::{RewriteError, Warning, WarningKind};
pub use format::{Change, Hands, Place, Rewriter, Slots, Spot};
pub use pass::{Job, Left};
pub use plan::{Plan, PlanLine};
pub use receipt::{Counted, FileReceipt, Receipt, SCHEMA_VERSION};
pub use restore::{RestoreColumns, Restored, restore_tree};
pub use tree::{Outcome, TreeOptions, plan_tree, protect_stream, protect_tree};
