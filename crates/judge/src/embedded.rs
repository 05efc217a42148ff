//! The rules, facts and cases that are part of the program.

use crate::diagnostic::{Diagnostic, Level};
use crate::read::{Reading, read, read_with};
use crate::ruleset::RuleSet;
use crate::schema::Schema;
use crate::texts::LawTexts;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// The facts in a form that is read faster than TOML.
static FACTS_PACKED: &str = include_str!(concat!(env!("OUT_DIR"), "/facts.json"));

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Name and content of every file of `rules/judge/facts/`, sorted.
pub fn fact_files() -> &'static [(&'static str, &'static str)] {
    FACTS
}

/// Name and content of every file of `rules/judge/rules/`, sorted.
pub fn rule_files() -> &'static [(&'static str, &'static str)] {
    RULES
}

/// Name and content of every file of `rules/judge/cases/`, sorted.
pub fn case_files() -> &'static [(&'static str, &'static str)] {
    CASES
}

/// The embedded rules, read on first use for judging: without their tests, and without comparing quotations again.
///
/// # Panics
/// When the embedded files are wrong: a defect of the program that its own tests show, not of the input.
#[expect(clippy::panic, reason = "the rules are part of the program; a test reads them all")]
pub fn embedded() -> &'static RuleSet {
    static RULES_READ: OnceLock<RuleSet> = OnceLock::new();
    RULES_READ.get_or_init(|| {
        let mut problems = Vec::new();
        let schema = Schema::packed(FACTS_PACKED, &mut problems);
        let (set, problems) =
            read_with(schema, problems, RULES.iter().copied(), LawTexts::embedded(), Reading::ToJudge);
        match problems.iter().find(|problem| problem.level == Level::Error) {
            None => set,
            Some(problem) => panic!("embedded rules cannot be used: {problem}"),
        }
    })
}

/// The embedded rules with their tests and everything that reading them in full finds.
pub fn embedded_in_full() -> (RuleSet, Vec<Diagnostic>) {
    read(FACTS.iter().copied(), RULES.iter().copied(), LawTexts::embedded(), Reading::InFull)
}

/// SHA-256 over every fact and rule file, in hexadecimal: path, length and bytes of each, in the order of paths.
pub fn rules_sha256() -> String {
    let mut hash = Sha256::new();
    for (file, text) in FACTS.iter().chain(RULES) {
        hash.update(file.as_bytes());
        hash.update([0]);
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
