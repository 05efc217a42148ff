//! SQL dumps: rows of INSERT (MySQL, PostgreSQL, SQL Server, Oracle) and COPY, read as they stream by.

use super::{Format, Probe, text};
use crate::text::feed::Feed;
use crate::text::sql::{Stop, Text, Value, push_copied, push_unescaped};
use crate::{CellForm, Context, Input, Layout, SourceError};
use memchr::{memchr, memchr_iter, memchr2, memmem};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use zhunsheng_model::{CellBuffer, ProblemKind, Step, TableFragment, TextFragment, TextShape};

/// A statement head or row longer than this is read as text.
const PIECE_BYTES_MAX: usize = 16 << 20;

/// Matches dumps: the first statement is SQL, and rows or tables are near.
pub(super) struct Sql;

impl Format for Sql {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.text().is_some_and(|head| is_dump(&head.text))
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let head = text::head_of(&mut input)?;
        let backslash = !is_standard(&head.text);
        let mut dump = Dump {
            feed: Feed::new(input, &head, cx.chunk_bytes())?,
            at: 0,
            backslash,
            state: State::Between,
            tables: BTreeMap::new(),
            rows: BTreeMap::new(),
            runs: Vec::new(),
            texts: Vec::new(),
            broken: 0,
        };
        dump.read(cx)
    }
}

const STARTS: &[&str] = &[
    "insert", "replace", "create", "drop", "set", "copy", "use", "begin", "start", "alter", "lock", "delete",
    "truncate", "pragma", "if", "go", "exec", "update", "select", "comment", "grant", "declare", "prompt",
    "rem", "commit", "merge",
];

fn is_dump(head: &str) -> bool {
    let text = Text { bytes: head.as_bytes(), complete: true, backslash: true };
    let Ok(start) = text.skip(0) else { return false };
    let Ok((word, after)) = text.word(start) else { return false };
    let word = String::from_utf8_lossy(word).to_ascii_lowercase();
    let starts = STARTS.contains(&word.as_str())
        && matches!(text.at(after), Some(b' ' | b'\t' | b'\r' | b'\n' | b';'));
    // Words that begin sentences too must stand in something like a statement.
    let line = head.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let is_soft =
        ["set", "use", "if", "go", "start", "begin", "copy", "select", "update", "comment", "drop", "lock"];
    let is_statement = !is_soft.contains(&word.as_str())
        || line.contains([';', '=', '(', '`', '['])
        || line.split_whitespace().count() <= 2;
    // Only comments in the head: a dump says what made it.
    let says_so =
        start >= head.len() && (head.contains("MySQL dump") || head.contains("PostgreSQL database dump"));
    let has_rows = head.lines().any(|line| {
        let line = line.trim_start().get(..24).unwrap_or(line.trim_start()).to_ascii_lowercase();
        [
            "insert into ",
            "insert [",
            "insert ignore ",
            "replace into ",
            "create table ",
            "copy ",
            "insert `",
            "drop table ",
        ]
        .iter()
        .any(|start| line.starts_with(start))
    });
    (starts && is_statement && has_rows) || says_so
}

/// Whether strings follow the standard, in which a backslash is a character.
fn is_standard(head: &str) -> bool {
    let is_mysql = head.contains('`') || head.contains("MySQL") || head.contains("ENGINE=");
    let lower = head.to_ascii_lowercase();
    let others = [
        "postgres",
        "client_encoding",
        "standard_conforming_strings",
        "from stdin",
        "::text",
        "to_date(",
        "[dbo]",
    ];
    !is_mysql
        && (others.iter().any(|word| lower.contains(word))
            || lower.contains("sqlite")
            || lower.contains("pragma "))
}

/// What stands at the reading position.
#[derive(Clone)]
enum State {
    Between,
    /// Rows of this table in parentheses.
    Values(Arc<Target>),
    /// Rows of this table, one a line.
    Copy(Arc<Target>),
    /// Something else up to its `;`.
    Other,
}

/// A table and the columns that rows name.
struct Target {
    table: String,
    names: Option<Arc<[String]>>,
    number: u32,
}

/// A table so far.
#[derive(Default)]
struct Filled {
    rows: u64,
    /// By the columns that statements name.
    targets: BTreeMap<Vec<String>, Arc<Target>>,
}

/// Rows of one table that follow each other in the window.
struct Run {
    target: Arc<Target>,
    first_row: u64,
    start: usize,
    end: usize,
    cells: Vec<Cell>,
    rows: Vec<u32>,
}

enum Cell {
    Slice(Range<usize>),
    Quoted(Range<usize>, u8, bool),
    Copied(Range<usize>),
}

struct Dump<'a> {
    feed: Feed<'a>,
    at: usize,
    backslash: bool,
    state: State,
    /// Columns by table, as created.
    tables: BTreeMap<String, Arc<[String]>>,
    /// Tables that rows were read of.
    rows: BTreeMap<String, Filled>,
    /// What the window before `at` held.
    runs: Vec<Run>,
    texts: Vec<Range<usize>>,
    broken: u64,
}

impl Dump<'_> {
    fn read(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let failure = loop {
            let before = self.at;
            match self.step(cx) {
                Ok(true) => {}
                Ok(false) => break None,
                Err(Stop::Broken) => {
                    // On with the next statement; what cannot be read as rows is text.
                    self.broken += 1;
                    self.note_text(before, before + 1);
                    self.at = (before + 1).min(self.feed.window.len());
                    self.state = State::Other;
                }
                Err(Stop::More) if self.feed.window.len() - self.at > PIECE_BYTES_MAX => {
                    // No end of a string or statement in sight: give the line up.
                    self.broken += 1;
                    let rest = self.feed.window.get(self.at..).unwrap_or_default();
                    let end = memchr(b'\n', rest).map_or(self.feed.window.len(), |end| self.at + end + 1);
                    self.note_text(self.at, end);
                    self.at = end;
                    self.state = State::Between;
                }
                Err(Stop::More) => {
                    self.hand_over(cx)?;
                    let failure = self.feed.advance(self.at).err();
                    self.at = 0;
                    if failure.is_some() {
                        break failure;
                    }
                }
            }
        };
        if failure.is_some() {
            // What was begun is text.
            self.note_text(self.at, self.feed.window.len());
            self.at = self.feed.window.len();
        }
        self.hand_over(cx)?;
        if self.broken > 0 {
            let detail =
                format!("{} statements could not be read as rows; they were read as text", self.broken);
            cx.problem(ProblemKind::Malformed, detail, false);
        }
        if self.feed.bad > 0 {
            let detail = format!("{} places are no character; they were replaced", self.feed.bad);
            cx.problem(ProblemKind::BadCharacters, detail, false);
        }
        failure.map_or(Ok(()), Err)
    }

    /// Reads one statement, row or line; `Ok(false)` at the end.
    fn step(&mut self, cx: &Context<'_>) -> Result<bool, Stop> {
        match self.state.clone() {
            State::Between => self.statement(cx),
            State::Values(target) => self.values(&target),
            State::Copy(target) => self.copied(&target),
            State::Other => {
                let text = self.text();
                let end = match text.statement_end(self.at) {
                    Err(Stop::Broken) => self.feed.window.len(),
                    // Without any `;` (SQL Server) a batch ends all the same.
                    Err(Stop::More) => match batch_end(text.rest(self.at)) {
                        Some(end) => self.at + end,
                        None => return Err(Stop::More),
                    },
                    Ok(end) => batch_end(self.feed.window.get(self.at..end).unwrap_or_default())
                        .map_or(end, |batch| self.at + batch),
                };
                self.note_text(self.at, end);
                self.at = end;
                self.state = State::Between;
                Ok(true)
            }
        }
    }

    fn text(&self) -> Text<'_> {
        Text { bytes: &self.feed.window, complete: self.feed.ended, backslash: self.backslash }
    }

    fn statement(&mut self, cx: &Context<'_>) -> Result<bool, Stop> {
        let text = self.text();
        let start = text.skip(self.at)?;
        if start > self.at {
            // Comments may hold anything.
            self.note_text(self.at, start);
            self.at = start;
            return Ok(true);
        }
        if start >= text.bytes.len() {
            return Ok(false);
        }
        let (word, next) = text.word(start)?;
        let is = |word: &[u8], other: &str| word.eq_ignore_ascii_case(other.as_bytes());
        let header = if is(word, "insert") || is(word, "replace") {
            insert_header(text, next)
        } else if is(word, "copy") {
            copy_header(text, next)
        } else if is(word, "create") {
            let created = create_header(text, next)?;
            if let Some((name, columns)) = created {
                self.tables.insert(name, columns.into());
            }
            self.state = State::Other;
            return Ok(true);
        } else if is(word, "go") || is(word, "begin") {
            // SQL Server ends batches so, without a mark.
            self.at = next;
            return Ok(true);
        } else if text.at(start) == Some(b'\\')
            || ["set", "use", "prompt", "rem", "delimiter", "print"].iter().any(|other| is(word, other))
        {
            // Commands of one line to the program that reads the dump; SQL Server ends them without a mark.
            let size = match memchr2(b'\n', b';', text.rest(start)) {
                Some(size) => size + 1,
                None if text.complete => text.rest(start).len(),
                None => return Err(Stop::More),
            };
            self.note_text(start, start + size);
            self.at = start + size;
            return Ok(true);
        } else {
            self.state = State::Other;
            return Ok(true);
        };
        match header {
            Ok(Some(header)) => {
                let is_copy = header.is_copy;
                self.at = header.end;
                let target = self.target(header.table, header.names, cx);
                self.state = if is_copy { State::Copy(target) } else { State::Values(target) };
            }
            Err(Stop::More) => return Err(Stop::More),
            // INSERT … SELECT, INSERT … SET, COPY to a file.
            Ok(None) | Err(Stop::Broken) => self.state = State::Other,
        }
        Ok(true)
    }

    fn target(&mut self, table: String, names: Option<Vec<String>>, cx: &Context<'_>) -> Arc<Target> {
        let names: Option<Arc<[String]>> =
            names.map(Into::into).or_else(|| self.tables.get(&table).map(Arc::clone));
        let key = names.as_deref().unwrap_or_default().to_vec();
        let filled = self.rows.entry(table.clone()).or_default();
        let target = filled
            .targets
            .entry(key)
            .or_insert_with(|| Arc::new(Target { table, names, number: cx.next_table() }));
        Arc::clone(target)
    }

    fn values(&mut self, target: &Arc<Target>) -> Result<bool, Stop> {
        let text = self.text();
        let start = text.skip(self.at)?;
        match text.at(start) {
            Some(b',') => {
                self.at = start + 1;
                return Ok(true);
            }
            Some(b';') => {
                self.at = start + 1;
                self.state = State::Between;
                return Ok(true);
            }
            Some(b'(') => {}
            None => {
                self.at = start;
                self.state = State::Between;
                return Ok(true);
            }
            Some(_) => {
                // ON DUPLICATE KEY …, RETURNING …, or the next statement where none is ended by a mark.
                let (word, _) = text.word(start)?;
                let ends = [b"on".as_slice(), b"returning", b"as", b"select"];
                let is_tail = ends.iter().any(|end| word.eq_ignore_ascii_case(end));
                self.at = start;
                self.state = if is_tail { State::Other } else { State::Between };
                return Ok(true);
            }
        }
        let mut values = Vec::new();
        let end = text.row(start, &mut values)?;
        let cells = values.into_iter().map(|value| match value {
            Value::Slice(range) => Cell::Slice(range),
            Value::Escaped(range, mark, backslash) => Cell::Quoted(range, mark, backslash),
            Value::Nothing => Cell::Slice(start..start),
        });
        let cells: Vec<Cell> = cells.collect();
        self.push_row(target, start, end, cells);
        self.at = end;
        Ok(true)
    }

    fn copied(&mut self, target: &Arc<Target>) -> Result<bool, Stop> {
        let start = self.at;
        let window = &self.feed.window;
        let rest = window.get(start..).unwrap_or_default();
        let (size, next) = match memchr(b'\n', rest) {
            Some(end) => (end, start + end + 1),
            None if !self.feed.ended => return Err(Stop::More),
            None => (rest.len(), window.len()),
        };
        let line = rest.get(..size).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.at = next;
        if line == b"\\." || (line.is_empty() && next >= window.len()) {
            self.state = State::Between;
            return Ok(true);
        }
        let mut cells = Vec::new();
        let mut from = 0;
        for end in memchr_iter(b'\t', line).chain(Some(line.len())) {
            let cell = line.get(from..end).unwrap_or_default();
            let range = start + from..start + end;
            cells.push(match cell {
                b"\\N" => Cell::Slice(start..start),
                _ if memchr(b'\\', cell).is_some() => Cell::Copied(range),
                _ => Cell::Slice(range),
            });
            from = end + 1;
        }
        let end = start + line.len();
        self.push_row(target, start, end, cells);
        Ok(true)
    }

    fn push_row(&mut self, target: &Arc<Target>, start: usize, end: usize, cells: Vec<Cell>) {
        let count = match self.rows.get_mut(&target.table) {
            Some(filled) => {
                filled.rows += 1;
                filled.rows
            }
            None => 1,
        };
        let same = self.runs.last().is_some_and(|run| Arc::ptr_eq(&run.target, target));
        if !same {
            self.runs.push(Run {
                target: Arc::clone(target),
                first_row: count,
                start,
                end,
                cells: Vec::new(),
                rows: vec![0],
            });
        }
        if let Some(run) = self.runs.last_mut() {
            run.end = end;
            run.cells.extend(cells);
            run.rows.push(run.cells.len() as u32);
        }
    }

    fn note_text(&mut self, start: usize, end: usize) {
        match self.texts.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => self.texts.push(start..end),
        }
    }

    /// Hands over what the window before the reading position held.
    fn hand_over(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut texts = std::mem::take(&mut self.texts).into_iter().peekable();
        for run in std::mem::take(&mut self.runs) {
            while let Some(range) = texts.next_if(|range| range.start < run.start) {
                self.hand_over_text(range, cx)?;
            }
            self.hand_over_run(run, cx)?;
        }
        for range in texts {
            self.hand_over_text(range, cx)?;
        }
        Ok(())
    }

    fn hand_over_text(&self, range: Range<usize>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let bytes = self.feed.window.get(range.clone()).unwrap_or_default();
        // Only what can hold a value: a string or a comment.
        let holds = bytes.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'-' | b'#' | b'*'));
        if !holds {
            return Ok(());
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        let origin = Some(self.feed.origin_at(range.start));
        let place = Arc::clone(cx.place());
        cx.text(TextFragment { place, text, shape: TextShape::Code, segments: Vec::new(), origin })
    }

    fn hand_over_run(&self, run: Run, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let bytes = self.feed.window.get(run.start..run.end).unwrap_or_default();
        // A piece that is no UTF-8 is copied cell by cell: replaced characters would move the rest.
        let mut text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_string(),
            Err(_) => String::new(),
        };
        let is_slice = !text.is_empty();
        let mut cells = Vec::with_capacity(run.cells.len());
        for cell in &run.cells {
            let (Cell::Slice(range) | Cell::Quoted(range, ..) | Cell::Copied(range)) = cell;
            if let (Cell::Slice(range), true) = (cell, is_slice) {
                let start = range.start.saturating_sub(run.start) as u32;
                cells.push(start..start + range.len() as u32);
                continue;
            }
            let raw = String::from_utf8_lossy(self.feed.window.get(range.clone()).unwrap_or_default());
            let start = text.len() as u32;
            match cell {
                Cell::Slice(_) => text.push_str(&raw),
                Cell::Quoted(_, mark, backslash) => push_unescaped(&mut text, &raw, *mark, *backslash),
                Cell::Copied(_) => push_copied(&mut text, &raw),
            }
            cells.push(start..text.len() as u32);
        }
        let place = cx.place_of(&[Step::Table(run.target.table.clone())]);
        if is_slice {
            let form = |cell: &Cell| match cell {
                Cell::Slice(_) => CellForm::Plain,
                Cell::Quoted(_, mark, backslash) => CellForm::Quoted(*mark, *backslash),
                Cell::Copied(_) => CellForm::Copied,
            };
            let range = |cell: &Cell| {
                let (Cell::Slice(range) | Cell::Quoted(range, ..) | Cell::Copied(range)) = cell;
                range.start.saturating_sub(run.start)..range.end.saturating_sub(run.start)
            };
            let cells = run.cells.iter().map(|cell| (range(cell), form(cell))).collect();
            cx.sink.layout(&Layout { text_bytes: run.end - run.start, cells });
        }
        cx.table(TableFragment {
            place,
            table: run.target.number,
            names: run.target.names.clone(),
            first_row: run.first_row,
            cells: CellBuffer { text, cells, rows: run.rows },
            origin: is_slice.then(|| self.feed.origin_at(run.start)),
        })
    }
}

/// One past a line `GO`.
fn batch_end(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, b"\nGO").find_map(|at| {
        let rest = bytes.get(at + 3..)?;
        rest.starts_with(b"\r\n").then_some(at + 5).or(rest.starts_with(b"\n").then_some(at + 4))
    })
}

struct Header {
    table: String,
    names: Option<Vec<String>>,
    end: usize,
    is_copy: bool,
}

/// `INTO name (columns) VALUES`, from after INSERT; `None` when other rows than values follow.
fn insert_header(text: Text<'_>, mut at: usize) -> Result<Option<Header>, Stop> {
    loop {
        at = text.skip(at)?;
        let (word, next) = text.word(at)?;
        let is_option =
            ["into", "ignore", "low_priority", "delayed", "high_priority", "or", "overwrite", "table"]
                .iter()
                .any(|option| word.eq_ignore_ascii_case(option.as_bytes()));
        if !is_option {
            break;
        }
        at = next;
    }
    let (table, next) = text.name(at)?;
    at = text.skip(next)?;
    let mut names = None;
    if text.at(at) == Some(b'(') {
        let (found, next) = text.names(at)?;
        names = Some(found);
        at = text.skip(next)?;
    }
    // OVERRIDING SYSTEM VALUE stands before VALUES.
    for _ in 0..4 {
        let (word, next) = text.word(at)?;
        if word.eq_ignore_ascii_case(b"values") || word.eq_ignore_ascii_case(b"value") {
            return Ok(Some(Header { table, names, end: next, is_copy: false }));
        }
        if !(word.eq_ignore_ascii_case(b"overriding")
            || word.eq_ignore_ascii_case(b"system")
            || word.eq_ignore_ascii_case(b"user"))
        {
            return Ok(None);
        }
        at = text.skip(next)?;
    }
    Ok(None)
}

/// `name (columns) FROM stdin …;` and the line end, from after COPY.
fn copy_header(text: Text<'_>, at: usize) -> Result<Option<Header>, Stop> {
    let (table, next) = text.name(text.skip(at)?)?;
    let mut at = text.skip(next)?;
    let mut names = None;
    if text.at(at) == Some(b'(') {
        let (found, next) = text.names(at)?;
        names = Some(found);
        at = text.skip(next)?;
    }
    let end = text.statement_end(at)?;
    let tail = String::from_utf8_lossy(text.bytes.get(at..end).unwrap_or_default()).to_ascii_lowercase();
    if !tail.contains("from stdin") {
        return Ok(None);
    }
    match memchr(b'\n', text.rest(end)) {
        Some(line) => Ok(Some(Header { table, names, end: end + line + 1, is_copy: true })),
        None if text.complete => Ok(None),
        None => Err(Stop::More),
    }
}

/// The table and its columns, from after CREATE; `None` when it makes something else.
fn create_header(text: Text<'_>, mut at: usize) -> Result<Option<(String, Vec<String>)>, Stop> {
    let mut is_table = false;
    loop {
        at = text.skip(at)?;
        let (word, next) = text.word(at)?;
        let is = |other: &str| word.eq_ignore_ascii_case(other.as_bytes());
        if is("table") {
            is_table = true;
        } else if !["temporary", "temp", "global", "local", "unlogged", "if", "not", "exists"]
            .iter()
            .any(|word| is(word))
        {
            break;
        }
        at = next;
    }
    if !is_table {
        return Ok(None);
    }
    let created = text.name(at).and_then(|(table, next)| {
        let open = text.skip(next)?;
        if text.at(open) != Some(b'(') {
            return Err(Stop::Broken);
        }
        Ok((table, text.columns(open)?))
    });
    match created {
        Ok(created) => Ok(Some(created)),
        Err(Stop::More) => Err(Stop::More),
        Err(Stop::Broken) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::is_dump;

    #[test]
    fn dumps_are_told_from_text_about_sql() {
        assert!(is_dump("-- MySQL dump\n\nDROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (\n"));
        assert!(is_dump("SET client_encoding = 'UTF8';\nCOPY public.t (a) FROM stdin;\n"));
        assert!(is_dump("insert into t values (1);"));
        assert!(!is_dump("Use the statement\ninsert into t values (1);\n"));
        assert!(!is_dump("SET a = 1;\nPrint it.\n"));
        assert!(is_dump("USE [shop]\nGO\nINSERT [dbo].[t] ([a]) VALUES (1)\nGO\n"));
        assert!(!is_dump("姓名,手机\n"));
    }
}
