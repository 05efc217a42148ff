//! `judge_case FILE [--json]`: judges a facts or case file by the embedded rules and prints what comes out.

use std::process::ExitCode;
use std::time::Instant;
use zhunsheng_judge::{Brief, Lang, LawTexts, embedded, judge, read_facts, settle, terminal};
use zhunsheng_model::Date;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(text) = arguments.first().and_then(|path| std::fs::read_to_string(path).ok()) else {
        eprintln!("a facts file is expected");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let set = embedded();
    let loaded = start.elapsed();
    let (mut matter, problems) = read_facts("facts", &text, &set.schema);
    for problem in &problems {
        eprintln!("{problem}");
    }
    settle(&mut matter, &set.schema, false);
    let Some(date) = Date::new(2026, 11, 23) else { return ExitCode::from(1) };
    let start = Instant::now();
    let brief = Brief { matter: &matter, conflicts: &[], differences: &[], date };
    let report = judge(set, LawTexts::embedded(), &brief);
    let judged = start.elapsed();
    if arguments.iter().any(|argument| argument == "--json") {
        println!("{}", serde_json::to_string_pretty(&report).unwrap_or_default());
    } else {
        print!("{}", terminal::summary(&report, false, Lang::Zh));
    }
    eprintln!("load {loaded:?}, judge {judged:?}");
    ExitCode::SUCCESS
}
