//! Splitting rows into cells, and the one rule on quotes that the reader (which cuts a file into pieces) and the
//! splitter (which works on a piece) share: only when both agree does a cut never fall into a cell.

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memmem};
use zhunsheng_model::CellBuffer;

/// A quoted cell longer than this is a quotation mark that nobody closed.
pub(crate) const QUOTED_BYTES_MAX: usize = 256 << 10;

/// How the rows of a text are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between cells: one ASCII character, or a run of dashes.
    pub(crate) delimiter: String,
    /// Whether cells may stand in double quotation marks; only with a delimiter of one byte.
    pub(crate) quoted: bool,
    /// Number of cells of most rows.
    pub(crate) columns: usize,
    /// `\n` (also for `\r\n`) or `\r`.
    pub(crate) line_end: u8,
}

/// What became of an opening quotation mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// The closing mark stands here.
    Closed(usize),
    /// It is a character like any other: no mark closes it.
    Lone,
    /// More bytes are needed to tell.
    Unknown,
}

/// Follows the quotation mark at `open` (first byte of a cell); `complete` when `bytes` end where the text ends.
///
/// A mark closes when a delimiter, a line end or the end follows. Two marks stand for one. A mark that looks like
/// the opening of another cell shows that `open` was lone, because a proper writer would have doubled it.
pub fn follow_quote(bytes: &[u8], open: usize, delimiter: u8, complete: bool) -> Quote {
    let limit = bytes.len().min(open.saturating_add(QUOTED_BYTES_MAX));
    let mut at = open + 1;
    while let Some(found) = bytes.get(at..limit).and_then(|rest| memchr(b'"', rest)) {
        let mark = at + found;
        match bytes.get(mark + 1) {
            None => return if complete { Quote::Closed(mark) } else { Quote::Unknown },
            Some(b'"') => at = mark + 2,
            Some(b'\n' | b'\r') => return Quote::Closed(mark),
            Some(next) if *next == delimiter => return Quote::Closed(mark),
            Some(_) => {
                let before = bytes.get(mark - 1).copied();
                if mark - 1 > open && (before == Some(delimiter) || before == Some(b'\n')) {
                    return Quote::Lone;
                }
                at = mark + 1;
            }
        }
    }
    if complete || limit == open.saturating_add(QUOTED_BYTES_MAX) { Quote::Lone } else { Quote::Unknown }
}

/// Rows of a piece of text.
pub(crate) struct Split {
    pub(crate) cells: CellBuffer,
    /// Rows that are neither blank nor of the usual number of cells.
    pub(crate) ragged: u64,
}

/// Splits `text`, which holds whole rows. Cells are slices of it, except those with doubled quotation marks:
/// these are appended to its end. A blank line is a row without cells, so that rows keep their numbers.
pub(crate) fn split(text: String, dialect: &Dialect) -> Split {
    let mut rows = Rows::new(text.len(), dialect.columns);
    let bytes = text.as_bytes();
    let mut extra = String::new();
    match *dialect.delimiter.as_bytes() {
        [delimiter] if dialect.quoted && memchr(b'"', bytes).is_some() => {
            split_quoted(&text, delimiter, dialect.line_end, &mut rows, &mut extra);
        }
        [delimiter] => split_plain(bytes, delimiter, dialect.line_end, &mut rows),
        _ => split_long(bytes, dialect.delimiter.as_bytes(), dialect.line_end, &mut rows),
    }
    let Rows { cells, rows, ragged, .. } = rows;
    let mut text = text;
    text.push_str(&extra);
    Split { cells: CellBuffer { text, cells, rows }, ragged }
}

struct Rows {
    cells: Vec<std::ops::Range<u32>>,
    rows: Vec<u32>,
    columns: usize,
    ragged: u64,
}

impl Rows {
    fn new(bytes: usize, columns: usize) -> Rows {
        // Rows of Chinese tables are seldom shorter than eight bytes a cell; growing is cheap beyond.
        let cells = bytes / 10 + 1;
        let mut rows = Vec::with_capacity(cells / columns.max(1) + 2);
        rows.push(0);
        Rows { cells: Vec::with_capacity(cells), rows, columns, ragged: 0 }
    }

    #[inline]
    fn cell(&mut self, start: usize, end: usize) {
        self.cells.push(start as u32..end as u32);
    }

    /// Ends a row with its last cell, at a line end or at the end of the text.
    #[inline]
    fn last_cell(&mut self, start: usize, mut end: usize, bytes: &[u8]) {
        if end > start && bytes.get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        let begin = self.begin();
        if end > start || self.cells.len() > begin {
            self.cell(start, end);
        }
        self.end_row(begin);
    }

    #[inline]
    fn begin(&self) -> usize {
        self.rows.last().copied().unwrap_or(0) as usize
    }

    #[inline]
    fn end_row(&mut self, begin: usize) {
        let count = self.cells.len() - begin;
        self.ragged += u64::from(count != self.columns && count != 0);
        self.rows.push(self.cells.len() as u32);
    }
}

fn split_plain(bytes: &[u8], delimiter: u8, line_end: u8, rows: &mut Rows) {
    let mut start = 0;
    for at in memchr2_iter(delimiter, line_end, bytes) {
        if bytes.get(at) == Some(&delimiter) {
            rows.cell(start, at);
        } else {
            rows.last_cell(start, at, bytes);
        }
        start = at + 1;
    }
    if start < bytes.len() || rows.cells.len() > rows.begin() {
        rows.last_cell(start, bytes.len(), bytes);
    }
}

fn split_quoted(text: &str, delimiter: u8, line_end: u8, rows: &mut Rows, extra: &mut String) {
    let bytes = text.as_bytes();
    let mut start = 0;
    loop {
        // `cell` is what is inside the marks, `end` where the delimiter or line end is looked for.
        let mut inside = None;
        if bytes.get(start) == Some(&b'"')
            && let Quote::Closed(mark) = follow_quote(bytes, start, delimiter, true)
        {
            inside = Some((start + 1, mark));
        }
        let from = inside.map_or(start, |(_, mark)| mark + 1);
        let stop =
            bytes.get(from..).and_then(|rest| memchr2(delimiter, line_end, rest)).map(|found| from + found);
        let is_delimiter = stop.is_some_and(|at| bytes.get(at) == Some(&delimiter));
        let end = stop.unwrap_or(bytes.len());
        if let Some((open, mark)) = inside {
            let (open, mark) = unescape(text, open, mark, extra);
            rows.cell(open, mark);
            if !is_delimiter {
                let begin = rows.begin();
                rows.end_row(begin);
            }
        } else if is_delimiter {
            rows.cell(start, end);
        } else if stop.is_some() || start < end || rows.cells.len() > rows.begin() {
            rows.last_cell(start, end, bytes);
        }
        match stop {
            Some(at) => start = at + 1,
            None => return,
        }
    }
}

/// The cell between two marks; with doubled marks a copy at the end of the text.
fn unescape(text: &str, open: usize, mark: usize, extra: &mut String) -> (usize, usize) {
    let cell = text.get(open..mark).unwrap_or_default();
    if memchr(b'"', cell.as_bytes()).is_none() {
        return (open, mark);
    }
    let start = text.len() + extra.len();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once("\"\"") {
        extra.push_str(before);
        extra.push('"');
        rest = after;
    }
    extra.push_str(rest);
    (start, text.len() + extra.len())
}

fn split_long(bytes: &[u8], delimiter: &[u8], line_end: u8, rows: &mut Rows) {
    let finder = memmem::Finder::new(delimiter);
    let mut line_start = 0;
    let ends = memchr_iter(line_end, bytes).chain((bytes.last() != Some(&line_end)).then_some(bytes.len()));
    for line_stop in ends {
        let line = bytes.get(line_start..line_stop).unwrap_or_default();
        let mut start = 0;
        for at in finder.find_iter(line) {
            rows.cell(line_start + start, line_start + at);
            start = at + delimiter.len();
        }
        if line_start < bytes.len() {
            rows.last_cell(line_start + start, line_stop, bytes);
        }
        line_start = line_stop + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: &str, quoted: bool) -> Vec<Vec<String>> {
        let dialect = Dialect { delimiter: delimiter.into(), quoted, columns: 2, line_end: b'\n' };
        let split = split(text.into(), &dialect);
        (0..split.cells.len()).map(|row| split.cells.row(row).map(String::from).collect()).collect()
    }

    #[test]
    fn rows_of_every_dialect_come_out() {
        let plain = rows("a,b\r\n\r\nc,\n,d", ",", true);
        assert_eq!(plain, [vec!["a", "b"], vec![], vec!["c", ""], vec!["", "d"]]);
        assert_eq!(rows("a,b\n", ",", true), [["a", "b"]]);
        assert_eq!(rows("a,", ",", false), [["a", ""]]);
        assert_eq!(
            rows("王----1\n李----2\r\n\nx", "----", false),
            [vec!["王", "1"], vec!["李", "2"], vec![], vec!["x"]]
        );
        assert_eq!(rows("", ",", true), Vec::<Vec<String>>::new());
    }

    #[test]
    fn quotes_hide_delimiters_and_line_ends() {
        assert_eq!(rows("\"a,1\",\"b\n2\"\nc,d\n", ",", true), [["a,1", "b\n2"], ["c", "d"]]);
        assert_eq!(rows("\"a\"\"b\",\"\"\r\n\"\"\"\",x", ",", true), [["a\"b", ""], ["\"", "x"]]);
        assert_eq!(rows("\"a\"\n\"b\"", ",", true), [["a"], ["b"]]);
        // The same marks mean nothing where the file does not quote.
        assert_eq!(rows("\"a,1\"\n", ",", false), [["\"a", "1\""]]);
    }

    #[test]
    fn lone_quotes_swallow_nothing() {
        assert_eq!(rows("\"a,1\nb,2\n\"c,3\",4\n", ",", true), [["\"a", "1"], ["b", "2"], ["c,3", "4"]]);
        assert_eq!(rows("5\" disk,1\nb,2\n", ",", true), [["5\" disk", "1"], ["b", "2"]]);
        assert_eq!(rows("\"a \"big\" b\",1\n", ",", true), [["a \"big\" b", "1"]]);
        let long = format!("\"{}\",1\n", "x".repeat(QUOTED_BYTES_MAX));
        assert_eq!(rows(&long, ",", true)[0][0].len(), QUOTED_BYTES_MAX + 2);
        let fits = format!("\"{}\",1\n", "x".repeat(QUOTED_BYTES_MAX - 2));
        assert_eq!(rows(&fits, ",", true)[0][0].len(), QUOTED_BYTES_MAX - 2);
    }

    #[test]
    fn ragged_rows_are_counted_but_blank_ones_are_not() {
        let dialect = Dialect { delimiter: ",".into(), quoted: true, columns: 2, line_end: b'\n' };
        assert_eq!(split("a,b\n\nc\nd,e,f\n".into(), &dialect).ragged, 2);
        assert_eq!(split("a,b\n\nc,d\n".into(), &dialect).ragged, 0);
    }
}
