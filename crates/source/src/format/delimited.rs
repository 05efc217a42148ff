//! Tables in text: comma, tab, `|`, `;`, `----` between cells; with or without quotation marks, header and titles.

use super::{Format, Probe, text};
use crate::text::dialect::{self, Hint};
use crate::text::piece::{Cut, Faults, Found, Piece, Pieces, deliver};
use crate::text::split::{Dialect, split};
use crate::{Context, Input, SourceError};
use std::sync::Arc;
use zhunsheng_model::{Fragment, LazyFragment, Place, Problem, TableFragment};

/// Matches texts whose rows have the same number of cells.
pub(super) struct Delimited;

impl Format for Delimited {
    fn name(&self) -> &'static str {
        "delimited"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.text().is_some_and(|head| dialect_of(&head.text, probe.name, probe.complete).is_some())
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let complete = input.peek(super::HEAD_BYTES)?.len() < super::HEAD_BYTES;
        let head = text::head_of(&mut input)?;
        let Some(dialect) = dialect_of(&head.text, cx.name(), complete) else {
            return text::Text.read(input, cx);
        };
        let cut = match *dialect.delimiter.as_bytes() {
            [delimiter] if dialect.quoted => Cut::QuotedRows(delimiter),
            _ => Cut::Lines,
        };
        let pieces = Pieces::new(input, &head, cut, dialect.line_end, cx.chunk_bytes())?;
        let plan = Arc::new(Plan {
            place: Arc::clone(cx.place()),
            table: cx.next_table(),
            dialect,
            faults: Faults::default(),
        });
        deliver(pieces, cx, |piece| Box::new(LazyTable { piece, plan: Arc::clone(&plan) }))
    }
}

fn dialect_of(head: &str, name: &str, complete: bool) -> Option<Dialect> {
    let extension = name.rsplit_once('.').map_or("", |(_, end)| end);
    let is_table = ["csv", "tsv", "tab"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    dialect::detect(head, Hint { is_table, complete })
}

/// What the pieces of one table share.
struct Plan {
    place: Arc<Place>,
    table: u32,
    dialect: Dialect,
    faults: Faults,
}

struct LazyTable {
    piece: Piece,
    plan: Arc<Plan>,
}

impl LazyFragment for LazyTable {
    fn size_bytes(&self) -> usize {
        self.piece.size_bytes()
    }

    fn load(self: Box<Self>) -> (Vec<Fragment>, Vec<Problem>) {
        let LazyTable { piece, plan } = *self;
        let number = (piece.index, piece.last);
        let first_row = piece.first_row;
        let (text, origin, bad) = piece.decode();
        let split = split(text, &plan.dialect);
        let found = Found {
            bad,
            rows: split.cells.len() as u64,
            ragged: split.ragged,
            columns: plan.dialect.columns,
            broken: 0,
        };
        let problems = plan.faults.note(&plan.place, number, found);
        let fragment = TableFragment {
            place: Arc::clone(&plan.place),
            table: plan.table,
            names: None,
            first_row,
            cells: split.cells,
            origin: Some(origin),
        };
        (vec![Fragment::Table(fragment)], problems)
    }
}
