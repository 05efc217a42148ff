//! Policies: which operator treats which kind.
//!
//! A policy is a TOML file:
//!
//! ```toml
//! name = "share"
//! title = "对外提供"             # and title_en
//! suite = "sm"                   # `aes` or `sm`; by default that of the keys
//! confidence_min = 0             # mentions less sure than this stay as they are
//!
//! [default]                      # every kind that no rule names
//! operator = "redact"
//!
//! [[rule]]                       # the first rule that names the kind and whose `when` holds
//! kinds = ["PHONE", "LANDLINE"]  # or groups = ["Contact"]
//! when = "always"                # or `minor` (under 18), `under_14`: by a birth date known of the person
//! operator = "mask"
//! head = 3                       # parameters of the operator
//! otherwise = "redact"           # stands in where the operator cannot treat a value; this is the default
//!
//! [[column]]                     # a whole column of a table, before anything found in its cells
//! name = "备注*"                 # name of the column, `*` for any run of characters; upper and lower case alike
//! file = "*.csv"                 # by default every file
//! kind = "COMMS"                 # what its cells are; not needed for `keep` and `drop`
//! operator = "drop"
//! ```
//!
//! A file that cannot be understood whole is refused with file, line and a hint; nothing is guessed.

mod parse;
mod ready;

pub use ready::READY;

use crate::Person;
use crate::cipher::Suite;
use crate::error::PolicyError;
use crate::operator::Parameters;
use zhunsheng_model::{Date, Kind, KindSet};

/// A policy as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name, in receipts.
    pub name: String,
    /// What it is for, in Chinese.
    pub title: String,
    /// What it is for, in English.
    pub title_en: String,
    /// The suite it asks for.
    pub suite: Option<Suite>,
    /// Mentions less sure than this (0–100) stay as they are.
    pub confidence_min: u8,
    /// For every kind that no rule names.
    pub default: Action,
    /// In the order of the file.
    pub rules: Vec<Rule>,
    /// In the order of the file.
    pub columns: Vec<ColumnRule>,
    /// SHA-256 of the file, in hexadecimal: for receipts.
    pub sha256: String,
}

/// What to do with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Name of the operator.
    pub operator: String,
    /// Its parameters.
    pub parameters: Parameters,
    /// The operator that stands in where this one cannot treat a value.
    pub otherwise: String,
    /// Whose values it treats.
    pub when: When,
    /// Line of the file, from 1.
    pub line: usize,
}

impl Action {
    pub(crate) fn redact(line: usize) -> Action {
        Action {
            operator: "redact".to_owned(),
            parameters: Parameters::none(),
            otherwise: "redact".to_owned(),
            when: When::Always,
            line,
        }
    }
}

/// Whose values a rule treats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Everybody's.
    #[default]
    Always,
    /// Of people under eighteen (未成年人保护法 art. 2), where a birth date tells it.
    Minor,
    /// Of people under fourteen (个人信息保护法 art. 31), where a birth date tells it.
    Under14,
}

impl When {
    /// Whether the rule treats the values of `person` on that day.
    pub fn holds(self, person: Option<&Person>, on: Date) -> bool {
        let age = || person.and_then(|person| person.birth).and_then(|birth| birth.age_at(on));
        match self {
            When::Always => true,
            When::Minor => age().is_some_and(|age| age < 18),
            When::Under14 => age().is_some_and(|age| age < 14),
        }
    }
}

/// A rule for kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The kinds it treats.
    pub kinds: KindSet,
    /// Those of them that the rule names itself, not by a group: the operator must be able to treat these.
    pub named: KindSet,
    /// What to do.
    pub action: Action,
}

/// A rule for a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRule {
    /// Pattern of the column's head.
    pub name: String,
    /// Pattern of the file's name as scans give it.
    pub file: String,
    /// What its cells are.
    pub kind: Kind,
    /// What to do.
    pub action: Action,
    /// Its place among the column rules of the policy.
    pub index: usize,
}

impl ColumnRule {
    pub(crate) fn matches(&self, file: &str, head: &str) -> bool {
        like(&self.file.to_lowercase(), &file.to_lowercase())
            && like(&self.name.to_lowercase(), &head.trim().to_lowercase())
    }
}

impl Policy {
    /// Reads a policy; `file` is its name in messages.
    ///
    /// # Errors
    /// [`PolicyError`] with line and hint.
    pub fn parse(file: &str, text: &str) -> Result<Policy, PolicyError> {
        parse::parse(file, text)
    }

    /// One of the policies that come with the program ([`READY`]).
    pub fn ready(name: &str) -> Option<Result<Policy, PolicyError>> {
        let (name, text) = READY.iter().find(|(known, _)| *known == name)?;
        Some(Policy::parse(&format!("rules/policies/{name}.toml"), text))
    }
}

/// Whether `text` is like `pattern`, in which `*` stands for any run of characters.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text, is) in [
            ("*", "", true),
            ("*", "备注", true),
            ("备注*", "备注（其他）", true),
            ("备注*", "其他备注", false),
            ("*.csv", "a/b.csv", true),
            ("*.csv", "a/b.csv.gz", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("电话", "电话", true),
            ("电话", "电话1", false),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(like(pattern, text), is, "{pattern} {text}");
        }
    }
}
