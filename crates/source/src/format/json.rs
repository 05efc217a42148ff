//! JSON documents of any size, and JSON lines.

use super::{Format, Probe, text};
use crate::text::dialect;
use crate::text::encoding::TextHead;
use crate::text::feed::Feed;
use crate::text::json::{Machine, NoToken, Out, Rows, Table, Token, token};
use crate::text::piece::{Cut, Faults, Found, Piece, Pieces, deliver};
use crate::{Context, Input, SourceError};
use memchr::memchr_iter;
use std::sync::Arc;
use zhunsheng_model::{
    Fragment, LazyFragment, Place, Problem, ProblemKind, Step, TableFragment, TextFragment, TextShape,
};

/// A string longer than this is not held; the rest is read as text.
const TOKEN_BYTES_MAX: usize = 64 << 20;
/// Set in the numbers of tables that appear while lines are loaded, apart from those given out in order.
const LOADED_TABLES: u32 = 1 << 30;

/// Matches what begins as a JSON object or array does.
///
/// Places: the rows of the array at `/data/list` have `Step::Json("/data/list")`, and the pointer of a cell is that,
/// the row's number less one, and the column's name. What stands in no array is one row at `Step::Json("#")`; there
/// the column's name is the whole pointer. The rows of JSON lines have no such step: their number is the line.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.text().is_some_and(|head| begins_as_json(&head.text, probe.complete))
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let complete = input.peek(super::HEAD_BYTES)?.len() < super::HEAD_BYTES;
        let head = text::head_of(&mut input)?;
        if is_lines(&head.text, complete) {
            read_lines(input, &head, cx)
        } else {
            read_document(input, &head, cx)
        }
    }
}

/// Judges the first tokens: enough to tell JSON from a log line in brackets or a piece of source code.
fn begins_as_json(head: &str, complete: bool) -> bool {
    let bytes = head.as_bytes();
    let mut at = 0;
    let mut tokens = Vec::new();
    while tokens.len() < 4 {
        match token(bytes, at, complete) {
            Ok((token, next)) => {
                tokens.push(token);
                at = next;
            }
            Err(NoToken::Broken) => return false,
            Err(_) => break,
        }
    }
    matches!(
        tokens.as_slice(),
        [Token::ObjectStart, Token::Text(..), Token::Colon, ..]
            | [Token::ObjectStart, Token::ObjectEnd, ..]
            | [Token::ArrayStart, Token::ObjectStart, Token::Text(..) | Token::ObjectEnd, ..]
            | [Token::ArrayStart, Token::ArrayStart | Token::ArrayEnd, ..]
            | [Token::ArrayStart, Token::Text(..) | Token::Plain(_), Token::Comma | Token::ArrayEnd, ..]
    )
}

/// Whether each line is a value of its own.
fn is_lines(head: &str, complete: bool) -> bool {
    let line_end = dialect::line_end_of(head) as char;
    let mut lines = head.split_inclusive(line_end).filter(|line| !line.trim().is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    let is_whole = first.ends_with(line_end) || complete;
    is_whole
        && second.trim_start().starts_with(['{', '['])
        && parse_line(first.as_bytes(), &mut Silent).is_some()
}

/// Parses one value that takes all of `line`; gives the machine, `None` when it is anything else.
fn parse_line(line: &[u8], out: &mut dyn Out) -> Option<Machine> {
    let mut machine = Machine::new(Table::new(0, 1), true);
    let at = run_line(&mut machine, line, out).ok()?;
    (at.is_none() && machine.root.next_row() == 2).then_some(machine)
}

/// Feeds one line to `machine`; the result is where it breaks, `None` when it is one whole value.
fn run_line(machine: &mut Machine, line: &[u8], out: &mut dyn Out) -> Result<Option<usize>, SourceError> {
    let mut at = 0;
    let mut whole = false;
    loop {
        match token(line, at, true) {
            Ok(_) if whole => return Ok(Some(at)),
            Ok((token, next)) => {
                if !machine.step(&token, line, out)? {
                    return Ok(Some(at));
                }
                at = next;
                whole = machine.is_between();
            }
            Err(NoToken::End) if whole => return Ok(None),
            Err(_) => return Ok(Some(at)),
        }
    }
}

/// Takes tables and forgets them.
struct Silent;

impl Out for Silent {
    fn next_table(&mut self) -> u32 {
        0
    }
    fn rows(&mut self, _: &str, _: Rows) -> Result<(), SourceError> {
        Ok(())
    }
    fn chunk_bytes(&self) -> usize {
        1 << 20
    }
}

/// Hands the tables of a document to the receiver.
struct DocumentOut<'b, 'a> {
    cx: &'b mut Context<'a>,
    /// Line of the current value when it is not the first in the file.
    line: Option<u64>,
}

impl Out for DocumentOut<'_, '_> {
    fn next_table(&mut self) -> u32 {
        self.cx.next_table()
    }

    fn rows(&mut self, pointer: &str, rows: Rows) -> Result<(), SourceError> {
        let mut steps = Vec::new();
        if pointer != "#" {
            steps.extend(self.line.map(Step::Line));
        }
        if pointer != "#" || self.line.is_none() {
            steps.push(Step::Json(pointer.to_string()));
        }
        let place = self.cx.place_of(&steps);
        self.cx.table(fragment(place, rows))
    }

    fn chunk_bytes(&self) -> usize {
        self.cx.chunk_bytes()
    }
}

fn fragment(place: Arc<Place>, rows: Rows) -> TableFragment {
    TableFragment {
        place,
        table: rows.table,
        names: Some(rows.names),
        first_row: rows.first_row,
        cells: rows.cells,
        origin: None,
    }
}

/// How reading in order ended.
enum Ending {
    Whole,
    /// Broken at this byte of the window.
    Broken(usize),
    Failed(SourceError),
}

fn read_document(input: Input<'_>, head: &TextHead, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut feed = Feed::new(input, head, cx.chunk_bytes())?;
    let number = cx.next_table();
    let mut machine = Machine::new(Table::new(number, 1), false);
    let mut out = DocumentOut { cx, line: None };
    let mut at = 0;
    let mut values = 0_u64;
    let ending = loop {
        while feed.window.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        match token(&feed.window, at, feed.ended) {
            Ok((token, next)) => {
                if machine.is_between() && values > 0 {
                    out.line = Some(feed.origin_at(at).first_line + 1);
                }
                match machine.step(&token, &feed.window, &mut out) {
                    Ok(true) => at = next,
                    Ok(false) => break Ending::Broken(at),
                    Err(error) => break Ending::Failed(error),
                }
                if machine.is_between() {
                    values += 1;
                    if values > 1 && machine.root.size_bytes() >= out.chunk_bytes() {
                        hand_over_root(&mut machine, values, &mut out)?;
                    }
                }
            }
            Err(NoToken::More) if feed.window.len() - at <= TOKEN_BYTES_MAX => {
                if let Err(error) = feed.advance(at) {
                    break Ending::Failed(error);
                }
                at = 0;
            }
            Err(NoToken::End) => break Ending::Whole,
            Err(_) => break Ending::Broken(at),
        }
    };
    if let Ending::Failed(SourceError::Stopped) = ending {
        return Err(SourceError::Stopped);
    }
    let is_open = !machine.is_between();
    machine.flush(&mut out)?;
    hand_over_root(&mut machine, values, &mut out)?;
    let bad = machine.bad + feed.bad;
    if bad > 0 {
        cx.problem(
            ProblemKind::BadCharacters,
            format!("{bad} places are no character; they were replaced"),
            false,
        );
    }
    match ending {
        Ending::Whole if is_open => {
            cx.problem(ProblemKind::Truncated, "the content ends within a value", false);
            Ok(())
        }
        Ending::Whole => Ok(()),
        Ending::Failed(error) => Err(error),
        Ending::Broken(at) => {
            let origin = feed.origin_at(at);
            let line = origin.first_line + 1;
            cx.problem(
                ProblemKind::Malformed,
                format!("not JSON from line {line} on; the rest was read as text"),
                false,
            );
            let origin = feed.is_original().then_some(origin);
            text::read_rest(feed.into_rest(at), origin, cx)
        }
    }
}

/// The rows of values that are no arrays: one, or one for each value where several follow each other.
fn hand_over_root(
    machine: &mut Machine,
    values: u64,
    out: &mut DocumentOut<'_, '_>,
) -> Result<(), SourceError> {
    let number = out.cx.next_table();
    let rows = machine.root.take(|| number);
    if rows.names.is_empty() {
        return Ok(());
    }
    let steps = if values > 1 { Vec::new() } else { vec![Step::Json("#".into())] };
    let place = out.cx.place_of(&steps);
    out.cx.table(fragment(place, rows))
}

fn read_lines(input: Input<'_>, head: &TextHead, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let line_end = dialect::line_end_of(&head.text);
    // The first lines settle the columns; pieces that hold no others share one table.
    let mut settled = Machine::new(Table::new(0, 1), true);
    for line in head.text.as_bytes().split(|byte| *byte == line_end) {
        if run_line(&mut settled, line, &mut Silent)?.is_some() {
            settled.flush(&mut Silent)?;
        }
    }
    let pieces = Pieces::new(input, head, Cut::Lines, line_end, cx.chunk_bytes())?;
    let plan = Arc::new(Plan {
        place: Arc::clone(cx.place()),
        table: cx.next_table(),
        names: settled.root.names().into(),
        line_end,
        chunk_bytes: cx.chunk_bytes(),
        faults: Faults::default(),
    });
    deliver(pieces, cx, |piece| Box::new(LazyLines { piece, plan: Arc::clone(&plan) }))
}

/// What the pieces of one file of JSON lines share.
struct Plan {
    place: Arc<Place>,
    table: u32,
    names: Arc<[String]>,
    line_end: u8,
    chunk_bytes: usize,
    faults: Faults,
}

struct LazyLines {
    piece: Piece,
    plan: Arc<Plan>,
}

/// Collects the tables of a piece.
struct PieceOut {
    place: Arc<Place>,
    fragments: Vec<Fragment>,
    /// Tables of this piece so far, and what its numbers begin with.
    tables: u32,
    base: u32,
    line: u64,
    chunk_bytes: usize,
}

impl Out for PieceOut {
    fn next_table(&mut self) -> u32 {
        self.tables += 1;
        self.base | (self.tables & 0xFFFF)
    }

    fn rows(&mut self, pointer: &str, rows: Rows) -> Result<(), SourceError> {
        let place = match pointer {
            "#" => Arc::clone(&self.place),
            _ => Arc::new(self.place.step(Step::Line(self.line)).step(Step::Json(pointer.to_string()))),
        };
        self.fragments.push(Fragment::Table(fragment(place, rows)));
        Ok(())
    }

    fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }
}

impl LazyFragment for LazyLines {
    fn size_bytes(&self) -> usize {
        self.piece.size_bytes()
    }

    fn load(self: Box<Self>) -> (Vec<Fragment>, Vec<Problem>) {
        let LazyLines { piece, plan } = *self;
        let number = (piece.index, piece.last);
        let first_row = piece.first_row;
        let mut out = PieceOut {
            place: Arc::clone(&plan.place),
            fragments: Vec::new(),
            tables: 0,
            base: LOADED_TABLES | ((piece.index as u32 & 0x3FFF) << 16),
            line: first_row,
            chunk_bytes: plan.chunk_bytes,
        };
        let (text, _, bad) = piece.decode();
        let mut machine = Machine::new(Table::with_names(plan.table, first_row, &plan.names), true);
        let mut found = Found { bad, ..Found::default() };
        let bytes = text.as_bytes();
        let ends = memchr_iter(plan.line_end, bytes)
            .chain((bytes.last() != Some(&plan.line_end)).then_some(bytes.len()));
        let mut start = 0;
        for end in ends {
            let line = bytes.get(start..end).unwrap_or_default();
            start = end + 1;
            if !line.trim_ascii().is_empty() {
                // The receiver of a piece never stops, so that only breaking is left.
                let breaks = run_line(&mut machine, line, &mut out).unwrap_or(Some(0));
                if let Some(at) = breaks {
                    found.broken += 1;
                    let _ = machine.flush(&mut out);
                    let rest = String::from_utf8_lossy(line.get(at..).unwrap_or_default());
                    out.fragments.push(Fragment::Text(TextFragment {
                        place: Arc::new(plan.place.step(Step::Line(out.line))),
                        text: rest.into_owned(),
                        shape: TextShape::Code,
                        segments: Vec::new(),
                        origin: None,
                    }));
                }
            }
            // A blank or broken line is a row too: the number of a row is that of its line.
            if machine.root.next_row() == out.line {
                machine.root.end_row();
            }
            out.line += 1;
            found.rows += 1;
        }
        found.bad += machine.bad;
        let new_columns = machine.root.names().len() > plan.names.len();
        let mut rows = machine.root.take(|| plan.table);
        if new_columns {
            rows.table = out.next_table();
        }
        out.fragments.insert(0, Fragment::Table(fragment(Arc::clone(&plan.place), rows)));
        let problems = plan.faults.note(&plan.place, number, found);
        (out.fragments, problems)
    }
}
