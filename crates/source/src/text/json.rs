//! JSON as tables: tokens, and the rows they make.
//!
//! Each array of objects (or of arrays) is a table, one row an element; the columns are the pointers of the leaves
//! below the element. Everything outside such arrays is one row of the document's own table. Short arrays of plain
//! values inside a row stay in it as numbered leaves. Nothing is held but the rows not yet handed over and the path.

use crate::error::SourceError;
use memchr::memchr2;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use zhunsheng_model::CellBuffer;

/// Plain values of an array that stay in the row around it; what follows becomes a table of its own.
const INLINE_ELEMENTS_MAX: u64 = 64;
/// Leaves of one row handed over at once: a dictionary with a million keys must not be held whole.
const COLUMNS_MAX: usize = 1024;
/// A key with so many digits may be somebody's number.
const KEY_DIGITS_MIN: usize = 6;
/// Objects and arrays within each other.
const DEPTH_MAX: usize = 512;

/// One token; ranges are in the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Comma,
    Colon,
    /// Between the quotation marks; `true` when it holds escapes.
    Text(Range<usize>, bool),
    /// A number, `true`, `false` or `null`.
    Plain(Range<usize>),
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// The bytes end; more are needed.
    More,
    /// Nothing but white space is left.
    End,
    /// Not JSON.
    Broken,
}

/// The token at or after `at` and where it ends; `complete` when no bytes follow.
pub(crate) fn token(bytes: &[u8], mut at: usize, complete: bool) -> Result<(Token, usize), NoToken> {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    let Some(first) = bytes.get(at) else {
        return Err(if complete { NoToken::End } else { NoToken::More });
    };
    let one = match first {
        b'{' => Token::ObjectStart,
        b'}' => Token::ObjectEnd,
        b'[' => Token::ArrayStart,
        b']' => Token::ArrayEnd,
        b',' => Token::Comma,
        b':' => Token::Colon,
        b'"' => return text_token(bytes, at + 1, complete),
        b'-' | b'0'..=b'9' | b'a'..=b'z' | b'N' | b'I' => {
            let rest = bytes.get(at..).unwrap_or_default();
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
            let size = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
            if size == rest.len() && !complete {
                return Err(NoToken::More);
            }
            let word = rest.get(..size).unwrap_or_default();
            let is_number =
                word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
            let is_word = matches!(word, b"true" | b"false" | b"null" | b"NaN" | b"Infinity" | b"-Infinity");
            if !(is_number || is_word) {
                return Err(NoToken::Broken);
            }
            return Ok((Token::Plain(at..at + size), at + size));
        }
        _ => return Err(NoToken::Broken),
    };
    Ok((one, at + 1))
}

fn text_token(bytes: &[u8], start: usize, complete: bool) -> Result<(Token, usize), NoToken> {
    let mut at = start;
    let mut escaped = false;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return Ok((Token::Text(start..at, escaped), at + 1));
        }
        escaped = true;
        at += 2;
    }
    Err(if complete { NoToken::Broken } else { NoToken::More })
}

/// Appends a string's content to `out`, escapes decoded. Returns the number of places that are no character.
pub(crate) fn push_text(out: &mut String, bytes: &[u8], escaped: bool) -> u64 {
    if !escaped {
        return push_lossy(out, bytes);
    }
    let mut bad = 0;
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        bad += push_lossy(out, rest.get(..at).unwrap_or_default());
        let kind = rest.get(at + 1).copied().unwrap_or(b'\\');
        let mut used = 2;
        match kind {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{C}'),
            b'u' => {
                let (c, size) = unicode_escape(rest.get(at..).unwrap_or_default());
                bad += u64::from(c.is_none());
                out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                used = size;
            }
            byte if byte.is_ascii() => out.push(byte as char),
            _ => used = 1,
        }
        rest = rest.get(at + used..).unwrap_or_default();
    }
    bad + push_lossy(out, rest)
}

/// The character of `\uXXXX`, with a second one for those beyond the basic plane, and the bytes it takes.
fn unicode_escape(bytes: &[u8]) -> (Option<char>, usize) {
    let unit = |bytes: &[u8]| {
        let digits = std::str::from_utf8(bytes.get(2..6)?).ok()?;
        (bytes.starts_with(b"\\u") && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let Some(first) = unit(bytes) else { return (None, 2) };
    let mut units = vec![first];
    if (0xD800..0xDC00).contains(&first)
        && let Some(second) = bytes.get(6..).and_then(unit)
        && (0xDC00..0xE000).contains(&second)
    {
        units.push(second);
    }
    let size = units.len() * 6;
    (char::decode_utf16(units).next().and_then(Result::ok), size)
}

fn push_lossy(out: &mut String, bytes: &[u8]) -> u64 {
    let mut bad = 0;
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
            bad += 1;
        }
    }
    bad
}

/// Receives the tables.
pub(crate) trait Out {
    /// A number for a new table.
    fn next_table(&mut self) -> u32;
    /// Rows of the array at `pointer` of the current document.
    fn rows(&mut self, pointer: &str, rows: Rows) -> Result<(), SourceError>;
    /// Bytes after which rows are handed over.
    fn chunk_bytes(&self) -> usize;
}

/// Rows ready to hand over.
pub(crate) struct Rows {
    pub(crate) table: u32,
    pub(crate) names: Arc<[String]>,
    pub(crate) first_row: u64,
    pub(crate) cells: CellBuffer,
}

/// Rows under construction: columns appear as leaves do.
pub(crate) struct Table {
    number: u32,
    names: Vec<String>,
    index: HashMap<String, usize>,
    cells: CellBuffer,
    first_row: u64,
    /// Column and text of each leaf of the current row.
    row: Vec<(usize, Range<u32>)>,
    /// The column that comes next when this row has the order of those before.
    likely: usize,
    /// Columns when rows were last handed over: with more, it is another table.
    settled: Option<usize>,
}

impl Table {
    pub(crate) fn new(number: u32, first_row: u64) -> Table {
        Table {
            number,
            names: Vec::new(),
            index: HashMap::new(),
            cells: CellBuffer::default(),
            first_row,
            row: Vec::new(),
            likely: 0,
            settled: None,
        }
    }

    /// A table that begins with these columns.
    pub(crate) fn with_names(number: u32, first_row: u64, names: &[String]) -> Table {
        let mut table = Table::new(number, first_row);
        names.iter().for_each(|name| {
            table.column(name);
        });
        table
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    fn column(&mut self, name: &str) -> usize {
        if self.names.get(self.likely).is_some_and(|likely| likely == name) {
            return self.likely;
        }
        if let Some(column) = self.index.get(name) {
            return *column;
        }
        let column = self.names.len();
        self.names.push(name.to_string());
        self.index.insert(name.to_string(), column);
        column
    }

    fn leaf(&mut self, name: &str, write: impl FnOnce(&mut String) -> u64) -> u64 {
        let column = self.column(name);
        self.likely = column + 1;
        let start = self.cells.text.len() as u32;
        let bad = write(&mut self.cells.text);
        self.row.push((column, start..self.cells.text.len() as u32));
        bad
    }

    /// Ends the row; absent leaves are empty cells.
    pub(crate) fn end_row(&mut self) {
        let begin = self.cells.cells.len();
        let width = self.row.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        self.cells.cells.resize(begin + width, 0..0);
        for (column, range) in self.row.drain(..) {
            if let Some(cell) = self.cells.cells.get_mut(begin + column) {
                *cell = range;
            }
        }
        self.cells.end_row();
        self.likely = 0;
    }

    fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Number of the row under construction.
    pub(crate) fn next_row(&self) -> u64 {
        self.first_row + self.cells.len() as u64
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.cells.text.len() + self.cells.cells.len() * 4
    }

    /// Takes the finished rows.
    pub(crate) fn take(&mut self, new_number: impl FnOnce() -> u32) -> Rows {
        if self.settled.is_some_and(|columns| columns != self.names.len()) {
            self.number = new_number();
        }
        self.settled = Some(self.names.len());
        let cells = std::mem::take(&mut self.cells);
        let first_row = self.first_row;
        self.first_row += cells.len() as u64;
        Rows { table: self.number, names: self.names.as_slice().into(), first_row, cells }
    }
}

/// Where an array or object of the stack belongs.
enum Frame {
    /// Length of the path of the object itself.
    Object(usize),
    /// Its first element decides what it is.
    ArrayOpen(usize),
    /// Elements are leaves of the row around; number of the next element.
    Inline(usize, u64),
    /// Each element is a row of the innermost table; number of the next element.
    Rows(usize, u64),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    Key,
    Colon,
    AfterValue,
}

struct Scope {
    table: Table,
    /// Length of the path of the array.
    array_path: usize,
    /// Length of the path of the current element.
    row_path: usize,
}

/// Turns tokens into rows.
pub(crate) struct Machine {
    path: String,
    frames: Vec<Frame>,
    scopes: Vec<Scope>,
    /// One row for each document.
    pub(crate) root: Table,
    expect: Expect,
    /// Whether a document that is an array of plain values is a row (JSON lines) or a table.
    root_array_is_row: bool,
    /// Places that are no character.
    pub(crate) bad: u64,
}

impl Machine {
    pub(crate) fn new(root: Table, root_array_is_row: bool) -> Machine {
        Machine {
            path: String::new(),
            frames: Vec::new(),
            scopes: Vec::new(),
            root,
            expect: Expect::Value,
            root_array_is_row,
            bad: 0,
        }
    }

    /// Whether a document is whole (or none has begun).
    pub(crate) fn is_between(&self) -> bool {
        self.frames.is_empty()
    }

    /// Takes one token of `bytes`. `Ok(false)` when it cannot stand here.
    pub(crate) fn step(
        &mut self,
        token: &Token,
        bytes: &[u8],
        out: &mut dyn Out,
    ) -> Result<bool, SourceError> {
        match (token, self.expect) {
            (Token::Text(range, escaped), Expect::Key) => {
                let Some(Frame::Object(path)) = self.frames.last() else { return Ok(false) };
                self.path.truncate(*path);
                self.path.push('/');
                let start = self.path.len();
                let bytes = bytes.get(range.clone()).unwrap_or_default();
                self.bad += push_text(&mut self.path, bytes, *escaped);
                self.expect = Expect::Colon;
                let key = self.path.get(start..).unwrap_or_default();
                // Dictionaries by telephone number or address: the key is content too.
                let digits = key.bytes().filter(u8::is_ascii_digit).count();
                let is_content = digits >= KEY_DIGITS_MIN || key.contains('@');
                if is_content || key.contains(['~', '/']) {
                    let key = key.to_string();
                    self.path.truncate(start);
                    self.path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    if is_content {
                        self.key_leaf(&key, out)?;
                    }
                }
            }
            (Token::Colon, Expect::Colon) => self.expect = Expect::Value,
            (Token::Comma, Expect::AfterValue) => match self.frames.last() {
                Some(Frame::Object(_)) => self.expect = Expect::Key,
                Some(_) => self.expect = Expect::Value,
                None => return Ok(false),
            },
            // A comma before the end is let through.
            (Token::ObjectEnd, Expect::AfterValue | Expect::Key) => {
                let Some(Frame::Object(path)) = self.frames.pop() else { return Ok(false) };
                self.path.truncate(path);
                self.end_value(out)?;
            }
            (Token::ArrayEnd, Expect::AfterValue | Expect::Value) => return self.end_array(out),
            (Token::ObjectStart, Expect::Value) => {
                self.begin_value(true, out)?;
                self.push(Frame::Object(self.path.len()))?;
                self.expect = Expect::Key;
            }
            (Token::ArrayStart, Expect::Value) => {
                self.begin_value(true, out)?;
                self.push(Frame::ArrayOpen(self.path.len()))?;
            }
            (Token::Text(range, escaped), Expect::Value) => {
                let bytes = bytes.get(range.clone()).unwrap_or_default();
                self.leaf(out, |cell| push_text(cell, bytes, *escaped))?;
            }
            (Token::Plain(range), Expect::Value) => {
                let bytes = bytes.get(range.clone()).unwrap_or_default();
                let bytes = if bytes == b"null" { b"" } else { bytes };
                self.leaf(out, |cell| push_lossy(cell, bytes))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Hands over every row begun, in any state: nothing read is lost when the rest is broken.
    pub(crate) fn flush(&mut self, out: &mut dyn Out) -> Result<(), SourceError> {
        while let Some(mut scope) = self.scopes.pop() {
            if !scope.table.row.is_empty() {
                scope.table.end_row();
            }
            self.hand_over(scope, out)?;
        }
        if !self.root.row.is_empty() {
            self.root.end_row();
        }
        self.frames.clear();
        self.path.clear();
        self.expect = Expect::Value;
        Ok(())
    }

    fn push(&mut self, frame: Frame) -> Result<(), SourceError> {
        if self.frames.len() >= DEPTH_MAX {
            return Err(SourceError::Limit(format!("values nested more than {DEPTH_MAX} deep")));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn leaf(&mut self, out: &mut dyn Out, write: impl FnOnce(&mut String) -> u64) -> Result<(), SourceError> {
        self.begin_value(false, out)?;
        let (table, row_path) = match self.scopes.last_mut() {
            Some(scope) => (&mut scope.table, scope.row_path),
            None => (&mut self.root, 0),
        };
        let name = self.path.get(row_path..).unwrap_or_default();
        self.bad += table.leaf(name.strip_prefix('/').unwrap_or(name), write);
        if table.row.len() >= COLUMNS_MAX {
            self.split_wide_row(out)?;
        }
        self.end_value(out)
    }

    /// Puts a key into the row, in a column named as the key's value with `#` after it.
    fn key_leaf(&mut self, key: &str, out: &mut dyn Out) -> Result<(), SourceError> {
        let (table, row_path) = match self.scopes.last_mut() {
            Some(scope) => (&mut scope.table, scope.row_path),
            None => (&mut self.root, 0),
        };
        let name = self.path.get(row_path..).unwrap_or_default();
        let name = format!("{}#", name.strip_prefix('/').unwrap_or(name));
        table.leaf(&name, |cell| {
            cell.push_str(key);
            0
        });
        if table.row.len() >= COLUMNS_MAX { self.split_wide_row(out) } else { Ok(()) }
    }

    /// Sets the path of an element and decides what its array is.
    fn begin_value(&mut self, is_nested: bool, out: &mut dyn Out) -> Result<(), SourceError> {
        if let Some(Frame::ArrayOpen(path)) = self.frames.last() {
            let path = *path;
            let is_root_row = self.frames.len() == 1 && self.root_array_is_row;
            let is_inline = !is_nested && (self.frames.len() > 1 || is_root_row);
            self.frames.pop();
            if is_inline {
                self.frames.push(Frame::Inline(path, 0));
            } else {
                self.open_scope(path, 0, out);
            }
        }
        if let Some(Frame::Inline(path, INLINE_ELEMENTS_MAX)) = self.frames.last() {
            let path = *path;
            self.frames.pop();
            self.open_scope(path, INLINE_ELEMENTS_MAX, out);
        }
        let number = match self.frames.last_mut() {
            Some(Frame::Inline(path, next) | Frame::Rows(path, next)) => {
                self.path.truncate(*path);
                *next += 1;
                Some(*next - 1)
            }
            _ => None,
        };
        if let Some(number) = number {
            self.path.push('/');
            self.path.push_str(&number.to_string());
        }
        if let (Some(Frame::Rows(..)), Some(scope)) = (self.frames.last(), self.scopes.last_mut()) {
            scope.row_path = self.path.len();
        }
        Ok(())
    }

    fn open_scope(&mut self, path: usize, next: u64, out: &mut dyn Out) {
        self.frames.push(Frame::Rows(path, next));
        let table = Table::new(out.next_table(), next + 1);
        self.scopes.push(Scope { table, array_path: path, row_path: path });
    }

    fn end_value(&mut self, out: &mut dyn Out) -> Result<(), SourceError> {
        self.expect = Expect::AfterValue;
        match self.frames.last() {
            Some(Frame::Rows(..)) => {
                let Some(scope) = self.scopes.last_mut() else { return Ok(()) };
                scope.table.end_row();
                if scope.table.size_bytes() >= out.chunk_bytes() {
                    let pointer = self.path.get(..scope.array_path).unwrap_or_default();
                    let rows = scope.table.take(|| out.next_table());
                    out.rows(pointer, rows)?;
                }
            }
            Some(_) => {}
            None => {
                self.root.end_row();
                self.path.clear();
                self.expect = Expect::Value;
            }
        }
        Ok(())
    }

    fn end_array(&mut self, out: &mut dyn Out) -> Result<bool, SourceError> {
        match self.frames.pop() {
            Some(Frame::ArrayOpen(path) | Frame::Inline(path, _)) => self.path.truncate(path),
            Some(Frame::Rows(path, _)) => {
                self.path.truncate(path);
                if let Some(scope) = self.scopes.pop() {
                    self.hand_over(scope, out)?;
                }
            }
            Some(Frame::Object(_)) | None => return Ok(false),
        }
        self.end_value(out)?;
        Ok(true)
    }

    fn hand_over(&mut self, mut scope: Scope, out: &mut dyn Out) -> Result<(), SourceError> {
        if scope.table.is_empty() {
            return Ok(());
        }
        let pointer = self.path.get(..scope.array_path).unwrap_or_default();
        let rows = scope.table.take(|| out.next_table());
        out.rows(pointer, rows)
    }

    /// Hands over the leaves of the current row so far as a row of a table of its own.
    fn split_wide_row(&mut self, out: &mut dyn Out) -> Result<(), SourceError> {
        let (table, pointer) = match self.scopes.last_mut() {
            Some(scope) => (&mut scope.table, self.path.get(..scope.array_path).unwrap_or_default()),
            None => (&mut self.root, "#"),
        };
        let leaves = std::mem::take(&mut table.row);
        if !table.is_empty() {
            // The leaves' text stands at the end of the buffer; it is copied to the new one.
            let old = table.cells.text.clone();
            let rows = table.take(|| out.next_table());
            out.rows(pointer, rows)?;
            for (column, range) in leaves {
                let start = table.cells.text.len() as u32;
                table
                    .cells
                    .text
                    .push_str(old.get(range.start as usize..range.end as usize).unwrap_or_default());
                table.row.push((column, start..table.cells.text.len() as u32));
            }
        } else {
            table.row = leaves;
        }
        let row = table.first_row;
        table.end_row();
        let rows = table.take(|| out.next_table());
        out.rows(pointer, rows)?;
        *table = Table::new(out.next_table(), row);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Cells = Vec<Vec<String>>;

    #[derive(Default)]
    struct Tables {
        numbers: u32,
        /// Pointer, number of the first row, columns, rows.
        found: Vec<(String, u64, Vec<String>, Cells)>,
    }

    impl Out for Tables {
        fn next_table(&mut self) -> u32 {
            self.numbers += 1;
            self.numbers
        }
        fn rows(&mut self, pointer: &str, rows: Rows) -> Result<(), SourceError> {
            let cells =
                (0..rows.cells.len()).map(|row| rows.cells.row(row).map(String::from).collect()).collect();
            self.found.push((pointer.into(), rows.first_row, rows.names.to_vec(), cells));
            Ok(())
        }
        fn chunk_bytes(&self) -> usize {
            1 << 20
        }
    }

    fn read(json: &str) -> (Tables, Vec<String>, Cells, bool) {
        let mut out = Tables::default();
        let mut machine = Machine::new(Table::new(0, 1), false);
        let bytes = json.as_bytes();
        let mut at = 0;
        let mut sound = true;
        while let Ok((token, next)) = token(bytes, at, true) {
            at = next;
            if !machine.step(&token, bytes, &mut out).unwrap() {
                sound = false;
                break;
            }
        }
        sound &= machine.is_between();
        machine.flush(&mut out).unwrap();
        let rows = machine.root.take(|| 9);
        let cells =
            (0..rows.cells.len()).map(|row| rows.cells.row(row).map(String::from).collect()).collect();
        (out, rows.names.to_vec(), cells, sound)
    }

    #[test]
    fn arrays_are_tables_and_the_rest_is_one_row() {
        let (out, names, root, sound) = read(
            r#"{"code": 0, "data": {"total": 2, "list": [{"id": 1, "p": {"name": "\u738b\u5c0f", "tel": ["a", "b"]}},
               {"p": {"name": null}, "id": 2, "x": true}]}}"#,
        );
        assert!(sound);
        assert_eq!(names, ["code", "data/total"]);
        assert_eq!(root, [["0", "2"]]);
        assert_eq!(out.found.len(), 1);
        let (pointer, first_row, names, rows) = &out.found[0];
        assert_eq!((pointer.as_str(), *first_row), ("/data/list", 1));
        assert_eq!(names, &["id", "p/name", "p/tel/0", "p/tel/1", "x"]);
        assert_eq!(rows, &[vec!["1", "王小", "a", "b"], vec!["2", "", "", "", "true"]]);
    }

    #[test]
    fn nested_arrays_of_objects_are_tables_of_their_own() {
        let (out, ..) = read(r#"[{"d": "x", "people": [{"n": 1}, {"n": 2}]}, {"d": "y", "people": []}]"#);
        let pointers: Vec<_> = out.found.iter().map(|table| table.0.as_str()).collect();
        assert_eq!(pointers, ["/0/people", ""]);
        assert_eq!(out.found[1].3, [["x"], ["y"]]);
        let (out, ..) = read(r#"{"points": [[1.5, 2], [3, 4]], "a/b": [{"~": 1}]}"#);
        assert_eq!(out.found[0].2, ["0", "1"]);
        assert_eq!((out.found[1].0.as_str(), out.found[1].2[0].as_str()), ("/a~1b", "~0"));
    }

    #[test]
    fn long_arrays_of_plain_values_become_rows() {
        let values: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let (out, names, root, _) = read(&format!(r#"{{"v": [{}]}}"#, values.join(",")));
        assert_eq!((names.len(), root[0].len()), (64, 64));
        assert_eq!((out.found[0].0.as_str(), out.found[0].1, out.found[0].3.len()), ("/v", 65, 36));
        assert_eq!(out.found[0].3[0], ["64"]);
        let (out, ..) = read(r#"["a", "b"]"#);
        assert_eq!((out.found[0].2[0].as_str(), out.found[0].3.len()), ("", 2));
    }

    #[test]
    fn a_dictionary_of_any_size_is_handed_over_in_parts() {
        let pairs: Vec<String> = (0..2500).map(|n| format!(r#""k{n}": {n}"#)).collect();
        let (out, names, ..) = read(&format!("{{{}}}", pairs.join(",")));
        let widths: Vec<_> = out.found.iter().map(|table| table.2.len()).collect();
        assert_eq!((widths, names.len()), (vec![1024, 1024], 452));
        assert_eq!(out.found[1].3[0][0], "1024");
    }

    #[test]
    fn keys_that_are_numbers_are_content() {
        let (_, names, root, _) = read(r#"{"13800138000": {"name": "王"}, "item12345": 1, "a@b.cn": 2}"#);
        assert_eq!(names, ["13800138000#", "13800138000/name", "item12345", "a@b.cn#", "a@b.cn"]);
        assert_eq!(root, [["13800138000", "王", "1", "a@b.cn", "2"]]);
    }

    #[test]
    fn broken_json_is_known_and_what_was_read_stays() {
        let (out, _, _, sound) = read(r#"[{"a": "1"}, {"a": "2" "b"}]"#);
        assert!(!sound);
        assert_eq!(out.found[0].3, [["1"], ["2"]]);
        for json in ["{", "[1", "[}", "{\"a\":}", "]", "{1:2}", "[,]]"] {
            assert!(!read(json).3, "{json}");
        }
        for json in ["{}", "[]", "[1,]", "{\"a\":1,}", "1 2 3", "[[[[]]]]", "[null]"] {
            assert!(read(json).3, "{json}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let decode = |json: &str| {
            let mut text = String::new();
            let bad = push_text(&mut text, json.as_bytes(), true);
            (text, bad)
        };
        assert_eq!(decode(r#"\u738b\"\\\/\n\ud842\udfb7"#), ("王\"\\/\n𠮷".into(), 0));
        assert_eq!(decode(r"\ud842x\u12"), ("\u{FFFD}x\u{FFFD}12".into(), 2));
    }

    #[test]
    fn tokens_wait_for_more() {
        assert_eq!(token(b"12", 0, false), Err(NoToken::More));
        assert_eq!(token(b"12", 0, true), Ok((Token::Plain(0..2), 2)));
        assert_eq!(token(b"\"a\\", 0, false), Err(NoToken::More));
        assert_eq!(token(b"\"a\\", 0, true), Err(NoToken::Broken));
        assert_eq!(token(b" \n", 0, true), Err(NoToken::End));
        assert_eq!(token(b"abc", 0, true), Err(NoToken::Broken));
    }
}
