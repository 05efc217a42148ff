//! Text, tables in text, SQL dumps and address cards: every byte outside the changes is copied as it is.
//!
//! Fragments carry the byte at which they begin, so a change is a range of bytes of the file. The file is read
//! twice side by side: once by `source`, once as raw bytes to copy. Memory: a piece of the file.

use super::{Change, Hands, Place, Rewriter, Spot};
use crate::content::{Content, ReadSeek};
use crate::error::{RewriteError, WarningKind};
use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::ops::{ControlFlow, Range};
use zhunsheng_model::{Encoding, Fragment, Problem, ProblemKind, TableFragment, TextOrigin};
use zhunsheng_protect::Slot;
use zhunsheng_source::edit::{self, Quote, follow_quote};
use zhunsheng_source::{CellForm, Layout, ReadOptions, Sink, read_stream};

/// Text, tables in text, SQL dumps and address cards.
pub(super) struct Plain;

/// Bytes of a piece.
const PIECE_BYTES: usize = 2 << 20;

impl Rewriter for Plain {
    fn formats(&self) -> &'static [&'static str] {
        &["text", "delimited", "sql", "vcard", "empty"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let read = |error| RewriteError::read(place.name, error);
        let mut input = content.open().map_err(read)?;
        let raw = content.open().map_err(read)?;
        let mut copy = Copy { place, hands, out, raw, at: 0, layout: None, result: Ok(()) };
        let options = ReadOptions {
            temp_dir: place.temp.to_owned(),
            chunk_bytes: PIECE_BYTES,
            ..ReadOptions::default()
        };
        let outcome = read_stream(place.name, &mut input, &options, &mut copy);
        copy.result?;
        if outcome.digest.is_none() {
            return Err(RewriteError::unreadable(place.name, "the content cannot be read to its end"));
        }
        io::copy(&mut copy.raw, &mut copy.out).map_err(RewriteError::sink)?;
        Ok(())
    }
}

struct Copy<'a, 'b> {
    place: &'a Place<'b>,
    hands: &'a mut dyn Hands,
    out: &'a mut dyn Write,
    raw: Box<dyn ReadSeek + 'a>,
    /// Raw bytes read so far.
    at: u64,
    /// Of the next table.
    layout: Option<Layout>,
    result: Result<(), RewriteError>,
}

impl Sink for Copy<'_, '_> {
    fn opened(&mut self, _: &zhunsheng_model::Place, _: &'static str) {}

    fn layout(&mut self, layout: &Layout) {
        self.layout = Some(layout.clone());
    }

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        let done = match fragment {
            Fragment::Lazy(lazy) => {
                let size = lazy.size_bytes();
                let (fragments, problems) = lazy.load();
                problems.into_iter().for_each(|problem| self.problem(problem));
                fragments.iter().try_for_each(|fragment| self.piece(fragment, Some(size)))
            }
            other => self.piece(&other, None),
        };
        match done {
            Ok(()) if self.result.is_ok() => ControlFlow::Continue(()),
            Ok(()) => ControlFlow::Break(()),
            Err(error) => {
                self.result = Err(error);
                ControlFlow::Break(())
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        match problem.kind {
            // Read all the same, and found all the same.
            ProblemKind::RaggedRows | ProblemKind::OverlongPiece => {}
            ProblemKind::BadCharacters => self.hands.warn(WarningKind::BadCharacters, 1),
            ProblemKind::Malformed if !problem.lost && self.place.format == "sql" => {}
            _ if self.result.is_ok() => {
                self.result = Err(RewriteError::unreadable(self.place.name, problem.detail));
            }
            _ => {}
        }
    }
}

impl Copy<'_, '_> {
    /// One fragment; `lazy_bytes` is the size of the piece it was decoded from (UTF-16: of its text).
    fn piece(&mut self, fragment: &Fragment, lazy_bytes: Option<usize>) -> Result<(), RewriteError> {
        let layout = self.layout.take();
        let (origin, buffer) = match fragment {
            Fragment::Text(text) => (text.origin, text.text.as_str()),
            Fragment::Table(table) => (table.origin, table.cells.text.as_str()),
            Fragment::Lazy(_) => return Ok(()),
        };
        let origin = match origin {
            Some(origin) => origin,
            // Folded or encoded lines were joined: what stands where is not known any more.
            None if self.place.format == "vcard" => {
                let format = "vcard with folded or encoded lines".to_owned();
                return Err(RewriteError::Unsupported { place: self.place.name.to_owned(), format });
            }
            None => return Err(self.no_place()),
        };
        let raw = self.raw_piece(origin, buffer, lazy_bytes, layout.as_ref())?;
        // The same bytes decoded: what the fragment's buffer begins with.
        let text: Cow<'_, str> = match raw.as_slice() {
            bytes if origin.encoding == Encoding::Utf8 && std::str::from_utf8(bytes).is_ok() => {
                Cow::Borrowed(buffer.get(..bytes.len()).ok_or_else(|| self.no_place())?)
            }
            bytes => Cow::Owned(edit::decode(origin.encoding, bytes.to_vec()).0),
        };
        if !buffer.starts_with(text.as_ref()) {
            return Err(self.no_place());
        }
        let changes = match fragment {
            Fragment::Table(table) => {
                let cells = match &layout {
                    Some(layout) => Cells::of_sql(table, layout, &text),
                    None => Cells::of_rows(table, &text),
                };
                let slots = |row, column| cells.slot(row, column, &text);
                let changes = self.hands.changes(fragment, &slots)?;
                self.of_cells(table, &cells, &text, changes)?
            }
            _ => {
                let changes = self.hands.changes(fragment, &super::any_slot)?;
                changes.into_iter().map(|c| (c.range, c.new.unwrap_or_default())).collect()
            }
        };
        self.write(&raw, &text, origin.encoding, changes)
    }

    fn no_place(&self) -> RewriteError {
        RewriteError::NoPlace { place: self.place.name.to_owned() }
    }

    /// The bytes that the fragment was decoded from; what stands before them is copied.
    fn raw_piece(
        &mut self,
        origin: TextOrigin,
        buffer: &str,
        lazy_bytes: Option<usize>,
        layout: Option<&Layout>,
    ) -> Result<Vec<u8>, RewriteError> {
        let is_wide = matches!(origin.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let of_text = |bytes: usize| {
            let text = buffer.get(..bytes)?;
            Some(edit::encoded_bytes(origin.encoding, text))
        };
        let size = match (lazy_bytes, layout) {
            (Some(bytes), _) if !is_wide => Some(bytes as u64),
            (Some(bytes), _) => of_text(bytes),
            (None, Some(layout)) => of_text(layout.text_bytes),
            (None, None) => of_text(buffer.len()),
        };
        let size = size.ok_or_else(|| self.no_place())?;
        let before = origin.first_byte.checked_sub(self.at).ok_or_else(|| self.no_place())?;
        let copied =
            io::copy(&mut (&mut self.raw).take(before), &mut self.out).map_err(RewriteError::sink)?;
        let mut raw = Vec::new();
        let read = (&mut self.raw)
            .take(size)
            .read_to_end(&mut raw)
            .map_err(|error| RewriteError::read(self.place.name, error))?;
        if copied != before || read as u64 != size {
            return Err(RewriteError::unreadable(self.place.name, "the file changed while it was read"));
        }
        self.at = origin.first_byte + size;
        Ok(raw)
    }

    /// Writes a piece with changes of its text.
    fn write(
        &mut self,
        raw: &[u8],
        text: &str,
        encoding: Encoding,
        mut changes: Vec<(Range<usize>, String)>,
    ) -> Result<(), RewriteError> {
        changes.sort_by_key(|(range, _)| (range.start, range.end));
        let mut offsets = Offsets::new(raw, text, encoding);
        let mut done = 0;
        let mut room = Vec::with_capacity(raw.len() + raw.len() / 8);
        for (range, new) in changes {
            let (start, end) = (offsets.raw(range.start), offsets.raw(range.end));
            let (Some(start), Some(end)) = (start, end) else { return Err(self.no_place()) };
            let kept = raw.get(done..start).ok_or_else(|| self.no_place())?;
            room.extend_from_slice(kept);
            let lost = edit::encode(encoding, &new, '*', &mut room);
            if lost > 0 {
                self.hands.warn(WarningKind::NotInEncoding, lost);
            }
            done = end;
        }
        room.extend_from_slice(raw.get(done..).unwrap_or_default());
        self.out.write_all(&room).map_err(RewriteError::sink)
    }

    /// Changes of cells as changes of the text, with the quoting that each place needs.
    fn of_cells(
        &self,
        table: &TableFragment,
        cells: &Cells,
        text: &str,
        changes: Vec<Change>,
    ) -> Result<Vec<(Range<usize>, String)>, RewriteError> {
        let mut made: Vec<(Range<usize>, String)> = Vec::with_capacity(changes.len());
        let mut changes = changes.into_iter().peekable();
        while let Some(change) = changes.next() {
            let Spot::Cell(row, column) = change.spot else { continue };
            let index = cells.index(table, row, column).ok_or_else(|| self.no_place())?;
            let cell = cells.raw.get(index).ok_or_else(|| self.no_place())?;
            let value = table.cells.cells.get(index).map(|range| table.cells.cell_at(range));
            let value = value.ok_or_else(|| self.no_place())?;
            // All changes of one cell make one new value, written as a whole: quoting is of the whole cell.
            let mut new = String::with_capacity(value.len());
            let mut done = 0;
            let mut empties = change.new.is_none() && change.range.len() == value.trim().len();
            let mut next = Some(change);
            while let Some(change) = next {
                new.push_str(value.get(done..change.range.start).ok_or_else(|| self.no_place())?);
                empties &= change.new.is_none();
                new.push_str(change.new.as_deref().unwrap_or_default());
                done = change.range.end;
                next = changes.next_if(|next| next.spot == change.spot);
            }
            new.push_str(value.get(done..).ok_or_else(|| self.no_place())?);
            made.push(cells.written(cell, text, &new, empties));
        }
        Ok(made)
    }
}

/// How the cells of a fragment are written in its text.
struct Cells {
    /// By position in the buffer's cells.
    raw: Vec<RawCell>,
    is_sql: bool,
    /// Between cells of a row; empty when not known.
    delimiter: String,
}

struct RawCell {
    /// Between the marks.
    range: Range<usize>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bare,
    /// In double quotation marks of a table in text.
    Marked,
    /// In a string of an SQL statement: the mark, and whether backslashes escape.
    String(u8, bool),
    Copied,
}

impl Cells {
    /// Cells of a table in text. Those with doubled marks are copies at the end of the buffer; they stand
    /// between their neighbours.
    fn of_rows(table: &TableFragment, text: &str) -> Cells {
        let bytes = text.as_bytes();
        let mut raw = Vec::with_capacity(table.cells.cells.len());
        let mut at = 0;
        let mut delimiter = String::new();
        let mut row_starts = table.cells.rows.iter().copied().peekable();
        for (index, cell) in table.cells.cells.iter().enumerate() {
            while row_starts.next_if(|start| (*start as usize) < index).is_some() {}
            let starts_row = row_starts.peek() == Some(&(index as u32));
            let (start, end) = (cell.start as usize, cell.end as usize);
            let here = if end <= bytes.len() && start >= at {
                let is_marked = start > at.saturating_sub(1)
                    && start > 0
                    && bytes.get(start - 1) == Some(&b'"')
                    && bytes.get(end) == Some(&b'"')
                    && start > at;
                RawCell { range: start..end, form: if is_marked { Form::Marked } else { Form::Bare } }
            } else {
                // A copy: its opening mark is the next one.
                let open =
                    bytes.get(at..).and_then(|rest| memchr::memchr(b'"', rest)).map(|found| at + found);
                let close = open.map(|open| {
                    let separator = separator(bytes, open);
                    (open, follow_quote(bytes, open, separator, true))
                });
                match close {
                    Some((open, Quote::Closed(mark))) => {
                        RawCell { range: open + 1..mark, form: Form::Marked }
                    }
                    _ => RawCell { range: usize::MAX..usize::MAX, form: Form::Bare },
                }
            };
            if delimiter.is_empty() && !starts_row && index > 0 && here.range.start != usize::MAX {
                let marked = usize::from(here.form == Form::Marked);
                let between = text.get(at..here.range.start.saturating_sub(marked)).unwrap_or_default();
                delimiter = between.to_owned();
            }
            if here.range.end != usize::MAX {
                at = here.range.end + usize::from(here.form == Form::Marked);
            }
            raw.push(here);
        }
        Cells { raw, is_sql: false, delimiter }
    }

    fn of_sql(table: &TableFragment, layout: &Layout, text: &str) -> Cells {
        let bytes = text.as_bytes();
        let form = |(range, form): &(Range<usize>, CellForm)| {
            let around = |at: usize| bytes.get(at).copied();
            let form = match form {
                CellForm::Quoted(mark, backslash) => Form::String(*mark, *backslash),
                CellForm::Copied => Form::Copied,
                CellForm::Plain => match (range.start.checked_sub(1).and_then(around), around(range.end)) {
                    (Some(mark @ (b'\'' | b'"')), Some(end)) if mark == end => Form::String(mark, true),
                    // Lines of COPY have no parentheses around.
                    _ if bytes.first() != Some(&b'(') => Form::Copied,
                    _ => Form::Bare,
                },
            };
            RawCell { range: range.clone(), form }
        };
        let _ = table;
        Cells { raw: layout.cells.iter().map(form).collect(), is_sql: true, delimiter: String::new() }
    }

    fn index(&self, table: &TableFragment, row: usize, column: usize) -> Option<usize> {
        let start = *table.cells.rows.get(row)? as usize;
        let end = *table.cells.rows.get(row + 1)? as usize;
        (start + column < end).then_some(start + column)
    }

    /// What the place can hold: a bare number in SQL is one of a column of numbers.
    fn slot(&self, _: usize, _: usize, _: &str) -> Slot {
        Slot::Text
    }

    /// The bytes of the text to replace, and with what.
    fn written(&self, cell: &RawCell, text: &str, new: &str, empties: bool) -> (Range<usize>, String) {
        let range = cell.range.clone();
        let quoted = |new: &str, mark: &str| {
            let doubled = [mark, mark].concat();
            new.replace(mark, &doubled)
        };
        match cell.form {
            Form::Marked => (range, quoted(new, "\"")),
            Form::String(mark, backslash) => {
                let mark = char::from(mark).to_string();
                // Without escapes in the old value nobody knows whether a backslash would be one: leave none.
                let new = if backslash { new.replace('\\', "/") } else { new.to_owned() };
                (range, quoted(&new, &mark).replace(['\n', '\r'], " "))
            }
            Form::Copied if empties => (range, "\\N".to_owned()),
            Form::Copied => {
                let escaped = new.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
                (range, escaped.replace('\r', "\\r"))
            }
            Form::Bare if self.is_sql => {
                let is_number = |text: &str| {
                    !text.is_empty()
                        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'))
                };
                let old = text.get(range.clone()).unwrap_or_default();
                let new = match () {
                    () if empties => "NULL".to_owned(),
                    () if is_number(new) || !is_number(old) => new.replace([';', '\'', '"'], "*"),
                    // A number column takes no text: a string of digits may still be cast by the reader.
                    () => ["'", &quoted(new, "'"), "'"].concat(),
                };
                (range, new)
            }
            Form::Bare => {
                let breaks = new.contains(['\n', '\r'])
                    || (!self.delimiter.is_empty() && new.contains(self.delimiter.as_str()))
                    || (self.delimiter.len() == 1 && new.starts_with('"'));
                let new = match breaks {
                    false => new.to_owned(),
                    true if self.delimiter.len() == 1 => ["\"", &quoted(new, "\""), "\""].concat(),
                    true => {
                        let new = new.replace(['\n', '\r'], " ");
                        if self.delimiter.is_empty() {
                            new
                        } else {
                            new.replace(self.delimiter.as_str(), " ")
                        }
                    }
                };
                (range, new)
            }
        }
    }
}

/// The byte that may follow the closing mark of the cell that opens at `open`: the one before it, where a cell
/// stands before.
fn separator(bytes: &[u8], open: usize) -> u8 {
    match open.checked_sub(1).and_then(|at| bytes.get(at)) {
        Some(byte) if !matches!(byte, b'\n' | b'\r') => *byte,
        // The first of its row: the first separator in the piece that follows a mark will do.
        _ => {
            let after = memchr::memmem::find_iter(bytes.get(open..).unwrap_or_default(), "\"")
                .filter_map(|at| bytes.get(open + at + 1))
                .find(|byte| matches!(byte, b',' | b';' | b'\t' | b'|' | 1 | 0x1f | b'^' | b'$' | b':'));
            after.copied().unwrap_or(b',')
        }
    }
}

/// Places in the text as places in the raw bytes; asked in order.
struct Offsets<'a> {
    raw: &'a [u8],
    text: &'a str,
    encoding: Encoding,
    /// Places of runs of sound bytes (text, raw); one run when everything is sound.
    runs: Vec<(usize, usize)>,
    /// The last place told.
    last: (usize, usize),
}

impl<'a> Offsets<'a> {
    fn new(raw: &'a [u8], text: &'a str, encoding: Encoding) -> Offsets<'a> {
        let mut runs = vec![(0, 0)];
        if text.contains(char::REPLACEMENT_CHARACTER) {
            runs = sound_runs(raw, encoding);
        }
        Offsets { raw, text, encoding, runs, last: (0, 0) }
    }

    fn raw(&mut self, at: usize) -> Option<usize> {
        if self.encoding == Encoding::Utf8 && self.runs.len() == 1 {
            return (at <= self.raw.len()).then_some(at);
        }
        let run = self.runs.iter().rev().find(|(text, _)| *text <= at)?;
        let from = if self.last.0 >= run.0 && self.last.0 <= at { self.last } else { *run };
        let between = self.text.get(from.0..at)?;
        let found = from.1 + edit::encoded_bytes(self.encoding, between) as usize;
        self.last = (at, found);
        (found <= self.raw.len()).then_some(found)
    }
}

/// Where sound bytes begin, in the text and in the raw bytes, when what is no character became U+FFFD.
fn sound_runs(raw: &[u8], encoding: Encoding) -> Vec<(usize, usize)> {
    let mut runs = vec![(0, 0)];
    let (mut text_at, mut raw_at) = (0, 0);
    if encoding == Encoding::Utf8 {
        for chunk in raw.utf8_chunks() {
            text_at += chunk.valid().len();
            raw_at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                text_at += char::REPLACEMENT_CHARACTER.len_utf8();
                raw_at += chunk.invalid().len();
                runs.push((text_at, raw_at));
            }
        }
        return runs;
    }
    // Line by line: a line that is sound says where the next begins.
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let (text, ..) = edit::decode(encoding, line.to_vec());
        text_at += text.len();
        raw_at += line.len();
        runs.push((text_at, raw_at));
    }
    runs
}
