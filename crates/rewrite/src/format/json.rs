//! JSON documents and JSON lines: values are replaced where they stand, everything else is copied byte for byte.
//!
//! `source` reads a document as tables whose places are pointers. So the changes are gathered by pointer first,
//! and the document is gone through once more, value by value, to write them. Memory: the document as text, and
//! the changes.

use super::{Change, Hands, Place, Rewriter, Spot};
use crate::content::Content;
use crate::error::{RewriteError, WarningKind};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::Write;
use std::ops::{ControlFlow, Range};
use zhunsheng_model::{Fragment, Problem, ProblemKind, Step, TableFragment};
use zhunsheng_source::edit;
use zhunsheng_source::{ReadOptions, Sink, read_stream};

/// JSON and JSON lines.
pub(super) struct Json;

/// A document is held whole.
const DOCUMENT_BYTES_MAX: u64 = 1 << 30;

impl Rewriter for Json {
    fn formats(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let raw = content.bytes(place.name, "json", DOCUMENT_BYTES_MAX)?;
        let mut gathered =
            Gathered { name: place.name, hands, by_line: false, new: BTreeMap::new(), result: Ok(()) };
        let options = ReadOptions { temp_dir: place.temp.to_owned(), ..ReadOptions::default() };
        let outcome = read_stream(place.name, &mut raw.as_slice(), &options, &mut gathered);
        gathered.result?;
        if outcome.digest.is_none() {
            return Err(RewriteError::unreadable(place.name, "the content cannot be read to its end"));
        }
        let (by_line, new) = (gathered.by_line, gathered.new);
        let head = raw.get(..raw.len().min(zhunsheng_source::format::HEAD_BYTES)).unwrap_or_default();
        let head = edit::sniff(head, head.len() == raw.len())
            .ok_or_else(|| RewriteError::unreadable(place.name, "it is no text"))?;
        let (mark, body) = raw.split_at(head.bom_bytes.min(raw.len()));
        let (text, encoding, bad) = edit::decode(head.encoding, body.to_vec());
        if bad > 0 {
            return Err(RewriteError::unreadable(place.name, "bytes in it are no character"));
        }
        let mut walk = Walk { text: &text, new, by_line, used: 0, became_text: 0, changes: Vec::new() };
        walk.document().ok_or_else(|| {
            RewriteError::unreadable(place.name, "it is not JSON to its end, or an object has a key twice")
        })?;
        if walk.used != walk.new.len() {
            return Err(RewriteError::NoPlace { place: place.name.to_owned() });
        }
        if walk.became_text > 0 {
            hands.warn(WarningKind::NumberBecameText, walk.became_text);
        }
        let mut written = Vec::with_capacity(raw.len());
        written.extend_from_slice(mark);
        let mut done = 0;
        let mut lost = 0;
        for (range, value) in walk.changes {
            lost +=
                edit::encode(encoding, text.get(done..range.start).unwrap_or_default(), '?', &mut written);
            lost += edit::encode(encoding, &value, '*', &mut written);
            done = range.end;
        }
        lost += edit::encode(encoding, text.get(done..).unwrap_or_default(), '?', &mut written);
        if lost > 0 {
            hands.warn(WarningKind::NotInEncoding, lost);
        }
        out.write_all(&written).map_err(RewriteError::sink)
    }
}

/// Where a value stands: number of the line or document (0: does not matter), pointer, and whether it is the key.
type Key = (u64, String, bool);

/// A change of a value.
struct New {
    old: String,
    /// `None` is null.
    new: Option<String>,
    /// Whether it found its place.
    used: bool,
}

/// The changes of a document, by pointer.
struct Gathered<'a> {
    name: &'a str,
    hands: &'a mut dyn Hands,
    /// JSON lines, or several documents one after another.
    by_line: bool,
    new: BTreeMap<Key, New>,
    result: Result<(), RewriteError>,
}

impl Sink for Gathered<'_> {
    fn opened(&mut self, _: &zhunsheng_model::Place, _: &'static str) {}

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        let done = match fragment {
            Fragment::Lazy(lazy) => {
                self.by_line = true;
                let (fragments, problems) = lazy.load();
                problems.into_iter().for_each(|problem| self.problem(problem));
                fragments.iter().try_for_each(|fragment| self.one(fragment))
            }
            other => self.one(&other),
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
        if self.result.is_ok() && problem.kind != ProblemKind::OverlongPiece {
            self.result = Err(RewriteError::unreadable(self.name, problem.detail));
        }
    }
}

impl Gathered<'_> {
    fn one(&mut self, fragment: &Fragment) -> Result<(), RewriteError> {
        let Fragment::Table(table) = fragment else {
            return Err(RewriteError::unreadable(self.name, "parts of it are not JSON"));
        };
        let changes = self.hands.changes(fragment, &super::any_slot)?;
        let mut changes = changes.into_iter().peekable();
        while let Some(first) = changes.next() {
            let spot = first.spot;
            let mut of_cell = vec![first];
            while let Some(next) = changes.next_if(|next| next.spot == spot) {
                of_cell.push(next);
            }
            let made = self.cell(table, spot, of_cell);
            let (key, value) = made.ok_or_else(|| RewriteError::NoPlace { place: self.name.to_owned() })?;
            self.new.insert(key, value);
        }
        Ok(())
    }

    fn cell(&self, table: &TableFragment, spot: Spot, changes: Vec<Change>) -> Option<(Key, New)> {
        let Spot::Cell(row, column) = spot else { return None };
        let old = table.cells.row(row).nth(column)?;
        let mut new = Some(String::with_capacity(old.len()));
        let mut done = 0;
        for change in changes {
            match change.new {
                None if change.range.len() >= old.trim().len() => {
                    new = None;
                    break;
                }
                value => {
                    let new = new.as_mut()?;
                    new.push_str(old.get(done..change.range.start)?);
                    new.push_str(value.as_deref().unwrap_or_default());
                    done = change.range.end;
                }
            }
        }
        if let Some(new) = &mut new {
            new.push_str(old.get(done..)?);
        }
        let name = table.names.as_deref()?.get(column)?;
        let number = table.first_row + row as u64;
        let mut line = 0;
        let mut pointer = None;
        for step in &table.place.steps {
            match step {
                Step::Line(at) => line = *at,
                Step::Json(at) => pointer = Some(at.as_str()),
                _ => {}
            }
        }
        // A key that is content stands in a column of its own, named as its value with a mark behind.
        let (name, is_key) = match name.strip_suffix('#') {
            Some(path) if path.rsplit('/').next().map(unescape).as_deref() == Some(old) => (path, true),
            _ => (name.as_str(), false),
        };
        let mut path = String::new();
        match pointer {
            Some("#") => {}
            Some(array) => {
                let _ = write!(path, "{array}/{}", number - 1);
            }
            // A row for each line or document.
            None => line = number,
        }
        if !name.is_empty() {
            path.push('/');
            path.push_str(name);
        }
        Some(((line, path, is_key), New { old: old.to_owned(), new, used: false }))
    }
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// Goes through the text value by value.
struct Walk<'a> {
    text: &'a str,
    new: BTreeMap<Key, New>,
    by_line: bool,
    /// Changes that found their place.
    used: usize,
    became_text: u64,
    changes: Vec<(Range<usize>, String)>,
}

/// An object or array that is open.
struct Level<'t> {
    /// Length of the path of the level itself.
    path: usize,
    /// Number of the next element of an array; nothing in an object.
    next: Option<u64>,
    /// Keys of the object so far, as they are written.
    keys: HashSet<&'t str>,
}

impl Walk<'_> {
    /// All documents of the text; nothing when it is not JSON.
    fn document(&mut self) -> Option<()> {
        let text = self.text;
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut path = String::new();
        let mut levels: Vec<Level<'_>> = Vec::new();
        let mut documents = 0;
        let (mut lines, mut counted) = (1, 0);
        let mut line_of_document = 1;
        let mut expects_key = false;
        let line_end = if !self.text.contains('\n') && self.text.contains('\r') { b'\r' } else { b'\n' };
        while let Some(byte) = bytes.get(at) {
            let start = at;
            let is_value = !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b']' | b'}');
            if is_value && !expects_key {
                if levels.is_empty() {
                    documents += 1;
                    let before = bytes.get(counted..at)?;
                    lines += memchr::memchr_iter(line_end, before).count() as u64;
                    counted = at;
                    line_of_document = lines;
                }
                if let Some(Level { path: own, next: Some(next), .. }) = levels.last_mut() {
                    path.truncate(*own);
                    let _ = write!(path, "/{next}");
                    *next += 1;
                }
            }
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b':' => at += 1,
                b',' => {
                    expects_key = levels.last()?.next.is_none();
                    at += 1;
                }
                b'{' => {
                    levels.push(Level { path: path.len(), next: None, keys: HashSet::new() });
                    expects_key = true;
                    at += 1;
                }
                b'[' => {
                    levels.push(Level { path: path.len(), next: Some(0), keys: HashSet::new() });
                    expects_key = false;
                    at += 1;
                }
                b'}' | b']' => {
                    let level = levels.pop()?;
                    path.truncate(level.path);
                    expects_key = false;
                    at += 1;
                }
                b'"' => {
                    let end = string_end(bytes, at)?;
                    at = end;
                    let inside = start + 1..end - 1;
                    if expects_key {
                        let mut key = String::new();
                        decode(self.text.get(inside.clone())?, &mut key);
                        let level = levels.last_mut()?;
                        // Of two equal keys readers see one: nobody would look at the other.
                        if !level.keys.insert(text.get(inside.clone())?) {
                            return None;
                        }
                        path.truncate(level.path);
                        path.push('/');
                        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                        expects_key = false;
                        self.take(line_of_document, documents, &path, true, inside, false);
                    } else {
                        self.take(line_of_document, documents, &path, false, inside, false);
                    }
                }
                _ => {
                    let rest = bytes.get(at..)?;
                    let is_part =
                        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                    let size = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
                    if size == 0 {
                        return None;
                    }
                    at += size;
                    self.take(line_of_document, documents, &path, false, start..at, true);
                }
            }
        }
        levels.is_empty().then_some(())
    }

    /// Notes the change of the value or key at `range`, if there is one.
    fn take(&mut self, line: u64, document: u64, path: &str, is_key: bool, range: Range<usize>, plain: bool) {
        if self.new.is_empty() {
            return;
        }
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let mut value = String::new();
        match plain {
            true => value.push_str(raw),
            false => decode(raw, &mut value),
        }
        // JSON lines number everything by line; documents one after another number rows by document, arrays by
        // line; a single document needs no number.
        let numbers = if self.by_line { [line, line, line] } else { [0, line, document] };
        let key = numbers.into_iter().map(|number| (number, path.to_owned(), is_key));
        let key = key.into_iter().find(|key| self.new.get(key).is_some_and(|new| new.old == value));
        let Some(found) = key.and_then(|key| self.new.get_mut(&key)) else { return };
        self.used += usize::from(!std::mem::replace(&mut found.used, true));
        let new = &found.new;
        let is_number = |new: &str| {
            let digits = new.strip_prefix('-').unwrap_or(new);
            let whole = digits.bytes().all(|b| b.is_ascii_digit());
            !digits.is_empty() && whole && (digits.len() == 1 || !digits.starts_with('0'))
        };
        let (range, text) = match (new, plain) {
            (None, true) => (range, "null".to_owned()),
            (None, false) if is_key => (range, String::new()),
            // With its marks.
            (None, false) => (range.start - 1..range.end + 1, "null".to_owned()),
            (Some(new), true) if is_number(new) => (range, new.clone()),
            (Some(new), true) => {
                self.became_text += 1;
                (range, ["\"", &encoded(new, false), "\""].concat())
            }
            (Some(new), false) => {
                // A value written with escapes stays so where it was all ASCII for that reason.
                let ascii = raw.contains("\\u") && raw.is_ascii();
                (range, encoded(new, ascii))
            }
        };
        self.changes.push((range, text));
    }
}

/// One past the closing mark of the string that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let found = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Appends the content of a string with its escapes taken out, as `source` does.
fn decode(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let mut chars = after.chars();
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{C}'),
            Some('u') => {
                let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
                let first = unit(chars.as_str());
                let mut used = 4;
                let second = chars.as_str().get(4..).and_then(|rest| rest.strip_prefix("\\u")).and_then(unit);
                let c = match (first, second) {
                    (Some(high @ 0xD800..0xDC00), Some(low @ 0xDC00..0xE000)) => {
                        used = 10;
                        char::decode_utf16([high, low]).next().and_then(Result::ok)
                    }
                    (Some(one), _) => char::from_u32(u32::from(one)),
                    _ => None,
                };
                out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = if first.is_some() {
                    chars.as_str().get(used..).unwrap_or_default()
                } else {
                    chars.as_str()
                };
                continue;
            }
            Some(other) if other.is_ascii() => out.push(other),
            Some(_) => {
                rest = after;
                continue;
            }
            None => out.push('\\'),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// The content of a string with the escapes it needs; with `ascii` everything beyond ASCII is escaped.
fn encoded(text: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if ascii && !c.is_ascii() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out
}
