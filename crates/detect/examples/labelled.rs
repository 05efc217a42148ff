//! Measures the whole detector on labelled text and prints Markdown:
//! `ZHUNSHENG_DETECT=folder labelled > docs/accuracy-text.md`.
//!
//! The folder holds `ner/*.jsonl.gz`: one `{"text","spans":[{"start","end","type"}]}` a line, offsets in code
//! points. Fails when a score is below its floor, so that nothing gets worse unnoticed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program speaks to its terminal")]

use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_detect::{Detector, Hit};
use zhunsheng_model::{Date, Kind, State};
use zhunsheng_rules::Rules;

/// What is measured: the set, what it is called here, labels, kinds, whether only valid hits count, whether people
/// must stand there, and the least F1 in per cent.
struct Task {
    set: &'static str,
    name: &'static str,
    labels: &'static [&'static str],
    kinds: &'static [Kind],
    how: How,
    floor: f64,
}

/// Which hits count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// Valid ones, as a user gets them.
    Valid,
    /// All: the numbers of the set were replaced by random ones, which no numbering plan holds, or its names covered.
    Any,
    /// Matters of people, also where nobody is named.
    Matter,
}

const PLACES: &[&str] = &["ADDRESS", "LOCATION"];
const PLACE_KINDS: &[Kind] = &[Kind::Address, Kind::Location];
const PHONES: &[Kind] = &[Kind::Phone, Kind::Landline];
const ILLNESS: &[&str] = &["DISEASE", "SYMPTOM", "TREATMENT"];

const fn task(
    set: &'static str,
    name: &'static str,
    labels: &'static [&'static str],
    kinds: &'static [Kind],
    how: How,
    floor: f64,
) -> Task {
    Task { set, name, labels, kinds, how, floor }
}

const TASKS: &[Task] = &[
    task("resume.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 95.0),
    task("msra.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 84.0),
    task("msra.public-test", "places", PLACES, PLACE_KINDS, How::Valid, 73.0),
    task("weibo.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 45.0),
    task("cluener.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 74.0),
    task("cluener.public-test", "places", PLACES, PLACE_KINDS, How::Valid, 42.0),
    task("bdci-privacy.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 60.0),
    task("bdci-privacy.public-test", "places", PLACES, PLACE_KINDS, How::Valid, 42.0),
    task("bdci-privacy.public-test", "PHONE", &["PHONE"], PHONES, How::Any, 55.0),
    task("bdci-privacy.train", "PHONE", &["PHONE"], PHONES, How::Any, 90.0),
    task("bdci-privacy.public-test", "EMAIL", &["EMAIL"], &[Kind::Email], How::Valid, 87.0),
    task("bdci-privacy.train", "EMAIL", &["EMAIL"], &[Kind::Email], How::Valid, 93.0),
    task("peoples-daily.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 83.0),
    task("peoples-daily.public-test", "places", PLACES, PLACE_KINDS, How::Valid, 73.0),
    task("uner-gsd.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 65.0),
    task("pii-bench-zh.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 95.0),
    task("pii-bench-zh.public-test", "ADDRESS", &["ADDRESS"], &[Kind::Address], How::Valid, 97.0),
    task("pii-bench-zh.public-test", "PHONE", &["PHONE"], PHONES, How::Any, 80.0),
    task("pii-bench-zh.public-test", "CN_ID", &["CN_ID"], &[Kind::CnId], How::Valid, 99.0),
    task("pii-bench-zh-chat.public-test", "PERSON", &["PERSON"], &[Kind::Person], How::Valid, 91.0),
    task("pii-bench-zh-chat.public-test", "ADDRESS", &["ADDRESS"], &[Kind::Address], How::Valid, 90.0),
    task("pii-bench-zh-chat.public-test", "EMAIL", &["EMAIL"], &[Kind::Email], How::Valid, 99.0),
    task("cail-theft.public-test", "PERSON, covered ones too", &["PERSON"], &[Kind::Person], How::Any, 90.0),
    task("yidu-s4k.public-test", "illness, treatment", ILLNESS, &[Kind::Health], How::Matter, 15.0),
    task("yidu-s4k.public-test", "DRUG", &["DRUG"], &[Kind::Drug], How::Matter, 30.0),
    task("cmeee.public-test", "illness, treatment", ILLNESS, &[Kind::Health], How::Matter, 30.0),
    task("cmeee.public-test", "DRUG", &["DRUG"], &[Kind::Drug], How::Matter, 20.0),
];

fn main() -> ExitCode {
    let Some(folder) = std::env::var_os("ZHUNSHENG_DETECT").map(PathBuf::from) else {
        eprintln!("ZHUNSHENG_DETECT names no folder: NOTHING WAS MEASURED");
        return ExitCode::from(2);
    };
    let reference = Date::new(2026, 11, 23).unwrap_or(Rules::embedded().as_of());
    let detector = match Detector::new(Rules::embedded(), reference) {
        Ok(detector) => detector,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("# Accuracy of the whole detector in text\n");
    println!(
        "Written by `cargo run --release -p zhunsheng-detect --example labelled`, with `ZHUNSHENG_DETECT` naming the folder of the labelled sets; never edited by hand."
    );
    println!(
        "Scores are of exact spans, in per cent; *overlap* is the share of labelled spans that a found one touches."
    );
    println!("The program fails when F1 falls below the floor.");
    println!(
        "PHONE counts every number that is told to look like one: the sets hold random digits, most of which no numbering plan gives out, so a valid one can hardly be asked for."
    );
    println!(
        "Illness, treatment and drugs are measured with `Detector::matters`, which finds them whether or not anybody is named; a scan looks for them beside people only."
    );
    println!(
        "The yidu set labels diagnoses and operations only, so every symptom found there counts against precision, and a diagnosis is labelled with its stage (颗粒细胞瘤IIIC期), so overlap says more than F1."
    );
    println!(
        "The training part of BDCI was read while the rules for telephone numbers and mail were written; nothing was learnt from it.\n"
    );
    println!("| set | what | labelled | precision | recall | F1 | overlap | floor |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut low = 0;
    for task in TASKS {
        let Some(score) = measure(&detector, task, &folder) else {
            eprintln!("{}: cannot be read", task.set);
            return ExitCode::FAILURE;
        };
        println!(
            "| {} | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} |",
            task.set,
            task.name,
            score.gold,
            score.precision,
            score.recall,
            score.f1,
            score.overlap,
            task.floor
        );
        if score.f1 < task.floor {
            eprintln!("{} {}: {:.1} is below {:.1}", task.set, task.name, score.f1, task.floor);
            low += 1;
        }
    }
    if low > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

struct Score {
    gold: usize,
    precision: f64,
    recall: f64,
    f1: f64,
    overlap: f64,
}

fn measure(detector: &Detector, task: &Task, folder: &Path) -> Option<Score> {
    let file = std::fs::File::open(folder.join("ner").join(format!("{}.jsonl.gz", task.set))).ok()?;
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).ok()?;
    let (mut gold, mut found, mut both, mut touched) = (0, 0, 0, 0);
    for line in text.lines() {
        let record: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = record.get("text")?.as_str()?;
        let mut wanted: BTreeSet<(usize, usize)> = BTreeSet::new();
        for span in record.get("spans")?.as_array()? {
            if task.labels.contains(&span.get("type")?.as_str()?) {
                let at = |key: &str| Some(span.get(key)?.as_u64()? as usize);
                wanted.insert((at("start")?, at("end")?));
            }
        }
        let hits = if task.how == How::Matter { detector.matters(text) } else { detector.spans(text) };
        let points = |byte: u32| text.get(..byte as usize).map_or(0, |head| head.chars().count());
        let counts = |hit: &&Hit| {
            task.kinds.contains(&hit.kind) && (task.how == How::Any || hit.state == State::Valid)
        };
        let own: BTreeSet<(usize, usize)> =
            hits.iter().filter(counts).map(|hit| (points(hit.start), points(hit.end))).collect();
        gold += wanted.len();
        found += own.len();
        both += wanted.intersection(&own).count();
        touched += wanted.iter().filter(|a| own.iter().any(|b| a.0 < b.1 && b.0 < a.1)).count();
    }
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let (precision, recall) = (percent(both, found), percent(both, gold));
    let f1 = if both == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
    Some(Score { gold, precision, recall, f1, overlap: percent(touched, gold) })
}
