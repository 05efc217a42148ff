//! The scanning kernel: one pass over a text that finds every identifier kind, checked, with offsets.
//!
//! The pass looks for ASCII letters and digits. Long stretches without any (Chinese prose) are skipped in
//! blocks. A maximal run of letters and digits is a *token*; its length, its characters and the bytes that
//! touch it decide which kinds are tried. Cue words are looked up backwards from a token, never searched.
//! Full-width letters and digits are folded line by line in a copy with a map back to the original.
//!
//! Start reading at [`Scanner::scan`]; `kernel` holds the loop, `digits` and `letters` what is tried for a
//! token, `telephone` and `cued` two groups of those,
//! `fields` what stands beside a birth date, `resolve` which of two overlapping hits stays.

mod cue;
mod cued;
mod date;
mod digits;
mod fields;
mod kernel;
mod letters;
mod net;
mod resolve;
mod telephone;
mod wide;

pub(crate) use cue::Cues;

use crate::check::Tables;
use std::sync::Arc;
use zhunsheng_model::{Date, Kind, State};

/// Something found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it looks like.
    pub kind: Kind,
    /// Whether it counts.
    pub state: State,
    /// How sure the scanner is, 0–100.
    pub confidence: u8,
    /// Byte offset in the text of the first character.
    pub start: u32,
    /// Byte offset one past the last character.
    pub end: u32,
}

/// Finds identifiers in texts and judges cells. Cheap to clone; may be used from many threads.
#[derive(Clone)]
pub struct Scanner {
    pub(crate) tables: Arc<Tables>,
    pub(crate) reference: Date,
}

impl Scanner {
    /// A scanner for which `reference` is today: birth dates after it lie in the future.
    pub fn new(tables: Arc<Tables>, reference: Date) -> Scanner {
        Scanner { tables, reference }
    }

    /// The tables that the scanner checks with.
    pub fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    /// Replaces `hits` with what `text` holds, sorted by `start`, without overlaps.
    ///
    /// Offsets are bytes of `text` and stand on character boundaries. Texts beyond 4 GiB are read up to
    /// there. Two kinds on one span: the checked one stays, then the longer, then the surer.
    pub fn scan(&self, text: &str, hits: &mut Vec<Hit>) {
        hits.clear();
        let text = match u32::try_from(text.len()) {
            Ok(_) => text,
            Err(_) => text.get(..text.floor_char_boundary(u32::MAX as usize)).unwrap_or_default(),
        };
        let mut from = 0;
        while let Some(line) = wide::next_line(text, from) {
            self.scan_plain(text, from..line.start, hits);
            self.scan_folded(text, line.clone(), hits);
            from = line.end;
        }
        self.scan_plain(text, from..text.len(), hits);
        resolve::resolve(hits);
    }

    fn scan_plain(&self, text: &str, range: std::ops::Range<usize>, hits: &mut Vec<Hit>) {
        let Some(piece) = text.get(range.clone()) else { return };
        kernel::Kernel::new(&self.tables, self.reference, piece, range.start as u32, hits).run();
    }

    /// Scans a line in a copy with ASCII letters and digits for full-width ones.
    fn scan_folded(&self, text: &str, range: std::ops::Range<usize>, hits: &mut Vec<Hit>) {
        let Some(line) = text.get(range.clone()) else { return };
        let folded = wide::fold_line(line);
        let mut found = Vec::new();
        kernel::Kernel::new(&self.tables, self.reference, &folded.text, 0, &mut found).run();
        hits.extend(found.into_iter().map(|hit| Hit {
            start: range.start as u32 + folded.original(hit.start),
            end: range.start as u32 + folded.original(hit.end),
            ..hit
        }));
    }
}

#[cfg(test)]
mod tests;
