//! Measures the scanning kernel on one thread: `scan_speed FILE [ROUNDS [PIECE]]`.
//!
//! Reads the file once, scans it in pieces cut at line ends, of about 1 MiB (as the program does) or of `PIECE`
//! bytes (0: every line by itself), and prints
//! a line for each round: seconds of the thread on the processor (of the clock where the system does not tell
//! them), MB/s, number of hits and of valid ones.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program speaks to its terminal")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use zhunsheng_detect::{Scanner, Tables};
use zhunsheng_model::{Date, State};
use zhunsheng_rules::Rules;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: scan_speed FILE [ROUNDS [PIECE]]");
        return ExitCode::from(2);
    };
    let rounds: usize = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let size: usize = arguments.next().and_then(|size| size.parse().ok()).unwrap_or(1 << 20);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("`{path}` cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let tables = match Tables::new(Rules::embedded()) {
        Ok(tables) => Arc::new(tables),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let Some(reference) = Date::new(2026, 11, 23) else { return ExitCode::FAILURE };
    let scanner = Scanner::new(tables, reference);
    let mut hits = Vec::new();
    for _ in 0..rounds {
        let (mut found, mut valid) = (0, 0);
        let start = Instant::now();
        let start_on_cpu = seconds_on_cpu();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let limit = rest.floor_char_boundary(size.min(rest.len()));
            let head = rest.get(..limit).unwrap_or_default();
            let line = || rest.find('\n').map_or(rest.len(), |at| at + 1);
            let cut =
                if limit == rest.len() { limit } else { head.rfind('\n').map_or_else(line, |at| at + 1) };
            let (piece, others) = rest.split_at_checked(cut).unwrap_or((rest, ""));
            scanner.scan(piece, &mut hits);
            found += hits.len();
            valid += hits.iter().filter(|hit| hit.state == State::Valid).count();
            rest = others;
        }
        let seconds = match (start_on_cpu, seconds_on_cpu()) {
            (Some(start), Some(end)) => end - start,
            _ => start.elapsed().as_secs_f64(),
        };
        let speed = text.len() as f64 / 1e6 / seconds;
        println!("zhunsheng {seconds:.3} s {speed:.1} MB/s {found} hits {valid} valid");
    }
    ExitCode::SUCCESS
}

/// Seconds that this thread has run, as Linux tells them; other work on the machine does not count.
fn seconds_on_cpu() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}
