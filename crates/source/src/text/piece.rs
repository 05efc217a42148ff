//! Cutting a text of any length into pieces that are decoded and split elsewhere.
//!
//! The reader of a file does only what must be done in order: read, find the next cut, count rows, lines and
//! characters. Everything else is left to the threads that load the pieces.

use super::encoding::{self, TextHead};
use super::split::{Quote, follow_quote};
use crate::error::SourceError;
use crate::input::Input;
use crate::sink::Context;
use encoding_rs::Decoder;
use memchr::{memchr, memchr_iter, memmem, memrchr};
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use zhunsheng_model::{Encoding, LazyFragment, Place, Problem, ProblemKind, TextOrigin};

/// Without a line end within so many bytes a piece is cut anywhere.
const OVERLONG_BYTES: usize = 16 << 20;
/// How far back from the end of a piece a better cut is looked for.
const WINDOW_BYTES: usize = 64 << 10;
/// Most raw bytes decoded at once where the reader itself must decode.
const RAW_BYTES: usize = 256 << 10;

/// Where a text may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// At a blank line near the end, else at a line end.
    Paragraphs,
    /// After `END:VCARD`, else at a line end.
    Cards,
    /// At a line end.
    Lines,
    /// At a line end outside quoted cells, with this delimiter.
    QuotedRows(u8),
}

/// The bytes of a piece.
pub(crate) enum Content {
    /// As they stand in the file.
    Raw(Vec<u8>),
    /// Decoded by the reader (UTF-16, in which line ends cannot be found byte by byte).
    Text(String),
}

/// Some whole lines of a text.
pub(crate) struct Piece {
    pub(crate) content: Content,
    /// Where the piece begins in the file.
    pub(crate) origin: TextOrigin,
    /// Number of the first row, from 1; a row is a line, or several where a quoted cell goes over the line end.
    pub(crate) first_row: u64,
    /// Number of the piece in its text, from 0.
    pub(crate) index: u64,
    /// Whether nothing follows.
    pub(crate) last: bool,
    /// Places that the reader had to replace while decoding.
    bad: u64,
}

impl Piece {
    /// Bytes held.
    pub(crate) fn size_bytes(&self) -> usize {
        match &self.content {
            Content::Raw(bytes) => bytes.len(),
            Content::Text(text) => text.len(),
        }
    }

    /// Decodes; gives the text, where it begins and how it was written, and the number of replaced places.
    pub(crate) fn decode(self) -> (String, TextOrigin, u64) {
        let mut origin = self.origin;
        match self.content {
            Content::Text(text) => (text, origin, self.bad),
            Content::Raw(bytes) => {
                let (text, encoding, bad) = encoding::decode_piece(origin.encoding, bytes);
                origin.encoding = encoding;
                (text, origin, bad)
            }
        }
    }
}

/// Cuts an input into pieces, in order.
pub(crate) struct Pieces<'a> {
    input: Input<'a>,
    decoder: Option<Decoder>,
    ascii_only: bool,
    cut: Cut,
    line_end: u8,
    chunk_bytes: usize,
    /// Read and not yet handed out; decoded when there is a decoder.
    held: Vec<u8>,
    ended: bool,
    failure: Option<SourceError>,
    bad: u64,
    origin: TextOrigin,
    next_row: u64,
    index: u64,
    overlong: bool,
}

impl<'a> Pieces<'a> {
    /// `head` is what was told of the beginning of `input`.
    ///
    /// # Errors
    /// When the byte-order mark cannot be read.
    pub(crate) fn new(
        mut input: Input<'a>,
        head: &TextHead,
        cut: Cut,
        line_end: u8,
        chunk_bytes: usize,
    ) -> Result<Pieces<'a>, SourceError> {
        let mut mark = [0; 4];
        let mark = mark.get_mut(..head.bom_bytes.min(4)).unwrap_or_default();
        input.read_exact(mark)?;
        let is_wide = matches!(head.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        Ok(Pieces {
            input,
            decoder: is_wide.then(|| encoding::decoder(head.encoding)),
            ascii_only: head.ascii_only,
            cut,
            line_end,
            chunk_bytes: chunk_bytes.max(1),
            held: Vec::new(),
            ended: false,
            failure: None,
            bad: 0,
            origin: TextOrigin {
                encoding: head.encoding,
                first_byte: head.bom_bytes as u64,
                first_char: 0,
                first_line: 0,
            },
            next_row: 1,
            index: 0,
            overlong: false,
        })
    }

    /// The next piece, `None` at the end.
    ///
    /// # Errors
    /// When reading fails, after everything read before was handed out.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, SourceError> {
        let mut want = self.chunk_bytes;
        let (end, rows) = loop {
            self.fill(want);
            if self.held.is_empty() {
                return self.failure.take().map_or(Ok(None), Err);
            }
            if let Some(found) = self.find_cut() {
                break found;
            }
            if self.held.len() >= OVERLONG_BYTES {
                self.overlong = true;
                break (self.forced_cut(), 0);
            }
            want = self.held.len().saturating_mul(2).clamp(self.chunk_bytes, OVERLONG_BYTES);
        };
        let rest = self.held.get(end..).unwrap_or_default().to_vec();
        self.held.truncate(end);
        let bytes = std::mem::replace(&mut self.held, rest);
        if self.held.is_empty() {
            self.look_for_end();
        }
        Ok(Some(self.piece(bytes, rows)))
    }

    /// Sets where in its file the input begins: for the rest of a file whose beginning was read otherwise.
    pub(crate) fn starting_at(mut self, origin: TextOrigin) -> Self {
        self.origin = origin;
        self
    }

    /// Whether a piece had to be cut within a line; says so once.
    pub(crate) fn take_overlong(&mut self) -> bool {
        std::mem::take(&mut self.overlong)
    }

    fn piece(&mut self, bytes: Vec<u8>, rows: u64) -> Piece {
        if self.ascii_only && !bytes.is_ascii() {
            self.ascii_only = false;
            if let Some((encoding @ (Encoding::Gb18030 | Encoding::Big5 | Encoding::Other(_)), _)) =
                encoding::guess(&bytes, true)
            {
                self.origin.encoding = encoding;
            }
        }
        let origin = self.origin;
        let first_row = self.next_row;
        self.next_row += rows;
        self.origin.first_line += memchr_iter(self.line_end, &bytes).count() as u64;
        let is_wide = self.decoder.is_some();
        let chars = encoding::count_chars(if is_wide { Encoding::Utf8 } else { origin.encoding }, &bytes);
        self.origin.first_char += chars;
        let content = if is_wide {
            // Characters beyond the basic plane are two units; they are the ones of four bytes in UTF-8.
            let pairs = bytes.iter().filter(|byte| **byte >= 0xF0).count() as u64;
            self.origin.first_byte += 2 * (chars + pairs);
            Content::Text(String::from_utf8(bytes).unwrap_or_default())
        } else {
            self.origin.first_byte += bytes.len() as u64;
            Content::Raw(bytes)
        };
        let index = self.index;
        self.index += 1;
        let last = self.ended && self.held.is_empty();
        Piece { content, origin, first_row, index, last, bad: std::mem::take(&mut self.bad) }
    }

    /// Reads until `want` bytes are held or the input ends.
    fn fill(&mut self, want: usize) {
        if self.decoder.is_some() {
            return self.fill_decoded(want);
        }
        let mut at = self.held.len();
        if at >= want || self.ended {
            return;
        }
        self.held.resize(want, 0);
        while let Some(room) = self.held.get_mut(at..).filter(|room| !room.is_empty()) {
            match self.input.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(got) => at += got,
                Err(error) => {
                    self.fail(error);
                    break;
                }
            }
        }
        self.held.truncate(at);
    }

    /// Finds out whether anything follows, so that the last piece knows that it is.
    fn look_for_end(&mut self) {
        if self.decoder.is_some() {
            return self.fill(1);
        }
        match self.input.peek(1) {
            Ok([]) => self.ended = true,
            Ok(_) => {}
            Err(error) => self.fail(error),
        }
    }

    fn fill_decoded(&mut self, want: usize) {
        let mut raw = Vec::new();
        while self.held.len() < want && !self.ended {
            raw.resize(self.chunk_bytes.clamp(2, RAW_BYTES), 0);
            let got = match self.input.read(&mut raw) {
                Ok(got) => got,
                Err(error) => {
                    self.fail(error);
                    0
                }
            };
            self.ended |= got == 0;
            let mut text = String::new();
            if let Some(decoder) = &mut self.decoder {
                let bytes = raw.get(..got).unwrap_or_default();
                self.bad += encoding::decode_step(decoder, bytes, self.ended, &mut text);
            }
            self.held.extend_from_slice(text.as_bytes());
        }
    }

    fn fail(&mut self, error: std::io::Error) {
        self.failure = Some(error.into());
        self.ended = true;
    }

    /// The end of the last whole row held and the number of rows up to there.
    fn find_cut(&self) -> Option<(usize, u64)> {
        let held = self.held.as_slice();
        if let Cut::QuotedRows(delimiter) = self.cut {
            return quoted_cut(held, delimiter, self.line_end, self.ended);
        }
        let count =
            |end: usize| memchr_iter(self.line_end, held.get(..end).unwrap_or_default()).count() as u64;
        if self.ended {
            let open = held.last() != Some(&self.line_end);
            return Some((held.len(), count(held.len()) + u64::from(open)));
        }
        let line = memrchr(self.line_end, held)? + 1;
        let window = held.len().saturating_sub(WINDOW_BYTES.min(held.len() / 2));
        let better = match self.cut {
            Cut::Paragraphs => held.get(window..line).and_then(|tail| {
                let plain = memmem::rfind(tail, b"\n\n").map(|at| at + 2);
                let wide = memmem::rfind(tail, b"\n\r\n").map(|at| at + 3);
                plain.max(wide).map(|at| window + at)
            }),
            Cut::Cards => held.get(..line).and_then(|lines| {
                let card = memmem::rfind(lines, b"END:VCARD")?;
                lines.get(card..).and_then(|rest| memchr(self.line_end, rest)).map(|at| card + at + 1)
            }),
            Cut::Lines | Cut::QuotedRows(_) => None,
        };
        let end = better.unwrap_or(line);
        Some((end, count(end)))
    }

    /// A cut within a line: after a mark that stands in no number or name, at worst between two characters.
    fn forced_cut(&self) -> usize {
        let held = self.held.as_slice();
        let window = held.len().saturating_sub(WINDOW_BYTES);
        let tail = held.get(window..).unwrap_or_default();
        // None of these is the second byte of a character in any encoding read here.
        let mark = tail.iter().rposition(|byte| {
            matches!(
                byte,
                b' ' | b'\t' | b',' | b';' | b'"' | b'\'' | b'<' | b'>' | b'(' | b')' | b'&' | b'?' | 0
            )
        });
        if let Some(at) = mark {
            return window + at + 1;
        }
        let encoding = if self.decoder.is_some() { Encoding::Utf8 } else { self.origin.encoding };
        encoding::boundary(encoding, held)
    }
}

/// The end of the last row that is whole whatever follows, and the number of rows up to there.
fn quoted_cut(held: &[u8], delimiter: u8, line_end: u8, complete: bool) -> Option<(usize, u64)> {
    let mut rows = 0;
    let mut row_end = 0;
    let mut at = 0;
    let mut pass = |from: usize, to: usize| {
        for end in memchr_iter(line_end, held.get(from..to).unwrap_or_default()) {
            rows += 1;
            row_end = from + end + 1;
        }
    };
    loop {
        let Some(mark) = held.get(at..).and_then(|rest| memchr(b'"', rest)).map(|found| at + found) else {
            pass(at, held.len());
            break;
        };
        pass(at, mark);
        let before = mark.checked_sub(1).and_then(|at| held.get(at)).copied();
        at = mark + 1;
        if before.is_none_or(|byte| byte == delimiter || byte == line_end) {
            match follow_quote(held, mark, delimiter, complete) {
                Quote::Closed(end) => at = end + 1,
                Quote::Lone => {}
                Quote::Unknown => break,
            }
        }
    }
    if complete {
        return Some((held.len(), rows + u64::from(row_end < held.len())));
    }
    (row_end > 0).then_some((row_end, rows))
}

/// What the loaders of one text's pieces count together, so that each fault is told once for the file.
#[derive(Default)]
pub(crate) struct Faults {
    sums: Mutex<Sums>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    found: Found,
    pieces: u64,
    total: Option<u64>,
}

/// What loading one piece brought to light.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    /// Places that are no character.
    pub(crate) bad: u64,
    /// Rows.
    pub(crate) rows: u64,
    /// Rows that do not have the usual number of cells.
    pub(crate) ragged: u64,
    /// That number.
    pub(crate) columns: usize,
    /// Lines that break the rules of the format.
    pub(crate) broken: u64,
}

impl Faults {
    /// Notes what loading piece `index` brought to light. The loader that completes the text gets the problems.
    pub(crate) fn note(&self, place: &Place, (index, last): (u64, bool), found: Found) -> Vec<Problem> {
        let sums = {
            let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
            sums.found.bad += found.bad;
            sums.found.rows += found.rows;
            sums.found.ragged += found.ragged;
            sums.found.columns = found.columns;
            sums.found.broken += found.broken;
            sums.pieces += 1;
            if last {
                sums.total = Some(index + 1);
            }
            *sums
        };
        let mut problems = Vec::new();
        if sums.total != Some(sums.pieces) {
            return problems;
        }
        let mut add = |kind, detail| {
            problems.push(Problem { place: place.clone(), kind, detail, lost: false });
        };
        let Found { bad, rows, ragged, columns, broken } = sums.found;
        if bad > 0 {
            add(ProblemKind::BadCharacters, format!("{bad} places are no character; they were replaced"));
        }
        if ragged > 0 {
            add(ProblemKind::RaggedRows, format!("{ragged} of {rows} rows do not have {columns} cells"));
        }
        if broken > 0 {
            add(
                ProblemKind::Malformed,
                format!("{broken} of {rows} lines break off or are not of the format"),
            );
        }
        problems
    }
}

/// Hands over every piece as what `wrap` makes of it.
pub(crate) fn deliver(
    mut pieces: Pieces<'_>,
    cx: &mut Context<'_>,
    mut wrap: impl FnMut(Piece) -> Box<dyn LazyFragment>,
) -> Result<(), SourceError> {
    let mut told = false;
    while let Some(piece) = pieces.next()? {
        if pieces.take_overlong() && !told {
            told = true;
            cx.problem(
                ProblemKind::OverlongPiece,
                format!("a line is longer than {} MiB; it was cut", OVERLONG_BYTES >> 20),
                false,
            );
        }
        cx.fragment(zhunsheng_model::Fragment::Lazy(wrap(piece)))?;
    }
    Ok(())
}
