//! Helpers: a sink that loads everything, and short forms of what came out.

mod files;
mod formats;
mod hostile;
mod pieces;

use std::ops::ControlFlow;
use zhunsheng_model::{Fragment, Place, Problem, ProblemKind, TableFragment, TextFragment};
use zhunsheng_source::{ReadOptions, ReadOutcome, Sink, read_stream};

/// Everything that came out of one input, lazy pieces loaded.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) opened: Vec<(String, &'static str)>,
    pub(crate) texts: Vec<TextFragment>,
    pub(crate) tables: Vec<TableFragment>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) lazies: usize,
    /// Stop after so many fragments; 0 never.
    pub(crate) stop_after: usize,
    fragments: usize,
}

impl Collected {
    fn add(&mut self, fragment: Fragment) {
        match fragment {
            Fragment::Text(text) => self.texts.push(text),
            Fragment::Table(table) => self.tables.push(table),
            Fragment::Lazy(lazy) => {
                self.lazies += 1;
                let (fragments, problems) = lazy.load();
                fragments.into_iter().for_each(|fragment| self.add(fragment));
                self.problems.extend(problems);
            }
        }
    }

    /// All rows of all tables, in order.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        self.tables.iter().flat_map(rows).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.texts.iter().map(|text| text.text.as_str()).collect()
    }

    pub(crate) fn kinds(&self) -> Vec<ProblemKind> {
        self.problems.iter().map(|problem| problem.kind).collect()
    }

    pub(crate) fn places(&self) -> Vec<String> {
        let texts = self.texts.iter().map(|text| text.place.to_string());
        texts.chain(self.tables.iter().map(|table| table.place.to_string())).collect()
    }
}

impl Sink for Collected {
    fn opened(&mut self, place: &Place, format: &'static str) {
        self.opened.push((place.to_string(), format));
    }

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        self.add(fragment);
        self.fragments += 1;
        if self.fragments == self.stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

pub(crate) fn rows(table: &TableFragment) -> Vec<Vec<String>> {
    (0..table.cells.len()).map(|row| table.cells.row(row).map(String::from).collect()).collect()
}

pub(crate) fn read_with(name: &str, bytes: &[u8], chunk_bytes: usize) -> (Collected, ReadOutcome) {
    let mut sink = Collected::default();
    let options = ReadOptions { chunk_bytes, ..ReadOptions::default() };
    let outcome = read_stream(name, &mut &bytes[..], &options, &mut sink);
    (sink, outcome)
}

pub(crate) fn read(name: &str, bytes: &[u8]) -> Collected {
    read_with(name, bytes, 4 << 20).0
}

/// The format that read an input.
pub(crate) fn format_of(name: &str, bytes: &[u8]) -> &'static str {
    read(name, bytes).opened.first().map_or("none", |opened| opened.1)
}

pub(crate) fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

pub(crate) fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A deterministic sequence of numbers.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }
}
