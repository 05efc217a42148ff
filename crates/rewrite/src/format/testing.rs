//! What the tests of formats share: hands that replace known values, and a search for what is left.

use super::{Change, Hands, Place, Slots, Spot, rewriter};
use crate::content::Content;
use crate::error::{RewriteError, WarningKind};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use zhunsheng_model::{Fragment, Problem};
use zhunsheng_source::{ReadOptions, Sink, read_stream};

/// Replaces every value of a list wherever it stands.
#[derive(Default)]
pub(super) struct Values {
    pub(super) pairs: Vec<(String, Option<String>)>,
    pub(super) members: Vec<String>,
    /// Whether files inside are left out.
    pub(super) leave_out: bool,
    pub(super) warned: BTreeMap<WarningKind, u64>,
    /// What was handed over, a line for each text or cell.
    pub(super) seen: Vec<String>,
}

impl Values {
    pub(super) fn of(pairs: &[(&str, &str)]) -> Values {
        let pairs = pairs.iter().map(|(old, new)| (old.to_string(), Some(new.to_string()))).collect();
        Values { pairs, ..Values::default() }
    }

    fn in_text(&mut self, spot: Spot, text: &str) -> Vec<Change> {
        self.seen.push(text.to_owned());
        let mut changes: Vec<Change> = Vec::new();
        for (old, new) in &self.pairs {
            for (start, found) in text.match_indices(old.as_str()) {
                changes.push(Change { spot, range: start..start + found.len(), new: new.clone() });
            }
        }
        changes.sort_by_key(|change| change.range.start);
        changes
    }
}

impl Hands for Values {
    fn changes(&mut self, fragment: &Fragment, _: Slots<'_>) -> Result<Vec<Change>, RewriteError> {
        Ok(match fragment {
            Fragment::Text(text) => self.in_text(Spot::Text, &text.text),
            Fragment::Table(table) => {
                let mut changes = Vec::new();
                for row in 0..table.cells.len() {
                    for (column, cell) in table.cells.row(row).enumerate() {
                        changes.extend(self.in_text(Spot::Cell(row, column), cell));
                    }
                }
                changes
            }
            Fragment::Lazy(_) => Vec::new(),
        })
    }

    fn member(&mut self, name: &str, content: Content) -> Result<Option<Content>, RewriteError> {
        self.members.push(name.to_owned());
        Ok((!self.leave_out).then_some(content))
    }

    fn warn(&mut self, kind: WarningKind, count: u64) {
        *self.warned.entry(kind).or_default() += count;
    }
}

/// Writes `bytes` again.
pub(super) fn rewritten(
    bytes: Vec<u8>,
    format: &'static str,
    hands: &mut Values,
) -> Result<Vec<u8>, RewriteError> {
    let temp = std::env::temp_dir();
    let place = Place { name: "file", format, temp: &temp };
    let mut out = Vec::new();
    rewriter(format).expect("a format").rewrite(&Content::of(bytes), &place, hands, &mut out)?;
    Ok(out)
}

/// Everything that `source` reads of `bytes`: place, and text or cells joined by `|`.
pub(super) fn shown(bytes: &[u8]) -> Vec<String> {
    struct Taker(Vec<String>);
    impl Sink for Taker {
        fn opened(&mut self, place: &zhunsheng_model::Place, format: &'static str) {
            self.0.push(format!("{place}: {format}"));
        }
        fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
            let fragments = match fragment {
                Fragment::Lazy(lazy) => lazy.load().0,
                fragment => vec![fragment],
            };
            for fragment in fragments {
                match fragment {
                    Fragment::Text(text) => {
                        self.0.extend(text.text.lines().map(|line| format!("{}: {line}", text.place)))
                    }
                    Fragment::Table(table) => {
                        for row in 0..table.cells.len() {
                            let cells: Vec<&str> = table.cells.row(row).collect();
                            let number = table.first_row + row as u64;
                            self.0.push(format!("{} {number}: {}", table.place, cells.join("|")));
                        }
                    }
                    Fragment::Lazy(_) => {}
                }
            }
            ControlFlow::Continue(())
        }
        fn problem(&mut self, problem: Problem) {
            self.0.push(format!("{}: problem {}", problem.place, problem.detail));
        }
    }
    let mut taker = Taker(Vec::new());
    let mut reader = bytes;
    read_stream("file", &mut reader, &ReadOptions::default(), &mut taker);
    taker.0
}

/// Those of `values` that stand in `bytes` in one of the usual encodings.
pub(super) fn left<'a>(bytes: &[u8], values: &[&'a str]) -> Vec<&'a str> {
    let has = |needle: &[u8]| memchr::memmem::find(bytes, needle).is_some();
    let is_left = |value: &&&str| {
        let little: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = value.encode_utf16().flat_map(u16::to_be_bytes).collect();
        has(value.as_bytes()) || has(&little) || has(&big) || has(&encoding_rs::GBK.encode(value).0)
    };
    values.iter().filter(is_left).copied().collect()
}
