//! Prints what the scanner finds in a text file, one JSON object a line: `scan_hits FILE NAME [YYYY-MM-DD]`.
//!
//! `NAME` is written into each line as `file`. The values are printed as they stand: for synthetic texts only.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program speaks to its terminal")]

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use zhunsheng_detect::{Scanner, Tables};
use zhunsheng_model::{Date, State};
use zhunsheng_rules::Rules;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, name, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: scan_hits FILE NAME [YYYY-MM-DD]");
        return ExitCode::from(2);
    };
    let reference = rest.first().map_or("2026-11-23", String::as_str);
    let (Ok(text), Ok(tables), Some(reference)) =
        (std::fs::read_to_string(path), Tables::new(Rules::embedded()), Date::parse(reference))
    else {
        eprintln!("the file, the rules or the date cannot be read");
        return ExitCode::FAILURE;
    };
    let mut hits = Vec::new();
    Scanner::new(Arc::new(tables), reference).scan(&text, &mut hits);
    let mut out = String::new();
    for hit in &hits {
        let value = text.get(hit.start as usize..hit.end as usize).unwrap_or_default();
        let (valid, why) = match hit.state {
            State::Valid => (true, ""),
            State::Invalid(reason) => (false, reason.as_str()),
            State::Masked => (false, "masked"),
            State::Placeholder => (false, "placeholder"),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(
            out,
            "{{\"file\":{},\"type\":\"{}\",\"value\":{},\"valid\":{valid},\"why\":\"{why}\",\"start\":{},\"end\":{},\"confidence\":{}}}",
            quoted(name),
            hit.kind.id(),
            quoted(value),
            hit.start,
            hit.end,
            hit.confidence,
        );
    }
    print!("{out}");
    ExitCode::SUCCESS
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
