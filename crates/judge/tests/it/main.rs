//! The rules as they ship: they read, quote the law word for word, come out as their tests and the official cases
//! say, and a change of any of them is noticed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "for tests only")]

mod cases;
mod report;
mod rules;
mod schema;

use std::sync::OnceLock;
use zhunsheng_judge::{Case, Diagnostic, LawTexts, Level, RuleSet, case_files, embedded_in_full, read_case};
use zhunsheng_model::Date;

/// The rule set in full with what reading it found; read once for all tests.
fn full() -> &'static (RuleSet, Vec<Diagnostic>) {
    static FULL: OnceLock<(RuleSet, Vec<Diagnostic>)> = OnceLock::new();
    FULL.get_or_init(embedded_in_full)
}

/// Every case with what reading it found.
fn cases() -> &'static (Vec<Case>, Vec<Diagnostic>) {
    static CASES: OnceLock<(Vec<Case>, Vec<Diagnostic>)> = OnceLock::new();
    CASES.get_or_init(|| {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for (name, text) in case_files() {
            let (case, wrong) = read_case(name, text, &full().0, LawTexts::embedded());
            found.extend(case);
            problems.extend(wrong);
        }
        (found, problems)
    })
}

/// The day of reports in tests.
fn today() -> Date {
    Date::new(2026, 11, 23).unwrap()
}

/// The errors, one a line.
fn errors(problems: &[Diagnostic]) -> String {
    let lines = problems.iter().filter(|problem| problem.level == Level::Error).map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}
