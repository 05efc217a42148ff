//! Checks against the ground truth of the bundled sample. For tests only: everything here panics on a
//! broken truth file, because a test without its truth proves nothing.
//!
//! The sample stands in `samples/`, its truth in `tests/truth/`; all people in it are synthetic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "for tests only")]

mod r1;
mod score;

pub use r1::persons_by_r1;
pub use score::{Score, Scores, score};

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/testkit has a root").to_path_buf()
}

/// One place where the sample holds personal information, or something that looks like it.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// As in every output.
    pub file: String,
    /// Record it stands in.
    pub rid: String,
    /// Id of the kind.
    pub kind: String,
    /// As it stands in the file.
    pub value: String,
    /// Whether it counts.
    pub valid: bool,
    /// Why not, in the words of the truth.
    pub why: Option<String>,
    /// Whether it is partly covered.
    pub masked: bool,
}

/// One record of the truth.
#[derive(Clone, Debug)]
pub struct TrueRecord {
    /// Its id.
    pub rid: String,
    /// As in every output.
    pub file: String,
    /// The person's name, when one stands there.
    pub name: Option<String>,
    /// Valid strong keys: kind and normal form.
    pub keys: Vec<(String, String)>,
}

/// Every occurrence of the truth.
pub fn occurrences() -> Vec<Occurrence> {
    lines("occurrences.jsonl.gz")
        .iter()
        .map(|line| Occurrence {
            file: text(line, "file"),
            rid: text(line, "rid"),
            kind: text(line, "type"),
            value: text(line, "value"),
            valid: line["valid"].as_bool().expect("`valid` is a boolean"),
            why: line["why"].as_str().map(str::to_owned),
            masked: line["masked"].as_bool().unwrap_or(false),
        })
        .collect()
}

/// Every record of the truth.
pub fn records() -> Vec<TrueRecord> {
    lines("records.jsonl.gz")
        .iter()
        .map(|line| TrueRecord {
            rid: text(line, "rid"),
            file: text(line, "file"),
            name: line["name"].as_str().map(str::to_owned),
            keys: line["keys"]
                .as_array()
                .expect("`keys` is a list")
                .iter()
                .map(|key| (key[0].as_str().unwrap().to_owned(), key[1].as_str().unwrap().to_owned()))
                .collect(),
        })
        .collect()
}

/// Number of records of each file of the truth.
pub fn records_by_file() -> BTreeMap<String, u64> {
    let mut count = BTreeMap::new();
    for record in records() {
        *count.entry(record.file).or_default() += 1;
    }
    count
}

fn lines(name: &str) -> Vec<Value> {
    let path = root().join("tests/truth").join(name);
    let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the truth is gzip");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    assert!(lines.len() > 1000, "{name} holds {} lines only", lines.len());
    lines
}

fn text(line: &Value, key: &str) -> String {
    line[key].as_str().unwrap_or_else(|| panic!("`{key}` is a string")).to_owned()
}
