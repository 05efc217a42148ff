//! Measures the whole detector, names included, on one thread: `text_speed FILE [ROUNDS [all|cued]]`.
//!
//! Reads the file as prose in pieces of about 1 MiB cut at line ends, as the program does. `cued` leaves the
//! reader of names out. Prints a line for each round: seconds of the thread on the processor (of the clock where
//! the system does not tell them), MB/s, mentions by kind of what is read, and the peak memory of the process.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program speaks to its terminal")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use zhunsheng_detect::{DetectError, Detector};
use zhunsheng_model::{Date, Kind, Place, TextFragment, TextShape};
use zhunsheng_rules::Rules;

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: text_speed FILE [ROUNDS [all|cued]]");
        return ExitCode::from(2);
    };
    let rounds: usize = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let cued = arguments.next().is_some_and(|which| which == "cued");
    let start = Instant::now();
    let detector = match detector(cued) {
        Ok(detector) => detector,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("made ready in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("`{path}` cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let place = Arc::new(Place::file(path.as_str()));
    let pieces: Vec<TextFragment> = pieces(&text)
        .map(|piece| TextFragment {
            place: Arc::clone(&place),
            text: piece.to_owned(),
            shape: TextShape::Prose,
            segments: Vec::new(),
            origin: None,
        })
        .collect();
    for _ in 0..rounds {
        let start = Instant::now();
        let start_on_cpu = seconds_on_cpu();
        let (mut all, mut people, mut addresses, mut records) = (0, 0, 0, 0);
        for piece in &pieces {
            let findings = detector.text(piece);
            all += findings.mentions.len();
            records += findings.records.len();
            let of = |kind| findings.mentions.iter().filter(|mention| mention.kind == kind).count();
            people += of(Kind::Person);
            addresses += of(Kind::Address);
        }
        let seconds = match (start_on_cpu, seconds_on_cpu()) {
            (Some(start), Some(end)) => end - start,
            _ => start.elapsed().as_secs_f64(),
        };
        println!(
            "{seconds:.3} s {:.1} MB/s {all} mentions in {records} records, {people} names, {addresses} addresses, peak {} MiB",
            text.len() as f64 / 1e6 / seconds,
            peak_mebibytes().unwrap_or_default()
        );
    }
    ExitCode::SUCCESS
}

fn detector(cued: bool) -> Result<Detector, DetectError> {
    let reference = Date::new(2026, 11, 23).unwrap_or(Rules::embedded().as_of());
    if cued {
        Detector::without_reader(Rules::embedded(), reference)
    } else {
        Detector::new(Rules::embedded(), reference)
    }
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let limit = rest.floor_char_boundary(PIECE.min(rest.len()));
        let head = rest.get(..limit)?;
        let cut = if limit == rest.len() {
            limit
        } else {
            head.rfind('\n').map_or_else(|| rest.find('\n').map_or(rest.len(), |at| at + 1), |at| at + 1)
        };
        let (piece, others) = rest.split_at_checked(cut)?;
        rest = others;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Seconds that this thread has run, as Linux tells them; other work on the machine does not count.
fn seconds_on_cpu() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

/// The most memory that the process has held, text and all.
fn peak_mebibytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? / 1024)
}
