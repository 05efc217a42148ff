//! What a reader hands over: text or cells, with the place they come from.

use crate::{Place, Problem, Step};
use std::ops::Range;
use std::sync::Arc;

/// How the bytes of a text were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the name of the encoding")]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
    Big5,
    /// Any other that the reader knows, by its WHATWG name.
    Other(&'static str),
}

/// Where a decoded text begins in the bytes it was decoded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOrigin {
    /// How the bytes were written.
    pub encoding: Encoding,
    /// Byte offset in the file of the first character.
    pub first_byte: u64,
    /// Number of characters (code points) of the file before the first character.
    pub first_char: u64,
    /// Number of lines of the file before the first character.
    pub first_line: u64,
}

/// What kind of text it is; the detector forms records by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextShape {
    /// Free text: paragraphs, messages, judgments.
    Prose,
    /// One entry a line: logs.
    Lines,
    /// vCard and the like: blocks of `KEY:value` lines between BEGIN and END.
    Blocks,
    /// Source code or markup left as it is.
    Code,
}

/// A stretch of a text that has a place of its own (a paragraph, a page, a line of a PDF).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Byte offset in [`TextFragment::text`] where the stretch begins; it ends where the next begins.
    pub start: u32,
    /// The steps from the fragment's place to the stretch.
    pub steps: Vec<Step>,
}

/// A stretch of text that is read as one.
#[derive(Clone, Debug)]
pub struct TextFragment {
    /// Where it stands.
    pub place: Arc<Place>,
    /// The decoded text, at most a few MiB.
    pub text: String,
    /// What kind of text it is.
    pub shape: TextShape,
    /// Sorted by `start`; empty when the text has no parts of its own.
    pub segments: Vec<Segment>,
    /// Set when the text is the file itself (not a document's extracted text).
    pub origin: Option<TextOrigin>,
}

/// Cells of consecutive rows in one buffer.
#[derive(Clone, Debug, Default)]
pub struct CellBuffer {
    /// Holds every cell; also the bytes between cells when cells are slices of the original.
    pub text: String,
    /// Byte range of each cell in `text`, row after row.
    pub cells: Vec<Range<u32>>,
    /// Index in `cells` where each row begins, and `cells.len()` at the end: one more than rows.
    pub rows: Vec<u32>,
}

impl CellBuffer {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len().saturating_sub(1)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of row `index`, or nothing beyond the end.
    pub fn row(&self, index: usize) -> impl ExactSizeIterator<Item = &str> + Clone {
        let range = match (self.rows.get(index), self.rows.get(index + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        };
        self.cells.get(range).unwrap_or_default().iter().map(|cell| self.cell_at(cell))
    }

    /// The text of a cell range.
    pub fn cell_at(&self, cell: &Range<u32>) -> &str {
        self.text.get(cell.start as usize..cell.end as usize).unwrap_or_default()
    }

    /// Appends one cell to the row under construction.
    pub fn push_cell(&mut self, cell: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(cell);
        self.cells.push(start..self.text.len() as u32);
    }

    /// Ends the row under construction.
    pub fn end_row(&mut self) {
        if self.rows.is_empty() {
            self.rows.push(0);
        }
        self.rows.push(self.cells.len() as u32);
    }
}

/// Consecutive rows of one table.
#[derive(Clone, Debug)]
pub struct TableFragment {
    /// Where the table stands (file, sheet, table).
    pub place: Arc<Place>,
    /// Number of the table within its file, from 0: fragments of one table share it.
    pub table: u32,
    /// Names of the columns where the format states them; `None` where the first rows may be titles or a
    /// header that the detector has to tell from data.
    pub names: Option<Arc<[String]>>,
    /// Number of the first row in `cells`, from 1, counted over everything the table holds.
    pub first_row: u64,
    /// The rows.
    pub cells: CellBuffer,
    /// Set when `cells.text` begins with bytes of the file itself.
    pub origin: Option<TextOrigin>,
}

/// A piece that is decoded and split where it is used, so that several threads share one file.
pub trait LazyFragment: Send {
    /// Bytes of the piece before decoding.
    fn size_bytes(&self) -> usize;
    /// Decodes and splits.
    fn load(self: Box<Self>) -> (Vec<Fragment>, Vec<Problem>);
}

/// What a reader hands over.
pub enum Fragment {
    /// Text.
    Text(TextFragment),
    /// Rows of a table.
    Table(TableFragment),
    /// Text or rows, not decoded yet.
    Lazy(Box<dyn LazyFragment>),
}
