//! The formats that can be written again, each in its own file: one [`Rewriter`], one line in [`REWRITERS`].
//!
//! What a file is, is told by the same rules by which `source` reads it.

mod compress;
mod json;
mod office;
mod parquet;
mod plain;
mod sqlite;
mod tar;
#[cfg(test)]
mod testing;
mod zip;

use crate::content::Content;
use crate::error::{RewriteError, WarningKind};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use zhunsheng_model::Fragment;
use zhunsheng_protect::Slot;

/// Every format, by the names that `source` gives them. A format without a line here is refused by its name.
pub static REWRITERS: &[&dyn Rewriter] = &[
    &plain::Plain,
    &json::Json,
    &zip::Zip,
    &tar::Tar,
    &compress::Compressed,
    &office::Office,
    &parquet::Parquet,
    &sqlite::Sqlite,
];

/// Writes files of some formats again.
pub trait Rewriter: Sync {
    /// The formats, by `source`'s names.
    fn formats(&self) -> &'static [&'static str];

    /// Writes `content` to `out` with what `hands` wants changed.
    ///
    /// * Every fragment that `source` reads from the content goes to [`Hands::changes`], in its order and with
    ///   the same text; a file inside goes to [`Hands::member`].
    /// * Bytes outside the changes stay as they are where the format allows it.
    /// * A reading alone is a rewriting without changes into [`std::io::sink`].
    ///
    /// # Errors
    /// When the content cannot be read whole, or a change cannot be placed. Nothing half-protected may count.
    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError>;
}

/// Where a file stands that is written again.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Its name in every output: `folder/outer.zip!inner.csv`.
    pub name: &'a str,
    /// Its format, by `source`'s name.
    pub format: &'static str,
    /// Folder for spool files; it goes when the work is done.
    pub temp: &'a Path,
}

impl Place<'_> {
    /// The name as `source` wants it.
    pub fn file(&self) -> Arc<str> {
        self.name.into()
    }
}

/// What the place of a cell (row and column in the fragment, from 0) can hold.
pub type Slots<'a> = &'a dyn Fn(usize, usize) -> Slot;

/// Who decides what changes.
pub trait Hands {
    /// What to change in `fragment`: sorted by place, without overlaps.
    fn changes(&mut self, fragment: &Fragment, slots: Slots<'_>) -> Result<Vec<Change>, RewriteError>;

    /// A file inside the one that is written: its new content, `None` where it is left out.
    fn member(&mut self, name: &str, content: Content) -> Result<Option<Content>, RewriteError>;

    /// Something worth a word, of the file that is written.
    fn warn(&mut self, kind: WarningKind, count: u64);
}

/// New text for a part of a fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub spot: Spot,
    /// Bytes of the fragment's text or of the cell's text.
    pub range: Range<usize>,
    /// What to write; `None` empties the place (NULL where the format has it).
    pub new: Option<String>,
}

/// The text of a fragment, or one of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// The text.
    Text,
    /// A cell: row and column in the fragment's buffer, from 0.
    Cell(usize, usize),
}

/// The rewriter of a format.
pub fn rewriter(format: &str) -> Option<&'static dyn Rewriter> {
    REWRITERS.iter().find(|rewriter| rewriter.formats().contains(&format)).copied()
}

/// Cells keep any text.
pub(crate) fn any_slot(_: usize, _: usize) -> Slot {
    Slot::Text
}

/// Whether files of the format only hold other files.
pub fn is_container(format: &str) -> bool {
    matches!(format, "zip" | "tar" | "gzip" | "bzip2" | "xz" | "zstd")
}
