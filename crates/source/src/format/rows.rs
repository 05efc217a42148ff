//! Collects the rows of one table and hands them over in fragments of bounded size.

use crate::error::SourceError;
use crate::sink::Context;
use std::sync::Arc;
use zhunsheng_model::{CellBuffer, Place, Step, TableFragment};

/// Rows of one fragment.
const ROWS_MAX: usize = 20_000;
/// Cells of one fragment.
const CELLS_MAX: usize = 1 << 20;
/// Blank rows in a row that are kept in the buffer; a bigger gap begins a new fragment.
const BLANK_ROWS_MAX: u64 = 10_000;

/// Writes one table.
pub(super) struct Rows {
    place: Arc<Place>,
    table: u32,
    names: Option<Arc<[String]>>,
    first_row: u64,
    next_row: u64,
    cells: CellBuffer,
    bytes_max: usize,
}

impl Rows {
    /// A table at `steps` under the place of `cx`, with column names when the format states them.
    pub(super) fn new(cx: &Context<'_>, steps: &[Step], names: Option<Vec<String>>) -> Rows {
        Rows {
            place: cx.place_of(steps),
            table: cx.next_table(),
            names: names.map(Arc::from),
            first_row: 1,
            next_row: 1,
            cells: CellBuffer::default(),
            bytes_max: cx.chunk_bytes(),
        }
    }

    /// Appends a cell to the row under construction.
    pub(super) fn cell(&mut self, text: &str) {
        self.cells.push_cell(text);
    }

    /// Appends `count` empty cells; they count against the limits, since a few bytes can ask for many.
    ///
    /// # Errors
    /// When a limit is reached.
    pub(super) fn blanks(&mut self, count: u32, cx: &Context<'_>) -> Result<(), SourceError> {
        cx.level.take(u64::from(count))?;
        (0..count).for_each(|_| self.cells.push_cell(""));
        Ok(())
    }

    /// Ends the row under construction.
    ///
    /// # Errors
    /// When the receiver wants no more.
    pub(super) fn end_row(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        self.cells.end_row();
        self.next_row += 1;
        let is_full = self.cells.len() >= ROWS_MAX || self.cells.cells.len() >= CELLS_MAX;
        if is_full || self.cells.text.len() >= self.bytes_max {
            self.flush(cx)?;
        }
        Ok(())
    }

    /// Makes `row` (from 1) the number of the row under construction; rows between are blank. Call between
    /// rows. A row number that goes back is left as it comes.
    ///
    /// # Errors
    /// When the receiver wants no more.
    pub(super) fn skip_to(&mut self, row: u64, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let blank = row.saturating_sub(self.next_row);
        if blank > BLANK_ROWS_MAX || (blank > 0 && self.cells.is_empty()) {
            self.flush(cx)?;
            (self.first_row, self.next_row) = (row, row);
            return Ok(());
        }
        for _ in 0..blank {
            self.end_row(cx)?;
        }
        Ok(())
    }

    /// Hands over what is left.
    ///
    /// # Errors
    /// When the receiver wants no more.
    pub(super) fn finish(mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        self.flush(cx)
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let cells = std::mem::take(&mut self.cells);
        let first_row = std::mem::replace(&mut self.first_row, self.next_row);
        if cells.is_empty() {
            return Ok(());
        }
        cx.table(TableFragment {
            place: Arc::clone(&self.place),
            table: self.table,
            names: self.names.clone(),
            first_row,
            cells,
            origin: None,
        })
    }
}
