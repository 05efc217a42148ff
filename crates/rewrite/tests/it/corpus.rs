//! The copy of a labelled corpus, judged by its ground truth and not by our own scan.
//!
//! `ZHUNSHENG_DETECT` names the folder that holds `corpus/files` and `corpus/truth`; without it the test says
//! loudly that it is skipped.

use super::{options, protector};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use zhunsheng_rewrite::{RewriteError, protect_tree};

struct Occurrence {
    file: String,
    kind: String,
    value: String,
}

#[test]
#[allow(clippy::print_stderr, reason = "a measurement prints its figures")]
fn nothing_of_the_corpus_is_left() {
    let Some(folder) = std::env::var_os("ZHUNSHENG_DETECT").map(PathBuf::from) else {
        eprintln!("SKIPPED: ZHUNSHENG_DETECT names no labelled corpus");
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let files = folder.join("corpus/files");
    let protector = protector("share");
    let mut options = options(&[&files], &out, &protector);
    options.skip_unsupported = true;
    let start = std::time::Instant::now();
    let outcome = match protect_tree(&options) {
        Ok(outcome) => outcome,
        Err(error @ RewriteError::Left { .. }) => panic!("{error}"),
        Err(error) => panic!("{error}"),
    };
    eprintln!("protected in {:?}; left out: {:?}", start.elapsed(), outcome.receipt.left_out);
    for warning in &outcome.receipt.warnings {
        eprintln!("  {} {} {}", warning.place, warning.kind.as_str(), warning.count);
    }
    let left_out: BTreeSet<&str> = outcome.receipt.left_out.iter().map(String::as_str).collect();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut all: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut worst: BTreeMap<(String, String), u64> = BTreeMap::new();
    let kept = [
        "SEX",
        "EDUCATION",
        "PROFESSION",
        "POSITION",
        "ORG",
        "USCC",
        "ORG_CODE",
        "BUSINESS_REG",
        "CASE_NO",
        "LOCATION",
    ];
    for occurrence in truth(&folder) {
        let outer = occurrence.file.split('!').next().unwrap().to_owned();
        if left_out.contains(outer.as_str())
            || outer != occurrence.file
            || kept.contains(&occurrence.kind.as_str())
        {
            continue;
        }
        let text = texts.entry(outer.clone()).or_insert_with(|| plain(&out.join(&outer)));
        let count = all.entry(occurrence.kind.clone()).or_default();
        count.0 += 1;
        // A value of one or two characters stands in any text; what it says of somebody cannot be searched for.
        if occurrence.value.chars().count() >= 3 && holds(text, &occurrence.value) {
            count.1 += 1;
            *worst.entry((occurrence.file.clone(), occurrence.kind.clone())).or_default() += 1;
        }
    }
    eprintln!("{:<18} {:>7} {:>6}", "kind", "values", "left");
    for (kind, (count, left)) in &all {
        eprintln!("{kind:<18} {count:>7} {left:>6}");
    }
    eprintln!("{worst:#?}");
    let left = |kinds: &dyn Fn(&str) -> bool| {
        all.iter().filter(|(kind, _)| kinds(kind)).fold((0, 0), |sum, (_, n)| (sum.0 + n.0, sum.1 + n.1))
    };
    let identifiers = [
        "CN_ID",
        "PHONE",
        "EMAIL",
        "BANK_CARD",
        "PASSPORT",
        "WECHAT",
        "QQ",
        "PLATE",
        "IMEI",
        "LANDLINE",
        "IP",
        "MAC",
    ];
    let (_, identifiers_left) = left(&|kind| identifiers.contains(&kind));
    let (spoken, spoken_left) = left(&|kind| matches!(kind, "PERSON" | "ADDRESS"));
    assert_eq!(identifiers_left, 0);
    assert!(spoken_left * 100 <= spoken, "{spoken_left} of {spoken} names and addresses");
}

/// Whether the value stands there and is no part of a longer number.
fn holds(text: &str, value: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let edge = value.starts_with(|c: char| c.is_ascii_alphanumeric());
    text.match_indices(value).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + value.len()..].chars().next());
        !edge || !(digit(before) || digit(after))
    })
}

/// The text of a file in whatever encoding, with JSON escapes taken out.
fn plain(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) if !bytes.contains(&0) => text.to_owned(),
        _ if bytes.iter().filter(|byte| **byte == 0).count() * 4 > bytes.len() => {
            encoding_rs::UTF_16LE.decode(&bytes).0.into_owned()
        }
        _ => encoding_rs::GB18030.decode(&bytes).0.into_owned(),
    };
    if !text.contains("\\u") {
        return text;
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\\u") {
        out.push_str(before);
        match after.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32)
        {
            Some(c) => {
                out.push(c);
                rest = &after[4..];
            }
            None => rest = after,
        }
    }
    out + rest
}

fn truth(folder: &Path) -> Vec<Occurrence> {
    let file = std::fs::File::open(folder.join("corpus/truth/occurrences.jsonl.gz")).unwrap();
    let lines = BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines();
    let mut found = Vec::new();
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        if line["valid"] != true || line["masked"] == true {
            continue;
        }
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        found.push(Occurrence { file: text("file"), kind: text("type"), value: text("value") });
    }
    found
}
