//! Binary formats and archives, read whole, cut short, with flipped bits, and made to do harm.
//!
//! Every person, number and file here is made up.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on fails the test")]

mod archives;
mod corpus;
mod hostile;
mod make;
mod office;
mod pdf;
mod tables;

use std::ops::ControlFlow;
use zhunsheng_model::{Fragment, Place, Problem, ProblemKind, Step, TableFragment, TextFragment};
use zhunsheng_source::{Limits, ReadOptions, Sink, read_stream};

/// Everything read from one input.
#[derive(Default)]
pub(crate) struct Heap {
    /// File and format, in the order of reading.
    pub(crate) opened: Vec<(String, &'static str)>,
    pub(crate) texts: Vec<TextFragment>,
    pub(crate) tables: Vec<TableFragment>,
    pub(crate) problems: Vec<Problem>,
}

impl Heap {
    fn keep(&mut self, fragment: Fragment) {
        match fragment {
            Fragment::Text(text) => self.texts.push(text),
            Fragment::Table(table) => self.tables.push(table),
            Fragment::Lazy(lazy) => {
                let (fragments, problems) = lazy.load();
                self.problems.extend(problems);
                fragments.into_iter().for_each(|fragment| self.keep(fragment));
            }
        }
    }

    /// All text and cells of a file (all of its parts), a line each.
    pub(crate) fn all_of(&self, file: &str) -> String {
        let mut all = String::new();
        for text in self.texts.iter().filter(|text| &*text.place.file == file) {
            all.push_str(&text.text);
            all.push('\n');
        }
        for table in self.tables.iter().filter(|table| &*table.place.file == file) {
            for row in 0..table.cells.len() {
                for cell in table.cells.row(row) {
                    all.push_str(cell);
                    all.push('\n');
                }
            }
        }
        all
    }

    /// All text and cells of every file.
    pub(crate) fn all(&self) -> String {
        let files: std::collections::BTreeSet<String> = self.files();
        files.iter().map(|file| self.all_of(file)).collect()
    }

    /// Files that gave something.
    pub(crate) fn files(&self) -> std::collections::BTreeSet<String> {
        let texts = self.texts.iter().map(|text| text.place.file.to_string());
        texts.chain(self.tables.iter().map(|table| table.place.file.to_string())).collect()
    }

    /// Kinds of problems, sorted, each once.
    pub(crate) fn kinds(&self) -> Vec<ProblemKind> {
        let mut kinds: Vec<ProblemKind> = self.problems.iter().map(|problem| problem.kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// The rows of the table at `steps`, and its first row's number in each fragment.
    pub(crate) fn table(&self, steps: &[Step]) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for table in self.tables.iter().filter(|table| table.place.steps == steps) {
            while (rows.len() as u64) + 1 < table.first_row {
                rows.push(Vec::new());
            }
            assert_eq!(rows.len() as u64 + 1, table.first_row, "rows are numbered through");
            for row in 0..table.cells.len() {
                rows.push(table.cells.row(row).map(str::to_owned).collect());
            }
        }
        rows
    }

    /// The text at `steps`.
    pub(crate) fn text(&self, steps: &[Step]) -> String {
        self.texts.iter().filter(|text| text.place.steps == steps).map(|text| text.text.as_str()).collect()
    }
}

impl Sink for Heap {
    fn opened(&mut self, place: &Place, format: &'static str) {
        self.opened.push((place.to_string(), format));
    }

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        self.keep(fragment);
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// Reads `bytes` as a file of that name.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Heap {
    read_within(name, bytes, Limits::default())
}

/// Reads `bytes` within `limits`.
pub(crate) fn read_within(name: &str, bytes: &[u8], limits: Limits) -> Heap {
    let options = ReadOptions { limits, ..ReadOptions::default() };
    let mut heap = Heap::default();
    let mut reader = bytes;
    let outcome = read_stream(name, &mut reader, &options, &mut heap);
    assert!(!outcome.stopped);
    heap
}

/// Asserts that `values` were read, and that nothing was wrong.
pub(crate) fn check_whole(name: &str, bytes: &[u8], values: &[&str]) -> Heap {
    let heap = read(name, bytes);
    assert!(heap.problems.is_empty(), "{name}: {:?}", heap.problems);
    let all = heap.all();
    for value in values {
        assert!(all.contains(value), "{name}: `{value}` is missing in:\n{all}");
    }
    heap
}

/// Cuts `bytes` at many lengths: never a panic, and a problem wherever a value is missing.
pub(crate) fn check_cut(name: &str, bytes: &[u8], values: &[&str]) {
    let step = (bytes.len() / 60).max(1);
    for length in (1..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
        let heap = read(name, &bytes[..length]);
        let all = heap.all();
        let is_whole = values.iter().all(|value| all.contains(value));
        // A cut may leave so little that it is taken for another format, but never for nothing at all.
        let is_said = !heap.problems.is_empty() || heap.opened.iter().all(|(_, format)| *format == "text");
        assert!(is_whole || is_said, "{name} cut to {length} of {} bytes says nothing", bytes.len());
        let gave_up = heap.problems.iter().any(|problem| problem.detail.contains("gave up"));
        assert!(!gave_up, "{name} cut to {length} bytes makes the reader panic");
    }
}

/// Flips bits of `bytes` in `rounds` ways: never a panic that gets out, never an end without end.
pub(crate) fn check_flipped(name: &str, bytes: &[u8], rounds: u64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64);
    let mut gave_up = 0;
    for _ in 0..rounds {
        let mut bytes = bytes.to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
        }
        let heap = read(name, &bytes);
        gave_up += u64::from(heap.problems.iter().any(|problem| problem.detail.contains("gave up")));
    }
    // Libraries may panic on damage (it is caught and said), ours may not; the number is kept low.
    assert!(gave_up * 50 <= rounds, "{name}: the reader gave up in {gave_up} of {rounds} rounds");
}

/// A fixed sequence of numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
