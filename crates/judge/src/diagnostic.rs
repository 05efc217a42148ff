//! What is wrong with a rule, fact or case file: place, sentence, hint.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The files cannot be used.
    Error,
    /// Something that should be looked at.
    Warning,
}

/// One thing found while reading or checking files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Path below `rules/judge/`, or the name given for a facts file.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// How bad.
    pub level: Level,
    /// A short fixed word for the sort of finding, such as `quote`, `type`, `unknown-fact`.
    pub code: &'static str,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What to do; empty when the message says it.
    pub hint: String,
}

impl Diagnostic {
    /// An error without a hint.
    pub fn error(file: &str, line: u32, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            file: file.to_owned(),
            line,
            level: Level::Error,
            code,
            message: message.into(),
            hint: String::new(),
        }
    }

    /// A warning without a hint.
    pub fn warning(file: &str, line: u32, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { level: Level::Warning, ..Diagnostic::error(file, line, code, message) }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Diagnostic {
        Diagnostic { hint: hint.into(), ..self }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{}:{}: {level}[{}]: {}", self.file, self.line, self.code, self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, " (hint: {})", self.hint) }
    }
}

/// "did you mean `…`?" with the nearest of `known`, or nothing when none is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let limit = name.chars().count() / 3 + 1;
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let distance = distance(name, candidate);
        // Ties go to the first in order, so that the message is always the same.
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| format!("did you mean `{name}`?")).unwrap_or_default()
}

/// Letters to add, drop or change to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&b) {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            *cell = changed.min(left + 1).min(diagonal + 1);
            left = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["activity.notice_given", "activity.consent_valid"];
        let near = |name| nearest(name, known.iter().copied());
        assert_eq!(near("activity.notice_givn"), "did you mean `activity.notice_given`?");
        assert_eq!(near("transfer.x"), "");
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
