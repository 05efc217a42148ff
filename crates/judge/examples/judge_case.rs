//! `judge_case FILE [OUT]`: judges a facts or case file by the embedded rules, prints what comes out and how long it
//! took; with a folder, writes JSON, page and documents there.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use zhunsheng_judge::{
    Brief, Lang, LawTexts, assess, audit, docx, embedded, html, json, judge, read_facts, settle, terminal,
};
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
    print!("{}", terminal::summary(&report, false, Lang::Zh));
    if let Some(out) = arguments.get(1).map(PathBuf::from) {
        let texts = LawTexts::embedded();
        let audited = audit::paper(set, texts, &brief);
        let assessed = assess::paper(set, texts, &matter, &report, date);
        for (name, bytes) in [
            ("findings.json", json::findings(&report).unwrap_or_default().into_bytes()),
            ("findings.html", html::report(&report, Lang::Zh).into_bytes()),
            ("findings.en.html", html::report(&report, Lang::En).into_bytes()),
            ("findings.docx", docx::report(&report, Lang::Zh).unwrap_or_default()),
            ("audit.html", audit::html(&audited, Lang::Zh).into_bytes()),
            ("audit.docx", audit::docx(&audited, Lang::Zh).unwrap_or_default()),
            ("assessment.html", assess::html(&assessed, Lang::Zh).into_bytes()),
            ("assessment.docx", assess::docx(&assessed, Lang::Zh).unwrap_or_default()),
        ] {
            if let Err(error) = std::fs::write(out.join(name), bytes) {
                eprintln!("{name}: {error}");
            }
        }
    }
    eprintln!("load {loaded:?}, judge {judged:?}");
    ExitCode::SUCCESS
}
