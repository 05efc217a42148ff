//! What is fuzzed: every reader by the ending of its files, every recogniser, every parser of settings.
//!
//! Used by the fuzzer and, for the files kept in `fuzz/regressions/`, by the plain tests.

use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use zhunsheng_count::Acts;
use zhunsheng_detect::Detector;
use zhunsheng_model::{Findings, Fragment, Place, Problem, TextFragment, TextShape};
use zhunsheng_rules::Rules;
use zhunsheng_source::{Limits, ReadOptions, Sink, read_stream};

/// A name and what is done with the bytes. Nothing may panic, hang or grow without bound.
pub(crate) struct Target {
    /// For readers the ending of the file name.
    pub(crate) name: &'static str,
    /// Runs once.
    pub(crate) run: fn(&str, &[u8]),
}

const READERS: &[&str] = &[
    "txt", "csv", "tsv", "json", "jsonl", "sql", "html", "eml", "mbox", "vcf", "xlsx", "xls", "ods", "docx",
    "doc", "pptx", "pdf", "sqlite", "parquet", "arrow", "avro", "zip", "tar", "gz", "bz2", "xz", "zst", "7z",
];

/// Every target.
pub(crate) static TARGETS: &[Target] = &{
    const NONE: Target = Target { name: "", run: reader };
    let mut targets = [NONE; READERS.len() + 3];
    let mut index = 0;
    while index < READERS.len() {
        targets[index] = Target { name: READERS[index], run: reader };
        index += 1;
    }
    targets[index] = Target { name: "text", run: text };
    targets[index + 1] = Target { name: "detect", run: detect };
    targets[index + 2] = Target { name: "acts", run: acts };
    targets
};

/// The names of all targets.
pub(crate) fn names() -> Vec<&'static str> {
    TARGETS.iter().map(|target| target.name).collect()
}

/// Detects in whatever is read, so that recognisers see what readers make of hostile bytes.
struct Detecting {
    fragments: usize,
}

impl Sink for Detecting {
    fn opened(&mut self, _place: &Place, _format: &'static str) {}

    fn problem(&mut self, _problem: Problem) {}

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        match fragment {
            Fragment::Text(text) => check(&detector().text(&text)),
            Fragment::Table(table) => {
                let plan = detector().plan(&table);
                check(&detector().table(&table, &plan));
            }
            Fragment::Lazy(lazy) => {
                for fragment in lazy.load().0 {
                    let _ = self.fragment(fragment);
                }
            }
        }
        self.fragments += 1;
        if self.fragments < 2000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

fn detector() -> &'static Detector {
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    DETECTOR.get_or_init(|| {
        let rules = Rules::embedded();
        Detector::new(rules, rules.as_of()).expect("the embedded rules are right")
    })
}

/// What every consumer relies on.
fn check(findings: &Findings) {
    let mut end = 0;
    for record in &findings.records {
        assert_eq!(record.mentions_start, end, "records follow each other");
        end = record.mentions_end;
    }
    assert_eq!(end as usize, findings.mentions.len(), "every mention belongs to a record");
    for mention in &findings.mentions {
        let spans = [mention.raw, mention.normal];
        assert!(spans.iter().all(|s| findings.arena.get(s.start as usize..s.end as usize).is_some()));
    }
}

fn reader(ending: &str, data: &[u8]) {
    static OPTIONS: OnceLock<ReadOptions> = OnceLock::new();
    let options = OPTIONS.get_or_init(|| ReadOptions {
        limits: Limits { ratio: 100, depth: 4, size_bytes: 8 << 20, members: 200 },
        temp_dir: std::env::temp_dir(),
        chunk_bytes: 4096,
    });
    let mut bytes = data;
    read_stream(&format!("a.{ending}"), &mut bytes, options, &mut Detecting { fragments: 0 });
}

fn text(_: &str, data: &[u8]) {
    let (shape, data) = match data.split_first() {
        Some((first, rest)) => (
            [TextShape::Prose, TextShape::Lines, TextShape::Blocks, TextShape::Code][usize::from(first % 4)],
            rest,
        ),
        None => return,
    };
    let fragment = TextFragment {
        place: Arc::new(Place::file("a.txt")),
        text: String::from_utf8_lossy(data).into_owned(),
        shape,
        segments: Vec::new(),
        origin: None,
    };
    check(&detector().text(&fragment));
}

fn detect(_: &str, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut last = 0;
    let mut masked = String::new();
    for hit in detector().spans(&text) {
        let value = text.get(hit.start as usize..hit.end as usize).expect("offsets stand between characters");
        assert!(hit.start >= last && !value.is_empty(), "hits are sorted and do not overlap");
        last = hit.end;
        masked.clear();
        zhunsheng_detect::mask(hit.kind, value, &mut masked);
    }
}

fn acts(_: &str, data: &[u8]) {
    let _ = Acts::parse(&String::from_utf8_lossy(data));
}
