//! A table in text, row by row: where each cell stands, so that what is not changed is written as it was read.

use anyhow::{Context, bail};
use memchr::{memchr, memchr2, memmem};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use zhunsheng_model::{Encoding, Fragment, Place, Problem, TableFragment};
use zhunsheng_source::edit::{self, Quote, follow_quote};
use zhunsheng_source::format::HEAD_BYTES;
use zhunsheng_source::{ReadOptions, Sink, SourceFile, read_file};

/// Rows among which the header is looked for: titles may stand above it.
const HEADER_ROWS: usize = 20;
/// Bytes read at once.
const CHUNK: usize = 4 << 20;
/// A row longer than this is a quotation mark that nobody closed, or no table.
const ROW_BYTES_MAX: usize = 64 << 20;

/// What a table file looks like.
#[derive(Clone, Debug)]
pub(super) struct TableFile {
    path: PathBuf,
    encoding: Encoding,
    bom_bytes: usize,
    ascii_only: bool,
    /// Whether the rows are read and written by way of UTF-8: where bytes alone do not show the cells.
    by_utf8: bool,
    delimiter: Vec<u8>,
    line_end: u8,
    /// Rows up to and including the header.
    header_rows: u64,
    /// Number of cells of a row.
    columns: usize,
    names: Vec<String>,
    /// Position of each wanted column.
    pub(super) positions: Vec<usize>,
}

/// Takes the first table of a file.
#[derive(Default)]
struct First {
    format: Option<&'static str>,
    table: Option<TableFragment>,
}

impl Sink for First {
    fn opened(&mut self, _: &Place, format: &'static str) {
        self.format.get_or_insert(format);
    }

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        let pieces = match fragment {
            Fragment::Lazy(lazy) => lazy.load().0,
            other => vec![other],
        };
        self.table = pieces.into_iter().find_map(|piece| match piece {
            Fragment::Table(table) => Some(table),
            _ => None,
        });
        ControlFlow::Break(())
    }

    fn problem(&mut self, _: Problem) {}
}

impl TableFile {
    /// Finds out how the table is written and where the columns `wanted` stand.
    pub(super) fn open(path: &Path, wanted: &[&str]) -> anyhow::Result<TableFile> {
        let shown = path.display();
        let mut file = File::open(path).with_context(|| format!("`{shown}` cannot be read"))?;
        let mut head = Vec::new();
        Read::by_ref(&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let told = edit::sniff(&head, head.len() < HEAD_BYTES);
        let mut first = First::default();
        let source = SourceFile {
            name: shown.to_string().into(),
            path: path.to_path_buf(),
            size_bytes: head.len() as u64,
        };
        read_file(&source, &ReadOptions { chunk_bytes: 256 << 10, ..ReadOptions::default() }, &mut first);
        let (Some(told), Some("delimited"), Some(table)) = (told, first.format, first.table) else {
            bail!("`{shown}` is not read as a table in text (CSV, TSV and the like); save it as one first");
        };
        let cells = &table.cells;
        let holds = |row: usize| {
            let names: Vec<&str> = cells.row(row).map(str::trim).collect();
            wanted.iter().all(|name| names.contains(name))
        };
        let Some(header) = (0..cells.len().min(HEADER_ROWS)).find(|row| holds(*row)) else {
            let names: Vec<&str> = cells.row(0).map(str::trim).collect();
            let missing: Vec<&str> = wanted.iter().copied().filter(|name| !names.contains(name)).collect();
            bail!("the header of `{shown}` has no column `{}`", missing.join("`, `"));
        };
        let names: Vec<&str> = cells.row(header).map(str::trim).collect();
        let mut positions = Vec::new();
        for name in wanted {
            let mut found = names.iter().enumerate().filter(|(_, other)| *other == name);
            match (found.next(), found.next()) {
                (Some((at, _)), None) => positions.push(at),
                _ => bail!("the header of `{shown}` has several columns `{name}`"),
            }
        }
        let delimiter = delimiter_of(&table, header).with_context(|| {
            format!("what stands between the cells of `{shown}` cannot be told from its header")
        })?;
        let plain = |byte: &u8| *byte < 0x30;
        let by_utf8 = match told.encoding {
            Encoding::Utf8 => false,
            // The second byte of a character is 0x30 or more.
            Encoding::Gb18030 | Encoding::Big5 => !delimiter.iter().all(|byte| plain(byte) || *byte == b';'),
            Encoding::Utf16Le | Encoding::Utf16Be => true,
            Encoding::Other(name) => {
                bail!("`{shown}` is written in {name}; save it as UTF-8 or GB18030 first")
            }
        };
        Ok(TableFile {
            path: path.to_path_buf(),
            encoding: told.encoding,
            bom_bytes: told.bom_bytes,
            ascii_only: told.ascii_only,
            by_utf8,
            delimiter,
            line_end: if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' },
            header_rows: header as u64 + 1,
            columns: names.len(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            positions,
        })
    }

    /// The same table, written to another file.
    pub(super) fn at(&self, path: &Path) -> TableFile {
        TableFile { path: path.to_path_buf(), ..self.clone() }
    }

    /// The columns that are not among `wanted`.
    pub(super) fn untouched(&self, wanted: &[&str]) -> Vec<String> {
        self.names.iter().filter(|name| !wanted.contains(&name.as_str())).cloned().collect()
    }

    /// Whether cells may stand in quotation marks.
    pub(super) fn quotes(&self) -> bool {
        self.delimiter.len() == 1
    }

    /// The delimiter between cells.
    pub(super) fn delimiter(&self) -> &[u8] {
        &self.delimiter
    }

    /// A value as text.
    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        match std::str::from_utf8(bytes) {
            Ok(text) if self.by_utf8 || self.encoding == Encoding::Utf8 || text.is_ascii() => text.to_owned(),
            Err(_) if self.ascii_only => edit::decode(Encoding::Gb18030, bytes.to_vec()).0,
            _ => edit::decode(self.encoding, bytes.to_vec()).0,
        }
    }

    /// Text as the rows are held.
    pub(super) fn encode(&self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.by_utf8 {
            bytes.extend_from_slice(text.as_bytes());
        } else {
            edit::encode(self.encoding, text, '*', &mut bytes);
        }
        bytes
    }

    /// Rows as they stand in the file.
    pub(super) fn restore(&self, rows: &[u8], out: &mut Vec<u8>) {
        if self.by_utf8 {
            edit::encode(self.encoding, &String::from_utf8_lossy(rows), '?', out);
        } else {
            out.extend_from_slice(rows);
        }
    }

    /// The byte-order mark.
    pub(super) fn mark(&self) -> anyhow::Result<Vec<u8>> {
        let mut mark = vec![0; self.bom_bytes];
        File::open(&self.path)?.read_exact(&mut mark)?;
        Ok(mark)
    }

    /// Bytes of the file.
    pub(super) fn size_bytes(&self) -> anyhow::Result<u64> {
        Ok(self.path.metadata()?.len())
    }

    /// Shows every row; `done` is told how many bytes were read.
    ///
    /// A row that does not have as many cells as the header is an error that names it.
    pub(super) fn rows(
        &self,
        done: &dyn Fn(u64),
        mut see: impl FnMut(Row<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut file =
            File::open(&self.path).with_context(|| format!("`{}` cannot be read", self.path.display()))?;
        file.seek(SeekFrom::Start(self.bom_bytes as u64))?;
        let mut bytes = Bytes { file, raw: Vec::new(), held: Vec::new(), ended: false, read: 0 };
        let mut cells: Vec<Range<usize>> = Vec::with_capacity(self.columns);
        let mut number = 0;
        loop {
            bytes.fill(self)?;
            done(bytes.read);
            let held = std::mem::take(&mut bytes.held);
            let mut start = 0;
            while start < held.len() {
                cells.clear();
                let Some((end, next)) = self.row(&held, start, bytes.ended, &mut cells) else { break };
                number += 1;
                let raw = held.get(start..next).unwrap_or_default();
                let line_end = end - start;
                cells.iter_mut().for_each(|cell| *cell = cell.start - start..cell.end - start);
                start = next;
                let is_data = number > self.header_rows && line_end > 0;
                if is_data && cells.len() != self.columns {
                    bail!(
                        "row {number} of `{}` has {} cells, the header has {}",
                        self.path.display(),
                        cells.len(),
                        self.columns
                    );
                }
                see(Row { bytes: raw, cells: &cells, line_end, is_data })?;
            }
            bytes.held = held.get(start..).unwrap_or_default().to_vec();
            if bytes.ended && bytes.held.is_empty() {
                return Ok(());
            }
            if bytes.held.len() > ROW_BYTES_MAX {
                bail!(
                    "row {} of `{}` is longer than {} MiB",
                    number + 1,
                    self.path.display(),
                    ROW_BYTES_MAX >> 20
                );
            }
        }
    }

    /// The cells of the row at `start` with their quotation marks; where its last cell ends and the next row begins.
    /// Nothing when more bytes are needed.
    fn row(
        &self,
        held: &[u8],
        start: usize,
        complete: bool,
        cells: &mut Vec<Range<usize>>,
    ) -> Option<(usize, usize)> {
        let finish = |end: usize, from: usize| {
            let cut = if end > from && held.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
            (cut, (end + 1).min(held.len()))
        };
        let &[delimiter] = self.delimiter.as_slice() else {
            let found = memchr(self.line_end, held.get(start..)?).map(|at| start + at);
            let end = found.or(complete.then_some(held.len()))?;
            let (cut, next) = finish(end, start);
            if cut > start {
                let mut from = start;
                if !self.delimiter.is_empty() {
                    for at in memmem::find_iter(held.get(start..cut)?, &self.delimiter) {
                        if start + at >= from {
                            cells.push(from..start + at);
                            from = start + at + self.delimiter.len();
                        }
                    }
                }
                cells.push(from..cut);
            }
            return Some((cut, next));
        };
        let mut from = start;
        loop {
            let mut look = from;
            if held.get(from) == Some(&b'"') {
                match follow_quote(held, from, delimiter, complete) {
                    Quote::Closed(mark) => look = mark + 1,
                    Quote::Lone => {}
                    Quote::Unknown => return None,
                }
            }
            match memchr2(delimiter, self.line_end, held.get(look..)?).map(|at| look + at) {
                Some(at) if held.get(at) == Some(&delimiter) => {
                    cells.push(from..at);
                    from = at + 1;
                }
                found => {
                    let end = found.or(complete.then_some(held.len()))?;
                    let (cut, next) = finish(end, from);
                    if cut > from || !cells.is_empty() {
                        cells.push(from..cut);
                    }
                    return Some((cut, next));
                }
            }
        }
    }
}

/// What stands between the first two cells of a row, without quotation marks; nothing in a table of one column.
fn delimiter_of(table: &TableFragment, row: usize) -> Option<Vec<u8>> {
    let cells = &table.cells;
    let (from, to) = (*cells.rows.get(row)? as usize, *cells.rows.get(row + 1)? as usize);
    let [first, second, ..] = cells.cells.get(from..to)? else { return Some(Vec::new()) };
    let between = cells.text.get(first.end as usize..second.start as usize)?.trim_matches('"');
    (!between.is_empty() && between.chars().count() <= 8).then(|| between.as_bytes().to_vec())
}

/// One row of the file.
pub(super) struct Row<'a> {
    /// With its line end.
    pub(super) bytes: &'a [u8],
    /// Where its cells stand in `bytes`, with their quotation marks.
    pub(super) cells: &'a [Range<usize>],
    /// Where its last cell ends.
    pub(super) line_end: usize,
    /// Whether it is a row of data: not a title, the header or a blank line.
    pub(super) is_data: bool,
}

impl<'a> Row<'a> {
    /// A cell as it stands.
    pub(super) fn cell(&self, position: usize) -> &'a [u8] {
        self.cells.get(position).and_then(|cell| self.bytes.get(cell.clone())).unwrap_or_default()
    }

    /// A cell without quotation marks; `room` holds it when some inside are doubled.
    pub(super) fn value<'b>(&self, position: usize, quotes: bool, room: &'b mut Vec<u8>) -> &'b [u8]
    where
        'a: 'b,
    {
        let cell = self.cell(position);
        let inside = match cell {
            [b'"', inside @ .., b'"'] if quotes => inside,
            _ => return cell,
        };
        if memchr(b'"', inside).is_none() {
            return inside;
        }
        room.clear();
        let mut rest = inside;
        while let Some(at) = memchr(b'"', rest) {
            let (before, after) = rest.split_at(at + 1);
            room.extend_from_slice(before);
            rest = after.strip_prefix(b"\"").unwrap_or(after);
        }
        room.extend_from_slice(rest);
        room
    }
}

/// The bytes of the file, as UTF-8 where that is how rows are held.
struct Bytes {
    file: File,
    /// Read and not yet decoded.
    raw: Vec<u8>,
    held: Vec<u8>,
    ended: bool,
    read: u64,
}

impl Bytes {
    fn fill(&mut self, table: &TableFile) -> anyhow::Result<()> {
        if self.ended {
            return Ok(());
        }
        let into = if table.by_utf8 { &mut self.raw } else { &mut self.held };
        let got = Read::by_ref(&mut self.file).take(CHUNK as u64).read_to_end(into)?;
        self.read += got as u64;
        self.ended = got == 0;
        if !table.by_utf8 {
            return Ok(());
        }
        // Whole lines only: no character goes over a line end.
        let cut = if self.ended { self.raw.len() } else { last_line(&self.raw, table) };
        let rest = self.raw.get(cut..).unwrap_or_default().to_vec();
        self.raw.truncate(cut);
        let raw = std::mem::replace(&mut self.raw, rest);
        let (text, encoding, bad) = edit::decode(table.encoding, raw.clone());
        let mut again = Vec::with_capacity(raw.len());
        edit::encode(encoding, &text, '?', &mut again);
        if bad > 0 || again != raw {
            bail!(
                "`{}` holds bytes that are no character and could not be written again; save it as UTF-8 first",
                table.path.display()
            );
        }
        self.held.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Behind the last line end of `raw`.
fn last_line(raw: &[u8], table: &TableFile) -> usize {
    let end = table.line_end;
    let pair = match table.encoding {
        Encoding::Utf16Le => [end, 0],
        Encoding::Utf16Be => [0, end],
        _ => return memchr::memrchr(end, raw).map_or(0, |at| at + 1),
    };
    let whole = raw.len() & !1;
    let pairs = raw.get(..whole).unwrap_or_default();
    pairs.chunks_exact(2).rposition(|unit| unit == pair).map_or(0, |at| (at + 1) * 2)
}
